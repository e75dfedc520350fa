//! Computed values: what the cascade leaves for layout and paint, lengths already in [`Px`].
//!
//! Inherited groups are shared by `Arc`, so a child that changes nothing costs a pointer.

mod boxes;
mod font;
mod generated;
mod paint;
mod text;

pub use boxes::*;
pub use font::*;
pub use generated::*;
pub use paint::*;
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
    /// Opacity, transforms, outline and what else only paint reads.
    pub effects: Arc<EffectStyle>,
    /// `content`, counters and other generated content.
    pub generated: Arc<GeneratedStyle>,
}
