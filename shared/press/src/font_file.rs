//! Font files: WOFF unpacked, and read once for all documents of a press.

use crate::cache::ContentCache;
use fanfold_style::FontFaceRule;
use fanfold_text::{Face, FaceDescription, FontData};
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

/// The font program in a WOFF file (WOFF 1.0, WOFF 2.0) of at most `limit` bytes; none where it is not packed.
fn unpacked(data: &[u8], limit: usize) -> Result<Option<Vec<u8>>, String> {
    let failed = |error| format!("not a usable font: {error}");
    let program = match data.get(..4) {
        Some(b"wOFF") => {
            if woff_size(data).is_none_or(|size| size > limit) {
                return Err(format!("a font of more than the limit of {limit} bytes"));
            }
            wuff::decompress_woff1(data).map_err(failed)?
        }
        Some(b"wOF2") => wuff::decompress_woff2(data).map_err(failed)?,
        _ => return Ok(None),
    };
    if program.len() > limit {
        return Err(format!(
            "a font of {} bytes, over the limit of {limit}",
            program.len()
        ));
    }
    Ok(Some(program))
}

/// What the tables of a WOFF 1.0 file come to (WOFF 1.0 §4), by which memory is taken before they are read.
fn woff_size(data: &[u8]) -> Option<usize> {
    const HEADER: usize = 44;
    const ENTRY: usize = 20;
    let count = usize::from(u16::from_be_bytes(data.get(12..14)?.try_into().ok()?));
    let directory = data.get(HEADER..HEADER + count * ENTRY)?;
    let size = |at: usize, entry: &[u8]| {
        let bytes = entry.get(at..at + 4)?.try_into().ok()?;
        usize::try_from(u32::from_be_bytes(bytes)).ok()
    };
    directory
        .chunks_exact(ENTRY)
        .try_fold(0_usize, |sum, entry| {
            let (packed, plain) = (size(8, entry)?, size(12, entry)?);
            sum.checked_add(packed.max(plain))
        })
}

#[cfg(test)]
mod tests {
    use super::unpacked;

    #[test]
    fn damaged_woff_is_an_error() {
        let files: [&[u8]; 2] = [
            include_bytes!("../tests/fonts/boxes.woff"),
            include_bytes!("../tests/fonts/boxes.woff2"),
        ];
        for file in files {
            assert!(matches!(unpacked(file, 1 << 20), Ok(Some(_))));
            assert!(unpacked(file, 1000).is_err(), "over the limit");
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
        // A table that claims four gigabytes.
        let mut claims = files[0].to_vec();
        claims[44 + 12..44 + 16].fill(0xff);
        assert!(unpacked(&claims, 1 << 20).is_err());
    }
}
