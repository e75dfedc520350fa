//! Block children one below the other: margins, clearance, floats beside them, breaks between them
//! (CSS 2.2 §9.4.1, §9.5; CSS Fragmentation 3 §4).

use super::beside::{Beside, Wanted};
use super::block::{Container, Ending, used_left};
use super::float_boxes::{FloatOutcome, clear_below};
use super::margins::{Above, Sides, StartMargin};
use super::positioned::KEPT;
use super::{BreakAbove, Floats, Forced, Layout, MarginSet, Resume, Step, Used, used_edges};
use crate::boxes::{BoxId, Content};
use crate::fragment::Fragment;
use fanfold_geometry::{Point, Px};
use fanfold_style::computed::Break;
use std::rc::Rc;

/// Block children as they are placed.
struct Flowing {
    y: Px,
    pending: MarginSet,
    /// An in-flow child with height is placed.
    started: bool,
    floats: Vec<(BoxId, Resume)>,
    /// Where the floats among the children so far are.
    floated: Sides,
    /// The last in-flow child with height.
    last: Option<usize>,
    /// The last in-flow child, perhaps without height, or float: breaks are asked for there too.
    before: Option<usize>,
    /// The last in-flow child.
    named: Option<usize>,
    /// The container began on an earlier page.
    goes_on: bool,
}

impl Flowing {
    /// The page's end in or before the child at `index`, with the floats that go on.
    fn ends(&mut self, container: &Container, index: usize, inner: Option<Box<Resume>>) -> Ending {
        let floats = std::mem::take(&mut self.floats);
        Ending {
            height: self.y,
            end: MarginSet::default(),
            resume: Some(blocks_resume(container, index, inner, floats)),
            forced: None,
        }
    }
}

/// What became of an in-flow child.
enum ChildOutcome {
    Placed,
    Before,
    Broken(Ending),
}

impl Layout<'_> {
    /// Block children one below the other.
    pub(super) fn flow(
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
            floated: Sides::default(),
            last: None,
            before: None,
            named: None,
            goes_on: resume.is_some(),
        };
        for (index, child) in children.iter().enumerate().skip(start) {
            self.step()?;
            if self.lines_left.get() == Some(0) {
                break;
            }
            let going_on = inner.take();
            let box_ = self.tree.get(*child);
            if box_.is_absolute() {
                // Right-to-left, a static position is of the right edge (CSS 2.2 §10.3.7).
                let start = if self.tree.style(container.id).text.rtl {
                    container.width
                } else {
                    Px::ZERO
                };
                let at = Point::new(
                    used_left(container) + start,
                    container.top + self.next_y(container, &flowing),
                );
                self.placeholder(*child, container.id, fragment, at, index);
                continue;
            }
            let forced = flowing
                .before
                .filter(|_| going_on.is_none())
                .and_then(|before| {
                    let in_column = container.space.in_column;
                    self.forced_between(children[before], *child, in_column)
                        .or_else(|| {
                            let named = flowing.named.filter(|_| !box_.is_float())?;
                            let renamed = self.renamed_between(children[named], *child);
                            renamed.then_some(Break::Page)
                        })
                });
            if let Some(side) = forced
                && self.takes_forced(container.space)
            {
                return Ok(Some(Ending {
                    forced: Some(Forced { side }),
                    ..flowing.ends(container, index, None)
                }));
            }
            if box_.is_float() {
                flowing.floated.add(box_.style.box_.float);
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
                        flowing.before = Some(index);
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
            let more = self.more_follows.get();
            if self.lines_left.get().is_some() {
                self.more_follows.set(more || index + 1 < children.len());
            }
            let outcome = self.flow_child(
                container,
                children,
                index,
                going_on,
                &mut flowing,
                floats,
                fragment,
            )?;
            self.more_follows.set(more);
            match outcome {
                ChildOutcome::Placed => {}
                ChildOutcome::Before if going_on.is_some() && container.space.at_top => {
                    // Floats that go on from the page before leave it no room; nothing is above it.
                    let inner = going_on.cloned().map(Box::new);
                    return Ok(Some(flowing.ends(container, index, inner)));
                }
                ChildOutcome::Before => {
                    return Ok(self.break_above(container, children, index, &flowing, fragment));
                }
                ChildOutcome::Broken(ending) => return Ok(Some(ending)),
            }
        }
        if !flowing.floats.is_empty() {
            return Ok(Some(Ending {
                end: flowing.pending,
                ..flowing.ends(container, children.len(), None)
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
        children: &[BoxId],
        index: usize,
        resume: Option<&Resume>,
        flowing: &mut Flowing,
        floats: &mut Floats,
        fragment: &mut Fragment,
    ) -> Step<ChildOutcome> {
        let child = children[index];
        let box_ = self.tree.get(child);
        let style = &*box_.style;
        if floats.clear_on_next_page(style.box_.clear) {
            if flowing.before.is_none() && fragment.children.is_empty() {
                return Ok(ChildOutcome::Before);
            }
            // Below a float is after all of it, and on the page where it ends.
            let inner = resume.cloned().map(Box::new);
            return Ok(ChildOutcome::Broken(flowing.ends(container, index, inner)));
        }
        let used = used_edges(style, container.width);
        let leads = !flowing.started && flowing.last.is_none();
        let at_top = container.space.at_top && leads;
        // A column has a top of its own, though content may do better on the next page.
        let column = container.space.in_column && self.tree.get(container.id).is_multicol();
        // An edge, or a formatting context of its own, lies between the break and the margins of what is inside.
        let meets_break = flowing.goes_on || container.open_top;
        let break_above = if (at_top || (leads && column)) && meets_break {
            container.space.break_above
        } else {
            BreakAbove::None
        };
        let adjoins = container.open_top && !flowing.started;
        let above = Above {
            floats,
            y: container.origin.y + flowing.y,
            margins: flowing.pending,
            counted: adjoins,
            floated: Sides::default(),
            break_above,
        };
        let start = match resume {
            // What goes on has its top on an earlier page.
            Some(_) => StartMargin::default(),
            None => self.start_margin(child, container.width, above),
        };
        let joined = flowing.pending.adjoin(start.margins);
        let mut y = if adjoins {
            flowing.y
        } else {
            flowing.y + joined.solve()
        };
        if at_top && container.space.breaks() {
            y = self.below_margin(child, flowing.y, y, container.space.left);
        }
        let mut cleared = false;
        if let Some(bottom) = clear_below(floats, style.box_.clear) {
            let bottom = bottom - container.origin.y;
            if bottom > y {
                y = bottom;
                cleared = true;
            }
        }
        if adjoins && !cleared && flowing.floated.meets(style.box_.clear) {
            // The margin was kept apart for a float that has no height after all.
            y += joined.solve();
        }
        let wanted = Wanted {
            child,
            used: &used,
            y,
            at_top,
            cleared,
            through: start.through,
        };
        let beside = self.beside_floats(container, &wanted, resume, floats)?;
        let Some(Beside { place, y, laid }) = beside else {
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
        flowing
            .floats
            .extend(laid.floats.into_iter().map(|(id, mut rest)| {
                if id == child {
                    rest.stand_at(place.x);
                }
                (id, rest)
            }));
        flowing.before = Some(index);
        flowing.named = Some(index);
        if start.through && laid.resume.is_none() && height <= Px::ZERO {
            flowing.pending = if cleared { start.margins } else { joined };
            if cleared {
                flowing.y = y;
                flowing.started = true;
            }
            if fragment
                .children
                .last()
                .is_some_and(|placed| placed.fragment.has.floats)
            {
                // Nothing but floats is inside; the page may end below it all the same.
                flowing.last = Some(index);
            }
            return Ok(ChildOutcome::Placed);
        }
        flowing.y = y + height;
        flowing.pending = laid.end;
        flowing.started = true;
        flowing.last = Some(index);
        if let Some(resume) = laid.resume {
            return Ok(ChildOutcome::Broken(Ending {
                forced: laid.forced,
                ..flowing.ends(container, index, Some(Box::new(resume)))
            }));
        }
        Ok(ChildOutcome::Placed)
    }

    /// Cuts off what no page has room below of the margin of a box at `top` that begins a page of `left`.
    pub(super) fn cut_margin(&self, id: BoxId, used: &mut Used, top: Px, left: Px) {
        if used.margin_top() > Px::ZERO {
            let seen = self.below_margin(id, top, top + used.margin_top(), left);
            used.margin.top = Some(seen - top);
        }
    }

    /// Where a child begins that begins a page of `left`, with a margin from `top` to `y`: one that no page
    /// has room below is cut off, as at any other break, before which there would be nothing but it (CSS
    /// Fragmentation 3 §5.2), and a line that the page has room for is not cut through.
    pub(crate) fn below_margin(&self, child: BoxId, top: Px, y: Px, left: Px) -> Px {
        if y + Px(1.0) > left {
            return y.min(top);
        }
        let mut first = self.tree.get(child);
        while let Content::Blocks(children) = &first.content {
            let mut inside = children.iter().map(|&child| self.tree.get(child));
            match inside.find(|inside| inside.in_flow()) {
                Some(inside) => first = inside,
                None => return y,
            }
        }
        let last = left - self.strut(&first.style).line_height;
        match first.content {
            Content::Inline(ref inline) if last >= top && !inline.text.is_empty() => y.min(last),
            _ => y,
        }
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
        let end = index;
        let here = |index: usize, flowing: &Flowing, fragment: &mut Fragment| {
            fragment
                .children
                .retain(|child| (child.index as usize) < index || child.index == KEPT);
            // Those that come after the break begin afresh.
            let mut floats = flowing.floats.clone();
            floats.retain(|(float, _)| {
                let child = self.child_around(container.id, *float);
                !child.is_some_and(|child| children[index..end].contains(&child))
            });
            Ending {
                height: flowing.y,
                end: MarginSet::default(),
                resume: Some(blocks_resume(container, index, None, floats)),
                forced: None,
            }
        };
        let Some(last) = flowing.last else {
            // Only floats are above, which may stay alone where nothing else helps.
            if container.space.at_top && !fragment.children.is_empty() {
                return Some(here(index, flowing, fragment));
            }
            return None;
        };
        // Boxes without height may be between, and the page may end before or after each of them.
        let mut after = index;
        for between in (last..index).rev() {
            let box_ = self.tree.get(children[between]);
            if box_.is_float() && after < index {
                // It may go on on the next page already.
                break;
            }
            if !box_.in_flow() {
                continue;
            }
            if !self.avoids_between(children[between], children[after]) {
                return Some(here(after, flowing, fragment));
            }
            after = between;
        }
        let (begun, floats) = (container.begun, &flowing.floats);
        let earlier = self.earlier_in_children(
            (container.id, fragment),
            children,
            begun,
            floats,
            container.space,
        );
        if let Some((kept, resume)) = earlier {
            *fragment = kept;
            return Some(Ending {
                height: flowing.y,
                end: MarginSet::default(),
                resume: Some(resume.further(Px::ZERO)),
                forced: None,
            });
        }
        // Nothing allowed: elsewhere if anything is above, otherwise here after all.
        container
            .space
            .at_top
            .then(|| here(index, flowing, fragment))
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
