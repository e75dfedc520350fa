//! Lengths with their unit in the type.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

/// A length in CSS pixels (CSS Values 4 §6.2: 1 px = 1/96 in).
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Px(pub f32);

/// A length in PDF points (1 pt = 1/72 in).
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Pt(pub f32);

macro_rules! length {
    ($unit:ident) => {
        impl $unit {
            /// No length.
            pub const ZERO: Self = Self(0.0);
            /// Without bound: the size of a space that has no limit.
            pub const INFINITY: Self = Self(f32::INFINITY);

            /// The smaller of the two; a NaN loses.
            pub fn min(self, other: Self) -> Self {
                Self(self.0.min(other.0))
            }

            /// The larger of the two; a NaN loses.
            pub fn max(self, other: Self) -> Self {
                Self(self.0.max(other.0))
            }

            /// Within `low..=high`, and `low` where the bounds cross (as CSS lets the minimum win).
            pub fn clamp(self, low: Self, high: Self) -> Self {
                self.min(high).max(low)
            }

            /// Distance from zero.
            pub fn abs(self) -> Self {
                Self(self.0.abs())
            }

            /// Neither infinite nor NaN.
            pub fn is_finite(self) -> bool {
                self.0.is_finite()
            }
        }

        impl Add for $unit {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0 + other.0)
            }
        }
        impl Sub for $unit {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self(self.0 - other.0)
            }
        }
        impl Neg for $unit {
            type Output = Self;
            fn neg(self) -> Self {
                Self(-self.0)
            }
        }
        impl Mul<f32> for $unit {
            type Output = Self;
            fn mul(self, factor: f32) -> Self {
                Self(self.0 * factor)
            }
        }
        impl Div<f32> for $unit {
            type Output = Self;
            fn div(self, divisor: f32) -> Self {
                Self(self.0 / divisor)
            }
        }
        impl Div for $unit {
            type Output = f32;
            fn div(self, other: Self) -> f32 {
                self.0 / other.0
            }
        }
        impl AddAssign for $unit {
            fn add_assign(&mut self, other: Self) {
                self.0 += other.0;
            }
        }
        impl SubAssign for $unit {
            fn sub_assign(&mut self, other: Self) {
                self.0 -= other.0;
            }
        }
        impl Sum for $unit {
            fn sum<I: Iterator<Item = Self>>(lengths: I) -> Self {
                lengths.fold(Self::ZERO, Add::add)
            }
        }
    };
}

length!(Px);
length!(Pt);

impl From<Px> for Pt {
    fn from(px: Px) -> Self {
        Self(px.0 * 0.75)
    }
}

impl From<Pt> for Px {
    fn from(pt: Pt) -> Self {
        Self(pt.0 / 0.75)
    }
}
