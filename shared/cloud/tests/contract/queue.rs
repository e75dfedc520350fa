//! What every queue promises.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use fanfold_cloud::{
    CloudError, OutgoingMessage, Queue, Receipt, ReceivedMessage, delete_one, send_one,
};

/// A queue under test, empty, whose messages go to `dead_letters` after `max_receive_count` receives.
#[derive(Clone, Debug)]
pub(crate) struct QueueUnderTest {
    pub(crate) queue: Arc<dyn Queue>,
    pub(crate) dead_letters: Arc<dyn Queue>,
    pub(crate) max_receive_count: u32,
    /// The shortest visibility that the adapter tells from none.
    pub(crate) tick: Duration,
}

impl QueueUnderTest {
    async fn send(&self, body: &str) {
        send_one(&*self.queue, OutgoingMessage::new(body))
            .await
            .unwrap();
    }

    /// Receives now, hidden for a long time.
    async fn receive(&self, max: usize) -> Vec<ReceivedMessage> {
        self.queue
            .receive(max, Duration::ZERO, Duration::from_secs(60))
            .await
            .unwrap()
    }

    /// Receives one that must come within a few ticks.
    async fn expect(&self, visibility: Duration) -> ReceivedMessage {
        let mut received = self
            .queue
            .receive(1, self.tick * 10, visibility)
            .await
            .unwrap();
        assert_eq!(received.len(), 1);
        received.remove(0)
    }

    async fn delete(&self, message: &ReceivedMessage) {
        delete_one(&*self.queue, &message.receipt).await.unwrap();
    }
}

/// Runs all checks.
pub(crate) async fn check(subject: &QueueUnderTest) {
    delivers_and_deletes(subject).await;
    refuses_what_is_too_much(subject).await;
    refuses_what_xml_has_not(subject).await;
    hides_while_in_flight(subject).await;
    gives_back_and_extends(subject).await;
    old_receipts_delete_nothing(subject).await;
    delays(subject).await;
    waits_for_a_message(subject).await;
    moves_to_the_dead_letters(subject).await;
    no_message_is_lost_or_shared_between_receivers(subject).await;
}

async fn delivers_and_deletes(subject: &QueueUnderTest) {
    let messages = (0..10)
        .map(|number| OutgoingMessage {
            group: Some("tenant-1".into()),
            ..OutgoingMessage::new(format!("{{\"n\":{number},\"text\":\"तमिल <&>\"}}"))
        })
        .collect::<Vec<_>>();
    let bodies: BTreeSet<String> = messages
        .iter()
        .map(|message| message.body.clone())
        .collect();
    let sent = subject.queue.send_batch(messages).await.unwrap();
    let ids: BTreeSet<_> = sent.into_iter().map(Result::unwrap).collect();
    assert_eq!(ids.len(), 10);
    let mut received = Vec::new();
    while received.len() < 10 {
        let some = subject
            .queue
            .receive(10, subject.tick, Duration::from_secs(60))
            .await
            .unwrap();
        assert!(!some.is_empty());
        received.extend(some);
    }
    assert_eq!(
        received
            .iter()
            .map(|it| it.body.clone())
            .collect::<BTreeSet<_>>(),
        bodies
    );
    assert_eq!(
        received
            .iter()
            .map(|it| it.id.clone())
            .collect::<BTreeSet<_>>(),
        ids
    );
    assert!(
        received
            .iter()
            .all(|it| it.receive_count == 1 && it.sent_ms > 1_600_000_000_000)
    );
    assert!(
        received
            .iter()
            .all(|it| it.group.as_deref() == Some("tenant-1"))
    );
    let receipts: Vec<Receipt> = received.into_iter().map(|it| it.receipt).collect();
    for _ in 0..2 {
        let deleted = subject.queue.delete_batch(&receipts).await.unwrap();
        assert!(deleted.len() == 10 && deleted.iter().all(Result::is_ok));
    }
    assert_eq!(subject.queue.depth().await.unwrap().total(), 0);
}

async fn refuses_what_is_too_much(subject: &QueueUnderTest) {
    let many = vec![OutgoingMessage::new("x"); 11];
    let large = vec![OutgoingMessage::new("x".repeat(600 * 1024)); 2];
    for batch in [many, large, Vec::new(), vec![OutgoingMessage::new("")]] {
        let error = subject.queue.send_batch(batch).await.unwrap_err();
        assert!(matches!(error, CloudError::Invalid { .. }), "{error:?}");
    }
    assert_eq!(subject.queue.depth().await.unwrap().total(), 0);
}

async fn refuses_what_xml_has_not(subject: &QueueUnderTest) {
    for character in ['\0', '\u{8}', '\u{B}', '\u{1F}', '\u{FFFE}', '\u{FFFF}'] {
        let batch = ["good".to_owned(), format!("a{character}b")].map(OutgoingMessage::new);
        let error = subject.queue.send_batch(batch.into()).await.unwrap_err();
        assert!(matches!(error, CloudError::Invalid { .. }), "{error:?}");
    }
    assert_eq!(subject.queue.depth().await.unwrap().total(), 0);
    let allowed = "\t\r\n \u{7F}\u{D7FF}\u{E000}\u{FFFD}\u{1F4C4}\u{10FFFF}";
    subject.send(allowed).await;
    let message = subject.expect(Duration::from_secs(60)).await;
    assert_eq!(message.body, allowed);
    subject.delete(&message).await;
}

async fn hides_while_in_flight(subject: &QueueUnderTest) {
    subject.send("hidden").await;
    let first = subject.expect(subject.tick * 2).await;
    assert!(subject.receive(10).await.is_empty());
    assert_eq!(subject.queue.depth().await.unwrap().in_flight, 1);
    tokio::time::sleep(subject.tick * 2).await;
    let second = subject.expect(Duration::from_secs(60)).await;
    assert_eq!(
        (&second.id, &second.body, second.receive_count),
        (&first.id, &first.body, 2)
    );
    assert_ne!(second.receipt, first.receipt);
    subject.delete(&second).await;
    assert!(subject.receive(10).await.is_empty());
}

async fn gives_back_and_extends(subject: &QueueUnderTest) {
    subject.send("returned").await;
    let first = subject.expect(Duration::from_secs(60)).await;
    subject
        .queue
        .change_visibility(&first.receipt, Duration::ZERO)
        .await
        .unwrap();
    let second = subject.expect(subject.tick * 2).await;
    assert_eq!(second.receive_count, 2);
    subject
        .queue
        .change_visibility(&second.receipt, Duration::from_secs(60))
        .await
        .unwrap();
    tokio::time::sleep(subject.tick * 3).await;
    assert!(
        subject.receive(1).await.is_empty(),
        "the longer visibility holds"
    );
    subject.delete(&second).await;
    let error = subject
        .queue
        .change_visibility(&second.receipt, Duration::ZERO)
        .await
        .unwrap_err();
    assert!(error.is_not_found(), "{error:?}");
}

async fn old_receipts_delete_nothing(subject: &QueueUnderTest) {
    subject.send("again").await;
    let first = subject.expect(subject.tick).await;
    tokio::time::sleep(subject.tick).await;
    let second = subject.expect(subject.tick).await;
    let _ = delete_one(&*subject.queue, &first.receipt).await;
    tokio::time::sleep(subject.tick).await;
    // At least once: deleting by the old receipt must not take the newer delivery's message away.
    let third = subject.expect(Duration::from_secs(60)).await;
    assert_eq!(third.id, second.id);
    subject.delete(&third).await;
}

async fn delays(subject: &QueueUnderTest) {
    let delayed = OutgoingMessage {
        delay: subject.tick * 2,
        ..OutgoingMessage::new("later")
    };
    send_one(&*subject.queue, delayed).await.unwrap();
    assert!(subject.receive(1).await.is_empty());
    assert_eq!(subject.queue.depth().await.unwrap().delayed, 1);
    let message = subject.expect(Duration::from_secs(60)).await;
    assert_eq!(message.body, "later");
    subject.delete(&message).await;
}

async fn waits_for_a_message(subject: &QueueUnderTest) {
    let (queue, tick) = (subject.queue.clone(), subject.tick);
    let waiting =
        tokio::spawn(async move { queue.receive(1, tick * 10, Duration::from_secs(60)).await });
    tokio::time::sleep(tick).await;
    subject.send("awaited").await;
    let received = waiting.await.unwrap().unwrap();
    assert_eq!(received.len(), 1);
    subject.delete(&received[0]).await;
}

async fn moves_to_the_dead_letters(subject: &QueueUnderTest) {
    subject.send("poison").await;
    let mut id = None;
    for count in 1..=subject.max_receive_count {
        let message = subject.expect(subject.tick).await;
        assert_eq!(message.receive_count, count);
        id = Some(message.id);
        tokio::time::sleep(subject.tick).await;
    }
    // Somebody who waits for dead letters hears of one at once.
    let dead_letters = Arc::clone(&subject.dead_letters);
    let minute = Duration::from_secs(60);
    let waiting = tokio::spawn(async move { dead_letters.receive(10, minute / 3, minute).await });
    tokio::time::sleep(subject.tick).await;
    assert!(
        subject.receive(10).await.is_empty(),
        "received once too often"
    );
    let heard = tokio::time::timeout(minute / 6, waiting).await;
    let dead = heard.expect("in time").unwrap().unwrap();
    assert_eq!(dead.len(), 1);
    assert_eq!(
        (&dead[0].body[..], Some(&dead[0].id)),
        ("poison", id.as_ref())
    );
    delete_one(&*subject.dead_letters, &dead[0].receipt)
        .await
        .unwrap();
    assert_eq!(subject.dead_letters.depth().await.unwrap().total(), 0);
}

async fn no_message_is_lost_or_shared_between_receivers(subject: &QueueUnderTest) {
    let total = 200;
    for start in (0..total).step_by(10) {
        let batch = (start..start + 10).map(|number| OutgoingMessage::new(number.to_string()));
        let sent = subject.queue.send_batch(batch.collect()).await.unwrap();
        assert!(sent.iter().all(Result::is_ok));
    }
    let mut receivers = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let subject = subject.clone();
        receivers.spawn(async move {
            let mut bodies = Vec::new();
            loop {
                let some = subject
                    .queue
                    .receive(10, subject.tick * 2, Duration::from_secs(60))
                    .await
                    .unwrap();
                if some.is_empty() {
                    return bodies;
                }
                let receipts: Vec<_> = some.iter().map(|message| message.receipt.clone()).collect();
                bodies.extend(some.into_iter().map(|message| message.body));
                let deleted = subject.queue.delete_batch(&receipts).await.unwrap();
                assert!(deleted.iter().all(Result::is_ok));
            }
        });
    }
    let bodies: Vec<String> = receivers.join_all().await.into_iter().flatten().collect();
    assert_eq!(bodies.len(), total, "each delivered to one receiver");
    assert_eq!(bodies.into_iter().collect::<BTreeSet<_>>().len(), total);
}
