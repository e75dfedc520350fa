//! Which of the function's queues a delivery came from.

use fanfold_lambda::{BatchAnswer, Deadline, Delivery};

use crate::Merge;

/// The names of the queues that the function reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    /// The merge queue.
    pub merge: String,
    /// The dead-letter queue.
    pub dead_letters: String,
}

impl Sources {
    /// The queues at these URLs: a queue's name is the last segment of its URL.
    pub fn of_urls(merge: &str, dead_letters: &str) -> Self {
        let name = |url: &str| url.rsplit('/').next().unwrap_or_default().to_owned();
        Self {
            merge: name(merge),
            dead_letters: name(dead_letters),
        }
    }
}

impl Merge {
    /// Handles a delivered batch of either queue. What comes from another queue goes back untouched:
    /// a dead letter is settled for good, so nothing is taken for one by mistake.
    pub async fn deliver(
        &self,
        batch: Vec<Delivery>,
        sources: &Sources,
        deadline: Deadline,
    ) -> BatchAnswer {
        let (mut stitch, mut dead, mut answer) = (Vec::new(), Vec::new(), BatchAnswer::default());
        for delivery in batch {
            match delivery.queue.as_deref() {
                Some(queue) if queue == sources.merge => stitch.push(delivery),
                Some(queue) if queue == sources.dead_letters => dead.push(delivery),
                queue => {
                    tracing::error!(
                        message_id = delivery.id,
                        queue,
                        "a message is from neither the merge queue nor the dead-letter queue and goes back; map only those to this function"
                    );
                    answer.failures.push(delivery.id);
                }
            }
        }
        answer
            .failures
            .extend(self.batch(&stitch, deadline).await.failures);
        answer
            .failures
            .extend(self.dead_letters(&dead, deadline).await.failures);
        answer
    }
}
