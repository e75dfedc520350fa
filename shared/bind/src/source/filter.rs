//! The filters of object streams and cross-reference streams (ISO 32000-1 §7.4), bounded. All other
//! streams go into the volume as they are.

use super::budget::{Budget, Fault};
use super::syntax::{hex_digit, is_space};
use lopdf::{Dictionary, Object};

/// Filters in a chain; more have no purpose but to cost time.
const MOST_FILTERS: usize = 8;

/// The data of a stream. Of damaged data, what can be read.
pub(super) fn decode(
    dictionary: &Dictionary,
    raw: &[u8],
    budget: &mut Budget,
) -> Result<Vec<u8>, Fault> {
    let filters = list(dictionary, b"Filter");
    let parameters = list(dictionary, b"DecodeParms");
    if filters.len() > MOST_FILTERS {
        return Err(Fault::Damaged("a stream has too many filters"));
    }
    let mut data = None;
    for (index, filter) in filters.iter().enumerate() {
        let input = data.as_deref().unwrap_or(raw);
        let Object::Name(filter) = filter else {
            return Err(Fault::Damaged("a filter of a stream is not a name"));
        };
        let output = match filter.as_slice() {
            b"FlateDecode" | b"Fl" => {
                let parameters = parameters.get(index).and_then(|it| it.as_dict().ok());
                let inflated = inflate(input, budget)?;
                match parameters {
                    Some(parameters) => unpredicted(inflated, parameters)?,
                    None => inflated,
                }
            }
            b"LZWDecode" | b"LZW" => {
                let parameters = parameters.get(index).and_then(|it| it.as_dict().ok());
                let early = parameters
                    .and_then(|parameters| parameters.get(b"EarlyChange").ok()?.as_i64().ok());
                let data = lzw(input, early != Some(0), budget)?;
                match parameters {
                    Some(parameters) => unpredicted(data, parameters)?,
                    None => data,
                }
            }
            b"ASCIIHexDecode" | b"AHx" => hexadecimal(input),
            b"ASCII85Decode" | b"A85" => base_85(input),
            // Taken off when the stream was decrypted.
            b"Crypt" => input.to_vec(),
            _ => return Err(Fault::Damaged("a stream has an unknown filter")),
        };
        budget.inflate(output.len())?;
        data = Some(output);
    }
    match data {
        Some(data) => Ok(data),
        None => {
            budget.inflate(raw.len())?;
            Ok(raw.to_vec())
        }
    }
}

/// A value that may be an array or stand alone.
fn list(dictionary: &Dictionary, key: &[u8]) -> Vec<Object> {
    match dictionary.get(key).ok() {
        Some(Object::Array(items)) => items.iter().take(MOST_FILTERS + 1).cloned().collect(),
        Some(single) => vec![single.clone()],
        None => Vec::new(),
    }
}

fn inflate(input: &[u8], budget: &Budget) -> Result<Vec<u8>, Fault> {
    let limit = budget.inflatable();
    // `inflate` says nothing of which it was: over the limit, or unreadable from the first byte. The
    // second inflates to nothing at any limit.
    match fanfold_pdf::inflate(input, limit) {
        Some(data) => Ok(data),
        None if fanfold_pdf::inflate(input.get(..64).unwrap_or(input), 1 << 20).is_some() => {
            Err(budget.too_much_inflated())
        }
        None => Err(Fault::Damaged("a compressed stream cannot be inflated")),
    }
}

fn lzw(input: &[u8], early: bool, budget: &Budget) -> Result<Vec<u8>, Fault> {
    let unpacked = unpack(input, early, budget.inflatable());
    unpacked.map_or_else(|| Err(budget.too_much_inflated()), |(data, _)| Ok(data))
}

/// LZW as TIFF has it (§7.4.4.2): codes of 9 to 12 bits, 256 clears the table, 257 ends the data. With
/// `early`, codes grow by a bit one code early. Gives the data as far as the first code that means nothing,
/// and whether there is none; `None` when there are more than `most` bytes.
pub(crate) fn unpack(input: &[u8], early: bool, most: usize) -> Option<(Vec<u8>, bool)> {
    const CLEAR: usize = 256;
    const END: usize = 257;
    let mut out: Vec<u8> = Vec::new();
    // Each entry is a piece of the output: what a code stood for and the byte that came next.
    let mut table: Vec<std::ops::Range<usize>> = Vec::new();
    let mut last: Option<std::ops::Range<usize>> = None;
    let (mut bits, mut held) = (0_u32, 0_u32);
    let mut bytes = input.iter();
    loop {
        let next = END + 1 + table.len() + usize::from(early);
        let width = match next {
            0..=511 => 9,
            512..=1023 => 10,
            1024..=2047 => 11,
            _ => 12,
        };
        while held < width {
            let Some(&byte) = bytes.next() else {
                return Some((out, true));
            };
            bits = bits << 8 | u32::from(byte);
            held += 8;
        }
        held -= width;
        let code = (bits >> held) as usize;
        bits &= (1 << held) - 1;
        if code == END {
            return Some((out, true));
        }
        if code == CLEAR {
            table.clear();
            last = None;
            continue;
        }
        let start = out.len();
        if let Ok(byte) = u8::try_from(code) {
            out.push(byte);
        } else if let Some(piece) = table.get(code - END - 1) {
            out.extend_from_within(piece.clone());
        } else if let Some(piece) = last.clone().filter(|_| code == END + 1 + table.len()) {
            // The entry that this code makes: the piece before and its own first byte.
            let first = out[piece.start];
            out.extend_from_within(piece);
            out.push(first);
        } else {
            return Some((out, false));
        }
        if out.len() > most {
            return None;
        }
        if let Some(piece) = last.replace(start..out.len())
            && END + 1 + table.len() < 4096
        {
            table.push(piece.start..piece.end + 1);
        }
    }
}

/// Undoes the predictor (§7.4.4.4).
fn unpredicted(data: Vec<u8>, parameters: &Dictionary) -> Result<Vec<u8>, Fault> {
    let number = |key: &[u8], default: usize| match parameters.get(key) {
        Ok(&Object::Integer(value)) => usize::try_from(value).unwrap_or(0),
        _ => default,
    };
    let predictor = number(b"Predictor", 1);
    if predictor < 2 {
        return Ok(data);
    }
    let bad = Fault::Damaged("a stream's predictor makes no sense");
    let (colors, bits) = (number(b"Colors", 1), number(b"BitsPerComponent", 8));
    let row = number(b"Columns", 1)
        .checked_mul(colors)
        .and_then(|samples| samples.checked_mul(bits))
        .map(|bits| bits.div_ceil(8));
    let row = match row {
        Some(row) if row > 0 => row,
        _ => return Err(bad),
    };
    let sample = (colors.saturating_mul(bits) / 8).max(1);
    if predictor == 2 {
        if bits != 8 {
            return Err(bad);
        }
        let mut data = data;
        for row in data.chunks_mut(row) {
            for at in sample..row.len() {
                row[at] = row[at].wrapping_add(row[at - sample]);
            }
        }
        return Ok(data);
    }
    let mut out: Vec<u8> = Vec::with_capacity(data.len());
    let mut above = 0..0;
    for line in data.chunks(row + 1) {
        let (kind, line) = (line[0], &line[1..]);
        let start = out.len();
        for (at, &byte) in line.iter().enumerate() {
            let left = if at >= sample {
                out[start + at - sample]
            } else {
                0
            };
            let (up, corner) = if above.is_empty() {
                (0, 0)
            } else {
                let corner = at.checked_sub(sample).map_or(0, |at| out[above.start + at]);
                (out[above.start + at], corner)
            };
            out.push(byte.wrapping_add(match kind {
                1 => left,
                2 => up,
                3 => left.midpoint(up),
                4 => paeth(left, up, corner),
                _ => 0,
            }));
        }
        above = start..out.len();
    }
    Ok(out)
}

/// The nearest of three neighbours (PNG §9.4).
fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(up), i16::from(corner));
    let estimate = a + b - c;
    let (to_left, to_up, to_corner) = (
        (estimate - a).abs(),
        (estimate - b).abs(),
        (estimate - c).abs(),
    );
    if to_left <= to_up && to_left <= to_corner {
        left
    } else if to_up <= to_corner {
        up
    } else {
        corner
    }
}

fn hexadecimal(input: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = input
        .iter()
        .take_while(|&&byte| byte != b'>')
        .filter_map(|&byte| hex_digit(byte))
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0))
        .collect()
}

fn base_85(input: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut group = Vec::with_capacity(5);
    for &byte in input.iter().take_while(|&&byte| byte != b'~') {
        match byte {
            b'z' if group.is_empty() => out.extend_from_slice(&[0; 4]),
            b'!'..=b'u' => {
                group.push(byte - b'!');
                if group.len() == 5 {
                    out.extend_from_slice(&base_85_group(&group));
                    group.clear();
                }
            }
            byte if is_space(byte) => {}
            _ => break,
        }
    }
    if group.len() > 1 {
        let rest = group.len() - 1;
        group.resize(5, 84);
        out.extend_from_slice(&base_85_group(&group)[..rest]);
    }
    out
}

fn base_85_group(digits: &[u8]) -> [u8; 4] {
    digits
        .iter()
        .fold(0_u32, |value, &digit| {
            value.wrapping_mul(85).wrapping_add(u32::from(digit))
        })
        .to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;
    use std::collections::HashMap;

    /// Codes as an encoder of its own makes them, of growing width.
    fn lzw_encoded(data: &[u8], early: usize) -> Vec<u8> {
        let (mut bits, mut held, mut out) = (0_u64, 0, Vec::new());
        let mut put = |code: usize, width: usize| {
            bits = bits << width | code as u64;
            held += width;
            while held >= 8 {
                held -= 8;
                out.push((bits >> held).to_le_bytes()[0]);
            }
        };
        let mut table: HashMap<Vec<u8>, usize> = HashMap::new();
        let width = |entries: usize| match 258 + entries + early - 1 {
            0..=511 => 9,
            512..=1023 => 10,
            1024..=2047 => 11,
            _ => 12,
        };
        let code = |piece: &[u8], table: &HashMap<Vec<u8>, usize>| match piece {
            [byte] => usize::from(*byte),
            _ => table[piece],
        };
        put(256, 9);
        let mut piece: Vec<u8> = Vec::new();
        for &byte in data {
            piece.push(byte);
            if piece.len() == 1 || table.contains_key(&piece) {
                continue;
            }
            let known = &piece[..piece.len() - 1];
            put(code(known, &table), width(table.len()));
            table.insert(piece.clone(), 258 + table.len());
            if table.len() == 4096 - 259 {
                put(256, width(table.len()));
                table.clear();
            }
            piece = vec![byte];
        }
        put(code(&piece, &table), width(table.len()));
        put(257, width(table.len() + 1));
        put(0, 7);
        out
    }

    #[test]
    fn lzw_is_undone() {
        let budget = Budget::new(1 << 20, &Limits::default());
        // The specification's own example (§7.4.4.2).
        let example = [0x80, 0x0b, 0x60, 0x50, 0x22, 0x0c, 0x0c, 0x85, 0x01];
        let data = lzw(&example, true, &budget).expect("data");
        assert_eq!(data, [45, 45, 45, 45, 45, 65, 45, 45, 45, 66]);
        let long: Vec<u8> = (0..60_000_u32)
            .map(|at| (at * at / 7 % 251).to_le_bytes()[0])
            .collect();
        for early in [0, 1] {
            let packed = lzw_encoded(&long, early);
            let data = lzw(&packed, early == 1, &budget).expect("data");
            assert!(data == long, "early change {early}: {} bytes", data.len());
        }
    }
}
