//! zlib streams, as `FlateDecode` has them (ISO 32000-1 §7.4.4).

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use std::cell::Cell;
use std::fmt;

use crate::tight::Packer;

thread_local! {
    /// The compressor, and its level, that a writer on this thread has left for the next.
    static LEFT: Cell<Option<(u32, Compress)>> = const { Cell::new(None) };
}

/// Streams longer than this are not packed tightly, whatever is left: pictures, which take long.
pub const MOST_TIGHT: usize = 1 << 20;

/// A reusable compressor: its tables, 300 KB, are allocated once, not for every stream; and what one
/// file leaves the next on the same thread goes on with.
///
/// It can be told to make so many bytes smaller than zlib can, which takes some fifteen times as long: all that
/// come first, so that what comes out depends on nothing but what goes in.
pub struct Deflater {
    level: u32,
    state: Option<Compress>,
    /// Bytes that may still be packed tightly.
    tight: u64,
    packer: Option<Box<Packer>>,
}

impl Deflater {
    /// A compressor of this zlib level, 1 (fast) to 9 (small).
    pub fn new(level: u32) -> Self {
        let level = level.clamp(1, 9);
        let left = LEFT.take().filter(|(known, _)| *known == level);
        Self {
            level,
            state: left.map(|(_, state)| state),
            tight: 0,
            packer: None,
        }
    }

    /// The same, that packs `bytes` of what it gets tightly.
    #[must_use]
    pub fn tightly(mut self, bytes: u64) -> Self {
        self.tight = bytes;
        self
    }

    /// How many bytes are still packed tightly.
    pub fn tight_left(&self) -> u64 {
        self.tight
    }

    /// Appends the zlib stream of `data` to `out`.
    pub fn deflate_into(&mut self, data: &[u8], out: &mut Vec<u8>) {
        if data.len() <= MOST_TIGHT
            && let Some(left) = self.tight.checked_sub(data.len() as u64)
        {
            self.tight = left;
            let packer = self.packer.get_or_insert_with(|| Box::new(Packer::new()));
            let start = out.len();
            packer.pack(data, out);
            // To read it again takes a fiftieth of the time, and pages are worth the look.
            if data.is_empty() || inflate(&out[start..], data.len()).as_deref() == Some(data) {
                return;
            }
            debug_assert!(false, "the packer has made other data");
            out.truncate(start);
        }
        let level = Compression::new(self.level);
        let state = self.state.get_or_insert_with(|| Compress::new(level, true));
        state.reset();
        out.reserve(data.len() / 3 + 64);
        loop {
            let consumed = usize::try_from(state.total_in()).unwrap_or(usize::MAX);
            let rest = data.get(consumed..).unwrap_or_default();
            match state.compress_vec(rest, out, FlushCompress::Finish) {
                Ok(Status::StreamEnd) => return,
                // The output vector was full: grow it and go on.
                Ok(Status::Ok | Status::BufError) => out.reserve(data.len() / 4 + 1024),
                Err(_) => unreachable!("deflate has no invalid input"),
            }
        }
    }
}

impl Drop for Deflater {
    fn drop(&mut self) {
        let left = self.state.take().map(|state| (self.level, state));
        // On a thread that ends it may be too late to leave anything.
        if left.is_some() {
            let _ = LEFT.try_with(|kept| kept.set(left));
        }
    }
}

impl fmt::Debug for Deflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deflater").finish_non_exhaustive()
    }
}

/// The zlib stream of `data`.
pub fn deflate(data: &[u8], level: u32) -> Vec<u8> {
    let mut out = Vec::new();
    Deflater::new(level).deflate_into(data, &mut out);
    out
}

/// The data of a zlib stream, at most `limit` bytes of it; what could be read of a damaged or
/// truncated one. `None` when nothing could be read, or there is more than `limit`.
pub fn inflate(data: &[u8], limit: usize) -> Option<Vec<u8>> {
    let mut state = Decompress::new(true);
    let mut out = Vec::with_capacity(data.len().saturating_mul(3).min(limit).min(1 << 20));
    loop {
        let consumed = usize::try_from(state.total_in()).ok()?;
        let produced = out.len();
        let rest = data.get(consumed..)?;
        let status = state.decompress_vec(rest, &mut out, FlushDecompress::None);
        if out.len() > limit {
            return None;
        }
        match status {
            Ok(Status::StreamEnd) => return Some(out),
            Ok(Status::Ok | Status::BufError) => {
                let stuck =
                    out.len() == produced && usize::try_from(state.total_in()).ok()? == consumed;
                if stuck && out.len() < out.capacity() {
                    return (!out.is_empty()).then_some(out);
                }
                out.reserve(
                    out.len()
                        .clamp(4096, 1 << 24)
                        .min(limit + 1 - out.len().min(limit)),
                );
            }
            Err(_) => return (!out.is_empty()).then_some(out),
        }
    }
}

/// Whether a zlib stream is whole: it inflates to its end, as far as `limit` bytes.
pub fn is_whole(data: &[u8], limit: usize) -> bool {
    let mut state = Decompress::new(true);
    let mut scratch = vec![0; (data.len().saturating_mul(4)).clamp(1 << 10, 1 << 16)];
    loop {
        let (consumed, produced) = (state.total_in(), state.total_out());
        if usize::try_from(produced).is_ok_and(|produced| produced > limit) {
            return true;
        }
        let Some(rest) = usize::try_from(consumed)
            .ok()
            .and_then(|consumed| data.get(consumed..))
        else {
            return false;
        };
        match state.decompress(rest, &mut scratch, FlushDecompress::None) {
            Ok(Status::StreamEnd) => return true,
            Ok(Status::Ok | Status::BufError) => {
                if (state.total_in(), state.total_out()) == (consumed, produced) {
                    return false;
                }
            }
            Err(_) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_streams_are_not_whole() {
        let data: Vec<u8> = (0..100_000_u32)
            .map(|at| (at % 251).to_le_bytes()[0])
            .collect();
        let packed = deflate(&data, 6);
        assert!(is_whole(&packed, data.len()));
        assert!(is_whole(&[packed.as_slice(), b"more"].concat(), data.len()));
        for length in 0..packed.len() {
            assert!(!is_whole(&packed[..length], data.len()), "{length}");
        }
        // Beyond the limit no one looks.
        assert!(is_whole(&packed[..packed.len() - 1], 1000));
    }
}
