//! The document tree: an arena of nodes in document order.

use std::num::NonZeroU32;
use std::sync::Arc;

/// A node's place in its [`Dom`].
///
/// One more than its index, so that a link to no node takes no more room than one to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(NonZeroU32);

impl NodeId {
    /// The document itself.
    pub const DOCUMENT: Self = Self(NonZeroU32::MIN);

    /// The node at `index` of [`Dom::nodes`], which holds far fewer than 2³² of them.
    pub fn new(index: usize) -> Self {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        Self(NonZeroU32::MIN.saturating_add(index))
    }

    /// Its index in [`Dom::nodes`].
    pub fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// A parsed document.
#[derive(Debug, Default)]
pub struct Dom {
    /// All nodes; index 0 is the document itself.
    pub nodes: Vec<Node>,
}

/// A node and its place in the tree.
#[derive(Debug)]
pub struct Node {
    /// What it is.
    pub data: NodeData,
    /// The containing node; none for the document.
    pub parent: Option<NodeId>,
    /// First child.
    pub first_child: Option<NodeId>,
    /// Last child.
    pub last_child: Option<NodeId>,
    /// Sibling before.
    pub previous_sibling: Option<NodeId>,
    /// Sibling after.
    pub next_sibling: Option<NodeId>,
}

/// The kinds of node a page can come from.
#[derive(Debug)]
pub enum NodeData {
    /// The root of the tree.
    Document,
    /// An element; equal ones are shared.
    Element(Arc<Element>),
    /// Character data.
    Text(Box<str>),
    /// A comment or processing instruction: never drawn.
    Comment,
}

/// An element: its local name (lower case for HTML) and attributes.
#[derive(Clone, Debug)]
pub struct Element {
    /// Local name, `div`.
    pub name: html5ever::LocalName,
    /// Namespace; SVG and MathML elements are told apart by it.
    pub namespace: html5ever::Namespace,
    /// The `id` attribute.
    pub id: Option<Arc<str>>,
    /// The `class` attribute, split.
    pub classes: Vec<Arc<str>>,
    /// All attributes in document order, names in lower case.
    pub attributes: Vec<(html5ever::LocalName, Box<str>)>,
}

impl Element {
    /// The value of the attribute called `name`.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| &**key == name)
            .map(|(_, value)| &**value)
    }
}

impl Dom {
    /// The node at `id`.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// The element at `id`, when it is one.
    pub fn element(&self, id: NodeId) -> Option<&Element> {
        match &self.node(id).data {
            NodeData::Element(element) => Some(element),
            _ => None,
        }
    }

    /// The children of `id` in order.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.node(id).first_child, |child| {
            self.node(*child).next_sibling
        })
    }
}
