//! Dictionary hyphenation (CSS Text 3 §6.1) by TeX patterns.

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
        let (mut offset, mut before) = (start, 0);
        for syllable in hypher::hyphenate(word, language) {
            offset += syllable.len();
            before += syllable.chars().count();
            let after = characters - before;
            if after > 0 && before >= limits.before && after >= limits.after {
                found(offset);
            }
        }
    }
}

/// The patterns for a language tag (BCP 47), by its primary subtag.
fn dictionary(tag: &str) -> Option<Lang> {
    let primary = tag.split(['-', '_']).next()?;
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
