//! Multi-column properties (CSS Multi-column Layout 1).

use super::BorderSide;
use fanfold_geometry::Px;

/// What makes a block container one with columns, and what concerns columns around a box.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColumnStyle {
    /// `column-count`; none is `auto`.
    pub count: Option<u32>,
    /// `column-width`; none is `auto`.
    pub width: Option<Px>,
    /// `column-rule`.
    pub rule: BorderSide,
    /// `column-fill: auto`: columns are filled one after the other, not balanced.
    pub sequential: bool,
    /// `column-span: all`.
    pub span_all: bool,
}

impl ColumnStyle {
    /// Whether a block container with it lays its content out in columns (§2).
    #[must_use]
    pub fn is_multicol(&self) -> bool {
        self.count.is_some() || self.width.is_some()
    }
}
