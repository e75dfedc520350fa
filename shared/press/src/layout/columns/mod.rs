//! Column widths (CSS 2.2 §17.5.2, CSS Tables 3 §3.8–3.9).

mod distribute;
mod fixed;

use self::distribute::{distribute, inflated, limit_percents, spread, spread_percent};
use super::sizing::{bounded, edges_across};
use super::{Layout, used_edges};
use crate::boxes::{BoxId, Cell, Content, TableBox};
use fanfold_geometry::Px;
use fanfold_style::ComputedStyle;
use fanfold_style::computed::Visibility;
use fanfold_style::values::Sizing;
use std::ops::Range;
use std::rc::Rc;

/// The columns of a table at one width.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    /// Left edge of each column from the table's border box, in visual order already.
    pub(crate) lefts: Vec<Px>,
    /// Widths.
    pub(crate) widths: Vec<Px>,
    /// Horizontal border spacing before each column.
    pub(crate) gaps: Vec<Px>,
    /// The table's content width, border spacing included: what cells' percentages are of. CSS 2.2 §17.5
    /// leaves open which part of the table that is; as WeasyPrint has it.
    pub(crate) around: Px,
    /// What the table is narrower by for collapsed columns (CSS 2.2 §17.5.5).
    pub(crate) collapsed: Px,
    /// Right to left.
    pub(crate) rtl: bool,
}

impl Columns {
    /// Left edge and width of a cell.
    pub(crate) fn span(&self, cell: &Cell) -> (Px, Px) {
        let first = cell.column as usize;
        let end = (first + cell.colspan as usize).min(self.widths.len());
        if first >= end {
            return (Px::ZERO, Px::ZERO);
        }
        let inner: Px = self.widths[first..end].iter().copied().sum();
        let gaps: Px = self.gaps[first + 1..end].iter().copied().sum();
        let width = inner + gaps;
        let left = if self.rtl {
            self.lefts[end - 1]
        } else {
            self.lefts[first]
        };
        (left, width)
    }

    /// Left edge and width of all columns.
    pub(crate) fn extent(&self) -> (Px, Px) {
        let left = self.lefts.iter().copied().reduce(Px::min);
        let ends = self.lefts.iter().zip(&self.widths);
        let right = ends.map(|(left, width)| *left + *width);
        let right = right.fold(Px::ZERO, Px::max);
        let left = left.unwrap_or_default();
        (left, (right - left).max(Px::ZERO))
    }
}

/// What a column asks for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Column {
    min: Px,
    max: Px,
    /// A fixed width was given: it does not take surplus while others can.
    fixed: bool,
    percent: f32,
    /// Some cell covers it.
    used: bool,
}

/// Of tables with more rows than this all the text together is too much to keep shaped from when its
/// widths are measured to when its page comes; it is measured without being shaped where it can be.
const LONG_TABLE: usize = 10_000;

impl Layout<'_> {
    /// Horizontal space in a table's border box that is no column's.
    pub(super) fn table_edges(&self, id: BoxId, table: &TableBox) -> Px {
        let style = self.tree.style(id);
        let used = used_edges(style, Px::ZERO);
        let gaps = if table.columns == 0 {
            Px::ZERO
        } else {
            column_gaps(style, table).into_iter().sum::<Px>() + column_spacing(style)
        };
        let padding = if style.text.collapse {
            Px::ZERO
        } else {
            used.padding.horizontal()
        };
        used.border.horizontal() + padding + gaps
    }

    /// Min-content and max-content widths of a table's border box.
    pub(super) fn intrinsic_table(&self, id: BoxId, table: &TableBox) -> (Px, Px) {
        let columns = self.measure(id, table);
        let edges = self.table_edges(id, table);
        let min: Px = columns.iter().map(|column| column.min).sum();
        let max: Px = columns.iter().map(|column| column.max).sum();
        let max = inflated(&columns, max);
        let captions = table
            .captions
            .iter()
            .map(|caption| self.contribution(*caption).0);
        let caption = captions.fold(Px::ZERO, Px::max);
        (
            (min + edges).max(caption),
            (max.max(min) + edges).max(caption),
        )
    }

    /// The columns at border-box width `width`, remembered for the table's other pages.
    pub(super) fn columns(&self, id: BoxId, table: &TableBox, width: Px) -> Rc<Columns> {
        if let Some((known, columns)) = &table.cache.borrow().columns
            && *known == width
        {
            return columns.clone();
        }
        let style = self.tree.style(id);
        let used = used_edges(style, width);
        let inner = (width - self.table_edges(id, table)).max(Px::ZERO);
        let mut widths = if fixed_layout(style) {
            let spacing = column_spacing(style);
            self.fixed_widths(table, inner, spacing)
        } else {
            distribute(&self.measure(id, table), inner)
        };
        let mut gaps = column_gaps(style, table);
        let mut collapsed = Px::ZERO;
        for (index, column) in table.column_styles.iter().enumerate().take(widths.len()) {
            if column.text.visibility == Visibility::Collapse {
                let width = std::mem::take(&mut widths[index]);
                collapsed += width + std::mem::take(&mut gaps[index]);
            }
        }
        let (padding, paddings) = if style.text.collapse {
            (Px::ZERO, Px::ZERO)
        } else {
            (used.padding.left, used.padding.horizontal())
        };
        let mut lefts = vec![Px::ZERO; widths.len()];
        let mut x = used.border.left + padding;
        let rtl = style.text.rtl;
        if rtl {
            x += column_spacing(style);
            for index in (0..widths.len()).rev() {
                lefts[index] = x;
                x += widths[index] + gaps[index];
            }
        } else {
            for index in 0..widths.len() {
                lefts[index] = x + gaps[index];
                x = lefts[index] + widths[index];
            }
        }
        let columns = Rc::new(Columns {
            lefts,
            widths,
            gaps,
            around: (width - used.border.horizontal() - paddings - collapsed).max(Px::ZERO),
            collapsed,
            rtl,
        });
        table.cache.borrow_mut().columns = Some((width, columns.clone()));
        columns
    }

    /// What each column asks for, remembered: widths and contents want it both.
    fn measure(&self, id: BoxId, table: &TableBox) -> Rc<[Column]> {
        let known = table.cache.borrow().asked.clone();
        known.unwrap_or_else(|| {
            let asked: Rc<[Column]> = self.ask_columns(id, table).into();
            table.cache.borrow_mut().asked = Some(Rc::clone(&asked));
            asked
        })
    }

    /// From `<col>`, then cells by rising span.
    fn ask_columns(&self, id: BoxId, table: &TableBox) -> Vec<Column> {
        let mut columns = vec![Column::default(); table.columns as usize];
        for (column, style) in columns.iter_mut().zip(&table.column_styles) {
            ask(column, style, None);
        }
        let gaps = column_gaps(self.tree.style(id), table);
        let mut spanning: Vec<Cell> = Vec::new();
        let long = table.rows.len() > LONG_TABLE;
        let shown = table.rows.iter().flat_map(|row| &row.cells);
        for cell in shown.chain(&table.collapsed) {
            if cell.colspan > 1 {
                spanning.push(*cell);
                continue;
            }
            if long {
                self.measure_unshaped(cell.id);
            }
            let (min, max) = self.cell_contribution(cell.id);
            if let Content::Inline(inline) = &self.tree.get(cell.id).content
                && long
            {
                inline.forget_shaped();
            }
            let column = &mut columns[cell.column as usize];
            column.used = true;
            column.min = column.min.max(min);
            column.max = column.max.max(max);
            let style = self.tree.style(cell.id);
            if style.box_.width != Sizing::Auto {
                ask(column, style, Some(self.cell_edges(cell.id)));
            }
        }
        for column in &mut columns {
            column.max = column.max.max(column.min);
        }
        self.spread_percents(&mut columns, &spanning);
        limit_percents(&mut columns);
        // As WeasyPrint goes through them: CSS 2.2 §17.5.2.2 names no order.
        spanning.sort_by_key(|cell| cell.column);
        for cell in spanning {
            let (min, max) = self.cell_contribution(cell.id);
            let span = covered(&cell, columns.len());
            let within = (span.start + 1).min(span.end)..span.end;
            let gaps: Px = gaps[within].iter().copied().sum();
            for column in &mut columns[span.clone()] {
                column.used = true;
            }
            spread(&mut columns[span], min - gaps, max - gaps);
        }
        columns
    }

    /// Percentages of spanning cells, those of few columns first (CSS Tables 3 §3.8.3.2).
    fn spread_percents(&self, columns: &mut [Column], spanning: &[Cell]) {
        let percent = |cell: &Cell| match self.tree.style(cell.id).box_.width {
            Sizing::Size(length) if length.has_percentage() => Some(length.fraction()),
            _ => None,
        };
        let mut cells: Vec<(&Cell, f32)> = spanning
            .iter()
            .filter_map(|cell| Some((cell, percent(cell)?)))
            .collect();
        cells.sort_by_key(|(cell, _)| cell.colspan);
        for cells in cells.chunk_by(|(one, _), (other, _)| one.colspan == other.colspan) {
            let known = columns.to_vec();
            for (cell, percent) in cells {
                let span = covered(cell, columns.len());
                let shares = spread_percent(&known[span.clone()], *percent);
                for (column, share) in columns[span].iter_mut().zip(shares) {
                    column.percent = column.percent.max(share);
                }
            }
        }
    }

    /// A cell's border-box min-content and max-content widths, `width` applied.
    fn cell_contribution(&self, id: BoxId) -> (Px, Px) {
        let style = self.tree.style(id);
        let edges = self.cell_edges(id);
        let (min, max) = self.intrinsic(id);
        let (mut min, mut max) = (min + edges, max + edges);
        if let Sizing::Size(length) = style.box_.width
            && let Some(length) = length.to_length()
        {
            let length = if style.box_.border_box {
                length
            } else {
                length + edges
            };
            max = bounded(length).max(min);
        }
        if style.text.white_space.nowrap && style.box_.width == Sizing::Auto {
            min = min.min(max);
        }
        if let Sizing::Size(length) = style.box_.max_width
            && let Some(length) = length.to_length()
        {
            // Undefined in §10.4; browsers let content stick out.
            let add = if style.box_.border_box {
                Px::ZERO
            } else {
                edges
            };
            let length = bounded(length + add).max(edges);
            (min, max) = (min.min(length), max.min(length));
        }
        if let Sizing::Size(length) = style.box_.min_width {
            let length = length.to_length().unwrap_or_default();
            let length = bounded(if style.box_.border_box {
                length
            } else {
                length + edges
            });
            (min, max) = (min.max(length), max.max(length));
        }
        (min, max.max(min))
    }

    fn cell_edges(&self, id: BoxId) -> Px {
        edges_across(self.tree.style(id))
    }
}

/// The columns of a table of so many that a cell covers.
fn covered(cell: &Cell, columns: usize) -> Range<usize> {
    let first = (cell.column as usize).min(columns);
    first..(first + cell.colspan as usize).min(columns)
}

fn fixed_layout(style: &ComputedStyle) -> bool {
    style.box_.fixed_table && style.box_.width != Sizing::Auto
}

/// The space before each column: none before one that only spanning cells have a part of, which makes one
/// track with the column before it (CSS Tables 3 §3.5).
fn column_gaps(style: &ComputedStyle, table: &TableBox) -> Vec<Px> {
    let spacing = column_spacing(style);
    let every = fixed_layout(style);
    let gap = |starts: &bool| if *starts || every { spacing } else { Px::ZERO };
    table.starts.iter().map(gap).collect()
}

/// The space between columns.
fn column_spacing(style: &ComputedStyle) -> Px {
    if style.text.collapse {
        Px::ZERO
    } else {
        style.text.spacing.0
    }
}

/// Takes a `width` into account; `edges` is a cell's, none for a column.
fn ask(column: &mut Column, style: &ComputedStyle, edges: Option<Px>) {
    let Sizing::Size(length) = style.box_.width else {
        return;
    };
    if length.has_percentage() {
        column.percent = column.percent.max(length.fraction().clamp(0.0, 10.0));
    } else if let Some(length) = length.to_length() {
        let add = edges.filter(|_| !style.box_.border_box).unwrap_or_default();
        column.fixed = true;
        column.max = column.max.max(bounded(length + add));
        if edges.is_none() {
            // A column's width is a minimum too (§17.5.2.2).
            column.min = column.min.max(bounded(length));
        }
    }
}
