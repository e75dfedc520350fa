//! Containers with columns: rows of columns between boxes that span all of them (CSS Multicol 1).
//!
//! A column is a place for content to break over like a page, so what is in it is laid out by the same
//! functions. A row of columns is balanced by trying heights.

use super::block::{Container, Ending};
use super::overflow::{Beyond, overflow_end};
use super::{
    BreakAbove, Floats, Layout, MarginSet, Outcome, Rest, Resume, Space, Step, TOLERANCE, Used,
    used_edges,
};
use crate::boxes::{BoxId, Content};
use crate::fragment::{BorderLine, Child, Fragment, Kind};
use fanfold_geometry::{Point, Px, Size};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{Break, Display, LineStyle, Visibility};
use std::rc::Rc;

/// More columns than this are not told apart on any page.
const MOST: usize = 1000;

/// Heights tried to balance a row; each halves what may be too much.
const TRIES: usize = 12;

/// Columns in columns deeper than this are filled, not balanced: every level multiplies the tries.
const BALANCED_DEPTH: u32 = 3;

/// Boxes laid out to balance columns in columns, after which a document's are only filled.
const NESTED_STEPS: u32 = 1_000_000;

/// The columns of a container (§3.4).
#[derive(Clone, Copy, Debug)]
struct Columns {
    count: usize,
    width: Px,
    gap: Px,
}

impl Columns {
    fn of(style: &ComputedStyle, available: Px) -> Self {
        let normal = style.font.size;
        let gap = style.box_.flex.gap.1;
        let gap = gap
            .map_or(normal, |gap| gap.resolve(available))
            .max(Px::ZERO);
        let gap = super::bounded(gap);
        let most = style.columns.count.map_or(MOST, |count| count as usize);
        let count = match style.columns.width {
            None => most,
            Some(width) => {
                let fitting = (available + gap) / (width + gap).max(Px(0.01));
                (fitting.floor().clamp(1.0, MOST as f32) as usize).min(most)
            }
        };
        let count = count.clamp(1, MOST);
        let gaps = gap * (count - 1) as f32;
        Self {
            count,
            width: ((available - gaps) / count as f32).max(Px::ZERO),
            gap,
        }
    }

    /// The left edge of the column with index `index`, in a container of `width`.
    fn left(&self, index: usize, width: Px, rtl: bool) -> Px {
        let before = (self.width + self.gap) * index as f32;
        if rtl {
            width - self.width - before
        } else {
            before
        }
    }
}

/// The content between two boxes that span all columns.
#[derive(Clone, Copy)]
struct Part<'r> {
    /// Child that ends it.
    end: usize,
    resume: Option<&'r Resume>,
    /// It goes on from an earlier page.
    goes_on: bool,
}

/// How a row of columns is to be filled.
#[derive(Clone, Copy)]
struct Filling {
    height: Px,
    most: usize,
    at_top: bool,
    /// No page comes after: the last column takes what is left, however high.
    ends: bool,
    /// Height of a whole page, or of a column where the container's height ends it before the page does.
    page: Px,
    /// It does, or that of a container around.
    aside: bool,
}

/// A row of columns.
struct Row {
    columns: Vec<Fragment>,
    /// Height of the highest content.
    used: Px,
    /// Heights of the contents together.
    whole: Px,
    resume: Option<Resume>,
    forced: Option<super::Forced>,
}

impl Row {
    /// Whether everything is in it and in no column too high.
    fn fits(&self, height: Px) -> bool {
        self.resume.is_none() && self.used <= height + TOLERANCE
    }
}

impl Layout<'_> {
    /// The content of a container with columns.
    pub(super) fn multicol(
        &self,
        container: &Container,
        resume: Option<&Resume>,
        fragment: &mut Fragment,
    ) -> Step<Option<Ending>> {
        let depth = self.column_depth.get();
        self.column_depth.set(depth + 1);
        let met = self.forced_met.get();
        let ending = self.column_rows(container, resume, fragment);
        self.column_depth.set(depth);
        // Breaks inside are the columns' business.
        self.forced_met.set(met);
        ending
    }

    /// Rows of columns and the boxes between them that span all columns (§6.1).
    fn column_rows(
        &self,
        container: &Container,
        resume: Option<&Resume>,
        fragment: &mut Fragment,
    ) -> Step<Option<Ending>> {
        let children: &[BoxId] = match &self.tree.get(container.id).content {
            Content::Blocks(children) => children,
            _ => &[],
        };
        let spans = |child: &BoxId| {
            let box_ = self.tree.get(*child);
            box_.style.columns.span_all && box_.in_flow()
        };
        let mut y = Px::ZERO;
        // The margin below a box across all columns.
        let mut margin = MarginSet::default();
        let mut next = resume.cloned();
        let mut goes_on = resume.is_some();
        loop {
            let at = match &next {
                Some(Resume::Blocks { child, .. }) => *child,
                _ => 0,
            };
            // Floats of what is above it go on first.
            let owed = matches!(&next, Some(Resume::Blocks { floats, .. }) if !floats.is_empty());
            if !owed && let Some(child) = children.get(at).filter(|child| spans(child)) {
                let inner = match &next {
                    Some(Resume::Blocks { inner, .. }) => inner.as_deref(),
                    _ => None,
                };
                let top = (&mut y, margin);
                let Some(laid) = self.spanning(container, *child, at, inner, top, fragment)? else {
                    let before = blocks(container, at, inner.cloned());
                    return Ok(stopped(y, before, None, y > Px::ZERO));
                };
                if let Some(inner) = laid.resume {
                    let rest = blocks(container, at, Some(inner));
                    return Ok(stopped(y, rest, laid.forced, true));
                }
                next = Some(blocks(container, at + 1, None));
                goes_on = false;
                margin = laid.end;
                if at + 1 >= children.len() {
                    break;
                }
                continue;
            }
            y += std::mem::take(&mut margin).solve();
            let later = children.iter().skip(at).position(&spans);
            let end = later.map_or(children.len(), |later| at + later);
            let part = Part {
                end,
                resume: next.as_ref(),
                goes_on,
            };
            let Some(row) = self.row(container, part, y, end < children.len())? else {
                let before = next.unwrap_or_else(|| blocks(container, at, None));
                return Ok(stopped(y, before, None, y > Px::ZERO));
            };
            let (rest, forced) = (row.resume.clone(), row.forced.clone());
            self.place_column_row(container, row, end, &mut y, fragment);
            if let Some(rest) = rest {
                let rest = consumed(rest, container.consumed);
                return Ok(stopped(y, rest, forced, true));
            }
            if end >= children.len() {
                break;
            }
            next = Some(blocks(container, end, None));
            goes_on = false;
        }
        Ok(Some(Ending {
            height: y,
            end: margin,
            resume: None,
            forced: None,
        }))
    }

    /// A box across all columns; none where it does not fit.
    fn spanning(
        &self,
        container: &Container,
        child: BoxId,
        index: usize,
        resume: Option<&Resume>,
        (y, margin): (&mut Px, MarginSet),
        fragment: &mut Fragment,
    ) -> Step<Option<super::Laid>> {
        let style = self.tree.style(child);
        let used = used_edges(style, container.width);
        let width = container.width;
        let parent = self.tree.style(container.id);
        let place = self.place_block(
            child,
            &used,
            parent,
            (width, container.space.height),
            Px::ZERO,
            width,
        );
        let above = if resume.is_some() {
            MarginSet::default()
        } else {
            MarginSet::of(used.margin_top())
        };
        let top = *y + margin.adjoin(above).solve();
        let space = Space {
            left: container.space.left - top,
            at_top: container.space.at_top && *y <= Px::ZERO,
            ..container.space
        };
        let origin = container.origin + Point::new(place.x, top);
        let mut floats = Floats::default();
        let outcome = self.layout(child, place.width, space, resume, &mut floats, origin)?;
        let Outcome::Laid(mut laid) = outcome else {
            return Ok(None);
        };
        let by = self.relative_offset(style, width, container.space.height);
        let at = Point::new(container.used.left() + place.x, container.top + top);
        *y = top + laid.fragment.size.height;
        let empty = Fragment::new(Kind::Group, Size::default());
        let inner = std::mem::replace(&mut laid.fragment, empty);
        fragment.push(at + by, Rc::new(inner), index);
        Ok(Some(laid))
    }

    /// One row of columns from `y` on, as high as it has to be; `followed` by a box that spans them.
    fn row(
        &self,
        container: &Container,
        part: Part<'_>,
        y: Px,
        followed: bool,
    ) -> Step<Option<Row>> {
        let style = self.tree.style(container.id);
        let columns = Columns::of(style, container.width);
        let page = container.space.left - y;
        // A set height leaves the columns that much, and no more.
        let set = container
            .space
            .height
            .filter(|_| container.set_height.is_some());
        let set = set.map(|height| (height - container.consumed - y).max(Px::ZERO));
        let room = set.map_or(page, |set| page.min(set));
        let at_top = container.space.at_top && y <= Px::ZERO;
        // No page helps where the height ends before the page: more columns stick out (§8.2).
        let sticks_out = set.is_some_and(|set| set < page);
        let ends = !container.space.breaks();
        let filling = Filling {
            height: room,
            most: if sticks_out { MOST } else { columns.count },
            at_top: at_top || sticks_out || ends,
            ends,
            page: if sticks_out {
                room
            } else {
                container.space.page
            },
            aside: sticks_out || container.space.aside,
        };
        let balances = followed || !style.columns.sequential;
        let most = self.most_height(container, y).filter(|most| *most < room);
        if let Some(most) = most {
            let limited = Filling {
                height: most,
                most: columns.count,
                at_top: false,
                ends: false,
                ..filling
            };
            let filled = self.fill_columns(container, columns, part, limited)?;
            // What has no room in it makes the columns higher, as in WeasyPrint: beside them it could be off the sheet.
            if let Some(filled) = filled.filter(|filled| filled.fits(most)) {
                if !balances || !self.may_balance() {
                    return Ok(Some(filled));
                }
                let least = filled.whole / columns.count as f32;
                let balanced = self.balanced(container, columns, part, limited, least)?;
                return Ok(Some(balanced.unwrap_or(filled)));
            }
        }
        if !room.is_finite() {
            // As high as all content in one column is high enough, unless a break asks for more columns.
            let one = Filling { most: 1, ..filling };
            let Some(one) = self.fill_columns(container, columns, part, one)? else {
                return Ok(None);
            };
            if !self.may_balance() {
                return Ok(Some(one));
            }
            let least = one.whole / columns.count as f32;
            let whole = Filling {
                height: one.whole,
                ..filling
            };
            return match self.balanced(container, columns, part, whole, least)? {
                None => {
                    let all = Filling {
                        most: MOST,
                        ..whole
                    };
                    self.fill_columns(container, columns, part, all)
                }
                row => Ok(row),
            };
        }
        let Some(filled) = self.fill_columns(container, columns, part, filling)? else {
            return Ok(None);
        };
        if !filled.fits(room)
            || filled.columns.len() > columns.count
            || !balances
            || !self.may_balance()
        {
            return Ok(Some(filled));
        }
        let least = filled.whole / columns.count as f32;
        let most = Filling {
            height: room.min(filled.whole.max(filled.used)),
            most: columns.count,
            ..filling
        };
        let balanced = self.balanced(container, columns, part, most, least)?;
        Ok(Some(balanced.unwrap_or(filled)))
    }

    /// The height that `max-height` leaves a row of columns from `y` on.
    fn most_height(&self, container: &Container, y: Px) -> Option<Px> {
        let style = self.tree.style(container.id);
        // A cell is as high as its row.
        if container.set_height.is_some() || style.box_.display == Display::TableCell {
            return None;
        }
        let most = self.height_of(style, &style.box_.max_height, &container.used, None)?;
        Some((most - container.used.vertical() - container.consumed - y).max(Px::ZERO))
    }

    /// Whether the container being laid out is balanced: one in columns multiplies what those cost.
    fn may_balance(&self) -> bool {
        let depth = self.column_depth.get();
        depth <= 1 || (depth <= BALANCED_DEPTH && self.nested_steps.get() < NESTED_STEPS)
    }

    /// The row of the least height in which everything has room, between `least` and that of `most`
    /// (§7.1); none where even that is not enough.
    fn balanced(
        &self,
        container: &Container,
        columns: Columns,
        part: Part<'_>,
        most: Filling,
        least: Px,
    ) -> Step<Option<Row>> {
        let attempt = |height: Px| {
            let filling = Filling {
                height,
                at_top: false,
                ends: false,
                ..most
            };
            let before = self.steps.get();
            let row = self.fill_columns(container, columns, part, filling)?;
            if self.column_depth.get() > 1 {
                let more = self.steps.get().wrapping_sub(before);
                let steps = self.nested_steps.get().saturating_add(more);
                self.nested_steps.set(steps);
            }
            Ok::<_, crate::PressError>(row.filter(|row| row.fits(height)))
        };
        if let Some(row) = attempt(least)? {
            return Ok(Some(row));
        }
        let Some(mut best) = attempt(most.height)? else {
            return Ok(None);
        };
        let (mut low, mut high) = (least, best.used);
        for _ in 0..TRIES {
            if high - low < Px(0.25) {
                break;
            }
            let middle = (low + high) / 2.0;
            match attempt(middle)? {
                Some(row) => {
                    high = row.used.min(middle);
                    best = row;
                }
                None => low = middle,
            }
        }
        Ok(Some(best))
    }

    /// Fills columns of a height one after the other; none where nothing fits in the first.
    fn fill_columns(
        &self,
        container: &Container,
        columns: Columns,
        part: Part<'_>,
        filling: Filling,
    ) -> Step<Option<Row>> {
        let mut row = Row {
            columns: Vec::new(),
            used: Px::ZERO,
            whole: Px::ZERO,
            resume: None,
            forced: None,
        };
        let mut at = part.resume.cloned();
        let mut break_above = if part.goes_on {
            container.space.break_above
        } else {
            BreakAbove::None
        };
        let mut stuck = false;
        let mut carried = Vec::new();
        while row.columns.len() < filling.most {
            self.step()?;
            let rest = filling.ends && (stuck || row.columns.len() + 1 == MOST);
            let left = if rest { Px::INFINITY } else { filling.height };
            let column = Container {
                id: container.id,
                begun: None,
                used: Used::default(),
                space: Space {
                    width: columns.width,
                    left,
                    page: filling.page,
                    at_top: filling.at_top,
                    break_above,
                    in_column: true,
                    aside: filling.aside,
                    ..container.space
                },
                consumed: Px::ZERO,
                top: Px::ZERO,
                width: columns.width,
                origin: Point::default(),
                open_top: false,
                set_height: None,
                ratio_height: None,
                clones: false,
                overflow: Beyond::Inside,
            };
            let size = Size::new(columns.width, filling.height);
            let mut fragment = Fragment::new(Kind::Group, size);
            let mut floats = Floats::of_flow();
            let into = &mut fragment;
            let ending = match &self.tree.get(container.id).content {
                Content::Inline(inline) => {
                    self.inline_content(&column, inline, at.as_ref(), &mut floats, into)?
                }
                Content::Blocks(children) => {
                    let children = children.get(..part.end).unwrap_or(children);
                    self.flow(&column, children, at.as_ref(), &mut floats, into)?
                }
                _ => None,
            };
            let Some(ending) = ending else {
                if row.columns.is_empty() {
                    return Ok(None);
                }
                if filling.ends && !rest {
                    stuck = true;
                    continue;
                }
                row.resume = at;
                return Ok(Some(row));
            };
            let mut height = ending.height;
            if ending.resume.is_none() {
                // A margin at the end has what room is left (CSS Fragmentation 3 §5.2).
                let whole = height + ending.end.solve();
                height = whole.min(left.max(height));
            }
            let floated = floats.bottom(true, true).unwrap_or_default();
            let stuck_out = overflow_end(&fragment, ending.resume.as_ref(), left);
            let height = height.max(floated).max(stuck_out).max(Px::ZERO);
            row.used = row.used.max(height);
            // What a break leaves empty is no content.
            row.whole += match ending.resume {
                Some(_) => content_end(&fragment).min(height),
                None => height,
            };
            if filling.aside {
                self.carry_aside(&mut fragment, &mut carried, filling.height)?;
            }
            row.columns.push(fragment);
            row.resume = ending.resume;
            let Some(next) = &row.resume else {
                self.columns_of_rests(&mut row, carried, columns, filling)?;
                return Ok(Some(row));
            };
            // Without pages, a break to the next one is a break to the next column.
            let column_break = ending
                .forced
                .as_ref()
                .is_some_and(|forced| forced.side == Break::Column || !container.space.breaks());
            if ending.forced.is_some() && !column_break {
                row.forced = ending.forced;
                return Ok(Some(row));
            }
            if !column_break && at.as_ref().is_some_and(|before| next.same_place(before)) {
                if !filling.ends || rest {
                    return Ok(Some(row));
                }
                stuck = true;
            }
            break_above = if column_break {
                BreakAbove::Forced
            } else {
                BreakAbove::Unforced
            };
            at = row.resume.clone();
        }
        Ok(Some(row))
    }

    /// Goes on in a column with the absolutely positioned boxes that the one before it cut, and takes those
    /// that this one cuts.
    fn carry_aside(
        &self,
        column: &mut Fragment,
        carried: &mut Vec<(Px, Rest)>,
        height: Px,
    ) -> Step<()> {
        for (x, rest) in std::mem::take(carried) {
            let (down, mut piece, next) = self.next_piece(&rest, height)?;
            piece.has.layers = true;
            column.push(Point::new(x, down), Rc::new(piece), 0);
            carried.extend(next.map(|rest| (x, rest)));
        }
        if column.has.rests {
            let cut = self.rests(column).into_iter();
            carried.extend(cut.map(|(at, rest)| (at.x, rest)));
            // They are this row's business, not the page's.
            column.has.rests = false;
        }
        Ok(())
    }

    /// Columns after the last with content, for absolutely positioned boxes that go on.
    fn columns_of_rests(
        &self,
        row: &mut Row,
        mut carried: Vec<(Px, Rest)>,
        columns: Columns,
        filling: Filling,
    ) -> Step<()> {
        while !carried.is_empty() && row.columns.len() < filling.most {
            self.step()?;
            let size = Size::new(columns.width, filling.height);
            let mut column = Fragment::new(Kind::Group, size);
            self.carry_aside(&mut column, &mut carried, filling.height)?;
            row.columns.push(column);
        }
        Ok(())
    }

    /// Puts a row into its container, with the lines between its columns (§5.2).
    fn place_column_row(
        &self,
        container: &Container,
        row: Row,
        end: usize,
        y: &mut Px,
        fragment: &mut Fragment,
    ) {
        let style = self.tree.style(container.id);
        let columns = Columns::of(style, container.width);
        let rtl = style.text.rtl;
        let top = container.top + *y;
        let cut = row.resume.is_some();
        let height = if cut && container.space.breaks() {
            row.used.max(container.space.left - *y)
        } else {
            row.used
        };
        let rule = style.columns.rule;
        let ruled = rule.width > Px::ZERO
            && !matches!(rule.style, LineStyle::None | LineStyle::Hidden)
            && style.text.visibility == Visibility::Visible;
        if ruled && row.columns.len() > 1 {
            let lines = (1..row.columns.len()).map(|index| {
                let after = columns.left(index, container.width, rtl);
                let gap = if rtl {
                    after + columns.width
                } else {
                    after - columns.gap
                };
                BorderLine {
                    at: Point::new(gap + (columns.gap - rule.width) / 2.0, Px::ZERO),
                    size: Size::new(rule.width, height),
                    side: rule,
                    vertical: true,
                }
            });
            let lines = Fragment::new(Kind::Borders(lines.collect()), Size::default());
            let at = Point::new(container.used.left(), top);
            fragment.push(at, Rc::new(lines), end.saturating_sub(1));
        }
        for (index, mut column) in row.columns.into_iter().enumerate() {
            column.size.height = height;
            let left = columns.left(index, container.width, rtl);
            let first = column.first_baseline.map(|baseline| baseline + top);
            let last = column.last_baseline.map(|baseline| baseline + top);
            fragment.first_baseline = fragment.first_baseline.or(first);
            fragment.last_baseline = last.or(fragment.last_baseline);
            let at = Point::new(container.used.left() + left, top);
            fragment.push(at, Rc::new(column), end.saturating_sub(1));
        }
        *y += if cut { row.used } else { height };
    }

    /// Min-content and max-content widths of a container whose content has `(min, max)` in one column.
    pub(super) fn intrinsic_columns(
        &self,
        style: &ComputedStyle,
        (min, max): (Px, Px),
    ) -> (Px, Px) {
        let gap = style.box_.flex.gap.1;
        let gap = gap.map_or(style.font.size, |gap| gap.to_length().unwrap_or_default());
        let count = style.columns.count.unwrap_or(1).clamp(1, MOST as u32) as f32;
        let gaps = gap.max(Px::ZERO) * (count - 1.0);
        match style.columns.width {
            Some(width) => (min.min(width.max(Px::ZERO)), width.max(min) * count + gaps),
            None => (min * count + gaps, max * count + gaps),
        }
    }
}

/// How far down the content goes of a piece of a box, which may itself go on to the end of its column.
fn content_end(piece: &Fragment) -> Px {
    let end = |child: &Child| {
        let inside = &child.fragment;
        let goes_on = inside.as_box().is_some_and(|box_| !box_.last);
        child.offset.y
            + if goes_on {
                content_end(inside)
            } else {
                inside.size.height
            }
    };
    piece.children.iter().map(end).fold(Px::ZERO, Px::max)
}

/// A break in a container with columns; none where nothing is `placed` in it.
fn stopped(
    height: Px,
    resume: Resume,
    forced: Option<super::Forced>,
    placed: bool,
) -> Option<Ending> {
    placed.then_some(Ending {
        height,
        end: MarginSet::default(),
        resume: Some(resume),
        forced,
    })
}

fn blocks(container: &Container, child: usize, inner: Option<Resume>) -> Resume {
    Resume::Blocks {
        child,
        inner: inner.map(Box::new),
        consumed: container.consumed,
        floats: Vec::new(),
    }
}

/// The same place in a container of which so much is on earlier pages.
fn consumed(resume: Resume, by: Px) -> Resume {
    match resume {
        Resume::Blocks {
            child,
            inner,
            floats,
            ..
        } => Resume::Blocks {
            child,
            inner,
            consumed: by,
            floats,
        },
        Resume::Lines {
            offset,
            begun,
            floats,
            ..
        } => Resume::Lines {
            offset,
            begun,
            consumed: by,
            floats,
        },
        other => other,
    }
}
