//! Absolutely positioned boxes whose containing block is an inline box (CSS 2.2 §10.1).

use super::positioned::{Against, Pending};
use super::{Layout, Space, Step, used_edges};
use crate::boxes::{BoxId, Content};
use crate::fragment::{Child, Fragment, InlinePiece, Kind};
use fanfold_geometry::{Point, Px, Rect};

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
        for (at, child, index) in lines(fragment).flat_map(|(at, line, index)| {
            let own = std::iter::once((at, line, index));
            let inside = line.fragment.children.iter();
            own.chain(inside.map(move |child| (at + child.offset, child, index)))
        }) {
            if let Kind::Placeholder { id, rtl, within } = child.fragment.kind {
                pending.extend(within.map(|within| (within, Pending { id, at, rtl, index })));
            }
        }
        for (within, box_) in pending {
            let style = &inline.boxes[within as usize].style;
            let border = used_edges(style, fragment.size.width).border;
            let mut pieces = lines(fragment).filter_map(|(at, line, _)| {
                let Kind::Line(line) = &line.fragment.kind else {
                    return None;
                };
                // The first line's style is in a box around all others.
                let index = within + u32::from(line.first);
                let piece = line.boxes.iter().find(|piece| piece.index == index)?;
                Some((at + Point::new(piece.x, piece.y), piece))
            });
            let first = pieces.next();
            let last = pieces.last().or(first);
            // Without a line, it is where it would have been.
            let area = match (first, last) {
                (Some(first), Some(last)) => between(first, last, border),
                _ => Rect::new(box_.at.x, box_.at.y, Px::ZERO, Px::ZERO),
            };
            let against = Against {
                area,
                page_end: space.left,
                page: space.page,
                rtl: style.text.rtl,
            };
            self.place_absolute(&box_, fragment, &against)?;
            fragment.has.layers = true;
        }
        Ok(())
    }
}

/// A fragment's children with their places.
fn lines(fragment: &Fragment) -> impl Iterator<Item = (Point, &Child, u32)> {
    let children = fragment.children.iter();
    children.map(|child| (child.offset, child, child.index))
}

/// From the first piece's upper left padding corner to the last one's lower right.
fn between(
    (from, first): (Point, &InlinePiece),
    (to, last): (Point, &InlinePiece),
    border: fanfold_geometry::Edges<Px>,
) -> Rect {
    let x = from.x + if first.left { border.left } else { Px::ZERO };
    let y = from.y + border.top;
    let right = to.x + last.size.width - if last.right { border.right } else { Px::ZERO };
    let bottom = to.y + last.size.height - border.bottom;
    Rect::new(x, y, (right - x).max(Px::ZERO), (bottom - y).max(Px::ZERO))
}
