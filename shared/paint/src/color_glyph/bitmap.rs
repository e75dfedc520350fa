//! Bitmaps of glyphs: `sbix` and `CBDT`.

use super::EM;
use crate::PaintImage;
use fanfold_geometry::{Px, Rect};
use fanfold_text::FaceMetrics;
use read_fonts::TableProvider;
use read_fonts::tables::sbix::{GlyphData, Sbix};
use skrifa::bitmap::{BitmapData, BitmapFormat, BitmapStrikes, Origin};
use skrifa::instance::{Location, Size};
use skrifa::{FontRef, GlyphId, MetadataProvider, Tag};

/// Most pixels of a glyph: emoji have 160 a side.
const PIXELS: u64 = 1 << 20;
/// Strikes that are looked at.
const STRIKES: usize = 16;
/// Parts of a strike, which are searched one by one for each glyph.
const SUBTABLES: u32 = 4096;

/// The largest bitmap of a glyph and where it is, at [`EM`].
pub(super) fn read(
    font: &FontRef<'_>,
    location: &Location,
    glyph: GlyphId,
    metrics: &FaceMetrics,
) -> Option<(PaintImage, Rect)> {
    match font.sbix() {
        Ok(sbix) => sbix_bitmap(font, &sbix, location, glyph, metrics.units_per_em),
        Err(_) => cbdt_bitmap(font, glyph),
    }
}

fn sbix_bitmap(
    font: &FontRef<'_>,
    sbix: &Sbix<'_>,
    location: &Location,
    glyph: GlyphId,
    units_per_em: f32,
) -> Option<(PaintImage, Rect)> {
    let strikes = sbix.strikes();
    let found = strikes.iter().take(STRIKES).flatten().filter_map(|strike| {
        let data = strike.glyph_data(glyph).ok()??;
        let data = if data.graphic_type() == Tag::new(b"dupe") {
            // Another glyph's, but no further.
            let other = data
                .data()
                .first_chunk()
                .map(|id| u16::from_be_bytes(*id))?;
            strike.glyph_data(GlyphId::from(other)).ok()??
        } else {
            data
        };
        let known = [b"png ", b"jpg "].map(Tag::new);
        known
            .contains(&data.graphic_type())
            .then_some((f32::from(strike.ppem().max(1)), data))
    });
    let (ppem, data): (f32, GlyphData<'_>) =
        found.max_by(|one, other| one.0.total_cmp(&other.0))?;
    let image = PaintImage::decode(data.data(), PIXELS).ok()?;
    // The origin is where the outline's bounds are, as CoreText has it and Skia after it.
    let outline = font.glyph_metrics(Size::unscaled(), location);
    let corner = match outline.bounds(glyph) {
        Some(bounds) => (
            outline.left_side_bearing(glyph).unwrap_or(0.0),
            bounds.y_min,
        ),
        None => (0.0, 0.0),
    };
    let pixel = EM / ppem;
    let unit = EM / units_per_em;
    let (width, height) = (image.natural_width * pixel, image.natural_height * pixel);
    let left = f32::from(data.origin_offset_x()) * pixel + corner.0 * unit;
    let bottom = f32::from(data.origin_offset_y()) * pixel + corner.1 * unit;
    let place = Rect::new(Px(left), Px(-bottom - height), Px(width), Px(height));
    Some((image, place))
}

fn cbdt_bitmap(font: &FontRef<'_>, glyph: GlyphId) -> Option<(PaintImage, Rect)> {
    let locations = font.cblc().ok()?;
    let sizes = locations.bitmap_sizes();
    let strikes = BitmapStrikes::with_format(font, BitmapFormat::Cbdt)?;
    let found = (0..sizes.len().min(STRIKES)).filter_map(|index| {
        if sizes[index].number_of_index_subtables() > SUBTABLES {
            return None;
        }
        let bitmap = strikes.get(index)?.get(glyph)?;
        matches!(bitmap.data, BitmapData::Png(_)).then_some(bitmap)
    });
    let bitmap = found.max_by(|one, other| one.ppem_y.total_cmp(&other.ppem_y))?;
    let BitmapData::Png(data) = bitmap.data else {
        return None;
    };
    let image = PaintImage::decode(data, PIXELS).ok()?;
    let (across, down) = (EM / bitmap.ppem_x.max(1.0), EM / bitmap.ppem_y.max(1.0));
    let (width, height) = (image.natural_width * across, image.natural_height * down);
    let top = match bitmap.placement_origin {
        Origin::TopLeft => -bitmap.inner_bearing_y * down,
        Origin::BottomLeft => -bitmap.inner_bearing_y * down - height,
    };
    let left = bitmap.inner_bearing_x * across;
    let place = Rect::new(Px(left), Px(top), Px(width), Px(height));
    Some((image, place))
}
