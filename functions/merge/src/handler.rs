//! The merge queue: a complete run is stitched, volume by volume.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use fanfold_cloud::{CloudError, Receipt};
use fanfold_job::message::MergeMessage;
use fanfold_job::settled::{Merged, VolumeRecord};
use fanfold_job::{BatchKeys, OutputName, Plan, RunKeys, state};
use fanfold_lambda::{
    BatchAnswer, Deadline, Delivery, Metrics, Outcome, Queues, Settings, Unit, answer, send_all,
};
use fanfold_ledger::{Ledger, LedgerResult};

use crate::Binder;
use crate::stitch::Job;
use crate::tries::Tries;
use crate::volumes::{Volume, volumes};

/// The merge function: one for a process, shared by its invocations.
pub struct Merge {
    pub(crate) ledger: Ledger,
    pub(crate) queues: Queues,
    pub(crate) settings: Settings,
    pub(crate) binder: Arc<dyn Binder>,
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
        }
    }

    /// Handles a delivered batch of the merge queue.
    pub async fn batch(&self, batch: &[Delivery], deadline: Deadline) -> BatchAnswer {
        let mut outcomes = HashMap::new();
        // One after the other: a volume uses the whole function.
        for delivery in batch {
            let outcome = match serde_json::from_str::<MergeMessage>(&delivery.body) {
                Ok(message) => self.run(&message, delivery, deadline).await.unwrap_or_else(|error| {
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

    /// Stitches what is still to be stitched of a run.
    async fn run(
        &self,
        message: &MergeMessage,
        delivery: &Delivery,
        deadline: Deadline,
    ) -> LedgerResult<Outcome> {
        let Some(accepted) = self
            .ledger
            .accepted(&message.tenant, &message.batch)
            .await?
        else {
            tracing::warn!(batch = %message.batch, "there is no such batch to stitch; it may be past its retention");
            return Ok(Outcome::Done);
        };
        let keys = BatchKeys::new(&message.tenant, &message.batch);
        let run = keys.run(message.generation);
        if self.ledger.exists(&run.merged()).await? || self.ledger.is_cancelled(&keys).await? {
            return Ok(Outcome::Done);
        }
        let mut plans = self.ledger.plans(&accepted).await?;
        // Results as they were when this run was complete, so that a late message stitches the same.
        plans.truncate(message.generation as usize + 1);
        let volumes = volumes(&self.ledger, &accepted, &plans).await?;
        let made_before = self.made_before(&keys, &plans).await?;
        let stitched = self.stitched(&run).await?;
        let job = Job {
            ledger: &self.ledger,
            binder: &self.binder,
            accepted: &accepted,
            plans: &plans,
            generation: message.generation,
        };
        let mut made = 0;
        for (number, volume) in (0u32..).zip(&volumes) {
            if stitched.binary_search(&number).is_ok() {
                continue;
            }
            if let Some(record) = made_before.get(&volume.output) {
                self.ledger
                    .create(&run.stitched(number), record, accepted.retention_days)
                    .await?;
                continue;
            }
            if made > 0 && !deadline.allows(Duration::from_secs(1)) {
                return self.hand_on(message).await;
            }
            let tries = Tries::new(&self.ledger, &run, number, accepted.retention_days);
            tries.start(delivery).await?;
            let record = match in_time(&job, volume, deadline).await {
                Ok(record) => record,
                Err(error) => {
                    tries.back(delivery, &error.to_string()).await;
                    if made > 0 && (error.is_transient() || !deadline.allows(Duration::ZERO)) {
                        // What is done stays done: this is progress, as above.
                        return self.hand_on(message).await;
                    }
                    if error.is_transient() || delivery.receive_count < state::MAX_DELIVERIES {
                        return Err(error);
                    }
                    // It was tried as often as a document is, and says why: the others go on.
                    volume.not_made(error.to_string())
                }
            };
            tracing::info!(batch = %message.batch, volume = number, pages = record.pages, size_bytes = record.bytes, missing = record.missing, made = record.key.is_some(), "a volume is done");
            self.ledger
                .create(&run.stitched(number), &record, accepted.retention_days)
                .await?;
            made += 1;
        }
        let keys = (0u32..)
            .zip(&volumes)
            .map(|(number, _)| run.stitched(number))
            .collect();
        let records: Vec<VolumeRecord> = self.ledger.read_all(keys).await?;
        self.write_metrics(&records);
        let merged = Merged {
            generation: message.generation,
            merged_ms: self.ledger.now_ms(),
            volumes: records,
        };
        self.ledger
            .create(&run.merged(), &merged, accepted.retention_days)
            .await?;
        Ok(Outcome::Done)
    }

    /// Of a run that has no documents, and so the same parts as the run before: the volumes that were
    /// made then, which stay.
    async fn made_before(
        &self,
        keys: &BatchKeys,
        plans: &[Plan],
    ) -> LedgerResult<HashMap<OutputName, VolumeRecord>> {
        let before = plans.len().checked_sub(2);
        let (Some(before), true) = (before, plans.last().is_some_and(|plan| plan.documents == 0))
        else {
            return Ok(HashMap::new());
        };
        let merged: Merged = self
            .ledger
            .must_read(&keys.run(before as u32).merged())
            .await?;
        let made = merged
            .volumes
            .into_iter()
            .filter(|record| record.key.is_some());
        Ok(made.map(|record| (record.output.clone(), record)).collect())
    }

    /// Numbers of the volumes that are done, in order.
    pub(crate) async fn stitched(&self, run: &RunKeys) -> LedgerResult<Vec<u32>> {
        let keys = self.ledger.keys(&run.all_stitched()).await?;
        Ok(keys.iter().filter_map(|key| RunKeys::number(key)).collect())
    }

    /// Time is up and some volumes are done: the rest is another invocation's. A fresh message, as
    /// this is progress and not a failure that counts towards the dead-letter queue.
    async fn hand_on(&self, message: &MergeMessage) -> LedgerResult<Outcome> {
        let next = MergeMessage {
            passes: message.passes.saturating_add(1),
            ..message.clone()
        };
        send_all(
            &*self.queues.merge,
            vec![next.to_body()],
            Duration::ZERO,
            message.tenant.as_str(),
        )
        .await?;
        Ok(Outcome::Done)
    }

    fn write_metrics(&self, records: &[VolumeRecord]) {
        if !self.settings.metrics {
            return;
        }
        let mut metrics = Metrics::new("merge");
        metrics.add(
            "VolumesStitched",
            Unit::Count,
            records.iter().filter(|record| record.key.is_some()).count() as f64,
        );
        metrics.add(
            "VolumesFailed",
            Unit::Count,
            records.iter().filter(|record| record.key.is_none()).count() as f64,
        );
        metrics.add(
            "VolumeBytes",
            Unit::Bytes,
            records.iter().map(|record| record.bytes as f64).sum(),
        );
        metrics.emit(self.ledger.now_ms());
    }
}

/// What a volume gets at least, so that an invocation whose time went on planning makes one.
const LEAST: Duration = Duration::from_secs(30);

/// Makes a volume in what is left of the invocation.
async fn in_time(job: &Job<'_>, volume: &Volume, deadline: Deadline) -> LedgerResult<VolumeRecord> {
    let left = deadline.remaining().max(LEAST);
    tokio::time::timeout(left, patiently(job, volume))
        .await
        .unwrap_or_else(|_| {
            let what =
                "it could not be stitched in the time of one invocation; make several volumes";
            Err(CloudError::invalid(what).into())
        })
}

/// Tries at a volume before the message is delivered again.
const TRIES: u32 = 3;

/// Makes a volume, trying again when a service does not answer: a volume is many requests.
async fn patiently(job: &Job<'_>, volume: &Volume) -> LedgerResult<VolumeRecord> {
    let mut pause = Duration::from_millis(50);
    for _ in 1..TRIES {
        match job.volume(volume).await {
            Err(error) if error.is_transient() => tokio::time::sleep(pause).await,
            result => return result,
        }
        pause *= 2;
    }
    job.volume(volume).await
}
