//! What every case does: hands in a batch, waits for it, and looks at the API, the bucket and the queues.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use fanfold_cloud::aws::AwsOptions;
use fanfold_cloud::{AwsCloud, Key, ObjectStore, OutgoingMessage, PutOptions, Queue, send_one};
use fanfold_job::{BatchId, BatchKeys, RunKeys, TenantId};
use http_body_util::Full;
use hyper::{Method, Request};
use serde_json::Value;

use crate::faults::Rules;
use crate::http;
use crate::kit::{ANNEX, annex, kit};
use crate::outcome::Files;
use crate::proxy::Proxy;
use crate::stack::Stack;

/// Until a batch must have ended: nothing here is about speed.
const PATIENCE: Duration = Duration::from_secs(600);

/// Seconds that a delivery of work stays invisible: more than a busy machine's function needs, and
/// what a killed one's messages wait.
const VISIBILITY: &str = "25";

/// The same for a dead letter, of which one that cannot be read has ten.
const DEAD_VISIBILITY: &str = "4";

/// The stack, and an undisturbed batch's bytes.
pub(crate) struct Suite {
    pub(crate) stack: Arc<dyn Stack>,
    pub(crate) proxy: Arc<Proxy>,
    pub(crate) store: Arc<dyn ObjectStore>,
    cloud: AwsCloud,
    reference: Files,
}

/// A batch that was handed in.
#[derive(Debug, Clone)]
pub(crate) struct Batch {
    pub(crate) id: BatchId,
    manifest: Value,
}

impl Batch {
    /// The keys of its first run.
    pub(crate) fn run(&self) -> RunKeys {
        self.keys().run(0)
    }

    pub(crate) fn keys(&self) -> BatchKeys {
        BatchKeys::new(&TenantId::default(), &self.id)
    }

    /// The ids of its documents in order.
    pub(crate) fn documents(&self) -> Vec<&str> {
        let documents = self.manifest["documents"].as_array().into_iter().flatten();
        documents
            .filter_map(|document| document["id"].as_str())
            .collect()
    }
}

/// The name of the batch that a key makes, before it is handed in.
pub(crate) fn batch_of(key: &str) -> BatchId {
    BatchId::from_idempotency_key(&TenantId::default(), key)
}

impl Suite {
    /// Prepares the stack for the cases, and runs the undisturbed batch.
    pub(crate) async fn begin(stack: Arc<dyn Stack>, proxy: Arc<Proxy>) -> Self {
        let addresses = stack.addresses();
        // Not through the proxy: what is looked at is what is there.
        let cloud = AwsCloud::new(AwsOptions {
            region: "us-east-1".into(),
            endpoint_url: None,
            s3_endpoint_url: Some(format!("http://{}", addresses.s3)),
            sqs_endpoint_url: Some(format!("http://{}", addresses.sqs)),
            credentials: aws_credential_types::Credentials::new(
                "test", "test", None, None, "suite",
            ),
        });
        let mut suite = Self {
            store: Arc::new(cloud.store(addresses.bucket.clone())),
            cloud,
            reference: Files::default(),
            proxy,
            stack,
        };
        let addresses = suite.stack.addresses().clone();
        for (queue, seconds) in [
            (&addresses.interactive, VISIBILITY),
            (&addresses.bulk, VISIBILITY),
            (&addresses.merge, VISIBILITY),
            (&addresses.dead_letters, DEAD_VISIBILITY),
        ] {
            let set = suite.cloud.sqs().set_queue_attributes().queue_url(queue);
            set.attributes("VisibilityTimeout".into(), seconds)
                .send()
                .await
                .expect("the queue is there");
        }
        suite.put(ANNEX, annex()).await;
        let batch = suite.hand_in("undisturbed", kit("interactive")).await;
        let failed = suite.ended(&batch).await;
        assert!(
            failed.is_empty(),
            "nothing disturbs it, but failed: {failed:?}"
        );
        suite.reference = suite.files(&batch).await;
        assert_eq!(suite.reference.parts.len(), batch.documents().len());
        suite
    }

    /// What goes wrong.
    pub(crate) fn rules(&self) -> &Rules {
        &self.proxy.rules
    }

    /// The queue with this URL.
    pub(crate) fn queue(&self, url: &str) -> Arc<dyn Queue> {
        Arc::new(self.cloud.queue(url))
    }

    /// Sends a message to a queue, not through the proxy.
    pub(crate) async fn send(&self, url: &str, body: impl Into<String>) {
        let sent = send_one(&*self.queue(url), OutgoingMessage::new(body)).await;
        sent.expect("the queue takes it");
    }

    /// Writes an object, not through the proxy.
    pub(crate) async fn put(&self, key: &str, bytes: impl Into<Bytes>) {
        let name = Key::new(key).expect("it is a key");
        let put = self
            .store
            .put(&name, bytes.into(), PutOptions::overwrite())
            .await;
        put.expect("the store takes it");
    }

    /// An object's bytes, when it is there.
    pub(crate) async fn get(&self, key: &str) -> Option<Bytes> {
        let name = Key::new(key).expect("it is a key");
        match self.store.get(&name).await {
            Ok(object) => Some(object.bytes),
            Err(error) if error.is_not_found() => None,
            Err(error) => panic!("{key}: {error}"),
        }
    }

    /// All keys below a prefix.
    pub(crate) async fn keys(&self, prefix: &str) -> Vec<String> {
        let mut keys: Vec<String> = Vec::new();
        loop {
            let after = keys.last().cloned();
            let page = self
                .store
                .list(prefix, after.as_deref(), 1_000)
                .await
                .expect("the store answers");
            keys.extend(
                page.objects
                    .into_iter()
                    .map(|object| String::from(object.key)),
            );
            if !page.more {
                return keys;
            }
        }
    }

    /// Hands in a manifest through the HTTP API, as a patient client does: the same request with the
    /// same key again, as long as the answer is that the service failed.
    pub(crate) async fn hand_in(&self, key: &str, manifest: Value) -> Batch {
        let begun = Instant::now();
        let headers = [
            ("idempotency-key", key),
            ("content-type", "application/json"),
        ];
        loop {
            let answer = self
                .stack
                .addresses()
                .call(Method::POST, "/v1/batches", &headers, manifest.to_string())
                .await;
            if let Ok(answer) = &answer
                && !answer.status().is_server_error()
            {
                assert_eq!(
                    answer.status(),
                    202,
                    "{}",
                    String::from_utf8_lossy(answer.body())
                );
                let body: Value = serde_json::from_slice(answer.body()).expect("it is JSON");
                let id = batch_of(key);
                assert_eq!(body["batch_id"], id.as_str());
                return Batch { id, manifest };
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "the batch is not accepted: {answer:?}"
            );
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// A batch that came otherwise.
    pub(crate) fn batch(&self, id: BatchId, manifest: Value) -> Batch {
        Batch { id, manifest }
    }

    /// Asks the HTTP API; none when the service fails.
    pub(crate) async fn ask(&self, path: &str) -> Option<Value> {
        let answer = self
            .stack
            .addresses()
            .call(Method::GET, path, &[], Bytes::new())
            .await
            .ok()?;
        if answer.status().is_server_error() {
            return None;
        }
        assert_eq!(
            answer.status(),
            200,
            "{path}: {}",
            String::from_utf8_lossy(answer.body())
        );
        Some(serde_json::from_slice(answer.body()).expect("it is JSON"))
    }

    /// Asks until there is what `find` looks for.
    pub(crate) async fn until<T>(&self, what: &str, mut find: impl AsyncFnMut() -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(found) = find().await {
                return found;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "{what}: not after {} s",
                PATIENCE.as_secs()
            );
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Follows a link to an object, past the proxy.
    pub(crate) async fn follow(&self, url: &str) -> Bytes {
        let rest = url
            .strip_prefix("http://")
            .expect("the links of a test are http");
        let (host, path) = rest.split_once('/').expect("a link has a path");
        let request = Request::get(format!("/{path}"))
            .header("host", host)
            .body(Full::default());
        let request = request.expect("it is a request");
        let answer = http::send(self.stack.addresses().s3, request).await;
        let answer = answer.expect("the store answers");
        assert_eq!(answer.status(), 200, "{url}");
        answer.into_body()
    }

    /// The undisturbed batch's files.
    pub(crate) fn reference(&self) -> &Files {
        &self.reference
    }

    /// What the stack has logged about a batch, at its end.
    pub(crate) fn log_of(&self, batch: &BatchId) -> String {
        let log = self.stack.log();
        let lines: Vec<&str> = log
            .lines()
            .filter(|line| line.contains(batch.as_str()))
            .collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }

    /// Waits until nothing is left in any queue.
    pub(crate) async fn nothing_is_left(&self) {
        let addresses = self.stack.addresses();
        self.until("all queues are empty", async || {
            let mut left = 0;
            for url in addresses.queues() {
                left += self
                    .queue(url)
                    .depth()
                    .await
                    .expect("the queue answers")
                    .total();
            }
            (left == 0).then_some(())
        })
        .await;
    }
}
