//! Display lists → PDF: content streams with printpdf's operations, lopdf's objects around them.
//!
//! A [`Sheet`] is what layout makes of one page: items in paint order, in CSS pixels from the page's
//! top left corner. [`write`] turns sheets into bytes, [`Writer`] does page by page: fonts subset and embedded once, images as they
//! came where PDF can hold them, outline, links, metadata; the same input gives the same bytes.

mod buckets;
mod cache;
mod canvas;
mod color_font;
mod color_glyph;
mod content;
mod display;
mod document;
mod face_program;
mod glyph_shapes;
mod glyph_text;
mod gradient;
mod image;
mod metadata;
mod navigation;
mod page_space;
mod resource_objects;
mod resources;
mod sfnt;
mod text_ops;

pub use cache::PaintCache;
pub use display::{
    Drawing, Gradient, GradientLine, Item, LineCap, LineJoin, Mask, Path, PathSegment,
    PositionedGlyph, Spread, Stroke, TextRun, Tiles,
};
pub use document::{
    Anchor, Catalog, CmykProfile, Link, LinkTarget, OutlineEntry, PaintError, Sheet, Writer, write,
};
pub use image::{ImageError, PaintImage};
