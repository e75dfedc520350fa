//! Shorthand properties and aliases: one declaration, several longhands.

use super::background::{self, ImageValue, PositionValue, SizeOf};
use super::border;
use super::boxes;
use super::color::{ColorValue, color};
use super::content::counter_style;
use super::effects;
use super::font::{self, VariantPart};
use super::numeric::{self, Distance, Length, SizeValue};
use super::problem::{invalid, unsupported};
use super::property::{PropertyId as Id, Value};
use super::text;
use super::{Parse, ParseContext, delimiter, keyword, none_or};
use crate::computed::{
    BackgroundSize, BoxArea, Break, Collapse, FontCaps, LineStyle, OverflowWrap, Slant, WordBreak,
};
use crate::values::Sizing;
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
        if let Some(id) = Id::named(alias(name)) {
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

/// Legacy names and logical ones that do not depend on the direction of horizontal text.
fn alias(name: &str) -> &str {
    match name {
        "word-wrap" => "overflow-wrap",
        "font-width" => "font-stretch",
        "inline-size" => "width",
        "block-size" => "height",
        "min-inline-size" => "min-width",
        "min-block-size" => "min-height",
        "max-inline-size" => "max-width",
        "max-block-size" => "max-height",
        "margin-block-start" => "margin-top",
        "margin-block-end" => "margin-bottom",
        "padding-block-start" => "padding-top",
        "padding-block-end" => "padding-bottom",
        "inset-block-start" => "top",
        "inset-block-end" => "bottom",
        "border-block-start-width" => "border-top-width",
        "border-block-start-style" => "border-top-style",
        "border-block-start-color" => "border-top-color",
        "border-block-end-width" => "border-bottom-width",
        "border-block-end-style" => "border-bottom-style",
        "border-block-end-color" => "border-bottom-color",
        "grid-row-gap" => "row-gap",
        "grid-column-gap" => "column-gap",
        "overflow-inline" => "overflow-x",
        "overflow-block" => "overflow-y",
        "-webkit-margin-start" => "margin-inline-start",
        "-webkit-margin-end" => "margin-inline-end",
        "-webkit-padding-start" => "padding-inline-start",
        "-webkit-padding-end" => "padding-inline-end",
        "-webkit-margin-before" => "margin-top",
        "-webkit-margin-after" => "margin-bottom",
        "-webkit-box-sizing" | "-moz-box-sizing" => "box-sizing",
        "-webkit-box-shadow" | "-moz-box-shadow" => "box-shadow",
        "-webkit-transform" | "-moz-transform" | "-ms-transform" => "transform",
        "-webkit-transform-origin" | "-moz-transform-origin" | "-ms-transform-origin" => {
            "transform-origin"
        }
        "-webkit-box-decoration-break" => "box-decoration-break",
        "-webkit-hyphens" | "-moz-hyphens" | "-ms-hyphens" => "hyphens",
        "-moz-tab-size" => "tab-size",
        "-webkit-background-size" => "background-size",
        "-webkit-background-clip" => "background-clip",
        "-webkit-background-origin" => "background-origin",
        "-webkit-flex-direction" | "-ms-flex-direction" => "flex-direction",
        "-webkit-flex-wrap" | "-ms-flex-wrap" => "flex-wrap",
        "-webkit-flex-grow" | "-ms-flex-positive" | "-webkit-box-flex" => "flex-grow",
        "-webkit-flex-shrink" | "-ms-flex-negative" => "flex-shrink",
        "-webkit-flex-basis" | "-ms-flex-preferred-size" => "flex-basis",
        "-webkit-justify-content" => "justify-content",
        "-webkit-align-items" => "align-items",
        "-webkit-align-self" => "align-self",
        "-webkit-align-content" => "align-content",
        "-webkit-order" | "-ms-flex-order" => "order",
        "-webkit-border-top-left-radius" => "border-top-left-radius",
        "-webkit-border-top-right-radius" => "border-top-right-radius",
        "-webkit-border-bottom-left-radius" => "border-bottom-left-radius",
        "-webkit-border-bottom-right-radius" => "border-bottom-right-radius",
        "-webkit-text-decoration-color" => "text-decoration-color",
        "-webkit-text-decoration-style" => "text-decoration-style",
        "-webkit-text-decoration-line" => "text-decoration-line",
        "-webkit-font-feature-settings" | "-moz-font-feature-settings" => "font-feature-settings",
        "-webkit-font-kerning" => "font-kerning",
        "-webkit-opacity" => "opacity",
        "-weasy-bookmark-level" | "prince-bookmark-level" => "bookmark-level",
        "-weasy-bookmark-label" | "prince-bookmark-label" => "bookmark-label",
        "-fanfold-language" => "",
        other => other,
    }
}

/// Properties with no effect on paper: silence is right.
pub(crate) fn is_ignored(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "cursor",
        "pointer-events",
        "user-select",
        "will-change",
        "appearance",
        "resize",
        "caret-color",
        "accent-color",
        "touch-action",
        "color-scheme",
        "forced-color-adjust",
        "print-color-adjust",
        "color-adjust",
        "text-rendering",
        "image-rendering",
        "font-smooth",
        "font-optical-sizing",
        "font-synthesis",
        "font-display",
        "contain",
        "content-visibility",
        "isolation",
        "backface-visibility",
        "background-attachment",
        "zoom",
        "filter-quality",
        "tap-highlight-color",
        "text-size-adjust",
        "speak",
        "volume",
        "src",
        "interpolation-mode",
        "behavior",
        "text-decoration-skip-ink",
        "text-decoration-skip",
        "text-underline-position",
        "text-wrap-style",
        "hanging-punctuation",
        "line-break",
        "anchor-name",
    ];
    const PREFIXES: &[&str] = &[
        "-webkit-",
        "-moz-",
        "-ms-",
        "-o-",
        "-khtml-",
        "-apple-",
        "mso-",
        "transition",
        "animation",
        "scroll-",
        "overscroll-",
        "scrollbar-",
        "view-transition",
    ];
    NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Properties that would show on paper and are not implemented.
pub(crate) fn unsupported_property(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "columns",
        "filter",
        "backdrop-filter",
        "clip",
        "clip-path",
        "mix-blend-mode",
        "background-blend-mode",
        "writing-mode",
        "text-orientation",
        "text-shadow",
        "text-emphasis",
        "text-justify",
        "text-combine-upright",
        "justify-items",
        "justify-self",
        "place-items",
        "place-content",
        "place-self",
        "perspective",
        "perspective-origin",
        "rotate",
        "scale",
        "translate",
        "font-variation-settings",
        "font-size-adjust",
        "font-variant-alternates",
        "font-variant-emoji",
        "font-palette",
        "font-language-override",
        "initial-letter",
        "float-reference",
        "float-offset",
        "shape-outside",
        "shape-margin",
        "footnote-display",
        "footnote-policy",
        "bookmark-state",
        "hyphenate-character",
        "hyphenate-limit-chars",
        "hyphenate-limit-lines",
        "hyphenate-limit-zone",
        "image-orientation",
        "image-resolution",
        "marks",
        "bleed",
        "margin-trim",
        "line-clamp",
        "text-overflow",
        "block-ellipsis",
        "max-lines",
        "ruby-position",
        "ruby-align",
        "continue",
        "block-step",
        "text-spacing-trim",
        "text-autospace",
        "lang",
        "anchor",
        "link",
        "text-fill-color",
        "text-align-all",
        "paint-order",
        "fill",
        "stroke",
        "stroke-width",
        "fill-opacity",
        "stroke-opacity",
        "dominant-baseline",
        "alignment-baseline",
        "baseline-shift",
        "baseline-source",
        "text-anchor",
        "table-layout-mode",
    ];
    const PREFIXES: &[&str] = &[
        "grid",
        "column-",
        "mask",
        "border-image",
        "offset-",
        "text-emphasis-",
        "font-synthesis-",
    ];
    NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
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
];
const BACKGROUND: &[Id] = &[
    Id::BackgroundColor,
    Id::BackgroundImage,
    Id::BackgroundPositionX,
    Id::BackgroundPositionY,
    Id::BackgroundSize,
    Id::BackgroundRepeat,
    Id::BackgroundOrigin,
    Id::BackgroundClip,
];
const DECORATION: &[Id] = &[
    Id::TextDecorationLine,
    Id::TextDecorationColor,
    Id::TextDecorationStyle,
    Id::TextDecorationThickness,
];

/// One to four values for the sides, as `margin` takes them.
macro_rules! sides {
    ($parse:expr, $top:ident, $right:ident, $bottom:ident, $left:ident) => {
        |input, _| {
            let [top, right, bottom, left] = four(input, $parse)?;
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
            let (width, style, color) = line(input, border::style)?;
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
        "margin" => (MARGIN, sides!(numeric::auto_length, MarginTop, MarginRight, MarginBottom, MarginLeft)),
        "padding" => (PADDING, sides!(numeric::positive_length_percentage, PaddingTop, PaddingRight, PaddingBottom, PaddingLeft)),
        "inset" => (INSET, sides!(numeric::auto_length, Top, Right, Bottom, Left)),
        "border-width" => (BORDER_WIDTH, sides!(border::width, BorderTopWidth, BorderRightWidth, BorderBottomWidth, BorderLeftWidth)),
        "border-style" => (BORDER_STYLE, sides!(border::style, BorderTopStyle, BorderRightStyle, BorderBottomStyle, BorderLeftStyle)),
        "border-color" => (BORDER_COLOR, sides!(color, BorderTopColor, BorderRightColor, BorderBottomColor, BorderLeftColor)),
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
            let (width, style, color) = line(input, border::style)?;
            Ok(vec![
                Value::BorderInlineStartWidth(width.clone()), Value::BorderInlineStartStyle(style), Value::BorderInlineStartColor(color.clone()),
                Value::BorderInlineEndWidth(width), Value::BorderInlineEndStyle(style), Value::BorderInlineEndColor(color),
            ])
        }),
        "border-block" => (&[Id::BorderTopWidth, Id::BorderTopStyle, Id::BorderTopColor, Id::BorderBottomWidth, Id::BorderBottomStyle, Id::BorderBottomColor], |input, _| {
            let (width, style, color) = line(input, border::style)?;
            Ok(vec![
                Value::BorderTopWidth(width.clone()), Value::BorderTopStyle(style), Value::BorderTopColor(color.clone()),
                Value::BorderBottomWidth(width), Value::BorderBottomStyle(style), Value::BorderBottomColor(color),
            ])
        }),
        "border" => (BORDER, |input, _| border_all(input)),
        "border-radius" | "-webkit-border-radius" | "-moz-border-radius" => (RADIUS, |input, _| radii(input)),
        "outline" => (&[Id::OutlineWidth, Id::OutlineStyle, Id::OutlineColor], |input, _| {
            let (width, style, color) = line(input, border::outline_style)?;
            Ok(vec![Value::OutlineWidth(width), Value::OutlineStyle(style), Value::OutlineColor(color)])
        }),
        "background" => (BACKGROUND, background_shorthand),
        "background-position" => (&[Id::BackgroundPositionX, Id::BackgroundPositionY], |input, _| {
            let (x, y) = background::list(input, background::position)?.into_iter().map(|PositionValue(x, y)| (x, y)).unzip();
            Ok(vec![Value::BackgroundPositionX(x), Value::BackgroundPositionY(y)])
        }),
        "font" => (FONT, |input, _| font_shorthand(input)),
        "font-variant" => (VARIANT, |input, _| font_variant(input)),
        "list-style" => (&[Id::ListStyleType, Id::ListStylePosition, Id::ListStyleImage], list_style),
        "text-decoration" | "-webkit-text-decoration" => (DECORATION, |input, _| text_decoration(input)),
        "white-space" => (&[Id::WhiteSpaceCollapse, Id::TextWrapMode], |input, _| white_space(input)),
        "text-wrap" => (&[Id::TextWrapMode], |input, _| {
            let keywords = [("wrap", false), ("nowrap", true), ("balance", false), ("pretty", false), ("stable", false), ("auto", false)];
            keyword(input, &keywords).map(|nowrap| vec![Value::TextWrapMode(nowrap)])
        }),
        "overflow" => (&[Id::OverflowX, Id::OverflowY], pair!(boxes::overflow, OverflowX, OverflowY)),
        "flex" | "-webkit-flex" | "-ms-flex" => (&[Id::FlexGrow, Id::FlexShrink, Id::FlexBasis], |input, _| flex(input)),
        "flex-flow" | "-webkit-flex-flow" => (&[Id::FlexDirection, Id::FlexWrap], |input, _| flex_flow(input)),
        "gap" | "grid-gap" => (&[Id::RowGap, Id::ColumnGap], pair!(boxes::gap, RowGap, ColumnGap)),
        "place-content" => (&[Id::AlignContent, Id::JustifyContent], pair!(boxes::alignment, AlignContent, JustifyContent)),
        "page-break-before" => (&[Id::BreakBefore], |input, _| page_break(input).map(|value| vec![Value::BreakBefore(value)])),
        "page-break-after" => (&[Id::BreakAfter], |input, _| page_break(input).map(|value| vec![Value::BreakAfter(value)])),
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

fn four<'i, T: Clone>(
    input: &mut Parser<'i>,
    parse: impl Fn(&mut Parser<'i>) -> Parse<T>,
) -> Parse<[T; 4]> {
    let top = parse(input)?;
    let right = input.try_parse(&parse).unwrap_or_else(|_| top.clone());
    let bottom = input.try_parse(&parse).unwrap_or_else(|_| top.clone());
    let left = input.try_parse(&parse).unwrap_or_else(|_| right.clone());
    Ok([top, right, bottom, left])
}

/// `<line-width> || <line-style> || <color>`.
fn line(
    input: &mut Parser<'_>,
    parse_style: fn(&mut Parser<'_>) -> Parse<LineStyle>,
) -> Parse<(Distance, LineStyle, ColorValue)> {
    let (mut width, mut style, mut ink) = (None, None, None);
    loop {
        if width.is_none()
            && let Ok(value) = input.try_parse(border::width)
        {
            width = Some(value);
        } else if style.is_none()
            && let Ok(value) = input.try_parse(parse_style)
        {
            style = Some(value);
        } else if ink.is_none() {
            ink = Some(color(input)?);
        } else {
            return Err(invalid());
        }
        if input.is_exhausted() {
            break;
        }
    }
    let medium = Distance(Length::px(3.0));
    Ok((
        width.unwrap_or(medium),
        style.unwrap_or_default(),
        ink.unwrap_or(ColorValue::Current),
    ))
}

fn border_all(input: &mut Parser<'_>) -> Parse<Vec<Value>> {
    let (width, style, color) = line(input, border::style)?;
    Ok(vec![
        Value::BorderTopWidth(width.clone()),
        Value::BorderRightWidth(width.clone()),
        Value::BorderBottomWidth(width.clone()),
        Value::BorderLeftWidth(width),
        Value::BorderTopStyle(style),
        Value::BorderRightStyle(style),
        Value::BorderBottomStyle(style),
        Value::BorderLeftStyle(style),
        Value::BorderTopColor(color.clone()),
        Value::BorderRightColor(color.clone()),
        Value::BorderBottomColor(color.clone()),
        Value::BorderLeftColor(color),
    ])
}

fn radii(input: &mut Parser<'_>) -> Parse<Vec<Value>> {
    let horizontal = four(input, numeric::positive_length_percentage)?;
    let vertical = if delimiter(input, '/') {
        four(input, numeric::positive_length_percentage)?
    } else {
        horizontal.clone()
    };
    let [a, b, c, d] = horizontal;
    let [e, f, g, h] = vertical;
    Ok(vec![
        Value::BorderTopLeftRadius(border::Radius(a, e)),
        Value::BorderTopRightRadius(border::Radius(b, f)),
        Value::BorderBottomRightRadius(border::Radius(c, g)),
        Value::BorderBottomLeftRadius(border::Radius(d, h)),
    ])
}

/// One layer of `background`.
struct Layer {
    image: Option<ImageValue>,
    position: PositionValue,
    size: SizeOf,
    repeat: (bool, bool),
    origin: BoxArea,
    clip: BoxArea,
    color: Option<ColorValue>,
}

fn background_layer(input: &mut Parser<'_>, cx: &ParseContext<'_>) -> Parse<Layer> {
    let (mut image, mut place, mut size, mut repeat) = (None, None, None, None);
    let (mut ink, mut areas, mut attachment) = (None, Vec::new(), false);
    while !input.is_exhausted() {
        let attachments = [("scroll", ()), ("fixed", ()), ("local", ())];
        if place.is_none()
            && let Ok(value) = input.try_parse(background::position)
        {
            place = Some(value);
            if delimiter(input, '/') {
                size = Some(background::size(input)?);
            }
        } else if repeat.is_none()
            && let Ok(value) = input.try_parse(background::repeat)
        {
            repeat = Some(value);
        } else if areas.len() < 2
            && let Ok(value) = input.try_parse(background::area)
        {
            areas.push(value);
        } else if !attachment
            && input
                .try_parse(|input| keyword(input, &attachments))
                .is_ok()
        {
            attachment = true;
        } else if ink.is_none()
            && let Ok(value) = input.try_parse(color)
        {
            ink = Some(value);
        } else if image.is_none() {
            image = Some(none_or(input, |input| background::image(input, cx))?);
        } else {
            return Err(invalid());
        }
    }
    Ok(Layer {
        image: image.flatten(),
        position: place.unwrap_or(PositionValue(Length::percent(0.0), Length::percent(0.0))),
        size: size.unwrap_or(SizeOf::Is(BackgroundSize::Auto)),
        repeat: repeat.unwrap_or((true, true)),
        origin: areas.first().copied().unwrap_or(BoxArea::Padding),
        clip: areas.last().copied().unwrap_or(BoxArea::Border),
        color: ink,
    })
}

fn background_shorthand(input: &mut Parser<'_>, cx: &ParseContext<'_>) -> Parse<Vec<Value>> {
    let mut layers = input.parse_comma_separated(|input| {
        if input.is_exhausted() {
            Err(invalid())
        } else {
            background_layer(input, cx)
        }
    })?;
    let last = layers.len() - 1;
    if layers[..last].iter().any(|layer| layer.color.is_some()) {
        return Err(invalid());
    }
    let color = layers[last].color.take();
    let transparent = ColorValue::Is(fanfold_geometry::Color::TRANSPARENT);
    let mut values = vec![Value::BackgroundColor(color.unwrap_or(transparent))];
    let (mut images, mut xs, mut ys) = (Vec::new(), Vec::new(), Vec::new());
    let (mut sizes, mut repeats, mut origins, mut clips) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for layer in layers {
        images.push(layer.image);
        xs.push(layer.position.0);
        ys.push(layer.position.1);
        sizes.push(layer.size);
        repeats.push(layer.repeat);
        origins.push(layer.origin);
        clips.push(layer.clip);
    }
    values.extend([
        Value::BackgroundImage(images),
        Value::BackgroundPositionX(xs),
        Value::BackgroundPositionY(ys),
        Value::BackgroundSize(sizes),
        Value::BackgroundRepeat(repeats),
        Value::BackgroundOrigin(origins),
        Value::BackgroundClip(clips),
    ]);
    Ok(values)
}

fn font_shorthand(input: &mut Parser<'_>) -> Parse<Vec<Value>> {
    let system = [
        ("caption", ()),
        ("icon", ()),
        ("menu", ()),
        ("message-box", ()),
        ("small-caption", ()),
        ("status-bar", ()),
    ];
    if input.try_parse(|input| keyword(input, &system)).is_ok() {
        return Err(unsupported("a system font"));
    }
    let (mut slant, mut caps, mut weight, mut stretch) = (None, None, None, None);
    let small = [("small-caps", FontCaps::Small)];
    for _ in 0..4 {
        if input
            .try_parse(|input| input.expect_ident_matching("normal"))
            .is_ok()
        {
            continue;
        }
        if slant.is_none()
            && let Ok(value) = input.try_parse(font::slant)
        {
            slant = Some(value);
        } else if caps.is_none()
            && let Ok(value) = input.try_parse(|input| keyword(input, &small))
        {
            caps = Some(value);
        } else if weight.is_none()
            && let Ok(value) = input.try_parse(font::weight)
        {
            weight = Some(value);
        } else if stretch.is_none()
            && let Ok(value) = input.try_parse(font::stretch_keyword)
        {
            stretch = Some(value);
        } else {
            break;
        }
    }
    let size = font::size(input)?;
    let line_height = if delimiter(input, '/') {
        text::line_height(input)?
    } else {
        text::LineHeightValue::Is(crate::computed::LineHeight::Normal)
    };
    Ok(vec![
        Value::FontFamily(font::families(input)?),
        Value::FontSize(size),
        Value::FontWeight(weight.unwrap_or(font::Weight::Number(400.0))),
        Value::FontStyle(slant.unwrap_or(Slant::Normal)),
        Value::FontStretch(stretch.unwrap_or(1.0)),
        Value::LineHeight(line_height),
        Value::FontVariantLigatures(Vec::new()),
        Value::FontVariantCaps(caps.unwrap_or(FontCaps::Normal)),
        Value::FontVariantNumeric(Vec::new()),
        Value::FontVariantEastAsian(Vec::new()),
        Value::FontVariantPosition(Vec::new()),
        Value::FontFeatureSettings(Vec::new()),
        Value::FontKerning(true),
    ])
}

fn font_variant(input: &mut Parser<'_>) -> Parse<Vec<Value>> {
    let (mut ligatures, mut caps) = (Vec::new(), FontCaps::Normal);
    let (mut numeric, mut east_asian, mut position) = (Vec::new(), Vec::new(), Vec::new());
    if input
        .try_parse(|input| input.expect_ident_matching("normal"))
        .is_err()
    {
        if input
            .try_parse(|input| input.expect_ident_matching("none"))
            .is_ok()
        {
            ligatures = font::ligatures(&mut Parser::new("none"))?;
        }
        while !input.is_exhausted() {
            match font::variant_keyword(input)? {
                VariantPart::Ligatures(more) => ligatures.extend(more),
                VariantPart::Caps(value) => caps = value,
                VariantPart::Numeric(more) => numeric.extend(more),
                VariantPart::EastAsian(more) => east_asian.extend(more),
                VariantPart::Position(value) => position = value,
            }
        }
    }
    Ok(vec![
        Value::FontVariantLigatures(ligatures),
        Value::FontVariantCaps(caps),
        Value::FontVariantNumeric(numeric),
        Value::FontVariantEastAsian(east_asian),
        Value::FontVariantPosition(position),
    ])
}

fn list_style(input: &mut Parser<'_>, cx: &ParseContext<'_>) -> Parse<Vec<Value>> {
    let (mut kind, mut inside, mut image, mut nones) = (None, None, None, 0);
    let positions = [("inside", true), ("outside", false)];
    while !input.is_exhausted() {
        if input
            .try_parse(|input| input.expect_ident_matching("none"))
            .is_ok()
        {
            nones += 1;
        } else if inside.is_none()
            && let Ok(value) = input.try_parse(|input| keyword(input, &positions))
        {
            inside = Some(value);
        } else if image.is_none()
            && let Ok(url) = input.try_parse(|input| super::url::url(input, cx.base))
        {
            image = Some(url);
        } else if kind.is_none() {
            kind = Some(counter_style(input)?);
        } else {
            return Err(invalid());
        }
    }
    // `none` is for whichever of type and image is not given (CSS Lists 3 §3.4).
    let free = usize::from(kind.is_none()) + usize::from(image.is_none());
    if nones > free {
        return Err(invalid());
    }
    if kind.is_none() && nones == 0 {
        kind = Some(crate::computed::CounterStyleName::Named("disc".into()));
    }
    Ok(vec![
        Value::ListStyleType(kind),
        Value::ListStylePosition(inside.unwrap_or(false)),
        Value::ListStyleImage(image),
    ])
}

fn text_decoration(input: &mut Parser<'_>) -> Parse<Vec<Value>> {
    let (mut lines, mut ink, mut style, mut thickness) = (None, None, None, None);
    loop {
        if lines.is_none()
            && let Ok(value) = input.try_parse(effects::decoration_line)
        {
            lines = Some(value);
        } else if style.is_none()
            && let Ok(value) = input.try_parse(effects::decoration_style)
        {
            style = Some(value);
        } else if ink.is_none()
            && let Ok(value) = input.try_parse(effects::decoration_color)
        {
            ink = Some(value);
        } else if thickness.is_none() {
            thickness = Some(effects::thickness(input)?);
        } else {
            return Err(invalid());
        }
        if input.is_exhausted() {
            break;
        }
    }
    Ok(vec![
        Value::TextDecorationLine(lines.unwrap_or_default()),
        Value::TextDecorationColor(ink.unwrap_or_default()),
        Value::TextDecorationStyle(style.unwrap_or_default()),
        Value::TextDecorationThickness(thickness.unwrap_or_default()),
    ])
}

fn white_space(input: &mut Parser<'_>) -> Parse<Vec<Value>> {
    let legacy = [
        ("normal", (Collapse::Collapse, false)),
        ("nowrap", (Collapse::Collapse, true)),
        ("pre", (Collapse::Preserve, true)),
        ("pre-wrap", (Collapse::Preserve, false)),
        ("pre-line", (Collapse::PreserveBreaks, false)),
        ("break-spaces", (Collapse::BreakSpaces, false)),
        ("collapse", (Collapse::Collapse, false)),
        ("preserve", (Collapse::Preserve, false)),
        ("preserve-breaks", (Collapse::PreserveBreaks, false)),
        ("wrap", (Collapse::Collapse, false)),
    ];
    let (collapse, mut nowrap) = keyword(input, &legacy)?;
    if let Ok(second) =
        input.try_parse(|input| keyword(input, &[("wrap", false), ("nowrap", true)]))
    {
        nowrap = second;
    }
    Ok(vec![
        Value::WhiteSpaceCollapse(collapse),
        Value::TextWrapMode(nowrap),
    ])
}

/// `flex` (CSS Flexbox 1 §7.1.1).
fn flex(input: &mut Parser<'_>) -> Parse<Vec<Value>> {
    let values = |grow, shrink, basis| {
        Ok(vec![
            Value::FlexGrow(grow),
            Value::FlexShrink(shrink),
            Value::FlexBasis(basis),
        ])
    };
    if input
        .try_parse(|input| input.expect_ident_matching("none"))
        .is_ok()
    {
        return values(0.0, 0.0, SizeValue::Is(Sizing::Auto));
    }
    let (mut factors, mut basis) = (None, None);
    while !input.is_exhausted() {
        if factors.is_none()
            && let Ok(grow) = input.try_parse(numeric::positive_number)
        {
            let shrink = input.try_parse(numeric::positive_number).unwrap_or(1.0);
            factors = Some((grow, shrink));
        } else if basis.is_none() {
            basis = Some(boxes::flex_basis(input)?);
        } else {
            return Err(invalid());
        }
    }
    match (factors, basis) {
        (None, None) => Err(invalid()),
        (Some((grow, shrink)), None) => values(grow, shrink, SizeValue::Length(Length::px(0.0))),
        (factors, Some(basis)) => {
            let (grow, shrink) = factors.unwrap_or((1.0, 1.0));
            values(grow, shrink, basis)
        }
    }
}

fn flex_flow(input: &mut Parser<'_>) -> Parse<Vec<Value>> {
    let (mut direction, mut wrap) = (None, None);
    loop {
        if direction.is_none()
            && let Ok(value) = input.try_parse(boxes::flex_direction)
        {
            direction = Some(value);
        } else if wrap.is_none() {
            wrap = Some(boxes::flex_wrap(input)?);
        } else {
            return Err(invalid());
        }
        if input.is_exhausted() {
            break;
        }
    }
    Ok(vec![
        Value::FlexDirection(direction.unwrap_or_default()),
        Value::FlexWrap(wrap.unwrap_or_default()),
    ])
}

/// `page-break-before` and `page-break-after` (CSS Fragmentation 3 §3.4).
fn page_break(input: &mut Parser<'_>) -> Parse<Break> {
    let keywords = [
        ("auto", Break::Auto),
        ("avoid", Break::Avoid),
        ("always", Break::Page),
        ("left", Break::Left),
        ("right", Break::Right),
        ("recto", Break::Recto),
        ("verso", Break::Verso),
    ];
    keyword(input, &keywords)
}
