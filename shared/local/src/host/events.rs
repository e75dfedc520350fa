//! Events as AWS delivers them, made from what happens on this machine.

use fanfold_cloud::ReceivedMessage;
use fanfold_wire::sqs::Queues;
use fanfold_wire::{ACCOUNT, REGION};
use serde_json::{Map, Value, json};

/// What the HTTP API of this machine is called.
const API: &str = "local";

/// An SQS event with deliveries of one queue.
pub(crate) fn sqs(queue: &str, messages: &[ReceivedMessage]) -> Value {
    let records: Vec<Value> = messages
        .iter()
        .map(|message| {
            let mut attributes = Map::new();
            attributes.insert(
                "ApproximateReceiveCount".into(),
                message.receive_count.to_string().into(),
            );
            attributes.insert("SentTimestamp".into(), message.sent_ms.to_string().into());
            if let Some(group) = &message.group {
                attributes.insert("MessageGroupId".into(), group.as_str().into());
            }
            json!({
                "messageId": message.id.0,
                "receiptHandle": message.receipt.0,
                "body": message.body,
                "attributes": attributes,
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": Queues::arn(queue),
                "awsRegion": REGION,
            })
        })
        .collect();
    json!({ "Records": records })
}

/// A request as the HTTP API passes it on.
#[derive(Clone, Debug, Default)]
pub(crate) struct HttpRequest {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    /// Names in lower case; the values of one name are joined by commas.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) source_ip: String,
    pub(crate) now_ms: u64,
    pub(crate) request_id: String,
}

/// An API Gateway HTTP API event, payload format 2.0.
pub(crate) fn http(request: &HttpRequest) -> Value {
    let (route, parameters) = route(&request.method, &request.path);
    let headers: Map<String, Value> = request
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
        .collect();
    let agent = headers
        .get("user-agent")
        .cloned()
        .unwrap_or_else(|| "".into());
    let host = headers
        .get("host")
        .cloned()
        .unwrap_or_else(|| "localhost".into());
    let mut event = json!({
        "version": "2.0",
        "routeKey": route,
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": API,
            "domainName": host,
            "domainPrefix": API,
            "http": {
                "method": request.method,
                "path": request.path,
                "protocol": "HTTP/1.1",
                "sourceIp": request.source_ip,
                "userAgent": agent,
            },
            "requestId": request.request_id,
            "routeKey": route,
            "stage": "$default",
            "time": fanfold_job::report::rfc3339(request.now_ms),
            "timeEpoch": request.now_ms,
        },
        "isBase64Encoded": false,
    });
    let query = query_parameters(&request.query);
    if !query.is_empty() {
        event["queryStringParameters"] = query.into();
    }
    if !parameters.is_empty() {
        event["pathParameters"] = parameters.into();
    }
    if !request.body.is_empty() {
        match std::str::from_utf8(&request.body) {
            Ok(text) => event["body"] = text.into(),
            Err(_) => {
                event["body"] = base64::Engine::encode(
                    &base64::engine::general_purpose::STANDARD,
                    &request.body,
                )
                .into();
                event["isBase64Encoded"] = true.into();
            }
        }
    }
    event
}

/// The routes of the HTTP API.
const ROUTES: [&str; 7] = [
    "POST /v1/batches",
    "GET /v1/batches/{id}",
    "GET /v1/batches/{id}/documents",
    "POST /v1/batches/{id}/retry",
    "DELETE /v1/batches/{id}",
    "POST /v1/documents",
    "GET /v1/documents/{id}",
];

/// The route of a request and the values of its path's parameters; `$default` when there is none.
fn route(method: &str, path: &str) -> (&'static str, Map<String, Value>) {
    let segments: Vec<&str> = path.split('/').collect();
    for route in ROUTES {
        let Some((route_method, route_path)) = route.split_once(' ') else {
            continue;
        };
        let pattern: Vec<&str> = route_path.split('/').collect();
        if route_method != method || pattern.len() != segments.len() {
            continue;
        }
        let mut parameters = Map::new();
        let matches = pattern.iter().zip(&segments).all(|(pattern, segment)| {
            match pattern
                .strip_prefix('{')
                .and_then(|name| name.strip_suffix('}'))
            {
                Some(name) => {
                    parameters.insert(
                        name.into(),
                        crate::resources::percent_decoded(segment).into(),
                    );
                    !segment.is_empty()
                }
                None => pattern == segment,
            }
        });
        if matches {
            return (route, parameters);
        }
    }
    ("$default", Map::new())
}

/// Decoded parameters; the values of one name are joined by commas, as API Gateway does.
fn query_parameters(query: &str) -> Map<String, Value> {
    let mut parameters = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decode = |text: &str| crate::resources::percent_decoded(&text.replace('+', " "));
        let (name, value) = (decode(name), decode(value));
        let joined = match parameters.get(&name).and_then(Value::as_str) {
            Some(before) => format!("{before},{value}"),
            None => value,
        };
        parameters.insert(name, joined.into());
    }
    parameters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_become_events_of_their_route() {
        let event = http(&HttpRequest {
            method: "GET".into(),
            path: "/v1/batches/abc/documents".into(),
            query: "status=failed&limit=5&x=a+b%21&x=c".into(),
            ..HttpRequest::default()
        });
        assert_eq!(event["routeKey"], "GET /v1/batches/{id}/documents");
        assert_eq!(event["pathParameters"], json!({"id": "abc"}));
        let query = json!({"status": "failed", "limit": "5", "x": "a b!,c"});
        assert_eq!(event["queryStringParameters"], query);
        assert_eq!(route("PUT", "/v1/batches").0, "$default");
        assert_eq!(route("GET", "/v1/batches/").0, "$default");
    }

    #[test]
    fn a_body_that_is_not_text_is_base64() {
        let request = |body: &[u8]| HttpRequest {
            body: body.to_vec(),
            ..HttpRequest::default()
        };
        let text = http(&request("é".as_bytes()));
        assert_eq!(
            (&text["body"], &text["isBase64Encoded"]),
            (&json!("é"), &json!(false))
        );
        let binary = http(&request(&[0xff, 0]));
        assert_eq!(
            (&binary["body"], &binary["isBase64Encoded"]),
            (&json!("/wA="), &json!(true))
        );
    }
}
