//! Results in manifest order, whichever run they come from.

use std::collections::VecDeque;

use fanfold_job::settled::{Accepted, ChunkSettled, EndedDocument};
use fanfold_job::{BatchKeys, Plan, RunKeys};

use crate::{Ledger, LedgerError, LedgerResult};

/// Chunks read ahead.
const AHEAD: u32 = 16;

/// What a chunk that is not settled means to a reader of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// Its documents have no result yet: they are left out.
    Skip,
    /// The run should be complete: an error.
    Refuse,
}

/// The documents' results in manifest order, read chunk by chunk. A document that was retried gives
/// its last result.
#[derive(Debug)]
pub struct Results {
    ledger: Ledger,
    absent: Absent,
    first: u64,
    runs: Vec<Run>,
}

/// The results of one run, ascending in the document's index.
#[derive(Debug)]
struct Run {
    keys: RunKeys,
    plan: Plan,
    next_chunk: u32,
    ready: VecDeque<(u32, EndedDocument)>,
}

/// Where a result was read: its run and its settled chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// The run.
    pub generation: u32,
    /// The settled chunk.
    pub chunk: u32,
}

impl Results {
    /// Results of a batch whose runs are cut as `plans` say ([`Ledger::plans`]), from the document
    /// at `first` on.
    pub fn new(
        ledger: Ledger,
        accepted: &Accepted,
        plans: &[Plan],
        first: u64,
        absent: Absent,
    ) -> Self {
        let keys = BatchKeys::new(&accepted.tenant, &accepted.batch_id);
        let run = |(generation, plan): (usize, &Plan)| Run {
            keys: keys.run(generation as u32),
            plan: *plan,
            // Only the first run's chunks follow from the index.
            next_chunk: if generation == 0 {
                plan.chunk_of(first)
            } else {
                0
            },
            ready: VecDeque::new(),
        };
        Self {
            ledger,
            absent,
            first,
            runs: plans.iter().enumerate().map(run).collect(),
        }
    }

    /// The next document's result.
    ///
    /// # Errors
    /// When the store does not answer, a marker is damaged, or one is missing that must be there.
    pub async fn next(&mut self) -> LedgerResult<Option<EndedDocument>> {
        Ok(self.next_with_origin().await?.map(|(_, document)| document))
    }

    /// The next document's result and where it was read.
    ///
    /// # Errors
    /// As [`Results::next`].
    pub async fn next_with_origin(&mut self) -> LedgerResult<Option<(Origin, EndedDocument)>> {
        let Some((base, retries)) = self.runs.split_first_mut() else {
            return Ok(None);
        };
        let (mut chunk, mut document) = loop {
            base.fill(&self.ledger, self.absent).await?;
            match base.ready.pop_front() {
                // Whole chunks are read: what is before `first` in its chunk is dropped.
                Some((_, document)) if document.index < self.first => {}
                Some(read) => break read,
                None => return Ok(None),
            }
        };
        let mut generation = 0;
        for (retry, number) in retries.iter_mut().zip(1..) {
            // A retry that is not complete has results only for some.
            while retry
                .peek(&self.ledger)
                .await?
                .is_some_and(|index| index < document.index)
            {
                retry.ready.pop_front();
            }
            if retry.peek(&self.ledger).await? == Some(document.index)
                && let Some(again) = retry.ready.pop_front()
            {
                let attempts = document.result.attempts + again.1.result.attempts;
                (chunk, document) = again;
                generation = number;
                document.result.attempts = attempts;
            }
        }
        Ok(Some((Origin { generation, chunk }, document)))
    }
}

impl Ledger {
    /// The settled chunk that a result was read from.
    ///
    /// # Errors
    /// When the store does not answer, or the marker is missing or damaged.
    pub async fn chunk_at(
        &self,
        accepted: &Accepted,
        plans: &[Plan],
        origin: Origin,
    ) -> LedgerResult<ChunkSettled> {
        let run = BatchKeys::new(&accepted.tenant, &accepted.batch_id).run(origin.generation);
        let group = plans
            .get(origin.generation as usize)
            .map_or(0, |plan| plan.group_of(origin.chunk));
        self.must_read(&run.settled(group, origin.chunk)).await
    }
}

impl Run {
    async fn peek(&mut self, ledger: &Ledger) -> LedgerResult<Option<u64>> {
        self.fill(ledger, Absent::Skip).await?;
        Ok(self.ready.front().map(|(_, document)| document.index))
    }

    async fn fill(&mut self, ledger: &Ledger, absent: Absent) -> LedgerResult<()> {
        while self.ready.is_empty() && self.next_chunk < self.plan.chunks() {
            let until = self
                .next_chunk
                .saturating_add(AHEAD)
                .min(self.plan.chunks());
            let key = |chunk| self.keys.settled(self.plan.group_of(chunk), chunk);
            let keys: Vec<String> = (self.next_chunk..until).map(key).collect();
            for (marker, chunk) in ledger
                .read_some::<ChunkSettled>(keys)
                .await?
                .into_iter()
                .zip(self.next_chunk..)
            {
                match (marker, absent) {
                    (Some(marker), _) => self.ready.extend(
                        marker
                            .documents
                            .into_iter()
                            .map(|document| (chunk, document)),
                    ),
                    (None, Absent::Skip) => {}
                    (None, Absent::Refuse) => {
                        let key = self.keys.settled(self.plan.group_of(chunk), chunk);
                        return Err(LedgerError::Missing { key });
                    }
                }
            }
            self.next_chunk = until;
        }
        Ok(())
    }
}
