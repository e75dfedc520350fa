//! A fieldset's legend, which stands in its upper border (HTML §15.3.13).

use super::{Layout, Step, Used, used_edges};
use crate::boxes::BoxId;
use crate::fragment::Fragment;
use fanfold_geometry::{Point, Px};
use std::rc::Rc;

/// A legend laid out.
pub(super) struct Legend {
    fragment: Fragment,
    /// Its border box's place in the fieldset's.
    at: Point,
}

impl Layout<'_> {
    /// The legend of the fieldset `id`, whose border box is `width` wide; the border that it stands in
    /// gives it all the room it needs.
    pub(super) fn legend(&self, id: BoxId, width: Px, used: &mut Used) -> Step<Option<Legend>> {
        let extras = self.tree.get(id).extras.as_ref();
        let Some(legend) = extras.and_then(|extras| extras.legend) else {
            return Ok(None);
        };
        let style = self.tree.style(legend);
        let room = (width - used.horizontal()).max(Px::ZERO);
        let own = used_edges(style, room);
        let auto = self.shrink(legend, &own, (room - own.margin_horizontal()).max(Px::ZERO));
        let size = self.constrained_width(legend, &own, room, auto);
        let fragment = self.layout_whole(legend, size, None)?.fragment;
        let free = room - size - own.margin_horizontal();
        let rtl = self.tree.style(id).text.rtl;
        let x = match (own.margin.left, own.margin.right) {
            (None, None) => free / 2.0,
            (None, Some(_)) => free,
            (Some(left), Some(_)) if rtl => free + left,
            (Some(left), _) => left,
        };
        let outer = own.margin_top() + fragment.size.height + own.margin_bottom();
        let at = Point::new(used.left() + x, own.margin_top());
        used.border.top = used.border.top.max(outer);
        Ok(Some(Legend { fragment, at }))
    }
}

impl Legend {
    /// Puts the legend into its fieldset.
    pub(super) fn place(self, fieldset: &mut Fragment) {
        fieldset.push(self.at, Rc::new(self.fragment), 0);
    }
}
