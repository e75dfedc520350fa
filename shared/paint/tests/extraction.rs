//! What other programs read out of our pages.

mod typeset;

use typeset::{Look, ask, file, sheet};

const LEFT_TO_RIGHT: [&str; 8] = [
    "The quick brown fox — “affinity”, office & fjord: 100 % €5.00",
    "Ünïcödé ΑΒΓ αβγ Привет, мир",
    "AVAVA To Ty. WAVE",
    "नमस्ते, आपका ऋण स्वीकृत हो गया है। किस्त की राशि ₹ 12,345.00",
    "प्रिय ग्राहक, श्री विद्यार्थी क्षेत्र ज्ञान दृष्टि कर्म र्‍य",
    "வணக்கம், உங்கள் கடன் அங்கீகரிக்கப்பட்டது. கொடுக்கோ தொகை ஸ்ரீ",
    "বাংলা ভাষা কৃষি শ্রী",
    "ગુજરાતી ભાષા શ્રી ક્ષેત્ર",
];

const RIGHT_TO_LEFT: [&str; 3] = [
    "مرحبا بكم في البنك، القرض رقم 12345 مقبول",
    "السلام عليكم ورحمة الله لا إله (نص)",
    "שלום עולם, 25%",
];

/// Words with one space between; pdftotext's direction marks hold words apart too.
fn squeeze(text: &str) -> String {
    let is_mark = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}');
    text.split(|c: char| c.is_whitespace() || is_mark(c))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn pdf() -> Vec<u8> {
    file(&[sheet(&LEFT_TO_RIGHT.map(|text| (text, Look::default())))])
}

#[test]
fn pdftotext_gives_the_text_back() {
    let Some(text) = ask("pdftotext", &[], &pdf(), &["-"]) else {
        return;
    };
    let found: Vec<String> = text.lines().map(squeeze).collect();
    let missing: Vec<&&str> = LEFT_TO_RIGHT
        .iter()
        .filter(|line| !found.contains(&squeeze(line)))
        .collect();
    assert!(
        missing.is_empty(),
        "not found: {missing:#?}\nin: {found:#?}"
    );
}

#[test]
fn pdftotext_gives_right_to_left_words_back_in_logical_order() {
    let page = file(&[sheet(&RIGHT_TO_LEFT.map(|text| (text, Look::default())))]);
    let Some(text) = ask("pdftotext", &[], &page, &["-"]) else {
        return;
    };
    let words: Vec<String> = squeeze(&text).split(' ').map(bare).collect();
    let missing: Vec<String> = RIGHT_TO_LEFT
        .iter()
        .flat_map(|line| line.split_whitespace())
        .map(bare)
        .filter(|word| !words.contains(word))
        .collect();
    assert!(
        missing.is_empty(),
        "not found: {missing:#?}\nin: {words:#?}"
    );
}

#[test]
fn mutool_gives_the_text_back() {
    // Before 1.23 mutool neither knows ActualText nor orders right-to-left lines.
    let Some(text) = ask("mutool", &["draw", "-q", "-F", "txt"], &pdf(), &[]) else {
        return;
    };
    let found: Vec<String> = text.lines().map(squeeze).collect();
    for line in &LEFT_TO_RIGHT[..3] {
        assert!(
            found.contains(&squeeze(line)),
            "{line} is not in {found:#?}"
        );
    }
}

/// A word without the punctuation around it.
fn bare(word: &str) -> String {
    word.trim_matches(|c: char| c.is_ascii_punctuation() || c == '،')
        .to_owned()
}

#[test]
fn qpdf_finds_nothing_to_complain_about() {
    ask("qpdf", &["--check"], &pdf(), &[]);
}
