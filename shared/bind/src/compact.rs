//! Streams that are longer than they need be: text forms of binary data, and data that is not compressed.
//!
//! What is compressed already stays as it is, unless it is asked for: to do it anew takes long, and gains
//! little where zlib did it before.

use crate::options::Recompress;
use fanfold_pdf::{Deflater, inflate, is_whole};
use lopdf::{Dictionary, Object};
use std::borrow::Cow;

/// Shorter data is not worth a filter.
const LEAST: usize = 64;

/// The data of a stream without leading `ASCII85Decode` and `ASCIIHexDecode` filters (ISO 32000-1 §7.4.2,
/// §7.4.3), and compressed when no filter is left. The dictionary says so then. What is not exactly as
/// the standard has it stays, as readers differ in what they make of it.
pub(crate) fn compact<'a>(
    dictionary: &mut Dictionary,
    data: &'a [u8],
    anew: Recompress,
    deflater: &mut Deflater,
) -> Cow<'a, [u8]> {
    let mut data = Cow::Borrowed(data);
    // Data in another file; descriptions that are to be found by those who do not know PDF (§14.3.2).
    if dictionary.has(b"F") || dictionary.has_type(b"Metadata") {
        return data;
    }
    let Some(mut filters) = filters(dictionary) else {
        return data;
    };
    let count = filters.len();
    while let Some((name, Object::Null)) = filters.first() {
        let plain = match name.as_slice() {
            b"ASCII85Decode" | b"A85" => base_85(&data),
            b"ASCIIHexDecode" | b"AHx" => hexadecimal(&data),
            _ => None,
        };
        let Some(plain) = plain else {
            break;
        };
        data = Cow::Owned(plain);
        filters.remove(0);
    }
    if filters.len() < count {
        set(dictionary, &filters);
    }
    // Parameters say how the data was predicted, which stays.
    if let [(name, _)] = filters.as_slice()
        && matches!(name.as_slice(), b"FlateDecode" | b"Fl")
        && let Some(plain) = inflated(&data, anew, deflater)
    {
        let mut packed = Vec::new();
        deflater.deflate_into(&plain, &mut packed);
        if packed.len() < data.len() {
            data = Cow::Owned(packed);
        }
    }
    if filters.is_empty() && data.len() >= LEAST {
        let mut packed = Vec::new();
        deflater.deflate_into(&data, &mut packed);
        // `/Filter/FlateDecode`
        if packed.len() + 19 < data.len() {
            dictionary.set("Filter", Object::Name(b"FlateDecode".to_vec()));
            return Cow::Owned(packed);
        }
    }
    data
}

/// What is compressed in these data, when it is to be compressed anew.
fn inflated(data: &[u8], anew: Recompress, deflater: &Deflater) -> Option<Vec<u8>> {
    let most = match anew {
        Recompress::Never => 0,
        Recompress::First(_) => {
            usize::try_from(deflater.tight_left()).map_or(MOST_LITTLE, |left| left.min(MOST_LITTLE))
        }
        Recompress::All => MOST_BYTES,
    };
    // Of damaged ones, what can be read is not all that others read.
    if data.len() > most || !is_whole(data, most) {
        return None;
    }
    inflate(data, most)
}

/// The filters with their parameters; `None` when they are not written as they should be.
fn filters(dictionary: &Dictionary) -> Option<Vec<(Vec<u8>, Object)>> {
    let filters = match dictionary.get(b"Filter") {
        Err(_) => return (!dictionary.has(b"DecodeParms")).then(Vec::new),
        Ok(Object::Name(name)) => vec![name.clone()],
        Ok(Object::Array(items)) => {
            let names = items.iter().map(|item| item.as_name().map(<[u8]>::to_vec));
            names.collect::<Result<_, _>>().ok()?
        }
        Ok(_) => return None,
    };
    let parameters = match dictionary.get(b"DecodeParms") {
        Err(_) => vec![Object::Null; filters.len()],
        Ok(Object::Array(items)) if items.len() == filters.len() => items.clone(),
        Ok(Object::Dictionary(one)) if filters.len() == 1 => vec![one.clone().into()],
        Ok(_) => return None,
    };
    Some(filters.into_iter().zip(parameters).collect())
}

fn set(dictionary: &mut Dictionary, filters: &[(Vec<u8>, Object)]) {
    dictionary.remove(b"Filter");
    dictionary.remove(b"DecodeParms");
    let names = filters.iter().map(|(name, _)| Object::Name(name.clone()));
    let parameters = filters.iter().map(|(_, parameters)| parameters.clone());
    let has_parameters = filters
        .iter()
        .any(|(_, parameters)| !matches!(parameters, Object::Null));
    match filters {
        [] => {}
        [(name, parameters)] => {
            dictionary.set("Filter", Object::Name(name.clone()));
            if has_parameters {
                dictionary.set("DecodeParms", parameters.clone());
            }
        }
        _ => {
            dictionary.set("Filter", names.collect::<Vec<_>>());
            if has_parameters {
                dictionary.set("DecodeParms", parameters.collect::<Vec<_>>());
            }
        }
    }
}

/// What a stream may be to be compressed anew in passing.
const MOST_LITTLE: usize = 128 << 10;
/// What a stream may become; one that is larger stays as it is, as a letter of it can stand for four bytes.
const MOST_BYTES: usize = 64 << 20;

/// Groups of five digits from `!` to `u`, four zeros as `z`, and `~>` at the end.
fn base_85(text: &[u8]) -> Option<Vec<u8>> {
    let mut data = Vec::with_capacity(text.len() / 5 * 4 + 4);
    let (mut group, mut digits) = (0_u32, 0);
    let mut bytes = text.iter();
    loop {
        if data.len() > MOST_BYTES {
            return None;
        }
        match bytes.next()? {
            b'~' => break,
            b'z' if digits == 0 => data.extend_from_slice(&[0; 4]),
            digit @ b'!'..=b'u' => {
                let digit = u32::from(digit - b'!');
                group = group.checked_mul(85)?.checked_add(digit)?;
                digits += 1;
                if digits == 5 {
                    data.extend_from_slice(&group.to_be_bytes());
                    (group, digits) = (0, 0);
                }
            }
            byte if is_space(*byte) => {}
            _ => return None,
        }
    }
    let rest = bytes.as_slice().strip_prefix(b">")?;
    if digits == 1 || !rest.iter().all(|byte| is_space(*byte)) {
        return None;
    }
    if digits > 1 {
        // As if the digits that are left out were the largest.
        for _ in digits..5 {
            group = group.checked_mul(85)?.checked_add(84)?;
        }
        data.extend_from_slice(&group.to_be_bytes()[..digits - 1]);
    }
    Some(data)
}

/// Pairs of digits, and `>` at the end.
fn hexadecimal(text: &[u8]) -> Option<Vec<u8>> {
    let end = text.iter().position(|&byte| byte == b'>')?;
    if !text[end + 1..].iter().all(|byte| is_space(*byte)) {
        return None;
    }
    let digits = text[..end].iter().filter(|byte| !is_space(**byte));
    let digits: Vec<u8> = digits
        .map(|&byte| char::from(byte).to_digit(16).map(|digit| digit as u8))
        .collect::<Option<_>>()?;
    let pair = |pair: &[u8]| pair[0] << 4 | pair.get(1).copied().unwrap_or(0);
    Some(digits.chunks(2).map(pair).collect())
}

/// White space (§7.2.2).
fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compacted(dictionary: &str, data: &[u8]) -> (Dictionary, Vec<u8>) {
        let mut filters = Dictionary::new();
        let names: Vec<Object> = dictionary
            .split_whitespace()
            .map(|name| Object::Name(name.as_bytes().to_vec()))
            .collect();
        if !names.is_empty() {
            filters.set("Filter", names);
        }
        let compact =
            compact(&mut filters, data, Recompress::Never, &mut Deflater::new(6)).into_owned();
        (filters, compact)
    }

    #[test]
    fn text_forms_become_what_they_stand_for() {
        for (filter, text, plain) in [
            (
                "ASCII85Decode",
                &b"9jqo^ BlbD-BleB1DJ+*+~>\n"[..],
                &b"Man is distingui"[..],
            ),
            ("A85", b"z9jq~>", b"\0\0\0\0Ma"),
            ("A85", b"~>", b""),
            ("ASCIIHexDecode", b"4d 61\n6E7>", b"Manp"),
            ("AHx", b">", b""),
        ] {
            let (dictionary, data) = compacted(filter, text);
            assert_eq!(data, plain);
            assert!(!dictionary.has(b"Filter"), "{filter}");
        }
        let (dictionary, data) = compacted("ASCIIHexDecode A85 DCTDecode", b"39 6a 71 7e 3e>");
        assert_eq!(data, b"Ma");
        let left = dictionary.get(b"Filter").and_then(Object::as_name);
        assert_eq!(left.ok(), Some(&b"DCTDecode"[..]));
    }

    #[test]
    fn what_readers_may_take_otherwise_stays() {
        for (filter, text) in [
            ("A85", &b"9jqo^"[..]),
            ("A85", b"9jqo^9~>"),
            ("A85", b"9jqo^~>more"),
            ("A85", b"9z~>"),
            ("A85", b"uuuuu~>"),
            ("A85", b"9jq\xff~>"),
            ("AHx", b"4d61"),
            ("AHx", b"4g>"),
            ("AHx", b"4d>61"),
            ("FlateDecode A85", b"x"),
        ] {
            let (dictionary, data) = compacted(filter, text);
            assert_eq!(data, text);
            let filters = dictionary.get(b"Filter").and_then(Object::as_array);
            assert_eq!(filters.map(Vec::len).ok(), Some(filter.split(' ').count()));
        }
    }

    #[test]
    fn only_what_gets_shorter_is_compressed() {
        let long = b"0 0 m 10 10 l S\n".repeat(20);
        let (dictionary, data) = compacted("", &long);
        assert_eq!(inflate(&data, 1 << 20), Some(long.clone()));
        assert!(data.len() < 60 && dictionary.has(b"Filter"));
        let (dictionary, data) = compacted("", b"0 0 m 10 10 l S");
        assert_eq!(data, b"0 0 m 10 10 l S");
        assert!(!dictionary.has(b"Filter"));
        let mut metadata = Dictionary::new();
        metadata.set("Type", Object::Name(b"Metadata".to_vec()));
        assert_eq!(
            compact(
                &mut metadata,
                &long,
                Recompress::Never,
                &mut Deflater::new(6)
            ),
            long
        );
    }

    #[test]
    fn what_is_compressed_is_compressed_anew_when_asked_for() {
        let text: Vec<u8> = (0..2000_u32)
            .flat_map(|number| format!("{} {} l ", number % 97, number % 31).into_bytes())
            .collect();
        let quick = fanfold_pdf::deflate(&text, 1);
        let mut filter = Dictionary::new();
        filter.set("Filter", Object::Name(b"FlateDecode".to_vec()));
        let mut best = Deflater::new(9);
        assert_eq!(
            compact(&mut filter, &quick, Recompress::Never, &mut best),
            quick
        );
        let small = compact(&mut filter, &quick, Recompress::All, &mut best);
        assert!(small.len() < quick.len() && filter.has(b"Filter"));
        assert_eq!(inflate(&small, 1 << 20), Some(text));
        // Of a damaged one, what can be read is not all that others read.
        let damaged = &quick[..quick.len() / 2];
        assert_eq!(
            compact(&mut filter, damaged, Recompress::All, &mut best),
            damaged
        );
    }
}
