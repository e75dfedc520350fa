//! Filling in one document's names from its data, its row and the manifest's defaults.

use std::io;

use serde_json::{Map, Value};

use super::Manifest;
use super::draft::{Draft, Given};
use super::expand::{Row, StreamError};
use crate::{
    Document, DocumentId, Fields, Limits, ManifestError, ManifestErrors, Membership, NameError,
    NameTemplate, OutputName, Source,
};

/// Fills in one document's names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resolver<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) limits: &'a Limits,
    pub(super) index: u64,
}

impl<'a> Resolver<'a> {
    /// Resolves as much as can be read; `errors` were found in the draft before.
    pub(super) fn resolve(
        &self,
        draft: &Draft,
        row: Option<&Row>,
        in_kit: Option<usize>,
        errors: ManifestErrors,
    ) -> Resolved<'a> {
        let data = merged(draft.data.get(), row.map(|row| &row.data));
        let bundle = match &draft.source {
            Some(Source::Bundle(name)) => Some(name.as_str()),
            _ => None,
        };
        let mut faults = Faults { draft, row, errors };
        self.check_size(draft.source.as_ref(), data.as_ref(), &mut faults);
        let fields = Fields {
            data: data.as_ref(),
            bundle,
            row: row.map(|row| row.number),
            id: None,
        };
        let mut known = Known {
            fields,
            no_source: draft.source.is_none(),
            no_data: draft.data.is_faulty(),
            no_id: false,
        };
        let id = self.id(draft, &known, row, in_kit, &mut faults);
        known.fields.id = id.as_ref().map(DocumentId::as_str);
        known.no_id = id.is_none();
        let locale = self.locale(draft, &known, &mut faults);
        let output = self.output(draft, &known, &mut faults);
        let volumes = self.volumes(&known, &mut faults);
        let errors = faults.errors;
        Resolved {
            index: self.index,
            id,
            source: draft.source.clone(),
            names_bundle: false,
            locale,
            data,
            output,
            named_by_id: matches!(
                draft.output.or(&self.manifest.defaults.output),
                Given::Absent
            ),
            volumes,
            sound: errors.is_empty() && !draft.is_faulty(),
            errors,
        }
    }

    fn check_size(
        &self,
        source: Option<&Source>,
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
            Some(Source::Html(text)) if text.len() > limit => {
                faults.add(
                    "html",
                    format!("{} bytes of HTML; at most {limit} a document", text.len()),
                );
            }
            Some(Source::Markdown(text)) if text.len() > limit => {
                faults.add(
                    "markdown",
                    format!(
                        "{} bytes of Markdown; at most {limit} a document",
                        text.len()
                    ),
                );
            }
            Some(Source::Pdf(key)) if !self.limits.may_read(key) => {
                faults.add("pdf", self.limits.unreadable());
            }
            _ => {}
        }
    }

    fn id(
        &self,
        draft: &Draft,
        known: &Known<'_>,
        row: Option<&Row>,
        in_kit: Option<usize>,
        faults: &mut Faults<'_>,
    ) -> Option<DocumentId> {
        let text = match (&draft.id, row) {
            (Given::Faulty, _) => return None,
            (Given::Is(template), _) => known
                .fill(template)?
                .map_err(|e| faults.add("id", e))
                .ok()?,
            (Given::Absent, Some(_)) if known.no_source => return None,
            (Given::Absent, Some(row)) => match known.fields.bundle {
                Some(bundle) => format!("{}-{bundle}", row.number),
                None => format!("{}-{}", row.number, in_kit.unwrap_or(1)),
            },
            (Given::Absent, None) => {
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

    fn locale(&self, draft: &Draft, known: &Known<'_>, faults: &mut Faults<'_>) -> Option<String> {
        let template = draft.locale.or(&self.manifest.defaults.locale).get()?;
        let text = known
            .fill(template)?
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
        known: &Known<'_>,
        faults: &mut Faults<'_>,
    ) -> Option<OutputName> {
        let template = draft.output.or(&self.manifest.defaults.output);
        let text = match (template, known.fields.id) {
            (Given::Is(template), _) => known
                .fill(template)?
                .map_err(|e| faults.add("output", e))
                .ok()?,
            (Given::Absent, Some(id)) => format!("{id}.pdf"),
            (Given::Absent, None) | (Given::Faulty, _) => return None,
        };
        OutputName::parse(&text)
            .map_err(|e| faults.add("output", format!("{e}, in {:?}", brief(&text))))
            .ok()
    }

    fn volumes(&self, known: &Known<'_>, faults: &mut Faults<'_>) -> Vec<VolumeOf<'a>> {
        let mut volumes = Vec::new();
        for volume in &self.manifest.volumes {
            let Some(by) = &volume.by else { continue };
            if known.is_hidden(by) {
                continue;
            }
            let named = known.fields.text(by).and_then(|value| {
                let name = known.fill(&volume.template).transpose()?;
                Ok(name.map(|name| (value, name)))
            });
            let parsed = named.map_err(|e| e.to_string()).and_then(|named| {
                let Some((value, name)) = named else {
                    return Ok(None);
                };
                let output =
                    OutputName::parse(&name).map_err(|e| format!("{e}, in {:?}", brief(&name)))?;
                Ok(Some((value, output)))
            });
            match parsed {
                Ok(Some((value, output))) => volumes.push(VolumeOf {
                    merge: volume.number as u16,
                    by,
                    value,
                    output,
                }),
                Ok(None) => {}
                Err(e) => faults.add_plain(format!("/merge/{}: {e}", volume.number)),
            }
        }
        volumes
    }
}

/// What names can be filled from. What is faulty is hidden: a name that needs it is no second error.
struct Known<'a> {
    fields: Fields<'a>,
    no_source: bool,
    no_data: bool,
    no_id: bool,
}

impl Known<'_> {
    fn is_hidden(&self, field: &str) -> bool {
        let hidden =
            self.no_data || (self.no_source && field == "bundle") || (self.no_id && field == "id");
        hidden && matches!(self.fields.text(field), Err(NameError::Missing(_)))
    }

    /// Fills a template; none when it needs what is hidden.
    fn fill(&self, template: &NameTemplate) -> Option<Result<String, NameError>> {
        let hidden = template.fields().any(|field| self.is_hidden(field));
        (!hidden).then(|| template.fill(&self.fields))
    }
}

/// A document as far as it can be resolved.
#[derive(Debug)]
pub(super) struct Resolved<'a> {
    pub(super) index: u64,
    pub(super) id: Option<DocumentId>,
    pub(super) source: Option<Source>,
    /// Whether its own line names its bundle.
    pub(super) names_bundle: bool,
    locale: Option<String>,
    data: Option<Map<String, Value>>,
    pub(super) output: Option<OutputName>,
    /// Whether its output is named by its id alone.
    pub(super) named_by_id: bool,
    pub(super) volumes: Vec<VolumeOf<'a>>,
    /// Whether nothing is wrong with it, here or in its draft.
    sound: bool,
    /// What is wrong with it and not noted before.
    pub(super) errors: ManifestErrors,
}

/// A volume with `by` that a document belongs in.
#[derive(Debug)]
pub(super) struct VolumeOf<'a> {
    pub(super) merge: u16,
    pub(super) by: &'a str,
    pub(super) value: String,
    pub(super) output: OutputName,
}

impl Resolved<'_> {
    /// The same, saying whether its own line names its bundle.
    pub(super) fn naming_its_bundle(mut self, names_bundle: bool) -> Self {
        self.names_bundle = names_bundle;
        self
    }

    /// The document, when it is whole.
    pub(super) fn document(self) -> Result<Document, StreamError> {
        let membership = |volume: VolumeOf<'_>| Membership {
            merge: volume.merge,
            output: volume.output,
        };
        match (self.id, self.source, self.output) {
            (Some(id), Some(source), Some(output)) if self.sound => Ok(Document {
                index: self.index,
                id,
                source,
                locale: self.locale,
                data: self.data,
                output,
                volumes: self.volumes.into_iter().map(membership).collect(),
            }),
            _ => Err(StreamError::Manifest(self.errors)),
        }
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
