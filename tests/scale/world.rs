//! The simulated cloud: S3 and SQS as the functions' ports, with latency, limits and faults, on the
//! runtime's stopped clock.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use fanfold_cloud::memory::MemoryStore;
use fanfold_cloud::{
    Clock, CloudError, CloudResult, Key, ListPage, MessageId, MultipartUpload, Object, ObjectMeta,
    ObjectStore, OutgoingMessage, PutMode, PutOptions, Queue, QueueDepth, Receipt, ReceivedMessage,
};
use tokio::time::{Instant, sleep_until};

use crate::model::{Latency, Model, SQS_UNIT};

/// A stream of random numbers (SplitMix64).
#[derive(Debug)]
pub(crate) struct Random(AtomicU64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
    }

    pub(crate) fn next(&self) -> u64 {
        let mut z = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// In 0..1.
    pub(crate) fn uniform(&self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Box–Muller.
    fn normal(&self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    pub(crate) fn latency(&self, of: &Latency) -> Duration {
        of.sample(self.normal(), self.uniform())
    }

    /// True once in `n`; never for 0.
    pub(crate) fn one_in(&self, n: u64) -> bool {
        n > 0 && self.next().is_multiple_of(n)
    }
}

/// Virtual time as the ports' clock.
#[derive(Debug)]
pub(crate) struct SimClock(pub Instant);

/// 2026-11-22T00:00:00Z: all runs begin at the same moment.
pub(crate) const BEGIN_MS: u64 = 1_795_305_600_000;

#[async_trait]
impl Clock for SimClock {
    fn now_ms(&self) -> u64 {
        let passed = Instant::now().duration_since(self.0).as_millis();
        BEGIN_MS + u64::try_from(passed).unwrap_or(u64::MAX / 2)
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// Requests by kind; of S3's, those that it bills.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) gets: AtomicU64,
    pub(crate) heads: AtomicU64,
    pub(crate) puts: AtomicU64,
    pub(crate) lists: AtomicU64,
    pub(crate) deletes: AtomicU64,
    pub(crate) slowed: AtomicU64,
    pub(crate) sends: AtomicU64,
    /// 64 KB of messages beyond the first of a request, when they are sent.
    pub(crate) more_units: AtomicU64,
    pub(crate) receives: AtomicU64,
    pub(crate) queue_deletes: AtomicU64,
    pub(crate) visibilities: AtomicU64,
}

/// One more.
pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// The rate of one kind of request, a bucket for each partition.
#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

/// A range of keys that S3 serves as one, or has split; and how long it has been too small.
#[derive(Debug)]
struct Partition {
    writes: Vec<Bucket>,
    reads: Vec<Bucket>,
    refusing_since: Option<Instant>,
    refused_at: Instant,
}

/// S3: what all environments share.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) memory: MemoryStore,
    pub(crate) model: Model,
    pub(crate) counts: Counts,
    partitions: Mutex<Vec<Partition>>,
    /// Keys below `parts/`, each as often as a write created or replaced it.
    pub(crate) parts_written: AtomicU64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Read,
    Write,
}

impl Store {
    pub(crate) fn new(memory: MemoryStore, model: Model) -> Self {
        let full = |rate: f64| {
            vec![Bucket {
                tokens: rate,
                at: Instant::now(),
            }]
        };
        let partition = |_| Partition {
            writes: full(model.s3.writes_per_second),
            reads: full(model.s3.reads_per_second),
            refusing_since: None,
            refused_at: Instant::now(),
        };
        let partitions = Mutex::new((0..model.s3.partitions.max(1)).map(partition).collect());
        Self {
            memory,
            model,
            counts: Counts::default(),
            partitions,
            parts_written: AtomicU64::new(0),
        }
    }

    /// Partitions now.
    pub(crate) fn partitions(&self) -> usize {
        let partitions = self.partitions.lock().expect("no panic holds it");
        partitions
            .iter()
            .map(|partition| partition.writes.len())
            .sum()
    }

    /// Whether the key's partition takes the request.
    fn admit(&self, key: &str, kind: Kind) -> bool {
        let s3 = &self.model.s3;
        let mut all = self.partitions.lock().expect("no panic holds it");
        // A batch's keys begin with its random id: they are in one partition until that is split.
        let batch: String = key.split_inclusive('/').take(4).collect();
        let group = (hash(&batch) % all.len() as u64) as usize;
        let partitions = &mut all[group];
        let now = Instant::now();
        let (buckets, rate) = match kind {
            Kind::Read => (&mut partitions.reads, s3.reads_per_second),
            Kind::Write => (&mut partitions.writes, s3.writes_per_second),
        };
        let index = (hash(key) % buckets.len() as u64) as usize;
        let bucket = &mut buckets[index];
        let gained = now.duration_since(bucket.at).as_secs_f64() * rate;
        // A second's worth is saved up at most.
        bucket.tokens = (bucket.tokens + gained).min(rate);
        bucket.at = now;
        let admitted = bucket.tokens >= 1.0;
        if admitted {
            bucket.tokens -= 1.0;
            return true;
        }
        // Refusals that stop for ten seconds begin anew.
        if now.duration_since(partitions.refused_at) > Duration::from_secs(10) {
            partitions.refusing_since = None;
        }
        partitions.refused_at = now;
        let since = *partitions.refusing_since.get_or_insert(now);
        if now.duration_since(since) >= s3.split_after {
            partitions.refusing_since = None;
            for (all, rate) in [
                (&mut partitions.writes, s3.writes_per_second),
                (&mut partitions.reads, s3.reads_per_second),
            ] {
                let more = (0..all.len()).map(|_| Bucket {
                    tokens: rate,
                    at: now,
                });
                let more: Vec<Bucket> = more.collect();
                all.extend(more);
            }
        }
        false
    }
}

/// FNV-1a with a finisher: S3's partitions are ranges of keys, and outputs' names are spread over them.
fn hash(text: &str) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash ^ (hash >> 29)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 16
}

/// One environment: a process that may die, on a share of a core.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) random: Random,
    /// The share of one vCPU that it has, at most 1 for one thread.
    pub(crate) speed: f64,
    /// Requests it has made.
    pub(crate) requests: AtomicU64,
    dead: AtomicBool,
    pub(crate) death: tokio::sync::Notify,
    busy_until: Mutex<Instant>,
    busy: Mutex<Duration>,
    /// What is left of the SDK's allowance for retries.
    allowance: AtomicI64,
}

impl Process {
    pub(crate) fn new(seed: u64, speed: f64) -> Self {
        Self {
            random: Random::new(seed),
            speed,
            requests: AtomicU64::new(0),
            dead: AtomicBool::new(false),
            death: tokio::sync::Notify::new(),
            busy_until: Mutex::new(Instant::now()),
            busy: Mutex::default(),
            allowance: AtomicI64::new(ALLOWANCE),
        }
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }

    pub(crate) fn die(&self) {
        self.dead.store(true, Ordering::Relaxed);
        self.death.notify_one();
    }

    /// When work of so much CPU, asked for now, is done: one thing after another.
    pub(crate) fn compute(&self, cpu: Duration) -> Instant {
        let took = cpu.div_f64(self.speed);
        *self.busy.lock().expect("no panic holds it") += took;
        let mut until = self.busy_until.lock().expect("no panic holds it");
        *until = (*until).max(Instant::now()) + took;
        *until
    }

    /// Whether the SDK's allowance is enough for another try, which then takes its share of it.
    fn may_retry(&self) -> bool {
        let take = |left: i64| (left >= RETRY).then_some(left - RETRY);
        self.allowance
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
            .is_ok()
    }

    /// Gives back of the allowance what a success does: its own tries' share, or a little.
    fn succeeded(&self, tries_before: usize) {
        let back = match tries_before {
            0 => 1,
            _ => RETRY,
        };
        let give = |left: i64| Some((left + back).min(ALLOWANCE));
        let _ = self
            .allowance
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, give);
    }

    /// Time spent computing since the last call.
    pub(crate) fn take_busy(&self) -> Duration {
        std::mem::take(&mut *self.busy.lock().expect("no panic holds it"))
    }
}

/// S3 as one process sees it.
#[derive(Debug, Clone)]
pub(crate) struct ProcessStore {
    pub(crate) shared: Arc<Store>,
    pub(crate) process: Arc<Process>,
    /// Without latency, limits and refusals, so that nobody pauses: for what runs beside a real thread (cutting
    /// a manifest, binding a volume), which the stopped clock waits for and which would wait for the clock.
    /// It may still die at any effect.
    pub(crate) instant: bool,
}

/// Tries of the SDK at a request (`shared/cloud/src/aws`), with its pauses' longest times.
const TRIES: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::ZERO,
];

/// The SDK's allowance for retries, which all requests of a process share, and what one takes of it (SDK
/// reference guide, "Retry behavior", standard mode).
const ALLOWANCE: i64 = 500;
const RETRY: i64 = 5;

impl ProcessStore {
    /// A request: waits, and says whether it is carried out.
    async fn request(
        &self,
        key: &str,
        kind: Kind,
        of: &Latency,
        counter: &AtomicU64,
    ) -> CloudResult<()> {
        if self.process.is_dead() {
            return Err(CloudError::unavailable("a dead process"));
        }
        let (random, shared) = (&self.process.random, &self.shared);
        for (tries_before, pause) in TRIES.into_iter().enumerate() {
            count(&self.process.requests);
            if !self.instant {
                let sent = self.process.compute(shared.model.work.request_cpu);
                sleep_until(sent + random.latency(of)).await;
            }
            if self.process.is_dead() {
                return Err(CloudError::unavailable("a dead process"));
            }
            if self.instant {
                count(counter);
                return Ok(());
            }
            let refused = random.one_in(shared.model.faults.refuse_one_in);
            if !refused && shared.admit(key, kind) {
                // S3 bills no 5xx answer (S3 user guide, "Billing for error responses").
                count(counter);
                self.process.succeeded(tries_before);
                return Ok(());
            }
            count(&shared.counts.slowed);
            if !self.process.may_retry() {
                break;
            }
            sleep_until(Instant::now() + pause.mul_f64(random.uniform())).await;
        }
        Err(CloudError::throttled(key))
    }

    /// Carries an effect out, unless the process dies just before; it may die just after, or not hear of it.
    async fn effect<T>(&self, effect: impl Future<Output = CloudResult<T>>) -> CloudResult<T> {
        let (faults, random) = (&self.shared.model.faults, &self.process.random);
        let dies = random.one_in(faults.die_one_in);
        let before = dies && random.one_in(2);
        if !before {
            let result = effect.await;
            if !dies {
                let loses = !self.instant && random.one_in(faults.lose_answer_one_in);
                return match loses {
                    true => Err(CloudError::unavailable("an answer that was lost")),
                    false => result,
                };
            }
        }
        self.process.die();
        Err(CloudError::unavailable("a process that died"))
    }
}

#[async_trait]
impl ObjectStore for ProcessStore {
    async fn get(&self, key: &Key) -> CloudResult<Object> {
        let s3 = &self.shared.model.s3;
        self.request(key.as_str(), Kind::Read, &s3.get, &self.shared.counts.gets)
            .await?;
        self.shared.memory.get(key).await
    }

    async fn get_range(&self, key: &Key, range: Range<u64>) -> CloudResult<Bytes> {
        let s3 = &self.shared.model.s3;
        self.request(key.as_str(), Kind::Read, &s3.get, &self.shared.counts.gets)
            .await?;
        self.shared.memory.get_range(key, range).await
    }

    async fn head(&self, key: &Key) -> CloudResult<ObjectMeta> {
        let s3 = &self.shared.model.s3;
        self.request(key.as_str(), Kind::Read, &s3.get, &self.shared.counts.heads)
            .await?;
        self.shared.memory.head(key).await
    }

    async fn put(&self, key: &Key, bytes: Bytes, options: PutOptions) -> CloudResult<ObjectMeta> {
        let s3 = &self.shared.model.s3;
        self.request(key.as_str(), Kind::Write, &s3.put, &self.shared.counts.puts)
            .await?;
        let overwrites = options.mode == PutMode::Overwrite;
        self.effect(async {
            let put = self.shared.memory.put(key, bytes, options).await;
            if key.as_str().contains("/parts/") && (put.is_ok() || overwrites) {
                count(&self.shared.parts_written);
            }
            put
        })
        .await
    }

    async fn list(
        &self,
        prefix: &str,
        start_after: Option<&str>,
        limit: usize,
    ) -> CloudResult<ListPage> {
        let s3 = &self.shared.model.s3;
        self.request(prefix, Kind::Read, &s3.list, &self.shared.counts.lists)
            .await?;
        self.shared.memory.list(prefix, start_after, limit).await
    }

    async fn delete(&self, key: &Key) -> CloudResult<()> {
        let s3 = &self.shared.model.s3;
        self.request(
            key.as_str(),
            Kind::Write,
            &s3.put,
            &self.shared.counts.deletes,
        )
        .await?;
        self.effect(self.shared.memory.delete(key)).await
    }

    async fn put_multipart(
        &self,
        key: &Key,
        options: PutOptions,
    ) -> CloudResult<Box<dyn MultipartUpload>> {
        count(&self.shared.counts.puts);
        let upload = self.shared.memory.put_multipart(key, options).await?;
        Ok(Box::new(ProcessUpload {
            store: self.clone(),
            upload,
        }))
    }

    async fn resume_multipart(
        &self,
        key: &Key,
        options: PutOptions,
        suspended: &[u8],
    ) -> CloudResult<Box<dyn MultipartUpload>> {
        let memory = &self.shared.memory;
        let upload = memory.resume_multipart(key, options, suspended).await?;
        Ok(Box::new(ProcessUpload {
            store: self.clone(),
            upload,
        }))
    }

    async fn presign(
        &self,
        key: &Key,
        expires: Duration,
        name: Option<&str>,
    ) -> CloudResult<String> {
        self.shared.memory.presign(key, expires, name).await
    }
}

#[derive(Debug)]
struct ProcessUpload {
    store: ProcessStore,
    upload: Box<dyn MultipartUpload>,
}

#[async_trait]
impl MultipartUpload for ProcessUpload {
    async fn write(&mut self, bytes: Bytes) -> CloudResult<()> {
        if self.store.process.is_dead() {
            return Err(CloudError::unavailable("a dead process"));
        }
        self.upload.write(bytes).await
    }

    async fn suspend(self: Box<Self>) -> CloudResult<Bytes> {
        let Self { store, upload } = *self;
        count(&store.shared.counts.puts);
        store.effect(upload.suspend()).await
    }

    async fn complete(self: Box<Self>) -> CloudResult<ObjectMeta> {
        let Self { store, upload } = *self;
        count(&store.shared.counts.puts);
        store.effect(upload.complete()).await
    }

    async fn abort(self: Box<Self>) -> CloudResult<()> {
        self.upload.abort().await
    }
}

/// A queue as one process sees it.
#[derive(Debug, Clone)]
pub(crate) struct ProcessQueue {
    pub(crate) inner: Arc<dyn Queue>,
    pub(crate) store: ProcessStore,
    /// What holds messages back that an instant process sends before it would have.
    pub(crate) pace: Option<Arc<Pace>>,
}

/// How fast messages are made: the first after a while, then one after the other.
#[derive(Debug)]
pub(crate) struct Pace {
    pub(crate) first: Duration,
    pub(crate) each: Duration,
    pub(crate) sent: AtomicU64,
}

impl Pace {
    fn next(&self) -> Duration {
        let before = self.sent.fetch_add(1, Ordering::Relaxed);
        self.first + self.each.mul_f64(before as f64)
    }
}

impl ProcessQueue {
    async fn request(&self, counter: &AtomicU64) -> CloudResult<()> {
        if self.store.process.is_dead() {
            return Err(CloudError::unavailable("a dead process"));
        }
        count(counter);
        if !self.store.instant {
            let shared = &self.store.shared;
            let sent = self.store.process.compute(shared.model.work.request_cpu);
            let latency = self.store.process.random.latency(&shared.model.sqs.request);
            sleep_until(sent + latency).await;
        }
        match self.store.process.is_dead() {
            true => Err(CloudError::unavailable("a dead process")),
            false => Ok(()),
        }
    }
}

#[async_trait]
impl Queue for ProcessQueue {
    async fn send_batch(
        &self,
        mut messages: Vec<OutgoingMessage>,
    ) -> CloudResult<Vec<CloudResult<MessageId>>> {
        let shared = &self.store.shared;
        self.request(&shared.counts.sends).await?;
        let bytes: usize = messages.iter().map(|message| message.body.len()).sum();
        let more = (bytes as u64).saturating_sub(1) / SQS_UNIT;
        shared.counts.more_units.fetch_add(more, Ordering::Relaxed);
        if let Some(pace) = &self.pace {
            for message in &mut messages {
                message.delay += pace.next();
            }
        }
        let random = &self.store.process.random;
        let refuse = match self.store.instant {
            true => 0,
            false => shared.model.sqs.refuse_one_in,
        };
        let refused: Vec<bool> = messages.iter().map(|_| random.one_in(refuse)).collect();
        let taken: Vec<OutgoingMessage> = messages
            .into_iter()
            .zip(&refused)
            .filter(|(_, refused)| !**refused)
            .map(|(message, _)| message)
            .collect();
        let sent = async {
            match taken.is_empty() {
                true => Ok(Vec::new()),
                false => self.inner.send_batch(taken).await,
            }
        };
        let mut sent = self.store.effect(sent).await?.into_iter();
        Ok(refused
            .into_iter()
            .map(|refused| match refused {
                true => Err(CloudError::throttled("an entry")),
                false => sent
                    .next()
                    .unwrap_or_else(|| Err(CloudError::unavailable("no answer"))),
            })
            .collect())
    }

    async fn receive(
        &self,
        max: usize,
        wait: Duration,
        visibility: Duration,
    ) -> CloudResult<Vec<ReceivedMessage>> {
        self.inner.receive(max, wait, visibility).await
    }

    async fn delete_batch(&self, receipts: &[Receipt]) -> CloudResult<Vec<CloudResult<()>>> {
        self.request(&self.store.shared.counts.queue_deletes)
            .await?;
        self.store.effect(self.inner.delete_batch(receipts)).await
    }

    async fn change_visibility(&self, receipt: &Receipt, visibility: Duration) -> CloudResult<()> {
        self.request(&self.store.shared.counts.visibilities).await?;
        self.store
            .effect(self.inner.change_visibility(receipt, visibility))
            .await
    }

    async fn depth(&self) -> CloudResult<QueueDepth> {
        self.inner.depth().await
    }
}
