//! Attempts at documents among others that are slow, stuck or half done.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use fanfold_cloud::memory::{MemoryQueues, MemoryStore};
use fanfold_cloud::{Clock, Key, ManualClock, ObjectStore, OutgoingMessage, PutOptions, Queue};
use fanfold_job::message::{ChunkMessage, RenderMessage, RunRef};
use fanfold_job::settled::{ChunkSettled, EndedDocument, ErrorKind, Status};
use fanfold_job::{BatchId, Document, Plan, Priority, Source, TenantId, sha256_hex};
use fanfold_lambda::{BatchAnswer, Deadline, Delivery, Queues, Settings};
use fanfold_ledger::Ledger;
use fanfold_render::{Render, RenderError, RenderInput, RenderLimits, RenderedPart, Renderer};
use serde_json::json;

/// Draws a line of text; some texts make it slow, stuck or unable to read.
#[derive(Debug)]
struct Fake {
    store: Arc<dyn ObjectStore>,
    drawn: Mutex<Vec<String>>,
}

impl Renderer for Fake {
    fn render(
        &self,
        document: &Document,
        _: &RenderInput,
        limits: &RenderLimits,
    ) -> Result<RenderedPart, RenderError> {
        let id = document.id.to_string();
        self.drawn
            .lock()
            .expect("no panic holds it")
            .push(id.clone());
        let Source::Html(text) = &document.source else {
            return Err(RenderError::permanent(ErrorKind::Other, "not this one"));
        };
        match text.split_once(' ').unwrap_or((text, "")) {
            ("slow", ms) => {
                let until =
                    Instant::now() + Duration::from_millis(ms.parse().expect("milliseconds"));
                while Instant::now() < until {
                    if limits.cancelled() {
                        return Err(RenderError::transient(ErrorKind::Timeout, "stopped"));
                    }
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
            ("deaf", ms) => {
                std::thread::sleep(Duration::from_millis(ms.parse().expect("milliseconds")));
            }
            // Another attempt, made from other inputs, is faster.
            ("overtaken", by) => {
                let key = Key::new(run(1).batch_keys().part(&document.output))
                    .expect("the fake world holds");
                let put = self.store.put(
                    &key,
                    Bytes::from(format!("%FAKE {by}")),
                    PutOptions::overwrite(),
                );
                tokio::runtime::Builder::new_current_thread()
                    .build()
                    .expect("the fake world holds")
                    .block_on(put)
                    .expect("the fake world holds");
            }
            _ => {}
        }
        Ok(RenderedPart {
            pages: 1,
            pdf: Bytes::from(format!("%FAKE {id}")),
        })
    }

    fn pages(&self, pdf: &[u8]) -> Option<u32> {
        let text = std::str::from_utf8(pdf).ok()?;
        assert!(!text.contains("panic"), "as asked");
        text.starts_with("%FAKE").then_some(1)
    }
}

struct World {
    store: Arc<dyn ObjectStore>,
    bulk: Arc<dyn Queue>,
    renderer: Arc<Fake>,
    render: Render,
}

fn settings() -> Settings {
    Settings {
        document_concurrency: 8,
        render_concurrency: 1,
        reserve: Duration::from_millis(200),
        ..Settings::default()
    }
}

impl World {
    fn new(settings: Settings) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(1_000_000_000_000));
        let store: Arc<dyn ObjectStore> = Arc::new(MemoryStore::new(Arc::clone(&clock)));
        let all = MemoryQueues::new(Arc::clone(&clock));
        let queue = |name: &str| -> Arc<dyn Queue> { Arc::new(all.queue(name, None)) };
        let renderer = Arc::new(Fake {
            store: Arc::clone(&store),
            drawn: Mutex::default(),
        });
        let bulk = queue("bulk");
        let queues = Queues {
            interactive: queue("interactive"),
            bulk: Arc::clone(&bulk),
            merge: queue("merge"),
        };
        let ledger = Ledger::new(Arc::clone(&store), clock);
        let drawing: Arc<dyn Renderer> = renderer.clone();
        Self {
            render: Render::new(ledger, queues, settings, drawing),
            store,
            bulk,
            renderer,
        }
    }

    async fn deliver(&self, messages: Vec<(RenderMessage, u32)>, ms: u64) -> BatchAnswer {
        let deliveries: Vec<Delivery> = messages
            .into_iter()
            .enumerate()
            .map(|(n, (message, receive_count))| Delivery {
                id: format!("m{n}"),
                receipt: format!("r{n}"),
                body: message.to_body(),
                receive_count,
                queue: None,
            })
            .collect();
        let deadline = Deadline::after(Duration::from_millis(ms));
        self.render.batch(&deliveries, deadline).await
    }

    fn drawn(&self) -> Vec<String> {
        self.renderer
            .drawn
            .lock()
            .expect("no panic holds it")
            .clone()
    }

    async fn put_part(&self, run: &RunRef, document: &Document, text: &'static str) {
        let key = Key::new(run.batch_keys().part(&document.output)).expect("the fake world holds");
        let bytes = Bytes::from_static(text.as_bytes());
        let put = self.store.put(&key, bytes, PutOptions::overwrite()).await;
        put.expect("the fake world holds");
    }

    async fn part(&self, run: &RunRef, document: &Document) -> Bytes {
        let key = Key::new(run.batch_keys().part(&document.output)).expect("the fake world holds");
        self.store
            .get(&key)
            .await
            .expect("the fake world holds")
            .bytes
    }

    async fn settled(&self, run: &RunRef, chunk: u32) -> Option<Vec<EndedDocument>> {
        let key = Key::new(run.keys().settled(0, chunk)).expect("the fake world holds");
        let marker = self.store.get(&key).await.ok()?.bytes;
        let marker: ChunkSettled = serde_json::from_slice(&marker).expect("the fake world holds");
        Some(marker.documents)
    }

    /// Names of the start markers of a chunk's only document.
    async fn starts(&self, run: &RunRef) -> Vec<String> {
        let prefix = run.keys().starts(0, 0);
        let page = self
            .store
            .list(&prefix, None, 100)
            .await
            .expect("the fake world holds");
        let name = |key: &Key| {
            key.as_str()
                .strip_prefix(&prefix)
                .expect("the fake world holds")
                .to_owned()
        };
        page.objects
            .iter()
            .map(|object| name(&object.key))
            .collect()
    }
}

/// The first run of a batch of so many documents, in one chunk.
fn run(documents: u64) -> RunRef {
    RunRef {
        tenant: TenantId::default(),
        batch: BatchId::from_bits([7; 16]),
        generation: 0,
        plan: Plan::new(documents, 10),
        priority: Priority::Bulk,
        stitch: false,
        retention_days: None,
    }
}

fn documents(texts: &[&str]) -> Vec<Document> {
    let document = |(n, text): (usize, &&str)| {
        serde_json::from_value(json!({
            "index": n, "id": format!("d{n}"), "source": {"html": text}, "output": format!("d{n}.pdf"),
        }))
        .expect("the fake world holds")
    };
    texts.iter().enumerate().map(document).collect()
}

fn chunk(texts: &[&str]) -> (ChunkMessage, RunRef, Vec<Document>) {
    let run = run(texts.len() as u64);
    let documents = documents(texts);
    let message = ChunkMessage::new(run.clone(), 0, &BTreeMap::new(), documents.clone());
    (message, run, documents)
}

fn single(chunk: &ChunkMessage, ordinal: u32, attempts: u32) -> RenderMessage {
    let mut singles = chunk.split([ordinal], attempts);
    RenderMessage::Single(singles.remove(0))
}

#[tokio::test]
async fn one_slow_document_does_not_keep_those_after_it_from_being_started() {
    let world = World::new(settings());
    let (slow, slow_run, _) = chunk(&["slow 250"]);
    world
        .deliver(vec![(RenderMessage::Chunk(slow), 1)], 400)
        .await;
    assert!(world.settled(&slow_run, 0).await.is_some());
    // Another batch, in the same process.
    let mut run = run(1);
    run.batch = BatchId::from_bits([8; 16]);
    let good = ChunkMessage::new(run.clone(), 0, &BTreeMap::new(), documents(&["good"]));
    let answer = world
        .deliver(vec![(RenderMessage::Chunk(good), 1)], 400)
        .await;
    assert!(answer.failures.is_empty());
    assert!(world.settled(&run, 0).await.is_some());
}

#[tokio::test]
async fn a_stuck_document_does_not_hold_the_invocation() {
    let world = World::new(Settings {
        soft_limit: Duration::from_millis(100),
        hard_limit: Duration::from_millis(150),
        ..settings()
    });
    let (message, run, _) = chunk(&["deaf 2000", "good", "good"]);
    let begun = Instant::now();
    let answer = world
        .deliver(vec![(RenderMessage::Chunk(message.clone()), 1)], 500)
        .await;
    let took = begun.elapsed();
    assert!(
        took < Duration::from_millis(1_500),
        "answered after {took:?}"
    );
    assert_eq!(answer.failures, ["m0"]);
    assert!(world.render.exhausted());
    // Suspects beside it are not started, and nothing says they were.
    world.deliver(vec![(single(&message, 0, 1), 2)], 100).await;
    assert_eq!(world.starts(&run).await, [""; 0]);
}

#[tokio::test]
async fn a_suspect_that_comes_back_says_so() {
    let world = World::new(Settings {
        soft_limit: Duration::from_millis(50),
        ..settings()
    });
    let (message, run, _) = chunk(&["slow 2000"]);
    let answer = world
        .deliver(vec![(single(&message, 0, 1), 2)], 5_000)
        .await;
    assert_eq!(answer.failures, ["m0"]);
    assert_eq!(world.starts(&run).await, ["003.back.json", "003.json"]);
    // Sent anew, its starts have names of their own.
    let RenderMessage::Single(mut again) = single(&message, 0, 1) else {
        unreachable!("it is a single");
    };
    again.resent = 1;
    world
        .deliver(vec![(RenderMessage::Single(again), 2)], 5_000)
        .await;
    let starts = world.starts(&run).await;
    assert_eq!(
        starts,
        ["003.back.json", "003.json", "007.back.json", "007.json"]
    );
}

#[tokio::test]
async fn a_late_start_is_not_held_against_a_document() {
    let world = World::new(Settings {
        soft_limit: Duration::from_millis(900),
        ..settings()
    });
    let (message, run, _) = chunk(&["slow 400", "slow 700"]);
    // The last attempt of the second document, which the first leaves half of the time.
    let first = (single(&message, 0, 1), 1);
    let second = (single(&message, 1, 3), 1);
    let answer = world.deliver(vec![first, second], 1_000).await;
    assert_eq!(answer.failures, ["m1"], "it goes back");
    let key = Key::new(run.keys().single(0, 1)).unwrap();
    assert!(world.store.head(&key).await.is_err(), "and is not settled");
    // With all of the time to itself it succeeds.
    world
        .deliver(vec![(single(&message, 1, 3), 1)], 1_000)
        .await;
    let ended = world.settled(&run, 0).await.expect("the chunk settles");
    assert!(ended.iter().all(|ended| ended.result.status == Status::Ok));
}

#[tokio::test]
async fn a_document_that_has_all_the_time_and_is_not_finished_is_too_slow() {
    let world = World::new(settings());
    let (message, run, _) = chunk(&["slow 2000"]);
    world.deliver(vec![(single(&message, 0, 3), 1)], 300).await;
    let ended = world
        .settled(&run, 0)
        .await
        .expect("the last attempt settles");
    let error = ended[0].result.error.clone().expect("an error");
    assert_eq!(error.kind, ErrorKind::Timeout);
    assert!(
        !error.message.contains("0.3"),
        "no measured time: {}",
        error.message
    );
}

#[tokio::test]
async fn what_is_there_stays_and_is_not_drawn_again_once_that_is_known() {
    for delivery in [1, 2] {
        let world = World::new(settings());
        let (message, run, documents) = chunk(&["good", "good", "good"]);
        for document in &documents[1..] {
            world
                .put_part(&run, document, "%FAKE by the process that died")
                .await;
        }
        // A queue that was interrupted may give the delivery as the first one again: then nobody looks,
        // and what is drawn again is not written again. The second one splits the chunk and looks.
        world
            .deliver(
                vec![(RenderMessage::Chunk(message.clone()), delivery)],
                5_000,
            )
            .await;
        if delivery == 2 {
            assert_eq!(world.drawn(), [""; 0], "the rest is sent as singles");
            world
                .deliver(vec![(single(&message, 0, 1), 1)], 5_000)
                .await;
            assert_eq!(world.drawn(), ["d0"]);
        }
        let ended = world.settled(&run, 0).await.expect("settled");
        for (document, ended) in documents.iter().zip(&ended) {
            let part = world.part(&run, document).await;
            assert_eq!(ended.result.sha256, sha256_hex(&part));
        }
        for document in &documents[1..] {
            let part = world.part(&run, document).await;
            assert_eq!(part, "%FAKE by the process that died", "it is created once");
        }
    }
}

#[tokio::test]
async fn a_part_is_written_once_and_the_result_is_of_that_part() {
    let world = World::new(settings());
    let (message, run, documents) = chunk(&["overtaken v2"]);
    world
        .deliver(vec![(RenderMessage::Chunk(message), 1)], 5_000)
        .await;
    let part = world.part(&run, &documents[0]).await;
    assert_eq!(part, "%FAKE v2", "the first one stays");
    let ended = world.settled(&run, 0).await.expect("settled");
    assert_eq!(ended[0].result.sha256, sha256_hex(&part));
    assert_eq!(ended[0].result.bytes, part.len() as u64);
}

#[tokio::test]
async fn a_part_that_cannot_be_read_is_made_again() {
    for junk in ["junk", "panic"] {
        let world = World::new(settings());
        let (message, run, documents) = chunk(&["good"]);
        world.put_part(&run, &documents[0], junk).await;
        world
            .deliver(vec![(single(&message, 0, 1), 2)], 5_000)
            .await;
        assert_eq!(world.part(&run, &documents[0]).await, "%FAKE d0");
        assert_eq!(
            world.starts(&run).await,
            ["003.json"],
            "it was started before it was read"
        );
        let ended = world.settled(&run, 0).await.expect("settled");
        assert_eq!(ended[0].result.status, Status::Ok);
    }
}

#[tokio::test]
async fn the_last_delivery_settles_what_an_earlier_one_made() {
    let world = World::new(settings());
    let (message, run, documents) = chunk(&["good"]);
    let answer = world
        .deliver(vec![(single(&message, 0, 1), 4)], 5_000)
        .await;
    assert_eq!(
        answer.failures,
        ["m0"],
        "without a part it is left to the dead letters"
    );
    world.put_part(&run, &documents[0], "%FAKE d0").await;
    let answer = world
        .deliver(vec![(single(&message, 0, 1), 4)], 5_000)
        .await;
    assert!(answer.failures.is_empty());
    let ended = world.settled(&run, 0).await.expect("settled");
    assert_eq!(ended[0].result.status, Status::Ok);
    assert!(world.drawn().is_empty());
}

#[tokio::test]
async fn what_is_given_back_is_visible_at_once() {
    let world = World::new(settings());
    let (message, _, _) = chunk(&["good"]);
    let body = RenderMessage::Chunk(message).to_body();
    fanfold_cloud::send_one(&*world.bulk, OutgoingMessage::new(body))
        .await
        .unwrap();
    let hour = Duration::from_secs(3_600);
    let received = world.bulk.receive(10, Duration::ZERO, hour).await.unwrap();
    let batch: Vec<Delivery> = received.into_iter().map(Delivery::from).collect();
    assert!(
        world
            .bulk
            .receive(10, Duration::ZERO, hour)
            .await
            .unwrap()
            .is_empty()
    );
    world.render.give_back(&batch).await;
    assert_eq!(
        world
            .bulk
            .receive(10, Duration::ZERO, hour)
            .await
            .unwrap()
            .len(),
        1
    );
}
