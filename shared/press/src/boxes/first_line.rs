//! `::first-line`: a second version of a paragraph, of which only the first line is laid out
//! (CSS Pseudo-Elements 4 §2.1).

use super::build::decorate;
use super::inline::{InlineBox, InlineContent, InlineItem, InlineItemKind, Structure, TextSpan};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{BoxStyle, LetterCase};
use fanfold_text::case;
use rustc_hash::FxHashMap;
use std::rc::Rc;
use std::sync::Arc;

/// A pseudo-element's originating style, and its own.
pub(crate) type PseudoPair = (Arc<ComputedStyle>, Arc<ComputedStyle>);

/// A paragraph as its first line has it.
#[derive(Debug)]
pub(crate) struct FirstLine {
    /// Everything in an inline box that stands for `::first-line`.
    pub(crate) content: InlineContent,
    /// The style of that box.
    pub(crate) style: Arc<ComputedStyle>,
    /// Offsets in its text and the paragraph's at each character; empty where they are the same.
    offsets: Vec<(u32, u32)>,
}

impl FirstLine {
    /// `content` of a block with style `block`, with `lines` of the blocks that start with it,
    /// outermost first.
    pub(crate) fn new(
        content: &InlineContent,
        block: &ComputedStyle,
        lines: &[PseudoPair],
    ) -> Self {
        let through = |style: &ComputedStyle| {
            lines.iter().fold(style.clone(), |style, (from, to)| {
                style.inheriting(from, to)
            })
        };
        let mut own = through(block);
        if let Some((_, line)) = lines.last() {
            own.background = line.background.clone();
            own.effects = line.effects.clone();
            own.box_ = BoxStyle {
                vertical_align: line.box_.vertical_align,
                ..BoxStyle::default()
            };
            own.border = Arc::default();
        }
        let own = Arc::new(own);
        let mut known: FxHashMap<usize, Arc<ComputedStyle>> = FxHashMap::default();
        let mut boxes = vec![InlineBox {
            decorations: decorate(&own, content.decorations.clone()),
            style: own.clone(),
            parent: None,
            extras: None,
            starts: true,
            ends: true,
            range: 0..0,
        }];
        for inline in &content.boxes {
            let style = known
                .entry(Arc::as_ptr(&inline.style) as usize)
                .or_insert_with(|| Arc::new(through(&inline.style)))
                .clone();
            let parent = inline.parent.map_or(0, |parent| parent + 1);
            boxes.push(InlineBox {
                decorations: decorate(&style, boxes[parent as usize].decorations.clone()),
                style,
                parent: Some(parent),
                extras: inline.extras.clone(),
                starts: inline.starts,
                ends: inline.ends,
                range: inline.range.clone(),
            });
        }
        let spans: Vec<TextSpan> = content
            .spans
            .iter()
            .map(|span| TextSpan {
                owner: Some(span.owner.map_or(0, |owner| owner + 1)),
                ..span.clone()
            })
            .collect();
        let items = content.items.iter().map(|item| InlineItem {
            kind: match item.kind {
                InlineItemKind::Open(index) => InlineItemKind::Open(index + 1),
                InlineItemKind::Close(index) => InlineItemKind::Close(index + 1),
                other => other,
            },
            ..*item
        });
        let end = u32::try_from(content.text.len()).unwrap_or(u32::MAX);
        let around = |offset, kind| InlineItem {
            offset,
            kind,
            within: None,
        };
        let items = std::iter::once(around(0, InlineItemKind::Open(0)))
            .chain(items)
            .chain([around(end, InlineItemKind::Close(0))])
            .collect();
        boxes[0].range = 0..end;
        let mut line = Self {
            content: InlineContent::new(
                content.text.clone(),
                Rc::new(Structure {
                    items,
                    boxes,
                    spans,
                    has_tabs: content.has_tabs,
                    clones: content.clones,
                    decorations: None,
                }),
            ),
            style: own,
            offsets: Vec::new(),
        };
        line.transform(content, block);
        line
    }

    /// The offset in the paragraph of an offset here.
    pub(crate) fn outside(&self, offset: u32) -> u32 {
        let at = self.offsets.partition_point(|(own, _)| *own < offset);
        self.offsets.get(at).map_or(offset, |(_, outside)| *outside)
    }

    /// Changes case where `::first-line` has another `text-transform`.
    fn transform(&mut self, content: &InlineContent, block: &ComputedStyle) {
        let before = |span: &TextSpan| match span.owner {
            Some(owner) if owner > 0 => &*content.boxes[owner as usize - 1].style,
            _ => block,
        };
        let after = |span: &TextSpan| &*self.content.boxes[span.owner.unwrap_or(0) as usize].style;
        let changes = |span: &TextSpan| {
            let (old, new) = (
                before(span).text.transform.case,
                after(span).text.transform.case,
            );
            let new = new != old && matches!(new, LetterCase::Uppercase | LetterCase::Lowercase);
            new && span.is_text()
        };
        if !self.content.spans.iter().any(changes) {
            return;
        }
        let mut text = String::with_capacity(content.text.len());
        let mut offsets = Vec::with_capacity(content.text.len());
        let short = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        for span in &self.content.spans {
            let style = after(span);
            let changes = changes(span);
            let piece = &content.text[span.range.start as usize..span.range.end as usize];
            for (at, character) in piece.char_indices() {
                offsets.push((short(text.len()), span.range.start + short(at)));
                let mut buffer = [0; 4];
                let one = &*character.encode_utf8(&mut buffer);
                let language = style.text.language.as_deref();
                text.push_str(&match style.text.transform.case {
                    LetterCase::Uppercase if changes => case::uppercase(one, language),
                    LetterCase::Lowercase if changes => case::lowercase(one, language),
                    _ => one.into(),
                });
            }
        }
        offsets.push((short(text.len()), short(content.text.len())));
        let inside = |offset: u32| {
            let at = offsets.partition_point(|(_, outside)| *outside < offset);
            offsets.get(at).map_or(offset, |(own, _)| *own)
        };
        let structure = self.content.structure_mut();
        for span in &mut structure.spans {
            span.range = inside(span.range.start)..inside(span.range.end);
        }
        for inline in &mut structure.boxes {
            inline.range = inside(inline.range.start)..inside(inline.range.end);
        }
        for item in &mut structure.items {
            item.offset = inside(item.offset);
        }
        self.content.text = text.into();
        self.offsets = offsets;
    }
}
