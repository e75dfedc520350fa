//! Transforms in three dimensions.

use crate::Transform;

/// A projective transform in space (CSS Transforms 2 §12): rows of a matrix that columns `(x, y, z, 1)` stand after.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transform3d(pub [[f64; 4]; 4]);

impl Transform3d {
    /// Nothing moves.
    pub const IDENTITY: Self = Self([
        [1.0, 0.0, 0.0, 0.0],
        [0.0, 1.0, 0.0, 0.0],
        [0.0, 0.0, 1.0, 0.0],
        [0.0, 0.0, 0.0, 1.0],
    ]);

    /// A shift.
    pub const fn translate(x: f64, y: f64, z: f64) -> Self {
        let mut moved = Self::IDENTITY;
        moved.0[0][3] = x;
        moved.0[1][3] = y;
        moved.0[2][3] = z;
        moved
    }

    /// Stretched along the axes.
    pub const fn scale(x: f64, y: f64, z: f64) -> Self {
        let mut scaled = Self::IDENTITY;
        scaled.0[0][0] = x;
        scaled.0[1][1] = y;
        scaled.0[2][2] = z;
        scaled
    }

    /// A turn by `angle` radians about an axis; nothing where that has no direction (CSS Transforms 2 §13.1).
    pub fn rotate(axis: [f64; 3], angle: f64) -> Self {
        let length = axis.iter().map(|part| part * part).sum::<f64>().sqrt();
        if length == 0.0 || !length.is_finite() {
            return Self::IDENTITY;
        }
        let [x, y, z] = axis.map(|part| part / length);
        // A right angle in radians is none to the last digit, and what is seen from its edge is not seen.
        let whole = |part: f64| if part.abs() < 1e-6 { 0.0 } else { part };
        let (sin, cos) = angle.sin_cos();
        let (sin, cos) = (whole(sin), whole(cos));
        let rest = 1.0 - cos;
        Self([
            [
                cos + x * x * rest,
                x * y * rest - z * sin,
                x * z * rest + y * sin,
                0.0,
            ],
            [
                x * y * rest + z * sin,
                cos + y * y * rest,
                y * z * rest - x * sin,
                0.0,
            ],
            [
                x * z * rest - y * sin,
                y * z * rest + x * sin,
                cos + z * z * rest,
                0.0,
            ],
            [0.0, 0.0, 0.0, 1.0],
        ])
    }

    /// What is seen from `distance` in front of the page, where that is not scaled.
    pub const fn perspective(distance: f64) -> Self {
        let mut seen = Self::IDENTITY;
        seen.0[3][2] = -1.0 / distance;
        seen
    }

    /// First `inner`, then `self`.
    pub fn then_inner(self, inner: Self) -> Self {
        let mut product = [[0.0; 4]; 4];
        for (into, row) in product.iter_mut().zip(self.0) {
            for (part, by) in row.into_iter().zip(inner.0) {
                for (into, by) in into.iter_mut().zip(by) {
                    *into += part * by;
                }
            }
        }
        Self(product)
    }

    /// What it does to the page, seen on the page. Where that is no affine transform, for what is farther is smaller,
    /// it is the nearest one about the origin, with the same value and derivatives there.
    pub fn flattened(self) -> Transform {
        let [[xx, xy, _, x], [yx, yy, _, y], _, [wx, wy, _, w]] = self.0;
        if w <= 0.0 {
            // Behind who looks at it nothing is seen.
            return Transform {
                a: 0.0,
                d: 0.0,
                ..Transform::IDENTITY
            };
        }
        let (x, y) = (x / w, y / w);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "what f32 cannot hold becomes infinite"
        )]
        let [a, b, c, d, e, f] = [
            (xx - x * wx) / w,
            (yx - y * wx) / w,
            (xy - x * wy) / w,
            (yy - y * wy) / w,
            x,
            y,
        ]
        .map(|part| part as f32);
        Transform { a, b, c, d, e, f }
    }
}

impl From<Transform> for Transform3d {
    fn from(flat: Transform) -> Self {
        let [a, b, c, d, e, f] = [flat.a, flat.b, flat.c, flat.d, flat.e, flat.f].map(f64::from);
        Self([
            [a, c, 0.0, e],
            [b, d, 0.0, f],
            [0.0, 0.0, 1.0, 0.0],
            [0.0, 0.0, 0.0, 1.0],
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_perspective_is_affine_near_the_origin() {
        let turned = Transform3d::rotate([0.0, 1.0, 0.0], 0.5);
        let moved = Transform3d::translate(7.0, 3.0, 20.0);
        let whole = Transform3d::perspective(100.0)
            .then_inner(moved)
            .then_inner(turned);
        let flat = Transform3d::from(whole.flattened());
        for [x, y] in [[0.0, 0.0], [1e-3, 0.0], [0.0, 1e-3]] {
            let at = |of: Transform3d| {
                let [x, y, _, w] = of
                    .then_inner(Transform3d::translate(x, y, 0.0))
                    .0
                    .map(|row| row[3]);
                [x / w, y / w]
            };
            let ([x, y], [flat_x, flat_y]) = (at(whole), at(flat));
            assert!((x - flat_x).abs() < 1e-6 && (y - flat_y).abs() < 1e-6);
        }
    }
}
