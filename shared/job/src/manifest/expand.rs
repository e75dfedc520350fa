//! From a manifest to its documents, in order, one at a time.

use std::io::{self, Read};

use serde_json::{Map, Value};

use super::draft::{self, Draft};
use super::rows::{Csv, Lines};
use super::{Body, Manifest, RowFormat, Rows};
use crate::{
    Document, DocumentId, Fields, Limits, ManifestError, ManifestErrors, Membership, NameTemplate,
    OutputName, Place, Source, Within,
};

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
    Inline(std::iter::Enumerate<std::slice::Iter<'a, Map<String, Value>>>),
    Lines(Lines<Box<dyn Read + Send + 'a>>),
    Csv(Csv<Box<dyn Read + Send + 'a>>),
}

struct Row {
    number: u64,
    place: Place,
    data: Map<String, Value>,
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

impl Documents<'_> {
    /// Where the document given last stands in the manifest.
    pub fn place(&self) -> &Place {
        &self.place
    }

    fn advance(&mut self) -> Option<Result<Document, StreamError>> {
        let resolver = Resolver {
            manifest: self.manifest,
            limits: self.limits,
            index: self.next_index,
        };
        match &mut self.feed {
            Feed::Drafts(drafts) => {
                let draft = drafts.next()?;
                self.place = draft.place.clone();
                Some(resolver.resolve(draft, None, None))
            }
            Feed::Kit { kit, rows, at, row } => {
                if *at == kit.len() {
                    *row = None;
                    match rows.next(row_number(self.next_index, kit.len()))? {
                        Ok(next) => (*row, *at) = (Some(next), 0),
                        // The row's documents keep their numbers, so that later errors are placed right.
                        Err(error) => {
                            self.next_index += kit.len() as u64 - 1;
                            return Some(Err(error));
                        }
                    }
                }
                let row = row.as_ref()?;
                let draft = kit.get(*at)?;
                *at += 1;
                self.place = row.place.clone();
                Some(resolver.resolve(draft, Some(row), Some(*at)))
            }
            Feed::Lines(lines) => {
                let (place, value) = match lines.next()? {
                    Ok(line) => line,
                    Err(error) => return Some(Err(error)),
                };
                self.place = place;
                let mut errors = ManifestErrors::new(self.limits.errors_listed);
                let draft = Draft::read(value, &self.place, &mut errors);
                Some(match draft {
                    Some(draft) => resolver.resolve(&draft, None, None),
                    None => Err(StreamError::Manifest(errors)),
                })
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
                };
                Some(
                    csv_draft(&row, *bundle)
                        .map_err(StreamError::from)
                        .and_then(|draft| resolver.resolve(&draft, Some(&row), Some(1))),
                )
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
}

impl RowFeed<'_> {
    fn next(&mut self, number: u64) -> Option<Result<Row, StreamError>> {
        let read = match self {
            Self::Inline(rows) => {
                let (n, row) = rows.next()?;
                Ok((Place::pointer(format!("/rows/{n}")), row.clone()))
            }
            Self::Csv(rows) => rows.next()?,
            Self::Lines(lines) => lines.next()?.and_then(|(place, value)| match value {
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
        }))
    }
}

/// The document a CSV manifest's record asks for. Its columns `bundle`, `id`, `output` and `locale`,
/// where they are not empty, are the document's own; all columns are data too.
fn csv_draft(row: &Row, default_bundle: Option<&str>) -> Result<Draft, ManifestError> {
    let column = |name: &str| {
        row.data
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.trim().is_empty())
    };
    let Some(bundle) = column("bundle").or(default_bundle) else {
        let what = "no bundle; fill a \"bundle\" column, or name the bundle for the whole file";
        return Err(ManifestError::new(row.place.clone(), what));
    };
    draft::check_bundle(bundle)
        .map_err(|rule| ManifestError::new(row.place.join("bundle"), rule))?;
    let literal = |name| column(name).map(NameTemplate::literal);
    Ok(Draft {
        place: row.place.clone(),
        id: literal("id"),
        source: Source::Bundle(bundle.to_owned()),
        locale: literal("locale"),
        data: None,
        output: literal("output"),
    })
}

/// Fills in one document's names.
struct Resolver<'a> {
    manifest: &'a Manifest,
    limits: &'a Limits,
    index: u64,
}

impl Resolver<'_> {
    fn resolve(
        &self,
        draft: &Draft,
        row: Option<&Row>,
        in_kit: Option<usize>,
    ) -> Result<Document, StreamError> {
        let data = merged(draft.data.as_ref(), row.map(|row| &row.data));
        let bundle = match &draft.source {
            Source::Bundle(name) => Some(name.as_str()),
            _ => None,
        };
        let mut faults = Faults {
            draft,
            row,
            errors: ManifestErrors::new(self.limits.errors_listed),
        };
        self.check_size(&draft.source, data.as_ref(), &mut faults);
        let mut fields = Fields {
            data: data.as_ref(),
            bundle,
            row: row.map(|row| row.number),
            id: None,
        };
        let id = self.id(draft, &fields, row, in_kit, &mut faults);
        fields.id = id.as_ref().map(DocumentId::as_str);
        let locale = self.locale(draft, &fields, &mut faults);
        let output = self.output(draft, &fields, &mut faults);
        let volumes = self.volumes(&fields, &mut faults);
        match (id, output, faults.errors) {
            (Some(id), Some(output), errors) if errors.is_empty() => Ok(Document {
                index: self.index,
                id,
                source: draft.source.clone(),
                locale,
                data,
                output,
                volumes,
            }),
            (_, _, errors) => Err(StreamError::Manifest(errors)),
        }
    }

    fn check_size(
        &self,
        source: &Source,
        data: Option<&Map<String, Value>>,
        faults: &mut Faults<'_>,
    ) {
        let limit = self.limits.data_bytes;
        if let Some(bytes) = data.map(json_bytes).filter(|&bytes| bytes > limit) {
            faults.add(
                "data",
                format!("{bytes} bytes of data; at most {limit} a document"),
            );
        }
        match source {
            Source::Html(text) if text.len() > limit => {
                faults.add(
                    "html",
                    format!("{} bytes of HTML; at most {limit} a document", text.len()),
                );
            }
            Source::Markdown(text) if text.len() > limit => {
                faults.add(
                    "markdown",
                    format!(
                        "{} bytes of Markdown; at most {limit} a document",
                        text.len()
                    ),
                );
            }
            Source::Pdf(key) if !self.limits.may_read(key) => {
                faults.add("pdf", self.limits.unreadable());
            }
            _ => {}
        }
    }

    fn id(
        &self,
        draft: &Draft,
        fields: &Fields<'_>,
        row: Option<&Row>,
        in_kit: Option<usize>,
        faults: &mut Faults<'_>,
    ) -> Option<DocumentId> {
        let text = match (&draft.id, row) {
            (Some(template), _) => template
                .fill(fields)
                .map_err(|e| faults.add("id", e))
                .ok()?,
            (None, Some(row)) => match fields.bundle {
                Some(bundle) => format!("{}-{bundle}", row.number),
                None => format!("{}-{}", row.number, in_kit.unwrap_or(1)),
            },
            (None, None) => {
                faults.add(
                    "id",
                    "no id; give each document its own, like \"id\": \"letter-7\"",
                );
                return None;
            }
        };
        DocumentId::parse(&text)
            .map_err(|e| faults.add("id", e))
            .ok()
    }

    fn locale(
        &self,
        draft: &Draft,
        fields: &Fields<'_>,
        faults: &mut Faults<'_>,
    ) -> Option<String> {
        let template = draft
            .locale
            .as_ref()
            .or(self.manifest.defaults.locale.as_ref())?;
        let text = template
            .fill(fields)
            .map_err(|e| faults.add("locale", e))
            .ok()?;
        if is_language_tag(&text) {
            return Some(text);
        }
        faults.add(
            "locale",
            format!(
                "{:?} is not a language tag; write one like en, hi-IN or ar",
                brief(&text)
            ),
        );
        None
    }

    fn output(
        &self,
        draft: &Draft,
        fields: &Fields<'_>,
        faults: &mut Faults<'_>,
    ) -> Option<OutputName> {
        let template = draft
            .output
            .as_ref()
            .or(self.manifest.defaults.output.as_ref());
        let text = match (template, fields.id) {
            (Some(template), _) => template
                .fill(fields)
                .map_err(|e| faults.add("output", e))
                .ok()?,
            (None, Some(id)) => format!("{id}.pdf"),
            (None, None) => return None,
        };
        OutputName::parse(&text)
            .map_err(|e| faults.add("output", format!("{e}, in {:?}", brief(&text))))
            .ok()
    }

    fn volumes(&self, fields: &Fields<'_>, faults: &mut Faults<'_>) -> Vec<Membership> {
        let mut volumes = Vec::new();
        for (n, (spec, template)) in self
            .manifest
            .merge
            .iter()
            .zip(&self.manifest.volumes)
            .enumerate()
        {
            let Some(by) = &spec.by else { continue };
            let name = fields
                .text(by)
                .and_then(|_| template.fill(fields))
                .map_err(|e| e.to_string());
            match name.and_then(|name| {
                OutputName::parse(&name).map_err(|e| format!("{e}, in {:?}", brief(&name)))
            }) {
                Ok(output) => volumes.push(Membership {
                    merge: n as u16,
                    output,
                }),
                Err(e) => faults.add_plain(format!("/merge/{n}: {e}")),
            }
        }
        volumes
    }
}

/// Errors of one document, each where the reader can mend it.
struct Faults<'a> {
    draft: &'a Draft,
    row: Option<&'a Row>,
    errors: ManifestErrors,
}

impl Faults<'_> {
    fn add(&mut self, field: &str, message: impl std::fmt::Display) {
        let at = self.draft.place.join(field);
        match self.row.filter(|row| row.place != self.draft.place) {
            // In a kit the template is right for other rows: the row is where to look.
            Some(row) => self.errors.push(ManifestError::new(
                row.place.clone(),
                format!("{at}: {message}"),
            )),
            None => self.errors.push(ManifestError::new(at, message)),
        }
    }

    fn add_plain(&mut self, message: String) {
        let place = self.row.map_or(&self.draft.place, |row| &row.place);
        self.errors.push(ManifestError::new(place.clone(), message));
    }
}

/// What an error quotes of a text: a thousand errors may quote one each.
fn brief(text: &str) -> &str {
    text.char_indices()
        .nth(100)
        .map_or(text, |(end, _)| &text[..end])
}

/// A document's data with its row's over it; none when there is neither.
fn merged(
    own: Option<&Map<String, Value>>,
    row: Option<&Map<String, Value>>,
) -> Option<Map<String, Value>> {
    match (own, row) {
        (None, None) => None,
        (Some(data), None) | (None, Some(data)) => Some(data.clone()),
        (Some(own), Some(row)) => {
            let mut data = own.clone();
            data.extend(
                row.iter()
                    .map(|(name, value)| (name.clone(), value.clone())),
            );
            Some(data)
        }
    }
}

/// Length of the data as JSON, without writing it anywhere.
fn json_bytes(data: &Map<String, Value>) -> usize {
    struct Count(usize);
    impl io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    match serde_json::to_writer(&mut count, data) {
        Ok(()) => count.0,
        Err(_) => usize::MAX,
    }
}

/// Well-formed by the letters of BCP 47: subtags of 1 to 8 letters and digits, the first of letters.
fn is_language_tag(text: &str) -> bool {
    let subtag = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    let first = text.split('-').next().unwrap_or_default();
    text.len() <= 35
        && (2..=8).contains(&first.len())
        && first.bytes().all(|b| b.is_ascii_alphabetic())
        && text.split('-').all(subtag)
}
