//! The HTTP API's gateway: requests become events for the enqueue function, its answers responses.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::{Server, problem};
use crate::host::events::{self, HttpRequest};

/// What API Gateway takes.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// How long API Gateway waits for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Passes a request to the enqueue function.
pub(super) async fn pass(
    State(server): State<Arc<Server>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        let detail = "a request has at most 10 MiB; put a larger manifest into the uploads folder";
        return problem::answer(StatusCode::PAYLOAD_TOO_LARGE, "Content Too Large", detail);
    };
    let event = events::http(&HttpRequest {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: joined(&parts.headers),
        body: body.into(),
        source_ip: from.ip().to_string(),
        now_ms: server.host.now_ms(),
        request_id: server.next_request_id(),
    });
    match answer(&server, event).await {
        Ok(answer) => {
            let response = response(&answer);
            if parts.method == axum::http::Method::POST {
                server.note_batch(&answer);
            }
            response
        }
        Err(error) => {
            tracing::error!(error, "the enqueue function failed");
            let detail = "the function failed; its log says why";
            problem::answer(
                StatusCode::INTERNAL_SERVER_ERROR,
                "Internal Server Error",
                detail,
            )
        }
    }
}

async fn answer(server: &Server, event: Value) -> Result<Value, String> {
    let answer = server.functions.enqueue.invoke(event);
    let late = |_| "it took longer than 30 s".to_owned();
    let answer = tokio::time::timeout(PATIENCE, answer).await.map_err(late)?;
    answer.map_err(|error| error.to_string())
}

/// Headers with lower-case names; the values of one name are joined by commas, as API Gateway does.
fn joined(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .keys()
        .map(|name| {
            let values: Vec<_> = headers
                .get_all(name)
                .iter()
                .map(|value| String::from_utf8_lossy(value.as_bytes()))
                .collect();
            (name.as_str().to_owned(), values.join(","))
        })
        .collect()
}

/// The response that a function's answer (payload format 2.0) describes.
fn response(answer: &Value) -> Response<Body> {
    let status = answer["statusCode"]
        .as_u64()
        .and_then(|code| u16::try_from(code).ok());
    let Some(status) = status.and_then(|code| StatusCode::from_u16(code).ok()) else {
        // API Gateway takes an answer without a status for the body of a 200.
        let mut response = Response::new(Body::from(answer.to_string()));
        set(&mut response, "content-type", "application/json");
        return response;
    };
    let text = answer["body"].as_str().unwrap_or_default();
    let body = if answer["isBase64Encoded"] == true {
        match STANDARD.decode(text) {
            Ok(bytes) => Bytes::from(bytes),
            Err(_) => {
                let detail = "the function's answer is not base64";
                return problem::answer(StatusCode::BAD_GATEWAY, "Bad Gateway", detail);
            }
        }
    } else {
        Bytes::from(text.to_owned())
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        if let Some(value) = value.as_str() {
            set(&mut response, name, value);
        }
    }
    response
}

fn set(response: &mut Response<Body>, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
        response.headers_mut().insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[tokio::test]
    async fn answers_become_responses() {
        let answer = json!({"statusCode": 202, "headers": {"location": "/v1/batches/x"},
            "body": "AAH/", "isBase64Encoded": true});
        let made = response(&answer);
        assert_eq!(
            (made.status().as_u16(), &made.headers()["location"]),
            (202, &"/v1/batches/x".parse().unwrap())
        );
        assert_eq!(
            &to_bytes(made.into_body(), 10).await.unwrap()[..],
            [0, 1, 255]
        );
        let broken = json!({"statusCode": 200, "body": "!", "isBase64Encoded": true});
        assert_eq!(response(&broken).status(), StatusCode::BAD_GATEWAY);
        assert_eq!(response(&json!({"a": 1})).status(), StatusCode::OK);
        assert_eq!(
            response(&json!({"statusCode": 99999})).status(),
            StatusCode::OK
        );
    }
}
