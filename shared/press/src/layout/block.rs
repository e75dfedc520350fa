//! Block formatting contexts (CSS 2.2 §9.4.1, §10.6; CSS Fragmentation 3 §4).

use super::float_boxes::{FloatOutcome, clear_below};
use super::lines::{LinesOutcome, LinesPlace};
use super::margins::StartMargin;
use super::{
    Floats, Forced, Laid, Layout, MarginSet, Outcome, Resume, Space, Step, Used, used_edges,
};
use crate::boxes::{BoxId, Content, InlineContent};
use crate::fragment::{BoxFragment, Fragment, Kind};
use fanfold_geometry::{Point, Px, Size};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::Display;
use std::rc::Rc;

/// A block container being laid out.
pub(super) struct Container {
    pub(super) id: BoxId,
    pub(super) used: Used,
    pub(super) space: Space,
    /// Border-box height on earlier pages.
    pub(super) consumed: Px,
    /// Border and padding above the content in this fragment.
    pub(super) top: Px,
    /// Content width.
    pub(super) width: Px,
    /// Content box corner in the block formatting context.
    pub(super) origin: Point,
    /// Its first children's margins are its parent's business.
    pub(super) open_top: bool,
    /// Border-box height where it is not `auto`.
    pub(super) set_height: Option<Px>,
}

/// Block children as they are placed.
struct Flowing {
    y: Px,
    pending: MarginSet,
    /// An in-flow child with height is placed.
    started: bool,
    floats: Vec<(BoxId, Resume)>,
    /// The last in-flow child placed.
    last: Option<usize>,
}

/// How the content of a block container ended.
struct Ending {
    /// Content height.
    height: Px,
    end: MarginSet,
    resume: Option<Resume>,
    forced: Option<Forced>,
}

impl Layout<'_> {
    /// A block container's fragment at border-box width `width`.
    pub(super) fn block_container(
        &self,
        id: BoxId,
        width: Px,
        space: Space,
        resume: Option<&Resume>,
        floats: &mut Floats,
        origin: Point,
    ) -> Step<Outcome> {
        let box_ = self.tree.get(id);
        let style = &*box_.style;
        let used = used_edges(style, space.width);
        let own_context = box_.establishes_context() || self.tree.root == Some(id);
        let consumed = match resume {
            Some(Resume::Blocks { consumed, .. } | Resume::Lines { consumed, .. }) => *consumed,
            _ => Px::ZERO,
        };
        let first = resume.is_none();
        let decorated = first || style.breaks.clone_decoration;
        let top = if decorated { used.top() } else { Px::ZERO };
        // A cell's height is its row's business, and a minimum there (CSS 2.2 §17.5.3).
        let cell = style.box_.display == Display::TableCell;
        let set_height = self
            .height_of(style, &style.box_.height, &used, space.height)
            .filter(|_| !cell);
        let inner_height = set_height.map(|height| {
            (self.constrained_height(style, &used, space.height, height) - used.vertical())
                .max(Px::ZERO)
        });
        let left = used.left();
        let container = Container {
            id,
            used,
            space: Space {
                width: (width - used.horizontal()).max(Px::ZERO),
                height: inner_height,
                left: space.left - top,
                ..space
            },
            consumed,
            top,
            width: (width - used.horizontal()).max(Px::ZERO),
            origin: if own_context {
                Point::new(left, top)
            } else {
                origin + Point::new(left, top)
            },
            open_top: first && !own_context && used.top() <= Px::ZERO,
            set_height,
        };
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
        let mut own = Floats::default();
        let floats = if own_context { &mut own } else { floats };
        let ending = match &box_.content {
            Content::Inline(inline) => {
                self.inline_content(&container, inline, resume, floats, &mut fragment)?
            }
            Content::Blocks(children) => {
                self.flow(&container, children, resume, floats, &mut fragment)?
            }
            _ => None,
        };
        let Some(mut ending) = ending else {
            return Ok(Outcome::Before);
        };
        if own_context && ending.resume.is_none() {
            let floated = floats
                .bottom(true, true)
                .map_or(Px::ZERO, |bottom| bottom - top);
            ending.height = ending.height.max(floated);
        }
        self.place_marker(id, first, &container, &mut fragment)?;
        self.close_container(&container, style, own_context, ending, space, fragment)
    }

    /// Fixes the fragment's height and what goes on afterwards.
    fn close_container(
        &self,
        container: &Container,
        style: &ComputedStyle,
        own_context: bool,
        ending: Ending,
        space: Space,
        mut fragment: Fragment,
    ) -> Step<Outcome> {
        let used = &container.used;
        if ending.resume.is_some() {
            if style.breaks.avoid_inside && ending.forced.is_none() && !space.at_top {
                return Ok(Outcome::Before);
            }
            // A broken box goes on to the page's end (CSS Fragmentation 3 §5.4.2).
            let content_end = container.top + ending.height;
            let height = if own_context && !space.breaks() {
                content_end
            } else {
                space.left
            };
            fragment.size.height = height.max(content_end.min(space.left)).max(Px::ZERO);
            set_last(&mut fragment, false);
            return Ok(Outcome::Laid(Laid {
                resume: ending
                    .resume
                    .map(|resume| resume.further(fragment.size.height)),
                fragment,
                end: MarginSet::default(),
                forced: ending.forced,
            }));
        }
        let closes = container.set_height.is_some() || own_context || used.bottom() > Px::ZERO;
        let mut end = ending.end;
        let mut content = ending.height;
        if closes {
            // The last child's margin stays inside (CSS 2.2 §10.6.3); with a set height it has no use.
            content = (content + end.solve()).max(Px::ZERO);
            end = MarginSet::default();
        }
        let natural = container.top + content + used.bottom();
        let height = container
            .set_height
            .map_or(natural, |height| height - container.consumed);
        let least = if container.set_height.is_some() {
            Px::ZERO
        } else {
            container.consumed
        };
        let height =
            self.constrained_height(style, used, container.space.height, height + least) - least;
        let height = height.max(Px::ZERO);
        let bottom_only = used.bottom();
        if space.overflows(height) {
            let rest_is_edge = space.left >= height - bottom_only;
            if rest_is_edge || style.breaks.avoid_inside || container.set_height.is_none() {
                // Its lower edge does not fit: leave out its last child, or all of it.
                if let Some(laid) = self.earlier_break(&fragment, space)
                    && (!style.breaks.avoid_inside || space.at_top)
                {
                    return Ok(Outcome::Laid(laid));
                }
                if !space.at_top {
                    return Ok(Outcome::Before);
                }
            }
            if container.set_height.is_some() && space.left >= Px(1.0) {
                if style.breaks.avoid_inside && !space.at_top {
                    return Ok(Outcome::Before);
                }
                fragment.size.height = space.left;
                set_last(&mut fragment, false);
                let child = match &self.tree.get(container.id).content {
                    Content::Blocks(children) => children.len(),
                    _ => usize::MAX,
                };
                let resume = Resume::Blocks {
                    child,
                    inner: None,
                    consumed: Px::ZERO,
                    floats: Vec::new(),
                };
                return Ok(Outcome::Laid(Laid {
                    resume: Some(resume.further(container.consumed + space.left)),
                    ..Laid::whole(fragment)
                }));
            }
        }
        fragment.size.height = height;
        if !closes {
            end = end.adjoin(MarginSet::of(used.margin_bottom()));
        } else {
            end = MarginSet::of(used.margin_bottom());
        }
        Ok(Outcome::Laid(Laid {
            end,
            ..Laid::whole(fragment)
        }))
    }

    fn inline_content(
        &self,
        container: &Container,
        inline: &InlineContent,
        resume: Option<&Resume>,
        floats: &mut Floats,
        fragment: &mut Fragment,
    ) -> Step<Option<Ending>> {
        let (start, carried) = match resume {
            Some(Resume::Lines { offset, floats, .. }) => (*offset, floats.as_slice()),
            // Only height is left.
            Some(_) => (u32::MAX, [].as_slice()),
            None => (0, [].as_slice()),
        };
        let mut later = self.carried_floats(container, carried, floats, fragment)?;
        if start == u32::MAX {
            return Ok(Some(Ending {
                height: Px::ZERO,
                end: MarginSet::default(),
                resume: None,
                forced: None,
            }));
        }
        let left = used_left(container);
        let place = LinesPlace {
            corner: Point::new(left, container.top),
            width: container.width,
            origin: container.origin,
            start,
            resumed: resume.is_some(),
        };
        let outcome = self.lines(
            container.id,
            inline,
            fragment,
            &place,
            container.space,
            floats,
        )?;
        let LinesOutcome::Laid {
            mut height,
            resume: next,
            floats: more,
        } = outcome
        else {
            return Ok(None);
        };
        later.extend(more);
        if inline.text.is_empty() && start == 0 && self.has_marker(container.id) {
            height = self.strut(self.tree.style(container.id)).line_height;
        }
        let resume = match next {
            Some(offset) => Some(Resume::Lines {
                offset,
                consumed: container.consumed,
                floats: later,
            }),
            None if later.is_empty() => None,
            None => {
                let offset = u32::try_from(inline.text.len()).unwrap_or(u32::MAX);
                Some(Resume::Lines {
                    offset,
                    consumed: container.consumed,
                    floats: later,
                })
            }
        };
        Ok(Some(Ending {
            height,
            end: MarginSet::default(),
            resume,
            forced: None,
        }))
    }

    /// Block children one below the other.
    fn flow(
        &self,
        container: &Container,
        children: &[BoxId],
        resume: Option<&Resume>,
        floats: &mut Floats,
        fragment: &mut Fragment,
    ) -> Step<Option<Ending>> {
        let (start, mut inner, carried) = match resume {
            Some(Resume::Blocks {
                child,
                inner,
                floats,
                ..
            }) => (*child, inner.as_deref(), floats.as_slice()),
            _ => (0, None, [].as_slice()),
        };
        let later = self.carried_floats(container, carried, floats, fragment)?;
        let mut flowing = Flowing {
            y: Px::ZERO,
            pending: MarginSet::default(),
            started: false,
            floats: later,
            last: None,
        };
        for (index, child) in children.iter().enumerate().skip(start) {
            self.step()?;
            let going_on = inner.take();
            let box_ = self.tree.get(*child);
            if box_.is_absolute() {
                let at = Point::new(
                    used_left(container),
                    container.top + self.next_y(container, &flowing),
                );
                self.placeholder(*child, fragment, at, index);
                continue;
            }
            if box_.is_float() {
                let y = self.next_y(container, &flowing);
                let at_top = flowing.last.is_none();
                let placed = self.float(
                    *child,
                    floats,
                    container.origin,
                    y,
                    container.width,
                    container.space,
                    at_top,
                )?;
                match placed {
                    FloatOutcome::Placed {
                        at,
                        fragment: laid,
                        resume,
                    } => {
                        flowing.floats.extend(resume.map(|resume| (*child, resume)));
                        let corner = Point::new(used_left(container), container.top);
                        fragment.push(at + corner, Rc::new(laid), index);
                    }
                    FloatOutcome::Before => {
                        return Ok(self.break_above(container, children, index, &flowing, fragment));
                    }
                }
                continue;
            }
            if let Some(last) = flowing.last.filter(|_| going_on.is_none())
                && let Some(side) = self.forced_between(children[last], *child)
            {
                return Ok(Some(Ending {
                    height: flowing.y,
                    end: MarginSet::default(),
                    resume: Some(blocks_resume(container, index, None, flowing.floats)),
                    forced: Some(Forced { side }),
                }));
            }
            match self.flow_child(
                container,
                *child,
                index,
                going_on,
                &mut flowing,
                floats,
                fragment,
            )? {
                ChildOutcome::Placed => {}
                ChildOutcome::Before if going_on.is_some() && container.space.at_top => {
                    // Floats that go on from the page before leave it no room; nothing is above it.
                    let inner = going_on.cloned().map(Box::new);
                    return Ok(Some(Ending {
                        height: flowing.y,
                        end: MarginSet::default(),
                        resume: Some(blocks_resume(container, index, inner, flowing.floats)),
                        forced: None,
                    }));
                }
                ChildOutcome::Before => {
                    return Ok(self.break_above(container, children, index, &flowing, fragment));
                }
                ChildOutcome::Broken(ending) => return Ok(Some(ending)),
            }
        }
        if !flowing.floats.is_empty() {
            return Ok(Some(Ending {
                height: flowing.y,
                end: MarginSet::default(),
                resume: Some(blocks_resume(
                    container,
                    children.len(),
                    None,
                    flowing.floats,
                )),
                forced: None,
            }));
        }
        Ok(Some(Ending {
            height: flowing.y,
            end: flowing.pending,
            resume: None,
            forced: None,
        }))
    }

    /// Where something without margins of its own would go.
    fn next_y(&self, container: &Container, flowing: &Flowing) -> Px {
        if container.open_top && !flowing.started {
            flowing.y
        } else {
            flowing.y + flowing.pending.solve()
        }
    }

    /// Places one in-flow child.
    #[expect(
        clippy::too_many_arguments,
        reason = "the state of the flow, split for borrowing"
    )]
    fn flow_child(
        &self,
        container: &Container,
        child: BoxId,
        index: usize,
        resume: Option<&Resume>,
        flowing: &mut Flowing,
        floats: &mut Floats,
        fragment: &mut Fragment,
    ) -> Step<ChildOutcome> {
        let box_ = self.tree.get(child);
        let style = &*box_.style;
        let used = used_edges(style, container.width);
        let at_top = container.space.at_top && !flowing.started && flowing.last.is_none();
        let start = if resume.is_some() || (at_top && container.space.truncates) {
            // Margins next to an unforced break vanish (CSS Fragmentation 3 §5.2).
            StartMargin {
                margins: MarginSet::default(),
                through: self.start_margin(child, container.width).through,
            }
        } else {
            self.start_margin(child, container.width)
        };
        let joined = flowing.pending.adjoin(start.margins);
        let mut y = if container.open_top && !flowing.started {
            flowing.y
        } else {
            flowing.y + joined.solve()
        };
        let mut cleared = false;
        if let Some(bottom) = clear_below(floats, style.box_.clear) {
            let bottom = bottom - container.origin.y;
            if bottom > y {
                y = bottom;
                cleared = true;
            }
        }
        let (place, below) = self.beside_floats(container, child, &used, y, floats);
        // What floats push down is not at the top: the next page has more room.
        let at_top = at_top && (resume.is_some() || (!cleared && below <= y));
        y = below;
        let space = Space {
            left: container.space.left - y,
            at_top,
            ..container.space
        };
        if space.left < Px::ZERO && !at_top && !start.through {
            return Ok(ChildOutcome::Before);
        }
        let origin = container.origin + Point::new(place.x, y);
        let outcome = self.layout(child, place.width, space, resume, floats, origin)?;
        let Outcome::Laid(laid) = outcome else {
            return Ok(ChildOutcome::Before);
        };
        let height = laid.fragment.size.height;
        let by = self.relative_offset(style, container.width, container.space.height);
        let at = Point::new(used_left(container) + place.x, container.top + y);
        if let Some(baseline) = laid.fragment.first_baseline {
            fragment.first_baseline = fragment.first_baseline.or(Some(at.y + baseline));
        }
        if let Some(baseline) = laid.fragment.last_baseline
            && !matches!(box_.content, Content::Replaced(_))
        {
            fragment.last_baseline = Some(at.y + baseline);
        }
        fragment.push(at + by, Rc::new(laid.fragment), index);
        if start.through && laid.resume.is_none() && height <= Px::ZERO {
            flowing.pending = if cleared { start.margins } else { joined };
            if cleared {
                flowing.y = y;
                flowing.started = true;
            }
            return Ok(ChildOutcome::Placed);
        }
        flowing.y = y + height;
        flowing.pending = laid.end;
        flowing.started = true;
        flowing.last = Some(index);
        if let Some(resume) = laid.resume {
            let floats = std::mem::take(&mut flowing.floats);
            return Ok(ChildOutcome::Broken(Ending {
                height: flowing.y,
                end: MarginSet::default(),
                resume: Some(blocks_resume(
                    container,
                    index,
                    Some(Box::new(resume)),
                    floats,
                )),
                forced: laid.forced,
            }));
        }
        Ok(ChildOutcome::Placed)
    }

    /// Width and place of a child; one with a context of its own goes beside or below floats
    /// (CSS 2.2 §9.5).
    fn beside_floats(
        &self,
        container: &Container,
        child: BoxId,
        used: &Used,
        y: Px,
        floats: &Floats,
    ) -> (super::sizing::InlinePlace, Px) {
        let parent = self.tree.style(container.id);
        let whole = self.place_block(
            child,
            used,
            parent,
            container.width,
            Px::ZERO,
            container.width,
        );
        if floats.is_empty() || !self.tree.get(child).establishes_context() {
            return (whole, y);
        }
        let mut y = y;
        loop {
            let band = floats.band(
                container.origin.y + y,
                Px(1.0),
                container.origin.x,
                container.origin.x + container.width,
            );
            if !band.until.is_finite() {
                return (whole, y);
            }
            let (left, right) = (
                band.left - container.origin.x,
                band.right - container.origin.x,
            );
            let place = self.place_block(child, used, parent, container.width, left, right);
            let fits = place.x + place.width <= right + super::TOLERANCE;
            if fits
                && place.width + super::TOLERANCE >= whole.width.min(self.least_beside(child, used))
            {
                return (place, y);
            }
            y = band.until - container.origin.y;
        }
    }

    /// The border-box width below which a box with a context of its own goes below floats, not beside
    /// them: less, and words would be cut or stick out (CSS 2.2 §9.5 leaves it open).
    fn least_beside(&self, child: BoxId, used: &Used) -> Px {
        let box_ = self.tree.get(child);
        let style = &*box_.style;
        // Who asks for one clipped line gets it, as long as there is anything to see.
        if style.box_.clips && style.text.white_space.nowrap {
            return used.horizontal() + Px(1.0);
        }
        self.intrinsic(child).0 + self.intrinsic_edges(child, used)
    }

    /// The child at `index` does not fit: finds the best place to break before it.
    fn break_above(
        &self,
        container: &Container,
        children: &[BoxId],
        index: usize,
        flowing: &Flowing,
        fragment: &mut Fragment,
    ) -> Option<Ending> {
        let here = |flowing: &Flowing, fragment: &mut Fragment| {
            fragment
                .children
                .retain(|child| (child.index as usize) < index);
            Ending {
                height: flowing.y,
                end: MarginSet::default(),
                resume: Some(blocks_resume(
                    container,
                    index,
                    None,
                    flowing.floats.clone(),
                )),
                forced: None,
            }
        };
        let Some(last) = flowing.last else {
            // Only floats are above, which may stay alone where nothing else helps.
            if container.space.at_top && !fragment.children.is_empty() {
                return Some(here(flowing, fragment));
            }
            return None;
        };
        if !self.avoids_between(children[last], children[index]) {
            return Some(here(flowing, fragment));
        }
        if let Some((kept, resume)) = self.earlier_in_children(fragment, children, container.space)
        {
            *fragment = kept;
            return Some(Ending {
                height: flowing.y,
                end: MarginSet::default(),
                resume: Some(resume.further(Px::ZERO)),
                forced: None,
            });
        }
        // Nothing allowed: elsewhere if anything is above, otherwise here after all.
        container.space.at_top.then(|| here(flowing, fragment))
    }

    /// The outside marker beside the first line (CSS Lists 3 §3.1).
    fn place_marker(
        &self,
        id: BoxId,
        first: bool,
        container: &Container,
        fragment: &mut Fragment,
    ) -> Step<()> {
        let Some(extras) = self.tree.get(id).extras.as_ref().filter(|_| first) else {
            return Ok(());
        };
        let Some(marker) = extras.marker else {
            return Ok(());
        };
        // The space that ends a marker keeps it apart from the text.
        let max = match &self.tree.get(marker).content {
            Content::Inline(inline) => {
                let segments = &self.shaped(marker, inline).segments;
                let trailing = segments.last().map_or(Px::ZERO, |segment| segment.trailing);
                self.intrinsic(marker).1 + trailing
            }
            _ => self.intrinsic(marker).1,
        };
        let laid = self.layout_whole(marker, max, None)?.fragment;
        let own = laid.first_baseline.unwrap_or(laid.size.height);
        let strut = self.strut(self.tree.style(id));
        let target = fragment
            .first_baseline
            .unwrap_or(container.top + strut.above());
        let x = if self.tree.style(id).text.rtl {
            fragment.size.width
        } else {
            -laid.size.width
        };
        let at = Point::new(x, target - own);
        fragment.first_baseline = fragment.first_baseline.or(Some(target));
        fragment.last_baseline = fragment.last_baseline.or(Some(target));
        // The marker is painted with the inline content.
        fragment.push(at, Rc::new(laid), 0);
        Ok(())
    }
}

/// What became of an in-flow child.
enum ChildOutcome {
    Placed,
    Before,
    Broken(Ending),
}

impl Resume {
    /// The same with the height on this page counted.
    pub(super) fn further(self, by: Px) -> Self {
        match self {
            Self::Blocks {
                child,
                inner,
                consumed,
                floats,
            } => Self::Blocks {
                child,
                inner,
                consumed: consumed + by,
                floats,
            },
            Self::Lines {
                offset,
                consumed,
                floats,
            } => Self::Lines {
                offset,
                consumed: consumed + by,
                floats,
            },
            other => other,
        }
    }
}

fn blocks_resume(
    container: &Container,
    child: usize,
    inner: Option<Box<Resume>>,
    floats: Vec<(BoxId, Resume)>,
) -> Resume {
    Resume::Blocks {
        child,
        inner,
        consumed: container.consumed,
        floats,
    }
}

pub(super) fn used_left(container: &Container) -> Px {
    container.used.left()
}

fn set_last(fragment: &mut Fragment, last: bool) {
    if let Kind::Box(box_) = &mut fragment.kind {
        box_.last = last;
    }
}
