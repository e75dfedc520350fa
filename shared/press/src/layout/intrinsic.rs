//! Min-content and max-content widths (CSS Sizing 3 §5).

use super::{Layout, Used, used_edges};
use crate::boxes::{BoxId, Content, InlineContent, InlineItemKind, Segment, TextSpan};
use fanfold_geometry::Px;
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{Collapse, TextIndent};
use fanfold_style::values::Sizing;
use fanfold_text::{BreakKind, Paragraph};

impl Layout<'_> {
    /// Min-content and max-content widths of the content box, without the box's own sizes.
    pub(crate) fn intrinsic(&self, id: BoxId) -> (Px, Px) {
        let box_ = self.tree.get(id);
        if let Some(known) = box_.intrinsic.get() {
            return known;
        }
        let (min, max) = match &box_.content {
            Content::Blocks(children) => self.intrinsic_blocks(children),
            Content::Inline(inline) => self.intrinsic_inline(id, inline),
            Content::Flex(items) => self.intrinsic_flex(id, items),
            Content::Grid(items) => self.intrinsic_grid(id, items),
            Content::Table(table) => self.intrinsic_table(id, table),
            Content::Replaced(_) => {
                let used = used_edges(&box_.style, Px::ZERO);
                let size = self.replaced_size(id, &used, None, None);
                (size.width, size.width)
            }
        };
        let legend = box_.extras.as_ref().and_then(|extras| extras.legend);
        let legend = legend.map_or((Px::ZERO, Px::ZERO), |legend| self.contribution(legend));
        let (min, max) = (min.max(legend.0), max.max(legend.1));
        let (min, max) = if box_.is_multicol() {
            self.intrinsic_columns(&box_.style, (min, max))
        } else {
            (min, max)
        };
        let widths = (
            super::sizing::bounded(min),
            super::sizing::bounded(max.max(min)),
        );
        box_.intrinsic.set(Some(widths));
        widths
    }

    /// Finds the widths of a box of plain text without shaping it as a paragraph, which is not kept; leaves all
    /// others for [`Self::intrinsic`] to find.
    pub(super) fn measure_unshaped(&self, id: BoxId) {
        let box_ = self.tree.get(id);
        let Content::Inline(content) = &box_.content else {
            return;
        };
        let [span] = &content.spans[..] else { return };
        let text = &box_.style.text;
        let collapses = matches!(
            text.white_space.collapse,
            Collapse::Collapse | Collapse::PreserveBreaks
        );
        let plain = span.is_text()
            && span.owner.is_none()
            && content.items.is_empty()
            && content.first_line.is_none()
            && box_.extras.is_none()
            && !box_.is_multicol()
            && collapses
            && text.indent == TextIndent::ZERO;
        if !plain {
            return;
        }
        let span = self.span(content, span, &box_.style);
        let direction = super::text_style::direction(&box_.style);
        let widths = self
            .shaper
            .measure(self.fonts, &content.text, &span, direction);
        if let Some(widths) = widths {
            let min = super::sizing::bounded(widths.widest);
            let max = super::sizing::bounded(widths.line.max(widths.widest));
            box_.intrinsic.set(Some((min, max)));
        }
    }

    /// Border and padding around what [`Self::intrinsic`] measures; a table measures its own.
    pub(crate) fn intrinsic_edges(&self, id: BoxId, used: &Used) -> Px {
        match self.tree.get(id).content {
            Content::Table(_) => Px::ZERO,
            _ => used.horizontal(),
        }
    }

    /// What a box adds to its parent's min-content and max-content widths: its margin box, with
    /// `width`, `min-width` and `max-width` applied (CSS Sizing 3 §5.2).
    pub(crate) fn contribution(&self, id: BoxId) -> (Px, Px) {
        let box_ = self.tree.get(id);
        let style = &box_.style.box_;
        let used = used_edges(&box_.style, Px::ZERO);
        let edges = used.horizontal();
        let fixed = |size: &Sizing| match size {
            Sizing::Size(length) => length.to_length().map(|length| {
                let length = super::sizing::bounded(length).max(Px::ZERO);
                if style.border_box {
                    length.max(edges)
                } else {
                    length + edges
                }
            }),
            Sizing::MinContent => {
                Some(self.ratio_width(id, &used, None, self.intrinsic(id).0 + edges))
            }
            Sizing::MaxContent => {
                Some(self.ratio_width(id, &used, None, self.intrinsic(id).1 + edges))
            }
            Sizing::FitContentUpTo(length) => {
                let length = super::sizing::bounded(length.to_length()?);
                Some(self.fitting(id, &used, length))
            }
            _ => None,
        };
        let (mut min, mut max) = match fixed(&style.width) {
            // A table is never narrower than its content (CSS 2.2 §17.5.2).
            Some(width) if let Content::Table(table) = &box_.content => {
                let width = width.max(self.least_table_width(id, table, width));
                (width, width)
            }
            Some(width) => (width, width),
            None => {
                let (min, max) = self.intrinsic(id);
                let edges = self.intrinsic_edges(id, &used);
                let [min, max] = [min, max]
                    .map(|width| self.ratio_width(id, &used, None, width + edges) - edges);
                (min + edges, max + edges)
            }
        };
        // A replaced element whose width is bound to its container's makes the container no wider (§5.2.2).
        if matches!(box_.content, Content::Replaced(_)) {
            for size in [style.width, style.max_width] {
                if let Sizing::Size(length) = size
                    && length.to_length().is_none()
                {
                    let length = super::sizing::bounded(length.resolve(Px::ZERO)).max(Px::ZERO);
                    min = min.min(if style.border_box {
                        length.max(edges)
                    } else {
                        length + edges
                    });
                }
            }
        }
        if let Some(limit) = fixed(&style.max_width) {
            (min, max) = (min.min(limit), max.min(limit));
        }
        if let Some(limit) = fixed(&style.min_width) {
            (min, max) = (min.max(limit), max.max(limit));
        }
        let margins = used.margin_horizontal();
        ((min + margins).max(Px::ZERO), (max + margins).max(Px::ZERO))
    }

    fn intrinsic_blocks(&self, children: &[BoxId]) -> (Px, Px) {
        let mut min = Px::ZERO;
        let mut max = Px::ZERO;
        let mut floats = Px::ZERO;
        for child in children {
            let box_ = self.tree.get(*child);
            if box_.is_absolute() {
                continue;
            }
            let (narrow, wide) = self.contribution(*child);
            min = min.max(narrow);
            if box_.is_float() {
                floats += wide;
                max = max.max(floats);
            } else if box_.establishes_context() {
                max = max.max(floats + wide);
                floats = Px::ZERO;
            } else {
                max = max.max(wide);
                floats = Px::ZERO;
            }
        }
        (min, max)
    }

    fn intrinsic_inline(&self, id: BoxId, content: &InlineContent) -> (Px, Px) {
        let (min, max) = self.intrinsic_paragraph(id, content);
        let first = content.first_line.as_ref();
        first.map_or((min, max), |first| {
            // Only its first line is like that, but which words are on it is not known yet.
            let (first_min, first_max) = self.intrinsic_paragraph(id, &first.content);
            (min.max(first_min), max.max(first_max))
        })
    }

    fn intrinsic_paragraph(&self, id: BoxId, content: &InlineContent) -> (Px, Px) {
        let shaped = self.shaped(id, content);
        let mut extras = Vec::new();
        let mut floats = (Px::ZERO, Px::ZERO);
        for item in &content.items {
            match item.kind {
                InlineItemKind::Open(index) | InlineItemKind::Close(index) => {
                    let opens = matches!(item.kind, InlineItemKind::Open(_));
                    let width = self.inline_edge(content, index, opens, Px::ZERO);
                    if width != Px::ZERO {
                        let at = if opens {
                            item.offset
                        } else {
                            item.offset.saturating_sub(1)
                        };
                        extras.push((at, width, width));
                    }
                }
                InlineItemKind::Float(float) => {
                    let (min, max) = self.contribution(float);
                    floats = (floats.0.max(min), floats.1 + max);
                }
                InlineItemKind::Absolute(_)
                | InlineItemKind::Footnote(_)
                | InlineItemKind::Clear(_) => {}
            }
        }
        for span in &content.spans {
            if let Some(atomic) = span.atomic {
                let (min, max) = self.contribution(atomic);
                extras.push((span.range.start, min, max));
            }
            if let Some(text) = &span.leader {
                let style = span.owner.map_or(self.tree.style(id), |owner| {
                    &content.boxes[owner as usize].style
                });
                let width = self.text_width(style, text);
                extras.push((span.range.start, width, width));
            }
        }
        extras.sort_by_key(|(at, ..)| *at);
        let style = self.tree.style(id);
        let indent = style.text.indent;
        let length = indent.length.to_length().unwrap_or_default();
        let (first, other) = if indent.hanging {
            (Px::ZERO, length)
        } else {
            (length, Px::ZERO)
        };
        let (mut min, mut max) = (Px::ZERO, Px::ZERO);
        let (mut stretch, mut line) = (first, first);
        // What vanishes at a line's end; what hangs there before a forced break has its room (CSS Text 3
        // §4.1.3).
        let mut gone = Px::ZERO;
        let mut next = extras.iter().peekable();
        for segment in &shaped.segments {
            if content.has_tabs {
                let alone = self.tabs_of(content, style, (&shaped.paragraph, segment), stretch);
                let inside = self.tabs_of(content, style, (&shaped.paragraph, segment), line);
                stretch += alone.0 - alone.1;
                line += inside.0;
            }
            stretch += segment.width - segment.trailing;
            line += segment.width;
            while let Some((_, narrow, wide)) = next.next_if(|(at, ..)| *at < segment.end) {
                stretch += *narrow;
                line += *wide;
            }
            gone = segment.trailing - segment.hanging;
            min = min.max(stretch);
            match segment.kind {
                Some(BreakKind::Emergency) if !segment.anywhere => stretch += segment.trailing,
                Some(BreakKind::Mandatory) => {
                    max = max.max(line - gone);
                    let start = if indent.each_line { first } else { other };
                    (stretch, line) = (start, start);
                }
                _ => stretch = other,
            }
        }
        max = max.max(line - gone);
        // Shaping and summing round differently; lines have a tolerance, so that text never wraps in its
        // own max-content.
        (min.max(floats.0), max + floats.1)
    }

    /// What tabs in `segment`, which begins at `x`, are wider than their default, and how much of that is of
    /// tabs that hang.
    fn tabs_of(
        &self,
        content: &InlineContent,
        style: &ComputedStyle,
        (paragraph, segment): (&Paragraph, &Segment),
        x: Px,
    ) -> (Px, Px) {
        let range = segment.start as usize..segment.end as usize;
        let (mut width, mut hung, mut from, mut x) = (Px::ZERO, Px::ZERO, range.start, x);
        for (offset, _) in paragraph.text[range.clone()].match_indices('\t') {
            let tab = range.start + offset;
            let byte = u32::try_from(tab).unwrap_or(u32::MAX);
            x += paragraph.width(from..tab);
            let stop = self.tab_stop(content, style, byte, x);
            let more = stop - x - paragraph.width(tab..tab + 1);
            width += more;
            if byte >= segment.kept {
                hung += more;
            }
            (from, x) = (tab + 1, stop);
        }
        (width, hung)
    }

    /// The width of `text` in `style`, on one line.
    fn text_width(&self, style: &ComputedStyle, text: &str) -> Px {
        let span = TextSpan {
            range: 0..u32::try_from(text.len()).unwrap_or(u32::MAX),
            owner: None,
            atomic: None,
            leader: None,
            filler: false,
        };
        let span = self.span(&InlineContent::default(), &span, style);
        let direction = super::text_style::direction(style);
        let paragraph = self
            .shaper
            .shape(self.fonts, text.into(), &[span], direction);
        super::line::width_of(&paragraph)
    }

    /// Margin, border and padding at one edge of an inline box.
    pub(crate) fn inline_edge(
        &self,
        content: &InlineContent,
        index: u32,
        opens: bool,
        base: Px,
    ) -> Px {
        let inline = &content.boxes[index as usize];
        if (opens && !inline.starts) || (!opens && !inline.ends) {
            return Px::ZERO;
        }
        let used = used_edges(&inline.style, base);
        // The start edge is on the right of right-to-left boxes.
        if opens != inline.style.text.rtl {
            used.border.left + used.padding.left + used.margin.left.unwrap_or_default()
        } else {
            used.border.right + used.padding.right + used.margin.right.unwrap_or_default()
        }
    }
}
