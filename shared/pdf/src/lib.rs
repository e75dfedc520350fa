//! The outer layer of a PDF file, written forward: object syntax, object streams, one
//! cross-reference stream at the end.
//!
//! lopdf's own writer needs the whole document in memory, leaves its cross-reference stream
//! uncompressed and formats through `dyn Write`; both the press (a document in a fraction of a
//! millisecond) and the bind (volumes that do not fit in memory) need [`FileWriter`] instead, over
//! the same object model. Output is PDF 1.7 (ISO 32000-1) and depends on nothing but what is written.

mod deflate;
mod syntax;
mod tight;
mod writer;

pub use deflate::{Deflater, MOST_TIGHT, deflate, inflate, is_whole};
pub use syntax::{text_string, write_dictionary, write_object, write_real};
pub use writer::{FileWriter, Protect, SuspendedFile, WriterOptions};
