//! Margin collapsing (CSS 2.2 §8.3.1).
//!
//! A box's collapsed top margin is known before it is laid out, from its first children; so a box is
//! put where it belongs at once, which floats and page ends need.

use super::float_boxes::clear_below;
use super::{BreakAbove, Floats, Layout, used_edges};
use crate::boxes::{BoxId, Content};
use fanfold_geometry::Px;
use fanfold_style::computed::{Clear, Float};
use fanfold_style::values::Sizing;

/// Adjoining margins: the largest positive and the most negative one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct MarginSet {
    positive: Px,
    negative: Px,
}

impl MarginSet {
    /// One margin.
    pub(crate) fn of(margin: Px) -> Self {
        Self {
            positive: margin.max(Px::ZERO),
            negative: margin.min(Px::ZERO),
        }
    }

    /// Both.
    pub(crate) fn adjoin(self, other: Self) -> Self {
        Self {
            positive: self.positive.max(other.positive),
            negative: self.negative.min(other.negative),
        }
    }

    /// The collapsed margin.
    pub(crate) fn solve(self) -> Px {
        self.positive + self.negative
    }
}

/// The margins that adjoin a box's top, and whether its bottom margin is among them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StartMargin {
    pub(crate) margins: MarginSet,
    pub(crate) through: bool,
}

/// What is above a box whose margins are asked for: whether something in it clears a float depends on it.
#[derive(Clone, Copy)]
pub(super) struct Above<'a> {
    pub(super) floats: &'a Floats,
    /// The context's coordinate that the margins start at.
    pub(super) y: Px,
    /// The margins that adjoin already.
    pub(super) margins: MarginSet,
    /// Whether `y` has the box's margins in it.
    pub(super) counted: bool,
    /// The sides of floats that are beside the margins, but not yet placed.
    pub(super) floated: Sides,
    /// The break that the margins are next to.
    pub(super) break_above: BreakAbove,
}

/// The sides that boxes float to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sides {
    left: bool,
    right: bool,
}

impl Sides {
    /// Counts a float.
    pub(super) fn add(&mut self, float: Float) {
        self.left |= float == Float::Left;
        self.right |= float == Float::Right;
    }

    /// Whether a box may have to clear one of the floats.
    pub(super) fn meets(self, clear: Clear) -> bool {
        match clear {
            Clear::None => false,
            Clear::Left => self.left,
            Clear::Right => self.right,
            Clear::Both => self.left || self.right,
        }
    }
}

impl Above<'_> {
    /// Whether a box that would adjoin the margins above it has clearance (CSS 2.2 §9.5.2). A float that is not
    /// placed is taken to reach below them.
    fn clears(&self, clear: Clear, margins: MarginSet) -> bool {
        if self.floated.meets(clear) {
            return true;
        }
        let margins = self.margins.adjoin(margins);
        let y = if self.counted {
            self.y
        } else {
            self.y + margins.solve()
        };
        clear_below(self.floats, clear).is_some_and(|bottom| bottom > y)
    }
}

impl Layout<'_> {
    /// The margins that collapse at the top of `id` in a containing block of `width`, where no float is above.
    pub(crate) fn own_start_margin(&self, id: BoxId, width: Px) -> MarginSet {
        let above = Above {
            floats: &Floats::default(),
            y: Px::ZERO,
            margins: MarginSet::default(),
            counted: false,
            floated: Sides::default(),
            break_above: BreakAbove::None,
        };
        self.start_margin(id, width, above).margins
    }

    /// The margins that collapse at the top of `id` in a containing block of `width`.
    pub(super) fn start_margin(&self, id: BoxId, width: Px, above: Above) -> StartMargin {
        let box_ = self.tree.get(id);
        let used = used_edges(&box_.style, width);
        let kept = above.break_above.keeps(box_.style.breaks.margin);
        let own = |margin: Px| MarginSet::of(if kept { margin } else { Px::ZERO });
        let mut result = StartMargin {
            margins: own(used.margin_top()),
            through: false,
        };
        if box_.establishes_context() || used.border.top + used.padding.top > Px::ZERO {
            return result;
        }
        let inner = self.inner_width(id, &used, width);
        let empty = match &box_.content {
            Content::Inline(inline) => inline.text.is_empty() && !self.has_marker(id),
            Content::Blocks(children) => {
                let (mut open, mut floated) = (true, above.floated);
                for child in children {
                    let child_box = self.tree.get(*child);
                    if !child_box.in_flow() {
                        if child_box.is_float() {
                            floated.add(child_box.style.box_.float);
                        }
                        continue;
                    }
                    let clear = child_box.style.box_.clear;
                    let above = Above {
                        margins: above.margins.adjoin(result.margins),
                        floated,
                        ..above
                    };
                    let start = self.start_margin(*child, inner, above);
                    // Clearance keeps margins apart.
                    if clear != Clear::None && above.clears(clear, start.margins) {
                        open = false;
                        break;
                    }
                    result.margins = result.margins.adjoin(start.margins);
                    if !start.through {
                        open = false;
                        break;
                    }
                }
                open && !self.has_marker(id)
            }
            _ => false,
        };
        let style = &box_.style.box_;
        let no_height = |size: &Sizing| match size {
            Sizing::Size(size) => size.to_length().is_some_and(|size| size <= Px::ZERO),
            Sizing::Stretch => false,
            _ => true,
        };
        if empty
            && used.border.bottom + used.padding.bottom <= Px::ZERO
            && no_height(&style.height)
            && no_height(&style.min_height)
        {
            result.through = true;
            result.margins = result.margins.adjoin(own(used.margin_bottom()));
        }
        result
    }

    /// Whether the box has a marker, which gives it a line even when it is empty.
    pub(crate) fn has_marker(&self, id: BoxId) -> bool {
        self.tree
            .get(id)
            .extras
            .as_ref()
            .is_some_and(|extras| extras.marker.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negative_margins_are_added_to_the_largest() {
        let set = MarginSet::of(Px(20.0))
            .adjoin(MarginSet::of(Px(12.0)))
            .adjoin(MarginSet::of(Px(-5.0)));
        assert_eq!(set.solve(), Px(15.0));
    }
}
