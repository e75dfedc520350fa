//! Tables: rows over pages, with header and footer repeated (CSS 2.2 §17, CSS Tables 3 §6).

mod page;

use self::page::{Page, plain_box};
use super::borders::{RowPlace, border_lines};
use super::columns::Columns;
use super::{Floats, Forced, Laid, Layout, Outcome, Resume, Space, Step, Used, used_edges};
use crate::boxes::{BoxId, Cell, Content, GroupKind, TableBox};
use crate::fragment::{BoxFragment, Fragment, Kind};
use fanfold_geometry::{Point, Px, Size};
use fanfold_style::computed::{Break, VerticalAlign};
use std::ops::Range;
use std::rc::Rc;

/// What a table keeps between its pages.
#[derive(Debug, Default)]
pub(crate) struct TableCache {
    /// Columns at a width.
    pub(super) columns: Option<(Px, Rc<Columns>)>,
    /// Header and footer at a width.
    repeated: [Option<(Px, Rc<Repeated>)>; 2],
}

/// A header or footer, the same on every page.
#[derive(Debug)]
struct Repeated {
    fragment: Rc<Fragment>,
    height: Px,
    /// Rows with their places in the group.
    rows: Vec<RowPlace>,
}

/// Where a table goes on.
#[derive(Clone, Debug)]
pub(crate) struct TableResume {
    /// The first row of the next page.
    row: usize,
    /// That row was begun: where each of its cells goes on, none where it is complete.
    split: Option<Vec<Option<Resume>>>,
    /// Cells from earlier rows that reach into it: (row, cell, where it goes on).
    spanning: Vec<(usize, usize, Option<Resume>)>,
}

impl TableResume {
    /// Whether both are the same place.
    pub(super) fn same_place(&self, other: &Self) -> bool {
        let cells = |one: &[Option<Resume>], other: &[Option<Resume>]| {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| super::same_option(one.as_ref(), other.as_ref()))
        };
        let split = match (&self.split, &other.split) {
            (None, None) => true,
            (Some(one), Some(other)) => cells(one, other),
            _ => false,
        };
        let rest = |resume: &Self| {
            resume
                .spanning
                .iter()
                .map(|(.., rest)| rest.clone())
                .collect::<Vec<_>>()
        };
        self.row == other.row && split && cells(&rest(self), &rest(other))
    }
}

/// Rows laid out together.
struct Cluster {
    rows: Range<usize>,
    heights: Vec<Px>,
    cells: Vec<Vec<LaidCell>>,
    height: Px,
}

struct LaidCell {
    cell: Cell,
    index: usize,
    fragment: Fragment,
    x: Px,
    resume: Option<Resume>,
}

impl Layout<'_> {
    /// A table's fragment, captions included.
    pub(super) fn table(
        &self,
        id: BoxId,
        width: Px,
        space: Space,
        resume: Option<&Resume>,
    ) -> Step<Outcome> {
        let Content::Table(table) = &self.tree.get(id).content else {
            return Ok(Outcome::Before);
        };
        let resume = match resume {
            Some(Resume::Table(resume)) => Some(&**resume),
            _ => None,
        };
        let mut above = Vec::new();
        let mut below = Vec::new();
        let (mut top, mut bottom) = (Px::ZERO, Px::ZERO);
        for caption in &table.captions {
            let style = self.tree.style(*caption);
            let used = used_edges(style, width);
            let inner = (width - used.margin_horizontal()).max(used.horizontal());
            let laid = self.layout_whole(*caption, inner, None)?.fragment;
            let height = laid.size.height + used.margin_top() + used.margin_bottom();
            let x = used.margin.left.unwrap_or_default();
            if style.text.caption_bottom {
                below.push((Point::new(x, bottom + used.margin_top()), laid));
                bottom += height;
            } else if resume.is_none() {
                above.push((Point::new(x, top + used.margin_top()), laid));
                top += height;
            }
        }
        let inner = Space {
            left: space.left - top - bottom,
            ..space
        };
        let outcome = self.grid(id, table, width, inner, resume)?;
        let Outcome::Laid(mut laid) = outcome else {
            return Ok(Outcome::Before);
        };
        if table.captions.is_empty() {
            return Ok(Outcome::Laid(laid));
        }
        let height = laid.fragment.size.height;
        let done = laid.resume.is_none();
        let mut outer = Fragment::new(Kind::Group, Size::new(width, top + height));
        outer.first_baseline = laid.fragment.first_baseline.map(|baseline| baseline + top);
        outer.last_baseline = outer.first_baseline;
        for (at, caption) in above {
            outer.push(at, Rc::new(caption), 0);
        }
        outer.push(Point::new(Px::ZERO, top), Rc::new(laid.fragment), 1);
        if done {
            for (at, caption) in below {
                outer.push(at + Point::new(Px::ZERO, top + height), Rc::new(caption), 2);
            }
            outer.size.height += bottom;
        }
        laid.fragment = outer;
        Ok(Outcome::Laid(laid))
    }

    /// The table without captions.
    fn grid(
        &self,
        id: BoxId,
        table: &TableBox,
        width: Px,
        space: Space,
        resume: Option<&TableResume>,
    ) -> Step<Outcome> {
        let style = self.tree.style(id);
        let used = used_edges(style, space.width);
        let columns = self.columns(id, table, width);
        let collapsed = style.text.collapse;
        let gap = if collapsed || table.rows.is_empty() {
            Px::ZERO
        } else {
            style.text.spacing.1
        };
        let first = resume.is_none();
        let top = if first || collapsed {
            used.top()
        } else {
            Px::ZERO
        };
        let bottom_edge = used.bottom() + gap;
        let header = self.repeated(id, table, &columns, GroupKind::Header)?;
        let footer = self.repeated(id, table, &columns, GroupKind::Footer)?;
        let extent = |group: &Option<Rc<Repeated>>| {
            group.as_ref().map_or(Px::ZERO, |group| group.height + gap)
        };
        let repeats = extent(&header) + extent(&footer) <= space.page * 0.5;
        let mut page = Page {
            table,
            columns,
            grid: grid_fragment(id, &used, width, first),
            group: None,
            y: top + gap,
            places: Vec::new(),
            gap,
        };
        if let Some(header) = header.as_ref().filter(|_| first || repeats) {
            page.repeat(header, table.repeated(GroupKind::Header));
        }
        let reserved = if repeats { extent(&footer) } else { Px::ZERO };
        let bodies = body_rows(table);
        let start = resume.map_or(bodies.start, |resume| resume.row);
        let limit = space.left - reserved - bottom_edge;
        let fresh = space.page - extent(&header) - reserved - bottom_edge - gap;
        let ended = self.rows(&mut page, resume, start..bodies.end, limit, fresh, space)?;
        let next = match ended {
            RowsEnd::Done => None,
            RowsEnd::Break(resume, forced) => Some((resume, forced)),
            RowsEnd::Before => return Ok(Outcome::Before),
        };
        if next.is_some() && style.breaks.avoid_inside && !space.at_top {
            return Ok(Outcome::Before);
        }
        page.close_group();
        if next.is_none()
            && let Some(footer) = &footer
        {
            // A footer that never had room is drawn at least here.
            if space.overflows(page.y + extent(&Some(footer.clone())) + used.bottom())
                && !space.at_top
                && page.places.is_empty()
            {
                return Ok(Outcome::Before);
            }
        }
        if let Some(footer) = footer.as_ref().filter(|_| next.is_none() || repeats) {
            page.repeat(footer, table.repeated(GroupKind::Footer));
        }
        let mut grid = page.grid;
        if let Some(lines) = table
            .edges
            .as_ref()
            .and_then(|edges| border_lines(edges, &page.columns, &page.places))
        {
            grid.push(Point::default(), Rc::new(lines), usize::MAX);
        }
        let end = if next.is_some() && !collapsed {
            Px::ZERO
        } else {
            used.bottom()
        };
        let mut height = page.y + end;
        if next.is_none() && first {
            let wanted = self.height_of(style, &style.box_.height, &used, space.height);
            let wanted = wanted.unwrap_or_default();
            height = self
                .constrained_height(style, &used, space.height, height.max(wanted))
                .max(height);
        }
        if let Kind::Box(box_) = &mut grid.kind {
            box_.last = next.is_none();
        }
        grid.size.height = height;
        let margins = super::MarginSet::of(used.margin_bottom());
        Ok(Outcome::Laid(match next {
            None => Laid {
                end: margins,
                ..Laid::whole(grid)
            },
            Some((resume, forced)) => Laid {
                resume: Some(Resume::Table(Box::new(resume))),
                forced,
                ..Laid::whole(grid)
            },
        }))
    }

    /// Body rows from `rows.start` on, as many as end above `limit`.
    fn rows(
        &self,
        page: &mut Page<'_>,
        resume: Option<&TableResume>,
        rows: Range<usize>,
        limit: Px,
        fresh: Px,
        space: Space,
    ) -> Step<RowsEnd> {
        let mut next = rows.start;
        let mut split = resume.and_then(|resume| resume.split.as_deref());
        let mut spanning: Vec<(usize, usize, Option<Resume>)> = resume
            .map(|resume| resume.spanning.clone())
            .unwrap_or_default();
        let mut placed = false;
        while next < rows.end {
            self.step()?;
            if placed && let Some(side) = self.forced_between_rows(page.table, next) {
                let resume = TableResume {
                    row: next,
                    split: None,
                    spanning,
                };
                return Ok(RowsEnd::Break(resume, Some(Forced { side })));
            }
            let must = space.at_top && !placed;
            if split.is_none() && spanning.is_empty() {
                let together = self.together(page.table, next, rows.end, true);
                let mut cluster =
                    self.cluster(page.table, &page.columns, together, page.gap, fresh)?;
                if cluster.height > fresh {
                    // Too tall for any page: only row spans keep rows together now.
                    let linked = self.together(page.table, next, rows.end, false);
                    if linked != cluster.rows {
                        cluster =
                            self.cluster(page.table, &page.columns, linked, page.gap, fresh)?;
                    }
                }
                if page.y + cluster.height <= limit + super::TOLERANCE || !space.breaks() {
                    next = cluster.rows.end;
                    self.place_cluster(page, cluster);
                    placed = true;
                    continue;
                }
                if cluster.height <= fresh + super::TOLERANCE && !must {
                    return Ok(break_rows(placed, next, Vec::new()));
                }
            }
            // One row at a time, broken where the page ends.
            let left = limit - page.y;
            let broken =
                self.broken_row(page, next, split.take(), &mut spanning, left, must, space)?;
            match broken {
                RowOutcome::Before => return Ok(break_rows(placed, next, spanning)),
                RowOutcome::Whole => {
                    placed = true;
                    next += 1;
                    spanning.retain(|(row, cell, _)| {
                        row + page.table.rows[*row].cells[*cell].rowspan as usize > next
                    });
                }
                RowOutcome::Broken(cells) => {
                    let resume = TableResume {
                        row: next,
                        split: Some(cells),
                        spanning,
                    };
                    return Ok(RowsEnd::Break(resume, None));
                }
            }
        }
        Ok(RowsEnd::Done)
    }

    /// The rows from `first` on that must stay on one page: linked by row spans and, with `avoid`, by
    /// `break-inside`, `break-before` and `break-after: avoid`.
    fn together(&self, table: &TableBox, first: usize, end: usize, avoid: bool) -> Range<usize> {
        let mut last = first + 1;
        let mut row = first;
        while row < last && row < end {
            for cell in &table.rows[row].cells {
                last = last.max(row + cell.rowspan as usize);
            }
            if avoid {
                let group = table.groups.iter().find(|group| group.rows.contains(&row));
                if let Some(group) =
                    group.filter(|group| self.tree.style(group.id).breaks.avoid_inside)
                {
                    last = last.max(group.rows.end);
                }
                let after = self.tree.style(table.rows[row].id).breaks.after == Break::Avoid;
                let before = table
                    .rows
                    .get(row + 1)
                    .is_some_and(|row| self.tree.style(row.id).breaks.before == Break::Avoid);
                if row + 1 == last && (after || before) {
                    last += 1;
                }
            }
            row += 1;
        }
        first..last.min(end)
    }

    fn forced_between_rows(&self, table: &TableBox, next: usize) -> Option<Break> {
        let forced = |value: Break| (!matches!(value, Break::Auto | Break::Avoid)).then_some(value);
        let row = |row: usize| self.tree.style(table.rows[row].id).breaks;
        let by_rows = forced(row(next).before).or_else(|| forced(row(next - 1).after));
        by_rows.or_else(|| {
            let group = table.groups.iter().find(|group| group.rows.start == next)?;
            let before = table
                .groups
                .iter()
                .find(|other| other.rows.end == next && !other.rows.is_empty());
            forced(self.tree.style(group.id).breaks.before)
                .or_else(|| forced(self.tree.style(before?.id).breaks.after))
        })
    }

    /// Lays out rows where nothing breaks; stops once they are taller than `enough`.
    fn cluster(
        &self,
        table: &TableBox,
        columns: &Columns,
        rows: Range<usize>,
        gap: Px,
        enough: Px,
    ) -> Step<Cluster> {
        let mut heights = Vec::with_capacity(rows.len());
        let mut cells = Vec::with_capacity(rows.len());
        let mut height = Px::ZERO;
        for row in rows.clone() {
            let mut laid = Vec::new();
            for (index, cell) in table.rows[row].cells.iter().enumerate() {
                self.step()?;
                let (x, width) = columns.span(cell);
                let fragment = self.layout_whole(cell.id, width, None)?.fragment;
                laid.push(LaidCell {
                    cell: *cell,
                    index,
                    fragment,
                    x,
                    resume: None,
                });
            }
            let own = self.row_height(table.rows[row].id, &mut laid);
            heights.push(own);
            cells.push(laid);
            height += own + gap;
            if height > enough && enough.is_finite() {
                // The caller only needs to know that it is too tall, unless it is a single row.
                if rows.len() > 1 {
                    return Ok(Cluster {
                        rows,
                        heights,
                        cells,
                        height,
                    });
                }
            }
        }
        spread_spans(&mut heights, &cells, gap);
        let height = heights.iter().map(|height| *height + gap).sum();
        Ok(Cluster {
            rows,
            heights,
            cells,
            height,
        })
    }

    /// A row's height: of its cells on one baseline, and its own.
    fn row_height(&self, row: BoxId, cells: &mut [LaidCell]) -> Px {
        let style = self.tree.style(row);
        let used = Used::default();
        let mut height = self
            .height_of(style, &style.box_.height, &used, None)
            .unwrap_or_default();
        let baseline = self.row_baseline(cells);
        for laid in cells {
            let shift = self.baseline_shift(laid, baseline);
            let style = self.tree.style(laid.cell.id);
            let used = used_edges(style, Px::ZERO);
            let own = self
                .height_of(style, &style.box_.height, &used, None)
                .unwrap_or_default();
            if laid.cell.rowspan == 1 {
                height = height.max(laid.fragment.size.height + shift).max(own);
            }
        }
        height
    }

    fn row_baseline(&self, cells: &[LaidCell]) -> Px {
        let aligned = cells
            .iter()
            .filter(|laid| is_baseline(self.tree.style(laid.cell.id).box_.vertical_align));
        aligned
            .filter_map(|laid| laid.fragment.first_baseline)
            .fold(Px::ZERO, Px::max)
    }

    fn baseline_shift(&self, laid: &LaidCell, baseline: Px) -> Px {
        if !is_baseline(self.tree.style(laid.cell.id).box_.vertical_align) {
            return Px::ZERO;
        }
        laid.fragment
            .first_baseline
            .map_or(Px::ZERO, |own| (baseline - own).max(Px::ZERO))
    }

    fn place_cluster(&self, page: &mut Page<'_>, cluster: Cluster) {
        for ((row, laid), position) in cluster.rows.clone().zip(cluster.cells).zip(0..) {
            let height = cluster.heights[position];
            let tall = |span: usize| {
                let end = (position + span).min(cluster.heights.len());
                let rows = &cluster.heights[position..end];
                rows.iter().copied().sum::<Px>() + page.gap * (rows.len() - 1) as f32
            };
            let spans: Vec<Px> = laid
                .iter()
                .map(|laid| tall(laid.cell.rowspan as usize))
                .collect();
            let fragment = self.row_fragment(page, row, height, laid, &spans, true, true);
            page.push_row(row, fragment, height);
        }
    }

    /// A row's fragment with its cells stretched and aligned.
    #[expect(
        clippy::too_many_arguments,
        reason = "a row's parts and which of its edges are there"
    )]
    fn row_fragment(
        &self,
        page: &Page<'_>,
        row: usize,
        height: Px,
        cells: Vec<LaidCell>,
        spans: &[Px],
        first: bool,
        last: bool,
    ) -> Fragment {
        let id = page.table.rows[row].id;
        let (left, width) = page.extent();
        let mut fragment = Fragment::new(plain_box(id, first, last), Size::new(width, height));
        let baseline = self.row_baseline(&cells);
        for (mut laid, span) in cells.into_iter().zip(spans) {
            let free = (*span - laid.fragment.size.height).max(Px::ZERO);
            let shift = match self.tree.style(laid.cell.id).box_.vertical_align {
                _ if !(first && last) => Px::ZERO,
                VerticalAlign::Middle => free / 2.0,
                VerticalAlign::Bottom => free,
                VerticalAlign::Top => Px::ZERO,
                _ => self.baseline_shift(&laid, baseline).min(free),
            };
            if shift > Px::ZERO {
                for child in &mut laid.fragment.children {
                    child.offset.y += shift;
                }
                let moved = |baseline: Option<Px>| baseline.map(|baseline| baseline + shift);
                laid.fragment.first_baseline = moved(laid.fragment.first_baseline);
                laid.fragment.last_baseline = moved(laid.fragment.last_baseline);
            }
            laid.fragment.size.height = *span;
            let style = self.tree.style(laid.cell.id);
            let empty =
                style.text.hide_empty_cells && !style.text.collapse && is_empty(self, laid.cell.id);
            if let Kind::Box(box_) = &mut laid.fragment.kind {
                box_.bare = empty;
            }
            let by = self.relative_offset(style, width, None);
            let at = Point::new(laid.x - left, Px::ZERO) + by;
            fragment.first_baseline = fragment.first_baseline.or(laid.fragment.first_baseline);
            fragment.push(at, Rc::new(laid.fragment), laid.index);
        }
        fragment.last_baseline = fragment.first_baseline;
        fragment
    }

    /// One row in what is left of the page, its cells broken where they must.
    #[expect(
        clippy::too_many_arguments,
        reason = "a row goes on from the page before with all of these"
    )]
    fn broken_row(
        &self,
        page: &mut Page<'_>,
        row: usize,
        split: Option<&[Option<Resume>]>,
        spanning: &mut Vec<(usize, usize, Option<Resume>)>,
        left: Px,
        must: bool,
        space: Space,
    ) -> Step<RowOutcome> {
        if left <= Px::ZERO && !must {
            return Ok(RowOutcome::Before);
        }
        let mut laid = Vec::new();
        let mut unfinished = false;
        let mut rests = Vec::new();
        for (index, cell) in page.table.rows[row].cells.iter().enumerate() {
            let (x, width) = page.columns.span(cell);
            let from = split.map(|split| split.get(index).cloned().flatten());
            let own = Space {
                width,
                height: None,
                left,
                at_top: must,
                ..space
            };
            let done_before = matches!(from, Some(None));
            if done_before {
                let fragment = self.empty_cell(cell.id, width);
                laid.push(LaidCell {
                    cell: *cell,
                    index,
                    fragment,
                    x,
                    resume: None,
                });
                rests.push(None);
                continue;
            }
            let from = from.flatten();
            let outcome = self.layout(
                cell.id,
                width,
                own,
                from.as_ref(),
                &mut Floats::default(),
                Point::default(),
            )?;
            let Outcome::Laid(inner) = outcome else {
                return Ok(RowOutcome::Before);
            };
            if cell.rowspan > 1 {
                spanning.push((row, index, inner.resume.clone()));
            } else {
                unfinished |= inner.resume.is_some();
            }
            rests.push(inner.resume.clone());
            laid.push(LaidCell {
                cell: *cell,
                index,
                fragment: inner.fragment,
                x,
                resume: inner.resume,
            });
        }
        let continued = split.is_some();
        let single = |laid: &&LaidCell| laid.cell.rowspan == 1;
        let natural = laid
            .iter()
            .filter(single)
            .map(|laid| laid.fragment.size.height)
            .fold(Px::ZERO, Px::max);
        let height = if unfinished {
            left.max(Px(1.0))
        } else if continued {
            natural
        } else {
            self.row_height(page.table.rows[row].id, &mut laid)
                .max(Px::ZERO)
        };
        // Cells from above that go on beside this row.
        let carried: Vec<(usize, usize, Option<Resume>)> = spanning
            .iter()
            .filter(|(from, ..)| *from < row)
            .cloned()
            .collect();
        for (from, index, resume) in carried {
            let Some(resume) = resume else { continue };
            let cell = page.table.rows[from].cells[index];
            let (x, width) = page.columns.span(&cell);
            let own = Space {
                width,
                height: None,
                left,
                at_top: true,
                ..space
            };
            let outcome = self.layout(
                cell.id,
                width,
                own,
                Some(&resume),
                &mut Floats::default(),
                Point::default(),
            )?;
            if let Outcome::Laid(inner) = outcome {
                if let Some(entry) = spanning
                    .iter_mut()
                    .find(|entry| (entry.0, entry.1) == (from, index))
                {
                    entry.2 = inner.resume.clone();
                }
                let reach = LaidCell {
                    cell,
                    index,
                    fragment: inner.fragment,
                    x,
                    resume: inner.resume,
                };
                laid.push(reach);
            }
        }
        let spans: Vec<Px> = laid
            .iter()
            .map(|laid| {
                if laid.cell.rowspan == 1 {
                    height
                } else {
                    laid.fragment.size.height.max(height)
                }
            })
            .collect();
        let whole = laid.iter().all(|laid| laid.resume.is_none());
        let fragment = self.row_fragment(page, row, height, laid, &spans, !continued, whole);
        page.push_row(row, fragment, height);
        Ok(if unfinished {
            RowOutcome::Broken(rests)
        } else {
            RowOutcome::Whole
        })
    }

    /// The rest of a cell whose content ended on an earlier page.
    fn empty_cell(&self, id: BoxId, width: Px) -> Fragment {
        let used = used_edges(self.tree.style(id), width);
        let kind = Kind::Box(BoxFragment {
            id,
            border: used.border,
            padding: used.padding,
            first: false,
            last: true,
            consumed: Px::ZERO,
            bare: false,
        });
        Fragment::new(kind, Size::new(width, Px::ZERO))
    }

    /// The header or footer group, laid out once for a width.
    fn repeated(
        &self,
        id: BoxId,
        table: &TableBox,
        columns: &Rc<Columns>,
        kind: GroupKind,
    ) -> Step<Option<Rc<Repeated>>> {
        let Some(index) = table.repeated(kind) else {
            return Ok(None);
        };
        let slot = usize::from(kind == GroupKind::Footer);
        let width: Px = columns.widths.iter().copied().sum();
        if let Some((known, group)) = &table.cache.borrow().repeated[slot]
            && *known == width
        {
            return Ok(Some(group.clone()));
        }
        let rows = table.groups[index].rows.clone();
        let style = self.tree.style(id);
        let gap = if style.text.collapse {
            Px::ZERO
        } else {
            style.text.spacing.1
        };
        let cluster = self.cluster(table, columns, rows, gap, Px::INFINITY)?;
        let mut page = Page {
            table,
            columns: columns.clone(),
            grid: Fragment::new(Kind::Group, Size::default()),
            group: None,
            y: Px::ZERO,
            places: Vec::new(),
            gap,
        };
        self.place_cluster(&mut page, cluster);
        page.close_group();
        let height = page.y
            - if page.places.is_empty() {
                Px::ZERO
            } else {
                gap
            };
        let fragment = page.grid.children.pop().map(|child| child.fragment);
        let fragment =
            fragment.unwrap_or_else(|| Rc::new(Fragment::new(Kind::Group, Size::default())));
        let group = Rc::new(Repeated {
            fragment,
            height,
            rows: page.places,
        });
        table.cache.borrow_mut().repeated[slot] = Some((width, group.clone()));
        Ok(Some(group))
    }
}

/// How the rows of a page ended.
enum RowsEnd {
    Done,
    Break(TableResume, Option<Forced>),
    Before,
}

/// What became of one row.
enum RowOutcome {
    Whole,
    Broken(Vec<Option<Resume>>),
    Before,
}

fn break_rows(placed: bool, next: usize, spanning: Vec<(usize, usize, Option<Resume>)>) -> RowsEnd {
    if placed {
        RowsEnd::Break(
            TableResume {
                row: next,
                split: None,
                spanning,
            },
            None,
        )
    } else {
        RowsEnd::Before
    }
}

fn grid_fragment(id: BoxId, used: &Used, width: Px, first: bool) -> Fragment {
    let kind = Kind::Box(BoxFragment {
        id,
        border: used.border,
        padding: used.padding,
        first,
        last: true,
        consumed: Px::ZERO,
        bare: false,
    });
    Fragment::new(kind, Size::new(width, Px::ZERO))
}

/// Rows between header and footer.
fn body_rows(table: &TableBox) -> Range<usize> {
    let header = table
        .repeated(GroupKind::Header)
        .map_or(0, |index| table.groups[index].rows.end);
    let footer = table
        .repeated(GroupKind::Footer)
        .map_or(table.rows.len(), |index| table.groups[index].rows.start);
    header..footer.max(header)
}

/// Makes rows tall enough for the cells that span them, in proportion to their heights.
fn spread_spans(heights: &mut [Px], cells: &[Vec<LaidCell>], gap: Px) {
    let mut spanning: Vec<(usize, usize, Px)> = Vec::new();
    for (row, cells) in cells.iter().enumerate() {
        for laid in cells.iter().filter(|laid| laid.cell.rowspan > 1) {
            spanning.push((laid.cell.rowspan as usize, row, laid.fragment.size.height));
        }
    }
    spanning.sort_by_key(|(span, row, _)| (*span, *row));
    for (span, row, height) in spanning {
        let end = (row + span).min(heights.len());
        let rows = &mut heights[row..end];
        let have: Px = rows.iter().copied().sum::<Px>() + gap * (rows.len() - 1) as f32;
        let missing = height - have;
        if missing <= Px::ZERO {
            continue;
        }
        let total: f32 = rows.iter().map(|height| height.0).sum();
        let count = rows.len() as f32;
        for own in rows {
            *own += if total > 0.0 {
                missing * (own.0 / total)
            } else {
                missing / count
            };
        }
    }
}

fn is_baseline(align: VerticalAlign) -> bool {
    !matches!(
        align,
        VerticalAlign::Top | VerticalAlign::Middle | VerticalAlign::Bottom
    )
}

fn is_empty(layout: &Layout<'_>, id: BoxId) -> bool {
    match &layout.tree.get(id).content {
        Content::Inline(inline) => inline.text.is_empty(),
        Content::Blocks(children) => children.is_empty(),
        _ => false,
    }
}
