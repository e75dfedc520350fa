//! Translations: `locales/{lang}.toml` or `.json` in a bundle, looked up by dotted keys.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::error::{ErrorKind, Place, TemplateError};
use crate::files::Files;
use crate::locale::Locale;
use crate::meta::toml_error;

/// The texts of all languages, by lower-case tag.
#[derive(Debug, Default)]
pub(crate) struct Translations {
    by_tag: BTreeMap<String, Value>,
}

impl Translations {
    pub(crate) fn load(files: &Files) -> Result<Self, TemplateError> {
        let mut by_tag = BTreeMap::new();
        for (path, _) in files.iter() {
            let Some((tag, format)) = path
                .strip_prefix("locales/")
                .and_then(|name| name.rsplit_once('.'))
            else {
                continue;
            };
            let text = files.text(path)?.unwrap_or_default();
            let texts: Value = match format {
                "toml" => toml::from_str(text).map_err(|error| toml_error(path, text, &error))?,
                "json" => {
                    serde_json::from_str(text).map_err(|error| json_error(path, text, &error))?
                }
                _ => continue,
            };
            if !texts.is_object() {
                return Err(TemplateError::new(
                    ErrorKind::Bundle,
                    "translations must be an object",
                )
                .in_file(path));
            }
            let locale = Locale::parse(tag).map_err(|error| {
                TemplateError::new(ErrorKind::Bundle, error.message())
                    .in_file(path)
                    .hint("name the file by its language")
            })?;
            if by_tag
                .insert(locale.tag().to_ascii_lowercase(), texts)
                .is_some()
            {
                return Err(
                    TemplateError::new(ErrorKind::Bundle, "the language is there twice")
                        .in_file(path),
                );
            }
        }
        Ok(Self { by_tag })
    }

    /// Texts for a locale, nearest first: the whole tag, then shorter ones, then the bundle's own language.
    pub(crate) fn chain(&self, locale: &Locale, own: &Locale) -> Vec<Value> {
        let mut tags = Vec::new();
        for tag in [locale.tag(), own.tag()] {
            let mut tag = tag.to_ascii_lowercase();
            loop {
                if !tags.contains(&tag) {
                    tags.push(tag.clone());
                }
                match tag.rfind('-') {
                    Some(at) => tag.truncate(at),
                    None => break,
                }
            }
        }
        tags.iter()
            .filter_map(|tag| self.by_tag.get(tag).cloned())
            .collect()
    }
}

/// A JSON error with its line and column.
pub(crate) fn json_error(file: &str, text: &str, error: &serde_json::Error) -> TemplateError {
    let mut place = Place::of_line(file, Some(text), error.line());
    place.column = Some(error.column());
    TemplateError::new(ErrorKind::Bundle, error.to_string()).at(place)
}

/// The value of a dotted key (`letter.greeting`, `clauses.0.title`).
pub(crate) fn lookup<'a>(texts: &'a Value, key: &str) -> Option<&'a Value> {
    key.split('.')
        .try_fold(texts, |value, segment| match value {
            Value::Object(fields) => fields.get(segment),
            Value::Array(items) => items.get(segment.parse::<usize>().ok()?),
            _ => None,
        })
}
