//! The JSON form: one object with `documents`, `rows`, `merge` and options.

use serde_json::{Map, Value};

use super::draft::{Draft, Given, check_key, kind};
use super::dressing::{self, Dressing};
use super::{
    Body, Defaults, Format, Manifest, MergeSpec, OnFailure, Options, Outline, Priority, RowFormat,
    Rows, strict_json,
};
use crate::{Limits, ManifestError, ManifestErrors, Place};

const MERGE_FIELDS: &str = "output, by, on_failure, outline";

const FIELDS: &str = "documents, rows, output, merge, priority, retention_days";

/// Bytes of the name of the field that a volume is made by.
const BY_BYTES: usize = 1_024;

/// Reads the text whole, as far as it can be read; everything wrong with it goes to `errors`.
pub(super) fn read(
    text: &[u8],
    defaults: &Defaults,
    limits: &Limits,
    errors: &mut ManifestErrors,
) -> Option<Manifest> {
    let root = Place::pointer("");
    if text.len() > limits.manifest_bytes {
        let what = format!(
            "{} bytes; a JSON manifest is at most {}: use JSON Lines, CSV, or a file of rows",
            text.len(),
            limits.manifest_bytes
        );
        errors.push(ManifestError::new(root, what));
        return None;
    }
    let members = match strict_json::parse(text, &root, errors) {
        Ok(Value::Object(members)) => members,
        Ok(_) => {
            let what = format!("a manifest is an object with {FIELDS}");
            errors.push(ManifestError::new(root, what));
            return None;
        }
        Err(error) => {
            errors.push(error);
            return None;
        }
    };
    let mut reader = Reader { errors, limits };
    let mut options = Options::from(defaults);
    let (mut documents, mut rows) = (None, Given::Absent);
    for (name, value) in members {
        match name.as_str() {
            "documents" => documents = Some(reader.documents(value)),
            "rows" => rows = reader.rows(value),
            "output" => options.output = Given::or_faulty(reader.text("output", value)),
            "merge" => options.merge = reader.merge(value),
            "priority" => options.priority = reader.priority(&value),
            "retention_days" => options.retention_days = reader.days(&value),
            _ => reader.fault(
                &Place::pointer("").join(&name),
                format!("unknown field; a manifest has {FIELDS}"),
            ),
        }
    }
    let documents = documents.unwrap_or_else(|| {
        reader.fault(
            &Place::pointer(""),
            "no documents; give \"documents\": [{\"id\": …, \"bundle\": …}]",
        );
        Vec::new()
    });
    let rows = match rows {
        Given::Absent => None,
        // The documents are a kit all the same: without it, each would be asked for its id.
        Given::Faulty => Some(Rows::Inline(Vec::new())),
        Given::Is(rows) => Some(rows),
    };
    let body = match rows {
        Some(rows) => {
            if documents.len() > limits.kit {
                let what = format!(
                    "{} documents in a kit; at most {}",
                    documents.len(),
                    limits.kit
                );
                reader.fault(&Place::pointer("/documents"), what);
            }
            Body::Kit(documents, rows)
        }
        None => Body::Documents(documents),
    };
    Some(Manifest::assemble(body, options, limits, errors))
}

struct Reader<'a> {
    errors: &'a mut ManifestErrors,
    limits: &'a Limits,
}

impl Reader<'_> {
    fn fault(&mut self, place: &Place, message: impl std::fmt::Display) {
        self.errors.push(ManifestError::new(place.clone(), message));
    }

    fn list(&mut self, place: &Place, value: Value) -> Vec<Value> {
        match value {
            Value::Array(items) => items,
            other => {
                self.fault(place, format!("is {}; write a list", kind(&other)));
                Vec::new()
            }
        }
    }

    fn text(&mut self, name: &str, value: Value) -> Option<String> {
        match value {
            Value::String(text) => Some(text),
            other => {
                self.fault(
                    &Place::pointer("").join(name),
                    format!("is {}; write a text", kind(&other)),
                );
                None
            }
        }
    }

    fn documents(&mut self, value: Value) -> Vec<Draft> {
        let place = Place::pointer("/documents");
        if value.as_array().is_some_and(Vec::is_empty) {
            self.fault(&place, "no documents; give at least one");
        }
        let items = self.list(&place, value);
        if items.len() as u64 > self.limits.documents {
            let what = format!(
                "{} documents; at most {}: split the manifest",
                items.len(),
                self.limits.documents
            );
            self.fault(&place, what);
            return Vec::new();
        }
        let mut drafts = Vec::new();
        for (n, item) in items.into_iter().enumerate() {
            drafts.push(Draft::read(item, &place.join(n), self.errors));
        }
        drafts
    }

    fn rows(&mut self, value: Value) -> Given<Rows> {
        let place = Place::pointer("/rows");
        match value {
            Value::String(key) => {
                if let Err(rule) = check_key(&key) {
                    self.fault(&place, rule);
                    return Given::Faulty;
                }
                let format = match Format::from_file_name(&key) {
                    Some(Format::Csv) => RowFormat::Csv,
                    Some(Format::JsonLines) => RowFormat::JsonLines,
                    _ => {
                        self.fault(&place, "a file of rows is named .csv, .jsonl or .ndjson");
                        return Given::Faulty;
                    }
                };
                Given::Is(Rows::File { key, format })
            }
            Value::Array(items) => Given::Is(Rows::Inline(self.inline_rows(items, &place))),
            other => {
                self.fault(
                    &place,
                    format!(
                        "is {}; write a key, a path or a list of objects",
                        kind(&other)
                    ),
                );
                Given::Faulty
            }
        }
    }

    fn inline_rows(&mut self, items: Vec<Value>, place: &Place) -> Vec<Option<Map<String, Value>>> {
        let mut rows = Vec::new();
        for (n, item) in items.into_iter().enumerate() {
            rows.push(match item {
                Value::Object(row) => Some(row),
                other => {
                    let what = format!("is {}; a row is an object", kind(&other));
                    self.fault(&place.join(n), what);
                    None
                }
            });
        }
        rows
    }

    fn merge(&mut self, value: Value) -> Vec<Option<MergeSpec>> {
        let place = Place::pointer("/merge");
        let items = self.list(&place, value);
        let mut specs = Vec::new();
        for (n, item) in items
            .into_iter()
            .enumerate()
            .take(self.limits.merges.saturating_add(1))
        {
            specs.push(self.merge_spec(item, &place.join(n)));
        }
        specs
    }

    fn merge_spec(&mut self, value: Value, place: &Place) -> Option<MergeSpec> {
        let Value::Object(members) = value else {
            self.fault(place, format!("a merge is an object with {MERGE_FIELDS}"));
            return None;
        };
        let mut dressing = Dressing::default();
        for (field, what) in Dressing::incomplete(&members) {
            self.fault(&place.join(field), what);
        }
        let (mut output, mut by) = (Given::Absent, Given::Absent);
        let (mut on_failure, mut outline) = (OnFailure::default(), Outline::default());
        for (name, value) in members {
            let place = place.join(&name);
            if let Some(taken) = dressing.take(&name, &value, self.limits) {
                if let Err(what) = taken {
                    self.fault(&place, what);
                }
                continue;
            }
            match (name.as_str(), &value) {
                ("output", Value::String(text)) => output = Given::Is(text.clone()),
                ("by", Value::String(text)) if (1..=BY_BYTES).contains(&text.len()) => {
                    by = Given::Is(text.clone());
                }
                ("on_failure", _) => match serde_json::from_value(value) {
                    Ok(choice) => on_failure = choice,
                    Err(_) => self.fault(
                        &place,
                        "on_failure is \"skip\", \"placeholder\" or \"fail\"",
                    ),
                },
                ("outline", _) => match serde_json::from_value(value) {
                    Ok(choice) => outline = choice,
                    Err(_) => {
                        self.fault(&place, "outline is \"documents\", \"inputs\" or \"none\"");
                    }
                },
                ("by", Value::String(_)) => {
                    let what = format!("names a field; write 1 to {BY_BYTES} bytes");
                    self.fault(&place, what);
                    by = Given::Faulty;
                }
                ("output" | "by", _) => {
                    self.fault(&place, format!("is {}; write a text", kind(&value)));
                    *(if name == "by" { &mut by } else { &mut output }) = Given::Faulty;
                }
                _ => self.fault(
                    &place,
                    format!(
                        "unknown field; a merge has {MERGE_FIELDS}, {}",
                        dressing::FIELDS
                    ),
                ),
            }
        }
        if matches!(output, Given::Absent) {
            self.fault(
                place,
                "no output; name the volume, like \"output\": \"all.pdf\"",
            );
        }
        match (output, by) {
            // Whether its name is right depends on whether there is a field.
            (Given::Absent | Given::Faulty, _) | (_, Given::Faulty) => None,
            (Given::Is(output), by) => Some(MergeSpec {
                output,
                by: by.get().cloned(),
                on_failure,
                outline,
                dressing,
            }),
        }
    }

    fn priority(&mut self, value: &Value) -> Option<Priority> {
        match value.as_str() {
            Some("interactive") => Some(Priority::Interactive),
            Some("bulk") => Some(Priority::Bulk),
            _ => {
                self.fault(
                    &Place::pointer("/priority"),
                    "priority is \"interactive\" or \"bulk\"",
                );
                None
            }
        }
    }

    fn days(&mut self, value: &Value) -> Option<u32> {
        let days = value.as_u64().and_then(|days| u32::try_from(days).ok());
        if days.is_none() {
            self.fault(
                &Place::pointer("/retention_days"),
                "retention_days is a whole number of days",
            );
        }
        days
    }
}
