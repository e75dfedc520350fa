//! Small capitals: the font's own, or upper-case letters drawn smaller (CSS Fonts 4 §6.6).

use crate::itemise::{Content, Item};
use crate::{Face, Span, case};
use read_fonts::{FontRef, TableProvider};

/// `font-variant-caps`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SmallCaps {
    /// As written.
    #[default]
    None,
    /// Small capitals for lower case.
    Small,
    /// Small capitals for all letters.
    AllSmall,
    /// Petite capitals for lower case.
    Petite,
    /// Petite capitals for all letters.
    AllPetite,
    /// Small capitals for upper case, normal lower case.
    Unicase,
    /// Titling capitals.
    Titling,
}

/// The features of a face that make small capitals, a bit for each of [`TAGS`].
pub(crate) type CapsFeatures = u8;

const TAGS: [&[u8; 4]; 5] = [b"smcp", b"c2sc", b"pcap", b"c2pc", b"unic"];
const SMCP: CapsFeatures = 1;
const C2SC: CapsFeatures = 2;
const PCAP: CapsFeatures = 4;
const C2PC: CapsFeatures = 8;
const UNIC: CapsFeatures = 16;

/// Which letters are drawn as smaller capitals for want of a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Synthesis {
    lower: bool,
    upper: bool,
}

/// Reads which of [`TAGS`] the font program has.
pub(crate) fn features_of(face: &Face) -> CapsFeatures {
    let Ok(tables) = FontRef::from_index(&face.data, face.index) else {
        return 0;
    };
    let Ok(list) = tables.gsub().and_then(|gsub| gsub.feature_list()) else {
        return 0;
    };
    let records = list.feature_records().iter();
    records.fold(0, |found, record| {
        let tag = record.feature_tag().to_be_bytes();
        let position = TAGS.iter().position(|known| **known == tag);
        position.map_or(found, |position| found | 1 << position)
    })
}

impl SmallCaps {
    /// The features that `face` has for it.
    pub(crate) fn tags(self, face: &Face) -> &'static [&'static [u8; 4]] {
        match self.found(face) {
            _ if self == Self::Titling => &[b"titl"],
            None | Some(0) => &[],
            Some(SMCP) => &[b"smcp"],
            Some(PCAP) => &[b"pcap"],
            Some(UNIC) => &[b"unic"],
            Some(C2SC) => &[b"c2sc"],
            Some(features) if features & SMCP != 0 => &[b"smcp", b"c2sc"],
            Some(_) => &[b"pcap", b"c2pc"],
        }
    }

    /// The first set of features that `face` has all of; none where it has to be synthesised.
    fn found(self, face: &Face) -> Option<CapsFeatures> {
        let wanted: &[CapsFeatures] = match self {
            Self::None | Self::Titling => return Some(0),
            Self::Small => &[SMCP],
            Self::AllSmall => &[SMCP | C2SC],
            Self::Petite => &[PCAP, SMCP],
            Self::AllPetite => &[PCAP | C2PC, SMCP | C2SC],
            Self::Unicase => &[UNIC, C2SC],
        };
        let has = face.caps_features();
        wanted.iter().copied().find(|set| has & set == *set)
    }

    fn synthesis(self, face: &Face) -> Option<Synthesis> {
        if self.found(face).is_some() {
            return None;
        }
        Some(Synthesis {
            lower: self != Self::Unicase,
            upper: matches!(self, Self::AllSmall | Self::AllPetite | Self::Unicase),
        })
    }
}

/// Cuts out of `items` the letters that are drawn as smaller capitals.
pub(crate) fn divide(text: &str, spans: &[Span], items: Vec<Item>) -> Vec<Item> {
    if spans.iter().all(|span| span.caps == SmallCaps::None) {
        return items;
    }
    let mut divided = Vec::with_capacity(items.len());
    for item in items {
        let span = &spans[item.span];
        let synthesis = span.caps.synthesis(&item.face);
        let wanted = item.content == Content::Text && span.font.synthesis().small_caps;
        match synthesis.filter(|_| wanted) {
            Some(synthesis) => divide_item(text, &item, synthesis, &mut divided),
            None => divided.push(item),
        }
    }
    divided
}

fn divide_item(text: &str, item: &Item, synthesis: Synthesis, divided: &mut Vec<Item>) {
    let end = item.range.end;
    let mut current = Item {
        range: item.range.start..item.range.start,
        ..item.clone()
    };
    for (at, character) in text[item.range.clone()].char_indices() {
        let at = item.range.start + at;
        let small = if is_mark(character) {
            current.small
        } else {
            (synthesis.lower && character.is_lowercase())
                || (synthesis.upper && character.is_uppercase())
        };
        if small != current.small {
            current.range.end = at;
            if !current.range.is_empty() {
                divided.push(current.clone());
            }
            current.range.start = at;
            current.small = small;
        }
    }
    current.range.end = end;
    divided.push(current);
}

/// What belongs to the letter before it.
fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}')
        || crate::itemise::is_invisible(character)
}

/// `word` in capitals, and for each byte of them the offset of its character in `word`.
pub(crate) fn capitals(word: &str, language: Option<&str>) -> (String, Vec<u32>) {
    let mut capitals = String::with_capacity(word.len());
    let mut origins = Vec::with_capacity(word.len());
    let mut buffer = [0; 4];
    for (at, character) in word.char_indices() {
        let upper = case::uppercase(character.encode_utf8(&mut buffer), language);
        capitals.push_str(&upper);
        origins.resize(capitals.len(), u32::try_from(at).unwrap_or(u32::MAX));
    }
    (capitals, origins)
}
