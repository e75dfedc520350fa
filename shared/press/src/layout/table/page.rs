//! The part of a table that one page shows, as rows are added to it.

use super::super::borders::RowPlace;
use super::super::columns::Columns;
use super::repeated::Repeated;
use crate::boxes::{BoxId, TableBox};
use crate::fragment::{BoxFragment, Fragment, Kind};
use fanfold_geometry::{Edges, Point, Px, Size};
use std::rc::Rc;

/// A table's fragment as it grows.
pub(super) struct Page<'t> {
    pub(super) table: &'t TableBox,
    pub(super) columns: Rc<Columns>,
    pub(super) grid: Fragment,
    /// The open row group: its index, fragment and top.
    group: Option<(usize, Fragment, Px)>,
    /// Where the next row goes.
    pub(super) y: Px,
    /// Where the last row ended.
    bottom: Px,
    pub(super) places: Vec<RowPlace>,
    pub(super) gap: Px,
    /// The rows before this one cannot stay together though they avoid breaks.
    pub(super) loose: usize,
    /// Where nothing is seen any more; infinite where that is not known.
    pub(super) sheet_end: Px,
}

impl<'t> Page<'t> {
    /// Nothing yet; the first row goes to `y`.
    pub(super) fn new(
        table: &'t TableBox,
        columns: Rc<Columns>,
        grid: Fragment,
        y: Px,
        gap: Px,
    ) -> Self {
        Self {
            table,
            columns,
            grid,
            group: None,
            y,
            bottom: y,
            places: Vec::new(),
            gap,
            loose: 0,
            sheet_end: Px::INFINITY,
        }
    }

    /// Left edge and width of all columns.
    pub(super) fn extent(&self) -> (Px, Px) {
        self.columns.extent()
    }

    /// Adds a row; one that is not whole has no spacing below.
    pub(super) fn push_row(&mut self, place: RowPlace, fragment: Fragment) {
        let RowPlace { row, height, .. } = place;
        let Some(group) = self.table.group_of(row) else {
            return;
        };
        if self.group.as_ref().is_none_or(|(open, ..)| *open != group) {
            self.close_group();
            let id = self.table.groups[group].id;
            let first = row == self.table.groups[group].rows.start && place.starts;
            let kind = plain_box(id, first, true);
            self.group = Some((group, Fragment::new(kind, Size::default()), self.y));
        }
        if let Some((_, open, top)) = &mut self.group {
            let at = Point::new(Px::ZERO, self.y - *top);
            open.first_baseline = open
                .first_baseline
                .or(fragment.first_baseline.map(|own| own + at.y));
            open.push(at, Rc::new(fragment), row);
        }
        self.places.push(RowPlace { y: self.y, ..place });
        self.bottom = self.y + height;
        self.y = self.bottom + if place.ends { self.gap } else { Px::ZERO };
    }

    /// Adds a cell to the row `home` of the open group, its top at `y`.
    pub(super) fn attach(&mut self, home: usize, fragment: Fragment, x: Px, y: Px, index: usize) {
        let (left, _) = self.extent();
        let Some((_, group, top)) = &mut self.group else {
            return;
        };
        let Some(row) = group
            .children
            .iter_mut()
            .rev()
            .find(|row| row.index as usize == home)
        else {
            return;
        };
        let at = Point::new(x - left, y - *top - row.offset.y);
        // Rows of an open group are in no other place yet.
        if let Some(row) = Rc::get_mut(&mut row.fragment) {
            row.push(at, Rc::new(fragment), index);
            group.has = group.has.or(row.has);
        }
    }

    /// Makes the table reach down to `bottom` at least.
    pub(super) fn reach(&mut self, bottom: Px) {
        let beyond = bottom - self.bottom;
        if beyond > Px::ZERO {
            self.bottom += beyond;
            self.y += beyond;
        }
    }

    /// Where the last row ended.
    pub(super) fn bottom(&self) -> Px {
        self.bottom
    }

    pub(super) fn close_group(&mut self) {
        let Some((index, mut fragment, top)) = self.group.take() else {
            return;
        };
        let (left, width) = self.extent();
        fragment.size = Size::new(width, (self.bottom - top).max(Px::ZERO));
        let baseline = fragment.first_baseline.map(|baseline| baseline + top);
        self.grid.first_baseline = self.grid.first_baseline.or(baseline);
        self.grid
            .push(Point::new(left, top), Rc::new(fragment), index);
    }

    /// Puts a repeated group at the current height.
    pub(super) fn repeat(&mut self, group: &Repeated, index: usize) {
        self.close_group();
        let (left, _) = self.extent();
        let y = self.y;
        let baseline = group.fragment.first_baseline.map(|baseline| baseline + y);
        self.grid.first_baseline = self.grid.first_baseline.or(baseline);
        self.grid
            .push(Point::new(left, y), group.fragment.clone(), index);
        self.places.extend(group.rows.iter().map(|place| RowPlace {
            y: place.y + y,
            ..*place
        }));
        self.bottom = y + group.height;
        self.y = self.bottom + self.gap;
    }
}

/// A row's or row group's fragment: no edges of its own.
pub(super) fn plain_box(id: BoxId, first: bool, last: bool) -> Kind {
    Kind::Box(BoxFragment {
        id,
        border: Edges::default(),
        padding: Edges::default(),
        first,
        last,
        consumed: Px::ZERO,
        bare: false,
    })
}
