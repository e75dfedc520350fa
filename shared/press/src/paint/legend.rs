//! The border of a fieldset around its legend (HTML §15.3.13).

use super::{Frame, Painter};
use crate::fragment::{BoxFragment, Fragment};
use fanfold_geometry::{Point, Px, Rect};
use fanfold_paint::{Item, Path};
use fanfold_style::ComputedStyle;

impl Painter<'_> {
    /// The frame of a box without the room that its legend has above the border, and the legend's place.
    pub(super) fn below_legend(
        &self,
        fragment: &Fragment,
        box_: &BoxFragment,
        frame: Frame,
        at: Point,
    ) -> (Frame, Option<Rect>) {
        let found = self.layout.tree.get(box_.id);
        let legend = found.extras.as_ref().and_then(|extras| extras.legend);
        let Some(legend) = legend.filter(|_| box_.first) else {
            return (frame, None);
        };
        let mut children = fragment.children.iter();
        let is_it = |fragment: &Fragment| {
            // One that breaks is inside the border.
            (fragment.as_box()).is_some_and(|box_| box_.id == legend && box_.last)
        };
        let Some(child) = children.find(|child| is_it(&child.fragment)) else {
            return (frame, None);
        };
        let place = at + child.offset;
        let size = child.fragment.size;
        let area = Rect::new(place.x, place.y, size.width, size.height);
        let line = found.style.border.sides.top.width;
        let above = ((frame.border.top - line) / 2.0).max(Px::ZERO);
        let mut frame = frame;
        frame.outer.y += above;
        frame.outer.height = (frame.outer.height - above).max(Px::ZERO);
        frame.border.top = line.min(frame.border.top);
        (frame, Some(area))
    }

    /// The borders, but for where the legend is.
    pub(super) fn borders_around(
        &mut self,
        frame: &Frame,
        style: &ComputedStyle,
        legend: Option<Rect>,
    ) {
        let Some(legend) = legend else {
            return self.borders(frame, style);
        };
        let outer = frame.outer;
        let below = legend.bottom().max(outer.y + frame.border.top);
        let beside = |left: Px, right: Px, top: Px| {
            let (width, height) = (right - left, outer.bottom() - top);
            Path::rect(Rect::new(
                left,
                top,
                width.max(Px::ZERO),
                height.max(Px::ZERO),
            ))
        };
        let mut clip = beside(outer.x, legend.x, outer.y);
        let right = beside(legend.right(), outer.right(), outer.y);
        let under = beside(legend.x, legend.right(), below);
        clip.segments.extend(right.segments);
        clip.segments.extend(under.segments);
        self.sheet.items.push(Item::PushClip(clip));
        self.borders(frame, style);
        self.sheet.items.push(Item::Pop);
    }
}
