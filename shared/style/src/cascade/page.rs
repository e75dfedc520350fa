//! The cascade of pages and margin boxes (CSS Paged Media 3 §4–6).

use super::compute::{Surroundings, compute, page_size};
use super::custom::Custom;
use super::memory::initial_custom;
use super::{Applicable, Instance, apply};
use crate::ComputedStyle;
use crate::css::declaration::Block;
use crate::page::{A4, MarginBox, PageKey, PageSelector, PageStyle};
use crate::values::{AutoLength, Sizing};
use fanfold_geometry::{Px, Size};
use std::sync::Arc;

/// A document's `@page` rules, and what pages inherit.
#[derive(Debug)]
pub(crate) struct Pages {
    sheets: Vec<Instance>,
    root: Arc<ComputedStyle>,
    custom: Arc<Custom>,
    viewport: Size,
}

impl Default for Pages {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

const BOXES: [MarginBox; 16] = [
    MarginBox::TopLeftCorner,
    MarginBox::TopLeft,
    MarginBox::TopCenter,
    MarginBox::TopRight,
    MarginBox::TopRightCorner,
    MarginBox::RightTop,
    MarginBox::RightMiddle,
    MarginBox::RightBottom,
    MarginBox::BottomRightCorner,
    MarginBox::BottomRight,
    MarginBox::BottomCenter,
    MarginBox::BottomLeft,
    MarginBox::BottomLeftCorner,
    MarginBox::LeftBottom,
    MarginBox::LeftMiddle,
    MarginBox::LeftTop,
];

impl Pages {
    /// The rules of `sheets`; pages inherit initial values until [`Self::inherit`].
    pub(crate) fn new(sheets: Vec<Instance>) -> Self {
        Self {
            custom: Arc::new(initial_custom(&sheets)),
            sheets,
            root: Arc::default(),
            viewport: A4,
        }
    }

    /// The area of the first page, which viewport units are of (CSS Values 4 §6.1.2).
    pub(crate) fn first_area(&self) -> Size {
        let first = PageSelector {
            right: true,
            ..PageSelector::default()
        };
        let page = self.page(&first);
        let box_ = &page.style.box_;
        let border = &page.style.border.sides;
        let edge = |margin: AutoLength, base: Px| match margin {
            AutoLength::Length(length) => length.resolve(base),
            AutoLength::Auto => Px::ZERO,
        };
        let Size { width, height } = page.size;
        let across = edge(box_.margin.left, width)
            + edge(box_.margin.right, width)
            + box_.padding.left.resolve(width)
            + box_.padding.right.resolve(width)
            + border.left.width
            + border.right.width;
        let down = edge(box_.margin.top, height)
            + edge(box_.margin.bottom, height)
            + box_.padding.top.resolve(height)
            + box_.padding.bottom.resolve(height)
            + border.top.width
            + border.bottom.width;
        let inner = |size: Sizing, base: Px, edges: Px| match size {
            Sizing::Size(length) => length.resolve(base),
            _ => base - edges,
        };
        Size::new(
            inner(box_.width, width, across).max(Px::ZERO),
            inner(box_.height, height, down).max(Px::ZERO),
        )
    }

    /// Pages inherit from the root element.
    pub(crate) fn inherit(
        &mut self,
        root: Arc<ComputedStyle>,
        custom: Arc<Custom>,
        viewport: Size,
    ) {
        (self.root, self.custom, self.viewport) = (root, custom, viewport);
    }

    /// What decides the page that `selector` asks for.
    pub(crate) fn key(&self, selector: &PageSelector<'_>) -> PageKey {
        let rules = self
            .sheets
            .iter()
            .flat_map(|instance| &instance.sheet.pages);
        let matching = rules.enumerate().filter_map(|(index, rule)| {
            let specificity = rule.matches(selector)?;
            Some((u32::try_from(index).unwrap_or(u32::MAX), specificity))
        });
        PageKey(matching.collect())
    }

    /// Whether margin boxes may show text of elements that they name.
    pub(crate) fn may_name_targets(&self) -> bool {
        let mut sheets = self.sheets.iter();
        sheets.any(|instance| instance.sheet.pages_may_name_targets)
    }

    /// The page that `selector` asks for.
    pub(crate) fn page(&self, selector: &PageSelector<'_>) -> PageStyle {
        let own = self.blocks(selector, |rule| {
            std::slice::from_ref(&rule.block).iter().collect()
        });
        let custom = Custom::cascade(&self.custom, &own);
        let surroundings = Surroundings {
            parent: &self.root,
            root: Some(&self.root),
            viewport: self.viewport,
            fonts: None,
            element: None,
            custom: &custom,
            blockify: true,
        };
        let style = compute(&own, surroundings);
        // Font-relative lengths are of the page's own font (CSS Paged Media 3 §6).
        let fonts = Surroundings {
            parent: &style,
            ..surroundings
        };
        let size = page_size(&own, fonts).unwrap_or(A4);
        let mut margin_boxes = Vec::new();
        for place in BOXES {
            let blocks = self.blocks(selector, |rule| {
                rule.margin_boxes
                    .iter()
                    .filter(|(at, _)| *at == place)
                    .map(|(_, block)| block)
                    .collect()
            });
            let custom = Custom::cascade(&custom, &blocks);
            let style = compute(
                &blocks,
                Surroundings {
                    parent: &style,
                    custom: &custom,
                    ..surroundings
                },
            );
            let has_content = style
                .generated
                .content
                .as_ref()
                .is_some_and(|content| !content.is_empty());
            if has_content && style.box_.display != crate::computed::Display::None {
                margin_boxes.push((place, style));
            }
        }
        let blocks = self.blocks(selector, |rule| rule.footnotes.iter().collect());
        let custom = Custom::cascade(&custom, &blocks);
        let footnotes = compute(
            &blocks,
            Surroundings {
                parent: &style,
                custom: &custom,
                ..surroundings
            },
        );
        PageStyle {
            size,
            style,
            margin_boxes,
            footnotes,
        }
    }

    /// The blocks that `pick` finds in the rules for `selector`, strongest last.
    fn blocks<'a>(
        &'a self,
        selector: &PageSelector<'_>,
        pick: impl Fn(&'a crate::sheet::PageRule) -> Vec<&'a Arc<Block>>,
    ) -> Vec<Applicable<'a>> {
        let mut list = Vec::new();
        let mut order = 0;
        for instance in &self.sheets {
            for rule in &instance.sheet.pages {
                order += 1;
                let Some(specificity) = rule.matches(selector) else {
                    continue;
                };
                let layer = instance.layers[usize::from(rule.layer)];
                for block in pick(rule) {
                    apply(&mut list, block, instance.level, layer, specificity, order);
                }
            }
        }
        list.sort_by_key(|applicable| applicable.priority);
        list
    }
}
