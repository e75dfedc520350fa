//! PNG, GIF and WebP: decoded once, stored with PNG's filters and deflate (ISO 32000-1 §7.4.4.4).

use super::{Decoded, Encoded, ImageError, Orientation, check_size, device, dictionary};
use fanfold_pdf::deflate;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use lopdf::{Dictionary, Object};
use std::io::Cursor;

/// Images are compressed once for all documents of a process.
const LEVEL: u32 = 7;

pub(super) fn read(data: &[u8], limit: u64) -> Result<Decoded, ImageError> {
    let format = match data {
        [0x89, b'P', b'N', b'G', ..] => ImageFormat::Png,
        [b'G', b'I', b'F', b'8', ..] => ImageFormat::Gif,
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => ImageFormat::WebP,
        _ => return Err(ImageError::UnknownFormat),
    };
    let malformed = |error: image::ImageError| ImageError::Malformed(error.to_string());
    let mut reader = ImageReader::with_format(Cursor::new(data), format);
    let mut limits = Limits::default();
    // 16-bit RGBA takes 8 bytes a pixel; decoders need some more for themselves.
    limits.max_alloc = Some(limit.saturating_mul(16).saturating_add(1 << 20));
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(malformed)?;
    let (width, height) = decoder.dimensions();
    check_size(width, height, limit)?;
    let orientation = decoder
        .orientation()
        .map_or(Orientation::UPRIGHT, |turn| Orientation(turn.to_exif()));
    // Decoding also proves that the data is whole, where it is then passed through.
    let image = DynamicImage::from_decoder(decoder).map_err(malformed)?;
    let passed = if format == ImageFormat::Png {
        png_as_it_is(data)
    } else {
        None
    };
    let (pixels, alpha) = match passed {
        Some(pixels) => (pixels, None),
        None => encode(image),
    };
    Ok(Decoded {
        width,
        height,
        orientation,
        pixels,
        alpha,
    })
}

/// Colour and opacity apart, at 8 bits.
fn encode(image: DynamicImage) -> (Encoded, Option<Encoded>) {
    let (width, height) = (image.width(), image.height());
    let gray = matches!(
        image,
        DynamicImage::ImageLuma8(_)
            | DynamicImage::ImageLumaA8(_)
            | DynamicImage::ImageLuma16(_)
            | DynamicImage::ImageLumaA16(_)
    );
    let has_alpha = image.color().has_alpha();
    let (colors, opacity): (Vec<u8>, Vec<u8>) = match (gray, has_alpha) {
        (true, false) => (image.into_luma8().into_raw(), Vec::new()),
        (false, false) => (image.into_rgb8().into_raw(), Vec::new()),
        (true, true) => image
            .into_luma_alpha8()
            .pixels()
            .map(|pixel| (pixel.0[0], pixel.0[1]))
            .unzip(),
        (false, true) => {
            let pixels = image.into_rgba8();
            let opacity = pixels.pixels().map(|pixel| pixel.0[3]).collect();
            let colors = pixels
                .pixels()
                .flat_map(|pixel| [pixel.0[0], pixel.0[1], pixel.0[2]])
                .collect();
            (colors, opacity)
        }
    };
    let (space, components) = if gray {
        ("DeviceGray", 1)
    } else {
        ("DeviceRGB", 3)
    };
    let pixels = filtered(&colors, width, height, space, components);
    let is_opaque = opacity.iter().all(|&alpha| alpha == 255);
    let alpha = (!is_opaque).then(|| filtered(&opacity, width, height, "DeviceGray", 1));
    (pixels, alpha)
}

/// Rows with the filter that leaves the smallest differences, as PNG's specification proposes (§12.8).
fn filtered(data: &[u8], width: u32, height: u32, space: &str, components: usize) -> Encoded {
    let row_length = width as usize * components;
    let mut rows = Vec::with_capacity(data.len() + height as usize);
    let mut above = vec![0_u8; row_length];
    let mut tries = [const { Vec::new() }; 3];
    for row in data.chunks_exact(row_length.max(1)) {
        for (index, candidate) in tries.iter_mut().enumerate() {
            candidate.clear();
            candidate.extend((0..row_length).map(|at| {
                let left = if at >= components {
                    row[at - components]
                } else {
                    0
                };
                let corner = if at >= components {
                    above[at - components]
                } else {
                    0
                };
                row[at].wrapping_sub(match index {
                    0 => left,
                    1 => above[at],
                    _ => paeth(left, above[at], corner),
                })
            }));
        }
        let cost = |differences: &[u8]| -> u64 {
            differences
                .iter()
                .map(|&byte| u64::from(byte.cast_signed().unsigned_abs()))
                .sum()
        };
        let costs = [cost(row), cost(&tries[0]), cost(&tries[1]), cost(&tries[2])];
        let best = (0..4).min_by_key(|&index| costs[index]).unwrap_or(0);
        // Filter types: none 0, sub 1, up 2, Paeth 4.
        rows.push([0, 1, 2, 4][best]);
        rows.extend_from_slice(if best == 0 { row } else { &tries[best - 1] });
        above.copy_from_slice(row);
    }
    let mut dictionary = dictionary(width, height, device(space), 8, "FlateDecode");
    dictionary.set("DecodeParms", predictor(width, components, 8));
    Encoded {
        dictionary,
        data: deflate(&rows, LEVEL),
    }
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let [a, b, c] = [left, up, corner].map(i16::from);
    let estimate = a + b - c;
    let distances = [a, b, c].map(|value| (estimate - value).abs());
    if distances[0] <= distances[1] && distances[0] <= distances[2] {
        left
    } else if distances[1] <= distances[2] {
        up
    } else {
        corner
    }
}

fn predictor(width: u32, components: usize, bits: u8) -> Dictionary {
    let mut parameters = Dictionary::new();
    parameters.set("Predictor", 15);
    parameters.set("Colors", i64::try_from(components).unwrap_or(1));
    parameters.set("BitsPerComponent", i64::from(bits));
    parameters.set("Columns", i64::from(width));
    parameters
}

/// An opaque PNG of at most 8 bits, not interlaced, is stored exactly as PDF wants it: its data is
/// taken over. `None` for all others. The data has been decoded before.
fn png_as_it_is(data: &[u8]) -> Option<Encoded> {
    let header = data.get(16..29)?;
    let width = u32::from_be_bytes(header[..4].try_into().ok()?);
    let height = u32::from_be_bytes(header[4..8].try_into().ok()?);
    let [bits, kind, _, _, interlace] = header[8..13] else {
        return None;
    };
    if bits > 8 || interlace != 0 {
        return None;
    }
    let mut palette = None;
    let mut packed = Vec::new();
    let mut at = 8;
    while let Some(length) = data.get(at..at + 4) {
        let length = u32::from_be_bytes(length.try_into().ok()?) as usize;
        let name = data.get(at + 4..at + 8)?;
        let body = data.get(at + 8..(at + 8).checked_add(length)?)?;
        match name {
            b"PLTE" => palette = Some(body),
            b"tRNS" => return None,
            b"IDAT" => packed.extend_from_slice(body),
            b"IEND" => break,
            _ => {}
        }
        at += 12 + length;
    }
    let (space, components) = match kind {
        0 => (device("DeviceGray"), 1),
        2 => (device("DeviceRGB"), 3),
        3 => {
            let palette = palette?;
            let last = i64::try_from(palette.len() / 3).ok()? - 1;
            let colors = Object::String(palette.to_vec(), lopdf::StringFormat::Hexadecimal);
            (
                vec![device("Indexed"), device("DeviceRGB"), last.into(), colors].into(),
                1,
            )
        }
        _ => return None,
    };
    let mut dictionary = dictionary(width, height, space, i64::from(bits), "FlateDecode");
    dictionary.set("DecodeParms", predictor(width, components, bits));
    Some(Encoded {
        dictionary,
        data: packed,
    })
}
