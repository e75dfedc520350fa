//! Work on a core: a thread of its own, stopped and given up in time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use fanfold_job::settled::ErrorKind;
use fanfold_lambda::Deadline;
use tokio::sync::oneshot::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::time::{Instant, timeout};

use crate::{Render, RenderError};

/// Why an attempt gave no part.
#[derive(Debug)]
pub(crate) enum Stop {
    /// There was no time for it, or not enough: nothing is known against the document.
    NoTime,
    /// The document failed.
    Failed(RenderError),
}

impl From<RenderError> for Stop {
    fn from(error: RenderError) -> Self {
        Self::Failed(error)
    }
}

/// Where documents are drawn: apart from the async threads, since drawing does not yield.
pub trait Threads: Send + Sync + 'static {
    /// Runs work to its end, some time after this returns.
    fn start(&self, work: Box<dyn FnOnce() + Send>);
}

/// The runtime's own threads for blocking work.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct BlockingThreads;

impl Threads for BlockingThreads {
    fn start(&self, work: Box<dyn FnOnce() + Send>) {
        drop(tokio::task::spawn_blocking(work));
    }
}

/// How long documents take on a core, so that none is started that cannot finish.
#[derive(Debug, Default)]
pub(crate) struct Pace(AtomicU64);

impl Pace {
    /// Twice the moving mean, and never more than half of what an invocation has: a slow document
    /// must not keep all others after it from being started.
    fn expected(&self, deadline: Deadline) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Relaxed).saturating_mul(2))
            .min(deadline.whole() / 2)
    }

    fn note(&self, took: Duration) {
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX / 16);
        // Lost updates do not matter: it is an estimate.
        let mean = self.0.load(Ordering::Relaxed);
        self.0.store(
            if mean == 0 {
                took
            } else {
                mean - mean / 8 + took / 8
            },
            Ordering::Relaxed,
        );
    }
}

/// Of an invocation's time, the share that a document must have had for running out of it to be its
/// own fault: with less it was started late.
const FAIR: (u32, u32) = (3, 4);

impl Render {
    /// Whether a document may be started.
    pub(crate) fn has_time(&self, deadline: Deadline) -> bool {
        deadline.allows(self.pace.expected(deadline))
    }

    /// Waits for a core as long as a document may be started; not at all when none will come free.
    pub(crate) async fn core(&self, deadline: Deadline) -> Result<OwnedSemaphorePermit, Stop> {
        if self.slots.exhausted() {
            return Err(Stop::NoTime);
        }
        let core = self.slots.cpu(deadline.remaining()).await;
        core.filter(|_| self.has_time(deadline)).ok_or(Stop::NoTime)
    }

    /// Runs a document's work on a core, within the document's limits. `cancel` tells the work to
    /// stop. The core stays taken until the thread ends, whatever becomes of the document.
    pub(crate) async fn on_core<T: Send + 'static>(
        &self,
        core: OwnedSemaphorePermit,
        cancel: Arc<AtomicBool>,
        deadline: Deadline,
        work: impl FnOnce() -> Result<T, RenderError> + Send + 'static,
    ) -> Result<T, Stop> {
        let (tell, mut thread) = oneshot::channel();
        self.threads.start(Box::new(move || {
            let _core = core;
            // Nobody may be waiting any more; the result does not matter then.
            let _ = tell.send(catch_unwind(AssertUnwindSafe(work)));
        }));
        let settings = &self.settings;
        let left = deadline.left();
        let soft = settings.soft_limit.min(left);
        let hard = settings.hard_limit.min(left + settings.reserve / 2);
        if let Ok(done) = timeout(soft, &mut thread).await {
            return Ok(finished(done)?);
        }
        cancel.store(true, Ordering::Relaxed);
        let started_late = left < settings.soft_limit && left < deadline.whole() / FAIR.1 * FAIR.0;
        match timeout(hard.saturating_sub(soft), &mut thread).await {
            // It was finished at the last moment, or it stopped as it was told.
            Ok(done) => finished(done).map_err(|error| match error.error.kind {
                ErrorKind::Panic | ErrorKind::Limit => Stop::Failed(error),
                _ if started_late => Stop::NoTime,
                _ => Stop::Failed(too_long(settings.soft_limit, deadline.whole())),
            }),
            Err(_) => {
                self.slots.note_stuck();
                tracing::warn!(
                    hard_limit_seconds = hard.as_secs_f64(),
                    "a document did not stop when told to; its core is lost until it does"
                );
                let slots = self.slots.clone();
                tokio::spawn(async move {
                    // Its result does not matter any more.
                    let _ = thread.await;
                    slots.note_freed();
                });
                Err(too_long(settings.soft_limit, deadline.whole()).into())
            }
        }
    }

    /// The same, for what tells how long documents take.
    pub(crate) async fn on_core_timed<T: Send + 'static>(
        &self,
        core: OwnedSemaphorePermit,
        cancel: Arc<AtomicBool>,
        deadline: Deadline,
        work: impl FnOnce() -> Result<T, RenderError> + Send + 'static,
    ) -> Result<T, Stop> {
        let begun = Instant::now();
        let done = self.on_core(core, cancel, deadline, work).await?;
        self.pace.note(begun.elapsed());
        Ok(done)
    }
}

/// Names the limit, not the time that was measured: the message may be printed on a placeholder page.
fn too_long(limit: Duration, whole: Duration) -> RenderError {
    let what = if limit <= whole {
        format!(
            "it was not finished after {:.1} s; make it smaller, or raise the limit",
            limit.as_secs_f64()
        )
    } else {
        "it was not finished in the time that one invocation has; make it smaller, or give the render function more time".to_owned()
    };
    RenderError::transient(ErrorKind::Timeout, what)
}

type Thread<T> = Result<Result<T, RenderError>, Box<dyn std::any::Any + Send>>;

fn finished<T>(done: Result<Thread<T>, RecvError>) -> Result<T, RenderError> {
    match done {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => Err(panicked(&*panic)),
        Err(error) => Err(RenderError::transient(
            ErrorKind::Other,
            format!("the thread did not run: {error}"),
        )),
    }
}

/// A panic is a fault of the program, met by this document; another attempt would meet it again.
fn panicked(panic: &(dyn std::any::Any + Send)) -> RenderError {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let what = format!(
        "the renderer failed on this document ({}); please report it",
        text.unwrap_or("no message")
    );
    RenderError::permanent(ErrorKind::Panic, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_document_does_not_stop_an_invocation_from_starting_others() {
        let pace = Pace::default();
        pace.note(Duration::from_secs(40));
        let whole = Duration::from_secs(55);
        assert!(Deadline::after(whole).allows(pace.expected(Deadline::after(whole))));
        pace.note(Duration::MAX);
        assert!(Deadline::after(whole).allows(pace.expected(Deadline::after(whole))));
    }

    #[test]
    fn the_pace_follows_the_documents() {
        let (pace, deadline) = (Pace::default(), Deadline::after(Duration::from_secs(3_600)));
        assert_eq!(pace.expected(deadline), Duration::ZERO);
        for _ in 0..100 {
            pace.note(Duration::from_millis(10));
        }
        let expected = pace.expected(deadline).as_millis();
        assert!((18..=20).contains(&expected), "{expected} ms");
    }
}
