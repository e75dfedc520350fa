//! Containing blocks that pages break: an absolutely positioned box is placed against all of their pieces, one
//! below the other, and stands on the page its place falls on (CSS Positioned Layout 3 §2.1, CSS
//! Fragmentation 3 §4.4).

use super::positioned::{Against, Pending, collect};
use super::{Laid, Layout, Resume, Space, Step, TOLERANCE, used_edges};
use crate::boxes::{BoxId, Content, InlineItemKind, contains_absolutes};
use fanfold_geometry::{Point, Px, Rect};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::Position;
use fanfold_style::values::{AutoLength, Sizing};
use rustc_hash::FxHashSet;
use std::rc::Rc;

/// What says on which piece of its containing block a box stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Its `top`, and an inset on the other axis: nothing of where it is in the flow.
    Top,
    /// It fills a containing block whose height is known only at its end.
    Spread,
    /// Its `bottom`, from an end that only the last piece knows.
    Bottom,
    /// Where it is in the flow.
    Flow,
}

impl Resume {
    /// Border-box height on earlier pages, where it is counted.
    fn consumed(&self) -> Option<Px> {
        match self {
            Self::Blocks { consumed, .. }
            | Self::Lines { consumed, .. }
            | Self::Legend { consumed, .. }
            | Self::HighLine { consumed, .. }
            | Self::Slice { consumed }
            | Self::Shared {
                shown: consumed, ..
            } => Some(*consumed),
            Self::Flex(flex) => Some(flex.consumed()),
            Self::Table(_) => None,
        }
    }
}

impl Layout<'_> {
    /// Places the absolutely positioned boxes that stand on this piece of the box `id`, their containing
    /// block, which is `laid` from `resume` on. False where it has but this piece.
    pub(super) fn positioned_in_piece(
        &self,
        id: BoxId,
        laid: &mut Laid,
        space: Space,
        resume: Option<&Resume>,
    ) -> Step<bool> {
        let (first, last) = (resume.is_none(), laid.resume.is_none());
        let next = laid
            .resume
            .as_ref()
            .map_or(Some(Px::ZERO), Resume::consumed);
        let shown = resume.map_or(Some(Px::ZERO), Resume::consumed);
        let (Some(shown), Some(_), false) = (shown, next, first && last) else {
            return Ok(false);
        };
        let own = self.absolutes_of(id);
        let fragment = &mut laid.fragment;
        if own.is_empty() && !fragment.has.absolutes {
            return Ok(true);
        }
        let style = self.tree.style(id);
        let height = fragment.size.height;
        let used = used_edges(style, space.width);
        let definite = self
            .imposed_height(id)
            .or_else(|| self.height_of(style, &style.box_.height, &used, space.height))
            .map(|height| self.constrained_height(style, &used, space.height, height));
        let total = definite.unwrap_or(shown + height);
        let border = fragment
            .as_box()
            .map(|box_| box_.border)
            .unwrap_or_default();
        let (page_end, page) = (space.left, space.page);
        let width = fragment.size.width;
        let whole = Rect::new(Px::ZERO, -shown, width, total.max(Px::ZERO)).inset(border);
        let piece = Rect::new(Px::ZERO, Px::ZERO, width, height).inset(border);
        let against = Against {
            area: whole,
            page_end,
            page,
            rtl: style.text.rtl,
            aside: space.aside,
            least: if first { -Px::INFINITY } else { Px::ZERO },
        };
        let mut pending = Vec::new();
        collect(self, fragment, Point::default(), None, &mut pending);
        let place = |id: BoxId| place(self.tree.style(id), definite.is_some());
        let in_flow: FxHashSet<BoxId> = pending.iter().map(|pending| pending.id).collect();
        let corner = Point::new(piece.x, piece.y);
        for child in own.iter() {
            let box_ = Pending {
                id: *child,
                at: corner,
                rtl: false,
                index: 0,
            };
            match place(*child) {
                Place::Top => {
                    let top = self.top_of_absolute(*child, whole);
                    let (from, to) = (first || top >= -TOLERANCE, last || top < height - TOLERANCE);
                    if from && to {
                        self.place_absolute(&box_, fragment, &against)?;
                    }
                }
                Place::Spread => {
                    let insets = &self.tree.style(*child).box_.inset;
                    let by = |inset: AutoLength, is_edge: bool| match inset {
                        AutoLength::Length(length) if !is_edge => length.resolve(whole.height),
                        _ => Px::ZERO,
                    };
                    let (above, below) = (by(insets.top, first), by(insets.bottom, last));
                    let top = if first { piece.y } else { -above };
                    let bottom = if last { piece.bottom() } else { height + below };
                    let area = Rect::new(piece.x, top, piece.width, (bottom - top).max(Px::ZERO));
                    // What is in it is on the first piece.
                    if first || self.is_empty(*child) {
                        let against = Against { area, ..against };
                        self.place_absolute(&box_, fragment, &against)?;
                    }
                }
                Place::Bottom if last && !in_flow.contains(child) => {
                    self.place_absolute(&box_, fragment, &against)?;
                }
                Place::Bottom | Place::Flow => {}
            }
        }
        for box_ in pending {
            let style = self.tree.style(box_.id);
            match place(box_.id) {
                // On their own pieces, where their containing block knows of them.
                Place::Top | Place::Spread if own.binary_search(&box_.id).is_ok() => continue,
                Place::Bottom if !last && own.binary_search(&box_.id).is_ok() => continue,
                _ => {}
            }
            // From where it is known to be, no page before can have it any more.
            let top = !matches!(style.box_.inset.top, AutoLength::Auto);
            let above = top && self.top_of_absolute(box_.id, whole) < Px::ZERO;
            let area = if above && !first { piece } else { whole };
            self.place_absolute(&box_, fragment, &Against { area, ..against })?;
        }
        fragment.has.absolutes = false;
        fragment.has.layers = true;
        Ok(true)
    }

    /// Where the border box of `id`, which has a `top`, begins in its containing block.
    fn top_of_absolute(&self, id: BoxId, area: Rect) -> Px {
        let style = self.tree.style(id);
        let top = match style.box_.inset.top {
            AutoLength::Length(length) => super::bounded(length.resolve(area.height)),
            AutoLength::Auto => Px::ZERO,
        };
        area.y + top + used_edges(style, area.width).margin_top()
    }

    /// Whether `id` stands at its place whatever breaks are found later: where it was in the flow is no matter.
    pub(super) fn stands_by_itself(&self, id: BoxId) -> bool {
        place(self.tree.style(id), false) == Place::Top
    }

    fn is_empty(&self, id: BoxId) -> bool {
        match &self.tree.get(id).content {
            Content::Blocks(children) => children.is_empty(),
            Content::Inline(inline) => inline.text.is_empty(),
            _ => false,
        }
    }

    /// The absolutely positioned boxes whose containing block is `id`, in order; but for a grid's children, which
    /// the grid places, or which are where they are in the flow.
    fn absolutes_of(&self, id: BoxId) -> Rc<[BoxId]> {
        if let Some(known) = self.absolutes.borrow().get(&id) {
            return Rc::clone(known);
        }
        let (mut found, mut open) = (Vec::new(), Vec::new());
        self.open(id, &mut open);
        if matches!(self.tree.get(id).content, Content::Grid(_)) {
            open.retain(|child| !self.tree.get(*child).is_absolute());
        }
        while let Some(child) = open.pop() {
            let style = self.tree.style(child);
            match style.box_.position {
                Position::Absolute => found.push(child),
                _ if contains_absolutes(style) => {}
                _ => self.open(child, &mut open),
            }
        }
        found.sort_unstable();
        let found: Rc<[BoxId]> = found.into();
        self.absolutes.borrow_mut().insert(id, Rc::clone(&found));
        found
    }

    /// Puts the boxes in `id` on the stack, the first of them on top.
    fn open(&self, id: BoxId, stack: &mut Vec<BoxId>) {
        let from = stack.len();
        match &self.tree.get(id).content {
            Content::Blocks(children) | Content::Flex(children) | Content::Grid(children) => {
                stack.extend(children);
            }
            Content::Inline(inline) => {
                stack.extend(inline.spans.iter().filter_map(|span| span.atomic));
                // Inside of an inline box that contains absolute boxes, they are its own.
                let mut within = Vec::new();
                for item in &inline.items {
                    match item.kind {
                        InlineItemKind::Open(index) => {
                            let style = &inline.boxes[index as usize].style;
                            within.push(contains_absolutes(style));
                        }
                        InlineItemKind::Close(_) => {
                            within.pop();
                        }
                        InlineItemKind::Float(id) => stack.push(id),
                        InlineItemKind::Absolute(id) if !within.contains(&true) => stack.push(id),
                        _ => {}
                    }
                }
            }
            Content::Table(table) => {
                stack.extend(&table.captions);
                let cells = table.rows.iter().flat_map(|row| &row.cells);
                stack.extend(cells.map(|cell| cell.id));
            }
            Content::Replaced(_) => {}
        }
        stack[from..].reverse();
    }
}

/// What says where a box of this style is; the height of its containing block is `definite` or known only
/// at its end.
fn place(style: &ComputedStyle, definite: bool) -> Place {
    let insets = &style.box_.inset;
    let set = |inset: AutoLength| !matches!(inset, AutoLength::Auto);
    let across = set(insets.left) || set(insets.right);
    match insets.top {
        AutoLength::Length(top) if across => {
            let fills = set(insets.bottom) && style.box_.height == Sizing::Auto;
            if fills && !definite {
                Place::Spread
            } else if definite || !top.has_percentage() {
                Place::Top
            } else {
                Place::Flow
            }
        }
        AutoLength::Auto if set(insets.bottom) && !definite => Place::Bottom,
        _ => Place::Flow,
    }
}
