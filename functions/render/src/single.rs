//! A delivered single: one document of a chunk that was split.

use fanfold_job::message::SingleMessage;
use fanfold_job::state::{self, Attempt, Next};
use fanfold_lambda::{Deadline, Outcome};
use fanfold_ledger::LedgerResult;

use crate::Render;
use crate::draw::{Drawn, cancelled};

impl Render {
    /// Renders one document. A `suspect` may have killed a function: its start is recorded first, so
    /// that the dead-letter consumer can tell a document that kills from one that was beside it.
    pub(crate) async fn render_single(
        &self,
        message: &SingleMessage,
        delivery: u32,
        jitter: u64,
        suspect: bool,
        deadline: Deadline,
    ) -> LedgerResult<Outcome> {
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
                .finish(run, self.ledger.advance_singles(run, chunk).await?)
                .await;
        }
        let document = self.ledger.single_document(message).await?;
        let attempts = message.attempts + delivery;
        let mut result = None;
        if self.ledger.is_cancelled(&run.batch_keys()).await? {
            result = Some(cancelled(&document, attempts - 1));
        } else if suspect {
            result = self.adopt(run, &document, attempts - 1).await?;
        }
        if result.is_none() && suspect {
            if !deadline.allows(std::time::Duration::ZERO) {
                return Ok(Outcome::Back {
                    after: Some(std::time::Duration::ZERO),
                });
            }
            self.ledger
                .create(
                    &run.keys().start(chunk, ordinal, attempts),
                    &serde_json::json!({}),
                    run.retention_days,
                )
                .await?;
        }
        let result = match result {
            Some(result) => result,
            None => {
                let drawn = self
                    .draw(run, &message.bundles, document, attempts, deadline)
                    .await;
                let (attempt, document) = match drawn {
                    Drawn::Ended(document) => (Attempt::Ok, Some(document)),
                    Drawn::Transient(document) => (Attempt::Transient, Some(document)),
                    Drawn::NotStarted => (Attempt::NotStarted, None),
                };
                match (state::after(attempt, attempts, jitter), document) {
                    (Next::Settle, Some(document)) => document,
                    (Next::Settle, None) => return Ok(Outcome::Back { after: None }),
                    (Next::Back { after }, _) => {
                        self.count([], 1);
                        return Ok(Outcome::Back { after: Some(after) });
                    }
                }
            }
        };
        self.count([&result], 0);
        self.finish(
            run,
            self.ledger.end_single(run, chunk, ordinal, &result).await?,
        )
        .await
    }
}
