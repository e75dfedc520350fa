//! Flex containers (CSS Flexbox 1 §9): lines of items, broken over pages between lines, or inside
//! the items of a line that is taller than a page, which then begins where it stands. A grid
//! container's box is made here too.

mod absolute;
mod column;
mod nesting;
mod rows;
mod sizes;
mod wrapped;

pub(crate) use nesting::Nesting;

use super::grid::GridRest;
use super::overflow::Beyond;
use super::sizing::bounded;
use super::{Forced, Laid, Layout, MarginSet, Outcome, Resume, Space, Step, Used, used_edges};
use crate::boxes::{BoxId, Content, InlineItemKind};
use crate::fragment::{BoxFragment, Child, Fragment, Kind};
use fanfold_geometry::{Point, Px, Size};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{Alignment, FlexWrap, Position};
use fanfold_style::values::Sizing;
use std::rc::Rc;

/// Where a flex container goes on.
#[derive(Clone, Debug)]
pub(crate) struct FlexResume {
    /// First item of the next line, or next item of a column.
    pub(super) item: usize,
    /// That line was begun: where each of its items goes on, none where it is complete.
    split: Option<Vec<Option<Resume>>>,
    /// Border-box height on earlier pages.
    consumed: Px,
    /// In a grid, where `item` is a row.
    pub(super) grid: Option<GridRest>,
}

impl FlexResume {
    /// Border-box height on earlier pages.
    pub(super) fn consumed(&self) -> Px {
        self.consumed
    }

    /// Items from this one on.
    fn at(item: usize) -> Self {
        Self {
            item,
            split: None,
            consumed: Px::ZERO,
            grid: None,
        }
    }

    /// Those that were begun, and the items after them.
    fn inside(item: usize, split: Vec<Option<Resume>>) -> Self {
        Self {
            split: Some(split),
            ..Self::at(item)
        }
    }

    /// A grid from a row on.
    pub(super) fn of_grid(row: usize, rest: GridRest) -> Self {
        Self {
            grid: Some(rest),
            ..Self::at(row)
        }
    }

    /// Whether both are the same place.
    pub(super) fn same_place(&self, other: &Self) -> bool {
        let split = match (&self.split, &other.split) {
            (None, None) => true,
            (Some(one), Some(other)) => {
                one.len() == other.len()
                    && one
                        .iter()
                        .zip(other)
                        .all(|(one, other)| super::same_option(one.as_ref(), other.as_ref()))
            }
            _ => false,
        };
        let grid = match (&self.grid, &other.grid) {
            (Some(one), Some(other)) => one.same_place(other),
            (one, other) => one.is_none() && other.is_none(),
        };
        self.item == other.item && split && grid
    }
}

/// An item with its flexed main size.
struct Item {
    index: usize,
    id: BoxId,
    used: Used,
    /// Border-box width.
    width: Px,
}

/// How the items of one page ended.
struct ItemsEnd {
    /// Content height.
    height: Px,
    next: Option<FlexResume>,
    /// The break was asked for.
    forced: Option<Forced>,
}

impl ItemsEnd {
    fn whole(height: Px) -> Self {
        Self {
            height,
            next: None,
            forced: None,
        }
    }
}

/// Bounds of a column's content height.
#[derive(Clone, Copy)]
struct MainSize {
    least: Option<Px>,
    most: Option<Px>,
}

impl Layout<'_> {
    /// Min-content and max-content widths of a flex container's content.
    pub(super) fn intrinsic_flex(&self, id: BoxId, items: &[BoxId]) -> (Px, Px) {
        let style = self.tree.style(id);
        let flex = &style.box_.flex;
        let gap = flex
            .gap
            .1
            .and_then(|gap| gap.to_length())
            .unwrap_or_default();
        let widths: Vec<(Px, Px)> = items
            .iter()
            .filter(|item| !self.tree.get(**item).is_absolute())
            .map(|item| match flex.column {
                true => self.contribution(*item),
                false => self.flex_contribution(*item),
            })
            .collect();
        let most = |get: &dyn Fn(&(Px, Px)) -> Px| widths.iter().map(get).fold(Px::ZERO, Px::max);
        let sum = |get: &dyn Fn(&(Px, Px)) -> Px| {
            let gaps = gap * widths.len().saturating_sub(1) as f32;
            widths.iter().map(get).sum::<Px>() + gaps
        };
        let (narrow, wide) = (|widths: &(Px, Px)| widths.0, |widths: &(Px, Px)| widths.1);
        if flex.column {
            return (most(&narrow), most(&wide));
        }
        let min = if flex.wrap != FlexWrap::NoWrap {
            most(&narrow)
        } else {
            sum(&narrow)
        };
        (min, sum(&wide))
    }

    fn flex_container(
        &self,
        id: BoxId,
        width: Px,
        space: Space,
        resume: Option<&Resume>,
        overflow: Beyond,
    ) -> Step<Outcome> {
        let box_ = self.tree.get(id);
        let (Content::Flex(items) | Content::Grid(items)) = &box_.content else {
            return Ok(Outcome::Before);
        };
        let style = &*box_.style;
        let used = used_edges(style, space.width);
        let first = resume.is_none();
        let clones = self.clones_edges(style, &used, space);
        // Every piece has edges of its own then, which take nothing of the height (CSS Fragmentation 3 §5.4.1).
        let (closing, cloned) = if clones {
            (used.bottom(), used.vertical())
        } else {
            (Px::ZERO, Px::ZERO)
        };
        let (resume, top, consumed) = match resume {
            Some(Resume::Flex(resume)) => {
                let top = if clones { used.top() } else { Px::ZERO };
                (Some(&**resume), top, resume.consumed)
            }
            Some(Resume::Edge { consumed, .. }) => {
                (None, (used.top() - *consumed).max(Px::ZERO), *consumed)
            }
            _ => (None, used.top(), Px::ZERO),
        };
        let (alone, past) = match overflow {
            Beyond::Alone(height) => (true, height),
            _ => (false, None),
        };
        let set = past
            .or_else(|| self.imposed_height(id))
            .or_else(|| self.height_of(style, &style.box_.height, &used, space.height));
        let set = set.map(|height| self.constrained_height(style, &used, space.height, height));
        let mut fragment = Fragment::new(
            Kind::Box(BoxFragment {
                id,
                border: used.border,
                padding: used.padding,
                first,
                last: true,
                consumed: Px::ZERO,
                bare: alone,
            }),
            Size::new(width, Px::ZERO),
        );
        if resume.is_none()
            && !items.is_empty()
            && let Some(resume) = self.below_edge(id, (top, false), consumed, space)
        {
            return Ok(Outcome::Laid(Laid::of_edge(fragment, resume, space)));
        }
        let inner = Space {
            width: (width - used.horizontal()).max(Px::ZERO),
            height: set.map(|height| (height - used.vertical()).max(Px::ZERO)),
            left: space.left - top - closing,
            ..space
        };
        let in_flow: Vec<BoxId> = items
            .iter()
            .copied()
            .filter(|item| !self.tree.get(*item).is_absolute())
            .collect();
        for (index, item) in items.iter().enumerate().filter(|_| resume.is_none()) {
            if self.tree.get(*item).is_absolute() {
                let x = if style.text.rtl {
                    width - used.border.right - used.padding.right
                } else {
                    used.left()
                };
                self.placeholder(*item, id, &mut fragment, Point::new(x, top), index);
            }
        }
        let limit = |size: &Sizing| {
            let height = self.height_of(style, size, &used, space.height)?;
            Some((height - used.vertical()).max(Px::ZERO))
        };
        // Content may be higher than a ratio asks (CSS Sizing 4 §5.3).
        let by_ratio = self
            .ratio_height(id, &used, width)
            .filter(|_| set.is_none());
        let by_ratio = by_ratio.map(|height| (height - used.vertical()).max(Px::ZERO));
        let main = MainSize {
            least: larger(limit(&style.box_.min_height), by_ratio),
            most: limit(&style.box_.max_height),
        };
        let corner = Point::new(used.left(), top);
        let flex = &style.box_.flex;
        // A wrapped column is not broken: it is tried only where it can fit a page, and used if it does.
        let wraps = inner.height.or(main.most).filter(|room| {
            flex.wrap != FlexWrap::NoWrap && resume.is_none() && *room <= space.page
        });
        let mut grid = None;
        let ended = if matches!(box_.content, Content::Grid(_)) {
            let page =
                self.grid_rows(id, items, inner, main.least, resume, corner, &mut fragment)?;
            page.map(|mut page| {
                let ended = ItemsEnd {
                    height: page.height,
                    next: page.next.take(),
                    forced: page.forced.take(),
                };
                grid = Some(page);
                ended
            })
        } else if !flex.column {
            self.flex_rows(
                style,
                &in_flow,
                inner,
                main.least,
                resume,
                corner,
                &mut fragment,
            )?
        } else {
            let wrapped = match wraps {
                Some(room) => {
                    let mut whole = fragment.clone();
                    let (content, bottom) =
                        self.flex_wrapped_column(style, &in_flow, inner, room, corner, &mut whole)?;
                    let bottom = top + bottom.max(content + used.bottom());
                    Some((whole, content, bottom))
                }
                None => None,
            };
            match wrapped {
                Some((whole, content, bottom)) if !space.overflows(bottom) => {
                    fragment = whole;
                    Some(ItemsEnd::whole(content))
                }
                // The next page has room for all of it.
                Some((.., bottom)) if !space.at_top && bottom <= space.page + super::TOLERANCE => {
                    None
                }
                _ => {
                    self.flex_column(style, &in_flow, inner, main, resume, corner, &mut fragment)?
                }
            }
        };
        let Some(ended) = ended else {
            return Ok(Outcome::Before);
        };
        if resume.is_none() && self.sinks_below_edge(&fragment, top, space) {
            fragment.clear();
            let resume = Resume::of_edge(top, consumed, false, space);
            return Ok(Outcome::Laid(Laid::of_edge(fragment, resume, space)));
        }
        let ItemsEnd {
            height: content,
            next,
            forced,
        } = ended;
        if let Some(mut next) = next {
            if style.breaks.avoid_inside && !space.at_top && forced.is_none() {
                return Ok(Outcome::Before);
            }
            let ends = set
                .map(|height| (height - consumed).max(top + used.bottom()))
                .filter(|height| !space.overflows(*height) && !clones && !style.box_.clips)
                .filter(|_| self.lets_go_on(id, overflow));
            fragment.size.height = match ends {
                Some(height) => height,
                None if space.breaks() => space.left,
                None => top + content,
            };
            if let Kind::Box(box_) = &mut fragment.kind {
                box_.last = ends.is_some();
            }
            next.consumed = consumed + fragment.size.height - cloned;
            if let Some(page) = grid {
                let piece = (resume, Some(&next));
                self.grid_absolutes(id, &page, piece, corner, space, &mut fragment)?;
            }
            if let Some(height) = ends {
                let room = height - top - used.bottom();
                self.end_items(style, &in_flow, &mut next, (corner.y, room), &mut fragment);
            }
            let resume = Some(Resume::Flex(Box::new(next)));
            if !alone && ends.is_none() {
                return Ok(Outcome::Laid(Laid {
                    resume,
                    forced,
                    ..Laid::whole(fragment)
                }));
            }
            fragment.has.overfull = true;
            let rest = Resume::of_overflow((resume, forced), width, set);
            let whole = Laid::whole(fragment);
            return Ok(Outcome::Laid(match ends {
                Some(_) => Laid {
                    end: MarginSet::of(used.margin_bottom()),
                    floats: rest.into_iter().map(|rest| (id, rest)).collect(),
                    ..whole
                },
                None => Laid {
                    resume: rest,
                    ..whole
                },
            }));
        }
        if alone {
            fragment.size.height = content;
            fragment.has.overfull = true;
            if let Some(page) = grid {
                self.grid_absolutes(id, &page, (resume, None), corner, space, &mut fragment)?;
            }
            return Ok(Outcome::Laid(Laid::whole(fragment)));
        }
        let natural = top + content + used.bottom();
        let height = set.map_or(natural, |height| (height - consumed).max(Px::ZERO));
        let height =
            self.constrained_height(style, &used, space.height, height + consumed) - consumed;
        // What sticks out of it is on this page: what follows comes below.
        let height = if consumed > Px::ZERO && !style.box_.clips {
            height.max(natural)
        } else {
            height
        };
        if space.overflows(height) && !space.at_top {
            return Ok(Outcome::Before);
        }
        fragment.size.height = height.max(Px::ZERO);
        let below =
            |child: &Child| child.offset.y + child.fragment.size.height > height + super::TOLERANCE;
        fragment.has.overfull |= !style.box_.clips && fragment.children.iter().any(below);
        let is_grid = matches!(box_.content, Content::Grid(_));
        let edges = (&used, consumed);
        self.align_absolutes(style, items, is_grid, edges, space, &mut fragment);
        if let Some(page) = grid {
            self.grid_absolutes(id, &page, (resume, None), corner, space, &mut fragment)?;
        }
        Ok(Outcome::Laid(Laid {
            end: MarginSet::of(used.margin_bottom()),
            ..Laid::whole(fragment)
        }))
    }

    /// Ends the items of the only line of a container, which begins at `top`, where they are stretched to its height
    /// of `room`: what sticks out of them goes on without them.
    fn end_items(
        &self,
        style: &ComputedStyle,
        items: &[BoxId],
        next: &mut FlexResume,
        (top, room): (Px, Px),
        fragment: &mut Fragment,
    ) {
        let flex = &style.box_.flex;
        if flex.column || flex.wrap != FlexWrap::NoWrap {
            return;
        }
        let Some(split) = next.split.as_mut().filter(|_| next.grid.is_none()) else {
            return;
        };
        for child in &mut fragment.children {
            let index = child.index as usize;
            let Some(item) = items.get(index).filter(|_| index >= next.item) else {
                continue;
            };
            let Some(rest) = split.get_mut(index - next.item) else {
                continue;
            };
            let used = used_edges(self.tree.style(*item), fragment.size.width);
            let height = room - (child.offset.y - top) - used.margin_bottom();
            let height = height.max(used.vertical());
            let size = child.fragment.size;
            let flows = matches!(rest, Some(Resume::Blocks { .. } | Resume::Lines { .. }));
            if !flows || size.height <= height || !self.is_stretched(style, *item) {
                continue;
            }
            let ended = Rc::make_mut(&mut child.fragment);
            ended.size.height = height;
            ended.has.overfull = true;
            if let Kind::Box(box_) = &mut ended.kind {
                box_.last = true;
            }
            *rest = Resume::of_overflow((rest.take(), None), size.width, Some(height));
        }
    }

    /// The height that items are aligned in, of a container `height` high: what of it is on the sheet, where it goes
    /// on below that. No page shows its empty rest, and what would be aligned there would be lost.
    fn seen_height(&self, height: Px, space: Space) -> Px {
        if space.breaks() && height > self.sheet_end(space) {
            height.min(space.left.max(Px::ZERO))
        } else {
            height
        }
    }

    /// The border-box height that a flex container gives the item `id`, which is being laid out.
    pub(super) fn imposed_height(&self, id: BoxId) -> Option<Px> {
        let (item, height) = self.imposed.get()?;
        (item == id).then_some(height)
    }

    /// Whether what is inside an item depends on its height: a flexed or stretched height is definite
    /// (§9.8).
    pub(super) fn follows_height(&self, id: BoxId) -> bool {
        // Absolute boxes inside are placed against its edges.
        let own = &self.tree.style(id).box_;
        let contains = own.position != Position::Static;
        let aligns = own.flex.align_content != Alignment::Normal;
        let minds = |child: BoxId| self.minds_height(child);
        match &self.tree.get(id).content {
            Content::Flex(_) | Content::Grid(_) | Content::Replaced(_) => true,
            _ if contains || aligns => true,
            Content::Blocks(children) => children.iter().copied().any(minds),
            Content::Inline(inline) => {
                let floats = inline.items.iter().filter_map(|item| match item.kind {
                    InlineItemKind::Float(float) => Some(float),
                    _ => None,
                });
                let atomics = inline.spans.iter().filter_map(|span| span.atomic);
                floats.chain(atomics).any(minds)
            }
            Content::Table(_) => false,
        }
    }

    /// Gives an item another border-box height, and lays it out again where its content minds.
    ///
    /// `width` is that of the container's content, and `end` where the sheet ends, from the item's top: what its
    /// height would push below that keeps its place.
    pub(super) fn reheighten(
        &self,
        id: BoxId,
        laid: &mut Fragment,
        width: Px,
        (height, end): (Px, Px),
    ) -> Step<()> {
        if !self.follows_height(id) || laid.size.height == height || !self.may_lay_again() {
            let clips = self.tree.style(id).box_.clips;
            laid.has.overfull |= laid.size.height > height + super::TOLERANCE && !clips;
            laid.size.height = height;
            return Ok(());
        }
        let follows = self.item_of_height(id, laid.size.width, width, height)?;
        if follows.reach() > end && laid.reach() <= end {
            laid.size.height = height;
        } else {
            *laid = follows;
        }
        Ok(())
    }

    /// An item laid out whole at a border-box size.
    pub(super) fn item_of_height(
        &self,
        id: BoxId,
        own: Px,
        width: Px,
        height: Px,
    ) -> Step<Fragment> {
        let before = self.imposed.replace(Some((id, height)));
        let laid = self.layout_item(id, own, width, None);
        self.imposed.set(before);
        let mut laid = laid?;
        laid.size.height = height;
        Ok(laid)
    }

    /// An item laid out whole at a border-box width, in a container of content `width` and `height`.
    pub(super) fn layout_item(
        &self,
        id: BoxId,
        own: Px,
        width: Px,
        height: Option<Px>,
    ) -> Step<Fragment> {
        let space = Space::unbroken(width, height);
        Ok(match self.item_in(id, own, space, None)? {
            Outcome::Laid(laid) => laid.fragment,
            // At the top of an endless page everything is placed.
            Outcome::Before => Fragment::new(Kind::Group, Size::new(own, Px::ZERO)),
        })
    }
}

fn own_baseline(item: &Item, fragment: &Fragment) -> Px {
    first_baseline(fragment) + item.used.margin_top()
}

/// An item's first baseline, or else its lower edge (CSS Box Alignment 3 §9.1).
pub(super) fn first_baseline(fragment: &Fragment) -> Px {
    fragment.first_baseline.unwrap_or(fragment.size.height)
}

pub(super) fn gap(length: fanfold_style::values::LengthPercentage, base: Px) -> Px {
    bounded(length.resolve(base)).max(Px::ZERO)
}

/// Where lines go in the cross direction (§9.6): how much each grows, the space before the first, and
/// between two.
fn align_lines(alignment: Alignment, free: Px, count: usize) -> (Px, Px, Px) {
    if count == 0 {
        return (Px::ZERO, Px::ZERO, Px::ZERO);
    }
    match alignment {
        Alignment::Normal | Alignment::Stretch => {
            (free.max(Px::ZERO) / count as f32, Px::ZERO, Px::ZERO)
        }
        other => {
            let (before, between) = justify(other, free, count);
            (Px::ZERO, before, between)
        }
    }
}

/// Space before the first item and between items (CSS Box Alignment 3 §4.3).
pub(super) fn justify(alignment: Alignment, free: Px, count: usize) -> (Px, Px) {
    let count = count as f32;
    match alignment {
        Alignment::End => (free, Px::ZERO),
        Alignment::Center => (free / 2.0, Px::ZERO),
        Alignment::SpaceBetween if free > Px::ZERO && count > 1.0 => {
            (Px::ZERO, free / (count - 1.0))
        }
        Alignment::SpaceAround if free > Px::ZERO => (free / count / 2.0, free / count),
        Alignment::SpaceEvenly if free > Px::ZERO => {
            let each = free / (count + 1.0);
            (each, each)
        }
        _ => (Px::ZERO, Px::ZERO),
    }
}

/// The larger of two bounds, where there are any.
fn larger(one: Option<Px>, other: Option<Px>) -> Option<Px> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.max(other)),
        (one, other) => one.or(other),
    }
}
