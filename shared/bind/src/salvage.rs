//! Streams whose compressed data is damaged: readers show what can be read of them, and complain. The
//! volume has what can be read, whole.

use lopdf::{Dictionary, Object};
use std::borrow::Cow;

/// Data beyond this is not looked at.
const MOST_INFLATED: usize = 64 << 20;

/// The data of a stream, or what can be read of it, compressed anew. Only of streams whose first filter is
/// `FlateDecode`; nothing else is looked into.
pub(crate) fn salvage<'a>(dictionary: &Dictionary, data: &'a [u8]) -> Cow<'a, [u8]> {
    let first = match dictionary.get(b"Filter") {
        Ok(Object::Array(filters)) => filters.first(),
        Ok(filter) => Some(filter),
        Err(_) => None,
    };
    let deflated = matches!(first, Some(Object::Name(name)) if matches!(name.as_slice(), b"FlateDecode" | b"Fl"));
    if !deflated || data.is_empty() || fanfold_pdf::is_whole(data, MOST_INFLATED) {
        return Cow::Borrowed(data);
    }
    let readable = fanfold_pdf::inflate(data, MOST_INFLATED).unwrap_or_default();
    Cow::Owned(fanfold_pdf::deflate(&readable, 6))
}
