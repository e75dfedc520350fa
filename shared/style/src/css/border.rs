//! Borders, radii and outlines (CSS Backgrounds 3, CSS UI 4).

use super::color::{ColorValue, color};
use super::numeric::{Distance, Length, positive_distance, positive_length_percentage};
use super::{Compute, Computing, Parse, ParseContext, computed_as_specified, keyword};
use crate::computed::LineStyle;
use crate::values::LengthPercentage;
use cssparser::Parser;
use fanfold_geometry::Px;

computed_as_specified!(LineStyle);

/// `border-*-style`.
pub(crate) fn style(input: &mut Parser<'_>) -> Parse<LineStyle> {
    let keywords = [
        ("none", LineStyle::None),
        ("hidden", LineStyle::Hidden),
        ("dotted", LineStyle::Dotted),
        ("dashed", LineStyle::Dashed),
        ("solid", LineStyle::Solid),
        ("double", LineStyle::Double),
        ("groove", LineStyle::Groove),
        ("ridge", LineStyle::Ridge),
        ("inset", LineStyle::Inset),
        ("outset", LineStyle::Outset),
    ];
    keyword(input, &keywords)
}

/// The same of one side; the user-agent sheet may have `-internal-control` too.
pub(crate) fn side_style(input: &mut Parser<'_>, cx: &ParseContext<'_>) -> Parse<LineStyle> {
    let control = |input: &mut Parser<'_>| input.expect_ident_matching("-internal-control");
    if cx.is_user_agent() && input.try_parse(control).is_ok() {
        return Ok(LineStyle::Control);
    }
    style(input)
}

/// `outline-style`; `auto` is a solid line.
pub(crate) fn outline_style(input: &mut Parser<'_>) -> Parse<LineStyle> {
    if input
        .try_parse(|input| input.expect_ident_matching("auto"))
        .is_ok()
    {
        return Ok(LineStyle::Solid);
    }
    style(input)
}

/// `outline-color`; `auto` and `invert` are the text's colour.
pub(crate) fn outline_color(input: &mut Parser<'_>) -> Parse<ColorValue> {
    if input
        .try_parse(|input| keyword(input, &[("auto", ()), ("invert", ())]))
        .is_ok()
    {
        return Ok(ColorValue::Current);
    }
    color(input)
}

/// `border-*-width`.
pub(crate) fn width(input: &mut Parser<'_>) -> Parse<Distance> {
    let keywords = [("thin", 1.0), ("medium", 3.0), ("thick", 5.0)];
    if let Ok(px) = input.try_parse(|input| keyword(input, &keywords)) {
        return Ok(Distance(Length::px(px)));
    }
    positive_distance(input)
}

/// A corner's horizontal and vertical radius.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Radius(pub(crate) Length, pub(crate) Length);

impl Compute for Radius {
    type To = (LengthPercentage, LengthPercentage);
    fn compute(&self, cx: &Computing<'_>) -> Self::To {
        (self.0.compute(cx), self.1.compute(cx))
    }
}

/// `border-*-radius`.
pub(crate) fn radius(input: &mut Parser<'_>) -> Parse<Radius> {
    let horizontal = positive_length_percentage(input)?;
    let vertical = input
        .try_parse(positive_length_percentage)
        .unwrap_or_else(|_| horizontal.clone());
    Ok(Radius(horizontal, vertical))
}

/// `border-spacing`, horizontal and vertical.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Spacing(pub(crate) Distance, pub(crate) Distance);

impl Compute for Spacing {
    type To = (Px, Px);
    fn compute(&self, cx: &Computing<'_>) -> (Px, Px) {
        (self.0.compute(cx), self.1.compute(cx))
    }
}

/// `border-spacing`.
pub(crate) fn spacing(input: &mut Parser<'_>) -> Parse<Spacing> {
    let horizontal = positive_distance(input)?;
    let vertical = input
        .try_parse(positive_distance)
        .unwrap_or_else(|_| horizontal.clone());
    Ok(Spacing(horizontal, vertical))
}
