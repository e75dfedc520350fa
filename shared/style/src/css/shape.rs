//! `clip-path` and its shapes (CSS Masking 1 §5.1, CSS Shapes 1 §3).

use super::background::{PositionValue, position};
use super::border::Radius;
use super::border_image::edges;
use super::numeric::{Length, length_percentage, positive_length_percentage};
use super::problem::{invalid, unsupported};
use super::{Compute, Computing, Parse, keyword};
use crate::computed::{BasicShape, ClipPath, PathStep, ShapeArea, ShapeRadius};
use cssparser::{ParseError, Parser, Token, match_ignore_ascii_case};
use fanfold_geometry::{Corners, Edges, Point, Px};
use std::sync::Arc;
use svgtypes::{SimplePathSegment, SimplifyingPathParser};

/// Corners of a polygon, and steps of a path.
const MOST_POINTS: usize = 10_000;

/// `clip-path` as specified.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ClipPathValue {
    shape: Option<Box<ShapeValue>>,
    area: ShapeArea,
}

#[derive(Clone, Debug, PartialEq)]
enum ShapeValue {
    Inset(Edges<Length>, Corners<Radius>),
    Circle(RadiusValue, PositionValue),
    Ellipse((RadiusValue, RadiusValue), PositionValue),
    Polygon(bool, Vec<PositionValue>),
    Path(bool, Arc<[PathStep]>),
}

#[derive(Clone, Debug, PartialEq)]
enum RadiusValue {
    Length(Length),
    ClosestSide,
    FarthestSide,
}

impl Compute for RadiusValue {
    type To = ShapeRadius;
    fn compute(&self, cx: &Computing<'_>) -> ShapeRadius {
        match self {
            Self::Length(length) => ShapeRadius::Length(length.compute(cx)),
            Self::ClosestSide => ShapeRadius::ClosestSide,
            Self::FarthestSide => ShapeRadius::FarthestSide,
        }
    }
}

impl Compute for ClipPathValue {
    type To = Arc<ClipPath>;
    fn compute(&self, cx: &Computing<'_>) -> Arc<ClipPath> {
        Arc::new(ClipPath {
            shape: self.shape.as_ref().map(|shape| shape.compute(cx)),
            area: self.area,
        })
    }
}

impl Compute for ShapeValue {
    type To = BasicShape;
    fn compute(&self, cx: &Computing<'_>) -> BasicShape {
        match self {
            Self::Inset(sides, radii) => BasicShape::Inset {
                sides: Edges {
                    top: sides.top.compute(cx),
                    right: sides.right.compute(cx),
                    bottom: sides.bottom.compute(cx),
                    left: sides.left.compute(cx),
                },
                radii: Corners {
                    top_left: radii.top_left.compute(cx),
                    top_right: radii.top_right.compute(cx),
                    bottom_right: radii.bottom_right.compute(cx),
                    bottom_left: radii.bottom_left.compute(cx),
                },
            },
            Self::Circle(radius, center) => BasicShape::Circle {
                radius: radius.compute(cx),
                center: center.compute(cx),
            },
            Self::Ellipse((x, y), center) => BasicShape::Ellipse {
                radii: (x.compute(cx), y.compute(cx)),
                center: center.compute(cx),
            },
            Self::Polygon(even_odd, points) => BasicShape::Polygon {
                even_odd: *even_odd,
                points: points.compute(cx),
            },
            Self::Path(even_odd, steps) => BasicShape::Path {
                even_odd: *even_odd,
                steps: steps.to_vec(),
            },
        }
    }
}

/// `clip-path`, but for `none`: a shape and its reference box in either order, or one of them.
pub(crate) fn clip_path(input: &mut Parser<'_>) -> Parse<ClipPathValue> {
    if input.try_parse(Parser::expect_url).is_ok() {
        return Err(unsupported("a clip path of url()"));
    }
    let before = input.try_parse(area).ok();
    let start = input.state();
    let shape = match input.next() {
        Ok(Token::Function(name)) => {
            let name = name.to_ascii_lowercase();
            let shape = input.parse_nested_block(|input| shape(&name, input))?;
            Some(Box::new(shape))
        }
        _ => {
            input.reset(&start);
            None
        }
    };
    let area = match before {
        None if shape.is_some() => input.try_parse(area).unwrap_or_default(),
        Some(area) => area,
        // What is wrong with it is said where it is.
        None => area(input)?,
    };
    Ok(ClipPathValue { shape, area })
}

fn area(input: &mut Parser<'_>) -> Parse<ShapeArea> {
    let areas = [
        ("border-box", Some(ShapeArea::Border)),
        ("stroke-box", Some(ShapeArea::Border)),
        ("view-box", Some(ShapeArea::Border)),
        ("padding-box", Some(ShapeArea::Padding)),
        ("content-box", Some(ShapeArea::Content)),
        ("fill-box", Some(ShapeArea::Content)),
        ("margin-box", None),
    ];
    keyword(input, &areas)?.ok_or_else(|| unsupported("a clip path of the margin box"))
}

fn shape(name: &str, input: &mut Parser<'_>) -> Parse<ShapeValue> {
    match_ignore_ascii_case! { name,
        "inset" => inset(input),
        "circle" => {
            let radius = input.try_parse(radius).unwrap_or(RadiusValue::ClosestSide);
            Ok(ShapeValue::Circle(radius, center(input)?))
        },
        "ellipse" => {
            let both = |input: &mut Parser<'_>| -> Parse<_> { Ok((radius(input)?, radius(input)?)) };
            let radii = input.try_parse(both);
            let radii = radii.unwrap_or((RadiusValue::ClosestSide, RadiusValue::ClosestSide));
            Ok(ShapeValue::Ellipse(radii, center(input)?))
        },
        "polygon" => {
            let even_odd = fill_rule(input)?;
            let points = input.parse_comma_separated(|input| {
                let x = length_percentage(input)?;
                Ok(PositionValue(x, length_percentage(input)?))
            })?;
            bounded(points.len())?;
            Ok(ShapeValue::Polygon(even_odd, points))
        },
        "path" => {
            let even_odd = fill_rule(input)?;
            let text = input.expect_string()?.clone();
            Ok(ShapeValue::Path(even_odd, steps(&text)?))
        },
        "rect" | "xywh" | "shape" => {
            while input.next().is_ok() {}
            Err(unsupported(format!("the shape {name}()")))
        },
        _ => Err(invalid()),
    }
}

fn inset(input: &mut Parser<'_>) -> Parse<ShapeValue> {
    let sides = edges(input, length_percentage)?;
    let round = input.try_parse(|input| input.expect_ident_matching("round"));
    let across = match round {
        Ok(()) => edges(input, positive_length_percentage)?,
        Err(_) => edges(input, |_| Ok(Length::percent(0.0)))?,
    };
    let down = match input.try_parse(|input| input.expect_delim('/')) {
        Ok(()) if round.is_ok() => edges(input, positive_length_percentage)?,
        Ok(()) => return Err(invalid()),
        Err(_) => across.clone(),
    };
    // Corners are given from the top left one on, as sides are from the top.
    let radii = Corners {
        top_left: Radius(across.top, down.top),
        top_right: Radius(across.right, down.right),
        bottom_right: Radius(across.bottom, down.bottom),
        bottom_left: Radius(across.left, down.left),
    };
    Ok(ShapeValue::Inset(sides, radii))
}

fn radius(input: &mut Parser<'_>) -> Parse<RadiusValue> {
    let sides = [
        ("closest-side", RadiusValue::ClosestSide),
        ("farthest-side", RadiusValue::FarthestSide),
    ];
    input
        .try_parse(|input| keyword(input, &sides))
        .or_else(|_| positive_length_percentage(input).map(RadiusValue::Length))
}

/// `at` and a position; the middle without.
fn center(input: &mut Parser<'_>) -> Parse<PositionValue> {
    match input.try_parse(|input| input.expect_ident_matching("at")) {
        Ok(()) => position(input),
        Err(_) => Ok(PositionValue(Length::percent(0.5), Length::percent(0.5))),
    }
}

/// A fill rule and a comma, if there is one: whether it is `evenodd`.
fn fill_rule(input: &mut Parser<'_>) -> Parse<bool> {
    let rules = [("nonzero", false), ("evenodd", true)];
    let Ok(even_odd) = input.try_parse(|input| keyword(input, &rules)) else {
        return Ok(false);
    };
    input.expect_comma()?;
    Ok(even_odd)
}

/// The steps of an SVG path, which is invalid as a whole where a part of it is (CSS Shapes 1 §3.1).
fn steps(text: &str) -> Parse<Arc<[PathStep]>> {
    #[expect(clippy::cast_possible_truncation, reason = "lengths are f32")]
    let point = |x: f64, y: f64| Point::new(Px(x as f32), Px(y as f32));
    let mut steps = Vec::new();
    let mut last = (0.0, 0.0);
    for segment in SimplifyingPathParser::from(text) {
        bounded(steps.len())?;
        match segment.map_err(|_| invalid())? {
            SimplePathSegment::MoveTo { x, y } => {
                last = (x, y);
                steps.push(PathStep::Move(point(x, y)));
            }
            SimplePathSegment::LineTo { x, y } => {
                last = (x, y);
                steps.push(PathStep::Line(point(x, y)));
            }
            SimplePathSegment::CurveTo {
                x1,
                y1,
                x2,
                y2,
                x,
                y,
            } => {
                last = (x, y);
                steps.push(PathStep::Curve(point(x1, y1), point(x2, y2), point(x, y)));
            }
            SimplePathSegment::Quadratic { x1, y1, x, y } => {
                let toward = |from: f64, to: f64| from + (to - from) * (2.0 / 3.0);
                let first = point(toward(last.0, x1), toward(last.1, y1));
                let second = point(toward(x, x1), toward(y, y1));
                last = (x, y);
                steps.push(PathStep::Curve(first, second, point(x, y)));
            }
            // What follows it starts with a move.
            SimplePathSegment::ClosePath => steps.push(PathStep::Close),
        }
    }
    Ok(steps.into())
}

fn bounded(count: usize) -> Result<(), ParseError<super::Problem>> {
    match count <= MOST_POINTS {
        true => Ok(()),
        false => Err(unsupported("a shape of so many points")),
    }
}
