//! Documents that misbehave: each fails alone, and its result says why.

use std::time::{Duration, Instant};

use fanfold_job::settled::{ErrorKind, Status};

use crate::world::{World, manifest, settings};

/// Runs good documents with one bad among them; gives the bad one's kind, message and attempts.
async fn alone(text: &str) -> (ErrorKind, String, u32) {
    let world = World::new();
    let mut texts = vec!["good"; 14];
    texts[6] = text;
    let batch = world.accept(&manifest(&texts)).await;
    world.run().await;
    let results = world.results(&batch).await;
    for (n, result) in results.iter().enumerate() {
        assert_eq!(
            result.status == Status::Failed,
            n == 6,
            "{text}: {result:?}"
        );
    }
    let outputs = world.outputs(&batch).await;
    assert!(outputs.contains_key("all.pdf") && !outputs.contains_key("d06.pdf"));
    let status = world.get(&format!("/v1/batches/{batch}")).await;
    assert_eq!(
        (
            status["status"].as_str(),
            status["succeeded"].as_u64(),
            status["failed"].as_u64()
        ),
        (Some("complete"), Some(13), Some(1))
    );
    let error = results[6]
        .error
        .clone()
        .expect("a failed document says why");
    (error.kind, error.message, results[6].attempts)
}

#[tokio::test]
async fn one_that_panics() {
    let (kind, message, attempts) = alone("panic").await;
    assert_eq!((kind, attempts), (ErrorKind::Panic, 1));
    assert!(message.contains("as asked"), "{message}");
}

#[tokio::test]
async fn one_with_bad_data() {
    assert_eq!(
        alone("fail").await,
        (ErrorKind::BadData, "as asked".to_owned(), 1)
    );
}

#[tokio::test]
async fn one_over_a_limit_that_is_named() {
    let (kind, message, attempts) = alone("pages 101").await;
    assert_eq!((kind, attempts), (ErrorKind::Limit, 1));
    assert!(message.contains("101 pages; the limit is 100"), "{message}");
}

#[tokio::test]
async fn one_that_loops_is_tried_four_times() {
    let (kind, message, attempts) = alone("loop").await;
    assert_eq!((kind, attempts), (ErrorKind::Timeout, 4));
    assert!(message.contains("0.6 s"), "{message}");
}

#[tokio::test]
async fn one_that_does_not_stop_when_told_to() {
    let (kind, _, attempts) = alone("deaf").await;
    assert_eq!((kind, attempts), (ErrorKind::Timeout, 4));
}

#[tokio::test]
async fn one_that_fails_for_a_while_succeeds_at_last() {
    let world = World::new();
    let mut texts = vec!["good"; 12];
    texts[3] = "flaky 3";
    texts[4] = "flaky 4";
    let batch = world.accept(&manifest(&texts)).await;
    let began = fanfold_cloud::Clock::now_ms(&world.clock);
    world.run().await;
    let results = world.results(&batch).await;
    assert_eq!((results[3].status, results[3].attempts), (Status::Ok, 4));
    assert_eq!(
        (results[4].status, results[4].attempts),
        (Status::Failed, 4)
    );
    assert_eq!(
        results[4].error.as_ref().map(|error| error.kind),
        Some(ErrorKind::Service)
    );
    // 30 s, 60 s and 120 s, each within a quarter.
    let took = (fanfold_cloud::Clock::now_ms(&world.clock) - began) / 1000;
    assert!((157..=360).contains(&took), "{took} s of pauses");
}

#[tokio::test]
async fn one_that_kills_its_function() {
    let (kind, message, attempts) = alone("kill").await;
    assert_eq!(kind, ErrorKind::Killed);
    assert_eq!(attempts, 3, "in its chunk, and twice alone as a suspect");
    assert!(message.contains("ended the render function"), "{message}");
}

#[tokio::test]
async fn several_that_kill_do_not_take_each_others_neighbours_down() {
    let world = World::new();
    let mut texts = vec!["good"; 30];
    for n in [1, 2, 3, 12, 13, 25] {
        texts[n] = "kill";
    }
    let batch = world.accept(&manifest(&texts)).await;
    world.run().await;
    for (n, result) in world.results(&batch).await.iter().enumerate() {
        let kind = result.error.as_ref().map(|error| error.kind);
        assert_eq!(
            kind,
            (texts[n] == "kill").then_some(ErrorKind::Killed),
            "{n}: {result:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_that_is_stuck_holds_a_core_and_no_more() {
    let world = World::with(fanfold_lambda::Settings {
        render_concurrency: 2,
        ..settings()
    });
    let mut texts = vec!["good"; 10];
    texts[0] = "deaf";
    let batch = world.accept(&manifest(&texts)).await;
    let begun = Instant::now();
    assert!(world.round().await);
    assert!(
        begun.elapsed() < Duration::from_millis(2_400),
        "the batch did not wait for the thread"
    );
    let parts = world
        .objects(&format!("t/default/batches/{batch}/parts/"))
        .await
        .len();
    assert_eq!(parts, 9, "the others were drawn on the core that was left");
    assert!(!world.render.exhausted());
    world.run().await;
}

#[tokio::test]
async fn an_existing_pdf_is_taken_as_it_is_and_a_missing_one_fails() {
    let world = World::new();
    world.put("uploads/annex.pdf", "%FAKE 1 annex\n").await;
    let install = world.ledger.install_bundle("nowhere", "v1", []);
    install.await.expect("a bundle without files");
    let manifest = serde_json::json!({"documents": [{"id": "a", "pdf": "uploads/annex.pdf"}, {"id": "b", "pdf": "uploads/none.pdf"}, {"id": "c", "bundle": "nowhere"}]});
    let batch = world.accept(&manifest.to_string()).await;
    world.run().await;
    assert_eq!(world.outputs(&batch).await["a.pdf"], "%FAKE 1 annex\n");
    let results = world.results(&batch).await;
    let error = |n: usize| results[n].error.clone().expect("an error");
    assert_eq!(
        (error(1).kind, error(1).place.as_str()),
        (ErrorKind::BadPdf, "uploads/none.pdf")
    );
    assert_eq!(error(2).kind, ErrorKind::BadBundle);
}

#[tokio::test]
async fn a_bundle_keeps_the_version_its_batch_was_accepted_with() {
    let world = World::new();
    let files = |text: &'static str| [("template.html".to_owned(), bytes::Bytes::from(text))];
    world
        .ledger
        .install_bundle("letter", "v1", files("one"))
        .await
        .unwrap();
    let manifest = serde_json::json!({"documents": [{"id": "a", "bundle": "letter"}]}).to_string();
    let first = world.accept(&manifest).await;
    world
        .ledger
        .install_bundle("letter", "v2", files("two"))
        .await
        .unwrap();
    let second = world.accept(&manifest).await;
    world.run().await;
    assert!(world.outputs(&first).await["a.pdf"].contains("bundle letter v1"));
    assert!(world.outputs(&second).await["a.pdf"].contains("bundle letter v2"));
}
