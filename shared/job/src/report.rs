//! What people are told: the report of a batch and the status of one under way.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::settled::{Accepted, DocumentResult, Tally, VolumeRecord};
use crate::{BatchId, OutputName};

/// Where a batch is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchStatus {
    /// Accepted; no document has ended.
    Queued,
    /// Some documents have ended.
    Rendering,
    /// All documents have ended; volumes are being stitched.
    Stitching,
    /// All is done; some documents may have failed.
    Complete,
    /// All is done and there is nothing to give: every document failed.
    Failed,
    /// Cancelled.
    Cancelled,
}

/// The facts that a status follows from, each a marker that exists or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts {
    /// `cancelled.json` is there.
    pub cancelled: bool,
    /// The last run's `complete.json` is there.
    pub complete: bool,
    /// The last run's `merged.json` is there.
    pub merged: bool,
    /// The manifest asks for volumes.
    pub stitches: bool,
}

impl BatchStatus {
    /// The status that facts and counts make. Cancelling a batch that had come to its end, which no
    /// document or volume noticed, changes nothing.
    pub fn of(facts: Facts, tally: &Tally) -> Self {
        let ended = facts.complete && (facts.merged || !facts.stitches) && tally.cancelled == 0;
        match facts {
            Facts {
                cancelled: true, ..
            } if !ended => Self::Cancelled,
            Facts {
                complete: false, ..
            } if tally.processed() == 0 => Self::Queued,
            Facts {
                complete: false, ..
            } => Self::Rendering,
            Facts {
                stitches: true,
                merged: false,
                ..
            } => Self::Stitching,
            _ if tally.succeeded == 0 => Self::Failed,
            _ => Self::Complete,
        }
    }

    /// Whether nothing more will change by itself.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Complete | Self::Failed | Self::Cancelled)
    }
}

/// `GET /v1/batches/{id}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatusReport {
    /// The batch.
    pub batch_id: BatchId,
    /// Where it is.
    pub status: BatchStatus,
    /// Documents.
    pub total: u64,
    /// Documents that have ended.
    pub processed: u64,
    /// Of those, ok.
    pub succeeded: u64,
    /// Of those, failed.
    pub failed: u64,
    /// Documents ended an hour since the batch was accepted.
    pub documents_per_hour: f64,
    /// Mean milliseconds of rendering a document.
    pub mean_ms: f64,
    /// When it was accepted, RFC 3339.
    pub created_at: String,
    /// When a document last settled, or the batch was accepted; RFC 3339.
    pub updated_at: String,
    /// Stitched volumes; of very many, those of one answer.
    pub volumes: Vec<VolumeLink>,
    /// Where the volumes after these begin: `volumes_from` of the next request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_volumes: Option<String>,
}

/// A volume and where to fetch it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeLink {
    /// Output name.
    pub output: OutputName,
    /// URL; none when the volume was not made.
    pub url: Option<String>,
    /// Why it was not made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Documents that should be in it and are not: they failed, or their parts are lost.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub missing: u64,
    /// What it lacks of its documents, or has otherwise than they.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl StatusReport {
    /// The status of a batch with these counts.
    pub fn new(accepted: &Accepted, facts: Facts, tally: &Tally, volumes: Vec<VolumeLink>) -> Self {
        let processed = tally.processed();
        let updated_ms = tally.updated_ms.max(accepted.created_ms);
        let elapsed_ms = updated_ms - accepted.created_ms;
        let documents_per_hour = ratio(processed as f64 * 3_600_000.0, elapsed_ms as f64);
        Self {
            batch_id: accepted.batch_id.clone(),
            status: BatchStatus::of(facts, tally),
            total: accepted.plan.documents,
            processed,
            succeeded: tally.succeeded,
            failed: tally.failed,
            documents_per_hour,
            mean_ms: ratio(tally.ms as f64, processed as f64),
            created_at: rfc3339(accepted.created_ms),
            updated_at: rfc3339(updated_ms),
            volumes,
            next_volumes: None,
        }
    }
}

/// `report.json` of the local program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BatchReport {
    /// The batch.
    pub batch_id: BatchId,
    /// How it ended.
    pub status: BatchStatus,
    /// Documents.
    pub total: u64,
    /// Documents that ended ok.
    pub succeeded: u64,
    /// Documents that failed.
    pub failed: u64,
    /// Pages of the documents.
    pub pages: u64,
    /// Seconds it took.
    pub seconds: f64,
    /// Results in order.
    pub documents: Vec<DocumentResult>,
    /// Volumes in order.
    pub volumes: Vec<VolumeReport>,
}

/// A volume in `report.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeReport {
    /// Output name.
    pub output: OutputName,
    /// Pages.
    pub pages: u64,
    /// Bytes; 0 when it was not made.
    pub bytes: u64,
    /// Documents in it.
    pub documents: u64,
    /// Documents that should be in it and failed.
    pub missing: u64,
    /// Why it was not made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What it lacks of its documents, or has otherwise than they.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl From<&VolumeRecord> for VolumeReport {
    fn from(record: &VolumeRecord) -> Self {
        Self {
            output: record.output.clone(),
            pages: record.pages,
            bytes: record.bytes,
            documents: record.documents,
            missing: record.missing,
            error: record.error.clone(),
            warnings: record.warnings.clone(),
        }
    }
}

/// A time as RFC 3339, to the millisecond, in UTC.
pub fn rfc3339(epoch_ms: u64) -> String {
    let ms = i64::try_from(epoch_ms).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(ms)
        .unwrap_or(Timestamp::MAX)
        .to_string()
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// 0 where nothing is to be divided by; two decimals.
fn ratio(of: f64, by: f64) -> f64 {
    if by > 0.0 {
        (of / by * 100.0).round() / 100.0
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_follows_from_the_markers() {
        let some = Tally {
            succeeded: 1,
            failed: 1,
            ..Tally::default()
        };
        let none_ok = Tally {
            failed: 2,
            ..Tally::default()
        };
        let stitches = Facts {
            stitches: true,
            ..Facts::default()
        };
        let complete = Facts {
            complete: true,
            ..stitches
        };
        let merged = Facts {
            merged: true,
            ..complete
        };
        assert_eq!(
            BatchStatus::of(stitches, &Tally::default()),
            BatchStatus::Queued
        );
        assert_eq!(BatchStatus::of(stitches, &some), BatchStatus::Rendering);
        assert_eq!(BatchStatus::of(complete, &some), BatchStatus::Stitching);
        assert_eq!(BatchStatus::of(merged, &some), BatchStatus::Complete);
        assert_eq!(BatchStatus::of(merged, &none_ok), BatchStatus::Failed);
        let cancelled = |facts| Facts {
            cancelled: true,
            ..facts
        };
        let noticed = Tally {
            cancelled: 1,
            ..some
        };
        for (facts, tally, status) in [
            (stitches, some, BatchStatus::Cancelled),
            (complete, some, BatchStatus::Cancelled),
            (merged, noticed, BatchStatus::Cancelled),
            (merged, some, BatchStatus::Complete),
        ] {
            assert_eq!(BatchStatus::of(cancelled(facts), &tally), status);
        }
    }

    #[test]
    fn times_are_rfc3339() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(1_500), "1970-01-01T00:00:01.5Z");
        assert!(!rfc3339(u64::MAX).is_empty());
    }
}
