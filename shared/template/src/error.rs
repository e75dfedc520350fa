//! Errors that name the place and say what to do.

use std::fmt;

/// What kind of thing went wrong; [`ErrorKind::as_str`] is the stable name for reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The bundle is not whole: a file is missing, has a bad path, or a configuration file is wrong.
    Bundle,
    /// A template does not compile, or failed while it ran.
    Template,
    /// The data does not fit the bundle's schema; see [`TemplateError::data_errors`].
    Data,
    /// The locale is not a BCP 47 tag.
    Locale,
    /// A limit was reached; the message names it.
    Limit,
}

impl ErrorKind {
    /// The stable name used in reports: `bundle`, `template`, `data`, `locale` or `limit`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bundle => "bundle",
            Self::Template => "template",
            Self::Data => "data",
            Self::Locale => "locale",
            Self::Limit => "limit",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A place in a file of the bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Path inside the bundle, or `inline.html` / `inline.md` for a document's own source.
    pub file: String,
    /// Line, from 1.
    pub line: Option<usize>,
    /// Column in characters, from 1.
    pub column: Option<usize>,
    /// The line's text, shortened around the column when it is long.
    pub excerpt: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
        }
        Ok(())
    }
}

/// One way in which data does not fit its schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataError {
    /// RFC 6901 pointer to the value at fault (to the missing one when one is missing); empty is the whole data.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointer = if self.pointer.is_empty() {
            "/"
        } else {
            &self.pointer
        };
        write!(f, "{pointer}: {}; {}", self.message, self.hint)
    }
}

/// Why a bundle could not be loaded or a document not be made.
///
/// `Display` gives everything on a few lines: place, message, source line, data errors, what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError(Box<Repr>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Repr {
    kind: ErrorKind,
    message: String,
    place: Option<Place>,
    hint: Option<String>,
    data: Vec<DataError>,
}

impl TemplateError {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Repr {
            kind,
            message: message.into(),
            place: None,
            hint: None,
            data: Vec::new(),
        }))
    }

    pub(crate) fn at(mut self, place: Place) -> Self {
        self.0.place = Some(place);
        self
    }

    pub(crate) fn in_file(self, file: &str) -> Self {
        self.at(Place {
            file: file.to_owned(),
            line: None,
            column: None,
            excerpt: None,
        })
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    pub(crate) fn with_data(mut self, data: Vec<DataError>) -> Self {
        self.0.data = data;
        self
    }

    /// What kind of thing went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What went wrong, in a sentence without its place.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Where, when the error has a place in a file.
    pub fn place(&self) -> Option<&Place> {
        self.0.place.as_ref()
    }

    /// What to do, when there is something better to say than the message.
    pub fn what_to_do(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// Every way in which the data does not fit, when the kind is [`ErrorKind::Data`].
    pub fn data_errors(&self) -> &[DataError] {
        &self.0.data
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.0.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.0.message)?;
        if let Some(Place {
            excerpt: Some(excerpt),
            line: Some(line),
            ..
        }) = &self.0.place
        {
            write!(f, "\n  {line} | {excerpt}")?;
        }
        for error in &self.0.data {
            write!(f, "\n  {error}")?;
        }
        if let Some(hint) = &self.0.hint {
            write!(f, "\n  help: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for TemplateError {}
