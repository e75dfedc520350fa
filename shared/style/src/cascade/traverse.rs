//! Styling a whole tree: matching, the cascade and sharing, element by element in document order.

use super::compute::{Surroundings, compute, units_of};
use super::custom::Custom;
use super::kin::{Kin, Known};
use super::layers::UNLAYERED;
use super::memory::{Computed, Leftover, Memory, ShareKey};
use super::{Applicable, Instance, Level, apply};
use crate::ComputedStyle;
use crate::computed::{Display, Float};
use crate::css::declaration::{Block, parse_block};
use crate::dom::{Dom, Element, NodeData, NodeId};
use crate::select::{ElementRef, each_hash};
use crate::style_set::MeasureFonts;
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
use std::rc::Rc;
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
    fonts: Option<&dyn MeasureFonts>,
    memory: &Memory,
    report: Report<'_>,
) -> Outcome {
    // Lengths may be relative to fonts that only this document has.
    let remembers = fonts.is_none_or(MeasureFonts::are_usual);
    let mut traversal = Traversal {
        dom,
        sheets,
        base,
        viewport,
        fonts,
        left: match remembers {
            true => memory.take((sheets, base), viewport, fonts.is_some()),
            false => Leftover::new((sheets, base), viewport, fonts.is_some()),
        },
        troubled: false,
        caches: SelectorCaches::default(),
        filter: Box::default(),
        kin: Kin::new(sheets),
        root: None,
        report,
    };
    let count = dom.nodes.len();
    let mut styles: Vec<Option<Arc<ComputedStyle>>> = vec![None; count];
    let mut pseudos = FxHashMap::default();
    let initial: Arc<ComputedStyle> = Arc::clone(&super::build::INITIAL);
    let no_custom: Arc<Custom> = Arc::clone(&traversal.left.custom);
    let mut ancestors: Vec<Open> = Vec::new();
    let mut root_custom = Arc::clone(&no_custom);
    for (index, style) in styles.iter_mut().enumerate() {
        let id = NodeId::new(index);
        let NodeData::Element(element) = &dom.node(id).data else {
            continue;
        };
        let parent = dom.node(id).parent;
        while let Some(left) = ancestors.pop_if(|last| Some(last.id) != parent) {
            if let Some(left) = dom.element(left.id) {
                each_hash(left, |hash| traversal.filter.remove_hash(hash));
            }
        }
        let (chain, number) = ancestors.last_mut().map_or((0, 1), |parent| {
            parent.children += 1;
            (parent.chain, parent.children)
        });
        let (parent_style, parent_custom) = match ancestors.last() {
            Some(parent) => (&parent.known.style, &parent.known.custom),
            None => (&initial, &no_custom),
        };
        let place = Place { id, chain, number };
        let known = traversal.element(place, element, parent_style, parent_custom);
        if traversal.root.is_none() {
            traversal.root = Some(Arc::clone(&known.style));
            root_custom = Arc::clone(&known.custom);
        }
        if let Some(own) = &known.pseudos {
            pseudos.insert(id, own.clone());
        }
        *style = Some(Arc::clone(&known.style));
        if dom.node(id).first_child.is_some() {
            ancestors.push(Open {
                id,
                chain: traversal.kin.chain(chain, element, number),
                children: 0,
                known,
            });
            each_hash(element, |hash| traversal.filter.insert_hash(hash));
        }
    }
    // A `style` attribute's problems are to be told in every document that has it.
    if remembers && !traversal.troubled {
        memory.keep(traversal.left);
    }
    Outcome {
        styles,
        pseudos,
        root_custom,
    }
}

/// An element whose children are being styled.
struct Open {
    id: NodeId,
    /// Stands for what it and its ancestors are.
    chain: u32,
    /// How many of its child elements have been met.
    children: u32,
    known: Rc<Known>,
}

/// Where an element is.
#[derive(Clone, Copy)]
struct Place {
    id: NodeId,
    /// Its parent's chain.
    chain: u32,
    /// It is its parent's nth child element.
    number: u32,
}

type Shared = (Arc<ComputedStyle>, Arc<Custom>);

struct Traversal<'a> {
    dom: &'a Dom,
    sheets: &'a [Instance],
    base: &'a Arc<str>,
    viewport: Size,
    fonts: Option<&'a dyn MeasureFonts>,
    left: Leftover,
    /// Some `style` attribute is not all understood.
    troubled: bool,
    caches: SelectorCaches,
    /// What the ancestors of the current element are called.
    filter: Box<BloomFilter>,
    kin: Kin<'a>,
    root: Option<Arc<ComputedStyle>>,
    report: Report<'a>,
}

impl<'a> Traversal<'a> {
    fn element(
        &mut self,
        place: Place,
        element: &'a Arc<Element>,
        parent: &Arc<ComputedStyle>,
        parent_custom: &Arc<Custom>,
    ) -> Rc<Known> {
        let hints = self.left.hints.of(self.dom, place.id, element);
        let is_root = self.root.is_none();
        let surroundings = (Arc::as_ptr(parent), Arc::as_ptr(parent_custom));
        let hinted = hints.as_ref().map_or(std::ptr::null(), Arc::as_ptr);
        let at = (place.chain, place.number);
        let kind = self.kin.kind(at, element, &self.filter);
        let kind = kind.filter(|_| !is_root);
        let kind = kind.map(|kind| kind.within(surroundings, hinted));
        if let Some(known) = kind.as_ref().and_then(|kind| self.kin.known(kind)) {
            return Rc::clone(known);
        }
        let inline = element
            .attribute("style")
            .map(|css| self.inline_block(place.id, css));
        let mut blocks: SmallVec<[Applicable<'_>; 16]> = SmallVec::new();
        self.matching(place.id, element, None, &mut blocks);
        if let Some(hints) = &hints {
            apply(&mut blocks, hints, Level::Hint, UNLAYERED, 0, 0);
        }
        if let Some(inline) = &inline {
            apply(&mut blocks, inline, Level::Inline, UNLAYERED, 0, 0);
        }
        blocks.sort_by_key(|applicable| applicable.priority);
        let (style, custom) = self.compute_shared(&blocks, element, parent, parent_custom, is_root);
        let known = Rc::new(Known {
            pseudos: self.pseudos(place.id, element, &style, &custom),
            style,
            custom,
        });
        if let Some(kind) = kind {
            self.kin.remember(kind, Rc::clone(&known));
        }
        known
    }

    /// The styles of an element's pseudo-elements, when it has any.
    fn pseudos(
        &mut self,
        id: NodeId,
        element: &Element,
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
        let sharable = !blocks
            .iter()
            .any(|applicable| applicable.block.reads_attributes);
        let key = ShareKey {
            parent: Arc::as_ptr(parent) as usize,
            custom: Arc::as_ptr(parent_custom) as usize,
            root: is_root,
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
        if sharable && let Some(known) = self.left.shared.get(&key) {
            return (Arc::clone(&known.style), Arc::clone(&known.custom));
        }
        let custom = Custom::cascade(parent_custom, blocks);
        let root = self.root.as_deref().filter(|_| !is_root);
        let style = Arc::new(compute(
            blocks,
            Surroundings {
                parent,
                root,
                viewport: self.viewport,
                fonts: self.fonts,
                element: Some(element),
                custom: &custom,
                blockify: is_root,
            },
        ));
        let custom = custom.computed(parent_custom, &units_of(&style, root, self.viewport));
        if sharable {
            let computed = Computed {
                style: Arc::clone(&style),
                custom: Arc::clone(&custom),
                parent: (Arc::clone(parent), Arc::clone(parent_custom)),
            };
            self.left.shared.insert(key, computed);
        }
        (style, custom)
    }

    /// The block of a `style` attribute, parsed once for equal texts.
    fn inline_block(&mut self, id: NodeId, css: &str) -> Arc<Block> {
        if let Some(known) = self.left.inline.get(css) {
            return Arc::clone(known);
        }
        let (report, troubled) = (&mut *self.report, &mut self.troubled);
        let block = Arc::new(parse_block(css, self.base, &mut |location, message| {
            *troubled = true;
            report(id, location, message);
        }));
        self.left.inline.insert(css.into(), Arc::clone(&block));
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
