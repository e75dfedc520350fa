//! The cloud behind ports: an object store, a queue and a clock.
//!
//! The handlers know only [`ObjectStore`], [`Queue`] and [`Clock`], whose docs say what every adapter
//! promises. The adapters:
//!
//! - [`local`]: files and a journal in one folder, durable; what the `fanfold` program runs on;
//! - `aws` (feature `aws`): S3 and SQS;
//! - [`memory`]: everything in memory, on a clock that a test moves; for tests and simulation.

#[cfg(feature = "aws")]
pub mod aws;
mod broker;
mod clock;
pub mod content_type;
mod error;
mod key;
pub mod local;
pub mod memory;
pub mod ports;

#[cfg(feature = "aws")]
pub use aws::AwsCloud;
pub use broker::Redrive;
pub use clock::{ManualClock, SystemClock};
pub use error::{CloudError, CloudResult};
pub use key::{InvalidKey, Key, MAX_KEY_BYTES};
pub use local::{
    Condition, Durability, LocalCloud, LocalOptions, LocalQueue, LocalStore, LocalWriter,
    OpenObject,
};
pub use ports::{
    Clock, ListPage, MAX_BATCH_ENTRIES, MAX_MESSAGE_BYTES, MessageId, MultipartUpload, Object,
    ObjectMeta, ObjectStore, OutgoingMessage, PutMode, PutOptions, Queue, QueueDepth, Receipt,
    ReceivedMessage, delete_one, send_one,
};
