//! How much runs at once: documents open, documents on a core, uploads on their way, bytes held.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::Settings;

/// Documents drawn at once, at most: far above any setting.
const COMPANY: u32 = 1 << 16;

/// The slots of one process, shared by its invocations.
///
/// Each is waited for within a time: what holds it may never give it back, and an invocation that
/// waits for it past its own end would take all its messages down.
#[derive(Debug, Clone)]
pub struct Slots {
    open: Arc<Semaphore>,
    cpu: Arc<Semaphore>,
    upload: Arc<Semaphore>,
    memory: Arc<Semaphore>,
    company: Arc<Semaphore>,
    cpu_slots: usize,
    memory_mib: u32,
    stuck: Arc<AtomicUsize>,
}

impl Slots {
    /// Slots as the settings say.
    pub fn new(settings: &Settings) -> Self {
        let memory_mib = mib(settings.max_pdf_bytes);
        Self {
            open: Arc::new(Semaphore::new(settings.document_concurrency)),
            cpu: Arc::new(Semaphore::new(settings.render_concurrency)),
            upload: Arc::new(Semaphore::new(settings.upload_concurrency)),
            memory: Arc::new(Semaphore::new(memory_mib as usize)),
            company: Arc::new(Semaphore::new(COMPANY as usize)),
            cpu_slots: settings.render_concurrency,
            memory_mib,
            stuck: Arc::default(),
        }
    }

    /// Waits until another document may be opened; none when `within` passes first.
    pub async fn open(&self, within: Duration) -> Option<OwnedSemaphorePermit> {
        acquire(&self.open, 1, within).await
    }

    /// Waits for a core; none when `within` passes first. The permit goes with the work, into its
    /// thread.
    pub async fn cpu(&self, within: Duration) -> Option<OwnedSemaphorePermit> {
        acquire(&self.cpu, 1, within).await
    }

    /// Waits until another upload may start; none when `within` passes first.
    pub async fn upload(&self, within: Duration) -> Option<OwnedSemaphorePermit> {
        acquire(&self.upload, 1, within).await
    }

    /// Waits for room for `bytes` of fetched PDFs; none when `within` passes first. In all there is
    /// room for as much as one PDF may have, so one over that waits for all of it.
    pub async fn memory(&self, bytes: u64, within: Duration) -> Option<OwnedSemaphorePermit> {
        acquire(&self.memory, mib(bytes).min(self.memory_mib), within).await
    }

    /// Waits for what is drawn alone to end; none when `within` passes first.
    pub async fn beside_others(&self, within: Duration) -> Option<OwnedSemaphorePermit> {
        acquire(&self.company, 1, within).await
    }

    /// Waits until nothing else is drawn in this process; none when `within` passes first. A process
    /// may handle several events at once, and when it ends, what ended it must be known.
    pub async fn alone(&self, within: Duration) -> Option<OwnedSemaphorePermit> {
        acquire(&self.company, COMPANY, within).await
    }

    /// Notes a thread that did not stop when it was told to; it keeps its core. A thread cannot be
    /// killed, so the process must be.
    pub fn note_stuck(&self) {
        self.stuck.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes that such a thread has stopped after all.
    pub fn note_freed(&self) {
        self.stuck.fetch_sub(1, Ordering::Relaxed);
    }

    /// Threads that did not stop.
    pub fn stuck(&self) -> usize {
        self.stuck.load(Ordering::Relaxed)
    }

    /// Whether no core is left: the process should end, so that a fresh one takes its place.
    pub fn exhausted(&self) -> bool {
        self.stuck() >= self.cpu_slots
    }
}

/// Bytes in MiB, rounded up, at least one.
fn mib(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(1 << 20))
        .unwrap_or(u32::MAX)
        .max(1)
}

async fn acquire(
    semaphore: &Arc<Semaphore>,
    permits: u32,
    within: Duration,
) -> Option<OwnedSemaphorePermit> {
    // What is free is had without any time.
    let permit = timeout(within, Arc::clone(semaphore).acquire_many_owned(permits)).await;
    permit
        .ok()
        .map(|permit| permit.expect("the slots are never closed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_slot_that_is_not_given_back_is_waited_for_within_the_time() {
        let slots = Slots::new(&Settings {
            render_concurrency: 1,
            ..Settings::default()
        });
        let held = slots.cpu(Duration::ZERO).await;
        assert!(held.is_some());
        let begun = tokio::time::Instant::now();
        assert!(slots.cpu(Duration::from_secs(2)).await.is_none());
        assert_eq!(begun.elapsed().as_secs(), 2);
        drop(held);
        assert!(slots.cpu(Duration::ZERO).await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_alone_waits_for_the_others_and_they_for_it() {
        let slots = Slots::new(&Settings::default());
        let second = Duration::from_secs(1);
        let (one, two) = (
            slots.beside_others(second).await,
            slots.beside_others(second).await,
        );
        assert!(one.is_some() && two.is_some());
        assert!(slots.alone(second).await.is_none());
        drop((one, two));
        let alone = slots.alone(second).await;
        assert!(alone.is_some() && slots.beside_others(second).await.is_none());
        drop(alone);
        assert!(slots.beside_others(second).await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn fetched_pdfs_share_the_room_of_the_largest_one() {
        let slots = Slots::new(&Settings {
            max_pdf_bytes: 10 << 20,
            ..Settings::default()
        });
        let small = slots.memory(4 << 20, Duration::ZERO).await;
        let other = slots.memory((5 << 20) + 1, Duration::ZERO).await;
        assert!(small.is_some() && other.is_some());
        assert!(slots.memory(1, Duration::from_secs(1)).await.is_none());
        drop(other);
        assert!(slots.memory(6 << 20, Duration::ZERO).await.is_some());
        drop(small);
        assert!(slots.memory(u64::MAX, Duration::ZERO).await.is_some());
    }
}
