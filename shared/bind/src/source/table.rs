//! Where the objects of a file are: its cross-reference tables and streams (ISO 32000-1 §7.5.4, §7.5.8),
//! of all its versions.

use super::budget::{Budget, Fault};
use super::file::raw_stream;
use super::filter::decode;
use super::syntax::{Parser, header, is_space, skip_space, unsigned};
use lopdf::{Dictionary, Object};
use memchr::memmem;
use std::collections::{BTreeMap, BTreeSet};

/// Acrobat's own bound on object numbers is as high (annex C.2).
const MOST_ENTRIES: usize = 8_388_607;
/// Keys of a trailer that an older one may supply.
const INHERITED: [&[u8]; 2] = [b"Root", b"Info"];

/// Where an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// Nowhere: references to it are null.
    Free,
    /// At an offset of the file.
    At { offset: u32, generation: u16 },
    /// In an object stream.
    In { stream: u32 },
}

/// Where every object is.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) entries: BTreeMap<u32, Entry>,
    pub(super) trailer: Dictionary,
}

const BAD: Fault = Fault::Damaged("its cross-reference table is damaged");

impl Table {
    /// Reads all that the last `startxref` leads to, newest first.
    pub(super) fn read(bytes: &[u8], budget: &mut Budget) -> Result<Self, Fault> {
        let start = memmem::rfind(bytes, b"startxref")
            .ok_or(Fault::Damaged("it does not say where its objects are"))?;
        let (first, _) = unsigned(bytes, skip_space(bytes, start + 9)).ok_or(BAD)?;
        let mut table = Self::default();
        let mut seen = BTreeSet::new();
        let mut next = Some(first);
        while let Some(offset) = next {
            // A table that comes round to itself has been read.
            if !seen.insert(offset) {
                break;
            }
            let at = usize::try_from(offset)
                .ok()
                .filter(|&at| at < bytes.len())
                .ok_or(BAD)?;
            let trailer = table.section(bytes, at, budget)?;
            next = match trailer.get(b"Prev") {
                // 0 is written for "none".
                Ok(&Object::Integer(previous)) if previous != 0 => {
                    Some(u64::try_from(previous).map_err(|_| BAD)?)
                }
                _ => None,
            };
            if seen.len() == 1 {
                table.trailer = trailer;
            } else {
                for key in INHERITED {
                    if let (false, Ok(value)) = (table.trailer.has(key), trailer.get(key)) {
                        table.trailer.set(key, value.clone());
                    }
                }
            }
        }
        Ok(table)
    }

    /// Adds an older entry: newer ones stay.
    fn add(&mut self, number: u64, entry: Entry) -> Result<(), Fault> {
        let Ok(number) = u32::try_from(number) else {
            return Ok(());
        };
        if self.entries.len() >= MOST_ENTRIES {
            return Err(Fault::Over {
                what: "objects",
                limit: MOST_ENTRIES as u64,
            });
        }
        self.entries.entry(number).or_insert(entry);
        Ok(())
    }

    /// One table or stream; gives its trailer.
    fn section(
        &mut self,
        bytes: &[u8],
        at: usize,
        budget: &mut Budget,
    ) -> Result<Dictionary, Fault> {
        let at = skip_space(bytes, at);
        if !bytes
            .get(at..)
            .is_some_and(|rest| rest.starts_with(b"xref"))
        {
            return self.stream(bytes, at, budget);
        }
        let (free, end) = self.subsections(bytes, at + 4)?;
        budget.look(end - at)?;
        let mut parser = Parser {
            bytes,
            at: end,
            budget,
        };
        let Object::Dictionary(trailer) = parser.object()? else {
            return Err(BAD);
        };
        // Hybrid files (§7.5.8.4): what the table calls free, the stream may know.
        if let Ok(&Object::Integer(offset)) = trailer.get(b"XRefStm")
            && let Some(at) = usize::try_from(offset).ok().filter(|&at| at < bytes.len())
        {
            self.stream(bytes, at, budget)?;
        }
        for number in free {
            self.add(number, Entry::Free)?;
        }
        Ok(trailer)
    }

    /// The subsections of a table; gives the numbers of free entries and the place behind `trailer`.
    fn subsections(&mut self, bytes: &[u8], mut at: usize) -> Result<(Vec<u64>, usize), Fault> {
        let mut free = Vec::new();
        loop {
            at = skip_space(bytes, at);
            if bytes[at..].starts_with(b"trailer") {
                return Ok((free, at + 7));
            }
            let (first, end) = unsigned(bytes, at).ok_or(BAD)?;
            let (count, end) = unsigned(bytes, skip_space(bytes, end)).ok_or(BAD)?;
            at = end;
            for number in (0..count).map(|index| first.saturating_add(index)) {
                let (offset, end) = unsigned(bytes, skip_space(bytes, at)).ok_or(BAD)?;
                let (generation, end) = unsigned(bytes, skip_space(bytes, end)).ok_or(BAD)?;
                let end = skip_space(bytes, end);
                at = end + 1;
                match bytes.get(end) {
                    Some(b'f') => free.push(number),
                    // An object cannot be where the header is: some write 0 for free ones.
                    Some(b'n') if offset == 0 => free.push(number),
                    Some(b'n') => self.add(number, at_offset(offset, generation)?)?,
                    _ => return Err(BAD),
                }
                if bytes.get(at).is_some_and(|&byte| !is_space(byte)) {
                    return Err(BAD);
                }
            }
        }
    }

    /// A cross-reference stream; gives its dictionary.
    fn stream(
        &mut self,
        bytes: &[u8],
        at: usize,
        budget: &mut Budget,
    ) -> Result<Dictionary, Fault> {
        let header = header(bytes, at).ok_or(BAD)?;
        let mut parser = Parser {
            bytes,
            at: header.end,
            budget,
        };
        let Object::Dictionary(dictionary) = parser.object()? else {
            return Err(BAD);
        };
        let at = parser.at;
        let length = dictionary.get(b"Length").and_then(Object::as_i64).ok();
        let raw = raw_stream(bytes, at, length, budget)?.ok_or(BAD)?;
        let data = decode(&dictionary, raw.content, budget)?;
        let integers = |key: &[u8]| -> Option<Vec<usize>> {
            let items = dictionary.get(key).and_then(Object::as_array).ok()?;
            items
                .iter()
                .map(|item| item.as_i64().ok().and_then(|it| usize::try_from(it).ok()))
                .collect()
        };
        let widths = integers(b"W").ok_or(BAD)?;
        let &[first, second, third, ..] = widths.as_slice() else {
            return Err(BAD);
        };
        if [first, second, third].iter().any(|&width| width > 8) || first + second + third == 0 {
            return Err(BAD);
        }
        let size = dictionary.get(b"Size").and_then(Object::as_i64).ok();
        let size = size.and_then(|size| usize::try_from(size).ok());
        let index = integers(b"Index").unwrap_or_else(|| vec![0, size.unwrap_or(usize::MAX)]);
        let mut rows = data.chunks_exact(first + second + third);
        'all: for range in index.chunks_exact(2) {
            for number in (0..range[1]).map(|index| range[0].saturating_add(index)) {
                let Some(row) = rows.next() else { break 'all };
                let kind = if first == 0 { 1 } else { field(&row[..first]) };
                let value = field(&row[first..first + second]);
                let entry = match kind {
                    0 => Entry::Free,
                    1 if value == 0 => Entry::Free,
                    1 => at_offset(value, field(&row[first + second..]))?,
                    2 => Entry::In {
                        stream: u32::try_from(value).map_err(|_| BAD)?,
                    },
                    // Unknown kinds are null (table 18).
                    _ => Entry::Free,
                };
                self.add(number as u64, entry)?;
            }
        }
        Ok(dictionary)
    }
}

fn at_offset(offset: u64, generation: u64) -> Result<Entry, Fault> {
    Ok(Entry::At {
        offset: u32::try_from(offset).map_err(|_| BAD)?,
        generation: u16::try_from(generation).unwrap_or(u16::MAX),
    })
}

fn field(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |value, &byte| value << 8 | u64::from(byte))
}
