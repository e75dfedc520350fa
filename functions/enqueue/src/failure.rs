//! Failures as answers.

use fanfold_job::{BatchId, Problem};
use fanfold_ledger::LedgerError;

use crate::{AcceptError, Response};

/// The answer for a store or queue that does not do its part.
pub(crate) fn unavailable(error: &LedgerError) -> Response {
    if error.is_transient() {
        tracing::warn!(error = %error, "a request failed for now");
        let problem = Problem::new(503, "unavailable", "A service does not answer")
            .detail("try again, with the same Idempotency-Key if there was one");
        return Response::problem(&problem).header("retry-after", "5");
    }
    tracing::error!(error = %error, "a request failed");
    Response::problem(
        &Problem::new(500, "internal", "The request failed").detail(error.to_string()),
    )
}

/// The answer for a batch that is accepted and could not be queued whole. The same request again
/// goes on with it, if it has a key that names it.
pub(crate) fn half_queued(error: &LedgerError, batch: &BatchId, has_key: bool) -> Response {
    let response = unavailable(error);
    if has_key || !error.is_transient() {
        return response;
    }
    let problem = Problem::new(503, "unavailable", "A service does not answer").detail(format!(
        "some documents of batch {batch} are not queued: POST /v1/batches/{batch}/retry goes on with it"
    ));
    Response {
        body: Response::problem(&problem).body,
        ..response
    }
    .header("location", format!("/v1/batches/{batch}"))
}

/// The answer for a manifest that was not accepted.
pub(crate) fn not_accepted(error: AcceptError) -> Response {
    match error {
        AcceptError::Manifest(errors) => Response::problem(&Problem::manifest(errors)),
        AcceptError::Conflict => Response::problem(
            &Problem::new(
                409,
                "idempotency-conflict",
                "The Idempotency-Key was used with another request",
            )
            .detail("repeat the same request, or use a new key"),
        ),
        AcceptError::Changed(key) => Response::problem(
            &Problem::new(409, "changed", "An object changed while it was read")
                .detail(format!("{key}; try again")),
        ),
        AcceptError::Ledger(error) => unavailable(&error),
    }
}

/// A 400 with a reason.
pub(crate) fn bad_request(detail: impl Into<String>) -> Response {
    Response::problem(&Problem::new(400, "bad-request", "The request is not valid").detail(detail))
}

/// A 403 with a reason.
pub(crate) fn forbidden(detail: impl Into<String>) -> Response {
    Response::problem(&Problem::new(403, "forbidden", "The caller may not do this").detail(detail))
}

/// A 413 for a manifest that is longer than one may be.
pub(crate) fn too_large(bytes: usize, limit: usize) -> Response {
    let detail = format!(
        "{bytes} bytes; a JSON manifest has at most {limit}: send JSON Lines or CSV, or name a file of rows"
    );
    Response::problem(&Problem::new(413, "too-large", "The manifest is too large").detail(detail))
}

/// A 415 for a type that no manifest has.
pub(crate) fn unsupported(media_type: &str) -> Response {
    let detail = format!(
        "{media_type} is not a manifest's type; send application/json, application/x-ndjson or text/csv"
    );
    Response::problem(
        &Problem::new(415, "media-type", "The manifest's type is not known").detail(detail),
    )
}

/// A 404 with a reason.
pub(crate) fn not_found(detail: impl Into<String>) -> Response {
    Response::problem(&Problem::new(404, "not-found", "There is no such thing").detail(detail))
}

/// A 409 with a reason.
pub(crate) fn conflict(detail: impl Into<String>) -> Response {
    Response::problem(
        &Problem::new(409, "conflict", "The batch's state does not allow it").detail(detail),
    )
}
