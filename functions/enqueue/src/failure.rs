//! Failures as answers.

use fanfold_job::Problem;
use fanfold_ledger::LedgerError;

use crate::{AcceptError, Response};

/// The answer for a store or queue that does not do its part.
pub(crate) fn unavailable(error: &LedgerError) -> Response {
    if error.is_transient() {
        tracing::warn!(error = %error, "a request failed for now");
        let problem = Problem::new(503, "unavailable", "A service does not answer")
            .detail("try again with the same Idempotency-Key");
        return Response::problem(&problem).header("retry-after", "5");
    }
    tracing::error!(error = %error, "a request failed");
    Response::problem(
        &Problem::new(500, "internal", "The request failed").detail(error.to_string()),
    )
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
