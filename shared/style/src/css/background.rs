//! Backgrounds and images (CSS Backgrounds 3, CSS Images 3).

use super::color::{ColorValue, color};
use super::numeric::{Length, angle, length_percentage, positive_length_percentage};
use super::problem::{invalid, unsupported};
use super::{Compute, Computing, Parse, ParseContext, computed_as_specified, keyword};
use crate::computed::{BackgroundSize, BoxArea, Image};
use crate::values::LengthPercentage;
use cssparser::{Parser, match_ignore_ascii_case};
use std::f32::consts::PI;
use std::sync::Arc;

computed_as_specified!(BoxArea);

/// How many stops a gradient may have.
const MOST_STOPS: usize = 256;

/// An image as specified.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ImageValue {
    /// `url()`.
    Url(Arc<str>),
    /// `linear-gradient()`: angle in radians and stops with positions where given.
    Linear(f32, Vec<(Option<f32>, ColorValue)>),
}

impl Compute for ImageValue {
    type To = Image;
    fn compute(&self, cx: &Computing<'_>) -> Image {
        match self {
            Self::Url(url) => Image::Url(Arc::clone(url)),
            Self::Linear(angle, stops) => Image::LinearGradient(*angle, placed(stops, cx)),
        }
    }
}

/// The stops with every position filled in (CSS Images 3 §3.4.3).
fn placed(
    stops: &[(Option<f32>, ColorValue)],
    cx: &Computing<'_>,
) -> Vec<(f32, fanfold_geometry::Color)> {
    let last = stops.len().saturating_sub(1);
    let mut offsets: Vec<Option<f32>> = stops.iter().map(|(offset, _)| *offset).collect();
    if let Some(first) = offsets.first_mut() {
        first.get_or_insert(0.0);
    }
    if let Some(end) = offsets.get_mut(last) {
        end.get_or_insert(1.0);
    }
    let mut largest = f32::NEG_INFINITY;
    for offset in offsets.iter_mut().flatten() {
        largest = largest.max(*offset);
        *offset = largest;
    }
    let mut placed = Vec::with_capacity(stops.len());
    let mut from = (0, 0.0);
    for (index, (_, color)) in stops.iter().enumerate() {
        let offset = match offsets[index] {
            Some(offset) => {
                from = (index, offset);
                offset
            }
            None => {
                let next = (index..=last).find_map(|at| offsets[at].map(|offset| (at, offset)));
                let (at, until) = next.unwrap_or((last, 1.0));
                from.1 + (until - from.1) * (index - from.0) as f32 / (at - from.0) as f32
            }
        };
        placed.push((offset, color.compute(cx)));
    }
    placed
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
    match_ignore_ascii_case! { &name,
        "linear-gradient" => input.parse_nested_block(|input| linear(input, false)),
        "-webkit-linear-gradient" => input.parse_nested_block(|input| linear(input, true)),
        _ => {
            let message = format!("the image {name}()");
            input.parse_nested_block(|input| -> Parse<()> { super::rest(input); Ok(()) })?;
            Err(unsupported(message))
        }
    }
}

/// The arguments of `linear-gradient()`; the prefixed syntax names the starting side instead.
fn linear(input: &mut Parser<'_>, prefixed: bool) -> Parse<ImageValue> {
    let angle = input
        .try_parse(|input| -> Parse<f32> {
            let angle = direction(input, prefixed)?;
            input.expect_comma()?;
            Ok(angle)
        })
        .unwrap_or(PI);
    let mut stops: Vec<(Option<f32>, ColorValue)> = Vec::new();
    loop {
        let color = color(input)?;
        let first = input.try_parse(offset).ok();
        stops.push((first, color.clone()));
        if let Ok(second) = input.try_parse(offset) {
            stops.push((Some(second), color));
        }
        if stops.len() > MOST_STOPS {
            return Err(unsupported(format!(
                "a gradient of more than {MOST_STOPS} stops"
            )));
        }
        if input.is_exhausted() {
            break;
        }
        input.expect_comma()?;
    }
    if stops.len() < 2 {
        return Err(invalid());
    }
    Ok(ImageValue::Linear(angle, stops))
}

fn offset(input: &mut Parser<'_>) -> Parse<f32> {
    super::numeric::percentage(input).map_err(|_| unsupported("a gradient stop in lengths"))
}

/// An angle or `to <side-or-corner>`; corners are taken at 45°, as in a square box.
fn direction(input: &mut Parser<'_>, prefixed: bool) -> Parse<f32> {
    if let Ok(angle) = input.try_parse(angle) {
        // Prefixed gradients count anticlockwise from the right.
        return Ok(if prefixed { PI / 2.0 - angle } else { angle });
    }
    if !prefixed {
        input.expect_ident_matching("to")?;
    }
    let (mut x, mut y) = (0_i8, 0_i8);
    while let Ok(name) = input.try_parse(|input| input.expect_ident_cloned()) {
        match_ignore_ascii_case! { &name,
            "left" if x == 0 => x = -1,
            "right" if x == 0 => x = 1,
            "top" if y == 0 => y = -1,
            "bottom" if y == 0 => y = 1,
            _ => return Err(invalid()),
        }
    }
    if prefixed {
        (x, y) = (-x, -y);
    }
    let eighths = match (x, y) {
        (0, -1) => 0.0,
        (1, -1) => 1.0,
        (1, 0) => 2.0,
        (1, 1) => 3.0,
        (0, 1) => 4.0,
        (-1, 1) => 5.0,
        (-1, 0) => 6.0,
        (-1, -1) => 7.0,
        _ => return Err(invalid()),
    };
    Ok(eighths * PI / 4.0)
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

/// `background-repeat`; `space` and `round` repeat plainly.
pub(crate) fn repeat(input: &mut Parser<'_>) -> Parse<(bool, bool)> {
    let both = [("repeat-x", (true, false)), ("repeat-y", (false, true))];
    if let Ok(repeat) = input.try_parse(|input| keyword(input, &both)) {
        return Ok(repeat);
    }
    let one = |input: &mut Parser<'_>| {
        let keywords = [
            ("repeat", Some(true)),
            ("no-repeat", Some(false)),
            ("space", None),
            ("round", None),
        ];
        keyword(input, &keywords)?.ok_or_else(|| unsupported("background-repeat: space or round"))
    };
    let horizontal = one(input)?;
    let vertical = input.try_parse(one).unwrap_or(horizontal);
    Ok((horizontal, vertical))
}

/// `background-origin` and `background-clip`.
pub(crate) fn area(input: &mut Parser<'_>) -> Parse<BoxArea> {
    let keywords = [
        ("border-box", Some(BoxArea::Border)),
        ("padding-box", Some(BoxArea::Padding)),
        ("content-box", Some(BoxArea::Content)),
        ("text", None),
    ];
    keyword(input, &keywords)?.ok_or_else(|| unsupported("background-clip: text"))
}
