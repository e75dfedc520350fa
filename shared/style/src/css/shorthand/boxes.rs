//! Shorthands of box properties: sides, borders, radii, flex, page breaks.

use super::super::color::{ColorValue, color};
use super::super::numeric::{self, Distance, Length, SizeValue};
use super::super::problem::invalid;
use super::super::property::Value;
use super::super::{Parse, border, boxes, delimiter, keyword};
use crate::computed::{Break, LineStyle};
use crate::values::Sizing;
use cssparser::Parser;

pub(super) fn four<'i, T: Clone>(
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
pub(super) fn line(
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

pub(super) fn border_all(input: &mut Parser<'_>) -> Parse<Vec<Value>> {
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
        // Without an image, the rest of `border-image` says nothing.
        Value::BorderImageSource(None),
    ])
}

pub(super) fn radii(input: &mut Parser<'_>) -> Parse<Vec<Value>> {
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

/// `flex` (CSS Flexbox 1 §7.1.1).
pub(super) fn flex(input: &mut Parser<'_>) -> Parse<Vec<Value>> {
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

pub(super) fn flex_flow(input: &mut Parser<'_>) -> Parse<Vec<Value>> {
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
pub(super) fn page_break(input: &mut Parser<'_>) -> Parse<Break> {
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

/// `gap`: rows, then columns, or both alike (CSS Box Alignment 3 §8.4).
pub(super) fn gaps(input: &mut Parser<'_>) -> Parse<Vec<Value>> {
    let row = boxes::column_gap(input)?;
    let column = input.try_parse(boxes::column_gap);
    let column = column.unwrap_or_else(|_| row.clone());
    let row = row.unwrap_or(Length::px(0.0));
    Ok(vec![Value::RowGap(row), Value::ColumnGap(column)])
}

/// `columns`: a width, a number of columns, or both in any order (CSS Multicol 1 §3.3).
pub(super) fn columns(input: &mut Parser<'_>) -> Parse<Vec<Value>> {
    let (mut width, mut count) = (None, None);
    let mut autos = 0;
    while !input.is_exhausted() {
        if input
            .try_parse(|input| input.expect_ident_matching("auto"))
            .is_ok()
        {
            autos += 1;
        } else if count.is_none()
            && let Ok(value) = input.try_parse(super::super::text::line_count)
        {
            count = Some(value);
        } else if width.is_none() {
            width = Some(numeric::positive_distance(input)?);
        } else {
            return Err(invalid());
        }
    }
    let parts = autos + u8::from(width.is_some()) + u8::from(count.is_some());
    if !(1..=2).contains(&parts) {
        return Err(invalid());
    }
    Ok(vec![Value::ColumnWidth(width), Value::ColumnCount(count)])
}
