//! Dictionary hyphenation (CSS Text 3 §6.1) by TeX patterns.

mod british;

use crate::HyphenLimits;
use hypher::Lang;

/// Longer "words" are data, not language.
const LONGEST: usize = 100;

/// Calls `found` with each place in `text` where a word of `language` may be divided.
pub(crate) fn find(
    text: &str,
    language: Option<&str>,
    limits: HyphenLimits,
    mut found: impl FnMut(usize),
) {
    let Some(language) = language.and_then(dictionary) else {
        return;
    };
    for (start, word) in words(text) {
        let characters = word.chars().count();
        // A word with soft hyphens says itself where it divides.
        if characters < limits.word || characters > LONGEST || word.contains('\u{AD}') {
            continue;
        }
        let mut allow = |offset: usize, before: usize| {
            let after = characters - before;
            if after > 0 && before >= limits.before && after >= limits.after {
                found(start + offset);
            }
        };
        let language = match language {
            Dictionary::Patterns(language) => language,
            Dictionary::British => {
                let mut letters = word.char_indices();
                let mut known = 0;
                for before in british::divisions(word) {
                    if let Some((offset, _)) = letters.nth(before - known) {
                        allow(offset, before);
                    }
                    known = before + 1;
                }
                continue;
            }
        };
        let (mut offset, mut before) = (0, 0);
        // The limits are the document's alone (CSS Text 4 §6.3.1), not what the patterns' authors had in mind.
        for syllable in hypher::hyphenate_bounded(word, language, 1, 1) {
            offset += syllable.len();
            before += syllable.chars().count();
            allow(offset, before);
        }
    }
}

/// Where words divide.
#[derive(Clone, Copy)]
enum Dictionary {
    Patterns(Lang),
    British,
}

/// The patterns for a language tag (BCP 47), by its primary subtag; English is American where the tag says so,
/// as with WeasyPrint.
fn dictionary(tag: &str) -> Option<Dictionary> {
    let mut subtags = tag.split(['-', '_']);
    let primary = subtags.next()?;
    if primary.eq_ignore_ascii_case("en") && !subtags.any(|part| part.eq_ignore_ascii_case("us")) {
        return Some(Dictionary::British);
    }
    patterns(primary).map(Dictionary::Patterns)
}

fn patterns(primary: &str) -> Option<Lang> {
    let mut code = <[u8; 2]>::try_from(primary.as_bytes()).ok()?;
    code.make_ascii_lowercase();
    match &code {
        // Norwegian, whichever written form.
        b"no" | b"nn" => Lang::from_iso(*b"nb"),
        // The same language in the same script, as far as patterns go.
        b"bs" => Lang::from_iso(*b"hr"),
        _ => Lang::from_iso(code),
    }
}

/// Stretches of letters, marks and soft hyphens, with their offsets.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_part = |c: char| c.is_alphabetic() || matches!(c, '\u{AD}' | '\u{300}'..='\u{36F}');
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + text[rest..].find(is_part)?;
        let end = text[start..]
            .find(|c| !is_part(c))
            .map_or(text.len(), |at| start + at);
        rest = end;
        Some((start, &text[start..end]))
    })
}
