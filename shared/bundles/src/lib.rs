//! The starter bundles, embedded in the program: `welcome-letter`, `emi-schedule` and `terms` (a bank's loan kit in
//! English, Hindi, Tamil and Arabic), `invoice`, `receipt` and `monthly-tax-report`.
//!
//! `loan-kit/` beside them is a sample batch: a manifest that makes the three papers for 201 customers.

use fanfold_template::{Bundle, TemplateError};

/// An embedded bundle: its files, not yet compiled.
#[derive(Debug, Clone, Copy)]
pub struct Starter {
    name: &'static str,
    files: &'static [(&'static str, &'static [u8])],
}

impl Starter {
    /// The bundle's name, which is its folder's.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Paths in the bundle with their contents, by path.
    pub fn files(&self) -> &'static [(&'static str, &'static [u8])] {
        self.files
    }

    /// Compiles the bundle; keep the result, it can be shared by all threads.
    ///
    /// # Errors
    /// Never for the bundles of this crate, as its tests compile each; the type is the loader's.
    pub fn load(&self) -> Result<Bundle, TemplateError> {
        Bundle::from_static(self.name, self.files)
    }
}

static STARTERS: &[Starter] = include!(concat!(env!("OUT_DIR"), "/bundles.rs"));

/// The names of the starter bundles, in order. Apart from their files, so that a program which only
/// needs the names does not carry them.
pub const NAMES: &[&str] = include!(concat!(env!("OUT_DIR"), "/names.rs"));

/// All starter bundles, by name.
pub fn all() -> &'static [Starter] {
    STARTERS
}

/// The starter bundle of a name.
pub fn get(name: &str) -> Option<&'static Starter> {
    STARTERS.iter().find(|starter| starter.name == name)
}
