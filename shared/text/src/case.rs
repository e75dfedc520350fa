//! Letter case and width by language (CSS Text 3 §2.1, Unicode SpecialCasing).

use icu_casemap::options::{LeadingAdjustment, TitlecaseOptions, TrailingCase};
use icu_casemap::{CaseMapper, CaseMapperBorrowed};
use icu_locale_core::LanguageIdentifier;
use std::borrow::Cow;

const MAPPER: CaseMapperBorrowed<'static> = CaseMapper::new();

/// `text` in upper case, as `language` (BCP 47) writes it: Greek loses its accents, Turkish keeps the dot.
pub fn uppercase<'t>(text: &'t str, language: Option<&str>) -> Cow<'t, str> {
    MAPPER.uppercase_to_string(text, &identifier(language))
}

/// `text` in lower case, as `language` (BCP 47) writes it.
pub fn lowercase<'t>(text: &'t str, language: Option<&str>) -> Cow<'t, str> {
    MAPPER.lowercase_to_string(text, &identifier(language))
}

/// `word` with its first letter in title case, the rest as it is.
pub fn capitalize<'t>(word: &'t str, language: Option<&str>) -> Cow<'t, str> {
    let mut options = TitlecaseOptions::default();
    options.trailing_case = Some(TrailingCase::Unchanged);
    options.leading_adjustment = Some(LeadingAdjustment::None);
    MAPPER.titlecase_segment_with_only_case_data_to_string(word, &identifier(language), options)
}

/// The full-width form of a character; itself where there is none (CSS Text 3, appendix A).
pub fn full_width(character: char) -> char {
    const KATAKANA: &str = "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン゙゚";
    let code = u32::from(character);
    match character {
        ' ' => '\u{3000}',
        '!'..='~' => char::from_u32(code + 0xFEE0).unwrap_or(character),
        '¢' => '￠',
        '£' => '￡',
        '¬' => '￢',
        '¯' => '￣',
        '¦' => '￤',
        '¥' => '￥',
        '₩' => '￦',
        '\u{FF61}'..='\u{FF9F}' => KATAKANA
            .chars()
            .nth((code - 0xFF61) as usize)
            .unwrap_or(character),
        _ => character,
    }
}

/// The full-size form of a small kana; itself for all else (CSS Text 3, appendix G).
pub fn full_size_kana(character: char) -> char {
    const SMALL: &str =
        "ぁぃぅぇぉゕゖっゃゅょゎァィゥェォヵㇰヶㇱㇲッㇳㇴㇵㇶㇷㇸㇹㇺャュョㇻㇼㇽㇾㇿヮｧｨｩｪｫｯｬｭｮ";
    const FULL: &str =
        "あいうえおかけつやゆよわアイウエオカクケシスツトヌハヒフヘホムヤユヨラリルレロワｱｲｳｴｵﾂﾔﾕﾖ";
    let mut pairs = SMALL.chars().zip(FULL.chars());
    pairs
        .find(|(small, _)| *small == character)
        .map_or(character, |(_, full)| full)
}

fn identifier(language: Option<&str>) -> LanguageIdentifier {
    language
        .and_then(|language| LanguageIdentifier::try_from_str(language).ok())
        .unwrap_or(LanguageIdentifier::UNKNOWN)
}
