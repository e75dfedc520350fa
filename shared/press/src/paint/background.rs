//! Backgrounds and shadows (CSS Backgrounds 3 §2, §4).

use super::border::rounded;
use super::picture::Picture;
use super::{Frame, Painter};
use crate::fragment::Fragment;
use crate::images::Natural;
use fanfold_geometry::{Color, Edges, Point, Px, Rect};
use fanfold_paint::{Item, Path, Tiles};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{
    BackgroundLayer, BackgroundSize, BoxArea, Repeat, Shadow, Visibility,
};
use fanfold_style::values::LengthPercentage;

/// More copies than this are drawn as a pattern, which is smaller but coarser in some viewers.
const MOST_COPIES: f32 = 64.0;

impl Painter<'_> {
    /// A box's background within its frame.
    pub(super) fn background(&mut self, frame: &Frame, style: &ComputedStyle) {
        self.background_in(frame, style, None, &[]);
    }

    /// The background of a box with this `text`, or that of the canvas, which is painted over `whole`.
    pub(super) fn background_in(
        &mut self,
        frame: &Frame,
        style: &ComputedStyle,
        whole: Option<Rect>,
        text: &[Item],
    ) {
        let background = &style.background;
        if !background.color.is_transparent() {
            let masked = whole.is_none() && self.push_text(background.color_clip, text);
            match whole {
                Some(whole) => self
                    .sheet
                    .items
                    .push(Item::FillRect(whole, background.color)),
                None => {
                    let clip = area(frame, background.color_clip);
                    self.fill(frame, style, clip, background.color);
                }
            }
            if masked {
                self.sheet.items.push(Item::Pop);
            }
        }
        for layer in background.layers.iter().rev() {
            let masked = whole.is_none() && self.push_text(layer.clip, text);
            self.layer(frame, style, layer, whole);
            if masked {
                self.sheet.items.push(Item::Pop);
            }
        }
    }

    /// The canvas: a background, `style`'s, over all of it, placed as if it were that of `root` (CSS
    /// Backgrounds 3 §2.11.1).
    pub(crate) fn canvas(&mut self, root: &Fragment, at: Point, style: &ComputedStyle) {
        let Some(box_) = root.as_box() else { return };
        let own = self.layout.tree.style(box_.id);
        let frame = super::frame_of(root, box_, own, at);
        self.background_in(&frame, style, Some(self.canvas_area), &[]);
    }

    /// The page box's borders, and its background all over what is printed (CSS Paged Media 3 §3.3, §7.3),
    /// with the marks beside the `page`.
    pub(crate) fn page_box(
        &mut self,
        style: &ComputedStyle,
        border: Rect,
        (page, printed): (Rect, Rect),
    ) {
        if style.text.visibility != Visibility::Visible {
            return;
        }
        let used = crate::layout::used_edges(style, border.width);
        let frame = Frame {
            outer: border,
            border: used.border,
            padding: used.padding,
            cut: Edges::default(),
        };
        let area = std::mem::replace(&mut self.fixed_area, page);
        self.background_in(&frame, style, Some(printed), &[]);
        self.fixed_area = area;
        self.marks_beside(style.effects.marks, page, page.x - printed.x);
        self.borders(&frame, style);
    }

    /// A box that has a style but no place in the tree, with its border box at `border`.
    pub(crate) fn loose_box(&mut self, style: &ComputedStyle, border: Rect) {
        if style.text.visibility != Visibility::Visible {
            return;
        }
        let used = crate::layout::used_edges(style, border.width);
        let frame = Frame {
            outer: border,
            border: used.border,
            padding: used.padding,
            cut: Edges::default(),
        };
        self.background(&frame, style);
        self.borders(&frame, style);
    }

    fn fill(&mut self, frame: &Frame, style: &ComputedStyle, rect: Rect, color: Color) {
        if rect.width <= Px::ZERO || rect.height <= Px::ZERO {
            return;
        }
        if super::border::has_radius(style) {
            let path = rounded(style, frame, rect);
            self.sheet.items.push(Item::FillPath {
                path,
                even_odd: false,
                color,
            });
        } else {
            self.sheet.items.push(Item::FillRect(rect, color));
        }
    }

    fn layer(
        &mut self,
        frame: &Frame,
        style: &ComputedStyle,
        layer: &BackgroundLayer,
        whole: Option<Rect>,
    ) {
        let origin = if layer.fixed {
            self.fixed_area
        } else {
            area(frame, layer.origin)
        };
        let clip = whole.unwrap_or_else(|| area(frame, layer.clip));
        if origin.width <= Px::ZERO || origin.height <= Px::ZERO || clip.width <= Px::ZERO {
            return;
        }
        let Some(picture) = self.picture(&layer.image) else {
            return;
        };
        let natural = picture.natural(style);
        let (mut width, mut height) = tile_size(layer.size, natural, origin);
        if !(width.0 > 0.0 && height.0 > 0.0 && width.is_finite() && height.is_finite()) {
            return;
        }
        let free_height = matches!(
            layer.size,
            BackgroundSize::Auto | BackgroundSize::Explicit(None | Some(_), None)
        );
        let free_width = matches!(
            layer.size,
            BackgroundSize::Auto | BackgroundSize::Explicit(None, _)
        );
        // Rounded in one direction, the other keeps the proportions where it is free (§2.8).
        if layer.repeat.0 == Repeat::Round {
            let rounded = round_up(width, origin.width);
            if free_height && layer.repeat.1 != Repeat::Round {
                height = height * (rounded / width);
            }
            width = rounded;
        }
        if layer.repeat.1 == Repeat::Round {
            let rounded = round_up(height, origin.height);
            if free_width && layer.repeat.0 != Repeat::Round {
                width = width * (rounded / height);
            }
            height = rounded;
        }
        let offset = |repeat, position: LengthPercentage, room| match repeat {
            Repeat::Round => Px::ZERO,
            _ => position.resolve(room),
        };
        let x = origin.x + offset(layer.repeat.0, layer.position.0, origin.width - width);
        let y = origin.y + offset(layer.repeat.1, layer.position.1, origin.height - height);
        let xs = Run::new(layer.repeat.0, x, width, origin.x, origin.width);
        let ys = Run::new(layer.repeat.1, y, height, origin.y, origin.height);
        let path = match whole {
            Some(whole) => Path::rect(whole),
            None => rounded(style, frame, clip),
        };
        self.sheet.items.push(Item::PushClip(path));
        let first = Rect::new(xs.start, ys.start, width, height);
        self.tiles(&picture, first, (xs.step, ys.step), clip);
        self.sheet.items.push(Item::Pop);
    }

    /// Copies of a picture over `area`; no step is no copy in that direction.
    pub(super) fn tiles(
        &mut self,
        picture: &Picture,
        first: Rect,
        step: (Option<Px>, Option<Px>),
        area: Rect,
    ) {
        let (columns, rows) = (
            Copies::within(first.x, first.width, step.0, area.x, area.right()),
            Copies::within(first.y, first.height, step.1, area.y, area.bottom()),
        );
        if columns.count * rows.count <= MOST_COPIES {
            let count = |copies: &Copies| 0..copies.count as usize;
            for row in count(&rows) {
                for column in count(&columns) {
                    let tile = Rect {
                        x: columns.first + columns.step * column as f32,
                        y: rows.first + rows.step * row as f32,
                        ..first
                    };
                    picture.draw(tile, &mut self.sheet.items);
                }
            }
            return;
        }
        let mut items = Vec::new();
        picture.draw(first, &mut items);
        let along =
            |copies: &Copies, low: Px, high: Px| (copies.count > 1.0).then_some((low, high));
        let across = along(&columns, area.x, area.right()).unwrap_or((first.x, first.right()));
        let down = along(&rows, area.y, area.bottom()).unwrap_or((first.y, first.bottom()));
        self.sheet.items.push(Item::Tiles(Box::new(Tiles {
            area: Rect::new(across.0, down.0, across.1 - across.0, down.1 - down.0),
            cell: first,
            step: (columns.step, rows.step),
            items,
        })));
    }

    /// Outer shadows go under the box, inner ones over its background; blur is drawn as steps of
    /// falling opacity.
    pub(super) fn shadows(&mut self, frame: &Frame, style: &ComputedStyle, inset: bool) {
        for shadow in style
            .effects
            .shadows
            .iter()
            .rev()
            .filter(|shadow| shadow.inset == inset)
        {
            if shadow.color.is_transparent() {
                continue;
            }
            if inset {
                self.inner_shadow(frame, style, shadow);
            } else {
                self.outer_shadow(frame, style, shadow);
            }
        }
    }

    fn outer_shadow(&mut self, frame: &Frame, style: &ComputedStyle, shadow: &Shadow) {
        let steps = blur_steps(shadow.blur);
        let reach = shadow.blur + shadow.spread.abs() + shadow.x.abs() + shadow.y.abs() + Px(1.0);
        // The shadow of a sliced box is sliced with it (CSS Backgrounds 3 §6.1).
        let beyond = frame.where_cut(-(reach * 2.0), Px::ZERO);
        let sliced = beyond != Edges::default();
        if sliced {
            let slice = frame.outer.inset(frame.where_cut(Px::ZERO, -reach));
            self.sheet.items.push(Item::PushClip(Path::rect(slice)));
        }
        // Not under the box itself: a translucent background must not show it.
        let hole = rounded(style, frame, frame.outer.inset(beyond));
        let around = frame.outer.inset(Edges::all(-reach)).inset(beyond);
        let mut ring = Path::rect(around);
        ring.segments.extend(reversed(&hole));
        self.sheet.items.push(Item::PushClip(ring));
        for step in 0..steps {
            let part = (step as f32 + 0.5) / steps as f32;
            let grow = shadow.spread + shadow.blur * (0.5 - part);
            let rect = Rect {
                x: frame.outer.x + shadow.x - grow,
                y: frame.outer.y + shadow.y - grow,
                width: (frame.outer.width + grow * 2.0).max(Px::ZERO),
                height: (frame.outer.height + grow * 2.0).max(Px::ZERO),
            }
            .inset(beyond);
            let color = Color {
                a: shadow.color.a / steps as f32,
                ..shadow.color
            };
            let path = super::border::grown(style, frame, rect, grow);
            self.sheet.items.push(Item::FillPath {
                path,
                even_odd: false,
                color,
            });
        }
        self.sheet.items.push(Item::Pop);
        if sliced {
            self.sheet.items.push(Item::Pop);
        }
    }

    fn inner_shadow(&mut self, frame: &Frame, style: &ComputedStyle, shadow: &Shadow) {
        let inner = frame.inner();
        let steps = blur_steps(shadow.blur);
        self.sheet
            .items
            .push(Item::PushClip(rounded(style, frame, inner)));
        for step in 0..steps {
            let part = (step as f32 + 0.5) / steps as f32;
            let shrink = shadow.spread + shadow.blur * (part - 0.5);
            let reach = shadow.blur + shadow.x.abs() + shadow.y.abs() + shrink.abs();
            let hole = inner.inset(frame.where_cut(-(reach * 2.0), shrink));
            let hole = rounded(style, frame, hole).translated(Point::new(shadow.x, shadow.y));
            let mut path = Path::rect(inner.inset(Edges::all(-(reach * 3.0))));
            path.segments.extend(hole.segments);
            let color = Color {
                a: shadow.color.a / steps as f32,
                ..shadow.color
            };
            self.sheet.items.push(Item::FillPath {
                path,
                even_odd: true,
                color,
            });
        }
        self.sheet.items.push(Item::Pop);
    }
}

/// A box area of the frame.
fn area(frame: &Frame, area: BoxArea) -> Rect {
    match area {
        BoxArea::Border | BoxArea::Text => frame.outer,
        BoxArea::Padding => frame.inner(),
        BoxArea::Content => frame.content(),
    }
}

/// A tile's size (CSS Backgrounds 3 §2.9; CSS Images 3 §5.3).
fn tile_size(size: BackgroundSize, natural: Natural, origin: Rect) -> (Px, Px) {
    let whole = (origin.width, origin.height);
    let fitted = |cover: bool| match natural.ratio() {
        None => whole,
        Some(ratio) => {
            let wide = whole.0 / whole.1 > ratio;
            if wide == cover {
                (whole.0, whole.0 / ratio)
            } else {
                (whole.1 * ratio, whole.1)
            }
        }
    };
    let (width, height) = match size {
        BackgroundSize::Cover => return fitted(true),
        BackgroundSize::Contain => return fitted(false),
        BackgroundSize::Auto => (None, None),
        BackgroundSize::Explicit(width, height) => (
            width.map(|width| width.resolve(whole.0)),
            height.map(|height| height.resolve(whole.1)),
        ),
    };
    match (width, height) {
        (Some(width), Some(height)) => (width, height),
        (Some(width), None) => {
            let height = natural.ratio().map(|ratio| width / ratio);
            (width, height.or(natural.height).unwrap_or(whole.1))
        }
        (None, Some(height)) => {
            let width = natural.ratio().map(|ratio| height * ratio);
            (width.or(natural.width).unwrap_or(whole.0), height)
        }
        (None, None) => match (natural.width, natural.height, natural.ratio()) {
            (Some(width), Some(height), _) => (width, height),
            (Some(width), None, Some(ratio)) => (width, width / ratio),
            (None, Some(height), Some(ratio)) => (height * ratio, height),
            (None, None, Some(_)) => fitted(false),
            (width, height, None) => (width.unwrap_or(whole.0), height.unwrap_or(whole.1)),
        },
    }
}

/// The size nearest to `size` that fits a whole number of times (§2.4).
fn round_up(size: Px, room: Px) -> Px {
    room / (room / size).round().clamp(1.0, 1e5)
}

/// Copies of an image in one direction.
struct Run {
    start: Px,
    /// From one copy to the next; none where there is one copy.
    step: Option<Px>,
}

impl Run {
    /// From the image's own place at `start` and the positioning area's extent (§2.4).
    fn new(repeat: Repeat, start: Px, size: Px, origin: Px, room: Px) -> Self {
        match repeat {
            Repeat::No => Self { start, step: None },
            Repeat::Repeat | Repeat::Round => Self {
                start,
                step: Some(size),
            },
            Repeat::Space => {
                let count = (room / size).floor();
                if count < 2.0 {
                    return Self { start, step: None };
                }
                let gap = (room - size * count) / (count - 1.0);
                Self {
                    start: origin,
                    step: Some(size + gap),
                }
            }
        }
    }
}

/// The copies of a run that show.
struct Copies {
    first: Px,
    step: Px,
    count: f32,
}

impl Copies {
    fn within(start: Px, size: Px, step: Option<Px>, low: Px, high: Px) -> Self {
        let Some(step) = step.filter(|step| step.0 > 0.0) else {
            return Self {
                first: start,
                step: size,
                count: 1.0,
            };
        };
        // A hair's breadth in is not in: sums of lengths are not exact.
        let hair = Px(1e-3);
        let before = ((start + size - low - hair) / step).floor();
        let first = start - step * before;
        Self {
            first,
            step,
            count: ((high - hair - first) / step).ceil().max(0.0),
        }
    }
}

fn blur_steps(blur: Px) -> usize {
    if blur <= Px(0.1) {
        1
    } else {
        (blur.0.ceil() as usize).clamp(4, 16)
    }
}

/// The path's subpaths the other way round, so that they cut holes.
fn reversed(path: &Path) -> Vec<fanfold_paint::PathSegment> {
    use fanfold_paint::PathSegment::{Close, Curve, Line, Move};
    let mut points: Vec<(Point, Option<(Point, Point)>)> = Vec::new();
    for segment in &path.segments {
        match *segment {
            Move(to) | Line(to) => points.push((to, None)),
            Curve(one, two, to) => points.push((to, Some((one, two)))),
            Close => {}
        }
    }
    let mut segments = Vec::with_capacity(points.len() + 1);
    let Some(last) = points.last() else {
        return segments;
    };
    segments.push(Move(last.0));
    for pair in points.windows(2).rev() {
        segments.push(match pair[1].1 {
            Some((one, two)) => Curve(two, one, pair[0].0),
            None => Line(pair[0].0),
        });
    }
    segments.push(Close);
    segments
}
