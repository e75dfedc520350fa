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
