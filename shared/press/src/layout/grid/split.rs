//! Rows of a grid that a page breaks (CSS Grid 2 §12, CSS Fragmentation 3 §3).

use super::{Gridded, Item};
use crate::boxes::BoxId;
use crate::fragment::{BoxFragment, Fragment, Kind};
use crate::layout::{Floats, Forced, Layout, Outcome, Resume, Space, Step, TOLERANCE};
use fanfold_geometry::{Point, Px, Size};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::Alignment;
use fanfold_style::values::Sizing;
use std::ops::Range;

/// What is left of an item; none for one that did not begin.
type Rest = (usize, Option<Resume>);

/// What there was room for of rows that are broken.
pub(super) struct Piece {
    /// Where they end.
    pub(super) bottom: Px,
    /// What is left of their items.
    pub(super) rests: Vec<Rest>,
    /// The break in one of them that was asked for.
    pub(super) forced: Option<Forced>,
    /// How much of the rows is on this page and those before.
    pub(super) shown: Px,
    /// By how much they are higher on this page than they would be unbroken.
    pub(super) grown: Px,
}

/// A piece of an item in rows that are broken.
struct ItemPiece<'g> {
    /// Among the grid's items.
    index: usize,
    item: &'g Item,
    /// Of its border box.
    top: Px,
    fragment: Fragment,
    first: bool,
    last: bool,
    /// The break in it that was asked for.
    forced: Option<Forced>,
}

/// A row with an item that takes more height on its pages than it would unbroken, or begins on a later one than its row:
/// what is below is pushed down.
struct Longer {
    /// Its lower line.
    line: usize,
    by: Px,
    /// It goes on, and nothing below it begins on this page.
    goes_on: bool,
}

impl ItemPiece<'_> {
    fn bottom(&self) -> Px {
        self.top + self.fragment.size.height
    }
}

impl Layout<'_> {
    /// Places what there is room for of rows that do not fit. None where an item cannot break, unless something
    /// `must` be placed, at the page's top.
    #[expect(clippy::too_many_arguments, reason = "the rows and where they go")]
    pub(super) fn grid_split(
        &self,
        style: &ComputedStyle,
        gridded: &Gridded,
        group: &Range<usize>,
        begun: Option<(&Vec<Rest>, Px)>,
        corner: Point,
        space: Space,
        must: bool,
        fragment: &mut Fragment,
    ) -> Step<Option<Piece>> {
        let start = gridded.rows[group.start].start;
        let mut rests: Vec<Rest> = Vec::new();
        let mut placed: Vec<ItemPiece> = Vec::new();
        // The row that goes to the next page with all below it.
        let mut moved: Option<usize> = None;
        let fresh: Vec<Rest>;
        let (todo, shown) = match begun {
            Some((rests, shown)) => (rests.as_slice(), shown),
            None => {
                let starting = gridded.starting_in(group);
                fresh = starting.into_iter().map(|index| (index, None)).collect();
                (fresh.as_slice(), Px::ZERO)
            }
        };
        let offset = |row: usize| gridded.rows[row].start - start - shown;
        let mut longer: Vec<Longer> = Vec::new();
        // How far the rows that begin here are pushed down.
        let mut pushed = Px::ZERO;
        let mut todo_by_row: Vec<&Rest> = todo.iter().collect();
        todo_by_row.sort_by_key(|(index, _)| gridded.items[*index].rows.start);
        for (index, rest) in todo_by_row {
            let item = &gridded.items[*index];
            let row = item.rows.start;
            let above = longer.iter().filter(|longer| longer.line <= row);
            if rest.is_none() && moved.is_none() && above.clone().any(|above| above.goes_on) {
                moved = Some(row);
            }
            if rest.is_none() && moved.is_some_and(|moved| row >= moved) {
                rests.push((*index, None));
                continue;
            }
            let by = above.map(|longer| longer.by).fold(Px::ZERO, Px::max);
            let top = if rest.is_some() {
                Px::ZERO
            } else {
                // What the margin takes of the pages before is not taken again.
                pushed = pushed.max(by);
                (offset(row) + by + item.used.margin_top()).max(Px::ZERO)
            };
            // What is left of a margin that began above is no place where a line has to stay.
            let first_row = begun.is_none() && row == group.start;
            let at_top = must && (first_row || top <= Px::ZERO);
            if top >= space.left && top > Px::ZERO {
                rests.push((*index, None));
                continue;
            }
            let whole = gridded.rows[item.rows.end - 1].end() - gridded.rows[item.rows.start].start;
            let own = Space {
                left: space.left - top,
                width: item.area,
                height: self.minds_height(item.id).then_some(whole),
                at_top,
                ..space
            };
            self.recall_subgrid(item);
            let outcome = self.layout(
                item.id,
                item.width,
                own,
                rest.as_ref(),
                &mut Floats::default(),
                Point::default(),
            )?;
            self.forget_subgrids([item.id]);
            let Outcome::Laid(laid) = outcome else {
                // A break between two rows that an item joins is better than one above both.
                let between = |line: &usize| {
                    let (above, below) = gridded.beside(*line);
                    offset(*line) > Px::ZERO && !self.avoids_between_lines(&above, &below)
                };
                let mut lines = (group.start + 1..=row).rev();
                if rest.is_none()
                    && let Some(line) = lines.find(between)
                {
                    moved = Some(line);
                    // What began on an earlier page is in rows above, as this line is below that page.
                    let stays = |index: usize| gridded.items[index].rows.start < line;
                    let gone = placed.iter().filter(|piece| !stays(piece.index));
                    let gone = gone.map(|piece| (piece.index, None));
                    let gone: Vec<Rest> = gone.chain([(*index, None)]).collect();
                    placed.retain(|piece| stays(piece.index));
                    rests.retain(|(index, rest)| stays(*index) || rest.is_none());
                    rests.extend(gone);
                    continue;
                }
                if !must {
                    return Ok(None);
                }
                rests.push((*index, rest.clone()));
                continue;
            };
            let (goes_on, height) = (laid.resume.is_some(), laid.fragment.size.height);
            if (goes_on || begun.is_some()) && fits_area(gridded, item) {
                let line = item.rows.end;
                let end = gridded.rows[line - 1].end() - start - shown;
                let by = top + height + item.used.margin_bottom() - end;
                if goes_on || by > TOLERANCE {
                    longer.push(Longer { line, by, goes_on });
                }
            }
            placed.push(ItemPiece {
                index: *index,
                item,
                top,
                fragment: laid.fragment,
                first: rest.is_none(),
                last: laid.resume.is_none(),
                forced: laid.forced,
            });
            rests.extend(laid.resume.map(|resume| (*index, Some(resume))));
        }
        rests.sort_unstable_by_key(|(index, _)| *index);
        let bottom = placed.iter().map(ItemPiece::bottom);
        let bottom = bottom.fold(Px::ZERO, Px::max);
        let forced = placed.iter_mut().find_map(|piece| piece.forced.take());
        if !must && begun.is_none() && placed.is_empty() && !rests.is_empty() {
            // Margins alone take what room there is.
            return Ok(None);
        }
        // Rows that end here end below all that is in them.
        let last_row = rests.is_empty().then_some(group.end);
        let grown = |line: usize| {
            let above = longer
                .iter()
                .filter(|longer| longer.line <= line && !longer.goes_on);
            above.map(|longer| longer.by).fold(Px::ZERO, Px::max)
        };
        let ends = |item: &Item| {
            let end = gridded.rows[item.rows.end - 1].end() - start - shown + grown(item.rows.end);
            let ends_here = last_row == Some(item.rows.end);
            end.max(if ends_here { bottom } else { end }) - item.used.margin_bottom()
        };
        let avoids = |piece: &ItemPiece| {
            let avoids = self.tree.style(piece.item.id).breaks.avoid_inside;
            avoids && ends(piece.item) > space.left + TOLERANCE
        };
        if !must && space.breaks() && placed.iter().any(avoids) {
            return Ok(None);
        }
        if begun.is_some() {
            self.emptied_items(style, gridded, group, todo, ends, (corner, space), fragment);
        }
        for mut piece in placed {
            let end = ends(piece.item);
            let shift = self.fill_area(style, &mut piece, end, space)?;
            let at = corner + Point::new(piece.item.x, piece.top + shift);
            self.grid_item(piece.item, piece.fragment, at, space, fragment);
        }
        Ok(Some(Piece {
            bottom,
            rests,
            forced,
            shown: match moved {
                Some(line) => shown + offset(line),
                None => shown + space.left - pushed,
            },
            grown: grown(group.end),
        }))
    }

    /// Stretches an item's last piece towards the `end` of its area (CSS Grid 2 §6.2), or returns by how much its
    /// alignment moves an item that is all there.
    fn fill_area(
        &self,
        style: &ComputedStyle,
        piece: &mut ItemPiece<'_>,
        end: Px,
        space: Space,
    ) -> Step<Px> {
        let (item, height) = (piece.item, piece.fragment.size.height);
        let free = end - piece.top - height;
        let reach = height.max(piece.fragment.reach());
        let room = (space.left - piece.top - reach).min(free);
        if room <= Px::ZERO || !piece.last || !space.breaks() {
            return Ok(Px::ZERO);
        }
        let alignment = self.alignment(style, item.id);
        Ok(match (item.used.margin.top, item.used.margin.bottom) {
            (Some(_), Some(_)) if self.stretches_freely(item.id, alignment) => {
                if piece.first {
                    let heights = (height + room, space.left - piece.top);
                    self.recall_subgrid(item);
                    self.reheighten(item.id, &mut piece.fragment, item.area, heights)?;
                    self.forget_subgrids([item.id]);
                } else {
                    piece.fragment.size.height += room;
                }
                if let Kind::Box(box_) = &mut piece.fragment.kind {
                    box_.last = free <= room + TOLERANCE;
                }
                Px::ZERO
            }
            _ if !piece.first => Px::ZERO,
            (None, None) => room.min(free / 2.0),
            (None, Some(_)) => room,
            (Some(_), None) => Px::ZERO,
            _ => match alignment {
                Alignment::End => room,
                Alignment::Center => room.min(free / 2.0),
                _ => Px::ZERO,
            },
        })
    }

    /// Whether the box of an item may end anywhere between its content and the end of its area.
    fn stretches_freely(&self, id: BoxId, alignment: Alignment) -> bool {
        let most = &self.tree.style(id).box_.max_height;
        *most == Sizing::Auto && self.fills_area(id, alignment)
    }

    /// The boxes of the items whose content is on the pages before, but not all of their area.
    #[expect(clippy::too_many_arguments, reason = "the rows and where they go")]
    fn emptied_items(
        &self,
        style: &ComputedStyle,
        gridded: &Gridded,
        group: &Range<usize>,
        todo: &[Rest],
        ends: impl Fn(&Item) -> Px,
        (corner, space): (Point, Space),
        fragment: &mut Fragment,
    ) {
        for index in gridded.starting_in(group) {
            let item = &gridded.items[index];
            let end = ends(item);
            let alignment = self.alignment(style, item.id);
            let auto = item.used.margin.top.is_none() || item.used.margin.bottom.is_none();
            if end <= TOLERANCE
                || auto
                || !self.stretches_freely(item.id, alignment)
                || todo
                    .binary_search_by_key(&index, |(other, _)| *other)
                    .is_ok()
            {
                continue;
            }
            let box_ = BoxFragment {
                id: item.id,
                border: item.used.border,
                padding: item.used.padding,
                first: false,
                last: end <= space.left + TOLERANCE,
                consumed: Px::ZERO,
                bare: false,
            };
            let size = Size::new(item.width, end.min(space.left));
            let piece = Fragment::new(Kind::Box(box_), size);
            self.grid_item(
                item,
                piece,
                corner + Point::new(item.x, Px::ZERO),
                space,
                fragment,
            );
        }
    }
}

/// Whether all of an item is in its area where nothing breaks it: what sticks out pushes nothing.
fn fits_area(gridded: &Gridded, item: &Item) -> bool {
    let laid = item.laid.borrow();
    let area = gridded.rows[item.rows.end - 1].end() - gridded.rows[item.rows.start].start;
    let margins = item.used.margin_top() + item.used.margin_bottom();
    let height = laid.as_ref().map(|laid| laid.size.height);
    height.is_some_and(|height| height + margins <= area + TOLERANCE)
}
