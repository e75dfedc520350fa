//! The function and what it stands on.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use fanfold_job::message::ChunkMessage;
use fanfold_job::{BatchId, Limits};
use fanfold_lambda::{Queues, Settings};
use fanfold_ledger::Ledger;
use serde_json::Value;

use crate::failure::{bad_request, forbidden};
use crate::{Event, EventError};

/// Renders a chunk at once, while somebody waits: an invocation of the render function, or a call of
/// it in the same process.
#[async_trait]
pub trait DirectRender: Send + Sync {
    /// Renders; true when the chunk has settled. False, or an error, means that the caller has to
    /// send the message to the queue.
    ///
    /// # Errors
    /// When the function cannot be reached or did not answer, in words.
    async fn render(&self, message: &ChunkMessage, within: Duration) -> Result<bool, String>;
}

/// The enqueue function: one for a process, shared by its invocations.
pub struct Enqueue {
    pub(crate) ledger: Ledger,
    pub(crate) queues: Queues,
    pub(crate) settings: Settings,
    pub(crate) limits: Limits,
    pub(crate) direct: Option<Arc<dyn DirectRender>>,
    pub(crate) built_in: Arc<[String]>,
    pub(crate) draw_id: Box<dyn Fn() -> [u8; 16] + Send + Sync>,
}

impl fmt::Debug for Enqueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enqueue")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Enqueue {
    /// A function over a store and queues. Batches without an idempotency key get random ids.
    pub fn new(ledger: Ledger, queues: Queues, settings: Settings) -> Self {
        Self {
            limits: Limits {
                chunk_documents: settings.chunk_documents,
                ..Limits::default()
            },
            ledger,
            queues,
            settings,
            direct: None,
            built_in: Arc::default(),
            draw_id: Box::new(random),
        }
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The same with a way to render at once.
    #[must_use]
    pub fn with_direct(mut self, direct: Arc<dyn DirectRender>) -> Self {
        self.direct = Some(direct);
        self
    }

    /// The same with the names of the bundles that come with the render function; a manifest may name
    /// these and the bucket's.
    #[must_use]
    pub fn with_built_in_bundles<N: Into<String>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        self.built_in = names.into_iter().map(Into::into).collect();
        self
    }

    /// The same with another source of ids.
    #[must_use]
    pub fn with_ids(mut self, draw: impl Fn() -> [u8; 16] + Send + Sync + 'static) -> Self {
        self.draw_id = Box::new(draw);
        self
    }

    pub(crate) fn new_id(&self) -> BatchId {
        BatchId::from_bits((self.draw_id)())
    }

    /// Handles an event of the platform: an API request, or objects that came into the bucket. Gives
    /// the answer in the shape the event's sender reads.
    ///
    /// # Errors
    /// When the event is neither, or an upload could not be handled now: the platform tries again.
    pub async fn event(&self, event: &Value) -> Result<Value, EventError> {
        let event = match Event::read(event) {
            Ok(event) => event,
            Err(EventError::Forbidden(reason)) => return Ok(forbidden(reason).to_event()),
            Err(EventError::Malformed(reason)) => return Ok(bad_request(reason).to_event()),
            Err(error) => return Err(error),
        };
        match event {
            Event::Api(request) => Ok(self.api(&request).await.to_event()),
            Event::Uploads(uploads) => {
                let mut failed = Vec::new();
                for upload in &uploads {
                    if let Err(error) = self.uploaded(upload).await {
                        tracing::warn!(key = upload.key, error = %error, "an upload is tried again");
                        failed.push(format!("{}: {error}", upload.key));
                    }
                }
                if failed.is_empty() {
                    Ok(Value::Null)
                } else {
                    Err(EventError::Retry(failed.join("; ")))
                }
            }
        }
    }
}

fn random() -> [u8; 16] {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits).expect("the system has random numbers");
    bits
}
