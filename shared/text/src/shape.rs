//! Shaping of a paragraph: from items to runs of glyphs.

mod measure;

pub use measure::TextWidths;

use crate::bidi::Levels;
use crate::clusters::Clusters;
use crate::itemise::{Content, Item, itemise, plain_item, span_ranges};
use crate::paragraph::{Glyph, Paragraph, Run, Span, TextDirection};
use crate::plan::{Plan, Settings, UnitGlyph};
use crate::script::is_cursive;
use crate::words::{self, WordCache};
use crate::{Fonts, breaks, small_caps};
use fanfold_geometry::Px;
use smallvec::{SmallVec, smallvec};
use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;

/// Words longer than this are shaped in pieces, so that no text needs unbounded memory at once.
const PIECE: usize = 4096;
/// Bytes around a piece that joining may look at.
const CONTEXT: usize = 32;
/// Initial value of `tab-size` (CSS Text 3 §4.2), in spaces.
const TAB_SPACES: f32 = 8.0;

/// Shapes paragraphs, remembering words; shared by all threads of a process.
#[derive(Debug, Default)]
pub struct Shaper {
    words: WordCache,
}

impl Shaper {
    /// An empty cache.
    pub fn new() -> Self {
        Self::default()
    }

    /// Itemises, shapes and finds the breaks of `text`.
    ///
    /// Bidi controls for inline boxes with `direction`/`unicode-bidi` are in the text as U+202A–U+202E
    /// and U+2066–U+2069, put there by layout (CSS Writing Modes 4 §2.4.5); they shape to nothing.
    ///
    /// A text of more than 4 GiB, which no cluster offset reaches, gives an empty paragraph; without
    /// spans there are no runs.
    pub fn shape(
        &self,
        fonts: &Fonts,
        text: Arc<str>,
        spans: &[Span],
        direction: TextDirection,
    ) -> Paragraph {
        if u32::try_from(text.len()).is_err() {
            return Paragraph::default();
        }
        let levels = Levels::of(&text, direction);
        let ranges = span_ranges(&text, spans);
        let items: SmallVec<[Item; 1]> = match plain_item(fonts, &text, spans, &levels) {
            Some(item) => smallvec![item],
            None => itemise(fonts, &text, spans, &ranges, &levels).into(),
        };
        let mut run_shaper = RunShaper {
            fonts,
            words: &self.words,
            text: &text,
            scratch: SCRATCH.take().unwrap_or_default(),
            clusters: Clusters::new(text.len()),
        };
        let mut runs = SmallVec::with_capacity(items.len());
        for item in &items {
            runs.push(run_shaper.run(item, &spans[item.span]));
        }
        let clusters = run_shaper.clusters;
        SCRATCH.set(Some(run_shaper.scratch));
        let breaks = breaks::find(&text, spans, &ranges, &clusters);
        Paragraph::new(text, runs, breaks, clusters, &levels)
    }
}

thread_local! {
    /// What the last paragraph that the thread shaped has left for the next.
    static SCRATCH: Cell<Option<Box<Scratch>>> = Cell::default();
}

/// What shaping needs again and again.
#[derive(Default)]
struct Scratch {
    buffer: Option<harfrust::Buffer>,
    word: Vec<UnitGlyph>,
    /// A space and what follows it.
    pair: Vec<UnitGlyph>,
    glyphs: Vec<Glyph>,
    /// Clusters of a run in visual order: where they start, and their widths.
    widths: Vec<(u32, f32)>,
}

/// Shapes the runs of one paragraph.
struct RunShaper<'a> {
    fonts: &'a Fonts,
    words: &'a WordCache,
    text: &'a str,
    scratch: Box<Scratch>,
    clusters: Clusters,
}

/// The parts of a run that are shaped apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Word,
    Space,
    /// A control, which leaves nothing.
    Control,
}

impl<'a> RunShaper<'a> {
    fn run(&mut self, item: &Item, span: &Span) -> Run {
        self.scratch.glyphs.clear();
        self.scratch.widths.clear();
        let rtl = item.level % 2 == 1;
        match item.content {
            Content::Text => self.text_run(item, span, rtl),
            Content::Feed => self.scratch.widths.push((item.range.start as u32, 0.0)),
            Content::Atomic => {
                let width = span
                    .atomic
                    .filter(|width| width.is_finite())
                    .unwrap_or(Px::ZERO);
                self.scratch.widths.push((item.range.start as u32, width.0));
            }
            Content::Tab => {
                let scale = item.size(span, self.fonts).0 / item.face.metrics.units_per_em;
                let space = item.face.glyph(' ').map_or(0.0, |id| item.face.advance(id)) * scale;
                let space = space + span.letter_spacing.0 + span.word_spacing.0;
                self.scratch
                    .widths
                    .push((item.range.start as u32, (space * TAB_SPACES).max(0.0)));
            }
        }
        let width = self
            .clusters
            .push_run(item.range.start as u32, &self.scratch.widths, rtl);
        Run {
            range: item.range.clone(),
            span: item.span,
            face: item.face_id,
            size: item.size(span, self.fonts),
            level: item.level,
            glyphs: Arc::from(self.scratch.glyphs.as_slice()),
            width: Px(width),
            synthetic_bold: item.synthetic_bold,
            synthetic_oblique: item.synthetic_oblique,
        }
    }

    fn text_run(&mut self, item: &Item, span: &Span, rtl: bool) {
        let cursive = is_cursive(item.script);
        let letter_spacing = if cursive { 0.0 } else { span.letter_spacing.0 };
        let settings = Settings {
            script: item.script,
            rtl,
            span,
            spaced: letter_spacing != 0.0,
        };
        let plan = item.face.plans.get(&item.face, &settings);
        let pen = Pen {
            scale: item.size(span, self.fonts).0 / item.face.metrics.units_per_em,
            letter_spacing,
            word_spacing: span.word_spacing.0,
        };
        let mut parts = Parts {
            text: self.text,
            range: item.range.clone(),
            with_space: plan.kerns_space,
        };
        if rtl {
            // Visual order: the last word stands leftmost.
            let parts: SmallVec<[(Range<usize>, Part); 32]> = parts.collect();
            for (range, part) in parts.into_iter().rev() {
                self.part(item, span, &plan, &pen, cursive, range, part);
            }
        } else {
            for (range, part) in parts.by_ref() {
                self.part(item, span, &plan, &pen, cursive, range, part);
            }
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "what a run's parts share, and the part"
    )]
    fn part(
        &mut self,
        item: &Item,
        span: &Span,
        plan: &Plan,
        pen: &Pen,
        cursive: bool,
        range: Range<usize>,
        part: Part,
    ) {
        let base = range.start as u32;
        match part {
            Part::Control => self.scratch.widths.push((base, 0.0)),
            // A space that the face does not have still keeps words apart.
            Part::Space if plan.space.id == 0 => {
                let extra = span.letter_spacing.0 + pen.word_spacing;
                self.scratch
                    .widths
                    .push((base, plan.space.advance as f32 * pen.scale + extra));
            }
            Part::Space => {
                let mut space = plan.space;
                space.advance += self.kerning_after(item, plan, range.end);
                // Spaces join nothing: those of cursive scripts are spaced too.
                let pen = Pen {
                    letter_spacing: span.letter_spacing.0,
                    ..*pen
                };
                pen.draw(
                    self.text,
                    &[space],
                    base,
                    &mut self.scratch.glyphs,
                    &mut self.scratch.widths,
                );
            }
            Part::Word => {
                self.scratch.word.clear();
                if item.small {
                    self.shape_small(item, plan, span, range.clone());
                } else {
                    self.shape_word(item, plan, cursive, range.clone());
                }
                if self.text[range.clone()].ends_with(' ') {
                    let kerning = self.kerning_after(item, plan, range.end);
                    if let Some(space) = self.scratch.word.last_mut() {
                        space.advance += kerning;
                    }
                }
                if self.scratch.word.is_empty() {
                    self.scratch.widths.push((base, 0.0));
                } else {
                    pen.draw(
                        self.text,
                        &self.scratch.word,
                        base,
                        &mut self.scratch.glyphs,
                        &mut self.scratch.widths,
                    );
                }
            }
        }
    }

    /// Puts the glyphs of a word into the scratch, from the cache where its neighbours cannot matter.
    fn shape_word(&mut self, item: &Item, plan: &Plan, cursive: bool, range: Range<usize>) {
        let word = &self.text[range.clone()];
        let context = if cursive {
            self.joining_context(&range)
        } else {
            ("", "")
        };
        let cached = word.len() <= words::LONGEST && context == ("", "");
        if cached && plan.figures(&item.face, word, &mut self.scratch.word) {
            return;
        }
        if cached && self.words.get(plan.id, word, &mut self.scratch.word) {
            return;
        }
        let buffer = self
            .scratch
            .buffer
            .get_or_insert_with(harfrust::Buffer::new);
        plan.shape(
            &item.face,
            (context.0, word, context.1),
            buffer,
            &mut self.scratch.word,
        );
        if cached {
            self.words.insert(plan.id, word, &self.scratch.word);
        }
    }

    /// Puts the glyphs of a word in smaller capitals into the scratch.
    fn shape_small(&mut self, item: &Item, plan: &Plan, span: &Span, range: Range<usize>) {
        let (capitals, origins) = small_caps::capitals(&self.text[range], span.language.as_deref());
        let buffer = self
            .scratch
            .buffer
            .get_or_insert_with(harfrust::Buffer::new);
        plan.shape(
            &item.face,
            ("", &capitals, ""),
            buffer,
            &mut self.scratch.word,
        );
        for glyph in &mut self.scratch.word {
            let origin = origins.get(glyph.cluster as usize);
            glyph.cluster = origin.copied().unwrap_or_default();
        }
    }

    /// By how much the character at `next` pulls the space before it closer.
    fn kerning_after(&mut self, item: &Item, plan: &Plan, next: usize) -> i32 {
        let rest = self.text.get(next..item.range.end).unwrap_or_default();
        let Some(character) = rest.chars().next() else {
            return 0;
        };
        if !plan.kerns_space || character == ' ' || is_control(character) {
            return 0;
        }
        let pair = &self.text[next - 1..next + character.len_utf8()];
        self.scratch.pair.clear();
        if !self.words.get(plan.id, pair, &mut self.scratch.pair) {
            let buffer = self
                .scratch
                .buffer
                .get_or_insert_with(harfrust::Buffer::new);
            plan.shape(&item.face, ("", pair, ""), buffer, &mut self.scratch.pair);
            self.words.insert(plan.id, pair, &self.scratch.pair);
        }
        self.scratch
            .pair
            .first()
            .map_or(0, |space| space.advance - plan.space.advance)
    }

    /// What stands beside a word that is not a space, and may join it.
    fn joining_context(&self, range: &Range<usize>) -> (&'a str, &'a str) {
        let joins = |c: char| !c.is_ascii() && !c.is_whitespace();
        let before = &self.text[..range.start];
        let before = match before.chars().next_back() {
            Some(c) if joins(c) => {
                &before[before.ceil_char_boundary(before.len().saturating_sub(CONTEXT))..]
            }
            _ => "",
        };
        let after = &self.text[range.end..];
        let after = match after.chars().next() {
            Some(c) if joins(c) => &after[..after.floor_char_boundary(CONTEXT)],
            _ => "",
        };
        (before, after)
    }
}

/// How a run's glyphs are scaled and spaced.
struct Pen {
    scale: f32,
    letter_spacing: f32,
    word_spacing: f32,
}

impl Pen {
    /// Adds glyphs of a word that starts at `base`, and the widths of their clusters.
    fn draw(
        &self,
        text: &str,
        word: &[UnitGlyph],
        base: u32,
        glyphs: &mut Vec<Glyph>,
        widths: &mut Vec<(u32, f32)>,
    ) {
        let spaced = self.letter_spacing != 0.0 || self.word_spacing != 0.0;
        let lone = word
            .windows(2)
            .all(|pair| pair[0].cluster != pair[1].cluster);
        if lone && !spaced {
            glyphs.extend(word.iter().map(|glyph| self.glyph(glyph, base)));
            widths.extend(word.iter().map(|glyph| {
                let width = glyph.advance as f32 * self.scale;
                (base + glyph.cluster, width)
            }));
            return;
        }
        for cluster in word.chunk_by(|a, b| a.cluster == b.cluster) {
            let first = glyphs.len();
            let start = base + cluster[0].cluster;
            glyphs.extend(cluster.iter().map(|glyph| self.glyph(glyph, base)));
            if spaced {
                self.space(text, start, &mut glyphs[first..]);
            }
            let width = glyphs[first..].iter().map(|glyph| glyph.advance.0).sum();
            widths.push((start, width));
        }
    }

    fn glyph(&self, glyph: &UnitGlyph, base: u32) -> Glyph {
        Glyph {
            id: glyph.id,
            cluster: base + glyph.cluster,
            advance: Px(glyph.advance as f32 * self.scale),
            x_offset: Px(glyph.x_offset as f32 * self.scale),
            y_offset: Px(glyph.y_offset as f32 * self.scale),
            unsafe_to_break: glyph.unsafe_to_break,
        }
    }

    /// Adds the spacing after a cluster: at its right in either direction, as WeasyPrint and browsers do.
    fn space(&self, text: &str, start: u32, cluster: &mut [Glyph]) {
        let separates = text[start as usize..]
            .chars()
            .next()
            .is_some_and(is_word_separator);
        let extra = self.letter_spacing + if separates { self.word_spacing } else { 0.0 };
        if let Some(last) = cluster.last_mut() {
            last.advance += Px(extra);
        }
    }
}

/// Characters that `word-spacing` applies to (CSS Text 3 §8.1).
fn is_word_separator(character: char) -> bool {
    matches!(
        character,
        ' ' | '\u{A0}' | '\u{1361}' | '\u{10100}' | '\u{10101}' | '\u{1039F}' | '\u{1091F}'
    )
}

/// Divides a run into words, spaces and controls.
struct Parts<'a> {
    text: &'a str,
    range: Range<usize>,
    /// A word has the space after it.
    with_space: bool,
}

impl Iterator for Parts<'_> {
    type Item = (Range<usize>, Part);

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.range.start;
        let rest = self
            .text
            .get(self.range.clone())
            .filter(|rest| !rest.is_empty())?;
        let (length, part) = if rest.starts_with(' ') {
            (1, Part::Space)
        } else if let Some(control) = rest.chars().next().filter(|&c| begins_no_word(c)) {
            (control.len_utf8(), Part::Control)
        } else {
            let length = word_length(rest);
            let space = self.with_space && rest[length..].starts_with(' ');
            (length + usize::from(space), Part::Word)
        };
        self.range.start = start + length;
        Some((start..start + length, part))
    }
}

/// Characters that end a word and draw nothing.
fn is_control(character: char) -> bool {
    matches!(
        character,
        '\u{61C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}'
    )
}

/// Controls, and the soft hyphen: where no letter is before it, it would be one cluster with the letter
/// after it, and no place for a break.
fn begins_no_word(character: char) -> bool {
    character == '\u{AD}' || is_control(character)
}

/// Bytes up to the next space or control, or to where a word is cut for its length.
fn word_length(text: &str) -> usize {
    let limit = text.floor_char_boundary(PIECE);
    // No control is ASCII.
    let plain = |byte: &u8| byte.is_ascii() && *byte != b' ';
    let ascii = text.bytes().take(limit).take_while(plain).count();
    let end = text[ascii..limit]
        .find(|c: char| c == ' ' || is_control(c))
        .map_or(limit, |more| ascii + more);
    if end < limit || limit == text.len() {
        return end;
    }
    // Too long: cut before the last character that starts a cluster, if one is near.
    let near = text.floor_char_boundary(limit.saturating_sub(CONTEXT * 2));
    let cut = text[near..limit]
        .char_indices()
        .rev()
        .find(|&(_, c)| c.is_alphanumeric() && !crate::itemise::is_invisible(c))
        .map_or(limit, |(at, _)| near + at);
    if cut == 0 { limit } else { cut }
}
