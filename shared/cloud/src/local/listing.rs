//! Lists of objects, by a walk over their folders in key order.
//!
//! A long list is asked for in pages, and reading a folder of a million names for each page of a
//! thousand would take longer than anything else. So the names of a large folder are kept as long as
//! pages of it are asked for and it does not change, which its time of modification says.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::paths;
use super::store::meta_of;
use crate::error::{CloudError, CloudResult};
use crate::key::Key;
use crate::ports::ListPage;

/// Names that a folder must have to be kept.
const LARGE: usize = 2_000;

/// Folders kept, and for how long after a page of them.
const FOLDERS: usize = 4;
const FOR: Duration = Duration::from_secs(60);

/// How long a folder must have been unchanged: well above the ticks of a file system's clock, within
/// which two changes have one time.
const UNCHANGED: Duration = Duration::from_secs(1);

/// A folder's names as the segments of keys, in key order; those of folders end in a slash.
type Names = Arc<Vec<Box<str>>>;

/// The folders whose names are kept.
#[derive(Debug, Default)]
pub(super) struct Kept(Mutex<Vec<Folder>>);

#[derive(Debug)]
struct Folder {
    path: PathBuf,
    changed: SystemTime,
    used: Instant,
    names: Names,
}

impl Kept {
    /// The names in a folder; none when there is no such folder.
    fn names(&self, path: &Path) -> io::Result<Names> {
        let changed = match fs::metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Names::default()),
            found => found?.modified()?,
        };
        if let Some(names) = self.find(path, changed) {
            return Ok(names);
        }
        let names = Names::new(read(path)?);
        let unchanged = SystemTime::now().duration_since(changed);
        if names.len() >= LARGE && unchanged.is_ok_and(|since| since >= UNCHANGED) {
            let mut folders = self.locked();
            folders.retain(|folder| folder.path != path);
            if folders.len() >= FOLDERS {
                folders.remove(0);
            }
            folders.push(Folder {
                path: path.to_owned(),
                changed,
                used: Instant::now(),
                names: names.clone(),
            });
        }
        Ok(names)
    }

    fn find(&self, path: &Path, changed: SystemTime) -> Option<Names> {
        let mut folders = self.locked();
        folders.retain(|folder| folder.used.elapsed() < FOR);
        let folder = folders
            .iter_mut()
            .find(|folder| folder.path == path && folder.changed == changed)?;
        folder.used = Instant::now();
        Some(folder.names.clone())
    }

    /// Forgets the folders at and below a path, of which the last page has been given.
    fn forget(&self, path: &Path) {
        self.locked()
            .retain(|folder| !folder.path.starts_with(path));
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Vec<Folder>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(folder: &Path) -> io::Result<Vec<Box<str>>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut names = Vec::new();
    for entry in entries {
        if let Some(name) = entry?.file_name().to_str().and_then(paths::segment_of) {
            names.push(name.into());
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Lists the objects below `objects` whose keys start with `prefix` and come after `start_after`.
pub(super) fn list(
    objects: &Path,
    kept: &Kept,
    prefix: &str,
    start_after: Option<&str>,
    limit: usize,
) -> CloudResult<ListPage> {
    let mut walk = Walk {
        kept,
        prefix,
        start_after,
        limit,
        page: ListPage::default(),
    };
    let above = prefix.rfind('/').map_or("", |at| &prefix[..=at]);
    if let Some(folder) = paths::folder_of(objects, above) {
        walk.folder(&folder, above)
            .map_err(|error| CloudError::file(format!("listing {}", folder.display()), error))?;
        if !walk.page.more {
            kept.forget(&folder);
        }
    }
    Ok(walk.page)
}

/// A walk over the tree in key order.
struct Walk<'a> {
    kept: &'a Kept,
    prefix: &'a str,
    start_after: Option<&'a str>,
    limit: usize,
    page: ListPage,
}

impl Walk<'_> {
    /// Lists the folder of the keys that start with `above`. Its depth is bounded by the longest key.
    fn folder(&mut self, folder: &Path, above: &str) -> io::Result<()> {
        let names = self.kept.names(folder)?;
        let first = [Some(self.prefix), self.start_after]
            .into_iter()
            .flatten()
            .filter_map(|bound| bound.strip_prefix(above))
            .map(|bound| first_from(&names, bound))
            .max();
        for name in &names[first.unwrap_or_default()..] {
            if self.page.more {
                break;
            }
            // A folder sorts as what its keys start with, so the order is that of whole keys.
            let start = format!("{above}{name}");
            if start.as_str() > self.prefix && !start.starts_with(self.prefix) {
                // What comes after it is past the prefix, too.
                break;
            }
            if !self.may_hold(&start) {
                continue;
            }
            let path = folder.join(paths::name_of(name));
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

/// The place of the first name that is not before `bound`, or of the folder that `bound` is in.
fn first_from(names: &[Box<str>], bound: &str) -> usize {
    let first = names.partition_point(|name| **name < *bound);
    // What sorts between a folder and something in it is in it too, so that folder comes just before.
    let is_in = |name: &str| name.ends_with('/') && bound.starts_with(name);
    match first.checked_sub(1) {
        Some(before) if is_in(&names[before]) => before,
        _ => first,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(root: &Path, kept: &Kept, prefix: &str) -> Vec<String> {
        let mut keys: Vec<String> = Vec::new();
        loop {
            let after = keys.last().cloned();
            let page = list(root, kept, prefix, after.as_deref(), 700).unwrap();
            keys.extend(page.objects.into_iter().map(|it| String::from(it.key)));
            if !page.more {
                return keys;
            }
        }
    }

    #[test]
    fn a_large_folder_is_kept_while_it_is_listed_and_unchanged() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("a~");
        fs::create_dir_all(folder.join("b0100~")).unwrap();
        fs::write(folder.join("b0100~").join("c"), "").unwrap();
        for number in 0..LARGE {
            fs::write(folder.join(format!("b{number:04}")), "").unwrap();
        }
        let mut all: Vec<String> = (0..LARGE).map(|number| format!("a/b{number:04}")).collect();
        all.insert(101, "a/b0100/c".into());
        let kept = Kept::default();
        assert_eq!(keys(root.path(), &kept, "a/"), all, "just written");
        let long_ago = SystemTime::now() - Duration::from_secs(5);
        let set = |time| fs::File::open(&folder).unwrap().set_modified(time).unwrap();
        set(long_ago);
        assert_eq!(keys(root.path(), &kept, "a/"), all, "unchanged");
        assert!(kept.locked().is_empty(), "its last page was given");
        assert_eq!(keys(root.path(), &kept, "a/b19"), all[1901..], "a prefix");
        // Between two pages it is kept, and not when it has changed.
        assert!(list(root.path(), &kept, "a/", None, 10).unwrap().more);
        assert_eq!(kept.locked().len(), 1);
        fs::write(folder.join("b0005x"), "").unwrap();
        let page = list(root.path(), &kept, "a/", Some("a/b0005"), 10).unwrap();
        assert_eq!(page.objects[0].key.as_str(), "a/b0005x");
    }
}
