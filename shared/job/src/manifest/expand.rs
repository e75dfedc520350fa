//! From a manifest to its documents, in order, one at a time.

use std::io::{self, Read};

use serde_json::{Map, Value};

use super::draft::{self, Draft, Given};
use super::resolve::{Resolved, Resolver};
use super::rows::{Csv, Lines};
use super::{Body, Manifest, RowFormat, Rows};
use crate::{Document, Limits, ManifestError, ManifestErrors, NameTemplate, Place, Source, Within};

/// Why the next document cannot be given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// The manifest is wrong here; the documents after it can still be read.
    #[error("{0}")]
    Manifest(ManifestErrors),
    /// The stream could not be read.
    #[error("the manifest's text could not be read: {0}")]
    Io(#[from] io::Error),
}

impl From<ManifestError> for StreamError {
    fn from(error: ManifestError) -> Self {
        Self::Manifest(error.into())
    }
}

/// The documents of a manifest, in order.
pub struct Documents<'a> {
    manifest: &'a Manifest,
    limits: &'a Limits,
    feed: Feed<'a>,
    place: Place,
    next_index: u64,
    ended: bool,
}

enum Feed<'a> {
    Drafts(std::slice::Iter<'a, Draft>),
    Kit {
        kit: &'a [Draft],
        rows: RowFeed<'a>,
        at: usize,
        row: Option<Row>,
    },
    Lines(Lines<Box<dyn Read + Send + 'a>>),
    Csv {
        rows: Csv<Box<dyn Read + Send + 'a>>,
        bundle: Option<&'a str>,
        number: u64,
    },
}

enum RowFeed<'a> {
    Inline(std::iter::Enumerate<std::slice::Iter<'a, Option<Map<String, Value>>>>),
    Lines(Lines<Box<dyn Read + Send + 'a>>),
    Csv(Csv<Box<dyn Read + Send + 'a>>),
}

/// A row of data.
pub(super) struct Row {
    /// From 1.
    pub(super) number: u64,
    pub(super) place: Place,
    pub(super) data: Map<String, Value>,
    /// What is wrong with it, though its documents can be checked.
    errors: ManifestErrors,
}

impl Manifest {
    /// The documents, in order. `stream` is what [`Manifest::stream`] names; for
    /// [`Stream::None`](super::Stream::None) anything will do.
    pub fn documents<'a>(
        &'a self,
        stream: impl Read + Send + 'a,
        limits: &'a Limits,
    ) -> Documents<'a> {
        let stream: Box<dyn Read + Send + 'a> = Box::new(stream);
        let limit = limits.line_bytes;
        let feed = match &self.body {
            Body::Documents(drafts) => Feed::Drafts(drafts.iter()),
            Body::Kit(kit, rows) => {
                let rows = match rows {
                    Rows::Inline(rows) => RowFeed::Inline(rows.iter().enumerate()),
                    Rows::File {
                        format: RowFormat::JsonLines,
                        ..
                    } => RowFeed::Lines(Lines::new(stream, Within::Rows, limit)),
                    Rows::File {
                        format: RowFormat::Csv,
                        ..
                    } => RowFeed::Csv(Csv::new(stream, Within::Rows, limit)),
                };
                Feed::Kit {
                    kit,
                    rows,
                    at: kit.len(),
                    row: None,
                }
            }
            Body::Lines => Feed::Lines(Lines::new(stream, Within::Manifest, limit)),
            Body::Csv { bundle } => Feed::Csv {
                rows: Csv::new(stream, Within::Manifest, limit),
                bundle: bundle.as_deref(),
                number: 0,
            },
        };
        Documents {
            manifest: self,
            limits,
            feed,
            place: Place::pointer(""),
            next_index: 0,
            ended: false,
        }
    }
}

impl<'a> Documents<'a> {
    /// Where the document given last stands in the manifest.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The next document as far as it can be resolved; an error for a line of which nothing can.
    pub(super) fn next_resolved(&mut self) -> Option<Result<Resolved<'a>, StreamError>> {
        if self.ended {
            return None;
        }
        let item = self.advance();
        match &item {
            None | Some(Err(StreamError::Io(_))) => self.ended = true,
            Some(_) => self.next_index += 1,
        }
        item
    }

    /// What is wrong with the whole of the text, once it is read to its end.
    pub(super) fn faults(&mut self) -> ManifestErrors {
        match &mut self.feed {
            Feed::Csv { rows, .. }
            | Feed::Kit {
                rows: RowFeed::Csv(rows),
                ..
            } => rows.faults(),
            _ => ManifestErrors::new(0),
        }
    }

    fn advance(&mut self) -> Option<Result<Resolved<'a>, StreamError>> {
        let resolver = Resolver {
            manifest: self.manifest,
            limits: self.limits,
            index: self.next_index,
        };
        let none = || ManifestErrors::new(resolver.limits.errors_listed);
        match &mut self.feed {
            Feed::Drafts(drafts) => {
                let draft = drafts.next()?;
                self.place = draft.place.clone();
                Some(Ok(resolver.resolve(draft, None, None, none())))
            }
            Feed::Kit { kit, rows, at, row } => {
                if *at == kit.len() {
                    *row = None;
                    match rows.next(row_number(self.next_index, kit.len()), none())? {
                        Ok(next) => (*row, *at) = (Some(next), 0),
                        // The row's documents keep their numbers, so that later errors are placed right.
                        Err(error) => {
                            self.next_index += (kit.len() as u64).saturating_sub(1);
                            return Some(Err(error));
                        }
                    }
                }
                let row = row.as_mut()?;
                let draft = kit.get(*at)?;
                *at += 1;
                self.place = row.place.clone();
                let errors = std::mem::replace(&mut row.errors, none());
                Some(Ok(resolver.resolve(draft, Some(row), Some(*at), errors)))
            }
            Feed::Lines(lines) => {
                let mut errors = none();
                let (place, value) = match lines.next(&mut errors)? {
                    Ok(line) => line,
                    Err(error) => return Some(Err(error)),
                };
                self.place = place;
                let draft = Draft::read(value, &self.place, &mut errors);
                let resolved = resolver.resolve(&draft, None, None, errors);
                Some(Ok(resolved.naming_its_bundle(true)))
            }
            Feed::Csv {
                rows,
                bundle,
                number,
            } => {
                *number += 1;
                let (place, data) = match rows.next()? {
                    Ok(record) => record,
                    Err(error) => return Some(Err(error)),
                };
                self.place = place.clone();
                let row = Row {
                    number: *number,
                    place,
                    data,
                    errors: none(),
                };
                let mut errors = none();
                let (draft, names_bundle) = csv_draft(&row, *bundle, &mut errors);
                let resolved = resolver.resolve(&draft, Some(&row), Some(1), errors);
                Some(Ok(resolved.naming_its_bundle(names_bundle)))
            }
        }
    }
}

/// The number of the row whose first document has this index.
fn row_number(index: u64, kit: usize) -> u64 {
    index / (kit as u64).max(1) + 1
}

impl Iterator for Documents<'_> {
    type Item = Result<Document, StreamError>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.next_resolved()?.and_then(Resolved::document))
    }
}

impl RowFeed<'_> {
    fn next(
        &mut self,
        number: u64,
        mut errors: ManifestErrors,
    ) -> Option<Result<Row, StreamError>> {
        let read = match self {
            Self::Inline(rows) => {
                let (n, row) = rows.next()?;
                let place = Place::pointer(format!("/rows/{n}"));
                // What is not an object was said to be wrong when the manifest was read.
                let row = row.clone().ok_or(StreamError::Manifest(errors.clone()));
                row.map(|row| (place, row))
            }
            Self::Csv(rows) => rows.next()?,
            Self::Lines(lines) => lines
                .next(&mut errors)?
                .and_then(|(place, value)| match value {
                    Value::Object(row) => Ok((place, row)),
                    other => Err(ManifestError::new(
                        place,
                        format!("is {}; a row is an object", draft::kind(&other)),
                    )
                    .into()),
                }),
        };
        Some(read.map(|(place, data)| Row {
            number,
            place,
            data,
            errors,
        }))
    }
}

/// The document a CSV manifest's record asks for, and whether the record names its bundle. Its columns
/// `bundle`, `id`, `output` and `locale`, where they are not empty, are the document's own; all columns
/// are data too.
fn csv_draft(
    row: &Row,
    default_bundle: Option<&str>,
    errors: &mut ManifestErrors,
) -> (Draft, bool) {
    let column = |name: &str| {
        row.data
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.trim().is_empty())
    };
    let literal =
        |name| column(name).map_or(Given::Absent, |text| Given::Is(NameTemplate::literal(text)));
    let own = column("bundle");
    let source = match (own, default_bundle) {
        (Some(bundle), _) => match draft::check_bundle(bundle) {
            Ok(()) => Some(bundle),
            Err(rule) => {
                errors.push(ManifestError::new(row.place.join("bundle"), rule));
                None
            }
        },
        // One that is no name was said to be wrong when the manifest was read.
        (None, Some(bundle)) => Some(bundle).filter(|bundle| draft::check_bundle(bundle).is_ok()),
        (None, None) => {
            let what = "no bundle; fill a \"bundle\" column, or name the bundle for the whole file";
            errors.push(ManifestError::new(row.place.clone(), what));
            None
        }
    };
    let draft = Draft {
        place: row.place.clone(),
        id: literal("id"),
        source: source.map(|bundle| Source::Bundle(bundle.to_owned())),
        locale: literal("locale"),
        data: Given::Absent,
        output: literal("output"),
    };
    (draft, own.is_some())
}
