//! What writes a volume: the port between the function, which knows batches, and the bind, which
//! knows PDF files.

use std::io::Write;

use bytes::Bytes;
use fanfold_job::{Dressing, OnFailure, Outline};

/// Binds parts into one PDF. Called on a thread of its own.
///
/// The same entries must give the same bytes, and memory must not grow with their number.
pub trait Binder: Send + Sync + 'static {
    /// Takes the entries in order and writes the volume: from its begin, or behind what was written
    /// before it gave the state in `paused`.
    ///
    /// # Errors
    /// When a part cannot be read or the volume cannot be written.
    fn bind(
        &self,
        options: VolumeOptions,
        paused: Option<&[u8]>,
        entries: &mut dyn Iterator<Item = Feed>,
        out: &mut dyn Write,
    ) -> Result<Binding, BindError>;
}

/// What a binder is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Feed {
    /// The next document.
    Entry(Entry),
    /// Time is up, and it was not the last document.
    Pause,
}

/// What became of a volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Binding {
    /// It is whole.
    Whole(Bound),
    /// It is paused, between two entries: with this state the binder goes on, and the volume's bytes are
    /// those that it would have had without.
    Paused(Vec<u8>),
}

/// How a volume is bound.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VolumeOptions {
    /// What its outline lists.
    pub outline: Outline,
    /// What to do about a part that cannot be bound.
    pub on_failure: OnFailure,
    /// What it has besides its parts.
    pub dressing: Dressing,
    /// The cover's PDF; none when there is none, or when the volume is gone on with.
    pub cover: Option<Bytes>,
    /// What tells the volume from all others: its key is made from it when it is encrypted.
    pub seed: String,
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// Its pages.
    pub pages: u64,
    /// Parts that could not be bound, and were left out or replaced by a placeholder.
    pub left_out: u64,
    /// What the volume lacks of its parts, or has otherwise than they.
    pub warnings: Vec<String>,
    /// More of them, which are not told.
    pub untold: u64,
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
    /// What the volume was to be gone on with is not this binder's state.
    #[error("the volume cannot be gone on with; it is begun anew")]
    Stale,
    /// There is no volume to make.
    #[error("{0}")]
    Volume(String),
    /// The volume cannot be written.
    #[error("the volume cannot be written: {0}")]
    Io(#[from] std::io::Error),
}
