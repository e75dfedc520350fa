//! JPEG passes through as it is (`DCTDecode`, ISO 32000-1 §7.4.8); only its headers are read.

use super::{Decoded, Encoded, ImageError, Orientation, check_size, device, dictionary};
use lopdf::Object;

/// What the headers say.
#[derive(Default)]
struct Headers {
    /// Width, height and components, from the frame header.
    frame: Option<(u32, u32, u8)>,
    /// An Adobe marker: four components are then stored inverted.
    adobe: bool,
    orientation: Option<u8>,
    scans: bool,
}

pub(super) fn read(data: &[u8], limit: u64) -> Result<Decoded, ImageError> {
    let headers = Headers::read(data)?;
    let malformed = |reason: &str| ImageError::Malformed(reason.into());
    let (width, height, components) = headers.frame.ok_or_else(|| malformed("no JPEG frame"))?;
    if !headers.scans {
        return Err(malformed("a JPEG without image data"));
    }
    check_size(width, height, limit)?;
    let space = match components {
        1 => "DeviceGray",
        3 => "DeviceRGB",
        4 => "DeviceCMYK",
        _ => return Err(malformed("a JPEG must have 1, 3 or 4 components")),
    };
    let mut dictionary = dictionary(width, height, device(space), 8, "DCTDecode");
    if components == 4 && headers.adobe {
        dictionary.set(
            "Decode",
            [1, 0, 1, 0, 1, 0, 1, 0].map(Object::Integer).to_vec(),
        );
    }
    let orientation = Orientation(headers.orientation.unwrap_or(1));
    let pixels = Encoded {
        dictionary,
        data: data.to_vec(),
    };
    Ok(Decoded {
        width,
        height,
        orientation,
        pixels,
        alpha: None,
    })
}

impl Headers {
    /// Walks the marker segments up to the first scan (ITU-T T.81 §B.1).
    fn read(data: &[u8]) -> Result<Self, ImageError> {
        let truncated = || ImageError::Malformed("the JPEG ends early".into());
        let mut headers = Self::default();
        let mut at = 2;
        loop {
            // Fill bytes may come before a marker.
            while data.get(at) == Some(&0xff) && data.get(at + 1) == Some(&0xff) {
                at += 1;
            }
            let [0xff, marker] = *data.get(at..at + 2).ok_or_else(truncated)? else {
                return Err(ImageError::Malformed("a JPEG marker is missing".into()));
            };
            at += 2;
            if matches!(marker, 0x01 | 0xd0..=0xd8) {
                continue;
            }
            if marker == 0xd9 {
                return Ok(headers);
            }
            let length = usize::from(be16(data, at).ok_or_else(truncated)?);
            let segment = data.get(at + 2..at + length.max(2)).ok_or_else(truncated)?;
            at += length.max(2);
            match marker {
                // Baseline, extended and progressive Huffman frames are what PDF readers decode.
                0xc0..=0xc2 => headers.frame(segment)?,
                0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                    return Err(ImageError::Malformed(
                        "a JPEG process that PDF does not have".into(),
                    ));
                }
                0xe1 => {
                    headers.orientation = headers.orientation.or_else(|| exif_orientation(segment));
                }
                0xee => headers.adobe |= segment.starts_with(b"Adobe"),
                0xda => {
                    headers.scans = data.len() > at;
                    return Ok(headers);
                }
                _ => {}
            }
        }
    }

    fn frame(&mut self, segment: &[u8]) -> Result<(), ImageError> {
        let malformed = |reason: &str| ImageError::Malformed(reason.into());
        let [precision, ..] = *segment else {
            return Err(malformed("an empty JPEG frame header"));
        };
        if precision != 8 {
            return Err(malformed("a JPEG of more than 8 bits"));
        }
        let (Some(height), Some(width), Some(&components)) =
            (be16(segment, 1), be16(segment, 3), segment.get(5))
        else {
            return Err(malformed("a short JPEG frame header"));
        };
        self.frame = Some((u32::from(width), u32::from(height), components));
        Ok(())
    }
}

/// Tag 0x0112 of the first image file directory (TIFF 6.0 §2).
fn exif_orientation(segment: &[u8]) -> Option<u8> {
    let tiff = segment.strip_prefix(b"Exif\0\0")?;
    let little = match tiff.get(..2)? {
        b"II" => true,
        b"MM" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let bytes: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if little {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        })
    };
    let long = |at: usize| {
        let bytes: [u8; 4] = tiff.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if little {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        })
    };
    let directory = usize::try_from(long(4)?).ok()?;
    for entry in 0..usize::from(short(directory)?) {
        let at = directory.checked_add(2 + entry * 12)?;
        if short(at)? == 0x0112 {
            let value = u8::try_from(short(at + 8)?).ok()?;
            return (1..=8).contains(&value).then_some(value);
        }
    }
    None
}

fn be16(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(data.get(at..at + 2)?.try_into().ok()?))
}
