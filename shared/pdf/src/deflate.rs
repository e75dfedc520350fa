//! zlib streams, as `FlateDecode` has them (ISO 32000-1 §7.4.4).

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use std::fmt;

/// A reusable compressor: its tables are allocated once, not for every stream.
pub struct Deflater {
    state: Compress,
}

impl Deflater {
    /// A compressor of this zlib level, 1 (fast) to 9 (small).
    pub fn new(level: u32) -> Self {
        Self {
            state: Compress::new(Compression::new(level.clamp(1, 9)), true),
        }
    }

    /// Appends the zlib stream of `data` to `out`.
    pub fn deflate_into(&mut self, data: &[u8], out: &mut Vec<u8>) {
        self.state.reset();
        out.reserve(data.len() / 3 + 64);
        loop {
            let consumed = usize::try_from(self.state.total_in()).unwrap_or(usize::MAX);
            let rest = data.get(consumed..).unwrap_or_default();
            match self.state.compress_vec(rest, out, FlushCompress::Finish) {
                Ok(Status::StreamEnd) => return,
                // The output vector was full: grow it and go on.
                Ok(Status::Ok | Status::BufError) => out.reserve(data.len() / 4 + 1024),
                Err(_) => unreachable!("deflate has no invalid input"),
            }
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
