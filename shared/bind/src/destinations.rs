//! Named destinations (ISO 32000-1 §12.3.2.3), from the old dictionary and the name tree.
//!
//! The volume has one name tree. A name that an earlier input has goes to a new one, and the links of
//! the later input with it.

use crate::copy::Copier;
use crate::source::Source;
use fanfold_pdf::{FileWriter, write_object};
use lopdf::{Dictionary, Object, StringFormat};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Names of one input beyond this are left out.
const MOST_NAMES: usize = 1 << 20;
/// Entries in a leaf of the tree, and kids of a node.
const FANOUT: usize = 64;

/// All names of the volume, with their destinations already in PDF's syntax.
#[derive(Default)]
pub(crate) struct Destinations {
    by_name: BTreeMap<Vec<u8>, Vec<u8>>,
}

/// The names of one input.
pub(crate) struct Names {
    /// From the name tree: strings.
    strings: Vec<(Vec<u8>, Object)>,
    /// From the catalog's dictionary: names.
    names: Vec<(Vec<u8>, Object)>,
}

/// What the names of one input are in the volume.
#[derive(Default)]
pub(crate) struct Renaming {
    strings: FxHashMap<Vec<u8>, Vec<u8>>,
    names: FxHashMap<Vec<u8>, Vec<u8>>,
}

impl Names {
    pub(crate) fn of(source: &Source) -> Self {
        let catalog = source.catalog();
        let mut names = Vec::new();
        if let Object::Dictionary(dictionary) = source.get(catalog, b"Dests") {
            names.extend(
                dictionary
                    .iter()
                    .take(MOST_NAMES)
                    .map(|(name, place)| (name.clone(), place.clone())),
            );
        }
        let mut strings = Vec::new();
        if let Object::Dictionary(dictionary) = source.get(catalog, b"Names") {
            walk_name_tree(source, source.get(dictionary, b"Dests"), &mut strings);
        }
        Self { strings, names }
    }
}

impl Renaming {
    /// A destination by name as the volume knows it; `None` for any other object.
    pub(crate) fn of(&self, destination: &Object) -> Option<Object> {
        let name = match destination {
            Object::String(name, _) => self.strings.get(name).unwrap_or(name),
            // Old names are in the volume's tree too.
            Object::Name(name) => self.names.get(name).unwrap_or(name),
            _ => return None,
        };
        Some(Object::String(name.clone(), StringFormat::Literal))
    }
}

impl Destinations {
    /// Gives the names of an input their names in the volume.
    pub(crate) fn rename(&self, names: &Names, input: usize) -> Renaming {
        let mut renaming = Renaming::default();
        let mut taken: FxHashSet<&[u8]> = names
            .strings
            .iter()
            .map(|(name, _)| name.as_slice())
            .collect();
        for (name, _) in &names.strings {
            if self.by_name.contains_key(name) {
                renaming
                    .strings
                    .insert(name.clone(), self.free_name(name, input, &taken));
            }
        }
        for (name, _) in &names.names {
            if taken.contains(name.as_slice()) || self.by_name.contains_key(name) {
                renaming
                    .names
                    .insert(name.clone(), self.free_name(name, input, &taken));
            } else {
                taken.insert(name);
            }
        }
        renaming
    }

    /// `name~2`, or the next number that no one has.
    fn free_name(&self, name: &[u8], input: usize, taken: &FxHashSet<&[u8]>) -> Vec<u8> {
        let mut number = input;
        loop {
            let mut candidate = name.to_vec();
            candidate.extend_from_slice(format!("~{number}").as_bytes());
            if !self.by_name.contains_key(&candidate) && !taken.contains(candidate.as_slice()) {
                return candidate;
            }
            number += 1;
        }
    }

    /// Takes an input's destinations over. Those that lead nowhere are left out.
    pub(crate) fn add<W: Write>(
        &mut self,
        names: &Names,
        copier: &mut Copier<'_, W>,
    ) -> io::Result<()> {
        let renaming = copier.renaming;
        let strings = names
            .strings
            .iter()
            .map(|(name, place)| (renaming.strings.get(name).unwrap_or(name), place));
        let old = names
            .names
            .iter()
            .map(|(name, place)| (renaming.names.get(name).unwrap_or(name), place));
        for (name, place) in strings.chain(old) {
            let place = copier.source.resolve(place).clone();
            let copy = copier.copy(&place)?;
            if leads_somewhere(&copy) {
                let mut bytes = Vec::new();
                write_object(&mut bytes, &copy);
                self.by_name.entry(name.clone()).or_insert(bytes);
            }
        }
        Ok(())
    }

    /// Writes the name tree and gives its root.
    pub(crate) fn write<W: Write>(self, out: &mut FileWriter<W>) -> io::Result<Option<u32>> {
        let mut level: Vec<(u32, Vec<u8>, Vec<u8>)> = Vec::new();
        let entries: Vec<(Vec<u8>, Vec<u8>)> = self.by_name.into_iter().collect();
        for chunk in entries.chunks(FANOUT) {
            let mut node = b"<<".to_vec();
            limits(&mut node, &chunk[0].0, &chunk[chunk.len() - 1].0);
            node.extend_from_slice(b"/Names[");
            for (name, place) in chunk {
                string(&mut node, name);
                node.extend_from_slice(place);
            }
            node.extend_from_slice(b"]>>");
            let number = out.reserve();
            out.serialized(number, &node)?;
            level.push((number, chunk[0].0.clone(), chunk[chunk.len() - 1].0.clone()));
        }
        while level.len() > FANOUT {
            let mut above = Vec::new();
            for chunk in level.chunks(FANOUT) {
                let (first, last) = (&chunk[0].1, &chunk[chunk.len() - 1].2);
                let mut node = b"<<".to_vec();
                limits(&mut node, first, last);
                write_kids(&mut node, chunk);
                let number = out.reserve();
                out.serialized(number, &node)?;
                above.push((number, first.clone(), last.clone()));
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
    string(node, first);
    string(node, last);
    node.push(b']');
}

fn write_kids(node: &mut Vec<u8>, kids: &[(u32, Vec<u8>, Vec<u8>)]) {
    node.extend_from_slice(b"/Kids");
    let kids: Vec<Object> = kids
        .iter()
        .map(|kid| Object::Reference((kid.0, 0)))
        .collect();
    write_object(node, &Object::Array(kids));
    node.extend_from_slice(b">>");
}

fn string(node: &mut Vec<u8>, bytes: &[u8]) {
    write_object(node, &Object::String(bytes.to_vec(), StringFormat::Literal));
}

/// An array that begins with a page, or a dictionary around one.
fn leads_somewhere(destination: &Object) -> bool {
    match destination {
        Object::Array(items) => items
            .first()
            .is_some_and(|page| !matches!(page, Object::Null)),
        Object::Dictionary(dictionary) => dictionary.get(b"D").is_ok_and(|place| match place {
            Object::Array(_) => leads_somewhere(place),
            _ => false,
        }),
        _ => false,
    }
}

/// ISO 32000-1 §7.9.6.
fn walk_name_tree(source: &Source, root: &Object, found: &mut Vec<(Vec<u8>, Object)>) {
    let mut stack: Vec<&Object> = vec![root];
    let mut seen: FxHashSet<*const Dictionary> = FxHashSet::default();
    while let Some(node) = stack.pop() {
        let Object::Dictionary(node) = node else {
            continue;
        };
        // Nodes are compared by where they are: a cycle comes back to the same one.
        if !seen.insert(std::ptr::from_ref(node)) {
            continue;
        }
        if let Object::Array(entries) = source.get(node, b"Names") {
            for pair in entries.chunks_exact(2) {
                if found.len() >= MOST_NAMES {
                    return;
                }
                if let Object::String(name, _) = source.resolve(&pair[0]) {
                    found.push((name.clone(), pair[1].clone()));
                }
            }
        }
        if let Object::Array(kids) = source.get(node, b"Kids") {
            stack.extend(kids.iter().rev().map(|kid| source.resolve(kid)));
        }
    }
}
