//! Rows of a table with a height of its own (CSS Tables 3 §3.10: distributing height to rows).

use super::super::columns::Columns;
use super::{Layout, Step, Used};
use crate::boxes::{BoxId, GroupKind, TableBox};
use fanfold_geometry::Px;
use fanfold_style::values::Sizing;
use std::rc::Rc;

/// The least heights of a table's rows.
#[derive(Debug)]
pub(super) struct Stretched {
    /// Of all columns.
    width: Px,
    /// The table's border box.
    height: Px,
    /// None where the rows are tall enough by themselves.
    rows: Option<Rc<[Px]>>,
}

impl Layout<'_> {
    /// Finds the least heights that a table's `height` and `min-height` give its rows, once for a
    /// width and height.
    pub(super) fn stretch_rows(
        &self,
        id: BoxId,
        table: &TableBox,
        columns: &Columns,
        used: &Used,
        base: Option<Px>,
        gap: Px,
    ) -> Step<()> {
        let style = self.tree.style(id);
        let own = self.height_of(style, &style.box_.height, used, base);
        let wanted = self.constrained_height(style, used, base, own.unwrap_or_default());
        if wanted <= used.vertical() || table.rows.is_empty() {
            return Ok(());
        }
        let width: Px = columns.widths.iter().copied().sum();
        let known = table
            .cache
            .borrow()
            .stretched
            .as_ref()
            .is_some_and(|known| (known.width, known.height) == (width, wanted));
        if known {
            return Ok(());
        }
        table.cache.borrow_mut().stretched = None;
        let gaps = gap * (table.rows.len() + 1) as f32;
        let rows = wanted - used.vertical() - gaps;
        let heights = self.row_heights(table, columns, rows, gap)?;
        let heights = heights.map(|heights| {
            let stretched = self.stretched(table, heights, rows, own.is_some());
            stretched.into()
        });
        table.cache.borrow_mut().stretched = Some(Stretched {
            width,
            height: wanted,
            rows: heights,
        });
        Ok(())
    }

    /// The rows' own heights; none where they are more than `enough` together.
    fn row_heights(
        &self,
        table: &TableBox,
        columns: &Columns,
        enough: Px,
        gap: Px,
    ) -> Step<Option<Vec<Px>>> {
        let mut heights = Vec::new();
        let mut total = Px::ZERO;
        for group in &table.groups {
            let gaps = gap * group.rows.len() as f32;
            let left = (enough - total + gaps).max(Px::ZERO);
            let cluster = self.cluster(table, columns, group.rows.clone(), gap, left)?;
            total += cluster.height - gaps;
            if cluster.heights.len() < group.rows.len() || total > enough {
                return Ok(None);
            }
            heights.extend(cluster.heights);
        }
        Ok(Some(heights))
    }

    /// Gives what is missing of `target` to rows with a percentage first, then to those without a
    /// height, then to all, in proportion to what they have.
    fn stretched(
        &self,
        table: &TableBox,
        mut heights: Vec<Px>,
        target: Px,
        definite: bool,
    ) -> Vec<Px> {
        let percent = |row: usize| {
            let own = |id: BoxId| match self.tree.style(id).box_.height {
                Sizing::Size(length) if length.has_percentage() => Some(length.fraction()),
                _ => None,
            };
            let row = &table.rows[row];
            let cells = row.cells.iter().filter(|cell| cell.rowspan == 1);
            let parts = cells.map(|cell| cell.id).chain([row.id]);
            parts.filter_map(own).reduce(f32::max)
        };
        let sum = |heights: &[Px]| heights.iter().copied().sum::<Px>();
        let mut left = target - sum(&heights);
        if definite {
            for (row, height) in heights.iter_mut().enumerate() {
                if let Some(percent) = percent(row) {
                    let more = (target * percent - *height).clamp(Px::ZERO, left.max(Px::ZERO));
                    *height += more;
                    left -= more;
                }
            }
        }
        if left <= Px::ZERO {
            return heights;
        }
        // Headers and footers keep their heights while there is a body, and rows theirs while others have none.
        let is_body = |row: usize| {
            let group = table.group_of(row);
            group.is_some_and(|group| table.groups[group].kind == GroupKind::Body)
        };
        let mut takes: Vec<usize> = (0..heights.len()).collect();
        prefer(&mut takes, is_body);
        prefer(&mut takes, |row| !self.row_has_height(table, row));
        share(&mut heights, &takes, left);
        heights
    }

    /// Whether a row, or a cell in it alone, has a height of its own.
    pub(super) fn row_has_height(&self, table: &TableBox, row: usize) -> bool {
        let set = |id: BoxId| self.tree.style(id).box_.height != Sizing::Auto;
        let row = &table.rows[row];
        let mut cells = row.cells.iter().filter(|cell| cell.rowspan == 1);
        set(row.id) || cells.any(|cell| set(cell.id))
    }
}

/// Leaves the rows that are `wanted`, where there are any.
pub(super) fn prefer(rows: &mut Vec<usize>, wanted: impl Fn(usize) -> bool) {
    if rows.iter().any(|row| wanted(*row)) {
        rows.retain(|row| wanted(*row));
    }
}

/// Makes some of the rows of these heights `more` high together, in proportion to what they have.
pub(super) fn share(heights: &mut [Px], rows: &[usize], more: Px) {
    let total: Px = rows.iter().map(|row| heights[*row]).sum();
    let count = rows.len() as f32;
    for row in rows {
        let own = &mut heights[*row];
        *own += if total > Px::ZERO {
            more * (*own / total)
        } else {
            more / count
        };
    }
}

impl TableBox {
    /// The least height that the table's own gives a row.
    pub(super) fn least_height(&self, row: usize) -> Px {
        match &self.cache.borrow().stretched {
            Some(Stretched {
                rows: Some(heights),
                ..
            }) => heights.get(row).copied().unwrap_or_default(),
            _ => Px::ZERO,
        }
    }
}
