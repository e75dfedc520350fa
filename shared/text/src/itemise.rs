//! Items: stretches of one span, script, level and face, and what has no glyphs.

use crate::bidi::Levels;
use crate::emoji::presentation;
use crate::fonts::FaceId;
use crate::script::{ScriptRuns, script_runs};
use crate::select::{Choice, Selection};
use crate::{Face, Fonts, SmallCaps, Span, small_caps};
use fanfold_geometry::Px;
use smallvec::SmallVec;
use std::ops::Range;
use std::sync::Arc;
use unicode_script::Script;
use unicode_segmentation::UnicodeSegmentation;

/// What an item holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Characters to shape.
    Text,
    /// One tab.
    Tab,
    /// A line feed or another forced break.
    Feed,
    /// An atomic inline.
    Atomic,
}

/// A stretch to be shaped at once.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) range: Range<usize>,
    pub(crate) span: usize,
    pub(crate) script: Script,
    pub(crate) level: u8,
    pub(crate) content: Content,
    pub(crate) face: Arc<Face>,
    pub(crate) face_id: FaceId,
    pub(crate) synthetic_bold: bool,
    pub(crate) synthetic_oblique: bool,
    /// Drawn as smaller capitals.
    pub(crate) small: bool,
    /// No face has it: `.notdef` is drawn.
    pub(crate) missing: bool,
}

impl Item {
    /// Whether what comes next belongs to the same item.
    fn continues(&self, script: Script, level: u8, face: FaceId, missing: bool) -> bool {
        self.content == Content::Text
            && self.script == script
            && self.level == level
            && self.face_id == face
            && self.missing == missing
    }

    /// The size that it is drawn in, among `fonts`.
    pub(crate) fn size(&self, span: &Span, fonts: &Fonts) -> Px {
        let first = || Arc::clone(fonts.face(fonts.primary(&span.font)));
        let size = span.size * span.font.size_factor(&self.face, first);
        if self.missing {
            size * self.face.missing_scale()
        } else if self.small {
            size * self.face.metrics.small_caps
        } else {
            size
        }
    }
}

/// The part of the text that each span styles: from where it starts to where the next one does, on
/// character borders, whatever the ranges say.
pub(crate) fn span_ranges(text: &str, spans: &[Span]) -> SmallVec<[Range<usize>; 8]> {
    let mut starts: SmallVec<[usize; 8]> = SmallVec::new();
    let mut last = 0;
    for (index, span) in spans.iter().enumerate() {
        let start = if index == 0 {
            0
        } else {
            span.range.start.clamp(last, text.len())
        };
        last = text.floor_char_boundary(start);
        starts.push(last);
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| start..end)
        .collect()
}

/// The only item of a text that most are like: printable ASCII in one style, whose first face has all
/// of it.
pub(crate) fn plain_item(
    fonts: &Fonts,
    text: &str,
    spans: &[Span],
    levels: &Levels,
) -> Option<Item> {
    let [span] = spans else { return None };
    let printable = |byte: u8| matches!(byte, b' '..=b'~');
    let plain = span.atomic.is_none()
        && span.caps == SmallCaps::None
        && levels.is_uniform()
        && !text.is_empty()
        && text.bytes().all(printable);
    if !plain {
        return None;
    }
    let selection = fonts.select(&span.font);
    let choice = selection.choices.first().filter(|_| selection.ascii)?;
    Some(Item {
        range: 0..text.len(),
        span: 0,
        script: Script::Latin,
        level: levels.at(0),
        content: Content::Text,
        face: Arc::clone(&choice.face),
        face_id: choice.id,
        synthetic_bold: choice.synthetic_bold,
        synthetic_oblique: choice.synthetic_oblique,
        small: false,
        missing: false,
    })
}

/// Divides `text` into items in logical order that cover it.
pub(crate) fn itemise(
    fonts: &Fonts,
    text: &str,
    spans: &[Span],
    ranges: &[Range<usize>],
    levels: &Levels,
) -> Vec<Item> {
    let plain = text.is_ascii() && levels.is_uniform();
    let scripts = if plain {
        vec![(text.len(), Script::Latin)]
    } else {
        script_runs(text)
    };
    let mut itemiser = Itemiser {
        fonts,
        text,
        levels,
        scripts,
        script: 0,
        items: Vec::new(),
    };
    for (index, (span, range)) in spans.iter().zip(ranges).enumerate() {
        if range.is_empty() {
            continue;
        }
        let selection = fonts.select(&span.font);
        if span.atomic.is_some() {
            itemiser.push_bare(range.clone(), index, Content::Atomic, &selection);
        } else if plain && selection.ascii {
            itemiser.ascii_span(range.clone(), index, &selection);
        } else {
            itemiser.span(range.clone(), index, span, &selection);
        }
    }
    small_caps::divide(text, spans, itemiser.items)
}

struct Itemiser<'a> {
    fonts: &'a Fonts,
    text: &'a str,
    levels: &'a Levels,
    scripts: ScriptRuns,
    /// Index in `scripts`, of where the work is.
    script: usize,
    items: Vec<Item>,
}

impl Itemiser<'_> {
    /// A span of ASCII whose first face has all of it.
    fn ascii_span(&mut self, range: Range<usize>, span: usize, selection: &Selection) {
        let Some(choice) = selection.choices.first() else {
            return;
        };
        let mut start = range.start;
        for (at, byte) in self.text.as_bytes()[range.clone()].iter().enumerate() {
            let at = range.start + at;
            let Some(content) = bare_content(char::from(*byte)) else {
                continue;
            };
            if start < at {
                self.push(start..at, span, Script::Latin, Content::Text, choice);
            }
            self.push_bare(at..at + 1, span, content, selection);
            start = at + 1;
        }
        if start < range.end {
            self.push(start..range.end, span, Script::Latin, Content::Text, choice);
        }
    }

    /// A span in general, grapheme cluster by grapheme cluster.
    fn span(&mut self, range: Range<usize>, index: usize, span: &Span, selection: &Selection) {
        let mut fallback = Fallback {
            fonts: self.fonts,
            span,
            known: SmallVec::new(),
        };
        let primary = primary_choice(self.fonts, selection);
        // Items of another span are not continued.
        let first = self.items.len();
        let mut at = range.start;
        while at < range.end {
            let (cluster, character) = grapheme(&self.text[at..range.end]);
            let end = at + cluster.len();
            if let Some(content) = bare_content(character) {
                self.push_bare(at..end, index, content, selection);
                at = end;
                continue;
            }
            let script = self.script_at(at);
            let level = self.levels.at(at);
            let open = self.items.len() > first;
            if is_invisible(character)
                && open
                && let Some(item) = self.items.last_mut()
                && item.continues(item.script, level, item.face_id, item.missing)
            {
                item.range.end = end;
                at = end;
                continue;
            }
            let found;
            let mut missing = false;
            let wanted = match self.fonts.have_colors() {
                true => presentation(cluster, character),
                false => None,
            };
            let presented = wanted.and_then(|wanted| {
                let as_wanted = |choices: &[Choice]| wanted.choose(choices, cluster).cloned();
                as_wanted(&selection.choices).or_else(|| as_wanted(&fallback.of(script).choices))
            });
            let named = || choose(&selection.choices, cluster, character);
            let choice = match presented.as_ref().or_else(named) {
                Some(choice) => choice,
                None => {
                    found = fallback.find(script, cluster, character);
                    found.as_ref().unwrap_or_else(|| {
                        missing = !is_invisible(character);
                        &primary
                    })
                }
            };
            match self.items.last_mut() {
                Some(item) if open && item.continues(script, level, choice.id, missing) => {
                    item.range.end = end;
                }
                _ => {
                    self.push(at..end, index, script, Content::Text, choice);
                    if let Some(item) = self.items.last_mut() {
                        item.missing = missing;
                    }
                }
            }
            at = end;
        }
    }

    fn script_at(&mut self, offset: usize) -> Script {
        while self
            .scripts
            .get(self.script)
            .is_some_and(|&(end, _)| end <= offset)
        {
            self.script += 1;
        }
        self.scripts
            .get(self.script)
            .map_or(Script::Latin, |&(_, script)| script)
    }

    fn push_bare(
        &mut self,
        range: Range<usize>,
        span: usize,
        content: Content,
        selection: &Selection,
    ) {
        let choice = primary_choice(self.fonts, selection);
        self.push(range, span, Script::Common, content, &choice);
    }

    fn push(
        &mut self,
        range: Range<usize>,
        span: usize,
        script: Script,
        content: Content,
        choice: &Choice,
    ) {
        self.items.push(Item {
            level: self.levels.at(range.start),
            range,
            span,
            script,
            content,
            face: Arc::clone(&choice.face),
            face_id: choice.id,
            synthetic_bold: choice.synthetic_bold,
            synthetic_oblique: choice.synthetic_oblique,
            small: false,
            missing: false,
        });
    }
}

/// The faces tried after the named ones, by script, for the length of a span.
struct Fallback<'a> {
    fonts: &'a Fonts,
    span: &'a Span,
    known: SmallVec<[(Script, Arc<Selection>); 2]>,
}

impl Fallback<'_> {
    /// The face for a cluster that the named families do not have, if there is one.
    fn find(&mut self, script: Script, cluster: &str, character: char) -> Option<Choice> {
        choose(&self.of(script).choices, cluster, character).cloned()
    }

    /// The faces for what is in `script`.
    fn of(&mut self, script: Script) -> Arc<Selection> {
        match self.known.iter().find(|(known, _)| *known == script) {
            Some((_, selection)) => Arc::clone(selection),
            None => {
                let mut tag = *b"Zyyy";
                tag.iter_mut()
                    .zip(script.short_name().bytes())
                    .for_each(|(to, from)| *to = from);
                let selection = self.fonts.select_fallback(&self.span.font, tag);
                self.known.push((script, Arc::clone(&selection)));
                selection
            }
        }
    }
}

/// The first face that has all of a cluster, else the first that has its base.
fn choose<'a>(choices: &'a [Choice], cluster: &str, base: char) -> Option<&'a Choice> {
    if cluster.len() == base.len_utf8() {
        return choices.iter().find(|choice| choice.covers(base));
    }
    let all = |choice: &&Choice| cluster.chars().all(|c| is_invisible(c) || choice.covers(c));
    choices
        .iter()
        .find(all)
        .or_else(|| choices.iter().find(|choice| choice.covers(base)))
}

/// The face that makes the strut. It also draws `.notdef` for what no face has, as in browsers.
fn primary_choice(fonts: &Fonts, selection: &Selection) -> Choice {
    let mut choices = selection.choices.iter();
    let primary = choices.find(|choice| choice.id == selection.primary);
    primary.cloned().unwrap_or_else(|| Choice {
        id: selection.primary,
        face: Arc::clone(fonts.face(selection.primary)),
        synthetic_bold: false,
        synthetic_oblique: false,
    })
}

/// Characters that are laid out rather than drawn. U+FFFC without an atomic is drawn as text.
fn bare_content(character: char) -> Option<Content> {
    match character {
        '\t' => Some(Content::Tab),
        '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(Content::Feed),
        _ => None,
    }
}

/// Default-ignorable characters that need no glyph: they stay with what stands before them.
pub fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}' | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// The first extended grapheme cluster of `text` (UAX #29), which is not empty, and its first
/// character.
fn grapheme(text: &str) -> (&str, char) {
    let mut characters = text.chars();
    let first = characters.next().unwrap_or('\u{FFFD}');
    // Characters that never combine need no search.
    if is_lone(first) && characters.next().is_none_or(is_lone) {
        return (&text[..first.len_utf8()], first);
    }
    (text.graphemes(true).next().unwrap_or(text), first)
}

/// Letters, digits and signs that are clusters of their own beside one another.
fn is_lone(character: char) -> bool {
    matches!(
        character,
        ' '..='~' | '\u{A0}'..='\u{AC}' | '\u{AE}'..='\u{2FF}' | '\u{370}'..='\u{3FF}'
            | '\u{400}'..='\u{481}' | '\u{5D0}'..='\u{5EA}' | '\u{2010}'..='\u{2027}'
            | '\u{2030}'..='\u{203B}' | '\u{20A0}'..='\u{20BF}'
    )
}
