//! Rows and row groups that are positioned or painted apart (CSS Positioned Layout 3 §3.2).

use super::super::positioned::Against;
use super::{Layout, Space, Step};
use crate::boxes::contains_absolutes;
use crate::fragment::{Child, Fragment};
use crate::paint::is_layer;
use fanfold_geometry::{Point, Px, Rect};
use std::rc::Rc;

impl Layout<'_> {
    /// Shifts the row groups of a grid and what is in them, and places the absolutely positioned boxes that they
    /// contain. A header or footer that is the same on every page has that behind it, but for its own shift.
    pub(super) fn position_groups(&self, grid: &mut Fragment, space: Space) -> Step<()> {
        let width = grid.size.width;
        for group in &mut grid.children {
            let by = self.position_rows(group, width, space)?;
            group.offset = group.offset + by;
            grid.has = grid.has.or(group.fragment.has);
        }
        Ok(())
    }

    /// Shifts the rows of a group and places what they and it contain; how far it is shifted itself.
    pub(super) fn position_rows(&self, group: &mut Child, width: Px, space: Space) -> Step<Point> {
        let Some(id) = group.fragment.as_box().map(|box_| box_.id) else {
            return Ok(Point::default());
        };
        let top = group.offset.y;
        // One that is shown on other pages too is done already.
        if let Some(fragment) = Rc::get_mut(&mut group.fragment) {
            for row in &mut fragment.children {
                let Some(id) = row.fragment.as_box().map(|box_| box_.id) else {
                    continue;
                };
                if let Some(fragment) = Rc::get_mut(&mut row.fragment) {
                    self.contain(fragment, top + row.offset.y, space)?;
                }
                fragment.has = fragment.has.or(row.fragment.has);
                row.offset = row.offset + self.relative_offset(self.tree.style(id), width, None);
            }
            self.contain(fragment, top, space)?;
        }
        Ok(self.relative_offset(self.tree.style(id), width, None))
    }

    /// Places the absolutely positioned boxes in a row or row group at `y` that contains them.
    fn contain(&self, fragment: &mut Fragment, y: Px, space: Space) -> Step<()> {
        let Some(id) = fragment.as_box().map(|box_| box_.id) else {
            return Ok(());
        };
        let style = self.tree.style(id);
        fragment.has.layers |= is_layer(style);
        if !fragment.has.absolutes || !contains_absolutes(style) {
            return Ok(());
        }
        let size = fragment.size;
        let against = Against {
            area: Rect::new(Px::ZERO, Px::ZERO, size.width, size.height),
            page_end: space.left - y,
            page: space.page,
            rtl: style.text.rtl,
            aside: space.aside,
            least: -Px::INFINITY,
            cut: Px::ZERO,
        };
        self.place_absolutes(fragment, &against)
    }
}
