//! A store and queues that die, or are throttled, at the effect they are told to.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use fanfold_cloud::{
    CloudError, CloudResult, Key, ListPage, MessageId, MultipartUpload, Object, ObjectMeta,
    ObjectStore, OutgoingMessage, PutOptions, Queue, QueueDepth, Receipt, ReceivedMessage,
};

/// When the effect that kills is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dies {
    /// Not at all.
    Before,
    /// It is, but its caller does not live to hear of it.
    After,
}

/// Counts effects (writes, sends, deletes) and decides which fail. A process that died has no
/// effect any more until it is revived.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    effects: AtomicU64,
    dies_at: AtomicU64,
    after: AtomicBool,
    dead: AtomicBool,
    throttle_every: AtomicU64,
    operations: AtomicU64,
}

impl Faults {
    /// Effects so far.
    pub(crate) fn effects(&self) -> u64 {
        self.effects.load(Ordering::SeqCst)
    }

    /// The process dies at its `n`th effect from the beginning.
    pub(crate) fn die_at(&self, n: u64, dies: Dies) {
        self.after.store(dies == Dies::After, Ordering::SeqCst);
        self.dies_at.store(n, Ordering::SeqCst);
    }

    /// The process dies now.
    pub(crate) fn die(&self) {
        self.dead.store(true, Ordering::SeqCst);
    }

    /// Another process takes its place; true when there was need.
    pub(crate) fn revive(&self) -> bool {
        self.dead.swap(false, Ordering::SeqCst)
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.dead.load(Ordering::SeqCst)
    }

    /// One operation of `n`, reads too, is refused as throttled; 0 ends that.
    pub(crate) fn throttle_every(&self, n: u64) {
        self.throttle_every.store(n, Ordering::SeqCst);
    }

    fn operation(&self, what: &str) -> CloudResult<()> {
        if self.is_dead() {
            return Err(CloudError::unavailable("a dead process"));
        }
        let n = self.operations.fetch_add(1, Ordering::SeqCst) + 1;
        match self.throttle_every.load(Ordering::SeqCst) {
            0 => Ok(()),
            every if scattered(n).is_multiple_of(every) => Err(CloudError::throttled(what)),
            _ => Ok(()),
        }
    }

    /// Runs an effect, unless the process is dead or dies before it.
    async fn effect<T>(
        &self,
        what: &str,
        effect: impl Future<Output = CloudResult<T>>,
    ) -> CloudResult<T> {
        self.operation(what)?;
        let n = self.effects.fetch_add(1, Ordering::SeqCst) + 1;
        if n != self.dies_at.load(Ordering::SeqCst) {
            return effect.await;
        }
        if self.after.load(Ordering::SeqCst) {
            let _ = effect.await;
        }
        self.die();
        Err(CloudError::unavailable("a process that died"))
    }
}

/// Spread over all numbers, so that no loop of operations meets the same refusal each time round.
fn scattered(n: u64) -> u64 {
    n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32
}

/// A store with faults.
#[derive(Debug)]
pub(crate) struct FaultyStore {
    pub(crate) inner: Arc<dyn ObjectStore>,
    pub(crate) faults: Arc<Faults>,
}

#[async_trait]
impl ObjectStore for FaultyStore {
    async fn get(&self, key: &Key) -> CloudResult<Object> {
        self.faults.operation("get")?;
        self.inner.get(key).await
    }

    async fn get_range(&self, key: &Key, range: Range<u64>) -> CloudResult<Bytes> {
        self.faults.operation("get")?;
        self.inner.get_range(key, range).await
    }

    async fn head(&self, key: &Key) -> CloudResult<ObjectMeta> {
        self.faults.operation("head")?;
        self.inner.head(key).await
    }

    async fn put(&self, key: &Key, bytes: Bytes, options: PutOptions) -> CloudResult<ObjectMeta> {
        self.faults
            .effect("put", self.inner.put(key, bytes, options))
            .await
    }

    async fn list(
        &self,
        prefix: &str,
        start_after: Option<&str>,
        limit: usize,
    ) -> CloudResult<ListPage> {
        self.faults.operation("list")?;
        // Small pages, so that every list is continued.
        self.inner.list(prefix, start_after, limit.min(3)).await
    }

    async fn delete(&self, key: &Key) -> CloudResult<()> {
        self.faults.effect("delete", self.inner.delete(key)).await
    }

    async fn put_multipart(
        &self,
        key: &Key,
        options: PutOptions,
    ) -> CloudResult<Box<dyn MultipartUpload>> {
        self.faults.operation("multipart")?;
        let inner = self.inner.put_multipart(key, options).await?;
        Ok(Box::new(FaultyUpload {
            inner,
            faults: Arc::clone(&self.faults),
        }))
    }

    async fn resume_multipart(
        &self,
        key: &Key,
        options: PutOptions,
        suspended: &[u8],
    ) -> CloudResult<Box<dyn MultipartUpload>> {
        self.faults.operation("multipart")?;
        let inner = self.inner.resume_multipart(key, options, suspended).await?;
        Ok(Box::new(FaultyUpload {
            inner,
            faults: Arc::clone(&self.faults),
        }))
    }

    async fn presign(
        &self,
        key: &Key,
        expires: Duration,
        download_name: Option<&str>,
    ) -> CloudResult<String> {
        self.inner.presign(key, expires, download_name).await
    }
}

#[derive(Debug)]
struct FaultyUpload {
    inner: Box<dyn MultipartUpload>,
    faults: Arc<Faults>,
}

#[async_trait]
impl MultipartUpload for FaultyUpload {
    async fn write(&mut self, bytes: Bytes) -> CloudResult<()> {
        self.faults.operation("write")?;
        self.inner.write(bytes).await
    }

    async fn suspend(self: Box<Self>) -> CloudResult<Bytes> {
        let Self { inner, faults } = *self;
        faults.effect("suspend", inner.suspend()).await
    }

    async fn complete(self: Box<Self>) -> CloudResult<ObjectMeta> {
        let Self { inner, faults } = *self;
        faults.effect("complete", inner.complete()).await
    }

    async fn abort(self: Box<Self>) -> CloudResult<()> {
        self.inner.abort().await
    }
}

/// A queue with faults.
#[derive(Debug)]
pub(crate) struct FaultyQueue {
    pub(crate) inner: Arc<dyn Queue>,
    pub(crate) faults: Arc<Faults>,
}

#[async_trait]
impl Queue for FaultyQueue {
    async fn send_batch(
        &self,
        messages: Vec<OutgoingMessage>,
    ) -> CloudResult<Vec<CloudResult<MessageId>>> {
        self.faults
            .effect("send", self.inner.send_batch(messages))
            .await
    }

    async fn receive(
        &self,
        max: usize,
        wait: Duration,
        visibility: Duration,
    ) -> CloudResult<Vec<ReceivedMessage>> {
        self.inner.receive(max, wait, visibility).await
    }

    async fn delete_batch(&self, receipts: &[Receipt]) -> CloudResult<Vec<CloudResult<()>>> {
        self.faults
            .effect("delete message", self.inner.delete_batch(receipts))
            .await
    }

    async fn change_visibility(&self, receipt: &Receipt, visibility: Duration) -> CloudResult<()> {
        self.faults
            .effect(
                "visibility",
                self.inner.change_visibility(receipt, visibility),
            )
            .await
    }

    async fn depth(&self) -> CloudResult<QueueDepth> {
        self.inner.depth().await
    }
}
