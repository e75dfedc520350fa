//! The queues' state machine, without I/O: commands plan [`Change`]s, and applying a change is the
//! only way the state moves. The memory adapter applies them; the local adapter writes them to its
//! journal first and, at start, applies what the journal holds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::error::{CloudError, CloudResult};
use crate::ports::{
    MAX_MESSAGE_BYTES, MessageId, OutgoingMessage, QueueDepth, Receipt, ReceivedMessage,
};

/// Where messages go that were received too often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redrive {
    /// The name of the dead-letter queue.
    pub dead_letters: String,
    /// After how many receives without a delete a message goes there (SQS `maxReceiveCount`).
    pub max_receive_count: u32,
}

/// A queue's place in the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct QueueIndex(pub(crate) usize);

/// One message; `B` is its body or where the body is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message<B> {
    pub(crate) body: B,
    pub(crate) group: Option<Arc<str>>,
    pub(crate) sent_ms: u64,
    pub(crate) visible_at_ms: u64,
    pub(crate) receive_count: u32,
    /// Counts the deliveries for the receipts; unlike `receive_count` it never goes back.
    pub(crate) delivery: u32,
    pub(crate) in_flight: bool,
    /// Its last delivery has set when it comes back, so it is not interrupted by a death.
    pub(crate) given_back: bool,
}

impl<B> Message<B> {
    /// A message as it is first sent.
    pub(crate) fn sent(body: B, message: &OutgoingMessage, now_ms: u64) -> Self {
        Self {
            body,
            group: message.group.as_deref().map(Into::into),
            sent_ms: now_ms,
            visible_at_ms: now_ms.saturating_add(millis(message.delay)),
            receive_count: 0,
            delivery: 0,
            in_flight: false,
            given_back: false,
        }
    }

    /// The same message with another body, or another place of it.
    pub(crate) fn with_body<C>(self, body: C) -> Message<C> {
        Message {
            body,
            group: self.group,
            sent_ms: self.sent_ms,
            visible_at_ms: self.visible_at_ms,
            receive_count: self.receive_count,
            delivery: self.delivery,
            in_flight: self.in_flight,
            given_back: self.given_back,
        }
    }

    /// What the receiver of this delivery gets.
    pub(crate) fn received(&self, seq: u64, body: String) -> ReceivedMessage {
        ReceivedMessage {
            id: message_id(seq),
            receipt: Receipt(format!("{seq:016x}.{}", self.delivery)),
            body,
            receive_count: self.receive_count,
            sent_ms: self.sent_ms,
            group: self.group.as_deref().map(str::to_owned),
        }
    }
}

/// One step of the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change<B> {
    /// A message is put into a queue.
    Send {
        queue: QueueIndex,
        seq: u64,
        message: Message<B>,
    },
    /// A message is delivered.
    Take {
        queue: QueueIndex,
        seq: u64,
        visible_at_ms: u64,
    },
    /// A message is gone for good.
    Delete { queue: QueueIndex, seq: u64 },
    /// A delivered message becomes visible at another time; its receipt stays valid until then. It is
    /// given back, or still worked on.
    Reschedule {
        queue: QueueIndex,
        seq: u64,
        visible_at_ms: u64,
        given_back: bool,
    },
    /// A message goes to the dead-letter queue, where its count starts anew.
    Move {
        from: QueueIndex,
        to: QueueIndex,
        seq: u64,
        at_ms: u64,
    },
    /// A delivery is taken back as if it had not been: the process that held it died.
    Release {
        queue: QueueIndex,
        seq: u64,
        receive_count: u32,
    },
}

/// Whether a message comes into another queue, where somebody may wait for one.
pub(crate) fn moves<B>(changes: &[Change<B>]) -> bool {
    changes
        .iter()
        .any(|change| matches!(change, Change::Move { .. }))
}

#[derive(Debug)]
struct QueueState<B> {
    name: String,
    redrive: Option<(QueueIndex, u32)>,
    messages: BTreeMap<u64, Message<B>>,
    /// When each message is next visible; the first is the next to deliver.
    schedule: BTreeSet<(u64, u64)>,
}

/// All queues of one adapter.
#[derive(Debug)]
pub(crate) struct Broker<B> {
    queues: Vec<QueueState<B>>,
    next_seq: u64,
}

impl<B: Clone> Broker<B> {
    pub(crate) fn new() -> Self {
        Self {
            queues: Vec::new(),
            next_seq: 1,
        }
    }

    /// The queue of that name, made when there is none.
    pub(crate) fn declare(&mut self, name: &str) -> QueueIndex {
        if let Some(index) = self.find(name) {
            return index;
        }
        self.queues.push(QueueState {
            name: name.to_owned(),
            redrive: None,
            messages: BTreeMap::new(),
            schedule: BTreeSet::new(),
        });
        QueueIndex(self.queues.len() - 1)
    }

    pub(crate) fn find(&self, name: &str) -> Option<QueueIndex> {
        self.queues
            .iter()
            .position(|queue| queue.name == name)
            .map(QueueIndex)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = (QueueIndex, &str)> {
        self.queues
            .iter()
            .enumerate()
            .map(|(at, queue)| (QueueIndex(at), queue.name.as_str()))
    }

    pub(crate) fn set_redrive(&mut self, queue: QueueIndex, to: QueueIndex, max_receives: u32) {
        self.queues[queue.0].redrive = Some((to, max_receives.max(1)));
    }

    /// A number no message has had.
    pub(crate) fn fresh_seq(&mut self) -> u64 {
        let seq = self.next_seq;
        self.next_seq += 1;
        seq
    }

    /// What delivering up to `max` messages at `now_ms` changes.
    pub(crate) fn plan_receive(
        &self,
        queue: QueueIndex,
        max: usize,
        now_ms: u64,
        visibility_ms: u64,
    ) -> Vec<Change<B>> {
        let state = &self.queues[queue.0];
        let visible_at_ms = now_ms.saturating_add(visibility_ms);
        let mut changes = Vec::new();
        let mut taken = 0;
        for &(at, seq) in &state.schedule {
            if at > now_ms || taken == max {
                break;
            }
            match (state.redrive, state.messages.get(&seq)) {
                (Some((to, limit)), Some(message)) if message.receive_count >= limit => {
                    changes.push(Change::Move {
                        from: queue,
                        to,
                        seq,
                        at_ms: now_ms,
                    });
                }
                _ => {
                    taken += 1;
                    changes.push(Change::Take {
                        queue,
                        seq,
                        visible_at_ms,
                    });
                }
            }
        }
        changes
    }

    /// What deleting a delivery changes: nothing when it is gone or was delivered again since.
    pub(crate) fn plan_delete(
        &self,
        queue: QueueIndex,
        receipt: &Receipt,
    ) -> CloudResult<Option<Change<B>>> {
        let (seq, delivery) = parse_receipt(receipt)?;
        let current = self.queues[queue.0]
            .messages
            .get(&seq)
            .map(|message| message.delivery);
        Ok((current == Some(delivery)).then_some(Change::Delete { queue, seq }))
    }

    /// What a new visibility of a delivery changes.
    pub(crate) fn plan_reschedule(
        &self,
        queue: QueueIndex,
        receipt: &Receipt,
        visible_at_ms: u64,
        given_back: bool,
        now_ms: u64,
    ) -> CloudResult<Change<B>> {
        let (seq, delivery) = parse_receipt(receipt)?;
        match self.queues[queue.0].messages.get(&seq) {
            Some(message)
                if message.delivery == delivery
                    && message.in_flight
                    && message.visible_at_ms > now_ms =>
            {
                Ok(Change::Reschedule {
                    queue,
                    seq,
                    visible_at_ms,
                    given_back,
                })
            }
            _ => Err(CloudError::not_found(format!("delivery {}", receipt.0))),
        }
    }

    /// What must change when the process that held all deliveries has died: each is released, and
    /// counted only when it was released this way `patience` times already, so that a message that
    /// kills its process still reaches the dead letters in the end. A message whose delivery has
    /// set its next visibility itself keeps that (a back-off is not cut short), as does one that was
    /// sent for later, unless all that waits is due `at_once`.
    pub(crate) fn plan_release(&self, patience: u32, at_once: bool) -> Vec<Change<B>> {
        let mut changes = Vec::new();
        for (at, state) in self.queues.iter().enumerate() {
            for (&seq, message) in &state.messages {
                if !message.in_flight || message.given_back {
                    // What was never put off is due as it is, and there may be very many of it.
                    if at_once && message.visible_at_ms > message.sent_ms {
                        changes.push(Change::Release {
                            queue: QueueIndex(at),
                            seq,
                            receive_count: message.receive_count,
                        });
                    }
                    continue;
                }
                let forgiven = message.delivery - message.receive_count.min(message.delivery);
                let receive_count = if forgiven < patience {
                    message.receive_count.saturating_sub(1)
                } else {
                    message.receive_count
                };
                changes.push(Change::Release {
                    queue: QueueIndex(at),
                    seq,
                    receive_count,
                });
            }
        }
        changes
    }

    /// Moves the state on. A change about a message that is not there changes nothing.
    pub(crate) fn apply(&mut self, change: &Change<B>) {
        match change {
            Change::Send {
                queue,
                seq,
                message,
            } => {
                self.next_seq = self.next_seq.max(seq + 1);
                self.insert(*queue, *seq, message.clone());
            }
            Change::Take {
                queue,
                seq,
                visible_at_ms,
            } => {
                self.update(*queue, *seq, |message| {
                    message.visible_at_ms = *visible_at_ms;
                    message.receive_count = message.receive_count.saturating_add(1);
                    message.delivery = message.delivery.saturating_add(1);
                    message.in_flight = true;
                    message.given_back = false;
                });
            }
            Change::Delete { queue, seq } => {
                self.remove(*queue, *seq);
            }
            Change::Reschedule {
                queue,
                seq,
                visible_at_ms,
                given_back,
            } => {
                self.update(*queue, *seq, |message| {
                    message.visible_at_ms = *visible_at_ms;
                    message.given_back = *given_back;
                });
            }
            Change::Move {
                from,
                to,
                seq,
                at_ms,
            } => {
                if let Some(mut message) = self.remove(*from, *seq) {
                    message.visible_at_ms = *at_ms;
                    message.receive_count = 0;
                    message.in_flight = false;
                    self.insert(*to, *seq, message);
                }
            }
            Change::Release {
                queue,
                seq,
                receive_count,
            } => {
                self.update(*queue, *seq, |message| {
                    message.receive_count = *receive_count;
                    message.visible_at_ms = message.sent_ms;
                    message.in_flight = false;
                });
            }
        }
    }

    pub(crate) fn message(&self, queue: QueueIndex, seq: u64) -> Option<&Message<B>> {
        self.queues[queue.0].messages.get(&seq)
    }

    pub(crate) fn messages(&self, queue: QueueIndex) -> impl Iterator<Item = (u64, &Message<B>)> {
        self.queues[queue.0]
            .messages
            .iter()
            .map(|(&seq, message)| (seq, message))
    }

    /// When the next message of the queue becomes visible.
    pub(crate) fn next_visible_ms(&self, queue: QueueIndex) -> Option<u64> {
        self.queues[queue.0].schedule.first().map(|&(at, _)| at)
    }

    pub(crate) fn depth(&self, queue: QueueIndex, now_ms: u64) -> QueueDepth {
        let mut depth = QueueDepth::default();
        for message in self.queues[queue.0].messages.values() {
            match (message.visible_at_ms <= now_ms, message.in_flight) {
                (true, _) => depth.visible += 1,
                (false, true) => depth.in_flight += 1,
                (false, false) => depth.delayed += 1,
            }
        }
        depth
    }

    fn insert(&mut self, queue: QueueIndex, seq: u64, message: Message<B>) {
        self.remove(queue, seq);
        let state = &mut self.queues[queue.0];
        state.schedule.insert((message.visible_at_ms, seq));
        state.messages.insert(seq, message);
    }

    fn remove(&mut self, queue: QueueIndex, seq: u64) -> Option<Message<B>> {
        let state = &mut self.queues[queue.0];
        let message = state.messages.remove(&seq)?;
        state.schedule.remove(&(message.visible_at_ms, seq));
        Some(message)
    }

    fn update(&mut self, queue: QueueIndex, seq: u64, edit: impl FnOnce(&mut Message<B>)) {
        let state = &mut self.queues[queue.0];
        if let Some(message) = state.messages.get_mut(&seq) {
            state.schedule.remove(&(message.visible_at_ms, seq));
            edit(message);
            state.schedule.insert((message.visible_at_ms, seq));
        }
    }
}

pub(crate) fn message_id(seq: u64) -> MessageId {
    MessageId(format!("{seq:016x}"))
}

fn parse_receipt(receipt: &Receipt) -> CloudResult<(u64, u32)> {
    receipt
        .0
        .split_once('.')
        .and_then(|(seq, delivery)| {
            Some((u64::from_str_radix(seq, 16).ok()?, delivery.parse().ok()?))
        })
        .ok_or_else(|| CloudError::invalid(format!("{:?} is not a receipt", receipt.0)))
}

/// Whether SQS takes a character: XML 1.0's `Char` production, which its messages must fit.
fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// Checks a batch as SQS does: its length, every body and all bodies together.
pub(crate) fn check_batch(messages: &[OutgoingMessage]) -> CloudResult<()> {
    if messages.is_empty() || messages.len() > crate::MAX_BATCH_ENTRIES {
        return Err(CloudError::invalid(format!(
            "a batch has 1 to {} entries, not {}",
            crate::MAX_BATCH_ENTRIES,
            messages.len()
        )));
    }
    if messages.iter().any(|message| message.body.is_empty()) {
        return Err(CloudError::invalid("a message needs a body"));
    }
    let refused = messages
        .iter()
        .flat_map(|message| message.body.chars())
        .find(|&character| !is_allowed(character));
    if let Some(character) = refused {
        return Err(CloudError::invalid(format!(
            "a message must not hold U+{:04X}; escape it",
            u32::from(character)
        )));
    }
    let bytes: usize = messages.iter().map(|message| message.body.len()).sum();
    if bytes > MAX_MESSAGE_BYTES {
        return Err(CloudError::invalid(format!(
            "a batch has at most {MAX_MESSAGE_BYTES} bytes together, not {bytes}"
        )));
    }
    Ok(())
}

pub(crate) fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
