//! Box, positioning, flex and fragmentation properties.

use super::numeric::{Length, SizeValue, positive_length_percentage, positive_number, size};
use super::problem::{invalid, unsupported};
use super::{Compute, Computing, Parse, computed_as_specified, delimiter, keyword};
use crate::computed::{
    Alignment, AspectRatio, Break, Clear, Display, FlexWrap, Float, FootnoteDisplay,
    FootnotePolicy, MarginBreak, Position, VerticalAlign, Visibility,
};
use crate::values::Sizing;
use cssparser::{Parser, match_ignore_ascii_case};
use std::sync::Arc;

computed_as_specified!(
    Alignment,
    AspectRatio,
    Break,
    Display,
    FlexWrap,
    FootnoteDisplay,
    FootnotePolicy,
    MarginBreak,
    Position,
    Visibility
);

/// `visibility`.
pub(crate) fn visibility(input: &mut Parser<'_>) -> Parse<Visibility> {
    let keywords = [
        ("visible", Visibility::Visible),
        ("hidden", Visibility::Hidden),
        ("collapse", Visibility::Collapse),
    ];
    keyword(input, &keywords)
}

/// `caption-side`; logical values are those of horizontal text.
pub(crate) fn caption_side(input: &mut Parser<'_>) -> Parse<bool> {
    keyword(
        input,
        &[
            ("top", false),
            ("bottom", true),
            ("block-start", false),
            ("block-end", true),
        ],
    )
}

/// `display`, in the one-keyword and the multi-keyword syntax (CSS Display 3 §2).
pub(crate) fn display(input: &mut Parser<'_>) -> Parse<Display> {
    let single = [
        ("none", Display::None),
        ("contents", Display::Contents),
        ("inline-block", Display::InlineBlock),
        ("inline-flex", Display::InlineFlex),
        ("-webkit-inline-flex", Display::InlineFlex),
        ("inline-grid", Display::InlineGrid),
        ("inline-table", Display::InlineTable),
        ("table-row-group", Display::TableRowGroup),
        ("table-header-group", Display::TableHeaderGroup),
        ("table-footer-group", Display::TableFooterGroup),
        ("table-row", Display::TableRow),
        ("table-cell", Display::TableCell),
        ("table-column", Display::TableColumn),
        ("table-column-group", Display::TableColumnGroup),
        ("table-caption", Display::TableCaption),
        ("-webkit-box", Display::Flex),
        ("-webkit-flex", Display::Flex),
    ];
    if let Ok(display) = input.try_parse(|input| keyword(input, &single)) {
        return Ok(display);
    }
    let (mut outer, mut inner, mut list_item) = (None, None, false);
    while !input.is_exhausted() {
        let name = input.expect_ident_cloned()?;
        match_ignore_ascii_case! { &name,
            "block" if outer.is_none() => outer = Some(false),
            "inline" if outer.is_none() => outer = Some(true),
            "list-item" if !list_item => list_item = true,
            "flow" | "flow-root" | "table" | "flex" | "grid" | "ruby" if inner.is_none() => {
                inner = Some(name.to_ascii_lowercase());
            },
            "run-in" | "math" => return Err(unsupported(format!("display: {name}"))),
            _ => return Err(invalid()),
        }
    }
    if outer.is_none() && inner.is_none() && !list_item {
        return Err(invalid());
    }
    combine_display(outer, inner.as_deref(), list_item)
}

fn combine_display(outer: Option<bool>, inner: Option<&str>, list_item: bool) -> Parse<Display> {
    let inline = outer.unwrap_or(inner == Some("ruby"));
    if list_item {
        return match inner {
            None | Some("flow" | "flow-root") if inline => Err(unsupported("an inline list-item")),
            None | Some("flow" | "flow-root") => Ok(Display::ListItem),
            Some(_) => Err(invalid()),
        };
    }
    Ok(match (inner.unwrap_or("flow"), inline) {
        ("flow", false) => Display::Block,
        ("flow", true) => Display::Inline,
        ("flow-root", false) => Display::FlowRoot,
        ("flow-root", true) => Display::InlineBlock,
        ("table", false) => Display::Table,
        ("table", true) => Display::InlineTable,
        ("flex", false) => Display::Flex,
        ("flex", true) => Display::InlineFlex,
        ("grid", false) => Display::Grid,
        ("grid", true) => Display::InlineGrid,
        _ => return Err(unsupported("display: ruby")),
    })
}

/// `position`, with the name of a running element; `sticky` is `relative` on paper, where nothing scrolls
/// (CSS Position 3 §3.4).
pub(crate) fn position(input: &mut Parser<'_>) -> Parse<(Position, Option<Arc<str>>)> {
    let keywords = [
        ("static", Position::Static),
        ("relative", Position::Relative),
        ("absolute", Position::Absolute),
        ("fixed", Position::Fixed),
        ("sticky", Position::Static),
        ("-webkit-sticky", Position::Static),
    ];
    let running = input.try_parse(|input| input.expect_function_matching("running"));
    if running.is_ok() {
        let name = input.parse_nested_block(|input| super::custom_ident(input, &[]))?;
        return Ok((Position::Running, Some(name)));
    }
    Ok((keyword(input, &keywords)?, None))
}

/// `float` as specified.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum FloatValue {
    /// A physical value.
    Is(Float),
    /// `inline-start`, or `inline-end` when false.
    Inline(bool),
}

impl Compute for FloatValue {
    type To = Float;
    fn compute(&self, cx: &Computing<'_>) -> Float {
        match self {
            Self::Is(float) => *float,
            Self::Inline(start) if *start != cx.rtl => Float::Left,
            Self::Inline(_) => Float::Right,
        }
    }
}

/// `float`.
pub(crate) fn float(input: &mut Parser<'_>) -> Parse<FloatValue> {
    let keywords = [
        ("none", FloatValue::Is(Float::None)),
        ("left", FloatValue::Is(Float::Left)),
        ("right", FloatValue::Is(Float::Right)),
        ("inline-start", FloatValue::Inline(true)),
        ("inline-end", FloatValue::Inline(false)),
        ("footnote", FloatValue::Is(Float::Footnote)),
    ];
    keyword(input, &keywords)
}

/// `margin-break`.
pub(crate) fn margin_break(input: &mut Parser<'_>) -> Parse<MarginBreak> {
    let keywords = [
        ("auto", MarginBreak::Auto),
        ("keep", MarginBreak::Keep),
        ("discard", MarginBreak::Discard),
    ];
    keyword(input, &keywords)
}

/// `footnote-display`.
pub(crate) fn footnote_display(input: &mut Parser<'_>) -> Parse<FootnoteDisplay> {
    let keywords = [
        ("block", FootnoteDisplay::Block),
        ("inline", FootnoteDisplay::Inline),
        ("compact", FootnoteDisplay::Compact),
    ];
    keyword(input, &keywords)
}

/// `footnote-policy`.
pub(crate) fn footnote_policy(input: &mut Parser<'_>) -> Parse<FootnotePolicy> {
    let keywords = [
        ("auto", FootnotePolicy::Auto),
        ("line", FootnotePolicy::Line),
        ("block", FootnotePolicy::Block),
    ];
    keyword(input, &keywords)
}

/// `clear` as specified.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ClearValue {
    /// A physical value.
    Is(Clear),
    /// `inline-start`, or `inline-end` when false.
    Inline(bool),
}

impl Compute for ClearValue {
    type To = Clear;
    fn compute(&self, cx: &Computing<'_>) -> Clear {
        match self {
            Self::Is(clear) => *clear,
            Self::Inline(start) if *start != cx.rtl => Clear::Left,
            Self::Inline(_) => Clear::Right,
        }
    }
}

/// `clear`.
pub(crate) fn clear(input: &mut Parser<'_>) -> Parse<ClearValue> {
    let keywords = [
        ("none", ClearValue::Is(Clear::None)),
        ("left", ClearValue::Is(Clear::Left)),
        ("right", ClearValue::Is(Clear::Right)),
        ("both", ClearValue::Is(Clear::Both)),
        ("inline-start", ClearValue::Inline(true)),
        ("inline-end", ClearValue::Inline(false)),
    ];
    keyword(input, &keywords)
}

/// `aspect-ratio`.
pub(crate) fn aspect_ratio(input: &mut Parser<'_>) -> Parse<Option<AspectRatio>> {
    let auto = |input: &mut Parser<'_>| {
        input
            .try_parse(|input| input.expect_ident_matching("auto"))
            .is_ok()
    };
    let before = auto(input);
    let Ok(width) = input.try_parse(positive_number) else {
        return if before { Ok(None) } else { Err(invalid()) };
    };
    let height = if delimiter(input, '/') {
        positive_number(input)?
    } else {
        1.0
    };
    let auto = auto(input) || before;
    let ratio = width / height;
    // Degenerate ratios behave as auto (CSS Sizing 4 §5.1).
    Ok((ratio.is_finite() && ratio > 0.0).then_some(AspectRatio { ratio, auto }))
}

/// `vertical-align` as specified.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum VerticalAlignValue {
    /// A keyword.
    Is(VerticalAlign),
    /// A length, or a percentage of the line height.
    Length(Length),
}

impl Compute for VerticalAlignValue {
    type To = VerticalAlign;
    fn compute(&self, cx: &Computing<'_>) -> VerticalAlign {
        match self {
            Self::Is(align) => *align,
            Self::Length(length) => VerticalAlign::Length(length.compute(cx)),
        }
    }
}

/// `vertical-align`.
pub(crate) fn vertical_align(input: &mut Parser<'_>) -> Parse<VerticalAlignValue> {
    let keywords = [
        ("baseline", VerticalAlign::Baseline),
        ("sub", VerticalAlign::Sub),
        ("super", VerticalAlign::Super),
        ("top", VerticalAlign::Top),
        ("bottom", VerticalAlign::Bottom),
        ("text-top", VerticalAlign::TextTop),
        ("text-bottom", VerticalAlign::TextBottom),
        ("middle", VerticalAlign::Middle),
        ("-webkit-baseline-middle", VerticalAlign::Middle),
    ];
    if let Ok(align) = input.try_parse(|input| keyword(input, &keywords)) {
        return Ok(VerticalAlignValue::Is(align));
    }
    super::numeric::length_percentage(input).map(VerticalAlignValue::Length)
}

/// `overflow-x` and `overflow-y`: whether it clips.
pub(crate) fn overflow(input: &mut Parser<'_>) -> Parse<bool> {
    let keywords = [
        ("visible", false),
        ("hidden", true),
        ("clip", true),
        ("scroll", true),
        ("auto", true),
        ("overlay", true),
    ];
    keyword(input, &keywords)
}

/// `flex-direction`: column, reverse.
pub(crate) fn flex_direction(input: &mut Parser<'_>) -> Parse<(bool, bool)> {
    let keywords = [
        ("row", (false, false)),
        ("row-reverse", (false, true)),
        ("column", (true, false)),
        ("column-reverse", (true, true)),
    ];
    keyword(input, &keywords)
}

/// `flex-wrap`.
pub(crate) fn flex_wrap(input: &mut Parser<'_>) -> Parse<FlexWrap> {
    let keywords = [
        ("nowrap", FlexWrap::NoWrap),
        ("wrap", FlexWrap::Wrap),
        ("wrap-reverse", FlexWrap::Reverse),
    ];
    keyword(input, &keywords)
}

/// `flex-basis`; `content` sizes as `max-content`.
pub(crate) fn flex_basis(input: &mut Parser<'_>) -> Parse<SizeValue> {
    if input
        .try_parse(|input| input.expect_ident_matching("content"))
        .is_ok()
    {
        return Ok(SizeValue::Is(Sizing::MaxContent));
    }
    size(input)
}

/// `justify-content`, `align-items`, `align-self`, `align-content`.
pub(crate) fn alignment(input: &mut Parser<'_>) -> Parse<Alignment> {
    input
        .try_parse(|input| keyword(input, &[("safe", ()), ("unsafe", ()), ("first", ())]))
        .ok();
    let keywords = [
        ("normal", Alignment::Normal),
        ("start", Alignment::Start),
        ("flex-start", Alignment::Start),
        ("self-start", Alignment::Start),
        ("left", Alignment::Start),
        ("end", Alignment::End),
        ("flex-end", Alignment::End),
        ("self-end", Alignment::End),
        ("right", Alignment::End),
        ("center", Alignment::Center),
        ("stretch", Alignment::Stretch),
        ("baseline", Alignment::Baseline),
        ("space-between", Alignment::SpaceBetween),
        ("space-around", Alignment::SpaceAround),
        ("space-evenly", Alignment::SpaceEvenly),
    ];
    keyword(input, &keywords)
}

/// `align-self` and `justify-self`; none is `auto`.
pub(crate) fn alignment_of_item(input: &mut Parser<'_>) -> Parse<Option<Alignment>> {
    super::named_or(input, "auto", alignment)
}

/// `row-gap`; `normal` is zero in flex and grid containers.
pub(crate) fn gap(input: &mut Parser<'_>) -> Parse<Length> {
    Ok(super::named_or(input, "normal", positive_length_percentage)?.unwrap_or(Length::px(0.0)))
}

/// `column-gap`; none is `normal`.
pub(crate) fn column_gap(input: &mut Parser<'_>) -> Parse<Option<Length>> {
    super::named_or(input, "normal", positive_length_percentage)
}

/// `break-before` and `break-after`. What is to be kept together in columns is on pages too.
pub(crate) fn break_between(input: &mut Parser<'_>) -> Parse<Break> {
    let keywords = [
        ("auto", Break::Auto),
        ("avoid", Break::Avoid),
        ("avoid-page", Break::Avoid),
        ("always", Break::Always),
        ("all", Break::Page),
        ("page", Break::Page),
        ("left", Break::Left),
        ("right", Break::Right),
        ("recto", Break::Recto),
        ("verso", Break::Verso),
        ("column", Break::Column),
        ("avoid-column", Break::Avoid),
        ("region", Break::Auto),
        ("avoid-region", Break::Auto),
    ];
    keyword(input, &keywords)
}

/// Whether `contain` has `size`, alone or by `strict`.
pub(crate) fn contain(input: &mut Parser<'_>) -> Parse<bool> {
    let alone = [("none", false), ("strict", true), ("content", false)];
    if let Ok(contained) = input.try_parse(|input| keyword(input, &alone)) {
        return Ok(contained);
    }
    let kinds = [
        ("size", true),
        ("inline-size", false),
        ("layout", false),
        ("style", false),
        ("paint", false),
    ];
    let mut contained = keyword(input, &kinds)?;
    while !input.is_exhausted() {
        contained |= keyword(input, &kinds)?;
    }
    Ok(contained)
}

/// `break-inside`.
pub(crate) fn break_inside(input: &mut Parser<'_>) -> Parse<bool> {
    let keywords = [
        ("auto", false),
        ("avoid", true),
        ("avoid-page", true),
        ("avoid-column", true),
        ("avoid-region", false),
    ];
    keyword(input, &keywords)
}
