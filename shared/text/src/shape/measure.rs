//! Widths of plain text that is not drawn yet: what a column asks for, without keeping the glyphs of all its cells.

use super::{RunShaper, SCRATCH, Shaper};
use crate::bidi::Levels;
use crate::clusters::Clusters;
use crate::itemise::plain_item;
use crate::paragraph::{HyphenLimits, LineBreakRules, Span, TextDirection};
use crate::{Fonts, breaks};
use fanfold_geometry::Px;
use std::slice;

/// How wide plain text is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TextWidths {
    /// Of its widest part between two breaks.
    pub widest: Px,
    /// On one line.
    pub line: Px,
}

impl Shaper {
    /// The widths that the paragraph of [`Self::shape`] has, without the white space at its lines' ends, which must
    /// be of a kind that vanishes there (CSS Text 3 §4.1.2).
    ///
    /// None where only the paragraph can tell: for what is not ASCII in one style from left to right, and for
    /// other rules of line breaking than `nowrap` and emergency breaks.
    pub fn measure(
        &self,
        fonts: &Fonts,
        text: &str,
        span: &Span,
        direction: TextDirection,
    ) -> Option<TextWidths> {
        let rules = LineBreakRules {
            nowrap: false,
            emergency: false,
            hyphen_limits: HyphenLimits::default(),
            ..span.rules
        };
        if rules != LineBreakRules::default()
            || u32::try_from(text.len()).is_err()
            || !breaks::is_plain(text)
        {
            return None;
        }
        let levels = Levels::of(text, direction);
        let item = plain_item(fonts, text, slice::from_ref(span), &levels)?;
        let mut shaper = RunShaper {
            fonts,
            words: &self.words,
            text,
            scratch: SCRATCH.take().unwrap_or_default(),
            clusters: Clusters::new(0),
        };
        shaper.scratch.glyphs.clear();
        shaper.scratch.widths.clear();
        shaper.text_run(&item, span, false);
        let widths = sum(text, &shaper.scratch.widths, span.rules.nowrap);
        SCRATCH.set(Some(shaper.scratch));
        Some(widths)
    }
}

/// Adds up the `clusters` of plain `text`, given as where they start and how wide they are, in the precision of a
/// paragraph's.
fn sum(text: &str, clusters: &[(u32, f32)], nowrap: bool) -> TextWidths {
    let mut widths = TextWidths::default();
    let mut total = 0.0_f64;
    // Where the part between two breaks began, and the white space at its end.
    let (mut start, mut kept) = (0.0, None);
    let mut spaced = false;
    let part = |from: f64, to: f64| Px((to - from).clamp(0.0, f64::from(f32::MAX)) as f32);
    for &(offset, width) in clusters {
        let space = text.as_bytes().get(offset as usize) == Some(&b' ');
        if !space && spaced && !nowrap {
            let all = part(start, total);
            widths.line += all;
            widths.widest = widths.widest.max(all - part(kept.unwrap_or(total), total));
            start = total;
        }
        if !space {
            kept = None;
        } else if kept.is_none() {
            kept = Some(total);
        }
        spaced = space;
        if width.is_finite() {
            total += f64::from(width);
        }
    }
    let (all, gone) = (part(start, total), part(kept.unwrap_or(total), total));
    widths.widest = widths.widest.max(all - gone);
    widths.line += all;
    widths.line -= gone;
    widths
}
