//! Which volumes a batch has, and which documents each holds.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use fanfold_job::settled::{Accepted, EndedDocument, Status};
use fanfold_job::{Member, MergeSpec, OutputName, PlannedVolume};
use fanfold_ledger::{Absent, LedgerError, LedgerResult, Origin, Results};

use crate::run::Run;

/// The volumes in the order of the manifest's `merge`, those of `by` in the order of their first
/// documents. Keeps 16 bytes for each document of each `by`, and no document.
pub(crate) async fn volumes(run: &Run) -> LedgerResult<Vec<PlannedVolume>> {
    let accepted = &run.accepted;
    let mut results = Results::new(run.ledger.clone(), accepted, &run.plans, 0, Absent::Refuse);
    let mut plain: Vec<Option<PlannedVolume>> = Vec::new();
    for (merge, spec) in (0..).zip(&accepted.merge) {
        plain.push(match &spec.by {
            None => Some(volume(merge, output_of(spec, accepted)?, None)),
            Some(_) => None,
        });
    }
    let mut by: Vec<Vec<PlannedVolume>> = vec![Vec::new(); accepted.merge.len()];
    let mut places: HashMap<(u16, OutputName), usize> = HashMap::new();
    while let Some((origin, document)) = results.next_with_origin().await? {
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
    Ok(plain
        .into_iter()
        .zip(by)
        .flat_map(|(plain, by)| plain.into_iter().chain(by))
        .collect())
}

fn volume(merge: u16, output: OutputName, members: Option<Vec<Member>>) -> PlannedVolume {
    PlannedVolume {
        merge,
        output,
        documents: 0,
        missing: 0,
        bytes: 0,
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
