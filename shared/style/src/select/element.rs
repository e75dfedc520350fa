//! Matching: [`selectors::Element`] over the document tree.

use super::{Fanfold, Identifier, Name, PseudoClass, PseudoElement, Text, hash};
use crate::cascade::hints::own_direction;
use crate::dom::{Dom, Element, NodeData, NodeId};
use html5ever::{LocalName, Namespace, local_name, ns};
use precomputed_hash::PrecomputedHash;
use selectors::OpaqueElement;
use selectors::attr::{AttrSelectorOperation, CaseSensitivity, NamespaceConstraint};
use selectors::bloom::{BLOOM_HASH_MASK, BloomFilter};
use selectors::matching::{ElementSelectorFlags, MatchingContext};
use std::fmt;

/// An element in its tree.
#[derive(Clone, Copy)]
pub(crate) struct ElementRef<'a> {
    /// The tree.
    pub(crate) dom: &'a Dom,
    /// Where the element is.
    pub(crate) id: NodeId,
    /// What it is.
    pub(crate) element: &'a Element,
}

impl fmt::Debug for ElementRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} #{}>", self.element.name, self.id.index())
    }
}

impl<'a> ElementRef<'a> {
    /// The element at `id`, when there is one.
    pub(crate) fn new(dom: &'a Dom, id: NodeId) -> Option<Self> {
        dom.element(id).map(|element| Self { dom, id, element })
    }

    fn is_html(&self) -> bool {
        self.element.namespace == ns!(html)
    }

    /// The nearest of itself and its ancestors with `attribute`, and that attribute's value.
    fn closest(&self, attribute: &str) -> Option<&'a str> {
        let mut at = Some(*self);
        while let Some(element) = at {
            if let Some(value) = element.element.attribute(attribute) {
                return Some(value);
            }
            at = selectors::Element::parent_element(&element);
        }
        None
    }

    /// Whether the element's language is in one of `ranges` (RFC 4647 §3.3.1 and `*-` wildcards).
    fn speaks(&self, ranges: &[std::sync::Arc<str>]) -> bool {
        let language = self
            .closest("lang")
            .unwrap_or_default()
            .to_ascii_lowercase();
        ranges.iter().any(|range| {
            let range = range.strip_prefix("*-").unwrap_or(range);
            if range.is_empty() || language.is_empty() {
                return range.is_empty() && language.is_empty();
            }
            if range == "*" {
                return true;
            }
            language
                .strip_prefix(range)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        })
    }

    /// Whether the nearest `dir` attribute says right to left (HTML §3.2.6.4).
    fn is_rtl(&self) -> bool {
        let mut at = Some(*self);
        while let Some(element) = at {
            if let Some(rtl) = own_direction(element.dom, element.id, element.element) {
                return rtl;
            }
            at = selectors::Element::parent_element(&element);
        }
        false
    }

    fn is_form_control(&self) -> bool {
        matches!(
            self.element.name,
            local_name!("button")
                | local_name!("input")
                | local_name!("select")
                | local_name!("textarea")
                | local_name!("optgroup")
                | local_name!("option")
                | local_name!("fieldset")
        )
    }

    fn takes_text(&self) -> bool {
        match self.element.name {
            local_name!("textarea") => true,
            local_name!("input") => !matches!(
                self.element
                    .attribute("type")
                    .unwrap_or("text")
                    .to_ascii_lowercase()
                    .as_str(),
                "checkbox"
                    | "radio"
                    | "button"
                    | "submit"
                    | "reset"
                    | "image"
                    | "hidden"
                    | "file"
                    | "range"
                    | "color"
            ),
            _ => false,
        }
    }

    fn sibling(&self, step: impl Fn(&Dom, NodeId) -> Option<NodeId>) -> Option<Self> {
        let mut at = step(self.dom, self.id);
        while let Some(id) = at {
            if let Some(found) = Self::new(self.dom, id) {
                return Some(found);
            }
            at = step(self.dom, id);
        }
        None
    }
}

impl selectors::Element for ElementRef<'_> {
    type Impl = Fanfold;

    fn opaque(&self) -> OpaqueElement {
        // Equal elements share their facts, not their nodes.
        OpaqueElement::new(self.dom.node(self.id))
    }

    fn parent_element(&self) -> Option<Self> {
        Self::new(self.dom, self.dom.node(self.id).parent?)
    }

    fn parent_node_is_shadow_root(&self) -> bool {
        false
    }

    fn containing_shadow_host(&self) -> Option<Self> {
        None
    }

    fn is_pseudo_element(&self) -> bool {
        false
    }

    fn prev_sibling_element(&self) -> Option<Self> {
        self.sibling(|dom, id| dom.node(id).previous_sibling)
    }

    fn next_sibling_element(&self) -> Option<Self> {
        self.sibling(|dom, id| dom.node(id).next_sibling)
    }

    fn first_element_child(&self) -> Option<Self> {
        self.dom
            .children(self.id)
            .find_map(|id| Self::new(self.dom, id))
    }

    fn is_html_element_in_html_document(&self) -> bool {
        self.is_html()
    }

    fn has_local_name(&self, local_name: &LocalName) -> bool {
        self.element.name == *local_name
    }

    fn has_namespace(&self, namespace: &Namespace) -> bool {
        self.element.namespace == *namespace
    }

    fn is_same_type(&self, other: &Self) -> bool {
        self.element.name == other.element.name && self.element.namespace == other.element.namespace
    }

    fn attr_matches(
        &self,
        namespace: &NamespaceConstraint<&Namespace>,
        local_name: &Name,
        operation: &AttrSelectorOperation<&Text>,
    ) -> bool {
        // Attributes are kept without namespaces, as HTML's have none.
        if let NamespaceConstraint::Specific(url) = namespace
            && **url != ns!()
        {
            return false;
        }
        self.element
            .attributes
            .iter()
            .any(|(name, value)| *name == local_name.0 && operation.eval_str(value))
    }

    fn match_non_ts_pseudo_class(
        &self,
        class: &PseudoClass,
        _context: &mut MatchingContext<'_, Fanfold>,
    ) -> bool {
        let has = |name: &str| self.element.attribute(name).is_some();
        match class {
            PseudoClass::Link => selectors::Element::is_link(self),
            PseudoClass::Lang(ranges) => self.speaks(ranges),
            PseudoClass::Dir(rtl) => self.is_rtl() == *rtl,
            PseudoClass::Checked => has("checked") || has("selected"),
            PseudoClass::Disabled => self.is_form_control() && has("disabled"),
            PseudoClass::Enabled => self.is_form_control() && !has("disabled"),
            PseudoClass::Required => self.is_form_control() && has("required"),
            PseudoClass::Optional => self.is_form_control() && !has("required"),
            PseudoClass::ReadWrite => self.takes_text() && !has("readonly") && !has("disabled"),
            PseudoClass::ReadOnly => !self.takes_text() || has("readonly") || has("disabled"),
            PseudoClass::PlaceholderShown => has("placeholder") && !has("value"),
            PseudoClass::Defined => !self.element.name.contains('-'),
            PseudoClass::Never(_) => false,
        }
    }

    fn match_pseudo_element(
        &self,
        _: &PseudoElement,
        _: &mut MatchingContext<'_, Fanfold>,
    ) -> bool {
        false
    }

    fn apply_selector_flags(&self, _: ElementSelectorFlags) {}

    fn is_link(&self) -> bool {
        let linking = matches!(
            self.element.name,
            local_name!("a") | local_name!("area") | local_name!("link")
        );
        self.is_html() && linking && self.element.attribute("href").is_some()
    }

    fn is_html_slot_element(&self) -> bool {
        false
    }

    fn has_id(&self, id: &Identifier, case: CaseSensitivity) -> bool {
        self.element
            .id
            .as_deref()
            .is_some_and(|own| case.eq(own.as_bytes(), id.text.as_bytes()))
    }

    fn has_class(&self, name: &Identifier, case: CaseSensitivity) -> bool {
        self.element
            .classes
            .iter()
            .any(|class| case.eq(class.as_bytes(), name.text.as_bytes()))
    }

    fn has_custom_state(&self, _: &Identifier) -> bool {
        false
    }

    fn imported_part(&self, _: &Identifier) -> Option<Identifier> {
        None
    }

    fn is_part(&self, _: &Identifier) -> bool {
        false
    }

    fn is_empty(&self) -> bool {
        self.dom
            .children(self.id)
            .all(|child| match &self.dom.node(child).data {
                NodeData::Element(_) => false,
                NodeData::Text(text) => text.is_empty(),
                NodeData::Document | NodeData::Comment => true,
            })
    }

    fn is_root(&self) -> bool {
        let parent = self.dom.node(self.id).parent;
        parent.is_some_and(|parent| matches!(self.dom.node(parent).data, NodeData::Document))
    }

    fn add_element_unique_hashes(&self, filter: &mut BloomFilter) -> bool {
        each_hash(self.element, |hash| filter.insert_hash(hash));
        true
    }
}

/// Every hash that a selector's ancestor filter may ask of `element`.
pub(crate) fn each_hash(element: &Element, mut use_hash: impl FnMut(u32)) {
    use_hash(element.name.precomputed_hash() & BLOOM_HASH_MASK);
    use_hash(element.namespace.precomputed_hash() & BLOOM_HASH_MASK);
    if let Some(id) = &element.id {
        use_hash(hash(id) & BLOOM_HASH_MASK);
    }
    for class in &element.classes {
        use_hash(hash(class) & BLOOM_HASH_MASK);
    }
}
