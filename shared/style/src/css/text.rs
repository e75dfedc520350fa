//! Text properties (CSS Text 4, CSS Writing Modes 4).

use super::numeric::{
    Distance, Length, distance, positive_distance, positive_length_percentage, positive_number,
};
use super::problem::{invalid, unsupported};
use super::{Compute, Computing, Parse, computed_as_specified, keyword};
use crate::computed::{
    Collapse, Hyphens, LineHeight, OverflowWrap, TabSize, TextAlign, TextTransform, UnicodeBidi,
    WordBreak,
};
use cssparser::Parser;

computed_as_specified!(
    Collapse,
    Hyphens,
    OverflowWrap,
    TextAlign,
    TextTransform,
    UnicodeBidi,
    WordBreak
);

/// `line-height` as specified.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum LineHeightValue {
    /// `normal` or a number.
    Is(LineHeight),
    /// A length, or a percentage of the font size.
    Length(Length),
}

impl Compute for LineHeightValue {
    type To = LineHeight;
    fn compute(&self, cx: &Computing<'_>) -> LineHeight {
        match self {
            Self::Is(height) => *height,
            Self::Length(length) => {
                let size = fanfold_geometry::Px(cx.units.font_size);
                LineHeight::Length(length.compute(cx).resolve(size))
            }
        }
    }
}

/// `line-height`.
pub(crate) fn line_height(input: &mut Parser<'_>) -> Parse<LineHeightValue> {
    if input
        .try_parse(|input| input.expect_ident_matching("normal"))
        .is_ok()
    {
        return Ok(LineHeightValue::Is(LineHeight::Normal));
    }
    if let Ok(number) = input.try_parse(positive_number) {
        return Ok(LineHeightValue::Is(LineHeight::Number(number)));
    }
    positive_length_percentage(input).map(LineHeightValue::Length)
}

/// `text-align`.
pub(crate) fn align(input: &mut Parser<'_>) -> Parse<TextAlign> {
    let keywords = [
        ("start", TextAlign::Start),
        ("end", TextAlign::End),
        ("left", TextAlign::Left),
        ("right", TextAlign::Right),
        ("center", TextAlign::Center),
        ("justify", TextAlign::Justify),
        ("justify-all", TextAlign::Justify),
        ("-webkit-center", TextAlign::LegacyCenter),
        ("-webkit-left", TextAlign::LegacyLeft),
        ("-webkit-right", TextAlign::LegacyRight),
        ("-moz-center", TextAlign::LegacyCenter),
    ];
    keyword(input, &keywords)
}

/// `text-transform`.
pub(crate) fn transform(input: &mut Parser<'_>) -> Parse<TextTransform> {
    let keywords = [
        ("none", Some(TextTransform::None)),
        ("uppercase", Some(TextTransform::Uppercase)),
        ("lowercase", Some(TextTransform::Lowercase)),
        ("capitalize", Some(TextTransform::Capitalize)),
        ("full-width", None),
        ("full-size-kana", None),
    ];
    keyword(input, &keywords)?.ok_or_else(|| unsupported("this text-transform"))
}

/// `letter-spacing` and `word-spacing`.
pub(crate) fn spacing(input: &mut Parser<'_>) -> Parse<Distance> {
    Ok(super::named_or(input, "normal", distance)?.unwrap_or(Distance(Length::px(0.0))))
}

/// `white-space-collapse`.
pub(crate) fn collapse(input: &mut Parser<'_>) -> Parse<Collapse> {
    let keywords = [
        ("collapse", Collapse::Collapse),
        ("preserve", Collapse::Preserve),
        ("preserve-breaks", Collapse::PreserveBreaks),
        ("break-spaces", Collapse::BreakSpaces),
    ];
    keyword(input, &keywords)
}

/// `tab-size` as specified.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TabSizeValue {
    /// In spaces.
    Spaces(f32),
    /// A length.
    Length(Distance),
}

impl Compute for TabSizeValue {
    type To = TabSize;
    fn compute(&self, cx: &Computing<'_>) -> TabSize {
        match self {
            Self::Spaces(count) => TabSize::Spaces(*count),
            Self::Length(length) => TabSize::Length(length.compute(cx)),
        }
    }
}

/// `tab-size`.
pub(crate) fn tab_size(input: &mut Parser<'_>) -> Parse<TabSizeValue> {
    if let Ok(count) = input.try_parse(positive_number) {
        return Ok(TabSizeValue::Spaces(count));
    }
    positive_distance(input).map(TabSizeValue::Length)
}

/// `overflow-wrap`.
pub(crate) fn overflow_wrap(input: &mut Parser<'_>) -> Parse<OverflowWrap> {
    let keywords = [
        ("normal", OverflowWrap::Normal),
        ("anywhere", OverflowWrap::Anywhere),
        ("break-word", OverflowWrap::BreakWord),
    ];
    keyword(input, &keywords)
}

/// `word-break`, without the legacy `break-word`, which is a shorthand's business.
pub(crate) fn word_break(input: &mut Parser<'_>) -> Parse<WordBreak> {
    let keywords = [
        ("normal", WordBreak::Normal),
        ("break-all", WordBreak::BreakAll),
        ("keep-all", WordBreak::KeepAll),
    ];
    keyword(input, &keywords)
}

/// `hyphens`.
pub(crate) fn hyphens(input: &mut Parser<'_>) -> Parse<Hyphens> {
    keyword(
        input,
        &[
            ("none", Hyphens::None),
            ("manual", Hyphens::Manual),
            ("auto", Hyphens::Auto),
        ],
    )
}

/// `unicode-bidi`.
pub(crate) fn unicode_bidi(input: &mut Parser<'_>) -> Parse<UnicodeBidi> {
    let keywords = [
        ("normal", UnicodeBidi::Normal),
        ("embed", UnicodeBidi::Embed),
        ("isolate", UnicodeBidi::Isolate),
        ("bidi-override", UnicodeBidi::Override),
        ("isolate-override", UnicodeBidi::IsolateOverride),
        ("plaintext", UnicodeBidi::Plaintext),
    ];
    keyword(input, &keywords)
}

/// `orphans` and `widows`: at least one line.
pub(crate) fn line_count(input: &mut Parser<'_>) -> Parse<u32> {
    let count = super::numeric::integer(input)?;
    u32::try_from(count)
        .ok()
        .filter(|count| *count >= 1)
        .ok_or_else(invalid)
}
