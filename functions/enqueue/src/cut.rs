//! From an accepted batch to messages on its queue.

use std::collections::BTreeMap;
use std::io::Read;
use std::time::Duration;

use bytes::Bytes;
use fanfold_cloud::{CloudError, Key, PutOptions};
use fanfold_job::message::{ChunkMessage, Encoded, Packer, RunRef};
use fanfold_job::settled::Accepted;
use fanfold_job::{BatchKeys, Document, Limits, Manifest, Plan, RunKeys, StreamError};
use fanfold_lambda::send_all;
use fanfold_ledger::{LedgerError, LedgerResult, working_retention};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;
use tokio::sync::mpsc;

use crate::Enqueue;

/// Sends on their way at once, and cut and waiting for one.
const SENDS: usize = 8;
const WAITING: usize = 2;
/// Chunks after which it is written down how far the sends have come.
const MARKED: u32 = 1_000;
/// Spills of one send put at once.
const SPILLS: usize = 10;
/// Bytes of spills after which a send has enough, so that all sends' fit in memory.
const SPILL_BYTES: usize = 4 << 20;

/// One run of a batch to be cut.
pub(crate) struct Run {
    pub(crate) run: RunRef,
    /// Indexes of the documents of a retry, in order; none for all.
    pub(crate) only: Option<Vec<u64>>,
    /// Chunks that need not be sent, as they are settled; in order.
    pub(crate) settled: Vec<u32>,
}

impl Enqueue {
    /// Sends all chunk messages of an accepted batch, once: when they have been sent, a call does
    /// nothing.
    ///
    /// # Errors
    /// When the store or a queue does not answer; another call goes on.
    pub async fn queue(&self, accepted: &Accepted) -> LedgerResult<()> {
        let keys = BatchKeys::new(&accepted.tenant, &accepted.batch_id);
        if self.ledger.exists(&keys.queued()).await? {
            return Ok(());
        }
        let run = run_ref(accepted, 0, accepted.plan);
        let run = Run {
            settled: self.settled(&run).await?,
            run,
            only: None,
        };
        self.send_run(accepted, run).await?;
        self.mark_queued(accepted).await
    }

    pub(crate) async fn mark_queued(&self, accepted: &Accepted) -> LedgerResult<()> {
        let keys = BatchKeys::new(&accepted.tenant, &accepted.batch_id);
        self.ledger
            .create(
                &keys.queued(),
                &json!({"queued_ms": self.ledger.now_ms()}),
                accepted.retention_days,
            )
            .await?;
        Ok(())
    }

    /// Chunks of a run that need not be sent, as they are settled; in order.
    ///
    /// Of a group that is all settled the last chunk is sent anyway: who settled it, such as a direct
    /// render without a message, may have died before it went on to the group's marker. Its message
    /// draws nothing and goes on.
    pub(crate) async fn settled(&self, run: &RunRef) -> LedgerResult<Vec<u32>> {
        let keys = self.ledger.keys(&run.keys().all_settled()).await?;
        let settled: Vec<u32> = keys.iter().filter_map(|key| RunKeys::number(key)).collect();
        let plan = run.plan;
        let groups = settled.chunk_by(|a, b| plan.group_of(*a) == plan.group_of(*b));
        let skipped = groups.flat_map(|chunks| {
            let group = chunks.first().map_or(0, |chunk| plan.group_of(*chunk));
            let whole = chunks.len() >= plan.group_range(group).len();
            &chunks[..chunks.len() - usize::from(whole)]
        });
        Ok(skipped.copied().collect())
    }

    /// Cuts a run and sends its messages, several sends at once. The documents are made again from
    /// the accepted manifest, one chunk at a time.
    pub(crate) async fn send_run(&self, accepted: &Accepted, run: Run) -> LedgerResult<()> {
        let (manifest, source) = self.ledger.manifest(accepted).await?;
        let queue = self.queues.render(accepted.priority).clone();
        let (versions, limits) = (accepted.bundles.clone(), self.limits.clone());
        let (keys, tenant, retention) = (
            run.run.keys(),
            accepted.tenant.clone(),
            accepted.retention_days,
        );
        let sent = self.ledger.keys(&run.run.keys().all_sent()).await?;
        let from = sent.iter().filter_map(|key| RunKeys::number(key)).max();
        let from = from.unwrap_or_default();
        let (send, receive) = mpsc::channel::<Pack>(WAITING);
        let cutter = tokio::task::spawn_blocking(move || {
            cut(&manifest, source, &run, from, &versions, &limits, &send)
        });
        let sends = stream::unfold(receive, async |mut receive| {
            receive.recv().await.map(|pack| (pack, receive))
        });
        let sent = sends
            .map(|pack| {
                let (queue, keys, tenant) = (&queue, &keys, &tenant);
                async move {
                    let mut bodies = Vec::with_capacity(pack.len());
                    let mut spills = Vec::new();
                    let end = pack.last().map_or(0, |(chunk, _)| chunk + 1);
                    for (chunk, encoded) in pack {
                        bodies.push(encoded.body);
                        spills.extend(encoded.spill.map(|spill| (chunk, spill)));
                    }
                    let puts = spills.into_iter().map(|(chunk, spill)| async move {
                        let key = Key::new(keys.input(chunk)).map_err(CloudError::from)?;
                        let options = PutOptions::overwrite()
                            .content_type("application/x-ndjson")
                            .retention_days(working_retention(retention));
                        self.ledger
                            .store()
                            .put(&key, Bytes::from(spill), options)
                            .await
                    });
                    // The messages last: what they name is there when they are read.
                    stream::iter(puts)
                        .buffer_unordered(SPILLS)
                        .try_for_each(async |_| Ok(()))
                        .await?;
                    send_all(&**queue, bodies, Duration::ZERO, tenant.as_str()).await?;
                    Ok::<u32, LedgerError>(end)
                }
            })
            // In order, so that all before a send that is done are done.
            .buffered(SENDS)
            .try_fold(from, async |marked, end| {
                if end - marked < MARKED {
                    return Ok(marked);
                }
                let marker = json!({"sent_ms": self.ledger.now_ms()});
                self.ledger
                    .create(&keys.sent(end), &marker, retention)
                    .await?;
                Ok(end)
            })
            .await;
        let cut = cutter
            .await
            .unwrap_or_else(|panic| Err(CloudError::other("cutting the manifest", panic).into()));
        sent?;
        cut
    }
}

/// The run of an accepted batch.
pub(crate) fn run_ref(accepted: &Accepted, generation: u32, plan: Plan) -> RunRef {
    RunRef {
        tenant: accepted.tenant.clone(),
        batch: accepted.batch_id.clone(),
        generation,
        plan,
        priority: accepted.priority,
        stitch: !accepted.merge.is_empty(),
        retention_days: accepted.retention_days,
    }
}

type Pack = Vec<(u32, Encoded)>;

/// Makes the run's documents, gathers them into chunks, and the chunks from `from` on into sends.
/// Blocks.
fn cut(
    manifest: &Manifest,
    source: Box<dyn Read + Send>,
    run: &Run,
    from: u32,
    versions: &BTreeMap<String, String>,
    limits: &Limits,
    send: &mpsc::Sender<Pack>,
) -> LedgerResult<()> {
    let mut packer = Packing {
        packer: Packer::new(limits),
        spills: Vec::new(),
        spill_bytes: 0,
    };
    let mut wanted = run
        .only
        .as_deref()
        .map(|only| only.iter().copied().peekable());
    let expansion = Limits::accepted();
    let (mut chunk, mut held): (u32, Vec<Document>) = (0, Vec::new());
    let mut position = 0;
    for document in manifest.documents(source, &expansion) {
        let document = document.map_err(|error| match error {
            StreamError::Io(error) => LedgerError::from(error),
            other => LedgerError::Damaged {
                key: format!("the manifest of {}", run.run.batch),
                reason: other.to_string(),
            },
        })?;
        if let Some(wanted) = &mut wanted {
            if wanted.peek() != Some(&document.index) {
                continue;
            }
            wanted.next();
        }
        held.push(document);
        position += 1;
        if position == run.run.plan.chunk_range(chunk).end {
            let documents = std::mem::take(&mut held);
            if chunk >= from && run.settled.binary_search(&chunk).is_err() {
                let encoded =
                    ChunkMessage::new(run.run.clone(), chunk, versions, documents).encode(limits);
                if let Some(pack) = packer.push(chunk, encoded)
                    && send.blocking_send(pack).is_err()
                {
                    // The sender has failed and says why.
                    return Ok(());
                }
            }
            chunk += 1;
        }
    }
    if position != run.run.plan.documents {
        let reason = format!(
            "it gives {position} documents, and {} were accepted",
            run.run.plan.documents
        );
        return Err(LedgerError::Damaged {
            key: format!("the manifest of {}", run.run.batch),
            reason,
        });
    }
    if let Some(pack) = packer.take() {
        // As above.
        let _ = send.blocking_send(pack);
    }
    Ok(())
}

/// A packer that remembers which bodies have spills.
struct Packing {
    packer: Packer,
    spills: Vec<(u32, Option<String>)>,
    spill_bytes: usize,
}

impl Packing {
    fn push(&mut self, chunk: u32, encoded: Encoded) -> Option<Pack> {
        let full = match self.spill_bytes > SPILL_BYTES {
            true => self.take(),
            false => None,
        };
        let full = match self.packer.push(encoded.body) {
            Some(bodies) => Some(self.pack(bodies)),
            None => full,
        };
        self.spill_bytes += encoded.spill.as_ref().map_or(0, String::len);
        self.spills.push((chunk, encoded.spill));
        full
    }

    fn take(&mut self) -> Option<Pack> {
        let bodies = self.packer.take()?;
        Some(self.pack(bodies))
    }

    fn pack(&mut self, bodies: Vec<String>) -> Pack {
        let spills = std::mem::take(&mut self.spills);
        self.spill_bytes = 0;
        bodies
            .into_iter()
            .zip(spills)
            .map(|(body, (chunk, spill))| (chunk, Encoded { body, spill }))
            .collect()
    }
}
