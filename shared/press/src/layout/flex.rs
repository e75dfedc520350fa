//! Flex containers (CSS Flexbox 1 §9): lines of items, broken over pages between lines, or inside
//! the items of a line that is taller than a page.

use super::sizing::bounded;
use super::{
    Floats, Laid, Layout, MarginSet, Outcome, Resume, Space, Step, TOLERANCE, Used, used_edges,
};
use crate::boxes::{BoxId, Content};
use crate::fragment::{BoxFragment, Fragment, Kind};
use fanfold_geometry::{Point, Px, Size};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::Alignment;
use fanfold_style::values::Sizing;
use std::ops::Range;
use std::rc::Rc;

/// Where a flex container goes on.
#[derive(Clone, Debug)]
pub(crate) struct FlexResume {
    /// First item of the next line, or next item of a column.
    item: usize,
    /// That line was begun: where each of its items goes on, none where it is complete.
    split: Option<Vec<Option<Resume>>>,
    /// Border-box height on earlier pages.
    consumed: Px,
}

impl FlexResume {
    /// Whether both are the same place.
    pub(super) fn same_place(&self, other: &Self) -> bool {
        let split = match (&self.split, &other.split) {
            (None, None) => true,
            (Some(one), Some(other)) => {
                one.len() == other.len()
                    && one
                        .iter()
                        .zip(other)
                        .all(|(one, other)| super::same_option(one.as_ref(), other.as_ref()))
            }
            _ => false,
        };
        self.item == other.item && split
    }
}

/// An item with its flexed main size.
struct Item {
    index: usize,
    id: BoxId,
    used: Used,
    /// Border-box width.
    width: Px,
}

impl Layout<'_> {
    /// Min-content and max-content widths of a flex container's content.
    pub(super) fn intrinsic_flex(&self, id: BoxId, items: &[BoxId]) -> (Px, Px) {
        let style = self.tree.style(id);
        let flex = &style.box_.flex;
        let gap = flex
            .gap
            .1
            .and_then(|gap| gap.to_length())
            .unwrap_or_default();
        let widths: Vec<(Px, Px)> = items
            .iter()
            .filter(|item| !self.tree.get(**item).is_absolute())
            .map(|item| self.contribution(*item))
            .collect();
        let most = |get: &dyn Fn(&(Px, Px)) -> Px| widths.iter().map(get).fold(Px::ZERO, Px::max);
        let sum = |get: &dyn Fn(&(Px, Px)) -> Px| {
            let gaps = gap * widths.len().saturating_sub(1) as f32;
            widths.iter().map(get).sum::<Px>() + gaps
        };
        let (narrow, wide) = (|widths: &(Px, Px)| widths.0, |widths: &(Px, Px)| widths.1);
        if flex.column {
            return (most(&narrow), most(&wide));
        }
        let min = if flex.wrap {
            most(&narrow)
        } else {
            sum(&narrow)
        };
        (min, sum(&wide))
    }

    /// A flex container's fragment.
    pub(super) fn flex(
        &self,
        id: BoxId,
        width: Px,
        space: Space,
        resume: Option<&Resume>,
    ) -> Step<Outcome> {
        let box_ = self.tree.get(id);
        let Content::Flex(items) = &box_.content else {
            return Ok(Outcome::Before);
        };
        let style = &*box_.style;
        let used = used_edges(style, space.width);
        let resume = match resume {
            Some(Resume::Flex(resume)) => Some(&**resume),
            _ => None,
        };
        let first = resume.is_none();
        let top = if first { used.top() } else { Px::ZERO };
        let consumed = resume.map_or(Px::ZERO, |resume| resume.consumed);
        let set = self.height_of(style, &style.box_.height, &used, space.height);
        let set = set.map(|height| self.constrained_height(style, &used, space.height, height));
        let mut fragment = Fragment::new(
            Kind::Box(BoxFragment {
                id,
                border: used.border,
                padding: used.padding,
                first,
                last: true,
                consumed: Px::ZERO,
                bare: false,
            }),
            Size::new(width, Px::ZERO),
        );
        let inner = Space {
            width: (width - used.horizontal()).max(Px::ZERO),
            height: set.map(|height| (height - used.vertical()).max(Px::ZERO)),
            left: space.left - top,
            ..space
        };
        let in_flow: Vec<BoxId> = items
            .iter()
            .copied()
            .filter(|item| !self.tree.get(*item).is_absolute())
            .collect();
        for (index, item) in items.iter().enumerate().filter(|_| first) {
            if self.tree.get(*item).is_absolute() {
                let x = if style.text.rtl {
                    width - used.border.right - used.padding.right
                } else {
                    used.left()
                };
                self.placeholder(*item, id, &mut fragment, Point::new(x, top), index);
            }
        }
        let least = self.height_of(style, &style.box_.min_height, &used, space.height);
        let least = least.map(|height| (height - used.vertical()).max(Px::ZERO));
        let corner = Point::new(used.left(), top);
        let ended = if style.box_.flex.column {
            self.flex_column(
                style,
                &in_flow,
                inner,
                inner.height.or(least),
                resume,
                corner,
                &mut fragment,
            )?
        } else {
            self.flex_rows(style, &in_flow, inner, least, resume, corner, &mut fragment)?
        };
        let Some((content, next)) = ended else {
            return Ok(Outcome::Before);
        };
        if let Some(mut next) = next {
            if style.breaks.avoid_inside && !space.at_top {
                return Ok(Outcome::Before);
            }
            fragment.size.height = if space.breaks() {
                space.left
            } else {
                top + content
            };
            if let Kind::Box(box_) = &mut fragment.kind {
                box_.last = false;
            }
            next.consumed = consumed + fragment.size.height;
            let resume = Some(Resume::Flex(Box::new(next)));
            return Ok(Outcome::Laid(Laid {
                resume,
                ..Laid::whole(fragment)
            }));
        }
        let natural = top + content + used.bottom();
        let height = set.map_or(natural, |height| (height - consumed).max(Px::ZERO));
        let height =
            self.constrained_height(style, &used, space.height, height + consumed) - consumed;
        if space.overflows(height) && !space.at_top {
            return Ok(Outcome::Before);
        }
        fragment.size.height = height.max(Px::ZERO);
        Ok(Outcome::Laid(Laid {
            end: MarginSet::of(used.margin_bottom()),
            ..Laid::whole(fragment)
        }))
    }

    /// Rows of items; gives the content height and where the next page goes on.
    #[expect(
        clippy::too_many_arguments,
        reason = "container, room, resume point and result"
    )]
    fn flex_rows(
        &self,
        style: &ComputedStyle,
        items: &[BoxId],
        space: Space,
        least: Option<Px>,
        resume: Option<&FlexResume>,
        corner: Point,
        fragment: &mut Fragment,
    ) -> Step<Option<(Px, Option<FlexResume>)>> {
        let flex = &style.box_.flex;
        let gap = gap(flex.gap.0, space.height.unwrap_or_default());
        let lines = self.flex_lines(style, items, space);
        let single = lines.len() == 1;
        let start = resume.map_or(0, |resume| resume.item);
        let mut y = Px::ZERO;
        let mut split = resume.and_then(|resume| resume.split.as_deref());
        for line in lines
            .into_iter()
            .filter(|line| line.last().is_some_and(|item| item.index >= start))
        {
            let from = line.first().map_or(0, |item| item.index);
            let at_top = space.at_top && y <= Px::ZERO;
            let left = space.left - y;
            let mut laid = Vec::with_capacity(line.len());
            let mut rests: Vec<Option<Resume>> = Vec::new();
            let mut broken = false;
            let going_on = split.take();
            for (position, item) in line.iter().enumerate() {
                let rest = going_on.map(|split| split.get(position).cloned().flatten());
                let margin_top = item.used.margin_top();
                // Whole first; broken only at the top of a page, where moving does not help.
                let breaks = space.breaks() && (at_top || going_on.is_some());
                let room = if breaks {
                    left - margin_top
                } else {
                    Px::INFINITY
                };
                let own = Space {
                    left: room,
                    at_top: true,
                    ..space
                };
                if matches!(rest, Some(None)) {
                    laid.push(Fragment::new(Kind::Group, Size::new(item.width, Px::ZERO)));
                    rests.push(None);
                    continue;
                }
                let rest = rest.flatten();
                let outcome = self.layout(
                    item.id,
                    item.width,
                    own,
                    rest.as_ref(),
                    &mut Floats::default(),
                    Point::default(),
                )?;
                let Outcome::Laid(inner) = outcome else {
                    return Ok(None);
                };
                broken |= inner.resume.is_some();
                rests.push(inner.resume);
                laid.push(inner.fragment);
            }
            let cross = self.line_cross(style, &line, &laid);
            let cross = if single && !broken && resume.is_none() {
                cross.max(space.height.or(least).unwrap_or_default())
            } else {
                cross
            };
            if y + cross > space.left + TOLERANCE && !at_top {
                if y <= Px::ZERO && fragment.children.is_empty() {
                    return Ok(None);
                }
                if y <= Px::ZERO {
                    return Ok(None);
                }
                return Ok(Some((
                    y,
                    Some(FlexResume {
                        item: from,
                        split: None,
                        consumed: Px::ZERO,
                    }),
                )));
            }
            self.place_line(
                style,
                &line,
                laid,
                cross,
                corner + Point::new(Px::ZERO, y),
                space.width,
                fragment,
            );
            y += cross;
            if broken {
                return Ok(Some((
                    y,
                    Some(FlexResume {
                        item: from,
                        split: Some(rests),
                        consumed: Px::ZERO,
                    }),
                )));
            }
            y += gap;
        }
        let height = if y > Px::ZERO { y - gap } else { y };
        Ok(Some((height, None)))
    }

    /// Breaks items into lines and flexes their widths (§9.3, §9.7).
    fn flex_lines(&self, style: &ComputedStyle, items: &[BoxId], space: Space) -> Vec<Vec<Item>> {
        let flex = &style.box_.flex;
        let gap = gap(flex.gap.1.unwrap_or_default(), space.width);
        let bases: Vec<Px> = items
            .iter()
            .map(|item| self.flex_base(*item, space.width))
            .collect();
        let hypothetical: Vec<Px> = items
            .iter()
            .zip(&bases)
            .map(|(item, base)| {
                let used = used_edges(self.tree.style(*item), space.width);
                let (min, max) = self.flex_limits(*item, &used, space.width);
                base.clamp(min, max)
            })
            .collect();
        let outer = |index: usize| {
            let used = used_edges(self.tree.style(items[index]), space.width);
            hypothetical[index] + used.margin_horizontal()
        };
        let mut ranges: Vec<Range<usize>> = Vec::new();
        let mut start = 0;
        let mut width = Px::ZERO;
        for index in 0..items.len() {
            let own = outer(index);
            if flex.wrap && index > start && width + gap + own > space.width + TOLERANCE {
                ranges.push(start..index);
                start = index;
                width = Px::ZERO;
            }
            width += if index > start { gap + own } else { own };
        }
        if start < items.len() {
            ranges.push(start..items.len());
        }
        let flexed = |range: Range<usize>| {
            let gaps = gap * range.len().saturating_sub(1) as f32;
            let widths = self.flexed(
                &items[range.clone()],
                &bases[range.clone()],
                &hypothetical[range.clone()],
                space.width - gaps,
                space.width,
            );
            range
                .zip(widths)
                .map(|(index, width)| Item {
                    index,
                    id: items[index],
                    used: used_edges(self.tree.style(items[index]), space.width),
                    width,
                })
                .collect()
        };
        ranges.into_iter().map(flexed).collect()
    }

    /// The flex base size, not yet within its limits, as border box (§9.2).
    fn flex_base(&self, id: BoxId, width: Px) -> Px {
        let box_ = self.tree.get(id);
        let style = &*box_.style;
        let used = used_edges(style, width);
        let edges = used.horizontal();
        let base = match style.box_.flex.basis {
            Sizing::Auto => style.box_.width,
            other => other,
        };
        let content = || self.intrinsic(id).1 + self.intrinsic_edges(id, &used);
        match base {
            Sizing::Size(length) => {
                let length = bounded(length.resolve(width)).max(Px::ZERO);
                if self.border_sized(id) {
                    length.max(edges)
                } else {
                    length + edges
                }
            }
            Sizing::MinContent => self.intrinsic(id).0 + edges,
            _ if matches!(box_.content, Content::Replaced(_)) => {
                self.replaced_border_size(id, width, None).width
            }
            _ => content(),
        }
    }

    /// Least and greatest border-box width of an item (§4.5: the automatic minimum is its content).
    fn flex_limits(&self, id: BoxId, used: &Used, width: Px) -> (Px, Px) {
        let style = self.tree.style(id);
        let edges = used.horizontal();
        let resolve = |size: Sizing| match size {
            Sizing::Size(length) => {
                let length = bounded(length.resolve(width)).max(Px::ZERO);
                Some(if self.border_sized(id) {
                    length.max(edges)
                } else {
                    length + edges
                })
            }
            _ => None,
        };
        let max = resolve(style.box_.max_width).unwrap_or(Px::INFINITY);
        let min = resolve(style.box_.min_width).unwrap_or_else(|| {
            // What a replaced element cuts off does not scroll.
            let replaced = matches!(self.tree.get(id).content, Content::Replaced(_));
            if style.box_.clips && !replaced {
                return edges;
            }
            let content = self.intrinsic(id).0 + self.intrinsic_edges(id, used);
            resolve(style.box_.width)
                .map_or(content, |width| content.min(width))
                .min(max)
        });
        (min, max)
    }

    /// Resolves flexible lengths (§9.7): grows or shrinks, freezing items at their limits.
    ///
    /// `hypothetical` is `bases` within their limits.
    fn flexed(
        &self,
        items: &[BoxId],
        bases: &[Px],
        hypothetical: &[Px],
        room: Px,
        width: Px,
    ) -> Vec<Px> {
        let used: Vec<Used> = items
            .iter()
            .map(|item| used_edges(self.tree.style(*item), width))
            .collect();
        let margins: Px = used.iter().map(Used::margin_horizontal).sum();
        let room = room - margins;
        let total: Px = hypothetical.iter().copied().sum();
        let grows = total < room;
        let factor = |index: usize| {
            let flex = &self.tree.style(items[index]).box_.flex;
            let inner = (bases[index] - used[index].horizontal()).max(Px::ZERO);
            if grows {
                flex.grow.max(0.0)
            } else {
                flex.shrink.max(0.0) * inner.0
            }
        };
        let mut widths = hypothetical.to_vec();
        // An item that its limits push the other way than the line flexes stays there.
        let mut frozen: Vec<bool> = (0..items.len())
            .map(|index| {
                let opposed = if grows {
                    bases[index] > hypothetical[index]
                } else {
                    bases[index] < hypothetical[index]
                };
                opposed || factor(index) <= 0.0
            })
            .collect();
        let mut initial = None;
        // Each round freezes at least one item.
        for _ in 0..=items.len() {
            let open: Vec<usize> = (0..items.len()).filter(|index| !frozen[*index]).collect();
            if open.is_empty() {
                break;
            }
            let taken: Px = (0..items.len())
                .map(|index| {
                    if frozen[index] {
                        widths[index]
                    } else {
                        bases[index]
                    }
                })
                .sum();
            let mut free = room - taken;
            let factors: f32 = open.iter().map(|index| factor(*index)).sum();
            let initial = *initial.get_or_insert(free);
            if grows && factors < 1.0 {
                free = free.min(initial * factors);
            }
            let mut violated = false;
            let mut excess = Px::ZERO;
            let mut limited = Vec::new();
            for index in &open {
                let target =
                    bases[*index] + free * (factor(*index) / factors.max(f32::MIN_POSITIVE));
                let (min, max) = self.flex_limits(items[*index], &used[*index], width);
                let clamped = target.clamp(min, max);
                excess += clamped - target;
                limited.push((*index, target, clamped));
            }
            for (index, target, clamped) in limited {
                widths[index] = clamped;
                let freeze = (excess > Px::ZERO && clamped > target)
                    || (excess < Px::ZERO && clamped < target);
                if freeze {
                    frozen[index] = true;
                    violated = true;
                }
            }
            if !violated {
                break;
            }
        }
        widths
    }

    /// The line's cross size: its tallest item, baselines aligned (§9.4).
    fn line_cross(&self, style: &ComputedStyle, line: &[Item], laid: &[Fragment]) -> Px {
        let baseline = self.line_baseline(style, line, laid);
        let mut cross = Px::ZERO;
        for (item, fragment) in line.iter().zip(laid) {
            let outer = fragment.size.height + item.used.margin_top() + item.used.margin_bottom();
            let shift = match self.alignment(style, item.id) {
                Alignment::Baseline => baseline - own_baseline(item, fragment),
                _ => Px::ZERO,
            };
            cross = cross.max(outer + shift);
        }
        cross
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

    fn alignment(&self, style: &ComputedStyle, item: BoxId) -> Alignment {
        self.tree
            .style(item)
            .box_
            .flex
            .align_self
            .unwrap_or(style.box_.flex.align_items)
    }

    /// Puts a line's items into the fragment (§9.5, §9.6).
    #[expect(clippy::too_many_arguments, reason = "the line and where it goes")]
    fn place_line(
        &self,
        style: &ComputedStyle,
        line: &[Item],
        laid: Vec<Fragment>,
        cross: Px,
        corner: Point,
        width: Px,
        fragment: &mut Fragment,
    ) {
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
                (None, None) => room / 2.0,
                (None, Some(_)) => room,
                _ => match self.alignment(style, item.id) {
                    Alignment::End => room + item.used.margin_top(),
                    Alignment::Center => room / 2.0 + item.used.margin_top(),
                    Alignment::Baseline => {
                        baseline - own_baseline(item, &laid) + item.used.margin_top()
                    }
                    Alignment::Stretch | Alignment::Normal => {
                        let replaced =
                            matches!(self.tree.get(item.id).content, Content::Replaced(_));
                        if own.box_.height == Sizing::Auto && !replaced && room > Px::ZERO {
                            let height = laid.size.height + room;
                            laid.size.height =
                                self.constrained_height(own, &item.used, None, height);
                        }
                        item.used.margin_top()
                    }
                    _ => item.used.margin_top(),
                },
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
                .or(laid.first_baseline.map(|own| own + at.y));
            fragment.last_baseline = laid
                .last_baseline
                .map(|own| own + at.y)
                .or(fragment.last_baseline);
            fragment.push(at + by, Rc::new(laid), item.index);
            x = start + item.width + if reversed { left } else { right } + gap + between;
        }
    }

    /// A column of items, one below the other; breaks between and inside them.
    #[expect(
        clippy::too_many_arguments,
        reason = "container, room, resume point and result"
    )]
    fn flex_column(
        &self,
        style: &ComputedStyle,
        items: &[BoxId],
        space: Space,
        room: Option<Px>,
        resume: Option<&FlexResume>,
        corner: Point,
        fragment: &mut Fragment,
    ) -> Step<Option<(Px, Option<FlexResume>)>> {
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
        for (position, index) in order.iter().copied().enumerate().skip(start) {
            let id = items[index];
            let own = self.tree.style(id);
            let used = used_edges(own, space.width);
            let available = (space.width - used.margin_horizontal()).max(Px::ZERO);
            let stretched = matches!(
                self.alignment(style, id),
                Alignment::Stretch | Alignment::Normal
            ) && used.margin.left.is_some()
                && used.margin.right.is_some();
            let auto = if stretched {
                available
            } else {
                self.shrink(id, &used, available)
            };
            let width = if matches!(self.tree.get(id).content, Content::Replaced(_)) {
                self.replaced_border_size(id, space.width, None).width
            } else {
                self.constrained_width(id, &used, space.width, auto)
            };
            let free = space.width - width;
            let x = match (used.margin.left, used.margin.right) {
                (None, None) => free / 2.0,
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
            let at_top = space.at_top && placed.is_empty();
            let own_space = Space {
                left: space.left - top,
                at_top,
                ..space
            };
            let outcome = self.layout(
                id,
                width,
                own_space,
                going_on.as_ref(),
                &mut Floats::default(),
                Point::default(),
            )?;
            let Outcome::Laid(laid) = outcome else {
                if placed.is_empty() {
                    return Ok(None);
                }
                next = Some(FlexResume {
                    item: position,
                    split: None,
                    consumed: Px::ZERO,
                });
                break;
            };
            let height = laid.fragment.size.height;
            placed.push((index, laid.fragment, Point::new(x, top)));
            y = top + height + used.margin_bottom();
            if let Some(rest) = laid.resume {
                next = Some(FlexResume {
                    item: position,
                    split: Some(vec![Some(rest)]),
                    consumed: Px::ZERO,
                });
                break;
            }
            y += gap;
        }
        let content = if placed.is_empty() || next.is_some() {
            y
        } else {
            y - gap
        };
        let free = room.map_or(Px::ZERO, |room| room - content);
        if next.is_none() && resume.is_none() && free > Px::ZERO {
            self.spread_column(style, items, free, &mut placed);
        }
        for (index, laid, at) in placed {
            let at = corner
                + at
                + self.relative_offset(self.tree.style(items[index]), space.width, space.height);
            fragment.first_baseline = fragment
                .first_baseline
                .or(laid.first_baseline.map(|own| own + at.y));
            fragment.push(at, Rc::new(laid), index);
        }
        Ok(Some((
            content.max(room.filter(|_| next.is_none()).unwrap_or_default()),
            next,
        )))
    }

    /// Gives a column's free height to growing items, auto margins or `justify-content`.
    fn spread_column(
        &self,
        style: &ComputedStyle,
        items: &[BoxId],
        free: Px,
        placed: &mut [(usize, Fragment, Point)],
    ) {
        let grow = |index: usize| self.tree.style(items[index]).box_.flex.grow.max(0.0);
        let total: f32 = placed.iter().map(|(index, ..)| grow(*index)).sum();
        if total > 0.0 {
            let free = free * total.min(1.0);
            let mut shift = Px::ZERO;
            for (index, laid, at) in placed {
                at.y += shift;
                let more = free * (grow(*index) / total);
                laid.size.height += more;
                shift += more;
            }
            return;
        }
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

fn own_baseline(item: &Item, fragment: &Fragment) -> Px {
    fragment.first_baseline.unwrap_or(fragment.size.height) + item.used.margin_top()
}

fn gap(length: fanfold_style::values::LengthPercentage, base: Px) -> Px {
    bounded(length.resolve(base)).max(Px::ZERO)
}

/// Space before the first item and between items (CSS Box Alignment 3 §4.3).
fn justify(alignment: Alignment, free: Px, count: usize) -> (Px, Px) {
    let count = count as f32;
    match alignment {
        Alignment::End => (free, Px::ZERO),
        Alignment::Center => (free / 2.0, Px::ZERO),
        Alignment::SpaceBetween if free > Px::ZERO && count > 1.0 => {
            (Px::ZERO, free / (count - 1.0))
        }
        Alignment::SpaceAround if free > Px::ZERO => (free / count / 2.0, free / count),
        Alignment::SpaceEvenly if free > Px::ZERO => {
            let each = free / (count + 1.0);
            (each, each)
        }
        _ => (Px::ZERO, Px::ZERO),
    }
}
