//! The dead-letter queues: what killed its function, or could not be done, is settled as failed, so
//! that every batch completes.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use fanfold_cloud::{CloudError, Key};
use fanfold_job::message::{ChunkMessage, MergeMessage, RenderMessage, RunRef, SingleMessage};
use fanfold_job::settled::{DocumentError, EndedDocument, ErrorKind};
use fanfold_job::state::{self, DeadAction};
use fanfold_job::{Document, OnFailure, RunKeys, Source, sha256_hex};
use fanfold_lambda::{BatchAnswer, Deadline, Delivery, Outcome, answer, send_all};
use fanfold_ledger::{Advance, LedgerError, LedgerResult};

use crate::{Binding, Entry, Feed, Merge, Part, VolumeOptions};

/// Between the tries at a dead letter whose services do not answer.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(50),
    Duration::from_millis(200),
    Duration::from_millis(800),
];

impl Merge {
    /// Handles a delivered batch of a dead-letter queue.
    pub async fn dead_letters(&self, batch: &[Delivery], deadline: Deadline) -> BatchAnswer {
        let mut outcomes = HashMap::new();
        for delivery in batch {
            let outcome = self.dead_letter(delivery, deadline).await.unwrap_or_else(|error| {
                tracing::warn!(message_id = delivery.id, error = %error, "a dead letter goes back");
                Outcome::Back { after: None }
            });
            outcomes.insert(delivery.id.clone(), outcome);
        }
        answer(batch, &outcomes)
    }

    /// Handles a dead letter, trying again when a service does not answer: one that goes back waits
    /// for the queue's visibility timeout, which outlasts the longest merge.
    async fn dead_letter(&self, delivery: &Delivery, deadline: Deadline) -> LedgerResult<Outcome> {
        for pause in PAUSES {
            match self.dead_letter_once(delivery, deadline).await {
                Err(error) if error.is_transient() => tokio::time::sleep(pause).await,
                result => return result,
            }
        }
        self.dead_letter_once(delivery, deadline).await
    }

    async fn dead_letter_once(
        &self,
        delivery: &Delivery,
        deadline: Deadline,
    ) -> LedgerResult<Outcome> {
        let not_render = match serde_json::from_str::<RenderMessage>(&delivery.body) {
            Ok(RenderMessage::Chunk(message)) => return self.dead_chunk(&message).await,
            Ok(RenderMessage::Single(message)) => return self.dead_single(&message).await,
            Err(error) => error,
        };
        match serde_json::from_str::<MergeMessage>(&delivery.body) {
            Ok(message) => self.dead_merge(&message, delivery, deadline).await,
            Err(_) => {
                // It stays, for a person to look at; the queue's alarm calls one.
                tracing::error!(message_id = delivery.id, error = %not_render, "a dead letter cannot be read");
                Ok(Outcome::Back { after: None })
            }
        }
    }

    /// A chunk that could not even be split is split here.
    async fn dead_chunk(&self, message: &ChunkMessage) -> LedgerResult<Outcome> {
        let (run, chunk) = (&message.run, message.chunk);
        if self.ledger.is_settled(run, chunk).await? {
            return self
                .go_on(
                    message.run.merge_message(),
                    run.stitch,
                    self.ledger.advance(run, chunk).await?,
                )
                .await;
        }
        let ended = self.ledger.ended_singles(run, chunk).await?;
        let left =
            (0..run.plan.chunk_len(chunk)).filter(|ordinal| ended.binary_search(ordinal).is_err());
        let singles = message
            .split(left, 1)
            .into_iter()
            .map(|single| RenderMessage::Single(single).to_body());
        let bodies: Vec<String> = singles.collect();
        if bodies.is_empty() {
            return self
                .go_on(
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
                .go_on(
                    message.run.merge_message(),
                    run.stitch,
                    self.ledger.advance_singles(run, chunk).await?,
                )
                .await;
        }
        let document = match self.ledger.single_document(message).await {
            Ok(document) => document,
            Err(error @ (LedgerError::Missing { .. } | LedgerError::Damaged { .. })) => {
                return self.lost_single(message, &error).await;
            }
            Err(error) => return Err(error),
        };
        let keys = self.ledger.keys(&run.keys().starts(chunk, ordinal)).await?;
        let starts = RunKeys::count_starts(&keys);
        let attempts = message.attempts + starts.all as u32;
        if let Some(ended) = self.left_part(run, &document, attempts).await? {
            return self.settle_single(message, &ended).await;
        }
        if state::on_dead_single(starts.fatal, message.resent) == DeadAction::Resend {
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
        let what = match starts.fatal {
            0 => {
                "it could not be started, however often it was tried; look at the render function's log"
            }
            _ => {
                "it ended the render function each time it was tried: too much memory, too deep, or too slow; make it smaller"
            }
        };
        let killed = DocumentError {
            kind: ErrorKind::Killed,
            message: what.into(),
            place: String::new(),
        };
        let error = match starts.fatal {
            0 => self.last_reason(&keys).await?.unwrap_or(killed),
            _ => killed,
        };
        let ended = EndedDocument::failed(&document, error, attempts, 0);
        self.settle_single(message, &ended).await
    }

    /// The result of a document whose part is there: an attempt made it, and died or was cut off before
    /// it could say so. As in the render function, only of a part that was drawn within its limits: an
    /// existing PDF may be what killed.
    async fn left_part(
        &self,
        run: &RunRef,
        document: &Document,
        attempts: u32,
    ) -> LedgerResult<Option<EndedDocument>> {
        if matches!(document.source, Source::Pdf(_)) {
            return Ok(None);
        }
        let key = run.batch_keys().part(&document.output);
        let name = Key::new(key.clone()).map_err(CloudError::from)?;
        match self.ledger.store().head(&name).await {
            Ok(meta) if meta.size <= self.settings.max_pdf_bytes => {}
            Ok(_) => return Ok(None),
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        let Some(pdf) = self.ledger.bytes(&key).await? else {
            return Ok(None);
        };
        let (bytes, sha256) = (pdf.len() as u64, sha256_hex(&pdf));
        let binder = Arc::clone(&self.binder);
        // Whether it can be read, and its pages, are what a volume of it alone would have.
        let read = tokio::task::spawn_blocking(move || {
            let options = VolumeOptions {
                on_failure: OnFailure::Fail,
                ..VolumeOptions::default()
            };
            let entry = Entry {
                title: String::new(),
                part: Part::Pdf(pdf),
            };
            let mut entries = std::iter::once(Feed::Entry(entry));
            match binder.bind(options, None, &mut entries, &mut io::sink()) {
                Ok(Binding::Whole(bound)) if bound.left_out == 0 => Some(bound),
                _ => None,
            }
        });
        // A panic: it cannot be read.
        let bound = read.await.ok().flatten();
        let pages = bound.and_then(|bound| u32::try_from(bound.pages).ok());
        Ok(pages.map(|pages| EndedDocument::ok(document, pages, bytes, sha256, attempts, 0)))
    }

    /// Why the last attempt failed that came back.
    async fn last_reason(&self, starts: &[String]) -> LedgerResult<Option<DocumentError>> {
        for key in starts
            .iter()
            .rev()
            .filter(|key| key.ends_with(".back.json"))
        {
            let reason: Option<Option<DocumentError>> = self.ledger.read(key).await?;
            if let Some(reason) = reason.flatten() {
                return Ok(Some(reason));
            }
        }
        Ok(None)
    }

    /// A document whose spilled data is gone or damaged cannot be rendered by anybody; what names it
    /// is made again from the manifest.
    async fn lost_single(
        &self,
        message: &SingleMessage,
        lost: &LedgerError,
    ) -> LedgerResult<Outcome> {
        let error = DocumentError {
            kind: ErrorKind::Other,
            message: format!("its data cannot be read ({lost}); retry the batch"),
            place: String::new(),
        };
        let (run, attempts) = (&message.run, message.attempts);
        let ended = self
            .ledger
            .lost_document(run, message.chunk, message.ordinal, error, attempts)
            .await?;
        self.settle_single(message, &ended).await
    }

    async fn settle_single(
        &self,
        message: &SingleMessage,
        ended: &EndedDocument,
    ) -> LedgerResult<Outcome> {
        let run = &message.run;
        match &ended.result.error {
            None => {
                tracing::warn!(batch = %run.batch, document_index = ended.index, "a document whose part is there is settled from the dead-letter queue");
            }
            Some(error) => {
                let reason = error.message.as_str();
                tracing::error!(batch = %run.batch, document_index = ended.index, reason, "a document is settled as failed from the dead-letter queue");
            }
        }
        let advance = self
            .ledger
            .end_single(run, message.chunk, message.ordinal, ended)
            .await?;
        self.go_on(run.merge_message(), run.stitch, advance).await
    }

    async fn go_on(
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
