//! What each glyph of a face stands for, from the font alone.
//!
//! A `ToUnicode` map made from a document's own text would differ from document to document, and with
//! it the font objects that the bind wants to store once. So the text of a glyph comes from the font:
//! the character map first, then what substitutions (GSUB) make of the glyphs known so far. Where a
//! document's text is not what its glyphs say, the content stream says so with `ActualText`.

use read_fonts::tables::gsub::{
    AlternateSubst, AlternateSubstFormat1, LigatureSubst, LigatureSubstFormat1,
    ReverseChainSingleSubst, SingleSubst, SubstitutionLookup, SubstitutionSubtables,
};
use read_fonts::{FontRef, TableProvider};
use skrifa::{GlyphId, MetadataProvider};

/// Longest text of one glyph, in bytes. Ligatures of more characters are rare (ﷺ has 18), and chains
/// of hostile ligatures must not grow.
const LONGEST: usize = 96;
/// Substitutions are followed this often: from ligature to ligature of ligatures, and forms of these.
const PASSES: usize = 4;
/// Bound on all glyphs' text together.
const LARGEST: usize = 4 << 20;

/// The text of every glyph of a face.
#[derive(Debug, Default)]
pub(crate) struct GlyphTexts {
    spans: Vec<(u32, u8)>,
    text: String,
    /// The ASCII character that is all of a glyph's text; 0 for other texts.
    letters: Vec<u8>,
    mapped: Vec<bool>,
    changed: bool,
}

impl GlyphTexts {
    /// Reads a face's character map and substitutions.
    pub(crate) fn read(font: &FontRef<'_>) -> Self {
        let count = font.maxp().map_or(0, |maxp| usize::from(maxp.num_glyphs()));
        let mut texts = Self {
            spans: vec![(0, 0); count],
            text: String::new(),
            letters: Vec::new(),
            mapped: vec![false; count],
            changed: false,
        };
        let (mut modifiers, mut forms) = (Vec::new(), Vec::new());
        for (code, glyph) in font.charmap().mappings() {
            let (Some(character), Ok(glyph)) =
                (char::from_u32(code), u16::try_from(glyph.to_u32()))
            else {
                continue;
            };
            if is_modifier_letter(character) {
                modifiers.push((glyph, character));
            } else if is_presentation_form(character) {
                forms.push((glyph, character));
            } else {
                texts.map(glyph, character);
            }
        }
        for (glyph, character) in modifiers {
            texts.map(glyph, character);
        }
        texts.follow_substitutions(font);
        // Positional forms are known by their letters now; only what no substitution reaches is left.
        for (glyph, character) in forms {
            texts.map(glyph, character);
        }
        texts.follow_substitutions(font);
        let letter = |glyph| match texts.text(glyph).as_bytes() {
            &[letter] => letter,
            _ => 0,
        };
        let glyphs = 0..u16::try_from(count).unwrap_or(u16::MAX);
        texts.letters = glyphs.map(letter).collect();
        texts
    }

    /// The ASCII character that is all of a glyph's text, if it is one.
    pub(crate) fn letter(&self, glyph: u16) -> Option<u8> {
        let letter = self.letters.get(usize::from(glyph)).copied();
        letter.filter(|&letter| letter != 0)
    }

    /// The text of a glyph; empty where the font does not tell.
    pub(crate) fn text(&self, glyph: u16) -> &str {
        let (start, length) = self
            .spans
            .get(usize::from(glyph))
            .copied()
            .unwrap_or_default();
        let start = start as usize;
        self.text
            .get(start..start + usize::from(length))
            .unwrap_or_default()
    }

    /// Whether the character map leads to the glyph, rather than substitutions alone.
    pub(crate) fn is_mapped(&self, glyph: u16) -> bool {
        self.mapped
            .get(usize::from(glyph))
            .copied()
            .unwrap_or(false)
    }

    /// How many glyphs the face has.
    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    /// Mappings come in the order of characters, so the lowest of several for one glyph wins: the
    /// space rather than the no-break space.
    fn map(&mut self, glyph: u16, character: char) {
        if glyph == 0 || is_control(character) {
            return;
        }
        let mut buffer = [0; 4];
        if self.set(glyph, character.encode_utf8(&mut buffer)) {
            self.mapped[usize::from(glyph)] = true;
        }
    }

    fn set(&mut self, glyph: u16, text: &str) -> bool {
        let Some(span) = self.spans.get_mut(usize::from(glyph)) else {
            return false;
        };
        if span.1 != 0 || text.is_empty() || text.len() > LONGEST || self.text.len() > LARGEST {
            return false;
        }
        *span = (
            u32::try_from(self.text.len()).unwrap_or(0),
            u8::try_from(text.len()).unwrap_or(0),
        );
        self.text.push_str(text);
        self.changed = true;
        true
    }

    fn follow_substitutions(&mut self, font: &FontRef<'_>) {
        let Ok(lookups) = font.gsub().and_then(|gsub| gsub.lookup_list()) else {
            return;
        };
        for _ in 0..PASSES {
            self.changed = false;
            for lookup in lookups.lookups().iter().flatten() {
                self.follow_lookup(&lookup);
            }
            if !self.changed {
                break;
            }
        }
    }

    fn follow_lookup(&mut self, lookup: &SubstitutionLookup<'_>) {
        let Ok(subtables) = lookup.subtables() else {
            return;
        };
        match subtables {
            SubstitutionSubtables::Single(tables) => {
                for table in tables.iter().flatten() {
                    self.follow_single(&table);
                }
            }
            SubstitutionSubtables::Alternate(tables) => {
                for table in tables.iter().flatten() {
                    if let AlternateSubst::Format1(table) = table {
                        self.follow_alternates(&table);
                    }
                }
            }
            SubstitutionSubtables::Ligature(tables) => {
                for table in tables.iter().flatten() {
                    if let LigatureSubst::Format1(table) = table {
                        self.follow_ligatures(&table);
                    }
                }
            }
            SubstitutionSubtables::Reverse(tables) => {
                for table in tables.iter().flatten() {
                    if let ReverseChainSingleSubst::Format1(table) = table
                        && let Ok(coverage) = table.coverage()
                    {
                        for (from, to) in coverage.iter().zip(table.substitute_glyph_ids()) {
                            self.same(from, to.get().to_u16());
                        }
                    }
                }
            }
            // A glyph split in several gives none of them a text of its own, and contextual lookups
            // only apply the others.
            _ => {}
        }
    }

    fn follow_single(&mut self, table: &SingleSubst<'_>) {
        match table {
            SingleSubst::Format1(table) => {
                let Ok(coverage) = table.coverage() else {
                    return;
                };
                for from in coverage.iter() {
                    let Ok(glyph) = u16::try_from(from.to_u32()) else {
                        continue;
                    };
                    self.same(from, glyph.wrapping_add_signed(table.delta_glyph_id()));
                }
            }
            SingleSubst::Format2(table) => {
                let Ok(coverage) = table.coverage() else {
                    return;
                };
                for (from, to) in coverage.iter().zip(table.substitute_glyph_ids()) {
                    self.same(from, to.get().to_u16());
                }
            }
            // The other formats are for fonts of more glyphs than a PDF font can have.
            _ => {}
        }
    }

    fn follow_alternates(&mut self, table: &AlternateSubstFormat1<'_>) {
        let Ok(coverage) = table.coverage() else {
            return;
        };
        for (from, set) in coverage.iter().zip(table.alternate_sets().iter()) {
            for to in set.iter().flat_map(|set| set.alternate_glyph_ids()) {
                self.same(from, to.get().to_u16());
            }
        }
    }

    fn follow_ligatures(&mut self, table: &LigatureSubstFormat1<'_>) {
        let Ok(coverage) = table.coverage() else {
            return;
        };
        for (first, set) in coverage.iter().zip(table.ligature_sets().iter()) {
            let (Ok(first), Ok(set)) = (u16::try_from(first.to_u32()), set) else {
                continue;
            };
            for ligature in set.ligatures().iter().flatten() {
                let rest = ligature
                    .component_glyph_ids()
                    .iter()
                    .map(|id| id.get().to_u16());
                self.ligature(first, rest, ligature.ligature_glyph().to_u16());
            }
        }
    }

    fn same(&mut self, from: GlyphId, to: u16) {
        let from = usize::try_from(from.to_u32()).unwrap_or(usize::MAX);
        let Some(&span) = self.spans.get(from) else {
            return;
        };
        if let Some(slot) = self.spans.get_mut(usize::from(to))
            && slot.1 == 0
            && to != 0
        {
            *slot = span;
            self.changed |= span.1 != 0;
        }
    }

    fn ligature(&mut self, first: u16, rest: impl Iterator<Item = u16>, to: u16) {
        if to == 0
            || self
                .spans
                .get(usize::from(to))
                .is_none_or(|span| span.1 != 0)
        {
            return;
        }
        let mut text = String::new();
        for glyph in std::iter::once(first).chain(rest) {
            let part = self.text(glyph);
            if part.is_empty() || text.len() + part.len() > LONGEST {
                return;
            }
            text.push_str(part);
        }
        self.set(to, &text);
    }
}

/// Compatibility characters for ligatures and positional forms (Unicode blocks Alphabetic Presentation
/// Forms and Arabic Presentation Forms A and B), which no text should be extracted as.
fn is_presentation_form(character: char) -> bool {
    matches!(character, '\u{fb00}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}')
}

/// Characters that many fonts draw with the glyph of a more usual one: the apostrophe U+02BC with that of the
/// quotation mark U+2019.
fn is_modifier_letter(character: char) -> bool {
    matches!(character, '\u{2b0}'..='\u{2ff}')
}

fn is_control(character: char) -> bool {
    character.is_control() || is_ignorable(character)
}

/// Characters that lay text out and are not part of what it says: bidi controls, the soft hyphen, U+200B, the
/// word joiner and the byte order mark. The joiners (U+200C, U+200D) are: they change words.
pub(crate) fn is_ignorable(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glyph_shared_with_a_modifier_letter_is_a_quotation_mark() {
        let font = FontRef::new(include_bytes!("../tests/fonts/apostrophe.ttf"));
        let texts = GlyphTexts::read(&font.expect("a font"));
        assert_eq!(texts.text(1), "\u{2019}");
    }
}
