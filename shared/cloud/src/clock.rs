//! Clocks: the machine's, and one that a test moves.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use tokio::sync::watch;

use crate::ports::Clock;

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    fn now_ms(&self) -> u64 {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// A clock that stands still until [`ManualClock::advance`]; clones share one time.
#[derive(Clone, Debug)]
pub struct ManualClock {
    now_ms: Arc<watch::Sender<u64>>,
}

impl ManualClock {
    /// A clock that shows `now_ms` milliseconds since 1970-01-01 UTC.
    #[must_use]
    pub fn new(now_ms: u64) -> Self {
        Self {
            now_ms: Arc::new(watch::Sender::new(now_ms)),
        }
    }

    /// Moves the clock on and wakes those whose sleep has ended.
    pub fn advance(&self, by: Duration) {
        let by = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.now_ms.send_modify(|now| *now = now.saturating_add(by));
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now_ms(&self) -> u64 {
        *self.now_ms.borrow()
    }

    async fn sleep(&self, duration: Duration) {
        let by = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let until = self.now_ms().saturating_add(by);
        // The sender lives in `self`, so waiting cannot fail while `self` is borrowed.
        let _ = self.now_ms.subscribe().wait_for(|now| *now >= until).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sleep_on_the_manual_clock_ends_when_it_is_moved_far_enough() {
        let clock = ManualClock::new(1_000);
        let sleeper = clock.clone();
        let slept = tokio::spawn(async move {
            sleeper.sleep(Duration::from_secs(5)).await;
            sleeper.now_ms()
        });
        tokio::task::yield_now().await;
        clock.advance(Duration::from_secs(4));
        tokio::task::yield_now().await;
        assert!(!slept.is_finished());
        clock.advance(Duration::from_secs(1));
        assert_eq!(slept.await.unwrap(), 6_000);
    }
}
