//! What else an input's catalog says of the document as a whole: attached files, article threads,
//! output intents, how to show it.

use crate::copy::Copier;
use crate::rewrite::free_name;
use crate::source::Source;
use crate::tree::{self, Keys, TreeWriter};
use fanfold_pdf::{FileWriter, write_object};
use lopdf::{Dictionary, Object};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The viewer preferences that still mean something in a volume (ISO 32000-1 table 150); those about
/// page numbers and areas do not.
const PREFERENCES: [&[u8]; 5] = [
    b"Direction",
    b"DisplayDocTitle",
    b"Duplex",
    b"PickTrayByPDFSize",
    b"PrintScaling",
];

/// The volume's catalog as far as inputs make it.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Whole {
    files: NamedObjects,
    scripts: NamedObjects,
    /// Associated files (ISO 32000-2 §14.13) and article threads, in PDF's syntax.
    associated: Vec<u8>,
    threads: Vec<u8>,
    intents: Agreement,
    language: Agreement,
    layout: Agreement,
    preferences: [Agreement; PREFERENCES.len()],
}

/// A value that holds for the volume when it holds for each input.
#[derive(Default, Serialize, Deserialize)]
enum Agreement {
    #[default]
    Open,
    /// In PDF's syntax.
    Agreed(Vec<u8>),
    Mixed,
}

/// One name tree of the volume.
#[derive(Default, Serialize, Deserialize)]
struct NamedObjects {
    by_name: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Whole {
    /// Takes over what an input says.
    pub(crate) fn add<W: Write>(
        &mut self,
        input: usize,
        copier: &mut Copier<'_, W>,
    ) -> io::Result<()> {
        let source = copier.source;
        let catalog = source.catalog();
        if let Object::Dictionary(names) = source.get(catalog, b"Names") {
            let files = source.get(names, b"EmbeddedFiles");
            self.files.add(files, input, copier)?;
            let scripts = source.get(names, b"JavaScript");
            self.scripts.add(scripts, input, copier)?;
        }
        for (key, list) in [
            (b"AF".as_slice(), &mut self.associated),
            (b"Threads", &mut self.threads),
        ] {
            copier.append_items(source.get(catalog, key), list)?;
        }
        let intents = match source.get(catalog, b"OutputIntents") {
            Object::Array(intents) if !matches!(self.intents, Agreement::Mixed) => {
                let intents: Vec<Object> = intents
                    .iter()
                    .map(|intent| source.resolve(intent).clone())
                    .collect();
                copier.copy(&Object::Array(intents))?
            }
            _ => Object::Null,
        };
        self.intents.meet(&intents);
        self.language.meet(source.get(catalog, b"Lang"));
        self.layout.meet(source.get(catalog, b"PageLayout"));
        let empty = Dictionary::new();
        let preferences = match source.get(catalog, b"ViewerPreferences") {
            Object::Dictionary(preferences) => preferences,
            _ => &empty,
        };
        for (key, agreement) in PREFERENCES.iter().zip(&mut self.preferences) {
            agreement.meet(source.get(preferences, key));
        }
        Ok(())
    }

    /// Whether some inputs have output intents that the volume does not.
    pub(crate) fn lacks_intents_of(&self, source: &Source) -> bool {
        matches!(self.intents, Agreement::Mixed)
            && matches!(source.get(source.catalog(), b"OutputIntents"), Object::Array(intents) if !intents.is_empty())
    }

    /// Writes the catalog, in which `catalog` and `destinations` are already.
    pub(crate) fn finish<W: Write>(
        self,
        mut catalog: Dictionary,
        destinations: Option<u32>,
        out: &mut FileWriter<W>,
    ) -> io::Result<u32> {
        let mut names = Dictionary::new();
        for (key, tree) in [
            ("Dests", destinations),
            ("EmbeddedFiles", self.files.write(out)?),
            ("JavaScript", self.scripts.write(out)?),
        ] {
            if let Some(tree) = tree {
                names.set(key, Object::Reference((tree, 0)));
            }
        }
        if !names.is_empty() {
            catalog.set("Names", names);
        }
        let has_language = catalog.has(b"Lang");
        let mut bytes = Vec::new();
        write_object(&mut bytes, &Object::Dictionary(catalog));
        // Before the closing brackets: what is already in PDF's syntax.
        bytes.truncate(bytes.len() - 2);
        for (key, list) in [("AF", self.associated), ("Threads", self.threads)] {
            if !list.is_empty() {
                bytes.extend_from_slice(format!("/{key}[").as_bytes());
                bytes.extend_from_slice(&list);
                bytes.push(b']');
            }
        }
        self.intents.write("OutputIntents", &mut bytes);
        self.layout.write("PageLayout", &mut bytes);
        if !has_language {
            self.language.write("Lang", &mut bytes);
        }
        let mut preferences = Vec::new();
        for (key, agreement) in PREFERENCES.iter().zip(self.preferences) {
            agreement.write(&String::from_utf8_lossy(key), &mut preferences);
        }
        if !preferences.is_empty() {
            bytes.extend_from_slice(b"/ViewerPreferences<<");
            bytes.append(&mut preferences);
            bytes.extend_from_slice(b">>");
        }
        bytes.extend_from_slice(b">>");
        let number = out.reserve();
        out.serialized(number, &bytes)?;
        Ok(number)
    }
}

impl Agreement {
    /// Null stands for an input that says nothing: it does not agree with one that does.
    fn meet(&mut self, value: &Object) {
        if matches!(
            value,
            Object::Null | Object::Reference(_) | Object::Stream(_)
        ) {
            *self = Self::Mixed;
            return;
        }
        let mut bytes = Vec::new();
        write_object(&mut bytes, value);
        match self {
            Self::Open => *self = Self::Agreed(bytes),
            Self::Agreed(agreed) if *agreed == bytes => {}
            _ => *self = Self::Mixed,
        }
    }

    fn write(self, key: &str, out: &mut Vec<u8>) {
        if let Self::Agreed(value) = self {
            out.extend_from_slice(format!("/{key} ").as_bytes());
            out.extend_from_slice(&value);
        }
    }
}

impl NamedObjects {
    /// Takes the entries of an input's tree over; a name that means something else gets another.
    fn add<W: Write>(
        &mut self,
        root: &Object,
        input: usize,
        copier: &mut Copier<'_, W>,
    ) -> io::Result<()> {
        let entries = tree::names(copier.source, root);
        let own: std::collections::BTreeSet<Vec<u8>> =
            entries.iter().map(|(name, _)| name.clone()).collect();
        for (name, value) in entries {
            let copy = copier.copy(value)?;
            if matches!(copy, Object::Null) {
                continue;
            }
            let mut bytes = Vec::new();
            write_object(&mut bytes, &copy);
            let name = match self.by_name.get(&name) {
                Some(there) if *there == bytes => continue,
                Some(_) => free_name(&name, input, |candidate| {
                    self.by_name.contains_key(candidate) || own.contains(candidate)
                }),
                None => name,
            };
            self.by_name.insert(name, bytes);
        }
        Ok(())
    }

    fn write<W: Write>(self, out: &mut FileWriter<W>) -> io::Result<Option<u32>> {
        let mut tree = TreeWriter::new(Keys::Names);
        for (name, value) in &self.by_name {
            tree.name(name, value, out)?;
        }
        tree.finish(out)
    }
}
