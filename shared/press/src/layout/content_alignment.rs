//! Content of block containers and cells aligned in a height that it leaves free (CSS Box Alignment 3 §5.1, CSS 2.2
//! §17.5.3).

use super::Layout;
use crate::boxes::is_absolute;
use crate::fragment::{Child, Fragment};
use fanfold_geometry::Px;
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{Alignment, Display};
use fanfold_style::values::AutoLength;

impl Layout<'_> {
    /// Aligns the content of a block container that leaves `free` of its height, on a sheet that ends at `sheet_end`
    /// from its top, before the fragment has its height.
    pub(super) fn align_block_content(
        &self,
        style: &ComputedStyle,
        free: Px,
        sheet_end: Px,
        fragment: &mut Fragment,
    ) {
        // A cell's content is where its `vertical-align` has it, once the row's height is known.
        if free <= Px::ZERO || style.box_.display == Display::TableCell {
            return;
        }
        let by = match style.box_.flex.align_content {
            Alignment::Center | Alignment::SpaceAround | Alignment::SpaceEvenly => free / 2.0,
            Alignment::End => free,
            _ => return,
        };
        self.lower_content(fragment, by, sheet_end);
    }

    /// Moves what is in a fragment down, as far as it stays on the sheet, which ends at `sheet_end` from its top.
    pub(super) fn lower_content(&self, fragment: &mut Fragment, by: Px, sheet_end: Px) {
        let by = if fragment.has.rests {
            // What is positioned in it is cut where the page ends already.
            Px::ZERO
        } else if fragment.has.overfull {
            // What sticks out of boxes of a set height would be lost below the sheet.
            by.min((sheet_end - fragment.reach()).max(Px::ZERO))
        } else {
            by
        };
        if by <= Px::ZERO {
            return;
        }
        for child in &mut fragment.children {
            if !self.is_inset(child) {
                child.offset.y += by;
            }
        }
        let moved = |baseline: Option<Px>| baseline.map(|baseline| baseline + by);
        fragment.first_baseline = moved(fragment.first_baseline);
        fragment.last_baseline = moved(fragment.last_baseline);
    }

    /// Whether it is placed against its container's edges, not where it would be in the flow (CSS 2.2 §10.6.4).
    fn is_inset(&self, child: &Child) -> bool {
        child.fragment.as_box().is_some_and(|box_| {
            let style = self.tree.style(box_.id);
            let inset = &style.box_.inset;
            is_absolute(style)
                && [inset.top, inset.bottom]
                    .iter()
                    .any(|side| *side != AutoLength::Auto)
        })
    }
}
