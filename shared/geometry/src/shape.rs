//! Points, sizes, rectangles and affine transforms, in CSS pixels with y down.

use crate::Px;
use std::ops::Add;

/// A position.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// Rightwards.
    pub x: Px,
    /// Downwards.
    pub y: Px,
}

/// An extent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Size {
    /// Horizontal extent.
    pub width: Px,
    /// Vertical extent.
    pub height: Px,
}

/// A rectangle by its top left corner and extent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: Px,
    /// Top edge.
    pub y: Px,
    /// Horizontal extent.
    pub width: Px,
    /// Vertical extent.
    pub height: Px,
}

/// One value for each side of a box.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Edges<T> {
    /// Top side.
    pub top: T,
    /// Right side.
    pub right: T,
    /// Bottom side.
    pub bottom: T,
    /// Left side.
    pub left: T,
}

/// One value for each corner of a box.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Corners<T> {
    /// Top left corner.
    pub top_left: T,
    /// Top right corner.
    pub top_right: T,
    /// Bottom right corner.
    pub bottom_right: T,
    /// Bottom left corner.
    pub bottom_left: T,
}

impl<T> Corners<T> {
    /// Each corner changed by `change`.
    pub fn map<U>(self, change: impl Fn(T) -> U) -> Corners<U> {
        Corners {
            top_left: change(self.top_left),
            top_right: change(self.top_right),
            bottom_right: change(self.bottom_right),
            bottom_left: change(self.bottom_left),
        }
    }
}

/// An affine transform `(x, y) → (a·x + c·y + e, b·x + d·y + f)` (CSS Transforms 1 §12).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transform {
    /// Horizontal scale.
    pub a: f32,
    /// Vertical shear.
    pub b: f32,
    /// Horizontal shear.
    pub c: f32,
    /// Vertical scale.
    pub d: f32,
    /// Horizontal shift in px.
    pub e: f32,
    /// Vertical shift in px.
    pub f: f32,
}

impl Point {
    /// A position from its coordinates.
    pub const fn new(x: Px, y: Px) -> Self {
        Self { x, y }
    }
}

impl Add for Point {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            x: self.x + other.x,
            y: self.y + other.y,
        }
    }
}

impl Size {
    /// An extent from its lengths.
    pub const fn new(width: Px, height: Px) -> Self {
        Self { width, height }
    }
}

impl Rect {
    /// A rectangle from its corner and extent.
    pub const fn new(x: Px, y: Px, width: Px, height: Px) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// Right edge.
    pub fn right(self) -> Px {
        self.x + self.width
    }

    /// Bottom edge.
    pub fn bottom(self) -> Px {
        self.y + self.height
    }

    /// The same rectangle somewhere else.
    pub fn translate(self, by: Point) -> Self {
        Self {
            x: self.x + by.x,
            y: self.y + by.y,
            ..self
        }
    }

    /// The rectangle inside after taking `edges` off; extents never go below zero.
    pub fn inset(self, edges: Edges<Px>) -> Self {
        Self {
            x: self.x + edges.left,
            y: self.y + edges.top,
            width: (self.width - edges.left - edges.right).max(Px::ZERO),
            height: (self.height - edges.top - edges.bottom).max(Px::ZERO),
        }
    }
}

impl<T: Copy> Edges<T> {
    /// The same value on every side.
    pub const fn all(value: T) -> Self {
        Self {
            top: value,
            right: value,
            bottom: value,
            left: value,
        }
    }
}

impl<T: Copy + Add<Output = T>> Edges<T> {
    /// Left and right together.
    pub fn horizontal(self) -> T {
        self.left + self.right
    }

    /// Top and bottom together.
    pub fn vertical(self) -> T {
        self.top + self.bottom
    }
}

impl<T: Add<Output = T>> Add for Edges<T> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            top: self.top + other.top,
            right: self.right + other.right,
            bottom: self.bottom + other.bottom,
            left: self.left + other.left,
        }
    }
}

impl Transform {
    /// Nothing moves.
    pub const IDENTITY: Self = Self {
        a: 1.0,
        b: 0.0,
        c: 0.0,
        d: 1.0,
        e: 0.0,
        f: 0.0,
    };

    /// A shift.
    pub const fn translate(x: Px, y: Px) -> Self {
        Self {
            e: x.0,
            f: y.0,
            ..Self::IDENTITY
        }
    }

    /// First `inner`, then `self`.
    pub fn then_inner(self, inner: Self) -> Self {
        Self {
            a: self.a * inner.a + self.c * inner.b,
            b: self.b * inner.a + self.d * inner.b,
            c: self.a * inner.c + self.c * inner.d,
            d: self.b * inner.c + self.d * inner.d,
            e: self.a * inner.e + self.c * inner.f + self.e,
            f: self.b * inner.e + self.d * inner.f + self.f,
        }
    }

    /// What goes the other way; `None` where points fall together.
    pub fn inverse(self) -> Option<Self> {
        let [a, b, c, d, e, f] = [self.a, self.b, self.c, self.d, self.e, self.f].map(f64::from);
        let determinant = a * d - b * c;
        if !(determinant.abs() > 1e-12 && determinant.is_finite()) {
            return None;
        }
        let inverse = [
            d / determinant,
            -b / determinant,
            -c / determinant,
            a / determinant,
            (c * f - d * e) / determinant,
            (b * e - a * f) / determinant,
        ];
        #[expect(
            clippy::cast_possible_truncation,
            reason = "what f32 cannot hold is refused"
        )]
        let [a, b, c, d, e, f] = inverse.map(|part| part as f32);
        let inverse = Self { a, b, c, d, e, f };
        [a, b, c, d, e, f]
            .iter()
            .all(|part| part.is_finite())
            .then_some(inverse)
    }

    /// The smallest upright rectangle that covers `rect` once transformed.
    pub fn inverse_bounds(self, rect: Rect) -> Option<Rect> {
        let inverse = self.inverse()?;
        let corners = [
            Point::new(rect.x, rect.y),
            Point::new(rect.right(), rect.y),
            Point::new(rect.x, rect.bottom()),
            Point::new(rect.right(), rect.bottom()),
        ]
        .map(|corner| inverse.apply(corner));
        let first = (corners[0], corners[0]);
        let (low, high) = corners.iter().fold(first, |(low, high), corner| {
            (
                Point::new(low.x.min(corner.x), low.y.min(corner.y)),
                Point::new(high.x.max(corner.x), high.y.max(corner.y)),
            )
        });
        Some(Rect::new(low.x, low.y, high.x - low.x, high.y - low.y))
    }

    /// Where `point` goes.
    pub fn apply(self, point: Point) -> Point {
        let (x, y) = (point.x.0, point.y.0);
        Point::new(
            Px(self.a * x + self.c * y + self.e),
            Px(self.b * x + self.d * y + self.f),
        )
    }
}

impl Default for Transform {
    fn default() -> Self {
        Self::IDENTITY
    }
}
