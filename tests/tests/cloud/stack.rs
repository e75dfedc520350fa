//! What the cases ask of a deployed stack, wherever it runs.

use std::net::{Ipv4Addr, SocketAddr};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Request, Response};

use crate::http::{self, HttpResult};

/// Where the parts of a stack are.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    /// The HTTP API's server, and the `Host` that it knows the API by.
    pub(crate) api: (SocketAddr, String),
    /// The servers of S3 and SQS themselves, not the proxy.
    pub(crate) s3: SocketAddr,
    pub(crate) sqs: SocketAddr,
    pub(crate) bucket: String,
    pub(crate) interactive: String,
    pub(crate) bulk: String,
    pub(crate) merge: String,
    pub(crate) dead_letters: String,
    /// Of messages that nothing could settle.
    pub(crate) unsettled: String,
}

impl Default for Addresses {
    /// Nothing is anywhere yet.
    fn default() -> Self {
        let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            api: (nowhere, String::new()),
            s3: nowhere,
            sqs: nowhere,
            bucket: String::new(),
            interactive: String::new(),
            bulk: String::new(),
            merge: String::new(),
            dead_letters: String::new(),
            unsettled: String::new(),
        }
    }
}

impl Addresses {
    /// The URLs of all queues.
    pub(crate) fn queues(&self) -> [&str; 5] {
        [
            &self.interactive,
            &self.bulk,
            &self.merge,
            &self.dead_letters,
            &self.unsettled,
        ]
    }

    /// Sends a request to the HTTP API.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> HttpResult<Response<Bytes>> {
        let (server, host) = &self.api;
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", host);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        http::send(*server, request.body(Full::new(body.into()))?).await
    }
}

/// A deployed stack, whose functions reach S3 and SQS through the proxy.
pub(crate) trait Stack: Send + Sync {
    /// Where its parts are.
    fn addresses(&self) -> &Addresses;

    /// What it and the functions have logged.
    fn log(&self) -> String;

    /// Answers to SQS batches that AWS would not have taken.
    fn bad_answers(&self) -> String;

    /// How often a function was ended for using more memory than it has.
    fn ended_for_memory(&self) -> u32;

    /// Kills what runs the functions, so that it can end none of them itself, and says how many of them
    /// are still there after a while; none where that is not this project's to see to.
    fn left_when_killed(&self) -> Option<usize> {
        None
    }

    /// Ends every process of it.
    fn stop(&self);
}
