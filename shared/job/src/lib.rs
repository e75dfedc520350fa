//! The job model: what a batch is, how it is cut into messages, and when it has ended.
//!
//! Pure: no I/O, no clock, no randomness. What the functions read and write is typed here, so that
//! `enqueue`, `render`, `merge` and the local program cannot disagree about it.
//!
//! The way through it, in the order of a batch's life:
//! [`Manifest`] (read and checked whole) → [`Document`]s (streamed in order) → [`Plan`] (chunks and
//! groups) → [`message`]s → [`state`] (what to do on delivery *n*) → [`settled`] markers → [`report`].

mod document;
mod ids;
mod keys;
mod limits;
mod manifest;
mod name;
mod output;
mod place;
mod plan;
mod problem;
mod stitch;

pub mod message;
pub mod report;
pub mod settled;
pub mod state;

pub use document::{Document, Membership, Source};
pub use ids::{BatchId, DocumentId, IdError, TenantId, fingerprint, sha256_hex};
pub use keys::{BatchKeys, RunKeys, Starts, bundle_latest_key, bundle_prefix, reading_key};
pub use limits::Limits;
pub use manifest::{
    Bundles, CheckError, Defaults, Documents, Dressing, Forbidden, Format, Forms, Manifest,
    MergeSpec, OnFailure, Outline, Passwords, Priority, Reading, RowFormat, StampPlace, Stream,
    StreamError, Summary,
};
pub use name::{Fields, NameError, NameTemplate};
pub use output::{OutputError, OutputName};
pub use place::{ManifestError, ManifestErrors, Place, Within};
pub use plan::{GROUP_CHUNKS, Plan};
pub use problem::Problem;
pub use stitch::{Member, PlannedVolume, RANGE_WORK, RangeDone, RangePlan, StitchPlan};
