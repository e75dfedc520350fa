//! How much runs at once: documents open, documents on a core, uploads on their way.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::Settings;

/// The slots of one process, shared by its invocations.
#[derive(Debug, Clone)]
pub struct Slots {
    open: Arc<Semaphore>,
    cpu: Arc<Semaphore>,
    upload: Arc<Semaphore>,
    cpu_slots: usize,
    stuck: Arc<AtomicUsize>,
}

impl Slots {
    /// Slots as the settings say.
    pub fn new(settings: &Settings) -> Self {
        Self {
            open: Arc::new(Semaphore::new(settings.document_concurrency)),
            cpu: Arc::new(Semaphore::new(settings.render_concurrency)),
            upload: Arc::new(Semaphore::new(settings.upload_concurrency)),
            cpu_slots: settings.render_concurrency,
            stuck: Arc::default(),
        }
    }

    /// Waits until another document may be opened.
    pub async fn open(&self) -> OwnedSemaphorePermit {
        acquire(&self.open).await
    }

    /// Waits for a core. The permit goes with the work, into its thread.
    pub async fn cpu(&self) -> OwnedSemaphorePermit {
        acquire(&self.cpu).await
    }

    /// Waits until another upload may start.
    pub async fn upload(&self) -> OwnedSemaphorePermit {
        acquire(&self.upload).await
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

async fn acquire(semaphore: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    Arc::clone(semaphore)
        .acquire_owned()
        .await
        .expect("the slots are never closed")
}
