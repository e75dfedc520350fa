//! Composite fonts with CFF programs, as Typst and others write them.
//!
//! Producers number a subset's glyphs as a document needs them, so that codes mean other glyphs in each.
//! Such a font shares one descendant with others of its kind: a CMap of its own leads from its codes to the
//! glyphs of the union (ISO 32000-1 §9.7.5.3), and page contents stay as they are. The first of a kind stays
//! as it is: there may be no other.
//!
//! Glyphs are the same when their charstrings, byte by byte, their widths and their texts are: some readers
//! know texts by CID. What charstrings depend
//! on besides (hints, default widths, subroutines) is the same in all programs of a union.

use super::font::{Hash, digest};
use super::gather::{self, Work};
use super::{ENTRY, MOST_BYTES, MOST_SEEN, Subsets};
use crate::cff::Program;
use crate::rewrite::is_name;
use crate::source::Source;
use crate::to_unicode::{self, Texts};
use fanfold_pdf::{FileWriter, write_dictionary, write_object};
use lopdf::{Dictionary, Object, ObjectId, Stream};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::io::{self, Write};

/// Glyphs of a union. CIDs from here on have none: codes without a glyph lead there.
const MOST_GLYPHS: u16 = 1 << 15;
/// Entries of a CMap's section (Adobe Technical Note 5014).
const SECTION: usize = 100;

/// A composite font's objects.
pub(super) struct Compact {
    font: ObjectId,
    descendants: Option<ObjectId>,
    descendant: ObjectId,
    descriptor: ObjectId,
    program: ObjectId,
    /// `ABCDEF+Name`, or `Name`.
    name: Vec<u8>,
}

/// Fonts of the volume that share descendants.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Shared {
    unions: Vec<Union>,
    by_key: FxHashMap<Hash, usize>,
    /// Of which one has been there.
    first: FxHashSet<Hash>,
    /// Unions and CMaps by the font's content; none for those that stay as they are.
    seen: FxHashMap<Hash, Option<Part>>,
}

/// A union, and a font's codes with the union's CIDs for them.
type Part = (usize, Vec<(u16, u16)>);

/// A descendant with the glyphs of several.
#[derive(Serialize, Deserialize)]
struct Union {
    /// The descendant's number.
    number: u32,
    name: Vec<u8>,
    /// Entries of the descendant and its descriptor, in PDF's syntax, that are the same for all.
    descendant: Vec<u8>,
    descriptor: Vec<u8>,
    bounds: [f32; 4],
    /// A program of those that are united: what it has besides glyphs is in all of them.
    program: Vec<u8>,
    glyphs: Vec<Vec<u8>>,
    widths: Vec<f32>,
    by_content: FxHashMap<Hash, u16>,
}

/// A font, read.
struct Font<'a> {
    key: Hash,
    descendant: Vec<u8>,
    descriptor: Vec<u8>,
    bounds: [f32; 4],
    program: Program<'a>,
    /// The width of codes that have none of their own.
    default: f32,
    /// Codes with the glyph's content, its charstring and its width, that of code 0 first.
    glyphs: Vec<(u16, Hash, &'a [u8], f32)>,
}

/// The font, when it is a subset whose codes are CIDs of a program with such.
pub(super) fn places(source: &Source, font: ObjectId) -> Option<Compact> {
    let dictionary = source.document.objects.get(&font)?.as_dict().ok()?;
    if !is_name(dictionary, b"Subtype", b"Type0")
        || !is_name(dictionary, b"Encoding", b"Identity-H")
    {
        return None;
    }
    let list = dictionary.get(b"DescendantFonts").ok()?;
    let [descendant] = source.resolve(list).as_array().ok()?.as_slice() else {
        return None;
    };
    let descendant = descendant.as_reference().ok()?;
    let below = source.document.objects.get(&descendant)?.as_dict().ok()?;
    let name = below.get(b"BaseFont").ok()?.as_name().ok()?.to_vec();
    let descriptor = below.get(b"FontDescriptor").ok()?.as_reference().ok()?;
    let described = source.document.objects.get(&descriptor)?.as_dict().ok()?;
    let program = described.get(b"FontFile3").ok()?.as_reference().ok()?;
    let stream = source.document.objects.get(&program)?.as_stream().ok()?;
    let fits = is_name(below, b"Subtype", b"CIDFontType0")
        && is_name(&stream.dict, b"Subtype", b"CIDFontType0C")
        && !below.has(b"W2")
        && !below.has(b"DW2");
    fits.then_some(Compact {
        font,
        descendants: list.as_reference().ok(),
        descendant,
        descriptor,
        program,
        name,
    })
}

impl Compact {
    /// What must belong to no other font.
    pub(super) fn own(&self) -> impl Iterator<Item = ObjectId> + use<> {
        let own = [
            self.descendants,
            Some(self.descendant),
            Some(self.descriptor),
            Some(self.program),
        ];
        own.into_iter().flatten()
    }

    fn dictionary<'a>(&self, source: &'a Source, id: ObjectId) -> Option<&'a Dictionary> {
        source.document.objects.get(&id)?.as_dict().ok()
    }

    /// Of all that a union depends on; `None` when parts of it are objects of their own.
    fn digest(&self, source: &Source) -> Option<Hash> {
        let program = source.document.objects.get(&self.program)?;
        let font = self.dictionary(source, self.font)?;
        let to_unicode = source.get(font, b"ToUnicode").as_stream().ok();
        let mut rest = Vec::new();
        for (id, own) in [
            (self.descendant, &[b"FontDescriptor".as_slice()][..]),
            (self.descriptor, &[b"FontFile3", b"CIDSet"]),
        ] {
            let described = plain(source, self.dictionary(source, id)?, own)?;
            write_object(&mut rest, &described.into());
        }
        let mut parts = vec![b"compact".as_slice()];
        let streams = [program.as_stream().ok(), to_unicode];
        for stream in streams.into_iter().flatten() {
            for key in [b"Filter".as_slice(), b"DecodeParms"] {
                let value = stream.dict.get(key).unwrap_or(&Object::Null);
                write_object(&mut rest, value);
            }
            parts.push(&stream.content);
        }
        parts.push(&rest);
        Some(digest(&parts))
    }

    /// Reads the font; `None` when something of it is not understood.
    fn read<'a>(&self, source: &Source, program: &'a [u8], work: &mut Work) -> Option<Font<'a>> {
        let program = Program::read(program)?;
        let below = self.dictionary(source, self.descendant)?;
        let (listed, default) = gather::widths(source, below)?;
        work.take((listed.len() + program.glyphs.len()) * ENTRY)?;
        let descriptor = self.dictionary(source, self.descriptor)?;
        let bounds = source.get(descriptor, b"FontBBox").as_array().ok()?;
        let bounds: Vec<f32> = bounds
            .iter()
            .map(|bound| source.resolve(bound).as_float().ok())
            .collect::<Option<_>>()?;
        let font = self.dictionary(source, self.font)?;
        let texts = match source.get(font, b"ToUnicode") {
            Object::Null => Texts::new(),
            Object::Stream(stream) => to_unicode::read(&gather::plain(stream, work)?)?,
            _ => return None,
        };
        let mut glyphs = Vec::with_capacity(program.glyphs.len());
        for &(cid, charstring) in &program.glyphs {
            let width = listed.get(&cid).copied().unwrap_or(default);
            let text = texts.get(&cid).map(Vec::as_slice).unwrap_or_default();
            let hash = digest(&[charstring, &width.to_be_bytes(), text]);
            glyphs.push((cid, hash, charstring, width));
        }
        // A width without a glyph is that of codes which show what is there for codes without one.
        let has_glyph: FxHashSet<u16> = glyphs.iter().map(|glyph| glyph.0).collect();
        if !listed.keys().all(|cid| has_glyph.contains(cid)) {
            return None;
        }
        let known = [b"FontDescriptor".as_slice(), b"W", b"BaseFont"];
        let descendant = plain(source, below, &known)?;
        let known = [b"FontFile3".as_slice(), b"CIDSet", b"FontName", b"FontBBox"];
        let descriptor = plain(source, descriptor, &known)?;
        let [descendant, descriptor] = [descendant, descriptor].map(|one| entries(&one));
        // What codes without a glyph show is the same for all.
        let notdef = glyphs.first()?.1;
        Some(Font {
            key: digest(&[
                gather::untagged(&self.name),
                &program.fingerprint(),
                &descendant,
                &descriptor,
                &notdef,
            ]),
            descendant,
            descriptor,
            bounds: bounds.try_into().ok()?,
            program,
            default,
            glyphs,
        })
    }

    /// Gives the font the union's descendant, and the codes that lead to its glyphs. New parts get numbers
    /// that no file has: `index` tells those of one font from those of others. Gives that of the descendant.
    pub(super) fn compose(
        &self,
        source: &mut Source,
        name: &[u8],
        codes: &[(u16, u16)],
        index: usize,
    ) -> ObjectId {
        let unused = u32::MAX - u32::try_from(index).unwrap_or(u32::MAX);
        let [below, encoding] = [5, 6].map(|part| (unused, u16::MAX - part));
        let (cmap, cmap_name) = cmap(codes);
        let objects = &mut source.document.objects;
        if let Some(Object::Dictionary(font)) = objects.get_mut(&self.font) {
            let name = [name, b"-", cmap_name.as_bytes()].concat();
            font.set("BaseFont", Object::Name(name));
            font.set("Encoding", Object::Reference(encoding));
            font.set("DescendantFonts", vec![Object::Reference(below)]);
        }
        objects.insert(encoding, cmap.into());
        below
    }
}

/// The dictionary without some keys, when it has nothing but numbers, names and texts, at most in arrays and
/// dictionaries of its own.
fn plain(source: &Source, dictionary: &Dictionary, left_out: &[&[u8]]) -> Option<Dictionary> {
    let mut copy = Dictionary::new();
    for (key, value) in dictionary {
        if left_out.contains(&key.as_slice()) {
            continue;
        }
        let value = source.resolve(value);
        let mut waiting = vec![value];
        while let Some(object) = waiting.pop() {
            match object {
                Object::Reference(_) | Object::Stream(_) => return None,
                Object::Array(items) => waiting.extend(items),
                Object::Dictionary(inner) => waiting.extend(inner.iter().map(|(_, value)| value)),
                _ => {}
            }
        }
        copy.set(key.clone(), value.clone());
    }
    Some(copy)
}

/// A dictionary's entries in PDF's syntax.
fn entries(dictionary: &Dictionary) -> Vec<u8> {
    let mut written = Vec::new();
    write_dictionary(&mut written, dictionary);
    written[2..written.len() - 2].to_vec()
}

impl Subsets {
    /// The union that a font is part of, with its codes and the union's CIDs for them; `None` for one that
    /// stays as it is.
    pub(super) fn place_of_compact<W: Write>(
        &mut self,
        source: &Source,
        places: &Compact,
        work: &mut Work,
        out: &mut FileWriter<W>,
    ) -> Option<Part> {
        let seen = places.digest(source)?;
        if let Some(place) = self.shared.seen.get(&seen) {
            return place.clone();
        }
        if self.bytes >= MOST_BYTES || self.shared.seen.len() >= MOST_SEEN {
            return None;
        }
        let stream = source
            .document
            .objects
            .get(&places.program)?
            .as_stream()
            .ok()?;
        let program = gather::plain(stream, work)?;
        let font = places.read(source, &program, work)?;
        if self.shared.first.insert(font.key) {
            self.bytes += ENTRY * 2;
            self.shared.seen.insert(seen, None);
            return None;
        }
        let known = self.shared.by_key.get(&font.key).copied();
        let union = known.map(|at| &self.shared.unions[at]);
        let is_new = |hash| union.is_none_or(|union| !union.by_content.contains_key(hash));
        let new = font.glyphs.iter().filter(|(_, hash, ..)| is_new(hash));
        let (count, bytes) = new.fold((0, 0), |(count, bytes), (_, _, charstring, _)| {
            (count + 1, bytes + charstring.len() + ENTRY * 2)
        });
        let fixed = known.map_or(program.len() + size_of::<Union>() * 2, |_| 0);
        let needed = fixed + bytes + ENTRY + font.glyphs.len() * size_of::<(u16, u16)>();
        let there = union.map_or(0, |union| union.glyphs.len());
        if self.bytes + needed > MOST_BYTES || there.max(1) + count > usize::from(MOST_GLYPHS) {
            return None;
        }
        self.bytes += needed;
        let at = known.unwrap_or_else(|| {
            self.shared
                .by_key
                .insert(font.key, self.shared.unions.len());
            self.shared
                .unions
                .push(Union::of(&places.name, &font, &program, out));
            self.shared.unions.len() - 1
        });
        let place = (at, self.shared.unions[at].add(&font));
        self.shared.seen.insert(seen, Some(place.clone()));
        Some(place)
    }

    /// The number and the name of a union.
    pub(super) fn shared(&self, union: usize) -> (u32, &[u8]) {
        let union = &self.shared.unions[union];
        (union.number, &union.name)
    }
}

impl Shared {
    /// Writes the unions.
    pub(super) fn finish<W: Write>(self, out: &mut FileWriter<W>) -> io::Result<()> {
        for union in self.unions {
            union.write(out)?;
        }
        Ok(())
    }
}

impl Union {
    /// One for fonts like this, with nothing but what codes without a glyph show, which is CID 0. That of code 0
    /// may have a width of its own, and is another.
    fn of<W: Write>(name: &[u8], font: &Font<'_>, program: &[u8], out: &mut FileWriter<W>) -> Self {
        let notdef = font.glyphs.first();
        let notdef = notdef.map_or_else(Vec::new, |(_, _, charstring, _)| charstring.to_vec());
        Self {
            number: out.reserve(),
            name: name.to_vec(),
            descendant: font.descendant.clone(),
            descriptor: font.descriptor.clone(),
            bounds: font.bounds,
            program: font
                .program
                .with_glyphs(&[Vec::new()])
                .unwrap_or_else(|| program.to_vec()),
            glyphs: vec![notdef],
            widths: vec![font.default],
            by_content: FxHashMap::default(),
        }
    }

    /// Takes the glyphs of a font in, and gives its codes with their CIDs.
    fn add(&mut self, font: &Font<'_>) -> Vec<(u16, u16)> {
        let (low, high) = self.bounds.split_at_mut(2);
        for (bound, other) in low.iter_mut().zip(&font.bounds[..2]) {
            *bound = bound.min(*other);
        }
        for (bound, other) in high.iter_mut().zip(&font.bounds[2..]) {
            *bound = bound.max(*other);
        }
        let mut codes = Vec::with_capacity(font.glyphs.len());
        for &(code, hash, charstring, width) in &font.glyphs {
            let next = u16::try_from(self.glyphs.len()).unwrap_or(MOST_GLYPHS);
            let cid = *self.by_content.entry(hash).or_insert(next);
            if cid == next {
                self.glyphs.push(charstring.to_vec());
                self.widths.push(width);
            }
            codes.push((code, cid));
        }
        codes
    }

    fn write<W: Write>(self, out: &mut FileWriter<W>) -> io::Result<()> {
        let [program, descriptor] = [out.reserve(), out.reserve()];
        let widths = (0..MOST_GLYPHS).zip(self.widths);
        let mut below = Dictionary::new();
        below.set("BaseFont", Object::Name(self.name.clone()));
        below.set("W", gather::width_array(widths));
        below.set("FontDescriptor", Object::Reference((descriptor, 0)));
        let below = [b"<<", self.descendant.as_slice(), &entries(&below), b">>"].concat();
        out.serialized(self.number, &below)?;
        let mut described = Dictionary::new();
        described.set("FontName", Object::Name(self.name));
        described.set("FontBBox", self.bounds.map(Object::Real).to_vec());
        described.set("FontFile3", Object::Reference((program, 0)));
        let described = [
            b"<<",
            self.descriptor.as_slice(),
            &entries(&described),
            b">>",
        ]
        .concat();
        out.serialized(descriptor, &described)?;
        let frame = Program::read(&self.program);
        let union = frame.and_then(|frame| frame.with_glyphs(&self.glyphs));
        let mut dictionary = Dictionary::new();
        dictionary.set("Subtype", Object::Name(b"CIDFontType0C".to_vec()));
        out.compressed_stream(program, dictionary, &union.unwrap_or(self.program))
    }
}

/// A CMap from codes of two bytes to CIDs, and its name. Codes that are not listed are not in it, and so show
/// CID 0 (ISO 32000-1 §9.7.6.3), which has the width of glyphs that are not there. Those among listed ones lead
/// to CIDs without a glyph and without a width of their own: MuPDF leaves codes out that a CMap does not have.
fn cmap(codes: &[(u16, u16)]) -> (Stream, String) {
    let mut listed = codes.to_vec();
    listed.sort_unstable();
    // Ranges of codes that lead to consecutive CIDs: the first, the last and the first's CID. The codes of a
    // range differ in their last byte only (Adobe Technical Note 5014).
    let mut ranges: Vec<(u16, u16, u16)> = Vec::new();
    for row in listed.chunk_by(|one, other| one.0 >> 8 == other.0 >> 8) {
        let start = row.first().map_or(0, |(code, _)| code & 0xff00);
        // The next code's last byte.
        let mut next = 0;
        for &(code, cid) in row {
            let last_byte = code & 0xff;
            if next < last_byte {
                ranges.push((start | next, code - 1, MOST_GLYPHS));
            }
            match ranges.last_mut() {
                Some((first, last, start))
                    if last_byte != 0
                        && *last + 1 == code
                        && u32::from(cid) == u32::from(*start) + u32::from(code - *first) =>
                {
                    *last = code;
                }
                _ => ranges.push((code, code, cid)),
            }
            next = last_byte + 1;
        }
        if next <= 0xff {
            ranges.push((start | next, start | 0xff, MOST_GLYPHS));
        }
    }
    let (single, ranges): (Vec<_>, Vec<_>) = ranges
        .into_iter()
        .partition(|(first, last, _)| first == last);
    let mut body = String::new();
    for section in single.chunks(SECTION) {
        let _ = writeln!(body, "{} begincidchar", section.len());
        for (code, _, cid) in section {
            let _ = writeln!(body, "<{code:04X}> {cid}");
        }
        body.push_str("endcidchar\n");
    }
    for section in ranges.chunks(SECTION) {
        let _ = writeln!(body, "{} begincidrange", section.len());
        for (first, last, cid) in section {
            let _ = writeln!(body, "<{first:04X}> <{last:04X}> {cid}");
        }
        body.push_str("endcidrange\n");
    }
    let [a, b, c, d, ..] = digest(&[body.as_bytes()]);
    // Readers may know CMaps by their names.
    let name = format!("Fanfold-{:08X}", u32::from_be_bytes([a, b, c, d]));
    let text = format!(
        "/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo <</Registry (Adobe)/Ordering (Identity)/Supplement 0>> def
/CMapName /{name} def
/CMapType 1 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
{body}endcmap
CMapName currentdict /CMap defineresource pop
end
end
"
    );
    let mut dictionary = Dictionary::new();
    dictionary.set("Type", Object::Name(b"CMap".to_vec()));
    dictionary.set("CMapName", Object::Name(name.clone().into_bytes()));
    dictionary.set("CIDSystemInfo", super::simple::collection());
    (Stream::new(dictionary, text.into_bytes()), name)
}
