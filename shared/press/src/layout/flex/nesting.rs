//! Containers in items of containers: each level lays an item out as high as it likes to be, and again
//! as high as it becomes, so what was laid is remembered where levels would multiply.

use crate::boxes::BoxId;
use crate::fragment::Fragment;
use crate::layout::grid::Subgrid;
use crate::layout::overflow::{Beyond, Overflow};
use crate::layout::{BreakAbove, Floats, Laid, Layout, Outcome, Resume, Space, Step};
use fanfold_geometry::{Point, Px};
use fanfold_style::values::Sizing;
use rustc_hash::FxHashMap;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};

/// Containers around a container whose items are not remembered: most documents have no more.
const FREE_DEPTH: u32 = 2;

/// Layouts remembered of an item, with a height imposed on it and without.
const REMEMBERED: usize = 4;

/// Items laid out again in nested containers, for each box of the document; more keep what is inside
/// them as it was.
const AGAIN_PER_BOX: usize = 64;

/// What nested containers share.
#[derive(Debug, Default)]
pub(crate) struct Nesting {
    /// Containers around what is being laid out.
    pub(in crate::layout) depth: Cell<u32>,
    /// What subgrids have of their grids.
    pub(in crate::layout) subgrids: RefCell<FxHashMap<BoxId, Subgrid>>,
    /// Items laid out whole since the outermost container began.
    known: RefCell<HashMap<(BoxId, bool), Layouts>>,
    /// Items laid out again.
    again: Cell<usize>,
}

/// The last layouts of an item.
type Layouts = VecDeque<(Given, Known)>;

/// What the layout of an item depends on.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Given {
    own: Px,
    width: Px,
    height: Option<Px>,
    page: Px,
    imposed: Option<Px>,
    at_top: bool,
    break_above: BreakAbove,
    in_column: bool,
    aside: bool,
}

/// What it gave.
#[derive(Debug)]
struct Known {
    fragment: Fragment,
    forced_met: bool,
}

impl Layout<'_> {
    /// A flex or grid container's fragment.
    pub(in crate::layout) fn flex(
        &self,
        id: BoxId,
        width: Px,
        space: Space,
        resume: Option<&Resume>,
        floats: &Floats,
    ) -> Step<Outcome> {
        let (past, resume) = Overflow::behind(resume);
        let overflow = Beyond::of(past, floats);
        let depth = self.nesting.depth.get();
        self.nesting.depth.set(depth + 1);
        let shared = self.shared_aside(id, space, resume, |space| {
            self.flex_container(id, width, space, None, overflow)
        });
        let outcome = match shared {
            Ok(Some(outcome)) => Ok(outcome),
            Ok(None) => self.flex_container(id, width, space, resume, overflow),
            Err(error) => Err(error),
        };
        self.nesting.depth.set(depth);
        if depth == 0 {
            self.nesting.known.borrow_mut().clear();
        }
        outcome
    }

    /// An item's fragment at border-box width `own`.
    pub(super) fn item_in(
        &self,
        id: BoxId,
        own: Px,
        space: Space,
        resume: Option<&Resume>,
    ) -> Step<Outcome> {
        let lay = || {
            let mut floats = Floats::default();
            self.layout(id, own, space, resume, &mut floats, Point::default())
        };
        if self.nesting.depth.get() <= FREE_DEPTH
            || space.breaks()
            || resume.is_some()
            || self.nesting.subgrids.borrow().contains_key(&id)
            || self.lines_left.get().is_some()
        {
            return lay();
        }
        let given = Given {
            own,
            width: space.width,
            height: space.height.filter(|_| self.minds_height(id)),
            page: space.page,
            imposed: self.imposed_height(id),
            at_top: space.at_top,
            break_above: space.break_above,
            in_column: space.in_column,
            aside: space.aside,
        };
        let place = (id, given.imposed.is_some());
        if let Some(known) = self.nesting.known.borrow().get(&place)
            && let Some((_, known)) = known.iter().find(|(before, _)| *before == given)
        {
            if known.forced_met {
                self.forced_met.set(true);
            }
            return Ok(Outcome::Laid(Laid::whole(known.fragment.clone())));
        }
        let met = self.forced_met.replace(false);
        let outcome = lay();
        let forced_met = self.forced_met.get();
        self.forced_met.set(met || forced_met);
        let outcome = outcome?;
        if let Outcome::Laid(laid) = &outcome
            && laid.resume.is_none()
        {
            let mut all = self.nesting.known.borrow_mut();
            let known = all.entry(place).or_default();
            if known.len() >= REMEMBERED {
                known.pop_front();
            }
            let fragment = laid.fragment.clone();
            let laid = Known {
                fragment,
                forced_met,
            };
            known.push_back((given, laid));
        }
        Ok(outcome)
    }

    /// Whether an item may be laid out once more; in nested containers that is counted.
    pub(super) fn may_lay_again(&self) -> bool {
        let nesting = &self.nesting;
        if nesting.depth.get() <= FREE_DEPTH {
            return true;
        }
        let again = nesting.again.get() + 1;
        nesting.again.set(again);
        again <= self.tree.boxes.len().saturating_mul(AGAIN_PER_BOX)
    }

    /// Whether a box's own height depends on that of its containing block.
    pub(in crate::layout) fn minds_height(&self, id: BoxId) -> bool {
        let box_ = &self.tree.style(id).box_;
        [box_.height, box_.min_height, box_.max_height]
            .iter()
            .any(|size| match size {
                Sizing::Size(length) => length.has_percentage(),
                _ => false,
            })
    }
}
