//! Images as CSS has them: loaded ones and gradients.

use super::{Painter, gradient};
use crate::images::{LoadedImage, Natural};
use fanfold_geometry::{Px, Rect, Transform};
use fanfold_paint::Item;
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{Gradient, Image};
use std::sync::Arc;

/// An image value that can be drawn.
pub(super) enum Picture {
    Loaded(LoadedImage),
    /// One with so many dots a `px`.
    Dense(LoadedImage, f32),
    Gradient(Arc<Gradient>),
}

impl Picture {
    /// Its natural dimensions; a gradient has none.
    pub(super) fn natural(&self, style: &ComputedStyle) -> Natural {
        match self {
            Self::Loaded(image) => image.natural(style),
            Self::Dense(image, dots) => {
                let natural = image.natural(style);
                Natural {
                    width: natural.width.map(|width| width / *dots),
                    height: natural.height.map(|height| height / *dots),
                    ..natural
                }
            }
            Self::Gradient(_) => Natural::default(),
        }
    }

    /// Draws it over `rect` as what it is at `natural` size, stretched.
    pub(super) fn draw_stretched(&self, natural: (Px, Px), rect: Rect, items: &mut Vec<Item>) {
        if let Self::Loaded(LoadedImage::Raster(_)) | Self::Dense(LoadedImage::Raster(_), _) = self
        {
            self.draw(rect, items);
            return;
        }
        let stretch = Transform {
            a: rect.width / natural.0,
            d: rect.height / natural.1,
            ..Transform::translate(rect.x, rect.y)
        };
        items.push(Item::PushTransform(stretch));
        self.draw(Rect::new(Px::ZERO, Px::ZERO, natural.0, natural.1), items);
        items.push(Item::Pop);
    }

    /// Draws all of it over `rect`.
    pub(super) fn draw(&self, rect: Rect, items: &mut Vec<Item>) {
        match self {
            Self::Loaded(image) | Self::Dense(image, _) => image.draw(rect, true, items),
            Self::Gradient(gradient) => gradient::draw(gradient, rect, items),
        }
    }
}

impl Painter<'_> {
    /// The image, when it can be had.
    pub(super) fn picture(&self, image: &Image) -> Option<Picture> {
        match image {
            Image::Url(url) => self.images.load(url).map(Picture::Loaded),
            Image::Dense(url, dots) => Some(Picture::Dense(self.images.load(url)?, *dots)),
            Image::Gradient(gradient) => Some(Picture::Gradient(Arc::clone(gradient))),
        }
    }
}
