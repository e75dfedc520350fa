//! CSS pixels, y down, to PDF points, y up; and numbers short enough for a content stream.

use fanfold_geometry::{Point, Px, Rect, Transform};

/// Beyond this many points from the origin nothing can be on a page (the largest is 150,000 points).
const FAR: f64 = 1e6;

/// The mapping of a page of some height.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PageSpace {
    height: f64,
}

/// A rectangle in points by its lower left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Box4 {
    pub(crate) left: f64,
    pub(crate) bottom: f64,
    pub(crate) right: f64,
    pub(crate) top: f64,
}

impl PageSpace {
    pub(crate) fn new(height: Px) -> Self {
        Self {
            height: length(height),
        }
    }

    pub(crate) fn x(self, x: Px) -> f64 {
        length(x)
    }

    pub(crate) fn y(self, y: Px) -> f64 {
        self.height - length(y)
    }

    pub(crate) fn point(self, point: Point) -> (f64, f64) {
        (self.x(point.x), self.y(point.y))
    }

    /// Edges are rounded, not extents: neighbours in a table stay neighbours.
    pub(crate) fn rect(self, rect: Rect) -> Box4 {
        let (x0, x1) = (self.x(rect.x), self.x(rect.right()));
        let (y0, y1) = (self.y(rect.y), self.y(rect.bottom()));
        Box4 {
            left: round(x0.min(x1)),
            bottom: round(y0.min(y1)),
            right: round(x0.max(x1)),
            top: round(y0.max(y1)),
        }
    }

    /// The transform as it acts on points of this space: flip, transform, flip back.
    pub(crate) fn transform(self, transform: Transform) -> [f64; 6] {
        let [a, b, c, d, e, f] = [
            transform.a,
            transform.b,
            transform.c,
            transform.d,
            transform.e,
            transform.f,
        ]
        .map(|value| finite(f64::from(value)));
        let height = self.height;
        [
            a,
            -b,
            -c,
            d,
            c * height + e * 0.75,
            height - d * height - f * 0.75,
        ]
    }
}

/// Points of a length in pixels.
pub(crate) fn length(px: Px) -> f64 {
    finite(f64::from(px.0) * 0.75)
}

pub(crate) fn finite(value: f64) -> f64 {
    if value.is_nan() {
        0.0
    } else {
        value.clamp(-FAR, FAR)
    }
}

/// Three decimals: a thousandth of a point is a third of a micrometre.
pub(crate) fn round(value: f64) -> f64 {
    // By way of an integer, which has no −0, that would be written with its sign.
    nearest(value * 1000.0) as f64 / 1000.0
}

/// The nearest integer, halves away from zero. `f64::round` is a call on processors of before SSE 4.1, which
/// Rust builds for.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "what is on a page is within a million points; more saturates"
)]
pub(crate) fn nearest(value: f64) -> i64 {
    (value + 0.5_f64.copysign(value)) as i64
}

/// A rounded number as an f32, which printpdf's operations hold.
#[expect(
    clippy::cast_possible_truncation,
    reason = "clamped to a million, rounded to thousandths"
)]
pub(crate) fn float(value: f64) -> f32 {
    round(finite(value)) as f32
}

/// A number of a matrix: scales of large drawings are small, so they keep more digits than lengths.
#[expect(
    clippy::cast_possible_truncation,
    reason = "clamped, and f32 is what PDF readers use"
)]
pub(crate) fn precise(value: f64) -> f32 {
    (nearest(finite(value) * 1e6) as f64 / 1e6) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transforms_act_as_on_the_page() {
        let space = PageSpace::new(Px(400.0));
        let transform = Transform {
            a: 0.5,
            b: 0.25,
            c: -1.0,
            d: 2.0,
            e: 30.0,
            f: -7.0,
        };
        let point = Point::new(Px(17.0), Px(91.0));
        let (x, y) = space.point(point);
        let [a, b, c, d, e, f] = space.transform(transform);
        let (mapped_x, mapped_y) = (a * x + c * y + e, b * x + d * y + f);
        let (expected_x, expected_y) = space.point(transform.apply(point));
        assert!((mapped_x - expected_x).abs() < 1e-3 && (mapped_y - expected_y).abs() < 1e-3);
    }

    #[test]
    fn what_is_not_a_number_is_zero() {
        assert_eq!(length(Px(f32::NAN)), 0.0);
        assert!(length(Px::INFINITY).is_finite());
    }
}
