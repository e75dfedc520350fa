//! Computed values: what the cascade leaves for layout and paint, lengths already in [`Px`].
//!
//! Inherited groups are shared by `Arc`, so a child that changes nothing costs a pointer.

mod boxes;
mod columns;
mod font;
mod generated;
mod grid;
mod paint;
mod shape;
mod text;

pub use boxes::*;
pub use columns::*;
pub use font::*;
pub use generated::*;
pub use grid::*;
pub use paint::*;
pub use shape::*;
pub use text::*;

use std::sync::Arc;

/// All computed values of one element or pseudo-element.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ComputedStyle {
    /// Font selection (inherited).
    pub font: Arc<FontStyle>,
    /// Text, list, table and quote properties that inherit.
    pub text: Arc<InheritedStyle>,
    /// The box itself (not inherited).
    pub box_: BoxStyle,
    /// Border sides and radii.
    pub border: Arc<BorderStyle>,
    /// Backgrounds.
    pub background: Arc<BackgroundStyle>,
    /// Fragmentation.
    pub breaks: BreakStyle,
    /// Columns.
    pub columns: Arc<ColumnStyle>,
    /// Grid tracks and places.
    pub grid: Arc<GridStyle>,
    /// Opacity, transforms, outline and what else only paint reads.
    pub effects: Arc<EffectStyle>,
    /// `content`, counters and other generated content.
    pub generated: Arc<GeneratedStyle>,
}

/// Takes over each field that is inherited: it is as `from` has it, and `to` has it otherwise.
macro_rules! take_over {
    ($own:expr, $from:expr, $to:expr; $($field:ident)*) => {$(
        if $from.$field != $to.$field && $own.$field == $from.$field {
            $own.$field = $to.$field.clone();
        }
    )*};
}

impl ComputedStyle {
    /// This style as it would be, had it inherited from `to` what it has from `from`: inside
    /// `::first-line` and `::first-letter` of the element with style `from`, those are `to`
    /// (CSS Pseudo-Elements 4 §2.1.4).
    ///
    /// A value that is set on the element itself to just what `from` has counts as inherited.
    #[must_use]
    pub fn inheriting(&self, from: &Self, to: &Self) -> Self {
        let mut style = self.clone();
        if from.font != to.font {
            let font = Arc::make_mut(&mut style.font);
            take_over!(font, from.font, to.font;
                families size weight slant stretch features kerning variants);
        }
        if from.text != to.text {
            let text = Arc::make_mut(&mut style.text);
            take_over!(text, from.text, to.text;
                color line_height letter_spacing word_spacing transform visibility);
        }
        style
    }
}
