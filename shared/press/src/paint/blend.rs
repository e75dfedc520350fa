//! `mix-blend-mode` and `isolation` (CSS Compositing 1 §2, §5).

use super::{Painter, is_stacking_context};
use fanfold_paint::{BlendMode, Item};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::MixBlendMode;

impl Painter<'_> {
    /// The group that a box of this style is painted in: mixed with what is below, or, as a stacking context, so that
    /// what is mixed inside is mixed with what is in it alone (§3). Where nothing is mixed, none is needed.
    pub(super) fn blended(&self, style: &ComputedStyle) -> Option<Item> {
        let groups = self.layout.tree.blends && is_stacking_context(style);
        groups.then(|| Item::PushBlend(mode_of(style)))
    }
}

/// Whether a box of this style makes a stacking context by these properties.
pub(super) fn is_group(style: &ComputedStyle) -> bool {
    style.effects.isolates || is_mixed(style)
}

/// Whether what is painted for a box is mixed with what is below.
pub(crate) fn is_mixed(style: &ComputedStyle) -> bool {
    style.effects.blend_mode != MixBlendMode::Normal
}

/// The mode that a box's group is mixed by.
pub(super) fn mode_of(style: &ComputedStyle) -> BlendMode {
    match style.effects.blend_mode {
        MixBlendMode::Normal => BlendMode::Normal,
        MixBlendMode::Multiply => BlendMode::Multiply,
        MixBlendMode::Screen => BlendMode::Screen,
        MixBlendMode::Overlay => BlendMode::Overlay,
        MixBlendMode::Darken => BlendMode::Darken,
        MixBlendMode::Lighten => BlendMode::Lighten,
        MixBlendMode::ColorDodge => BlendMode::ColorDodge,
        MixBlendMode::ColorBurn => BlendMode::ColorBurn,
        MixBlendMode::HardLight => BlendMode::HardLight,
        MixBlendMode::SoftLight => BlendMode::SoftLight,
        MixBlendMode::Difference => BlendMode::Difference,
        MixBlendMode::Exclusion => BlendMode::Exclusion,
        MixBlendMode::Hue => BlendMode::Hue,
        MixBlendMode::Saturation => BlendMode::Saturation,
        MixBlendMode::Color => BlendMode::Color,
        MixBlendMode::Luminosity => BlendMode::Luminosity,
    }
}
