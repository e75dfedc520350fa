//! Gradients (CSS Images 4 §3).

use super::background::{PositionValue, position};
use super::color::{ColorValue, color};
use super::numeric::{
    Distance, Length, angle, length_percentage, percentage, positive_distance,
    positive_length_percentage,
};
use super::problem::{invalid, unsupported};
use super::{Compute, Computing, Parse, keyword};
use crate::computed::{ColorStop, Gradient, GradientLine, RadialExtent};
use cssparser::{Parser, match_ignore_ascii_case};
use std::f32::consts::{PI, TAU};

/// How many stops a gradient may have.
const MOST_STOPS: usize = 256;

/// A gradient as specified.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GradientValue {
    line: Line,
    repeating: bool,
    stops: Vec<Stop>,
}

#[derive(Clone, Debug, PartialEq)]
enum Line {
    Angle(f32),
    Corner { right: bool, bottom: bool },
    Radial(Extent, PositionValue),
    Conic(f32, PositionValue),
}

#[derive(Clone, Debug, PartialEq)]
enum Extent {
    Is(RadialExtent),
    Circle(Distance),
    Ellipse(Length, Length),
}

/// A stop; without a colour it is a hint.
#[derive(Clone, Debug, PartialEq)]
struct Stop {
    offset: Option<Length>,
    color: Option<ColorValue>,
}

impl Compute for GradientValue {
    type To = Gradient;
    fn compute(&self, cx: &Computing<'_>) -> Gradient {
        let line = match &self.line {
            Line::Angle(angle) => GradientLine::Angle(*angle),
            Line::Corner { right, bottom } => GradientLine::Corner {
                right: *right,
                bottom: *bottom,
            },
            Line::Radial(extent, center) => {
                let extent = match extent {
                    Extent::Is(extent) => *extent,
                    Extent::Circle(radius) => RadialExtent::Circle(radius.compute(cx)),
                    Extent::Ellipse(x, y) => RadialExtent::Ellipse(x.compute(cx), y.compute(cx)),
                };
                GradientLine::Radial(extent, center.compute(cx))
            }
            Line::Conic(from, center) => GradientLine::Conic(*from, center.compute(cx)),
        };
        Gradient {
            line,
            repeating: self.repeating,
            stops: self
                .stops
                .iter()
                .map(|stop| ColorStop {
                    offset: stop.offset.compute(cx),
                    color: stop.color.compute(cx),
                })
                .collect(),
        }
    }
}

/// Parses what is in a gradient function's parentheses.
type Arguments = fn(&mut Parser<'_>) -> Parse<(Line, Vec<Stop>)>;

/// The gradient function called `name`; none when it is no gradient's.
pub(crate) fn gradient(name: &str, input: &mut Parser<'_>) -> Option<Parse<GradientValue>> {
    let parse: Arguments = match_ignore_ascii_case! { name,
        "linear-gradient" | "repeating-linear-gradient" => |input| linear(input, false),
        "-webkit-linear-gradient" | "-webkit-repeating-linear-gradient" => |input| linear(input, true),
        "radial-gradient" | "repeating-radial-gradient" => radial,
        "conic-gradient" | "repeating-conic-gradient" => conic,
        _ => return None,
    };
    let repeating = name.to_ascii_lowercase().contains("repeating");
    let parsed = input.parse_nested_block(parse);
    Some(parsed.map(|(line, stops)| GradientValue {
        line,
        repeating,
        stops,
    }))
}

/// The prefixed syntax names the starting side instead.
fn linear(input: &mut Parser<'_>, prefixed: bool) -> Parse<(Line, Vec<Stop>)> {
    let line = input
        .try_parse(|input| -> Parse<Line> {
            let line = direction(input, prefixed)?;
            input.expect_comma()?;
            Ok(line)
        })
        .unwrap_or(Line::Angle(PI));
    Ok((line, stops(input, length_percentage)?))
}

/// An angle or `to <side-or-corner>`.
fn direction(input: &mut Parser<'_>, prefixed: bool) -> Parse<Line> {
    if let Ok(angle) = input.try_parse(angle) {
        // Prefixed gradients count anticlockwise from the right.
        return Ok(Line::Angle(if prefixed { PI / 2.0 - angle } else { angle }));
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
    Ok(match (x, y) {
        (0, 0) => return Err(invalid()),
        (0, -1) => Line::Angle(0.0),
        (1, 0) => Line::Angle(PI / 2.0),
        (0, 1) => Line::Angle(PI),
        (-1, 0) => Line::Angle(PI * 1.5),
        _ => Line::Corner {
            right: x > 0,
            bottom: y > 0,
        },
    })
}

fn radial(input: &mut Parser<'_>) -> Parse<(Line, Vec<Stop>)> {
    let line = input.try_parse(|input| -> Parse<Line> {
        let (extent, shaped) = ending_shape(input)?;
        let center = at(input)?;
        if !shaped && center.is_none() {
            return Err(invalid());
        }
        input.expect_comma()?;
        Ok(Line::Radial(extent, center.unwrap_or_else(centre)))
    });
    let farthest = Extent::Is(RadialExtent::FarthestCorner { circle: false });
    let line = line.unwrap_or_else(|_| Line::Radial(farthest, centre()));
    Ok((line, stops(input, length_percentage)?))
}

/// `[circle | ellipse] || <radial-size>`, and whether there was any.
fn ending_shape(input: &mut Parser<'_>) -> Parse<(Extent, bool)> {
    let shape = |input: &mut Parser<'_>| keyword(input, &[("circle", true), ("ellipse", false)]);
    let mut circle = input.try_parse(shape).ok();
    let size = |input: &mut Parser<'_>| -> Parse<Extent> {
        let keywords = [
            ("closest-side", 0),
            ("farthest-side", 1),
            ("closest-corner", 2),
            ("farthest-corner", 3),
        ];
        if let Ok(which) = input.try_parse(|input| keyword(input, &keywords)) {
            // Whether it is a circle is settled below.
            let circle = false;
            return Ok(Extent::Is(match which {
                0 => RadialExtent::ClosestSide { circle },
                1 => RadialExtent::FarthestSide { circle },
                2 => RadialExtent::ClosestCorner { circle },
                _ => RadialExtent::FarthestCorner { circle },
            }));
        }
        let two = input.try_parse(|input| -> Parse<Extent> {
            let x = positive_length_percentage(input)?;
            Ok(Extent::Ellipse(x, positive_length_percentage(input)?))
        });
        two.or_else(|_| positive_distance(input).map(Extent::Circle))
    };
    let extent = input.try_parse(size).ok();
    if circle.is_none() {
        circle = input.try_parse(shape).ok();
    }
    let shaped = circle.is_some() || extent.is_some();
    let round = circle.unwrap_or(false);
    let extent = match (extent, circle) {
        (None, _) => Extent::Is(RadialExtent::FarthestCorner { circle: round }),
        (Some(Extent::Circle(_)), Some(false)) | (Some(Extent::Ellipse(..)), Some(true)) => {
            return Err(invalid());
        }
        (Some(Extent::Is(extent)), _) => Extent::Is(match extent {
            RadialExtent::ClosestSide { .. } => RadialExtent::ClosestSide { circle: round },
            RadialExtent::FarthestSide { .. } => RadialExtent::FarthestSide { circle: round },
            RadialExtent::ClosestCorner { .. } => RadialExtent::ClosestCorner { circle: round },
            _ => RadialExtent::FarthestCorner { circle: round },
        }),
        (Some(extent), _) => extent,
    };
    Ok((extent, shaped))
}

/// `at <position>`, where it is there.
fn at(input: &mut Parser<'_>) -> Parse<Option<PositionValue>> {
    if input
        .try_parse(|input| input.expect_ident_matching("at"))
        .is_err()
    {
        return Ok(None);
    }
    position(input).map(Some)
}

fn centre() -> PositionValue {
    PositionValue(Length::percent(0.5), Length::percent(0.5))
}

fn conic(input: &mut Parser<'_>) -> Parse<(Line, Vec<Stop>)> {
    let line = input.try_parse(|input| -> Parse<Line> {
        let from = input.try_parse(|input| -> Parse<f32> {
            input.expect_ident_matching("from")?;
            angle(input)
        });
        let center = at(input)?;
        if from.is_err() && center.is_none() {
            return Err(invalid());
        }
        input.expect_comma()?;
        Ok(Line::Conic(
            from.unwrap_or(0.0),
            center.unwrap_or_else(centre),
        ))
    });
    let turn = |input: &mut Parser<'_>| -> Parse<Length> {
        if let Ok(angle) = input.try_parse(angle) {
            return Ok(Length::percent(angle / TAU));
        }
        percentage(input).map(Length::percent)
    };
    let line = line.unwrap_or_else(|_| Line::Conic(0.0, centre()));
    Ok((line, stops(input, turn)?))
}

/// `<color-stop-list>`; a single stop is one colour all over, as CSS Images 4 allows.
fn stops(
    input: &mut Parser<'_>,
    offset: impl Fn(&mut Parser<'_>) -> Parse<Length>,
) -> Parse<Vec<Stop>> {
    let mut stops: Vec<Stop> = Vec::new();
    loop {
        if stops.last().is_some_and(|stop| stop.color.is_some())
            && let Ok(hint) = input.try_parse(&offset)
        {
            stops.push(Stop {
                offset: Some(hint),
                color: None,
            });
            input.expect_comma()?;
        }
        let before = input.try_parse(&offset).ok();
        let color = color(input)?;
        let first = before.or_else(|| input.try_parse(&offset).ok());
        stops.push(Stop {
            offset: first,
            color: Some(color.clone()),
        });
        if let Ok(second) = input.try_parse(&offset) {
            stops.push(Stop {
                offset: Some(second),
                color: Some(color),
            });
        }
        if stops.len() > MOST_STOPS {
            return Err(unsupported(format!(
                "a gradient of more than {MOST_STOPS} stops"
            )));
        }
        if input.is_exhausted() {
            return Ok(stops);
        }
        input.expect_comma()?;
    }
}
