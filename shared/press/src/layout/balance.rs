//! Lines of about the same length: `text-wrap-style: balance` (CSS Text 4 §6.2).

use super::fill::Room;
use super::lines::{Context, indent};
use super::{Floats, Layout, Step, TOLERANCE};
use crate::boxes::InlineItemKind;
use fanfold_geometry::{Point, Px};
use fanfold_text::BreakKind;

/// Longer texts are not balanced, which §6.2 allows from eleven lines on: it is for headings.
const MOST_LINES: usize = 10;
/// How close to the narrowest width the search comes, as a part of all there is.
const STEPS: usize = 12;

impl Layout<'_> {
    /// By how much the lines of `cx` may be narrower than its block and still be no more of them. As in
    /// Chromium, text with forced breaks is left as it is; here, text beside floats is too.
    pub(super) fn balance(&self, cx: &Context<'_>, (floats, origin): (&Floats, Point)) -> Step<Px> {
        let is_float = |kind: &InlineItemKind| matches!(kind, InlineItemKind::Float(_));
        if !cx.style.text.balanced || cx.content.items.iter().any(|item| is_float(&item.kind)) {
            return Ok(Px::ZERO);
        }
        let height = self.strut(cx.style).line_height * MOST_LINES as f32;
        let band = floats.band(origin.y, height, origin.x, origin.x + cx.width);
        if band.right - band.left < cx.width - TOLERANCE {
            return Ok(Px::ZERO);
        }
        // Of what is clamped, only what is shown could be balanced.
        let most = self
            .lines_left
            .get()
            .map_or(MOST_LINES, |left| MOST_LINES.min(left as usize));
        let Some(lines) = self.lines_within(cx, cx.width, most)? else {
            return Ok(Px::ZERO);
        };
        if lines < 2 {
            return Ok(Px::ZERO);
        }
        let (mut narrow, mut wide) = (Px::ZERO, cx.width);
        for _ in 0..STEPS {
            let middle = (narrow + wide) / 2.0;
            match self.lines_within(cx, middle, lines)? {
                Some(_) => wide = middle,
                None => narrow = middle,
            }
        }
        Ok(cx.width - wide)
    }

    /// How many lines there are within `width`; none where they are more than `most`, or one ends in a word
    /// or a forced break, or sticks out.
    fn lines_within(&self, cx: &Context<'_>, width: Px, most: usize) -> Step<Option<usize>> {
        let segments = &cx.shaped.segments;
        let text = &cx.shaped.paragraph.text;
        let (mut next, mut start, mut lines) = (0, 0, 0);
        while next < segments.len() {
            let indent = indent(text, start, &cx.style.text, cx.width);
            let room = Room {
                next,
                start,
                indent,
                width: width - indent,
            };
            let fill = self.fill(cx, room)?;
            lines += 1;
            if lines > most || fill.width > room.width + TOLERANCE {
                return Ok(None);
            }
            next = fill.until;
            let last = &segments[next - 1];
            let torn = matches!(last.kind, Some(BreakKind::Mandatory | BreakKind::Emergency));
            if torn && next < segments.len() {
                return Ok(None);
            }
            start = last.end;
        }
        Ok(Some(lines))
    }
}
