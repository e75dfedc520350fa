//! A single column of flex items, broken over pages between and inside its items.

use super::sizes::flexed_lengths;
use super::{FlexResume, ItemsEnd, MainSize, gap, justify};
use crate::boxes::BoxId;
use crate::fragment::Fragment;
use crate::layout::{Forced, Layout, Outcome, Space, Step, used_edges};
use fanfold_geometry::{Point, Px};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::Alignment;
use std::rc::Rc;

impl Layout<'_> {
    /// A column of items, one below the other; breaks between and inside them.
    #[expect(
        clippy::too_many_arguments,
        reason = "container, room, resume point and result"
    )]
    pub(super) fn flex_column(
        &self,
        style: &ComputedStyle,
        items: &[BoxId],
        space: Space,
        main: MainSize,
        resume: Option<&FlexResume>,
        corner: Point,
        fragment: &mut Fragment,
    ) -> Step<Option<ItemsEnd>> {
        let flex = &style.box_.flex;
        let gap = gap(flex.gap.0, space.height.unwrap_or_default());
        let mut order: Vec<usize> = (0..items.len()).collect();
        if flex.reverse {
            order.reverse();
        }
        let start = resume.map_or(0, |resume| resume.item);
        let mut y = Px::ZERO;
        let mut inner = resume.and_then(|resume| resume.split.as_ref()?.first()?.clone());
        let mut placed: Vec<(usize, Fragment, Point)> = Vec::new();
        let mut next = None;
        let mut forced = None;
        let break_at = |position: usize| (items[order[position - 1]], items[order[position]]);
        for (position, index) in order.iter().copied().enumerate().skip(start) {
            let id = items[index];
            if position > start {
                let (before, after) = break_at(position);
                if let Some(side) = self.forced_between(before, after, space.in_column)
                    && self.takes_forced(space)
                {
                    next = Some(FlexResume::at(position));
                    forced = Some(Forced { side });
                    break;
                }
            }
            let own = self.tree.style(id);
            let mut used = used_edges(own, space.width);
            let at_top = space.at_top && placed.is_empty();
            if at_top && space.breaks() {
                self.cut_margin(id, &mut used, y, space.left);
            }
            let available = (space.width - used.margin_horizontal()).max(Px::ZERO);
            let stretched = matches!(
                self.alignment(style, id),
                Alignment::Stretch | Alignment::Normal
            ) && used.margin.left.is_some()
                && used.margin.right.is_some();
            let auto = if stretched {
                available
            } else {
                let shrunk = self.shrink(id, &used, available);
                self.ratio_width(id, &used, space.height, shrunk)
            };
            let width = if self.keeps_width(id, stretched) {
                self.replaced_border_size(id, space.width, space.height)
                    .width
            } else {
                self.constrained_width(id, &used, space.width, auto)
            };
            let free = space.width - width;
            let x = match (used.margin.left, used.margin.right) {
                (None, None) => free.max(Px::ZERO) / 2.0,
                (None, Some(right)) => free - right,
                (left, _) => match self.alignment(style, id) {
                    Alignment::Center => free / 2.0,
                    Alignment::End => free - used.margin.right.unwrap_or_default(),
                    _ if style.text.rtl => free - used.margin.right.unwrap_or_default(),
                    _ => left.unwrap_or_default(),
                },
            };
            let going_on = inner.take();
            let top = y + if going_on.is_some() {
                Px::ZERO
            } else {
                used.margin_top()
            };
            let own_space = Space {
                left: space.left - top,
                at_top,
                ..space
            };
            let outcome = self.item_in(id, width, own_space, going_on.as_ref())?;
            let Outcome::Laid(laid) = outcome else {
                if placed.is_empty() {
                    return Ok(None);
                }
                let allowed = |position: &usize| {
                    let (before, after) = break_at(*position);
                    !self.avoids_between(before, after)
                };
                let mut above = (start + 1..=position).rev();
                // Nothing allowed: elsewhere if anything is above, otherwise here after all.
                let last = above.find(allowed).or(space.at_top.then_some(position));
                let Some(last) = last else {
                    return Ok(None);
                };
                placed.truncate(last - start);
                next = Some(FlexResume::at(last));
                break;
            };
            let height = laid.fragment.size.height;
            placed.push((index, laid.fragment, Point::new(x, top)));
            y = top + height + used.margin_bottom();
            if let Some(rest) = laid.resume {
                next = Some(FlexResume::inside(position, vec![Some(rest)]));
                forced = laid.forced;
                break;
            }
            y += gap;
        }
        let content = if placed.is_empty() || next.is_some() {
            y
        } else {
            y - gap
        };
        // The height to fill: set, or that of a limit which the content does not reach or exceeds.
        let room = space.height.or_else(|| {
            let most = main.most.unwrap_or(Px::INFINITY);
            let least = main.least.unwrap_or_default();
            (content < least || content > most).then_some(most.min(content).max(least))
        });
        let mut content = content;
        if let Some(room) = room.filter(|_| next.is_none() && resume.is_none()) {
            let seen = self.seen_height(room, space).max(content.min(room));
            let natural = (seen < room).then(|| placed.clone());
            let sheet = self.sheet_end(space);
            let into = &mut placed;
            self.fill_column(style, items, space.width, (room, sheet), content, into)?;
            let sunk = |(_, laid, at): &(usize, Fragment, Point)| at.y + laid.reach() > sheet;
            if let Some(natural) = natural.filter(|_| placed.iter().any(sunk)) {
                placed = natural;
                let into = &mut placed;
                self.fill_column(style, items, space.width, (seen, sheet), content, into)?;
            }
            content = room;
        }
        for (index, laid, at) in placed {
            let at = corner
                + at
                + self.relative_offset(self.tree.style(items[index]), space.width, space.height);
            fragment.first_baseline = fragment
                .first_baseline
                .or(Some(super::first_baseline(&laid) + at.y));
            fragment.push(at, Rc::new(laid), index);
        }
        Ok(Some(ItemsEnd {
            height: content,
            next,
            forced,
        }))
    }

    /// Flexes and aligns the items of a column `room` high, of which they take `content`, above the end of the `sheet`.
    fn fill_column(
        &self,
        style: &ComputedStyle,
        items: &[BoxId],
        width: Px,
        (room, sheet): (Px, Px),
        content: Px,
        placed: &mut [(usize, Fragment, Point)],
    ) -> Step<()> {
        self.flex_heights(items, width, (room, room - content), sheet, placed)?;
        let end = placed.last().map_or(Px::ZERO, |(index, laid, at)| {
            let used = used_edges(self.tree.style(items[*index]), width);
            at.y + laid.size.height + used.margin_bottom()
        });
        if room > end {
            self.spread_column(style, items, room - end, placed);
        }
        Ok(())
    }

    /// Flexes the heights of items that lie below one another and leave `free` of `room`, above the end of the `sheet`.
    fn flex_heights(
        &self,
        items: &[BoxId],
        width: Px,
        (room, free): (Px, Px),
        sheet: Px,
        placed: &mut [(usize, Fragment, Point)],
    ) -> Step<()> {
        let parts: Vec<_> = placed
            .iter()
            .map(|(index, laid, _)| {
                let used = used_edges(self.tree.style(items[*index]), width);
                self.flexible_height(items[*index], &used, laid, room)
            })
            .collect();
        let taken: Px = placed.iter().map(|(_, laid, _)| laid.size.height).sum();
        let mut shift = Px::ZERO;
        for ((index, laid, at), height) in
            placed.iter_mut().zip(flexed_lengths(&parts, free + taken))
        {
            at.y += shift;
            shift += height - laid.size.height;
            self.reheighten(items[*index], laid, width, (height, sheet - at.y))?;
        }
        Ok(())
    }

    /// Gives a column's free height to auto margins or `justify-content`.
    fn spread_column(
        &self,
        style: &ComputedStyle,
        items: &[BoxId],
        free: Px,
        placed: &mut [(usize, Fragment, Point)],
    ) {
        let margins = |index: usize| {
            let margin = used_edges(self.tree.style(items[index]), Px::ZERO).margin;
            (margin.top.is_none(), margin.bottom.is_none())
        };
        let auto: usize = placed
            .iter()
            .map(|(index, ..)| usize::from(margins(*index).0) + usize::from(margins(*index).1))
            .sum();
        if auto > 0 {
            let share = free / auto as f32;
            let mut shift = Px::ZERO;
            for (index, _, at) in placed {
                let (top, bottom) = margins(*index);
                shift += if top { share } else { Px::ZERO };
                at.y += shift;
                shift += if bottom { share } else { Px::ZERO };
            }
            return;
        }
        let (before, between) = justify(style.box_.flex.justify_content, free, placed.len());
        let mut shift = before;
        for (_, _, at) in placed {
            at.y += shift;
            shift += between;
        }
    }
}
