//! Glyphs as filled paths: what has the shape of text and stands for none.
//!
//! Copies of glyphs, as a shadow is made of, would be found and copied out with the text itself by readers that do
//! not know `ActualText` (ISO 32000-2 §14.9.4), several times over and letter by letter.

use crate::canvas::Canvas;
use crate::color_glyph::{ColorGlyph, at_size};
use crate::content::Content;
use crate::page_space::length;
use crate::text_ops::{EMBOLDENING, SLANT};
use crate::{Mask, Path, PathSegment, PositionedGlyph, TextRun};
use fanfold_geometry::{Point, Px, Rect, Transform};
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
        let mut colored: Vec<(&PositionedGlyph, Arc<ColorGlyph>)> = Vec::new();
        for glyph in &run.glyphs {
            if face.colors
                && let Some((drawing, _)) = self.resources.color_glyph(&face, glyph.id, run.color)
            {
                colored.push((glyph, drawing));
                continue;
            }
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
        for (glyph, drawing) in colored {
            self.silhouette(run, glyph, &drawing);
        }
    }

    /// Fills the shape of a glyph with colours of its own, which is where it is not transparent.
    fn silhouette(&mut self, run: &TextRun, glyph: &PositionedGlyph, drawing: &ColorGlyph) {
        let place = Transform::translate(run.origin.x + glyph.x, run.origin.y - glyph.y);
        let slant = if run.synthetic_oblique { SLANT } else { 0.0 };
        let to = place.then_inner(at_size(run.size, slant as f32));
        let items = drawing.placed(to);
        if items.is_empty() {
            return;
        }
        let mask = Mask {
            items,
            luminance: false,
        };
        // Nothing that is drawn for text is farther from its pen.
        let (x, y, far) = (Px(place.e), Px(place.f), run.size * 4.0);
        let around = Rect::new(x - far, y - far, far * 2.0, far * 2.0);
        if self.push_mask(&mask) {
            self.fill_rect(around, run.color);
        }
        self.pop();
    }
}

/// Outlines in font units as a path, y up.
#[derive(Default)]
pub(crate) struct OutlinePath {
    path: Path,
    last: Point,
}

impl OutlinePath {
    pub(crate) fn finish(self) -> Path {
        self.path
    }

    fn to(&mut self, (x, y): (f32, f32), segment: impl FnOnce(Point) -> PathSegment) {
        self.last = Point::new(Px(x), Px(y));
        self.path.segments.push(segment(self.last));
    }
}

impl OutlinePen for OutlinePath {
    fn move_to(&mut self, x: f32, y: f32) {
        self.to((x, y), PathSegment::Move);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.to((x, y), PathSegment::Line);
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        let [one, two] = cubic((self.last.x.0, self.last.y.0), (cx, cy), (x, y));
        self.curve_to(one.0, one.1, two.0, two.1, x, y);
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        let control = [(cx0, cy0), (cx1, cy1)].map(|(x, y)| Point::new(Px(x), Px(y)));
        self.to((x, y), |end| {
            PathSegment::Curve(control[0], control[1], end)
        });
    }

    fn close(&mut self) {
        self.path.segments.push(PathSegment::Close);
    }
}

/// The control points of the cubic curve that is the same as a quadratic one: PDF has cubic curves alone.
fn cubic(from: (f32, f32), control: (f32, f32), to: (f32, f32)) -> [(f32, f32); 2] {
    let toward = |from: f32, to: f32| from + (to - from) * (2.0 / 3.0);
    [from, to].map(|end| (toward(end.0, control.0), toward(end.1, control.1)))
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
        let [first, second] = cubic(self.last, (cx, cy), (x, y));
        self.points([first, second, (x, y)], "c");
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        self.points([(cx0, cy0), (cx1, cy1), (x, y)], "c");
    }

    fn close(&mut self) {
        self.content.operator("h");
    }
}
