//! Inline formatting contexts: lines filled one after the other, beside floats, down to the page's end
//! (CSS 2.2 §9.4.2, CSS Text 3 §5, CSS Fragmentation 3 §3.3).

use super::float_boxes::FloatOutcome;
use super::line::{LineInput, LineRange};
use super::{Floats, Layout, Resume, Space, Step, TOLERANCE};
use crate::boxes::{BoxId, InlineContent, InlineItemKind, Segment, Shaped};
use crate::fragment::{Fragment, Kind};
use fanfold_geometry::{Point, Px, Size};
use fanfold_text::BreakKind;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;

/// What became of the lines.
pub(crate) enum LinesOutcome {
    /// They are in the fragment.
    Laid {
        /// Their height together.
        height: Px,
        /// Byte where the next page goes on.
        resume: Option<u32>,
        /// Floats that go on there.
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
}

/// An inline formatting context being laid out.
pub(super) struct Context<'c> {
    pub(super) id: BoxId,
    pub(super) content: &'c InlineContent,
    pub(super) shaped: &'c Shaped,
    /// Widths of inline box edges: (byte they belong to, width).
    edges: Vec<(u32, Px)>,
    /// Atomic inlines laid out so far, by span.
    pub(super) atomics: RefCell<FxHashMap<u32, Rc<Fragment>>>,
    /// Content width, which percentages refer to.
    pub(super) width: Px,
    pub(super) height: Option<Px>,
}

/// How much of the segments a line takes.
#[derive(Clone, Copy, Debug)]
struct Fill {
    /// Past the last segment.
    until: usize,
    /// Width without trailing white space.
    width: Px,
    hyphen: bool,
    forced: bool,
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
            shaped,
            edges: self.edges(content, place.width),
            atomics: RefCell::default(),
            width: place.width,
            height: space.height,
        };
        let style = self.tree.style(id);
        let strut = self.strut(style);
        let segments = &shaped.segments;
        let mut next = segments.partition_point(|segment| segment.end <= place.start);
        // Only floats so tall that no line was beside or below them leave the text at its start.
        let begun = place.resumed && place.start == 0;
        let mut float_items = content
            .items
            .iter()
            .filter_map(|item| match item.kind {
                InlineItemKind::Float(float) if item.offset >= place.start && !begun => {
                    Some((item.offset, float))
                }
                InlineItemKind::Float(float) if item.offset > place.start => {
                    Some((item.offset, float))
                }
                _ => None,
            })
            .collect::<Vec<_>>()
            .into_iter()
            .peekable();
        let mut carried = Vec::new();
        let mut y = Px::ZERO;
        let mut lines: Vec<(usize, Px)> = Vec::new();
        let before = fragment.children.len();
        if segments.is_empty() {
            // No line, but floats and placeholders still have their places.
            for (offset, float) in float_items.by_ref() {
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
                        carried.extend(resume.map(|resume| (float, resume)));
                        fragment.push(at + place.corner, Rc::new(laid), offset as usize);
                    }
                    FloatOutcome::Before if space.at_top => carried.push(to_next_page(float)),
                    FloatOutcome::Before => return Ok(LinesOutcome::Before),
                }
            }
            for item in &content.items {
                if let InlineItemKind::Absolute(child) = item.kind {
                    self.placeholder(child, fragment, place.corner, item.offset as usize);
                }
            }
        }
        while next < segments.len() {
            self.step()?;
            let start = segments[next].start;
            let at_top = space.at_top && lines.is_empty();
            let indent = if start == 0 {
                style.text.indent.resolve(place.width)
            } else {
                Px::ZERO
            };
            let mut late = Vec::new();
            // Floats anchored at the line's start come before it; others where there is room.
            let (fill, band) = loop {
                let band = floats.band(
                    place.origin.y + y,
                    strut.line_height,
                    place.origin.x,
                    place.origin.x + place.width,
                );
                let due = float_items.peek().copied();
                if let Some((offset, float)) = due.filter(|(offset, _)| *offset <= start) {
                    float_items.next();
                    match self.float(float, floats, place.origin, y, place.width, space, at_top)? {
                        FloatOutcome::Placed {
                            at,
                            fragment: laid,
                            resume,
                        } => {
                            carried.extend(resume.map(|resume| (float, resume)));
                            fragment.push(
                                at + place.corner,
                                Rc::new(laid),
                                offset.max(start) as usize,
                            );
                        }
                        FloatOutcome::Before if at_top => carried.push(to_next_page(float)),
                        FloatOutcome::Before if lines.is_empty() => {
                            return Ok(LinesOutcome::Before);
                        }
                        FloatOutcome::Before => {
                            drop_from(fragment, before, start);
                            return Ok(LinesOutcome::Laid {
                                height: y,
                                resume: Some(start),
                                floats: carried,
                            });
                        }
                    }
                    continue;
                }
                let room = band.right - band.left - indent;
                let fill = self.fill(&cx, next, room)?;
                if fill.width > room + TOLERANCE && band.until.is_finite() {
                    // Not even the first word fits beside the floats: below them.
                    y = band.until - place.origin.y;
                    continue;
                }
                let end = segments[fill.until - 1].end;
                let Some((offset, float)) = due.filter(|(offset, _)| *offset < end) else {
                    break (fill, band);
                };
                float_items.next();
                let wide = self.contribution(float).1;
                if fill.width + wide > room + TOLERANCE {
                    late.push((offset, float));
                    continue;
                }
                match self.float(float, floats, place.origin, y, place.width, space, at_top)? {
                    FloatOutcome::Placed {
                        at,
                        fragment: laid,
                        resume,
                    } => {
                        carried.extend(resume.map(|resume| (float, resume)));
                        fragment.push(at + place.corner, Rc::new(laid), start as usize);
                    }
                    FloatOutcome::Before if at_top => carried.push(to_next_page(float)),
                    FloatOutcome::Before if lines.is_empty() => return Ok(LinesOutcome::Before),
                    FloatOutcome::Before => {
                        drop_from(fragment, before, start);
                        return Ok(LinesOutcome::Laid {
                            height: y,
                            resume: Some(start),
                            floats: carried,
                        });
                    }
                }
            };
            let last = fill.until == segments.len();
            let line = self.line(
                &cx,
                &LineInput {
                    range: LineRange {
                        start,
                        end: segments[fill.until - 1].end,
                    },
                    room: band.right - band.left,
                    indent,
                    hyphen: fill.hyphen,
                    ends: last || fill.forced,
                    last,
                    strut,
                },
            )?;
            let bottom = y + line.size.height;
            if space.overflows(bottom) && at_top && y > Px::ZERO {
                // Floats push the first line past the page's end.
                let own = fragment.children.len() > before || !carried.is_empty();
                if !own && !place.resumed {
                    return Ok(LinesOutcome::Before);
                }
                if start == 0 {
                    return Ok(LinesOutcome::Laid {
                        height: y.min(space.left).max(Px::ZERO),
                        resume: Some(0),
                        floats: carried,
                    });
                }
            }
            if space.overflows(bottom) && !(at_top && lines.is_empty()) {
                let moved =
                    self.short_of_widows(&cx, next, style.text.widows as usize, place.width)?;
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
                let resume = lines
                    .get(kept)
                    .map_or(start, |(index, _)| segments[*index].start);
                let height = lines.get(kept).map_or(y, |(_, top)| *top);
                drop_from(fragment, before, resume);
                return Ok(LinesOutcome::Laid {
                    height,
                    resume: Some(resume),
                    floats: carried,
                });
            }
            lines.push((next, y));
            let at = Point::new(band.left - place.origin.x, y) + place.corner;
            let baseline = line.first_baseline.map(|baseline| baseline + at.y);
            fragment.first_baseline = fragment.first_baseline.or(baseline);
            fragment.last_baseline = baseline.or(fragment.last_baseline);
            fragment.push(at, Rc::new(line), start as usize);
            y = bottom;
            next = fill.until;
            for (offset, float) in late {
                match self.float(float, floats, place.origin, y, place.width, space, false)? {
                    FloatOutcome::Placed {
                        at,
                        fragment: laid,
                        resume,
                    } => {
                        carried.extend(resume.map(|resume| (float, resume)));
                        fragment.push(at + place.corner, Rc::new(laid), start.max(offset) as usize);
                    }
                    FloatOutcome::Before => carried.push(to_next_page(float)),
                }
            }
        }
        Ok(LinesOutcome::Laid {
            height: y,
            resume: None,
            floats: carried,
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
            next = self.fill(cx, next, width)?.until;
            count += 1;
        }
        Ok(widows - count)
    }

    /// Fills a line from segment `next` on: as many segments as fit, at least one.
    fn fill(&self, cx: &Context<'_>, next: usize, room: Px) -> Step<Fill> {
        let segments = &cx.shaped.segments;
        let mut width = Px::ZERO;
        let mut best: Option<Fill> = None;
        let mut emergency: Option<Fill> = None;
        for (index, segment) in segments.iter().enumerate().skip(next) {
            let total = segment.width + self.extra(cx, segment)?;
            let content = width + total - segment.trailing;
            let fits = content <= room + TOLERANCE;
            let found = best.or(emergency);
            if let Some(found) = found.filter(|_| !fits) {
                return Ok(found);
            }
            width += total;
            let fill = Fill {
                until: index + 1,
                width: content,
                hyphen: false,
                forced: false,
            };
            match segment.kind {
                None => return Ok(fill),
                Some(BreakKind::Mandatory) => {
                    return Ok(Fill {
                        forced: true,
                        ..fill
                    });
                }
                Some(BreakKind::Soft) => {
                    if !fits {
                        return Ok(fill);
                    }
                    best = Some(fill);
                }
                Some(BreakKind::Hyphen) => {
                    let hyphen = self.hyphen_width(cx, segment.end);
                    let fill = Fill {
                        width: content + hyphen,
                        hyphen: true,
                        ..fill
                    };
                    if !fits {
                        return Ok(fill);
                    }
                    if fill.width <= room + TOLERANCE {
                        best = Some(fill);
                    }
                }
                Some(BreakKind::Emergency) => {
                    if !fits {
                        return Ok(fill);
                    }
                    emergency = Some(fill);
                }
            }
        }
        let end = segments.len();
        Ok(best.or(emergency).unwrap_or(Fill {
            until: end,
            width,
            hyphen: false,
            forced: false,
        }))
    }

    /// Widths in `segment` that are not text: inline box edges and atomic inlines.
    fn extra(&self, cx: &Context<'_>, segment: &Segment) -> Step<Px> {
        let mut width = Px::ZERO;
        if !cx.edges.is_empty() {
            let from = cx.edges.partition_point(|(at, _)| *at < segment.start);
            let edges = cx.edges[from..]
                .iter()
                .take_while(|(at, _)| *at < segment.end);
            width += edges.map(|(_, width)| *width).sum();
        }
        let spans = &cx.content.spans;
        let from = spans.partition_point(|span| span.range.end <= segment.start);
        for (index, span) in spans.iter().enumerate().skip(from) {
            if span.range.start >= segment.end {
                break;
            }
            if span.atomic.is_some() {
                let fragment = self.atomic(cx, index)?;
                width += self.atomic_advance(cx, index, &fragment);
            }
        }
        Ok(width)
    }

    /// The laid out atomic inline of a span.
    pub(super) fn atomic(&self, cx: &Context<'_>, span: usize) -> Step<Rc<Fragment>> {
        let key = u32::try_from(span).unwrap_or(u32::MAX);
        if let Some(fragment) = cx.atomics.borrow().get(&key) {
            return Ok(fragment.clone());
        }
        let Some(id) = cx.content.spans[span].atomic else {
            return Ok(Rc::new(Fragment::new(Kind::Group, Size::default())));
        };
        let used = super::used_edges(self.tree.style(id), cx.width);
        let width = self.border_width(id, &used, cx.width, cx.width);
        let space = Space {
            width: cx.width,
            ..Space::unbroken(cx.width, cx.height)
        };
        let outcome = self.layout(
            id,
            width,
            space,
            None,
            &mut Floats::default(),
            Point::default(),
        )?;
        let fragment = match outcome {
            super::Outcome::Laid(laid) => laid.fragment,
            super::Outcome::Before => Fragment::new(Kind::Group, Size::default()),
        };
        let fragment = Rc::new(fragment);
        cx.atomics.borrow_mut().insert(key, fragment.clone());
        Ok(fragment)
    }

    /// Width of an atomic inline's margin box.
    pub(super) fn atomic_advance(&self, cx: &Context<'_>, span: usize, fragment: &Fragment) -> Px {
        let margins = cx.content.spans[span]
            .atomic
            .map(|id| super::used_edges(self.tree.style(id), cx.width).margin_horizontal());
        fragment.size.width + margins.unwrap_or_default()
    }

    /// Inline box edges by the byte they stand beside.
    fn edges(&self, content: &InlineContent, width: Px) -> Vec<(u32, Px)> {
        let mut edges = Vec::new();
        for item in &content.items {
            let (index, opens) = match item.kind {
                InlineItemKind::Open(index) => (index, true),
                InlineItemKind::Close(index) => (index, false),
                _ => continue,
            };
            let edge = self.inline_edge(content, index, opens, width);
            if edge != Px::ZERO {
                edges.push((
                    if opens {
                        item.offset
                    } else {
                        item.offset.saturating_sub(1)
                    },
                    edge,
                ));
            }
        }
        edges.sort_by_key(|(at, _)| *at);
        edges
    }

    /// The shaped hyphen of the text before byte `end`.
    pub(super) fn hyphen(&self, cx: &Context<'_>, end: u32) -> (u32, Rc<fanfold_text::Paragraph>) {
        let spans = &cx.content.spans;
        let index = spans
            .partition_point(|span| span.range.end < end)
            .min(spans.len().saturating_sub(1));
        let key = (cx.id, u32::try_from(index).unwrap_or(u32::MAX));
        if let Some(known) = self.hyphens.borrow().get(&key) {
            return (key.1, known.clone());
        }
        let shape = |text: &str| {
            let mut spans = self.spans(cx.content, self.tree.style(cx.id));
            spans.truncate(index + 1);
            let mut span = spans.swap_remove(index);
            span.range = 0..text.len();
            self.shaper.shape(
                self.fonts,
                text.into(),
                &[span],
                fanfold_text::TextDirection::Ltr,
            )
        };
        let mut paragraph = shape("\u{2010}");
        // U+2010 where the first font has it, otherwise U+002D (CSS Text 3 §6.1).
        let primary = paragraph.runs.first().map(|run| run.face);
        let missing = paragraph
            .runs
            .iter()
            .any(|run| run.glyphs.iter().any(|glyph| glyph.id == 0));
        let style = spans[index]
            .owner
            .map(|owner| &*cx.content.boxes[owner as usize].style);
        let wanted = self.font(style.unwrap_or_else(|| self.tree.style(cx.id))).1;
        if missing || primary != Some(wanted) {
            paragraph = shape("-");
        }
        let paragraph = Rc::new(paragraph);
        self.hyphens.borrow_mut().insert(key, paragraph.clone());
        (key.1, paragraph)
    }

    /// The hyphen that a line's text piece stands for, shaped when its line was filled.
    pub(crate) fn known_hyphen(
        &self,
        owner: BoxId,
        span: u32,
    ) -> Option<Rc<fanfold_text::Paragraph>> {
        self.hyphens.borrow().get(&(owner, span)).cloned()
    }

    fn hyphen_width(&self, cx: &Context<'_>, end: u32) -> Px {
        self.hyphen(cx, end)
            .1
            .runs
            .iter()
            .map(|run| run.width)
            .sum()
    }

    /// Keeps the place of an absolutely positioned box.
    pub(crate) fn placeholder(&self, id: BoxId, parent: &mut Fragment, at: Point, index: usize) {
        let mut fragment = Fragment::new(Kind::Placeholder(id), Size::default());
        let fixed = self.tree.style(id).box_.position == fanfold_style::computed::Position::Fixed;
        fragment.has.absolutes = !fixed;
        fragment.has.fixed = fixed;
        parent.push(at, Rc::new(fragment), index);
    }
}

/// A float that begins at the start of the next page.
fn to_next_page(float: BoxId) -> (BoxId, Resume) {
    (float, Resume::Slice { consumed: Px::ZERO })
}

/// Takes back what belongs to the line at byte `start` and later ones.
fn drop_from(fragment: &mut Fragment, before: usize, start: u32) {
    let mut position = 0;
    fragment.children.retain(|child| {
        position += 1;
        position <= before || child.index < start
    });
}
