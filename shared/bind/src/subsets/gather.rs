//! The fonts of an input that may be subsets of one program, and where their parts are.

use super::Streams;
use super::font::{Hash, digest};
use crate::rewrite::is_name;
use crate::source::Source;
use fanfold_pdf::write_object;
use lopdf::{Dictionary, Object, ObjectId, Stream};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// A program, inflated; larger ones stay as they are.
const MOST_PROGRAM: usize = 8 << 20;
/// Widths that one font lists, some of them again and again.
const MOST_WIDTHS: usize = 1 << 18;
/// The width of a code that is not listed (ISO 32000-1 table 117).
const DEFAULT_WIDTH: f32 = 1000.0;

/// A composite font's objects.
pub(super) struct Places {
    font: ObjectId,
    descendant: ObjectId,
    descriptor: ObjectId,
    pub(super) program: ObjectId,
    pub(super) to_unicode: Option<ObjectId>,
    pub(super) map: Option<ObjectId>,
    /// `ABCDEF+Name`.
    pub(super) name: Vec<u8>,
}

/// The composite fonts with subset TrueType programs, each with all its parts to itself.
pub(super) fn candidates(source: &Source) -> Vec<Places> {
    let mut uses: FxHashMap<ObjectId, usize> = FxHashMap::default();
    let mut fonts = Vec::new();
    for (&id, object) in &source.document.objects {
        let Object::Dictionary(dictionary) = object else {
            continue;
        };
        let mut used = |value: &Object| {
            if let Object::Reference(id) = value {
                *uses.entry(*id).or_default() += 1;
            }
        };
        for key in [
            b"FontDescriptor".as_slice(),
            b"FontFile2",
            b"ToUnicode",
            b"CIDToGIDMap",
        ] {
            if let Ok(value) = dictionary.get(key) {
                used(value);
            }
        }
        if let Ok(below) = dictionary.get(b"DescendantFonts") {
            if let Object::Array(below) = source.resolve(below) {
                below.iter().for_each(&mut used);
            }
            fonts.push(id);
        }
    }
    let alone = |id: ObjectId| uses.get(&id) == Some(&1);
    fonts
        .into_iter()
        .filter_map(|font| places(source, font, alone))
        .collect()
}

fn places(source: &Source, font: ObjectId, alone: impl Fn(ObjectId) -> bool) -> Option<Places> {
    let dictionary = source.document.objects.get(&font)?.as_dict().ok()?;
    if !is_name(dictionary, b"Subtype", b"Type0")
        || !is_name(dictionary, b"Encoding", b"Identity-H")
    {
        return None;
    }
    let to_unicode = match dictionary.get(b"ToUnicode") {
        Ok(&Object::Reference(id)) => Some(id),
        Ok(_) => return None,
        Err(_) => None,
    };
    let descendant = match source
        .get(dictionary, b"DescendantFonts")
        .as_array()
        .ok()?
        .as_slice()
    {
        [one] => one.as_reference().ok()?,
        _ => return None,
    };
    let below = source.document.objects.get(&descendant)?.as_dict().ok()?;
    let name = below.get(b"BaseFont").ok()?.as_name().ok()?.to_vec();
    let tagged = name.len() > 7 && name[6] == b'+' && name[..6].iter().all(u8::is_ascii_uppercase);
    if !is_name(below, b"Subtype", b"CIDFontType2")
        || !tagged
        || below.has(b"W2")
        || below.has(b"DW2")
    {
        return None;
    }
    let map = match below.get(b"CIDToGIDMap") {
        Ok(&Object::Reference(id)) => Some(id),
        Ok(Object::Name(name)) if name == b"Identity" => None,
        Ok(_) => return None,
        Err(_) => None,
    };
    let descriptor = below.get(b"FontDescriptor").ok()?.as_reference().ok()?;
    let described = source.document.objects.get(&descriptor)?.as_dict().ok()?;
    let program = described.get(b"FontFile2").ok()?.as_reference().ok()?;
    let own = [
        Some(descendant),
        Some(descriptor),
        Some(program),
        to_unicode,
        map,
    ];
    own.iter().flatten().all(|&id| alone(id)).then_some(Places {
        font,
        descendant,
        descriptor,
        program,
        to_unicode,
        map,
        name,
    })
}

impl Places {
    /// The font's streams; `None` when one is not a stream.
    pub(super) fn streams(&self, source: &Source) -> Option<Streams> {
        let stream = |id: &ObjectId| match source.document.objects.get(id) {
            Some(Object::Stream(stream)) => Some(stream.clone()),
            _ => None,
        };
        Some(Streams {
            program: stream(&self.program)?,
            to_unicode: match &self.to_unicode {
                Some(id) => Some(stream(id)?),
                None => None,
            },
            map: match &self.map {
                Some(id) => Some(stream(id)?),
                None => None,
            },
        })
    }

    fn descendant<'a>(&self, source: &'a Source) -> Option<&'a Dictionary> {
        source
            .document
            .objects
            .get(&self.descendant)?
            .as_dict()
            .ok()
    }

    /// Of all that a union depends on.
    pub(super) fn digest(&self, source: &Source, streams: &Streams) -> Option<Hash> {
        let below = self.descendant(source)?;
        let mut rest = Vec::new();
        for key in [b"W".as_slice(), b"DW"] {
            write_object(&mut rest, source.get(below, key));
            rest.push(b' ');
        }
        Some(digest(&[
            &self.name[7..],
            &streams.program.content,
            content(streams.to_unicode.as_ref()),
            content(streams.map.as_ref()),
            &rest,
        ]))
    }

    /// Widths by code, and that of all other codes; `None` for an array that makes no sense.
    pub(super) fn widths(&self, source: &Source) -> Option<(BTreeMap<u16, f32>, f32)> {
        let below = self.descendant(source)?;
        let default = match source.get(below, b"DW") {
            Object::Null => DEFAULT_WIDTH,
            width => width.as_float().ok()?,
        };
        let mut widths = BTreeMap::new();
        let items = match source.get(below, b"W") {
            Object::Null => return Some((widths, default)),
            items => items.as_array().ok()?,
        };
        let mut items = items.iter().map(|item| source.resolve(item));
        let mut left = MOST_WIDTHS;
        while let Some(first) = items.next() {
            let first = u16::try_from(first.as_i64().ok()?).ok()?;
            match items.next()? {
                Object::Array(run) => {
                    left = left.checked_sub(run.len())?;
                    for (code, width) in (first..=u16::MAX).zip(run) {
                        widths.insert(code, source.resolve(width).as_float().ok()?);
                    }
                }
                last => {
                    let last = u16::try_from(last.as_i64().ok()?).ok()?;
                    let width = items.next()?.as_float().ok()?;
                    left = left.checked_sub(usize::from(last.saturating_sub(first)))?;
                    widths.extend((first..=last).map(|code| (code, width)));
                }
            }
        }
        Some((widths, default))
    }

    /// Gives the font a name and its widths another object.
    pub(super) fn rename(&self, source: &mut Source, name: &[u8], widths: ObjectId) {
        for (id, key) in [
            (self.font, "BaseFont"),
            (self.descendant, "BaseFont"),
            (self.descriptor, "FontName"),
        ] {
            if let Some(Object::Dictionary(dictionary)) = source.document.objects.get_mut(&id) {
                dictionary.set(key, Object::Name(name.to_vec()));
                if id == self.descendant {
                    dictionary.set("W", Object::Reference(widths));
                }
                if id == self.descriptor {
                    // It lists the glyphs of one subset.
                    dictionary.remove(b"CIDSet");
                }
            }
        }
    }
}

/// The array of a font's widths (§9.7.4.3).
pub(super) fn width_array(widths: impl Iterator<Item = (u16, f32)>) -> Object {
    let mut array = Vec::new();
    let mut run: Vec<Object> = Vec::new();
    let mut next = None;
    for (code, width) in widths {
        if next != Some(code) {
            if !run.is_empty() {
                array.push(Object::Array(std::mem::take(&mut run)));
            }
            array.push(Object::Integer(i64::from(code)));
        }
        run.push(Object::Real(width));
        next = code.checked_add(1);
    }
    if !run.is_empty() {
        array.push(Object::Array(run));
    }
    Object::Array(array)
}

/// A stream's data, when it is compressed in the one way that fonts are.
pub(super) fn plain(stream: &Stream) -> Option<Vec<u8>> {
    if stream.dict.has(b"DecodeParms") {
        return None;
    }
    match stream.dict.get(b"Filter") {
        Err(_) => Some(stream.content.clone()),
        Ok(Object::Name(filter)) if filter == b"FlateDecode" => {
            fanfold_pdf::inflate(&stream.content, MOST_PROGRAM)
        }
        Ok(Object::Array(filters)) => match filters.as_slice() {
            [Object::Name(filter)] if filter == b"FlateDecode" => {
                fanfold_pdf::inflate(&stream.content, MOST_PROGRAM)
            }
            _ => None,
        },
        Ok(_) => None,
    }
}

fn content(stream: Option<&Stream>) -> &[u8] {
    stream.map_or(&[], |stream| &stream.content)
}
