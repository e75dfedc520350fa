//! The three functions as this program calls them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use fanfold_enqueue::{AcceptError, DirectRender, Enqueue, Received, Submission, Text, Upload};
use fanfold_job::message::{ChunkMessage, RenderMessage};
use fanfold_job::settled::Accepted;
use fanfold_job::{BatchId, Limits, ManifestErrors, TenantId};
use fanfold_lambda::{BatchAnswer, Deadline, Delivery, Queues, Settings, deliveries};
use fanfold_ledger::Ledger;
use fanfold_merge::{Merge, PdfBinder};
use fanfold_render::{PressRenderer, Render, Renderer};
use fanfold_template::Bundle;
use serde_json::Value;
use tokio::runtime::Handle;

use super::workers::{Consumer, VISIBILITY};
use crate::batch::LocalManifest;

/// The functions over one store and its queues.
pub(crate) struct Functions {
    enqueue: Enqueue,
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
            enqueue,
            render,
            merge,
            settings: settings.clone(),
        }
    }

    /// Answers an event of the HTTP API or an upload.
    pub(crate) async fn enqueue(&self, event: &Value) -> Result<Value, String> {
        self.enqueue
            .event(event)
            .await
            .map_err(|error| error.to_string())
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

    /// The render function.
    pub(crate) fn render(&self) -> Arc<dyn Consumer> {
        Arc::new(RenderConsumer(self.render.clone(), self.settings.clone()))
    }

    /// The merge function, for the merge queue.
    pub(crate) fn merge(&self) -> Arc<dyn Consumer> {
        Arc::new(MergeConsumer(self.merge.clone(), self.settings.clone()))
    }

    /// The merge function, for the dead-letter queue.
    pub(crate) fn dead_letters(&self) -> Arc<dyn Consumer> {
        Arc::new(DeadLetterConsumer(self.merge.clone()))
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

/// Runs a function's invocation on a thread of its own, as on AWS each has its own process. (Its
/// future borrows its batch in ways that cannot be shown to be [`Send`].)
async fn invoke<F>(invocation: impl FnOnce() -> F + Send + 'static) -> Result<Value, String>
where
    F: Future<Output = BatchAnswer>,
{
    let runtime = Handle::current();
    let answer = tokio::task::spawn_blocking(move || runtime.block_on(invocation()));
    answer
        .await
        .map(|answer| answer.to_json())
        .map_err(|error| error.to_string())
}

fn batch_of(event: Value) -> Result<Vec<Delivery>, String> {
    deliveries(event).map_err(|error| error.to_string())
}

struct RenderConsumer(Arc<Render>, Settings);

#[async_trait]
impl Consumer for RenderConsumer {
    async fn handle(&self, event: Value) -> Result<Value, String> {
        let batch = batch_of(event)?;
        let deadline = Deadline::of_invocation(VISIBILITY, self.1.budget, self.1.reserve);
        let render = self.0.clone();
        invoke(move || async move { render.batch(&batch, deadline).await }).await
    }
}

struct MergeConsumer(Arc<Merge>, Settings);

#[async_trait]
impl Consumer for MergeConsumer {
    async fn handle(&self, event: Value) -> Result<Value, String> {
        let batch = batch_of(event)?;
        // Stitching uses the whole time: what is stitched need not be stitched again.
        let deadline = Deadline::of_invocation(VISIBILITY, Duration::MAX, self.1.reserve);
        let merge = self.0.clone();
        invoke(move || async move { merge.batch(&batch, deadline).await }).await
    }
}

struct DeadLetterConsumer(Arc<Merge>);

#[async_trait]
impl Consumer for DeadLetterConsumer {
    async fn handle(&self, event: Value) -> Result<Value, String> {
        let batch = batch_of(event)?;
        let merge = self.0.clone();
        invoke(move || async move { merge.dead_letters(&batch).await }).await
    }
}
