//! Used widths, heights and edges (CSS 2.2 §10).

use super::Layout;
use crate::boxes::{BoxId, Content};
use fanfold_geometry::{Edges, Px};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{BorderSide, Display, TextAlign};
use fanfold_style::values::{AutoLength, LengthPercentage, Sizing};

/// No length in a layout is larger: far beyond any page, and sums stay exact enough.
pub(crate) const LARGEST: Px = Px(1.0e7);

/// Edges with percentages resolved.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Used {
    pub(crate) border: Edges<Px>,
    pub(crate) padding: Edges<Px>,
    /// None is `auto`.
    pub(crate) margin: Edges<Option<Px>>,
}

impl Used {
    /// Border and padding on both sides.
    pub(crate) fn horizontal(&self) -> Px {
        self.border.horizontal() + self.padding.horizontal()
    }

    /// Border and padding at top and bottom.
    pub(crate) fn vertical(&self) -> Px {
        self.border.vertical() + self.padding.vertical()
    }

    /// Border and padding at the top.
    pub(crate) fn top(&self) -> Px {
        self.border.top + self.padding.top
    }

    /// Border and padding at the bottom.
    pub(crate) fn bottom(&self) -> Px {
        self.border.bottom + self.padding.bottom
    }

    /// Border and padding on the left.
    pub(crate) fn left(&self) -> Px {
        self.border.left + self.padding.left
    }

    /// Top margin, `auto` as none.
    pub(crate) fn margin_top(&self) -> Px {
        self.margin.top.unwrap_or_default()
    }

    /// Bottom margin, `auto` as none.
    pub(crate) fn margin_bottom(&self) -> Px {
        self.margin.bottom.unwrap_or_default()
    }

    /// Left and right margins, `auto` as none.
    pub(crate) fn margin_horizontal(&self) -> Px {
        self.margin.left.unwrap_or_default() + self.margin.right.unwrap_or_default()
    }
}

/// Kept within what layout can count with; NaN is nothing.
pub(crate) fn bounded(length: Px) -> Px {
    if length.0.is_nan() {
        Px::ZERO
    } else {
        length.clamp(-LARGEST, LARGEST)
    }
}

/// Border and padding on both sides of a box, percentages as nothing: all that contents are measured with.
pub(crate) fn edges_across(style: &ComputedStyle) -> Px {
    let (sides, padding) = (&style.border.sides, &style.box_.padding);
    line_width(&sides.left)
        + line_width(&sides.right)
        + used_padding(padding.left, Px::ZERO)
        + used_padding(padding.right, Px::ZERO)
}

fn line_width(side: &BorderSide) -> Px {
    bounded(side.width).max(Px::ZERO)
}

fn used_padding(length: LengthPercentage, width: Px) -> Px {
    bounded(length.resolve(width)).max(Px::ZERO)
}

/// The edges of a box in a containing block of `width`.
pub(crate) fn used_edges(style: &ComputedStyle, width: Px) -> Used {
    let box_ = &style.box_;
    let base = if width.is_finite() { width } else { Px::ZERO };
    let pad = |length| used_padding(length, base);
    let margin = |length: AutoLength| match length {
        AutoLength::Auto => None,
        AutoLength::Length(length) => Some(bounded(length.resolve(base))),
    };
    let sides = &style.border.sides;
    Used {
        border: Edges {
            top: line_width(&sides.top),
            right: line_width(&sides.right),
            bottom: line_width(&sides.bottom),
            left: line_width(&sides.left),
        },
        padding: Edges {
            top: pad(box_.padding.top),
            right: pad(box_.padding.right),
            bottom: pad(box_.padding.bottom),
            left: pad(box_.padding.left),
        },
        margin: Edges {
            top: margin(box_.margin.top),
            right: margin(box_.margin.right),
            bottom: margin(box_.margin.bottom),
            left: margin(box_.margin.left),
        },
    }
}

/// Where a block-level box goes horizontally.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InlinePlace {
    /// Border box's left edge from the containing block's.
    pub(crate) x: Px,
    /// Border-box width.
    pub(crate) width: Px,
}

impl Layout<'_> {
    /// The content width a box of this style gets for its children, before it is laid out.
    pub(crate) fn inner_width(&self, id: BoxId, used: &Used, width: Px) -> Px {
        (self.border_width(id, used, width, width, None) - used.horizontal()).max(Px::ZERO)
    }

    /// A block-level box's border-box width where `available` is free of a containing block of
    /// `width` and `height`, which a replaced box's own may follow (CSS 2.2 §10.3.3).
    pub(crate) fn border_width(
        &self,
        id: BoxId,
        used: &Used,
        width: Px,
        available: Px,
        height: Option<Px>,
    ) -> Px {
        let box_ = self.tree.get(id);
        let style = &box_.style.box_;
        let fill = (available - used.margin_horizontal()).max(Px::ZERO);
        let shrinks = !box_.in_flow()
            || matches!(box_.content, Content::Table(_))
            || matches!(
                style.display,
                Display::InlineBlock
                    | Display::InlineFlex
                    | Display::InlineGrid
                    | Display::InlineTable
            );
        if matches!(box_.content, Content::Replaced(_)) {
            return self.replaced_border_size(id, width, height).width;
        }
        let auto = match style.width {
            Sizing::Stretch => fill,
            _ => {
                let auto = if shrinks {
                    self.shrink(id, used, fill)
                } else {
                    fill
                };
                self.ratio_width(id, used, height, auto)
            }
        };
        self.constrained_width(id, used, width, auto)
    }

    /// Shrink-to-fit border-box width (CSS 2.2 §10.3.5).
    pub(crate) fn shrink(&self, id: BoxId, used: &Used, available: Px) -> Px {
        let (min, max) = self.intrinsic(id);
        let edges = self.intrinsic_edges(id, used);
        (max + edges).min(available.max(min + edges))
    }

    /// `width` with `min-width` and `max-width` applied; `auto` is the border-box width for `auto` and `stretch`.
    pub(crate) fn constrained_width(&self, id: BoxId, used: &Used, base: Px, auto: Px) -> Px {
        let style = &self.tree.style(id).box_;
        let edges = used.horizontal();
        let resolve = |size: &Sizing| self.width_of(id, size, used, base);
        let own = (style.width != Sizing::Stretch).then(|| resolve(&style.width));
        let mut width = own.flatten().unwrap_or(auto);
        if let Some(max) = resolve(&style.max_width) {
            width = width.min(max);
        }
        if let Some(min) = resolve(&style.min_width) {
            width = width.max(min);
        }
        // A table is never narrower than its content (CSS 2.2 §17.5.2).
        let least = match self.tree.get(id).content {
            Content::Table(ref table) => self.least_table_width(id, table, width),
            _ => edges,
        };
        bounded(width).max(least)
    }

    /// A width value as border-box width; none is `auto`.
    fn width_of(&self, id: BoxId, size: &Sizing, used: &Used, base: Px) -> Option<Px> {
        let edges = used.horizontal();
        // The content's size follows from the height too (CSS Sizing 4 §5.2).
        let by_ratio = |width: Px| Some(self.ratio_width(id, used, None, width));
        match size {
            Sizing::Auto => None,
            Sizing::Size(length) => {
                let length = bounded(length.resolve(base)).max(Px::ZERO);
                let whole = self.border_sized(id);
                Some(if whole {
                    length.max(edges)
                } else {
                    length + edges
                })
            }
            Sizing::MinContent => by_ratio(self.intrinsic(id).0 + edges),
            Sizing::MaxContent => by_ratio(self.intrinsic(id).1 + edges),
            Sizing::FitContent => by_ratio(self.shrink(id, used, base)),
            Sizing::FitContentUpTo(length) => {
                Some(self.fitting(id, used, bounded(length.resolve(base))))
            }
            Sizing::Stretch => Some((base - used.margin_horizontal()).max(edges)),
        }
    }

    /// The border-box width of `fit-content(length)` (CSS Sizing 3 §3.2).
    pub(crate) fn fitting(&self, id: BoxId, used: &Used, length: Px) -> Px {
        let edges = used.horizontal();
        let taken = if self.border_sized(id) {
            edges
        } else {
            Px::ZERO
        };
        let (min, max) = self.intrinsic(id);
        (length - taken).max(min).min(max) + edges
    }

    /// Whether sizes are of the border box.
    pub(crate) fn border_sized(&self, id: BoxId) -> bool {
        self.tree.get(id).style.box_.border_box
    }

    /// A height value as border-box height; none is `auto`, also for percentages of no height.
    pub(crate) fn height_of(
        &self,
        style: &ComputedStyle,
        size: &Sizing,
        used: &Used,
        base: Option<Px>,
    ) -> Option<Px> {
        let length = match size {
            Sizing::Size(length) => length,
            Sizing::Stretch => {
                let margins = used.margin_top() + used.margin_bottom();
                return base.map(|base| (base - margins).max(used.vertical()));
            }
            _ => return None,
        };
        if length.has_percentage() && base.is_none() {
            return None;
        }
        let length = bounded(length.resolve(base.unwrap_or_default())).max(Px::ZERO);
        let edges = used.vertical();
        Some(if style.box_.border_box {
            length.max(edges)
        } else {
            length + edges
        })
    }

    /// Border-box height with `min-height` and `max-height` applied to `height`.
    pub(crate) fn constrained_height(
        &self,
        style: &ComputedStyle,
        used: &Used,
        base: Option<Px>,
        height: Px,
    ) -> Px {
        let mut height = height;
        if let Some(max) = self.height_of(style, &style.box_.max_height, used, base) {
            height = height.min(max);
        }
        if let Some(min) = self.height_of(style, &style.box_.min_height, used, base) {
            height = height.max(min);
        }
        height
    }

    /// Width and place of an in-flow block-level box between `left` and `right` of its containing
    /// block (CSS 2.2 §10.3.3), whose width and height are `base`; `parent` decides the direction and legacy
    /// alignment.
    pub(crate) fn place_block(
        &self,
        id: BoxId,
        used: &Used,
        parent: &ComputedStyle,
        base: (Px, Option<Px>),
        left: Px,
        right: Px,
    ) -> InlinePlace {
        let available = (right - left).max(Px::ZERO);
        let width = self.border_width(id, used, base.0, available, base.1);
        let room = available - width;
        let free = room - used.margin_horizontal();
        let x = match (used.margin.left, used.margin.right) {
            (None, None) => (room / 2.0).max(Px::ZERO),
            (None, Some(right)) => (room - right).max(Px::ZERO),
            (Some(left), None) => left,
            (Some(left), Some(right)) => match parent.text.align {
                TextAlign::LegacyCenter if free > Px::ZERO => left + free / 2.0,
                TextAlign::LegacyRight if free > Px::ZERO => left + free,
                TextAlign::LegacyLeft => left,
                // Over-constrained: the end margin gives way (§10.3.3).
                _ if parent.text.rtl => room - right,
                _ => left,
            },
        };
        InlinePlace { x: left + x, width }
    }
}
