//! Reading an input: what its own tables say, and where they are wrong, what a search through the file
//! finds; and what a merge wants to know of a document.
//!
//! Objects are lopdf's, the reader is not: lopdf's has no repair, takes whatever memory a table asks for,
//! and reads everything instead of what the pages need.

mod budget;
pub(crate) mod crypt;
mod file;
pub(crate) mod filter;
mod pages;
mod repair;
mod syntax;
mod table;

use crate::{BindError, Limits};
use budget::{Budget, Fault};
use file::File;
use lopdf::{Dictionary, Document, Object, ObjectId};
use memchr::memmem;
use rustc_hash::FxHashSet;
use table::Table;

/// References to references are followed this far.
const LONGEST_CHAIN: usize = 32;
/// The header is looked for this far into the file.
const FARTHEST_HEADER: usize = 1 << 16;

/// An input that could be read.
pub(crate) struct Source {
    pub(crate) document: Document,
    pub(crate) pages: Vec<Page>,
    /// Catalog and page tree nodes, which the volume has its own of.
    pub(crate) replaced: FxHashSet<ObjectId>,
    misses: bool,
}

/// A page of an input.
pub(crate) struct Page {
    pub(crate) id: ObjectId,
    /// Inherited attributes that the page does not have itself.
    pub(crate) inherited: Dictionary,
}

/// A way to find the objects of a file.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// By its tables, whose offsets count from here.
    Tables { from: usize },
    /// By looking for objects.
    Search,
    /// By looking for objects, and for pages among them.
    Strays,
}

impl Source {
    /// Reads a file. Fails before anything is written, or not at all.
    pub(crate) fn read(name: &str, bytes: &[u8], limits: &Limits) -> Result<Self, BindError> {
        let most = limits.bytes.min(u64::from(u32::MAX));
        if bytes.len() as u64 > most {
            return Err(BindError::OverLimit {
                name: name.to_owned(),
                what: "bytes",
                limit: most,
            });
        }
        Self::read_any_way(bytes, limits).map_err(|fault| {
            let name = name.to_owned();
            match fault {
                Fault::Damaged(reason) => BindError::Unreadable {
                    name,
                    reason: reason.to_owned(),
                },
                Fault::Locked => BindError::Encrypted { name },
                Fault::Over { what, limit } => BindError::OverLimit { name, what, limit },
            }
        })
    }

    /// Files in order are read by their tables. Where these lead astray, the whole file is searched, and
    /// the way that finds more pages is taken.
    fn read_any_way(bytes: &[u8], limits: &Limits) -> Result<Self, Fault> {
        if bytes.is_empty() {
            return Err(Fault::Damaged("the file is empty"));
        }
        let head = &bytes[..bytes.len().min(FARTHEST_HEADER)];
        let header = memmem::find(head, b"%PDF-").unwrap_or(0);
        let mut best = None;
        // Offsets count from the header (ISO 32000-2 §7.5.2), or from the first byte.
        let starts = if header == 0 {
            vec![0]
        } else {
            vec![header, 0]
        };
        for from in starts {
            match Self::read_by(Way::Tables { from }, bytes, limits) {
                Ok((source, true)) => return Ok(source),
                Ok((source, false)) => best = best.max(Some((source.pages.len(), from))),
                Err(Fault::Damaged(_)) => {}
                Err(fault) => return Err(fault),
            }
        }
        let (pages, from) = best.unwrap_or_default();
        // What is not taken is gone before the file is read again: two documents may not fit.
        match Self::read_by(Way::Search, bytes, limits) {
            Ok((source, _)) if source.pages.len() >= pages.max(1) => return Ok(source),
            Err(fault) if pages == 0 => return Err(fault),
            _ => {}
        }
        let way = if pages > 0 {
            Way::Tables { from }
        } else {
            Way::Strays
        };
        match Self::read_by(way, bytes, limits)? {
            (source, _) if source.pages.is_empty() => Err(Fault::Damaged("it has no pages")),
            (source, _) => Ok(source),
        }
    }

    /// Reads a file one way, and says whether everything was as it should be.
    fn read_by(way: Way, bytes: &[u8], limits: &Limits) -> Result<(Self, bool), Fault> {
        let mut budget = Budget::new(bytes.len(), limits);
        let mut file = match way {
            Way::Tables { from } => {
                let bytes = &bytes[from..];
                let table = Table::read(bytes, &mut budget)?;
                File::open(bytes, table, budget)?
            }
            Way::Search | Way::Strays => repair::rebuild(bytes, budget)?,
        };
        if matches!(way, Way::Strays) {
            file.bring_all()?;
        }
        file.reach()?;
        let misses = file.misses();
        let mut source = Self {
            document: file.into_document(),
            pages: Vec::new(),
            replaced: FxHashSet::default(),
            misses,
        };
        let complete = source.collect_pages(limits.pages)?;
        if matches!(way, Way::Strays) && source.pages.is_empty() {
            source.collect_strays(limits.pages)?;
        }
        let good = complete && !misses && !source.pages.is_empty();
        Ok((source, good))
    }

    /// Whether objects that the file should have are not there: damaged, or in an object stream that is.
    pub(crate) fn misses_objects(&self) -> bool {
        self.misses
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
}
