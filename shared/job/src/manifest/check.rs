//! The check of a whole manifest: every document, and what holds between them.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::io::Read;

use serde::{Deserialize, Serialize};

use super::{Manifest, StreamError};
use crate::ids::short_hash;
use crate::{Document, Limits, ManifestError, ManifestErrors, OutputName, Place, Source};

/// What a manifest that passed holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Documents.
    pub documents: u64,
    /// Volumes, those of `by` counted singly.
    pub volumes: u64,
    /// Bundles named, in the order of their names.
    pub bundles: Vec<String>,
}

impl Manifest {
    /// Reads the whole manifest and checks each document and that ids and outputs are unique.
    ///
    /// Memory is some 100 bytes a document: hashes of names, never the documents.
    ///
    /// # Errors
    /// [`CheckError::Manifest`] with everything wrong; [`CheckError::Io`] when the stream broke.
    pub fn check(&self, stream: impl Read + Send, limits: &Limits) -> Result<Summary, CheckError> {
        let mut check = Check::new(limits);
        check.plain_volumes(self);
        let mut documents = self.documents(stream, limits);
        while let Some(item) = documents.next() {
            check.count += 1;
            if check.count > limits.documents {
                let what = format!(
                    "more than {} documents; split the manifest",
                    limits.documents
                );
                check
                    .errors
                    .push(ManifestError::new(documents.place().clone(), what));
                break;
            }
            match item {
                Ok(document) => check.document(self, &document, documents.place()),
                Err(StreamError::Manifest(errors)) => check.errors.append(errors),
                Err(StreamError::Io(error)) => return Err(CheckError::Io(error)),
            }
        }
        if check.count == 0 && check.errors.is_empty() {
            check.errors.push(ManifestError::new(
                Place::pointer(""),
                "no documents; give at least one document or row",
            ));
        }
        check.finish()
    }
}

/// Why a manifest did not pass.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// It is wrong.
    #[error("{0}")]
    Manifest(#[from] ManifestErrors),
    /// Its text could not be read.
    #[error("the manifest's text could not be read: {0}")]
    Io(#[from] std::io::Error),
}

type Hash = [u8; 16];

/// Who has an output name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Document(u32),
    Volume(u32),
}

struct Check {
    errors: ManifestErrors,
    count: u64,
    ids: HashMap<Hash, u32>,
    names: HashMap<Hash, Owner>,
    folders: HashSet<Hash>,
    /// A volume by its merge and value of `by`: its number and the hash of its name.
    volumes: HashMap<Hash, (u32, Hash)>,
    volume_count: u32,
    bundles: std::collections::BTreeSet<String>,
}

impl Check {
    fn new(limits: &Limits) -> Self {
        Self {
            errors: ManifestErrors::new(limits.errors_listed),
            count: 0,
            ids: HashMap::new(),
            names: HashMap::new(),
            folders: HashSet::new(),
            volumes: HashMap::new(),
            volume_count: 0,
            bundles: Default::default(),
        }
    }

    fn plain_volumes(&mut self, manifest: &Manifest) {
        for (n, spec) in manifest.merge.iter().enumerate() {
            if spec.by.is_none()
                && let Some(name) = manifest
                    .volumes
                    .get(n)
                    .and_then(|t| t.fill(&Default::default()).ok())
                && let Ok(name) = OutputName::parse(&name)
            {
                let volume = self.new_volume();
                self.name(
                    &name,
                    Owner::Volume(volume),
                    &Place::pointer(format!("/merge/{n}/output")),
                );
            }
        }
    }

    fn new_volume(&mut self) -> u32 {
        self.volume_count += 1;
        self.volume_count - 1
    }

    fn document(&mut self, manifest: &Manifest, document: &Document, place: &Place) {
        // Indexes are below the limit of documents, far below 2³².
        let index = u32::try_from(document.index).unwrap_or(u32::MAX);
        if let Source::Bundle(name) = &document.source
            && !self.bundles.contains(name)
        {
            self.bundles.insert(name.clone());
        }
        match self.ids.entry(short_hash(document.id.as_str())) {
            Entry::Vacant(free) => {
                free.insert(index);
            }
            Entry::Occupied(taken) => {
                let what = format!(
                    "the id {:?} is document {}'s already; ids are unique in a batch",
                    document.id.as_str(),
                    taken.get() + 1
                );
                self.errors.push(ManifestError::new(place.clone(), what));
            }
        }
        self.name(&document.output, Owner::Document(index), place);
        for membership in &document.volumes {
            let by = manifest
                .merge
                .get(usize::from(membership.merge))
                .and_then(|spec| spec.by.as_deref());
            self.volume(
                membership.merge,
                by.unwrap_or_default(),
                document,
                &membership.output,
                place,
            );
        }
    }

    /// A value of `by` and a volume name go together one to one.
    fn volume(
        &mut self,
        merge: u16,
        by: &str,
        document: &Document,
        name: &OutputName,
        place: &Place,
    ) {
        let fields = crate::Fields {
            data: document.data.as_ref(),
            ..Default::default()
        };
        let value = fields.text(by).unwrap_or_default();
        let key = short_hash(&format!("{merge}\0{value}"));
        let hash = short_hash(&name.folded());
        match self.volumes.get(&key) {
            None => {
                let volume = self.new_volume();
                self.volumes.insert(key, (volume, hash));
                self.name(name, Owner::Volume(volume), place);
            }
            Some(&(_, known)) if known == hash => {}
            Some(_) => {
                let what = format!(
                    "/merge/{merge}: documents with the same {by} give the volume two names, {:?} one of them; name it by {{{by}}} alone",
                    name.as_str()
                );
                self.errors.push(ManifestError::new(place.clone(), what));
            }
        }
    }

    /// Takes an output name, which must be free, and not be a folder of another.
    fn name(&mut self, name: &OutputName, owner: Owner, place: &Place) {
        let folded = name.folded();
        let hash = short_hash(&folded);
        if let Some(&taken) = self.names.get(&hash) {
            let by = match taken {
                Owner::Document(index) => format!("document {}'s", index + 1),
                Owner::Volume(_) => "a volume's".to_owned(),
            };
            let what = format!(
                "the output {:?} is {by} already; outputs are unique in a batch, ignoring case",
                name.as_str()
            );
            self.errors.push(ManifestError::new(place.clone(), what));
            return;
        }
        let mut clash = self.folders.contains(&hash);
        for (at, _) in folded.match_indices('/') {
            let folder = short_hash(&folded[..at]);
            clash |= self.names.contains_key(&folder);
            self.folders.insert(folder);
        }
        if clash {
            let what = format!(
                "the output {:?} is a folder for one document and a file for another; rename one",
                name.as_str()
            );
            self.errors.push(ManifestError::new(place.clone(), what));
        }
        self.names.insert(hash, owner);
    }

    fn finish(self) -> Result<Summary, CheckError> {
        if !self.errors.is_empty() {
            return Err(self.errors.into());
        }
        Ok(Summary {
            documents: self.count,
            volumes: u64::from(self.volume_count),
            bundles: self.bundles.into_iter().collect(),
        })
    }
}
