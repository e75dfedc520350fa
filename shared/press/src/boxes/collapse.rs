//! Collapsed borders: which border wins on each edge of the grid (CSS 2.2 §17.6.2).
//!
//! Done once when the table is built: cells and table get half of the winning widths as borders that
//! draw nothing, and the edges themselves are drawn with the rows.

use super::{BoxId, GroupKind, TableBox, Tree};
use fanfold_geometry::{Edges, Px};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{BorderSide, BorderStyle, LineStyle};
use std::sync::Arc;

/// How many of the sides that are known an equal one is looked for among.
const LOOKED_THROUGH: usize = 32;

/// The winning borders of a table's grid. A long table has a million edges, and few that differ: an edge is an
/// index of its side.
#[derive(Debug)]
pub(crate) struct CollapsedEdges {
    columns: usize,
    /// What edges look like; the first is no border.
    sides: Vec<BorderSide>,
    /// `(rows + 1) · columns`, above each row and below the last.
    horizontal: Vec<u32>,
    /// `rows · (columns + 1)`, left to right.
    vertical: Vec<u32>,
}

impl CollapsedEdges {
    /// The edge above row `row` in column `column`, as drawn from the left.
    pub(crate) fn above(&self, row: usize, column: usize) -> BorderSide {
        if column >= self.columns {
            return BorderSide::default();
        }
        self.side(self.horizontal.get(row * self.columns + column))
    }

    /// The widest edge above row `row`.
    pub(crate) fn widest_above(&self, row: usize) -> Px {
        let widths = (0..self.columns).map(|column| self.above(row, column).width);
        widths.fold(Px::ZERO, Px::max)
    }

    /// The edge left of column `column` in row `row`.
    pub(crate) fn left_of(&self, row: usize, column: usize) -> BorderSide {
        self.side(self.vertical.get(row * (self.columns + 1) + column))
    }

    fn side(&self, edge: Option<&u32>) -> BorderSide {
        let side = edge.and_then(|edge| self.sides.get(*edge as usize));
        side.copied().unwrap_or_default()
    }

    /// The index of `side`; none is no border.
    fn index_of(&mut self, side: Option<&BorderSide>) -> u32 {
        let Some(side) = side else { return 0 };
        let from = self.sides.len().saturating_sub(LOOKED_THROUGH);
        let known = self.sides[from..].iter().rposition(|known| known == side);
        let index = known.map_or(self.sides.len(), |known| from + known);
        if known.is_none() {
            self.sides.push(*side);
        }
        u32::try_from(index).unwrap_or(0)
    }
}

/// Resolves the borders of `table` and puts half of them on its cells; the table's own style comes
/// back changed in the same way.
pub(super) fn collapse(
    tree: &mut Tree,
    table: &mut TableBox,
    style: &ComputedStyle,
) -> ComputedStyle {
    let (rows, columns) = (table.rows.len(), table.columns as usize);
    let rtl = style.text.rtl;
    let grid = occupancy(table, rows, columns, rtl);
    let at = |row: usize, column: usize| grid[row * columns + column];
    let sides = |id: BoxId| &tree.style(id).border.sides;
    let group_of: Vec<usize> = table
        .groups
        .iter()
        .enumerate()
        .flat_map(|(index, group)| group.rows.clone().map(move |_| index))
        .collect();
    let own = &style.border.sides;
    let mut edges = CollapsedEdges {
        columns,
        sides: vec![BorderSide::default()],
        horizontal: vec![0; (rows + 1) * columns],
        vertical: vec![0; rows * (columns + 1)],
    };
    for row in 0..=rows {
        let (first, last) = (row == 0, row == rows);
        let (before, after) = (row.checked_sub(1), (!last).then_some(row));
        let mut around = Contest::default();
        around.enter(before.map(|row| &sides(table.rows[row].id).bottom));
        around.enter(after.map(|row| &sides(table.rows[row].id).top));
        let groups = (
            before.map(|row| group_of[row]),
            after.map(|row| group_of[row]),
        );
        if groups.0 != groups.1 {
            around.enter(groups.0.map(|group| &sides(table.groups[group].id).bottom));
            around.enter(groups.1.map(|group| &sides(table.groups[group].id).top));
        }
        for column in 0..columns {
            let above = before.and_then(|row| at(row, column));
            let below = after.and_then(|row| at(row, column));
            let mut best = Contest::default();
            if above.is_none() || above != below {
                best.enter(above.map(|id| &sides(id).bottom));
                best.enter(below.map(|id| &sides(id).top));
                best.enter_all(&around);
                if first || last {
                    let logical = if rtl { columns - 1 - column } else { column };
                    for style in named(table, logical) {
                        best.enter(last.then_some(&style.border.sides.bottom));
                        best.enter(first.then_some(&style.border.sides.top));
                    }
                    best.enter(first.then_some(&own.top));
                    best.enter(last.then_some(&own.bottom));
                }
            }
            edges.horizontal[row * columns + column] = edges.index_of(best.winner());
        }
    }
    for (row, group) in group_of.iter().copied().enumerate() {
        for column in 0..=columns {
            let left = column.checked_sub(1).and_then(|column| at(row, column));
            let right = (column < columns).then(|| at(row, column)).flatten();
            let mut best = Contest::default();
            if left.is_none() || left != right {
                // Equal borders: the one further to the start wins (§17.6.2.1).
                let cells = [
                    left.map(|id| &sides(id).right),
                    right.map(|id| &sides(id).left),
                ];
                best.enter_from(cells, rtl);
                let ends = [table.rows[row].id, table.groups[group].id].map(sides);
                let (first, last) = (column == 0, column == columns);
                for part in ends {
                    best.enter(first.then_some(&part.left));
                    best.enter(last.then_some(&part.right));
                }
                let logical = |column: usize| if rtl { columns - 1 - column } else { column };
                let before = column.checked_sub(1).map(logical);
                let after = (column < columns).then(|| logical(column));
                let style = |column: usize| table.column_styles.get(column);
                let columns = [
                    before
                        .and_then(style)
                        .map(|style| &style.border.sides.right),
                    after.and_then(style).map(|style| &style.border.sides.left),
                ];
                best.enter_from(columns, rtl);
                let group = |column: usize| table.column_group_of(column);
                if before.and_then(group) != after.and_then(group) {
                    let sides = |column: usize| {
                        let index = group(column)?;
                        Some(&table.column_groups[index].style.border.sides)
                    };
                    let groups = [
                        before.and_then(sides).map(|sides| &sides.right),
                        after.and_then(sides).map(|sides| &sides.left),
                    ];
                    best.enter_from(groups, rtl);
                }
                best.enter(first.then_some(&own.left));
                best.enter(last.then_some(&own.right));
            }
            edges.vertical[row * (columns + 1) + column] = edges.index_of(best.winner());
        }
    }
    clear_inside(table, &mut edges, rtl);
    set_cells(tree, table, &edges, rtl);
    let outer = outermost(&edges, rows, columns);
    table.edges = Some(edges);
    let mut style = style.clone();
    style.border = halves(outer, &style.border);
    let zero = fanfold_style::values::LengthPercentage::ZERO;
    style.box_.padding = Edges::all(zero);
    style
}

/// The cell at each place of the grid, columns from the left.
fn occupancy(table: &TableBox, rows: usize, columns: usize, rtl: bool) -> Vec<Option<BoxId>> {
    let mut grid = vec![None; rows * columns];
    for (index, row) in table.rows.iter().enumerate() {
        for cell in &row.cells {
            let end = (index + cell.rowspan as usize).min(rows);
            for row in index..end {
                for column in cell.column..cell.column + cell.colspan {
                    let column = column as usize;
                    let column = if rtl { columns - 1 - column } else { column };
                    grid[row * columns + column] = Some(cell.id);
                }
            }
        }
    }
    grid
}

/// No borders inside spanning cells, also where cells overlap.
fn clear_inside(table: &TableBox, edges: &mut CollapsedEdges, rtl: bool) {
    let columns = edges.columns;
    for (index, row) in table.rows.iter().enumerate() {
        for cell in row
            .cells
            .iter()
            .filter(|cell| cell.colspan > 1 || cell.rowspan > 1)
        {
            let (first, count) = (cell.column as usize, cell.colspan as usize);
            let left = if rtl { columns - first - count } else { first };
            let bottom = (index + cell.rowspan as usize).min(table.rows.len());
            for row in index..bottom {
                let inside = row * (columns + 1) + left;
                edges.vertical[inside + 1..inside + count].fill(0);
                if row > index {
                    let above = row * columns + left;
                    edges.horizontal[above..above + count].fill(0);
                }
            }
        }
    }
}

/// Cells' borders become the halves of their edges.
fn set_cells(tree: &mut Tree, table: &TableBox, edges: &CollapsedEdges, rtl: bool) {
    let columns = table.columns as usize;
    let mut last = 0;
    let mut known: Vec<(Arc<ComputedStyle>, Edges<Px>, Arc<ComputedStyle>)> = Vec::new();
    for (index, row) in table.rows.iter().enumerate() {
        for cell in &row.cells {
            let (first, count) = (cell.column as usize, cell.colspan as usize);
            let left = if rtl { columns - first - count } else { first };
            let bottom = (index + cell.rowspan as usize).min(table.rows.len());
            let widest = |row: usize| {
                let widths = (left..left + count).map(|column| edges.above(row, column).width);
                widths.fold(Px::ZERO, Px::max)
            };
            let tallest = |column: usize| {
                (index..bottom)
                    .map(|row| edges.left_of(row, column).width)
                    .fold(Px::ZERO, Px::max)
            };
            let widths = Edges {
                top: widest(index),
                bottom: widest(bottom),
                left: tallest(left),
                right: tallest(left + count),
            };
            let slot = &mut tree.boxes[cell.id.0 as usize].style;
            let same = |index: &usize| {
                let entry = known.get(*index);
                entry.is_some_and(|(from, of, _)| Arc::ptr_eq(from, slot) && *of == widths)
            };
            // Cells of a column share a style; a table has few different ones.
            let recent = known.len().saturating_sub(32)..known.len();
            let found = std::iter::once(last).chain(recent.rev()).find(same);
            last = found.unwrap_or_else(|| {
                let mut changed = (**slot).clone();
                changed.border = halves(widths, &slot.border);
                known.push((slot.clone(), widths, Arc::new(changed)));
                known.len() - 1
            });
            slot.clone_from(&known[last].2);
        }
    }
}

fn outermost(edges: &CollapsedEdges, rows: usize, columns: usize) -> Edges<Px> {
    let across = |row: usize| {
        (0..columns)
            .map(|column| edges.above(row, column).width)
            .fold(Px::ZERO, Px::max)
    };
    // Of the first row only: wider ones below spill into the margin (§17.6.2).
    Edges {
        top: across(0),
        bottom: across(rows),
        left: edges.left_of(0, 0).width,
        right: edges.left_of(0, columns).width,
    }
}

/// Borders of half of `widths` that draw nothing.
fn halves(widths: Edges<Px>, from: &BorderStyle) -> Arc<BorderStyle> {
    let side = |width: Px| BorderSide {
        width: width / 2.0,
        ..BorderSide::default()
    };
    Arc::new(BorderStyle {
        sides: Edges {
            top: side(widths.top),
            right: side(widths.right),
            bottom: side(widths.bottom),
            left: side(widths.left),
        },
        radii: from.radii,
        ..BorderStyle::default()
    })
}

/// A conflict on one edge; earlier entries win ties (§17.6.2.1).
#[derive(Default)]
struct Contest<'a> {
    best: Option<&'a BorderSide>,
    hidden: bool,
}

impl<'a> Contest<'a> {
    fn enter(&mut self, side: Option<&'a BorderSide>) {
        let Some(side) = side else { return };
        self.hidden |= side.style == LineStyle::Hidden;
        if side.style == LineStyle::None {
            return;
        }
        let wins = self.best.is_none_or(|best| {
            side.width > best.width
                || (side.width == best.width && border_rank(side.style) > border_rank(best.style))
        });
        if wins {
            self.best = Some(side);
        }
    }

    /// Those that entered another contest, in its order.
    fn enter_all(&mut self, other: &Self) {
        self.hidden |= other.hidden;
        self.enter(other.best);
    }

    /// Two of one kind, left and right of an edge.
    fn enter_from(&mut self, [left, right]: [Option<&'a BorderSide>; 2], rtl: bool) {
        let (first, second) = if rtl { (right, left) } else { (left, right) };
        self.enter(first);
        self.enter(second);
    }

    fn winner(&self) -> Option<&'a BorderSide> {
        self.best.filter(|_| !self.hidden)
    }
}

/// The styles of the column and column group over a column.
fn named(table: &TableBox, column: usize) -> impl Iterator<Item = &Arc<ComputedStyle>> {
    let group = table.column_group_of(column);
    let own = table.column_styles.get(column);
    own.into_iter()
        .chain(group.map(|group| &table.column_groups[group].style))
}

/// How strong a line style is where widths are equal (§17.6.2.1).
pub(crate) fn border_rank(style: LineStyle) -> u8 {
    match style {
        LineStyle::None | LineStyle::Hidden => 0,
        LineStyle::Inset => 1,
        LineStyle::Groove => 2,
        LineStyle::Outset => 3,
        LineStyle::Ridge => 4,
        LineStyle::Dotted => 5,
        LineStyle::Dashed => 6,
        LineStyle::Solid | LineStyle::Control => 7,
        LineStyle::Double => 8,
    }
}

impl TableBox {
    /// The repeated group of `kind`, when there is one.
    pub(crate) fn repeated(&self, kind: GroupKind) -> Option<usize> {
        self.groups.iter().position(|group| group.kind == kind)
    }

    /// The group of a row.
    pub(crate) fn group_of(&self, row: usize) -> Option<usize> {
        let index = self.groups.partition_point(|group| group.rows.end <= row);
        (index < self.groups.len()).then_some(index)
    }

    /// The `<colgroup>` around a column.
    pub(crate) fn column_group_of(&self, column: usize) -> Option<usize> {
        let groups = &self.column_groups;
        let index = groups.partition_point(|group| group.columns.end <= column);
        let group = groups.get(index)?;
        group.columns.contains(&column).then_some(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An edge is found again by its index, also when it is a while since its side was last seen.
    #[test]
    fn edges_keep_their_sides() {
        let mut edges = CollapsedEdges {
            columns: 1,
            sides: vec![BorderSide::default()],
            horizontal: Vec::new(),
            vertical: Vec::new(),
        };
        let side = |width: usize| BorderSide {
            width: Px(width as f32),
            ..BorderSide::default()
        };
        let many = 3 * LOOKED_THROUGH;
        let widths = (1..=many).chain([1, many, 2, 2]);
        for width in widths.clone() {
            let index = edges.index_of(Some(&side(width)));
            edges.horizontal.push(index);
        }
        for (row, width) in widths.enumerate() {
            assert_eq!(edges.above(row, 0), side(width));
        }
        let different = edges.sides.len();
        assert_eq!(edges.index_of(Some(&side(2))) as usize, different - 1);
        assert_eq!(edges.sides.len(), different);
        assert_eq!(edges.index_of(None), 0);
        assert_eq!(edges.left_of(0, 0), BorderSide::default());
    }
}
