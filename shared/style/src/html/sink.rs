//! The scratch tree that html5ever's tree builder writes into.

use super::MOST_NODES;
use super::elements::{Elements, name_again};
use crate::dom::{Element, NodeId};
use html5ever::interface::ElemName;
use html5ever::tendril::StrTendril;
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{Attribute, LocalName, Namespace, QualName, local_name, ns};
use memchr::memchr_iter;
use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell};
use std::fmt;
use std::sync::Arc;

/// A node while the tree is being built.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    pub(super) data: ScratchData,
    parent: Option<NodeId>,
    first_child: Option<NodeId>,
    pub(super) last_child: Option<NodeId>,
    pub(super) previous: Option<NodeId>,
    next: Option<NodeId>,
    depth: u32,
    pub(super) line: u32,
}

/// What a scratch node is.
#[derive(Debug, Default)]
pub(super) enum ScratchData {
    #[default]
    Document,
    Element(Arc<Element>),
    /// A part of the source where it is one piece of it.
    Text(StrTendril),
    Comment,
}

/// The scratch tree; node 0 is the document.
pub(super) struct Sink {
    nodes: RefCell<Vec<Scratch>>,
    elements: RefCell<Elements>,
    /// Contents of `<template>` elements, which are never drawn, hang here.
    templates: RefCell<Vec<(usize, usize)>>,
    line: Cell<u32>,
    depth: Cell<u32>,
}

impl Sink {
    /// An empty tree with room for the nodes of `source`: a tag has text after it at most.
    pub(super) fn of(source: &str) -> Self {
        let tags = memchr_iter(b'<', source.as_bytes()).count();
        let mut nodes = Vec::with_capacity((2 * tags).min(MOST_NODES));
        nodes.push(Scratch::default());
        Self {
            nodes: RefCell::new(nodes),
            elements: RefCell::default(),
            templates: RefCell::default(),
            line: Cell::new(1),
            depth: Cell::new(0),
        }
    }

    pub(super) fn into_nodes(self) -> Vec<Scratch> {
        self.nodes.into_inner()
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.borrow().len()
    }

    /// The depth of the element inserted last.
    pub(super) fn insertion_depth(&self) -> usize {
        self.depth.get() as usize
    }

    fn create(&self, data: ScratchData) -> usize {
        let mut nodes = self.nodes.borrow_mut();
        nodes.push(Scratch {
            data,
            line: self.line.get(),
            ..Scratch::default()
        });
        nodes.len() - 1
    }

    /// Whether a node is a part of a table that has only other parts in it.
    fn is_table_part(&self, id: usize) -> bool {
        let ScratchData::Element(element) = &self.nodes.borrow()[id].data else {
            return false;
        };
        matches!(
            element.name,
            local_name!("table")
                | local_name!("thead")
                | local_name!("tbody")
                | local_name!("tfoot")
                | local_name!("tr")
                | local_name!("colgroup")
        )
    }

    fn detach(&self, id: usize) {
        let mut nodes = self.nodes.borrow_mut();
        let parent = nodes[id].parent.take();
        let previous = nodes[id].previous.take();
        let next = nodes[id].next.take();
        match previous {
            Some(previous) => nodes[previous.index()].next = next,
            None => {
                if let Some(parent) = parent {
                    nodes[parent.index()].first_child = next;
                }
            }
        }
        match next {
            Some(next) => nodes[next.index()].previous = previous,
            None => {
                if let Some(parent) = parent {
                    nodes[parent.index()].last_child = previous;
                }
            }
        }
    }

    fn attach(&self, parent: usize, before: Option<usize>, id: usize) {
        self.detach(id);
        let mut nodes = self.nodes.borrow_mut();
        let own = Some(NodeId::new(id));
        let previous = match before {
            Some(before) => std::mem::replace(&mut nodes[before].previous, own),
            None => std::mem::replace(&mut nodes[parent].last_child, own),
        };
        match previous {
            Some(previous) => nodes[previous.index()].next = own,
            None => nodes[parent].first_child = own,
        }
        let depth = nodes[parent].depth + 1;
        let node = &mut nodes[id];
        node.parent = Some(NodeId::new(parent));
        node.previous = previous;
        node.next = before.map(NodeId::new);
        node.depth = depth;
        if matches!(node.data, ScratchData::Element(_)) {
            self.depth.set(depth);
        }
    }

    /// Adds text after `previous`, joining it when that is text already.
    fn join_text(&self, previous: Option<NodeId>, text: &StrTendril) -> bool {
        let mut nodes = self.nodes.borrow_mut();
        match previous.map(|previous| &mut nodes[previous.index()].data) {
            Some(ScratchData::Text(run)) => {
                run.push_tendril(text);
                true
            }
            _ => false,
        }
    }
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_whitespace())
}

/// An element's name, as long as the tree is looked at; none of what is not an element.
pub(super) struct Name<'a>(Option<Ref<'a, Element>>);

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.local_name())
    }
}

impl ElemName for Name<'_> {
    fn ns(&self) -> &Namespace {
        static NONE: Namespace = ns!();
        self.0.as_ref().map_or(&NONE, |element| &element.namespace)
    }

    fn local_name(&self) -> &LocalName {
        static NONE: LocalName = local_name!("");
        self.0.as_ref().map_or(&NONE, |element| &element.name)
    }
}

impl TreeSink for Sink {
    type Handle = usize;
    type Output = Self;
    type ElemName<'a> = Name<'a>;

    fn finish(self) -> Self {
        self
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> usize {
        0
    }

    fn elem_name<'a>(&'a self, target: &'a usize) -> Name<'a> {
        let found = Ref::filter_map(self.nodes.borrow(), |nodes| match &nodes[*target].data {
            ScratchData::Element(element) => Some(&**element),
            _ => None,
        });
        Name(found.ok())
    }

    fn create_element(
        &self,
        name: QualName,
        attributes: Vec<Attribute>,
        flags: ElementFlags,
    ) -> usize {
        let element = self.elements.borrow_mut().get(name, attributes);
        let id = self.create(ScratchData::Element(element));
        if flags.template {
            let contents = self.create(ScratchData::Document);
            self.templates.borrow_mut().push((id, contents));
        }
        id
    }

    fn create_comment(&self, _: StrTendril) -> usize {
        self.create(ScratchData::Comment)
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> usize {
        self.create(ScratchData::Comment)
    }

    fn append(&self, parent: &usize, child: NodeOrText<usize>) {
        match child {
            NodeOrText::AppendNode(id) => self.attach(*parent, None, id),
            // White space between rows and cells makes no box; a long table has more of it than cells.
            NodeOrText::AppendText(text) if is_blank(&text) && self.is_table_part(*parent) => {}
            NodeOrText::AppendText(text) => {
                let last = self.nodes.borrow()[*parent].last_child;
                if !self.join_text(last, &text) {
                    let id = self.create(ScratchData::Text(text));
                    self.attach(*parent, None, id);
                }
            }
        }
    }

    fn append_based_on_parent_node(
        &self,
        element: &usize,
        previous: &usize,
        child: NodeOrText<usize>,
    ) {
        if self.nodes.borrow()[*element].parent.is_some() {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &usize) -> usize {
        let found = self
            .templates
            .borrow()
            .iter()
            .rev()
            .find(|(id, _)| id == target)
            .map(|(_, contents)| *contents);
        found.unwrap_or(*target)
    }

    fn same_node(&self, x: &usize, y: &usize) -> bool {
        x == y
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &usize, new: NodeOrText<usize>) {
        let (parent, previous) = {
            let nodes = self.nodes.borrow();
            (nodes[*sibling].parent, nodes[*sibling].previous)
        };
        let Some(parent) = parent.map(NodeId::index) else {
            return;
        };
        match new {
            NodeOrText::AppendNode(id) => self.attach(parent, Some(*sibling), id),
            NodeOrText::AppendText(text) => {
                if !self.join_text(previous, &text) {
                    let id = self.create(ScratchData::Text(text));
                    self.attach(parent, Some(*sibling), id);
                }
            }
        }
    }

    fn add_attrs_if_missing(&self, target: &usize, more: Vec<Attribute>) {
        let mut nodes = self.nodes.borrow_mut();
        if let ScratchData::Element(element) = &mut nodes[*target].data {
            let element = Arc::make_mut(element);
            for attribute in more {
                let name = attribute.name.local;
                if !element.attributes.iter().any(|(own, _)| *own == name) {
                    let value = Box::from(&*attribute.value);
                    element.attributes.push((name, value));
                }
            }
            name_again(element);
        }
    }

    fn remove_from_parent(&self, target: &usize) {
        self.detach(*target);
    }

    fn reparent_children(&self, node: &usize, new_parent: &usize) {
        loop {
            let child = self.nodes.borrow()[*node].first_child;
            let Some(child) = child else { return };
            self.attach(*new_parent, None, child.index());
        }
    }

    fn set_current_line(&self, line: u64) {
        self.line.set(u32::try_from(line).unwrap_or(u32::MAX));
    }

    fn allow_declarative_shadow_roots(&self, _: &usize) -> bool {
        false
    }
}
