//! What a TrueType program needs inside a PDF, and nothing more.
//!
//! PDF uses `glyf`, `head`, `hhea`, `hmtx`, `loca` and `maxp` of a CIDFontType2 program (ISO 32000-1
//! §9.9, table 126). Hinting instructions are for low-resolution screens, and about half of the bytes;
//! they go, as do the names.

const KEPT: [[u8; 4]; 6] = [*b"glyf", *b"head", *b"hhea", *b"hmtx", *b"loca", *b"maxp"];

/// A table of an sfnt.
pub(crate) fn table(font: &[u8], tag: [u8; 4]) -> Option<&[u8]> {
    let count = usize::from(read_u16(font, 4)?);
    (0..count).find_map(|index| {
        let record = font.get(12 + index * 16..28 + index * 16)?;
        (record[..4] == tag).then_some(())?;
        let offset = usize::try_from(read_u32(record, 8)?).ok()?;
        let length = usize::try_from(read_u32(record, 12)?).ok()?;
        font.get(offset..offset.checked_add(length)?)
    })
}

/// A copy in which a table of names is not found, of a font whose names are out of bounds: the subsetter
/// would refuse it, or overflow, for what no PDF needs. `None` where they are in order.
pub(crate) fn hide_broken_names(font: &[u8], index: u32) -> Option<Vec<u8>> {
    let directory = match font.get(..4)? {
        b"ttcf" => read_u32(font, 12 + usize::try_from(index).ok()? * 4)?,
        _ => 0,
    };
    let directory = usize::try_from(directory).ok()?;
    let count = usize::from(read_u16(font, directory.checked_add(4)?)?);
    let record = (0..count)
        .map(|index| directory + 12 + index * 16)
        .find(|record| font.get(*record..*record + 4) == Some(b"name"))?;
    let offset = usize::try_from(read_u32(font, record + 8)?).ok()?;
    let length = usize::try_from(read_u32(font, record + 12)?).ok()?;
    let names = font.get(offset..offset.checked_add(length)?);
    if names.and_then(names_in_order).is_some() {
        return None;
    }
    let mut copy = font.to_vec();
    // The directory stays in alphabetic order.
    copy.get_mut(record..record + 4)?.copy_from_slice(b"nam ");
    Some(copy)
}

/// `Some` when all strings lie in the table and are together as long as an offset can say
/// (OpenType, name; version 1 is copied as it is).
fn names_in_order(names: &[u8]) -> Option<()> {
    if read_u16(names, 0)? != 0 {
        return Some(());
    }
    let count = usize::from(read_u16(names, 2)?);
    let strings = names.get(usize::from(read_u16(names, 4)?)..)?;
    let mut all: u16 = 0;
    for index in 0..count {
        let length = read_u16(names, 6 + index * 12 + 8)?;
        let offset = read_u16(names, 6 + index * 12 + 10)?;
        strings.get(..usize::from(offset.checked_add(length)?))?;
        all = all.checked_add(length)?;
    }
    Some(())
}

/// The same glyphs without instructions and without tables that PDF does not use. `None` when the
/// font is damaged.
pub(crate) fn strip(font: &[u8]) -> Option<Vec<u8>> {
    let mut head = table(font, *b"head")?.to_vec();
    let mut maxp = table(font, *b"maxp")?.to_vec();
    let (glyf, loca) = (table(font, *b"glyf")?, table(font, *b"loca")?);
    let long = read_u16(&head, 50)? != 0;
    let glyphs = usize::from(read_u16(&maxp, 4)?);
    let mut outlines = Vec::with_capacity(glyf.len());
    let mut offsets = Vec::with_capacity((glyphs + 1) * 4);
    for index in 0..=glyphs {
        offsets.extend_from_slice(&u32::try_from(outlines.len()).ok()?.to_be_bytes());
        if index == glyphs {
            break;
        }
        let (start, end) = (
            location(loca, index, long)?,
            location(loca, index + 1, long)?,
        );
        strip_glyph(glyf.get(start..end.max(start))?, &mut outlines)?;
        outlines.resize(outlines.len().next_multiple_of(4), 0);
    }
    // Offsets are written long: repeated high zeros compress to nothing.
    head.get_mut(50..52)?.copy_from_slice(&[0, 1]);
    head.get_mut(8..12)?.fill(0);
    if let Some(sizes) = maxp.get_mut(14..30) {
        // Zones, twilight points, storage, functions, instructions, stack and size of instructions,
        // from maxZones on (OpenType, maxp): one zone, nothing else.
        sizes[..14].copy_from_slice(&[0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }
    let tables: [&[u8]; 6] = [
        &outlines,
        &head,
        table(font, *b"hhea")?,
        table(font, *b"hmtx")?,
        &offsets,
        &maxp,
    ];
    Some(assemble(&tables))
}

/// Appends a glyph without its instructions (OpenType, glyf).
fn strip_glyph(glyph: &[u8], out: &mut Vec<u8>) -> Option<()> {
    if glyph.is_empty() {
        return Some(());
    }
    let contours = read_u16(glyph, 0)?.cast_signed();
    if contours < 0 {
        return strip_composite(glyph, out);
    }
    let instructions = 10 + usize::from(contours.unsigned_abs()) * 2;
    let length = usize::from(read_u16(glyph, instructions)?);
    out.extend_from_slice(glyph.get(..instructions)?);
    out.extend_from_slice(&[0, 0]);
    out.extend_from_slice(glyph.get(instructions + 2 + length..)?);
    Some(())
}

fn strip_composite(glyph: &[u8], out: &mut Vec<u8>) -> Option<()> {
    const WORDS: u16 = 0x0001;
    const SCALE: u16 = 0x0008;
    const MORE: u16 = 0x0020;
    const XY_SCALE: u16 = 0x0040;
    const TWO_BY_TWO: u16 = 0x0080;
    const INSTRUCTIONS: u16 = 0x0100;
    out.extend_from_slice(glyph.get(..10)?);
    let mut at = 10;
    loop {
        let flags = read_u16(glyph, at)?;
        let arguments = if flags & WORDS != 0 { 4 } else { 2 };
        let scale = match flags {
            _ if flags & SCALE != 0 => 2,
            _ if flags & XY_SCALE != 0 => 4,
            _ if flags & TWO_BY_TWO != 0 => 8,
            _ => 0,
        };
        let end = at + 4 + arguments + scale;
        out.extend_from_slice(&(flags & !INSTRUCTIONS).to_be_bytes());
        out.extend_from_slice(glyph.get(at + 2..end)?);
        at = end;
        if flags & MORE == 0 {
            return Some(());
        }
    }
}

fn location(loca: &[u8], index: usize, long: bool) -> Option<usize> {
    if long {
        usize::try_from(read_u32(loca, index * 4)?).ok()
    } else {
        Some(usize::from(read_u16(loca, index * 2)?) * 2)
    }
}

/// A TrueType file of the kept tables, in [`KEPT`]'s order, which is alphabetic as it must be.
fn assemble(tables: &[&[u8]; 6]) -> Vec<u8> {
    let mut font = vec![0, 1, 0, 0, 0, 6, 0, 64, 0, 2, 0, 32];
    let mut offset = 12 + 16 * tables.len();
    for (tag, data) in KEPT.iter().zip(tables) {
        font.extend_from_slice(tag);
        font.extend_from_slice(&checksum(data).to_be_bytes());
        for field in [offset, data.len()] {
            font.extend_from_slice(&u32::try_from(field).unwrap_or(u32::MAX).to_be_bytes());
        }
        offset += data.len().next_multiple_of(4);
    }
    for data in tables {
        font.extend_from_slice(data);
        font.resize(font.len().next_multiple_of(4), 0);
    }
    font
}

fn checksum(data: &[u8]) -> u32 {
    data.chunks(4).fold(0, |sum, chunk| {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        sum.wrapping_add(u32::from_be_bytes(word))
    })
}

fn read_u16(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(data.get(at..at + 2)?.try_into().ok()?))
}

fn read_u32(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(data.get(at..at + 4)?.try_into().ok()?))
}
