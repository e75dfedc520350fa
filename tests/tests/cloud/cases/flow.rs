//! What happens when nothing goes wrong.

use fanfold_job::{BatchId, TenantId, reading_key};
use hyper::Method;
use lopdf::Document;
use serde_json::{Value, json};

use crate::kit::kit;
use crate::suite::Suite;

/// A batch through the HTTP API, on the bulk queue, to its stitched volumes.
pub(crate) async fn http_api(suite: &Suite, name: &str) {
    let batch = suite.hand_in(name, kit("bulk")).await;
    suite.is_as_undisturbed(&batch, &[]).await;
    // The volumes hold the parts' pages.
    let pages = |pdf: &[u8]| {
        Document::load_mem(pdf)
            .expect("it is a PDF")
            .get_pages()
            .len()
    };
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
    let status = suite
        .ask(&format!("/v1/batches/{}", crate::suite::batch_of(name)))
        .await;
    assert_eq!(
        status.map(|status| status["succeeded"].clone()),
        Some(json!(1))
    );
}
