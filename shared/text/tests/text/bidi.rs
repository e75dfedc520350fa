//! Visual order, against the reference algorithm in unicode-bidi.

use crate::{FONTS, SHAPER, shape, shape_rtl, span};
use fanfold_text::{Paragraph, TextDirection};
use unicode_bidi::{BidiInfo, Level};

/// Characters in visual order, without what draws nothing.
fn visual(paragraph: &Paragraph, line: std::ops::Range<usize>) -> String {
    let mut text = String::new();
    for piece in paragraph.visual(line) {
        let part = &paragraph.text[piece.range.clone()];
        if paragraph.runs[piece.run].level % 2 == 1 && !part.trim().is_empty() {
            text.extend(part.chars().rev());
        } else {
            text.push_str(part);
        }
    }
    text.retain(|c| !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'));
    text
}

fn reference(text: &str, line: std::ops::Range<usize>, base: Option<Level>) -> String {
    let info = BidiInfo::new(text, base);
    let paragraph = info
        .paragraphs
        .iter()
        .find(|p| p.range.end > line.start)
        .expect("a paragraph");
    // Not `reorder_line`, which skips L1 where a line is left to right before it.
    let levels = info.reordered_levels_per_char(paragraph, line.clone());
    let first = text[..line.start].chars().count();
    let characters: Vec<char> = text[line].chars().collect();
    let order = BidiInfo::reorder_visual(&levels[first..first + characters.len()]);
    let mut text: String = order.into_iter().map(|at| characters[at]).collect();
    text.retain(|c| !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'));
    text
}

const TEXTS: [&str; 8] = [
    "abc אבג def",
    "אבג abc 123 דהו ",
    "total: 1,250.00 שקל (12%) ok",
    "السعر 123.45 ريال",
    "a \u{2067}אב 12 c\u{2069} b",
    "one \u{202B}two אב three\u{202C} four",
    "(א) [b] א, 5 ",
    "אב\tגד x",
];

#[test]
fn whole_lines_are_ordered_as_the_algorithm_says() {
    for text in TEXTS {
        let whole = 0..text.len();
        let ltr = shape(text, "Arial");
        assert_eq!(
            visual(&ltr, whole.clone()),
            reference(text, whole.clone(), Some(Level::ltr()))
        );
        let rtl = shape_rtl(text, "Arial");
        assert_eq!(
            visual(&rtl, whole.clone()),
            reference(text, whole, Some(Level::rtl()))
        );
    }
}

#[test]
fn broken_lines_have_their_trailing_spaces_at_the_base_level() {
    for text in TEXTS {
        for (base, direction) in [
            (Level::ltr(), TextDirection::Ltr),
            (Level::rtl(), TextDirection::Rtl),
        ] {
            let shaped = SHAPER.shape(&FONTS, text.into(), &[span(text, "Arial")], direction);
            for cut in shaped.breaks.iter().map(|found| found.offset) {
                for line in [0..cut, cut..text.len()] {
                    let expected = reference(text, line.clone(), Some(base));
                    assert_eq!(visual(&shaped, line), expected, "{text:?} at {cut}");
                }
            }
        }
    }
}

#[test]
fn automatic_direction_follows_the_first_strong_character() {
    for (text, base) in [("12 אב c", 1), ("12 c אב", 0), ("12", 0), ("", 0)] {
        let shaped = SHAPER.shape(
            &FONTS,
            text.into(),
            &[span(text, "Arial")],
            TextDirection::Auto,
        );
        assert_eq!(shaped.base_level, base, "{text}");
    }
    let text = "abc\nאבג d";
    let shaped = SHAPER.shape(
        &FONTS,
        text.into(),
        &[span(text, "Arial")],
        TextDirection::Auto,
    );
    assert_eq!((shaped.base_level_at(0), shaped.base_level_at(5)), (0, 1));
    assert_eq!(visual(&shaped, 4..text.len()), "d גבא");
}

#[test]
fn glyphs_of_a_piece_are_a_slice_in_both_directions() {
    let text = "אבגד";
    let shaped = shape_rtl(text, "Noto Sans Hebrew");
    let piece = &shaped.visual(2..6)[0];
    let clusters: Vec<u32> = shaped
        .glyphs(piece)
        .iter()
        .map(|glyph| glyph.cluster)
        .collect();
    assert_eq!(clusters, [4, 2]);
}

#[test]
fn embeddings_go_on_after_a_forced_break() {
    for (open, close) in [("\u{2067}", "\u{2069}"), ("\u{202E}", "\u{202C}")] {
        let text = format!("a {open}אב 1 x\nגד 2 y{close} c");
        let shaped = shape(&text, "Arial");
        let second = text.find('ג').expect("is there");
        let line = format!("{open}גד 2 y{close} c");
        let expected = reference(&line, 0..line.len(), Some(Level::ltr()));
        assert_eq!(visual(&shaped, second..text.len()), expected);
    }
}

#[test]
fn an_override_orders_all_characters_in_every_paragraph() {
    let text = "ab אב\ncd";
    for (direction, expected) in [
        (TextDirection::LtrOverride, ["ab אב", "cd"]),
        (TextDirection::RtlOverride, ["בא ba", "dc"]),
    ] {
        let shaped = SHAPER.shape(&FONTS, text.into(), &[span(text, "Arial")], direction);
        let feed = text.len() - 3;
        let lines = [
            visual(&shaped, 0..feed),
            visual(&shaped, feed + 1..text.len()),
        ];
        assert_eq!(lines, expected, "{direction:?}");
    }
}
