//! Backgrounds and images (CSS Backgrounds 3, CSS Images 3).

use super::gradient::{GradientValue, gradient};
use super::numeric::{Length, length_percentage, positive_length_percentage};
use super::problem::{invalid, unsupported};
use super::{Compute, Computing, Parse, ParseContext, computed_as_specified, keyword};
use crate::computed::{BackgroundSize, BoxArea, Image, Repeat};
use crate::values::LengthPercentage;
use cssparser::{Parser, Token, match_ignore_ascii_case};
use std::sync::Arc;

computed_as_specified!(BoxArea, Repeat);

/// An image as specified.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ImageValue {
    /// `url()`.
    Url(Arc<str>),
    /// An option of `image-set()` with more or fewer dots a `px` than one.
    Dense(Arc<str>, f32),
    /// Any gradient.
    Gradient(Box<GradientValue>),
}

impl Compute for ImageValue {
    type To = Image;
    fn compute(&self, cx: &Computing<'_>) -> Image {
        match self {
            Self::Url(url) => Image::Url(Arc::clone(url)),
            Self::Dense(url, dots) => Image::Dense(Arc::clone(url), *dots),
            Self::Gradient(gradient) => Image::Gradient(Arc::new(gradient.compute(cx))),
        }
    }
}

/// A comma-separated list of `one`.
pub(crate) fn list<T>(
    input: &mut Parser<'_>,
    mut one: impl FnMut(&mut Parser<'_>) -> Parse<T>,
) -> Parse<Vec<T>> {
    input.parse_comma_separated(|input| one(input))
}

/// `background-image`.
pub(crate) fn images(
    input: &mut Parser<'_>,
    cx: &ParseContext<'_>,
) -> Parse<Vec<Option<ImageValue>>> {
    input.parse_comma_separated(|input| super::none_or(input, |input| image(input, cx)))
}

/// An `<image>`.
pub(crate) fn image(input: &mut Parser<'_>, cx: &ParseContext<'_>) -> Parse<ImageValue> {
    if let Ok(url) = input.try_parse(|input| super::url::url(input, cx.base)) {
        return Ok(ImageValue::Url(url));
    }
    let name = input.expect_function()?.clone();
    if let Some(gradient) = gradient(&name, input) {
        return gradient.map(|gradient| ImageValue::Gradient(Box::new(gradient)));
    }
    if name.eq_ignore_ascii_case("image-set") || name.eq_ignore_ascii_case("-webkit-image-set") {
        return input.parse_nested_block(|input| image_set(input, cx));
    }
    let message = format!("the image {name}()");
    input.parse_nested_block(|input| -> Parse<()> {
        super::rest(input);
        Ok(())
    })?;
    Err(unsupported(message))
}

/// The inside of `image-set()` (CSS Images 4 §2.4): of the options whose type can be read, the least dense one of at
/// least a dot a `px`, as browsers print, or else the densest.
fn image_set(input: &mut Parser<'_>, cx: &ParseContext<'_>) -> Parse<ImageValue> {
    let options = input.parse_comma_separated(|input| option(input, cx))?;
    let readable = options.into_iter().flatten();
    let chosen = readable.reduce(|one, other| {
        let better = match one.1 >= 1.0 {
            true => other.1 >= 1.0 && other.1 < one.1,
            false => other.1 > one.1,
        };
        if better { other } else { one }
    });
    match chosen.ok_or_else(|| unsupported("the types of an image-set()"))? {
        (ImageValue::Url(url), dots) if dots != 1.0 => Ok(ImageValue::Dense(url, dots)),
        (image, _) => Ok(image),
    }
}

/// An option of `image-set()` with its dots a `px`; none where its type cannot be read.
fn option(input: &mut Parser<'_>, cx: &ParseContext<'_>) -> Parse<Option<(ImageValue, f32)>> {
    let image = match input.try_parse(|input| input.expect_string_cloned()) {
        Ok(string) => ImageValue::Url(super::url::join(cx.base, &string).into()),
        Err(_) => image(input, cx)?,
    };
    let (mut dots, mut readable) = (1.0, true);
    while !input.is_exhausted() {
        let of_type = input.try_parse(|input| {
            input.expect_function_matching("type")?;
            input.parse_nested_block(|input| -> Parse<_> { Ok(input.expect_string_cloned()?) })
        });
        match of_type {
            Ok(name) => {
                let names = [
                    "image/png",
                    "image/jpeg",
                    "image/gif",
                    "image/webp",
                    "image/svg+xml",
                ];
                readable &= names.iter().any(|known| name.eq_ignore_ascii_case(known));
            }
            Err(_) => dots = dots_per_px(input)?,
        }
    }
    Ok(readable.then_some((image, dots)))
}

/// A `<resolution>` above zero, in dots per `px`.
fn dots_per_px(input: &mut Parser<'_>) -> Parse<f32> {
    let (value, unit) = match input.next()? {
        Token::Dimension { value, unit, .. } => (*value, unit.clone()),
        _ => return Err(invalid()),
    };
    let dots = match_ignore_ascii_case! { &unit,
        "dppx" | "x" => value,
        "dpi" => value / 96.0,
        "dpcm" => value * 2.54 / 96.0,
        _ => return Err(invalid()),
    };
    if dots > 0.0 && dots.is_finite() {
        Ok(dots)
    } else {
        Err(invalid())
    }
}

/// A position as specified.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PositionValue(pub(crate) Length, pub(crate) Length);

impl Compute for PositionValue {
    type To = (LengthPercentage, LengthPercentage);
    fn compute(&self, cx: &Computing<'_>) -> Self::To {
        (self.0.compute(cx), self.1.compute(cx))
    }
}

/// One component of a position: a side keyword with an offset from it, or an offset.
enum Component {
    Horizontal(Length),
    Vertical(Length),
    Center,
    Offset(Length),
}

fn component(input: &mut Parser<'_>, with_offsets: bool) -> Parse<Component> {
    if let Ok(offset) = input.try_parse(length_percentage) {
        return Ok(Component::Offset(offset));
    }
    let name = input.expect_ident_cloned()?;
    let mut side = |far: bool| {
        let offset = if with_offsets {
            input.try_parse(length_percentage).ok()
        } else {
            None
        };
        match offset {
            Some(offset) if far => offset.distance_from_far_side(),
            Some(offset) => offset,
            None => Length::percent(if far { 1.0 } else { 0.0 }),
        }
    };
    Ok(match_ignore_ascii_case! { &name,
        "left" | "x-start" => Component::Horizontal(side(false)),
        "right" | "x-end" => Component::Horizontal(side(true)),
        "top" | "y-start" => Component::Vertical(side(false)),
        "bottom" | "y-end" => Component::Vertical(side(true)),
        "center" => Component::Center,
        _ => return Err(invalid()),
    })
}

/// A `<position>` of one, two or four components (CSS Values 4 §9).
pub(crate) fn position(input: &mut Parser<'_>) -> Parse<PositionValue> {
    let four = |input: &mut Parser<'_>| -> Parse<PositionValue> {
        let first = component(input, true)?;
        let second = component(input, true)?;
        // Two offsets after keywords, as in `right 1px bottom 2px`; else the short forms below decide.
        match (first, second) {
            (Component::Horizontal(x), Component::Vertical(y))
            | (Component::Vertical(y), Component::Horizontal(x)) => Ok(PositionValue(x, y)),
            (Component::Horizontal(x), Component::Center)
            | (Component::Center, Component::Horizontal(x)) => {
                Ok(PositionValue(x, Length::percent(0.5)))
            }
            (Component::Vertical(y), Component::Center)
            | (Component::Center, Component::Vertical(y)) => {
                Ok(PositionValue(Length::percent(0.5), y))
            }
            _ => Err(invalid()),
        }
    };
    if let Ok(position) = input.try_parse(four) {
        return Ok(position);
    }
    let first = component(input, false)?;
    let second = input.try_parse(|input| component(input, false)).ok();
    let half = || Length::percent(0.5);
    Ok(match (first, second) {
        (Component::Horizontal(x) | Component::Offset(x), None | Some(Component::Center)) => {
            PositionValue(x, half())
        }
        (Component::Vertical(y), None | Some(Component::Center)) => PositionValue(half(), y),
        (Component::Center, None | Some(Component::Center)) => PositionValue(half(), half()),
        (
            Component::Horizontal(x) | Component::Offset(x),
            Some(Component::Vertical(y) | Component::Offset(y)),
        ) => PositionValue(x, y),
        (Component::Vertical(y), Some(Component::Horizontal(x))) => PositionValue(x, y),
        (Component::Center, Some(Component::Horizontal(x))) => PositionValue(x, half()),
        (Component::Center, Some(Component::Vertical(y) | Component::Offset(y))) => {
            PositionValue(half(), y)
        }
        _ => return Err(invalid()),
    })
}

/// `background-position-x`.
pub(crate) fn horizontal(input: &mut Parser<'_>) -> Parse<Length> {
    match component(input, true)? {
        Component::Horizontal(x) | Component::Offset(x) => Ok(x),
        Component::Center => Ok(Length::percent(0.5)),
        Component::Vertical(_) => Err(invalid()),
    }
}

/// `background-position-y`.
pub(crate) fn vertical(input: &mut Parser<'_>) -> Parse<Length> {
    match component(input, true)? {
        Component::Vertical(y) | Component::Offset(y) => Ok(y),
        Component::Center => Ok(Length::percent(0.5)),
        Component::Horizontal(_) => Err(invalid()),
    }
}

/// `background-size` as specified.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SizeOf {
    /// `cover`, `contain` or `auto`.
    Is(BackgroundSize),
    /// Width and height.
    Explicit(Option<Length>, Option<Length>),
}

impl Compute for SizeOf {
    type To = BackgroundSize;
    fn compute(&self, cx: &Computing<'_>) -> BackgroundSize {
        match self {
            Self::Is(size) => *size,
            Self::Explicit(width, height) => {
                BackgroundSize::Explicit(width.compute(cx), height.compute(cx))
            }
        }
    }
}

/// `background-size`.
pub(crate) fn size(input: &mut Parser<'_>) -> Parse<SizeOf> {
    let keywords = [
        ("cover", BackgroundSize::Cover),
        ("contain", BackgroundSize::Contain),
    ];
    if let Ok(size) = input.try_parse(|input| keyword(input, &keywords)) {
        return Ok(SizeOf::Is(size));
    }
    let side = |input: &mut Parser<'_>| super::named_or(input, "auto", positive_length_percentage);
    let width = side(input)?;
    let height = input.try_parse(side).unwrap_or_default();
    Ok(match (&width, &height) {
        (None, None) => SizeOf::Is(BackgroundSize::Auto),
        _ => SizeOf::Explicit(width, height),
    })
}

/// `background-repeat`.
pub(crate) fn repeat(input: &mut Parser<'_>) -> Parse<(Repeat, Repeat)> {
    let both = [
        ("repeat-x", (Repeat::Repeat, Repeat::No)),
        ("repeat-y", (Repeat::No, Repeat::Repeat)),
    ];
    if let Ok(repeat) = input.try_parse(|input| keyword(input, &both)) {
        return Ok(repeat);
    }
    let one = |input: &mut Parser<'_>| {
        let keywords = [
            ("repeat", Repeat::Repeat),
            ("no-repeat", Repeat::No),
            ("space", Repeat::Space),
            ("round", Repeat::Round),
        ];
        keyword(input, &keywords)
    };
    let horizontal = one(input)?;
    let vertical = input.try_parse(one).unwrap_or(horizontal);
    Ok((horizontal, vertical))
}

/// `background-attachment`: whether it is fixed to the page.
pub(crate) fn attachment(input: &mut Parser<'_>) -> Parse<bool> {
    keyword(
        input,
        &[("scroll", false), ("local", false), ("fixed", true)],
    )
}

/// `image-resolution` in dots per `px`; `from-image` is one, as images' own densities are not used.
pub(crate) fn resolution(input: &mut Parser<'_>) -> Parse<f32> {
    let mut found = None;
    while !input.is_exhausted() {
        if input
            .try_parse(|input| keyword(input, &[("from-image", ()), ("snap", ())]))
            .is_ok()
        {
            continue;
        }
        if found.replace(dots_per_px(input)?).is_some() {
            return Err(invalid());
        }
    }
    Ok(found.unwrap_or(1.0))
}

/// `background-clip`.
pub(crate) fn clip(input: &mut Parser<'_>) -> Parse<BoxArea> {
    let keywords = [
        ("border-box", BoxArea::Border),
        ("padding-box", BoxArea::Padding),
        ("content-box", BoxArea::Content),
        ("text", BoxArea::Text),
    ];
    keyword(input, &keywords)
}

/// `background-origin`.
pub(crate) fn origin(input: &mut Parser<'_>) -> Parse<BoxArea> {
    let area = clip(input)?;
    (area != BoxArea::Text).then_some(area).ok_or_else(invalid)
}
