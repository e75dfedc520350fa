//! Glyphs as filled paths: what has the shape of text and stands for none.
//!
//! Copies of glyphs, as a shadow is made of, would be found and copied out with the text itself by readers that do
//! not know `ActualText` (ISO 32000-2 §14.9.4), several times over and letter by letter.

use crate::TextRun;
use crate::canvas::Canvas;
use crate::content::Content;
use crate::page_space::length;
use crate::text_ops::{EMBOLDENING, SLANT};
use fanfold_geometry::Px;
use skrifa::instance::Size;
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider, Tag};
use std::sync::Arc;

impl Canvas<'_, '_> {
    /// Fills the outlines of a run's glyphs.
    pub(crate) fn shapes(&mut self, run: &TextRun) {
        let face = Arc::clone(self.resources.face(run.face));
        let Ok(font) = FontRef::from_index(&face.data, face.index) else {
            return;
        };
        if run.color.is_transparent() || run.size <= Px::ZERO {
            return;
        }
        let axes = face.location.iter();
        let axes = axes.map(|(tag, value)| (Tag::new(tag), *value));
        let location = font.axes().location(axes);
        let outlines = font.outline_glyphs();
        self.fill_color(run.color);
        if run.synthetic_bold {
            self.stroke_color(run.color);
            self.line_width(length(run.size) * EMBOLDENING);
        }
        let mut pen = ShapePen {
            origin: (0.0, 0.0),
            scale: length(run.size) / f64::from(face.metrics.units_per_em.max(1.0)),
            slant: if run.synthetic_oblique { SLANT } else { 0.0 },
            last: (0.0, 0.0),
            content: &mut self.content,
            empty: true,
        };
        for glyph in &run.glyphs {
            let Some(outline) = outlines.get(GlyphId::from(glyph.id)) else {
                continue;
            };
            pen.origin = (
                self.space.x(run.origin.x + glyph.x),
                self.space.y(run.origin.y - glyph.y),
            );
            let settings = DrawSettings::unhinted(Size::unscaled(), &location);
            // What a damaged outline has before the damage is drawn.
            let _ = outline.draw(settings, &mut pen);
        }
        if !pen.empty {
            let paint = if run.synthetic_bold { "B" } else { "f" };
            self.content.operator(paint);
        }
    }
}

/// Writes outlines in font units as path construction operators (ISO 32000-2 §8.5.2).
struct ShapePen<'a> {
    origin: (f64, f64),
    scale: f64,
    slant: f64,
    /// The current point, in font units.
    last: (f32, f32),
    content: &'a mut Content,
    empty: bool,
}

impl ShapePen<'_> {
    fn points<const N: usize>(&mut self, points: [(f32, f32); N], operator: &str) {
        for (x, y) in points {
            let (x, y) = (f64::from(x), f64::from(y));
            let across = self.origin.0 + (x + y * self.slant) * self.scale;
            self.content
                .numbers([across, self.origin.1 + y * self.scale]);
        }
        self.last = points[N - 1];
        self.empty = false;
        self.content.operator(operator);
    }
}

impl OutlinePen for ShapePen<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        self.points([(x, y)], "m");
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.points([(x, y)], "l");
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        // PDF has cubic curves alone; this one is the same.
        let toward = |from: f32, to: f32| from + (to - from) * (2.0 / 3.0);
        let first = (toward(self.last.0, cx), toward(self.last.1, cy));
        self.points([first, (toward(x, cx), toward(y, cy)), (x, y)], "c");
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        self.points([(cx0, cy0), (cx1, cy1), (x, y)], "c");
    }

    fn close(&mut self) {
        self.content.operator("h");
    }
}
