//! Simple fonts: with codes that are given to glyphs as a document needs them, as ReportLab and LibreOffice
//! write them, and with those of `WinAnsiEncoding`, as Cairo does.
//!
//! What a code shows is said by the program itself (its `cmap` table), so programs of several documents
//! are not one. As a composite font with codes of one byte and a map from these to glyphs (ISO 32000-1
//! §9.7.5), such a font shares the program with others, and page contents stay as they are. The first of a
//! kind stays as it is: there may be no other.

use super::Subsets;
use super::font::{Font, Hash, digest};
use super::gather::{self, Work};
use super::{Class, Fit, MOST_BYTES, MOST_SEEN, Place};
use crate::rewrite::is_name;
use crate::source::Source;
use crate::to_unicode;
use crate::truetype::Program;
use crate::win_ansi::win_ansi;
use fanfold_pdf::{FileWriter, write_object};
use lopdf::{Dictionary, Object, ObjectId, Stream, StringFormat};
use std::io::Write;

/// Bits of the descriptor's flags (table 123): codes are the font's own, or those of letters.
const SYMBOLIC: i64 = 4;
const NONSYMBOLIC: i64 = 32;

/// A simple font's objects.
pub(super) struct Simple {
    font: ObjectId,
    descriptor: ObjectId,
    pub(super) program: ObjectId,
    to_unicode: ObjectId,
    /// `ABCDEF+Name`.
    name: Vec<u8>,
    codes: Codes,
    first: i64,
    widths: Vec<Object>,
}

/// What codes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Codes {
    /// The program's own.
    Own,
    /// Letters of `WinAnsiEncoding` (annex D.2).
    WinAnsi,
}

/// The font, when it is a subset with codes of its own and a text for them.
pub(super) fn places(source: &Source, font: ObjectId) -> Option<Simple> {
    let dictionary = source.document.objects.get(&font)?.as_dict().ok()?;
    if !is_name(dictionary, b"Subtype", b"TrueType") {
        return None;
    }
    let codes = match dictionary.get(b"Encoding") {
        Err(_) => Codes::Own,
        Ok(Object::Name(name)) if name == b"WinAnsiEncoding" => Codes::WinAnsi,
        Ok(_) => return None,
    };
    let name = dictionary.get(b"BaseFont").ok()?.as_name().ok()?.to_vec();
    let to_unicode = dictionary.get(b"ToUnicode").ok()?.as_reference().ok()?;
    let descriptor = dictionary
        .get(b"FontDescriptor")
        .ok()?
        .as_reference()
        .ok()?;
    let described = source.document.objects.get(&descriptor)?.as_dict().ok()?;
    let program = described.get(b"FontFile2").ok()?.as_reference().ok()?;
    let flags = source.get(described, b"Flags").as_i64().ok()?;
    let first = source.get(dictionary, b"FirstChar").as_i64().ok()?;
    let widths = source.get(dictionary, b"Widths").as_array().ok()?;
    let widths: Vec<Object> = widths
        .iter()
        .map(|width| source.resolve(width).clone())
        .collect();
    let last = first.checked_add(i64::try_from(widths.len()).ok()?)?;
    let kind = match codes {
        Codes::Own => SYMBOLIC,
        Codes::WinAnsi => NONSYMBOLIC,
    };
    let fits = gather::is_tagged(&name)
        && flags & (SYMBOLIC | NONSYMBOLIC) == kind
        && (0..256).contains(&first)
        && last <= 256
        && widths.iter().all(|width| width.as_float().is_ok());
    fits.then_some(Simple {
        font,
        descriptor,
        program,
        to_unicode,
        name,
        codes,
        first,
        widths,
    })
}

impl Simple {
    /// What must belong to no other font.
    pub(super) fn own(&self) -> impl Iterator<Item = ObjectId> + use<> {
        [self.descriptor, self.program, self.to_unicode].into_iter()
    }

    /// What the codes of letters show; `None` when a code that has a width is not one of a letter that all
    /// readers take alike, or has no text besides the one that its letter says, and when the program has a
    /// letter whose code has no width.
    fn letters(
        &self,
        source: &Source,
        program: &Program<'_>,
        work: &mut Work,
    ) -> Option<Vec<(u16, u16)>> {
        let Some(Object::Stream(texts)) = source.document.objects.get(&self.to_unicode) else {
            return None;
        };
        let texts = to_unicode::read_bytes(&gather::plain(texts, work)?)?;
        let mut letters = [None; 256];
        for letter in (' '..='~')
            .chain('\u{a1}'..='\u{2122}')
            .filter(|&one| one != '\u{ad}')
        {
            if let Some(code) = win_ansi(letter) {
                letters[usize::from(code)] = Some(letter);
            }
        }
        let glyphs = program.letters()?;
        let mut codes = Vec::new();
        for (code, width) in (self.first..256).zip(&self.widths) {
            if width.as_float().ok()? == 0.0 {
                continue;
            }
            let code = u16::try_from(code).ok()?;
            let letter = letters[usize::from(code)]?;
            let glyph = glyphs.get(&u16::try_from(u32::from(letter)).ok()?)?;
            if !texts.contains_key(&code) {
                return None;
            }
            codes.push((code, *glyph));
        }
        // A code without a width shows its letter all the same, where the program has it.
        let shown = |code: u16, letter: Option<char>| {
            let letter = letter.and_then(|letter| u16::try_from(u32::from(letter)).ok());
            let has = letter.and_then(|letter| glyphs.get(&letter));
            has.is_some_and(|&glyph| glyph != 0) && !codes.iter().any(|(one, _)| *one == code)
        };
        let mut letters = (0u16..).zip(letters);
        (!letters.any(|(code, letter)| shown(code, letter))).then_some(codes)
    }

    /// Makes it a composite font, whose new parts get numbers that no file has: `index` tells those of one
    /// font from those of others. Gives that of the map.
    pub(super) fn compose(&self, source: &mut Source, name: &[u8], index: usize) -> ObjectId {
        let unused = u32::MAX - u32::try_from(index).unwrap_or(u32::MAX);
        let [map, below, encoding] = [1, 2, 3].map(|part| (unused, u16::MAX - part));
        let name = || Object::Name(name.to_vec());
        let objects = &mut source.document.objects;
        let mut default = Object::Integer(0);
        if let Some(Object::Dictionary(descriptor)) = objects.get_mut(&self.descriptor) {
            descriptor.set("FontName", name());
            if let Ok(missing) = descriptor.get(b"MissingWidth") {
                default = missing.clone();
            }
        }
        if let Some(Object::Dictionary(font)) = objects.get_mut(&self.font) {
            for key in [
                b"FirstChar".as_slice(),
                b"LastChar",
                b"Widths",
                b"FontDescriptor",
            ] {
                font.remove(key);
            }
            font.set("Subtype", Object::Name(b"Type0".to_vec()));
            font.set("BaseFont", name());
            font.set("Encoding", Object::Reference(encoding));
            font.set("DescendantFonts", vec![Object::Reference(below)]);
        }
        let mut descendant = Dictionary::new();
        descendant.set("Type", Object::Name(b"Font".to_vec()));
        descendant.set("Subtype", Object::Name(b"CIDFontType2".to_vec()));
        descendant.set("BaseFont", name());
        descendant.set("CIDSystemInfo", collection());
        descendant.set("DW", default);
        let widths = vec![self.first.into(), Object::Array(self.widths.clone())];
        descendant.set("W", widths);
        descendant.set("CIDToGIDMap", Object::Reference(map));
        descendant.set("FontDescriptor", Object::Reference(self.descriptor));
        objects.insert(below, descendant.into());
        objects.insert(encoding, bytes_as_codes().into());
        map
    }
}

/// The characters of a font that has its own (§9.7.3).
pub(super) fn collection() -> Dictionary {
    let text = |text: &[u8]| Object::String(text.to_vec(), StringFormat::Literal);
    let mut collection = Dictionary::new();
    collection.set("Registry", text(b"Adobe"));
    collection.set("Ordering", text(b"Identity"));
    collection.set("Supplement", 0);
    collection
}

/// A CMap by which each byte is a code (§9.7.5.4).
fn bytes_as_codes() -> Stream {
    const CMAP: &str = "/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo <</Registry (Adobe)/Ordering (Identity)/Supplement 0>> def
/CMapName /Fanfold-Bytes def
/CMapType 1 def
1 begincodespacerange
<00> <FF>
endcodespacerange
1 begincidrange
<00> <FF> 0
endcidrange
endcmap
CMapName currentdict /CMap defineresource pop
end
end
";
    let mut dictionary = Dictionary::new();
    dictionary.set("Type", Object::Name(b"CMap".to_vec()));
    dictionary.set("CMapName", Object::Name(b"Fanfold-Bytes".to_vec()));
    dictionary.set("CIDSystemInfo", collection());
    Stream::new(dictionary, CMAP.as_bytes().to_vec())
}

impl Subsets {
    /// What a simple font is part of; `None` for one that stays as it is.
    pub(super) fn place_of_simple<W: Write>(
        &mut self,
        source: &Source,
        simple: &Simple,
        work: &mut Work,
        out: &mut FileWriter<W>,
    ) -> Option<Place> {
        let Some(Object::Stream(stream)) = source.document.objects.get(&simple.program) else {
            return None;
        };
        let mut rest = format!("{:?} {} ", simple.codes, simple.first).into_bytes();
        if simple.codes == Codes::WinAnsi {
            write_object(&mut rest, &Object::Array(simple.widths.clone()));
            if let Some(Object::Stream(texts)) = source.document.objects.get(&simple.to_unicode) {
                rest.extend_from_slice(&texts.content);
            }
        }
        let name = gather::untagged(&simple.name);
        let seen: Hash = digest(&[b"simple", name, &stream.content, &rest]);
        if let Some(place) = self.seen_simple.get(&seen) {
            return *place;
        }
        if self.bytes >= MOST_BYTES || self.seen_simple.len() >= MOST_SEEN {
            return None;
        }
        let program = gather::plain(stream, work)?;
        let program = Program::read(&program)?;
        let codes = match simple.codes {
            Codes::Own => program.own_codes()?,
            Codes::WinAnsi => simple.letters(source, &program, work)?,
        };
        let font = Font::of_codes(&simple.name, &program, codes)?;
        let key = font.key.program();
        let shared = self.by_program.get(&key).cloned().unwrap_or_default();
        let mut shared = shared.into_iter();
        let class = shared.find(|&one| self.classes[one].has_glyphs_like(&font));
        let fit = match class {
            Some(class) => Fit::Program(class),
            None if self.first_simple.insert(key.clone()) => {
                self.seen_simple.insert(seen, None);
                return None;
            }
            None => Fit::New,
        };
        let stored: usize = font.stored.values().map(super::Stored::bytes).sum();
        let needed = match fit {
            Fit::Program(class) => self.classes[class].needs_as_variant(&font),
            _ => stored + program.union_bytes() + size_of::<Class>() * 2,
        };
        if self.bytes + needed > MOST_BYTES {
            return None;
        }
        self.bytes += needed;
        let class = match fit {
            Fit::Program(class) => class,
            _ => {
                let class = Class::without_base(&simple.name, &font, &program, out);
                self.classes.push(class);
                let class = self.classes.len() - 1;
                self.by_program.entry(key).or_default().push(class);
                class
            }
        };
        if let Some(alone) = self.classes[class].alone.take() {
            self.bytes = self.bytes.saturating_sub(alone.bytes());
        }
        let map = out.reserve();
        self.classes[class].add_variant(font, &program, map);
        let place = Place {
            class,
            map: Some(map),
        };
        self.seen_simple.insert(seen, Some(place));
        Some(place)
    }
}
