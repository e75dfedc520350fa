//! Margin collapsing (CSS 2.2 §8.3.1).
//!
//! A box's collapsed top margin is known before it is laid out, from its first children; so a box is
//! put where it belongs at once, which floats and page ends need.

use super::{Layout, used_edges};
use crate::boxes::{BoxId, Content};
use fanfold_geometry::Px;
use fanfold_style::computed::Clear;
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
#[derive(Clone, Copy, Debug)]
pub(crate) struct StartMargin {
    pub(crate) margins: MarginSet,
    pub(crate) through: bool,
}

impl Layout<'_> {
    /// The margins that collapse at the top of `id` in a containing block of `width`.
    pub(crate) fn start_margin(&self, id: BoxId, width: Px) -> StartMargin {
        let box_ = self.tree.get(id);
        let used = used_edges(&box_.style, width);
        let own = MarginSet::of(used.margin_top());
        let mut result = StartMargin {
            margins: own,
            through: false,
        };
        if box_.establishes_context() || used.border.top + used.padding.top > Px::ZERO {
            return result;
        }
        let inner = self.inner_width(id, &used, width);
        let empty = match &box_.content {
            Content::Inline(inline) => inline.text.is_empty() && !self.has_marker(id),
            Content::Blocks(children) => {
                let mut open = true;
                for child in children {
                    let child_box = self.tree.get(*child);
                    if !child_box.in_flow() {
                        continue;
                    }
                    // Clearance keeps margins apart; whether there is any is not known here.
                    if child_box.style.box_.clear != Clear::None {
                        open = false;
                        break;
                    }
                    let start = self.start_margin(*child, inner);
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
            _ => true,
        };
        if empty
            && used.border.bottom + used.padding.bottom <= Px::ZERO
            && no_height(&style.height)
            && no_height(&style.min_height)
        {
            result.through = true;
            result.margins = result.margins.adjoin(MarginSet::of(used.margin_bottom()));
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
