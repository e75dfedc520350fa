//! Generated content: `content` lists, quotes and strings (CSS Content 3, CSS GCPM 3).

use super::counters::Counters;
use super::targets::Targets;
use fanfold_style::computed::{ContentItem, CounterStyleName, ElementPart};
use fanfold_style::dom::NodeData;
use fanfold_style::{ComputedStyle, Dom, NodeId, Pseudo, Styled, quotes_for};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What an earlier pass over the pages found, for content that asks for page numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PageFacts {
    /// Number of pages.
    pub(crate) pages: usize,
    /// The page number (from 1) of each anchor.
    pub(crate) anchors: FxHashMap<Arc<str>, i32>,
    /// The other counters that `target-counter()` asks for.
    pub(crate) wanted: BTreeSet<Arc<str>>,
    /// Their values at each anchor.
    pub(crate) counters: FxHashMap<(Arc<str>, Arc<str>), Vec<i32>>,
}

/// A piece of generated content.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    /// Text.
    Text(String),
    /// An image by URL.
    Image(Arc<str>),
    /// A leader.
    Leader(Arc<str>),
}

/// Evaluates content lists against the state of the document walk.
pub(crate) struct Evaluation<'a> {
    pub(crate) styled: &'a Styled,
    pub(crate) counters: &'a Counters,
    pub(crate) facts: &'a PageFacts,
    /// Quote nesting, changed as quotes open and close.
    pub(crate) quotes: &'a mut usize,
    /// Set when the list asks for page numbers.
    pub(crate) asks_pages: &'a mut bool,
    /// Counters at other places that the list asks for.
    pub(crate) wanted: &'a mut BTreeSet<Arc<str>>,
    /// The elements that links name.
    pub(super) targets: &'a Targets,
    /// The anchor whose page is this element's own page.
    pub(crate) own_anchor: Option<Arc<str>>,
    /// The page's number where it is known.
    pub(crate) page: Option<i32>,
    /// The element, for its text.
    pub(crate) node: Option<NodeId>,
    /// What the element is in, whose language quotation marks have.
    pub(crate) around: Option<NodeId>,
}

impl Evaluation<'_> {
    /// The pieces of `items`.
    pub(crate) fn pieces(&mut self, items: &[ContentItem], style: &ComputedStyle) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for item in items {
            if let ContentItem::Image(url) = item {
                pieces.push(Piece::Image(url.clone()));
                continue;
            }
            if let ContentItem::Leader(text) = item {
                pieces.push(Piece::Leader(text.clone()));
                continue;
            }
            let text = self.item(item, style);
            match pieces.last_mut() {
                Some(Piece::Text(last)) => last.push_str(&text),
                _ if text.is_empty() => {}
                _ => pieces.push(Piece::Text(text)),
            }
        }
        pieces
    }

    /// The text of `items`, images left out.
    pub(crate) fn string(&mut self, items: &[ContentItem], style: &ComputedStyle) -> String {
        items.iter().map(|item| self.item(item, style)).collect()
    }

    /// `content()` of the element (CSS GCPM 3 §1.1.1).
    fn of_element(&mut self, part: ElementPart) -> String {
        // Taken away meanwhile: what is generated has no such part itself.
        let Some(node) = self.node.take() else {
            return String::new();
        };
        let styled = self.styled;
        let mut generated = |pseudo| {
            let style = styled.pseudo(node, pseudo);
            style.map_or_else(String::new, |style| {
                let items = style.generated.content.as_deref().unwrap_or_default();
                // Its own counters run before its content (CSS Lists 3 §4.4).
                let counters = self.counters.inside(&style.generated, items);
                Evaluation {
                    styled,
                    counters: &counters,
                    facts: self.facts,
                    quotes: self.quotes,
                    asks_pages: self.asks_pages,
                    wanted: self.wanted,
                    targets: self.targets,
                    own_anchor: self.own_anchor.clone(),
                    page: self.page,
                    node: None,
                    around: styled.dom.node(node).parent,
                }
                .string(items, style)
            })
        };
        let text = match part {
            ElementPart::Text => text_of(&styled.dom, node),
            ElementPart::Before => generated(Pseudo::Before),
            ElementPart::After => generated(Pseudo::After),
            ElementPart::FirstLetter => {
                let text = text_of(&styled.dom, node);
                let end = fanfold_text::first_letter(&text).map_or(0, |letter| letter.end);
                text[..end].to_owned()
            }
        };
        self.node = Some(node);
        text
    }

    fn item(&mut self, item: &ContentItem, style: &ComputedStyle) -> String {
        match item {
            ContentItem::Text(text) => text.to_string(),
            ContentItem::Counter(name, counter_style) => self.counter(name, counter_style),
            ContentItem::Counters(name, separator, counter_style) => {
                let texts: Vec<String> = self
                    .counters
                    .values(name)
                    .into_iter()
                    .map(|value| self.styled.counter_text(value, counter_style))
                    .collect();
                texts.join(separator)
            }
            ContentItem::OpenQuote => {
                let quote = self.quote(style, *self.quotes, true);
                *self.quotes += 1;
                quote
            }
            ContentItem::CloseQuote => {
                if *self.quotes == 0 {
                    return String::new();
                }
                *self.quotes -= 1;
                self.quote(style, *self.quotes, false)
            }
            ContentItem::NoOpenQuote => {
                *self.quotes += 1;
                String::new()
            }
            ContentItem::NoCloseQuote => {
                *self.quotes = self.quotes.saturating_sub(1);
                String::new()
            }
            ContentItem::TargetCounter(url, name, separator, counter_style) => {
                let values = self.target(url, name);
                let from = match separator {
                    Some(_) => 0,
                    None => values.len().saturating_sub(1),
                };
                let texts: Vec<String> = values[from..]
                    .iter()
                    .map(|value| self.styled.counter_text(*value, counter_style))
                    .collect();
                texts.join(separator.as_deref().unwrap_or_default())
            }
            ContentItem::TargetText(url, part) => self.targets.text(&self.styled.dom, url, *part),
            ContentItem::OfElement(part) => self.of_element(*part),
            ContentItem::Leader(text) => text.to_string(),
            ContentItem::Image(_) | ContentItem::String(..) | ContentItem::Element(..) => {
                String::new()
            }
        }
    }

    /// The quotation mark at `depth` (CSS Content 3 §3.2); deeper levels repeat the last pair.
    fn quote(&self, style: &ComputedStyle, depth: usize, open: bool) -> String {
        if let Some(pairs) = &style.text.quotes {
            let Some(last) = pairs.len().checked_sub(1) else {
                return String::new();
            };
            let (left, right) = &pairs[depth.min(last)];
            return if open { left } else { right }.to_string();
        }
        // The marks belong to the text around the quotation, not to what is quoted.
        let dom = &self.styled.dom;
        let parent = self.around.filter(|node| dom.element(*node).is_some());
        let around = parent.map_or(style, |parent| self.styled.style(parent));
        let [outer, inner] = quotes_for(around.text.language.as_deref());
        let pair = if depth == 0 { outer } else { inner };
        if open { pair.0 } else { pair.1 }.to_owned()
    }

    fn counter(&mut self, name: &Arc<str>, style: &CounterStyleName) -> String {
        let value = match &**name {
            "page" => {
                *self.asks_pages = true;
                let own = self
                    .own_anchor
                    .as_ref()
                    .and_then(|anchor| self.facts.anchors.get(anchor));
                self.page.or(own.copied()).unwrap_or(1)
            }
            "pages" => {
                *self.asks_pages = true;
                i32::try_from(self.facts.pages).unwrap_or(i32::MAX)
            }
            _ => self.counters.value(name),
        };
        self.styled.counter_text(value, style)
    }

    /// The values of a counter where a link leads to, the innermost last.
    fn target(&mut self, url: &str, name: &Arc<str>) -> Vec<i32> {
        *self.asks_pages = true;
        let Some(anchor) = url.strip_prefix('#') else {
            return Vec::new();
        };
        let value = match &**name {
            "page" => self.facts.anchors.get(anchor).copied(),
            "pages" => i32::try_from(self.facts.pages).ok(),
            _ => {
                if !self.wanted.contains(name) {
                    self.wanted.insert(Arc::clone(name));
                }
                let key = (anchor.into(), Arc::clone(name));
                return self.facts.counters.get(&key).cloned().unwrap_or_default();
            }
        };
        value.into_iter().collect()
    }
}

/// The text inside `node`, white space collapsed: for bookmarks and named strings.
pub(crate) fn text_of(dom: &Dom, node: NodeId) -> String {
    let mut text = String::new();
    let mut next = dom.node(node).first_child;
    // An explicit walk: documents may nest deeper than the stack.
    while let Some(current) = next {
        if let NodeData::Text(piece) = &dom.node(current).data {
            text.push_str(piece);
        }
        next = dom
            .node(current)
            .first_child
            .or_else(|| following(dom, current, node));
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The node after `from`'s subtree, within `root`.
pub(crate) fn following(dom: &Dom, from: NodeId, root: NodeId) -> Option<NodeId> {
    let mut current = from;
    loop {
        if current == root {
            return None;
        }
        if let Some(sibling) = dom.node(current).next_sibling {
            return Some(sibling);
        }
        current = dom.node(current).parent?;
    }
}
