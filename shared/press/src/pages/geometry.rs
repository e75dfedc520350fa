//! A page's boxes (CSS Paged Media 3 §4.1).

use crate::layout::used_edges;
use fanfold_geometry::{Edges, Px, Rect, Size};
use fanfold_style::page::PageStyle;

/// A page has at least this much room, whatever its margins say.
const LEAST: Px = Px(1.0);

/// Boxes of a page, in pixels from its corner.
#[derive(Clone, Copy, Debug)]
pub(super) struct Geometry {
    pub(super) size: Size,
    /// The margin box inside: the border box of the page.
    pub(super) border: Rect,
    /// The page area, where content goes.
    pub(super) area: Rect,
    pub(super) margins: Edges<Px>,
}

impl Geometry {
    /// Resolves a page's size and margins.
    pub(super) fn of(style: &PageStyle) -> Self {
        let limit = |length: Px| {
            if length.is_finite() {
                length.clamp(Px(4.0), Px(20_000.0))
            } else {
                Px(4.0)
            }
        };
        let size = Size::new(limit(style.size.width), limit(style.size.height));
        let across = used_edges(&style.style, size.width);
        // Vertical percentages are of the page's height.
        let down = used_edges(&style.style, size.height);
        let margins = Edges {
            top: down.margin.top.unwrap_or_default(),
            bottom: down.margin.bottom.unwrap_or_default(),
            left: across.margin.left.unwrap_or_default(),
            right: across.margin.right.unwrap_or_default(),
        };
        let border = Rect::new(Px::ZERO, Px::ZERO, size.width, size.height).inset(margins);
        let mut area = border.inset(across.border).inset(across.padding);
        area.width = area.width.max(LEAST);
        area.height = area.height.max(LEAST);
        Self {
            size,
            border,
            area,
            margins,
        }
    }

    /// The page area with the page's padding around it.
    pub(super) fn area_with_padding(&self, style: &PageStyle) -> Rect {
        let used = used_edges(&style.style, self.size.width);
        self.border.inset(used.border)
    }
}
