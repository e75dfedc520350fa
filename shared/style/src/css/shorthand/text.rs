//! Shorthands of text properties: fonts, lists, decorations, white space.

use super::super::content::counter_style;
use super::super::font::{self, VariantPart};
use super::super::problem::{invalid, unsupported};
use super::super::property::Value;
use super::super::{Parse, ParseContext, delimiter, effects, keyword, none_or, text};
use crate::computed::{Collapse, Ellipsis, FontCaps, Slant, TextAlign};
use cssparser::Parser;

pub(super) fn font(input: &mut Parser<'_>) -> Parse<Vec<Value>> {
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
        Value::FontVariationSettings(Vec::new()),
        Value::FontOpticalSizing(true),
        Value::FontSizeAdjust(None),
    ])
}

/// `text-align` sets the last line too (CSS Text 3 §6.1).
pub(super) fn text_align(input: &mut Parser<'_>, cx: &ParseContext<'_>) -> Parse<Vec<Value>> {
    let all = input
        .try_parse(|input| input.expect_ident_matching("justify-all"))
        .is_ok();
    let align = if all {
        text::AlignValue::Is(TextAlign::Justify)
    } else {
        text::align(input, cx)?
    };
    Ok(vec![
        Value::TextAlign(align),
        Value::TextAlignLast(all.then_some(align)),
    ])
}

/// `line-clamp`: `none`, or a number of lines and what ends the last one (CSS Overflow 4 §5.1).
pub(super) fn line_clamp(input: &mut Parser<'_>) -> Parse<Vec<Value>> {
    let lines = none_or(input, text::line_count)?;
    let ellipsis = input.try_parse(|input| text::ellipsis(input, "no-ellipsis", "auto"));
    let ellipsis = match (lines, ellipsis) {
        (None, _) => Ellipsis::None,
        (Some(_), found) => found.unwrap_or(Ellipsis::Auto),
    };
    Ok(vec![
        Value::MaxLines(lines),
        Value::Continue(lines.is_some()),
        Value::BlockEllipsis(ellipsis),
    ])
}

pub(super) fn font_variant(input: &mut Parser<'_>) -> Parse<Vec<Value>> {
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

pub(super) fn list_style(input: &mut Parser<'_>, cx: &ParseContext<'_>) -> Parse<Vec<Value>> {
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
            && let Ok(url) = input.try_parse(|input| super::super::url::url(input, cx.base))
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

pub(super) fn text_decoration(input: &mut Parser<'_>) -> Parse<Vec<Value>> {
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

pub(super) fn white_space(input: &mut Parser<'_>) -> Parse<Vec<Value>> {
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
