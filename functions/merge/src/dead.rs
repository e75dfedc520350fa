//! The dead-letter queues: what killed its function, or could not be done, is settled as failed, so
//! that every batch completes.

use std::collections::HashMap;
use std::time::Duration;

use fanfold_job::BatchKeys;
use fanfold_job::message::{ChunkMessage, MergeMessage, RenderMessage, SingleMessage};
use fanfold_job::settled::{DocumentError, EndedDocument, ErrorKind, Merged, VolumeRecord};
use fanfold_job::state::{self, DeadAction};
use fanfold_lambda::{BatchAnswer, Delivery, Outcome, answer, send_all};
use fanfold_ledger::{Advance, LedgerResult};

use crate::Merge;
use crate::volumes::volumes;

impl Merge {
    /// Handles a delivered batch of a dead-letter queue.
    pub async fn dead_letters(&self, batch: &[Delivery]) -> BatchAnswer {
        let mut outcomes = HashMap::new();
        for delivery in batch {
            let result = match serde_json::from_str::<RenderMessage>(&delivery.body) {
                Ok(RenderMessage::Chunk(message)) => self.dead_chunk(&message).await,
                Ok(RenderMessage::Single(message)) => self.dead_single(&message).await,
                Err(not_render) => match serde_json::from_str::<MergeMessage>(&delivery.body) {
                    Ok(message) => self.dead_merge(&message).await,
                    Err(_) => {
                        // It stays, for a person to look at; the queue's alarm calls one.
                        tracing::error!(message_id = delivery.id, error = %not_render, "a dead letter cannot be read");
                        Ok(Outcome::Back { after: None })
                    }
                },
            };
            let outcome = result.unwrap_or_else(|error| {
                tracing::warn!(message_id = delivery.id, error = %error, "a dead letter goes back");
                Outcome::Back { after: None }
            });
            outcomes.insert(delivery.id.clone(), outcome);
        }
        answer(batch, &outcomes)
    }

    /// A chunk that could not even be split is split here.
    async fn dead_chunk(&self, message: &ChunkMessage) -> LedgerResult<Outcome> {
        let (run, chunk) = (&message.run, message.chunk);
        if self.ledger.is_settled(run, chunk).await? {
            return self
                .finish(
                    message.run.merge_message(),
                    run.stitch,
                    self.ledger.advance(run, chunk).await?,
                )
                .await;
        }
        let ended = self.ledger.ended_singles(run, chunk).await?;
        let left = (0..run.plan.chunk_len(chunk)).filter(|ordinal| !ended.contains(ordinal));
        let singles = message
            .split(left, 1)
            .into_iter()
            .map(|single| RenderMessage::Single(single).to_body());
        let bodies: Vec<String> = singles.collect();
        if bodies.is_empty() {
            return self
                .finish(
                    message.run.merge_message(),
                    run.stitch,
                    self.ledger.advance_singles(run, chunk).await?,
                )
                .await;
        }
        send_all(
            &**self.queues.render(run.priority),
            bodies,
            Duration::ZERO,
            run.tenant.as_str(),
        )
        .await?;
        Ok(Outcome::Done)
    }

    /// A document that was started alone and did not come back has killed its function. One that was
    /// never started died beside others, and gets another chance.
    async fn dead_single(&self, message: &SingleMessage) -> LedgerResult<Outcome> {
        let (run, chunk, ordinal) = (&message.run, message.chunk, message.ordinal);
        let settled = self.ledger.is_settled(run, chunk).await?;
        if settled
            || self
                .ledger
                .ended_single(run, chunk, ordinal)
                .await?
                .is_some()
        {
            return self
                .finish(
                    message.run.merge_message(),
                    run.stitch,
                    self.ledger.advance_singles(run, chunk).await?,
                )
                .await;
        }
        let starts = self
            .ledger
            .keys(&run.keys().starts(chunk, ordinal))
            .await?
            .len();
        if state::on_dead_single(starts, message.resent) == DeadAction::Resend {
            let again = SingleMessage {
                resent: message.resent + 1,
                ..message.clone()
            };
            send_all(
                &**self.queues.render(run.priority),
                vec![RenderMessage::Single(again).to_body()],
                Duration::ZERO,
                run.tenant.as_str(),
            )
            .await?;
            return Ok(Outcome::Done);
        }
        let document = self.ledger.single_document(message).await?;
        let attempts = message.attempts + starts as u32;
        let what = match starts {
            0 => {
                "it could not be started, however often it was tried; look at the render function's log"
            }
            _ => {
                "it ended the render function each time it was tried: too much memory, too deep, or too slow; make it smaller"
            }
        };
        let error = DocumentError {
            kind: ErrorKind::Killed,
            message: what.into(),
            place: String::new(),
        };
        tracing::error!(batch = %run.batch, document_index = document.index, starts, "a document is settled as failed from the dead-letter queue");
        let ended = EndedDocument::failed(&document, error, attempts, 0);
        let advance = self.ledger.end_single(run, chunk, ordinal, &ended).await?;
        self.finish(message.run.merge_message(), run.stitch, advance)
            .await
    }

    /// Volumes that could not be stitched are recorded as not made.
    async fn dead_merge(&self, message: &MergeMessage) -> LedgerResult<Outcome> {
        let Some(accepted) = self
            .ledger
            .accepted(&message.tenant, &message.batch)
            .await?
        else {
            return Ok(Outcome::Done);
        };
        let run = BatchKeys::new(&message.tenant, &message.batch).run(message.generation);
        if self.ledger.exists(&run.merged()).await? {
            return Ok(Outcome::Done);
        }
        let mut plans = self.ledger.plans(&accepted).await?;
        plans.truncate(message.generation as usize + 1);
        let volumes = volumes(&self.ledger, &accepted, &plans).await?;
        let stitched = self.stitched(&run).await?;
        for (number, volume) in (0u32..)
            .zip(&volumes)
            .filter(|(number, _)| !stitched.contains(number))
        {
            let record = VolumeRecord {
                output: volume.output.clone(),
                key: None,
                pages: 0,
                bytes: 0,
                sha256: String::new(),
                documents: 0,
                missing: volume.missing,
                parts_sha256: String::new(),
                error: Some("it could not be stitched in the time and memory of the merge function; make several volumes".into()),
            };
            self.ledger
                .create(&run.stitched(number), &record, accepted.retention_days)
                .await?;
        }
        let keys = (0u32..)
            .zip(&volumes)
            .map(|(number, _)| run.stitched(number))
            .collect();
        let merged = Merged {
            generation: message.generation,
            merged_ms: self.ledger.now_ms(),
            volumes: self.ledger.read_all(keys).await?,
        };
        self.ledger
            .create(&run.merged(), &merged, accepted.retention_days)
            .await?;
        Ok(Outcome::Done)
    }

    async fn finish(
        &self,
        merge: MergeMessage,
        stitch: bool,
        advance: Advance,
    ) -> LedgerResult<Outcome> {
        if stitch && matches!(advance, Advance::Complete(_)) {
            let tenant = merge.tenant.clone();
            send_all(
                &*self.queues.merge,
                vec![merge.to_body()],
                Duration::ZERO,
                tenant.as_str(),
            )
            .await?;
        }
        Ok(Outcome::Done)
    }
}
