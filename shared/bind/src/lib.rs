//! PDFs → one PDF, part by part, in one pass forward.
//!
//! A [`Binder`] reads one input at a time, renumbers what its pages need and writes it on at once;
//! what it keeps is a few bytes for each distinct object, page, destination and outline entry. Equal
//! objects (fonts, images, whole resource dictionaries) are stored once, whichever inputs they come
//! from. The same inputs in the same order give the same bytes.
//!
//! A volume keeps outlines, destinations, page labels, forms, tags, layers, attached files and article
//! threads of its inputs. What it cannot keep (signatures, XFA, portfolio views) is left out with a
//! warning in the [`Summary`], never half-kept.

mod appearances;
mod binder;
mod catalog;
mod cff;
mod compact;
mod copy;
mod destinations;
mod fields;
mod form;
mod form_fonts;
mod front;
mod glyph_names;
mod layers;
mod metrics;
mod options;
mod outline;
mod page_labels;
mod page_tree;
mod placeholder;
mod plain;
mod protect;
mod rewrite;
mod salvage;
mod source;
mod stamp;
mod subsets;
mod tags;
mod to_unicode;
mod tree;
mod truetype;
mod win_ansi;

pub use binder::{Added, Binder, Input, Summary, Warning, count_pages};
pub use options::{
    BindError, BindOptions, DocumentInfo, FormMode, Limits, OutlineMode, Permissions, Protection,
    Recompress, Stamp, StampPlace,
};
