//! What `::first-letter` selects (CSS Pseudo-Elements 4 §2.2).

use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};
use icu_properties::{CodePointMapData, CodePointMapDataBorrowed};
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;

const CATEGORIES: CodePointMapDataBorrowed<'static, GeneralCategory> =
    CodePointMapData::<GeneralCategory>::new();

/// The first letter, digit or symbol of `text` with the punctuation around it; none where `text` is
/// white space or punctuation alone.
pub fn first_letter(text: &str) -> Option<Range<usize>> {
    let start = text.find(|c: char| !c.is_whitespace())?;
    let is_punctuation = |c: char| GeneralCategoryGroup::Punctuation.contains(CATEGORIES.get(c));
    let rest = &text[start..];
    // White space may stand between a mark and the letter, as in French.
    let is_space = |c| c != '\u{3000}' && CATEGORIES.get(c) == GeneralCategory::SpaceSeparator;
    let letter = rest.find(|c: char| !is_punctuation(c) && !is_space(c))?;
    let cluster = rest[letter..].graphemes(true).next()?;
    if cluster.chars().all(char::is_whitespace) {
        return None;
    }
    let end = letter + cluster.len();
    let follows = |c: char| {
        let category = CATEGORIES.get(c);
        let opens = matches!(
            category,
            GeneralCategory::OpenPunctuation | GeneralCategory::DashPunctuation
        );
        is_punctuation(c) && !opens
    };
    let after = rest[end..]
        .find(|c: char| !follows(c))
        .unwrap_or(rest.len() - end);
    Some(start..start + end + after)
}

#[cfg(test)]
mod tests {
    use super::first_letter;

    #[test]
    fn takes_the_letter_with_its_punctuation() {
        for (text, expected) in [
            ("  Abc", Some("A")),
            ("“Abc", Some("“A")),
            ("« Abc", Some("« A")),
            ("–\u{A0}Abc", Some("–\u{A0}A")),
            ("A. b", Some("A.")),
            ("(1) x", Some("(1)")),
            ("a(b", Some("a")),
            ("e\u{301}a", Some("e\u{301}")),
            ("€5", Some("€")),
            (" \n", None),
            ("...", None),
        ] {
            let found = first_letter(text).map(|range| &text[range]);
            assert_eq!(found, expected, "{text}");
        }
    }
}
