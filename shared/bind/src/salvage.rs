//! Streams whose compressed data is damaged: readers show what can be read of them, and complain. The
//! volume has what can be read, whole.

use crate::source::filter::unpack;
use lopdf::{Dictionary, Object};
use std::borrow::Cow;

/// Data beyond this is not looked at.
const MOST_INFLATED: usize = 64 << 20;

/// The data of a stream, or what can be read of it, compressed anew. Only of streams whose first filter is
/// `FlateDecode`, or `LZWDecode`, which it then is no longer; nothing else is looked into.
pub(crate) fn salvage<'a>(dictionary: &mut Dictionary, data: &'a [u8]) -> Cow<'a, [u8]> {
    let first = match dictionary.get(b"Filter") {
        Ok(Object::Array(filters)) => filters.first(),
        Ok(filter) => Some(filter),
        Err(_) => None,
    };
    let Some(Object::Name(first)) = first else {
        return Cow::Borrowed(data);
    };
    match first.as_slice() {
        _ if data.is_empty() => Cow::Borrowed(data),
        b"FlateDecode" | b"Fl" if !fanfold_pdf::is_whole(data, MOST_INFLATED) => {
            let readable = fanfold_pdf::inflate(data, MOST_INFLATED).unwrap_or_default();
            Cow::Owned(fanfold_pdf::deflate(&readable, 6))
        }
        b"LZWDecode" | b"LZW" => {
            let parameters = parameters(dictionary);
            let early = parameters.and_then(|own| own.get(b"EarlyChange").ok()?.as_i64().ok());
            match unpack(data, early != Some(0), MOST_INFLATED) {
                Some((readable, false)) => {
                    become_deflated(dictionary);
                    Cow::Owned(fanfold_pdf::deflate(&readable, 6))
                }
                _ => Cow::Borrowed(data),
            }
        }
        _ => Cow::Borrowed(data),
    }
}

/// The parameters of the first filter. Those of a predictor are the same for both kinds of compression.
fn parameters(dictionary: &Dictionary) -> Option<&Dictionary> {
    match dictionary.get(b"DecodeParms").ok()? {
        Object::Array(list) => list.first()?.as_dict().ok(),
        one => one.as_dict().ok(),
    }
}

fn become_deflated(dictionary: &mut Dictionary) {
    let deflated = || Object::Name(b"FlateDecode".to_vec());
    match dictionary.get_mut(b"Filter") {
        Ok(Object::Array(filters)) => {
            if let Some(first) = filters.first_mut() {
                *first = deflated();
            }
        }
        _ => dictionary.set("Filter", deflated()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_read_of_damaged_lzw_is_kept() {
        // The specification's example (ISO 32000-1 §7.4.4.2), and the same with a code that means nothing.
        let whole = [0x80, 0x0b, 0x60, 0x50, 0x22, 0x0c, 0x0c, 0x85, 0x01];
        let damaged = [0x80, 0x0b, 0x60, 0x50, 0x22, 0x0c, 0x0f, 0xff, 0x01];
        let name = |name: &[u8]| Object::Name(name.to_vec());
        let list = vec![name(b"LZWDecode"), name(b"ASCIIHexDecode")];
        for filter in [name(b"LZWDecode"), list.into()] {
            let mut dictionary = Dictionary::new();
            dictionary.set("Filter", filter.clone());
            assert_eq!(*salvage(&mut dictionary, &whole), whole);
            assert_eq!(dictionary.get(b"Filter").ok(), Some(&filter));
            let data = salvage(&mut dictionary, &damaged);
            let readable = fanfold_pdf::inflate(&data, 100).expect("data");
            assert_eq!(readable, [45, 45, 45, 45, 45, 65, 45, 45, 45]);
            let first = match dictionary.get(b"Filter").expect("a filter") {
                Object::Array(filters) => &filters[0],
                one => one,
            };
            assert_eq!(first, &name(b"FlateDecode"));
        }
    }
}
