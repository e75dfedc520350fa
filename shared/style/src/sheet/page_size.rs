//! The `size` descriptor (CSS Paged Media 3 §7.1).

use crate::css::numeric::{Distance, Units, positive_distance};
use crate::css::problem::invalid;
use crate::css::{Parse, keyword};
use crate::page::A4;
use cssparser::Parser;
use fanfold_geometry::{Px, Size};

/// `size` as specified.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PageSize {
    /// A named size, turned if need be; `auto` is A4.
    Named(Size),
    /// Lengths.
    Lengths(Distance, Distance),
}

/// The longest side of a page. Over 19,200 px, which are 14,400 units, some viewers of PDF 1.x show less
/// of it (ISO 32000-1 annex C.2); the limit here keeps places exact to a hundredth of a pixel.
const LARGEST_SIDE: Px = Px(200_000.0);

impl PageSize {
    /// The size in px; a page without extent is A4.
    pub(crate) fn resolve(&self, units: &Units) -> Size {
        let size = match self {
            Self::Named(size) => *size,
            Self::Lengths(width, height) => {
                let px =
                    |length: &Distance| length.0.resolve(units).to_length().unwrap_or_default();
                Size::new(px(width), px(height))
            }
        };
        let side = |length: Px| length.clamp(Px(1.0), LARGEST_SIDE);
        if size.width.0 <= 0.0 || size.height.0 <= 0.0 {
            return A4;
        }
        Size::new(side(size.width), side(size.height))
    }
}

const fn mm(width: f32, height: f32) -> Size {
    Size::new(Px(width * 96.0 / 25.4), Px(height * 96.0 / 25.4))
}

const fn inches(width: f32, height: f32) -> Size {
    Size::new(Px(width * 96.0), Px(height * 96.0))
}

/// Parses `size`.
pub(crate) fn parse(input: &mut Parser<'_>) -> Parse<PageSize> {
    if input
        .try_parse(|input| input.expect_ident_matching("auto"))
        .is_ok()
    {
        return Ok(PageSize::Named(A4));
    }
    if let Ok(width) = input.try_parse(positive_distance) {
        let height = input
            .try_parse(positive_distance)
            .unwrap_or_else(|_| width.clone());
        return Ok(PageSize::Lengths(width, height));
    }
    let sizes = [
        ("a3", mm(297.0, 420.0)),
        ("a4", A4),
        ("a5", mm(148.0, 210.0)),
        ("a6", mm(105.0, 148.0)),
        ("a2", mm(420.0, 594.0)),
        ("a1", mm(594.0, 841.0)),
        ("a0", mm(841.0, 1189.0)),
        ("b3", mm(353.0, 500.0)),
        ("b4", mm(250.0, 353.0)),
        ("b5", mm(176.0, 250.0)),
        ("jis-b4", mm(257.0, 364.0)),
        ("jis-b5", mm(182.0, 257.0)),
        ("letter", inches(8.5, 11.0)),
        ("legal", inches(8.5, 14.0)),
        ("ledger", inches(11.0, 17.0)),
    ];
    let orientations = [("portrait", false), ("landscape", true)];
    let (mut size, mut landscape) = (None, None);
    while !input.is_exhausted() {
        if size.is_none()
            && let Ok(named) = input.try_parse(|input| keyword(input, &sizes))
        {
            size = Some(named);
        } else if landscape.is_none() {
            landscape = Some(keyword(input, &orientations)?);
        } else {
            return Err(invalid());
        }
    }
    if size.is_none() && landscape.is_none() {
        return Err(invalid());
    }
    let size = size.unwrap_or(A4);
    Ok(PageSize::Named(match landscape {
        Some(true) => Size::new(size.height.max(size.width), size.height.min(size.width)),
        _ => size,
    }))
}
