//! What can go wrong behind a port, told apart by what a caller can do about it.

use std::error::Error as StdError;
use std::fmt::Write;
use std::io;

/// The result of a port's operation.
pub type CloudResult<T> = Result<T, CloudError>;

type Cause = Box<dyn StdError + Send + Sync + 'static>;

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
    #[error("{what} is throttled{}", because(cause.as_deref()))]
    Throttled {
        /// What was asked for.
        what: String,
        /// The service's own error; the text of this one ends with it.
        cause: Option<Cause>,
    },
    /// The service did not answer, or answered that it cannot now; a disk is full. Try again after a pause; the
    /// operation may or may not have happened.
    #[error("{what} is unavailable{}", because(cause.as_deref()))]
    Unavailable {
        /// What was asked for.
        what: String,
        /// The service's own error; the text of this one ends with it.
        cause: Option<Cause>,
    },
    /// Everything else: refused permission, a corrupt file.
    #[error("{what} failed{}", because(cause.as_deref()))]
    Other {
        /// What was asked for.
        what: String,
        /// The underlying error; the text of this one ends with it.
        cause: Option<Cause>,
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

    /// True when a file could not be written for want of room on its disk.
    #[must_use]
    pub fn is_full(&self) -> bool {
        let (Self::Unavailable { cause, .. } | Self::Other { cause, .. }) = self else {
            return false;
        };
        let cause = cause.as_deref().and_then(|cause| cause.downcast_ref());
        cause.is_some_and(|error: &io::Error| {
            matches!(
                error.kind(),
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
            )
        })
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
            cause: None,
        }
    }

    /// A [`CloudError::Unavailable`] for `what`.
    pub fn unavailable(what: impl Into<String>) -> Self {
        Self::Unavailable {
            what: what.into(),
            cause: None,
        }
    }

    /// A [`CloudError::Other`] for `what`, because of `cause`.
    pub fn other(what: impl Into<String>, cause: impl Into<Cause>) -> Self {
        Self::Other {
            what: what.into(),
            cause: Some(cause.into()),
        }
    }

    /// The error for a failed file operation. A full disk and too many open files pass when somebody
    /// makes room: they are [`CloudError::Unavailable`].
    pub(crate) fn file(what: impl Into<String>, error: io::Error) -> Self {
        let (what, passes) = (what.into(), passes(&error));
        let cause = Some(error.into());
        match passes {
            true => Self::Unavailable { what, cause },
            false => Self::Other { what, cause },
        }
    }
}

/// Whether a file operation can succeed later without anything wrong with the request.
fn passes(error: &io::Error) -> bool {
    // ENFILE and EMFILE, which have no kind of their own; the numbers are those of every Unix.
    let files = cfg!(unix) && matches!(error.raw_os_error(), Some(23 | 24));
    files
        || matches!(
            error.kind(),
            io::ErrorKind::StorageFull
                | io::ErrorKind::QuotaExceeded
                | io::ErrorKind::Interrupted
                | io::ErrorKind::TimedOut
                | io::ErrorKind::WouldBlock
        )
}

/// A cause and its own causes, as the end of a sentence.
fn because(cause: Option<&(dyn StdError + Send + Sync + 'static)>) -> String {
    let mut text = String::new();
    let mut next = cause.map(|cause| cause as &dyn StdError);
    // Deep enough for what is real, and an end for what is not.
    for _ in 0..8 {
        let Some(cause) = next else { break };
        let said = cause.to_string();
        // Some errors say their cause themselves.
        if !text.contains(&said) {
            // Writing to a string does not fail.
            let _ = write!(text, ": {said}");
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_passes_and_says_so() {
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded] {
            let error = CloudError::file("writing a", io::Error::from(kind));
            assert!(error.is_transient(), "{error:?}");
        }
        #[cfg(unix)]
        {
            let error = CloudError::file("writing a", io::Error::from_raw_os_error(24));
            assert!(error.is_transient(), "{error:?}");
            let error = CloudError::file("writing a", io::Error::from_raw_os_error(28));
            assert!(error.is_transient(), "{error:?}");
            assert!(
                error.to_string().contains("No space left on device"),
                "{error}"
            );
        }
        let error = CloudError::file("writing a", io::ErrorKind::PermissionDenied.into());
        assert!(!error.is_transient());
        assert_eq!(error.to_string(), "writing a failed: permission denied");
    }

    #[test]
    fn an_error_says_its_cause_and_that_ones_cause_once() {
        let inner = CloudError::other("reading b", "the disk is gone");
        let outer = CloudError::other("reading a", inner);
        assert_eq!(
            outer.to_string(),
            "reading a failed: reading b failed: the disk is gone"
        );
        assert_eq!(CloudError::throttled("put").to_string(), "put is throttled");
    }
}
