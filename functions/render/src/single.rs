//! A delivered single: one document of a chunk that was split.

use std::time::Duration;

use fanfold_job::message::SingleMessage;
use fanfold_job::settled::{DocumentError, EndedDocument};
use fanfold_job::state::{self, MAX_DELIVERIES, Next};
use fanfold_lambda::{Deadline, Outcome};
use fanfold_ledger::LedgerResult;

use crate::Render;
use crate::draw::{Attempt, Drawn, Earlier, Start, cancelled};

/// Pauses before the tries at recording that an attempt came back. Without the marker the attempt
/// would look as if it had ended its function, and what stands in its way is often what made the
/// attempt fail.
const MARKER_PAUSES_MS: [u64; 4] = [0, 50, 100, 200];

impl Render {
    /// Renders one document. A `suspect` may have killed a function: that it starts, and that it comes
    /// back, is recorded, so that the dead-letter consumer can tell a document that kills from one that
    /// was beside it or failed for another reason.
    pub(crate) async fn render_single(
        &self,
        message: &SingleMessage,
        delivery: u32,
        jitter: u64,
        suspect: bool,
        deadline: Deadline,
    ) -> LedgerResult<Outcome> {
        let (run, chunk, ordinal) = (&message.run, message.chunk, message.ordinal);
        if let Some(outcome) = self.ended_before(message).await? {
            return Ok(outcome);
        }
        let document = self.ledger.single_document(message).await?;
        let attempts = message.attempts.saturating_add(delivery);
        if self.ledger.is_cancelled(&run.batch_keys()).await? {
            return self.end(message, &cancelled(&document, attempts - 1)).await;
        }
        // Each delivery of each sending has its own markers.
        let number = attempts.saturating_add(message.resent.saturating_mul(MAX_DELIVERIES));
        let start = suspect.then(|| Start::new(run.keys().start(chunk, ordinal, number)));
        let attempt = Attempt {
            run,
            versions: &message.bundles,
            number: attempts,
            start: start.as_ref(),
            earlier: Earlier::Possible,
            deadline,
        };
        let (attempt, document) = match self.draw(attempt, document).await {
            Drawn::Ended(document) => (state::Attempt::Ok, Some(document)),
            Drawn::Transient(document) => (state::Attempt::Transient, Some(document)),
            Drawn::NoTime => (state::Attempt::NotStarted, None),
        };
        let outcome = match (state::after(attempt, attempts, jitter), &document) {
            (Next::Settle, Some(document)) => self.end(message, document).await,
            (Next::Settle, None) => Ok(Outcome::Back { after: None }),
            (Next::Back { after }, document) => {
                if let Some(document) = document {
                    let error = document.result.error.as_ref();
                    let error = error.map(|error| &*error.message);
                    tracing::warn!(batch = %run.batch, document_index = document.index, error, "a document goes back");
                }
                self.count([], 1);
                Ok(Outcome::Back { after: Some(after) })
            }
        };
        let started = start.is_some_and(|start| start.is_recorded());
        if started && !matches!(outcome, Ok(Outcome::Done)) {
            let reason = document.and_then(|document| document.result.error);
            self.came_back(message, number, reason).await;
        }
        outcome
    }

    /// A single that has been delivered for the last time goes to the dead-letter queue, unless an
    /// attempt has left its part and could not say so.
    pub(crate) async fn leave_single(
        &self,
        message: &SingleMessage,
        delivery: u32,
        deadline: Deadline,
    ) -> LedgerResult<Outcome> {
        if let Some(outcome) = self.ended_before(message).await? {
            return Ok(outcome);
        }
        let document = self.ledger.single_document(message).await?;
        let attempts = message.attempts.saturating_add(delivery - 1);
        match self
            .adopt(&message.run, &document, attempts, deadline)
            .await
        {
            Some(result) => self.end(message, &result).await,
            None => Ok(Outcome::Back {
                after: Some(Duration::ZERO),
            }),
        }
    }

    /// Goes on from a document that has ended already.
    async fn ended_before(&self, message: &SingleMessage) -> LedgerResult<Option<Outcome>> {
        let (run, chunk) = (&message.run, message.chunk);
        let ended = self.ledger.is_settled(run, chunk).await?
            || self
                .ledger
                .ended_single(run, chunk, message.ordinal)
                .await?
                .is_some();
        if !ended {
            return Ok(None);
        }
        let advance = self.ledger.advance_singles(run, chunk).await?;
        self.finish(run, advance).await.map(Some)
    }

    async fn end(&self, message: &SingleMessage, result: &EndedDocument) -> LedgerResult<Outcome> {
        let run = &message.run;
        let advance = self
            .ledger
            .end_single(run, message.chunk, message.ordinal, result)
            .await?;
        self.count([result], 0);
        self.finish(run, advance).await
    }

    /// Records that a suspect did not end its function, and why it failed if it did.
    async fn came_back(&self, message: &SingleMessage, number: u32, reason: Option<DocumentError>) {
        let run = &message.run;
        let key = run.keys().came_back(message.chunk, message.ordinal, number);
        for pause_ms in MARKER_PAUSES_MS {
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
            match self.ledger.create(&key, &reason, run.retention_days).await {
                Ok(_) => return,
                Err(error) => {
                    tracing::debug!(batch = %run.batch, error = %error, "a return is not recorded yet");
                }
            }
        }
        tracing::warn!(batch = %run.batch, "a suspect came back and it could not be recorded");
    }
}
