//! Which volumes a batch has, and which documents each holds.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use fanfold_cloud::{CloudError, Key};
use fanfold_job::settled::{Accepted, EndedDocument, Status};
use fanfold_job::{Member, MergeSpec, OutputName, PlannedVolume, sha256_hex};
use fanfold_lambda::Deadline;
use fanfold_ledger::{Absent, LedgerError, LedgerResult, Origin, Results};

use serde::{Deserialize, Serialize};

use crate::run::Run;
use crate::stitch::{MOST_COVER_BYTES, is_up};

/// Documents between two looks at the clock.
const STRIDE: u64 = 256;

/// How far reading the results came.
#[derive(Debug, Serialize, Deserialize)]
struct Planning {
    /// Documents that were read.
    documents: u64,
    /// The volumes of each entry of `merge`: one of all documents, or those of a field's values.
    plain: Vec<Option<PlannedVolume>>,
    by: Vec<Vec<PlannedVolume>>,
}

impl Planning {
    /// From where an attempt before came to, or from the begin.
    async fn of(run: &Run) -> LedgerResult<Self> {
        let kept = run.ledger.keys(&run.keys.stitch_planning()).await?;
        if let Some(furthest) = kept.last() {
            return run.ledger.must_read(furthest).await;
        }
        let accepted = &run.accepted;
        let mut plain = Vec::with_capacity(accepted.merge.len());
        for (merge, spec) in (0..).zip(&accepted.merge) {
            plain.push(match &spec.by {
                None => Some(volume(merge, output_of(spec, accepted)?, None)),
                Some(_) => None,
            });
        }
        Ok(Self {
            documents: 0,
            by: vec![Vec::new(); plain.len()],
            plain,
        })
    }

    /// Keeps it for another to go on with.
    async fn keep(&self, run: &Run) -> LedgerResult<()> {
        let documents = self.documents;
        let key = format!("{}{documents:010}.json", run.keys.stitch_planning());
        run.create(&key, self).await?;
        tracing::info!(batch = %run.accepted.batch_id, documents, "the plan of a run's volumes is paused");
        Ok(())
    }
}

/// The volumes in the order of the manifest's `merge`, those of `by` in the order of their first
/// documents. Keeps 16 bytes for each document of each `by`, and no document. None when the time was up
/// first: what was read is kept then.
pub(crate) async fn volumes(
    run: &Run,
    deadline: Deadline,
) -> LedgerResult<Option<Vec<PlannedVolume>>> {
    let accepted = &run.accepted;
    let mut planning = Planning::of(run).await?;
    let begun = planning.documents;
    let mut results = Results::new(
        run.ledger.clone(),
        accepted,
        &run.plans,
        begun,
        Absent::Refuse,
    );
    let mut places: HashMap<(u16, OutputName), usize> = HashMap::new();
    for (merge, list) in (0..).zip(&planning.by) {
        let outputs = list.iter().map(|volume| (merge, volume.output.clone()));
        places.extend(outputs.zip(0..));
    }
    while let Some((origin, document)) = results.next_with_origin().await? {
        let read = planning.documents - begun;
        if read > 0 && read.is_multiple_of(STRIDE) && is_up(deadline) {
            planning.keep(run).await?;
            return Ok(None);
        }
        planning.documents += 1;
        let Planning { plain, by, .. } = &mut planning;
        for volume in plain.iter_mut().flatten() {
            count(volume, &document);
        }
        let member = Member(origin.generation, origin.chunk, document.index);
        for membership in &document.volumes {
            let merge = membership.merge;
            let Some(list) = by.get_mut(usize::from(merge)) else {
                continue;
            };
            let place = match places.entry((merge, membership.output.clone())) {
                Entry::Occupied(place) => *place.get(),
                Entry::Vacant(place) => {
                    list.push(volume(merge, membership.output.clone(), Some(Vec::new())));
                    *place.insert(list.len() - 1)
                }
            };
            if let Some(volume) = list.get_mut(place) {
                count(volume, &document);
                volume.members.get_or_insert_default().push(member);
            }
        }
    }
    let volumes = planning.plain.into_iter().zip(planning.by);
    let mut volumes: Vec<_> = volumes
        .flat_map(|(plain, by)| plain.into_iter().chain(by))
        .collect();
    pin_covers(run, &mut volumes).await?;
    Ok(Some(volumes))
}

/// Writes down what each volume's cover is, so that all volumes of the run, and one that is begun anew, have
/// the same.
async fn pin_covers(run: &Run, volumes: &mut [PlannedVolume]) -> LedgerResult<()> {
    let mut known: HashMap<&str, Option<String>> = HashMap::new();
    for spec in &run.accepted.merge {
        if let Some(cover) = &spec.dressing.cover
            && !known.contains_key(cover.as_str())
        {
            let hash = match cover_size(run, cover).await? {
                0..=MOST_COVER_BYTES => run.ledger.bytes(cover).await?,
                _ => None,
            };
            known.insert(cover, hash.map(|bytes| sha256_hex(&bytes)));
        }
    }
    for volume in volumes {
        if let Some(cover) = &run.spec(volume)?.dressing.cover {
            // One that is not there, or too large, is none that a later one could be.
            volume.cover_sha256 = known
                .get(cover.as_str())
                .map(|hash| hash.clone().unwrap_or_default());
        }
    }
    Ok(())
}

/// Bytes of a cover; 0 when it is not there.
pub(crate) async fn cover_size(run: &Run, cover: &str) -> LedgerResult<u64> {
    let key = Key::new(cover).map_err(CloudError::from)?;
    match run.ledger.store().head(&key).await {
        Ok(meta) => Ok(meta.size),
        Err(error) if error.is_not_found() => Ok(0),
        Err(error) => Err(error.into()),
    }
}

fn volume(merge: u16, output: OutputName, members: Option<Vec<Member>>) -> PlannedVolume {
    PlannedVolume {
        merge,
        output,
        documents: 0,
        missing: 0,
        bytes: 0,
        cover_sha256: None,
        members,
        made: None,
    }
}

fn count(volume: &mut PlannedVolume, document: &EndedDocument) {
    volume.documents += 1;
    volume.bytes += document.result.bytes;
    if document.result.status == Status::Failed {
        volume.missing += 1;
    }
}

/// A plain volume's name: a template without fields, which only has its braces to undo.
fn output_of(spec: &MergeSpec, accepted: &Accepted) -> LedgerResult<OutputName> {
    let name = fanfold_job::NameTemplate::parse(&spec.output)
        .and_then(|template| template.fill(&fanfold_job::Fields::default()));
    let name = name
        .map_err(|error| error.to_string())
        .and_then(|name| OutputName::parse(&name).map_err(|error| error.to_string()));
    name.map_err(|reason| LedgerError::Damaged {
        key: format!("the manifest of {}", accepted.batch_id),
        reason,
    })
}

/// The results of a volume's documents, in order.
pub(crate) enum Members<'a> {
    All(Box<Results>),
    Some {
        run: &'a Run,
        left: std::slice::Iter<'a, Member>,
    },
}

impl<'a> Members<'a> {
    /// From the `first` on, counted in the volume.
    pub(crate) fn new(run: &'a Run, volume: &'a PlannedVolume, first: u64) -> Self {
        match &volume.members {
            None => Self::All(Box::new(Results::new(
                run.ledger.clone(),
                &run.accepted,
                &run.plans,
                // It holds all documents.
                first,
                Absent::Refuse,
            ))),
            Some(members) => Self::Some {
                run,
                left: usize::try_from(first)
                    .ok()
                    .and_then(|first| members.get(first..))
                    .unwrap_or_default()
                    .iter(),
            },
        }
    }

    pub(crate) async fn next(&mut self) -> LedgerResult<Option<EndedDocument>> {
        let (run, left) = match self {
            Self::All(results) => return results.next().await,
            Self::Some { run, left } => (run, left),
        };
        let Some(&Member(generation, chunk, index)) = left.next() else {
            return Ok(None);
        };
        let documents = run.chunk(Origin { generation, chunk }).await?;
        let found = documents.iter().find(|document| document.index == index);
        let missing = || LedgerError::Damaged {
            key: format!("chunk {chunk}"),
            reason: format!("it has no document {index}"),
        };
        found.cloned().map(Some).ok_or_else(missing)
    }
}
