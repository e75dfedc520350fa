//! Inline boxes on a line: where they begin and end, and the pieces that are painted.

use super::align::{Group, Placed};
use super::visual::Visual;
use super::{LineInput, StaticPlaces};
use crate::boxes::{InlineItemKind, contains_absolutes};
use crate::fragment::InlinePiece;
use crate::layout::lines::Context;
use crate::layout::{Layout, LineMetrics, used_edges};
use crate::paint::is_mixed;
use fanfold_geometry::{Px, Size};
use fanfold_style::ComputedStyle;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// Left edges of a line's pieces; most have few.
pub(super) type Positions = SmallVec<[Px; 4]>;

/// An inline box on the line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    pub(super) index: u32,
    /// Visual pieces with its first and last byte.
    first: usize,
    last: usize,
    min: Px,
    max: Px,
    left: bool,
    right: bool,
    pub(super) metrics: LineMetrics,
    pub(super) placed: Placed,
}

/// The inline boxes on the line, parents before children.
#[derive(Debug, Default)]
pub(super) struct Opens {
    pub(super) list: Vec<Open>,
    /// Places in `list`, by index of the box.
    places: FxHashMap<u32, usize>,
}

impl Opens {
    pub(super) fn get(&self, index: u32) -> Option<&Open> {
        self.places.get(&index).map(|place| &self.list[*place])
    }

    /// Stretches a box and those around it over `min..max`.
    fn include(&mut self, cx: &Context<'_>, owner: Option<u32>, min: Px, max: Px) {
        let mut next = owner;
        while let Some(index) = next {
            if let Some(place) = self.places.get(&index) {
                let open = &mut self.list[*place];
                open.min = open.min.min(min);
                open.max = open.max.max(max);
            }
            next = cx.content.boxes[index as usize].parent;
        }
    }
}

impl Layout<'_> {
    /// The inline boxes that have a piece on the line.
    pub(super) fn opens(&self, cx: &Context<'_>, input: &LineInput, visuals: &[Visual]) -> Opens {
        let mut opens = Opens::default();
        if cx.content.boxes.is_empty() {
            return opens;
        }
        for (position, visual) in visuals.iter().enumerate() {
            let mut next = visual.owner;
            while let Some(index) = next {
                let inline = &cx.content.boxes[index as usize];
                next = inline.parent;
                if let Some(place) = opens.places.get(&index) {
                    let open = &mut opens.list[*place];
                    if visual.start < visuals[open.first].start {
                        open.first = position;
                    }
                    if visual.end >= visuals[open.last].end {
                        open.last = position;
                    }
                    continue;
                }
                let rtl = inline.style.text.rtl;
                let clones = inline.style.breaks.clone_decoration;
                let begins = clones || (inline.starts && inline.range.start >= input.range.start);
                let finishes = clones || (inline.ends && inline.range.end <= input.range.end);
                opens.places.insert(index, opens.list.len());
                opens.list.push(Open {
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
        opens.list.sort_unstable_by_key(|open| open.index);
        for (place, open) in opens.list.iter().enumerate() {
            opens.places.insert(open.index, place);
        }
        opens
    }

    /// Left edges of the pieces, from `start` on; finds where each inline box is on the way.
    pub(super) fn positions(
        &self,
        cx: &Context<'_>,
        visuals: &[Visual],
        opens: &mut Opens,
        start: Px,
    ) -> Positions {
        // Left edges by the piece they stand before, outer boxes first; right edges the other way.
        let (mut lefts, mut rights) = (Vec::new(), Vec::new());
        for (place, open) in opens.list.iter().enumerate() {
            let rtl = cx.content.boxes[open.index as usize].style.text.rtl;
            let (first, last) = if rtl {
                (open.last, open.first)
            } else {
                (open.first, open.last)
            };
            if open.left {
                lefts.push((first, place));
            }
            if open.right {
                rights.push((last, usize::MAX - place));
            }
        }
        lefts.sort_unstable();
        rights.sort_unstable();
        let (mut lefts, mut rights) = (lefts.iter().peekable(), rights.iter().peekable());
        let mut x = start;
        let mut positions = Positions::with_capacity(visuals.len());
        for (position, visual) in visuals.iter().enumerate() {
            while let Some((_, place)) = lefts.next_if(|(at, _)| *at == position) {
                let open = &mut opens.list[*place];
                let inline = &cx.content.boxes[open.index as usize];
                let used = used_edges(&inline.style, cx.width);
                let margin = used.margin.left.unwrap_or_default();
                open.min = open.min.min(x + margin);
                x += margin + used.left();
            }
            positions.push(x);
            opens.include(cx, visual.owner, x, x + visual.width);
            x += visual.width;
            while let Some((_, place)) = rights.next_if(|(at, _)| *at == position) {
                let open = &mut opens.list[usize::MAX - *place];
                let inline = &cx.content.boxes[open.index as usize];
                let used = used_edges(&inline.style, cx.width);
                let inner = used.border.right + used.padding.right;
                open.max = open.max.max(x + inner);
                x += inner + used.margin.right.unwrap_or_default();
                opens.include(cx, inline.parent, x, x);
            }
        }
        positions
    }

    /// Width of an inline box's edges on the line.
    pub(super) fn open_edges(&self, cx: &Context<'_>, open: &Open) -> Px {
        let used = used_edges(&cx.content.boxes[open.index as usize].style, cx.width);
        let left = used.margin.left.unwrap_or_default() + used.left();
        let right = used.margin.right.unwrap_or_default() + used.border.right + used.padding.right;
        (if open.left { left } else { Px::ZERO }) + (if open.right { right } else { Px::ZERO })
    }

    /// The pieces of inline boxes that paint, link or have a name.
    pub(super) fn inline_pieces(
        &self,
        cx: &Context<'_>,
        input: &LineInput,
        opens: &Opens,
        groups: &[Group],
        mut places: StaticPlaces,
    ) -> Vec<InlinePiece> {
        let mut pieces = Vec::new();
        for open in &opens.list {
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
        for item in input.items(&cx.content.items) {
            let InlineItemKind::Open(index) = item.kind else {
                continue;
            };
            let inline = &cx.content.boxes[index as usize];
            if inline.range.is_empty() && inline.extras.is_some() && inline.starts {
                let x = places.x(cx, item.offset);
                let baseline = groups[0].baseline;
                let y = baseline - self.strut(&inline.style).ascent;
                pieces.push(InlinePiece {
                    index,
                    x,
                    y,
                    size: Size::new(Px::ZERO, baseline - y),
                    left: false,
                    right: false,
                });
            }
        }
        pieces
    }
}

/// Whether an inline box draws anything itself, or something is placed in it.
fn paints(style: &ComputedStyle) -> bool {
    let sides = &style.border.sides;
    !style.background.color.is_transparent()
        || !style.background.layers.is_empty()
        || [sides.top, sides.right, sides.bottom, sides.left]
            .iter()
            .any(|side| side.width > Px::ZERO)
        || style.effects.outline.width > Px::ZERO
        || !style.effects.shadows.is_empty()
        || style.effects.opacity < 1.0
        || is_mixed(style)
        || contains_absolutes(style)
}
