//! Footnotes: a call where the element is, its body for the page's foot (CSS GCPM 3 §2).

use super::{Builder, Cx, Flow, Step, decorate};
use crate::boxes::inline::InlineItemKind;
use crate::boxes::{BoxId, LayoutBox};
use fanfold_style::computed::{Display, Float, FootnoteDisplay};
use fanfold_style::{ComputedStyle, NodeId, Pseudo};
use std::sync::Arc;

/// A character of no width that keeps words together: holds the place of a call without content.
const NOTHING: char = '\u{2060}';

impl Builder<'_> {
    /// The style of a footnote's body, which is a block there; in another footnote, in what is
    /// on every page, and in a page margin box it is an inline box.
    pub(super) fn footnote_style(&self, style: &ComputedStyle) -> Arc<ComputedStyle> {
        let mut own = style.clone();
        own.box_.float = Float::None;
        own.box_.display = if self.inline_notes {
            Display::Inline
        } else {
            Display::Block
        };
        Arc::new(own)
    }

    /// Builds the footnote that the element at `node` is: the call goes into `flow`.
    pub(super) fn footnote(
        &mut self,
        node: NodeId,
        style: &Arc<ComputedStyle>,
        flow: &mut Flow,
        cx: &Cx,
    ) -> Step<()> {
        let counter: Arc<str> = "footnote".into();
        let mut counted = style.generated.counter_increment.iter();
        if !counted.any(|(name, _)| *name == counter) {
            self.counters.increment(&counter, 1);
        }
        let id = self.footnote_body(node, style, cx)?;
        flow.inline.out_of_flow(InlineItemKind::Footnote(id));
        match self.input.styled.pseudo(node, Pseudo::FootnoteCall) {
            Some(_) => self.pseudo(node, Pseudo::FootnoteCall, flow, cx),
            None => {
                flow.inline.push_raw(NOTHING);
                Ok(())
            }
        }
    }

    /// Builds what `build` does, with footnotes as inline boxes where `inline` or all around says so.
    pub(super) fn with_inline_notes<T>(
        &mut self,
        inline: bool,
        build: impl FnOnce(&mut Self) -> Step<T>,
    ) -> Step<T> {
        let around = self.inline_notes;
        self.inline_notes |= inline;
        let built = build(self);
        self.inline_notes = around;
        built
    }

    fn footnote_body(&mut self, node: NodeId, style: &Arc<ComputedStyle>, cx: &Cx) -> Step<BoxId> {
        let cx = Cx {
            depth: cx.depth + 1,
            decorations: None,
            link: cx.link.clone(),
        };
        let mut extras = self.extras(node, style);
        let display = style.breaks.footnote_display;
        let around = if display == FootnoteDisplay::Block {
            style.clone()
        } else {
            let mut around = (*self.anonymous(style, Display::Block)).clone();
            around.breaks.footnote = style.breaks.footnote;
            around.breaks.footnote_display = display;
            Arc::new(around)
        };
        let content = self.with_inline_notes(true, |builder| {
            builder.aside(|builder| {
                let mut flow = builder.flow(&around, &cx);
                if display != FootnoteDisplay::Block {
                    let mut own = (**style).clone();
                    own.box_.display = Display::Inline;
                    let own = Arc::new(own);
                    let decorations = decorate(&own, None);
                    flow.inline.open(&own, extras.take(), decorations);
                }
                builder.pseudo(node, Pseudo::FootnoteMarker, &mut flow, &cx)?;
                builder.children(node, &mut flow, &cx)?;
                if display != FootnoteDisplay::Block {
                    flow.inline.close();
                }
                builder.finish(flow, &cx)
            })
        })?;
        let mut new = LayoutBox::new(around, content);
        new.extras = extras;
        self.tree.has_footnotes = true;
        self.add(new)
    }
}

/// Gives the calls in `flow` a line where they leave no text to be on one: a footnote is found by the
/// line that calls it.
pub(super) fn keep_calls(flow: &mut Flow) {
    if flow.inline.has_calls_alone() {
        flow.inline.push_raw(NOTHING);
    }
}
