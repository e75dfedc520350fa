//! Backgrounds of columns, row groups and rows (CSS 2.2 §17.5.1).
//!
//! Each shows through the cells that begin in it, over all of a cell's area, but is placed by its own
//! box.

use super::{Frame, Painter, is_layer};
use crate::boxes::{Cell, Content, TableBox};
use crate::fragment::{BoxFragment, Child, Fragment};
use fanfold_geometry::{Edges, Point, Px, Rect};
use fanfold_paint::{Item, Path};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{Display, Visibility};
use std::ops::Range;
use std::sync::Arc;

/// A cell on the page.
struct Place {
    area: Rect,
    /// The columns it covers; none where it is not known.
    columns: Range<usize>,
}

/// A row on the page.
struct RowPlace {
    area: Rect,
    style: Arc<ComputedStyle>,
    cells: Vec<Place>,
}

impl Painter<'_> {
    /// What lies between a table's own background and its cells.
    pub(super) fn table_layers(&mut self, grid: &Fragment, table: &TableBox, at: Point) {
        let columns = table.column_styles.iter();
        let columns = columns.chain(table.column_groups.iter().map(|group| &group.style));
        let in_columns = columns.into_iter().any(|style| has_background(style));
        let mut groups: Vec<(Rect, Arc<ComputedStyle>, Vec<RowPlace>)> = Vec::new();
        let mut any = in_columns;
        for group in &grid.children {
            let Some(box_) = group.fragment.as_box() else {
                continue;
            };
            let corner = at + group.offset;
            let style = self.layout.tree.get(box_.id).style.clone();
            let in_group = in_columns || has_background(&style);
            any |= in_group;
            let mut rows = Vec::new();
            for row in &group.fragment.children {
                let Some(box_) = row.fragment.as_box() else {
                    continue;
                };
                let own = self.layout.tree.get(box_.id).style.clone();
                if in_group || has_background(&own) {
                    any = true;
                    rows.push(self.row_place(table, row, corner, own, in_columns));
                }
            }
            groups.push((area(group, at), style, rows));
        }
        if !any {
            return;
        }
        if in_columns {
            self.columns(table, &groups, at);
        }
        // Those that are layers paint their backgrounds themselves.
        groups.retain(|(_, style, _)| !is_layer(style));
        for (area, style, rows) in &groups {
            if has_background(style) {
                let cells = rows.iter().flat_map(|row| &row.cells);
                self.behind(style, *area, cells.map(|cell| cell.area));
            }
        }
        for row in groups.iter().flat_map(|(.., rows)| rows) {
            if has_background(&row.style) && !is_layer(&row.style) {
                let cells = row.cells.iter().map(|cell| cell.area);
                self.behind(&row.style, row.area, cells);
            }
        }
    }

    /// The background of a row or row group that is a layer, with those of the rows in it that are none.
    pub(super) fn row_layer(&mut self, fragment: &Fragment, style: &ComputedStyle, at: Point) {
        let size = fragment.size;
        let own = Rect::new(at.x, at.y, size.width, size.height);
        let boxes = |fragment: &Fragment, at: Point| -> Vec<Rect> {
            let children = fragment.children.iter();
            let boxes = children.filter(|child| child.fragment.as_box().is_some());
            boxes.map(|child| area(child, at)).collect()
        };
        if style.box_.display == Display::TableRow {
            if has_background(style) {
                self.behind(style, own, boxes(fragment, at).into_iter());
            }
            return;
        }
        let rows = fragment.children.iter().filter_map(|row| {
            let id = row.fragment.as_box()?.id;
            Some((row, self.layout.tree.get(id).style.clone()))
        });
        let rows: Vec<(&Child, Arc<ComputedStyle>)> = rows.collect();
        if has_background(style) {
            let cells = rows
                .iter()
                .flat_map(|(row, _)| boxes(&row.fragment, at + row.offset));
            self.behind(style, own, cells);
        }
        for (row, style) in rows {
            if has_background(&style) && !is_layer(&style) {
                let cells = boxes(&row.fragment, at + row.offset);
                self.behind(&style, area(row, at), cells.into_iter());
            }
        }
    }

    fn row_place(
        &self,
        table: &TableBox,
        row: &Child,
        corner: Point,
        style: Arc<ComputedStyle>,
        in_columns: bool,
    ) -> RowPlace {
        let at = corner + row.offset;
        let mut cells = Vec::with_capacity(row.fragment.children.len());
        for child in &row.fragment.children {
            let Some(box_) = child.fragment.as_box() else {
                continue;
            };
            let cell = in_columns
                .then(|| cell_of(table, row.index as usize, child.index as usize, box_))
                .flatten();
            let columns = cell.map_or(0..0, |cell| {
                cell.column as usize..(cell.column + cell.colspan) as usize
            });
            cells.push(Place {
                area: area(child, at),
                columns,
            });
        }
        RowPlace {
            area: area(row, corner),
            style,
            cells,
        }
    }

    /// Column groups, then columns.
    fn columns(
        &mut self,
        table: &TableBox,
        groups: &[(Rect, Arc<ComputedStyle>, Vec<RowPlace>)],
        at: Point,
    ) {
        let known = table.cache.borrow().columns.clone();
        let Some((_, columns)) = known else { return };
        let top = groups.first().map_or(at.y, |(area, ..)| area.y);
        let bottom = groups.last().map_or(top, |(area, ..)| area.bottom());
        let extent = |range: Range<usize>| {
            let lefts = columns.lefts.get(range.clone()).unwrap_or_default();
            let widths = columns.widths.get(range).unwrap_or_default();
            let left = lefts.iter().copied().reduce(Px::min)?;
            let ends = lefts.iter().zip(widths).map(|(left, width)| *left + *width);
            let right = ends.reduce(Px::max)?;
            Some(Rect::new(at.x + left, top, right - left, bottom - top))
        };
        let count = columns.widths.len();
        let cells = |range: Range<usize>| {
            let rows = groups.iter().flat_map(|(.., rows)| rows);
            let cells = rows.flat_map(|row| &row.cells);
            cells
                .filter(move |cell| !cell.columns.is_empty() && range.contains(&cell.columns.start))
                .map(|cell| cell.area)
        };
        for group in &table.column_groups {
            let range = group.columns.start..group.columns.end.min(count);
            if let Some(area) = extent(range.clone()).filter(|_| has_background(&group.style)) {
                self.behind(&group.style, area, cells(range));
            }
        }
        for (column, style) in table.column_styles.iter().enumerate().take(count) {
            let range = column..column + 1;
            if let Some(area) = extent(range.clone()).filter(|_| has_background(style)) {
                self.behind(style, area, cells(range));
            }
        }
    }

    /// The background of `style`'s box `area`, where the cells are.
    fn behind(&mut self, style: &ComputedStyle, area: Rect, cells: impl Iterator<Item = Rect>) {
        let cells = joined(cells.filter(|cell| cell.width > Px::ZERO && cell.height > Px::ZERO));
        let color = style.background.color;
        if !color.is_transparent() {
            let rects = cells.iter().map(|cell| Item::FillRect(*cell, color));
            self.sheet.items.extend(rects);
        }
        if style.background.layers.is_empty() || cells.is_empty() {
            return;
        }
        let mut images = style.clone();
        images.background = {
            let mut background = (*style.background).clone();
            background.color = fanfold_geometry::Color::TRANSPARENT;
            Arc::new(background)
        };
        images.border = Arc::default();
        let mut clip = Path::default();
        for cell in &cells {
            clip.segments.extend(Path::rect(*cell).segments);
        }
        self.sheet.items.push(Item::PushClip(clip));
        let frame = Frame {
            outer: area,
            border: Edges::default(),
            padding: Edges::default(),
            cut: Edges::default(),
        };
        self.background(&frame, &images);
        self.sheet.items.push(Item::Pop);
    }
}

fn area(child: &Child, at: Point) -> Rect {
    let at = at + child.offset;
    let size = child.fragment.size;
    Rect::new(at.x, at.y, size.width, size.height)
}

fn has_background(style: &ComputedStyle) -> bool {
    let background = &style.background;
    let drawn = !background.color.is_transparent() || !background.layers.is_empty();
    drawn && style.text.visibility == Visibility::Visible
}

/// The cell of a fragment in row `row`: one of its own, or one that spans into it.
fn cell_of(table: &TableBox, row: usize, index: usize, box_: &BoxFragment) -> Option<Cell> {
    (0..=row).rev().find_map(|row| {
        let cell = table.rows[row].cells.get(index)?;
        (cell.id == box_.id).then_some(*cell)
    })
}

/// Rectangles side by side made one.
fn joined(rects: impl Iterator<Item = Rect>) -> Vec<Rect> {
    let mut joined: Vec<Rect> = Vec::new();
    for rect in rects {
        let near = |one: Px, other: Px| (one - other).abs() < Px(0.01);
        match joined.last_mut() {
            Some(last)
                if near(last.y, rect.y)
                    && near(last.height, rect.height)
                    && near(last.right(), rect.x) =>
            {
                last.width = rect.right() - last.x;
            }
            _ => joined.push(rect),
        }
    }
    joined
}

/// Rows and row groups are drawn with their table.
pub(super) fn is_row(style: &ComputedStyle) -> bool {
    matches!(
        style.box_.display,
        Display::TableRow
            | Display::TableRowGroup
            | Display::TableHeaderGroup
            | Display::TableFooterGroup
    )
}

/// The table of a grid's fragment.
pub(super) fn table_of(content: &Content) -> Option<&TableBox> {
    match content {
        Content::Table(table) => Some(table),
        _ => None,
    }
}
