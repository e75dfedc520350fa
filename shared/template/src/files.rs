//! The files of a bundle: safe relative paths, limits, content hash.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::error::{ErrorKind, TemplateError};

/// Files a bundle may have.
pub const MAX_FILES: usize = 1_000;
/// Bytes one file of a bundle may have.
pub const MAX_FILE_BYTES: usize = 16 << 20;
/// Bytes all files of a bundle may have together.
pub const MAX_BUNDLE_BYTES: usize = 64 << 20;

const MAX_PATH_BYTES: usize = 200;
const MAX_FOLDER_DEPTH: usize = 8;

/// Files by path. Invariants: every path is relative, has no empty, `.` or `..` segment, no backslash, colon
/// or control character; counts and sizes are within the limits above.
#[derive(Debug, Clone, Default)]
pub(crate) struct Files {
    by_path: BTreeMap<String, Arc<[u8]>>,
    bytes: usize,
}

impl Files {
    pub(crate) fn collect(
        files: impl IntoIterator<Item = (String, Arc<[u8]>)>,
    ) -> Result<Self, TemplateError> {
        let mut all = Self::default();
        for (path, content) in files {
            all.insert(path, content)?;
        }
        Ok(all)
    }

    /// Reads a folder. Hidden files (`.name`) are left out; symbolic links are refused, as they could lead
    /// out of the bundle.
    pub(crate) fn read_dir(root: &Path) -> Result<Self, TemplateError> {
        let mut all = Self::default();
        all.read_folder(root, "", 0)?;
        Ok(all)
    }

    fn read_folder(
        &mut self,
        folder: &Path,
        prefix: &str,
        depth: usize,
    ) -> Result<(), TemplateError> {
        let unreadable = |path: &Path, error: &std::io::Error| {
            TemplateError::new(
                ErrorKind::Bundle,
                format!("cannot read {}: {error}", path.display()),
            )
        };
        if depth > MAX_FOLDER_DEPTH {
            return Err(TemplateError::new(
                ErrorKind::Limit,
                format!("folders deeper than {MAX_FOLDER_DEPTH}"),
            )
            .in_file(prefix)
            .hint("move the files up"));
        }
        for entry in fs::read_dir(folder).map_err(|e| unreadable(folder, &e))? {
            let entry = entry.map_err(|e| unreadable(folder, &e))?;
            let Some(name) = entry.file_name().to_str().map(str::to_owned) else {
                return Err(
                    TemplateError::new(ErrorKind::Bundle, "a file name is not UTF-8")
                        .in_file(prefix)
                        .hint("rename the file"),
                );
            };
            if name.starts_with('.') {
                continue;
            }
            let path = format!("{prefix}{name}");
            let kind = entry
                .file_type()
                .map_err(|e| unreadable(&entry.path(), &e))?;
            if kind.is_dir() {
                self.read_folder(&entry.path(), &format!("{path}/"), depth + 1)?;
            } else if kind.is_file() {
                let file =
                    fs::File::open(entry.path()).map_err(|e| unreadable(&entry.path(), &e))?;
                let mut content = Vec::new();
                file.take(MAX_FILE_BYTES as u64 + 1)
                    .read_to_end(&mut content)
                    .map_err(|e| unreadable(&entry.path(), &e))?;
                self.insert(path, content.into())?;
            } else {
                return Err(TemplateError::new(ErrorKind::Bundle, "not a plain file")
                    .in_file(&path)
                    .hint("a bundle holds plain files only: replace the link by the file"));
            }
        }
        Ok(())
    }

    fn insert(&mut self, path: String, content: Arc<[u8]>) -> Result<(), TemplateError> {
        check_path(&path)?;
        let over = |what: String| Err(TemplateError::new(ErrorKind::Limit, what).in_file(&path));
        if content.len() > MAX_FILE_BYTES {
            return over(format!("the file is larger than {MAX_FILE_BYTES} bytes"));
        }
        if self.by_path.len() >= MAX_FILES {
            return over(format!("the bundle has more than {MAX_FILES} files"));
        }
        self.bytes += content.len();
        if self.bytes > MAX_BUNDLE_BYTES {
            return over(format!(
                "the bundle is larger than {MAX_BUNDLE_BYTES} bytes"
            ));
        }
        if self.by_path.contains_key(&path) {
            return Err(
                TemplateError::new(ErrorKind::Bundle, "the path is there twice").in_file(&path),
            );
        }
        self.by_path.insert(path, content);
        Ok(())
    }

    pub(crate) fn get(&self, path: &str) -> Option<&Arc<[u8]>> {
        self.by_path.get(path)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Arc<[u8]>)> {
        self.by_path
            .iter()
            .map(|(path, content)| (path.as_str(), content))
    }

    /// The text of a file, or nothing when there is no such file.
    pub(crate) fn text(&self, path: &str) -> Result<Option<&str>, TemplateError> {
        let Some(content) = self.by_path.get(path) else {
            return Ok(None);
        };
        let text = std::str::from_utf8(content).map_err(|error| {
            TemplateError::new(
                ErrorKind::Bundle,
                format!("not UTF-8 from byte {}", error.valid_up_to()),
            )
            .in_file(path)
            .hint("save the file as UTF-8")
        })?;
        // A byte order mark would become a character of the page.
        Ok(Some(text.strip_prefix('\u{feff}').unwrap_or(text)))
    }

    /// SHA-256 over every path and content, each behind its length so that no two bundles read the same.
    pub(crate) fn hash(&self) -> String {
        let mut hash = Sha256::new();
        for (path, content) in &self.by_path {
            for part in [path.as_bytes(), content] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part);
            }
        }
        hash.finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

fn check_path(path: &str) -> Result<(), TemplateError> {
    let bad = path.is_empty()
        || path.len() > MAX_PATH_BYTES
        || path
            .chars()
            .any(|c| c.is_control() || matches!(c, '\\' | ':'))
        || path
            .split('/')
            .any(|segment| matches!(segment, "" | "." | ".."));
    if bad {
        return Err(TemplateError::new(ErrorKind::Bundle, format!("{path:?} is not a path inside a bundle")).hint(
            format!("use a relative path with forward slashes, without . or .. segments, up to {MAX_PATH_BYTES} bytes"),
        ));
    }
    Ok(())
}

/// Resolves a reference from a file of the bundle to a path in it: `./` and `../` are relative to the
/// file's folder, anything else to the bundle's root. `None` when it leads out of the bundle.
pub(crate) fn resolve(reference: &str, from: &str) -> Option<String> {
    let mut segments: Vec<&str> = Vec::new();
    if reference.starts_with("./") || reference.starts_with("../") {
        segments.extend(from.split('/'));
        segments.pop();
    }
    for segment in reference.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop()?;
            }
            name => segments.push(name),
        }
    }
    (!segments.is_empty()).then(|| segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(paths: &[&str]) -> Result<Files, TemplateError> {
        Files::collect(
            paths
                .iter()
                .map(|path| ((*path).to_owned(), Arc::from(path.as_bytes()))),
        )
    }

    #[test]
    fn paths_stay_inside() {
        for path in [
            "", "/a", "a//b", "../a", "a/../b", "./a", "a\\b", "C:a", "a\nb", "a/",
        ] {
            assert_eq!(
                files(&[path]).expect_err(path).kind(),
                ErrorKind::Bundle,
                "{path:?}"
            );
        }
        assert!(files(&["images/logo.png", "template.html"]).is_ok());
    }

    #[test]
    fn references_resolve_inside_only() {
        assert_eq!(
            resolve("parts/a.html", "x/y.html").as_deref(),
            Some("parts/a.html")
        );
        assert_eq!(resolve("./a.html", "x/y.html").as_deref(), Some("x/a.html"));
        assert_eq!(resolve("../a.html", "x/y.html").as_deref(), Some("a.html"));
        assert_eq!(resolve("../../a.html", "x/y.html"), None);
    }

    #[test]
    fn hash_tells_paths_from_contents() {
        let a = Files::collect([("a".to_owned(), Arc::from(&b"bc"[..]))]).expect("valid");
        let b = Files::collect([("ab".to_owned(), Arc::from(&b"c"[..]))]).expect("valid");
        assert_ne!(a.hash(), b.hash());
        assert_eq!(a.hash().len(), 64);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("template.html"))
            .expect("a link");
        let error = Files::read_dir(folder.path()).expect_err("a link");
        assert_eq!(error.kind(), ErrorKind::Bundle);
    }
}
