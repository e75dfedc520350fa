//! Data against the bundle's JSON Schema: every error at once, each with its pointer and what to do.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{PatternOptions, ValidationError, Validator};
use serde_json::Value;

use crate::error::{DataError, ErrorKind, TemplateError};

/// Errors listed at most; a wrong column of a long table is wrong in every row.
const MAX_ERRORS: usize = 50;

#[derive(Debug)]
pub(crate) struct Schema(Validator);

impl Schema {
    /// Compiles `schema.json`. References to other documents are refused, patterns run in linear time.
    pub(crate) fn compile(schema: &Value) -> Result<Self, TemplateError> {
        jsonschema::options()
            .offline()
            .should_validate_formats(true)
            .with_pattern_options(PatternOptions::regex().size_limit(1 << 20))
            .build(schema)
            .map(Self)
            .map_err(|error| {
                let place = error.instance_path().to_string();
                TemplateError::new(
                    ErrorKind::Bundle,
                    format!("not a JSON Schema at {:?}: {error}", place),
                )
                .in_file("schema.json")
            })
    }

    /// # Errors
    /// Lists what does not fit, at most the first 50.
    pub(crate) fn check(&self, data: &Value) -> Result<(), TemplateError> {
        let mut errors = self.0.iter_errors(data);
        let mut found: Vec<DataError> = errors
            .by_ref()
            .take(MAX_ERRORS)
            .map(|error| describe(&error))
            .collect();
        if found.is_empty() {
            return Ok(());
        }
        let more = errors.take(1000).count();
        found.sort_by(|a, b| a.pointer.cmp(&b.pointer));
        let message = match (found.len(), more) {
            (1, 0) => "the data does not fit the bundle's schema".to_owned(),
            (n, 0) => format!("the data does not fit the bundle's schema in {n} places"),
            (n, more) => format!(
                "the data does not fit the bundle's schema in {} places or more",
                n + more
            ),
        };
        Err(TemplateError::new(ErrorKind::Data, message).with_data(found))
    }
}

fn describe(error: &ValidationError<'_>) -> DataError {
    let pointer = error.instance_path().to_string();
    let at = |pointer: String, message: String, hint: String| DataError {
        pointer,
        message,
        hint,
    };
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let escaped = name.replace('~', "~0").replace('/', "~1");
            at(
                format!("{pointer}/{escaped}"),
                "the value is missing".to_owned(),
                format!("add {name:?}"),
            )
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let names = unexpected
                .iter()
                .take(10)
                .map(|name| format!("{name:?}"))
                .collect::<Vec<_>>()
                .join(", ");
            at(
                pointer,
                format!("the schema knows no {names}"),
                "remove it, or correct its spelling".to_owned(),
            )
        }
        kind => at(pointer, message(error), hint(kind)),
    }
}

/// The library's message, with a long value cut short.
fn message(error: &ValidationError<'_>) -> String {
    let text = error.to_string();
    match text.char_indices().nth(200) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

fn hint(kind: &ValidationErrorKind) -> String {
    match kind {
        ValidationErrorKind::Type {
            kind: TypeKind::Single(name),
        } => format!("give a value of type {name}"),
        ValidationErrorKind::Type {
            kind: TypeKind::Multiple(names),
        } => {
            let names = names
                .iter()
                .map(|name| name.to_string())
                .collect::<Vec<_>>()
                .join(" or ");
            format!("give a value of type {names}")
        }
        ValidationErrorKind::Enum { options } => format!("use one of {options}"),
        ValidationErrorKind::Constant { expected_value } => format!("use {expected_value}"),
        ValidationErrorKind::Format { format } if format == "date" => {
            "write the date as 2026-01-31".to_owned()
        }
        ValidationErrorKind::Format { format } => format!("write it in the format {format:?}"),
        ValidationErrorKind::Pattern { pattern } => {
            format!("write it so that it matches {pattern}")
        }
        ValidationErrorKind::Minimum { limit } => format!("use {limit} or more"),
        ValidationErrorKind::Maximum { limit } => format!("use {limit} or less"),
        ValidationErrorKind::ExclusiveMinimum { limit } => format!("use more than {limit}"),
        ValidationErrorKind::ExclusiveMaximum { limit } => format!("use less than {limit}"),
        ValidationErrorKind::MinLength { limit } => format!("use at least {limit} characters"),
        ValidationErrorKind::MaxLength { limit } => format!("use at most {limit} characters"),
        ValidationErrorKind::MinItems { limit } => format!("give at least {limit} items"),
        ValidationErrorKind::MaxItems { limit } => format!("give at most {limit} items"),
        _ => "see the bundle's schema.json".to_owned(),
    }
}
