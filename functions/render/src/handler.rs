//! The function's entries: an SQS batch, and a direct call.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fanfold_cloud::Receipt;
use fanfold_job::RunKeys;
use fanfold_job::message::{RenderMessage, RunRef, SingleMessage};
use fanfold_job::settled::{EndedDocument, Status};
use fanfold_job::state::{self, ChunkAction, SingleAction};
use fanfold_lambda::{
    BatchAnswer, Deadline, Delivery, Metrics, Outcome, Queues, Settings, Slots, Unit, answer, each,
    send_all,
};
use fanfold_ledger::{Advance, Ledger, LedgerResult};
use serde::{Deserialize, Serialize};

use crate::Renderer;
use crate::bundles::Bundles;
use crate::cores::{BlockingThreads, Pace, Threads};

/// The render function: one for a process, shared by its invocations.
pub struct Render {
    pub(crate) ledger: Ledger,
    pub(crate) queues: Queues,
    pub(crate) settings: Settings,
    pub(crate) slots: Slots,
    pub(crate) renderer: Arc<dyn Renderer>,
    pub(crate) bundles: Bundles,
    pub(crate) pace: Pace,
    pub(crate) threads: Arc<dyn Threads>,
    counts: Mutex<Counts>,
}

/// Visibilities changed at once: a large event's are all set within the reserve.
const VISIBILITIES: usize = 64;

/// What happened since the metrics were last written.
#[derive(Debug, Default)]
struct Counts {
    succeeded: u64,
    failed: u64,
    returned: u64,
    times_ms: Vec<u64>,
}

/// The answer to a direct call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectAnswer {
    /// Whether the chunk has settled: its results and parts are in the store.
    pub settled: bool,
}

/// One delivered message and what to do with it.
struct Job<'a> {
    delivery: &'a Delivery,
    message: RenderMessage,
}

impl Render {
    /// A function over a store and queues, drawing with `renderer`.
    pub fn new(
        ledger: Ledger,
        queues: Queues,
        settings: Settings,
        renderer: Arc<dyn Renderer>,
    ) -> Self {
        let slots = Slots::new(&settings);
        Self {
            ledger,
            queues,
            settings,
            slots,
            renderer,
            bundles: Bundles::default(),
            pace: Pace::default(),
            threads: Arc::new(BlockingThreads),
            counts: Mutex::default(),
        }
    }

    /// The same, drawing on other threads: a simulation has none of its own.
    #[must_use]
    pub fn with_threads(mut self, threads: Arc<dyn Threads>) -> Self {
        self.threads = threads;
        self
    }

    /// Whether documents that do not stop have taken all cores: the process should end.
    pub fn exhausted(&self) -> bool {
        self.slots.exhausted()
    }

    /// Gives a delivered batch back untouched and at once, for another process: this one is to end.
    pub async fn give_back(&self, batch: &[Delivery]) {
        let back = |delivery: &Delivery| {
            let after = Some(Duration::ZERO);
            (delivery.id.clone(), Outcome::Back { after })
        };
        self.set_visibility(batch, &batch.iter().map(back).collect())
            .await;
    }

    /// Handles a delivered batch.
    ///
    /// Order: what needs no drawing first, then new work together, then, one by one, single documents
    /// that have been delivered before and may have killed a function. What is settled before one of
    /// those kills this one stays settled, and of those the least often started goes first, so that
    /// none waits behind a killer for ever.
    pub async fn batch(&self, batch: &[Delivery], deadline: Deadline) -> BatchAnswer {
        let mut outcomes: HashMap<String, Outcome> = HashMap::new();
        let (mut quick, mut fresh, mut suspects) = (Vec::new(), Vec::new(), Vec::new());
        for delivery in batch {
            let message = match serde_json::from_str::<RenderMessage>(&delivery.body) {
                Ok(message) => message,
                Err(error) => {
                    tracing::error!(message_id = delivery.id, error = %error, "a message cannot be read; it goes to the dead-letter queue");
                    outcomes.insert(
                        delivery.id.clone(),
                        Outcome::Back {
                            after: Some(Duration::ZERO),
                        },
                    );
                    continue;
                }
            };
            let job = Job { delivery, message };
            match &job.message {
                RenderMessage::Chunk(_) => match state::on_chunk(delivery.receive_count) {
                    ChunkAction::Render => fresh.push(job),
                    ChunkAction::Split => quick.push(job),
                },
                RenderMessage::Single(_) => match state::on_single(delivery.receive_count) {
                    SingleAction::Render => fresh.push(job),
                    SingleAction::RenderAlone => suspects.push(job),
                    SingleAction::Leave => quick.push(job),
                },
            }
        }
        for phase in [quick, fresh] {
            let open = phase.len();
            for (id, outcome) in each(phase, open, |job| self.job(job, false, deadline))
                .await
                .into_iter()
                .filter_map(|(_, done)| done)
            {
                outcomes.insert(id, outcome);
            }
        }
        for job in self.least_started_first(suspects).await {
            for (id, outcome) in each([job], 1, |job| self.job(job, true, deadline))
                .await
                .into_iter()
                .filter_map(|(_, done)| done)
            {
                outcomes.insert(id, outcome);
            }
        }
        self.set_visibility(batch, &outcomes).await;
        self.write_metrics();
        answer(batch, &outcomes)
    }

    /// Renders a chunk that somebody waits for. When it is not settled, the caller sends the message
    /// to the queue.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn direct(
        &self,
        message: &RenderMessage,
        deadline: Deadline,
    ) -> LedgerResult<DirectAnswer> {
        let outcome = match message {
            RenderMessage::Chunk(chunk) => self.render_chunk(chunk, 0, deadline).await?,
            RenderMessage::Single(single) => {
                self.render_single(single, 1, 0, false, deadline).await?
            }
        };
        self.write_metrics();
        Ok(DirectAnswer {
            settled: outcome == Outcome::Done,
        })
    }

    async fn job(&self, job: Job<'_>, suspect: bool, deadline: Deadline) -> (String, Outcome) {
        let delivery = job.delivery;
        let jitter = delivery.jitter();
        let result = match &job.message {
            RenderMessage::Chunk(message) => match state::on_chunk(delivery.receive_count) {
                ChunkAction::Render => self.render_chunk(message, jitter, deadline).await,
                ChunkAction::Split => self.split_chunk(message, deadline).await,
            },
            RenderMessage::Single(message) => match state::on_single(delivery.receive_count) {
                SingleAction::Leave => {
                    self.leave_single(message, delivery.receive_count, deadline)
                        .await
                }
                SingleAction::Render | SingleAction::RenderAlone => {
                    self.render_single(message, delivery.receive_count, jitter, suspect, deadline)
                        .await
                }
            },
        };
        (delivery.id.clone(), self.outcome(delivery, result))
    }

    async fn least_started_first<'a>(&self, suspects: Vec<Job<'a>>) -> Vec<Job<'a>> {
        if suspects.len() < 2 {
            return suspects;
        }
        let mut counted = Vec::new();
        for job in suspects {
            let starts = match &job.message {
                RenderMessage::Single(SingleMessage {
                    run,
                    chunk,
                    ordinal,
                    ..
                }) => self.ledger.keys(&run.keys().starts(*chunk, *ordinal)).await,
                RenderMessage::Chunk(_) => Ok(Vec::new()),
            };
            // One that may kill goes after all that came back; not knowing puts it last.
            let starts = starts.map_or((usize::MAX, 0), |starts| {
                let starts = RunKeys::count_starts(&starts);
                (starts.fatal, starts.all)
            });
            counted.push((starts, job));
        }
        counted.sort_by(|a, b| {
            a.0.cmp(&b.0)
                .then_with(|| a.1.delivery.id.cmp(&b.1.delivery.id))
        });
        counted.into_iter().map(|(_, job)| job).collect()
    }

    /// Goes on from what settling gave: a complete run is sent to be stitched.
    pub(crate) async fn finish(&self, run: &RunRef, advance: Advance) -> LedgerResult<Outcome> {
        if let Advance::Complete(tally) = advance {
            tracing::info!(batch = %run.batch, generation = run.generation, succeeded = tally.succeeded, failed = tally.failed, "a run is complete");
            if run.stitch {
                send_all(
                    &*self.queues.merge,
                    vec![run.merge_message().to_body()],
                    Duration::ZERO,
                    run.tenant.as_str(),
                )
                .await?;
            }
        }
        Ok(Outcome::Done)
    }

    /// Sets when each message that goes back is seen again. One that cannot be set comes back after
    /// the queue's own visibility timeout.
    async fn set_visibility(&self, batch: &[Delivery], outcomes: &HashMap<String, Outcome>) {
        let back = batch
            .iter()
            .filter_map(|delivery| match outcomes.get(&delivery.id) {
                Some(Outcome::Back { after: Some(after) }) => Some((delivery, *after)),
                _ => None,
            });
        each(back, VISIBILITIES, |(delivery, after)| async move {
            // What cannot be read has no priority; on the wrong queue the receipt is refused.
            let message = serde_json::from_str::<RenderMessage>(&delivery.body);
            let priority = message
                .map(|message| message.run().priority)
                .unwrap_or_default();
            let receipt = Receipt(delivery.receipt.clone());
            if let Err(error) = self
                .queues
                .render(priority)
                .change_visibility(&receipt, after)
                .await
            {
                tracing::debug!(message_id = delivery.id, error = %error, "the visibility stays as the queue has it");
            }
        })
        .await;
    }

    /// Counts documents that have ended, and those that go back.
    pub(crate) fn count<'a>(
        &self,
        ended: impl IntoIterator<Item = &'a EndedDocument>,
        returned: usize,
    ) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.returned += returned as u64;
        for document in ended {
            match document.result.status {
                Status::Ok => counts.succeeded += 1,
                Status::Failed => counts.failed += 1,
            }
            counts.times_ms.push(document.ms);
        }
    }

    fn write_metrics(&self) {
        let counts =
            std::mem::take(&mut *self.counts.lock().unwrap_or_else(PoisonError::into_inner));
        if !self.settings.metrics {
            return;
        }
        let mut metrics = Metrics::new("render");
        metrics.add("DocumentsSucceeded", Unit::Count, counts.succeeded as f64);
        metrics.add("DocumentsFailed", Unit::Count, counts.failed as f64);
        metrics.add("DocumentsReturned", Unit::Count, counts.returned as f64);
        metrics.add("StuckThreads", Unit::Count, self.slots.stuck() as f64);
        for ms in counts.times_ms {
            metrics.add("DocumentTime", Unit::Milliseconds, ms as f64);
        }
        metrics.emit(self.ledger.now_ms());
    }
}
