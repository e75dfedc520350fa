//! Rows of flex items: lines, their breaks over pages, and where they are placed (§9.3 to §9.6).

use super::sizes::FlexBase;
use super::{FlexResume, Item, ItemsEnd, align_lines, gap, justify, own_baseline};
use crate::boxes::{BoxId, Content};
use crate::fragment::{Fragment, Kind};
use crate::layout::{Forced, Layout, Outcome, Resume, Space, Step, TOLERANCE, used_edges};
use fanfold_geometry::{Point, Px, Size};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{Alignment, FlexWrap};
use fanfold_style::values::{AutoLength, Sizing};
use std::rc::Rc;

/// A line of items that are laid out.
struct Row {
    items: Vec<Item>,
    laid: Vec<Fragment>,
    cross: Px,
    /// From the content box's top.
    y: Px,
    /// All of it is on this page, so that its items follow their stretched heights.
    whole: bool,
}

impl Row {
    /// How far down its items reach.
    fn reach(&self) -> Px {
        reach(&self.items, &self.laid)
    }

    fn ids(&self) -> Vec<BoxId> {
        self.items.iter().map(|item| item.id).collect()
    }

    /// Its first item.
    fn start(&self) -> usize {
        self.items.first().map_or(0, |item| item.index)
    }
}

/// The items of a line, laid out.
struct RowItems {
    laid: Vec<Fragment>,
    /// Where each goes on; none where it is complete.
    rests: Vec<Option<Resume>>,
    /// One of them does.
    broken: bool,
    /// A break in one of them was asked for.
    forced: Option<Forced>,
}

impl Layout<'_> {
    /// Rows of items; gives the content height and where the next page goes on.
    #[expect(
        clippy::too_many_arguments,
        reason = "container, room, resume point and result"
    )]
    pub(super) fn flex_rows(
        &self,
        style: &ComputedStyle,
        items: &[BoxId],
        space: Space,
        least: Option<Px>,
        resume: Option<&FlexResume>,
        corner: Point,
        fragment: &mut Fragment,
    ) -> Step<Option<ItemsEnd>> {
        let flex = &style.box_.flex;
        let gap = gap(flex.gap.0, space.height.unwrap_or_default());
        // One that may wrap is a line among others even when it is the only one (§6).
        let single = flex.wrap == FlexWrap::NoWrap;
        let mut rows: Vec<Row> = Vec::new();
        let mut from = resume.map_or(0, |resume| resume.item);
        let mut y = Px::ZERO;
        let mut split = resume.and_then(|resume| resume.split.as_deref());
        while from < items.len() {
            let going_on = split.take();
            let mut line = self.flex_line(style, items, from, going_on.map(<[_]>::len), space);
            let end = from + line.len();
            let at_top = space.at_top && y <= Px::ZERO;
            let left = space.left - y;
            let ids = line.iter().map(|item| item.id).collect::<Vec<_>>();
            if let Some(above) = rows.last()
                && let Some(side) = self.forced_between_lines(&above.ids(), &ids, space.in_column)
                && self.takes_forced(space)
            {
                self.place_rows(style, rows, corner, space, fragment)?;
                return Ok(Some(ItemsEnd {
                    height: y,
                    next: Some(FlexResume::at(from)),
                    forced: Some(Forced { side }),
                }));
            }
            if going_on.is_some() {
                // The margins above are on the page where the line began.
                for item in &mut line {
                    item.used.margin.top = Some(Px::ZERO);
                }
            } else if at_top && space.breaks() {
                for item in &mut line {
                    self.cut_margin(item.id, &mut item.used, Px::ZERO, left);
                }
            }
            // Whole first; broken only where moving does not help, or where a break is forced.
            let breaks = space.breaks() && (at_top || going_on.is_some());
            let room = if breaks { left } else { Px::INFINITY };
            let met = self.forced_met.replace(false);
            let parts = self.row_items(&line, going_on, (room, true), space)?;
            let forces = self.forced_met.replace(met);
            let Some(mut parts) = parts else {
                return Ok(None);
            };
            if forces
                && self.takes_forced(space)
                && !breaks
                && self.may_lay_again()
                && let Some(broken) = self.row_items(&line, None, (left, at_top), space)?
                && broken.forced.is_some()
            {
                parts = broken;
            }
            let sticks_out = !breaks
                && !parts.broken
                && space.breaks()
                && self.line_sticks_out(style, &line, &parts.laid, y, space);
            let avoids = |item: &Item| self.tree.style(item.id).breaks.avoid_inside;
            // The next page may have room for all of it.
            let mut moves = sticks_out && line.iter().any(avoids);
            if sticks_out && !moves && self.may_lay_again() {
                match self.row_items(&line, None, (left, false), space)? {
                    Some(broken) => parts = broken,
                    None => moves = true,
                }
            }
            // What no page has room for does not gain from moving, and would leave the rest of this one empty; below
            // another line it begins where it stands in any case, as in WeasyPrint and Chromium. Footnotes are found on
            // lines that are moved or begin a page.
            let room = if y > Px::ZERO { left } else { space.page };
            if !breaks
                && !parts.broken
                && !self.tree.has_footnotes
                && space.breaks()
                && !line.iter().any(avoids)
                && self.line_cross(style, &line, &parts.laid).1 > room + TOLERANCE
                && self.may_lay_again()
                && let Some(broken) = self.row_items(&line, None, (left, false), space)?
            {
                parts = broken;
            }
            let RowItems {
                laid,
                rests,
                broken,
                forced,
            } = parts;
            let (own, seen) = self.line_cross(style, &line, &laid);
            let cross = if single && !broken && resume.is_none() {
                space
                    .height
                    .unwrap_or_else(|| own.max(least.unwrap_or_default()))
            } else {
                own
            };
            // Margins at the page's end need no room (CSS Fragmentation 3 §5.2).
            let needed = if cross > own { cross } else { cross.min(seen) };
            if (moves || y + needed > space.left + TOLERANCE) && !at_top {
                if y <= Px::ZERO {
                    return Ok(None);
                }
                // Where breaks are to be avoided, an earlier one is looked for.
                let lines: Vec<Vec<BoxId>> = rows.iter().map(Row::ids).chain([ids]).collect();
                let allowed =
                    |last: &usize| !self.avoids_between_lines(&lines[*last - 1], &lines[*last]);
                let last = (1..lines.len()).rev().find(allowed);
                let Some(last) = last.or(space.at_top.then_some(rows.len())) else {
                    return Ok(None);
                };
                let from = rows.get(last).map_or(from, Row::start);
                rows.truncate(last);
                self.place_rows(style, rows, corner, space, fragment)?;
                return Ok(Some(ItemsEnd {
                    height: y,
                    next: Some(FlexResume::at(from)),
                    forced: None,
                }));
            }
            rows.push(Row {
                items: line,
                laid,
                cross,
                y,
                whole: going_on.is_none() && !broken,
            });
            y += cross;
            if broken {
                self.place_rows(style, rows, corner, space, fragment)?;
                return Ok(Some(ItemsEnd {
                    height: y,
                    next: Some(FlexResume::inside(from, rests)),
                    forced,
                }));
            }
            y += gap;
            from = end;
        }
        let height = if y > Px::ZERO { y - gap } else { y };
        if resume.is_none() && !single {
            let room = space.height.or(least.map(|least| least.max(height)));
            let room = room.unwrap_or(height);
            let before: Vec<(Px, Px)> = rows.iter().map(|row| (row.y, row.cross)).collect();
            align_rows(style, &mut rows, height, room);
            let sheet = self.sheet_end(space);
            if space.breaks() && rows.iter().any(|row| row.y + row.reach() > sheet) {
                for (row, (y, cross)) in rows.iter_mut().zip(before) {
                    (row.y, row.cross) = (y, cross);
                }
                let room = self.seen_height(room, space);
                align_rows(style, &mut rows, height, room.max(height));
            }
        }
        self.place_rows(style, rows, corner, space, fragment)?;
        Ok(Some(ItemsEnd::whole(height)))
    }

    /// Whether a set height that the page has room for keeps a line at `y` here, but not all that is in it.
    fn line_sticks_out(
        &self,
        style: &ComputedStyle,
        line: &[Item],
        laid: &[Fragment],
        y: Px,
        space: Space,
    ) -> bool {
        let single = space
            .height
            .filter(|_| style.box_.flex.wrap == FlexWrap::NoWrap);
        let set = || {
            let seen = self.line_cross(style, line, laid).1;
            // A container that may wrap shares its height out among its lines afterwards (§9.4).
            single.unwrap_or(seen)
        };
        y + reach(line, laid) > self.sheet_end(space) && !space.overflows(y + set())
    }

    /// The items of a line, broken where `room` ends; none where one of them cannot be, unless they are `at_top` of
    /// the page.
    fn row_items(
        &self,
        line: &[Item],
        going_on: Option<&[Option<Resume>]>,
        (room, at_top): (Px, bool),
        space: Space,
    ) -> Step<Option<RowItems>> {
        let mut items = RowItems {
            laid: Vec::with_capacity(line.len()),
            rests: Vec::with_capacity(line.len()),
            broken: false,
            forced: None,
        };
        for (position, item) in line.iter().enumerate() {
            let rest = going_on.map(|split| split.get(position).cloned().flatten());
            if matches!(rest, Some(None)) {
                let nothing = Fragment::new(Kind::Group, Size::new(item.width, Px::ZERO));
                items.laid.push(nothing);
                items.rests.push(None);
                continue;
            }
            let own = Space {
                left: room - item.used.margin_top(),
                at_top,
                ..space
            };
            let rest = rest.flatten();
            let outcome = self.item_in(item.id, item.width, own, rest.as_ref())?;
            let Outcome::Laid(inner) = outcome else {
                return Ok(None);
            };
            items.broken |= inner.resume.is_some();
            items.forced = items.forced.or(inner.forced);
            items.rests.push(inner.resume);
            items.laid.push(inner.fragment);
        }
        Ok(Some(items))
    }

    /// Puts rows into the fragment.
    fn place_rows(
        &self,
        style: &ComputedStyle,
        rows: Vec<Row>,
        corner: Point,
        space: Space,
        fragment: &mut Fragment,
    ) -> Step<()> {
        for row in rows {
            self.place_line(style, row, corner, space, fragment)?;
        }
        Ok(())
    }

    /// The line of items that begins with the one at `start`, their widths flexed (§9.3, §9.7). One that goes on
    /// has as many `going_on` as where it began, though the next page may be wider or narrower.
    fn flex_line(
        &self,
        style: &ComputedStyle,
        items: &[BoxId],
        start: usize,
        going_on: Option<usize>,
        space: Space,
    ) -> Vec<Item> {
        let flex = &style.box_.flex;
        let gap = gap(flex.gap.1.unwrap_or_default(), space.width);
        // The one line of such a container is as high as it (§9.4).
        let single = space.height.filter(|_| flex.wrap == FlexWrap::NoWrap);
        let mut bases: Vec<FlexBase> = Vec::new();
        let mut taken = Px::ZERO;
        let end = going_on.map_or(items.len(), |count| items.len().min(start + count));
        for item in items[start..end].iter().copied() {
            let cross = single.filter(|_| self.is_stretched(style, item));
            let base = self.flex_base(item, space.width, space.height, cross);
            let used = used_edges(self.tree.style(item), space.width);
            let (min, max) = self.flex_limits(item, &used, space.width, space.height, cross);
            let outer = base.clamp(min, max) + used.margin_horizontal();
            let follows = !bases.is_empty();
            let wraps = flex.wrap != FlexWrap::NoWrap && going_on.is_none();
            if wraps && follows && taken + gap + outer > space.width + TOLERANCE {
                break;
            }
            taken += if follows { gap + outer } else { outer };
            bases.push(FlexBase { base, min, max });
        }
        let line = &items[start..start + bases.len()];
        let gaps = gap * line.len().saturating_sub(1) as f32;
        let widths = self.flexed(line, &bases, space.width - gaps, space.width);
        let items = line.iter().zip(widths).zip(start..);
        items
            .map(|((item, width), index)| Item {
                index,
                id: *item,
                used: used_edges(self.tree.style(*item), space.width),
                width,
            })
            .collect()
    }

    /// Whether a row's item is as high as its line.
    pub(super) fn is_stretched(&self, style: &ComputedStyle, item: BoxId) -> bool {
        let own = &self.tree.style(item).box_;
        let fixed = [own.margin.top, own.margin.bottom]
            .iter()
            .all(|margin| !matches!(margin, AutoLength::Auto));
        let stretches = matches!(
            self.alignment(style, item),
            Alignment::Stretch | Alignment::Normal
        );
        own.height == Sizing::Auto && fixed && stretches
    }

    /// The line's cross size, which is that of its tallest item, baselines aligned (§9.4), and what it would be
    /// without the margins below.
    fn line_cross(&self, style: &ComputedStyle, line: &[Item], laid: &[Fragment]) -> (Px, Px) {
        let baseline = self.line_baseline(style, line, laid);
        let (mut cross, mut seen) = (Px::ZERO, Px::ZERO);
        for (item, fragment) in line.iter().zip(laid) {
            let shift = match self.alignment(style, item.id) {
                Alignment::Baseline => baseline - own_baseline(item, fragment),
                _ => Px::ZERO,
            };
            let bottom = shift + item.used.margin_top() + fragment.size.height;
            seen = seen.max(bottom);
            cross = cross.max(bottom + item.used.margin_bottom());
        }
        (cross, seen)
    }

    fn line_baseline(&self, style: &ComputedStyle, line: &[Item], laid: &[Fragment]) -> Px {
        let aligned = line
            .iter()
            .zip(laid)
            .filter(|(item, _)| self.alignment(style, item.id) == Alignment::Baseline);
        aligned
            .map(|(item, fragment)| own_baseline(item, fragment))
            .fold(Px::ZERO, Px::max)
    }

    pub(in crate::layout) fn alignment(&self, style: &ComputedStyle, item: BoxId) -> Alignment {
        self.tree
            .style(item)
            .box_
            .flex
            .align_self
            .unwrap_or(style.box_.flex.align_items)
    }

    /// Puts a line's items into the fragment (§9.5, §9.6).
    fn place_line(
        &self,
        style: &ComputedStyle,
        row: Row,
        corner: Point,
        space: Space,
        fragment: &mut Fragment,
    ) -> Step<()> {
        let Row {
            items: line,
            laid,
            cross,
            y: top,
            whole,
        } = row;
        let (line, width) = (line.as_slice(), space.width);
        let end = self.sheet_end(space) - top;
        let corner = corner + Point::new(Px::ZERO, top);
        let flex = &style.box_.flex;
        let gap = gap(flex.gap.1.unwrap_or_default(), width);
        let baseline = self.line_baseline(style, line, &laid);
        let taken: Px = line
            .iter()
            .map(|item| item.width + item.used.margin_horizontal())
            .sum();
        let gaps = gap * line.len().saturating_sub(1) as f32;
        let free = width - taken - gaps;
        let auto: usize = line
            .iter()
            .map(|item| {
                usize::from(item.used.margin.left.is_none())
                    + usize::from(item.used.margin.right.is_none())
            })
            .sum();
        let share = if auto > 0 {
            free.max(Px::ZERO) / auto as f32
        } else {
            Px::ZERO
        };
        let (before, between) = if auto > 0 {
            (Px::ZERO, Px::ZERO)
        } else {
            justify(flex.justify_content, free, line.len())
        };
        let reversed = flex.reverse != style.text.rtl;
        let flipped = flex.wrap == FlexWrap::Reverse;
        let mut x = before;
        for (item, mut laid) in line.iter().zip(laid) {
            let left = item.used.margin.left.unwrap_or(share);
            let right = item.used.margin.right.unwrap_or(share);
            // Margins keep their sides when the order is turned round.
            let start = x + if reversed { right } else { left };
            let own = self.tree.style(item.id);
            let outer = laid.size.height + item.used.margin_top() + item.used.margin_bottom();
            let room = cross - outer;
            let y = match (item.used.margin.top, item.used.margin.bottom) {
                // Only room that is there goes to margins (§9.6).
                (None, None) => room.max(Px::ZERO) / 2.0,
                (None, Some(_)) => room.max(Px::ZERO),
                (Some(margin), None) => margin,
                _ => match self.alignment(style, item.id) {
                    Alignment::Center => room / 2.0 + item.used.margin_top(),
                    Alignment::Baseline => {
                        baseline - own_baseline(item, &laid) + item.used.margin_top()
                    }
                    // A picture whose line goes on elsewhere keeps its shape.
                    Alignment::Stretch | Alignment::Normal
                        if own.box_.height == Sizing::Auto
                            && (whole
                                || !matches!(
                                    self.tree.get(item.id).content,
                                    Content::Replaced(_)
                                )) =>
                    {
                        let height =
                            self.constrained_height(own, &item.used, None, laid.size.height + room);
                        let top = top + item.used.margin_top();
                        let seen = self.seen_height(top + height, space) - top;
                        let seen = seen.max(laid.size.height);
                        let below = end - item.used.margin_top();
                        if whole && seen < height {
                            // What is aligned in it would be lost below the sheet.
                            self.reheighten(item.id, &mut laid, width, (seen, below))?;
                            laid.size.height = height;
                        } else if whole {
                            self.reheighten(item.id, &mut laid, width, (height, below))?;
                        } else if room > Px::ZERO {
                            laid.size.height = height;
                        }
                        item.used.margin_top()
                    }
                    // Under `wrap-reverse`, lines start at the bottom.
                    alignment if (alignment == Alignment::End) != flipped => {
                        room + item.used.margin_top()
                    }
                    _ => item.used.margin_top(),
                },
            };
            let reach = laid.reach();
            let y = if laid.has.rests {
                // What is positioned in it is cut where the page ends already.
                item.used.margin_top()
            } else if y + reach > end {
                // Below the sheet it would be lost.
                y.min((space.left - top - reach).max(item.used.margin_top()))
            } else {
                y
            };
            let place = if reversed {
                width - start - item.width
            } else {
                start
            };
            let by = self.relative_offset(own, width, None);
            let at = corner + Point::new(place, y);
            fragment.first_baseline = fragment
                .first_baseline
                .or(Some(super::first_baseline(&laid) + at.y));
            fragment.last_baseline = laid
                .last_baseline
                .map(|own| own + at.y)
                .or(fragment.last_baseline);
            fragment.push(at + by, Rc::new(laid), item.index);
            x = start + item.width + if reversed { left } else { right } + gap + between;
        }
        Ok(())
    }
}

/// How far below the top of their line items reach.
fn reach(line: &[Item], laid: &[Fragment]) -> Px {
    let reach = |(item, laid): (&Item, &Fragment)| item.used.margin_top() + laid.reach();
    line.iter().zip(laid).map(reach).fold(Px::ZERO, Px::max)
}

/// Spreads the rows of a container as high as `room` (§9.4 step 9, §9.6), from the bottom under
/// `wrap-reverse`.
fn align_rows(style: &ComputedStyle, rows: &mut [Row], height: Px, room: Px) {
    let flex = &style.box_.flex;
    let (more, before, between) = align_lines(flex.align_content, room - height, rows.len());
    let mut shift = before;
    for row in rows {
        row.y += shift;
        row.cross += more;
        shift += more + between;
        if flex.wrap == FlexWrap::Reverse {
            row.y = room - row.y - row.cross;
        }
    }
}
