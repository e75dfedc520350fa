//! A document, resolved: what `render` is asked to make.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{DocumentId, OutputName};

/// What a document is made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A template bundle, by name.
    Bundle(String),
    /// Inline HTML: a Jinja template when the document has data, plain otherwise.
    Html(String),
    /// Inline Markdown: a Jinja template when the document has data, plain otherwise.
    Markdown(String),
    /// An existing PDF, by its key.
    Pdf(String),
}

/// That a document belongs in one volume of a merge with `by`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// Index into the manifest's `merge`.
    pub merge: u16,
    /// The volume's output name.
    pub output: OutputName,
}

/// One document of an accepted manifest, with its row filled in and its names resolved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Position in the batch, from 0.
    pub index: u64,
    /// Unique in the batch.
    pub id: DocumentId,
    /// What it is made from.
    pub source: Source,
    /// Language of the document, a BCP 47 tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Its data with its row's; none when the manifest gives neither.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Map<String, Value>>,
    /// Unique in the batch, ignoring case.
    pub output: OutputName,
    /// Volumes with `by` that it belongs in; the volumes without `by` hold every document.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<Membership>,
}
