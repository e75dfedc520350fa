//! Grid containers (CSS Grid 2): items placed in tracks, broken over pages between rows, or inside the
//! items of rows that are taller than a page.

mod lines;
mod place;
mod split;
mod subgrid;
mod tracks;

use tracks::Contribution;

pub(super) use subgrid::Subgrid;

use super::flex::{FlexResume, first_baseline, gap};
use super::positioned::{Against, Pending, take_placeholder};
use super::{Forced, Layout, Resume, Space, Step, TOLERANCE, Used};
use crate::boxes::{BoxId, Content, contains_absolutes};
use crate::fragment::Fragment;
use fanfold_geometry::{Point, Px, Rect, Size};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{Alignment, Break};
use fanfold_style::values::Sizing;
use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

/// A grid with its tracks sized, once for all of its pages.
#[derive(Debug)]
pub(super) struct Gridded {
    items: Vec<Item>,
    /// Absolutely positioned children with grid areas for containing blocks (CSS Grid 2 §9).
    absolutes: Vec<(BoxId, AreaEdges)>,
    /// Indices of items by the row they start in, and by the row line they end at; then in order.
    starting: Vec<usize>,
    ending: Vec<usize>,
    rows: Rc<[Stretch]>,
    /// Lines between rows that no item crosses, with the first and the last.
    breaks: Vec<usize>,
    /// What the items ask of the rows, those of subgrids too.
    asked: Vec<Contribution>,
}

impl Gridded {
    fn new(
        items: Vec<Item>,
        absolutes: Vec<(BoxId, AreaEdges)>,
        rows: Rc<[Stretch]>,
        breaks: Vec<usize>,
        asked: Vec<Contribution>,
    ) -> Self {
        // The sort is stable.
        let sorted = |key: &dyn Fn(&Item) -> usize| {
            let mut indices: Vec<usize> = (0..items.len()).collect();
            indices.sort_by_key(|index| key(&items[*index]));
            indices
        };
        Self {
            starting: sorted(&|item| item.rows.start),
            ending: sorted(&|item| item.rows.end),
            items,
            absolutes,
            rows,
            breaks,
            asked,
        }
    }

    /// The indices of the items that start in these rows, in order.
    fn starting_in(&self, rows: &Range<usize>) -> Vec<usize> {
        let start = |index: &usize| self.items[*index].rows.start;
        let from = self
            .starting
            .partition_point(|index| start(index) < rows.start);
        let until = self
            .starting
            .partition_point(|index| start(index) < rows.end);
        let mut indices = self.starting[from..until.max(from)].to_vec();
        indices.sort_unstable();
        indices
    }

    /// The items that end at a row line, and those that start there.
    fn beside(&self, line: usize) -> (Vec<BoxId>, Vec<BoxId>) {
        let end = |index: &usize| self.items[*index].rows.end;
        let from = self.ending.partition_point(|index| end(index) < line);
        let until = self.ending.partition_point(|index| end(index) <= line);
        let id = |index: &usize| self.items[*index].id;
        let starting = self.starting_in(&(line..line + 1));
        (
            self.ending[from..until].iter().map(id).collect(),
            starting.iter().map(id).collect(),
        )
    }
}

/// The edges of an area in the container's content box; none are those of its padding box.
#[derive(Clone, Copy, Debug)]
struct AreaEdges {
    top: Option<Px>,
    right: Option<Px>,
    bottom: Option<Px>,
    left: Option<Px>,
}

/// Where a track is.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    start: Px,
    size: Px,
}

impl Stretch {
    fn end(self) -> Px {
        self.start + self.size
    }
}

/// An item in its area.
#[derive(Debug)]
struct Item {
    index: usize,
    id: BoxId,
    used: Used,
    rows: Range<usize>,
    /// Border-box left edge and width, in the content box.
    x: Px,
    width: Px,
    /// Width of the area, which percentages are of.
    area: Px,
    /// What it has of the grid, where it is a subgrid.
    subgrid: Option<Subgrid>,
    /// A break inside it is forced.
    forces: bool,
    /// The item laid out whole, until it is placed.
    laid: RefCell<Option<Fragment>>,
}

/// Where a grid goes on.
#[derive(Clone, Debug)]
pub(super) struct GridRest {
    gridded: Rc<Gridded>,
    /// The row was begun: what is left of its items, none for one that did not begin.
    rests: Option<Vec<(usize, Option<Resume>)>>,
    /// How much of the begun rows is on earlier pages.
    shown: Px,
}

impl GridRest {
    /// Whether both are the same place.
    pub(super) fn same_place(&self, other: &Self) -> bool {
        match (&self.rests, &other.rests) {
            (None, None) => true,
            (Some(one), Some(two)) => {
                // Items that did not begin come nearer by the height of a page each.
                self.shown <= other.shown
                    && one.len() == two.len()
                    && one.iter().zip(two).all(|((one, rest), (two, before))| {
                        one == two && super::same_option(rest.as_ref(), before.as_ref())
                    })
            }
            _ => false,
        }
    }
}

/// Rows on one page.
pub(super) struct GridPage {
    /// Content height.
    pub(super) height: Px,
    pub(super) next: Option<FlexResume>,
    pub(super) forced: Option<Forced>,
    gridded: Rc<Gridded>,
}

impl Layout<'_> {
    /// Places the absolutely positioned children of the grid container `id` whose containing blocks are
    /// areas of it that begin on this page (§9): the piece from one resume point up to the other is in
    /// `fragment`, its content from `corner` on.
    pub(super) fn grid_absolutes(
        &self,
        id: BoxId,
        page: &GridPage,
        (resume, next): (Option<&FlexResume>, Option<&FlexResume>),
        corner: Point,
        space: Space,
        fragment: &mut Fragment,
    ) -> Step<()> {
        let gridded = &page.gridded;
        if gridded.absolutes.is_empty() || !contains_absolutes(self.tree.style(id)) {
            return Ok(());
        }
        let shown = |resume: &FlexResume| {
            let row = gridded.rows.get(resume.item);
            let shown = resume.grid.as_ref().map_or(Px::ZERO, |rest| rest.shown);
            row.map_or(Px::INFINITY, |row| row.start + shown)
        };
        let from = resume.map_or(Px::ZERO, shown);
        let until = next.map_or(Px::INFINITY, shown);
        let border = fragment.as_box().map(|box_| box_.border);
        let Size { width, height } = fragment.size;
        let whole = Rect::new(Px::ZERO, Px::ZERO, width, height).inset(border.unwrap_or_default());
        for (child, edges) in &gridded.absolutes {
            // One without a row is placed against all of the grid, from where it is in the flow.
            let starts = edges.top.unwrap_or_default();
            let begun = resume.is_some() && starts < from - TOLERANCE;
            let later = next.is_some() && (edges.top.is_none() || starts >= until - TOLERANCE);
            let known = take_placeholder(fragment, *child);
            if begun || later || (known.is_none() && edges.top.is_none()) {
                if let Some(pending) = known.filter(|_| edges.top.is_none()) {
                    let at = pending.at;
                    self.placeholder(*child, id, fragment, at, pending.index as usize);
                }
                continue;
            }
            let mut pending = known.unwrap_or(Pending {
                id: *child,
                at: corner,
                point: self.static_point(self.tree.style(id), *child, true),
                index: 0,
            });
            let y = corner.y - from;
            let left = edges.left.map_or(whole.x, |left| corner.x + left);
            let top = edges.top.map_or(whole.y, |top| y + top);
            let right = edges.right.map_or(whole.right(), |right| corner.x + right);
            let bottom = edges.bottom.map_or(whole.bottom(), |bottom| y + bottom);
            let size = |start: Px, end: Px| (end - start).max(Px::ZERO);
            let against = Against {
                area: Rect::new(left, top, size(left, right), size(top, bottom)),
                page_end: space.left,
                page: space.page,
                rtl: self.tree.style(id).text.rtl,
                aside: space.aside,
                least: -Px::INFINITY,
                cut: Px::ZERO,
            };
            // As browsers do, one without insets is aligned in its area, up to the padding's edges where it has no lines.
            if edges.left.is_some() || edges.right.is_some() {
                pending.at.x = left + size(left, right) * pending.point.x;
            }
            if edges.top.is_some() || edges.bottom.is_some() {
                pending.at.y = top + size(top, bottom) * pending.point.y;
            }
            self.place_absolute(&pending, fragment, &against)?;
        }
        Ok(())
    }

    /// Rows of a grid from a resume point on; none where nothing fits.
    #[expect(
        clippy::too_many_arguments,
        reason = "container, room, resume point and result"
    )]
    pub(super) fn grid_rows(
        &self,
        id: BoxId,
        items: &[BoxId],
        space: Space,
        least: Option<Px>,
        resume: Option<&FlexResume>,
        corner: Point,
        fragment: &mut Fragment,
    ) -> Step<Option<GridPage>> {
        let style = self.tree.style(id);
        let rest = resume.and_then(|resume| resume.grid.as_ref());
        let gridded = match rest {
            Some(rest) => Rc::clone(&rest.gridded),
            None => Rc::new(self.gridded(id, items, space, least)?),
        };
        let first = resume.map_or(0, |resume| resume.item);
        let next = |row, rests, shown| {
            Some(FlexResume::of_grid(
                row,
                GridRest {
                    gridded: Rc::clone(&gridded),
                    rests,
                    shown,
                },
            ))
        };
        let mut begun = rest.and_then(|rest| Some((rest.rests.as_ref()?, rest.shown)));
        // What aligns the rows is above them, where the page has room for it.
        let mut y = match (resume, &*gridded.rows) {
            (None, [row, ..]) if row.start > Px::ZERO && !space.overflows(row.end()) => row.start,
            _ => Px::ZERO,
        };
        // What the page has above each row that begins a group of them.
        let mut before: Vec<(usize, usize)> = Vec::new();
        let from = gridded.breaks.partition_point(|line| *line < first);
        let groups = gridded.breaks[from..].windows(2);
        for group in groups.map(|pair| pair[0]..pair[1]) {
            self.step()?;
            let (start, end) = (
                gridded.rows[group.start].start,
                gridded.rows[group.end - 1].end(),
            );
            if group.start > first {
                y += start - gridded.rows[group.start - 1].end();
                if let Some(side) = self.forced_row(&gridded, group.start, space.in_column)
                    && self.takes_forced(space)
                {
                    return Ok(Some(GridPage {
                        gridded: Rc::clone(&gridded),
                        height: y,
                        next: next(group.start, None, Px::ZERO),
                        forced: Some(Forced { side }),
                    }));
                }
            }
            before.push((group.start, fragment.children.len()));
            let split = begun.take();
            let at = corner + Point::new(Px::ZERO, y);
            let left = Space {
                left: space.left - y,
                ..space
            };
            let mut starting = gridded.starting_in(&group).into_iter();
            let forces = starting.any(|index| gridded.items[index].forces);
            let forces = forces && self.takes_forced(space);
            let fits = split.is_none() && !forces && !space.overflows(y + end - start);
            if fits && !self.items_stick_out(&gridded, &group, left)? {
                self.grid_group(style, &gridded, &group, at, left, fragment)?;
                y += end - start;
                continue;
            }
            if split.is_none() && group.start > first && left.left < Px(1.0) {
                return Ok(Some(GridPage {
                    gridded: Rc::clone(&gridded),
                    height: y,
                    next: next(group.start, None, Px::ZERO),
                    forced: None,
                }));
            }
            // A break inside the items of a row is as good as one above it (CSS Fragmentation 3 §3).
            let at_top = group.start == first && (space.at_top || split.is_some());
            let placed =
                self.grid_split(style, &gridded, &group, split, at, left, at_top, fragment)?;
            let Some(piece) = placed else {
                let mut above = before.iter().rev().map(|(line, _)| *line);
                let allowed = |line: &usize| {
                    let (above, below) = gridded.beside(*line);
                    *line > first && !self.avoids_between_lines(&above, &below)
                };
                // Nothing allowed: elsewhere if anything is above, otherwise here after all.
                let here = (space.at_top && group.start > first).then_some(group.start);
                let Some(line) = above.find(allowed).or(here) else {
                    return Ok(None);
                };
                if let Some((_, placed)) = before.iter().find(|(start, _)| *start == line) {
                    fragment.children.truncate(*placed);
                }
                return Ok(Some(GridPage {
                    gridded: Rc::clone(&gridded),
                    height: y,
                    next: next(line, None, Px::ZERO),
                    forced: None,
                }));
            };
            let shown = split.map_or(Px::ZERO, |(_, shown)| shown);
            let rest = end - start - shown + piece.grown;
            // The rows go on where nothing in them does.
            if !piece.rests.is_empty() || (space.breaks() && rest > left.left + TOLERANCE) {
                return Ok(Some(GridPage {
                    gridded: Rc::clone(&gridded),
                    height: space.left,
                    next: next(group.start, Some(piece.rests), piece.shown),
                    forced: piece.forced,
                }));
            }
            y += if fits {
                end - start
            } else {
                piece.bottom.max(rest.min(left.left))
            };
        }
        Ok(Some(GridPage {
            gridded: Rc::clone(&gridded),
            height: y,
            next: None,
            forced: None,
        }))
    }

    /// Whether what is in rows that the page has room for is higher than they are, and than the page.
    fn items_stick_out(&self, gridded: &Gridded, group: &Range<usize>, space: Space) -> Step<bool> {
        if !space.breaks() {
            return Ok(false);
        }
        let start = gridded.rows[group.start].start;
        for index in gridded.starting_in(group) {
            let item = &gridded.items[index];
            let top = gridded.rows[item.rows.start].start - start + item.used.margin_top();
            let end = gridded.rows[item.rows.end - 1].end() - start;
            let laid = item.laid.borrow_mut().take();
            let laid = match laid {
                Some(laid) => laid,
                None => {
                    self.recall_subgrid(item);
                    let laid = self.layout_item(item.id, item.width, item.area, None)?;
                    self.forget_subgrids([item.id]);
                    laid
                }
            };
            let bottom = top + laid.reach();
            *item.laid.borrow_mut() = Some(laid);
            if bottom > end + TOLERANCE && bottom > self.sheet_end(space) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The break that items at the row line `line` ask for.
    fn forced_row(&self, gridded: &Gridded, line: usize, in_column: bool) -> Option<Break> {
        let (above, below) = gridded.beside(line);
        self.forced_between_lines(&above, &below, in_column)
    }

    /// Places the items that begin in rows which fit.
    fn grid_group(
        &self,
        style: &ComputedStyle,
        gridded: &Gridded,
        group: &Range<usize>,
        corner: Point,
        space: Space,
        fragment: &mut Fragment,
    ) -> Step<()> {
        let start = gridded.rows[group.start].start;
        for index in gridded.starting_in(group) {
            let item = &gridded.items[index];
            let (top, bottom) = (
                gridded.rows[item.rows.start].start,
                gridded.rows[item.rows.end - 1].end(),
            );
            let laid = item.laid.borrow_mut().take();
            self.recall_subgrid(item);
            let own = self.tree.style(item.id);
            // Percentages are of the area, now that it is known (§6.2).
            let height = self.minds_height(item.id).then_some(bottom - top);
            let mut laid = match laid.filter(|_| height.is_none()) {
                Some(laid) => laid,
                None => self.layout_item(item.id, item.width, item.area, height)?,
            };
            let outer = laid.size.height + item.used.margin_top() + item.used.margin_bottom();
            let free = bottom - top - outer;
            let alignment = self.alignment(style, item.id);
            let y = match (item.used.margin.top, item.used.margin.bottom) {
                (None, None) => free.max(Px::ZERO) / 2.0,
                (None, Some(_)) => free.max(Px::ZERO),
                (Some(margin), None) => margin,
                (Some(margin), Some(_)) => match alignment {
                    Alignment::Normal | Alignment::Stretch => {
                        if self.fills_area(item.id, alignment) {
                            let height = self.constrained_height(
                                own,
                                &item.used,
                                Some(bottom - top),
                                laid.size.height + free,
                            );
                            let height = height.max(Px::ZERO);
                            let end = self.sheet_end(space) - (top - start) - margin;
                            self.reheighten(item.id, &mut laid, item.area, (height, end))?;
                        }
                        margin
                    }
                    Alignment::End => free + margin,
                    Alignment::Center => free / 2.0 + margin,
                    _ => margin,
                },
            };
            self.forget_subgrids([item.id]);
            let reach = laid.reach();
            let y = if top - start + y + reach > self.sheet_end(space) {
                // Below the sheet it would be lost.
                y.min((space.left - (top - start) - reach).max(item.used.margin_top()))
            } else {
                y
            };
            let at = corner + Point::new(item.x, top - start + y);
            self.grid_item(item, laid, at, space, fragment);
        }
        Ok(())
    }

    /// Whether an item is stretched to the height of its area (CSS Grid 2 §6.2).
    fn fills_area(&self, id: BoxId, alignment: Alignment) -> bool {
        let box_ = &self.tree.style(id).box_;
        let stretches = match alignment {
            Alignment::Stretch => true,
            // Its ratio says how high it is.
            Alignment::Normal => self.preferred_ratio(id).is_none(),
            _ => false,
        };
        stretches
            && box_.height == Sizing::Auto
            && !matches!(self.tree.get(id).content, Content::Replaced(_))
    }

    fn grid_item(
        &self,
        item: &Item,
        laid: Fragment,
        at: Point,
        space: Space,
        fragment: &mut Fragment,
    ) {
        fragment.first_baseline = fragment
            .first_baseline
            .or(Some(first_baseline(&laid) + at.y));
        fragment.last_baseline = laid
            .last_baseline
            .map(|own| own + at.y)
            .or(fragment.last_baseline);
        let own = self.tree.style(item.id);
        let by = self.relative_offset(own, item.area, space.height);
        fragment.push(at + by, Rc::new(laid), item.index);
    }
}
