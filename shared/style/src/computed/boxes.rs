//! The box itself: display, sizes, position, flex and fragmentation.

use super::Ellipsis;
use crate::values::{AutoLength, LengthPercentage, Sizing};
use fanfold_geometry::Edges;
use std::sync::Arc;

/// A preferred aspect ratio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AspectRatio {
    /// Width over height, positive and finite.
    pub ratio: f32,
    /// With `auto` beside it: natural proportions come first, and it is always of the content box.
    pub auto: bool,
}

/// The box: display type, sizes, margins, position.
#[derive(Clone, Debug, PartialEq)]
pub struct BoxStyle {
    /// `display`, blockified where floats, positioning or the root ask for it.
    pub display: Display,
    /// `display` was inline-level before it was blockified.
    pub was_inline: bool,
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
    /// `aspect-ratio`; none is `auto`.
    pub aspect_ratio: Option<AspectRatio>,
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
    /// An item of a flex or grid container whose `z-index` counts wherever it is (CSS Flexbox 1 §4.3).
    pub stacks: bool,
    /// `overflow` other than `visible`: content is clipped and the box is a formatting context.
    pub clips: bool,
    /// `text-overflow` at the line's end.
    pub text_overflow: Ellipsis,
    /// `max-lines`.
    pub max_lines: Option<u32>,
    /// `continue: discard`: what does not fit is left out.
    pub discard: bool,
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
    /// Only in page margin boxes, by the name in [`super::GeneratedStyle::running`] (CSS GCPM 3 §1.2).
    Running,
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
    /// To the page's footnotes (CSS GCPM 3 §2).
    Footnote,
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
    pub wrap: FlexWrap,
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
    /// `row-gap` and `column-gap`; none is `normal`, which is 1 em between columns and nothing elsewhere.
    pub gap: (LengthPercentage, Option<LengthPercentage>),
}

/// `flex-wrap`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FlexWrap {
    /// `nowrap`.
    #[default]
    NoWrap,
    /// `wrap`.
    Wrap,
    /// `wrap-reverse`: lines follow one another from the cross end.
    Reverse,
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

/// Fragmentation (CSS Fragmentation 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BreakStyle {
    /// `break-before`.
    pub before: Break,
    /// `break-after`.
    pub after: Break,
    /// `break-inside: avoid`.
    pub avoid_inside: bool,
    /// `contain: size`, which makes a box monolithic (CSS Containment 2 §3.1).
    pub contained: bool,
    /// `box-decoration-break: clone`.
    pub clone_decoration: bool,
    /// `margin-break`.
    pub margin: MarginBreak,
    /// `footnote-policy`.
    pub footnote: FootnotePolicy,
    /// `footnote-display`.
    pub footnote_display: FootnoteDisplay,
}

/// `margin-break`: whether margins next to a break remain (CSS Fragmentation 4 §5.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MarginBreak {
    /// After a forced break.
    #[default]
    Auto,
    /// After any break.
    Keep,
    /// After none.
    Discard,
}

/// `footnote-policy`: what goes to the next page where a footnote has no room (CSS GCPM 3 §2.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FootnotePolicy {
    /// The footnote.
    #[default]
    Auto,
    /// The line it is called from.
    Line,
    /// The paragraph it is called from.
    Block,
}

/// `footnote-display`: how a footnote stands among the others of its area (CSS GCPM 3 §2.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FootnoteDisplay {
    /// Below the one before.
    #[default]
    Block,
    /// On the line of the one before.
    Inline,
    /// On the line of the one before, where all of it has room there.
    Compact,
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
    /// A new column.
    Column,
    /// A new column in columns, a new page elsewhere.
    Always,
}

impl Default for BoxStyle {
    fn default() -> Self {
        Self {
            display: Display::Inline,
            was_inline: false,
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
            stacks: false,
            clips: false,
            text_overflow: Ellipsis::None,
            max_lines: None,
            discard: false,
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
            wrap: FlexWrap::NoWrap,
            grow: 0.0,
            shrink: 1.0,
            basis: Sizing::Auto,
            justify_content: Alignment::Normal,
            align_items: Alignment::Normal,
            align_self: None,
            align_content: Alignment::Normal,
            order: 0,
            gap: (LengthPercentage::ZERO, None),
        }
    }
}
