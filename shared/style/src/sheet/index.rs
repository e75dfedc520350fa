//! Rules by what their subject must have: an id, a class, a tag name.

use super::Rule;
use crate::dom::Element;
use crate::select::{Fanfold, Selector};
use crate::styled::Pseudo;
use html5ever::LocalName;
use rustc_hash::FxHashMap;
use selectors::parser::{Combinator, Component, SelectorIter};
use std::sync::Arc;

/// Rule numbers for elements and for each pseudo-element.
#[derive(Debug, Default)]
pub(crate) struct RuleIndex {
    elements: Buckets,
    pseudos: [Buckets; Pseudo::COUNT],
}

#[derive(Debug, Default)]
struct Buckets {
    ids: FxHashMap<Arc<str>, Vec<u32>>,
    classes: FxHashMap<Arc<str>, Vec<u32>>,
    tags: FxHashMap<LocalName, Vec<u32>>,
    others: Vec<u32>,
    any: bool,
}

impl RuleIndex {
    /// Indexes `rules` by number.
    pub(crate) fn new(rules: &[Rule]) -> Self {
        let mut index = Self::default();
        for (number, rule) in rules.iter().enumerate() {
            let buckets = match rule.pseudo {
                None => &mut index.elements,
                Some(pseudo) => &mut index.pseudos[pseudo.index()],
            };
            buckets.add(number as u32, rule);
        }
        index
    }

    /// Whether there are rules for `pseudo` at all.
    pub(crate) fn has(&self, pseudo: Pseudo) -> bool {
        self.pseudos[pseudo.index()].any
    }

    /// Calls `visit` with every rule that may match `element`, or its pseudo-element.
    pub(crate) fn candidates(
        &self,
        element: &Element,
        pseudo: Option<Pseudo>,
        mut visit: impl FnMut(u32),
    ) {
        let buckets = match pseudo {
            None => &self.elements,
            Some(pseudo) => &self.pseudos[pseudo.index()],
        };
        if !buckets.any {
            return;
        }
        let mut all =
            |list: Option<&Vec<u32>>| list.into_iter().flatten().copied().for_each(&mut visit);
        if !buckets.ids.is_empty()
            && let Some(id) = &element.id
        {
            all(buckets.ids.get(id));
        }
        if !buckets.classes.is_empty() {
            for (at, class) in element.classes.iter().enumerate() {
                // A class written twice must not match its rules twice.
                if !element.classes[..at].contains(class) {
                    all(buckets.classes.get(class));
                }
            }
        }
        all(buckets.tags.get(&element.name));
        all(Some(&buckets.others));
    }
}

impl Buckets {
    fn add(&mut self, number: u32, rule: &Rule) {
        self.any = true;
        let mut iter = rule.selector.iter();
        let mut subject = Subject::default();
        loop {
            subject.read(&mut iter);
            // The pseudo-element comes first; its originating element is what is looked up.
            if rule.pseudo.is_none() || iter.next_sequence() != Some(Combinator::PseudoElement) {
                break;
            }
        }
        if let Some(id) = subject.id {
            self.ids.entry(id).or_default().push(number);
        } else if let Some(class) = subject.class {
            self.classes.entry(class).or_default().push(number);
        } else if subject.tags.is_empty() {
            self.others.push(number);
        } else {
            for tag in subject.tags {
                self.tags.entry(tag).or_default().push(number);
            }
        }
    }
}

/// What a selector asks of its subject that elements can be looked up by.
#[derive(Default)]
struct Subject {
    id: Option<Arc<str>>,
    class: Option<Arc<str>>,
    /// One of these; none is any. No name is here twice.
    tags: Vec<LocalName>,
}

impl Subject {
    fn read(&mut self, compound: &mut SelectorIter<'_, Fanfold>) {
        for component in compound {
            match component {
                Component::ID(name) => self.id = Some(Arc::clone(&name.text)),
                Component::Class(name) => self.class = Some(Arc::clone(&name.text)),
                Component::LocalName(name) if name.name == name.lower_name => {
                    self.tags = vec![name.name.0.clone()];
                }
                Component::Is(list) | Component::Where(list) if self.tags.is_empty() => {
                    self.tags = tags_of(list.slice()).unwrap_or_default();
                }
                _ => {}
            }
        }
    }
}

/// The subjects' tag names, when each of `selectors` asks for one.
fn tags_of(selectors: &[Selector]) -> Option<Vec<LocalName>> {
    let mut tags = Vec::new();
    for selector in selectors {
        let tag = selector.iter().find_map(|component| match component {
            Component::LocalName(name) if name.name == name.lower_name => Some(name.name.0.clone()),
            _ => None,
        })?;
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    Some(tags)
}
