//! Fonts and shaping: from styled text to positioned glyphs, before any line is broken.
//!
//! [`Fonts`] holds the faces a document may use; [`Shaper`] turns a paragraph into a [`Paragraph`]:
//! bidi levels (UAX #9), runs itemised by script, font and style, glyphs with clusters (harfrust),
//! and break opportunities (UAX #14). Layout breaks lines over it and asks for the visual order.
//! Lengths are CSS pixels. No I/O, no system fonts: the same input gives the same glyphs everywhere.

mod fonts;
mod paragraph;

pub use fonts::{Face, FaceDescription, FaceId, FaceMetrics, FontError, FontQuery, Fonts, FontSlant};
pub use paragraph::{
    Break, BreakKind, Glyph, LineBreakRules, Paragraph, Run, Shaper, Span, TextDirection, VisualRun,
};
