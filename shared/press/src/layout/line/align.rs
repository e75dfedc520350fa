//! Vertical alignment on a line (CSS 2.2 §10.8).

use super::boxes::{Open, Opens};
use super::visual::{Visual, VisualContent};
use super::{LineInput, LineRange};
use crate::boxes::{BoxId, Content};
use crate::fragment::Fragment;
use crate::layout::lines::Context;
use crate::layout::{Layout, LineMetrics, line_metrics, used_edges};
use fanfold_geometry::Px;
use fanfold_style::computed::{LineHeight, VerticalAlign};
use fanfold_text::is_invisible;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// A baseline: downwards from that of its group.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Placed {
    /// Index of the group.
    pub(super) group: usize,
    pub(super) shift: Px,
}

/// Boxes aligned together: the root's, and one for each box aligned to the line's top or bottom.
pub(super) struct Group {
    top: Px,
    bottom: Px,
    align: VerticalAlign,
    pub(super) baseline: Px,
}

/// The groups of a line, the root's first; most have no other.
pub(super) type Groups = SmallVec<[Group; 1]>;

impl Group {
    pub(super) fn new(align: VerticalAlign) -> Self {
        Self {
            top: Px::INFINITY,
            bottom: -Px::INFINITY,
            align,
            baseline: Px::ZERO,
        }
    }

    pub(super) fn include(&mut self, shift: Px, above: Px, below: Px) {
        self.top = self.top.min(shift - above);
        self.bottom = self.bottom.max(shift + below);
    }
}

/// How far a box goes above and below its baseline, and its own line height.
#[derive(Clone, Copy, Debug)]
struct Extent {
    above: Px,
    below: Px,
    line_height: Px,
    /// Font size.
    size: Px,
}

impl Extent {
    /// Of an inline box.
    fn of(metrics: LineMetrics) -> Self {
        Self {
            above: metrics.above(),
            below: metrics.below(),
            line_height: metrics.line_height,
            size: metrics.size,
        }
    }
}

/// Aligns a box in its parent.
fn place(
    align: VerticalAlign,
    extent: Extent,
    (parent, around): (Placed, LineMetrics),
    groups: &mut Groups,
) -> Placed {
    let placed = if matches!(align, VerticalAlign::Top | VerticalAlign::Bottom) {
        groups.push(Group::new(align));
        Placed {
            group: groups.len() - 1,
            shift: Px::ZERO,
        }
    } else {
        let shift = match align {
            VerticalAlign::Middle => (extent.above - extent.below) / 2.0 - around.x_height / 2.0,
            VerticalAlign::TextTop => extent.above - around.ascent,
            VerticalAlign::TextBottom => around.descent - extent.below,
            _ => baseline_shift(align, extent.size, extent.line_height),
        };
        Placed {
            group: parent.group,
            shift: parent.shift + shift,
        }
    };
    groups[placed.group].include(placed.shift, extent.above, extent.below);
    placed
}

/// The faces that the text of an inline box is drawn with on a line.
struct Drawn {
    owner: Option<u32>,
    parent: (Placed, LineMetrics),
    ascent: Px,
    descent: Px,
}

impl Drawn {
    /// Fallback faces have their own ascent and descent, but the line height of the inline box: half of what is
    /// left, or lacks, goes above them (CSS 2.2 §10.8.1, whose `normal` is one value for an element).
    fn include(&self, groups: &mut [Group]) {
        let (placed, around) = self.parent;
        let metrics = LineMetrics {
            ascent: self.ascent,
            descent: self.descent,
            ..around
        };
        groups[placed.group].include(placed.shift, metrics.above(), metrics.below());
    }
}

impl Layout<'_> {
    /// Aligns inline boxes, each to its parent.
    pub(super) fn align_boxes(
        &self,
        cx: &Context<'_>,
        opens: &mut Opens,
        groups: &mut Groups,
        strut: LineMetrics,
    ) {
        for position in 0..opens.list.len() {
            let Open { index, metrics, .. } = opens.list[position];
            let inline = &cx.content.boxes[index as usize];
            let parent = parent_of(inline.parent, opens, strut);
            let align = inline.style.box_.vertical_align;
            opens.list[position].placed = place(align, Extent::of(metrics), parent, groups);
        }
    }

    /// Aligns atomic inlines, and the glyphs of fallback fonts with their leading.
    pub(super) fn align_visuals(
        &self,
        cx: &Context<'_>,
        visuals: &[Visual],
        opens: &Opens,
        groups: &mut Groups,
        strut: LineMetrics,
    ) -> SmallVec<[Placed; 4]> {
        let mut all = SmallVec::with_capacity(visuals.len());
        let mut drawn: SmallVec<[Drawn; 2]> = SmallVec::new();
        for visual in visuals {
            let parent = parent_of(visual.owner, opens, strut);
            let VisualContent::Atomic(span, fragment) = &visual.content else {
                self.count_face(cx, visual, parent, &mut drawn);
                all.push(parent.0);
                continue;
            };
            let Some(id) = cx.content.spans[*span].atomic else {
                all.push(parent.0);
                continue;
            };
            let (above, below) = self.atomic_extent(id, fragment, cx.width);
            let style = self.tree.style(id);
            let align = style.box_.vertical_align;
            let line_height = match align {
                VerticalAlign::Length(length) if length.has_percentage() => {
                    self.strut(style).line_height
                }
                _ => Px::ZERO,
            };
            let extent = Extent {
                above,
                below,
                line_height,
                size: style.font.size,
            };
            all.push(place(align, extent, parent, groups));
        }
        // Of one inline box, also where the order of a line of two directions parts it.
        drawn.sort_by_key(|drawn| drawn.owner);
        for same in drawn.chunk_by(|one, other| one.owner == other.owner) {
            let most = |get: fn(&Drawn) -> Px| same.iter().map(get).fold(-Px::INFINITY, Px::max);
            let (ascent, descent) = (most(|drawn| drawn.ascent), most(|drawn| drawn.descent));
            Drawn {
                ascent,
                descent,
                ..same[0]
            }
            .include(groups);
        }
        all
    }

    /// Inline boxes of which the line shows nothing have a line height all the same (CSS 2.2 §10.8.1): empty ones, and
    /// those around a line feed or the white space that hangs at the line's end.
    pub(super) fn align_unseen(
        &self,
        cx: &Context<'_>,
        input: &LineInput,
        opens: &Opens,
        groups: &mut Groups,
    ) {
        let LineRange { start, end } = input.range;
        let boxes = &cx.content.boxes;
        // At a break within the text, an empty box ends the line before; behind the last line feed, it has none.
        let text = cx.content.text.as_bytes();
        let fed = |at: u32| at == 0 || text.get(at as usize - 1) == Some(&b'\n');
        let from = match fed(start) {
            true => boxes.partition_point(|inline| inline.range.start < start),
            false => boxes.partition_point(|inline| inline.range.start <= start),
        };
        let to_end = !fed(end);
        let on_line = |at: u32| at < end || (to_end && at == end);
        let begun = boxes[from..]
            .iter()
            .take_while(|inline| on_line(inline.range.start));
        let empty = (from..)
            .zip(begun)
            .filter(|(_, inline)| inline.range.is_empty())
            .filter_map(|(index, _)| u32::try_from(index).ok());
        let spans = &cx.content.spans;
        let hanging = spans.partition_point(|span| span.range.end <= input.hung);
        let hanging = spans[hanging..]
            .iter()
            .take_while(|span| span.range.start < end)
            .filter_map(|span| span.owner);
        let mut unseen: FxHashMap<u32, (Placed, LineMetrics)> = FxHashMap::default();
        let mut chain = Vec::new();
        for index in empty.chain(hanging) {
            // Outwards to what has a place, then back.
            let mut next = Some(index);
            while let Some(index) =
                next.filter(|index| !unseen.contains_key(index) && opens.get(*index).is_none())
            {
                chain.push(index);
                next = boxes[index as usize].parent;
            }
            let around = next.and_then(|index| unseen.get(&index).copied());
            let mut around = around.unwrap_or_else(|| parent_of(next, opens, input.strut));
            while let Some(index) = chain.pop() {
                let style = &boxes[index as usize].style;
                let metrics = self.strut(style);
                let placed = place(
                    style.box_.vertical_align,
                    Extent::of(metrics),
                    around,
                    groups,
                );
                around = (placed, metrics);
                unseen.insert(index, around);
            }
        }
    }

    /// Counts the face of a piece of text that is seen.
    fn count_face(
        &self,
        cx: &Context<'_>,
        visual: &Visual,
        parent: (Placed, LineMetrics),
        drawn: &mut SmallVec<[Drawn; 2]>,
    ) {
        let VisualContent::Text(text) = &visual.content else {
            return;
        };
        let Some(run) = &text.run else { return };
        let run = &cx.shaped.paragraph.runs[run.run];
        let text = &cx.shaped.paragraph.text[run.range.clone()];
        if text.chars().all(is_invisible) {
            // No face draws it, so which one it was given to is no matter.
            return;
        }
        let style = match visual.owner {
            Some(owner) => &*cx.content.boxes[owner as usize].style,
            None => cx.style,
        };
        let face = if self.first_face_id(style) == run.face {
            parent.1
        } else {
            let metrics = &self.fonts.face(run.face).metrics;
            line_metrics(metrics, (run.size, run.size), LineHeight::Normal)
        };
        match drawn.last_mut() {
            Some(drawn) if drawn.owner == visual.owner => {
                drawn.ascent = drawn.ascent.max(face.ascent);
                drawn.descent = drawn.descent.max(face.descent);
            }
            _ => drawn.push(Drawn {
                owner: visual.owner,
                parent,
                ascent: face.ascent,
                descent: face.descent,
            }),
        }
    }

    /// Above and below the baseline of an atomic inline's margin box (CSS 2.2 §10.8.1).
    pub(super) fn atomic_extent(&self, id: BoxId, fragment: &Fragment, width: Px) -> (Px, Px) {
        let style = self.tree.style(id);
        let used = used_edges(style, width);
        let whole = fragment.size.height + used.margin_top() + used.margin_bottom();
        let baseline = match self.tree.get(id).content {
            Content::Replaced(_) => None,
            // Their first line's, whatever they do with what sticks out (CSS Flexbox 1 §8.5, CSS Grid 2 §10.6).
            Content::Flex(_) | Content::Grid(_) => fragment.first_baseline,
            _ if style.box_.clips => None,
            Content::Table(_) => fragment.first_baseline,
            Content::Blocks(_) | Content::Inline(_) => fragment.last_baseline,
        };
        let above = baseline.map_or(whole, |baseline| baseline + used.margin_top());
        (above, whole - above)
    }
}

/// A box's place and metrics, or the root's.
fn parent_of(owner: Option<u32>, opens: &Opens, strut: LineMetrics) -> (Placed, LineMetrics) {
    let open = owner.and_then(|index| opens.get(index));
    open.map_or((Placed::default(), strut), |open| {
        (open.placed, open.metrics)
    })
}

/// Downward shift for baseline-relative alignments; `sub` and `super` are half of the box's own font
/// size, as WeasyPrint has them: CSS 2.2 only asks for the proper position.
fn baseline_shift(align: VerticalAlign, size: Px, line_height: Px) -> Px {
    match align {
        VerticalAlign::Sub => size / 2.0,
        VerticalAlign::Super => -size / 2.0,
        VerticalAlign::Length(length) => {
            -crate::layout::sizing::bounded(length.resolve(line_height))
        }
        _ => Px::ZERO,
    }
}

/// Fixes the groups' baselines from the line's top and gives the line's height.
pub(super) fn settle(groups: &mut [Group]) -> Px {
    let (mut top, mut bottom) = (groups[0].top, groups[0].bottom);
    for group in groups.iter().skip(1) {
        let height = group.bottom - group.top;
        if height > bottom - top {
            match group.align {
                VerticalAlign::Bottom => top = bottom - height,
                _ => bottom = top + height,
            }
        }
    }
    for (index, group) in groups.iter_mut().enumerate() {
        group.baseline = match group.align {
            _ if index == 0 => -top,
            VerticalAlign::Bottom => bottom - top - group.bottom,
            _ => -group.top,
        };
    }
    (bottom - top).max(Px::ZERO)
}
