//! Errors as `application/problem+json` (RFC 9457).

use serde::Serialize;

use crate::{ManifestError, ManifestErrors};

/// A problem, as an answer's body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What kind of problem: a relative reference, stable.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in a few words.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// This occurrence: what happened and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Extension member: each error of a refused manifest, with its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ManifestError>,
    /// Extension member: how many errors there are, when not all are listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_count: Option<u64>,
}

impl Problem {
    /// The media type of a problem.
    pub const MEDIA_TYPE: &'static str = "application/problem+json";

    /// A problem of a kind: `kind` is its name in the project's own list, like `unknown-batch`.
    pub fn new(status: u16, kind: &str, title: &str) -> Self {
        Self {
            kind: format!("/problems/{kind}"),
            title: title.to_owned(),
            status,
            detail: None,
            errors: Vec::new(),
            error_count: None,
        }
    }

    /// Says what happened this time.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// The problem of a manifest that was refused.
    pub fn manifest(errors: ManifestErrors) -> Self {
        let more = errors.total > errors.listed.len() as u64;
        Self {
            error_count: more.then_some(errors.total),
            detail: Some(format!("{} error(s); nothing was queued", errors.total)),
            errors: errors.listed,
            ..Self::new(422, "invalid-manifest", "The manifest is not valid")
        }
    }
}
