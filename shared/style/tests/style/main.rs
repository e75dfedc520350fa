//! Documents styled from outside, by the crate's public interface.

mod cascade;
mod columns;
mod hostile;
mod selectors;
mod support;
mod values;
