//! A content stream as it grows (ISO 32000-1 §7.8.2).
//!
//! What a page has thousands of (text, rectangles, paths, colours) is written as bytes at once. What is
//! rare and has forms of its own (graphics states, transforms, images, shadings, marked content) are
//! printpdf operations, which printpdf writes when the stream is finished.

use crate::page_space::{finite, nearest};
use lopdf::{Object, ObjectId};
use printpdf::{Op, PdfDocument, PdfPage, PdfSaveOptions};

/// Operators written and operations still to be.
#[derive(Clone, Debug, Default)]
pub(crate) struct Content {
    bytes: Vec<u8>,
    /// Operations, and before which byte each goes.
    operations: Vec<(usize, Op)>,
}

impl Content {
    /// An empty stream with room for so many bytes.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
            operations: Vec::new(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.operations.is_empty()
    }

    /// How much there is, to see whether something was added.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len() + self.operations.len()
    }

    /// Adds one of printpdf's operations.
    pub(crate) fn push(&mut self, operation: Op) {
        self.operations.push((self.bytes.len(), operation));
    }

    /// Adds an operator after its operands.
    pub(crate) fn operator(&mut self, operator: &str) {
        self.bytes.extend_from_slice(operator.as_bytes());
        self.bytes.push(b'\n');
    }

    /// Adds operands to the operator that follows, to three decimals.
    pub(crate) fn numbers<const N: usize>(&mut self, numbers: [f64; N]) {
        for number in numbers {
            write_number(&mut self.bytes, number);
            self.bytes.push(b' ');
        }
    }

    /// Adds a name to the operands, which is of letters and digits.
    pub(crate) fn name(&mut self, prefix: char, number: usize) {
        self.bytes.push(b'/');
        self.bytes.extend_from_slice(&[prefix as u8]);
        write_integer(&mut self.bytes, number as u64);
        self.bytes.push(b' ');
    }

    /// Adds what is in PDF's syntax already.
    pub(crate) fn raw(&mut self, syntax: &[u8]) {
        self.bytes.extend_from_slice(syntax);
    }
}

/// A number to three decimals, as short as it can be: a thousandth of a point is a third of a
/// micrometre.
pub(crate) fn write_number(out: &mut Vec<u8>, value: f64) {
    let thousandths = nearest(finite(value) * 1000.0);
    if thousandths < 0 {
        out.push(b'-');
    }
    let thousandths = thousandths.unsigned_abs();
    write_integer(out, thousandths / 1000);
    let [mut rest, mut unit] = [thousandths % 1000, 100];
    if rest != 0 {
        out.push(b'.');
        while rest != 0 {
            out.push(digit(rest / unit));
            rest %= unit;
            unit /= 10;
        }
    }
}

fn write_integer(out: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = digit(value % 10);
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

#[expect(clippy::cast_possible_truncation, reason = "0 to 9")]
fn digit(value: u64) -> u8 {
    b'0' + value as u8
}

/// The bytes of some streams.
pub(crate) fn finish(contents: Vec<Content>) -> Vec<Vec<u8>> {
    let mut operations: Vec<Vec<Op>> = Vec::new();
    // By stream, where its operations go that come together.
    let mut places: Vec<Vec<usize>> = Vec::with_capacity(contents.len());
    let mut streams: Vec<Vec<u8>> = Vec::with_capacity(contents.len());
    for content in contents {
        let mut own: Vec<usize> = Vec::new();
        for (at, operation) in content.operations {
            match operations.last_mut() {
                Some(together) if own.last() == Some(&at) => together.push(operation),
                _ => {
                    own.push(at);
                    operations.push(vec![operation]);
                }
            }
        }
        places.push(own);
        streams.push(content.bytes);
    }
    if operations.is_empty() {
        return streams;
    }
    let mut written = by_printpdf(operations).into_iter();
    for (stream, places) in streams.iter_mut().zip(&places) {
        if places.is_empty() {
            continue;
        }
        let mut whole = Vec::with_capacity(stream.len() + places.len() * 32);
        let mut from = 0;
        for (&at, written) in places.iter().zip(&mut written) {
            whole.extend_from_slice(&stream[from..at]);
            whole.extend_from_slice(&written);
            whole.push(b'\n');
            from = at;
        }
        whole.extend_from_slice(&stream[from..]);
        *stream = whole;
    }
    streams
}

/// What printpdf writes for each list of operations.
fn by_printpdf(operations: Vec<Vec<Op>>) -> Vec<Vec<u8>> {
    let mut source = PdfDocument::new("");
    source.pages = operations
        .into_iter()
        .map(|operations| PdfPage::new(printpdf::Mm(1.0), printpdf::Mm(1.0), operations))
        .collect();
    let options = PdfSaveOptions {
        optimize: false,
        subset_fonts: false,
        // Operators that printpdf does not know are `Op::Unknown`, which secure output leaves out.
        secure: false,
        image_optimization: None,
    };
    let mut document = source.to_lopdf_document(&options, &mut Vec::new());
    let pages: Vec<ObjectId> = document.get_pages().into_values().collect();
    pages
        .into_iter()
        .map(|page| {
            let contents = document
                .get_dictionary(page)
                .and_then(|page| page.get(b"Contents"))
                .and_then(Object::as_reference);
            match contents.ok().and_then(|id| document.objects.remove(&id)) {
                Some(Object::Stream(stream)) => stream.content,
                _ => Vec::new(),
            }
        })
        .collect()
}

/// Whether a byte does not stand for itself in a literal string.
fn is_escaped(byte: u8) -> bool {
    const ESCAPED: [bool; 256] = {
        let mut escaped = [false; 256];
        let mut bytes: &[u8] = b"()\\\r";
        while let [byte, rest @ ..] = bytes {
            escaped[*byte as usize] = true;
            bytes = rest;
        }
        escaped
    };
    ESCAPED[usize::from(byte)]
}

/// Bytes of a literal string (§7.3.4.2).
#[inline]
pub(crate) fn write_string_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    if !bytes.iter().copied().any(is_escaped) {
        out.extend_from_slice(bytes);
        return;
    }
    for &byte in bytes {
        match byte {
            b'(' | b')' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\r' => out.extend_from_slice(b"\\r"),
            _ => out.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(value: f64) -> String {
        let mut out = Vec::new();
        write_number(&mut out, value);
        String::from_utf8(out).expect("digits")
    }

    #[test]
    fn numbers_are_short_and_plain() {
        let written = [
            0.0, -0.0, 12.0, 0.5, -0.05, 793.701, 1e-4, 0.010_4, 99.999_9,
        ]
        .map(number)
        .join(" ");
        assert_eq!(written, "0 0 12 0.5 -0.05 793.701 0 0.01 100");
        assert_eq!(number(f64::NAN), "0");
        assert_eq!(number(f64::INFINITY), "1000000");
    }

    #[test]
    fn operations_go_where_they_were_added() {
        let mut content = Content::default();
        content.numbers([1.0]);
        content.operator("w");
        content.push(Op::SaveGraphicsState);
        content.push(Op::RestoreGraphicsState);
        content.numbers([2.0]);
        content.operator("w");
        let mut plain = Content::default();
        plain.operator("n");
        let mut late = Content::default();
        late.operator("n");
        late.push(Op::SaveGraphicsState);
        let streams = finish(vec![content, plain, late]);
        let streams: Vec<_> = streams
            .iter()
            .map(|stream| String::from_utf8_lossy(stream))
            .collect();
        assert_eq!(streams, ["1 w\nq\nQ\n2 w\n", "n\n", "n\nq\n"]);
    }
}
