//! Whether there are the bundles that a manifest names.

use std::collections::BTreeMap;
use std::{fmt, io};

use crate::{ManifestError, ManifestErrors, Place};

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
    pub(super) fn new(bundles: &'a mut dyn Bundles, limit: usize) -> Self {
        Self {
            bundles,
            known: BTreeMap::new(),
            limit,
            names: None,
            too_many: false,
        }
    }

    /// Notes a name that stands at `place`; one that there is not goes to `errors`.
    ///
    /// # Errors
    /// As [`Bundles::has`].
    pub(super) fn note(
        &mut self,
        name: &str,
        place: &Place,
        errors: &mut ManifestErrors,
    ) -> io::Result<()> {
        let what = match self.known.get(name) {
            Some(true) => return Ok(()),
            Some(false) => format!("there is no bundle {name:?}"),
            None if self.known.len() >= self.limit => {
                if std::mem::replace(&mut self.too_many, true) {
                    return Ok(());
                }
                format!("more than {} bundles; split the manifest", self.limit)
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
        errors.push(ManifestError::new(place.clone(), what));
        Ok(())
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

    /// The names, in order.
    pub(super) fn into_names(self) -> Vec<String> {
        self.known.into_keys().collect()
    }
}
