//! What writes a volume: the port between the function, which knows batches, and the bind, which
//! knows PDF files.

use std::io::Write;

use bytes::Bytes;
use fanfold_job::{OnFailure, Outline};

/// Binds parts into one PDF. Called on a thread of its own.
///
/// The same entries must give the same bytes, and memory must not grow with their number.
pub trait Binder: Send + Sync + 'static {
    /// Takes the entries in order and writes the volume.
    ///
    /// # Errors
    /// When a part cannot be read or the volume cannot be written.
    fn bind(
        &self,
        options: VolumeOptions,
        entries: &mut dyn Iterator<Item = Entry>,
        out: &mut dyn Write,
    ) -> Result<Bound, BindError>;
}

/// How a volume is bound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VolumeOptions {
    /// What its outline lists.
    pub outline: Outline,
    /// What to do about a part that cannot be bound.
    pub on_failure: OnFailure,
}

/// One document's place in a volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its title in the outline: the document's id.
    pub title: String,
    /// Its pages.
    pub part: Part,
}

/// What stands in a document's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Its PDF.
    Pdf(Bytes),
    /// A page that says why it is missing.
    Placeholder(String),
}

/// A bound volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// Its pages.
    pub pages: u64,
    /// Parts that could not be bound, and were left out or replaced by a placeholder.
    pub left_out: u64,
}

/// Why there is no volume.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// A part cannot be bound.
    #[error("{title} cannot be bound: {reason}")]
    Part {
        /// The entry's title.
        title: String,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no volume to make.
    #[error("{0}")]
    Volume(String),
    /// The volume cannot be written.
    #[error("the volume cannot be written: {0}")]
    Io(#[from] std::io::Error),
}
