//! The manifest: read strictly, checked whole, expanded document by document.
//!
//! A manifest is small in memory whatever its size: JSON Lines, CSV and the file that `rows` names
//! are streams, and [`Manifest::documents`] makes one [`Document`](crate::Document) at a time.
//! Expansion is a pure function of the texts, so a retry finds the documents by making them again.
//!
//! A manifest is refused with everything that is wrong with it, in one list: [`Reading`] keeps what
//! can be read of a faulty one, and checks that too.

mod bundles;
mod check;
mod draft;
mod dressing;
mod expand;
mod json;
mod quotes;
mod reading;
mod resolve;
mod rows;
mod strict_json;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use bundles::Bundles;
pub use check::{CheckError, Summary};
pub use dressing::{Dressing, Forbidden, Forms, Passwords, StampPlace};
pub use expand::{Documents, StreamError};
pub use reading::Reading;

use crate::{Limits, ManifestError, ManifestErrors, NameTemplate, OutputName, Place};
use draft::{Draft, Given};

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
    /// What the volume has besides.
    #[serde(flatten)]
    pub dressing: Dressing,
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

/// A manifest, read. Its documents are not checked: see [`Reading::check`].
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
    volumes: Vec<VolumeName>,
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
    /// None for a row that is not an object.
    Inline(Vec<Option<Map<String, Value>>>),
    File {
        key: String,
        format: RowFormat,
    },
}

/// Templates for documents without their own.
#[derive(Debug, Clone, Default)]
struct Names {
    output: Given<NameTemplate>,
    locale: Given<NameTemplate>,
}

/// How an entry of `merge` names its volumes; there is none for a faulty entry.
#[derive(Debug, Clone)]
struct VolumeName {
    /// The entry's index.
    number: usize,
    by: Option<String>,
    template: NameTemplate,
}

/// What a manifest, or its [`Defaults`], say of all documents.
#[derive(Debug, Default)]
struct Options {
    output: Given<String>,
    locale: Given<String>,
    /// None for a faulty entry.
    merge: Vec<Option<MergeSpec>>,
    priority: Option<Priority>,
    retention_days: Option<u32>,
}

impl From<&Defaults> for Options {
    fn from(defaults: &Defaults) -> Self {
        let given = |text: &Option<String>| text.clone().map_or(Given::Absent, Given::Is);
        Self {
            output: given(&defaults.output),
            locale: given(&defaults.locale),
            merge: defaults.merge.iter().cloned().map(Some).collect(),
            priority: defaults.priority,
            retention_days: defaults.retention_days,
        }
    }
}

impl Manifest {
    /// Reads a manifest that was accepted before, or whose documents do not matter. `text` is used only
    /// for [`Format::Json`]: the other forms are streams, given to [`Manifest::documents`].
    ///
    /// # Errors
    /// Everything wrong with it that shows without its documents' names and data; [`Reading::check`]
    /// finds the rest, too.
    pub fn read(
        format: Format,
        text: &[u8],
        defaults: &Defaults,
        limits: &Limits,
    ) -> Result<Self, ManifestErrors> {
        Reading::of(format, text, defaults, limits).into_manifest()
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

    /// Checks what every form has in common, and puts the manifest together.
    fn assemble(
        body: Body,
        options: Options,
        limits: &Limits,
        errors: &mut ManifestErrors,
    ) -> Self {
        let mut template = |text: &Given<String>, name: &str| match text {
            Given::Absent => Given::Absent,
            Given::Faulty => Given::Faulty,
            Given::Is(text) => {
                let parsed = NameTemplate::parse(text).map_err(|e| {
                    errors.push(ManifestError::new(Place::pointer(format!("/{name}")), e));
                });
                Given::or_faulty(parsed.ok())
            }
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
        let volumes = volume_names(&options.merge, limits, errors);
        Self {
            merge: options.merge.into_iter().flatten().collect(),
            priority: options.priority.unwrap_or_default(),
            retention_days: options.retention_days,
            body,
            defaults: names,
            volumes,
        }
    }
}

fn volume_names(
    merge: &[Option<MergeSpec>],
    limits: &Limits,
    errors: &mut ManifestErrors,
) -> Vec<VolumeName> {
    if merge.len() > limits.merges {
        let what = format!("{} merges; at most {}", merge.len(), limits.merges);
        errors.push(ManifestError::new(Place::pointer("/merge"), what));
    }
    let mut names = Vec::new();
    for (number, spec) in merge.iter().enumerate() {
        let Some(spec) = spec else { continue };
        match volume_template(spec) {
            Ok(template) => names.push(VolumeName {
                number,
                by: spec.by.clone(),
                template,
            }),
            Err(what) => {
                let place = Place::pointer(format!("/merge/{number}/output"));
                errors.push(ManifestError::new(place, what));
            }
        }
    }
    names
}

/// A volume's name; that of one without `by` is an output name at once.
fn volume_template(spec: &MergeSpec) -> Result<NameTemplate, String> {
    let template = NameTemplate::parse(&spec.output).map_err(|e| e.to_string())?;
    if spec.by.is_some() {
        return Ok(template);
    }
    if let Some(field) = template.fields().next() {
        return Err(format!(
            "the volume holds every document, so {{{field}}} has no one value; give \"by\", or a plain name"
        ));
    }
    let name = template.fill(&Default::default());
    let name = name.map_err(|e| e.to_string())?;
    OutputName::parse(&name).map_err(|e| e.to_string())?;
    Ok(template)
}
