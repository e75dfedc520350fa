//! Rules by what their subject must have: an id, a class, a tag name.

use super::Rule;
use crate::dom::Element;
use crate::styled::Pseudo;
use html5ever::LocalName;
use rustc_hash::FxHashMap;
use selectors::parser::Component;
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
        let (mut id, mut class, mut tag) = (None, None, None);
        loop {
            for component in &mut iter {
                match component {
                    Component::ID(name) => id = Some(Arc::clone(&name.text)),
                    Component::Class(name) => class = Some(Arc::clone(&name.text)),
                    Component::LocalName(name) if name.name == name.lower_name => {
                        tag = Some(name.name.0.clone());
                    }
                    _ => {}
                }
            }
            // The pseudo-element comes first; its originating element is what is looked up.
            if rule.pseudo.is_none()
                || iter.next_sequence() != Some(selectors::parser::Combinator::PseudoElement)
            {
                break;
            }
        }
        match (id, class, tag) {
            (Some(id), ..) => self.ids.entry(id).or_default().push(number),
            (None, Some(class), _) => self.classes.entry(class).or_default().push(number),
            (None, None, Some(tag)) => self.tags.entry(tag).or_default().push(number),
            (None, None, None) => self.others.push(number),
        }
    }
}
