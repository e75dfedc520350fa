//! URLs relative to a sheet, and `data:` URLs.

use super::Parse;
use base64::Engine;
use cssparser::Parser;
use std::sync::Arc;

/// `url()` joined with `base`; a bare string where `strings` lets it stand for one.
pub(crate) fn url(input: &mut Parser<'_>, base: &str) -> Parse<Arc<str>> {
    Ok(join(base, &input.expect_url()?).into())
}

/// `reference` as seen from `base` (RFC 3986 §5.2, by path; queries of the base are dropped).
pub(crate) fn join(base: &str, reference: &str) -> String {
    let reference = reference.trim();
    let base = base.split(['?', '#']).next().unwrap_or_default();
    let fixed = base.is_empty()
        || reference.is_empty()
        || reference.starts_with('#')
        || has_scheme(reference)
        || base.starts_with("data:");
    if fixed {
        return reference.to_owned();
    }
    let (root, path) = split_root(base);
    if let Some(rest) = reference.strip_prefix("//") {
        return match root.split_once("//") {
            Some((scheme, _)) => format!("{scheme}//{rest}"),
            None => reference.to_owned(),
        };
    }
    if reference.starts_with('/') {
        return format!("{root}{reference}");
    }
    let folder = path.rfind('/').map_or("", |end| &path[..=end]);
    format!("{root}{}", without_dots(&format!("{folder}{reference}")))
}

fn has_scheme(reference: &str) -> bool {
    let Some((scheme, _)) = reference.split_once(':') else {
        return false;
    };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

/// `https://host` and the path after it.
fn split_root(base: &str) -> (&str, &str) {
    let Some(start) = base.find("://") else {
        return ("", base);
    };
    let host = start + 3;
    let end = base[host..]
        .find('/')
        .map_or(base.len(), |slash| host + slash);
    base.split_at(end)
}

/// Removes `.` and resolves `..`; those that lead above the start stay, for the fetcher to refuse.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "." => {}
            ".." if kept
                .last()
                .is_some_and(|last| *last != ".." && !last.is_empty()) =>
            {
                kept.pop();
            }
            _ => kept.push(segment),
        }
    }
    kept.join("/")
}

/// The bytes of a `data:` URL (RFC 2397); none when it is malformed.
pub(crate) fn data(url: &str) -> Option<Vec<u8>> {
    let (header, body) = url.strip_prefix("data:")?.split_once(',')?;
    let bytes = percent_decoded(body);
    if !header.trim_end().ends_with(";base64") {
        return Some(bytes);
    }
    let compact: Vec<u8> = bytes
        .into_iter()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let engine = base64::engine::general_purpose::STANDARD;
    engine.decode(&compact).ok().or_else(|| {
        base64::engine::general_purpose::STANDARD_NO_PAD
            .decode(&compact)
            .ok()
    })
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let source = text.as_bytes();
    let mut bytes = Vec::with_capacity(source.len());
    let mut index = 0;
    while let Some(&byte) = source.get(index) {
        let pair = (byte == b'%')
            .then(|| digit(source.get(index + 1)).zip(digit(source.get(index + 2))))
            .flatten();
        match pair {
            Some((high, low)) => {
                bytes.push((high * 16 + low) as u8);
                index += 3;
            }
            None => {
                bytes.push(byte);
                index += 1;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::{data, join};

    #[test]
    fn joins_relative_references() {
        assert_eq!(join("css/style.css", "../img/logo.png"), "img/logo.png");
        assert_eq!(join("css/style.css", "./a.css"), "css/a.css");
        assert_eq!(join("", "a/b.css"), "a/b.css");
        assert_eq!(
            join("https://x.test/a/b.css", "/c.css"),
            "https://x.test/c.css"
        );
        assert_eq!(
            join("https://x.test/a/b.css", "../c.css"),
            "https://x.test/c.css"
        );
        assert_eq!(join("a.css", "../secret"), "../secret");
        assert_eq!(join("a/b.css", "data:text/plain,x"), "data:text/plain,x");
    }

    #[test]
    fn decodes_data_urls() {
        assert_eq!(
            data("data:text/css,a%7Bb%7D").as_deref(),
            Some(b"a{b}".as_slice())
        );
        assert_eq!(
            data("data:text/css;base64,YXtifQ==").as_deref(),
            Some(b"a{b}".as_slice())
        );
        assert_eq!(data("data:nothing"), None);
    }
}
