//! The platform's events: API Gateway (HTTP API, payload format 2.0), EventBridge's and S3's own
//! notice that an object was created.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fanfold_job::TenantId;
use serde_json::Value;

use crate::Request;
use crate::http::{percent_decode, query_pairs};

/// What an event asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An API request.
    Api(Box<Request>),
    /// Objects that came into the bucket.
    Uploads(Vec<Upload>),
}

/// An object that came into the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its key.
    pub key: String,
    /// What tells this content from a later one under the same key.
    pub etag: String,
}

/// Why an event was not handled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// It has none of the shapes known.
    #[error(
        "the event is not an API request, an S3 notification or an EventBridge object event: {0}"
    )]
    Unknown(String),
    /// A request whose caller the authorizer let in without saying whose tenant it is.
    #[error("the request is not allowed: {0}")]
    Forbidden(String),
    /// A request that cannot be read.
    #[error("the request is not valid: {0}")]
    Malformed(String),
    /// Something did not answer; the event should come again.
    #[error("the event should be tried again: {0}")]
    Retry(String),
}

impl Event {
    /// Reads an event.
    ///
    /// # Errors
    /// When it has none of the shapes known, or lacks what it must have.
    pub fn read(event: &Value) -> Result<Self, EventError> {
        if event["requestContext"]["http"].is_object() {
            return Ok(Self::Api(Box::new(request(event)?)));
        }
        if event["detail"]["object"].is_object() {
            // EventBridge gives the key as it is.
            let object = &event["detail"]["object"];
            return Ok(Self::Uploads(vec![upload(object, &object["etag"], false)?]));
        }
        if let Some(records) = event["Records"].as_array()
            && records
                .iter()
                .all(|record| record["s3"]["object"].is_object())
        {
            // S3 gives it URL-encoded.
            let created = records.iter().filter(|record| {
                record["eventName"]
                    .as_str()
                    .is_none_or(|name| name.contains("ObjectCreated"))
            });
            let uploads = created
                .map(|record| &record["s3"]["object"])
                .map(|object| upload(object, &object["eTag"], true));
            return Ok(Self::Uploads(uploads.collect::<Result<_, _>>()?));
        }
        let fields = event.as_object().map(|object| {
            object
                .keys()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(", ")
        });
        Err(EventError::Unknown(format!(
            "it has {}",
            fields.unwrap_or_else(|| "no fields".into())
        )))
    }
}

fn upload(object: &Value, etag: &Value, encoded: bool) -> Result<Upload, EventError> {
    let key = object["key"]
        .as_str()
        .ok_or_else(|| EventError::Unknown("the object has no key".into()))?;
    let key = if encoded {
        percent_decode(key, true)
    } else {
        key.to_owned()
    };
    Ok(Upload {
        key,
        etag: etag
            .as_str()
            .unwrap_or_default()
            .trim_matches('"')
            .to_owned(),
    })
}

fn request(event: &Value) -> Result<Request, EventError> {
    let http = &event["requestContext"]["http"];
    let tenant = tenant(&event["requestContext"]["authorizer"])?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let raw = event["rawPath"]
        .as_str()
        .or_else(|| http["path"].as_str())
        .unwrap_or_default();
    let stage = event["requestContext"]["stage"]
        .as_str()
        .filter(|&stage| stage != "$default");
    let path = stage
        .and_then(|stage| raw.strip_prefix('/')?.strip_prefix(stage))
        .filter(|rest| rest.starts_with('/'))
        .unwrap_or(raw);
    let headers = event["headers"].as_object().into_iter().flatten();
    let body = event["body"].as_str().unwrap_or_default();
    let body = match event["isBase64Encoded"].as_bool() {
        Some(true) => STANDARD
            .decode(body)
            .map_err(|error| EventError::Malformed(format!("its body is not base64: {error}")))?,
        _ => body.as_bytes().to_vec(),
    };
    Ok(Request {
        method: text(&http["method"]).to_ascii_uppercase(),
        path: percent_decode(path, false),
        query: query_pairs(event["rawQueryString"].as_str().unwrap_or_default()),
        headers: headers
            .map(|(name, value)| (name.to_ascii_lowercase(), text(value)))
            .collect(),
        body: body.into(),
        tenant,
    })
}

/// The tenant an authorizer names: the claim `tenant` of a JWT, the field `tenant` of a Lambda
/// authorizer; callers by IAM are the default tenant. A caller of whom an authorizer that names
/// tenants says none is nobody, not the default tenant.
fn tenant(authorizer: &Value) -> Result<TenantId, EventError> {
    let (jwt, lambda) = (&authorizer["jwt"], &authorizer["lambda"]);
    let named = [&jwt["claims"]["tenant"], &lambda["tenant"]];
    match named.into_iter().find_map(Value::as_str) {
        Some(name) => {
            TenantId::parse(name).map_err(|error| EventError::Forbidden(error.to_string()))
        }
        None if jwt.is_null() && lambda.is_null() => Ok(TenantId::default()),
        None => Err(EventError::Forbidden(
            "its authorizer names no tenant".into(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_are_decoded_where_they_are_encoded() {
        let s3 = json!({"Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": {"key": "uploads/a+b%2Bc.csv", "eTag": "x"}}}]});
        let bridge = json!({"detail-type": "Object Created", "detail": {"object": {"key": "uploads/a b+c.csv", "etag": "x"}}});
        let expected = Event::Uploads(vec![Upload {
            key: "uploads/a b+c.csv".into(),
            etag: "x".into(),
        }]);
        assert_eq!(Event::read(&s3).unwrap(), expected);
        assert_eq!(Event::read(&bridge).unwrap(), expected);
    }

    #[test]
    fn a_request_is_read_with_its_tenant_and_without_its_stage() {
        let event = json!({"rawPath": "/prod/v1/batches", "rawQueryString": "a=b%20c", "headers": {"Idempotency-Key": "k"},
            "body": "eA==", "isBase64Encoded": true,
            "requestContext": {"stage": "prod", "http": {"method": "POST"}, "authorizer": {"jwt": {"claims": {"tenant": "acme", "n": 1}}}}});
        let Event::Api(request) = Event::read(&event).unwrap() else {
            panic!("not a request")
        };
        assert_eq!(
            (
                request.path.as_str(),
                request.tenant.as_str(),
                &request.body[..]
            ),
            ("/v1/batches", "acme", &b"x"[..])
        );
        assert_eq!(
            (
                request.query["a"].as_str(),
                request.header("idempotency-key")
            ),
            ("b c", Some("k"))
        );
    }

    #[test]
    fn a_caller_without_a_tenant_is_not_the_default_tenant() {
        let read = |authorizer: Value, body: &str| {
            Event::read(
                &json!({"rawPath": "/v1/batches", "body": body, "isBase64Encoded": true,
                "requestContext": {"http": {"method": "POST"}, "authorizer": authorizer}}),
            )
        };
        for nobody in [
            json!({"jwt": {"claims": {"sub": "x"}}}),
            json!({"jwt": {}}),
            json!({"lambda": {}}),
            json!({"lambda": {"tenant": 7}}),
            json!({"lambda": {"tenant": "../acme"}}),
        ] {
            let refused = read(nobody.clone(), "eA==");
            assert!(
                matches!(refused, Err(EventError::Forbidden(_))),
                "{nobody}: {refused:?}"
            );
        }
        for default in [json!(null), json!({"iam": {"accountId": "1"}})] {
            assert!(
                matches!(read(default.clone(), "eA=="), Ok(Event::Api(request)) if request.tenant == TenantId::default()),
                "{default}"
            );
            assert!(matches!(read(default, "?"), Err(EventError::Malformed(_))));
        }
    }

    #[test]
    fn other_events_are_refused() {
        for event in [
            json!({}),
            json!(1),
            json!({"Records": [{"body": "x"}]}),
            json!({"detail": {"object": {}}}),
        ] {
            assert!(Event::read(&event).is_err(), "{event}");
        }
    }
}
