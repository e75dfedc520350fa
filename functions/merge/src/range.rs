//! A range of volumes: made together at first, and one by one when that has come back.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fanfold_cloud::CloudError;
use fanfold_job::message::MergeMessage;
use fanfold_job::settled::VolumeRecord;
use fanfold_job::{PlannedVolume, RangeDone, RangePlan, RunKeys, StitchPlan, state};
use fanfold_lambda::{Deadline, Delivery, Metrics, Outcome, Unit};
use fanfold_ledger::{LedgerError, LedgerResult};
use futures_util::{StreamExt, stream};
use tokio::sync::Semaphore;

use crate::Merge;
use crate::pause::Pauses;
use crate::run::Run;
use crate::stitch::{HELD_KIB, Made, One, Stitch, is_up};
use crate::tries::Tries;

/// Deaths after which a volume is one that kills: a single one may be the platform's.
pub(crate) const DEATHS: usize = 2;

/// Why such a volume is not made.
pub(crate) const KILLED: &str = "it ended the merge function each time it was tried: too much memory or too slow; make several volumes";

/// Why an attempt ended that was only paused.
const PAUSED: &str = "its time was up, and it was paused";

/// What a volume gets at least, so that an invocation whose time went on planning makes one.
const LEAST: Duration = Duration::from_secs(30);

/// A range that is under way.
pub(crate) struct Open<'a> {
    pub(crate) run: &'a Run,
    pub(crate) range: u32,
    /// The number of its first volume.
    first: u32,
    volumes: Vec<PlannedVolume>,
    /// What is made, as far as its markers say or this invocation has come.
    made: Vec<Option<VolumeRecord>>,
    /// Where some were paused.
    pauses: Pauses,
}

/// How far an attempt at a range came.
enum End {
    /// All volumes are made, or cannot be.
    Done,
    /// Some are; the rest is another invocation's.
    TimeIsUp,
}

impl<'a> Open<'a> {
    /// The range and what is made of it; none when all of it is.
    pub(crate) async fn of(
        run: &'a Run,
        plan: &StitchPlan,
        range: u32,
    ) -> LedgerResult<Option<Self>> {
        if run.ledger.exists(&run.keys.stitched_range(range)).await? {
            return Ok(None);
        }
        let numbers = plan.range(range).unwrap_or_default();
        let key = run.keys.range_plan(&numbers);
        let RangePlan { volumes } = run.ledger.must_read(&key).await?;
        if volumes.len() != numbers.len() {
            let reason = format!("it has {} volumes", volumes.len());
            return Err(LedgerError::Damaged { key, reason });
        }
        let mut made: Vec<_> = volumes.iter().map(|volume| volume.made.clone()).collect();
        let markers = run.ledger.keys(&run.keys.stitched_in(range)).await?;
        let of: Vec<u32> = markers
            .iter()
            .filter_map(|key| RunKeys::number(key))
            .collect();
        for (number, record) in of.into_iter().zip(run.ledger.read_all(markers).await?) {
            if let Some(place) = made.get_mut(number.wrapping_sub(numbers.start) as usize) {
                *place = Some(record);
            }
        }
        Ok(Some(Self {
            run,
            range,
            first: numbers.start,
            volumes,
            made,
            pauses: Pauses::of(run, range).await?,
        }))
    }

    /// A volume, to be made; one that is more work than a range, until the deadline.
    fn one<'b>(
        &'b self,
        number: u32,
        volume: &'b PlannedVolume,
        range_work: u64,
        deadline: Deadline,
    ) -> One<'b> {
        One {
            range: self.range,
            number,
            volume,
            pauses: self.pauses.of_volume(number),
            pauses_at: (volume.work() > range_work).then_some(deadline),
        }
    }

    /// The volumes that are not made, with their numbers.
    pub(crate) fn left(&self) -> Vec<(u32, &PlannedVolume)> {
        let all = (self.first..).zip(&self.volumes).zip(&self.made);
        all.filter(|(_, made)| made.is_none())
            .map(|(volume, _)| volume)
            .collect()
    }

    /// Says that a volume is made, or cannot be, while others of the range are not.
    pub(crate) async fn mark(&mut self, number: u32, record: VolumeRecord) -> LedgerResult<()> {
        let key = self.run.keys.stitched(self.range, number);
        self.run.create(&key, &record).await?;
        self.put(number, record);
        Ok(())
    }

    fn put(&mut self, number: u32, record: VolumeRecord) {
        tracing::debug!(batch = %self.run.accepted.batch_id, volume = number, pages = record.pages, size_bytes = record.bytes, missing = record.missing, made = record.key.is_some(), "a volume is done");
        if let Some(place) = self.made.get_mut(number.wrapping_sub(self.first) as usize) {
            *place = Some(record);
        }
    }

    fn volume(&self, number: u32) -> Option<&PlannedVolume> {
        self.volumes.get(number.wrapping_sub(self.first) as usize)
    }
}

impl Merge {
    /// Stitches what is still to be stitched of a range.
    pub(crate) async fn range(
        &self,
        run: &Run,
        plan: &StitchPlan,
        range: u32,
        message: &MergeMessage,
        delivery: &Delivery,
        deadline: Deadline,
    ) -> LedgerResult<Outcome> {
        if let Some(mut open) = Open::of(run, plan, range).await? {
            let suspect = delivery.receive_count > 1 || message.resent > 0;
            let end = match suspect {
                false => self.together(&mut open, deadline).await?,
                true => self.one_by_one(&mut open, delivery, deadline).await?,
            };
            if let End::TimeIsUp = end {
                // A fresh message, as this is progress and not a failure that counts towards the
                // dead-letter queue.
                let next = MergeMessage {
                    passes: message.passes.saturating_add(1),
                    range: Some(range),
                    ..message.clone()
                };
                self.send(vec![next.to_body()], Duration::ZERO, message)
                    .await?;
                return Ok(Outcome::Done);
            }
            self.end_range(open).await?;
        }
        self.finish(run, plan).await?;
        Ok(Outcome::Done)
    }

    /// Says that all of a range is made.
    async fn end_range(&self, open: Open<'_>) -> LedgerResult<()> {
        let done = RangeDone {
            volumes: open.made.into_iter().flatten().collect(),
        };
        let key = open.run.keys.stitched_range(open.range);
        if open.run.create(&key, &done).await? {
            let failed = done.volumes.iter().filter(|volume| volume.key.is_none());
            tracing::info!(batch = %open.run.accepted.batch_id, range = open.range, volumes = done.volumes.len(), failed = failed.count(), "a range of volumes is done");
            self.write_metrics(&done.volumes);
        }
        Ok(())
    }

    /// The first attempt: several at once, as far as the time goes. Only when that is not all of them
    /// does each get a marker of its own.
    async fn together(&self, open: &mut Open<'_>, deadline: Deadline) -> LedgerResult<End> {
        let room = Semaphore::new(HELD_KIB as usize);
        let begun = AtomicBool::new(false);
        let left = open.left();
        let count = left.len();
        let stitch = Stitch::new(open.run, &self.binder);
        let range_work = self.pace.range_work;
        let work = left.into_iter().map(|(number, volume)| {
            let (room, begun, stitch) = (&room, &begun, &stitch);
            let one = open.one(number, volume, range_work, deadline);
            async move {
                // In order, so that a large one is not overtaken for ever.
                let _held = room.acquire_many(held_kib(volume)).await;
                let is_first = !begun.swap(true, Ordering::Relaxed);
                if !is_first && !deadline.allows(Duration::from_secs(1)) {
                    return (number, None);
                }
                (number, Some(in_time(stitch, one, deadline).await))
            }
        });
        let work: Vec<_> = work.collect();
        let mut results: Vec<_> = stream::iter(work)
            .buffer_unordered(self.pace.volumes_at_once)
            .collect()
            .await;
        results.sort_by_key(|(number, _)| *number);
        let (mut made, mut failed, mut progress) = (Vec::new(), None, false);
        for (number, result) in results {
            progress |= matches!(result, Some(Ok(_)));
            match result {
                Some(Ok(Made::Ended(record))) => made.push((number, record)),
                Some(Err(error)) => failed = failed.or(Some(error)),
                Some(Ok(Made::Paused)) | None => {}
            }
        }
        if made.len() == count {
            for (number, record) in made {
                open.put(number, record);
            }
            return Ok(End::Done);
        }
        for (number, record) in made {
            open.mark(number, record).await?;
        }
        match failed {
            // What is done stays done: this is progress, too.
            Some(error) if !(progress && (error.is_transient() || is_up(deadline))) => Err(error),
            _ => Ok(End::TimeIsUp),
        }
    }

    /// Another attempt, where one may have ended its function: each start is written down, what may
    /// kill comes last, and what has killed is not tried again.
    async fn one_by_one(
        &self,
        open: &mut Open<'_>,
        delivery: &Delivery,
        deadline: Deadline,
    ) -> LedgerResult<End> {
        let run = open.run;
        let tries = Tries::new(run, open.range);
        let stitch = Stitch::new(run, &self.binder);
        let deaths = tries.deaths().await?;
        let deaths_of = |number: &u32| deaths.get(number).copied().unwrap_or(0);
        let mut left: Vec<u32> = open.left().iter().map(|(number, _)| *number).collect();
        left.sort_by_key(deaths_of);
        let (mut made, mut failed) = (0, None);
        for number in left {
            let Some(volume) = open.volume(number) else {
                continue;
            };
            if deaths_of(&number) >= DEATHS {
                tracing::error!(batch = %run.accepted.batch_id, volume = number, "a volume that ends its function is given up");
                let record = volume.not_made(KILLED);
                open.mark(number, record).await?;
                continue;
            }
            if made > 0 && !deadline.allows(Duration::from_secs(1)) {
                return Ok(End::TimeIsUp);
            }
            tries.start(number, delivery).await?;
            let one = open.one(number, volume, self.pace.range_work, deadline);
            let record = match in_time(&stitch, one, deadline).await {
                Ok(Made::Ended(record)) => record,
                Ok(Made::Paused) => {
                    tries.back(number, delivery, PAUSED).await;
                    return Ok(End::TimeIsUp);
                }
                Err(error) => {
                    tries.back(number, delivery, &error.to_string()).await;
                    let no_more = error.is_transient() || is_up(deadline);
                    if no_more && made > 0 {
                        // What is done stays done: this is progress, too.
                        return Ok(End::TimeIsUp);
                    }
                    let is_last = delivery.receive_count >= state::MAX_DELIVERIES;
                    if error.is_transient() || (no_more && !is_last) {
                        return Err(error);
                    }
                    if !is_last {
                        failed = failed.or(Some(error));
                        continue;
                    }
                    // It was tried as often as a document is, and says why: the others go on.
                    volume.not_made(error.to_string())
                }
            };
            open.mark(number, record).await?;
            made += 1;
        }
        match failed {
            Some(error) => Err(error),
            None => Ok(End::Done),
        }
    }

    fn write_metrics(&self, records: &[VolumeRecord]) {
        if !self.settings.metrics {
            return;
        }
        let made = records.iter().filter(|record| record.key.is_some()).count();
        let mut metrics = Metrics::new("merge");
        metrics.add("VolumesStitched", Unit::Count, made as f64);
        metrics.add("VolumesFailed", Unit::Count, (records.len() - made) as f64);
        metrics.add(
            "VolumeBytes",
            Unit::Bytes,
            records.iter().map(|record| record.bytes as f64).sum(),
        );
        metrics.emit(self.ledger.now_ms());
    }
}

/// What a volume may hold of its parts, so that all that are made at once stay below the bound.
fn held_kib(volume: &PlannedVolume) -> u32 {
    let kib = volume.bytes.div_ceil(1 << 10).max(1);
    // In range: `HELD_KIB` is a u32.
    kib.min(u64::from(HELD_KIB)) as u32
}

/// Makes a volume in what is left of the invocation.
async fn in_time(stitch: &Stitch<'_>, one: One<'_>, deadline: Deadline) -> LedgerResult<Made> {
    let left = deadline.left().max(LEAST);
    tokio::time::timeout(left, patiently(stitch, one))
        .await
        .unwrap_or_else(|_| {
            let what =
                "it could not be stitched in the time of one invocation; make several volumes";
            Err(CloudError::invalid(what).into())
        })
}

/// Tries at a volume before the message is delivered again.
const TRIES: u32 = 3;

/// Makes a volume, trying again when a service does not answer: a volume is many requests.
async fn patiently(stitch: &Stitch<'_>, one: One<'_>) -> LedgerResult<Made> {
    let mut pause = Duration::from_millis(50);
    for _ in 1..TRIES {
        match stitch.volume(one).await {
            Err(error) if error.is_transient() => tokio::time::sleep(pause).await,
            result => return result,
        }
        pause *= 2;
    }
    stitch.volume(one).await
}
