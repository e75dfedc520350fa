//! Replaced elements (CSS 2.2 §10.3.2, §10.4).

use super::sizing::bounded;
use super::{Laid, Layout, MarginSet, Outcome, Resume, Space, Used, used_edges};
use crate::boxes::{BoxId, Content};
use crate::fragment::{BoxFragment, Fragment, Kind};
use fanfold_geometry::{Px, Size};
use fanfold_style::values::Sizing;

/// The size of what has none of its own (CSS 2.2 §10.3.2).
const DEFAULT: Size = Size::new(Px(300.0), Px(150.0));

impl Layout<'_> {
    /// The content-box size of a replaced element in a containing block of `width`.
    pub(crate) fn replaced_size(
        &self,
        id: BoxId,
        used: &Used,
        width: Px,
        height: Option<Px>,
    ) -> Size {
        let box_ = self.tree.get(id);
        let style = &box_.style.box_;
        let Content::Replaced(replaced) = &box_.content else {
            return Size::default();
        };
        let natural = replaced.natural;
        let preferred = style.aspect_ratio;
        let ratio = (preferred.filter(|preferred| !preferred.auto))
            .map(|preferred| preferred.ratio)
            .or(natural.ratio())
            .or(preferred.map(|preferred| preferred.ratio))
            .filter(|ratio| ratio.is_finite() && *ratio > 0.0);
        let across = |size: &Sizing| match size {
            Sizing::Size(length) if length.has_percentage() && width <= Px::ZERO => None,
            Sizing::Size(length) => {
                let length = bounded(length.resolve(width));
                let edges = if style.border_box {
                    used.horizontal()
                } else {
                    Px::ZERO
                };
                Some((length - edges).max(Px::ZERO))
            }
            _ => None,
        };
        let down = |size: &Sizing| {
            self.height_of(&box_.style, size, used, height)
                .map(|height| height - used.vertical())
        };
        let (set_width, set_height) = (across(&style.width), down(&style.height));
        let by_height = |height: Px| ratio.map(|ratio| height * ratio);
        let by_width = |width: Px| ratio.map(|ratio| width / ratio);
        let mut size = match (set_width, set_height) {
            (Some(width), Some(height)) => Size::new(width, height),
            (Some(width), None) => Size::new(
                width,
                by_width(width).or(natural.height).unwrap_or(DEFAULT.height),
            ),
            (None, Some(height)) => Size::new(
                by_height(height).or(natural.width).unwrap_or(DEFAULT.width),
                height,
            ),
            (None, None) => {
                let across = natural
                    .width
                    .or_else(|| natural.height.and_then(by_height))
                    // Proportions alone fill the containing block.
                    .or_else(|| ratio.map(|_| (width - used.horizontal()).max(Px::ZERO)))
                    .unwrap_or(DEFAULT.width);
                let fits = preferred.is_none_or(|preferred| preferred.auto);
                let down = natural.height.filter(|_| fits).or_else(|| by_width(across));
                Size::new(across, down.unwrap_or(DEFAULT.height))
            }
        };
        let max_width = across(&style.max_width).unwrap_or(Px::INFINITY);
        let min_width = across(&style.min_width).unwrap_or_default();
        let max_height = down(&style.max_height).unwrap_or(Px::INFINITY);
        let min_height = down(&style.min_height).unwrap_or_default();
        // Bounds on one side carry over to the other where that is free (§10.4's table).
        let wide = size.width.clamp(min_width, max_width);
        if wide != size.width {
            size.width = wide;
            if set_height.is_none() {
                size.height = by_width(wide).unwrap_or(size.height);
            }
        }
        let tall = size.height.clamp(min_height, max_height);
        if tall != size.height {
            size.height = tall;
            if set_width.is_none() {
                let width = by_height(tall).unwrap_or(size.width);
                size.width = width.clamp(min_width, max_width);
            }
        }
        Size::new(bounded(size.width), bounded(size.height))
    }

    /// Border-box size of a replaced element.
    pub(crate) fn replaced_border_size(&self, id: BoxId, width: Px, height: Option<Px>) -> Size {
        let used = used_edges(self.tree.style(id), width);
        let size = self.replaced_size(id, &used, width, height);
        Size::new(
            size.width + used.horizontal(),
            size.height + used.vertical(),
        )
    }

    /// A replaced box; taller than a page with its lower margin, it is cut at the page's end and goes on.
    pub(crate) fn replaced(
        &self,
        id: BoxId,
        width: Px,
        space: Space,
        resume: Option<&Resume>,
    ) -> Outcome {
        let used = used_edges(self.tree.style(id), space.width);
        let content = self.replaced_size(id, &used, space.width, space.height);
        let whole = content.height + used.vertical();
        let consumed = match resume {
            Some(Resume::Slice { consumed }) => *consumed,
            _ => Px::ZERO,
        };
        let rest = (whole - consumed).max(Px::ZERO);
        if space.overflows(rest) && !space.at_top {
            return Outcome::Before;
        }
        // What reaches no farther than the page's margin is seen there: better than a strip of it on a
        // page of its own (CSS Fragmentation 3 §4.1 leaves both open).
        let seen = if space.in_column || consumed > Px::ZERO {
            Px::ZERO
        } else {
            self.bleed.get()
        };
        let cut = space.overflows(rest - seen) && space.left >= Px(1.0);
        let height = if cut { space.left } else { rest };
        let mut fragment = Fragment::new(
            Kind::Box(BoxFragment {
                id,
                border: used.border,
                padding: used.padding,
                first: resume.is_none(),
                last: !cut,
                consumed,
                bare: false,
            }),
            Size::new(width, height),
        );
        fragment.last_baseline = Some(height);
        Outcome::Laid(Laid {
            resume: cut.then_some(Resume::Slice {
                consumed: consumed + height,
            }),
            end: MarginSet::of(if cut { Px::ZERO } else { used.margin_bottom() }),
            ..Laid::whole(fragment)
        })
    }
}
