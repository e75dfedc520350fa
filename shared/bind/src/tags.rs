//! Tagged structure (ISO 32000-1 §14.7): the elements of all inputs below one root.
//!
//! An input's elements are written with the input. What stays is the number of each element of the
//! outermost level, the first and last key of each leaf of the parent tree, and the names of types and
//! classes.

use crate::copy::Copier;
use crate::rewrite::{free_name, is_element};
use crate::source::Source;
use crate::tree::{self, Keys, TreeWriter};
use fanfold_pdf::{FileWriter, write_object};
use lopdf::{Dictionary, Object, ObjectId};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// Roles are followed this far.
const LONGEST_CHAIN: usize = 32;

/// The volume's structure tree.
#[derive(Serialize, Deserialize)]
pub(crate) struct Tags {
    root: Option<u32>,
    /// Elements of the outermost level, in PDF's syntax.
    kids: Vec<u8>,
    parents: TreeWriter,
    next_key: i64,
    ids: TreeWriter,
    has_ids: bool,
    /// Types of elements: what they stand for, or nothing for those that inputs use as they are.
    roles: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    /// Attribute classes in PDF's syntax.
    classes: BTreeMap<Vec<u8>, Vec<u8>>,
    namespaces: Vec<u8>,
    marked: bool,
    suspects: bool,
}

impl Default for Tags {
    fn default() -> Self {
        Self {
            root: None,
            kids: Vec::new(),
            parents: TreeWriter::new(Keys::Numbers),
            next_key: 0,
            ids: TreeWriter::new(Keys::Names),
            has_ids: false,
            roles: BTreeMap::new(),
            classes: BTreeMap::new(),
            namespaces: Vec::new(),
            marked: false,
            suspects: false,
        }
    }
}

fn root_of(source: &Source) -> Option<&Dictionary> {
    source
        .get(source.catalog(), b"StructTreeRoot")
        .as_dict()
        .ok()
}

impl Tags {
    /// Gives types of elements new names, in the input, where they stand for something else in the
    /// volume.
    pub(crate) fn prepare(&mut self, source: &mut Source, input: usize) {
        let Some(root) = root_of(source) else {
            return;
        };
        let mut own: BTreeMap<Vec<u8>, Option<Vec<u8>>> = BTreeMap::new();
        if let Object::Dictionary(roles) = source.get(root, b"RoleMap") {
            for (name, role) in roles {
                // One that stands for itself is used as it is (LibreOffice lists such).
                if let Object::Name(role) = source.resolve(role) {
                    let role = (role != name).then(|| role.clone());
                    own.insert(name.clone(), role);
                }
            }
        }
        let mut used: BTreeSet<Vec<u8>> = BTreeSet::new();
        for object in source.document.objects.values() {
            if let Object::Dictionary(element) = object
                && is_element(element)
                && let Ok(Object::Name(kind)) = element.get(b"S")
                && !used.contains(kind)
            {
                used.insert(kind.clone());
            }
        }
        for kind in used {
            own.entry(kind).or_insert(None);
        }
        let mut renamed: FxHashMap<Vec<u8>, Vec<u8>> = FxHashMap::default();
        for (name, role) in &own {
            let clashes = self.roles.get(name).is_some_and(|there| there != role);
            if clashes && role.is_some() {
                let free = free_name(name, input, |candidate| {
                    self.roles.contains_key(candidate) || own.contains_key(candidate)
                });
                renamed.insert(name.clone(), free);
            }
        }
        for (name, role) in own {
            let role = role.map(|role| renamed.get(&role).cloned().unwrap_or(role));
            let name = renamed.get(&name).cloned().unwrap_or(name);
            self.roles.entry(name).or_insert(role);
        }
        if renamed.is_empty() {
            return;
        }
        for object in source.document.objects.values_mut() {
            if let Object::Dictionary(element) = object
                && is_element(element)
                && let Ok(Object::Name(kind)) = element.get_mut(b"S")
                && let Some(new) = renamed.get(kind)
            {
                kind.clone_from(new);
            }
        }
    }

    /// Gives the keys of an input's parent tree theirs in the volume, and its classes their names,
    /// before anything of it is copied.
    pub(crate) fn open<W: Write>(
        &mut self,
        input: usize,
        copier: &mut Copier<'_, W>,
    ) -> io::Result<()> {
        let source = copier.source;
        if let Object::Dictionary(info) = source.get(source.catalog(), b"MarkInfo") {
            self.marked |= matches!(source.get(info, b"Marked"), Object::Boolean(true));
            self.suspects |= matches!(source.get(info, b"Suspects"), Object::Boolean(true));
        }
        let Some(root) = root_of(source) else {
            return Ok(());
        };
        let number = *self.root.get_or_insert_with(|| copier.out.reserve());
        if let Ok(&Object::Reference(id)) = source.catalog().get(b"StructTreeRoot") {
            copier.stands_for(id, number);
        }
        for (key, value) in tree::numbers(source, source.get(root, b"ParentTree")) {
            if !matches!(source.resolve(value), Object::Null)
                && !copier.rewrite.parents.contains_key(&key)
            {
                copier.rewrite.parents.insert(key, self.next_key);
                self.next_key += 1;
            }
        }
        let ids = tree::names(source, source.get(root, b"IDTree"));
        // Identifiers of later inputs follow those of earlier ones, so that the tree can be written
        // forward. Only those of the first input can stay as they are.
        if self.has_ids || ids.iter().any(|(id, _)| id.first() == Some(&0xff)) {
            copier.rewrite.id_prefix = [&[0xff], format!("{input:08x}.").as_bytes()].concat();
        }
        self.has_ids |= !ids.is_empty();
        if let Object::Dictionary(classes) = source.get(root, b"ClassMap") {
            for (name, attributes) in classes {
                let copy = copier.copy(attributes)?;
                let mut bytes = Vec::new();
                write_object(&mut bytes, &copy);
                let name = match self.classes.get(name) {
                    Some(there) if *there != bytes => {
                        let free = free_name(name, input, |candidate| {
                            self.classes.contains_key(candidate) || classes.has(candidate)
                        });
                        copier.rewrite.classes.insert(name.clone(), free.clone());
                        free
                    }
                    _ => name.clone(),
                };
                self.classes.insert(name, bytes);
            }
        }
        Ok(())
    }

    /// Writes an input's elements, and its leaves of the trees.
    pub(crate) fn add<W: Write>(&mut self, copier: &mut Copier<'_, W>) -> io::Result<()> {
        let source = copier.source;
        let Some(root) = root_of(source) else {
            return Ok(());
        };
        let kids = match root.get(b"K") {
            Ok(kids) => match source.resolve(kids) {
                Object::Array(kids) => kids.as_slice(),
                _ => std::slice::from_ref(kids),
            },
            Err(_) => &[],
        };
        for kid in kids {
            let copy = copier.copy(kid)?;
            if matches!(copy, Object::Reference(_) | Object::Dictionary(_)) {
                self.kids.push(b' ');
                write_object(&mut self.kids, &copy);
            }
        }
        if let Object::Array(namespaces) = source.get(root, b"Namespaces") {
            for namespace in namespaces {
                let copy = copier.copy(namespace)?;
                if !matches!(copy, Object::Null) {
                    self.namespaces.push(b' ');
                    write_object(&mut self.namespaces, &copy);
                }
            }
        }
        let mut entries: Vec<(i64, &Object)> =
            tree::numbers(source, source.get(root, b"ParentTree"))
                .into_iter()
                .filter_map(|(key, value)| Some((*copier.rewrite.parents.get(&key)?, value)))
                .collect();
        entries.sort_by_key(|(key, _)| *key);
        entries.dedup_by_key(|(key, _)| *key);
        for (key, value) in entries {
            let number = match source.resolve(value) {
                elements @ Object::Array(_) => {
                    let copy = copier.copy(elements)?;
                    let number = copier.out.reserve();
                    copier.out.object(number, &copy)?;
                    Some(number)
                }
                Object::Dictionary(_) => match value {
                    Object::Reference(id) => copier.number(end_of(source, *id))?,
                    _ => None,
                },
                _ => None,
            };
            if let Some(number) = number {
                self.parents.number(key, number, copier.out)?;
            }
        }
        let mut ids: BTreeMap<Vec<u8>, &Object> = BTreeMap::new();
        for (id, element) in tree::names(source, source.get(root, b"IDTree")) {
            ids.entry([copier.rewrite.id_prefix.as_slice(), &id].concat())
                .or_insert(element);
        }
        for (id, element) in ids {
            let copy = copier.copy(element)?;
            if matches!(copy, Object::Reference(_)) {
                let mut bytes = Vec::new();
                write_object(&mut bytes, &copy);
                self.ids.name(&id, &bytes, copier.out)?;
            }
        }
        Ok(())
    }

    /// Writes the root, and says in the catalog that it is there.
    pub(crate) fn finish<W: Write>(
        self,
        catalog: &mut Dictionary,
        out: &mut FileWriter<W>,
    ) -> io::Result<()> {
        if self.marked {
            let mut info = Dictionary::new();
            info.set("Marked", true);
            if self.suspects {
                info.set("Suspects", true);
            }
            catalog.set("MarkInfo", info);
        }
        let Some(number) = self.root else {
            return Ok(());
        };
        let mut root = b"<</Type/StructTreeRoot/K[".to_vec();
        root.extend_from_slice(&self.kids);
        root.push(b']');
        if let Some(tree) = self.parents.finish(out)? {
            root.extend_from_slice(
                format!("/ParentTree {tree} 0 R/ParentTreeNextKey {}", self.next_key).as_bytes(),
            );
        }
        if let Some(tree) = self.ids.finish(out)? {
            root.extend_from_slice(format!("/IDTree {tree} 0 R").as_bytes());
        }
        let mut roles = Dictionary::new();
        for (name, role) in self.roles {
            if let Some(role) = role {
                roles.set(name, Object::Name(role));
            }
        }
        if !roles.is_empty() {
            root.extend_from_slice(b"/RoleMap");
            write_object(&mut root, &Object::Dictionary(roles));
        }
        if !self.classes.is_empty() {
            root.extend_from_slice(b"/ClassMap<<");
            for (name, attributes) in self.classes {
                write_object(&mut root, &Object::Name(name));
                root.push(b' ');
                root.extend_from_slice(&attributes);
            }
            root.extend_from_slice(b">>");
        }
        if !self.namespaces.is_empty() {
            root.extend_from_slice(b"/Namespaces[");
            root.extend_from_slice(&self.namespaces);
            root.push(b']');
        }
        root.extend_from_slice(b">>");
        out.serialized(number, &root)?;
        catalog.set("StructTreeRoot", Object::Reference((number, 0)));
        Ok(())
    }
}

/// The object that a reference means in the end.
fn end_of(source: &Source, mut id: ObjectId) -> ObjectId {
    for _ in 0..LONGEST_CHAIN {
        match source.document.objects.get(&id) {
            Some(&Object::Reference(next)) => id = next,
            _ => break,
        }
    }
    id
}
