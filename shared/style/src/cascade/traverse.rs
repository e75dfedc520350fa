//! Styling a whole tree: matching, the cascade and sharing, element by element in document order.

use super::compute::{Surroundings, compute};
use super::custom::Custom;
use super::hints::Hints;
use super::layers::UNLAYERED;
use super::{Applicable, Instance, Level, apply};
use crate::ComputedStyle;
use crate::computed::{Display, Float};
use crate::css::declaration::{Block, parse_block};
use crate::dom::{Dom, Element, NodeData, NodeId};
use crate::select::{ElementRef, each_hash};
use crate::styled::{Pseudo, PseudoStyles};
use cssparser::SourceLocation;
use fanfold_geometry::Size;
use rustc_hash::FxHashMap;
use selectors::bloom::BloomFilter;
use selectors::context::{
    MatchingContext, MatchingForInvalidation, MatchingMode, NeedsSelectorFlags, QuirksMode,
    SelectorCaches,
};
use selectors::matching::matches_selector;
use smallvec::SmallVec;
use std::sync::Arc;

/// The styles of a tree.
pub(crate) struct Outcome {
    /// By node; none where it is not an element.
    pub(crate) styles: Vec<Option<Arc<ComputedStyle>>>,
    /// The elements that have pseudo-elements.
    pub(crate) pseudos: FxHashMap<NodeId, PseudoStyles>,
    /// The root element's custom properties.
    pub(crate) root_custom: Arc<Custom>,
}

/// Where a problem in a `style` attribute goes.
pub(crate) type Report<'a> = &'a mut dyn FnMut(NodeId, SourceLocation, String);

/// Styles every element of `dom`.
pub(crate) fn style_tree(
    dom: &Dom,
    sheets: &[Instance],
    base: &Arc<str>,
    viewport: Size,
    report: Report<'_>,
) -> Outcome {
    let mut traversal = Traversal {
        dom,
        sheets,
        base,
        viewport,
        hints: Hints::default(),
        inline: FxHashMap::default(),
        caches: SelectorCaches::default(),
        filter: Box::default(),
        shared: FxHashMap::default(),
        root: None,
        report,
    };
    let count = dom.nodes.len();
    let mut styles: Vec<Option<Arc<ComputedStyle>>> = vec![None; count];
    let mut customs: Vec<Option<Arc<Custom>>> = vec![None; count];
    let mut pseudos = FxHashMap::default();
    let initial: Arc<ComputedStyle> = Arc::clone(&super::build::INITIAL);
    let no_custom: Arc<Custom> = Arc::default();
    let mut ancestors: Vec<NodeId> = Vec::new();
    let mut root_custom = Arc::clone(&no_custom);
    for index in 0..count {
        let id = NodeId(index as u32);
        let NodeData::Element(element) = &dom.node(id).data else {
            continue;
        };
        let parent = dom.node(id).parent;
        while ancestors.last().copied() != parent && !ancestors.is_empty() {
            if let Some(left) = ancestors.pop().and_then(|left| dom.element(left)) {
                each_hash(left, |hash| traversal.filter.remove_hash(hash));
            }
        }
        let parent_index = parent.map_or(0, |parent| parent.0 as usize);
        let parent_style = styles[parent_index]
            .clone()
            .unwrap_or_else(|| Arc::clone(&initial));
        let parent_custom = customs[parent_index]
            .clone()
            .unwrap_or_else(|| Arc::clone(&no_custom));
        let (style, custom) = traversal.element(id, element, &parent_style, &parent_custom);
        if traversal.root.is_none() {
            traversal.root = Some(Arc::clone(&style));
            root_custom = Arc::clone(&custom);
        }
        if let Some(own) = traversal.pseudos(id, element, &style, &custom) {
            pseudos.insert(id, own);
        }
        styles[index] = Some(style);
        customs[index] = Some(custom);
        if dom.node(id).first_child.is_some() {
            ancestors.push(id);
            each_hash(element, |hash| traversal.filter.insert_hash(hash));
        }
    }
    Outcome {
        styles,
        pseudos,
        root_custom,
    }
}

/// What decides a style, for sharing it: equal keys compute to equal styles.
#[derive(PartialEq, Eq, Hash)]
struct ShareKey {
    parent: usize,
    custom: usize,
    blocks: SmallVec<[(usize, bool); 8]>,
}

type Shared = (Arc<ComputedStyle>, Arc<Custom>);

struct Traversal<'a> {
    dom: &'a Dom,
    sheets: &'a [Instance],
    base: &'a Arc<str>,
    viewport: Size,
    hints: Hints,
    inline: FxHashMap<Box<str>, Arc<Block>>,
    caches: SelectorCaches,
    /// What the ancestors of the current element are called.
    filter: Box<BloomFilter>,
    shared: FxHashMap<ShareKey, Shared>,
    root: Option<Arc<ComputedStyle>>,
    report: Report<'a>,
}

impl<'a> Traversal<'a> {
    fn element(
        &mut self,
        id: NodeId,
        element: &'a Element,
        parent: &Arc<ComputedStyle>,
        parent_custom: &Arc<Custom>,
    ) -> Shared {
        let hints = self.hints.of(self.dom, id, element);
        let inline = element
            .attribute("style")
            .map(|css| self.inline_block(id, css));
        let mut blocks: SmallVec<[Applicable<'_>; 16]> = SmallVec::new();
        self.matching(id, element, None, &mut blocks);
        if let Some(hints) = &hints {
            apply(&mut blocks, hints, Level::Hint, UNLAYERED, 0, 0);
        }
        if let Some(inline) = &inline {
            apply(&mut blocks, inline, Level::Inline, UNLAYERED, 0, 0);
        }
        blocks.sort_by_key(|applicable| applicable.priority);
        let is_root = self.root.is_none();
        self.compute_shared(&blocks, element, parent, parent_custom, is_root)
    }

    /// The styles of an element's pseudo-elements, when it has any.
    fn pseudos(
        &mut self,
        id: NodeId,
        element: &'a Element,
        style: &Arc<ComputedStyle>,
        custom: &Arc<Custom>,
    ) -> Option<PseudoStyles> {
        if style.box_.display == Display::None {
            return None;
        }
        let mut all: Option<PseudoStyles> = None;
        for pseudo in Pseudo::ALL {
            let wanted = match pseudo {
                Pseudo::Before | Pseudo::After => true,
                Pseudo::Marker => style.box_.display == Display::ListItem,
                Pseudo::FirstLine | Pseudo::FirstLetter => is_block_container(style.box_.display),
                Pseudo::FootnoteCall | Pseudo::FootnoteMarker => {
                    style.box_.float == Float::Footnote
                }
            };
            if !wanted
                || !self
                    .sheets
                    .iter()
                    .any(|sheet| sheet.sheet.index.has(pseudo))
            {
                continue;
            }
            let mut blocks: SmallVec<[Applicable<'_>; 16]> = SmallVec::new();
            self.matching(id, element, Some(pseudo), &mut blocks);
            if blocks.is_empty() && pseudo != Pseudo::Marker {
                continue;
            }
            blocks.sort_by_key(|applicable| applicable.priority);
            let (style, _) = self.compute_shared(&blocks, element, style, custom, false);
            let makes_box = match pseudo {
                Pseudo::Before | Pseudo::After | Pseudo::FootnoteCall | Pseudo::FootnoteMarker => {
                    style
                        .generated
                        .content
                        .as_ref()
                        .is_some_and(|content| !content.is_empty())
                }
                _ => true,
            };
            if makes_box && style.box_.display != Display::None {
                all.get_or_insert_default()[pseudo.index()] = Some(style);
            }
        }
        all
    }

    /// Adds the rules that match the element, or its pseudo-element.
    fn matching<'b>(
        &mut self,
        id: NodeId,
        element: &Element,
        pseudo: Option<Pseudo>,
        blocks: &mut SmallVec<[Applicable<'b>; 16]>,
    ) where
        'a: 'b,
    {
        let mode = match pseudo {
            None => MatchingMode::Normal,
            Some(_) => MatchingMode::ForStatelessPseudoElement,
        };
        let Some(reference) = ElementRef::new(self.dom, id) else {
            return;
        };
        let mut context = MatchingContext::new(
            mode,
            Some(&self.filter),
            &mut self.caches,
            QuirksMode::NoQuirks,
            NeedsSelectorFlags::No,
            MatchingForInvalidation::No,
        );
        for instance in self.sheets {
            let sheet = &*instance.sheet;
            sheet.index.candidates(element, pseudo, |number| {
                let rule = &sheet.rules[number as usize];
                if matches_selector(
                    &rule.selector,
                    0,
                    Some(&rule.hashes),
                    reference,
                    &mut context,
                ) {
                    let layer = instance.layers[usize::from(rule.layer)];
                    let order = instance.order + number;
                    apply(
                        blocks,
                        &rule.block,
                        instance.level,
                        layer,
                        rule.selector.specificity(),
                        order,
                    );
                }
            });
        }
    }

    /// Computes a style, or finds the one that equal inputs gave before.
    fn compute_shared(
        &mut self,
        blocks: &[Applicable<'_>],
        element: &Element,
        parent: &Arc<ComputedStyle>,
        parent_custom: &Arc<Custom>,
        is_root: bool,
    ) -> Shared {
        let sharable = !is_root
            && !blocks
                .iter()
                .any(|applicable| applicable.block.reads_attributes);
        let key = ShareKey {
            parent: Arc::as_ptr(parent) as usize,
            custom: Arc::as_ptr(parent_custom) as usize,
            blocks: blocks
                .iter()
                .map(|applicable| {
                    (
                        std::ptr::from_ref(applicable.block) as usize,
                        applicable.important,
                    )
                })
                .collect(),
        };
        if sharable && let Some(shared) = self.shared.get(&key) {
            return shared.clone();
        }
        let custom = Custom::cascade(parent_custom, blocks);
        let style = Arc::new(compute(
            blocks,
            Surroundings {
                parent,
                root: if is_root { None } else { self.root.as_deref() },
                viewport: self.viewport,
                element: Some(element),
                custom: &custom,
                blockify: is_root,
            },
        ));
        if sharable {
            self.shared
                .insert(key, (Arc::clone(&style), Arc::clone(&custom)));
        }
        (style, custom)
    }

    /// The block of a `style` attribute, parsed once for equal texts.
    fn inline_block(&mut self, id: NodeId, css: &str) -> Arc<Block> {
        if let Some(known) = self.inline.get(css) {
            return Arc::clone(known);
        }
        let report = &mut *self.report;
        let block = Arc::new(parse_block(css, self.base, &mut |location, message| {
            report(id, location, message);
        }));
        self.inline.insert(css.into(), Arc::clone(&block));
        block
    }
}

/// Whether a box of this display type has lines of its own.
fn is_block_container(display: Display) -> bool {
    matches!(
        display,
        Display::Block
            | Display::FlowRoot
            | Display::InlineBlock
            | Display::ListItem
            | Display::TableCell
            | Display::TableCaption
    )
}
