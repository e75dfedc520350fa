//! Output names: where a document or a volume lands, inside its batch and nowhere else.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A relative path of one or more segments that is the same file on every system.
///
/// Holds: at most 512 bytes; segments of 1 to 240 bytes, `%` and `~` counted three times as the local
/// store writes them as three, none of them `.` or `..`, none ending in a
/// dot or a space, none a Windows device name; no backslash, no control character, none of
/// `< > : " | ? *`; not absolute.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OutputName(String);

/// Why a text is not an output name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OutputError {
    /// Nothing, or nothing between two slashes.
    #[error("the output name has an empty part; write file.pdf or folder/file.pdf")]
    EmptySegment,
    /// Begins with a slash.
    #[error("the output name is absolute; outputs are relative to their batch")]
    Absolute,
    /// A `.` or `..` segment.
    #[error("the output name has a '.' or '..' part; outputs stay inside their batch")]
    Dots,
    /// A character that some file system refuses or reads as something else.
    #[error(
        "the output name holds {0:?}, which is not allowed in a file name everywhere; leave it out"
    )]
    Character(char),
    /// Longer than 512 bytes in all, or 240 in a segment.
    #[error(
        "the output name is too long ({0} bytes; 240 a part, % and ~ counting three, 512 in all)"
    )]
    TooLong(usize),
    /// Ends in a dot or a space, which Windows drops.
    #[error("a part of the output name begins with a space or ends in a dot or a space")]
    Trailing,
    /// `CON`, `NUL`, `COM1` and their like, with or without an extension.
    #[error("the output name {0:?} is a device on Windows; choose another")]
    Device(String),
    /// A name the program itself writes beside the outputs.
    #[error("the output name {0:?} is taken by the batch's own files; choose another")]
    Reserved(String),
}

impl OutputName {
    /// Reads an output name.
    ///
    /// # Errors
    /// The first rule of the type that the text breaks.
    pub fn parse(text: &str) -> Result<Self, OutputError> {
        if text.starts_with('/') {
            return Err(OutputError::Absolute);
        }
        if text.len() > 512 {
            return Err(OutputError::TooLong(text.len()));
        }
        if let Some(bad) = text.chars().find(|&c| forbidden(c)) {
            return Err(OutputError::Character(bad));
        }
        for segment in text.split('/') {
            check_segment(segment)?;
        }
        let folded = fold(text);
        if folded == "report.json" || folded.starts_with(".fanfold") {
            return Err(OutputError::Reserved(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as a file system that ignores case sees it: two outputs must differ in this.
    pub fn folded(&self) -> String {
        fold(&self.0)
    }

    /// The folders above the file, outermost first: `a/b/c.pdf` has `a` and `a/b`.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.0.match_indices('/').map(|(at, _)| &self.0[..at])
    }
}

/// Lower case by Unicode's simple rule, character by character.
fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Control characters, what Windows refuses, and the marks that turn the reading direction of a
/// file name so that it shows another extension than it has.
fn forbidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\\' | '<' | '>' | ':' | '"' | '|' | '?' | '*')
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

fn check_segment(segment: &str) -> Result<(), OutputError> {
    if segment.is_empty() {
        return Err(OutputError::EmptySegment);
    }
    if segment == "." || segment == ".." {
        return Err(OutputError::Dots);
    }
    let bytes = segment.len() + 2 * segment.matches(['%', '~']).count();
    if bytes > 240 {
        return Err(OutputError::TooLong(bytes));
    }
    if segment.ends_with(['.', ' ']) || segment.starts_with(' ') {
        return Err(OutputError::Trailing);
    }
    let stem = segment.split('.').next().unwrap_or(segment).trim_end();
    if is_device(stem) {
        return Err(OutputError::Device(segment.to_owned()));
    }
    Ok(())
}

/// The device names of Windows, which it also sees in `nul.pdf`.
fn is_device(stem: &str) -> bool {
    let stem = stem.to_ascii_lowercase();
    match stem.as_str() {
        "con" | "prn" | "aux" | "nul" | "conin$" | "conout$" => true,
        _ => {
            let number = stem
                .strip_prefix("com")
                .or_else(|| stem.strip_prefix("lpt"));
            matches!(
                number,
                Some("1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
            )
        }
    }
}

impl fmt::Display for OutputName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for OutputName {
    type Error = OutputError;
    fn try_from(text: String) -> Result<Self, OutputError> {
        Self::parse(&text)
    }
}

impl From<OutputName> for String {
    fn from(name: OutputName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_pass() {
        for good in [
            "a.pdf",
            "a/b/c.pdf",
            "नमस्ते.pdf",
            "LN-7_welcome letter.pdf",
            "console.pdf",
            "...a",
        ] {
            assert_eq!(OutputName::parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn path_tricks_do_not() {
        for bad in [
            "",
            "/",
            "/etc/passwd",
            "..",
            "../a.pdf",
            "a/../b.pdf",
            "a/./b.pdf",
            "a//b.pdf",
            "a/",
            ".",
            "a\\b.pdf",
            "C:a.pdf",
            "a\0.pdf",
            "a\n.pdf",
            "nul",
            "NUL.pdf",
            "x/con.tar.pdf",
            "com1.pdf",
            "a.",
            "a ",
            " a",
            "a /b",
            "report.json",
            "Report.JSON",
            ".fanfold/x",
            "what?.pdf",
            "a\u{202E}fdp.exe",
        ] {
            assert!(OutputName::parse(bad).is_err(), "{bad:?}");
        }
        assert!(OutputName::parse(&"a".repeat(241)).is_err());
        assert!(OutputName::parse(&"a/".repeat(300)).is_err());
        assert!(OutputName::parse(&"%".repeat(80)).is_ok());
        assert!(OutputName::parse(&"~".repeat(81)).is_err());
    }

    #[test]
    fn folders_are_those_above_the_file() {
        let name = OutputName::parse("a/b/c.pdf").unwrap();
        assert_eq!(name.folders().collect::<Vec<_>>(), ["a", "a/b"]);
    }
}
