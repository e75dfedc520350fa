//! The three functions as this program calls them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use fanfold_enqueue::{AcceptError, DirectRender, Enqueue, Received, Submission, Text, Upload};
use fanfold_job::message::{ChunkMessage, RenderMessage};
use fanfold_job::settled::Accepted;
use fanfold_job::{BatchId, Limits, ManifestErrors, TenantId};
use fanfold_lambda::{Deadline, Queues, Settings, apart, deliveries};
use fanfold_ledger::Ledger;
use fanfold_merge::{Merge, PdfBinder, Sources};
use fanfold_render::{PressRenderer, Render, Renderer};
use fanfold_template::Bundle;
use fanfold_wire::lambda::{Function, FunctionError};
use serde_json::Value;

use super::stack;
use super::workers::VISIBILITY;
use crate::batch::LocalManifest;

/// How long a queue can keep a message from others (SQS: twelve hours).
const LONGEST_MERGE: Duration = Duration::from_secs(12 * 60 * 60);

/// The three functions, in this process or as processes of their own.
#[derive(Clone)]
pub(crate) struct Callable {
    pub(crate) enqueue: Arc<dyn Function>,
    pub(crate) render: Arc<dyn Function>,
    pub(crate) merge: Arc<dyn Function>,
}

impl fmt::Debug for Callable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callable").finish_non_exhaustive()
    }
}

/// The functions of this process over one store and its queues.
pub(crate) struct Functions {
    enqueue: Arc<Enqueue>,
    render: Arc<Render>,
    merge: Arc<Merge>,
    settings: Settings,
}

impl fmt::Debug for Functions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Functions")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// Why a manifest was not accepted.
#[derive(Debug)]
pub(crate) enum Refused {
    /// It has errors.
    Manifest(ManifestErrors),
    /// It could not be read or stored.
    Other(String),
}

impl Functions {
    pub(crate) fn new(
        ledger: &Ledger,
        queues: &Queues,
        settings: &Settings,
        bundles: &[Bundle],
    ) -> Self {
        let renderer = bundles
            .iter()
            .fold(PressRenderer::new(), PressRenderer::with_bundle);
        let renderer: Arc<dyn Renderer> = Arc::new(renderer);
        #[cfg(debug_assertions)]
        let renderer = super::killers::with_killers(renderer);
        let render = Arc::new(Render::new(
            ledger.clone(),
            queues.clone(),
            settings.clone(),
            renderer,
        ));
        let merge = Arc::new(Merge::new(
            ledger.clone(),
            queues.clone(),
            settings.clone(),
            Arc::new(PdfBinder),
        ));
        let enqueue = Enqueue::new(ledger.clone(), queues.clone(), settings.clone())
            .with_built_in_bundles(bundles.iter().map(Bundle::name))
            .with_direct(Arc::new(InProcess(render.clone())));
        Self {
            enqueue: Arc::new(enqueue),
            render,
            merge,
            settings: settings.clone(),
        }
    }

    /// Takes an upload; the id of the batch that it has started, if it is a manifest.
    pub(crate) async fn uploaded(&self, upload: &Upload) -> Result<Option<BatchId>, String> {
        match self.enqueue.uploaded(upload).await {
            Ok(Received::Batch(batch)) => Ok(Some(batch)),
            Ok(Received::Refused(about)) => {
                tracing::warn!(key = upload.key, about, "an uploaded manifest was refused");
                Ok(None)
            }
            Ok(Received::Read(_) | Received::Ignored) => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Accepts a manifest of a person's own machine and queues what is not queued yet.
    pub(crate) async fn accept(
        &self,
        manifest: &LocalManifest,
        key: &str,
    ) -> Result<Accepted, Refused> {
        let tenant = TenantId::default();
        let submission = Submission {
            batch: BatchId::from_idempotency_key(&tenant, key),
            tenant,
            format: manifest.format,
            defaults: manifest.defaults.clone(),
            text: Text::Bytes(manifest.text.clone()),
        };
        let limits = Limits {
            // Paths beside the manifest are keys of the store it is given: any of them.
            pdf_prefixes: vec![String::new()],
            ..Limits::upload()
        };
        let accepted =
            self.enqueue
                .accept(&submission, &limits)
                .await
                .map_err(|error| match error {
                    AcceptError::Manifest(errors) => Refused::Manifest(errors),
                    other => Refused::Other(other.to_string()),
                })?;
        let queued = self.enqueue.queue(&accepted).await;
        queued.map_err(|error| Refused::Other(error.to_string()))?;
        Ok(accepted)
    }

    /// Whether documents that do not stop have taken all cores.
    pub(crate) fn exhausted(&self) -> bool {
        self.render.exhausted()
    }

    /// The functions, to be called with events.
    pub(crate) fn callable(&self) -> Callable {
        Callable {
            enqueue: Arc::new(EnqueueHere(self.enqueue.clone())),
            render: Arc::new(RenderHere(self.render.clone(), self.settings.clone())),
            merge: Arc::new(MergeHere(self.merge.clone(), self.settings.clone())),
        }
    }
}

/// The render function of this process, for a document that somebody waits for.
struct InProcess(Arc<Render>);

#[async_trait]
impl DirectRender for InProcess {
    async fn render(&self, message: &ChunkMessage, within: Duration) -> Result<bool, String> {
        let message = RenderMessage::Chunk(message.clone());
        let answer = self.0.direct(&message, Deadline::after(within)).await;
        answer
            .map(|answer| answer.settled)
            .map_err(|error| error.to_string())
    }
}

/// What Lambda calls an error that a function gives.
fn failed(error: impl fmt::Display) -> FunctionError {
    FunctionError::new("Function.Error", error.to_string())
}

struct EnqueueHere(Arc<Enqueue>);

#[async_trait]
impl Function for EnqueueHere {
    async fn invoke(&self, event: Value) -> Result<Value, FunctionError> {
        self.0.event(&event).await.map_err(failed)
    }
}

struct RenderHere(Arc<Render>, Settings);

#[async_trait]
impl Function for RenderHere {
    async fn invoke(&self, event: Value) -> Result<Value, FunctionError> {
        let deadline = Deadline::of_invocation(VISIBILITY, self.1.budget, self.1.reserve);
        let render = self.0.clone();
        if event.get("Records").is_none() {
            let message: RenderMessage = serde_json::from_value(event).map_err(failed)?;
            let answer = render.direct(&message, deadline).await.map_err(failed)?;
            return serde_json::to_value(answer).map_err(failed);
        }
        let batch = deliveries(event).map_err(failed)?;
        let answer = apart(move || async move { render.batch(&batch, deadline).await }).await;
        answer.map(|answer| answer.to_json()).map_err(failed)
    }
}

struct MergeHere(Arc<Merge>, Settings);

#[async_trait]
impl Function for MergeHere {
    async fn invoke(&self, event: Value) -> Result<Value, FunctionError> {
        let mut batch = deliveries(event).map_err(failed)?;
        for delivery in &mut batch {
            // What is not from a dead-letter queue is a merge, as the queue's name says.
            let dead = delivery.queue.as_deref().is_some_and(is_dead_letters);
            delivery.queue = Some(
                if dead {
                    stack::DEAD_LETTERS
                } else {
                    stack::MERGE
                }
                .to_owned(),
            );
        }
        // Nothing ends a function of this process, and a merge keeps its message from others as long as it
        // works: a large volume comes to its end, and is never paused.
        let deadline = Deadline::of_invocation(LONGEST_MERGE, Duration::MAX, self.1.reserve);
        let merge = self.0.clone();
        let sources = Sources {
            merge: stack::MERGE.into(),
            dead_letters: stack::DEAD_LETTERS.into(),
        };
        let answer =
            apart(move || async move { merge.deliver(batch, &sources, deadline).await }).await;
        answer.map(|answer| answer.to_json()).map_err(failed)
    }
}

/// Whether a queue is a dead-letter queue, as its name says: ours, or a stack's.
fn is_dead_letters(queue: &str) -> bool {
    let queue = queue.to_ascii_lowercase();
    queue.contains("deadletter") || queue.contains("dead-letter")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dead_letters_are_told_by_their_queue() {
        for dead in ["dead-letters", "fanfold-DeadLetterQueue-X"] {
            assert!(is_dead_letters(dead), "{dead}");
        }
        assert!(!is_dead_letters("merge"));
    }
}
