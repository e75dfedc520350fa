//! Glyphs, widths and clusters. Glyph ids are those that HarfBuzz gives for the same fonts.

use crate::{FONTS, SHAPER, check, family_of, ids, shape, shape_rtl, shape_spans, span};
use fanfold_geometry::Px;
use fanfold_text::{
    BreakKind, LineBreakRules, Paragraph, Span, TextDirection, TextWidths, VisualRun,
};

fn near(a: f32, b: f32) -> bool {
    (a - b).abs() < 0.01
}

#[test]
fn kerns_latin_pairs() {
    let pair = shape("AV", "Arial");
    assert_eq!(ids(&pair), [36, 57]);
    assert!(near(
        pair.runs[0].width.0,
        (1214.0 + 1366.0) / 2048.0 * 16.0
    ));
    let mut loose = span("AV", "Arial");
    loose.kerning = false;
    assert!(near(
        shape_spans("AV", &[loose]).runs[0].width.0,
        2.0 * 1366.0 / 2048.0 * 16.0
    ));
}

#[test]
fn kerns_with_spaces_as_whole_text_would() {
    let text = shape("A Y", "Arial");
    let advances: Vec<f32> = text.runs[0]
        .glyphs
        .iter()
        .map(|glyph| glyph.advance.0)
        .collect();
    for (advance, units) in advances.iter().zip([1253.0, 532.0, 1366.0]) {
        assert!(near(*advance, units / 2048.0 * 16.0), "{advances:?}");
    }
}

#[test]
fn shapes_numbers_alone_as_in_words() {
    for family in [
        "Arial",
        "Calibri",
        "Times New Roman",
        "Cambria",
        "Courier New",
    ] {
        for number in [
            "1",
            "11",
            "111,111.11",
            "1,234,567.89",
            "0.1",
            "7.",
            ".5",
            "2026",
        ] {
            let alone = shape(number, family);
            let inside = shape(&format!("{number}x"), family);
            assert_eq!(ids(&alone), ids(&inside)[..number.len()]);
            // What the letter after it pulls closer is the last figure.
            for end in 0..number.len() {
                let widths = (alone.width(0..end).0, inside.width(0..end).0);
                assert!(near(widths.0, widths.1), "{number} in {family}: {widths:?}");
            }
            check(&alone);
        }
    }
}

#[test]
fn joins_ligatures_unless_letters_are_spaced() {
    let office = shape("office", "Calibri");
    assert_eq!(family_of(&office.runs[0]), "Carlito");
    assert_eq!(ids(&office), [111, 76, 49, 59]);
    let mut spaced = span("office", "Calibri");
    spaced.letter_spacing = Px(2.0);
    let spaced = shape_spans("office", &[spaced]);
    assert_eq!(spaced.runs[0].glyphs.len(), 6);
    assert!(near(spaced.width(0..1).0, 1080.0 / 2048.0 * 16.0 + 2.0));
    check(&spaced);
}

#[test]
fn reorders_devanagari_vowels() {
    for (text, glyphs) in [
        ("कि", &[607, 25][..]),
        ("क्षि", &[610, 179]),
        ("हिन्दी", &[607, 61, 202, 42, 653]),
    ] {
        let word = shape(text, "Arial");
        assert_eq!(family_of(&word.runs[0]), "Noto Sans Devanagari");
        assert_eq!(ids(&word), glyphs, "{text}");
        check(&word);
    }
}

#[test]
fn surrounds_tamil_consonants() {
    assert_eq!(ids(&shape("கொ", "Arial")), [46, 18, 41]);
}

#[test]
fn shapes_bengali_hebrew_and_thai() {
    assert_eq!(ids(&shape("কি", "serif")), [55, 20]);
    assert_eq!(
        ids(&shape_rtl("שָׁלוֹם", "Noto Sans Hebrew")),
        [23, 46, 124, 55, 79, 100, 96]
    );
    assert_eq!(
        ids(&shape("ภาษาไทย", "serif")),
        [79, 86, 107, 86, 88, 117, 136]
    );
}

#[test]
fn joins_arabic_letters_from_right_to_left() {
    for (text, glyphs) in [
        ("سلام", &[769, 705, 1077][..]),
        ("ببب", &[101, 104, 102]),
        ("لا", &[704]),
    ] {
        let word = shape_rtl(text, "Noto Sans Arabic");
        assert_eq!(ids(&word), glyphs, "{text}");
        assert_eq!(word.runs[0].level, 1);
        check(&word);
    }
}

#[test]
fn joins_arabic_across_spans_of_one_font() {
    let text = "ببب";
    let mut first = span(text, "Noto Sans Arabic");
    first.range = 0..2;
    let mut rest = span(text, "Noto Sans Arabic");
    rest.range = 2..6;
    let word = SHAPER.shape(&FONTS, text.into(), &[first, rest], TextDirection::Rtl);
    assert_eq!(word.runs.len(), 2);
    assert_eq!(word.runs[0].glyphs[0].id, 102, "initial form");
    let rest: Vec<u16> = word.runs[1].glyphs.iter().map(|glyph| glyph.id).collect();
    assert_eq!(rest, [101, 104], "final and medial forms");
}

#[test]
fn falls_back_by_cluster_and_keeps_marks_with_their_base() {
    let text = shape("Tax हिन्दी 5\u{200D}₹ \u{2602}x\u{301}", "Arial");
    let families: Vec<_> = text.runs.iter().map(family_of).collect();
    assert_eq!(
        families,
        [
            "Liberation Sans",
            "Noto Sans Devanagari",
            "Liberation Sans",
            // The rupee sign follows the script before it.
            "Noto Sans Devanagari",
            "Liberation Sans",
            "DejaVu Sans",
            "Liberation Sans",
        ]
    );
    assert!(
        text.runs
            .iter()
            .all(|run| run.glyphs.iter().all(|glyph| glyph.id != 0))
    );
    check(&text);
}

#[test]
fn narrow_spaces_and_hyphens_stay_in_the_texts_own_face() {
    let text = "1\u{202F}234\u{2009}a";
    for family in ["Caladea", "Carlito", "Arial"] {
        let shaped = shape(text, family);
        assert_eq!(ids(&shaped).len(), 7, "{family}");
        assert!(
            shaped.runs[0].glyphs.iter().all(|glyph| glyph.id != 0),
            "{family}"
        );
        let narrow = shaped.width(1..4).0;
        assert!(narrow > 0.5 && narrow < 5.0, "{family}: {narrow}");
    }
    // Liberation Sans has only the hyphen that may break.
    let unbroken = ids(&shape("a\u{2011}b", "Arial"));
    assert_eq!(unbroken, ids(&shape("a\u{2010}b", "Arial")));
}

#[test]
fn draws_notdef_as_wide_as_letters_for_what_no_face_has() {
    for (family, face) in [("Arial", "Liberation Sans"), ("serif", "Liberation Serif")] {
        let text = shape("a\u{F085}b", family);
        let families: Vec<_> = text.runs.iter().map(family_of).collect();
        assert_eq!(families, [face; 3]);
        assert_eq!(text.runs[1].glyphs[0].id, 0);
        let sample = "The quick brown fox jumps over the lazy dog.";
        let letters = shape(sample, family).width(0..sample.len()).0 / sample.len() as f32;
        let own = text.runs[1].width.0;
        assert!(
            (own - letters).abs() < 0.01 * letters,
            "{family}: {own}, {letters}"
        );
    }
}

#[test]
fn controls_and_ignorables_draw_nothing() {
    let text = "a\u{200B}b\u{AD}c\u{2060}d\u{202A}e\u{202C}\u{FEFF}";
    let shaped = shape(text, "Arial");
    let glyphs: usize = shaped.runs.iter().map(|run| run.glyphs.len()).sum();
    assert_eq!(glyphs, 5, "{shaped:?}");
    let mut plain = span("abcde", "Arial");
    plain.kerning = false;
    let mut same = span(text, "Arial");
    same.kerning = false;
    let (plain, same) = (shape_spans("abcde", &[plain]), shape_spans(text, &[same]));
    assert!(near(plain.width(0..5).0, same.width(0..text.len()).0));
    check(&shaped);
}

#[test]
fn spaces_letters_and_words() {
    let text = "ab\u{A0}c d";
    let bare = shape(text, "monospace").width(0..text.len()).0;
    let mut spaced = span(text, "monospace");
    spaced.letter_spacing = Px(1.0);
    spaced.word_spacing = Px(10.0);
    let spaced = shape_spans(text, &[spaced]);
    assert!(near(spaced.width(0..text.len()).0, bare + 6.0 + 20.0));
    check(&spaced);
}

#[test]
fn of_cursive_scripts_spaces_alone_are_letter_spaced() {
    let text = "سلام عليكم";
    let bare = shape_rtl(text, "serif").width(0..text.len());
    let mut spaced = span(text, "serif");
    spaced.letter_spacing = Px(5.0);
    let spaced = SHAPER.shape(&FONTS, text.into(), &[spaced], TextDirection::Rtl);
    assert!(near(spaced.width(0..text.len()).0, bare.0 + 5.0));
    check(&spaced);
}

#[test]
fn spacing_from_right_to_left_stands_at_the_right() {
    let text = "אב";
    let bare = shape_rtl(text, "Noto Sans Hebrew");
    let mut spaced = span(text, "Noto Sans Hebrew");
    spaced.letter_spacing = Px(3.0);
    let spaced = SHAPER.shape(&FONTS, text.into(), &[spaced], TextDirection::Rtl);
    for (bare, spaced) in bare.runs[0].glyphs.iter().zip(&*spaced.runs[0].glyphs) {
        assert_eq!(spaced.x_offset, bare.x_offset);
        assert!(near(spaced.advance.0, bare.advance.0 + 3.0));
    }
    check(&spaced);
}

#[test]
fn tabs_feeds_and_atomics_have_width_but_no_glyphs() {
    let text = "a\tb\n\u{FFFC}c";
    let mut spans = [
        span(text, "monospace"),
        span(text, "monospace"),
        span(text, "monospace"),
    ];
    spans[0].range = 0..4;
    spans[1].range = 4..7;
    spans[1].atomic = Some(Px(42.0));
    spans[2].range = 7..8;
    let shaped = shape_spans(text, &spans);
    let widths: Vec<(usize, f32)> = shaped
        .runs
        .iter()
        .map(|run| (run.glyphs.len(), run.width.0))
        .collect();
    let advance = widths[0].1;
    assert_eq!(
        widths.iter().map(|w| w.0).collect::<Vec<_>>(),
        [1, 0, 1, 0, 0, 1]
    );
    assert!(near(widths[1].1, advance * 8.0));
    assert!(near(widths[3].1, 0.0) && near(widths[4].1, 42.0));
    assert!(near(shaped.width(3..7).0, 42.0));
    check(&shaped);
}

#[test]
fn widths_of_all_ranges_are_sums_of_advances() {
    let text = "Invoice № 42: 1,250.00 € — हिन्दी, سلام عليكم 12-3, שלום (ok) ภาษาไทย";
    let shaped = shape(text, "Times New Roman");
    check(&shaped);
    let starts: Vec<usize> = shaped
        .cluster_starts(0..text.len())
        .chain([text.len()])
        .collect();
    for (at, &start) in starts.iter().enumerate() {
        for &end in &starts[at..] {
            let pieces = shaped.runs.iter().enumerate().filter_map(|(index, run)| {
                let range = run.range.start.max(start)..run.range.end.min(end);
                (!range.is_empty()).then_some(VisualRun { run: index, range })
            });
            let sum: f32 = pieces
                .flat_map(|piece| shaped.glyphs(&piece))
                .map(|glyph| glyph.advance.0)
                .sum();
            assert!(near(shaped.width(start..end).0, sum), "{start}..{end}");
        }
    }
}

#[test]
fn the_cache_changes_nothing() {
    let text = "The quick brown fox jumps over the lazy dog; AV To Yes. The fox.";
    let fresh = fanfold_text::Shaper::new();
    let spans = [span(text, "Georgia")];
    let first = fresh.shape(&FONTS, text.into(), &spans, TextDirection::Ltr);
    let second = fresh.shape(&FONTS, text.into(), &spans, TextDirection::Ltr);
    assert_eq!(first.runs, second.runs);
    assert_eq!(first.breaks, second.breaks);
}

/// The widths of the widest part between two breaks and of the line, as the paragraph has them.
fn widths_of(paragraph: &Paragraph) -> TextWidths {
    let text = &paragraph.text;
    let soft = paragraph
        .breaks
        .iter()
        .filter(|found| found.kind == BreakKind::Soft);
    let mut widest = Px::ZERO;
    let mut start = 0;
    for end in soft.map(|found| found.offset).chain([text.len()]) {
        let kept = start + text[start..end].trim_end_matches(' ').len();
        widest = widest.max(paragraph.width(start..kept));
        start = end;
    }
    let line = paragraph.width(0..text.trim_end_matches(' ').len());
    TextWidths { widest, line }
}

#[test]
fn measures_plain_text_as_its_paragraph_is() {
    let texts = [
        "Payment to account 00000",
        "12,345.67",
        "AV To. 1 Ya",
        " before and after ",
        "two  spaces, Te xt",
        "office AVAVAV fi",
        "x",
    ];
    let mut measured = 0;
    for family in ["Arial", "Calibri", "Times New Roman", "Courier New"] {
        for text in texts {
            for change in 0..4 {
                let mut span = span(text, family);
                match change {
                    1 => span.rules.nowrap = true,
                    2 => span.rules.emergency = true,
                    3 => (span.letter_spacing, span.word_spacing) = (Px(1.5), Px(3.0)),
                    _ => {}
                }
                let widths = SHAPER.measure(&FONTS, text, &span, TextDirection::Ltr);
                let paragraph = shape_spans(text, &[span]);
                let (found, expected) = (widths.unwrap(), widths_of(&paragraph));
                assert!(near(found.widest.0, expected.widest.0), "{family}: {text}");
                assert!(near(found.line.0, expected.line.0), "{family}: {text}");
                measured += 1;
            }
        }
    }
    assert_eq!(measured, 4 * texts.len() * 4);
}

#[test]
fn measures_nothing_but_plain_text() {
    let measure = |text: &str, span: &Span, direction| {
        SHAPER
            .measure(&FONTS, text, span, direction)
            .map(|widths| widths.line)
    };
    let ltr = TextDirection::Ltr;
    let plain = span("a b", "Arial");
    assert!(measure("a b", &plain, ltr).is_some());
    assert_eq!(measure("", &plain, ltr), None);
    assert_eq!(measure("a-b", &plain, ltr), None);
    assert_eq!(measure("a\u{E9}b", &plain, ltr), None);
    assert_eq!(measure("a b", &plain, TextDirection::Rtl), None);
    let ruled = |rules: LineBreakRules| Span {
        rules,
        ..plain.clone()
    };
    let anywhere = LineBreakRules {
        anywhere: true,
        ..LineBreakRules::default()
    };
    assert_eq!(measure("a b", &ruled(anywhere), ltr), None);
    let hyphenate = LineBreakRules {
        hyphenate: true,
        ..LineBreakRules::default()
    };
    assert_eq!(measure("a b", &ruled(hyphenate), ltr), None);
}
