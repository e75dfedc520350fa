//! Messages that come twice, late, or from nowhere.

use std::time::Duration;

use fanfold_cloud::delete_one;
use hyper::Method;

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

/// The message that asks for the volumes comes before there is anything to stitch, and everything comes
/// several times at once, the last first.
pub(crate) async fn in_no_order(suite: &Suite, name: &str) {
    let addresses = suite.stack.addresses().clone();
    let watch = |queue: String, key: &str| {
        let id = batch_of(key);
        suite.rules().add(Fault::Watch, 0, u32::MAX, move |seen| {
            seen.sends(Some(&queue), id.as_str())
        })
    };
    let before = format!("{name} before");
    let merges = watch(addresses.merge.clone(), &before);
    let first = suite.hand_in(&before, kit("interactive")).await;
    suite.is_as_undisturbed(&first, &[]).await;
    // The same for another batch of the same documents.
    let merge = bodies(&merges).swap_remove(0);
    let merge = merge.replace(first.id.as_str(), batch_of(name).as_str());
    suite.send(&addresses.merge, merge.clone()).await;
    let chunks = watch(addresses.interactive.clone(), name);
    let batch = suite.hand_in(name, kit("interactive")).await;
    let mut chunks = bodies(&chunks);
    chunks.reverse();
    for _ in 0..2 {
        for chunk in &chunks {
            suite.send(&addresses.interactive, chunk.clone()).await;
            suite.send(&addresses.bulk, chunk.clone()).await;
        }
        suite.send(&addresses.merge, merge.clone()).await;
    }
    suite.is_as_undisturbed(&batch, &[]).await;
}

/// Work takes longer than its message stays invisible: it comes again, as a second delivery, while the
/// first is still at it.
pub(crate) async fn visible_again_during_work(suite: &Suite, name: &str) {
    let (parts, settled) = (
        format!("{}/parts/", batch_of(name)),
        format!("{}/settled/", batch_of(name)),
    );
    // Together longer than the visibility, and each shorter than a client waits.
    let slow = Fault::Delay(Duration::from_secs(18));
    let rules = suite.rules();
    let parts = rules.add(slow, 0, 4, move |seen| seen.writes(&parts));
    let settled = rules.add(slow, 0, 2, move |seen| seen.writes(&settled));
    let batch = suite.hand_in(name, kit("interactive")).await;
    suite.is_as_undisturbed(&batch, &[]).await;
    assert_eq!(parts.happened(), 4);
    assert!(settled.happened() > 0);
}

/// The message that asks for the volumes is taken by SQS and never comes. The batch is seen to wait for
/// its volumes, and a retry asks for them again.
pub(crate) async fn merge_message_is_lost(suite: &Suite, name: &str) {
    let merge = suite.stack.addresses().merge.clone();
    let id = batch_of(name);
    let rule = suite.rules().add(Fault::Swallow, 0, 1, move |seen| {
        seen.sends(Some(&merge), id.as_str())
    });
    let batch = suite.hand_in(name, kit("interactive")).await;
    let path = format!("/v1/batches/{}", batch.id);
    suite
        .until("the batch waits for its volumes", async || {
            let status = suite.ask(&path).await?;
            (rule.happened() == 1 && status["status"] == "stitching").then_some(())
        })
        .await;
    let (addresses, retry) = (suite.stack.addresses(), format!("{path}/retry"));
    let again = addresses.call(Method::POST, &retry, &[], "");
    assert_eq!(again.await.expect("the API answers").status(), 202);
    suite.is_as_undisturbed(&batch, &[]).await;
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
