//! Colours (CSS Color 4), brought into sRGB.

use super::color_mix::MixSpace;
use super::color_space as space;
use super::numeric::{angle, finite, number};
use super::problem::{invalid, unsupported};
use super::{Compute, Computing, Parse, delimiter};
use cssparser::color::PredefinedColorSpace;
use cssparser::{Parser, Token, match_ignore_ascii_case};
use fanfold_geometry::{Cmyk, Color};

/// A colour as specified.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ColorValue {
    /// `currentcolor`.
    Current,
    /// Any other.
    Is(Color),
    /// `color-mix()`: where, two colours, the second's share, and what the whole's opacity is times.
    Mix(MixSpace, Box<(ColorValue, ColorValue)>, f32, f32),
}

impl Compute for ColorValue {
    type To = Color;
    fn compute(&self, cx: &Computing<'_>) -> Color {
        self.resolve(cx.color)
    }
}

impl ColorValue {
    /// The colour when `currentcolor` is `current`.
    pub(crate) fn resolve(&self, current: Color) -> Color {
        match self {
            Self::Current => current,
            Self::Is(color) => *color,
            Self::Mix(space, pair, share, alpha) => {
                let mixed = space.mix(pair.0.resolve(current), pair.1.resolve(current), *share);
                Color {
                    a: mixed.a * alpha,
                    ..mixed
                }
            }
        }
    }
}

/// The colour that a text is, with black for `currentcolor`; none where it is no `<color>` (CSS Color 4 §3.1).
pub fn parse_color(text: &str) -> Option<Color> {
    let mut input = Parser::new(text);
    let value = color(&mut input).ok()?;
    input.is_exhausted().then(|| value.resolve(Color::BLACK))
}

/// A `<color>`.
pub(crate) fn color(input: &mut Parser<'_>) -> Parse<ColorValue> {
    let token = input.next()?.clone();
    match &token {
        Token::Hash(text) | Token::IDHash(text) => {
            hash(text).map(ColorValue::Is).ok_or_else(invalid)
        }
        Token::Ident(name) => named(name).ok_or_else(invalid),
        Token::Function(name) => {
            let name = name.clone();
            input.parse_nested_block(|input| function(&name, input))
        }
        _ => Err(invalid()),
    }
}

/// `#rgb`, `#rgba`, `#rrggbb`, `#rrggbbaa` without the `#`.
pub(crate) fn hash(text: &str) -> Option<Color> {
    let (r, g, b, a) = cssparser::color::parse_hash_color(text.as_bytes()).ok()?;
    Some(bytes(r, g, b, a))
}

/// A colour by keyword; system colours are a light page's (CSS Color 4 §6.2).
pub(crate) fn named(name: &str) -> Option<ColorValue> {
    let color = match_ignore_ascii_case! { name,
        "currentcolor" => return Some(ColorValue::Current),
        "transparent" => Color::TRANSPARENT,
        "canvas" | "field" | "window" => Color::WHITE,
        "canvastext" | "fieldtext" | "buttontext" | "windowtext" | "text" | "marktext" => Color::BLACK,
        "linktext" => bytes(0, 0, 238, 1.0),
        "visitedtext" => bytes(85, 26, 139, 1.0),
        "activetext" => bytes(255, 0, 0, 1.0),
        "buttonface" => bytes(239, 239, 239, 1.0),
        "buttonborder" | "graytext" => bytes(128, 128, 128, 1.0),
        "highlight" => bytes(181, 213, 255, 1.0),
        "highlighttext" => Color::BLACK,
        "mark" => bytes(255, 255, 0, 1.0),
        _ => {
            let (r, g, b) = cssparser::color::parse_named_color(name).ok()?;
            bytes(r, g, b, 1.0)
        }
    };
    Some(ColorValue::Is(color))
}

fn bytes(r: u8, g: u8, b: u8, a: f32) -> Color {
    Color {
        r: f32::from(r) / 255.0,
        g: f32::from(g) / 255.0,
        b: f32::from(b) / 255.0,
        a,
        cmyk: None,
    }
}

fn function(name: &str, input: &mut Parser<'_>) -> Parse<ColorValue> {
    if input
        .try_parse(|input| input.expect_ident_matching("from"))
        .is_ok()
    {
        return Err(unsupported("relative colour syntax"));
    }
    let color = match_ignore_ascii_case! { name,
        "rgb" | "rgba" => rgb(input)?,
        "hsl" | "hsla" => {
            let (hue, [s, l], a) = hue_first(input)?;
            with_alpha(space::hsl(hue, s, l), a)
        },
        "hwb" => {
            let (hue, [w, b], a) = hue_first(input)?;
            with_alpha(space::hwb(hue, w, b), a)
        },
        "lab" => {
            let ([l, a, b], alpha) = three(input, [100.0, 125.0, 125.0])?;
            with_alpha(space::lab(l.clamp(0.0, 100.0), a, b), alpha)
        },
        "oklab" => {
            let ([l, a, b], alpha) = three(input, [1.0, 0.4, 0.4])?;
            with_alpha(space::oklab(l.clamp(0.0, 1.0), a, b), alpha)
        },
        "lch" => {
            let (l, c, h, alpha) = hue_last(input, [100.0, 150.0])?;
            with_alpha(space::lab(l.clamp(0.0, 100.0), c * h.cos(), c * h.sin()), alpha)
        },
        "oklch" => {
            let (l, c, h, alpha) = hue_last(input, [1.0, 0.4])?;
            with_alpha(space::oklab(l.clamp(0.0, 1.0), c * h.cos(), c * h.sin()), alpha)
        },
        "color" => {
            let gamut = PredefinedColorSpace::parse(input)?;
            let (components, alpha) = three(input, [1.0, 1.0, 1.0])?;
            with_alpha(space::predefined(gamut, components), alpha)
        },
        "color-mix" => return mix(input),
        "light-dark" => {
            let light = color(input)?;
            input.expect_comma()?;
            color(input)?;
            return Ok(light);
        },
        "device-cmyk" => device_cmyk(input)?,
        _ => return Err(invalid()),
    };
    Ok(ColorValue::Is(color))
}

fn with_alpha([r, g, b]: [f32; 3], a: f32) -> Color {
    let unit = |value: f32| finite(value, 1.0).max(0.0);
    Color {
        r: unit(r),
        g: unit(g),
        b: unit(b),
        a: unit(a),
        cmyk: None,
    }
}

/// `rgb()` in the legacy syntax with commas and the modern one with spaces.
fn rgb(input: &mut Parser<'_>) -> Parse<Color> {
    let red = component(input, 255.0)?;
    let commas = input.try_parse(Parser::expect_comma).is_ok();
    let green = component(input, 255.0)?;
    if commas {
        input.expect_comma()?;
    }
    let blue = component(input, 255.0)?;
    let alpha = alpha(input, commas)?;
    Ok(with_alpha(
        [red / 255.0, green / 255.0, blue / 255.0],
        alpha,
    ))
}

/// `device-cmyk()`, which print has as it is, converted naively where colours are mixed (CSS Color 5 §8.1).
fn device_cmyk(input: &mut Parser<'_>) -> Parse<Color> {
    let first = component(input, 1.0)?;
    let commas = input.try_parse(Parser::expect_comma).is_ok();
    let mut inks = [first, 0.0, 0.0, 0.0];
    for (index, ink) in inks.iter_mut().enumerate().skip(1) {
        if commas && index > 1 {
            input.expect_comma()?;
        }
        *ink = component(input, 1.0)?;
    }
    // The old syntax has no opacity.
    let alpha = if commas { 1.0 } else { alpha(input, false)? };
    let [c, m, y, k] = inks.map(|ink| ink.clamp(0.0, 1.0));
    let part = |ink: f32| 1.0 - (ink * (1.0 - k) + k).min(1.0);
    Ok(Color {
        cmyk: Some(Cmyk::new([c, m, y, k])),
        ..with_alpha([part(c), part(m), part(y)], alpha)
    })
}

/// A hue and two percentages: `hsl()` and `hwb()`.
fn hue_first(input: &mut Parser<'_>) -> Parse<(f32, [f32; 2], f32)> {
    let hue = hue(input)?;
    let commas = input.try_parse(Parser::expect_comma).is_ok();
    let first = component(input, 100.0)? / 100.0;
    if commas {
        input.expect_comma()?;
    }
    let second = component(input, 100.0)? / 100.0;
    let alpha = alpha(input, commas)?;
    Ok((hue, [first.clamp(0.0, 1.0), second.clamp(0.0, 1.0)], alpha))
}

fn hue_last(input: &mut Parser<'_>, scale: [f32; 2]) -> Parse<(f32, f32, f32, f32)> {
    let lightness = component(input, scale[0])?;
    let chroma = component(input, scale[1])?.max(0.0);
    let hue = hue(input)?.to_radians();
    Ok((lightness, chroma, hue, alpha(input, false)?))
}

fn three(input: &mut Parser<'_>, scale: [f32; 3]) -> Parse<([f32; 3], f32)> {
    let components = [
        component(input, scale[0])?,
        component(input, scale[1])?,
        component(input, scale[2])?,
    ];
    Ok((components, alpha(input, false)?))
}

/// A number, a percentage of `whole`, or `none`, which is zero.
fn component(input: &mut Parser<'_>, whole: f32) -> Parse<f32> {
    if input
        .try_parse(|input| input.expect_ident_matching("none"))
        .is_ok()
    {
        return Ok(0.0);
    }
    if let Ok(value) = input.try_parse(number) {
        return Ok(value);
    }
    super::numeric::percentage(input).map(|fraction| fraction * whole)
}

/// A hue in degrees.
fn hue(input: &mut Parser<'_>) -> Parse<f32> {
    if input
        .try_parse(|input| input.expect_ident_matching("none"))
        .is_ok()
    {
        return Ok(0.0);
    }
    let degrees = match input.try_parse(number) {
        Ok(degrees) => degrees,
        Err(_) => angle(input)?.to_degrees(),
    };
    Ok(finite(degrees, f32::MAX).rem_euclid(360.0))
}

fn alpha(input: &mut Parser<'_>, commas: bool) -> Parse<f32> {
    if input.is_exhausted() {
        return Ok(1.0);
    }
    if commas {
        input.expect_comma()?;
    } else if !delimiter(input, '/') {
        return Err(invalid());
    }
    component(input, 1.0).map(|value| value.clamp(0.0, 1.0))
}

/// `color-mix()`; the result is interpolated in sRGB whatever space is named, so others are refused.
fn mix(input: &mut Parser<'_>) -> Parse<ColorValue> {
    input.expect_ident_matching("in")?;
    let space = MixSpace::parse(input)?;
    let one = |input: &mut Parser<'_>| -> Parse<(ColorValue, Option<f32>)> {
        let before = input.try_parse(super::numeric::percentage).ok();
        let value = color(input)?;
        let share = before.or_else(|| input.try_parse(super::numeric::percentage).ok());
        Ok((value, share))
    };
    input.expect_comma()?;
    let (first, left) = one(input)?;
    input.expect_comma()?;
    let (second, right) = one(input)?;
    let (left, right) = match (left, right) {
        (None, None) => (0.5, 0.5),
        (Some(left), None) => (left, 1.0 - left),
        (None, Some(right)) => (1.0 - right, right),
        (Some(left), Some(right)) => (left, right),
    };
    let total = left + right;
    if !(0.0..=1.0).contains(&left) || !(0.0..=1.0).contains(&right) || total <= 0.0 {
        return Err(invalid());
    }
    Ok(ColorValue::Mix(
        space,
        Box::new((first, second)),
        right / total,
        total.min(1.0),
    ))
}
