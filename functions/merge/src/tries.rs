//! Attempts at the volumes of a range whose message came back: which of them ended their function,
//! and why the others gave up.
//!
//! An attempt at a suspect (any delivery but the first) writes a start before it works and a reason
//! when it comes back, as `{volume}/{delivery}.start` and `.back` below the range's prefix; a start
//! without a reason is a death.

use std::collections::BTreeMap;

use fanfold_lambda::Delivery;
use fanfold_ledger::LedgerResult;
use serde::{Deserialize, Serialize};

use crate::run::Run;

/// The attempts at one range of a run.
pub(crate) struct Tries<'a> {
    run: &'a Run,
    prefix: String,
}

#[derive(Serialize, Deserialize)]
struct Reason {
    reason: String,
}

impl<'a> Tries<'a> {
    pub(crate) fn new(run: &'a Run, range: u32) -> Self {
        Self {
            run,
            prefix: run.keys.stitch_tries(range),
        }
    }

    /// The attempts at the run's plan, all as of a volume 0.
    pub(crate) fn at_plan(run: &'a Run) -> Self {
        Self {
            run,
            prefix: run.keys.planning_tries(),
        }
    }

    /// Says that an attempt at a volume begins.
    pub(crate) async fn start(&self, volume: u32, delivery: &Delivery) -> LedgerResult<()> {
        let key = format!("{}.start", self.key_of(volume, delivery));
        self.run.create(&key, &()).await?;
        Ok(())
    }

    /// Says why an attempt came back. When even that cannot be written, it counts as a death.
    pub(crate) async fn back(&self, volume: u32, delivery: &Delivery, reason: &str) {
        let key = format!("{}.back", self.key_of(volume, delivery));
        let reason = Reason {
            reason: reason.to_owned(),
        };
        if let Err(error) = self.run.create(&key, &reason).await {
            tracing::warn!(error = %error, "the reason of a merge that goes back is not kept");
        }
    }

    /// Attempts that did not come back, of each volume that was attempted.
    pub(crate) async fn deaths(&self) -> LedgerResult<BTreeMap<u32, usize>> {
        let keys = self.run.ledger.keys(&self.prefix).await?;
        let mut deaths = BTreeMap::new();
        for key in &keys {
            let Some(stem) = key.strip_suffix(".start") else {
                continue;
            };
            let mut path = stem.rsplit('/').skip(1);
            let Some(volume) = path.next().and_then(|number| number.parse().ok()) else {
                continue;
            };
            let came_back = keys.binary_search(&format!("{stem}.back")).is_ok();
            *deaths.entry(volume).or_default() += usize::from(!came_back);
        }
        Ok(deaths)
    }

    /// Why an attempt at a volume that came back gave up; of several, any.
    pub(crate) async fn reason(&self, volume: u32) -> LedgerResult<Option<String>> {
        let keys = self.run.ledger.keys(&self.prefix_of(volume)).await?;
        let Some(key) = keys.iter().rfind(|key| key.ends_with(".back")) else {
            return Ok(None);
        };
        let read = self.run.ledger.read::<Reason>(key).await?;
        Ok(read.map(|read| read.reason))
    }

    fn prefix_of(&self, volume: u32) -> String {
        format!("{}{volume:07}/", self.prefix)
    }

    fn key_of(&self, volume: u32, delivery: &Delivery) -> String {
        format!("{}{:016x}", self.prefix_of(volume), delivery.jitter())
    }
}
