//! The objects of a file: read where its table says they are, decrypted, and only those that the catalog
//! leads to.

use super::budget::{Budget, Fault};
use super::crypt::Crypt;
use super::filter::decode;
use super::syntax::{Header, Parser, header, is_space, skip_space, unsigned};
use super::table::{Entry, Table};
use lopdf::{Dictionary, Document, Object, ObjectId, Stream};
use memchr::memmem;
use std::collections::{BTreeMap, BTreeSet};

/// White space between a stream's data and `endstream`; more means that the length is wrong.
const MOST_PADDING: usize = 16;
/// Memory of an object in the table of objects, whose nodes are half full.
const OBJECT_BYTES: usize = 288;

/// A file with its table.
pub(super) struct File<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) table: Table,
    pub(super) budget: Budget,
    objects: BTreeMap<ObjectId, Object>,
    crypt: Option<Crypt>,
    /// The encryption dictionary, which is not encrypted itself.
    plain: Option<ObjectId>,
    opened: BTreeSet<u32>,
    opening: bool,
    /// A searched file has lost what its objects refer to and it does not have.
    pub(super) searched: bool,
    misses: bool,
}

/// A stream's data as the file has it.
pub(super) struct Raw<'a> {
    pub(super) content: &'a [u8],
    /// Behind the data.
    pub(super) end: usize,
}

/// The data of a stream whose dictionary ends at `at`; `None` when it is a dictionary only. A length that
/// does not lead to `endstream` is wrong, and the data goes to the next one, or to the end of the file.
pub(super) fn raw_stream<'a>(
    bytes: &'a [u8],
    at: usize,
    length: Option<i64>,
    budget: &mut Budget,
) -> Result<Option<Raw<'a>>, Fault> {
    let at = skip_space(bytes, at);
    if !bytes[at..].starts_with(b"stream") {
        return Ok(None);
    }
    let mut start = at + 6;
    while bytes.get(start) == Some(&b' ') {
        start += 1;
    }
    match (bytes.get(start), bytes.get(start + 1)) {
        (Some(b'\r'), Some(b'\n')) => start += 2,
        (Some(b'\r' | b'\n'), _) => start += 1,
        _ => start = at + 6,
    }
    let start = start.min(bytes.len());
    if let Some(end) = length
        .and_then(|length| usize::try_from(length).ok())
        .and_then(|length| start.checked_add(length))
        .filter(|&end| end <= bytes.len())
    {
        let blanks = bytes[end..].iter().take(MOST_PADDING);
        let behind = end + blanks.take_while(|&&byte| is_space(byte)).count();
        let rest = &bytes[behind..];
        if rest.starts_with(b"endstream") || rest.starts_with(b"endobj") {
            budget.look(end - start)?;
            let content = &bytes[start..end];
            return Ok(Some(Raw { content, end }));
        }
    }
    let rest = &bytes[start..];
    let found = memmem::find(rest, b"endstream").or_else(|| memmem::find(rest, b"endobj"));
    let mut end = start + found.unwrap_or(rest.len());
    budget.look(end - start)?;
    let behind = end;
    if found.is_some() {
        // One end of line belongs to `endstream`.
        if end > start && bytes[end - 1] == b'\n' {
            end -= 1;
        }
        if end > start && bytes[end - 1] == b'\r' {
            end -= 1;
        }
    }
    Ok(Some(Raw {
        content: &bytes[start..end],
        end: behind,
    }))
}

impl<'a> File<'a> {
    /// Sets up the key where the trailer asks for one.
    pub(super) fn open(bytes: &'a [u8], table: Table, budget: Budget) -> Result<Self, Fault> {
        let mut file = Self {
            bytes,
            table,
            budget,
            objects: BTreeMap::new(),
            crypt: None,
            plain: None,
            opened: BTreeSet::new(),
            opening: false,
            searched: false,
            misses: false,
        };
        file.set_key()?;
        Ok(file)
    }

    /// Reads the encryption dictionary that the trailer names.
    pub(super) fn set_key(&mut self) -> Result<(), Fault> {
        self.crypt = None;
        self.plain = self
            .table
            .trailer
            .get(b"Encrypt")
            .ok()
            .and_then(|it| it.as_reference().ok());
        let Ok(encrypt) = self.table.trailer.get(b"Encrypt").cloned() else {
            return Ok(());
        };
        let Object::Dictionary(dictionary) = self.inlined(&encrypt, 4)? else {
            return Err(if self.misses {
                Fault::Damaged("its encryption dictionary is damaged")
            } else {
                Fault::Locked
            });
        };
        let id = self.table.trailer.get(b"ID").cloned().ok();
        let id = match id.map(|id| self.inlined(&id, 2)) {
            Some(Ok(Object::Array(halves))) => match halves.into_iter().next() {
                Some(Object::String(id, _)) => id,
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        self.crypt = Some(Crypt::open(&dictionary, &id)?);
        Ok(())
    }

    /// The object with what it refers to in place of references, so many levels deep.
    fn inlined(&mut self, object: &Object, levels: usize) -> Result<Object, Fault> {
        Ok(match object {
            &Object::Reference(id) if levels > 0 => {
                self.bring(id)?;
                let object = self.objects.get(&id).cloned().unwrap_or(Object::Null);
                self.inlined(&object, levels - 1)?
            }
            Object::Dictionary(dictionary) if levels > 0 => {
                let mut copy = Dictionary::new();
                for (key, value) in dictionary {
                    copy.set(key.clone(), self.inlined(value, levels - 1)?);
                }
                Object::Dictionary(copy)
            }
            other => other.clone(),
        })
    }

    /// Whether something that the catalog leads to, and that should be there, could not be read.
    pub(super) fn misses(&self) -> bool {
        self.misses
    }

    /// An object that has been brought.
    pub(super) fn object(&self, id: ObjectId) -> Option<&Object> {
        self.objects.get(&id)
    }

    /// All objects that have been brought, by number.
    pub(super) fn objects(&self) -> impl Iterator<Item = (ObjectId, &Object)> {
        self.objects.iter().map(|(&id, object)| (id, object))
    }

    /// Reads an object, if the file has it.
    pub(super) fn bring(&mut self, id: ObjectId) -> Result<(), Fault> {
        if self.objects.contains_key(&id) {
            return Ok(());
        }
        match self.table.entries.get(&id.0) {
            None => {
                self.misses |= self.searched;
                Ok(())
            }
            Some(Entry::Free) => Ok(()),
            Some(&Entry::At { offset, .. }) => {
                let read = self.read_at(id, offset as usize);
                self.note_damage(read)
            }
            Some(&Entry::In { stream }) => {
                let read = self.open_object_stream(stream);
                self.note_damage(read)?;
                self.misses |= id.1 == 0 && !self.objects.contains_key(&id);
                Ok(())
            }
        }
    }

    /// A damaged object is null; going over a bound is the end.
    fn note_damage(&mut self, read: Result<(), Fault>) -> Result<(), Fault> {
        match read {
            Err(Fault::Damaged(_)) => {
                self.misses = true;
                Ok(())
            }
            other => other,
        }
    }

    /// The header that stands at an offset; it must be the one of this object.
    fn header_at(&self, number: u32, offset: usize) -> Result<Header, Fault> {
        header(self.bytes, offset)
            .filter(|header| header.number == number)
            .ok_or(Fault::Damaged("an object is not where it should be"))
    }

    fn read_at(&mut self, id: ObjectId, offset: usize) -> Result<(), Fault> {
        let header = self.header_at(id.0, offset)?;
        if header.generation != id.1 {
            // An older or younger object of that number: none (§7.3.10).
            return Ok(());
        }
        let mut parser = Parser {
            bytes: self.bytes,
            at: header.end,
            budget: &mut self.budget,
        };
        let mut object = parser.object()?;
        let at = parser.at;
        if let Object::Dictionary(dictionary) = &mut object {
            let length = self.length(dictionary)?;
            if let Some(raw) = raw_stream(self.bytes, at, length, &mut self.budget)? {
                let mut dictionary = std::mem::take(dictionary);
                let content = match &self.crypt {
                    Some(crypt) => {
                        crypt.dictionary(id, &mut dictionary);
                        crypt.stream(id, &mut dictionary, raw.content)?
                    }
                    None => raw.content.to_vec(),
                };
                self.add(id, Object::Stream(Stream::new(dictionary, content)))?;
                return Ok(());
            }
        }
        if let Some(crypt) = self.crypt.as_ref().filter(|_| self.plain != Some(id)) {
            crypt.strings(id, &mut object);
        }
        self.add(id, object)
    }

    fn add(&mut self, id: ObjectId, object: Object) -> Result<(), Fault> {
        self.budget.hold(OBJECT_BYTES)?;
        self.objects.insert(id, object);
        Ok(())
    }

    /// A stream's length, which may be an object of its own.
    fn length(&mut self, dictionary: &Dictionary) -> Result<Option<i64>, Fault> {
        let id = match dictionary.get(b"Length") {
            Ok(&Object::Integer(length)) => return Ok(Some(length)),
            Ok(&Object::Reference(id)) => id,
            _ => return Ok(None),
        };
        match self.table.entries.get(&id.0) {
            Some(&Entry::At { offset, .. }) => {
                let Ok(header) = self.header_at(id.0, offset as usize) else {
                    return Ok(None);
                };
                Ok(unsigned(self.bytes, skip_space(self.bytes, header.end))
                    .and_then(|(length, _)| i64::try_from(length).ok()))
            }
            // An object stream whose length is in an object stream would go on and on.
            Some(&Entry::In { stream }) if !self.opening => {
                let read = self.open_object_stream(stream);
                self.note_damage(read)?;
                let length = self.objects.get(&id);
                Ok(length.and_then(|length| length.as_i64().ok()))
            }
            _ => Ok(None),
        }
    }

    /// The dictionary and the data of an object stream.
    fn object_stream(&mut self, number: u32) -> Result<(Dictionary, Vec<u8>), Fault> {
        let Some(&Entry::At { offset, .. }) = self.table.entries.get(&number) else {
            return Err(Fault::Damaged("an object stream is missing"));
        };
        let header = self.header_at(number, offset as usize)?;
        let mut parser = Parser {
            bytes: self.bytes,
            at: header.end,
            budget: &mut self.budget,
        };
        let Object::Dictionary(mut dictionary) = parser.object()? else {
            return Err(Fault::Damaged("an object stream is missing"));
        };
        let at = parser.at;
        self.opening = true;
        let length = self.length(&dictionary);
        self.opening = false;
        let raw = raw_stream(self.bytes, at, length?, &mut self.budget)?
            .ok_or(Fault::Damaged("an object stream is missing"))?;
        let id = (number, header.generation);
        let data = match &self.crypt {
            Some(crypt) => {
                let plain = crypt.stream(id, &mut dictionary, raw.content)?;
                decode(&dictionary, &plain, &mut self.budget)?
            }
            None => decode(&dictionary, raw.content, &mut self.budget)?,
        };
        Ok((dictionary, data))
    }

    /// Numbers and places of the objects in an object stream (§7.5.7).
    fn contents(dictionary: &Dictionary, data: &[u8]) -> Vec<(u32, usize)> {
        let integer = |key: &[u8]| {
            let value = dictionary.get(key).and_then(Object::as_i64).ok();
            value.and_then(|value| usize::try_from(value).ok())
        };
        let (Some(count), Some(first)) = (integer(b"N"), integer(b"First")) else {
            return Vec::new();
        };
        let mut contents = Vec::new();
        let mut at = 0;
        for _ in 0..count {
            let Some((number, end)) = unsigned(data, skip_space(data, at)) else {
                break;
            };
            let Some((offset, end)) = unsigned(data, skip_space(data, end)) else {
                break;
            };
            at = end;
            let place = usize::try_from(offset)
                .ok()
                .and_then(|it| it.checked_add(first));
            if let (Ok(number), Some(place)) = (u32::try_from(number), place)
                && place < data.len()
            {
                contents.push((number, place));
            }
        }
        contents
    }

    /// The numbers of the objects in an object stream.
    pub(super) fn numbers_in(&mut self, stream: u32) -> Result<Vec<u32>, Fault> {
        let (dictionary, data) = self.object_stream(stream)?;
        let contents = Self::contents(&dictionary, &data);
        Ok(contents.into_iter().map(|(number, _)| number).collect())
    }

    /// Reads all objects of an object stream that are not elsewhere.
    fn open_object_stream(&mut self, stream: u32) -> Result<(), Fault> {
        if !self.opened.insert(stream) {
            return Ok(());
        }
        let (dictionary, data) = self.object_stream(stream)?;
        for (number, at) in Self::contents(&dictionary, &data) {
            let here = self.table.entries.get(&number) == Some(&Entry::In { stream });
            if !here || self.objects.contains_key(&(number, 0)) {
                continue;
            }
            let mut parser = Parser {
                bytes: &data,
                at,
                budget: &mut self.budget,
            };
            match parser.object() {
                Ok(object) => self.add((number, 0), object)?,
                Err(Fault::Damaged(_)) => self.misses = true,
                Err(fault) => return Err(fault),
            }
        }
        Ok(())
    }

    /// Reads everything that the catalog leads to.
    pub(super) fn reach(&mut self) -> Result<(), Fault> {
        let mut next = Vec::new();
        if let Ok(root) = self.table.trailer.get(b"Root") {
            references(root, &mut next);
        }
        let mut seen = BTreeSet::new();
        while let Some(id) = next.pop() {
            if !seen.insert(id) {
                continue;
            }
            self.bring(id)?;
            if let Some(object) = self.objects.get(&id) {
                references(object, &mut next);
            }
        }
        Ok(())
    }

    /// Reads everything there is.
    pub(super) fn bring_all(&mut self) -> Result<(), Fault> {
        let entries: Vec<(u32, Entry)> = self
            .table
            .entries
            .iter()
            .map(|(&number, &entry)| (number, entry))
            .collect();
        for (number, entry) in entries {
            match entry {
                Entry::Free => {}
                Entry::At { generation, .. } => self.bring((number, generation))?,
                Entry::In { .. } => self.bring((number, 0))?,
            }
        }
        Ok(())
    }

    /// What has been read, as a document.
    pub(super) fn into_document(self) -> Document {
        let mut document = Document::new();
        document.trailer = self.table.trailer;
        document.trailer.remove(b"Encrypt");
        document.max_id = self.objects.last_key_value().map_or(0, |(id, _)| id.0);
        document.objects = self.objects;
        document
    }
}

/// All references in an object, not through them.
fn references(object: &Object, found: &mut Vec<ObjectId>) {
    match object {
        Object::Reference(id) => found.push(*id),
        Object::Array(items) => items.iter().for_each(|item| references(item, found)),
        Object::Dictionary(dictionary) => dictionary
            .iter()
            .for_each(|(_, value)| references(value, found)),
        Object::Stream(stream) => stream
            .dict
            .iter()
            .for_each(|(_, value)| references(value, found)),
        _ => {}
    }
}
