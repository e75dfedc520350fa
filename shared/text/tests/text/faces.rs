//! Embedded faces, their metrics, and font matching.

use crate::{FONTS, query};
use fanfold_text::{
    FaceDescription, FontError, FontQuery, FontSlant, Fonts, Shaper, TextDirection,
};
use std::sync::Arc;

fn data(file: &str) -> &'static [u8] {
    fanfold_fonts::faces()
        .iter()
        .find(|face| face.file == file)
        .expect("embedded")
        .data()
}

#[test]
fn embedded_faces_are_what_their_tables_say() {
    for embedded in fanfold_fonts::faces() {
        let mut fonts = Fonts::new();
        let id = fonts
            .add(Arc::from(embedded.data()), 0, None)
            .expect(embedded.file);
        let face = fonts.face(id);
        assert_eq!(&*face.description.family, embedded.family);
        assert_eq!(
            face.description.weight.0,
            f32::from(embedded.weight),
            "{}",
            embedded.file
        );
        assert_eq!(face.description.slant == FontSlant::Italic, embedded.italic);
        assert!(!face.cff && face.axes.is_empty());
        assert!(face.postscript_name.is_ascii() && !face.postscript_name.is_empty());
        let metrics = &face.metrics;
        assert!(metrics.ascent > 0.0 && metrics.descent > 0.0 && metrics.x_height > 0.0);
    }
}

#[test]
fn every_alias_and_fallback_is_embedded() {
    let embedded = |family: &str| {
        fanfold_fonts::faces()
            .iter()
            .any(|face| face.family == family)
    };
    for (name, families) in fanfold_fonts::aliases() {
        assert!(
            !families.is_empty() && families.iter().all(|family| embedded(family)),
            "{name}"
        );
        assert_eq!(name.to_lowercase(), *name);
    }
    for (_, families) in fanfold_fonts::fallbacks() {
        assert!(families.iter().all(|family| embedded(family)));
    }
    assert!(embedded(fanfold_fonts::LAST_RESORT));
}

#[test]
fn metrics_are_those_of_browsers() {
    let face = FONTS.face(FONTS.primary(&query("Arial")));
    let metrics = &face.metrics;
    assert_eq!(metrics.units_per_em, 2048.0);
    assert_eq!(
        (metrics.ascent, metrics.descent, metrics.line_gap),
        (1854.0, 434.0, 67.0)
    );
    assert_eq!((metrics.x_height, metrics.cap_height), (1082.0, 1409.0));
    assert!(!metrics.serif && !metrics.fixed_pitch);
    assert!(
        FONTS
            .face(FONTS.primary(&query("Courier")))
            .metrics
            .fixed_pitch
    );
    assert!(FONTS.face(FONTS.primary(&query("Times"))).metrics.serif);
}

#[test]
fn names_lead_to_embedded_families() {
    for (name, family) in [
        ("Arial", "Liberation Sans"),
        ("  HELVETICA neue", "Liberation Sans"),
        ("Times New Roman", "Liberation Serif"),
        ("monospace", "Liberation Mono"),
        ("Calibri", "Carlito"),
        ("Cambria", "Caladea"),
        ("liberation sans", "Liberation Sans"),
        ("No Such Family", "Liberation Sans"),
    ] {
        let face = FONTS.face(FONTS.primary(&query(name)));
        assert_eq!(&*face.description.family, family, "{name}");
    }
}

fn described(weight: f32, slant: FontSlant, stretch: f32) -> FaceDescription {
    FaceDescription {
        family: "F".into(),
        weight: (weight, weight),
        slant,
        stretch: (stretch, stretch),
        ..FaceDescription::default()
    }
}

#[test]
fn weights_match_as_css_says() {
    let mut fonts = Fonts::new();
    for weight in [300.0, 500.0, 800.0] {
        fonts.add_static(
            data("caladea/Caladea-Regular.ttf"),
            described(weight, FontSlant::Normal, 1.0),
        );
    }
    for (wanted, got) in [
        (100.0, 300.0),
        (350.0, 300.0),
        (400.0, 500.0),
        (450.0, 500.0),
        (500.0, 500.0),
        (501.0, 800.0),
        (700.0, 800.0),
        (900.0, 800.0),
    ] {
        let id = fonts.primary(&FontQuery {
            weight: wanted,
            ..query("F")
        });
        assert_eq!(fonts.face(id).description.weight.0, got, "{wanted}");
    }
}

#[test]
fn slant_and_stretch_come_before_weight() {
    let mut fonts = Fonts::new();
    let regular = data("caladea/Caladea-Regular.ttf");
    let bold = fonts.add_static(regular, described(700.0, FontSlant::Normal, 1.0));
    let italic = fonts.add_static(regular, described(300.0, FontSlant::Italic, 1.0));
    let narrow = fonts.add_static(regular, described(300.0, FontSlant::Normal, 0.75));
    let ask = |weight, slant, stretch| {
        fonts.primary(&FontQuery {
            weight,
            slant,
            stretch,
            ..query("f")
        })
    };
    assert_eq!(ask(700.0, FontSlant::Italic, 1.0), italic);
    assert_eq!(ask(700.0, FontSlant::Oblique, 1.0), italic);
    assert_eq!(ask(300.0, FontSlant::Normal, 1.0), bold);
    assert_eq!(ask(700.0, FontSlant::Normal, 0.8), narrow);
    assert_eq!(ask(700.0, FontSlant::Normal, 2.0), bold);
}

#[test]
fn missing_styles_are_synthesised() {
    let mut span = crate::span("x", "Noto Sans Thai");
    span.font = FontQuery {
        weight: 700.0,
        slant: FontSlant::Italic,
        ..span.font
    };
    let shaped = crate::shape_spans("x", &[span]);
    // The Thai face has no Latin letters: Liberation Sans has its own bold italic.
    assert!(!shaped.runs[0].synthetic_bold && !shaped.runs[0].synthetic_oblique);
    let mut span = crate::span("ก", "Noto Sans Thai");
    span.font = FontQuery {
        weight: 700.0,
        slant: FontSlant::Italic,
        ..span.font
    };
    let shaped = crate::shape_spans("ก", &[span]);
    assert!(!shaped.runs[0].synthetic_bold && shaped.runs[0].synthetic_oblique);
}

#[test]
fn ranges_divide_a_family() {
    let mut fonts = FONTS.clone();
    let serif = data("liberation/LiberationSerif-Regular.ttf");
    let whole = fonts.add_static(serif, described(400.0, FontSlant::Normal, 1.0));
    let digits = fonts.add_static(
        data("liberation/LiberationMono-Regular.ttf"),
        FaceDescription {
            ranges: vec![(0x30, 0x39)],
            ..described(400.0, FontSlant::Normal, 1.0)
        },
    );
    assert_eq!(
        fonts.primary(&query("F")),
        whole,
        "the other lacks the space"
    );
    let text = "ab12c";
    let shaped = Shaper::new().shape(
        &fonts,
        text.into(),
        &[crate::span(text, "F")],
        TextDirection::Ltr,
    );
    let faces: Vec<_> = shaped
        .runs
        .iter()
        .map(|run| (run.face, run.range.clone()))
        .collect();
    assert_eq!(faces, [(whole, 0..2), (digits, 2..4), (whole, 4..5)]);
}

#[test]
fn a_clone_does_not_change_the_original() {
    let mut fonts = FONTS.clone();
    let added = fonts.add_static(
        data("liberation/LiberationMono-Regular.ttf"),
        FaceDescription {
            family: "Arial".into(),
            ..described(400.0, FontSlant::Normal, 1.0)
        },
    );
    assert_eq!(
        fonts.primary(&query("Arial")),
        added,
        "a document's own font wins over an alias"
    );
    assert_ne!(FONTS.primary(&query("Arial")), added);
    assert_eq!(FONTS.len() + 1, fonts.len());
}

#[test]
fn equal_programs_have_equal_keys() {
    let mut fonts = Fonts::new();
    let regular = data("caladea/Caladea-Regular.ttf");
    let one = fonts.add_static(regular, described(400.0, FontSlant::Normal, 1.0));
    let two = fonts.add(Arc::from(regular), 0, None).expect("a font");
    let bold = fonts
        .add(Arc::from(data("caladea/Caladea-Bold.ttf")), 0, None)
        .expect("a font");
    assert_eq!(fonts.face(one).program_key, fonts.face(two).program_key);
    assert_ne!(fonts.face(one).program_key, fonts.face(bold).program_key);
}

#[test]
fn restricted_fonts_are_refused() {
    let mut bytes = data("caladea/Caladea-Regular.ttf").to_vec();
    let table = bytes
        .windows(4)
        .position(|tag| tag == b"OS/2")
        .expect("OS/2");
    let offset = u32::from_be_bytes(bytes[table + 8..table + 12].try_into().expect("four bytes"));
    let fs_type = offset as usize + 8;
    bytes[fs_type..fs_type + 2].copy_from_slice(&[0, 2]);
    let refused = Fonts::new().add(bytes.clone().into(), 0, None);
    assert_eq!(refused, Err(FontError::NotEmbeddable));
    // The least restrictive permission of several counts.
    bytes[fs_type..fs_type + 2].copy_from_slice(&[0, 6]);
    assert!(Fonts::new().add(bytes.into(), 0, None).is_ok());
}
