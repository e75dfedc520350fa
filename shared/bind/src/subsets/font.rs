//! What a font says of each of its codes.

use super::gather::{self, Work};
use super::{ENTRY, MOST_GLYPHS, Streams};
use crate::source::Source;
use crate::to_unicode::{self, Texts};
use crate::truetype::{Glyph, MOST_NESTED, Program};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The beginning of a SHA-256.
pub(super) type Hash = [u8; 16];

/// What fonts must have in common to become one, besides what they say of each code.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Key {
    /// Without the tag.
    pub(super) name: Vec<u8>,
    pub(super) mode: Mode,
    fingerprint: Hash,
    /// The width of codes that are not listed, in thousandths.
    default_width: u32,
    has_texts: bool,
}

impl Key {
    /// What programs must have in common to become one.
    pub(super) fn program(&self) -> (Vec<u8>, Hash) {
        (self.name.clone(), self.fingerprint)
    }
}

/// How codes lead to glyphs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Mode {
    /// They are glyph numbers.
    Identity,
    /// By a `CIDToGIDMap`.
    Mapped,
}

/// A font, read.
pub(super) struct Font {
    pub(super) key: Key,
    pub(super) glyphs: BTreeMap<u16, Known>,
    /// Widths of all codes that are listed or have a glyph.
    pub(super) widths: BTreeMap<u16, Width>,
    pub(super) texts: Texts,
    /// Glyphs of its program.
    pub(super) program_glyphs: usize,
    /// What readers show for codes without a glyph.
    pub(super) notdef: Hash,
    /// All glyphs that are needed, by content.
    pub(super) stored: FxHashMap<Hash, Stored>,
}

/// A glyph that a code shows.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct Known {
    /// Of its outline, components and metrics.
    pub(super) hash: Hash,
    /// Whether the code is one that page contents have. Others may be components of other glyphs, at
    /// numbers that another subset has for something else.
    pub(super) sure: bool,
}

/// A glyph with its components by content: their numbers are the union's, given at the end.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Stored {
    pub(super) glyph: Glyph,
    pub(super) components: Vec<(usize, Hash)>,
}

impl Stored {
    /// The memory that it takes.
    pub(super) fn bytes(&self) -> usize {
        self.glyph.outline.len()
            + self.components.len() * size_of::<(usize, Hash)>()
            + size_of::<(Hash, Self)>() * 2
    }
}

/// The width of a code.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Width {
    pub(super) thousandths: f32,
    /// Whether the code is only listed because its neighbours are: with width 0, a text of no kind, and no
    /// glyph of that width.
    is_gap: bool,
}

impl Width {
    /// The width that is right for both; `None` when there is none.
    pub(super) fn agreed(self, other: Self) -> Option<Self> {
        match (self.is_gap, other.is_gap) {
            (true, _) => Some(other),
            (false, true) => Some(self),
            (false, false) => (self.thousandths == other.thousandths).then_some(self),
        }
    }
}

impl Font {
    /// Reads a font; `None` when something of it is not understood.
    pub(super) fn read(
        source: &Source,
        places: &gather::Places,
        streams: &Streams,
        program: &Program<'_>,
        work: &mut Work,
    ) -> Option<Self> {
        if program.len() >= MOST_GLYPHS {
            return None;
        }
        let (listed, default_width) = places.widths(source)?;
        work.take(listed.len() * ENTRY)?;
        if listed.is_empty() {
            return None;
        }
        let texts = match &streams.to_unicode {
            Some(stream) => to_unicode::read(&gather::plain(stream, work)?)?,
            None => Texts::new(),
        };
        let mut outlines = Outlines::of(program);
        let notdef = outlines.hash(0, 0)?.0;
        let is_gap = |code: u16| listed.get(&code) == Some(&0.0) && !texts.contains_key(&code);
        let mut glyphs = BTreeMap::new();
        let mode = match &streams.map {
            None => {
                work.take(program.len() * ENTRY)?;
                let mut others = Vec::new();
                for index in 0..u16::try_from(program.len()).ok()? {
                    // Of thousands, most were left out.
                    if program.is_blank(usize::from(index)) {
                        continue;
                    }
                    let glyph = program.glyph(usize::from(index))?;
                    // What has no outline and no width was left out of the subset. Codes in page contents
                    // are listed, or have the default width; all others are components of other glyphs,
                    // which have any number.
                    let advance = program.width(&glyph);
                    let is_there = !glyph.outline.is_empty() || advance > 0.0;
                    let may_be_shown =
                        listed.contains_key(&index) || (advance - default_width).abs() < 1.0;
                    if is_there && may_be_shown {
                        let (hash, _) = outlines.hash(index, 0)?;
                        let sure = !(advance > 0.0 && is_gap(index));
                        glyphs.insert(index, Known { hash, sure });
                    } else if !glyph.outline.is_empty() {
                        others.push(index);
                    }
                }
                // One that is no component either is shown with a width that it does not have.
                if !others.iter().all(|index| outlines.has(*index)) {
                    return None;
                }
                Mode::Identity
            }
            Some(map) => {
                let map = gather::plain(map, work)?;
                work.take(map.len() / 2 * ENTRY)?;
                for (code, pair) in (0..=u16::MAX).zip(map.chunks_exact(2)) {
                    let index = u16::from_be_bytes([pair[0], pair[1]]);
                    if index != 0 {
                        let (hash, _) = outlines.hash(index, 0)?;
                        // The map may be that of the whole program (TCPDF), of which most was left out: what
                        // has no outline, and still the bearing of one, and what has neither a width in the
                        // list nor that of all others, and is a component at most.
                        let glyph = outlines.stored.get(&hash).map(|one| &one.glyph)?;
                        let was_left_out = glyph.outline.is_empty() && glyph.metrics[2..] != [0, 0];
                        let may_be_shown = listed.contains_key(&code)
                            || (program.width(glyph) - default_width).abs() < 1.0;
                        let sure = may_be_shown && !was_left_out;
                        glyphs.insert(code, Known { hash, sure });
                    }
                }
                Mode::Mapped
            }
        };
        let mut widths: BTreeMap<u16, Width> = listed
            .iter()
            .map(|(&code, &thousandths)| {
                let is_gap = thousandths == 0.0
                    && !texts.contains_key(&code)
                    && !glyphs.get(&code).is_some_and(|glyph| glyph.sure);
                let width = Width {
                    thousandths,
                    is_gap,
                };
                (code, width)
            })
            .collect();
        // What is not shown has no width.
        for code in glyphs
            .iter()
            .filter(|(_, glyph)| glyph.sure)
            .map(|(code, _)| code)
        {
            widths.entry(*code).or_insert(Width {
                thousandths: default_width,
                is_gap: false,
            });
        }
        Some(Self {
            key: Key {
                name: gather::untagged(&places.name).to_vec(),
                mode,
                fingerprint: program.fingerprint(),
                default_width: default_width.to_bits(),
                has_texts: streams.to_unicode.is_some(),
            },
            glyphs,
            widths,
            texts,
            program_glyphs: program.len(),
            notdef,
            stored: outlines.stored,
        })
    }
}

impl Font {
    /// A simple font, with the glyphs that its codes show, and nothing else of it.
    pub(super) fn of_codes(
        name: &[u8],
        program: &Program<'_>,
        codes: Vec<(u16, u16)>,
    ) -> Option<Self> {
        if program.len() >= MOST_GLYPHS {
            return None;
        }
        let mut outlines = Outlines::of(program);
        let notdef = outlines.hash(0, 0)?.0;
        let mut glyphs = BTreeMap::new();
        for (code, index) in codes {
            if index != 0 {
                let (hash, _) = outlines.hash(index, 0)?;
                glyphs.insert(code, Known { hash, sure: true });
            }
        }
        Some(Self {
            key: Key {
                name: gather::untagged(name).to_vec(),
                mode: Mode::Mapped,
                fingerprint: program.fingerprint(),
                default_width: 0,
                has_texts: true,
            },
            glyphs,
            widths: BTreeMap::new(),
            texts: Texts::new(),
            program_glyphs: program.len(),
            notdef,
            stored: outlines.stored,
        })
    }
}

/// A program's glyphs by content, whatever the numbers of their components.
struct Outlines<'a> {
    program: &'a Program<'a>,
    /// Glyphs that were read, and how deep their components are nested.
    read: FxHashMap<u16, (Hash, usize)>,
    stored: FxHashMap<Hash, Stored>,
}

impl<'a> Outlines<'a> {
    fn of(program: &'a Program<'a>) -> Self {
        Self {
            program,
            read: FxHashMap::default(),
            stored: FxHashMap::default(),
        }
    }

    fn has(&self, index: u16) -> bool {
        self.read.contains_key(&index)
    }

    /// A glyph's content and how deep its components are nested; `None` when it is damaged, or when they are
    /// nested too deep, as those that contain themselves are. Each glyph is read once: what comes out does
    /// not depend on where it is a component, and the first that fails ends it all.
    fn hash(&mut self, index: u16, depth: usize) -> Option<(Hash, usize)> {
        if let Some(&(hash, height)) = self.read.get(&index) {
            return (depth + height < MOST_NESTED).then_some((hash, height));
        }
        if depth >= MOST_NESTED {
            return None;
        }
        let mut glyph = self.program.glyph(usize::from(index))?;
        let (mut below, mut components, mut height) = (Vec::new(), Vec::new(), 0);
        for place in glyph.components()? {
            let (hash, nested) = self.hash(glyph.component(place)?, depth + 1)?;
            height = height.max(nested + 1);
            below.extend_from_slice(&hash);
            components.push((place, hash));
            glyph.set_component(place, 0);
        }
        let hash = digest(&[&glyph.outline, &glyph.metrics, &below]);
        self.stored
            .entry(hash)
            .or_insert(Stored { glyph, components });
        self.read.insert(index, (hash, height));
        Some((hash, height))
    }
}

/// Of parts with their lengths.
pub(super) fn digest(parts: &[&[u8]]) -> Hash {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    let mut hash = [0; 16];
    hash.copy_from_slice(&digest.finalize()[..16]);
    hash
}
