//! `mix-blend-mode` and `isolation` (CSS Compositing 1 §2, §5).

use super::{Painter, is_stacking_context};
use fanfold_geometry::BlendMode;
use fanfold_paint::Item;
use fanfold_style::ComputedStyle;

impl Painter<'_> {
    /// The group that a box of this style is painted in: mixed with what is below, or, as a stacking context, so that
    /// what is mixed inside is mixed with what is in it alone (§3). Where nothing is mixed, none is needed, and
    /// that of its opacity is one.
    pub(super) fn blended(&self, style: &ComputedStyle) -> Option<Item> {
        let isolates = self.layout.tree.blends && is_stacking_context(style);
        let groups = is_mixed(style) || isolates && style.effects.opacity >= 1.0;
        groups.then(|| Item::PushBlend(style.effects.blend_mode))
    }
}

/// Whether a box of this style makes a stacking context by these properties.
pub(super) fn is_group(style: &ComputedStyle) -> bool {
    style.effects.isolates || is_mixed(style)
}

/// Whether what is painted for a box is mixed with what is below.
pub(crate) fn is_mixed(style: &ComputedStyle) -> bool {
    style.effects.blend_mode != BlendMode::Normal
}
