//! The records of a run's volumes, wherever `merged.json` says they are.

use fanfold_job::settled::{Accepted, Merged, VolumeRecord};
use fanfold_job::{BatchKeys, RangeDone};

use crate::{Ledger, LedgerError, LedgerResult};

impl Ledger {
    /// Records of a batch's stitched volumes in order, from the `first` on, `most` at most.
    ///
    /// # Errors
    /// When the store does not answer, or a marker is missing or damaged.
    pub async fn volumes(
        &self,
        accepted: &Accepted,
        merged: &Merged,
        first: usize,
        most: usize,
    ) -> LedgerResult<Vec<VolumeRecord>> {
        let Some(ranges) = &merged.ranges else {
            let records = merged.volumes.get(first..).unwrap_or_default();
            return Ok(records.iter().take(most).cloned().collect());
        };
        let run = BatchKeys::new(&accepted.tenant, &accepted.batch_id).run(merged.generation);
        let mut records = Vec::new();
        for range in 0..ranges.plan.len() {
            let volumes = ranges.plan.range(range).unwrap_or_default();
            if records.len() >= most || volumes.end as usize <= first {
                continue;
            }
            let key = run.stitched_range(range);
            let done: RangeDone = self.must_read(&key).await?;
            if done.volumes.len() != volumes.len() {
                let reason = format!("it has {} volumes", done.volumes.len());
                return Err(LedgerError::Damaged { key, reason });
            }
            let skipped = first.saturating_sub(volumes.start as usize);
            let left = most - records.len();
            records.extend(done.volumes.into_iter().skip(skipped).take(left));
        }
        Ok(records)
    }
}
