//! `@page`: page sizes, margins and margin boxes (CSS Paged Media 3).

use crate::ComputedStyle;
use fanfold_geometry::{Px, Size};
use std::sync::Arc;

/// `size: auto`: A4, 210 mm × 297 mm.
pub(crate) const A4: Size = Size::new(Px(210.0 * 96.0 / 25.4), Px(297.0 * 96.0 / 25.4));

/// Which page is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PageSelector<'a> {
    /// The named page (`page: chapter`), if any.
    pub name: Option<&'a str>,
    /// 0 for the document's first page.
    pub index: usize,
    /// A page left empty by a forced break to a side.
    pub blank: bool,
    /// The page is a right-hand page.
    pub right: bool,
    /// The elements with a page name that it is a page of, and the how-manieth, from 0 (CSS GCPM 3 §2.4,
    /// page groups).
    pub groups: &'a [(Arc<str>, usize)],
}

/// What decides a page: equal keys of a document have equal [`PageStyle`]s.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PageKey(
    /// The rules that match, each with its specificity.
    pub(crate) Box<[(u32, u32)]>,
);

/// A page's size and boxes.
#[derive(Clone, Debug)]
pub struct PageStyle {
    /// The page box's outer size.
    pub size: Size,
    /// Margins, borders, padding and background of the page area.
    pub style: ComputedStyle,
    /// The margin boxes that have content, in paint order.
    pub margin_boxes: Vec<(MarginBox, ComputedStyle)>,
    /// The footnote area (CSS GCPM 3 §2.3).
    pub footnotes: ComputedStyle,
}

/// The sixteen margin boxes (CSS Paged Media 3 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum MarginBox {
    TopLeftCorner,
    TopLeft,
    TopCenter,
    TopRight,
    TopRightCorner,
    RightTop,
    RightMiddle,
    RightBottom,
    BottomRightCorner,
    BottomRight,
    BottomCenter,
    BottomLeft,
    BottomLeftCorner,
    LeftBottom,
    LeftMiddle,
    LeftTop,
}
