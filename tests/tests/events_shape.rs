//! `events/`: each file is what its name says, in the types that the functions read, with the project's own
//! messages in it. What the functions do with them is tested elsewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use aws_lambda_events::eventbridge::EventBridgeEvent;
use aws_lambda_events::s3::S3Event;
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use fanfold_job::message::{MergeMessage, RenderMessage};
use fanfold_job::{BatchId, Defaults, Format, Limits, Manifest, Priority, TenantId};
use md5::{Digest, Md5};
use serde_json::{Value, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../events")
}

fn text(name: &str) -> String {
    let path = folder().join(name);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn event<T: serde::de::DeserializeOwned>(name: &str) -> T {
    serde_json::from_str(&text(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The batch of an idempotency key that the samples use.
fn batch(key: &str) -> String {
    BatchId::from_idempotency_key(&TenantId::default(), key).to_string()
}

/// File, route and, when it has one, the id in the path.
const API: [(&str, &str, Option<&str>); 8] = [
    ("api-batch.json", "POST /v1/batches", None),
    (
        "api-status.json",
        "GET /v1/batches/{id}",
        Some("sample-batch"),
    ),
    (
        "api-results.json",
        "GET /v1/batches/{id}/documents",
        Some("sample-batch"),
    ),
    (
        "api-retry.json",
        "POST /v1/batches/{id}/retry",
        Some("sample-batch"),
    ),
    (
        "api-cancel.json",
        "DELETE /v1/batches/{id}",
        Some("sample-batch"),
    ),
    ("api-document.json", "POST /v1/documents", None),
    ("api-document-wait.json", "POST /v1/documents", None),
    (
        "api-document-status.json",
        "GET /v1/documents/{id}",
        Some("sample-document"),
    ),
];
const UPLOADS: [(&str, &str); 4] = [
    ("s3-manifest.json", "uploads/manifest.json"),
    ("s3-pdf.json", "uploads/annex.pdf"),
    ("eventbridge-manifest.json", "uploads/manifest.json"),
    ("eventbridge-pdf.json", "uploads/annex.pdf"),
];
const QUEUES: [&str; 3] = ["sqs-render.json", "sqs-merge.json", "dead-letter.json"];

#[test]
fn every_file_is_checked_here_and_listed_in_the_readme() {
    let files: BTreeSet<String> = fs::read_dir(folder())
        .expect("there is a folder")
        .map(|entry| {
            entry
                .expect("it can be read")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| name.ends_with(".json"))
        .collect();
    let known = API
        .map(|(name, ..)| name)
        .into_iter()
        .chain(UPLOADS.map(|(name, _)| name))
        .chain(QUEUES);
    assert_eq!(files, known.map(str::to_owned).collect());
    let readme = text("README.md");
    for name in files {
        assert!(
            readme.contains(&format!("`{name}`")),
            "{name} is in the README"
        );
    }
}

#[test]
fn api_events_are_requests_of_the_http_api() {
    for (name, route, key) in API {
        let event: ApiGatewayV2httpRequest = event(name);
        let (method, path) = route.split_once(' ').expect("a method and a path");
        let path = key.map_or_else(|| path.to_owned(), |key| path.replace("{id}", &batch(key)));
        assert_eq!(event.version.as_deref(), Some("2.0"), "{name}");
        assert_eq!(event.route_key.as_deref(), Some(route), "{name}");
        assert_eq!(event.raw_path.as_deref(), Some(&*path), "{name}");
        assert_eq!(event.request_context.http.method, method, "{name}");
        assert_eq!(
            event.request_context.http.path.as_deref(),
            Some(&*path),
            "{name}"
        );
        assert_eq!(
            event.path_parameters.get("id").cloned(),
            key.map(batch),
            "{name}"
        );
        let query: Vec<_> = event
            .query_string_parameters
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(
            event.raw_query_string.unwrap_or_default(),
            query.join("&"),
            "{name}"
        );
        let iam = event
            .request_context
            .authorizer
            .and_then(|authorizer| authorizer.iam)
            .expect("a signed request");
        assert_eq!(iam.account_id.as_deref(), Some("123456789012"), "{name}");
        let length = event
            .headers
            .get("content-length")
            .map(|length| length.to_str().expect("digits").to_owned());
        assert_eq!(
            length,
            event.body.map(|body| body.len().to_string()),
            "{name}"
        );
    }
}

#[test]
fn posted_bodies_are_manifests_and_documents() {
    let read = |name: &str, wrap: fn(Value) -> Value| {
        let event: ApiGatewayV2httpRequest = event(name);
        let body = event.body.expect("a body");
        let manifest = wrap(serde_json::from_str(&body).expect("JSON")).to_string();
        Manifest::read(
            Format::Json,
            manifest.as_bytes(),
            &Defaults::default(),
            &Limits::default(),
        )
        .unwrap_or_else(|e| panic!("{name}: {e}"))
    };
    let batch = read("api-batch.json", |body| body);
    assert_eq!(
        (batch.priority, batch.merge.len()),
        (Priority::Interactive, 1)
    );
    for name in ["api-document.json", "api-document-wait.json"] {
        read(name, |body| json!({"documents": [body]}));
    }
}

#[test]
fn uploads_name_their_object_in_both_shapes() {
    for (name, key) in UPLOADS {
        let (named, created) = if name.starts_with("s3-") {
            let event: S3Event = event(name);
            assert_eq!(event.records.len(), 1);
            let record = &event.records[0];
            (
                record.s3.object.key.clone(),
                record.event_name.clone() == Some("ObjectCreated:Put".to_owned()),
            )
        } else {
            let event: EventBridgeEvent = event(name);
            let key = event.detail["object"]["key"].as_str().map(str::to_owned);
            (
                key,
                event.source == "aws.s3" && event.detail_type == "Object Created",
            )
        };
        assert_eq!(named.as_deref(), Some(key), "{name}");
        assert!(created, "{name} is about a new object");
    }
}

fn messages(name: &str) -> Vec<SqsMessage> {
    let event: SqsEvent = event(name);
    assert!(!event.records.is_empty(), "{name} has messages");
    let ids: BTreeSet<_> = event
        .records
        .iter()
        .map(|message| message.message_id.clone())
        .collect();
    assert_eq!(ids.len(), event.records.len(), "{name}: ids are unique");
    event.records
}

/// Parses a message's body with `read`, which gives it back as the project writes it.
fn check(name: &str, message: &SqsMessage, read: impl Fn(&str) -> serde_json::Result<String>) {
    let body = message.body.as_deref().expect("a body");
    let written = read(body).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!(
        body,
        written,
        "{name}: the body is as the project writes it: {}",
        json!(written)
    );
    let digest = data_encoding::HEXLOWER.encode(&Md5::digest(body));
    assert_eq!(message.md5_of_body.as_deref(), Some(&*digest), "{name}");
    assert!(
        message.attributes.contains_key("ApproximateReceiveCount"),
        "{name}"
    );
}

#[test]
fn queue_messages_are_the_project_s_own() {
    let render =
        |body: &str| serde_json::from_str(body).map(|message: RenderMessage| message.to_body());
    let merge =
        |body: &str| serde_json::from_str(body).map(|message: MergeMessage| message.to_body());
    for name in ["sqs-render.json", "dead-letter.json"] {
        for message in messages(name) {
            check(name, &message, render);
        }
    }
    for message in messages("sqs-merge.json") {
        check("sqs-merge.json", &message, merge);
    }
}

#[test]
fn render_messages_bring_their_documents() {
    let mut batches = Vec::new();
    for message in messages("sqs-render.json") {
        let body = message.body.expect("a body");
        let RenderMessage::Chunk(chunk) = serde_json::from_str(&body).expect("a render message")
        else {
            panic!("a whole chunk");
        };
        let documents = chunk.documents.expect("its documents are inline");
        assert_eq!(
            documents.len() as u64,
            chunk.run.plan.documents,
            "the chunk is its whole batch"
        );
        batches.push(chunk.run.batch.to_string());
    }
    assert_eq!(batches, ["sample-batch", "sample-document"].map(batch));
    let dead = messages("dead-letter.json").remove(0);
    assert!(dead.attributes["DeadLetterQueueSourceArn"].contains(":fanfold-InteractiveQueue-"));
    let RenderMessage::Single(single) =
        serde_json::from_str(&dead.body.expect("a body")).expect("a render message")
    else {
        panic!("one document");
    };
    assert!(single.document.is_some());
    let merge: MergeMessage =
        serde_json::from_str(&messages("sqs-merge.json").remove(0).body.expect("a body"))
            .expect("a merge message");
    assert_eq!(merge.batch.to_string(), batch("sample-batch"));
}
