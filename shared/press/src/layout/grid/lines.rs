//! From a grid's template and items to the places of its tracks (CSS Grid 2 §7.2, §10, §11).

use super::place::{Covered, Explicit, place};
use super::subgrid::{Inheritance, Which};
use super::tracks::{Available, Contribution, sized};
use super::{AreaEdges, Gridded, Item, Stretch, gap};
use crate::boxes::{BoxId, Content};
use crate::layout::flex::justify;
use crate::layout::{Layout, Space, Step, bounded, used_edges};
use fanfold_geometry::Px;
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{Alignment, Breadth, TrackSize, Tracks};
use fanfold_style::values::Sizing;
use std::cell::{OnceCell, RefCell};
use std::ops::Range;
use std::rc::Rc;

/// Most tracks of the explicit grid.
const MOST_TRACKS: usize = 1000;

/// Where tracks of an axis come from.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    sizes: Vec<TrackSize>,
    /// What each track was numbered before empty repetitions were left out.
    kept: Vec<usize>,
}

/// A grid's items and tracks.
pub(super) struct Axes {
    pub(super) items: Vec<(BoxId, Covered)>,
    /// Absolutely positioned children that say by which lines they are placed: row and column lines.
    absolutes: Vec<(BoxId, [[Option<usize>; 2]; 2])>,
    pub(super) columns: Axis,
    rows: Axis,
}

impl Axis {
    /// The tracks of a range, without those that are left out.
    pub(super) fn covered(&self, range: &Range<usize>) -> Range<usize> {
        self.line(range.start)..self.line(range.end)
    }

    /// The line without the tracks that are left out.
    pub(super) fn line(&self, line: usize) -> usize {
        self.kept.partition_point(|track| *track < line)
    }
}

impl Layout<'_> {
    /// Min-content and max-content widths of a grid's content.
    pub(in crate::layout) fn intrinsic_grid(&self, id: BoxId, items: &[BoxId]) -> (Px, Px) {
        let style = self.tree.style(id);
        let Axes { items, columns, .. } = self.grid_axes(id, items, None, None);
        let gap = gap(style.box_.flex.gap.1.unwrap_or_default(), Px::ZERO);
        let asked = self.column_contributions(&items, &columns, gap);
        let gaps = gap * columns.sizes.len().saturating_sub(1) as f32;
        let available = |size| Available {
            size,
            gap,
            stretches: false,
        };
        let least: Px = sized(&columns.sizes, &asked, available(Some(gaps)))
            .into_iter()
            .sum();
        self.forget_subgrids(items.iter().map(|(item, _)| *item));
        let most: Px = sized(&columns.sizes, &asked, available(None))
            .into_iter()
            .sum();
        (least + gaps, most.max(least) + gaps)
    }

    /// Places the items and sizes the tracks of a grid in `space`; `least` is its least content height.
    pub(super) fn gridded(
        &self,
        id: BoxId,
        items: &[BoxId],
        space: Space,
        least: Option<Px>,
    ) -> Step<Gridded> {
        let style = self.tree.style(id);
        let given = self.subgrid(id).unwrap_or_default();
        let given_columns = given.columns.and_then(|columns| columns.stretches());
        let given_rows = given.rows.and_then(|rows| rows.stretches());
        let flex = &style.box_.flex;
        let Axes {
            items,
            absolutes,
            columns,
            rows,
        } = self.grid_axes(id, items, Some(space.width), space.height);
        let column_gap = gap(flex.gap.1.unwrap_or_default(), space.width);
        let row_gap = gap(flex.gap.0, space.height.unwrap_or_default());
        let stretches: Rc<[Stretch]> = Rc::from(given_columns.unwrap_or_else(|| {
            let asked = self.column_contributions(&items, &columns, column_gap);
            let available = Available {
                size: Some(space.width),
                gap: column_gap,
                stretches: spreads(flex.justify_content),
            };
            let widths = sized(&columns.sizes, &asked, available);
            stretched(&widths, space.width, column_gap, flex.justify_content)
        }));
        let mut placed = Vec::with_capacity(items.len());
        let mut heights = Vec::with_capacity(items.len());
        for (index, (id, covered)) in items.into_iter().enumerate() {
            self.step()?;
            let across = columns.covered(&covered.columns);
            let (start, end) = ends(&stretches, &across);
            let area = end - start;
            let start = if style.text.rtl {
                space.width - end
            } else {
                start
            };
            let item = self.grid_area(style, id, index, start, area);
            let item = Item {
                rows: rows.covered(&covered.rows),
                ..item
            };
            self.give_columns(&item, &stretches, across, column_gap);
            if let Some(asked) = self.subgrid_rows(&item, item.rows.start, row_gap)? {
                // It is laid out once its rows are known.
                heights.extend(asked);
                placed.push(item);
                continue;
            }
            let met = self.forced_met.replace(false);
            let laid = self.layout_item(id, item.width, item.area, None)?;
            let forces = self.forced_met.replace(met);
            let item = Item { forces, ..item };
            let outer = laid.size.height + item.used.margin_top() + item.used.margin_bottom();
            heights.push(Contribution {
                tracks: item.rows.clone(),
                min: outer,
                max: outer,
            });
            *item.laid.borrow_mut() = Some(laid);
            placed.push(item);
        }
        let row_lines = |line: usize| rows.line(line);
        let column_lines = |line: usize| columns.line(line);
        let around: Vec<_> = absolutes
            .into_iter()
            .map(|(id, [rows, columns])| {
                (
                    id,
                    rows.map(|line| line.map(row_lines)),
                    columns.map(|line| line.map(column_lines)),
                )
            })
            .collect();
        let room = |size| Available {
            size,
            gap: row_gap,
            stretches: spreads(flex.align_content),
        };
        let mut sizes = sized(&rows.sizes, &heights, room(space.height));
        let total = |sizes: &[Px]| {
            let gaps = row_gap * sizes.len().saturating_sub(1) as f32;
            sizes.iter().copied().sum::<Px>() + gaps
        };
        let mut height = space.height;
        if let Some(least) = least.filter(|least| height.is_none() && *least > total(&sizes)) {
            height = Some(least);
            sizes = sized(&rows.sizes, &heights, room(height));
        }
        let height = height.unwrap_or_else(|| total(&sizes));
        let rows: Rc<[Stretch]> = Rc::from(
            given_rows.unwrap_or_else(|| stretched(&sizes, height, row_gap, flex.align_content)),
        );
        for item in &mut placed {
            self.give_rows(item, &rows, row_gap);
            item.subgrid = self.forget_subgrids([item.id]);
        }
        let mut breaks: Vec<usize> = (0..=rows.len()).collect();
        let mut crossed = vec![false; rows.len() + 1];
        for item in &placed {
            for line in item.rows.clone().skip(1) {
                crossed[line] = true;
            }
        }
        breaks.retain(|line| !crossed[*line]);
        let absolutes = around
            .into_iter()
            .map(|(id, across, down)| {
                let (top, bottom) = edges(&rows, across);
                let (start, end) = edges(&stretches, down);
                let mirrored = |x: Option<Px>| x.map(|x| space.width - x);
                let (left, right) = match style.text.rtl {
                    true => (mirrored(end), mirrored(start)),
                    false => (start, end),
                };
                let area = AreaEdges {
                    top,
                    right,
                    bottom,
                    left,
                };
                (id, area)
            })
            .collect();
        Ok(Gridded::new(placed, absolutes, rows, breaks, heights))
    }

    /// The items with the tracks they cover, and the tracks of columns and rows.
    pub(super) fn grid_axes(
        &self,
        id: BoxId,
        items: &[BoxId],
        width: Option<Px>,
        height: Option<Px>,
    ) -> Axes {
        let style = self.tree.style(id);
        let grid = &*style.grid;
        let (column_template, columns_given) = self.template(id, &grid.columns, Which::Columns);
        let (row_template, rows_given) = self.template(id, &grid.rows, Which::Rows);
        let column_gap = gap(
            style.box_.flex.gap.1.unwrap_or_default(),
            width.unwrap_or_default(),
        );
        let row_gap = gap(style.box_.flex.gap.0, height.unwrap_or_default());
        let (column_sizes, columns_repeated) = expanded(&column_template, width, column_gap);
        let (row_sizes, rows_repeated) = expanded(&row_template, height, row_gap);
        let at = |tracks: &Tracks| tracks.repeat.as_ref().map_or(0, |repeat| repeat.at);
        let column_axis = Explicit {
            tracks: &column_template,
            count: columns_given.unwrap_or(column_sizes.len().max(grid.areas.columns)),
            repeated: (columns_repeated, at(&column_template)),
            areas: &grid.areas,
            rows: false,
        };
        let row_axis = Explicit {
            tracks: &row_template,
            count: rows_given.unwrap_or(row_sizes.len().max(grid.areas.rows)),
            repeated: (rows_repeated, at(&row_template)),
            areas: &grid.areas,
            rows: true,
        };
        let in_flow: Vec<BoxId> = items
            .iter()
            .copied()
            .filter(|item| !self.tree.get(*item).is_absolute())
            .collect();
        let lines: Vec<_> = in_flow
            .iter()
            .map(|item| {
                let own = &self.tree.style(*item).grid;
                (row_axis.lines(&own.row), column_axis.lines(&own.column))
            })
            .collect();
        let mut placement = place(
            &lines,
            row_axis.count,
            column_axis.count,
            grid.flow.0,
            grid.flow.1,
        );
        placement.keep_within(rows_given, columns_given);
        let axis = |sizes: &[TrackSize],
                    tracks: &Tracks,
                    auto: &[TrackSize],
                    (before, total): (usize, usize),
                    repeated: usize,
                    covered: fn(&Covered) -> &Range<usize>| {
            let collapses = tracks.repeat.as_ref().filter(|repeat| repeat.fit);
            let mut used = vec![collapses.is_none(); total];
            if let Some(repeat) = collapses {
                for (index, used) in used.iter_mut().enumerate() {
                    let from = before + repeat.at;
                    *used = !(from..from + repeated).contains(&index);
                }
                for range in placement.cells.iter().map(covered) {
                    used[range.clone()].fill(true);
                }
            }
            let kept: Vec<usize> = (0..total).filter(|index| used[*index]).collect();
            let sizes = kept
                .iter()
                .map(|index| size_of(*index, before, sizes, auto))
                .collect();
            Axis { sizes, kept }
        };
        let columns = axis(
            &column_sizes,
            &column_template,
            &grid.auto_columns,
            placement.columns,
            columns_repeated,
            |cell| &cell.columns,
        );
        let rows = axis(
            &row_sizes,
            &row_template,
            &grid.auto_rows,
            placement.rows,
            rows_repeated,
            |cell| &cell.rows,
        );
        let (shared_columns, shared_rows) = (OnceCell::new(), OnceCell::new());
        for (item, covered) in in_flow.iter().zip(&placement.cells) {
            let columns = Inheritance {
                explicit: &column_axis,
                before: placement.columns.0,
                axis: &columns,
                covered: &covered.columns,
                shared: &shared_columns,
            };
            let rows = Inheritance {
                explicit: &row_axis,
                before: placement.rows.0,
                axis: &rows,
                covered: &covered.rows,
                shared: &shared_rows,
            };
            self.note_subgrid(*item, (columns, rows));
        }
        let absolutes = items
            .iter()
            .filter(|item| self.tree.get(**item).is_absolute());
        let absolutes = absolutes.filter_map(|item| {
            let own = &self.tree.style(*item).grid;
            let lines = [
                row_axis.lines_around(&own.row, placement.rows),
                column_axis.lines_around(&own.column, placement.columns),
            ];
            (lines != [[None; 2]; 2]).then_some((*item, lines))
        });
        Axes {
            absolutes: absolutes.collect(),
            items: in_flow.into_iter().zip(placement.cells).collect(),
            columns,
            rows,
        }
    }

    /// What the items ask of the columns, which are `gap` apart.
    pub(super) fn column_contributions(
        &self,
        items: &[(BoxId, Covered)],
        columns: &Axis,
        gap: Px,
    ) -> Vec<Contribution> {
        let mut nested = Vec::new();
        let own = items.iter().filter(|(id, covered)| {
            let first = columns.line(covered.columns.start);
            !self.subgrid_columns(*id, first, gap, &mut nested)
        });
        let mut asked: Vec<Contribution> = own
            .map(|(id, covered)| {
                let (min, max) = self.contribution(*id);
                let own = &self.tree.style(*id).box_;
                // What is cut off needs no room (§6.6).
                let replaced = matches!(self.tree.get(*id).content, Content::Replaced(_));
                let min = if own.clips && own.width == Sizing::Auto && !replaced {
                    Px::ZERO
                } else {
                    min
                };
                Contribution {
                    tracks: columns.covered(&covered.columns),
                    min,
                    max,
                }
            })
            .collect();
        asked.extend(nested);
        asked
    }

    /// An item's width and place in an area (§6.2, §10.4).
    fn grid_area(
        &self,
        style: &ComputedStyle,
        id: BoxId,
        index: usize,
        start: Px,
        area: Px,
    ) -> Item {
        let own = self.tree.style(id);
        let used = used_edges(own, area);
        let available = (area - used.margin_horizontal()).max(Px::ZERO);
        let alignment = own.grid.justify_self.unwrap_or(style.grid.justify_items);
        let auto_margins = used.margin.left.is_none() || used.margin.right.is_none();
        let stretched = alignment == Alignment::Stretch && !auto_margins;
        let width = if self.keeps_width(id, stretched) {
            self.replaced_border_size(id, area, None).width
        } else {
            let is_subgrid = own.grid.columns.subgrid && self.subgrid(id).is_some();
            let stretches = is_subgrid
                || matches!(alignment, Alignment::Normal | Alignment::Stretch) && !auto_margins;
            let auto = if stretches {
                available
            } else {
                let shrunk = self.shrink(id, &used, available);
                self.ratio_width(id, &used, None, shrunk)
            };
            self.constrained_width(id, &used, area, auto)
        };
        let free = area - width - used.margin_horizontal();
        let x = match (used.margin.left, used.margin.right) {
            (None, None) => free.max(Px::ZERO) / 2.0,
            (None, Some(_)) => free,
            (Some(left), None) => left,
            (Some(left), Some(_)) => match alignment {
                Alignment::Center => free / 2.0 + left,
                other if (other == Alignment::End) != style.text.rtl => free + left,
                _ => left,
            },
        };
        Item {
            index,
            id,
            used,
            rows: 0..0,
            x: start + x,
            width,
            area,
            subgrid: None,
            forces: false,
            laid: RefCell::new(None),
        }
    }
}

/// Whether tracks that size themselves share what is left over.
fn spreads(alignment: Alignment) -> bool {
    matches!(alignment, Alignment::Normal | Alignment::Stretch)
}

/// The template's tracks with its automatic repetition made (§7.2.3.2), and how many that made.
fn expanded(tracks: &Tracks, size: Option<Px>, gap: Px) -> (Vec<TrackSize>, usize) {
    let Some(repeat) = &tracks.repeat else {
        return (tracks.list.clone(), 0);
    };
    let of = |track: &TrackSize| {
        let length = |breadth: &Breadth| match breadth {
            Breadth::Length(length) => Some(bounded(length.resolve(size.unwrap_or_default()))),
            _ => None,
        };
        let size = length(&track.max).or_else(|| length(&track.min));
        size.unwrap_or_default().max(Px(1.0))
    };
    let once = repeat
        .tracks
        .iter()
        .map(|track| of(track) + gap)
        .sum::<Px>();
    let others: Px = tracks.list.iter().map(|track| of(track) + gap).sum();
    let count = size.map_or(1.0, |size| {
        ((size + gap - others + Px(0.01)) / once).floor()
    });
    let most = MOST_TRACKS.saturating_sub(tracks.list.len()) / repeat.tracks.len().max(1);
    let count = (count.max(1.0) as usize).min(most.max(1));
    let at = repeat.at.min(tracks.list.len());
    let mut list = tracks.list[..at].to_vec();
    for _ in 0..count {
        list.extend_from_slice(&repeat.tracks);
    }
    list.extend_from_slice(&tracks.list[at..]);
    (list, count * repeat.tracks.len())
}

/// The size of a track: the template's, or one of those that implicit tracks have in turn (§7.6).
fn size_of(index: usize, before: usize, explicit: &[TrackSize], auto: &[TrackSize]) -> TrackSize {
    let implicit = |index: usize| match auto.len() {
        0 => TrackSize::AUTO,
        count => auto[index % count],
    };
    match index.checked_sub(before) {
        Some(index) if index < explicit.len() => explicit[index],
        Some(index) => implicit(index - explicit.len()),
        // Backwards from the explicit grid.
        None => {
            let count = auto.len().max(1);
            implicit((count - (before - index) % count) % count)
        }
    }
}

/// Tracks one after the other, aligned in `room` (§10.5).
fn stretched(sizes: &[Px], room: Px, gap: Px, alignment: Alignment) -> Vec<Stretch> {
    let gaps = gap * sizes.len().saturating_sub(1) as f32;
    let free = room - gaps - sizes.iter().copied().sum::<Px>();
    let (mut at, between) = justify(alignment, free, sizes.len());
    sizes
        .iter()
        .map(|size| {
            let start = at;
            at += *size + gap + between;
            Stretch { start, size: *size }
        })
        .collect()
}

/// Where the lines around an area are, among tracks.
fn edges(tracks: &[Stretch], [start, end]: [Option<usize>; 2]) -> (Option<Px>, Option<Px>) {
    let last = tracks.last().map_or(Px::ZERO, |track| track.end());
    let first = tracks.first().map_or(Px::ZERO, |track| track.start);
    let start = start.map(|line| tracks.get(line).map_or(last, |track| track.start));
    let before = |line: usize| tracks.get(line.checked_sub(1)?);
    let end = end.map(|line| before(line).map_or(first, |track| track.end()));
    (start, end)
}

/// Where the first of some tracks starts and the last ends.
fn ends(tracks: &[Stretch], covered: &Range<usize>) -> (Px, Px) {
    let start = tracks
        .get(covered.start)
        .map_or(Px::ZERO, |track| track.start);
    let end = tracks[..covered.end.min(tracks.len())]
        .last()
        .map_or(start, |track| track.end());
    (start, end.max(start))
}
