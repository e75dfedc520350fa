//! Named destinations (ISO 32000-1 §12.3.2.3), from the old dictionary and the name tree.
//!
//! The volume has one name tree. A name that an earlier input has goes to a new one, and the links of
//! the later input with it.

use crate::copy::Copier;
use crate::rewrite::free_name;
use crate::source::Source;
use crate::tree::{self, Keys, MOST_ENTRIES, TreeWriter};
use fanfold_pdf::{FileWriter, write_object};
use lopdf::{Object, ObjectId, StringFormat};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Names without a destination that the volume remembers; later ones become null.
const MOST_DANGLING: usize = 1 << 18;

/// All names of the volume, with their destinations already in PDF's syntax.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Destinations {
    by_name: BTreeMap<Vec<u8>, Vec<u8>>,
}

/// Names that inputs use and do not have. Another input may have them, and must not get their links: so
/// each is an object of its own, written at the end, when all names are known.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Dangling {
    numbers: BTreeMap<Dangler, u32>,
}

/// A name as it stands in a link.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Dangler {
    /// A string.
    String(Vec<u8>),
    /// A name object.
    Name(Vec<u8>),
}

/// The names of one input that lead somewhere, each once.
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
        let mut pages = None;
        let mut leads = |place: &Object| {
            let pages =
                pages.get_or_insert_with(|| source.pages.iter().map(|page| page.id).collect());
            leads_to_page(source, place, pages)
        };
        let mut names = Vec::new();
        if let Object::Dictionary(dictionary) = source.get(catalog, b"Dests") {
            names.extend(
                dictionary
                    .iter()
                    .take(MOST_ENTRIES)
                    .filter(|(_, place)| leads(place))
                    .map(|(name, place)| (name.clone(), place.clone())),
            );
        }
        let mut strings = Vec::new();
        if let Object::Dictionary(dictionary) = source.get(catalog, b"Names") {
            let mut seen: FxHashSet<Vec<u8>> = FxHashSet::default();
            strings = tree::names(source, source.get(dictionary, b"Dests"))
                .into_iter()
                // Of equal names the first counts.
                .filter(|(name, place)| seen.insert(name.clone()) && leads(place))
                .map(|(name, place)| (name, place.clone()))
                .collect();
        }
        Self { strings, names }
    }
}

/// Whether a destination's page is one of the input's.
fn leads_to_page(source: &Source, place: &Object, pages: &FxHashSet<ObjectId>) -> bool {
    let place = match source.resolve(place) {
        Object::Dictionary(dictionary) => source.get(dictionary, b"D"),
        other => other,
    };
    let Object::Array(items) = place else {
        return false;
    };
    match items.first() {
        Some(Object::Reference(page)) => pages.contains(page),
        Some(&Object::Integer(index)) => {
            usize::try_from(index).is_ok_and(|index| index < source.pages.len())
        }
        _ => false,
    }
}

impl Renaming {
    /// A destination by name as the volume knows it. Strings are looked for in the name tree and names in
    /// the old dictionary, but readers look in the other one too.
    pub(crate) fn of(&self, destination: &Object) -> Option<Named> {
        let (found, dangler) = match destination {
            Object::String(name, _) => (
                self.strings.get(name).or_else(|| self.names.get(name)),
                Dangler::String(name.clone()),
            ),
            Object::Name(name) => (
                self.names.get(name).or_else(|| self.strings.get(name)),
                Dangler::Name(name.clone()),
            ),
            _ => return None,
        };
        Some(match found {
            // Old names are in the volume's tree too.
            Some(name) => Named::Known(Object::String(name.clone(), StringFormat::Literal)),
            None => Named::Dangling(dangler),
        })
    }
}

/// What a name is in the volume.
pub(crate) enum Named {
    /// The name of a destination.
    Known(Object),
    /// A name that the input does not have.
    Dangling(Dangler),
}

impl Dangling {
    /// The object that stands for a name.
    pub(crate) fn object<W: Write>(&mut self, name: Dangler, out: &mut FileWriter<W>) -> Object {
        if self.numbers.len() >= MOST_DANGLING && !self.numbers.contains_key(&name) {
            return Object::Null;
        }
        let number = *self.numbers.entry(name).or_insert_with(|| out.reserve());
        Object::Reference((number, 0))
    }
}

impl Destinations {
    /// Gives the names of an input their names in the volume.
    pub(crate) fn rename(&self, names: &Names, input: usize) -> Renaming {
        let mut renaming = Renaming::default();
        let mut taken: FxHashSet<Vec<u8>> =
            names.strings.iter().map(|(name, _)| name.clone()).collect();
        for (name, _) in &names.strings {
            let mut own = name.clone();
            if self.by_name.contains_key(name) {
                own = self.free_name(name, input, &taken);
                taken.insert(own.clone());
            }
            renaming.strings.insert(name.clone(), own);
        }
        for (name, _) in &names.names {
            let mut own = name.clone();
            if taken.contains(name) || self.by_name.contains_key(name) {
                own = self.free_name(name, input, &taken);
            }
            taken.insert(own.clone());
            renaming.names.insert(name.clone(), own);
        }
        renaming
    }

    fn free_name(&self, name: &[u8], input: usize, taken: &FxHashSet<Vec<u8>>) -> Vec<u8> {
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

    /// Writes the name tree and gives its root; and the names that lead nowhere, as names that no input
    /// has.
    pub(crate) fn write<W: Write>(
        self,
        dangling: Dangling,
        out: &mut FileWriter<W>,
    ) -> io::Result<Option<u32>> {
        for (dangler, number) in dangling.numbers {
            let (Dangler::String(name) | Dangler::Name(name)) = &dangler;
            let free = if self.by_name.contains_key(name) {
                free_name(name, 0, |candidate| self.by_name.contains_key(candidate))
            } else {
                name.clone()
            };
            let object = match dangler {
                Dangler::String(_) => Object::String(free, StringFormat::Literal),
                Dangler::Name(_) => Object::Name(free),
            };
            out.object(number, &object)?;
        }
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
