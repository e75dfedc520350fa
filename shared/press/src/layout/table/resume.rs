//! Where a table goes on, on the next page.

use super::super::{Resume, same_option};
use fanfold_geometry::Px;

/// Where a table goes on.
#[derive(Clone, Debug, Default)]
pub(crate) struct TableResume {
    /// Which part from the top: captions, the grid, captions below it.
    pub(super) part: usize,
    /// Where in a caption.
    pub(super) caption: Option<Resume>,
    /// Where in the grid.
    pub(super) grid: Option<GridResume>,
}

impl TableResume {
    /// The row that was begun, if the table goes on inside one.
    pub(crate) fn split_row(&self) -> Option<usize> {
        let grid = self.grid.as_ref()?;
        grid.split.as_ref().map(|_| grid.row)
    }
}

/// Where the rows go on.
#[derive(Clone, Debug)]
pub(super) struct GridResume {
    /// The first row of the next page.
    pub(super) row: usize,
    /// That row was begun: where each of its cells goes on.
    pub(super) split: Option<Vec<Rest>>,
    /// Cells from earlier rows that reach into it.
    pub(super) spanning: Vec<Spanning>,
    /// What is left of the height that the row is to have at least.
    pub(super) owed: Px,
    /// The footer was on a page already.
    pub(super) footer_shown: bool,
    /// The rows before this one avoid breaks between them, and no page has room for all of them.
    pub(super) loose: usize,
}

/// A cell that goes on beside rows below its own.
#[derive(Clone, Debug)]
pub(super) struct Spanning {
    /// The row it starts in.
    pub(super) row: usize,
    /// Its index there.
    pub(super) cell: usize,
    /// What is left of it.
    pub(super) rest: Rest,
}

/// What is left of a cell's content.
#[derive(Clone, Debug)]
pub(super) enum Rest {
    /// All of it.
    Start,
    /// From here on.
    At(Resume),
    /// Nothing: only its edges go on.
    Done,
}

impl Rest {
    /// What is left after a fragment that goes on at `resume`.
    pub(super) fn after(resume: Option<Resume>) -> Self {
        resume.map_or(Self::Done, Self::At)
    }

    /// Whether content is left.
    pub(super) fn is_some(&self) -> bool {
        !matches!(self, Self::Done)
    }

    /// Whether that is all of it, though its upper edge may be shown.
    pub(super) fn is_at_start(&self) -> bool {
        match self {
            Self::Start => true,
            Self::At(Resume::Blocks {
                child: 0,
                inner: None,
                floats,
                ..
            }) => floats.is_empty(),
            Self::At(Resume::Lines {
                offset: 0, floats, ..
            }) => floats.is_empty(),
            Self::At(_) | Self::Done => false,
        }
    }

    fn same_place(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Start, Self::Start) | (Self::Done, Self::Done) => true,
            (Self::At(one), Self::At(other)) => one.same_place(other),
            _ => false,
        }
    }
}

impl TableResume {
    /// From the start of a part.
    pub(super) fn part(part: usize) -> Self {
        Self {
            part,
            ..Self::default()
        }
    }

    /// Whether both are the same place.
    pub(in super::super) fn same_place(&self, other: &Self) -> bool {
        let grid = match (&self.grid, &other.grid) {
            (None, None) => true,
            (Some(one), Some(other)) => one.same_place(other),
            _ => false,
        };
        self.part == other.part
            && same_option(self.caption.as_ref(), other.caption.as_ref())
            && grid
    }
}

impl GridResume {
    fn same_place(&self, other: &Self) -> bool {
        let split = match (&self.split, &other.split) {
            (None, None) => true,
            (Some(one), Some(other)) => same(one.iter(), other.iter()),
            _ => false,
        };
        let rests = |resume: &'_ Self| -> Vec<Rest> {
            resume
                .spanning
                .iter()
                .map(|cell| cell.rest.clone())
                .collect()
        };
        // Height alone is used up in the end.
        let height = self.owed >= other.owed;
        self.row == other.row && split && height && same(rests(self).iter(), rests(other).iter())
    }
}

fn same<'r>(
    mut one: impl ExactSizeIterator<Item = &'r Rest>,
    mut other: impl ExactSizeIterator<Item = &'r Rest>,
) -> bool {
    one.len() == other.len()
        && one.all(|one| other.next().is_some_and(|other| one.same_place(other)))
}
