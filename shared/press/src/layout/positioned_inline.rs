//! Absolutely positioned boxes whose containing block is an inline box (CSS 2.2 §10.1).

use super::positioned::{Against, Pending};
use super::{Layout, Space, Step, used_edges};
use crate::boxes::{BoxId, Content};
use crate::fragment::{Fragment, InlinePiece, Kind};
use fanfold_geometry::{Point, Px, Rect, Size};
use rustc_hash::FxHashMap;
use std::rc::Rc;

impl Layout<'_> {
    /// Places those in the lines of `id`'s fragment.
    pub(super) fn positioned_in_lines(
        &self,
        id: BoxId,
        fragment: &mut Fragment,
        space: Space,
    ) -> Step<()> {
        let Content::Inline(inline) = &self.tree.get(id).content else {
            return Ok(());
        };
        if !fragment.has.absolutes {
            return Ok(());
        }
        let mut pending = Vec::new();
        take(fragment, Point::default(), None, &mut pending);
        if pending.is_empty() {
            return Ok(());
        }
        let mut pieces = Pieces::default();
        pieces.extend(pending.iter().map(|(within, _)| (*within, None)));
        find(fragment, Point::default(), &mut pieces);
        for (within, box_) in pending {
            let Some(own) = inline.boxes.get(within as usize) else {
                continue;
            };
            let style = &own.style;
            let border = used_edges(style, fragment.size.width).border;
            // Without a line, it is where it would have been.
            let area = match pieces.get(&within).copied().flatten() {
                Some((first, last)) => between(first, last, border),
                None => Rect::new(box_.at.x, box_.at.y, Px::ZERO, Px::ZERO),
            };
            let against = Against {
                area,
                page_end: space.left,
                page: space.page,
                rtl: style.text.rtl,
                aside: space.aside,
                least: -Px::INFINITY,
                cut: Px::ZERO,
            };
            self.place_absolute(&box_, fragment, &against)?;
            fragment.has.layers = true;
        }
        Ok(())
    }
}

/// The first and last piece of inline boxes, with their places.
type Pieces = FxHashMap<u32, Option<((Point, InlinePiece), (Point, InlinePiece))>>;

/// Whether a fragment is of the same inline formatting context as what is around it: a line or a column.
fn is_part(fragment: &Fragment) -> bool {
    matches!(fragment.kind, Kind::Line(_) | Kind::Group)
}

/// Takes the boxes in inline boxes out of a fragment's lines. Who does not find one leaves it for the
/// next containing block around (`collect`).
fn take(fragment: &mut Fragment, at: Point, index: Option<u32>, pending: &mut Vec<(u32, Pending)>) {
    for child in &mut fragment.children {
        if !child.fragment.has.absolutes {
            continue;
        }
        let place = at + child.offset;
        let index = index.unwrap_or(child.index);
        if let Kind::Placeholder { id, point, within } = child.fragment.kind {
            let Some(within) = within else {
                continue;
            };
            let at = place;
            pending.push((
                within,
                Pending {
                    id,
                    at,
                    point,
                    index,
                },
            ));
            child.fragment = Rc::new(Fragment::new(Kind::Group, Size::default()));
        } else if is_part(&child.fragment) {
            take(
                Rc::make_mut(&mut child.fragment),
                place,
                Some(index),
                pending,
            );
        }
    }
}

/// Looks for the pieces of the boxes in `pieces`.
fn find(fragment: &Fragment, at: Point, pieces: &mut Pieces) {
    for child in &fragment.children {
        let place = at + child.offset;
        let line = match &child.fragment.kind {
            Kind::Line(line) => line,
            Kind::Group => {
                find(&child.fragment, place, pieces);
                continue;
            }
            _ => continue,
        };
        for piece in &line.boxes {
            // The first line's style is in a box around all others.
            let of = piece.index.checked_sub(u32::from(line.first));
            let Some(known) = of.and_then(|of| pieces.get_mut(&of)) else {
                continue;
            };
            let found = (place + Point::new(piece.x, piece.y), *piece);
            *known = Some((known.map_or(found, |(first, _)| first), found));
        }
    }
}

/// From the first piece's upper left padding corner to the last one's lower right.
fn between(
    (from, first): (Point, InlinePiece),
    (to, last): (Point, InlinePiece),
    border: fanfold_geometry::Edges<Px>,
) -> Rect {
    let x = from.x + if first.left { border.left } else { Px::ZERO };
    let y = from.y + border.top;
    let right = to.x + last.size.width - if last.right { border.right } else { Px::ZERO };
    let bottom = to.y + last.size.height - border.bottom;
    Rect::new(x, y, (right - x).max(Px::ZERO), (bottom - y).max(Px::ZERO))
}
