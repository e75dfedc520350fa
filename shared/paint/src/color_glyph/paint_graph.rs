//! What a `COLR` paint graph costs to follow. Paints may be shared, so that a graph of a few bytes has more
//! ways through it than can be gone, and each may end in a gradient of 65,535 stops.

use read_fonts::ReadError;
use read_fonts::tables::colr::{Colr, Paint};
use skrifa::GlyphId;

/// Paints nested deeper than this are refused by who draws them.
const DEEPEST: usize = 64;
/// Paints and stops of one glyph.
const LARGEST: usize = 100_000;

/// Whether the graph of a glyph is one that can be drawn.
pub(super) fn is_bounded(colr: &Colr<'_>, glyph: GlyphId) -> bool {
    let mut walk = Walk {
        colr,
        left: LARGEST,
    };
    match colr.v1_base_glyph(glyph) {
        Some((paint, _)) => walk.follow(&paint, 0).is_some(),
        None => true,
    }
}

struct Walk<'w, 'a> {
    colr: &'w Colr<'a>,
    left: usize,
}

impl<'a> Walk<'_, 'a> {
    /// Counts a paint and all that it leads to; none where that is too much, or is not there.
    fn follow(&mut self, paint: &Paint<'a>, depth: usize) -> Option<()> {
        self.spend(1)?;
        if depth > DEEPEST {
            return None;
        }
        match paint {
            Paint::ColrLayers(layers) => {
                let first = layers.first_layer_index() as usize;
                for index in 0..usize::from(layers.num_layers()) {
                    let (layer, _) = self.colr.v1_layer(first.checked_add(index)?)?;
                    self.follow(&layer, depth + 1)?;
                }
                Some(())
            }
            Paint::ColrGlyph(glyph) => {
                let (paint, _) = self.colr.v1_base_glyph(glyph.glyph_id().into())?;
                self.follow(&paint, depth + 1)
            }
            Paint::Composite(composite) => {
                self.follow(&composite.backdrop_paint().ok()?, depth + 1)?;
                self.follow(&composite.source_paint().ok()?, depth + 1)
            }
            Paint::Solid(_) | Paint::VarSolid(_) => Some(()),
            Paint::LinearGradient(paint) => self.stops(paint.color_line().ok()?.num_stops()),
            Paint::VarLinearGradient(paint) => self.stops(paint.color_line().ok()?.num_stops()),
            Paint::RadialGradient(paint) => self.stops(paint.color_line().ok()?.num_stops()),
            Paint::VarRadialGradient(paint) => self.stops(paint.color_line().ok()?.num_stops()),
            Paint::SweepGradient(paint) => self.stops(paint.color_line().ok()?.num_stops()),
            Paint::VarSweepGradient(paint) => self.stops(paint.color_line().ok()?.num_stops()),
            within => self.follow(&inner(within)?.ok()?, depth + 1),
        }
    }

    fn stops(&mut self, count: u16) -> Option<()> {
        self.spend(usize::from(count))
    }

    fn spend(&mut self, count: usize) -> Option<()> {
        self.left = self.left.checked_sub(count)?;
        Some(())
    }
}

/// What a paint clips or transforms.
fn inner<'a>(paint: &Paint<'a>) -> Option<Result<Paint<'a>, ReadError>> {
    Some(match paint {
        Paint::Glyph(paint) => paint.paint(),
        Paint::Glyph2(paint) => paint.paint(),
        Paint::Transform(paint) => paint.paint(),
        Paint::VarTransform(paint) => paint.paint(),
        Paint::Translate(paint) => paint.paint(),
        Paint::VarTranslate(paint) => paint.paint(),
        Paint::Scale(paint) => paint.paint(),
        Paint::VarScale(paint) => paint.paint(),
        Paint::ScaleAroundCenter(paint) => paint.paint(),
        Paint::VarScaleAroundCenter(paint) => paint.paint(),
        Paint::ScaleUniform(paint) => paint.paint(),
        Paint::VarScaleUniform(paint) => paint.paint(),
        Paint::ScaleUniformAroundCenter(paint) => paint.paint(),
        Paint::VarScaleUniformAroundCenter(paint) => paint.paint(),
        Paint::Rotate(paint) => paint.paint(),
        Paint::VarRotate(paint) => paint.paint(),
        Paint::RotateAroundCenter(paint) => paint.paint(),
        Paint::VarRotateAroundCenter(paint) => paint.paint(),
        Paint::Skew(paint) => paint.paint(),
        Paint::VarSkew(paint) => paint.paint(),
        Paint::SkewAroundCenter(paint) => paint.paint(),
        Paint::VarSkewAroundCenter(paint) => paint.paint(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use read_fonts::{FontData, FontRead};

    /// A `COLR` table of glyph 1, whose paint is layer 0; each layer is `fan` layers from the one that `next` of
    /// its number gives, and as many as that follow them, which are colours.
    fn table(layers: u32, fan: u8, next: impl Fn(u32) -> u32) -> Vec<u8> {
        const HEADER: u32 = 34;
        const GLYPHS: u32 = 4 + 6;
        let mut table = vec![0, 1];
        table.resize(14, 0);
        table.extend(HEADER.to_be_bytes());
        table.extend((HEADER + GLYPHS + 6).to_be_bytes());
        table.resize(HEADER as usize, 0);
        let paint = |first: u32| [&[1, fan][..], &first.to_be_bytes()].concat();
        // One glyph, and its paint behind the list.
        table.extend(1_u32.to_be_bytes());
        table.extend([0, 1]);
        table.extend(GLYPHS.to_be_bytes());
        table.extend(paint(0));
        let all = layers - 1 + u32::from(fan);
        table.extend(all.to_be_bytes());
        let first = 4 + 4 * all;
        (0..all).for_each(|layer| table.extend((first + 6 * layer).to_be_bytes()));
        for layer in 0..layers - 1 {
            table.extend(paint(next(layer)));
        }
        table.extend([2, 0, 0, 0x40, 0, 0].repeat(usize::from(fan)));
        table
    }

    fn bounded(table: &[u8]) -> bool {
        let colr = Colr::read(FontData::new(table)).expect("a table");
        assert!(colr.v1_base_glyph(GlyphId::new(1)).is_some(), "a glyph");
        is_bounded(&colr, GlyphId::new(1))
    }

    #[test]
    fn graphs_of_too_many_ways_are_refused() {
        assert!(bounded(&table(20, 1, |layer| layer + 1)));
        assert!(!bounded(&table(90, 1, |layer| layer + 1)), "too deep");
        assert!(!bounded(&table(5, 1, |layer| layer)), "a cycle");
        assert!(bounded(&table(10, 2, |layer| layer + 1)));
        let mut doubled = table(40, 2, |layer| layer + 1);
        assert!(!bounded(&doubled), "too many ways");
        doubled.truncate(60);
        assert!(!bounded(&doubled), "cut short");
    }
}
