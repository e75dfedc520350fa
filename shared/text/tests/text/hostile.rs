//! Fonts and texts that somebody made to do harm.

use crate::{FONTS, SHAPER, check, query, shape, span};
use fanfold_geometry::Px;
use fanfold_text::{Fonts, LineBreakRules, Shaper, TextDirection};
use std::sync::Arc;

fn caladea() -> &'static [u8] {
    let file = "caladea/Caladea-Regular.ttf";
    fanfold_fonts::faces()
        .iter()
        .find(|face| face.file == file)
        .expect("embedded")
        .data()
}

/// Loads a damaged font and, should that work, shapes with it.
fn try_font(bytes: &[u8]) {
    let mut fonts = Fonts::new();
    if fonts.add(Arc::from(bytes), 0, None).is_err() {
        return;
    }
    let text = "Office AV (12) e\u{301} कि سلام";
    let mut span = span(text, "Caladea");
    span.language = Some("tr".into());
    let shaped = Shaper::new().shape(&fonts, text.into(), &[span], TextDirection::Ltr);
    check(&shaped);
}

#[test]
fn what_is_no_font_is_an_error() {
    let mut fonts = Fonts::new();
    for bytes in [
        &b""[..],
        b"\0\x01\0\0",
        b"OTTO",
        b"ttcf\0\x01\0\0\xff\xff\xff\xff",
        b"<html>",
    ] {
        assert!(fonts.add(Arc::from(bytes), 0, None).is_err());
    }
    assert!(
        fonts.add(Arc::from(caladea()), 7, None).is_err(),
        "no such face in the file"
    );
    assert!(fonts.is_empty());
}

#[test]
fn truncated_fonts_do_no_harm() {
    for length in (0..caladea().len()).step_by(1531) {
        try_font(&caladea()[..length]);
    }
}

#[test]
fn damaged_fonts_do_no_harm() {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as usize
    };
    for _ in 0..150 {
        let mut bytes = caladea().to_vec();
        for _ in 0..40 {
            let at = random() % bytes.len();
            bytes[at] = random() as u8;
        }
        // And the table directory and first table now and then.
        let at = 12 + random() % 300;
        bytes[at] = 0xFF;
        try_font(&bytes);
    }
}

#[test]
fn sets_without_fonts_give_runs_without_glyphs() {
    let fonts = Fonts::new();
    let text = "a\tb हि \u{202E}x";
    let shaped = Shaper::new().shape(
        &fonts,
        text.into(),
        &[span(text, "Arial")],
        TextDirection::Auto,
    );
    check(&shaped);
    assert!(shaped.runs.iter().all(|run| run.glyphs.is_empty()));
    assert_eq!(
        fonts
            .face(fonts.primary(&query("Arial")))
            .metrics
            .units_per_em,
        1000.0
    );
}

#[test]
fn spans_that_do_not_fit_the_text_are_made_to() {
    let text = "äöü क";
    let cases: [&[(usize, usize)]; 4] = [
        &[(1, 3), (2, 99)],
        &[(5, 1), (0, 0)],
        &[(3, 4)],
        &[(9, 9), (1, 2), (usize::MAX, 7)],
    ];
    for ranges in cases {
        let spans: Vec<_> = ranges
            .iter()
            .map(|&(start, end)| {
                let mut span = span(text, "Arial");
                span.range = start..end;
                span
            })
            .collect();
        check(&SHAPER.shape(&FONTS, text.into(), &spans, TextDirection::Ltr));
    }
    assert!(
        SHAPER
            .shape(&FONTS, text.into(), &[], TextDirection::Ltr)
            .runs
            .is_empty()
    );
}

#[test]
fn numbers_beyond_reason_stay_finite_where_they_can() {
    let text = "a b";
    for size in [0.0, -1.0, f32::NAN, f32::INFINITY, f32::MAX] {
        let mut span = span(text, "Arial");
        span.size = Px(size);
        span.font.weight = f32::NAN;
        let shaped = SHAPER.shape(&FONTS, text.into(), &[span], TextDirection::Ltr);
        assert!(shaped.width(0..3).0.is_finite(), "{size}");
    }
}

#[test]
fn one_enormous_word_takes_linear_time() {
    let rules = LineBreakRules {
        emergency: true,
        hyphenate: true,
        ..LineBreakRules::default()
    };
    let shape = |text: &str, direction| {
        let mut span = span(text, "Arial");
        span.rules = rules;
        span.language = Some("en".into());
        SHAPER.shape(&FONTS, text.into(), &[span], direction)
    };
    let text = "x".repeat(400_000);
    let shaped = shape(&text, TextDirection::Ltr);
    assert_eq!(shaped.runs[0].glyphs.len(), text.len());
    assert_eq!(shaped.breaks.len(), text.len() - 1);
    let arabic = "ب".repeat(50_000);
    let shaped = shape(&arabic, TextDirection::Rtl);
    // Joined across the pieces that a long word is cut into: one initial and one final form.
    let ids: Vec<u16> = shaped.runs[0].glyphs.iter().map(|glyph| glyph.id).collect();
    assert_eq!(ids.len(), 50_000);
    assert!(ids[1..ids.len() - 1].iter().all(|id| *id == ids[1]));
    let marks = format!("a{}", "\u{301}".repeat(50_000));
    check(&shape(&marks, TextDirection::Ltr));
    let controls = "\u{2067}\u{202E}".repeat(5_000);
    check(&shape(&controls, TextDirection::Auto));
}

#[test]
fn every_character_shapes() {
    let text: String = ('\0'..=char::MAX).step_by(7).collect();
    check(&shape(&text, "Times"));
}

#[test]
fn lines_of_any_text_are_made_of_all_its_parts() {
    const PARTS: [&str; 24] = [
        "a",
        "fi",
        " ",
        "  ",
        "\n",
        "\t",
        "אב",
        "بب",
        "कि",
        "்",
        "ก",
        "日",
        "5",
        "-",
        "(",
        "]",
        "\u{AD}",
        "\u{200D}",
        "\u{2067}",
        "\u{2069}",
        "\u{202B}",
        "\u{202C}",
        "e\u{301}",
        "\u{1F469}\u{200D}\u{1F4BB}",
    ];
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = |below: usize| {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (state >> 33) as usize % below
    };
    for _ in 0..400 {
        let text: String = (0..random(24))
            .map(|_| PARTS[random(PARTS.len())])
            .collect();
        let direction = [TextDirection::Ltr, TextDirection::Rtl, TextDirection::Auto][random(3)];
        let mut span = span(&text, "Calibri");
        span.rules.emergency = random(2) == 0;
        span.letter_spacing = Px(random(2) as f32);
        let shaped = SHAPER.shape(&FONTS, text.as_str().into(), &[span], direction);
        check(&shaped);
        let mut start = 0;
        for end in shaped
            .breaks
            .iter()
            .map(|found| found.offset)
            .chain([text.len()])
        {
            let pieces = shaped.visual(start..end);
            let bytes: usize = pieces.iter().map(|piece| piece.range.len()).sum();
            assert_eq!(bytes, end - start, "{text:?} {start}..{end}");
            let glyphs: f32 = pieces
                .iter()
                .filter(|piece| !shaped.runs[piece.run].glyphs.is_empty())
                .flat_map(|piece| shaped.glyphs(piece))
                .map(|glyph| glyph.advance.0)
                .sum();
            let bare: f32 = pieces
                .iter()
                .filter(|piece| shaped.runs[piece.run].glyphs.is_empty())
                .map(|piece| shaped.width(piece.range.clone()).0)
                .sum();
            let width = shaped.width(start..end).0;
            assert!(
                (glyphs + bare - width).abs() < 0.02,
                "{text:?} {start}..{end}"
            );
            start = end;
        }
    }
}

#[test]
fn threads_share_a_shaper() {
    let text = "Total due שלום हिन्दी 12.00";
    let expected = shape(text, "Arial");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    assert_eq!(shape(text, "Arial").runs, expected.runs);
                }
            });
        }
    });
}
