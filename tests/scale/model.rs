//! What the simulation takes the platform to be. All durations are virtual time.
//!
//! Limits and scaling are those of AWS's guides: [S3's performance], [Lambda with SQS]. Latencies are
//! taken, as AWS publishes none beside "roughly 100–200 ms to the first byte" of small objects for an
//! application that does nothing about it (S3 user guide, "Best practices design patterns"); published
//! measurements are below that: writes of 60 KB from Lambda took 60 to 133 ms ([2020]), and of 1 KB from
//! EC2 some tens of milliseconds ([2025]). How long S3 takes to split a partition is "30 to 60 minutes"
//! by an answer on [AWS re:Post].
//!
//! [S3's performance]: https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html
//! [Lambda with SQS]: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
//! [2020]: https://kkc.github.io/2020/03/16/s3-latency/
//! [2025]: https://www.tigrisdata.com/blog/benchmark-small-objects/
//! [AWS re:Post]: https://repost.aws/knowledge-center/s3-object-key-naming-pattern

use std::time::Duration;

/// The platform.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    /// Everything random follows from it.
    pub(crate) seed: u64,
    pub(crate) s3: S3,
    pub(crate) sqs: Sqs,
    pub(crate) lambda: Lambda,
    pub(crate) faults: Faults,
    pub(crate) work: Work,
}

/// S3, as its performance guide says: 3,500 writes and 5,500 reads per second for each partition of the
/// keys; a partition that is asked for more answers 503 and is split when that lasts.
#[derive(Clone, Debug)]
pub(crate) struct S3 {
    pub(crate) writes_per_second: f64,
    pub(crate) reads_per_second: f64,
    /// Partitions that the batch's keys lie in at the beginning: one, unless S3 has split them before.
    pub(crate) partitions: usize,
    /// Refusals must last for this long before the partitions are doubled.
    pub(crate) split_after: Duration,
    pub(crate) get: Latency,
    pub(crate) put: Latency,
    pub(crate) list: Latency,
}

/// A log-normal distribution by its median and 99th percentile, with a rare straggler.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Latency {
    pub(crate) median: Duration,
    pub(crate) p99: Duration,
    /// One in so many takes `straggle` longer.
    pub(crate) straggler_in: f64,
    pub(crate) straggle: Duration,
}

impl Latency {
    pub(crate) const fn of(median_ms: u64, p99_ms: u64) -> Self {
        Self {
            median: Duration::from_millis(median_ms),
            p99: Duration::from_millis(p99_ms),
            straggler_in: 10_000.0,
            straggle: Duration::from_millis(900),
        }
    }

    /// The value for a standard normal and a uniform draw.
    pub(crate) fn sample(&self, normal: f64, uniform: f64) -> Duration {
        // The 99th percentile of a standard normal is 2.326.
        let sigma = (self.p99.as_secs_f64() / self.median.as_secs_f64()).ln() / 2.326;
        let value = self.median.mul_f64((sigma * normal).exp().min(100.0));
        match uniform * self.straggler_in < 1.0 {
            true => value + self.straggle,
            false => value,
        }
    }
}

/// SQS standard queues: as many messages as one likes.
#[derive(Clone, Debug)]
pub(crate) struct Sqs {
    pub(crate) request: Latency,
    /// The queue's visibility timeout (template.yaml).
    pub(crate) visibility: Duration,
    pub(crate) merge_visibility: Duration,
    /// Of a SendMessageBatch's entries one in so many is refused; 0 for none.
    pub(crate) refuse_one_in: u64,
    /// Of deliveries one in so many is made twice; 0 for none.
    pub(crate) duplicate_one_in: u64,
}

/// Lambda and its event source mapping for SQS.
#[derive(Clone, Debug)]
pub(crate) struct Lambda {
    /// MiB of the render function; one vCPU for each 1,769.
    pub(crate) memory_mib: u32,
    /// The same of the enqueue function.
    pub(crate) enqueue_memory_mib: u32,
    /// The same of the merge function.
    pub(crate) merge_memory_mib: u32,
    pub(crate) timeout: Duration,
    /// New environments of a function in ten seconds: 1,000.
    pub(crate) environments_per_10s: usize,
    /// Sandbox and download, before our own first instruction.
    pub(crate) cold_start: Latency,
    /// Concurrent batches of the event source mapping at first (5), more of them a minute (300; provisioned mode
    /// 1,000) and at most (`MaximumConcurrency`, up to 1,000; without it 1,250; provisioned 20,000).
    pub(crate) pollers_first: usize,
    pub(crate) pollers_per_minute: f64,
    pub(crate) pollers_most: usize,
    /// Messages in an event.
    pub(crate) batch_size: usize,
    /// How long a poller waits for a full event.
    pub(crate) window: Duration,
}

/// What goes wrong, beside what S3 and SQS do by themselves.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Faults {
    /// Of effects one in so many kills its environment, before or after it is carried out; 0 for none.
    pub(crate) die_one_in: u64,
    /// Of S3 requests one in so many is answered 500 or 503; 0 for none.
    pub(crate) refuse_one_in: u64,
    /// Of S3 writes one in so many is carried out, and its answer lost; 0 for none.
    pub(crate) lose_answer_one_in: u64,
}

/// Times of our own on one vCPU, as measured here (`README.md`, "A million and more") and taken half as long
/// again, for a vCPU of Lambda is half a core of a server that others use.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    /// Drawing a document: template, layout, PDF, hash.
    pub(crate) draw: Duration,
    /// One request to S3 or SQS: TLS, signing, JSON.
    pub(crate) request_cpu: Duration,
    /// A document in the enqueue function: half of it until its manifest is checked, half until its message
    /// is cut.
    pub(crate) accept: Duration,
    /// Process start to first poll.
    pub(crate) start: Duration,
}

impl Default for Model {
    fn default() -> Self {
        Self {
            seed: 1,
            s3: S3 {
                writes_per_second: 3_500.0,
                reads_per_second: 5_500.0,
                partitions: 1,
                split_after: Duration::from_secs(1_800),
                get: Latency::of(25, 130),
                put: Latency::of(40, 180),
                list: Latency::of(45, 200),
            },
            sqs: Sqs {
                request: Latency::of(9, 45),
                visibility: Duration::from_secs(420),
                merge_visibility: Duration::from_secs(5_400),
                refuse_one_in: 0,
                duplicate_one_in: 0,
            },
            lambda: Lambda {
                memory_mib: 1_769,
                enqueue_memory_mib: 512,
                merge_memory_mib: 1_769,
                timeout: Duration::from_secs(70),
                environments_per_10s: 1_000,
                cold_start: Latency::of(180, 600),
                pollers_first: 5,
                pollers_per_minute: 300.0,
                pollers_most: 200,
                batch_size: 10,
                window: Duration::from_secs(1),
            },
            faults: Faults::default(),
            work: Work {
                draw: Duration::from_micros(2_200),
                request_cpu: Duration::from_micros(2_000),
                accept: Duration::from_micros(40),
                start: Duration::from_millis(20),
            },
        }
    }
}

/// What SQS bills as one request, in bytes.
pub(crate) const SQS_UNIT: u64 = 64 << 10;
