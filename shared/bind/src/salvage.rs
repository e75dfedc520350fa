//! Streams whose compressed data is damaged: readers show what can be read of them, and complain. The
//! volume has what can be read, whole.

use crate::source::Source;
use crate::source::filter::unpack;
use lopdf::{Dictionary, Object};
use std::borrow::Cow;

/// Data beyond this is not looked at.
const MOST_INFLATED: usize = 64 << 20;

/// The data of a stream, or what can be read of it, compressed anew. Only of streams whose first filter is
/// `FlateDecode`, or `LZWDecode`, which it then is no longer; nothing else is looked into. `early` says what
/// [`early_change`] does of the filter that has so many others behind it.
pub(crate) fn salvage<'a>(
    dictionary: &mut Dictionary,
    data: &'a [u8],
    early: impl FnOnce(usize) -> Option<bool>,
) -> Cow<'a, [u8]> {
    let (first, behind) = match dictionary.get(b"Filter") {
        Ok(Object::Array(filters)) => (filters.first(), filters.len().saturating_sub(1)),
        Ok(filter) => (Some(filter), 0),
        Err(_) => (None, 0),
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
            // Read with codes of other widths, good data look damaged.
            match early(behind).and_then(|early| unpack(data, early, MOST_INFLATED)) {
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

/// Whether the codes of an input's `LZWDecode` stream grow by a bit one code early (ISO 32000-1 table 8).
/// The filter is the one that has so many others `behind` it. `None` when filters and parameters are not
/// written as they should be: readers differ in what they make of that.
pub(crate) fn early_change(
    source: &Source,
    dictionary: &Dictionary,
    behind: usize,
) -> Option<bool> {
    // The data of a file elsewhere have filters of their own.
    if dictionary.has(b"F") || dictionary.has(b"DP") {
        return None;
    }
    let parameters = match (
        source.get(dictionary, b"Filter"),
        source.get(dictionary, b"DecodeParms"),
    ) {
        (_, Object::Null) => &Object::Null,
        (Object::Name(_), one @ Object::Dictionary(_)) => one,
        (Object::Array(filters), one @ Object::Dictionary(_)) if filters.len() == 1 => one,
        (Object::Array(filters), Object::Array(list)) if filters.len() == list.len() => {
            let at = list.len().checked_sub(behind + 1)?;
            source.resolve(&list[at])
        }
        _ => return None,
    };
    match parameters {
        Object::Null => Some(true),
        Object::Dictionary(parameters) => match source.get(parameters, b"EarlyChange") {
            Object::Null | Object::Integer(1) => Some(true),
            Object::Integer(0) => Some(false),
            _ => None,
        },
        _ => None,
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
        for (filter, behind_first) in [(name(b"LZWDecode"), 0), (list.into(), 1)] {
            let mut dictionary = Dictionary::new();
            dictionary.set("Filter", filter.clone());
            assert_eq!(*salvage(&mut dictionary, &whole, |_| Some(true)), whole);
            assert_eq!(dictionary.get(b"Filter").ok(), Some(&filter));
            // Who knows how it is to be read?
            assert_eq!(*salvage(&mut dictionary, &damaged, |_| None), damaged);
            let data = salvage(&mut dictionary, &damaged, |behind| {
                (behind == behind_first).then_some(true)
            });
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
