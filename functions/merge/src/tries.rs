//! Attempts at a volume whose message came back: which of them ended their function, and why the
//! others gave up.
//!
//! An attempt at a suspect (any delivery but the first) writes a start before it works and a reason
//! when it comes back, as `{run}/stitched/{volume}/{delivery}.start` and `.back`; a start without a
//! reason is a death. A message sent anew is remembered as `{n}.resent`.

use fanfold_job::RunKeys;
use fanfold_lambda::Delivery;
use fanfold_ledger::{Ledger, LedgerResult};
use serde::{Deserialize, Serialize};

/// The attempts at one volume of a run.
pub(crate) struct Tries<'a> {
    ledger: &'a Ledger,
    prefix: String,
    retention_days: Option<u32>,
}

/// What the markers say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// Attempts that did not come back.
    pub(crate) deaths: usize,
    /// How often the message was sent anew from the dead letters.
    pub(crate) resent: u32,
    /// Why an attempt that came back gave up; of several, any.
    pub(crate) reason: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Reason {
    reason: String,
}

impl<'a> Tries<'a> {
    pub(crate) fn new(
        ledger: &'a Ledger,
        run: &RunKeys,
        volume: u32,
        retention_days: Option<u32>,
    ) -> Self {
        Self {
            ledger,
            prefix: format!("{}{volume:07}/", run.all_stitched()),
            retention_days,
        }
    }

    /// Says that an attempt begins; a first delivery is no suspect and says nothing.
    pub(crate) async fn start(&self, delivery: &Delivery) -> LedgerResult<()> {
        if delivery.receive_count > 1 {
            let key = format!("{}.start", self.key_of(delivery));
            self.ledger.create(&key, &(), self.retention_days).await?;
        }
        Ok(())
    }

    /// Says why an attempt came back. When even that cannot be written, it counts as a death.
    pub(crate) async fn back(&self, delivery: &Delivery, reason: &str) {
        let key = format!("{}.back", self.key_of(delivery));
        let reason = Reason {
            reason: reason.to_owned(),
        };
        if let Err(error) = self.ledger.create(&key, &reason, self.retention_days).await {
            tracing::warn!(error = %error, "the reason of a merge that goes back is not kept");
        }
    }

    /// Says that the message is sent anew for the `n`th time.
    pub(crate) async fn resent(&self, n: u32) -> LedgerResult<()> {
        let key = format!("{}{n:03}.resent", self.prefix);
        self.ledger.create(&key, &(), self.retention_days).await?;
        Ok(())
    }

    /// What is known of the attempts so far.
    pub(crate) async fn known(&self) -> LedgerResult<Known> {
        let keys = self.ledger.keys(&self.prefix).await?;
        let mut known = Known::default();
        for key in &keys {
            if let Some(stem) = key.strip_suffix(".start") {
                let back = format!("{stem}.back");
                known.deaths += usize::from(keys.binary_search(&back).is_err());
            } else if key.ends_with(".resent") {
                known.resent += 1;
            } else if key.ends_with(".back") {
                let read = self.ledger.read::<Reason>(key).await?;
                known.reason = read.map(|read| read.reason).or(known.reason);
            }
        }
        Ok(known)
    }

    fn key_of(&self, delivery: &Delivery) -> String {
        format!("{}{:016x}", self.prefix, delivery.jitter())
    }
}
