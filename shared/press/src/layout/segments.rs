//! Paragraphs cut into the segments between break opportunities, each measured once: lines are then
//! filled by adding widths, in time linear in the text.

use super::{Layout, text_style};
use crate::boxes::{BoxId, InlineContent, Segment, Shaped};
use fanfold_geometry::Px;
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{Collapse, OverflowWrap};
use fanfold_text::{BreakKind, Paragraph};
use smallvec::SmallVec;
use std::rc::Rc;

impl Layout<'_> {
    /// The shaped paragraph of `content`, in the block container `id`.
    pub(crate) fn shaped(&self, id: BoxId, content: &InlineContent) -> Rc<Shaped> {
        content.shaped(|| {
            let style = self.tree.style(id);
            let spans = self.spans(content, style);
            let direction = text_style::direction(style);
            let paragraph = self
                .shaper
                .shape(self.fonts, content.text.clone(), &spans, direction);
            let segments = cut(&paragraph, content, style);
            Shaped {
                paragraph,
                segments,
            }
        })
    }
}

/// Cuts `paragraph` at its breaks and measures the pieces.
fn cut(
    paragraph: &Paragraph,
    content: &InlineContent,
    root: &ComputedStyle,
) -> SmallVec<[Segment; 1]> {
    let text = &*paragraph.text;
    let mut segments: SmallVec<[Segment; 1]> = SmallVec::with_capacity(paragraph.breaks.len() + 1);
    let mut start = 0;
    let ends = paragraph
        .breaks
        .iter()
        .map(|found| (found.offset, Some(found.kind)));
    for (end, kind) in ends.chain([(text.len(), None)]) {
        if end <= start {
            continue;
        }
        let width = paragraph.width(start..end);
        let mut kept = end - trailing_space(&text[start..end], start, content, root);
        let mut hung = kept + preserved_space(&text[kept..end], kept, content, root);
        let mut trailing = paragraph.width(kept..end);
        let mut hanging = paragraph.width(kept..hung);
        // Nothing but white space: what is before it at the line's end hangs, too.
        if kept == start
            && let Some(before) = segments.last()
            && before.kind != Some(BreakKind::Mandatory)
        {
            kept = before.kept as usize;
            trailing += before.trailing;
            if before.hung < before.end {
                (hung, hanging) = (before.hung as usize, Px::ZERO);
            }
            hanging += before.hanging;
        }
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let wrap = || style_at(offset(end), content, root).text.overflow_wrap;
        let anywhere = kind == Some(BreakKind::Emergency) && wrap() == OverflowWrap::Anywhere;
        let bare = kind == Some(BreakKind::Hyphen) && wrap() != OverflowWrap::Normal;
        segments.push(Segment {
            start: offset(start),
            end: offset(end),
            kept: offset(kept),
            hung: offset(hung),
            width,
            trailing,
            hanging,
            kind,
            bare,
            anywhere,
        });
        start = end;
    }
    segments
}

/// Bytes of white space at the end that hang or vanish at a line's end (CSS Text 3 §4.1.2): all but
/// what is preserved where lines do not wrap, or with `break-spaces`.
fn trailing_space(
    piece: &str,
    start: usize,
    content: &InlineContent,
    root: &ComputedStyle,
) -> usize {
    let mut kept = piece.len();
    for (at, character) in piece.char_indices().rev() {
        let goes = match character {
            '\n' | '\u{2028}' | '\u{2029}' => true,
            ' ' | '\t' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{205F}' | '\u{3000}' => {
                let at = u32::try_from(start + at).unwrap_or(u32::MAX);
                let white_space = style_at(at, content, root).text.white_space;
                match white_space.collapse {
                    Collapse::BreakSpaces => false,
                    Collapse::Preserve => !white_space.nowrap,
                    Collapse::Collapse | Collapse::PreserveBreaks => true,
                }
            }
            _ => false,
        };
        if !goes {
            break;
        }
        kept = at;
    }
    piece.len() - kept
}

/// Bytes of preserved spaces that `trailing` white space begins with.
fn preserved_space(
    trailing: &str,
    start: usize,
    content: &InlineContent,
    root: &ComputedStyle,
) -> usize {
    let preserved = |(at, character): &(usize, char)| {
        let at = u32::try_from(start + at).unwrap_or(u32::MAX);
        let white_space = || style_at(at, content, root).text.white_space;
        !matches!(character, '\n' | '\u{2028}' | '\u{2029}')
            && white_space().collapse == Collapse::Preserve
    };
    let found = trailing.char_indices().take_while(preserved);
    found.map(|(_, character)| character.len_utf8()).sum()
}

fn style_at<'c>(
    offset: u32,
    content: &'c InlineContent,
    root: &'c ComputedStyle,
) -> &'c ComputedStyle {
    let index = content
        .spans
        .partition_point(|span| span.range.end <= offset);
    content
        .spans
        .get(index)
        .and_then(|span| span.owner)
        .map_or(root, |owner| &content.boxes[owner as usize].style)
}
