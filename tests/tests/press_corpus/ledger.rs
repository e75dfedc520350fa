//! The ledger: which fixtures are judged otherwise than by WeasyPrint, and why.

use std::collections::BTreeMap;
use std::path::Path;

/// Who a fixture has to agree with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expected {
    WeasyPrint,
    /// Chromium, which the specification agrees with.
    Chromium,
    Neither,
}

/// The ledger by fixture.
pub(crate) struct Ledger(BTreeMap<String, Expected>);

impl Ledger {
    /// Reads headings with reasons, and below each its fixtures: `- chromium: folder/name`.
    pub(crate) fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).expect("the ledger is there");
        let mut entries = BTreeMap::new();
        let mut reason = None;
        for line in text.lines() {
            if let Some(heading) = line.strip_prefix("## ") {
                reason = Some(heading);
            } else if let Some(entry) = line.strip_prefix("- ") {
                assert!(reason.is_some(), "{entry} has a reason");
                let (expected, name) = match entry.split_once(": ") {
                    Some(("chromium", name)) => (Expected::Chromium, name),
                    Some(("neither", name)) => (Expected::Neither, name),
                    _ => panic!("an entry is `chromium: name` or `neither: name`, not {entry:?}"),
                };
                let before = entries.insert(name.to_owned(), expected);
                assert!(before.is_none(), "{name} is in the ledger once");
            }
        }
        Self(entries)
    }

    pub(crate) fn expected(&self, name: &str) -> Expected {
        self.0.get(name).copied().unwrap_or(Expected::WeasyPrint)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }
}
