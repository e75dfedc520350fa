//! The `background` shorthand (CSS Backgrounds 3 §3.10).

use super::super::background::{self, ImageValue, PositionValue, SizeOf};
use super::super::color::{ColorValue, color};
use super::super::numeric::Length;
use super::super::problem::invalid;
use super::super::property::Value;
use super::super::{Parse, ParseContext, delimiter, none_or};
use crate::computed::{BackgroundSize, BoxArea, Repeat};
use cssparser::Parser;

/// One layer of `background`.
struct Layer {
    image: Option<ImageValue>,
    position: PositionValue,
    size: SizeOf,
    repeat: (Repeat, Repeat),
    fixed: bool,
    origin: BoxArea,
    clip: BoxArea,
    color: Option<ColorValue>,
}

fn background_layer(input: &mut Parser<'_>, cx: &ParseContext<'_>) -> Parse<Layer> {
    let (mut image, mut place, mut size, mut repeat) = (None, None, None, None);
    let (mut ink, mut areas, mut fixed) = (None, Vec::new(), None);
    while !input.is_exhausted() {
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
            && let Ok(value) = input.try_parse(background::clip)
        {
            areas.push(value);
        } else if fixed.is_none()
            && let Ok(value) = input.try_parse(background::attachment)
        {
            fixed = Some(value);
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
        repeat: repeat.unwrap_or((Repeat::Repeat, Repeat::Repeat)),
        fixed: fixed.unwrap_or(false),
        origin: areas
            .first()
            .copied()
            .filter(|area| *area != BoxArea::Text)
            .unwrap_or(BoxArea::Padding),
        clip: areas.last().copied().unwrap_or(BoxArea::Border),
        color: ink,
    })
}

pub(super) fn background(input: &mut Parser<'_>, cx: &ParseContext<'_>) -> Parse<Vec<Value>> {
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
    let mut attachments = Vec::new();
    for layer in layers {
        images.push(layer.image);
        xs.push(layer.position.0);
        ys.push(layer.position.1);
        sizes.push(layer.size);
        repeats.push(layer.repeat);
        attachments.push(layer.fixed);
        origins.push(layer.origin);
        clips.push(layer.clip);
    }
    values.extend([
        Value::BackgroundImage(images),
        Value::BackgroundPositionX(xs),
        Value::BackgroundPositionY(ys),
        Value::BackgroundSize(sizes),
        Value::BackgroundRepeat(repeats),
        Value::BackgroundAttachment(attachments),
        Value::BackgroundOrigin(origins),
        Value::BackgroundClip(clips),
    ]);
    Ok(values)
}
