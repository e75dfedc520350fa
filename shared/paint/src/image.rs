//! Images ready for PDF.

mod jpeg;
mod raster;

use crate::page_space::Box4;
use fanfold_geometry::Transform;
use lopdf::{Dictionary, Object};
use sha2::{Digest, Sha256};

/// An image as PDF will hold it: JPEG data passes through, everything else is decoded once and
/// kept compressed.
#[derive(Debug)]
pub struct PaintImage {
    /// Width in image pixels, after EXIF orientation.
    pub width: u32,
    /// Height in image pixels, after EXIF orientation.
    pub height: u32,
    /// Width in CSS pixels (a `pHYs` or JFIF density is not used, as in browsers).
    pub natural_width: f32,
    /// Height in CSS pixels.
    pub natural_height: f32,
    /// The same for the same bytes: images are stored once.
    pub(crate) content_key: [u8; 16],
    /// Turns the stored image's unit square into the upright one's.
    pub(crate) orientation: [f32; 6],
    /// The image XObject.
    pub(crate) pixels: Encoded,
    /// Its opacity, where it is not opaque.
    pub(crate) alpha: Option<Encoded>,
}

/// An image XObject's dictionary, without `Length`, and its encoded data.
#[derive(Clone, Debug)]
pub(crate) struct Encoded {
    pub(crate) dictionary: Dictionary,
    pub(crate) data: Vec<u8>,
}

/// Why bytes are not an image.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImageError {
    /// Not a known image format.
    #[error("not a PNG, JPEG, GIF or WebP image")]
    UnknownFormat,
    /// Damaged.
    #[error("damaged image: {0}")]
    Malformed(String),
    /// More pixels than the limit.
    #[error("the image has {pixels} pixels, over the limit of {limit}")]
    TooLarge {
        /// Width times height.
        pixels: u64,
        /// The limit.
        limit: u64,
    },
}

/// What a format's reader makes of an image.
struct Decoded {
    /// Stored size, before the orientation is applied.
    width: u32,
    height: u32,
    orientation: Orientation,
    pixels: Encoded,
    alpha: Option<Encoded>,
}

/// EXIF orientation, 1 to 8 (CIPA DC-008 §4.6.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Orientation(u8);

impl PaintImage {
    /// How many bytes it is stored in.
    pub(crate) fn size(&self) -> usize {
        self.pixels.data.len() + self.alpha.as_ref().map_or(0, |alpha| alpha.data.len())
    }

    /// From the unit square to an area, after the turn that EXIF asks for.
    pub(crate) fn matrix(&self, area: Box4) -> [f64; 6] {
        let (width, height) = (area.right - area.left, area.top - area.bottom);
        let [a, b, c, d, e, f] = self.orientation.map(f64::from);
        [
            a * width,
            b * height,
            c * width,
            d * height,
            e * width + area.left,
            f * height + area.bottom,
        ]
    }

    /// Reads an image; `limit` bounds its pixels.
    ///
    /// # Errors
    /// [`ImageError`] when it is not one.
    pub fn decode(data: &[u8], limit: u64) -> Result<Self, ImageError> {
        let decoded = match data {
            [0xff, 0xd8, 0xff, ..] => jpeg::read(data, limit)?,
            _ => raster::read(data, limit)?,
        };
        let turned = decoded.orientation.swaps_sides();
        let (width, height) = if turned {
            (decoded.height, decoded.width)
        } else {
            (decoded.width, decoded.height)
        };
        let mut content_key = [0; 16];
        content_key.copy_from_slice(&Sha256::digest(data)[..16]);
        #[expect(
            clippy::cast_precision_loss,
            reason = "images are far smaller than 2^24 pixels wide"
        )]
        let (natural_width, natural_height) = (width as f32, height as f32);
        Ok(Self {
            width,
            height,
            natural_width,
            natural_height,
            content_key,
            orientation: decoded.orientation.matrix(),
            pixels: decoded.pixels,
            alpha: decoded.alpha,
        })
    }
}

impl PaintImage {
    /// From the upright image to one as EXIF orientation `exif` has it of the stored one, in the unit
    /// square with y down; and whether that swaps width and height.
    #[must_use]
    pub fn turned(&self, exif: u8) -> (Transform, bool) {
        let transform = |[a, b, c, d, e, f]: [f32; 6]| Transform { a, b, c, d, e, f };
        let flip = transform([1.0, 0.0, 0.0, -1.0, 0.0, 1.0]);
        let own = transform(self.orientation);
        let back = own.inverse().unwrap_or(flip.then_inner(flip));
        let turned = transform(Orientation(exif).matrix()).then_inner(back);
        let swaps = self.orientation[0] == 0.0;
        (
            flip.then_inner(turned).then_inner(flip),
            swaps != Orientation(exif).swaps_sides(),
        )
    }
}

impl Orientation {
    const UPRIGHT: Self = Self(1);

    fn swaps_sides(self) -> bool {
        self.0 >= 5
    }

    /// From the stored unit square to the upright one, y up.
    fn matrix(self) -> [f32; 6] {
        match self.0 {
            2 => [-1.0, 0.0, 0.0, 1.0, 1.0, 0.0],
            3 => [-1.0, 0.0, 0.0, -1.0, 1.0, 1.0],
            4 => [1.0, 0.0, 0.0, -1.0, 0.0, 1.0],
            5 => [0.0, -1.0, -1.0, 0.0, 1.0, 1.0],
            6 => [0.0, -1.0, 1.0, 0.0, 0.0, 1.0],
            7 => [0.0, 1.0, 1.0, 0.0, 0.0, 0.0],
            8 => [0.0, 1.0, -1.0, 0.0, 1.0, 0.0],
            _ => [1.0, 0.0, 0.0, 1.0, 0.0, 0.0],
        }
    }
}

/// The limit is on pixels; a side of no pixels is no image.
fn check_size(width: u32, height: u32, limit: u64) -> Result<(), ImageError> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 {
        return Err(ImageError::Malformed("it has no pixels".into()));
    }
    if pixels > limit {
        return Err(ImageError::TooLarge { pixels, limit });
    }
    Ok(())
}

/// An image XObject's dictionary (ISO 32000-1 §8.9.5).
fn dictionary(
    width: u32,
    height: u32,
    space: impl Into<Object>,
    bits: i64,
    filter: &str,
) -> Dictionary {
    let mut dictionary = Dictionary::new();
    dictionary.set("Type", Object::Name(b"XObject".to_vec()));
    dictionary.set("Subtype", Object::Name(b"Image".to_vec()));
    dictionary.set("Width", i64::from(width));
    dictionary.set("Height", i64::from(height));
    dictionary.set("ColorSpace", space.into());
    dictionary.set("BitsPerComponent", bits);
    dictionary.set("Filter", Object::Name(filter.as_bytes().to_vec()));
    dictionary
}

fn device(name: &str) -> Object {
    Object::Name(name.as_bytes().to_vec())
}
