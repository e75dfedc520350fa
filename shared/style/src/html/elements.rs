//! Elements as the parser makes them; equal ones are one.
//!
//! A table has hundreds of thousands of cells of a few kinds: what an element is besides its place in
//! the tree is kept once for all that are equal, and compared by address from then on.

use crate::dom::Element;
use html5ever::{Attribute, QualName};
use rustc_hash::{FxHashMap, FxHasher};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// The elements so far, by the hash of their names and attributes.
#[derive(Debug, Default)]
pub(super) struct Elements {
    known: FxHashMap<u64, Arc<Element>>,
}

impl Elements {
    /// The element of these, made where it is not known.
    pub(super) fn get(&mut self, name: QualName, attributes: Vec<Attribute>) -> Arc<Element> {
        let key = hash(&name, &attributes);
        match self.known.get(&key) {
            Some(known) if is(known, &name, &attributes) => Arc::clone(known),
            // Of two with the same hash the first is shared.
            Some(_) => Arc::new(element(name, attributes)),
            None => {
                let new = Arc::new(element(name, attributes));
                self.known.insert(key, Arc::clone(&new));
                new
            }
        }
    }
}

fn hash(name: &QualName, attributes: &[Attribute]) -> u64 {
    let mut hasher = FxHasher::default();
    name.local.hash(&mut hasher);
    name.ns.hash(&mut hasher);
    for attribute in attributes {
        attribute.name.local.hash(&mut hasher);
        attribute.value.as_bytes().hash(&mut hasher);
    }
    hasher.finish()
}

fn is(element: &Element, name: &QualName, attributes: &[Attribute]) -> bool {
    element.name == name.local
        && element.namespace == name.ns
        && element.attributes.len() == attributes.len()
        && element
            .attributes
            .iter()
            .zip(attributes)
            .all(|((name, value), other)| *name == other.name.local && **value == *other.value)
}

fn element(name: QualName, attributes: Vec<Attribute>) -> Element {
    let attributes = attributes
        .into_iter()
        .map(|attribute| (attribute.name.local, Box::from(&*attribute.value)))
        .collect();
    let mut element = Element {
        name: name.local,
        namespace: name.ns,
        id: None,
        classes: Vec::new(),
        attributes,
    };
    name_again(&mut element);
    element
}

/// Reads an element's `id` and `class` from its attributes.
pub(super) fn name_again(element: &mut Element) {
    let id = element.attribute("id").filter(|id| !id.is_empty());
    let id = id.map(Into::into);
    let classes = element.attribute("class").into_iter();
    let classes = classes.flat_map(str::split_ascii_whitespace);
    element.classes = classes.map(Into::into).collect();
    element.id = id;
}
