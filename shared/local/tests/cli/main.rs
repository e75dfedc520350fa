//! The program as a person uses it: its files, its output, its exit codes.

#![expect(clippy::unwrap_used, reason = "in a test an error is a failure")]

mod batch;
mod invoke;
mod kill;
mod merge;
mod program;
mod render;
mod serve;
