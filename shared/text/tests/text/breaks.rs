//! Break opportunities.

use crate::{check, shape, shape_spans, span};
use fanfold_geometry::Px;
use fanfold_text::{BreakKind, LineBreakRules, Paragraph, Span};

/// The text with `|` at soft breaks, `¶` at mandatory ones, `-` at hyphens and `!` at emergencies.
fn marked(paragraph: &Paragraph) -> String {
    let mut text = String::new();
    let mut last = 0;
    for found in &paragraph.breaks {
        text.push_str(&paragraph.text[last..found.offset]);
        text.push(match found.kind {
            BreakKind::Mandatory => '¶',
            BreakKind::Soft => '|',
            BreakKind::Hyphen => '-',
            BreakKind::Emergency => '!',
        });
        last = found.offset;
    }
    text + &paragraph.text[last..]
}

fn with_rules(text: &str, rules: LineBreakRules, language: &str) -> Paragraph {
    let mut span = span(text, "Arial");
    span.rules = rules;
    span.language = Some(language.into());
    let paragraph = shape_spans(text, &[span]);
    check(&paragraph);
    paragraph
}

#[test]
fn breaks_after_spaces_hyphens_and_feeds() {
    for (text, expected) in [
        ("one two  three", "one |two  |three"),
        ("x-ray (a b) 1,000.00 €", "x-|ray |(a |b) |1,000.00 |€"),
        ("a\nb\u{2028}c", "a\n¶b\u{2028}¶c"),
        ("a\u{A0}b\u{2060}c\u{200B}d", "a\u{A0}b\u{2060}c\u{200B}|d"),
        ("co\u{AD}op", "co\u{AD}-op"),
        ("日本語、文", "日|本|語、|文"),
        ("INV/2026/001 of 12/2026", "INV/|2026/001 |of |12/2026"),
        ("A7/8,/9 and/or", "A7/8,/9 |and/|or"),
        ("end ", "end "),
        ("", ""),
    ] {
        assert_eq!(marked(&shape(text, "Arial")), expected);
    }
}

#[test]
fn plain_text_breaks_as_the_segmenter_says() {
    // The sign keeps the second text off the fast path.
    let plain = "A1 b22  ccc 4 d5e6 ";
    let offsets = |text: &str| -> Vec<usize> {
        shape(text, "Arial")
            .breaks
            .iter()
            .map(|found| found.offset)
            .collect()
    };
    let mut slow = offsets(&format!("{plain}©"));
    assert_eq!(slow.pop(), Some(plain.len()), "before the sign");
    assert_eq!(offsets(plain), slow);
}

#[test]
fn thai_breaks_between_words() {
    assert_eq!(marked(&shape("ภาษาไทยภาษา", "Arial")), "ภาษา|ไทย|ภาษา");
}

#[test]
fn a_soft_hyphen_after_a_space_is_an_opportunity() {
    let found = marked(&with_rules(
        "a \u{AD}b c\u{AD}d",
        LineBreakRules::default(),
        "en",
    ));
    assert_eq!(found, "a |\u{AD}-b |c\u{AD}-d");
}

#[test]
fn rules_of_the_span() {
    let none = LineBreakRules::default();
    let text = "co\u{AD}op ab";
    let cases = [
        (
            LineBreakRules {
                nowrap: true,
                ..none
            },
            "co\u{AD}op ab",
        ),
        (
            LineBreakRules {
                no_soft_hyphens: true,
                ..none
            },
            "co\u{AD}op |ab",
        ),
        (
            LineBreakRules {
                emergency: true,
                ..none
            },
            "c!o!\u{AD}-o!p |a!b",
        ),
        (
            LineBreakRules {
                break_all: true,
                ..none
            },
            "c|o\u{AD}-o|p |a|b",
        ),
    ];
    for (rules, expected) in cases {
        let found = marked(&with_rules(text, rules, "en")).replace("!\u{AD}", "\u{AD}");
        assert_eq!(found, expected.replace("!\u{AD}", "\u{AD}"), "{rules:?}");
    }
    let keep = LineBreakRules {
        keep_all: true,
        ..none
    };
    assert_eq!(marked(&with_rules("日本 語", keep, "ja")), "日本 |語");
    let spaces = LineBreakRules {
        break_spaces: true,
        ..none
    };
    assert_eq!(marked(&with_rules("a   b", spaces, "en")), "a | | |b");
}

#[test]
fn hyphenates_by_the_languages_patterns() {
    let rules = LineBreakRules {
        hyphenate: true,
        ..LineBreakRules::default()
    };
    assert_eq!(
        marked(&with_rules("extensive use", rules, "en-US")),
        "ex-ten-sive |use"
    );
    assert_eq!(
        marked(&with_rules("Rechnungsbetrag", rules, "de")),
        "Rech-nungs-be-trag"
    );
    assert_eq!(marked(&with_rules("extensive", rules, "xx")), "extensive");
    assert_eq!(marked(&with_rules("that", rules, "en")), "that");
    // American only where it says so.
    let words = "servers information";
    assert_eq!(
        marked(&with_rules(words, rules, "en")),
        "serv-ers |in-form-a-tion"
    );
    assert_eq!(
        marked(&with_rules(words, rules, "en-AU")),
        "serv-ers |in-form-a-tion"
    );
    assert_eq!(
        marked(&with_rules(words, rules, "en-US")),
        "servers |in-for-ma-tion"
    );
}

#[test]
fn nowrap_inside_a_wrapping_paragraph() {
    let text = "aa bb cc dd";
    let part = |range: std::ops::Range<usize>, nowrap: bool| -> Span {
        let mut part = span(text, "Arial");
        part.range = range;
        part.rules.nowrap = nowrap;
        part
    };
    let spans = [part(0..3, false), part(3..9, true), part(9..11, false)];
    assert_eq!(marked(&shape_spans(text, &spans)), "aa |bb cc |dd");
}

#[test]
fn emergency_breaks_keep_clusters_whole() {
    let rules = LineBreakRules {
        emergency: true,
        ..LineBreakRules::default()
    };
    assert_eq!(
        marked(&with_rules("e\u{301}e\u{301}", rules, "en")),
        "e\u{301}!e\u{301}"
    );
    assert_eq!(marked(&with_rules("किकि", rules, "hi")), "कि!कि");
}

#[test]
fn a_line_may_end_beside_an_atomic() {
    let text = "a\u{FFFC}b";
    let mut spans = [
        span(text, "Arial"),
        span(text, "Arial"),
        span(text, "Arial"),
    ];
    spans[0].range = 0..1;
    spans[1].range = 1..4;
    spans[1].atomic = Some(Px(10.0));
    spans[2].range = 4..5;
    assert_eq!(marked(&shape_spans(text, &spans)), "a|\u{FFFC}|b");
}
