//! Absolutely positioned children of flex and grid containers: without insets, they are where they would be as only
//! items (CSS Flexbox 1 §4.1, CSS Grid 2 §9.2).

use crate::boxes::BoxId;
use crate::fragment::{Fragment, Kind, StaticPoint};
use crate::layout::{Layout, Space, Used};
use fanfold_geometry::Px;
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{Alignment, FlexWrap};
use std::rc::Rc;

impl Layout<'_> {
    /// Puts the places of a container's absolutely positioned children to where they are aligned in its content box,
    /// once it is known how high that is. `consumed` is what of the container is on earlier pages.
    pub(super) fn align_absolutes(
        &self,
        style: &ComputedStyle,
        items: &[BoxId],
        is_grid: bool,
        (used, consumed): (&Used, Px),
        space: Space,
        fragment: &mut Fragment,
    ) {
        if consumed > Px::ZERO || !(fragment.has.absolutes || fragment.has.fixed) {
            return;
        }
        let size = fragment.size;
        let width = (size.width - used.horizontal()).max(Px::ZERO);
        let seen = self.seen_height(size.height, space);
        let height = (seen - used.vertical()).max(Px::ZERO);
        for child in &mut fragment.children {
            let Kind::Placeholder { id, .. } = child.fragment.kind else {
                continue;
            };
            if items.get(child.index as usize) != Some(&id) {
                continue;
            }
            let aligned = self.static_point(style, id, is_grid);
            child.offset.x = used.left() + width * aligned.x;
            child.offset.y = used.top() + height * aligned.y;
            if let Kind::Placeholder { point, .. } = &mut Rc::make_mut(&mut child.fragment).kind {
                *point = aligned;
            }
        }
    }

    /// Which point of the child `id` is at the same point of the content box of a container of this style.
    pub(in crate::layout) fn static_point(
        &self,
        style: &ComputedStyle,
        id: BoxId,
        is_grid: bool,
    ) -> StaticPoint {
        let own = self.tree.style(id);
        let flex = &style.box_.flex;
        let across = self.alignment(style, id);
        // Along and across the lines, and which of the two starts at the other end.
        let (horizontal, vertical, [right, below]) = if is_grid {
            let justified = own.grid.justify_self.unwrap_or(style.grid.justify_items);
            (justified, across, [false, false])
        } else {
            let flipped = flex.wrap == FlexWrap::Reverse;
            match flex.column {
                true => (across, flex.justify_content, [flipped, flex.reverse]),
                false => (flex.justify_content, across, [flex.reverse, flipped]),
            }
        };
        StaticPoint {
            x: share(horizontal, right != style.text.rtl),
            y: share(vertical, below),
        }
    }
}

/// How much of the free space is before a box that is aligned alone (CSS Box Alignment 3 §4.3 and §6): distributed
/// space is where its fallback alignment has it.
fn share(alignment: Alignment, reversed: bool) -> f32 {
    let start = match alignment {
        Alignment::Center | Alignment::SpaceAround | Alignment::SpaceEvenly => 0.5,
        Alignment::End => 1.0,
        _ => 0.0,
    };
    if reversed { 1.0 - start } else { start }
}
