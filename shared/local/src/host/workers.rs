//! What an event source mapping does: deliveries of a queue are gathered into an event for a function,
//! and those it does not name as failed are deleted.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use fanfold_cloud::{CloudResult, MAX_BATCH_ENTRIES, Queue, ReceivedMessage};
use fanfold_wire::lambda::Function;
use serde_json::Value;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::events;

/// How long a delivery to a function of this process stays invisible: longer than an invocation may
/// take.
pub(crate) const VISIBILITY: Duration = Duration::from_secs(15 * 60);

/// How long a loop waits for a message before it looks whether it should stop.
const WAIT: Duration = Duration::from_secs(20);

/// How long a loop rests after a failure, so that a full disk does not make it spin.
const REST: Duration = Duration::from_millis(500);

/// The most that bodies of one event have together, in bytes: what Lambda takes is 6 MB, escaped.
const MAX_EVENT_BYTES: usize = 4 * 1024 * 1024;

/// A queue and the function that consumes it.
#[derive(Clone)]
pub(crate) struct Mapping {
    pub(crate) name: &'static str,
    pub(crate) queue: Arc<dyn Queue>,
    pub(crate) function: Arc<dyn Function>,
    /// Messages of one event.
    pub(crate) batch_size: usize,
    /// How long an event waits to be full.
    pub(crate) window: Duration,
    /// Events handled at once.
    pub(crate) concurrency: usize,
    /// How long a delivery stays invisible.
    pub(crate) visibility: watch::Receiver<Duration>,
}

/// A visibility that does not change.
pub(crate) fn constant(visibility: Duration) -> watch::Receiver<Duration> {
    watch::channel(visibility).1
}

/// Running mappings; they stop when this is told to or dropped.
#[derive(Debug)]
pub(crate) struct Workers {
    stop: watch::Sender<bool>,
    loops: JoinSet<()>,
}

impl Workers {
    /// Starts all mappings.
    pub(crate) fn start(mappings: Vec<Mapping>) -> Self {
        let stop = watch::Sender::new(false);
        let mut loops = JoinSet::new();
        for mapping in mappings {
            loops.spawn(consume(mapping, stop.subscribe()));
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
    let places = Arc::new(Semaphore::new(mapping.concurrency.max(1)));
    let mut events = JoinSet::new();
    let mut visibility = mapping.visibility.clone();
    while !*stop.borrow() {
        // Nothing is taken that nobody has room for: it would be invisible and not worked on.
        let place = tokio::select! {
            place = places.clone().acquire_owned() => place,
            _ = stop.changed() => break,
        };
        let Ok(place) = place else { break };
        let gathered = tokio::select! {
            gathered = gather(&mapping, &mut visibility) => gathered,
            _ = stop.changed() => break,
        };
        match gathered {
            Ok(messages) if messages.is_empty() => {}
            Ok(messages) => {
                let mapping = mapping.clone();
                events.spawn(async move {
                    if let Err(error) = handle(&mapping, &messages).await {
                        tracing::error!(queue = mapping.name, %error, "a queue could not be served");
                        tokio::time::sleep(REST).await;
                    }
                    drop(place);
                });
            }
            Err(error) => {
                tracing::error!(queue = mapping.name, %error, "a queue could not be served");
                tokio::time::sleep(REST).await;
            }
        }
        while events.try_join_next().is_some() {}
    }
    while events.join_next().await.is_some() {}
}

/// Messages for one event: the first, and what comes in its window. A failure after the first message
/// ends the event early.
async fn gather(
    mapping: &Mapping,
    visibility: &mut watch::Receiver<Duration>,
) -> CloudResult<Vec<ReceivedMessage>> {
    let receive = async |messages: usize, wait, visibility| {
        let max = (mapping.batch_size - messages).min(MAX_BATCH_ENTRIES);
        mapping.queue.receive(max, wait, visibility).await
    };
    let now = *visibility.borrow_and_update();
    let mut messages = tokio::select! {
        biased;
        // What is received from now on stays invisible for another time.
        Ok(()) = visibility.changed() => return Ok(Vec::new()),
        received = receive(0, WAIT, now) => received?,
    };
    let ends = Instant::now() + mapping.window;
    let mut bytes: usize = messages.iter().map(|message| message.body.len()).sum();
    while !messages.is_empty() && messages.len() < mapping.batch_size && bytes < MAX_EVENT_BYTES {
        let left = ends.saturating_duration_since(Instant::now());
        match receive(messages.len(), left, now).await {
            Ok(more) if !more.is_empty() => {
                bytes += more.iter().map(|message| message.body.len()).sum::<usize>();
                messages.extend(more);
            }
            _ => break,
        }
    }
    Ok(messages)
}

/// Has one event handled and deletes what is done. What failed keeps the visibility that the function
/// has given it.
pub(crate) async fn handle(mapping: &Mapping, messages: &[ReceivedMessage]) -> CloudResult<()> {
    let ids: BTreeSet<&str> = messages
        .iter()
        .map(|message| message.id.0.as_str())
        .collect();
    // On a task of its own: a panic is the event's alone.
    let function = mapping.function.clone();
    let event = events::sqs(mapping.name, messages);
    let answer = tokio::spawn(async move { function.invoke(event).await }).await;
    let failed = match answer {
        Ok(Ok(answer)) => failures(&answer, &ids),
        Ok(Err(error)) => Err(error.to_string()),
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
    for some in done.chunks(MAX_BATCH_ENTRIES) {
        let deleted: CloudResult<Vec<()>> = mapping
            .queue
            .delete_batch(some)
            .await?
            .into_iter()
            .collect();
        deleted?;
    }
    Ok(())
}

/// The ids in `batchItemFailures`, all of them ids of the event. As on AWS, no list or an empty one is
/// a success, and an id that is empty, null or unknown fails the batch.
fn failures(answer: &Value, ids: &BTreeSet<&str>) -> Result<BTreeSet<String>, String> {
    let listed = match answer.get("batchItemFailures") {
        None | Some(Value::Null) => return Ok(BTreeSet::new()),
        Some(listed) => listed,
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
    use async_trait::async_trait;
    use fanfold_cloud::memory::MemoryQueues;
    use fanfold_cloud::{Clock, OutgoingMessage, SystemClock, send_one};
    use fanfold_wire::lambda::FunctionError;
    use serde_json::json;
    use tokio::sync::mpsc;

    struct Answering(Result<Value, String>);

    #[async_trait]
    impl Function for Answering {
        async fn invoke(&self, event: Value) -> Result<Value, FunctionError> {
            assert!(event["Records"][0]["body"] != "panic", "asked to panic");
            self.0
                .clone()
                .map_err(|error| FunctionError::new("Test", error))
        }
    }

    /// Tells how many messages its events have.
    struct Counting(mpsc::UnboundedSender<usize>);

    #[async_trait]
    impl Function for Counting {
        async fn invoke(&self, event: Value) -> Result<Value, FunctionError> {
            let _ = self.0.send(event["Records"].as_array().map_or(0, Vec::len));
            Ok(Value::Null)
        }
    }

    fn mapping(queue: Arc<dyn Queue>, function: Arc<dyn Function>) -> Mapping {
        Mapping {
            name: "work",
            queue,
            function,
            batch_size: 25,
            window: Duration::from_millis(200),
            concurrency: 1,
            visibility: constant(VISIBILITY),
        }
    }

    async fn left_after(bodies: &[&str], answer: Result<Value, String>) -> u64 {
        let queues = MemoryQueues::new(Arc::new(SystemClock) as Arc<dyn Clock>);
        let queue = Arc::new(queues.queue("work", None));
        for &body in bodies {
            send_one(&*queue, OutgoingMessage::new(body)).await.unwrap();
        }
        let messages = queue.receive(10, Duration::ZERO, VISIBILITY).await.unwrap();
        let mapping = mapping(queue.clone(), Arc::new(Answering(answer)));
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

    #[tokio::test]
    async fn an_event_is_full_or_its_window_is_over() {
        let queues = MemoryQueues::new(Arc::new(SystemClock) as Arc<dyn Clock>);
        let queue = Arc::new(queues.queue("work", None));
        for number in 0..30 {
            let message = OutgoingMessage::new(number.to_string());
            send_one(&*queue, message).await.unwrap();
        }
        let (told, mut counts) = mpsc::unbounded_channel();
        let workers = Workers::start(vec![mapping(queue.clone(), Arc::new(Counting(told)))]);
        assert_eq!(counts.recv().await, Some(25));
        assert_eq!(counts.recv().await, Some(5));
        workers.stop(Duration::from_secs(5)).await;
        assert_eq!(queue.depth().await.unwrap().total(), 0);
    }

    /// Fails at every event, and tells of it.
    struct Failing(mpsc::UnboundedSender<usize>);

    #[async_trait]
    impl Function for Failing {
        async fn invoke(&self, _: Value) -> Result<Value, FunctionError> {
            let _ = self.0.send(1);
            Err(FunctionError::new("Test", "as asked"))
        }
    }

    #[tokio::test]
    async fn another_visibility_holds_at_once() {
        let queues = MemoryQueues::new(Arc::new(SystemClock) as Arc<dyn Clock>);
        let queue = Arc::new(queues.queue("work", None));
        let (told, mut counts) = mpsc::unbounded_channel();
        let visibility = watch::Sender::new(VISIBILITY);
        let mut mapping = mapping(queue.clone(), Arc::new(Failing(told)));
        mapping.visibility = visibility.subscribe();
        let workers = Workers::start(vec![mapping]);
        // It waits for a message, and would receive it for a quarter of an hour.
        tokio::time::sleep(Duration::from_millis(50)).await;
        visibility.send_replace(Duration::from_millis(100));
        send_one(&*queue, OutgoingMessage::new("x")).await.unwrap();
        for _ in 0..3 {
            let delivered = tokio::time::timeout(Duration::from_secs(10), counts.recv()).await;
            assert_eq!(delivered.unwrap(), Some(1));
        }
        workers.stop(Duration::from_secs(5)).await;
    }
}
