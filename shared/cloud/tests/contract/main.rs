//! One contract, every adapter. The AWS adapter is checked when the feature `aws` is on and
//! `FANFOLD_CONTRACT_ENDPOINT` names an endpoint that speaks S3 and SQS.
#![expect(clippy::unwrap_used, reason = "in a test an error is a failure")]

mod durability;
mod queue;
mod store;

use std::sync::Arc;
use std::time::Duration;

use fanfold_cloud::memory::{MemoryQueues, MemoryStore};
use fanfold_cloud::{Clock, Durability, LocalCloud, LocalOptions, Redrive, SystemClock};

use queue::QueueUnderTest;
use store::StoreUnderTest;

const MAX_RECEIVE_COUNT: u32 = 4;
const TICK: Duration = Duration::from_millis(60);

fn redrive() -> Redrive {
    Redrive {
        dead_letters: "dead".into(),
        max_receive_count: MAX_RECEIVE_COUNT,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_store() {
    let store = Arc::new(MemoryStore::new(Arc::new(SystemClock)));
    store::check(&StoreUnderTest {
        store,
        prefix: "t".into(),
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_queue() {
    let queues = MemoryQueues::new(Arc::new(SystemClock) as Arc<dyn Clock>);
    queue::check(&QueueUnderTest {
        queue: Arc::new(queues.queue("work", Some(&redrive()))),
        dead_letters: Arc::new(queues.queue("dead", None)),
        max_receive_count: MAX_RECEIVE_COUNT,
        tick: TICK,
    })
    .await;
}

async fn check_local(durability: Durability) {
    let folder = tempfile::tempdir().unwrap();
    let options = LocalOptions {
        durability,
        ..LocalOptions::default()
    };
    let cloud = LocalCloud::open(folder.path(), &options).unwrap();
    store::check(&StoreUnderTest {
        store: Arc::new(cloud.store().clone()),
        prefix: "t".into(),
    })
    .await;
    queue::check(&QueueUnderTest {
        queue: Arc::new(cloud.queue("work", Some(&redrive())).unwrap()),
        dead_letters: Arc::new(cloud.queue("dead", None).unwrap()),
        max_receive_count: MAX_RECEIVE_COUNT,
        tick: TICK,
    })
    .await;
    let left = std::fs::read_dir(folder.path().join("tmp"))
        .unwrap()
        .count();
    assert_eq!(left, 0, "temporary files are cleaned up");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn local() {
    check_local(Durability::ProcessDeath).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn local_that_waits_for_the_disk() {
    check_local(Durability::PowerLoss).await;
}

#[cfg(feature = "aws")]
mod aws;
