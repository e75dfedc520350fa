//! The check of a whole manifest: every document, and what holds between them.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::io;

use serde::{Deserialize, Serialize};

use super::bundles::{For, Named};
use super::resolve::{Resolved, VolumeOf};
use super::{Body, Manifest};
use crate::ids::short_hash;
use crate::{DocumentId, ManifestError, ManifestErrors, OutputName, Place, Source};

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

/// Why a manifest did not pass.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// It is wrong.
    #[error("{0}")]
    Manifest(#[from] ManifestErrors),
    /// Its text could not be read, or its bundles not be looked up.
    #[error("the manifest could not be read: {0}")]
    Io(#[from] io::Error),
}

type Hash = [u8; 16];

/// Who has an output name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Document(u32),
    Volume(u32),
}

/// A check under way.
#[derive(Debug)]
pub(super) struct Check<'a> {
    errors: ManifestErrors,
    /// Documents that are sound.
    count: u64,
    ids: HashMap<Hash, u32>,
    names: HashMap<Hash, Owner>,
    folders: HashSet<Hash>,
    /// A volume by its merge and value of `by`: its number and the hash of its name.
    volumes: HashMap<Hash, (u32, Hash)>,
    volume_count: u32,
    bundles: Named<'a>,
}

/// Volumes of a batch: the plan of them all is made in one invocation, and needs most of a kilobyte for each.
const MOST_VOLUMES: u32 = 1_000_000;

impl<'a> Check<'a> {
    /// A check of a manifest in which `errors` were found before.
    pub(super) fn new(errors: ManifestErrors, bundles: Named<'a>) -> Self {
        Self {
            errors,
            count: 0,
            ids: HashMap::new(),
            names: HashMap::new(),
            folders: HashSet::new(),
            volumes: HashMap::new(),
            volume_count: 0,
            bundles,
        }
    }

    pub(super) fn fault(&mut self, place: Place, what: impl std::fmt::Display) {
        self.errors.push(ManifestError::new(place, what));
    }

    pub(super) fn faults(&mut self, errors: ManifestErrors) {
        self.errors.append(errors);
    }

    /// Whether nothing is wrong so far.
    pub(super) fn is_sound(&self) -> bool {
        self.errors.is_empty()
    }

    /// Takes the names of the volumes that hold every document.
    pub(super) fn plain_volumes(&mut self, manifest: &Manifest) {
        for volume in manifest.volumes.iter().filter(|volume| volume.by.is_none()) {
            let name = volume.template.fill(&Default::default());
            if let Some(Ok(name)) = name.ok().map(|name| OutputName::parse(&name)) {
                let owner = Owner::Volume(self.new_volume());
                let place = Place::pointer(format!("/merge/{}/output", volume.number));
                self.name(&name, owner, &place);
            }
        }
    }

    /// Looks for the bundles that stand in the manifest's own text.
    pub(super) fn bundles_of(&mut self, body: &Body) -> io::Result<()> {
        match body {
            Body::Documents(drafts) => {
                for draft in drafts {
                    self.bundle(draft.source.as_ref(), &draft.place, For::Document)?;
                }
            }
            Body::Kit(drafts, _) => {
                for draft in drafts {
                    self.bundle(draft.source.as_ref(), &draft.place, For::AllRows)?;
                }
            }
            Body::Csv {
                bundle: Some(bundle),
            } if super::draft::check_bundle(bundle).is_ok() => {
                let place = Place::pointer("/bundle");
                self.bundles
                    .note(bundle, &place, For::AllRows, &mut self.errors)?;
            }
            Body::Csv { .. } | Body::Lines => {}
        }
        Ok(())
    }

    fn bundle(&mut self, source: Option<&Source>, place: &Place, names: For) -> io::Result<()> {
        match source {
            Some(Source::Bundle(name)) => {
                let place = place.join("bundle");
                self.bundles.note(name, &place, names, &mut self.errors)
            }
            _ => Ok(()),
        }
    }

    fn new_volume(&mut self) -> u32 {
        self.volume_count += 1;
        self.volume_count - 1
    }

    /// Checks a document against those before it, as far as it could be read.
    pub(super) fn document(&mut self, document: Resolved, place: &Place) -> io::Result<()> {
        // Indexes are below the limit of documents, far below 2³².
        let index = u32::try_from(document.index).unwrap_or(u32::MAX);
        if document.names_bundle {
            self.bundle(document.source.as_ref(), place, For::Document)?;
        }
        let is_new = document
            .id
            .as_ref()
            .is_none_or(|id| self.id(id, index, place));
        // That an id is taken, and the output it names, is one mistake.
        let output = document.output.as_ref();
        if let Some(output) = output.filter(|_| is_new || !document.named_by_id) {
            self.name(output, Owner::Document(index), place);
        }
        for volume in &document.volumes {
            self.volume(volume, place);
        }
        self.count += u64::from(document.errors.is_empty());
        self.faults(document.errors);
        Ok(())
    }

    /// Takes an id; false when it is taken already.
    fn id(&mut self, id: &DocumentId, index: u32, place: &Place) -> bool {
        match self.ids.entry(short_hash(id.as_str())) {
            Entry::Vacant(free) => {
                free.insert(index);
                true
            }
            Entry::Occupied(taken) => {
                let what = format!(
                    "the id {:?} is document {}'s already; ids are unique in a batch",
                    id.as_str(),
                    taken.get() + 1
                );
                self.errors.push(ManifestError::new(place.clone(), what));
                false
            }
        }
    }

    /// A value of `by` and a volume name go together one to one.
    fn volume(&mut self, volume: &VolumeOf, place: &Place) {
        let VolumeOf {
            merge,
            by,
            value,
            output,
        } = volume;
        let key = short_hash(&format!("{merge}\0{value}"));
        let hash = short_hash(&output.folded());
        match self.volumes.get(&key) {
            None => {
                let volume = self.new_volume();
                self.volumes.insert(key, (volume, hash));
                self.name(output, Owner::Volume(volume), place);
            }
            Some(&(_, known)) if known == hash => {}
            Some(_) => {
                let what = format!(
                    "/merge/{merge}: documents with the same {by} give the volume two names, {:?} one of them; name it by {{{by}}} alone",
                    output.as_str()
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

    /// What the manifest holds, if nothing is wrong with it.
    ///
    /// A document whose bundle there is not is a bad document, not a bad manifest: it fails alone, when it
    /// is drawn. It is an error here when the manifest is refused anyway, or when nothing would be left.
    pub(super) fn finish(mut self) -> Result<Summary, CheckError> {
        if self.volume_count > MOST_VOLUMES {
            let what = format!(
                "{} volumes; at most {MOST_VOLUMES} in a batch; give it as several",
                self.volume_count
            );
            self.fault(Place::pointer("/merge"), what);
        }
        let missing = self.bundles.missing();
        if !self.errors.is_empty() || (missing.total > 0 && missing.total >= self.count) {
            self.errors.append(missing);
        }
        if !self.errors.is_empty() {
            return Err(self.errors.into());
        }
        Ok(Summary {
            documents: self.count,
            volumes: u64::from(self.volume_count),
            bundles: self.bundles.into_names(),
        })
    }
}
