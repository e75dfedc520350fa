//! Messages that come twice, late, or from nowhere.

use std::time::Duration;

use fanfold_cloud::delete_one;

use crate::faults::{Fault, Rule};
use crate::kit::kit;
use crate::suite::{Suite, batch_of};

/// The bodies of the messages that a rule has seen sent.
fn bodies(rule: &Rule) -> Vec<String> {
    let sends = rule.remembered();
    let mut bodies = Vec::new();
    for send in sends {
        let entries = send.json()["Entries"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        bodies.extend(
            entries
                .iter()
                .filter_map(|entry| entry["MessageBody"].as_str().map(str::to_owned)),
        );
    }
    bodies
}

/// Every chunk is there twice from the start, and twice more while it is worked on.
pub(crate) async fn twice_at_once(suite: &Suite, name: &str) {
    let interactive = suite.stack.addresses().interactive.clone();
    let id = batch_of(name);
    let rule = suite.rules().add(Fault::Watch, 0, u32::MAX, move |seen| {
        seen.sends(Some(&interactive), id.as_str())
    });
    let batch = suite.hand_in(name, kit("interactive")).await;
    let chunks = bodies(&rule);
    assert!(chunks.len() >= 3, "the batch has chunks");
    let queue = suite.stack.addresses().interactive.clone();
    for _ in 0..3 {
        for chunk in &chunks {
            suite.send(&queue, chunk.clone()).await;
        }
    }
    suite.is_as_undisturbed(&batch, &[]).await;
}

/// Chunks and the merge come again when all is done: nothing changes.
pub(crate) async fn again_after_settling(suite: &Suite, name: &str) {
    let merge = suite.stack.addresses().merge.clone();
    let bulk = suite.stack.addresses().bulk.clone();
    let (id, other) = (batch_of(name), batch_of(name));
    let chunks = suite.rules().add(Fault::Watch, 0, u32::MAX, move |seen| {
        seen.sends(Some(&bulk), id.as_str())
    });
    let merges = suite.rules().add(Fault::Watch, 0, u32::MAX, move |seen| {
        seen.sends(Some(&merge), other.as_str())
    });
    let batch = suite.hand_in(name, kit("bulk")).await;
    suite.is_as_undisturbed(&batch, &[]).await;
    let markers = [
        batch.run().complete(),
        batch.run().merged(),
        batch.run().settled(0, 0),
    ];
    let mut before = Vec::new();
    for marker in &markers {
        before.push(suite.get(marker).await.expect("the marker is there"));
    }
    let addresses = suite.stack.addresses();
    for (rule, queue) in [(&chunks, &addresses.bulk), (&merges, &addresses.merge)] {
        let bodies = bodies(rule);
        assert!(!bodies.is_empty());
        for body in bodies {
            suite.send(queue, body).await;
        }
    }
    // The chunks' second ends ask for another merge, and that must have come and gone.
    suite
        .until("the batch is asked to be merged again", async || {
            (merges.happened() >= 2).then_some(())
        })
        .await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    suite.is_as_undisturbed(&batch, &[]).await;
    for (marker, before) in markers.iter().zip(before) {
        assert_eq!(
            suite.get(marker).await,
            Some(before),
            "{marker} is as it was"
        );
    }
}

/// What cannot be read goes the way of what cannot be settled: to the queue that calls a person, and
/// nobody else's work waits for it.
pub(crate) async fn unreadable(suite: &Suite, name: &str) {
    let addresses = suite.stack.addresses();
    let poison = [
        (&addresses.interactive, "not JSON at all"),
        (&addresses.bulk, r#"{"kind":"chunk","tenant":"default"}"#),
        (&addresses.merge, r#"{"batch":17}"#),
    ];
    for (queue, body) in poison {
        suite.send(queue, body).await;
    }
    let batch = suite.hand_in(name, kit("interactive")).await;
    suite.is_as_undisturbed(&batch, &[]).await;
    let unsettled = suite.queue(&addresses.unsettled);
    let mut found = Vec::new();
    suite
        .until("all of them wait for a person", async || {
            let wait = Duration::from_secs(1);
            for message in unsettled
                .receive(10, wait, Duration::from_secs(60))
                .await
                .expect("the queue answers")
            {
                delete_one(&*unsettled, &message.receipt)
                    .await
                    .expect("it can be taken away");
                found.push(message.body);
            }
            (found.len() >= poison.len()).then_some(())
        })
        .await;
    found.sort();
    let mut sent: Vec<&str> = poison.iter().map(|(_, body)| *body).collect();
    sent.sort_unstable();
    assert_eq!(found, sent);
}
