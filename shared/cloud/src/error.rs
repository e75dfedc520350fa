//! What can go wrong behind a port, told apart by what a caller can do about it.

use std::error::Error as StdError;

/// The result of a port's operation.
pub type CloudResult<T> = Result<T, CloudError>;

type Source = Box<dyn StdError + Send + Sync + 'static>;

/// Why an operation on the store or the queue did not succeed.
///
/// The variants are the cases that callers handle differently; [`CloudError::is_transient`] says
/// which are worth another try.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CloudError {
    /// There is no such object, upload, queue or message.
    #[error("{what} does not exist")]
    NotFound {
        /// What was looked for, usually a key.
        what: String,
    },
    /// A create-once write found the object already there.
    #[error("{what} already exists")]
    AlreadyExists {
        /// What was to be created, usually a key.
        what: String,
    },
    /// A condition of the request does not hold (other than existence).
    #[error("the condition on {what} does not hold")]
    Precondition {
        /// What the condition was about.
        what: String,
    },
    /// The request itself is wrong: a range outside the object, a batch that is too long, a message
    /// over the limit. Trying again does not help.
    #[error("{what}")]
    Invalid {
        /// What is wrong and what is allowed.
        what: String,
    },
    /// The service asks for a slower pace. Try again after a pause.
    #[error("{what} is throttled")]
    Throttled {
        /// What was asked for.
        what: String,
        /// The service's own error.
        #[source]
        source: Option<Source>,
    },
    /// The service did not answer, or answered that it cannot now. Try again after a pause; the
    /// operation may or may not have happened.
    #[error("{what} is unavailable")]
    Unavailable {
        /// What was asked for.
        what: String,
        /// The service's own error.
        #[source]
        source: Option<Source>,
    },
    /// Everything else: refused permission, a full disk, a corrupt file.
    #[error("{what} failed")]
    Other {
        /// What was asked for.
        what: String,
        /// The underlying error.
        #[source]
        source: Option<Source>,
    },
}

impl CloudError {
    /// True when the same request can succeed later without anything else changing.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Throttled { .. } | Self::Unavailable { .. })
    }

    /// True for [`CloudError::NotFound`].
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// True for [`CloudError::AlreadyExists`].
    #[must_use]
    pub fn is_already_exists(&self) -> bool {
        matches!(self, Self::AlreadyExists { .. })
    }

    /// A [`CloudError::NotFound`] for `what`.
    pub fn not_found(what: impl Into<String>) -> Self {
        Self::NotFound { what: what.into() }
    }

    /// A [`CloudError::AlreadyExists`] for `what`.
    pub fn already_exists(what: impl Into<String>) -> Self {
        Self::AlreadyExists { what: what.into() }
    }

    /// A [`CloudError::Invalid`] that says `what` is wrong.
    pub fn invalid(what: impl Into<String>) -> Self {
        Self::Invalid { what: what.into() }
    }

    /// A [`CloudError::Throttled`] for `what`.
    pub fn throttled(what: impl Into<String>) -> Self {
        Self::Throttled {
            what: what.into(),
            source: None,
        }
    }

    /// A [`CloudError::Unavailable`] for `what`.
    pub fn unavailable(what: impl Into<String>) -> Self {
        Self::Unavailable {
            what: what.into(),
            source: None,
        }
    }

    /// A [`CloudError::Other`] for `what`, because of `source`.
    pub fn other(what: impl Into<String>, source: impl Into<Source>) -> Self {
        Self::Other {
            what: what.into(),
            source: Some(source.into()),
        }
    }
}
