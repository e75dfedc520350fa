//! A row where the page ends, and cells that go on beside the rows below theirs.

use super::super::Forced;
use super::super::borders::RowPlace;
use super::page::Page;
use super::resume::{Rest, Spanning};
use super::row::{Ends, LaidCell};
use super::rows::Room;
use super::{Floats, Layout, Outcome, Resume, Space, Step, TOLERANCE, used_edges};
use crate::boxes::{BoxId, Cell, Content};
use crate::fragment::{BoxFragment, Fragment, Kind};
use fanfold_geometry::{Point, Px, Size};

/// What became of one row.
pub(super) enum RowOutcome {
    Whole,
    Broken {
        /// What is left of each of its cells.
        rests: Vec<Rest>,
        /// What is left of the height it is to have.
        owed: Px,
        /// The break that a cell asks for.
        forced: Option<Forced>,
    },
    Before,
}

/// A row that goes on from the page before.
#[derive(Clone, Copy)]
pub(super) struct Started<'a> {
    /// What is left of each of its cells.
    pub(super) rests: &'a [Rest],
    /// What is left of its height.
    pub(super) owed: Px,
}

/// A spanning cell whose last row is still to come.
pub(super) struct OpenCell {
    /// The row it starts in.
    row: usize,
    laid: LaidCell,
    /// Its top on this page.
    top: Px,
    /// The row of this page that holds it; none until that is placed.
    home: Option<usize>,
    /// It starts on this page.
    first: bool,
    /// The baseline of its row.
    baseline: Px,
}

impl OpenCell {
    /// The row after its last one.
    fn end(&self) -> usize {
        self.row + self.laid.cell.rowspan as usize
    }

    fn bottom(&self) -> Px {
        self.top + self.laid.fragment.size.height
    }
}

impl Layout<'_> {
    /// Cells from earlier pages, laid out beside the first row of this one.
    pub(super) fn carried_cells(
        &self,
        page: &Page<'_>,
        carried: &[Spanning],
        room: Room,
        space: Space,
    ) -> Step<Vec<OpenCell>> {
        let mut open = Vec::with_capacity(carried.len());
        for spanning in carried {
            let cell = page.table.rows[spanning.row].cells[spanning.cell];
            let laid = self.cell(page, cell, spanning.cell, &spanning.rest, room, space)?;
            open.push(OpenCell {
                row: spanning.row,
                laid,
                top: page.y,
                home: None,
                first: matches!(spanning.rest, Rest::Start),
                baseline: Px::ZERO,
            });
        }
        Ok(open)
    }

    /// What is left of a cell, in what is left of the page.
    fn cell(
        &self,
        page: &Page<'_>,
        cell: Cell,
        index: usize,
        from: &Rest,
        room: Room,
        space: Space,
    ) -> Step<LaidCell> {
        let (x, width) = page.columns.span(&cell);
        let around = page.columns.around;
        let resume = match from {
            Rest::Start => None,
            Rest::At(resume) => Some(resume),
            Rest::Done => {
                let mut fragment = self.blank_cell(cell.id, width, around, false);
                // A lower edge takes no more than a page, which would be followed by another one for it.
                let left = (room.limit - page.y).max(Px::ZERO);
                fragment.size.height = fragment.size.height.min(left);
                return Ok(LaidCell {
                    cell,
                    index,
                    fragment,
                    x,
                    around,
                    rest: Rest::Done,
                    forced: None,
                    definite: false,
                    begins: false,
                });
            }
        };
        let space = Space {
            width: around,
            height: None,
            left: room.limit - page.y,
            at_top: room.must,
            ..space
        };
        let mut floats = Floats::default();
        let outcome = self.layout(cell.id, width, space, resume, &mut floats, Point::default())?;
        let (fragment, rest, forced) = match outcome {
            Outcome::Laid(laid) => (laid.fragment, Rest::after(laid.resume), laid.forced),
            Outcome::Before => {
                let fragment = self.blank_cell(cell.id, width, around, resume.is_none());
                (fragment, self.after_edge(cell.id, from), None)
            }
        };
        Ok(LaidCell {
            cell,
            index,
            fragment,
            x,
            around,
            rest,
            forced,
            definite: false,
            begins: from.is_at_start(),
        })
    }

    /// One row in what is left of the page, its cells broken where they must.
    pub(super) fn broken_row(
        &self,
        page: &mut Page<'_>,
        row: usize,
        started: Option<Started<'_>>,
        open: &mut Vec<OpenCell>,
        room: Room,
        space: Space,
    ) -> Step<RowOutcome> {
        let left = room.limit - page.y;
        if left <= Px::ZERO && !room.must {
            return Ok(RowOutcome::Before);
        }
        let table = page.table;
        let mut cells: Vec<LaidCell> = Vec::with_capacity(table.rows[row].cells.len());
        for (index, cell) in table.rows[row].cells.iter().enumerate() {
            let from = started.map_or(&Rest::Start, |started| {
                started.rests.get(index).unwrap_or(&Rest::Done)
            });
            cells.push(self.cell(page, *cell, index, from, room, space)?);
        }
        if let Some(started) = started.filter(|started| !started.rests.iter().any(Rest::is_some)) {
            // Lower edges are in the height that is left.
            for laid in &mut cells {
                laid.fragment.size.height = laid.fragment.size.height.min(started.owed);
            }
        }
        // Below a repeated header as at a page's top: the next page has no more room for a lower edge.
        let mut cut = false;
        if room.fresh {
            for laid in cells.iter_mut().filter(|laid| !laid.rest.is_some()) {
                let height = laid.fragment.size.height;
                let edge = laid
                    .fragment
                    .as_box()
                    .map(|box_| box_.border.bottom + box_.padding.bottom);
                let flows = matches!(self.tree.get(laid.cell.id).content, Content::Blocks(_));
                if flows && height > left && height - edge.unwrap_or_default() <= left {
                    laid.fragment.size.height = left;
                    cut = true;
                }
            }
        }
        let rests: Vec<Rest> = cells.iter().map(|laid| laid.rest.clone()).collect();
        let forced = cells.iter().find_map(|laid| laid.forced.clone());
        let ending = |laid: &LaidCell| laid.cell.rowspan == 1;
        let unfinished = cells.iter().any(|laid| ending(laid) && laid.rest.is_some())
            || open
                .iter()
                .any(|open| open.end() == row + 1 && open.laid.rest.is_some());
        // Cells that began above are on the page already.
        let carried = open.iter().filter(|open| open.home.is_none());
        let progress = cells
            .iter()
            .chain(carried.map(|open| &open.laid))
            .any(|laid| !laid.fragment.children.is_empty());
        let continued = started.is_some();
        if unfinished && !room.must {
            let parts = table.rows[row].cells.iter().map(|cell| cell.id);
            let mut parts = parts.chain([table.rows[row].id]);
            let avoids = parts.any(|id| self.tree.style(id).breaks.avoid_inside);
            // A cell that ends here must have room beside those that go on, as in WeasyPrint; Chromium
            // moves most such rows too.
            let mut whole = cells
                .iter()
                .filter(|laid| ending(laid) && !laid.rest.is_some());
            let runs_over = whole.any(|laid| laid.fragment.size.height > left + TOLERANCE);
            if !progress || ((avoids || runs_over) && !continued) {
                return Ok(RowOutcome::Before);
            }
        }
        let natural = match started {
            Some(started) => {
                let heights = cells.iter().filter(|laid| ending(laid));
                heights.fold(started.owed, |tall, laid| {
                    tall.max(laid.fragment.size.height)
                })
            }
            None => self.row_height(table, row, &cells),
        };
        let carried = open
            .iter()
            .filter(|open| open.end() == row + 1)
            .fold(Px::ZERO, |tall, open| tall.max(open.bottom() - page.y));
        let natural = natural.max(carried);
        if !unfinished && !room.must && !cut && natural + page.gap + room.closing > left + TOLERANCE
        {
            return Ok(RowOutcome::Before);
        }
        // Only height is left: that goes on too, rather than take its content past the page's end.
        let too_tall = natural > left + TOLERANCE && left > Px::ZERO;
        let broken = unfinished || too_tall;
        let height = if broken { left.max(Px(1.0)) } else { natural };
        let ends = Ends {
            first: !continued,
            last: !broken,
        };
        self.place_row(page, row, cells, height, ends, open);
        Ok(if broken {
            RowOutcome::Broken {
                rests,
                owed: (natural - height).max(Px::ZERO),
                forced,
            }
        } else {
            RowOutcome::Whole
        })
    }

    /// Adds a row to the page: its own cells, and those from above that end in it.
    fn place_row(
        &self,
        page: &mut Page<'_>,
        row: usize,
        cells: Vec<LaidCell>,
        height: Px,
        ends: Ends,
        open: &mut Vec<OpenCell>,
    ) {
        let baseline = self.row_baseline(&cells);
        let (own, spanning): (Vec<LaidCell>, Vec<LaidCell>) =
            cells.into_iter().partition(|laid| laid.cell.rowspan == 1);
        let spans = vec![height; own.len()];
        let top = page.y;
        let fragment = self.row_fragment(page, row, height, own, &spans, ends);
        let place = RowPlace {
            starts: ends.first,
            ends: ends.last,
            ..RowPlace::whole(row, height)
        };
        page.push_row(place, fragment);
        for open in open.iter_mut() {
            open.home.get_or_insert(row);
        }
        // A row that goes on says itself what is left of its cells.
        let home = Some(row);
        let new = spanning.into_iter().map(|laid| OpenCell {
            row,
            laid,
            top,
            home,
            first: ends.first,
            baseline,
        });
        open.extend(new);
        if !ends.last {
            return;
        }
        for closed in open.extract_if(.., |open| open.end() == row + 1) {
            let ends = Ends {
                first: closed.first,
                last: true,
            };
            self.attach_cell(page, closed, top + height, ends);
        }
    }

    /// Ends the open cells with the page; what is left of those from rows above.
    pub(super) fn cut_cells(&self, page: &mut Page<'_>, open: Vec<OpenCell>) -> Vec<Spanning> {
        let mut spanning = Vec::with_capacity(open.len());
        let lowest = open
            .iter()
            .fold(Px::ZERO, |low, open| low.max(open.bottom()));
        page.reach(lowest);
        let bottom = page.bottom();
        for open in open {
            spanning.push(Spanning {
                row: open.row,
                cell: open.laid.index,
                rest: open.laid.rest.clone(),
            });
            let ends = Ends {
                first: open.first,
                last: false,
            };
            self.attach_cell(page, open, bottom, ends);
        }
        spanning
    }

    fn attach_cell(&self, page: &mut Page<'_>, open: OpenCell, bottom: Px, ends: Ends) {
        let Some(home) = open.home else { return };
        let (x, index, top) = (open.laid.x, open.laid.index, open.top);
        let height = (bottom - top).max(Px::ZERO);
        let fragment = self.stretched_cell(
            open.laid,
            (height, page.sheet_end - top),
            open.baseline,
            ends,
        );
        page.attach(home, fragment, x, top, index);
    }

    /// What is left of a cell of which only the upper edge was shown.
    fn after_edge(&self, id: BoxId, rest: &Rest) -> Rest {
        match (rest, &self.tree.get(id).content) {
            (Rest::Start, Content::Blocks(_)) => Rest::At(Resume::Blocks {
                child: 0,
                inner: None,
                consumed: Px::ZERO,
                floats: Vec::new(),
            }),
            (Rest::Start, Content::Inline(_)) => Rest::At(Resume::Lines {
                offset: 0,
                begun: 0,
                consumed: Px::ZERO,
                floats: Vec::new(),
            }),
            _ => rest.clone(),
        }
    }

    /// The edges of a cell without content: what came before ended on an earlier page, or nothing of
    /// it has room.
    fn blank_cell(&self, id: BoxId, width: Px, around: Px, first: bool) -> Fragment {
        let used = used_edges(self.tree.style(id), around);
        let kind = Kind::Box(BoxFragment {
            id,
            border: used.border,
            padding: used.padding,
            first,
            last: true,
            consumed: Px::ZERO,
            bare: false,
        });
        let height = if first { used.top() } else { used.bottom() };
        Fragment::new(kind, Size::new(width, height))
    }
}
