//! The system at a scale beyond one machine, simulated: `cargo run --release -p fanfold-tests --example scale`.
//!
//! The functions' own code runs on modelled S3, SQS and Lambda (`model.rs` says what they are taken to
//! be), in virtual time; every run checks that each document ended once, as it should. Each line is a
//! way to run it; arguments choose lines by the beginning of their names.

mod check;
mod documents;
mod model;
mod platform;
mod prices;
mod world;

use std::io::{self, Write};
use std::time::Duration;

use model::Model;
use platform::{Report, Scenario, run};

fn scenario(batches: Vec<(Duration, u64)>) -> Scenario {
    Scenario {
        batches,
        bad_one_in: 0,
        merge: false,
        merge_time: Duration::from_secs(840),
        range_work: fanfold_job::RANGE_WORK,
        chunk_documents: 10,
        document_concurrency: 32,
        upload_concurrency: 16,
        within: Duration::from_secs(7_200),
    }
}

/// FANFOLD_DOCUMENTS, for a quicker look; 1.5 million.
fn documents() -> u64 {
    std::env::var("FANFOLD_DOCUMENTS").map_or(1_500_000, |n| n.parse().expect("a number"))
}

/// `count` batches uploaded at once.
fn at_once(count: u64, documents: u64) -> Vec<(Duration, u64)> {
    (0..count)
        .map(|_| (Duration::ZERO, documents / count))
        .collect()
}

type Line = (&'static str, fn() -> (Model, Scenario));

/// Ways to run it: first the stack's defaults, then what is changed in them, then other loads.
const LINES: &[Line] = &[
    ("defaults", || {
        (Model::default(), scenario(at_once(1, documents())))
    }),
    ("new bucket, paced", || paced(1)),
    ("new bucket, unpaced", || tuned(1, 1)),
    ("grown bucket, 1 batch", || tuned(1, 8)),
    ("grown bucket, 8 batches", || tuned(8, 32)),
    ("grown bucket, deaths and refusals", || {
        let (mut model, mut scenario) = tuned(8, 32);
        model.faults.die_one_in = 20_000;
        model.faults.refuse_one_in = 1_000;
        scenario.within = Duration::from_secs(14_400);
        (model, scenario)
    }),
    ("a day of 100 million: a quarter of an hour", || {
        let (model, mut day) = paced(1);
        // 100,000 documents every 86.4 s.
        day.batches = (0..10)
            .map(|_| (Duration::from_millis(86_400), 100_000))
            .collect();
        (model, day)
    }),
];

/// What `README.md` advises for millions at once: larger chunks and events, more of the enqueue
/// function, and as many renders as S3 takes writes from.
fn tuned(batches: u64, partitions: usize) -> (Model, Scenario) {
    let mut model = Model::default();
    model.s3.partitions = partitions;
    model.lambda.enqueue_memory_mib = 3_008;
    model.lambda.batch_size = 10;
    let mut scenario = scenario(at_once(batches, documents()));
    scenario.chunk_documents = 50;
    scenario.document_concurrency = 64;
    scenario.upload_concurrency = 32;
    (model, scenario)
}

/// The same with no more renders than what S3 takes from a bucket that has not grown yet.
fn paced(partitions: usize) -> (Model, Scenario) {
    let (mut model, scenario) = tuned(1, partitions);
    model.lambda.pollers_most = 24;
    (model, scenario)
}

fn print(out: &mut impl Write, name: &str, report: &Report, took: f64) -> io::Result<()> {
    let minutes = |seconds: f64| format!("{}:{:04.1}", seconds as u64 / 60, seconds % 60.0);
    let slowest = report.batch_seconds.iter().copied().fold(0.0, f64::max);
    writeln!(out, "{name}")?;
    writeln!(
        out,
        "  {} documents, {} failed, in {} (slowest batch {})",
        report.documents,
        report.failed,
        minutes(report.seconds),
        minutes(slowest)
    )?;
    writeln!(
        out,
        "  {:.0} documents a second; {} environments, {} at once, {} deaths, {} invocations, {:.0} % computing",
        report.documents as f64 / report.seconds,
        report.environments,
        report.most_at_once,
        report.deaths,
        report.invocations,
        report.busy * 100.0
    )?;
    writeln!(
        out,
        "  S3: {} writes, {} reads, {} lists, {} refused (503), {} partitions at the end",
        report.s3_puts, report.s3_reads, report.s3_lists, report.s3_slowed, report.s3_partitions
    )?;
    writeln!(
        out,
        "  SQS: {} requests; Lambda: {:.0} GB-s",
        report.sqs_requests, report.gb_seconds
    )?;
    writeln!(
        out,
        "  ${:.2} (${:.2} on arm64), of that S3 writes ${:.2}   [simulated in {took:.0} s]",
        prices::dollars(report, prices::GB_SECOND),
        prices::dollars(report, prices::GB_SECOND_ARM),
        (report.s3_puts + report.s3_lists) as f64 * prices::S3_WRITE
    )
}

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    let chosen: Vec<String> = std::env::args().skip(1).collect();
    for (name, make) in LINES {
        if !chosen.is_empty() && !chosen.iter().any(|text| name.starts_with(text.as_str())) {
            continue;
        }
        let (model, scenario) = make();
        let begun = std::time::Instant::now();
        print(
            &mut out,
            name,
            &run(model, scenario),
            begun.elapsed().as_secs_f64(),
        )?;
    }
    Ok(())
}
