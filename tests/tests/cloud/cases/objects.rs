//! Objects that others take away, change, or let nobody write.

use bytes::Bytes;
use fanfold_cloud::Key;
use hyper::Method;

use crate::faults::Fault;
use crate::kit::{VOLUMES, kit};
use crate::suite::{Batch, Suite, batch_of};

/// The document whose part is lost.
const LOST: &str = "note-2";

/// A part is deleted between its drawing and the merge: the volumes are made of the others, and say so.
pub(crate) async fn part_is_gone(suite: &Suite, name: &str) {
    let batch = interfered(suite, name, None).await;
    says_that_it_is_lost(suite, &batch, "no longer there").await;
}

/// A part is replaced by another file: what was not rendered is not stitched.
pub(crate) async fn part_is_another(suite: &Suite, name: &str) {
    let other = suite.get(crate::kit::ANNEX).await.expect("it is there");
    let batch = interfered(suite, name, Some(other)).await;
    says_that_it_is_lost(suite, &batch, "not the one that was rendered").await;
}

/// Hands the kit in, and deletes or replaces a part before the merge reads it.
async fn interfered(suite: &Suite, name: &str, other: Option<Bytes>) -> Batch {
    let complete = format!("{}/complete.json", batch_of(name));
    let held = suite
        .rules()
        .add(Fault::Hold, 0, u32::MAX, move |seen| seen.writes(&complete));
    let batch = suite.hand_in(name, kit("interactive")).await;
    suite
        .until("all parts are there", async || {
            (held.happened() > 0).then_some(())
        })
        .await;
    let part = format!("t/default/batches/{}/parts/{LOST}.pdf", batch.id);
    match other {
        Some(other) => suite.put(&part, other).await,
        None => {
            let key = Key::new(part).expect("it is a key");
            suite
                .store
                .delete(&key)
                .await
                .expect("it can be taken away");
        }
    }
    held.release();
    batch
}

async fn says_that_it_is_lost(suite: &Suite, batch: &Batch, why: &str) {
    let path = format!("/v1/batches/{}", batch.id);
    let status = suite
        .until("it is complete", async || {
            let status = suite.ask(&path).await?;
            (status["status"] == "complete").then_some(status)
        })
        .await;
    let volumes = status["volumes"].as_array().expect("it has volumes");
    assert_eq!(volumes.len(), VOLUMES.len(), "{status}");
    for volume in volumes {
        assert_eq!(volume["missing"], 1, "{volume}");
        let said = volume["warnings"].to_string();
        assert!(said.contains(LOST) && said.contains(why), "{volume}");
        let url = volume["url"].as_str().expect("it has a link");
        assert!(suite.follow(url).await.starts_with(b"%PDF-"));
    }
}

/// Nobody may write one of the parts: the document fails and says whom to ask, the others do not.
pub(crate) async fn may_not_be_written(suite: &Suite, name: &str) {
    let part = format!("{}/parts/{LOST}.pdf", batch_of(name));
    let rule = suite.rules().add(
        Fault::Refuse(403, "AccessDenied"),
        0,
        u32::MAX,
        move |seen| seen.writes(&part),
    );
    let batch = suite.hand_in(name, kit("interactive")).await;
    let failed = suite.ended(&batch).await;
    assert_eq!(failed.keys().collect::<Vec<_>>(), [LOST], "{failed:?}");
    assert!(rule.happened() > 0);
    let path = format!("/v1/batches/{}/documents", batch.id);
    let page = suite
        .until("the results are answered", async || suite.ask(&path).await)
        .await;
    let documents = page["documents"].as_array().expect("it is a list");
    let lost = documents.iter().find(|document| document["id"] == LOST);
    let said = lost.map_or_else(String::new, |lost| lost["error"]["message"].to_string());
    assert!(said.contains("AccessDenied"), "{said}");
}

/// All that there is of a batch is deleted while its messages wait: they come to nothing, without
/// being tried for ever, and nobody else's wait for them.
pub(crate) async fn batch_is_gone(suite: &Suite, name: &str) {
    let id = batch_of(name);
    let (interactive, other) = (suite.stack.addresses().interactive.clone(), id.clone());
    let held = suite.rules().add(Fault::Hold, 0, u32::MAX, move |seen| {
        seen.sends(Some(&interactive), other.as_str())
    });
    let taking = async {
        suite
            .until("it is accepted", async || {
                (held.happened() > 0).then_some(())
            })
            .await;
        let keys = suite.keys(&format!("t/default/batches/{id}/")).await;
        for key in keys {
            let key = Key::new(key).expect("it is a key");
            let deleted = suite.store.delete(&key).await;
            deleted.expect("it can be taken away");
        }
        held.release();
    };
    let (batch, ()) = tokio::join!(suite.hand_in(name, kit("interactive")), taking);
    let path = format!("/v1/batches/{}", batch.id);
    let answer = suite
        .stack
        .addresses()
        .call(Method::GET, &path, &[], "")
        .await;
    assert_eq!(answer.expect("the API answers").status(), 404);
    let after = suite
        .hand_in(&format!("{name}, after"), kit("interactive"))
        .await;
    suite.is_as_undisturbed(&after, &[]).await;
}
