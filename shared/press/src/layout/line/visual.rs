//! What is on a line, from left to right: text, atomic inlines, leaders, hyphens.

use super::LineInput;
use super::LineRange;
use crate::fragment::{Fragment, TextPiece};
use crate::layout::lines::Context;
use crate::layout::{Layout, Step};
use fanfold_geometry::Px;
use fanfold_text::Paragraph;
use std::rc::Rc;

/// Something on the line, in visual order.
pub(super) struct Visual {
    pub(super) content: VisualContent,
    pub(super) owner: Option<u32>,
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) width: Px,
}

/// What a [`Visual`] is.
pub(super) enum VisualContent {
    /// Glyphs.
    Text(TextPiece),
    /// An atomic inline, by its span.
    Atomic(usize, Rc<Fragment>),
    /// A leader, by its span, and its string.
    Leader(u32, Rc<Paragraph>),
    /// The edges of an inline box without content.
    Empty,
}

impl Layout<'_> {
    /// The line's content from left to right.
    pub(super) fn visuals(&self, cx: &Context<'_>, input: &LineInput) -> Step<Vec<Visual>> {
        let LineRange { start, end } = input.range;
        let paragraph = &cx.shaped.paragraph;
        let (kept, hung) = (input.kept as usize, input.hung as usize);
        let mut pieces = paragraph.visual(start as usize..kept);
        if kept < hung {
            // White space at a line's end goes in the direction of the paragraph (UAX #9, L1).
            let spaces = paragraph.visual(kept..hung);
            let at = match paragraph.base_level_at(kept) % 2 {
                1 => 0,
                _ => pieces.len(),
            };
            pieces.insert_many(at, spaces);
        }
        let mut visuals = Vec::new();
        for piece in pieces {
            let index = paragraph.runs[piece.run].span;
            let span = &cx.content.spans[index];
            let (from, to) = (offset(piece.range.start), offset(piece.range.end));
            let (content, width) = if span.atomic.is_some() {
                let fragment = self.atomic(cx, index)?;
                let width = self.atomic_advance(cx, index, &fragment);
                (VisualContent::Atomic(index, fragment), width)
            } else if let Some(text) = &span.leader {
                let leader = self.inserted(cx, index, text);
                let width = width_of(&leader);
                (VisualContent::Leader(offset(index), leader), width)
            } else if span.filler {
                (VisualContent::Empty, Px::ZERO)
            } else {
                let width = match input.tab_width(from) {
                    Some(width) => width,
                    None => paragraph.width(piece.range.clone()),
                };
                let text = TextPiece {
                    run: Some(piece),
                    width,
                    ..TextPiece::of(offset(index))
                };
                (VisualContent::Text(text), width)
            };
            visuals.push(Visual {
                content,
                owner: span.owner,
                start: from,
                end: to,
                width,
            });
        }
        if input.hyphen {
            let (span, hyphen) = self.hyphen(cx, end);
            let at = if paragraph.base_level % 2 == 1 {
                0
            } else {
                visuals.len()
            };
            visuals.insert(at, inserted_visual(cx, span, hyphen, end));
        }
        Ok(visuals)
    }

    /// Cuts what is too wide at the line's end and puts `ellipsis` there; the first character or
    /// atomic inline always stays (CSS Overflow 3 §5.1).
    pub(super) fn cut_off(
        &self,
        cx: &Context<'_>,
        visuals: &mut Vec<Visual>,
        room: Px,
        ellipsis: &str,
    ) {
        let rtl = cx.shaped.paragraph.base_level % 2 == 1;
        let Some(edge) = (if rtl { visuals.last() } else { visuals.first() }) else {
            return;
        };
        let at = edge.start;
        let spans = &cx.content.spans;
        let index = spans
            .partition_point(|span| span.range.end <= at)
            .min(spans.len().saturating_sub(1));
        let inserted = self.inserted(cx, index, ellipsis);
        let room = room - width_of(&inserted);
        if rtl {
            visuals.reverse();
        }
        let mut used = Px::ZERO;
        let mut kept = 0;
        for visual in visuals.iter_mut() {
            let first = kept == 0;
            if used + visual.width > room {
                let cut = first_clusters(cx, visual, room - used, first);
                if cut {
                    kept += 1;
                }
                break;
            }
            used += visual.width;
            kept += 1;
        }
        if kept == 0 && !visuals.is_empty() {
            kept = 1;
        }
        visuals.truncate(kept);
        let end = visuals.last().map_or(at, |visual| visual.end);
        let mut visual = inserted_visual(cx, offset(index), inserted, end);
        visual.owner = None;
        visuals.push(visual);
        if rtl {
            visuals.reverse();
        }
    }
}

/// Keeps as many clusters of a text as fit into `room`, one at least with `always`; false for none.
fn first_clusters(cx: &Context<'_>, visual: &mut Visual, room: Px, always: bool) -> bool {
    let VisualContent::Text(text) = &mut visual.content else {
        return false;
    };
    let Some(run) = &mut text.run else {
        return false;
    };
    let paragraph = &cx.shaped.paragraph;
    let (start, end) = (run.range.start, run.range.end);
    let mut cut = start;
    let ends = paragraph.cluster_starts(start..end).skip(1).chain([end]);
    for (index, next) in ends.enumerate() {
        if paragraph.width(start..next) > room && !(always && index == 0) {
            break;
        }
        cut = next;
    }
    run.range.end = cut;
    visual.end = offset(cut);
    visual.width = paragraph.width(start..cut);
    text.width = visual.width;
    cut > start
}

fn inserted_visual(cx: &Context<'_>, span: u32, inserted: Rc<Paragraph>, at: u32) -> Visual {
    let width = width_of(&inserted);
    Visual {
        owner: cx
            .content
            .spans
            .get(span as usize)
            .and_then(|span| span.owner),
        content: VisualContent::Text(TextPiece {
            inserted: Some(inserted),
            width,
            ..TextPiece::of(span)
        }),
        start: at,
        end: at,
        width,
    }
}

/// The width of a paragraph on one line.
pub(crate) fn width_of(paragraph: &Paragraph) -> Px {
    paragraph.runs.iter().map(|run| run.width).sum()
}

pub(super) fn offset(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
