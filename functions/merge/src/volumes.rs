//! Which volumes a batch has, and which documents each holds.

use std::collections::HashMap;

use fanfold_job::settled::{Accepted, EndedDocument, Status, VolumeRecord};
use fanfold_job::{MergeSpec, OutputName, Plan};
use fanfold_ledger::{Absent, Ledger, LedgerError, LedgerResult, Origin, Results};

/// One volume to make.
#[derive(Debug, Clone)]
pub(crate) struct Volume {
    /// What the manifest says of it.
    pub(crate) spec: MergeSpec,
    /// Its name.
    pub(crate) output: OutputName,
    /// Documents that should be in it.
    pub(crate) documents: u64,
    /// Of those, failed.
    pub(crate) missing: u64,
    /// Where its documents' results are; none when it holds every document.
    pub(crate) members: Option<Vec<(Origin, u64)>>,
}

impl Volume {
    /// Its record when it is not made, because of `error`.
    pub(crate) fn not_made(&self, error: impl Into<String>) -> VolumeRecord {
        VolumeRecord {
            output: self.output.clone(),
            key: None,
            pages: 0,
            bytes: 0,
            sha256: String::new(),
            documents: 0,
            missing: self.missing,
            parts_sha256: String::new(),
            error: Some(error.into()),
        }
    }
}

/// The volumes in the order of the manifest's `merge`, those of `by` in the order of their first
/// documents. Keeps 24 bytes for each document of each `by`, and no document.
pub(crate) async fn volumes(
    ledger: &Ledger,
    accepted: &Accepted,
    plans: &[Plan],
) -> LedgerResult<Vec<Volume>> {
    let mut results = Results::new(ledger.clone(), accepted, plans, 0, Absent::Refuse);
    let mut plain: Vec<Option<Volume>> = Vec::new();
    for spec in &accepted.merge {
        plain.push(match &spec.by {
            None => Some(volume(spec, output_of(spec, accepted)?, None)),
            Some(_) => None,
        });
    }
    let mut by: Vec<Vec<Volume>> = vec![Vec::new(); accepted.merge.len()];
    let mut places: HashMap<(u16, OutputName), usize> = HashMap::new();
    while let Some((origin, document)) = results.next_with_origin().await? {
        for volume in plain.iter_mut().flatten() {
            count(volume, &document);
        }
        for membership in &document.volumes {
            let merge = usize::from(membership.merge);
            let (Some(list), Some(spec)) = (by.get_mut(merge), accepted.merge.get(merge)) else {
                continue;
            };
            let place = *places
                .entry((membership.merge, membership.output.clone()))
                .or_insert_with(|| {
                    list.push(volume(spec, membership.output.clone(), Some(Vec::new())));
                    list.len() - 1
                });
            if let Some(volume) = list.get_mut(place) {
                count(volume, &document);
                if let Some(members) = &mut volume.members {
                    members.push((origin, document.index));
                }
            }
        }
    }
    Ok(plain
        .into_iter()
        .zip(by)
        .flat_map(|(plain, by)| plain.into_iter().chain(by))
        .collect())
}

fn volume(spec: &MergeSpec, output: OutputName, members: Option<Vec<(Origin, u64)>>) -> Volume {
    Volume {
        spec: spec.clone(),
        output,
        documents: 0,
        missing: 0,
        members,
    }
}

fn count(volume: &mut Volume, document: &EndedDocument) {
    volume.documents += 1;
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
#[derive(Debug)]
pub(crate) enum Members {
    All(Box<Results>),
    Some {
        ledger: Ledger,
        accepted: Box<Accepted>,
        plans: Vec<Plan>,
        left: std::vec::IntoIter<(Origin, u64)>,
        chunk: Option<(Origin, Vec<EndedDocument>)>,
    },
}

impl Members {
    pub(crate) fn new(
        ledger: &Ledger,
        accepted: &Accepted,
        plans: &[Plan],
        volume: &Volume,
    ) -> Self {
        match &volume.members {
            None => Self::All(Box::new(Results::new(
                ledger.clone(),
                accepted,
                plans,
                0,
                Absent::Refuse,
            ))),
            Some(members) => Self::Some {
                ledger: ledger.clone(),
                accepted: Box::new(accepted.clone()),
                plans: plans.to_vec(),
                left: members.clone().into_iter(),
                chunk: None,
            },
        }
    }

    pub(crate) async fn next(&mut self) -> LedgerResult<Option<EndedDocument>> {
        match self {
            Self::All(results) => results.next().await,
            Self::Some {
                ledger,
                accepted,
                plans,
                left,
                chunk,
            } => {
                let Some((origin, index)) = left.next() else {
                    return Ok(None);
                };
                if chunk.as_ref().is_none_or(|(read, _)| *read != origin) {
                    *chunk = Some((
                        origin,
                        ledger.chunk_at(accepted, plans, origin).await?.documents,
                    ));
                }
                let documents = chunk.as_ref().map_or(&[][..], |(_, documents)| documents);
                let found = documents
                    .iter()
                    .find(|document| document.index == index)
                    .cloned();
                let missing = || LedgerError::Damaged {
                    key: format!("chunk {}", origin.chunk),
                    reason: format!("it has no document {index}"),
                };
                found.map(Some).ok_or_else(missing)
            }
        }
    }
}
