//! Glyphs of a piece of a line.

use super::Painter;
use crate::boxes::InlineContent;
use crate::fragment::TextPiece;
use crate::layout::is_opportunity;
use fanfold_geometry::{Color, Point, Px};
use fanfold_paint::{Item, PositionedGlyph, TextRun};
use fanfold_style::computed::TextJustify;
use fanfold_text::{Glyph, Paragraph, Run};
use std::ops::Range;

impl Painter<'_> {
    /// The glyphs of `piece` with the pen starting at `origin`.
    pub(super) fn text(
        &mut self,
        content: &InlineContent,
        piece: &TextPiece,
        origin: Point,
        color: Color,
    ) {
        if color.is_transparent() {
            return;
        }
        let Some(visual) = &piece.run else {
            let Some(inserted) = &piece.inserted else {
                return;
            };
            let mut x = origin.x;
            for visual in inserted.visual(0..inserted.text.len()) {
                let run = &inserted.runs[visual.run];
                let at = Point::new(x, origin.y);
                let glyphs = inserted.glyphs(&visual);
                let space = (Px::ZERO, piece.justify);
                self.run(
                    inserted,
                    run,
                    glyphs,
                    visual.range.clone(),
                    at,
                    color,
                    space,
                );
                x += inserted.width(visual.range);
            }
            return;
        };
        let Some(shaped) = content.shaped.get() else {
            return;
        };
        let run = &shaped.paragraph.runs[visual.run];
        let glyphs = shaped.paragraph.glyphs(visual);
        self.run(
            &shaped.paragraph,
            run,
            glyphs,
            visual.range.clone(),
            origin,
            color,
            (piece.space, piece.justify),
        );
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "all that makes up a run of glyphs"
    )]
    fn run(
        &mut self,
        paragraph: &Paragraph,
        run: &Run,
        glyphs: &[Glyph],
        range: Range<usize>,
        origin: Point,
        color: Color,
        (space, justify): (Px, TextJustify),
    ) {
        if glyphs.is_empty() || !origin.x.is_finite() || !origin.y.is_finite() {
            return;
        }
        let text = &paragraph.text[range.clone()];
        let rtl = run.level % 2 == 1;
        let clusters = cluster_ends(glyphs, range.end, rtl);
        let mut x = Px::ZERO;
        let mut positioned = Vec::with_capacity(glyphs.len());
        for (position, glyph) in glyphs.iter().enumerate() {
            let start = (glyph.cluster as usize).clamp(range.start, range.end) - range.start;
            let end = clusters[position].clamp(range.start, range.end) - range.start;
            // Justification goes once to each separator's cluster, after its last glyph.
            let last = glyphs
                .get(position + 1)
                .is_none_or(|next| next.cluster != glyph.cluster);
            let separator = text
                .get(start..)
                .and_then(|rest| rest.chars().next())
                .is_some_and(|character| is_opportunity(character, justify));
            let extra = if last && separator { space } else { Px::ZERO };
            positioned.push(PositionedGlyph {
                id: glyph.id,
                x: x + glyph.x_offset,
                y: glyph.y_offset,
                advance: glyph.advance + extra,
                text: (
                    u32::try_from(start).unwrap_or(0),
                    u32::try_from(end.max(start)).unwrap_or(0),
                ),
            });
            x += glyph.advance + extra;
        }
        self.sheet.items.push(Item::Text(TextRun {
            face: run.face,
            size: run.size,
            color,
            origin,
            glyphs: positioned,
            text: text.into(),
            rtl,
            synthetic_bold: run.synthetic_bold,
            synthetic_oblique: run.synthetic_oblique,
        }));
    }
}

/// The byte after each glyph's cluster.
fn cluster_ends(glyphs: &[Glyph], end: usize, rtl: bool) -> Vec<usize> {
    let mut ends = vec![end; glyphs.len()];
    let mut next = end;
    let mut current = None;
    let mut visit = |position: usize| {
        let cluster = glyphs[position].cluster as usize;
        match current {
            Some((known, known_end)) if known == cluster => ends[position] = known_end,
            Some((known, _)) => {
                next = known;
                ends[position] = next;
                current = Some((cluster, next));
            }
            None => {
                ends[position] = next;
                current = Some((cluster, next));
            }
        }
    };
    // From the logical end backwards.
    if rtl {
        (0..glyphs.len()).for_each(&mut visit);
    } else {
        (0..glyphs.len()).rev().for_each(&mut visit);
    }
    ends
}
