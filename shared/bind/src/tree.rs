//! Name trees and number trees (ISO 32000-1 §7.9.6, §7.9.7), written forward from sorted entries, and
//! read from inputs.

use crate::source::Source;
use fanfold_pdf::{FileWriter, write_object};
use lopdf::{Dictionary, Object, StringFormat};
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

/// Entries of one input's tree beyond this are left out.
pub(crate) const MOST_ENTRIES: usize = 1 << 20;
/// Entries in a leaf of a tree, and kids of a node.
const FANOUT: usize = 64;

/// What the keys of a tree are.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Keys {
    /// Strings.
    Names,
    /// Integers.
    Numbers,
}

/// A tree of the volume. Entries come in the order of their keys; full leaves are written at once, so
/// that of 64 entries only the first and last key stay.
#[derive(Serialize, Deserialize)]
pub(crate) struct TreeWriter {
    keys: Keys,
    open: Vec<u8>,
    entries: usize,
    first: Vec<u8>,
    last: Vec<u8>,
    leaves: Vec<Node>,
}

#[derive(Serialize, Deserialize)]
struct Node {
    number: u32,
    first: Vec<u8>,
    last: Vec<u8>,
}

impl TreeWriter {
    pub(crate) fn new(keys: Keys) -> Self {
        Self {
            keys,
            open: Vec::new(),
            entries: 0,
            first: Vec::new(),
            last: Vec::new(),
            leaves: Vec::new(),
        }
    }

    /// Adds a name with its value in PDF's syntax.
    pub(crate) fn name<W: Write>(
        &mut self,
        name: &[u8],
        value: &[u8],
        out: &mut FileWriter<W>,
    ) -> io::Result<()> {
        let mut key = Vec::new();
        write_object(
            &mut key,
            &Object::String(name.to_vec(), StringFormat::Literal),
        );
        self.entry(key, value, out)
    }

    /// Adds a number with a reference as its value.
    pub(crate) fn number<W: Write>(
        &mut self,
        key: i64,
        value: u32,
        out: &mut FileWriter<W>,
    ) -> io::Result<()> {
        self.entry(
            key.to_string().into_bytes(),
            format!("{value} 0 R").as_bytes(),
            out,
        )
    }

    fn entry<W: Write>(
        &mut self,
        key: Vec<u8>,
        value: &[u8],
        out: &mut FileWriter<W>,
    ) -> io::Result<()> {
        if self.entries == FANOUT {
            self.close_leaf(out)?;
        }
        if self.entries == 0 {
            self.first.clone_from(&key);
        } else {
            self.open.push(b' ');
        }
        self.open.extend_from_slice(&key);
        self.open.push(b' ');
        self.open.extend_from_slice(value);
        self.last = key;
        self.entries += 1;
        Ok(())
    }

    fn close_leaf<W: Write>(&mut self, out: &mut FileWriter<W>) -> io::Result<()> {
        if self.entries == 0 {
            return Ok(());
        }
        let leaf = Node {
            number: out.reserve(),
            first: std::mem::take(&mut self.first),
            last: std::mem::take(&mut self.last),
        };
        let mut node = b"<<".to_vec();
        limits(&mut node, &leaf.first, &leaf.last);
        node.extend_from_slice(match self.keys {
            Keys::Names => b"/Names[",
            Keys::Numbers => b"/Nums[",
        });
        node.append(&mut self.open);
        node.extend_from_slice(b"]>>");
        out.serialized(leaf.number, &node)?;
        self.entries = 0;
        self.leaves.push(leaf);
        Ok(())
    }

    /// Writes what is left and gives the root; `None` without entries.
    pub(crate) fn finish<W: Write>(mut self, out: &mut FileWriter<W>) -> io::Result<Option<u32>> {
        self.close_leaf(out)?;
        let mut level = self.leaves;
        while level.len() > FANOUT {
            let mut above = Vec::new();
            for chunk in level.chunks(FANOUT) {
                let whole = Node {
                    number: out.reserve(),
                    first: chunk[0].first.clone(),
                    last: chunk[chunk.len() - 1].last.clone(),
                };
                let mut node = b"<<".to_vec();
                limits(&mut node, &whole.first, &whole.last);
                write_kids(&mut node, chunk);
                out.serialized(whole.number, &node)?;
                above.push(whole);
            }
            level = above;
        }
        if level.is_empty() {
            return Ok(None);
        }
        let mut root = b"<<".to_vec();
        write_kids(&mut root, &level);
        let number = out.reserve();
        out.serialized(number, &root)?;
        Ok(Some(number))
    }
}

fn limits(node: &mut Vec<u8>, first: &[u8], last: &[u8]) {
    node.extend_from_slice(b"/Limits[");
    node.extend_from_slice(first);
    node.push(b' ');
    node.extend_from_slice(last);
    node.push(b']');
}

fn write_kids(node: &mut Vec<u8>, kids: &[Node]) {
    node.extend_from_slice(b"/Kids");
    let kids: Vec<Object> = kids
        .iter()
        .map(|kid| Object::Reference((kid.number, 0)))
        .collect();
    write_object(node, &Object::Array(kids));
    node.extend_from_slice(b">>");
}

/// The entries of an input's name tree, in its order.
pub(crate) fn names<'a>(source: &'a Source, root: &'a Object) -> Vec<(Vec<u8>, &'a Object)> {
    let mut found = Vec::new();
    pairs(source, root, b"Names", |key, value| {
        if let Object::String(name, _) = key {
            found.push((name.clone(), value));
        }
    });
    found
}

/// The entries of an input's number tree, in its order.
pub(crate) fn numbers<'a>(source: &'a Source, root: &'a Object) -> Vec<(i64, &'a Object)> {
    let mut found = Vec::new();
    pairs(source, root, b"Nums", |key, value| {
        if let Object::Integer(number) = key {
            found.push((*number, value));
        }
    });
    found
}

fn pairs<'a>(
    source: &'a Source,
    root: &'a Object,
    entries: &[u8],
    mut found: impl FnMut(&'a Object, &'a Object),
) {
    let mut stack: Vec<&Object> = vec![source.resolve(root)];
    let mut seen: FxHashSet<*const Dictionary> = FxHashSet::default();
    let mut left = MOST_ENTRIES;
    while let Some(node) = stack.pop() {
        let Object::Dictionary(node) = node else {
            continue;
        };
        // Nodes are compared by where they are: a cycle comes back to the same one.
        if !seen.insert(std::ptr::from_ref(node)) {
            continue;
        }
        if let Object::Array(pairs) = source.get(node, entries) {
            for pair in pairs.chunks_exact(2) {
                let Some(fewer) = left.checked_sub(1) else {
                    return;
                };
                left = fewer;
                found(source.resolve(&pair[0]), &pair[1]);
            }
        }
        if let Object::Array(kids) = source.get(node, b"Kids") {
            stack.extend(kids.iter().rev().map(|kid| source.resolve(kid)));
        }
    }
}
