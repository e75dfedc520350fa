//! What travels on the queues.
//!
//! Messages are JSON. A message says all that its consumer needs to find the run it belongs to, and
//! is idempotent: it may come twice, late, or after its work is done.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{BatchId, BatchKeys, Document, Limits, Plan, Priority, RunKeys, TenantId};

/// Which run of which batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRef {
    /// Whose batch.
    pub tenant: TenantId,
    /// Which.
    pub batch: BatchId,
    /// Which run: 0 the first, 1 the first retry.
    pub generation: u32,
    /// How the run is cut.
    #[serde(flatten)]
    pub plan: Plan,
    /// Queue its messages travel on.
    pub priority: Priority,
    /// Whether the manifest asks for volumes.
    pub stitch: bool,
    /// Days to keep the results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<u32>,
}

impl RunRef {
    /// Keys of the batch.
    pub fn batch_keys(&self) -> BatchKeys {
        BatchKeys::new(&self.tenant, &self.batch)
    }

    /// Keys of the run.
    pub fn keys(&self) -> RunKeys {
        self.batch_keys().run(self.generation)
    }

    /// The message that asks for this run's volumes.
    pub fn merge_message(&self) -> MergeMessage {
        MergeMessage {
            tenant: self.tenant.clone(),
            batch: self.batch.clone(),
            generation: self.generation,
            passes: 0,
            range: None,
            resent: 0,
        }
    }
}

/// What a render queue carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RenderMessage {
    /// Consecutive documents.
    Chunk(ChunkMessage),
    /// One document of a chunk that was split.
    Single(SingleMessage),
}

/// Consecutive documents of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkMessage {
    /// The run.
    #[serde(flatten)]
    pub run: RunRef,
    /// Which chunk of it.
    pub chunk: u32,
    /// Versions of the bundles its documents use.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub bundles: BTreeMap<String, String>,
    /// The documents; none when they are in the run's `input/{chunk}.jsonl`.
    #[serde(rename = "items", default, skip_serializing_if = "Option::is_none")]
    pub documents: Option<Vec<Document>>,
}

/// One document of a chunk that was split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SingleMessage {
    /// The run.
    #[serde(flatten)]
    pub run: RunRef,
    /// Which chunk of it.
    pub chunk: u32,
    /// Which document of the chunk, from 0.
    pub ordinal: u32,
    /// Attempts made before this message was sent.
    pub attempts: u32,
    /// How often the message was sent anew because it had never been started.
    #[serde(default)]
    pub resent: u32,
    /// Versions of the bundles its document uses.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub bundles: BTreeMap<String, String>,
    /// The document; none when it is in the run's `input/{chunk}.jsonl`.
    #[serde(rename = "item", default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Box<Document>>,
}

/// What the merge queue carries: the run's documents have all ended, or a range of its volumes is to
/// be stitched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergeMessage {
    /// Whose batch.
    pub tenant: TenantId,
    /// Which.
    pub batch: BatchId,
    /// Which run's results to stitch.
    pub generation: u32,
    /// How often the work was handed on because time was up.
    #[serde(default)]
    pub passes: u32,
    /// Which range of the run's volumes (`stitched/plan.json`). Without one the message asks for the
    /// plan, and for the messages of its ranges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<u32>,
    /// How often the message was sent anew from the dead letters.
    #[serde(default, skip_serializing_if = "is_none")]
    pub resent: u32,
}

/// Messages that were sent before the field was there do not have it, nor do most.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_none(times: &u32) -> bool {
    *times == 0
}

/// A chunk message on its way, and what must be in the store first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// The message.
    pub body: String,
    /// The documents as JSON Lines, for the run's `input/{chunk}.jsonl`, when they do not fit.
    pub spill: Option<String>,
}

impl ChunkMessage {
    /// A chunk with only those bundle versions that its documents use.
    pub fn new(
        run: RunRef,
        chunk: u32,
        versions: &BTreeMap<String, String>,
        documents: Vec<Document>,
    ) -> Self {
        let bundles = documents
            .iter()
            .filter_map(|document| bundle_version(document, versions))
            .collect();
        Self {
            run,
            chunk,
            bundles,
            documents: Some(documents),
        }
    }

    /// Writes the message, spilling its documents when they would make it too long.
    pub fn encode(self, limits: &Limits) -> Encoded {
        let lines = self.documents.as_deref().unwrap_or_default();
        let bytes: usize = lines.iter().map(|document| json(document).len() + 1).sum();
        if bytes <= limits.message_bytes {
            return Encoded {
                body: json(&RenderMessage::Chunk(self)),
                spill: None,
            };
        }
        let spill = lines.iter().map(|document| json(document) + "\n").collect();
        let body = json(&RenderMessage::Chunk(Self {
            documents: None,
            ..self
        }));
        Encoded {
            body,
            spill: Some(spill),
        }
    }

    /// The singles of the chunk whose ordinals are given. A spilled chunk's documents stay where
    /// they are.
    pub fn split(
        &self,
        ordinals: impl IntoIterator<Item = u32>,
        attempts: u32,
    ) -> Vec<SingleMessage> {
        let single = |ordinal: u32| {
            let document = self
                .documents
                .as_ref()
                .and_then(|documents| documents.get(ordinal as usize));
            let bundles = match document {
                Some(document) => bundle_version(document, &self.bundles)
                    .into_iter()
                    .collect(),
                None => self.bundles.clone(),
            };
            SingleMessage {
                run: self.run.clone(),
                chunk: self.chunk,
                ordinal,
                attempts,
                resent: 0,
                bundles,
                document: document.cloned().map(Box::new),
            }
        };
        ordinals.into_iter().map(single).collect()
    }
}

fn bundle_version(
    document: &Document,
    versions: &BTreeMap<String, String>,
) -> Option<(String, String)> {
    match &document.source {
        crate::Source::Bundle(name) => versions
            .get_key_value(name)
            .map(|(name, version)| (name.clone(), version.clone())),
        _ => None,
    }
}

impl RenderMessage {
    /// The run the message belongs to.
    pub fn run(&self) -> &RunRef {
        match self {
            Self::Chunk(message) => &message.run,
            Self::Single(message) => &message.run,
        }
    }

    /// The chunk it is, or is of.
    pub fn chunk(&self) -> u32 {
        match self {
            Self::Chunk(message) => message.chunk,
            Self::Single(message) => message.chunk,
        }
    }

    /// The message as text.
    pub fn to_body(&self) -> String {
        json(self)
    }
}

impl MergeMessage {
    /// The message as text.
    pub fn to_body(&self) -> String {
        json(self)
    }
}

/// Reads a spilled chunk's documents.
///
/// # Errors
/// When a line is not a document.
pub fn read_spill(text: &[u8]) -> Result<Vec<Document>, serde_json::Error> {
    serde_json::Deserializer::from_slice(text)
        .into_iter()
        .collect()
}

/// Gathers messages into sends of at most so many bytes and messages.
#[derive(Debug)]
pub struct Packer {
    bytes: usize,
    messages: usize,
    held: Vec<String>,
    held_bytes: usize,
}

impl Packer {
    /// An empty one.
    pub fn new(limits: &Limits) -> Self {
        Self {
            bytes: limits.send_bytes,
            messages: limits.send_messages.max(1),
            held: Vec::new(),
            held_bytes: 0,
        }
    }

    /// Takes a message; gives the send that it no longer fits in.
    pub fn push(&mut self, body: String) -> Option<Vec<String>> {
        let full = self.held.len() == self.messages || self.held_bytes + body.len() > self.bytes;
        let send = if full { self.take() } else { None };
        self.held_bytes += body.len();
        self.held.push(body);
        send
    }

    /// Gives what is held.
    pub fn take(&mut self) -> Option<Vec<String>> {
        self.held_bytes = 0;
        let held = std::mem::take(&mut self.held);
        (!held.is_empty()).then_some(held)
    }
}

/// Types of this crate always serialise: their maps have text keys and their numbers are finite.
///
/// SQS refuses a message with U+FFFE or U+FFFF, which XML does not have; they can stand only inside
/// JSON's texts, where an escape means the same.
fn json(value: &impl Serialize) -> String {
    let text = serde_json::to_string(value).expect("the job model serialises");
    if !text.contains(['\u{FFFE}', '\u{FFFF}']) {
        return text;
    }
    text.replace('\u{FFFE}', "\\ufffe")
        .replace('\u{FFFF}', "\\uffff")
}
