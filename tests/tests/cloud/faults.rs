//! What goes wrong, and when: rules over the requests that the functions send to S3 and SQS.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use hyper::Method;
use serde_json::Value;
use tokio::sync::watch;

use crate::processes::Signal;

/// Which of the two servers a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    S3,
    Sqs,
}

/// A request on its way.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) service: Service,
    pub(crate) method: Method,
    /// Path and query, as sent.
    pub(crate) target: String,
    /// Of SQS, the operation: `SendMessageBatch`.
    pub(crate) operation: String,
    /// Whether it is to create, not to replace (`If-None-Match: *`).
    pub(crate) conditional: bool,
    pub(crate) body: Bytes,
}

impl Seen {
    /// A write to S3 of an object whose key contains `part`, in whatever step of an upload.
    pub(crate) fn writes(&self, part: &str) -> bool {
        let write = self.method == Method::PUT || self.method == Method::POST;
        self.service == Service::S3 && write && self.target.contains(part)
    }

    /// A request to S3 for something whose key contains `part`.
    pub(crate) fn touches(&self, part: &str) -> bool {
        self.service == Service::S3 && self.target.contains(part)
    }

    /// A read of an object whose key contains `part`.
    pub(crate) fn reads(&self, part: &str) -> bool {
        self.method == Method::GET && self.touches(part) && !self.target.contains("list-type=2")
    }

    /// A list of objects whose prefix contains `part`.
    pub(crate) fn lists(&self, part: &str) -> bool {
        self.service == Service::S3
            && self.target.contains("list-type=2")
            && self.target.replace("%2F", "/").contains(part)
    }

    /// The sending of messages that name `part`, to the queue with this URL or to any.
    pub(crate) fn sends(&self, queue: Option<&str>, part: &str) -> bool {
        let named = self.json();
        let named = named["QueueUrl"].as_str().and_then(name_of);
        self.operation == "SendMessageBatch"
            && queue.is_none_or(|queue| named == name_of(queue))
            && String::from_utf8_lossy(&self.body).contains(part)
    }

    /// The body as JSON; null when it is not.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// The name of a queue, which its URL ends with.
fn name_of(url: &str) -> Option<&str> {
    url.rsplit('/').next()
}

/// What happens to a request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    /// Nothing: it is remembered.
    Watch,
    /// It is answered with this status and S3 error code, and goes no further.
    Refuse(u16, &'static str),
    /// It goes on after a while.
    Delay(Duration),
    /// It goes on when the rule is released.
    Hold,
    /// The connection ends before it goes on.
    Cut,
    /// It is carried out, and the connection ends in the middle of the answer's body.
    Truncate,
    /// It is carried out, and the answer's body stops in the middle while the connection stays.
    Stall,
    /// It is carried out, and a bit of the answer's body is another.
    Spoil,
    /// Of messages that are sent, the answer is that they were taken, and they go no further.
    Swallow,
    /// It is carried out, and the connection ends before the answer.
    Lose,
    /// The process that sent it is signalled before it goes on.
    KillBefore(Signal),
    /// It is carried out, and the process that sent it is signalled before the answer.
    KillAfter(Signal),
    /// Of a batch of messages, every other one is refused, the first among them.
    RefuseEveryOther,
}

/// A fault and the requests it happens to.
pub(crate) struct Rule {
    applies: Box<dyn Fn(&Seen) -> bool + Send + Sync>,
    /// Of those it applies to, the first that it happens to, from 0, and how many.
    first: u32,
    times: u32,
    pub(crate) fault: Fault,
    applied: AtomicU32,
    happened: AtomicU32,
    remembered: Mutex<Vec<Seen>>,
    released: watch::Sender<bool>,
}

impl Rule {
    /// How often it happened.
    pub(crate) fn happened(&self) -> u32 {
        self.happened.load(Ordering::Relaxed)
    }

    /// The requests it happened to.
    pub(crate) fn remembered(&self) -> Vec<Seen> {
        let remembered = self.remembered.lock();
        remembered.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// That it has happened, in the end: fewer signals may find a process than were to be sent.
    pub(crate) fn note(&self, seen: &Seen) {
        self.happened.fetch_add(1, Ordering::Relaxed);
        let mut remembered = self
            .remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        remembered.push(seen.clone());
    }

    /// Lets go on what it holds, and holds nothing more.
    pub(crate) fn release(&self) {
        self.released.send_replace(true);
    }

    /// Waits until it is released.
    pub(crate) async fn held(&self) {
        let mut released = self.released.subscribe();
        // The sender is this rule's own.
        let _ = released.wait_for(|released| *released).await;
    }

    fn takes(&self, seen: &Seen) -> bool {
        if !(self.applies)(seen) {
            return false;
        }
        let number = self.applied.fetch_add(1, Ordering::Relaxed);
        number >= self.first && number - self.first < self.times
    }
}

/// All rules of a run.
#[derive(Default)]
pub(crate) struct Rules(Mutex<Vec<Arc<Rule>>>);

impl Rules {
    /// Adds a fault that happens to `times` requests, after the `first` ones that it applies to.
    pub(crate) fn add(
        &self,
        fault: Fault,
        first: u32,
        times: u32,
        applies: impl Fn(&Seen) -> bool + Send + Sync + 'static,
    ) -> Arc<Rule> {
        let rule = Arc::new(Rule {
            applies: Box::new(applies),
            first,
            times,
            fault,
            applied: AtomicU32::new(0),
            happened: AtomicU32::new(0),
            remembered: Mutex::default(),
            released: watch::Sender::new(false),
        });
        let mut rules = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        rules.push(Arc::clone(&rule));
        rule
    }

    /// The first rule that takes the request.
    pub(crate) fn of(&self, seen: &Seen) -> Option<Arc<Rule>> {
        let rules = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        rules.into_iter().find(|rule| rule.takes(seen))
    }
}
