//! The queues a batch travels on.

use std::sync::Arc;
use std::time::Duration;

use fanfold_cloud::{
    CloudError, CloudResult, MAX_BATCH_ENTRIES, MAX_MESSAGE_BYTES, OutgoingMessage, Queue,
};
use fanfold_job::Priority;

/// One render queue for each priority, and the merge queue.
#[derive(Debug, Clone)]
pub struct Queues {
    /// Documents someone waits for.
    pub interactive: Arc<dyn Queue>,
    /// Documents nobody waits for.
    pub bulk: Arc<dyn Queue>,
    /// Runs to stitch.
    pub merge: Arc<dyn Queue>,
}

impl Queues {
    /// The render queue of a priority.
    pub fn render(&self, priority: Priority) -> &Arc<dyn Queue> {
        match priority {
            Priority::Interactive => &self.interactive,
            Priority::Bulk => &self.bulk,
        }
    }
}

/// Tries at sending what a queue did not take.
const TRIES: u32 = 4;

/// Sends messages in order of their sends' sizes' limits: several at once, and those refused again,
/// a few times.
///
/// # Errors
/// When some could not be sent; others may have been. Sending all again is safe, as every message
/// is idempotent.
pub async fn send_all(
    queue: &dyn Queue,
    bodies: Vec<String>,
    delay: Duration,
    tenant: &str,
) -> CloudResult<()> {
    let mut send: Vec<OutgoingMessage> = Vec::new();
    let mut bytes = 0;
    for body in bodies {
        if send.len() == MAX_BATCH_ENTRIES || bytes + body.len() > MAX_MESSAGE_BYTES {
            send_batch(queue, std::mem::take(&mut send)).await?;
            bytes = 0;
        }
        bytes += body.len();
        send.push(OutgoingMessage {
            body,
            delay,
            group: Some(tenant.to_owned()),
        });
    }
    if send.is_empty() {
        Ok(())
    } else {
        send_batch(queue, send).await
    }
}

async fn send_batch(queue: &dyn Queue, mut send: Vec<OutgoingMessage>) -> CloudResult<()> {
    let mut pause = Duration::from_millis(50);
    for last in (0..TRIES).map(|n| n + 1 == TRIES) {
        let results = queue.send_batch(send.clone()).await;
        let mut refused: Option<CloudError> = None;
        match results {
            Ok(results) => {
                let mut results = results.into_iter();
                send.retain(|_| match results.next() {
                    Some(Ok(_)) => false,
                    Some(Err(error)) => {
                        refused = Some(error);
                        true
                    }
                    // No answer for an entry: it may not have been sent.
                    None => true,
                });
            }
            Err(error) => refused = Some(error),
        }
        if send.is_empty() {
            return Ok(());
        }
        let error = refused
            .unwrap_or_else(|| CloudError::unavailable("the queue gave no answer for a message"));
        if last || !error.is_transient() {
            return Err(error);
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
    Ok(())
}
