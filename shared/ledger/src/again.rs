//! Documents whose data is gone, named again from what a batch keeps of them.

use fanfold_cloud::CloudError;
use fanfold_job::message::RunRef;
use fanfold_job::settled::{Accepted, DocumentError, EndedDocument, Status};
use fanfold_job::{Document, Limits, StreamError};

use crate::{Absent, Ledger, LedgerError, LedgerResult, Results};

impl Ledger {
    /// The failed result of a document whose spilled data cannot be read, so that its chunk can
    /// settle: of a retry, from the run before; of the first run, from the accepted manifest.
    ///
    /// # Errors
    /// When the store does not answer, or what the batch keeps is missing or damaged too.
    pub async fn lost_document(
        &self,
        run: &RunRef,
        chunk: u32,
        ordinal: u32,
        error: DocumentError,
        attempts: u32,
    ) -> LedgerResult<EndedDocument> {
        let keys = run.batch_keys();
        let accepted = self
            .accepted(&run.tenant, &run.batch)
            .await?
            .ok_or_else(|| LedgerError::Missing {
                key: keys.manifest(),
            })?;
        let position = run.plan.chunk_range(chunk).start + u64::from(ordinal);
        if run.generation == 0 {
            let document = self.nth_document(&accepted, position).await?;
            return Ok(EndedDocument::failed(&document, error, attempts, 0));
        }
        // A retry's documents are those that failed in the runs before, in order.
        let mut plans = self.plans(&accepted).await?;
        plans.truncate(run.generation as usize);
        let mut results = Results::new(self.clone(), &accepted, &plans, 0, Absent::Refuse);
        let mut left = position;
        while let Some(mut document) = results.next().await? {
            if document.result.status != Status::Failed {
                continue;
            }
            if left == 0 {
                document.result.error = Some(error);
                document.result.attempts = attempts;
                document.ms = 0;
                return Ok(document);
            }
            left -= 1;
        }
        Err(none_at(&accepted, position))
    }

    /// The document at a position of an accepted batch's manifest.
    async fn nth_document(&self, accepted: &Accepted, position: u64) -> LedgerResult<Document> {
        let (manifest, stream) = self.manifest(accepted).await?;
        let read = tokio::task::spawn_blocking(move || {
            let limits = Limits::accepted();
            let mut documents = manifest.documents(stream, &limits);
            documents.find(|document| {
                document
                    .as_ref()
                    .map_or(true, |document| document.index == position)
            })
        });
        match read.await {
            Ok(Some(Ok(document))) => Ok(document),
            Ok(Some(Err(StreamError::Io(error)))) => Err(error.into()),
            Ok(_) => Err(none_at(accepted, position)),
            Err(panic) => Err(CloudError::other("reading the manifest", panic).into()),
        }
    }
}

fn none_at(accepted: &Accepted, position: u64) -> LedgerError {
    LedgerError::Damaged {
        key: accepted.source.clone(),
        reason: format!("it gives no document at {position}"),
    }
}
