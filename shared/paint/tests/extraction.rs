//! What other programs read out of our pages.

mod typeset;

use typeset::{Look, ask, file, sheet};

const LINES: [&str; 12] = [
    "The quick brown fox — “affinity”, office & fjord: 100 % €5.00",
    "Ünïcödé ΑΒΓ αβγ Привет, мир",
    "नमस्ते, आपका ऋण स्वीकृत हो गया है। किस्त की राशि ₹ 12,345.00",
    "प्रिय ग्राहक, श्री विद्यार्थी क्षेत्र ज्ञान दृष्टि कर्म र्‍य",
    "வணக்கம், உங்கள் கடன் அங்கீகரிக்கப்பட்டது. கொடுக்கோ தொகை ஸ்ரீ",
    "مرحبا بكم في البنك، القرض رقم 12345 مقبول",
    "السلام عليكم ورحمة الله لا إله (نص)",
    "שלום עולם, 25%",
    "বাংলা ভাষা কৃষি শ্রী",
    "ગુજરાતી ભાષા શ્રી ક્ષેત્ર",
    "AVAVA To Ty. WAVE",
    "mixed שלום and مرحبا end",
];

fn squeeze(text: &str) -> String {
    let marks = |c: &char| !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}');
    text.chars()
        .filter(marks)
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn pdf() -> Vec<u8> {
    file(&[sheet(&LINES.map(|text| (text, Look::default())))])
}

#[test]
fn pdftotext_gives_the_text_back() {
    let Some(text) = ask("pdftotext", &["-raw"], &pdf(), &["-"]) else {
        return;
    };
    let found: Vec<String> = text.lines().map(squeeze).collect();
    let missing: Vec<&&str> = LINES
        .iter()
        .filter(|line| !found.contains(&squeeze(line)))
        .collect();
    assert!(
        missing.is_empty(),
        "not found: {missing:#?}\nin: {found:#?}"
    );
}

#[test]
fn mutool_gives_the_text_back() {
    let Some(text) = ask("mutool", &["draw", "-q", "-F", "txt"], &pdf(), &[]) else {
        return;
    };
    let found: Vec<String> = text.lines().map(squeeze).collect();
    let missing: Vec<&&str> = LINES
        .iter()
        .filter(|line| !found.contains(&squeeze(line)))
        .collect();
    assert!(
        missing.is_empty(),
        "not found: {missing:#?}\nin: {found:#?}"
    );
}

#[test]
fn qpdf_finds_nothing_to_complain_about() {
    ask("qpdf", &["--check"], &pdf(), &[]);
}
