//! The fonts that are built into the program, with what they stand in for.
//!
//! A function has no system fonts, and a document must come out the same on every machine: so
//! [`faces`] are the whole choice beside a bundle's own fonts. [`aliases`] says which embedded
//! family replaces a name that templates use, [`fallbacks`] which families serve a script, [`script_of`]
//! which script a language is written in.
//! Sources, versions and licences are in this crate's README.

mod embedded;
mod names;

pub use embedded::{EmbeddedFace, faces};
pub use names::{LAST_RESORT, aliases, fallbacks, is_generic, script_of};
