//! Grid containers and their items (CSS Grid 2).

use super::Alignment;
use crate::values::LengthPercentage;
use std::sync::Arc;

/// A bound of a track's size (§7.2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Breadth<L = LengthPercentage> {
    /// A length or percentage.
    Length(L),
    /// A part of the free space, in `fr`.
    Flex(f32),
    /// `auto`.
    Auto,
    /// `min-content`.
    MinContent,
    /// `max-content`.
    MaxContent,
}

/// How a track is sized (§7.2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrackSize<L = LengthPercentage> {
    /// The least size; never [`Breadth::Flex`].
    pub min: Breadth<L>,
    /// The greatest size.
    pub max: Breadth<L>,
    /// The argument of `fit-content()`, which stands for `max`.
    pub fit: Option<L>,
}

impl<L> TrackSize<L> {
    /// `auto`.
    pub const AUTO: Self = Self {
        min: Breadth::Auto,
        max: Breadth::Auto,
        fit: None,
    };
}

/// `repeat(auto-fill, …)` or `repeat(auto-fit, …)` (§7.2.3.2).
#[derive(Clone, Debug, PartialEq)]
pub struct AutoRepeat<L = LengthPercentage> {
    /// How many tracks are before it.
    pub at: usize,
    /// `auto-fit`: repetitions without items collapse.
    pub fit: bool,
    /// The tracks that are repeated.
    pub tracks: Vec<TrackSize<L>>,
}

/// `grid-template-columns` or `grid-template-rows` (§7.2).
#[derive(Clone, Debug, PartialEq)]
pub struct Tracks<L = LengthPercentage> {
    /// The tracks but those that repeat automatically.
    pub list: Vec<TrackSize<L>>,
    /// Line names: the number of tracks of `list` before the line, and the name.
    pub names: Vec<(usize, Arc<str>)>,
    /// Tracks that repeat as often as there is room.
    pub repeat: Option<AutoRepeat<L>>,
    /// `subgrid`: the tracks are those of the grid around, and all this has is names of lines.
    pub subgrid: bool,
}

impl<L> Default for Tracks<L> {
    fn default() -> Self {
        Self {
            list: Vec::new(),
            names: Vec::new(),
            repeat: None,
            subgrid: false,
        }
    }
}

/// `grid-template-areas` (§7.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Areas {
    /// Rows of the template.
    pub rows: usize,
    /// Columns of the template.
    pub columns: usize,
    /// Names with the lines around them: row start and end, column start and end, from 0.
    pub areas: Vec<(Arc<str>, [usize; 4])>,
}

/// `grid-row-start` and the like (§8.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum GridLine {
    /// `auto`.
    #[default]
    Auto,
    /// An area's edge, or a line of that name.
    Named(Arc<str>),
    /// The nth line, of that name where there is one; from the end where negative. Never 0.
    Line(i32, Option<Arc<str>>),
    /// So many tracks, or lines of that name, from the other line.
    Span(u32, Option<Arc<str>>),
}

/// Where the lines of an item are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GridPlace {
    /// `grid-*-start`.
    pub start: GridLine,
    /// `grid-*-end`.
    pub end: GridLine,
}

/// Grid properties of a container and of an item.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GridStyle {
    /// `grid-template-columns`.
    pub columns: Tracks,
    /// `grid-template-rows`.
    pub rows: Tracks,
    /// `grid-template-areas`.
    pub areas: Areas,
    /// `grid-auto-columns`; `auto` where empty.
    pub auto_columns: Vec<TrackSize>,
    /// `grid-auto-rows`; `auto` where empty.
    pub auto_rows: Vec<TrackSize>,
    /// `grid-auto-flow`: by column, and dense.
    pub flow: (bool, bool),
    /// `justify-items`.
    pub justify_items: Alignment,
    /// `justify-self`; none is `auto`.
    pub justify_self: Option<Alignment>,
    /// `grid-row-start`, `grid-row-end`.
    pub row: GridPlace,
    /// `grid-column-start`, `grid-column-end`.
    pub column: GridPlace,
}
