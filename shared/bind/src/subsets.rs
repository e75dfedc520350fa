//! Fonts of inputs that are subsets of one program become one font: the union of their glyphs, widths and
//! texts.
//!
//! That is possible where codes mean the same glyphs in all of them: composite fonts with TrueType
//! outlines whose codes are the glyph numbers of the whole program (ISO 32000-1 §9.7.4.2), as browsers,
//! WeasyPrint and our own press write them. Nothing is taken on trust: a font joins others only when every
//! glyph that both have is the same, byte by byte, with the same width and the same text, and when the
//! instructions that all glyphs share are the same. Page contents stay as they are.
//!
//! Where codes mean other glyphs, as with producers that number glyphs as they come, fonts share the program
//! all the same: each keeps its codes, widths and texts, and gets a map from its codes to the glyphs of the
//! union (`CIDToGIDMap`, §9.7.4.2). Simple TrueType fonts become composite ones for that, and composite ones
//! with CFF programs get a CMap from their codes to the glyphs.
//!
//! The unions are written at the end of the volume; a font that stays alone is written as it was.

mod cff;
mod font;
mod gather;
mod simple;

use crate::compact::compact;
use crate::copy::Copier;
use crate::options::Recompress;
use crate::source::Source;
use crate::to_unicode::{self, Texts};
use crate::truetype::{self, Glyph, Program, Union};
use cff::Shared;
use fanfold_pdf::FileWriter;
use font::{Font, Hash, Key, Known, Mode, Stored, Width};
pub(crate) use gather::untagged;
use gather::{Candidates, Work};
use lopdf::{Dictionary, Object, ObjectId, Stream};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Memory for unions, in bytes; fonts beyond it stay as they are.
const MOST_BYTES: usize = 48 << 20;
/// Unions of one name that do not fit together.
const MOST_OF_A_NAME: usize = 4;
/// Glyphs of a union; numbers go up to 65,535.
const MOST_GLYPHS: usize = 65_000;
/// What an entry of a map takes, in bytes.
const ENTRY: usize = 40;
/// Fonts remembered by their content.
const MOST_SEEN: usize = 1 << 17;

/// The unions of a volume.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Subsets {
    classes: Vec<Class>,
    by_key: FxHashMap<Key, Vec<usize>>,
    /// By what the programs have in common: name and fingerprint.
    by_program: FxHashMap<(Vec<u8>, Hash), Vec<usize>>,
    seen: FxHashMap<Hash, Place>,
    /// Simple fonts; none for those that stay as they are.
    seen_simple: FxHashMap<Hash, Option<Place>>,
    /// Of which a simple font has been there.
    first_simple: FxHashSet<(Vec<u8>, Hash)>,
    /// Fonts with CFF programs.
    shared: Shared,
    bytes: usize,
}

/// What a font is in the volume.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Place {
    class: usize,
    /// The number of a map of its own, when only the program is shared.
    map: Option<u32>,
}

/// A font that shares the program only.
#[derive(Serialize, Deserialize)]
struct Variant {
    /// The map's number.
    map: u32,
    codes: Vec<(u16, Hash)>,
    /// Codes below it that are not in `codes` show nothing; all others show what is there for codes
    /// without a glyph.
    empty_below: u16,
}

/// Fonts that become one.
#[derive(Serialize, Deserialize)]
struct Class {
    numbers: Numbers,
    /// Whether there are fonts that are this one, not only variants.
    has_base: bool,
    /// `ABCDEF+Name`, or `Name`, of the first.
    name: Vec<u8>,
    /// The first, while it is alone.
    alone: Option<Streams>,
    union: Union,
    mode: Mode,
    /// What each code shows, and whether that is sure.
    glyphs: BTreeMap<u16, Known>,
    widths: BTreeMap<u16, Width>,
    texts: Texts,
    /// Glyphs by their content.
    stored: FxHashMap<Hash, Stored>,
    /// What readers show for codes without a glyph.
    notdef: Hash,
    variants: Vec<Variant>,
}

/// The union's objects in the volume.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Numbers {
    program: u32,
    widths: u32,
    to_unicode: Option<u32>,
    map: Option<u32>,
}

/// A font's streams as they came, and its widths in PDF's syntax.
#[derive(Serialize, Deserialize)]
struct Streams {
    widths: Vec<u8>,
    #[serde(with = "crate::plain::stream")]
    program: Stream,
    #[serde(with = "crate::plain::maybe_stream")]
    to_unicode: Option<Stream>,
    #[serde(with = "crate::plain::maybe_stream")]
    map: Option<Stream>,
}

impl Streams {
    /// The memory that they take.
    fn bytes(&self) -> usize {
        let streams = [
            Some(&self.program),
            self.to_unicode.as_ref(),
            self.map.as_ref(),
        ];
        let contents = streams.iter().flatten().map(|stream| stream.content.len());
        self.widths.len() + contents.sum::<usize>()
    }
}

/// Glyphs by code, with the numbers of the objects that say so.
type Maps = Vec<(u32, Vec<u16>)>;

/// Objects of an input that the volume has under these numbers.
pub(crate) type Replaced = Vec<(ObjectId, u32)>;

impl Subsets {
    /// Makes the fonts of an input, in the input, those of the volume where they fit, but for those among the
    /// `resources` of its form.
    pub(crate) fn prepare<W: Write>(
        &mut self,
        source: &mut Source,
        resources: &[(Vec<u8>, Object)],
        out: &mut FileWriter<W>,
    ) -> Replaced {
        let mut replaced = Vec::new();
        let mut work = Work::new();
        let Candidates {
            composite,
            simple,
            compact,
        } = gather::candidates(source, resources);
        for (index, places) in composite.into_iter().enumerate() {
            let Some(place) = self.place_of(source, &places, &mut work, out) else {
                continue;
            };
            let class = &self.classes[place.class];
            let unused = u32::try_from(index).unwrap_or(u32::MAX);
            // Numbers that no file has: what they stand for has no object of its own in the input.
            let own = (u32::MAX - unused, u16::MAX);
            replaced.push((places.program, class.numbers.program));
            if let Some(map) = place.map {
                places.rename(source, &class.name);
                places.set_map(source, own);
                replaced.push((own, map));
                continue;
            }
            places.rename(source, &class.name);
            places.set_widths(source, own);
            replaced.push((own, class.numbers.widths));
            replaced.extend(places.to_unicode.zip(class.numbers.to_unicode));
            replaced.extend(places.map.zip(class.numbers.map));
        }
        for (index, simple) in simple.into_iter().enumerate() {
            let Some(place) = self.place_of_simple(source, &simple, &mut work, out) else {
                continue;
            };
            let class = &self.classes[place.class];
            let own = simple.compose(source, &class.name, index);
            replaced.push((simple.program, class.numbers.program));
            replaced.extend(place.map.map(|map| (own, map)));
        }
        for (index, compact) in compact.into_iter().enumerate() {
            let place = self.place_of_compact(source, &compact, &mut work, out);
            let Some((union, codes)) = place else {
                continue;
            };
            let (number, name) = self.shared(union);
            replaced.push((compact.compose(source, name, &codes, index), number));
        }
        replaced
    }

    /// What a font is part of, or becomes the first of.
    fn place_of<W: Write>(
        &mut self,
        source: &Source,
        places: &gather::Places,
        work: &mut Work,
        out: &mut FileWriter<W>,
    ) -> Option<Place> {
        let streams = places.streams(source)?;
        let seen = places.digest(source, &streams)?;
        if let Some(&place) = self.seen.get(&seen) {
            return Some(place);
        }
        if self.bytes >= MOST_BYTES || self.seen.len() >= MOST_SEEN {
            return None;
        }
        let mut program = gather::plain(&streams.program, work)?;
        truetype::mend(&mut program);
        let parsed = Program::read(&program)?;
        let font = Font::read(source, places, &streams, &parsed, work)?;
        let place = self.fitting(&font);
        // Nothing fails from here on but for want of room, which is known before anything changes.
        let needed = match place {
            Fit::Same(class) => self.classes[class].needs(&font),
            Fit::Program(class) => self.classes[class].needs_as_variant(&font),
            Fit::New => {
                let fixed = places.name.len() * 2 + size_of::<Class>() * 2 + parsed.union_bytes();
                let entries = font.glyphs.len() + font.widths.len();
                let stored: usize = font.stored.values().map(Stored::bytes).sum();
                let texts: usize = font.texts.values().map(|text| text_bytes(text)).sum();
                fixed + streams.bytes() + entries * ENTRY + texts + stored
            }
            Fit::None => return None,
        };
        if self.bytes + needed > MOST_BYTES {
            return None;
        }
        self.bytes += needed;
        if let Fit::Same(class) | Fit::Program(class) = place
            && let Some(alone) = self.classes[class].alone.take()
        {
            self.bytes = self.bytes.saturating_sub(alone.bytes());
        }
        let place = match place {
            Fit::Same(class) => {
                self.classes[class].add(font, &parsed);
                Place { class, map: None }
            }
            Fit::Program(class) => {
                let map = out.reserve();
                self.classes[class].add_variant(font, &parsed, map);
                Place {
                    class,
                    map: Some(map),
                }
            }
            Fit::New | Fit::None => {
                let class = self.classes.len();
                let key = font.key.clone();
                let shared = self.by_program.entry(key.program()).or_default();
                shared.push(class);
                self.classes
                    .push(Class::of(places, font, streams, &parsed, out));
                self.by_key.entry(key).or_default().push(class);
                Place { class, map: None }
            }
        };
        self.seen.insert(seen, place);
        Some(place)
    }

    /// Where a font fits in.
    fn fitting(&self, font: &Font) -> Fit {
        let classes = |found: Option<&Vec<usize>>| found.cloned().unwrap_or_default();
        let same = classes(self.by_key.get(&font.key));
        let fits = same.into_iter().find(|&one| self.classes[one].fits(font));
        if let Some(class) = fits {
            return Fit::Same(class);
        }
        let shared = classes(self.by_program.get(&font.key.program()));
        let others = shared.len();
        let mut shared = shared.into_iter();
        match shared.find(|&one| self.classes[one].has_glyphs_like(font)) {
            Some(class) => Fit::Program(class),
            None if others < MOST_OF_A_NAME => Fit::New,
            None => Fit::None,
        }
    }

    /// Writes the unions.
    pub(crate) fn finish<W: Write>(self, out: &mut FileWriter<W>) -> io::Result<()> {
        for class in self.classes {
            class.write(out)?;
        }
        self.shared.finish(out)
    }
}

/// How a font goes with those that are there.
#[derive(Clone, Copy)]
enum Fit {
    /// It says nothing else of any code than this class.
    Same(usize),
    /// Its glyphs go with those of this class.
    Program(usize),
    /// It is the first of its kind.
    New,
    /// It stays as it is.
    None,
}

/// Gives the copies from an input what stands for its fonts.
pub(crate) fn replace<W: Write>(replaced: Replaced, copier: &mut Copier<'_, W>) {
    for (id, number) in replaced {
        copier.stands_for(id, number);
    }
}

impl Class {
    /// Of a font that is the first.
    fn of<W: Write>(
        places: &gather::Places,
        font: Font,
        streams: Streams,
        program: &Program<'_>,
        out: &mut FileWriter<W>,
    ) -> Self {
        Self {
            numbers: Numbers {
                program: out.reserve(),
                widths: out.reserve(),
                to_unicode: places.to_unicode.map(|_| out.reserve()),
                map: places.map.map(|_| out.reserve()),
            },
            has_base: true,
            name: places.name.clone(),
            alone: Some(streams),
            union: program.union(),
            mode: font.key.mode,
            glyphs: font.glyphs,
            widths: font.widths,
            texts: font.texts,
            stored: font.stored,
            notdef: font.notdef,
            variants: Vec::new(),
        }
    }

    /// One that has variants only.
    fn without_base<W: Write>(
        name: &[u8],
        font: &Font,
        program: &Program<'_>,
        out: &mut FileWriter<W>,
    ) -> Self {
        Self {
            numbers: Numbers {
                program: out.reserve(),
                widths: 0,
                to_unicode: None,
                map: None,
            },
            has_base: false,
            name: name.to_vec(),
            alone: None,
            union: program.union(),
            mode: Mode::Mapped,
            glyphs: BTreeMap::new(),
            widths: BTreeMap::new(),
            texts: Texts::new(),
            stored: FxHashMap::default(),
            notdef: font.notdef,
            variants: Vec::new(),
        }
    }

    /// Whether there is room for the glyphs of a font, and codes without one show the same.
    fn has_glyphs_like(&self, font: &Font) -> bool {
        // Where codes are the numbers of glyphs, others have theirs behind the last code.
        let last = self.glyphs.last_key_value().map_or(0, |(code, _)| *code);
        let first_free = match self.mode {
            Mode::Identity => font.program_glyphs.max(usize::from(last)) + font.program_glyphs,
            Mode::Mapped => font.stored.len(),
        };
        let has_room = first_free + self.stored.len() + 2 < MOST_GLYPHS;
        self.notdef == font.notdef && has_room
    }

    /// Whether a font says nothing else of any code than this union.
    fn fits(&self, font: &Font) -> bool {
        let same_glyphs = font.glyphs.iter().all(|(code, glyph)| {
            self.glyphs
                .get(code)
                .is_none_or(|there| there.hash == glyph.hash || !(there.sure && glyph.sure))
        });
        let same_widths = font.widths.iter().all(|(code, width)| {
            self.widths
                .get(code)
                .is_none_or(|there| there.agreed(*width).is_some())
        });
        // A code without a text in one is a code that this one does not use, or that none has a text for.
        let same_texts = font
            .texts
            .iter()
            .all(|(code, text)| self.texts.get(code).is_none_or(|there| there == text));
        same_glyphs && same_widths && same_texts && self.has_glyphs_like(font)
    }

    /// The memory that a font takes that only shares the program.
    fn needs_as_variant(&self, font: &Font) -> usize {
        let new = font.stored.iter();
        let new = new.filter(|(hash, _)| !self.stored.contains_key(*hash));
        let stored: usize = new.map(|(_, stored)| stored.bytes()).sum();
        // The map from codes to glyphs is made at the end, for all variants.
        let last = font
            .glyphs
            .keys()
            .max()
            .map_or(0, |code| usize::from(*code) + 1);
        let map = last.max(font.program_glyphs).min(1 << 16) * size_of::<u16>();
        size_of::<Variant>() + font.glyphs.len() * size_of::<(u16, Hash)>() + map + stored
    }

    /// Takes the glyphs of a font in, whose codes are its own.
    fn add_variant(&mut self, font: Font, program: &Program<'_>, map: u32) {
        let codes = font.glyphs.iter().map(|(code, glyph)| (*code, glyph.hash));
        self.variants.push(Variant {
            map,
            codes: codes.collect(),
            // Where codes are the numbers of glyphs, one without an outline is there and shows nothing.
            empty_below: match font.key.mode {
                Mode::Identity => u16::try_from(font.program_glyphs).unwrap_or(u16::MAX),
                Mode::Mapped => 0,
            },
        });
        self.stored.extend(font.stored);
        self.union.widen(program);
    }

    /// The memory that a font takes in addition.
    fn needs(&self, font: &Font) -> usize {
        let glyphs = font.glyphs.keys();
        let widths = font.widths.keys();
        let entries = glyphs
            .filter(|code| !self.glyphs.contains_key(*code))
            .chain(widths.filter(|code| !self.widths.contains_key(*code)))
            .count();
        let texts = font
            .texts
            .iter()
            .filter(|(code, _)| !self.texts.contains_key(*code));
        let stored = font
            .stored
            .iter()
            .filter(|(hash, _)| !self.stored.contains_key(*hash))
            .map(|(_, stored)| stored.bytes());
        entries * ENTRY
            + texts.map(|(_, text)| text_bytes(text)).sum::<usize>()
            + stored.sum::<usize>()
    }

    /// Takes a font in that fits.
    fn add(&mut self, font: Font, program: &Program<'_>) {
        for (code, glyph) in font.glyphs {
            let there = self.glyphs.entry(code).or_insert(glyph);
            if glyph.sure && !there.sure {
                *there = glyph;
            }
        }
        self.stored.extend(font.stored);
        self.union.widen(program);
        for (code, width) in font.widths {
            let there = self.widths.entry(code).or_insert(width);
            *there = there.agreed(width).unwrap_or(*there);
        }
        self.texts.extend(font.texts);
    }

    /// Gives all glyphs their numbers, and gives the map from codes to them, and those of the variants.
    fn number(&mut self) -> (BTreeMap<u16, u16>, Maps) {
        let mut slots: FxHashMap<Hash, u16> = FxHashMap::default();
        let mut codes = BTreeMap::new();
        let mut waiting: Vec<(u16, Hash)> = Vec::new();
        let mut next = 1;
        waiting.push((0, self.notdef));
        for (&code, &Known { hash, .. }) in &self.glyphs {
            let slot = match (self.mode, slots.get(&hash)) {
                (Mode::Identity, _) => code,
                (Mode::Mapped, Some(&slot)) => slot,
                (Mode::Mapped, None) => next,
            };
            next = next.max(slot.saturating_add(1));
            slots.entry(hash).or_insert(slot);
            codes.insert(code, slot);
            waiting.push((slot, hash));
        }
        let mut maps = Vec::new();
        let mut empty = None;
        for variant in std::mem::take(&mut self.variants) {
            let last = variant.codes.iter().map(|(code, _)| usize::from(*code) + 1);
            let length = last.max().unwrap_or(0).max(variant.empty_below.into());
            let mut map = vec![0; length];
            if variant.empty_below > 0 {
                let empty = *empty.get_or_insert_with(|| {
                    let at = next;
                    next = next.saturating_add(1);
                    self.union.glyphs.insert(at, Glyph::empty());
                    at
                });
                // What is there for codes without a glyph has the number 0 in any program.
                map[1..usize::from(variant.empty_below)].fill(empty);
            }
            for (code, hash) in variant.codes {
                map[usize::from(code)] = *slots.entry(hash).or_insert_with(|| {
                    let at = next;
                    next = next.saturating_add(1);
                    waiting.push((at, hash));
                    at
                });
            }
            maps.push((variant.map, map));
        }
        while let Some((slot, hash)) = waiting.pop() {
            let Some(stored) = self.stored.get(&hash) else {
                continue;
            };
            let mut glyph = stored.glyph.clone();
            for &(place, component) in &stored.components {
                let at = *slots.entry(component).or_insert_with(|| {
                    let at = next;
                    next = next.saturating_add(1);
                    waiting.push((at, component));
                    at
                });
                glyph.set_component(place, at);
            }
            self.union.glyphs.entry(slot).or_insert(glyph);
        }
        (codes, maps)
    }

    fn write<W: Write>(mut self, out: &mut FileWriter<W>) -> io::Result<()> {
        if let Some(alone) = self.alone.take() {
            out.serialized(self.numbers.widths, &alone.widths)?;
            for (number, stream) in [
                (Some(self.numbers.program), Some(alone.program)),
                (self.numbers.to_unicode, alone.to_unicode),
                (self.numbers.map, alone.map),
            ] {
                if let (Some(number), Some(mut stream)) = (number, stream) {
                    let data = compact(
                        &mut stream.dict,
                        &stream.content,
                        // As far as what is left for all allows.
                        Recompress::First(u64::MAX),
                        out.deflater(),
                    );
                    out.stream(number, &stream.dict, &data)?;
                }
            }
            return Ok(());
        }
        let widths = self
            .widths
            .iter()
            .map(|(&code, width)| (code, width.thousandths));
        let widths = gather::width_array(widths);
        if self.has_base {
            out.object(self.numbers.widths, &widths)?;
        }
        let (map, variants) = self.number();
        let program = self.union.write();
        let mut dictionary = Dictionary::new();
        dictionary.set("Length1", i64::try_from(program.len()).unwrap_or(0));
        out.compressed_stream(self.numbers.program, dictionary, &program)?;
        if let Some(number) = self.numbers.to_unicode {
            out.compressed_stream(number, Dictionary::new(), &to_unicode::write(&self.texts))?;
        }
        if let Some(number) = self.numbers.map {
            let last = map.last_key_value().map_or(0, |(last, _)| *last);
            let map: Vec<u8> = (0..=last)
                .flat_map(|code| map.get(&code).copied().unwrap_or(0).to_be_bytes())
                .collect();
            out.compressed_stream(number, Dictionary::new(), &map)?;
        }
        for (number, map) in variants {
            let map: Vec<u8> = map.into_iter().flat_map(u16::to_be_bytes).collect();
            out.compressed_stream(number, Dictionary::new(), &map)?;
        }
        Ok(())
    }
}

/// The memory that a text takes.
fn text_bytes(text: &[u8]) -> usize {
    text.len() + 64
}
