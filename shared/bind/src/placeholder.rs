//! A page that stands for a document that could not be made.

use crate::win_ansi::win_ansi;
use fanfold_pdf::{FileWriter, write_object};
use lopdf::{Dictionary, Object, StringFormat};
use std::io::{self, Write};

/// A4 in points.
pub(crate) const PAGE: (i64, i64) = (595, 842);
pub(crate) const MARGIN: i64 = 72;
/// Characters of 11-point Helvetica that fit between the margins, at its average width.
const LINE: usize = 80;
/// Lines of a message; error messages can hold whole documents.
const MOST_LINES: usize = 40;

/// The page's dictionary without its parent, its content written. The fonts are of the 14 that every
/// reader has: the bind has none of its own.
pub(crate) fn page<W: Write>(
    title: &str,
    message: &str,
    out: &mut FileWriter<W>,
) -> io::Result<Dictionary> {
    drawn(&draw(title, message), out)
}

/// A page with this content, which may use the fonts `T` (Helvetica-Bold) and `M` (Helvetica).
pub(crate) fn drawn<W: Write>(text: &[u8], out: &mut FileWriter<W>) -> io::Result<Dictionary> {
    let content = out.reserve();
    out.compressed_stream(content, Dictionary::new(), text)?;
    let mut fonts = Dictionary::new();
    for (key, name) in [("T", "Helvetica-Bold"), ("M", "Helvetica")] {
        let mut font = Dictionary::new();
        font.set("Type", Object::Name(b"Font".to_vec()));
        font.set("Subtype", Object::Name(b"Type1".to_vec()));
        font.set("BaseFont", Object::Name(name.as_bytes().to_vec()));
        font.set("Encoding", Object::Name(b"WinAnsiEncoding".to_vec()));
        fonts.set(key, font);
    }
    let mut resources = Dictionary::new();
    resources.set("Font", fonts);
    let mut page = Dictionary::new();
    page.set("Type", Object::Name(b"Page".to_vec()));
    page.set(
        "MediaBox",
        vec![0.into(), 0.into(), PAGE.0.into(), PAGE.1.into()],
    );
    page.set("Resources", resources);
    page.set("Contents", Object::Reference((content, 0)));
    Ok(page)
}

fn draw(title: &str, message: &str) -> Vec<u8> {
    let mut content = format!("BT\n/T 18 Tf\n{MARGIN} {} Td\n", PAGE.1 - 120).into_bytes();
    for line in wrapped(title, LINE * 11 / 18).into_iter().take(3) {
        show(&mut content, &line);
        content.extend_from_slice(b"0 -24 Td\n");
    }
    content.extend_from_slice(b"/M 11 Tf\n0 -12 Td\n");
    for line in wrapped(message, LINE).into_iter().take(MOST_LINES) {
        show(&mut content, &line);
        content.extend_from_slice(b"0 -15 Td\n");
    }
    content.extend_from_slice(b"ET");
    content
}

pub(crate) fn show(content: &mut Vec<u8>, line: &str) {
    let bytes = line
        .chars()
        .map(|it| win_ansi(it).unwrap_or(b'?'))
        .collect();
    write_object(content, &Object::String(bytes, StringFormat::Literal));
    content.extend_from_slice(b" Tj\n");
}

pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let mut word: String = word.chars().take(width * MOST_LINES).collect();
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
                lines.push(std::mem::take(&mut line));
            }
            while word.chars().count() > width {
                let rest = word.chars().skip(width).collect();
                word.truncate(
                    word.char_indices()
                        .nth(width)
                        .map_or(word.len(), |(at, _)| at),
                );
                lines.push(std::mem::replace(&mut word, rest));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&word);
            if lines.len() >= MOST_LINES {
                return lines;
            }
        }
        lines.push(line);
    }
    lines
}
