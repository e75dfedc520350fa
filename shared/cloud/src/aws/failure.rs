//! The SDK's errors as the ports'.

use std::error::Error as StdError;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::error::CloudError;

/// What S3 answers to two conditional writes at once; the loser asks again and then sees the winner.
const CONFLICT: &str = "ConditionalRequestConflict";

/// True when a conditional write met another one under way (HTTP 409).
pub(super) fn is_conflict<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    let status = error
        .raw_response()
        .map(|response| response.status().as_u16());
    status == Some(409) && error.code().is_none_or(|code| code == CONFLICT)
}

/// The port's error for a failed request about `what`.
pub(super) fn map<E>(what: &str, error: SdkError<E, HttpResponse>) -> CloudError
where
    E: StdError + ProvideErrorMetadata + Send + Sync + 'static,
{
    let status = error
        .raw_response()
        .map_or(0, |response| response.status().as_u16());
    let code = error.code().unwrap_or_default().to_owned();
    let no_answer = matches!(
        error,
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_)
    );
    let message = error.message().unwrap_or_default().to_owned();
    let what = what.to_owned();
    let cause: Option<Box<dyn StdError + Send + Sync>> = Some(match code.is_empty() {
        true => Box::new(error),
        false => format!("{code}: {message}").into(),
    });
    if no_answer {
        return CloudError::Unavailable { what, cause };
    }
    match kind(status, &code) {
        Kind::NotFound => CloudError::NotFound { what },
        Kind::Precondition => CloudError::Precondition { what },
        Kind::Invalid => CloudError::Invalid {
            what: format!("{what}: {code}: {message}"),
        },
        Kind::Throttled => CloudError::Throttled { what, cause },
        Kind::Unavailable => CloudError::Unavailable { what, cause },
        Kind::Other => CloudError::Other {
            what: format!("{what} ({status})"),
            cause,
        },
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    NotFound,
    Precondition,
    Invalid,
    Throttled,
    Unavailable,
    Other,
}

/// Error codes come with a prefix on some protocols (`AWS.SimpleQueueService.NonExistentQueue`,
/// `com.amazonaws.sqs#QueueDoesNotExist`); the last word says it.
fn kind(status: u16, code: &str) -> Kind {
    let word = code.rsplit(['.', '#']).next().unwrap_or(code);
    match word {
        "SlowDown"
        | "RequestThrottled"
        | "ThrottlingException"
        | "Throttling"
        | "RequestLimitExceeded"
        | "TooManyRequestsException"
        | "KmsThrottled"
        | "OverLimit"
        | "RequestThrottledException" => Kind::Throttled,
        "NoSuchKey" | "NoSuchUpload" | "NoSuchBucket" | "NotFound" | "QueueDoesNotExist"
        | "NonExistentQueue" => Kind::NotFound,
        "PreconditionFailed" => Kind::Precondition,
        "InvalidRange"
        | "InvalidMessageContents"
        | "BatchRequestTooLong"
        | "TooManyEntriesInBatchRequest"
        | "EmptyBatchRequest"
        | "EntityTooLarge" => Kind::Invalid,
        "ServiceUnavailable" => Kind::Throttled,
        // Faults of the service may come in an answer with status 200 (CompleteMultipartUpload);
        // credentials that have expired are renewed by the next request, and a clock that is wrong is set
        // by the machine that it is of.
        "RequestTimeout"
        | "InternalError"
        | "InternalFailure"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "RequestExpired"
        | "TokenRefreshRequired"
        | "RequestTimeTooSkewed"
        | CONFLICT => Kind::Unavailable,
        _ => match status {
            404 => Kind::NotFound,
            412 => Kind::Precondition,
            416 => Kind::Invalid,
            429 => Kind::Throttled,
            // S3 asks for a slower pace with 503; other 5xx are faults of its own.
            503 => Kind::Throttled,
            500..=599 => Kind::Unavailable,
            _ => Kind::Other,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_statuses_become_what_a_caller_can_act_on() {
        for (status, code, expected) in [
            (503, "SlowDown", Kind::Throttled),
            (503, "", Kind::Throttled),
            (400, "RequestThrottled", Kind::Throttled),
            (500, "InternalError", Kind::Unavailable),
            (200, "InternalError", Kind::Unavailable),
            (200, "SlowDown", Kind::Throttled),
            (400, "ExpiredToken", Kind::Unavailable),
            (403, "RequestTimeTooSkewed", Kind::Unavailable),
            (409, "ConditionalRequestConflict", Kind::Unavailable),
            (412, "PreconditionFailed", Kind::Precondition),
            (412, "", Kind::Precondition),
            (404, "NoSuchKey", Kind::NotFound),
            (404, "", Kind::NotFound),
            (
                400,
                "AWS.SimpleQueueService.NonExistentQueue",
                Kind::NotFound,
            ),
            (400, "com.amazonaws.sqs#QueueDoesNotExist", Kind::NotFound),
            (416, "InvalidRange", Kind::Invalid),
            (403, "AccessDenied", Kind::Other),
        ] {
            assert_eq!(kind(status, code), expected, "{status} {code}");
        }
    }
}
