//! The ports: what the project needs of an object store, a queue and a clock, and what they promise.
//!
//! The promises are those of S3 and SQS standard queues, no stronger: the contract suite checks them
//! on every adapter. Operations may be dropped (cancelled) at any await point; a write then may or
//! may not have happened, but never by half.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use crate::error::CloudResult;
use crate::key::Key;

/// The most entries of one [`Queue::send_batch`] or [`Queue::delete_batch`] (SQS: 10).
pub const MAX_BATCH_ENTRIES: usize = 10;

/// The largest body of one message, and of one [`Queue::send_batch`] together, in bytes (SQS: 1 MiB).
pub const MAX_MESSAGE_BYTES: usize = 1024 * 1024;

/// What is known of an object without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectMeta {
    /// The object's name.
    pub key: Key,
    /// Its length in bytes.
    pub size: u64,
    /// An opaque string that differs when the content was written anew with other bytes.
    pub etag: String,
    /// When it was written, in milliseconds since 1970-01-01 UTC.
    pub modified_ms: u64,
}

/// An object with its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Name, size and age.
    pub meta: ObjectMeta,
    /// The whole content, as one put wrote it: never a mix of two.
    pub bytes: Bytes,
}

/// Whether a write may replace what is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PutMode {
    /// Replace an object of the same name.
    #[default]
    Overwrite,
    /// Succeed only when there is none (`If-None-Match: *`); of several writers at once exactly one
    /// wins, the others get [`CloudError::AlreadyExists`](crate::CloudError::AlreadyExists).
    ///
    /// When the answer to a successful write is lost and the adapter asks again, the winner itself
    /// gets `AlreadyExists`: it says that the object exists, not who wrote it.
    Create,
}

/// How an object is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PutOptions {
    /// Replace or create once.
    pub mode: PutMode,
    /// The media type; without one the adapter tells it from the key's extension.
    pub content_type: Option<String>,
    /// After how many days the object may be deleted; the AWS adapter writes it as the tag
    /// `fanfold-retention-days`, which the bucket's lifecycle rules act on. Without it the bucket's
    /// own rule holds.
    pub retention_days: Option<u32>,
}

impl PutOptions {
    /// Options that create once.
    #[must_use]
    pub fn create() -> Self {
        Self {
            mode: PutMode::Create,
            ..Self::default()
        }
    }

    /// Options that replace.
    #[must_use]
    pub fn overwrite() -> Self {
        Self::default()
    }

    /// The same with a media type.
    #[must_use]
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    /// The same with a time to keep the object.
    #[must_use]
    pub fn retention_days(mut self, days: Option<u32>) -> Self {
        self.retention_days = days;
        self
    }
}

/// One page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListPage {
    /// Objects in the order of their keys' bytes.
    pub objects: Vec<ObjectMeta>,
    /// True when there may be more: ask again with the last key as `start_after`.
    pub more: bool,
}

/// A store of objects by key: strongly consistent, every write whole or not at all.
#[async_trait]
pub trait ObjectStore: Send + Sync + Debug {
    /// Reads a whole object.
    ///
    /// # Errors
    /// [`NotFound`](crate::CloudError::NotFound) when there is none.
    async fn get(&self, key: &Key) -> CloudResult<Object>;

    /// Reads the bytes `start..end` (end exclusive), cut at the object's end.
    ///
    /// # Errors
    /// [`NotFound`](crate::CloudError::NotFound); [`Invalid`](crate::CloudError::Invalid) when the
    /// range is empty or starts at or after the object's end.
    async fn get_range(&self, key: &Key, range: std::ops::Range<u64>) -> CloudResult<Bytes>;

    /// Reads an object's size and age.
    ///
    /// # Errors
    /// [`NotFound`](crate::CloudError::NotFound) when there is none.
    async fn head(&self, key: &Key) -> CloudResult<ObjectMeta>;

    /// Writes a whole object.
    ///
    /// # Errors
    /// [`AlreadyExists`](crate::CloudError::AlreadyExists) with [`PutMode::Create`].
    async fn put(&self, key: &Key, bytes: Bytes, options: PutOptions) -> CloudResult<ObjectMeta>;

    /// Lists objects whose key starts with `prefix` (not necessarily at a slash) and comes after
    /// `start_after`, in key order, at most `limit` (1 to 1000; more is cut to 1000).
    async fn list(
        &self,
        prefix: &str,
        start_after: Option<&str>,
        limit: usize,
    ) -> CloudResult<ListPage>;

    /// Deletes an object; deleting what is not there succeeds.
    async fn delete(&self, key: &Key) -> CloudResult<()>;

    /// Starts to write an object in pieces, without holding it in memory.
    async fn put_multipart(
        &self,
        key: &Key,
        options: PutOptions,
    ) -> CloudResult<Box<dyn MultipartUpload>>;

    /// Goes on with an upload where [`MultipartUpload::suspend`] stopped it, in another process perhaps.
    /// The options are those that it was begun with. Several may go on with the same one at once when
    /// they write the same bytes; the first to complete it wins.
    ///
    /// # Errors
    /// [`NotFound`](crate::CloudError::NotFound), here or from the upload itself, when it is completed,
    /// aborted or cleaned up; [`Invalid`](crate::CloudError::Invalid) when `suspended` is nothing that
    /// `suspend` gave.
    async fn resume_multipart(
        &self,
        key: &Key,
        options: PutOptions,
        suspended: &[u8],
    ) -> CloudResult<Box<dyn MultipartUpload>>;

    /// A URL that gives the object without further authorisation until `expires` from now has
    /// passed; with `download_name` a browser saves it under that name.
    async fn presign(
        &self,
        key: &Key,
        expires: Duration,
        download_name: Option<&str>,
    ) -> CloudResult<String>;
}

/// An object being written in pieces. Nothing is visible under the key until
/// [`complete`](MultipartUpload::complete); dropping it without completing leaves nothing visible
/// (an abandoned upload is cleaned by the adapter or the bucket's lifecycle).
#[async_trait]
pub trait MultipartUpload: Send + Debug {
    /// Appends bytes, of any length: the adapter gathers them into parts of the service's sizes and
    /// waits when it holds too many unsent (backpressure).
    async fn write(&mut self, bytes: Bytes) -> CloudResult<()>;

    /// Stops without ending the upload, and gives what [`ObjectStore::resume_multipart`] needs to go on
    /// behind all that was written. That may hold the last bytes written, some megabytes. Uploads that
    /// nobody goes on with are cleaned as abandoned ones are.
    async fn suspend(self: Box<Self>) -> CloudResult<Bytes>;

    /// Makes the object visible.
    ///
    /// # Errors
    /// [`AlreadyExists`](crate::CloudError::AlreadyExists) with [`PutMode::Create`].
    async fn complete(self: Box<Self>) -> CloudResult<ObjectMeta>;

    /// Gives the upload up and frees what it holds.
    async fn abort(self: Box<Self>) -> CloudResult<()>;
}

/// A message to send.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutgoingMessage {
    /// The text, at most [`MAX_MESSAGE_BYTES`].
    pub body: String,
    /// How long it stays invisible first (SQS: at most 15 minutes).
    pub delay: Duration,
    /// The tenant, for fairness between tenants (SQS `MessageGroupId` on a standard queue).
    pub group: Option<String>,
}

impl OutgoingMessage {
    /// A message visible at once.
    #[must_use]
    pub fn new(body: impl Into<String>) -> Self {
        Self {
            body: body.into(),
            ..Self::default()
        }
    }
}

/// The id a queue gave a message; the same at every delivery.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub String);

/// What one delivery of a message is known by: needed to delete it or change its visibility.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Receipt(pub String);

/// A delivered message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedMessage {
    /// The message, the same at every delivery.
    pub id: MessageId,
    /// This delivery.
    pub receipt: Receipt,
    /// The text.
    pub body: String,
    /// How often it has been delivered, this time included: 1 at first.
    pub receive_count: u32,
    /// When it was sent, in milliseconds since 1970-01-01 UTC.
    pub sent_ms: u64,
    /// The tenant it was sent for.
    pub group: Option<String>,
}

/// About how many messages a queue holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueDepth {
    /// Ready to be received.
    pub visible: u64,
    /// Received and neither deleted nor visible again.
    pub in_flight: u64,
    /// Sent with a delay that has not passed.
    pub delayed: u64,
}

impl QueueDepth {
    /// All messages.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.visible + self.in_flight + self.delayed
    }
}

/// A queue with at-least-once delivery, in no promised order.
///
/// A queue made with a dead-letter queue and a `maxReceiveCount` n moves a message there, instead of
/// delivering it, when it has been received n times without being deleted.
#[async_trait]
pub trait Queue: Send + Sync + Debug {
    /// Sends up to [`MAX_BATCH_ENTRIES`] messages; the answer has one result for each, in order:
    /// some may be refused while others are sent.
    ///
    /// # Errors
    /// The outer error means that none is known to be sent; too many entries, an empty or an
    /// over-long body, or one with a character that XML 1.0 has not (U+0000 to U+001F but tab and
    /// line ends, U+FFFE, U+FFFF) is [`Invalid`](crate::CloudError::Invalid).
    async fn send_batch(
        &self,
        messages: Vec<OutgoingMessage>,
    ) -> CloudResult<Vec<CloudResult<MessageId>>>;

    /// Receives up to `max` messages (1 to 10), waiting up to `wait` (SQS: at most 20 s) for the
    /// first; they stay invisible to others for `visibility`.
    async fn receive(
        &self,
        max: usize,
        wait: Duration,
        visibility: Duration,
    ) -> CloudResult<Vec<ReceivedMessage>>;

    /// Deletes up to [`MAX_BATCH_ENTRIES`] deliveries; one result for each, in order. Deleting what
    /// is already deleted succeeds; a receipt older than the message's last delivery deletes nothing.
    async fn delete_batch(&self, receipts: &[Receipt]) -> CloudResult<Vec<CloudResult<()>>>;

    /// Makes a delivery visible again `visibility` from now (zero: at once; SQS: at most 12 hours
    /// since it was received).
    ///
    /// # Errors
    /// [`NotFound`](crate::CloudError::NotFound) when the message is not in flight under that receipt.
    async fn change_visibility(&self, receipt: &Receipt, visibility: Duration) -> CloudResult<()>;

    /// Keeps a delivery that is worked on for `visibility` from now. A queue that knows when the process
    /// that works on it has died need not wait for the end of this, as it does for that of a back-off.
    ///
    /// # Errors
    /// As [`change_visibility`](Self::change_visibility).
    async fn hold(&self, receipt: &Receipt, visibility: Duration) -> CloudResult<()> {
        self.change_visibility(receipt, visibility).await
    }

    /// About how many messages there are.
    async fn depth(&self) -> CloudResult<QueueDepth>;
}

/// Sends one message: [`Queue::send_batch`] with one entry, its two kinds of error made one.
///
/// # Errors
/// As [`Queue::send_batch`].
pub async fn send_one(queue: &dyn Queue, message: OutgoingMessage) -> CloudResult<MessageId> {
    queue
        .send_batch(vec![message])
        .await?
        .pop()
        .unwrap_or_else(|| {
            Err(crate::CloudError::unavailable(
                "the queue gave no answer for the message",
            ))
        })
}

/// Deletes one delivery: [`Queue::delete_batch`] with one entry, its two kinds of error made one.
///
/// # Errors
/// As [`Queue::delete_batch`].
pub async fn delete_one(queue: &dyn Queue, receipt: &Receipt) -> CloudResult<()> {
    queue
        .delete_batch(std::slice::from_ref(receipt))
        .await?
        .pop()
        .unwrap_or(Ok(()))
}

/// The time. Only for deadlines, back-off and records: no clock's reading reaches a PDF.
#[async_trait]
pub trait Clock: Send + Sync + Debug {
    /// Milliseconds since 1970-01-01 UTC.
    fn now_ms(&self) -> u64;

    /// Waits.
    async fn sleep(&self, duration: Duration);
}
