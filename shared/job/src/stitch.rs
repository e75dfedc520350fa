//! How a run's volumes are cut into ranges: what one stitch message stands for.
//!
//! A range is consecutive volumes that are enough work for a part of one invocation, or one volume
//! that is more than that. The cut is a pure function of the volumes, written down before any of it
//! is stitched.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::OutputName;
use crate::settled::VolumeRecord;

/// Work of a range, in documents read: some seconds of an invocation, so that little is done again
/// when one dies.
pub const RANGE_WORK: u64 = 2_000;

/// Ranges of a run at most: beyond it they grow. Who ends one lists the markers of all, a thousand a
/// request.
const MOST_RANGES: u64 = 4_096;

/// Requests that a volume needs besides its documents'.
const VOLUME_WORK: u64 = 4;

/// Bytes that are as much work as a small document.
const WORK_BYTES: u64 = 128 << 10;

/// `stitched/plan.json`: how a run's volumes are cut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StitchPlan {
    /// Volumes in all.
    pub volumes: u32,
    /// The number of each range's first volume.
    pub ranges: Vec<u32>,
}

/// `stitched/plan/{first}-{volumes}.json`: the volumes of a range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RangePlan {
    /// The volumes in order.
    pub volumes: Vec<PlannedVolume>,
}

/// One volume to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedVolume {
    /// Which entry of the manifest's `merge` it is of.
    pub merge: u16,
    /// Its name.
    pub output: OutputName,
    /// Documents that should be in it.
    pub documents: u64,
    /// Of those, failed.
    pub missing: u64,
    /// Bytes of the others.
    pub bytes: u64,
    /// The SHA-256 of its cover in hexadecimal, as it was when the volume was planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cover_sha256: Option<String>,
    /// Where its documents' results are; none when it holds every document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members: Option<Vec<Member>>,
    /// Its record, when a run before with the same parts has made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<VolumeRecord>,
}

/// Where the result of a volume's document is: the run, its settled chunk, the document's position in
/// the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member(pub u32, pub u32, pub u64);

/// `stitched/ranges/{range}.json`: all volumes of a range are stitched, or cannot be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RangeDone {
    /// Their records in order.
    pub volumes: Vec<VolumeRecord>,
}

impl PlannedVolume {
    /// What making it takes, in documents read.
    pub fn work(&self) -> u64 {
        match self.made {
            Some(_) => 1,
            None => VOLUME_WORK + self.documents + self.bytes / WORK_BYTES,
        }
    }

    /// Its record when it is not made, because of `error`.
    pub fn not_made(&self, error: impl Into<String>) -> VolumeRecord {
        VolumeRecord {
            output: self.output.clone(),
            key: None,
            pages: 0,
            bytes: 0,
            sha256: String::new(),
            documents: 0,
            missing: self.missing,
            parts_sha256: String::new(),
            error: Some(error.into()),
            warnings: Vec::new(),
        }
    }
}

impl StitchPlan {
    /// Cuts volumes whose work is given into ranges of about `range_work` each.
    pub fn cut(work: &[u64], range_work: u64) -> Self {
        let all = work
            .iter()
            .fold(0, |all: u64, one| all.saturating_add(*one));
        let range_work = range_work.max(all.div_ceil(MOST_RANGES / 2));
        // Two neighbours are more than that together, so there are no more than `MOST_RANGES`.
        let mut ranges = Vec::new();
        let mut held: u64 = 0;
        for (number, &work) in (0..).zip(work) {
            held = held.saturating_add(work);
            if ranges.is_empty() || held > range_work {
                ranges.push(number);
                held = work;
            }
        }
        Self {
            volumes: u32::try_from(work.len()).unwrap_or(u32::MAX),
            ranges,
        }
    }

    /// The numbers of a range's volumes; none of a range that there is not.
    pub fn range(&self, range: u32) -> Option<Range<u32>> {
        let range = range as usize;
        let first = *self.ranges.get(range)?;
        let end = self.ranges.get(range + 1).copied().unwrap_or(self.volumes);
        Some(first..end)
    }

    /// How many ranges there are.
    pub fn len(&self) -> u32 {
        // No more than volumes.
        self.ranges.len() as u32
    }

    /// Whether there is nothing to stitch.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_cover_all_volumes_once() {
        for work in [
            vec![],
            vec![1],
            vec![7; 1_000],
            vec![5_000, 1, 1, 5_000, 1],
            vec![1; 5_000_000 / 7],
            vec![u64::MAX, u64::MAX, 3],
        ] {
            let plan = StitchPlan::cut(&work, 2_000);
            let mut next = 0;
            for range in 0..plan.len() {
                let range = plan.range(range).unwrap();
                assert!(range.start == next && range.end > next);
                next = range.end;
            }
            assert_eq!(next as usize, work.len());
            assert_eq!(plan.range(plan.len()), None);
            assert!(u64::from(plan.len()) <= MOST_RANGES + 1);
        }
    }

    #[test]
    fn what_is_more_than_a_range_is_one_alone() {
        let plan = StitchPlan::cut(&[10, 10, 5_000, 10, 10], 2_000);
        assert_eq!(plan.ranges, [0, 2, 3]);
        assert_eq!(StitchPlan::cut(&[10; 5], 20).ranges, [0, 2, 4]);
    }
}
