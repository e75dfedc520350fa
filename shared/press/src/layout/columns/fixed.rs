//! `table-layout: fixed` (CSS 2.2 §17.5.2.1).

use super::{Layout, bounded};
use crate::boxes::{BoxId, TableBox};
use fanfold_geometry::Px;
use fanfold_style::ComputedStyle;
use fanfold_style::values::Sizing;

impl Layout<'_> {
    /// The least border-box width of a table that is to be `width` wide.
    pub(in super::super) fn least_table_width(&self, id: BoxId, table: &TableBox, width: Px) -> Px {
        let style = self.tree.style(id);
        if !style.box_.fixed_table || style.box_.width == Sizing::Auto {
            return self.intrinsic(id).0;
        }
        // Of the columns alone, whatever their content (§17.5.2.1).
        let edges = self.table_edges(id, table);
        let spacing = super::column_spacing(style);
        let widths = self.fixed_widths(table, (width - edges).max(Px::ZERO), spacing);
        let captions = table.captions.iter();
        let captions = captions.map(|caption| self.contribution(*caption).0);
        (widths.into_iter().sum::<Px>() + edges).max(captions.fold(Px::ZERO, Px::max))
    }

    /// `table-layout: fixed` (CSS 2.2 §17.5.2.1): from columns and the first row only.
    pub(super) fn fixed_widths(&self, table: &TableBox, inner: Px, spacing: Px) -> Vec<Px> {
        let mut widths: Vec<Option<Px>> = vec![None; table.columns as usize];
        let mut relative = vec![false; widths.len()];
        let percentage = |style: &ComputedStyle| match style.box_.width {
            Sizing::Size(length) => length.has_percentage(),
            _ => false,
        };
        // Percentages are of the table's own width, the gaps between columns included (§10.2).
        let whole = inner + spacing * (widths.len() + 1) as f32;
        let resolve = |style: &ComputedStyle, edges: Px| match style.box_.width {
            Sizing::Size(length) => {
                let add = if style.box_.border_box {
                    Px::ZERO
                } else {
                    edges
                };
                Some(bounded(length.resolve(whole) + add).max(Px::ZERO))
            }
            _ => None,
        };
        for (column, style) in table.column_styles.iter().enumerate().take(widths.len()) {
            widths[column] = resolve(style, Px::ZERO);
            relative[column] = percentage(style);
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
            let slots = &widths[first..end];
            let open = slots.iter().filter(|slot| slot.is_none()).count();
            if open == 0 {
                continue;
            }
            let known: Px = slots.iter().flatten().copied().sum();
            let gaps = spacing * (slots.len() - 1) as f32;
            let each = (width - known - gaps).max(Px::ZERO) / open as f32;
            for column in first..end {
                if widths[column].is_none() {
                    widths[column] = Some(each);
                    relative[column] = percentage(self.tree.style(cell.id));
                }
            }
        }
        let (mut wanted, mut fixed) = (Px::ZERO, Px::ZERO);
        for (width, relative) in widths.iter().zip(&relative) {
            let sum = if *relative { &mut wanted } else { &mut fixed };
            *sum += width.unwrap_or_default();
        }
        let room = (inner - fixed).max(Px::ZERO);
        if wanted > room {
            // Percentages of more than lengths leave: less of each, as in browsers.
            let parts = widths.iter_mut().zip(&relative);
            for (width, _) in parts.filter(|(_, relative)| **relative) {
                *width = width.map(|width| width * (room / wanted));
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
        // What is left is shared out equally, as WeasyPrint does; §17.5.2.1 does not say how.
        let each = rest / widths.len().max(1) as f32;
        widths
            .into_iter()
            .map(|width| width.unwrap_or_default() + each)
            .collect()
    }
}
