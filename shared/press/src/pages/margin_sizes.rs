//! Dimensions of page margin boxes (CSS Paged Media 3 §5.3).

use fanfold_geometry::Px;

/// A margin box along one axis, as it asks for its size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    /// None is `auto`.
    pub(super) margins: (Option<Px>, Option<Px>),
    /// Borders and padding.
    pub(super) edges: Px,
    /// Content size; none is `auto`.
    pub(super) inner: Option<Px>,
    /// Its bounds, if any.
    pub(super) least: Px,
    pub(super) most: Option<Px>,
    /// Min-content and max-content sizes.
    pub(super) content: (Px, Px),
}

/// A margin box along one axis, solved.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Solved {
    pub(super) margins: (Px, Px),
    pub(super) inner: Px,
    pub(super) edges: Px,
}

impl Solved {
    /// The margin box's extent.
    pub(super) fn outer(&self) -> Px {
        self.margins.0 + self.margins.1 + self.edges + self.inner
    }
}

impl Asked {
    fn sugar(&self) -> Px {
        let (before, after) = self.margins;
        before.unwrap_or_default() + after.unwrap_or_default() + self.edges
    }

    /// Outer min-content and max-content sizes.
    fn contribution(&self) -> (Px, Px) {
        let (min, max) = match self.inner {
            Some(inner) => (inner, inner),
            None => self.content,
        };
        (self.sugar() + min, self.sugar() + max)
    }

    fn bounded(self, inner: Px) -> Option<Px> {
        let most = self.most.filter(|most| inner > *most);
        let bounded = most.unwrap_or(inner).max(self.least);
        (bounded != inner).then_some(bounded)
    }

    /// Across the side: the size is that of the page's margin (§5.3.1). Where there is too much of
    /// everything, the margin towards the paper's edge gives way; `outside_first` when that is the
    /// first one.
    pub(super) fn across(self, available: Px, outside_first: bool) -> Solved {
        let solved = self.across_once(available, outside_first);
        match self.bounded(solved.inner) {
            Some(inner) => Self {
                inner: Some(inner),
                ..self
            }
            .across_once(available, outside_first),
            None => solved,
        }
    }

    fn across_once(self, available: Px, outside_first: bool) -> Solved {
        let (mut before, mut after) = self.margins;
        let mut inner = self.inner;
        let taken = self.sugar() + inner.unwrap_or_default();
        if taken > available {
            before = before.or(Some(Px::ZERO));
            after = after.or(Some(Px::ZERO));
            inner = inner.or(Some(Px::ZERO));
        }
        let free = available - taken;
        let (margins, inner) = match (before, inner, after) {
            (Some(_), Some(inner), Some(after)) if outside_first => {
                ((available - self.edges - inner - after, after), inner)
            }
            (Some(before), Some(inner), Some(_)) => {
                ((before, available - self.edges - inner - before), inner)
            }
            (None, Some(inner), Some(after)) => ((free, after), inner),
            (Some(before), Some(inner), None) => ((before, free), inner),
            (None, Some(inner), None) => ((free / 2.0, free / 2.0), inner),
            (before, None, after) => {
                let margins = (before.unwrap_or_default(), after.unwrap_or_default());
                (margins, free)
            }
        };
        Solved {
            margins,
            inner,
            edges: self.edges,
        }
    }
}

/// Along the side: what the three boxes share (§5.3.2). The middle one, if there is one, is centred;
/// boxes that are not there are none.
pub(super) fn along(asked: [Option<Asked>; 3], available: Px) -> [Solved; 3] {
    let mut asked = asked;
    let mut solved = along_once(asked, available);
    // Sizes out of their bounds are set to them, first the most, then the least (§5.3.2.4).
    for least in [false, true] {
        let mut again = false;
        for (asked, solved) in asked.iter_mut().zip(&solved) {
            let Some(asked) = asked else { continue };
            let bound = if least {
                Some(asked.least).filter(|least| solved.inner < *least)
            } else {
                asked.most.filter(|most| solved.inner > *most)
            };
            if bound.is_some() {
                asked.inner = bound;
                again = true;
            }
        }
        if again {
            solved = along_once(asked, available);
        }
    }
    solved
}

fn along_once(asked: [Option<Asked>; 3], available: Px) -> [Solved; 3] {
    let contribution = |index: usize| {
        asked[index].map_or((Px::ZERO, Px::ZERO), |asked: Asked| asked.contribution())
    };
    let is_auto = |index: usize| asked[index].is_some_and(|asked: Asked| asked.inner.is_none());
    let (a, c) = (contribution(0), contribution(2));
    let outer = match asked[1] {
        Some(middle) => {
            let middle = match middle.inner {
                Some(inner) => middle.sugar() + inner,
                // Each side counts twice, so that the middle can be centred; the wider one decides.
                None => [0, 2]
                    .into_iter()
                    .filter_map(|index| asked[index])
                    .map(|side| {
                        let (min, max) = side.contribution();
                        let both = (min * 2.0, max * 2.0);
                        match side.inner {
                            Some(_) => available - both.1,
                            None => share(contribution(1), both, available, 1.0 / 3.0).0,
                        }
                    })
                    .fold(available, Px::min),
            };
            let side = (available - middle) / 2.0;
            let of = |index: usize, set: Px| if is_auto(index) { side } else { set };
            [of(0, a.1), middle, of(2, c.1)]
        }
        None => match (is_auto(0), is_auto(2)) {
            (true, true) => {
                let (a, c) = share(a, c, available, 0.5);
                [a, Px::ZERO, c]
            }
            (true, false) => [available - c.1, Px::ZERO, c.1],
            (false, true) => [a.1, Px::ZERO, available - a.1],
            (false, false) => [a.1, Px::ZERO, c.1],
        },
    };
    let mut index = 0;
    asked.map(|asked| {
        let outer = outer[index];
        index += 1;
        let Some(asked) = asked else {
            return Solved::default();
        };
        let (before, after) = asked.margins;
        Solved {
            margins: (before.unwrap_or_default(), after.unwrap_or_default()),
            inner: (outer - asked.sugar()).max(Px::ZERO),
            edges: asked.edges,
        }
    })
}

/// Shares `available` between two boxes by their min-content and max-content sizes (§5.3.2.2); where they have
/// none, the first one gets its `part`.
fn share(one: (Px, Px), other: (Px, Px), available: Px, part: f32) -> (Px, Px) {
    let (base, factors) = if available >= one.1 + other.1 {
        ((one.1, other.1), (one.1, other.1))
    } else if available >= one.0 + other.0 {
        ((one.0, other.0), (one.1 - one.0, other.1 - other.0))
    } else {
        ((one.0, other.0), (one.0, other.0))
    };
    let sum = factors.0 + factors.1;
    let space = available - base.0 - base.1;
    let part = if sum > Px::ZERO {
        factors.0 / sum
    } else {
        part
    };
    let first = base.0 + space * part;
    (first, available - first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auto(min: f32, max: f32) -> Option<Asked> {
        Some(Asked {
            margins: (Some(Px::ZERO), Some(Px::ZERO)),
            edges: Px::ZERO,
            inner: None,
            least: Px::ZERO,
            most: None,
            content: (Px(min), Px(max)),
        })
    }

    fn widths(asked: [Option<Asked>; 3]) -> [f32; 3] {
        along(asked, Px(600.0)).map(|solved| solved.outer().0.round())
    }

    #[test]
    fn the_middle_stays_in_the_middle() {
        let [a, b, c] = widths([auto(10.0, 50.0), auto(10.0, 100.0), auto(10.0, 100.0)]);
        assert_eq!((a, b, c), (200.0, 200.0, 200.0));
        let [a, b, c] = widths([None, auto(0.0, 0.0), None]);
        assert_eq!((a, b, c), (0.0, 600.0, 0.0));
        let [a, b, c] = widths([auto(0.0, 0.0), auto(0.0, 0.0), auto(0.0, 0.0)]);
        assert_eq!((a, b, c), (200.0, 200.0, 200.0));
        // One that is set keeps its size, and the middle what twice that leaves.
        let set = auto(10.0, 10.0).map(|asked| Asked {
            inner: Some(Px(50.0)),
            ..asked
        });
        let [a, b, c] = widths([set, auto(10.0, 100.0), None]);
        assert_eq!((a, b, c), (50.0, 500.0, 0.0));
        let [a, b, c] = widths([set, auto(10.0, 100.0), auto(10.0, 100.0)]);
        assert_eq!((a, b, c), (50.0, 200.0, 200.0));
        // The side that leaves the middle less is not always the one with more content.
        let [_, b, c] = widths([auto(90.0, 1530.0), auto(120.0, 1080.0), auto(210.0, 690.0)]);
        assert_eq!((b, c), (150.0, 225.0));
    }

    #[test]
    fn two_sides_share_by_their_content() {
        assert_eq!(
            widths([auto(10.0, 100.0), None, auto(10.0, 200.0)]),
            [200.0, 0.0, 400.0]
        );
        assert_eq!(
            widths([auto(100.0, 1000.0), None, auto(200.0, 500.0)]),
            [325.0, 0.0, 275.0]
        );
    }

    #[test]
    fn bounds_hold_and_the_rest_goes_to_the_others() {
        let bounded = auto(10.0, 100.0).map(|asked| Asked {
            most: Some(Px(50.0)),
            ..asked
        });
        assert_eq!(
            widths([bounded, None, auto(10.0, 100.0)]),
            [50.0, 0.0, 550.0]
        );
    }

    #[test]
    fn the_outer_margin_gives_way_across() {
        let asked = Asked {
            margins: (Some(Px(60.0)), Some(Px(60.0))),
            inner: Some(Px(10.0)),
            ..auto(0.0, 0.0).expect("a box")
        };
        assert_eq!(asked.across(Px(100.0), true).margins, (Px(30.0), Px(60.0)));
        assert_eq!(asked.across(Px(100.0), false).margins, (Px(60.0), Px(30.0)));
        let centred = Asked {
            margins: (None, None),
            ..asked
        };
        assert_eq!(
            centred.across(Px(100.0), true).margins,
            (Px(45.0), Px(45.0))
        );
    }
}
