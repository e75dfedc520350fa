//! What the simulation takes the platform to be. All durations are virtual time. Limits and scaling are those of
//! AWS's guides (S3 performance; Lambda with SQS); latencies are taken, as AWS publishes none.

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
    /// MiB; one vCPU for each 1,769.
    pub(crate) memory_mib: u32,
    pub(crate) timeout: Duration,
    /// New environments of a function in ten seconds: 1,000.
    pub(crate) environments_per_10s: usize,
    /// Sandbox and download, before our own first instruction.
    pub(crate) cold_start: Latency,
    /// Concurrent batches of the event source mapping at first (5), more of them a minute (300; provisioned mode
    /// 1,000) and at most (`MaximumConcurrency`; 1,250; provisioned 20,000).
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

/// Times of our own. Drawing is some three of the README's invoices; what a request costs and how long a start
/// takes are taken, not measured: the budget of the start, and what a signed TLS request is likely to need.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    /// Drawing a document on one vCPU.
    pub(crate) draw: Duration,
    /// CPU of one request to S3 or SQS: TLS, signing, JSON.
    pub(crate) request_cpu: Duration,
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
                split_after: Duration::from_secs(600),
                get: Latency::of(14, 90),
                put: Latency::of(24, 140),
                list: Latency::of(28, 160),
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
                draw: Duration::from_micros(3_000),
                request_cpu: Duration::from_micros(350),
                start: Duration::from_millis(20),
            },
        }
    }
}

/// Prices in dollars, us-east-1, S3 Standard, without free tiers: those of AWS's pages that describe Lambda's
/// (0.000 016 67 a GB-second, 0.20 a million requests), S3's and SQS's pricing, as known when this was
/// written in November 2026. Look them up before a decision rests on them.
pub(crate) mod prices {
    /// A GB-second, x86_64, first tier.
    pub(crate) const GB_SECOND: f64 = 0.000_016_666_7;
    /// An invocation.
    pub(crate) const INVOCATION: f64 = 0.20 / 1e6;
    /// PUT, COPY, POST, LIST.
    pub(crate) const S3_WRITE: f64 = 0.005 / 1e3;
    /// GET, HEAD.
    pub(crate) const S3_READ: f64 = 0.000_4 / 1e3;
    /// An SQS request of 64 KB.
    pub(crate) const SQS_REQUEST: f64 = 0.40 / 1e6;
}
