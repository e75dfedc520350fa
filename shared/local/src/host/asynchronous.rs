//! Asynchronous invocations: events that nobody waits for, as on AWS those of S3, EventBridge and
//! `Invoke` with the type `Event` are. They wait in a queue of their own, so that none is lost with the
//! process; one that fails three times goes to where a person looks.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use fanfold_cloud::{
    CloudResult, LocalCloud, LocalQueue, OutgoingMessage, Queue, Receipt, Redrive, send_one,
};
use fanfold_wire::lambda::{Asynchronous, Function, FunctionError};
use serde_json::{Value, json};

use super::stack;
use super::workers::{Mapping, VISIBILITY, constant};

/// The queue.
const QUEUE: &str = "asynchronous-invocations";

/// Deliveries, as Lambda tries an asynchronous invocation.
const TRIES: u32 = 3;

/// How long until another try.
const AGAIN: Duration = Duration::from_secs(2);

/// Events under way at once; the functions bound their own processes.
const AT_ONCE: usize = 4;

/// The invocations of one cloud.
#[derive(Clone, Debug)]
pub(crate) struct Invocations {
    queue: LocalQueue,
}

impl Invocations {
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

    /// Whether the body of a message is that of an invocation, as it is where it waits for a person.
    pub(crate) fn is_one(body: &str) -> bool {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        body["function"].is_string() && body.get("event").is_some()
    }

    /// Puts one that failed back.
    pub(crate) async fn again(&self, body: String) -> CloudResult<()> {
        send_one(&self.queue, OutgoingMessage::new(body)).await?;
        Ok(())
    }

    /// The queue and the functions, by their names.
    pub(crate) fn mapping(&self, functions: BTreeMap<String, Arc<dyn Function>>) -> Mapping {
        Mapping {
            name: QUEUE,
            queue: Arc::new(self.queue.clone()),
            function: Arc::new(Invoked {
                queue: self.queue.clone(),
                functions,
            }),
            batch_size: 1,
            window: Duration::ZERO,
            concurrency: AT_ONCE,
            visibility: constant(VISIBILITY),
        }
    }
}

#[async_trait]
impl Asynchronous for Invocations {
    async fn accept(&self, function: &str, event: Value) -> CloudResult<()> {
        let body = json!({"function": function, "event": event}).to_string();
        send_one(&self.queue, OutgoingMessage::new(body)).await?;
        Ok(())
    }
}

/// Takes invocations out of the queue's events.
struct Invoked {
    queue: LocalQueue,
    functions: BTreeMap<String, Arc<dyn Function>>,
}

impl Invoked {
    async fn call(&self, body: &str) -> Result<Value, FunctionError> {
        let internal = |why: String| FunctionError::new("Host.Internal", why);
        let mut invocation: Value =
            serde_json::from_str(body).map_err(|error| internal(error.to_string()))?;
        let name = invocation["function"].as_str().unwrap_or_default();
        let function = self.functions.get(name);
        let function = function.ok_or_else(|| internal(format!("there is no function {name}")))?;
        function.invoke(invocation["event"].take()).await
    }
}

#[async_trait]
impl Function for Invoked {
    async fn invoke(&self, event: Value) -> Result<Value, FunctionError> {
        let record = &event["Records"][0];
        let text = |name: &str| record[name].as_str().unwrap_or_default().to_owned();
        let failed = self.call(&text("body")).await.err();
        if let Some(error) = &failed {
            tracing::warn!(%error, "an asynchronous invocation failed and is tried again, three times in all");
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

#[cfg(test)]
mod tests {
    use super::super::workers::Workers;
    use super::*;
    use fanfold_cloud::LocalOptions;
    use tokio::sync::mpsc;

    /// Tells of its events, and fails at what it is told to.
    struct Telling(mpsc::UnboundedSender<Value>);

    #[async_trait]
    impl Function for Telling {
        async fn invoke(&self, event: Value) -> Result<Value, FunctionError> {
            let fails = event == json!("fail");
            let _ = self.0.send(event);
            match fails {
                true => Err(FunctionError::new("Test", "as asked")),
                false => Ok(Value::Null),
            }
        }
    }

    #[tokio::test]
    async fn an_accepted_event_outlives_the_process_and_is_tried_three_times() {
        let folder = tempfile::tempdir().unwrap();
        let open = || LocalCloud::open(folder.path(), &LocalOptions::default()).unwrap();
        {
            let invocations = Invocations::open(&open()).unwrap();
            for event in [json!("works"), json!("fail")] {
                invocations.accept("tell", event).await.unwrap();
            }
            let too_long = Value::from("x".repeat(2 << 20));
            let refused = invocations.accept("tell", too_long).await.unwrap_err();
            assert!(matches!(refused, fanfold_cloud::CloudError::Invalid { .. }));
        }
        let cloud = open();
        let invocations = Invocations::open(&cloud).unwrap();
        let (told, mut events) = mpsc::unbounded_channel();
        let telling: Arc<dyn Function> = Arc::new(Telling(told));
        let mapping = invocations.mapping([("tell".to_owned(), telling)].into());
        let workers = Workers::start(vec![mapping]);
        let mut seen = Vec::new();
        for _ in 0..4 {
            let event = tokio::time::timeout(Duration::from_secs(30), events.recv()).await;
            seen.push(event.unwrap().unwrap());
        }
        seen.sort_by_key(Value::to_string);
        assert_eq!(seen, ["fail", "fail", "fail", "works"].map(Value::from));
        let unsettled = cloud.queue(stack::UNSETTLED, None).unwrap();
        let left = unsettled
            .receive(1, Duration::from_secs(20), VISIBILITY)
            .await
            .unwrap();
        assert!(left[0].body.contains("\"fail\""), "{left:?}");
        assert!(Invocations::is_one(&left[0].body));
        assert!(!Invocations::is_one(r#"{"batch_id": "x"}"#));
        let again = invocations.again(left[0].body.clone());
        again.await.unwrap();
        let event = tokio::time::timeout(Duration::from_secs(30), events.recv()).await;
        assert_eq!(event.unwrap(), Some(json!("fail")));
        workers.stop(Duration::from_secs(5)).await;
    }
}
