//! Locales: numbers, money, dates and plurals as a language and region write them.
//!
//! The data is from the Unicode CLDR 46 (`numbers`, `dates`, `supplemental/plurals`) for English, Hindi,
//! Tamil, Arabic, German, French and Spanish. Other languages write numbers as the root locale does
//! (`1,234.50`) and dates as ISO 8601.

mod dates;
mod money;
mod numbers;
mod plurals;

use crate::error::{ErrorKind, TemplateError};

pub(crate) use dates::DateStyle;
pub(crate) use money::minor_digits;

/// Which way a language's lines run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Left to right.
    Ltr,
    /// Right to left.
    Rtl,
}

impl Direction {
    /// The value of HTML's `dir` attribute.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ltr => "ltr",
            Self::Rtl => "rtl",
        }
    }
}

/// The languages whose conventions are known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Hindi,
    Tamil,
    Arabic,
    German,
    French,
    Spanish,
    Other,
}

/// A BCP 47 language tag (RFC 5646), with a region that some conventions depend on and `-u-nu-` for its digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locale {
    tag: String,
    lang: String,
    region: Option<String>,
    pub(crate) language: Language,
    /// The digit zero; the other nine follow it in Unicode.
    pub(crate) zero: char,
}

impl Locale {
    /// Parses a tag such as `en-IN`, `hi`, `zh-Hant-TW` or `ar-EG-u-nu-latn`; `_` is read as `-`.
    ///
    /// # Errors
    /// When it is not made of subtags of 1 to 8 letters and digits, the first a language of 2 or 3 letters.
    pub fn parse(tag: &str) -> Result<Self, TemplateError> {
        let bad = || {
            TemplateError::new(ErrorKind::Locale, format!("{tag:?} is not a language tag"))
                .hint("use a BCP 47 tag such as en-IN, hi-IN, ta-IN or ar-AE")
        };
        if tag.len() > 64 {
            return Err(bad());
        }
        let subtags: Vec<String> = tag.split(['-', '_']).map(str::to_ascii_lowercase).collect();
        let alphanumeric =
            |s: &String| (1..=8).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric());
        let alphabetic = |s: &str| s.bytes().all(|b| b.is_ascii_alphabetic());
        let lang = subtags
            .first()
            .filter(|s| (2..=3).contains(&s.len()) && alphabetic(s))
            .ok_or_else(bad)?;
        if !subtags.iter().all(alphanumeric) {
            return Err(bad());
        }
        let main: Vec<&String> = subtags.iter().skip(1).take_while(|s| s.len() > 1).collect();
        let region = main
            .iter()
            .find(|s| {
                (s.len() == 2 && alphabetic(s))
                    || (s.len() == 3 && s.bytes().all(|b| b.is_ascii_digit()))
            })
            .map(|s| s.to_ascii_uppercase());
        let canonical: Vec<String> = subtags
            .iter()
            .enumerate()
            .map(|(at, s)| match s.len() {
                2 if at > 0 && at <= main.len() => s.to_ascii_uppercase(),
                4 if at > 0 && at <= main.len() && alphabetic(s) => {
                    format!("{}{}", s[..1].to_ascii_uppercase(), &s[1..])
                }
                _ => s.clone(),
            })
            .collect();
        let language = match lang.as_str() {
            "en" => Language::English,
            "hi" => Language::Hindi,
            "ta" => Language::Tamil,
            "ar" => Language::Arabic,
            "de" => Language::German,
            "fr" => Language::French,
            "es" => Language::Spanish,
            _ => Language::Other,
        };
        let numbering = subtags
            .windows(2)
            .find(|pair| pair[0] == "nu")
            .map(|pair| pair[1].as_str());
        let zero = numbering
            .and_then(numbers::zero_of)
            .unwrap_or_else(|| numbers::default_zero(language, region.as_deref()));
        Ok(Self {
            tag: canonical.join("-"),
            lang: lang.clone(),
            region,
            language,
            zero,
        })
    }

    /// The whole tag in canonical case, such as `hi-IN`.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The language subtag, such as `hi`: the value for HTML's `lang` when the region does not matter.
    pub fn lang(&self) -> &str {
        &self.lang
    }

    /// The region subtag, such as `IN`.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// Which way its lines run (by CLDR's `layout/characterOrder`).
    pub fn direction(&self) -> Direction {
        match self.lang.as_str() {
            "ar" | "he" | "fa" | "ur" | "ps" | "sd" | "ug" | "yi" | "dv" | "ckb" => Direction::Rtl,
            _ => Direction::Ltr,
        }
    }

    /// Replaces ASCII digits by the locale's own.
    pub(crate) fn digits(&self, text: String) -> String {
        if self.zero == '0' {
            return text;
        }
        text.chars()
            .map(|c| match c.to_digit(10) {
                Some(digit) if c.is_ascii() => {
                    char::from_u32(self.zero as u32 + digit).unwrap_or(c)
                }
                _ => c,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_parsed_and_put_in_canonical_case() {
        let locale = Locale::parse("HI_in").expect("valid");
        assert_eq!(
            (locale.tag(), locale.lang(), locale.region()),
            ("hi-IN", "hi", Some("IN"))
        );
        assert_eq!(
            Locale::parse("zh-hant-tw").expect("valid").tag(),
            "zh-Hant-TW"
        );
        for bad in [
            "",
            "x",
            "e",
            "english",
            "en--IN",
            "en-IN ",
            "../en",
            "en-toolongsubtag",
        ] {
            assert!(Locale::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn digits_follow_region_and_extension() {
        let digits = |tag: &str| Locale::parse(tag).expect("valid").digits("2026".to_owned());
        assert_eq!(digits("ar-EG"), "٢٠٢٦");
        assert_eq!(digits("ar-AE"), "2026");
        assert_eq!(digits("ar-EG-u-nu-latn"), "2026");
        assert_eq!(digits("hi-IN-u-nu-deva"), "२०२६");
        assert_eq!(digits("hi-IN"), "2026");
    }

    #[test]
    fn direction_is_the_languages() {
        assert_eq!(
            Locale::parse("ar").expect("valid").direction(),
            Direction::Rtl
        );
        assert_eq!(
            Locale::parse("ta-IN").expect("valid").direction(),
            Direction::Ltr
        );
    }
}
