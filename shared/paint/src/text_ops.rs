//! Text runs → text-showing operations.
//!
//! Runs on one baseline in one font become one `TJ`: glyph codes, and numbers where the pen must be
//! somewhere else than the glyphs' widths leave it. Positions are compared with the pen that a reader
//! will have, in thousandths of an em, so that errors do not add up along a line.

use crate::canvas::{Canvas, alpha_level};
use crate::content::{write_number, write_string_bytes};
use crate::face_program::FaceProgram;
use crate::glyph_text::{GlyphTexts, is_ignorable};
use crate::page_space::{float, length, nearest, round};
use crate::{PositionedGlyph, TextRun};
use fanfold_geometry::Px;
use fanfold_pdf::text_string;
use lopdf::Object;
use printpdf::{DictItem, Op};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// How far the pen may be off, in thousandths of an em, before a number corrects it.
const TOLERANCE: f64 = 0.6;
/// A gap this wide (in thousandths of an em) still belongs to the line; backwards less does.
const WIDEST_GAP: f64 = 30_000.0;
const WIDEST_STEP_BACK: f64 = -2_000.0;
/// Sine of the slant of a synthetic oblique: about 12°.
pub(crate) const SLANT: f64 = 0.2;
/// Readers take a glyph that is so many pixels off the baseline for one of another line.
const OFF_BASELINE: f32 = 0.01;
/// Stroke width of a synthetic bold, of the font size.
pub(crate) const EMBOLDENING: f64 = 1.0 / 28.0;

/// The text object being written.
#[derive(Debug, Default)]
pub(crate) struct TextState {
    open: bool,
    /// Where the current line began, in hundredths of a point: what `Td` is relative to.
    start: (i64, i64),
    slanted: bool,
    line: Option<Line>,
    /// What is to be shown next: strings, and numbers between them, in PDF's syntax.
    shown: Vec<u8>,
    /// The last string has no end yet.
    in_string: bool,
    /// There are numbers.
    moved: bool,
    clusters: Vec<Stretch>,
}

/// A `TJ` in the making.
#[derive(Clone, Copy, Debug)]
struct Line {
    font: usize,
    size: f64,
    slanted: bool,
    /// Exact start, in points.
    x: f64,
    /// Baseline, in hundredths of a point.
    y: i64,
    /// Where a reader's pen is, in thousandths of an em from the start.
    pen: f64,
}

/// Consecutive glyphs whose own text is right, or that stand together for another text.
#[derive(Debug)]
struct Stretch {
    glyphs: Range<usize>,
    text: (u32, u32),
    speaks: Speech,
}

/// How a stretch of glyphs says its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speech {
    /// Through `ToUnicode`.
    Itself,
    /// Through `ActualText`.
    Replaced,
    /// Stands for nothing and shows nothing.
    Silent,
}

impl TextState {
    /// Adds a glyph.
    fn code(&mut self, glyph: u16) {
        self.bytes(&glyph.to_be_bytes());
    }

    /// Adds a glyph of a font of its block alone.
    fn short_code(&mut self, glyph: u16) {
        self.bytes(&glyph.to_be_bytes()[1..]);
    }

    fn bytes(&mut self, code: &[u8]) {
        if !self.in_string {
            self.in_string = true;
            self.shown.push(b'(');
        }
        write_string_bytes(&mut self.shown, code);
    }

    /// Moves the pen back by so many thousandths of an em.
    fn adjust(&mut self, by: f64) {
        self.end_string();
        self.moved = true;
        write_number(&mut self.shown, by);
    }

    fn end_string(&mut self) {
        if self.in_string {
            self.in_string = false;
            self.shown.push(b')');
        }
    }
}

impl Canvas<'_, '_> {
    /// Shows a run.
    pub(crate) fn show(&mut self, run: &TextRun) {
        let size = round(length(run.size));
        if run.glyphs.is_empty() || size <= 0.0 {
            return;
        }
        let font = self.resources.font(run.face);
        let program = Arc::clone(&self.resources.used_fonts[font].program);
        let colors = self.resources.used_fonts[font].face.colors;
        if colors {
            if self.show_faded(run, font) {
                return;
            }
            self.begin_text();
        } else {
            self.enter(run, font, size);
        }
        let mut stretches = std::mem::take(&mut self.text.clusters);
        stretches.clear();
        split(run, &program.texts, &mut stretches);
        for stretch in &stretches {
            let glyphs = &run.glyphs[stretch.glyphs.clone()];
            match stretch.speaks {
                Speech::Silent => {}
                Speech::Itself if colors => self.colored(run, glyphs, font, size, &program),
                Speech::Itself => self.glyphs(run, glyphs, font, size, &program),
                Speech::Replaced => {
                    let text = spoken(&run.text, stretch.text);
                    self.flush_text();
                    self.replace(&text);
                    if colors {
                        self.colored(run, glyphs, font, size, &program);
                    } else {
                        self.glyphs(run, glyphs, font, size, &program);
                    }
                    self.flush_text();
                    self.content.push(Op::EndMarkedContent);
                }
            }
        }
        self.text.clusters = stretches;
    }

    /// Ends the text object, where one is open.
    pub(crate) fn end_text(&mut self) {
        if self.text.open {
            self.flush_text();
            self.text.line = None;
            self.text.open = false;
            self.content.operator("ET");
        }
    }

    /// Shows a run of a translucent colour as one group, where glyphs with colours are in it: what they are
    /// drawn of may be opaque, or overlap.
    fn show_faded(&mut self, run: &TextRun, font: usize) -> bool {
        let alpha = alpha_level(run.color.a);
        let faded = (1..255).contains(&alpha)
            && (run.glyphs.iter()).any(|glyph| {
                self.resources
                    .color_font(font, glyph.id, run.color)
                    .is_some()
            });
        if faded {
            self.end_text();
            self.push_opacity(run.color.a);
            let mut opaque = run.clone();
            opaque.color.a = 1.0;
            self.show(&opaque);
            self.pop();
        }
        faded
    }

    /// Shows glyphs of a face of which some have colours: these are in fonts of their own.
    fn colored(
        &mut self,
        run: &TextRun,
        glyphs: &[PositionedGlyph],
        font: usize,
        size: f64,
        program: &FaceProgram,
    ) {
        for glyph in glyphs {
            let own = self.resources.color_font(font, glyph.id, run.color);
            let own = own.unwrap_or(font);
            self.enter(run, own, size);
            self.glyphs(run, std::slice::from_ref(glyph), own, size, program);
        }
    }

    fn begin_text(&mut self) {
        if !self.text.open {
            self.text.open = true;
            self.text.start = (0, 0);
            self.text.slanted = false;
            self.content.operator("BT");
        }
    }

    /// Brings the graphics state to what the run asks for.
    fn enter(&mut self, run: &TextRun, font: usize, size: f64) {
        self.begin_text();
        let wanted = (font, float(size));
        let before = self.content.len();
        let pending = !self.text.shown.is_empty();
        // State changes must come after what is still to be shown in the old state.
        // Transparent text is there to be found (ISO 32000-2 §9.3.6).
        // The mode does nothing to glyphs that are content streams; those are seen through to nothing.
        let drawn = self.resources.used_fonts[font].colors.is_some();
        let hidden = run.color.is_transparent() && !drawn;
        let bold = run.synthetic_bold && !drawn;
        let mode = match bold {
            _ if hidden => 3,
            true => 2,
            false => 0,
        };
        let changes = self.state.font != Some(wanted)
            || self.state.text_mode != Some(mode)
            || (!hidden && self.needs_color(run));
        if changes && pending {
            self.flush_text();
        }
        if !hidden {
            self.fill_color(run.color);
        }
        if bold && !hidden {
            self.stroke_color(run.color);
            self.line_width(size * EMBOLDENING);
        }
        if self.state.text_mode != Some(mode) {
            self.state.text_mode = Some(mode);
            self.content.numbers([f64::from(mode)]);
            self.content.operator("Tr");
        }
        if self.state.font != Some(wanted) {
            self.state.font = Some(wanted);
            self.content.name('F', font);
            self.content.numbers([size]);
            self.content.operator("Tf");
        }
        debug_assert!(
            changes || self.content.len() == before,
            "a state change that was not foreseen"
        );
        if self
            .text
            .line
            .is_some_and(|line| line.font != font || (line.size - size).abs() > 1e-9)
        {
            // The pen goes on from where it is, but counts in another font's ems.
            self.text.line = None;
        }
    }

    fn glyphs(
        &mut self,
        run: &TextRun,
        glyphs: &[PositionedGlyph],
        font: usize,
        size: f64,
        program: &FaceProgram,
    ) {
        let (left, baseline) = (self.space.x(run.origin.x), self.space.y(run.origin.y));
        let on_baseline = hundredths(baseline);
        let mut bucket = None;
        let short = self.resources.used_fonts[font].colors.is_some();
        for glyph in glyphs {
            let x = left + length(glyph.x);
            let y = match glyph.y == Px::ZERO {
                true => on_baseline,
                false => hundredths(baseline + length(glyph.y)),
            };
            self.move_pen(x, y, font, size, run.synthetic_oblique);
            if short {
                self.text.short_code(glyph.id);
                self.advance(program.width(glyph.id));
                continue;
            }
            self.text.code(glyph.id);
            let own = program.buckets.of(glyph.id);
            if bucket.replace(own) != Some(own) {
                self.resources.used_fonts[font].used.insert(own);
            }
            self.advance(program.width(glyph.id));
        }
    }

    /// Counts that a reader's pen goes on.
    fn advance(&mut self, width: f32) {
        if let Some(line) = &mut self.text.line {
            line.pen += f64::from(width);
        }
    }

    /// Puts the pen at a place, by a number in the `TJ` where that will do.
    fn move_pen(&mut self, x: f64, y: i64, font: usize, size: f64, slanted: bool) {
        if let Some(line) = &mut self.text.line
            && line.y == y
            && line.slanted == slanted
        {
            let gap = (x - line.x) * 1000.0 / size - line.pen;
            if gap.abs() < TOLERANCE {
                return;
            }
            if (WIDEST_STEP_BACK..WIDEST_GAP).contains(&gap) {
                let adjustment = nearest(gap) as f64;
                line.pen += adjustment;
                self.text.adjust(-adjustment);
                return;
            }
        }
        self.flush_text();
        self.start_line(x, y, slanted);
        self.text.line = Some(Line {
            font,
            size,
            slanted,
            x,
            y,
            pen: 0.0,
        });
    }

    fn start_line(&mut self, x: f64, y: i64, slanted: bool) {
        let place = (hundredths(x), y);
        let decimal = |value: i64| value as f64 / 100.0;
        if slanted || self.text.slanted {
            let slant = if slanted { SLANT } else { 0.0 };
            let at = (decimal(place.0), decimal(place.1));
            self.content.numbers([1.0, 0.0, slant, 1.0, at.0, at.1]);
            self.content.operator("Tm");
        } else {
            let (x, y) = self.text.start;
            self.content
                .numbers([decimal(place.0 - x), decimal(place.1 - y)]);
            self.content.operator("Td");
        }
        self.text.start = place;
        self.text.slanted = slanted;
    }

    /// Shows what is to be shown next (§9.4.3).
    fn flush_text(&mut self) {
        self.text.end_string();
        let shown = &mut self.text.shown;
        if shown.is_empty() {
            return;
        }
        if std::mem::take(&mut self.text.moved) {
            self.content.raw(b"[");
            self.content.raw(shown);
            self.content.operator("]TJ");
        } else {
            self.content.raw(shown);
            self.content.operator("Tj");
        }
        shown.clear();
    }

    /// ISO 32000-1 §14.9.4.
    fn replace(&mut self, text: &str) {
        let data = match text_string(text) {
            Object::String(data, _) => data,
            _ => Vec::new(),
        };
        let text = DictItem::String {
            data,
            literal: true,
        };
        self.content.push(Op::BeginMarkedContentWithProperties {
            tag: "Span".into(),
            properties: DictItem::Dict {
                map: BTreeMap::from([("ActualText".into(), text)]),
            },
        });
    }
}

/// Splits a run into stretches by whether its glyphs say what its text says.
fn split(run: &TextRun, texts: &GlyphTexts, stretches: &mut Vec<Stretch>) {
    if let [first, .., last] = &run.glyphs[..]
        && is_spelt(run, texts)
    {
        stretches.push(Stretch {
            glyphs: 0..run.glyphs.len(),
            text: (first.text.0, last.text.1),
            speaks: Speech::Itself,
        });
        return;
    }
    let mut start = 0;
    while start < run.glyphs.len() {
        let text = run.glyphs[start].text;
        let length = run.glyphs[start..]
            .iter()
            .take_while(|glyph| glyph.text == text)
            .count();
        let cluster = start..start + length;
        start = cluster.end;
        let speaks = speech(run, &run.glyphs[cluster.clone()], text, texts);
        match stretches.last_mut() {
            Some(last) if last.speaks == speaks => {
                last.glyphs.end = cluster.end;
                last.text = (last.text.0.min(text.0), last.text.1.max(text.1));
            }
            _ => stretches.push(Stretch {
                glyphs: cluster,
                text,
                speaks,
            }),
        }
    }
}

/// Whether each glyph is a letter's own, on the baseline, as in nearly all text.
fn is_spelt(run: &TextRun, texts: &GlyphTexts) -> bool {
    let letters = run.text.as_bytes();
    let mut before = None;
    run.glyphs.iter().all(|glyph| {
        let (start, end) = glyph.text;
        let alone = before != Some(start);
        before = Some(start);
        alone
            && start.checked_add(1) == Some(end)
            && glyph.y.abs().0 <= OFF_BASELINE
            && texts
                .letter(glyph.id)
                .is_some_and(|letter| letters.get(start as usize) == Some(&letter))
    })
}

fn speech(
    run: &TextRun,
    glyphs: &[PositionedGlyph],
    text: (u32, u32),
    texts: &GlyphTexts,
) -> Speech {
    let Some(text) = run.text.get(text.0 as usize..text.1 as usize) else {
        return Speech::Itself;
    };
    if let ([glyph], &[letter]) = (glyphs, text.as_bytes())
        && glyph.y.abs().0 <= OFF_BASELINE
        && texts.letter(glyph.id) == Some(letter)
    {
        return Speech::Itself;
    }
    if text.is_empty() {
        return Speech::Itself;
    }
    if text.chars().all(is_ignorable) {
        let invisible = glyphs.iter().all(|glyph| {
            glyph.advance.0 == 0.0 || texts.text(glyph.id).chars().all(|c| c.is_whitespace())
        });
        return if invisible {
            Speech::Silent
        } else {
            Speech::Replaced
        };
    }
    if glyphs.iter().any(|glyph| glyph.y.abs().0 > OFF_BASELINE) {
        return Speech::Replaced;
    }
    let expected = text.chars().filter(|&c| !is_ignorable(c)).map(as_extracted);
    // A reader that orders a right-to-left line takes its glyphs from the right.
    let same = if run.rtl {
        glyphs
            .iter()
            .rev()
            .flat_map(|glyph| texts.text(glyph.id).chars())
            .map(as_extracted)
            .eq(expected)
    } else {
        glyphs
            .iter()
            .flat_map(|glyph| texts.text(glyph.id).chars())
            .map(as_extracted)
            .eq(expected)
    };
    if same {
        Speech::Itself
    } else {
        Speech::Replaced
    }
}

/// Spaces and hyphens that differ only in how lines break around them are one glyph and may be
/// extracted as one character.
fn as_extracted(character: char) -> char {
    match character {
        '\u{a0}' | '\t' | '\n' => ' ',
        '\u{2010}' | '\u{2011}' => '-',
        other => other,
    }
}

fn spoken(text: &str, range: (u32, u32)) -> String {
    let text = text
        .get(range.0 as usize..range.1 as usize)
        .unwrap_or_default();
    text.chars()
        .filter(|&c| !is_ignorable(c))
        .map(as_extracted)
        .collect()
}

fn hundredths(points: f64) -> i64 {
    nearest(points * 100.0)
}
