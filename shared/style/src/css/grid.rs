//! Grid properties (CSS Grid 2).

use super::numeric::{self, Length, positive_length_percentage};
use super::problem::{invalid, unsupported};
use super::{Compute, Computing, Parse, computed_as_specified, custom_ident, delimiter, keyword};
use crate::computed::{Areas, AutoRepeat, Breadth, GridLine, TrackSize, Tracks};
use cssparser::{Parser, Token};
use std::sync::Arc;

/// Most tracks that a template makes, and the farthest line; browsers have such limits too.
pub(crate) const MOST_TRACKS: usize = 1000;

computed_as_specified!(Areas, GridLine);

impl Compute for Breadth<Length> {
    type To = Breadth;
    fn compute(&self, cx: &Computing<'_>) -> Breadth {
        match self {
            Self::Length(length) => Breadth::Length(length.compute(cx)),
            Self::Flex(factor) => Breadth::Flex(*factor),
            Self::Auto => Breadth::Auto,
            Self::MinContent => Breadth::MinContent,
            Self::MaxContent => Breadth::MaxContent,
        }
    }
}

impl Compute for TrackSize<Length> {
    type To = TrackSize;
    fn compute(&self, cx: &Computing<'_>) -> TrackSize {
        TrackSize {
            min: self.min.compute(cx),
            max: self.max.compute(cx),
            fit: self.fit.as_ref().map(|fit| fit.compute(cx)),
        }
    }
}

impl Compute for Tracks<Length> {
    type To = Tracks;
    fn compute(&self, cx: &Computing<'_>) -> Tracks {
        Tracks {
            list: self.list.iter().map(|track| track.compute(cx)).collect(),
            names: self.names.clone(),
            subgrid: self.subgrid,
            repeat: self.repeat.as_ref().map(|repeat| AutoRepeat {
                at: repeat.at,
                fit: repeat.fit,
                tracks: repeat
                    .tracks
                    .iter()
                    .map(|track| track.compute(cx))
                    .collect(),
            }),
        }
    }
}

/// `grid-template-columns` and `grid-template-rows`.
pub(crate) fn tracks(input: &mut Parser<'_>) -> Parse<Tracks<Length>> {
    let mut tracks = Tracks::default();
    if input
        .try_parse(|input| input.expect_ident_matching("none"))
        .is_ok()
    {
        return Ok(tracks);
    }
    if input
        .try_parse(|input| input.expect_ident_matching("subgrid"))
        .is_ok()
    {
        tracks.subgrid = true;
        subgrid_lines(input, &mut tracks)?;
        return Ok(tracks);
    }
    while !input.is_exhausted() && !at_slash(input) {
        part(input, &mut tracks)?;
    }
    if tracks.list.is_empty() && tracks.repeat.is_none() {
        return Err(invalid());
    }
    Ok(tracks)
}

/// The names of a subgrid's lines, one list a line (§7.2, `<line-name-list>`).
fn subgrid_lines(input: &mut Parser<'_>, tracks: &mut Tracks<Length>) -> Parse<()> {
    let mut line = 0;
    let mut add = |tracks: &mut Tracks<Length>, names: &[Arc<str>]| {
        let at = line;
        tracks
            .names
            .extend(names.iter().map(|name| (at, Arc::clone(name))));
        line += 1;
    };
    while !input.is_exhausted() && !at_slash(input) {
        if let Ok(names) = input.try_parse(line_names) {
            add(tracks, &names);
            continue;
        }
        input.expect_function_matching("repeat")?;
        let (count, lists) = input.parse_nested_block(|input| {
            let auto = |input: &mut Parser<'_>| input.expect_ident_matching("auto-fill");
            if input.try_parse(auto).is_ok() {
                return Err(unsupported("repeat(auto-fill) in a subgrid"));
            }
            let count = usize::try_from(numeric::integer(input)?).ok();
            let count = count.filter(|count| *count > 0).ok_or_else(invalid)?;
            input.expect_comma()?;
            let mut lists = Vec::new();
            while !input.is_exhausted() {
                lists.push(line_names(input)?);
            }
            Ok((count, lists))
        })?;
        for _ in 0..count.min(MOST_TRACKS) {
            if tracks.names.len() > MOST_TRACKS {
                return Err(unsupported("so many lines"));
            }
            lists.iter().for_each(|names| add(tracks, names));
        }
    }
    Ok(())
}

/// Whether a `/` comes next.
fn at_slash(input: &mut Parser<'_>) -> bool {
    let state = input.state();
    let found = delimiter(input, '/');
    input.reset(&state);
    found
}

/// Line names, a track, or a repetition.
fn part(input: &mut Parser<'_>, tracks: &mut Tracks<Length>) -> Parse<()> {
    if let Ok(names) = input.try_parse(line_names) {
        let at = tracks.list.len();
        tracks
            .names
            .extend(names.into_iter().map(|name| (at, name)));
        return Ok(());
    }
    if input
        .try_parse(|input| input.expect_function_matching("repeat"))
        .is_ok()
    {
        return input.parse_nested_block(|input| repeat(input, tracks));
    }
    push(tracks, track_size(input)?)
}

fn push(tracks: &mut Tracks<Length>, track: TrackSize<Length>) -> Parse<()> {
    if tracks.list.len() >= MOST_TRACKS {
        return Err(unsupported("so many tracks"));
    }
    tracks.list.push(track);
    Ok(())
}

fn repeat(input: &mut Parser<'_>, tracks: &mut Tracks<Length>) -> Parse<()> {
    let auto = input
        .try_parse(|input| keyword(input, &[("auto-fill", false), ("auto-fit", true)]))
        .ok();
    let count = match auto {
        Some(_) => 1,
        None => usize::try_from(numeric::integer(input)?)
            .ok()
            .filter(|count| *count > 0)
            .ok_or_else(invalid)?,
    };
    input.expect_comma()?;
    let mut once = Tracks::default();
    while !input.is_exhausted() {
        if let Ok(names) = input.try_parse(line_names) {
            let at = once.list.len();
            once.names.extend(names.into_iter().map(|name| (at, name)));
        } else {
            push(&mut once, track_size(input)?)?;
        }
    }
    if once.list.is_empty() {
        return Err(invalid());
    }
    if let Some(fit) = auto {
        if tracks.repeat.is_some() {
            return Err(invalid());
        }
        tracks.repeat = Some(AutoRepeat {
            at: tracks.list.len(),
            fit,
            tracks: once.list,
        });
        return Ok(());
    }
    for _ in 0..count.min(MOST_TRACKS) {
        let at = tracks.list.len();
        let names = once.names.iter();
        tracks
            .names
            .extend(names.map(|(line, name)| (at + line, Arc::clone(name))));
        for track in &once.list {
            push(tracks, track.clone())?;
        }
    }
    Ok(())
}

/// `[name …]`.
pub(crate) fn line_names(input: &mut Parser<'_>) -> Parse<Vec<Arc<str>>> {
    input.expect_square_bracket_block()?;
    input.parse_nested_block(|input| {
        let mut names = Vec::new();
        while !input.is_exhausted() {
            names.push(custom_ident(input, &["span", "auto"])?);
        }
        Ok(names)
    })
}

pub(crate) fn track_size(input: &mut Parser<'_>) -> Parse<TrackSize<Length>> {
    if input
        .try_parse(|input| input.expect_function_matching("minmax"))
        .is_ok()
    {
        return input.parse_nested_block(|input| {
            let min = breadth(input)?;
            input.expect_comma()?;
            let max = breadth(input)?;
            if matches!(min, Breadth::Flex(_)) {
                return Err(invalid());
            }
            Ok(TrackSize {
                min,
                max,
                fit: None,
            })
        });
    }
    if input
        .try_parse(|input| input.expect_function_matching("fit-content"))
        .is_ok()
    {
        let fit = input.parse_nested_block(|input| positive_length_percentage(input))?;
        return Ok(TrackSize {
            fit: Some(fit),
            ..TrackSize::AUTO
        });
    }
    let size = breadth(input)?;
    let min = match &size {
        Breadth::Flex(_) => Breadth::Auto,
        other => other.clone(),
    };
    Ok(TrackSize {
        min,
        max: size,
        fit: None,
    })
}

fn breadth(input: &mut Parser<'_>) -> Parse<Breadth<Length>> {
    let keywords = [
        ("auto", Breadth::Auto),
        ("min-content", Breadth::MinContent),
        ("max-content", Breadth::MaxContent),
    ];
    if let Ok(size) = input.try_parse(|input| keyword(input, &keywords)) {
        return Ok(size);
    }
    let flex = input.try_parse(|input| match input.next() {
        Ok(Token::Dimension { value, unit, .. })
            if unit.eq_ignore_ascii_case("fr") && *value >= 0.0 =>
        {
            Ok(*value)
        }
        _ => Err(()),
    });
    match flex {
        Ok(factor) => Ok(Breadth::Flex(numeric::finite(factor, 1e6))),
        Err(()) => positive_length_percentage(input).map(Breadth::Length),
    }
}

/// `grid-auto-columns` and `grid-auto-rows`.
pub(crate) fn auto_tracks(input: &mut Parser<'_>) -> Parse<Vec<TrackSize<Length>>> {
    let mut tracks = Vec::new();
    while !input.is_exhausted() && tracks.len() < MOST_TRACKS {
        tracks.push(track_size(input)?);
    }
    if tracks.is_empty() {
        return Err(invalid());
    }
    Ok(tracks)
}

/// `grid-template-areas`.
pub(crate) fn areas(input: &mut Parser<'_>) -> Parse<Areas> {
    if input
        .try_parse(|input| input.expect_ident_matching("none"))
        .is_ok()
    {
        return Ok(Areas::default());
    }
    let mut rows = Vec::new();
    while !input.is_exhausted() {
        rows.push(input.expect_string()?.to_string());
    }
    areas_of(&rows)
}

/// The areas of a template's strings; each has to be a rectangle (§7.3).
pub(crate) fn areas_of(rows: &[String]) -> Parse<Areas> {
    let cells: Vec<Vec<&str>> = rows
        .iter()
        .map(|row| row.split_ascii_whitespace().collect())
        .collect();
    let columns = cells.first().map_or(0, Vec::len);
    let square = cells.iter().all(|row| row.len() == columns);
    if columns == 0 || !square || columns > MOST_TRACKS || rows.len() > MOST_TRACKS {
        return Err(invalid());
    }
    let mut areas: Vec<(Arc<str>, [usize; 4])> = Vec::new();
    for (row, names) in cells.iter().enumerate() {
        for (column, name) in names.iter().enumerate() {
            if name.bytes().all(|byte| byte == b'.') {
                continue;
            }
            match areas.iter_mut().find(|(known, _)| **known == **name) {
                Some((_, [_, bottom, left, right])) => {
                    *bottom = row + 1;
                    *left = (*left).min(column);
                    *right = (*right).max(column + 1);
                }
                None => areas.push(((*name).into(), [row, row + 1, column, column + 1])),
            }
        }
    }
    let filled = areas.iter().all(|(name, [top, bottom, left, right])| {
        cells[*top..*bottom]
            .iter()
            .all(|row| row[*left..*right].iter().all(|cell| **cell == **name))
    });
    if !filled {
        return Err(invalid());
    }
    Ok(Areas {
        rows: rows.len(),
        columns,
        areas,
    })
}

/// `grid-auto-flow`: by column, and dense.
pub(crate) fn auto_flow(input: &mut Parser<'_>) -> Parse<(bool, bool)> {
    let (mut column, mut dense) = (None, None);
    while !input.is_exhausted() {
        let name = input.expect_ident()?;
        match &*name.to_ascii_lowercase() {
            "row" if column.is_none() => column = Some(false),
            "column" if column.is_none() => column = Some(true),
            "dense" if dense.is_none() => dense = Some(true),
            _ => return Err(invalid()),
        }
    }
    if column.is_none() && dense.is_none() {
        return Err(invalid());
    }
    Ok((column.unwrap_or(false), dense.unwrap_or(false)))
}

/// `grid-row-start` and the like.
pub(crate) fn line(input: &mut Parser<'_>) -> Parse<GridLine> {
    if input
        .try_parse(|input| input.expect_ident_matching("auto"))
        .is_ok()
    {
        return Ok(GridLine::Auto);
    }
    let (mut span, mut number, mut name) = (false, None, None);
    for _ in 0..3 {
        if !span
            && input
                .try_parse(|input| input.expect_ident_matching("span"))
                .is_ok()
        {
            span = true;
        } else if number.is_none()
            && let Ok(value) = input.try_parse(numeric::integer)
        {
            number = Some(value);
        } else if name.is_none()
            && let Ok(value) = input.try_parse(|input| custom_ident(input, &["span", "auto"]))
        {
            name = Some(value);
        }
    }
    let most = i32::try_from(MOST_TRACKS).unwrap_or(i32::MAX);
    match (span, number, name) {
        (false, None, Some(name)) => Ok(GridLine::Named(name)),
        (false, Some(number), name) if number != 0 => {
            Ok(GridLine::Line(number.clamp(-most, most), name))
        }
        (true, None, Some(name)) => Ok(GridLine::Span(1, Some(name))),
        (true, Some(number), name) if number > 0 => {
            Ok(GridLine::Span(number.clamp(1, most).unsigned_abs(), name))
        }
        _ => Err(invalid()),
    }
}

/// What the other line is where only one is given (§8.4): an area's name stands for both.
pub(crate) fn opposite(line: &GridLine) -> GridLine {
    match line {
        GridLine::Named(name) => GridLine::Named(Arc::clone(name)),
        _ => GridLine::Auto,
    }
}
