//! Collapsed borders of the rows on a page, as lines to draw (CSS 2.2 §17.6.2).

use super::columns::Columns;
use crate::boxes::CollapsedEdges;
use crate::fragment::{BorderLine, Fragment, Kind};
use fanfold_geometry::{Point, Px, Size};
use fanfold_style::computed::BorderSide;

/// A row's place in the table's fragment.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowPlace {
    pub(super) row: usize,
    pub(super) y: Px,
    pub(super) height: Px,
}

/// The borders of `rows`, which are in order from the top.
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
    let right = columns
        .lefts
        .iter()
        .zip(&columns.widths)
        .map(|(left, width)| *left + *width);
    xs.push(right.fold(Px::ZERO, Px::max));
    let mut lines = Vec::new();
    for (index, place) in rows.iter().enumerate() {
        for (column, x) in xs.iter().enumerate() {
            let side = edges.left_of(place.row, column);
            push(
                &mut lines,
                side,
                Point::new(*x, place.y),
                place.height,
                true,
            );
        }
        across(&mut lines, edges, place.row, place.row, place.y, &xs);
        let next = rows.get(index + 1);
        // The edge below is the next row's edge above, unless the next row is elsewhere.
        if next.is_none_or(|next| next.row != place.row + 1) {
            across(
                &mut lines,
                edges,
                place.row + 1,
                place.row,
                place.y + place.height,
                &xs,
            );
        }
    }
    Some(Fragment::new(Kind::Borders(lines), Size::default()))
}

/// The edge above `edge`, long enough to close the corners with the verticals of `row`.
fn across(
    lines: &mut Vec<BorderLine>,
    edges: &CollapsedEdges,
    edge: usize,
    row: usize,
    y: Px,
    xs: &[Px],
) {
    let count = xs.len() - 1;
    let mut column = 0;
    while column < count {
        let side = edges.above(edge, column);
        let mut end = column + 1;
        while end < count && edges.above(edge, end) == side {
            end += 1;
        }
        if side.width > Px::ZERO {
            let before = edges.left_of(row, column).width / 2.0;
            let after = edges.left_of(row, end).width / 2.0;
            let at = Point::new(xs[column] - before, y);
            push(
                lines,
                side,
                at,
                xs[end] - xs[column] + before + after,
                false,
            );
        }
        column = end;
    }
}

/// A line centred on the grid line through `at`; one that goes on from the one before extends it.
fn push(lines: &mut Vec<BorderLine>, side: BorderSide, at: Point, length: Px, vertical: bool) {
    if side.width <= Px::ZERO {
        return;
    }
    let half = side.width / 2.0;
    let line = if vertical {
        BorderLine {
            at: Point::new(at.x - half, at.y),
            size: Size::new(side.width, length),
            side,
            vertical,
        }
    } else {
        BorderLine {
            at: Point::new(at.x, at.y - half),
            size: Size::new(length, side.width),
            side,
            vertical,
        }
    };
    lines.push(line);
}
