//! Lines: inline boxes' backgrounds and borders, text and its decorations.

use super::blend::is_mixed;
use super::text_clip::{clips_to_text, style_of};
use super::{Frame, Painter};
use crate::boxes::{Content, Decorations, InlineContent};
use crate::fragment::{InlinePiece, LineFragment, TextPiece};
use crate::layout::used_edges;
use fanfold_geometry::{Edges, Point, Px, Rect};
use fanfold_paint::{Item, LineCap, Link, Path, PathSegment, Stroke};
use fanfold_style::computed::{DecorationStyle, UnderlinePosition, Visibility};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

impl Painter<'_> {
    /// Paints a line's own content; atomic inlines come after.
    pub(super) fn line(&mut self, line: &LineFragment, at: Point) {
        let layout = self.layout;
        let Some(content) = layout.content_of(line) else {
            return;
        };
        let faded = line.boxes.iter().map(|piece| piece.index);
        let mut faded: Vec<u32> = faded.filter(|index| is_faded(content, *index)).collect();
        if faded.is_empty() {
            for piece in &line.boxes {
                self.inline_box(line, content, piece, at);
            }
            for text in &line.texts {
                self.line_text(line, content, text, at);
            }
        } else {
            let mut met = HashSet::new();
            faded.retain(|index| met.insert(*index));
            let groups = groups(line, content, &faded);
            self.line_group(line, content, at, (&groups, 0));
        }
        if line.ends {
            // Only a repeated line is painted again, and that holds on to what it needs.
            content.forget_shaped();
        }
    }

    /// What of a line is in one of its groups, and then the groups inside that, each blended as one
    /// (CSS Color 4 §3.2).
    fn line_group(
        &mut self,
        line: &LineFragment,
        content: &InlineContent,
        at: Point,
        (groups, own): (&[LineGroup], usize),
    ) {
        let group = &groups[own];
        for index in &group.boxes {
            self.inline_box(line, content, &line.boxes[*index], at);
        }
        for index in &group.texts {
            self.line_text(line, content, &line.texts[*index], at);
        }
        for (index, inside) in &group.inside {
            let inline = &content.boxes[*index as usize];
            let opacity = inline.style.effects.opacity.max(0.0);
            // Mixed around the group of its opacity, in which there is nothing to be mixed with.
            let mixed = is_mixed(&inline.style);
            if mixed {
                let mode = inline.style.effects.blend_mode;
                self.sheet.items.push(Item::PushBlend(mode));
            }
            self.sheet.items.push(Item::PushOpacity(opacity));
            let around = std::mem::take(&mut self.outlines);
            self.line_group(line, content, at, (groups, *inside));
            self.paint_outlines();
            self.outlines = around;
            self.sheet.items.push(Item::Pop);
            if mixed {
                self.sheet.items.push(Item::Pop);
            }
        }
    }

    /// A piece of text with its decorations.
    fn line_text(
        &mut self,
        line: &LineFragment,
        content: &InlineContent,
        text: &TextPiece,
        at: Point,
    ) {
        let inline = owner(content, text).map(|owner| &content.boxes[owner as usize]);
        let style = style_of(self.layout.tree, line, content, text);
        if style.text.visibility != Visibility::Visible {
            return;
        }
        let decorations = match inline {
            Some(inline) => inline.decorations.as_ref(),
            None => content.decorations.as_ref(),
        };
        let origin = Point::new(at.x + text.x, at.y + text.baseline);
        for shadow in style.text.shadows.iter().rev() {
            self.text_shadow(&line.shaped.paragraph, text, origin, shadow);
        }
        self.decorate(decorations, text, at, false);
        let color = style.text.fill.unwrap_or(style.text.color);
        self.text(&line.shaped.paragraph, text, origin, color);
        self.decorate(decorations, text, at, true);
    }

    /// The opacities of the inline boxes around the atomic inline of the span with index `span`.
    pub(super) fn opacity_around(&self, line: &LineFragment, span: u32) -> f32 {
        let Content::Inline(content) = &self.layout.tree.get(line.owner).content else {
            return 1.0;
        };
        let mut opacity = 1.0;
        let mut next = content.spans.get(span as usize).and_then(|span| span.owner);
        while let Some(index) = next {
            let inline = &content.boxes[index as usize];
            opacity *= inline.style.effects.opacity.max(0.0);
            next = inline.parent;
        }
        opacity
    }

    /// An inline box's background, borders, link area and names.
    fn inline_box(
        &mut self,
        line: &LineFragment,
        content: &InlineContent,
        piece: &InlinePiece,
        line_at: Point,
    ) {
        let inline = &content.boxes[piece.index as usize];
        let at = line_at + Point::new(piece.x, piece.y);
        let area = Rect::new(at.x, at.y, piece.size.width, piece.size.height);
        if let Some(extras) = &inline.extras {
            if let Some(link) = extras.link.as_ref().filter(|_| area.width > Px::ZERO) {
                self.sheet.links.push(Link {
                    area,
                    target: link.clone(),
                });
            }
            let rtl = inline.style.text.rtl;
            if inline.starts
                && (if rtl { piece.right } else { piece.left } || inline.range.is_empty())
            {
                let extras = extras.clone();
                self.names(&extras, at);
            }
        }
        if inline.style.text.visibility != Visibility::Visible {
            return;
        }
        let used = used_edges(&inline.style, Px::ZERO);
        let sides = |edges: Edges<Px>| Edges {
            left: if piece.left { edges.left } else { Px::ZERO },
            right: if piece.right { edges.right } else { Px::ZERO },
            ..edges
        };
        let frame = Frame {
            outer: area,
            border: sides(used.border),
            padding: sides(used.padding),
            cut: Edges {
                top: false,
                bottom: false,
                left: !piece.left,
                right: !piece.right,
            },
        };
        let style = inline.style.clone();
        self.shadows(&frame, &style, false);
        if clips_to_text(&style) {
            let texts = self.texts_in(line, content, piece.index, line_at);
            self.background_at_text(&frame, &style, &texts);
        } else {
            self.background(&frame, &style);
        }
        self.borders(&frame, &style);
        self.outline(&style, &frame);
    }

    /// Underlines and overlines go under the text, lines through it over it
    /// (CSS Text Decoration 3 §5.1).
    fn decorate(
        &mut self,
        from: Option<&Arc<Decorations>>,
        text: &TextPiece,
        at: Point,
        over: bool,
    ) {
        let mut next = from;
        while let Some(decorations) = next {
            next = decorations.outer.as_ref();
            let (face, size) = self.layout.first_face(&decorations.style);
            let metrics = &face.metrics;
            let units = if metrics.units_per_em > 0.0 {
                metrics.units_per_em
            } else {
                1000.0
            };
            let scale = |value: f32| Px(value / units * size.0);
            let auto = scale(metrics.underline_thickness)
                .max(size / 24.0)
                .min(size / 8.0);
            let thickness = decorations.line.thickness.unwrap_or(auto).max(Px(0.1));
            let baseline = at.y + text.baseline;
            let draw = |painter: &mut Self, y: Px| {
                let line = Rect::new(at.x + text.x, y - thickness / 2.0, text.width, thickness);
                painter.decoration_line(decorations, line);
            };
            if !over && decorations.line.underline {
                let offset = decorations
                    .line
                    .underline_offset
                    .map(|offset| offset + thickness / 2.0);
                let font = scale(-metrics.underline_position);
                let (from, own) = match decorations.style.text.underline_position {
                    UnderlinePosition::Auto => (baseline, font.max(thickness)),
                    UnderlinePosition::FromFont => (baseline, font),
                    UnderlinePosition::Under => {
                        (baseline + scale(metrics.descent), thickness / 2.0)
                    }
                };
                draw(self, from + offset.unwrap_or(own));
            }
            if !over && decorations.line.overline {
                draw(self, baseline - scale(metrics.ascent) + thickness / 2.0);
            }
            if over && decorations.line.line_through {
                let middle = if metrics.strikeout_position > 0.0 {
                    scale(metrics.strikeout_position)
                } else {
                    scale(metrics.x_height) / 2.0
                };
                draw(self, baseline - middle);
            }
        }
    }

    fn decoration_line(&mut self, decorations: &Decorations, line: Rect) {
        if decorations.color.is_transparent() || line.width <= Px::ZERO {
            return;
        }
        let color = decorations.color;
        let middle = line.y + line.height / 2.0;
        let ends = |y: Px| Path {
            segments: vec![
                PathSegment::Move(Point::new(line.x, y)),
                PathSegment::Line(Point::new(line.right(), y)),
            ],
        };
        let stroke = |dashes: Vec<Px>, cap: LineCap| Stroke {
            width: line.height,
            color,
            dashes,
            dash_offset: Px::ZERO,
            cap,
            join: fanfold_paint::LineJoin::default(),
        };
        let width = line.height;
        match decorations.line.style {
            DecorationStyle::Solid => self.sheet.items.push(Item::FillRect(line, color)),
            DecorationStyle::Double => {
                let second = Rect {
                    y: line.y + width * 2.0,
                    ..line
                };
                self.sheet.items.push(Item::FillRect(line, color));
                self.sheet.items.push(Item::FillRect(second, color));
            }
            DecorationStyle::Dotted => {
                let stroke = stroke(vec![Px::ZERO, width * 2.0], LineCap::Round);
                self.sheet
                    .items
                    .push(Item::StrokePath(ends(middle), stroke));
            }
            DecorationStyle::Dashed => {
                let stroke = stroke(vec![width * 3.0, width * 2.0], LineCap::Butt);
                self.sheet
                    .items
                    .push(Item::StrokePath(ends(middle), stroke));
            }
            DecorationStyle::Wavy => {
                let path = wave(line, middle, width * 2.0);
                self.sheet
                    .items
                    .push(Item::StrokePath(path, stroke(Vec::new(), LineCap::Butt)));
            }
        }
    }
}

/// What of a line is blended together: what is in an inline box with opacity, or in none.
#[derive(Default)]
struct LineGroup {
    /// Indices of the line's boxes and texts.
    boxes: Vec<usize>,
    texts: Vec<usize>,
    /// Inline boxes with opacity in this one, and their groups.
    inside: Vec<(u32, usize)>,
}

/// The groups of a line with the `faded` inline boxes; the first is what is in none of them.
fn groups(line: &LineFragment, content: &InlineContent, faded: &[u32]) -> Vec<LineGroup> {
    let numbers = faded.iter().copied().zip(1..);
    let numbers: HashMap<u32, usize> = numbers.collect();
    // As boxes nest so deep at most, looking upwards ends soon.
    let group_of = |mut next: Option<u32>| {
        while let Some(index) = next {
            if let Some(group) = numbers.get(&index) {
                return *group;
            }
            next = content.boxes[index as usize].parent;
        }
        0
    };
    let mut groups: Vec<LineGroup> = Vec::new();
    groups.resize_with(faded.len() + 1, LineGroup::default);
    for (index, piece) in line.boxes.iter().enumerate() {
        groups[group_of(Some(piece.index))].boxes.push(index);
    }
    for (index, text) in line.texts.iter().enumerate() {
        groups[group_of(owner(content, text))].texts.push(index);
    }
    for (index, own) in faded.iter().zip(1..) {
        let around = group_of(content.boxes[*index as usize].parent);
        groups[around].inside.push((*index, own));
    }
    groups
}

/// The inline box that a piece of text is in.
pub(super) fn owner(content: &InlineContent, text: &TextPiece) -> Option<u32> {
    let span = content.spans.get(text.span as usize)?;
    span.owner
}

fn is_faded(content: &InlineContent, index: u32) -> bool {
    let style = &content.boxes[index as usize].style;
    style.effects.opacity < 1.0 || is_mixed(style)
}

/// A wave along `line`, at most some thousand bends.
fn wave(line: Rect, middle: Px, step: Px) -> Path {
    let step = step.max(line.width / 2000.0).max(Px(0.5));
    let mut segments = vec![PathSegment::Move(Point::new(line.x, middle))];
    let mut x = line.x;
    let mut up = true;
    while x < line.right() {
        let end = (x + step).min(line.right());
        let height = if up { -step } else { step };
        let third = (end - x) / 2.0;
        segments.push(PathSegment::Curve(
            Point::new(x + third, middle + height / 2.0),
            Point::new(end - third, middle + height / 2.0),
            Point::new(end, middle),
        ));
        x = end;
        up = !up;
    }
    Path { segments }
}
