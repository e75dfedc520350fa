//! Programs in the Compact Font Format with CIDs (Adobe Technical Note 5176), taken apart and put together.

use crate::subsets::untagged;
use sha2::{Digest, Sha256};
use std::ops::Range;

/// Operators of dictionaries (tables 9, 10 and 23); those behind an escape have 12 as their high byte.
const CHARSET: u16 = 15;
const ENCODING: u16 = 16;
const CHAR_STRINGS: u16 = 17;
const PRIVATE: u16 = 18;
const SUBROUTINES: u16 = 19;
const CHAR_STRING_TYPE: u16 = 0x0c06;
const ROS: u16 = 0x0c1e;
const CID_COUNT: u16 = 0x0c22;
const FONT_ARRAY: u16 = 0x0c24;
const FONT_SELECT: u16 = 0x0c25;

/// A program, taken apart: one with CIDs and one font dictionary.
#[derive(Debug)]
pub(crate) struct Program<'a> {
    frame: Frame<'a>,
    /// Glyphs by CID; the first is that of CID 0.
    pub(crate) glyphs: Vec<(u16, &'a [u8])>,
}

/// All of a program but its glyphs.
#[derive(Debug)]
struct Frame<'a> {
    name: &'a [u8],
    /// Entries of the dictionaries that are not places in the program.
    top: Vec<u8>,
    font: Vec<u8>,
    private: Vec<u8>,
    /// Indices as they stand.
    strings: &'a [u8],
    global: &'a [u8],
    local: &'a [u8],
}

impl<'a> Program<'a> {
    /// Takes a program apart; `None` for one that is damaged or of another kind.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let (&major, header) = (bytes.first()?, usize::from(*bytes.get(2)?));
        let (names, at) = index(bytes, header)?;
        let (tops, strings_at) = index(bytes, at)?;
        let (_, global_at) = index(bytes, strings_at)?;
        let (_, end) = index(bytes, global_at)?;
        let ([name], [top], 1) = (names.as_slice(), tops.as_slice(), major) else {
            return None;
        };
        let top = entries(bytes.get(top.clone())?)?;
        let has = |operator| top.iter().any(|entry| entry.operator == operator);
        let is_other = top.first()?.operator != ROS
            || has(ENCODING)
            || has(PRIVATE)
            || has(CHAR_STRING_TYPE) && value(&top, CHAR_STRING_TYPE)? != 2;
        if is_other {
            return None;
        }
        let (strings, _) = index(bytes, value(&top, CHAR_STRINGS)?)?;
        let cids = charset(bytes, value(&top, CHARSET)?, strings.len())?;
        let (fonts, _) = index(bytes, value(&top, FONT_ARRAY)?)?;
        let [font] = fonts.as_slice() else {
            return None;
        };
        let font = entries(bytes.get(font.clone())?)?;
        let &[size, private_at] = numbers(&font, PRIVATE)?.as_slice() else {
            return None;
        };
        let private = entries(bytes.get(private_at..)?.get(..size)?)?;
        let has_local = private.iter().any(|entry| entry.operator == SUBROUTINES);
        let local = match has_local {
            true => {
                let start = private_at.checked_add(value(&private, SUBROUTINES)?)?;
                bytes.get(start..index(bytes, start)?.1)?
            }
            false => &[],
        };
        let glyphs = cids
            .into_iter()
            .zip(&strings)
            .map(|(cid, place)| Some((cid, bytes.get(place.clone())?)))
            .collect::<Option<_>>()?;
        Some(Self {
            frame: Frame {
                name: bytes.get(name.clone())?,
                top: without(
                    &top,
                    &[CHARSET, CHAR_STRINGS, FONT_ARRAY, FONT_SELECT, CID_COUNT],
                ),
                font: without(&font, &[PRIVATE]),
                private: without(&private, &[SUBROUTINES]),
                strings: bytes.get(strings_at..global_at)?,
                global: bytes.get(global_at..end)?,
                local,
            },
            glyphs,
        })
    }

    /// What two subsets of one program have in common: all but their glyphs and their tags.
    pub(crate) fn fingerprint(&self) -> [u8; 16] {
        let frame = &self.frame;
        let name = untagged(frame.name);
        let mut digest = Sha256::new();
        for part in [
            name,
            &frame.top,
            &frame.font,
            &frame.private,
            frame.strings,
            frame.global,
            frame.local,
        ] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        let mut key = [0; 16];
        key.copy_from_slice(&digest.finalize()[..16]);
        key
    }

    /// The program with other glyphs, whose CIDs count from 0; `None` without any.
    pub(crate) fn with_glyphs(&self, glyphs: &[Vec<u8>]) -> Option<Vec<u8>> {
        let count = u16::try_from(glyphs.len())
            .ok()
            .filter(|&count| count > 0)?;
        let frame = &self.frame;
        let mut program = vec![1, 0, 4, 4];
        write_index(&mut program, &[frame.name]);
        // All numbers take five bytes, so that the dictionary's length is known before what it tells is.
        let top = |places: [usize; 4]| {
            let mut top = frame.top.clone();
            write_entry(&mut top, &[usize::from(count)], CID_COUNT);
            for (place, operator) in
                places
                    .into_iter()
                    .zip([CHARSET, FONT_SELECT, CHAR_STRINGS, FONT_ARRAY])
            {
                write_entry(&mut top, &[place], operator);
            }
            let mut index = Vec::new();
            write_index(&mut index, &[&top]);
            index
        };
        let top_at = program.len();
        let charset_at = top_at + top([0; 4]).len() + frame.strings.len() + frame.global.len();
        // One range, of which the first glyph is no part: its CID is 0 (§13).
        let mut charset = Vec::new();
        match count.checked_sub(2) {
            Some(more) => {
                charset.extend_from_slice(&[2, 0, 1]);
                charset.extend_from_slice(&more.to_be_bytes());
            }
            None => charset.push(0),
        }
        let select_at = charset_at + charset.len();
        // One range again, up to the number of glyphs (§19).
        let mut select = vec![3, 0, 1, 0, 0, 0];
        select.extend_from_slice(&count.to_be_bytes());
        let strings_at = select_at + select.len();
        let mut strings = Vec::new();
        let parts: Vec<&[u8]> = glyphs.iter().map(Vec::as_slice).collect();
        write_index(&mut strings, &parts);
        let font_at = strings_at + strings.len();
        let font = |size, place| {
            let mut font = frame.font.clone();
            write_entry(&mut font, &[size, place], PRIVATE);
            let mut index = Vec::new();
            write_index(&mut index, &[&font]);
            index
        };
        let private_at = font_at + font(0, 0).len();
        let mut private = frame.private.clone();
        if !frame.local.is_empty() {
            // An operand of five bytes and an operator of one.
            let place = private.len() + 6;
            write_entry(&mut private, &[place], SUBROUTINES);
        }
        program.extend_from_slice(&top([charset_at, select_at, strings_at, font_at]));
        for part in [
            frame.strings,
            frame.global,
            &charset,
            &select,
            &strings,
            &font(private.len(), private_at),
            &private,
            frame.local,
        ] {
            program.extend_from_slice(part);
        }
        Some(program)
    }
}

/// An entry of a dictionary (§4).
struct Entry<'a> {
    operands: &'a [u8],
    operator: u16,
}

fn entries(mut bytes: &[u8]) -> Option<Vec<Entry<'_>>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let mut length = 0;
        while let Some(operand) = operand_length(bytes.get(length..)?) {
            length += operand;
        }
        let operands = bytes.get(..length)?;
        let (operator, after) = match bytes.get(length..)? {
            [12, low, after @ ..] => (0x0c00 | u16::from(*low), after),
            [operator @ 0..=21, after @ ..] => (u16::from(*operator), after),
            _ => return None,
        };
        found.push(Entry { operands, operator });
        bytes = after;
    }
    Some(found)
}

/// The length of the number that the bytes begin with; `None` when they begin with none.
fn operand_length(bytes: &[u8]) -> Option<usize> {
    Some(match bytes.first()? {
        28 => 3,
        29 => 5,
        // Digits in half bytes, with 15 at the end.
        30 => {
            let is_last = |byte: &u8| byte & 15 == 15 || byte >> 4 == 15;
            2 + bytes[1..].iter().position(is_last)?
        }
        32..=246 => 1,
        247..=254 => 2,
        _ => return None,
    })
}

/// The operands of an entry, which are numbers of no sign; `None` without the entry, and when it is there
/// twice.
fn numbers(entries: &[Entry<'_>], operator: u16) -> Option<Vec<usize>> {
    let mut with = entries.iter().filter(|entry| entry.operator == operator);
    let (Some(entry), None) = (with.next(), with.next()) else {
        return None;
    };
    let mut rest = entry.operands;
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (operand, after) = rest.split_at_checked(operand_length(rest)?)?;
        rest = after;
        let value = match *operand {
            [28, a, b] => i64::from(i16::from_be_bytes([a, b])),
            [29, a, b, c, d] => i64::from(i32::from_be_bytes([a, b, c, d])),
            [byte @ 32..=246] => i64::from(byte) - 139,
            [byte @ 247..=250, low] => (i64::from(byte) - 247) * 256 + i64::from(low) + 108,
            _ => return None,
        };
        found.push(usize::try_from(value).ok()?);
    }
    Some(found)
}

fn value(entries: &[Entry<'_>], operator: u16) -> Option<usize> {
    match numbers(entries, operator)?.as_slice() {
        &[value] => Some(value),
        _ => None,
    }
}

/// A dictionary without some of its entries.
fn without(entries: &[Entry<'_>], operators: &[u16]) -> Vec<u8> {
    let mut dictionary = Vec::new();
    for entry in entries {
        if !operators.contains(&entry.operator) {
            dictionary.extend_from_slice(entry.operands);
            write_operator(&mut dictionary, entry.operator);
        }
    }
    dictionary
}

fn write_entry(dictionary: &mut Vec<u8>, operands: &[usize], operator: u16) {
    for &operand in operands {
        dictionary.push(29);
        // What is put together is smaller than what was taken apart, which is some megabytes.
        let operand = i32::try_from(operand).unwrap_or(i32::MAX);
        dictionary.extend_from_slice(&operand.to_be_bytes());
    }
    write_operator(dictionary, operator);
}

fn write_operator(dictionary: &mut Vec<u8>, operator: u16) {
    let [high, low] = operator.to_be_bytes();
    if high != 0 {
        dictionary.push(high);
    }
    dictionary.push(low);
}

/// The items of an index (§5) and where it ends. They lie one behind the other.
fn index(bytes: &[u8], start: usize) -> Option<(Vec<Range<usize>>, usize)> {
    let head = bytes.get(start..)?;
    let count = usize::from(u16::from_be_bytes(*head.first_chunk()?));
    if count == 0 {
        return Some((Vec::new(), start + 2));
    }
    let width = usize::from(*head.get(2)?);
    if !(1..=4).contains(&width) {
        return None;
    }
    let places = head.get(3..)?.get(..(count + 1) * width)?;
    // Places count from 1.
    let data = start + 3 + places.len() - 1;
    let mut places = places.chunks(width).map(|place| {
        let place = place
            .iter()
            .fold(0, |number, &byte| number << 8 | usize::from(byte));
        data + place
    });
    let mut from = places.next().filter(|&first| first == data + 1)?;
    let mut items = Vec::with_capacity(count);
    for to in places {
        if to < from || to > bytes.len() {
            return None;
        }
        items.push(from..to);
        from = to;
    }
    Some((items, from))
}

fn write_index(out: &mut Vec<u8>, items: &[&[u8]]) {
    let count = u16::try_from(items.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&count.to_be_bytes());
    if items.is_empty() {
        return;
    }
    let total: usize = items.iter().map(|item| item.len()).sum();
    let width = (1..4)
        .find(|width| total + 1 < 1 << (8 * width))
        .unwrap_or(4);
    out.push(u8::try_from(width).unwrap_or(4));
    let mut place = 1_usize;
    let mut places = vec![place];
    for item in items {
        place += item.len();
        places.push(place);
    }
    for place in places {
        let place = place.to_be_bytes();
        out.extend_from_slice(&place[place.len() - width..]);
    }
    for item in items {
        out.extend_from_slice(item);
    }
}

/// The CIDs of all glyphs (§13); `None` for a predefined charset, and when a CID is there twice.
fn charset(bytes: &[u8], start: usize, glyphs: usize) -> Option<Vec<u16>> {
    if start <= 2 || glyphs == 0 {
        return None;
    }
    let (&format, mut rest) = bytes.get(start..)?.split_first()?;
    let mut cids = vec![0];
    while cids.len() < glyphs {
        let first = u16::from_be_bytes(*rest.first_chunk()?);
        rest = &rest[2..];
        let more = match format {
            0 => 0,
            1 => u16::from(*rest.split_off_first()?),
            2 => {
                let more = u16::from_be_bytes(*rest.first_chunk()?);
                rest = &rest[2..];
                more
            }
            _ => return None,
        };
        cids.extend(first..=first.checked_add(more)?);
    }
    let mut sorted = cids.clone();
    sorted.sort_unstable();
    let is_each_once = sorted.windows(2).all(|pair| pair[0] != pair[1]);
    (cids.len() == glyphs && is_each_once).then_some(cids)
}
