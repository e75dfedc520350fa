//! Pages of the volume's own: contents, separators, blank ones.

use crate::metrics::Metrics;
use crate::placeholder::{MARGIN, PAGE, drawn, show, wrapped};
use fanfold_pdf::FileWriter;
use lopdf::{Dictionary, Object};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

/// Sizes of the heading, of an entry, and the distance of entries, in points.
const HEADING: i64 = 20;
const ENTRY: i64 = 11;
const LEADING: i64 = 18;
/// Height that the heading takes.
const HEAD: i64 = 48;
/// A separator's letters, and how many of them fit in a line.
const TITLE: i64 = 28;
const TITLE_LETTERS: usize = 30;

/// A document in the contents.
#[derive(Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) title: String,
    /// Its first page's object.
    pub(crate) page: u32,
    /// That page's index behind the pages in front.
    pub(crate) index: usize,
}

/// Entries of a contents page.
fn lines() -> usize {
    usize::try_from((PAGE.1 - 2 * MARGIN - HEAD) / LEADING).unwrap_or(1)
}

/// How many pages the contents take.
pub(crate) fn contents_pages(places: usize) -> usize {
    places.div_ceil(lines()).max(1)
}

/// The contents pages' dictionaries; `front` pages stand before the first document.
pub(crate) fn contents<W: Write>(
    heading: &str,
    places: &[Place],
    front: usize,
    out: &mut FileWriter<W>,
) -> io::Result<Vec<Dictionary>> {
    let metrics = Metrics::standard();
    let (left, right) = (MARGIN as f32, (PAGE.0 - MARGIN) as f32);
    let size = ENTRY as f32;
    let width = |text: &[u8]| metrics.width(text) * size;
    let point = width(b". ");
    let mut pages = Vec::new();
    let mut rest = places;
    loop {
        let (here, after) = rest.split_at(rest.len().min(lines()));
        rest = after;
        let mut content = b"BT\n".to_vec();
        if pages.is_empty() {
            let y = PAGE.1 - MARGIN - HEADING;
            content.extend_from_slice(format!("/T {HEADING} Tf\n{MARGIN} {y} Td\n").as_bytes());
            show(&mut content, heading);
        }
        content.extend_from_slice(format!("/M {ENTRY} Tf\n").as_bytes());
        let mut links = Vec::new();
        for (line, place) in (0_i64..).zip(here) {
            let y = PAGE.1 - MARGIN - HEAD - line * LEADING;
            let number = (front + place.index + 1).to_string();
            let number_at = right - width(number.as_bytes());
            let mut title = metrics.encoded_in_part(&place.title);
            while width(&title) > number_at - left - 3.0 * point && title.pop().is_some() {}
            let end = left + width(&title);
            let mut put = |x: f32, text: &[u8]| {
                content.extend_from_slice(format!("1 0 0 1 {x:.2} {y} Tm\n").as_bytes());
                let text = Object::String(text.to_vec(), lopdf::StringFormat::Literal);
                fanfold_pdf::write_object(&mut content, &text);
                content.extend_from_slice(b" Tj\n");
            };
            put(left, &title);
            // Leaders stand below each other.
            let points = ((number_at - end - point) / point).max(0.0).floor();
            put(number_at - points * point, &b". ".repeat(points as usize));
            put(number_at, number.as_bytes());
            links.push(link(place.page, y));
        }
        content.extend_from_slice(b"ET");
        let mut page = drawn(&content, out)?;
        page.set("Annots", links);
        pages.push(page);
        if rest.is_empty() {
            return Ok(pages);
        }
    }
}

/// A link over a line of the contents.
fn link(page: u32, y: i64) -> Object {
    let mut link = Dictionary::new();
    link.set("Type", Object::Name(b"Annot".to_vec()));
    link.set("Subtype", Object::Name(b"Link".to_vec()));
    let rectangle = [MARGIN, y - 4, PAGE.0 - MARGIN, y + ENTRY];
    link.set("Rect", rectangle.map(Object::Integer).to_vec());
    link.set("Border", vec![0.into(), 0.into(), 0.into()]);
    let place = [Object::Reference((page, 0)), Object::Name(b"XYZ".to_vec())];
    let top = [Object::Null, Object::Null, Object::Integer(0)];
    link.set("Dest", place.into_iter().chain(top).collect::<Vec<_>>());
    Object::Dictionary(link)
}

/// A page with a document's title.
pub(crate) fn separator<W: Write>(title: &str, out: &mut FileWriter<W>) -> io::Result<Dictionary> {
    let y = PAGE.1 * 3 / 5;
    let mut content = format!("BT\n/T {TITLE} Tf\n{MARGIN} {y} Td\n").into_bytes();
    for line in wrapped(title, TITLE_LETTERS).into_iter().take(6) {
        show(&mut content, &line);
        content.extend_from_slice(format!("0 -{} Td\n", TITLE * 5 / 4).as_bytes());
    }
    content.extend_from_slice(b"ET");
    drawn(&content, out)
}

/// A page with nothing on it, of this size.
pub(crate) fn blank(size: Option<[f32; 4]>) -> Dictionary {
    let mut page = Dictionary::new();
    page.set("Type", Object::Name(b"Page".to_vec()));
    let [width, height] = [PAGE.0 as f32, PAGE.1 as f32];
    let size = size.unwrap_or([0.0, 0.0, width, height]);
    page.set("MediaBox", size.map(Object::Real).to_vec());
    page.set("Resources", Dictionary::new());
    page
}
