//! Images by URL: fetched, decoded once, shared by the documents of a press.

use crate::press::Limits;
use base64::Engine;
use fanfold_geometry::Px;
use fanfold_paint::PaintImage;
use fanfold_style::{Diagnostic, Fetch, Place};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes of encoded images kept for later documents.
const CACHE_BYTES: usize = 64 << 20;

/// A decoded image.
#[derive(Clone, Debug)]
pub(crate) struct LoadedImage(pub(crate) Arc<PaintImage>);

impl LoadedImage {
    /// Natural width and height in CSS pixels.
    pub(crate) fn natural(&self) -> (Px, Px) {
        (
            Px(self.0.natural_width.max(0.0)),
            Px(self.0.natural_height.max(0.0)),
        )
    }
}

/// Decoded images by their encoded bytes, so a changed file is never served stale.
#[derive(Debug, Default)]
pub(crate) struct ImageCache {
    entries: Mutex<Entries>,
}

/// Images with the number of their encoded bytes.
#[derive(Debug, Default)]
struct Entries {
    bytes: usize,
    images: FxHashMap<Arc<[u8]>, Arc<PaintImage>>,
}

impl ImageCache {
    fn get(&self, data: &[u8]) -> Option<Arc<PaintImage>> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.images.get(data).cloned()
    }

    fn put(&self, data: Arc<[u8]>, image: Arc<PaintImage>) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.bytes + data.len() > CACHE_BYTES {
            *entries = Entries::default();
        }
        if data.len() <= CACHE_BYTES {
            entries.bytes += data.len();
            entries.images.insert(data, image);
        }
    }
}

/// The images of one document.
pub(crate) struct Images<'a> {
    pub(crate) fetch: &'a dyn Fetch,
    pub(crate) cache: &'a ImageCache,
    pub(crate) limits: Limits,
    loaded: RefCell<FxHashMap<Arc<str>, Option<LoadedImage>>>,
    diagnostics: RefCell<Vec<Diagnostic>>,
}

impl<'a> Images<'a> {
    pub(crate) fn new(fetch: &'a dyn Fetch, cache: &'a ImageCache, limits: Limits) -> Self {
        Self {
            fetch,
            cache,
            limits,
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
            Ok(image) => Some(LoadedImage(image)),
            Err(message) => {
                let shown: String = url.chars().take(80).collect();
                self.diagnostics.borrow_mut().push(Diagnostic {
                    place: Place {
                        source: shown,
                        line: 0,
                        column: 0,
                    },
                    message: format!("image left out: {message}"),
                });
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

    fn decode(&self, url: &str) -> Result<Arc<PaintImage>, String> {
        let data = bytes_of(url, self.fetch, self.limits.resource_bytes)?;
        if let Some(image) = self.cache.get(&data) {
            return Ok(image);
        }
        let image = PaintImage::decode(&data, self.limits.image_pixels);
        let image = Arc::new(image.map_err(|error| error.to_string())?);
        self.cache.put(data, image.clone());
        Ok(image)
    }
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
