//! Opacity, transforms, decorations, shadows and object placement.

use super::background::position;
use super::color::{ColorValue, color};
use super::numeric::{
    Distance, Length, angle, distance, length_percentage, number, number_or_percentage,
    positive_distance,
};
use super::problem::{invalid, unsupported};
use super::{Compute, Computing, Parse, computed_as_specified, keyword};
use crate::computed::{DecorationStyle, Marks, ObjectFit, Shadow, TransformFunction};
use crate::values::LengthPercentage;
use cssparser::{Parser, match_ignore_ascii_case};
use fanfold_geometry::{BlendMode, Edges, Px, Transform, Transform3d};

computed_as_specified!(BlendMode, DecorationStyle, Marks, ObjectFit);

/// How many shadows or transform functions a value may have.
const MOST_ITEMS: usize = 64;

/// `opacity`.
pub(crate) fn opacity(input: &mut Parser<'_>) -> Parse<f32> {
    number_or_percentage(input).map(|value| value.clamp(0.0, 1.0))
}

/// `clip` as specified: top, right, bottom and left, each a length or `auto`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ClipValue([Option<Distance>; 4]);

impl Compute for ClipValue {
    type To = Edges<Option<Px>>;
    fn compute(&self, cx: &Computing<'_>) -> Self::To {
        let [top, right, bottom, left] = &self.0;
        Edges {
            top: top.compute(cx),
            right: right.compute(cx),
            bottom: bottom.compute(cx),
            left: left.compute(cx),
        }
    }
}

/// `rect()`, with commas or, as of old, without (CSS 2.2 §11.1.2).
pub(crate) fn clip(input: &mut Parser<'_>) -> Parse<ClipValue> {
    input.expect_function_matching("rect")?;
    input.parse_nested_block(|input| {
        let mut sides = [const { None }; 4];
        for (index, side) in sides.iter_mut().enumerate() {
            if index > 0 {
                input.try_parse(Parser::expect_comma).ok();
            }
            *side = super::named_or(input, "auto", distance)?;
        }
        Ok(ClipValue(sides))
    })
}

/// `mix-blend-mode`.
pub(crate) fn mix_blend_mode(input: &mut Parser<'_>) -> Parse<BlendMode> {
    let keywords = [
        ("normal", BlendMode::Normal),
        ("multiply", BlendMode::Multiply),
        ("screen", BlendMode::Screen),
        ("overlay", BlendMode::Overlay),
        ("darken", BlendMode::Darken),
        ("lighten", BlendMode::Lighten),
        ("color-dodge", BlendMode::ColorDodge),
        ("color-burn", BlendMode::ColorBurn),
        ("hard-light", BlendMode::HardLight),
        ("soft-light", BlendMode::SoftLight),
        ("difference", BlendMode::Difference),
        ("exclusion", BlendMode::Exclusion),
        ("hue", BlendMode::Hue),
        ("saturation", BlendMode::Saturation),
        ("color", BlendMode::Color),
        ("luminosity", BlendMode::Luminosity),
    ];
    keyword(input, &keywords)
}

/// `object-fit`.
pub(crate) fn object_fit(input: &mut Parser<'_>) -> Parse<ObjectFit> {
    let keywords = [
        ("fill", ObjectFit::Fill),
        ("contain", ObjectFit::Contain),
        ("cover", ObjectFit::Cover),
        ("none", ObjectFit::None),
        ("scale-down", ObjectFit::ScaleDown),
    ];
    keyword(input, &keywords)
}

/// The lines of `text-decoration-line`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Lines {
    pub(crate) underline: bool,
    pub(crate) overline: bool,
    pub(crate) line_through: bool,
}

/// `text-decoration-line`.
pub(crate) fn decoration_line(input: &mut Parser<'_>) -> Parse<Lines> {
    let mut lines = Lines::default();
    if input
        .try_parse(|input| input.expect_ident_matching("none"))
        .is_ok()
    {
        return Ok(lines);
    }
    let mut any = false;
    while let Ok(name) = input.try_parse(|input| -> Parse<_> {
        let keywords = [
            ("underline", 0),
            ("overline", 1),
            ("line-through", 2),
            ("blink", 3),
        ];
        keyword(input, &keywords)
    }) {
        let line = match name {
            0 => &mut lines.underline,
            1 => &mut lines.overline,
            2 => &mut lines.line_through,
            _ => &mut any,
        };
        *line = true;
        any = true;
    }
    if any { Ok(lines) } else { Err(invalid()) }
}

/// `text-decoration-color` and `-webkit-text-fill-color` (Compatibility Standard §4.1); none is `currentcolor`.
pub(crate) fn decoration_color(input: &mut Parser<'_>) -> Parse<Option<ColorValue>> {
    color(input).map(|color| (color != ColorValue::Current).then_some(color))
}

/// `text-decoration-style`.
pub(crate) fn decoration_style(input: &mut Parser<'_>) -> Parse<DecorationStyle> {
    let keywords = [
        ("solid", DecorationStyle::Solid),
        ("double", DecorationStyle::Double),
        ("dotted", DecorationStyle::Dotted),
        ("dashed", DecorationStyle::Dashed),
        ("wavy", DecorationStyle::Wavy),
    ];
    keyword(input, &keywords)
}

/// A line thickness: a length or a percentage of one em.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Thickness(Length);

impl Compute for Thickness {
    type To = Px;
    fn compute(&self, cx: &Computing<'_>) -> Px {
        self.0.compute(cx).resolve(Px(cx.units.font_size))
    }
}

/// `text-decoration-thickness` and `text-underline-offset`.
pub(crate) fn thickness(input: &mut Parser<'_>) -> Parse<Option<Thickness>> {
    if input
        .try_parse(|input| keyword(input, &[("auto", ()), ("from-font", ())]))
        .is_ok()
    {
        return Ok(None);
    }
    length_percentage(input).map(|length| Some(Thickness(length)))
}

/// A shadow as specified.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ShadowValue {
    offsets: [Distance; 2],
    blur: Distance,
    spread: Distance,
    color: ColorValue,
    inset: bool,
}

impl Compute for ShadowValue {
    type To = Shadow;
    fn compute(&self, cx: &Computing<'_>) -> Shadow {
        Shadow {
            x: self.offsets[0].compute(cx),
            y: self.offsets[1].compute(cx),
            blur: self.blur.compute(cx),
            spread: self.spread.compute(cx),
            color: self.color.compute(cx),
            inset: self.inset,
        }
    }
}

/// `box-shadow`.
pub(crate) fn shadows(input: &mut Parser<'_>) -> Parse<Vec<ShadowValue>> {
    let shadows =
        super::none_or(input, |input| input.parse_comma_separated(shadow))?.unwrap_or_default();
    if shadows.len() > MOST_ITEMS {
        return Err(unsupported(format!("more than {MOST_ITEMS} shadows")));
    }
    Ok(shadows)
}

/// `text-shadow` (CSS Text Decoration 3 §4).
pub(crate) fn text_shadows(input: &mut Parser<'_>) -> Parse<Vec<ShadowValue>> {
    let shadows = shadows(input)?;
    let zero = Distance(Length::px(0.0));
    if shadows
        .iter()
        .any(|shadow| shadow.inset || shadow.spread != zero)
    {
        return Err(invalid());
    }
    Ok(shadows)
}

fn shadow(input: &mut Parser<'_>) -> Parse<ShadowValue> {
    let zero = || Distance(Length::px(0.0));
    let (mut ink, mut inset, mut lengths) = (None, false, None);
    while !input.is_exhausted() {
        if !inset
            && input
                .try_parse(|input| input.expect_ident_matching("inset"))
                .is_ok()
        {
            inset = true;
        } else if lengths.is_none()
            && let Ok(x) = input.try_parse(distance)
        {
            let y = distance(input)?;
            let blur = input
                .try_parse(positive_distance)
                .unwrap_or_else(|_| zero());
            let spread = input.try_parse(distance).unwrap_or_else(|_| zero());
            lengths = Some(([x, y], blur, spread));
        } else if ink.is_none() {
            ink = Some(color(input)?);
        } else {
            return Err(invalid());
        }
    }
    let (offsets, blur, spread) = lengths.ok_or_else(invalid)?;
    Ok(ShadowValue {
        offsets,
        blur,
        spread,
        color: ink.unwrap_or(ColorValue::Current),
        inset,
    })
}

/// A transform function as specified.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TransformValue {
    /// `translate3d()`.
    Translate(Length, Length, Distance),
    /// `perspective()`.
    Perspective(Distance),
    /// All others.
    Matrix(Transform3d),
}

impl Compute for TransformValue {
    type To = TransformFunction;
    fn compute(&self, cx: &Computing<'_>) -> TransformFunction {
        match self {
            Self::Translate(x, y, z) => {
                TransformFunction::Translate(x.compute(cx), y.compute(cx), z.compute(cx))
            }
            Self::Perspective(distance) => TransformFunction::Perspective(distance.compute(cx)),
            Self::Matrix(matrix) => TransformFunction::Matrix(*matrix),
        }
    }
}

/// `transform`.
pub(crate) fn transform(input: &mut Parser<'_>) -> Parse<Vec<TransformValue>> {
    if input
        .try_parse(|input| input.expect_ident_matching("none"))
        .is_ok()
    {
        return Ok(Vec::new());
    }
    let mut functions = Vec::new();
    loop {
        let name = input.expect_function()?.clone();
        functions.push(input.parse_nested_block(|input| transform_function(&name, input))?);
        if functions.len() > MOST_ITEMS {
            return Err(unsupported(format!(
                "more than {MOST_ITEMS} transform functions"
            )));
        }
        if input.is_exhausted() {
            return Ok(functions);
        }
    }
}

/// No distance.
const ZERO: Distance = Distance(Length::px(0.0));

fn shift(x: Length, y: Length) -> TransformValue {
    TransformValue::Translate(x, y, ZERO)
}

/// `translate` other than `none`.
pub(crate) fn translate(input: &mut Parser<'_>) -> Parse<Vec<TransformValue>> {
    let x = length_percentage(input)?;
    let Ok(y) = input.try_parse(length_percentage) else {
        return Ok(vec![shift(x, Length::px(0.0))]);
    };
    let z = input.try_parse(distance).unwrap_or(ZERO);
    Ok(vec![TransformValue::Translate(x, y, z)])
}

/// `rotate` other than `none`: an angle, before or after it an axis.
pub(crate) fn rotate(input: &mut Parser<'_>) -> Parse<Vec<TransformValue>> {
    let axis = |input: &mut Parser<'_>| -> Parse<[f32; 3]> {
        let axes = [
            ("x", [1.0, 0.0, 0.0]),
            ("y", [0.0, 1.0, 0.0]),
            ("z", [0.0, 0.0, 1.0]),
        ];
        if let Ok(named) = input.try_parse(|input| keyword(input, &axes)) {
            return Ok(named);
        }
        Ok([number(input)?, number(input)?, number(input)?])
    };
    let before = input.try_parse(axis).ok();
    let angle = angle(input)?;
    let axis = before.or_else(|| input.try_parse(axis).ok());
    let turn = rotation(axis.unwrap_or([0.0, 0.0, 1.0]), angle);
    Ok(vec![TransformValue::Matrix(turn)])
}

/// `scale` other than `none`.
pub(crate) fn scale(input: &mut Parser<'_>) -> Parse<Vec<TransformValue>> {
    let x = number_or_percentage(input)?;
    let y = input.try_parse(number_or_percentage);
    let z = match y {
        Ok(_) => input.try_parse(number_or_percentage).unwrap_or(1.0),
        Err(_) => 1.0,
    };
    bounded(scaling([x, y.unwrap_or(x), z])).map(|scale| vec![scale])
}

fn scaling(factors: [f32; 3]) -> Transform3d {
    let [x, y, z] = factors.map(f64::from);
    Transform3d::scale(x, y, z)
}

fn rotation(axis: [f32; 3], angle: f32) -> Transform3d {
    Transform3d::rotate(axis.map(f64::from), f64::from(angle))
}

fn skewing(x: f32, y: f32) -> Transform3d {
    Transform3d::from(Transform {
        b: y.tan(),
        c: x.tan(),
        ..Transform::IDENTITY
    })
}

/// A matrix without numbers beyond what pages hold.
fn bounded(matrix: Transform3d) -> Parse<TransformValue> {
    let most = f64::from(super::numeric::LARGEST_LENGTH);
    let mut parts = matrix.0.iter().flatten();
    if parts.all(|part| part.abs() <= most) {
        Ok(TransformValue::Matrix(matrix))
    } else {
        Err(invalid())
    }
}

/// As many numbers as are asked for, with commas between them.
fn numbers<const N: usize>(
    input: &mut Parser<'_>,
    one: impl Fn(&mut Parser<'_>) -> Parse<f32>,
) -> Parse<[f32; N]> {
    let mut parts = [0.0; N];
    for (index, part) in parts.iter_mut().enumerate() {
        if index > 0 {
            input.expect_comma()?;
        }
        *part = one(input)?;
    }
    Ok(parts)
}

fn transform_function(name: &str, input: &mut Parser<'_>) -> Parse<TransformValue> {
    let matrix = match_ignore_ascii_case! { name,
        "translate" => {
            let x = length_percentage(input)?;
            let y = if input.try_parse(Parser::expect_comma).is_ok() { length_percentage(input)? } else { Length::px(0.0) };
            return Ok(shift(x, y));
        },
        "translatex" => return Ok(shift(length_percentage(input)?, Length::px(0.0))),
        "translatey" => return Ok(shift(Length::px(0.0), length_percentage(input)?)),
        "translate3d" => {
            let x = length_percentage(input)?;
            input.expect_comma()?;
            let y = length_percentage(input)?;
            input.expect_comma()?;
            return Ok(TransformValue::Translate(x, y, distance(input)?));
        },
        "translatez" => {
            let zero = || Length::px(0.0);
            return Ok(TransformValue::Translate(zero(), zero(), distance(input)?));
        },
        "perspective" => match super::none_or(input, positive_distance)? {
            Some(distance) => return Ok(TransformValue::Perspective(distance)),
            None => Transform3d::IDENTITY,
        },
        "scale" => {
            let x = number_or_percentage(input)?;
            let y = if input.try_parse(Parser::expect_comma).is_ok() { number_or_percentage(input)? } else { x };
            scaling([x, y, 1.0])
        },
        "scalex" => scaling([number_or_percentage(input)?, 1.0, 1.0]),
        "scaley" => scaling([1.0, number_or_percentage(input)?, 1.0]),
        "scalez" => scaling([1.0, 1.0, number_or_percentage(input)?]),
        "scale3d" => scaling(numbers(input, number_or_percentage)?),
        "rotate" | "rotatez" => rotation([0.0, 0.0, 1.0], angle(input)?),
        "rotatex" => rotation([1.0, 0.0, 0.0], angle(input)?),
        "rotatey" => rotation([0.0, 1.0, 0.0], angle(input)?),
        "rotate3d" => {
            let axis = numbers(input, number)?;
            input.expect_comma()?;
            rotation(axis, angle(input)?)
        },
        "skew" => {
            let x = angle(input)?;
            let y = if input.try_parse(Parser::expect_comma).is_ok() { angle(input)? } else { 0.0 };
            skewing(x, y)
        },
        "skewx" => skewing(angle(input)?, 0.0),
        "skewy" => skewing(0.0, angle(input)?),
        "matrix" => {
            let [a, b, c, d, e, f] = numbers(input, number)?;
            Transform3d::from(Transform { a, b, c, d, e, f })
        },
        "matrix3d" => {
            let columns: [f32; 16] = numbers(input, number)?;
            Transform3d([0, 1, 2, 3].map(|row| {
                [0, 4, 8, 12].map(|column| f64::from(columns[row + column]))
            }))
        },
        _ => {
            let message = format!("the transform {name}()");
            super::rest(input);
            return Err(unsupported(message));
        }
    };
    bounded(matrix)
}

/// `transform-origin` as specified.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OriginValue(Length, Length);

impl Compute for OriginValue {
    type To = (LengthPercentage, LengthPercentage);
    fn compute(&self, cx: &Computing<'_>) -> Self::To {
        (self.0.compute(cx), self.1.compute(cx))
    }
}

/// `transform-origin`; a third component is for three dimensions and dropped.
pub(crate) fn origin(input: &mut Parser<'_>) -> Parse<OriginValue> {
    let place = position(input)?;
    input.try_parse(distance).ok();
    Ok(OriginValue(place.0, place.1))
}

/// `marks`.
pub(crate) fn marks(input: &mut Parser<'_>) -> Parse<Marks> {
    let mut marks = Marks::default();
    if input
        .try_parse(|input| input.expect_ident_matching("none"))
        .is_ok()
    {
        return Ok(marks);
    }
    loop {
        let mark = keyword(input, &[("crop", true), ("cross", false)])?;
        let flag = if mark {
            &mut marks.crop
        } else {
            &mut marks.cross
        };
        if std::mem::replace(flag, true) {
            return Err(invalid());
        }
        if input.is_exhausted() {
            return Ok(marks);
        }
    }
}
