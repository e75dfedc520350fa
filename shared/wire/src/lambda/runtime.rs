//! Lambda's Runtime API, for one process: `next`, `response`, `error` and `init/error`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use axum::middleware::Next;
use axum::routing::{get, post};
use fanfold_cloud::{Clock, SystemClock};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use super::{FunctionError, usage};
use crate::endpoint::fault;
use crate::{ACCOUNT, REGION};

/// The largest answer of a function (Lambda: 6 MB).
const MAX_ANSWER_BYTES: usize = 6 * 1024 * 1024;

/// What an invocation ends as.
pub(super) type Outcome = Result<Value, FunctionError>;

/// An event on its way to a process.
#[derive(Debug)]
pub(super) struct Invocation {
    pub(super) id: String,
    pub(super) event: Bytes,
    /// Told when the process has it.
    pub(super) taken: oneshot::Sender<()>,
}

/// The process's side of the API.
#[derive(Debug)]
pub(super) struct RuntimeApi {
    function: String,
    timeout: Duration,
    queue: tokio::sync::Mutex<mpsc::UnboundedReceiver<Invocation>>,
    waiting: Mutex<Waiting>,
    started: Instant,
    /// The process's number, once it has one.
    pub(super) pid: OnceLock<u32>,
}

/// What a process has taken to its first `next`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FirstPoll {
    /// Since it was started.
    pub(super) after: Duration,
    /// Of processor time, where the system says it.
    pub(super) processor: Option<Duration>,
}

#[derive(Debug, Default)]
struct Waiting {
    /// Who waits for which invocation.
    outcomes: BTreeMap<String, oneshot::Sender<Outcome>>,
    /// Why there will be no more, once it is so.
    over: Option<FunctionError>,
    first_poll: Option<FirstPoll>,
}

impl RuntimeApi {
    pub(super) fn new(
        function: &str,
        timeout: Duration,
        queue: mpsc::UnboundedReceiver<Invocation>,
    ) -> Self {
        Self {
            function: function.to_owned(),
            timeout,
            queue: tokio::sync::Mutex::new(queue),
            waiting: Mutex::default(),
            started: Instant::now(),
            pid: OnceLock::new(),
        }
    }

    /// Waits for an invocation's outcome; at once the reason when there will be none.
    pub(super) fn expect(&self, id: &str) -> Result<oneshot::Receiver<Outcome>, FunctionError> {
        let (sender, receiver) = oneshot::channel();
        let mut waiting = self.locked();
        match &waiting.over {
            Some(reason) => Err(reason.clone()),
            None => {
                waiting.outcomes.insert(id.to_owned(), sender);
                Ok(receiver)
            }
        }
    }

    /// Ends what is under way, for the first reason that is given.
    pub(super) fn end(&self, reason: &FunctionError) {
        let mut waiting = self.locked();
        let reason = waiting.over.get_or_insert_with(|| reason.clone()).clone();
        for outcome in std::mem::take(&mut waiting.outcomes).into_values() {
            // Who does not wait any more need not be told.
            let _ = outcome.send(Err(reason.clone()));
        }
    }

    /// Whether it has ended.
    pub(super) fn is_over(&self) -> bool {
        self.locked().over.is_some()
    }

    /// What the process took to its first `next`, once it has.
    pub(super) fn first_poll(&self) -> Option<FirstPoll> {
        self.locked().first_poll
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn settle(&self, id: &str, outcome: Outcome) -> Response<Body> {
        match self.locked().outcomes.remove(id) {
            Some(waiting) => {
                let _ = waiting.send(outcome);
                status(StatusCode::ACCEPTED)
            }
            None => refuse(
                StatusCode::BAD_REQUEST,
                "InvalidRequestID",
                "it is not under way",
            ),
        }
    }
}

/// The API's paths. A page in a browser can reach the port too, and is refused.
pub(super) fn router(api: Arc<RuntimeApi>) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route(
            "/2018-06-01/runtime/invocation/{id}/response",
            post(response),
        )
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error))
        .with_state(api)
        .layer(axum::middleware::from_fn(
            async |request: Request, next: Next| match fault(request.headers()) {
                Some(why) => refuse(StatusCode::FORBIDDEN, "Forbidden", why),
                None => next.run(request).await,
            },
        ))
}

async fn next(State(api): State<Arc<RuntimeApi>>) -> Response<Body> {
    {
        let mut waiting = api.locked();
        if waiting.first_poll.is_none() {
            waiting.first_poll = Some(FirstPoll {
                after: api.started.elapsed(),
                processor: api.pid.get().and_then(|&pid| usage::processor_time(pid)),
            });
        }
    }
    let Some(invocation) = api.queue.lock().await.recv().await else {
        return refuse(StatusCode::GONE, "Gone", "the host is going away");
    };
    let timeout_ms = u64::try_from(api.timeout.as_millis()).unwrap_or(u64::MAX);
    let deadline_ms = SystemClock.now_ms().saturating_add(timeout_ms);
    let seconds = deadline_ms / 1000;
    let suffix: String = invocation
        .id
        .chars()
        .filter(|it| *it != '-')
        .take(24)
        .collect();
    let mut response = Response::new(Body::from(invocation.event));
    let headers = response.headers_mut();
    let arn = format!(
        "arn:aws:lambda:{REGION}:{ACCOUNT}:function:{}",
        api.function
    );
    for (name, value) in [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", invocation.id.clone()),
        ("lambda-runtime-deadline-ms", deadline_ms.to_string()),
        ("lambda-runtime-invoked-function-arn", arn),
        (
            "lambda-runtime-trace-id",
            format!("Root=1-{seconds:08x}-{suffix};Sampled=0"),
        ),
    ] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    let _ = invocation.taken.send(());
    response
}

async fn response(
    State(api): State<Arc<RuntimeApi>>,
    Path(id): Path<String>,
    request: Request,
) -> Response<Body> {
    let Ok(body) = to_bytes(request.into_body(), MAX_ANSWER_BYTES).await else {
        let kind = "Function.ResponseSizeTooLarge";
        let message = format!("the answer has more than {MAX_ANSWER_BYTES} bytes");
        api.settle(&id, Err(FunctionError::new(kind, &message)));
        return refuse(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestEntityTooLarge",
            &message,
        );
    };
    let outcome = match body.is_empty() {
        true => Ok(Value::Null),
        false => serde_json::from_slice(&body).map_err(|error| {
            FunctionError::new(
                "Runtime.MarshalError",
                format!("the answer is not JSON: {error}"),
            )
        }),
    };
    api.settle(&id, outcome)
}

async fn error(
    State(api): State<Arc<RuntimeApi>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Response<Body> {
    let error = told(&headers, request).await;
    api.settle(&id, Err(error))
}

async fn init_error(
    State(api): State<Arc<RuntimeApi>>,
    headers: HeaderMap,
    request: Request,
) -> Response<Body> {
    let error = told(&headers, request).await;
    tracing::error!(function = api.function, %error, "a function could not start");
    api.end(&error);
    status(StatusCode::ACCEPTED)
}

/// The error that a function tells of.
async fn told(headers: &HeaderMap, request: Request) -> FunctionError {
    let body = to_bytes(request.into_body(), MAX_ANSWER_BYTES)
        .await
        .unwrap_or_default();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let header = headers.get("lambda-runtime-function-error-type");
    let kind = body["errorType"]
        .as_str()
        .or_else(|| header.and_then(|kind| kind.to_str().ok()))
        .unwrap_or("Runtime.Unknown");
    FunctionError::new(kind, body["errorMessage"].as_str().unwrap_or_default())
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::from(r#"{"status":"OK"}"#));
    *response.status_mut() = status;
    response
}

fn refuse(code: StatusCode, kind: &str, message: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(
        json!({"errorType": kind, "errorMessage": message}).to_string(),
    ));
    *response.status_mut() = code;
    response
}
