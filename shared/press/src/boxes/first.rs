//! `::first-letter` and `::first-line` on the way to the first formatted line of their block
//! (CSS Pseudo-Elements 4 §2).

use super::build::{Builder, Cx, Flow, Step, decorate};
use super::first_line::{FirstLine, PseudoPair};
use super::inline::{InlineContent, InlineItemKind};
use super::{LayoutBox, is_float};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::Display;
use fanfold_style::{NodeId, Pseudo};
use fanfold_text::first_letter;
use std::sync::Arc;

/// Pseudo-elements that wait for their first letter or line, outermost first.
#[derive(Debug, Default)]
pub(super) struct Firsts {
    letters: Vec<PseudoPair>,
    lines: Vec<PseudoPair>,
}

impl Firsts {
    /// An image or the like comes first: there is no first letter.
    pub(super) fn no_letter(&mut self) {
        self.letters.clear();
    }
}

impl Builder<'_> {
    /// Lays out the inside of a block container with `build`; its own `::first-letter` and
    /// `::first-line` wait for content, and those around it too where it is `in_flow`.
    pub(super) fn with_firsts<T>(
        &mut self,
        node: NodeId,
        style: &Arc<ComputedStyle>,
        in_flow: bool,
        build: impl FnOnce(&mut Self) -> Step<T>,
    ) -> Step<T> {
        let styled = self.input.styled;
        let around = (!in_flow).then(|| std::mem::take(&mut self.firsts));
        let (letters, lines) = (self.firsts.letters.len(), self.firsts.lines.len());
        let pair = |pseudo| {
            let own = styled.pseudo(node, pseudo)?;
            Some((style.clone(), own.clone()))
        };
        self.firsts.letters.extend(pair(Pseudo::FirstLetter));
        self.firsts.lines.extend(pair(Pseudo::FirstLine));
        let built = build(self)?;
        match around {
            Some(around) => self.firsts = around,
            None => {
                self.firsts.letters.truncate(letters);
                self.firsts.lines.truncate(lines);
            }
        }
        Ok(built)
    }

    /// Builds something that is not in the flow, which leaves the first line and letter to others.
    pub(super) fn aside<T>(&mut self, build: impl FnOnce(&mut Self) -> Step<T>) -> Step<T> {
        let around = std::mem::take(&mut self.firsts);
        let built = build(self)?;
        self.firsts = around;
        Ok(built)
    }

    /// Gives the paragraph that comes first its first line.
    pub(super) fn take_first_line(&mut self, content: &mut InlineContent, block: &ComputedStyle) {
        if content.text.is_empty() {
            return;
        }
        let lines = std::mem::take(&mut self.firsts).lines;
        if !lines.is_empty() {
            content.first_line = Some(Box::new(FirstLine::new(content, block, &lines)));
        }
    }

    /// Adds text to `flow`, its first letter in a box of its own where one waits for it.
    pub(super) fn text(
        &mut self,
        text: &str,
        style: &Arc<ComputedStyle>,
        flow: &mut Flow,
        cx: &Cx,
    ) -> Step<()> {
        if self.firsts.letters.is_empty() || text.trim().is_empty() {
            flow.inline.text(text, style);
            return Ok(());
        }
        let letters = std::mem::take(&mut self.firsts.letters);
        let (Some(range), Some((_, last))) = (first_letter(text), letters.last()) else {
            flow.inline.text(text, style);
            return Ok(());
        };
        // A letter that floats is on no line that could give it the style of the first one.
        let floats = letters.last().is_some_and(|(_, own)| is_float(own));
        let line = self.firsts.lines.iter().filter(|_| floats);
        let inherited = line
            .chain(&letters)
            .fold((**style).clone(), |style, (from, to)| {
                style.inheriting(from, to)
            });
        let mut own = ComputedStyle {
            font: inherited.font,
            text: inherited.text,
            ..(**last).clone()
        };
        if !floats {
            own.box_.display = Display::Inline;
        }
        flow.inline.text(&text[..range.start], style);
        let letter = &text[range.clone()];
        let inline = flow
            .inline
            .decorations()
            .or_else(|| flow.decorations.clone());
        if floats {
            let own = Arc::new(own);
            let id = self.aside(|builder| {
                let mut inner = builder.flow(&own, cx);
                inner.inline.text(letter, &own);
                let content = builder.finish(inner, cx)?;
                builder.add(LayoutBox::new(own, content))
            })?;
            flow.inline.out_of_flow(InlineItemKind::Float(id));
        } else {
            let own = Arc::new(own);
            flow.inline.open(&own, None, decorate(&own, inline));
            flow.inline.text(letter, &own);
            flow.inline.close();
        }
        flow.inline.text(&text[range.end..], style);
        Ok(())
    }
}
