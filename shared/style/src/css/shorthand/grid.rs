//! Shorthands of grid properties (CSS Grid 2 §7.4, §7.8, §8.4).

use super::super::grid;
use super::super::numeric::Length;
use super::super::problem::invalid;
use super::super::{Parse, delimiter};
use crate::computed::{Areas, GridLine, TrackSize, Tracks};
use crate::css::property::Value;
use cssparser::Parser;

/// Lines between slashes, as many as `count`; those that miss are the `opposite` of the one they default to.
fn lines(input: &mut Parser<'_>, count: usize) -> Parse<Vec<GridLine>> {
    let mut lines = vec![grid::line(input)?];
    while lines.len() < count && delimiter(input, '/') {
        lines.push(grid::line(input)?);
    }
    Ok(lines)
}

/// `grid-row` and `grid-column`: start and end.
pub(super) fn pair(input: &mut Parser<'_>) -> Parse<(GridLine, GridLine)> {
    let mut lines = lines(input, 2)?.into_iter();
    let start = lines.next().unwrap_or_default();
    let end = lines.next().unwrap_or_else(|| grid::opposite(&start));
    Ok((start, end))
}

/// `grid-area`: row start, column start, row end, column end.
pub(super) fn area(input: &mut Parser<'_>) -> Parse<Vec<Value>> {
    let given = lines(input, 4)?;
    let row_start = given[0].clone();
    let otherwise = |index: usize, of: &GridLine| {
        given
            .get(index)
            .cloned()
            .unwrap_or_else(|| grid::opposite(of))
    };
    let column_start = otherwise(1, &row_start);
    let row_end = otherwise(2, &row_start);
    let column_end = otherwise(3, &column_start);
    Ok(vec![
        Value::GridRowStart(row_start),
        Value::GridColumnStart(column_start),
        Value::GridRowEnd(row_end),
        Value::GridColumnEnd(column_end),
    ])
}

/// `grid-template`: `none`, rows and columns, or strings of areas with the heights of their rows.
pub(super) fn template(input: &mut Parser<'_>) -> Parse<Vec<Value>> {
    let values = |rows, columns, areas| {
        vec![
            Value::GridTemplateRows(rows),
            Value::GridTemplateColumns(columns),
            Value::GridTemplateAreas(areas),
        ]
    };
    if let Ok(found) = input.try_parse(|input| {
        let rows = grid::tracks(input)?;
        if input.is_exhausted() && rows == Tracks::default() {
            return Ok(values(rows, Tracks::default(), Areas::default()));
        }
        if !delimiter(input, '/') {
            return Err(invalid());
        }
        Ok(values(rows, grid::tracks(input)?, Areas::default()))
    }) {
        return Ok(found);
    }
    let (mut rows, mut strings) = (Tracks::default(), Vec::new());
    while !input.is_exhausted() {
        let line = |input: &mut Parser<'_>, rows: &mut Tracks<Length>| {
            if let Ok(names) = input.try_parse(grid::line_names) {
                let at = rows.list.len();
                rows.names.extend(names.into_iter().map(|name| (at, name)));
            }
        };
        line(input, &mut rows);
        let Ok(string) = input.try_parse(|input| input.expect_string().map(|it| it.to_string()))
        else {
            break;
        };
        strings.push(string);
        let size = input.try_parse(grid::track_size);
        rows.list.push(size.unwrap_or(TrackSize::AUTO));
        line(input, &mut rows);
    }
    let areas = grid::areas_of(&strings)?;
    let columns = if delimiter(input, '/') {
        grid::tracks(input)?
    } else {
        Tracks::default()
    };
    Ok(values(rows, columns, areas))
}

/// `grid`: as `grid-template`, or with tracks that are made as items need them.
pub(super) fn grid(input: &mut Parser<'_>) -> Parse<Vec<Value>> {
    let with = |mut values: Vec<Value>, flow, rows, columns| {
        values.push(Value::GridAutoFlow(flow));
        values.push(Value::GridAutoRows(rows));
        values.push(Value::GridAutoColumns(columns));
        values
    };
    if let Ok(values) = input.try_parse(template) {
        return Ok(with(values, (false, false), Vec::new(), Vec::new()));
    }
    let flow = |input: &mut Parser<'_>| -> Parse<bool> {
        let mut dense = false;
        let mut flows = false;
        while let Ok(is_dense) = input.try_parse(|input| {
            super::super::keyword(input, &[("auto-flow", false), ("dense", true)])
        }) {
            dense |= is_dense;
            flows |= !is_dense;
        }
        if flows { Ok(dense) } else { Err(invalid()) }
    };
    let sizes = |input: &mut Parser<'_>| {
        let mut sizes = Vec::new();
        while let Ok(size) = input.try_parse(grid::track_size) {
            sizes.push(size);
        }
        sizes
    };
    let values = |rows, columns| {
        vec![
            Value::GridTemplateRows(rows),
            Value::GridTemplateColumns(columns),
            Value::GridTemplateAreas(Areas::default()),
        ]
    };
    if let Ok(dense) = input.try_parse(flow) {
        let rows = sizes(input);
        if !delimiter(input, '/') {
            return Err(invalid());
        }
        let columns = grid::tracks(input)?;
        let values = values(Tracks::default(), columns);
        return Ok(with(values, (false, dense), rows, Vec::new()));
    }
    let rows = grid::tracks(input)?;
    if !delimiter(input, '/') {
        return Err(invalid());
    }
    let dense = flow(input)?;
    let columns = sizes(input);
    let values = values(rows, Tracks::default());
    Ok(with(values, (true, dense), Vec::new(), columns))
}
