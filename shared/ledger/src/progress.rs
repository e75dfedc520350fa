//! How far a batch is, from its markers alone.

use fanfold_job::report::{BatchStatus, Facts};
use fanfold_job::settled::{
    Accepted, ChunkSettled, GroupComplete, Merged, RetryPlan, RunComplete, StitchEnd, Tally,
};
use fanfold_job::{BatchKeys, Plan, RunKeys};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::{Ledger, LedgerResult};

/// Groups listed at once: two million documents have 782.
const LISTS: usize = 16;

/// A batch's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// What was accepted.
    pub accepted: Accepted,
    /// The last run: 0, or the last retry.
    pub generation: u32,
    /// How each run is cut, the first one first.
    pub plans: Vec<Plan>,
    /// Results so far, each document counted once, by its last run.
    pub tally: Tally,
    /// Which markers are there.
    pub facts: Facts,
    /// What the last run's merge made, once it has.
    pub merged: Option<Merged>,
}

impl Progress {
    /// Where the batch is.
    pub fn status(&self) -> BatchStatus {
        BatchStatus::of(self.facts, &self.tally)
    }
}

impl Ledger {
    /// Reads how far an accepted batch is. The cost is a few lists and reads, and one read for each
    /// settled chunk of the groups that are not complete.
    ///
    /// # Errors
    /// When the store does not answer, or a marker is damaged.
    pub async fn progress(&self, accepted: Accepted) -> LedgerResult<Progress> {
        let keys = BatchKeys::new(&accepted.tenant, &accepted.batch_id);
        let plans = self.plans(&accepted).await?;
        let mut tally = Tally::default();
        let mut complete = false;
        for (generation, plan) in plans.iter().enumerate() {
            let (run, done) = self.run_tally(&keys.run(generation as u32), *plan).await?;
            if generation > 0 {
                // A retry takes its documents out of the failed: those not ended yet are pending.
                tally.failed = tally.failed.saturating_sub(plan.documents);
            }
            tally.add(&run);
            complete = done;
        }
        let generation = plans.len().saturating_sub(1) as u32;
        let merged = match complete {
            true => match self.read(&keys.run(generation).merged()).await? {
                Some(StitchEnd::Merged(merged)) => Some(merged),
                Some(StitchEnd::Cancelled { .. }) | None => None,
            },
            false => None,
        };
        let facts = Facts {
            cancelled: self.is_cancelled(&keys).await?,
            complete,
            merged: merged.is_some(),
            stitches: !accepted.merge.is_empty(),
        };
        Ok(Progress {
            accepted,
            generation,
            plans,
            tally,
            facts,
            merged,
        })
    }

    /// How each run of a batch is cut: the first, then its retries.
    ///
    /// # Errors
    /// When the store does not answer, or a plan is damaged.
    pub async fn plans(&self, accepted: &Accepted) -> LedgerResult<Vec<Plan>> {
        let keys = BatchKeys::new(&accepted.tenant, &accepted.batch_id);
        let mut plans = vec![accepted.plan];
        while let Some(retry) = self
            .read::<RetryPlan>(&keys.retry_plan(plans.len() as u32))
            .await?
        {
            plans.push(retry.plan);
        }
        Ok(plans)
    }

    /// A run's documents so far, and whether it is complete. One without documents, which only makes
    /// volumes again, is complete from its begin.
    async fn run_tally(&self, keys: &RunKeys, plan: Plan) -> LedgerResult<(Tally, bool)> {
        if plan.documents == 0 {
            return Ok((Tally::default(), true));
        }
        if let Some(complete) = self.read::<RunComplete>(&keys.complete()).await? {
            return Ok((complete.tally, true));
        }
        let mut tally = Tally::default();
        let groups = self.keys(&keys.groups()).await?;
        let done: Vec<u32> = groups
            .iter()
            .filter_map(|key| RunKeys::number(key))
            .collect();
        for marker in self.read_all::<GroupComplete>(groups).await? {
            tally.add(&marker.tally);
        }
        let open: Vec<String> = (0..plan.groups())
            .filter(|group| done.binary_search(group).is_err())
            .map(|group| keys.settled_group(group))
            .collect();
        let mut lists = stream::iter(open)
            .map(|prefix| async move { self.keys(&prefix).await })
            .buffered(LISTS);
        while let Some(settled) = lists.try_next().await? {
            for marker in self.read_all::<ChunkSettled>(settled).await? {
                tally.add_chunk(&marker);
            }
        }
        Ok((tally, false))
    }
}
