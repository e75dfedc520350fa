//! Layout: boxes → fragments, page by page.
//!
//! Each formatting context is a function `(box, space, resume point) → (fragment, next resume point?)`.
//! [`Space`] says what is left of the page, [`Resume`] where a box goes on, [`Outcome`] what came of
//! it. A context that cannot place anything says [`Outcome::Before`], and its parent finds a better
//! place to break; at the top of a page it must place something, so every page makes progress.

mod around;
mod aside;
mod balance;
mod beside;
mod block;
mod borders;
mod columns;
mod content_alignment;
mod fill;
mod flex;
mod float_boxes;
mod floats;
mod flow;
mod flow_break;
mod grid;
mod inserted;
mod intrinsic;
mod legend;
mod line;
mod lines;
mod margins;
mod multicol;
mod overflow;
mod positioned;
mod positioned_inline;
mod ratio;
mod replaced;
mod rest;
mod segments;
mod sizing;
mod slice;
mod stitched;
mod table;
mod text_style;

pub(crate) use floats::Floats;
pub(crate) use flow_break::PageStart;
pub(crate) use line::is_opportunity;
pub(crate) use margins::MarginSet;
pub(crate) use positioned::Against;
pub(crate) use rest::Rest;
pub(crate) use sizing::{Used, bounded, used_edges};
pub(crate) use table::TableCache;
pub(crate) use text_style::{LineMetrics, font_query, font_slant, line_metrics};

use crate::PressError;
use crate::boxes::{BoxId, Content, Tree};
use crate::fragment::Fragment;
use fanfold_geometry::{Point, Px};
use fanfold_style::computed::{Break, MarginBreak};
use fanfold_text::{Fonts, Shaper};
use rustc_hash::FxHashMap;
use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

/// Absorbs rounding where content exactly fills its space.
pub(crate) const TOLERANCE: Px = Px(0.005);

/// What layout reads, for one document.
pub(crate) struct Layout<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) fonts: &'a Fonts,
    pub(crate) shaper: &'a Shaper,
    pub(crate) stopped: &'a dyn Fn() -> bool,
    /// Boxes laid out, to ask [`Self::stopped`] now and then.
    pub(crate) steps: Cell<u32>,
    /// The page's bottom margin, where content may still be seen.
    pub(crate) bleed: Cell<Px>,
    /// Hyphens and other texts that layout puts in, shaped once.
    pub(crate) inserted: RefCell<inserted::InsertedTexts>,
    /// Lines that the block with `max-lines` around may still have.
    pub(crate) lines_left: Cell<Option<u32>>,
    /// Something follows in that block after the box being laid out.
    pub(crate) more_follows: Cell<bool>,
    /// Line metrics of styles seen, by the identity of their font and line height.
    pub(crate) metrics: RefCell<text_style::MetricsCache>,
    /// A forced break was met where nothing breaks.
    pub(crate) forced_met: Cell<bool>,
    /// The page being laid out is a right one.
    pub(crate) on_right: Cell<bool>,
    /// A footnote whose line goes to the next page, or the block that the line is of.
    pub(crate) barred: Cell<Option<BoxId>>,
    /// It is the block.
    pub(crate) barred_block: Cell<bool>,
    /// How many containers with columns are around the box being laid out.
    pub(crate) column_depth: Cell<u32>,
    /// Boxes laid out to balance columns in columns.
    pub(crate) nested_steps: Cell<u32>,
    /// How many absolutely positioned boxes that a page's end cuts are around the box being laid out.
    pub(crate) cutting: Cell<u32>,
    /// How many boxes laid out again beside floats are around the box being laid out.
    pub(crate) beside_depth: Cell<u32>,
    /// A block container whose first line begins this far from its start, after what is beside it.
    pub(crate) lead: Cell<Option<(BoxId, Px)>>,
    /// The border-box height that a flex container gives to an item it is about to lay out.
    pub(crate) imposed: Cell<Option<(BoxId, Px)>>,
    /// What flex and grid containers in one another share.
    pub(crate) nesting: flex::Nesting,
    /// The absolutely positioned boxes in containing blocks that pages break.
    pub(crate) absolutes: RefCell<FxHashMap<BoxId, Rc<[BoxId]>>>,
    /// Those by their places.
    standing: RefCell<FxHashMap<BoxId, Rc<stitched::Standing>>>,
    /// Where containing blocks of some end.
    ends: RefCell<FxHashMap<BoxId, Rc<stitched::End>>>,
    /// What is laid out now is only to find such an end.
    foresees: Cell<bool>,
    /// What is around boxes, once it is asked for.
    around: OnceCell<around::Around>,
}

/// The break above a page or column, which swallows margins (CSS Fragmentation 3 §5.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum BreakAbove {
    /// The document begins here, or nothing breaks.
    #[default]
    None,
    /// A forced break.
    Forced,
    /// The page before was full.
    Unforced,
}

impl BreakAbove {
    /// Whether a margin next to the break remains.
    pub(crate) fn keeps(self, margin: MarginBreak) -> bool {
        match (margin, self) {
            (_, Self::None) => true,
            (MarginBreak::Auto, _) => self == Self::Forced,
            (MarginBreak::Keep, _) => true,
            (MarginBreak::Discard, _) => false,
        }
    }
}

/// The room a box is laid out in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Space {
    /// Content width of the containing block.
    pub(crate) width: Px,
    /// Content height of the containing block, where it is definite.
    pub(crate) height: Option<Px>,
    /// From the box's top border edge to the end of the page; infinite where nothing breaks.
    pub(crate) left: Px,
    /// Height of a whole page, to see whether a fresh one would help.
    pub(crate) page: Px,
    /// Nothing is above on this page: something must be placed.
    pub(crate) at_top: bool,
    /// The break that the page began with.
    pub(crate) break_above: BreakAbove,
    /// What ends is a column: `column` breaks are forced here.
    pub(crate) in_column: bool,
    /// That column ends where a set height does, and as many follow to the side as are needed.
    pub(crate) aside: bool,
}

impl Space {
    /// Room without pages.
    pub(crate) fn unbroken(width: Px, height: Option<Px>) -> Self {
        Self {
            width,
            height,
            left: Px::INFINITY,
            page: Px::INFINITY,
            at_top: true,
            break_above: BreakAbove::None,
            in_column: false,
            aside: false,
        }
    }

    /// Whether the page may end inside.
    pub(crate) fn breaks(&self) -> bool {
        self.left.is_finite()
    }

    /// Whether something that ends at `bottom` is past the page's end.
    pub(crate) fn overflows(&self, bottom: Px) -> bool {
        bottom > self.left + TOLERANCE
    }
}

/// Where a box goes on, on the next page.
///
/// Comparing two of them tells whether a page made progress.
#[derive(Clone, Debug)]
pub(crate) enum Resume {
    /// Block children from `child` on.
    Blocks {
        /// Index of the child; past the last when only floats are left, [`Resume::HEIGHT`] when only height is.
        child: usize,
        /// Where in it.
        inner: Option<Box<Resume>>,
        /// Border-box height already on earlier pages.
        consumed: Px,
        /// Floats that go on.
        floats: Vec<(BoxId, Resume)>,
    },
    /// Lines from this byte on.
    Lines {
        /// Byte of the paragraph.
        offset: u32,
        /// Floats anchored there or later that earlier pages have.
        begun: u32,
        /// Border-box height already on earlier pages.
        consumed: Px,
        /// Floats that go on.
        floats: Vec<(BoxId, Resume)>,
    },
    /// A monolithic box cut at the page's end.
    Slice {
        /// Height already shown.
        consumed: Px,
    },
    /// The rest of an upper edge that took a page, and all that is below it.
    Edge {
        /// Height already on earlier pages.
        consumed: Px,
        /// A legend is below it.
        legend: bool,
    },
    /// A fieldset whose legend breaks.
    Legend {
        /// Where in the legend; none when only the fieldset's content is left.
        inner: Option<Box<Resume>>,
        /// Border-box height already on earlier pages.
        consumed: Px,
    },
    /// A line that no page has room for, and the lines after it.
    HighLine {
        /// What is left of it.
        line: Box<slice::HighLine>,
        /// Border-box height already on earlier pages.
        consumed: Px,
    },
    /// A container that columns share out.
    Shared {
        /// All of it.
        whole: Rc<Fragment>,
        /// How much of its height earlier columns show.
        shown: Px,
    },
    /// What sticks out of a box that has ended: a flow parallel to what follows the box (CSS Fragmentation 3 §3).
    Overflow(Box<overflow::Overflow>),
    /// A table from a row on.
    Table(Box<table::TableResume>),
    /// Flex lines.
    Flex(Box<flex::FlexResume>),
}

impl Resume {
    /// The child of a box with a set height that nothing more is in.
    pub(crate) const HEIGHT: usize = usize::MAX;

    /// The row that was begun, where a table goes on inside one.
    pub(crate) fn split_row(&self) -> Option<usize> {
        match self {
            Self::Table(table) => table.split_row(),
            _ => None,
        }
    }

    /// Whether both are the same place in the document, however much height was used up.
    pub(crate) fn same_place(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Blocks {
                    child,
                    inner,
                    floats,
                    consumed,
                },
                Self::Blocks {
                    child: other_child,
                    inner: other_inner,
                    floats: other_floats,
                    consumed: before,
                },
            ) => {
                // That ends by itself, as heights are bounded.
                let ends = *child == Self::HEIGHT && consumed > before;
                child == other_child
                    && !ends
                    && same_option(inner.as_deref(), other_inner.as_deref())
                    && same_floats(floats, other_floats)
            }
            (
                Self::Lines {
                    offset,
                    begun,
                    floats,
                    ..
                },
                Self::Lines {
                    offset: other,
                    begun: other_begun,
                    floats: other_floats,
                    ..
                },
            ) => offset == other && begun == other_begun && same_floats(floats, other_floats),
            (Self::Legend { inner, .. }, Self::Legend { inner: other, .. }) => {
                same_option(inner.as_deref(), other.as_deref())
            }
            (Self::HighLine { line, .. }, Self::HighLine { line: other, .. }) => {
                line.next.same_place(&other.next) && line.shown <= other.shown
            }
            (Self::Slice { consumed }, Self::Slice { consumed: other })
            | (
                Self::Edge { consumed, .. },
                Self::Edge {
                    consumed: other, ..
                },
            ) => consumed <= other,
            (Self::Shared { shown, .. }, Self::Shared { shown: other, .. }) => shown <= other,
            (Self::Overflow(one), Self::Overflow(other)) => one.same_place(other),
            (Self::Table(table), Self::Table(other)) => table.same_place(other),
            (Self::Flex(flex), Self::Flex(other)) => flex.same_place(other),
            _ => false,
        }
    }
}

fn same_floats(floats: &[(BoxId, Resume)], others: &[(BoxId, Resume)]) -> bool {
    floats.len() == others.len()
        && floats
            .iter()
            .zip(others)
            .all(|((id, resume), (other, before))| id == other && resume.same_place(before))
}

/// The same for optional places.
fn same_option(one: Option<&Resume>, other: Option<&Resume>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => one.same_place(other),
        _ => false,
    }
}

/// What laying out a box gave.
pub(crate) enum Outcome {
    /// A fragment.
    Laid(Laid),
    /// Nothing of the box fits in the space: break before it.
    Before,
}

/// A fragment and what follows from it.
pub(crate) struct Laid {
    /// The fragment.
    pub(crate) fragment: Fragment,
    /// Where the box goes on; none when it is complete.
    pub(crate) resume: Option<Resume>,
    /// Margins that adjoin what follows.
    pub(crate) end: MarginSet,
    /// The break was asked for, and to which side.
    pub(crate) forced: Option<Forced>,
    /// Floats of the block formatting context around that go on, and what sticks out of boxes, beside what follows:
    /// they are flows of their own (CSS Fragmentation 3 §3).
    pub(crate) floats: Vec<(BoxId, Resume)>,
}

/// A forced break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Forced {
    /// Which page comes next.
    pub(crate) side: Break,
}

impl Laid {
    /// A complete fragment.
    pub(crate) fn whole(fragment: Fragment) -> Self {
        Self {
            fragment,
            resume: None,
            end: MarginSet::default(),
            forced: None,
            floats: Vec::new(),
        }
    }
}

pub(crate) type Step<T> = Result<T, PressError>;

impl<'a> Layout<'a> {
    /// Layout of `tree` with `fonts`.
    pub(crate) fn new(
        tree: &'a Tree,
        fonts: &'a Fonts,
        shaper: &'a Shaper,
        stopped: &'a dyn Fn() -> bool,
    ) -> Self {
        Self {
            tree,
            fonts,
            shaper,
            stopped,
            steps: Cell::new(0),
            bleed: Cell::new(Px::ZERO),
            inserted: RefCell::default(),
            lines_left: Cell::new(None),
            more_follows: Cell::new(false),
            metrics: RefCell::default(),
            forced_met: Cell::new(false),
            on_right: Cell::new(true),
            barred: Cell::new(None),
            barred_block: Cell::new(false),
            column_depth: Cell::new(0),
            nested_steps: Cell::new(0),
            cutting: Cell::new(0),
            beside_depth: Cell::new(0),
            lead: Cell::new(None),
            imposed: Cell::new(None),
            nesting: flex::Nesting::default(),
            absolutes: RefCell::default(),
            standing: RefCell::default(),
            ends: RefCell::default(),
            foresees: Cell::new(false),
            around: OnceCell::new(),
        }
    }

    /// The same for another tree.
    pub(crate) fn over<'t>(&'t self, tree: &'t Tree) -> Layout<'t> {
        Layout::new(tree, self.fonts, self.shaper, self.stopped)
    }
}

impl Layout<'_> {
    /// Asks now and then whether to stop.
    pub(crate) fn step(&self) -> Step<()> {
        let steps = self.steps.get().wrapping_add(1);
        self.steps.set(steps);
        if steps.is_multiple_of(512) && (self.stopped)() {
            return Err(PressError::Cancelled);
        }
        Ok(())
    }

    /// How far down something is seen: in the sheet's margin too, but in no column's.
    fn sheet_end(&self, space: Space) -> Px {
        if space.in_column || !space.breaks() {
            space.left
        } else {
            space.left + self.bleed.get() + TOLERANCE
        }
    }

    /// Whether a forced break is taken; where nothing breaks it is only remembered.
    fn takes_forced(&self, space: Space) -> bool {
        if !space.breaks() {
            self.forced_met.set(true);
        }
        space.breaks()
    }

    /// Lays out any box at border-box width `width`.
    ///
    /// `floats` and `origin` (the border box's corner) are those of the block formatting context
    /// around; a box that makes its own does not look at them.
    pub(crate) fn layout(
        &self,
        id: BoxId,
        width: Px,
        space: Space,
        resume: Option<&Resume>,
        floats: &mut Floats,
        origin: Point,
    ) -> Step<Outcome> {
        self.step()?;
        // In a column that goes on to the side, what nothing breaks sticks out.
        let monolithic = space.aside && space.breaks() && self.tree.style(id).breaks.contained;
        let room = space;
        let space = if monolithic {
            Space {
                left: Px::INFINITY,
                ..space
            }
        } else {
            space
        };
        let outcome = match &self.tree.get(id).content {
            Content::Blocks(_) | Content::Inline(_) => {
                self.block_container(id, width, space, resume, floats, origin)?
            }
            Content::Table(_) => self.table(id, width, space, resume)?,
            Content::Flex(_) | Content::Grid(_) => self.flex(id, width, space, resume, floats)?,
            Content::Replaced(_) => self.replaced(id, width, space, resume),
        };
        Ok(match outcome {
            Outcome::Laid(laid)
                if monolithic && !room.at_top && room.overflows(laid.fragment.size.height) =>
            {
                Outcome::Before
            }
            Outcome::Laid(mut laid) => {
                self.positioned_in_lines(id, &mut laid.fragment, space)?;
                self.positioned_inside(id, &mut laid, space, resume)?;
                let style = self.tree.style(id);
                laid.fragment.has.layers |= crate::paint::is_layer(style);
                laid.fragment.has.floats |= crate::boxes::is_float(style);
                Outcome::Laid(laid)
            }
            Outcome::Before => Outcome::Before,
        })
    }

    /// Lays out a box where nothing breaks, with a context of its own.
    pub(crate) fn layout_whole(&self, id: BoxId, width: Px, height: Option<Px>) -> Step<Laid> {
        self.layout_whole_in(id, width, Space::unbroken(width, height))
    }

    /// The same in a containing block that is not as wide as the box.
    pub(crate) fn layout_whole_in(&self, id: BoxId, width: Px, space: Space) -> Step<Laid> {
        match self.layout(
            id,
            width,
            space,
            None,
            &mut Floats::default(),
            Point::default(),
        )? {
            Outcome::Laid(laid) => Ok(laid),
            // At the top of an endless page everything is placed.
            Outcome::Before => Ok(Laid::whole(Fragment::new(
                crate::fragment::Kind::Group,
                fanfold_geometry::Size::default(),
            ))),
        }
    }
}
