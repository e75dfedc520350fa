//! What the local adapter keeps when its process dies. Dying is played by leaving the open cloud
//! behind, or by cutting the journal at any byte, as a kill in the middle of a write does.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fanfold_cloud::{
    CloudError, Key, LocalCloud, LocalOptions, ManualClock, ObjectStore, OutgoingMessage,
    PutOptions, Queue, Redrive, delete_one, send_one,
};

const HOUR: Duration = Duration::from_secs(3600);

fn open(folder: &Path, clock: &ManualClock) -> LocalCloud {
    let options = LocalOptions {
        clock: Arc::new(clock.clone()),
        interruptions_forgiven: 2,
        ..LocalOptions::default()
    };
    LocalCloud::open(folder, &options).unwrap()
}

#[tokio::test]
async fn one_process_owns_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = LocalCloud::open(folder.path(), &LocalOptions::default()).unwrap();
    let error = LocalCloud::open(folder.path(), &LocalOptions::default()).unwrap_err();
    assert!(
        matches!(error, CloudError::Precondition { .. }),
        "{error:?}"
    );
    drop(cloud);
    LocalCloud::open(folder.path(), &LocalOptions::default()).unwrap();
}

#[tokio::test]
async fn messages_and_objects_are_there_after_the_process_has_died() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::new(1_000_000);
    let key = Key::new("a/b").unwrap();
    {
        let cloud = open(folder.path(), &clock);
        let queue = cloud.queue("work", None).unwrap();
        for body in ["kept", "deleted", "in flight"] {
            send_one(&queue, OutgoingMessage::new(body)).await.unwrap();
        }
        let received = queue.receive(10, Duration::ZERO, HOUR).await.unwrap();
        queue
            .change_visibility(&received[0].receipt, Duration::ZERO)
            .await
            .unwrap();
        delete_one(&queue, &received[1].receipt).await.unwrap();
        cloud
            .store()
            .put(&key, Bytes::from_static(b"x"), PutOptions::create())
            .await
            .unwrap();
        let mut upload = cloud
            .store()
            .put_multipart(&Key::new("u").unwrap(), PutOptions::create())
            .await
            .unwrap();
        upload.write(Bytes::from(vec![0; 1_000_000])).await.unwrap();
        std::mem::forget(upload);
    }
    let cloud = open(folder.path(), &clock);
    assert_eq!(
        std::fs::read_dir(folder.path().join("tmp"))
            .unwrap()
            .count(),
        0
    );
    assert_eq!(&cloud.store().get(&key).await.unwrap().bytes[..], b"x");
    let queue = cloud.queue("work", None).unwrap();
    let mut received = queue.receive(10, Duration::ZERO, HOUR).await.unwrap();
    received.sort_by(|a, b| a.body.cmp(&b.body));
    let seen: Vec<_> = received
        .iter()
        .map(|it| (&it.body[..], it.receive_count))
        .collect();
    // The delivery that death cut off is not counted, the one given back is.
    assert_eq!(seen, [("in flight", 1), ("kept", 2)]);
}

#[tokio::test]
async fn a_message_that_ends_the_process_every_time_becomes_a_dead_letter() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::new(1_000_000);
    let redrive = Redrive {
        dead_letters: "dead".into(),
        max_receive_count: 3,
    };
    send_one(
        &open(folder.path(), &clock).queue("work", None).unwrap(),
        OutgoingMessage::new("poison"),
    )
    .await
    .unwrap();
    let mut deaths = 0;
    loop {
        let cloud = open(folder.path(), &clock);
        let queue = cloud.queue("work", Some(&redrive)).unwrap();
        if queue
            .receive(1, Duration::ZERO, HOUR)
            .await
            .unwrap()
            .is_empty()
        {
            let dead = cloud.queue("dead", None).unwrap();
            assert_eq!(
                dead.receive(1, Duration::ZERO, HOUR).await.unwrap()[0].body,
                "poison"
            );
            break;
        }
        deaths += 1;
    }
    assert_eq!(deaths, 2 + 3, "two forgiven, three counted");
}

#[tokio::test]
async fn a_backoff_outlives_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::new(1_000_000);
    {
        let queue = open(folder.path(), &clock).queue("work", None).unwrap();
        send_one(&queue, OutgoingMessage::new("later"))
            .await
            .unwrap();
        let received = queue.receive(1, Duration::ZERO, HOUR).await.unwrap();
        queue
            .change_visibility(&received[0].receipt, HOUR)
            .await
            .unwrap();
    }
    let queue = open(folder.path(), &clock).queue("work", None).unwrap();
    assert!(
        queue
            .receive(1, Duration::ZERO, HOUR)
            .await
            .unwrap()
            .is_empty()
    );
    clock.advance(HOUR);
    assert_eq!(
        queue.receive(1, Duration::ZERO, HOUR).await.unwrap()[0].receive_count,
        2
    );
}

#[tokio::test]
async fn a_hold_ends_with_its_process() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::new(1_000_000);
    {
        let queue = open(folder.path(), &clock).queue("work", None).unwrap();
        send_one(&queue, OutgoingMessage::new("long work"))
            .await
            .unwrap();
        let received = queue.receive(1, Duration::ZERO, HOUR).await.unwrap();
        // It is kept beyond the time it was received for,
        clock.advance(HOUR / 2);
        queue.hold(&received[0].receipt, HOUR).await.unwrap();
        clock.advance(HOUR * 3 / 4);
        let others = queue.receive(1, Duration::ZERO, HOUR).await.unwrap();
        assert!(others.is_empty(), "{others:?}");
    }
    // but not from those that come after the process that worked on it has died.
    let queue = open(folder.path(), &clock).queue("work", None).unwrap();
    let again = queue.receive(1, Duration::ZERO, HOUR).await.unwrap();
    assert_eq!(again[0].body, "long work");
    assert_eq!(again[0].receive_count, 1, "forgiven");
    // A delivery that is given back after a hold keeps its back-off.
    queue.hold(&again[0].receipt, HOUR).await.unwrap();
    queue
        .change_visibility(&again[0].receipt, HOUR)
        .await
        .unwrap();
    drop(queue);
    let queue = open(folder.path(), &clock).queue("work", None).unwrap();
    let none = queue.receive(1, Duration::ZERO, HOUR).await.unwrap();
    assert!(none.is_empty(), "{none:?}");
}

#[tokio::test]
async fn a_journal_cut_anywhere_keeps_every_whole_record_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::new(1_000_000);
    let path = folder.path().join("queues.journal");
    let mut ends = Vec::new();
    {
        let queue = open(folder.path(), &clock).queue("work", None).unwrap();
        for number in 0..8 {
            send_one(&queue, OutgoingMessage::new(format!("message {number}")))
                .await
                .unwrap();
            ends.push(std::fs::metadata(&path).unwrap().len());
        }
    }
    let whole = std::fs::read(&path).unwrap();
    for cut in (0..whole.len()).step_by(7) {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let queue = open(folder.path(), &clock).queue("work", None).unwrap();
        let kept = ends.iter().filter(|&&end| end <= cut as u64).count();
        assert_eq!(
            queue.depth().await.unwrap().total(),
            kept as u64,
            "cut at {cut}"
        );
        send_one(&queue, OutgoingMessage::new("after the cut"))
            .await
            .unwrap();
        drop(queue);
        let queue = open(folder.path(), &clock).queue("work", None).unwrap();
        let received = queue.receive(10, Duration::ZERO, HOUR).await.unwrap();
        assert_eq!(received.len(), kept + 1);
        assert_eq!(received[kept].body, "after the cut");
    }
    let mut damaged = whole.clone();
    let middle = usize::try_from(ends[3]).unwrap() + 12;
    damaged[middle] ^= 1;
    std::fs::write(&path, &damaged).unwrap();
    let queue = open(folder.path(), &clock).queue("work", None).unwrap();
    assert_eq!(
        queue.depth().await.unwrap().total(),
        4,
        "what comes before the damage"
    );
}

#[tokio::test]
async fn another_file_in_the_journals_place_is_refused_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queues.journal");
    std::fs::write(&path, "somebody's notes").unwrap();
    assert!(LocalCloud::open(folder.path(), &LocalOptions::default()).is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "somebody's notes");
}

#[tokio::test]
async fn the_journal_does_not_grow_with_what_has_passed_through() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::new(1_000_000);
    let body = "x".repeat(100_000);
    {
        let cloud = open(folder.path(), &clock);
        let queue = cloud.queue("work", None).unwrap();
        send_one(&queue, OutgoingMessage::new("stays"))
            .await
            .unwrap();
        let first = queue.receive(1, Duration::ZERO, HOUR).await.unwrap();
        for number in 0..200 {
            send_one(&queue, OutgoingMessage::new(format!("{number} {body}")))
                .await
                .unwrap();
            let received = queue.receive(1, Duration::ZERO, HOUR).await.unwrap();
            assert!(received[0].body.starts_with(&format!("{number} ")));
            delete_one(&queue, &received[0].receipt).await.unwrap();
        }
        queue
            .change_visibility(&first[0].receipt, Duration::ZERO)
            .await
            .unwrap();
    }
    let length = std::fs::metadata(folder.path().join("queues.journal"))
        .unwrap()
        .len();
    assert!(
        length < 5_000_000,
        "20 MB went through, {length} bytes are kept"
    );
    let queue = open(folder.path(), &clock).queue("work", None).unwrap();
    let received = queue.receive(10, Duration::ZERO, HOUR).await.unwrap();
    assert_eq!((received.len(), &received[0].body[..]), (1, "stays"));
    assert_eq!(received[0].receive_count, 2);
}

#[tokio::test]
async fn what_waits_is_due_at_once_where_a_person_begins_again() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::new(1_000_000);
    {
        let cloud = open(folder.path(), &clock);
        let queue = cloud.queue("work", None).unwrap();
        let mut later = OutgoingMessage::new("sent for later");
        later.delay = HOUR;
        send_one(&queue, OutgoingMessage::new("backs off"))
            .await
            .unwrap();
        let received = queue.receive(1, Duration::ZERO, HOUR).await.unwrap();
        let back = queue.change_visibility(&received[0].receipt, HOUR);
        back.await.unwrap();
        send_one(&queue, later).await.unwrap();
    }
    for (at_once, due) in [(false, 0), (true, 2)] {
        let options = LocalOptions {
            clock: Arc::new(clock.clone()),
            at_once,
            ..LocalOptions::default()
        };
        let cloud = LocalCloud::open(folder.path(), &options).unwrap();
        let queue = cloud.queue("work", None).unwrap();
        let received = queue.receive(10, Duration::ZERO, HOUR).await.unwrap();
        assert_eq!(received.len(), due);
        // A delivery that failed still counts.
        let backs_off = received.iter().find(|message| message.body == "backs off");
        assert!(backs_off.is_none_or(|message| message.receive_count == 2));
    }
}
