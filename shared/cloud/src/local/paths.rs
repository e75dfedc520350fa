//! Keys as paths: safe on disk, reversible, and listable in key order without reading the whole tree.
//!
//! A segment becomes a name by percent-encoding the bytes that file systems treat specially, and `%`
//! and `~` themselves. Names of folders end in `~`, so the objects `a` and `a/b` can both exist.

use std::path::{Path, PathBuf};

use crate::error::{CloudError, CloudResult};
use crate::key::Key;

/// The longest file name that Linux and macOS file systems take, in bytes.
const MAX_NAME_BYTES: usize = 255;

/// What ends the name of a folder.
const FOLDER_MARK: char = '~';

/// The file of an object under `root`.
pub(super) fn file_of(root: &Path, key: &Key) -> CloudResult<PathBuf> {
    let mut path = root.to_path_buf();
    let mut segments = key.segments().peekable();
    while let Some(segment) = segments.next() {
        let mut name = encode(segment);
        if segments.peek().is_some() {
            name.push(FOLDER_MARK);
        }
        if name.len() > MAX_NAME_BYTES {
            return Err(CloudError::invalid(format!(
                "{key} has a segment of {} bytes on disk; the local store takes {MAX_NAME_BYTES}",
                name.len()
            )));
        }
        path.push(name);
    }
    Ok(path)
}

/// The folder that holds the objects whose keys start with `prefix`, a whole number of segments each
/// followed by a slash (or nothing). None when no key can start so.
pub(super) fn folder_of(root: &Path, prefix: &str) -> Option<PathBuf> {
    let mut path = root.to_path_buf();
    for segment in prefix.split_terminator('/') {
        if segment.is_empty() || segment == "." || segment == ".." {
            return None;
        }
        let name = encode(segment) + "~";
        path.push((name.len() <= MAX_NAME_BYTES).then_some(name)?);
    }
    Some(path)
}

fn encode(segment: &str) -> String {
    let mut name = String::with_capacity(segment.len());
    for (at, character) in segment.char_indices() {
        // A leading dot would hide the file; the others are special to some file system or to us.
        let special = match character {
            '%' | '~' | '<' | '>' | ':' | '"' | '|' | '?' | '*' | '\\' | '/' => true,
            '.' => at == 0,
            _ => character.is_ascii_control(),
        };
        if special {
            name.push_str(&format!("%{:02X}", u32::from(character)));
        } else {
            name.push(character);
        }
    }
    name
}

/// The name of a key's segment on disk; of a folder's, which ends in a slash, its folder's.
pub(super) fn name_of(segment: &str) -> String {
    match segment.strip_suffix('/') {
        Some(segment) => encode(segment) + "~",
        None => encode(segment),
    }
}

/// What [`name_of`] made the name of; none for a name it cannot have made.
pub(super) fn segment_of(name: &str) -> Option<String> {
    match name.strip_suffix(FOLDER_MARK) {
        Some(name) => decode(name).map(|segment| segment + "/"),
        None => decode(name),
    }
}

/// The segment that [`encode`] made the name of; none for a name it cannot have made.
fn decode(name: &str) -> Option<String> {
    let mut segment = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find('%') {
        segment.push_str(&rest[..at]);
        let code = rest.get(at + 1..at + 3)?;
        segment.push(char::from(u8::from_str_radix(code, 16).ok()?));
        rest = &rest[at + 3..];
    }
    segment.push_str(rest);
    (encode(&segment) == name).then_some(segment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_segment_comes_back_from_its_name() {
        for segment in [
            "a",
            "a.pdf",
            ".hidden",
            "100%",
            "a~b",
            "मेरा पत्र",
            "a:b*c?",
            "%41",
            "x~",
        ] {
            let name = encode(segment);
            assert_eq!(decode(&name).as_deref(), Some(segment));
            assert!(
                !name.starts_with('.') && !name.contains(['~', ':', '*', '?']),
                "{name}"
            );
        }
        assert_eq!(decode("a%4"), None);
        assert_eq!(
            decode("%41"),
            None,
            "`A` is never encoded, so this is not ours"
        );
        assert_eq!(decode("a%é1"), None);
    }

    #[test]
    fn an_object_and_a_folder_of_one_name_are_apart() {
        let root = Path::new("/r");
        let object = file_of(root, &Key::new("a").unwrap()).unwrap();
        let below = file_of(root, &Key::new("a/b").unwrap()).unwrap();
        assert_eq!(object, Path::new("/r/a"));
        assert_eq!(below, Path::new("/r/a~/b"));
        assert!(file_of(root, &Key::new("x".repeat(300)).unwrap()).is_err());
    }
}
