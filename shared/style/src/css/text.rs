//! Text properties (CSS Text 4, CSS Writing Modes 4).

use super::numeric::{
    Distance, Length, distance, length_percentage, positive_distance, positive_length_percentage,
    positive_number,
};
use super::problem::invalid;
use super::{Compute, Computing, Parse, ParseContext, computed_as_specified, keyword};
use crate::computed::{
    Collapse, Ellipsis, HyphenateLimitChars, Hyphens, ImageOrientation, LetterCase, LineBreak,
    LineHeight, OverflowWrap, TabSize, TextAlign, TextIndent, TextJustify, TextTransform,
    UnderlinePosition, UnicodeBidi, WordBreak,
};
use cssparser::Parser;

computed_as_specified!(
    Collapse,
    Ellipsis,
    HyphenateLimitChars,
    Hyphens,
    ImageOrientation,
    LineBreak,
    OverflowWrap,
    TextJustify,
    TextTransform,
    UnderlinePosition,
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

/// `text-align-all` as specified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AlignValue {
    /// A side, or both.
    Is(TextAlign),
    /// The parent's, its start and end resolved by the parent's direction.
    MatchParent,
    /// A header cell's: centred, unless the parent's is other than the initial one (HTML §15.3.8).
    HeaderCell,
}

impl Compute for AlignValue {
    type To = TextAlign;
    fn compute(&self, cx: &Computing<'_>) -> TextAlign {
        let parent = &cx.parent.text;
        match self {
            Self::Is(align) => *align,
            Self::MatchParent => match (parent.align, parent.rtl) {
                (TextAlign::Start, false) | (TextAlign::End, true) => TextAlign::Left,
                (TextAlign::Start, true) | (TextAlign::End, false) => TextAlign::Right,
                (other, _) => other,
            },
            Self::HeaderCell => match parent.align {
                TextAlign::Start => TextAlign::Center,
                other => other,
            },
        }
    }
}

/// `text-align-all`.
pub(crate) fn align(input: &mut Parser<'_>, cx: &ParseContext<'_>) -> Parse<AlignValue> {
    let matches = |input: &mut Parser<'_>| input.expect_ident_matching("match-parent");
    if input.try_parse(matches).is_ok() {
        return Ok(AlignValue::MatchParent);
    }
    let header = |input: &mut Parser<'_>| input.expect_ident_matching("-internal-center");
    if cx.is_user_agent() && input.try_parse(header).is_ok() {
        return Ok(AlignValue::HeaderCell);
    }
    let keywords = [
        ("start", TextAlign::Start),
        ("end", TextAlign::End),
        ("left", TextAlign::Left),
        ("right", TextAlign::Right),
        ("center", TextAlign::Center),
        ("justify", TextAlign::Justify),
        ("-webkit-center", TextAlign::LegacyCenter),
        ("-webkit-left", TextAlign::LegacyLeft),
        ("-webkit-right", TextAlign::LegacyRight),
        ("-moz-center", TextAlign::LegacyCenter),
    ];
    keyword(input, &keywords).map(AlignValue::Is)
}

/// `text-transform`: a case, `full-width` and `full-size-kana` in any order.
pub(crate) fn transform(input: &mut Parser<'_>) -> Parse<TextTransform> {
    let mut transform = TextTransform::default();
    if input
        .try_parse(|input| input.expect_ident_matching("none"))
        .is_ok()
    {
        return Ok(transform);
    }
    let cases = [
        ("uppercase", LetterCase::Uppercase),
        ("lowercase", LetterCase::Lowercase),
        ("capitalize", LetterCase::Capitalize),
    ];
    while !input.is_exhausted() {
        if transform.case == LetterCase::None
            && let Ok(case) = input.try_parse(|input| keyword(input, &cases))
        {
            transform.case = case;
            continue;
        }
        let width = keyword(input, &[("full-width", true), ("full-size-kana", false)])?;
        let flag = if width {
            &mut transform.full_width
        } else {
            &mut transform.full_size_kana
        };
        if std::mem::replace(flag, true) {
            return Err(invalid());
        }
    }
    if transform == TextTransform::default() {
        return Err(invalid());
    }
    Ok(transform)
}

/// `text-indent` as specified.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct IndentValue {
    length: Length,
    hanging: bool,
    each_line: bool,
}

impl Compute for IndentValue {
    type To = TextIndent;
    fn compute(&self, cx: &Computing<'_>) -> TextIndent {
        TextIndent {
            length: self.length.compute(cx),
            hanging: self.hanging,
            each_line: self.each_line,
        }
    }
}

/// `text-indent`.
pub(crate) fn indent(input: &mut Parser<'_>) -> Parse<IndentValue> {
    let (mut length, mut hanging, mut each_line) = (None, false, false);
    while !input.is_exhausted() {
        if length.is_none()
            && let Ok(found) = input.try_parse(length_percentage)
        {
            length = Some(found);
            continue;
        }
        let hangs = keyword(input, &[("hanging", true), ("each-line", false)])?;
        let flag = if hangs { &mut hanging } else { &mut each_line };
        if std::mem::replace(flag, true) {
            return Err(invalid());
        }
    }
    Ok(IndentValue {
        length: length.ok_or_else(invalid)?,
        hanging,
        each_line,
    })
}

/// `line-break`.
pub(crate) fn line_break(input: &mut Parser<'_>) -> Parse<LineBreak> {
    let keywords = [
        ("auto", LineBreak::Auto),
        ("loose", LineBreak::Loose),
        ("normal", LineBreak::Normal),
        ("strict", LineBreak::Strict),
        ("anywhere", LineBreak::Anywhere),
    ];
    keyword(input, &keywords)
}

/// `text-justify`.
pub(crate) fn justify(input: &mut Parser<'_>) -> Parse<TextJustify> {
    let keywords = [
        ("auto", TextJustify::Auto),
        ("none", TextJustify::None),
        ("inter-word", TextJustify::InterWord),
        ("inter-character", TextJustify::InterCharacter),
        ("distribute", TextJustify::InterCharacter),
    ];
    keyword(input, &keywords)
}

/// `text-underline-position`; `left` and `right` are for vertical text.
pub(crate) fn underline_position(input: &mut Parser<'_>) -> Parse<UnderlinePosition> {
    let sides = [("left", ()), ("right", ())];
    if input
        .try_parse(|input| input.expect_ident_matching("auto"))
        .is_ok()
    {
        return Ok(UnderlinePosition::Auto);
    }
    let side = input.try_parse(|input| keyword(input, &sides)).is_ok();
    let positions = [
        ("from-font", UnderlinePosition::FromFont),
        ("under", UnderlinePosition::Under),
    ];
    match input.try_parse(|input| keyword(input, &positions)) {
        Ok(position) => {
            if !side {
                input.try_parse(|input| keyword(input, &sides)).ok();
            }
            Ok(position)
        }
        Err(_) if side => Ok(UnderlinePosition::Auto),
        Err(error) => Err(error),
    }
}

/// `hyphenate-limit-chars`: one to three numbers or `auto`.
pub(crate) fn hyphenate_limit_chars(input: &mut Parser<'_>) -> Parse<HyphenateLimitChars> {
    let one = |input: &mut Parser<'_>| super::named_or(input, "auto", count);
    let auto = HyphenateLimitChars::default();
    let word = one(input)?;
    let before = input.try_parse(one).ok();
    let after = input.try_parse(one).ok();
    let first = before.flatten();
    Ok(HyphenateLimitChars {
        word: word.unwrap_or(auto.word),
        before: first.unwrap_or(auto.before),
        after: after.map_or_else(
            || first.unwrap_or(auto.after),
            |after| after.unwrap_or(auto.after),
        ),
    })
}

fn count(input: &mut Parser<'_>) -> Parse<u32> {
    u32::try_from(super::numeric::integer(input)?).map_err(|_| invalid())
}

/// `none`, `auto` by their names in the property, or a string.
pub(crate) fn ellipsis(input: &mut Parser<'_>, none: &str, auto: &str) -> Parse<Ellipsis> {
    if let Ok(text) = input.try_parse(super::string) {
        return Ok(Ellipsis::Text(text));
    }
    keyword(input, &[(none, Ellipsis::None), (auto, Ellipsis::Auto)])
}

/// `text-overflow`; of two values the second is for the line's end.
pub(crate) fn text_overflow(input: &mut Parser<'_>) -> Parse<Ellipsis> {
    let one = |input: &mut Parser<'_>| ellipsis(input, "clip", "ellipsis");
    let first = one(input)?;
    Ok(input.try_parse(one).unwrap_or(first))
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

/// `image-orientation`: the angles of older drafts are taken too, in quarters of a turn.
pub(crate) fn image_orientation(input: &mut Parser<'_>) -> Parse<ImageOrientation> {
    let keywords = [
        ("from-image", ImageOrientation::FromImage),
        ("none", ImageOrientation::None),
    ];
    if let Ok(found) = input.try_parse(|input| keyword(input, &keywords)) {
        return Ok(found);
    }
    let angle = input.try_parse(super::numeric::angle).ok();
    let flips = input
        .try_parse(|input| input.expect_ident_matching("flip"))
        .is_ok();
    if angle.is_none() && !flips {
        return Err(invalid());
    }
    let quarters = (angle.unwrap_or(0.0).to_degrees() / 90.0)
        .round()
        .rem_euclid(4.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to 3"
    )]
    Ok(ImageOrientation::Turned(quarters as u8, flips))
}

/// `text-wrap-style`, of which `balance` alone does more than any line breaking (CSS Text 4 §6.2).
pub(crate) const WRAP_STYLES: &[(&str, bool)] = &[
    ("auto", false),
    ("balance", true),
    ("stable", false),
    ("pretty", false),
];

/// `text-wrap`: whether lines do not wrap, and whether they are balanced.
pub(crate) fn wrap(input: &mut Parser<'_>) -> Parse<[bool; 2]> {
    let modes = [("wrap", false), ("nowrap", true)];
    let mut mode = input.try_parse(|input| keyword(input, &modes)).ok();
    let style = input.try_parse(|input| keyword(input, WRAP_STYLES)).ok();
    if mode.is_none() {
        mode = input.try_parse(|input| keyword(input, &modes)).ok();
    }
    match (mode, style) {
        (None, None) => Err(invalid()),
        _ => Ok([mode.unwrap_or(false), style.unwrap_or(false)]),
    }
}
