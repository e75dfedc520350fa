//! Fields that inputs share, kept until the end: each has the widgets of all.

use crate::copy::Copier;
use crate::form::join::{Single, Singles};
use fanfold_pdf::{FileWriter, text_string, write_object};
use lopdf::{Dictionary, Object};
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Radio buttons of one value go on and off together (table 226).
const IN_UNISON: i64 = 1 << 25;
const RADIO: i64 = 1 << 15;
/// Names with a number that are looked at for one of a field's kind.
const MOST_TRIED: usize = 64;

/// The volume's fields by their full names.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Joined {
    nodes: BTreeMap<String, Node>,
    /// First parts of names that stand for fields which nothing is joined with.
    apart: FxHashSet<String>,
}

/// A field, or a name above fields.
#[derive(Serialize, Deserialize)]
struct Node {
    number: u32,
    parent: Option<u32>,
    /// The last part of its full name.
    name: String,
    kids: Vec<u32>,
    /// The rest of its dictionary in PDF's syntax, without the brackets around it.
    rest: Vec<u8>,
    field: Option<Shared>,
}

/// What fields have that joined fields must have, too.
#[derive(Serialize, Deserialize)]
struct Shared {
    kind: Kind,
    value: Value,
    flags: i64,
    inputs: u32,
}

/// A hash over type, the flags that make it another, and options.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kind(pub(crate) [u8; 16]);

/// What is filled in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Value {
    None,
    Text(String),
    State(Vec<u8>),
    Texts(Vec<String>),
}

/// Where an input's fields go: what is there, and what the input has added.
pub(crate) struct Standing<'a> {
    joined: &'a Joined,
    input: usize,
    own: &'a FxHashSet<String>,
    added: BTreeMap<String, Option<Kind>>,
}

impl<'a> Standing<'a> {
    pub(crate) fn new(joined: &'a Joined, input: usize, own: &'a FxHashSet<String>) -> Self {
        Self {
            joined,
            input,
            own,
            added: BTreeMap::new(),
        }
    }

    /// What has a full name: nothing, a name above fields, or a field.
    fn there(&self, full: &str) -> Option<Option<&Kind>> {
        if let Some(added) = self.added.get(full) {
            return Some(added.as_ref());
        }
        let node = self.joined.nodes.get(full)?;
        Some(node.field.as_ref().map(|field| &field.kind))
    }

    /// The parts of a full name, each another where it means something else in the volume.
    pub(crate) fn group(&mut self, path: &[String]) -> Vec<String> {
        let mut new: Vec<String> = Vec::with_capacity(path.len());
        let mut full = String::new();
        for part in path {
            let above = full.clone();
            let name = self.free(&above, part, new.is_empty(), |there| {
                matches!(there, None | Some(None))
            });
            full = below(&above, &name);
            self.added.insert(full.clone(), None);
            new.push(name);
        }
        new
    }

    /// The parts of a field's full name: of one of its kind, if there is one.
    pub(crate) fn field(&mut self, path: &[String], kind: &Kind) -> Vec<String> {
        let Some((last, above)) = path.split_last() else {
            return Vec::new();
        };
        let mut new = self.group(above);
        let above = new.join(".");
        let name = self.free(&above, last, new.is_empty(), |there| match there {
            None => true,
            Some(there) => there == Some(kind),
        });
        self.added.insert(below(&above, &name), Some(kind.clone()));
        new.push(name);
        new
    }

    /// A part of a name, with a number behind it when its place is taken.
    fn free(
        &self,
        above: &str,
        part: &str,
        is_first: bool,
        fits: impl Fn(Option<Option<&Kind>>) -> bool,
    ) -> String {
        let is_free = |name: &str| {
            let is_apart = is_first && self.joined.apart.contains(name);
            !is_apart && fits(self.there(&below(above, name)))
        };
        if is_free(part) {
            return part.to_owned();
        }
        // One that an earlier input got for the same reason.
        let first = format!("{}~", below(above, part));
        let others = self.joined.nodes.range(first.clone()..);
        let renamed = others
            .take_while(|(full, _)| full.starts_with(&first))
            .take(MOST_TRIED)
            .map(|(_, node)| node.name.as_str())
            .find(|name| {
                let number = name.strip_prefix(part).and_then(|it| it.strip_prefix('~'));
                let is_numbered = number.is_some_and(|it| it.parse::<usize>().is_ok());
                is_numbered && is_free(name) && !self.own.contains(&below(above, name))
            });
        if let Some(renamed) = renamed {
            return renamed.to_owned();
        }
        let mut number = self.input;
        loop {
            let name = format!("{part}~{number}");
            if is_free(&name) && !self.own.contains(&below(above, &name)) {
                return name;
            }
            number += 1;
        }
    }
}

fn below(above: &str, name: &str) -> String {
    match above {
        "" => name.to_owned(),
        above => format!("{above}.{name}"),
    }
}

impl Joined {
    /// The value of a field.
    pub(crate) fn value(&self, full: &str) -> Option<&Value> {
        let field = self.nodes.get(full)?.field.as_ref()?;
        Some(&field.value)
    }

    /// Whether a root's name is that of fields here.
    pub(crate) fn has_root(&self, name: &str) -> bool {
        self.nodes.contains_key(name)
    }

    /// Notes names of fields that stay apart.
    pub(crate) fn keep_apart(&mut self, names: &FxHashSet<String>) {
        self.apart.extend(names.iter().cloned());
    }

    /// Gives fields that are new their numbers, before anything that refers to them is copied. Roots that
    /// are new come to `roots`.
    pub(crate) fn open<W: Write>(
        &mut self,
        singles: &Singles,
        roots: &mut Vec<u32>,
        copier: &mut Copier<'_, W>,
    ) {
        for single in &singles.fields {
            let number = self.node(&single.path, roots, copier.out);
            copier.stands_for(single.field, number);
        }
        for (path, id) in &singles.groups {
            let number = self.node(path, roots, copier.out);
            copier.stands_for(*id, number);
        }
    }

    /// The number of a node, which is made when it is not there, with those above it.
    fn node<W: Write>(
        &mut self,
        path: &[String],
        roots: &mut Vec<u32>,
        out: &mut FileWriter<W>,
    ) -> u32 {
        let mut full = String::new();
        let mut parent: Option<u32> = None;
        for part in path {
            let above = full.clone();
            full = below(&above, part);
            if let Some(node) = self.nodes.get(&full) {
                parent = Some(node.number);
                continue;
            }
            let number = out.reserve();
            match self.nodes.get_mut(&above) {
                Some(node) if parent.is_some() => node.kids.push(number),
                _ => roots.push(number),
            }
            let node = Node {
                number,
                parent,
                name: part.clone(),
                kids: Vec::new(),
                rest: Vec::new(),
                field: None,
            };
            self.nodes.insert(full.clone(), node);
            parent = Some(number);
        }
        parent.unwrap_or_default()
    }

    /// Takes an input's fields over: all of those that are new, of the others the widgets.
    pub(crate) fn add<W: Write>(
        &mut self,
        fields: Vec<Single>,
        copier: &mut Copier<'_, W>,
    ) -> io::Result<()> {
        for single in fields {
            let mut widgets = Vec::with_capacity(single.widgets.len());
            for &widget in &single.widgets {
                widgets.extend(copier.number(widget)?);
            }
            let Some(node) = self.nodes.get_mut(&single.path.join(".")) else {
                continue;
            };
            node.kids.append(&mut widgets);
            if let Some(shared) = &mut node.field {
                shared.inputs += 1;
                continue;
            }
            let source = copier.source;
            if let Some(Object::Dictionary(field)) = source.document.objects.get(&single.field) {
                let mut field = field.clone();
                field.remove(b"Ff");
                node.rest = inside(&copier.copy(&Object::Dictionary(field))?);
            }
            node.field = Some(Shared {
                kind: single.kind,
                value: single.value,
                flags: single.flags,
                inputs: 1,
            });
        }
        Ok(())
    }

    /// Writes all fields.
    pub(crate) fn finish<W: Write>(self, out: &mut FileWriter<W>) -> io::Result<()> {
        for node in self.nodes.into_values() {
            let mut own = Dictionary::new();
            own.set("T", text_string(&node.name));
            if let Some(parent) = node.parent {
                own.set("Parent", Object::Reference((parent, 0)));
            }
            let kids = node.kids.into_iter();
            let kids: Vec<Object> = kids.map(|kid| Object::Reference((kid, 0))).collect();
            own.set("Kids", kids);
            if let Some(field) = node.field {
                let mut flags = field.flags;
                if field.inputs > 1 && flags & RADIO != 0 {
                    flags |= IN_UNISON;
                }
                if flags != 0 {
                    own.set("Ff", flags);
                }
            }
            let mut bytes = b"<<".to_vec();
            bytes.extend(node.rest);
            bytes.extend(inside(&Object::Dictionary(own)));
            bytes.extend_from_slice(b">>");
            out.serialized(node.number, &bytes)?;
        }
        Ok(())
    }
}

/// A dictionary in PDF's syntax without its brackets.
fn inside(dictionary: &Object) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_object(&mut bytes, dictionary);
    let end = bytes.len().saturating_sub(2).max(2);
    bytes.truncate(end);
    bytes.drain(..2);
    bytes
}
