//! A whole system in memory: store, queues, clock, the three handlers, and the platform that
//! delivers messages to them.

use std::collections::{BTreeMap, HashSet};
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use fanfold_cloud::memory::{MemoryQueues, MemoryStore};
use fanfold_cloud::{Clock, Key, ManualClock, ObjectStore, PutOptions, Queue, Receipt, Redrive};
use fanfold_enqueue::{Enqueue, Request, Response};
use fanfold_job::message::RenderMessage;
use fanfold_job::settled::{DocumentResult, ErrorKind};
use fanfold_job::{BatchId, Document, Source, TenantId, state};
use fanfold_lambda::{Deadline, Delivery, Queues, Settings};
use fanfold_ledger::{Absent, Ledger, Results};
use fanfold_merge::{BindError, Binder, Binding, Bound, Feed, Merge, Part, VolumeOptions};
use fanfold_render::{Render, RenderError, RenderInput, RenderLimits, RenderedPart, Renderer};
use serde_json::Value;

use crate::faults::{Faults, FaultyQueue, FaultyStore};

/// The queue's own visibility timeout.
const VISIBILITY: Duration = Duration::from_secs(330);

/// Draws "PDFs" of a line or two; what a document's HTML says makes it misbehave.
#[derive(Debug)]
pub(crate) struct FakeRenderer {
    faults: Arc<Faults>,
    pub(crate) drawn: Mutex<Vec<String>>,
    /// What `fail-until-mended` waits for.
    pub(crate) mended: std::sync::atomic::AtomicBool,
    flaky: Mutex<BTreeMap<String, u32>>,
    pub(crate) at_once: AtomicUsize,
    pub(crate) most_at_once: AtomicUsize,
}

impl Renderer for FakeRenderer {
    fn render(
        &self,
        document: &Document,
        input: &RenderInput,
        limits: &RenderLimits,
    ) -> Result<RenderedPart, RenderError> {
        let now = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_at_once.fetch_max(now, Ordering::SeqCst);
        let result = self.misbehave(document, input, limits);
        self.at_once.fetch_sub(1, Ordering::SeqCst);
        result
    }

    fn pages(&self, pdf: &[u8]) -> Option<u32> {
        let text = std::str::from_utf8(pdf).ok()?;
        text.strip_prefix("%FAKE ")?.split(' ').next()?.parse().ok()
    }
}

impl FakeRenderer {
    fn misbehave(
        &self,
        document: &Document,
        input: &RenderInput,
        limits: &RenderLimits,
    ) -> Result<RenderedPart, RenderError> {
        let id = document.id.to_string();
        self.drawn
            .lock()
            .expect("no panic holds it")
            .push(id.clone());
        let text = match &document.source {
            Source::Html(text) | Source::Markdown(text) => text.clone(),
            Source::Bundle(name) => format!(
                "bundle {name} {}",
                input
                    .bundle
                    .as_ref()
                    .map_or("none", |bundle| &bundle.version)
            ),
            Source::Pdf(_) => {
                return Ok(RenderedPart {
                    pages: 1,
                    pdf: input.pdf.clone().unwrap_or_default(),
                });
            }
        };
        let (verb, argument) = text.split_once(' ').unwrap_or((&text, ""));
        match verb {
            "panic" => panic!("as asked"),
            "loop" => {
                while !limits.cancelled() {
                    std::thread::sleep(Duration::from_millis(1));
                }
                return Err(RenderError::transient(ErrorKind::Timeout, "stopped"));
            }
            "deaf" => std::thread::sleep(Duration::from_millis(2_500)),
            "slow" => std::thread::sleep(Duration::from_millis(argument.parse().unwrap_or(20))),
            "kill" => self.faults.die(),
            "fail" => {
                return Err(RenderError::permanent(ErrorKind::BadData, "as asked").at("data/x"));
            }
            "mend" if !self.mended.load(Ordering::SeqCst) => {
                return Err(RenderError::permanent(ErrorKind::BadTemplate, "not mended"));
            }
            "flaky" => {
                let mut flaky = self.flaky.lock().expect("no panic holds it");
                let tries = flaky.entry(id.clone()).or_default();
                *tries += 1;
                if *tries <= argument.parse().unwrap_or(0) {
                    return Err(RenderError::transient(ErrorKind::Service, "not this time"));
                }
            }
            "pages" => {
                let pages = argument.parse().unwrap_or(1);
                return Ok(RenderedPart {
                    pages,
                    pdf: Bytes::from(format!("%FAKE {pages} {id}\n")),
                });
            }
            _ => {}
        }
        let data = document
            .data
            .as_ref()
            .map(|data| Value::Object(data.clone()).to_string())
            .unwrap_or_default();
        Ok(RenderedPart {
            pages: 1,
            pdf: Bytes::from(format!("%FAKE 1 {id} {text} {data}\n")),
        })
    }
}

/// Concatenates; while it is broken, it does so for no volume of two documents.
#[derive(Debug, Default)]
pub(crate) struct FakeBinder {
    pub(crate) broken: std::sync::atomic::AtomicBool,
    pub(crate) bound: AtomicUsize,
}

impl Binder for FakeBinder {
    fn bind(
        &self,
        _: VolumeOptions,
        paused: Option<&[u8]>,
        entries: &mut dyn Iterator<Item = Feed>,
        out: &mut dyn Write,
    ) -> Result<Binding, BindError> {
        let mut pages = paused.map_or(0, |state| {
            u64::from_le_bytes(state.try_into().expect("its own state"))
        });
        for feed in entries {
            let Feed::Entry(entry) = feed else {
                return Ok(Binding::Paused(u64::to_le_bytes(pages).to_vec()));
            };
            match entry.part {
                Part::Pdf(pdf) => out.write_all(&pdf)?,
                Part::Placeholder(message) => {
                    writeln!(out, "PLACEHOLDER {}: {message}", entry.title)?;
                }
            }
            pages += 1;
        }
        self.bound.fetch_add(1, Ordering::SeqCst);
        if pages == 2 && self.broken.load(Ordering::SeqCst) {
            return Err(BindError::Volume("as asked".into()));
        }
        Ok(Binding::Whole(Bound {
            pages,
            left_out: 0,
            warnings: Vec::new(),
            untold: 0,
        }))
    }
}

/// The system.
pub(crate) struct World {
    pub(crate) clock: ManualClock,
    pub(crate) faults: Arc<Faults>,
    pub(crate) plain: Arc<dyn ObjectStore>,
    pub(crate) ledger: Ledger,
    pub(crate) queues: Queues,
    pub(crate) dead: Arc<dyn Queue>,
    pub(crate) renderer: Arc<FakeRenderer>,
    pub(crate) binder: Arc<FakeBinder>,
    pub(crate) enqueue: Enqueue,
    pub(crate) render: Render,
    pub(crate) merge: Merge,
    /// How long an invocation may start work.
    pub(crate) budget: Mutex<Duration>,
    /// How long an invocation of the merge may begin work; as others without.
    pub(crate) merge_budget: Mutex<Option<Duration>>,
    /// How many messages an event has.
    pub(crate) event_size: Mutex<usize>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(settings())
    }

    /// Puts a bundle `letter` into the bucket.
    pub(crate) async fn install_letter(&self) {
        let files = [("template.html".to_owned(), Bytes::from_static(b"x"))];
        let installed = self.ledger.install_bundle("letter", "v1", files).await;
        installed.expect("memory answers");
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let clock = ManualClock::new(1_000_000_000_000);
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let faults = Arc::new(Faults::default());
        let plain: Arc<dyn ObjectStore> = Arc::new(MemoryStore::new(Arc::clone(&shared)));
        let store = Arc::new(FaultyStore {
            inner: Arc::clone(&plain),
            faults: Arc::clone(&faults),
        });
        let all = MemoryQueues::new(Arc::clone(&shared));
        let redrive = Redrive {
            dead_letters: "dead".into(),
            max_receive_count: state::MAX_DELIVERIES,
        };
        let queue = |name: &str| -> Arc<dyn Queue> {
            Arc::new(FaultyQueue {
                inner: Arc::new(all.queue(name, (name != "dead").then_some(&redrive))),
                faults: Arc::clone(&faults),
            })
        };
        let dead = queue("dead");
        let queues = Queues {
            interactive: queue("interactive"),
            bulk: queue("bulk"),
            merge: queue("merge"),
        };
        let ledger = Ledger::new(store, shared);
        let renderer = Arc::new(FakeRenderer {
            faults: Arc::clone(&faults),
            drawn: Mutex::default(),
            mended: Default::default(),
            flaky: Mutex::default(),
            at_once: AtomicUsize::new(0),
            most_at_once: AtomicUsize::new(0),
        });
        let drawing: Arc<dyn Renderer> = renderer.clone();
        let binder = Arc::new(FakeBinder::default());
        let ids = AtomicUsize::new(0);
        let enqueue =
            Enqueue::new(ledger.clone(), queues.clone(), settings.clone()).with_ids(move || {
                let n = ids.fetch_add(1, Ordering::SeqCst) as u128 + 1;
                n.to_be_bytes()
            });
        Self {
            render: Render::new(ledger.clone(), queues.clone(), settings.clone(), drawing),
            // Ranges of one or two volumes.
            merge: Merge::new(ledger.clone(), queues.clone(), settings, binder.clone())
                .with_range_work(10),
            enqueue,
            clock,
            faults,
            plain,
            ledger,
            queues,
            dead,
            renderer,
            binder,
            budget: Mutex::new(Duration::from_secs(55)),
            merge_budget: Mutex::default(),
            event_size: Mutex::new(10),
        }
    }

    /// Posts a manifest and gives the answer.
    pub(crate) async fn post(&self, manifest: &str, key: Option<&str>) -> Response {
        self.enqueue
            .api(&request("POST", "/v1/batches", manifest, key))
            .await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let response = self.enqueue.api(&request("GET", path, "", None)).await;
        assert_eq!(response.status, 200, "{path}: {:?}", response.body);
        serde_json::from_slice(&response.body).expect("JSON")
    }

    /// Posts a manifest that is accepted.
    pub(crate) async fn accept(&self, manifest: &str) -> BatchId {
        let response = self.post(manifest, None).await;
        assert_eq!(response.status, 202, "{:?}", response.body);
        id_of(&response)
    }

    /// One round of the platform: delivers what is visible on each queue, once. True when there was
    /// anything.
    pub(crate) async fn round(&self) -> bool {
        let mut any = false;
        let queues = [
            &self.queues.interactive,
            &self.queues.bulk,
            &self.queues.merge,
            &self.dead,
        ];
        for (n, queue) in queues.into_iter().enumerate() {
            let size = *self.event_size.lock().expect("no panic holds it");
            let received = queue
                .receive(size, Duration::ZERO, VISIBILITY)
                .await
                .expect("receiving works");
            if received.is_empty() {
                continue;
            }
            any = true;
            let batch: Vec<Delivery> = received.into_iter().map(Delivery::from).collect();
            let deadline = Deadline::after(*self.budget.lock().expect("no panic holds it"));
            let merge_budget = *self.merge_budget.lock().expect("no panic holds it");
            let deadline = match merge_budget {
                Some(budget) if n == 2 => Deadline::after(budget),
                _ => deadline,
            };
            let answer = match n {
                0 | 1 => self.render.batch(&batch, deadline).await,
                2 => self.merge.batch(&batch, deadline).await,
                _ => self.merge.dead_letters(&batch, deadline).await,
            };
            let ids: HashSet<&str> = batch.iter().map(|delivery| delivery.id.as_str()).collect();
            assert!(
                answer.failures.iter().all(|id| ids.contains(id.as_str())),
                "only ids of the event are named"
            );
            if self.faults.revive() {
                // A process that died gave no answer: nothing is deleted.
                continue;
            }
            let done = batch
                .iter()
                .filter(|delivery| !answer.failures.contains(&delivery.id));
            let receipts: Vec<Receipt> = done
                .map(|delivery| Receipt(delivery.receipt.clone()))
                .collect();
            for receipts in receipts.chunks(10) {
                // The platform's own deletes may be lost too; it does not die of it.
                let _ = queue.delete_batch(receipts).await;
                self.faults.revive();
            }
        }
        any
    }

    /// Delivers until nothing is left.
    pub(crate) async fn run(&self) {
        for _ in 0..2_000 {
            if self.round().await {
                continue;
            }
            if self.waiting().await == 0 {
                return;
            }
            self.clock.advance(Duration::from_secs(30));
        }
        panic!("the queues do not empty: {} messages", self.waiting().await);
    }

    /// Messages on all queues.
    pub(crate) async fn waiting(&self) -> u64 {
        let mut waiting = 0;
        for queue in [
            &self.queues.interactive,
            &self.queues.bulk,
            &self.queues.merge,
            &self.dead,
        ] {
            waiting += queue.depth().await.expect("a depth").total();
        }
        waiting
    }

    /// Parts and volumes by their output names.
    pub(crate) async fn outputs(&self, batch: &BatchId) -> BTreeMap<String, String> {
        let mut outputs = BTreeMap::new();
        let mut objects: Vec<_> = self
            .objects(&format!("t/default/batches/{batch}/"))
            .await
            .into_iter()
            .collect();
        // A retry's volumes take the place of the first run's.
        objects.sort_by_key(|(key, _)| key.contains("/retries/"));
        for (key, bytes) in objects {
            if let Some((_, name)) = key
                .split_once("/parts/")
                .or_else(|| key.split_once("/volumes/"))
            {
                outputs.insert(
                    name.to_owned(),
                    String::from_utf8(bytes.to_vec()).expect("fake PDFs are text"),
                );
            }
        }
        outputs
    }

    /// Everything below a prefix.
    pub(crate) async fn objects(&self, prefix: &str) -> BTreeMap<String, Bytes> {
        let mut objects = BTreeMap::new();
        let mut after = None;
        loop {
            let page = self
                .plain
                .list(prefix, after.as_deref(), 1000)
                .await
                .expect("a list");
            for object in &page.objects {
                objects.insert(
                    object.key.to_string(),
                    self.plain.get(&object.key).await.expect("an object").bytes,
                );
            }
            after = page.objects.last().map(|object| object.key.to_string());
            if !page.more {
                return objects;
            }
        }
    }

    pub(crate) async fn put(&self, key: &str, bytes: impl Into<Bytes>) {
        let key = Key::new(key).expect("a key");
        self.plain
            .put(&key, bytes.into(), PutOptions::overwrite())
            .await
            .expect("a put");
    }

    /// Results in manifest order.
    pub(crate) async fn results(&self, batch: &BatchId) -> Vec<DocumentResult> {
        let accepted = self
            .ledger
            .accepted(&TenantId::default(), batch)
            .await
            .expect("the store answers")
            .expect("a batch");
        let plans = self.ledger.plans(&accepted).await.expect("plans");
        let mut results = Results::new(self.ledger.clone(), &accepted, &plans, 0, Absent::Refuse);
        let mut all = Vec::new();
        while let Some(document) = results.next().await.expect("every document has a result") {
            assert_eq!(document.index, all.len() as u64);
            all.push(document.result);
        }
        all
    }

    /// Messages of a render queue, without delivering them to anybody.
    pub(crate) async fn messages(&self, queue: &Arc<dyn Queue>) -> Vec<Delivery> {
        let mut all = Vec::new();
        loop {
            let received = queue
                .receive(10, Duration::ZERO, VISIBILITY)
                .await
                .expect("receiving works");
            if received.is_empty() {
                return all;
            }
            all.extend(received.into_iter().map(Delivery::from));
        }
    }
}

/// Small limits, so that nothing takes long.
pub(crate) fn settings() -> Settings {
    Settings {
        document_concurrency: 8,
        render_concurrency: 4,
        soft_limit: Duration::from_millis(600),
        hard_limit: Duration::from_millis(900),
        max_pages: 100,
        wait: Duration::from_millis(200),
        ..Settings::default()
    }
}

pub(crate) fn request(method: &str, path: &str, body: &str, key: Option<&str>) -> Request {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    Request {
        method: method.into(),
        path: path.into(),
        query: pairs
            .map(|(name, value)| (name.into(), value.into()))
            .collect(),
        headers: key
            .map(|key| ("idempotency-key".to_owned(), key.to_owned()))
            .into_iter()
            .collect(),
        body: Bytes::copy_from_slice(body.as_bytes()),
        tenant: TenantId::default(),
    }
}

pub(crate) fn id_of(response: &Response) -> BatchId {
    let body: Value = serde_json::from_slice(&response.body).expect("JSON");
    let id = body["batch_id"]
        .as_str()
        .or(body["document_id"].as_str())
        .expect("an id");
    BatchId::parse(id).expect("a batch id")
}

/// A manifest of HTML documents, with one volume of all and one for each `group`.
pub(crate) fn manifest(texts: &[&str]) -> String {
    let documents: Vec<Value> = texts.iter().enumerate().map(|(n, text)| serde_json::json!({"id": format!("d{n:02}"), "html": text, "data": {"group": n / 4}})).collect();
    serde_json::json!({"documents": documents, "merge": [{"output": "all.pdf"}, {"output": "group-{group}.pdf", "by": "group"}]}).to_string()
}

/// `n` documents that do as they should.
pub(crate) fn good(n: usize) -> String {
    manifest(&vec!["good"; n])
}

pub(crate) fn chunk_of(delivery: &Delivery) -> RenderMessage {
    serde_json::from_str(&delivery.body).expect("a render message")
}
