//! Replaced elements, what stands in for them, and whose overflow is the viewport's.

use super::Builder;
use crate::boxes::{Replaced, svg_source};
use crate::images::Natural;
use fanfold_geometry::Px;
use fanfold_style::dom::Element;
use fanfold_style::{ComputedStyle, NodeId};

/// What is drawn for an image that cannot be had.
pub(super) const MISSING: Natural = Natural {
    width: Some(Px::ZERO),
    height: Some(Px::ZERO),
    ratio: None,
};

impl Builder<'_> {
    /// What an element is replaced by; none where it is an ordinary one, or there is nothing to
    /// replace it by and what is inside stands in (HTML §15.4).
    pub(super) fn replaced(
        &self,
        node: NodeId,
        element: &Element,
        style: &ComputedStyle,
    ) -> Option<Replaced> {
        let attribute = |name: &str| {
            let text = element.attribute(name)?.trim().trim_end_matches("px");
            text.parse::<f32>()
                .ok()
                .filter(|value| value.is_finite() && *value >= 0.0)
                .map(Px)
        };
        let images = self.input.images;
        let load = |name: &str| {
            let url = element.attribute(name)?.trim();
            if url.is_empty() {
                return None;
            }
            let image = images.load(&self.input.styled.url(url))?;
            Some(image.oriented(style))
        };
        let image = match &*element.name {
            "img" => Some(load("src")?),
            "embed" => Some(load("src")?),
            "input" if has_type(element, "image") => Some(load("src")?),
            "object" => Some(load("data")?),
            "svg" if &*element.namespace == svg_source::NAMESPACE => {
                let text = svg_source::serialized(&self.input.styled.dom, node, style);
                images.inline(&text, self.input.styled)
            }
            "video" | "audio" | "iframe" => None,
            _ => return None,
        };
        let natural = match &image {
            Some(image) => image.natural(style),
            None => attribute("width")
                .zip(attribute("height"))
                .map_or(MISSING, |(width, height)| Natural::sized(width, height)),
        };
        Some(Replaced { image, natural })
    }

    /// Whether an element is an image that cannot be had, without words for it either: no box at all.
    pub(super) fn shows_nothing(
        &self,
        node: NodeId,
        element: &Element,
        style: &ComputedStyle,
    ) -> bool {
        is_dropped(element)
            && alternative_text(element).is_none()
            && self.replaced(node, element, style).is_none()
    }

    /// Whether an element's `overflow` is the viewport's: the root's, or else that of `<body>` (CSS
    /// Overflow 3 §3.3).
    pub(super) fn is_viewport(&self, node: NodeId) -> bool {
        let dom = &self.input.styled.dom;
        let Some(parent) = dom.node(node).parent else {
            return false;
        };
        if dom.element(parent).is_none() {
            return true;
        }
        let named = |node, name: &str| {
            dom.element(node)
                .is_some_and(|element| &*element.name == name)
        };
        named(node, "body") && named(parent, "html") && !self.input.styled.style(parent).box_.clips
    }
}

fn has_type(element: &Element, name: &str) -> bool {
    let own = element.attribute("type");
    &*element.name == "input" && own.is_some_and(|own| own.trim().eq_ignore_ascii_case(name))
}

/// What stands for an image that cannot be had.
pub(super) fn alternative_text(element: &Element) -> Option<&str> {
    let text = element.attribute("alt").filter(|text| !text.is_empty())?;
    (&*element.name == "img" || has_type(element, "image")).then_some(text)
}

/// Without an image and words for it, these show nothing at all.
pub(super) fn is_dropped(element: &Element) -> bool {
    matches!(&*element.name, "img" | "embed")
}
