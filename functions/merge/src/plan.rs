//! A run's volumes, planned once and cut into ranges; and the end, when all ranges are done.

use std::collections::HashMap;

use fanfold_job::settled::{Merged, MergedRanges, RECORDS_IN_MERGED, StitchEnd, VolumeRecord};
use fanfold_job::{MergeSpec, OutputName, RangeDone, RangePlan, RunKeys, StitchPlan};
use fanfold_lambda::{Deadline, Delivery};
use fanfold_ledger::LedgerResult;
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::Merge;
use crate::run::Run;
use crate::tries::Tries;
use crate::volumes::volumes;

/// Ranges' plans written at once.
const WRITES: usize = 16;

impl Merge {
    /// How the run's volumes are cut: as `stitched/plan.json` says, which is written when it is not
    /// there. All results of the run are read for that, and a number kept for each document of each
    /// `by`: two million documents take some minutes. None when the time is up before; then it is written
    /// down how far that came, and another goes on there. Of a suspect it is written down that it begins, so
    /// that it is known when it ends its function.
    pub(crate) async fn plan(
        &self,
        run: &Run,
        delivery: &Delivery,
        deadline: Deadline,
        is_suspect: bool,
    ) -> LedgerResult<Option<StitchPlan>> {
        if let Some(plan) = self.ledger.read(&run.keys.stitch_plan()).await? {
            return Ok(Some(plan));
        }
        let tries = Tries::at_plan(run);
        if is_suspect {
            tries.start(0, delivery).await?;
        }
        let planned = self.plan_anew(run, deadline).await;
        if is_suspect {
            let reason = match &planned {
                Ok(Some(_)) => "it is planned".to_owned(),
                Ok(None) => "its time was up, and it was paused".to_owned(),
                Err(error) => error.to_string(),
            };
            tries.back(0, delivery, &reason).await;
        }
        planned
    }

    async fn plan_anew(&self, run: &Run, deadline: Deadline) -> LedgerResult<Option<StitchPlan>> {
        let key = run.keys.stitch_plan();
        let Some(mut volumes) = volumes(run, deadline).await? else {
            return Ok(None);
        };
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
            return Ok(Some(plan));
        }
        self.ledger.must_read(&key).await.map(Some)
    }

    /// Ends a run whose volumes cannot even be planned: each entry of the manifest's `merge` says why.
    pub(crate) async fn give_up(&self, run: &Run, error: &str) -> LedgerResult<()> {
        let volumes: Vec<VolumeRecord> = (0..)
            .zip(&run.accepted.merge)
            .map(|(number, spec)| VolumeRecord {
                output: named_by(spec, number),
                key: None,
                pages: 0,
                bytes: 0,
                sha256: String::new(),
                documents: 0,
                missing: 0,
                parts_sha256: String::new(),
                error: Some(error.to_owned()),
                warnings: Vec::new(),
            })
            .collect();
        if self.ledger.is_cancelled(&run.batch).await? {
            return Ok(());
        }
        tracing::error!(batch = %run.accepted.batch_id, generation = run.generation, reason = error, "a run's volumes are given up from the dead-letter queue");
        let merged = Merged {
            generation: run.generation,
            merged_ms: self.ledger.now_ms(),
            volumes,
            ranges: None,
        };
        run.create(&run.keys.merged(), &StitchEnd::Merged(merged))
            .await?;
        Ok(())
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
        if self.ledger.is_cancelled(&run.batch).await? {
            // Whoever cancelled it while its volumes were made was told so, and that stays.
            return Ok(());
        }
        // Nor is it there for one who cancels it now, and comes first.
        let end = StitchEnd::Merged(merged);
        if run.create(&run.keys.merged(), &end).await? {
            tracing::info!(batch = %run.accepted.batch_id, generation = run.generation, volumes = plan.volumes, not_made, "a run is merged");
        }
        Ok(())
    }
}

/// What the volumes of an entry of `merge` are called together: a template's braces stay.
fn named_by(spec: &MergeSpec, number: u32) -> OutputName {
    let name = OutputName::parse(&spec.output);
    let name = name.or_else(|_| OutputName::parse(&format!("merge-{number}.pdf")));
    name.expect("a number is in any name")
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
