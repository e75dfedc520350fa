//! Lists of objects, by a walk over their folders in key order.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use super::paths::{self, FOLDER_MARK};
use super::store::meta_of;
use crate::error::{CloudError, CloudResult};
use crate::key::Key;
use crate::ports::ListPage;

/// Lists the objects below `objects` whose keys start with `prefix` and come after `start_after`.
pub(super) fn list(
    objects: &Path,
    prefix: &str,
    start_after: Option<&str>,
    limit: usize,
) -> CloudResult<ListPage> {
    let mut walk = Walk {
        prefix,
        start_after,
        limit,
        page: ListPage::default(),
    };
    let above = prefix.rfind('/').map_or("", |at| &prefix[..=at]);
    if let Some(folder) = paths::folder_of(objects, above) {
        walk.folder(&folder, above)
            .map_err(|error| CloudError::file(format!("listing {}", folder.display()), error))?;
    }
    Ok(walk.page)
}

/// A walk over the tree in key order.
struct Walk<'a> {
    prefix: &'a str,
    start_after: Option<&'a str>,
    limit: usize,
    page: ListPage,
}

impl Walk<'_> {
    /// Lists the folder of the keys that start with `above`. Its depth is bounded by the longest key.
    fn folder(&mut self, folder: &Path, above: &str) -> io::Result<()> {
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            // A folder sorts as what its keys start with, so the order is that of whole keys.
            let (name, end) = match name.strip_suffix(FOLDER_MARK) {
                Some(name) => (name, "/"),
                None => (name.as_str(), ""),
            };
            let Some(segment) = paths::decode(name) else {
                continue;
            };
            let start = format!("{above}{segment}{end}");
            if self.may_hold(&start) {
                names.push((start, entry.path()));
            }
        }
        names.sort_unstable();
        for (start, path) in names {
            if self.page.more {
                break;
            }
            if start.ends_with('/') {
                self.folder(&path, &start)?;
            } else {
                self.object(&path, start)?;
            }
        }
        Ok(())
    }

    /// Whether an object of that key, or of a key that starts so when it ends in a slash, is asked for.
    fn may_hold(&self, start: &str) -> bool {
        if start.ends_with('/') {
            (start.starts_with(self.prefix) || self.prefix.starts_with(start))
                && self
                    .start_after
                    .is_none_or(|after| after < start || after.starts_with(start))
        } else {
            start.starts_with(self.prefix) && self.start_after.is_none_or(|after| after < start)
        }
    }

    fn object(&mut self, path: &Path, key: String) -> io::Result<()> {
        let Ok(key) = Key::new(key) else {
            return Ok(());
        };
        if self.page.objects.len() == self.limit {
            self.page.more = true;
            return Ok(());
        }
        match fs::metadata(path) {
            Ok(found) => self.page.objects.push(meta_of(&key, &found)),
            // Deleted since the folder was read.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}
