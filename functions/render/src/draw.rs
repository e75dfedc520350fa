//! One attempt at one document: fetch, draw within limits, upload.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use fanfold_cloud::{CloudError, Key, PutOptions};
use fanfold_job::message::RunRef;
use fanfold_job::settled::{DocumentError, EndedDocument, ErrorKind};
use fanfold_job::{Document, Source, sha256_hex};
use fanfold_lambda::Deadline;
use fanfold_ledger::LedgerError;
use tokio::task::JoinError;

use crate::bundles::service;
use crate::{Render, RenderError, RenderInput, RenderLimits, RenderedPart};

/// How an attempt ended.
#[derive(Debug)]
pub(crate) enum Drawn {
    /// The document has ended, ok or failed.
    Ended(EndedDocument),
    /// It may succeed another time; if this was the last, this is how it ends.
    Transient(EndedDocument),
    /// There was no time to start it.
    NotStarted,
}

/// How long documents take, so that none is started that cannot finish.
#[derive(Debug, Default)]
pub(crate) struct Pace(AtomicU64);

impl Pace {
    /// Twice the moving mean.
    fn expected(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Relaxed) * 2)
    }

    fn note(&self, took: Duration) {
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX / 16);
        // Lost updates do not matter: it is an estimate.
        let mean = self.0.load(Ordering::Relaxed);
        self.0.store(
            if mean == 0 {
                took
            } else {
                mean - mean / 8 + took / 8
            },
            Ordering::Relaxed,
        );
    }
}

/// Tries at an upload before the whole document is tried again.
const UPLOADS: u32 = 3;

impl Render {
    /// Makes one attempt, the `attempts`th.
    pub(crate) async fn draw(
        &self,
        run: &RunRef,
        versions: &BTreeMap<String, String>,
        document: Document,
        attempts: u32,
        deadline: Deadline,
    ) -> Drawn {
        let _open = self.slots.open().await;
        let document = Arc::new(document);
        if !deadline.allows(self.pace.expected()) || self.slots.exhausted() {
            return Drawn::NotStarted;
        }
        let begun = Instant::now();
        let input = match self.input(versions, &document).await {
            Ok(input) => input,
            Err(error) => return ended(&document, error, attempts, begun),
        };
        let drawn = match self.draw_on_core(&document, input, deadline).await {
            Ok(Some(drawn)) => drawn,
            Ok(None) => return Drawn::NotStarted,
            Err(error) => return ended(&document, error, attempts, begun),
        };
        let (part, sha256) = drawn;
        if let Err(error) = self.upload(run, &document, part.pdf.clone()).await {
            return ended(&document, service(&error), attempts, begun);
        }
        self.pace.note(begun.elapsed());
        let ms = milliseconds(begun);
        let bytes = part.pdf.len() as u64;
        Drawn::Ended(EndedDocument::ok(
            &document, part.pages, bytes, sha256, attempts, ms,
        ))
    }

    /// Fetches what the document is made from.
    async fn input(
        &self,
        versions: &BTreeMap<String, String>,
        document: &Document,
    ) -> Result<RenderInput, RenderError> {
        match &document.source {
            Source::Bundle(name) => {
                let version = versions.get(name).map(String::as_str);
                let bundle = self
                    .bundles
                    .get(&self.ledger, &*self.renderer, name, version)
                    .await?;
                Ok(RenderInput {
                    bundle: Some(bundle),
                    pdf: None,
                })
            }
            Source::Pdf(key) => Ok(RenderInput {
                bundle: None,
                pdf: Some(self.existing_pdf(key).await?),
            }),
            Source::Html(_) | Source::Markdown(_) => Ok(RenderInput::default()),
        }
    }

    async fn existing_pdf(&self, key: &str) -> Result<Bytes, RenderError> {
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
            .at(key));
        }
        Ok(store.get(&name).await.map_err(sort)?.bytes)
    }

    /// Draws on a core, within the document's limits; none when time was up before a core was free.
    async fn draw_on_core(
        &self,
        document: &Arc<Document>,
        input: RenderInput,
        deadline: Deadline,
    ) -> Result<Option<(RenderedPart, String)>, RenderError> {
        let core = self.slots.cpu().await;
        if !deadline.allows(self.pace.expected()) {
            return Ok(None);
        }
        let cancel = Arc::new(AtomicBool::new(false));
        let limits = RenderLimits {
            pages: self.settings.max_pages,
            pdf_bytes: self.settings.max_pdf_bytes,
            cancel: Arc::clone(&cancel),
        };
        let (renderer, theirs) = (Arc::clone(&self.renderer), Arc::clone(document));
        // Laying out and writing a document is CPU work: it has a thread of its own, and keeps its
        // core until that thread ends, whatever becomes of the document.
        let mut thread = tokio::task::spawn_blocking(move || {
            let _core = core;
            catch_unwind(AssertUnwindSafe(|| {
                let part = renderer.render(&theirs, &input, &limits)?;
                within_limits(&part, &limits)?;
                let sha256 = sha256_hex(&part.pdf);
                Ok((part, sha256))
            }))
        });
        let soft = self.settings.soft_limit.min(deadline.remaining());
        let hard = self
            .settings
            .hard_limit
            .min(deadline.remaining() + self.settings.reserve / 2);
        let too_long = || {
            RenderError::transient(
                ErrorKind::Timeout,
                format!(
                    "it was not finished after {:.1} s; make it smaller, or raise the limit",
                    soft.as_secs_f64()
                ),
            )
        };
        if let Ok(done) = tokio::time::timeout(soft, &mut thread).await {
            return finished(done).map(Some);
        }
        cancel.store(true, Ordering::Relaxed);
        match tokio::time::timeout(hard.saturating_sub(soft), &mut thread).await {
            // It was finished at the last moment, or it stopped as it was told.
            Ok(done) => finished(done)
                .map(Some)
                .map_err(|error| match error.error.kind {
                    ErrorKind::Panic | ErrorKind::Limit => error,
                    _ => too_long(),
                }),
            Err(_) => {
                self.slots.note_stuck();
                tracing::warn!(
                    document_index = document.index,
                    hard_limit_seconds = hard.as_secs_f64(),
                    "a document did not stop when told to; its core is lost until it does"
                );
                let slots = self.slots.clone();
                tokio::spawn(async move {
                    // Its result does not matter any more.
                    let _ = thread.await;
                    slots.note_freed();
                });
                Err(too_long())
            }
        }
    }

    /// Writes the part. The same document gives the same bytes, so writing it again is harmless.
    async fn upload(
        &self,
        run: &RunRef,
        document: &Document,
        pdf: Bytes,
    ) -> Result<(), LedgerError> {
        let _slot = self.slots.upload().await;
        let key = Key::new(run.batch_keys().part(&document.output)).map_err(CloudError::from)?;
        let options = PutOptions::overwrite()
            .content_type("application/pdf")
            .retention_days(run.retention_days);
        let mut pause = Duration::from_millis(100);
        for _ in 1..UPLOADS {
            match self
                .ledger
                .store()
                .put(&key, pdf.clone(), options.clone())
                .await
            {
                Err(error) if error.is_transient() => {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                result => return Ok(result.map(drop)?),
            }
        }
        Ok(self
            .ledger
            .store()
            .put(&key, pdf, options)
            .await
            .map(drop)?)
    }
}

type Thread = Result<Result<(RenderedPart, String), RenderError>, Box<dyn std::any::Any + Send>>;

fn finished(done: Result<Thread, JoinError>) -> Result<(RenderedPart, String), RenderError> {
    match done {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => Err(panicked(&*panic)),
        Err(error) => Err(RenderError::transient(
            ErrorKind::Other,
            format!("the thread did not run: {error}"),
        )),
    }
}

/// A panic is a fault of the program, met by this document; another attempt would meet it again.
fn panicked(panic: &(dyn std::any::Any + Send)) -> RenderError {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let what = format!(
        "the renderer failed on this document ({}); please report it",
        text.unwrap_or("no message")
    );
    RenderError::permanent(ErrorKind::Panic, what)
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
