//! Lengths, percentages, numbers and angles, with `calc()` and its relatives (CSS Values 4).

use super::calc::{Calc, Evaluated};
use super::problem::{invalid, unsupported};
use super::{Compute, Computing, Parse};
use crate::computed::FontRatios;
use crate::values::{AutoLength, LengthPercentage, Sizing};
use cssparser::{Parser, Token, match_ignore_ascii_case};
use fanfold_geometry::{Px, Size};
use std::f32::consts::PI;
use std::sync::Arc;

/// Lengths beyond this are clipped: f32 counts whole pixels up to here (CSS Values 4 §5.1 lets us choose).
pub(crate) const LARGEST_LENGTH: f32 = 16_777_216.0;

/// The bases of relative units, all in px.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Units {
    /// `em`.
    pub(crate) font_size: f32,
    /// `ex`, `ch` and `cap` by `em`.
    pub(crate) ratios: FontRatios,
    /// `rem`.
    pub(crate) root_font_size: f32,
    /// `lh`.
    pub(crate) line_height: f32,
    /// `rlh`.
    pub(crate) root_line_height: f32,
    /// What `vw` and `vh` are percentages of: the first page's area.
    pub(crate) viewport: Size,
}

impl Units {
    /// How many px one `unit` is; none when it is not a length.
    pub(super) fn px(&self, unit: Unit) -> Option<f32> {
        let (width, height) = (self.viewport.width.0, self.viewport.height.0);
        Some(match unit {
            Unit::Px => 1.0,
            Unit::Em => self.font_size,
            Unit::Rem => self.root_font_size,
            Unit::Ex => self.font_size * self.ratios.ex,
            Unit::Ch => self.font_size * self.ratios.ch,
            Unit::Ic => self.font_size,
            Unit::Cap => self.font_size * self.ratios.cap,
            Unit::Lh => self.line_height,
            Unit::Rlh => self.root_line_height,
            Unit::Vw => width / 100.0,
            Unit::Vh => height / 100.0,
            Unit::Vmin => width.min(height) / 100.0,
            Unit::Vmax => width.max(height) / 100.0,
            Unit::Number | Unit::Percent | Unit::Radian => return None,
        })
    }
}

/// Units after absolute lengths became px and angles radians.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Number,
    Percent,
    Radian,
    Px,
    Em,
    Rem,
    Ex,
    Ch,
    Ic,
    Cap,
    Lh,
    Rlh,
    Vw,
    Vh,
    Vmin,
    Vmax,
}

/// What a calculation results in (CSS Values 4 §10.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Length,
    Percent,
    LengthPercentage,
    Angle,
}

impl Unit {
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Number => Kind::Number,
            Self::Percent => Kind::Percent,
            Self::Radian => Kind::Angle,
            _ => Kind::Length,
        }
    }

    /// A dimension token's value and unit; none when the unit is unknown.
    pub(super) fn of(value: f32, unit: &str) -> Option<(f32, Self)> {
        Some(match_ignore_ascii_case! { unit,
            "px" => (value, Self::Px),
            "cm" => (value * (96.0 / 2.54), Self::Px),
            "mm" => (value * (96.0 / 25.4), Self::Px),
            "q" => (value * (96.0 / 101.6), Self::Px),
            "in" => (value * 96.0, Self::Px),
            "pt" => (value * (96.0 / 72.0), Self::Px),
            "pc" => (value * 16.0, Self::Px),
            "em" => (value, Self::Em),
            "rem" => (value, Self::Rem),
            "ex" => (value, Self::Ex),
            "ch" => (value, Self::Ch),
            "ic" => (value, Self::Ic),
            "cap" => (value, Self::Cap),
            "lh" => (value, Self::Lh),
            "rlh" => (value, Self::Rlh),
            "vw" | "vi" | "svw" | "lvw" | "dvw" => (value, Self::Vw),
            "vh" | "vb" | "svh" | "lvh" | "dvh" => (value, Self::Vh),
            "vmin" => (value, Self::Vmin),
            "vmax" => (value, Self::Vmax),
            "deg" => (value * (PI / 180.0), Self::Radian),
            "grad" => (value * (PI / 200.0), Self::Radian),
            "rad" => (value, Self::Radian),
            "turn" => (value * (PI * 2.0), Self::Radian),
            _ => return None,
        })
    }
}

/// Any number, length, percentage or angle, as written.
#[derive(Clone, Debug, PartialEq)]
enum Numeric {
    Plain(f32, Unit),
    Calc(Arc<Calc>, Kind),
}

impl Numeric {
    fn kind(&self) -> Kind {
        match self {
            Self::Plain(_, unit) => unit.kind(),
            Self::Calc(_, kind) => *kind,
        }
    }

    /// The next numeric value, whatever its kind.
    fn parse(input: &mut Parser<'_>) -> Parse<Self> {
        match input.next()?.clone() {
            Token::Number { value, .. } => Ok(Self::Plain(value, Unit::Number)),
            Token::Percentage { unit_value, .. } => Ok(Self::Plain(unit_value, Unit::Percent)),
            Token::Dimension { value, unit, .. } => {
                let (value, unit) = Unit::of(value, &unit).ok_or_else(invalid)?;
                Ok(Self::Plain(value, unit))
            }
            Token::Function(name) => {
                let calc = Calc::function(&name, input)?;
                let kind = calc.kind().ok_or_else(invalid)?;
                Ok(Self::Calc(Arc::new(calc), kind))
            }
            _ => Err(invalid()),
        }
    }

    /// The value without relative units, for numbers and angles.
    fn absolute(&self) -> Option<f32> {
        let value = match self {
            Self::Plain(value, _) => *value,
            Self::Calc(calc, _) => calc.eval(&REFERENCE)?.scalar()?,
        };
        Some(finite(value, f32::MAX))
    }
}

/// Bases that stand for any, to see whether a calculation can be reduced at all.
const REFERENCE: Units = Units {
    font_size: 16.0,
    ratios: FontRatios {
        ex: 0.5,
        ch: 0.5,
        cap: 0.7,
    },
    root_font_size: 16.0,
    line_height: 19.2,
    root_line_height: 19.2,
    viewport: Size::new(Px(640.0), Px(960.0)),
};

/// `value` within `±limit`; NaN is zero (CSS Values 4 §10.9.1).
pub(crate) fn finite(value: f32, limit: f32) -> f32 {
    if value.is_nan() {
        0.0
    } else {
        value.clamp(-limit, limit)
    }
}

/// A `<length-percentage>` or `<length>` as specified.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Length {
    numeric: Numeric,
    positive: bool,
}

impl Length {
    /// So many px.
    pub(crate) const fn px(value: f32) -> Self {
        Self {
            numeric: Numeric::Plain(value, Unit::Px),
            positive: false,
        }
    }

    /// A percentage, `0.5` for 50 %.
    pub(crate) const fn percent(value: f32) -> Self {
        Self {
            numeric: Numeric::Plain(value, Unit::Percent),
            positive: false,
        }
    }

    /// `100% - self`, for positions counted from the far side.
    pub(crate) fn distance_from_far_side(&self) -> Self {
        let inner = match &self.numeric {
            Numeric::Plain(value, unit) => Calc::Leaf(*value, *unit),
            Numeric::Calc(calc, _) => (**calc).clone(),
        };
        let minus = Calc::Product(vec![Calc::Leaf(-1.0, Unit::Number), inner]);
        let calc = Calc::Sum(vec![Calc::Leaf(1.0, Unit::Percent), minus]);
        Self {
            numeric: Numeric::Calc(Arc::new(calc), Kind::LengthPercentage),
            positive: false,
        }
    }

    fn parse(input: &mut Parser<'_>, percentages: bool, positive: bool) -> Parse<Self> {
        let mut numeric = Numeric::parse(input)?;
        if let Numeric::Plain(value, unit @ Unit::Number) = &mut numeric {
            if *value != 0.0 {
                return Err(invalid());
            }
            *unit = Unit::Px;
        }
        let allowed = match numeric.kind() {
            Kind::Length => true,
            Kind::Percent | Kind::LengthPercentage => percentages,
            Kind::Number | Kind::Angle => false,
        };
        if !allowed {
            return Err(invalid());
        }
        match &numeric {
            Numeric::Plain(value, _) if positive && *value < 0.0 => return Err(invalid()),
            Numeric::Calc(calc, _) if calc.eval(&REFERENCE).is_none() => {
                return Err(unsupported(
                    "a calculation that is not a bounded sum of length and percentage",
                ));
            }
            _ => {}
        }
        Ok(Self { numeric, positive })
    }

    /// The computed value in `units`.
    pub(crate) fn resolve(&self, units: &Units) -> LengthPercentage {
        let value = match &self.numeric {
            Numeric::Plain(value, Unit::Percent) => {
                LengthPercentage::percent(finite(*value, LARGEST_LENGTH))
            }
            Numeric::Plain(value, unit) => {
                let px = value * units.px(*unit).unwrap_or(0.0);
                LengthPercentage::length(Px(finite(px, LARGEST_LENGTH)))
            }
            Numeric::Calc(calc, _) => calc
                .eval(units)
                .map_or(LengthPercentage::ZERO, Evaluated::length)
                .clipped(LARGEST_LENGTH),
        };
        match value.to_length() {
            Some(px) if self.positive && px.0 < 0.0 => LengthPercentage::ZERO,
            None if self.positive => value.at_least(LengthPercentage::ZERO).unwrap_or(value),
            _ => value,
        }
    }
}

impl Compute for Length {
    type To = LengthPercentage;
    fn compute(&self, cx: &Computing<'_>) -> LengthPercentage {
        self.resolve(&cx.units)
    }
}

/// A `<length>`, computed to px.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Distance(pub(crate) Length);

impl Compute for Distance {
    type To = Px;
    fn compute(&self, cx: &Computing<'_>) -> Px {
        self.0.resolve(&cx.units).to_length().unwrap_or(Px::ZERO)
    }
}

/// A `<length-percentage>`.
pub(crate) fn length_percentage(input: &mut Parser<'_>) -> Parse<Length> {
    Length::parse(input, true, false)
}

/// A `<length-percentage [0,∞]>`.
pub(crate) fn positive_length_percentage(input: &mut Parser<'_>) -> Parse<Length> {
    Length::parse(input, true, true)
}

/// A `<length>`.
pub(crate) fn distance(input: &mut Parser<'_>) -> Parse<Distance> {
    Length::parse(input, false, false).map(Distance)
}

/// A `<length [0,∞]>`.
pub(crate) fn positive_distance(input: &mut Parser<'_>) -> Parse<Distance> {
    Length::parse(input, false, true).map(Distance)
}

/// A `<number>`.
pub(crate) fn number(input: &mut Parser<'_>) -> Parse<f32> {
    of_kind(input, Kind::Number)
}

/// A `<number [0,∞]>`.
pub(crate) fn positive_number(input: &mut Parser<'_>) -> Parse<f32> {
    number(input).and_then(|value| {
        if value < 0.0 {
            Err(invalid())
        } else {
            Ok(value)
        }
    })
}

/// A `<percentage>` as a fraction.
pub(crate) fn percentage(input: &mut Parser<'_>) -> Parse<f32> {
    let numeric = Numeric::parse(input)?;
    match &numeric {
        Numeric::Plain(value, Unit::Percent) => Ok(finite(*value, LARGEST_LENGTH)),
        Numeric::Calc(calc, Kind::Percent) => Ok(calc
            .eval(&REFERENCE)
            .ok_or_else(invalid)?
            .length()
            .clipped(LARGEST_LENGTH)
            .fraction()),
        _ => Err(invalid()),
    }
}

/// A `<number>` or a `<percentage>` of one.
pub(crate) fn number_or_percentage(input: &mut Parser<'_>) -> Parse<f32> {
    input.try_parse(number).or_else(|_| percentage(input))
}

/// An `<angle>` in radians; unitless zero too, which gradients and transforms allow.
pub(crate) fn angle(input: &mut Parser<'_>) -> Parse<f32> {
    if let Ok(zero) = input.try_parse(number) {
        return if zero == 0.0 { Ok(0.0) } else { Err(invalid()) };
    }
    of_kind(input, Kind::Angle)
}

/// An `<integer>`; calculations round to the nearest (CSS Values 4 §10.11).
pub(crate) fn integer(input: &mut Parser<'_>) -> Parse<i32> {
    if let Ok(value) = input.try_parse(Parser::expect_integer) {
        return Ok(value);
    }
    match input.next()?.clone() {
        Token::Function(name) => {
            let calc = Calc::function(&name, input)?;
            if calc.kind() != Some(Kind::Number) {
                return Err(invalid());
            }
            let value = calc
                .eval(&REFERENCE)
                .and_then(Evaluated::scalar)
                .ok_or_else(invalid)?;
            // The cast saturates, which is the clipping CSS asks for.
            Ok((value + 0.5).floor() as i32)
        }
        _ => Err(invalid()),
    }
}

fn of_kind(input: &mut Parser<'_>, kind: Kind) -> Parse<f32> {
    let numeric = Numeric::parse(input)?;
    if numeric.kind() != kind {
        return Err(invalid());
    }
    numeric.absolute().ok_or_else(invalid)
}

/// `auto` or a length-percentage.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AutoOr(pub(crate) Option<Length>);

impl Compute for AutoOr {
    type To = AutoLength;
    fn compute(&self, cx: &Computing<'_>) -> AutoLength {
        match &self.0 {
            None => AutoLength::Auto,
            Some(length) => AutoLength::Length(length.compute(cx)),
        }
    }
}

/// A margin or inset.
pub(crate) fn auto_length(input: &mut Parser<'_>) -> Parse<AutoOr> {
    super::named_or(input, "auto", length_percentage).map(AutoOr)
}

/// A `width`-like value as specified.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SizeValue {
    /// A keyword.
    Is(Sizing),
    /// A length or percentage.
    Length(Length),
    /// `fit-content()`.
    FitContent(Length),
}

impl Compute for SizeValue {
    type To = Sizing;
    fn compute(&self, cx: &Computing<'_>) -> Sizing {
        match self {
            Self::Is(sizing) => *sizing,
            Self::Length(length) => Sizing::Size(length.compute(cx)),
            Self::FitContent(length) => Sizing::FitContentUpTo(length.compute(cx)),
        }
    }
}

/// `width`, `height` and their minima; `none` for maxima is `auto` here.
pub(crate) fn size(input: &mut Parser<'_>) -> Parse<SizeValue> {
    let keywords = [
        ("auto", Sizing::Auto),
        ("none", Sizing::Auto),
        ("min-content", Sizing::MinContent),
        ("max-content", Sizing::MaxContent),
        ("fit-content", Sizing::FitContent),
        ("-webkit-min-content", Sizing::MinContent),
        ("-webkit-max-content", Sizing::MaxContent),
        ("-webkit-fit-content", Sizing::FitContent),
        ("-moz-fit-content", Sizing::FitContent),
        ("stretch", Sizing::Stretch),
        ("-webkit-fill-available", Sizing::Stretch),
        ("-moz-available", Sizing::Stretch),
    ];
    if let Ok(sizing) = input.try_parse(|input| super::keyword(input, &keywords)) {
        return Ok(SizeValue::Is(sizing));
    }
    let fits = |input: &mut Parser<'_>| {
        input.expect_function_matching("fit-content")?;
        input.parse_nested_block(positive_length_percentage)
    };
    if let Ok(length) = input.try_parse(fits) {
        return Ok(SizeValue::FitContent(length));
    }
    positive_length_percentage(input).map(SizeValue::Length)
}
