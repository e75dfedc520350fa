//! Preferred aspect ratios of boxes that are not replaced (CSS Sizing 4 §5).

use super::sizing::bounded;
use super::{Layout, Used};
use crate::boxes::{BoxId, Content};
use fanfold_geometry::Px;
use fanfold_style::computed::{AspectRatio, Display};
use fanfold_style::values::Sizing;

impl Layout<'_> {
    /// The ratio that a box's automatic sizes follow.
    pub(crate) fn preferred_ratio(&self, id: BoxId) -> Option<AspectRatio> {
        let box_ = self.tree.get(id);
        let own = &box_.style.box_;
        let applies = !matches!(box_.content, Content::Replaced(_) | Content::Table(_))
            && own.display != Display::TableCell;
        own.aspect_ratio.filter(|_| applies)
    }

    /// The border-box height that follows from a border box of `width`.
    pub(crate) fn ratio_height(&self, id: BoxId, used: &Used, width: Px) -> Option<Px> {
        let ratio = self.preferred_ratio(id)?;
        let height = if self.is_of_border_box(id, ratio) {
            (width / ratio.ratio).max(used.vertical())
        } else {
            (width - used.horizontal()).max(Px::ZERO) / ratio.ratio + used.vertical()
        };
        Some(bounded(height))
    }

    /// A box's automatic border-box width: from its height where that is known, else `auto` within the
    /// limits that those of its height are (§5.1, §5.2). `base` is the containing block's height.
    pub(crate) fn ratio_width(&self, id: BoxId, used: &Used, base: Option<Px>, auto: Px) -> Px {
        let Some(ratio) = self.preferred_ratio(id) else {
            return auto;
        };
        let style = self.tree.style(id);
        let across = |size: &Sizing| {
            let height = self.height_of(style, size, used, base)?;
            Some(self.width_by(id, ratio, used, height))
        };
        let own = &style.box_;
        if let Some(height) = self.height_of(style, &own.height, used, base) {
            let height = self.constrained_height(style, used, base, height);
            let width = self.width_by(id, ratio, used, height);
            return width.max(self.automatic_minimum(id, used));
        }
        let most = across(&own.max_height).unwrap_or(Px::INFINITY);
        let least = across(&own.min_height).unwrap_or_default();
        auto.min(most).max(least)
    }

    /// What a width that follows from a height is not below (§5.3).
    fn automatic_minimum(&self, id: BoxId, used: &Used) -> Px {
        let own = &self.tree.style(id).box_;
        if own.clips || own.min_width != Sizing::Auto {
            return Px::ZERO;
        }
        self.intrinsic(id).0 + used.horizontal()
    }

    /// The border-box width that follows from a border box of `height`.
    pub(crate) fn width_by(&self, id: BoxId, ratio: AspectRatio, used: &Used, height: Px) -> Px {
        bounded(if self.is_of_border_box(id, ratio) {
            (height * ratio.ratio).max(used.horizontal())
        } else {
            (height - used.vertical()).max(Px::ZERO) * ratio.ratio + used.horizontal()
        })
    }

    fn is_of_border_box(&self, id: BoxId, ratio: AspectRatio) -> bool {
        self.border_sized(id) && !ratio.auto
    }
}
