//! Text as layout sees it: shaped with the embedded fonts, and with fonts that are not fonts.

mod bidi;
mod breaks;
mod faces;
mod hostile;
mod shaping;

use fanfold_geometry::Px;
use fanfold_text::{
    FaceDescription, FontQuery, FontSlant, Fonts, LineBreakRules, Paragraph, Run, Shaper,
    SmallCaps, Span, TextDirection,
};
use std::sync::{Arc, LazyLock};

/// All embedded fonts with their aliases and fallbacks, as the press sets them up.
static FONTS: LazyLock<Fonts> = LazyLock::new(|| {
    let mut fonts = Fonts::new();
    for face in fanfold_fonts::faces() {
        let weight = f32::from(face.weight);
        let description = FaceDescription {
            family: face.family.into(),
            weight: (weight, weight),
            slant: if face.italic {
                FontSlant::Italic
            } else {
                FontSlant::Normal
            },
            stretch: (1.0, 1.0),
            ..FaceDescription::default()
        };
        fonts.add_static(face.data(), description);
    }
    for (name, families) in fanfold_fonts::aliases() {
        fonts.alias(name, families);
    }
    for (script, families) in fanfold_fonts::fallbacks() {
        fonts.set_fallback(*script, families);
    }
    fonts
});

static SHAPER: LazyLock<Shaper> = LazyLock::new(Shaper::new);

fn query(family: &str) -> FontQuery {
    FontQuery {
        families: Arc::from([Arc::from(family)]),
        weight: 400.0,
        slant: FontSlant::Normal,
        stretch: 1.0,
        optical_size: 0.0,
        details: None,
    }
}

/// A span of 16 px text in `family` over the whole of `text`.
fn span(text: &str, family: &str) -> Span {
    Span {
        range: 0..text.len(),
        font: query(family),
        size: Px(16.0),
        letter_spacing: Px::ZERO,
        word_spacing: Px::ZERO,
        features: Vec::new(),
        kerning: true,
        caps: SmallCaps::None,
        language: None,
        rules: LineBreakRules::default(),
        atomic: None,
    }
}

fn shape_spans(text: &str, spans: &[Span]) -> Paragraph {
    SHAPER.shape(&FONTS, text.into(), spans, TextDirection::Ltr)
}

fn shape(text: &str, family: &str) -> Paragraph {
    shape_spans(text, &[span(text, family)])
}

fn shape_rtl(text: &str, family: &str) -> Paragraph {
    SHAPER.shape(
        &FONTS,
        text.into(),
        &[span(text, family)],
        TextDirection::Rtl,
    )
}

/// Glyph ids of the only run.
fn ids(paragraph: &Paragraph) -> Vec<u16> {
    assert_eq!(paragraph.runs.len(), 1, "{:?}", paragraph.runs);
    paragraph.runs[0]
        .glyphs
        .iter()
        .map(|glyph| glyph.id)
        .collect()
}

fn family_of(run: &Run) -> &'static str {
    let family = &FONTS.face(run.face).description.family;
    fanfold_fonts::faces()
        .iter()
        .find(|face| *face.family == **family)
        .expect("embedded")
        .family
}

/// What holds for every paragraph: runs cover the text, glyphs are ordered, and widths agree.
fn check(paragraph: &Paragraph) {
    let mut at = 0;
    for run in &paragraph.runs {
        assert_eq!(run.range.start, at, "runs are adjacent");
        at = run.range.end;
        let advances: f64 = run
            .glyphs
            .iter()
            .map(|glyph| f64::from(glyph.advance.0))
            .sum();
        if !run.glyphs.is_empty() {
            let width = f64::from(run.width.0);
            assert!(
                (advances - width).abs() < 0.01 + advances * 1e-6,
                "{advances} {width}"
            );
        }
        assert!((paragraph.width(run.range.clone()).0 - run.width.0).abs() < 0.01);
        let ordered = |a: u32, b: u32| if run.level % 2 == 0 { a <= b } else { a >= b };
        assert!(
            run.glyphs
                .windows(2)
                .all(|pair| ordered(pair[0].cluster, pair[1].cluster))
        );
        for glyph in run.glyphs.iter() {
            assert!(run.range.contains(&(glyph.cluster as usize)));
        }
    }
    assert_eq!(at, paragraph.text.len(), "runs cover the text");
    let mut last = 0;
    for found in &paragraph.breaks {
        assert!(found.offset > last && found.offset < paragraph.text.len());
        assert!(paragraph.text.is_char_boundary(found.offset));
        last = found.offset;
    }
}
