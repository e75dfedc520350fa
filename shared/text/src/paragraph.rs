//! Paragraphs: shaped runs in logical order, break opportunities, and visual order by line.

use crate::{FaceId, FontQuery, Fonts};
use fanfold_geometry::Px;
use std::ops::Range;
use std::sync::Arc;

/// A stretch of a paragraph's text with one style.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// Bytes of the paragraph's text; spans are in order and cover it.
    pub range: Range<usize>,
    /// Font selection.
    pub font: FontQuery,
    /// Font size.
    pub size: Px,
    /// Added after each cluster.
    pub letter_spacing: Px,
    /// Added to each word separator (CSS Text 3 §7.1).
    pub word_spacing: Px,
    /// OpenType features beyond the defaults.
    pub features: Vec<([u8; 4], u32)>,
    /// `font-kerning`.
    pub kerning: bool,
    /// Content language (BCP 47).
    pub language: Option<Arc<str>>,
    /// How lines may break inside.
    pub rules: LineBreakRules,
    /// An atomic inline of this width instead of text (the range holds one U+FFFC).
    pub atomic: Option<Px>,
}

/// `white-space`, `word-break`, `overflow-wrap`, `line-break` and `hyphens` as line breaking sees them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineBreakRules {
    /// No soft wraps at all.
    pub nowrap: bool,
    /// `word-break: break-all`.
    pub break_all: bool,
    /// `word-break: keep-all`.
    pub keep_all: bool,
    /// `overflow-wrap: anywhere`: emergency breaks count for min-content too.
    pub anywhere: bool,
    /// `overflow-wrap: break-word` or `anywhere`: emergency breaks between clusters.
    pub emergency: bool,
    /// `hyphens: auto`, by the language's dictionary.
    pub hyphenate: bool,
    /// `hyphens: none`: soft hyphens give no opportunity.
    pub no_soft_hyphens: bool,
    /// Preserved white space: spaces do not hang (`break-spaces`), or tabs and feeds are kept (`pre`).
    pub break_spaces: bool,
}

/// The paragraph's base direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextDirection {
    /// Left to right.
    #[default]
    Ltr,
    /// Right to left.
    Rtl,
    /// By the first strong character (`plaintext`).
    Auto,
}

/// A glyph of a run, in visual order within it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Glyph {
    /// Glyph index in the run's face.
    pub id: u16,
    /// Byte offset in the paragraph's text of the cluster it belongs to.
    pub cluster: u32,
    /// Pen advance, letter and word spacing included.
    pub advance: Px,
    /// Rightwards shift from the pen.
    pub x_offset: Px,
    /// Upwards shift from the pen.
    pub y_offset: Px,
    /// Lines must not break before this glyph's cluster without shaping again.
    pub unsafe_to_break: bool,
}

/// Glyphs of one face, size, direction and span.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Bytes of the paragraph's text.
    pub range: Range<usize>,
    /// Index of its span.
    pub span: usize,
    /// The face, after fallback.
    pub face: FaceId,
    /// Font size.
    pub size: Px,
    /// UAX #9 embedding level; odd is right to left.
    pub level: u8,
    /// Glyphs in visual order (left to right).
    pub glyphs: Arc<[Glyph]>,
    /// Sum of advances.
    pub width: Px,
    /// Emboldened by stroke because the family has no such weight.
    pub synthetic_bold: bool,
    /// Slanted because the family has no such slant.
    pub synthetic_oblique: bool,
}

/// Where a line may or must end: before the byte at `offset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Break {
    /// Byte offset in the paragraph's text.
    pub offset: usize,
    /// Why.
    pub kind: BreakKind,
}

/// The kinds of line break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakKind {
    /// After a preserved line feed, paragraph or line separator.
    Mandatory,
    /// A soft wrap opportunity (UAX #14).
    Soft,
    /// Inside a word with a visible hyphen: soft hyphen or dictionary.
    Hyphen,
    /// Only when nothing else fits, between clusters.
    Emergency,
}

/// A piece of a run on a line, in visual order.
#[derive(Clone, Debug, PartialEq)]
pub struct VisualRun {
    /// Index in [`Paragraph::runs`].
    pub run: usize,
    /// Bytes of the text, within the run's range.
    pub range: Range<usize>,
}

/// A shaped paragraph.
#[derive(Clone, Debug, Default)]
pub struct Paragraph {
    /// The text, white space already collapsed and transformed by layout.
    pub text: Arc<str>,
    /// Runs in logical order, covering the text.
    pub runs: Vec<Run>,
    /// Break opportunities in order; the end of the text is not among them.
    pub breaks: Vec<Break>,
    /// The base level: 0 or 1.
    pub base_level: u8,
}

/// Shapes paragraphs, remembering words; shared by all threads of a process.
#[derive(Debug, Default)]
pub struct Shaper {}

impl Shaper {
    /// An empty cache.
    pub fn new() -> Self {
        Self::default()
    }

    /// Itemises, shapes and finds the breaks of `text`.
    ///
    /// Bidi controls for inline boxes with `direction`/`unicode-bidi` are in the text as U+202A–U+202E
    /// and U+2066–U+2069, put there by layout (CSS Writing Modes 4 §2.4.5); they shape to nothing.
    pub fn shape(
        &self,
        fonts: &Fonts,
        text: Arc<str>,
        spans: &[Span],
        direction: TextDirection,
    ) -> Paragraph {
        let _ = (fonts, spans, direction);
        Paragraph { text, ..Paragraph::default() }
    }
}

impl Paragraph {
    /// Width of the clusters in `range` (any byte range on cluster borders), white space included.
    pub fn width(&self, range: Range<usize>) -> Px {
        let _ = range;
        Px::ZERO
    }

    /// The runs of a line in visual order, left to right (UAX #9 L1 and L2).
    pub fn visual(&self, line: Range<usize>) -> Vec<VisualRun> {
        let _ = line;
        Vec::new()
    }

    /// The glyphs of `piece`, in visual order. Borrowed from the run where the piece is all of it.
    pub fn glyphs(&self, piece: &VisualRun) -> &[Glyph] {
        let _ = piece;
        &[]
    }
}
