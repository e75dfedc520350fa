//! Subgrids: grids that have their tracks, and names of their lines, from the grid that they are items
//! of (CSS Grid 2 §9 "Subgrids").

use super::place::{Explicit, LineNames};
use super::{Item, Stretch, gap};
use crate::boxes::{BoxId, Content};
use crate::layout::{Layout, Space, Step, Used, used_edges};
use fanfold_geometry::Px;
use fanfold_style::computed::{TrackSize, Tracks};
use fanfold_style::values::LengthPercentage;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use super::lines::Axis;
use super::tracks::Contribution;

/// Grids in one another that may be subgrids: each is laid out twice, to see how high its rows are.
const DEEPEST: u32 = 4;

/// What a subgrid has from the grid around it in one axis.
#[derive(Clone, Debug)]
pub(in crate::layout) struct Inherited {
    /// The tracks it covers, also numbered without those that are left out.
    covered: Range<usize>,
    tracks: Range<usize>,
    /// What all of the grid's subgrids share, as each may cover very many tracks.
    names: Rc<Shared>,
    /// Where the tracks are, once they are sized.
    given: Option<Given>,
}

/// The names of a grid's lines, and the tracks that are not left out.
#[derive(Debug)]
pub(super) struct Shared {
    names: LineNames,
    kept: Axis,
}

/// The sized tracks of a grid, as a subgrid has them.
#[derive(Clone, Debug)]
struct Given {
    all: Rc<[Stretch]>,
    covered: Range<usize>,
    around: Around,
    /// The length of the subgrid's content box.
    size: Px,
}

impl Inherited {
    fn span(&self) -> usize {
        self.tracks.len().max(1)
    }

    /// The names of the lines it covers, counted from its first.
    fn names(&self) -> impl Iterator<Item = (usize, Arc<str>)> {
        let named = self.names.names.within(&self.covered);
        named.map(|(at, name)| (self.names.kept.line(at) - self.tracks.start, name))
    }

    /// The tracks in the subgrid's content box, once they are sized.
    pub(super) fn stretches(&self) -> Option<Vec<Stretch>> {
        let given = self.given.as_ref()?;
        let tracks = given.all.get(given.covered.clone()).unwrap_or_default();
        Some(given.around.inside(tracks, given.size))
    }
}

/// The same in both axes.
#[derive(Clone, Debug, Default)]
pub(in crate::layout) struct Subgrid {
    pub(super) columns: Option<Inherited>,
    pub(super) rows: Option<Inherited>,
}

/// An axis of a container's template.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Columns,
    Rows,
}

impl Subgrid {
    fn axis(&self, which: Which) -> Option<&Inherited> {
        match which {
            Which::Columns => self.columns.as_ref(),
            Which::Rows => self.rows.as_ref(),
        }
    }
}

/// What a subgrid has between its area's edges and its content, at the start and the end, and how much
/// wider than the parent's its gutters are.
#[derive(Clone, Copy, Debug)]
struct Around {
    start: Px,
    end: Px,
    wider: Px,
}

impl Around {
    /// `contribution` to the tracks of a subgrid that has `span`, as one to the parent's from `first` on.
    fn outside(&self, first: usize, span: usize, contribution: &Contribution) -> Contribution {
        let tracks = &contribution.tracks;
        let half = self.wider / 2.0;
        let start = if tracks.start == 0 { self.start } else { half };
        let end = if tracks.end >= span { self.end } else { half };
        let more = start + end;
        Contribution {
            tracks: first + tracks.start..first + tracks.end,
            min: (contribution.min + more).max(Px::ZERO),
            max: (contribution.max + more).max(Px::ZERO),
        }
    }

    /// The parent's tracks in the subgrid's content box, which is `size` long; the subgrid's area begins
    /// where the first of them does.
    fn inside(&self, tracks: &[Stretch], size: Px) -> Vec<Stretch> {
        let from = tracks.first().map_or(Px::ZERO, |track| track.start) + self.start;
        let half = self.wider / 2.0;
        let last = tracks.len().saturating_sub(1);
        let ends = tracks.iter().enumerate().map(|(index, track)| {
            let start = match index {
                0 => Px::ZERO,
                _ => track.start - from + half,
            };
            let end = match index {
                _ if index == last => size,
                _ => track.end() - from - half,
            };
            Stretch {
                start,
                size: (end - start).max(Px::ZERO),
            }
        });
        ends.collect()
    }
}

impl Layout<'_> {
    /// What the grid around has given the subgrid `id`, where it is one.
    pub(super) fn subgrid(&self, id: BoxId) -> Option<Subgrid> {
        self.nesting.subgrids.borrow().get(&id).cloned()
    }

    /// The template of an axis of the container `id`, and how many tracks it has from the grid around.
    pub(super) fn template<'s>(
        &self,
        id: BoxId,
        own: &'s Tracks,
        which: Which,
    ) -> (Cow<'s, Tracks>, Option<usize>) {
        if !own.subgrid {
            return (Cow::Borrowed(own), None);
        }
        let subgrids = self.nesting.subgrids.borrow();
        let inherited = subgrids.get(&id).and_then(|subgrid| subgrid.axis(which));
        // Of no grid, it is `none`.
        let Some(inherited) = inherited else {
            return (Cow::Owned(Tracks::default()), None);
        };
        let span = inherited.span();
        let own = own.names.iter().filter(|(line, _)| *line <= span);
        let tracks = Tracks {
            list: vec![TrackSize::AUTO; span],
            names: inherited.names().chain(own.cloned()).collect(),
            repeat: None,
            subgrid: true,
        };
        (Cow::Owned(tracks), Some(span))
    }

    /// Notes what the item `id` has of its grid, where it is a subgrid.
    pub(super) fn note_subgrid(
        &self,
        id: BoxId,
        (columns, rows): (Inheritance<'_>, Inheritance<'_>),
    ) {
        let own = &self.tree.style(id).grid;
        if !(own.columns.subgrid || own.rows.subgrid)
            || !matches!(self.tree.get(id).content, Content::Grid(_))
            || self.nesting.depth.get() > DEEPEST
        {
            return;
        }
        let noted = Subgrid {
            columns: own.columns.subgrid.then(|| columns.noted()),
            rows: own.rows.subgrid.then(|| rows.noted()),
        };
        self.nesting.subgrids.borrow_mut().insert(id, noted);
    }

    /// Drops what was noted of `items`, now that their grid is done with them; gives that of the last.
    pub(super) fn forget_subgrids(
        &self,
        items: impl IntoIterator<Item = BoxId>,
    ) -> Option<Subgrid> {
        let mut subgrids = self.nesting.subgrids.borrow_mut();
        let forgotten = items.into_iter().map(|item| subgrids.remove(&item));
        forgotten.last().flatten()
    }

    /// Notes again what `item` had of its grid, until it is forgotten.
    pub(super) fn recall_subgrid(&self, item: &Item) {
        if let Some(subgrid) = &item.subgrid {
            let mut subgrids = self.nesting.subgrids.borrow_mut();
            subgrids.insert(item.id, subgrid.clone());
        }
    }

    /// What is around the content of a subgrid in an axis, in a grid with gutters of `parent_gap`.
    fn around(&self, id: BoxId, used: &Used, which: Which, parent_gap: Px) -> Around {
        let style = self.tree.style(id);
        let flex = &style.box_.flex;
        let (start, end, own) = match which {
            Which::Columns => {
                let left = used.margin.left.unwrap_or_default() + used.left();
                let right = used.margin.right.unwrap_or_default() + used.horizontal() - used.left();
                let (start, end) = match style.text.rtl {
                    true => (right, left),
                    false => (left, right),
                };
                (start, end, flex.gap.1)
            }
            Which::Rows => {
                let top = used.margin_top() + used.top();
                let bottom = used.margin_bottom() + used.bottom();
                // None and no gap are the same here; the grid's own is meant more often.
                let own = Some(flex.gap.0).filter(|gap| *gap != LengthPercentage::ZERO);
                (top, bottom, own)
            }
        };
        Around {
            start,
            end,
            wider: own.map_or(Px::ZERO, |own| gap(own, Px::ZERO) - parent_gap),
        }
    }

    /// What the items of the subgrid `id` ask of the columns of its grid, from `first` on.
    pub(super) fn subgrid_columns(
        &self,
        id: BoxId,
        first: usize,
        parent_gap: Px,
        asked: &mut Vec<Contribution>,
    ) -> bool {
        let Some(span) = self
            .subgrid(id)
            .and_then(|subgrid| Some(subgrid.columns?.span()))
        else {
            return false;
        };
        let Content::Grid(items) = &self.tree.get(id).content else {
            return false;
        };
        let axes = self.grid_axes(id, items, None, None);
        let style = self.tree.style(id);
        let around = self.around(id, &used_edges(style, Px::ZERO), Which::Columns, parent_gap);
        let own = parent_gap + around.wider;
        let empty = Contribution {
            tracks: 0..span,
            min: Px::ZERO,
            max: Px::ZERO,
        };
        let inside = self.column_contributions(&axes.items, &axes.columns, own);
        self.forget_subgrids(axes.items.iter().map(|(item, _)| *item));
        let inside = inside.iter().chain([&empty]);
        asked.extend(inside.map(|inside| around.outside(first, span, inside)));
        true
    }

    /// Gives the subgrid `item` its columns.
    pub(super) fn give_columns(
        &self,
        item: &Item,
        all: &Rc<[Stretch]>,
        covered: Range<usize>,
        parent_gap: Px,
    ) {
        let around = self.around(item.id, &item.used, Which::Columns, parent_gap);
        let size = (item.width - item.used.horizontal()).max(Px::ZERO);
        if let Some(subgrid) = self.nesting.subgrids.borrow_mut().get_mut(&item.id)
            && let Some(columns) = &mut subgrid.columns
        {
            columns.given = Some(Given {
                all: Rc::clone(all),
                covered,
                around,
                size,
            });
        }
    }

    /// What the items of the subgrid `item` ask of the rows of its grid, from `first` on, as high as they
    /// are without them; none where its rows are its own.
    pub(super) fn subgrid_rows(
        &self,
        item: &Item,
        first: usize,
        parent_gap: Px,
    ) -> Step<Option<Vec<Contribution>>> {
        let span = {
            let mut subgrids = self.nesting.subgrids.borrow_mut();
            let rows = subgrids
                .get_mut(&item.id)
                .and_then(|subgrid| subgrid.rows.as_mut());
            let Some(rows) = rows else {
                return Ok(None);
            };
            rows.given = None;
            rows.span()
        };
        let Content::Grid(items) = &self.tree.get(item.id).content else {
            return Ok(None);
        };
        let width = (item.width - item.used.horizontal()).max(Px::ZERO);
        let depth = self.nesting.depth.get();
        self.nesting.depth.set(depth + 1);
        let inside = self.gridded(item.id, items, Space::unbroken(width, None), None);
        self.nesting.depth.set(depth);
        let around = self.around(item.id, &item.used, Which::Rows, parent_gap);
        let mut asked = vec![around.outside(
            first,
            span,
            &Contribution {
                tracks: 0..span,
                min: Px::ZERO,
                max: Px::ZERO,
            },
        )];
        let inside = inside?.asked;
        asked.extend(inside.iter().map(|own| around.outside(first, span, own)));
        Ok(Some(asked))
    }

    /// Gives the subgrid `item` its rows.
    pub(super) fn give_rows(&self, item: &Item, rows: &Rc<[Stretch]>, parent_gap: Px) {
        let around = self.around(item.id, &item.used, Which::Rows, parent_gap);
        let tracks = rows.get(item.rows.clone()).unwrap_or_default();
        let end = tracks.last().map_or(Px::ZERO, |track| track.end());
        let start = tracks.first().map_or(Px::ZERO, |track| track.start);
        let size = (end - start - around.start - around.end).max(Px::ZERO);
        if let Some(subgrid) = self.nesting.subgrids.borrow_mut().get_mut(&item.id)
            && let Some(own) = &mut subgrid.rows
        {
            own.given = Some(Given {
                all: Rc::clone(rows),
                covered: item.rows.clone(),
                around,
                size,
            });
        }
    }
}

/// The tracks of a grid that a subgrid covers.
pub(super) struct Inheritance<'a> {
    pub(super) explicit: &'a Explicit<'a>,
    /// Tracks before the explicit ones.
    pub(super) before: usize,
    pub(super) axis: &'a Axis,
    pub(super) covered: &'a Range<usize>,
    /// Made when a subgrid asks for it first.
    pub(super) shared: &'a OnceCell<Rc<Shared>>,
}

impl Inheritance<'_> {
    fn noted(&self) -> Inherited {
        let shared = self.shared.get_or_init(|| {
            Rc::new(Shared {
                names: self.explicit.line_names(self.before),
                kept: self.axis.clone(),
            })
        });
        Inherited {
            covered: self.covered.clone(),
            tracks: self.axis.covered(self.covered),
            names: Rc::clone(shared),
            given: None,
        }
    }
}
