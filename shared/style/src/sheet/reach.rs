//! How far around its subject a selector looks: what decides whether elements can share a match.

use crate::select::{PseudoClass, Selector};
use selectors::parser::{AnPlusB, Combinator, Component, NthType};

/// What a selector's match depends on, besides where [`Sheet::nths`](super::Sheet::nths) count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// The subject's name and attributes.
    #[default]
    Own,
    /// Those of its ancestors too.
    Ancestors,
    /// Siblings or children.
    Anywhere,
}

/// The reach of `selector`; what `:nth-child()` asks for in it is added to `nths`.
pub(super) fn reach(selector: &Selector, nths: &mut Vec<AnPlusB>) -> Reach {
    let mut reach = Reach::Own;
    for component in selector.iter_raw_match_order() {
        reach = reach.max(of(component, nths));
    }
    reach
}

fn of(component: &Component<crate::select::Fanfold>, nths: &mut Vec<AnPlusB>) -> Reach {
    match component {
        Component::LocalName(_)
        | Component::ID(_)
        | Component::Class(_)
        | Component::AttributeInNoNamespaceExists { .. }
        | Component::AttributeInNoNamespace { .. }
        | Component::AttributeOther(_)
        | Component::ExplicitUniversalType
        | Component::ExplicitAnyNamespace
        | Component::ExplicitNoNamespace
        | Component::DefaultNamespace(_)
        | Component::Namespace(..)
        | Component::PseudoElement(_)
        | Component::Combinator(Combinator::PseudoElement) => Reach::Own,
        Component::Combinator(Combinator::Child | Combinator::Descendant) | Component::Root => {
            Reach::Ancestors
        }
        Component::NonTSPseudoClass(PseudoClass::Lang(_) | PseudoClass::Dir(_)) => Reach::Ancestors,
        Component::NonTSPseudoClass(_) => Reach::Own,
        Component::Negation(list) | Component::Is(list) | Component::Where(list) => {
            let inner = list.slice().iter().map(|inner| reach(inner, nths));
            inner.max().unwrap_or_default()
        }
        Component::Nth(nth) if nth.ty == NthType::Child => {
            if !nths.contains(&nth.an_plus_b) {
                nths.push(nth.an_plus_b);
            }
            Reach::Own
        }
        _ => Reach::Anywhere,
    }
}
