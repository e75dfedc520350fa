//! What every case does: hands in a batch, waits for it, and compares it with an undisturbed one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use fanfold_cloud::aws::AwsOptions;
use fanfold_cloud::{AwsCloud, Key, ObjectStore, OutgoingMessage, PutOptions, Queue, send_one};
use fanfold_job::{BatchId, BatchKeys, RunKeys, TenantId, sha256_hex};
use http_body_util::Full;
use hyper::{Method, Request};
use serde_json::Value;

use crate::faults::Rules;
use crate::http;
use crate::kit::{ANNEX, VOLUMES, annex, kit};
use crate::proxy::Proxy;
use crate::stack::Stack;

/// Until a batch must have ended: nothing here is about speed.
const PATIENCE: Duration = Duration::from_secs(600);

/// Seconds that a delivery of work stays invisible: more than a busy machine's function needs, and
/// what a killed one's messages wait.
const VISIBILITY: &str = "25";

/// The same for a dead letter, of which one that cannot be read has ten.
const DEAD_VISIBILITY: &str = "4";

/// Documents of a page of results.
const PAGE: usize = 5;

/// The stack, and an undisturbed batch's bytes.
pub(crate) struct Suite {
    pub(crate) stack: Arc<dyn Stack>,
    pub(crate) proxy: Arc<Proxy>,
    pub(crate) store: Arc<dyn ObjectStore>,
    cloud: AwsCloud,
    reference: Files,
}

/// Parts and volumes by output.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Files {
    pub(crate) parts: BTreeMap<String, Bytes>,
    pub(crate) volumes: BTreeMap<String, Bytes>,
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
    fn documents(&self) -> Vec<&str> {
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

    /// Waits until a batch is complete, checks that each of its documents is in its results exactly
    /// once, and gives the kinds of error of those that failed.
    pub(crate) async fn ended(&self, batch: &Batch) -> BTreeMap<String, String> {
        let path = format!("/v1/batches/{}", batch.id);
        let what = format!("batch {} completes", batch.id);
        let status = self
            .until(&what, async || {
                let status = self.ask(&path).await?;
                let over = ["complete", "failed", "cancelled"];
                let now = status["status"].as_str()?.to_owned();
                over.contains(&now.as_str()).then_some(status)
            })
            .await;
        let expected = batch.documents();
        assert_eq!(status["status"], "complete", "{status}");
        assert_eq!(status["total"], expected.len(), "{status}");
        assert_eq!(status["processed"], expected.len(), "{status}");

        let (mut documents, mut cursor): (Vec<Value>, _) = (Vec::new(), Some(String::new()));
        while let Some(at) = cursor {
            let start = if at.is_empty() {
                at
            } else {
                format!("&cursor={at}")
            };
            let page = format!("{path}/documents?limit={PAGE}{start}");
            let page = self
                .until("the results are answered", async || self.ask(&page).await)
                .await;
            documents.extend(
                page["documents"]
                    .as_array()
                    .expect("it is a list")
                    .iter()
                    .cloned(),
            );
            cursor = page["next"].as_str().map(str::to_owned);
        }
        let ids: Vec<&str> = documents
            .iter()
            .filter_map(|document| document["id"].as_str())
            .collect();
        assert_eq!(
            ids, expected,
            "each document is in the results once, in order"
        );

        let mut failed = BTreeMap::new();
        for document in &documents {
            let id = document["id"].as_str().unwrap_or_default().to_owned();
            match document["status"].as_str() {
                Some("ok") => assert!(document["error"].is_null(), "{document}"),
                Some("failed") => {
                    let message = document["error"]["message"].as_str().unwrap_or_default();
                    assert!(!message.is_empty(), "it says why: {document}");
                    let kind = document["error"]["kind"]
                        .as_str()
                        .expect("an error has a kind");
                    failed.insert(id, kind.to_owned());
                }
                _ => panic!("it is neither ok nor failed: {document}"),
            }
        }
        assert_eq!(status["failed"], failed.len(), "{status}");
        self.check_parts(batch, &documents).await;
        failed
    }

    /// The parts are those that the results name, and no others.
    async fn check_parts(&self, batch: &Batch, documents: &[Value]) {
        let parts = self.files(batch).await.parts;
        let ok = documents
            .iter()
            .filter(|document| document["status"] == "ok");
        let named: BTreeSet<&str> = ok
            .clone()
            .filter_map(|document| document["output"].as_str())
            .collect();
        let there: BTreeSet<&str> = parts.keys().map(String::as_str).collect();
        assert_eq!(named, there, "left: the results; right: the store");
        for document in ok {
            let part = &parts[document["output"].as_str().unwrap_or_default()];
            assert_eq!(document["sha256"], sha256_hex(part), "{document}");
            assert_eq!(document["bytes"], part.len(), "{document}");
        }
    }

    /// A batch's parts as they are in the store, and its volumes as its links give them.
    pub(crate) async fn files(&self, batch: &Batch) -> Files {
        let prefix = format!("t/default/batches/{}/parts/", batch.id);
        let mut files = Files::default();
        for key in self.keys(&prefix).await {
            let bytes = self.get(&key).await.expect("a listed object is there");
            files.parts.insert(key[prefix.len()..].to_owned(), bytes);
        }
        let path = format!("/v1/batches/{}", batch.id);
        let status = self
            .until("the status is answered", async || self.ask(&path).await)
            .await;
        for volume in status["volumes"].as_array().into_iter().flatten() {
            let output = volume["output"]
                .as_str()
                .expect("a volume has a name")
                .to_owned();
            let url = volume["url"].as_str().expect("a volume has a link");
            files.volumes.insert(output, self.follow(url).await);
        }
        files
    }

    /// Waits until a batch is complete, and checks that it is what the undisturbed one was: each
    /// document once, parts and volumes byte by byte. The documents in `lost` are not in the kit, and
    /// must have failed, each for one of its reasons.
    pub(crate) async fn is_as_undisturbed(&self, batch: &Batch, lost: &[(&str, &[&str])]) {
        let failed = self.ended(batch).await;
        let expected: BTreeSet<&str> = lost.iter().map(|(id, _)| *id).collect();
        let found: BTreeSet<&str> = failed.keys().map(String::as_str).collect();
        assert_eq!(found, expected, "failed: {failed:?}");
        for (id, kinds) in lost {
            assert!(
                kinds.contains(&failed[*id].as_str()),
                "{id} failed for {:?}, not {kinds:?}",
                failed[*id]
            );
        }
        let files = self.files(batch).await;
        assert!(
            files.parts == self.reference.parts,
            "parts differ: {:?}",
            differing(&files.parts, &self.reference.parts)
        );
        assert_eq!(
            files.volumes.len(),
            VOLUMES.len(),
            "{:?}",
            files.volumes.keys()
        );
        assert!(
            files.volumes == self.reference.volumes,
            "volumes differ: {:?}",
            differing(&files.volumes, &self.reference.volumes)
        );
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

fn differing<'a>(
    ours: &'a BTreeMap<String, Bytes>,
    theirs: &'a BTreeMap<String, Bytes>,
) -> BTreeSet<&'a String> {
    let names = ours.keys().chain(theirs.keys());
    names
        .filter(|name| ours.get(*name) != theirs.get(*name))
        .collect()
}
