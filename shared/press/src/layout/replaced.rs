//! Replaced elements (CSS 2.2 §10.3.2, §10.4).

use super::sizing::bounded;
use super::{Laid, Layout, MarginSet, Outcome, Resume, Space, TOLERANCE, Used, used_edges};
use crate::boxes::{BoxId, Content};
use crate::fragment::{BoxFragment, Fragment, Kind};
use fanfold_geometry::{Px, Size};
use fanfold_style::ComputedStyle;
use fanfold_style::values::Sizing;

/// The size of what has none of its own (CSS 2.2 §10.3.2).
const DEFAULT: Size = Size::new(Px(300.0), Px(150.0));

impl Layout<'_> {
    /// The content-box size of a replaced element in a containing block of `width`, where that is known, and `height`.
    pub(crate) fn replaced_size(
        &self,
        id: BoxId,
        used: &Used,
        width: Option<Px>,
        height: Option<Px>,
    ) -> Size {
        let style = self.tree.style(id);
        let across = |size: &Sizing| across(style, used, width, size);
        let down = |size: &Sizing| self.replaced_down(id, used, height, size);
        let (set_width, set_height) = (across(&style.box_.width), down(&style.box_.height));
        let mut size = self.replaced_natural(id, used, width, (set_width, set_height));
        let ratio = self.replaced_ratio(id);
        let by_height = |height: Px| ratio.map(|ratio| height * ratio);
        let by_width = |width: Px| ratio.map(|ratio| width / ratio);
        let max_width = across(&style.box_.max_width).unwrap_or(Px::INFINITY);
        let min_width = across(&style.box_.min_width).unwrap_or_default();
        let max_height = down(&style.box_.max_height).unwrap_or(Px::INFINITY);
        let min_height = down(&style.box_.min_height).unwrap_or_default();
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

    /// Of the sizes of a replaced element, what is set of its content's height.
    fn replaced_down(&self, id: BoxId, used: &Used, base: Option<Px>, size: &Sizing) -> Option<Px> {
        self.height_of(self.tree.style(id), size, used, base)
            .map(|height| height - used.vertical())
    }

    /// The ratio of width and height that a replaced element's content keeps.
    pub(crate) fn replaced_ratio(&self, id: BoxId) -> Option<f32> {
        let box_ = self.tree.get(id);
        let Content::Replaced(replaced) = &box_.content else {
            return None;
        };
        let preferred = box_.style.box_.aspect_ratio;
        (preferred.filter(|preferred| !preferred.auto))
            .map(|preferred| preferred.ratio)
            .or(replaced.natural.ratio())
            .or(preferred.map(|preferred| preferred.ratio))
            .filter(|ratio| ratio.is_finite() && *ratio > 0.0)
    }

    /// The content-box width of a replaced element as if it had no `width` of its own, nor limits to it: natural, or
    /// what follows from its height and the limits to that (CSS Flexbox 1 §4.5, the content size suggestion). Proportions
    /// alone fill `room`. `cross` is the border-box height that it is stretched to, `height` that of the containing block.
    pub(crate) fn replaced_content_width(
        &self,
        id: BoxId,
        used: &Used,
        room: Option<Px>,
        cross: Option<Px>,
        height: Option<Px>,
    ) -> Px {
        let own = &self.tree.style(id).box_;
        let down = |size: &Sizing| self.replaced_down(id, used, height, size);
        let stretched = cross.map(|cross| (cross - used.vertical()).max(Px::ZERO));
        let set = down(&own.height).or(stretched);
        let width = self.replaced_natural(id, used, room, (None, set)).width;
        let Some(ratio) = self.replaced_ratio(id) else {
            return width;
        };
        let most = down(&own.max_height).unwrap_or(Px::INFINITY) * ratio;
        let least = down(&own.min_height).unwrap_or_default() * ratio;
        bounded(width.clamp(least, most))
    }

    /// The content-box height of a replaced element that is given a border-box `width`, as by flexing or stretching.
    pub(crate) fn replaced_height(
        &self,
        id: BoxId,
        used: &Used,
        width: Px,
        height: Option<Px>,
    ) -> Px {
        let own = &self.tree.style(id).box_;
        let width = (width - used.horizontal()).max(Px::ZERO);
        let down = |size: &Sizing| self.replaced_down(id, used, height, size);
        let natural = || match self.replaced_ratio(id) {
            Some(ratio) => width / ratio,
            None => {
                self.replaced_natural(id, used, None, (Some(width), None))
                    .height
            }
        };
        let tall = down(&own.height).unwrap_or_else(natural);
        let most = down(&own.max_height).unwrap_or(Px::INFINITY);
        let least = down(&own.min_height).unwrap_or_default();
        bounded(tall.clamp(least, most))
    }

    /// The content-box size of what is not set, without its limits, in a containing block of `width`.
    fn replaced_natural(
        &self,
        id: BoxId,
        used: &Used,
        width: Option<Px>,
        (set_width, set_height): (Option<Px>, Option<Px>),
    ) -> Size {
        let box_ = self.tree.get(id);
        let Content::Replaced(replaced) = &box_.content else {
            return Size::default();
        };
        let natural = replaced.natural;
        let preferred = box_.style.box_.aspect_ratio;
        let ratio = self.replaced_ratio(id);
        let width = width.unwrap_or_default();
        let by_height = |height: Px| ratio.map(|ratio| height * ratio);
        let by_width = |width: Px| ratio.map(|ratio| width / ratio);
        match (set_width, set_height) {
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
        }
    }

    /// Whether it is a replaced element that is as wide as it would be anywhere, and not `stretched`.
    pub(crate) fn keeps_width(&self, id: BoxId, stretched: bool) -> bool {
        let box_ = self.tree.get(id);
        let stretches = stretched && box_.style.box_.width == Sizing::Auto;
        matches!(box_.content, Content::Replaced(_)) && !stretches
    }

    /// Border-box size of a replaced element.
    pub(crate) fn replaced_border_size(&self, id: BoxId, width: Px, height: Option<Px>) -> Size {
        let used = used_edges(self.tree.style(id), width);
        let size = self.replaced_size(id, &used, Some(width), height);
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
        let own = self.replaced_size(id, &used, Some(space.width), space.height);
        let flexed = (own.width + used.horizontal() - width).abs() > TOLERANCE;
        let height = if flexed {
            self.replaced_height(id, &used, width, space.height)
        } else {
            own.height
        };
        // Or what a container gives it.
        let imposed = self.imposed_height(id);
        let whole = imposed.unwrap_or(height + used.vertical());
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

/// Of the sizes of a replaced element, what is set of its content's width; percentages are of `base`, where that is
/// known.
fn across(style: &ComputedStyle, used: &Used, base: Option<Px>, size: &Sizing) -> Option<Px> {
    let Sizing::Size(length) = size else {
        return None;
    };
    let length = match base {
        Some(base) => length.resolve(base),
        None => length.to_length()?,
    };
    let edges = if style.box_.border_box {
        used.horizontal()
    } else {
        Px::ZERO
    };
    Some((bounded(length) - edges).max(Px::ZERO))
}
