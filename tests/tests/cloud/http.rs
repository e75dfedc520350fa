//! Requests over a connection each: what is sent is what arrives.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Above whatever a function may take.
const LONGEST: Duration = Duration::from_secs(120);

pub(crate) type HttpResult<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Sends a request to `server` and gives the whole answer.
pub(crate) async fn send(
    server: SocketAddr,
    request: Request<Full<Bytes>>,
) -> HttpResult<Response<Bytes>> {
    tokio::time::timeout(LONGEST, exchange(server, request)).await?
}

async fn exchange(
    server: SocketAddr,
    request: Request<Full<Bytes>>,
) -> HttpResult<Response<Bytes>> {
    let stream = TcpStream::connect(server).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let (head, body) = sender.send_request(request).await?.into_parts();
    Ok(Response::from_parts(head, body.collect().await?.to_bytes()))
}
