//! Hands the source to the tokenizer so that no tag makes it slow: html5ever compares each attribute
//! of a tag with all before it, so a tag of very many would cost quadratic time.

use super::limit::Limited;
use super::simple;
use html5ever::TokenizerResult;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Tokenizer};
use memchr::memchr;

/// Most attributes of a tag; those beyond are left out.
pub(super) const MOST_ATTRIBUTES: usize = 2_000;

/// How much is handed over at once, in bytes. What it can hold of one tag's attributes costs little.
const PIECE: usize = 4096;

/// Hands over what is not [`simple`]; `false`, when a tag may have too many attributes, with only a part
/// done.
///
/// A tag is a single token, so pieces that give none lie in one tag, value or comment. What may
/// separate attributes is counted in them; only [`carefully`] knows what does.
pub(super) fn in_pieces(tokenizer: &Tokenizer<Limited>, source: &StrTendril) -> bool {
    let input = BufferQueue::default();
    let bytes = source.as_bytes();
    let mut at = 0;
    let mut separators = 0;
    loop {
        if tokenizer.sink.in_data() {
            at = simple::read(&tokenizer.sink, source, at);
        }
        if at == bytes.len() {
            return true;
        }
        // It may be done with what is not simple where a tag ends.
        let most = &bytes[at..bytes.len().min(at + PIECE)];
        let mut end = at + memchr(b'>', most).map_or(most.len(), |found| found + 1);
        while !source.is_char_boundary(end) {
            end += 1;
        }
        let before = tokenizer.sink.tokens();
        tokenizer.sink.leave_data();
        hand_over(tokenizer, &input, &source[at..end]);
        if tokenizer.sink.tokens() == before {
            separators += bytes[at..end]
                .iter()
                .filter(|byte| separates(**byte))
                .count();
            if separators > MOST_ATTRIBUTES {
                return false;
            }
        } else {
            separators = 0;
        }
        at = end;
    }
}

/// Hands everything over but attributes beyond [`MOST_ATTRIBUTES`].
///
/// Tags, comments and the like end at a `>`. When the tokenizer gives a token for one, nothing is open
/// after it, so the next `<` begins what is open next, and a tag's attributes can be counted from it.
pub(super) fn carefully(tokenizer: &Tokenizer<Limited>, html: &str) {
    let input = BufferQueue::default();
    let tokens = || tokenizer.sink.tokens();
    let mut rest = html;
    let mut open = Open::Nothing;
    while let Some(end) = memchr(b'>', rest.as_bytes()) {
        let mut body = &rest[..end];
        let mut after = &rest[end..];
        if let Open::Nothing = open {
            let begin;
            (begin, open) = Open::in_text(body);
            hand_over(tokenizer, &input, &body[..begin]);
            body = &body[begin..];
            if let Open::Tag(_) = open {
                // With its name begun, text that was held back before it is out.
                let begun = 2 + usize::from(body.as_bytes()[1] == b'/');
                hand_over(tokenizer, &input, &body[..begun]);
                body = &body[begun..];
            }
        }
        let before = tokens();
        if let Open::Tag(tag) = &mut open
            && let Some(excess) = tag.read(body)
        {
            hand_over(tokenizer, &input, &body[..excess]);
            // In a script or a title, what looks like a tag is text and is handed on.
            if tokens() == before {
                let left = &rest[end - (body.len() - excess)..];
                after = &left[tag.end(left)..];
                body = "";
            } else {
                body = &body[excess..];
            }
        }
        hand_over(tokenizer, &input, body);
        let before = tokens();
        let (close, next) = after.split_at(after.len().min(1));
        hand_over(tokenizer, &input, close);
        if tokens() > before {
            open = Open::Nothing;
        } else if let Open::Tag(tag) = &mut open {
            tag.read(close);
        }
        rest = next;
    }
    if let Open::Nothing = open {
        let begin;
        (begin, open) = Open::in_text(rest);
        hand_over(tokenizer, &input, &rest[..begin]);
        rest = &rest[begin..];
    }
    // A tag that the source ends in is no tag.
    match open {
        Open::Tag(_) => {}
        Open::Nothing | Open::Other => hand_over(tokenizer, &input, rest),
    }
}

/// Gives the tokenizer a piece of source.
pub(super) fn hand_over(tokenizer: &Tokenizer<Limited>, input: &BufferQueue, piece: &str) {
    if piece.is_empty() {
        return;
    }
    input.push_back(StrTendril::from_slice(piece));
    // Script ends and encoding hints interrupt the tokenizer; both are of no interest here.
    while !matches!(tokenizer.feed(input), TokenizerResult::Done) {}
}

/// Whether an attribute can begin after the byte.
fn separates(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'/' | b'"' | b'\'')
}

/// What the tokenizer is in.
enum Open {
    Nothing,
    Tag(Tag),
    /// A comment, a doctype and the like.
    Other,
}

impl Open {
    /// What first begins in text, and where; nothing at its end (HTML standard §13.2.5.6 and §13.2.5.7).
    fn in_text(source: &str) -> (usize, Self) {
        let bytes = source.as_bytes();
        let mut at = 0;
        while let Some(found) = memchr(b'<', &bytes[at..]) {
            at += found;
            match bytes[at + 1..] {
                [b'/', name, ..] | [name, ..] if name.is_ascii_alphabetic() => {
                    return (at, Self::Tag(Tag::default()));
                }
                [b'/', ..] | [b'!', ..] | [b'?', ..] => return (at, Self::Other),
                _ => at += 1,
            }
        }
        (bytes.len(), Self::Nothing)
    }
}

/// How far a tag is read (HTML standard §13.2.5.8 and §13.2.5.32 on).
#[derive(Default)]
struct Tag {
    state: State,
    attributes: usize,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum State {
    /// In the tag's name.
    #[default]
    Name,
    /// Where an attribute may begin.
    Between,
    /// In an attribute's name.
    Attribute,
    /// In the white space after an attribute's name.
    AfterName,
    /// Where a value may begin.
    BeforeValue,
    /// In a value that ends with the quote.
    Quoted(u8),
    /// In a value without quotes.
    Bare,
}

impl Tag {
    /// Reads on; where in `source` the first attribute too many begins, if it does.
    fn read(&mut self, source: &str) -> Option<usize> {
        let bytes = source.as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if let State::Quoted(quote) = self.state {
                at += memchr(quote, &bytes[at..])?;
            } else if self.begins_attribute(byte) {
                if self.attributes == MOST_ATTRIBUTES {
                    return Some(at);
                }
                self.attributes += 1;
            }
            self.step(bytes[at]);
            at += 1;
        }
        None
    }

    /// Where the tag's `>` or `/>` is in what is left of it from an attribute's start; the source's end without one.
    fn end(&mut self, left: &str) -> usize {
        let bytes = left.as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if let State::Quoted(quote) = self.state {
                match memchr(quote, &bytes[at..]) {
                    Some(found) => at += found,
                    None => return bytes.len(),
                }
            } else if byte == b'>' {
                // The tag that closes itself still does.
                let closes = self.state == State::Between && at > 0 && bytes[at - 1] == b'/';
                return at - usize::from(closes);
            }
            self.step(bytes[at]);
            at += 1;
        }
        bytes.len()
    }

    fn begins_attribute(&self, byte: u8) -> bool {
        matches!(self.state, State::Between | State::AfterName)
            && !byte.is_ascii_whitespace()
            && byte != b'/'
            && (byte != b'=' || self.state == State::Between)
    }

    fn step(&mut self, byte: u8) {
        let space = byte.is_ascii_whitespace();
        self.state = match self.state {
            State::Quoted(quote) if byte == quote => State::Between,
            State::Name if space || byte == b'/' => State::Between,
            State::Attribute if space => State::AfterName,
            State::Attribute | State::AfterName if byte == b'/' => State::Between,
            State::Attribute | State::AfterName if byte == b'=' => State::BeforeValue,
            State::BeforeValue if matches!(byte, b'"' | b'\'') => State::Quoted(byte),
            State::BeforeValue if !space => State::Bare,
            State::Bare if space => State::Between,
            State::Between | State::AfterName if self.begins_attribute(byte) => State::Attribute,
            state => state,
        };
    }
}
