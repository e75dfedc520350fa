//! Inline formatting contexts: text and inline boxes flattened into one paragraph, white space
//! collapsed (CSS Text 3 §4.1) and case changed (§2.1) on the way in.

use super::first_line::FirstLine;
use super::{BoxId, Extras};
use fanfold_geometry::{Color, Px};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{
    Clear, Collapse, InheritedStyle, LetterCase, Position, TextDecoration, UnicodeBidi,
};
use fanfold_style::values::{AutoLength, LengthPercentage};
use fanfold_text::{Paragraph, case};
use smallvec::SmallVec;
use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::ops::{Deref, Range};
use std::rc::Rc;
use std::sync::Arc;

/// Stands for an atomic inline in the text.
const OBJECT: char = '\u{FFFC}';

/// Stands for an inline box without content: invisible, and neither breaks nor joins words (line
/// break class CM, bidi class NSM).
const FILLER: char = '\u{FE0F}';

/// An inline formatting context.
#[derive(Default)]
pub(crate) struct InlineContent {
    /// The paragraph as it is shaped.
    pub(crate) text: Arc<str>,
    structure: Rc<Structure>,
    /// How its first line is, where that has a style of its own.
    pub(crate) first_line: Option<Box<FirstLine>>,
    /// The shaped text, from when it is asked for to when it is painted.
    shaped: Cell<Option<Rc<Shaped>>>,
}

/// What an inline formatting context is besides its text. Most are plain text in one style, and those
/// of a length share one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Structure {
    /// Starts and ends of inline boxes and out-of-flow boxes, in order.
    pub(crate) items: Vec<InlineItem>,
    /// Inline boxes, parents before children.
    pub(crate) boxes: Vec<InlineBox>,
    /// Pieces of text with one owner; they cover the text.
    pub(crate) spans: Vec<TextSpan>,
    /// There are preserved tabs.
    pub(crate) has_tabs: bool,
    /// Some inline boxes have `box-decoration-break: clone`.
    pub(crate) clones: bool,
    /// Lines that the block container's ancestors draw on its text.
    pub(crate) decorations: Option<Arc<Decorations>>,
}

/// The structures of plain text, by length.
#[derive(Debug, Default)]
pub(crate) struct PlainStructures(Vec<Option<Rc<Structure>>>);

/// Longer texts have structures of their own.
const LONGEST_PLAIN: usize = 1024;

impl PlainStructures {
    /// `structure` for a text of `length` bytes, or its like.
    fn share(&mut self, structure: Structure, length: usize) -> Rc<Structure> {
        let one = matches!(&structure.spans[..], [span] if span.is_text() && span.owner.is_none());
        let plain = one
            && structure.items.is_empty()
            && structure.boxes.is_empty()
            && structure.decorations.is_none()
            && !structure.has_tabs
            && length <= LONGEST_PLAIN;
        if !plain {
            return Rc::new(structure);
        }
        if self.0.len() <= length {
            self.0.resize(length + 1, None);
        }
        Rc::clone(self.0[length].get_or_insert_with(|| Rc::new(structure)))
    }
}

impl fmt::Debug for InlineContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InlineContent")
            .field("text", &self.text)
            .field("structure", &self.structure)
            .field("first_line", &self.first_line)
            .finish_non_exhaustive()
    }
}

impl Deref for InlineContent {
    type Target = Structure;

    fn deref(&self) -> &Structure {
        &self.structure
    }
}

impl InlineContent {
    /// A context of `text`.
    pub(crate) fn new(text: Arc<str>, structure: Rc<Structure>) -> Self {
        Self {
            text,
            structure,
            first_line: None,
            shaped: Cell::default(),
        }
    }

    /// Its structure, to change it.
    pub(crate) fn structure_mut(&mut self) -> &mut Structure {
        Rc::make_mut(&mut self.structure)
    }

    /// The shaped text, shaped by `shape` where it is not known.
    pub(crate) fn shaped(&self, shape: impl FnOnce() -> Shaped) -> Rc<Shaped> {
        let shaped = self.shaped.take().unwrap_or_else(|| Rc::new(shape()));
        self.shaped.set(Some(Rc::clone(&shaped)));
        shaped
    }

    /// Forgets the shaped text, which takes more room than all else.
    pub(crate) fn forget_shaped(&self) {
        self.shaped.set(None);
    }
}

/// A place in the paragraph where something other than text happens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InlineItem {
    /// Before the byte at this offset.
    pub(crate) offset: u32,
    /// What happens.
    pub(crate) kind: InlineItemKind,
    /// Index of the inline box that is an absolutely positioned box's containing block.
    pub(crate) within: Option<u32>,
}

/// What happens at an [`InlineItem`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InlineItemKind {
    /// The inline box with this index starts.
    Open(u32),
    /// It ends.
    Close(u32),
    /// A float is anchored here.
    Float(BoxId),
    /// An absolutely positioned box has its static position here.
    Absolute(BoxId),
    /// A footnote is called here.
    Footnote(BoxId),
    /// What comes after the line goes below floats.
    Clear(Clear),
}

/// A non-atomic inline box.
#[derive(Clone, Debug)]
pub(crate) struct InlineBox {
    /// Its style.
    pub(crate) style: Arc<ComputedStyle>,
    /// The inline box around it.
    pub(crate) parent: Option<u32>,
    /// What few boxes have.
    pub(crate) extras: Option<Box<Extras>>,
    /// The whole box starts here: it is not the rest after a block that split it.
    pub(crate) starts: bool,
    /// The whole box ends here.
    pub(crate) ends: bool,
    /// Its bytes.
    pub(crate) range: Range<u32>,
    /// Lines drawn on its text.
    pub(crate) decorations: Option<Arc<Decorations>>,
}

/// A piece of text with one style.
#[derive(Clone, Debug)]
pub(crate) struct TextSpan {
    /// Its bytes.
    pub(crate) range: Range<u32>,
    /// The inline box it is directly in; none is the block container.
    pub(crate) owner: Option<u32>,
    /// An atomic inline instead of text.
    pub(crate) atomic: Option<BoxId>,
    /// A leader instead of text: its string.
    pub(crate) leader: Option<Arc<str>>,
    /// Only holds the place of an inline box without content.
    pub(crate) filler: bool,
}

impl TextSpan {
    /// It is neither an atomic inline, a leader nor a filler.
    pub(crate) fn is_text(&self) -> bool {
        self.atomic.is_none() && self.leader.is_none() && !self.filler
    }
}

/// Text decorations in force: a list from the innermost decorating box outwards.
#[derive(Debug)]
pub(crate) struct Decorations {
    /// The lines.
    pub(crate) line: TextDecoration,
    /// Their colour, `currentcolor` resolved.
    pub(crate) color: Color,
    /// The decorating box's style, whose font places the lines.
    pub(crate) style: Arc<ComputedStyle>,
    /// What decorating boxes further out draw.
    pub(crate) outer: Option<Arc<Decorations>>,
}

/// A shaped paragraph cut at its break opportunities.
#[derive(Debug)]
pub(crate) struct Shaped {
    /// Glyphs and breaks.
    pub(crate) paragraph: Paragraph,
    /// The pieces between breaks.
    pub(crate) segments: SmallVec<[Segment; 1]>,
}

/// Text between two break opportunities.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    /// First byte.
    pub(crate) start: u32,
    /// Past the last byte.
    pub(crate) end: u32,
    /// Where the white space at its end begins that hangs or vanishes at a line's end.
    pub(crate) kept: u32,
    /// Where what hangs ends, as preserved spaces do; what comes after it vanishes.
    pub(crate) hung: u32,
    /// Width with trailing white space.
    pub(crate) width: Px,
    /// Width of the trailing white space, which hangs or vanishes at a line's end.
    pub(crate) trailing: Px,
    /// Width of what of it hangs.
    pub(crate) hanging: Px,
    /// The break after it; none at the text's end.
    pub(crate) kind: Option<fanfold_text::BreakKind>,
    /// A hyphen that may be left out where it does not fit: an emergency break too.
    pub(crate) bare: bool,
    /// An emergency break that counts for the min-content width (`overflow-wrap: anywhere`).
    pub(crate) anywhere: bool,
}

/// Collects an inline formatting context.
#[derive(Debug, Default)]
pub(crate) struct InlineBuilder {
    text: String,
    items: Vec<InlineItem>,
    boxes: Vec<InlineBox>,
    spans: Vec<TextSpan>,
    open: Vec<u32>,
    /// The last character is a space that the next one collapses with, or nothing is there yet.
    space: Space,
    /// A word may go on from what is after this offset of the text (for `capitalize`).
    word_from: usize,
    /// So many letters that follow were capitalised already.
    capitals: usize,
    /// There are preserved tabs.
    has_tabs: bool,
}

/// What the next white space collapses with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Space {
    /// A line's start: white space vanishes.
    #[default]
    LineStart,
    /// A collapsible space: white space vanishes into it.
    Collapsible,
    /// Anything else.
    None,
}

impl InlineBuilder {
    /// Whether any text or atomic inline is there.
    pub(crate) fn has_text(&self) -> bool {
        !self.text.is_empty()
    }

    /// Whether it would make no difference to leave it out.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty() && self.items.is_empty()
    }

    /// Whether there are footnote calls but no text that a line would be made for.
    pub(crate) fn has_calls_alone(&self) -> bool {
        let call = |item: &InlineItem| matches!(item.kind, InlineItemKind::Footnote(_));
        self.items.iter().any(call) && self.text.trim_matches(' ').is_empty()
    }

    /// Whether inline boxes are open.
    pub(crate) fn has_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// The innermost open box's decorations.
    pub(crate) fn decorations(&self) -> Option<Arc<Decorations>> {
        self.open
            .last()
            .and_then(|index| self.boxes[*index as usize].decorations.clone())
    }

    /// Starts an inline box.
    pub(crate) fn open(
        &mut self,
        style: &Arc<ComputedStyle>,
        extras: Option<Box<Extras>>,
        decorations: Option<Arc<Decorations>>,
    ) {
        self.open_box(style.clone(), extras, decorations, true);
        let bidi = &style.box_.unicode_bidi;
        for control in opening_controls(*bidi, style.text.rtl) {
            self.push_raw(*control);
        }
    }

    /// Ends the innermost inline box.
    pub(crate) fn close(&mut self) {
        let Some(index) = self.open.last().copied() else {
            return;
        };
        let inline = &self.boxes[index as usize];
        let bidi = inline.style.box_.unicode_bidi;
        let takes_room = match inline.starts {
            true => has_edges(&inline.style),
            false => has_edge(&inline.style, true),
        };
        if takes_room && inline.range.start == self.offset() {
            self.fill();
        }
        for control in closing_controls(bidi) {
            self.push_raw(*control);
        }
        self.close_box(true);
    }

    /// Lets the innermost open box take room on the line although it has no text.
    fn fill(&mut self) {
        let start = self.text.len();
        self.text.push(FILLER);
        self.special(start, None);
    }

    /// Before a block that splits the open boxes: what they have at their start needs a line, even where nothing else
    /// is before the block (CSS 2.2 §9.4.2).
    pub(crate) fn split(&mut self) {
        let empty = |index: &u32| {
            let inline = &self.boxes[*index as usize];
            inline.starts && inline.range.start == self.offset() && has_edge(&inline.style, false)
        };
        if self.open.iter().any(empty) {
            self.fill();
        }
    }

    /// Adds text of the innermost open box, or of the block container with `style`.
    pub(crate) fn text(&mut self, text: &str, style: &ComputedStyle) {
        let inherited = &style.text;
        let collapse = inherited.white_space.collapse;
        let language = inherited.language.as_deref();
        let text = match inherited.transform.case {
            LetterCase::Uppercase => case::uppercase(text, language),
            LetterCase::Lowercase => case::lowercase(text, language),
            LetterCase::None | LetterCase::Capitalize => Cow::Borrowed(text),
        };
        let start = self.text.len();
        self.text.reserve(text.len());
        let as_written = inherited.transform.case != LetterCase::Capitalize
            && !inherited.transform.full_width
            && !inherited.transform.full_size_kana
            && self.capitals == 0;
        if as_written && collapse == Collapse::Collapse {
            self.words(&text);
            self.cover(start, None);
            return;
        }
        for (at, character) in text.char_indices() {
            match (collapse, character) {
                (Collapse::Collapse, ' ' | '\t' | '\n' | '\r' | '\u{c}')
                | (Collapse::PreserveBreaks, ' ' | '\t' | '\r' | '\u{c}') => {
                    self.collapsible(inherited.transform.full_width);
                }
                (Collapse::PreserveBreaks, '\n') => {
                    self.drop_trailing_space(start);
                    self.feed();
                }
                (_, '\n') => self.feed(),
                (_, '\r') => {}
                (_, '\t') => self.tab(),
                (_, character) => self.letter(character, &text[at..], inherited),
            }
        }
        self.cover(start, None);
    }

    /// Adds text whose white space collapses and whose letters stay as they are.
    fn words(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            let space = rest.bytes().position(|byte| byte.is_ascii_whitespace());
            let (word, after) = rest.split_at(space.unwrap_or(rest.len()));
            if !word.is_empty() {
                self.text.push_str(word);
                self.space = Space::None;
            }
            rest = after.trim_ascii_start();
            if rest.len() < after.len() {
                self.collapsible(false);
            }
        }
    }

    /// A forced line break; what comes after it goes below the floats that `clear` says.
    pub(crate) fn line_break(&mut self, clear: Clear) {
        if clear != Clear::None {
            self.item(InlineItemKind::Clear(clear));
        }
        let start = self.text.len();
        self.feed();
        self.cover(start, None);
    }

    /// An atomic inline.
    pub(crate) fn atomic(&mut self, id: BoxId) {
        let start = self.text.len();
        self.text.push(OBJECT);
        self.space = Space::None;
        self.word_from = self.text.len();
        self.cover(start, Some(id));
    }

    /// A leader: `text` repeated as often as the line has room for.
    pub(crate) fn leader(&mut self, text: &str) {
        let start = self.text.len();
        self.text.push(OBJECT);
        self.space = Space::None;
        self.word_from = self.text.len();
        self.special(start, Some(text.into()));
        // What follows stays with it: the page number after the dots.
        self.push_raw('\u{2060}');
    }

    /// Adds a span of its own, a leader or else a filler.
    fn special(&mut self, start: usize, leader: Option<Arc<str>>) {
        self.spans.push(TextSpan {
            range: u32::try_from(start).unwrap_or(u32::MAX)..self.offset(),
            owner: self.open.last().copied(),
            atomic: None,
            filler: leader.is_none(),
            leader,
        });
    }

    /// A float or absolutely positioned box.
    pub(crate) fn out_of_flow(&mut self, kind: InlineItemKind) {
        self.item(kind);
    }

    /// The innermost open box that is a containing block. A transform does not make it one: inline
    /// boxes are not transformable (CSS Transforms 1 §2).
    fn positioned(&self) -> Option<u32> {
        let mut boxes = self.open.iter().rev().copied();
        boxes.find(|index| self.boxes[*index as usize].style.box_.position != Position::Static)
    }

    /// A character of no width, as written: bidi controls, U+200B.
    pub(crate) fn push_raw(&mut self, character: char) {
        let start = self.text.len();
        self.text.push(character);
        self.cover(start, None);
    }

    /// Takes out the controls of inline boxes without text on the last line: no line is made for them
    /// (CSS 2.2 §9.4.2).
    fn drop_controls_alone(&mut self) {
        let control = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        if !self.text.ends_with(control) {
            return;
        }
        let line = self.text.rfind('\n').map_or(0, |at| at + 1);
        if !self.text[line..].chars().all(control) {
            return;
        }
        self.text.truncate(line);
        self.end_with_text();
    }

    /// Takes what is there, leaving the open boxes open: a block splits them (CSS 2.2 §9.2.1.1).
    pub(crate) fn take(
        &mut self,
        decorations: Option<Arc<Decorations>>,
        plain: &mut PlainStructures,
    ) -> InlineContent {
        let open: Vec<u32> = self.open.clone();
        for _ in &open {
            self.close_box(false);
        }
        self.trim_end();
        self.drop_controls_alone();
        let taken = std::mem::take(self);
        let clones = taken
            .boxes
            .iter()
            .any(|inline| inline.style.breaks.clone_decoration);
        for index in open {
            let old = &taken.boxes[index as usize];
            // Names and outline entries stay with the first piece; links hold for all.
            let extras = old
                .extras
                .as_ref()
                .and_then(|extras| extras.link.clone())
                .map(|link| {
                    Box::new(Extras {
                        link: Some(link),
                        ..Extras::default()
                    })
                });
            self.open_box(old.style.clone(), extras, old.decorations.clone(), false);
        }
        let structure = Structure {
            items: taken.items,
            boxes: taken.boxes,
            spans: taken.spans,
            has_tabs: taken.has_tabs,
            clones,
            decorations,
        };
        let structure = plain.share(structure, taken.text.len());
        InlineContent::new(taken.text.into(), structure)
    }

    /// Drops the reopened boxes of a context that will get nothing more.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    fn open_box(
        &mut self,
        style: Arc<ComputedStyle>,
        extras: Option<Box<Extras>>,
        decorations: Option<Arc<Decorations>>,
        starts: bool,
    ) {
        let index = u32::try_from(self.boxes.len()).unwrap_or(u32::MAX);
        let at = self.offset();
        self.boxes.push(InlineBox {
            style,
            parent: self.open.last().copied(),
            extras,
            starts,
            ends: false,
            range: at..at,
            decorations,
        });
        self.item(InlineItemKind::Open(index));
        self.open.push(index);
    }

    fn close_box(&mut self, ends: bool) {
        let Some(index) = self.open.pop() else { return };
        let at = self.offset();
        let inline = &mut self.boxes[index as usize];
        inline.range.end = at;
        inline.ends = ends;
        self.item(InlineItemKind::Close(index));
    }

    fn offset(&self) -> u32 {
        // HTML is bounded far below 4 GiB by `Limits::html_bytes`.
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }

    fn item(&mut self, kind: InlineItemKind) {
        self.items.push(InlineItem {
            offset: self.offset(),
            kind,
            within: self
                .positioned()
                .filter(|_| matches!(kind, InlineItemKind::Absolute(_))),
        });
    }

    /// Gives the text from `start` on to the innermost open box.
    fn cover(&mut self, start: usize, atomic: Option<BoxId>) {
        let end = self.offset();
        let start = u32::try_from(start).unwrap_or(u32::MAX);
        if start >= end {
            return;
        }
        let owner = self.open.last().copied();
        if let Some(last) = self.spans.last_mut()
            && atomic.is_none()
            && last.is_text()
            && last.owner == owner
        {
            last.range.end = end;
            return;
        }
        self.spans.push(TextSpan {
            range: start..end,
            owner,
            atomic,
            leader: None,
            filler: false,
        });
    }

    fn collapsible(&mut self, full_width: bool) {
        if self.space == Space::None {
            self.text.push(if full_width { '\u{3000}' } else { ' ' });
            self.space = Space::Collapsible;
        }
        self.word_from = self.text.len();
    }

    fn feed(&mut self) {
        self.text.push('\n');
        self.space = Space::LineStart;
        self.word_from = self.text.len();
    }

    /// A preserved tab, whose width the line decides.
    fn tab(&mut self) {
        self.text.push('\t');
        self.has_tabs = true;
        self.space = Space::None;
        self.word_from = self.text.len();
    }

    /// Whether what is added next goes on a word.
    fn in_word(&self) -> bool {
        let mut before = self.text[self.word_from..].chars().rev();
        before
            .find(|character| !is_mid_word(*character))
            .is_some_and(char::is_alphanumeric)
    }

    /// Adds `character`, with which `rest` starts.
    fn letter(&mut self, character: char, rest: &str, style: &InheritedStyle) {
        let transform = style.transform;
        self.space = Space::None;
        if self.capitals > 0 {
            self.capitals -= 1;
            return;
        }
        let capitalize = transform.case == LetterCase::Capitalize;
        if capitalize && character.is_alphanumeric() && !self.in_word() {
            self.capital(rest, style);
            return;
        }
        let mut character = character;
        if transform.full_width {
            character = case::full_width(character);
        }
        if transform.full_size_kana {
            character = case::full_size_kana(character);
        }
        self.text.push(character);
    }

    /// Adds the first letter of the word `rest` in title case.
    fn capital(&mut self, rest: &str, style: &InheritedStyle) {
        let language = style.language.as_deref();
        let mut ends = rest.char_indices().map(|(at, _)| at).skip(1);
        let one = ends.next().unwrap_or(rest.len());
        let two = ends.next().unwrap_or(rest.len());
        let alone = case::capitalize(&rest[..one], language);
        let both = case::capitalize(&rest[..two], language);
        // A second letter changes with the first only where both are one, as the Dutch ĳ.
        let joined = both.get(alone.len()..) != rest.get(one..two);
        self.text.push_str(if joined { &both } else { &alone });
        self.capitals = usize::from(joined);
    }

    /// White space before a preserved line feed vanishes; only within this piece, as what is before
    /// it hangs at the line's end anyway.
    fn drop_trailing_space(&mut self, start: usize) {
        if self.space == Space::Collapsible && self.text.len() > start && self.text.ends_with(' ') {
            self.text.pop();
        }
    }

    /// A collapsible space at the end of the context vanishes.
    fn trim_end(&mut self) {
        if self.space != Space::Collapsible || !self.text.ends_with(' ') {
            return;
        }
        self.text.pop();
        self.end_with_text();
    }

    /// What reached beyond the text, which was cut, ends with it.
    fn end_with_text(&mut self) {
        let end = self.offset();
        for item in &mut self.items {
            item.offset = item.offset.min(end);
        }
        for inline in &mut self.boxes {
            inline.range = inline.range.start.min(end)..inline.range.end.min(end);
        }
        while let Some(last) = self.spans.last_mut() {
            last.range.end = last.range.end.min(end);
            if last.range.start < end {
                break;
            }
            self.spans.pop();
        }
    }
}

/// Whether an inline box has margins, borders or padding (CSS 2.2 §9.4.2).
fn has_edges(style: &ComputedStyle) -> bool {
    let (box_, border) = (&style.box_, &style.border.sides);
    let margin = |margin: AutoLength| match margin {
        AutoLength::Auto => false,
        AutoLength::Length(length) => length != LengthPercentage::ZERO,
    };
    let sides = [border.top, border.right, border.bottom, border.left];
    let padding = &box_.padding;
    let paddings = [padding.top, padding.right, padding.bottom, padding.left];
    margin(box_.margin.left)
        || margin(box_.margin.right)
        || sides.iter().any(|side| side.width > Px::ZERO)
        || paddings
            .iter()
            .any(|padding| *padding != LengthPercentage::ZERO)
}

/// Whether an inline box has a margin, a border or padding where its first piece starts, or where its last one ends.
fn has_edge(style: &ComputedStyle, end: bool) -> bool {
    if style.breaks.clone_decoration {
        return has_edges(style);
    }
    let (box_, border) = (&style.box_, &style.border.sides);
    let (margin, border, padding) = match style.text.rtl == end {
        true => (box_.margin.left, &border.left, box_.padding.left),
        false => (box_.margin.right, &border.right, box_.padding.right),
    };
    let margin = match margin {
        AutoLength::Auto => LengthPercentage::ZERO,
        AutoLength::Length(length) => length,
    };
    margin != LengthPercentage::ZERO || border.width > Px::ZERO || padding != LengthPercentage::ZERO
}

/// Punctuation and marks inside words (UAX #29 MidLetter, MidNumLet, ExtendNumLet, Extend).
fn is_mid_word(character: char) -> bool {
    matches!(
        character,
        '\'' | '’' | '.' | ':' | '·' | '_' | '\u{AD}' | '\u{200D}' | '\u{300}'..='\u{36F}'
    )
}

/// Controls that give an inline box its direction (CSS Writing Modes 4 §2.4.2).
fn opening_controls(bidi: UnicodeBidi, rtl: bool) -> &'static [char] {
    match (bidi, rtl) {
        (UnicodeBidi::Normal, _) => &[],
        (UnicodeBidi::Embed, false) => &['\u{202A}'],
        (UnicodeBidi::Embed, true) => &['\u{202B}'],
        (UnicodeBidi::Override, false) => &['\u{202D}'],
        (UnicodeBidi::Override, true) => &['\u{202E}'],
        (UnicodeBidi::Isolate, false) => &['\u{2066}'],
        (UnicodeBidi::Isolate, true) => &['\u{2067}'],
        (UnicodeBidi::IsolateOverride, false) => &['\u{2068}', '\u{202D}'],
        (UnicodeBidi::IsolateOverride, true) => &['\u{2068}', '\u{202E}'],
        (UnicodeBidi::Plaintext, _) => &['\u{2068}'],
    }
}

fn closing_controls(bidi: UnicodeBidi) -> &'static [char] {
    match bidi {
        UnicodeBidi::Normal => &[],
        UnicodeBidi::Embed | UnicodeBidi::Override => &['\u{202C}'],
        UnicodeBidi::Isolate | UnicodeBidi::Plaintext => &['\u{2069}'],
        UnicodeBidi::IsolateOverride => &['\u{202C}', '\u{2069}'],
    }
}
