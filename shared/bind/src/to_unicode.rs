//! `ToUnicode` CMaps of fonts with codes of two bytes (ISO 32000-1 §9.10.3), read and written.

use std::collections::BTreeMap;
use std::fmt::Write;

/// Entries of a section (Adobe Technical Note 5411).
const SECTION: usize = 100;
/// Entries of a CMap, repeated ones included.
const MOST_ENTRIES: usize = 1 << 16;
/// Bytes of a text, and of all texts of a CMap.
const LONGEST: usize = 512;
const MOST_BYTES: usize = 2 << 20;

/// Texts by code, in UTF-16 with the high byte first.
pub(crate) type Texts = BTreeMap<u16, Vec<u8>>;

/// Reads a CMap; `None` for one that has more than texts of codes of two bytes.
pub(crate) fn read(cmap: &[u8]) -> Option<Texts> {
    read_codes(cmap, |code| match code {
        [high, low] => Some(u16::from_be_bytes([*high, *low])),
        _ => None,
    })
}

/// Reads a CMap; `None` for one that has more than texts of codes of one byte.
pub(crate) fn read_bytes(cmap: &[u8]) -> Option<Texts> {
    read_codes(cmap, |code| match code {
        [code] => Some(u16::from(*code)),
        _ => None,
    })
}

fn read_codes(cmap: &[u8], short: impl Fn(&[u8]) -> Option<u16>) -> Option<Texts> {
    let mut texts = Reading::default();
    let mut tokens = Tokens { rest: cmap };
    while let Some(token) = tokens.next() {
        match token {
            Token::Word(b"beginbfchar") => loop {
                match (tokens.next()?, &mut texts) {
                    (Token::Word(b"endbfchar"), _) => break,
                    (Token::Text(code), texts) => {
                        let Token::Text(text) = tokens.next()? else {
                            return None;
                        };
                        texts.insert(short(&code)?, text)?;
                    }
                    _ => return None,
                }
            },
            Token::Word(b"beginbfrange") => loop {
                let first = match tokens.next()? {
                    Token::Word(b"endbfrange") => break,
                    Token::Text(code) => short(&code)?,
                    _ => return None,
                };
                let Token::Text(last) = tokens.next()? else {
                    return None;
                };
                range(first, short(&last)?, &mut tokens, &mut texts)?;
            },
            Token::Word(
                b"usecmap" | b"begincidchar" | b"begincidrange" | b"beginnotdefrange"
                | b"beginnotdefchar",
            )
            | Token::Damaged => return None,
            _ => {}
        }
    }
    Some(texts.texts)
}

/// Texts as they are read.
#[derive(Default)]
struct Reading {
    texts: Texts,
    entries: usize,
    bytes: usize,
}

impl Reading {
    /// `None` when there are too many texts, or too long ones.
    fn insert(&mut self, code: u16, text: Vec<u8>) -> Option<()> {
        self.entries += 1;
        self.bytes += text.len();
        let fits =
            self.entries <= MOST_ENTRIES && self.bytes <= MOST_BYTES && text.len() <= LONGEST;
        fits.then(|| drop(self.texts.insert(code, text)))
    }
}

/// The texts of a range: one that is counted up, or an array of them.
fn range(first: u16, last: u16, tokens: &mut Tokens<'_>, texts: &mut Reading) -> Option<()> {
    match tokens.next()? {
        Token::Text(start) => {
            for code in first..=last {
                texts.insert(code, counted_up(&start, code - first)?)?;
            }
        }
        Token::Word(b"[") => {
            for code in first..=last {
                match tokens.next()? {
                    Token::Text(text) => texts.insert(code, text)?,
                    Token::Word(_) | Token::Damaged => return None,
                }
            }
            let Token::Word(b"]") = tokens.next()? else {
                return None;
            };
        }
        Token::Word(_) | Token::Damaged => return None,
    }
    Some(())
}

/// The text behind this one by so many. Only the last byte is to count up (§9.10.3), but producers go on
/// with the last letter, and readers with them.
fn counted_up(text: &[u8], by: u16) -> Option<Vec<u8>> {
    match text {
        [before @ .., high, low] if text.len().is_multiple_of(2) => {
            let letter = u16::from_be_bytes([*high, *low]).checked_add(by)?;
            Some([before, &letter.to_be_bytes()].concat())
        }
        [before @ .., low] => {
            let low = low.checked_add(u8::try_from(by).ok()?)?;
            Some([before, &[low]].concat())
        }
        [] => None,
    }
}

/// A CMap of these texts.
pub(crate) fn write(texts: &Texts) -> Vec<u8> {
    let mut cmap = "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n".to_owned();
    let entries: Vec<(&u16, &Vec<u8>)> = texts.iter().collect();
    let (runs, alone): (Vec<_>, Vec<_>) = entries
        .chunk_by(|one, next| follows(*one, *next))
        .partition(|run| run.len() > 2);
    for section in alone.concat().chunks(SECTION) {
        let _ = writeln!(cmap, "{} beginbfchar", section.len());
        for (code, text) in section {
            let _ = writeln!(cmap, "<{code:04X}> {}", written(text));
        }
        cmap.push_str("endbfchar\n");
    }
    for section in runs.chunks(SECTION) {
        let _ = writeln!(cmap, "{} beginbfrange", section.len());
        for run in section {
            if let [(first, text), .., (last, _)] = run {
                let _ = writeln!(cmap, "<{first:04X}> <{last:04X}> {}", written(text));
            }
        }
        cmap.push_str("endbfrange\n");
    }
    cmap.push_str("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
    cmap.into_bytes()
}

/// Whether an entry goes on where another ends, in a range that all readers take alike: only the last bytes
/// of code and text count up (ISO 32000-1 §9.10.3).
fn follows(one: (&u16, &Vec<u8>), next: (&u16, &Vec<u8>)) -> bool {
    let (&[high, low], &[next_high, next_low]) = (one.1.as_slice(), next.1.as_slice()) else {
        return false;
    };
    one.0.checked_add(1) == Some(*next.0)
        && !next.0.is_multiple_of(256)
        && high == next_high
        && low.checked_add(1) == Some(next_low)
}

/// A text in hexadecimal digits.
fn written(text: &[u8]) -> String {
    let mut digits = "<".to_owned();
    for byte in text {
        let _ = write!(digits, "{byte:02X}");
    }
    digits + ">"
}

enum Token<'a> {
    Word(&'a [u8]),
    Text(Vec<u8>),
    Damaged,
}

struct Tokens<'a> {
    rest: &'a [u8],
}

impl<'a> Tokens<'a> {
    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let start = self
                .rest
                .iter()
                .position(|byte| !byte.is_ascii_whitespace() && *byte != 0)?;
            self.rest = &self.rest[start..];
            match self.rest[0] {
                b'%' => {
                    let end = self
                        .rest
                        .iter()
                        .position(|byte| matches!(byte, b'\n' | b'\r'));
                    self.rest = &self.rest[end.unwrap_or(self.rest.len())..];
                }
                b'<' if self.rest.get(1) == Some(&b'<') => drop(self.take(2)),
                b'<' => {
                    let end = self.rest.iter().position(|&byte| byte == b'>');
                    let text = end
                        .filter(|end| *end <= LONGEST * 4)
                        .and_then(|end| hexadecimal(&self.rest[1..end]));
                    let (Some(end), Some(text)) = (end, text) else {
                        return Some(Token::Damaged);
                    };
                    self.rest = &self.rest[end + 1..];
                    return Some(Token::Text(text));
                }
                b'[' | b']' => return Some(Token::Word(self.take(1))),
                b'>' | b'(' | b')' | b'{' | b'}' | b'/' => drop(self.take(1)),
                _ => {
                    let end = self.rest.iter().position(|byte| {
                        byte.is_ascii_whitespace() || b"<>[](){}/%\0".contains(byte)
                    });
                    return Some(Token::Word(self.take(end.unwrap_or(self.rest.len()))));
                }
            }
        }
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }
}

fn hexadecimal(digits: &[u8]) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = digits
        .iter()
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(|&byte| char::from(byte).to_digit(16))
        .collect();
    digits?
        .chunks(2)
        .map(|pair| u8::try_from(pair[0] << 4 | pair.get(1).copied().unwrap_or(0)).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_of_all_kinds_are_read() {
        let cmap = b"/CIDInit /ProcSet findresource begin begincmap /CIDSystemInfo << /Registry (A) >> def % x
1 begincodespacerange <0000><FFFF> endcodespacerange
2 beginbfchar <0001> <0041> <0002><00660069> endbfchar
2 beginbfrange <0010><0012><0061> <0020> <0021> [<0058> <D835DC00>] endbfrange endcmap";
        let texts = read(cmap).expect("a good CMap");
        let expected: &[(u16, &[u8])] = &[
            (1, &[0, 0x41]),
            (2, &[0, 0x66, 0, 0x69]),
            (0x10, &[0, 0x61]),
            (0x11, &[0, 0x62]),
            (0x12, &[0, 0x63]),
            (0x20, &[0, 0x58]),
            (0x21, &[0xd8, 0x35, 0xdc, 0]),
        ];
        let found: Vec<(u16, &[u8])> = texts.iter().map(|(&c, t)| (c, t.as_slice())).collect();
        assert_eq!(found, expected);
        assert_eq!(read(&write(&texts)).expect("our own"), texts);
    }

    #[test]
    fn what_counts_up_is_written_as_a_range() {
        let letters = (0x20_u16..0x0180).map(|code| (code, (code + 5).to_be_bytes().to_vec()));
        let mut texts: Texts = letters.collect();
        texts.insert(0x90, vec![0, 0x66, 0, 0x69]);
        texts.insert(0x200, vec![1, 1]);
        let written = write(&texts);
        assert_eq!(read(&written).expect("our own"), texts);
        let text = String::from_utf8(written).expect("ASCII");
        assert!(
            text.contains("2 beginbfchar\n<0090> <00660069>\n<0200> <0101>\n"),
            "{text}"
        );
        // None crosses 256, in codes or in texts.
        for range in [
            "<0020> <008F> <0025>",
            "<0091> <00FA> <0096>",
            "<00FB> <00FF> <0100>",
            "<0100> <017F> <0105>",
        ] {
            assert!(text.contains(range), "{range} {text}");
        }
    }

    #[test]
    fn ranges_count_on_beyond_a_byte() {
        let texts = read(b"beginbfrange <0007><0009><00FE> endbfrange").expect("a good CMap");
        let expected = [(7, vec![0, 0xfe]), (8, vec![0, 0xff]), (9, vec![1, 0])];
        assert_eq!(texts, Texts::from(expected));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for cmap in [
            "1 beginbfchar <0001> <00ZZ> endbfchar",
            "1 beginbfchar <01> <0041> endbfchar",
            "1 beginbfchar <0001>",
            "/Other usecmap",
            "1 beginbfrange <0000> <0001> <FFFF> endbfrange",
            "1 beginbfrange <0000> <0001> <FF> endbfrange",
        ] {
            assert_eq!(read(cmap.as_bytes()), None, "{cmap}");
        }
    }
}
