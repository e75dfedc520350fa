//! Optional content (ISO 32000-1 §8.11): the layers of all inputs in one configuration, each with the
//! default state that it had.

use crate::copy::Copier;
use crate::rewrite::is_name;
use crate::source::Source;
use fanfold_pdf::{FileWriter, write_object};
use lopdf::{Object, ObjectId};
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// What inputs' configurations add up to; each list is in PDF's syntax, without brackets.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Layers {
    groups: Vec<u32>,
    off: Vec<u32>,
    order: Vec<u8>,
    locked: Vec<u8>,
    exclusive: Vec<u8>,
    usage: Vec<u8>,
    /// Configurations besides the default one.
    alternatives: Vec<u8>,
    intents: BTreeSet<Vec<u8>>,
}

/// Says of the groups that an input lists what they are, where they do not.
pub(crate) fn prepare(source: &mut Source) {
    for id in listed(source) {
        if let Some(Object::Dictionary(group)) = source.document.objects.get_mut(&id)
            && !group.has_type(b"OCG")
        {
            group.set("Type", Object::Name(b"OCG".to_vec()));
        }
    }
}

/// Whether a file has no configuration, so that readers show all that is in layers. In the volume it has one.
pub(crate) fn are_all_shown(source: &Source) -> bool {
    !matches!(
        source.get(source.catalog(), b"OCProperties"),
        Object::Dictionary(_)
    )
}

fn listed(source: &Source) -> Vec<ObjectId> {
    let Object::Dictionary(properties) = source.get(source.catalog(), b"OCProperties") else {
        return Vec::new();
    };
    references(source.get(properties, b"OCGs"))
}

fn references(list: &Object) -> Vec<ObjectId> {
    match list {
        Object::Array(items) => items
            .iter()
            .filter_map(|item| item.as_reference().ok())
            .collect(),
        _ => Vec::new(),
    }
}

impl Layers {
    /// Takes an input's layers over when all else of it is copied: groups that it uses and does not
    /// list are listed too.
    pub(crate) fn add<W: Write>(&mut self, copier: &mut Copier<'_, W>) -> io::Result<()> {
        let source = copier.source;
        let listed = listed(source);
        for &id in &listed {
            copier.number(id)?;
        }
        self.groups.append(&mut copier.layers);
        let Object::Dictionary(properties) = source.get(source.catalog(), b"OCProperties") else {
            return Ok(());
        };
        let Object::Dictionary(default) = source.get(properties, b"D") else {
            return Ok(());
        };
        let on: FxHashSet<ObjectId> = references(source.get(default, b"ON")).into_iter().collect();
        let off: FxHashSet<ObjectId> = references(source.get(default, b"OFF"))
            .into_iter()
            .collect();
        // Table 101: first the base state, then ON, then OFF.
        let hidden = is_name(default, b"BaseState", b"OFF");
        for id in listed {
            if (off.contains(&id) || (hidden && !on.contains(&id)))
                && let Some(number) = copier.number(id)?
            {
                self.off.push(number);
            }
        }
        for (key, list) in [
            (b"Order".as_slice(), &mut self.order),
            (b"Locked", &mut self.locked),
            (b"RBGroups", &mut self.exclusive),
            (b"AS", &mut self.usage),
        ] {
            copier.append_items(source.get(default, key), list)?;
        }
        copier.append_items(source.get(properties, b"Configs"), &mut self.alternatives)?;
        match source.get(default, b"Intent") {
            Object::Name(intent) => self.intents.extend([intent.clone()]),
            Object::Array(intents) => self.intents.extend(
                intents
                    .iter()
                    .filter_map(|intent| source.resolve(intent).as_name().ok())
                    .map(<[u8]>::to_vec),
            ),
            _ => self.intents.extend([b"View".to_vec()]),
        }
        // Groups of used layers may have come with the lists.
        self.groups.append(&mut copier.layers);
        Ok(())
    }

    /// Writes the properties; `None` without layers.
    pub(crate) fn finish<W: Write>(self, out: &mut FileWriter<W>) -> io::Result<Option<u32>> {
        if self.groups.is_empty() {
            return Ok(None);
        }
        let list = |numbers: &[u32]| -> Object {
            numbers
                .iter()
                .map(|&number| Object::Reference((number, 0)))
                .collect::<Vec<_>>()
                .into()
        };
        let mut properties = b"<</OCGs".to_vec();
        write_object(&mut properties, &list(&self.groups));
        properties.extend_from_slice(b"/D<<");
        if !self.off.is_empty() {
            properties.extend_from_slice(b"/OFF");
            write_object(&mut properties, &list(&self.off));
        }
        for (key, list) in [
            ("Order", self.order),
            ("Locked", self.locked),
            ("RBGroups", self.exclusive),
            ("AS", self.usage),
        ] {
            if !list.is_empty() {
                properties.extend_from_slice(format!("/{key}[").as_bytes());
                properties.extend_from_slice(&list);
                properties.push(b']');
            }
        }
        // View alone is the default.
        if self.intents.iter().any(|intent| intent != b"View") {
            let intents: Vec<Object> = self.intents.into_iter().map(Object::Name).collect();
            properties.extend_from_slice(b"/Intent");
            write_object(&mut properties, &Object::Array(intents));
        }
        properties.extend_from_slice(b">>");
        if !self.alternatives.is_empty() {
            properties.extend_from_slice(b"/Configs[");
            properties.extend_from_slice(&self.alternatives);
            properties.push(b']');
        }
        properties.extend_from_slice(b">>");
        let number = out.reserve();
        out.serialized(number, &properties)?;
        Ok(Some(number))
    }
}
