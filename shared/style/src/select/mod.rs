//! Selectors: the types `selectors` works with, their parser, and matching over the [`Dom`](crate::Dom).

mod element;
mod parse;
mod pseudo;

pub(crate) use element::{ElementRef, each_hash};
pub(crate) use parse::{SelectorParser, parse_list};
pub(crate) use pseudo::{PseudoClass, PseudoElement};

use cssparser::ToCss;
use html5ever::{LocalName, Namespace};
use precomputed_hash::PrecomputedHash;
use selectors::parser::SelectorImpl;
use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

/// Names [`SelectorImpl`]'s types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fanfold;

/// A selector over our types.
pub(crate) type Selector = selectors::parser::Selector<Fanfold>;
/// A list of them.
pub(crate) type SelectorList = selectors::parser::SelectorList<Fanfold>;

impl SelectorImpl for Fanfold {
    type ExtraMatchingData<'a> = ();
    type AttrValue = Text;
    type Identifier = Identifier;
    type LocalName = Name;
    type NamespaceUrl = Namespace;
    type NamespacePrefix = Name;
    type BorrowedNamespaceUrl = Namespace;
    type BorrowedLocalName = LocalName;
    type NonTSPseudoClass = PseudoClass;
    type PseudoElement = PseudoElement;
}

/// An element or attribute name, or a namespace prefix.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Name(pub(crate) LocalName);

impl From<&str> for Name {
    fn from(name: &str) -> Self {
        Self(LocalName::from(name))
    }
}

impl Borrow<LocalName> for Name {
    fn borrow(&self) -> &LocalName {
        &self.0
    }
}

impl PrecomputedHash for Name {
    fn precomputed_hash(&self) -> u32 {
        self.0.precomputed_hash()
    }
}

impl ToCss for Name {
    fn to_css<W: fmt::Write>(&self, dest: &mut W) -> fmt::Result {
        cssparser::serialize_identifier(&self.0, dest)
    }
}

/// An id or class with its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identifier {
    /// The name.
    pub(crate) text: Arc<str>,
    hash: u32,
}

impl From<&str> for Identifier {
    fn from(text: &str) -> Self {
        Self {
            text: text.into(),
            hash: hash(text),
        }
    }
}

impl PrecomputedHash for Identifier {
    fn precomputed_hash(&self) -> u32 {
        self.hash
    }
}

impl ToCss for Identifier {
    fn to_css<W: fmt::Write>(&self, dest: &mut W) -> fmt::Result {
        cssparser::serialize_identifier(&self.text, dest)
    }
}

/// The hash of an id or class: FNV-1a, the same in every process.
pub(crate) fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// An attribute value in a selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text(Arc<str>);

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl ToCss for Text {
    fn to_css<W: fmt::Write>(&self, dest: &mut W) -> fmt::Result {
        cssparser::serialize_string(&self.0, dest)
    }
}
