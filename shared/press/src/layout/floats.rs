//! Floats of a block formatting context (CSS 2.2 §9.5).

use super::margins::Sides;
use fanfold_geometry::{Point, Px, Rect, Size};
use fanfold_style::computed::{Clear, Float};

/// The floats placed so far on this page, in the context's coordinates.
#[derive(Clone, Debug, Default)]
pub(crate) struct Floats {
    left: Vec<Rect>,
    right: Vec<Rect>,
    /// No float may be higher than one before it (rule 5).
    ceiling: Px,
    /// Where floats go on on the next page.
    unfinished: Sides,
    /// One that had no room begins on the next page, and so do those after it.
    full: bool,
    /// Around is a flow that goes on with those of the boxes in it.
    taken_on: bool,
}

/// A free stretch between floats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Band {
    pub(crate) left: Px,
    pub(crate) right: Px,
    /// Where the floats that narrow it end next; infinite where none does.
    pub(crate) until: Px,
}

impl Band {
    /// How far from `origin` the band ends. The sum of both is no less than [`Self::until`], however
    /// coordinates are rounded: who looks for room below must get there.
    pub(crate) fn below(self, origin: Px) -> Px {
        let below = self.until - origin;
        if origin + below >= self.until {
            return below;
        }
        below + self.until.max(-self.until).max(origin).max(-origin) * f32::EPSILON
    }
}

impl Floats {
    /// None yet, in a flow that goes on with those of the boxes in it.
    pub(super) fn of_flow() -> Self {
        Self {
            taken_on: true,
            ..Self::default()
        }
    }

    /// Whether the flow around goes on with floats that are left when all else in a box is placed.
    pub(super) fn are_taken_on(&self) -> bool {
        self.taken_on
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.left.is_empty() && self.right.is_empty()
    }

    /// Says that a float is not whole on this page.
    pub(super) fn goes_on(&mut self, float: Float) {
        self.unfinished.add(float);
    }

    /// Says that a float begins on the next page, while what it is in goes on here.
    pub(super) fn begins_later(&mut self, float: Float) {
        self.goes_on(float);
        self.full = true;
    }

    /// Whether no float may begin on this page: none is above one before it (rule 5), on the page before neither.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// Whether what has to be below the floats of `clear` cannot be on this page.
    pub(super) fn clear_on_next_page(&self, clear: Clear) -> bool {
        self.unfinished.meets(clear)
    }

    /// What is free between `left` and `right` over `height` from `y` on.
    pub(crate) fn band(&self, y: Px, height: Px, left: Px, right: Px) -> Band {
        let mut band = Band {
            left,
            right,
            until: Px::INFINITY,
        };
        let meets = beside(y, height);
        for float in self.left.iter().filter(&meets) {
            if float.right() > left {
                band.left = band.left.max(float.right());
                band.until = band.until.min(float.bottom());
            }
        }
        for float in self.right.iter().filter(&meets) {
            if float.x < right {
                band.right = band.right.min(float.x);
                band.until = band.until.min(float.bottom());
            }
        }
        band
    }

    /// Where a margin box of `size` floats to, at or below `y` (rules 1 to 9 of §9.5.1).
    pub(crate) fn find(&self, size: Size, y: Px, left: Px, right: Px, to_left: bool) -> Point {
        let mut y = y.max(self.ceiling);
        loop {
            let band = self.band(y, size.height, left, right);
            if band.until.is_finite() && band.right - band.left + Px(0.01) < size.width {
                y = band.until;
                continue;
            }
            let x = if to_left {
                band.left
            } else {
                band.right - size.width
            };
            let place = Rect::new(x, y, size.width, size.height);
            match self.in_the_way(place, left, right, to_left) {
                Some(bottom) => y = bottom,
                None => return Point::new(x, y),
            }
        }
    }

    /// Where floats outside of the containing block end that do not let a float stick out of it at `place`: one
    /// of the other side in its way, or one behind it (rules 3 and 7 of §9.5.1).
    fn in_the_way(&self, place: Rect, left: Px, right: Px, to_left: bool) -> Option<Px> {
        let edge = Px(0.01);
        let (sticks_out, behind, before) = if to_left {
            (place.right() > right + edge, &self.left, &self.right)
        } else {
            (place.x + edge < left, &self.right, &self.left)
        };
        if !sticks_out {
            return None;
        }
        let meets = beside(place.y, place.height);
        let crossed = |float: &&Rect| match to_left {
            true => float.x < place.right() - edge && float.right() > place.x,
            false => float.right() > place.x + edge && float.x < place.right(),
        };
        let behind = behind.iter().filter(&meets);
        let before = before.iter().filter(&meets).filter(crossed);
        behind
            .chain(before)
            .map(|float| float.bottom())
            .reduce(Px::min)
            .filter(|bottom| *bottom > place.y)
    }

    /// Places a margin box.
    pub(crate) fn place(&mut self, rect: Rect, to_left: bool) {
        self.ceiling = self.ceiling.max(rect.y);
        if to_left {
            self.left.push(rect);
        } else {
            self.right.push(rect);
        }
    }

    /// The bottom of the left, right floats, where there are any.
    pub(crate) fn bottom(&self, left: bool, right: bool) -> Option<Px> {
        let left = self.left.iter().filter(|_| left);
        let right = self.right.iter().filter(|_| right);
        left.chain(right)
            .map(|float| float.bottom())
            .reduce(Px::max)
    }
}

/// Whether a float is beside `height` from `y` on; one that is empty is only there to be cleared.
fn beside(y: Px, height: Px) -> impl Fn(&&Rect) -> bool {
    let bottom = y + height.max(Px(0.01));
    move |float| {
        let empty = float.height <= Px::ZERO || float.width <= Px::ZERO;
        !empty && float.y < bottom && float.bottom() > y
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_a_band_is_past_it() {
        for step in 0..10_000_u16 {
            let until = Px(f32::from(step) * 0.713 + 1e-3);
            for origin in [Px(0.1), Px(333.33), Px(-47.7), Px(70_000.1)] {
                let band = Band {
                    left: Px::ZERO,
                    right: Px::ZERO,
                    until,
                };
                assert!(origin + band.below(origin) >= until, "{origin:?} {until:?}");
            }
        }
    }

    #[test]
    fn a_float_that_does_not_fit_beside_goes_below() {
        let mut floats = Floats::default();
        floats.place(Rect::new(Px(0.0), Px(0.0), Px(60.0), Px(20.0)), true);
        let size = Size::new(Px(50.0), Px(10.0));
        assert_eq!(
            floats.find(size, Px(0.0), Px(0.0), Px(100.0), true),
            Point::new(Px(0.0), Px(20.0))
        );
        let size = Size::new(Px(40.0), Px(10.0));
        assert_eq!(
            floats.find(size, Px(0.0), Px(0.0), Px(100.0), false),
            Point::new(Px(60.0), Px(0.0))
        );
    }
}
