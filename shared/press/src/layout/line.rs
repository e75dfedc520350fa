//! One line box: visual order, vertical alignment, text alignment (CSS 2.2 §10.8, CSS Text 3 §6).

mod align;
mod boxes;
mod justify;
mod plain;
mod visual;

pub(crate) use justify::is_opportunity;
pub(super) use visual::width_of;

use super::lines::Context;
use super::{Layout, LineMetrics, Step, used_edges};
use crate::boxes::{BoxId, InlineItem, InlineItemKind};
use crate::fragment::{Fragment, Kind, LineFragment, TextPiece};
use align::{Group, Groups, Placed, settle};
use boxes::Opens;
use fanfold_geometry::{Point, Px, Size};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{Ellipsis, Position, TextAlign, UnicodeBidi, VerticalAlign};
use fanfold_style::values::AutoLength;
use fanfold_text::Paragraph;
use smallvec::SmallVec;
use std::rc::Rc;
use visual::{Visual, VisualContent};

/// Bytes of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct LineRange {
    pub(super) start: u32,
    pub(super) end: u32,
}

/// What a line is made of.
pub(super) struct LineInput {
    pub(super) range: LineRange,
    /// Where the white space at the end begins that hangs or is not shown.
    pub(super) kept: u32,
    /// Where the white space at the end begins that is not shown.
    pub(super) hung: u32,
    /// Width between floats.
    pub(super) room: Px,
    pub(super) indent: Px,
    /// Ends with a visible hyphen.
    pub(super) hyphen: bool,
    /// Ends the paragraph or before a forced break: not justified.
    pub(super) ends: bool,
    /// Ends the paragraph.
    pub(super) last: bool,
    pub(super) strut: LineMetrics,
    /// Tabs by their byte, with their widths here.
    pub(super) tabs: Vec<(u32, Px)>,
    /// What ends the line because the lines after it are left out.
    pub(super) clamp: Option<Ellipsis>,
}

impl LineInput {
    /// The items on the line.
    fn items<'i>(&self, items: &'i [InlineItem]) -> impl Iterator<Item = &'i InlineItem> {
        let (start, end, last) = (self.range.start, self.range.end, self.last);
        let from = items.partition_point(|item| item.offset < start);
        items[from..]
            .iter()
            .take_while(move |item| item.offset < end || (last && item.offset == end))
    }

    fn tab_width(&self, at: u32) -> Option<Px> {
        let found = self.tabs.binary_search_by_key(&at, |(offset, _)| *offset);
        found.ok().map(|index| self.tabs[index].1)
    }
}

impl Layout<'_> {
    /// Makes the line box of `input`.
    pub(super) fn line(&self, cx: &Context<'_>, input: &LineInput) -> Step<Fragment> {
        if let Some(plain) = self.plain_line(cx, input) {
            return Ok(plain);
        }
        let style = cx.style;
        let mut visuals = self.visuals(cx, input)?;
        let room = input.room - input.indent;
        let mut opens = self.opens(cx, input, &visuals);
        let mut free = room - self.line_width(cx, &visuals, &opens);
        let mut hangs = hanging(input, &visuals, free);
        free += hangs;
        if let Some(ellipsis) = self.ellipsis(cx, input, free) {
            let edges = self.edges_width(cx, &opens);
            self.cut_off(cx, &mut visuals, room - edges, ellipsis);
            opens = self.opens(cx, input, &visuals);
            free = room - self.line_width(cx, &visuals, &opens);
            hangs = Px::ZERO;
        }
        stretch_leader(&mut visuals, &mut free);
        // Each paragraph of plain text has a start side of its own (CSS Text 3 §7.1).
        let rtl = if style.box_.unicode_bidi == UnicodeBidi::Plaintext {
            let start = input.range.start as usize;
            cx.shaped.paragraph.base_level_at(start) % 2 == 1
        } else {
            style.text.rtl
        };
        let align = line_align(style, rtl, input.ends);
        let mut shift = match align {
            TextAlign::Center | TextAlign::LegacyCenter => (free / 2.0).max(Px::ZERO),
            TextAlign::Right | TextAlign::LegacyRight => free,
            // What is too wide sticks out at the end side.
            _ => Px::ZERO,
        };
        if align == TextAlign::Center && rtl && free < Px::ZERO {
            shift = free;
        }
        if align == TextAlign::Justify {
            let stretched = free > Px::ZERO && justify::justify(cx, input, &mut visuals, free);
            if !stretched && rtl {
                shift = free;
            }
        }
        // The indent is at the start side, what hangs at the end side.
        let indent = if rtl { -hangs } else { input.indent };
        let positions = self.positions(cx, &visuals, &mut opens, shift + indent);
        let mut groups = Groups::new();
        groups.push(Group::new(VerticalAlign::Baseline));
        groups[0].include(Px::ZERO, input.strut.above(), input.strut.below());
        self.align_boxes(cx, &mut opens, &mut groups, input.strut);
        let placed = self.align_visuals(cx, &visuals, &opens, &mut groups, input.strut);
        self.align_unseen(cx, input, &opens, &mut groups);
        let height = settle(&mut groups);
        let mut fragment = Fragment::new(Kind::Group, Size::new(input.room, height));
        fragment.first_baseline = Some(groups[0].baseline);
        fragment.last_baseline = Some(groups[0].baseline);
        let ends = visuals
            .iter()
            .zip(&positions)
            .map(|(visual, x)| (visual.start, *x, *x + visual.width))
            .collect();
        let baselines = placed
            .iter()
            .map(|Placed { group, shift }| groups[*group].baseline + *shift);
        let texts = self.put(cx, input, visuals, &positions, baselines, &mut fragment);
        let mut places = StaticPlaces::new(ends);
        let boxes = self.inline_pieces(cx, input, &opens, &groups, places.clone());
        let mut notes = Vec::new();
        for item in input.items(&cx.content.items) {
            if let InlineItemKind::Footnote(note) = item.kind {
                notes.push(note);
            }
            if let InlineItemKind::Absolute(child) = item.kind {
                let at = if self.tree.style(child).box_.was_inline {
                    let x = match style.text.rtl {
                        true => input.room,
                        false => places.x(cx, item.offset),
                    };
                    Point::new(x, Px::ZERO)
                } else {
                    // A block would begin below what is before it (CSS 2.2 §10.3.7, §10.6.4).
                    let before = input.range.start as usize..item.offset as usize;
                    let below = places.is_below(item.offset)
                        || (cx.content.text.get(before)).is_some_and(|text| text.contains('\n'));
                    let x = if style.text.rtl { input.room } else { Px::ZERO };
                    Point::new(
                        x,
                        if below {
                            fragment.size.height
                        } else {
                            Px::ZERO
                        },
                    )
                };
                let index = item.offset as usize;
                self.placeholder_within(child, cx.id, &mut fragment, at, index, item.within);
            }
        }
        fragment.has.notes |= !notes.is_empty();
        fragment.kind = Kind::Line(Box::new(LineFragment {
            owner: cx.id,
            shaped: Rc::clone(&cx.shaped),
            first: cx.first,
            ends: input.last,
            texts,
            boxes,
            start: input.range.start,
            used: input.room - free,
            notes,
        }));
        Ok(fragment)
    }

    fn line_width(&self, cx: &Context<'_>, visuals: &[Visual], opens: &Opens) -> Px {
        let content: Px = visuals.iter().map(|visual| visual.width).sum();
        content + self.edges_width(cx, opens)
    }

    fn edges_width(&self, cx: &Context<'_>, opens: &Opens) -> Px {
        opens
            .list
            .iter()
            .map(|open| self.open_edges(cx, open))
            .sum()
    }

    /// What the line is cut off with: where it is too wide for a box that clips it, and where the lines
    /// after it are left out.
    fn ellipsis<'i>(
        &'i self,
        cx: &'i Context<'_>,
        input: &'i LineInput,
        free: Px,
    ) -> Option<&'i str> {
        let text = |ellipsis: &'i Ellipsis| match ellipsis {
            Ellipsis::None => None,
            Ellipsis::Auto => Some("\u{2026}"),
            Ellipsis::Text(text) => Some(&**text),
        };
        if let Some(clamp) = &input.clamp {
            return text(clamp);
        }
        let box_ = &self.tree.style(cx.id).box_;
        if box_.clips && free < -super::TOLERANCE {
            text(&box_.text_overflow)
        } else {
            None
        }
    }

    /// Puts the line's content into its fragment; gives its texts.
    fn put(
        &self,
        cx: &Context<'_>,
        input: &LineInput,
        visuals: Vec<Visual>,
        positions: &[Px],
        baselines: impl Iterator<Item = Px>,
        fragment: &mut Fragment,
    ) -> SmallVec<[TextPiece; 1]> {
        let mut texts = SmallVec::with_capacity(visuals.len());
        let places = positions.iter().copied().zip(baselines);
        for (visual, (x, baseline)) in visuals.into_iter().zip(places) {
            let by = self.relative_shift(cx, visual.owner);
            match visual.content {
                VisualContent::Text(text) => texts.push(TextPiece {
                    x: x + by.x,
                    baseline: baseline + by.y,
                    ..text
                }),
                VisualContent::Leader(span, leader) => {
                    let rtl = cx.style.text.rtl;
                    let width = visual.width;
                    let piece = TextPiece {
                        inserted: Some(leader.clone()),
                        baseline: baseline + by.y,
                        ..TextPiece::of(span)
                    };
                    for cell in leader_cells(&leader, x, width, input.room, rtl) {
                        texts.push(TextPiece {
                            x: cell + by.x,
                            width: width_of(&leader),
                            ..piece.clone()
                        });
                    }
                }
                VisualContent::Atomic(span, atomic) => {
                    let Some(id) = cx.content.spans[span].atomic else {
                        continue;
                    };
                    let (above, _) = self.atomic_extent(id, &atomic, cx.width);
                    let used = used_edges(self.tree.style(id), cx.width);
                    let own = self.relative_offset(self.tree.style(id), cx.width, cx.height);
                    let at = Point::new(
                        x + used.margin.left.unwrap_or_default(),
                        baseline - above + used.margin_top(),
                    );
                    fragment.push(at + by + own, atomic, span);
                }
                VisualContent::Empty => {}
            }
        }
        texts
    }

    /// `position: relative` of the inline boxes around (CSS 2.2 §9.4.3).
    fn relative_shift(&self, cx: &Context<'_>, owner: Option<u32>) -> Point {
        let mut by = Point::default();
        let mut next = owner;
        while let Some(index) = next {
            let inline = &cx.content.boxes[index as usize];
            by = by + self.relative_offset(&inline.style, cx.width, cx.height);
            next = inline.parent;
        }
        by
    }

    /// The shift of a relatively positioned box.
    pub(crate) fn relative_offset(
        &self,
        style: &ComputedStyle,
        width: Px,
        height: Option<Px>,
    ) -> Point {
        if style.box_.position != Position::Relative {
            return Point::default();
        }
        let inset = &style.box_.inset;
        let length = |value: AutoLength, base: Option<Px>| match value {
            AutoLength::Auto => None,
            AutoLength::Length(length) if length.has_percentage() && base.is_none() => None,
            AutoLength::Length(length) => Some(super::sizing::bounded(
                length.resolve(base.unwrap_or_default()),
            )),
        };
        let (left, right) = (
            length(inset.left, Some(width)),
            length(inset.right, Some(width)),
        );
        let (top, bottom) = (length(inset.top, height), length(inset.bottom, height));
        let x = match (left, right) {
            (Some(_), Some(right)) if style.text.rtl => -right,
            (Some(left), _) => left,
            (None, Some(right)) => -right,
            (None, None) => Px::ZERO,
        };
        Point::new(x, top.or(bottom.map(|bottom| -bottom)).unwrap_or_default())
    }
}

/// How much of the line's width hangs, where it leaves so much `free`: preserved spaces at the end do,
/// before a forced break those that do not fit (CSS Text 3 §4.1.3).
fn hanging(input: &LineInput, visuals: &[Visual], free: Px) -> Px {
    let spaces = visuals
        .iter()
        .filter(|visual| (input.kept..input.hung).contains(&visual.start));
    let width = spaces.map(|visual| visual.width).sum();
    if input.ends {
        (-free).min(width).max(Px::ZERO)
    } else {
        width
    }
}

/// Gives the line's free width to its leader (CSS Content 3 §5.1).
fn stretch_leader(visuals: &mut [Visual], free: &mut Px) {
    if *free <= Px::ZERO {
        return;
    }
    let leader = visuals
        .iter_mut()
        .find(|visual| matches!(visual.content, VisualContent::Leader(..)));
    if let Some(visual) = leader {
        visual.width += std::mem::take(free);
    }
}

/// Where a leader's string is repeated: on a grid from the end side of the line, so that leaders below
/// each other are aligned, where it has room between `x` and `x + width`.
fn leader_cells(leader: &Paragraph, x: Px, width: Px, room: Px, rtl: bool) -> Vec<Px> {
    /// No line shows more.
    const MOST: f32 = 10_000.0;
    let cell = width_of(leader);
    if cell.0 <= 0.0 || width.0 / cell.0 > MOST || room.0 / cell.0 > MOST {
        return Vec::new();
    }
    let end = x + width + super::TOLERANCE;
    let start = x - super::TOLERANCE;
    let reach = if rtl { end } else { room - start };
    let count = (reach.0 / cell.0).ceil().clamp(0.0, MOST) as usize + 1;
    let cells = (0..count).map(|index| {
        if rtl {
            cell * index as f32
        } else {
            room - cell * (index + 1) as f32
        }
    });
    cells
        .filter(|at| *at >= start && *at + cell <= end)
        .collect()
}

/// Where boxes without a place in a line would be, asked for in the order of the text.
#[derive(Clone)]
pub(super) struct StaticPlaces {
    /// First byte, left and right edge of each visual, in the order of the text.
    ends: SmallVec<[(u32, Px, Px); 4]>,
    /// Those that begin before the last offset asked for.
    begun: usize,
    /// The rightmost end of those before the last of them.
    reached: Px,
}

impl StaticPlaces {
    fn new(mut ends: SmallVec<[(u32, Px, Px); 4]>) -> Self {
        ends.sort_by_key(|(start, ..)| *start);
        Self {
            ends,
            begun: 0,
            reached: Px::ZERO,
        }
    }

    /// Whether something in the line begins before `offset`.
    fn is_below(&self, offset: u32) -> bool {
        self.ends.first().is_some_and(|(start, ..)| *start < offset)
    }

    /// The left edge of a box that starts at `offset`, not before an earlier one.
    pub(super) fn x(&mut self, cx: &Context<'_>, offset: u32) -> Px {
        while let Some((start, ..)) = self.ends.get(self.begun)
            && *start < offset
        {
            if let Some(before) = self.begun.checked_sub(1) {
                self.reached = self.reached.max(self.ends[before].2);
            }
            self.begun += 1;
        }
        let Some(last) = self.begun.checked_sub(1) else {
            return Px::ZERO;
        };
        let (start, x, end) = self.ends[last];
        let paragraph = &cx.shaped.paragraph;
        let range = start as usize..offset as usize;
        // It may stand in the middle of a run of text, but not of an atomic inline.
        let text = paragraph.text.get(range.clone());
        let here = match text.filter(|text| !text.starts_with('\u{fffc}')) {
            Some(_) => (x + paragraph.width(range)).min(end),
            None => end,
        };
        here.max(self.reached)
    }
}

impl Layout<'_> {
    /// Whether lines of `id` stand at the start side, their free space after them; `ends` says which are
    /// meant.
    pub(crate) fn starts_line(&self, id: BoxId, ends: bool) -> bool {
        let style = self.tree.style(id);
        let rtl = style.text.rtl;
        let start = match line_align(style, rtl, ends) {
            TextAlign::Left | TextAlign::LegacyLeft => !rtl,
            TextAlign::Right | TextAlign::LegacyRight => rtl,
            _ => false,
        };
        start && style.box_.unicode_bidi != UnicodeBidi::Plaintext
    }

    /// The same, also where they are stretched to the end.
    pub(crate) fn fills_line(&self, id: BoxId, ends: bool) -> bool {
        let style = self.tree.style(id);
        let stretched = line_align(style, style.text.rtl, ends) == TextAlign::Justify;
        self.starts_line(id, ends) || stretched && style.box_.unicode_bidi != UnicodeBidi::Plaintext
    }
}

/// How a line is aligned (CSS Text 3 §7.1–7.3), start and end resolved.
fn line_align(style: &ComputedStyle, rtl: bool, ends: bool) -> TextAlign {
    let text = &style.text;
    let mut align = text.align;
    if ends {
        align = match (text.align_last, text.align) {
            (Some(last), _) => last,
            (None, TextAlign::Justify) => TextAlign::Start,
            (None, align) => align,
        };
    }
    match (align, rtl) {
        (TextAlign::Start, false) | (TextAlign::End, true) => TextAlign::Left,
        (TextAlign::Start, true) | (TextAlign::End, false) => TextAlign::Right,
        _ => align,
    }
}
