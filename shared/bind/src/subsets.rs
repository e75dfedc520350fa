//! Fonts of inputs that are subsets of one program become one font: the union of their glyphs, widths and
//! texts.
//!
//! That is possible where codes mean the same glyphs in all of them: composite fonts with TrueType
//! outlines whose codes are the glyph numbers of the whole program (ISO 32000-1 §9.7.4.2), as browsers,
//! WeasyPrint and our own press write them. Nothing is taken on trust: a font joins others only when every
//! glyph that both have is the same, byte by byte, with the same width and the same text, and when the
//! instructions that all glyphs share are the same. Page contents stay as they are.
//!
//! The unions are written at the end of the volume; a font that stays alone is written as it was.

mod font;
mod gather;

use crate::copy::Copier;
use crate::source::Source;
use crate::to_unicode::{self, Texts};
use crate::truetype::{Glyph, Program, Union};
use fanfold_pdf::FileWriter;
use font::{Contents, Font, Hash, Key, Mode, Width};
use lopdf::{Dictionary, ObjectId, Stream};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Memory for unions, in bytes; fonts beyond it stay as they are.
const MOST_BYTES: usize = 48 << 20;
/// Unions of one name that do not fit together.
const MOST_OF_A_NAME: usize = 4;
/// Glyphs of a union; numbers go up to 65,535.
const MOST_GLYPHS: usize = 65_000;
/// Fonts remembered by their content.
const MOST_SEEN: usize = 1 << 17;

/// The unions of a volume.
#[derive(Default)]
pub(crate) struct Subsets {
    classes: Vec<Class>,
    by_key: FxHashMap<Key, Vec<usize>>,
    seen: FxHashMap<Hash, usize>,
    bytes: usize,
}

/// Fonts that become one.
struct Class {
    numbers: Numbers,
    /// `ABCDEF+Name` of the first.
    name: Vec<u8>,
    /// The first, while it is alone.
    alone: Option<Streams>,
    union: Union,
    mode: Mode,
    /// What each code shows, and whether that is sure.
    glyphs: BTreeMap<u16, (Hash, bool)>,
    widths: BTreeMap<u16, Width>,
    texts: Texts,
    /// Glyphs by their content.
    stored: FxHashMap<Hash, Stored>,
    /// What readers show for codes without a glyph.
    notdef: Option<Hash>,
}

/// A glyph with its components by content: their numbers are the union's, given at the end.
struct Stored {
    glyph: Glyph,
    components: Vec<(usize, Hash)>,
}

/// The union's objects in the volume.
#[derive(Clone, Copy)]
struct Numbers {
    program: u32,
    widths: u32,
    to_unicode: Option<u32>,
    map: Option<u32>,
}

/// A font's streams as they came.
struct Streams {
    program: Stream,
    to_unicode: Option<Stream>,
    map: Option<Stream>,
}

/// Objects of an input that the volume has under these numbers.
pub(crate) type Replaced = Vec<(ObjectId, u32)>;

impl Subsets {
    /// Makes the fonts of an input, in the input, those of the volume where they fit.
    pub(crate) fn prepare<W: Write>(
        &mut self,
        source: &mut Source,
        out: &mut FileWriter<W>,
    ) -> Replaced {
        let mut replaced = Vec::new();
        for (index, places) in gather::candidates(source).into_iter().enumerate() {
            let Some(class) = self.class_of(source, &places, out) else {
                continue;
            };
            let class = &self.classes[class];
            let unused = u32::try_from(index).unwrap_or(u32::MAX);
            // A number that no file has: the widths have no object of their own in the input.
            let widths = (u32::MAX - unused, u16::MAX);
            places.rename(source, &class.name, widths);
            replaced.push((widths, class.numbers.widths));
            replaced.push((places.program, class.numbers.program));
            replaced.extend(places.to_unicode.zip(class.numbers.to_unicode));
            replaced.extend(places.map.zip(class.numbers.map));
        }
        replaced
    }

    /// The union that a font is part of, or becomes the first of.
    fn class_of<W: Write>(
        &mut self,
        source: &Source,
        places: &gather::Places,
        out: &mut FileWriter<W>,
    ) -> Option<usize> {
        let streams = places.streams(source)?;
        let seen = places.digest(source, &streams)?;
        if let Some(&class) = self.seen.get(&seen) {
            return Some(class);
        }
        if self.bytes >= MOST_BYTES || self.seen.len() >= MOST_SEEN {
            return None;
        }
        let program = gather::plain(&streams.program)?;
        let parsed = Program::read(&program)?;
        let font = Font::read(source, places, &streams, &parsed)?;
        let others = self.by_key.entry(font.key.clone()).or_default();
        let fits = others
            .iter()
            .copied()
            .find(|&other| self.classes[other].fits(&font));
        let class = match fits {
            Some(class) => class,
            None if others.len() < MOST_OF_A_NAME => {
                let class = self.classes.len();
                others.push(class);
                self.bytes += streams.program.content.len();
                self.classes
                    .push(Class::new(places, &font, streams, &parsed, out));
                class
            }
            None => return None,
        };
        let is_first = self.classes[class].glyphs.is_empty();
        self.bytes += self.classes[class].add(&font, &parsed)?;
        if !is_first {
            self.classes[class].alone = None;
        }
        self.seen.insert(seen, class);
        Some(class)
    }

    /// Writes the unions.
    pub(crate) fn finish<W: Write>(self, out: &mut FileWriter<W>) -> io::Result<()> {
        for class in self.classes {
            class.write(out)?;
        }
        Ok(())
    }
}

/// Gives the copies from an input what stands for its fonts.
pub(crate) fn replace<W: Write>(replaced: Replaced, copier: &mut Copier<'_, W>) {
    for (id, number) in replaced {
        copier.stands_for(id, number);
    }
}

impl Class {
    fn new<W: Write>(
        places: &gather::Places,
        font: &Font,
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
            name: places.name.clone(),
            alone: Some(streams),
            union: program.union(),
            mode: font.key.mode,
            glyphs: BTreeMap::new(),
            widths: BTreeMap::new(),
            texts: Texts::new(),
            stored: FxHashMap::default(),
            notdef: None,
        }
    }

    /// Whether a font says nothing else of any code than this union.
    fn fits(&self, font: &Font) -> bool {
        let same_glyphs = font.glyphs.iter().all(|(code, glyph)| {
            self.glyphs
                .get(code)
                .is_none_or(|&(there, sure)| there == glyph.hash || !(sure && glyph.sure))
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
        let last = self.glyphs.last_key_value().map_or(0, |(code, _)| *code);
        let highest = font.program_glyphs.max(usize::from(last));
        let has_room = highest + self.stored.len() + font.program_glyphs < MOST_GLYPHS;
        same_glyphs && same_widths && same_texts && has_room
    }

    /// Takes a font in that fits. Gives the memory that it takes; `None` for a damaged program.
    fn add(&mut self, font: &Font, program: &Program<'_>) -> Option<usize> {
        let mut bytes = 0;
        let mut contents = Contents::of(program);
        if self.notdef.is_none() {
            self.notdef = Some(self.store(program, &mut contents, 0, &mut bytes)?);
        }
        for (&code, glyph) in &font.glyphs {
            match self.glyphs.get(&code) {
                Some((_, true)) => continue,
                Some((_, false)) if !glyph.sure => continue,
                _ => {}
            }
            self.glyphs.insert(code, (glyph.hash, glyph.sure));
            self.store(program, &mut contents, glyph.index, &mut bytes)?;
        }
        self.union.widen(program);
        for (&code, &width) in &font.widths {
            let there = self.widths.entry(code).or_insert(width);
            *there = there.agreed(width).unwrap_or(*there);
        }
        for (code, text) in &font.texts {
            bytes += text.len() + 64;
            self.texts.insert(*code, text.clone());
        }
        Some(bytes)
    }

    /// Keeps a glyph of a program and its components.
    fn store(
        &mut self,
        program: &Program<'_>,
        contents: &mut Contents<'_, '_>,
        index: u16,
        bytes: &mut usize,
    ) -> Option<Hash> {
        // No deeper than the contents could be told.
        let hash = contents.hash(index)?;
        if self.stored.contains_key(&hash) {
            return Some(hash);
        }
        let glyph = program.glyph(usize::from(index))?;
        let mut components = Vec::new();
        for place in glyph.components()? {
            let component = self.store(program, contents, glyph.component(place)?, bytes)?;
            components.push((place, component));
        }
        *bytes += glyph.outline.len() + size_of::<Stored>() * 2;
        self.stored.insert(hash, Stored { glyph, components });
        Some(hash)
    }

    /// Gives all glyphs their numbers, and gives the map from codes to them.
    fn number(&mut self) -> BTreeMap<u16, u16> {
        let mut slots: FxHashMap<Hash, u16> = FxHashMap::default();
        let mut codes = BTreeMap::new();
        let mut waiting: Vec<(u16, Hash)> = Vec::new();
        let mut next = 1;
        if let Some(notdef) = self.notdef {
            waiting.push((0, notdef));
        }
        for (&code, &(hash, _)) in &self.glyphs {
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
        codes
    }

    fn write<W: Write>(mut self, out: &mut FileWriter<W>) -> io::Result<()> {
        let widths = self
            .widths
            .iter()
            .map(|(&code, width)| (code, width.thousandths));
        let widths = gather::width_array(widths);
        out.object(self.numbers.widths, &widths)?;
        if let Some(alone) = self.alone.take() {
            for (number, stream) in [
                (Some(self.numbers.program), Some(alone.program)),
                (self.numbers.to_unicode, alone.to_unicode),
                (self.numbers.map, alone.map),
            ] {
                if let (Some(number), Some(stream)) = (number, stream) {
                    out.stream(number, &stream.dict, &stream.content)?;
                }
            }
            return Ok(());
        }
        let map = self.number();
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
        Ok(())
    }
}
