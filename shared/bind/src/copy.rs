//! Copying objects into the volume: renumbered, and equal ones once.
//!
//! Objects are finished bottom-up: when all that an object refers to has its number in the volume, the
//! object's bytes with these numbers are what it is, and objects of equal bytes are one. An object that
//! (through others) refers to itself gets its number early and stays its own.

use crate::compact::compact;
use crate::destinations::Dangling;
use crate::options::Recompress;
use crate::rewrite::{Rewrite, Value, is_element};
use crate::salvage::{early_change, salvage};
use crate::source::Source;
use fanfold_pdf::{FileWriter, write_object};
use lopdf::{Dictionary, Object, ObjectId};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::{self, Write};

/// Distinct objects remembered; beyond it later ones are written without looking for equals. 16 bytes
/// of hash and 4 of number each: about 100 MB.
const MOST_REMEMBERED: usize = 3 << 20;

/// Objects of the volume by content.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Known {
    numbers: FxHashMap<[u8; 16], u32>,
    /// Names that lead nowhere.
    pub(crate) dangling: Dangling,
}

/// Copies from one input.
pub(crate) struct Copier<'a, W: Write> {
    pub(crate) source: &'a Source,
    pub(crate) out: &'a mut FileWriter<W>,
    known: &'a mut Known,
    pub(crate) rewrite: Rewrite,
    /// What is compressed anew.
    pub(crate) recompress: Recompress,
    /// Layers in the volume, in the order of writing.
    pub(crate) layers: Vec<u32>,
    numbers: FxHashMap<ObjectId, State>,
    scratch: Vec<u8>,
}

#[derive(Clone, Copy)]
enum State {
    /// Its number in the volume.
    Done(u32),
    /// Being copied; with a number when something below refers to it.
    Open(Option<u32>),
    /// Not in the volume: references to it are null.
    Gone,
}

impl<'a, W: Write> Copier<'a, W> {
    /// `pages` have their numbers already.
    pub(crate) fn new(
        source: &'a Source,
        out: &'a mut FileWriter<W>,
        known: &'a mut Known,
        rewrite: Rewrite,
        pages: &[u32],
    ) -> Self {
        let mut numbers: FxHashMap<ObjectId, State> = source
            .replaced
            .iter()
            .map(|&id| (id, State::Gone))
            .collect();
        for (page, &number) in source.pages.iter().zip(pages) {
            numbers.insert(page.id, State::Done(number));
        }
        Self {
            source,
            out,
            known,
            rewrite,
            recompress: Recompress::Never,
            layers: Vec::new(),
            numbers,
            scratch: Vec::new(),
        }
    }

    /// The same object with the volume's numbers; everything it refers to is written.
    pub(crate) fn copy(&mut self, object: &Object) -> io::Result<Object> {
        let mut below = Vec::new();
        references(object, &mut below);
        for id in below {
            self.bring(id)?;
        }
        Ok(self.renumbered(object))
    }

    /// Writes copies of an array's items at the end of `list`, a space before each; what is null in the
    /// volume is left out, and so is all of what is no array.
    pub(crate) fn append_items(&mut self, array: &Object, list: &mut Vec<u8>) -> io::Result<()> {
        let Object::Array(items) = array else {
            return Ok(());
        };
        for item in items {
            let copy = self.copy(item)?;
            if !matches!(copy, Object::Null) {
                list.push(b' ');
                write_object(list, &copy);
            }
        }
        Ok(())
    }

    /// Gives an object a number that something else is written under.
    pub(crate) fn stands_for(&mut self, id: ObjectId, number: u32) {
        self.numbers.insert(id, State::Done(number));
    }

    /// Leaves structure elements out: without a root they are nothing.
    pub(crate) fn leave_out_elements(&mut self) {
        for (&id, object) in &self.source.document.objects {
            if matches!(object, Object::Dictionary(one) if one.has_type(b"StructElem")) {
                self.numbers.insert(id, State::Gone);
            }
        }
    }

    /// The number of an object in the volume, which is brought there; `None` when it is left out.
    pub(crate) fn number(&mut self, id: ObjectId) -> io::Result<Option<u32>> {
        self.bring(id)?;
        Ok(match self.numbers.get(&id) {
            Some(State::Done(number) | State::Open(Some(number))) => Some(*number),
            _ => None,
        })
    }

    /// A copy of a named destination: an array, or a dictionary around one.
    pub(crate) fn place(&mut self, place: &Object) -> io::Result<Object> {
        let source = self.source;
        let place = match source.resolve(place) {
            Object::Dictionary(dictionary) => source.get(dictionary, b"D"),
            other => other,
        };
        let counted = matches!(place, Object::Array(items) if matches!(items.first(), Some(Object::Integer(_))));
        if counted
            && let Value::New(copy) = self.rewrite.destination(source, place, |at| self.page(at))
        {
            return Ok(copy);
        }
        self.copy(place)
    }

    /// A page by its index in the input.
    fn page(&self, index: i64) -> Object {
        let id = usize::try_from(index)
            .ok()
            .and_then(|index| self.source.pages.get(index))
            .map(|page| page.id);
        match id.and_then(|id| self.numbers.get(&id)) {
            Some(State::Done(number)) => Object::Reference((*number, 0)),
            _ => Object::Null,
        }
    }

    /// Writes an indirect object and all it refers to. Depth-first with a stack of its own: chains of
    /// references can be as long as the file.
    fn bring(&mut self, id: ObjectId) -> io::Result<()> {
        let mut stack = Vec::new();
        self.open(id, &mut stack);
        while let Some((id, below)) = stack.last_mut() {
            if let Some(next) = below.pop() {
                self.open(next, &mut stack);
                continue;
            }
            let id = *id;
            stack.pop();
            self.close(id)?;
        }
        Ok(())
    }

    /// Puts an object that is not yet known on the stack, with what it refers to.
    fn open(&mut self, id: ObjectId, stack: &mut Vec<(ObjectId, Vec<ObjectId>)>) {
        match self.numbers.get(&id) {
            Some(State::Open(None)) => {
                let number = self.out.reserve();
                self.numbers.insert(id, State::Open(Some(number)));
                return;
            }
            Some(_) => return,
            None => {}
        }
        let Some(object) = self.source.document.objects.get(&id) else {
            self.numbers.insert(id, State::Gone);
            return;
        };
        if matches!(object, Object::Null) || is_left_out(object) {
            self.numbers.insert(id, State::Gone);
            return;
        }
        self.numbers.insert(id, State::Open(None));
        let mut below = Vec::new();
        references(object, &mut below);
        // They are taken from the end; the first comes first in the volume.
        below.reverse();
        stack.push((id, below));
    }

    /// Writes an object whose references all have numbers, unless an equal one is there.
    fn close(&mut self, id: ObjectId) -> io::Result<()> {
        let Some(object) = self.source.document.objects.get(&id) else {
            return Ok(());
        };
        let early = match self.numbers.get(&id) {
            Some(State::Open(early)) => *early,
            _ => return Ok(()),
        };
        let copy = match object {
            Object::Stream(stream) => Object::Dictionary(self.dictionary(&stream.dict)),
            other => self.renumbered(other),
        };
        let mut bytes = std::mem::take(&mut self.scratch);
        bytes.clear();
        write_object(&mut bytes, &copy);
        let key = (early.is_none() && may_be_shared(&copy)).then(|| {
            let mut digest = Sha256::new();
            digest.update(&bytes);
            if let Object::Stream(stream) = object {
                // A dictionary and a stream with that dictionary differ.
                digest.update(b"stream");
                digest.update(&stream.content);
            }
            let mut key = [0; 16];
            key.copy_from_slice(&digest.finalize()[..16]);
            key
        });
        if let Some(&number) = key.as_ref().and_then(|key| self.known.numbers.get(key)) {
            self.numbers.insert(id, State::Done(number));
            self.scratch = bytes;
            return Ok(());
        }
        let number = early.unwrap_or_else(|| self.out.reserve());
        self.numbers.insert(id, State::Done(number));
        if matches!(&copy, Object::Dictionary(dictionary) if dictionary.has_type(b"OCG")) {
            self.layers.push(number);
        }
        if let Some(key) = key.filter(|_| self.known.numbers.len() < MOST_REMEMBERED) {
            self.known.numbers.insert(key, number);
        }
        let written = match (object, copy) {
            (Object::Stream(stream), Object::Dictionary(mut dictionary)) => {
                let data = compact(
                    &mut dictionary,
                    &stream.content,
                    self.recompress,
                    self.out.deflater(),
                );
                let data = salvage(&mut dictionary, &data, |behind| {
                    early_change(self.source, &stream.dict, behind)
                });
                self.out.stream(number, &dictionary, &data)
            }
            _ => self.out.serialized(number, &bytes),
        };
        self.scratch = bytes;
        written
    }

    /// Direct objects are nested at most as deep as the parser allows (100), so recursion is bounded.
    fn renumbered(&mut self, object: &Object) -> Object {
        match object {
            Object::Reference(id) => match self.numbers.get(id) {
                Some(State::Done(number) | State::Open(Some(number))) => {
                    Object::Reference((*number, 0))
                }
                _ => Object::Null,
            },
            Object::Array(items) => {
                let mut copies = Vec::with_capacity(items.len());
                for item in items {
                    if !self.is_dead(item) {
                        copies.push(self.renumbered(item));
                    }
                }
                copies.into()
            }
            Object::Dictionary(dictionary) => self.dictionary(dictionary).into(),
            Object::Stream(stream) => self.dictionary(&stream.dict).into(),
            other => other.clone(),
        }
    }

    /// Whether it is a reference of the structure to an annotation that is not in the volume.
    fn is_dead(&self, object: &Object) -> bool {
        let Object::Dictionary(reference) = object else {
            return false;
        };
        reference.has_type(b"OBJR")
            && matches!(reference.get(b"Obj"), Ok(Object::Reference(id))
                if !matches!(self.numbers.get(id), Some(State::Done(_) | State::Open(_))))
    }

    /// A dictionary with the volume's numbers and names.
    fn dictionary(&mut self, dictionary: &Dictionary) -> Dictionary {
        let mut copy = Dictionary::new();
        for (key, value) in dictionary {
            let change = self
                .rewrite
                .value(self.source, dictionary, key, value, |index| {
                    self.page(index)
                });
            let value = match change {
                Value::Same if self.is_dead(value) => Object::Null,
                Value::Same => self.renumbered(value),
                Value::New(value) => value,
                // What it refers to is what the value referred to, and has its numbers.
                Value::CopyOf(value) => self.renumbered(&value),
                Value::Dangling(name) => self.known.dangling.object(name, self.out),
            };
            // A null value is an absent key (ISO 32000-1 §7.3.7).
            if !matches!(value, Object::Null) {
                copy.set(key.clone(), value);
            }
        }
        copy
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
        Object::Stream(stream) => stream.dict.iter().for_each(|(key, value)| {
            // The length is written anew.
            if key != b"Length" {
                references(value, found);
            }
        }),
        _ => {}
    }
}

/// What the volume has its own of, and pages that are not in its page tree.
fn is_left_out(object: &Object) -> bool {
    let Object::Dictionary(dictionary) = object else {
        return false;
    };
    [b"Catalog".as_slice(), b"Pages", b"Page", b"StructTreeRoot"]
        .iter()
        .any(|kind| dictionary.has_type(kind))
}

/// Annotations and fields belong to one page each, layers to one document, references of the structure to
/// one element, whatever they look like.
fn may_be_shared(object: &Object) -> bool {
    let Object::Dictionary(dictionary) = object else {
        return true;
    };
    let is_of_its_own = [
        b"Annot".as_slice(),
        b"OCG",
        b"Filespec",
        b"Thread",
        b"Bead",
        b"OBJR",
        b"MCR",
    ]
    .iter()
    .any(|kind| dictionary.has_type(kind));
    let is_annotation = dictionary.has(b"Rect") && dictionary.has(b"Subtype");
    let is_field = dictionary.has(b"Parent") || dictionary.has(b"FT");
    !(is_of_its_own || is_annotation || is_field || is_element(dictionary))
}
