//! Glyphs of a piece of a line.

use super::Painter;
use crate::fragment::TextPiece;
use crate::layout::is_opportunity;
use fanfold_geometry::{Color, Point, Px, Transform};
use fanfold_paint::{Drawing, Item, PositionedGlyph, TextRun};
use fanfold_style::computed::{Shadow, TextJustify};
use fanfold_text::{Glyph, Paragraph, Run};
use std::ops::Range;
use std::sync::{Arc, LazyLock};

/// A word joiner, which is no text to extract.
static NO_TEXT: LazyLock<Arc<str>> = LazyLock::new(|| "\u{2060}".into());
/// Most glyphs of shadows on a sheet that are drawn as shapes.
const MOST_SHAPES: usize = 1000;
/// Where a blurred shadow is drawn besides its place, in blur radii: two rings.
const BLUR_COPIES: [(f32, f32); 12] = [
    (0.3, 0.0),
    (0.15, 0.26),
    (-0.15, 0.26),
    (-0.3, 0.0),
    (-0.15, -0.26),
    (0.15, -0.26),
    (0.56, 0.33),
    (0.0, 0.65),
    (-0.56, 0.33),
    (-0.56, -0.33),
    (0.0, -0.65),
    (0.56, -0.33),
];

impl Painter<'_> {
    /// The glyphs of `piece`, of `paragraph` where layout did not insert it, with the pen starting at
    /// `origin`.
    pub(super) fn text(
        &mut self,
        paragraph: &Paragraph,
        piece: &TextPiece,
        origin: Point,
        color: Color,
    ) {
        if color.is_transparent() {
            return;
        }
        self.glyphs(paragraph, piece, origin, color);
    }

    /// The same, in a transparent colour too.
    pub(super) fn glyphs(
        &mut self,
        paragraph: &Paragraph,
        piece: &TextPiece,
        origin: Point,
        color: Color,
    ) {
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
        let run = &paragraph.runs[visual.run];
        let glyphs = paragraph.glyphs(visual);
        self.run(
            paragraph,
            run,
            glyphs,
            visual.range.clone(),
            origin,
            color,
            (piece.space, piece.justify),
        );
    }

    /// A shadow of `piece` (CSS Text Decoration 3 §4): shapes that stand for no text. A blur, whose standard
    /// deviation is half its radius, is drawn as copies around the place, as there is none in PDF.
    pub(super) fn text_shadow(
        &mut self,
        paragraph: &Paragraph,
        piece: &TextPiece,
        origin: Point,
        shadow: &Shadow,
    ) {
        let at = origin + Point::new(shadow.x, shadow.y);
        let before = self.sheet.items.len();
        if shadow.blur <= Px(0.1) {
            self.text(paragraph, piece, at, shadow.color);
            let mut copy = self.sheet.items.split_off(before);
            self.unread(&mut copy);
            self.sheet.items.extend(copy);
            return;
        }
        // Of so many layers the whole is as opaque as it is to be, or nearly.
        let clear = 1.0 - shadow.color.a.clamp(0.0, 0.95);
        let layers = (1 + BLUR_COPIES.len()) as f32;
        let color = Color {
            a: 1.0 - clear.powf(1.0 / layers),
            ..shadow.color
        };
        self.text(paragraph, piece, at, color);
        let mut copy = self.sheet.items.split_off(before);
        if copy.is_empty() {
            return;
        }
        self.unread(&mut copy);
        let copy = Arc::new(Drawing::new(copy));
        self.sheet.items.push(Item::Drawing(Arc::clone(&copy)));
        for (x, y) in BLUR_COPIES {
            let by = Transform::translate(shadow.blur * x, shadow.blur * y);
            self.sheet.items.push(Item::PushTransform(by));
            self.sheet.items.push(Item::Drawing(Arc::clone(&copy)));
            self.sheet.items.push(Item::Pop);
        }
    }

    /// Makes glyphs of a shadow stand for no text: the first on a sheet, as headings have them, as shapes, which take
    /// some 300 bytes each; more of them say that they are none (`ActualText`), which not all readers know.
    fn unread(&mut self, items: &mut [Item]) {
        let glyphs = |item: &Item| match item {
            Item::Text(run) => run.glyphs.len(),
            _ => 0,
        };
        self.shadowed += items.iter().map(glyphs).sum::<usize>();
        if self.shadowed <= MOST_SHAPES {
            return as_shapes(items);
        }
        for item in items {
            if let Item::Text(run) = item {
                run.text = Arc::clone(&NO_TEXT);
                let all = (0, u32::try_from(NO_TEXT.len()).unwrap_or(0));
                run.glyphs.iter_mut().for_each(|glyph| glyph.text = all);
            }
        }
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
        let inside = |byte: usize| byte.clamp(range.start, range.end) - range.start;
        let mut x = Px::ZERO;
        let mut positioned = Vec::with_capacity(glyphs.len());
        // The byte after the cluster is where the next one starts; in visual order that stands before it
        // where the text runs right to left.
        let mut before = range.end;
        let mut rest = glyphs;
        let lone = space == Px::ZERO
            && !rtl
            && glyphs
                .windows(2)
                .all(|pair| pair[0].cluster < pair[1].cluster);
        if lone {
            // Nearly all text: one glyph a cluster, and nothing stretched.
            let ends = glyphs[1..].iter().map(|next| next.cluster as usize);
            for (glyph, end) in glyphs.iter().zip(ends.chain([range.end])) {
                let text = (inside(glyph.cluster as usize), inside(end));
                positioned.push(PositionedGlyph {
                    id: glyph.id,
                    x: x + glyph.x_offset,
                    y: glyph.y_offset,
                    advance: glyph.advance,
                    text: (text.0 as u32, text.1 as u32),
                });
                x += glyph.advance;
            }
            rest = &[];
        }
        for cluster in rest.chunk_by(|one, other| one.cluster == other.cluster) {
            rest = &rest[cluster.len()..];
            let first = cluster[0].cluster as usize;
            let after = rest.first().map_or(range.end, |next| next.cluster as usize);
            let end = if rtl { before } else { after };
            before = first;
            let (start, end) = (inside(first), inside(end));
            // Justification goes once to each separator's cluster, after its last glyph.
            let separator = space != Px::ZERO
                && text
                    .get(start..)
                    .and_then(|rest| rest.chars().next())
                    .is_some_and(|character| is_opportunity(character, justify));
            for (position, glyph) in cluster.iter().enumerate() {
                let last = position + 1 == cluster.len();
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

/// Makes glyphs stand for no text.
pub(super) fn as_shapes(items: &mut [Item]) {
    for item in items {
        if let Item::Text(run) = item {
            *item = Item::Shapes(run.clone());
        }
    }
}
