//! Inline formatting contexts: lines filled one after the other, beside floats, down to the page's end
//! (CSS 2.2 §9.4.2, CSS Text 3 §5, CSS Fragmentation 3 §3.3).

use super::fill::Room;
use super::float_boxes::{FloatOutcome, clear_below};
use super::line::{LineInput, LineRange};
use super::{Floats, Layout, Resume, Space, Step, TOLERANCE};
use crate::boxes::{BoxId, InlineContent, InlineItemKind, Segment, Shaped};
use crate::fragment::{Fragment, Kind, StaticPoint};
use fanfold_geometry::{Point, Px, Size};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{Clear, InheritedStyle, Position};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

/// What became of the lines.
pub(crate) enum LinesOutcome {
    /// They are in the fragment.
    Laid {
        /// Their height together.
        height: Px,
        /// Byte where the next page goes on.
        resume: Option<u32>,
        /// Floats anchored there or later that are on this page already.
        begun: u32,
        /// Floats that go on there.
        floats: Vec<(BoxId, Resume)>,
    },
    /// The first is higher than the page.
    High {
        /// It.
        line: Fragment,
        /// Its left edge, from the content edge.
        x: Px,
        /// Byte where the lines after it begin.
        next: u32,
        /// Floats anchored there or later that are beside it.
        begun: u32,
        /// Floats beside it that go on.
        floats: Vec<(BoxId, Resume)>,
    },
    /// None fits.
    Before,
}

/// Where lines go.
pub(crate) struct LinesPlace {
    /// Content box corner in the fragment.
    pub(crate) corner: Point,
    /// Content width.
    pub(crate) width: Px,
    /// Content box corner in the block formatting context.
    pub(crate) origin: Point,
    /// Where a page before stopped.
    pub(crate) start: u32,
    /// It goes on from a page before, perhaps without a line there.
    pub(crate) resumed: bool,
    /// Floats anchored at `start` or later that a page before has.
    pub(crate) begun: u32,
}

/// An inline formatting context being laid out.
pub(super) struct Context<'c> {
    pub(super) id: BoxId,
    pub(super) content: &'c InlineContent,
    pub(super) shaped: Rc<Shaped>,
    /// The style of the line's root inline box.
    pub(super) style: &'c ComputedStyle,
    /// It is the first line, with a style of its own.
    pub(super) first: bool,
    /// Widths of inline box edges: (byte they belong to, width).
    pub(super) edges: Vec<(u32, Px)>,
    /// Atomic inlines laid out so far, by span.
    pub(super) atomics: RefCell<FxHashMap<u32, Rc<Fragment>>>,
    /// Content width, which percentages refer to.
    pub(super) width: Px,
    pub(super) height: Option<Px>,
}

impl Layout<'_> {
    /// Lays out the lines of `content` into `fragment`.
    pub(crate) fn lines(
        &self,
        id: BoxId,
        content: &InlineContent,
        fragment: &mut Fragment,
        place: &LinesPlace,
        space: Space,
        floats: &mut Floats,
    ) -> Step<LinesOutcome> {
        let shaped = self.shaped(id, content);
        let cx = Context {
            id,
            content,
            shaped: Rc::clone(&shaped),
            style: self.tree.style(id),
            first: false,
            edges: self.edges(content, place.width),
            atomics: RefCell::default(),
            width: place.width,
            height: space.height,
        };
        let style = self.tree.style(id);
        let strut = self.strut(style);
        let segments = &shaped.segments;
        let spare = self.balance(&cx, (floats, place.origin))?;
        let mut next = segments.partition_point(|segment| segment.end <= place.start);
        let first_line = content
            .first_line
            .as_deref()
            .filter(|_| place.start == 0 && !segments.is_empty());
        let first_cx = first_line.map(|line| Context {
            id,
            content: &line.content,
            shaped: self.shaped(id, &line.content),
            style: &line.style,
            first: true,
            edges: self.edges(&line.content, place.width),
            atomics: RefCell::default(),
            width: place.width,
            height: space.height,
        });
        let mut start = segments
            .get(next)
            .map_or(place.start, |segment| segment.start.max(place.start));
        let floats_from_start = || {
            content.items.iter().filter_map(|item| match item.kind {
                InlineItemKind::Float(float) if item.offset >= place.start => {
                    Some((item.offset, float))
                }
                _ => None,
            })
        };
        let begun = place.begun as usize;
        let mut float_items = floats_from_start().skip(begun).peekable();
        let mut carried: Vec<(u32, (BoxId, Resume))> = Vec::new();
        let earlier = floats_from_start().take(begun);
        let mut taken: Vec<Taken> = earlier
            .map(|(anchor, _)| Taken { anchor, line: None })
            .collect();
        let mut y = Px::ZERO;
        let mut lines: Vec<(u32, Px)> = Vec::new();
        let before = fragment.children.len();
        if segments.is_empty() {
            // No line, but floats and placeholders still have their places.
            for (offset, float) in float_items.by_ref() {
                taken.push(Taken {
                    anchor: offset,
                    line: Some(place.start),
                });
                match self.float(
                    float,
                    floats,
                    place.origin,
                    y,
                    place.width,
                    space,
                    offset == 0,
                )? {
                    FloatOutcome::Placed {
                        at,
                        fragment: laid,
                        resume,
                    } => {
                        carried.extend(resume.map(|resume| (offset, (float, resume))));
                        fragment.push(at + place.corner, Rc::new(laid), offset as usize);
                    }
                    FloatOutcome::Before if space.at_top => {
                        carried.push((offset, to_next_page(float)));
                    }
                    FloatOutcome::Before if floats.are_taken_on() => {
                        // It is a flow of its own (CSS Fragmentation 3 §3): the empty boxes that it is with stay.
                        floats.begins_later(self.tree.style(float).box_.float);
                        carried.push((offset, to_next_page(float)));
                    }
                    FloatOutcome::Before => return Ok(LinesOutcome::Before),
                }
            }
            for item in &content.items {
                if let InlineItemKind::Absolute(child) = item.kind {
                    let start = if style.text.rtl {
                        place.width
                    } else {
                        Px::ZERO
                    };
                    let at = place.corner + Point::new(start, Px::ZERO);
                    let index = item.offset as usize;
                    self.placeholder_within(child, id, fragment, at, index, item.within);
                }
            }
        }
        while next < segments.len() {
            self.step()?;
            let lines_left = self.lines_left.get();
            if lines_left == Some(0) {
                break;
            }
            let cx = first_cx.as_ref().filter(|_| start == 0).unwrap_or(&cx);
            let strut = if cx.first {
                self.strut(cx.style)
            } else {
                strut
            };
            let at_top = space.at_top && lines.is_empty();
            // After something else it is not the block's first line.
            let indent = self
                .lead(id, start)
                .unwrap_or_else(|| indent(&shaped.paragraph.text, start, &style.text, place.width));
            let mut late = Vec::new();
            let mut tall = strut.line_height;
            // Floats anchored at the line's start come before it; others where there is room. A line
            // that turns out taller is filled again beside what floats there are over all its height.
            let (fill, band, line) = loop {
                let band = floats.band(
                    place.origin.y + y,
                    tall,
                    place.origin.x,
                    place.origin.x + place.width,
                );
                let due = float_items.peek().copied();
                if let Some((offset, float)) = due.filter(|(offset, _)| *offset <= start) {
                    float_items.next();
                    taken.push(Taken {
                        anchor: offset,
                        line: Some(start),
                    });
                    // What floats push down is not at the top: the next page has more room.
                    let highest = at_top && y <= Px::ZERO;
                    match self.float(float, floats, place.origin, y, place.width, space, highest)? {
                        FloatOutcome::Placed {
                            at,
                            fragment: laid,
                            resume,
                        } => {
                            carried.extend(resume.map(|resume| (start, (float, resume))));
                            fragment.push(at + place.corner, Rc::new(laid), start as usize);
                        }
                        FloatOutcome::Before if at_top => {
                            carried.push((start, to_next_page(float)));
                        }
                        FloatOutcome::Before if lines.is_empty() => {
                            return Ok(LinesOutcome::Before);
                        }
                        FloatOutcome::Before => {
                            // The one that has no room is on the next page.
                            taken.pop();
                            let stop = Stop::at(start, &taken, &carried);
                            stop.drop_from(fragment, before);
                            return Ok(stop.laid(y, carried));
                        }
                    }
                    continue;
                }
                let room = band.right - band.left - indent;
                let at = Room {
                    next,
                    start,
                    indent,
                    width: (room - spare).max(Px::ZERO),
                };
                let fill = self.fill(cx, at)?;
                if fill.width > room + TOLERANCE && band.until.is_finite() {
                    // Not even the first word fits beside the floats: below them.
                    y = band.below(place.origin.y);
                    continue;
                }
                let end = cx.shaped.segments[fill.until - 1].end;
                // What is anchored after all text is on the last line.
                let ends = fill.until == cx.shaped.segments.len();
                let on_line = match due {
                    Some((offset, _)) if offset < end || (ends && offset == end) => true,
                    // Where the line is wrapped, it is still beside what it comes after.
                    Some((offset, float)) if offset == end && !fill.forced => {
                        let wide = self.float_width(float, place.width, space.height);
                        self.filled_before(cx, at, offset)? + wide <= room + TOLERANCE
                    }
                    _ => false,
                };
                let Some((offset, float)) = due.filter(|_| on_line) else {
                    let last = fill.until == cx.shaped.segments.len();
                    let end = &cx.shaped.segments[fill.until - 1];
                    let mut tabs = Vec::new();
                    if content.has_tabs {
                        self.tabs_in(cx, start..end.end, indent, |tab, width, _| {
                            tabs.push((tab, width));
                        })?;
                    }
                    let line = self.line(
                        cx,
                        &LineInput {
                            range: LineRange {
                                start,
                                end: end.end,
                            },
                            kept: end.kept.max(start),
                            hung: end.hung.max(start),
                            tabs,
                            clamp: (lines_left == Some(1) && (!last || self.more_follows.get()))
                                .then(|| cx.style.text.block_ellipsis.clone()),
                            room: band.right - band.left,
                            indent,
                            hyphen: fill.hyphen,
                            ends: last || fill.forced,
                            last,
                            strut,
                        },
                    )?;
                    if line.size.height > tall + TOLERANCE && !floats.is_empty() {
                        let over = floats.band(
                            place.origin.y + y,
                            line.size.height,
                            place.origin.x,
                            place.origin.x + place.width,
                        );
                        if (over.left, over.right) != (band.left, band.right) {
                            tall = line.size.height;
                            continue;
                        }
                    }
                    break (fill, band, line);
                };
                float_items.next();
                let wide = self.float_width(float, place.width, space.height);
                // It goes beside what the line has before it; what comes after makes room (§9.5). None is above one
                // before it (§9.5.1 rule 5).
                if !late.is_empty() || self.filled_before(cx, at, offset)? + wide > room + TOLERANCE
                {
                    late.push((offset, float));
                    continue;
                }
                taken.push(Taken {
                    anchor: offset,
                    line: Some(start),
                });
                let highest = at_top && y <= Px::ZERO;
                match self.float(float, floats, place.origin, y, place.width, space, highest)? {
                    FloatOutcome::Placed {
                        at,
                        fragment: laid,
                        resume,
                    } => {
                        carried.extend(resume.map(|resume| (start, (float, resume))));
                        fragment.push(at + place.corner, Rc::new(laid), start as usize);
                    }
                    FloatOutcome::Before if at_top => {
                        carried.push((start, to_next_page(float)));
                    }
                    FloatOutcome::Before if lines.is_empty() => return Ok(LinesOutcome::Before),
                    FloatOutcome::Before => {
                        // The one that has no room is on the next page.
                        taken.pop();
                        let stop = Stop::at(start, &taken, &carried);
                        stop.drop_from(fragment, before);
                        return Ok(stop.laid(y, carried));
                    }
                }
            };
            let bottom = y + line.size.height;
            if space.overflows(bottom) && at_top && y > Px::ZERO {
                // Floats push the first line past the page's end.
                let own = fragment.children.len() > before || !carried.is_empty();
                if !own && !place.resumed {
                    return Ok(LinesOutcome::Before);
                }
                if start == place.start {
                    return Ok(LinesOutcome::Laid {
                        height: y.min(space.left).max(Px::ZERO),
                        resume: Some(start),
                        begun: Stop::begun(start, &taken),
                        floats: carried.into_iter().map(|(_, float)| float).collect(),
                    });
                }
            }
            // Where nothing breaks the line cannot go anywhere; its footnote goes to the next page alone.
            let barred = space.breaks() && self.is_barred(&line);
            if barred && self.barred_block.get() && !space.at_top {
                fragment.children.truncate(before);
                return Ok(LinesOutcome::Before);
            }
            let sinks = space.overflows(bottom) || self.line_sinks(&line, y, space);
            if (barred || sinks) && !(at_top && lines.is_empty()) {
                let moved = self.short_of_widows(
                    cx,
                    fill_from(&cx.shaped.segments, start),
                    style.text.widows as usize,
                    place.width,
                )?;
                let kept = lines.len().saturating_sub(moved);
                let least = if place.start == 0 {
                    style.text.orphans as usize
                } else {
                    1
                };
                let kept = if kept >= least.max(1) {
                    kept
                } else if space.at_top && !lines.is_empty() {
                    // Nowhere better to break: orphans and widows give way.
                    lines.len()
                } else {
                    fragment.children.truncate(before);
                    return Ok(LinesOutcome::Before);
                };
                let resume = lines.get(kept).map_or(start, |(start, _)| *start);
                let height = lines.get(kept).map_or(y, |(_, top)| *top);
                let stop = if resume == start {
                    Stop::at(start, &taken, &carried)
                } else {
                    Stop::with_lines(resume, &taken)
                };
                stop.drop_from(fragment, before);
                return Ok(stop.laid(height, carried));
            }
            if at_top && y <= Px::ZERO && self.is_too_high(&line, space) {
                // What would be below the line comes after the pages that it takes.
                for (anchor, float) in late {
                    let line = start;
                    taken.push(Taken {
                        anchor,
                        line: Some(line),
                    });
                    carried.push((start, to_next_page(float)));
                }
                let end = cx.shaped.segments[fill.until - 1].end;
                let end = match first_line.filter(|_| cx.first) {
                    Some(line) => line.outside(end),
                    None => end,
                };
                let next = segments.get(fill_from(segments, end));
                let next = match lines_left {
                    // After the last line that it may have, there is no other.
                    Some(1) => u32::try_from(content.text.len()).unwrap_or(u32::MAX),
                    _ => next.map_or(end, |segment| segment.start.max(end)),
                };
                return Ok(LinesOutcome::High {
                    line,
                    x: band.left - place.origin.x,
                    next,
                    begun: Stop::begun(next, &taken),
                    floats: carried.into_iter().map(|(_, float)| float).collect(),
                });
            }
            lines.push((start, y));
            self.lines_left
                .set(lines_left.map(|left| left.saturating_sub(1)));
            let at = Point::new(band.left - place.origin.x, y) + place.corner;
            let baseline = line.first_baseline.map(|baseline| baseline + at.y);
            fragment.first_baseline = fragment.first_baseline.or(baseline);
            fragment.last_baseline = baseline.or(fragment.last_baseline);
            fragment.push(at, Rc::new(line), start as usize);
            y = bottom;
            let end = cx.shaped.segments[fill.until - 1].end;
            let end = match first_line.filter(|_| cx.first) {
                Some(line) => line.outside(end),
                None => end,
            };
            next = fill_from(segments, end);
            let line_start = std::mem::replace(
                &mut start,
                segments
                    .get(next)
                    .map_or(end, |segment| segment.start.max(end)),
            );
            for (offset, float) in late {
                taken.push(Taken {
                    anchor: offset,
                    line: Some(line_start),
                });
                match self.float(float, floats, place.origin, y, place.width, space, false)? {
                    FloatOutcome::Placed {
                        at,
                        fragment: laid,
                        resume,
                    } => {
                        carried.extend(resume.map(|resume| (line_start, (float, resume))));
                        fragment.push(at + place.corner, Rc::new(laid), line_start as usize);
                    }
                    FloatOutcome::Before => carried.push((line_start, to_next_page(float))),
                }
            }
            if !floats.is_empty()
                && let Some(bottom) = clear_below(floats, cleared(content, line_start..start))
            {
                y = y.max(bottom - place.origin.y);
            }
        }
        Ok(LinesOutcome::Laid {
            height: y,
            resume: None,
            begun: Stop::begun(
                u32::try_from(content.text.len()).unwrap_or(u32::MAX),
                &taken,
            ),
            floats: carried.into_iter().map(|(_, float)| float).collect(),
        })
    }

    /// How many lines must move to the next page so that `widows` lines are there, when the line at
    /// `next` is the first that does not fit.
    fn short_of_widows(
        &self,
        cx: &Context<'_>,
        next: usize,
        widows: usize,
        width: Px,
    ) -> Step<usize> {
        let mut next = next;
        let mut count = 0;
        while next < cx.shaped.segments.len() && count < widows {
            let room = Room {
                next,
                start: cx.shaped.segments[next].start,
                indent: Px::ZERO,
                width,
            };
            next = self.fill(cx, room)?.until;
            count += 1;
        }
        Ok(widows - count)
    }

    /// Whether a footnote is called on a line that goes to the next page.
    fn is_barred(&self, line: &Fragment) -> bool {
        match (&line.kind, self.barred.get()) {
            (Kind::Line(line), Some(note)) => line.notes.contains(&note),
            _ => false,
        }
    }

    /// Keeps the place of an absolutely positioned box, a child of `container`.
    pub(crate) fn placeholder(
        &self,
        id: BoxId,
        container: BoxId,
        parent: &mut Fragment,
        at: Point,
        index: usize,
    ) {
        self.placeholder_within(id, container, parent, at, index, None);
    }

    /// The same where the inline box with index `within` may be its containing block.
    pub(crate) fn placeholder_within(
        &self,
        id: BoxId,
        container: BoxId,
        parent: &mut Fragment,
        at: Point,
        index: usize,
        within: Option<u32>,
    ) {
        let point = StaticPoint::start(self.tree.style(container).text.rtl);
        let position = self.tree.style(id).box_.position;
        let within = within.filter(|_| position == Position::Absolute);
        let kind = Kind::Placeholder { id, point, within };
        let mut fragment = Fragment::new(kind, Size::default());
        fragment.has.absolutes = position == Position::Absolute;
        fragment.has.fixed = position == Position::Fixed;
        fragment.has.running = position == Position::Running;
        parent.push(at, Rc::new(fragment), index);
    }
}

impl Layout<'_> {
    /// How far the line of `id` that starts at byte `start` begins after something else.
    fn lead(&self, id: BoxId, start: u32) -> Option<Px> {
        let lead = self.lead.get().filter(|(of, _)| *of == id && start == 0);
        lead.map(|(_, lead)| lead)
    }
}

/// Which floats the break at the end of a line asks to clear (HTML §15.3.4, `<br clear>`).
fn cleared(content: &InlineContent, line: Range<u32>) -> Clear {
    let from = content
        .items
        .partition_point(|item| item.offset < line.start);
    let mut on_line = content.items[from..]
        .iter()
        .take_while(|item| item.offset < line.end);
    on_line
        .find_map(|item| match item.kind {
            InlineItemKind::Clear(clear) => Some(clear),
            _ => None,
        })
        .unwrap_or(Clear::None)
}

/// The segment that a line starting at byte `start` begins in.
fn fill_from(segments: &[Segment], start: u32) -> usize {
    segments.partition_point(|segment| segment.end <= start)
}

/// The indent of the line that starts at byte `start` (CSS Text 3 §8.1).
pub(super) fn indent(text: &str, start: u32, style: &InheritedStyle, width: Px) -> Px {
    let indent = style.indent;
    let after_break = || text[..start as usize].ends_with('\n');
    let first = start == 0 || (indent.each_line && after_break());
    if first == indent.hanging {
        Px::ZERO
    } else {
        indent.length.resolve(width)
    }
}

/// A float that begins at the start of the next page.
fn to_next_page(float: BoxId) -> (BoxId, Resume) {
    (float, Resume::Slice { consumed: Px::ZERO })
}

/// A float that was taken up.
struct Taken {
    /// Byte where it is anchored.
    anchor: u32,
    /// First byte of the line that it was placed for: one that ends where the float is anchored may have it too.
    /// None where a page before has it.
    line: Option<u32>,
}

/// Where the lines stop on a page.
struct Stop {
    /// First byte of the line that the next page begins with.
    at: u32,
    /// Floats anchored there or later that stay on this page.
    begun: u32,
    /// That line's own floats stay too.
    keeps_own: bool,
}

impl Stop {
    /// Before the line at byte `start`, for which floats `taken` are placed: its own stay where one of them is broken,
    /// and go with the line otherwise.
    fn at(start: u32, taken: &[Taken], carried: &[(u32, (BoxId, Resume))]) -> Self {
        if !carried.iter().any(|(line, _)| *line == start) {
            return Self::with_lines(start, taken);
        }
        let begun = Self::begun(start, taken);
        Self {
            at: start,
            begun,
            keeps_own: begun > 0,
        }
    }

    /// Before the line at byte `start`, without its floats. Those placed for lines above stay, wherever they are
    /// anchored.
    fn with_lines(start: u32, taken: &[Taken]) -> Self {
        let above =
            |taken: &&Taken| taken.anchor >= start && taken.line.is_none_or(|line| line < start);
        Self {
            at: start,
            begun: u32::try_from(taken.iter().filter(above).count()).unwrap_or(u32::MAX),
            keeps_own: false,
        }
    }

    /// How many of the floats anchored at `start` or later are placed.
    fn begun(start: u32, taken: &[Taken]) -> u32 {
        let here = taken.iter().filter(|taken| taken.anchor >= start);
        u32::try_from(here.count()).unwrap_or(u32::MAX)
    }

    /// Whether what was placed for the line at byte `line` is on this page.
    fn keeps(&self, line: u32) -> bool {
        line < self.at || (line == self.at && self.keeps_own)
    }

    /// Takes back what belongs to the line and later ones.
    fn drop_from(&self, fragment: &mut Fragment, before: usize) {
        let mut position = 0;
        fragment.children.retain(|child| {
            position += 1;
            position <= before || self.keeps(child.index)
        });
    }

    fn laid(self, height: Px, carried: Vec<(u32, (BoxId, Resume))>) -> LinesOutcome {
        let kept = carried
            .into_iter()
            .filter(|(anchor, _)| self.keeps(*anchor));
        LinesOutcome::Laid {
            height,
            resume: Some(self.at),
            begun: self.begun,
            floats: kept.map(|(_, float)| float).collect(),
        }
    }
}
