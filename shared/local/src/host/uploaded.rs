//! What S3's notifications and EventBridge's rule do: objects that come into the bucket below
//! `uploads/` are announced to the enqueue function. Announcements wait in a queue of their own, so
//! that none is lost with the process; one that fails three times goes to where a person looks.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use fanfold_cloud::{
    CloudResult, LocalCloud, LocalQueue, ObjectMeta, OutgoingMessage, Queue, Receipt, Redrive,
    send_one,
};
use fanfold_wire::lambda::{Function, FunctionError};
use fanfold_wire::s3::Notify;
use fanfold_wire::{ACCOUNT, REGION};
use serde_json::{Value, json};

use super::stack;
use super::workers::{Mapping, VISIBILITY, constant};

/// The queue.
const QUEUE: &str = "upload-events";

/// What the rule's prefix is.
const PREFIX: &str = "uploads/";

/// Deliveries, as Lambda tries an asynchronous invocation.
const TRIES: u32 = 3;

/// How long until another try.
const AGAIN: Duration = Duration::from_secs(2);

/// Announces uploads.
#[derive(Clone, Debug)]
pub(crate) struct Announcer {
    queue: LocalQueue,
}

impl Announcer {
    /// Over the cloud's journal.
    pub(crate) fn open(cloud: &LocalCloud) -> CloudResult<Self> {
        let redrive = Redrive {
            dead_letters: stack::UNSETTLED.into(),
            max_receive_count: TRIES,
        };
        Ok(Self {
            queue: cloud.queue(QUEUE, Some(&redrive))?,
        })
    }

    /// The queue and the enqueue function.
    pub(crate) fn mapping(&self, enqueue: Arc<dyn Function>) -> Mapping {
        Mapping {
            name: QUEUE,
            queue: Arc::new(self.queue.clone()),
            function: Arc::new(Announced {
                queue: self.queue.clone(),
                enqueue,
            }),
            batch_size: 1,
            window: Duration::ZERO,
            concurrency: 2,
            visibility: constant(VISIBILITY),
        }
    }
}

#[async_trait]
impl Notify for Announcer {
    async fn created(&self, bucket: &str, object: &ObjectMeta) -> CloudResult<()> {
        if bucket != stack::BUCKET || !object.key.as_str().starts_with(PREFIX) {
            return Ok(());
        }
        let event = event(bucket, object).to_string();
        send_one(&self.queue, OutgoingMessage::new(event)).await?;
        Ok(())
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

/// Takes announcements out of the queue's event.
struct Announced {
    queue: LocalQueue,
    enqueue: Arc<dyn Function>,
}

#[async_trait]
impl Function for Announced {
    async fn invoke(&self, event: Value) -> Result<Value, FunctionError> {
        let record = &event["Records"][0];
        let text = |name: &str| record[name].as_str().unwrap_or_default().to_owned();
        let malformed =
            |error: serde_json::Error| FunctionError::new("Host.Internal", error.to_string());
        let upload: Value = serde_json::from_str(&text("body")).map_err(malformed)?;
        let failed = self.enqueue.invoke(upload).await.err();
        if let Some(error) = &failed {
            tracing::warn!(%error, "an upload could not be announced and is tried again");
            let receipt = Receipt(text("receiptHandle"));
            // Else it comes again when its visibility is over.
            let _ = self.queue.change_visibility(&receipt, AGAIN).await;
        }
        let failures: Vec<Value> = failed
            .map(|_| json!({"itemIdentifier": text("messageId")}))
            .into_iter()
            .collect();
        Ok(json!({"batchItemFailures": failures}))
    }
}
