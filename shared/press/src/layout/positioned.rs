//! Absolutely positioned boxes (CSS 2.2 §10.3.7, §10.6.4).

use super::sizing::bounded;
use super::{Floats, Laid, Layout, Outcome, Rest, Resume, Space, Step, TOLERANCE, used_edges};
use crate::boxes::{BoxId, Content, contains_absolutes};
use crate::fragment::{Fragment, Kind, StaticPoint};
use fanfold_geometry::{Point, Px, Rect, Size};
use fanfold_style::computed::Position;
use fanfold_style::values::{AutoLength, Sizing};
use std::rc::Rc;

/// As which child of its containing block an absolutely positioned box counts that stays on its page when a break
/// is found above its place in the flow.
pub(super) const KEPT: u32 = u32::MAX - 1;

/// An absolutely positioned box without its place.
pub(super) struct Pending {
    pub(super) id: BoxId,
    /// Where it would be in the flow.
    pub(super) at: Point,
    /// Which of its points that is the place of.
    pub(super) point: StaticPoint,
    /// Child of the containing block it is below.
    pub(super) index: u32,
}

/// What an absolutely positioned box is placed against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Against {
    /// The containing block.
    pub(crate) area: Rect,
    /// Where the page ends, in the same coordinates; infinite where nothing breaks.
    pub(crate) page_end: Px,
    /// Height of a whole page.
    pub(crate) page: Px,
    /// The containing block runs right to left.
    pub(crate) rtl: bool,
    /// What ends is a column, and as many follow to the side as are needed.
    pub(crate) aside: bool,
    /// What begins above this is moved down to it: the page that has its place is done.
    pub(crate) least: Px,
    /// What the page's end cuts off of the containing block, below all that is in it.
    pub(crate) cut: Px,
}

impl Layout<'_> {
    /// Places the absolutely positioned descendants of `fragment` when its box contains them.
    pub(super) fn positioned_inside(
        &self,
        id: BoxId,
        laid: &mut Laid,
        space: Space,
        resume: Option<&Resume>,
    ) -> Step<()> {
        let broken = resume.is_some() || laid.resume.is_some();
        if !(broken || laid.fragment.has.absolutes) || !contains_absolutes(self.tree.style(id)) {
            return Ok(());
        }
        if broken && self.positioned_in_piece(id, laid, space, resume)? {
            return Ok(());
        }
        let fragment = &mut laid.fragment;
        if !fragment.has.absolutes {
            return Ok(());
        }
        let border = fragment
            .as_box()
            .map(|box_| box_.border)
            .unwrap_or_default();
        let area = Rect::new(
            Px::ZERO,
            Px::ZERO,
            fragment.size.width,
            fragment.size.height,
        )
        .inset(border);
        let against = Against {
            area,
            page_end: space.left,
            page: space.page,
            rtl: self.tree.style(id).text.rtl,
            aside: space.aside,
            least: -Px::INFINITY,
            cut: self.cut_below(id, fragment.size, space),
        };
        self.place_absolutes(fragment, &against)
    }

    /// How much of a box of its own height is cut off where the page ends that it begins and its content fits, as
    /// of one as high as the sheet below the margin of `body`.
    fn cut_below(&self, id: BoxId, size: Size, space: Space) -> Px {
        if !space.breaks() || !space.at_top || (size.height - space.left).abs() > TOLERANCE {
            return Px::ZERO;
        }
        let style = self.tree.style(id);
        let used = used_edges(style, space.width);
        let own = self.height_of(style, &style.box_.height, &used, space.height);
        let own = own.unwrap_or(size.height);
        let whole = self.constrained_height(style, &used, space.height, own);
        (whole - size.height).max(Px::ZERO)
    }

    /// Places all pending absolutely positioned boxes in their containing block.
    pub(crate) fn place_absolutes(&self, fragment: &mut Fragment, against: &Against) -> Step<()> {
        let mut pending = Vec::new();
        collect(self, fragment, Point::default(), None, &mut pending);
        for box_ in pending {
            self.place_absolute(&box_, fragment, against)?;
        }
        fragment.has.absolutes = false;
        fragment.has.layers = true;
        Ok(())
    }

    /// Lays one out and adds it to its containing block's fragment.
    pub(super) fn place_absolute(
        &self,
        box_: &Pending,
        fragment: &mut Fragment,
        against: &Against,
    ) -> Step<()> {
        let (at, laid, rest) = self.absolute(box_.id, against, (box_.at, box_.point))?;
        let index = match self.stands_by_itself(box_.id) {
            true if at.y < against.page_end => KEPT,
            // A later piece has it where a break is found above.
            true => u32::MAX,
            false => box_.index,
        };
        fragment.push(at, Rc::new(laid), index as usize);
        if let Some(rest) = rest {
            let mut marker = Fragment::new(Kind::Rest(Box::new(rest)), Size::default());
            marker.has.rests = true;
            fragment.push(at, Rc::new(marker), index as usize);
        }
        Ok(())
    }

    /// Lays out one absolutely positioned box; `flow` is its static position, and `point` which of its points that
    /// is. What does not fit on the page is the rest.
    pub(crate) fn absolute(
        &self,
        id: BoxId,
        against: &Against,
        (flow, point): (Point, StaticPoint),
    ) -> Step<(Point, Fragment, Option<Rest>)> {
        let area = against.area;
        let box_ = self.tree.get(id);
        let style = &*box_.style;
        let used = used_edges(style, area.width);
        let inset = |value: AutoLength, base: Px| match value {
            AutoLength::Auto => None,
            AutoLength::Length(length) => Some(bounded(length.resolve(base))),
        };
        let insets = &style.box_.inset;
        let (left, right) = (
            inset(insets.left, area.width),
            inset(insets.right, area.width),
        );
        let (top, bottom) = (
            inset(insets.top, area.height),
            inset(insets.bottom, area.height),
        );
        let replaced = matches!(box_.content, Content::Replaced(_));
        let margins = used.margin_horizontal();
        let vertical = used.margin_top() + used.margin_bottom();
        let between = match (top, bottom, style.box_.height, replaced) {
            (Some(top), Some(bottom), Sizing::Auto, false) => {
                Some((area.height - top - bottom - vertical).max(Px::ZERO))
            }
            _ => None,
        };
        let ratio = self.preferred_ratio(id);
        // A height of its own comes before both insets (CSS Sizing 4 §5.1).
        let own_height = self.height_of(style, &style.box_.height, &used, Some(area.height));
        let by_ratio = ratio.is_some() && own_height.is_some();
        let width = if replaced {
            self.replaced_border_size(id, area.width, Some(area.height))
                .width
        } else {
            let auto = match (left, right) {
                (left, right) if style.box_.width == Sizing::Stretch => {
                    let taken = left.unwrap_or_default() + right.unwrap_or_default();
                    (area.width - taken - margins).max(Px::ZERO)
                }
                (Some(left), Some(right)) if !by_ratio => {
                    (area.width - left - right - margins).max(Px::ZERO)
                }
                _ => {
                    let room = match left.or(right) {
                        Some(inset) => area.width - inset,
                        None => room_at(flow.x, point.x, area),
                    };
                    let room = (room - margins).max(Px::ZERO);
                    let shrunk = self.shrink(id, &used, room);
                    match (ratio, between) {
                        (Some(ratio), Some(height)) => self.width_by(id, ratio, &used, height),
                        _ => self.ratio_width(id, &used, Some(area.height), shrunk),
                    }
                }
            };
            self.constrained_width(id, &used, area.width, auto)
        };
        // Where its width is known without its height, a ratio comes before both insets.
        let sized = style.box_.width != Sizing::Auto || left.is_some() && right.is_some();
        let stretched = between.filter(|_| ratio.is_none() || !sized);
        let stretched = stretched.map(|height| {
            let height = self.constrained_height(style, &used, Some(area.height), height);
            height.max(used.vertical())
        });
        let space = Space::unbroken(area.width, Some(area.height));
        let around = self.imposed.replace(stretched.map(|height| (id, height)));
        let met = self.forced_met.replace(false);
        let outcome = self.layout(
            id,
            width,
            space,
            None,
            &mut Floats::default(),
            Point::default(),
        );
        self.imposed.set(around);
        let forces = self.forced_met.replace(met);
        let outcome = outcome?;
        let mut fragment = match outcome {
            Outcome::Laid(laid) => laid.fragment,
            Outcome::Before => Fragment::new(Kind::Group, Size::default()),
        };
        if let Some(height) = stretched {
            fragment.size.height = height;
        }
        let x = edge_place(
            (left, right),
            (used.margin.left, used.margin.right),
            (area.x, area.width),
            (fragment.size.width, flow.x),
            (Axis::Horizontal { rtl: against.rtl }, point.x),
        );
        let y = edge_place(
            (top, bottom),
            (used.margin.top, used.margin.bottom),
            (area.y, area.height),
            (fragment.size.height, flow.y),
            (Axis::Vertical, point.y),
        );
        let insets = top.is_some() || bottom.is_some();
        let y = if insets { y.max(against.least) } else { y };
        let y = if top.is_none() && bottom.is_some() && against.cut > Px::ZERO {
            // From the lower edge that the box has, but for what would be beyond the page: only its edge may be.
            let content = fragment.size.height - used.bottom();
            let last = against.page_end - content;
            y.max((y + against.cut).min(last))
        } else {
            y
        };
        let cut = self.cut_absolute(id, &fragment, (y, stretched, forces), against)?;
        let (mut fragment, rest) = cut.unwrap_or((fragment, None));
        fragment.has.layers = true;
        // What it is in is not higher for it.
        fragment.has.overfull = false;
        Ok((Point::new(x, y), fragment, rest))
    }
}

/// The axis that [`edge_place`] works on, of a containing block that may run right to left.
#[derive(Clone, Copy)]
enum Axis {
    Horizontal { rtl: bool },
    Vertical,
}

/// The room for a box in `area` whose point at the static position `x` is this one, from 0 its left edge to 1 its
/// right one (CSS Positioned Layout 3 §4.2: as much to both sides of a centre).
fn room_at(x: Px, point: f32, area: Rect) -> Px {
    let (left, right) = (x - area.x, area.right() - x);
    match point {
        0.0 => right,
        1.0 => left,
        _ => left.min(right) * 2.0,
    }
}

/// Solves `inset + margin + size + margin + inset = area` for the border box's start on one axis.
fn edge_place(
    (start, end): (Option<Px>, Option<Px>),
    (margin_start, margin_end): (Option<Px>, Option<Px>),
    (area, length): (Px, Px),
    (size, flow): (Px, Px),
    (axis, point): (Axis, f32),
) -> Px {
    let (before, after) = (
        margin_start.unwrap_or_default(),
        margin_end.unwrap_or_default(),
    );
    match (start, end) {
        (Some(start), Some(end)) => {
            let free = length - start - end - size;
            let before = match (margin_start, margin_end) {
                // What is too wide begins where the containing block does; what is too high is still centred.
                (None, None) => match axis {
                    Axis::Vertical => free / 2.0,
                    Axis::Horizontal { rtl: true } if free < Px::ZERO => free,
                    Axis::Horizontal { .. } => (free / 2.0).max(Px::ZERO),
                },
                (None, Some(after)) => free - after,
                _ if matches!(axis, Axis::Horizontal { rtl: true }) => free - after,
                _ => before,
            };
            area + start + before
        }
        (Some(start), None) => area + start + before,
        (None, Some(end)) => area + length - end - after - size,
        (None, None) => flow - (before + size + after) * point + before,
    }
}

/// Takes the placeholder of the box `id` out of the children of its containing block.
pub(super) fn take_placeholder(fragment: &mut Fragment, id: BoxId) -> Option<Pending> {
    let is_it = |kind: &Kind| matches!(kind, Kind::Placeholder { id: own, .. } if *own == id);
    let mut children = fragment.children.iter();
    let place = children.position(|child| is_it(&child.fragment.kind))?;
    let child = fragment.children.remove(place);
    let Kind::Placeholder { point, .. } = child.fragment.kind else {
        return None;
    };
    Some(Pending {
        id,
        at: child.offset,
        point,
        index: child.index,
    })
}

/// Walks to the placeholders of absolutely positioned boxes, skipping what has none.
pub(super) fn collect(
    layout: &Layout<'_>,
    fragment: &Fragment,
    at: Point,
    index: Option<u32>,
    pending: &mut Vec<Pending>,
) {
    for child in &fragment.children {
        if !child.fragment.has.absolutes {
            continue;
        }
        let place = at + child.offset;
        let index = index.unwrap_or(child.index);
        if let Kind::Placeholder { id, point, .. } = child.fragment.kind {
            // One in an inline box that nobody placed there is placed here.
            if layout.tree.style(id).box_.position == Position::Absolute {
                pending.push(Pending {
                    id,
                    at: place,
                    point,
                    index,
                });
            }
        } else {
            collect(layout, &child.fragment, place, Some(index), pending);
        }
    }
}
