//! A document as the manifest writes it, before its row and names are filled in.

use serde_json::{Map, Value};

use crate::{ManifestError, ManifestErrors, NameTemplate, Place, Source};

/// Something a person may write, or leave out.
#[derive(Debug, Clone, Default)]
pub(super) enum Given<T> {
    /// Left out.
    #[default]
    Absent,
    /// Written and wrong: the error is noted already, and nothing follows from it.
    Faulty,
    /// Written.
    Is(T),
}

impl<T> Given<T> {
    /// What was written, unless it is wrong.
    pub(super) fn or_faulty(read: Option<T>) -> Self {
        read.map_or(Self::Faulty, Self::Is)
    }

    pub(super) fn get(&self) -> Option<&T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Absent | Self::Faulty => None,
        }
    }

    pub(super) fn is_faulty(&self) -> bool {
        matches!(self, Self::Faulty)
    }

    /// This, or if it was left out, what applies then.
    pub(super) fn or<'a>(&'a self, otherwise: &'a Self) -> &'a Self {
        match self {
            Self::Absent => otherwise,
            given => given,
        }
    }
}

/// One entry of `documents`, or one line of a JSON Lines manifest. A faulty one keeps its place among
/// the others, and what can be read of it is checked with them.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) place: Place,
    pub(super) id: Given<NameTemplate>,
    /// None when it is faulty.
    pub(super) source: Option<Source>,
    pub(super) locale: Given<NameTemplate>,
    pub(super) data: Given<Map<String, Value>>,
    pub(super) output: Given<NameTemplate>,
}

const FIELDS: &str = "id, bundle, html, markdown, pdf, locale, data, output";

impl Draft {
    /// A draft of which nothing can be read.
    pub(super) fn unreadable(place: Place) -> Self {
        Self {
            place,
            id: Given::Faulty,
            source: None,
            locale: Given::Faulty,
            data: Given::Faulty,
            output: Given::Faulty,
        }
    }

    /// Whether something of it is wrong.
    pub(super) fn is_faulty(&self) -> bool {
        self.source.is_none()
            || self.id.is_faulty()
            || self.locale.is_faulty()
            || self.data.is_faulty()
            || self.output.is_faulty()
    }

    /// Reads a document object; what is wrong with it goes to `errors`.
    pub(super) fn read(value: Value, place: &Place, errors: &mut ManifestErrors) -> Self {
        let Value::Object(members) = value else {
            errors.push(ManifestError::new(
                place.clone(),
                format!("a document is an object with {FIELDS}"),
            ));
            return Self::unreadable(place.clone());
        };
        let mut reader = Reader {
            place,
            errors,
            sources: Vec::new(),
        };
        let (mut id, mut locale, mut output) = Default::default();
        let mut data = Given::Absent;
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
        let mut sources = std::mem::take(&mut reader.sources);
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
            sources.clear();
        }
        Self {
            place: place.clone(),
            id,
            source: sources.pop().flatten(),
            locale,
            data,
            output,
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

    fn template(&mut self, name: &str, value: Value) -> Given<NameTemplate> {
        let parsed = self.text(name, value).and_then(|text| {
            NameTemplate::parse(&text)
                .map_err(|e| self.fault(name, e))
                .ok()
        });
        Given::or_faulty(parsed)
    }

    fn object(&mut self, name: &str, value: Value) -> Given<Map<String, Value>> {
        match value {
            Value::Object(object) => Given::Is(object),
            other => {
                self.fault(name, format!("is {}; write an object", kind(&other)));
                Given::Faulty
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
