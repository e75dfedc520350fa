//! `::before` and `::after`: boxes without an element around generated content (CSS Pseudo-Elements 4 §4.1).

use super::{Builder, Cx, Flow, Step, decorate, is_absolute, is_block, is_float, is_table_part};
use crate::boxes::content::Piece;
use crate::boxes::inline::InlineItemKind;
use crate::boxes::table::{GroupKind, TableBuilder};
use crate::boxes::{BoxId, Content, Extras, LayoutBox};
use fanfold_style::computed::Display;
use fanfold_style::{ComputedStyle, NodeId, Pseudo};
use std::sync::Arc;

/// A pseudo-element that generates a box.
struct Generated {
    style: Arc<ComputedStyle>,
    pieces: Vec<Piece>,
    extras: Option<Box<Extras>>,
}

impl Generated {
    fn is_out_of_flow(&self) -> bool {
        is_absolute(&self.style) || is_float(&self.style)
    }

    fn display(&self) -> Display {
        self.style.box_.display
    }

    /// Whether all of the content is white space that a table drops (CSS 2.2 §17.2.1).
    fn is_blank(&self) -> bool {
        let blank =
            |piece: &Piece| matches!(piece, Piece::Text(text) if text.trim_ascii().is_empty());
        self.pieces.iter().all(blank)
    }
}

impl Builder<'_> {
    /// The pseudo-element's style and content, its counters run; none where it has no box.
    fn generated_by(&mut self, node: NodeId, pseudo: Pseudo) -> Option<Generated> {
        let style = self.input.styled.pseudo(node, pseudo)?.clone();
        let items = style.generated.content.clone()?;
        if style.box_.display == Display::None {
            return None;
        }
        self.count_pseudo(node, pseudo, &style);
        let anchor: Arc<str> =
            format!("\u{0}{}{}", node.index(), u8::from(pseudo == Pseudo::After)).into();
        let parent = self.input.styled.dom.node(node).parent;
        let (pieces, asks) = self.evaluate(&items, &style, Some(anchor.clone()), parent);
        let extras = asks.then(|| {
            Box::new(Extras {
                anchors: vec![anchor],
                ..Extras::default()
            })
        });
        Some(Generated {
            style,
            pieces,
            extras,
        })
    }

    /// A pseudo-element of `node` into `flow`.
    pub(super) fn pseudo(
        &mut self,
        node: NodeId,
        pseudo: Pseudo,
        flow: &mut Flow,
        cx: &Cx,
    ) -> Step<()> {
        let Some(generated) = self.generated_by(node, pseudo) else {
            return Ok(());
        };
        let out = generated.is_out_of_flow();
        if is_table_part(generated.display()) && !out {
            let mut stray = flow.table.take().unwrap_or_default();
            stray.space = None;
            self.generated_part(generated, &mut stray.table, &flow.style.clone(), cx)?;
            flow.table = Some(stray);
            return Ok(());
        }
        self.close_table(flow, cx)?;
        self.generated_box(generated, flow, cx)
    }

    /// A pseudo-element of a table, row group or row: `stray` is the anonymous cell of what is no table part.
    pub(super) fn table_pseudo(
        &mut self,
        node: NodeId,
        pseudo: Pseudo,
        table: &mut TableBuilder,
        stray: &mut Option<Flow>,
        (style, cx): (&Arc<ComputedStyle>, &Cx),
    ) -> Step<()> {
        let Some(generated) = self.generated_by(node, pseudo) else {
            return Ok(());
        };
        let display = generated.display();
        if generated.is_out_of_flow() || (display == Display::Inline && generated.is_blank()) {
            // What has no part in the grid would only add an empty cell to it.
            return Ok(());
        }
        if is_table_part(display) {
            self.close_stray(stray, table, style, cx)?;
            return self.generated_part(generated, table, style, cx);
        }
        let mut flow = stray.take().unwrap_or_else(|| {
            let cell = self.anonymous(style, Display::TableCell);
            self.flow(&cell, cx)
        });
        self.generated_box(generated, &mut flow, cx)?;
        *stray = Some(flow);
        Ok(())
    }

    /// A box that is no table part into `flow`.
    fn generated_box(&mut self, generated: Generated, flow: &mut Flow, cx: &Cx) -> Step<()> {
        let out = generated.is_out_of_flow();
        let style = generated.style.clone();
        let display = generated.display();
        if display == Display::Inline && !out {
            let inline = flow
                .inline
                .decorations()
                .or_else(|| flow.decorations.clone());
            flow.inline
                .open(&style, generated.extras, decorate(&style, inline));
            self.pieces(generated.pieces, &style, flow, cx)?;
            flow.inline.close();
            return Ok(());
        }
        let id = self.generated_principal(generated, cx)?;
        if is_absolute(&style) {
            flow.inline.out_of_flow(InlineItemKind::Absolute(id));
        } else if is_float(&style) {
            flow.inline.out_of_flow(InlineItemKind::Float(id));
        } else if matches!(
            display,
            Display::InlineBlock | Display::InlineFlex | Display::InlineGrid | Display::InlineTable
        ) {
            flow.inline.atomic(id);
        } else {
            self.block(flow, id)?;
        }
        Ok(())
    }

    /// The box around generated content, whatever its inside is.
    fn generated_principal(&mut self, generated: Generated, cx: &Cx) -> Step<BoxId> {
        let in_flow = is_block(generated.display()) && !generated.is_out_of_flow();
        let blank = generated.is_blank();
        let Generated {
            mut style,
            pieces,
            extras,
        } = generated;
        let inner = Cx {
            depth: cx.depth + 1,
            decorations: None,
            link: cx.link.clone(),
        };
        let content = match style.box_.display {
            Display::Table | Display::InlineTable => {
                let mut table = TableBuilder::default();
                if !blank {
                    self.generated_cell(pieces, &mut table, &style, &inner)?;
                }
                let (content, own) = self.grid(table, &style);
                style = own;
                content
            }
            Display::Flex | Display::InlineFlex | Display::Grid | Display::InlineGrid => {
                let mut own = self.flow(&style, &inner);
                let item_style = style.clone();
                self.aside(|builder| {
                    builder.pieces(pieces, &item_style, &mut own, &inner)?;
                    builder.items(own, &item_style, &inner)
                })?
            }
            _ => {
                let mut own = self.flow(&style, &inner);
                let build = |builder: &mut Self| {
                    builder.pieces(pieces, &style, &mut own, &inner)?;
                    builder.finish(own, &inner)
                };
                if in_flow {
                    build(self)?
                } else {
                    self.aside(build)?
                }
            }
        };
        let mut new = LayoutBox::new(style, content);
        new.extras = extras;
        self.add(new)
    }

    /// Generated content in an anonymous cell of the open row.
    fn generated_cell(
        &mut self,
        pieces: Vec<Piece>,
        table: &mut TableBuilder,
        style: &Arc<ComputedStyle>,
        cx: &Cx,
    ) -> Step<()> {
        let cell = self.anonymous(style, Display::TableCell);
        let mut own = self.flow(&cell, cx);
        let content = self.aside(|builder| {
            builder.pieces(pieces, style, &mut own, cx)?;
            builder.finish(own, cx)
        })?;
        self.ensure_row(table, style)?;
        let id = self.add(LayoutBox::new(cell, content))?;
        table.cell(id, 1, 1);
        Ok(())
    }

    /// A pseudo-element that is a part of the table that it is in, or of an anonymous one.
    fn generated_part(
        &mut self,
        generated: Generated,
        table: &mut TableBuilder,
        parent: &Arc<ComputedStyle>,
        cx: &Cx,
    ) -> Step<()> {
        let style = generated.style.clone();
        let kind = match style.box_.display {
            // Columns have no content.
            Display::TableColumn | Display::TableColumnGroup => return Ok(()),
            Display::TableCaption => {
                let id = self.generated_principal(generated, cx)?;
                table.captions.push(id);
                return Ok(());
            }
            Display::TableCell => {
                self.ensure_row(table, parent)?;
                let id = self.generated_principal(generated, cx)?;
                table.cell(id, 1, 1);
                return Ok(());
            }
            Display::TableHeaderGroup => Some(GroupKind::Header),
            Display::TableFooterGroup => Some(GroupKind::Footer),
            Display::TableRowGroup => Some(GroupKind::Body),
            _ => None,
        };
        let mut part = LayoutBox::new(style.clone(), Content::Blocks(Vec::new()));
        let blank = generated.is_blank();
        part.extras = generated.extras;
        if let Some(kind) = kind {
            let id = self.add(part)?;
            table.open_group(kind, id);
            if !blank {
                self.generated_cell(generated.pieces, table, &style, cx)?;
            }
            table.close_group();
        } else {
            if !table.has_group() {
                let group = self.anonymous(parent, Display::TableRowGroup);
                let id = self.add(LayoutBox::new(group, Content::Blocks(Vec::new())))?;
                table.open_group(GroupKind::Body, id);
            }
            let id = self.add(part)?;
            table.open_row(id);
            if !blank {
                self.generated_cell(generated.pieces, table, &style, cx)?;
            }
            table.close_row();
        }
        Ok(())
    }

    fn count_pseudo(&mut self, node: NodeId, pseudo: Pseudo, style: &ComputedStyle) {
        let generated = &style.generated;
        self.counters.begin();
        self.reset_counters(&generated.counter_reset, |builder, name| {
            builder.reversed_start_of_pseudo(node, pseudo, name)
        });
        for (name, by) in &generated.counter_increment {
            self.counters.increment(name, *by);
        }
        for (name, value) in &generated.counter_set {
            self.counters.set(name, *value);
        }
    }
}
