//! Invocations beside each other in one process.

use tokio::runtime::Handle;
use tokio::task::{JoinError, spawn_blocking};

/// Runs an invocation on a thread of its own, on this runtime. (The futures of invocations borrow their
/// batches in ways that cannot be shown to be [`Send`], so they cannot be tasks.)
///
/// # Errors
/// When it panics.
pub async fn apart<T, F>(invocation: impl FnOnce() -> F + Send + 'static) -> Result<T, JoinError>
where
    T: Send + 'static,
    F: Future<Output = T>,
{
    let runtime = Handle::current();
    spawn_blocking(move || runtime.block_on(invocation())).await
}
