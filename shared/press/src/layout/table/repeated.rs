//! Header and footer groups, laid out once for all pages.

use super::super::borders::RowPlace;
use super::super::columns::Columns;
use super::page::Page;
use super::{Layout, Space, Step};
use crate::boxes::{GroupKind, TableBox};
use crate::fragment::{Fragment, Kind};
use fanfold_geometry::{Px, Size};
use std::rc::Rc;

/// A header or footer, the same on every page.
#[derive(Debug)]
pub(super) struct Repeated {
    pub(super) fragment: Rc<Fragment>,
    pub(super) height: Px,
    /// Rows with their places in the group.
    pub(super) rows: Vec<RowPlace>,
}

impl Layout<'_> {
    /// The header or footer group, laid out once for a width.
    pub(super) fn repeated(
        &self,
        table: &TableBox,
        columns: &Rc<Columns>,
        gap: Px,
        kind: GroupKind,
    ) -> Step<Option<Rc<Repeated>>> {
        let Some(index) = table.repeated(kind) else {
            return Ok(None);
        };
        let slot = usize::from(kind == GroupKind::Footer);
        let width: Px = columns.widths.iter().copied().sum();
        if let Some((known, group)) = &table.cache.borrow().repeated[slot]
            && *known == width
        {
            return Ok(Some(group.clone()));
        }
        let rows = table.groups[index].rows.clone();
        let cluster = self.cluster(table, columns, rows, gap, Px::INFINITY)?;
        let grid = Fragment::new(Kind::Group, Size::default());
        let mut page = Page::new(table, columns.clone(), grid, Px::ZERO, gap);
        self.place_cluster(&mut page, cluster);
        page.close_group();
        // Where the group is, is where it is repeated; so only what is inside of it moves.
        for group in &mut page.grid.children {
            self.position_rows(group, width, Space::unbroken(width, None))?;
        }
        let height = page
            .places
            .last()
            .map_or(Px::ZERO, |place| place.y + place.height);
        let fragment = page.grid.children.pop().map(|child| child.fragment);
        let fragment =
            fragment.unwrap_or_else(|| Rc::new(Fragment::new(Kind::Group, Size::default())));
        let group = Rc::new(Repeated {
            fragment,
            height,
            rows: page.places,
        });
        table.cache.borrow_mut().repeated[slot] = Some((width, group.clone()));
        Ok(Some(group))
    }
}
