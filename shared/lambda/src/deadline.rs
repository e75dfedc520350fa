//! Until when an invocation may work.

use std::time::Duration;

// The runtime's clock, which a simulation stops and moves; elsewhere it is the machine's.
use tokio::time::Instant;

/// The time after which nothing new starts, and the time by which what was started must end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    start: Instant,
    end: Instant,
    whole: Duration,
}

impl Deadline {
    /// The deadline of an invocation that the platform ends `remaining` from now: work ends a reserve
    /// before that, which is for answering, and none is started later than the budget.
    pub fn of_invocation(remaining: Duration, budget: Duration, reserve: Duration) -> Self {
        let whole = remaining.saturating_sub(reserve);
        Self::new(whole.min(budget), whole)
    }

    /// A deadline some time from now, for starting and for ending.
    pub fn after(duration: Duration) -> Self {
        Self::new(duration, duration)
    }

    fn new(start: Duration, whole: Duration) -> Self {
        let now = Instant::now();
        // A duration too long for the clock is as good as a century.
        let after = |duration| {
            now.checked_add(duration)
                .unwrap_or(now + Duration::from_secs(3_000_000_000))
        };
        Self {
            start: after(start),
            end: after(whole),
            whole,
        }
    }

    /// For how long work may still be started; zero once that has passed.
    pub fn remaining(self) -> Duration {
        self.start.saturating_duration_since(Instant::now())
    }

    /// What is left for ending work; zero once that has passed.
    pub fn left(self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }

    /// What there was for all work at the beginning: no work can have more.
    pub fn whole(self) -> Duration {
        self.whole
    }

    /// Whether something that takes `needed` may be started and can be finished.
    pub fn allows(self, needed: Duration) -> bool {
        !self.remaining().is_zero() && self.left() >= needed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_and_the_reserve_bound_it() {
        let second = Duration::from_secs(1);
        let deadline = Deadline::of_invocation(900 * second, 55 * second, 3 * second);
        assert!(deadline.remaining() <= 55 * second && deadline.remaining() > 54 * second);
        let deadline = Deadline::of_invocation(10 * second, 55 * second, 3 * second);
        assert!(
            deadline.remaining() <= 7 * second
                && deadline.allows(6 * second)
                && !deadline.allows(8 * second)
        );
        assert!(!Deadline::of_invocation(second, 55 * second, 3 * second).allows(Duration::ZERO));
        assert!(Deadline::after(Duration::MAX).allows(second));
    }

    #[test]
    fn what_is_started_within_the_budget_has_the_time_of_the_invocation() {
        let second = Duration::from_secs(1);
        let deadline = Deadline::of_invocation(60 * second, 10 * second, 3 * second);
        assert!(deadline.remaining() <= 10 * second && deadline.left() > 56 * second);
        assert!(deadline.allows(50 * second) && !deadline.allows(58 * second));
        assert_eq!(deadline.whole(), 57 * second);
        let over = Deadline::of_invocation(60 * second, Duration::ZERO, 3 * second);
        assert!(!over.allows(Duration::ZERO));
    }
}
