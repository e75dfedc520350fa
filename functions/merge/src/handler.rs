//! The merge queue: what a message asks for, and what becomes of it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use fanfold_cloud::Receipt;
use fanfold_job::message::MergeMessage;
use fanfold_job::{RANGE_WORK, StitchPlan, state};
use fanfold_lambda::{
    BatchAnswer, Deadline, Delivery, Outcome, Queues, Settings, answer, send_all,
};
use fanfold_ledger::{Ledger, LedgerResult};

use crate::Binder;
use crate::run::Run;

/// How long a message is kept from others at a time while it is worked on.
const HELD: Duration = Duration::from_secs(300);

/// The merge function: one for a process, shared by its invocations.
pub struct Merge {
    pub(crate) ledger: Ledger,
    pub(crate) queues: Queues,
    pub(crate) settings: Settings,
    pub(crate) binder: Arc<dyn Binder>,
    pub(crate) pace: Pace,
}

/// How much is done at once, and in one go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// Work of a range: see [`StitchPlan::cut`].
    pub(crate) range_work: u64,
    /// Volumes of a range that are made at once: a small one is mostly waiting for the store.
    pub(crate) volumes_at_once: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            range_work: RANGE_WORK,
            volumes_at_once: 16,
        }
    }
}

impl Merge {
    /// A function over a store and queues, binding with `binder`.
    pub fn new(
        ledger: Ledger,
        queues: Queues,
        settings: Settings,
        binder: Arc<dyn Binder>,
    ) -> Self {
        Self {
            ledger,
            queues,
            settings,
            binder,
            pace: Pace::default(),
        }
    }

    /// The same, with other ranges than [`RANGE_WORK`] makes: a test wants several of a few documents.
    #[must_use]
    pub fn with_range_work(mut self, range_work: u64) -> Self {
        self.pace.range_work = range_work;
        self
    }

    /// The same, making so many volumes at once: a simulation wants one, to be the same each time.
    #[must_use]
    pub fn with_volumes_at_once(mut self, volumes: usize) -> Self {
        self.pace.volumes_at_once = volumes.max(1);
        self
    }

    /// Handles a delivered batch of the merge queue.
    pub async fn batch(&self, batch: &[Delivery], deadline: Deadline) -> BatchAnswer {
        let mut outcomes = HashMap::new();
        // One after the other: a range uses the whole function.
        for delivery in batch {
            let outcome = match serde_json::from_str::<MergeMessage>(&delivery.body) {
                Ok(message) => self.held(delivery, self.message(&message, delivery, deadline)).await.unwrap_or_else(|error| {
                    tracing::warn!(message_id = delivery.id, receive_count = delivery.receive_count, error = %error, "a merge goes back");
                    Outcome::Back { after: Some(state::backoff(delivery.receive_count, delivery.jitter())) }
                }),
                Err(error) => {
                    tracing::error!(message_id = delivery.id, error = %error, "a message cannot be read; it goes to the dead-letter queue");
                    Outcome::Back { after: Some(Duration::ZERO) }
                }
            };
            if let Outcome::Back { after: Some(after) } = outcome {
                let receipt = Receipt(delivery.receipt.clone());
                if let Err(error) = self.queues.merge.change_visibility(&receipt, after).await {
                    tracing::debug!(message_id = delivery.id, error = %error, "the visibility stays as the queue has it");
                }
            }
            outcomes.insert(delivery.id.clone(), outcome);
        }
        answer(batch, &outcomes)
    }

    /// Does the work of a delivery while its message is kept from others for some minutes at a time: when
    /// the function is killed, the message is back after these, and not after the queue's own timeout,
    /// which has to outlast the longest function several times.
    async fn held<T>(&self, delivery: &Delivery, work: impl Future<Output = T>) -> T {
        let receipt = Receipt(delivery.receipt.clone());
        let hold = async {
            loop {
                if let Err(error) = self.queues.merge.hold(&receipt, HELD).await {
                    tracing::debug!(message_id = delivery.id, error = %error, "the visibility stays as it was");
                }
                tokio::time::sleep(HELD / 3).await;
            }
        };
        // The hold is asked for before the work begins, however soon that is done: whether it is must not
        // depend on which thread is faster.
        tokio::select! {
            biased;
            never = hold => never,
            done = work => done,
        }
    }

    /// Plans a run's volumes and sends a message for each range of them, or stitches a range.
    async fn message(
        &self,
        message: &MergeMessage,
        delivery: &Delivery,
        deadline: Deadline,
    ) -> LedgerResult<Outcome> {
        let Some(run) = Run::open(&self.ledger, message).await? else {
            return Ok(Outcome::Done);
        };
        // A first attempt that ends the function is seen by the second.
        let is_suspect = delivery.receive_count > 1;
        let Some(plan) = self.plan(&run, delivery, deadline, is_suspect).await? else {
            return self.plan_on(message).await;
        };
        match Asked::of(message, &plan) {
            Asked::Nothing => self.finish(&run, &plan).await?,
            Asked::Range(range) => {
                return self
                    .range(&run, &plan, range, message, delivery, deadline)
                    .await;
            }
            Asked::All => self.fan_out(&run, message, &plan).await?,
        }
        Ok(Outcome::Done)
    }

    /// Has another go on with a plan that is paused.
    pub(crate) async fn plan_on(&self, message: &MergeMessage) -> LedgerResult<Outcome> {
        let next = MergeMessage {
            passes: message.passes.saturating_add(1),
            ..message.clone()
        };
        self.send(vec![next.to_body()], Duration::ZERO, message)
            .await?;
        Ok(Outcome::Done)
    }

    /// Sends a message for each range that is not done.
    pub(crate) async fn fan_out(
        &self,
        run: &Run,
        message: &MergeMessage,
        plan: &StitchPlan,
    ) -> LedgerResult<()> {
        let done = self.ranges_done(run).await?;
        let left = (0..plan.len()).filter(|range| done.binary_search(range).is_err());
        let bodies: Vec<String> = left
            .map(|range| {
                let message = MergeMessage {
                    range: Some(range),
                    passes: 0,
                    resent: 0,
                    ..message.clone()
                };
                message.to_body()
            })
            .collect();
        if bodies.is_empty() {
            return self.finish(run, plan).await;
        }
        tracing::info!(batch = %message.batch, volumes = plan.volumes, ranges = bodies.len(), "a run's volumes are handed out");
        self.send(bodies, Duration::ZERO, message).await
    }

    /// Sends messages to the merge queue.
    pub(crate) async fn send(
        &self,
        bodies: Vec<String>,
        delay: Duration,
        message: &MergeMessage,
    ) -> LedgerResult<()> {
        let tenant = message.tenant.as_str();
        send_all(&*self.queues.merge, bodies, delay, tenant).await?;
        Ok(())
    }
}

/// What a message asks for.
pub(crate) enum Asked {
    /// There are no volumes, or not this range.
    Nothing,
    /// To stitch a range.
    Range(u32),
    /// To have all ranges stitched.
    All,
}

impl Asked {
    pub(crate) fn of(message: &MergeMessage, plan: &StitchPlan) -> Self {
        match (message.range, plan.len()) {
            (Some(range), ranges) if range < ranges => Self::Range(range),
            // One range needs no message of its own.
            (None, 1) => Self::Range(0),
            (None, 2..) => Self::All,
            _ => Self::Nothing,
        }
    }
}
