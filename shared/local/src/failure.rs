//! What a person is told when something of theirs is at fault: what, where, and what to do.

use std::fmt;
use std::path::Path;

/// An error for a person. Its display is what goes on standard error.
#[derive(Debug, thiserror::Error)]
pub(crate) struct Failure {
    what: String,
    place: String,
    what_to_do: String,
}

impl Failure {
    /// An error without a place or advice yet.
    pub(crate) fn new(what: impl fmt::Display) -> Self {
        Self {
            what: what.to_string(),
            place: String::new(),
            what_to_do: String::new(),
        }
    }

    /// An error of reading or writing a file.
    pub(crate) fn file(path: &Path, error: &std::io::Error) -> Self {
        let failure = Self::new(error).at(path.display());
        match error.kind() {
            std::io::ErrorKind::NotFound => failure.advise("check the path"),
            std::io::ErrorKind::PermissionDenied => failure.advise("check the permissions"),
            std::io::ErrorKind::StorageFull => failure.advise("free some disk space"),
            _ => failure,
        }
    }

    /// The same with its place: a file, perhaps with a line.
    pub(crate) fn at(mut self, place: impl fmt::Display) -> Self {
        self.place = place.to_string();
        self
    }

    /// The same with what to do.
    pub(crate) fn advise(mut self, what_to_do: impl fmt::Display) -> Self {
        self.what_to_do = what_to_do.to_string();
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        f.write_str(&self.what)?;
        if !self.what_to_do.is_empty() {
            write!(f, "\n  {}", self.what_to_do)?;
        }
        Ok(())
    }
}

impl From<fanfold_cloud::CloudError> for Failure {
    fn from(error: fanfold_cloud::CloudError) -> Self {
        let mut what = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            what = format!("{what}: {cause}");
            source = cause.source();
        }
        Self::new(what)
    }
}
