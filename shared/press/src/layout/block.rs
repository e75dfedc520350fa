//! Block formatting contexts (CSS 2.2 §9.4.1, §10.6; CSS Fragmentation 3 §4).

use super::legend::{LegendPiece, LegendPlace};
use super::lines::{LinesOutcome, LinesPlace};
use super::overflow::{Beyond, Overflow};

use super::slice::{HighLine, is_blank_below};
use super::{
    Floats, Forced, Laid, Layout, MarginSet, Outcome, Resume, Space, Step, Used, used_edges,
};
use crate::boxes::{BoxId, Content, InlineContent};
use crate::fragment::{BoxFragment, Fragment, Kind};
use fanfold_geometry::{Point, Px, Size};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::Display;
use fanfold_style::values::Sizing;
use std::rc::Rc;

/// A block container being laid out.
pub(super) struct Container<'r> {
    pub(super) id: BoxId,
    /// Where it goes on from the page before.
    pub(super) begun: Option<&'r Resume>,
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
    /// Border-box height that it has at least, by its ratio.
    pub(super) ratio_height: Option<Px>,
    /// Each of its fragments has all edges.
    pub(super) clones: bool,
    /// What it has beyond its own end.
    pub(super) overflow: Beyond,
}

/// How the content of a block container ended.
pub(super) struct Ending {
    /// Content height.
    pub(super) height: Px,
    pub(super) end: MarginSet,
    pub(super) resume: Option<Resume>,
    pub(super) forced: Option<Forced>,
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
        let (past, resume) = Overflow::behind(resume);
        let mut used = used_edges(style, space.width);
        let (legend, breaks_legend) = match self.legend(id, width, &mut used, space, resume)? {
            LegendPlace::None => (None, false),
            LegendPlace::Border(legend) => (Some(legend), false),
            LegendPlace::Broken => (None, true),
            LegendPlace::Before => return Ok(Outcome::Before),
        };
        let own_context = box_.establishes_context() || self.tree.root == Some(id);
        let overflow = Beyond::of(past, floats);
        let consumed = match resume {
            Some(
                Resume::Blocks { consumed, .. }
                | Resume::Lines { consumed, .. }
                | Resume::Legend { consumed, .. }
                | Resume::HighLine { consumed, .. }
                | Resume::Edge { consumed, .. },
            ) => *consumed,
            _ => Px::ZERO,
        };
        let first = resume.is_none();
        let clones = past.is_none() && self.clones_edges(style, &used, space);
        let decorated = first || clones;
        let begins = first || matches!(resume, Some(Resume::Edge { .. }));
        let top = if decorated {
            used.top()
        } else if begins {
            (used.top() - consumed).max(Px::ZERO)
        } else {
            Px::ZERO
        };
        // A cell's height is its row's business, and a minimum there (CSS 2.2 §17.5.3).
        let cell = style.box_.display == Display::TableCell;
        let imposed = past.and_then(|past| past.height);
        let set_height = imposed.or_else(|| self.imposed_height(id)).or_else(|| {
            self.height_of(style, &style.box_.height, &used, space.height)
                .filter(|_| !cell)
        });
        // A height that only follows from the width goes on over the page's end.
        let declared = set_height;
        let by_ratio = match set_height {
            None => self.ratio_height(id, &used, width),
            Some(_) => None,
        };
        // Content that is seen may make it higher (CSS Sizing 4 §5.3).
        let firm = style.box_.clips || style.box_.min_height != Sizing::Auto;
        let set_height = set_height.or(by_ratio.filter(|_| firm));
        let ratio_height = by_ratio.filter(|_| !firm);
        let inner_height = set_height.or(ratio_height).map(|height| {
            (self.constrained_height(style, &used, space.height, height) - used.vertical())
                .max(Px::ZERO)
        });
        if first && self.is_moved(style, &used, declared, space) {
            return Ok(Outcome::Before);
        }
        // What sticks out of a box of known height is cut off there: no page goes on with it.
        let most = set_height.or_else(|| {
            let most = &style.box_.max_height;
            self.height_of(style, most, &used, space.height)
        });
        let whole = first
            && style.box_.clips
            && most.is_some_and(|most| {
                !space.overflows(self.constrained_height(style, &used, space.height, most))
            });
        let space = if whole {
            Space {
                left: Px::INFINITY,
                ..space
            }
        } else {
            space
        };
        // Every fragment has a lower edge of its own (CSS Fragmentation 3 §5.4.1), and so has the only one.
        let closing = if clones || (style.box_.discard && past.is_none()) {
            used.bottom()
        } else {
            Px::ZERO
        };
        let left = used.left();
        let mut container = Container {
            id,
            begun: resume,
            used,
            space: Space {
                width: (width - used.horizontal()).max(Px::ZERO),
                height: inner_height,
                left: space.left - top - closing,
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
            ratio_height,
            clones,
            overflow,
        };
        let mut fragment = Fragment::new(
            Kind::Box(BoxFragment {
                id,
                border: used.border,
                padding: used.padding,
                first,
                last: true,
                consumed: Px::ZERO,
                bare: past.is_some(),
            }),
            Size::new(width, Px::ZERO),
        );
        if begins
            && !clones
            && (breaks_legend || self.has_content(id))
            && let Some(resume) =
                self.below_edge(id, (container.top, breaks_legend), consumed, space)
        {
            if let Some(legend) = legend {
                legend.place(&mut fragment);
            }
            return Ok(Outcome::Laid(Laid::of_edge(fragment, resume, space)));
        }
        let mut legend = legend;
        if breaks_legend {
            match self.legend_piece(&container, resume)? {
                LegendPiece::Before => return Ok(Outcome::Before),
                LegendPiece::GoesOn(piece, inner) => {
                    piece.place(&mut fragment);
                    let ending = Ending {
                        height: Px::ZERO,
                        end: MarginSet::default(),
                        resume: Some(Resume::Legend {
                            inner: Some(Box::new(inner)),
                            consumed,
                        }),
                        forced: None,
                    };
                    return self.close_container(
                        &container,
                        style,
                        own_context,
                        (ending, Vec::new()),
                        space,
                        fragment,
                    );
                }
                LegendPiece::Ends(piece, height) => {
                    legend = Some(piece);
                    container.top += height;
                    container.origin.y += height;
                    container.space.left -= height;
                }
            }
        }
        // The content need not begin below the legend, where the next page has more room for it.
        container.space.at_top &= legend.is_none() || !space.breaks();
        // Behind its legend, or the rest of its edge, the content begins.
        let resume =
            resume.filter(|resume| !matches!(resume, Resume::Legend { .. } | Resume::Edge { .. }));
        let top = container.top;
        let mut own = Floats::of_flow();
        let floats = if own_context { &mut own } else { floats };
        let (lines_left, more) = (self.lines_left.get(), self.more_follows.get());
        if let Some(most) = style.box_.max_lines {
            let left = lines_left.map_or(most, |left| left.min(most));
            self.lines_left.set(Some(left));
            self.more_follows.set(lines_left.is_some() && more);
        } else if own_context {
            self.lines_left.set(None);
        }
        let ending = match &box_.content {
            _ if box_.is_multicol() => self.multicol(&container, resume, &mut fragment),
            Content::Inline(inline) => {
                self.inline_content(&container, inline, resume, floats, &mut fragment)
            }
            Content::Blocks(children) => {
                self.flow(&container, children, resume, floats, &mut fragment)
            }
            _ => Ok(None),
        };
        if own_context || style.box_.max_lines.is_some() {
            self.lines_left.set(lines_left);
            self.more_follows.set(more);
        }
        let ending = ending?.map(|ending| {
            if style.box_.discard {
                // What does not fit is left out (CSS Overflow 4 §5.3).
                Ending {
                    resume: None,
                    forced: None,
                    ..ending
                }
            } else {
                ending
            }
        });
        let ending = ending.or_else(|| {
            // The legend alone is on this page.
            let alone = legend.is_some() && space.at_top;
            if alone {
                // What was placed before it was clear that the content has no room here comes on the next page.
                fragment.clear();
            }
            alone.then(|| Ending {
                height: Px::ZERO,
                end: MarginSet::default(),
                resume: Some(Resume::Legend {
                    inner: None,
                    consumed,
                }),
                forced: None,
            })
        });
        let Some(mut ending) = ending else {
            return Ok(Outcome::Before);
        };
        if begins && !clones && legend.is_none() && self.sinks_below_edge(&fragment, top, space) {
            fragment.clear();
            let resume = Resume::of_edge(top, consumed, false, space);
            return Ok(Outcome::Laid(Laid::of_edge(fragment, resume, space)));
        }
        if own_context && ending.resume.is_none() {
            let floated = floats
                .bottom(true, true)
                .map_or(Px::ZERO, |bottom| bottom - top);
            // Below the last float, a margin has no use.
            if floated > ending.height + ending.end.solve() {
                ending.height = floated;
                ending.end = MarginSet::default();
            }
        }
        self.place_marker(id, first, &container, &mut fragment)?;
        if let Some(legend) = legend {
            legend.place(&mut fragment);
        }
        let later = match overflow {
            Beyond::Parallel => self.floats_left(&container, own_context, space, &mut ending),
            _ => Vec::new(),
        };
        self.close_container(
            &container,
            style,
            own_context,
            (ending, later),
            space,
            fragment,
        )
    }

    /// Where the content of a box begins, perhaps with a `legend`, whose upper edge, of which `top` is left and
    /// `consumed` is on earlier pages, takes the page: on the next one. Below the edge it would be lost (CSS Fragmentation 3 §4.4).
    pub(super) fn below_edge(
        &self,
        id: BoxId,
        (top, legend): (Px, bool),
        consumed: Px,
        space: Space,
    ) -> Option<Resume> {
        let may_break = space.at_top && space.left >= Px(1.0);
        if !may_break || !self.takes_page(self.tree.style(id), top, space.left, space) {
            return None;
        }
        Some(Resume::of_edge(top, consumed, legend, space))
    }

    /// Whether something in `fragment` that was placed below the rest of an upper edge, of the height `top`, is off
    /// the sheet: the next page has more room for it.
    pub(super) fn sinks_below_edge(&self, fragment: &Fragment, top: Px, space: Space) -> bool {
        let asked = space.at_top
            && space.breaks()
            && !space.aside
            && top > Px::ZERO
            && space.left >= Px(1.0);
        if !asked {
            return false;
        }
        let end = self.sheet_end(space);
        fragment.children.iter().any(|child| {
            // It is the place in the flow that counts (CSS 2.2 §9.4.3).
            let style = child.fragment.as_box().map(|part| self.tree.style(part.id));
            let by = style.map_or(Px::ZERO, |style| {
                self.relative_offset(style, space.width, None).y
            });
            let top = child.offset.y - by;
            top + child.fragment.reach() > end
                && !is_blank_below(&child.fragment, (top, end, space.page), 0)
        })
    }

    /// Whether there is anything in a block container.
    fn has_content(&self, id: BoxId) -> bool {
        match &self.tree.get(id).content {
            Content::Inline(inline) => !inline.text.is_empty(),
            Content::Blocks(children) => !children.is_empty(),
            _ => false,
        }
    }

    /// Whether each fragment of a box has all edges: it asks for that, and a page has room for a line between them.
    pub(super) fn clones_edges(&self, style: &ComputedStyle, used: &Used, space: Space) -> bool {
        let page = if space.at_top { space.left } else { space.page };
        style.breaks.clone_decoration && !self.takes_page(style, used.vertical(), page, space)
    }

    /// Whether an upper edge of the height `top` leaves less than half a line of a page of `left`, or less than a
    /// line with the margin below the page area.
    fn takes_page(&self, style: &ComputedStyle, top: Px, left: Px, space: Space) -> bool {
        let room = left - top;
        // Most boxes have room for any line: its height is not asked for.
        if !space.breaks() || top <= Px::ZERO || room >= space.page / 2.0 {
            return false;
        }
        let line = self.strut(style).line_height.min(space.page);
        room < line / 2.0 || room + self.bleed.get() < line
    }

    /// Whether a box whose own height does not fit goes to the next page, which has room for it.
    fn is_moved(
        &self,
        style: &ComputedStyle,
        used: &Used,
        set_height: Option<Px>,
        space: Space,
    ) -> bool {
        if space.at_top || !space.breaks() {
            return false;
        }
        if space.aside && !style.breaks.avoid_inside {
            // A box breaks anywhere in its height, but not in its upper edge (CSS Fragmentation 3 §4.1).
            return space.overflows(used.top().max(Px(1.0))) && set_height.is_some();
        }
        let height =
            self.constrained_height(style, used, space.height, set_height.unwrap_or_default());
        space.overflows(height) && height <= space.page + super::TOLERANCE
    }

    /// Fixes the fragment's height and what goes on afterwards, besides `floats`.
    fn close_container(
        &self,
        container: &Container,
        style: &ComputedStyle,
        own_context: bool,
        (ending, floats): (Ending, Vec<(BoxId, Resume)>),
        space: Space,
        mut fragment: Fragment,
    ) -> Step<Outcome> {
        if let Beyond::Alone(height) = container.overflow {
            return Ok(self.close_overflow(height, (ending, floats), fragment));
        }
        let used = &container.used;
        // Edges that every piece has take nothing of the height (CSS Fragmentation 3 §5.4.1).
        let cloned = if container.clones {
            used.vertical()
        } else {
            Px::ZERO
        };
        let goes_on = ending.resume.is_some() || !floats.is_empty();
        if goes_on && style.breaks.avoid_inside && ending.forced.is_none() && !space.at_top {
            return Ok(Outcome::Before);
        }
        let own_end = self.end_above(container, style, &ending, space);
        if let Some(height) = own_end {
            return Ok(self.close_above(container, height, (ending, floats), fragment));
        }
        if ending.resume.is_some() {
            // A broken box goes on to the page's end (CSS Fragmentation 3 §5.4.2).
            let content_end = container.top + ending.height;
            let height = if own_context && !space.breaks() {
                content_end
            } else {
                space.left
            };
            fragment.size.height = height.max(content_end.min(space.left)).max(Px::ZERO);
            fragment.has.overfull |=
                content_end > fragment.size.height + super::TOLERANCE && !style.box_.clips;
            set_last(&mut fragment, false);
            return Ok(Outcome::Laid(Laid {
                resume: ending
                    .resume
                    .map(|resume| resume.further(fragment.size.height - cloned)),
                fragment,
                end: MarginSet::default(),
                forced: ending.forced,
                floats,
            }));
        }
        let sized = container.set_height.or(container.ratio_height).is_some();
        let closes = sized || own_context || used.bottom() > Px::ZERO;
        let mut end = ending.end;
        let mut content = ending.height;
        if closes {
            // The last child's margin stays inside (CSS 2.2 §10.6.3); with a set height it has no use.
            let with_margin = (content + end.solve()).max(Px::ZERO);
            let room = space.left - container.top;
            // At the page's end a margin is cut off (CSS Fragmentation 3 §5.2).
            let cut = space.breaks()
                && used.bottom() <= Px::ZERO
                && container.set_height.is_none()
                && with_margin > room;
            content = if cut { content.max(room) } else { with_margin };
            end = MarginSet::default();
        }
        let natural = container.top + content + used.bottom();
        let by_ratio = container.ratio_height;
        let set_height = container
            .set_height
            .or(by_ratio.filter(|height| *height > natural + container.consumed));
        // The limits hold for the whole box, of which this is what earlier pages do not have.
        let whole = set_height.unwrap_or(natural + container.consumed);
        let height = self.constrained_height(style, used, space.height, whole) - container.consumed;
        let mut height = content_limits(style, height, natural).max(Px::ZERO);
        if container.consumed > Px::ZERO && !style.box_.clips {
            // What sticks out of it is on this page: what follows comes below.
            height = height.max(natural);
        }
        // Where a limit decides, the last child's margin does not meet what is below (CSS 2.2 §8.3.1).
        let limited = (height - natural).max(natural - height) > super::TOLERANCE;
        let bottom_only = used.bottom();
        let rest_is_edge = space.left >= height - bottom_only;
        let fits = !space.overflows(container.top + ending.height);
        // A cell whose content fits and whose lower edge, or the margin above it, does not takes its row
        // along (`broken_row`) rather than leave its last block behind, as in WeasyPrint and Chromium; at
        // a page's top it loses the edge.
        let edge_of_cell = fits
            && style.box_.display == Display::TableCell
            && matches!(self.tree.get(container.id).content, Content::Blocks(_));
        // So does a box with which the page begins, and so does its own height: all that is in it fits, and a
        // page of its own for the rest would be blank, or take the last lines away (CSS Fragmentation 3 §4.4
        // has no break between them and the edge; WeasyPrint).
        let ends_page = match style.box_.display {
            Display::TableCell => edge_of_cell,
            _ => space.breaks() && fits && !space.aside,
        };
        if ends_page && space.at_top {
            height = height.min(space.left);
        }
        let moves_row = edge_of_cell && container.consumed <= Px::ZERO;
        if space.overflows(height) && !style.box_.discard && !moves_row {
            // Nothing of it would be seen on this page, and a box without height asks for no other one.
            if set_height.is_some()
                && container.consumed <= Px::ZERO
                && !space.at_top
                && space.left < Px(1.0)
            {
                return Ok(Outcome::Before);
            }
            // So does a least height that reaches below what is in it.
            let breaks =
                set_height.is_some() || (space.aside && height > natural + super::TOLERANCE);
            if rest_is_edge || style.breaks.avoid_inside || !breaks {
                // Its lower edge does not fit: leave out its last child, or all of it.
                let earlier = self.earlier_break(&fragment, container.begun, &floats, space);
                if let Some(laid) = earlier
                    && (!style.breaks.avoid_inside || space.at_top)
                {
                    let shown = container.consumed;
                    return Ok(Outcome::Laid(Laid {
                        resume: laid.resume.map(|resume| resume.further(shown)),
                        ..laid
                    }));
                }
                if !space.at_top {
                    return Ok(Outcome::Before);
                }
            }
            if breaks && space.left >= Px(1.0) {
                if style.breaks.avoid_inside && !space.at_top {
                    return Ok(Outcome::Before);
                }
                fragment.size.height = space.left;
                set_last(&mut fragment, false);
                let resume = Resume::Blocks {
                    child: Resume::HEIGHT,
                    inner: None,
                    consumed: Px::ZERO,
                    floats: Vec::new(),
                };
                return Ok(Outcome::Laid(Laid {
                    resume: Some(resume.further(container.consumed + space.left - cloned)),
                    floats,
                    ..Laid::whole(fragment)
                }));
            }
        }
        if container.consumed <= Px::ZERO {
            let sheet_end = self.sheet_end(space);
            self.align_block_content(style, height - natural, sheet_end, &mut fragment);
        }
        fragment.size.height = height;
        fragment.has.overfull |=
            container.top + ending.height > height + super::TOLERANCE && !style.box_.clips;
        if !closes && !limited {
            end = end.adjoin(MarginSet::of(used.margin_bottom()));
        } else {
            end = MarginSet::of(used.margin_bottom());
        }
        Ok(Outcome::Laid(Laid {
            end,
            floats,
            ..Laid::whole(fragment)
        }))
    }

    pub(super) fn inline_content(
        &self,
        container: &Container,
        inline: &InlineContent,
        resume: Option<&Resume>,
        floats: &mut Floats,
        fragment: &mut Fragment,
    ) -> Step<Option<Ending>> {
        let (high, resume) = match resume {
            Some(Resume::HighLine { line, .. }) => (Some(&**line), Some(&line.next)),
            _ => (None, resume),
        };
        let (start, begun, carried) = match resume {
            Some(Resume::Lines {
                offset,
                begun,
                floats,
                ..
            }) => (*offset, *begun, floats.as_slice()),
            // Only height is left.
            Some(_) => (u32::MAX, 0, [].as_slice()),
            None => (0, 0, [].as_slice()),
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
        let mut space = container.space;
        let mut shown = Px::ZERO;
        if let Some(high) = high {
            let (piece, rest) = high.piece(space.left);
            shown = piece.size.height;
            fragment.push(
                Point::new(left + high.x, container.top),
                Rc::new(piece),
                start as usize,
            );
            if let Some(mut rest) = rest {
                rest.next.carry(later);
                return Ok(Some(high_ending(container, rest, shown)));
            }
            space.left -= shown;
            space.at_top = false;
        }
        let place = LinesPlace {
            corner: Point::new(left, container.top + shown),
            width: container.width,
            origin: container.origin + Point::new(Px::ZERO, shown),
            start,
            resumed: resume.is_some(),
            begun,
        };
        let above = fragment.children.len();
        let outcome = self.lines(container.id, inline, fragment, &place, space, floats)?;
        let (mut height, next, begun, more) = match outcome {
            LinesOutcome::Laid {
                height,
                resume,
                begun,
                floats,
            } => (height + shown, resume, begun, floats),
            LinesOutcome::High {
                line,
                x,
                next,
                begun,
                floats,
            } => {
                later.extend(floats);
                let next = Resume::Lines {
                    offset: next,
                    begun,
                    consumed: Px::ZERO,
                    floats: later,
                };
                let high = HighLine {
                    line: Rc::new(line),
                    x,
                    shown: Px::ZERO,
                    next,
                };
                let (piece, rest) = high.piece(space.left);
                let height = piece.size.height;
                let at = Point::new(left + x, container.top);
                fragment.push(at, Rc::new(piece), start as usize);
                let rest = rest.unwrap_or(high);
                return Ok(Some(high_ending(container, rest, height)));
            }
            // The end of a line that goes on from the page before is alone on this one, without the floats that were
            // placed for the line after it.
            LinesOutcome::Before if high.is_some() => {
                fragment.children.truncate(above);
                (shown, Some(start), begun, Vec::new())
            }
            LinesOutcome::Before => return Ok(None),
        };
        later.extend(more);
        if inline.text.is_empty() && start == 0 && self.has_marker(container.id) {
            height = self.strut(self.tree.style(container.id)).line_height;
        }
        let resume = match next {
            Some(offset) => Some(Resume::Lines {
                offset,
                begun,
                consumed: container.consumed,
                floats: later,
            }),
            None if later.is_empty() => None,
            None => {
                let offset = u32::try_from(inline.text.len()).unwrap_or(u32::MAX);
                Some(Resume::Lines {
                    offset,
                    begun,
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
                let gone = segments
                    .last()
                    .map_or(Px::ZERO, |last| last.trailing - last.hanging);
                self.intrinsic(marker).1 + gone
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
        // Where there is no line, a tall marker begins with the item.
        let highest = match fragment.first_baseline {
            Some(_) => -Px::INFINITY,
            None => container.top,
        };
        let at = Point::new(x, (target - own).max(highest));
        fragment.first_baseline = fragment.first_baseline.or(Some(target));
        fragment.last_baseline = fragment.last_baseline.or(Some(target));
        // The marker is painted with the inline content.
        fragment.push(at, Rc::new(laid), 0);
        Ok(())
    }
}

/// `height` where its limits are of the content, whose height is `natural` (CSS Sizing 3 §3.2).
fn content_limits(style: &ComputedStyle, height: Px, natural: Px) -> Px {
    let of_content = |size: Sizing| {
        matches!(
            size,
            Sizing::MinContent
                | Sizing::MaxContent
                | Sizing::FitContent
                | Sizing::FitContentUpTo(_)
        )
    };
    let own = &style.box_;
    let most = height.min(natural);
    let height = if of_content(own.max_height) {
        most
    } else {
        height
    };
    if of_content(own.min_height) {
        height.max(natural)
    } else {
        height
    }
}

impl Resume {
    /// Below an upper edge that takes the page, of which `top` was left and `consumed` is on earlier ones; perhaps with
    /// a `legend`.
    pub(super) fn of_edge(top: Px, consumed: Px, legend: bool, space: Space) -> Self {
        // What no column has room for is not taken along to the next one, which may be the last (Chromium).
        let shown = if space.in_column { top } else { space.left };
        Self::Edge {
            consumed: consumed + shown,
            legend,
        }
    }

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
                begun,
                consumed,
                floats,
            } => Self::Lines {
                offset,
                begun,
                consumed: consumed + by,
                floats,
            },
            Self::Legend { inner, consumed } => Self::Legend {
                inner,
                consumed: consumed + by,
            },
            Self::HighLine { line, consumed } => Self::HighLine {
                line,
                consumed: consumed + by,
            },
            other => other,
        }
    }
}

impl Resume {
    /// Goes on with `floats` in place of those that it had.
    fn carry(&mut self, rest: Vec<(BoxId, Resume)>) {
        if let Self::Lines { floats, .. } = self {
            *floats = rest;
        }
    }
}

impl Laid {
    /// An upper edge that takes the page, below which the box goes on at `resume`.
    pub(super) fn of_edge(mut fragment: Fragment, resume: Resume, space: Space) -> Self {
        fragment.size.height = space.left;
        set_last(&mut fragment, false);
        Self {
            resume: Some(resume),
            ..Self::whole(fragment)
        }
    }
}

/// The page's end in a line, of which it shows `height`.
fn high_ending(container: &Container, rest: HighLine, height: Px) -> Ending {
    Ending {
        height,
        end: MarginSet::default(),
        resume: Some(Resume::HighLine {
            line: Box::new(rest),
            consumed: container.consumed,
        }),
        forced: None,
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
