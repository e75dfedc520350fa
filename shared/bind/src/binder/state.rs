//! A volume that is stopped between two inputs, as bytes: another process goes on where it was.
//!
//! The state is everything that a [`Binder`] keeps, in the format of this version of the crate alone: it
//! is to bridge minutes, and what another version wrote is refused.

use super::{Binder, Warning};
use crate::catalog::Whole;
use crate::copy::Known;
use crate::destinations::Destinations;
use crate::fields::Fields;
use crate::front::Place;
use crate::layers::Layers;
use crate::options::{BindError, BindOptions};
use crate::outline::Outline;
use crate::page_labels::PageLabels;
use crate::page_tree::PageTree;
use crate::protect::Sealer;
use crate::stamp::{Stamps, View};
use crate::subsets::Subsets;
use crate::tags::Tags;
use fanfold_pdf::{FileWriter, SuspendedFile};
use serde::{Deserialize, Serialize};
use std::io::Write;

/// What a state begins with: the code that has written it (`build.rs`), as what is kept changes with it, and
/// how a volume is written.
const BEGIN: &[u8] = concat!("fanfold-bind ", env!("FANFOLD_BIND_CODE"), "\n").as_bytes();

/// What a [`Binder`] keeps besides its output and options.
#[derive(Serialize, Deserialize)]
struct Kept {
    tree: PageTree,
    front: PageTree,
    places: Vec<Place>,
    stamps: Stamps,
    last_view: Option<View>,
    known: Known,
    outline: Outline,
    destinations: Destinations,
    labels: PageLabels,
    fields: Fields,
    layers: Layers,
    tags: Tags,
    subsets: Subsets,
    whole: Whole,
    documents: usize,
    sources: usize,
    warnings: Vec<Warning>,
    more_warnings: u64,
}

impl<W: Write> Binder<W> {
    /// Stops the volume and gives the output back, with what [`resume`](Self::resume) needs to go on
    /// behind what is written so far. Wherever and how often it is stopped, the volume's bytes are the
    /// same. The state is some 30 bytes for each distinct object.
    pub fn suspend(self) -> (W, Vec<u8>) {
        let kept = Kept {
            tree: self.tree,
            front: self.front,
            places: self.places,
            stamps: self.stamps,
            last_view: self.last_view,
            known: self.known,
            outline: self.outline,
            destinations: self.destinations,
            labels: self.labels,
            fields: self.fields,
            layers: self.layers,
            tags: self.tags,
            subsets: self.subsets,
            whole: self.whole,
            documents: self.documents,
            sources: self.sources,
            warnings: self.warnings,
            more_warnings: self.more_warnings,
        };
        let (out, writer) = self.out.suspend();
        let state = postcard::to_extend(&(writer, kept), BEGIN.to_vec());
        (
            out,
            state.expect("what is kept has no form that cannot be written"),
        )
    }

    /// Goes on with a volume that was stopped. `out` continues what was written before, and the options
    /// are those that it was begun with.
    ///
    /// # Errors
    /// [`BindError::State`] when the bytes are not a state, or one of another version.
    pub fn resume(out: W, options: BindOptions, state: &[u8]) -> Result<Self, BindError> {
        let state = state.strip_prefix(BEGIN).ok_or(BindError::State)?;
        let read: Result<(SuspendedFile, Kept), _> = postcard::from_bytes(state);
        let (writer, kept) = read.map_err(|_| BindError::State)?;
        let writer = FileWriter::resume(out, options.writer(), writer);
        let mut out = writer.ok_or(BindError::State)?;
        if let Some(protection) = &options.protection {
            out.protect(Box::new(Sealer::new(protection)));
        }
        Ok(Self {
            out,
            options,
            tree: kept.tree,
            front: kept.front,
            places: kept.places,
            stamps: kept.stamps,
            last_view: kept.last_view,
            known: kept.known,
            outline: kept.outline,
            destinations: kept.destinations,
            labels: kept.labels,
            fields: kept.fields,
            layers: kept.layers,
            tags: kept.tags,
            subsets: kept.subsets,
            whole: kept.whole,
            documents: kept.documents,
            sources: kept.sources,
            warnings: kept.warnings,
            more_warnings: kept.more_warnings,
        })
    }
}
