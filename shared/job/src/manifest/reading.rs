//! A manifest as far as it can be read, with everything that is wrong with it.

use std::io::{self, Read};

use super::bundles::{Bundles, Named};
use super::check::{Check, CheckError, Summary};
use super::draft::check_bundle;
use super::expand::StreamError;
use super::{Body, Defaults, Format, Manifest, Options, Stream, json};
use crate::{Limits, ManifestError, ManifestErrors, Place};

/// A manifest that was read and not accepted yet.
#[derive(Debug)]
pub struct Reading {
    /// What could be read; none when the text gives nothing to go on from.
    manifest: Option<Manifest>,
    errors: ManifestErrors,
}

impl Reading {
    /// Reads a manifest as far as it can be read. `text` is used only for [`Format::Json`]: the other
    /// forms are streams, given to [`Reading::check`].
    pub fn of(format: Format, text: &[u8], defaults: &Defaults, limits: &Limits) -> Self {
        let mut errors = ManifestErrors::new(limits.errors_listed);
        let streamed = |body: Body, errors: &mut ManifestErrors| {
            let options = Options::from(defaults);
            Some(Manifest::assemble(body, options, limits, errors))
        };
        let manifest = match format {
            Format::Json => json::read(text, defaults, limits, &mut errors),
            Format::JsonLines => streamed(Body::Lines, &mut errors),
            Format::Csv => {
                let bundle = defaults.bundle.clone();
                if let Some(Err(e)) = bundle.as_deref().map(check_bundle) {
                    errors.push(ManifestError::new(Place::pointer("/bundle"), e));
                }
                streamed(Body::Csv { bundle }, &mut errors)
            }
        };
        Self { manifest, errors }
    }

    /// Where the documents come from, besides the text already read.
    pub fn stream(&self) -> Stream {
        self.manifest
            .as_ref()
            .map_or(Stream::None, Manifest::stream)
    }

    /// Notes an error that shows only outside the manifest, such as a file of rows that is not there.
    pub fn fault(&mut self, error: ManifestError) {
        self.errors.push(error);
    }

    /// Reads the whole manifest and checks each document, that ids and outputs are unique, and that
    /// there is every bundle that the manifest names for all its rows. A document that names a bundle of
    /// its own which there is not will fail alone, unless nothing else is there to draw. `stream` is what [`Reading::stream`] names; nothing when
    /// that could not be had and [`Reading::fault`] was told so.
    ///
    /// Memory is some 100 bytes a document: hashes of names, never the documents.
    ///
    /// # Errors
    /// [`CheckError::Manifest`] with everything wrong, that of [`Reading::of`] and [`Reading::fault`]
    /// before that of the documents; [`CheckError::Io`] when the stream broke or the bundles could
    /// not be looked up.
    pub fn check(
        self,
        stream: Option<impl Read + Send>,
        bundles: &mut dyn Bundles,
        limits: &Limits,
    ) -> Result<(Manifest, Summary), CheckError> {
        let Some(manifest) = self.manifest else {
            return Err(self.errors.into());
        };
        let mut check = Check::new(self.errors, Named::new(bundles, limits));
        check.plain_volumes(&manifest);
        check.bundles_of(&manifest.body)?;
        let streamed = manifest.stream() != Stream::None;
        match stream {
            Some(stream) => check.documents(&manifest, stream, limits)?,
            None if streamed => {}
            None => check.documents(&manifest, io::empty(), limits)?,
        }
        let summary = check.finish()?;
        Ok((manifest, summary))
    }

    /// The manifest, unchecked.
    ///
    /// # Errors
    /// What is wrong with it so far.
    pub fn into_manifest(self) -> Result<Manifest, ManifestErrors> {
        match self.manifest {
            Some(manifest) if self.errors.is_empty() => Ok(manifest),
            _ => Err(self.errors),
        }
    }
}

impl Check<'_> {
    /// Checks each document.
    fn documents(
        &mut self,
        manifest: &Manifest,
        stream: impl Read + Send,
        limits: &Limits,
    ) -> Result<(), CheckError> {
        let mut documents = manifest.documents(stream, limits);
        let mut count = 0;
        while let Some(item) = documents.next_resolved() {
            count += 1;
            if count > limits.documents {
                let what = format!(
                    "more than {} documents; split the manifest",
                    limits.documents
                );
                self.fault(documents.place().clone(), what);
                break;
            }
            match item {
                Ok(document) => self.document(document, documents.place())?,
                Err(StreamError::Manifest(errors)) => self.faults(errors),
                Err(StreamError::Io(error)) => return Err(CheckError::Io(error)),
            }
        }
        self.faults(documents.faults());
        if count == 0 && self.is_sound() {
            let what = "no documents; give at least one document or row";
            self.fault(Place::pointer(""), what);
        }
        Ok(())
    }
}
