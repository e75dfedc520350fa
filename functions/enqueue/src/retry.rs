//! Failed documents again, and the volumes with them: a run of their own, with markers of its own. When
//! only volumes failed, the run has no documents.

use std::time::Duration;

use fanfold_job::BatchKeys;
use fanfold_job::Plan;
use fanfold_job::report::BatchStatus;
use fanfold_job::settled::{Accepted, Merged, RetryPlan, Status};
use fanfold_lambda::send_all;
use fanfold_ledger::{Absent, LedgerResult, Results};

use crate::Enqueue;
use crate::cut::{Run, run_ref};

/// What a request for a retry led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retried {
    /// So many documents are done again.
    Again(u64),
    /// The batch has not come to its end, and no retry is under way.
    NotEnded(BatchStatus),
    /// No document and no volume failed.
    NoneFailed,
}

impl Enqueue {
    /// Starts a retry of the failed documents, or goes on with one, or with the batch itself, that was
    /// started and not fully queued.
    pub(crate) async fn retry(&self, accepted: Accepted) -> LedgerResult<Retried> {
        let progress = self.ledger.progress(accepted).await?;
        let (accepted, status) = (&progress.accepted, progress.status());
        // A retry of volumes alone has only its message to be made from, which may not have been sent.
        let only_volumes = progress
            .plans
            .last()
            .is_some_and(|plan| plan.documents == 0);
        let under_way = !progress.facts.complete || (only_volumes && !progress.facts.merged);
        if progress.generation > 0 && under_way && !progress.facts.cancelled {
            return self
                .send_retry(accepted, &progress.plans, progress.generation)
                .await
                .map(Retried::Again);
        }
        if progress.facts.cancelled {
            // Even one that came too late for the batch would end a retry at once.
            return Ok(Retried::NotEnded(BatchStatus::Cancelled));
        }
        if status == BatchStatus::Stitching {
            // The message that asks for the volumes may be lost; a second one changes nothing.
            let plan = progress.plans.last().copied().unwrap_or(accepted.plan);
            self.ask_for_volumes(accepted, progress.generation, plan)
                .await?;
            return Ok(Retried::Again(0));
        }
        if !matches!(status, BatchStatus::Complete | BatchStatus::Failed) {
            // Who accepted it may have died before all of it was queued; nobody else goes on with a
            // batch that no idempotency key names.
            let keys = BatchKeys::new(&accepted.tenant, &accepted.batch_id);
            if !self.ledger.exists(&keys.queued()).await? {
                self.queue(accepted).await?;
                return Ok(Retried::Again(accepted.plan.documents));
            }
            return Ok(Retried::NotEnded(status));
        }
        let all_made = progress.merged.as_ref().is_none_or(Merged::is_whole);
        if progress.tally.failed == 0 && all_made {
            return Ok(Retried::NoneFailed);
        }
        let generation = progress.generation + 1;
        let plan = Plan::new(progress.tally.failed, self.limits.chunk_documents);
        let marker = RetryPlan {
            generation,
            created_ms: self.ledger.now_ms(),
            plan,
        };
        let key = BatchKeys::new(&accepted.tenant, &accepted.batch_id).retry_plan(generation);
        // When another request was faster, its plan holds.
        self.ledger
            .create(&key, &marker, accepted.retention_days)
            .await?;
        let plans = self.ledger.plans(accepted).await?;
        tracing::info!(batch = %accepted.batch_id, generation, documents = plan.documents, "failed documents are done again");
        self.send_retry(accepted, &plans, generation)
            .await
            .map(Retried::Again)
    }

    async fn ask_for_volumes(
        &self,
        accepted: &Accepted,
        generation: u32,
        plan: Plan,
    ) -> LedgerResult<()> {
        let merge = run_ref(accepted, generation, plan).merge_message();
        send_all(
            &*self.queues.merge,
            vec![merge.to_body()],
            Duration::ZERO,
            accepted.tenant.as_str(),
        )
        .await?;
        Ok(())
    }

    /// Sends the chunks of a retry that are not settled.
    async fn send_retry(
        &self,
        accepted: &Accepted,
        plans: &[Plan],
        generation: u32,
    ) -> LedgerResult<u64> {
        let own = plans.get(generation as usize);
        if let Some(plan) = own.filter(|plan| plan.documents == 0) {
            self.ask_for_volumes(accepted, generation, *plan).await?;
            return Ok(0);
        }
        let before = plans.get(..generation as usize).unwrap_or(plans);
        let mut results = Results::new(self.ledger.clone(), accepted, before, 0, Absent::Refuse);
        let mut failed = Vec::new();
        while let Some(document) = results.next().await? {
            if document.result.status == Status::Failed {
                failed.push(document.index);
            }
        }
        let plan = own
            .copied()
            .unwrap_or(Plan::new(failed.len() as u64, self.limits.chunk_documents));
        let run = run_ref(accepted, generation, plan);
        let settled = self.settled(&run).await?;
        self.send_run(
            accepted,
            Run {
                run,
                only: Some(failed),
                settled,
            },
        )
        .await?;
        Ok(plan.documents)
    }
}
