//! A page's boxes (CSS Paged Media 3 §4.1).

use crate::layout::{bounded, used_edges};
use fanfold_geometry::{Edges, Px, Rect, Size};
use fanfold_style::page::PageStyle;
use fanfold_style::values::Sizing;

/// A page is at least this large and has at least this much room, whatever its margins say.
const LEAST: Px = Px(1.0);
/// And at most this large, as `size` is: places stay exact to a hundredth of a pixel. ISO 32000-2 sets no limit
/// (the 14,400 units of ISO 32000-1 annex C.2 were some viewers'), and nothing here costs by a page's area.
const MOST: Px = Px(200_000.0);

/// Boxes of a page, in pixels from its corner.
#[derive(Clone, Copy, Debug)]
pub(super) struct Geometry {
    pub(super) size: Size,
    /// The margin box inside: the border box of the page.
    pub(super) border: Rect,
    /// The page area, where content goes.
    pub(super) area: Rect,
    pub(super) margins: Edges<Px>,
    /// How far the sheet reaches beyond the page.
    pub(super) bleed: Px,
}

/// A page along one axis.
struct Extent {
    margins: (Px, Px),
    inner: Px,
}

impl Geometry {
    /// Resolves a page's size and margins. Where sizes, margins, borders and padding ask for more or
    /// less than `size`, the page is as large as they say (§4.1 of the specification).
    pub(super) fn of(style: &PageStyle) -> Self {
        let limit = |length: Px| {
            if length.is_finite() {
                length.clamp(LEAST, MOST)
            } else {
                LEAST
            }
        };
        let sheet = Size::new(limit(style.size.width), limit(style.size.height));
        let across = used_edges(&style.style, sheet.width);
        // Vertical percentages are of the page's height.
        let down = used_edges(&style.style, sheet.height);
        let border = across.border;
        let padding = Edges {
            top: down.padding.top,
            bottom: down.padding.bottom,
            ..across.padding
        };
        let box_ = &style.style.box_;
        let horizontal = extent(
            sheet.width,
            border.horizontal() + padding.horizontal(),
            (across.margin.left, across.margin.right),
            [&box_.width, &box_.max_width, &box_.min_width],
            box_.border_box,
        );
        let vertical = extent(
            sheet.height,
            border.vertical() + padding.vertical(),
            (down.margin.top, down.margin.bottom),
            [&box_.height, &box_.max_height, &box_.min_height],
            box_.border_box,
        );
        let margins = Edges {
            top: vertical.margins.0,
            right: horizontal.margins.1,
            bottom: vertical.margins.1,
            left: horizontal.margins.0,
        };
        let area = Rect::new(
            margins.left + border.left + padding.left,
            margins.top + border.top + padding.top,
            horizontal.inner.max(LEAST),
            vertical.inner.max(LEAST),
        );
        let outer = Rect::new(
            margins.left,
            margins.top,
            horizontal.inner + border.horizontal() + padding.horizontal(),
            vertical.inner + border.vertical() + padding.vertical(),
        );
        let size = Size::new(
            limit(margins.left + outer.width + margins.right),
            limit(margins.top + outer.height + margins.bottom),
        );
        let effects = &style.style.effects;
        // `auto` leaves room for marks where to cut (§7.3): 6 pt.
        let auto = if effects.marks.crop {
            Px(8.0)
        } else {
            Px::ZERO
        };
        let bleed = effects.bleed.unwrap_or(auto);
        Self {
            size,
            border: outer,
            area,
            margins,
            bleed: bounded(bleed).clamp(Px::ZERO, Px(1000.0)),
        }
    }

    /// All of the sheet that is printed, from the page's corner.
    pub(super) fn printed(&self) -> Rect {
        Rect::new(Px::ZERO, Px::ZERO, self.size.width, self.size.height)
            .inset(Edges::all(-self.bleed))
    }

    /// The page area with the page's padding around it.
    pub(super) fn area_with_padding(&self, style: &PageStyle) -> Rect {
        let used = used_edges(&style.style, self.size.width);
        self.border.inset(used.border)
    }
}

/// The size and margins of a page on one axis, as of a block in normal flow (CSS 2.2 §10.3.3, §10.4):
/// `sizes` are the size, its most and its least, `edges` borders and padding.
fn extent(
    sheet: Px,
    edges: Px,
    margins: (Option<Px>, Option<Px>),
    sizes: [&Sizing; 3],
    border_box: bool,
) -> Extent {
    let room = sheet - edges;
    let resolve = |size: &Sizing| match size {
        Sizing::Size(length) => {
            let length = bounded(length.resolve(sheet));
            let taken = if border_box { edges } else { Px::ZERO };
            Some((length - taken).max(Px::ZERO))
        }
        _ => None,
    };
    let solve = |inner: Option<Px>| match (inner, margins) {
        (None, (before, after)) => {
            let margins = (before.unwrap_or_default(), after.unwrap_or_default());
            // Below nothing where margins are larger than the sheet, which stays as it is.
            let inner = room - margins.0 - margins.1;
            Extent { margins, inner }
        }
        (Some(inner), margins) => {
            let free = room - inner;
            let margins = match margins {
                (None, None) => (free / 2.0, free / 2.0),
                (None, Some(after)) => (free - after, after),
                (Some(before), None) => (before, free - before),
                (Some(before), Some(after)) => (before, after),
            };
            Extent { margins, inner }
        }
    };
    let [size, most, least] = sizes.map(resolve);
    let mut extent = solve(size);
    if let Some(most) = most.filter(|most| extent.inner > *most) {
        extent = solve(Some(most));
    }
    if let Some(least) = least.filter(|least| extent.inner < *least) {
        extent = solve(Some(least));
    }
    extent
}
