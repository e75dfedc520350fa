//! The memory adapter: for tests and simulation; nothing outlives the process.

use std::collections::BTreeMap;
use std::ops::{Bound, Range};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use tokio::sync::Notify;

use crate::broker::{self, Broker, Change, Message, QueueIndex, Redrive};
use crate::error::{CloudError, CloudResult};
use crate::key::Key;
use crate::ports::{
    Clock, ListPage, MessageId, MultipartUpload, Object, ObjectMeta, ObjectStore, OutgoingMessage,
    PutMode, PutOptions, Queue, QueueDepth, Receipt, ReceivedMessage,
};

/// An object store in memory; clones share the objects.
#[derive(Clone, Debug)]
pub struct MemoryStore {
    clock: Arc<dyn Clock>,
    objects: Arc<Mutex<BTreeMap<Key, Stored>>>,
    /// Uploads that were suspended, each with the most that was written of it.
    suspended: Arc<Mutex<BTreeMap<u64, Bytes>>>,
    uploads: Arc<AtomicU64>,
}

#[derive(Clone, Debug)]
struct Stored {
    bytes: Bytes,
    modified_ms: u64,
    version: u64,
}

impl Stored {
    fn meta(&self, key: &Key) -> ObjectMeta {
        ObjectMeta {
            key: key.clone(),
            size: self.bytes.len() as u64,
            etag: format!("{:x}-{:x}", self.version, self.bytes.len()),
            modified_ms: self.modified_ms,
        }
    }
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            objects: Arc::default(),
            suspended: Arc::default(),
            uploads: Arc::default(),
        }
    }

    fn objects(&self) -> MutexGuard<'_, BTreeMap<Key, Stored>> {
        lock(&self.objects)
    }

    fn find(&self, key: &Key) -> CloudResult<Stored> {
        self.objects()
            .get(key)
            .cloned()
            .ok_or_else(|| CloudError::not_found(key))
    }
}

/// The maps stay consistent between statements, so a panic elsewhere does not spoil them.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The part of an object of `size` bytes that `range` asks for.
pub(crate) fn clip_range(key: &Key, range: &Range<u64>, size: u64) -> CloudResult<Range<u64>> {
    if range.start >= range.end || range.start >= size {
        return Err(CloudError::invalid(format!(
            "bytes {}..{} are not in {key}, which has {size}",
            range.start, range.end
        )));
    }
    Ok(range.start..range.end.min(size))
}

#[async_trait]
impl ObjectStore for MemoryStore {
    async fn get(&self, key: &Key) -> CloudResult<Object> {
        let stored = self.find(key)?;
        Ok(Object {
            meta: stored.meta(key),
            bytes: stored.bytes,
        })
    }

    async fn get_range(&self, key: &Key, range: Range<u64>) -> CloudResult<Bytes> {
        let stored = self.find(key)?;
        let range = clip_range(key, &range, stored.bytes.len() as u64)?;
        // In bounds: `clip_range` has cut the range at the length, which is a usize.
        Ok(stored.bytes.slice(range.start as usize..range.end as usize))
    }

    async fn head(&self, key: &Key) -> CloudResult<ObjectMeta> {
        Ok(self.find(key)?.meta(key))
    }

    async fn put(&self, key: &Key, bytes: Bytes, options: PutOptions) -> CloudResult<ObjectMeta> {
        let modified_ms = self.clock.now_ms();
        let mut objects = self.objects();
        let version = match objects.get(key) {
            Some(_) if options.mode == PutMode::Create => {
                return Err(CloudError::already_exists(key));
            }
            Some(old) => old.version + 1,
            None => 1,
        };
        let stored = Stored {
            bytes,
            modified_ms,
            version,
        };
        let meta = stored.meta(key);
        objects.insert(key.clone(), stored);
        Ok(meta)
    }

    async fn list(
        &self,
        prefix: &str,
        start_after: Option<&str>,
        limit: usize,
    ) -> CloudResult<ListPage> {
        let limit = limit.clamp(1, 1000);
        let objects = self.objects();
        // Every key with the prefix sorts at or after it, so an earlier `start_after` skips nothing.
        let from: Bound<&str> = match start_after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        let mut page = ListPage::default();
        for (key, stored) in objects.range::<str, _>((from, Bound::Unbounded)) {
            if !key.as_str().starts_with(prefix) {
                break;
            }
            if page.objects.len() == limit {
                page.more = true;
                break;
            }
            page.objects.push(stored.meta(key));
        }
        Ok(page)
    }

    async fn delete(&self, key: &Key) -> CloudResult<()> {
        self.objects().remove(key);
        Ok(())
    }

    async fn put_multipart(
        &self,
        key: &Key,
        options: PutOptions,
    ) -> CloudResult<Box<dyn MultipartUpload>> {
        Ok(Box::new(MemoryUpload {
            store: self.clone(),
            key: key.clone(),
            options,
            bytes: BytesMut::new(),
            resumed: None,
        }))
    }

    async fn resume_multipart(
        &self,
        key: &Key,
        options: PutOptions,
        suspended: &[u8],
    ) -> CloudResult<Box<dyn MultipartUpload>> {
        let read: Result<(u64, usize), _> = postcard::from_bytes(suspended);
        let (id, length) =
            read.map_err(|_| CloudError::invalid(format!("no suspended upload of {key}")))?;
        let kept = lock(&self.suspended);
        let written = kept.get(&id).and_then(|bytes| bytes.get(..length));
        Ok(Box::new(MemoryUpload {
            store: self.clone(),
            key: key.clone(),
            options,
            bytes: BytesMut::from(written.ok_or_else(|| CloudError::not_found(key))?),
            resumed: Some(id),
        }))
    }

    async fn presign(
        &self,
        key: &Key,
        expires: Duration,
        download_name: Option<&str>,
    ) -> CloudResult<String> {
        let until = self.clock.now_ms().saturating_add(broker::millis(expires));
        let name = download_name.unwrap_or_default();
        Ok(format!("memory:///{key}?until={until}&name={name}"))
    }
}

#[derive(Debug)]
struct MemoryUpload {
    store: MemoryStore,
    key: Key,
    options: PutOptions,
    bytes: BytesMut,
    /// The suspended upload that this one goes on with.
    resumed: Option<u64>,
}

#[async_trait]
impl MultipartUpload for MemoryUpload {
    async fn write(&mut self, bytes: Bytes) -> CloudResult<()> {
        self.bytes.extend_from_slice(&bytes);
        Ok(())
    }

    async fn suspend(self: Box<Self>) -> CloudResult<Bytes> {
        let next = || self.store.uploads.fetch_add(1, Ordering::Relaxed);
        let id = self.resumed.unwrap_or_else(next);
        let length = self.bytes.len();
        let mut kept = lock(&self.store.suspended);
        if self.resumed.is_some() && !kept.contains_key(&id) {
            return Err(CloudError::not_found(&self.key));
        }
        let written = kept.entry(id).or_default();
        if written.len() < length {
            *written = self.bytes.freeze();
        }
        let bytes = postcard::to_allocvec(&(id, length));
        bytes
            .map(Bytes::from)
            .map_err(|error| CloudError::other("suspending an upload", error))
    }

    async fn complete(self: Box<Self>) -> CloudResult<ObjectMeta> {
        let Self {
            store,
            key,
            options,
            bytes,
            resumed,
        } = *self;
        if let Some(id) = resumed
            && lock(&store.suspended).remove(&id).is_none()
        {
            return Err(CloudError::not_found(&key));
        }
        store.put(&key, bytes.freeze(), options).await
    }

    async fn abort(self: Box<Self>) -> CloudResult<()> {
        if let Some(id) = self.resumed {
            lock(&self.store.suspended).remove(&id);
        }
        Ok(())
    }
}

/// A set of queues in memory; clones share the messages.
#[derive(Clone, Debug)]
pub struct MemoryQueues {
    clock: Arc<dyn Clock>,
    broker: Arc<Mutex<Broker<Arc<str>>>>,
    changed: Arc<Notify>,
}

impl MemoryQueues {
    /// No queues yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            broker: Arc::new(Mutex::new(Broker::new())),
            changed: Arc::default(),
        }
    }

    /// The queue of that name, made (with its dead-letter queue) when there is none.
    #[must_use]
    pub fn queue(&self, name: &str, redrive: Option<&Redrive>) -> MemoryQueue {
        let mut broker = lock(&self.broker);
        let index = broker.declare(name);
        if let Some(redrive) = redrive {
            let to = broker.declare(&redrive.dead_letters);
            broker.set_redrive(index, to, redrive.max_receive_count);
        }
        MemoryQueue {
            queues: self.clone(),
            index,
        }
    }
}

/// One queue of [`MemoryQueues`].
#[derive(Clone, Debug)]
pub struct MemoryQueue {
    queues: MemoryQueues,
    index: QueueIndex,
}

impl MemoryQueue {
    fn broker(&self) -> MutexGuard<'_, Broker<Arc<str>>> {
        lock(&self.queues.broker)
    }

    fn take_due(&self, max: usize, visibility: Duration) -> Vec<ReceivedMessage> {
        let now_ms = self.queues.clock.now_ms();
        let mut broker = self.broker();
        let changes = broker.plan_receive(self.index, max, now_ms, broker::millis(visibility));
        let mut received = Vec::new();
        for change in &changes {
            broker.apply(change);
            if let Change::Take { seq, .. } = *change
                && let Some(message) = broker.message(self.index, seq)
            {
                received.push(message.received(seq, message.body.to_string()));
            }
        }
        if broker::moves(&changes) {
            self.queues.changed.notify_waiters();
        }
        received
    }
}

#[async_trait]
impl Queue for MemoryQueue {
    async fn send_batch(
        &self,
        messages: Vec<OutgoingMessage>,
    ) -> CloudResult<Vec<CloudResult<MessageId>>> {
        broker::check_batch(&messages)?;
        let now_ms = self.queues.clock.now_ms();
        let mut sent = Vec::with_capacity(messages.len());
        {
            let mut broker = self.broker();
            for message in messages {
                let seq = broker.fresh_seq();
                let state = Message::sent(Arc::from(message.body.as_str()), &message, now_ms);
                broker.apply(&Change::Send {
                    queue: self.index,
                    seq,
                    message: state,
                });
                sent.push(Ok(broker::message_id(seq)));
            }
        }
        self.queues.changed.notify_waiters();
        Ok(sent)
    }

    async fn receive(
        &self,
        max: usize,
        wait: Duration,
        visibility: Duration,
    ) -> CloudResult<Vec<ReceivedMessage>> {
        let clock = &self.queues.clock;
        let deadline = clock.now_ms().saturating_add(broker::millis(wait));
        loop {
            // Registered before looking, so that a message sent in between is not missed.
            let changed = self.queues.changed.notified();
            let received = self.take_due(max.clamp(1, crate::MAX_BATCH_ENTRIES), visibility);
            let now = clock.now_ms();
            if !received.is_empty() || now >= deadline {
                return Ok(received);
            }
            let next = self
                .broker()
                .next_visible_ms(self.index)
                .unwrap_or(u64::MAX);
            let pause = next.min(deadline).saturating_sub(now).max(1);
            tokio::select! {
                () = changed => {}
                () = clock.sleep(Duration::from_millis(pause)) => {}
            }
        }
    }

    async fn delete_batch(&self, receipts: &[Receipt]) -> CloudResult<Vec<CloudResult<()>>> {
        let mut broker = self.broker();
        let mut results = Vec::with_capacity(receipts.len());
        for receipt in receipts {
            let planned = broker.plan_delete(self.index, receipt);
            if let Ok(Some(change)) = &planned {
                broker.apply(change);
            }
            results.push(planned.map(drop));
        }
        Ok(results)
    }

    async fn change_visibility(&self, receipt: &Receipt, visibility: Duration) -> CloudResult<()> {
        let now = self.queues.clock.now_ms();
        let until = now.saturating_add(broker::millis(visibility));
        {
            let mut broker = self.broker();
            let change = broker.plan_reschedule(self.index, receipt, until, true, now)?;
            broker.apply(&change);
        }
        self.queues.changed.notify_waiters();
        Ok(())
    }

    async fn depth(&self) -> CloudResult<QueueDepth> {
        Ok(self.broker().depth(self.index, self.queues.clock.now_ms()))
    }
}
