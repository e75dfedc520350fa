//! What has a value on some pages and keeps it on the next: named strings and running elements
//! (CSS GCPM 3 §1).

use fanfold_style::computed::Pick;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// A value that a name gets on a page.
#[derive(Clone, Debug)]
pub(crate) struct Assigned<T> {
    /// The name.
    pub(crate) name: Arc<str>,
    /// The value.
    pub(crate) value: T,
    /// Nothing that shows is before it on the page.
    pub(crate) at_start: bool,
}

/// The values of names on a page.
#[derive(Clone, Debug)]
pub(crate) struct Values<T> {
    /// Those in force when it begins.
    pub(crate) before: FxHashMap<Arc<str>, T>,
    /// Those given on it, in order.
    pub(crate) here: Vec<Assigned<T>>,
}

impl<T> Values<T> {
    /// The value of `name` that `pick` asks for.
    pub(crate) fn get(&self, name: &str, pick: Pick) -> Option<&T> {
        let mut here = self.here.iter().filter(|assigned| &*assigned.name == name);
        let before = || self.before.get(name);
        let first = here.next();
        match (pick, first) {
            (Pick::FirstExcept, Some(_)) => None,
            (Pick::First, Some(first)) => Some(&first.value),
            (Pick::Start, Some(first)) if first.at_start => Some(&first.value),
            (Pick::Last, Some(first)) => Some(&here.last().unwrap_or(first).value),
            _ => before(),
        }
    }
}
