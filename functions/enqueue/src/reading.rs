//! Reading an uploaded PDF: its pages, text and metadata, within limits.

use lopdf::{Document, Object};
use serde_json::{Map, Value, json};

/// Bytes of text kept, and pages whose text is read.
const TEXT_BYTES: usize = 4 << 20;
const TEXT_PAGES: usize = 5_000;
/// Bytes one page's content may decompress to.
const CONTENT_BYTES: usize = 32 << 20;

/// What a PDF says: `pages`, `metadata`, `text` (one entry a page) and whether that was cut; or
/// `error`.
pub(crate) fn read(pdf: &[u8]) -> Value {
    let document = match Document::load_mem(pdf) {
        Ok(document) => document,
        Err(error) => return json!({"error": format!("it is not a readable PDF: {error}")}),
    };
    if document.is_encrypted() {
        return json!({"error": "it is encrypted; save it without a password"});
    }
    let pages = document.get_pages();
    let (mut text, mut bytes, mut cut) = (Vec::new(), 0, false);
    for &number in pages.keys() {
        if text.len() == TEXT_PAGES || bytes > TEXT_BYTES {
            cut = true;
            break;
        }
        // A page without text, or whose text cannot be read, has an empty entry.
        let page = document
            .extract_text_with_limit(&[number], CONTENT_BYTES)
            .unwrap_or_default();
        bytes += page.len();
        text.push(page);
    }
    json!({"pages": pages.len(), "metadata": metadata(&document), "text": text, "text_cut": cut})
}

/// The entries of the document information dictionary that are texts (ISO 32000-2 §14.3.3).
fn metadata(document: &Document) -> Map<String, Value> {
    let info = document.trailer.get(b"Info").ok();
    let info = info.and_then(|object| match object {
        Object::Reference(id) => document.get_object(*id).ok(),
        object => Some(object),
    });
    let Some(Object::Dictionary(info)) = info else {
        return Map::new();
    };
    let known = [
        "Title",
        "Author",
        "Subject",
        "Keywords",
        "Creator",
        "Producer",
        "CreationDate",
        "ModDate",
    ];
    let entry = |name: &&str| {
        let text = lopdf::decode_text_string(info.get(name.as_bytes()).ok()?).ok()?;
        Some((name.to_ascii_lowercase(), Value::from(text)))
    };
    known.iter().filter_map(entry).collect()
}
