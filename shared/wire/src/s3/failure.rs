//! The stores' errors as S3's.

use fanfold_cloud::{CloudError, Key};
use s3s::{S3Error, S3ErrorCode};

/// The error of an operation on an object.
pub(super) fn of_cloud(error: CloudError) -> S3Error {
    let code = match &error {
        CloudError::NotFound { .. } => S3ErrorCode::NoSuchKey,
        CloudError::AlreadyExists { .. } | CloudError::Precondition { .. } => {
            S3ErrorCode::PreconditionFailed
        }
        CloudError::Invalid { .. } => S3ErrorCode::InvalidArgument,
        CloudError::Throttled { .. } => S3ErrorCode::SlowDown,
        CloudError::Unavailable { .. } => S3ErrorCode::ServiceUnavailable,
        _ => S3ErrorCode::InternalError,
    };
    let mut failed = S3Error::with_message(code, error.to_string());
    failed.set_source(Box::new(error));
    failed
}

/// The key of an object that is to be written.
pub(super) fn key(text: &str) -> Result<Key, S3Error> {
    Key::new(text).map_err(|error| {
        S3Error::with_message(
            S3ErrorCode::InvalidArgument,
            format!("the local store does not take this key: {error}"),
        )
    })
}

/// The key of an object that is to be read: what cannot be a key is not there.
pub(super) fn known_key(text: &str) -> Result<Key, S3Error> {
    Key::new(text).map_err(|error| S3Error::with_message(S3ErrorCode::NoSuchKey, error.to_string()))
}

/// An error with its words.
pub(super) fn error(code: S3ErrorCode, message: impl Into<String>) -> S3Error {
    S3Error::with_message(code, message.into())
}
