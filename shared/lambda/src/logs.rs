//! JSON logs: a message and fields, units in the fields' names, never a document's content.

use tracing_subscriber::EnvFilter;

/// Starts logging to standard output as JSON lines, at the level of `FANFOLD_LOG` (`info` by
/// default). A second call does nothing.
pub fn start_logging() {
    let filter = EnvFilter::try_from_env("FANFOLD_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_env_filter(filter);
    // Already started is fine: the first subscriber stays.
    let _ = subscriber.try_init();
}
