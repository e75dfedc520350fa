//! One line box: visual order, vertical alignment, text alignment (CSS 2.2 §10.8, CSS Text 3 §7).

use super::lines::Context;
use super::{Layout, LineMetrics, Step, line_metrics, used_edges};
use crate::boxes::{BoxId, InlineItemKind};
use crate::fragment::{Fragment, InlinePiece, Kind, LineFragment, TextPiece};
use fanfold_geometry::{Point, Px, Size};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{LineHeight, Position, TextAlign, VerticalAlign};
use fanfold_style::values::AutoLength;
use std::rc::Rc;

/// Bytes of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct LineRange {
    pub(super) start: u32,
    pub(super) end: u32,
}

/// What a line is made of.
pub(super) struct LineInput {
    pub(super) range: LineRange,
    /// Width between floats.
    pub(super) room: Px,
    pub(super) indent: Px,
    /// Ends with a visible hyphen.
    pub(super) hyphen: bool,
    /// Ends the paragraph or before a forced break: not justified.
    pub(super) ends: bool,
    /// Ends the paragraph.
    pub(super) last: bool,
    pub(super) strut: LineMetrics,
}

/// Something on the line, in visual order.
struct Visual {
    text: Option<TextPiece>,
    atomic: Option<(usize, Rc<Fragment>)>,
    owner: Option<u32>,
    start: u32,
    end: u32,
    width: Px,
}

/// An inline box on the line.
struct Open {
    index: u32,
    /// Visual pieces with its first and last byte.
    first: usize,
    last: usize,
    min: Px,
    max: Px,
    left: bool,
    right: bool,
    metrics: LineMetrics,
    placed: Placed,
}

/// A baseline: downwards from that of its group.
#[derive(Clone, Copy, Debug, Default)]
struct Placed {
    /// Index in [`Groups::list`].
    group: usize,
    shift: Px,
}

/// Boxes aligned together: the root's, and one for each box aligned to the line's top or bottom.
struct Group {
    top: Px,
    bottom: Px,
    align: VerticalAlign,
    baseline: Px,
}

impl Group {
    fn new(align: VerticalAlign) -> Self {
        Self {
            top: Px::INFINITY,
            bottom: -Px::INFINITY,
            align,
            baseline: Px::ZERO,
        }
    }

    fn include(&mut self, shift: Px, above: Px, below: Px) {
        self.top = self.top.min(shift - above);
        self.bottom = self.bottom.max(shift + below);
    }
}

impl Layout<'_> {
    /// Makes the line box of `input`.
    pub(super) fn line(&self, cx: &Context<'_>, input: &LineInput) -> Step<Fragment> {
        let style = self.tree.style(cx.id);
        let (mut visuals, spaces) = self.visuals(cx, input)?;
        let mut opens = self.opens(cx, input, &visuals);
        let mut width: Px = visuals.iter().map(|visual| visual.width).sum();
        width += opens.iter().map(|open| self.open_edges(cx, open)).sum();
        let free = input.room - input.indent - width;
        let align = line_align(style, input.ends);
        let mut shift = match align {
            TextAlign::Center | TextAlign::LegacyCenter => (free / 2.0).max(Px::ZERO),
            TextAlign::Right | TextAlign::LegacyRight => free,
            // What is too wide sticks out at the end side.
            _ => Px::ZERO,
        };
        if align == TextAlign::Center && style.text.rtl && free < Px::ZERO {
            shift = free;
        }
        if align == TextAlign::Justify && free > Px::ZERO && spaces > 0 {
            stretch(cx, &mut visuals, free / spaces as f32);
        } else if align == TextAlign::Justify && style.text.rtl {
            shift = free;
        }
        // The indent is at the start side.
        let start = shift
            + if style.text.rtl {
                Px::ZERO
            } else {
                input.indent
            };
        let positions = self.positions(cx, &visuals, &mut opens, start);
        let mut groups = vec![Group::new(VerticalAlign::Baseline)];
        groups[0].include(Px::ZERO, input.strut.above(), input.strut.below());
        self.align_boxes(cx, &mut opens, &mut groups, input.strut);
        let placed = self.align_visuals(cx, &visuals, &opens, &mut groups, input.strut);
        let height = settle(&mut groups);
        let mut fragment = Fragment::new(Kind::Group, Size::new(input.room, height));
        fragment.first_baseline = Some(groups[0].baseline);
        fragment.last_baseline = Some(groups[0].baseline);
        self.fill_line(
            cx,
            input,
            visuals,
            &positions,
            &opens,
            &groups,
            &placed,
            &mut fragment,
        );
        Ok(fragment)
    }

    /// The line's text and atomic inlines from left to right, and its number of word separators.
    fn visuals(&self, cx: &Context<'_>, input: &LineInput) -> Step<(Vec<Visual>, usize)> {
        let LineRange { start, end } = input.range;
        let paragraph = &cx.shaped.paragraph;
        let text = &paragraph.text[start as usize..end as usize];
        let mut kept = text.trim_end_matches([' ', '\n']).len();
        // A line of white space only is kept for its inline boxes.
        if kept == 0 {
            kept = text.trim_end_matches('\n').len();
        }
        let shown = start as usize..start as usize + kept;
        let mut visuals = Vec::new();
        let mut spaces = 0;
        for piece in paragraph.visual(shown) {
            let span = paragraph.runs[piece.run].span;
            let owner = cx.content.spans[span].owner;
            let (from, to) = (offset(piece.range.start), offset(piece.range.end));
            if cx.content.spans[span].atomic.is_some() {
                let fragment = self.atomic(cx, span)?;
                let width = self.atomic_advance(cx, span, &fragment);
                let atomic = Some((span, fragment));
                visuals.push(Visual {
                    text: None,
                    atomic,
                    owner,
                    start: from,
                    end: to,
                    width,
                });
                continue;
            }
            spaces += separators(&paragraph.text[piece.range.clone()]);
            let width = paragraph.width(piece.range.clone());
            let text = TextPiece {
                run: Some(piece),
                span: offset(span),
                x: Px::ZERO,
                baseline: Px::ZERO,
                width,
                space: Px::ZERO,
            };
            visuals.push(Visual {
                text: Some(text),
                atomic: None,
                owner,
                start: from,
                end: to,
                width,
            });
        }
        if input.hyphen {
            let (span, hyphen) = self.hyphen(cx, end);
            let width: Px = hyphen.runs.iter().map(|run| run.width).sum();
            let text = TextPiece {
                run: None,
                span,
                x: Px::ZERO,
                baseline: Px::ZERO,
                width,
                space: Px::ZERO,
            };
            let owner = cx.content.spans[span as usize].owner;
            let visual = Visual {
                text: Some(text),
                atomic: None,
                owner,
                start: end,
                end,
                width,
            };
            let rtl = paragraph.base_level % 2 == 1;
            visuals.insert(if rtl { 0 } else { visuals.len() }, visual);
        }
        Ok((visuals, spaces))
    }

    /// The inline boxes that have a piece on the line, parents before children.
    fn opens(&self, cx: &Context<'_>, input: &LineInput, visuals: &[Visual]) -> Vec<Open> {
        let mut opens: Vec<Open> = Vec::new();
        if cx.content.boxes.is_empty() {
            return opens;
        }
        for (position, visual) in visuals.iter().enumerate() {
            let mut next = visual.owner;
            while let Some(index) = next {
                let inline = &cx.content.boxes[index as usize];
                next = inline.parent;
                if let Some(open) = opens.iter_mut().find(|open| open.index == index) {
                    if visual.start < visuals[open.first].start {
                        open.first = position;
                    }
                    if visual.end >= visuals[open.last].end {
                        open.last = position;
                    }
                    continue;
                }
                let rtl = inline.style.text.rtl;
                let begins = inline.starts && inline.range.start >= input.range.start;
                let finishes = inline.ends && inline.range.end <= input.range.end;
                opens.push(Open {
                    index,
                    first: position,
                    last: position,
                    min: Px::INFINITY,
                    max: -Px::INFINITY,
                    left: if rtl { finishes } else { begins },
                    right: if rtl { begins } else { finishes },
                    metrics: self.strut(&inline.style),
                    placed: Placed::default(),
                });
            }
        }
        opens.sort_by_key(|open| open.index);
        opens
    }

    /// Left edges of the pieces, from `start` on; finds where each inline box is on the way.
    fn positions(
        &self,
        cx: &Context<'_>,
        visuals: &[Visual],
        opens: &mut [Open],
        start: Px,
    ) -> Vec<Px> {
        let mut x = start;
        let mut positions = Vec::with_capacity(visuals.len());
        for (position, visual) in visuals.iter().enumerate() {
            for open in opens.iter_mut() {
                let inline = &cx.content.boxes[open.index as usize];
                let at = if inline.style.text.rtl {
                    open.last
                } else {
                    open.first
                };
                if open.left && at == position {
                    let used = used_edges(&inline.style, cx.width);
                    let margin = used.margin.left.unwrap_or_default();
                    open.min = open.min.min(x + margin);
                    x += margin + used.left();
                }
            }
            positions.push(x);
            include_outwards(cx, opens, visual.owner, x, x + visual.width);
            x += visual.width;
            for nested in (0..opens.len()).rev() {
                let open = &mut opens[nested];
                let inline = &cx.content.boxes[open.index as usize];
                let at = if inline.style.text.rtl {
                    open.first
                } else {
                    open.last
                };
                if open.right && at == position {
                    let used = used_edges(&inline.style, cx.width);
                    let inner = used.border.right + used.padding.right;
                    open.max = open.max.max(x + inner);
                    x += inner + used.margin.right.unwrap_or_default();
                    include_outwards(cx, opens, inline.parent, x, x);
                }
            }
        }
        positions
    }

    /// Aligns inline boxes, each to its parent.
    fn align_boxes(
        &self,
        cx: &Context<'_>,
        opens: &mut [Open],
        groups: &mut Vec<Group>,
        strut: LineMetrics,
    ) {
        for position in 0..opens.len() {
            let inline = &cx.content.boxes[opens[position].index as usize];
            let (parent, around) = parent_of(inline.parent, opens, strut);
            let metrics = opens[position].metrics;
            let align = inline.style.box_.vertical_align;
            let placed = if matches!(align, VerticalAlign::Top | VerticalAlign::Bottom) {
                groups.push(Group::new(align));
                Placed {
                    group: groups.len() - 1,
                    shift: Px::ZERO,
                }
            } else {
                let shift = match align {
                    VerticalAlign::Middle => {
                        (metrics.ascent - metrics.descent) / 2.0 - around.x_height / 2.0
                    }
                    VerticalAlign::TextTop => metrics.ascent - around.ascent,
                    VerticalAlign::TextBottom => around.descent - metrics.descent,
                    _ => baseline_shift(align, around, metrics.line_height),
                };
                Placed {
                    group: parent.group,
                    shift: parent.shift + shift,
                }
            };
            opens[position].placed = placed;
            groups[placed.group].include(placed.shift, metrics.above(), metrics.below());
        }
    }

    /// Aligns atomic inlines, and lets fallback fonts stretch lines of normal height.
    fn align_visuals(
        &self,
        cx: &Context<'_>,
        visuals: &[Visual],
        opens: &[Open],
        groups: &mut Vec<Group>,
        strut: LineMetrics,
    ) -> Vec<Placed> {
        let mut all = Vec::with_capacity(visuals.len());
        for visual in visuals {
            let (parent, around) = parent_of(visual.owner, opens, strut);
            let Some((span, fragment)) = &visual.atomic else {
                self.include_fallback(cx, visual, parent, groups);
                all.push(parent);
                continue;
            };
            let Some(id) = cx.content.spans[*span].atomic else {
                all.push(parent);
                continue;
            };
            let (above, below) = self.atomic_extent(id, fragment, cx.width);
            let style = self.tree.style(id);
            let align = style.box_.vertical_align;
            let placed = if matches!(align, VerticalAlign::Top | VerticalAlign::Bottom) {
                groups.push(Group::new(align));
                Placed {
                    group: groups.len() - 1,
                    shift: Px::ZERO,
                }
            } else {
                let shift = match align {
                    VerticalAlign::Middle => (above - below) / 2.0 - around.x_height / 2.0,
                    VerticalAlign::TextTop => above - around.ascent,
                    VerticalAlign::TextBottom => around.descent - below,
                    _ => baseline_shift(align, around, self.strut(style).line_height),
                };
                Placed {
                    group: parent.group,
                    shift: parent.shift + shift,
                }
            };
            groups[placed.group].include(placed.shift, above, below);
            all.push(placed);
        }
        all
    }

    /// A fallback face's own ascent and descent count where `line-height` is normal.
    fn include_fallback(
        &self,
        cx: &Context<'_>,
        visual: &Visual,
        placed: Placed,
        groups: &mut [Group],
    ) {
        let Some(run) = visual.text.as_ref().and_then(|text| text.run.as_ref()) else {
            return;
        };
        let run = &cx.shaped.paragraph.runs[run.run];
        let style = match visual.owner {
            Some(owner) => &*cx.content.boxes[owner as usize].style,
            None => self.tree.style(cx.id),
        };
        if style.text.line_height != LineHeight::Normal || self.font(style).1 == run.face {
            return;
        }
        let metrics = line_metrics(
            &self.fonts.face(run.face).metrics,
            run.size,
            LineHeight::Normal,
        );
        groups[placed.group].include(placed.shift, metrics.above(), metrics.below());
    }

    /// Above and below the baseline of an atomic inline's margin box (CSS 2.2 §10.8.1).
    fn atomic_extent(&self, id: BoxId, fragment: &Fragment, width: Px) -> (Px, Px) {
        let style = self.tree.style(id);
        let used = used_edges(style, width);
        let whole = fragment.size.height + used.margin_top() + used.margin_bottom();
        let replaced = matches!(
            self.tree.get(id).content,
            crate::boxes::Content::Replaced(_)
        );
        let baseline = if replaced || style.box_.clips {
            None
        } else if matches!(self.tree.get(id).content, crate::boxes::Content::Table(_)) {
            fragment.first_baseline
        } else {
            fragment.last_baseline
        };
        let above = baseline.map_or(whole, |baseline| baseline + used.margin_top());
        (above, whole - above)
    }

    /// Puts everything into the line's fragment.
    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of a line, made one after the other"
    )]
    fn fill_line(
        &self,
        cx: &Context<'_>,
        input: &LineInput,
        visuals: Vec<Visual>,
        positions: &[Px],
        opens: &[Open],
        groups: &[Group],
        placed: &[Placed],
        fragment: &mut Fragment,
    ) {
        let mut texts = Vec::with_capacity(visuals.len());
        let ends: Vec<(u32, Px, Px)> = visuals
            .iter()
            .zip(positions)
            .map(|(visual, x)| (visual.start, *x, *x + visual.width))
            .collect();
        for ((visual, placed), x) in visuals
            .into_iter()
            .zip(placed)
            .zip(positions.iter().copied())
        {
            let baseline = groups[placed.group].baseline + placed.shift;
            let by = self.relative_shift(cx, visual.owner);
            if let Some(text) = visual.text {
                texts.push(TextPiece {
                    x: x + by.x,
                    baseline: baseline + by.y,
                    ..text
                });
            } else if let Some((span, atomic)) = visual.atomic {
                let Some(id) = cx.content.spans[span].atomic else {
                    continue;
                };
                let (above, _) = self.atomic_extent(id, &atomic, cx.width);
                let used = used_edges(self.tree.style(id), cx.width);
                let own = self.relative_offset(self.tree.style(id), cx.width, cx.height);
                let at = Point::new(
                    x + used.margin.left.unwrap_or_default(),
                    baseline - above + used.margin_top(),
                );
                fragment.push(at + by + own, atomic, span);
            }
        }
        let boxes = self.inline_pieces(cx, input, opens, groups, &ends);
        for item in &cx.content.items {
            let InlineItemKind::Absolute(child) = item.kind else {
                continue;
            };
            let here = item.offset >= input.range.start
                && (item.offset < input.range.end
                    || (input.last && item.offset == input.range.end));
            if here {
                let x = static_x(&ends, item.offset, self.tree.style(cx.id).text.rtl, input);
                self.placeholder(
                    child,
                    fragment,
                    Point::new(x, Px::ZERO),
                    item.offset as usize,
                );
            }
        }
        fragment.kind = Kind::Line(Box::new(LineFragment {
            owner: cx.id,
            texts,
            boxes,
            start: input.range.start,
        }));
    }

    fn open_edges(&self, cx: &Context<'_>, open: &Open) -> Px {
        let used = used_edges(&cx.content.boxes[open.index as usize].style, cx.width);
        let left = used.margin.left.unwrap_or_default() + used.left();
        let right = used.margin.right.unwrap_or_default() + used.border.right + used.padding.right;
        (if open.left { left } else { Px::ZERO }) + (if open.right { right } else { Px::ZERO })
    }

    /// The pieces of inline boxes that paint, link or have a name.
    fn inline_pieces(
        &self,
        cx: &Context<'_>,
        input: &LineInput,
        opens: &[Open],
        groups: &[Group],
        ends: &[(u32, Px, Px)],
    ) -> Vec<InlinePiece> {
        let mut pieces = Vec::new();
        for open in opens {
            let inline = &cx.content.boxes[open.index as usize];
            if inline.extras.is_none() && !paints(&inline.style) {
                continue;
            }
            let used = used_edges(&inline.style, cx.width);
            let baseline = groups[open.placed.group].baseline + open.placed.shift;
            let by = self.relative_shift(cx, Some(open.index));
            // The content area is the font's, whatever the line height (CSS 2.2 §10.6.1).
            let top = baseline - open.metrics.ascent - used.top();
            let height = open.metrics.ascent + open.metrics.descent + used.vertical();
            pieces.push(InlinePiece {
                index: open.index,
                x: open.min + by.x,
                y: top + by.y,
                size: Size::new((open.max - open.min).max(Px::ZERO), height),
                left: open.left,
                right: open.right,
            });
        }
        for item in &cx.content.items {
            let InlineItemKind::Open(index) = item.kind else {
                continue;
            };
            let inline = &cx.content.boxes[index as usize];
            let here = inline.range.is_empty()
                && item.offset >= input.range.start
                && (item.offset < input.range.end
                    || (input.last && item.offset == input.range.end));
            if here && inline.extras.is_some() && inline.starts {
                let x = static_x(ends, item.offset, false, input);
                let baseline = groups[0].baseline;
                let y = baseline - self.strut(&inline.style).ascent;
                let size = Size::new(Px::ZERO, baseline - y);
                pieces.push(InlinePiece {
                    index,
                    x,
                    y,
                    size,
                    left: false,
                    right: false,
                });
            }
        }
        pieces
    }

    /// `position: relative` of the inline boxes around (CSS 2.2 §9.4.3).
    fn relative_shift(&self, cx: &Context<'_>, owner: Option<u32>) -> Point {
        let mut by = Point::default();
        let mut next = owner;
        while let Some(index) = next {
            let inline = &cx.content.boxes[index as usize];
            by = by + self.relative_offset(&inline.style, cx.width, cx.height);
            next = inline.parent;
        }
        by
    }

    /// The shift of a relatively positioned box.
    pub(crate) fn relative_offset(
        &self,
        style: &ComputedStyle,
        width: Px,
        height: Option<Px>,
    ) -> Point {
        if style.box_.position != Position::Relative {
            return Point::default();
        }
        let inset = &style.box_.inset;
        let length = |value: AutoLength, base: Option<Px>| match value {
            AutoLength::Auto => None,
            AutoLength::Length(length) if length.has_percentage() && base.is_none() => None,
            AutoLength::Length(length) => Some(super::sizing::bounded(
                length.resolve(base.unwrap_or_default()),
            )),
        };
        let (left, right) = (
            length(inset.left, Some(width)),
            length(inset.right, Some(width)),
        );
        let (top, bottom) = (length(inset.top, height), length(inset.bottom, height));
        let x = match (left, right) {
            (Some(_), Some(right)) if style.text.rtl => -right,
            (Some(left), _) => left,
            (None, Some(right)) => -right,
            (None, None) => Px::ZERO,
        };
        Point::new(x, top.or(bottom.map(|bottom| -bottom)).unwrap_or_default())
    }
}

/// Stretches an inline box and those around it over `min..max`.
fn include_outwards(cx: &Context<'_>, opens: &mut [Open], owner: Option<u32>, min: Px, max: Px) {
    let mut next = owner;
    while let Some(index) = next {
        if let Some(open) = opens.iter_mut().find(|open| open.index == index) {
            open.min = open.min.min(min);
            open.max = open.max.max(max);
        }
        next = cx.content.boxes[index as usize].parent;
    }
}

/// Whether an inline box draws anything itself.
fn paints(style: &ComputedStyle) -> bool {
    let sides = &style.border.sides;
    !style.background.color.is_transparent()
        || !style.background.layers.is_empty()
        || [sides.top, sides.right, sides.bottom, sides.left]
            .iter()
            .any(|side| side.width > Px::ZERO)
        || style.effects.outline.width > Px::ZERO
}

/// Where a box that starts at `offset` would be.
fn static_x(ends: &[(u32, Px, Px)], offset: u32, rtl: bool, input: &LineInput) -> Px {
    if rtl {
        return input.room;
    }
    let before = ends
        .iter()
        .filter(|(start, ..)| *start < offset)
        .map(|(_, _, end)| *end);
    before.fold(Px::ZERO, Px::max)
}

/// A box's place and metrics, or the root's.
fn parent_of(owner: Option<u32>, opens: &[Open], strut: LineMetrics) -> (Placed, LineMetrics) {
    let open = owner.and_then(|index| opens.iter().find(|open| open.index == index));
    open.map_or((Placed::default(), strut), |open| {
        (open.placed, open.metrics)
    })
}

/// Downward shift for baseline-relative alignments; `sub` and `super` as browsers have them.
fn baseline_shift(align: VerticalAlign, around: LineMetrics, line_height: Px) -> Px {
    match align {
        VerticalAlign::Sub => around.size / 5.0 + Px(1.0),
        VerticalAlign::Super => -(around.size / 3.0 + Px(1.0)),
        VerticalAlign::Length(length) => -super::sizing::bounded(length.resolve(line_height)),
        _ => Px::ZERO,
    }
}

/// Fixes the groups' baselines from the line's top and gives the line's height.
fn settle(groups: &mut [Group]) -> Px {
    let (mut top, mut bottom) = (groups[0].top, groups[0].bottom);
    for group in groups.iter().skip(1) {
        let height = group.bottom - group.top;
        if height > bottom - top {
            match group.align {
                VerticalAlign::Bottom => top = bottom - height,
                _ => bottom = top + height,
            }
        }
    }
    for (index, group) in groups.iter_mut().enumerate() {
        group.baseline = match group.align {
            _ if index == 0 => -top,
            VerticalAlign::Bottom => bottom - top - group.bottom,
            _ => -group.top,
        };
    }
    (bottom - top).max(Px::ZERO)
}

/// How a line is aligned (CSS Text 3 §7.1–7.3), start and end resolved.
fn line_align(style: &ComputedStyle, ends: bool) -> TextAlign {
    let text = &style.text;
    let mut align = text.align;
    if ends {
        align = match (text.align_last, text.align) {
            (Some(last), _) => last,
            (None, TextAlign::Justify) => TextAlign::Start,
            (None, align) => align,
        };
    }
    match (align, text.rtl) {
        (TextAlign::Start, false) | (TextAlign::End, true) => TextAlign::Left,
        (TextAlign::Start, true) | (TextAlign::End, false) => TextAlign::Right,
        _ => align,
    }
}

/// Word separators in `text` (CSS Text 3 §7.3).
fn separators(text: &str) -> usize {
    text.chars()
        .filter(|character| is_separator(*character))
        .count()
}

/// Whether justification widens the character.
pub(crate) fn is_separator(character: char) -> bool {
    matches!(character, ' ' | '\u{A0}')
}

/// Gives each word separator its share of the free width.
fn stretch(cx: &Context<'_>, visuals: &mut [Visual], each: Px) {
    for visual in visuals {
        let Some(text) = &mut visual.text else {
            continue;
        };
        let Some(run) = &text.run else { continue };
        let count = separators(&cx.shaped.paragraph.text[run.range.clone()]);
        text.space = each;
        text.width += each * count as f32;
        visual.width = text.width;
    }
}

fn offset(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
