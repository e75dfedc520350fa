//! A batch's markers in the object store: writing them so that every batch completes, and reading
//! them back as progress and results.
//!
//! A marker's existence is a fact: it is created once and never updated, so every function here may
//! be called again after a crash at any point, and by several callers at once. There is no counter:
//! whoever sees, in a strongly consistent list, that all markers are there, writes the next one.
//!
//! - [`Ledger::settle`], [`Ledger::end_single`], [`Ledger::advance`]: a chunk has ended, up to `complete.json`;
//! - [`Ledger::progress`]: how far a batch is; [`Results`]: its documents' results in manifest order.

mod again;
mod bundles;
mod error;
mod manifest;
mod progress;
mod results;
mod settle;
mod store;
mod volumes;

pub use error::{LedgerError, LedgerResult};
pub use progress::Progress;
pub use results::{Absent, Origin, Results};
pub use settle::Advance;
pub use store::{Ledger, WORKING_DAYS, working_retention};
