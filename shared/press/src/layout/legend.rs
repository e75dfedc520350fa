//! A fieldset's legend, which stands in its upper border (HTML §15.3.13). One that no page has room for
//! breaks like any first block inside the border.

use super::block::Container;
use super::{Floats, Layout, Outcome, Resume, Space, Step, Used, used_edges};
use crate::boxes::BoxId;
use crate::fragment::{Child, Fragment};
use fanfold_geometry::{Point, Px};
use std::rc::Rc;

/// A legend, or a piece of one, laid out.
pub(super) struct Legend {
    fragment: Fragment,
    /// Its border box's place in the fieldset's.
    at: Point,
}

/// Where the legend of a fieldset goes.
pub(super) enum LegendPlace {
    /// There is none, or it is on an earlier page.
    None,
    /// In the upper border.
    Border(Legend),
    /// Only on the next page.
    Before,
    /// It breaks inside the fieldset.
    Broken,
}

/// A legend that breaks, on one page.
pub(super) enum LegendPiece {
    /// Nothing of it fits.
    Before,
    /// It goes on on the next page.
    GoesOn(Legend, Resume),
    /// It ends here, and takes this height.
    Ends(Legend, Px),
}

impl Layout<'_> {
    /// Places the legend of the fieldset `id`, whose border box is `width` wide; the border that it stands
    /// in gives it all the room it needs.
    pub(super) fn legend(
        &self,
        id: BoxId,
        width: Px,
        used: &mut Used,
        space: Space,
        resume: Option<&Resume>,
    ) -> Step<LegendPlace> {
        let Some(legend) = self.legend_of(id) else {
            return Ok(LegendPlace::None);
        };
        match resume {
            None => {}
            Some(Resume::Legend { inner: Some(_), .. } | Resume::Edge { legend: true, .. }) => {
                return Ok(LegendPlace::Broken);
            }
            Some(_) => return Ok(LegendPlace::None),
        }
        let room = (width - used.horizontal()).max(Px::ZERO);
        let own = used_edges(self.tree.style(legend), room);
        let (size, x) = self.legend_across(id, legend, &own, room);
        let fragment = self.layout_whole(legend, size, None)?.fragment;
        let outer = own.margin_top() + fragment.size.height + own.margin_bottom();
        if space.overflows(outer) {
            let moves = !space.at_top && outer <= space.page + super::TOLERANCE;
            return Ok(if moves {
                LegendPlace::Before
            } else {
                LegendPlace::Broken
            });
        }
        let at = Point::new(used.left() + x, own.margin_top());
        used.border.top = used.border.top.max(outer);
        Ok(LegendPlace::Border(Legend { fragment, at }))
    }

    /// What this page has of a legend that breaks, at the content edge of its fieldset.
    pub(super) fn legend_piece(
        &self,
        fieldset: &Container,
        resume: Option<&Resume>,
    ) -> Step<LegendPiece> {
        let Some(legend) = self.legend_of(fieldset.id) else {
            return Ok(LegendPiece::Before);
        };
        let inner = match resume {
            Some(Resume::Legend { inner, .. }) => inner.as_deref(),
            _ => None,
        };
        let own = used_edges(self.tree.style(legend), fieldset.width);
        let (size, x) = self.legend_across(fieldset.id, legend, &own, fieldset.width);
        let room = fieldset.space.left;
        let above = match inner {
            None => own.margin_top().min((room - Px(1.0)).max(Px::ZERO)),
            Some(_) => Px::ZERO,
        };
        let space = Space {
            height: None,
            left: room - above,
            ..fieldset.space
        };
        let (floats, corner) = (&mut Floats::default(), Point::default());
        let Outcome::Laid(laid) = self.layout(legend, size, space, inner, floats, corner)? else {
            return Ok(LegendPiece::Before);
        };
        let height = above + laid.fragment.size.height + own.margin_bottom();
        let piece = Legend {
            fragment: laid.fragment,
            at: Point::new(fieldset.used.left() + x, fieldset.top + above),
        };
        Ok(match laid.resume {
            Some(resume) => LegendPiece::GoesOn(piece, resume),
            None => LegendPiece::Ends(piece, height.max(Px::ZERO)),
        })
    }

    pub(super) fn legend_of(&self, id: BoxId) -> Option<BoxId> {
        let extras = self.tree.get(id).extras.as_ref();
        extras.and_then(|extras| extras.legend)
    }

    /// The width of a legend's border box and its place from the content edge of its fieldset, whose
    /// content is `room` wide.
    fn legend_across(&self, id: BoxId, legend: BoxId, own: &Used, room: Px) -> (Px, Px) {
        let auto = self.shrink(legend, own, (room - own.margin_horizontal()).max(Px::ZERO));
        let size = self.constrained_width(legend, own, room, auto);
        let free = room - size - own.margin_horizontal();
        let rtl = self.tree.style(id).text.rtl;
        let x = match (own.margin.left, own.margin.right) {
            (None, None) => free / 2.0,
            (None, Some(_)) => free,
            (Some(left), Some(_)) if rtl => free + left,
            (Some(left), _) => left,
        };
        (size, x)
    }
}

impl Legend {
    /// Puts the legend into its fieldset, before what else is in it: it is read first, and its footnotes
    /// are.
    pub(super) fn place(self, fieldset: &mut Fragment) {
        fieldset.has = fieldset.has.or(self.fragment.has);
        let child = Child {
            offset: self.at,
            fragment: Rc::new(self.fragment),
            index: 0,
        };
        fieldset.children.insert(0, child);
    }
}
