//! The part of a table that one page shows, as rows are added to it.

use super::super::borders::RowPlace;
use super::super::columns::Columns;
use super::Repeated;
use crate::boxes::{BoxId, TableBox};
use crate::fragment::{BoxFragment, Fragment, Kind};
use fanfold_geometry::{Edges, Point, Px, Size};
use std::rc::Rc;

/// A table's fragment as it grows.
pub(super) struct Page<'t> {
    pub(super) table: &'t TableBox,
    pub(super) columns: Rc<Columns>,
    pub(super) grid: Fragment,
    pub(super) group: Option<(usize, Fragment, Px)>,
    pub(super) y: Px,
    pub(super) places: Vec<RowPlace>,
    pub(super) gap: Px,
}

impl Page<'_> {
    /// Left edge and width of all columns.
    pub(super) fn extent(&self) -> (Px, Px) {
        let left = self
            .columns
            .lefts
            .iter()
            .copied()
            .fold(Px::INFINITY, Px::min);
        let right = self
            .columns
            .lefts
            .iter()
            .zip(&self.columns.widths)
            .map(|(left, width)| *left + *width);
        let right = right.fold(Px::ZERO, Px::max);
        if left.is_finite() {
            (left, (right - left).max(Px::ZERO))
        } else {
            (Px::ZERO, Px::ZERO)
        }
    }

    pub(super) fn push_row(&mut self, row: usize, fragment: Fragment, height: Px) {
        let group = self
            .table
            .groups
            .iter()
            .position(|group| group.rows.contains(&row));
        let Some(group) = group else { return };
        if self.group.as_ref().is_none_or(|(open, ..)| *open != group) {
            self.close_group();
            let id = self.table.groups[group].id;
            let rows = &self.table.groups[group].rows;
            let kind = plain_box(id, row == rows.start, true);
            self.group = Some((group, Fragment::new(kind, Size::default()), self.y));
        }
        if let Some((_, open, top)) = &mut self.group {
            let at = Point::new(Px::ZERO, self.y - *top);
            open.first_baseline = open
                .first_baseline
                .or(fragment.first_baseline.map(|own| own + at.y));
            open.push(at, Rc::new(fragment), row);
        }
        self.places.push(RowPlace {
            row,
            y: self.y,
            height,
        });
        self.y += height + self.gap;
    }

    pub(super) fn close_group(&mut self) {
        let Some((index, mut fragment, top)) = self.group.take() else {
            return;
        };
        let (left, width) = self.extent();
        fragment.size = Size::new(width, (self.y - self.gap - top).max(Px::ZERO));
        let baseline = fragment.first_baseline.map(|baseline| baseline + top);
        self.grid.first_baseline = self.grid.first_baseline.or(baseline);
        self.grid
            .push(Point::new(left, top), Rc::new(fragment), index);
    }

    /// Puts a repeated group at the current height.
    pub(super) fn repeat(&mut self, group: &Repeated, index: Option<usize>) {
        self.close_group();
        let (left, _) = self.extent();
        let baseline = group
            .fragment
            .first_baseline
            .map(|baseline| baseline + self.y);
        self.grid.first_baseline = self.grid.first_baseline.or(baseline);
        self.grid.push(
            Point::new(left, self.y),
            group.fragment.clone(),
            index.unwrap_or_default(),
        );
        let y = self.y;
        self.places.extend(group.rows.iter().map(|place| RowPlace {
            y: place.y + y,
            ..*place
        }));
        self.y += group.height + self.gap;
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
