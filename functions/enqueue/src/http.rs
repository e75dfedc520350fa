//! Requests and answers, without a server's types.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use fanfold_job::{Problem, TenantId};
use serde::Serialize;
use serde_json::{Value, json};

/// An HTTP request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// Method, in capitals.
    pub method: String,
    /// Path, from `/v1` on.
    pub path: String,
    /// Query parameters, decoded; of several of one name the last.
    pub query: BTreeMap<String, String>,
    /// Headers by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// Body.
    pub body: Bytes,
    /// On whose behalf, as the authorizer says.
    pub tenant: TenantId,
}

impl Request {
    /// A header by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// An HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Status.
    pub status: u16,
    /// Headers by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// Body.
    pub body: Bytes,
}

impl Response {
    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: BTreeMap::new(),
            body: Bytes::new(),
        }
    }

    /// An answer with JSON.
    pub fn json(status: u16, value: &impl Serialize) -> Self {
        let body = serde_json::to_vec(value).expect("answers serialise");
        Self::empty(status)
            .header("content-type", "application/json")
            .body(body)
    }

    /// A problem.
    pub fn problem(problem: &Problem) -> Self {
        Self::json(problem.status, problem).header("content-type", Problem::MEDIA_TYPE)
    }

    /// The same with a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.insert(name.to_owned(), value.into());
        self
    }

    /// The same with a body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// The answer as API Gateway reads it (payload format 2.0).
    pub fn to_event(&self) -> Value {
        let (body, encoded) = match std::str::from_utf8(&self.body) {
            Ok(text) => (text.to_owned(), false),
            Err(_) => (STANDARD.encode(&self.body), true),
        };
        json!({"statusCode": self.status, "headers": self.headers, "body": body, "isBase64Encoded": encoded})
    }
}

/// `a=b&c=d` as pairs, percent-decoded.
pub(crate) fn query_pairs(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (percent_decode(name, true), percent_decode(value, true)))
        .collect()
}

/// Undoes percent-encoding; `plus` is a space in queries and in S3's event keys. What is not an
/// escape stays as it is.
pub(crate) fn percent_decode(text: &str, plus: bool) -> String {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|&byte| (byte as char).to_digit(16));
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 2;
            }
            (b'+', ..) if plus => out.push(b' '),
            _ => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone() {
        assert_eq!(percent_decode("a%20b+c%2Fd%zz%", true), "a b c/d%zz%");
        assert_eq!(percent_decode("%E0%A4%A8+", false), "न+");
        assert_eq!(query_pairs("wait=true&x=%26&&y")["x"], "&");
    }

    #[test]
    fn bytes_travel_as_base64() {
        assert_eq!(
            Response::empty(200).body("text").to_event()["isBase64Encoded"],
            false
        );
        let event = Response::empty(200).body(vec![0xff, 0x00]).to_event();
        assert_eq!(
            (event["body"].as_str(), event["isBase64Encoded"].as_bool()),
            (Some("/wA="), Some(true))
        );
    }
}
