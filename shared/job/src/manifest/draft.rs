//! A document as the manifest writes it, before its row and names are filled in.

use serde_json::{Map, Value};

use crate::{ManifestError, ManifestErrors, NameTemplate, Place, Source};

/// One entry of `documents`, or one line of a JSON Lines manifest.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) place: Place,
    pub(super) id: Option<NameTemplate>,
    pub(super) source: Source,
    pub(super) locale: Option<NameTemplate>,
    pub(super) data: Option<Map<String, Value>>,
    pub(super) output: Option<NameTemplate>,
}

const FIELDS: &str = "id, bundle, html, markdown, pdf, locale, data, output";

impl Draft {
    /// Reads a document object; on errors, all of them go to `errors` and there is no draft.
    pub(super) fn read(value: Value, place: &Place, errors: &mut ManifestErrors) -> Option<Self> {
        let before = errors.total;
        let Value::Object(members) = value else {
            errors.push(ManifestError::new(
                place.clone(),
                format!("a document is an object with {FIELDS}"),
            ));
            return None;
        };
        let mut reader = Reader {
            place,
            errors,
            sources: Vec::new(),
        };
        let (mut id, mut locale, mut data, mut output) = (None, None, None, None);
        for (name, value) in members {
            match name.as_str() {
                "id" => id = reader.template(&name, value),
                "locale" => locale = reader.template(&name, value),
                "output" => output = reader.template(&name, value),
                "data" => data = reader.object(&name, value),
                "bundle" | "html" | "markdown" | "pdf" => reader.source(&name, value),
                _ => reader.fault(&name, format!("unknown field; a document has {FIELDS}")),
            }
        }
        let sources = std::mem::take(&mut reader.sources);
        if sources.len() != 1 {
            let what = if sources.is_empty() {
                "no source"
            } else {
                "more than one source"
            };
            errors.push(ManifestError::new(
                place.clone(),
                format!("{what}; give one of bundle, html, markdown, pdf"),
            ));
        }
        let source = sources.into_iter().next().flatten();
        match source {
            Some(source) if errors.total == before => Some(Self {
                place: place.clone(),
                id,
                source,
                locale,
                data,
                output,
            }),
            _ => None,
        }
    }
}

struct Reader<'a> {
    place: &'a Place,
    errors: &'a mut ManifestErrors,
    /// One entry for each source named, none where it is faulty.
    sources: Vec<Option<Source>>,
}

impl Reader<'_> {
    fn fault(&mut self, name: &str, message: impl std::fmt::Display) {
        self.errors
            .push(ManifestError::new(self.place.join(name), message));
    }

    fn text(&mut self, name: &str, value: Value) -> Option<String> {
        match value {
            Value::String(text) => Some(text),
            other => {
                self.fault(name, format!("is {}; write a text", kind(&other)));
                None
            }
        }
    }

    fn template(&mut self, name: &str, value: Value) -> Option<NameTemplate> {
        let text = self.text(name, value)?;
        NameTemplate::parse(&text)
            .map_err(|e| self.fault(name, e))
            .ok()
    }

    fn object(&mut self, name: &str, value: Value) -> Option<Map<String, Value>> {
        match value {
            Value::Object(object) => Some(object),
            other => {
                self.fault(name, format!("is {}; write an object", kind(&other)));
                None
            }
        }
    }

    fn source(&mut self, name: &str, value: Value) {
        let source = self.text(name, value).and_then(|text| match name {
            "bundle" => self.checked(name, check_bundle(&text), Source::Bundle(text)),
            "html" => Some(Source::Html(text)),
            "markdown" => Some(Source::Markdown(text)),
            _ => self.checked(name, check_key(&text), Source::Pdf(text)),
        });
        self.sources.push(source);
    }

    fn checked(
        &mut self,
        name: &str,
        check: Result<(), &'static str>,
        source: Source,
    ) -> Option<Source> {
        check
            .map_err(|rule| self.fault(name, rule))
            .ok()
            .map(|()| source)
    }
}

/// What a JSON value is, in words.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A bundle's name goes into keys and paths.
pub(super) fn check_bundle(name: &str) -> Result<(), &'static str> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    if name.is_empty() || name.len() > 100 || !name.bytes().all(plain) || name.starts_with('.') {
        return Err(
            "a bundle's name is 1 to 100 letters, digits, '-', '_' and '.', not beginning with a dot",
        );
    }
    Ok(())
}

/// A key of the bucket, or a path beside a local manifest.
pub(super) fn check_key(key: &str) -> Result<(), &'static str> {
    if key.is_empty() || key.len() > 1024 {
        return Err("a key is 1 to 1024 bytes");
    }
    if key.starts_with('/') || key.contains('\\') || key.chars().any(char::is_control) {
        return Err("a key is relative, without backslashes and control characters");
    }
    if key
        .split('/')
        .any(|part| part.is_empty() || part == "." || part == "..")
    {
        return Err("a key has no empty, '.' or '..' parts");
    }
    Ok(())
}
