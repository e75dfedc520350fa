//! A run whose volumes are made: what all of its messages need to know of it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use fanfold_job::message::MergeMessage;
use fanfold_job::settled::{Accepted, EndedDocument};
use fanfold_job::{BatchKeys, MergeSpec, Plan, PlannedVolume, RunKeys};
use fanfold_ledger::{Ledger, LedgerError, LedgerResult, Origin};

/// A run that is complete and not merged.
pub(crate) struct Run {
    pub(crate) ledger: Ledger,
    pub(crate) accepted: Accepted,
    /// How each run up to this one is cut.
    pub(crate) plans: Vec<Plan>,
    pub(crate) generation: u32,
    pub(crate) batch: BatchKeys,
    pub(crate) keys: RunKeys,
    chunks: Chunks,
}

/// Settled chunks that were read last: neighbouring volumes have documents in the same ones.
#[derive(Default)]
struct Chunks(Mutex<VecDeque<(Origin, Arc<Vec<EndedDocument>>)>>);

/// How many are kept.
const CHUNKS_KEPT: usize = 64;

impl Run {
    /// The run that a message is of; none when there is nothing to do for it.
    pub(crate) async fn open(
        ledger: &Ledger,
        message: &MergeMessage,
    ) -> LedgerResult<Option<Self>> {
        let Some(accepted) = ledger.accepted(&message.tenant, &message.batch).await? else {
            tracing::warn!(batch = %message.batch, "there is no such batch to stitch; it may be past its retention");
            return Ok(None);
        };
        let batch = BatchKeys::new(&message.tenant, &message.batch);
        let keys = batch.run(message.generation);
        if ledger.exists(&keys.merged()).await? || ledger.is_cancelled(&batch).await? {
            return Ok(None);
        }
        let mut plans = ledger.plans(&accepted).await?;
        // Results as they were when this run was complete, so that a late message stitches the same.
        plans.truncate(message.generation as usize + 1);
        Ok(Some(Self {
            ledger: ledger.clone(),
            accepted,
            plans,
            generation: message.generation,
            batch,
            keys,
            chunks: Chunks::default(),
        }))
    }

    /// Writes a marker of this run once. True when this call wrote it.
    pub(crate) async fn create<T: serde::Serialize>(
        &self,
        key: &str,
        marker: &T,
    ) -> LedgerResult<bool> {
        let days = self.accepted.retention_days;
        self.ledger.create(key, marker, days).await
    }

    /// What the manifest says of a volume.
    pub(crate) fn spec(&self, volume: &PlannedVolume) -> LedgerResult<&MergeSpec> {
        let spec = self.accepted.merge.get(usize::from(volume.merge));
        spec.ok_or_else(|| LedgerError::Damaged {
            key: self.keys.stitch_plan(),
            reason: format!("the manifest has no volume {}", volume.merge),
        })
    }

    /// The documents of a settled chunk.
    pub(crate) async fn chunk(&self, origin: Origin) -> LedgerResult<Arc<Vec<EndedDocument>>> {
        if let Some(documents) = self.chunks.get(origin) {
            return Ok(documents);
        }
        let read = self.ledger.chunk_at(&self.accepted, &self.plans, origin);
        let documents = Arc::new(read.await?.documents);
        self.chunks.keep(origin, &documents);
        Ok(documents)
    }
}

impl Chunks {
    fn get(&self, origin: Origin) -> Option<Arc<Vec<EndedDocument>>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().find(|(read, _)| *read == origin);
        found.map(|(_, documents)| Arc::clone(documents))
    }

    fn keep(&self, origin: Origin, documents: &Arc<Vec<EndedDocument>>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == CHUNKS_KEPT {
            kept.pop_front();
        }
        kept.push_back((origin, Arc::clone(documents)));
    }
}
