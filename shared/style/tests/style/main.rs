//! Documents styled from outside, by the crate's public interface.

mod cascade;
mod hostile;
mod selectors;
mod support;
mod values;
