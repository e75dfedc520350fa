//! How much text a line takes (CSS Text 3 §5).

use super::lines::Context;
use super::{Floats, Layout, Space, Step, TOLERANCE};
use crate::boxes::{InlineContent, InlineItemKind, Segment};
use crate::fragment::{Fragment, Kind};
use fanfold_geometry::{Point, Px, Size};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::TabSize;
use fanfold_text::BreakKind;
use std::rc::Rc;

/// How much of the segments a line takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fill {
    /// Past the last segment.
    pub(super) until: usize,
    /// Width without trailing white space.
    pub(super) width: Px,
    pub(super) hyphen: bool,
    pub(super) forced: bool,
}

/// Where a line begins, and how wide it may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// The segment it begins in.
    pub(super) next: usize,
    /// The byte it begins at.
    pub(super) start: u32,
    /// From the content box's start edge, for tabs.
    pub(super) indent: Px,
    pub(super) width: Px,
}

impl Layout<'_> {
    /// Fills a line: as many segments as fit, at least one.
    pub(super) fn fill(&self, cx: &Context<'_>, room: Room) -> Step<Fill> {
        let segments = &cx.shaped.segments;
        let limit = room.width + TOLERANCE;
        let mut width = self.cloned_edges(cx, room.start, true);
        let mut best: Option<Fill> = None;
        // The last fill without a hyphen, for `hyphenate-limit-zone`.
        let mut whole: Option<Fill> = None;
        let mut emergency: Option<Fill> = None;
        // What tabs that hang are wider than their default.
        let mut hung = Px::ZERO;
        for (index, segment) in segments.iter().enumerate().skip(room.next) {
            let segment = cut_segment(cx, *segment, room.start);
            let (extra, tabs) = self.extra(cx, &segment, room.indent + width)?;
            let total = segment.width + extra;
            let edges = self.cloned_edges(cx, segment.end, false);
            hung = tabs
                + if segment.kept < segment.start {
                    hung
                } else {
                    Px::ZERO
                };
            let content = width + total - (segment.trailing + hung).min(width + total) + edges;
            let fits = content <= limit;
            let found = best.or(emergency);
            if let Some(found) = found.filter(|_| !fits) {
                return Ok(self.in_zone(cx, found, whole, room.width));
            }
            width += total;
            let fill = Fill {
                until: index + 1,
                width: content,
                hyphen: false,
                forced: false,
            };
            match segment.kind {
                None => return Ok(fill),
                Some(BreakKind::Mandatory) => {
                    return Ok(Fill {
                        forced: true,
                        ..fill
                    });
                }
                Some(BreakKind::Soft) => {
                    if !fits {
                        return Ok(fill);
                    }
                    best = Some(fill);
                    whole = best;
                }
                // A hyphen stands behind something.
                Some(BreakKind::Hyphen) if content <= TOLERANCE => {}
                Some(BreakKind::Hyphen) => {
                    let hyphen = super::line::width_of(&self.hyphen(cx, segment.end).1);
                    let fill = Fill {
                        width: content + hyphen,
                        hyphen: true,
                        ..fill
                    };
                    if !fits {
                        return Ok(fill);
                    }
                    if fill.width <= limit {
                        best = Some(fill);
                    } else if segment.bare {
                        emergency = Some(Fill {
                            width: content,
                            hyphen: false,
                            ..fill
                        });
                    } else if best.is_none() && emergency.is_none() {
                        return Ok(fill);
                    }
                }
                Some(BreakKind::Emergency) => {
                    if !fits {
                        return Ok(fill);
                    }
                    emergency = Some(fill);
                }
            }
        }
        let end = segments.len();
        Ok(best.or(emergency).unwrap_or(Fill {
            until: end,
            width,
            hyphen: false,
            forced: false,
        }))
    }

    /// The width of what a line has before the byte `offset`, without the white space there; a word that
    /// goes on past it counts whole.
    pub(super) fn filled_before(&self, cx: &Context<'_>, room: Room, offset: u32) -> Step<Px> {
        let mut width = self.cloned_edges(cx, room.start, true);
        let mut trailing = Px::ZERO;
        for segment in cx.shaped.segments.iter().skip(room.next) {
            let segment = cut_segment(cx, *segment, room.start);
            if segment.start >= offset {
                break;
            }
            width += segment.width + self.extra(cx, &segment, room.indent + width)?.0;
            trailing = segment.trailing;
        }
        Ok(width - trailing)
    }

    /// Does without a hyphen where that leaves no more than the zone empty (CSS Text 4 §6.3.4).
    fn in_zone(&self, cx: &Context<'_>, found: Fill, whole: Option<Fill>, room: Px) -> Fill {
        let zone = cx.style.text.hyphenate_limit_zone;
        match whole {
            Some(whole) if found.hyphen && room - whole.width <= zone.resolve(cx.width) => whole,
            _ => found,
        }
    }

    /// Widths in `segment` that are not in its own: inline box edges, atomic inlines, leaders, and what
    /// tabs are wider than their default, when the segment begins at `at`; and how much of that is of tabs that
    /// hang at a line's end.
    fn extra(&self, cx: &Context<'_>, segment: &Segment, at: Px) -> Step<(Px, Px)> {
        let plain = self.extra_between(cx, segment.start, segment.end)?;
        let (mut width, mut hung) = (plain, Px::ZERO);
        if !cx.content.has_tabs {
            return Ok((width, hung));
        }
        self.tabs_in(cx, segment.start..segment.end, at, |byte, tab, default| {
            width += tab - default;
            if byte >= segment.kept {
                hung += tab - default;
            }
        })?;
        Ok((width, hung))
    }

    /// Calls `found` with the byte, the width and the default width of each tab in `range`, which
    /// begins at `at`.
    pub(super) fn tabs_in(
        &self,
        cx: &Context<'_>,
        range: std::ops::Range<u32>,
        at: Px,
        mut found: impl FnMut(u32, Px, Px),
    ) -> Step<()> {
        let paragraph = &cx.shaped.paragraph;
        let text = &paragraph.text[range.start as usize..range.end as usize];
        let (mut x, mut from) = (at, range.start);
        for (offset, _) in text.match_indices('\t') {
            let tab = range.start + u32::try_from(offset).unwrap_or(u32::MAX);
            x +=
                paragraph.width(from as usize..tab as usize) + self.extra_between(cx, from, tab)?;
            let stop = self.tab_stop(cx.content, cx.style, tab, x);
            let default = paragraph.width(tab as usize..tab as usize + 1);
            found(tab, stop - x, default);
            x = stop;
            from = tab + 1;
        }
        Ok(())
    }

    /// The tab stop after `x` for the tab at byte `tab` in a block of style `root`, whose spaces count
    /// (CSS Text 3 §4.2).
    pub(super) fn tab_stop(
        &self,
        content: &InlineContent,
        root: &ComputedStyle,
        tab: u32,
        x: Px,
    ) -> Px {
        let spans = &content.spans;
        let index = spans.partition_point(|span| span.range.end <= tab);
        let owner = spans.get(index).and_then(|span| span.owner);
        let own = owner.map_or(root, |owner| &content.boxes[owner as usize].style);
        let tab_size = own.text.tab_size;
        let style = root;
        let (face, size) = self.first_face(style);
        let scale = size / face.metrics.units_per_em.max(1.0);
        let space = |character| {
            face.glyph(character)
                .map(|glyph| scale * face.advance(glyph))
        };
        let between = style.text.letter_spacing + style.text.word_spacing;
        let interval = match tab_size {
            TabSize::Spaces(count) => (space(' ').unwrap_or_default() + between) * count,
            TabSize::Length(length) => length,
        };
        if interval.0.is_nan() || interval.0 <= 0.01 {
            return x;
        }
        let least = space('0').unwrap_or_default() / 2.0;
        let next = interval * ((x.0 / interval.0 + 1e-4).floor() + 1.0);
        if next - x < least && matches!(tab_size, TabSize::Spaces(_)) {
            next + interval
        } else {
            next
        }
    }

    fn extra_between(&self, cx: &Context<'_>, start: u32, end: u32) -> Step<Px> {
        let mut width = Px::ZERO;
        if !cx.edges.is_empty() {
            let from = cx.edges.partition_point(|(at, _)| *at < start);
            let edges = cx.edges[from..].iter().take_while(|(at, _)| *at < end);
            width += edges.map(|(_, width)| *width).sum();
        }
        let spans = &cx.content.spans;
        if let [span] = &spans[..]
            && span.is_text()
        {
            return Ok(width);
        }
        let from = spans.partition_point(|span| span.range.end <= start);
        for (index, span) in spans.iter().enumerate().skip(from) {
            if span.range.start >= end {
                break;
            }
            if span.atomic.is_some() {
                let fragment = self.atomic(cx, index)?;
                width += self.atomic_advance(cx, index, &fragment);
            } else if let Some(text) = &span.leader {
                width += super::line::width_of(&self.inserted(cx, index, text));
            }
        }
        Ok(width)
    }

    /// Edges at `offset` of the boxes around that are decorated on each line
    /// (`box-decoration-break: clone`): those at a line's start, or those at its end.
    fn cloned_edges(&self, cx: &Context<'_>, offset: u32, start: bool) -> Px {
        if !cx.content.clones {
            return Px::ZERO;
        }
        let spans = &cx.content.spans;
        let index = spans.partition_point(|span| span.range.end <= offset);
        let mut next = spans.get(index).and_then(|span| span.owner);
        let mut width = Px::ZERO;
        while let Some(index) = next {
            let inline = &cx.content.boxes[index as usize];
            let inside = inline.range.start < offset && offset < inline.range.end;
            if inside && inline.style.breaks.clone_decoration {
                width += self.inline_edge(cx.content, index, start, cx.width);
            }
            next = inline.parent;
        }
        width
    }

    /// The laid out atomic inline of a span.
    pub(super) fn atomic(&self, cx: &Context<'_>, span: usize) -> Step<Rc<Fragment>> {
        let key = u32::try_from(span).unwrap_or(u32::MAX);
        if let Some(fragment) = cx.atomics.borrow().get(&key) {
            return Ok(fragment.clone());
        }
        let Some(id) = cx.content.spans[span].atomic else {
            return Ok(Rc::new(Fragment::new(Kind::Group, Size::default())));
        };
        let used = super::used_edges(self.tree.style(id), cx.width);
        let width = self.border_width(id, &used, cx.width, cx.width, cx.height);
        let space = Space {
            width: cx.width,
            ..Space::unbroken(cx.width, cx.height)
        };
        let outcome = self.layout(
            id,
            width,
            space,
            None,
            &mut Floats::default(),
            Point::default(),
        )?;
        let fragment = match outcome {
            super::Outcome::Laid(laid) => laid.fragment,
            super::Outcome::Before => Fragment::new(Kind::Group, Size::default()),
        };
        let fragment = Rc::new(fragment);
        cx.atomics.borrow_mut().insert(key, fragment.clone());
        Ok(fragment)
    }

    /// Width of an atomic inline's margin box.
    pub(super) fn atomic_advance(&self, cx: &Context<'_>, span: usize, fragment: &Fragment) -> Px {
        let margins = cx.content.spans[span]
            .atomic
            .map(|id| super::used_edges(self.tree.style(id), cx.width).margin_horizontal());
        fragment.size.width + margins.unwrap_or_default()
    }

    /// Inline box edges by the byte they stand beside.
    pub(super) fn edges(&self, content: &InlineContent, width: Px) -> Vec<(u32, Px)> {
        let mut edges = Vec::new();
        for item in &content.items {
            let (index, opens) = match item.kind {
                InlineItemKind::Open(index) => (index, true),
                InlineItemKind::Close(index) => (index, false),
                _ => continue,
            };
            let edge = self.inline_edge(content, index, opens, width);
            if edge != Px::ZERO {
                let before = if opens { 0 } else { 1 };
                edges.push((item.offset.saturating_sub(before), edge));
            }
        }
        edges.sort_by_key(|(at, _)| *at);
        edges
    }
}

/// A segment without what stands before byte `start`.
fn cut_segment(cx: &Context<'_>, segment: Segment, start: u32) -> Segment {
    if start <= segment.start {
        return segment;
    }
    let width = cx
        .shaped
        .paragraph
        .width(start as usize..segment.end as usize);
    Segment {
        start,
        width,
        trailing: segment.trailing.min(width),
        hanging: segment.hanging.min(width),
        ..segment
    }
}
