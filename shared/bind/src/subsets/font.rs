//! What a font says of each of its codes.

use super::{MOST_GLYPHS, Streams, gather};
use crate::source::Source;
use crate::to_unicode::{self, Texts};
use crate::truetype::{MOST_NESTED, Program};
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The beginning of a SHA-256.
pub(super) type Hash = [u8; 16];

/// What fonts must have in common to become one, besides what they say of each code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// Without the tag.
    pub(super) name: Vec<u8>,
    pub(super) mode: Mode,
    fingerprint: Hash,
    /// The width of codes that are not listed, in thousandths.
    default_width: u32,
    has_texts: bool,
}

/// How codes lead to glyphs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
}

/// A glyph that a code shows.
pub(super) struct Known {
    /// Of its outline, components and metrics.
    pub(super) hash: Hash,
    /// In this font's program.
    pub(super) index: u16,
    /// Whether the code is one that page contents have. Others may be components of other glyphs, at
    /// numbers that another subset has for something else.
    pub(super) sure: bool,
}

/// The width of a code.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Width {
    pub(super) thousandths: f32,
    /// Whether the code surely has a glyph. Some list codes between those that they have glyphs for.
    has_glyph: bool,
}

impl Width {
    /// The width that is right for both; `None` when there is none.
    pub(super) fn agreed(self, other: Self) -> Option<Self> {
        match (self.has_glyph, other.has_glyph) {
            _ if self == other => Some(self),
            (true, false) => Some(self),
            (false, true) => Some(other),
            (true, true) => None,
            // What is listed as a gap has width 0.
            (false, false) if self.thousandths == 0.0 => Some(other),
            (false, false) if other.thousandths == 0.0 => Some(self),
            (false, false) => None,
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
    ) -> Option<Self> {
        if program.len() >= MOST_GLYPHS {
            return None;
        }
        let (listed, default_width) = places.widths(source)?;
        let texts = match &streams.to_unicode {
            Some(stream) => to_unicode::read(&gather::plain(stream)?)?,
            None => Texts::new(),
        };
        let mut glyphs = BTreeMap::new();
        let mut contents = Contents::of(program);
        let mode = match &streams.map {
            None => {
                for index in 0..u16::try_from(program.len()).ok()? {
                    let glyph = program.glyph(usize::from(index))?;
                    // What has no outline and no width was left out of the subset. Codes in page contents
                    // are listed, or have the default width; all others are components of other glyphs,
                    // which have any number.
                    let advance = program.width(&glyph);
                    let is_there = !glyph.outline.is_empty() || advance > 0.0;
                    let may_be_shown =
                        listed.contains_key(&index) || (advance - default_width).abs() < 1.0;
                    if is_there && may_be_shown {
                        let hash = contents.hash(index)?;
                        let gap = advance > 0.0 && listed.get(&index) == Some(&0.0);
                        let sure = !gap;
                        glyphs.insert(index, Known { hash, index, sure });
                    }
                }
                Mode::Identity
            }
            Some(map) => {
                let map = gather::plain(map)?;
                for (code, pair) in (0..=u16::MAX).zip(map.chunks_exact(2)) {
                    let index = u16::from_be_bytes([pair[0], pair[1]]);
                    if index != 0 {
                        let hash = contents.hash(index)?;
                        let sure = true;
                        glyphs.insert(code, Known { hash, index, sure });
                    }
                }
                Mode::Mapped
            }
        };
        if listed.is_empty() {
            return None;
        }
        let width = |code: &u16| Width {
            thousandths: listed.get(code).copied().unwrap_or(default_width),
            has_glyph: glyphs.get(code).is_some_and(|glyph| glyph.sure),
        };
        let widths = listed
            .keys()
            .chain(glyphs.keys())
            .map(|code| (*code, width(code)))
            .collect();
        Some(Self {
            key: Key {
                name: places.name.get(7..)?.to_vec(),
                mode,
                fingerprint: program.fingerprint(),
                default_width: default_width.to_bits(),
                has_texts: streams.to_unicode.is_some(),
            },
            glyphs,
            widths,
            texts,
            program_glyphs: program.len(),
        })
    }
}

/// Contents of a program's glyphs, whatever the numbers of their components. Each glyph is looked at once:
/// components of components could be more than there is time for.
pub(super) struct Contents<'a, 'b> {
    program: &'a Program<'b>,
    /// With the levels of components below.
    known: FxHashMap<u16, (Hash, usize)>,
}

impl<'a, 'b> Contents<'a, 'b> {
    pub(super) fn of(program: &'a Program<'b>) -> Self {
        Self {
            program,
            known: FxHashMap::default(),
        }
    }

    /// A glyph's content; `None` for one that is damaged or nested too deeply.
    pub(super) fn hash(&mut self, index: u16) -> Option<Hash> {
        self.look(index, 0).map(|(hash, _)| hash)
    }

    fn look(&mut self, index: u16, depth: usize) -> Option<(Hash, usize)> {
        if let Some(&known) = self.known.get(&index) {
            return Some(known);
        }
        // A glyph that is part of itself comes round to here.
        if depth > MOST_NESTED {
            return None;
        }
        let mut glyph = self.program.glyph(usize::from(index))?;
        let (mut below, mut levels) = (Vec::new(), 0);
        for place in glyph.components()? {
            let (hash, more) = self.look(glyph.component(place)?, depth + 1)?;
            below.extend_from_slice(&hash);
            levels = levels.max(more + 1);
            glyph.set_component(place, 0);
        }
        if levels > MOST_NESTED {
            return None;
        }
        let hash = digest(&[&glyph.outline, &glyph.metrics, &below]);
        self.known.insert(index, (hash, levels));
        Some((hash, levels))
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
