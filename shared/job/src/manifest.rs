//! The manifest: read strictly, checked whole, expanded document by document.
//!
//! A manifest is small in memory whatever its size: JSON Lines, CSV and the file that `rows` names
//! are streams, and [`Manifest::documents`] makes one [`Document`](crate::Document) at a time.
//! Expansion is a pure function of the texts, so a retry finds the documents by making them again.

mod check;
mod draft;
mod expand;
mod json;
mod rows;
mod strict_json;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use check::{CheckError, Summary};
pub use expand::{Documents, StreamError};

use crate::{Limits, ManifestError, ManifestErrors, NameTemplate, OutputName, Place};
use draft::Draft;

/// The forms a manifest comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// One JSON object with `documents`.
    Json,
    /// One document object a line.
    JsonLines,
    /// A header row, then one row for each document; the bundle from its `bundle` column.
    Csv,
}

impl Format {
    /// The form a file name's extension says.
    pub fn from_file_name(name: &str) -> Option<Self> {
        let extension = name.rsplit_once('.')?.1.to_ascii_lowercase();
        match extension.as_str() {
            "json" => Some(Self::Json),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }

    /// The form a media type says; parameters such as `charset` do not matter.
    pub fn from_media_type(media_type: &str) -> Option<Self> {
        let essence = media_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        match essence.as_str() {
            "application/json" | "text/json" => Some(Self::Json),
            "application/x-ndjson" | "application/jsonl" | "application/x-jsonlines" => {
                Some(Self::JsonLines)
            }
            "text/csv" => Some(Self::Csv),
            _ => None,
        }
    }

    /// The extension of a file in this form.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::JsonLines => "jsonl",
            Self::Csv => "csv",
        }
    }
}

/// The forms a file of rows comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowFormat {
    /// One JSON object a line.
    JsonLines,
    /// A header row, then one row a record; every column is a text field.
    Csv,
}

/// Which queue a batch's documents wait in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Someone waits for it.
    Interactive,
    /// Nobody does.
    #[default]
    Bulk,
}

/// What a volume does about a document that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// The volume goes without it.
    #[default]
    Skip,
    /// A page in its place says so.
    Placeholder,
    /// The volume is not made.
    Fail,
}

/// What a volume's outline lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outline {
    /// One entry a document, the document's own outline below it.
    #[default]
    Documents,
    /// The documents' own outlines, one after the other.
    Inputs,
    /// Nothing.
    None,
}

/// One entry of `merge`: a volume, or one volume per value of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MergeSpec {
    /// Output name; a template when there is `by`.
    pub output: String,
    /// The field whose values make the volumes; without it, one volume holds every document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What to do about failed documents.
    #[serde(default)]
    pub on_failure: OnFailure,
    /// What the outline lists.
    #[serde(default)]
    pub outline: Outline,
}

/// What applies where the manifest itself says nothing; the only place for options of a JSON Lines
/// or CSV manifest.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Defaults {
    /// Bundle of a CSV manifest without a `bundle` column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bundle: Option<String>,
    /// Output template of documents without their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// Locale template of documents without their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Volumes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub merge: Vec<MergeSpec>,
    /// Queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Days to keep the results.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<u32>,
}

/// What text, besides the manifest already read, the documents come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stream {
    /// None: the manifest holds everything.
    None,
    /// The manifest's own text, line by line.
    Manifest,
    /// The file `rows` names: a key of the bucket, or a path beside a local manifest.
    Rows {
        /// Key or path.
        key: String,
        /// Its form.
        format: RowFormat,
    },
}

/// A manifest, read. Its documents are not checked yet: see [`Manifest::check`].
#[derive(Debug, Clone)]
pub struct Manifest {
    /// Volumes to stitch.
    pub merge: Vec<MergeSpec>,
    /// Queue.
    pub priority: Priority,
    /// Days to keep the results, when the manifest says.
    pub retention_days: Option<u32>,
    body: Body,
    defaults: Names,
    volumes: Vec<NameTemplate>,
}

#[derive(Debug, Clone)]
enum Body {
    Documents(Vec<Draft>),
    Kit(Vec<Draft>, Rows),
    Lines,
    Csv { bundle: Option<String> },
}

#[derive(Debug, Clone)]
enum Rows {
    Inline(Vec<Map<String, Value>>),
    File { key: String, format: RowFormat },
}

/// Templates for documents without their own.
#[derive(Debug, Clone, Default)]
struct Names {
    output: Option<NameTemplate>,
    locale: Option<NameTemplate>,
}

impl Manifest {
    /// Reads a manifest. `text` is used only for [`Format::Json`]: the other forms are streams,
    /// given to [`Manifest::documents`] and [`Manifest::check`].
    ///
    /// # Errors
    /// Everything wrong with it that shows without its documents' names and data.
    pub fn read(
        format: Format,
        text: &[u8],
        defaults: &Defaults,
        limits: &Limits,
    ) -> Result<Self, ManifestErrors> {
        match format {
            Format::Json => json::read(text, defaults, limits),
            Format::JsonLines => Self::streamed(Body::Lines, defaults, limits),
            Format::Csv => {
                let bundle = defaults.bundle.clone();
                if let Some(Err(e)) = bundle.as_deref().map(draft::check_bundle) {
                    return Err(ManifestError::new(Place::pointer("/bundle"), e).into());
                }
                Self::streamed(Body::Csv { bundle }, defaults, limits)
            }
        }
    }

    /// Where the documents come from, besides the manifest already read.
    pub fn stream(&self) -> Stream {
        match &self.body {
            Body::Documents(_) | Body::Kit(_, Rows::Inline(_)) => Stream::None,
            Body::Kit(_, Rows::File { key, format }) => Stream::Rows {
                key: key.clone(),
                format: *format,
            },
            Body::Lines | Body::Csv { .. } => Stream::Manifest,
        }
    }

    fn streamed(body: Body, defaults: &Defaults, limits: &Limits) -> Result<Self, ManifestErrors> {
        let mut errors = ManifestErrors::new(limits.errors_listed);
        let manifest = Self::assemble(body, defaults.clone(), limits, &mut errors);
        if errors.is_empty() {
            Ok(manifest)
        } else {
            Err(errors)
        }
    }

    /// Checks what every form has in common, and puts the manifest together.
    fn assemble(
        body: Body,
        options: Defaults,
        limits: &Limits,
        errors: &mut ManifestErrors,
    ) -> Self {
        let mut template = |text: &Option<String>, name: &str| {
            let parsed = text.as_deref().map(NameTemplate::parse).transpose();
            parsed.unwrap_or_else(|e| {
                errors.push(ManifestError::new(Place::pointer(format!("/{name}")), e));
                None
            })
        };
        let names = Names {
            output: template(&options.output, "output"),
            locale: template(&options.locale, "locale"),
        };
        if options
            .retention_days
            .is_some_and(|days| !(1..=3650).contains(&days))
        {
            let place = Place::pointer("/retention_days");
            errors.push(ManifestError::new(place, "retention_days is 1 to 3650"));
        }
        let volumes = volume_templates(&options.merge, limits, errors);
        Self {
            merge: options.merge,
            priority: options.priority.unwrap_or_default(),
            retention_days: options.retention_days,
            body,
            defaults: names,
            volumes,
        }
    }
}

fn volume_templates(
    merge: &[MergeSpec],
    limits: &Limits,
    errors: &mut ManifestErrors,
) -> Vec<NameTemplate> {
    if merge.len() > limits.merges {
        let what = format!("{} merges; at most {}", merge.len(), limits.merges);
        errors.push(ManifestError::new(Place::pointer("/merge"), what));
    }
    let mut templates = Vec::new();
    for (n, spec) in merge.iter().enumerate() {
        let place = Place::pointer(format!("/merge/{n}/output"));
        match NameTemplate::parse(&spec.output) {
            Err(e) => errors.push(ManifestError::new(place, e)),
            Ok(template) => {
                if spec.by.is_none() {
                    if let Some(field) = template.fields().next() {
                        let what = format!(
                            "the volume holds every document, so {{{field}}} has no one value; give \"by\", or a plain name"
                        );
                        errors.push(ManifestError::new(place, what));
                    } else if let Err(e) = template
                        .fill(&Default::default())
                        .map(|name| OutputName::parse(&name))
                        .unwrap_or(Err(crate::OutputError::EmptySegment))
                    {
                        errors.push(ManifestError::new(place, e));
                    }
                }
                templates.push(template);
            }
        }
    }
    templates
}
