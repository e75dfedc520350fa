//! At-least-once in every form: duplicates, reordering, several at once.

use std::time::Duration;

use fanfold_job::settled::Status;
use fanfold_lambda::{Deadline, Delivery};
use futures_util::future::join_all;

use crate::world::{World, chunk_of, good, manifest};

fn long() -> Deadline {
    Deadline::after(Duration::from_secs(55))
}

async fn undisturbed(manifest: &str) -> std::collections::BTreeMap<String, String> {
    let world = World::new();
    let batch = world.accept(manifest).await;
    world.run().await;
    world.outputs(&batch).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn duplicates_in_reverse_and_at_once_change_nothing() {
    let world = World::new();
    let batch = world.accept(&good(35)).await;
    let mut messages = world.messages(&world.queues.bulk).await;
    assert_eq!(messages.len(), 4);
    messages.reverse();
    let twice: Vec<Vec<Delivery>> = messages
        .iter()
        .chain(&messages)
        .map(|delivery| vec![delivery.clone()])
        .collect();
    let answers = join_all(twice.iter().map(|event| world.render.batch(event, long()))).await;
    assert!(answers.iter().all(|answer| answer.failures.is_empty()));
    // And once more, late.
    for event in &twice {
        world.render.batch(event, long()).await;
    }
    world.run().await;
    assert_eq!(world.outputs(&batch).await, undisturbed(&good(35)).await);
    let status = world.get(&format!("/v1/batches/{batch}")).await;
    assert_eq!(
        (status["status"].as_str(), status["succeeded"].as_u64()),
        (Some("complete"), Some(35))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_merges_at_once_give_one_volume() {
    let world = World::new();
    let batch = world.accept(&good(35)).await;
    while world.queues.bulk.depth().await.unwrap().total() > 0 {
        let batch = world.messages(&world.queues.bulk).await;
        let answer = world.render.batch(&batch, long()).await;
        assert!(answer.failures.is_empty());
        let receipts: Vec<_> = batch
            .iter()
            .map(|delivery| fanfold_cloud::Receipt(delivery.receipt.clone()))
            .collect();
        world.queues.bulk.delete_batch(&receipts).await.unwrap();
    }
    let messages = world.messages(&world.queues.merge).await;
    let event = &messages[..1];
    let answers = join_all((0..4).map(|_| world.merge.batch(event, long()))).await;
    assert!(answers.iter().all(|answer| answer.failures.is_empty()));
    world.run().await;
    assert_eq!(world.outputs(&batch).await, undisturbed(&good(35)).await);
}

#[tokio::test]
async fn a_second_delivery_is_split_and_what_is_there_is_not_drawn_again() {
    let world = World::new();
    let batch = world.accept(&good(10)).await;
    let mut event = world.messages(&world.queues.bulk).await;
    // The first delivery dies when half of the parts are written.
    world
        .faults
        .die_at(world.faults.effects() + 6, crate::faults::Dies::Before);
    world.render.batch(&event, long()).await;
    assert!(world.faults.revive());
    let parts = world
        .objects(&format!("t/default/batches/{batch}/parts/"))
        .await
        .len();
    assert_eq!(parts, 5);
    let drawn = world.renderer.drawn.lock().unwrap().len();
    event[0].receive_count = 2;
    let answer = world.render.batch(&event, long()).await;
    assert!(answer.failures.is_empty());
    assert_eq!(
        world.renderer.drawn.lock().unwrap().len(),
        drawn,
        "splitting draws nothing"
    );
    let singles = world.messages(&world.queues.bulk).await;
    let singles: Vec<_> = singles.iter().map(chunk_of).collect();
    assert_eq!(
        singles.len(),
        5,
        "only what is missing is sent: {singles:?}"
    );
    world.run().await;
    assert_eq!(world.outputs(&batch).await, undisturbed(&good(10)).await);
    assert!(
        world
            .results(&batch)
            .await
            .iter()
            .all(|result| result.status == Status::Ok)
    );
}

#[tokio::test]
async fn a_deadline_in_the_middle_sends_the_rest_back() {
    let world = World::with(fanfold_lambda::Settings {
        render_concurrency: 1,
        document_concurrency: 1,
        ..crate::world::settings()
    });
    let batch = world.accept(&manifest(&["slow 30"; 20])).await;
    let event = world.messages(&world.queues.bulk).await;
    let answer = world
        .render
        .batch(&event, Deadline::after(Duration::from_millis(200)))
        .await;
    assert!(!answer.failures.is_empty());
    let drawn = world.renderer.drawn.lock().unwrap().len();
    assert!((1..20).contains(&drawn), "{drawn} of 20 were started");
    let parts = world
        .objects(&format!("t/default/batches/{batch}/parts/"))
        .await
        .len();
    assert_eq!(parts, drawn, "what was started was finished");
    // The messages were taken by hand: they come back when their visibility ends.
    world.run().await;
    let results = world.results(&batch).await;
    assert!(results.iter().all(|result| result.status == Status::Ok));
    assert_eq!(
        world.renderer.drawn.lock().unwrap().len(),
        20,
        "nothing was drawn twice"
    );
}

#[tokio::test]
async fn an_invocation_without_time_starts_nothing_and_loses_nothing() {
    let world = World::new();
    *world.budget.lock().unwrap() = Duration::ZERO;
    let batch = world.accept(&good(12)).await;
    for _ in 0..40 {
        if !world.round().await {
            world.clock.advance(Duration::from_secs(60));
        }
    }
    assert!(world.renderer.drawn.lock().unwrap().is_empty());
    *world.budget.lock().unwrap() = Duration::from_secs(55);
    world.run().await;
    assert!(
        world
            .results(&batch)
            .await
            .iter()
            .all(|result| result.status == Status::Ok)
    );
}

#[tokio::test]
async fn a_throttled_store_and_queue_only_slow_it_down() {
    for every in [7, 12, 20] {
        let world = World::new();
        let expected = undisturbed(&good(23)).await;
        world.faults.throttle_every(every);
        let batch = loop {
            // A client repeats its request, with its key, until it is accepted.
            let response = world.post(&good(23), Some("throttled")).await;
            match response.status {
                202 => break crate::world::id_of(&response),
                status => assert_eq!(status, 503),
            }
        };
        for _ in 0..60 {
            if !world.round().await {
                world.clock.advance(Duration::from_secs(60));
            }
        }
        world.faults.throttle_every(0);
        world.run().await;
        let results = world.results(&batch).await;
        let failed: Vec<_> = results
            .iter()
            .filter(|result| result.status == Status::Failed)
            .collect();
        assert!(failed.is_empty(), "one of {every}: {failed:?}");
        assert_eq!(world.outputs(&batch).await, expected, "one of {every}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_goes_to_the_dead_letters_alone() {
    let world = World::new();
    let batch = world.accept(&good(3)).await;
    fanfold_cloud::send_one(
        &*world.queues.bulk,
        fanfold_cloud::OutgoingMessage::new("not a message"),
    )
    .await
    .unwrap();
    for _ in 0..60 {
        if !world.round().await {
            world.clock.advance(Duration::from_secs(60));
        }
    }
    assert!(
        world
            .results(&batch)
            .await
            .iter()
            .all(|result| result.status == Status::Ok)
    );
    assert_eq!(
        world.dead.depth().await.unwrap().total(),
        1,
        "it waits there for a person"
    );
    assert_eq!(world.waiting().await, 1);
}
