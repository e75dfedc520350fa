//! Fragments: boxes with places and sizes, one tree for each page.
//!
//! A fragment does not know where it is; its parent holds the offset. So a repeated table header is one
//! fragment in many places, and moving a subtree costs nothing.

use crate::boxes::{BoxId, Shaped};
use crate::layout::Rest;
use fanfold_geometry::{Edges, Point, Px, Size};
use fanfold_style::computed::TextJustify;
use fanfold_text::{Paragraph, VisualRun};
use smallvec::SmallVec;
use std::rc::Rc;

/// A piece of a box on one page.
#[derive(Clone, Debug)]
pub(crate) struct Fragment {
    /// Border box.
    pub(crate) size: Size,
    /// What it is a piece of.
    pub(crate) kind: Kind,
    /// What is inside, in tree order.
    pub(crate) children: Vec<Child>,
    /// First baseline, from the top.
    pub(crate) first_baseline: Option<Px>,
    /// Last baseline, from the top.
    pub(crate) last_baseline: Option<Px>,
    /// Facts about the subtree that let walks skip it.
    pub(crate) has: Has,
}

/// A fragment in its place.
#[derive(Clone, Debug)]
pub(crate) struct Child {
    /// From the parent's border box corner.
    pub(crate) offset: Point,
    /// The fragment.
    pub(crate) fragment: Rc<Fragment>,
    /// Which of the parent's children it came from, for breaks found afterwards.
    pub(crate) index: u32,
}

/// What a subtree has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Has {
    /// Absolutely positioned boxes without their containing block yet.
    pub(crate) absolutes: bool,
    /// Fixed boxes.
    pub(crate) fixed: bool,
    /// Absolutely positioned boxes that go on on the next page.
    pub(crate) rests: bool,
    /// Floats painted by an ancestor.
    pub(crate) floats: bool,
    /// Positioned boxes or stacking contexts painted by an ancestor.
    pub(crate) layers: bool,
    /// Lines that call footnotes.
    pub(crate) notes: bool,
    /// Places of running elements.
    pub(crate) running: bool,
    /// Boxes less high than what is in them.
    pub(crate) overfull: bool,
}

impl Has {
    /// Either's.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            absolutes: self.absolutes || other.absolutes,
            fixed: self.fixed || other.fixed,
            rests: self.rests || other.rests,
            floats: self.floats || other.floats,
            layers: self.layers || other.layers,
            notes: self.notes || other.notes,
            running: self.running || other.running,
            overfull: self.overfull || other.overfull,
        }
    }

    /// What a part of a fragment has, where the `whole` one may have placed the absolutely positioned boxes that its
    /// children still have the places of.
    pub(crate) fn as_placed(self, whole: Self) -> Self {
        Self {
            absolutes: self.absolutes && whole.absolutes,
            rests: self.rests && whole.rests,
            ..self
        }
    }
}

/// Which point of an absolutely positioned box's margin box is at its static position: from 0, its left and upper
/// edges, to 1, its right and lower ones.
///
/// Right to left, it is the right edge (CSS 2.2 §10.3.7); in flex and grid containers, alignment says which (CSS
/// Flexbox 1 §4.1, CSS Grid 2 §9.2).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct StaticPoint {
    pub(crate) x: f32,
    pub(crate) y: f32,
}

impl StaticPoint {
    /// The corner where a container's content starts.
    pub(crate) fn start(rtl: bool) -> Self {
        Self {
            x: if rtl { 1.0 } else { 0.0 },
            y: 0.0,
        }
    }
}

/// The kinds of fragment.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// A box that paints its own background and borders.
    Box(BoxFragment),
    /// A line box.
    Line(Box<LineFragment>),
    /// Holds the place of an absolutely positioned box.
    Placeholder {
        /// The box.
        id: BoxId,
        /// Which of its points the place is of.
        point: StaticPoint,
        /// Index of the inline box of the same paragraph that is its containing block.
        within: Option<u32>,
    },
    /// Where an absolutely positioned box is cut off by the page's end.
    Rest(Box<Rest>),
    /// Only groups: a table with its captions, an anonymous flow.
    Group,
    /// Collapsed borders of a table's part, painted over its cells.
    Borders(Vec<BorderLine>),
}

/// The box part of a fragment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BoxFragment {
    /// The box.
    pub(crate) id: BoxId,
    /// Used border widths in this fragment.
    pub(crate) border: Edges<Px>,
    /// Used padding in this fragment.
    pub(crate) padding: Edges<Px>,
    /// The box's first piece.
    pub(crate) first: bool,
    /// The box's last piece.
    pub(crate) last: bool,
    /// Already painted above, when a monolithic box is sliced.
    pub(crate) consumed: Px,
    /// Its decorations are not painted: an empty cell, collapsed borders.
    pub(crate) bare: bool,
}

/// A line box: what is on it, from left to right.
#[derive(Clone, Debug)]
pub(crate) struct LineFragment {
    /// The block container whose paragraph this is a line of.
    pub(crate) owner: BoxId,
    /// The paragraph shaped.
    pub(crate) shaped: Rc<Shaped>,
    /// It is the paragraph's last line.
    pub(crate) ends: bool,
    /// It is the first line, with a style of its own.
    pub(crate) first: bool,
    /// Text, in visual order.
    pub(crate) texts: SmallVec<[TextPiece; 1]>,
    /// Inline boxes that paint something or are named, outer before inner.
    pub(crate) boxes: Vec<InlinePiece>,
    /// First byte of the paragraph on it.
    pub(crate) start: u32,
    /// How much of its width the indent and the content take.
    pub(crate) used: Px,
    /// Footnotes called on it, in order.
    pub(crate) notes: Vec<BoxId>,
}

/// A stretch of glyphs.
#[derive(Clone, Debug)]
pub(crate) struct TextPiece {
    /// The run and its bytes.
    pub(crate) run: Option<VisualRun>,
    /// Text that layout put in, when there is no run.
    pub(crate) inserted: Option<Rc<Paragraph>>,
    /// Index in [`crate::boxes::InlineContent::spans`].
    pub(crate) span: u32,
    /// The pen's start.
    pub(crate) x: Px,
    /// The baseline, from the line's top.
    pub(crate) baseline: Px,
    /// Width with justification.
    pub(crate) width: Px,
    /// Added at each justification opportunity.
    pub(crate) space: Px,
    /// Which those are.
    pub(crate) justify: TextJustify,
}

impl TextPiece {
    /// An empty piece of the span with index `span`.
    pub(crate) fn of(span: u32) -> Self {
        Self {
            run: None,
            inserted: None,
            span,
            x: Px::ZERO,
            baseline: Px::ZERO,
            width: Px::ZERO,
            space: Px::ZERO,
            justify: TextJustify::Auto,
        }
    }
}

/// A piece of an inline box on a line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InlinePiece {
    /// Index in [`crate::boxes::InlineContent::boxes`].
    pub(crate) index: u32,
    /// Border box, from the line's corner.
    pub(crate) x: Px,
    /// Its top.
    pub(crate) y: Px,
    /// Its extent.
    pub(crate) size: Size,
    /// Has its left edge here.
    pub(crate) left: bool,
    /// Has its right edge here.
    pub(crate) right: bool,
}

/// A straight piece of collapsed border.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BorderLine {
    /// Its rectangle's corner.
    pub(crate) at: Point,
    /// Its rectangle's extent.
    pub(crate) size: Size,
    /// How it looks.
    pub(crate) side: fanfold_style::computed::BorderSide,
    /// Runs downwards.
    pub(crate) vertical: bool,
}

/// Fragments in one another, deeper than which nothing is looked for.
pub(crate) const DEEPEST: usize = 400;

impl Fragment {
    /// A fragment with nothing in it.
    pub(crate) fn new(kind: Kind, size: Size) -> Self {
        Self {
            size,
            kind,
            children: Vec::new(),
            first_baseline: None,
            last_baseline: None,
            has: Has::default(),
        }
    }

    /// Adds a child, with what it knows of baselines and layers.
    pub(crate) fn push(&mut self, offset: Point, fragment: Rc<Fragment>, index: usize) {
        self.has = self.has.or(fragment.has);
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        self.children.push(Child {
            offset,
            fragment,
            index,
        });
    }

    /// Takes back what is inside.
    pub(crate) fn clear(&mut self) {
        self.children.clear();
        self.has = Has::default();
        (self.first_baseline, self.last_baseline) = (None, None);
    }

    /// How far down it is, or what sticks out of its height.
    pub(crate) fn reach(&self) -> Px {
        if !self.has.overfull {
            return self.size.height;
        }
        self.reach_from(0)
    }

    fn reach_from(&self, depth: usize) -> Px {
        let height = self.size.height;
        // Floats stick out of the blocks they are in, which are not higher for them (CSS 2.2 §9.5).
        if !(self.has.overfull || self.has.floats) || depth > DEEPEST {
            return height;
        }
        let below = |child: &Child| child.offset.y + child.fragment.reach_from(depth + 1);
        self.children.iter().map(below).fold(height, Px::max)
    }

    /// The box, when it is a box's fragment.
    pub(crate) fn as_box(&self) -> Option<&BoxFragment> {
        match &self.kind {
            Kind::Box(fragment) => Some(fragment),
            _ => None,
        }
    }
}
