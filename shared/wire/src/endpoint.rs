//! One address for all services: requests are told apart as no service's requests look like another's.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, Response, StatusCode, header};
use axum::response::IntoResponse;
use s3s::host::MultiDomain;
use s3s::service::{S3Service, S3ServiceBuilder};

use crate::Credentials;
use crate::lambda::{self, Asynchronous, Function};
use crate::s3::{self, Buckets, Notify};
use crate::sqs::{self, Queues};

/// What an endpoint serves.
pub struct Services {
    /// S3's buckets.
    pub buckets: Buckets,
    /// Who is told of new objects.
    pub notify: Option<Arc<dyn Notify>>,
    /// SQS's queues.
    pub queues: Queues,
    /// The functions that can be invoked, by their names.
    pub functions: BTreeMap<String, Arc<dyn Function>>,
    /// Who takes the events of invocations that nobody waits for.
    pub asynchronous: Arc<dyn Asynchronous>,
    /// Who may ask.
    pub credentials: Credentials,
}

impl std::fmt::Debug for Services {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Services")
            .field("buckets", &self.buckets)
            .field("queues", &self.queues)
            .finish_non_exhaustive()
    }
}

struct Endpoint {
    s3: S3Service,
    sqs: sqs::Service,
    functions: BTreeMap<String, Arc<dyn Function>>,
    asynchronous: Arc<dyn Asynchronous>,
}

/// The services, to be served at a loopback address with that port.
///
/// Buckets are addressed by path, or as `BUCKET.localhost:PORT`.
pub fn router(services: Services, port: u16) -> Router {
    let mut s3 = S3ServiceBuilder::new(s3::Service::new(services.buckets, services.notify));
    s3.set_auth(services.credentials);
    let names = [format!("localhost:{port}"), "localhost".to_owned()];
    if let Ok(hosts) = MultiDomain::new(&names) {
        s3.set_host(hosts);
    }
    let endpoint = Endpoint {
        s3: s3.build(),
        sqs: sqs::Service::new(services.queues),
        functions: services.functions,
        asynchronous: services.asynchronous,
    };
    Router::new()
        .fallback(answer)
        .with_state(Arc::new(endpoint))
}

async fn answer(State(endpoint): State<Arc<Endpoint>>, request: Request) -> Response<Body> {
    if let Some(why) = fault(request.headers()) {
        return (StatusCode::FORBIDDEN, why).into_response();
    }
    let target = request
        .headers()
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok());
    if target.is_some_and(|target| target.starts_with(sqs::TARGET)) || is_query(&request) {
        return endpoint.sqs.call(request).await;
    }
    if request.uri().path().starts_with(lambda::PATH) {
        return lambda::answer(&endpoint.functions, &*endpoint.asynchronous, request).await;
    }
    let mut s3 = endpoint.s3.clone();
    match tower_service::Service::call(&mut s3, request).await {
        Ok(response) => response.map(Body::new),
        Err(error) => {
            tracing::error!(?error, "an S3 request could not be answered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Whether a request is of SQS's older query protocol, which the service answers with what to do.
fn is_query(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    request.method() == Method::POST && kind.starts_with("application/x-www-form-urlencoded")
}

/// Why a request is not for this server: a page of another site may have sent it, by a name that
/// resolves to this machine or across sites. Programs that speak these protocols send no `Origin`.
pub(crate) fn fault(headers: &HeaderMap) -> Option<&'static str> {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    if !is_loopback(host.unwrap_or_default()) {
        return Some("this server answers to localhost only");
    }
    // Browsers send one of these with all that a page asks for.
    (headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site"))
        .then_some("requests from web pages are refused")
}

fn is_loopback(host: &str) -> bool {
    // An IPv6 address is in brackets, so its colons are not the port's.
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.split(':').next().unwrap_or_default(),
    };
    let name = name.to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || name
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_programs_of_this_machine() {
        let refused = |host: &str, origin: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            }
            fault(&headers).is_some()
        };
        for host in [
            "localhost:9002",
            "127.0.0.1",
            "[::1]:9002",
            "bucket.localhost:9002",
        ] {
            assert!(!refused(host, None), "{host}");
            assert!(refused(host, Some("http://localhost:9002")), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example", "", "192.0.2.1"] {
            assert!(refused(host, None), "{host}");
        }
    }
}
