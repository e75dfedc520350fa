//! PDF's object syntax (ISO 32000-1 §7.2, §7.3), read with patience: what is wrong is passed over where
//! other readers do so too.

use super::budget::{Budget, Fault};
use lopdf::{Dictionary, Object, StringFormat};

/// Arrays and dictionaries inside each other. Everything after the reader recurses over objects.
const DEEPEST: usize = 100;
/// Memory of a value in an array; and of a key with its value.
const VALUE_BYTES: usize = 112;
const ENTRY_BYTES: usize = 224;
/// Words that end an object when its own end is missing.
const ENDS: [&[u8]; 7] = [
    b"endobj",
    b"obj",
    b"stream",
    b"endstream",
    b"xref",
    b"trailer",
    b"startxref",
];

/// Reads objects from a slice.
pub(super) struct Parser<'a, 'b> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    pub(super) budget: &'b mut Budget,
}

/// What stands at a place.
pub(super) enum Item<'a> {
    Object(Object),
    Word(&'a [u8]),
    ArrayEnd,
    DictionaryEnd,
    End,
}

/// The start of an indirect object: `12 0 obj`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) number: u32,
    pub(super) generation: u16,
    /// Behind `obj`.
    pub(super) end: usize,
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

pub(super) fn is_regular(byte: u8) -> bool {
    !is_space(byte)
        && !matches!(
            byte,
            b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%'
        )
}

/// Behind white space and comments.
pub(super) fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = bytes.get(at) {
        if byte == b'%' {
            while bytes.get(at).is_some_and(|&b| b != b'\n' && b != b'\r') {
                at += 1;
            }
        } else if is_space(byte) {
            at += 1;
        } else {
            break;
        }
    }
    at
}

/// An unsigned number, and the place behind it.
pub(super) fn unsigned(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut end = at;
    let mut value = 0_u64;
    while let Some(digit) = bytes.get(end).filter(|byte| byte.is_ascii_digit()) {
        value = value
            .checked_mul(10)?
            .checked_add(u64::from(digit - b'0'))?;
        end += 1;
    }
    (end > at).then_some((value, end))
}

/// The header of an indirect object, behind white space.
pub(super) fn header(bytes: &[u8], at: usize) -> Option<Header> {
    let (number, at) = unsigned(bytes, skip_space(bytes, at))?;
    let (generation, at) = unsigned(bytes, skip_space(bytes, at))?;
    let at = skip_space(bytes, at);
    bytes.get(at..)?.starts_with(b"obj").then_some(Header {
        number: u32::try_from(number).ok()?,
        generation: u16::try_from(generation).ok()?,
        end: at + 3,
    })
}

impl<'a> Parser<'a, '_> {
    /// The object at this place; null where there is none. What ends an object is not consumed.
    pub(super) fn object(&mut self) -> Result<Object, Fault> {
        let before = self.at;
        let result = self.item(0);
        // Objects that break off cost the same time.
        self.budget.look(self.at - before)?;
        match result? {
            Item::Object(object) => Ok(object),
            Item::Word(_) => {
                self.at = before;
                Ok(Object::Null)
            }
            Item::ArrayEnd | Item::DictionaryEnd | Item::End => {
                Err(Fault::Damaged("an object is missing"))
            }
        }
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    pub(super) fn item(&mut self, depth: usize) -> Result<Item<'a>, Fault> {
        loop {
            self.at = skip_space(self.bytes, self.at);
            let Some(byte) = self.byte(0) else {
                return Ok(Item::End);
            };
            let object = match byte {
                b'/' => Object::Name(self.name()?),
                b'(' => self.literal()?,
                b'<' if self.byte(1) == Some(b'<') => Object::Dictionary(self.dictionary(depth)?),
                b'<' => self.hexadecimal()?,
                b'>' if self.byte(1) == Some(b'>') => {
                    self.at += 2;
                    return Ok(Item::DictionaryEnd);
                }
                b'[' => self.array(depth)?,
                b']' => {
                    self.at += 1;
                    return Ok(Item::ArrayEnd);
                }
                b'>' | b')' | b'{' | b'}' => {
                    self.at += 1;
                    continue;
                }
                b'0'..=b'9' | b'+' | b'-' | b'.' => self.number(),
                _ => match self.word() {
                    b"true" => Object::Boolean(true),
                    b"false" => Object::Boolean(false),
                    b"null" => Object::Null,
                    word => return Ok(Item::Word(word)),
                },
            };
            return Ok(Item::Object(object));
        }
    }

    fn word(&mut self) -> &'a [u8] {
        let start = self.at;
        while self.byte(0).is_some_and(is_regular) {
            self.at += 1;
        }
        &self.bytes[start..self.at]
    }

    /// A number, or a reference. Digits behind a second sign or point are passed over.
    fn number(&mut self) -> Object {
        if let Some((number, end)) = unsigned(self.bytes, self.at)
            && !matches!(self.bytes.get(end), Some(b'.' | b'-' | b'+'))
        {
            if let Some((object, end)) = self.reference(number, end) {
                self.at = end;
                return object;
            }
            self.at = end;
            return Object::Integer(i64::try_from(number).unwrap_or(i64::MAX));
        }
        let mut negative = false;
        while let Some(sign @ (b'+' | b'-')) = self.byte(0) {
            negative |= sign == b'-';
            self.at += 1;
        }
        let start = self.at;
        let mut point = false;
        while let Some(byte) = self.byte(0) {
            match byte {
                b'0'..=b'9' => {}
                b'.' if !point => point = true,
                _ => break,
            }
            self.at += 1;
        }
        let digits = std::str::from_utf8(&self.bytes[start..self.at]).unwrap_or_default();
        while matches!(self.byte(0), Some(b'0'..=b'9' | b'.' | b'-' | b'+')) {
            self.at += 1;
        }
        if !point && let Ok(value) = digits.parse::<i64>() {
            return Object::Integer(if negative { -value } else { value });
        }
        let value = nearest(digits);
        Object::Real(if negative { -value } else { value })
    }

    /// ` 0 R` behind a number. Object 0 and generations that cannot be are null.
    fn reference(&self, number: u64, at: usize) -> Option<(Object, usize)> {
        let (generation, after) = unsigned(self.bytes, skip_blanks(self.bytes, at)?)?;
        let end = skip_blanks(self.bytes, after)?;
        if self.bytes.get(end) != Some(&b'R')
            || self.bytes.get(end + 1).copied().is_some_and(is_regular)
        {
            return None;
        }
        let object = match (u32::try_from(number), u16::try_from(generation)) {
            (Ok(number @ 1..), Ok(generation)) => Object::Reference((number, generation)),
            _ => Object::Null,
        };
        Some((object, end + 1))
    }

    fn name(&mut self) -> Result<Vec<u8>, Fault> {
        self.at += 1;
        let raw = self.word();
        self.budget.hold(raw.len())?;
        if !raw.contains(&b'#') {
            return Ok(raw.to_vec());
        }
        let mut name = Vec::with_capacity(raw.len());
        let mut at = 0;
        while at < raw.len() {
            let code = raw.get(at + 1..at + 3).filter(|_| raw[at] == b'#');
            match code.and_then(|code| Some((hex_digit(code[0])?, hex_digit(code[1])?))) {
                Some((high, low)) => {
                    name.push(high << 4 | low);
                    at += 3;
                }
                None => {
                    name.push(raw[at]);
                    at += 1;
                }
            }
        }
        Ok(name)
    }

    fn literal(&mut self) -> Result<Object, Fault> {
        self.at += 1;
        let mut text = Vec::new();
        let mut open = 0_usize;
        loop {
            let Some(byte) = self.byte(0) else {
                return Err(Fault::Damaged("a string has no end"));
            };
            self.at += 1;
            match byte {
                b'(' => open += 1,
                b')' if open == 0 => break,
                b')' => open -= 1,
                b'\r' => {
                    // Any end of line is a line feed (§7.3.4.2).
                    if self.byte(0) == Some(b'\n') {
                        self.at += 1;
                    }
                    text.push(b'\n');
                    continue;
                }
                b'\\' => {
                    self.escape(&mut text);
                    continue;
                }
                _ => {}
            }
            text.push(byte);
        }
        self.budget.hold(text.capacity())?;
        Ok(Object::String(text, StringFormat::Literal))
    }

    /// What follows a backslash in a string (table 3).
    fn escape(&mut self, text: &mut Vec<u8>) {
        let Some(byte) = self.byte(0) else { return };
        self.at += 1;
        match byte {
            b'n' => text.push(b'\n'),
            b'r' => text.push(b'\r'),
            b't' => text.push(b'\t'),
            b'b' => text.push(8),
            b'f' => text.push(12),
            b'\n' => {}
            b'\r' => {
                if self.byte(0) == Some(b'\n') {
                    self.at += 1;
                }
            }
            b'0'..=b'7' => {
                let mut code = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.byte(0) else {
                        break;
                    };
                    code = code << 3 | u32::from(digit - b'0');
                    self.at += 1;
                }
                // High-order overflow is ignored.
                text.push(code.to_le_bytes()[0]);
            }
            other => text.push(other),
        }
    }

    fn hexadecimal(&mut self) -> Result<Object, Fault> {
        self.at += 1;
        let mut text = Vec::new();
        let mut high = None;
        loop {
            let Some(byte) = self.byte(0) else {
                return Err(Fault::Damaged("a string has no end"));
            };
            self.at += 1;
            if byte == b'>' {
                break;
            }
            let Some(digit) = hex_digit(byte) else {
                continue;
            };
            match high.take() {
                Some(high) => text.push(high << 4 | digit),
                None => high = Some(digit),
            }
        }
        // The last digit may be missing; it is 0 (§7.3.4.3).
        text.extend(high.map(|high| high << 4));
        self.budget.hold(text.capacity())?;
        Ok(Object::String(text, StringFormat::Hexadecimal))
    }

    fn array(&mut self, depth: usize) -> Result<Object, Fault> {
        self.at += 1;
        let depth = deeper(depth)?;
        let mut items = Vec::new();
        loop {
            let before = self.at;
            match self.item(depth)? {
                Item::Object(object) => {
                    self.budget.hold(VALUE_BYTES)?;
                    items.push(object);
                }
                Item::ArrayEnd => break,
                Item::Word(word) if ENDS.contains(&word) => {
                    self.at = before;
                    break;
                }
                Item::DictionaryEnd => {
                    self.at = before;
                    break;
                }
                Item::Word(_) => {
                    self.budget.hold(VALUE_BYTES)?;
                    items.push(Object::Null);
                }
                Item::End => return Err(Fault::Damaged("an array has no end")),
            }
        }
        Ok(Object::Array(items))
    }

    /// Null values are absent keys (§7.3.7); of equal keys the last one counts, as in other readers.
    fn dictionary(&mut self, depth: usize) -> Result<Dictionary, Fault> {
        self.at += 2;
        let depth = deeper(depth)?;
        let mut dictionary = Dictionary::new();
        loop {
            let before = self.at;
            let key = match self.item(depth)? {
                Item::Object(Object::Name(key)) => key,
                Item::DictionaryEnd => break,
                Item::Word(word) if ENDS.contains(&word) => {
                    self.at = before;
                    break;
                }
                Item::End => return Err(Fault::Damaged("a dictionary has no end")),
                Item::Object(_) | Item::Word(_) | Item::ArrayEnd => continue,
            };
            let before = self.at;
            match self.item(depth)? {
                Item::Object(Object::Null) | Item::ArrayEnd => {}
                Item::Object(value) => {
                    self.budget.hold(ENTRY_BYTES)?;
                    dictionary.set(key, value);
                }
                Item::DictionaryEnd => break,
                Item::Word(word) if ENDS.contains(&word) => {
                    self.at = before;
                    break;
                }
                Item::Word(_) => {}
                Item::End => return Err(Fault::Damaged("a dictionary has no end")),
            }
        }
        Ok(dictionary)
    }
}

fn deeper(depth: usize) -> Result<usize, Fault> {
    if depth >= DEEPEST {
        return Err(Fault::Damaged("its objects are nested too deeply"));
    }
    Ok(depth + 1)
}

/// Digits that `f32` holds in any number.
const SURE_DIGITS: usize = 6;
/// What is as near to a half is one for some program.
const HALF: f64 = 1e-6;

/// The number of these digits, as far as `f32` has it: a neighbour of the nearest where only that one is the same
/// number in whole units, tenths, hundredths and thousandths of a point. What is compared or shown is rounded
/// so.
fn nearest(digits: &str) -> f32 {
    let near: f32 = digits.parse().unwrap_or(0.0);
    if !near.is_finite() {
        return f32::MAX;
    }
    if digits.len() <= SURE_DIGITS + 1 {
        return near;
    }
    let exact: f64 = digits.parse().unwrap_or(0.0);
    // Programs differ in where they round halves to.
    let rounds_alike = |value: f64, to_spare: f64| {
        let spare = [-to_spare, 0.0, to_spare];
        [1.0, 10.0, 100.0, 1000.0].into_iter().all(|to| {
            let expected = (exact * to).round();
            spare
                .iter()
                .all(|by| ((value + by) * to).round() == expected)
        })
    };
    // Nearly all are far from where they would be another one.
    if rounds_alike(exact, HALF + exact * f64::from(f32::EPSILON)) {
        return near;
    }
    let is_right = |value: &f32| {
        // What is written is the shortest number that leads back to this one.
        let written: f64 = value.to_string().parse().unwrap_or(0.0);
        written == exact || rounds_alike(written, HALF)
    };
    let neighbours = [near, near.next_up(), near.next_down()];
    neighbours.into_iter().find(is_right).unwrap_or(near)
}

/// Behind white space of which there must be some.
fn skip_blanks(bytes: &[u8], at: usize) -> Option<usize> {
    let mut end = at;
    while bytes.get(end).copied().is_some_and(is_space) {
        end += 1;
    }
    (end > at).then_some(end)
}

pub(super) fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}
