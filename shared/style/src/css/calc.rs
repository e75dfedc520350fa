//! `calc()` and its relatives (CSS Values 4 §10).

use super::math::MathFunction;
use super::numeric::{Kind, Unit, Units};
use super::problem::invalid;
use super::{Parse, delimiter, keyword, none_or};
use crate::values::LengthPercentage;
use cssparser::{Parser, Token, match_ignore_ascii_case};
use fanfold_geometry::Px;
use std::f32::consts::PI;

/// A calculation tree. Nesting is bounded by cssparser's limit on nested blocks.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Calc {
    Leaf(f32, Unit),
    Sum(Vec<Calc>),
    Product(Vec<Calc>),
    Invert(Box<Calc>),
    Min(Vec<Calc>),
    Max(Vec<Calc>),
    Abs(Box<Calc>),
    Sign(Box<Calc>),
    Round(Rounding, Box<(Calc, Calc)>),
    Remainder(bool, Box<(Calc, Calc)>),
    Function(MathFunction, Vec<Calc>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rounding {
    Nearest,
    Up,
    Down,
    ToZero,
}

/// A calculation's value: a bounded sum of px and percentage, or a plain number or angle.
#[derive(Clone, Copy, Debug)]
pub(super) enum Evaluated {
    Scalar(f32),
    Length(LengthPercentage),
}

impl Evaluated {
    pub(super) fn scalar(self) -> Option<f32> {
        match self {
            Self::Scalar(value) => Some(value),
            Self::Length(_) => None,
        }
    }

    pub(super) fn length(self) -> LengthPercentage {
        match self {
            Self::Scalar(_) => LengthPercentage::ZERO,
            Self::Length(length) => length,
        }
    }

    /// A value that can be compared now: a number, or a length without percentage.
    fn comparable(self) -> Option<f32> {
        match self {
            Self::Scalar(value) => Some(value),
            Self::Length(length) => length.to_length().map(|px| px.0),
        }
    }

    fn with(self, value: f32) -> Self {
        match self {
            Self::Scalar(_) => Self::Scalar(value),
            Self::Length(_) => Self::Length(LengthPercentage::length(Px(value))),
        }
    }
}

impl Calc {
    /// The arguments of the math function `name`.
    pub(super) fn function(name: &str, input: &mut Parser<'_>) -> Parse<Self> {
        let name = name.strip_prefix("-webkit-").unwrap_or(name);
        match_ignore_ascii_case! { name,
            "calc" => input.parse_nested_block(Self::sum),
            "min" => Ok(Self::Min(Self::list(input)?)),
            "max" => Ok(Self::Max(Self::list(input)?)),
            "clamp" => Self::clamp(input),
            "abs" => Ok(Self::Abs(Box::new(input.parse_nested_block(Self::sum)?))),
            "sign" => Ok(Self::Sign(Box::new(input.parse_nested_block(Self::sum)?))),
            "round" => Self::round(input),
            "mod" => Ok(Self::Remainder(true, Box::new(Self::pair(input)?))),
            "rem" => Ok(Self::Remainder(false, Box::new(Self::pair(input)?))),
            _ => {
                let function = MathFunction::named(name).ok_or_else(invalid)?;
                let arguments = Self::list(input)?;
                if function.takes(arguments.len()) {
                    Ok(Self::Function(function, arguments))
                } else {
                    Err(invalid())
                }
            },
        }
    }

    fn list(input: &mut Parser<'_>) -> Parse<Vec<Self>> {
        input.parse_nested_block(|input| input.parse_comma_separated(Self::sum))
    }

    fn pair(input: &mut Parser<'_>) -> Parse<(Self, Self)> {
        input.parse_nested_block(|input| {
            let left = Self::sum(input)?;
            input.expect_comma()?;
            Ok((left, Self::sum(input)?))
        })
    }

    /// `clamp(min, value, max)` is `max(min, min(value, max))` (CSS Values 4 §10.2).
    fn clamp(input: &mut Parser<'_>) -> Parse<Self> {
        input.parse_nested_block(|input| {
            let low = none_or(input, Self::sum)?;
            input.expect_comma()?;
            let value = Self::sum(input)?;
            input.expect_comma()?;
            let high = none_or(input, Self::sum)?;
            let below = match high {
                Some(high) => Self::Min(vec![value, high]),
                None => value,
            };
            Ok(match low {
                Some(low) => Self::Max(vec![low, below]),
                None => below,
            })
        })
    }

    fn round(input: &mut Parser<'_>) -> Parse<Self> {
        let strategies = [
            ("nearest", Rounding::Nearest),
            ("up", Rounding::Up),
            ("down", Rounding::Down),
            ("to-zero", Rounding::ToZero),
        ];
        input.parse_nested_block(|input| {
            let strategy = input.try_parse(|input| -> Parse<Rounding> {
                let strategy = keyword(input, &strategies)?;
                input.expect_comma()?;
                Ok(strategy)
            });
            let value = Self::sum(input)?;
            let step = match input.try_parse(Parser::expect_comma) {
                Ok(()) => Self::sum(input)?,
                Err(_) => Self::Leaf(1.0, Unit::Number),
            };
            Ok(Self::Round(
                strategy.unwrap_or(Rounding::Nearest),
                Box::new((value, step)),
            ))
        })
    }

    fn sum(input: &mut Parser<'_>) -> Parse<Self> {
        let mut terms = vec![Self::product(input)?];
        loop {
            let start = input.state();
            let Ok(Token::WhiteSpace(_)) = input.next_including_whitespace() else {
                input.reset(&start);
                break;
            };
            match input.next() {
                Ok(Token::Delim('+')) => {
                    input.expect_whitespace()?;
                    terms.push(Self::product(input)?);
                }
                Ok(Token::Delim('-')) => {
                    input.expect_whitespace()?;
                    let term = Self::product(input)?;
                    terms.push(Self::Product(vec![Self::Leaf(-1.0, Unit::Number), term]));
                }
                _ => {
                    input.reset(&start);
                    break;
                }
            }
        }
        Ok(if terms.len() == 1 {
            terms.remove(0)
        } else {
            Self::Sum(terms)
        })
    }

    fn product(input: &mut Parser<'_>) -> Parse<Self> {
        let mut factors = vec![Self::term(input)?];
        loop {
            if delimiter(input, '*') {
                factors.push(Self::term(input)?);
            } else if delimiter(input, '/') {
                factors.push(Self::Invert(Box::new(Self::term(input)?)));
            } else {
                break;
            }
        }
        Ok(if factors.len() == 1 {
            factors.remove(0)
        } else {
            Self::Product(factors)
        })
    }

    fn term(input: &mut Parser<'_>) -> Parse<Self> {
        match input.next()?.clone() {
            Token::Number { value, .. } => Ok(Self::Leaf(value, Unit::Number)),
            Token::Percentage { unit_value, .. } => Ok(Self::Leaf(unit_value, Unit::Percent)),
            Token::Dimension { value, unit, .. } => {
                let (value, unit) = Unit::of(value, &unit).ok_or_else(invalid)?;
                Ok(Self::Leaf(value, unit))
            }
            Token::ParenthesisBlock => input.parse_nested_block(Self::sum),
            Token::Function(name) => Self::function(&name, input),
            Token::Ident(name) => {
                let value = match_ignore_ascii_case! { &name,
                    "pi" => PI,
                    "e" => std::f32::consts::E,
                    "infinity" => f32::INFINITY,
                    "-infinity" => f32::NEG_INFINITY,
                    "nan" => f32::NAN,
                    _ => return Err(invalid()),
                };
                Ok(Self::Leaf(value, Unit::Number))
            }
            _ => Err(invalid()),
        }
    }

    pub(super) fn kind(&self) -> Option<Kind> {
        match self {
            Self::Leaf(_, unit) => Some(unit.kind()),
            Self::Sum(terms) | Self::Min(terms) | Self::Max(terms) => {
                let mut kinds = terms.iter().map(Self::kind);
                let first = kinds.next()??;
                kinds.try_fold(first, |left, right| add_kinds(left, right?))
            }
            Self::Product(factors) => {
                let mut kinds = factors.iter().map(Self::kind);
                let first = kinds.next()??;
                kinds.try_fold(first, |left, right| match (left, right?) {
                    (Kind::Number, other) | (other, Kind::Number) => Some(other),
                    _ => None,
                })
            }
            Self::Invert(inner) => inner.kind().filter(|kind| *kind == Kind::Number),
            Self::Abs(inner) => inner.kind(),
            Self::Sign(inner) => inner.kind().map(|_| Kind::Number),
            Self::Round(_, pair) | Self::Remainder(_, pair) => {
                let (left, right) = (pair.0.kind()?, pair.1.kind()?);
                (left == right).then_some(left)
            }
            Self::Function(function, arguments) => {
                let mut kinds = arguments.iter().map(Self::kind);
                let first = kinds.next()??;
                let alike = kinds.all(|kind| kind == Some(first));
                function.kind(first).filter(|_| alike)
            }
        }
    }

    /// The value, or none when it cannot be written as one bounded sum of px and percentage.
    pub(super) fn eval(&self, units: &Units) -> Option<Evaluated> {
        Some(match self {
            Self::Leaf(value, Unit::Number | Unit::Radian) => Evaluated::Scalar(*value),
            Self::Leaf(value, Unit::Percent) => {
                Evaluated::Length(LengthPercentage::percent(*value))
            }
            Self::Leaf(value, unit) => {
                Evaluated::Length(LengthPercentage::length(Px(value * units.px(*unit)?)))
            }
            Self::Sum(terms) => fold(terms, units, |left, right| match (left, right) {
                (Evaluated::Length(left), Evaluated::Length(right)) => {
                    left.plus(right).map(Evaluated::Length)
                }
                (left, right) => Some(Evaluated::Scalar(left.scalar()? + right.scalar()?)),
            })?,
            Self::Product(factors) => fold(factors, units, |left, right| match (left, right) {
                (Evaluated::Scalar(left), Evaluated::Scalar(right)) => {
                    Some(Evaluated::Scalar(left * right))
                }
                (Evaluated::Length(length), Evaluated::Scalar(factor))
                | (Evaluated::Scalar(factor), Evaluated::Length(length)) => {
                    Some(Evaluated::Length(length.times(factor)))
                }
                _ => None,
            })?,
            Self::Invert(inner) => Evaluated::Scalar(1.0 / inner.eval(units)?.scalar()?),
            Self::Min(terms) => fold(terms, units, |left, right| match (left, right) {
                (Evaluated::Length(left), Evaluated::Length(right)) => {
                    left.at_most(right).map(Evaluated::Length)
                }
                (left, right) => Some(Evaluated::Scalar(left.scalar()?.min(right.scalar()?))),
            })?,
            Self::Max(terms) => fold(terms, units, |left, right| match (left, right) {
                (Evaluated::Length(left), Evaluated::Length(right)) => {
                    left.at_least(right).map(Evaluated::Length)
                }
                (left, right) => Some(Evaluated::Scalar(left.scalar()?.max(right.scalar()?))),
            })?,
            Self::Abs(inner) => {
                let value = inner.eval(units)?;
                value.with(value.comparable()?.abs())
            }
            Self::Sign(inner) => {
                let value = inner.eval(units)?.comparable()?;
                Evaluated::Scalar(if value == 0.0 { 0.0 } else { value.signum() })
            }
            Self::Round(strategy, pair) => {
                let (value, step) = (pair.0.eval(units)?, pair.1.eval(units)?.comparable()?);
                let quotient = value.comparable()? / step;
                value.with(
                    step * match strategy {
                        Rounding::Nearest => (quotient + 0.5).floor(),
                        Rounding::Up => quotient.ceil(),
                        Rounding::Down => quotient.floor(),
                        Rounding::ToZero => quotient.trunc(),
                    },
                )
            }
            Self::Remainder(floored, pair) => {
                let (value, step) = (pair.0.eval(units)?, pair.1.eval(units)?.comparable()?);
                let number = value.comparable()?;
                let quotient = number / step;
                let whole = if *floored {
                    quotient.floor()
                } else {
                    quotient.trunc()
                };
                value.with(number - step * whole)
            }
            Self::Function(function, arguments) => {
                let values = arguments.iter().map(|argument| argument.eval(units));
                let values: Option<Vec<Evaluated>> = values.collect();
                let values = values?;
                let numbers = values.iter().map(|value| value.comparable());
                let number = function.of(&numbers.collect::<Option<Vec<f32>>>()?)?;
                match function {
                    MathFunction::Hypot => values.first()?.with(number),
                    _ => Evaluated::Scalar(number),
                }
            }
        })
    }
}

fn add_kinds(left: Kind, right: Kind) -> Option<Kind> {
    use Kind::{Length, LengthPercentage, Percent};
    match (left, right) {
        (left, right) if left == right => Some(left),
        (Length | Percent | LengthPercentage, Length | Percent | LengthPercentage) => {
            Some(LengthPercentage)
        }
        _ => None,
    }
}

fn fold(
    terms: &[Calc],
    units: &Units,
    join: impl Fn(Evaluated, Evaluated) -> Option<Evaluated>,
) -> Option<Evaluated> {
    let (first, rest) = terms.split_first()?;
    rest.iter().try_fold(first.eval(units)?, |total, term| {
        join(total, term.eval(units)?)
    })
}
