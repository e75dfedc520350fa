//! The object store, seen as a place for JSON.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fanfold_cloud::{Clock, CloudError, CloudResult, Key, ObjectStore, PutOptions};
use fanfold_job::message::{ChunkMessage, RunRef, SingleMessage, read_spill};
use fanfold_job::settled::Accepted;
use fanfold_job::{BatchId, BatchKeys, Document, TenantId};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{LedgerError, LedgerResult};

/// Reads and writes a batch's markers.
#[derive(Debug, Clone)]
pub struct Ledger {
    store: Arc<dyn ObjectStore>,
    clock: Arc<dyn Clock>,
}

/// How long a batch may be under way: as long as its queues keep a message (SQS: at most 14 days).
/// What its messages need must not expire before.
pub const WORKING_DAYS: u32 = 14;

/// How long to keep what a batch works from, when its results are to be kept for so many days.
pub fn working_retention(retention_days: Option<u32>) -> Option<u32> {
    retention_days.map(|days| days.max(WORKING_DAYS))
}

/// Markers read at once.
const READS: usize = 16;

impl Ledger {
    /// A ledger in a store; the clock dates the markers.
    pub fn new(store: Arc<dyn ObjectStore>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// The store.
    pub fn store(&self) -> &Arc<dyn ObjectStore> {
        &self.store
    }

    /// Milliseconds of the Unix epoch.
    pub fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }

    /// Reads an object's bytes; none when it is not there.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn bytes(&self, key: &str) -> LedgerResult<Option<Bytes>> {
        let name = key_of(key)?;
        match patiently(|| self.store.get(&name)).await {
            Ok(object) => Ok(Some(object.bytes)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads a marker; none when it is not there.
    ///
    /// # Errors
    /// When the store does not answer, or the object is not such a marker.
    pub async fn read<T: DeserializeOwned>(&self, key: &str) -> LedgerResult<Option<T>> {
        let Some(bytes) = self.bytes(key).await? else {
            return Ok(None);
        };
        let damaged = |error: serde_json::Error| LedgerError::Damaged {
            key: key.to_owned(),
            reason: error.to_string(),
        };
        serde_json::from_slice(&bytes).map(Some).map_err(damaged)
    }

    /// Reads a marker that must be there.
    ///
    /// # Errors
    /// As [`Ledger::read`], and [`LedgerError::Missing`].
    pub async fn must_read<T: DeserializeOwned>(&self, key: &str) -> LedgerResult<T> {
        self.read(key).await?.ok_or_else(|| LedgerError::Missing {
            key: key.to_owned(),
        })
    }

    /// Whether an object is there.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn exists(&self, key: &str) -> LedgerResult<bool> {
        let name = key_of(key)?;
        match patiently(|| self.store.head(&name)).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes a marker once. True when this call wrote it, false when it was there already.
    ///
    /// A marker is kept for [`WORKING_DAYS`] even when the results are to be kept for less: the batch
    /// may be under way as long as its messages are.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn create<T: Serialize>(
        &self,
        key: &str,
        marker: &T,
        retention_days: Option<u32>,
    ) -> LedgerResult<bool> {
        let damaged = |error: serde_json::Error| LedgerError::Damaged {
            key: key.to_owned(),
            reason: error.to_string(),
        };
        let bytes = serde_json::to_vec(marker).map_err(damaged)?;
        let options = PutOptions::create()
            .content_type("application/json")
            .retention_days(working_retention(retention_days));
        let (name, bytes) = (key_of(key)?, Bytes::from(bytes));
        match patiently(|| self.store.put(&name, bytes.clone(), options.clone())).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_already_exists() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// All keys with a prefix, in order.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn keys(&self, prefix: &str) -> LedgerResult<Vec<String>> {
        let mut keys: Vec<String> = Vec::new();
        loop {
            let after = keys.last().map(String::as_str);
            let page = patiently(|| self.store.list(prefix, after, 1000)).await?;
            let more = page.more && !page.objects.is_empty();
            keys.extend(
                page.objects
                    .into_iter()
                    .map(|object| String::from(object.key)),
            );
            if !more {
                return Ok(keys);
            }
        }
    }

    /// Reads markers that must be there, several at a time, in the order of their keys.
    ///
    /// # Errors
    /// As [`Ledger::must_read`].
    pub async fn read_all<T: DeserializeOwned + Send>(
        &self,
        keys: Vec<String>,
    ) -> LedgerResult<Vec<T>> {
        let reads = keys
            .into_iter()
            .map(|key| async move { self.must_read::<T>(&key).await });
        stream::iter(reads).buffered(READS).try_collect().await
    }

    /// Reads markers, several at a time, in the order of their keys; none for those not there.
    ///
    /// # Errors
    /// As [`Ledger::read`].
    pub async fn read_some<T: DeserializeOwned + Send>(
        &self,
        keys: Vec<String>,
    ) -> LedgerResult<Vec<Option<T>>> {
        let reads = keys
            .into_iter()
            .map(|key| async move { self.read::<T>(&key).await });
        stream::iter(reads).buffered(READS).try_collect().await
    }

    /// The record of an accepted batch.
    ///
    /// # Errors
    /// As [`Ledger::read`].
    pub async fn accepted(
        &self,
        tenant: &TenantId,
        batch: &BatchId,
    ) -> LedgerResult<Option<Accepted>> {
        self.read(&BatchKeys::new(tenant, batch).manifest()).await
    }

    /// Whether a batch is cancelled.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn is_cancelled(&self, keys: &BatchKeys) -> LedgerResult<bool> {
        self.exists(&keys.cancelled()).await
    }

    /// The documents of a chunk: the message's own, or those spilled to `input/`.
    ///
    /// # Errors
    /// When the store does not answer, or the spill is missing or damaged.
    pub async fn chunk_documents(&self, message: &ChunkMessage) -> LedgerResult<Vec<Document>> {
        match &message.documents {
            Some(documents) => Ok(documents.clone()),
            None => self.spilled(&message.run, message.chunk).await,
        }
    }

    /// The document of a single: the message's own, or that spilled to `input/`.
    ///
    /// # Errors
    /// As [`Ledger::chunk_documents`].
    pub async fn single_document(&self, message: &SingleMessage) -> LedgerResult<Document> {
        if let Some(document) = &message.document {
            return Ok((**document).clone());
        }
        let mut documents = self.spilled(&message.run, message.chunk).await?;
        let ordinal = message.ordinal as usize;
        if ordinal < documents.len() {
            return Ok(documents.swap_remove(ordinal));
        }
        let key = message.run.keys().input(message.chunk);
        Err(LedgerError::Damaged {
            key,
            reason: format!("it has no document {ordinal}"),
        })
    }

    async fn spilled(&self, run: &RunRef, chunk: u32) -> LedgerResult<Vec<Document>> {
        let key = run.keys().input(chunk);
        let bytes = self
            .bytes(&key)
            .await?
            .ok_or_else(|| LedgerError::Missing { key: key.clone() })?;
        read_spill(&bytes).map_err(|error| LedgerError::Damaged {
            key,
            reason: error.to_string(),
        })
    }
}

/// Tries at what a throttled store refuses, before the whole delivery is tried again.
const TRIES: u32 = 4;

/// Runs an operation again after a pause when the store asks for a slower pace.
async fn patiently<T, F: Future<Output = CloudResult<T>>>(
    operation: impl Fn() -> F,
) -> CloudResult<T> {
    let mut pause = Duration::from_millis(20);
    for _ in 1..TRIES {
        match operation().await {
            Err(CloudError::Throttled { .. }) => tokio::time::sleep(pause).await,
            result => return result,
        }
        pause *= 2;
    }
    operation().await
}

/// A key of the job model as the store's type.
fn key_of(key: &str) -> Result<Key, CloudError> {
    Ok(Key::new(key)?)
}
