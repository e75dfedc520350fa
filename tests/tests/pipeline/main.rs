//! The pipeline through its real handlers, over stores and queues in memory whose every effect can
//! fail: what is accepted ends exactly once, whatever happens on the way.

mod api;
mod bad_documents;
mod crashes;
mod deliveries;
mod end_to_end;
mod faults;
mod uploads;
mod world;
