//! The encoding of a document that is read as bytes (HTML standard §13.2.3, Encoding standard).

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;

/// How far into a document its encoding may be declared.
const PRESCANNED: usize = 1024;

/// The text of an HTML document: by its byte order mark, else as its first 1,024 bytes declare it in a `meta`
/// element. A document that says nothing is UTF-8 where it can be, as browsers find of local files, else
/// windows-1252, the standard's suggestion. Bytes without a meaning become U+FFFD.
pub fn decode_html(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0;
    }
    if let Some(encoding) = declared(&bytes[..bytes.len().min(PRESCANNED)]) {
        return encoding.decode_without_bom_handling(bytes).0;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// The text of a style sheet: by its byte order mark, else by the `@charset` that it begins with, else UTF-8
/// (CSS Syntax 3 §3.2).
pub(crate) fn decode_css(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0;
    }
    let start = &bytes[..bytes.len().min(PRESCANNED)];
    let label = start.strip_prefix(b"@charset \"").and_then(|rest| {
        let end = rest.iter().position(|byte| *byte == b'"')?;
        rest[end + 1..].starts_with(b";").then_some(&rest[..end])
    });
    let encoding = label.and_then(Encoding::for_label).map(not_wide);
    let encoding = encoding.unwrap_or(UTF_8);
    encoding.decode_without_bom_handling(bytes).0
}

/// What could be read as ASCII until here is not UTF-16.
fn not_wide(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == UTF_16BE || encoding == UTF_16LE {
        UTF_8
    } else {
        encoding
    }
}

/// The encoding that a `meta` element in `start` declares.
fn declared(start: &[u8]) -> Option<&'static Encoding> {
    let mut rest = start;
    loop {
        let open = rest.iter().position(|byte| *byte == b'<')?;
        rest = &rest[open + 1..];
        if let Some(comment) = rest.strip_prefix(b"!--") {
            let close = comment.windows(3).position(|three| three == b"-->")?;
            rest = &comment[close + 3..];
            continue;
        }
        let is_meta = rest.len() > 4
            && rest[..4].eq_ignore_ascii_case(b"meta")
            && (rest[4].is_ascii_whitespace() || rest[4] == b'/');
        if !is_meta {
            continue;
        }
        let end = rest.iter().position(|byte| *byte == b'>')?;
        if let Some(encoding) = label(&rest[4..end]).and_then(Encoding::for_label) {
            return Some(not_wide(encoding));
        }
        rest = &rest[end..];
    }
}

/// What follows `charset=` in a `meta` element, whether it is an attribute or in that of `content`.
fn label(element: &[u8]) -> Option<&[u8]> {
    const NAME: &[u8] = b"charset";
    let mut rest = element;
    loop {
        let at = rest
            .windows(NAME.len())
            .position(|part| part.eq_ignore_ascii_case(NAME))?;
        rest = rest[at + NAME.len()..].trim_ascii_start();
        let Some(value) = rest.strip_prefix(b"=") else {
            continue;
        };
        let value = value.trim_ascii_start();
        let value = match value.first() {
            Some(quote @ (b'"' | b'\'')) => value[1..].split(|byte| byte == quote).next()?,
            _ => value,
        };
        let ends = |byte: &u8| byte.is_ascii_whitespace() || b";\"'/".contains(byte);
        return value.trim_ascii_start().split(ends).next();
    }
}

#[cfg(test)]
mod tests {
    use super::{decode_css, decode_html};

    #[test]
    fn documents_are_read_as_they_declare() {
        for (bytes, expected) in [
            (&b"<meta charset=iso-8859-1>\xe9"[..], "é"),
            (b"<META CharSet = \"windows-1251\" >\xe9", "й"),
            (
                b"<!-- <meta charset=koi8-r> --><meta http-equiv=Content-Type content='text/html; charset=Shift_JIS'>\x82\xa0",
                "あ",
            ),
            (b"<metal charset=koi8-r>\xe9", "é"),
            (b"<meta charset><meta charset=utf-16>\xc3\xa9", "é"),
            (b"<meta charset=utf-8>\xe9", "\u{fffd}"),
            (b"\xc3\xa9", "é"),
            (b"\xe9", "é"),
            (b"\xef\xbb\xbf\xc3\xa9", "é"),
            (b"\xff\xfe\xe9\x00", "é"),
            (b"\xfe\xff\x00\xe9", "é"),
        ] {
            let text = decode_html(bytes);
            let last = text.rsplit('>').next();
            assert_eq!(last, Some(expected), "{bytes:?}");
        }
    }

    #[test]
    fn style_sheets_are_read_as_they_declare() {
        for (bytes, expected) in [
            (&b"@charset \"iso-8859-1\";\xe9"[..], "é"),
            (b"@charset \"utf-16\";\xc3\xa9", "é"),
            (b" @charset \"iso-8859-1\";\xc3\xa9", "é"),
            (b";\xe9", "\u{fffd}"),
            (b"\xff\xfe;\x00\xe9\x00", "é"),
        ] {
            let text = decode_css(bytes);
            assert_eq!(text.rsplit(';').next(), Some(expected), "{bytes:?}");
        }
    }
}
