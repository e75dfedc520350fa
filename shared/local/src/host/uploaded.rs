//! What S3's notifications and EventBridge's rule do: objects that come into the bucket below
//! `uploads/` are announced to the enqueue function.

use async_trait::async_trait;
use fanfold_cloud::{CloudResult, ObjectMeta};
use fanfold_wire::lambda::Asynchronous;
use fanfold_wire::s3::Notify;
use fanfold_wire::{ACCOUNT, REGION};
use serde_json::{Value, json};

use super::asynchronous::Invocations;
use super::stack;

/// The function that is told.
const ENQUEUE: &str = stack::ENQUEUE_FUNCTION.0;

/// What the rule's prefix is.
const PREFIX: &str = "uploads/";

/// Announces uploads.
#[derive(Clone, Debug)]
pub(crate) struct Announcer(pub(crate) Invocations);

#[async_trait]
impl Notify for Announcer {
    async fn created(&self, bucket: &str, object: &ObjectMeta) -> CloudResult<()> {
        if bucket != stack::BUCKET || !object.key.as_str().starts_with(PREFIX) {
            return Ok(());
        }
        self.0.accept(ENQUEUE, event(bucket, object)).await
    }
}

/// EventBridge's event of a new object.
fn event(bucket: &str, object: &ObjectMeta) -> Value {
    json!({
        "version": "0",
        "id": format!("{}-{}", object.etag, object.modified_ms),
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": ACCOUNT,
        "time": fanfold_job::report::rfc3339(object.modified_ms),
        "region": REGION,
        "resources": [format!("arn:aws:s3:::{bucket}")],
        "detail": {
            "version": "0",
            "bucket": {"name": bucket},
            "object": {
                "key": object.key.as_str(),
                "size": object.size,
                "etag": object.etag,
                "sequencer": format!("{:016X}", object.modified_ms),
            },
            "request-id": object.etag,
            "requester": ACCOUNT,
            "reason": "PutObject",
        },
    })
}
