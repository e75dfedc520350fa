//! Which rows a page takes, and where it ends (CSS Fragmentation 3 §3, §4.4).

use super::super::Forced;
use super::break_row::{OpenCell, RowOutcome, Started};
use super::page::Page;
use super::resume::{GridResume, Rest};
use super::{Layout, Space, Step, TOLERANCE};
use crate::boxes::TableBox;
use fanfold_geometry::Px;
use fanfold_style::computed::Break;
use std::ops::Range;

/// How far rows may reach.
#[derive(Clone, Copy)]
pub(super) struct Room {
    /// Where the page ends for rows.
    pub(super) limit: Px,
    /// What comes below the last row of all.
    pub(super) closing: Px,
    /// Something must be placed.
    pub(super) must: bool,
    /// Nothing but repeated groups is above on this page.
    pub(super) fresh: bool,
}

/// How the rows of a page ended.
pub(super) enum RowsEnd {
    Done,
    Break(GridResume, Option<Forced>),
    /// Not one row has room.
    Before,
}

impl Layout<'_> {
    /// The rows of `range`, as many as have room.
    pub(super) fn rows(
        &self,
        page: &mut Page<'_>,
        resume: Option<&GridResume>,
        range: Range<usize>,
        room: Room,
        space: Space,
    ) -> Step<RowsEnd> {
        let mut next = range.start;
        let mut split = resume.and_then(|resume| resume.split.as_deref());
        let mut owed = resume.map_or(Px::ZERO, |resume| resume.owed);
        let carried = resume.map_or(&[][..], |resume| resume.spanning.as_slice());
        let mut open = self.carried_cells(page, carried, room, space)?;
        let mut placed = false;
        // Who looked for them anew on each page would read a long table again and again.
        page.loose = resume.map_or(next, |resume| resume.loose.max(next));
        // What sticks out of a cell may be in the margin.
        let sheet = match space.breaks() {
            true => self.sheet_end(space) - space.left,
            false => Px::ZERO,
        };
        while next < range.end {
            self.step()?;
            if placed
                && split.is_none()
                && let Some(side) = self.forced_between_rows(page.table, next)
                && self.takes_forced(space)
            {
                let forced = Some(Forced { side });
                return Ok(self.end_page(page, next, None, open, forced));
            }
            let must = room.must && !placed;
            if split.is_none() && open.is_empty() {
                let kept = if next < page.loose {
                    next..next + 1
                } else {
                    self.kept_together(page.table, next, range.end)
                };
                let linked = linked(page.table, kept.clone(), range.end);
                let avoids = next >= page.loose && self.avoids_inside(page.table, &kept);
                let left = room.limit - page.y;
                let cluster = self.cluster(page.table, &page.columns, linked, page.gap, left)?;
                let closing = if cluster.rows.end == range.end {
                    room.closing
                } else {
                    Px::ZERO
                };
                let fits = cluster.height + closing <= left + TOLERANCE && !cluster.forced;
                let fits = fits && !self.cells_stick_out(&cluster, page.gap, left + sheet);
                if fits || !space.breaks() {
                    next = cluster.rows.end;
                    self.place_cluster(page, cluster);
                    placed = true;
                    continue;
                }
                if avoids && !must {
                    return Ok(if placed {
                        self.end_page(page, next, None, open, None)
                    } else {
                        RowsEnd::Before
                    });
                }
                if avoids {
                    page.loose = kept.end;
                }
            }
            let last = next + 1 == range.end;
            let room = Room {
                closing: if last { room.closing } else { Px::ZERO },
                must,
                fresh: room.fresh && !placed,
                ..room
            };
            let started = split.take().map(|rests| Started { rests, owed });
            match self.broken_row(page, next, started, &mut open, room, space)? {
                RowOutcome::Before if placed => {
                    return Ok(self.end_page(page, next, None, open, None));
                }
                RowOutcome::Before => return Ok(RowsEnd::Before),
                RowOutcome::Whole => {
                    placed = true;
                    next += 1;
                }
                RowOutcome::Broken {
                    rests,
                    owed,
                    forced,
                } => {
                    let mut end = self.end_page(page, next, Some(rests), open, forced);
                    if let RowsEnd::Break(resume, _) = &mut end {
                        resume.owed = owed;
                    }
                    return Ok(end);
                }
            }
            owed = Px::ZERO;
        }
        Ok(RowsEnd::Done)
    }

    /// Ends the page before or inside row `next`.
    fn end_page(
        &self,
        page: &mut Page<'_>,
        next: usize,
        split: Option<Vec<Rest>>,
        open: Vec<OpenCell>,
        forced: Option<Forced>,
    ) -> RowsEnd {
        let mut spanning = self.cut_cells(page, open);
        if split.is_some() {
            // The row says itself where its cells go on.
            spanning.retain(|cell| cell.row != next);
        }
        RowsEnd::Break(
            GridResume {
                row: next,
                split,
                spanning,
                owed: Px::ZERO,
                footer_shown: false,
                loose: page.loose,
            },
            forced,
        )
    }

    /// The rows from `first` on that `break-inside`, `break-before` and `break-after: avoid` keep on
    /// one page.
    fn kept_together(&self, table: &TableBox, first: usize, end: usize) -> Range<usize> {
        let avoids = |id| self.tree.style(id).breaks.avoid_inside;
        let mut last = first + 1;
        let mut row = first;
        while row < last && row < end {
            if let Some(group) = table.group_of(row).map(|index| &table.groups[index])
                && avoids(group.id)
            {
                last = last.max(group.rows.end);
            }
            if row + 1 == last && row + 1 < end && self.avoids_between_rows(table, row + 1) {
                last += 1;
            }
            row += 1;
        }
        first..last.min(end)
    }

    /// Whether a break inside `rows` is to be avoided.
    fn avoids_inside(&self, table: &TableBox, rows: &Range<usize>) -> bool {
        if rows.len() > 1 {
            return true;
        }
        let avoids = |id| self.tree.style(id).breaks.avoid_inside;
        let row = &table.rows[rows.start];
        let group = table.group_of(rows.start);
        avoids(row.id)
            || group.is_some_and(|group| avoids(table.groups[group].id))
            || row.cells.iter().any(|cell| avoids(cell.id))
    }

    /// The values of `break-after` and `break-before` that meet above row `next`, the stronger ones
    /// later.
    fn breaks_between_rows(&self, table: &TableBox, next: usize) -> [Option<Break>; 4] {
        let row = |row: usize| self.tree.style(table.rows[row].id).breaks;
        let mut values = [
            None,
            None,
            Some(row(next - 1).after),
            Some(row(next).before),
        ];
        let (before, after) = (table.group_of(next - 1), table.group_of(next));
        if before != after {
            let group = |index: Option<usize>| {
                index.map(|index| self.tree.style(table.groups[index].id).breaks)
            };
            values[0] = group(before).map(|breaks| breaks.after);
            values[1] = group(after).map(|breaks| breaks.before);
        }
        values
    }

    fn avoids_between_rows(&self, table: &TableBox, next: usize) -> bool {
        let values = self.breaks_between_rows(table, next);
        values.contains(&Some(Break::Avoid)) && self.forced_between_rows(table, next).is_none()
    }

    fn forced_between_rows(&self, table: &TableBox, next: usize) -> Option<Break> {
        let values = self.breaks_between_rows(table, next);
        let mut forced = values.into_iter().rev().flatten();
        forced.find(|value| !matches!(value, Break::Auto | Break::Avoid | Break::Column))
    }
}

/// `rows` with all that cells in them reach into.
fn linked(table: &TableBox, rows: Range<usize>, end: usize) -> Range<usize> {
    let mut last = rows.end;
    let mut row = rows.start;
    while row < last && row < end {
        for cell in &table.rows[row].cells {
            last = last.max(row + cell.rowspan as usize);
        }
        row += 1;
    }
    rows.start..last.min(end)
}
