//! The state machine: what to do with a delivery, and after an attempt. Pure.
//!
//! ```text
//! chunk   1: render all ──settled──▶ marker
//!         └─transient, deadline or death──▶ 2: split into singles ──▶ each single:
//! single  1: render   2, 3: render alone (a suspect)   4: leave ──▶ dead-letter queue
//!         after each: ok / permanent ▶ settle     transient ▶ back, 30·2ⁿ s     4th attempt ▶ settle failed
//! dead letter: started and did not come back ▶ settle failed (killed)     else ▶ send anew
//! ```

use std::time::Duration;

/// Deliveries after which the queue moves a message to its dead-letter queue: the redrive policy's
/// `maxReceiveCount`. The last one is not used for rendering, so that a document is tried four times
/// in all: once in its chunk and three times alone.
pub const MAX_DELIVERIES: u32 = 4;

/// Attempts at a document: the first and at most three retries.
pub const MAX_ATTEMPTS: u32 = 4;

/// How often a message that reached the dead-letter queue without having been started is sent anew.
pub const MAX_RESENDS: u32 = 8;

/// What to do with a delivered chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChunkAction {
    /// Render its documents together.
    Render,
    /// Something went wrong before: send each unfinished document alone.
    Split,
}

/// What to do with the delivery of a chunk, the `delivery`th from 1.
pub fn on_chunk(delivery: u32) -> ChunkAction {
    if delivery <= 1 {
        ChunkAction::Render
    } else {
        ChunkAction::Split
    }
}

/// What to do with a delivered single.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SingleAction {
    /// Render it beside others.
    Render,
    /// It may have killed a function: record its start and render it when nothing else runs.
    RenderAlone,
    /// Leave it to the dead-letter queue.
    Leave,
}

/// What to do with the delivery of a single, the `delivery`th from 1.
pub fn on_single(delivery: u32) -> SingleAction {
    match delivery {
        0 | 1 => SingleAction::Render,
        n if n < MAX_DELIVERIES => SingleAction::RenderAlone,
        _ => SingleAction::Leave,
    }
}

/// How an attempt at a document ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// Its part is in the store.
    Ok,
    /// It failed and would fail again.
    Permanent,
    /// It failed and may not fail again: throttling, a timeout.
    Transient,
    /// There was no time to start it.
    NotStarted,
}

/// What follows an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The document has ended.
    Settle,
    /// It goes back to its queue.
    Back {
        /// For how long it stays invisible.
        after: Duration,
    },
}

/// What follows the `attempts`th attempt (from 1) at a document. `jitter` is the message's own draw
/// from the whole range of `u64`.
pub fn after(attempt: Attempt, attempts: u32, jitter: u64) -> Next {
    match attempt {
        Attempt::Ok | Attempt::Permanent => Next::Settle,
        Attempt::Transient if attempts >= MAX_ATTEMPTS => Next::Settle,
        Attempt::Transient => Next::Back {
            after: backoff(attempts, jitter),
        },
        Attempt::NotStarted => Next::Back {
            after: Duration::ZERO,
        },
    }
}

/// The pause after the `attempts`th attempt (from 1): 30·2ⁿ seconds with n from 0, less up to a
/// quarter and plus up to a quarter by `jitter`, so that what failed together does not come back
/// together. Never above 15 minutes.
pub fn backoff(attempts: u32, jitter: u64) -> Duration {
    let n = attempts.saturating_sub(1).min(5);
    let base_ms = 30_000u64 << n;
    let spread = base_ms / 2;
    let ms = base_ms - spread / 2 + jitter % (spread + 1);
    Duration::from_millis(ms.min(900_000))
}

/// What to do with a single in the dead-letter queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadAction {
    /// It killed its function, or nothing more can be done: settle it as failed.
    Fail,
    /// Others killed every function it was with: send it anew.
    Resend,
}

/// What to do with a dead single that was started alone `fatal` times without coming back and sent
/// anew `resent` times.
pub fn on_dead_single(fatal: usize, resent: u32) -> DeadAction {
    if fatal == 0 && resent < MAX_RESENDS {
        DeadAction::Resend
    } else {
        DeadAction::Fail
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_tried_four_times_at_most() {
        let in_chunk = u32::from(on_chunk(1) == ChunkAction::Render);
        let alone = (1..=10)
            .filter(|&n| on_single(n) != SingleAction::Leave)
            .count() as u32;
        assert_eq!(in_chunk + alone, MAX_ATTEMPTS);
        assert!((2..10).all(|n| on_chunk(n) == ChunkAction::Split));
    }

    #[test]
    fn pauses_double_from_thirty_seconds_within_a_quarter() {
        for (attempts, seconds) in [(1, 30.0), (2, 60.0), (3, 120.0)] {
            for jitter in [0, 1, 12_345_678_901, u64::MAX] {
                let pause = backoff(attempts, jitter).as_secs_f64();
                assert!(
                    (seconds * 0.75..=seconds * 1.25).contains(&pause),
                    "{pause}"
                );
            }
        }
        assert!(backoff(u32::MAX, u64::MAX) <= Duration::from_secs(900));
    }

    #[test]
    fn transient_failures_end_at_the_last_attempt() {
        assert!(matches!(after(Attempt::Transient, 3, 0), Next::Back { .. }));
        assert_eq!(after(Attempt::Transient, 4, 0), Next::Settle);
        assert_eq!(
            after(Attempt::NotStarted, 9, 0),
            Next::Back {
                after: Duration::ZERO
            }
        );
        assert_eq!(after(Attempt::Permanent, 1, 0), Next::Settle);
    }
}
