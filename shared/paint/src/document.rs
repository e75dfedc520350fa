//! From sheets to a PDF file.

use crate::Item;
use fanfold_geometry::{Point, Rect, Size};
use fanfold_text::Fonts;

/// One page.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// The page's size.
    pub size: Size,
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
    /// Creation date, ISO 8601, from the document's data only.
    pub created: Option<String>,
    /// Modification date, ISO 8601.
    pub modified: Option<String>,
    /// Natural language (BCP 47).
    pub language: Option<String>,
    /// Outline entries in document order.
    pub outline: Vec<OutlineEntry>,
}

/// Font programs and images already subset and compressed, shared by all documents of a process.
#[derive(Debug, Default)]
pub struct PaintCache {}

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

/// Writes a PDF 1.7 file.
///
/// # Errors
/// [`PaintError`] when a font cannot be embedded.
pub fn write(
    sheets: &[Sheet],
    catalog: &Catalog,
    fonts: &Fonts,
    cache: &PaintCache,
) -> Result<Vec<u8>, PaintError> {
    let _ = (sheets, catalog, fonts, cache);
    Err(PaintError::Serialize("not yet written".into()))
}
