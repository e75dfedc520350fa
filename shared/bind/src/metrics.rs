//! Codes and widths of the simple fonts that forms use.

use crate::glyph_names;
use crate::source::Source;
use crate::win_ansi::win_ansi;
use lopdf::{Dictionary, Object};
use rustc_hash::FxHashMap;

/// Advance widths of Helvetica from the space to the tilde, in thousandths of an em (Adobe's AFM).
const HELVETICA: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];
/// What Helvetica's other letters have.
const OTHERS: u16 = 556;
const COURIER: u16 = 600;

/// Fonts that are drawn without widths of their own, by the beginning of their name.
const BUILT_IN: [&[u8]; 4] = [b"Helvetica", b"Courier", b"Times-", b"Arial"];
/// A font of symbols with an encoding of its own (§9.8.2).
const SYMBOLIC: i64 = 1 << 2;

/// A font's codes, and their widths in ems.
pub(crate) struct Metrics {
    codes: FxHashMap<char, u8>,
    widths: Vec<f32>,
}

impl Metrics {
    /// `None` for a font whose codes are not surely known, or that may not have all characters: one with
    /// codes of several bytes, with an encoding of its own, of symbols, or a subset.
    pub(crate) fn of(source: &Source, font: &Dictionary) -> Option<Self> {
        let kind = source.get(font, b"Subtype").as_name().ok()?;
        if !matches!(kind, b"Type1" | b"TrueType" | b"MMType1") {
            return None;
        }
        let name = source.get(font, b"BaseFont").as_name().unwrap_or_default();
        if matches!(name, b"Symbol" | b"ZapfDingbats") || name.get(6) == Some(&b'+') {
            return None;
        }
        let descriptor = source.get(font, b"FontDescriptor").as_dict().ok();
        let is_embedded = descriptor.is_some_and(|descriptor| {
            [b"FontFile".as_slice(), b"FontFile2", b"FontFile3"]
                .iter()
                .any(|key| descriptor.has(key))
        });
        let is_symbolic = descriptor.is_some_and(|descriptor| {
            let flags = source.get(descriptor, b"Flags").as_i64().unwrap_or(0);
            flags & SYMBOLIC != 0
        });
        // Of one that readers have to replace, the encoding is all there is to know its codes by.
        let named = source.get(font, b"Encoding").as_name().ok();
        let is_named = matches!(named, Some(b"WinAnsiEncoding" | b"MacRomanEncoding"));
        if is_symbolic && (is_embedded || !is_named) {
            return None;
        }
        let mut characters = characters(source, font, is_embedded)?;
        let fixed = name.starts_with(b"Courier");
        let mut widths: Vec<f32> = characters
            .iter()
            .map(|character| f32::from(standard_width(*character, fixed)) / 1000.0)
            .collect();
        if let Object::Array(own) = source.get(font, b"Widths") {
            let first = source.get(font, b"FirstChar").as_i64().unwrap_or(0);
            let first = usize::try_from(first).ok()?;
            for (code, width) in widths.iter_mut().enumerate() {
                let own = code.checked_sub(first).and_then(|at| own.get(at));
                let own = own.and_then(|own| source.resolve(own).as_float().ok());
                *width = own.unwrap_or(0.0) / 1000.0;
                // What has no width has no glyph.
                if *width <= 0.0 {
                    characters[code] = None;
                }
            }
        } else if is_embedded || !BUILT_IN.iter().any(|built_in| name.starts_with(built_in)) {
            return None;
        }
        Some(Self {
            codes: codes(characters),
            widths,
        })
    }

    /// Of Helvetica in `WinAnsiEncoding`.
    pub(crate) fn standard() -> Self {
        let characters = encoding(win_ansi);
        let widths = characters
            .iter()
            .map(|character| f32::from(standard_width(*character, false)) / 1000.0)
            .collect();
        Self {
            codes: codes(characters),
            widths,
        }
    }

    /// A text in the font's codes; `None` when it does not have all its characters.
    pub(crate) fn encoded(&self, text: &str) -> Option<Vec<u8>> {
        text.chars()
            .map(|character| self.codes.get(&character).copied())
            .collect()
    }

    /// Whether the font has a character.
    pub(crate) fn has(&self, character: char) -> bool {
        self.codes.contains_key(&character)
    }

    /// A text in the font's codes, without what it does not have.
    pub(crate) fn encoded_in_part(&self, text: &str) -> Vec<u8> {
        text.chars()
            .filter_map(|character| self.codes.get(&character).copied())
            .collect()
    }

    pub(crate) fn width(&self, line: &[u8]) -> f32 {
        line.iter()
            .map(|&code| self.widths.get(usize::from(code)).copied().unwrap_or(0.0))
            .sum()
    }

    /// The lines of a text between margins so many ems apart. What does not fit is broken anywhere.
    pub(crate) fn wrapped(&self, text: &str, room: f32) -> Option<Vec<Vec<u8>>> {
        let mut lines = Vec::new();
        for paragraph in text.replace("\r\n", "\n").split(['\n', '\r']) {
            let (mut line, mut width) = (Vec::new(), 0.0);
            let text = self.encoded(paragraph)?;
            for word in text.split_inclusive(|&byte| byte == b' ') {
                let bare = word.strip_suffix(b" ").unwrap_or(word);
                if !line.is_empty() && width + self.width(bare) > room {
                    lines.push(std::mem::take(&mut line));
                    width = 0.0;
                }
                for &byte in word {
                    let advance = self.width(&[byte]);
                    if byte != b' ' && !line.is_empty() && width + advance > room {
                        lines.push(std::mem::take(&mut line));
                        width = 0.0;
                    }
                    line.push(byte);
                    width += advance;
                }
            }
            lines.push(line);
        }
        Some(lines)
    }
}

fn codes(characters: Vec<Option<char>>) -> FxHashMap<char, u8> {
    let mut codes = FxHashMap::default();
    for (code, character) in (0..=u8::MAX).zip(characters) {
        if let Some(character) = character {
            codes.entry(character).or_insert(code);
        }
    }
    codes
}

/// The characters of an encoding that all codes have, from the code of each.
fn encoding(code_of: impl Fn(char) -> Option<u8>) -> Vec<Option<char>> {
    let mut characters = vec![None; 256];
    // Where there are characters of these encodings: Latin, and signs from the dash to the trade mark.
    let ranges = [
        '\0'..='\u{ff}',
        '\u{152}'..='\u{2dc}',
        '\u{2013}'..='\u{2122}',
    ];
    for character in ranges.into_iter().flatten() {
        if let Some(code) = code_of(character) {
            characters[usize::from(code)] = Some(character);
        }
    }
    characters
}

/// What each code of a font shows, as far as that is sure (§9.6.6); `None` when nothing is.
fn characters(source: &Source, font: &Dictionary, is_embedded: bool) -> Option<Vec<Option<char>>> {
    let of_base = |name: &Object| {
        Some(match name {
            // An embedded program's own is not known.
            Object::Null if is_embedded => vec![None; 256],
            Object::Name(name) if name == b"WinAnsiEncoding" => encoding(win_ansi),
            Object::Null => encoding(|character| same_code(character, true)),
            Object::Name(name) if name == b"StandardEncoding" => {
                encoding(|character| same_code(character, true))
            }
            Object::Name(name) if name == b"MacRomanEncoding" => {
                encoding(|character| same_code(character, false))
            }
            _ => return None,
        })
    };
    let encoding = match source.get(font, b"Encoding") {
        Object::Dictionary(encoding) => encoding,
        base => return of_base(base),
    };
    let mut characters = of_base(source.get(encoding, b"BaseEncoding"))?;
    let mut code = 0_usize;
    if let Object::Array(differences) = source.get(encoding, b"Differences") {
        for item in differences.iter().map(|item| source.resolve(item)) {
            match item {
                Object::Integer(start) => code = usize::try_from(*start).ok()?,
                Object::Name(name) => {
                    if let Some(there) = characters.get_mut(code) {
                        *there = glyph_names::character(name);
                    }
                    code = code.saturating_add(1);
                }
                _ => return None,
            }
        }
    }
    Some(characters)
}

/// Letters and signs whose codes in Adobe's and Apple's encodings are those of ASCII; Adobe's quotes differ.
fn same_code(character: char, adobe: bool) -> Option<u8> {
    match character {
        '\'' | '`' if adobe => None,
        '’' if adobe => Some(b'\''),
        '‘' if adobe => Some(b'`'),
        ' '..='~' => u8::try_from(u32::from(character)).ok(),
        _ => None,
    }
}

/// The width of a character in Helvetica, or in Courier, in thousandths of an em.
fn standard_width(character: Option<char>, fixed: bool) -> u16 {
    let at = character.and_then(|it| u32::from(it).checked_sub(32));
    let width = at.and_then(|at| HELVETICA.get(usize::try_from(at).ok()?));
    match width {
        _ if fixed => COURIER,
        Some(&width) => width,
        None => OTHERS,
    }
}
