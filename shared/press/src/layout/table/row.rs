//! Rows laid out whole: heights, baselines, and cells stretched to them (CSS 2.2 §17.5.3).

use super::super::Forced;
use super::super::borders::RowPlace;
use super::super::columns::Columns;
use super::heights::{prefer, share};
use super::page::{Page, plain_box};
use super::resume::Rest;
use super::{Layout, Space, Step, TOLERANCE, Used, used_edges};
use crate::boxes::{BoxId, Cell, Content, TableBox};
use crate::fragment::{Child, DEEPEST, Fragment, Kind};
use fanfold_geometry::{Point, Px, Size};
use fanfold_style::computed::VerticalAlign;
use fanfold_style::values::Sizing;
use std::ops::Range;
use std::rc::Rc;

/// Rows laid out together.
pub(super) struct Cluster {
    pub(super) rows: Range<usize>,
    pub(super) heights: Vec<Px>,
    cells: Vec<Vec<LaidCell>>,
    /// Of all rows, with the spacing below each.
    pub(super) height: Px,
    /// A cell has a forced break in it.
    pub(super) forced: bool,
}

/// A cell as it came from layout.
pub(super) struct LaidCell {
    pub(super) cell: Cell,
    /// Its index in its row.
    pub(super) index: usize,
    pub(super) fragment: Fragment,
    pub(super) x: Px,
    /// What its percentages are of.
    pub(super) around: Px,
    /// What of it comes on later pages.
    pub(super) rest: Rest,
    /// It ends at a forced break.
    pub(super) forced: Option<Forced>,
    /// Its row or table has a height of its own.
    pub(super) definite: bool,
    /// None of its content is on earlier pages.
    pub(super) begins: bool,
}

/// Which of a row's or cell's ends are on this page.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    pub(super) first: bool,
    pub(super) last: bool,
}

impl Ends {
    pub(super) const BOTH: Self = Self {
        first: true,
        last: true,
    };
}

impl Layout<'_> {
    /// Lays out rows where nothing breaks; stops once they are taller than `enough`.
    pub(super) fn cluster(
        &self,
        table: &TableBox,
        columns: &Columns,
        rows: Range<usize>,
        gap: Px,
        enough: Px,
    ) -> Step<Cluster> {
        let mut heights = Vec::with_capacity(rows.len());
        let mut cells = Vec::with_capacity(rows.len());
        let mut spanning = Vec::new();
        let mut forced = false;
        let mut height = Px::ZERO;
        let stretched = table.cache.borrow().stretched.is_some();
        for row in rows.clone() {
            let definite = stretched || self.has_height(table.rows[row].id);
            let mut laid = Vec::with_capacity(table.rows[row].cells.len());
            for (index, cell) in table.rows[row].cells.iter().enumerate() {
                let (x, width) = columns.span(cell);
                let before = self.forced_met.replace(false);
                let space = Space::unbroken(columns.around, None);
                let fragment = self.layout_whole_in(cell.id, width, space)?.fragment;
                let met = self.forced_met.get();
                forced |= met;
                self.forced_met.set(before || met);
                laid.push(LaidCell {
                    cell: *cell,
                    index,
                    fragment,
                    x,
                    around: columns.around,
                    rest: Rest::Done,
                    forced: None,
                    definite,
                    begins: true,
                });
            }
            let own = self.row_height(table, row, &laid);
            for laid in laid.iter().filter(|laid| laid.cell.rowspan > 1) {
                let height = laid.fragment.size.height;
                let height = height.max(self.least_cell_height(laid));
                spanning.push((laid.cell.rowspan as usize, heights.len(), height));
            }
            heights.push(own);
            cells.push(laid);
            height += own + gap;
            if height > enough + TOLERANCE && enough.is_finite() && rows.len() > 1 {
                // The caller only needs to know that it is too tall.
                return Ok(Cluster {
                    rows,
                    heights,
                    cells,
                    height,
                    forced,
                });
            }
        }
        if !spanning.is_empty() {
            let set = rows.clone().map(|row| self.row_has_height(table, row));
            let set: Vec<bool> = set.collect();
            spread_spans(&mut heights, spanning, gap, &set);
        }
        let height = heights.iter().map(|height| *height + gap).sum();
        Ok(Cluster {
            rows,
            heights,
            cells,
            height,
            forced,
        })
    }

    /// Whether what sticks out of a cell's content, which has a set height, is below `left`.
    pub(super) fn cells_stick_out(&self, cluster: &Cluster, gap: Px, left: Px) -> bool {
        let mut top = Px::ZERO;
        cluster
            .cells
            .iter()
            .zip(&cluster.heights)
            .any(|(cells, height)| {
                let below = |laid: &LaidCell| {
                    let cell = &laid.fragment;
                    cell.has.overfull && top + cell.reach() > left + TOLERANCE
                };
                let sticks = cells.iter().any(below);
                top += *height + gap;
                sticks
            })
    }

    /// A row's height: of its cells on one baseline, and its own.
    pub(super) fn row_height(&self, table: &TableBox, row: usize, cells: &[LaidCell]) -> Px {
        let style = self.tree.style(table.rows[row].id);
        let used = Used::default();
        let own = self.height_of(style, &style.box_.height, &used, None);
        let mut height = own.unwrap_or_default().max(table.least_height(row));
        let baseline = self.row_baseline(cells);
        for laid in cells.iter().filter(|laid| laid.cell.rowspan == 1) {
            let shift = self.baseline_shift(laid, baseline);
            height = height
                .max(laid.fragment.size.height + shift)
                .max(self.least_cell_height(laid));
        }
        height
    }

    /// A cell's `height` and `min-height`: the row is at least as tall.
    fn least_cell_height(&self, laid: &LaidCell) -> Px {
        let style = self.tree.style(laid.cell.id);
        if style.box_.height == Sizing::Auto && style.box_.min_height == Sizing::Auto {
            return Px::ZERO;
        }
        let used = used_edges(style, laid.around);
        let height = |size| {
            let height = self.height_of(style, size, &used, None);
            height.unwrap_or_default()
        };
        height(&style.box_.height).max(height(&style.box_.min_height))
    }

    /// The lowest baseline of the cells aligned to it.
    pub(super) fn row_baseline(&self, cells: &[LaidCell]) -> Px {
        let aligned = cells
            .iter()
            .filter(|laid| is_baseline(self.tree.style(laid.cell.id).box_.vertical_align));
        aligned.map(cell_baseline).fold(Px::ZERO, Px::max)
    }

    fn baseline_shift(&self, laid: &LaidCell, baseline: Px) -> Px {
        if !is_baseline(self.tree.style(laid.cell.id).box_.vertical_align) {
            return Px::ZERO;
        }
        (baseline - cell_baseline(laid)).max(Px::ZERO)
    }

    pub(super) fn place_cluster(&self, page: &mut Page<'_>, cluster: Cluster) {
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
            let fragment = self.row_fragment(page, row, height, laid, &spans, Ends::BOTH);
            page.push_row(RowPlace::whole(row, height), fragment);
        }
    }

    /// A row's fragment with its cells stretched to `spans` and aligned.
    pub(super) fn row_fragment(
        &self,
        page: &Page<'_>,
        row: usize,
        height: Px,
        cells: Vec<LaidCell>,
        spans: &[Px],
        ends: Ends,
    ) -> Fragment {
        let id = page.table.rows[row].id;
        let (left, width) = page.extent();
        let kind = plain_box(id, ends.first, ends.last);
        let mut fragment = Fragment::new(kind, Size::new(width, height));
        let baseline = self.row_baseline(&cells);
        let mut has_baseline = false;
        for (laid, span) in cells.into_iter().zip(spans) {
            let style = self.tree.style(laid.cell.id);
            has_baseline |= is_baseline(style.box_.vertical_align);
            let by = self.relative_offset(style, width, None);
            let at = Point::new(laid.x - left, Px::ZERO) + by;
            let index = laid.index;
            let seen = page.sheet_end - page.y;
            let cell = self.stretched_cell(laid, (*span, seen), baseline, ends);
            fragment.push(at, Rc::new(cell), index);
        }
        // The row's baseline, or else its bottom (CSS 2.2 §17.5.3).
        let baseline = if has_baseline { baseline } else { height };
        fragment.first_baseline = Some(baseline);
        fragment.last_baseline = Some(baseline);
        fragment
    }

    /// A cell's fragment made `height` tall, its content aligned when it is all there, as far as it is `seen`.
    pub(super) fn stretched_cell(
        &self,
        laid: LaidCell,
        (height, seen): (Px, Px),
        baseline: Px,
        ends: Ends,
    ) -> Fragment {
        let style = self.tree.style(laid.cell.id);
        let mut laid = laid;
        let mut free = (height - laid.fragment.size.height).max(Px::ZERO);
        if ends.first
            && ends.last
            && let Some((again, rest)) = self.cell_of_height(&laid, height)
            // Percentages of its height make what is in it higher, which the page has no room for.
            && (again.reach() <= seen || laid.fragment.reach() > seen)
        {
            (laid.fragment, free) = (again, rest);
        }
        let shift = match style.box_.vertical_align {
            _ if !(ends.first || laid.begins && ends.last) => Px::ZERO,
            VerticalAlign::Middle if ends.last => free / 2.0,
            VerticalAlign::Bottom if ends.last => free,
            VerticalAlign::Middle | VerticalAlign::Bottom | VerticalAlign::Top => Px::ZERO,
            _ if !ends.first => Px::ZERO,
            _ => self.baseline_shift(&laid, baseline).min(free),
        };
        let mut fragment = laid.fragment;
        self.lower_content(&mut fragment, shift, seen);
        fragment.size.height = height;
        let hides = style.text.hide_empty_cells && !style.text.collapse;
        if let Kind::Box(box_) = &mut fragment.kind {
            box_.bare = hides && self.is_empty_cell(laid.cell.id);
            box_.first &= ends.first;
            box_.last &= ends.last;
        }
        fragment
    }

    /// Whether its `height` is a length.
    fn has_height(&self, id: BoxId) -> bool {
        match self.tree.style(id).box_.height {
            Sizing::Size(length) => length.to_length().is_some(),
            _ => false,
        }
    }

    /// A cell that has, or whose row or table has, a height of its own, laid out again where percentages inside are of its row's height
    /// (CSS Tables 3 §3.9.1), and the height that its content leaves free.
    fn cell_of_height(&self, laid: &LaidCell, height: Px) -> Option<(Fragment, Px)> {
        let id = laid.cell.id;
        let own = laid.definite || self.has_height(id);
        if !own || !self.follows_height(id) {
            return None;
        }
        let width = laid.fragment.size.width;
        // Where it is stopped, what asks next stops too.
        let again = self.item_of_height(id, width, laid.around, height).ok()?;
        // Margins and clearance are in what it was before.
        let grown = self.content_bottom(&again, 0) - self.content_bottom(&laid.fragment, 0);
        let bottom = laid.fragment.size.height + grown;
        Some((again, (height - bottom).max(Px::ZERO)))
    }

    /// How far down content goes in the flow, and floats of its formatting context, which a cell is as high as
    /// (CSS 2.2 §10.6.7) but not the blocks that they are in.
    fn content_bottom(&self, fragment: &Fragment, depth: usize) -> Px {
        let end = |child: &Child| {
            let inside = &child.fragment;
            let box_ = inside.as_box().map(|box_| self.tree.get(box_.id));
            let counts = match box_ {
                Some(box_) if depth == 0 => !box_.is_absolute(),
                Some(box_) => box_.is_float(),
                None => depth == 0,
            };
            let own = if counts { inside.size.height } else { Px::ZERO };
            let looks = inside.has.floats
                && depth < DEEPEST
                && box_.is_some_and(|box_| !box_.establishes_context());
            let floated = looks.then(|| self.content_bottom(inside, depth + 1));
            (counts || looks).then(|| child.offset.y + own.max(floated.unwrap_or_default()))
        };
        fragment
            .children
            .iter()
            .filter_map(end)
            .fold(Px::ZERO, Px::max)
    }

    /// Nothing in the flow and no floats (CSS 2.2 §17.6.1.1).
    pub(super) fn is_empty_cell(&self, id: BoxId) -> bool {
        match &self.tree.get(id).content {
            Content::Inline(inline) => inline.text.is_empty() && inline.items.is_empty(),
            Content::Blocks(children) => children.is_empty(),
            _ => false,
        }
    }
}

/// A cell's baseline: of its first line, or else the bottom of its content (CSS 2.2 §17.5.3).
fn cell_baseline(laid: &LaidCell) -> Px {
    let bottom = |fragment: &Fragment| {
        let below = fragment
            .as_box()
            .map_or(Px::ZERO, |box_| box_.border.bottom + box_.padding.bottom);
        (fragment.size.height - below).max(Px::ZERO)
    };
    let baseline = laid.fragment.first_baseline;
    baseline.unwrap_or_else(|| bottom(&laid.fragment))
}

fn is_baseline(align: VerticalAlign) -> bool {
    !matches!(
        align,
        VerticalAlign::Top | VerticalAlign::Middle | VerticalAlign::Bottom
    )
}

/// Makes rows tall enough for the cells that span them (rows, first row, height), in proportion to
/// their heights: those that are not `set`, where there are any.
fn spread_spans(heights: &mut [Px], mut spanning: Vec<(usize, usize, Px)>, gap: Px, set: &[bool]) {
    spanning.sort_by_key(|(span, row, _)| (*span, *row));
    for (span, row, height) in spanning {
        let end = (row + span).min(heights.len());
        let have: Px = heights[row..end].iter().copied().sum::<Px>() + gap * (end - row - 1) as f32;
        let missing = height - have;
        if missing > Px::ZERO {
            let mut rows: Vec<usize> = (row..end).collect();
            prefer(&mut rows, |row| !set[row]);
            share(heights, &rows, missing);
        }
    }
}
