//! Queues over the journal.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;

use super::journal::Journal;
use super::{LocalOptions, Room};
use crate::broker::{self, Change, Message, QueueIndex, Redrive, millis};
use crate::error::{CloudError, CloudResult};
use crate::ports::{
    Clock, MessageId, OutgoingMessage, Queue, QueueDepth, Receipt, ReceivedMessage,
};

/// The queues of one folder; clones share them.
#[derive(Clone, Debug)]
pub struct LocalQueues {
    clock: Arc<dyn Clock>,
    journal: Arc<Mutex<Journal>>,
    changed: Arc<Notify>,
    room: Arc<Room>,
}

impl LocalQueues {
    pub(super) fn open(path: &Path, options: &LocalOptions, room: Arc<Room>) -> CloudResult<Self> {
        let mut journal = Journal::open(path, options.durability)?;
        let released = journal
            .broker
            .plan_release(options.interruptions_forgiven, options.at_once);
        journal.commit(&released)?;
        Ok(Self {
            clock: options.clock.clone(),
            journal: Arc::new(Mutex::new(journal)),
            changed: Arc::default(),
            room,
        })
    }

    /// The queue of that name, made (with its dead-letter queue) when there is none.
    ///
    /// # Errors
    /// [`CloudError::Other`] when the journal cannot be written.
    pub fn queue(&self, name: &str, redrive: Option<&Redrive>) -> CloudResult<LocalQueue> {
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        let index = journal.declare(name)?;
        if let Some(redrive) = redrive {
            let to = journal.declare(&redrive.dead_letters)?;
            journal
                .broker
                .set_redrive(index, to, redrive.max_receive_count);
        }
        Ok(LocalQueue {
            queues: self.clone(),
            index,
        })
    }
}

/// One queue of a [`LocalCloud`](super::LocalCloud).
#[derive(Clone, Debug)]
pub struct LocalQueue {
    queues: LocalQueues,
    index: QueueIndex,
}

impl LocalQueue {
    /// Runs journal operations off the async threads.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Journal, QueueIndex) -> CloudResult<T> + Send + 'static,
    ) -> CloudResult<T> {
        let journal = self.queues.journal.clone();
        let index = self.index;
        let done = tokio::task::spawn_blocking(move || {
            // A change is on the file before it is made and making it does not panic, so a panic
            // elsewhere leaves the state as the file says.
            work(
                &mut journal.lock().unwrap_or_else(PoisonError::into_inner),
                index,
            )
        })
        .await
        .unwrap_or_else(|error| Err(CloudError::other("a queue operation", error)));
        self.queues.room.note(done)
    }

    /// Has a delivery become visible at another time, given back or still worked on.
    async fn reschedule(
        &self,
        receipt: &Receipt,
        visibility: Duration,
        given_back: bool,
    ) -> CloudResult<()> {
        let now = self.queues.clock.now_ms();
        let until = now.saturating_add(millis(visibility));
        let receipt = receipt.clone();
        self.blocking(move |journal, index| {
            let change = journal
                .broker
                .plan_reschedule(index, &receipt, until, given_back, now)?;
            journal.commit(&[change])
        })
        .await?;
        self.queues.changed.notify_waiters();
        Ok(())
    }
}

impl LocalQueue {
    /// Deletes every message.
    ///
    /// # Errors
    /// [`CloudError::Other`] when the journal cannot be written.
    pub async fn purge(&self) -> CloudResult<()> {
        self.blocking(|journal, queue| {
            let gone: Vec<_> = journal
                .broker
                .messages(queue)
                .map(|(seq, _)| Change::Delete { queue, seq })
                .collect();
            journal.commit(&gone)
        })
        .await
    }
}

/// What is delivered; when the next message will be due; whether one went to the dead letters.
type Taken = (Vec<ReceivedMessage>, Option<u64>, bool);

/// Delivers what is due.
fn take_due(
    journal: &mut Journal,
    queue: QueueIndex,
    max: usize,
    now_ms: u64,
    visibility_ms: u64,
) -> CloudResult<Taken> {
    let changes = journal
        .broker
        .plan_receive(queue, max, now_ms, visibility_ms);
    // Compacting may move bodies, so places are looked up after the commit.
    journal.commit(&changes)?;
    let moved = broker::moves(&changes);
    let mut received = Vec::new();
    for change in changes {
        if let Change::Take { seq, .. } = change
            && let Some(message) = journal.broker.message(queue, seq).cloned()
        {
            let body = journal.body(message.body)?;
            received.push(message.received(seq, body));
        }
    }
    Ok((received, journal.broker.next_visible_ms(queue), moved))
}

#[async_trait]
impl Queue for LocalQueue {
    async fn send_batch(
        &self,
        messages: Vec<OutgoingMessage>,
    ) -> CloudResult<Vec<CloudResult<MessageId>>> {
        broker::check_batch(&messages)?;
        let now_ms = self.queues.clock.now_ms();
        let sent = self
            .blocking(move |journal, index| {
                let states = messages
                    .iter()
                    .map(|message| Message::sent((), message, now_ms))
                    .collect::<Vec<_>>();
                let bodies = messages.into_iter().map(|message| message.body);
                journal.send(index, states.into_iter().zip(bodies).collect())
            })
            .await?;
        self.queues.changed.notify_waiters();
        Ok(sent
            .into_iter()
            .map(|seq| Ok(broker::message_id(seq)))
            .collect())
    }

    async fn receive(
        &self,
        max: usize,
        wait: Duration,
        visibility: Duration,
    ) -> CloudResult<Vec<ReceivedMessage>> {
        let clock = self.queues.clock.clone();
        let max = max.clamp(1, crate::MAX_BATCH_ENTRIES);
        let deadline = clock.now_ms().saturating_add(millis(wait));
        loop {
            // Enabled before looking, so that a message sent in between is not missed.
            let mut changed = std::pin::pin!(self.queues.changed.notified());
            changed.as_mut().enable();
            let now = clock.now_ms();
            let (received, next, moved) = self
                .blocking(move |journal, index| {
                    take_due(journal, index, max, now, millis(visibility))
                })
                .await?;
            if moved {
                self.queues.changed.notify_waiters();
            }
            if !received.is_empty() || now >= deadline {
                return Ok(received);
            }
            let pause = next
                .unwrap_or(u64::MAX)
                .min(deadline)
                .saturating_sub(now)
                .max(1);
            tokio::select! {
                () = changed => {}
                () = clock.sleep(Duration::from_millis(pause)) => {}
            }
        }
    }

    async fn delete_batch(&self, receipts: &[Receipt]) -> CloudResult<Vec<CloudResult<()>>> {
        let receipts = receipts.to_vec();
        self.blocking(move |journal, index| {
            let mut results = Vec::with_capacity(receipts.len());
            let mut changes = Vec::with_capacity(receipts.len());
            for receipt in &receipts {
                let planned = journal.broker.plan_delete(index, receipt);
                results.push(planned.map(|change| changes.extend(change)));
            }
            journal.commit(&changes)?;
            Ok(results)
        })
        .await
    }

    async fn change_visibility(&self, receipt: &Receipt, visibility: Duration) -> CloudResult<()> {
        self.reschedule(receipt, visibility, true).await
    }

    async fn hold(&self, receipt: &Receipt, visibility: Duration) -> CloudResult<()> {
        self.reschedule(receipt, visibility, false).await
    }

    async fn depth(&self) -> CloudResult<QueueDepth> {
        let now = self.queues.clock.now_ms();
        self.blocking(move |journal, index| Ok(journal.broker.depth(index, now)))
            .await
    }
}
