//! Metrics of a face, as browsers read them.

use crate::fonts::MetricsAdjustment;
use harfrust::{Font, Tag};
use read_fonts::tables::os2::SelectionFlags;
use read_fonts::types::Fixed;
use read_fonts::{FontRef, TableProvider};

/// Metrics in font units.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names are the OpenType tables'")]
pub struct FaceMetrics {
    pub units_per_em: f32,
    /// As browsers take it: hhea, or OS/2 typo with USE_TYPO_METRICS; positive upwards.
    pub ascent: f32,
    /// Positive downwards.
    pub descent: f32,
    pub line_gap: f32,
    pub x_height: f32,
    pub cap_height: f32,
    /// Synthetic small capitals are this much of the font's size.
    pub small_caps: f32,
    /// Advance of the digit zero; half an em where the face has none.
    pub zero_advance: f32,
    pub underline_position: f32,
    pub underline_thickness: f32,
    pub strikeout_position: f32,
    pub strikeout_thickness: f32,
    pub italic_angle: f32,
    /// x_min, y_min, x_max, y_max of all glyphs.
    pub bounds: [f32; 4],
    /// OS/2 weight class.
    pub weight_class: u16,
    pub fixed_pitch: bool,
    pub serif: bool,
}

impl Default for FaceMetrics {
    /// Plausible values for a face that has none.
    fn default() -> Self {
        Self {
            units_per_em: 1000.0,
            ascent: 800.0,
            descent: 200.0,
            line_gap: 0.0,
            x_height: 500.0,
            cap_height: 700.0,
            small_caps: 0.8,
            zero_advance: 500.0,
            underline_position: -100.0,
            underline_thickness: 50.0,
            strikeout_position: 250.0,
            strikeout_thickness: 50.0,
            italic_angle: 0.0,
            bounds: [0.0, -200.0, 1000.0, 800.0],
            weight_class: 400,
            fixed_pitch: false,
            serif: false,
        }
    }
}

impl FaceMetrics {
    /// Reads head, hhea, OS/2 and post; what a font lacks is estimated from its em.
    pub(crate) fn read(tables: &FontRef<'_>) -> Self {
        let mut metrics = Self::default();
        if let Ok(head) = tables.head() {
            let em = f32::from(head.units_per_em().max(1));
            metrics = metrics.scaled(em / metrics.units_per_em);
            metrics.units_per_em = em;
            metrics.bounds =
                [head.x_min(), head.y_min(), head.x_max(), head.y_max()].map(f32::from);
        }
        let em = metrics.units_per_em;
        let mut vertical = None;
        if let Ok(hhea) = tables.hhea() {
            let (ascent, descent) = (hhea.ascender().to_i16(), hhea.descender().to_i16());
            if ascent != 0 || descent != 0 {
                vertical = Some((
                    f32::from(ascent),
                    f32::from(descent).abs(),
                    f32::from(hhea.line_gap().to_i16()),
                ));
            }
        }
        if let Ok(os2) = tables.os2() {
            let typo = (
                f32::from(os2.s_typo_ascender()),
                f32::from(os2.s_typo_descender()).abs(),
                f32::from(os2.s_typo_line_gap()),
            );
            if os2
                .fs_selection()
                .contains(SelectionFlags::USE_TYPO_METRICS)
            {
                vertical = Some(typo);
            }
            if vertical.is_none() {
                let win = (
                    f32::from(os2.us_win_ascent()),
                    f32::from(os2.us_win_descent()),
                    0.0,
                );
                vertical = Some(if typo.0 != 0.0 || typo.1 != 0.0 {
                    typo
                } else {
                    win
                })
                .filter(|(ascent, descent, _)| ascent + descent > 0.0);
            }
            metrics.weight_class = os2.us_weight_class();
            metrics.strikeout_position = f32::from(os2.y_strikeout_position());
            metrics.strikeout_thickness = f32::from(os2.y_strikeout_size());
            let positive = |height: Option<i16>| height.filter(|&h| h > 0).map(f32::from);
            let (x_height, cap_height) = (positive(os2.sx_height()), positive(os2.s_cap_height()));
            if let (Some(x_height), Some(cap_height)) = (x_height, cap_height) {
                // As high as lower case. CSS Fonts 4 §6.6 leaves the size open; Pango, and with it WeasyPrint,
                // takes this one and 0.8 without.
                metrics.small_caps = (x_height / cap_height).min(1.0);
            }
            // Older tables lack them; the letters have them all the same.
            metrics.x_height = x_height
                .or_else(|| top_of(tables, 'x'))
                .unwrap_or(metrics.x_height);
            metrics.cap_height = cap_height
                .or_else(|| top_of(tables, 'H'))
                .unwrap_or(metrics.cap_height);
            metrics.serif = is_serif(os2.s_family_class(), os2.panose_10());
        }
        if let Some((ascent, descent, line_gap)) = vertical {
            metrics.ascent = ascent;
            metrics.descent = descent;
            metrics.line_gap = line_gap.max(0.0);
        }
        let zero = tables
            .cmap()
            .ok()
            .and_then(|cmap| cmap.map_codepoint('0'))
            .filter(|glyph| glyph.to_u32() != 0);
        if let (Some(zero), Ok(hmtx)) = (zero, tables.hmtx())
            && let Some(advance) = hmtx.advance(zero)
        {
            metrics.zero_advance = f32::from(advance);
        }
        if let Ok(post) = tables.post() {
            metrics.underline_position = f32::from(post.underline_position().to_i16());
            metrics.underline_thickness = f32::from(post.underline_thickness().to_i16());
            metrics.italic_angle = post.italic_angle().to_f32();
            metrics.fixed_pitch = post.is_fixed_pitch() != 0;
        }
        if metrics.underline_thickness <= 0.0 {
            metrics.underline_thickness = em / 20.0;
        }
        if metrics.strikeout_thickness <= 0.0 {
            metrics.strikeout_thickness = metrics.underline_thickness;
        }
        if metrics.strikeout_position <= 0.0 {
            metrics.strikeout_position = metrics.x_height / 2.0;
        }
        metrics
    }

    /// With what the font says of its metrics where `font` is on its axes.
    pub(crate) fn varied(mut self, tables: &FontRef<'_>, font: &Font) -> Self {
        if font.normalized_coords().is_empty() {
            return self;
        }
        if let Ok(table) = tables.mvar() {
            for (tag, value, sign) in [
                (b"hasc", &mut self.ascent, 1.0),
                (b"hdsc", &mut self.descent, -1.0),
                (b"hlgp", &mut self.line_gap, 1.0),
                (b"xhgt", &mut self.x_height, 1.0),
                (b"cpht", &mut self.cap_height, 1.0),
                (b"undo", &mut self.underline_position, 1.0),
                (b"unds", &mut self.underline_thickness, 1.0),
                (b"stro", &mut self.strikeout_position, 1.0),
                (b"strs", &mut self.strikeout_thickness, 1.0),
            ] {
                let delta = table.metric_delta(Tag::new(tag), font.normalized_coords());
                *value += sign * delta.map_or(0.0, Fixed::to_f32);
            }
        }
        if let Some(zero) = font.charmap().map_unicode('0') {
            self.zero_advance = font.glyph_metrics().h_advance(zero);
        }
        self
    }

    /// With the metrics that `@font-face` gives instead.
    pub(crate) fn adjusted(mut self, adjustment: &MetricsAdjustment) -> Self {
        let em = self.units_per_em;
        let given = |value: Option<f32>, own: f32| value.map_or(own, |value| value * em);
        self.ascent = given(adjustment.ascent, self.ascent);
        self.descent = given(adjustment.descent, self.descent);
        self.line_gap = given(adjustment.line_gap, self.line_gap);
        self
    }

    fn scaled(mut self, by: f32) -> Self {
        for value in [
            &mut self.ascent,
            &mut self.descent,
            &mut self.x_height,
            &mut self.cap_height,
            &mut self.zero_advance,
            &mut self.underline_position,
            &mut self.underline_thickness,
            &mut self.strikeout_position,
            &mut self.strikeout_thickness,
        ] {
            *value *= by;
        }
        self
    }
}

/// How high the outline of `character` is, in a font with TrueType outlines.
fn top_of(tables: &FontRef<'_>, character: char) -> Option<f32> {
    let glyph = tables.cmap().ok()?.map_codepoint(character)?;
    let outlines = tables.glyf().ok()?;
    let outline = tables
        .loca(None)
        .ok()?
        .get(glyph, &outlines)?
        .into_glyph()?;
    Some(f32::from(outline.y_max())).filter(|top| *top > 0.0)
}

/// OS/2 sFamilyClass 1–5 and 7 are serifs; else PANOSE serif style of Latin text, 2 to 10.
fn is_serif(family_class: i16, panose: &[u8]) -> bool {
    match family_class >> 8 {
        1..=5 | 7 => true,
        8..=10 | 12 => false,
        _ => matches!(panose, [2, 2..=10, ..]),
    }
}
