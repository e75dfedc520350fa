//! Where a flow may break, and finding a better place above when the last one is not allowed
//! (CSS Fragmentation 3 §3, §4.4).

use super::overflow::first_overflow;
use super::positioned::{KEPT, collect};
use super::{Laid, Layout, Resume, Space};
use crate::boxes::{BoxId, Content, InlineItemKind};
use crate::fragment::{BoxFragment, Child, Fragment, Kind};
use fanfold_geometry::{Point, Px, Size};
use fanfold_style::computed::{Break, FlexWrap, GridPlace};
use std::rc::Rc;
use std::sync::Arc;

/// Where a page begins in the document.
pub(crate) struct PageStart {
    /// The boxes that began on earlier pages, from the root on.
    pub(crate) inside: Vec<BoxId>,
    /// The box that begins with the page, if one does.
    pub(crate) first: Option<BoxId>,
    /// The page's name.
    pub(crate) name: Option<Arc<str>>,
    /// Where only what sticks out of boxes is left: the side that a break before it asks for.
    pub(crate) side: Option<Break>,
}

impl Layout<'_> {
    /// The forced break between two adjacent siblings, if any: one's `break-after`, the other's
    /// `break-before` (floats have both too, §3.1).
    pub(super) fn forced_between(
        &self,
        before: BoxId,
        after: BoxId,
        in_column: bool,
    ) -> Option<Break> {
        self.forced_between_lines(&[before], &[after], in_column)
    }

    /// The same between two lines or rows of items, which have the breaks of all of them (CSS Flexbox 1 §10, CSS
    /// Grid 2 §11).
    pub(super) fn forced_between_lines(
        &self,
        before: &[BoxId],
        after: &[BoxId],
        in_column: bool,
    ) -> Option<Break> {
        let forced = |value: &Break| match value {
            Break::Auto | Break::Avoid => false,
            Break::Column => in_column,
            _ => true,
        };
        // The later one wins where both are forced.
        let below = after.iter().map(|id| self.break_before(*id, 0));
        let above = before.iter().map(|id| self.break_after(*id, 0));
        below.chain(above).find(forced).map(|value| match value {
            Break::Always if in_column => Break::Column,
            Break::Always => Break::Page,
            other => other,
        })
    }

    /// Whether the named page changes between two in-flow siblings (CSS Paged Media 3 §8.1).
    pub(super) fn renamed_between(&self, before: BoxId, after: BoxId) -> bool {
        self.page_name(before, false) != self.page_name(after, true)
    }

    /// Whether a break between two adjacent siblings is to be avoided.
    pub(super) fn avoids_between(&self, before: BoxId, after: BoxId) -> bool {
        self.avoids_between_lines(&[before], &[after])
    }

    /// The same between two lines or rows of items.
    pub(super) fn avoids_between_lines(&self, before: &[BoxId], after: &[BoxId]) -> bool {
        let above = before.iter().map(|id| self.break_after(*id, 0));
        let below = after.iter().map(|id| self.break_before(*id, 0));
        above.chain(below).any(|value| value == Break::Avoid)
    }

    /// `break-before`, with that of the first child (§3.1: they propagate).
    fn break_before(&self, id: BoxId, depth: usize) -> Break {
        let own = self.tree.style(id).breaks.before;
        if !matches!(own, Break::Auto | Break::Avoid) || depth > 64 {
            return own;
        }
        let inner = match &self.tree.get(id).content {
            Content::Blocks(children) => {
                let first = children
                    .iter()
                    .find(|child| !self.tree.get(**child).is_absolute());
                first.map_or(Break::Auto, |child| self.break_before(*child, depth + 1))
            }
            Content::Table(table) => {
                let group = table
                    .groups
                    .first()
                    .map(|group| self.tree.style(group.id).breaks.before);
                let row = table
                    .rows
                    .first()
                    .map(|row| self.tree.style(row.id).breaks.before);
                stronger(group.unwrap_or_default(), row.unwrap_or_default())
            }
            Content::Flex(items) | Content::Grid(items) => {
                let (first, beside) = self.end_line(id, items, true);
                let beside = beside.map(|item| self.tree.style(item).breaks.before);
                let first = first.map(|item| self.break_before(item, depth + 1));
                beside.fold(first.unwrap_or_default(), stronger)
            }
            Content::Inline(_) | Content::Replaced(_) => Break::Auto,
        };
        stronger(own, inner)
    }

    /// The item that the first or last line of a flex or grid container begins with, and the others that are
    /// known to be on that line before it is laid out.
    fn end_line<'i>(
        &'i self,
        id: BoxId,
        items: &'i [BoxId],
        first: bool,
    ) -> (Option<BoxId>, impl Iterator<Item = BoxId> + 'i) {
        let in_flow = |item: &BoxId| !self.tree.get(*item).is_absolute();
        let box_ = self.tree.get(id);
        let flex = &box_.style.box_.flex;
        let rows = matches!(box_.content, Content::Flex(_)) && !flex.column;
        let forwards = first != (flex.column && flex.reverse);
        let mut ends = items.iter().copied().filter(in_flow);
        // Which row those are in that say so themselves, and so which is the first, is not known yet.
        let is_placed = |item: BoxId| self.tree.style(item).grid.row != GridPlace::default();
        let grid = matches!(box_.content, Content::Grid(_));
        let end = if grid && items.iter().copied().any(is_placed) {
            None
        } else if forwards {
            ends.next()
        } else {
            ends.next_back()
        };
        let single = rows && flex.wrap == FlexWrap::NoWrap;
        let beside = items.iter().copied().filter(in_flow);
        (end, beside.filter(move |_| single))
    }

    /// `break-after`, with that of the last child.
    fn break_after(&self, id: BoxId, depth: usize) -> Break {
        let own = self.tree.style(id).breaks.after;
        if !matches!(own, Break::Auto | Break::Avoid) || depth > 64 {
            return own;
        }
        let inner = match &self.tree.get(id).content {
            Content::Blocks(children) => {
                let last = children
                    .iter()
                    .rev()
                    .find(|child| !self.tree.get(**child).is_absolute());
                last.map_or(Break::Auto, |child| self.break_after(*child, depth + 1))
            }
            Content::Table(table) => {
                let group = table.groups.last();
                let group = group.map(|group| self.tree.style(group.id).breaks.after);
                let row = table.rows.last();
                let row = row.map(|row| self.tree.style(row.id).breaks.after);
                stronger(group.unwrap_or_default(), row.unwrap_or_default())
            }
            Content::Flex(items) | Content::Grid(items) => {
                let (last, beside) = self.end_line(id, items, false);
                let beside = beside.map(|item| self.tree.style(item).breaks.after);
                let last = last.map(|item| self.break_after(item, depth + 1));
                beside.fold(last.unwrap_or_default(), stronger)
            }
            Content::Inline(_) | Content::Replaced(_) => Break::Auto,
        };
        stronger(own, inner)
    }

    /// The named page at a box's start or end; `auto` is computed to the parent's
    /// (CSS Paged Media 3 §8.1).
    pub(crate) fn page_name(&self, id: BoxId, start: bool) -> Option<Arc<str>> {
        let mut id = id;
        for _ in 0..64 {
            let Some(next) = self.end_child(id, start) else {
                break;
            };
            id = next;
        }
        self.tree.style(id).box_.page.clone()
    }

    /// The first or last in-flow child of a block container.
    fn end_child(&self, id: BoxId, start: bool) -> Option<BoxId> {
        let Content::Blocks(children) = &self.tree.get(id).content else {
            return None;
        };
        let mut in_flow = children
            .iter()
            .copied()
            .filter(|child| self.tree.get(*child).in_flow());
        if start {
            in_flow.next()
        } else {
            in_flow.next_back()
        }
    }

    /// Where a page begins that goes on at `resume`, or at the document's start.
    pub(crate) fn page_start(&self, root: BoxId, resume: Option<&Resume>) -> PageStart {
        let mut start = PageStart {
            inside: Vec::new(),
            first: None,
            name: None,
            side: None,
        };
        let (mut id, mut resume) = (root, resume);
        while let Some(at) = resume {
            start.inside.push(id);
            let content = &self.tree.get(id).content;
            let (
                Resume::Blocks {
                    child,
                    inner,
                    floats,
                    ..
                },
                Content::Blocks(children),
            ) = (at, content)
            else {
                break;
            };
            if let Some(next) = children.get(*child) {
                (id, resume) = (*next, inner.as_deref());
            } else if let Some((ended, overflow)) = first_overflow(floats) {
                start.inside.extend(self.boxes_between(id, ended));
                start.side = overflow.side().or(start.side);
                (id, resume) = (ended, Some(&overflow.rest));
            } else {
                break;
            }
            if resume.is_none() {
                start.first = Some(id);
            }
        }
        if start.inside.is_empty() {
            start.first = Some(root);
        }
        start.name = match (start.first, start.inside.last()) {
            (Some(first), _) => self.page_name(first, true),
            (None, last) => last.and_then(|last| self.tree.style(*last).box_.page.clone()),
        };
        start
    }

    /// Whether a page, a `right` one or not, is on the side that a forced break asks for.
    pub(crate) fn suits(&self, side: Break, right: bool) -> bool {
        // Recto is the side a book opens on.
        let root = self.tree.root;
        let recto = !root.is_some_and(|root| self.tree.style(root).text.rtl);
        match side {
            Break::Left => !right,
            Break::Right => right,
            Break::Recto => right == recto,
            Break::Verso => right != recto,
            _ => true,
        }
    }

    /// The element whose page name is that of the page that `first` begins.
    pub(crate) fn named_element(&self, first: BoxId, name: &str) -> Option<BoxId> {
        let mut id = first;
        for _ in 0..64 {
            if self.tree.style(id).box_.page.as_deref() == Some(name) {
                return Some(id);
            }
            id = self.end_child(id, true)?;
        }
        None
    }

    /// A complete block fragment, which went on at `begun` and of which `floats` go on, cut at the last allowed place
    /// inside it.
    pub(super) fn earlier_break(
        &self,
        fragment: &Fragment,
        begun: Option<&Resume>,
        floats: &[(BoxId, Resume)],
        space: Space,
    ) -> Option<Laid> {
        let inside = |rows| self.earlier_inside(fragment, begun, floats, space.left, rows);
        let whole_rows = inside(Rows::Whole);
        let (kept, resume) = whole_rows.or_else(|| inside(Rows::last_resort(space)?))?;
        Some(Laid {
            resume: Some(resume),
            ..Laid::whole(kept)
        })
    }

    /// The same for the children so far of the flow of a box.
    pub(super) fn earlier_in_children(
        &self,
        (id, fragment): (BoxId, &Fragment),
        children: &[BoxId],
        begun: Option<&Resume>,
        floats: &[(BoxId, Resume)],
        space: Space,
    ) -> Option<(Fragment, Resume)> {
        let flow = (id, fragment);
        let between = |rows| self.earlier_between(flow, children, begun, floats, space.left, rows);
        between(Rows::Whole).or_else(|| between(Rows::last_resort(space)?))
    }

    fn earlier_inside(
        &self,
        fragment: &Fragment,
        begun: Option<&Resume>,
        floats: &[(BoxId, Resume)],
        left: Px,
        rows: Rows,
    ) -> Option<(Fragment, Resume)> {
        let box_ = match &fragment.kind {
            Kind::Box(box_) => box_,
            Kind::Group => self.captioned(fragment, begun)?,
            _ => return None,
        };
        let source = self.tree.get(box_.id);
        if source.style.breaks.avoid_inside || source.is_multicol() {
            return None;
        }
        match &source.content {
            Content::Blocks(children) => {
                let flow = (box_.id, fragment);
                self.earlier_between(flow, children, begun, floats, left, rows)
            }
            Content::Inline(_) => self.earlier_line(fragment, box_.id, box_.first, floats, left),
            Content::Table(_) if box_.first || begun.is_some() => {
                self.earlier_row(fragment, box_.id, begun, rows)
            }
            _ => None,
        }
    }

    /// The table of a wrapper that began on this page, caption and all, or at `begun`.
    fn captioned<'a>(
        &self,
        wrapper: &'a Fragment,
        begun: Option<&Resume>,
    ) -> Option<&'a BoxFragment> {
        let top = wrapper.children.first()?;
        let boxes = wrapper
            .children
            .iter()
            .filter_map(|child| child.fragment.as_box());
        let mut tables = boxes.filter(|box_| {
            let content = &self.tree.get(box_.id).content;
            matches!(content, Content::Table(table) if !table.captions.is_empty())
        });
        tables.next().filter(|_| top.index == 0 || begun.is_some())
    }

    /// Looks from the last child upwards: inside it, then between it and the one before.
    fn earlier_between(
        &self,
        (id, fragment): (BoxId, &Fragment),
        children: &[BoxId],
        begun: Option<&Resume>,
        floats: &[(BoxId, Resume)],
        left: Px,
        rows: Rows,
    ) -> Option<(Fragment, Resume)> {
        let begun_in = |index: u32| match begun {
            Some(Resume::Blocks { child, inner, .. }) if *child == index as usize => {
                inner.as_deref()
            }
            _ => None,
        };
        let in_flow = |index: u32| {
            children
                .get(index as usize)
                .is_some_and(|child| self.tree.get(*child).in_flow())
        };
        let with_height =
            |child: &Child| in_flow(child.index) && child.fragment.size.height > Px::ZERO;
        // A page may end at a box without height, as at one that only clears floats, but not below nothing else.
        let first = fragment.children.iter().position(with_height);
        // Those of earlier pages are in none of these.
        let float_place = |float: BoxId| {
            let child = self.child_around(id, float)?;
            let is_it = |box_: &BoxFragment| box_.id == child;
            let mut placed = fragment
                .children
                .iter()
                .filter(|placed| placed.index != KEPT);
            let placed = placed.find(|placed| placed.fragment.as_box().is_some_and(is_it));
            placed.map(|placed| placed.index)
        };
        let those = |keep: &dyn Fn(Option<u32>) -> bool| -> Vec<(BoxId, Resume)> {
            let kept = floats.iter().filter(|(float, _)| keep(float_place(*float)));
            kept.cloned().collect()
        };
        // Those that come after the break begin afresh.
        let above = |index: u32| those(&|place| place.is_none_or(|place| place < index));
        let inside = |index: u32| those(&|place| place == Some(index));
        let mut below: Option<u32> = None;
        for position in (0..fragment.children.len()).rev() {
            let child = &fragment.children[position];
            if !in_flow(child.index) {
                continue;
            }
            let id = children[child.index as usize];
            // A marker, a legend, or what is positioned in the child and goes on on the next page.
            let is_other = match &child.fragment.kind {
                Kind::Box(box_) => box_.id != id,
                Kind::Rest(_) => true,
                Kind::Group => !matches!(self.tree.get(id).content, Content::Table(_)),
                _ => false,
            };
            if is_other {
                continue;
            }
            if let Some(below) = below
                && !self.avoids_between(id, children[below as usize])
                && first.is_some_and(|first| first <= position)
            {
                let resume = Resume::Blocks {
                    child: below as usize,
                    inner: None,
                    consumed: left,
                    floats: above(below),
                };
                return Some((cut(fragment, below, left), resume));
            }
            let left_below = left - child.offset.y;
            let begun = begun_in(child.index);
            // What sticks out of it goes on already.
            let sticks_out = floats
                .iter()
                .any(|(ended, rest)| *ended == id && matches!(rest, Resume::Overflow(_)));
            if with_height(child)
                && !sticks_out
                && let Some((kept, inner)) = self.earlier_inside(
                    &child.fragment,
                    begun,
                    &inside(child.index),
                    left_below,
                    rows,
                )
            {
                let mut whole = cut(fragment, child.index, left);
                // A marker or a legend is beside or above the first child, and has its index.
                let own = |other: &&Child| other.index == child.index;
                let own = fragment.children.iter().filter(own);
                for other in own.filter(|other| self.stays_beside(other, id, &kept)) {
                    whole.has = whole.has.or(other.fragment.has);
                    whole.children.push(other.clone());
                }
                whole.push(child.offset, Rc::new(kept), child.index as usize);
                whole.has = whole.has.as_placed(fragment.has);
                let resume = Resume::Blocks {
                    child: child.index as usize,
                    inner: Some(Box::new(inner)),
                    consumed: left,
                    floats: above(child.index),
                };
                return Some((whole, resume));
            }
            below = Some(child.index);
        }
        None
    }

    /// Whether `other`, which has the index of the child `id` of a flow, is on the page with what is `kept` of that:
    /// a marker or a legend is, and an absolutely positioned box where its place is.
    fn stays_beside(&self, other: &Child, id: BoxId, kept: &Fragment) -> bool {
        let absolute = match &other.fragment.kind {
            Kind::Box(box_) if box_.id == id => return false,
            Kind::Box(box_) if !self.tree.get(box_.id).is_absolute() => return true,
            Kind::Box(box_) => box_.id,
            Kind::Rest(rest) => rest.id,
            _ => return false,
        };
        let mut places = Vec::new();
        collect(self, kept, Point::default(), None, &mut places);
        places.iter().any(|place| place.id == absolute)
    }

    /// A table that began on this page, or at `begun`, laid out again in less room than it took.
    fn earlier_row(
        &self,
        fragment: &Fragment,
        id: BoxId,
        begun: Option<&Resume>,
        rows: Rows,
    ) -> Option<(Fragment, Resume)> {
        let within = |height| self.table_within(fragment, id, begun, height);
        let (laid, resume) = within(fragment.size.height - Px(1.0))?;
        let Some(row) = resume.split_row().filter(|_| rows == Rows::Whole) else {
            return Some((laid, resume));
        };
        let Content::Table(table) = &self.tree.get(id).content else {
            return None;
        };
        let above = top_of(&laid, table.rows.get(row)?.id, 0)?;
        let (laid, resume) = within(above)?;
        resume.split_row().is_none().then_some((laid, resume))
    }

    /// As much of a table as fits `left`, where it goes on.
    fn table_within(
        &self,
        fragment: &Fragment,
        id: BoxId,
        begun: Option<&Resume>,
        left: Px,
    ) -> Option<(Fragment, Resume)> {
        let Size { width, height } = fragment.size;
        let space = Space {
            left,
            page: height,
            at_top: false,
            ..Space::unbroken(width, None)
        };
        let mut floats = super::Floats::default();
        let at = Point::default();
        match self.layout(id, width, space, begun, &mut floats, at) {
            Ok(super::Outcome::Laid(laid)) if laid.forced.is_none() => {
                let further = |resume: &Resume| begun.is_none_or(|begun| !resume.same_place(begun));
                let resume = laid.resume.filter(further)?;
                Some((laid.fragment, resume))
            }
            _ => None,
        }
    }

    /// Breaks a paragraph's fragment above its last lines, as orphans and widows allow.
    fn earlier_line(
        &self,
        fragment: &Fragment,
        id: BoxId,
        first: bool,
        floats: &[(BoxId, Resume)],
        left: Px,
    ) -> Option<(Fragment, Resume)> {
        let text = &self.tree.style(id).text;
        let starts: Vec<u32> = fragment
            .children
            .iter()
            .filter_map(|child| match &child.fragment.kind {
                Kind::Line(line) => Some(line.start),
                _ => None,
            })
            .collect();
        let widows = (text.widows as usize).max(1);
        let orphans = if first {
            (text.orphans as usize).max(1)
        } else {
            1
        };
        let kept = starts
            .len()
            .checked_sub(widows)
            .filter(|kept| *kept >= orphans)?;
        let start = starts[kept];
        let Content::Inline(inline) = &self.tree.get(id).content else {
            return None;
        };
        // A float anchored there may stand beside the line above, which stays.
        let above = |float: BoxId| {
            let mut boxes = fragment.children.iter().filter(|child| child.index < start);
            boxes.any(|child| child.fragment.as_box().is_some_and(|box_| box_.id == float))
        };
        let here = inline.items.iter().filter(|item| item.offset == start);
        let begun =
            here.filter(|item| matches!(item.kind, InlineItemKind::Float(float) if above(float)));
        // Those that come after the break begin afresh.
        let later = |float: BoxId| {
            let below = inline.items.iter().rev();
            let mut below = below.take_while(|item| item.offset >= start);
            !above(float)
                && below.any(|item| matches!(item.kind, InlineItemKind::Float(own) if own == float))
        };
        let kept = floats.iter().filter(|(float, _)| !later(*float));
        let resume = Resume::Lines {
            offset: start,
            begun: u32::try_from(begun.count()).unwrap_or(u32::MAX),
            consumed: left,
            floats: kept.cloned().collect(),
        };
        Some((cut(fragment, start, left), resume))
    }
}

/// Whether a break above a place that was reached already may go through the cells of a row. Each
/// cell is a flow of its own beside the others, which both WeasyPrint and Chromium leave together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rows {
    /// Only between rows.
    Whole,
    /// Through a row too.
    Split,
}

impl Rows {
    /// Rows are split rather than leaving a page's end to run over the edge: a page that has nothing
    /// else cannot push them on.
    fn last_resort(space: Space) -> Option<Self> {
        space.at_top.then_some(Self::Split)
    }
}

/// How far below the top of `fragment` the box `id` begins.
fn top_of(fragment: &Fragment, id: BoxId, depth: usize) -> Option<Px> {
    // Wrapper, table, grid, row group, row.
    if depth > 4 {
        return None;
    }
    fragment.children.iter().find_map(|child| {
        let own = child.fragment.as_box().filter(|box_| box_.id == id);
        let inside = || top_of(&child.fragment, id, depth + 1);
        let top = own.map(|_| Px::ZERO).or_else(inside)?;
        Some(child.offset.y + top)
    })
}

/// The fragment without children from `index` on, down to the page's end.
fn cut(fragment: &Fragment, index: u32, left: Px) -> Fragment {
    let mut kept = fragment.clone();
    kept.children
        .retain(|child| child.index < index || child.index == KEPT);
    kept.has = kept
        .children
        .iter()
        .fold(Default::default(), |has: crate::fragment::Has, child| {
            has.or(child.fragment.has)
        })
        .as_placed(fragment.has);
    // Those are the box's own, too.
    kept.has.layers |= fragment.has.layers;
    kept.has.floats |= fragment.has.floats;
    kept.size.height = left.max(Px::ZERO);
    if let Kind::Box(box_) = &mut kept.kind {
        box_.last = false;
    }
    kept
}

/// A forced break is stronger than `avoid`, which is stronger than `auto`.
fn stronger(one: Break, other: Break) -> Break {
    match (one, other) {
        (Break::Auto, other) => other,
        (Break::Avoid, Break::Auto) => Break::Avoid,
        (Break::Avoid, other) => other,
        (one, _) => one,
    }
}
