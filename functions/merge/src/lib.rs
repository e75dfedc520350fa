//! The merge function: a complete run's parts become volumes, and what died is settled.
//!
//! [`Merge::batch`] takes the merge queue's deliveries, [`Merge::dead_letters`] those of the
//! dead-letter queues, and [`Merge::deliver`] tells them apart. What writes a volume is behind [`Binder`].

#[cfg(feature = "bind")]
mod bind;
mod binder;
mod dead;
mod dead_merge;
mod handler;
mod pause;
mod plan;
mod range;
mod route;
mod run;
mod stitch;
mod tries;
mod volumes;

#[cfg(feature = "bind")]
pub use bind::PdfBinder;
pub use binder::{BindError, Binder, Binding, Bound, Entry, Feed, Part, VolumeOptions};
pub use handler::Merge;
pub use route::Sources;
