//! Reading an input: lopdf's parser behind bounds, and what a merge wants to know of a document.

use crate::{BindError, Limits};
use lopdf::xref::XrefEntry;
use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId};
use rustc_hash::FxHashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// References to references are followed this far.
const LONGEST_CHAIN: usize = 32;
/// The page attributes that pages inherit (ISO 32000-1 table 30).
const INHERITED: [&[u8]; 4] = [b"Resources", b"MediaBox", b"CropBox", b"Rotate"];

/// An input that could be read.
pub(crate) struct Source {
    pub(crate) document: Document,
    pub(crate) pages: Vec<Page>,
    /// Catalog and page tree nodes, which the volume has its own of.
    pub(crate) replaced: FxHashSet<ObjectId>,
}

/// A page of an input.
pub(crate) struct Page {
    pub(crate) id: ObjectId,
    /// Inherited attributes that the page does not have itself.
    pub(crate) inherited: Dictionary,
}

impl Source {
    /// Reads a file. Fails before anything is written, or not at all.
    pub(crate) fn read(name: &str, bytes: &[u8], limits: &Limits) -> Result<Self, BindError> {
        let over = |what, limit| BindError::OverLimit {
            name: name.to_owned(),
            what,
            limit,
        };
        if bytes.len() as u64 > limits.bytes {
            return Err(over("bytes", limits.bytes));
        }
        let mut document = load(name, bytes, limits)?;
        document.trailer.remove(b"Encrypt");
        let mut source = Self {
            document,
            pages: Vec::new(),
            replaced: FxHashSet::default(),
        };
        if !source.collect_pages(limits.pages) {
            return Err(over("pages", limits.pages as u64));
        }
        if source.pages.is_empty() {
            return Err(unreadable(name, "it has no pages".into()));
        }
        Ok(source)
    }

    /// Whether objects that the cross-reference table promises are not there: damaged, or in an object
    /// stream that is damaged or over the limit, which lopdf passes over in silence.
    pub(crate) fn misses_objects(&self) -> bool {
        self.document
            .reference_table
            .entries
            .iter()
            .any(|(&number, entry)| match *entry {
                XrefEntry::Normal { generation, .. } => {
                    !self.document.objects.contains_key(&(number, generation))
                }
                XrefEntry::Compressed { .. } => !self.document.objects.contains_key(&(number, 0)),
                XrefEntry::Free | XrefEntry::UnusableFree => false,
            })
    }

    /// The document catalog; empty where it is missing.
    pub(crate) fn catalog(&self) -> &Dictionary {
        static EMPTY: std::sync::LazyLock<Dictionary> = std::sync::LazyLock::new(Dictionary::new);
        self.document
            .trailer
            .get(b"Root")
            .ok()
            .and_then(|root| self.resolve(root).as_dict().ok())
            .unwrap_or(&EMPTY)
    }

    /// The object itself, behind any references; null where there is none.
    pub(crate) fn resolve<'a>(&'a self, mut object: &'a Object) -> &'a Object {
        for _ in 0..LONGEST_CHAIN {
            match object {
                Object::Reference(id) => match self.document.objects.get(id) {
                    Some(next) => object = next,
                    None => return &Object::Null,
                },
                other => return other,
            }
        }
        &Object::Null
    }

    /// The value of a key, behind any references.
    pub(crate) fn get<'a>(&'a self, dictionary: &'a Dictionary, key: &[u8]) -> &'a Object {
        dictionary
            .get(key)
            .map_or(&Object::Null, |value| self.resolve(value))
    }

    /// Walks the page tree in order (ISO 32000-1 §7.7.3). Nodes are told from pages by their kids:
    /// `Type` is often missing or wrong. `false` when there are more than `most` pages.
    fn collect_pages(&mut self, most: usize) -> bool {
        if let Ok(id) = self
            .document
            .trailer
            .get(b"Root")
            .and_then(Object::as_reference)
        {
            self.replaced.insert(id);
        }
        let Ok(&Object::Reference(root)) = self.catalog().get(b"Pages") else {
            return true;
        };
        let mut stack = vec![(root, Dictionary::new())];
        let mut seen = FxHashSet::default();
        let mut pages = Vec::new();
        let mut nodes = Vec::new();
        while let Some((id, above)) = stack.pop() {
            let Some(Object::Dictionary(node)) = self.document.objects.get(&id) else {
                continue;
            };
            if !seen.insert(id) {
                continue;
            }
            let mut inherited = above;
            for key in INHERITED {
                if let Ok(value) = node.get(key)
                    && !matches!(self.resolve(value), Object::Null)
                {
                    inherited.set(key, value.clone());
                }
            }
            match self.get(node, b"Kids") {
                Object::Array(kids) if !node.has_type(b"Page") => {
                    nodes.push(id);
                    let below = kids.iter().rev().filter_map(|kid| kid.as_reference().ok());
                    stack.extend(below.map(|kid| (kid, inherited.clone())));
                }
                _ => {
                    for key in INHERITED {
                        if node.has(key) {
                            inherited.remove(key);
                        }
                    }
                    pages.push(Page { id, inherited });
                    if pages.len() > most {
                        return false;
                    }
                }
            }
        }
        self.pages = pages;
        self.replaced.extend(nodes);
        true
    }
}

/// lopdf has panicked on damaged files before; one input must not take the merge down with it.
fn load(name: &str, bytes: &[u8], limits: &Limits) -> Result<Document, BindError> {
    if bytes.is_empty() {
        return Err(unreadable(name, "the file is empty".into()));
    }
    let options = LoadOptions::with_max_decompressed_size(limits.inflated);
    let loaded = catch_unwind(AssertUnwindSafe(|| {
        Document::load_mem_with_options(bytes, options)
    }))
    .map_err(|_| unreadable(name, "its structure is damaged".into()))?;
    let encrypted = || BindError::Encrypted {
        name: name.to_owned(),
    };
    match loaded {
        Ok(document) if document.trailer.has(b"Encrypt") => Err(encrypted()),
        Ok(document) => Ok(document),
        Err(
            lopdf::Error::InvalidPassword
            | lopdf::Error::Decryption(_)
            | lopdf::Error::UnsupportedSecurityHandler(_)
            | lopdf::Error::Unimplemented(_),
        ) => Err(encrypted()),
        Err(error) => Err(unreadable(name, error.to_string())),
    }
}

fn unreadable(name: &str, reason: String) -> BindError {
    BindError::Unreadable {
        name: name.to_owned(),
        reason,
    }
}
