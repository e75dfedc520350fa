//! Named strings and running elements of a page (CSS GCPM 3 §1).

use crate::boxes::{Assigned, Content, Tree, Values};
use crate::fragment::{Child, Fragment, Kind};
use fanfold_style::NodeId;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// What a page has before anything on it shows, and its running elements.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Named strings that are set before anything shows.
    pub(super) strings: Vec<Arc<str>>,
    /// Names of running elements before anything shows.
    pub(super) running: Vec<Arc<str>>,
    /// All running elements, in order.
    pub(super) elements: Vec<(Arc<str>, NodeId)>,
    /// Something shows.
    shown: bool,
}

impl Names {
    /// Reads what is below `fragment`.
    pub(super) fn read(&mut self, tree: &Tree, fragment: &Fragment) {
        for child in &fragment.children {
            self.child(tree, child);
        }
    }

    fn child(&mut self, tree: &Tree, child: &Child) {
        let fragment = &*child.fragment;
        if self.shown && !fragment.has.running {
            return;
        }
        match &fragment.kind {
            Kind::Placeholder { id, .. } => {
                let extras = tree.get(*id).extras.as_ref();
                let running = extras.and_then(|extras| Some((extras, extras.running.clone()?)));
                if let Some((extras, (name, node))) = running {
                    if !self.shown {
                        let names = extras.strings.iter();
                        self.strings.extend(names.map(|(name, _)| name.clone()));
                        self.running.push(name.clone());
                    }
                    self.elements.push((name, node));
                }
            }
            Kind::Box(box_) => {
                let found = tree.get(box_.id);
                if !self.shown
                    && box_.first
                    && let Some(extras) = &found.extras
                {
                    let names = extras.strings.iter();
                    self.strings.extend(names.map(|(name, _)| name.clone()));
                }
                self.shown |= matches!(found.content, Content::Replaced(_));
                self.read(tree, fragment);
            }
            Kind::Line(line) => {
                // Only what it begins with is before its text.
                let starts = |child: &Child| child.index <= line.start;
                for child in fragment.children.iter().filter(|child| starts(child)) {
                    self.child(tree, child);
                }
                self.shown = true;
                for child in fragment.children.iter().filter(|child| !starts(child)) {
                    self.child(tree, child);
                }
            }
            Kind::Group => self.read(tree, fragment),
            Kind::Rest(_) | Kind::Borders(_) => {}
        }
    }
}

/// The values of a page that gives names the values `here`; those at its start are `first`. What is
/// in force afterwards is in `now`.
pub(super) fn named<T: Clone>(
    here: Vec<(Arc<str>, T)>,
    now: &mut FxHashMap<Arc<str>, T>,
    first: &[Arc<str>],
) -> Values<T> {
    let before = now.clone();
    let here = here.into_iter().map(|(name, value)| {
        now.insert(name.clone(), value.clone());
        Assigned {
            at_start: first.contains(&name),
            name,
            value,
        }
    });
    Values {
        here: here.collect(),
        before,
    }
}
