//! Box generation: a walk over the styled tree in document order (CSS 2.2 §9.2, §12).

mod count;
mod footnotes;
mod legend;
mod margin_box;
mod pseudo;
mod replaced;
mod reversed;
mod spanners;
mod tables;

use footnotes::keep_calls;
use legend::Legend;
pub(crate) use margin_box::{MarginContent, margin_box};
use replaced::{MISSING, alternative_text, is_dropped};

use super::content::{Evaluation, PageFacts, Piece, following, text_of};
use super::counters::Counters;
use super::first::Firsts;
use super::inline::{Decorations, InlineBuilder, InlineItemKind, PlainStructures};
use super::table::TableBuilder;
use super::targets::Targets;
use super::{BoxId, Content, Extras, LayoutBox, Replaced, Tree, is_absolute, is_float};
use crate::PressError;
use crate::images::Images;
use crate::paint::is_mixed;
use fanfold_paint::LinkTarget;
use fanfold_style::computed::{ContentItem, Display, Float, Position, TextAlign};
use fanfold_style::dom::{Element, NodeData};
use fanfold_style::{ComputedStyle, Dom, NodeId, Pseudo, Styled};
use std::sync::Arc;

/// Elements deeper than this get no boxes of their own; their text stays (browsers stop at 512).
const DEEPEST: usize = 400;
/// Nested values of a counter that `target-counters()` shows.
const MOST_LEVELS: usize = 32;

/// What box generation reads.
pub(crate) struct BuildInput<'a> {
    pub(crate) styled: &'a Styled,
    pub(crate) images: &'a Images<'a>,
    pub(crate) facts: &'a PageFacts,
    /// The document's, shared with its margin boxes.
    pub(crate) targets: &'a Targets,
    /// The number of the page that all of it is on, where that is known.
    pub(crate) page: Option<i32>,
    pub(crate) most_boxes: usize,
    pub(crate) stopped: &'a dyn Fn() -> bool,
}

/// Makes the box tree.
///
/// # Errors
/// [`PressError::Limit`] over `most_boxes`, [`PressError::Cancelled`].
pub(crate) fn build(input: &BuildInput<'_>) -> Result<Tree, PressError> {
    let mut builder = Builder {
        input,
        tree: Tree::default(),
        firsts: Firsts::default(),
        counters: Counters::default(),
        quotes: 0,
        inline_notes: false,
        plain: ComputedStyle::default(),
        structures: PlainStructures::default(),
        kept_counters: 0,
        text: 0,
        reversed_steps: 0,
        list_item: "list-item".into(),
    };
    let dom = &input.styled.dom;
    if dom.nodes.is_empty() {
        return Ok(builder.tree);
    }
    // About half the nodes are text, which is in the boxes of others.
    let boxes = (dom.nodes.len() / 2).min(1 << 14);
    builder.tree.boxes.reserve(boxes);
    let root = dom
        .children(NodeId::DOCUMENT)
        .find(|child| dom.element(*child).is_some());
    builder.counters.enter();
    if let Some(root) = root {
        let style = input.styled.style(root).clone();
        if style.box_.display != Display::None {
            let cx = Cx {
                depth: 1,
                decorations: None,
                link: None,
            };
            // One counter for all of the document.
            builder.counters.reset(&"footnote".into(), 0);
            builder.count(&style, root);
            let id = builder.principal(root, &style, &cx)?;
            builder.tree.root = Some(id);
        }
    }
    Ok(builder.tree)
}

pub(super) struct Builder<'a> {
    pub(super) input: &'a BuildInput<'a>,
    tree: Tree,
    /// What waits for the first letter or line.
    pub(super) firsts: Firsts,
    counters: Counters,
    quotes: usize,
    /// Footnotes are inline boxes: in another one, and where no page's area would find them.
    inline_notes: bool,
    plain: ComputedStyle,
    structures: PlainStructures,
    /// What [`Tree::running_counters`] holds.
    kept_counters: usize,
    /// Bytes of text in boxes so far.
    text: usize,
    /// Elements that reversed counters were counted over.
    reversed_steps: usize,
    /// The name of the counter of list items.
    list_item: Arc<str>,
}

/// What children inherit from the walk rather than from the cascade.
#[derive(Clone)]
pub(super) struct Cx {
    depth: usize,
    decorations: Option<Arc<Decorations>>,
    /// The link around, for blocks and images inside.
    link: Option<LinkTarget>,
}

/// The children of a block container as they come.
pub(super) struct Flow {
    style: Arc<ComputedStyle>,
    pub(super) decorations: Option<Arc<Decorations>>,
    blocks: Vec<BoxId>,
    pub(super) inline: InlineBuilder,
    /// Table parts without a table around them.
    table: Option<StrayTable>,
    legend: Legend,
}

/// The anonymous table around table parts that follow each other (CSS 2.2 §17.2.1).
#[derive(Default)]
pub(super) struct StrayTable {
    table: TableBuilder,
    /// White space after the last part: nothing between two of them, but something before text.
    space: Option<NodeId>,
}

pub(super) type Step<T> = Result<T, PressError>;

/// Most bytes of text in one paragraph, generated text and line feeds included. It is shaped as a whole, which takes
/// some seventy bytes for each; a file of a hundred thousand lines in one `<pre>` has no more.
const MOST_PARAGRAPH: usize = 8 << 20;

/// Most bytes of text in all boxes: `content` and markers can repeat what is there once.
const MOST_TEXT: usize = 128 << 20;

impl Builder<'_> {
    /// Counts the text of a paragraph.
    fn count_text(&mut self, text: &str) -> Step<()> {
        self.text += text.len();
        for (what, bytes, limit) in [
            ("bytes of text in one paragraph", text.len(), MOST_PARAGRAPH),
            ("bytes of text in all boxes", self.text, MOST_TEXT),
        ] {
            if bytes > limit {
                return Err(PressError::Limit {
                    what,
                    limit: limit as u64,
                });
            }
        }
        Ok(())
    }

    pub(super) fn add(&mut self, new: LayoutBox) -> Step<BoxId> {
        let count = self.tree.boxes.len();
        if count >= self.input.most_boxes {
            return Err(PressError::Limit {
                what: "boxes",
                limit: self.input.most_boxes as u64,
            });
        }
        if count % 1000 == 999 && (self.input.stopped)() {
            return Err(PressError::Cancelled);
        }
        self.tree.has_fixed |= new.style.box_.position == Position::Fixed;
        self.tree.blends |= is_mixed(&new.style);
        self.tree.boxes.push(new);
        Ok(BoxId(u32::try_from(count).unwrap_or(u32::MAX)))
    }

    /// The style of an anonymous box in `parent` (CSS 2.2 §9.2.1.1).
    fn anonymous(&self, parent: &ComputedStyle, display: Display) -> Arc<ComputedStyle> {
        let mut style = self.plain.clone();
        style.font = parent.font.clone();
        style.text = parent.text.clone();
        style.box_.display = display;
        style.box_.page.clone_from(&parent.box_.page);
        if display == Display::Block {
            // What overrides the order of the block's inline content (CSS Writing Modes 4 §2.2).
            style.box_.unicode_bidi = parent.box_.unicode_bidi;
        }
        Arc::new(style)
    }

    /// The rarer facts about an element.
    fn extras(&mut self, node: NodeId, style: &ComputedStyle) -> Option<Box<Extras>> {
        let dom = &self.input.styled.dom;
        let element = dom.element(node)?;
        let generated = &style.generated;
        if element.attributes.is_empty()
            && generated.bookmark_level.is_none()
            && generated.string_set.is_empty()
        {
            return None;
        }
        let mut extras = Extras::default();
        if let Some(id) = element.id.as_ref().filter(|id| !id.is_empty()) {
            extras.anchors.push(id.clone());
        }
        if let Some(name) = (&*element.name == "a")
            .then(|| element.attribute("name"))
            .flatten()
        {
            extras.anchors.push(name.into());
        }
        for anchor in &extras.anchors {
            for name in &self.input.facts.wanted {
                let values = self.counters.values(name);
                let inner = values.len().saturating_sub(MOST_LEVELS);
                let key = (Arc::clone(anchor), Arc::clone(name));
                let known = self.tree.target_counters.entry(key);
                known.or_insert_with(|| values[inner..].to_vec());
            }
        }
        extras.link = link_of(element, self.input.styled);
        let mut quotes = self.quotes;
        let mut asks = false;
        let mut evaluation = Evaluation {
            styled: self.input.styled,
            counters: &self.counters,
            facts: self.input.facts,
            quotes: &mut quotes,
            asks_pages: &mut asks,
            wanted: &mut self.tree.wanted,
            targets: self.input.targets,
            own_anchor: None,
            page: self.input.page,
            node: Some(node),
            around: dom.node(node).parent,
        };
        if let Some(level) = generated.bookmark_level {
            let label = if generated.bookmark_label.is_empty() {
                text_of(dom, node)
            } else {
                evaluation.string(&generated.bookmark_label, style)
            };
            if !label.is_empty() {
                extras.bookmark = Some((level, label));
            }
        }
        for (name, items) in &generated.string_set {
            extras
                .strings
                .push((name.clone(), evaluation.string(items, style)));
        }
        let empty = extras.anchors.is_empty()
            && extras.link.is_none()
            && extras.bookmark.is_none()
            && extras.strings.is_empty();
        (!empty).then(|| Box::new(extras))
    }

    /// The children of `node` into `flow`, with its generated content.
    fn children(&mut self, node: NodeId, flow: &mut Flow, cx: &Cx) -> Step<()> {
        self.counters.enter();
        self.pseudo(node, Pseudo::Before, flow, cx)?;
        let dom: &Dom = &self.input.styled.dom;
        // Elements in it are hidden by the style sheet, text cannot be (HTML §15.5.4).
        let closed = dom.element(node).is_some_and(|element| {
            match &*element.name {
                "details" => element.attribute("open").is_none(),
                // What is inside is for those that cannot draw them (HTML §4.10.13, §4.10.14).
                name => matches!(name, "progress" | "meter"),
            }
        });
        let mut next = dom.node(node).first_child;
        while let Some(child) = next {
            if !(closed && matches!(dom.node(child).data, NodeData::Text(_))) {
                self.node(child, flow, cx)?;
            }
            next = dom.node(child).next_sibling;
        }
        self.pseudo(node, Pseudo::After, flow, cx)?;
        self.counters.leave();
        Ok(())
    }

    fn node(&mut self, node: NodeId, flow: &mut Flow, cx: &Cx) -> Step<()> {
        let dom: &Dom = &self.input.styled.dom;
        match &dom.node(node).data {
            NodeData::Text(text) => {
                if let Some(stray) = &mut flow.table {
                    if text.trim_ascii().is_empty() {
                        stray.space = Some(node);
                        return Ok(());
                    }
                    self.close_table(flow, cx)?;
                }
                self.text_of(node, text, flow, cx)
            }
            NodeData::Element(_) => self.element(node, flow, cx),
            NodeData::Document | NodeData::Comment => Ok(()),
        }
    }

    /// A text node, in the style of the element that it is directly in.
    fn text_of(&mut self, node: NodeId, text: &str, flow: &mut Flow, cx: &Cx) -> Step<()> {
        let styled = self.input.styled;
        let parent = styled.dom.node(node).parent;
        match parent.filter(|parent| styled.dom.element(*parent).is_some()) {
            Some(parent) => self.text(text, styled.style(parent), flow, cx),
            None => self.text(text, &flow.style.clone(), flow, cx),
        }
    }

    fn element(&mut self, node: NodeId, flow: &mut Flow, cx: &Cx) -> Step<()> {
        let styled = self.input.styled;
        let style = styled.style(node).clone();
        let Some(element) = styled.dom.element(node) else {
            return Ok(());
        };
        let display = style.box_.display;
        if display == Display::None {
            return Ok(());
        }
        if style.box_.position == Position::Running {
            let id = self.running_place(node, &style, cx)?;
            flow.inline.out_of_flow(InlineItemKind::Absolute(id));
            return Ok(());
        }
        if cx.depth >= DEEPEST {
            self.flatten(node, flow, &style);
            return Ok(());
        }
        if is_table_part(display) {
            let mut stray = flow.table.take().unwrap_or_default();
            stray.space = None;
            self.table_child(node, &mut stray.table, &flow.style.clone(), cx)?;
            flow.table = Some(stray);
            return Ok(());
        }
        self.close_table(flow, cx)?;
        self.count(&style, node);
        if self.takes_legend(node, &style, flow, cx)? {
            return Ok(());
        }
        match &*element.name {
            "br" => {
                flow.inline.line_break(style.box_.clear);
                return Ok(());
            }
            "wbr" => {
                flow.inline.push_raw('\u{200B}');
                return Ok(());
            }
            _ => {}
        }
        if display == Display::Contents {
            return self.children(
                node,
                flow,
                &Cx {
                    depth: cx.depth + 1,
                    ..cx.clone()
                },
            );
        }
        let replaced = self.replaced(node, element, &style);
        let alternative = alternative_text(element).filter(|_| replaced.is_none());
        if replaced.is_none() && alternative.is_none() && is_dropped(element) {
            return Ok(());
        }
        let inline = flow
            .inline
            .decorations()
            .or_else(|| flow.decorations.clone());
        let mut style = style;
        if style.box_.float == Float::Footnote {
            style = self.footnote_style(&style);
            if !self.inline_notes {
                return self.footnote(node, &style, flow, cx);
            }
        }
        let display = style.box_.display;
        if is_absolute(&style) || is_float(&style) {
            // Decorations do not reach out-of-flow boxes (CSS Text Decoration 3 §2).
            let child = Cx {
                depth: cx.depth + 1,
                decorations: None,
                link: cx.link.clone(),
            };
            let id = self.principal(node, &style, &child)?;
            flow.inline.out_of_flow(if is_absolute(&style) {
                InlineItemKind::Absolute(id)
            } else {
                InlineItemKind::Float(id)
            });
            return Ok(());
        }
        match display {
            Display::Inline if replaced.is_none() => {
                let extras = self.extras(node, &style);
                let link = extras.as_ref().and_then(|extras| extras.link.clone());
                let decorations = decorate(&style, inline);
                self.tree.blends |= is_mixed(&style);
                flow.inline.open(&style, extras, decorations.clone());
                let child = Cx {
                    depth: cx.depth + 1,
                    decorations,
                    link: link.or_else(|| cx.link.clone()),
                };
                match alternative {
                    Some(text) => self.text(text, &style, flow, &child)?,
                    None => self.children(node, flow, &child)?,
                }
                self.close_table(flow, cx)?;
                flow.inline.close();
            }
            Display::Inline
            | Display::InlineBlock
            | Display::InlineFlex
            | Display::InlineGrid
            | Display::InlineTable => {
                let child = Cx {
                    depth: cx.depth + 1,
                    decorations: None,
                    link: cx.link.clone(),
                };
                let id = self.principal(node, &style, &child)?;
                self.firsts.no_letter();
                flow.inline.atomic(id);
            }
            _ => {
                let child = Cx {
                    depth: cx.depth + 1,
                    decorations: inline,
                    link: cx.link.clone(),
                };
                self.flush(flow)?;
                let in_link = flow.inline.has_open().then(|| cx.link.clone()).flatten();
                let id = self.principal(node, &style, &child)?;
                if let Some(link) = in_link {
                    let extras = &mut self.tree.boxes[id.0 as usize].extras;
                    extras.get_or_insert_default().link.get_or_insert(link);
                }
                self.block(flow, id)?;
            }
        }
        Ok(())
    }

    /// Adds a block-level box, ending the inline content before it.
    fn block(&mut self, flow: &mut Flow, id: BoxId) -> Step<()> {
        self.flush(flow)?;
        flow.blocks.push(id);
        Ok(())
    }

    /// Makes the inline content so far an anonymous block.
    fn flush(&mut self, flow: &mut Flow) -> Step<()> {
        flow.inline.split();
        keep_calls(flow);
        if flow.inline.is_empty() {
            return Ok(());
        }
        let has_text = flow.inline.has_text();
        let mut content = flow
            .inline
            .take(flow.decorations.clone(), &mut self.structures);
        self.count_text(&content.text)?;
        self.take_first_line(&mut content, &flow.style);
        if has_text && !content.text.is_empty() {
            let style = self.anonymous(&flow.style, Display::Block);
            let id = self.add(LayoutBox::new(style, Content::Inline(Box::new(content))))?;
            flow.blocks.push(id);
            return Ok(());
        }
        let mut kinds = content.items.iter().map(|item| item.kind);
        let floats = kinds.any(|kind| matches!(kind, InlineItemKind::Float(_)));
        if floats && content.boxes.iter().any(|inline| inline.starts) {
            // An inline box is in an anonymous block (CSS 2.2 §9.2.1.1), and the floats beside it are too: a break
            // between its siblings has nothing to do with them.
            let style = self.anonymous(&flow.style, Display::Block);
            let id = self.add(LayoutBox::new(style, Content::Inline(Box::new(content))))?;
            flow.blocks.push(id);
            return Ok(());
        }
        for item in &content.items {
            if let InlineItemKind::Float(id) | InlineItemKind::Absolute(id) = item.kind {
                flow.blocks.push(id);
            }
        }
        // Names of empty inline boxes stay reachable through an empty block.
        if content
            .boxes
            .iter()
            .any(|inline| inline.starts && inline.extras.is_some())
        {
            let mut kept = content;
            kept.structure_mut().items.retain(|item| {
                !matches!(
                    item.kind,
                    InlineItemKind::Float(_) | InlineItemKind::Absolute(_)
                )
            });
            let style = self.anonymous(&flow.style, Display::Block);
            let id = self.add(LayoutBox::new(style, Content::Inline(Box::new(kept))))?;
            flow.blocks.push(id);
        }
        Ok(())
    }

    /// What a finished block container holds.
    pub(super) fn finish(&mut self, mut flow: Flow, cx: &Cx) -> Step<Content> {
        self.close_table(&mut flow, cx)?;
        keep_calls(&mut flow);
        if flow.blocks.is_empty() && (flow.inline.has_text() || flow.inline.is_empty()) {
            let mut content = flow
                .inline
                .take(flow.decorations.clone(), &mut self.structures);
            self.count_text(&content.text)?;
            self.take_first_line(&mut content, &flow.style);
            return Ok(Content::Inline(Box::new(content)));
        }
        self.flush(&mut flow)?;
        flow.inline.clear();
        if flow.style.columns.is_multicol() {
            flow.blocks = self.split_around_spanners(flow.blocks)?;
        }
        Ok(Content::Blocks(flow.blocks))
    }

    /// The box of an element that makes exactly one.
    fn principal(&mut self, node: NodeId, style: &Arc<ComputedStyle>, cx: &Cx) -> Step<BoxId> {
        let fixed = style.box_.position == Position::Fixed;
        self.with_inline_notes(fixed, |builder| builder.own_box(node, style, cx))
    }

    fn own_box(&mut self, node: NodeId, style: &Arc<ComputedStyle>, cx: &Cx) -> Step<BoxId> {
        self.tree.depth = self.tree.depth.max(cx.depth);
        let styled = self.input.styled;
        let extras = self.extras(node, style);
        let link = extras
            .as_ref()
            .and_then(|extras| extras.link.clone())
            .or_else(|| cx.link.clone());
        let inner = Cx { link, ..cx.clone() };
        let element = styled.dom.element(node);
        let replaced = element.and_then(|element| self.replaced(node, element, style));
        let alternative = element
            .filter(|_| replaced.is_none())
            .and_then(alternative_text);
        let mut extras = extras;
        let mut unclipped = None;
        if style.box_.clips && self.is_viewport(node) {
            let mut own = style.clone();
            Arc::make_mut(&mut own).box_.clips = false;
            unclipped = Some(own);
            self.tree.viewport_clips = true;
        }
        let style = unclipped.as_ref().unwrap_or(style);
        let mut collapsed = None;
        let content = if let Some(replaced) = replaced {
            if let Some(link) = &cx.link {
                extras
                    .get_or_insert_default()
                    .link
                    .get_or_insert(link.clone());
            }
            Content::Replaced(Box::new(replaced))
        } else {
            match style.box_.display {
                Display::Table | Display::InlineTable => {
                    let (content, changed) =
                        self.aside(|builder| builder.table(node, style, &inner))?;
                    collapsed = Some(changed);
                    content
                }
                Display::Flex | Display::InlineFlex | Display::Grid | Display::InlineGrid => {
                    self.aside(|builder| builder.flex(node, style, &inner))?
                }
                _ => {
                    let in_flow =
                        is_block(style.box_.display) && !is_float(style) && !is_absolute(style);
                    let fieldset = element.is_some_and(|element| &*element.name == "fieldset");
                    let (content, marker, legend) =
                        self.with_firsts(node, style, in_flow, |builder| {
                            let mut flow = builder.flow(style, &inner);
                            if fieldset {
                                flow.legend = Legend::Wanted;
                            }
                            let marker = match style.box_.display {
                                Display::ListItem => builder.marker(node, style, &mut flow)?,
                                _ => None,
                            };
                            match alternative {
                                Some(text) => builder.text(text, style, &mut flow, &inner)?,
                                None => builder.children(node, &mut flow, &inner)?,
                            }
                            let legend = std::mem::take(&mut flow.legend);
                            Ok((builder.finish(flow, &inner)?, marker, legend))
                        })?;
                    if let Legend::Found(legend) = legend {
                        extras.get_or_insert_default().legend = Some(legend);
                    }
                    if marker.is_some() {
                        extras.get_or_insert_default().marker = marker;
                    }
                    content
                }
            }
        };
        let own_style = collapsed.unwrap_or_else(|| style.clone());
        let mut new = LayoutBox::new(own_style, content);
        new.extras = extras;
        self.add(new)
    }

    pub(super) fn flow(&self, style: &Arc<ComputedStyle>, cx: &Cx) -> Flow {
        Flow {
            style: style.clone(),
            decorations: decorate(style, cx.decorations.clone()),
            blocks: Vec::new(),
            inline: InlineBuilder::default(),
            table: None,
            legend: Legend::None,
        }
    }

    fn evaluate(
        &mut self,
        items: &[ContentItem],
        style: &ComputedStyle,
        anchor: Option<Arc<str>>,
        around: Option<NodeId>,
    ) -> (Vec<Piece>, bool) {
        let mut asks = false;
        let pieces = Evaluation {
            styled: self.input.styled,
            counters: &self.counters,
            facts: self.input.facts,
            quotes: &mut self.quotes,
            asks_pages: &mut asks,
            wanted: &mut self.tree.wanted,
            targets: self.input.targets,
            own_anchor: anchor,
            page: self.input.page,
            node: None,
            around,
        }
        .pieces(items, style);
        self.tree.asks_pages |= asks;
        (pieces, asks)
    }

    fn pieces(
        &mut self,
        pieces: Vec<Piece>,
        style: &Arc<ComputedStyle>,
        flow: &mut Flow,
        cx: &Cx,
    ) -> Step<()> {
        for piece in pieces {
            match piece {
                Piece::Text(text) => self.text(&text, style, flow, cx)?,
                Piece::Leader(text) => flow.inline.leader(&text),
                Piece::Image(url) => {
                    let image = self.input.images.load(&url);
                    let image = image.map(|image| image.oriented(style));
                    let natural = image.as_ref().map_or(MISSING, |image| image.natural(style));
                    let content = Content::Replaced(Box::new(Replaced { image, natural }));
                    let style = self.anonymous(style, Display::InlineBlock);
                    let id = self.add(LayoutBox::new(style, content))?;
                    self.firsts.no_letter();
                    flow.inline.atomic(id);
                }
            }
        }
        Ok(())
    }

    /// A list item's marker: an own box when outside, text in the flow when inside (CSS Lists 3 §3).
    fn marker(
        &mut self,
        node: NodeId,
        style: &Arc<ComputedStyle>,
        flow: &mut Flow,
    ) -> Step<Option<BoxId>> {
        let styled = self.input.styled;
        let marker_style = styled.pseudo(node, Pseudo::Marker).cloned();
        let look = marker_style
            .clone()
            .unwrap_or_else(|| self.anonymous(style, Display::Inline));
        let content = marker_style.and_then(|style| style.generated.content.clone());
        // An image that cannot be had leaves the marker to `list-style-type` (CSS Lists 3 §3.1).
        let image = style.text.list_image.as_ref();
        let image = image.filter(|url| self.input.images.load(url).is_some());
        let pieces = if let Some(items) = content {
            self.evaluate(&items, &look, None, None).0
        } else if let Some(url) = image {
            vec![Piece::Image(url.clone())]
        } else if let Some(name) = &style.text.list_style {
            let value = self.counters.value("list-item");
            let (prefix, suffix) = (styled.marker_prefix(name), styled.marker_suffix(name));
            let text = styled.counter_text(value, name);
            vec![Piece::Text(format!("{prefix}{text}{suffix}"))]
        } else {
            return Ok(None);
        };
        if pieces.is_empty() {
            return Ok(None);
        }
        let mut preserved = (*look).clone();
        let mut text = (*preserved.text).clone();
        text.white_space.collapse = fanfold_style::computed::Collapse::Preserve;
        text.white_space.nowrap = true;
        text.indent = fanfold_style::computed::TextIndent::ZERO;
        text.align = TextAlign::Start;
        preserved.text = Arc::new(text);
        let cx = Cx {
            depth: 0,
            decorations: None,
            link: None,
        };
        if style.text.list_inside {
            preserved.box_.unicode_bidi = fanfold_style::computed::UnicodeBidi::Isolate;
            preserved.box_.display = Display::Inline;
            let preserved = Arc::new(preserved);
            flow.inline.open(&preserved, None, None);
            for piece in pieces {
                // A marker has no part in the first letter.
                let letters = std::mem::take(&mut self.firsts);
                self.pieces(vec![piece], &preserved, flow, &cx)?;
                self.firsts = letters;
            }
            flow.inline.close();
            return Ok(None);
        }
        preserved.box_.display = Display::Block;
        let preserved = Arc::new(preserved);
        let mut own = self.flow(&preserved, &cx);
        let content = self.aside(|builder| {
            builder.pieces(pieces, &preserved, &mut own, &cx)?;
            builder.finish(own, &cx)
        })?;
        Ok(Some(self.add(LayoutBox::new(preserved, content))?))
    }

    /// Flex or grid items: each child element, and each run of text in an anonymous block
    /// (CSS Flexbox 1 §4, CSS Grid 2 §6).
    fn flex(&mut self, node: NodeId, style: &Arc<ComputedStyle>, cx: &Cx) -> Step<Content> {
        let mut flow = self.flow(style, cx);
        self.counters.enter();
        self.pseudo(node, Pseudo::Before, &mut flow, cx)?;
        self.flex_children(node, &mut flow, cx)?;
        self.pseudo(node, Pseudo::After, &mut flow, cx)?;
        self.counters.leave();
        self.items(flow, style, cx)
    }

    /// The items of the flex or grid container of `style` from what was built in it.
    fn items(&mut self, mut flow: Flow, style: &ComputedStyle, cx: &Cx) -> Step<Content> {
        self.close_table(&mut flow, cx)?;
        self.flush(&mut flow)?;
        let mut items = flow.blocks;
        items.sort_by_key(|id| self.tree.style(*id).box_.flex.order);
        for item in &items {
            let item = &mut self.tree.boxes[item.0 as usize];
            item.is_item = true;
            if item.style.box_.z_index.is_some() && item.in_flow() {
                Arc::make_mut(&mut item.style).box_.stacks = true;
            }
        }
        Ok(match style.box_.display {
            Display::Grid | Display::InlineGrid => Content::Grid(items),
            _ => Content::Flex(items),
        })
    }

    fn flex_children(&mut self, node: NodeId, flow: &mut Flow, cx: &Cx) -> Step<()> {
        let styled = self.input.styled;
        let mut next = styled.dom.node(node).first_child;
        while let Some(child) = next {
            next = styled.dom.node(child).next_sibling;
            let element = styled.dom.element(child);
            let display = element.map(|_| styled.style(child).box_.display);
            match display {
                Some(Display::None) => {}
                Some(Display::Contents) => self.flex_children(child, flow, cx)?,
                // A line break is text among the text around it, no item (CSS Display 3 §2.5, Flexbox 1 §4).
                Some(_)
                    if element.is_some_and(|element| matches!(&*element.name, "br" | "wbr")) =>
                {
                    self.node(child, flow, cx)?;
                }
                Some(display) if cx.depth < DEEPEST && !is_table_part(display) => {
                    self.close_table(flow, cx)?;
                    let style = styled.style(child).clone();
                    if style.box_.position == Position::Running {
                        let id = self.running_place(child, &style, cx)?;
                        flow.blocks.push(id);
                        continue;
                    }
                    self.count(&style, child);
                    if element.is_some_and(|element| self.shows_nothing(child, element, &style)) {
                        continue;
                    }
                    let inner = Cx {
                        depth: cx.depth + 1,
                        decorations: flow.decorations.clone(),
                        link: cx.link.clone(),
                    };
                    let id = self.principal(child, &style, &inner)?;
                    self.block(flow, id)?;
                }
                _ => self.node(child, flow, cx)?,
            }
        }
        Ok(())
    }

    /// The text below `node` without any boxes, where the tree is too deep.
    fn flatten(&mut self, node: NodeId, flow: &mut Flow, style: &ComputedStyle) {
        let dom = &self.input.styled.dom;
        let mut next = dom.node(node).first_child;
        while let Some(current) = next {
            let hidden = dom.element(current).is_some()
                && self.input.styled.style(current).box_.display == Display::None;
            if let NodeData::Text(text) = &dom.node(current).data {
                flow.inline.text(text, style);
            }
            let inside = if hidden {
                None
            } else {
                dom.node(current).first_child
            };
            next = inside.or_else(|| following(dom, current, node));
        }
    }
}

/// Adds an element's own lines to those around it.
pub(super) fn decorate(
    style: &Arc<ComputedStyle>,
    outer: Option<Arc<Decorations>>,
) -> Option<Arc<Decorations>> {
    let line = &style.effects.decoration;
    if !(line.underline || line.overline || line.line_through) {
        return outer;
    }
    let line = *line;
    let color = line.color.unwrap_or(style.text.color);
    Some(Arc::new(Decorations {
        line,
        color,
        style: style.clone(),
        outer,
    }))
}

fn link_of(element: &Element, styled: &Styled) -> Option<LinkTarget> {
    if &*element.name != "a" {
        return None;
    }
    let href = element.attribute("href")?.trim();
    Some(match href.strip_prefix('#') {
        Some(anchor) => LinkTarget::Anchor(anchor.to_owned()),
        None => LinkTarget::Uri(styled.url(href).into_owned()),
    })
}

/// A block container among the children of another.
fn is_block(display: Display) -> bool {
    matches!(
        display,
        Display::Block | Display::FlowRoot | Display::ListItem
    )
}

fn is_table_part(display: Display) -> bool {
    matches!(
        display,
        Display::TableRowGroup
            | Display::TableHeaderGroup
            | Display::TableFooterGroup
            | Display::TableRow
            | Display::TableCell
            | Display::TableColumn
            | Display::TableColumnGroup
            | Display::TableCaption
    )
}
