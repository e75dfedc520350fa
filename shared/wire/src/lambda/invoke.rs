//! Lambda's `Invoke` call.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, Method, Response, StatusCode};
use serde_json::{Value, json};

use super::Function;

/// What every path of the calls starts with.
pub(crate) const PATH: &str = "/2015-03-31/functions/";

/// The largest event (Lambda: 6 MB).
const MAX_EVENT_BYTES: usize = 6 * 1024 * 1024;

/// How long after a failure an asynchronous invocation is tried again, each time.
const AGAIN: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(2)];

/// Answers a call.
pub(crate) async fn answer(
    functions: &BTreeMap<String, Arc<dyn Function>>,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    if parts.method != Method::POST {
        let what = "functions are invoked with POST";
        return refuse(
            StatusCode::METHOD_NOT_ALLOWED,
            "InvalidRequestContentException",
            what,
        );
    }
    let named = parts
        .uri
        .path()
        .strip_prefix(PATH)
        .and_then(|rest| rest.strip_suffix("/invocations"))
        .map(crate::percent_decoded);
    // A name, or an ARN that ends in one.
    let name = named.as_deref().and_then(|named| {
        let name = named
            .rsplit_once(":function:")
            .map_or(named, |(_, name)| name);
        name.split(':').next()
    });
    let Some(function) = name.and_then(|name| functions.get(name)) else {
        let what = format!("Function not found: {}", named.unwrap_or_default());
        return refuse(StatusCode::NOT_FOUND, "ResourceNotFoundException", &what);
    };
    let Ok(body) = to_bytes(body, MAX_EVENT_BYTES).await else {
        let what = format!("an event has at most {MAX_EVENT_BYTES} bytes");
        return refuse(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestTooLargeException",
            &what,
        );
    };
    let event: Value = match body.is_empty() {
        true => json!({}),
        false => match serde_json::from_slice(&body) {
            Ok(event) => event,
            Err(error) => {
                let what = format!("the event is not JSON: {error}");
                return refuse(
                    StatusCode::BAD_REQUEST,
                    "InvalidRequestContentException",
                    &what,
                );
            }
        },
    };
    let kind = parts.headers.get("x-amz-invocation-type");
    match kind.and_then(|kind| kind.to_str().ok()) {
        Some("DryRun") => status(StatusCode::NO_CONTENT, String::new()),
        Some("Event") => {
            tokio::spawn(asynchronous(function.clone(), event));
            status(StatusCode::ACCEPTED, String::new())
        }
        _ => match function.invoke(event).await {
            Ok(answer) => status(StatusCode::OK, answer.to_string()),
            Err(error) => {
                let mut response = status(StatusCode::OK, error.to_json().to_string());
                let unhandled = HeaderValue::from_static("Unhandled");
                response
                    .headers_mut()
                    .insert("x-amz-function-error", unhandled);
                response
            }
        },
    }
}

/// Has an event handled that nobody waits for; it is tried three times.
async fn asynchronous(function: Arc<dyn Function>, event: Value) {
    for pause in AGAIN {
        match function.invoke(event.clone()).await {
            Ok(_) => return,
            Err(error) => {
                tracing::warn!(%error, "an asynchronous invocation failed and is tried again");
            }
        }
        tokio::time::sleep(pause).await;
    }
    if let Err(error) = function.invoke(event).await {
        tracing::error!(%error, "an asynchronous invocation failed for good");
    }
}

fn status(status: StatusCode, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    headers.insert(
        "x-amz-executed-version",
        HeaderValue::from_static("$LATEST"),
    );
    response
}

fn refuse(code: StatusCode, kind: &'static str, message: &str) -> Response<Body> {
    let mut response = status(
        code,
        json!({"Type": "User", "Message": message}).to_string(),
    );
    response
        .headers_mut()
        .insert("x-amzn-errortype", HeaderValue::from_static(kind));
    response
}
