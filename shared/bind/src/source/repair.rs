//! The table of a file whose own is missing or wrong: every `12 0 obj` in it, the last of a number wins.

use super::budget::{Budget, Fault};
use super::file::{File, raw_stream};
use super::syntax::{Parser, header, is_space};
use super::table::{Entry, Table};
use lopdf::{Dictionary, Object, ObjectId};
use memchr::memmem;
use std::collections::BTreeMap;

/// Digits of an object number and a generation.
const MOST_DIGITS: usize = 10;

/// What a scan finds.
#[derive(Default)]
struct Scan {
    table: Table,
    /// Trailers and dictionaries of cross-reference streams, in the order of the file.
    trailers: Vec<Dictionary>,
    /// Object streams and where they are.
    streams: BTreeMap<u32, u32>,
}

/// Makes a table by looking for objects, and finds the catalog.
pub(super) fn rebuild(bytes: &[u8], mut budget: Budget) -> Result<File<'_>, Fault> {
    let mut scan = Scan::default();
    scan.objects(bytes, &mut budget)?;
    if scan.table.entries.is_empty() {
        let reason = if memmem::find(bytes, b"%PDF-").is_some() {
            "it has no objects"
        } else {
            "it is not a PDF"
        };
        return Err(Fault::Damaged(reason));
    }
    let Scan {
        mut table,
        trailers,
        streams,
    } = scan;
    if let Some(locked) = trailers.iter().rfind(|trailer| trailer.has(b"Encrypt")) {
        for key in [b"Encrypt".as_slice(), b"ID"] {
            if let Ok(value) = locked.get(key) {
                table.trailer.set(key, value.clone());
            }
        }
    }
    let mut file = File::open(bytes, table, budget)?;
    index_object_streams(&mut file, &streams)?;
    find_catalog(&mut file, &trailers)?;
    file.searched = true;
    Ok(file)
}

impl Scan {
    fn objects(&mut self, bytes: &[u8], budget: &mut Budget) -> Result<(), Fault> {
        let finder = memmem::Finder::new(b"obj");
        // Trailers are looked for between objects: what is in a stream is not one.
        let mut from = 0;
        let mut at = 0;
        while let Some(found) = finder.find(&bytes[at..]) {
            let keyword = at + found;
            at = keyword + 3;
            let Some(start) = header_before(bytes, keyword) else {
                continue;
            };
            let Some(header) = header(bytes, start) else {
                continue;
            };
            self.trailers_in(bytes, from..start, budget)?;
            from = at;
            let number = header.number;
            let Ok(offset) = u32::try_from(start) else {
                break;
            };
            let before = budget.held_left();
            let mut parser = Parser {
                bytes,
                at: header.end,
                budget,
            };
            let parsed = parser.object();
            let mut end = parser.at;
            let taken = before - budget.held_left();
            let object = match parsed {
                Ok(object) => object,
                Err(Fault::Damaged(_)) => {
                    budget.release(taken);
                    budget.look(end - header.end)?;
                    // Cut off: an older one is better than half a new one.
                    self.table.entries.entry(number).or_insert(Entry::At {
                        offset,
                        generation: header.generation,
                    });
                    continue;
                }
                Err(fault) => return Err(fault),
            };
            self.table.entries.insert(
                number,
                Entry::At {
                    offset,
                    generation: header.generation,
                },
            );
            self.streams.remove(&number);
            if let Object::Dictionary(dictionary) = object {
                let length = dictionary.get(b"Length").and_then(Object::as_i64).ok();
                if let Some(raw) = raw_stream(bytes, end, length, budget)? {
                    end = raw.end;
                    if dictionary.has_type(b"ObjStm") {
                        self.streams.insert(number, offset);
                    } else if dictionary.has_type(b"XRef") {
                        self.trailers.push(dictionary);
                    }
                }
            }
            budget.release(taken);
            at = at.max(end);
            from = at;
        }
        self.trailers_in(bytes, from..bytes.len(), budget)
    }

    fn trailers_in(
        &mut self,
        bytes: &[u8],
        range: std::ops::Range<usize>,
        budget: &mut Budget,
    ) -> Result<(), Fault> {
        let Some(between) = bytes.get(range.clone()) else {
            return Ok(());
        };
        for found in memmem::find_iter(between, b"trailer") {
            let mut parser = Parser {
                bytes,
                at: range.start + found + 7,
                budget,
            };
            match parser.object() {
                Ok(Object::Dictionary(trailer)) => self.trailers.push(trailer),
                Ok(_) | Err(Fault::Damaged(_)) => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(())
    }
}

/// Where `12 0 ` before this `obj` begins.
fn header_before(bytes: &[u8], keyword: usize) -> Option<usize> {
    let blanks = |mut at: usize| {
        while at > 0 && is_space(bytes[at - 1]) {
            at -= 1;
        }
        at
    };
    let digits = |end: usize| {
        let mut at = end;
        while at > 0 && end - at < MOST_DIGITS && bytes[at - 1].is_ascii_digit() {
            at -= 1;
        }
        (at < end).then_some(at)
    };
    let generation = digits(blanks(keyword))?;
    let gap = blanks(generation);
    (gap < generation).then(|| digits(gap)).flatten()
}

/// Adds what is in object streams: it wins over objects that stand before the stream.
fn index_object_streams(file: &mut File<'_>, streams: &BTreeMap<u32, u32>) -> Result<(), Fault> {
    let mut in_order: Vec<(u32, u32)> = streams
        .iter()
        .map(|(&number, &offset)| (offset, number))
        .collect();
    in_order.sort_unstable();
    let mut places: BTreeMap<u32, u32> = BTreeMap::new();
    for (offset, stream) in in_order {
        let numbers = match file.numbers_in(stream) {
            Ok(numbers) => numbers,
            Err(Fault::Damaged(_)) => continue,
            Err(fault) => return Err(fault),
        };
        for number in numbers {
            let older = match file.table.entries.get(&number) {
                Some(&Entry::At { offset: place, .. }) => place < offset,
                // Of two streams the later one wins.
                Some(Entry::In { .. }) => places.get(&number).is_none_or(|&place| place < offset),
                Some(Entry::Free) | None => true,
            };
            if older && !streams.contains_key(&number) {
                file.table.entries.insert(number, Entry::In { stream });
                places.insert(number, offset);
            }
        }
    }
    Ok(())
}

/// Sets the trailer's `Root`: the last trailer's that has a page tree, or any catalog, or a new one above
/// the largest page tree.
fn find_catalog(file: &mut File<'_>, trailers: &[Dictionary]) -> Result<(), Fault> {
    let mut roots = trailers
        .iter()
        .rev()
        .filter_map(|trailer| trailer.get(b"Root").and_then(Object::as_reference).ok());
    let mut weak = None;
    for root in roots.by_ref() {
        file.bring(root)?;
        match file.object(root) {
            Some(Object::Dictionary(catalog)) if catalog.has(b"Pages") => {
                file.table.trailer.set("Root", Object::Reference(root));
                return Ok(());
            }
            Some(Object::Dictionary(_)) => weak = weak.or(Some(root)),
            _ => {}
        }
    }
    file.bring_all()?;
    let mut catalog = None;
    let mut tree: Option<(i64, ObjectId)> = None;
    for (id, object) in file.objects() {
        let Object::Dictionary(dictionary) = object else {
            continue;
        };
        if dictionary.has_type(b"Catalog") && dictionary.has(b"Pages") {
            catalog = Some(id);
        }
        if dictionary.has_type(b"Pages") && !dictionary.has(b"Parent") {
            let count = dictionary
                .get(b"Count")
                .and_then(Object::as_i64)
                .unwrap_or(0);
            tree = tree.max(Some((count, id)));
        }
    }
    let root = match (catalog, weak, tree) {
        (Some(root), ..) | (None, Some(root), None) => Object::Reference(root),
        (None, _, Some((_, tree))) => {
            let weak = weak.and_then(|weak| file.object(weak)?.as_dict().ok());
            let mut catalog = weak.cloned().unwrap_or_default();
            catalog.set("Type", Object::Name(b"Catalog".to_vec()));
            catalog.set("Pages", Object::Reference(tree));
            Object::Dictionary(catalog)
        }
        (None, None, None) => return Ok(()),
    };
    file.table.trailer.set("Root", root);
    Ok(())
}
