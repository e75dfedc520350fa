//! What can go wrong with markers.

use fanfold_cloud::CloudError;

/// The result of reading or writing markers.
pub type LedgerResult<T> = Result<T, LedgerError>;

/// Why a marker could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The store refused or did not answer.
    #[error(transparent)]
    Cloud(#[from] CloudError),
    /// An object is there and is not what it should be.
    #[error("{key} is not readable: {reason}")]
    Damaged {
        /// The object.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Something that must be there is not.
    #[error("{key} is missing")]
    Missing {
        /// The object.
        key: String,
    },
}

impl LedgerError {
    /// True when the store has not what was asked for.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Cloud(error) if error.is_not_found())
    }

    /// True when the same call can succeed later without anything else changing.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Cloud(error) => error.is_transient(),
            Self::Damaged { .. } | Self::Missing { .. } => false,
        }
    }
}
