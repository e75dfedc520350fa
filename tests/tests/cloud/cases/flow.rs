//! What happens when nothing goes wrong.

use std::time::Duration;

use fanfold_job::{BatchId, TenantId, reading_key};
use hyper::Method;
use lopdf::Document;
use serde_json::{Value, json};

use crate::faults::Fault;
use crate::kit::{annex, kit, kit_with};
use crate::suite::{Suite, batch_of};

fn pages(pdf: &[u8]) -> usize {
    let pdf = Document::load_mem(pdf).expect("it is a PDF");
    pdf.get_pages().len()
}

/// A batch through the HTTP API, on the bulk queue, to its stitched volumes.
pub(crate) async fn http_api(suite: &Suite, name: &str) {
    let batch = suite.hand_in(name, kit("bulk")).await;
    suite.is_as_undisturbed(&batch, &[]).await;
    // The volumes hold the parts' pages.
    let files = suite.reference();
    let parts: usize = files.parts.values().map(|part| pages(part)).sum();
    for (output, volume) in &files.volumes {
        assert_eq!(pages(volume), parts, "{output}");
    }
}

/// A manifest in the bucket starts a batch by itself.
pub(crate) async fn upload(suite: &Suite, _: &str) {
    let (manifest, key) = (kit("bulk"), "uploads/a kit.json");
    suite.put(key, manifest.to_string()).await;
    let about = reading_key(&TenantId::default(), key);
    let about = suite
        .until("the upload is taken in", async || suite.get(&about).await)
        .await;
    let about: Value = serde_json::from_slice(&about).expect("it is JSON");
    let id = about["batch_id"].as_str().expect("it became a batch");
    let batch = suite.batch(BatchId::parse(id).expect("it is an id"), manifest);
    suite.is_as_undisturbed(&batch, &[]).await;
}

/// The same manifest comes into the bucket twice at once. S3 gives both one name for their content, and so
/// they are one batch; where they are two, each is whole.
pub(crate) async fn upload_twice(suite: &Suite, _: &str) {
    let (manifest, key) = (kit("bulk"), "uploads/twice.json");
    let text = manifest.to_string();
    futures_util::join!(suite.put(key, text.clone()), suite.put(key, text));
    let about = reading_key(&TenantId::default(), key);
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..4 {
        let about = suite
            .until("the upload is taken in", async || suite.get(&about).await)
            .await;
        let about: Value = serde_json::from_slice(&about).expect("it is JSON");
        let id = about["batch_id"].as_str().expect("it became a batch");
        ids.insert(id.to_owned());
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    assert!(ids.len() <= 2, "{ids:?}");
    for id in ids {
        let id = BatchId::parse(&id).expect("it is an id");
        let batch = suite.batch(id, manifest.clone());
        suite.is_as_undisturbed(&batch, &[]).await;
    }
}

/// The answer to a document that somebody waits for is its PDF.
pub(crate) async fn waiting_for_a_document(suite: &Suite, name: &str) {
    let document = kit("interactive")["documents"][0].clone();
    let headers = [
        ("idempotency-key", name),
        ("content-type", "application/json"),
        ("accept", "application/pdf"),
    ];
    let pdf = suite
        .until("the document is answered", async || {
            let path = "/v1/documents?wait=true";
            let call =
                suite
                    .stack
                    .addresses()
                    .call(Method::POST, path, &headers, document.to_string());
            let answer = call.await.ok()?;
            match answer.status().as_u16() {
                200 => Some(answer.into_body()),
                303 => Some(
                    suite
                        .follow(answer.headers()["location"].to_str().expect("it is a link"))
                        .await,
                ),
                // It takes longer than the API waits; the same request waits again.
                202 => None,
                500..=599 => None,
                status => panic!("{status}: {}", String::from_utf8_lossy(answer.body())),
            }
        })
        .await;
    let output = "letters/LN-1.pdf";
    assert!(
        pdf == suite.reference().parts[output],
        "it is the document that a batch makes"
    );
    let status = suite.ask(&format!("/v1/batches/{}", batch_of(name))).await;
    assert_eq!(
        status.map(|status| status["succeeded"].clone()),
        Some(json!(1))
    );
}

/// A document that failed for what was missing is made when that is there, and stitched in.
pub(crate) async fn failed_documents_again(suite: &Suite, name: &str) {
    let missing = "uploads/comes later.pdf";
    let manifest = kit_with("interactive", json!({"id": "late", "pdf": missing}));
    let batch = suite.hand_in(name, manifest).await;
    suite
        .is_as_undisturbed(&batch, &[("late", &["bad_pdf"])])
        .await;
    suite.put(missing, annex()).await;
    let path = format!("/v1/batches/{}/retry", batch.id);
    let again = suite
        .stack
        .addresses()
        .call(Method::POST, &path, &[], "")
        .await
        .expect("the API answers");
    assert_eq!(
        again.status(),
        202,
        "{}",
        String::from_utf8_lossy(again.body())
    );
    let failed = suite.ended(&batch).await;
    assert!(failed.is_empty(), "{failed:?}");
    let (with, without) = (suite.files(&batch).await, suite.reference());
    for (output, volume) in &with.volumes {
        let pages = pages(volume) - pages(&without.volumes[output]);
        assert_eq!(pages, 2, "{output} has the late document's pages");
    }
}

/// A batch that is cancelled under way ends as cancelled, and leaves nothing behind.
pub(crate) async fn cancelled(suite: &Suite, name: &str) {
    let all = format!("{}/", batch_of(name));
    let slow = Fault::Delay(Duration::from_secs(2));
    suite
        .rules()
        .add(slow, 0, u32::MAX, move |seen| seen.touches(&all));
    let batch = suite.hand_in(name, kit("bulk")).await;
    let path = format!("/v1/batches/{}", batch.id);
    suite
        .until("the batch is cancelled", async || {
            let addresses = suite.stack.addresses();
            let call = addresses.call(Method::DELETE, &path, &[], "");
            call.await
                .ok()
                .filter(|answer| answer.status().is_success())
        })
        .await;
    let status = suite.until("it ends", async || {
        let status = suite.ask(&path).await?;
        (status["processed"] == status["total"]).then_some(status)
    });
    let status = status.await;
    assert_eq!(status["status"], "cancelled", "{status}");
}

/// A batch whose volumes are being made is cancelled: it ends as cancelled, or was faster, and either way
/// its documents are those of its results.
pub(crate) async fn cancelled_while_stitching(suite: &Suite, name: &str) {
    let path = slow_volumes(suite, name).await;
    let addresses = suite.stack.addresses();
    let answer = addresses.call(Method::DELETE, &path, &[], "").await;
    let answer = answer.expect("the API answers").status().as_u16();
    let status = suite
        .until("it ends", async || {
            let status = suite.ask(&path).await?;
            (status["status"] != "stitching").then_some(status)
        })
        .await;
    let expected = match answer {
        200 => "cancelled",
        409 => "complete",
        other => panic!("{other}"),
    };
    assert_eq!(status["status"], expected, "{status}");
    assert_eq!(status["processed"], status["total"], "{status}");
    assert_eq!(status["failed"], 0, "{status}");
}

/// A retry while the volumes are being made has them asked for a second time: they are made once.
pub(crate) async fn again_while_stitching(suite: &Suite, name: &str) {
    let path = slow_volumes(suite, name).await;
    for _ in 0..2 {
        let (addresses, retry) = (suite.stack.addresses(), format!("{path}/retry"));
        let again = addresses.call(Method::POST, &retry, &[], "");
        let again = again.await.expect("the API answers").status();
        // It may have been stitched by now, and nothing failed.
        assert!([202, 409].contains(&again.as_u16()), "{again}");
    }
    let batch = suite.batch(batch_of(name), kit("interactive"));
    suite.is_as_undisturbed(&batch, &[]).await;
}

/// Hands in a batch whose volumes take some seconds to write, and waits until they are being made; the
/// path of its status.
async fn slow_volumes(suite: &Suite, name: &str) -> String {
    let volumes = format!("{}/volumes/", batch_of(name));
    let slow = Fault::Delay(Duration::from_secs(10));
    let rule = suite
        .rules()
        .add(slow, 0, 2, move |seen| seen.writes(&volumes));
    let batch = suite.hand_in(name, kit("interactive")).await;
    suite
        .until("a volume is written", async || {
            (rule.happened() > 0).then_some(())
        })
        .await;
    format!("/v1/batches/{}", batch.id)
}
