//! The name of an object, checked once.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The longest key S3 takes, in bytes of UTF-8.
pub const MAX_KEY_BYTES: usize = 1024;

/// The name of an object: segments joined by `/`.
///
/// Invariants: 1 to [`MAX_KEY_BYTES`] bytes of UTF-8; no empty segment (so neither a leading, a
/// trailing nor a doubled slash); no segment is `.` or `..`; no control character and no backslash.
/// So a key names the same object in every adapter and, joined to a folder, stays inside it.
/// Keys order by their bytes, as S3's lists do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Key(String);

/// Why a string is not a [`Key`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key:?} is not an object key: {reason}")]
pub struct InvalidKey {
    key: String,
    reason: &'static str,
}

impl Key {
    /// Parses a key.
    ///
    /// # Errors
    /// Says which invariant of [`Key`] the string breaks.
    pub fn new(key: impl Into<String>) -> Result<Self, InvalidKey> {
        let key = key.into();
        match fault(&key) {
            None => Ok(Self(key)),
            Some(reason) => Err(InvalidKey {
                key: key.chars().take(200).collect(),
                reason,
            }),
        }
    }

    /// The key as a string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The segments between slashes; never empty.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/')
    }

    /// The last segment: the file name.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// This key with `/rest` appended.
    ///
    /// # Errors
    /// When the result breaks an invariant of [`Key`].
    pub fn join(&self, rest: &str) -> Result<Self, InvalidKey> {
        Self::new(format!("{}/{rest}", self.0))
    }
}

fn fault(key: &str) -> Option<&'static str> {
    if key.is_empty() {
        return Some("it is empty");
    }
    if key.len() > MAX_KEY_BYTES {
        return Some("it is longer than 1024 bytes");
    }
    if key.chars().any(char::is_control) {
        return Some("it has a control character");
    }
    if key.contains('\\') {
        return Some("it has a backslash");
    }
    for segment in key.split('/') {
        match segment {
            "" => return Some("it has an empty segment (a leading, trailing or doubled slash)"),
            "." | ".." => return Some("it has a `.` or `..` segment"),
            _ => {}
        }
    }
    None
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for Key {
    // Equality, order and hash are derived from the one string field, so they agree with `str`'s.
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Key {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl FromStr for Key {
    type Err = InvalidKey;

    fn from_str(key: &str) -> Result<Self, InvalidKey> {
        Self::new(key)
    }
}

impl TryFrom<String> for Key {
    type Error = InvalidKey;

    fn try_from(key: String) -> Result<Self, InvalidKey> {
        Self::new(key)
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.0
    }
}

impl From<&Key> for String {
    fn from(key: &Key) -> Self {
        key.0.clone()
    }
}

impl From<InvalidKey> for crate::CloudError {
    fn from(error: InvalidKey) -> Self {
        Self::invalid(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_leave_their_folder_or_have_no_name_are_refused() {
        for bad in [
            "", "/a", "a/", "a//b", "a/../b", "..", "./a", "a\0b", "a\nb", "a\\b",
        ] {
            assert!(Key::new(bad).is_err(), "{bad:?}");
        }
        assert!(Key::new("x".repeat(1025)).is_err());
    }

    #[test]
    fn keys_keep_their_text() {
        for good in [
            "a",
            "t/default/batches/x/parts/मेरा पत्र.pdf",
            "a/b..c/...",
            "x y%2F~",
        ] {
            assert_eq!(Key::new(good).unwrap().as_str(), good);
        }
        assert_eq!(Key::new("a/b/c.pdf").unwrap().file_name(), "c.pdf");
        assert!(Key::new("a").unwrap().join("../b").is_err());
    }
}
