//! Fonts and shaping: from styled text to positioned glyphs, before any line is broken.
//!
//! [`Fonts`] holds the faces a document may use; [`Shaper`] turns a paragraph into a [`Paragraph`]:
//! bidi levels (UAX #9), runs itemised by script, font and style, glyphs with clusters (harfrust),
//! and break opportunities (UAX #14). Layout breaks lines over it and asks for the visual order.
//! Lengths are CSS pixels. No I/O, no system fonts: the same input gives the same glyphs everywhere.

mod bidi;
mod breaks;
pub mod case;
mod clusters;
mod emoji;
mod face;
mod first_letter;
mod fonts;
mod hyphenation;
mod itemise;
mod metrics;
mod paragraph;
mod plan;
mod script;
mod select;
mod shape;
mod small_caps;
mod variation;
mod words;

pub use face::{Face, FontData};
pub use first_letter::first_letter;
pub use fonts::{
    Aspect, FaceDescription, FaceId, FontDetails, FontError, FontQuery, FontSlant, Fonts,
    MetricsAdjustment, Synthesis,
};
pub use itemise::is_invisible;
pub use metrics::FaceMetrics;
pub use paragraph::{
    Break, BreakKind, Glyph, HyphenLimits, LineBreakRules, Paragraph, Run, Span, Strictness,
    TextDirection, VisualRun,
};
pub use shape::{Shaper, TextWidths};
pub use small_caps::SmallCaps;
pub use variation::{Axis, Variations};
