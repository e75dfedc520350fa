//! A crash between any two effects of any handler, at every point, before and after the effect:
//! redelivery completes the batch with the same bytes, each document once.

use std::collections::BTreeMap;

use fanfold_job::BatchId;
use fanfold_job::settled::Status;

use crate::faults::Dies;
use crate::world::{World, id_of, manifest};

/// What a batch leaves: outputs, and each document's id, status and hash.
type Left = (BTreeMap<String, String>, Vec<(String, Status, String)>);

async fn left(world: &World, batch: &BatchId) -> Left {
    let results = world
        .results(batch)
        .await
        .into_iter()
        .map(|result| (result.id.to_string(), result.status, result.sha256));
    (world.outputs(batch).await, results.collect())
}

/// Posts with a key until it is accepted: a client whose server died repeats.
async fn post(world: &World, manifest: &str) -> BatchId {
    for _ in 0..3 {
        let response = world.post(manifest, Some("the key")).await;
        let died = world.faults.revive();
        if response.status == 202 && !died {
            return id_of(&response);
        }
    }
    panic!("not accepted");
}

async fn run(manifest: &str, dies: Option<(u64, Dies)>) -> (Left, u64) {
    run_in(World::new(), manifest, dies).await
}

async fn run_in(world: World, manifest: &str, dies: Option<(u64, Dies)>) -> (Left, u64) {
    if let Some((n, dies)) = dies {
        world.faults.die_at(n, dies);
    }
    let batch = post(&world, manifest).await;
    world.run().await;
    let status = world.get(&format!("/v1/batches/{batch}")).await;
    assert_eq!(status["status"], "complete", "{dies:?}: {status}");
    (left(&world, &batch).await, world.faults.effects())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_at_any_effect_leaves_the_same_bytes() {
    let mut texts = vec!["good"; 13];
    texts[4] = "fail";
    let manifest = manifest(&texts);
    let (expected, effects) = run(&manifest, None).await;
    assert!(effects > 25, "{effects} effects");
    for n in 1..=effects {
        for dies in [Dies::Before, Dies::After] {
            let (left, _) = run(&manifest, Some((n, dies))).await;
            assert_eq!(left, expected, "died {dies:?} effect {n}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_while_split_documents_settle_leaves_the_same_bytes() {
    // A document that is tried again makes its chunk split, so singles are on the way too.
    let mut texts = vec!["good"; 11];
    texts[2] = "flaky 1";
    let manifest = manifest(&texts);
    let (expected, effects) = run(&manifest, None).await;
    for n in 1..=effects {
        for dies in [Dies::Before, Dies::After] {
            let (left, _) = run(&manifest, Some((n, dies))).await;
            assert_eq!(left, expected, "died {dies:?} effect {n}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_while_a_volume_is_paused_leaves_the_same_bytes() {
    let manifest = manifest(&["good"; 7]);
    let (expected, quick) = run(&manifest, None).await;
    let hurried = || {
        let world = World::new();
        // Time for one document of the volume of all, and for one other volume.
        *world.merge_budget.lock().expect("no panic holds it") = Some(std::time::Duration::ZERO);
        world
    };
    let (left, effects) = run_in(hurried(), &manifest, None).await;
    assert_eq!(left, expected);
    assert!(effects > quick + 3 * 6, "{effects} effects, not {quick}");
    for n in 1..=effects {
        for dies in [Dies::Before, Dies::After] {
            let (left, _) = run_in(hurried(), &manifest, Some((n, dies))).await;
            assert_eq!(left, expected, "died {dies:?} effect {n}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn crashes_again_and_again_leave_the_same_bytes() {
    let manifest = manifest(&["good"; 13]);
    let (expected, _) = run(&manifest, None).await;
    for step in [7, 11, 17] {
        let world = World::new();
        let batch = post(&world, &manifest).await;
        for _ in 0..3 {
            // Each process gets a little further than the one before it. Not more often than a
            // document is tried: one that is there at every death is taken for its cause.
            world
                .faults
                .die_at(world.faults.effects() + step, Dies::After);
            while !world.round().await && world.waiting().await > 0 {
                world.clock.advance(std::time::Duration::from_secs(60));
            }
        }
        world.faults.die_at(0, Dies::Before);
        world.run().await;
        assert_eq!(
            left(&world, &batch).await,
            expected,
            "died at every {step}th effect"
        );
    }
}
