//! What the markers say: documents ended, chunks settled, groups and runs complete.
//!
//! Times are milliseconds of the Unix epoch, of whoever wrote the marker; they are for progress and
//! statistics and reach no PDF.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    BatchId, Defaults, Document, DocumentId, Format, Membership, MergeSpec, OutputName, Plan,
    Priority, StitchPlan, TenantId,
};

/// `manifest.json`: a batch was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// The batch.
    pub batch_id: BatchId,
    /// Whose it is.
    pub tenant: TenantId,
    /// When.
    pub created_ms: u64,
    /// Hash of the request: a repeat with another one is a conflict.
    pub fingerprint: String,
    /// Form of the manifest's text.
    pub format: Format,
    /// Key of the manifest's text.
    pub source: String,
    /// Key of the rows, when the manifest names a file of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<String>,
    /// What applied where the manifest said nothing.
    pub defaults: Defaults,
    /// How the documents are cut into chunks.
    #[serde(flatten)]
    pub plan: Plan,
    /// Volumes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merge: Vec<MergeSpec>,
    /// Queue.
    pub priority: Priority,
    /// Days to keep the results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<u32>,
    /// The version of each bundle, as it was when the batch was accepted; a bundle that is not here
    /// was not found then.
    #[serde(default)]
    pub bundles: BTreeMap<String, String>,
}

/// `retries/{generation}/plan.json`: the failed documents of the run before are done again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryPlan {
    /// Which run this is; 1 is the first retry.
    pub generation: u32,
    /// When it was asked for.
    pub created_ms: u64,
    /// How its documents are cut into chunks.
    #[serde(flatten)]
    pub plan: Plan,
}

/// How a document ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Its PDF is there.
    Ok,
    /// It has none, and its error says why.
    Failed,
}

/// The kinds of reason a document fails for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The data does not fit the bundle's schema or template.
    BadData,
    /// The template, HTML or Markdown is wrong.
    BadTemplate,
    /// The bundle does not exist or is not whole.
    BadBundle,
    /// The existing PDF is missing, damaged or encrypted.
    BadPdf,
    /// A limit was exceeded; the message names it.
    Limit,
    /// It took longer than its time limit.
    Timeout,
    /// It made the renderer panic.
    Panic,
    /// It ended the whole function: memory, stack, or the function's own time limit.
    Killed,
    /// A service refused or did not answer.
    Service,
    /// The batch was cancelled before it was rendered.
    Cancelled,
    /// Something else; the message says what.
    Other,
}

/// Why a document failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentError {
    /// What kind of reason.
    pub kind: ErrorKind,
    /// What happened and what to do.
    pub message: String,
    /// The place: file, line and column, or JSON pointer; empty when there is none.
    #[serde(rename = "where", default)]
    pub place: String,
}

/// The result of one document, as `report.json` and the API give it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentResult {
    /// The document.
    pub id: DocumentId,
    /// How it ended.
    pub status: Status,
    /// Where its PDF is, or would have been.
    pub output: OutputName,
    /// Pages.
    pub pages: u32,
    /// Length of the PDF.
    pub bytes: u64,
    /// SHA-256 of the PDF in hexadecimal; empty without one.
    pub sha256: String,
    /// How often it was tried.
    pub attempts: u32,
    /// Why it failed.
    pub error: Option<DocumentError>,
}

/// A document that has ended, as the markers keep it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedDocument {
    /// Position in the batch.
    pub index: u64,
    /// Its result.
    #[serde(flatten)]
    pub result: DocumentResult,
    /// How long the last attempt took, in milliseconds.
    pub ms: u64,
    /// Volumes with `by` that it belongs in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<Membership>,
}

impl EndedDocument {
    /// A document that failed.
    pub fn failed(document: &Document, error: DocumentError, attempts: u32, ms: u64) -> Self {
        Self {
            index: document.index,
            result: DocumentResult {
                id: document.id.clone(),
                status: Status::Failed,
                output: document.output.clone(),
                pages: 0,
                bytes: 0,
                sha256: String::new(),
                attempts,
                error: Some(error),
            },
            ms,
            volumes: document.volumes.clone(),
        }
    }

    /// A document whose PDF is in the store.
    pub fn ok(
        document: &Document,
        pages: u32,
        bytes: u64,
        sha256: String,
        attempts: u32,
        ms: u64,
    ) -> Self {
        Self {
            index: document.index,
            result: DocumentResult {
                id: document.id.clone(),
                status: Status::Ok,
                output: document.output.clone(),
                pages,
                bytes,
                sha256,
                attempts,
                error: None,
            },
            ms,
            volumes: document.volumes.clone(),
        }
    }
}

/// `settled/{group}/{chunk}.json`: all documents of a chunk have ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkSettled {
    /// The chunk.
    pub chunk: u32,
    /// When.
    pub settled_ms: u64,
    /// Its documents in order.
    pub documents: Vec<EndedDocument>,
}

/// Counts and sums over documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Documents that ended ok.
    pub succeeded: u64,
    /// Documents that failed.
    pub failed: u64,
    /// Of those, documents that the batch's cancelling ended.
    #[serde(default)]
    pub cancelled: u64,
    /// Pages of those that ended ok.
    pub pages: u64,
    /// Bytes of those that ended ok.
    pub bytes: u64,
    /// Milliseconds of rendering, summed.
    pub ms: u64,
    /// When the last of them settled; 0 before any has.
    pub updated_ms: u64,
}

impl Tally {
    /// Documents counted.
    pub fn processed(&self) -> u64 {
        self.succeeded + self.failed
    }

    /// Adds a settled chunk.
    pub fn add_chunk(&mut self, chunk: &ChunkSettled) {
        for document in &chunk.documents {
            let result = &document.result;
            match result.status {
                Status::Ok => self.succeeded += 1,
                Status::Failed => self.failed += 1,
            }
            let kind = result.error.as_ref().map(|error| error.kind);
            self.cancelled += u64::from(kind == Some(ErrorKind::Cancelled));
            self.pages += u64::from(result.pages);
            self.bytes += result.bytes;
            self.ms += document.ms;
        }
        self.updated_ms = self.updated_ms.max(chunk.settled_ms);
    }

    /// Adds another tally.
    pub fn add(&mut self, other: &Self) {
        self.succeeded += other.succeeded;
        self.failed += other.failed;
        self.cancelled += other.cancelled;
        self.pages += other.pages;
        self.bytes += other.bytes;
        self.ms += other.ms;
        self.updated_ms = self.updated_ms.max(other.updated_ms);
    }
}

/// `groups/{group}.json`: all chunks of a group are settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupComplete {
    /// The group.
    pub group: u32,
    /// Its documents, counted.
    #[serde(flatten)]
    pub tally: Tally,
}

/// `complete.json`: a run has ended. The per-document results are in the settled chunks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunComplete {
    /// The batch.
    pub batch_id: BatchId,
    /// Which run.
    pub generation: u32,
    /// How the results are cut into settled chunks.
    #[serde(flatten)]
    pub plan: Plan,
    /// Prefix of the settled chunks that hold the per-document results.
    pub results: String,
    /// Its documents, counted.
    #[serde(flatten)]
    pub tally: Tally,
}

/// One volume, stitched or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeRecord {
    /// Output name.
    pub output: OutputName,
    /// Key of the PDF; none when it was not made.
    pub key: Option<String>,
    /// Pages.
    pub pages: u64,
    /// Bytes.
    pub bytes: u64,
    /// SHA-256 of the PDF in hexadecimal; empty without one.
    pub sha256: String,
    /// Documents in it.
    pub documents: u64,
    /// Documents that should be in it and failed.
    pub missing: u64,
    /// Hash over the parts it was stitched from: their outputs and hashes in order.
    pub parts_sha256: String,
    /// Why it was not made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What it lacks of its documents, or has otherwise than they; at most [`WARNINGS_OF_VOLUME`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Warnings that a volume's record has; of more, the last says how many.
pub const WARNINGS_OF_VOLUME: usize = 20;

/// Volumes whose records are in `merged.json` itself; of more, they stay with their ranges.
pub const RECORDS_IN_MERGED: u32 = 1_000;

/// `merged.json`: how a run's stitching ended. It is created once, so that of a merge that comes to its end and
/// a caller who cancels one alone is right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum StitchEnd {
    /// Its volumes are there, or why they are not.
    Merged(Merged),
    /// It was cancelled before.
    Cancelled {
        /// When.
        cancelled_ms: u64,
    },
}

/// What was stitched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merged {
    /// Which run's results were stitched.
    pub generation: u32,
    /// When.
    pub merged_ms: u64,
    /// The volumes in order; none when there are more than [`RECORDS_IN_MERGED`].
    pub volumes: Vec<VolumeRecord>,
    /// Where the volumes' records are when they are not here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranges: Option<MergedRanges>,
}

/// Records of volumes that are read range by range, from `stitched/ranges/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergedRanges {
    /// How the volumes are cut.
    pub plan: StitchPlan,
    /// Volumes that were not made.
    pub not_made: u32,
}

impl Merged {
    /// Volumes in all.
    pub fn count(&self) -> usize {
        match &self.ranges {
            Some(ranges) => ranges.plan.volumes as usize,
            None => self.volumes.len(),
        }
    }

    /// Whether every volume was made.
    pub fn is_whole(&self) -> bool {
        let not_made = self.ranges.as_ref().map_or(0, |ranges| ranges.not_made);
        not_made == 0 && self.volumes.iter().all(|volume| volume.key.is_some())
    }
}
