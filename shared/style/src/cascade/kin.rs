//! Elements of a kind: what is equal in all that its selectors look at has the same style.
//!
//! Matching is most of what styling costs, and a long document has few kinds of element: the cells of a
//! column, the paragraphs of a section. An element is of the kind of another where both are equal, have
//! equal parents' styles and, as far as the rules that may apply look there, equal ancestors and the
//! same place among their siblings.

use super::Instance;
use super::custom::Custom;
use crate::ComputedStyle;
use crate::css::declaration::Block;
use crate::dom::Element;
use crate::sheet::{Reach, Rule};
use crate::styled::{Pseudo, PseudoStyles};
use rustc_hash::FxHashMap;
use selectors::bloom::BloomFilter;
use selectors::matching::selector_may_match;
use selectors::parser::AnPlusB;
use std::rc::Rc;
use std::sync::Arc;

/// More different `:nth-child()` than this are not told apart, so nothing is shared.
const MOST_NTHS: usize = 32;
/// Stands for ancestors that no rule looks at.
const ANY: u32 = u32::MAX;

/// What an element was styled with.
pub(super) struct Known {
    pub(super) style: Arc<ComputedStyle>,
    pub(super) custom: Arc<Custom>,
    pub(super) pseudos: Option<PseudoStyles>,
}

/// What decides the style of an element. Addresses stand for what is at them, which lives as long as
/// the traversal.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Kind {
    element: *const Element,
    /// Its parent's chain, or [`ANY`].
    chain: u32,
    nths: u32,
    /// Its parent's style and custom properties.
    surroundings: (*const ComputedStyle, *const Custom),
    /// What its attributes declare.
    hinted: *const Block,
}

impl Kind {
    /// The same in an element with this style and these custom properties, for an element whose
    /// attributes declare `hinted`.
    pub(super) fn within(
        self,
        surroundings: (*const ComputedStyle, *const Custom),
        hinted: *const Block,
    ) -> Self {
        Self {
            surroundings,
            hinted,
            ..self
        }
    }
}

/// The kinds of element in a document.
pub(super) struct Kin<'a> {
    sheets: &'a [Instance],
    /// What `:nth-child()` asks for in any sheet; none where that is too much.
    nths: Option<Vec<AnPlusB>>,
    /// The rules that may apply to an element and look at more than itself.
    far: FxHashMap<*const Element, Vec<&'a Rule>>,
    /// Numbers for elements in elements: parent's number, element, and `:nth-child()`.
    chains: FxHashMap<(u32, *const Element, u32), u32>,
    known: FxHashMap<Kind, Rc<Known>>,
}

impl<'a> Kin<'a> {
    pub(super) fn new(sheets: &'a [Instance]) -> Self {
        let mut nths: Vec<AnPlusB> = Vec::new();
        for nth in sheets.iter().flat_map(|instance| &instance.sheet.nths) {
            if !nths.contains(nth) {
                nths.push(*nth);
            }
        }
        Self {
            sheets,
            nths: (nths.len() <= MOST_NTHS).then_some(nths),
            far: FxHashMap::default(),
            chains: FxHashMap::default(),
            known: FxHashMap::default(),
        }
    }

    /// Which of the places that rules ask for the nth child is at.
    fn places(&self, number: u32) -> u32 {
        let number = i32::try_from(number).unwrap_or(i32::MAX);
        let nths = self.nths.iter().flatten().enumerate();
        nths.fold(0, |places, (bit, nth)| {
            places | (u32::from(nth.matches_index(number)) << bit)
        })
    }

    /// The number of an element in those around it, which have the number `chain`.
    pub(super) fn chain(&mut self, chain: u32, element: &Arc<Element>, number: u32) -> u32 {
        let key = (chain, Arc::as_ptr(element), self.places(number));
        let next = u32::try_from(self.chains.len() + 1).unwrap_or(ANY - 1);
        *self.chains.entry(key).or_insert(next)
    }

    /// The kind of an element, its surroundings left open; none where rules look elsewhere.
    ///
    /// `filter` holds what its ancestors are called, as for matching.
    pub(super) fn kind(
        &mut self,
        (chain, number): (u32, u32),
        element: &Arc<Element>,
        filter: &BloomFilter,
    ) -> Option<Kind> {
        self.nths.as_ref()?;
        let chain = match self.reach(element, filter) {
            Reach::Own => ANY,
            Reach::Ancestors => chain,
            Reach::Anywhere => return None,
        };
        Some(Kind {
            element: Arc::as_ptr(element),
            chain,
            nths: self.places(number),
            surroundings: (std::ptr::null(), std::ptr::null()),
            hinted: std::ptr::null(),
        })
    }

    pub(super) fn known(&self, kind: &Kind) -> Option<&Rc<Known>> {
        self.known.get(kind)
    }

    pub(super) fn remember(&mut self, kind: Kind, known: Rc<Known>) {
        self.known.insert(kind, known);
    }

    /// How far the rules look that may apply to an element whose ancestors `filter` holds.
    fn reach(&mut self, element: &Arc<Element>, filter: &BloomFilter) -> Reach {
        let sheets = self.sheets;
        let far = self.far.entry(Arc::as_ptr(element)).or_insert_with(|| {
            let mut far = Vec::new();
            for sheet in sheets.iter().map(|instance| &*instance.sheet) {
                let pseudos = Pseudo::ALL.into_iter().map(Some);
                for pseudo in pseudos.chain([None]) {
                    sheet.index.candidates(element, pseudo, |number| {
                        let rule = &sheet.rules[number as usize];
                        if rule.reach != Reach::Own {
                            far.push(rule);
                        }
                    });
                }
            }
            far
        });
        let possible = far
            .iter()
            .filter(|rule| selector_may_match(&rule.hashes, filter));
        possible.map(|rule| rule.reach).max().unwrap_or_default()
    }
}
