//! Who may ask. The server trusts whoever reaches its address, so a page of another site in the same
//! browser must not: neither by a name that resolves here (DNS rebinding) nor by a cross-site request.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use super::problem;

/// The address the server listens on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listening(pub(super) IpAddr);

/// Refuses requests for other hosts and from other sites.
pub(super) async fn check(
    State(listening): State<Listening>,
    request: Request,
    next: Next,
) -> Response {
    match fault(listening, request.headers()) {
        None => next.run(request).await,
        Some(detail) => problem::answer(StatusCode::FORBIDDEN, "Forbidden", detail),
    }
}

fn fault(listening: Listening, headers: &HeaderMap) -> Option<&'static str> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST).unwrap_or_default();
    if listening.0.is_loopback() && !is_loopback(host) {
        return Some("this server answers to localhost only; ask for http://localhost:PORT/");
    }
    match text(header::ORIGIN) {
        Some(origin) if origin.strip_prefix("http://") != Some(host) => {
            Some("requests from pages of other sites are refused")
        }
        _ => None,
    }
}

fn is_loopback(host: &str) -> bool {
    // An IPv6 address is in brackets, so its colons are not the port's.
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(host: &str, origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        fault(Listening(IpAddr::from([127, 0, 0, 1])), &headers).is_some()
    }

    #[test]
    fn only_this_machine_and_only_its_own_page() {
        for host in ["localhost:9000", "127.0.0.1", "[::1]:9000", "LOCALHOST"] {
            assert!(!refused(host, None), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example:9000",
            "192.0.2.1",
            "",
        ] {
            assert!(refused(host, None), "{host}");
        }
        assert!(!refused("localhost:9000", Some("http://localhost:9000")));
        assert!(refused("localhost:9000", Some("http://localhost:9001")));
        assert!(refused("localhost:9000", Some("https://evil.example")));
        assert!(refused("localhost:9000", Some("null")));
    }
}
