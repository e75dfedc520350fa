//! Boxes that span all columns from inside other boxes (CSS Multicol 1 §6.1): what is around them ends above them and
//! goes on below.

use super::{Builder, Step};
use crate::boxes::{
    BoxId, Content, Extras, InlineItem, InlineItemKind, LayoutBox, contains_absolutes,
};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{BorderSide, Break};
use fanfold_style::values::{AutoLength, LengthPercentage, Sizing};
use std::sync::Arc;

/// How deep in other boxes one may span the columns: each box on the way is split, and each level looks through all
/// below it for margins.
const DEEPEST: usize = 16;

/// An end of a box.
enum End {
    Top,
    Bottom,
}

impl Builder<'_> {
    /// The children of a container with columns, those with spanning boxes inside split around them.
    pub(super) fn split_around_spanners(&mut self, blocks: Vec<BoxId>) -> Step<Vec<BoxId>> {
        let mut all = Vec::with_capacity(blocks.len());
        for id in blocks {
            self.add_parts(id, 0, &mut all)?;
        }
        Ok(all)
    }

    /// Adds a box, or its parts and the spanning boxes between them; whether it has such.
    fn add_parts(&mut self, id: BoxId, depth: usize, all: &mut Vec<BoxId>) -> Step<bool> {
        if self.spans_columns(id) {
            all.push(id);
            return Ok(true);
        }
        let own = self.tree.get(id);
        // Only what is in the formatting context of the columns spans them, and nothing in a box that has its fixed
        // descendants inside, as in browsers. A part is no containing block for what is placed in the whole.
        let keeps = own.establishes_context()
            || own.style.effects.is_transformed()
            || own.style.breaks.contained
            || (contains_absolutes(&own.style) && self.holds_absolutes(id));
        let children = match &own.content {
            Content::Blocks(children) if !keeps && depth < DEEPEST => children.clone(),
            _ => {
                all.push(id);
                return Ok(false);
            }
        };
        let mut inner = Vec::with_capacity(children.len());
        let mut found = false;
        for child in children {
            found |= self.add_parts(child, depth + 1, &mut inner)?;
        }
        if !found {
            all.push(id);
            return Ok(false);
        }
        let style = self.tree.get(id).style.clone();
        let link = self.tree.get(id).extras.as_ref();
        let link = link.and_then(|extras| extras.link.clone());
        let mut parts = inner.split(|child| self.spans_columns(*child));
        let first = parts.next().unwrap_or_default().to_vec();
        let rest: Vec<Vec<BoxId>> = parts.map(<[BoxId]>::to_vec).collect();
        let spanners = inner.iter().copied();
        let spanners: Vec<BoxId> = spanners
            .filter(|child| self.spans_columns(*child))
            .collect();
        let begun = &mut self.tree.boxes[id.0 as usize];
        // A list item's marker is beside its first line.
        let mut marker = match &mut begun.extras {
            Some(extras) if first.is_empty() && rest.iter().any(|part| !part.is_empty()) => {
                extras.marker.take()
            }
            _ => None,
        };
        begun.style = without(&style, &[End::Bottom]);
        begun.content = Content::Blocks(first);
        all.push(id);
        let last = rest.len();
        let within = without(&style, &[End::Top, End::Bottom]);
        for ((index, children), spanner) in (1..).zip(rest).zip(spanners) {
            all.push(spanner);
            let ends = index == last;
            if children.is_empty() && !(ends && has_lower_edge(&style)) {
                continue;
            }
            let own = match ends {
                true => without(&style, &[End::Top]),
                false => within.clone(),
            };
            let shows = !children.is_empty();
            let mut part = LayoutBox::new(own, Content::Blocks(children));
            part.extras = link.clone().map(|link| {
                Box::new(Extras {
                    link: Some(link),
                    ..Extras::default()
                })
            });
            if shows && let Some(marker) = marker.take() {
                part.extras.get_or_insert_default().marker = Some(marker);
            }
            all.push(self.add(part)?);
        }
        Ok(true)
    }

    /// Whether a box inside `id` is positioned absolutely.
    fn holds_absolutes(&self, id: BoxId) -> bool {
        let mut next = vec![id];
        while let Some(id) = next.pop() {
            match &self.tree.get(id).content {
                Content::Blocks(children) => {
                    if children
                        .iter()
                        .any(|child| self.tree.get(*child).is_absolute())
                    {
                        return true;
                    }
                    next.extend(children);
                }
                Content::Inline(inline) => {
                    let is_absolute =
                        |item: &InlineItem| matches!(item.kind, InlineItemKind::Absolute(_));
                    if inline.items.iter().any(is_absolute) {
                        return true;
                    }
                }
                _ => {}
            }
        }
        false
    }

    fn spans_columns(&self, id: BoxId) -> bool {
        let box_ = self.tree.get(id);
        box_.style.columns.span_all && box_.in_flow()
    }
}

/// Whether the lower end of a box without content there does something.
fn has_lower_edge(style: &ComputedStyle) -> bool {
    style.breaks.after != Break::Auto
        || style.box_.margin.bottom != AutoLength::ZERO
        || style.box_.padding.bottom != LengthPercentage::ZERO
        || style.border.sides.bottom.width.0 > 0.0
}

/// The style of a part of a box without the edges at these ends (CSS Fragmentation 3 §5.2, §5.4). A set height is
/// not shared out: each part is as high as its content.
fn without(style: &Arc<ComputedStyle>, ends: &[End]) -> Arc<ComputedStyle> {
    let mut style = ComputedStyle::clone(style);
    let box_ = &mut style.box_;
    for size in [&mut box_.height, &mut box_.min_height, &mut box_.max_height] {
        *size = Sizing::Auto;
    }
    let square = (LengthPercentage::ZERO, LengthPercentage::ZERO);
    let sliced = !style.breaks.clone_decoration;
    for end in ends {
        match end {
            End::Top => {
                box_.margin.top = AutoLength::ZERO;
                style.breaks.before = Break::Auto;
                // It is broken already.
                style.breaks.avoid_inside = false;
            }
            End::Bottom => {
                box_.margin.bottom = AutoLength::ZERO;
                style.breaks.after = Break::Auto;
            }
        }
        if !sliced {
            continue;
        }
        let border = Arc::make_mut(&mut style.border);
        match end {
            End::Top => {
                box_.padding.top = LengthPercentage::ZERO;
                border.sides.top = BorderSide::default();
                border.radii.top_left = square;
                border.radii.top_right = square;
            }
            End::Bottom => {
                box_.padding.bottom = LengthPercentage::ZERO;
                border.sides.bottom = BorderSide::default();
                border.radii.bottom_left = square;
                border.radii.bottom_right = square;
            }
        }
    }
    Arc::new(style)
}
