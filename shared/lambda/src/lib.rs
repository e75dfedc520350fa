//! What every function needs around its handler: configuration, deadline, slots, the SQS batch, logs
//! and metrics. No Lambda runtime here, so that handlers run anywhere.

mod apart;
mod batch;
mod causes;
mod deadline;
mod logs;
mod metrics;
mod queues;
mod settings;
mod slots;

pub use apart::apart;
pub use batch::{BatchAnswer, Delivery, EventError, Outcome, answer, deliveries, each};
pub use causes::with_causes;
pub use deadline::Deadline;
pub use logs::start_logging;
pub use metrics::{Metrics, Unit};
pub use queues::{Queues, send_all};
pub use settings::{Settings, SettingsError};
pub use slots::Slots;
