//! Dead letters of the merge queue: what killed its function is given up, and what nobody could do yet
//! is sent anew.

use std::time::Duration;

use fanfold_job::message::MergeMessage;
use fanfold_job::{StitchPlan, state};
use fanfold_lambda::{Deadline, Delivery, Outcome};
use fanfold_ledger::LedgerResult;

use crate::Merge;
use crate::handler::Asked;
use crate::range::{DEATHS, KILLED, Open};
use crate::run::Run;
use crate::tries::Tries;

/// How long a merge waits that is sent anew though nothing died: its service was away for longer
/// than the deliveries' pauses. The queue's longest delay.
const RESEND: Duration = Duration::from_secs(900);

impl Merge {
    /// A run's plan is made here, and a range sent anew without the volumes that killed. When nothing
    /// died, it is tried anew some times.
    pub(crate) async fn dead_merge(
        &self,
        message: &MergeMessage,
        delivery: &Delivery,
        deadline: Deadline,
    ) -> LedgerResult<Outcome> {
        let Some(run) = Run::open(&self.ledger, message).await? else {
            return Ok(Outcome::Done);
        };
        let is_planned = self.ledger.exists(&run.keys.stitch_plan()).await?;
        if !is_planned {
            let deaths = Tries::at_plan(&run).deaths().await?;
            if deaths.get(&0).is_some_and(|&deaths| deaths >= DEATHS) {
                self.give_up(&run, PLAN_KILLED).await?;
                return Ok(Outcome::Done);
            }
        }
        let plan = match self.plan(&run, delivery, deadline, true).await {
            Ok(Some(plan)) => plan,
            Ok(None) => return self.plan_on(message).await,
            Err(error) if !is_planned && !error.is_transient() => {
                self.give_up(&run, &error.to_string()).await?;
                return Ok(Outcome::Done);
            }
            Err(error) => return Err(error),
        };
        match Asked::of(message, &plan) {
            Asked::Nothing => self.finish(&run, &plan).await?,
            Asked::Range(range) => self.dead_range(&run, &plan, range, message).await?,
            Asked::All => self.fan_out(&run, message, &plan).await?,
        }
        Ok(Outcome::Done)
    }

    async fn dead_range(
        &self,
        run: &Run,
        plan: &StitchPlan,
        range: u32,
        message: &MergeMessage,
    ) -> LedgerResult<()> {
        let Some(mut open) = Open::of(run, plan, range).await? else {
            return self.finish(run, plan).await;
        };
        let tries = Tries::new(run, range);
        let deaths = tries.deaths().await?;
        let left = open.left().into_iter();
        let left: Vec<_> = left.map(|(number, one)| (number, one.clone())).collect();
        let killers: Vec<u32> = left
            .iter()
            .map(|(number, _)| *number)
            .filter(|number| deaths.get(number).is_some_and(|&deaths| deaths >= DEATHS))
            .collect();
        let is_last = killers.is_empty() && message.resent >= state::MAX_RESENDS;
        for (number, volume) in left {
            let error = match killers.contains(&number) {
                true => KILLED.to_owned(),
                false if is_last => tries
                    .reason(number)
                    .await?
                    .unwrap_or_else(|| NEVER_BEGUN.to_owned()),
                false => continue,
            };
            tracing::error!(batch = %message.batch, volume = number, reason = error, "a volume is given up from the dead-letter queue");
            open.mark(number, volume.not_made(error)).await?;
        }
        let delay = match killers.is_empty() && !is_last {
            true => RESEND,
            false => Duration::ZERO,
        };
        let next = MergeMessage {
            passes: message.passes.saturating_add(1),
            // Without what killed the others have their own tries, each start written down.
            resent: match killers.is_empty() {
                true => message.resent.saturating_add(1),
                false => 1,
            },
            range: Some(range),
            ..message.clone()
        };
        self.send(vec![next.to_body()], delay, message).await
    }
}

/// Why no volume is made of a run whose plan ends the function.
const PLAN_KILLED: &str = "planning the volumes ended the merge function each time it was tried: too much memory or too slow; give the function more memory, or make batches of fewer documents, and retry the batch";

/// Why a volume is not made whose attempts left nothing.
const NEVER_BEGUN: &str = "it could not be begun, however often it was tried; look at the merge function's log, and retry the batch";
