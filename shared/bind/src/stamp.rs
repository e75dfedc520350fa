//! A line of text over each page.
//!
//! How many pages there are is known at the end only, so each page refers to a content stream that is
//! written then. What waits is a few bytes for each page.

use crate::metrics::Metrics;
use crate::options::{Stamp, StampPlace};
use crate::placeholder::PAGE;
use crate::source::Source;
use fanfold_pdf::{FileWriter, write_object};
use lopdf::{Dictionary, Object, StringFormat};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

/// The font's name in the pages' resources.
const FONT: &str = "FanfoldStamp";

/// The stamps of a volume.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Stamps {
    shared: Option<Shared>,
    waiting: Vec<Waiting>,
    titles: Vec<String>,
}

/// Objects that all stamped pages refer to.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Shared {
    /// A content stream that saves the graphics state.
    open: u32,
    font: u32,
}

/// A page whose stamp is to be written.
#[derive(Serialize, Deserialize)]
struct Waiting {
    number: u32,
    /// Its place behind the pages in front.
    index: u32,
    title: u32,
    /// The visible box: left, bottom, right, top.
    sides: [f32; 4],
    turn: i16,
    unit: f32,
}

/// The box of a page that readers show, its turn in degrees, and its unit in points.
#[derive(Serialize, Deserialize)]
pub(crate) struct View {
    pub(crate) sides: [f32; 4],
    pub(crate) turn: i16,
    pub(crate) unit: f32,
}

impl View {
    /// Of a page with all attributes its own.
    pub(crate) fn of(source: &Source, page: &Dictionary) -> Self {
        let sides = |key: &[u8]| -> Option<[f32; 4]> {
            let mut sides = [0.0; 4];
            let items = source.get(page, key).as_array().ok()?;
            if items.len() != 4 {
                return None;
            }
            for (side, item) in sides.iter_mut().zip(items) {
                *side = source.resolve(item).as_float().ok()?;
            }
            let [a, b, c, d] = sides;
            Some([a.min(c), b.min(d), a.max(c), b.max(d)])
        };
        let media = sides(b"MediaBox").unwrap_or([0.0, 0.0, 612.0, 792.0]);
        let sides = match sides(b"CropBox") {
            // §14.11.2.1: what is outside the media box does not count.
            Some(crop) => {
                let [left, bottom] = [crop[0].max(media[0]), crop[1].max(media[1])];
                let [right, top] = [crop[2].min(media[2]), crop[3].min(media[3])];
                if left < right && bottom < top {
                    [left, bottom, right, top]
                } else {
                    media
                }
            }
            None => media,
        };
        let turn = source.get(page, b"Rotate").as_i64().unwrap_or(0);
        let unit = source.get(page, b"UserUnit").as_float().unwrap_or(1.0);
        Self {
            sides,
            turn: i16::try_from(turn.rem_euclid(360) / 90 * 90).unwrap_or(0),
            unit: if unit > 0.0 { unit } else { 1.0 },
        }
    }

    /// Of the pages that the volume makes itself.
    pub(crate) fn a4() -> Self {
        let [width, height] = [PAGE.0 as f32, PAGE.1 as f32];
        Self {
            sides: [0.0, 0.0, width, height],
            turn: 0,
            unit: 1.0,
        }
    }

    /// A box as large as the page is shown, in points.
    pub(crate) fn upright(&self) -> [f32; 4] {
        let (width, height) = Self::size(self.sides, self.turn);
        [0.0, 0.0, width * self.unit, height * self.unit]
    }

    /// The page's size as it is shown, in its own unit.
    fn size(sides: [f32; 4], turn: i16) -> (f32, f32) {
        let (width, height) = (sides[2] - sides[0], sides[3] - sides[1]);
        if turn % 180 == 0 {
            (width, height)
        } else {
            (height, width)
        }
    }
}

impl Stamps {
    /// A document begins whose pages come next.
    pub(crate) fn begin(&mut self, title: &str) {
        self.titles.push(title.to_owned());
    }

    /// Puts contents and resources where [`mark`](Self::mark) can add to them: into the page itself.
    pub(crate) fn open(source: &Source, page: &mut Dictionary) {
        let contents = match source.get(page, b"Contents") {
            Object::Array(items) => Object::Array(items.clone()),
            Object::Stream(_) => match page.get(b"Contents") {
                Ok(stream) => Object::Array(vec![stream.clone()]),
                Err(_) => Object::Array(Vec::new()),
            },
            _ => Object::Array(Vec::new()),
        };
        page.set("Contents", contents);
        let mut resources = match source.get(page, b"Resources") {
            Object::Dictionary(resources) => resources.clone(),
            _ => Dictionary::new(),
        };
        let fonts = match source.get(&resources, b"Font") {
            Object::Dictionary(fonts) => fonts.clone(),
            _ => Dictionary::new(),
        };
        resources.set("Font", fonts);
        page.set("Resources", resources);
    }

    /// Adds the stamp to a page of the volume.
    pub(crate) fn mark<W: Write>(
        &mut self,
        page: &mut Dictionary,
        view: &View,
        index: usize,
        out: &mut FileWriter<W>,
    ) {
        let shared = *self.shared.get_or_insert_with(|| Shared {
            open: out.reserve(),
            font: out.reserve(),
        });
        let number = out.reserve();
        self.waiting.push(Waiting {
            number,
            index: u32::try_from(index).unwrap_or(u32::MAX),
            title: u32::try_from(self.titles.len().saturating_sub(1)).unwrap_or(0),
            sides: view.sides,
            turn: view.turn,
            unit: view.unit,
        });
        let mut contents = vec![Object::Reference((shared.open, 0))];
        match page.remove(b"Contents") {
            Some(Object::Array(items)) => {
                contents.extend(items.into_iter().filter(|it| !matches!(it, Object::Null)));
            }
            Some(one @ Object::Reference(_)) => contents.push(one),
            _ => {}
        }
        contents.push(Object::Reference((number, 0)));
        page.set("Contents", contents);
        if let Ok(Object::Dictionary(resources)) = page.get_mut(b"Resources") {
            if !matches!(resources.get(b"Font"), Ok(Object::Dictionary(_))) {
                resources.set("Font", Dictionary::new());
            }
            if let Ok(Object::Dictionary(fonts)) = resources.get_mut(b"Font") {
                fonts.set(FONT, Object::Reference((shared.font, 0)));
            }
        }
    }

    /// Writes all stamps; `front` pages stand before the first document, `pages` are in the volume.
    pub(crate) fn finish<W: Write>(
        self,
        stamp: &Stamp,
        front: usize,
        pages: usize,
        out: &mut FileWriter<W>,
    ) -> io::Result<()> {
        let Some(shared) = self.shared else {
            return Ok(());
        };
        out.stream(shared.open, &Dictionary::new(), b"q")?;
        let mut font = Dictionary::new();
        font.set("Type", Object::Name(b"Font".to_vec()));
        font.set("Subtype", Object::Name(b"Type1".to_vec()));
        font.set("BaseFont", Object::Name(b"Helvetica".to_vec()));
        font.set("Encoding", Object::Name(b"WinAnsiEncoding".to_vec()));
        out.dictionary(shared.font, &font)?;
        let metrics = Metrics::standard();
        for waiting in &self.waiting {
            let page = front + waiting.index as usize + 1;
            let title = self.titles.get(waiting.title as usize);
            let text = stamp
                .text
                .replace("{pages}", &pages.to_string())
                .replace("{page}", &page.to_string())
                .replace("{title}", title.map_or("", String::as_str));
            let content = waiting.draw(stamp, &metrics.encoded_in_part(&text), &metrics);
            out.compressed_stream(waiting.number, Dictionary::new(), &content)?;
        }
        Ok(())
    }
}

impl Waiting {
    /// Behind the page's own content, upright as readers show it. Tags leave it out (§14.8.2.2).
    fn draw(&self, stamp: &Stamp, text: &[u8], metrics: &Metrics) -> Vec<u8> {
        let [left, bottom, right, top] = self.sides;
        let (width, height) = View::size(self.sides, self.turn);
        let size = stamp.size / self.unit;
        let margin = stamp.margin / self.unit;
        let length = metrics.width(text) * size;
        let x = match stamp.place {
            StampPlace::TopLeft | StampPlace::BottomLeft => margin,
            StampPlace::Top | StampPlace::Bottom => (width - length) / 2.0,
            StampPlace::TopRight | StampPlace::BottomRight => width - margin - length,
        };
        let y = match stamp.place {
            StampPlace::TopLeft | StampPlace::Top | StampPlace::TopRight => height - margin - size,
            _ => margin,
        };
        let turned = match self.turn {
            90 => format!("0 1 -1 0 {right} {bottom}"),
            180 => format!("-1 0 0 -1 {right} {top}"),
            270 => format!("0 -1 1 0 {left} {top}"),
            _ => format!("1 0 0 1 {left} {bottom}"),
        };
        let mut content = format!(
            "Q /Artifact<</Type/Pagination>>BDC q {turned} cm 0 g BT /{FONT} {size} Tf {x:.2} {y:.2} Td "
        )
        .into_bytes();
        let text = Object::String(text.to_vec(), StringFormat::Literal);
        write_object(&mut content, &text);
        content.extend_from_slice(b" Tj ET Q EMC");
        content
    }
}
