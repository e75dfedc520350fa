//! SQS over the local queues, in the AWS JSON 1.0 protocol that SDKs speak since 2023.
//!
//! Queues are standard queues; messages have a body and a group and no message attributes. Signatures
//! are not checked.

mod attributes;
mod failure;
mod messages;
mod registry;

use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, Response, header};
use serde_json::{Map, Value, json};

use crate::ACCOUNT;
use failure::SqsError;
pub use registry::Queues;

/// The protocol's media type.
const MEDIA_TYPE: &str = "application/x-amz-json-1.0";

/// What names an action, before its name.
pub(crate) const TARGET: &str = "AmazonSQS.";

/// The largest request: a batch of a mebibyte, escaped.
const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;

/// The actions.
#[derive(Debug)]
pub(crate) struct Service {
    queues: Queues,
    requests: AtomicU64,
}

type Answer = Result<Value, SqsError>;

impl Service {
    pub(crate) fn new(queues: Queues) -> Self {
        Self {
            queues,
            requests: AtomicU64::new(1),
        }
    }

    /// Answers a request.
    pub(crate) async fn call(&self, request: Request) -> Response<Body> {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let request_id = format!("00000000-0000-0000-0000-{number:012x}");
        match self.answer(request).await {
            Err(error) => {
                tracing::debug!(
                    code = error.code,
                    message = error.message,
                    "an SQS action was refused"
                );
                error.response(&request_id)
            }
            Ok(answer) => {
                let body = if answer.is_null() {
                    String::new()
                } else {
                    answer.to_string()
                };
                let mut response = Response::new(Body::from(body));
                let headers = response.headers_mut();
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
                if let Ok(id) = HeaderValue::try_from(request_id) {
                    headers.insert("x-amzn-requestid", id);
                }
                response
            }
        }
    }

    async fn answer(&self, request: Request) -> Answer {
        let (parts, body) = request.into_parts();
        let target = parts
            .headers
            .get("x-amz-target")
            .and_then(|target| target.to_str().ok());
        let Some(action) = target.and_then(|target| target.strip_prefix(TARGET)) else {
            return Err(SqsError::unknown_action(
                "only the AWS JSON protocol is spoken here; use a newer SDK",
            ));
        };
        let body = to_bytes(body, MAX_BODY_BYTES)
            .await
            .map_err(|_| SqsError::malformed("the request is too long"))?;
        let host = parts
            .headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        let input: Value = match body.is_empty() {
            true => Value::Object(Map::new()),
            false => serde_json::from_slice(&body).map_err(|error| {
                SqsError::malformed(format!("the request is not JSON: {error}"))
            })?,
        };
        self.act(action, &input, host.unwrap_or("localhost")).await
    }

    async fn act(&self, action: &str, input: &Value, host: &str) -> Answer {
        match action {
            "CreateQueue" => self.create_queue(input, host),
            "DeleteQueue" => {
                self.queues.delete(name_of(input)?).await?;
                Ok(Value::Null)
            }
            "GetQueueUrl" => {
                let name = text(input, "QueueName")?;
                self.queues.queue(name)?;
                Ok(json!({"QueueUrl": url(host, name)}))
            }
            "ListQueues" => {
                let prefix = input["QueueNamePrefix"].as_str().unwrap_or_default();
                let names = self.queues.names(prefix);
                let urls: Vec<String> = names.iter().map(|name| url(host, name)).collect();
                Ok(json!({"QueueUrls": urls}))
            }
            "GetQueueAttributes" => self.get_attributes(input).await,
            "SetQueueAttributes" => {
                let attributes = attributes::check(&input["Attributes"])?;
                self.queues.change(name_of(input)?, attributes)?;
                Ok(Value::Null)
            }
            "PurgeQueue" => {
                self.queues.queue(name_of(input)?)?.purge().await?;
                Ok(Value::Null)
            }
            "ListDeadLetterSourceQueues" => self.sources(input, host),
            "ListQueueTags" => Ok(json!({})),
            "SendMessage" => messages::send(&self.queues, input).await,
            "SendMessageBatch" => messages::send_batch(&self.queues, input).await,
            "ReceiveMessage" => messages::receive(&self.queues, input).await,
            "DeleteMessage" => messages::delete(&self.queues, input).await,
            "DeleteMessageBatch" => messages::delete_batch(&self.queues, input).await,
            "ChangeMessageVisibility" => messages::change_visibility(&self.queues, input).await,
            "ChangeMessageVisibilityBatch" => {
                messages::change_visibility_batch(&self.queues, input).await
            }
            _ => Err(SqsError::unknown_action(format!(
                "{action} is not an action of this server"
            ))),
        }
    }

    fn create_queue(&self, input: &Value, host: &str) -> Answer {
        let name = text(input, "QueueName")?;
        self.queues
            .create(name, attributes::check(&input["Attributes"])?)?;
        Ok(json!({"QueueUrl": url(host, name)}))
    }

    async fn get_attributes(&self, input: &Value) -> Answer {
        use fanfold_cloud::Queue;
        let name = name_of(input)?;
        let (own, created_ms, modified_ms) = self.queues.describe(name)?;
        let depth = self.queues.queue(name)?.depth().await?;
        let mut all = attributes::all(&own);
        let mut put = |name: &str, value: String| all.insert(name.to_owned(), value);
        put("QueueArn", Queues::arn(name));
        put("CreatedTimestamp", (created_ms / 1000).to_string());
        put("LastModifiedTimestamp", (modified_ms / 1000).to_string());
        put("ApproximateNumberOfMessages", depth.visible.to_string());
        put(
            "ApproximateNumberOfMessagesNotVisible",
            depth.in_flight.to_string(),
        );
        put(
            "ApproximateNumberOfMessagesDelayed",
            depth.delayed.to_string(),
        );
        let asked: Vec<&str> = input["AttributeNames"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        if !asked.contains(&"All") {
            all.retain(|name, _| asked.contains(&name.as_str()));
        }
        Ok(json!({"Attributes": all}))
    }

    fn sources(&self, input: &Value, host: &str) -> Answer {
        let name = name_of(input)?;
        self.queues.queue(name)?;
        let mut urls = Vec::new();
        for source in self.queues.names("") {
            let (own, ..) = self.queues.describe(&source)?;
            let policy = own.get("RedrivePolicy").map_or("", String::as_str);
            if attributes::redrive_of(policy)?.is_some_and(|policy| policy.dead_letters == name) {
                urls.push(url(host, &source));
            }
        }
        Ok(json!({"queueUrls": urls}))
    }
}

/// The URL of a queue at the address that was asked.
fn url(host: &str, name: &str) -> String {
    format!("http://{host}/{ACCOUNT}/{name}")
}

/// A text that must be there.
fn text<'a>(input: &'a Value, name: &str) -> Result<&'a str, SqsError> {
    let value = &input[name];
    match value.as_str() {
        Some(text) => Ok(text),
        None if value.is_null() => Err(SqsError::missing(format!("{name} is missing"))),
        None => Err(SqsError::malformed(format!("{name} is not text"))),
    }
}

/// The name of the queue that a request is about: the last segment of its URL.
fn name_of(input: &Value) -> Result<&str, SqsError> {
    let url = text(input, "QueueUrl")?;
    Ok(url.rsplit('/').next().unwrap_or(url))
}
