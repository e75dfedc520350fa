//! TrueType programs as PDF files embed them, taken apart and put together (ISO 32000-1 §9.9; OpenType
//! `glyf`, `loca`, `hmtx`).

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Tables that a program must have, and those that glyphs' instructions depend on.
const NEEDED: [&[u8; 4]; 6] = [b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp"];
const HINTING: [&[u8; 4]; 3] = [b"cvt ", b"fpgm", b"prep"];
/// Lengths of the tables with a fixed layout.
const HEAD: usize = 54;
const HHEA: usize = 36;
const MAXP: usize = 32;
/// A file's checksum is the difference to this.
const CHECKSUM: u32 = 0xb1b0_afba;
/// Components inside each other.
const DEEPEST: usize = 8;

/// Puts back what TCPDF wrote over in a program: the sum of the file, that belongs into `head`, by the length of
/// the table directory too far in front, which is in the instructions. What was there follows from that sum, and
/// is right where it gives the instructions the sum that the directory says they had. All others stay: what
/// looks alike, but has its instructions as they were, or is damaged otherwise.
pub(crate) fn mend(bytes: &mut [u8]) {
    let Some((place, mended)) = written_over(bytes) else {
        return;
    };
    if let Some(word) = bytes.get_mut(place..place + 4) {
        word.copy_from_slice(&mended.to_be_bytes());
    }
}

/// Where the sum stands in the instructions, and what was there before.
fn written_over(bytes: &[u8]) -> Option<(usize, u32)> {
    let count = usize::from(number(bytes, 4)?);
    let records = bytes.get(12..12 + count * 16)?;
    let record = |tag: &[u8; 4]| {
        records
            .chunks_exact(16)
            .find(|record| record[..4] == tag[..])
    };
    let head = long(record(b"head")?, 8)? as usize;
    let is_missing = long(bytes, head.checked_add(8)?)? == 0;
    let place = head.checked_add(8)?.checked_sub(count * 16)?;
    let instructions = record(b"fpgm")?;
    let (start, length) = (long(instructions, 8)? as usize, long(instructions, 12)?);
    let table = bytes.get(start..)?.get(..length as usize)?;
    let is_within = start <= place && place + 4 <= start + table.len();
    if !is_missing || !is_within || place % 4 != 0 || start % 4 != 0 {
        return None;
    }
    let there = long(bytes, place)?;
    let words = bytes.chunks_exact(4);
    let sum = words.fold(0_u32, |sum, word| {
        sum.wrapping_add(long(word, 0).unwrap_or(0))
    });
    let before = CHECKSUM.wrapping_sub(sum);
    let mended = checksum(table).wrapping_sub(there).wrapping_add(before);
    (mended == long(instructions, 4)?).then_some((place, before))
}

/// A program, taken apart.
#[derive(Debug)]
pub(crate) struct Program<'a> {
    tables: BTreeMap<[u8; 4], &'a [u8]>,
    glyphs: usize,
    /// What is asked for each glyph of thousands.
    outlines: &'a [u8],
    places: &'a [u8],
    has_long_places: bool,
    metrics: &'a [u8],
    /// Glyphs with an advance width of their own.
    full: usize,
}

/// A glyph: its outline, its advance width and left side bearing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Glyph {
    pub(crate) outline: Vec<u8>,
    pub(crate) metrics: [u8; 4],
}

/// A program being put together from glyphs of several.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Union {
    head: Vec<u8>,
    hhea: Vec<u8>,
    maxp: Vec<u8>,
    hinting: Vec<([u8; 4], Vec<u8>)>,
    pub(crate) glyphs: BTreeMap<u16, Glyph>,
}

impl<'a> Program<'a> {
    /// Takes a program apart; `None` for one that is damaged, has no TrueType outlines, or has metrics for
    /// vertical writing.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        if !matches!(bytes.get(..4)?, [0, 1, 0, 0] | b"true") {
            return None;
        }
        let count = number(bytes, 4)?;
        let mut tables = BTreeMap::new();
        for index in 0..usize::from(count) {
            let record = bytes.get(12 + index * 16..)?.get(..16)?;
            let tag: [u8; 4] = record[..4].try_into().ok()?;
            let start = long(record, 8)? as usize;
            let length = long(record, 12)? as usize;
            tables.insert(tag, bytes.get(start..)?.get(..length)?);
        }
        let table = |tag: &[u8; 4]| tables.get(tag).copied().unwrap_or_default();
        let program = Self {
            glyphs: usize::from(number(table(b"maxp"), 4)?),
            outlines: table(b"glyf"),
            places: table(b"loca"),
            has_long_places: number(table(b"head"), 50)? != 0,
            metrics: table(b"hmtx"),
            full: usize::from(number(table(b"hhea"), 34)?).max(1),
            tables,
        };
        let fits = NEEDED.iter().all(|tag| program.tables.contains_key(*tag))
            && program.table(b"head").len() >= HEAD
            && program.table(b"hhea").len() >= HHEA
            && program.table(b"maxp").len() >= MAXP
            && !program.tables.contains_key(b"vmtx")
            && !program.tables.contains_key(b"CFF ")
            && program.has_its_outlines_apart();
        fits.then_some(program)
    }

    /// Whether the outlines lie one behind the other: together they are no longer than their table then,
    /// however many glyphs there are.
    fn has_its_outlines_apart(&self) -> bool {
        let mut before = 0;
        (0..=self.glyphs).all(|index| {
            let place = self.place(index);
            let fits = place.is_some_and(|place| place >= before);
            before = place.unwrap_or(before);
            fits
        }) && before <= self.outlines.len()
    }

    /// Where a glyph's outline starts, which is where that of the one before ends.
    fn place(&self, index: usize) -> Option<usize> {
        match self.has_long_places {
            false => Some(usize::from(number(self.places, index * 2)?) * 2),
            true => Some(long(self.places, index * 4)? as usize),
        }
    }

    /// Whether a glyph has neither an outline nor an advance width; false for one that cannot be read.
    pub(crate) fn is_blank(&self, index: usize) -> bool {
        let place = self.place(index);
        let has_outline = place.is_none() || place != self.place(index + 1);
        !has_outline && self.advance(index) == Some([0, 0])
    }

    fn advance(&self, index: usize) -> Option<[u8; 2]> {
        let advance = self.metrics.get(index.min(self.full - 1) * 4..)?;
        advance.first_chunk().copied()
    }

    fn table(&self, tag: &[u8; 4]) -> &'a [u8] {
        self.tables.get(tag).copied().unwrap_or_default()
    }

    /// How many glyphs there are, empty ones included.
    pub(crate) fn len(&self) -> usize {
        self.glyphs
    }

    /// What two subsets of one program have in common: its revision and when it was made, units and
    /// instructions.
    pub(crate) fn fingerprint(&self) -> [u8; 16] {
        let mut digest = Sha256::new();
        let head = self.table(b"head");
        digest.update(&head[4..8]);
        digest.update(&head[18..28]);
        for tag in HINTING {
            let table = self.table(tag);
            digest.update((table.len() as u64).to_be_bytes());
            digest.update(table);
        }
        let mut key = [0; 16];
        key.copy_from_slice(&digest.finalize()[..16]);
        key
    }

    /// A glyph; `None` where the tables are damaged.
    pub(crate) fn glyph(&self, index: usize) -> Option<Glyph> {
        let (start, end) = (self.place(index)?, self.place(index + 1)?);
        let mut outline = self.outlines.get(start..end)?.to_vec();
        // Padding is not part of it, but its length is known to the instructions only.
        if outline.iter().all(|&byte| byte == 0) {
            outline.clear();
        }
        let full = self.full;
        let advance = self.advance(index)?;
        let bearing = if index < full {
            self.metrics.get(index * 4 + 2..)?.get(..2)?
        } else {
            self.metrics
                .get(full * 4 + (index - full) * 2..)?
                .get(..2)?
        };
        Some(Glyph {
            outline,
            metrics: [advance[0], advance[1], bearing[0], bearing[1]],
        })
    }

    /// What codes of one byte show, by the one table that says it (OpenType `cmap`, platform 1, formats 0
    /// and 6); `None` where there are others, of which readers choose.
    pub(crate) fn own_codes(&self) -> Option<Vec<(u16, u16)>> {
        let cmap = self.table(b"cmap");
        if (number(cmap, 2)?, number(cmap, 4)?, number(cmap, 6)?) != (1, 1, 0) {
            return None;
        }
        let table = cmap.get(long(cmap, 8)? as usize..)?;
        match number(table, 0)? {
            0 => {
                let glyphs = table.get(6..6 + 256)?;
                Some(
                    (0..)
                        .zip(glyphs.iter().map(|glyph| u16::from(*glyph)))
                        .collect(),
                )
            }
            6 => {
                let (first, count) = (number(table, 6)?, number(table, 8)?);
                if usize::from(first) + usize::from(count) > 256 {
                    return None;
                }
                (0..count)
                    .map(|at| Some((first + at, number(table, 10 + usize::from(at) * 2)?)))
                    .collect()
            }
            _ => None,
        }
    }

    /// The glyphs of letters in Unicode, by the one table that says it (platform 3, encoding 1, format 4);
    /// `None` where there are others, of which readers choose.
    pub(crate) fn letters(&self) -> Option<BTreeMap<u16, u16>> {
        let cmap = self.table(b"cmap");
        if (number(cmap, 2)?, number(cmap, 4)?, number(cmap, 6)?) != (1, 3, 1) {
            return None;
        }
        let table = cmap.get(long(cmap, 8)? as usize..)?;
        if number(table, 0)? != 4 {
            return None;
        }
        let mut letters = BTreeMap::new();
        // Ends, a padding, starts, differences, and where lists of glyphs are: each as many numbers.
        let segments = usize::from(number(table, 6)?) / 2;
        let mut before = None;
        for segment in 0..segments {
            let field =
                |part: usize| 14 + (part * segments + segment) * 2 + usize::from(part > 0) * 2;
            let [last, first] = [number(table, field(0))?, number(table, field(1))?];
            let (by, list) = (number(table, field(2))?, number(table, field(3))?);
            if first > last || before.is_some_and(|before| before >= first) {
                return None;
            }
            before = Some(last);
            for letter in first..=last {
                let glyph = match list {
                    0 => letter.wrapping_add(by),
                    _ => {
                        let at = usize::from(list) + usize::from(letter - first) * 2;
                        match number(table, field(3) + at) {
                            Some(0) => 0,
                            Some(glyph) => glyph.wrapping_add(by),
                            // The last segment is there for its end only.
                            None if letter == u16::MAX => 0,
                            None => return None,
                        }
                    }
                };
                if glyph != 0 && usize::from(glyph) < self.glyphs {
                    letters.insert(letter, glyph);
                }
            }
        }
        Some(letters)
    }

    /// A glyph's advance width in thousandths of an em.
    pub(crate) fn width(&self, glyph: &Glyph) -> f32 {
        let [high, low, ..] = glyph.metrics;
        let units = number(self.table(b"head"), 18).unwrap_or(0).max(1);
        f32::from(u16::from_be_bytes([high, low])) * 1000.0 / f32::from(units)
    }

    /// A union that has no glyphs yet.
    pub(crate) fn union(&self) -> Union {
        Union {
            head: self.table(b"head")[..HEAD].to_vec(),
            hhea: self.table(b"hhea")[..HHEA].to_vec(),
            maxp: self.table(b"maxp")[..MAXP].to_vec(),
            hinting: HINTING
                .iter()
                .filter(|tag| self.tables.contains_key(**tag))
                .map(|tag| (**tag, self.table(tag).to_vec()))
                .collect(),
            glyphs: BTreeMap::new(),
        }
    }

    /// The memory that a union takes before it has glyphs.
    pub(crate) fn union_bytes(&self) -> usize {
        let hinting = HINTING.iter().map(|tag| self.table(tag).len());
        HEAD + HHEA + MAXP + hinting.sum::<usize>()
    }
}

impl Glyph {
    /// One that shows nothing.
    pub(crate) fn empty() -> Self {
        Self {
            outline: Vec::new(),
            metrics: [0; 4],
        }
    }

    /// Where the numbers of a composite glyph's components stand; empty for a simple one. `None` for a
    /// damaged one.
    pub(crate) fn components(&self) -> Option<Vec<usize>> {
        let mut places = Vec::new();
        if self.outline.is_empty() || self.outline.first()? & 0x80 == 0 {
            return Some(places);
        }
        let mut at = 10;
        loop {
            let flags = number(&self.outline, at)?;
            places.push(at + 2);
            number(&self.outline, at + 2)?;
            // Two arguments of one or two bytes, then a scale, two, or a matrix.
            at += if flags & 1 == 0 { 6 } else { 8 };
            at += match flags {
                _ if flags & 0x08 != 0 => 2,
                _ if flags & 0x40 != 0 => 4,
                _ if flags & 0x80 != 0 => 8,
                _ => 0,
            };
            if flags & 0x20 == 0 {
                return Some(places);
            }
        }
    }

    /// The number of the component at a place.
    pub(crate) fn component(&self, place: usize) -> Option<u16> {
        number(&self.outline, place)
    }

    /// Gives a component another number.
    pub(crate) fn set_component(&mut self, place: usize, component: u16) {
        if let Some(number) = self.outline.get_mut(place..place + 2) {
            number.copy_from_slice(&component.to_be_bytes());
        }
    }
}

/// How deep components may be nested.
pub(crate) const MOST_NESTED: usize = DEEPEST;

impl Union {
    /// Takes what another program says of all its glyphs together: the larger of each.
    pub(crate) fn widen(&mut self, other: &Program<'_>) {
        let (head, hhea, maxp) = (
            other.table(b"head"),
            other.table(b"hhea"),
            other.table(b"maxp"),
        );
        for (at, largest) in [(36, false), (38, false), (40, true), (42, true)] {
            widen(&mut self.head, head, at, largest, true);
        }
        for (at, largest) in [(10, true), (12, false), (14, false), (16, true)] {
            widen(&mut self.hhea, hhea, at, largest, at != 10);
        }
        for at in (6..MAXP).step_by(2) {
            widen(&mut self.maxp, maxp, at, true, false);
        }
    }

    /// The program: tables that PDF asks for, and no others.
    pub(crate) fn write(&self) -> Vec<u8> {
        let count = self
            .glyphs
            .last_key_value()
            .map_or(1, |(last, _)| usize::from(*last) + 1);
        let short_count = u16::try_from(count).unwrap_or(u16::MAX);
        let (mut glyf, mut loca) = (Vec::new(), Vec::with_capacity(count * 4 + 4));
        let mut hmtx = Vec::with_capacity(count * 4);
        for index in 0..count {
            loca.extend_from_slice(&u32::try_from(glyf.len()).unwrap_or(0).to_be_bytes());
            let glyph = u16::try_from(index)
                .ok()
                .and_then(|index| self.glyphs.get(&index));
            if let Some(glyph) = glyph {
                glyf.extend_from_slice(&glyph.outline);
                glyf.resize(glyf.len().next_multiple_of(4), 0);
            }
            hmtx.extend_from_slice(&glyph.map_or([0; 4], |glyph| glyph.metrics));
        }
        loca.extend_from_slice(&u32::try_from(glyf.len()).unwrap_or(0).to_be_bytes());
        let (mut head, mut hhea, mut maxp) =
            (self.head.clone(), self.hhea.clone(), self.maxp.clone());
        head[8..12].fill(0);
        head[50..52].copy_from_slice(&1_u16.to_be_bytes());
        hhea[34..36].copy_from_slice(&short_count.to_be_bytes());
        maxp[4..6].copy_from_slice(&short_count.to_be_bytes());
        let mut tables: Vec<([u8; 4], Vec<u8>)> = vec![
            (*b"glyf", glyf),
            (*b"head", head),
            (*b"hhea", hhea),
            (*b"hmtx", hmtx),
            (*b"loca", loca),
            (*b"maxp", maxp),
        ];
        tables.extend(self.hinting.iter().cloned());
        tables.sort();
        assemble(&tables)
    }
}

/// A file of these tables, with its checksums.
fn assemble(tables: &[([u8; 4], Vec<u8>)]) -> Vec<u8> {
    let count = u16::try_from(tables.len()).unwrap_or(u16::MAX);
    let power = count.checked_ilog2().unwrap_or(0);
    let range = 16_u16 << power;
    let mut file = vec![0, 1, 0, 0];
    for field in [
        count,
        range,
        u16::try_from(power).unwrap_or(0),
        count * 16 - range,
    ] {
        file.extend_from_slice(&field.to_be_bytes());
    }
    let mut start = 12 + tables.len() * 16;
    for (tag, table) in tables {
        file.extend_from_slice(tag);
        file.extend_from_slice(&checksum(table).to_be_bytes());
        file.extend_from_slice(&u32::try_from(start).unwrap_or(0).to_be_bytes());
        file.extend_from_slice(&u32::try_from(table.len()).unwrap_or(0).to_be_bytes());
        start += table.len().next_multiple_of(4);
    }
    let mut head = 0;
    for (tag, table) in tables {
        if tag == b"head" {
            head = file.len();
        }
        file.extend_from_slice(table);
        file.resize(file.len().next_multiple_of(4), 0);
    }
    let adjustment = CHECKSUM.wrapping_sub(checksum(&file));
    if let Some(field) = file.get_mut(head + 8..head + 12) {
        field.copy_from_slice(&adjustment.to_be_bytes());
    }
    file
}

fn checksum(data: &[u8]) -> u32 {
    data.chunks(4).fold(0, |sum: u32, chunk| {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        sum.wrapping_add(u32::from_be_bytes(word))
    })
}

/// The larger or smaller of two numbers at the same place.
fn widen(own: &mut [u8], other: &[u8], at: usize, largest: bool, signed: bool) {
    let (Some(mine), Some(theirs)) = (number(own, at), number(other, at)) else {
        return;
    };
    let value = |number: u16| {
        if signed {
            i32::from(number.cast_signed())
        } else {
            i32::from(number)
        }
    };
    if (value(theirs) > value(mine)) == largest && theirs != mine {
        own[at..at + 2].copy_from_slice(&theirs.to_be_bytes());
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u16> {
    let pair = bytes.get(at..)?.get(..2)?;
    Some(u16::from_be_bytes([pair[0], pair[1]]))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    let word = bytes.get(at..)?.get(..4)?;
    Some(u32::from_be_bytes([word[0], word[1], word[2], word[3]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program whose `fpgm`, with this sum in the directory, is where TCPDF writes.
    fn program(sum_of_instructions: u32) -> Vec<u8> {
        let mut program = vec![0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0];
        for (tag, sum, start, length) in [
            (b"fpgm", sum_of_instructions, 44_u32, 32_u32),
            (b"head", 0, 76, 56),
        ] {
            program.extend(tag);
            program.extend(sum.to_be_bytes());
            program.extend(start.to_be_bytes());
            program.extend(length.to_be_bytes());
        }
        program.extend(1..=32_u8);
        program.extend([7; 8]);
        program.extend([0; 4]);
        program.extend([9; 44]);
        program
    }

    fn write_over(program: &mut [u8]) {
        let sum = checksum(program);
        program[52..56].copy_from_slice(&CHECKSUM.wrapping_sub(sum).to_be_bytes());
    }

    #[test]
    fn what_a_checksum_was_written_over_is_put_back() {
        let instructions: Vec<u8> = (1..=32).collect();
        let whole = program(checksum(&instructions));
        let mut damaged = whole.clone();
        write_over(&mut damaged);
        assert_ne!(damaged, whole);
        let mut mended = damaged.clone();
        mend(&mut mended);
        assert_eq!(mended, whole);
        // One that has its sum where it belongs stays.
        damaged[84] = 1;
        let before = damaged.clone();
        mend(&mut damaged);
        assert_eq!(damaged, before);
        for length in 0..damaged.len() {
            mend(&mut damaged[..length].to_vec());
        }
    }

    #[test]
    fn instructions_that_nothing_was_written_over_stay() {
        let instructions: Vec<u8> = (1..=32).collect();
        let sum = checksum(&instructions);
        // Of a producer that leaves the sum out, with sums of tables and without.
        for sum in [sum, 0, sum ^ 1] {
            let whole = program(sum);
            let mut same = whole.clone();
            mend(&mut same);
            assert_eq!(same, whole);
        }
        // Written over, but the directory knows of no such instructions.
        let mut unknown = program(sum ^ 1);
        write_over(&mut unknown);
        let before = unknown.clone();
        mend(&mut unknown);
        assert_eq!(unknown, before);
    }
}
