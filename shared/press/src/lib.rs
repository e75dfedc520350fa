//! The press: HTML and CSS → pages → PDF.
//!
//! ```text
//! HTML → styled tree (fanfold-style) → box tree → fragments on pages → display list → PDF (fanfold-paint)
//! ```
//!
//! Fragmentation is inside layout: each formatting context is a function
//! `(box, space, resume point) → (fragment, next resume point?)`, where the space carries what is
//! left of the page. No I/O, no async, no clock: resources come through [`Fetch`], time through
//! [`Options::cancel`].

mod boxes;
mod cache;
mod font_file;
mod font_set;
mod fragment;
mod images;
mod layout;
mod pages;
mod paint;
mod press;
mod svg;

pub use fanfold_style::{Diagnostic, Fetch, FetchError, Place, decode_html, decode_text};
pub use press::{Limits, Options, Pdf, Press, PressError};
