//! Documents whose data is gone, named again from what a batch keeps of them.

use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;
use fanfold_cloud::{CloudError, Key, ObjectStore};
use fanfold_job::message::RunRef;
use fanfold_job::settled::{Accepted, DocumentError, EndedDocument, Status};
use fanfold_job::{Document, Format, Limits, Manifest, Stream};
use tokio::runtime::Handle;

use crate::{Absent, Ledger, LedgerError, LedgerResult, Results};

/// Bytes fetched at a time.
const RANGE: u64 = 4 << 20;

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
        // It was accepted: nothing of it is too much any more.
        let limits = Limits {
            documents: u64::MAX / 2,
            data_bytes: usize::MAX / 2,
            manifest_bytes: usize::MAX / 2,
            merges: usize::MAX / 2,
            kit: usize::MAX / 2,
            line_bytes: usize::MAX / 2,
            ..Limits::upload()
        };
        let missing = |key: &str| LedgerError::Missing {
            key: key.to_owned(),
        };
        let text = match accepted.format {
            Format::Json => self
                .bytes(&accepted.source)
                .await?
                .ok_or_else(|| missing(&accepted.source))?,
            Format::JsonLines | Format::Csv => Bytes::new(),
        };
        let manifest = Manifest::read(accepted.format, &text, &accepted.defaults, &limits)
            .map_err(|errors| LedgerError::Damaged {
                key: accepted.source.clone(),
                reason: errors.to_string(),
            })?;
        let streamed = match (manifest.stream(), &accepted.rows) {
            (Stream::None, _) => None,
            (Stream::Manifest, _) => Some(&accepted.source),
            (Stream::Rows { .. }, Some(rows)) => Some(rows),
            (Stream::Rows { key, .. }, None) => return Err(missing(&key)),
        };
        let source: Box<dyn Read + Send> = match streamed {
            None => Box::new(io::empty()),
            Some(key) => Box::new(self.reader(key).await?),
        };
        let damaged = none_at(accepted, position);
        let read = tokio::task::spawn_blocking(move || {
            let mut documents = manifest.documents(source, &limits);
            documents.find(|document| {
                document
                    .as_ref()
                    .map_or(true, |document| document.index == position)
            })
        });
        match read.await {
            Ok(Some(Ok(document))) => Ok(document),
            Ok(Some(Err(fanfold_job::StreamError::Io(error)))) => {
                Err(match error.downcast::<CloudError>() {
                    Ok(error) => error.into(),
                    Err(error) => CloudError::other("reading the manifest", error).into(),
                })
            }
            Ok(_) => Err(damaged),
            Err(panic) => Err(CloudError::other("reading the manifest", panic).into()),
        }
    }

    async fn reader(&self, key: &str) -> LedgerResult<ObjectReader> {
        let key = Key::new(key).map_err(CloudError::from)?;
        Ok(ObjectReader {
            size: self.store().head(&key).await?.size,
            store: Arc::clone(self.store()),
            runtime: Handle::current(),
            key,
            next: 0,
            held: Bytes::new(),
        })
    }
}

fn none_at(accepted: &Accepted, position: u64) -> LedgerError {
    LedgerError::Damaged {
        key: accepted.source.clone(),
        reason: format!("it gives no document at {position}"),
    }
}

/// An object as a stream for a thread outside the runtime.
struct ObjectReader {
    store: Arc<dyn ObjectStore>,
    runtime: Handle,
    key: Key,
    size: u64,
    next: u64,
    held: Bytes,
}

impl Read for ObjectReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.held.is_empty() && self.next < self.size {
            let end = (self.next + RANGE).min(self.size);
            let fetched = self
                .runtime
                .block_on(self.store.get_range(&self.key, self.next..end));
            self.held = fetched.map_err(io::Error::other)?;
            if self.held.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.next += self.held.len() as u64;
        }
        let n = self.held.len().min(buffer.len());
        buffer[..n].copy_from_slice(&self.held.split_to(n));
        Ok(n)
    }
}
