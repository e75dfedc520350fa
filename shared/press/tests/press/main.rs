//! The press by what is on its pages.

mod breaks;
mod positions;
mod read;
mod tables;
