//! The box tree: what CSS 2.2 §9.2 makes of a styled document, before any size is known.
//!
//! Boxes live in one arena ([`Tree`]) and name each other by [`BoxId`]. Inline boxes have no entry of
//! their own: an inline formatting context is one [`InlineContent`], text and structure flattened, as
//! UAX #9 and UAX #14 want whole paragraphs.

mod build;
mod collapse;
mod content;
mod counters;
mod first;
mod first_line;
mod inline;
mod running;
mod svg_source;
mod table;
mod targets;

pub(crate) use build::{BuildInput, MarginContent, build, margin_box};
pub(crate) use collapse::{CollapsedEdges, border_rank};
pub(crate) use content::PageFacts;
pub(crate) use counters::Counters;
pub(crate) use inline::{
    Decorations, InlineContent, InlineItem, InlineItemKind, Segment, Shaped, TextSpan,
};
pub(crate) use running::{Assigned, Values};
pub(crate) use table::{Cell, GroupKind, TableBox};
pub(crate) use targets::Targets;

use crate::images::{LoadedImage, Natural};
use fanfold_geometry::Px;
use fanfold_paint::LinkTarget;
use fanfold_style::computed::{Alignment, Display, Float, Position};
use fanfold_style::{ComputedStyle, NodeId};
use rustc_hash::FxHashMap;
use std::cell::Cell as StdCell;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Index of a box in its [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct BoxId(pub(crate) u32);

/// All boxes of a document.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// The arena.
    pub(crate) boxes: Vec<LayoutBox>,
    /// The root element's box.
    pub(crate) root: Option<BoxId>,
    /// How deeply boxes nest.
    pub(crate) depth: usize,
    /// Generated content in the flow asks for page numbers, so a second pass is needed.
    pub(crate) asks_pages: bool,
    /// Counters that `target-counter()` asks for.
    pub(crate) wanted: BTreeSet<Arc<str>>,
    /// Values by anchor of those that the pass before asked for.
    pub(crate) target_counters: FxHashMap<(Arc<str>, Arc<str>), Vec<i32>>,
    /// Some boxes are footnotes, called from lines.
    pub(crate) has_footnotes: bool,
    /// Some boxes are fixed.
    pub(crate) has_fixed: bool,
    /// Some elements are shown in page margin boxes.
    pub(crate) has_running: bool,
    /// The counters at the places of those.
    pub(crate) running_counters: FxHashMap<NodeId, Counters>,
    /// Something is mixed with what is below it (`mix-blend-mode`).
    pub(crate) blends: bool,
    /// The page area cuts off what overflows it: `overflow` of the root or `<body>`.
    pub(crate) viewport_clips: bool,
}

/// A box that takes part in layout by itself: block-level, atomic inline, or a table part.
#[derive(Debug)]
pub(crate) struct LayoutBox {
    /// Its computed style; anonymous boxes have their parent's inherited values.
    pub(crate) style: Arc<ComputedStyle>,
    /// What is inside.
    pub(crate) content: Content,
    /// What few boxes have.
    pub(crate) extras: Option<Box<Extras>>,
    /// It is an item of a flex container, which is a context of its own (CSS Flexbox 1 §4).
    pub(crate) is_item: bool,
    /// Min-content and max-content widths of the content box, once asked for.
    pub(crate) intrinsic: StdCell<Option<(Px, Px)>>,
}

/// What is inside a box.
#[derive(Debug)]
pub(crate) enum Content {
    /// Block-level children, with floats and absolutely positioned ones in their places.
    Blocks(Vec<BoxId>),
    /// An inline formatting context.
    Inline(Box<InlineContent>),
    /// Flex items.
    Flex(Vec<BoxId>),
    /// Grid items.
    Grid(Vec<BoxId>),
    /// A table's grid.
    Table(Box<TableBox>),
    /// An image, or the space where a missing one would be.
    Replaced(Box<Replaced>),
}

/// A replaced element's content (CSS 2.2 §3.1).
#[derive(Debug)]
pub(crate) struct Replaced {
    /// The image; none is drawn as nothing.
    pub(crate) image: Option<LoadedImage>,
    /// Natural size, from the image or from `width` and `height` attributes.
    pub(crate) natural: Natural,
}

/// Facts about a box that most boxes do not have.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extras {
    /// Names other places link to.
    pub(crate) anchors: Vec<Arc<str>>,
    /// Where the box links to.
    pub(crate) link: Option<LinkTarget>,
    /// Outline entry: level and title.
    pub(crate) bookmark: Option<(u32, String)>,
    /// `string-set` assignments.
    pub(crate) strings: Vec<(Arc<str>, String)>,
    /// An outside list marker.
    pub(crate) marker: Option<BoxId>,
    /// The legend in its border.
    pub(crate) legend: Option<BoxId>,
    /// It holds the place of a running element: its name and the element.
    pub(crate) running: Option<(Arc<str>, NodeId)>,
}

impl Tree {
    /// The box at `id`.
    pub(crate) fn get(&self, id: BoxId) -> &LayoutBox {
        &self.boxes[id.0 as usize]
    }

    /// The style of the box at `id`.
    pub(crate) fn style(&self, id: BoxId) -> &ComputedStyle {
        &self.get(id).style
    }
}

impl LayoutBox {
    /// A box that nothing is known of yet.
    pub(crate) fn new(style: Arc<ComputedStyle>, content: Content) -> Self {
        Self {
            style,
            content,
            extras: None,
            is_item: false,
            intrinsic: StdCell::new(None),
        }
    }

    /// Taken out of the flow by `position` (CSS 2.2 §9.6).
    pub(crate) fn is_absolute(&self) -> bool {
        is_absolute(&self.style)
    }

    /// Taken out of the flow by `float` (CSS 2.2 §9.5).
    pub(crate) fn is_float(&self) -> bool {
        is_float(&self.style)
    }

    /// Neither floated nor absolutely positioned.
    pub(crate) fn in_flow(&self) -> bool {
        !self.is_float() && !self.is_absolute()
    }

    /// Whether margins, floats and lines inside stay inside (CSS 2.2 §9.4.1, CSS Multicol 1 §6.1).
    pub(crate) fn establishes_context(&self) -> bool {
        let style = &self.style.box_;
        !matches!(self.content, Content::Blocks(_) | Content::Inline(_))
            || style.clips
            || !self.in_flow()
            || matches!(
                style.display,
                Display::FlowRoot
                    | Display::InlineBlock
                    | Display::TableCell
                    | Display::TableCaption
            )
            || matches!(style.display, Display::Flex | Display::Grid)
            // CSS Box Alignment 3 §5.1.1.
            || style.flex.align_content != Alignment::Normal
            || self.is_item
            || self.is_multicol()
            || self.style.columns.span_all
    }

    /// Whether its content is laid out in columns (CSS Multicol 1 §2).
    pub(crate) fn is_multicol(&self) -> bool {
        self.style.columns.is_multicol()
            && matches!(self.content, Content::Blocks(_) | Content::Inline(_))
    }
}

/// `position: absolute` or `fixed`, or only in page margin boxes.
pub(crate) fn is_absolute(style: &ComputedStyle) -> bool {
    matches!(
        style.box_.position,
        Position::Absolute | Position::Fixed | Position::Running
    )
}

/// Floated and not absolutely positioned.
pub(crate) fn is_float(style: &ComputedStyle) -> bool {
    style.box_.float != Float::None && !is_absolute(style)
}

/// Whether absolutely positioned descendants take this box as their containing block.
pub(crate) fn contains_absolutes(style: &ComputedStyle) -> bool {
    style.box_.position != Position::Static || style.effects.is_transformed()
}
