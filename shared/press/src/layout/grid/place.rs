//! Which tracks each item of a grid covers (CSS Grid 2 §8).

use fanfold_style::computed::{Areas, GridLine, GridPlace, Tracks};
use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;

/// Spans and lines reach no farther than this from the explicit grid.
const FARTHEST: i32 = 1000;

/// An axis of the explicit grid.
pub(super) struct Explicit<'a> {
    pub(super) tracks: &'a Tracks,
    /// Tracks, repetitions included.
    pub(super) count: usize,
    /// How many of them an automatic repetition made, and after how many others.
    pub(super) repeated: (usize, usize),
    pub(super) areas: &'a Areas,
    /// The axis is that of rows.
    pub(super) rows: bool,
}

/// The names of an axis' lines.
#[derive(Debug)]
pub(super) struct LineNames {
    own: Vec<(usize, Arc<str>)>,
    areas: Vec<(Range<usize>, Arc<str>)>,
}

impl LineNames {
    /// Those within `covered`; those of an area that is partly there are moved to where it is cut (§9).
    pub(super) fn within<'s>(
        &'s self,
        covered: &'s Range<usize>,
    ) -> impl Iterator<Item = (usize, Arc<str>)> + 's {
        let is_there = |line: usize| covered.start <= line && line <= covered.end;
        let own = self.own.iter().filter(move |(line, _)| is_there(*line));
        let areas = self
            .areas
            .iter()
            .filter(|(lines, _)| lines.start < covered.end && lines.end > covered.start);
        let areas = areas.flat_map(|(lines, name)| {
            let edge = |side: &str, line: usize| {
                let line = line.clamp(covered.start, covered.end);
                (line, Arc::from(format!("{name}-{side}")))
            };
            [edge("start", lines.start), edge("end", lines.end)]
        });
        own.cloned().chain(areas)
    }
}

/// Lines of an item in one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lines {
    /// The first line, where it is known.
    start: Option<i32>,
    span: i32,
}

/// The tracks of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Covered {
    pub(super) rows: Range<usize>,
    pub(super) columns: Range<usize>,
}

/// All items placed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Placement {
    pub(super) cells: Vec<Covered>,
    /// Tracks before the explicit ones, and tracks in all.
    pub(super) rows: (usize, usize),
    pub(super) columns: (usize, usize),
}

impl Placement {
    /// Keeps what is placed within the tracks that a subgrid has, as none are added to them (§9).
    pub(super) fn keep_within(&mut self, rows: Option<usize>, columns: Option<usize>) {
        let within = |range: &mut Range<usize>, before: usize, span: usize| {
            let start = range
                .start
                .saturating_sub(before)
                .min(span.saturating_sub(1));
            let end = range.end.saturating_sub(before).min(span);
            *range = start..end.max(start + 1);
        };
        if let Some(span) = rows {
            let before = self.rows.0;
            let cells = self.cells.iter_mut();
            cells.for_each(|cell| within(&mut cell.rows, before, span));
            self.rows = (0, span);
        }
        if let Some(span) = columns {
            let before = self.columns.0;
            let cells = self.cells.iter_mut();
            cells.for_each(|cell| within(&mut cell.columns, before, span));
            self.columns = (0, span);
        }
    }
}

impl Explicit<'_> {
    /// The lines that `place` asks for (§8.3.1).
    pub(super) fn lines(&self, place: &GridPlace) -> Lines {
        let start = self.line(&place.start, false);
        let end = self.line(&place.end, true);
        let span = |line: &GridLine| match line {
            GridLine::Span(count, _) => i32::try_from(*count).unwrap_or(FARTHEST).min(FARTHEST),
            _ => 1,
        };
        match (start, end) {
            (Some(start), Some(end)) => {
                let (start, end) = (start.min(end), start.max(end));
                Lines {
                    start: Some(start),
                    span: (end - start).max(1),
                }
            }
            (Some(start), None) => Lines {
                start: Some(start),
                span: span(&place.end),
            },
            (None, Some(end)) => {
                let span = span(&place.start);
                Lines {
                    start: Some(end - span),
                    span,
                }
            }
            (None, None) => Lines {
                start: None,
                span: match &place.start {
                    GridLine::Span(..) => span(&place.start),
                    _ => span(&place.end),
                },
            },
        }
    }

    /// The lines of an absolutely positioned box (§9), numbered from the first of `tracks` tracks of which
    /// `before` are before the explicit ones; none where they are automatic or not there.
    pub(super) fn lines_around(
        &self,
        place: &GridPlace,
        (before, tracks): (usize, usize),
    ) -> [Option<usize>; 2] {
        let lines = [self.line(&place.start, false), self.line(&place.end, true)];
        let span = |line: &GridLine| match line {
            GridLine::Span(count, _) => Some(i32::try_from(*count).unwrap_or(FARTHEST)),
            _ => None,
        };
        let lines = match lines {
            [Some(start), Some(end)] if start == end => [Some(start), None],
            [Some(start), Some(end)] => [Some(start.min(end)), Some(start.max(end))],
            [Some(start), None] => [Some(start), span(&place.end).map(|span| start + span)],
            [None, Some(end)] => [span(&place.start).map(|span| end - span), Some(end)],
            none => none,
        };
        let before = i32::try_from(before).unwrap_or(FARTHEST);
        lines.map(|line| {
            let line = usize::try_from(line? + before).ok()?;
            (line <= tracks).then_some(line)
        })
    }

    /// The index of a line, 0 being the first of the explicit grid; none where it is automatic.
    fn line(&self, line: &GridLine, end: bool) -> Option<i32> {
        let count = i32::try_from(self.count).unwrap_or(FARTHEST);
        let found = match line {
            GridLine::Auto | GridLine::Span(..) => return None,
            GridLine::Line(number, None) if *number > 0 => number - 1,
            GridLine::Line(number, None) => count + 1 + number,
            GridLine::Line(number, Some(name)) => self.nth(*number, name),
            GridLine::Named(name) => {
                let edge = format!("{name}-{}", if end { "end" } else { "start" });
                match self.named(&edge).first() {
                    Some(line) => *line,
                    None => self.nth(1, name),
                }
            }
        };
        Some(found.clamp(-FARTHEST, count + FARTHEST))
    }

    /// The nth line of a name, counting lines of the implicit grid as having all names (§8.3).
    fn nth(&self, number: i32, name: &str) -> i32 {
        let lines = self.named(name);
        let known = i32::try_from(lines.len()).unwrap_or(FARTHEST);
        let count = i32::try_from(self.count).unwrap_or(FARTHEST);
        let at = |index: i32| usize::try_from(index).ok().and_then(|at| lines.get(at));
        if number > 0 {
            let beyond = count + number - known;
            at(number - 1).copied().unwrap_or(beyond)
        } else {
            let before = number + known;
            at(known + number).copied().unwrap_or(before)
        }
    }

    /// The names of all lines, numbered with the `before` tracks before the explicit ones.
    pub(super) fn line_names(&self, before: usize) -> LineNames {
        let (repeated, at) = self.repeated;
        let own = self.tracks.names.iter().map(|(line, name)| {
            let moved = if *line > at { repeated } else { 0 };
            (line + moved + before, Arc::clone(name))
        });
        let areas = self.areas.areas.iter().map(|(name, lines)| {
            let [top, bottom, left, right] = lines.map(|line| line + before);
            let lines = match self.rows {
                true => top..bottom,
                false => left..right,
            };
            (lines, name.as_ref().into())
        });
        LineNames {
            own: own.collect(),
            areas: areas.collect(),
        }
    }

    /// The lines of a name, in order.
    fn named(&self, name: &str) -> Vec<i32> {
        let (repeated, at) = self.repeated;
        let index = |line: usize| {
            let moved = if line > at { repeated } else { 0 };
            i32::try_from(line + moved).unwrap_or(FARTHEST)
        };
        let own = self.tracks.names.iter();
        let mut lines: Vec<i32> = own
            .filter(|(_, known)| **known == *name)
            .map(|(line, _)| index(*line))
            .collect();
        for (area, [top, bottom, left, right]) in &self.areas.areas {
            let (start, end) = if self.rows {
                (top, bottom)
            } else {
                (left, right)
            };
            let edge = name.strip_prefix(&**area);
            match edge {
                Some("-start") => lines.push(i32::try_from(*start).unwrap_or(FARTHEST)),
                Some("-end") => lines.push(i32::try_from(*end).unwrap_or(FARTHEST)),
                _ => {}
            }
        }
        lines.sort_unstable();
        lines.dedup();
        lines
    }
}

/// Comparisons of cells after which the rest follows below in order, so that hostile grids end soon.
const MOST_WORK: usize = 50_000_000;

/// The cells taken, by tracks of the axis that gains them.
#[derive(Default)]
struct Taken {
    lines: Vec<Vec<Range<i32>>>,
    work: Cell<usize>,
    /// Comparisons after which nothing is looked up.
    most: usize,
}

impl Taken {
    /// Nothing is looked up any more.
    fn is_exhausted(&self) -> bool {
        self.work.get() > self.most
    }

    fn is_free(&self, major: i32, majors: i32, minor: &Range<i32>) -> bool {
        (major..major + majors).all(|line| {
            let line = usize::try_from(line)
                .ok()
                .and_then(|line| self.lines.get(line));
            line.is_none_or(|taken| {
                let work = self.work.get() + taken.len();
                self.work.set(work);
                work > self.most
                    || taken
                        .iter()
                        .all(|taken| taken.end <= minor.start || minor.end <= taken.start)
            })
        })
    }

    fn take(&mut self, major: i32, majors: i32, minor: &Range<i32>) {
        for line in major..major + majors {
            let work = self.work.get() + 10;
            self.work.set(work);
            if work > self.most {
                return;
            }
            let Ok(line) = usize::try_from(line) else {
                continue;
            };
            if self.lines.len() <= line {
                self.lines.resize(line + 1, Vec::new());
            }
            self.lines[line].push(minor.clone());
        }
    }
}

/// Rows below all others, filled in order without looking back.
struct Below {
    row: i32,
    across: i32,
    /// Greatest span of the items in the row.
    height: i32,
}

impl Below {
    /// Those below the items that are placed.
    fn all(items: &[(Lines, Lines)], found: &[Option<(i32, i32)>]) -> Self {
        let ends = items.iter().zip(found);
        let ends = ends.filter_map(|((major, _), at)| Some(at.as_ref()?.0 + major.span));
        Self {
            row: ends.max().unwrap_or(0),
            across: 0,
            height: 0,
        }
    }

    /// The place of the next item, which spans so many rows and columns of `width`.
    fn next(
        &mut self,
        locked: Option<i32>,
        (majors, minors): (i32, i32),
        width: i32,
    ) -> (i32, i32) {
        let mut start = locked.unwrap_or(self.across);
        if start < self.across || start + minors > width {
            self.row += self.height;
            self.height = 0;
            start = locked.unwrap_or(0);
        }
        self.across = start + minors;
        self.height = self.height.max(majors);
        (self.row, start)
    }
}

/// Places items whose lines are (row, column) each (§8.5).
///
/// `by_column` and `dense` are `grid-auto-flow`'s; `rows` and `columns` the explicit tracks.
pub(super) fn place(
    items: &[(Lines, Lines)],
    rows: usize,
    columns: usize,
    by_column: bool,
    dense: bool,
) -> Placement {
    place_within(items, rows, columns, by_column, dense, MOST_WORK)
}

/// The same with so many comparisons at most.
fn place_within(
    items: &[(Lines, Lines)],
    rows: usize,
    columns: usize,
    by_column: bool,
    dense: bool,
    most_work: usize,
) -> Placement {
    // In terms of rows flowed into: the major axis gains tracks, the minor one has its number of them.
    let split = |(row, column): &(Lines, Lines)| {
        if by_column {
            (*column, *row)
        } else {
            (*row, *column)
        }
    };
    let items: Vec<(Lines, Lines)> = items.iter().map(split).collect();
    let minors = if by_column { rows } else { columns };
    let least = |pick: fn(&(Lines, Lines)) -> Lines| {
        let starts = items.iter().filter_map(|item| pick(item).start);
        starts.min().unwrap_or(0).min(0)
    };
    let (first_major, first_minor) = (least(|item| item.0), least(|item| item.1));
    let ends = items.iter().map(|(_, minor)| {
        minor
            .start
            .map_or(minor.span, |start| start - first_minor + minor.span)
    });
    let explicit = i32::try_from(minors).unwrap_or(FARTHEST) - first_minor;
    let width = ends.max().unwrap_or(1).max(explicit).max(1);
    let mut taken = Taken {
        most: most_work,
        ..Taken::default()
    };
    let mut found: Vec<Option<(i32, i32)>> = vec![None; items.len()];
    let shifted = |lines: Lines, first: i32| lines.start.map(|start| start - first);
    for (index, (major, minor)) in items.iter().enumerate() {
        if let (Some(at), Some(across)) =
            (shifted(*major, first_major), shifted(*minor, first_minor))
        {
            taken.take(at, major.span, &(across..across + minor.span));
            found[index] = Some((at, across));
        }
    }
    // Locked to a row: the first place in it after those before.
    let mut after: Vec<(i32, i32)> = Vec::new();
    let mut widest = width;
    for (index, (major, minor)) in items.iter().enumerate() {
        let (Some(at), None) = (shifted(*major, first_major), minor.start) else {
            continue;
        };
        let before = after.iter_mut().find(|(row, _)| *row == at);
        let mut across = before
            .as_ref()
            .map_or(0, |(_, next)| if dense { 0 } else { *next });
        while !taken.is_free(at, major.span, &(across..across + minor.span)) {
            across += 1;
        }
        if taken.is_exhausted() {
            across = before.as_ref().map_or(across, |(_, next)| *next);
        }
        taken.take(at, major.span, &(across..across + minor.span));
        found[index] = Some((at, across));
        widest = widest.max(across + minor.span);
        match before {
            Some((_, next)) => *next = across + minor.span,
            None => after.push((at, across + minor.span)),
        }
    }
    let width = widest;
    let mut cursor = (0, 0);
    let mut below: Option<Below> = None;
    for (index, (major, minor)) in items.iter().enumerate() {
        if found[index].is_some() {
            continue;
        }
        let locked = shifted(*minor, first_minor);
        if dense {
            cursor = (0, 0);
        }
        let at = match locked {
            Some(across) => {
                let mut row = if across < cursor.1 {
                    cursor.0 + 1
                } else {
                    cursor.0
                };
                while !taken.is_free(row, major.span, &(across..across + minor.span)) {
                    row += 1;
                }
                (row, across)
            }
            None => {
                let (mut row, mut across) = cursor;
                loop {
                    if across + minor.span > width {
                        (row, across) = (row + 1, 0);
                        continue;
                    }
                    if taken.is_free(row, major.span, &(across..across + minor.span)) {
                        break (row, across);
                    }
                    across += 1;
                }
            }
        };
        // What a search that was cut short found may not be free.
        if taken.is_exhausted() {
            let below = below.get_or_insert_with(|| Below::all(&items, &found));
            found[index] = Some(below.next(locked, (major.span, minor.span), width));
            continue;
        }
        taken.take(at.0, major.span, &(at.1..at.1 + minor.span));
        cursor = at;
        found[index] = Some(at);
    }
    let index = |value: i32| usize::try_from(value).unwrap_or(0);
    let cells: Vec<Covered> = items
        .iter()
        .zip(&found)
        .map(|((major, minor), at)| {
            let (down, across) = at.unwrap_or_default();
            let majors = index(down)..index(down + major.span);
            let minors = index(across)..index(across + minor.span);
            if by_column {
                Covered {
                    rows: minors,
                    columns: majors,
                }
            } else {
                Covered {
                    rows: majors,
                    columns: minors,
                }
            }
        })
        .collect();
    let (before_rows, before_columns) = if by_column {
        (index(-first_minor), index(-first_major))
    } else {
        (index(-first_major), index(-first_minor))
    };
    let end = |pick: fn(&Covered) -> usize, least: usize| {
        cells.iter().map(pick).max().unwrap_or(0).max(least)
    };
    Placement {
        rows: (before_rows, end(|cell| cell.rows.end, rows + before_rows)),
        columns: (
            before_columns,
            end(|cell| cell.columns.end, columns + before_columns),
        ),
        cells,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTO: Lines = Lines {
        start: None,
        span: 1,
    };

    fn at(start: i32, span: i32) -> Lines {
        Lines {
            start: Some(start),
            span,
        }
    }

    fn cells(placement: &Placement) -> Vec<(usize, usize)> {
        let cells = placement.cells.iter();
        cells
            .map(|cell| (cell.rows.start, cell.columns.start))
            .collect()
    }

    #[test]
    fn items_flow_around_those_that_are_placed() {
        let items = [
            (AUTO, AUTO),
            (at(0, 1), at(1, 1)),
            (AUTO, AUTO),
            (AUTO, at(0, 2)),
        ];
        let placed = place(&items, 1, 2, false, false);
        assert_eq!(cells(&placed), [(0, 0), (0, 1), (1, 0), (2, 0)]);
        assert_eq!(placed.rows, (0, 3));
    }

    #[test]
    fn dense_packing_fills_holes() {
        let wide = Lines {
            start: None,
            span: 2,
        };
        let items = [(AUTO, AUTO), (AUTO, wide), (AUTO, AUTO)];
        let sparse = place(&items, 1, 2, false, false);
        assert_eq!(cells(&sparse), [(0, 0), (1, 0), (2, 0)]);
        let dense = place(&items, 1, 2, false, true);
        assert_eq!(cells(&dense), [(0, 0), (1, 0), (0, 1)]);
    }

    #[test]
    fn many_items_do_not_overlap() {
        let count = 300;
        for (items, columns) in [
            (vec![(AUTO, AUTO); count], 1),
            (vec![(AUTO, AUTO); count], 7),
            (vec![(AUTO, at(2, 1)); count], 7),
        ] {
            for dense in [false, true] {
                let placed = place_within(&items, 0, columns, false, dense, 1000);
                let cells: std::collections::BTreeSet<_> = cells(&placed).into_iter().collect();
                assert_eq!(cells.len(), count);
            }
        }
    }

    #[test]
    fn lines_before_the_grid_make_tracks_there() {
        let items = [(at(-1, 1), at(0, 1)), (AUTO, AUTO)];
        let placed = place(&items, 1, 1, false, false);
        assert_eq!(placed.rows, (1, 2));
        assert_eq!(cells(&placed), [(0, 0), (1, 0)]);
    }
}
