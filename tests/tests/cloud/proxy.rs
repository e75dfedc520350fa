//! Between the functions and the servers of S3 and SQS: passes requests on, unless a rule says otherwise.

use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::header::{CONNECTION, CONTENT_LENGTH, IF_NONE_MATCH, TRANSFER_ENCODING};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use md5::Digest;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::faults::{Fault, Rule, Rules, Seen, Service};
use crate::http::{self, HttpResult};
use crate::processes::{FunctionProcess, Signal};

/// Pauses that the functions ask SQS for are so many times shorter here: what they ask for is right
/// or wrong whatever it is in seconds, and half a minute's backoff is long for a test.
const PACE: u64 = 10;

/// Two listeners, one before each server.
pub(crate) struct Proxy {
    pub(crate) rules: Rules,
    s3: SocketAddr,
    sqs: SocketAddr,
    servers: OnceLock<(SocketAddr, SocketAddr)>,
}

impl Proxy {
    /// Listens on two ports of the loopback interface.
    pub(crate) async fn start() -> HttpResult<Arc<Self>> {
        let s3 = TcpListener::bind("127.0.0.1:0").await?;
        let sqs = TcpListener::bind("127.0.0.1:0").await?;
        let proxy = Arc::new(Self {
            rules: Rules::default(),
            s3: s3.local_addr()?,
            sqs: sqs.local_addr()?,
            servers: OnceLock::new(),
        });
        for (listener, service) in [(s3, Service::S3), (sqs, Service::Sqs)] {
            tokio::spawn(listen(Arc::clone(&proxy), listener, service));
        }
        Ok(proxy)
    }

    /// Says where S3 and SQS are.
    pub(crate) fn before(&self, s3: SocketAddr, sqs: SocketAddr) {
        self.servers
            .set((s3, sqs))
            .expect("the servers are said once");
    }

    /// The endpoint of S3.
    pub(crate) fn s3(&self) -> String {
        format!("http://{}", self.s3)
    }

    /// The endpoint of SQS.
    pub(crate) fn sqs(&self) -> String {
        format!("http://{}", self.sqs)
    }

    async fn handle(
        &self,
        request: Request<Incoming>,
        service: Service,
        peer: SocketAddr,
    ) -> HttpResult<Response<Answer>> {
        let (head, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let operation = head
            .headers
            .get("x-amz-target")
            .and_then(|target| target.to_str().ok());
        let seen = Seen {
            service,
            method: head.method.clone(),
            target: head.uri.to_string(),
            operation: operation
                .and_then(|target| target.split('.').nth(1))
                .unwrap_or_default()
                .to_owned(),
            conditional: head.headers.contains_key(IF_NONE_MATCH),
            body,
        };
        let Some(rule) = self.rules.of(&seen) else {
            let answer = self.pass(head, &seen, seen.body.clone()).await?;
            return Ok(answer.map(Answer::Whole));
        };
        if let Fault::Truncate | Fault::Stall | Fault::Spoil = rule.fault {
            let answer = self.pass(head, &seen, seen.body.clone()).await?;
            rule.note(&seen);
            return Ok(damaged(answer, rule.fault));
        }
        let answer = self.disturb(head, &seen, &rule, service, peer).await?;
        Ok(answer.map(Answer::Whole))
    }

    /// Does to a request what a rule says.
    async fn disturb(
        &self,
        head: hyper::http::request::Parts,
        seen: &Seen,
        rule: &Rule,
        service: Service,
        peer: SocketAddr,
    ) -> HttpResult<Response<Bytes>> {
        let here = match service {
            Service::S3 => self.s3,
            Service::Sqs => self.sqs,
        };
        let signalled = |signal| {
            let process = FunctionProcess::at(&self.s3(), peer, here);
            if process.is_none() {
                eprintln!(
                    "no function's process is at {peer}: {} {}",
                    seen.method, seen.target
                );
            }
            process.is_some_and(|process| process.signal(signal))
        };
        match rule.fault {
            Fault::Watch => {
                rule.note(seen);
                self.pass(head, seen, seen.body.clone()).await
            }
            Fault::Refuse(status, code) => {
                rule.note(seen);
                refusal(seen, status, code)
            }
            Fault::Delay(delay) => {
                rule.note(seen);
                tokio::time::sleep(delay).await;
                self.pass(head, seen, seen.body.clone()).await
            }
            Fault::Hold => {
                rule.note(seen);
                rule.held().await;
                self.pass(head, seen, seen.body.clone()).await
            }
            Fault::Cut => {
                rule.note(seen);
                Err("cut".into())
            }
            Fault::Truncate | Fault::Stall | Fault::Spoil => {
                Err("a body is damaged where it is given".into())
            }
            Fault::Swallow => {
                rule.note(seen);
                swallowed(seen)
            }
            Fault::Lose => {
                self.pass(head, seen, seen.body.clone()).await?;
                rule.note(seen);
                Err("lost".into())
            }
            Fault::KillBefore(signal) => {
                if signalled(signal) {
                    rule.note(seen);
                }
                if signal == Signal::STOP {
                    // What is stopped keeps its connection.
                    std::future::pending::<Infallible>().await;
                }
                Err("killed".into())
            }
            Fault::KillAfter(signal) => {
                self.pass(head, seen, seen.body.clone()).await?;
                if signalled(signal) {
                    rule.note(seen);
                }
                Err("killed".into())
            }
            Fault::RefuseEveryOther => {
                rule.note(seen);
                self.pass_half(head, seen).await
            }
        }
    }

    /// Sends a request on to its server.
    async fn pass(
        &self,
        head: hyper::http::request::Parts,
        seen: &Seen,
        body: Bytes,
    ) -> HttpResult<Response<Bytes>> {
        let (s3, sqs) = *self.servers.get().ok_or("the servers are not there yet")?;
        let server = match seen.service {
            Service::S3 => s3,
            Service::Sqs => sqs,
        };
        let body = match seen.operation.as_str() {
            "ChangeMessageVisibility" => {
                paced(&body, |message| vec![&mut message["VisibilityTimeout"]])
            }
            "SendMessageBatch" => paced(&body, |message| {
                let entries = message["Entries"].as_array_mut().into_iter().flatten();
                entries.map(|entry| &mut entry["DelaySeconds"]).collect()
            }),
            _ => body,
        };
        let mut request = Request::from_parts(head, Full::new(body));
        for header in [CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION] {
            request.headers_mut().remove(header);
        }
        let sent = http::send(server, request).await;
        let mut response = sent.inspect_err(|error| {
            eprintln!("{} {} is not answered: {error:?}", seen.method, seen.target);
        })?;
        response.headers_mut().remove(TRANSFER_ENCODING);
        response.headers_mut().remove(CONNECTION);
        if seen.method != Method::HEAD {
            response.headers_mut().remove(CONTENT_LENGTH);
        }
        Ok(response)
    }

    /// Sends every other message of a batch on, and says of the others that they were refused.
    async fn pass_half(
        &self,
        head: hyper::http::request::Parts,
        seen: &Seen,
    ) -> HttpResult<Response<Bytes>> {
        let mut message = seen.json();
        let entries = message["Entries"].as_array().cloned().unwrap_or_default();
        let (mut sent, mut refused) = (Vec::new(), Vec::new());
        for (number, entry) in entries.into_iter().enumerate() {
            match number % 2 {
                0 => refused.push(json!({"Id": entry["Id"], "SenderFault": false, "Code": "InternalError", "Message": "try again"})),
                _ => sent.push(entry),
            }
        }
        if sent.is_empty() {
            let answer = json!({"Successful": [], "Failed": refused});
            return Ok(Response::builder()
                .header("content-type", "application/x-amz-json-1.0")
                .body(answer.to_string().into())?);
        }
        message["Entries"] = sent.into();
        let (head, body) = self
            .pass(head, seen, message.to_string().into())
            .await?
            .into_parts();
        let mut answer: Value = serde_json::from_slice(&body)?;
        answer["Failed"] = refused.into();
        Ok(Response::from_parts(head, answer.to_string().into()))
    }
}

/// An answer's body.
enum Answer {
    Whole(Bytes),
    /// Its first half; the connection ends behind it.
    Half(Bytes),
    /// Its first half; nothing comes behind it.
    Begun(Bytes),
    /// Nothing comes, and the connection stays.
    Silence,
    /// The connection ends here.
    End,
}

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let (now, then) = match std::mem::replace(&mut *self, Self::End) {
            Self::Whole(bytes) if bytes.is_empty() => (None, Self::Whole(bytes)),
            Self::Whole(bytes) => (Some(Ok(Frame::data(bytes))), Self::Whole(Bytes::new())),
            Self::Half(bytes) => (Some(Ok(Frame::data(bytes))), Self::End),
            Self::Begun(bytes) => (Some(Ok(Frame::data(bytes))), Self::Silence),
            Self::Silence => {
                *self = Self::Silence;
                return Poll::Pending;
            }
            Self::End => (Some(Err("cut in the middle".into())), Self::End),
        };
        *self = then;
        Poll::Ready(now)
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(bytes) if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Half(_) | Self::Begun(_) | Self::Silence | Self::End => SizeHint::default(),
        }
    }
}

/// An answer that says how long it is and ends or stops half-way, or of which a bit is another.
fn damaged(answer: Response<Bytes>, fault: Fault) -> Response<Answer> {
    let (mut head, body) = answer.into_parts();
    head.headers.insert(CONTENT_LENGTH, body.len().into());
    let half = body.len() / 2;
    let body = match fault {
        Fault::Truncate => Answer::Half(body.slice(..half)),
        Fault::Stall => Answer::Begun(body.slice(..half)),
        _ => {
            let mut body = body.to_vec();
            if let Some(byte) = body.get_mut(half) {
                *byte ^= 1;
            }
            Answer::Whole(body.into())
        }
    };
    Response::from_parts(head, body)
}

/// The answer to a batch of messages that all were taken.
fn swallowed(seen: &Seen) -> HttpResult<Response<Bytes>> {
    let message = seen.json();
    let entries = message["Entries"].as_array().into_iter().flatten();
    let taken: Vec<Value> = entries
        .map(|entry| {
            let body = entry["MessageBody"].as_str().unwrap_or_default();
            let md5 = data_encoding::HEXLOWER.encode(&md5::Md5::digest(body));
            json!({"Id": entry["Id"], "MessageId": "swallowed", "MD5OfMessageBody": md5})
        })
        .collect();
    Ok(Response::builder()
        .header("content-type", "application/x-amz-json-1.0")
        .body(json!({"Successful": taken}).to_string().into())?)
}

/// Makes the pauses that `find` finds in a message shorter.
fn paced(body: &Bytes, find: impl Fn(&mut Value) -> Vec<&mut Value>) -> Bytes {
    let Ok(mut message) = serde_json::from_slice::<Value>(body) else {
        return body.clone();
    };
    for pause in find(&mut message) {
        if let Some(seconds) = pause.as_u64() {
            *pause = seconds.div_ceil(PACE).into();
        }
    }
    message.to_string().into()
}

fn refusal(seen: &Seen, status: u16, code: &str) -> HttpResult<Response<Bytes>> {
    let (kind, body) = match seen.service {
        Service::S3 => (
            "application/xml",
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>injected</Message><RequestId>0</RequestId></Error>"
            ),
        ),
        Service::Sqs => (
            "application/x-amz-json-1.0",
            json!({"__type": format!("com.amazonaws.sqs#{code}"), "message": "injected"})
                .to_string(),
        ),
    };
    let body = if seen.method == Method::HEAD {
        String::new()
    } else {
        body
    };
    Ok(Response::builder()
        .status(status)
        .header("content-type", kind)
        .body(body.into())?)
}

async fn listen(proxy: Arc<Proxy>, listener: TcpListener, service: Service) {
    while let Ok((stream, peer)) = listener.accept().await {
        let proxy = Arc::clone(&proxy);
        let answer = service_fn(move |request| {
            let proxy = Arc::clone(&proxy);
            async move { proxy.handle(request, service, peer).await }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
    }
}
