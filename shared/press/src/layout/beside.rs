//! Boxes with a formatting context of their own beside floats (CSS 2.2 §9.5).

use super::block::Container;
use super::sizing::InlinePlace;
use super::{Floats, Laid, Layout, Outcome, Resume, Space, Step, TOLERANCE, Used};
use crate::boxes::BoxId;
use fanfold_geometry::{Point, Px};

/// How often a box is laid out to find a place that is high enough: floats as stairs could ask for it at every
/// step.
const MOST_TRIES: u32 = 6;
/// In how many boxes that are laid out again those inside are too.
const DEEPEST: u32 = 3;

/// A child of a block container that is to be placed.
pub(super) struct Wanted<'a> {
    pub(super) child: BoxId,
    pub(super) used: &'a Used,
    /// Where its border box would begin without floats.
    pub(super) y: Px,
    /// Nothing is above it on the page.
    pub(super) at_top: bool,
    /// It was moved below floats.
    pub(super) cleared: bool,
    /// Its margins collapse through it.
    pub(super) through: bool,
}

/// A child where it found room.
pub(super) struct Beside {
    pub(super) place: InlinePlace,
    /// Its border box's top in the container.
    pub(super) y: Px,
    pub(super) laid: Laid,
}

impl Layout<'_> {
    /// Lays a child out where floats leave it room, which is known to be enough when its height is; none where
    /// the page's end comes first.
    pub(super) fn beside_floats(
        &self,
        container: &Container,
        wanted: &Wanted,
        resume: Option<&Resume>,
        floats: &mut Floats,
    ) -> Step<Option<Beside>> {
        let Wanted { child, used, .. } = *wanted;
        let around = self.beside_depth.get();
        let mut height = Px(1.0);
        let mut tries = 0;
        loop {
            let (place, y) = self.free_of_floats(container, child, used, wanted.y, height, floats);
            // What floats push down is not at the top: the next page has more room.
            let pushed = wanted.cleared || y > wanted.y;
            let at_top = wanted.at_top && !pushed;
            let space = Space {
                left: container.space.left - y,
                at_top,
                ..container.space
            };
            let below = space.left < Px::ZERO && !at_top && !wanted.through;
            // What goes on has something to show, for which floats that fill the page leave no room.
            let none = resume.is_some() && pushed && space.left <= Px::ZERO;
            if below || none {
                return Ok(None);
            }
            let origin = container.origin + Point::new(place.x, y);
            self.beside_depth.set(around + u32::from(tries > 0));
            let outcome = self.layout(child, place.width, space, resume, floats, origin);
            self.beside_depth.set(around);
            let Outcome::Laid(laid) = outcome? else {
                return Ok(None);
            };
            tries += 1;
            let tall = laid.fragment.size.height;
            if tall <= height
                || tries >= MOST_TRIES
                || around >= DEEPEST
                || !self.meets_floats(container, child, place, y, tall, floats)
            {
                return Ok(Some(Beside { place, y, laid }));
            }
            height = tall;
        }
    }

    /// Whether a border box of `height` at `place` and `y` is over floats that it has to keep off.
    fn meets_floats(
        &self,
        container: &Container,
        child: BoxId,
        place: InlinePlace,
        y: Px,
        height: Px,
        floats: &Floats,
    ) -> bool {
        if floats.is_empty() || !self.tree.get(child).establishes_context() {
            return false;
        }
        let (left, right) = (container.origin.x, container.origin.x + container.width);
        let band = floats.band(container.origin.y + y, height, left, right);
        band.until.is_finite()
            && (left + place.x + TOLERANCE < band.left
                || left + place.x + place.width > band.right + TOLERANCE)
    }

    /// Width and place of a child at `y` or below; one with a context of its own keeps `height` free of floats.
    fn free_of_floats(
        &self,
        container: &Container,
        child: BoxId,
        used: &Used,
        y: Px,
        height: Px,
        floats: &Floats,
    ) -> (InlinePlace, Px) {
        let parent = self.tree.style(container.id);
        let base = (container.width, container.space.height);
        let whole = self.place_block(child, used, parent, base, Px::ZERO, container.width);
        if floats.is_empty() || !self.tree.get(child).establishes_context() {
            return (whole, y);
        }
        let mut y = y;
        loop {
            let band = floats.band(
                container.origin.y + y,
                height,
                container.origin.x,
                container.origin.x + container.width,
            );
            if !band.until.is_finite() {
                return (whole, y);
            }
            let (left, right) = (
                band.left - container.origin.x,
                band.right - container.origin.x,
            );
            // The border box keeps off the floats (§9.5): margins are from the container's edges, under them.
            let beside = |margin: Option<Px>, taken: Px| match margin {
                Some(margin) if taken > Px::ZERO => Some((margin - taken).max(Px::ZERO)),
                _ => margin,
            };
            let mut near = *used;
            near.margin.left = beside(used.margin.left, left);
            near.margin.right = beside(used.margin.right, container.width - right);
            let place = self.place_block(child, &near, parent, base, left, right);
            // Right-to-left, what is too wide sticks out on the left.
            let outer_left = place.x - near.margin.left.unwrap_or_default();
            let fits = outer_left + TOLERANCE >= left && place.x + place.width <= right + TOLERANCE;
            if fits && place.width + TOLERANCE >= whole.width.min(self.least_beside(child, used)) {
                return (place, y);
            }
            y = band.below(container.origin.y);
        }
    }

    /// The border-box width below which a box with a context of its own goes below floats, not beside
    /// them: less, and words would be cut or stick out (CSS 2.2 §9.5 leaves it open).
    fn least_beside(&self, child: BoxId, used: &Used) -> Px {
        let box_ = self.tree.get(child);
        let style = &*box_.style;
        // Who asks for one clipped line gets it, as long as there is anything to see.
        if style.box_.clips && style.text.white_space.nowrap {
            return used.horizontal() + Px(1.0);
        }
        self.intrinsic(child).0 + self.intrinsic_edges(child, used)
    }
}
