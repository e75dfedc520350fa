//! Requests and uploads over a store and queues in memory: who may read what, what is refused with
//! which status, and what goes on after a crash.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fanfold_cloud::memory::{MemoryQueues, MemoryStore};
use fanfold_cloud::{Key, ManualClock, ObjectStore, PutOptions, Queue};
use fanfold_enqueue::{Enqueue, Received, Request, Response, Submission, Text, Upload};
use fanfold_job::message::{RenderMessage, RunRef};
use fanfold_job::settled::{
    Accepted, DocumentError, EndedDocument, ErrorKind, Merged, MergedRanges, StitchEnd,
    VolumeRecord,
};
use fanfold_job::{BatchId, BatchKeys, Defaults, Format, Limits, RangeDone, StitchPlan, TenantId};
use fanfold_lambda::{Queues, Settings};
use fanfold_ledger::{Advance, Ledger};
use serde_json::{Value, json};

struct World {
    store: Arc<dyn ObjectStore>,
    queues: Queues,
    ledger: Ledger,
    enqueue: Enqueue,
}

impl World {
    fn new() -> Self {
        Self::with_limits(Limits::default())
    }

    fn with_limits(limits: Limits) -> Self {
        let clock = Arc::new(ManualClock::new(1_000));
        let store: Arc<dyn ObjectStore> = Arc::new(MemoryStore::new(clock.clone()));
        let memory = MemoryQueues::new(clock.clone());
        let queue = |name| -> Arc<dyn Queue> { Arc::new(memory.queue(name, None)) };
        let queues = Queues {
            interactive: queue("interactive"),
            bulk: queue("bulk"),
            merge: queue("merge"),
        };
        let ledger = Ledger::new(store.clone(), clock);
        let enqueue = Enqueue::new(ledger.clone(), queues.clone(), Settings::default());
        Self {
            store,
            queues,
            ledger,
            enqueue: enqueue
                .with_limits(limits)
                .with_built_in_bundles(["letter"]),
        }
    }

    async fn put(&self, key: &str, text: impl Into<Bytes>) {
        let key = Key::new(key).expect("a key");
        let put = self.store.put(&key, text.into(), PutOptions::overwrite());
        put.await.expect("memory answers");
    }

    async fn upload(&self, key: &str, text: &str) -> Received {
        self.put(key, text.to_owned()).await;
        let upload = Upload {
            key: key.into(),
            etag: String::new(),
        };
        self.enqueue
            .uploaded(&upload)
            .await
            .expect("memory answers")
    }

    async fn post(&self, path: &str, media_type: &str, body: impl Into<Bytes>) -> Response {
        self.enqueue.api(&post(path, media_type, body)).await
    }

    /// A batch that is accepted and not queued.
    async fn accepted(&self, manifest: &Value, limits: &Limits) -> Accepted {
        let submission = Submission {
            tenant: TenantId::default(),
            batch: BatchId::from_bits([3; 16]),
            format: Format::Json,
            defaults: Defaults::default(),
            text: Text::Bytes(manifest.to_string().into()),
        };
        self.enqueue
            .accept(&submission, limits)
            .await
            .expect("a good manifest")
    }

    async fn waiting(&self, queue: &Arc<dyn Queue>) -> u64 {
        queue.depth().await.expect("memory answers").total()
    }
}

fn post(path: &str, media_type: &str, body: impl Into<Bytes>) -> Request {
    Request {
        method: "POST".into(),
        path: path.into(),
        headers: [("content-type".to_owned(), media_type.to_owned())].into(),
        body: body.into(),
        ..Request::default()
    }
}

fn run_of(accepted: &Accepted) -> RunRef {
    RunRef {
        tenant: accepted.tenant.clone(),
        batch: accepted.batch_id.clone(),
        generation: 0,
        plan: accepted.plan,
        priority: accepted.priority,
        stitch: !accepted.merge.is_empty(),
        retention_days: None,
    }
}

fn body(response: &Response) -> Value {
    serde_json::from_slice(&response.body).expect("JSON")
}

fn documents(count: usize) -> Vec<Value> {
    let document = |n| json!({"id": format!("d{n}"), "html": "x"});
    (0..count).map(document).collect()
}

/// Every document of a chunk as ended, for `kind` or well.
fn ended(message: &RenderMessage, kind: Option<ErrorKind>) -> Vec<EndedDocument> {
    let RenderMessage::Chunk(chunk) = message else {
        panic!("not a chunk")
    };
    let ended = |document| match kind {
        None => EndedDocument::ok(document, 1, 1, "0".repeat(64), 1, 1),
        Some(kind) => {
            let error = DocumentError {
                kind,
                message: "as asked".into(),
                place: String::new(),
            };
            EndedDocument::failed(document, error, 1, 1)
        }
    };
    chunk.documents.iter().flatten().map(ended).collect()
}

/// Receives the chunk messages of a batch and settles them.
async fn settle(world: &World, kind: Option<ErrorKind>) {
    let queue = &world.queues.bulk;
    let received = queue
        .receive(10, Duration::ZERO, Duration::from_secs(60))
        .await;
    for message in received.expect("memory answers") {
        let message: RenderMessage = serde_json::from_str(&message.body).expect("a message");
        let documents = ended(&message, kind);
        world
            .ledger
            .settle(message.run(), message.chunk(), documents)
            .await
            .expect("memory answers");
    }
}

#[tokio::test]
async fn the_default_tenant_does_not_read_another_tenants_uploads() {
    let world = World::new();
    world
        .put("uploads/t/acme/secret.csv", "id,bundle\n1,letter\n")
        .await;
    world.put("uploads/mine.csv", "id,bundle\n1,letter\n").await;
    let kit = |rows: &str| json!({"documents": [{"html": "{{ id }}"}], "rows": rows}).to_string();
    let pdf = |key: &str| json!({"documents": [{"id": "a", "pdf": key}]}).to_string();
    for (manifest, status) in [
        (pdf("uploads/t/acme/secret.pdf"), 422),
        (kit("uploads/t/acme/secret.csv"), 422),
        (pdf("uploads/mine.pdf"), 202),
        (pdf("uploads/t/default/mine.pdf"), 202),
        (kit("uploads/mine.csv"), 202),
    ] {
        let mut request = post("/v1/batches", "application/json", manifest.clone());
        let response = world.enqueue.api(&request).await;
        assert_eq!(response.status, status, "{manifest}: {:?}", response.body);
        // And the other way about.
        request.tenant = TenantId::parse("acme").unwrap();
        let other = if status == 202 { 422 } else { 202 };
        assert_eq!(
            world.enqueue.api(&request).await.status,
            other,
            "{manifest}"
        );
    }
}

#[tokio::test]
async fn what_raised_limits_accepted_is_queued() {
    let raised = Limits {
        data_bytes: 2 << 20,
        ..Limits::default()
    };
    let world = World::with_limits(raised);
    let manifest = json!({"documents": [{"id": "a", "html": "x".repeat((1 << 20) + 1)}]});
    let response = world
        .post("/v1/batches", "application/json", manifest.to_string())
        .await;
    assert_eq!(response.status, 202, "{:?}", response.body);
    assert_eq!(world.waiting(&world.queues.bulk).await, 1);
}

#[tokio::test]
async fn queueing_goes_on_from_chunks_that_settled_and_did_not() {
    let world = World::new();
    let manifest = json!({"documents": documents(25), "merge": [{"output": "all.pdf"}]});
    let accepted = world.accepted(&manifest, &Limits::default()).await;
    // Somebody drew every chunk, and died before the group's marker.
    let run = run_of(&accepted);
    let drawn = World::new();
    drawn
        .post("/v1/batches", "application/json", manifest.to_string())
        .await;
    let queue = &drawn.queues.bulk;
    let messages = queue
        .receive(10, Duration::ZERO, Duration::from_secs(60))
        .await
        .unwrap();
    assert_eq!(messages.len(), 3);
    for message in messages {
        let message: RenderMessage = serde_json::from_str(&message.body).unwrap();
        let key = run.keys().settled(0, message.chunk());
        let marker =
            json!({"chunk": message.chunk(), "settled_ms": 1, "documents": ended(&message, None)});
        world.put(&key, marker.to_string()).await;
    }
    world.enqueue.queue(&accepted).await.unwrap();
    let queue = &world.queues.bulk;
    let again = queue
        .receive(10, Duration::ZERO, Duration::from_secs(60))
        .await
        .unwrap();
    assert_eq!(again.len(), 1, "one message goes on from there");
    let message: RenderMessage = serde_json::from_str(&again[0].body).unwrap();
    let advance = world.ledger.advance(&run, message.chunk()).await.unwrap();
    assert!(matches!(advance, Advance::Complete(_)));
}

#[tokio::test]
async fn queueing_goes_on_from_the_last_chunks_that_were_sent() {
    let limits = Limits {
        chunk_documents: 1,
        ..Limits::default()
    };
    let world = World::with_limits(limits.clone());
    let manifest = json!({"documents": documents(2_500)});
    let accepted = world.accepted(&manifest, &limits).await;
    world.enqueue.queue(&accepted).await.unwrap();
    assert_eq!(world.waiting(&world.queues.bulk).await, 2_500);
    let keys = BatchKeys::new(&accepted.tenant, &accepted.batch_id);
    let queued = Key::new(keys.queued()).unwrap();
    world.store.delete(&queued).await.unwrap();
    world.enqueue.queue(&accepted).await.unwrap();
    let again = world.waiting(&world.queues.bulk).await - 2_500;
    assert!(
        (1..=500).contains(&again),
        "{again} messages are sent twice"
    );
}

#[tokio::test]
async fn large_chunks_are_spilled_before_their_messages_are_sent() {
    let limits = Limits {
        chunk_documents: 2,
        message_bytes: 1_000,
        ..Limits::default()
    };
    let world = World::with_limits(limits);
    let html = "x".repeat(1 << 20);
    let list: Vec<Value> = (0..13)
        .map(|n| json!({"id": format!("d{n}"), "html": html}))
        .collect();
    let response = world
        .post(
            "/v1/batches",
            "application/json",
            json!({"documents": list}).to_string(),
        )
        .await;
    assert_eq!(response.status, 202, "{:?}", response.body);
    let mut seen = Vec::new();
    for message in world
        .queues
        .bulk
        .receive(10, Duration::ZERO, Duration::from_secs(60))
        .await
        .unwrap()
    {
        let RenderMessage::Chunk(chunk) = serde_json::from_str(&message.body).unwrap() else {
            panic!("not a chunk")
        };
        let documents = world.ledger.chunk_documents(&chunk).await.unwrap();
        seen.extend(documents.into_iter().map(|document| document.index));
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..13).collect::<Vec<_>>());
}

#[tokio::test]
async fn cancelling_what_has_ended_changes_nothing() {
    for (kind, status) in [
        (None, "complete"),
        (Some(ErrorKind::BadData), "failed"),
        (Some(ErrorKind::Cancelled), "cancelled"),
    ] {
        let world = World::new();
        let manifest = json!({"documents": documents(3)});
        let accepted = world.accepted(&manifest, &Limits::default()).await;
        world.enqueue.queue(&accepted).await.unwrap();
        settle(&world, kind).await;
        // The marker of a caller who looked before the end.
        let keys = BatchKeys::new(&accepted.tenant, &accepted.batch_id);
        world.put(&keys.cancelled(), "{}").await;
        let report = world.enqueue.status(accepted.clone()).await.unwrap();
        assert_eq!(json!(report.status), status);
        let cancelled = world.enqueue.cancel(accepted.clone()).await.unwrap();
        assert_eq!(cancelled.is_some(), status == "cancelled");
        let retry = format!("/v1/batches/{}/retry", accepted.batch_id);
        assert_eq!(world.post(&retry, "application/json", "").await.status, 409);
    }
}

#[tokio::test]
async fn a_cancel_and_the_end_of_stitching_exclude_each_other() {
    for merges_first in [false, true] {
        let world = World::new();
        let manifest = json!({"documents": documents(3), "merge": [{"output": "all.pdf"}]});
        let accepted = world.accepted(&manifest, &Limits::default()).await;
        world.enqueue.queue(&accepted).await.unwrap();
        settle(&world, None).await;
        let run = BatchKeys::new(&accepted.tenant, &accepted.batch_id).run(0);
        // A merge that has seen no cancel, and says that it ended: before the caller does, or after.
        let end = StitchEnd::Merged(Merged {
            generation: 0,
            merged_ms: 1,
            volumes: Vec::new(),
            ranges: None,
        });
        let merge = async || {
            world
                .ledger
                .create(&run.merged(), &end, None)
                .await
                .unwrap()
        };
        assert!(!merges_first || merge().await);
        let cancelled = world.enqueue.cancel(accepted.clone()).await.unwrap();
        assert_eq!(cancelled.is_some(), !merges_first);
        assert!(!merge().await);
        let report = world.enqueue.status(accepted.clone()).await.unwrap();
        let status = if merges_first {
            "complete"
        } else {
            "cancelled"
        };
        assert_eq!(json!(report.status), status);
    }
}

#[tokio::test]
async fn callers_without_a_tenant_are_refused_with_an_answer() {
    let world = World::new();
    let event = |authorizer: Value, body: &str| {
        json!({"rawPath": "/v1/batches", "body": body, "isBase64Encoded": true,
            "requestContext": {"http": {"method": "POST"}, "authorizer": authorizer}})
    };
    for (event, status) in [
        (event(json!({"jwt": {"claims": {}}}), "e30="), 403),
        (
            event(json!({"lambda": {"tenant": "No/Tenant"}}), "e30="),
            403,
        ),
        (event(json!(null), "not base64"), 400),
        (event(json!(null), "e30="), 422),
    ] {
        let answer = world.enqueue.event(&event).await.unwrap();
        assert_eq!(answer["statusCode"], status, "{answer}");
        assert_eq!(
            answer["headers"]["content-type"],
            "application/problem+json"
        );
    }
}

#[tokio::test]
async fn what_is_no_manifest_by_type_or_size_has_its_own_status() {
    let world = World::with_limits(Limits {
        manifest_bytes: 100,
        ..Limits::default()
    });
    let long = json!({"documents": documents(10)}).to_string();
    let document = json!({"html": "x".repeat(100)}).to_string();
    let lines = "{\"id\": \"a\", \"html\": \"x\"}\n".to_owned() + &" \n".repeat(100);
    for (path, media_type, text, status) in [
        ("/v1/batches", "application/pdf", "{}", 415),
        ("/v1/batches", "application/json", long.as_str(), 413),
        ("/v1/documents", "application/json", document.as_str(), 413),
        ("/v1/batches", "application/x-ndjson", lines.as_str(), 202),
    ] {
        let response = world.post(path, media_type, text.to_owned()).await;
        assert_eq!(
            response.status, status,
            "{path} {media_type}: {:?}",
            response.body
        );
    }
    let mut request = post("/v1/documents", "application/json", "{\"html\": \"x\"}");
    request.query = [("colour".to_owned(), "red".to_owned())].into();
    assert_eq!(world.enqueue.api(&request).await.status, 400);
}

#[tokio::test]
async fn rows_wait_for_the_manifest_that_names_them() {
    let world = World::new();
    let rows = "bundle,name\nletter,x\n";
    for key in [
        "uploads/rows/a.csv",
        "uploads/rows/deep/a.jsonl",
        "uploads/t/acme/rows/a.csv",
    ] {
        assert_eq!(world.upload(key, rows).await, Received::Ignored, "{key}");
    }
    for key in [
        "uploads/a.csv",
        "uploads/t/acme/a.csv",
        "uploads/t/acme/x/rows/a.csv",
    ] {
        assert!(
            matches!(world.upload(key, rows).await, Received::Batch(_)),
            "{key}"
        );
    }
    let manifest = json!({"documents": [{"html": "{{ name }}"}], "rows": "uploads/rows/a.csv"});
    let response = world
        .post("/v1/batches", "application/json", manifest.to_string())
        .await;
    assert_eq!(response.status, 202, "{:?}", response.body);
}

#[tokio::test]
async fn thousands_of_volumes_come_in_several_answers() {
    let world = World::new();
    let manifest = json!({"documents": documents(1), "merge": [{"output": "all.pdf"}]});
    let accepted = world.accepted(&manifest, &Limits::default()).await;
    world.enqueue.queue(&accepted).await.unwrap();
    settle(&world, None).await;
    let record = |n: u64| VolumeRecord {
        output: fanfold_job::OutputName::parse(&format!("{n}.pdf")).unwrap(),
        key: Some(format!("volumes/{n}.pdf")),
        pages: 1,
        bytes: 1,
        sha256: String::new(),
        documents: 1,
        missing: 0,
        parts_sha256: String::new(),
        error: None,
        warnings: Vec::new(),
    };
    // Of more than a thousand, the records stay with their ranges.
    let run = run_of(&accepted).keys();
    let ranges: Vec<u32> = vec![0, 7, 900, 1_000, 2_001];
    let plan = StitchPlan {
        volumes: 2_500,
        ranges,
    };
    for range in 0..plan.len() {
        let volumes = plan.range(range).unwrap();
        let done = RangeDone {
            volumes: volumes.map(|n| record(n.into())).collect(),
        };
        let done = serde_json::to_vec(&done).unwrap();
        world.put(&run.stitched_range(range), done).await;
    }
    let merged = Merged {
        generation: 0,
        merged_ms: 1,
        volumes: Vec::new(),
        ranges: Some(MergedRanges { plan, not_made: 0 }),
    };
    world
        .put(&run.merged(), serde_json::to_vec(&merged).unwrap())
        .await;
    let (mut outputs, mut from) = (Vec::new(), None);
    loop {
        let request = Request {
            method: "GET".into(),
            path: format!("/v1/batches/{}", accepted.batch_id),
            query: from
                .iter()
                .map(|from: &String| ("volumes_from".to_owned(), from.clone()))
                .collect(),
            ..Request::default()
        };
        let answer = body(&world.enqueue.api(&request).await);
        let volumes = answer["volumes"].as_array().unwrap();
        assert!(volumes.len() <= 1_000);
        outputs.extend(
            volumes
                .iter()
                .map(|volume| volume["output"].as_str().unwrap().to_owned()),
        );
        from = answer["next_volumes"].as_str().map(str::to_owned);
        if from.is_none() {
            break;
        }
    }
    let all: Vec<String> = (0..2_500).map(|n| format!("{n}.pdf")).collect();
    assert_eq!(outputs, all);
}

#[tokio::test]
async fn a_batch_that_waits_for_its_volumes_can_ask_for_them_again() {
    let world = World::new();
    let manifest = json!({"documents": documents(2), "merge": [{"output": "all.pdf"}]});
    let accepted = world.accepted(&manifest, &Limits::default()).await;
    world.enqueue.queue(&accepted).await.unwrap();
    settle(&world, None).await;
    // Whatever asked for them is lost.
    let retry = format!("/v1/batches/{}/retry", accepted.batch_id);
    let before = world.waiting(&world.queues.merge).await;
    let response = world.post(&retry, "application/json", "").await;
    assert_eq!(
        (response.status, &body(&response)["documents"]),
        (202, &json!(0))
    );
    assert_eq!(world.waiting(&world.queues.merge).await, before + 1);
    let asked = world
        .queues
        .merge
        .receive(10, Duration::ZERO, Duration::from_secs(60))
        .await
        .unwrap();
    let asked = &asked.last().unwrap().body;
    assert_eq!(*asked, run_of(&accepted).merge_message().to_body());
    // When they are there, there is nothing to ask for.
    let merged = Merged {
        generation: 0,
        merged_ms: 1,
        volumes: Vec::new(),
        ranges: None,
    };
    let key = run_of(&accepted).keys().merged();
    world.put(&key, serde_json::to_vec(&merged).unwrap()).await;
    assert_eq!(world.post(&retry, "application/json", "").await.status, 409);
}
