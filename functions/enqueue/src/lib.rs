//! The enqueue function: manifests are accepted whole, or refused whole, and become chunk messages.
//!
//! [`Enqueue::api`] answers HTTP requests, [`Enqueue::uploaded`] takes objects that came into the
//! bucket, [`Enqueue::event`] whichever of both an event of the platform is.

mod accept;
mod api;
mod batches;
mod bundles;
mod cut;
mod documents;
mod event;
mod failure;
mod handler;
mod http;
mod reading;
mod retry;
mod uploads;

pub use accept::{AcceptError, Submission, Text};
pub use event::{Event, EventError, Upload};
pub use handler::{DirectRender, Enqueue};
pub use http::{Request, Response};
pub use uploads::Received;
