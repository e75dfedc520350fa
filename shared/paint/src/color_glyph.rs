//! Glyphs with colours of their own (OpenType `COLR`, `sbix`, `CBDT`).

mod bitmap;
mod layers;
mod paint_graph;

use crate::{Item, PaintImage};
use fanfold_geometry::{Color, Px, Rect, Transform};
use fanfold_text::Face;
use skrifa::{FontRef, GlyphId, MetadataProvider, Tag};
use std::sync::Arc;

/// The em of a glyph's drawing: a thousand points, which are the units of fonts in PDF.
const EM: f32 = 4000.0 / 3.0;
/// What glyphs of colours may cost a document, in bytes: hostile fonts hold bitmaps of a million pixels, and
/// paint graphs of thousands of outlines, for each of their glyphs. All emoji that there are come to less.
pub(crate) const BUDGET: usize = 64 << 20;

/// What a glyph shows.
#[derive(Debug)]
pub(crate) struct ColorGlyph {
    pub(crate) shows: Shows,
    /// What it takes of the [`BUDGET`].
    pub(crate) cost: usize,
    /// It is drawn in the text's colour, with others or alone.
    pub(crate) foreground: bool,
}

/// The same in pixels from the pen, y down, at [`EM`].
#[derive(Debug)]
pub(crate) enum Shows {
    Nothing,
    Image(Arc<PaintImage>, Rect),
    Items(Vec<Item>),
}

impl ColorGlyph {
    pub(crate) const NOTHING: Self = Self {
        shows: Shows::Nothing,
        cost: 0,
        foreground: false,
    };

    /// Reads a glyph in text of a colour; none where it has no colours but an outline, or could have one.
    pub(crate) fn read(face: &Face, glyph: u16, color: Color) -> Option<Self> {
        let font = FontRef::from_index(&face.data, face.index).ok()?;
        let id = GlyphId::from(glyph);
        let axes = face.location.iter();
        let axes = axes.map(|(tag, value)| (Tag::new(tag), *value));
        let location = font.axes().location(axes);
        if let Some(glyph) = font.color_glyphs().get(id) {
            let scale = EM / face.metrics.units_per_em;
            let items = layers::draw(&font, &location, (&glyph, id), color, scale);
            return Some(items.map_or(Self::NOTHING, Self::of_items));
        }
        if let Some((image, place)) = bitmap::read(&font, &location, id, &face.metrics) {
            let pixels = u64::from(image.width) * u64::from(image.height);
            return Some(Self {
                // Two pixels for a byte: what takes no memory takes time to be read.
                cost: image.size() + usize::try_from(pixels / 2).unwrap_or(usize::MAX),
                shows: Shows::Image(Arc::new(image), place),
                foreground: false,
            });
        }
        // In a font of bitmaps alone the space is no bitmap.
        let outlined = font.outline_glyphs().format().is_some();
        (!outlined).then_some(Self::NOTHING)
    }

    fn of_items((items, foreground): (Vec<Item>, bool)) -> Self {
        Self {
            cost: items.iter().map(Item::size).sum(),
            shows: Shows::Items(items),
            foreground,
        }
    }

    /// The items that draw it as it is, with `to` from its own coordinates.
    pub(crate) fn placed(&self, to: Transform) -> Vec<Item> {
        let mut items = vec![Item::PushTransform(to)];
        match &self.shows {
            Shows::Nothing => return Vec::new(),
            Shows::Image(image, place) => items.push(Item::Image(Arc::clone(image), *place)),
            Shows::Items(own) => items.extend_from_slice(own),
        }
        items.push(Item::Pop);
        items
    }
}

/// From the coordinates of a glyph's drawing to those of text of `size` with the pen at a place.
pub(crate) fn at_size(size: Px, slant: f32) -> Transform {
    let scale = size.0 / EM;
    Transform {
        a: scale,
        d: scale,
        // Upwards is negative.
        c: -slant * scale,
        ..Transform::IDENTITY
    }
}
