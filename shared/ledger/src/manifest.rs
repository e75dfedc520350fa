//! A batch's manifest, read again: its texts are streamed from the store, two million rows in a few
//! megabytes.

use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;
use fanfold_cloud::{CloudError, Key, ObjectMeta, ObjectStore};
use fanfold_job::settled::Accepted;
use fanfold_job::{Format, Limits, Manifest, Stream};
use tokio::runtime::Handle;

use crate::{Ledger, LedgerError, LedgerResult};

/// Bytes fetched at a time.
const RANGE: u64 = 4 << 20;

impl Ledger {
    /// The manifest of an accepted batch, and the stream its documents come from, to be read outside
    /// the runtime. Its documents are made with [`Limits::accepted`]: it was checked when it was
    /// accepted, by the limits of then.
    ///
    /// # Errors
    /// When the store does not answer, or what the batch keeps is missing or damaged.
    pub async fn manifest(
        &self,
        accepted: &Accepted,
    ) -> LedgerResult<(Manifest, Box<dyn Read + Send>)> {
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
        let limits = Limits::accepted();
        let manifest = Manifest::read(accepted.format, &text, &accepted.defaults, &limits)
            .map_err(|errors| LedgerError::Damaged {
                key: accepted.source.clone(),
                reason: errors.to_string(),
            })?;
        let streamed = match (manifest.stream(), &accepted.rows) {
            (Stream::None, _) => return Ok((manifest, Box::new(io::empty()))),
            (Stream::Manifest, _) => &accepted.source,
            (Stream::Rows { .. }, Some(rows)) => rows,
            (Stream::Rows { key, .. }, None) => return Err(missing(&key)),
        };
        let key = Key::new(streamed.clone()).map_err(CloudError::from)?;
        let meta = self.store().head(&key).await?;
        let stream = self.stream(&meta);
        Ok((manifest, stream))
    }

    /// An object as a stream for a thread outside the runtime. To be called in the runtime.
    pub fn stream(&self, meta: &ObjectMeta) -> Box<dyn Read + Send> {
        Box::new(ObjectReader {
            store: Arc::clone(self.store()),
            runtime: Handle::current(),
            key: meta.key.clone(),
            size: meta.size,
            next: 0,
            held: Bytes::new(),
        })
    }
}

/// An object, fetched range by range.
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
            self.held = fetched.map_err(|error| io::Error::other(LedgerError::from(error)))?;
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

impl From<io::Error> for LedgerError {
    /// The error that reading a [`Ledger::stream`] ended in.
    fn from(error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(error) => error,
            Err(error) => CloudError::other("reading the manifest", error).into(),
        }
    }
}
