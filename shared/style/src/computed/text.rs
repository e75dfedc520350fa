//! Inherited properties other than the font's.

use super::Shadow;
use crate::sheet::counter_style::CounterStyleRule;
use crate::values::LengthPercentage;
use fanfold_geometry::{Color, Px};
use std::sync::Arc;

/// Inherited properties other than the font.
#[derive(Clone, Debug, PartialEq)]
pub struct InheritedStyle {
    /// `color`.
    pub color: Color,
    /// `line-height`.
    pub line_height: LineHeight,
    /// `image-resolution` in image pixels a CSS pixel; positive.
    pub image_resolution: f32,
    /// `image-orientation`.
    pub image_orientation: ImageOrientation,
    /// `text-align`.
    pub align: TextAlign,
    /// `text-align-last`; none is `auto`.
    pub align_last: Option<TextAlign>,
    /// `text-indent`.
    pub indent: TextIndent,
    /// `text-transform`.
    pub transform: TextTransform,
    /// `letter-spacing`.
    pub letter_spacing: Px,
    /// `word-spacing`.
    pub word_spacing: Px,
    /// `white-space`, by its longhands.
    pub white_space: WhiteSpace,
    /// `text-wrap-style: balance`.
    pub balanced: bool,
    /// `tab-size`.
    pub tab_size: TabSize,
    /// `overflow-wrap`.
    pub overflow_wrap: OverflowWrap,
    /// `word-break`.
    pub word_break: WordBreak,
    /// `line-break`.
    pub line_break: LineBreak,
    /// `hyphens`.
    pub hyphens: Hyphens,
    /// `hyphenate-character`; none is `auto`.
    pub hyphenate_character: Option<Arc<str>>,
    /// `hyphenate-limit-chars`.
    pub hyphenate_limit_chars: HyphenateLimitChars,
    /// `hyphenate-limit-zone`: how much of a line may stay empty rather than hyphenate.
    pub hyphenate_limit_zone: LengthPercentage,
    /// `text-justify`.
    pub justify: TextJustify,
    /// `text-underline-position`.
    pub underline_position: UnderlinePosition,
    /// `text-shadow`, first on top; none has a spread or is inset.
    pub shadows: Vec<Shadow>,
    /// `-webkit-text-fill-color`; none is `color`.
    pub fill: Option<Color>,
    /// `block-ellipsis`.
    pub block_ellipsis: Ellipsis,
    /// `direction: rtl`.
    pub rtl: bool,
    /// Content language (BCP 47), from `lang`.
    pub language: Option<Arc<str>>,
    /// `visibility`.
    pub visibility: Visibility,
    /// `orphans`.
    pub orphans: u32,
    /// `widows`.
    pub widows: u32,
    /// `list-style-type`; none for `none`.
    pub list_style: Option<CounterStyleName>,
    /// `list-style-position: inside`.
    pub list_inside: bool,
    /// `list-style-image`.
    pub list_image: Option<Arc<str>>,
    /// `border-collapse: collapse`.
    pub collapse: bool,
    /// `border-spacing`, horizontal and vertical.
    pub spacing: (Px, Px),
    /// `caption-side: bottom`.
    pub caption_bottom: bool,
    /// `empty-cells: hide`.
    pub hide_empty_cells: bool,
    /// `quotes` as open/close pairs; none is `auto` (by language).
    pub quotes: Option<Vec<(Arc<str>, Arc<str>)>>,
}

/// The name of a counter style (`decimal`, `lower-alpha`, …), or a string used as is.
#[derive(Clone, Debug, PartialEq)]
pub enum CounterStyleName {
    /// By name.
    Named(Arc<str>),
    /// A string marker.
    Text(Arc<str>),
    /// `symbols()`.
    Symbols(CounterSymbols),
}

/// An anonymous counter style (CSS Counter Styles 3 §5).
#[derive(Clone, Debug, PartialEq)]
pub struct CounterSymbols(pub(crate) Arc<CounterStyleRule>);

/// `line-height`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum LineHeight {
    /// From the font's metrics.
    #[default]
    Normal,
    /// A multiple of the font size.
    Number(f32),
    /// A length.
    Length(Px),
}

/// `text-align`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextAlign {
    /// The start side of the line.
    #[default]
    Start,
    /// The end side.
    End,
    /// Left.
    Left,
    /// Right.
    Right,
    /// Centred.
    Center,
    /// Both sides.
    Justify,
    /// `-webkit-center`, what `align=center` and `<center>` do: blocks too.
    LegacyCenter,
    /// `-webkit-left`, from `align=left`.
    LegacyLeft,
    /// `-webkit-right`, from `align=right`.
    LegacyRight,
}

/// `text-indent` (CSS Text 3 §8.1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TextIndent {
    /// How far.
    pub length: LengthPercentage,
    /// All other lines are indented instead.
    pub hanging: bool,
    /// The line after each forced break counts as a first one.
    pub each_line: bool,
}

impl TextIndent {
    /// No indent.
    pub const ZERO: Self = Self {
        length: LengthPercentage::ZERO,
        hanging: false,
        each_line: false,
    };
}

/// `text-transform` (CSS Text 3 §2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TextTransform {
    /// Letter case.
    pub case: LetterCase,
    /// `full-width`.
    pub full_width: bool,
    /// `full-size-kana`.
    pub full_size_kana: bool,
}

/// What `text-transform` does to letter case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LetterCase {
    /// As written.
    #[default]
    None,
    /// Upper case.
    Uppercase,
    /// Lower case.
    Lowercase,
    /// First letter of each word.
    Capitalize,
}

/// `white-space` as CSS Text 4 splits it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WhiteSpace {
    /// `white-space-collapse`.
    pub collapse: Collapse,
    /// `text-wrap-mode: nowrap`.
    pub nowrap: bool,
}

/// `white-space-collapse`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Collapse {
    /// Runs of white space become one space, line feeds too.
    #[default]
    Collapse,
    /// Everything is kept.
    Preserve,
    /// `pre-line`: line feeds are kept.
    PreserveBreaks,
    /// `break-spaces`.
    BreakSpaces,
}

/// `tab-size`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TabSize {
    /// Multiples of the space's advance.
    Spaces(f32),
    /// A length.
    Length(Px),
}

/// `overflow-wrap`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OverflowWrap {
    /// Only at break opportunities.
    #[default]
    Normal,
    /// Anywhere when nothing else fits; min-content counts it.
    Anywhere,
    /// Anywhere when nothing else fits.
    BreakWord,
}

/// `word-break`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WordBreak {
    /// UAX #14.
    #[default]
    Normal,
    /// Between any two letters.
    BreakAll,
    /// Never inside CJK words.
    KeepAll,
}

/// `line-break` (CSS Text 3 §5.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineBreak {
    /// As `normal` here.
    #[default]
    Auto,
    /// The fewest rules.
    Loose,
    /// The usual rules.
    Normal,
    /// The strictest rules.
    Strict,
    /// Between any two typographic characters.
    Anywhere,
}

/// `text-justify` (CSS Text 3 §6.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextJustify {
    /// Between words, and between ideographs.
    #[default]
    Auto,
    /// Nowhere.
    None,
    /// At word separators.
    InterWord,
    /// Between all characters.
    InterCharacter,
}

/// `text-underline-position` (CSS Text Decoration 3 §2.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnderlinePosition {
    /// Near the baseline.
    #[default]
    Auto,
    /// Where the font says.
    FromFont,
    /// Below descenders.
    Under,
}

/// What is put where text is cut off: `text-overflow`, `block-ellipsis`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Ellipsis {
    /// Nothing.
    #[default]
    None,
    /// U+2026.
    Auto,
    /// A string.
    Text(Arc<str>),
}

/// `hyphenate-limit-chars`: the least characters of a word, and of its parts before and after the
/// hyphen (CSS Text 4 §6.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "described above")]
pub struct HyphenateLimitChars {
    pub word: u32,
    pub before: u32,
    pub after: u32,
}

impl Default for HyphenateLimitChars {
    /// What `auto` stands for.
    fn default() -> Self {
        Self {
            word: 5,
            before: 2,
            after: 2,
        }
    }
}

/// `hyphens`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hyphens {
    /// Not even at soft hyphens.
    None,
    /// At soft hyphens.
    #[default]
    Manual,
    /// By dictionary of the content language.
    Auto,
}

/// `visibility`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Visibility {
    /// Drawn.
    #[default]
    Visible,
    /// Keeps its space, not drawn.
    Hidden,
    /// Table rows and columns vanish.
    Collapse,
}

impl Default for InheritedStyle {
    fn default() -> Self {
        Self {
            color: Color::BLACK,
            line_height: LineHeight::Normal,
            image_resolution: 1.0,
            image_orientation: ImageOrientation::FromImage,
            align: TextAlign::Start,
            align_last: None,
            indent: TextIndent::ZERO,
            transform: TextTransform::default(),
            letter_spacing: Px::ZERO,
            word_spacing: Px::ZERO,
            balanced: false,
            white_space: WhiteSpace::default(),
            tab_size: TabSize::Spaces(8.0),
            overflow_wrap: OverflowWrap::Normal,
            word_break: WordBreak::Normal,
            line_break: LineBreak::Auto,
            hyphens: Hyphens::Manual,
            hyphenate_character: None,
            hyphenate_limit_chars: HyphenateLimitChars::default(),
            hyphenate_limit_zone: LengthPercentage::ZERO,
            justify: TextJustify::Auto,
            underline_position: UnderlinePosition::Auto,
            shadows: Vec::new(),
            fill: None,
            block_ellipsis: Ellipsis::None,
            rtl: false,
            language: None,
            visibility: Visibility::Visible,
            orphans: 2,
            widows: 2,
            list_style: Some(CounterStyleName::Named("disc".into())),
            list_inside: false,
            list_image: None,
            collapse: false,
            spacing: (Px::ZERO, Px::ZERO),
            caption_bottom: false,
            hide_empty_cells: false,
            quotes: None,
        }
    }
}

/// `image-orientation` (CSS Images 3 §5.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ImageOrientation {
    /// As its metadata say.
    #[default]
    FromImage,
    /// As it is stored.
    None,
    /// As it is stored, turned clockwise by so many quarters, then mirrored from left to right.
    Turned(u8, bool),
}
