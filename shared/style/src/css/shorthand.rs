//! Shorthand properties and aliases: one declaration, several longhands.

mod background;
mod border_image;
mod boxes;
mod grid;
mod names;
mod text;

pub(crate) use names::{is_ignored, unsupported_property};

use super::background::{PositionValue, list, position};
use super::color::color;
use super::numeric;
use super::problem::invalid;
use super::property::{PropertyId as Id, Value};
use super::{Parse, ParseContext, border, font, keyword};
use crate::computed::{OverflowWrap, WordBreak};
use cssparser::Parser;

/// A property by any name authors write.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Property {
    /// One longhand.
    Longhand(Id),
    /// A shorthand: its longhands and how to parse it.
    Shorthand(&'static [Id], Expand),
}

type Expand = fn(&mut Parser<'_>, &ParseContext<'_>) -> Parse<Vec<Value>>;

impl Property {
    /// The property called `name`, in lower case.
    pub(crate) fn named(name: &str) -> Option<Self> {
        if let Some(id) = Id::named(names::alias(name)) {
            return Some(Self::Longhand(id));
        }
        let (longhands, expand) = shorthand(name)?;
        Some(Self::Shorthand(longhands, expand))
    }

    /// The longhands it sets.
    pub(crate) fn longhands(&self) -> &[Id] {
        match self {
            Self::Longhand(id) => std::slice::from_ref(id),
            Self::Shorthand(ids, _) => ids,
        }
    }

    /// The longhands' values.
    pub(crate) fn parse(&self, input: &mut Parser<'_>, cx: &ParseContext<'_>) -> Parse<Vec<Value>> {
        let break_word = |input: &mut Parser<'_>| input.expect_ident_matching("break-word");
        match self {
            // The legacy keyword stands for `overflow-wrap: anywhere` (CSS Text 4 §5.2).
            Self::Longhand(Id::WordBreak) if input.try_parse(break_word).is_ok() => Ok(vec![
                Value::WordBreak(WordBreak::Normal),
                Value::OverflowWrap(OverflowWrap::Anywhere),
            ]),
            Self::Longhand(id) => Value::parse(*id, input, cx).map(|value| vec![value]),
            Self::Shorthand(_, expand) => expand(input, cx),
        }
    }
}

const MARGIN: &[Id] = &[
    Id::MarginTop,
    Id::MarginRight,
    Id::MarginBottom,
    Id::MarginLeft,
];
const PADDING: &[Id] = &[
    Id::PaddingTop,
    Id::PaddingRight,
    Id::PaddingBottom,
    Id::PaddingLeft,
];
const INSET: &[Id] = &[Id::Top, Id::Right, Id::Bottom, Id::Left];
const BORDER_WIDTH: &[Id] = &[
    Id::BorderTopWidth,
    Id::BorderRightWidth,
    Id::BorderBottomWidth,
    Id::BorderLeftWidth,
];
const BORDER_STYLE: &[Id] = &[
    Id::BorderTopStyle,
    Id::BorderRightStyle,
    Id::BorderBottomStyle,
    Id::BorderLeftStyle,
];
const BORDER_COLOR: &[Id] = &[
    Id::BorderTopColor,
    Id::BorderRightColor,
    Id::BorderBottomColor,
    Id::BorderLeftColor,
];
const RADIUS: &[Id] = &[
    Id::BorderTopLeftRadius,
    Id::BorderTopRightRadius,
    Id::BorderBottomRightRadius,
    Id::BorderBottomLeftRadius,
];
const BORDER: &[Id] = &[
    Id::BorderTopWidth,
    Id::BorderRightWidth,
    Id::BorderBottomWidth,
    Id::BorderLeftWidth,
    Id::BorderTopStyle,
    Id::BorderRightStyle,
    Id::BorderBottomStyle,
    Id::BorderLeftStyle,
    Id::BorderTopColor,
    Id::BorderRightColor,
    Id::BorderBottomColor,
    Id::BorderLeftColor,
    Id::BorderImageSource,
];
const VARIANT: &[Id] = &[
    Id::FontVariantLigatures,
    Id::FontVariantCaps,
    Id::FontVariantNumeric,
    Id::FontVariantEastAsian,
    Id::FontVariantPosition,
];
const FONT: &[Id] = &[
    Id::FontFamily,
    Id::FontSize,
    Id::FontWeight,
    Id::FontStyle,
    Id::FontStretch,
    Id::LineHeight,
    Id::FontVariantLigatures,
    Id::FontVariantCaps,
    Id::FontVariantNumeric,
    Id::FontVariantEastAsian,
    Id::FontVariantPosition,
    Id::FontFeatureSettings,
    Id::FontKerning,
    Id::FontVariationSettings,
    Id::FontOpticalSizing,
    Id::FontSizeAdjust,
];
const SYNTHESIS: &[Id] = &[
    Id::FontSynthesisWeight,
    Id::FontSynthesisStyle,
    Id::FontSynthesisSmallCaps,
];
const GRID: &[Id] = &[
    Id::GridTemplateRows,
    Id::GridTemplateColumns,
    Id::GridTemplateAreas,
    Id::GridAutoFlow,
    Id::GridAutoRows,
    Id::GridAutoColumns,
];
const BACKGROUND: &[Id] = &[
    Id::BackgroundColor,
    Id::BackgroundImage,
    Id::BackgroundPositionX,
    Id::BackgroundPositionY,
    Id::BackgroundSize,
    Id::BackgroundRepeat,
    Id::BackgroundAttachment,
    Id::BackgroundOrigin,
    Id::BackgroundClip,
];
const BORDER_IMAGE: &[Id] = &[
    Id::BorderImageSource,
    Id::BorderImageSlice,
    Id::BorderImageWidth,
    Id::BorderImageOutset,
    Id::BorderImageRepeat,
];
const MASK_BORDER: &[Id] = &[
    Id::MaskBorderSource,
    Id::MaskBorderSlice,
    Id::MaskBorderWidth,
    Id::MaskBorderOutset,
    Id::MaskBorderRepeat,
];
const DECORATION: &[Id] = &[
    Id::TextDecorationLine,
    Id::TextDecorationColor,
    Id::TextDecorationStyle,
    Id::TextDecorationThickness,
];

/// One to four values for the sides, as `margin` takes them; after `logical` they are those of block start,
/// inline start, block end and inline end (CSS Logical Properties 1 §4.5).
macro_rules! sides {
    ($parse:expr, $top:ident, $right:ident, $bottom:ident, $left:ident, $start:ident, $end:ident) => {
        |input, _| {
            let logical = input.try_parse(|input| input.expect_ident_matching("logical"));
            let [top, right, bottom, left] = boxes::four(input, $parse)?;
            if logical.is_ok() {
                return Ok(vec![
                    Value::$top(top),
                    Value::$start(right),
                    Value::$bottom(bottom),
                    Value::$end(left),
                ]);
            }
            Ok(vec![
                Value::$top(top),
                Value::$right(right),
                Value::$bottom(bottom),
                Value::$left(left),
            ])
        }
    };
}

/// One or two values for a pair of sides, as `margin-inline` takes them.
macro_rules! pair {
    ($parse:expr, $start:ident, $end:ident) => {
        |input, _| {
            let start = $parse(input)?;
            let end = input.try_parse($parse).unwrap_or_else(|_| start.clone());
            Ok(vec![Value::$start(start), Value::$end(end)])
        }
    };
}

/// Width, style and colour of one side.
macro_rules! side {
    ($width:ident, $style:ident, $color:ident) => {
        |input, _| {
            let (width, style, color) = boxes::line(input, border::style)?;
            Ok(vec![
                Value::$width(width),
                Value::$style(style),
                Value::$color(color),
            ])
        }
    };
}

/// A shorthand's longhands and its expansion.
#[rustfmt::skip]
fn shorthand(name: &str) -> Option<(&'static [Id], Expand)> {
    Some(match name {
        "margin" => (MARGIN, sides!(numeric::auto_length, MarginTop, MarginRight, MarginBottom, MarginLeft, MarginInlineStart, MarginInlineEnd)),
        "padding" => (PADDING, sides!(numeric::positive_length_percentage, PaddingTop, PaddingRight, PaddingBottom, PaddingLeft, PaddingInlineStart, PaddingInlineEnd)),
        "inset" => (INSET, sides!(numeric::auto_length, Top, Right, Bottom, Left, InsetInlineStart, InsetInlineEnd)),
        "border-width" => (BORDER_WIDTH, sides!(border::width, BorderTopWidth, BorderRightWidth, BorderBottomWidth, BorderLeftWidth, BorderInlineStartWidth, BorderInlineEndWidth)),
        "border-style" => (BORDER_STYLE, sides!(border::style, BorderTopStyle, BorderRightStyle, BorderBottomStyle, BorderLeftStyle, BorderInlineStartStyle, BorderInlineEndStyle)),
        "border-color" => (BORDER_COLOR, sides!(color, BorderTopColor, BorderRightColor, BorderBottomColor, BorderLeftColor, BorderInlineStartColor, BorderInlineEndColor)),
        "margin-inline" => (&[Id::MarginInlineStart, Id::MarginInlineEnd], pair!(numeric::auto_length, MarginInlineStart, MarginInlineEnd)),
        "margin-block" => (&[Id::MarginTop, Id::MarginBottom], pair!(numeric::auto_length, MarginTop, MarginBottom)),
        "padding-inline" => (&[Id::PaddingInlineStart, Id::PaddingInlineEnd], pair!(numeric::positive_length_percentage, PaddingInlineStart, PaddingInlineEnd)),
        "padding-block" => (&[Id::PaddingTop, Id::PaddingBottom], pair!(numeric::positive_length_percentage, PaddingTop, PaddingBottom)),
        "inset-inline" => (&[Id::InsetInlineStart, Id::InsetInlineEnd], pair!(numeric::auto_length, InsetInlineStart, InsetInlineEnd)),
        "inset-block" => (&[Id::Top, Id::Bottom], pair!(numeric::auto_length, Top, Bottom)),
        "border-inline-width" => (&[Id::BorderInlineStartWidth, Id::BorderInlineEndWidth], pair!(border::width, BorderInlineStartWidth, BorderInlineEndWidth)),
        "border-inline-style" => (&[Id::BorderInlineStartStyle, Id::BorderInlineEndStyle], pair!(border::style, BorderInlineStartStyle, BorderInlineEndStyle)),
        "border-inline-color" => (&[Id::BorderInlineStartColor, Id::BorderInlineEndColor], pair!(color, BorderInlineStartColor, BorderInlineEndColor)),
        "border-block-width" => (&[Id::BorderTopWidth, Id::BorderBottomWidth], pair!(border::width, BorderTopWidth, BorderBottomWidth)),
        "border-block-style" => (&[Id::BorderTopStyle, Id::BorderBottomStyle], pair!(border::style, BorderTopStyle, BorderBottomStyle)),
        "border-block-color" => (&[Id::BorderTopColor, Id::BorderBottomColor], pair!(color, BorderTopColor, BorderBottomColor)),
        "border-top" | "border-block-start" => (&[Id::BorderTopWidth, Id::BorderTopStyle, Id::BorderTopColor], side!(BorderTopWidth, BorderTopStyle, BorderTopColor)),
        "border-right" => (&[Id::BorderRightWidth, Id::BorderRightStyle, Id::BorderRightColor], side!(BorderRightWidth, BorderRightStyle, BorderRightColor)),
        "border-bottom" | "border-block-end" => (&[Id::BorderBottomWidth, Id::BorderBottomStyle, Id::BorderBottomColor], side!(BorderBottomWidth, BorderBottomStyle, BorderBottomColor)),
        "border-left" => (&[Id::BorderLeftWidth, Id::BorderLeftStyle, Id::BorderLeftColor], side!(BorderLeftWidth, BorderLeftStyle, BorderLeftColor)),
        "border-inline-start" => (&[Id::BorderInlineStartWidth, Id::BorderInlineStartStyle, Id::BorderInlineStartColor], side!(BorderInlineStartWidth, BorderInlineStartStyle, BorderInlineStartColor)),
        "border-inline-end" => (&[Id::BorderInlineEndWidth, Id::BorderInlineEndStyle, Id::BorderInlineEndColor], side!(BorderInlineEndWidth, BorderInlineEndStyle, BorderInlineEndColor)),
        "border-inline" => (&[Id::BorderInlineStartWidth, Id::BorderInlineStartStyle, Id::BorderInlineStartColor, Id::BorderInlineEndWidth, Id::BorderInlineEndStyle, Id::BorderInlineEndColor], |input, _| {
            let (width, style, color) = boxes::line(input, border::style)?;
            Ok(vec![
                Value::BorderInlineStartWidth(width.clone()), Value::BorderInlineStartStyle(style), Value::BorderInlineStartColor(color.clone()),
                Value::BorderInlineEndWidth(width), Value::BorderInlineEndStyle(style), Value::BorderInlineEndColor(color),
            ])
        }),
        "border-block" => (&[Id::BorderTopWidth, Id::BorderTopStyle, Id::BorderTopColor, Id::BorderBottomWidth, Id::BorderBottomStyle, Id::BorderBottomColor], |input, _| {
            let (width, style, color) = boxes::line(input, border::style)?;
            Ok(vec![
                Value::BorderTopWidth(width.clone()), Value::BorderTopStyle(style), Value::BorderTopColor(color.clone()),
                Value::BorderBottomWidth(width), Value::BorderBottomStyle(style), Value::BorderBottomColor(color),
            ])
        }),
        "border" => (BORDER, |input, _| boxes::border_all(input)),
        "border-radius" | "-webkit-border-radius" | "-moz-border-radius" => (RADIUS, |input, _| boxes::radii(input)),
        "outline" => (&[Id::OutlineWidth, Id::OutlineStyle, Id::OutlineColor], |input, _| {
            let (width, style, color) = boxes::line(input, border::outline_style)?;
            Ok(vec![Value::OutlineWidth(width), Value::OutlineStyle(style), Value::OutlineColor(color)])
        }),
        "background" => (BACKGROUND, background::background),
        "border-image" | "-webkit-border-image" | "-moz-border-image" => (BORDER_IMAGE, border_image::border_image),
        "mask-border" | "-webkit-mask-box-image" => (MASK_BORDER, border_image::mask_border),
        "background-position" => (&[Id::BackgroundPositionX, Id::BackgroundPositionY], |input, _| {
            let (x, y) = list(input, position)?.into_iter().map(|PositionValue(x, y)| (x, y)).unzip();
            Ok(vec![Value::BackgroundPositionX(x), Value::BackgroundPositionY(y)])
        }),
        "font" => (FONT, |input, _| text::font(input)),
        "font-synthesis" => (SYNTHESIS, |input, _| {
            let [weight, style, small_caps] = font::synthesis(input)?;
            Ok(vec![Value::FontSynthesisWeight(weight), Value::FontSynthesisStyle(font::slant_synthesis_of(style)), Value::FontSynthesisSmallCaps(small_caps)])
        }),
        "font-variant" => (VARIANT, |input, _| text::font_variant(input)),
        "list-style" => (&[Id::ListStyleType, Id::ListStylePosition, Id::ListStyleImage], text::list_style),
        "text-decoration" | "-webkit-text-decoration" => (DECORATION, |input, _| text::text_decoration(input)),
        "text-align" => (&[Id::TextAlign, Id::TextAlignLast], text::text_align),
        "line-clamp" => (&[Id::MaxLines, Id::Continue, Id::BlockEllipsis], |input, _| text::line_clamp(input)),
        "white-space" => (&[Id::WhiteSpaceCollapse, Id::TextWrapMode], |input, _| text::white_space(input)),
        "text-wrap" => (&[Id::TextWrapMode, Id::TextWrapStyle], |input, _| {
            let [nowrap, balanced] = super::text::wrap(input)?;
            Ok(vec![Value::TextWrapMode(nowrap), Value::TextWrapStyle(balanced)])
        }),
        "overflow" => (&[Id::OverflowX, Id::OverflowY], pair!(super::boxes::overflow, OverflowX, OverflowY)),
        "flex" | "-webkit-flex" | "-ms-flex" => (&[Id::FlexGrow, Id::FlexShrink, Id::FlexBasis], |input, _| boxes::flex(input)),
        "flex-flow" | "-webkit-flex-flow" => (&[Id::FlexDirection, Id::FlexWrap], |input, _| boxes::flex_flow(input)),
        "gap" | "grid-gap" => (&[Id::RowGap, Id::ColumnGap], |input, _| boxes::gaps(input)),
        "columns" => (&[Id::ColumnWidth, Id::ColumnCount], |input, _| boxes::columns(input)),
        "column-rule" => (&[Id::ColumnRuleWidth, Id::ColumnRuleStyle, Id::ColumnRuleColor], |input, _| {
            let (width, style, color) = boxes::line(input, border::style)?;
            Ok(vec![Value::ColumnRuleWidth(width), Value::ColumnRuleStyle(style), Value::ColumnRuleColor(color)])
        }),
        "place-items" => (&[Id::AlignItems, Id::JustifyItems], pair!(super::boxes::alignment, AlignItems, JustifyItems)),
        "place-self" => (&[Id::AlignSelf, Id::JustifySelf], pair!(super::boxes::alignment_of_item, AlignSelf, JustifySelf)),
        "grid-row" => (&[Id::GridRowStart, Id::GridRowEnd], |input, _| {
            let (start, end) = grid::pair(input)?;
            Ok(vec![Value::GridRowStart(start), Value::GridRowEnd(end)])
        }),
        "grid-column" => (&[Id::GridColumnStart, Id::GridColumnEnd], |input, _| {
            let (start, end) = grid::pair(input)?;
            Ok(vec![Value::GridColumnStart(start), Value::GridColumnEnd(end)])
        }),
        "grid-area" => (&[Id::GridRowStart, Id::GridColumnStart, Id::GridRowEnd, Id::GridColumnEnd], |input, _| grid::area(input)),
        "grid-template" => (&[Id::GridTemplateRows, Id::GridTemplateColumns, Id::GridTemplateAreas], |input, _| grid::template(input)),
        "grid" => (GRID, |input, _| grid::grid(input)),
        "place-content" => (&[Id::AlignContent, Id::JustifyContent], pair!(super::boxes::alignment, AlignContent, JustifyContent)),
        "page-break-before" => (&[Id::BreakBefore], |input, _| boxes::page_break(input).map(|value| vec![Value::BreakBefore(value)])),
        "page-break-after" => (&[Id::BreakAfter], |input, _| boxes::page_break(input).map(|value| vec![Value::BreakAfter(value)])),
        "page-break-inside" => (&[Id::BreakInside], |input, _| {
            keyword(input, &[("auto", false), ("avoid", true)]).map(|value| vec![Value::BreakInside(value)])
        }),
        "all" => (all_longhands(), |_, _| Err(invalid())),
        _ => return None,
    })
}

/// What `all` stands for: everything but `direction` and `unicode-bidi` (CSS Cascade 5 §3.2).
fn all_longhands() -> &'static [Id] {
    static ALL: std::sync::LazyLock<Vec<Id>> = std::sync::LazyLock::new(|| {
        let kept = [Id::Direction, Id::UnicodeBidi, Id::Language, Id::Size];
        Id::ALL
            .iter()
            .copied()
            .filter(|id| !kept.contains(id))
            .collect()
    });
    &ALL
}
