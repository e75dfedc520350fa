//! The encoding of a document that is read as bytes (HTML standard §13.2.3, Encoding standard).

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};
use std::borrow::Cow;

/// How far into a document its encoding may be declared.
const PRESCANNED: usize = 1024;

/// The text of an HTML document: by its byte order mark, else as its first 1,024 bytes declare it in a `meta`
/// element. A document that says nothing is UTF-8 where it can be, as browsers find of local files, else
/// windows-1252, the standard's suggestion. Bytes without a meaning become U+FFFD.
pub fn decode_html(bytes: &[u8]) -> Cow<'_, str> {
    if Encoding::for_bom(bytes).is_none()
        && let Some(encoding) = declared(&bytes[..bytes.len().min(PRESCANNED)])
    {
        return encoding.decode_without_bom_handling(bytes).0;
    }
    decode_text(bytes)
}

/// The text of a document that has no elements, such as Markdown: by its byte order mark, else UTF-8 where it
/// can be, else windows-1252.
pub fn decode_text(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0;
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

/// What could be read as ASCII until here is not UTF-16; nor is what a page calls its own an encoding.
fn not_wide(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == X_USER_DEFINED {
        WINDOWS_1252
    } else if encoding == UTF_16BE || encoding == UTF_16LE {
        UTF_8
    } else {
        encoding
    }
}

/// The encoding that a `meta` element in `start` declares (HTML standard §13.2.3.2, "prescan").
fn declared(start: &[u8]) -> Option<&'static Encoding> {
    let mut rest = start;
    loop {
        let open = rest.iter().position(|byte| *byte == b'<')?;
        rest = &rest[open + 1..];
        if rest.starts_with(b"!--") {
            // The dashes may be those of the end, too.
            let close = rest[1..].windows(3).position(|three| three == b"-->")?;
            rest = &rest[1 + close + 3..];
            continue;
        }
        let name = rest.strip_prefix(b"/").unwrap_or(rest);
        if !name.first().is_some_and(u8::is_ascii_alphabetic) {
            continue;
        }
        let is_meta = rest.len() > 4
            && rest[..4].eq_ignore_ascii_case(b"meta")
            && (rest[4].is_ascii_whitespace() || rest[4] == b'/');
        let ends = |byte: &u8| byte.is_ascii_whitespace() || b"/>".contains(byte);
        rest = &name[name.iter().position(ends)?..];
        let (mut is_type, mut charset, mut content) = (false, None, None);
        while let Some((name, value)) = attribute(&mut rest) {
            match name.to_ascii_lowercase().as_slice() {
                b"http-equiv" => is_type = value.eq_ignore_ascii_case(b"content-type"),
                b"charset" => charset = Some(value),
                b"content" => content = label(value),
                _ => {}
            }
        }
        let named = charset.or(content.filter(|_| is_type));
        if is_meta && let Some(encoding) = named.and_then(Encoding::for_label) {
            return Some(not_wide(encoding));
        }
    }
}

/// The next attribute of a tag, and its value ("get an attribute"); `None` at the tag's end.
fn attribute<'a>(rest: &mut &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
    let until = |bytes: &'a [u8], ends: fn(&u8) -> bool| {
        bytes.split_at(bytes.iter().position(ends).unwrap_or(bytes.len()))
    };
    let begin = rest
        .iter()
        .position(|byte| !byte.is_ascii_whitespace() && *byte != b'/')?;
    let all = &rest[begin..];
    *rest = all;
    if all[0] == b'>' {
        return None;
    }
    // A name may begin with an equals sign.
    let (name, after) = until(&all[1..], |byte| {
        byte.is_ascii_whitespace() || b"/>=".contains(byte)
    });
    let name = &all[..=name.len()];
    *rest = after;
    let Some(value) = after.trim_ascii_start().strip_prefix(b"=") else {
        return Some((name, b""));
    };
    let value = value.trim_ascii_start();
    let (value, after) = match value.first() {
        Some(b'"') => until(&value[1..], |byte| *byte == b'"'),
        Some(b'\'') => until(&value[1..], |byte| *byte == b'\''),
        _ => until(value, |byte| byte.is_ascii_whitespace() || *byte == b'>'),
    };
    *rest = match after {
        [b'"' | b'\'', after @ ..] => after,
        after => after,
    };
    Some((name, value))
}

/// What follows `charset=` in the content of a `meta` element.
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
            (
                b"<meta name=description content='of charset=koi8-r'><meta charset=utf-8>\xc3\xa9",
                "é",
            ),
            (b"<meta data-charset=koi8-r charset=utf-8>\xc3\xa9", "é"),
            (b"<p title='<meta charset=koi8-r>'>\xc3\xa9", "é"),
            (b"<!--><meta charset=iso-8859-2>\xb1", "ą"),
            (b"<meta charset=x-user-defined>\xe9", "é"),
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
