//! Laying out floats: whole where they fit, moved or broken at the page's end (CSS 2.2 §9.5.1).

use super::block::{Container, used_left};
use super::{Floats, Layout, Outcome, Resume, Space, Step, used_edges};
use crate::boxes::BoxId;
use crate::fragment::Fragment;
use fanfold_geometry::{Point, Px, Rect, Size};
use fanfold_style::computed::{Clear, Float};
use std::rc::Rc;

/// What became of a float.
pub(super) enum FloatOutcome {
    /// Where its border box is, from the content box's corner.
    Placed {
        at: Point,
        fragment: Fragment,
        resume: Option<Resume>,
    },
    /// It does not fit on this page.
    Before,
}

impl Layout<'_> {
    /// Floats that an earlier page began, and what sticks out of boxes that ended there.
    pub(super) fn carried_floats(
        &self,
        container: &Container,
        carried: &[(BoxId, Resume)],
        floats: &mut Floats,
        fragment: &mut Fragment,
    ) -> Step<Vec<(BoxId, Resume)>> {
        let mut later: Vec<(BoxId, Resume)> = Vec::new();
        let mut full = false;
        let corner = Point::new(used_left(container), container.top);
        for (id, resume) in carried {
            let space = Space {
                at_top: true,
                ..container.space
            };
            // A float that did not begin yet starts afresh.
            let fresh = matches!(resume, Resume::Slice { consumed } if *consumed <= Px::ZERO);
            if fresh && full {
                // No float is above one before it (CSS 2.2 §9.5.1 rule 5), on the page before neither.
                later.push((*id, resume.clone()));
                continue;
            }
            let (x, width, moved) = self.float_column(container, *id);
            if matches!(resume, Resume::Overflow(_)) {
                let space = Space { width, ..space };
                let at = (x, moved);
                let rest =
                    self.next_overflow(container, *id, resume, at, space, floats, fragment)?;
                later.extend(rest);
                continue;
            }
            let by = Point::new(x, Px::ZERO);
            let outcome = self.float_from(
                *id,
                floats,
                container.origin + by,
                Px::ZERO,
                width,
                space,
                (!fresh).then_some(resume),
            )?;
            match outcome {
                FloatOutcome::Placed {
                    at,
                    fragment: laid,
                    resume,
                } => {
                    later.extend(resume.map(|resume| (*id, resume)));
                    fragment.push(at + by + corner + moved, Rc::new(laid), 0);
                }
                FloatOutcome::Before => {
                    full = true;
                    later.push((*id, resume.clone()));
                }
            }
        }
        Ok(later)
    }

    /// Where the containing block of the float `id` begins, and its width: it may be a box in `container` that has
    /// ended. What relative positions move it by on top of that is not where lines are beside it (CSS 2.2 §9.4.3).
    fn float_column(&self, container: &Container, id: BoxId) -> (Px, Px, Point) {
        let (mut x, mut width) = (Px::ZERO, container.width);
        let mut moved = Point::default();
        let mut parent = container.id;
        for inside in self.boxes_between(container.id, id) {
            let style = self.tree.style(inside);
            let used = used_edges(style, width);
            let base = (width, None);
            let place = self.place_block(
                inside,
                &used,
                self.tree.style(parent),
                base,
                Px::ZERO,
                width,
            );
            x += place.x + used.left();
            moved = moved + self.relative_offset(style, width, None);
            width = (place.width - used.horizontal()).max(Px::ZERO);
            parent = inside;
        }
        (x, width, moved)
    }

    /// The margin-box width of a float in a containing block of `width` and `height`.
    pub(super) fn float_width(&self, id: BoxId, width: Px, height: Option<Px>) -> Px {
        let used = used_edges(self.tree.style(id), width);
        self.border_width(id, &used, width, width, height) + used.margin_horizontal()
    }

    /// Places a float at `y` or below (CSS 2.2 §9.5.1).
    #[expect(
        clippy::too_many_arguments,
        reason = "a float's place has that many sides"
    )]
    pub(super) fn float(
        &self,
        id: BoxId,
        floats: &mut Floats,
        origin: Point,
        y: Px,
        width: Px,
        space: Space,
        at_top: bool,
    ) -> Step<FloatOutcome> {
        let space = Space {
            at_top: space.at_top && at_top,
            ..space
        };
        self.float_from(id, floats, origin, y, width, space, None)
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "a float's place has that many sides"
    )]
    fn float_from(
        &self,
        id: BoxId,
        floats: &mut Floats,
        origin: Point,
        y: Px,
        width: Px,
        space: Space,
        resume: Option<&Resume>,
    ) -> Step<FloatOutcome> {
        if resume.is_none() && floats.is_full() {
            return Ok(FloatOutcome::Before);
        }
        let style = self.tree.style(id);
        let mut used = used_edges(style, width);
        if resume.is_some() {
            used.margin.top = Some(Px::ZERO);
        }
        let border_width = self.border_width(id, &used, width, width, space.height);
        let to_left = style.box_.float == Float::Left;
        let clear =
            clear_below(floats, style.box_.clear).map_or(y, |bottom| y.max(bottom - origin.y));
        let outer_width = border_width + used.margin_horizontal();
        let find = |floats: &Floats, height: Px| {
            floats.find(
                Size::new(outer_width, height),
                origin.y + clear,
                origin.x,
                origin.x + width,
                to_left,
            )
        };
        // Where it goes depends on its height only through floats beside; ask with a line first.
        let guess = find(floats, Px(1.0));
        let beside = guess.y - origin.y;
        if space.at_top && space.breaks() {
            self.cut_margin(id, &mut used, beside, space.left);
        }
        let top = beside + used.margin_top();
        // One that those before it push down has something above it after all: the next page has more
        // room.
        let space = Space {
            at_top: space.at_top && guess.y <= origin.y + y,
            ..space
        };
        let inner = Space {
            width,
            left: space.left - top,
            ..space
        };
        let mut whole_space = inner;
        if !space.at_top {
            whole_space.at_top = false;
        }
        let outcome = self.layout(
            id,
            border_width,
            whole_space,
            resume,
            &mut Floats::default(),
            Point::default(),
        )?;
        let Outcome::Laid(laid) = outcome else {
            return Ok(FloatOutcome::Before);
        };
        let height = laid.fragment.size.height;
        let outer = Size::new(
            outer_width,
            height + used.margin_top() + used.margin_bottom(),
        );
        let found = find(floats, outer.height.max(Px::ZERO));
        let bottom = found.y - origin.y + used.margin_top() + height;
        if space.overflows(bottom) && !space.at_top && laid.resume.is_none() {
            return Ok(FloatOutcome::Before);
        }
        floats.place(
            Rect::new(found.x, found.y, outer.width, outer.height.max(Px::ZERO)),
            to_left,
        );
        if laid.resume.is_some() {
            floats.goes_on(style.box_.float);
        }
        let by = self.relative_offset(style, width, space.height);
        let at = Point::new(
            found.x - origin.x + used.margin.left.unwrap_or_default(),
            found.y - origin.y + used.margin_top(),
        );
        let mut fragment = laid.fragment;
        fragment.has.floats = true;
        Ok(FloatOutcome::Placed {
            at: at + by,
            fragment,
            resume: laid.resume,
        })
    }
}

/// The bottom of the floats that `clear` asks to be below.
pub(super) fn clear_below(floats: &Floats, clear: Clear) -> Option<Px> {
    match clear {
        Clear::None => None,
        Clear::Left => floats.bottom(true, false),
        Clear::Right => floats.bottom(false, true),
        Clear::Both => floats.bottom(true, true),
    }
}
