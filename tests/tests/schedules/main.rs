//! Random schedules: the functions on a simulated cloud where everything goes wrong at some rate.
//! FANFOLD_SCHEDULES sets how many (150); FANFOLD_SEED one to look at.

#[path = "../../scale/check.rs"]
mod check;
#[path = "../../scale/documents.rs"]
mod documents;
#[path = "../../scale/model.rs"]
mod model;
#[path = "../../scale/platform.rs"]
mod platform;
#[path = "../../scale/world.rs"]
mod world;

use std::time::Duration;

use model::{Faults, Model};
use platform::{Report, Scenario, run};
use world::Random;

/// A small batch under a schedule that the seed chooses.
fn schedule(seed: u64) -> Report {
    let random = Random::new(seed);
    let rate = |of: &[u64]| of[(random.next() % of.len() as u64) as usize];
    let mut model = Model {
        seed,
        faults: Faults {
            die_one_in: rate(&[0, 0, 40, 200]),
            refuse_one_in: rate(&[0, 5, 100]),
            lose_answer_one_in: rate(&[0, 20, 100]),
        },
        ..Model::default()
    };
    model.sqs.refuse_one_in = rate(&[0, 3, 20]);
    model.sqs.duplicate_one_in = rate(&[0, 2, 10]);
    model.lambda.batch_size = rate(&[1, 3, 10, 25]) as usize;
    model.lambda.window = Duration::from_millis(rate(&[0, 1_000]));
    model.lambda.pollers_most = rate(&[1, 2, 8]) as usize;
    model.s3.writes_per_second = rate(&[20, 3_500]) as f64;
    let documents = 1 + random.next() % 60;
    run(
        model,
        Scenario {
            batches: (0..1 + random.next() % 2)
                .map(|_| (Duration::from_secs(2), documents))
                .collect(),
            bad_one_in: rate(&[0, 4, 15]),
            merge: true,
            merge_time: Duration::from_secs(rate(&[0, 840])),
            range_work: rate(&[1, 12, 40, 2_000]),
            chunk_documents: rate(&[1, 4, 10]) as u32,
            document_concurrency: rate(&[1, 4, 16]) as usize,
            upload_concurrency: rate(&[1, 16]) as usize,
            within: Duration::from_secs(10 * 86_400),
        },
    )
}

#[test]
fn whatever_goes_wrong_every_batch_ends_and_is_what_it_should_be() {
    if let Ok(seed) = std::env::var("FANFOLD_SEED") {
        println!("{:?}", schedule(seed.parse().expect("a number")));
        return;
    }
    let schedules =
        std::env::var("FANFOLD_SCHEDULES").map_or(150, |n| n.parse().expect("a number"));
    let (mut documents, mut failed, mut deaths) = (0, 0, 0);
    for seed in 1..=schedules {
        let report = schedule(seed);
        documents += report.documents;
        failed += report.failed;
        deaths += report.deaths;
    }
    println!(
        "{schedules} schedules: {documents} documents, {failed} failed as they should, {deaths} deaths"
    );
    assert!(
        documents > schedules * 10 && failed > 0 && deaths > 100,
        "schedules in which nothing happens"
    );
}

#[test]
fn a_seed_is_a_schedule() {
    for seed in [3, 7] {
        assert_eq!(schedule(seed), schedule(seed), "seed {seed}");
    }
}
