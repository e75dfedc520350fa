//! Box generation for tables: anonymous rows and cells, columns, captions (CSS 2.2 §17.2.1).

use super::{Builder, Cx, DEEPEST, Flow, Step, is_table_part};
use crate::boxes::collapse::collapse;
use crate::boxes::table::{ColumnGroup, GroupKind, TableBuilder};
use crate::boxes::{BoxId, Content, LayoutBox};
use fanfold_style::computed::{Display, Visibility};
use fanfold_style::dom::NodeData;
use fanfold_style::values::Sizing;
use fanfold_style::{ComputedStyle, NodeId, Pseudo};
use std::sync::Arc;

/// A non-negative integer with whatever follows it (HTML §2.3.4.2).
fn leading_number(text: &str) -> Option<u32> {
    let text = text.trim_ascii_start();
    let text = text.strip_prefix('+').unwrap_or(text);
    let end = text.bytes().position(|byte| !byte.is_ascii_digit());
    let digits = &text[..end.unwrap_or(text.len())];
    let value = digits.parse::<u64>().ok().or_else(|| {
        // Too long for a number is still large.
        (!digits.is_empty()).then_some(u64::MAX)
    })?;
    Some(u32::try_from(value).unwrap_or(u32::MAX))
}

impl Builder<'_> {
    /// A table element's grid, and its style with collapsed borders resolved.
    pub(super) fn table(
        &mut self,
        node: NodeId,
        style: &Arc<ComputedStyle>,
        cx: &Cx,
    ) -> Step<(Content, Arc<ComputedStyle>)> {
        let mut table = TableBuilder::default();
        self.counters.enter();
        self.table_children(node, &mut table, style, cx)?;
        self.counters.leave();
        Ok(self.grid(table, style))
    }

    pub(super) fn grid(
        &mut self,
        table: TableBuilder,
        style: &Arc<ComputedStyle>,
    ) -> (Content, Arc<ComputedStyle>) {
        let mut table = table.finish();
        table.collapse_tracks(|part| self.tree.style(part).text.visibility == Visibility::Collapse);
        let mut style = style.clone();
        if style.text.collapse {
            style = Arc::new(collapse(&mut self.tree, &mut table, &style));
        }
        (Content::Table(Box::new(table)), style)
    }

    /// Children of a table, row group or row; what does not belong goes into an anonymous cell.
    fn table_children(
        &mut self,
        node: NodeId,
        table: &mut TableBuilder,
        style: &Arc<ComputedStyle>,
        cx: &Cx,
    ) -> Step<()> {
        let styled = self.input.styled;
        let inner = Cx {
            depth: cx.depth + 1,
            ..cx.clone()
        };
        let mut stray: Option<Flow> = None;
        self.table_pseudo(node, Pseudo::Before, table, &mut stray, (style, &inner))?;
        let mut next = styled.dom.node(node).first_child;
        while let Some(child) = next {
            next = styled.dom.node(child).next_sibling;
            let display = styled
                .dom
                .element(child)
                .map(|_| styled.style(child).box_.display);
            let blank = match &styled.dom.node(child).data {
                NodeData::Text(text) => text.trim_ascii().is_empty(),
                NodeData::Element(_) => display == Some(Display::None),
                _ => true,
            };
            if blank && stray.is_none() {
                continue;
            }
            if display.is_some_and(is_table_part) && inner.depth < DEEPEST {
                self.close_stray(&mut stray, table, style, &inner)?;
                self.table_child(child, table, style, &inner)?;
            } else {
                let mut flow = stray.take().unwrap_or_else(|| {
                    let cell = self.anonymous(style, Display::TableCell);
                    self.flow(&cell, &inner)
                });
                self.node(child, &mut flow, &inner)?;
                stray = Some(flow);
            }
        }
        self.table_pseudo(node, Pseudo::After, table, &mut stray, (style, &inner))?;
        self.close_stray(&mut stray, table, style, &inner)
    }

    pub(super) fn close_stray(
        &mut self,
        stray: &mut Option<Flow>,
        table: &mut TableBuilder,
        style: &Arc<ComputedStyle>,
        cx: &Cx,
    ) -> Step<()> {
        let Some(flow) = stray.take() else {
            return Ok(());
        };
        let cell_style = flow.style.clone();
        let content = self.finish(flow, cx)?;
        if matches!(&content, Content::Inline(inline) if inline.text.is_empty()) {
            return Ok(());
        }
        self.ensure_row(table, style)?;
        let id = self.add(LayoutBox::new(cell_style, content))?;
        table.cell(id, 1, 1);
        Ok(())
    }

    pub(super) fn ensure_row(
        &mut self,
        table: &mut TableBuilder,
        style: &Arc<ComputedStyle>,
    ) -> Step<()> {
        if !table.has_group() {
            let group = self.anonymous(style, Display::TableRowGroup);
            let id = self.add(LayoutBox::new(group, Content::Blocks(Vec::new())))?;
            table.open_group(GroupKind::Body, id);
        }
        if !table.has_row() {
            let row = self.anonymous(style, Display::TableRow);
            let id = self.add(LayoutBox::new(row, Content::Blocks(Vec::new())))?;
            table.open_row(id);
        }
        Ok(())
    }

    /// One table part.
    pub(super) fn table_child(
        &mut self,
        node: NodeId,
        table: &mut TableBuilder,
        parent: &Arc<ComputedStyle>,
        cx: &Cx,
    ) -> Step<()> {
        let styled = self.input.styled;
        let style = styled.style(node);
        let Some(element) = styled.dom.element(node) else {
            return Ok(());
        };
        if cx.depth >= DEEPEST {
            return Ok(());
        }
        self.tree.depth = self.tree.depth.max(cx.depth);
        let span = |name: &str, default: u32| {
            let value = element.attribute(name).and_then(leading_number);
            value.unwrap_or(default).min(65_534)
        };
        match style.box_.display {
            Display::TableCaption => {
                self.count(style, node);
                let inner = Cx {
                    depth: cx.depth + 1,
                    ..cx.clone()
                };
                let id = self.principal(node, style, &inner)?;
                table.captions.push(id);
            }
            Display::TableColumn => {
                for _ in 0..span("span", 1).clamp(1, 1000) {
                    if table.column_styles.len() < 1000 {
                        table.column_styles.push(style.clone());
                    }
                }
            }
            Display::TableColumnGroup => {
                let before = table.column_styles.len();
                let mut next = styled.dom.node(node).first_child;
                while let Some(child) = next {
                    next = styled.dom.node(child).next_sibling;
                    let column = styled.dom.element(child).is_some()
                        && styled.style(child).box_.display == Display::TableColumn;
                    if column {
                        self.table_child(child, table, style, cx)?;
                    }
                }
                if style.box_.width != Sizing::Auto {
                    // Columns without a width have the group's, as in browsers.
                    for column in &mut table.column_styles[before..] {
                        if column.box_.width == Sizing::Auto {
                            Arc::make_mut(column).box_.width = style.box_.width;
                        }
                    }
                }
                if table.column_styles.len() == before {
                    let room = 1000 - before.min(1000);
                    let count = (span("span", 1).max(1) as usize).min(room);
                    // Its columns have its width; the rest is drawn with the group.
                    let mut plain = (**style).clone();
                    plain.border = Arc::default();
                    plain.background = Default::default();
                    let columns = std::iter::repeat_n(Arc::new(plain), count);
                    table.column_styles.extend(columns);
                }
                let columns = before..table.column_styles.len();
                let style = style.clone();
                table.column_groups.push(ColumnGroup { style, columns });
            }
            Display::TableHeaderGroup | Display::TableFooterGroup | Display::TableRowGroup => {
                let kind = match style.box_.display {
                    Display::TableHeaderGroup => GroupKind::Header,
                    Display::TableFooterGroup => GroupKind::Footer,
                    _ => GroupKind::Body,
                };
                let id = self.table_part(node, style)?;
                table.open_group(kind, id);
                self.counters.enter();
                self.table_children(node, table, style, cx)?;
                self.counters.leave();
                table.close_group();
            }
            Display::TableRow => {
                if !table.has_group() {
                    let group = self.anonymous(parent, Display::TableRowGroup);
                    let id = self.add(LayoutBox::new(group, Content::Blocks(Vec::new())))?;
                    table.open_group(GroupKind::Body, id);
                }
                let id = self.table_part(node, style)?;
                table.open_row(id);
                self.counters.enter();
                self.table_children(node, table, style, cx)?;
                self.counters.leave();
                table.close_row();
            }
            _ => {
                self.count(style, node);
                self.ensure_row(table, parent)?;
                let inner = Cx {
                    depth: cx.depth + 1,
                    ..cx.clone()
                };
                let id = self.principal(node, style, &inner)?;
                table.cell(id, span("colspan", 1), span("rowspan", 1));
            }
        }
        Ok(())
    }

    /// The box of a row or row group.
    fn table_part(&mut self, node: NodeId, style: &Arc<ComputedStyle>) -> Step<BoxId> {
        self.count(style, node);
        let mut new = LayoutBox::new(style.clone(), Content::Blocks(Vec::new()));
        new.extras = self.extras(node, style);
        self.add(new)
    }

    /// Ends an anonymous table around stray table parts; one in an inline box is on its line (CSS 2.2 §17.2.1).
    pub(super) fn close_table(&mut self, flow: &mut Flow, cx: &Cx) -> Step<()> {
        let Some(stray) = flow.table.take() else {
            return Ok(());
        };
        let inline = flow.inline.has_open();
        let display = match inline {
            true => Display::InlineTable,
            false => Display::Table,
        };
        let style = self.anonymous(&flow.style, display);
        let (content, style) = self.grid(stray.table, &style);
        let id = self.add(LayoutBox::new(style, content))?;
        if !inline {
            return self.block(flow, id);
        }
        self.firsts.no_letter();
        flow.inline.atomic(id);
        if let Some(node) = stray.space
            && let NodeData::Text(text) = &self.input.styled.dom.node(node).data
        {
            self.text_of(node, text, flow, cx)?;
        }
        Ok(())
    }
}
