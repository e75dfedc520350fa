//! The table grid on one page: edges, repeated groups and the rows between (CSS 2.2 §17.5, §17.6).

use super::page::Page;
use super::repeated::Repeated;
use super::resume::GridResume;
use super::rows::{Room, RowsEnd};
use super::{Laid, Layout, MarginSet, Outcome, Resume, Space, Step, TableResume, Used, used_edges};
use crate::boxes::{BoxId, GroupKind, TableBox};
use crate::fragment::{BoxFragment, Fragment, Kind};
use crate::layout::borders::border_lines;
use crate::layout::columns::Columns;
use fanfold_geometry::{Point, Px, Size};
use fanfold_style::computed::Visibility;
use std::ops::Range;
use std::rc::Rc;

/// What all attempts at a page of a table share.
struct Grid<'a> {
    id: BoxId,
    table: &'a TableBox,
    used: Used,
    columns: Rc<Columns>,
    width: Px,
    gap: Px,
    collapsed: bool,
    /// The table's own upper and lower edges are on every page.
    cloned: bool,
    space: Space,
    resume: Option<&'a GridResume>,
}

/// The groups that stand at the page's ends, and the rows between.
#[derive(Clone)]
struct Attempt {
    header: Option<Rc<Repeated>>,
    footer: Option<Rc<Repeated>>,
    rows: Range<usize>,
    must: bool,
}

impl Layout<'_> {
    /// The table without captions.
    pub(super) fn grid(
        &self,
        id: BoxId,
        table: &TableBox,
        width: Px,
        space: Space,
        resume: Option<&GridResume>,
    ) -> Step<Outcome> {
        let style = self.tree.style(id);
        let columns = self.columns(id, table, width);
        let width = width - columns.collapsed;
        let collapsed = style.text.collapse;
        let gap = if collapsed || table.rows.is_empty() {
            Px::ZERO
        } else {
            style.text.spacing.1
        };
        let used = used_edges(style, space.width);
        self.stretch_rows(id, table, &columns, &used, space.height, gap)?;
        let grid = Grid {
            id,
            table,
            used,
            columns,
            width,
            gap,
            collapsed,
            cloned: style.breaks.clone_decoration,
            space,
            resume,
        };
        for attempt in self.attempts(&grid)? {
            if let Some(laid) = self.attempt(&grid, attempt)? {
                let avoids = style.breaks.avoid_inside && laid.forced.is_none();
                if laid.resume.is_some() && avoids && !space.at_top {
                    break;
                }
                return Ok(Outcome::Laid(laid));
            }
        }
        Ok(Outcome::Before)
    }

    /// With header and footer where that leaves room for rows; otherwise with fewer of them, whose rows
    /// then come like all others, so that nothing of them is lost.
    fn attempts(&self, grid: &Grid<'_>) -> Step<Vec<Attempt>> {
        let Grid { table, resume, .. } = *grid;
        let start = resume.map_or(0, |resume| resume.row);
        let rows = |kind| {
            let index = table.repeated(kind)?;
            Some(table.groups[index].rows.clone())
        };
        let header_end = rows(GroupKind::Header).map_or(0, |rows| rows.end);
        let footer_start = rows(GroupKind::Footer).map_or(table.rows.len(), |rows| rows.start);
        let header = if resume.is_none() || start >= header_end {
            self.repeated(table, &grid.columns, grid.gap, GroupKind::Header)?
        } else {
            None
        };
        let footer = if start <= footer_start && footer_start >= header_end {
            self.repeated(table, &grid.columns, grid.gap, GroupKind::Footer)?
        } else {
            None
        };
        let mut attempts: Vec<Attempt> = Vec::with_capacity(4);
        for (with_header, with_footer) in
            [(true, true), (true, false), (false, true), (false, false)]
        {
            let header = header.clone().filter(|_| with_header);
            let footer = footer.clone().filter(|_| with_footer);
            let known = attempts.iter().any(|known| {
                known.header.is_some() == header.is_some()
                    && known.footer.is_some() == footer.is_some()
            });
            if known {
                continue;
            }
            let first = if header.is_some() {
                start.max(header_end)
            } else {
                start
            };
            // A footer that was shown need not be once more where there is no room for it.
            let shown = resume.is_some_and(|resume| resume.footer_shown);
            let end = if footer.is_some() || (shown && start <= footer_start) {
                footer_start
            } else {
                table.rows.len()
            };
            attempts.push(Attempt {
                header,
                footer,
                rows: first..end.max(first),
                must: false,
            });
        }
        // Where something is above, the next page has room for them.
        if !grid.space.at_top {
            attempts.truncate(1);
        } else if let Some(last) = attempts.last_mut() {
            last.must = true;
        }
        Ok(attempts)
    }

    /// The page with these groups; none when that leaves no room.
    fn attempt(&self, grid: &Grid<'_>, attempt: Attempt) -> Step<Option<Laid>> {
        let Grid {
            table, gap, space, ..
        } = *grid;
        let first = grid.resume.is_none();
        let (top, spacing) = self.upper_edge(grid, &attempt);
        let fragment = grid_fragment(grid.id, &grid.used, grid.width, first);
        let mut page = Page::new(table, grid.columns.clone(), fragment, top + spacing, gap);
        page.sheet_end = self.sheet_end(space);
        if let (Some(header), Some(index)) = (&attempt.header, table.repeated(GroupKind::Header)) {
            page.repeat(header, index);
            // A row that goes on has no upper edge, but the header's lower one is above it.
            let goes_on = grid.resume.is_some_and(|resume| resume.split.is_some());
            if let Some(edges) = table.edges.as_ref().filter(|_| goes_on) {
                page.y += edges.widest_above(table.groups[index].rows.end) / 2.0;
            }
        }
        let footer = attempt.footer.as_ref();
        let footer_height = footer.map_or(Px::ZERO, |footer| footer.height + gap);
        let bottom = grid.used.bottom();
        let every_page = if grid.cloned || (grid.collapsed && footer.is_some()) {
            bottom
        } else {
            Px::ZERO
        };
        let room = Room {
            limit: space.left - footer_height - every_page,
            closing: bottom - every_page,
            must: attempt.must,
            fresh: space.at_top,
        };
        if attempt.rows.is_empty() {
            let groups = attempt.header.is_some() || footer.is_some();
            let too_tall = space.overflows(page.y + footer_height + bottom);
            if too_tall && !attempt.must && (groups || !space.at_top) {
                return Ok(None);
            }
        }
        let resume = grid
            .resume
            .filter(|resume| resume.row >= attempt.rows.start);
        let next = match self.rows(&mut page, resume, attempt.rows, room, space)? {
            RowsEnd::Done => None,
            RowsEnd::Break(resume, forced) => {
                let shown = grid.resume.is_some_and(|resume| resume.footer_shown);
                let resume = GridResume {
                    footer_shown: shown || footer.is_some(),
                    ..resume
                };
                Some((resume, forced))
            }
            RowsEnd::Before => return Ok(None),
        };
        page.close_group();
        if let (Some(footer), Some(index)) = (footer, table.repeated(GroupKind::Footer)) {
            page.repeat(footer, index);
        }
        self.position_groups(&mut page.grid, space)?;
        Ok(Some(self.finish(grid, page, next, top, every_page)))
    }

    /// The table's border and padding above the rows on this page, and the spacing below them.
    fn upper_edge(&self, grid: &Grid<'_>, attempt: &Attempt) -> (Px, Px) {
        let Some(resume) = grid.resume else {
            return (grid.used.top(), grid.gap);
        };
        if !grid.collapsed {
            let top = if grid.cloned {
                grid.used.top()
            } else {
                Px::ZERO
            };
            return (top, Px::ZERO);
        }
        let row = match (&attempt.header, &resume.split) {
            (Some(_), _) => 0,
            (None, Some(_)) => return (Px::ZERO, Px::ZERO),
            (None, None) => resume.row,
        };
        let edges = grid.table.edges.as_ref();
        (
            edges.map_or(Px::ZERO, |edges| edges.widest_above(row) / 2.0),
            Px::ZERO,
        )
    }

    /// The table's fragment once its rows are in place.
    fn finish(
        &self,
        grid: &Grid<'_>,
        page: Page<'_>,
        next: Option<(GridResume, Option<super::super::Forced>)>,
        top: Px,
        every_page: Px,
    ) -> Laid {
        let style = self.tree.style(grid.id);
        let end = if next.is_some() {
            every_page
        } else {
            grid.used.bottom()
        };
        // A table without rows has one line of spacing less.
        let mut height = page.y.max(top) + end;
        let mut fragment = page.grid;
        // They are the table's, whatever its cells are, as in browsers.
        let edges = grid.table.edges.as_ref();
        if let Some(lines) = edges
            .filter(|_| style.text.visibility == Visibility::Visible)
            .and_then(|edges| border_lines(edges, &page.columns, &page.places))
        {
            fragment.push(Point::default(), Rc::new(lines), usize::MAX);
        }
        if next.is_none() && grid.resume.is_none() {
            let wanted = self.height_of(style, &style.box_.height, &grid.used, grid.space.height);
            let wanted = height.max(wanted.unwrap_or_default());
            height = self
                .constrained_height(style, &grid.used, grid.space.height, wanted)
                .max(height);
        }
        if let Kind::Box(box_) = &mut fragment.kind {
            box_.last = next.is_none();
        }
        fragment.size.height = height;
        match next {
            None => Laid {
                end: MarginSet::of(grid.used.margin_bottom()),
                ..Laid::whole(fragment)
            },
            Some((resume, forced)) => Laid {
                resume: Some(Resume::Table(Box::new(TableResume {
                    grid: Some(resume),
                    ..TableResume::default()
                }))),
                forced,
                ..Laid::whole(fragment)
            },
        }
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
