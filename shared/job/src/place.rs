//! Where in a manifest an error is, and what to do about it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which of a manifest's texts a place is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Within {
    /// The manifest itself.
    Manifest,
    /// The file its `rows` name.
    Rows,
}

/// A place in a manifest: a line (and column) of its text, a JSON pointer (RFC 6901), or a pointer
/// within a line.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The text the place is in.
    pub within: Within,
    /// Line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Column, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
    /// JSON pointer; in CSV, `/` and the column's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
}

impl Place {
    /// A JSON pointer into the manifest.
    pub fn pointer(pointer: impl Into<String>) -> Self {
        Self {
            within: Within::Manifest,
            line: None,
            column: None,
            pointer: Some(pointer.into()),
        }
    }

    /// A line of one of the texts.
    pub fn line(within: Within, line: u64) -> Self {
        Self {
            within,
            line: Some(line),
            column: None,
            pointer: None,
        }
    }

    /// The same line, at a column.
    #[must_use]
    pub fn at_column(mut self, column: u64) -> Self {
        self.column = Some(column);
        self
    }

    /// The place of a member or item of what this place names.
    #[must_use]
    pub fn join(&self, step: impl fmt::Display) -> Self {
        let step = step.to_string().replace('~', "~0").replace('/', "~1");
        let pointer = format!("{}/{step}", self.pointer.as_deref().unwrap_or_default());
        Self {
            pointer: Some(pointer),
            ..self.clone()
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = false;
        if self.within == Within::Rows {
            f.write_str("rows")?;
            said = true;
        }
        if let Some(line) = self.line {
            write!(f, "{}line {line}", if said { " " } else { "" })?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
            said = true;
        }
        match &self.pointer {
            Some(pointer) if pointer.is_empty() && !said => f.write_str("the manifest"),
            Some(pointer) => write!(f, "{}{pointer}", if said { " " } else { "" }),
            None if !said => f.write_str("the manifest"),
            None => Ok(()),
        }
    }
}

/// One thing wrong with a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{place}: {message}")]
pub struct ManifestError {
    /// Where, as text.
    #[serde(serialize_with = "as_text", rename = "where")]
    pub place: Place,
    /// What, and what to do.
    pub message: String,
}

fn as_text<S: serde::Serializer>(place: &Place, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(place)
}

impl ManifestError {
    /// An error at a place.
    pub fn new(place: Place, message: impl fmt::Display) -> Self {
        Self {
            place,
            message: message.to_string(),
        }
    }
}

/// Everything wrong with a manifest, in the order found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ManifestErrors {
    /// The errors listed: all of them, up to [`Limits::errors_listed`](crate::Limits::errors_listed).
    pub listed: Vec<ManifestError>,
    /// How many there are in all.
    pub total: u64,
    #[serde(skip)]
    cap: usize,
}

impl ManifestErrors {
    /// No errors yet; lists at most `cap`.
    pub fn new(cap: usize) -> Self {
        Self {
            listed: Vec::new(),
            total: 0,
            cap,
        }
    }

    /// Notes an error.
    pub fn push(&mut self, mut error: ManifestError) {
        self.total += 1;
        if self.listed.len() < self.cap {
            shorten(&mut error.message);
            error.place.pointer.as_mut().map(shorten);
            self.listed.push(error);
        }
    }

    /// Notes those of another list, counting those it does not list.
    pub fn append(&mut self, other: Self) {
        self.total += other.total - other.listed.len() as u64;
        for error in other.listed {
            self.push(error);
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }
}

/// Bytes of a message and of a pointer. They quote what a person wrote, which may be megabytes.
const QUOTED: usize = 2_000;

fn shorten(text: &mut String) {
    if text.len() > QUOTED {
        text.truncate(text.floor_char_boundary(QUOTED));
        text.push('…');
    }
}

impl From<ManifestError> for ManifestErrors {
    fn from(error: ManifestError) -> Self {
        let mut errors = Self::new(1);
        errors.push(error);
        errors
    }
}

impl fmt::Display for ManifestErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, error) in self.listed.iter().enumerate() {
            if n > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{error}")?;
        }
        let more = self.total - self.listed.len() as u64;
        if more > 0 {
            write!(f, "\nand {more} more")?;
        }
        Ok(())
    }
}

impl std::error::Error for ManifestErrors {}
