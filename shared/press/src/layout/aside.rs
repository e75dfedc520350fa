//! Flex and grid containers in columns that go on to the side: laid out in one piece, and shared out among
//! the columns afterwards (CSS Flexbox 1 §10 and CSS Grid 2 §11 leave the algorithm open).

use super::slice::{Breakable, part};
use super::{Laid, Layout, Outcome, Resume, Space, Step, TOLERANCE};
use crate::boxes::BoxId;
use crate::fragment::{DEEPEST, Fragment, Kind};
use fanfold_geometry::{Px, Size};
use std::rc::Rc;

impl Layout<'_> {
    /// A container by columns, which `lay` lays out in a space; none where it has to break by itself: no column
    /// goes on to the side, a break in it is forced, or each piece has edges of its own.
    pub(super) fn shared_aside(
        &self,
        id: BoxId,
        space: Space,
        resume: Option<&Resume>,
        lay: impl FnOnce(Space) -> Step<Outcome>,
    ) -> Step<Option<Outcome>> {
        if let Some(Resume::Shared { whole, shown }) = resume {
            return Ok(Some(self.shared_piece(whole, *shown, space)));
        }
        let clones = self.tree.style(id).breaks.clone_decoration;
        if !space.aside || !space.breaks() || resume.is_some() || clones {
            return Ok(None);
        }
        let met = self.forced_met.replace(false);
        let endless = Space {
            left: Px::INFINITY,
            at_top: true,
            ..space
        };
        let outcome = lay(endless);
        let forced = self.forced_met.replace(met);
        let Outcome::Laid(laid) = outcome? else {
            return Ok(None);
        };
        if forced || !space.overflows(laid.fragment.size.height) {
            return Ok(None);
        }
        let height = laid.fragment.size.height;
        let avoids = self.tree.style(id).breaks.avoid_inside;
        if avoids && !space.at_top && height <= space.page + TOLERANCE {
            return Ok(Some(Outcome::Before));
        }
        Ok(Some(self.shared_piece(
            &Rc::new(laid.fragment),
            Px::ZERO,
            space,
        )))
    }

    /// What a column shows of `whole` from `shown` on.
    fn shared_piece(&self, whole: &Rc<Fragment>, shown: Px, space: Space) -> Outcome {
        let from = if shown > Px::ZERO {
            shown
        } else {
            -Px::INFINITY
        };
        let rest = whole.size.height - shown;
        let piece = |to: Px| {
            part(whole, from, to, 0).unwrap_or_else(|| Fragment::new(Kind::Group, Size::default()))
        };
        if !space.overflows(rest) {
            return Outcome::Laid(Laid::whole(piece(Px::INFINITY)));
        }
        let least = if space.at_top {
            shown + Px(1.0)
        } else {
            Px::ZERO
        };
        let end =
            Breakable::new(self.tree).end(whole, shown + space.left, least, space.page + TOLERANCE);
        if end < shown + Px(1.0) {
            // No column has room for any of it: what is at the top of one sticks out of it.
            return if space.at_top {
                Outcome::Laid(Laid::whole(piece(Px::INFINITY)))
            } else {
                Outcome::Before
            };
        }
        let mut kept = piece(end);
        let bottom = end - from.max(Px::ZERO);
        kept.size.height = bottom;
        extend(&mut kept, bottom, space.left - bottom, 0);
        Outcome::Laid(Laid {
            resume: Some(Resume::Shared {
                whole: Rc::clone(whole),
                shown: end,
            }),
            ..Laid::whole(kept)
        })
    }
}

/// Makes what goes on below `bottom` that much higher: it goes on to the column's end (CSS Fragmentation 3
/// §5.4.2), however far up what is in it was broken.
fn extend(fragment: &mut Fragment, bottom: Px, by: Px, depth: usize) {
    if by <= Px::ZERO || depth > DEEPEST {
        return;
    }
    if fragment.as_box().is_some_and(|box_| !box_.last) && fragment.size.height + Px(1.0) > bottom {
        fragment.size.height += by;
    }
    for child in &mut fragment.children {
        let bottom = bottom - child.offset.y;
        let reaches = bottom > Px::ZERO && child.fragment.size.height + TOLERANCE >= bottom;
        if reaches && !matches!(child.fragment.kind, Kind::Line(_)) {
            extend(Rc::make_mut(&mut child.fragment), bottom, by, depth + 1);
        }
    }
}
