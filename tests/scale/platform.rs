//! Lambda and its event source mappings over the simulated cloud, and one run of the system on them.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use fanfold_cloud::memory::{MemoryQueues, MemoryStore};
use fanfold_cloud::{Clock, Key, ObjectStore, PutOptions, Queue, Receipt, Redrive};
use fanfold_enqueue::{Enqueue, Received, Upload};
use fanfold_job::{BatchId, BatchKeys, Limits, TenantId, sha256_hex, state};
use fanfold_lambda::{BatchAnswer, Deadline, Delivery, Queues, Settings};
use fanfold_ledger::Ledger;
use fanfold_merge::Merge;
use fanfold_render::Render;
use tokio::time::{Instant, sleep, sleep_until};

use crate::documents::{SimBinder, SimRenderer, SimThreads, kind_of};
use crate::model::Model;
use crate::world::{Pace, Process, ProcessQueue, ProcessStore, Random, SimClock, Store};

/// What is asked of the system.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    /// Batches: how long each is uploaded after the one before is taken, and its documents.
    pub(crate) batches: Vec<(Duration, u64)>,
    /// Of the documents one in so many fails, kills its process, or panics; 0 for none.
    pub(crate) bad_one_in: u64,
    /// Stitch a volume of each batch, and one for every four documents.
    pub(crate) merge: bool,
    /// How long an invocation of the merge may begin work.
    pub(crate) merge_time: Duration,
    /// Work of a range of volumes.
    pub(crate) range_work: u64,
    /// Documents in a chunk.
    pub(crate) chunk_documents: u32,
    /// Open documents and uploads at once, for each environment.
    pub(crate) document_concurrency: usize,
    pub(crate) upload_concurrency: usize,
    /// By when it must all be over.
    pub(crate) within: Duration,
}

/// One environment of the render function.
struct Environment {
    process: Arc<Process>,
    render: Render,
}

/// What a run showed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Report {
    pub(crate) documents: u64,
    pub(crate) succeeded: u64,
    pub(crate) failed: u64,
    /// From each batch's upload until it is complete (and stitched).
    pub(crate) batch_seconds: Vec<f64>,
    /// From the first upload until everything is over.
    pub(crate) seconds: f64,
    pub(crate) environments: usize,
    pub(crate) most_at_once: usize,
    pub(crate) deaths: usize,
    pub(crate) invocations: u64,
    pub(crate) gb_seconds: f64,
    /// Of the time of the render function's invocations, the share that computed.
    pub(crate) busy: f64,
    pub(crate) s3_puts: u64,
    pub(crate) s3_reads: u64,
    pub(crate) s3_lists: u64,
    pub(crate) s3_slowed: u64,
    pub(crate) s3_partitions: usize,
    pub(crate) sqs_requests: u64,
    /// Bytes of everything that was left, hashed.
    pub(crate) digest: String,
}

/// vCPUs that a function with that memory has.
fn vcpus(memory_mib: u32) -> f64 {
    f64::from(memory_mib) / 1_769.0
}

/// The platform.
pub(crate) struct Platform {
    pub(crate) scenario: Scenario,
    pub(crate) model: Model,
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    queues: Queues,
    dead: Arc<dyn Queue>,
    random: Random,
    idle: Mutex<Vec<Environment>>,
    started: AtomicUsize,
    running: AtomicUsize,
    most_at_once: AtomicUsize,
    deaths: AtomicUsize,
    invocations: AtomicU64,
    /// What all functions are billed.
    billed_mib_ms: AtomicU64,
    /// Time of the render function's invocations.
    render_us: AtomicU64,
    busy_us: AtomicU64,
    seeds: AtomicU64,
    over: AtomicBool,
}

impl Platform {
    fn new(model: Model, scenario: Scenario) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SimClock(Instant::now()));
        let store = Arc::new(Store::new(
            MemoryStore::new(Arc::clone(&clock)),
            model.clone(),
        ));
        let all = MemoryQueues::new(Arc::clone(&clock));
        let redrive = Redrive {
            dead_letters: "dead".into(),
            max_receive_count: state::MAX_DELIVERIES,
        };
        let queue = |name: &str| -> Arc<dyn Queue> {
            Arc::new(all.queue(name, (name != "dead").then_some(&redrive)))
        };
        Self {
            queues: Queues {
                interactive: queue("interactive"),
                bulk: queue("bulk"),
                merge: queue("merge"),
            },
            dead: queue("dead"),
            random: Random::new(model.seed),
            scenario,
            store,
            clock,
            model,
            idle: Mutex::default(),
            started: AtomicUsize::new(0),
            running: AtomicUsize::new(0),
            most_at_once: AtomicUsize::new(0),
            deaths: AtomicUsize::new(0),
            invocations: AtomicU64::new(0),
            billed_mib_ms: AtomicU64::new(0),
            render_us: AtomicU64::new(0),
            busy_us: AtomicU64::new(0),
            seeds: AtomicU64::new(1),
            over: AtomicBool::new(false),
        }
    }

    fn speed(&self) -> f64 {
        vcpus(self.model.lambda.memory_mib)
    }

    fn process(&self) -> Arc<Process> {
        let seed = self.seeds.fetch_add(1, Ordering::Relaxed);
        Arc::new(Process::new(self.model.seed ^ (seed << 20), self.speed()))
    }

    /// The ports as a process sees them.
    fn ports(
        &self,
        process: &Arc<Process>,
        instant: bool,
        pace: Option<&Arc<Pace>>,
    ) -> (Ledger, Queues) {
        let store = ProcessStore {
            shared: Arc::clone(&self.store),
            process: Arc::clone(process),
            instant,
        };
        let queue = |inner: &Arc<dyn Queue>| -> Arc<dyn Queue> {
            Arc::new(ProcessQueue {
                inner: Arc::clone(inner),
                store: store.clone(),
                pace: pace.cloned(),
            })
        };
        let queues = Queues {
            interactive: queue(&self.queues.interactive),
            bulk: queue(&self.queues.bulk),
            merge: queue(&self.queues.merge),
        };
        (
            Ledger::new(Arc::new(store), Arc::clone(&self.clock)),
            queues,
        )
    }

    fn settings(&self) -> Settings {
        Settings {
            document_concurrency: self.scenario.document_concurrency,
            render_concurrency: (self.speed().ceil() as usize).max(1),
            upload_concurrency: self.scenario.upload_concurrency,
            ..Settings::default()
        }
    }

    /// A new environment of the render function.
    fn environment(&self) -> Environment {
        let process = self.process();
        let (ledger, queues) = self.ports(&process, false, None);
        let renderer = Arc::new(SimRenderer(Arc::clone(&process)));
        let threads = Arc::new(SimThreads {
            process: Arc::clone(&process),
            draw: self.model.work.draw,
        });
        Environment {
            render: Render::new(ledger, queues, self.settings(), renderer).with_threads(threads),
            process,
        }
    }

    /// Waits for an environment: a warm one at once, a cold one as fast as Lambda makes them.
    async fn warm_or_cold(&self) -> Environment {
        if let Some(warm) = self.idle.lock().expect("no panic holds it").pop() {
            return warm;
        }
        let nth = self.started.fetch_add(1, Ordering::Relaxed);
        let per = self.model.lambda.environments_per_10s.max(1);
        let turn = Duration::from_secs(10) * (nth / per) as u32;
        let earliest = self.begun() + turn;
        sleep_until(earliest.max(Instant::now())).await;
        let cold = self.random.latency(&self.model.lambda.cold_start) + self.model.work.start;
        sleep(cold).await;
        self.bill(self.model.work.start, self.model.lambda.memory_mib);
        self.environment()
    }

    fn begun(&self) -> Instant {
        Instant::now() - Duration::from_millis(self.clock.now_ms() - crate::world::BEGIN_MS)
    }

    /// Bills a function's time, in whole milliseconds as Lambda does.
    fn bill(&self, time: Duration, memory_mib: u32) {
        let ms = time.as_micros().div_ceil(1_000) as u64;
        self.billed_mib_ms
            .fetch_add(ms * u64::from(memory_mib), Ordering::Relaxed);
    }

    /// Receives an event's messages.
    async fn event(
        &self,
        queue: &Arc<dyn Queue>,
        size: usize,
        visibility: Duration,
    ) -> Vec<Delivery> {
        let mut event = Vec::new();
        let until = Instant::now() + self.model.lambda.window;
        loop {
            crate::world::count(&self.store.counts.receives);
            sleep(self.random.latency(&self.model.sqs.request)).await;
            let most = (size - event.len()).min(10);
            let received = queue.receive(most, Duration::ZERO, visibility).await;
            let received = received.expect("memory answers");
            event.extend(received.into_iter().map(Delivery::from));
            if event.len() >= size || Instant::now() >= until {
                return event;
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Deletes what an answer leaves to be deleted.
    async fn answered(&self, queue: &Arc<dyn Queue>, event: &[Delivery], answer: &BatchAnswer) {
        let ids: HashSet<&str> = event.iter().map(|delivery| delivery.id.as_str()).collect();
        assert!(
            answer.failures.iter().all(|id| ids.contains(id.as_str())),
            "an id that was not in the event: AWS would fail the whole batch"
        );
        let failed: HashSet<&str> = answer.failures.iter().map(String::as_str).collect();
        let done = event
            .iter()
            .filter(|delivery| !failed.contains(delivery.id.as_str()));
        let receipts: Vec<Receipt> = done
            .map(|delivery| Receipt(delivery.receipt.clone()))
            .collect();
        for receipts in receipts.chunks(10) {
            crate::world::count(&self.store.counts.queue_deletes);
            // The platform's own deletes may be lost, too.
            if !self.random.one_in(self.model.faults.lose_answer_one_in) {
                let _ = queue.delete_batch(receipts).await;
            }
        }
    }

    /// One poller of the render queue.
    async fn poll_render(self: Arc<Self>) {
        let queue = &self.queues.bulk;
        while !self.over.load(Ordering::Relaxed) {
            let event = self
                .event(
                    queue,
                    self.model.lambda.batch_size,
                    self.model.sqs.visibility,
                )
                .await;
            if event.is_empty() {
                sleep(Duration::from_secs(1)).await;
                continue;
            }
            let twice = self.random.one_in(self.model.sqs.duplicate_one_in);
            if twice {
                tokio::task::spawn_local({
                    let (platform, event) = (Arc::clone(&self), event.clone());
                    async move { platform.invoke_render(&event).await }
                });
            }
            self.invoke_render(&event).await;
        }
    }

    async fn invoke_render(&self, event: &[Delivery]) {
        let environment = self.warm_or_cold().await;
        let running = self.running.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_at_once.fetch_max(running, Ordering::Relaxed);
        self.invocations.fetch_add(1, Ordering::Relaxed);
        let (begun, timeout) = (Instant::now(), self.model.lambda.timeout);
        let settings = self.settings();
        let deadline = Deadline::of_invocation(timeout, settings.budget, settings.reserve);
        let answer = tokio::select! {
            biased;
            () = environment.process.death.notified() => None,
            answer = environment.render.batch(event, deadline) => Some(answer),
            () = sleep(timeout) => None,
        };
        self.running.fetch_sub(1, Ordering::Relaxed);
        let took = begun.elapsed();
        self.bill(took, self.model.lambda.memory_mib);
        self.render_us
            .fetch_add(took.as_micros() as u64, Ordering::Relaxed);
        let busy = environment.process.take_busy().as_micros() as u64;
        self.busy_us.fetch_add(busy, Ordering::Relaxed);
        match answer.filter(|_| !environment.process.is_dead()) {
            Some(answer) => {
                self.answered(&self.queues.bulk, event, &answer).await;
                self.idle
                    .lock()
                    .expect("no panic holds it")
                    .push(environment);
            }
            None => {
                environment.process.die();
                self.deaths.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// The event source mapping: more pollers as time goes on.
    async fn map_render(self: Arc<Self>) {
        let lambda = self.model.lambda.clone();
        let mut pollers = 0;
        while !self.over.load(Ordering::Relaxed) {
            let minutes = self.begun().elapsed().as_secs_f64() / 60.0;
            let wanted = lambda.pollers_first + (minutes * lambda.pollers_per_minute) as usize;
            let wanted = wanted.min(lambda.pollers_most);
            for _ in pollers..wanted {
                tokio::task::spawn_local(Arc::clone(&self).poll_render());
            }
            pollers = pollers.max(wanted);
            sleep(Duration::from_secs(1)).await;
        }
    }

    /// The merge function, or that of the dead letters: work on real threads, which the stopped clock waits
    /// for, so its store answers at once and its time is added afterwards.
    async fn poll_merge(self: Arc<Self>, dead: bool) {
        let (queue, visibility) = match dead {
            true => (&self.dead, self.model.sqs.merge_visibility),
            false => (&self.queues.merge, self.model.sqs.merge_visibility),
        };
        while !self.over.load(Ordering::Relaxed) {
            let received = queue.receive(1, Duration::ZERO, visibility).await;
            let event: Vec<Delivery> = received
                .expect("memory answers")
                .into_iter()
                .map(Delivery::from)
                .collect();
            if event.is_empty() {
                sleep(Duration::from_secs(1)).await;
                continue;
            }
            let process = self.process();
            let (ledger, queues) = self.ports(&process, true, None);
            // One volume after the other: which of two real threads is faster is not the seed's to say.
            let merge = Merge::new(ledger, queues, self.settings(), Arc::new(SimBinder))
                .with_volumes_at_once(1)
                .with_range_work(self.scenario.range_work);
            let work = async {
                match dead {
                    true => {
                        merge
                            .dead_letters(&event, Deadline::after(self.scenario.merge_time))
                            .await
                    }
                    false => {
                        merge
                            .batch(&event, Deadline::after(self.scenario.merge_time))
                            .await
                    }
                }
            };
            let answer = alone(&process, work);
            // Parts are read some thirty at once, and are most of its requests.
            let requests = process.requests.load(Ordering::Relaxed);
            let took = self.model.s3.get.median.mul_f64(requests as f64 / 32.0);
            self.invocations.fetch_add(1, Ordering::Relaxed);
            self.bill(took, self.model.lambda.merge_memory_mib);
            sleep(took).await;
            match answer.filter(|_| !process.is_dead()) {
                Some(answer) => self.answered(queue, &event, &answer).await,
                None => {
                    self.deaths.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    }

    /// Uploads a manifest of rows and has it taken; again as often as that breaks off.
    async fn upload(&self, number: usize, documents: u64) -> BatchId {
        let memory = &self.store.memory;
        let rows_key = format!("uploads/rows/{number}.csv");
        let mut rows = String::from("n,kind,group\n");
        for n in 0..documents {
            let kind = kind_of(self.model.seed, n, self.scenario.bad_one_in);
            rows.push_str(&format!("{n},{kind},{}\n", n / 4));
        }
        let merge = match self.scenario.merge {
            true => {
                serde_json::json!([{"output": "all.pdf"}, {"output": "g{group}.pdf", "by": "group", "on_failure": "placeholder"}])
            }
            false => serde_json::json!([]),
        };
        let manifest = serde_json::json!({
            "documents": [{"id": "d{n}", "html": "x", "output": "{n}.pdf"}], "rows": rows_key, "merge": merge, "priority": "bulk",
        });
        let put = |key: String, text: String| async move {
            let key = Key::new(key).expect("a key");
            let put = memory.put(&key, Bytes::from(text), PutOptions::overwrite());
            put.await.expect("memory answers").etag
        };
        put(rows_key, rows).await;
        let key = format!("uploads/{number}.json");
        let etag = put(key.clone(), manifest.to_string()).await;
        let memory_mib = self.model.lambda.enqueue_memory_mib;
        for _ in 0..1_000 {
            let process = self.process();
            // It works on real threads; its messages come as fast as it would make them.
            let cpu = self.model.work.accept.div_f64(vcpus(memory_mib).min(1.0));
            let pace = Pace {
                first: cpu.mul_f64(documents as f64 / 2.0),
                each: cpu.mul_f64(f64::from(self.scenario.chunk_documents) / 2.0),
                sent: AtomicU64::new(0),
            };
            let (ledger, queues) = self.ports(&process, true, Some(&Arc::new(pace)));
            self.bill(cpu.mul_f64(documents as f64), memory_mib);
            let limits = Limits {
                chunk_documents: self.scenario.chunk_documents,
                ..Limits::default()
            };
            let enqueue = Enqueue::new(ledger, queues, self.settings()).with_limits(limits);
            self.invocations.fetch_add(1, Ordering::Relaxed);
            let upload = Upload {
                key: key.clone(),
                etag: etag.clone(),
            };
            let received = alone(&process, enqueue.uploaded(&upload));
            if let (Some(Ok(Received::Batch(batch))), false) = (received, process.is_dead()) {
                return batch;
            }
        }
        panic!("the upload was never taken");
    }
}

/// Does work that uses real threads, to its end or the process's death, while nothing else runs: what
/// another task does in the same moment, before or after, is not for a thread's speed to say.
///
/// Nothing it waits for may be another task's or the clock's, which is why its store answers at once.
fn alone<T>(process: &Process, work: impl Future<Output = T>) -> Option<T> {
    let until_death = async {
        tokio::select! {
            biased;
            () = process.death.notified() => None,
            done = work => Some(done),
        }
    };
    // The runtime's budget of a task's polls is for tasks that give way.
    futures_executor::block_on(tokio::task::unconstrained(until_death))
}

/// Runs a scenario to its end, and checks that everything the design promises holds.
pub(crate) fn run(model: Model, scenario: Scenario) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .max_blocking_threads(2)
        .build()
        .expect("a runtime");
    // The platform's tasks stay on this thread, which is what makes a seed a schedule.
    let tasks = tokio::task::LocalSet::new();
    tasks.block_on(&runtime, async move {
        let platform = Arc::new(Platform::new(model, scenario));
        tokio::task::spawn_local(Arc::clone(&platform).map_render());
        for _ in 0..4 {
            tokio::task::spawn_local(Arc::clone(&platform).poll_merge(false));
        }
        tokio::task::spawn_local(Arc::clone(&platform).poll_merge(true));
        let mut batches = Vec::new();
        for (number, (at, documents)) in platform.scenario.batches.clone().into_iter().enumerate() {
            sleep(at).await;
            let begun = Instant::now();
            let batch = platform.upload(number, documents).await;
            batches.push((batch, documents, begun));
        }
        platform.end(batches).await
    })
}

impl Platform {
    /// Waits for the batches' ends and looks at what they left.
    async fn end(&self, batches: Vec<(BatchId, u64, Instant)>) -> Report {
        let tenant = TenantId::default();
        let reader = self.process();
        let plain = ProcessStore {
            shared: Arc::new(Store::new(self.store.memory.clone(), quiet(&self.model))),
            process: reader,
            instant: true,
        };
        let ledger = Ledger::new(Arc::new(plain), Arc::clone(&self.clock));
        let begun = self.begun();
        let mut report = Report::default();
        let mut ended = vec![None; batches.len()];
        // Off the pollers' whole seconds: who is first in the same moment is not the seed's to say.
        sleep(Duration::from_millis(137)).await;
        while ended.iter().any(Option::is_none) {
            for ((batch, _, begun), ended) in batches.iter().zip(&mut ended) {
                let run = BatchKeys::new(&tenant, batch).run(0);
                let last = match self.scenario.merge {
                    true => run.merged(),
                    false => run.complete(),
                };
                if ended.is_none() && ledger.exists(&last).await.expect("memory answers") {
                    *ended = Some(begun.elapsed().as_secs_f64());
                }
            }
            assert!(
                begun.elapsed() < self.scenario.within,
                "seed {}: a batch does not end within {:?}",
                self.model.seed,
                self.scenario.within
            );
            sleep(Duration::from_millis(500)).await;
        }
        report.seconds = begun.elapsed().as_secs_f64();
        report.batch_seconds = ended.into_iter().flatten().collect();
        // What is still on its way must come to an end, too.
        for queue in [
            &self.queues.interactive,
            &self.queues.bulk,
            &self.queues.merge,
            &self.dead,
        ] {
            while queue.depth().await.expect("memory answers").total() > 0 {
                assert!(
                    begun.elapsed() < self.scenario.within + Duration::from_secs(86_400),
                    "seed {}: a queue does not empty",
                    self.model.seed
                );
                sleep(Duration::from_secs(10)).await;
            }
        }
        self.over.store(true, Ordering::Relaxed);
        let mut digest = String::new();
        for (batch, documents, _) in &batches {
            self.check(&ledger, batch, *documents, &mut report, &mut digest)
                .await;
        }
        let counts = &self.store.counts;
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let rendering = of(&self.render_us) as f64 / 1e6;
        report.environments = self.started.load(Ordering::Relaxed);
        report.most_at_once = self.most_at_once.load(Ordering::Relaxed);
        report.deaths = self.deaths.load(Ordering::Relaxed);
        report.invocations = of(&self.invocations);
        report.gb_seconds = of(&self.billed_mib_ms) as f64 / 1e3 / 1_024.0;
        report.busy = of(&self.busy_us) as f64 / 1e6 / rendering.max(1e-9);
        report.s3_puts = of(&counts.puts);
        report.s3_reads = of(&counts.gets) + of(&counts.heads);
        report.s3_lists = of(&counts.lists);
        report.s3_slowed = of(&counts.slowed);
        report.s3_partitions = self.store.partitions();
        report.sqs_requests = of(&counts.sends)
            + of(&counts.receives)
            + of(&counts.queue_deletes)
            + of(&counts.visibilities)
            // Sent, and received.
            + 2 * of(&counts.more_units);
        report.digest = sha256_hex(digest.as_bytes());
        report
    }
}

/// The same without faults: for looking at what is left.
fn quiet(model: &Model) -> Model {
    Model {
        faults: Default::default(),
        ..model.clone()
    }
}
