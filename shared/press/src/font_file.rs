//! Font files: WOFF unpacked, and read once for all documents of a press.

use crate::cache::ContentCache;
use fanfold_style::FontFaceRule;
use fanfold_text::{Face, FaceDescription, FontData};
use rustc_hash::FxHashMap;
use std::io::Read;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// Files that were read, by their bytes.
pub(crate) type FontCache = ContentCache<Arc<FontFile>>;

/// A font file, with the faces that rules made of it.
#[derive(Debug)]
pub(crate) struct FontFile {
    face: Arc<Face>,
    described: Mutex<Vec<(Described, Arc<Face>)>>,
}

/// A description, and which of weight, stretch and slant are as the font has them.
type Described = (FaceDescription, [bool; 3]);

/// A file is used by a few rules; a document that makes up more gets its faces anew.
const DESCRIBED: usize = 64;

impl FontFile {
    /// Reads `data`, or finds it read.
    pub(crate) fn read(
        data: Arc<[u8]>,
        cache: &FontCache,
        limit: usize,
    ) -> Result<Arc<Self>, String> {
        if let Some(known) = cache.get(&data) {
            return Ok(known);
        }
        let program = unpacked(&data, limit)?.map_or_else(|| Arc::clone(&data), Arc::from);
        let size = program.len();
        let face = Face::parse(FontData::Shared(program), 0, None);
        let file = Arc::new(Self {
            face: Arc::new(face.map_err(|error| error.to_string())?),
            described: Mutex::default(),
        });
        cache.put(data, Arc::clone(&file), size);
        Ok(file)
    }

    /// The face as the font itself describes it.
    pub(crate) fn face(&self) -> &Arc<Face> {
        &self.face
    }

    /// The face as `rule`, which comes to `description`, has it.
    pub(crate) fn described(&self, rule: &FontFaceRule, description: FaceDescription) -> Arc<Face> {
        let auto = [
            rule.weight.is_none(),
            rule.stretch.is_none(),
            rule.slant.is_none(),
        ];
        let asked = (description, auto);
        let mut known = self
            .described
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((_, face)) = known.iter().find(|(key, _)| *key == asked) {
            return Arc::clone(face);
        }
        let mut description = asked.0.clone();
        description.take_axes(&self.face.axes, auto);
        let face = Arc::new(self.face.described(description));
        if known.len() < DESCRIBED {
            known.push((asked, Arc::clone(&face)));
        }
        face
    }
}

/// The fonts of one document may come to this many resources of the largest size: four weights of a Chinese
/// family do not reach it.
const DOCUMENT: usize = 2;

/// The font files of one document's rules. What they come to is bounded, since all are held until the
/// document is done, and a small file may unpack to a large font.
pub(crate) struct DocumentFiles<'a> {
    cache: &'a FontCache,
    /// The most bytes of one file.
    limit: usize,
    /// How many bytes the next ones may take.
    left: usize,
    /// Those that were asked for.
    known: FxHashMap<Arc<[u8]>, Result<Arc<FontFile>, String>>,
}

impl<'a> DocumentFiles<'a> {
    /// None yet, each to have no more than `limit` bytes.
    pub(crate) fn new(cache: &'a FontCache, limit: usize) -> Self {
        Self {
            cache,
            limit,
            left: limit.saturating_mul(DOCUMENT),
            known: FxHashMap::default(),
        }
    }

    /// Reads `data` if it and the files before it are not too much: by what it says of itself, so that what
    /// the press has read before makes no difference.
    pub(crate) fn read(&mut self, data: Arc<[u8]>) -> Result<Arc<FontFile>, String> {
        if let Some(known) = self.known.get(&data) {
            return known.clone();
        }
        let claimed = Packed::parse(&data)?.map_or(0, |packed| packed.size);
        self.take(data.len().saturating_add(claimed))?;
        let mut file = FontFile::read(Arc::clone(&data), self.cache, self.limit);
        if let Ok(read) = &file
            && claimed > 0
        {
            let more = read.face.data.len().saturating_sub(claimed);
            if let Err(message) = self.take(more) {
                file = Err(message);
            }
        }
        self.known.insert(data, file.clone());
        file
    }

    fn take(&mut self, size: usize) -> Result<(), String> {
        let left = self.left.checked_sub(size).ok_or_else(|| {
            let most = self.limit.saturating_mul(DOCUMENT);
            format!("with it the document's fonts have more than the limit of {most} bytes")
        })?;
        self.left = left;
        Ok(())
    }
}

/// The font program in a WOFF file (WOFF 1.0, WOFF 2.0) of at most `limit` bytes; none where it is not packed.
fn unpacked(data: &[u8], limit: usize) -> Result<Option<Vec<u8>>, String> {
    let failed = |error| format!("not a usable font: {error}");
    let Some(packed) = Packed::parse(data)? else {
        return Ok(None);
    };
    over(packed.size, limit)?;
    let program = if packed.version == 1 {
        wuff::decompress_woff1(data).map_err(failed)?
    } else {
        // The glyphs are measured between unpacking and reading them, which takes many times their size.
        let mut refused = None;
        let program = wuff::decompress_woff2_with_custom_brotli(data, &mut |stream, size| {
            let tables = brotli(stream, size)?;
            if let Err(message) = packed.check_glyphs(&tables, limit) {
                refused = Some(message);
                return Err("the glyphs are refused".into());
            }
            Ok(tables)
        });
        program.map_err(|error| refused.unwrap_or_else(|| failed(error)))?
    };
    over(program.len(), limit)?;
    Ok(Some(program))
}

fn over(size: usize, limit: usize) -> Result<(), String> {
    if size > limit {
        return Err(format!("a font of {size} bytes, over the limit of {limit}"));
    }
    Ok(())
}

/// The first `size` bytes of a Brotli stream.
fn brotli(stream: &[u8], size: usize) -> std::io::Result<Vec<u8>> {
    const BUFFER: usize = 1 << 12;
    let mut plain = Vec::with_capacity(size);
    // One more, by which a stream that is longer is told.
    let most = size as u64 + 1;
    brotli_decompressor::Decompressor::new(stream, BUFFER)
        .take(most)
        .read_to_end(&mut plain)?;
    Ok(plain)
}

/// What the directory of a WOFF file says, by which memory is taken before the tables are read.
#[derive(Debug)]
struct Packed {
    /// 1 or 2.
    version: u8,
    /// The tables' bytes, packed or plain, whichever are more.
    size: usize,
    /// Where the transformed glyphs are among the unpacked tables of WOFF 2.0.
    glyphs: Vec<Range<usize>>,
}

impl Packed {
    /// Reads the directory; none where the file is not packed.
    fn parse(data: &[u8]) -> Result<Option<Self>, String> {
        let parsed = match data.get(..4) {
            Some(b"wOFF") => Self::parse_1(data),
            Some(b"wOF2") if data.get(4..8) == Some(b"ttcf") => {
                return Err("a collection of fonts, of which none is named".into());
            }
            Some(b"wOF2") => Self::parse_2(data),
            _ => return Ok(None),
        };
        let parsed = parsed.ok_or("not a usable font: its table directory is damaged")?;
        Ok(Some(parsed))
    }

    /// WOFF 1.0 §4.
    fn parse_1(data: &[u8]) -> Option<Self> {
        const HEADER: usize = 44;
        const ENTRY: usize = 20;
        let directory = data.get(HEADER..HEADER + table_count(data)? * ENTRY)?;
        let size = directory
            .chunks_exact(ENTRY)
            .try_fold(0_usize, |sum, entry| {
                let (packed, plain) = (number(entry, 8)?, number(entry, 12)?);
                sum.checked_add(packed.max(plain))
            })?;
        Some(Self {
            version: 1,
            size,
            glyphs: Vec::new(),
        })
    }

    /// WOFF 2.0 §4.1.
    fn parse_2(data: &[u8]) -> Option<Self> {
        const HEADER: usize = 48;
        /// In place of a number, the tag is written out.
        const WRITTEN: u8 = 63;
        const GLYF: u8 = 10;
        const LOCA: u8 = 11;
        let mut directory = data.get(HEADER..)?;
        let (mut size, mut start) = (0_usize, 0_usize);
        let mut glyphs = Vec::new();
        for _ in 0..table_count(data)? {
            let flags = *directory.split_off_first()?;
            let tag = match flags & 63 {
                WRITTEN => match directory.split_off(..4)? {
                    b"glyf" => GLYF,
                    b"loca" => LOCA,
                    _ => WRITTEN,
                },
                known => known,
            };
            // The glyphs and their places are transformed by version 0, other tables by any but that.
            let transformed = matches!(tag, GLYF | LOCA) == (flags >> 6 == 0);
            let plain = base_128(&mut directory)?;
            let stored = if transformed {
                base_128(&mut directory)?
            } else {
                plain
            };
            size = size.checked_add(plain.max(stored))?;
            let end = start.checked_add(stored)?;
            if transformed && tag == GLYF {
                glyphs.push(start..end);
            }
            start = end;
        }
        Some(Self {
            version: 2,
            size,
            glyphs,
        })
    }

    /// Refuses glyphs that cannot be, and those that would come to more than `limit`.
    fn check_glyphs(&self, tables: &[u8], limit: usize) -> Result<(), String> {
        self.glyphs.iter().try_for_each(|range| {
            let glyphs = tables.get(range.clone()).and_then(glyphs_size);
            over(
                glyphs.ok_or("not a usable font: its glyphs are damaged")?,
                limit,
            )
        })
    }
}

/// The most bytes that the glyphs of a transformed table come to (WOFF 2.0 §5.1); none where they are cut
/// short, or one has more points than can be numbered.
fn glyphs_size(table: &[u8]) -> Option<usize> {
    /// Reserved words, number of glyphs, index format, and the sizes of seven streams.
    const HEADER: usize = 36;
    const COMPOSITE: u16 = 0xffff;
    const MOST_POINTS: usize = 1 << 16;
    let mut streams = table.get(HEADER..)?;
    let contours = streams.split_off(..number(table, 8)?)?;
    let mut points = streams.split_off(..number(table, 12)?)?;
    let mut size = table.len();
    for contours in contours.chunks_exact(2) {
        let contours = u16::from_be_bytes([contours[0], contours[1]]);
        if contours == 0 || contours == COMPOSITE {
            continue;
        }
        let mut sum = 0;
        for _ in 0..contours {
            sum += short_255(&mut points)?;
        }
        if sum > MOST_POINTS {
            return None;
        }
        // Bounds and two counts; the contours' ends; a flag and two coordinates for each point.
        size += 14 + 2 * usize::from(contours) + 5 * sum;
    }
    Some(size)
}

fn table_count(data: &[u8]) -> Option<usize> {
    let bytes = data.get(12..14)?.try_into().ok()?;
    Some(u16::from_be_bytes(bytes).into())
}

fn number(data: &[u8], at: usize) -> Option<usize> {
    let bytes = data.get(at..at + 4)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(bytes)).ok()
}

/// `UIntBase128` (WOFF 2.0 §4.1).
fn base_128(data: &mut &[u8]) -> Option<usize> {
    let mut value = 0_u32;
    for _ in 0..5 {
        let byte = *data.split_off_first()?;
        value = value.checked_mul(128)? | u32::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return usize::try_from(value).ok();
        }
    }
    None
}

/// `255UInt16` (WOFF 2.0 §4.1).
fn short_255(data: &mut &[u8]) -> Option<usize> {
    let code = usize::from(*data.split_off_first()?);
    Some(match code {
        253 => {
            let word = data.split_off(..2)?;
            usize::from(word[0]) << 8 | usize::from(word[1])
        }
        254 => 506 + usize::from(*data.split_off_first()?),
        255 => 253 + usize::from(*data.split_off_first()?),
        small => small,
    })
}

#[cfg(test)]
mod tests {
    use super::{DocumentFiles, FontCache, glyphs_size, unpacked};

    const FILES: [&[u8]; 2] = [
        include_bytes!("../tests/fonts/boxes.woff"),
        include_bytes!("../tests/fonts/boxes.woff2"),
    ];

    /// What [`unpacked`] says against `data`.
    fn refusal(data: &[u8], limit: usize) -> String {
        unpacked(data, limit).expect_err("it is refused")
    }

    #[test]
    fn damaged_woff_is_an_error() {
        for file in FILES {
            assert!(matches!(unpacked(file, 1 << 20), Ok(Some(_))));
            for end in 4..file.len() {
                assert!(unpacked(&file[..end], 1 << 20).is_err(), "cut at {end}");
            }
            // Whatever a byte is changed to, there is an answer.
            for at in 4..file.len() {
                let mut damaged = file.to_vec();
                damaged[at] ^= 0xff;
                let _ = unpacked(&damaged, 1 << 20);
            }
        }
    }

    #[test]
    fn what_woff_claims_is_refused_before_it_is_unpacked() {
        for file in FILES {
            // All but the directory is noise, which only unpacking finds.
            let mut noise = file.to_vec();
            noise[400..].fill(0xff);
            let message = refusal(&noise, 1000);
            assert!(message.contains("over the limit of 1000"), "{message}");
            let message = refusal(&noise, 1 << 20);
            assert!(!message.contains("limit"), "{message}");
        }
        // A table that claims four gigabytes.
        let mut claims = FILES[0].to_vec();
        claims[44 + 12..44 + 16].fill(0xff);
        assert!(refusal(&claims, 1 << 20).contains("over the limit"));
        let mut collection = FILES[1].to_vec();
        collection[4..8].copy_from_slice(b"ttcf");
        assert!(refusal(&collection, 1 << 20).contains("a collection"));
    }

    #[test]
    fn glyphs_are_measured_before_they_are_read() {
        let table = |contours: u16, points: &[u8]| {
            let mut table = vec![0; 36];
            table[11] = 2;
            table[12..16].copy_from_slice(&(points.len() as u32).to_be_bytes());
            table.extend(contours.to_be_bytes());
            table.extend(points);
            table
        };
        let size = |contours, points: &[u8]| glyphs_size(&table(contours, points));
        // Two contours, of 4 and of 253 + 7 points.
        assert_eq!(size(2, &[4, 255, 7]), Some(41 + 14 + 4 + 5 * 264));
        assert_eq!(size(2, &[254, 1, 253, 1, 0]), Some(43 + 14 + 4 + 5 * 763));
        assert_eq!(size(3, &[4, 255, 7]), None, "cut short");
        let most = [253, 0xff, 0xff, 1];
        assert_eq!(size(2, &most), Some(42 + 14 + 4 + 5 * 65536));
        assert_eq!(size(2, &[253, 0xff, 0xff, 2]), None, "too many points");
    }

    #[test]
    fn a_documents_fonts_are_bounded_together() {
        let cache = FontCache::default();
        let packed = |at: usize| -> std::sync::Arc<[u8]> { FILES[at].into() };
        let program = unpacked(FILES[0], 1 << 20).expect("it is read");
        let size = FILES[0].len() + program.expect("it is packed").len();
        for round in ["read", "known"] {
            let mut files = DocumentFiles {
                left: size + 1000,
                ..DocumentFiles::new(&cache, 1 << 20)
            };
            for _ in 0..8 {
                assert!(files.read(packed(0)).is_ok(), "the same one, {round}");
            }
            let message = files.read(packed(1)).expect_err("it is one too many");
            assert!(message.contains("the document's fonts"), "{message}");
            let mut files = DocumentFiles::new(&cache, size);
            for at in [0, 1] {
                assert!(files.read(packed(at)).is_ok(), "{at} {round}");
            }
        }
    }
}
