//! Embedding levels (UAX #9), as far as they do not depend on lines.

use crate::TextDirection;
use std::ops::Range;
use unicode_bidi::{BidiClass, BidiInfo, Level, bidi_class};

/// Levels of a text.
#[derive(Debug, Default)]
pub(crate) struct Levels {
    /// A level for each byte; empty where everything is at `base`.
    bytes: Vec<Level>,
    /// Base levels of the bidi paragraphs, by where each ends; empty where everything is at `base`.
    pub(crate) paragraphs: Vec<(usize, u8)>,
    /// The first bidi paragraph's base level.
    pub(crate) base: u8,
}

impl Levels {
    /// Runs the algorithm up to rule I2, and L1 for tabs and feeds.
    pub(crate) fn of(text: &str, direction: TextDirection) -> Self {
        let needless = match direction {
            TextDirection::Ltr | TextDirection::Auto | TextDirection::LtrOverride => {
                is_left_to_right(text)
            }
            TextDirection::Rtl | TextDirection::RtlOverride => text.is_empty(),
        };
        if needless {
            return Self {
                base: u8::from(matches!(
                    direction,
                    TextDirection::Rtl | TextDirection::RtlOverride
                )),
                ..Self::default()
            };
        }
        let (base, opened) = match direction {
            TextDirection::Ltr => (Some(Level::ltr()), None),
            TextDirection::Rtl => (Some(Level::rtl()), None),
            TextDirection::Auto => (None, None),
            TextDirection::LtrOverride => (Some(Level::ltr()), Some('\u{202D}')),
            TextDirection::RtlOverride => (Some(Level::rtl()), Some('\u{202E}')),
        };
        let (bytes, paragraphs) = resolve(text, base, opened);
        let base = paragraphs.first().map_or(0, |&(_, level)| level);
        Self {
            bytes,
            paragraphs,
            base,
        }
    }

    /// The level of the character at `offset`.
    pub(crate) fn at(&self, offset: usize) -> u8 {
        self.bytes.get(offset).map_or(self.base, Level::number)
    }

    /// Whether no character differs from the base level.
    pub(crate) fn is_uniform(&self) -> bool {
        self.bytes.is_empty()
    }
}

/// Levels of the bytes, and where each bidi paragraph ends with its base level. `opened` is in force
/// from the text's start.
fn resolve(
    text: &str,
    base: Option<Level>,
    opened: Option<char>,
) -> (Vec<Level>, Vec<(usize, u8)>) {
    let mut levels = Vec::with_capacity(text.len());
    let mut paragraphs = Vec::new();
    if opened.is_none() && !text.contains(is_control) {
        resolve_into(text, 0, base, &mut levels, &mut paragraphs);
        return (levels, paragraphs);
    }
    // A paragraph separator ends all embeddings; where the text goes on in the same inline boxes, they
    // are opened again (CSS Writing Modes 4 §2.4.5.1).
    let mut open: Vec<char> = opened.into_iter().collect();
    for paragraph in text.split_inclusive(|c| bidi_class(c) == BidiClass::B) {
        let mut reopened: String = open.iter().collect();
        let skip = reopened.len();
        reopened.push_str(paragraph);
        resolve_into(&reopened, skip, base, &mut levels, &mut paragraphs);
        follow(paragraph, &mut open);
    }
    (levels, paragraphs)
}

/// Adds the levels of `text` without its first `skip` bytes.
fn resolve_into(
    text: &str,
    skip: usize,
    base: Option<Level>,
    levels: &mut Vec<Level>,
    paragraphs: &mut Vec<(usize, u8)>,
) {
    let BidiInfo {
        original_classes,
        levels: mut found,
        paragraphs: parts,
        ..
    } = BidiInfo::new(text, base);
    let before = levels.len();
    for part in parts {
        let end = before + part.range.end.saturating_sub(skip);
        paragraphs.push((end, part.level.number()));
        reset_before_separators(text, &original_classes, &mut found, part.range, part.level);
    }
    levels.extend_from_slice(found.get(skip..).unwrap_or_default());
}

fn is_control(character: char) -> bool {
    matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Keeps track of the embeddings, overrides and isolates that `text` leaves open (UAX #9 X2 to X7).
fn follow(text: &str, open: &mut Vec<char>) {
    let isolates = |c: &char| matches!(c, '\u{2066}'..='\u{2068}');
    for character in text.chars().filter(|&c| is_control(c)) {
        match character {
            '\u{2069}' => {
                if let Some(at) = open.iter().rposition(isolates) {
                    open.truncate(at);
                }
            }
            '\u{202C}' => {
                open.pop_if(|last| !isolates(last));
            }
            _ if open.len() < usize::from(Level::max_explicit_depth()) => open.push(character),
            _ => {}
        }
    }
}

/// L1, items 1 to 3: separators and white space before them are at the paragraph's level.
fn reset_before_separators(
    text: &str,
    classes: &[BidiClass],
    levels: &mut [Level],
    range: Range<usize>,
    base: Level,
) {
    let mut reset_from = None;
    for offset in range {
        if !text.is_char_boundary(offset) {
            continue;
        }
        match classes[offset] {
            BidiClass::B | BidiClass::S => {
                let end = (offset + 1..=text.len()).find(|&end| text.is_char_boundary(end));
                levels[reset_from.unwrap_or(offset)..end.unwrap_or(text.len())].fill(base);
                reset_from = None;
            }
            class if is_trailing(class) => {
                reset_from.get_or_insert(offset);
            }
            _ => reset_from = None,
        }
    }
}

/// Whether a character of this class at a line's end goes to the base level (L1, item 4); controls
/// that X9 removes go with it.
fn is_trailing(class: BidiClass) -> bool {
    use BidiClass::{B, BN, FSI, LRE, LRI, LRO, PDF, PDI, RLE, RLI, RLO, S, WS};
    matches!(
        class,
        B | S | WS | LRI | RLI | FSI | PDI | BN | LRE | RLE | LRO | RLO | PDF
    )
}

/// Where the white space at the end of a line begins.
pub(crate) fn trailing_start(text: &str, line: &Range<usize>) -> usize {
    let kept = text[line.clone()].trim_end_matches(|c| is_trailing(bidi_class(c)));
    line.start + kept.len()
}

/// Whether a left-to-right paragraph keeps its logical order: nothing in it is right to left. (What
/// left-to-right embeddings alone raise to level 2 is reversed twice.)
fn is_left_to_right(text: &str) -> bool {
    text.is_ascii()
        || text.chars().all(|character| {
            character < '\u{590}'
                || !matches!(
                    bidi_class(character),
                    BidiClass::R
                        | BidiClass::AL
                        | BidiClass::AN
                        | BidiClass::RLE
                        | BidiClass::RLO
                        | BidiClass::RLI
                )
        })
}
