//! Linear gradients as axial shadings (ISO 32000-1 §8.7.4.5.3).

use crate::canvas::alpha_level;
use crate::page_space::{PageSpace, float};
use fanfold_geometry::{Color, Point};
use lopdf::{Dictionary, Object};

/// More stops than this are not drawn apart: hostile style sheets have thousands.
const MOST_STOPS: usize = 256;

/// A gradient line and its stops, ordered, from 0 to 1.
pub(crate) struct Gradient {
    line: [f32; 4],
    stops: Vec<(f32, Color)>,
}

impl Gradient {
    /// `None` when there are no stops.
    pub(crate) fn new(
        space: PageSpace,
        start: Point,
        end: Point,
        stops: &[(f32, Color)],
    ) -> Option<Self> {
        let (x0, y0) = space.point(start);
        let (x1, y1) = space.point(end);
        let mut ordered: Vec<(f32, Color)> = Vec::with_capacity(stops.len() + 2);
        let mut least = f32::MIN;
        for &(offset, color) in stops.iter().take(MOST_STOPS) {
            // Each stop is at least where the one before is (CSS Images 3 §3.5.3).
            least = if offset.is_nan() {
                least
            } else {
                offset.max(least)
            };
            ordered.push((least, color));
        }
        if ordered.is_empty() {
            return None;
        }
        let (line, stops) = normalize([x0, y0, x1, y1], &unmix_transparent(&ordered));
        Some(Self {
            line: line.map(float),
            stops,
        })
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
    pub(crate) fn colors(&self) -> Dictionary {
        self.shading(b"DeviceRGB", |color| vec![color.r, color.g, color.b])
    }

    /// The shading of its opacity, as gray.
    pub(crate) fn opacity(&self) -> Dictionary {
        self.shading(b"DeviceGray", |color| vec![color.a])
    }

    fn shading(&self, space: &[u8], components: impl Fn(Color) -> Vec<f32>) -> Dictionary {
        let mut shading = Dictionary::new();
        shading.set("ShadingType", 2);
        shading.set("ColorSpace", Object::Name(space.to_vec()));
        shading.set("Coords", self.line.map(Object::Real).to_vec());
        shading.set("Function", self.function(components));
        shading.set("Extend", vec![Object::Boolean(true), Object::Boolean(true)]);
        shading
    }

    /// Exponential functions from stop to stop, stitched together (§7.10.3, §7.10.4).
    fn function(&self, components: impl Fn(Color) -> Vec<f32>) -> Dictionary {
        let operands = |color: Color| -> Object {
            components(color)
                .iter()
                .map(|value| Object::Real(float(f64::from(value.clamp(0.0, 1.0)))))
                .collect::<Vec<_>>()
                .into()
        };
        let domain = || vec![Object::Integer(0), Object::Integer(1)];
        let segment = |from: Color, to: Color| {
            let mut function = Dictionary::new();
            function.set("FunctionType", 2);
            function.set("Domain", domain());
            function.set("C0", operands(from));
            function.set("C1", operands(to));
            function.set("N", 1);
            function
        };
        let mut stops = self.stops.clone();
        if stops.len() == 1 {
            stops.push(stops[0]);
        }
        if stops.len() == 2 {
            return segment(stops[0].1, stops[1].1);
        }
        let inner = &stops[1..stops.len() - 1];
        let mut function = Dictionary::new();
        function.set("FunctionType", 3);
        function.set("Domain", domain());
        function.set(
            "Functions",
            stops
                .windows(2)
                .map(|pair| segment(pair[0].1, pair[1].1).into())
                .collect::<Vec<Object>>(),
        );
        function.set(
            "Bounds",
            inner
                .iter()
                .map(|(offset, _)| Object::Real(*offset))
                .collect::<Vec<_>>(),
        );
        function.set(
            "Encode",
            (1..stops.len()).flat_map(|_| domain()).collect::<Vec<_>>(),
        );
        function
    }
}

/// CSS mixes premultiplied colours, so that a fully transparent stop has no colour of its own (CSS
/// Images 3 §3.5.3); PDF mixes straight ones. Such a stop takes the colour of its neighbour, or is
/// doubled where the neighbours differ.
fn unmix_transparent(stops: &[(f32, Color)]) -> Vec<(f32, Color)> {
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

/// Moves the gradient line's ends to the first and the last stop, so that offsets run from 0 to 1.
fn normalize([x0, y0, x1, y1]: [f64; 4], stops: &[(f32, Color)]) -> ([f64; 4], Vec<(f32, Color)>) {
    let first = f64::from(stops.first().map_or(0.0, |stop| stop.0)).clamp(-1e4, 1e4);
    let last = f64::from(stops.last().map_or(1.0, |stop| stop.0)).clamp(-1e4, 1e4);
    let extent = last - first;
    if extent <= 1e-6 {
        // All stops in one place: a hard edge there, the first colour before it, the last after it.
        let (a, b) = (stops[0].1, stops[stops.len() - 1].1);
        let at = |t: f64| (x0 + (x1 - x0) * t, y0 + (y1 - y0) * t);
        let ((ax, ay), (bx, by)) = (at(first), at(first + 1e-3));
        return ([ax, ay, bx, by], vec![(0.0, a), (1.0, b)]);
    }
    let at = |t: f64| (x0 + (x1 - x0) * t, y0 + (y1 - y0) * t);
    let ((ax, ay), (bx, by)) = (at(first), at(last));
    let scaled = stops
        .iter()
        .map(|&(offset, color)| {
            (
                float(((f64::from(offset) - first) / extent).clamp(0.0, 1.0)),
                color,
            )
        })
        .collect();
    ([ax, ay, bx, by], scaled)
}
