//! Border images (CSS Backgrounds 3 §6), and border masks, which are made in the same way (CSS Masking 1 §7).

use super::numeric::{
    Length, number, percentage, positive_distance, positive_length_percentage, positive_number,
};
use super::problem::invalid;
use super::{Compute, Computing, Parse, computed_as_specified, keyword};
use crate::computed::{Extent, SliceRepeat, Slices};
use cssparser::Parser;
use fanfold_geometry::Edges;

computed_as_specified!(Slices, (SliceRepeat, SliceRepeat));

/// `*-slice`: one to four numbers or percentages, and `fill`.
pub(crate) fn slice(input: &mut Parser<'_>) -> Parse<Slices> {
    let fill = |input: &mut Parser<'_>| {
        input
            .try_parse(|input| input.expect_ident_matching("fill"))
            .is_ok()
    };
    let before = fill(input);
    let one = |input: &mut Parser<'_>| -> Parse<(f32, bool)> {
        let (value, percent) = match input.try_parse(number) {
            Ok(pixels) => (pixels, false),
            Err(_) => (percentage(input)?, true),
        };
        if value < 0.0 {
            return Err(invalid());
        }
        Ok((value, percent))
    };
    let edges = edges(input, one)?;
    Ok(Slices {
        edges,
        fill: before || fill(input),
    })
}

/// An [`Extent`] as specified.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ExtentValue {
    Auto,
    Times(f32),
    Length(Length),
}

impl Compute for Edges<ExtentValue> {
    type To = Edges<Extent>;
    fn compute(&self, cx: &Computing<'_>) -> Edges<Extent> {
        let one = |value: &ExtentValue| match value {
            ExtentValue::Auto => Extent::Auto,
            ExtentValue::Times(factor) => Extent::Times(*factor),
            ExtentValue::Length(length) => Extent::Length(length.compute(cx)),
        };
        Edges {
            top: one(&self.top),
            right: one(&self.right),
            bottom: one(&self.bottom),
            left: one(&self.left),
        }
    }
}

/// `*-width`.
pub(crate) fn width(input: &mut Parser<'_>) -> Parse<Edges<ExtentValue>> {
    edges(input, |input| {
        if input
            .try_parse(|input| input.expect_ident_matching("auto"))
            .is_ok()
        {
            return Ok(ExtentValue::Auto);
        }
        match input.try_parse(positive_number) {
            Ok(factor) => Ok(ExtentValue::Times(factor)),
            Err(_) => positive_length_percentage(input).map(ExtentValue::Length),
        }
    })
}

/// `*-outset`.
pub(crate) fn outset(input: &mut Parser<'_>) -> Parse<Edges<ExtentValue>> {
    edges(input, |input| match input.try_parse(positive_number) {
        Ok(factor) => Ok(ExtentValue::Times(factor)),
        Err(_) => positive_distance(input).map(|length| ExtentValue::Length(length.0)),
    })
}

/// `*-repeat`.
pub(crate) fn repeat(input: &mut Parser<'_>) -> Parse<(SliceRepeat, SliceRepeat)> {
    let one = |input: &mut Parser<'_>| {
        let keywords = [
            ("stretch", SliceRepeat::Stretch),
            ("repeat", SliceRepeat::Repeat),
            ("round", SliceRepeat::Round),
            ("space", SliceRepeat::Space),
        ];
        keyword(input, &keywords)
    };
    let horizontal = one(input)?;
    Ok((horizontal, input.try_parse(one).unwrap_or(horizontal)))
}

pub(crate) fn edges<T: Clone>(
    input: &mut Parser<'_>,
    one: impl Fn(&mut Parser<'_>) -> Parse<T>,
) -> Parse<Edges<T>> {
    let top = one(input)?;
    let right = input.try_parse(&one).unwrap_or_else(|_| top.clone());
    let bottom = input.try_parse(&one).unwrap_or_else(|_| top.clone());
    let left = input.try_parse(&one).unwrap_or_else(|_| right.clone());
    Ok(Edges {
        top,
        right,
        bottom,
        left,
    })
}
