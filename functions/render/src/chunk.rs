//! A delivered chunk: rendered together at first, split into singles after that.

use std::time::Duration;

use fanfold_job::message::{ChunkMessage, RenderMessage};
use fanfold_job::settled::EndedDocument;
use fanfold_job::state::{self, Next};
use fanfold_lambda::{Deadline, Delivery, Outcome, each, send_all, with_causes};
use fanfold_ledger::LedgerResult;

use crate::Render;
use crate::draw::{Attempt, Drawn, Earlier, cancelled};

impl Render {
    /// Renders a chunk's documents, at its first delivery. That may be the second one in truth, as a
    /// queue may count a delivery that was cut short as none: what is drawn again then is not written
    /// again. To look for every part first would be a request a document, for a case that is rare.
    pub(crate) async fn render_chunk(
        &self,
        message: &ChunkMessage,
        jitter: u64,
        deadline: Deadline,
    ) -> LedgerResult<Outcome> {
        let (run, chunk) = (&message.run, message.chunk);
        if self.ledger.is_settled(run, chunk).await? {
            return self
                .finish(run, self.ledger.advance(run, chunk).await?)
                .await;
        }
        let documents = self.ledger.chunk_documents(message).await?;
        if self.ledger.is_cancelled(&run.batch_keys()).await? {
            let ended = documents
                .iter()
                .map(|document| cancelled(document, 0))
                .collect();
            return self
                .finish(run, self.ledger.settle(run, chunk, ended).await?)
                .await;
        }
        let count = documents.len();
        let attempt = Attempt {
            run,
            versions: &message.bundles,
            number: 1,
            start: None,
            earlier: Earlier::None,
            deadline,
        };
        let drawn = each(documents, count, |document| self.draw(attempt, document)).await;
        let (mut ended, mut back) = (Vec::new(), None);
        let mut transient: Vec<EndedDocument> = Vec::new();
        for (ordinal, drawn) in drawn {
            match drawn {
                Some(Drawn::Ended(document)) => ended.push((ordinal as u32, document)),
                Some(Drawn::Transient(document)) => {
                    transient.push(document);
                    let after = state::after(state::Attempt::Transient, 1, jitter);
                    back = back.max(pause(after));
                }
                Some(Drawn::NoTime) | None => back = back.max(Some(Duration::ZERO)),
            }
        }
        if let Some(first) = transient.first() {
            let error = first.result.error.as_ref().map(|error| &*error.message);
            tracing::warn!(batch = %run.batch, documents = transient.len(), document_index = first.index, error, "documents go back");
        }
        self.count(
            ended.iter().map(|(_, document)| document),
            count - ended.len(),
        );
        match back {
            None => {
                let ended = ended.into_iter().map(|(_, document)| document).collect();
                self.finish(run, self.ledger.settle(run, chunk, ended).await?)
                    .await
            }
            Some(after) => {
                self.record(message, ended).await?;
                Ok(Outcome::Back { after: Some(after) })
            }
        }
    }

    /// Splits a chunk: what has ended is recorded, the rest is sent as singles.
    pub(crate) async fn split_chunk(
        &self,
        message: &ChunkMessage,
        deadline: Deadline,
    ) -> LedgerResult<Outcome> {
        let (run, chunk) = (&message.run, message.chunk);
        if self.ledger.is_settled(run, chunk).await? {
            return self
                .finish(run, self.ledger.advance(run, chunk).await?)
                .await;
        }
        let documents = self.ledger.chunk_documents(message).await?;
        let is_cancelled = self.ledger.is_cancelled(&run.batch_keys()).await?;
        let ended = self.ledger.ended_singles(run, chunk).await?;
        let unended = (0u32..)
            .zip(&documents)
            .filter(|(ordinal, _)| !ended.contains(ordinal));
        let open = self.settings.document_concurrency;
        let looked = each(unended, open, |(ordinal, document)| async move {
            let result = match is_cancelled {
                true => Some(cancelled(document, 1)),
                false => self.adopt(run, document, 1, deadline).await,
            };
            (ordinal, result)
        });
        let (mut left, mut found) = (Vec::new(), Vec::new());
        for (ordinal, result) in looked.await.into_iter().filter_map(|(_, looked)| looked) {
            match result {
                Some(result) => found.push((ordinal, result)),
                None => left.push(ordinal),
            }
        }
        self.record(message, found).await?;
        if !left.is_empty() {
            tracing::info!(batch = %run.batch, chunk, documents = left.len(), "a chunk is split into single documents");
            let singles = message
                .split(left, 1)
                .into_iter()
                .map(RenderMessage::Single);
            let bodies = singles.map(|single| single.to_body()).collect();
            send_all(
                &**self.queues.render(run.priority),
                bodies,
                Duration::ZERO,
                run.tenant.as_str(),
            )
            .await?;
            return Ok(Outcome::Done);
        }
        self.finish(run, self.ledger.advance_singles(run, chunk).await?)
            .await
    }

    /// Writes the markers of a chunk's documents that have ended before the others.
    async fn record(
        &self,
        message: &ChunkMessage,
        ended: Vec<(u32, EndedDocument)>,
    ) -> LedgerResult<()> {
        let (run, chunk) = (&message.run, message.chunk);
        let open = self.settings.upload_concurrency;
        let written = each(ended, open, |(ordinal, document)| async move {
            self.ledger
                .record_single(run, chunk, ordinal, &document)
                .await
        });
        written
            .await
            .into_iter()
            .filter_map(|(_, written)| written)
            .collect()
    }

    /// What becomes of a delivery whose work ended in `result`.
    pub(crate) fn outcome(&self, delivery: &Delivery, result: LedgerResult<Outcome>) -> Outcome {
        result.unwrap_or_else(|error| {
            tracing::warn!(
                message_id = delivery.id,
                receive_count = delivery.receive_count,
                error = with_causes(&error),
                "a message goes back"
            );
            Outcome::Back {
                after: Some(state::backoff(delivery.receive_count, delivery.jitter())),
            }
        })
    }
}

/// How long until the next attempt; none when there is none.
pub(crate) fn pause(next: Next) -> Option<Duration> {
    match next {
        Next::Settle => None,
        Next::Back { after } => Some(after),
    }
}
