//! Until when an invocation may work.

use std::time::{Duration, Instant};

/// The time after which nothing new starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline(Instant);

impl Deadline {
    /// The deadline of an invocation that the platform ends `remaining` from now: a reserve before
    /// that for answering, and never later than the budget.
    pub fn of_invocation(remaining: Duration, budget: Duration, reserve: Duration) -> Self {
        Self::after(remaining.saturating_sub(reserve).min(budget))
    }

    /// A deadline some time from now.
    pub fn after(duration: Duration) -> Self {
        let now = Instant::now();
        // A duration too long for the clock is as good as a century.
        Self(
            now.checked_add(duration)
                .unwrap_or(now + Duration::from_secs(3_000_000_000)),
        )
    }

    /// What is left; zero once it has passed.
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Whether something that takes `needed` can still be finished.
    pub fn allows(self, needed: Duration) -> bool {
        let remaining = self.remaining();
        !remaining.is_zero() && remaining >= needed
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
}
