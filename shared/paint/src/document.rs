//! From sheets to a PDF file.

use crate::canvas::{State, paint};
use crate::metadata::{information, xmp};
use crate::navigation::{Destinations, rectangle, write_outline};
use crate::page_space::{Box4, length};
use crate::resources::Resources;
use crate::{Item, PaintCache};
use crate::{color_font, content};
use fanfold_geometry::{Point, Px, Rect, Size};
use fanfold_pdf::{FileWriter, WriterOptions, text_string};
use fanfold_text::Fonts;
use lopdf::{Dictionary, Object};
use std::io;
use std::sync::Arc;

/// How hard pages are compressed: level 6 makes a schedule a hundredth smaller, and a page of an invoice
/// some hundredths slower.
const LEVEL: u32 = 4;

/// Pages whose operations are held at a time: a table of thousands of pages must not be in memory as
/// operations, which are many times larger than what they write.
const PAGES_AT_A_TIME: usize = 16;
/// Kids of a node of the page tree.
const FANOUT: usize = 32;

/// One page.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// The page's size, cut to its edges.
    pub size: Size,
    /// How far the printed sheet reaches beyond the page on each side (CSS Paged Media 3 §7.3).
    pub bleed: Px,
    /// What is drawn, in paint order.
    pub items: Vec<Item>,
    /// Link areas.
    pub links: Vec<Link>,
    /// Named places on the page (`id` and `<a name>`).
    pub anchors: Vec<Anchor>,
}

/// A clickable area.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Where.
    pub area: Rect,
    /// Where to.
    pub target: LinkTarget,
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq)]
pub enum LinkTarget {
    /// A URI.
    Uri(String),
    /// An [`Anchor`]'s name in this document; a link to none is left out.
    Anchor(String),
}

/// A named place.
#[derive(Clone, Debug, PartialEq)]
pub struct Anchor {
    /// Its name.
    pub name: String,
    /// Its top left corner.
    pub at: Point,
}

/// An outline (bookmark) entry.
#[derive(Clone, Debug, PartialEq)]
pub struct OutlineEntry {
    /// What the reader sees.
    pub title: String,
    /// 1 is outermost.
    pub level: u32,
    /// Index of its page.
    pub sheet: usize,
    /// Where on it.
    pub at: Point,
}

/// Document-level facts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    /// Title.
    pub title: Option<String>,
    /// Author.
    pub author: Option<String>,
    /// Subject, from `<meta name=description>`.
    pub subject: Option<String>,
    /// Keywords.
    pub keywords: Option<String>,
    /// Creation date, ISO 8601, from the document's data only. Anything else is left out.
    pub created: Option<String>,
    /// Modification date, ISO 8601. Anything else is left out.
    pub modified: Option<String>,
    /// Natural language (BCP 47).
    pub language: Option<String>,
    /// Outline entries in document order.
    pub outline: Vec<OutlineEntry>,
    /// The ICC profile of process colours.
    pub cmyk_profile: Option<CmykProfile>,
}

/// An ICC profile of four inks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CmykProfile(Arc<[u8]>);

impl CmykProfile {
    /// Takes `data` where its header says that it is one (ICC.1 §7.2).
    pub fn new(data: Arc<[u8]>) -> Option<Self> {
        let header = data.get(..128)?;
        let is_one = &header[36..40] == b"acsp" && &header[16..20] == b"CMYK";
        is_one.then_some(Self(data))
    }
}

/// Why a document could not be written.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum PaintError {
    /// A font that shaped could not be subset.
    #[error("font {name} cannot be embedded: {reason}")]
    Font {
        /// PostScript name.
        name: String,
        /// Why.
        reason: String,
    },
    /// The document could not be serialized.
    #[error("the PDF could not be written: {0}")]
    Serialize(String),
}

/// Writes a PDF 1.7 file of `sheets`.
///
/// # Errors
/// [`PaintError`] when a font cannot be embedded.
pub fn write(
    sheets: &[Sheet],
    catalog: &Catalog,
    fonts: &Fonts,
    cache: &PaintCache,
) -> Result<Vec<u8>, PaintError> {
    let mut writer = Writer::new(fonts, cache)?;
    writer.pages(sheets)?;
    writer.finish(sheets, catalog)
}

/// A4 in CSS pixels.
const A4: (Px, Px) = (Px(793.7), Px(1122.52));

/// A PDF 1.7 file being written, page by page, so that a long document's pages need not all be held.
///
/// Its fonts, images and everything around the pages are objects of our own, because printpdf would
/// parse and compress each font anew for every document and gives documents random identifiers.
pub struct Writer<'a> {
    out: FileWriter<Vec<u8>>,
    cache: &'a PaintCache,
    resources: Resources<'a>,
    resources_number: u32,
    pages: Vec<Page>,
}

/// A page of which something is written.
struct Page {
    number: u32,
    /// Its content streams.
    contents: Vec<u32>,
    /// The graphics state at the end of the last.
    state: State,
}

#[expect(clippy::needless_pass_by_value, reason = "the signature of map_err")]
fn failed(error: io::Error) -> PaintError {
    PaintError::Serialize(error.to_string())
}

impl std::fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer")
            .field("pages", &self.pages.len())
            .finish_non_exhaustive()
    }
}

impl<'a> Writer<'a> {
    /// Starts a file of what is set in `fonts`.
    ///
    /// # Errors
    /// [`PaintError::Serialize`].
    pub fn new(fonts: &'a Fonts, cache: &'a PaintCache) -> Result<Self, PaintError> {
        let options = WriterOptions {
            level: LEVEL,
            ..WriterOptions::default()
        };
        let mut out = FileWriter::new(Vec::with_capacity(64 << 10), options).map_err(failed)?;
        Ok(Self {
            resources_number: out.reserve(),
            out,
            cache,
            resources: Resources::new(fonts, cache),
            pages: Vec::new(),
        })
    }

    /// Writes what the next pages show. Their items are not needed any more; what else they have, and
    /// their size, [`Self::finish`] asks for.
    ///
    /// # Errors
    /// [`PaintError::Serialize`].
    pub fn pages(&mut self, sheets: &[Sheet]) -> Result<(), PaintError> {
        let first = self.pages.len();
        for _ in sheets {
            self.pages.push(Page {
                number: self.out.reserve(),
                contents: Vec::new(),
                state: State::initial(),
            });
        }
        for (index, chunk) in sheets.chunks(PAGES_AT_A_TIME).enumerate() {
            self.contents(first + index * PAGES_AT_A_TIME, chunk)
                .map_err(failed)?;
        }
        Ok(())
    }

    /// Adds the items of `sheet` on top of what is written of the page at `index`.
    ///
    /// # Errors
    /// [`PaintError::Serialize`].
    pub fn over(&mut self, index: usize, sheet: &Sheet) -> Result<(), PaintError> {
        if index >= self.pages.len() || sheet.items.is_empty() {
            return Ok(());
        }
        self.contents(index, std::slice::from_ref(sheet))
            .map_err(failed)
    }

    /// Ends the file of the pages written, which are those of `sheets`.
    ///
    /// # Errors
    /// [`PaintError`] when a font cannot be embedded.
    pub fn finish(mut self, sheets: &[Sheet], catalog: &Catalog) -> Result<Vec<u8>, PaintError> {
        // An empty document is not a PDF: the page tree must have a page.
        let blank = [Sheet {
            size: Size::new(A4.0, A4.1),
            ..Sheet::default()
        }];
        let sheets = if sheets.is_empty() { &blank } else { sheets };
        if let Some(rest) = sheets.get(self.pages.len()..) {
            self.pages(rest)?;
        }
        self.write_resources(catalog)?;
        self.write_document(sheets, catalog).map_err(failed)
    }

    /// Paints some sheets and writes their contents to the pages from `first` on.
    fn contents(&mut self, first: usize, sheets: &[Sheet]) -> io::Result<()> {
        let first_form = self.resources.forms.len();
        let pages = &mut self.pages[first..];
        let mut streams: Vec<content::Content> = sheets
            .iter()
            .zip(&mut *pages)
            .map(|(sheet, page)| paint(sheet, &mut page.state, &mut self.resources))
            .collect();
        let forms = &mut self.resources.forms[first_form..];
        streams.extend(
            forms
                .iter_mut()
                .map(|form| std::mem::take(&mut form.content)),
        );
        let mut contents = content::finish(streams).into_iter();
        for (page, content) in pages[..sheets.len()].iter_mut().zip(&mut contents) {
            let number = self.out.reserve();
            self.out
                .compressed_stream(number, Dictionary::new(), &content)?;
            page.contents.push(number);
        }
        self.resources
            .write_forms(first_form, contents, self.resources_number, &mut self.out)
    }

    /// One resource dictionary serves all pages: naming what a page does not use costs nothing, and
    /// a dictionary for each of thousands of pages does.
    fn write_resources(&mut self, catalog: &Catalog) -> Result<(), PaintError> {
        let mut resources = Dictionary::new();
        if let Some(CmykProfile(data)) = &catalog.cmyk_profile {
            // What device colours are of (ISO 32000-1 §8.6.5.6), images included.
            let number = self.out.reserve();
            let mut profile = Dictionary::new();
            profile.set("N", 4);
            self.out
                .compressed_stream(number, profile, data)
                .map_err(failed)?;
            let space = vec![name("ICCBased"), Object::Reference((number, 0))];
            let mut spaces = Dictionary::new();
            spaces.set("DefaultCMYK", space);
            resources.set("ColorSpace", spaces);
        }
        (self.resources)
            .write_images(&mut self.out)
            .map_err(failed)?;
        let mut entries = Dictionary::new();
        for index in 0..self.resources.used_fonts.len() {
            let used = &self.resources.used_fonts[index];
            let number = if let Some(glyphs) = &used.colors {
                color_font::write(&self.resources, used, glyphs, &mut self.out).map_err(failed)?
            } else if used.used.is_empty() {
                // All that is shown of it has colours.
                continue;
            } else {
                let font = self.cache.subset(&used.face, &used.program, &used.used)?;
                font.write(&mut self.out).map_err(failed)?
            };
            entries.set(format!("F{index}"), Object::Reference((number, 0)));
        }
        if !entries.is_empty() {
            resources.set("Font", entries);
        }
        (self.resources)
            .write_objects(&mut resources, &mut self.out)
            .map_err(failed)?;
        self.out
            .dictionary(self.resources_number, &resources)
            .map_err(failed)
    }

    /// Everything above the pages.
    fn write_document(mut self, sheets: &[Sheet], catalog: &Catalog) -> Result<Vec<u8>, io::Error> {
        let destinations = Destinations::of(sheets);
        let pages: Vec<u32> = self.pages.iter().map(|page| page.number).collect();
        let tree = self.write_page_tree(sheets, &destinations)?;
        let out = &mut self.out;
        let mut root = Dictionary::new();
        root.set("Type", name("Catalog"));
        root.set("Pages", Object::Reference((tree, 0)));
        if let Some(language) = catalog
            .language
            .as_deref()
            .filter(|language| !language.is_empty())
        {
            root.set("Lang", text_string(language));
        }
        if let Some(outline) = write_outline(&catalog.outline, sheets, &pages, out)? {
            root.set("Outlines", Object::Reference((outline, 0)));
        }
        if let Some(names) = destinations.write(sheets, &pages, out)? {
            let mut dictionary = Dictionary::new();
            dictionary.set("Dests", Object::Reference((names, 0)));
            root.set("Names", dictionary);
        }
        if catalog
            .title
            .as_deref()
            .is_some_and(|title| !title.is_empty())
        {
            let mut preferences = Dictionary::new();
            preferences.set("DisplayDocTitle", true);
            root.set("ViewerPreferences", preferences);
        }
        // Metadata is not compressed, so that programs that know no PDF find it (§14.3.2).
        let metadata = out.reserve();
        let mut dictionary = Dictionary::new();
        dictionary.set("Type", name("Metadata"));
        dictionary.set("Subtype", name("XML"));
        out.stream(metadata, &dictionary, xmp(catalog).as_bytes())?;
        root.set("Metadata", Object::Reference((metadata, 0)));
        let info = out.reserve();
        out.dictionary(info, &information(catalog))?;
        let number = out.reserve();
        out.dictionary(number, &root)?;
        Ok(self.out.finish(number, Some(info))?.0)
    }

    /// A page's dictionary, without its parent.
    fn page(
        &mut self,
        page: &Page,
        sheet: &Sheet,
        destinations: &Destinations<'_>,
    ) -> io::Result<Dictionary> {
        let mut dictionary = Dictionary::new();
        dictionary.set("Type", name("Page"));
        dictionary.set("MediaBox", rectangle(media_box(sheet.size, sheet.bleed)));
        if sheet.bleed > Px::ZERO {
            // ISO 32000-1 §14.11.2: what is printed, and what of it is cut off.
            dictionary.set("BleedBox", rectangle(media_box(sheet.size, sheet.bleed)));
            dictionary.set("TrimBox", rectangle(media_box(sheet.size, Px::ZERO)));
        }
        dictionary.set("Resources", Object::Reference((self.resources_number, 0)));
        let contents = page.contents.iter();
        let mut contents: Vec<Object> = contents
            .map(|number| Object::Reference((*number, 0)))
            .collect();
        let contents = match contents.len() {
            1 => contents.remove(0),
            _ => contents.into(),
        };
        dictionary.set("Contents", contents);
        let annotations = destinations.annotations(sheet, &mut self.out)?;
        if !annotations.is_empty() {
            dictionary.set("Annots", annotations);
        }
        Ok(dictionary)
    }

    /// A balanced page tree (ISO 32000-1 §7.7.3); gives the root's number.
    fn write_page_tree(
        &mut self,
        sheets: &[Sheet],
        destinations: &Destinations<'_>,
    ) -> io::Result<u32> {
        let mut level: Vec<(u32, usize, Dictionary)> = Vec::with_capacity(sheets.len());
        for (page, sheet) in std::mem::take(&mut self.pages).iter().zip(sheets) {
            let dictionary = self.page(page, sheet, destinations)?;
            level.push((page.number, 1, dictionary));
        }
        loop {
            let mut above = Vec::with_capacity(level.len() / FANOUT + 1);
            let mut nodes = level.into_iter().peekable();
            while nodes.peek().is_some() {
                let parent = self.out.reserve();
                let (mut kids, mut count) = (Vec::new(), 0);
                for (number, pages, mut node) in nodes.by_ref().take(FANOUT) {
                    node.set("Parent", Object::Reference((parent, 0)));
                    self.out.dictionary(number, &node)?;
                    kids.push(Object::Reference((number, 0)));
                    count += pages;
                }
                let mut node = Dictionary::new();
                node.set("Type", name("Pages"));
                node.set("Kids", kids);
                node.set("Count", i64::try_from(count).unwrap_or(i64::MAX));
                above.push((parent, count, node));
            }
            if above.len() == 1 {
                let (number, _, node) = above.remove(0);
                self.out.dictionary(number, &node)?;
                return Ok(number);
            }
            level = above;
        }
    }
}

/// The longest side of a page in points.
const LONGEST: f64 = 150_000.0;

/// The page and its bleed. Viewers of PDF 1.x may show less of a side over 14,400 units (annex C.2).
fn media_box(size: Size, bleed: Px) -> Box4 {
    let around = length(bleed).clamp(0.0, 1000.0);
    let side = |px| length(px).clamp(0.0, LONGEST - 2.0 * around) + around;
    Box4 {
        left: -around,
        bottom: -around,
        right: side(size.width),
        top: side(size.height),
    }
}

fn name(name: &str) -> Object {
    Object::Name(name.as_bytes().to_vec())
}
