//! Collapsed borders of the rows on a page, as lines to draw (CSS 2.2 §17.6.2).

use super::columns::Columns;
use crate::boxes::{CollapsedEdges, border_rank};
use crate::fragment::{BorderLine, Fragment, Kind};
use fanfold_geometry::{Point, Px, Size};
use fanfold_style::computed::BorderSide;

/// A row's place in the table's fragment.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowPlace {
    pub(super) row: usize,
    pub(super) y: Px,
    pub(super) height: Px,
    /// The row does not go on from the page before.
    pub(super) starts: bool,
    /// The row does not go on on the next page.
    pub(super) ends: bool,
}

impl RowPlace {
    /// A whole row, its place not known yet.
    pub(super) fn whole(row: usize, height: Px) -> Self {
        Self {
            row,
            y: Px::ZERO,
            height,
            starts: true,
            ends: true,
        }
    }

    fn bottom(&self) -> Px {
        self.y + self.height
    }
}

/// The borders of `rows`, which are in order from the top.
///
/// Each line reaches over the lines that it meets; wider and stronger ones are drawn later, so a corner
/// belongs to the one that wins there.
pub(super) fn border_lines(
    edges: &CollapsedEdges,
    columns: &Columns,
    rows: &[RowPlace],
) -> Option<Fragment> {
    let count = columns.widths.len();
    if count == 0 || rows.is_empty() {
        return None;
    }
    // Column borders from the left, whatever the direction.
    let mut xs: Vec<Px> = columns.lefts.clone();
    xs.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (left, width) = columns.extent();
    xs.push(left + width);
    let mut lines = Vec::new();
    for (index, place) in rows.iter().enumerate() {
        let above = index.checked_sub(1).map(|index| &rows[index]);
        // The edge above is the one below the row before, unless that is elsewhere.
        let joins = above.is_some_and(|above| above.row + 1 == place.row && above.ends);
        if place.starts && !joins {
            across(&mut lines, edges, place.row, place.row, place.y, &xs);
        }
        if place.ends {
            across(
                &mut lines,
                edges,
                place.row + 1,
                place.row,
                place.bottom(),
                &xs,
            );
        }
    }
    for (column, x) in xs.iter().enumerate() {
        down(&mut lines, edges, column, rows, *x);
    }
    lines.sort_by(|one, other| {
        let width = one.side.width.0.total_cmp(&other.side.width.0);
        width.then_with(|| border_rank(one.side.style).cmp(&border_rank(other.side.style)))
    });
    Some(Fragment::new(Kind::Borders(lines), Size::default()))
}

/// The horizontal edge above row `edge`, beside `row`.
fn across(
    lines: &mut Vec<BorderLine>,
    edges: &CollapsedEdges,
    edge: usize,
    row: usize,
    y: Px,
    xs: &[Px],
) {
    let count = xs.len() - 1;
    let other = if edge == row {
        row.checked_sub(1)
    } else {
        Some(edge)
    };
    let reach = |column: usize| {
        let beside = |row: usize| edges.left_of(row, column).width;
        beside(row).max(other.map_or(Px::ZERO, beside)) / 2.0
    };
    let mut column = 0;
    while column < count {
        let side = edges.above(edge, column);
        let mut end = column + 1;
        while end < count && edges.above(edge, end) == side {
            end += 1;
        }
        if side.width > Px::ZERO {
            let (before, after) = (reach(column), reach(end));
            lines.push(BorderLine {
                at: Point::new(xs[column] - before, y - side.width / 2.0),
                size: Size::new(xs[end] - xs[column] + before + after, side.width),
                side,
                vertical: false,
            });
        }
        column = end;
    }
}

/// The vertical edges left of `column`, those of one look in one line.
fn down(
    lines: &mut Vec<BorderLine>,
    edges: &CollapsedEdges,
    column: usize,
    rows: &[RowPlace],
    x: Px,
) {
    let reach = |edge: usize| {
        let before = column.checked_sub(1);
        let width = |column: usize| edges.above(edge, column).width;
        before.map_or(Px::ZERO, width).max(width(column)) / 2.0
    };
    let mut open: Option<(BorderSide, Px, Px)> = None;
    for place in rows {
        let side = edges.left_of(place.row, column);
        let top = if place.starts {
            place.y - reach(place.row)
        } else {
            place.y
        };
        let bottom = if place.ends {
            place.bottom() + reach(place.row + 1)
        } else {
            place.bottom()
        };
        match &mut open {
            Some((known, _, end)) if *known == side && top <= *end => *end = end.max(bottom),
            _ => {
                lines.extend(open.take().map(|line| downwards(line, x)));
                open = (side.width > Px::ZERO).then_some((side, top, bottom));
            }
        }
    }
    lines.extend(open.map(|line| downwards(line, x)));
}

fn downwards((side, top, bottom): (BorderSide, Px, Px), x: Px) -> BorderLine {
    BorderLine {
        at: Point::new(x - side.width / 2.0, top),
        size: Size::new(side.width, bottom - top),
        side,
        vertical: true,
    }
}
