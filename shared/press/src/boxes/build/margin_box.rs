//! Page margin boxes, and the running elements that they show (CSS Paged Media 3 §5, CSS GCPM 3 §1.2).

use super::{BuildInput, Builder, Cx, DEEPEST, Flow, Step};
use crate::PressError;
use crate::boxes::content::PageFacts;
use crate::boxes::counters::Counters;
use crate::boxes::first::Firsts;
use crate::boxes::inline::PlainStructures;
use crate::boxes::targets::Targets;
use crate::boxes::{BoxId, Content, LayoutBox, Tree, Values};
use crate::images::Images;
use fanfold_style::computed::{ContentItem, Display, Float, LineHeight, Position, VerticalAlign};
use fanfold_style::values::Sizing;
use fanfold_style::{ComputedStyle, NodeId, Styled};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Counters kept for running elements, all together; each is a few bytes.
const MOST_KEPT: usize = 1_000_000;

/// What a page margin box's content may ask for.
pub(crate) struct MarginContent<'a> {
    pub(crate) styled: &'a Styled,
    pub(crate) images: &'a Images<'a>,
    pub(crate) facts: &'a PageFacts,
    pub(crate) targets: &'a Targets,
    /// The page's number.
    pub(crate) page: i32,
    /// The page's other counters.
    pub(crate) page_counters: &'a Counters,
    /// Named strings.
    pub(crate) strings: &'a Values<String>,
    /// Running elements.
    pub(crate) elements: &'a Values<NodeId>,
    /// The counters at the places of running elements.
    pub(crate) counters: &'a FxHashMap<NodeId, Counters>,
    /// Its width is the page margin's, whatever is in it.
    pub(crate) width_set: bool,
}

/// The box tree of a page margin box.
///
/// # Errors
/// As [`super::build`].
pub(crate) fn margin_box(
    style: &ComputedStyle,
    content: &MarginContent<'_>,
) -> Result<Tree, PressError> {
    let input = BuildInput {
        styled: content.styled,
        images: content.images,
        facts: content.facts,
        targets: content.targets,
        page: Some(content.page),
        most_boxes: 10_000,
        stopped: &|| false,
    };
    let mut builder = Builder {
        input: &input,
        tree: Tree::default(),
        firsts: Firsts::default(),
        counters: content.page_counters.clone(),
        quotes: 0,
        inline_notes: true,
        plain: ComputedStyle::default(),
        structures: PlainStructures::default(),
        kept_counters: 0,
        text: 0,
        reversed_steps: 0,
        list_item: "list-item".into(),
    };
    builder.counters.count(&style.generated);
    let items = style.generated.content.clone().unwrap_or_default();
    let mut style = style.clone();
    style.box_.display = Display::FlowRoot;
    let blocks = content.width_set || style.box_.width != Sizing::Auto;
    let alone = match items.as_slice() {
        [ContentItem::Element(name, pick)] => {
            // An inline one has a line around it like any text.
            let element = content.elements.get(name, *pick);
            element.is_none_or(|element| !content.styled.style(*element).box_.was_inline)
        }
        _ => false,
    };
    if alone && !blocks {
        // Its line is as high as the element, whatever the margin box's font.
        Arc::make_mut(&mut style.text).line_height = LineHeight::Number(0.0);
    }
    let style = Arc::new(style);
    let cx = Cx {
        depth: 1,
        decorations: None,
        link: None,
    };
    let mut flow = builder.flow(&style, &cx);
    // Running elements are between what is text.
    let mut texts: Vec<ContentItem> = Vec::new();
    for item in items {
        match item {
            ContentItem::String(name, pick) => {
                let text = content.strings.get(&name, pick);
                texts.push(ContentItem::Text(text.map_or("", String::as_str).into()));
            }
            ContentItem::Element(name, pick) => {
                builder.generated(&std::mem::take(&mut texts), &style, &mut flow, &cx)?;
                if let Some(element) = content.elements.get(&name, pick) {
                    // They count on where the element is in the document, not in the margin.
                    let there = content.counters.get(element).cloned().unwrap_or_default();
                    let here = std::mem::replace(&mut builder.counters, there);
                    builder.running_element(*element, (alone, blocks), &mut flow, &cx)?;
                    builder.counters = here;
                }
            }
            other => texts.push(other),
        }
    }
    builder.generated(&texts, &style, &mut flow, &cx)?;
    let content = builder.finish(flow, &cx)?;
    let root = builder.add(LayoutBox::new(style, content))?;
    builder.tree.root = Some(root);
    Ok(builder.tree)
}

impl Builder<'_> {
    /// A box without content that says where in the flow the running element at `node` would be.
    pub(super) fn running_place(
        &mut self,
        node: NodeId,
        style: &Arc<ComputedStyle>,
        cx: &Cx,
    ) -> Step<BoxId> {
        self.kept_counters += self.counters.size();
        if self.kept_counters > MOST_KEPT {
            return Err(PressError::Limit {
                what: "counters at running elements",
                limit: MOST_KEPT as u64,
            });
        }
        let known = self.counters.clone();
        self.tree.running_counters.insert(node, known);
        self.count(style, node);
        let mut place = LayoutBox::new(style.clone(), Content::Blocks(Vec::new()));
        place.extras = self.extras(node, style);
        if cx.depth < DEEPEST {
            self.count_inside(node, style, cx)?;
        }
        self.tree.has_running = true;
        let name = style.generated.running.clone();
        place.extras.get_or_insert_default().running = name.map(|name| (name, node));
        self.add(place)
    }

    /// Counts what the running element at `node` has inside, as its boxes would where it is.
    fn count_inside(&mut self, node: NodeId, style: &Arc<ComputedStyle>, cx: &Cx) -> Step<()> {
        let inner = Cx {
            depth: cx.depth + 1,
            decorations: None,
            link: None,
        };
        let (boxes, depth) = (self.tree.boxes.len(), self.tree.depth);
        let asks_pages = self.tree.asks_pages;
        self.with_inline_notes(true, |builder| builder.principal(node, style, &inner))?;
        // They are made anew in the margin.
        self.tree.boxes.truncate(boxes);
        (self.tree.depth, self.tree.asks_pages) = (depth, asks_pages);
        Ok(())
    }

    /// The boxes of the running element at `node`. A block fills a margin box whose width is set; else it is one of
    /// the things on the margin box's lines, as wide as it has to be, where that aligns them. The specification
    /// leaves it open; this is WeasyPrint's way.
    fn running_element(
        &mut self,
        node: NodeId,
        (alone, blocks): (bool, bool),
        flow: &mut Flow,
        cx: &Cx,
    ) -> Step<()> {
        let mut style = (**self.input.styled.style(node)).clone();
        style.box_.position = Position::Static;
        style.box_.float = Float::None;
        let inline = match style.box_.display {
            Display::Table | Display::InlineTable => Display::InlineTable,
            Display::Flex | Display::InlineFlex => Display::InlineFlex,
            Display::Grid | Display::InlineGrid => Display::InlineGrid,
            _ => Display::InlineBlock,
        };
        let block = blocks
            && !style.box_.was_inline
            && matches!(
                style.box_.display,
                Display::Block
                    | Display::FlowRoot
                    | Display::ListItem
                    | Display::Flex
                    | Display::Grid
                    | Display::Table
            );
        if !block {
            style.box_.display = inline;
            if alone && !blocks {
                style.box_.vertical_align = VerticalAlign::Top;
            }
        }
        let style = Arc::new(style);
        let inner = Cx {
            depth: cx.depth + 1,
            decorations: None,
            link: None,
        };
        self.count(&style, node);
        let id = self.principal(node, &style, &inner)?;
        if block {
            return self.block(flow, id);
        }
        flow.inline.atomic(id);
        Ok(())
    }

    fn generated(
        &mut self,
        items: &[ContentItem],
        style: &Arc<ComputedStyle>,
        flow: &mut Flow,
        cx: &Cx,
    ) -> Step<()> {
        let (pieces, _) = self.evaluate(items, style, None, None);
        self.pieces(pieces, style, flow, cx)
    }
}
