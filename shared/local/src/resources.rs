//! Where the style sheets, images and fonts of a page on disk come from.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fanfold_press::{Fetch, FetchError};

use crate::failure::Failure;

/// A folder whose files a page may use. Nothing outside of it is read, by whatever name.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The folder at `path`.
    pub(crate) fn new(path: &Path) -> Result<Self, Failure> {
        let root = path
            .canonicalize()
            .map_err(|error| Failure::file(path, &error))?;
        Ok(Self { root })
    }
}

impl Fetch for Folder {
    fn fetch(&self, url: &str) -> Result<Arc<[u8]>, FetchError> {
        let path = url.strip_prefix("file://").unwrap_or(url);
        if has_scheme(path) {
            return Err(FetchError::Refused(format!(
                "{url} is not on this machine and nothing is loaded from the network; save it beside the page"
            )));
        }
        let path = path.split(['?', '#']).next().unwrap_or(path);
        let full = self.root.join(percent_decoded(path));
        // Resolved first, so that neither `..` nor a link leads out.
        let Ok(full) = full.canonicalize() else {
            return Err(FetchError::NotFound);
        };
        if !full.starts_with(&self.root) {
            return Err(FetchError::Refused(format!(
                "{url} is outside of {}; use --base-dir with a folder that holds both",
                self.root.display()
            )));
        }
        fs::read(&full)
            .map(Arc::from)
            .map_err(|error| FetchError::Failed(error.to_string()))
    }
}

/// Whether a URL begins with a scheme (RFC 3986 §3.1), or with a host as `//host/…` does.
fn has_scheme(url: &str) -> bool {
    let scheme = url.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|it| it.is_ascii_alphanumeric() || "+-.".contains(it))
    });
    scheme || url.starts_with("//")
}

pub(crate) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = (first == b'%')
            .then(|| {
                after
                    .get(..2)
                    .and_then(|code| std::str::from_utf8(code).ok())
            })
            .flatten()
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        match code {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The fonts in folders, in the order of their paths, so that the same folders give the same PDF.
pub(crate) fn fonts(folders: &[PathBuf]) -> Result<Vec<Arc<[u8]>>, Failure> {
    let mut fonts = Vec::new();
    for folder in folders {
        let entries = fs::read_dir(folder).map_err(|error| Failure::file(folder, &error))?;
        let mut paths = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| Failure::file(folder, &error))?.path();
            let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
            if ["ttf", "otf", "ttc", "otc"]
                .iter()
                .any(|known| extension == *known)
            {
                paths.push(path);
            }
        }
        paths.sort();
        for path in paths {
            fonts.push(
                fs::read(&path)
                    .map_err(|error| Failure::file(&path, &error))?
                    .into(),
            );
        }
    }
    Ok(fonts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_reads_its_folder_and_nothing_else() {
        let outer = tempfile::tempdir().unwrap();
        let inner = outer.path().join("page");
        fs::create_dir(&inner).unwrap();
        fs::write(outer.path().join("secret.css"), "no").unwrap();
        fs::write(inner.join("a b.css"), "yes").unwrap();
        let folder = Folder::new(&inner).unwrap();
        assert_eq!(&*folder.fetch("a%20b.css?v=1#x").unwrap(), b"yes");
        assert_eq!(folder.fetch("none.css"), Err(FetchError::NotFound));
        let secret = outer.path().join("secret.css");
        for outside in [
            "../secret.css",
            "%2e%2e/secret.css",
            &secret.to_string_lossy(),
        ] {
            assert!(
                matches!(folder.fetch(outside), Err(FetchError::Refused(_))),
                "{outside}"
            );
        }
        for remote in ["https://example.com/a.css", "//example.com/a.css", "ftp:a"] {
            assert!(
                matches!(folder.fetch(remote), Err(FetchError::Refused(_))),
                "{remote}"
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_does_not_lead_out() {
        let outer = tempfile::tempdir().unwrap();
        let inner = outer.path().join("page");
        fs::create_dir(&inner).unwrap();
        fs::write(outer.path().join("secret.css"), "no").unwrap();
        std::os::unix::fs::symlink(outer.path().join("secret.css"), inner.join("link.css"))
            .unwrap();
        let folder = Folder::new(&inner).unwrap();
        assert!(matches!(
            folder.fetch("link.css"),
            Err(FetchError::Refused(_))
        ));
    }
}
