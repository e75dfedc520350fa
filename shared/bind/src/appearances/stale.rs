//! Whether an appearance shows what its field says.

use super::{Budget, COMB, COMBO, Inherited, PASSWORD, PUSH_BUTTON, Value};
use crate::metrics::Metrics;
use crate::source::Source;
use lopdf::{Dictionary, Object, ObjectId, Stream};

/// Bytes of an appearance that is looked into; larger ones are taken as good.
const MOST_CONTENT: usize = 1 << 16;

/// What a widget has for its readers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Appearance {
    None,
    /// It surely shows something else.
    Stale,
    /// Nothing says that it is not as it should be.
    Good,
}

pub(super) fn appearance(
    source: &Source,
    id: ObjectId,
    inherited: &Inherited,
    fonts: &Dictionary,
    budget: &mut Budget,
) -> Appearance {
    let Some(Object::Dictionary(widget)) = source.document.objects.get(&id) else {
        return Appearance::Good;
    };
    let normal = match source.get(widget, b"AP") {
        Object::Dictionary(appearances) => source.get(appearances, b"N"),
        _ => return Appearance::None,
    };
    let stream = match normal {
        Object::Null => return Appearance::None,
        Object::Stream(stream) => stream,
        Object::Dictionary(states) => {
            let state = source.get(widget, b"AS").as_name().unwrap_or_default();
            match source.get(states, state) {
                Object::Stream(stream) if state != b"Off" => stream,
                _ => return Appearance::Good,
            }
        }
        _ => return Appearance::Good,
    };
    let is_stale = shown(stream, budget)
        .and_then(|shown| shown.differs(source, stream, inherited, fonts, budget));
    match is_stale {
        Some(true) => Appearance::Stale,
        _ => Appearance::Good,
    }
}

/// What an appearance paints.
#[derive(Default)]
struct Shown {
    text: Vec<u8>,
    /// The font of the text, when it is one.
    font: Option<Vec<u8>>,
    fonts: usize,
    /// Whether there is something else that may be letters.
    has_curves: bool,
    /// Whether there are parts that are not looked into.
    is_deep: bool,
}

impl Shown {
    /// Whether that surely is not the field; `None` when it cannot be told.
    fn differs(
        &self,
        source: &Source,
        stream: &Stream,
        inherited: &Inherited,
        fonts: &Dictionary,
        budget: &mut Budget,
    ) -> Option<bool> {
        if self.is_deep {
            return None;
        }
        let own = source.get(&stream.dict, b"Resources").as_dict().ok();
        let own = own.and_then(|own| source.get(own, b"Font").as_dict().ok());
        // A mark in a font that the appearance does not have is not seen by every reader.
        let is_fontless = !self.text.is_empty()
            && self
                .font
                .as_deref()
                .is_some_and(|name| !own.is_some_and(|own| own.has(name)));
        let flags = inherited.flags;
        let value = match inherited.kind.as_deref()? {
            // Readers that are asked to draw show marks as letters of a font, whatever is there.
            b"Btn" => {
                return Some(flags & PUSH_BUTTON == 0 && (self.text.is_empty() || is_fontless));
            }
            // Without a text there is at most the background.
            b"Ch" if flags & COMBO == 0 => return Some(self.text.is_empty() && !self.has_curves),
            b"Ch" => inherited.choice(source, budget)?,
            b"Tx" if flags & (PASSWORD | COMB) == 0 => match &inherited.value {
                Value::Text(text) => text.clone(),
                _ => return None,
            },
            _ => return None,
        };
        if inherited.is_formatted {
            return None;
        }
        if self.text.is_empty() {
            return Some(!value.trim().is_empty() && !self.has_curves);
        }
        if self.fonts != 1 {
            return None;
        }
        let name = self.font.as_deref()?;
        let font = match own {
            Some(own) if own.has(name) => source.get(own, name),
            _ => source.get(fonts, name),
        };
        let metrics = Metrics::of(source, font.as_dict().ok()?)?;
        let plain: String = value.chars().filter(|it| !it.is_whitespace()).collect();
        let value = metrics.encoded(&plain)?;
        let space = metrics.encoded(" ")?;
        let text: Vec<u8> = self
            .text
            .iter()
            .copied()
            .filter(|byte| !space.contains(byte) && !matches!(byte, b'\n' | b'\r'))
            .collect();
        // A field may show a part of a long text.
        let is_part = !text.is_empty() && value.windows(text.len()).any(|part| part == text);
        Some(!is_part && text != value)
    }
}

/// Looks into an appearance; `None` when it is too large, or not understood.
fn shown(stream: &Stream, budget: &mut Budget) -> Option<Shown> {
    let content = match stream.dict.get(b"Filter") {
        Err(_) if stream.content.len() <= MOST_CONTENT => stream.content.clone(),
        Ok(Object::Name(filter))
            if filter == b"FlateDecode" && !stream.dict.has(b"DecodeParms") =>
        {
            budget.take(MOST_CONTENT / 16)?;
            fanfold_pdf::inflate(&stream.content, MOST_CONTENT)?
        }
        _ => return None,
    };
    budget.take(content.len())?;
    let mut shown = Shown::default();
    let (mut strings, mut name) = (Vec::new(), None);
    let mut rest = content.as_slice();
    while let Some(&first) = rest.first() {
        match first {
            b'(' => rest = literal(&rest[1..], &mut strings)?,
            b'<' if rest.get(1) != Some(&b'<') => {
                // Text in hexadecimal digits is rare in one-byte codes, and left alone.
                return None;
            }
            b'%' => {
                let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
                rest = &rest[end.unwrap_or(rest.len())..];
            }
            b'/' => {
                let length = word(&rest[1..]);
                name = Some(crate::rewrite::unescaped(&rest[1..=length]));
                rest = &rest[1 + length..];
            }
            _ if is_delimiter(first) => rest = &rest[1..],
            _ => {
                let length = word(rest);
                let (operator, after) = rest.split_at(length);
                rest = after;
                match operator {
                    b"Tj" | b"TJ" | b"'" | b"\"" => shown.text.append(&mut strings),
                    b"Tf" => {
                        let font = name.take();
                        shown.fonts += usize::from(font != shown.font);
                        shown.font = font;
                    }
                    b"c" | b"v" | b"y" => shown.has_curves = true,
                    b"Do" | b"BI" => shown.is_deep = true,
                    _ => {}
                }
                let is_operand = operator.first().is_some_and(|byte| {
                    byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+')
                });
                if !is_operand {
                    strings.clear();
                }
            }
        }
    }
    Some(shown)
}

fn is_delimiter(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b"\0()<>[]{}/%".contains(&byte)
}

fn word(rest: &[u8]) -> usize {
    rest.iter()
        .position(|byte| is_delimiter(*byte))
        .unwrap_or(rest.len())
}

/// Reads a string behind its opening bracket (§7.3.4.2), and gives what follows.
fn literal<'a>(mut rest: &'a [u8], text: &mut Vec<u8>) -> Option<&'a [u8]> {
    let mut depth = 1;
    loop {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        match byte {
            b'(' => depth += 1,
            b')' => {
                depth -= 1;
                if depth == 0 {
                    return Some(rest);
                }
            }
            b'\\' => {
                let (&escaped, after) = rest.split_first()?;
                rest = after;
                match escaped {
                    b'0'..=b'7' => {
                        let mut code = u32::from(escaped - b'0');
                        for _ in 0..2 {
                            if let Some((&digit @ b'0'..=b'7', after)) = rest.split_first() {
                                code = code * 8 + u32::from(digit - b'0');
                                rest = after;
                            }
                        }
                        text.push(u8::try_from(code & 0xff).ok()?);
                    }
                    b'n' | b'r' | b't' | b'b' | b'f' => text.push(b'\n'),
                    b'\r' | b'\n' => {}
                    other => text.push(other),
                }
                continue;
            }
            _ => {}
        }
        text.push(byte);
    }
}
