//! Tables: rows, columns and cells placed on a grid (CSS 2.2 §17.2.1 fix-up, HTML §4.9.12 grid).

use super::BoxId;
use super::collapse::CollapsedEdges;
use crate::layout::TableCache;
use fanfold_style::ComputedStyle;
use fanfold_style::computed::Visibility;
use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

/// More columns than this are cut off, as in browsers: `colspan` multiplies cheaply.
const MOST_COLUMNS: u32 = 1000;

/// A table's structure.
#[derive(Debug, Default)]
pub(crate) struct TableBox {
    /// Captions in document order.
    pub(crate) captions: Vec<BoxId>,
    /// What `<col>` and `<colgroup>` say, by column; may be shorter than `columns`.
    pub(crate) column_styles: Vec<Arc<ComputedStyle>>,
    /// `<colgroup>` elements, from the first column on.
    pub(crate) column_groups: Vec<ColumnGroup>,
    /// Number of columns.
    pub(crate) columns: u32,
    /// Whether a cell starts in a column.
    pub(crate) starts: Vec<bool>,
    /// Groups in layout order: header first, then bodies, footer last.
    pub(crate) groups: Vec<RowGroup>,
    /// All rows in the order of their groups.
    pub(crate) rows: Vec<Row>,
    /// Cells of collapsed rows and columns, which count for the columns' widths alone.
    pub(crate) collapsed: Vec<Cell>,
    /// The winning borders where they collapse.
    pub(crate) edges: Option<CollapsedEdges>,
    /// Column widths and repeated groups, once known.
    pub(crate) cache: RefCell<TableCache>,
}

/// Columns of one `<colgroup>`.
#[derive(Debug)]
pub(crate) struct ColumnGroup {
    /// Its style.
    pub(crate) style: Arc<ComputedStyle>,
    /// Its columns.
    pub(crate) columns: Range<usize>,
}

/// What a row group is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GroupKind {
    /// `thead`: at the top of every page.
    Header,
    /// `tbody`.
    Body,
    /// `tfoot`: at the bottom of every page.
    Footer,
}

/// Consecutive rows.
#[derive(Debug)]
pub(crate) struct RowGroup {
    /// What it is for.
    pub(crate) kind: GroupKind,
    /// Its box, for backgrounds and breaks.
    pub(crate) id: BoxId,
    /// Its rows in [`TableBox::rows`].
    pub(crate) rows: Range<usize>,
}

/// A row.
#[derive(Debug)]
pub(crate) struct Row {
    /// Its box.
    pub(crate) id: BoxId,
    /// Cells that start in it, by column.
    pub(crate) cells: Vec<Cell>,
}

/// A cell and its place on the grid.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    /// Its box.
    pub(crate) id: BoxId,
    /// First column.
    pub(crate) column: u32,
    /// Columns covered, at least 1.
    pub(crate) colspan: u32,
    /// Rows covered, at least 1, within the group.
    pub(crate) rowspan: u32,
}

/// Collects a table's parts in document order.
#[derive(Debug, Default)]
pub(crate) struct TableBuilder {
    pub(crate) captions: Vec<BoxId>,
    pub(crate) column_styles: Vec<Arc<ComputedStyle>>,
    pub(crate) column_groups: Vec<ColumnGroup>,
    groups: Vec<(GroupKind, BoxId, Vec<Row>)>,
    /// A group is open for rows.
    group_open: bool,
    row_open: bool,
    /// For each column, rows of the open group still covered by a cell from above.
    covered: Vec<u32>,
    columns: u32,
    starts: Vec<bool>,
}

impl TableBuilder {
    /// Whether a row group takes rows now.
    pub(crate) fn has_group(&self) -> bool {
        self.group_open
    }

    /// Whether a row takes cells now.
    pub(crate) fn has_row(&self) -> bool {
        self.row_open
    }

    /// Starts a row group.
    pub(crate) fn open_group(&mut self, kind: GroupKind, id: BoxId) {
        self.close_group();
        // Only the first header and footer repeat; others are bodies (CSS 2.2 §17.2).
        let taken = self.groups.iter().any(|(other, ..)| *other == kind);
        let kind = if kind != GroupKind::Body && taken {
            GroupKind::Body
        } else {
            kind
        };
        self.groups.push((kind, id, Vec::new()));
        self.group_open = true;
    }

    /// Ends the open row group.
    pub(crate) fn close_group(&mut self) {
        self.close_row();
        self.group_open = false;
        self.covered.clear();
        if let Some((_, _, rows)) = self.groups.last_mut() {
            clip_row_spans(rows);
        }
    }

    /// Starts a row of the open group.
    pub(crate) fn open_row(&mut self, id: BoxId) {
        self.close_row();
        if let Some((_, _, rows)) = self.groups.last_mut() {
            rows.push(Row {
                id,
                cells: Vec::new(),
            });
            self.row_open = true;
        }
    }

    /// Ends the open row.
    pub(crate) fn close_row(&mut self) {
        if self.row_open {
            self.row_open = false;
            for rows in &mut self.covered {
                *rows = rows.saturating_sub(1);
            }
        }
    }

    /// Puts a cell in the next free place of the open row.
    pub(crate) fn cell(&mut self, id: BoxId, colspan: u32, rowspan: u32) {
        let Some((_, _, rows)) = self.groups.last_mut() else {
            return;
        };
        let Some(row) = rows.last_mut() else { return };
        let after = row
            .cells
            .last()
            .map_or(0, |cell| cell.column + cell.colspan);
        let mut column = after;
        while self
            .covered
            .get(column as usize)
            .is_some_and(|rows| *rows > 0)
        {
            column += 1;
        }
        let column = column.min(MOST_COLUMNS - 1);
        let colspan = colspan.clamp(1, MOST_COLUMNS - column);
        // 0 is "to the end of the group" (HTML §4.9.11).
        let rowspan = if rowspan == 0 { u32::MAX } else { rowspan };
        let end = (column + colspan) as usize;
        if self.covered.len() < end {
            self.covered.resize(end, 0);
        }
        for rows in &mut self.covered[column as usize..end] {
            *rows = (*rows).max(rowspan);
        }
        self.columns = self.columns.max(column + colspan);
        if self.starts.len() <= column as usize {
            self.starts.resize(column as usize + 1, false);
        }
        self.starts[column as usize] = true;
        row.cells.push(Cell {
            id,
            column,
            colspan,
            rowspan,
        });
    }

    /// The grid: header first, footer last.
    pub(crate) fn finish(mut self) -> TableBox {
        self.close_group();
        let order = |kind: GroupKind| match kind {
            GroupKind::Header => 0,
            GroupKind::Body => 1,
            GroupKind::Footer => 2,
        };
        self.groups.sort_by_key(|(kind, ..)| order(*kind));
        let named = u32::try_from(self.column_styles.len()).unwrap_or(MOST_COLUMNS);
        let columns = self.columns.max(named.min(MOST_COLUMNS));
        self.starts.resize(columns as usize, false);
        let mut table = TableBox {
            captions: self.captions,
            columns,
            starts: self.starts,
            column_styles: self.column_styles,
            column_groups: self.column_groups,
            ..TableBox::default()
        };
        for (kind, id, rows) in self.groups {
            let start = table.rows.len();
            table.rows.extend(rows);
            table.groups.push(RowGroup {
                kind,
                id,
                rows: start..table.rows.len(),
            });
        }
        table
    }
}

impl TableBox {
    /// Takes out the rows that are `collapsed` or in such groups, and the cells of such columns (CSS 2.2 §17.5.5).
    pub(crate) fn collapse_tracks(&mut self, collapsed: impl Fn(BoxId) -> bool) {
        let columns = &self.column_styles;
        let hidden = |column: &ComputedStyle| column.text.visibility == Visibility::Collapse;
        if columns.iter().any(|column| hidden(column)) {
            let inside = |cell: &mut Cell| {
                let end = (cell.column + cell.colspan) as usize;
                let columns = columns.get(cell.column as usize..end);
                columns.is_some_and(|columns| columns.iter().all(|column| hidden(column)))
            };
            for row in &mut self.rows {
                self.collapsed.extend(row.cells.extract_if(.., inside));
            }
        }
        let mut shown: Vec<bool> = self.rows.iter().map(|row| !collapsed(row.id)).collect();
        // A group's rows are gone with it, whatever they say themselves.
        for group in self.groups.iter().filter(|group| collapsed(group.id)) {
            shown[group.rows.clone()].fill(false);
        }
        if shown.iter().all(|shown| *shown) {
            return;
        }
        // How many rows are left above each.
        let mut above = vec![0];
        for shown in &shown {
            above.push(above[above.len() - 1] + usize::from(*shown));
        }
        let rows = std::mem::take(&mut self.rows);
        for (index, (mut row, shown)) in rows.into_iter().zip(shown).enumerate() {
            if !shown {
                self.collapsed.append(&mut row.cells);
                continue;
            }
            for cell in &mut row.cells {
                let end = (index + cell.rowspan as usize).min(above.len() - 1);
                cell.rowspan = u32::try_from(above[end] - above[index]).unwrap_or(1);
            }
            self.rows.push(row);
        }
        for group in &mut self.groups {
            group.rows = above[group.rows.start]..above[group.rows.end];
        }
    }
}

/// Row spans end with their group.
fn clip_row_spans(rows: &mut [Row]) {
    let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    for (index, row) in rows.iter_mut().enumerate() {
        let left = count - u32::try_from(index).unwrap_or(count).min(count);
        for cell in &mut row.cells {
            cell.rowspan = cell.rowspan.clamp(1, left.max(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_skip_places_covered_from_above() {
        let mut table = TableBuilder::default();
        table.open_group(GroupKind::Body, BoxId(0));
        table.open_row(BoxId(1));
        table.cell(BoxId(2), 1, 2);
        table.cell(BoxId(3), 1, 1);
        table.open_row(BoxId(4));
        table.cell(BoxId(5), 1, 9);
        let table = table.finish();
        assert_eq!(table.columns, 2);
        let cell = table.rows[1].cells[0];
        assert_eq!((cell.column, cell.rowspan), (1, 1));
    }
}
