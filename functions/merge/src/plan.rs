//! A run's volumes, planned once and cut into ranges; and the end, when all ranges are done.

use std::collections::HashMap;

use fanfold_job::settled::{Merged, MergedRanges, RECORDS_IN_MERGED, VolumeRecord};
use fanfold_job::{OutputName, RangeDone, RangePlan, RunKeys, StitchPlan};
use fanfold_ledger::LedgerResult;
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::Merge;
use crate::run::Run;
use crate::volumes::volumes;

/// Ranges' plans written at once.
const WRITES: usize = 16;

impl Merge {
    /// How the run's volumes are cut: as `stitched/plan.json` says, which is written when it is not
    /// there. All results of the run are read for that, and a number kept for each document of each
    /// `by`, so it is not handed on: two million documents take some minutes.
    pub(crate) async fn plan(&self, run: &Run) -> LedgerResult<StitchPlan> {
        let key = run.keys.stitch_plan();
        if let Some(plan) = self.ledger.read(&key).await? {
            return Ok(plan);
        }
        let mut volumes = volumes(run).await?;
        let before = made_before(run).await?;
        for volume in &mut volumes {
            volume.made = before.get(&volume.output).cloned();
        }
        let work: Vec<u64> = volumes.iter().map(|volume| volume.work()).collect();
        let plan = StitchPlan::cut(&work, self.pace.range_work);
        let mut left = volumes.into_iter();
        // Of two that plan at once with another idea of a range, one's cut holds, and its ranges are
        // there: each plan of a range is named by what it holds.
        let ranges = (0..plan.len())
            .filter_map(|range| plan.range(range))
            .map(|numbers| {
                let volumes = left.by_ref().take(numbers.len()).collect();
                (run.keys.range_plan(&numbers), RangePlan { volumes })
            });
        stream::iter(ranges)
            .map(|(key, range)| async move { run.create(&key, &range).await })
            .buffer_unordered(WRITES)
            .try_collect::<Vec<bool>>()
            .await?;
        if run.create(&key, &plan).await? {
            return Ok(plan);
        }
        self.ledger.must_read(&key).await
    }

    /// Numbers of the ranges that are done, in order.
    pub(crate) async fn ranges_done(&self, run: &Run) -> LedgerResult<Vec<u32>> {
        let keys = self.ledger.keys(&run.keys.stitched_ranges()).await?;
        Ok(keys.iter().filter_map(|key| RunKeys::number(key)).collect())
    }

    /// Ends the run when all its ranges are done: whoever ends one sees in a strongly consistent list
    /// whether it was the last.
    pub(crate) async fn finish(&self, run: &Run, plan: &StitchPlan) -> LedgerResult<()> {
        if self.ranges_done(run).await?.len() < plan.ranges.len() {
            return Ok(());
        }
        let few = plan.volumes <= RECORDS_IN_MERGED;
        let (mut volumes, mut not_made) = (Vec::new(), 0);
        let keys: Vec<String> = (0..plan.len())
            .map(|range| run.keys.stitched_range(range))
            .collect();
        // Some hundred at a time: half a million records are a hundred megabytes.
        for keys in keys.chunks(128) {
            for done in self.ledger.read_all::<RangeDone>(keys.to_vec()).await? {
                let failed = done.volumes.iter().filter(|volume| volume.key.is_none());
                not_made += failed.count() as u32;
                if few {
                    volumes.extend(done.volumes);
                }
            }
        }
        let ranges = (!few).then(|| MergedRanges {
            plan: plan.clone(),
            not_made,
        });
        let merged = Merged {
            generation: run.generation,
            merged_ms: self.ledger.now_ms(),
            volumes,
            ranges,
        };
        if run.create(&run.keys.merged(), &merged).await? {
            tracing::info!(batch = %run.accepted.batch_id, generation = run.generation, volumes = plan.volumes, not_made, "a run is merged");
        }
        Ok(())
    }
}

/// Of a run that has no documents, and so the same parts as the run before: the volumes that were
/// made then, which stay.
async fn made_before(run: &Run) -> LedgerResult<HashMap<OutputName, VolumeRecord>> {
    let before = run.plans.len().checked_sub(2);
    let only_volumes = run.plans.last().is_some_and(|plan| plan.documents == 0);
    let (Some(before), true) = (before, only_volumes) else {
        return Ok(HashMap::new());
    };
    let merged: Merged = run
        .ledger
        .must_read(&run.batch.run(before as u32).merged())
        .await?;
    let records = run
        .ledger
        .volumes(&run.accepted, &merged, 0, merged.count());
    let made = records
        .await?
        .into_iter()
        .filter(|record| record.key.is_some());
    Ok(made.map(|record| (record.output.clone(), record)).collect())
}
