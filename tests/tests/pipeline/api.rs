//! The API: idempotency, refusals, waiting, cancelling, retrying.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use fanfold_enqueue::{DirectRender, Enqueue, Response};
use fanfold_job::message::{ChunkMessage, RenderMessage};
use fanfold_job::settled::Status;
use fanfold_lambda::Deadline;
use fanfold_render::Render;
use serde_json::{Value, json};

use crate::faults::Dies;
use crate::world::{World, good, id_of, manifest, request, settings};

fn body(response: &Response) -> Value {
    serde_json::from_slice(&response.body).expect("JSON")
}

#[tokio::test]
async fn a_key_repeated_with_the_same_body_gives_the_same_answer_and_with_another_409() {
    let world = World::new();
    let first = world.post(&good(12), Some("k")).await;
    assert_eq!(first.status, 202);
    let waiting = world.waiting().await;
    let again = world.post(&good(12), Some("k")).await;
    assert_eq!(again, first);
    assert_eq!(world.waiting().await, waiting, "nothing is queued twice");
    let other = world.post(&good(13), Some("k")).await;
    assert_eq!(
        (other.status, other.header_value("content-type")),
        (409, Some("application/problem+json"))
    );
    world.run().await;
    let late = world.post(&good(12), Some("k")).await;
    assert_eq!(late, first);
    assert_eq!(world.waiting().await, 0);
    assert_eq!(world.renderer.drawn.lock().unwrap().len(), 12);
}

trait HeaderValue {
    fn header_value(&self, name: &str) -> Option<&str>;
}

impl HeaderValue for Response {
    fn header_value(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

#[tokio::test]
async fn a_refused_manifest_lists_every_error_and_leaves_nothing() {
    let world = World::new();
    let bad = json!({"documents": [{"id": "a", "html": "x"}, {"id": "a"}, {"id": "c", "html": "x", "output": "../c"}], "speed": 1});
    let response = world.post(&bad.to_string(), Some("k")).await;
    assert_eq!(response.status, 422);
    let problem = body(&response);
    assert_eq!(problem["status"], 422);
    let places: Vec<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["where"].as_str().unwrap())
        .collect();
    assert_eq!(
        places,
        [
            "/documents/1",
            "/speed",
            "/documents/1",
            "/documents/2/output"
        ]
    );
    let names = json!({"documents": [{"id": "a", "html": "x"}, {"id": "a", "html": "x", "output": "b.pdf"}, {"id": "c", "html": "x", "output": "../c"}]});
    let problem = body(&world.post(&names.to_string(), Some("k")).await);
    assert_eq!(problem["errors"].as_array().unwrap().len(), 2);
    assert_eq!(world.waiting().await, 0);
    assert!(world.objects("").await.is_empty(), "nothing is stored");
    // The key is still free.
    assert_eq!(world.post(&good(1), Some("k")).await.status, 202);
}

#[tokio::test]
async fn other_requests_are_refused_with_problems() {
    let world = World::new();
    let none = "a".repeat(26);
    for (method, path, status) in [
        ("GET", "/v1/nothing", 404),
        ("GET", &format!("/v1/batches/{none}"), 404),
        ("GET", "/v1/batches/not-an-id", 404),
        ("DELETE", &format!("/v1/batches/{none}"), 404),
        ("POST", &format!("/v1/batches/{none}/retry"), 404),
        ("GET", &format!("/v1/documents/{none}"), 404),
        ("PUT", "/v1/batches", 405),
        ("POST", "/v1/batches?colour=red", 400),
        ("POST", "/v1/documents?wait=maybe", 400),
        ("POST", "/v1/documents", 400),
        ("POST", "/v1/batches", 422),
    ] {
        let response = world.enqueue.api(&request(method, path, "", None)).await;
        assert_eq!(
            response.status, status,
            "{method} {path}: {:?}",
            response.body
        );
        assert_eq!(
            response.header_value("content-type"),
            Some("application/problem+json"),
            "{method} {path}"
        );
        assert_eq!(body(&response)["status"], status);
    }
    assert_eq!(world.waiting().await, 0);
    let mut tenant = request(
        "POST",
        "/v1/batches",
        r#"{"documents": [{"id": "a", "pdf": "t/other/batches/x.pdf"}]}"#,
        None,
    );
    assert_eq!(world.enqueue.api(&tenant).await.status, 422);
    tenant.body = good(1).into();
    let id = id_of(&world.enqueue.api(&tenant).await);
    tenant.tenant = fanfold_job::TenantId::parse("other").unwrap();
    (tenant.method, tenant.path) = ("GET".into(), format!("/v1/batches/{id}"));
    assert_eq!(
        world.enqueue.api(&tenant).await.status,
        404,
        "another tenant's batch is not there"
    );
}

#[tokio::test]
async fn csv_and_json_lines_take_their_options_from_the_query() {
    let world = World::new();
    world.install_letter().await;
    let mut csv = request(
        "POST",
        "/v1/batches?bundle=letter&output={case}.pdf&merge=all.pdf&priority=interactive",
        "case\nA\nB\n",
        None,
    );
    csv.headers
        .insert("content-type".into(), "text/csv; charset=utf-8".into());
    let response = world.enqueue.api(&csv).await;
    assert_eq!(response.status, 202, "{:?}", response.body);
    assert_eq!(world.queues.interactive.depth().await.unwrap().total(), 1);
    csv.headers
        .insert("content-type".into(), "application/x-ndjson".into());
    csv.body = "{\"id\": \"a\", \"html\": \"x\"}\nbroken\n".into();
    csv.query.clear();
    let response = world.enqueue.api(&csv).await;
    assert_eq!(body(&response)["errors"][0]["where"], "line 2:1");
    world.run().await;
}

/// The render function, called in the same process.
struct InProcess(Arc<Render>);

#[async_trait]
impl DirectRender for InProcess {
    async fn render(&self, message: &ChunkMessage, within: Duration) -> Result<bool, String> {
        let message = RenderMessage::Chunk(message.clone());
        let answer = self.0.direct(&message, Deadline::after(within)).await;
        answer
            .map(|answer| answer.settled)
            .map_err(|error| error.to_string())
    }
}

fn direct(world: &World) -> Enqueue {
    let drawing: Arc<dyn fanfold_render::Renderer> = world.renderer.clone();
    let render = Render::new(
        world.ledger.clone(),
        world.queues.clone(),
        settings(),
        drawing,
    );
    Enqueue::new(world.ledger.clone(), world.queues.clone(), settings())
        .with_direct(Arc::new(InProcess(Arc::new(render))))
}

#[tokio::test]
async fn a_document_is_given_to_who_waits() {
    let world = World::new();
    let enqueue = direct(&world);
    let response = enqueue
        .api(&request(
            "POST",
            "/v1/documents?wait=true",
            r#"{"html": "good"}"#,
            Some("w"),
        ))
        .await;
    assert_eq!(
        (response.status, response.header_value("content-type")),
        (200, Some("application/pdf"))
    );
    assert!(response.body.starts_with(b"%FAKE 1 document good"));
    assert_eq!(world.waiting().await, 0, "it did not go through the queue");
    let again = enqueue
        .api(&request(
            "POST",
            "/v1/documents?wait=true",
            r#"{"html": "good"}"#,
            Some("w"),
        ))
        .await;
    assert_eq!(again, response);
    let at = response.header_value("content-location").unwrap();
    let link = enqueue.api(&request("GET", at, "", None)).await;
    assert!(link.status == 303 && link.header_value("location").is_some());

    let failed = enqueue
        .api(&request(
            "POST",
            "/v1/documents?wait=true",
            r#"{"html": "fail"}"#,
            None,
        ))
        .await;
    assert_eq!(
        (failed.status, body(&failed)["detail"].as_str()),
        (422, Some("data/x: as asked"))
    );
    let wrong = enqueue
        .api(&request(
            "POST",
            "/v1/documents?wait=true",
            r#"{"html": 1}"#,
            None,
        ))
        .await;
    assert_eq!(
        (wrong.status, body(&wrong)["errors"][0]["where"].as_str()),
        (422, Some("/html"))
    );
}

#[tokio::test]
async fn who_waits_too_long_is_told_where_to_look() {
    let world = World::new();
    // Nothing reads the queue, and there is no direct way.
    let response = world
        .enqueue
        .api(&request(
            "POST",
            "/v1/documents?wait=true",
            r#"{"html": "good"}"#,
            None,
        ))
        .await;
    assert_eq!(response.status, 202);
    let at = response.header_value("location").unwrap().to_owned();
    assert_eq!(world.get(&at).await["status"], "queued");
    world.run().await;
    assert_eq!(
        world
            .enqueue
            .api(&request("GET", &at, "", None))
            .await
            .status,
        303
    );
    // A direct render that fails for now leaves the document to its queue.
    let response = direct(&world)
        .api(&request(
            "POST",
            "/v1/documents?wait=true",
            r#"{"html": "flaky 1"}"#,
            None,
        ))
        .await;
    assert_eq!(response.status, 202);
    world.run().await;
    let at = response.header_value("location").unwrap();
    assert_eq!(
        world
            .enqueue
            .api(&request("GET", at, "", None))
            .await
            .status,
        303
    );
}

#[tokio::test]
async fn a_cancelled_batch_ends_without_drawing_the_rest() {
    let world = World::new();
    let batch = world.accept(&good(45)).await;
    *world.event_size.lock().unwrap() = 1;
    world.round().await;
    let path = format!("/v1/batches/{batch}");
    let response = world.enqueue.api(&request("DELETE", &path, "", None)).await;
    assert_eq!(
        (response.status, body(&response)["status"].as_str()),
        (200, Some("cancelled"))
    );
    assert_eq!(
        world
            .enqueue
            .api(&request("DELETE", &path, "", None))
            .await
            .status,
        200
    );
    world.run().await;
    assert_eq!(world.renderer.drawn.lock().unwrap().len(), 10);
    let status = world.get(&path).await;
    assert_eq!(
        (
            status["status"].as_str(),
            status["succeeded"].as_u64(),
            status["failed"].as_u64()
        ),
        (Some("cancelled"), Some(10), Some(35))
    );
    assert!(!world.outputs(&batch).await.contains_key("all.pdf"));
    let retry = world
        .enqueue
        .api(&request("POST", &format!("{path}/retry"), "", None))
        .await;
    assert_eq!(retry.status, 409);

    let done = world.accept(&good(1)).await;
    world.run().await;
    let response = world
        .enqueue
        .api(&request("DELETE", &format!("/v1/batches/{done}"), "", None))
        .await;
    assert_eq!(response.status, 409, "what has ended cannot be cancelled");
}

#[tokio::test]
async fn failed_documents_are_retried_and_the_volumes_made_anew() {
    let world = World::new();
    let mut texts = vec!["good"; 25];
    (texts[3], texts[17], texts[24]) = ("mend", "mend", "fail");
    let batch = world.accept(&manifest(&texts)).await;
    let path = format!("/v1/batches/{batch}");
    let retry = request("POST", &format!("{path}/retry"), "", None);
    assert_eq!(
        world.enqueue.api(&retry).await.status,
        409,
        "it has not ended"
    );
    world.run().await;
    assert_eq!(world.get(&path).await["failed"], 3);

    world
        .renderer
        .mended
        .store(true, std::sync::atomic::Ordering::SeqCst);
    let response = world.enqueue.api(&retry).await;
    assert_eq!(
        (response.status, body(&response)["documents"].as_u64()),
        (202, Some(3))
    );
    let during = world.get(&path).await;
    assert_eq!(
        (during["status"].as_str(), during["processed"].as_u64()),
        (Some("rendering"), Some(22))
    );
    // A repeat while it runs goes on with the same retry.
    assert_eq!(body(&world.enqueue.api(&retry).await)["documents"], 3);
    world.run().await;

    let status = world.get(&path).await;
    assert_eq!(
        (
            status["status"].as_str(),
            status["succeeded"].as_u64(),
            status["failed"].as_u64()
        ),
        (Some("complete"), Some(24), Some(1))
    );
    let results = world.results(&batch).await;
    assert_eq!(
        (results.len(), results[3].status, results[3].attempts),
        (25, Status::Ok, 2)
    );
    let outputs = world.outputs(&batch).await;
    let all: String = (0..24)
        .map(|n| outputs[&format!("d{n:02}.pdf")].as_str())
        .collect();
    assert_eq!(outputs["all.pdf"], all);
    let drawn = world.renderer.drawn.lock().unwrap().clone();
    let again: std::collections::BTreeSet<&str> = drawn[25..].iter().map(String::as_str).collect();
    assert_eq!(
        again,
        ["d03", "d17", "d24"].into(),
        "only what failed is drawn again"
    );

    let again = world.enqueue.api(&retry).await;
    assert_eq!(
        (again.status, body(&again)["documents"].as_u64()),
        (202, Some(1))
    );
    world.run().await;
    let fine = world.accept(&good(1)).await;
    world.run().await;
    assert_eq!(
        world
            .enqueue
            .api(&request(
                "POST",
                &format!("/v1/batches/{fine}/retry"),
                "",
                None
            ))
            .await
            .status,
        409,
        "nothing failed"
    );
}

#[tokio::test]
async fn a_volume_that_failed_alone_is_made_again() {
    let world = World::new();
    let set_broken = |broken| {
        let flag = &world.binder.broken;
        flag.store(broken, std::sync::atomic::Ordering::SeqCst);
    };
    let bound = || world.binder.bound.load(std::sync::atomic::Ordering::SeqCst);
    set_broken(true);
    let manifest = json!({"documents": [
        {"id": "a", "html": "good", "data": {"case": 1}}, {"id": "b", "html": "good", "data": {"case": 1}}, {"id": "c", "html": "good", "data": {"case": 2}}],
        "merge": [{"output": "{case}.pdf", "by": "case"}, {"output": "all.pdf"}]});
    let batch = world.accept(&manifest.to_string()).await;
    world.run().await;
    let path = format!("/v1/batches/{batch}");
    let before = world.get(&path).await;
    assert_eq!(
        (&before["status"], &before["failed"]),
        (&json!("complete"), &json!(0))
    );
    let errors = |status: &Value| {
        let volumes = status["volumes"].as_array().unwrap();
        volumes
            .iter()
            .map(|volume| volume["error"].is_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(errors(&before), [true, false, false]);

    let retry = request("POST", &format!("{path}/retry"), "", None);
    set_broken(false);
    // Dying before each of its effects, it is gone on with by the same request.
    let (drawn, made) = (world.renderer.drawn.lock().unwrap().len(), bound());
    for dies in [Dies::Before, Dies::After] {
        for effect in 1..=2 {
            world.faults.die_at(world.faults.effects() + effect, dies);
            world.enqueue.api(&retry).await;
            world.faults.revive();
        }
    }
    world.faults.die_at(0, Dies::Before);
    let response = world.enqueue.api(&retry).await;
    assert_eq!(
        (response.status, &body(&response)["documents"]),
        (202, &json!(0))
    );
    assert_eq!(world.get(&path).await["status"], "stitching");
    world.run().await;
    let after = world.get(&path).await;
    assert_eq!(
        (&after["status"], &after["succeeded"]),
        (&json!("complete"), &json!(3))
    );
    assert_eq!(errors(&after), [false; 3]);
    assert_eq!(world.outputs(&batch).await["1.pdf"].lines().count(), 2);
    assert_eq!(
        world.renderer.drawn.lock().unwrap().len(),
        drawn,
        "no document is drawn"
    );
    assert_eq!(bound(), made + 1, "the other volumes are kept");
    assert_eq!(
        world.enqueue.api(&retry).await.status,
        409,
        "nothing is left to retry"
    );
}

#[tokio::test]
async fn a_batch_without_a_key_that_was_half_queued_is_gone_on_with() {
    for effect in 1..6 {
        let world = World::new();
        world.faults.die_at(effect, Dies::Before);
        let answer = world.post(&good(120), None).await;
        if !world.faults.revive() {
            assert_eq!(answer.status, 202);
            continue;
        }
        let Some(location) = answer.header_value("location") else {
            // It was not accepted.
            assert!(
                world
                    .objects("")
                    .await
                    .keys()
                    .all(|key| !key.ends_with("/manifest.json"))
            );
            continue;
        };
        let again = request("POST", &format!("{location}/retry"), "", None);
        let answer = world.enqueue.api(&again).await;
        assert_eq!(
            (answer.status, &body(&answer)["documents"]),
            (202, &json!(120))
        );
        world.run().await;
        let status = world.get(location).await;
        assert_eq!(
            (&status["status"], &status["succeeded"]),
            (&json!("complete"), &json!(120))
        );
        assert_eq!(world.renderer.drawn.lock().unwrap().len(), 120);
    }
}
