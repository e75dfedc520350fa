//! The bundles of this machine: the starter bundles, and folders of a person's own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fanfold_template::Bundle;

use crate::failure::Failure;

/// The starter bundles and those in `folders`; of two with one name the later folder's.
pub(crate) fn find(folders: &[PathBuf]) -> Result<Vec<Bundle>, Failure> {
    let mut found = BTreeMap::new();
    for starter in fanfold_bundles::all() {
        found.insert(
            starter.name().to_owned(),
            starter.load().map_err(Failure::new)?,
        );
    }
    for folder in folders {
        let entries = std::fs::read_dir(folder).map_err(|error| Failure::file(folder, &error))?;
        for entry in entries {
            let path = entry.map_err(|error| Failure::file(folder, &error))?.path();
            if is_bundle(&path) {
                let bundle = load(&path)?;
                found.insert(bundle.name().to_owned(), bundle);
            }
        }
    }
    Ok(found.into_values().collect())
}

/// Whether a path is a bundle's folder.
pub(crate) fn is_bundle(path: &Path) -> bool {
    path.join("template.html").is_file()
}

/// The bundle in a folder.
pub(crate) fn load(folder: &Path) -> Result<Bundle, Failure> {
    Bundle::from_dir(folder)
        .map_err(|error| Failure::new(error).at(format!("bundle {}", folder.display())))
}

/// The starter bundle of that name.
pub(crate) fn starter(name: &str) -> Result<Option<Bundle>, Failure> {
    fanfold_bundles::get(name)
        .map(|starter| starter.load().map_err(Failure::new))
        .transpose()
}
