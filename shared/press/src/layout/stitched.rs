//! Containing blocks that pages break: an absolutely positioned box is placed against all of their pieces, one
//! below the other, and stands on the page its place falls on (CSS Positioned Layout 3 §2.1, CSS
//! Fragmentation 3 §4.4).

use super::positioned::{Against, KEPT, Pending, collect};
use super::{
    BreakAbove, Floats, Laid, Layout, Outcome, Resume, Space, Step, TOLERANCE, used_edges,
};
use crate::boxes::{BoxId, Content, InlineItemKind, contains_absolutes};
use crate::fragment::StaticPoint;
use fanfold_geometry::{Point, Px, Rect};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::Position;
use fanfold_style::values::{AutoLength, Sizing};
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// What says on which piece of its containing block a box stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Its `top`, and an inset on the other axis: nothing of where it is in the flow.
    Top,
    /// It fills a containing block whose height is known only at its end.
    Spread,
    /// Its `bottom`, from an end that only the last piece knows.
    Bottom,
    /// Where it is in the flow.
    Flow,
}

impl Resume {
    /// Border-box height on earlier pages, where it is counted.
    fn consumed(&self) -> Option<Px> {
        match self {
            Self::Blocks { consumed, .. }
            | Self::Lines { consumed, .. }
            | Self::Legend { consumed, .. }
            | Self::HighLine { consumed, .. }
            | Self::Slice { consumed }
            | Self::Edge { consumed, .. }
            | Self::Shared {
                shown: consumed, ..
            } => Some(*consumed),
            Self::Flex(flex) => Some(flex.consumed()),
            Self::Overflow(_) | Self::Table(_) => None,
        }
    }
}

/// A box further above its containing block's end than this part of a page may belong on an earlier page than the
/// end.
const FAR: f32 = 4.0;

/// More pieces than these of a containing block are not laid out to find its end.
const MOST_PIECES: usize = 5000;

/// Where on a piece of a containing block the piece above ends, and this one, where others are above and below.
type Ends = (Option<Px>, Option<Px>);

/// The absolutely positioned boxes of a containing block, by what places them.
#[derive(Debug)]
pub(crate) struct Standing {
    /// Width and definite height of the containing block, which percentages are of.
    key: (Px, Px, bool),
    /// With their border boxes' tops from the padding box's, in order.
    tops: Vec<(Px, BoxId)>,
    spread: Vec<BoxId>,
    bottom: Vec<BoxId>,
    /// The greatest distance of one of the latter from the end.
    farthest: Px,
}

impl Standing {
    /// The boxes that begin on a piece, where their containing block begins at `from`: below where a piece above
    /// ends, and above where this one does, if there are others.
    fn tops_in(&self, from: Px, (above, below): Ends) -> Vec<BoxId> {
        let until = |edge: Px| {
            self.tops
                .partition_point(|(top, _)| from + *top < edge - TOLERANCE)
        };
        let start = above.map_or(0, until);
        let end = below.map_or(self.tops.len(), until);
        in_order(self.tops.get(start..end))
    }
}

/// Where a containing block ends that later pages go on with.
#[derive(Debug)]
pub(crate) struct End {
    /// Its width, and the heights of its first page from where it begins and of the others.
    key: (Px, Px, Px),
    /// Border-box height of all of its pieces.
    height: Px,
    /// The boxes placed from its end, by how far above it their lower edges are.
    bottoms: Vec<(Px, BoxId)>,
}

impl End {
    /// The boxes that end on a piece, where their containing block ends at `end`; as for tops.
    fn bottoms_in(&self, end: Px, (above, below): Ends) -> Vec<BoxId> {
        let below_edge = |edge: Px| {
            self.bottoms
                .partition_point(|(by, _)| end - *by > edge + TOLERANCE)
        };
        let first = below.map_or(0, below_edge);
        let last = above.map_or(self.bottoms.len(), below_edge);
        in_order(self.bottoms.get(first..last))
    }
}

fn in_order(boxes: Option<&[(Px, BoxId)]>) -> Vec<BoxId> {
    let boxes = boxes.unwrap_or_default().iter();
    let mut boxes: Vec<BoxId> = boxes.map(|(_, id)| *id).collect();
    boxes.sort_unstable();
    boxes
}

impl Layout<'_> {
    /// Places the absolutely positioned boxes that stand on this piece of the box `id`, their containing
    /// block, which is `laid` from `resume` on. False where it has but this piece.
    pub(super) fn positioned_in_piece(
        &self,
        id: BoxId,
        laid: &mut Laid,
        space: Space,
        resume: Option<&Resume>,
    ) -> Step<bool> {
        let (first, last) = (resume.is_none(), laid.resume.is_none());
        let next = laid
            .resume
            .as_ref()
            .map_or(Some(Px::ZERO), Resume::consumed);
        let shown = resume.map_or(Some(Px::ZERO), Resume::consumed);
        let (Some(shown), Some(_), false) = (shown, next, first && last) else {
            return Ok(false);
        };
        let own = self.absolutes_of(id);
        if own.is_empty() && !laid.fragment.has.absolutes {
            return Ok(true);
        }
        let style = self.tree.style(id);
        let (width, height) = (laid.fragment.size.width, laid.fragment.size.height);
        let used = used_edges(style, space.width);
        let definite = self
            .imposed_height(id)
            .or_else(|| self.height_of(style, &style.box_.height, &used, space.height))
            .map(|height| self.constrained_height(style, &used, space.height, height));
        let total = definite.unwrap_or(shown + height);
        let border = laid.fragment.as_box().map(|box_| box_.border);
        let border = border.unwrap_or_default();
        let (page_end, page) = (space.left, space.page);
        let whole = Rect::new(Px::ZERO, -shown, width, total.max(Px::ZERO)).inset(border);
        let piece = Rect::new(Px::ZERO, Px::ZERO, width, height).inset(border);
        let against = Against {
            area: whole,
            page_end,
            page,
            rtl: style.text.rtl,
            aside: space.aside,
            least: if first { -Px::INFINITY } else { Px::ZERO },
            cut: Px::ZERO,
        };
        let standing = self.standing(id, &own, whole, definite.is_some());
        if first {
            let far = standing.farthest > page / FAR;
            self.foresee_end(id, laid, space, (&standing, far))?;
        }
        let end = self.ends.borrow().get(&id).cloned();
        let fragment = &mut laid.fragment;
        let mut pending = Vec::new();
        collect(self, fragment, Point::default(), None, &mut pending);
        let place = |id: BoxId| place(self.tree.style(id), definite.is_some());
        let in_flow: FxHashMap<BoxId, (Point, StaticPoint)> = pending
            .iter()
            .map(|pending| (pending.id, (pending.at, pending.point)))
            .collect();
        let corner = Point::new(piece.x, piece.y);
        let anywhere = |id: BoxId| Pending {
            id,
            at: corner,
            point: StaticPoint::default(),
            index: 0,
        };
        // Edges that every piece has are of none alone (CSS Fragmentation 3 §5.4.1).
        let clones = self.clones_edges(style, &used, space);
        let (above, below) = match clones {
            true => (used.top(), height - used.bottom()),
            false => (Px::ZERO, height),
        };
        let ends = ((!first).then_some(above), (!last).then_some(below));
        for child in standing.tops_in(whole.y, ends) {
            self.place_absolute(&anywhere(child), fragment, &against)?;
        }
        // What is in one is on the first piece.
        let on_this = |child: &BoxId| first || self.is_empty(*child);
        for child in standing.spread.iter().copied().filter(on_this) {
            let insets = &self.tree.style(child).box_.inset;
            let by = |inset: AutoLength, is_edge: bool| match inset {
                AutoLength::Length(length) if !is_edge => length.resolve(whole.height),
                _ => Px::ZERO,
            };
            let (above, below) = (by(insets.top, first), by(insets.bottom, last));
            let top = if first { piece.y } else { -above };
            let bottom = if last { piece.bottom() } else { height + below };
            let area = Rect::new(piece.x, top, piece.width, (bottom - top).max(Px::ZERO));
            let against = Against { area, ..against };
            self.place_absolute(&anywhere(child), fragment, &against)?;
        }
        if let Some(end) = &end {
            let area = Rect::new(Px::ZERO, -shown, width, end.height.max(Px::ZERO)).inset(border);
            let against = Against { area, ..against };
            for child in end.bottoms_in(area.bottom(), ends) {
                let known = in_flow.get(&child).copied();
                let (at, point) = known.unwrap_or((corner, StaticPoint::default()));
                let (id, index) = (child, KEPT);
                let box_ = Pending {
                    id,
                    at,
                    point,
                    index,
                };
                self.place_absolute(&box_, fragment, &against)?;
            }
        } else if last {
            for child in standing.bottom.iter().copied() {
                if !in_flow.contains_key(&child) {
                    self.place_absolute(&anywhere(child), fragment, &against)?;
                }
            }
        }
        for box_ in pending {
            let style = self.tree.style(box_.id);
            match place(box_.id) {
                // On their own pieces, where their containing block knows of them.
                Place::Top | Place::Spread if own.binary_search(&box_.id).is_ok() => continue,
                Place::Bottom
                    if (!last || end.is_some()) && own.binary_search(&box_.id).is_ok() =>
                {
                    continue;
                }
                _ => {}
            }
            // From where it is known to be, no page before can have it any more.
            let top = !matches!(style.box_.inset.top, AutoLength::Auto);
            let above = top && self.top_of_absolute(box_.id, whole) < Px::ZERO;
            let area = if above && !first { piece } else { whole };
            self.place_absolute(&box_, fragment, &Against { area, ..against })?;
        }
        fragment.has.absolutes = false;
        fragment.has.layers = true;
        Ok(true)
    }

    /// Where the border box of `id`, which has a `top`, begins in its containing block.
    fn top_of_absolute(&self, id: BoxId, area: Rect) -> Px {
        let style = self.tree.style(id);
        let top = match style.box_.inset.top {
            AutoLength::Length(length) => super::bounded(length.resolve(area.height)),
            AutoLength::Auto => Px::ZERO,
        };
        area.y + top + used_edges(style, area.width).margin_top()
    }

    /// The boxes in `own`, whose containing block is `id`, by what places them.
    fn standing(&self, id: BoxId, own: &[BoxId], area: Rect, definite: bool) -> Rc<Standing> {
        // Percentages of a height that is not definite do not place anything yet.
        let height = if definite { area.height } else { Px::ZERO };
        let key = (area.width, height, definite);
        if let Some(known) = self.standing.borrow().get(&id)
            && known.key == key
        {
            return Rc::clone(known);
        }
        let from = Rect::new(Px::ZERO, Px::ZERO, area.width, height);
        let mut standing = Standing {
            key,
            tops: Vec::new(),
            spread: Vec::new(),
            bottom: Vec::new(),
            farthest: Px::ZERO,
        };
        for child in own.iter().copied() {
            let style = self.tree.style(child);
            match place(style, definite) {
                Place::Top => standing
                    .tops
                    .push((self.top_of_absolute(child, from), child)),
                Place::Spread => standing.spread.push(child),
                Place::Bottom => {
                    let fraction = match style.box_.inset.bottom {
                        AutoLength::Length(length) => length.has_percentage(),
                        AutoLength::Auto => false,
                    };
                    let by = match fraction {
                        true => Px::INFINITY,
                        false => self.bottom_of_absolute(child, from),
                    };
                    standing.farthest = standing.farthest.max(by);
                    standing.bottom.push(child);
                }
                Place::Flow => {}
            }
        }
        standing
            .tops
            .sort_by(|one, other| one.0.0.total_cmp(&other.0.0));
        let standing = Rc::new(standing);
        let known = Rc::clone(&standing);
        self.standing.borrow_mut().insert(id, known);
        standing
    }

    /// Finds where the box `id` ends, whose first piece is `laid`, where boxes are so `far` above its end that they
    /// belong on earlier pages than the last: lays out what follows, to be thrown away.
    fn foresee_end(
        &self,
        id: BoxId,
        laid: &Laid,
        space: Space,
        (standing, far): (&Standing, bool),
    ) -> Step<()> {
        let width = laid.fragment.size.width;
        let key = (width, space.left, space.page);
        if self.foresees.get()
            || self
                .ends
                .borrow()
                .get(&id)
                .is_some_and(|end| end.key == key)
        {
            return Ok(());
        }
        self.ends.borrow_mut().remove(&id);
        if !far {
            return Ok(());
        }
        self.foresees.set(true);
        let height = self.height_to_end(id, laid, space);
        self.foresees.set(false);
        if let Some(height) = height? {
            let area = Rect::new(Px::ZERO, Px::ZERO, width, height);
            let bottoms = standing.bottom.iter();
            let bottoms = bottoms.map(|child| (self.bottom_of_absolute(*child, area), *child));
            let mut bottoms: Vec<(Px, BoxId)> = bottoms.collect();
            bottoms.sort_by(|one, other| one.0.0.total_cmp(&other.0.0));
            let end = End {
                key,
                height,
                bottoms,
            };
            self.ends.borrow_mut().insert(id, Rc::new(end));
        }
        Ok(())
    }

    /// The border-box height of all pieces of `id`; none where that is not counted, or has no end.
    fn height_to_end(&self, id: BoxId, laid: &Laid, space: Space) -> Step<Option<Px>> {
        let (mut resume, mut forced) = (laid.resume.clone(), laid.forced.is_some());
        for _ in 0..MOST_PIECES {
            let Some(before) = resume else {
                return Ok(None);
            };
            let space = Space {
                left: space.page,
                at_top: true,
                break_above: match forced {
                    true => BreakAbove::Forced,
                    false => BreakAbove::Unforced,
                },
                ..space
            };
            let width = laid.fragment.size.width;
            let (floats, corner) = (&mut Floats::default(), Point::default());
            let outcome = self.layout(id, width, space, Some(&before), floats, corner)?;
            let Outcome::Laid(next) = outcome else {
                return Ok(None);
            };
            forced = next.forced.is_some();
            resume = match next.resume {
                Some(next) if !forced && next.same_place(&before) => return Ok(None),
                Some(next) => Some(next),
                None => {
                    let consumed = before.consumed();
                    return Ok(consumed.map(|consumed| consumed + next.fragment.size.height));
                }
            };
        }
        Ok(None)
    }

    /// How far above the end of its containing block, whose padding box has the extent of `area`, the lower edge
    /// of the border box of `id` is.
    fn bottom_of_absolute(&self, id: BoxId, area: Rect) -> Px {
        let style = self.tree.style(id);
        let bottom = match style.box_.inset.bottom {
            AutoLength::Length(length) => super::bounded(length.resolve(area.height)),
            AutoLength::Auto => Px::ZERO,
        };
        bottom + used_edges(style, area.width).margin_bottom()
    }

    /// Whether `id` stands at its place whatever breaks are found later: where it was in the flow is no matter.
    pub(super) fn stands_by_itself(&self, id: BoxId) -> bool {
        place(self.tree.style(id), false) == Place::Top
    }

    fn is_empty(&self, id: BoxId) -> bool {
        match &self.tree.get(id).content {
            Content::Blocks(children) => children.is_empty(),
            Content::Inline(inline) => inline.text.is_empty(),
            _ => false,
        }
    }

    /// The absolutely positioned boxes whose containing block is `id`, in order; but for a grid's children, which
    /// the grid places, or which are where they are in the flow.
    pub(super) fn absolutes_of(&self, id: BoxId) -> Rc<[BoxId]> {
        if let Some(known) = self.absolutes.borrow().get(&id) {
            return Rc::clone(known);
        }
        let (mut found, mut open) = (Vec::new(), Vec::new());
        self.open(id, &mut open);
        if matches!(self.tree.get(id).content, Content::Grid(_)) {
            open.retain(|child| !self.tree.get(*child).is_absolute());
        }
        while let Some(child) = open.pop() {
            let style = self.tree.style(child);
            match style.box_.position {
                Position::Absolute => found.push(child),
                _ if contains_absolutes(style) => {}
                _ => self.open(child, &mut open),
            }
        }
        found.sort_unstable();
        let found: Rc<[BoxId]> = found.into();
        self.absolutes.borrow_mut().insert(id, Rc::clone(&found));
        found
    }

    /// Puts the boxes in `id` on the stack, the first of them on top.
    fn open(&self, id: BoxId, stack: &mut Vec<BoxId>) {
        let from = stack.len();
        match &self.tree.get(id).content {
            Content::Blocks(children) | Content::Flex(children) | Content::Grid(children) => {
                stack.extend(children);
            }
            Content::Inline(inline) => {
                stack.extend(inline.spans.iter().filter_map(|span| span.atomic));
                // Inside of an inline box that contains absolute boxes, they are its own.
                let mut within = Vec::new();
                for item in &inline.items {
                    match item.kind {
                        InlineItemKind::Open(index) => {
                            let style = &inline.boxes[index as usize].style;
                            within.push(contains_absolutes(style));
                        }
                        InlineItemKind::Close(_) => {
                            within.pop();
                        }
                        InlineItemKind::Float(id) => stack.push(id),
                        InlineItemKind::Absolute(id) if !within.contains(&true) => stack.push(id),
                        _ => {}
                    }
                }
            }
            Content::Table(table) => {
                stack.extend(&table.captions);
                let cells = table.rows.iter().flat_map(|row| &row.cells);
                stack.extend(cells.map(|cell| cell.id));
            }
            Content::Replaced(_) => {}
        }
        stack[from..].reverse();
    }
}

/// What says where a box of this style is; the height of its containing block is `definite` or known only
/// at its end.
fn place(style: &ComputedStyle, definite: bool) -> Place {
    let insets = &style.box_.inset;
    let set = |inset: AutoLength| !matches!(inset, AutoLength::Auto);
    let across = set(insets.left) || set(insets.right);
    match insets.top {
        AutoLength::Length(top) if across => {
            let fills = set(insets.bottom) && style.box_.height == Sizing::Auto;
            if fills && !definite {
                Place::Spread
            } else if definite || !top.has_percentage() {
                Place::Top
            } else {
                Place::Flow
            }
        }
        AutoLength::Auto if set(insets.bottom) && !definite => Place::Bottom,
        _ => Place::Flow,
    }
}
