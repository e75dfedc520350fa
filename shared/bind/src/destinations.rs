//! Named destinations (ISO 32000-1 §12.3.2.3), from the old dictionary and the name tree.
//!
//! The volume has one name tree. A name that an earlier input has goes to a new one, and the links of
//! the later input with it.

use crate::copy::Copier;
use crate::rewrite::free_name;
use crate::source::Source;
use crate::tree::{self, Keys, MOST_ENTRIES, TreeWriter};
use fanfold_pdf::{FileWriter, write_object};
use lopdf::{Object, StringFormat};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::io::{self, Write};

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
                    .take(MOST_ENTRIES)
                    .map(|(name, place)| (name.clone(), place.clone())),
            );
        }
        let mut strings = Vec::new();
        if let Object::Dictionary(dictionary) = source.get(catalog, b"Names") {
            strings = tree::names(source, source.get(dictionary, b"Dests"))
                .into_iter()
                .map(|(name, place)| (name, place.clone()))
                .collect();
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

    fn free_name(&self, name: &[u8], input: usize, taken: &FxHashSet<&[u8]>) -> Vec<u8> {
        free_name(name, input, |candidate| {
            self.by_name.contains_key(candidate) || taken.contains(candidate)
        })
    }

    /// Takes an input's destinations over. Those that lead nowhere are left out.
    pub(crate) fn add<W: Write>(
        &mut self,
        names: &Names,
        copier: &mut Copier<'_, W>,
    ) -> io::Result<()> {
        let renaming = &copier.rewrite.destinations;
        let strings = names
            .strings
            .iter()
            .map(|(name, place)| (renaming.strings.get(name).unwrap_or(name).clone(), place));
        let old = names
            .names
            .iter()
            .map(|(name, place)| (renaming.names.get(name).unwrap_or(name).clone(), place));
        let places: Vec<(Vec<u8>, &Object)> = strings.chain(old).collect();
        for (name, place) in places {
            let copy = copier.place(place)?;
            if leads_somewhere(&copy) {
                let mut bytes = Vec::new();
                write_object(&mut bytes, &copy);
                self.by_name.entry(name).or_insert(bytes);
            }
        }
        Ok(())
    }

    /// Writes the name tree and gives its root.
    pub(crate) fn write<W: Write>(self, out: &mut FileWriter<W>) -> io::Result<Option<u32>> {
        let mut tree = TreeWriter::new(Keys::Names);
        for (name, place) in &self.by_name {
            tree.name(name, place, out)?;
        }
        tree.finish(out)
    }
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
