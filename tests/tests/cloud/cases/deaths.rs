//! Functions that end in the middle of their work, killed at the moment they ask S3 or SQS for something.

use fanfold_job::{BatchId, TenantId, reading_key};
use serde_json::{Value, json};

use crate::faults::Fault;
use crate::kit::{kit, kit_with};
use crate::processes::Signal;
use crate::suite::{Suite, batch_of};

const KILLED: Fault = Fault::KillBefore(Signal::KILL);
const KILLED_AFTERWARDS: Fault = Fault::KillAfter(Signal::KILL);

/// With its second part on the way, and the first one there.
pub(crate) async fn render_in_the_middle(suite: &Suite, name: &str) {
    let parts = format!("{}/parts/", batch_of(name));
    let rule = suite
        .rules()
        .add(KILLED, 1, 1, move |seen| seen.writes(&parts));
    let batch = suite.hand_in(name, kit("interactive")).await;
    suite.is_as_undisturbed(&batch, &[]).await;
    assert_eq!(rule.happened(), 1);
}

/// With all parts there, and a chunk's marker on the way.
pub(crate) async fn render_before_the_last_marker(suite: &Suite, name: &str) {
    let settled = format!("{}/settled/000000/00000002", batch_of(name));
    let rule = suite
        .rules()
        .add(KILLED, 0, 1, move |seen| seen.writes(&settled));
    let batch = suite.hand_in(name, kit("bulk")).await;
    suite.is_as_undisturbed(&batch, &[]).await;
    assert_eq!(rule.happened(), 1);
}

/// With `complete.json` there, and nobody told.
pub(crate) async fn render_between_the_last_marker_and_the_merge_message(
    suite: &Suite,
    name: &str,
) {
    let merge = suite.stack.addresses().merge.clone();
    let id = batch_of(name);
    let rule = suite.rules().add(KILLED, 0, 1, move |seen| {
        seen.sends(Some(&merge), id.as_str())
    });
    let batch = suite.hand_in(name, kit("interactive")).await;
    suite
        .until("the merge message is about to be sent", async || {
            (rule.happened() == 1).then_some(())
        })
        .await;
    assert!(
        suite.get(&batch.run().complete()).await.is_some(),
        "the last marker is there"
    );
    assert!(
        suite.get(&batch.run().merged()).await.is_none(),
        "nothing is stitched yet"
    );
    suite.is_as_undisturbed(&batch, &[]).await;
}

/// With the merge message sent, and the chunk's own message still in its queue.
pub(crate) async fn render_after_the_merge_message(suite: &Suite, name: &str) {
    let merge = suite.stack.addresses().merge.clone();
    let id = batch_of(name);
    let rule = suite.rules().add(KILLED_AFTERWARDS, 0, 1, move |seen| {
        seen.sends(Some(&merge), id.as_str())
    });
    let batch = suite.hand_in(name, kit("interactive")).await;
    suite.is_as_undisturbed(&batch, &[]).await;
    assert_eq!(rule.happened(), 1);
}

/// With the first volume stitched, and on the way.
pub(crate) async fn merge_before_a_volume(suite: &Suite, name: &str) {
    let volumes = format!("{}/volumes/", batch_of(name));
    let rule = suite
        .rules()
        .add(KILLED, 0, 1, move |seen| seen.writes(&volumes));
    let batch = suite.hand_in(name, kit("interactive")).await;
    suite.is_as_undisturbed(&batch, &[]).await;
    assert_eq!(rule.happened(), 1);
}

/// With a volume there, and nothing that says so.
pub(crate) async fn merge_after_a_volume(suite: &Suite, name: &str) {
    let volumes = format!("{}/volumes/", batch_of(name));
    let rule = suite
        .rules()
        .add(KILLED_AFTERWARDS, 0, 1, move |seen| seen.writes(&volumes));
    let batch = suite.hand_in(name, kit("bulk")).await;
    suite.is_as_undisturbed(&batch, &[]).await;
    assert_eq!(rule.happened(), 1);
}

/// With the batch accepted, and none of its messages sent: the client's second request sends them.
pub(crate) async fn enqueue_before_the_messages(suite: &Suite, name: &str) {
    let interactive = suite.stack.addresses().interactive.clone();
    let id = batch_of(name);
    let rule = suite.rules().add(KILLED, 0, 1, move |seen| {
        seen.sends(Some(&interactive), id.as_str())
    });
    let batch = suite.hand_in(name, kit("interactive")).await;
    suite.is_as_undisturbed(&batch, &[]).await;
    assert_eq!(rule.happened(), 1);
}

/// With its messages sent, which the client's second request sends again.
pub(crate) async fn enqueue_after_the_messages(suite: &Suite, name: &str) {
    let interactive = suite.stack.addresses().interactive.clone();
    let id = batch_of(name);
    let rule = suite.rules().add(KILLED_AFTERWARDS, 0, 1, move |seen| {
        seen.sends(Some(&interactive), id.as_str())
    });
    let batch = suite.hand_in(name, kit("interactive")).await;
    suite.is_as_undisturbed(&batch, &[]).await;
    assert_eq!(rule.happened(), 1);
}

/// While it takes in an upload, which no client repeats: the platform does.
pub(crate) async fn enqueue_of_an_upload(suite: &Suite, _: &str) {
    let bulk = suite.stack.addresses().bulk.clone();
    let mut manifest = kit("bulk");
    // The words of this batch, by which its messages are known before its id is.
    manifest["documents"][0]["data"]["case"] = json!("killed with its upload");
    let rule = suite.rules().add(KILLED, 0, 1, move |seen| {
        seen.sends(Some(&bulk), "killed with its upload")
    });
    let key = "uploads/killed.json";
    suite.put(key, manifest.to_string()).await;
    let about = reading_key(&TenantId::default(), key);
    let about = suite
        .until("the upload is taken in", async || suite.get(&about).await)
        .await;
    assert_eq!(rule.happened(), 1);
    let about: Value = serde_json::from_slice(&about).expect("it is JSON");
    let id = about["batch_id"].as_str().expect("it became a batch");
    let batch = suite.batch(BatchId::parse(id).expect("it is an id"), manifest);
    suite.is_as_undisturbed(&batch, &[]).await;
}

/// A document that aborts the process whenever it is drawn, as a stack overflow does: it fails, and
/// says why; its neighbours do not.
pub(crate) async fn document_that_exits(suite: &Suite, name: &str) {
    exits(suite, name, "interactive").await;
}

/// The same on the bulk queue, where other batches' messages are delivered with it.
pub(crate) async fn document_that_exits_beside_others(suite: &Suite, name: &str) {
    exits(suite, name, "bulk").await;
}

async fn exits(suite: &Suite, name: &str, priority: &str) {
    let part = format!("{}/parts/exits.pdf", batch_of(name));
    let rule = suite
        .rules()
        .add(Fault::KillBefore(Signal::ABORT), 0, u32::MAX, move |seen| {
            seen.writes(&part)
        });
    let manifest = kit_with(
        priority,
        json!({"id": "exits", "html": "<p>It ends the process.</p>"}),
    );
    let batch = suite.hand_in(name, manifest).await;
    suite
        .is_as_undisturbed(&batch, &[("exits", &["killed"])])
        .await;
    assert!(
        rule.happened() >= 2,
        "one death alone may be the platform's"
    );
}
