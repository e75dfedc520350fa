//! Computed value types that several properties share.

use fanfold_geometry::Px;

/// A `<length-percentage>`: `px + fraction · base`, within bounds of the same form where `min()`,
/// `max()` or `clamp()` asked for them (CSS Values 4 §5.6, §10).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LengthPercentage {
    value: Linear,
    low: Linear,
    high: Linear,
}

/// `px + fraction · base`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Linear {
    px: Px,
    fraction: f32,
}

impl Linear {
    const LOWEST: Self = Self {
        px: Px(f32::NEG_INFINITY),
        fraction: 0.0,
    };
    const HIGHEST: Self = Self {
        px: Px::INFINITY,
        fraction: 0.0,
    };

    #[inline]
    fn resolve(self, base: Px) -> Px {
        if self.fraction == 0.0 {
            self.px
        } else {
            self.px + base * self.fraction
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            px: self.px + other.px,
            fraction: self.fraction + other.fraction,
        }
    }

    fn times(self, factor: f32) -> Self {
        // An absent bound stays absent, where infinity times zero would be NaN.
        let px = if self.px.is_finite() {
            self.px * factor
        } else {
            Px(self.px.0 * factor.signum())
        };
        Self {
            px,
            fraction: self.fraction * factor,
        }
    }

    /// Whether it is not above `other` for any base that is a size.
    fn is_at_most(self, other: Self) -> bool {
        self.px <= other.px && self.fraction <= other.fraction
    }

    #[inline]
    fn is_bound(self) -> bool {
        self != Self::LOWEST && self != Self::HIGHEST
    }
}

impl Default for LengthPercentage {
    fn default() -> Self {
        Self::ZERO
    }
}

impl LengthPercentage {
    /// Zero.
    pub const ZERO: Self = Self::length(Px::ZERO);

    /// An absolute length.
    pub const fn length(px: Px) -> Self {
        Self::sum(px, 0.0)
    }

    /// A percentage, `0.5` for 50 %.
    pub const fn percent(fraction: f32) -> Self {
        Self::sum(Px::ZERO, fraction)
    }

    /// A sum of both.
    pub const fn sum(px: Px, fraction: f32) -> Self {
        Self {
            value: Linear { px, fraction },
            low: Linear::LOWEST,
            high: Linear::HIGHEST,
        }
    }

    /// The length when 100 % is `base`.
    #[inline]
    pub fn resolve(self, base: Px) -> Px {
        let value = self.value.resolve(base);
        // Nearly all: what has neither bound, by half the comparisons.
        if self.low.px == Linear::LOWEST.px && self.high.px == Linear::HIGHEST.px {
            return value;
        }
        value.clamp(self.low.resolve(base), self.high.resolve(base))
    }

    /// The length when it does not depend on a base.
    #[inline]
    pub fn to_length(self) -> Option<Px> {
        (!self.has_percentage()).then(|| self.resolve(Px::ZERO))
    }

    /// It as CSS says it.
    pub(crate) fn to_css(self) -> String {
        let linear = |linear: Linear| format!("{}px + {}%", linear.px.0, linear.fraction * 100.0);
        if let Some(px) = self.to_length() {
            return format!("{}px", px.0);
        }
        let value = format!("calc({})", linear(self.value));
        let bound = |bound: Linear| bound.is_bound().then(|| linear(bound));
        match (bound(self.low), bound(self.high)) {
            (None, None) => value,
            (Some(low), None) => format!("max({low}, {value})"),
            (None, Some(high)) => format!("min({value}, {high})"),
            (Some(low), Some(high)) => format!("clamp({low}, {value}, {high})"),
        }
    }

    /// The percentage part, `0.5` for 50 %.
    pub fn fraction(self) -> f32 {
        self.value.fraction
    }

    /// Whether it depends on a base.
    #[inline]
    pub fn has_percentage(self) -> bool {
        self.value.fraction != 0.0 || self.low.fraction != 0.0 || self.high.fraction != 0.0
    }

    #[inline]
    fn is_bounded(self) -> bool {
        self.low.is_bound() || self.high.is_bound()
    }

    /// The sum; none when both have bounds, which one pair of bounds cannot say.
    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        let (bounded, plain) = if other.is_bounded() {
            (other, self)
        } else {
            (self, other)
        };
        // An absent bound stays absent: infinity with a percentage would be one.
        let moved = |bound: Linear| match bound.is_bound() {
            true => bound.plus(plain.value),
            false => bound,
        };
        (!plain.is_bounded()).then(|| Self {
            value: bounded.value.plus(plain.value),
            low: moved(bounded.low),
            high: moved(bounded.high),
        })
    }

    /// The product; a negative factor swaps the bounds.
    pub(crate) fn times(self, factor: f32) -> Self {
        let (low, high) = (self.low.times(factor), self.high.times(factor));
        let (low, high) = if factor < 0.0 {
            (high, low)
        } else {
            (low, high)
        };
        Self {
            value: self.value.times(factor),
            low,
            high,
        }
    }

    /// `min(self, other)`; none when it takes more than one pair of bounds.
    pub(crate) fn at_most(self, other: Self) -> Option<Self> {
        if let (Some(left), Some(right)) = (self.to_length(), other.to_length()) {
            return Some(Self::length(left.min(right)));
        }
        let (bounded, plain) = if other.is_bounded() {
            (other, self)
        } else {
            (self, other)
        };
        // `clamp()` lets the lower bound win, so an upper one comes after it only where it is above.
        let (most, low) = (plain.value, bounded.low);
        if plain.is_bounded() || (low.is_bound() && !low.is_at_most(most)) {
            return None;
        }
        let lesser = |one: Linear| match (one.is_at_most(most), most.is_at_most(one)) {
            (true, _) => Some(one),
            (_, true) => Some(most),
            _ => None,
        };
        // Where the base is negative, as a background's may be, the greater of two is the other: bounds say both.
        if !bounded.high.is_bound() && !low.is_bound() {
            return Some(Self {
                high: most,
                ..bounded
            });
        }
        match lesser(bounded.value) {
            Some(value) => Some(Self { value, ..bounded }),
            None if !bounded.high.is_bound() => Some(Self {
                high: most,
                ..bounded
            }),
            None => lesser(bounded.high).map(|high| Self { high, ..bounded }),
        }
    }

    /// `max(self, other)`; none when it takes more than one pair of bounds.
    pub(crate) fn at_least(self, other: Self) -> Option<Self> {
        if let (Some(left), Some(right)) = (self.to_length(), other.to_length()) {
            return Some(Self::length(left.max(right)));
        }
        let (bounded, plain) = if other.is_bounded() {
            (other, self)
        } else {
            (self, other)
        };
        if plain.is_bounded() {
            return None;
        }
        let least = plain.value;
        let greater = |one: Linear| match (one.is_at_most(least), least.is_at_most(one)) {
            (true, _) => Some(least),
            (_, true) => Some(one),
            _ => None,
        };
        if !bounded.low.is_bound() {
            return Some(Self {
                low: least,
                ..bounded
            });
        }
        match greater(bounded.low) {
            Some(low) => Some(Self { low, ..bounded }),
            None if bounded.high.is_bound() => None,
            None => greater(bounded.value).map(|value| Self { value, ..bounded }),
        }
    }

    /// NaN becomes zero and what is beyond `limit` is clipped.
    pub(crate) fn clipped(self, limit: f32) -> Self {
        let clip = |number: f32| crate::css::numeric::finite(number, limit);
        let linear = |linear: Linear| {
            if linear.is_bound() {
                Linear {
                    px: Px(clip(linear.px.0)),
                    fraction: clip(linear.fraction),
                }
            } else {
                linear
            }
        };
        let value = Linear {
            px: Px(clip(self.value.px.0)),
            fraction: clip(self.value.fraction),
        };
        Self {
            value,
            low: linear(self.low),
            high: linear(self.high),
        }
    }
}

/// `width`, `height`, their minima and maxima, and flex bases.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Sizing {
    /// `auto`; for `max-*`, `none`.
    #[default]
    Auto,
    /// A length or percentage.
    Size(LengthPercentage),
    /// `min-content`.
    MinContent,
    /// `max-content`.
    MaxContent,
    /// `fit-content`.
    FitContent,
    /// `fit-content()` of a length or percentage.
    FitContentUpTo(LengthPercentage),
    /// `stretch`: with its margins, what the containing block has.
    Stretch,
}

/// A margin or inset: `auto` or a length-percentage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AutoLength {
    /// `auto`.
    Auto,
    /// A length or percentage.
    Length(LengthPercentage),
}

impl AutoLength {
    /// No margin.
    pub const ZERO: Self = Self::Length(LengthPercentage::ZERO);
}
