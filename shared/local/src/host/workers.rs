//! Worker loops: what an event source mapping does. Deliveries of a queue go to a function as an SQS
//! event; those it does not name as failed are deleted.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use fanfold_cloud::{CloudResult, Queue, ReceivedMessage};
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::events;

/// How long a delivery stays invisible: longer than an invocation may take.
pub(crate) const VISIBILITY: Duration = Duration::from_secs(15 * 60);

/// How long a loop waits for a message before it looks whether it should stop.
const WAIT: Duration = Duration::from_secs(20);

/// How long a loop rests after a failure, so that a full disk does not make it spin.
const REST: Duration = Duration::from_millis(500);

/// A function that takes SQS events.
#[async_trait]
pub(crate) trait Consumer: Send + Sync {
    /// Handles an event and answers with `batchItemFailures`.
    async fn handle(&self, event: Value) -> Result<Value, String>;
}

/// A queue and the function that consumes it.
#[derive(Clone)]
pub(crate) struct Mapping {
    pub(crate) name: &'static str,
    pub(crate) queue: Arc<dyn Queue>,
    pub(crate) consumer: Arc<dyn Consumer>,
    /// Messages of one event, 1 to 10.
    pub(crate) batch_size: usize,
    /// Events handled at once.
    pub(crate) concurrency: usize,
}

/// Running loops; they stop when this is told to or dropped.
#[derive(Debug)]
pub(crate) struct Workers {
    stop: watch::Sender<bool>,
    loops: JoinSet<()>,
}

impl Workers {
    /// Starts the loops of all mappings.
    pub(crate) fn start(mappings: &[Mapping]) -> Self {
        let stop = watch::Sender::new(false);
        let mut loops = JoinSet::new();
        for mapping in mappings {
            for _ in 0..mapping.concurrency {
                loops.spawn(consume(mapping.clone(), stop.subscribe()));
            }
        }
        Self { stop, loops }
    }

    /// Lets what is under way finish, up to `patience`, and takes nothing new.
    pub(crate) async fn stop(mut self, patience: Duration) {
        self.stop.send_replace(true);
        let finished = async { while self.loops.join_next().await.is_some() {} };
        if tokio::time::timeout(patience, finished).await.is_err() {
            tracing::warn!("work under way was cut off; it is done again at the next start");
        }
    }
}

async fn consume(mapping: Mapping, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let received = tokio::select! {
            received = mapping.queue.receive(mapping.batch_size, WAIT, VISIBILITY) => received,
            _ = stop.changed() => return,
        };
        let handled = match received {
            Ok(messages) if messages.is_empty() => continue,
            Ok(messages) => handle(&mapping, &messages)
                .await
                .map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = handled {
            tracing::error!(queue = mapping.name, error, "a queue could not be served");
            tokio::time::sleep(REST).await;
        }
    }
}

/// Has one event handled and deletes what is done. What failed keeps the visibility that the function
/// has given it.
pub(crate) async fn handle(mapping: &Mapping, messages: &[ReceivedMessage]) -> CloudResult<()> {
    let ids: BTreeSet<&str> = messages
        .iter()
        .map(|message| message.id.0.as_str())
        .collect();
    // On a task of its own: a panic is the event's alone.
    let consumer = mapping.consumer.clone();
    let event = events::sqs(mapping.name, messages);
    let answer = tokio::spawn(async move { consumer.handle(event).await }).await;
    let failed = match answer {
        Ok(Ok(answer)) => failures(&answer, &ids),
        Ok(Err(error)) => Err(error),
        Err(error) => Err(error.to_string()),
    };
    let failed = failed.unwrap_or_else(|error| {
        // As on AWS: an answer that cannot be trusted fails the whole batch.
        tracing::error!(queue = mapping.name, error, "an event failed as a whole");
        ids.iter().map(|&id| id.to_owned()).collect()
    });
    let done: Vec<_> = messages
        .iter()
        .filter(|message| !failed.contains(&message.id.0))
        .map(|message| message.receipt.clone())
        .collect();
    if done.is_empty() {
        return Ok(());
    }
    mapping
        .queue
        .delete_batch(&done)
        .await?
        .into_iter()
        .collect()
}

/// The ids in `batchItemFailures`, all of them ids of the event.
fn failures(answer: &Value, ids: &BTreeSet<&str>) -> Result<BTreeSet<String>, String> {
    let Some(listed) = answer.get("batchItemFailures") else {
        return Ok(BTreeSet::new());
    };
    let listed = listed.as_array().ok_or("batchItemFailures is not a list")?;
    let mut failed = BTreeSet::new();
    for failure in listed {
        match failure.get("itemIdentifier").and_then(Value::as_str) {
            Some(id) if ids.contains(id) => failed.insert(id.to_owned()),
            other => {
                return Err(format!(
                    "batchItemFailures names {other:?}, not in the event"
                ));
            }
        };
    }
    Ok(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use fanfold_cloud::memory::MemoryQueues;
    use fanfold_cloud::{Clock, OutgoingMessage, SystemClock, send_one};
    use serde_json::json;

    struct Answering(Result<Value, String>);

    #[async_trait]
    impl Consumer for Answering {
        async fn handle(&self, event: Value) -> Result<Value, String> {
            assert!(event["Records"][0]["body"] != "panic", "asked to panic");
            self.0.clone()
        }
    }

    async fn left_after(bodies: &[&str], answer: Result<Value, String>) -> u64 {
        let queues = MemoryQueues::new(Arc::new(SystemClock) as Arc<dyn Clock>);
        let queue = Arc::new(queues.queue("work", None));
        for &body in bodies {
            send_one(&*queue, OutgoingMessage::new(body)).await.unwrap();
        }
        let messages = queue.receive(10, Duration::ZERO, VISIBILITY).await.unwrap();
        let mapping = Mapping {
            name: "work",
            queue: queue.clone(),
            consumer: Arc::new(Answering(answer)),
            batch_size: 10,
            concurrency: 1,
        };
        handle(&mapping, &messages).await.unwrap();
        queue.depth().await.unwrap().total()
    }

    #[tokio::test]
    async fn what_did_not_fail_is_deleted_and_nothing_else() {
        let named = |id: &str| Ok(json!({"batchItemFailures": [{"itemIdentifier": id}]}));
        assert_eq!(
            left_after(&["a", "b"], Ok(json!({"batchItemFailures": []}))).await,
            0
        );
        assert_eq!(left_after(&["a", "b"], named("0000000000000001")).await, 1);
        assert_eq!(left_after(&["a", "b"], named("unknown")).await, 2);
        assert_eq!(
            left_after(&["a", "b"], Ok(json!({"batchItemFailures": 1}))).await,
            2
        );
        assert_eq!(left_after(&["a", "b"], Err("no".into())).await, 2);
        assert_eq!(left_after(&["panic", "b"], Ok(json!({}))).await, 2);
    }
}
