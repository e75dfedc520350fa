//! The scratch tree that html5ever's tree builder writes into.

use html5ever::tendril::StrTendril;
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{Attribute, QualName, local_name, ns};
use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell};

/// A node while the tree is being built.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    pub(super) data: ScratchData,
    parent: Option<usize>,
    first_child: Option<usize>,
    pub(super) last_child: Option<usize>,
    pub(super) previous: Option<usize>,
    next: Option<usize>,
    depth: usize,
    pub(super) line: u32,
}

/// What a scratch node is.
#[derive(Debug, Default)]
pub(super) enum ScratchData {
    #[default]
    Document,
    Element(QualName, Vec<Attribute>),
    Text(String),
    Comment,
}

/// The scratch tree; node 0 is the document.
pub(super) struct Sink {
    nodes: RefCell<Vec<Scratch>>,
    /// Contents of `<template>` elements, which are never drawn, hang here.
    templates: RefCell<Vec<(usize, usize)>>,
    line: Cell<u32>,
    depth: Cell<usize>,
}

impl Default for Sink {
    fn default() -> Self {
        Self {
            nodes: RefCell::new(vec![Scratch::default()]),
            templates: RefCell::default(),
            line: Cell::new(1),
            depth: Cell::new(0),
        }
    }
}

impl Sink {
    pub(super) fn into_nodes(self) -> Vec<Scratch> {
        self.nodes.into_inner()
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.borrow().len()
    }

    /// The depth of the element inserted last.
    pub(super) fn insertion_depth(&self) -> usize {
        self.depth.get()
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

    fn detach(&self, id: usize) {
        let mut nodes = self.nodes.borrow_mut();
        let parent = nodes[id].parent.take();
        let previous = nodes[id].previous.take();
        let next = nodes[id].next.take();
        match previous {
            Some(previous) => nodes[previous].next = next,
            None => {
                if let Some(parent) = parent {
                    nodes[parent].first_child = next;
                }
            }
        }
        match next {
            Some(next) => nodes[next].previous = previous,
            None => {
                if let Some(parent) = parent {
                    nodes[parent].last_child = previous;
                }
            }
        }
    }

    fn attach(&self, parent: usize, before: Option<usize>, id: usize) {
        self.detach(id);
        let mut nodes = self.nodes.borrow_mut();
        let previous = match before {
            Some(before) => nodes[before].previous.replace(id),
            None => nodes[parent].last_child.replace(id),
        };
        match previous {
            Some(previous) => nodes[previous].next = Some(id),
            None => nodes[parent].first_child = Some(id),
        }
        let depth = nodes[parent].depth + 1;
        let node = &mut nodes[id];
        node.parent = Some(parent);
        node.previous = previous;
        node.next = before;
        node.depth = depth;
        if matches!(node.data, ScratchData::Element(..)) {
            self.depth.set(depth);
        }
    }

    /// Adds text after `previous`, joining it when that is text already.
    fn join_text(&self, previous: Option<usize>, text: &str) -> bool {
        let mut nodes = self.nodes.borrow_mut();
        match previous.map(|previous| &mut nodes[previous].data) {
            Some(ScratchData::Text(run)) => {
                run.push_str(text);
                true
            }
            _ => false,
        }
    }
}

impl TreeSink for Sink {
    type Handle = usize;
    type Output = Self;
    type ElemName<'a> = Ref<'a, QualName>;

    fn finish(self) -> Self {
        self
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> usize {
        0
    }

    fn elem_name<'a>(&'a self, target: &'a usize) -> Ref<'a, QualName> {
        static NONE: QualName = QualName {
            prefix: None,
            ns: ns!(),
            local: local_name!(""),
        };
        Ref::map(self.nodes.borrow(), |nodes| match &nodes[*target].data {
            ScratchData::Element(name, _) => name,
            _ => &NONE,
        })
    }

    fn create_element(
        &self,
        name: QualName,
        attributes: Vec<Attribute>,
        flags: ElementFlags,
    ) -> usize {
        let id = self.create(ScratchData::Element(name, attributes));
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
            NodeOrText::AppendText(text) => {
                let last = self.nodes.borrow()[*parent].last_child;
                if !self.join_text(last, &text) {
                    let id = self.create(ScratchData::Text(text.to_string()));
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
        let Some(parent) = parent else { return };
        match new {
            NodeOrText::AppendNode(id) => self.attach(parent, Some(*sibling), id),
            NodeOrText::AppendText(text) => {
                if !self.join_text(previous, &text) {
                    let id = self.create(ScratchData::Text(text.to_string()));
                    self.attach(parent, Some(*sibling), id);
                }
            }
        }
    }

    fn add_attrs_if_missing(&self, target: &usize, more: Vec<Attribute>) {
        let mut nodes = self.nodes.borrow_mut();
        if let ScratchData::Element(_, attributes) = &mut nodes[*target].data {
            for attribute in more {
                if !attributes.iter().any(|own| own.name == attribute.name) {
                    attributes.push(attribute);
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &usize) {
        self.detach(*target);
    }

    fn reparent_children(&self, node: &usize, new_parent: &usize) {
        loop {
            let child = self.nodes.borrow()[*node].first_child;
            let Some(child) = child else { return };
            self.attach(*new_parent, None, child);
        }
    }

    fn set_current_line(&self, line: u64) {
        self.line.set(u32::try_from(line).unwrap_or(u32::MAX));
    }

    fn allow_declarative_shadow_roots(&self, _: &usize) -> bool {
        false
    }
}
