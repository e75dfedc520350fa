//! The bundles that a manifest may name: the bucket's, and those that come with the render function.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use fanfold_job::Bundles;
use fanfold_ledger::{Ledger, LedgerError};
use tokio::runtime::Handle;

/// Looks bundles up while a manifest is checked, on a thread outside the runtime.
pub(crate) struct KnownBundles {
    ledger: Ledger,
    built_in: Arc<[String]>,
    runtime: Handle,
    versions: BTreeMap<String, String>,
}

impl KnownBundles {
    /// To be called in the runtime.
    pub(crate) fn new(ledger: Ledger, built_in: Arc<[String]>) -> Self {
        Self {
            ledger,
            built_in,
            runtime: Handle::current(),
            versions: BTreeMap::new(),
        }
    }

    /// The version of each bundle that was looked up and is the bucket's, which comes before one of
    /// the same name that is built in.
    pub(crate) fn into_versions(self) -> BTreeMap<String, String> {
        self.versions
    }
}

impl Bundles for KnownBundles {
    fn has(&mut self, name: &str) -> io::Result<bool> {
        let version = self.runtime.block_on(self.ledger.bundle_version(name));
        match version.map_err(io::Error::other)? {
            Some(version) => {
                self.versions.insert(name.to_owned(), version);
                Ok(true)
            }
            None => Ok(self.built_in.iter().any(|known| known == name)),
        }
    }

    fn names(&mut self) -> io::Result<Vec<String>> {
        let names = self.runtime.block_on(self.ledger.bundle_names());
        let mut names = names.map_err(|error: LedgerError| io::Error::other(error))?;
        names.extend(self.built_in.iter().cloned());
        names.sort();
        names.dedup();
        Ok(names)
    }
}
