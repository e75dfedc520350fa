//! The keys of the bucket.
//!
//! ```text
//! t/{tenant}/batches/{batch}/manifest.json              the accepted manifest's record, created once
//! t/{tenant}/batches/{batch}/source/{hash}.{ext}        its text, named by its content
//! t/{tenant}/batches/{batch}/source/{hash}.rows.{ext}   the rows it names, copied
//! t/{tenant}/batches/{batch}/queued.json                every chunk message has been sent
//! t/{tenant}/batches/{batch}/cancelled.json             no document is started any more
//! t/{tenant}/batches/{batch}/parts/{output}             rendered PDFs
//! {run}/input/{chunk}.jsonl                             a chunk that does not fit in its message
//! {run}/input/sent/{chunk}.json                         all chunks before it have been sent
//! {run}/singles/{chunk}/{ordinal}.json                  one document of a split chunk has ended
//! {run}/starts/{chunk}/{ordinal}/{attempt}.json         a suspect document was started
//! {run}/starts/{chunk}/{ordinal}/{attempt}.back.json    … and came back, so it did not end its function
//! {run}/settled/{group}/{chunk}.json                    all of the chunk have ended
//! {run}/groups/{group}.json                             all chunks of the group are settled
//! {run}/complete.json                                   all groups are
//! {run}/volumes/{output}                                stitched output
//! {run}/stitched/plan.json                              how the run's volumes are cut into ranges
//! {run}/stitched/plan/{first}-{volumes}.json            the volumes of one range
//! {run}/stitched/planning/{documents}.json              how far that plan came, when its time was up
//! {run}/stitched/done/{range}/{volume}.json             one volume of a range that is under way is there
//! {run}/stitched/tries/{range}/…                        attempts at a range, or at the plan, that came back
//! {run}/stitched/states/{range}/{volume}/…              where a volume was paused for want of time
//! {run}/stitched/ranges/{range}.json                    all volumes of the range are there
//! {run}/merged.json                                     all volumes are, or the run was cancelled before
//! {batch}/retries/{generation}/plan.json                what a retry does again
//! ```
//!
//! `{run}` is the batch's own prefix for the first run and `{batch}/retries/{generation}` for a
//! retry: each has its own markers, created once, so that a late message of one run cannot touch
//! another's. Numbers are padded so that key order is numeric order.

use std::ops::Range;

use crate::{BatchId, OutputName, TenantId};

/// Keys that all runs of a batch share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchKeys {
    prefix: String,
}

impl BatchKeys {
    /// The keys of a batch.
    pub fn new(tenant: &TenantId, batch: &BatchId) -> Self {
        Self {
            prefix: format!("t/{tenant}/batches/{batch}"),
        }
    }

    /// The accepted manifest's record.
    pub fn manifest(&self) -> String {
        format!("{}/manifest.json", self.prefix)
    }

    /// The manifest's text, by its content's hash.
    pub fn source(&self, hash: &str, extension: &str) -> String {
        format!("{}/source/{hash}.{extension}", self.prefix)
    }

    /// The copy of the rows a manifest names.
    pub fn rows(&self, hash: &str, extension: &str) -> String {
        format!("{}/source/{hash}.rows.{extension}", self.prefix)
    }

    /// Says that every chunk message has been sent.
    pub fn queued(&self) -> String {
        format!("{}/queued.json", self.prefix)
    }

    /// Says that the batch is cancelled.
    pub fn cancelled(&self) -> String {
        format!("{}/cancelled.json", self.prefix)
    }

    /// A rendered document.
    pub fn part(&self, output: &OutputName) -> String {
        format!("{}/parts/{output}", self.prefix)
    }

    /// What a retry does again.
    pub fn retry_plan(&self, generation: u32) -> String {
        format!("{}/retries/{generation:04}/plan.json", self.prefix)
    }

    /// Prefix of all retries.
    pub fn retries(&self) -> String {
        format!("{}/retries/", self.prefix)
    }

    /// The keys of one run: 0 is the first, 1 the first retry.
    pub fn run(&self, generation: u32) -> RunKeys {
        let prefix = match generation {
            0 => self.prefix.clone(),
            _ => format!("{}/retries/{generation:04}", self.prefix),
        };
        RunKeys { prefix }
    }
}

/// How often a suspect document was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Starts {
    /// In all.
    pub all: usize,
    /// Without coming back: it ended its function, or its function ended for another reason.
    pub fatal: usize,
}

/// Keys of one run of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunKeys {
    prefix: String,
}

impl RunKeys {
    /// A spilled chunk's documents.
    pub fn input(&self, chunk: u32) -> String {
        format!("{}/input/{chunk:08}.jsonl", self.prefix)
    }

    /// The messages of all chunks before this one have been sent.
    pub fn sent(&self, chunk: u32) -> String {
        format!("{}/input/sent/{chunk:08}.json", self.prefix)
    }

    /// Prefix of what says how far a run's messages have been sent.
    pub fn all_sent(&self) -> String {
        format!("{}/input/sent/", self.prefix)
    }

    /// Prefix of the ended documents of a split chunk.
    pub fn singles(&self, chunk: u32) -> String {
        format!("{}/singles/{chunk:08}/", self.prefix)
    }

    /// One ended document of a split chunk.
    pub fn single(&self, chunk: u32, ordinal: u32) -> String {
        format!("{}/singles/{chunk:08}/{ordinal:05}.json", self.prefix)
    }

    /// Prefix of the starts of a suspect document.
    pub fn starts(&self, chunk: u32, ordinal: u32) -> String {
        format!("{}/starts/{chunk:08}/{ordinal:05}/", self.prefix)
    }

    /// One start of a suspect document.
    pub fn start(&self, chunk: u32, ordinal: u32, attempt: u32) -> String {
        format!("{}{attempt:03}.json", self.starts(chunk, ordinal))
    }

    /// That start came back: whatever became of the document, it did not end its function.
    pub fn came_back(&self, chunk: u32, ordinal: u32, attempt: u32) -> String {
        format!("{}{attempt:03}.back.json", self.starts(chunk, ordinal))
    }

    /// Counts the markers below [`RunKeys::starts`].
    pub fn count_starts(keys: &[String]) -> Starts {
        let starts = keys.iter().filter_map(|key| {
            let start = key.strip_suffix(".json")?;
            (!start.ends_with(".back")).then_some(start)
        });
        let mut count = Starts::default();
        for start in starts {
            count.all += 1;
            let back = format!("{start}.back.json");
            if !keys.contains(&back) {
                count.fatal += 1;
            }
        }
        count
    }

    /// Prefix of all settled chunks.
    pub fn all_settled(&self) -> String {
        format!("{}/settled/", self.prefix)
    }

    /// Prefix of a group's settled chunks.
    pub fn settled_group(&self, group: u32) -> String {
        format!("{}/settled/{group:06}/", self.prefix)
    }

    /// A settled chunk.
    pub fn settled(&self, group: u32, chunk: u32) -> String {
        format!("{}/settled/{group:06}/{chunk:08}.json", self.prefix)
    }

    /// Prefix of the complete groups.
    pub fn groups(&self) -> String {
        format!("{}/groups/", self.prefix)
    }

    /// A complete group.
    pub fn group(&self, group: u32) -> String {
        format!("{}/groups/{group:06}.json", self.prefix)
    }

    /// The run is complete.
    pub fn complete(&self) -> String {
        format!("{}/complete.json", self.prefix)
    }

    /// A volume.
    pub fn volume(&self, output: &OutputName) -> String {
        format!("{}/volumes/{output}", self.prefix)
    }

    /// How the run's volumes are cut into ranges.
    pub fn stitch_plan(&self) -> String {
        format!("{}/stitched/plan.json", self.prefix)
    }

    /// Prefix of how far the plan came.
    pub fn stitch_planning(&self) -> String {
        format!("{}/stitched/planning/", self.prefix)
    }

    /// Prefix of what is known of the attempts at the plan.
    pub fn planning_tries(&self) -> String {
        format!("{}/stitched/tries/plan/", self.prefix)
    }

    /// The volumes of the range with these numbers. Named by them, so that what another cut left behind
    /// is not taken for it.
    pub fn range_plan(&self, volumes: &Range<u32>) -> String {
        let (first, count) = (volumes.start, volumes.len());
        format!("{}/stitched/plan/{first:07}-{count}.json", self.prefix)
    }

    /// One volume is stitched, or cannot be, of a range that is under way.
    pub fn stitched(&self, range: u32, volume: u32) -> String {
        format!("{}{volume:07}.json", self.stitched_in(range))
    }

    /// Prefix of the markers of a range's volumes.
    pub fn stitched_in(&self, range: u32) -> String {
        format!("{}/stitched/done/{range:06}/", self.prefix)
    }

    /// Prefix of what is known of the attempts at a range.
    pub fn stitch_tries(&self, range: u32) -> String {
        format!("{}/stitched/tries/{range:06}/", self.prefix)
    }

    /// Prefix of where volumes of a range were paused, and of what they are gone on with.
    pub fn stitch_states(&self, range: u32) -> String {
        format!("{}/stitched/states/{range:06}/", self.prefix)
    }

    /// All volumes of a range are stitched, or cannot be.
    pub fn stitched_range(&self, range: u32) -> String {
        format!("{}{range:06}.json", self.stitched_ranges())
    }

    /// Prefix of the ranges that are done.
    pub fn stitched_ranges(&self) -> String {
        format!("{}/stitched/ranges/", self.prefix)
    }

    /// How stitching ended: all volumes are there, or the run was cancelled before.
    pub fn merged(&self) -> String {
        format!("{}/merged.json", self.prefix)
    }

    /// The number in a key of this run whose file name is a number, such as a settled chunk's.
    pub fn number(key: &str) -> Option<u32> {
        key.rsplit('/').next()?.strip_suffix(".json")?.parse().ok()
    }
}

/// Which version of a bundle is the current one.
pub fn bundle_latest_key(name: &str) -> String {
    format!("bundles/{name}/latest.json")
}

/// Prefix of a bundle version's files.
pub fn bundle_prefix(name: &str, version: &str) -> String {
    format!("bundles/{name}/{version}/")
}

/// What was read of an uploaded PDF: pages, text and metadata. Not below `uploads/`, where it would
/// be an upload itself.
pub fn reading_key(tenant: &TenantId, upload: &str) -> String {
    let name = upload.strip_prefix("uploads/").unwrap_or(upload);
    format!("t/{tenant}/readings/{name}.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_as_designed() {
        let batch = BatchId::from_bits([0; 16]);
        let keys = BatchKeys::new(&TenantId::default(), &batch);
        let id = "a".repeat(26);
        assert_eq!(
            keys.manifest(),
            format!("t/default/batches/{id}/manifest.json")
        );
        let run = keys.run(0);
        assert_eq!(
            run.settled(1, 256),
            format!("t/default/batches/{id}/settled/000001/00000256.json")
        );
        assert_eq!(RunKeys::number(&run.settled(1, 256)), Some(256));
        assert!(
            keys.run(1)
                .complete()
                .contains("/retries/0001/complete.json")
        );
    }

    #[test]
    fn a_start_that_came_back_is_not_fatal() {
        let run = BatchKeys::new(&TenantId::default(), &BatchId::from_bits([0; 16])).run(0);
        let count = |starts: &[u32], back: &[u32]| {
            let starts = starts.iter().map(|&n| run.start(7, 3, n));
            let back = back.iter().map(|&n| run.came_back(7, 3, n));
            let mut keys: Vec<String> = starts.chain(back).collect();
            keys.sort();
            let starts = RunKeys::count_starts(&keys);
            (starts.all, starts.fatal)
        };
        assert_eq!(count(&[], &[]), (0, 0));
        assert_eq!(count(&[3, 4], &[]), (2, 2));
        assert_eq!(count(&[3, 4], &[3]), (2, 1));
        assert_eq!(count(&[3, 4, 12], &[3, 4, 12]), (3, 0));
        assert!(run.came_back(7, 3, 4).starts_with(&run.starts(7, 3)));
    }
}
