//! What sticks out of a box of a known height where the page ends in it: the box ends at its height, and what
//! follows comes right below, while the rest of its content goes on on the next page, in a flow of its own
//! (CSS Fragmentation 3 §3, parallel fragmentation flows).

use super::block::{Container, Ending, used_left};
use super::positioned::KEPT;
use super::{BreakAbove, Floats, Forced, Laid, Layout, MarginSet, Outcome, Resume, Space, Step};
use crate::boxes::{BoxId, Content, contains_absolutes};
use crate::fragment::{Fragment, Kind};
use crate::paint::is_stacking_context;
use fanfold_geometry::{Point, Px};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::Break;
use std::rc::Rc;

/// Where the content of a box that has ended goes on.
#[derive(Clone, Debug)]
pub(crate) struct Overflow {
    pub(super) rest: Resume,
    /// The box's left edge, from its containing block's.
    pub(super) x: Px,
    /// Its border-box width.
    width: Px,
    /// Its border-box height, where it is set.
    pub(super) height: Option<Px>,
    /// The break before it was asked for, and to which side.
    forced: Option<Forced>,
}

/// What becomes of content below the end of a box that the page ends in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Beyond {
    /// The box goes on with it.
    Inside,
    /// The flow around goes on with it.
    Parallel,
    /// It is all that is left of the box, whose height is set to this.
    Alone(Option<Px>),
}

impl Beyond {
    /// What a box has that goes on where `past` says, or else is in a flow with `floats`.
    pub(super) fn of(past: Option<&Overflow>, floats: &Floats) -> Self {
        match past {
            Some(past) => Self::Alone(past.height),
            None if floats.are_taken_on() => Self::Parallel,
            None => Self::Inside,
        }
    }
}

impl Layout<'_> {
    /// Whether what sticks out of the box `id` goes on by itself.
    pub(super) fn lets_go_on(&self, id: BoxId, overflow: Beyond) -> bool {
        overflow == Beyond::Parallel
            && !self.tree.style(id).effects.is_transformed()
            && !self.holds_absolutes(id)
    }

    /// The height at which a box ends above the page's end while its content, which ends so, goes on; none where it
    /// goes on itself.
    pub(super) fn end_above(
        &self,
        container: &Container,
        style: &ComputedStyle,
        ending: &Ending,
        space: Space,
    ) -> Option<Px> {
        let flows = matches!(
            ending.resume,
            Some(Resume::Blocks { .. } | Resume::Lines { .. } | Resume::HighLine { .. })
        );
        let id = container.id;
        let ends = flows
            && (style.box_.clips || self.lets_go_on(id, container.overflow))
            && !container.clones
            && !self.tree.get(id).is_multicol()
            && self.legend_of(id).is_none();
        if !ends {
            return None;
        }
        let whole = container.set_height.unwrap_or(Px::INFINITY);
        let whole = self.constrained_height(style, &container.used, space.height, whole);
        let least = container.top + container.used.bottom();
        let height = (whole - container.consumed).max(least);
        (height.is_finite() && !space.overflows(height)).then_some(height)
    }

    /// The floats of the box `id` that go on where nothing else of it does, and what sticks out of boxes in it: then
    /// it ends here. One that is painted as a whole, translucent or transformed, goes on around them, and one with a
    /// context of its own around its floats.
    pub(super) fn floats_left(
        &self,
        container: &Container,
        own_context: bool,
        space: Space,
        ending: &mut Ending,
    ) -> Vec<(BoxId, Resume)> {
        let id = container.id;
        let all = match (&ending.resume, &self.tree.get(id).content) {
            (Some(Resume::Blocks { child, .. }), Content::Blocks(children)) => {
                *child == children.len()
            }
            (Some(Resume::Lines { offset, .. }), Content::Inline(inline)) => {
                *offset as usize >= inline.text.len()
            }
            _ => false,
        };
        let box_ = self.tree.get(id);
        if !all
            || ending.forced.is_some()
            || is_stacking_context(&box_.style)
            // In columns, they are as wide as a column.
            || box_.is_multicol()
        {
            return Vec::new();
        }
        let Some(Resume::Blocks { floats, .. } | Resume::Lines { floats, .. }) = &mut ending.resume
        else {
            return Vec::new();
        };
        let sticks_out = |(_, rest): &(BoxId, Resume)| matches!(rest, Resume::Overflow(_));
        if box_.style.box_.clips {
            // Where the box ends on this page, nothing of that is seen (CSS Overflow 3 §3.1).
            let whole = container.set_height.unwrap_or_default();
            let whole = self.constrained_height(&box_.style, &container.used, space.height, whole);
            if !space.overflows(whole - container.consumed) {
                floats.retain(|float| !sticks_out(float));
                if floats.is_empty() {
                    ending.resume = None;
                }
            }
            return Vec::new();
        }
        if own_context && !floats.iter().all(sticks_out)
            || floats.iter().any(sticks_out) && self.holds_absolutes(id)
        {
            return Vec::new();
        }
        let floats = std::mem::take(floats);
        ending.resume = None;
        floats
    }

    /// Whether absolutely positioned boxes are placed in the box `id`: they have to find its pieces.
    pub(super) fn holds_absolutes(&self, id: BoxId) -> bool {
        contains_absolutes(self.tree.style(id)) && !self.absolutes_of(id).is_empty()
    }

    /// A box that ends at `height`, out of which its content sticks unless it is clipped there.
    pub(super) fn close_above(
        &self,
        container: &Container,
        height: Px,
        (ending, mut floats): (Ending, Vec<(BoxId, Resume)>),
        mut fragment: Fragment,
    ) -> Outcome {
        fragment.size.height = height;
        // Nothing of it is seen where the box clips it.
        if !self.tree.style(container.id).box_.clips {
            fragment.has.overfull = true;
            let at = (ending.resume, ending.forced);
            let rest = Resume::of_overflow(at, fragment.size.width, container.set_height);
            floats.extend(rest.map(|rest| (container.id, rest)));
        }
        Outcome::Laid(Laid {
            end: MarginSet::of(container.used.margin_bottom()),
            floats,
            ..Laid::whole(fragment)
        })
    }

    /// The next piece of what sticks out of the box `id`, whose containing block is `x` from the edge of `container`
    /// and moved on by positions of boxes around it, where it goes on at `from`; and what is left of it then.
    #[expect(
        clippy::too_many_arguments,
        reason = "a box's place, and the flow that it is laid out in"
    )]
    pub(super) fn next_overflow(
        &self,
        container: &Container,
        id: BoxId,
        from: &Resume,
        (x, moved): (Px, Point),
        space: Space,
        floats: &mut Floats,
        fragment: &mut Fragment,
    ) -> Step<Vec<(BoxId, Resume)>> {
        let Resume::Overflow(overflow) = from else {
            return Ok(Vec::new());
        };
        let mut space = space;
        space.break_above = BreakAbove::Unforced;
        if let Some(Forced { side }) = &overflow.forced {
            if !space.in_column && !self.suits(*side, self.on_right.get()) {
                // The flow around has this page; the next one is on the side.
                let mut later = overflow.clone();
                later.forced = Some(Forced { side: Break::Page });
                return Ok(vec![(id, Resume::Overflow(later))]);
            }
            space.break_above = BreakAbove::Forced;
        }
        let x = x + overflow.x;
        let origin = container.origin + Point::new(x, Px::ZERO);
        let outcome = self.layout(id, overflow.width, space, Some(from), floats, origin)?;
        let Outcome::Laid(mut laid) = outcome else {
            return Ok(vec![(id, from.clone())]);
        };
        let by = self.relative_offset(self.tree.style(id), space.width, None) + moved;
        let at = Point::new(used_left(container) + x, container.top);
        fragment.push(at + by, Rc::new(laid.fragment), KEPT as usize);
        let mut rests = laid.resume.take().map(|rest| (id, rest));
        if let Some((_, rest)) = &mut rests {
            rest.stand_at(overflow.x);
        }
        Ok(rests.into_iter().chain(laid.floats).collect())
    }

    /// A piece of what sticks out of a box, whose height is set to `height`: no box is left to go on.
    pub(super) fn close_overflow(
        &self,
        height: Option<Px>,
        (ending, floats): (Ending, Vec<(BoxId, Resume)>),
        mut fragment: Fragment,
    ) -> Outcome {
        fragment.has.overfull |= ending.height > Px::ZERO;
        let at = (ending.resume, ending.forced);
        let resume = Resume::of_overflow(at, fragment.size.width, height);
        if let Kind::Box(box_) = &mut fragment.kind {
            box_.last = resume.is_none();
        }
        Outcome::Laid(Laid {
            resume,
            floats,
            ..Laid::whole(fragment)
        })
    }
}

/// The first of `floats` that sticks out of a box which has ended, and that box.
pub(super) fn first_overflow(floats: &[(BoxId, Resume)]) -> Option<(BoxId, &Overflow)> {
    floats.iter().find_map(|(id, rest)| match rest {
        Resume::Overflow(overflow) => Some((*id, &**overflow)),
        _ => None,
    })
}

/// How far down a column of the height `left` what sticks out of boxes that have ended goes, which has the column to
/// its end where it goes on at `next`.
pub(super) fn overflow_end(column: &Fragment, next: Option<&Resume>, left: Px) -> Px {
    let goes_on = match next {
        Some(Resume::Blocks { floats, .. }) => left.is_finite() && first_overflow(floats).is_some(),
        _ => false,
    };
    if goes_on {
        return left;
    }
    let pieces = column.children.iter().filter(|child| child.index == KEPT);
    let ends = pieces.map(|piece| piece.offset.y + piece.fragment.reach());
    ends.fold(Px::ZERO, Px::max)
}

impl Overflow {
    /// What sticks out of a box that has ended and goes on at `resume`, and where in it.
    pub(super) fn behind(resume: Option<&Resume>) -> (Option<&Self>, Option<&Resume>) {
        match resume {
            Some(Resume::Overflow(overflow)) => (Some(overflow), Some(&overflow.rest)),
            _ => (None, resume),
        }
    }

    /// The side of the page that a break before it asks for.
    pub(super) fn side(&self) -> Option<Break> {
        self.forced.as_ref().map(|forced| forced.side)
    }

    /// Whether both are the same place, behind the same break.
    pub(super) fn same_place(&self, other: &Self) -> bool {
        self.forced == other.forced && self.rest.same_place(&other.rest)
    }
}

impl Resume {
    /// Where the content of a box goes on that has ended, `width` wide and perhaps of a set `height`.
    pub(super) fn of_overflow(
        (rest, forced): (Option<Self>, Option<Forced>),
        width: Px,
        height: Option<Px>,
    ) -> Option<Self> {
        Some(Self::Overflow(Box::new(Overflow {
            rest: rest?,
            x: Px::ZERO,
            width,
            height,
            forced,
        })))
    }

    /// Says where in its containing block the box is that has ended.
    pub(super) fn stand_at(&mut self, left: Px) {
        if let Self::Overflow(overflow) = self {
            overflow.x = left;
        }
    }
}
