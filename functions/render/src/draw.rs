//! One attempt at one document: fetch, draw within limits, upload.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use fanfold_cloud::{CloudError, Key};
use fanfold_job::message::RunRef;
use fanfold_job::settled::{DocumentError, EndedDocument, ErrorKind};
use fanfold_job::{Document, Source, sha256_hex};
use fanfold_lambda::{Deadline, with_causes};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout};

use crate::bundles::service;
use crate::cores::Stop;
use crate::part::Made;
use crate::{Render, RenderError, RenderInput, RenderLimits, RenderedPart};

/// How an attempt ended.
#[derive(Debug)]
pub(crate) enum Drawn {
    /// The document has ended, ok or failed.
    Ended(EndedDocument),
    /// It may succeed another time; if this was the last, this is how it ends.
    Transient(EndedDocument),
    /// There was no time to start it, or to end it after a late start: it counts for nothing.
    NoTime,
}

/// Whether a part may be there from an attempt that died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Earlier {
    /// The document is new: looking would only cost time that somebody waits.
    None,
    /// It is looked for.
    Possible,
}

/// The marker of a suspect's start.
#[derive(Debug)]
pub(crate) struct Start {
    key: String,
    recorded: AtomicBool,
}

impl Start {
    /// A start that is recorded at `key`.
    pub(crate) fn new(key: String) -> Self {
        Self {
            key,
            recorded: AtomicBool::new(false),
        }
    }

    /// Whether it was: the attempt went so far.
    pub(crate) fn is_recorded(&self) -> bool {
        self.recorded.load(Ordering::Relaxed)
    }
}

/// An attempt at a document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt<'a> {
    /// The run.
    pub(crate) run: &'a RunRef,
    /// Versions of bundles.
    pub(crate) versions: &'a BTreeMap<String, String>,
    /// Which attempt it is, from 1.
    pub(crate) number: u32,
    /// Of a suspect, the marker that says it was started.
    pub(crate) start: Option<&'a Start>,
    /// Earlier attempts.
    pub(crate) earlier: Earlier,
    /// Until when.
    pub(crate) deadline: Deadline,
}

impl Render {
    /// Makes one attempt.
    pub(crate) async fn draw(&self, attempt: Attempt<'_>, document: Document) -> Drawn {
        let deadline = attempt.deadline;
        let Some(_open) = self.slots.open(deadline.remaining()).await else {
            return Drawn::NoTime;
        };
        let company = match attempt.start {
            Some(_) => self.slots.alone(deadline.remaining()).await,
            None => self.slots.beside_others(deadline.remaining()).await,
        };
        let Some(_company) = company else {
            return Drawn::NoTime;
        };
        if !self.has_time(deadline) || self.slots.exhausted() {
            return Drawn::NoTime;
        }
        let document = Arc::new(document);
        let begun = Instant::now();
        let (made, number) = match self.make(attempt, &document).await {
            Ok(made) => made,
            Err(Stop::NoTime) => return Drawn::NoTime,
            Err(Stop::Failed(error)) => return ended(&document, error, attempt.number, begun),
        };
        Drawn::Ended(EndedDocument::ok(
            &document,
            made.pages,
            made.bytes,
            made.sha256,
            number,
            milliseconds(begun),
        ))
    }

    /// Makes the part, or takes the one an earlier attempt made; and by which attempt it is.
    async fn make(
        &self,
        attempt: Attempt<'_>,
        document: &Arc<Document>,
    ) -> Result<(Made, u32), Stop> {
        let (run, deadline) = (attempt.run, attempt.deadline);
        let mut core = match attempt.start {
            Some(start) => Some(self.start(run, start, deadline).await?),
            None => None,
        };
        if attempt.earlier == Earlier::Possible
            && let Some((pdf, _memory)) = self.left_part(run, document, deadline).await
        {
            let free = self.core_or(core.take(), deadline).await?;
            if let Some(made) = self.read_part(free, pdf, deadline).await? {
                return Ok((made, (attempt.number - 1).max(1)));
            }
        }
        let (input, memory) = timeout(
            deadline.left(),
            self.input(attempt.versions, document, deadline),
        )
        .await
        .map_err(|_| Stop::NoTime)??;
        let core = self.core_or(core, deadline).await?;
        let memory = Arc::new(memory);
        let (part, sha256) = self
            .draw_on_core(core, document, input, Arc::clone(&memory), deadline)
            .await?;
        let made = Made {
            pages: part.pages,
            bytes: part.pdf.len() as u64,
            sha256,
        };
        let made = self.upload(run, document, part.pdf, made, deadline).await?;
        Ok((made, attempt.number))
    }

    /// Records that a suspect is started: when nothing can refuse it any more, so that a start is a
    /// start, and before anything of it is touched.
    async fn start(
        &self,
        run: &RunRef,
        start: &Start,
        deadline: Deadline,
    ) -> Result<OwnedSemaphorePermit, Stop> {
        let core = self.core(deadline).await?;
        let marker = serde_json::json!({});
        // An error may hide that it was written.
        start.recorded.store(true, Ordering::Relaxed);
        let created = self
            .ledger
            .create(&start.key, &marker, run.retention_days)
            .await;
        match created {
            Ok(_) => Ok(core),
            Err(error) => {
                tracing::warn!(batch = %run.batch, error = with_causes(&error), "a start could not be recorded");
                Err(Stop::NoTime)
            }
        }
    }

    async fn core_or(
        &self,
        core: Option<OwnedSemaphorePermit>,
        deadline: Deadline,
    ) -> Result<OwnedSemaphorePermit, Stop> {
        match core {
            Some(core) => Ok(core),
            None => self.core(deadline).await,
        }
    }

    /// Fetches what the document is made from, with the room it takes.
    async fn input(
        &self,
        versions: &BTreeMap<String, String>,
        document: &Document,
        deadline: Deadline,
    ) -> Result<(RenderInput, Option<OwnedSemaphorePermit>), Stop> {
        match &document.source {
            Source::Bundle(name) => {
                let version = versions.get(name).map(String::as_str);
                let bundle = self
                    .bundles
                    .get(&self.ledger, &*self.renderer, name, version)
                    .await?;
                let input = RenderInput {
                    bundle: Some(bundle),
                    pdf: None,
                };
                Ok((input, None))
            }
            Source::Pdf(key) => {
                let (pdf, memory) = self.existing_pdf(key, deadline).await?;
                let input = RenderInput {
                    bundle: None,
                    pdf: Some(pdf),
                };
                Ok((input, Some(memory)))
            }
            Source::Html(_) | Source::Markdown(_) => Ok((RenderInput::default(), None)),
        }
    }

    async fn existing_pdf(
        &self,
        key: &str,
        deadline: Deadline,
    ) -> Result<(Bytes, OwnedSemaphorePermit), Stop> {
        let bad = |what: String| RenderError::permanent(ErrorKind::BadPdf, what).at(key);
        let missing = || bad(format!("there is no {key}; upload it first"));
        let name = Key::new(key).map_err(|error| bad(error.to_string()))?;
        let store = self.ledger.store();
        let sort = |error: CloudError| match error.is_not_found() {
            true => missing(),
            false => service(&error.into()),
        };
        let limit = self.settings.max_pdf_bytes;
        let size = store.head(&name).await.map_err(sort)?.size;
        if size > limit {
            return Err(RenderError::permanent(
                ErrorKind::Limit,
                format!("the PDF has {size} bytes; the limit is {limit}"),
            )
            .at(key)
            .into());
        }
        let memory = self.slots.memory(size, deadline.left()).await;
        let memory = memory.ok_or(Stop::NoTime)?;
        Ok((store.get(&name).await.map_err(sort)?.bytes, memory))
    }

    /// Draws on a core, within the document's limits.
    async fn draw_on_core(
        &self,
        core: OwnedSemaphorePermit,
        document: &Arc<Document>,
        input: RenderInput,
        memory: Arc<Option<OwnedSemaphorePermit>>,
        deadline: Deadline,
    ) -> Result<(RenderedPart, String), Stop> {
        let cancel = Arc::new(AtomicBool::new(false));
        let limits = RenderLimits {
            pages: self.settings.max_pages,
            pdf_bytes: self.settings.max_pdf_bytes,
            cancel: Arc::clone(&cancel),
        };
        let (renderer, document) = (Arc::clone(&self.renderer), Arc::clone(document));
        self.on_core_timed(core, cancel, deadline, move || {
            // A thread that is given up holds its input until it ends.
            let _memory = memory;
            let part = renderer.render(&document, &input, &limits)?;
            within_limits(&part, &limits)?;
            let sha256 = sha256_hex(&part.pdf);
            Ok((part, sha256))
        })
        .await
    }
}

fn within_limits(part: &RenderedPart, limits: &RenderLimits) -> Result<(), RenderError> {
    let bytes = part.pdf.len() as u64;
    if part.pages > limits.pages {
        let what = format!(
            "the document has {} pages; the limit is {}",
            part.pages, limits.pages
        );
        return Err(RenderError::permanent(ErrorKind::Limit, what));
    }
    if bytes > limits.pdf_bytes {
        let what = format!(
            "the PDF has {bytes} bytes; the limit is {}",
            limits.pdf_bytes
        );
        return Err(RenderError::permanent(ErrorKind::Limit, what));
    }
    Ok(())
}

fn ended(document: &Document, error: RenderError, attempts: u32, begun: Instant) -> Drawn {
    let ended = EndedDocument::failed(document, error.error, attempts, milliseconds(begun));
    if error.transient {
        Drawn::Transient(ended)
    } else {
        Drawn::Ended(ended)
    }
}

fn milliseconds(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// The result of a document whose batch was cancelled before it was drawn.
pub(crate) fn cancelled(document: &Document, attempts: u32) -> EndedDocument {
    let error = DocumentError {
        kind: ErrorKind::Cancelled,
        message: "the batch was cancelled before this document".into(),
        place: String::new(),
    };
    EndedDocument::failed(document, error, attempts, 0)
}
