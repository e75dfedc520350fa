//! Column widths (CSS 2.2 §17.5.2, CSS Tables 3 §3.8–3.9).

use super::sizing::bounded;
use super::{Layout, used_edges};
use crate::boxes::{BoxId, Cell, TableBox};
use fanfold_geometry::Px;
use fanfold_style::ComputedStyle;
use fanfold_style::values::Sizing;
use std::rc::Rc;

/// The columns of a table at one width.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    /// Left edge of each column from the table's border box, in visual order already.
    pub(crate) lefts: Vec<Px>,
    /// Widths.
    pub(crate) widths: Vec<Px>,
    /// Horizontal border spacing.
    pub(crate) spacing: Px,
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
        let width = inner + self.spacing * (end - first - 1) as f32;
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
struct Column {
    min: Px,
    max: Px,
    /// A fixed width was given: it does not take surplus while others can.
    fixed: bool,
    percent: f32,
}

impl Layout<'_> {
    /// Horizontal space in a table's border box that is no column's.
    pub(super) fn table_edges(&self, id: BoxId, table: &TableBox) -> Px {
        let style = self.tree.style(id);
        let used = used_edges(style, Px::ZERO);
        let spacing = if style.text.collapse {
            Px::ZERO
        } else {
            style.text.spacing.0
        };
        let gaps = if table.columns == 0 {
            Px::ZERO
        } else {
            spacing * (table.columns + 1) as f32
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
        let fixed = style.box_.fixed_table && style.box_.width != Sizing::Auto;
        let widths = if fixed {
            self.fixed_widths(table, inner)
        } else {
            distribute(&self.measure(id, table), inner)
        };
        let spacing = if style.text.collapse {
            Px::ZERO
        } else {
            style.text.spacing.0
        };
        let padding = if style.text.collapse {
            Px::ZERO
        } else {
            used.padding.left
        };
        let mut lefts = vec![Px::ZERO; widths.len()];
        let mut x = used.border.left + padding + spacing;
        let rtl = style.text.rtl;
        for position in 0..widths.len() {
            let index = if rtl {
                widths.len() - 1 - position
            } else {
                position
            };
            lefts[index] = x;
            x += widths[index] + spacing;
        }
        let columns = Rc::new(Columns {
            lefts,
            widths,
            spacing,
            rtl,
        });
        table.cache.borrow_mut().columns = Some((width, columns.clone()));
        columns
    }

    /// What each column asks for: from `<col>`, then cells by rising span.
    fn measure(&self, id: BoxId, table: &TableBox) -> Vec<Column> {
        let mut columns = vec![Column::default(); table.columns as usize];
        for (column, style) in columns.iter_mut().zip(&table.column_styles) {
            ask(column, style, None);
        }
        let style = self.tree.style(id);
        let spacing = if style.text.collapse {
            Px::ZERO
        } else {
            style.text.spacing.0
        };
        let mut spanning: Vec<Cell> = Vec::new();
        for cell in table.rows.iter().flat_map(|row| &row.cells) {
            if cell.colspan > 1 {
                spanning.push(*cell);
                continue;
            }
            let (min, max) = self.cell_contribution(cell.id);
            let column = &mut columns[cell.column as usize];
            column.min = column.min.max(min);
            column.max = column.max.max(max);
            ask(
                column,
                self.tree.style(cell.id),
                Some(self.cell_edges(cell.id)),
            );
        }
        for column in &mut columns {
            column.max = column.max.max(column.min);
        }
        spanning.sort_by_key(|cell| cell.colspan);
        for cell in spanning {
            let (min, max) = self.cell_contribution(cell.id);
            let gaps = spacing * (cell.colspan - 1) as f32;
            let first = cell.column as usize;
            let end = (first + cell.colspan as usize).min(columns.len());
            spread(&mut columns[first..end], min - gaps, max - gaps);
            if let Sizing::Size(length) = self.tree.style(cell.id).box_.width
                && length.has_percentage()
            {
                spread_percent(&mut columns[first..end], length.fraction());
            }
        }
        columns
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
        if let Sizing::Size(length) = style.box_.min_width {
            let length = length.to_length().unwrap_or_default();
            let length = bounded(if style.box_.border_box {
                length
            } else {
                length + edges
            });
            (min, max) = (min.max(length), max.max(length));
        }
        (min, max)
    }

    fn cell_edges(&self, id: BoxId) -> Px {
        used_edges(self.tree.style(id), Px::ZERO).horizontal()
    }

    /// `table-layout: fixed` (CSS 2.2 §17.5.2.1): from columns and the first row only.
    fn fixed_widths(&self, table: &TableBox, inner: Px) -> Vec<Px> {
        let mut widths: Vec<Option<Px>> = vec![None; table.columns as usize];
        let resolve = |style: &ComputedStyle, edges: Px| match style.box_.width {
            Sizing::Size(length) => {
                let add = if style.box_.border_box || length.has_percentage() {
                    Px::ZERO
                } else {
                    edges
                };
                Some(bounded(length.resolve(inner) + add).max(Px::ZERO))
            }
            _ => None,
        };
        for (width, style) in widths.iter_mut().zip(&table.column_styles) {
            *width = resolve(style, Px::ZERO);
        }
        for cell in table
            .rows
            .first()
            .map(|row| row.cells.as_slice())
            .unwrap_or_default()
        {
            let Some(width) = resolve(self.tree.style(cell.id), self.cell_edges(cell.id)) else {
                continue;
            };
            let first = cell.column as usize;
            let end = (first + cell.colspan as usize).min(widths.len());
            for slot in &mut widths[first..end] {
                slot.get_or_insert(width / cell.colspan as f32);
            }
        }
        let taken: Px = widths.iter().flatten().copied().sum();
        let free = widths.iter().filter(|width| width.is_none()).count();
        let rest = (inner - taken).max(Px::ZERO);
        if free > 0 {
            return widths
                .into_iter()
                .map(|width| width.unwrap_or(rest / free as f32))
                .collect();
        }
        let factor = if taken > Px::ZERO && taken < inner {
            inner / taken
        } else {
            1.0
        };
        widths
            .into_iter()
            .map(|width| width.unwrap_or_default() * factor)
            .collect()
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
            // A column's width is a minimum for its cells' columns (§17.5.2.2).
            column.min = column.min.max(Px::ZERO);
        }
    }
}

/// Gives what a spanning cell needs more to its columns, by their max-content widths.
fn spread(columns: &mut [Column], min: Px, max: Px) {
    let have_min: Px = columns.iter().map(|column| column.min).sum();
    let have_max: Px = columns.iter().map(|column| column.max).sum();
    let count = columns.len().max(1) as f32;
    let flexible = columns
        .iter()
        .any(|column| !column.fixed && column.percent <= 0.0);
    let total: f32 = columns
        .iter()
        .filter(|column| !flexible || (!column.fixed && column.percent <= 0.0))
        .map(|column| column.max.0)
        .sum();
    let open = columns
        .iter()
        .filter(|column| !flexible || (!column.fixed && column.percent <= 0.0))
        .count();
    for column in columns.iter_mut() {
        if flexible && (column.fixed || column.percent > 0.0) {
            continue;
        }
        let share = if total > 0.0 {
            column.max.0 / total
        } else {
            1.0 / (open.max(1) as f32).min(count)
        };
        if max > have_max {
            column.max += (max - have_max) * share;
        }
        if min > have_min {
            column.min += (min - have_min) * share;
        }
        column.max = column.max.max(column.min);
    }
}

fn spread_percent(columns: &mut [Column], percent: f32) {
    let have: f32 = columns.iter().map(|column| column.percent).sum();
    let open = columns
        .iter()
        .filter(|column| column.percent <= 0.0)
        .count();
    if open == 0 || percent <= have {
        return;
    }
    for column in columns.iter_mut().filter(|column| column.percent <= 0.0) {
        column.percent = (percent - have) / open as f32;
    }
}

/// The max-content width at which percentage columns have what they need too.
fn inflated(columns: &[Column], max: Px) -> Px {
    let mut width = max;
    let percents: f32 = columns.iter().map(|column| column.percent).sum();
    for column in columns.iter().filter(|column| column.percent > 0.0) {
        width = width.max(column.max / column.percent);
    }
    let rest: Px = columns
        .iter()
        .filter(|column| column.percent <= 0.0)
        .map(|column| column.max)
        .sum();
    if percents > 0.0 && percents < 1.0 {
        width = width.max(rest / (1.0 - percents));
    }
    // Percentages that leave nothing ask for all there is.
    if percents >= 1.0 && rest > Px::ZERO {
        super::sizing::LARGEST
    } else {
        bounded(width)
    }
}

/// Shares `width` out among the columns (CSS Tables 3 §3.9.3.2): by interpolating between ever more
/// generous guesses, or giving the surplus beyond the last to those that can take it.
fn distribute(columns: &[Column], width: Px) -> Vec<Px> {
    let mut left = 1.0f32;
    let percents: Vec<f32> = columns
        .iter()
        .map(|column| {
            let percent = column.percent.min(left);
            left -= percent;
            percent
        })
        .collect();
    let by_percent = |index: usize| (width * percents[index]).max(columns[index].min);
    let guess = |level: u8| -> Vec<Px> {
        columns
            .iter()
            .enumerate()
            .map(|(index, column)| match level {
                1 if column.percent > 0.0 => by_percent(index),
                2 if column.percent > 0.0 => by_percent(index),
                2 if column.fixed => column.max,
                3 if column.percent > 0.0 => by_percent(index),
                3 => column.max,
                _ => column.min,
            })
            .collect()
    };
    let sum = |widths: &[Px]| widths.iter().copied().sum::<Px>();
    let mut lower = guess(0);
    if sum(&lower) >= width {
        return lower;
    }
    for level in 1..=3 {
        let upper = guess(level);
        let (low, high) = (sum(&lower), sum(&upper));
        if high >= width {
            let part = if high > low {
                (width - low) / (high - low)
            } else {
                0.0
            };
            return lower
                .iter()
                .zip(&upper)
                .map(|(low, high)| *low + (*high - *low) * part)
                .collect();
        }
        lower = upper;
    }
    let surplus = width - sum(&lower);
    let weights = |test: &dyn Fn(&Column) -> Option<f32>| -> Option<Vec<f32>> {
        let weights: Vec<f32> = columns
            .iter()
            .map(|column| test(column).unwrap_or(0.0))
            .collect();
        (weights.iter().sum::<f32>() > 0.0).then_some(weights)
    };
    let weights =
        weights(&|column| (!column.fixed && column.percent <= 0.0).then_some(column.max.0))
            .or_else(|| weights(&|column| (!column.fixed && column.percent <= 0.0).then_some(1.0)))
            .or_else(|| weights(&|column| (column.percent <= 0.0).then_some(column.max.0)))
            .or_else(|| weights(&|column| Some(column.percent)))
            .unwrap_or_else(|| vec![1.0; columns.len()]);
    let total: f32 = weights.iter().sum();
    lower
        .iter()
        .zip(&weights)
        .map(|(width, weight)| *width + surplus * (weight / total.max(f32::MIN_POSITIVE)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surplus_goes_to_auto_columns_by_their_content() {
        let auto = |min, max| Column {
            min: Px(min),
            max: Px(max),
            ..Column::default()
        };
        let fixed = Column {
            fixed: true,
            ..auto(10.0, 50.0)
        };
        let widths = distribute(&[auto(10.0, 100.0), auto(10.0, 50.0), fixed], Px(350.0));
        assert_eq!(widths, [Px(200.0), Px(100.0), Px(50.0)]);
    }

    #[test]
    fn percentages_come_before_content() {
        let column = Column {
            min: Px(10.0),
            max: Px(100.0),
            ..Column::default()
        };
        let half = Column {
            percent: 0.5,
            ..column
        };
        assert_eq!(distribute(&[half, column], Px(150.0)), [Px(75.0), Px(75.0)]);
    }
}
