//! Gradients as shadings (ISO 32000-1 §8.7.4.5): axial, radial and, for conic ones, function-based.

use crate::canvas::alpha_level;
use crate::display::{Gradient, GradientLine, Spread};
use crate::page_space::{Box4, PageSpace, float, length};
use crate::resources::Shading;
use fanfold_geometry::Color;
use lopdf::{Dictionary, Object};
use std::fmt::Write;

/// More stops than this are not drawn apart: hostile style sheets repeat thousands.
const MOST_STOPS: usize = 2048;
/// A step between two colours in one place is drawn within this many points.
const STEP: f64 = 0.002;

/// A gradient in points, its stops in order and spread over all that it fills.
pub(crate) struct Ramp {
    line: Line,
    area: Box4,
    stops: Vec<(f64, Color)>,
}

/// Two neighbouring stops.
type Piece = ((f64, Color), (f64, Color));

/// The gradient line in points: offset 0 to offset 1.
#[derive(Clone, Copy)]
enum Line {
    Axial([f64; 4]),
    Radial([f64; 6]),
    /// Centre, and where offset 0 is in turns.
    Conic([f64; 3]),
}

impl Ramp {
    /// `None` when there are no stops.
    pub(crate) fn new(space: PageSpace, gradient: &Gradient) -> Option<Self> {
        let area = space.rect(gradient.area);
        let line = match gradient.line {
            GradientLine::Linear { start, end } => {
                let ((x0, y0), (x1, y1)) = (space.point(start), space.point(end));
                Line::Axial([x0, y0, x1, y1])
            }
            GradientLine::Radial { from, to } => {
                let ((x0, y0), (x1, y1)) = (space.point(from.0), space.point(to.0));
                let (r0, r1) = (length(from.1).max(0.0), length(to.1).max(0.0));
                Line::Radial([x0, y0, r0, x1, y1, r1])
            }
            GradientLine::Conic { center, from } => {
                let (x, y) = space.point(center);
                let turns = f64::from(from) / std::f64::consts::TAU;
                Line::Conic([x, y, if turns.is_finite() { turns } else { 0.0 }])
            }
        };
        let mut stops = spread(
            ordered(&gradient.stops),
            gradient.spread,
            line.reach(area),
            line.step(),
        )?;
        if !matches!(line, Line::Axial(_)) {
            // What pads is extended; what repeats is repeated down to no radius.
            let start = match gradient.spread {
                Spread::Pad => 0.0,
                _ => line.least(),
            };
            starting(&mut stops, start, line.step());
        }
        Some(Self { line, area, stops })
    }

    /// The opacity of all stops where it is one, in 255ths.
    pub(crate) fn uniform_alpha(&self) -> Option<u8> {
        let first = alpha_level(self.stops.first()?.1.a);
        self.stops
            .iter()
            .all(|(_, color)| alpha_level(color.a) == first)
            .then_some(first)
    }

    /// The shading of its colours.
    pub(crate) fn colors(&self) -> Shading {
        self.shading(b"DeviceRGB", |color| vec![color.r, color.g, color.b])
    }

    /// The shading of its opacity, as gray.
    pub(crate) fn opacity(&self) -> Shading {
        self.shading(b"DeviceGray", |color| vec![color.a])
    }

    fn shading(&self, space: &[u8], components: impl Fn(Color) -> Vec<f32>) -> Shading {
        let mut shading = Dictionary::new();
        shading.set("ColorSpace", Object::Name(space.to_vec()));
        let extend = || vec![Object::Boolean(true), Object::Boolean(true)];
        let first = self.stops.first().map_or(0.0, |stop| stop.0);
        let last = self.stops.last().map_or(1.0, |stop| stop.0);
        let between = |from: f64, to: f64, at: f64| float(from + (to - from) * at).into();
        match self.line {
            Line::Axial([x0, y0, x1, y1]) => {
                let ends = [first, last].map(|t| [between(x0, x1, t), between(y0, y1, t)]);
                shading.set("ShadingType", 2);
                shading.set("Coords", ends.concat());
                shading.set("Function", self.function(components));
                shading.set("Extend", extend());
            }
            Line::Radial([x0, y0, r0, x1, y1, r1]) => {
                let ends = [first, last].map(|t| {
                    [
                        between(x0, x1, t),
                        between(y0, y1, t),
                        float((r0 + (r1 - r0) * t).max(0.0)).into(),
                    ]
                });
                shading.set("ShadingType", 3);
                shading.set("Coords", ends.concat());
                shading.set("Function", self.function(components));
                shading.set("Extend", extend());
            }
            Line::Conic(_) => {
                let Box4 {
                    left,
                    bottom,
                    right,
                    top,
                } = self.area;
                let domain: Vec<Object> = [left, right, bottom, top]
                    .map(|side| float(side).into())
                    .to_vec();
                shading.set("ShadingType", 1);
                shading.set("Domain", domain.clone());
                let parts = components(Color::BLACK).len();
                let mut function = Dictionary::new();
                function.set("FunctionType", 4);
                function.set("Domain", domain);
                function.set(
                    "Range",
                    (0..parts)
                        .flat_map(|_| [Object::Integer(0), Object::Integer(1)])
                        .collect::<Vec<_>>(),
                );
                return Shading {
                    dictionary: shading,
                    function: Some((function, self.calculator(components).into_bytes())),
                };
            }
        }
        Shading {
            dictionary: shading,
            function: None,
        }
    }

    /// Exponential functions from stop to stop, stitched together (§7.10.3, §7.10.4).
    fn function(&self, components: impl Fn(Color) -> Vec<f32>) -> Dictionary {
        let domain = || vec![Object::Integer(0), Object::Integer(1)];
        let operands = |color: Color| -> Vec<Object> {
            let parts = components(color).into_iter();
            parts.map(|part| fraction(f64::from(part)).into()).collect()
        };
        let segment = |from: Color, to: Color| {
            let mut function = Dictionary::new();
            function.set("FunctionType", 2);
            function.set("Domain", domain());
            function.set("C0", operands(from));
            function.set("C1", operands(to));
            function.set("N", 1);
            function
        };
        let (first, last) = (self.stops[0], self.stops[self.stops.len() - 1]);
        let extent = (last.0 - first.0).max(1e-9);
        let pieces = self.pieces();
        match pieces.as_slice() {
            [] => segment(first.1, last.1),
            [(from, to)] => segment(from.1, to.1),
            _ => {
                let bounds = pieces[1..]
                    .iter()
                    .map(|(from, _)| fraction((from.0 - first.0) / extent).into());
                let mut function = Dictionary::new();
                function.set("FunctionType", 3);
                function.set("Domain", domain());
                function.set("Bounds", bounds.collect::<Vec<Object>>());
                function.set(
                    "Encode",
                    pieces.iter().flat_map(|_| domain()).collect::<Vec<_>>(),
                );
                let functions = pieces.iter().map(|(from, to)| segment(from.1, to.1).into());
                function.set("Functions", functions.collect::<Vec<Object>>());
                function
            }
        }
    }

    /// Neighbouring stops that are not in one place.
    fn pieces(&self) -> Vec<Piece> {
        self.stops
            .windows(2)
            .map(|pair| (pair[0], pair[1]))
            .filter(|(from, to)| to.0 - from.0 > 1e-9)
            .collect()
    }

    /// A calculator function (§7.10.5) from a point to the colour at its angle.
    fn calculator(&self, components: impl Fn(Color) -> Vec<f32>) -> String {
        let Line::Conic([x, y, from]) = self.line else {
            return String::new();
        };
        // Off the centre by nothing that can be seen: the angle there is undefined.
        let mut code = format!(
            "{{ {:.5} sub exch {:.5} sub exch atan 360 div {:.6} sub dup floor sub ",
            y + 1e-5,
            x + 1e-5,
            from
        );
        let mut pieces = self.pieces();
        let (first, last) = (self.stops[0], self.stops[self.stops.len() - 1]);
        if first.0 > 0.0 {
            pieces.insert(0, ((0.0, first.1), first));
        }
        if last.0 < 1.0 || pieces.is_empty() {
            pieces.push((last, (1.0, last.1)));
        }
        choose(&pieces, &components, &mut code);
        code.push('}');
        code
    }
}

/// Code that leaves the colour of the piece that the number on the stack is in.
fn choose(pieces: &[Piece], components: &impl Fn(Color) -> Vec<f32>, code: &mut String) {
    if pieces.len() > 1 {
        let (low, high) = pieces.split_at(pieces.len() / 2);
        // Writing to a string cannot fail.
        let _ = write!(code, "dup {:.6} lt {{ ", high[0].0.0);
        choose(low, components, code);
        code.push_str("} { ");
        choose(high, components, code);
        code.push_str("} ifelse ");
        return;
    }
    let Some(((start, from), (end, to))) = pieces.first() else {
        return;
    };
    let extent = (end - start).max(1e-9);
    let lines: Vec<String> = components(*from)
        .into_iter()
        .zip(components(*to))
        .map(|(from, to)| {
            let slope = f64::from(to - from) / extent;
            format!("{slope:.6} mul {:.6} add ", f64::from(from) - slope * start)
        })
        .collect();
    match lines.as_slice() {
        [gray] => code.push_str(gray),
        [red, green, blue] => {
            let _ = write!(code, "dup dup {red}3 1 roll {green}exch {blue}");
        }
        _ => {}
    }
}

impl Line {
    /// Offsets of what is within `area`.
    fn reach(self, area: Box4) -> (f64, f64) {
        let corners = [
            (area.left, area.bottom),
            (area.right, area.bottom),
            (area.left, area.top),
            (area.right, area.top),
        ];
        match self {
            Self::Axial([x0, y0, x1, y1]) => {
                let (dx, dy) = (x1 - x0, y1 - y0);
                let squared = (dx * dx + dy * dy).max(1e-12);
                corners
                    .map(|(x, y)| ((x - x0) * dx + (y - y0) * dy) / squared)
                    .into_iter()
                    .fold((f64::MAX, f64::MIN), |(low, high), t| {
                        (low.min(t), high.max(t))
                    })
            }
            Self::Radial([x0, y0, r0, x1, y1, r1]) => {
                let growth = (r1 - r0 - (x1 - x0).hypot(y1 - y0)).max(1e-3);
                let far = corners
                    .map(|(x, y)| ((x - x0).hypot(y - y0) - r0) / growth)
                    .into_iter()
                    .fold(0.0, f64::max);
                (self.least(), far)
            }
            Self::Conic(_) => (0.0, 1.0),
        }
    }

    /// The first offset that there is: where a growing circle has no radius yet.
    fn least(self) -> f64 {
        match self {
            Self::Radial([_, _, r0, _, _, r1]) if r1 > r0 => -r0 / (r1 - r0),
            _ => 0.0,
        }
    }

    /// The smallest extent that can be written.
    fn step(self) -> f64 {
        let length = match self {
            Self::Axial([x0, y0, x1, y1]) => (x1 - x0).hypot(y1 - y0),
            Self::Radial([_, _, r0, _, _, r1]) => (r1 - r0).abs(),
            Self::Conic(_) => return 1e-6,
        };
        STEP / length.max(1e-3)
    }
}

/// Each stop is at least where the one before is (CSS Images 3 §3.5.3).
fn ordered(stops: &[(f32, Color)]) -> Vec<(f64, Color)> {
    let mut least = -1e4_f64;
    let ordered: Vec<_> = stops
        .iter()
        .take(MOST_STOPS)
        .map(|&(offset, color)| {
            if !offset.is_nan() {
                least = f64::from(offset).clamp(least, 1e4);
            }
            (least, color)
        })
        .collect();
    unmix_transparent(&ordered)
}

/// The stops over all of `reach`, repeated where they are to be.
fn spread(
    stops: Vec<(f64, Color)>,
    spread: Spread,
    reach: (f64, f64),
    step: f64,
) -> Option<Vec<(f64, Color)>> {
    let (first, last) = (stops.first()?.0, stops.last()?.0);
    let period = last - first;
    let mut stops = if spread == Spread::Pad {
        stops
    } else if period <= step {
        vec![(first, average(&stops))]
    } else {
        let low = ((reach.0 - first) / period).floor();
        let high = ((reach.1 - first) / period).ceil();
        if (high - low) * (stops.len() as f64) < MOST_STOPS as f64 {
            repeated(&stops, spread == Spread::Reflect, low, high, period)
        } else {
            vec![(first, average(&stops))]
        }
    };
    // A step at either end needs a piece of the outer colour to be extended; a long one, as readers
    // draw from samples.
    let (head, tail) = (stops[0], stops[stops.len() - 1]);
    if stops.len() == 1 || stops[1].0 - head.0 <= step {
        stops.insert(0, (head.0 - 1.0, head.1));
    }
    let before = stops[stops.len() - 2];
    if tail.0 - before.0 <= step {
        stops.push((tail.0 + 1.0, tail.1));
    }
    Some(stops)
}

fn repeated(
    stops: &[(f64, Color)],
    reflects: bool,
    low: f64,
    high: f64,
    period: f64,
) -> Vec<(f64, Color)> {
    let (first, last) = (stops[0].0, stops[stops.len() - 1].0);
    let mut all = Vec::new();
    let mut turn = low;
    while turn < high.max(low + 1.0) {
        let shift = turn * period;
        if reflects && turn.rem_euclid(2.0) == 1.0 {
            let mirrored = stops.iter().rev();
            all.extend(mirrored.map(|&(at, color)| (first + last - at + shift, color)));
        } else {
            all.extend(stops.iter().map(|&(at, color)| (at + shift, color)));
        }
        turn += 1.0;
    }
    all
}

/// Cuts off what is before the first offset that there is.
fn starting(stops: &mut Vec<(f64, Color)>, start: f64, step: f64) {
    let Some(inside) = stops.iter().position(|stop| stop.0 >= start) else {
        let last = stops[stops.len() - 1].1;
        *stops = vec![(start, last), (start + step, last)];
        return;
    };
    let Some(before) = inside.checked_sub(1) else {
        return;
    };
    let (from, to) = (stops[before], stops[inside]);
    let share = ((start - from.0) / (to.0 - from.0).max(1e-9)).clamp(0.0, 1.0);
    let mix = |a: f32, b: f32| fraction(f64::from(a) + f64::from(b - a) * share);
    let color = Color {
        r: mix(from.1.r, to.1.r),
        g: mix(from.1.g, to.1.g),
        b: mix(from.1.b, to.1.b),
        a: mix(from.1.a, to.1.a),
        cmyk: None,
    };
    stops.splice(..inside, [(start, color)]);
}

/// What a gradient without extent looks like from afar, its stops evenly apart (CSS Images 3 §3.6).
fn average(stops: &[(f64, Color)]) -> Color {
    let extent = stops[stops.len() - 1].0 - stops[0].0;
    let even = 1.0 / (stops.len().max(2) - 1) as f64;
    let (mut sum, mut total) = ([0.0_f64; 4], 0.0);
    for pair in stops.windows(2) {
        let weight = if extent > 0.0 {
            pair[1].0 - pair[0].0
        } else {
            even
        };
        for color in [pair[0].1, pair[1].1] {
            let parts = [color.r, color.g, color.b, color.a].map(f64::from);
            for (sum, part) in sum.iter_mut().zip(parts) {
                *sum += part * weight / 2.0;
            }
        }
        total += weight;
    }
    if total <= 0.0 {
        return stops[0].1;
    }
    let [r, g, b, a] = sum.map(|part| fraction(part / total));
    Color {
        r,
        g,
        b,
        a,
        cmyk: None,
    }
}

/// CSS mixes premultiplied colours, so that a fully transparent stop has no colour of its own (CSS
/// Images 3 §3.5.3); PDF mixes straight ones. Such a stop takes the colour of its neighbour, or is
/// doubled where the neighbours differ.
fn unmix_transparent(stops: &[(f64, Color)]) -> Vec<(f64, Color)> {
    let mut unmixed = Vec::with_capacity(stops.len() + 2);
    for (index, &(offset, color)) in stops.iter().enumerate() {
        if color.a > 0.0 {
            unmixed.push((offset, color));
            continue;
        }
        let before = index.checked_sub(1).map(|index| stops[index].1);
        let after = stops.get(index + 1).map(|stop| stop.1);
        for neighbour in [before, after].into_iter().flatten() {
            unmixed.push((
                offset,
                Color {
                    a: 0.0,
                    ..neighbour
                },
            ));
        }
        if before.is_none() && after.is_none() {
            unmixed.push((offset, color));
        }
    }
    unmixed
}

/// A part of one with six decimals.
#[expect(clippy::cast_possible_truncation, reason = "clamped to 0..=1")]
fn fraction(value: f64) -> f32 {
    ((value.clamp(0.0, 1.0) * 1e6).round() / 1e6) as f32
}
