//! The SQS batch: what is delivered, and which of it goes back.

use std::collections::HashMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use aws_lambda_events::sqs::SqsEvent;
use futures_util::{FutureExt, StreamExt, stream};
use serde_json::{Value, json};

/// A delivered message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The message's id; the answer names failures by it.
    pub id: String,
    /// This delivery, for changing its visibility.
    pub receipt: String,
    /// The text.
    pub body: String,
    /// How often it has been delivered, from 1.
    pub receive_count: u32,
    /// Name of the queue it came from, when known.
    pub queue: Option<String>,
}

impl From<fanfold_cloud::ReceivedMessage> for Delivery {
    fn from(message: fanfold_cloud::ReceivedMessage) -> Self {
        Self {
            id: message.id.0,
            receipt: message.receipt.0,
            body: message.body,
            receive_count: message.receive_count,
            queue: None,
        }
    }
}

impl Delivery {
    /// A number that differs from delivery to delivery and is the same whenever it is asked for.
    pub fn jitter(&self) -> u64 {
        // FNV-1a: spread is all that is wanted.
        let bytes = self.id.bytes().chain(self.receive_count.to_le_bytes());
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }
}

/// Why an event is not an SQS batch.
#[derive(Debug, thiserror::Error)]
#[error("the event is not an SQS batch: {0}")]
pub struct EventError(String);

/// Reads an SQS event.
///
/// # Errors
/// When it has another shape, or a record lacks its id or body.
pub fn deliveries(event: Value) -> Result<Vec<Delivery>, EventError> {
    let event: SqsEvent =
        serde_json::from_value(event).map_err(|error| EventError(error.to_string()))?;
    let read = |record: aws_lambda_events::sqs::SqsMessage| {
        let count = record
            .attributes
            .get("ApproximateReceiveCount")
            .and_then(|text| text.parse().ok());
        Ok(Delivery {
            id: record
                .message_id
                .ok_or_else(|| EventError("a record has no messageId".into()))?,
            receipt: record.receipt_handle.unwrap_or_default(),
            body: record
                .body
                .ok_or_else(|| EventError("a record has no body".into()))?,
            receive_count: count.unwrap_or(1),
            queue: record
                .event_source_arn
                .as_deref()
                .and_then(|arn| arn.rsplit(':').next())
                .map(str::to_owned),
        })
    };
    event.records.into_iter().map(read).collect()
}

/// What becomes of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Its work is done: it can be deleted.
    Done,
    /// It goes back to its queue.
    Back {
        /// For how long it stays invisible; none leaves the queue's own visibility timeout.
        after: Option<Duration>,
    },
}

/// Which deliveries of a batch go back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BatchAnswer {
    /// Ids of messages, each of the event.
    pub failures: Vec<String>,
}

impl BatchAnswer {
    /// The answer as the event source mapping reads it.
    pub fn to_json(&self) -> Value {
        let failures: Vec<Value> = self
            .failures
            .iter()
            .map(|id| json!({"itemIdentifier": id}))
            .collect();
        json!({"batchItemFailures": failures})
    }
}

/// The answer for a batch: what has no outcome goes back too, and nothing is named that was not in
/// the event (SQS would take the whole batch for failed).
pub fn answer(batch: &[Delivery], outcomes: &HashMap<String, Outcome>) -> BatchAnswer {
    let done = |delivery: &&Delivery| outcomes.get(&delivery.id) != Some(&Outcome::Done);
    BatchAnswer {
        failures: batch
            .iter()
            .filter(done)
            .map(|delivery| delivery.id.clone())
            .collect(),
    }
}

/// Runs `work` on items, at most `open` at once. Each item's result comes back with its position; an
/// item whose work panics has none.
pub async fn each<T, R, W>(
    items: impl IntoIterator<Item = T>,
    open: usize,
    mut work: impl FnMut(T) -> W,
) -> Vec<(usize, Option<R>)>
where
    W: Future<Output = R>,
{
    let work = items.into_iter().enumerate().map(|(n, item)| {
        let work = AssertUnwindSafe(work(item)).catch_unwind();
        async move { (n, work.await.ok()) }
    });
    let work: Vec<_> = work.collect();
    let mut results: Vec<_> = stream::iter(work)
        .buffer_unordered(open.max(1))
        .collect()
        .await;
    results.sort_by_key(|(n, _)| *n);
    results
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_read_and_answered() {
        let batch = deliveries(json!({"Records": [
            {"messageId": "a", "receiptHandle": "r", "body": "{}", "attributes": {"ApproximateReceiveCount": "3"},
             "eventSourceARN": "arn:aws:sqs:eu-west-1:1:fanfold-bulk"},
            {"messageId": "b", "body": "{}"}, {"messageId": "c", "body": "{}"}]}))
        .unwrap();
        assert_eq!(
            (batch[0].receive_count, batch[0].queue.as_deref()),
            (3, Some("fanfold-bulk"))
        );
        let outcomes = HashMap::from([
            ("a".to_owned(), Outcome::Done),
            ("b".to_owned(), Outcome::Back { after: None }),
            ("not-in-the-event".to_owned(), Outcome::Back { after: None }),
        ]);
        assert_eq!(
            answer(&batch, &outcomes).to_json(),
            json!({"batchItemFailures": [{"itemIdentifier": "b"}, {"itemIdentifier": "c"}]})
        );
    }

    #[test]
    fn what_is_not_a_batch_is_refused() {
        for event in [
            json!({}),
            json!({"Records": [{"body": "x"}]}),
            json!({"Records": [{"messageId": "x"}]}),
            json!(7),
        ] {
            assert!(deliveries(event).is_err());
        }
    }

    #[tokio::test]
    async fn a_panic_is_its_items_alone() {
        let results = each(0..5, 2, |n| async move {
            assert_ne!(n, 3, "this item panics");
            n * 2
        })
        .await;
        assert_eq!(
            results,
            [
                (0, Some(0)),
                (1, Some(2)),
                (2, Some(4)),
                (3, None),
                (4, Some(8))
            ]
        );
    }
}
