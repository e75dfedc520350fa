//! The fonts of an input that may be subsets of one program, and where their parts are.

use super::Streams;
use super::cff::{self, Compact};
use super::font::{Hash, digest};
use super::simple::{self, Simple};
use crate::form_fonts::font_of;
use crate::rewrite::is_name;
use crate::source::Source;
use fanfold_pdf::write_object;
use lopdf::{Dictionary, Object, ObjectId, Stream};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// A program, inflated; larger ones stay as they are.
const MOST_PROGRAM: usize = 8 << 20;
/// The width of a code that is not listed (ISO 32000-1 table 117).
const DEFAULT_WIDTH: f32 = 1000.0;

/// A composite font's objects.
pub(super) struct Places {
    font: ObjectId,
    /// The array of the one descendant, when it is an object.
    descendants: Option<ObjectId>,
    descendant: ObjectId,
    descriptor: ObjectId,
    pub(super) program: ObjectId,
    pub(super) to_unicode: Option<ObjectId>,
    pub(super) map: Option<ObjectId>,
    /// `ABCDEF+Name`, or `Name`.
    pub(super) name: Vec<u8>,
}

/// What an input's fonts may cost in all, in bytes that are inflated and entries that are read: some hundred
/// times what forms of a few pages need.
const MOST_WORK: usize = 256 << 20;

/// What is left of that; it is used up whether or not a font comes out.
pub(super) struct Work {
    left: usize,
}

impl Work {
    pub(super) fn new() -> Self {
        Self { left: MOST_WORK }
    }

    pub(super) fn take(&mut self, bytes: usize) -> Option<()> {
        let left = self.left.checked_sub(bytes);
        self.left = left.unwrap_or(0);
        left.map(drop)
    }
}

/// Fonts by how they may become one.
pub(super) struct Candidates {
    /// Composite ones with TrueType programs.
    pub(super) composite: Vec<Places>,
    pub(super) simple: Vec<Simple>,
    /// Composite ones with CFF programs.
    pub(super) compact: Vec<Compact>,
}

/// The fonts with subset programs, each with all its parts to itself; none of those that a form has for its
/// fields, by their names in its `resources` and in default appearances: what is filled in is drawn with them.
pub(super) fn candidates(source: &Source, resources: &[(Vec<u8>, Object)]) -> Candidates {
    let objects = &source.document.objects;
    let kept = fonts_of(source, resources);
    let fonts = || objects.keys().copied().filter(|id| !kept.contains(id));
    let mut composite: Vec<Places> = fonts().filter_map(|font| places(source, font)).collect();
    let mut compact: Vec<Compact> = fonts()
        .filter_map(|font| cff::places(source, font))
        .collect();
    // A simple font that a field's default appearance chooses (§12.7.3.3) may be found in other ways, too.
    let has_form = source.catalog().has(b"AcroForm");
    let simple = fonts().filter(|_| !has_form);
    let mut simple: Vec<Simple> = simple
        .filter_map(|font| simple::places(source, font))
        .collect();
    if composite.is_empty() && simple.is_empty() && compact.is_empty() {
        return Candidates {
            composite,
            simple,
            compact,
        };
    }
    // All references anywhere count: what something else uses too must stay as it is.
    let own = composite.iter().flat_map(Places::own);
    let own = own.chain(simple.iter().flat_map(Simple::own));
    let own = own.chain(compact.iter().flat_map(Compact::own));
    let mut uses: FxHashMap<ObjectId, usize> = own.map(|id| (id, 0)).collect();
    let mut waiting: Vec<&Object> = objects.values().collect();
    waiting.extend(source.document.trailer.iter().map(|(_, value)| value));
    while let Some(object) = waiting.pop() {
        match object {
            Object::Reference(id) => {
                if let Some(count) = uses.get_mut(id) {
                    *count += 1;
                }
            }
            Object::Array(items) => waiting.extend(items),
            Object::Dictionary(dictionary) => {
                waiting.extend(dictionary.iter().map(|(_, value)| value));
            }
            Object::Stream(stream) => {
                waiting.extend(stream.dict.iter().map(|(_, value)| value));
            }
            _ => {}
        }
    }
    let is_apart = |id: ObjectId| uses.get(&id) == Some(&1);
    composite.retain(|places| places.own().all(is_apart));
    simple.retain(|places| places.own().all(is_apart));
    compact.retain(|places| places.own().all(is_apart));
    Candidates {
        composite,
        simple,
        compact,
    }
}

/// The fonts among resources that a default appearance names (§12.7.3.3). Some forms list the fonts of all
/// pages.
fn fonts_of(source: &Source, resources: &[(Vec<u8>, Object)]) -> FxHashSet<ObjectId> {
    let fonts = resources.iter().filter(|(category, _)| category == b"Font");
    let fonts = fonts.filter_map(|(_, fonts)| source.resolve(fonts).as_dict().ok());
    let mut found = FxHashSet::default();
    let fonts: Vec<(&Vec<u8>, &Object)> = fonts.flat_map(Dictionary::iter).collect();
    if fonts.is_empty() {
        return found;
    }
    let appearances = source.document.objects.values().filter_map(|object| {
        let appearance = object.as_dict().ok()?.get(b"DA").ok()?;
        font_of(source.resolve(appearance).as_str().ok()?)
    });
    let named: FxHashSet<Vec<u8>> = appearances.collect();
    for (name, font) in fonts {
        if !named.contains(name) {
            continue;
        }
        let mut font = font;
        // References to references are rare, and do not end where they are endless.
        while let &Object::Reference(id) = font
            && found.insert(id)
            && let Some(next) = source.document.objects.get(&id)
        {
            font = next;
        }
    }
    found
}

/// Whether a name is `ABCDEF+Name`, a subset's.
pub(crate) fn is_tagged(name: &[u8]) -> bool {
    name.len() > 7 && name[6] == b'+' && name[..6].iter().all(u8::is_ascii_uppercase)
}

/// A font's name without the tag of a subset. Some producers leave the tag out.
pub(crate) fn untagged(name: &[u8]) -> &[u8] {
    match is_tagged(name) {
        true => &name[7..],
        false => name,
    }
}

fn places(source: &Source, font: ObjectId) -> Option<Places> {
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
    if !is_name(below, b"Subtype", b"CIDFontType2") || below.has(b"W2") || below.has(b"DW2") {
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
    Some(Places {
        font,
        descendants: dictionary
            .get(b"DescendantFonts")
            .and_then(Object::as_reference)
            .ok(),
        descendant,
        descriptor,
        program,
        to_unicode,
        map,
        name,
    })
}

impl Places {
    /// What must belong to no other font.
    fn own(&self) -> impl Iterator<Item = ObjectId> + use<> {
        let own = [
            self.descendants,
            Some(self.descendant),
            Some(self.descriptor),
            Some(self.program),
            self.to_unicode,
            self.map,
        ];
        own.into_iter().flatten()
    }

    /// The font's streams; `None` when one is not a stream.
    pub(super) fn streams(&self, source: &Source) -> Option<Streams> {
        let stream = |id: &ObjectId| match source.document.objects.get(id) {
            Some(Object::Stream(stream)) => Some(stream.clone()),
            _ => None,
        };
        Some(Streams {
            widths: self.written_widths(source)?,
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

    /// The widths as they stand (`W`), in PDF's syntax; `None` when parts of them are objects of their own.
    pub(super) fn written_widths(&self, source: &Source) -> Option<Vec<u8>> {
        let widths = source.get(self.descendant(source)?, b"W");
        if let Object::Array(items) = widths {
            let is_direct = |item: &Object| !matches!(item, Object::Reference(_));
            let all_direct = items.iter().all(|item| match item {
                Object::Array(run) => run.iter().all(is_direct),
                item => is_direct(item),
            });
            if !all_direct {
                return None;
            }
        }
        let mut written = Vec::new();
        write_object(&mut written, widths);
        Some(written)
    }

    /// Of all that a union depends on.
    pub(super) fn digest(&self, source: &Source, streams: &Streams) -> Option<Hash> {
        let mut rest = Vec::new();
        write_object(&mut rest, source.get(self.descendant(source)?, b"DW"));
        // How the data are compressed, and whether there are any.
        let parts = [
            Some(&streams.program),
            streams.to_unicode.as_ref(),
            streams.map.as_ref(),
        ];
        for stream in parts {
            rest.push(b' ');
            for key in [b"Filter".as_slice(), b"DecodeParms"] {
                let value = stream.map(|stream| stream.dict.get(key));
                match value {
                    Some(Ok(value)) => write_object(&mut rest, value),
                    Some(Err(_)) => rest.push(b'-'),
                    None => rest.push(b'.'),
                }
                rest.push(b' ');
            }
        }
        Some(digest(&[
            untagged(&self.name),
            &streams.program.content,
            content(streams.to_unicode.as_ref()),
            content(streams.map.as_ref()),
            &streams.widths,
            &rest,
        ]))
    }

    /// Widths by code, and that of all other codes, as [`widths`] gives them.
    pub(super) fn widths(&self, source: &Source) -> Option<(BTreeMap<u16, f32>, f32)> {
        widths(source, self.descendant(source)?)
    }

    /// Gives the font a name.
    pub(super) fn rename(&self, source: &mut Source, name: &[u8]) {
        for (id, key) in [
            (self.font, "BaseFont"),
            (self.descendant, "BaseFont"),
            (self.descriptor, "FontName"),
        ] {
            if let Some(Object::Dictionary(dictionary)) = source.document.objects.get_mut(&id) {
                dictionary.set(key, Object::Name(name.to_vec()));
                if id == self.descriptor {
                    // It lists the glyphs of one subset.
                    dictionary.remove(b"CIDSet");
                }
            }
        }
    }

    /// Gives the font's widths another object.
    pub(super) fn set_widths(&self, source: &mut Source, widths: ObjectId) {
        self.set(source, "W", widths);
    }

    /// Gives the font another map from codes to glyphs.
    pub(super) fn set_map(&self, source: &mut Source, map: ObjectId) {
        self.set(source, "CIDToGIDMap", map);
    }

    fn set(&self, source: &mut Source, key: &str, id: ObjectId) {
        if let Some(Object::Dictionary(below)) = source.document.objects.get_mut(&self.descendant) {
            below.set(key, Object::Reference(id));
        }
    }
}

/// A descendant's widths by code, and that of all other codes; `None` for an array that makes no sense, or that has
/// several widths for a code.
pub(super) fn widths(source: &Source, below: &Dictionary) -> Option<(BTreeMap<u16, f32>, f32)> {
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
    while let Some(first) = items.next() {
        let first = u16::try_from(first.as_i64().ok()?).ok()?;
        match items.next()? {
            Object::Array(run) => {
                for (code, width) in (first..=u16::MAX).zip(run) {
                    let width = source.resolve(width).as_float().ok()?;
                    if widths.insert(code, width).is_some() {
                        return None;
                    }
                }
            }
            last => {
                let last = u16::try_from(last.as_i64().ok()?).ok()?;
                let width = items.next()?.as_float().ok()?;
                for code in first..=last {
                    if widths.insert(code, width).is_some() {
                        return None;
                    }
                }
            }
        }
    }
    Some((widths, default))
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
pub(super) fn plain(stream: &Stream, work: &mut Work) -> Option<Vec<u8>> {
    let is_flate = |filter: &Object| matches!(filter, Object::Name(name) if name == b"FlateDecode");
    if stream.dict.has(b"DecodeParms") {
        return None;
    }
    let compressed = match stream.dict.get(b"Filter") {
        Err(_) => false,
        Ok(Object::Array(filters)) if filters.len() == 1 && is_flate(&filters[0]) => true,
        Ok(filter) if is_flate(filter) => true,
        Ok(_) => return None,
    };
    if !compressed {
        work.take(stream.content.len())?;
        return Some(stream.content.clone());
    }
    let most = MOST_PROGRAM.min(work.left);
    let data = fanfold_pdf::inflate(&stream.content, most);
    // Data that do not end cost as much as those that do.
    work.take(data.as_ref().map_or(most, Vec::len))?;
    data
}

fn content(stream: Option<&Stream>) -> &[u8] {
    stream.map_or(&[], |stream| &stream.content)
}
