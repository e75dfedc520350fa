//! Text that layout puts in: hyphens, ellipses, leaders.

use super::Layout;
use super::lines::Context;
use crate::boxes::BoxId;
use fanfold_text::{Paragraph, Span, TextDirection};
use rustc_hash::FxHashMap;
use std::rc::Rc;
use std::sync::Arc;

/// Inserted texts shaped before: by block container, whether on its first line, span, and text.
pub(crate) type InsertedTexts = FxHashMap<(BoxId, bool, u32, Arc<str>), Rc<Paragraph>>;

impl Layout<'_> {
    /// The shaped hyphen of the text before byte `end`, and its span.
    pub(super) fn hyphen(&self, cx: &Context<'_>, end: u32) -> (u32, Rc<Paragraph>) {
        let spans = &cx.content.spans;
        let index = spans
            .partition_point(|span| span.range.end < end)
            .min(spans.len().saturating_sub(1));
        let owner = spans.get(index).and_then(|span| span.owner);
        let style = owner.map_or(cx.style, |owner| &cx.content.boxes[owner as usize].style);
        let hyphen = match &style.text.hyphenate_character {
            Some(text) => self.inserted(cx, index, text),
            None => {
                let hyphen = self.inserted(cx, index, "\u{2010}");
                // U+2010 where the first font has it, otherwise U+002D (CSS Text 3 §5.4).
                let wanted = self.first_face_id(style);
                let drawn = hyphen
                    .runs
                    .iter()
                    .all(|run| run.face == wanted && run.glyphs.iter().all(|glyph| glyph.id != 0));
                if drawn {
                    hyphen
                } else {
                    self.inserted(cx, index, "-")
                }
            }
        };
        (u32::try_from(index).unwrap_or(u32::MAX), hyphen)
    }

    /// `text` shaped as a part of the span with index `span`.
    pub(super) fn inserted(&self, cx: &Context<'_>, span: usize, text: &str) -> Rc<Paragraph> {
        let index = u32::try_from(span).unwrap_or(u32::MAX);
        let key = (cx.id, cx.first, index, Arc::from(text));
        if let Some(known) = self.inserted.borrow().get(&key) {
            return known.clone();
        }
        let spans: Vec<Span> = cx
            .content
            .spans
            .get(span)
            .map(|own| Span {
                range: 0..text.len(),
                atomic: None,
                ..self.span(cx.content, own, cx.style)
            })
            .into_iter()
            .collect();
        let direction = super::text_style::direction(cx.style);
        let direction = match direction {
            TextDirection::Auto => TextDirection::Ltr,
            known => known,
        };
        let paragraph = self
            .shaper
            .shape(self.fonts, key.3.clone(), &spans, direction);
        let paragraph = Rc::new(paragraph);
        self.inserted.borrow_mut().insert(key, paragraph.clone());
        paragraph
    }
}
