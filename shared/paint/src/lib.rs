//! Display lists → PDF: printpdf draws the pages, lopdf finishes the document.
//!
//! A [`Sheet`] is what layout makes of one page: items in paint order, in CSS pixels from the page's
//! top left corner. [`write`] turns sheets into bytes: fonts subset and embedded once, images as they
//! came where PDF can hold them, outline, links, metadata; the same input gives the same bytes.

mod display;
mod document;
mod image;

pub use display::{Item, LineCap, Path, PathSegment, PositionedGlyph, Stroke, TextRun};
pub use document::{write, Anchor, Catalog, Link, LinkTarget, OutlineEntry, PaintCache, PaintError, Sheet};
pub use image::{ImageError, PaintImage};
