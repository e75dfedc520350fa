//! The `border-image` and `mask-border` shorthands.

use super::super::border_image::{self as parts, ExtentValue};
use super::super::problem::invalid;
use super::super::property::Value;
use super::super::{Parse, ParseContext, background, delimiter};
use crate::computed::{SliceRepeat, Slices};
use cssparser::Parser;
use fanfold_geometry::Edges;

/// What the shorthand sets.
struct Parts {
    source: Option<background::ImageValue>,
    slice: Slices,
    width: Edges<ExtentValue>,
    outset: Edges<ExtentValue>,
    repeat: (SliceRepeat, SliceRepeat),
}

/// `<source> || <slice> [ / <width> [ / <outset> ]? ]? || <repeat>`.
fn parse(input: &mut Parser<'_>, cx: &ParseContext<'_>, initial: Parts) -> Parse<Parts> {
    let (mut source, mut slice, mut repeat) = (None, None, None);
    let mut found = initial;
    while !input.is_exhausted() {
        if slice.is_none()
            && let Ok(value) = input.try_parse(parts::slice)
        {
            slice = Some(value);
            if delimiter(input, '/') {
                if let Ok(width) = input.try_parse(parts::width) {
                    found.width = width;
                }
                if delimiter(input, '/') {
                    found.outset = parts::outset(input)?;
                }
            }
        } else if repeat.is_none()
            && let Ok(value) = input.try_parse(parts::repeat)
        {
            repeat = Some(value);
        } else if source.is_none() {
            source = Some(super::super::none_or(input, |input| {
                background::image(input, cx)
            })?);
        } else {
            return Err(invalid());
        }
    }
    found.source = source.flatten();
    found.slice = slice.unwrap_or(found.slice);
    found.repeat = repeat.unwrap_or(found.repeat);
    Ok(found)
}

fn initial(slice: Slices, width: ExtentValue) -> Parts {
    Parts {
        source: None,
        slice,
        width: Edges {
            top: width.clone(),
            right: width.clone(),
            bottom: width.clone(),
            left: width,
        },
        outset: Edges {
            top: ExtentValue::Times(0.0),
            right: ExtentValue::Times(0.0),
            bottom: ExtentValue::Times(0.0),
            left: ExtentValue::Times(0.0),
        },
        repeat: (SliceRepeat::Stretch, SliceRepeat::Stretch),
    }
}

/// `border-image`.
pub(super) fn border_image(input: &mut Parser<'_>, cx: &ParseContext<'_>) -> Parse<Vec<Value>> {
    let parts = parse(input, cx, initial(Slices::BORDER, ExtentValue::Times(1.0)))?;
    Ok(vec![
        Value::BorderImageSource(parts.source),
        Value::BorderImageSlice(parts.slice),
        Value::BorderImageWidth(parts.width),
        Value::BorderImageOutset(parts.outset),
        Value::BorderImageRepeat(parts.repeat),
    ])
}

/// `mask-border`.
pub(super) fn mask_border(input: &mut Parser<'_>, cx: &ParseContext<'_>) -> Parse<Vec<Value>> {
    let parts = parse(input, cx, initial(Slices::MASK, ExtentValue::Auto))?;
    Ok(vec![
        Value::MaskBorderSource(parts.source),
        Value::MaskBorderSlice(parts.slice),
        Value::MaskBorderWidth(parts.width),
        Value::MaskBorderOutset(parts.outset),
        Value::MaskBorderRepeat(parts.repeat),
    ])
}
