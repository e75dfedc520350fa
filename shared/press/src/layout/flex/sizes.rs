//! Flexible lengths (CSS Flexbox 1 §9.2, §9.7).

use crate::boxes::{BoxId, Content};
use crate::fragment::Fragment;
use crate::layout::sizing::bounded;
use crate::layout::{Layout, Used, used_edges};
use fanfold_geometry::Px;
use fanfold_style::values::Sizing;

impl Layout<'_> {
    /// The flex base size, not yet within its limits, as border box (§9.2), in a container of `width` and `height`;
    /// `cross` is the line's height where that is definite and the item stretched to it.
    pub(super) fn flex_base(
        &self,
        id: BoxId,
        width: Px,
        height: Option<Px>,
        cross: Option<Px>,
    ) -> Px {
        let box_ = self.tree.get(id);
        let style = &*box_.style;
        let used = used_edges(style, width);
        let edges = used.horizontal();
        let base = match style.box_.flex.basis {
            Sizing::Auto => style.box_.width,
            other => other,
        };
        let content = || {
            // A stretched size is definite too, and the ratio's base (§9.2.3.B, §9.8).
            let margins = used.margin_top() + used.margin_bottom();
            if let (Some(ratio), Some(cross)) = (self.preferred_ratio(id), cross) {
                let height = (cross - margins).max(used.vertical());
                let height = self.constrained_height(style, &used, Some(cross), height);
                return self.width_by(id, ratio, &used, height);
            }
            let widest = self.intrinsic(id).1 + self.intrinsic_edges(id, &used);
            self.ratio_width(id, &used, None, widest)
        };
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
            Sizing::FitContentUpTo(length) => {
                self.fitting(id, &used, bounded(length.resolve(width)))
            }
            Sizing::Stretch => (width - used.margin_horizontal()).max(edges),
            _ if matches!(box_.content, Content::Replaced(_)) => {
                let cross = cross.map(|cross| cross - used.margin_top() - used.margin_bottom());
                self.replaced_content_width(id, &used, Some(width), cross, height) + edges
            }
            _ => content(),
        }
    }

    /// What an item of a row adds to its container's min-content and max-content widths: its own, no narrower than its
    /// base size where it may not shrink from that, and no wider where it may not grow (§9.9.1).
    pub(super) fn flex_contribution(&self, id: BoxId) -> (Px, Px) {
        let (min, max) = self.contribution(id);
        let style = self.tree.style(id);
        let flex = &style.box_.flex;
        let Sizing::Size(basis) = flex.basis else {
            return (min, max);
        };
        if basis.to_length().is_none() {
            return (min, max);
        }
        let used = used_edges(style, Px::ZERO);
        let (least, most) = self.flex_limits(id, &used, Px::ZERO, None, None);
        // A percentage is of nothing yet, and limits nothing (CSS Sizing 3 §5.2.1).
        let box_ = &style.box_;
        let (least, most) = match box_.max_width {
            Sizing::Size(length) if length.to_length().is_none() => {
                let content = self.intrinsic(id).0 + self.intrinsic_edges(id, &used);
                let automatic = box_.min_width == Sizing::Auto && !box_.clips;
                (if automatic { content } else { least }, Px::INFINITY)
            }
            _ => (least, most),
        };
        let base = self.flex_base(id, Px::ZERO, None, None);
        let clamped = |own: Px| {
            let own = if flex.grow > 0.0 { own } else { own.min(base) };
            let own = if flex.shrink > 0.0 {
                own
            } else {
                own.max(base)
            };
            own.min(most).max(least)
        };
        let margins = used.margin_horizontal();
        let clamped = |own: Px| (clamped(own - margins) + margins).max(Px::ZERO);
        (clamped(min), clamped(max))
    }

    /// Least and greatest border-box width of an item (§4.5: the automatic minimum is its content); `width`, `height`
    /// and `cross` are as for [`Self::flex_base`].
    pub(super) fn flex_limits(
        &self,
        id: BoxId,
        used: &Used,
        width: Px,
        height: Option<Px>,
        cross: Option<Px>,
    ) -> (Px, Px) {
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
            Sizing::MinContent => Some(self.intrinsic(id).0 + self.intrinsic_edges(id, used)),
            Sizing::MaxContent => Some(self.intrinsic(id).1 + self.intrinsic_edges(id, used)),
            Sizing::FitContent => Some(self.shrink(id, used, width)),
            Sizing::FitContentUpTo(length) => {
                Some(self.fitting(id, used, bounded(length.resolve(width))))
            }
            Sizing::Stretch => Some((width - used.margin_horizontal()).max(edges)),
            Sizing::Auto => None,
        };
        let max = resolve(style.box_.max_width).unwrap_or(Px::INFINITY);
        let min = resolve(style.box_.min_width).unwrap_or_else(|| {
            // What a replaced element cuts off does not scroll.
            let replaced = matches!(self.tree.get(id).content, Content::Replaced(_));
            if style.box_.clips && !replaced {
                return edges;
            }
            let content = if replaced {
                let cross = cross.map(|cross| cross - used.margin_top() - used.margin_bottom());
                self.replaced_content_width(id, used, None, cross, height) + edges
            } else {
                self.intrinsic(id).0 + self.intrinsic_edges(id, used)
            };
            resolve(style.box_.width)
                .map_or(content, |width| content.min(width))
                .min(max)
        });
        (min, max)
    }

    /// The widths of a row's items in `room`, with their margins (§9.7).
    pub(super) fn flexed(
        &self,
        items: &[BoxId],
        bases: &[FlexBase],
        room: Px,
        width: Px,
    ) -> Vec<Px> {
        let mut margins = Px::ZERO;
        let parts: Vec<Flexible> = items
            .iter()
            .zip(bases)
            .map(|(item, sizes)| {
                let style = self.tree.style(*item);
                let used = used_edges(style, width);
                margins += used.margin_horizontal();
                Flexible {
                    base: sizes.base,
                    min: sizes.min,
                    max: sizes.max,
                    edges: used.horizontal(),
                    grow: style.box_.flex.grow,
                    shrink: style.box_.flex.shrink,
                }
            })
            .collect();
        flexed_lengths(&parts, room - margins)
    }

    /// How the height of a column's item, laid out as `laid`, flexes (§9.2, §4.5).
    ///
    /// `room` is the container's content height.
    pub(super) fn flexible_height(
        &self,
        id: BoxId,
        used: &Used,
        laid: &Fragment,
        room: Px,
    ) -> Flexible {
        let box_ = self.tree.get(id);
        let style = &*box_.style;
        let edges = used.vertical();
        let of = |size: &Sizing| self.height_of(style, size, used, Some(room));
        let height = laid.size.height;
        let max = of(&style.box_.max_height).unwrap_or(Px::INFINITY);
        let min = of(&style.box_.min_height).unwrap_or_else(|| {
            let replaced = matches!(box_.content, Content::Replaced(_));
            if style.box_.clips && !replaced {
                return edges;
            }
            // With a height of its own, what is inside is seen by where it ends.
            let content = if replaced {
                // What follows from its width, as if it had no height of its own.
                self.replaced_ratio(id).map_or(height, |ratio| {
                    (laid.size.width - used.horizontal()).max(Px::ZERO) / ratio + edges
                })
            } else if of(&style.box_.height).is_some() {
                let ends = laid
                    .children
                    .iter()
                    .map(|child| child.offset.y + child.fragment.size.height);
                ends.fold(used.top(), Px::max) + used.bottom()
            } else {
                height
            };
            content.min(height).min(max)
        });
        Flexible {
            base: of(&style.box_.flex.basis).unwrap_or(height),
            min,
            max,
            edges,
            grow: style.box_.flex.grow,
            shrink: style.box_.flex.shrink,
        }
    }
}

/// A flex base size and its limits, of a border box.
pub(super) struct FlexBase {
    pub(super) base: Px,
    pub(super) min: Px,
    pub(super) max: Px,
}

/// A length that grows or shrinks, of a border box.
pub(super) struct Flexible {
    pub(super) base: Px,
    pub(super) min: Px,
    pub(super) max: Px,
    /// Border and padding, which do not shrink.
    pub(super) edges: Px,
    pub(super) grow: f32,
    pub(super) shrink: f32,
}

impl Flexible {
    /// The base within its limits.
    pub(super) fn hypothetical(&self) -> Px {
        self.base.min(self.max).max(self.min)
    }
}

/// Resolves flexible lengths (§9.7): grows or shrinks, freezing items at their limits.
pub(super) fn flexed_lengths(parts: &[Flexible], room: Px) -> Vec<Px> {
    let mut lengths: Vec<Px> = parts.iter().map(Flexible::hypothetical).collect();
    let total: Px = lengths.iter().copied().sum();
    let grows = total < room;
    let factor = |part: &Flexible| {
        if grows {
            part.grow.max(0.0)
        } else {
            part.shrink.max(0.0) * (part.base - part.edges).max(Px::ZERO).0
        }
    };
    // An item that its limits push the other way than the line flexes stays there.
    let mut frozen: Vec<bool> = parts
        .iter()
        .zip(&lengths)
        .map(|(part, length)| {
            let opposed = if grows {
                part.base > *length
            } else {
                part.base < *length
            };
            opposed || factor(part) <= 0.0
        })
        .collect();
    let mut initial = None;
    // Each round freezes at least one item.
    for _ in 0..=parts.len() {
        let open: Vec<usize> = (0..parts.len()).filter(|index| !frozen[*index]).collect();
        if open.is_empty() {
            break;
        }
        let taken: Px = (0..parts.len())
            .map(|index| {
                if frozen[index] {
                    lengths[index]
                } else {
                    parts[index].base
                }
            })
            .sum();
        let mut free = room - taken;
        let factors: f32 = open.iter().map(|index| factor(&parts[*index])).sum();
        let initial = *initial.get_or_insert(free);
        if grows && factors < 1.0 {
            free = free.min(initial * factors);
        }
        let mut violated = false;
        let mut excess = Px::ZERO;
        let mut limited = Vec::new();
        for index in &open {
            let part = &parts[*index];
            let target = part.base + free * (factor(part) / factors.max(f32::MIN_POSITIVE));
            let clamped = target.min(part.max).max(part.min);
            excess += clamped - target;
            limited.push((*index, target, clamped));
        }
        for (index, target, clamped) in limited {
            lengths[index] = clamped;
            let freeze =
                (excess > Px::ZERO && clamped > target) || (excess < Px::ZERO && clamped < target);
            if freeze {
                frozen[index] = true;
                violated = true;
            }
        }
        if !violated {
            break;
        }
    }
    lengths
}
