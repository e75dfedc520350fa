//! Lambda's `Invoke` call.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, Method, Response, StatusCode};
use fanfold_cloud::{CloudError, CloudResult};
use serde_json::{Value, json};

use super::Function;

/// What every path of the calls starts with.
pub(crate) const PATH: &str = "/2015-03-31/functions/";

/// The largest event (Lambda: 6 MB).
const MAX_EVENT_BYTES: usize = 6 * 1024 * 1024;

/// Takes events that nobody waits for, and has them handled sooner or later.
#[async_trait]
pub trait Asynchronous: Send + Sync {
    /// Takes an event for a function: when this has returned, the event is not lost any more.
    ///
    /// # Errors
    /// When it cannot be kept; [`Invalid`](CloudError::Invalid) when it is too large.
    async fn accept(&self, function: &str, event: Value) -> CloudResult<()>;
}

/// Answers a call.
pub(crate) async fn answer(
    functions: &BTreeMap<String, Arc<dyn Function>>,
    asynchronous: &dyn Asynchronous,
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
    let Some((name, function)) = name.and_then(|name| functions.get_key_value(name)) else {
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
        Some("Event") => match asynchronous.accept(name, event).await {
            Ok(()) => status(StatusCode::ACCEPTED, String::new()),
            Err(error @ CloudError::Invalid { .. }) => refuse(
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestTooLargeException",
                &error.to_string(),
            ),
            Err(error) => {
                tracing::error!(%error, "an asynchronous invocation could not be taken");
                let what = "the event could not be kept; send it again";
                refuse(StatusCode::INTERNAL_SERVER_ERROR, "ServiceException", what)
            }
        },
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
