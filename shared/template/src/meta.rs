//! `bundle.toml`: what a bundle says about itself.

use serde::Deserialize;

use crate::error::{ErrorKind, Place, TemplateError};
use crate::locale::Locale;

/// The PDF standard that documents of a bundle are written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum Standard {
    /// Plain PDF 1.7 (ISO 32000-1).
    #[default]
    #[serde(rename = "pdf-1.7")]
    Pdf17,
    /// PDF/A-2b (ISO 19005-2).
    #[serde(rename = "a-2b")]
    A2b,
    /// PDF/A-3b (ISO 19005-3).
    #[serde(rename = "a-3b")]
    A3b,
    /// PDF/UA-1 (ISO 14289-1).
    #[serde(rename = "ua-1")]
    Ua1,
}

impl Standard {
    /// The name used on the command line and in `bundle.toml`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pdf17 => "pdf-1.7",
            Self::A2b => "a-2b",
            Self::A3b => "a-3b",
            Self::Ua1 => "ua-1",
        }
    }
}

/// The content of `bundle.toml`; a bundle without one has these defaults.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BundleMeta {
    /// A title for people. Default: empty.
    pub title: String,
    /// What the document is for, in a sentence. Default: empty.
    pub description: String,
    /// The standard its documents are written to. Default: PDF 1.7.
    pub standard: Standard,
    /// BCP 47 tag of documents that name no locale, and the last resort of translations. Default: `en`.
    pub language: String,
    /// BCP 47 tags the bundle has been translated to. Default: none listed.
    pub languages: Vec<String>,
    /// Output name of documents that have none, with `{field}` of the data. Default: none.
    pub output: Option<String>,
}

impl Default for BundleMeta {
    fn default() -> Self {
        Self {
            title: String::new(),
            description: String::new(),
            standard: Standard::default(),
            language: "en".to_owned(),
            languages: Vec::new(),
            output: None,
        }
    }
}

impl BundleMeta {
    pub(crate) fn parse(text: &str) -> Result<Self, TemplateError> {
        let meta: Self =
            toml::from_str(text).map_err(|error| toml_error("bundle.toml", text, &error))?;
        for tag in meta.languages.iter().chain([&meta.language]) {
            if let Err(error) = Locale::parse(tag) {
                return Err(
                    TemplateError::new(ErrorKind::Bundle, error.message()).in_file("bundle.toml")
                );
            }
        }
        Ok(meta)
    }
}

/// A TOML error with its line and column.
pub(crate) fn toml_error(file: &str, text: &str, error: &toml::de::Error) -> TemplateError {
    let place = match error.span() {
        Some(span) => Place::of_offset(file, text, span.start),
        None => Place {
            file: file.to_owned(),
            line: None,
            column: None,
            excerpt: None,
        },
    };
    TemplateError::new(ErrorKind::Bundle, error.message()).at(place)
}

impl Place {
    /// The place of a byte offset in a text.
    pub(crate) fn of_offset(file: &str, text: &str, offset: usize) -> Self {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &text[..offset];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = text[line_start..].lines().next().unwrap_or("");
        let column = text[line_start..offset].chars().count() + 1;
        Self {
            file: file.to_owned(),
            line: Some(before.matches('\n').count() + 1),
            column: Some(column),
            excerpt: Some(excerpt(line, column)),
        }
    }

    /// The place of a whole line (from 1).
    pub(crate) fn of_line(file: &str, text: Option<&str>, line: usize) -> Self {
        let source = text.and_then(|text| text.lines().nth(line.saturating_sub(1)));
        Self {
            file: file.to_owned(),
            line: Some(line),
            column: None,
            excerpt: source.map(|source| excerpt(source, 1)),
        }
    }
}

/// A line shortened to what stands around a column.
fn excerpt(line: &str, column: usize) -> String {
    const WIDTH: usize = 120;
    let skip = column.saturating_sub(WIDTH / 2);
    let mut shown: String = line.chars().skip(skip).take(WIDTH).collect();
    if skip == 0 {
        shown = shown.trim_start().to_owned();
    } else {
        shown.insert(0, '…');
    }
    if line.chars().nth(skip + WIDTH).is_some() {
        shown.push('…');
    }
    shown.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_fields_are_errors_with_their_line() {
        let error = BundleMeta::parse("title = 'x'\nlanguge = 'en'\n").expect_err("misspelt");
        assert_eq!(error.place().and_then(|place| place.line), Some(2));
        assert!(error.to_string().contains("languge"), "{error}");
    }

    #[test]
    fn standards_have_the_names_of_the_command_line() {
        let meta = BundleMeta::parse("standard = 'a-3b'").expect("valid");
        assert_eq!(meta.standard, Standard::A3b);
        assert_eq!(meta.language, "en");
    }
}
