//! Reads what most of a document is: text without character references, and tags of the plainest form.
//!
//! html5ever's tokenizer goes through tags character by character. What is read here gives the tree
//! builder the same tokens (HTML standard §13.2.5) for a fraction of the time; all else is left to it.

use super::limit::Limited;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Tag, TagKind, Token};
use html5ever::{Attribute, LocalName, QualName, local_name, ns};
use memchr::{memchr, memchr3};

/// Tags with more attributes are left to the tokenizer, which drops those of a name that was there before.
const MOST_ATTRIBUTES: usize = 8;

/// Gives `sink` the tokens of `source` from the byte `from` on, where the tokenizer would be in its data
/// state, and the place of what is to be left to the tokenizer.
pub(super) fn read(sink: &Limited, source: &StrTendril, from: usize) -> usize {
    let bytes = source.as_bytes();
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        let found = match byte {
            b'<' => tag(source, at),
            _ => text(source, at),
        };
        let Some((token, end)) = found else { break };
        let feeds = bytes[at..end].iter().filter(|byte| **byte == b'\n');
        sink.take(token, feeds.count() as u64);
        at = end;
    }
    at
}

/// The text from `start` to the next `<`, when it is text as it stands.
fn text(source: &StrTendril, start: usize) -> Option<(Token, usize)> {
    let bytes = &source.as_bytes()[start..];
    let length = memchr(b'<', bytes)?;
    stands(&bytes[..length]).then(|| {
        let end = start + length;
        (Token::CharacterTokens(piece(source, start, end)), end)
    })
}

/// Whether characters are themselves: no reference, and nothing that is read as something else
/// (§13.2.3.5, §13.2.5.1).
fn stands(bytes: &[u8]) -> bool {
    memchr3(b'&', b'\r', b'\0', bytes).is_none()
}

fn piece(source: &StrTendril, start: usize, end: usize) -> StrTendril {
    // No source is as long as 4 GiB: see `Limits::html_bytes` of the press.
    source.subtendril(start as u32, (end - start) as u32)
}

/// The tag at `start`, and where it ends.
fn tag(source: &StrTendril, start: usize) -> Option<(Token, usize)> {
    let bytes = source.as_bytes();
    let closes = bytes.get(start + 1) == Some(&b'/');
    let name = start + 1 + usize::from(closes);
    if !bytes.get(name)?.is_ascii_lowercase() {
        return None;
    }
    let mut at = name + name_length(&bytes[name..]);
    let mut tag = Tag {
        kind: TagKind::StartTag,
        name: LocalName::from(&source[name..at]),
        self_closing: false,
        attrs: Vec::new(),
        had_duplicate_attributes: false,
    };
    if closes {
        tag.kind = TagKind::EndTag;
    } else if changes_state(&tag.name) {
        return None;
    } else {
        at = attributes(source, at, &mut tag)?;
    }
    (bytes.get(at) == Some(&b'>')).then_some((Token::TagToken(tag), at + 1))
}

/// Reads the attributes of `tag` from `at` on; where its `>` should be.
fn attributes(source: &StrTendril, mut at: usize, tag: &mut Tag) -> Option<usize> {
    let bytes = source.as_bytes();
    loop {
        let space = bytes[at..].iter().take_while(|byte| is_space(**byte));
        let spaces = space.count();
        at += spaces;
        match bytes.get(at)? {
            b'>' => return Some(at),
            b'/' => {
                tag.self_closing = true;
                return Some(at + 1);
            }
            _ if spaces == 0 || tag.attrs.len() == MOST_ATTRIBUTES => return None,
            _ => {}
        }
        let name = at;
        at += name_length(&bytes[at..]);
        if at == name {
            return None;
        }
        let local = LocalName::from(&source[name..at]);
        if tag.attrs.iter().any(|other| other.name.local == local) {
            return None;
        }
        let value = match bytes.get(at)? {
            b'=' => {
                let (start, end, next) = value(bytes, at + 1)?;
                at = next;
                piece(source, start, end)
            }
            _ => StrTendril::new(),
        };
        tag.attrs.push(Attribute {
            name: QualName::new(None, ns!(), local),
            value,
        });
    }
}

/// Where the value at `start` begins and ends, and what follows it begins.
fn value(bytes: &[u8], start: usize) -> Option<(usize, usize, usize)> {
    let (start, length, quote) = match *bytes.get(start)? {
        quote @ (b'"' | b'\'') => (start + 1, memchr(quote, &bytes[start + 1..])?, 1),
        _ => {
            let plain = bytes[start..].iter().take_while(|byte| is_bare(**byte));
            (start, plain.count(), 0)
        }
    };
    let end = start + length;
    let empty = quote == 0 && length == 0;
    (!empty && stands(&bytes[start..end])).then_some((start, end, end + quote))
}

/// How many bytes of a name `bytes` begin with, where it has only lower-case letters, digits and hyphens.
fn name_length(bytes: &[u8]) -> usize {
    let name = bytes
        .iter()
        .take_while(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    name.count()
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\t')
}

/// What a value without quotes may be made of, of all that it may.
fn is_bare(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'#' | b'%' | b':' | b',')
}

/// Elements whose content is no markup, which the tree builder tells the tokenizer (§13.2.6.2).
fn changes_state(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("iframe")
            | local_name!("noembed")
            | local_name!("noframes")
            | local_name!("noscript")
            | local_name!("plaintext")
            | local_name!("script")
            | local_name!("style")
            | local_name!("textarea")
            | local_name!("title")
            | local_name!("xmp")
    )
}
