//! Images by URL: fetched, decoded once, shared by the documents of a press.

use crate::cache::ContentCache;
use crate::press::Limits;
use crate::svg::SvgImage;
use base64::Engine;
use fanfold_geometry::{Px, Rect, Transform};
use fanfold_paint::{CmykProfile, Item, PaintImage};
use fanfold_style::computed::ImageOrientation;
use fanfold_style::{ComputedStyle, Diagnostic, Fetch, Place, Styled};
use fanfold_text::Fonts;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::sync::Arc;

/// A decoded image.
#[derive(Clone, Debug)]
pub(crate) enum LoadedImage {
    /// Of pixels.
    Raster(Arc<PaintImage>),
    /// The same, as this EXIF orientation has it, whatever its own is.
    Turned(Arc<PaintImage>, u8),
    /// Of shapes.
    Vector(Arc<SvgImage>),
}

/// Natural dimensions (CSS Images 3 §5.1): each may be missing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Natural {
    /// Natural width.
    pub(crate) width: Option<Px>,
    /// Natural height.
    pub(crate) height: Option<Px>,
    /// Width over height, where the two do not give it.
    pub(crate) ratio: Option<f32>,
}

impl Natural {
    /// Both dimensions known.
    pub(crate) fn sized(width: Px, height: Px) -> Self {
        Self {
            width: Some(width),
            height: Some(height),
            ratio: None,
        }
    }

    /// Width over height.
    pub(crate) fn ratio(&self) -> Option<f32> {
        let own = self
            .width
            .zip(self.height)
            .map(|(width, height)| width / height);
        own.or(self.ratio)
            .filter(|ratio| ratio.is_finite() && *ratio > 0.0)
    }
}

impl LoadedImage {
    /// Natural dimensions in CSS pixels, for a box of this style.
    pub(crate) fn natural(&self, style: &ComputedStyle) -> Natural {
        let raster = |image: &PaintImage, swaps: bool| {
            let scale = 1.0 / style.text.image_resolution;
            let width = Px(image.natural_width.max(0.0) * scale);
            let height = Px(image.natural_height.max(0.0) * scale);
            match swaps {
                true => Natural::sized(height, width),
                false => Natural::sized(width, height),
            }
        };
        match self {
            Self::Raster(image) => raster(image, false),
            Self::Turned(image, exif) => raster(image, image.turned(*exif).1),
            Self::Vector(image) => image.natural(),
        }
    }

    /// The image as `image-orientation` has it (CSS Images 3 §5.5).
    pub(crate) fn oriented(self, style: &ComputedStyle) -> Self {
        let exif = match style.text.image_orientation {
            ImageOrientation::FromImage => return self,
            ImageOrientation::None => 1,
            ImageOrientation::Turned(quarters, mirrored) => match (quarters % 4, mirrored) {
                (0, false) => 1,
                (1, false) => 6,
                (2, false) => 3,
                (_, false) => 8,
                (0, true) => 2,
                (1, true) => 5,
                (2, true) => 4,
                (_, true) => 7,
            },
        };
        match self {
            Self::Raster(image) | Self::Turned(image, _) => Self::Turned(image, exif),
            vector => vector,
        }
    }

    /// Draws the whole image over `rect`; what a vector image has outside of it only unless `clips`.
    pub(crate) fn draw(&self, rect: Rect, clips: bool, items: &mut Vec<Item>) {
        match self {
            Self::Raster(image) => items.push(Item::Image(Arc::clone(image), rect)),
            Self::Turned(image, exif) => {
                let place = Transform {
                    a: rect.width.0,
                    d: rect.height.0,
                    ..Transform::translate(rect.x, rect.y)
                };
                let unit = Rect::new(Px::ZERO, Px::ZERO, Px(1.0), Px(1.0));
                let turn = image.turned(*exif).0;
                items.push(Item::PushTransform(place.then_inner(turn)));
                items.push(Item::Image(Arc::clone(image), unit));
                items.push(Item::Pop);
            }
            Self::Vector(image) => image.draw(rect, clips, items),
        }
    }
}

/// Decoded images by their encoded bytes.
pub(crate) type ImageCache = ContentCache<LoadedImage>;

/// The images of one document.
pub(crate) struct Images<'a> {
    pub(crate) fetch: &'a dyn Fetch,
    pub(crate) cache: &'a ImageCache,
    pub(crate) limits: Limits,
    /// The document's.
    fonts: &'a Fonts,
    /// The press's alone: what images that later documents share are drawn with.
    shared_fonts: &'a Fonts,
    loaded: RefCell<FxHashMap<Arc<str>, Option<LoadedImage>>>,
    diagnostics: RefCell<Vec<Diagnostic>>,
}

impl<'a> Images<'a> {
    pub(crate) fn new(
        fetch: &'a dyn Fetch,
        cache: &'a ImageCache,
        limits: Limits,
        [shared_fonts, fonts]: [&'a Fonts; 2],
    ) -> Self {
        Self {
            fetch,
            cache,
            limits,
            fonts,
            shared_fonts,
            loaded: RefCell::default(),
            diagnostics: RefCell::default(),
        }
    }

    /// The image at `url`; none, with a diagnostic, when it cannot be had.
    pub(crate) fn load(&self, url: &str) -> Option<LoadedImage> {
        if let Some(known) = self.loaded.borrow().get(url) {
            return known.clone();
        }
        let image = match self.decode(url) {
            Ok(image) => {
                self.note(url.chars().take(80).collect(), &image);
                Some(image)
            }
            Err(message) => {
                self.leave_out(url.chars().take(80).collect(), &message);
                None
            }
        };
        self.loaded.borrow_mut().insert(url.into(), image.clone());
        image
    }

    /// What could not be loaded.
    pub(crate) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics.into_inner()
    }

    /// An SVG document that is part of the page; its images come from where the page's do.
    pub(crate) fn inline(&self, text: &str, styled: &Styled) -> Option<LoadedImage> {
        if let Some(known) = self.loaded.borrow().get(text) {
            return known.clone();
        }
        let resources = |url: &str| {
            let url = styled.url(url);
            let data = bytes_of(&url, self.fetch, self.limits.resource_bytes).ok()?;
            Some(Arc::new(data.to_vec()))
        };
        let image = match SvgImage::parse(text, self.limits, self.fonts, false, &resources) {
            Ok(image) => {
                let image = LoadedImage::Vector(Arc::new(image));
                self.note("<svg>".into(), &image);
                Some(image)
            }
            Err(message) => {
                self.leave_out("<svg>".into(), &message);
                None
            }
        };
        self.loaded.borrow_mut().insert(text.into(), image.clone());
        image
    }

    /// The ICC profile at `url`; none, with a diagnostic, when it cannot be had.
    pub(crate) fn cmyk_profile(&self, url: Option<&str>) -> Option<CmykProfile> {
        let url = url?;
        let data = bytes_of(url, self.fetch, self.limits.resource_bytes);
        let profile = data.and_then(|data| {
            CmykProfile::new(data).ok_or_else(|| "not an ICC profile of CMYK colours".to_owned())
        });
        profile
            .map_err(|why| {
                let source = url.chars().take(80).collect();
                self.report(source, format!("colour profile left out: {why}"));
            })
            .ok()
    }

    fn leave_out(&self, source: String, why: &str) {
        self.report(source, format!("image left out: {why}"));
    }

    /// Reports what an image has that is not drawn.
    fn note(&self, source: String, image: &LoadedImage) {
        if let LoadedImage::Vector(image) = image
            && let Some(missing) = image.missing()
        {
            self.report(source, format!("not drawn of an SVG image: {missing}"));
        }
    }

    fn report(&self, source: String, message: String) {
        self.diagnostics.borrow_mut().push(Diagnostic {
            place: Place {
                source,
                line: 0,
                column: 0,
            },
            message,
        });
    }

    fn decode(&self, url: &str) -> Result<LoadedImage, String> {
        let data = bytes_of(url, self.fetch, self.limits.resource_bytes)?;
        if let Some(image) = self.cache.get(&data) {
            return Ok(image);
        }
        let image = match svg_text(&data) {
            // An image shows nothing from elsewhere (SVG 2 §2.1.1, secure static mode).
            Some(text) => {
                let image = SvgImage::parse(text, self.limits, self.shared_fonts, true, &|_| None)?;
                LoadedImage::Vector(Arc::new(image))
            }
            None => {
                let image = PaintImage::decode(&data, self.limits.image_pixels);
                LoadedImage::Raster(Arc::new(image.map_err(|error| error.to_string())?))
            }
        };
        self.cache.put(data, image.clone(), 0);
        Ok(image)
    }
}

/// The text of what may be an SVG document: markup.
fn svg_text(data: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(data).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start();
    text.starts_with('<').then_some(text)
}

/// The bytes at `url`, `data:` URLs (RFC 2397) decoded here.
pub(crate) fn bytes_of(url: &str, fetch: &dyn Fetch, limit: usize) -> Result<Arc<[u8]>, String> {
    let bytes: Arc<[u8]> = match url
        .get(..5)
        .filter(|scheme| scheme.eq_ignore_ascii_case("data:"))
    {
        Some(_) => data_url(&url[5..]).ok_or("malformed data: URL")?.into(),
        None => fetch.fetch(url).map_err(|error| error.to_string())?,
    };
    if bytes.len() > limit {
        return Err(format!("{} bytes, over the limit of {limit}", bytes.len()));
    }
    Ok(bytes)
}

fn data_url(rest: &str) -> Option<Vec<u8>> {
    let (header, body) = rest.split_once(',')?;
    let plain = percent_decoded(body);
    if !header.trim_end().to_ascii_lowercase().ends_with(";base64") {
        return Some(plain);
    }
    let compact: Vec<u8> = plain
        .into_iter()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let engine = base64::engine::GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        base64::engine::GeneralPurposeConfig::new()
            .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
    );
    engine.decode(compact).ok()
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    let digit = |at: usize| {
        bytes
            .get(at)
            .and_then(|byte| char::from(*byte).to_digit(16))
    };
    while index < bytes.len() {
        match (bytes[index], digit(index + 1), digit(index + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(u8::try_from(high * 16 + low).unwrap_or(b'%'));
                index += 3;
            }
            (byte, ..) => {
                decoded.push(byte);
                index += 1;
            }
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_urls_are_decoded() {
        assert_eq!(
            data_url("image/png;base64,aGk").as_deref(),
            Some(b"hi".as_slice())
        );
        assert_eq!(
            data_url("text/plain,a%20b").as_deref(),
            Some(b"a b".as_slice())
        );
        assert_eq!(data_url("nothing"), None);
    }
}
