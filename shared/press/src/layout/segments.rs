//! Paragraphs cut into the segments between break opportunities, each measured once: lines are then
//! filled by adding widths, in time linear in the text.

use super::{Layout, text_style};
use crate::boxes::{BoxId, InlineContent, Segment, Shaped};
use fanfold_geometry::Px;
use fanfold_style::ComputedStyle;
use fanfold_style::computed::Collapse;
use fanfold_text::{BreakKind, Paragraph};

impl Layout<'_> {
    /// The shaped paragraph of `content`, in the block container `id`.
    pub(crate) fn shaped<'c>(&self, id: BoxId, content: &'c InlineContent) -> &'c Shaped {
        content.shaped.get_or_init(|| {
            let style = self.tree.style(id);
            let spans = self.spans(content, style);
            let direction = text_style::direction(style);
            let paragraph = self
                .shaper
                .shape(self.fonts, content.text.clone(), &spans, direction);
            let segments = cut(&paragraph, content, style);
            let min_width = narrowest(&segments, content, style);
            Shaped {
                paragraph,
                segments,
                min_width,
            }
        })
    }
}

/// Cuts `paragraph` at its breaks and measures the pieces.
fn cut(paragraph: &Paragraph, content: &InlineContent, root: &ComputedStyle) -> Vec<Segment> {
    let text = &*paragraph.text;
    let mut segments = Vec::with_capacity(paragraph.breaks.len() + 1);
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
        let trailing = trailing_space(&text[start..end], start, content, root);
        let trailing = paragraph.width(end - trailing..end);
        segments.push(Segment {
            start: u32::try_from(start).unwrap_or(u32::MAX),
            end: u32::try_from(end).unwrap_or(u32::MAX),
            width,
            trailing,
            kind,
        });
        start = end;
    }
    segments
}

/// Bytes of white space at the end that hang or vanish at a line's end (CSS Text 3 §4.1.2).
fn trailing_space(
    piece: &str,
    start: usize,
    content: &InlineContent,
    root: &ComputedStyle,
) -> usize {
    let kept = piece.trim_end_matches([' ', '\n', '\u{1680}', '\u{3000}']);
    let bytes = piece.len() - kept.len();
    if bytes == 0 {
        return 0;
    }
    let at = u32::try_from(start + kept.len()).unwrap_or(u32::MAX);
    let index = content.spans.partition_point(|span| span.range.end <= at);
    let style = content
        .spans
        .get(index)
        .and_then(|span| span.owner)
        .map_or(root, |owner| &content.boxes[owner as usize].style);
    if style.text.white_space.collapse == Collapse::BreakSpaces {
        0
    } else {
        bytes
    }
}

/// The widest stretch that cannot be broken without need.
fn narrowest(segments: &[Segment], content: &InlineContent, root: &ComputedStyle) -> Px {
    let mut widest = Px::ZERO;
    let mut width = Px::ZERO;
    for segment in segments {
        let anywhere = segment.kind == Some(BreakKind::Emergency)
            && style_at(segment.end, content, root).text.overflow_wrap
                == fanfold_style::computed::OverflowWrap::Anywhere;
        let ends = anywhere || segment.kind != Some(BreakKind::Emergency);
        widest = widest.max(width + segment.width - segment.trailing);
        width = if ends {
            Px::ZERO
        } else {
            width + segment.width
        };
    }
    widest
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
