//! Computed values: what the cascade leaves for layout and paint, lengths already in [`Px`].
//!
//! Inherited groups are shared by `Arc`, so a child that changes nothing costs a pointer.

use crate::values::{AutoLength, LengthPercentage, Sizing};
use fanfold_geometry::{Color, Corners, Edges, Px};
use std::sync::Arc;

/// All computed values of one element or pseudo-element.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ComputedStyle {
    /// Font selection (inherited).
    pub font: Arc<FontStyle>,
    /// Text, list, table and quote properties that inherit.
    pub text: Arc<InheritedStyle>,
    /// The box itself (not inherited).
    pub box_: BoxStyle,
    /// Border sides and radii.
    pub border: Arc<BorderStyle>,
    /// Backgrounds.
    pub background: Arc<BackgroundStyle>,
    /// Fragmentation.
    pub breaks: BreakStyle,
    /// Opacity, transforms, outline and what else only paint reads.
    pub effects: Arc<EffectStyle>,
    /// `content`, counters and other generated content.
    pub generated: Arc<GeneratedStyle>,
}

/// Font selection and size; the font family fallback list in order.
#[derive(Clone, Debug, PartialEq)]
pub struct FontStyle {
    /// Family names as written, generic ones (`serif`, `sans-serif`, `monospace`, …) included as names.
    pub families: Vec<Arc<str>>,
    /// Computed `font-size`.
    pub size: Px,
    /// 1 to 1000; 400 is normal, 700 bold.
    pub weight: f32,
    /// `font-style`.
    pub slant: Slant,
    /// `font-stretch` as a fraction, 1.0 is normal.
    pub stretch: f32,
    /// `font-feature-settings` and what `font-variant-*` asks for, OpenType tag and value.
    pub features: Vec<([u8; 4], u32)>,
    /// `font-kerning: none` turns this off.
    pub kerning: bool,
    /// `font-variant-caps: small-caps`, synthesised where the font has no `smcp`.
    pub small_caps: bool,
    /// What `features` and `small_caps` were made from, for inheritance.
    pub variants: FontVariants,
}

/// The `font-variant-*` longhands and `font-feature-settings`, each as OpenType features.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FontVariants {
    /// `font-variant-ligatures`.
    pub ligatures: Vec<([u8; 4], u32)>,
    /// `font-variant-caps`.
    pub caps: FontCaps,
    /// `font-variant-numeric`.
    pub numeric: Vec<([u8; 4], u32)>,
    /// `font-variant-east-asian`.
    pub east_asian: Vec<([u8; 4], u32)>,
    /// `font-variant-position`.
    pub position: Vec<([u8; 4], u32)>,
    /// `font-feature-settings`.
    pub settings: Vec<([u8; 4], u32)>,
}

/// `font-variant-caps`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FontCaps {
    /// As written.
    #[default]
    Normal,
    /// Small capitals for lower case.
    Small,
    /// Small capitals for all letters.
    AllSmall,
    /// Petite capitals for lower case.
    Petite,
    /// Petite capitals for all letters.
    AllPetite,
    /// Small capitals for upper case, normal lower case.
    Unicase,
    /// Titling capitals.
    Titling,
}

/// `font-style`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Slant {
    /// Upright.
    #[default]
    Normal,
    /// Italic.
    Italic,
    /// Oblique.
    Oblique,
}

/// Inherited properties other than the font.
#[derive(Clone, Debug, PartialEq)]
pub struct InheritedStyle {
    /// `color`.
    pub color: Color,
    /// `line-height`.
    pub line_height: LineHeight,
    /// `text-align`.
    pub align: TextAlign,
    /// `text-align-last`; none is `auto`.
    pub align_last: Option<TextAlign>,
    /// `text-indent`.
    pub indent: LengthPercentage,
    /// `text-transform`.
    pub transform: TextTransform,
    /// `letter-spacing`.
    pub letter_spacing: Px,
    /// `word-spacing`.
    pub word_spacing: Px,
    /// `white-space`, by its longhands.
    pub white_space: WhiteSpace,
    /// `tab-size`.
    pub tab_size: TabSize,
    /// `overflow-wrap`.
    pub overflow_wrap: OverflowWrap,
    /// `word-break`.
    pub word_break: WordBreak,
    /// `hyphens`.
    pub hyphens: Hyphens,
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
}

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

/// `text-transform`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextTransform {
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

/// The box: display type, sizes, margins, position.
#[derive(Clone, Debug, PartialEq)]
pub struct BoxStyle {
    /// `display`, blockified where floats, positioning or the root ask for it.
    pub display: Display,
    /// `position`.
    pub position: Position,
    /// `float`.
    pub float: Float,
    /// `clear`.
    pub clear: Clear,
    /// `width`.
    pub width: Sizing,
    /// `height`.
    pub height: Sizing,
    /// `min-width`.
    pub min_width: Sizing,
    /// `min-height`.
    pub min_height: Sizing,
    /// `max-width`; `Auto` is `none`.
    pub max_width: Sizing,
    /// `max-height`; `Auto` is `none`.
    pub max_height: Sizing,
    /// `aspect-ratio` as width over height.
    pub aspect_ratio: Option<f32>,
    /// `box-sizing: border-box`.
    pub border_box: bool,
    /// `margin-*`.
    pub margin: Edges<AutoLength>,
    /// `padding-*`.
    pub padding: Edges<LengthPercentage>,
    /// `top`, `right`, `bottom`, `left`.
    pub inset: Edges<AutoLength>,
    /// `z-index`; none is `auto`.
    pub z_index: Option<i32>,
    /// `overflow` other than `visible`: content is clipped and the box is a formatting context.
    pub clips: bool,
    /// `vertical-align`.
    pub vertical_align: VerticalAlign,
    /// `table-layout: fixed`.
    pub fixed_table: bool,
    /// `unicode-bidi`.
    pub unicode_bidi: UnicodeBidi,
    /// `page`, the named page the box wants.
    pub page: Option<Arc<str>>,
    /// Flex container and item properties (CSS Flexbox 1).
    pub flex: FlexStyle,
}

/// `display`, both types (CSS Display 3 §2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Display {
    /// No box at all.
    None,
    /// No box of its own, children as if in the parent.
    Contents,
    /// `inline`, the initial value.
    #[default]
    Inline,
    /// `block`.
    Block,
    /// `flow-root`.
    FlowRoot,
    /// `inline-block`.
    InlineBlock,
    /// `list-item` (block).
    ListItem,
    /// `flex`.
    Flex,
    /// `inline-flex`.
    InlineFlex,
    /// `grid`.
    Grid,
    /// `inline-grid`.
    InlineGrid,
    /// `table`.
    Table,
    /// `inline-table`.
    InlineTable,
    /// `table-row-group`.
    TableRowGroup,
    /// `table-header-group`.
    TableHeaderGroup,
    /// `table-footer-group`.
    TableFooterGroup,
    /// `table-row`.
    TableRow,
    /// `table-cell`.
    TableCell,
    /// `table-column`.
    TableColumn,
    /// `table-column-group`.
    TableColumnGroup,
    /// `table-caption`.
    TableCaption,
}

/// `position`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Position {
    /// In flow.
    #[default]
    Static,
    /// In flow, shifted.
    Relative,
    /// Out of flow.
    Absolute,
    /// Out of flow, on every page.
    Fixed,
}

/// `float`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Float {
    /// In flow.
    #[default]
    None,
    /// To the left.
    Left,
    /// To the right.
    Right,
}

/// `clear`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clear {
    /// Beside floats.
    #[default]
    None,
    /// Below left floats.
    Left,
    /// Below right floats.
    Right,
    /// Below all.
    Both,
}

/// `vertical-align`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum VerticalAlign {
    /// On the parent's baseline.
    #[default]
    Baseline,
    /// Lowered as a subscript.
    Sub,
    /// Raised as a superscript.
    Super,
    /// The line's top.
    Top,
    /// The line's bottom.
    Bottom,
    /// The parent's text top.
    TextTop,
    /// The parent's text bottom.
    TextBottom,
    /// Half an x-height above the baseline.
    Middle,
    /// Raised by a length; percentages are of the line height.
    Length(LengthPercentage),
}

/// `unicode-bidi`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnicodeBidi {
    /// No embedding.
    #[default]
    Normal,
    /// Embeds.
    Embed,
    /// Isolates.
    Isolate,
    /// Overrides.
    Override,
    /// Isolates and overrides.
    IsolateOverride,
    /// Isolates, direction from the text.
    Plaintext,
}

/// Flex container and item properties.
#[derive(Clone, Debug, PartialEq)]
pub struct FlexStyle {
    /// `flex-direction: column` or `column-reverse`.
    pub column: bool,
    /// `flex-direction: *-reverse`.
    pub reverse: bool,
    /// `flex-wrap`.
    pub wrap: bool,
    /// `flex-grow`.
    pub grow: f32,
    /// `flex-shrink`.
    pub shrink: f32,
    /// `flex-basis`.
    pub basis: Sizing,
    /// `justify-content`.
    pub justify_content: Alignment,
    /// `align-items`.
    pub align_items: Alignment,
    /// `align-self`; none is `auto`.
    pub align_self: Option<Alignment>,
    /// `align-content`.
    pub align_content: Alignment,
    /// `order`.
    pub order: i32,
    /// `row-gap` and `column-gap`.
    pub gap: (LengthPercentage, LengthPercentage),
}

/// Box alignment keywords (CSS Box Alignment 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alignment {
    /// `normal`.
    #[default]
    Normal,
    /// `start` or `flex-start`.
    Start,
    /// `end` or `flex-end`.
    End,
    /// `center`.
    Center,
    /// `stretch`.
    Stretch,
    /// `baseline`.
    Baseline,
    /// `space-between`.
    SpaceBetween,
    /// `space-around`.
    SpaceAround,
    /// `space-evenly`.
    SpaceEvenly,
}

/// Borders: widths are zero where the style is `none` or `hidden`.
#[derive(Clone, Debug, PartialEq)]
pub struct BorderStyle {
    /// The four sides.
    pub sides: Edges<BorderSide>,
    /// `border-*-radius`, horizontal and vertical.
    pub radii: Corners<(LengthPercentage, LengthPercentage)>,
}

/// One side of a border.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BorderSide {
    /// Used width.
    pub width: Px,
    /// Line style.
    pub style: LineStyle,
    /// Line colour, `currentcolor` resolved.
    pub color: Color,
}

/// `border-style`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineStyle {
    /// No line.
    #[default]
    None,
    /// No line, and none of a neighbour in a collapsed table.
    Hidden,
    /// Dots.
    Dotted,
    /// Dashes.
    Dashed,
    /// One line.
    Solid,
    /// Two lines.
    Double,
    /// Carved in.
    Groove,
    /// Standing out.
    Ridge,
    /// Sunken box.
    Inset,
    /// Raised box.
    Outset,
}

/// Backgrounds: a colour under layers, first layer on top.
#[derive(Clone, Debug, PartialEq)]
pub struct BackgroundStyle {
    /// `background-color`.
    pub color: Color,
    /// `background-image` layers.
    pub layers: Vec<BackgroundLayer>,
}

/// One `background-image` with its placement.
#[derive(Clone, Debug, PartialEq)]
pub struct BackgroundLayer {
    /// The image.
    pub image: Image,
    /// `background-position`.
    pub position: (LengthPercentage, LengthPercentage),
    /// `background-size`.
    pub size: BackgroundSize,
    /// `background-repeat`, horizontal and vertical.
    pub repeat: (bool, bool),
    /// `background-origin`.
    pub origin: BoxArea,
    /// `background-clip`.
    pub clip: BoxArea,
}

/// An image value.
#[derive(Clone, Debug, PartialEq)]
pub enum Image {
    /// `url()`, resolved against its style sheet.
    Url(Arc<str>),
    /// `linear-gradient()`: angle in radians (0 is to the top, clockwise) and stops (offset fraction, colour).
    LinearGradient(f32, Vec<(f32, Color)>),
}

/// `background-size`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum BackgroundSize {
    /// The image's own size.
    #[default]
    Auto,
    /// As large as needed to cover.
    Cover,
    /// As large as fits.
    Contain,
    /// Each side, none is `auto`.
    Explicit(Option<LengthPercentage>, Option<LengthPercentage>),
}

/// The box areas that `*-origin` and `*-clip` name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BoxArea {
    /// Up to the border's outer edge.
    Border,
    /// Up to the border's inner edge.
    #[default]
    Padding,
    /// The content box.
    Content,
}

/// Fragmentation (CSS Fragmentation 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BreakStyle {
    /// `break-before`.
    pub before: Break,
    /// `break-after`.
    pub after: Break,
    /// `break-inside: avoid`.
    pub avoid_inside: bool,
    /// `box-decoration-break: clone`.
    pub clone_decoration: bool,
}

/// `break-before` and `break-after`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Break {
    /// Anywhere.
    #[default]
    Auto,
    /// Rather not here.
    Avoid,
    /// A new page.
    Page,
    /// A new left page.
    Left,
    /// A new right page.
    Right,
    /// A new recto page.
    Recto,
    /// A new verso page.
    Verso,
}

/// What only paint reads.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectStyle {
    /// `opacity`.
    pub opacity: f32,
    /// `transform` functions, outermost first; empty is `none`.
    pub transform: Vec<TransformFunction>,
    /// `transform-origin`.
    pub transform_origin: (LengthPercentage, LengthPercentage),
    /// `outline`.
    pub outline: BorderSide,
    /// `outline-offset`.
    pub outline_offset: Px,
    /// `text-decoration` lines this element starts.
    pub decoration: TextDecoration,
    /// `object-fit`.
    pub object_fit: ObjectFit,
    /// `object-position`.
    pub object_position: (LengthPercentage, LengthPercentage),
    /// `box-shadow`, first on top.
    pub shadows: Vec<Shadow>,
}

/// A transform function with its lengths computed; angles in radians.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TransformFunction {
    /// `translate()`.
    Translate(LengthPercentage, LengthPercentage),
    /// Anything that does not depend on the box: rotate, scale, skew, matrix.
    Matrix(fanfold_geometry::Transform),
}

/// One `box-shadow`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shadow {
    /// Rightwards offset.
    pub x: Px,
    /// Downwards offset.
    pub y: Px,
    /// Blur radius.
    pub blur: Px,
    /// Spread distance.
    pub spread: Px,
    /// Colour.
    pub color: Color,
    /// Inside the box.
    pub inset: bool,
}

/// `object-fit`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ObjectFit {
    /// Stretched.
    #[default]
    Fill,
    /// Whole image inside.
    Contain,
    /// Box covered.
    Cover,
    /// Own size.
    None,
    /// The smaller of none and contain.
    ScaleDown,
}

/// `text-decoration-*` of the element that starts the lines.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TextDecoration {
    /// A line under the text.
    pub underline: bool,
    /// A line over the text.
    pub overline: bool,
    /// A line through the text.
    pub line_through: bool,
    /// Line colour; none is `currentcolor`.
    pub color: Option<Color>,
    /// Line style.
    pub style: DecorationStyle,
    /// Line thickness; none is `auto`.
    pub thickness: Option<Px>,
    /// `text-underline-offset`; none is `auto`.
    pub underline_offset: Option<Px>,
}

/// `text-decoration-style`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DecorationStyle {
    /// One line.
    #[default]
    Solid,
    /// Two lines.
    Double,
    /// Dots.
    Dotted,
    /// Dashes.
    Dashed,
    /// A wave.
    Wavy,
}

/// Generated content.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GeneratedStyle {
    /// `content`; none is `normal`, an empty list `none`.
    pub content: Option<Vec<ContentItem>>,
    /// `counter-reset`; true marks `reversed()`.
    pub counter_reset: Vec<(Arc<str>, i32, bool)>,
    /// `counter-set`.
    pub counter_set: Vec<(Arc<str>, i32)>,
    /// `counter-increment`.
    pub counter_increment: Vec<(Arc<str>, i32)>,
    /// `string-set` (CSS GCPM 3).
    pub string_set: Vec<(Arc<str>, Vec<ContentItem>)>,
    /// `bookmark-level`; none is `none`. The user-agent sheet gives `h1`–`h6` 1 to 6.
    pub bookmark_level: Option<u32>,
    /// `bookmark-label`; empty is the element's text.
    pub bookmark_label: Vec<ContentItem>,
}

/// One item of a `content` list, `attr()` already replaced by its text.
#[derive(Clone, Debug, PartialEq)]
pub enum ContentItem {
    /// Text.
    Text(Arc<str>),
    /// `counter(name, style)`; `page` and `pages` are the page counters.
    Counter(Arc<str>, CounterStyleName),
    /// `counters(name, separator, style)`.
    Counters(Arc<str>, Arc<str>, CounterStyleName),
    /// `open-quote`.
    OpenQuote,
    /// `close-quote`.
    CloseQuote,
    /// `no-open-quote`.
    NoOpenQuote,
    /// `no-close-quote`.
    NoCloseQuote,
    /// An image.
    Image(Arc<str>),
    /// `string(name)` in a margin box.
    String(Arc<str>),
    /// `content()` or `content(text)` in `string-set` and `bookmark-label`.
    ElementText,
    /// `target-counter(url, name, style)`.
    TargetCounter(Arc<str>, Arc<str>, CounterStyleName),
    /// `leader(text)`.
    Leader(Arc<str>),
}

impl Default for FontStyle {
    fn default() -> Self {
        Self {
            families: vec!["serif".into()],
            size: Px(16.0),
            weight: 400.0,
            slant: Slant::Normal,
            stretch: 1.0,
            features: Vec::new(),
            kerning: true,
            small_caps: false,
            variants: FontVariants::default(),
        }
    }
}

impl Default for InheritedStyle {
    fn default() -> Self {
        Self {
            color: Color::BLACK,
            line_height: LineHeight::Normal,
            align: TextAlign::Start,
            align_last: None,
            indent: LengthPercentage::ZERO,
            transform: TextTransform::None,
            letter_spacing: Px::ZERO,
            word_spacing: Px::ZERO,
            white_space: WhiteSpace::default(),
            tab_size: TabSize::Spaces(8.0),
            overflow_wrap: OverflowWrap::Normal,
            word_break: WordBreak::Normal,
            hyphens: Hyphens::Manual,
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

impl Default for BoxStyle {
    fn default() -> Self {
        Self {
            display: Display::Inline,
            position: Position::Static,
            float: Float::None,
            clear: Clear::None,
            width: Sizing::Auto,
            height: Sizing::Auto,
            min_width: Sizing::Auto,
            min_height: Sizing::Auto,
            max_width: Sizing::Auto,
            max_height: Sizing::Auto,
            aspect_ratio: None,
            border_box: false,
            margin: Edges::all(AutoLength::ZERO),
            padding: Edges::all(LengthPercentage::ZERO),
            inset: Edges::all(AutoLength::Auto),
            z_index: None,
            clips: false,
            vertical_align: VerticalAlign::Baseline,
            fixed_table: false,
            unicode_bidi: UnicodeBidi::Normal,
            page: None,
            flex: FlexStyle::default(),
        }
    }
}

impl Default for FlexStyle {
    fn default() -> Self {
        Self {
            column: false,
            reverse: false,
            wrap: false,
            grow: 0.0,
            shrink: 1.0,
            basis: Sizing::Auto,
            justify_content: Alignment::Normal,
            align_items: Alignment::Normal,
            align_self: None,
            align_content: Alignment::Normal,
            order: 0,
            gap: (LengthPercentage::ZERO, LengthPercentage::ZERO),
        }
    }
}

impl Default for BorderSide {
    fn default() -> Self {
        Self {
            width: Px::ZERO,
            style: LineStyle::None,
            color: Color::BLACK,
        }
    }
}

impl Default for BorderStyle {
    fn default() -> Self {
        let square = (LengthPercentage::ZERO, LengthPercentage::ZERO);
        Self {
            sides: Edges::all(BorderSide::default()),
            radii: Corners {
                top_left: square,
                top_right: square,
                bottom_right: square,
                bottom_left: square,
            },
        }
    }
}

impl Default for BackgroundStyle {
    fn default() -> Self {
        Self {
            color: Color::TRANSPARENT,
            layers: Vec::new(),
        }
    }
}

impl Default for EffectStyle {
    fn default() -> Self {
        let centre = LengthPercentage::percent(0.5);
        Self {
            opacity: 1.0,
            transform: Vec::new(),
            transform_origin: (centre, centre),
            outline: BorderSide::default(),
            outline_offset: Px::ZERO,
            decoration: TextDecoration::default(),
            object_fit: ObjectFit::Fill,
            object_position: (centre, centre),
            shadows: Vec::new(),
        }
    }
}
