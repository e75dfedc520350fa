//! Paragraphs: shaped runs in logical order, break opportunities, and visual order by line.

use crate::bidi::{Levels, trailing_start};
use crate::clusters::Clusters;
use crate::{FaceId, FontQuery, SmallCaps};
use fanfold_geometry::Px;
use smallvec::SmallVec;
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
    /// `font-variant-caps`.
    pub caps: SmallCaps,
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
    /// `overflow-wrap: anywhere`: emergency breaks, and they count for min-content too.
    pub anywhere: bool,
    /// `overflow-wrap: break-word`: emergency breaks between clusters.
    pub emergency: bool,
    /// `hyphens: auto`, by the language's dictionary.
    pub hyphenate: bool,
    /// `hyphens: none`: soft hyphens give no opportunity.
    pub no_soft_hyphens: bool,
    /// `white-space: break-spaces`: a line may break after every preserved space.
    pub break_spaces: bool,
    /// `line-break`.
    pub strictness: Strictness,
    /// `hyphenate-limit-chars`.
    pub hyphen_limits: HyphenLimits,
}

/// `line-break` (CSS Text 3 §5.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strictness {
    /// The fewest rules.
    Loose,
    /// The usual rules.
    #[default]
    Normal,
    /// The strictest rules.
    Strict,
    /// Between any two typographic characters.
    Anywhere,
}

/// The least characters of a word that may be hyphenated, and of its parts before and after the hyphen
/// (CSS Text 4 §6.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "described above")]
pub struct HyphenLimits {
    pub word: usize,
    pub before: usize,
    pub after: usize,
}

impl Default for HyphenLimits {
    /// What browsers take for `auto`; the language's patterns may ask for more.
    fn default() -> Self {
        Self {
            word: 5,
            before: 2,
            after: 2,
        }
    }
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
    /// Left to right, whatever its characters are (`bidi-override`).
    LtrOverride,
    /// Right to left, whatever its characters are.
    RtlOverride,
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
///
/// Tabs, forced breaks and atomic inlines are runs of their own without glyphs: a tab is as wide as
/// eight spaces, for layout to replace by its tab stops; a forced break has no width; an atomic has its
/// span's.
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
    pub runs: SmallVec<[Run; 1]>,
    /// Break opportunities in order; the end of the text is not among them.
    pub breaks: Vec<Break>,
    /// The base level: 0 or 1.
    pub base_level: u8,
    clusters: Clusters,
    /// Where each bidi paragraph ends and its base level, if they can differ (`plaintext`).
    bases: Vec<(usize, u8)>,
    /// Every run is at level 0, as is the paragraph.
    left_to_right: bool,
}

impl Paragraph {
    pub(crate) fn new(
        text: Arc<str>,
        runs: SmallVec<[Run; 1]>,
        breaks: Vec<Break>,
        clusters: Clusters,
        levels: &Levels,
    ) -> Self {
        let left_to_right = levels.base == 0 && runs.iter().all(|run| run.level == 0);
        let bases = levels.paragraphs.clone();
        Self {
            text,
            runs,
            breaks,
            base_level: levels.base,
            clusters,
            bases,
            left_to_right,
        }
    }

    /// Width of the clusters in `range` (any byte range on cluster borders), white space included.
    ///
    /// An end inside a cluster, such as a ligature, counts as the cluster's start: widths of adjacent
    /// ranges always add up.
    pub fn width(&self, range: Range<usize>) -> Px {
        if range.is_empty() {
            return Px::ZERO;
        }
        let width = self.clusters.position(range.end) - self.clusters.position(range.start);
        Px(width.clamp(0.0, f64::from(f32::MAX)) as f32)
    }

    /// Where the cluster that holds the byte at `offset` starts.
    pub fn cluster_start(&self, offset: usize) -> usize {
        self.clusters.start_of(offset).unwrap_or(0)
    }

    /// Where the clusters in `range` start, in logical order.
    pub fn cluster_starts(&self, range: Range<usize>) -> impl Iterator<Item = usize> {
        self.clusters.within(range)
    }

    /// The base level of the bidi paragraph at `offset`: differs from `base_level` only where
    /// `unicode-bidi: plaintext` text has forced breaks.
    pub fn base_level_at(&self, offset: usize) -> u8 {
        let at = self.bases.partition_point(|&(end, _)| end <= offset);
        self.bases
            .get(at)
            .or(self.bases.last())
            .map_or(self.base_level, |&(_, level)| level)
    }

    /// The runs of a line in visual order, left to right (UAX #9 L1 and L2).
    pub fn visual(&self, line: Range<usize>) -> SmallVec<[VisualRun; 2]> {
        let line = self.clip(line);
        let first = self.runs.partition_point(|run| run.range.end <= line.start);
        let runs = self.runs[first..]
            .iter()
            .enumerate()
            .map(|(at, run)| (first + at, run));
        let runs = runs.take_while(|(_, run)| run.range.start < line.end);
        let pieces = runs.map(|(index, run)| {
            let range = run.range.start.max(line.start)..run.range.end.min(line.end);
            (VisualRun { run: index, range }, run.level)
        });
        if self.left_to_right {
            return pieces.map(|(piece, _)| piece).collect();
        }
        let base = self.base_level_at(line.start);
        let trailing = trailing_start(&self.text, &line);
        let mut levelled: Vec<(VisualRun, u8)> = Vec::new();
        for (piece, level) in pieces {
            let cut = trailing.clamp(piece.range.start, piece.range.end);
            for (range, level) in [
                (piece.range.start..cut, level),
                (cut..piece.range.end, base),
            ] {
                if !range.is_empty() {
                    levelled.push((
                        VisualRun {
                            run: piece.run,
                            range,
                        },
                        level,
                    ));
                }
            }
        }
        reorder(&mut levelled);
        levelled.into_iter().map(|(piece, _)| piece).collect()
    }

    /// The glyphs of `piece`, in visual order. Borrowed from the run where the piece is all of it.
    pub fn glyphs(&self, piece: &VisualRun) -> &[Glyph] {
        let Some(run) = self.runs.get(piece.run) else {
            return &[];
        };
        let glyphs = &run.glyphs;
        let (start, end) = (piece.range.start, piece.range.end);
        let before = |offset: usize| move |glyph: &Glyph| (glyph.cluster as usize) < offset;
        let from_end = |offset: usize| move |glyph: &Glyph| glyph.cluster as usize >= offset;
        let range = if run.level % 2 == 0 {
            glyphs.partition_point(before(start))..glyphs.partition_point(before(end))
        } else {
            glyphs.partition_point(from_end(end))..glyphs.partition_point(from_end(start))
        };
        glyphs.get(range).unwrap_or(&[])
    }

    /// `range` within the text and on character borders.
    fn clip(&self, range: Range<usize>) -> Range<usize> {
        let end = self
            .text
            .floor_char_boundary(range.end.min(self.text.len()));
        self.text.floor_char_boundary(range.start.min(end))..end
    }
}

/// UAX #9 L2: from the highest level to the lowest odd one, reverses what is at that level or above.
fn reorder(pieces: &mut [(VisualRun, u8)]) {
    let highest = pieces.iter().map(|&(_, level)| level).max().unwrap_or(0);
    let lowest_odd = pieces
        .iter()
        .map(|&(_, level)| level)
        .filter(|level| level % 2 == 1)
        .min();
    let Some(lowest_odd) = lowest_odd else { return };
    for level in (lowest_odd..=highest).rev() {
        for stretch in pieces.chunk_by_mut(|a, b| (a.1 >= level) == (b.1 >= level)) {
            if stretch[0].1 >= level {
                stretch.reverse();
            }
        }
    }
}
