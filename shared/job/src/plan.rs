//! How a batch is cut: documents into chunks, chunks into groups.
//!
//! Every chunk but the last has the same number of documents (one that does not fit in a message is
//! spilled, not cut smaller), so which chunk a document is in is arithmetic, not a record.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Chunks in a group: small enough to list in one call, large enough that two million documents
/// make under a thousand groups.
pub const GROUP_CHUNKS: u32 = 256;

/// The cut of one run of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Documents in the run.
    pub documents: u64,
    /// Documents in a chunk.
    pub chunk_documents: u32,
}

impl Plan {
    /// A plan; a chunk has at least one document.
    pub fn new(documents: u64, chunk_documents: u32) -> Self {
        Self {
            documents,
            chunk_documents: chunk_documents.max(1),
        }
    }

    /// Chunks in all.
    pub fn chunks(&self) -> u32 {
        let chunks = self
            .documents
            .div_ceil(u64::from(self.chunk_documents.max(1)));
        u32::try_from(chunks).unwrap_or(u32::MAX)
    }

    /// Groups in all.
    pub fn groups(&self) -> u32 {
        self.chunks().div_ceil(GROUP_CHUNKS)
    }

    /// The positions, in this run, of a chunk's documents.
    pub fn chunk_range(&self, chunk: u32) -> Range<u64> {
        let size = u64::from(self.chunk_documents.max(1));
        let first = (u64::from(chunk) * size).min(self.documents);
        first..(first + size).min(self.documents)
    }

    /// How many documents a chunk has.
    pub fn chunk_len(&self, chunk: u32) -> u32 {
        let range = self.chunk_range(chunk);
        // At most `chunk_documents`, which is a u32.
        (range.end - range.start) as u32
    }

    /// The chunk that holds the document at a position of this run.
    pub fn chunk_of(&self, position: u64) -> u32 {
        u32::try_from(position / u64::from(self.chunk_documents.max(1))).unwrap_or(u32::MAX)
    }

    /// The group a chunk is in.
    pub fn group_of(&self, chunk: u32) -> u32 {
        chunk / GROUP_CHUNKS
    }

    /// The chunks of a group.
    pub fn group_range(&self, group: u32) -> Range<u32> {
        let first = group.saturating_mul(GROUP_CHUNKS).min(self.chunks());
        first..first.saturating_add(GROUP_CHUNKS).min(self.chunks())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_and_groups_cover_everything_once() {
        for (documents, size) in [
            (1, 10),
            (10, 10),
            (11, 10),
            (2_560, 10),
            (2_561, 10),
            (7, 1),
            (2_000_000, 10),
        ] {
            let plan = Plan::new(documents, size);
            assert_eq!(plan.chunk_range(0).start, 0);
            assert_eq!(plan.chunk_range(plan.chunks() - 1).end, documents);
            assert_eq!(plan.group_range(plan.groups() - 1).end, plan.chunks());
            let last = documents - 1;
            assert!(plan.chunk_range(plan.chunk_of(last)).contains(&last));
        }
        assert_eq!(Plan::new(2_000_000, 10).groups(), 782);
        assert_eq!(Plan::new(0, 10).chunks(), 0);
    }
}
