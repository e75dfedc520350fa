//! Fragments → display list, in the order of CSS 2.2 Appendix E.

mod background;
mod blend;
mod border;
mod border_image;
mod clip_path;
mod collapsed;
mod gradient;
mod guests;
mod legend;
mod line;
mod marks;
mod picture;
mod table;
mod text;
mod text_clip;

pub(crate) use blend::is_mixed;

use crate::boxes::{BoxId, Content, is_float};
use crate::fragment::{BoxFragment, Fragment, Kind};
use crate::images::Images;
use crate::layout::Layout;
use border::Outline;
use fanfold_geometry::{Edges, Point, Px, Rect, Transform, Transform3d};
use fanfold_paint::{Anchor, Item, Link, OutlineEntry, Path, Sheet};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{ObjectFit, Position, TransformFunction, Visibility};
use std::sync::Arc;

/// What is found on a page while painting it.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Outline entries.
    pub(crate) outline: Vec<OutlineEntry>,
    /// Names with the page they are on; generated content asks by those that start with U+0000.
    pub(crate) anchors: Vec<Arc<str>>,
    /// `string-set` assignments in order.
    pub(crate) strings: Vec<(Arc<str>, String)>,
}

/// Paints onto one sheet.
pub(crate) struct Painter<'a> {
    pub(crate) layout: &'a Layout<'a>,
    pub(crate) images: &'a Images<'a>,
    pub(crate) sheet: &'a mut Sheet,
    pub(crate) found: &'a mut Found,
    /// Index of the sheet.
    pub(crate) index: usize,
    /// The box whose background is the canvas's (CSS 2.2 §14.2).
    pub(crate) canvas: Option<BoxId>,
    /// The canvas on this page.
    pub(crate) canvas_area: Rect,
    /// What fixed backgrounds are placed in: the page area.
    pub(crate) fixed_area: Rect,
    /// Outlines of what is being painted in one go.
    pub(crate) outlines: Vec<Outline>,
    /// Where in the stacking context that is painted next its levels begin, once it is painted.
    pub(crate) slots: Option<Vec<Slot>>,
    /// Glyphs of shadows on this sheet that are shapes.
    pub(crate) shadowed: usize,
}

/// A place in the items of a sheet where a layer of a stacking context begins, or the context ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    /// The stacking context; none is the root's.
    pub(crate) context: Option<BoxId>,
    /// Its `z-index` and box; none of what is neither above nor below.
    pub(crate) layer: Option<(i32, BoxId)>,
    /// The items of the sheet before it.
    pub(crate) at: usize,
}

/// What stands for the layer after all others of a stacking context.
const CONTEXT_END: (i32, BoxId) = (i32::MAX, BoxId(u32::MAX));

/// A box's outer edge and what is between it and the content, as far as this fragment has it.
#[derive(Clone, Copy, Debug)]
struct Frame {
    /// Border box.
    outer: Rect,
    border: Edges<Px>,
    padding: Edges<Px>,
    /// Sides that are cut off by a page or line end: no border, square corners.
    cut: Edges<bool>,
}

impl Frame {
    /// The padding box.
    fn inner(&self) -> Rect {
        self.outer.inset(self.border)
    }

    /// The content box.
    fn content(&self) -> Rect {
        self.inner().inset(self.padding)
    }

    /// `there` for the sides that are cut off, `elsewhere` for the others.
    fn where_cut(&self, there: Px, elsewhere: Px) -> Edges<Px> {
        let side = |cut: bool| if cut { there } else { elsewhere };
        Edges {
            top: side(self.cut.top),
            right: side(self.cut.right),
            bottom: side(self.cut.bottom),
            left: side(self.cut.left),
        }
    }
}

/// A positioned box or stacking context to paint later.
struct Layer<'f> {
    z: i32,
    id: BoxId,
    /// The layers inside it are its own.
    own: bool,
    fragment: &'f Fragment,
    at: Point,
    /// Layers inside it that are fragments of a box further out.
    guests: Vec<Layer<'f>>,
}

impl Painter<'_> {
    /// Paints a fragment as a stacking context.
    pub(crate) fn context(&mut self, fragment: &Fragment, at: Point) {
        self.in_one_go(fragment, at, true, Vec::new());
    }

    /// Paints a fragment in one go, with the layers inside it where they are its `own`; those of floats
    /// and inline blocks are the stacking context's around (CSS 2.2 Appendix E.2).
    fn in_one_go(&mut self, fragment: &Fragment, at: Point, own: bool, guests: Vec<Layer<'_>>) {
        let around = std::mem::take(&mut self.outlines);
        self.with_outlines(fragment, at, own, guests);
        self.outlines = around;
    }

    fn with_outlines(&mut self, fragment: &Fragment, at: Point, own: bool, guests: Vec<Layer<'_>>) {
        let Some(box_) = fragment.as_box() else {
            self.contents(fragment, at, own, guests);
            self.paint_outlines();
            return;
        };
        let style = self.layout.tree.get(box_.id).style.clone();
        let mut open = 0;
        if let Some(transform) = transform_of(&style, fragment, at) {
            self.sheet.items.push(Item::PushTransform(transform));
            open += 1;
        }
        // Around the group of its opacity, in which there is nothing to be mixed with.
        if let Some(group) = self.blended(&style) {
            self.sheet.items.push(group);
            open += 1;
        }
        if style.effects.opacity < 1.0 {
            self.sheet
                .items
                .push(Item::PushOpacity(style.effects.opacity.max(0.0)));
            open += 1;
        }
        let frame = frame_of(fragment, box_, &style, at);
        if let Some(clip) = clip_of(&style, frame.outer) {
            self.sheet.items.push(Item::PushClip(Path::rect(clip)));
            open += 1;
        }
        if let Some(clip) = clip_path::item(&style, &frame) {
            self.sheet.items.push(clip);
            open += 1;
        }
        if let Some(mask) = self.mask_border(&frame, &style) {
            self.sheet.items.push(Item::PushMask(Box::new(mask)));
            open += 1;
        }
        self.decorations(fragment, box_, &style, at);
        if table::is_row(&style) {
            self.row_layer(fragment, &style, at);
        }
        let outlines = std::mem::take(&mut self.outlines);
        // What a replaced element shows is cut to its content box where it is drawn.
        let replaced = matches!(self.layout.tree.get(box_.id).content, Content::Replaced(_));
        if style.box_.clips && !replaced {
            self.sheet.items.push(Item::PushClip(border::rounded(
                &style,
                &frame,
                frame.inner(),
            )));
            self.contents(fragment, at, own, guests);
            self.paint_outlines();
            self.sheet.items.push(Item::Pop);
            self.outlines = outlines;
        } else {
            self.outlines = outlines;
            self.contents(fragment, at, own, guests);
        }
        self.paint_outlines();
        for _ in 0..open {
            self.sheet.items.push(Item::Pop);
        }
    }

    /// Everything inside a context, in layers.
    fn contents(&mut self, fragment: &Fragment, at: Point, own: bool, guests: Vec<Layer<'_>>) {
        let context = fragment.as_box().map(|box_| box_.id);
        let holds = |id: BoxId| holds_fixed(self.layout.tree.style(id));
        let slotted = own && context.is_none_or(holds);
        let mut layers = Vec::new();
        if own {
            self.ordered_layers(fragment, at, &mut layers);
        }
        layers.extend(guests);
        self.adopt(&mut layers);
        // Stable: equal levels keep tree order.
        layers.sort_by_key(|layer| layer.z);
        let below = layers.partition_point(|layer| layer.z < 0);
        let of = |layer: &Layer<'_>| Some((layer.z, layer.id));
        let above = layers.split_off(below);
        for layer in layers {
            self.slot(slotted, context, of(&layer));
            self.in_one_go(layer.fragment, layer.at, layer.own, layer.guests);
        }
        self.slot(slotted, context, None);
        self.backgrounds(fragment, at);
        self.floats(fragment, at);
        self.replaced(fragment, at);
        self.inlines(fragment, at);
        for layer in above {
            self.slot(slotted, context, of(&layer));
            self.in_one_go(layer.fragment, layer.at, layer.own, layer.guests);
        }
        if context.is_some() {
            self.slot(slotted, context, Some(CONTEXT_END));
        }
    }

    /// Notes that a layer of `context` comes next.
    fn slot(&mut self, slotted: bool, context: Option<BoxId>, layer: Option<(i32, BoxId)>) {
        let at = self.sheet.items.len();
        if let Some(slots) = self.slots.as_mut().filter(|_| slotted) {
            slots.push(Slot { context, layer, at });
        }
    }

    /// The layers of a stacking context in tree order; a positioned box without a level of its own is
    /// followed by the layers inside it.
    fn ordered_layers<'f>(&self, fragment: &'f Fragment, at: Point, layers: &mut Vec<Layer<'f>>) {
        if !fragment.has.layers {
            return;
        }
        let mut direct = Vec::new();
        self.layers(fragment, at, &mut direct);
        // Absolutely positioned boxes come after everything else in their containing block. What is
        // inside a box has smaller numbers than the box, and what comes before it too.
        direct.sort_by_key(|layer| layer.id);
        for layer in direct {
            let (own, inner, at) = (layer.own, layer.fragment, layer.at);
            layers.push(layer);
            if !own {
                self.ordered_layers(inner, at, layers);
            }
        }
    }

    fn layers<'f>(&self, fragment: &'f Fragment, at: Point, layers: &mut Vec<Layer<'f>>) {
        for child in &fragment.children {
            if !child.fragment.has.layers {
                continue;
            }
            let at = at + child.offset;
            let style = self.style(&child.fragment);
            if let Some((style, box_)) = style
                .filter(|style| is_layer(style))
                .zip(child.fragment.as_box())
            {
                layers.push(Layer {
                    z: level_of(style),
                    id: box_.id,
                    own: is_stacking_context(style) || style.box_.clips,
                    fragment: &child.fragment,
                    at,
                    guests: Vec::new(),
                });
            } else if !style.is_some_and(|style| style.box_.clips) {
                self.layers(&child.fragment, at, layers);
            }
        }
    }

    /// Backgrounds and borders of in-flow block-level boxes.
    fn backgrounds(&mut self, fragment: &Fragment, at: Point) {
        for child in &fragment.children {
            let at = at + child.offset;
            match &child.fragment.kind {
                Kind::Box(box_) if !self.is_apart(&child.fragment) => {
                    let layout = self.layout;
                    self.decorations(&child.fragment, box_, &layout.tree.get(box_.id).style, at);
                    self.backgrounds(&child.fragment, at);
                }
                Kind::Group => self.backgrounds(&child.fragment, at),
                Kind::Borders(lines) => self.collapsed(lines, at),
                Kind::Placeholder { id, .. } => self.place_names(*id, at),
                _ => {}
            }
        }
    }

    fn floats(&mut self, fragment: &Fragment, at: Point) {
        for child in &fragment.children {
            if !child.fragment.has.floats {
                continue;
            }
            let at = at + child.offset;
            let style = self.style(&child.fragment);
            if style.is_some_and(|style| is_float(style) && !is_layer(style)) {
                self.in_one_go(
                    &child.fragment,
                    at,
                    style.is_some_and(|style| style.box_.clips),
                    Vec::new(),
                );
            } else if !self.is_apart(&child.fragment)
                && !matches!(child.fragment.kind, Kind::Line(_))
            {
                self.floats(&child.fragment, at);
            }
        }
    }

    fn inlines(&mut self, fragment: &Fragment, at: Point) {
        for child in &fragment.children {
            let at = at + child.offset;
            match &child.fragment.kind {
                Kind::Line(line) => {
                    self.line(line, at);
                    for atomic in &child.fragment.children {
                        if let Kind::Placeholder { id, .. } = atomic.fragment.kind {
                            self.place_names(id, at + atomic.offset);
                            continue;
                        }
                        let style = self.style(&atomic.fragment);
                        let own = style.is_some_and(|style| style.box_.clips);
                        if style.is_some_and(is_layer) {
                            continue;
                        }
                        let opacity = self.opacity_around(line, atomic.index);
                        if opacity < 1.0 {
                            self.sheet.items.push(Item::PushOpacity(opacity));
                        }
                        self.in_one_go(&atomic.fragment, at + atomic.offset, own, Vec::new());
                        if opacity < 1.0 {
                            self.sheet.items.push(Item::Pop);
                        }
                    }
                }
                Kind::Box(_) if self.is_apart(&child.fragment) => {
                    let style = self.style(&child.fragment);
                    if style.is_some_and(|style| !is_layer(style) && !is_float(style)) {
                        // It clips, so its layers are inside.
                        self.context(&child.fragment, at);
                    }
                }
                Kind::Box(_) => {
                    self.replaced(&child.fragment, at);
                    self.inlines(&child.fragment, at);
                }
                Kind::Group => self.inlines(&child.fragment, at),
                Kind::Borders(_) | Kind::Placeholder { .. } | Kind::Rest(_) => {}
            }
        }
    }

    fn style<'f>(&'f self, fragment: &Fragment) -> Option<&'f ComputedStyle> {
        fragment
            .as_box()
            .map(|box_| self.layout.tree.style(box_.id))
    }

    /// Painted in one go, not with its siblings' layers.
    fn is_apart(&self, fragment: &Fragment) -> bool {
        let style = self.style(fragment);
        style.is_some_and(|style| is_layer(style) || is_float(style) || style.box_.clips)
    }

    /// A box's own background, borders, names and links.
    fn decorations(
        &mut self,
        fragment: &Fragment,
        box_: &BoxFragment,
        style: &ComputedStyle,
        at: Point,
    ) {
        let area = Rect::new(at.x, at.y, fragment.size.width, fragment.size.height);
        self.marks(box_, area);
        self.own_decorations(fragment, box_, style, at);
        let layout = self.layout;
        if let Some(table) = table::table_of(&layout.tree.get(box_.id).content) {
            self.table_layers(fragment, table, at);
        }
    }

    fn own_decorations(
        &mut self,
        fragment: &Fragment,
        box_: &BoxFragment,
        style: &ComputedStyle,
        at: Point,
    ) {
        if style.text.visibility != Visibility::Visible || box_.bare {
            return;
        }
        let frame = frame_of(fragment, box_, style, at);
        let (frame, legend) = self.below_legend(fragment, box_, frame, at);
        self.shadows(&frame, style, false);
        if self.canvas != Some(box_.id) && !table::is_row(style) {
            if text_clip::clips_to_text(style) {
                let mut texts = Vec::new();
                self.texts_below(fragment, at, 0, &mut texts);
                self.background_at_text(&frame, style, &texts);
            } else {
                self.background(&frame, style);
            }
        }
        self.shadows(&frame, style, true);
        self.borders_around(&frame, style, legend);
        self.outline(style, &frame);
    }

    /// Anchors, links, outline entries and named strings.
    fn marks(&mut self, box_: &BoxFragment, area: Rect) {
        let found = self.layout.tree.get(box_.id);
        if box_.first
            && let Content::Inline(content) = &found.content
            && content.text.is_empty()
        {
            // Empty inline boxes alone make no line to have their names.
            let begun = content.boxes.iter().filter(|inline| inline.starts);
            for extras in begun.filter_map(|inline| inline.extras.as_ref()) {
                self.names(extras, Point::new(area.x, area.y));
            }
        }
        let Some(extras) = &found.extras else {
            return;
        };
        if let Some(link) = &extras.link {
            self.sheet.links.push(Link {
                area,
                target: link.clone(),
            });
        }
        if box_.first {
            self.names(extras, Point::new(area.x, area.y));
        }
    }

    /// The names and titles of a running element whose place is at `at`.
    fn place_names(&mut self, id: BoxId, at: Point) {
        let extras = self.layout.tree.get(id).extras.as_ref();
        if let Some(extras) = extras.filter(|extras| extras.running.is_some()) {
            self.names(extras, at);
        }
    }

    /// What has a name or title and begins at `at`.
    fn names(&mut self, extras: &crate::boxes::Extras, at: Point) {
        for name in &extras.anchors {
            self.found.anchors.push(name.clone());
            if !name.starts_with('\u{0}') {
                self.sheet.anchors.push(Anchor {
                    name: name.to_string(),
                    at,
                });
            }
        }
        if let Some((level, title)) = &extras.bookmark {
            self.found.outline.push(OutlineEntry {
                title: title.clone(),
                level: (*level).max(1),
                sheet: self.index,
                at,
            });
        }
        self.found.strings.extend(extras.strings.iter().cloned());
    }

    /// A replaced element's content (CSS Images 3 §5.5).
    fn replaced(&mut self, fragment: &Fragment, at: Point) {
        let Some(box_) = fragment.as_box() else {
            return;
        };
        let found = self.layout.tree.get(box_.id);
        let Content::Replaced(replaced) = &found.content else {
            return;
        };
        let Some(image) = &replaced.image else { return };
        if found.style.text.visibility != Visibility::Visible {
            return;
        }
        let frame = frame_of(fragment, box_, &found.style, at);
        let whole = frame.content();
        let sliced = box_.consumed > Px::ZERO || !box_.last;
        let full = if sliced {
            self.unsliced(fragment, box_, at)
        } else {
            whole
        };
        // What has no size of its own is as large as the box.
        let natural = image.natural(&found.style);
        let (width, height) = match (natural.width, natural.height, natural.ratio()) {
            (Some(width), Some(height), _) => (width, height),
            (_, _, Some(ratio)) => {
                let width = full.width.min(full.height * ratio);
                (width, width / ratio)
            }
            (width, height, None) => (width.unwrap_or(full.width), height.unwrap_or(full.height)),
        };
        if full.width <= Px::ZERO
            || full.height <= Px::ZERO
            || width <= Px::ZERO
            || height <= Px::ZERO
        {
            return;
        }
        let effects = &found.style.effects;
        let (sx, sy) = (full.width / width, full.height / height);
        let (sx, sy) = match effects.object_fit {
            ObjectFit::Fill => (sx, sy),
            ObjectFit::Contain => (sx.min(sy), sx.min(sy)),
            ObjectFit::Cover => (sx.max(sy), sx.max(sy)),
            ObjectFit::None => (1.0, 1.0),
            ObjectFit::ScaleDown => (sx.min(sy).min(1.0), sx.min(sy).min(1.0)),
        };
        let (width, height) = match effects.object_fit {
            ObjectFit::Fill => (full.width, full.height),
            _ => (width * sx, height * sy),
        };
        let x = full.x + effects.object_position.0.resolve(full.width - width);
        let y = full.y + effects.object_position.1.resolve(full.height - height);
        let place = Rect::new(x, y, width, height);
        let sticks_out = place.x < full.x - Px(0.01)
            || place.y < full.y - Px(0.01)
            || place.right() > full.right() + Px(0.01)
            || place.bottom() > full.bottom() + Px(0.01);
        let rounded = border::has_radius(&found.style);
        let clips = sliced || sticks_out || rounded;
        if clips {
            let path = border::rounded(&found.style, &frame, whole);
            self.sheet.items.push(Item::PushClip(path));
        }
        image.draw(place, found.style.box_.clips, &mut self.sheet.items);
        if clips {
            self.sheet.items.push(Item::Pop);
        }
    }

    /// The content area of a sliced replaced box as if it were whole.
    fn unsliced(&self, fragment: &Fragment, box_: &BoxFragment, at: Point) -> Rect {
        let used = crate::layout::used_edges(self.layout.tree.style(box_.id), fragment.size.width);
        let width = fragment.size.width;
        let height = self.layout.replaced_height(box_.id, &used, width, None);
        let top = at.y - box_.consumed;
        Rect::new(
            at.x + used.left(),
            top + used.top(),
            width - used.horizontal(),
            height,
        )
    }
}

/// Paints apart from the flow: positioned, translucent or transformed.
pub(crate) fn is_layer(style: &ComputedStyle) -> bool {
    style.box_.position != Position::Static
        || style.box_.stacks
        || style.effects.opacity < 1.0
        || blend::is_group(style)
        || style.effects.is_transformed()
        || style.effects.mask_border.source.is_some()
        || style.effects.clip_path.is_some()
}

/// What `clip` leaves of an absolutely positioned box (CSS 2.2 §11.1.2).
fn clip_of(style: &ComputedStyle, outer: Rect) -> Option<Rect> {
    let clip = style.effects.clip?;
    if !matches!(style.box_.position, Position::Absolute | Position::Fixed) {
        return None;
    }
    let left = clip.left.unwrap_or(Px::ZERO);
    let top = clip.top.unwrap_or(Px::ZERO);
    Some(Rect::new(
        outer.x + left,
        outer.y + top,
        (clip.right.unwrap_or(outer.width) - left).max(Px::ZERO),
        (clip.bottom.unwrap_or(outer.height) - top).max(Px::ZERO),
    ))
}

/// The `z-index` that counts: only positioned boxes and flex and grid items have one.
pub(crate) fn level_of(style: &ComputedStyle) -> i32 {
    let counts = style.box_.position != Position::Static || style.box_.stacks;
    style.box_.z_index.filter(|_| counts).unwrap_or(0)
}

/// Whether the fixed boxes in a box of this style are painted among its layers: it is a stacking context that
/// neither moves them nor cuts them off.
pub(crate) fn holds_fixed(style: &ComputedStyle) -> bool {
    is_stacking_context(style)
        && !style.effects.is_transformed()
        && !style.box_.clips
        && style.effects.clip.is_none()
        && style.effects.clip_path.is_none()
}

/// Whether the levels inside are its own (CSS 2.2 §9.9.1, CSS Color 4 §3.2, CSS Transforms 1 §3).
pub(crate) fn is_stacking_context(style: &ComputedStyle) -> bool {
    let positioned = style.box_.position != Position::Static;
    (positioned && style.box_.z_index.is_some())
        || style.box_.stacks
        || style.box_.position == Position::Fixed
        || style.effects.mask_border.source.is_some()
        || style.effects.clip_path.is_some()
        || style.effects.opacity < 1.0
        || blend::is_group(style)
        || style.effects.is_transformed()
}

/// The edges that this fragment has (CSS Fragmentation 3 §5.4: sliced unless cloned).
fn frame_of(fragment: &Fragment, box_: &BoxFragment, style: &ComputedStyle, at: Point) -> Frame {
    let whole = style.breaks.clone_decoration;
    let (top, bottom) = (box_.first || whole, box_.last || whole);
    let keep = |edges: Edges<Px>| Edges {
        top: if top { edges.top } else { Px::ZERO },
        bottom: if bottom { edges.bottom } else { Px::ZERO },
        ..edges
    };
    Frame {
        outer: Rect::new(at.x, at.y, fragment.size.width, fragment.size.height),
        border: keep(box_.border),
        padding: keep(box_.padding),
        cut: Edges {
            top: !top,
            bottom: !bottom,
            left: false,
            right: false,
        },
    }
}

/// The transform around its origin (CSS Transforms 1 §4).
pub(crate) fn transform_of(
    style: &ComputedStyle,
    fragment: &Fragment,
    at: Point,
) -> Option<Transform> {
    let effects = &style.effects;
    if !effects.is_transformed() {
        return None;
    }
    let size = fragment.size;
    let x = at.x + effects.transform_origin.0.resolve(size.width);
    let y = at.y + effects.transform_origin.1.resolve(size.height);
    let functions = effects.transforms().map(|function| match function {
        TransformFunction::Translate(x, y, z) => {
            let (x, y) = (x.resolve(size.width), y.resolve(size.height));
            Transform3d::translate(f64::from(x.0), f64::from(y.0), f64::from(z.0))
        }
        TransformFunction::Matrix(matrix) => *matrix,
        // Nobody looks from nearer than a pixel (CSS Transforms 2 §12).
        TransformFunction::Perspective(distance) => {
            Transform3d::perspective(f64::from(distance.0).max(1.0))
        }
    });
    // The product is flattened, not what it is of (CSS Transforms 2 §6). A perspective is but approximated, and none
    // is told: paint gives no diagnostics.
    let product = functions.fold(Transform3d::IDENTITY, Transform3d::then_inner);
    let transform = Transform::translate(x, y).then_inner(product.flattened());
    let transform = transform.then_inner(Transform::translate(-x, -y));
    let finite = [
        transform.a,
        transform.b,
        transform.c,
        transform.d,
        transform.e,
        transform.f,
    ]
    .iter()
    .all(|number| number.is_finite());
    finite.then_some(transform)
}
