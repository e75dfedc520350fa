//! Whether there are the bundles that a manifest names.

use std::collections::BTreeMap;
use std::{fmt, io};

use crate::{Limits, ManifestError, ManifestErrors, Place};

/// The bundles there are, for [`Reading::check`](super::Reading::check).
pub trait Bundles {
    /// Whether there is a bundle of this name. Asked once for each name of a manifest.
    ///
    /// # Errors
    /// When that cannot be found out now.
    fn has(&mut self, name: &str) -> io::Result<bool>;

    /// Names to choose from, for whoever named one that is not there.
    ///
    /// # Errors
    /// When they cannot be found out now.
    fn names(&mut self) -> io::Result<Vec<String>>;
}

/// Names that an error lists.
const LISTED: usize = 20;
/// How like another a name must be to be meant, by Jaro and Winkler's measure from 0 to 1.
const ALIKE: f64 = 0.8;

/// The bundles that a manifest has named so far, and whether there are such.
pub(super) struct Named<'a> {
    bundles: &'a mut dyn Bundles,
    known: BTreeMap<String, bool>,
    limit: usize,
    names: Option<Vec<String>>,
    too_many: bool,
    /// What is wrong with documents that name a bundle of their own, and how many there are.
    missing: ManifestErrors,
}

/// Who names a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    /// The manifest, for every row: without it nothing can come of the manifest.
    AllRows,
    /// A document, for itself: without it that document fails alone.
    Document,
}

impl fmt::Debug for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Named")
            .field("known", &self.known)
            .finish_non_exhaustive()
    }
}

impl<'a> Named<'a> {
    /// None named yet, and at most `limit` different ones.
    pub(super) fn new(bundles: &'a mut dyn Bundles, limits: &Limits) -> Self {
        Self {
            bundles,
            known: BTreeMap::new(),
            limit: limits.bundles,
            names: None,
            too_many: false,
            missing: ManifestErrors::new(limits.errors_listed),
        }
    }

    /// Notes a name that stands at `place`. One that there is not goes to `errors` when it is for all
    /// rows, and is put by for [`Self::missing`] when it is a document's.
    ///
    /// # Errors
    /// As [`Bundles::has`].
    pub(super) fn note(
        &mut self,
        name: &str,
        place: &Place,
        names: For,
        errors: &mut ManifestErrors,
    ) -> io::Result<()> {
        let what = match self.known.get(name) {
            Some(true) => return Ok(()),
            Some(false) => format!("there is no bundle {name:?}"),
            None if self.known.len() >= self.limit => {
                if std::mem::replace(&mut self.too_many, true) {
                    return Ok(());
                }
                let what = format!("more than {} bundles; split the manifest", self.limit);
                errors.push(ManifestError::new(place.clone(), what));
                return Ok(());
            }
            None => {
                let is_there = self.bundles.has(name)?;
                self.known.insert(name.to_owned(), is_there);
                if is_there {
                    return Ok(());
                }
                // Said in full once a name: a thousand rows may have the same.
                format!("there is no bundle {name:?}{}", self.hint(name)?)
            }
        };
        let errors = match names {
            For::AllRows => errors,
            For::Document => &mut self.missing,
        };
        errors.push(ManifestError::new(place.clone(), what));
        Ok(())
    }

    /// The documents that will fail for want of the bundle they name.
    pub(super) fn missing(&mut self) -> ManifestErrors {
        std::mem::replace(&mut self.missing, ManifestErrors::new(0))
    }

    fn hint(&mut self, name: &str) -> io::Result<String> {
        let names = match &mut self.names {
            Some(names) => names,
            none => none.insert(self.bundles.names()?),
        };
        if names.is_empty() {
            return Ok("; there is none yet: upload one".to_owned());
        }
        let likeness = |other: &String| strsim::jaro_winkler(name, other);
        let meant = names
            .iter()
            .map(|other| (likeness(other), other))
            .filter(|(likeness, _)| *likeness >= ALIKE)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let meant = meant.map_or(String::new(), |(_, name)| {
            format!(", did you mean {name:?}?")
        });
        let listed: Vec<&str> = names.iter().take(LISTED).map(String::as_str).collect();
        let more = match names.len() - listed.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Ok(format!("{meant}; there are {}{more}", listed.join(", ")))
    }

    /// The names of those that there are, in order.
    pub(super) fn into_names(self) -> Vec<String> {
        let known = self.known.into_iter();
        known
            .filter_map(|(name, is_there)| is_there.then_some(name))
            .collect()
    }
}
