//! From an ended document to `complete.json`.

use fanfold_job::RunKeys;
use fanfold_job::message::RunRef;
use fanfold_job::settled::{ChunkSettled, EndedDocument, GroupComplete, RunComplete, Tally};

use crate::{Ledger, LedgerError, LedgerResult};

/// How far a run is after one of its chunks, or one document of a split chunk, has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advance {
    /// Something is still missing; whoever ends that goes on.
    Pending,
    /// Everything has ended and `complete.json` is there. The merge message must be sent now, even
    /// if it may have been sent before: who wrote the marker may have died before sending.
    Complete(Tally),
}

impl Ledger {
    /// All documents of a chunk have ended: writes its marker and goes on as far as it can.
    ///
    /// # Errors
    /// When the store does not answer; the caller calls again with the message's next delivery.
    pub async fn settle(
        &self,
        run: &RunRef,
        chunk: u32,
        mut documents: Vec<EndedDocument>,
    ) -> LedgerResult<Advance> {
        documents.sort_by_key(|document| document.index);
        let marker = ChunkSettled {
            chunk,
            settled_ms: self.now_ms(),
            documents,
        };
        let key = run.keys().settled(run.plan.group_of(chunk), chunk);
        self.create(&key, &marker, run.retention_days).await?;
        self.advance(run, chunk).await
    }

    /// Whether a chunk is settled.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn is_settled(&self, run: &RunRef, chunk: u32) -> LedgerResult<bool> {
        self.exists(&run.keys().settled(run.plan.group_of(chunk), chunk))
            .await
    }

    /// One document of a split chunk has ended: writes its marker, settles the chunk when it was the
    /// last, and goes on.
    ///
    /// # Errors
    /// As [`Ledger::settle`].
    pub async fn end_single(
        &self,
        run: &RunRef,
        chunk: u32,
        ordinal: u32,
        document: &EndedDocument,
    ) -> LedgerResult<Advance> {
        self.record_single(run, chunk, ordinal, document).await?;
        self.advance_singles(run, chunk).await
    }

    /// Writes the marker of one ended document of a chunk, and no more.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn record_single(
        &self,
        run: &RunRef,
        chunk: u32,
        ordinal: u32,
        document: &EndedDocument,
    ) -> LedgerResult<()> {
        self.create(
            &run.keys().single(chunk, ordinal),
            document,
            run.retention_days,
        )
        .await?;
        Ok(())
    }

    /// The ordinals of a chunk's documents that have ended one by one.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn ended_singles(&self, run: &RunRef, chunk: u32) -> LedgerResult<Vec<u32>> {
        let keys = self.keys(&run.keys().singles(chunk)).await?;
        Ok(keys.iter().filter_map(|key| RunKeys::number(key)).collect())
    }

    /// The result of one ended document of a chunk, if it has ended alone.
    ///
    /// # Errors
    /// When the store does not answer, or the marker is damaged.
    pub async fn ended_single(
        &self,
        run: &RunRef,
        chunk: u32,
        ordinal: u32,
    ) -> LedgerResult<Option<EndedDocument>> {
        self.read(&run.keys().single(chunk, ordinal)).await
    }

    /// Settles a split chunk when all its documents have ended, and goes on.
    ///
    /// # Errors
    /// As [`Ledger::settle`].
    pub async fn advance_singles(&self, run: &RunRef, chunk: u32) -> LedgerResult<Advance> {
        let keys = self.keys(&run.keys().singles(chunk)).await?;
        if keys.len() < run.plan.chunk_len(chunk) as usize {
            // The chunk may be settled by its first delivery, which another one overtook.
            return if self.is_settled(run, chunk).await? {
                self.advance(run, chunk).await
            } else {
                Ok(Advance::Pending)
            };
        }
        let documents = self.read_all(keys).await?;
        self.settle(run, chunk, documents).await
    }

    /// Goes on from a settled chunk: group marker when its group is complete, `complete.json` when
    /// all groups are.
    ///
    /// # Errors
    /// As [`Ledger::settle`].
    pub async fn advance(&self, run: &RunRef, chunk: u32) -> LedgerResult<Advance> {
        let (keys, plan) = (run.keys(), run.plan);
        let complete = keys.complete();
        let group = plan.group_of(chunk);
        let settled = self.keys(&keys.settled_group(group)).await?;
        if settled.len() < plan.group_range(group).len() {
            return Ok(Advance::Pending);
        }
        if !self.exists(&keys.group(group)).await? {
            let mut tally = Tally::default();
            for marker in self.read_all::<ChunkSettled>(settled).await? {
                tally.add_chunk(&marker);
            }
            self.create(
                &keys.group(group),
                &GroupComplete { group, tally },
                run.retention_days,
            )
            .await?;
        }
        let groups = self.keys(&keys.groups()).await?;
        if groups.len() < plan.groups() as usize {
            return Ok(Advance::Pending);
        }
        if let Some(marker) = self.read::<RunComplete>(&complete).await? {
            return Ok(Advance::Complete(marker.tally));
        }
        let mut tally = Tally::default();
        for marker in self.read_all::<GroupComplete>(groups).await? {
            tally.add(&marker.tally);
        }
        if tally.processed() != plan.documents {
            let reason = format!(
                "the groups count {} documents, the run has {}",
                tally.processed(),
                plan.documents
            );
            return Err(LedgerError::Damaged {
                key: keys.groups(),
                reason,
            });
        }
        let marker = RunComplete {
            batch_id: run.batch.clone(),
            generation: run.generation,
            plan,
            results: keys.all_settled(),
            tally,
        };
        self.create(&complete, &marker, run.retention_days).await?;
        Ok(Advance::Complete(tally))
    }
}
