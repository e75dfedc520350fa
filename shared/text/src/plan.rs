//! Shape plans of a face: one for each script, direction, language and feature set it is used with.

use crate::{Face, SmallCaps, Span};
use harfrust::{
    BufferFlags, Direction, Feature, Language, Script, ShapeOptions, ShapePlan, ShaperFont, Tag,
};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, RwLock};

/// What a plan is made for, besides its face.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings<'a> {
    pub(crate) script: unicode_script::Script,
    pub(crate) rtl: bool,
    pub(crate) span: &'a Span,
    /// Letters are spaced, so optional ligatures are off (CSS Text 3 §8.2).
    pub(crate) spaced: bool,
}

/// A glyph in font units.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct UnitGlyph {
    pub(crate) id: u16,
    pub(crate) unsafe_to_break: bool,
    /// Byte offset in the word.
    pub(crate) cluster: u32,
    pub(crate) advance: i32,
    pub(crate) x_offset: i32,
    pub(crate) y_offset: i32,
}

/// A face made ready to shape text of one kind.
pub(crate) struct Plan {
    /// Stands for the face and the settings in the word cache; never used twice in a process.
    pub(crate) id: u64,
    /// The glyph of U+0020; 0 and a quarter of the em where the face has none.
    pub(crate) space: UnitGlyph,
    /// The font kerns letters with the space beside them, so words are not shaped without it.
    pub(crate) kerns_space: bool,
    script: unicode_script::Script,
    rtl: bool,
    kerning: bool,
    spaced: bool,
    language: Option<Arc<str>>,
    caps: SmallCaps,
    user_features: Vec<([u8; 4], u32)>,
    features: Vec<Feature>,
    shape: Option<ShapePlan>,
    figures: OnceLock<Option<Figures>>,
}

/// The glyphs of the digits and the separators of numbers, of a face that draws each as it does alone
/// and moves it at most for what stands beside it. No two numbers of a ledger are the same, so words
/// remembered do not help.
struct Figures {
    alone: [UnitGlyph; FIGURES.len()],
    /// Advance and horizontal shift, by the figure before, the figure, and the one after.
    places: Vec<(i32, i32)>,
}

/// What numbers are written with.
const FIGURES: &[u8; 12] = b"0123456789.,";

/// The index of a character in [`FIGURES`].
fn figure(byte: u8) -> Option<usize> {
    match byte {
        b'0'..=b'9' => Some(usize::from(byte - b'0')),
        b'.' => Some(10),
        b',' => Some(11),
        _ => None,
    }
}

/// Stands for no figure before or after.
const NONE: usize = FIGURES.len();

/// The index in [`Figures::places`] of a figure between two others.
fn place([before, own, after]: [usize; 3]) -> usize {
    (before * NONE + own) * (NONE + 1) + after
}

/// Figures in which any three come beside one another: a de Bruijn sequence, by the rule that prefers
/// the last (Martin 1934).
fn all_triples() -> Vec<usize> {
    let mut met = [false; NONE * NONE * NONE];
    met[0] = true;
    let mut sequence = vec![0, 0, 0];
    while let [.., first, second] = sequence[..] {
        let pair = (first * NONE + second) * NONE;
        let Some(next) = (0..NONE).rev().find(|next| !met[pair + next]) else {
            break;
        };
        met[pair + next] = true;
        sequence.push(next);
    }
    sequence
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Plan({}, {:?})", self.id, self.script)
    }
}

/// The plans of a face.
#[derive(Debug, Default)]
pub(crate) struct Plans(RwLock<Vec<Arc<Plan>>>);

/// A face is used with few settings; a document that makes up more gets its plans anew each time.
const PLANS: usize = 64;

impl Plans {
    pub(crate) fn get(&self, face: &Face, settings: &Settings<'_>) -> Arc<Plan> {
        if let Ok(plans) = self.0.read()
            && let Some(plan) = plans.iter().find(|plan| plan.serves(settings))
        {
            return Arc::clone(plan);
        }
        let plan = Arc::new(Plan::new(face, settings));
        if let Ok(mut plans) = self.0.write()
            && plans.len() < PLANS
        {
            plans.push(Arc::clone(&plan));
        }
        plan
    }
}

impl Plan {
    fn new(face: &Face, settings: &Settings<'_>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let span = settings.span;
        let mut features = Vec::new();
        let mut set = |tag: &[u8; 4], value| features.push(Feature::new(Tag::new(tag), value, ..));
        if !span.kerning {
            set(b"kern", 0);
        }
        if settings.spaced {
            for tag in [b"liga", b"clig", b"dlig", b"hlig"] {
                set(tag, 0);
            }
        }
        for tag in span.caps.tags(face) {
            set(tag, 1);
        }
        // The face's own come before the text's (CSS Fonts 4 §7.2).
        for (tag, value) in face.description.features.iter().chain(&span.features) {
            set(tag, *value);
        }
        let language = span.language.as_deref().and_then(Language::new);
        let shape = face.font.as_ref().map(|font| {
            ShapePlan::new(
                font,
                direction(settings.rtl),
                Some(script(settings.script)),
                language.as_ref(),
                &features,
            )
        });
        let space = face
            .glyph(' ')
            .map_or(UnitGlyph::default(), |id| UnitGlyph {
                id,
                advance: face.advance(id).round() as i32,
                ..UnitGlyph::default()
            });
        let mut plan = Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            space,
            kerns_space: false,
            script: settings.script,
            rtl: settings.rtl,
            kerning: span.kerning,
            spaced: settings.spaced,
            language: span.language.clone(),
            caps: span.caps,
            user_features: span.features.clone(),
            features,
            shape,
            figures: OnceLock::new(),
        };
        plan.kerns_space = span.kerning && !settings.rtl && plan.find_space_kerning(face);
        plan
    }

    /// Whether letters that fonts kern with the space change its advance or have theirs changed.
    fn find_space_kerning(&self, face: &Face) -> bool {
        const PROBES: [&str; 10] = ["A ", " A", "T ", " T", "V ", " V", "Y ", " Y", "P ", "1 "];
        if !face.covers_ascii() {
            return false;
        }
        let mut buffer = harfrust::Buffer::new();
        let mut glyphs = Vec::new();
        PROBES.iter().any(|probe| {
            glyphs.clear();
            self.shape(face, ("", probe, ""), &mut buffer, &mut glyphs);
            glyphs
                .iter()
                .any(|glyph| glyph.advance != face.advance(glyph.id).round() as i32)
        })
    }

    /// Puts the glyphs of `word` into `glyphs`, which is empty; false where it is not a number, or its
    /// figures act on one another.
    pub(crate) fn figures(&self, face: &Face, word: &str, glyphs: &mut Vec<UnitGlyph>) -> bool {
        if !word.bytes().all(|byte| figure(byte).is_some()) {
            return false;
        }
        let figures = self.figures.get_or_init(|| self.find_figures(face));
        let Some(figures) = figures else {
            return false;
        };
        let mut indices = word.bytes().filter_map(figure).peekable();
        let mut before = NONE;
        let mut cluster = 0;
        while let Some(own) = indices.next() {
            let after = indices.peek().copied().unwrap_or(NONE);
            let (advance, x_offset) = figures.places[place([before, own, after])];
            glyphs.push(UnitGlyph {
                cluster,
                advance,
                x_offset,
                ..figures.alone[own]
            });
            before = own;
            cluster += 1;
        }
        true
    }

    fn find_figures(&self, face: &Face) -> Option<Figures> {
        if self.rtl {
            return None;
        }
        let mut figures = Figures {
            alone: Default::default(),
            places: vec![(0, 0); (NONE + 1) * NONE * (NONE + 1)],
        };
        let mut buffer = harfrust::Buffer::new();
        let mut glyphs = Vec::new();
        let mut learn = |sequence: &[usize], figures: &mut Figures| {
            let text: String = sequence
                .iter()
                .map(|&figure| char::from(FIGURES[figure]))
                .collect();
            glyphs.clear();
            self.shape(face, ("", &text, ""), &mut buffer, &mut glyphs);
            if glyphs.len() != sequence.len() {
                return false;
            }
            let mut before = NONE;
            for (at, (glyph, &own)) in glyphs.iter().zip(sequence).enumerate() {
                let after = sequence.get(at + 1).copied().unwrap_or(NONE);
                let alone = &mut figures.alone[own];
                if sequence.len() == 1 {
                    *alone = UnitGlyph {
                        unsafe_to_break: false,
                        ..*glyph
                    };
                }
                if glyph.id != alone.id
                    || glyph.y_offset != alone.y_offset
                    || glyph.cluster as usize != at
                {
                    return false;
                }
                figures.places[place([before, own, after])] = (glyph.advance, glyph.x_offset);
                before = own;
            }
            true
        };
        let known = (0..NONE).all(|one| learn(&[one], &mut figures))
            && learn(&all_triples(), &mut figures)
            && (0..NONE * NONE).all(|pair| learn(&[pair / NONE, pair % NONE], &mut figures));
        known.then_some(figures)
    }

    fn serves(&self, settings: &Settings<'_>) -> bool {
        self.script == settings.script
            && self.rtl == settings.rtl
            && self.kerning == settings.span.kerning
            && self.spaced == settings.spaced
            && self.language == settings.span.language
            && self.caps == settings.span.caps
            && self.user_features == settings.span.features
    }

    /// Shapes `text` with what stands `before` and `after` it, and adds its glyphs in visual order.
    ///
    /// Default-ignorable characters leave no glyph. A face without glyphs gives none.
    pub(crate) fn shape(
        &self,
        face: &Face,
        (before, text, after): (&str, &str, &str),
        buffer: &mut harfrust::Buffer,
        glyphs: &mut Vec<UnitGlyph>,
    ) {
        let (Some(font), Some(plan)) = (&face.font, &self.shape) else {
            return;
        };
        buffer.reset();
        buffer.set_flags(BufferFlags::REMOVE_DEFAULT_IGNORABLES);
        buffer.set_direction(plan.direction());
        buffer.set_script(plan.script());
        buffer.set_language(plan.language().cloned());
        buffer.push_str(text);
        buffer.set_pre_context(before);
        buffer.set_post_context(after);
        let options = ShapeOptions::new()
            .plan(Some(plan))
            .features(&self.features);
        if harfrust::shape(&ShaperFont::new(font), buffer, options).is_err() {
            return;
        }
        let shaped = buffer.glyph_infos().iter().zip(buffer.glyph_positions());
        glyphs.extend(shaped.map(|(info, position)| UnitGlyph {
            id: u16::try_from(info.glyph_id).unwrap_or(0),
            unsafe_to_break: info.unsafe_to_break(),
            cluster: info.cluster,
            advance: position.x_advance,
            x_offset: position.x_offset,
            y_offset: position.y_offset,
        }));
    }
}

fn direction(rtl: bool) -> Direction {
    if rtl {
        Direction::RightToLeft
    } else {
        Direction::LeftToRight
    }
}

fn script(script: unicode_script::Script) -> Script {
    let mut tag = [b'Z'; 4];
    for (to, from) in tag.iter_mut().zip(script.short_name().bytes()) {
        *to = from;
    }
    Script::from_iso15924_tag(Tag::new(&tag)).unwrap_or(Script::COMMON)
}
