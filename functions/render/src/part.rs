//! Parts in the store. A part is created once, like a marker: of two attempts at once one writes it,
//! and the other's result is that part too. So a result's hash is its part's, also when what the
//! document was made from has changed between the two. And a part that an attempt left when its
//! function died is whole, because the store's writes are: it is taken, not made again.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use bytes::Bytes;
use fanfold_cloud::{CloudError, Key, PutOptions};
use fanfold_job::message::RunRef;
use fanfold_job::settled::EndedDocument;
use fanfold_job::{Document, Source, sha256_hex};
use fanfold_lambda::Deadline;
use fanfold_ledger::{LedgerError, LedgerResult};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use crate::Render;
use crate::bundles::service;
use crate::cores::Stop;

/// What a result says of its part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Made {
    pub(crate) pages: u32,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

/// Tries at an upload before the whole document is tried again.
const UPLOADS: u32 = 3;

impl Render {
    /// The result of a document from its part, when that is there. Only of a part that was drawn
    /// within our limits; an existing PDF may be anything, and is read only under its start marker.
    pub(crate) async fn adopt(
        &self,
        run: &RunRef,
        document: &Document,
        attempts: u32,
        deadline: Deadline,
    ) -> Option<EndedDocument> {
        if matches!(document.source, Source::Pdf(_)) {
            return None;
        }
        let (pdf, _memory) = self.left_part(run, document, deadline).await?;
        let core = self.core(deadline).await.ok()?;
        let made = self.read_part(core, pdf, deadline).await.ok()??;
        Some(EndedDocument::ok(
            document,
            made.pages,
            made.bytes,
            made.sha256,
            attempts,
            0,
        ))
    }

    /// The part that is there, with the room it takes. None also when the store does not answer: it
    /// is then made again.
    pub(crate) async fn left_part(
        &self,
        run: &RunRef,
        document: &Document,
        deadline: Deadline,
    ) -> Option<(Bytes, OwnedSemaphorePermit)> {
        let key = part_key(run, document).ok()?;
        let store = self.ledger.store();
        let look = async {
            let size = store.head(&key).await.ok()?.size;
            if size > self.settings.max_pdf_bytes {
                return None;
            }
            let memory = self.slots.memory(size, deadline.left()).await?;
            Some((store.get(&key).await.ok()?.bytes, memory))
        };
        timeout(deadline.left(), look).await.ok()?
    }

    /// Reads a part on a core; none when it is not a readable PDF.
    pub(crate) async fn read_part(
        &self,
        core: OwnedSemaphorePermit,
        pdf: Bytes,
        deadline: Deadline,
    ) -> Result<Option<Made>, Stop> {
        let renderer = Arc::clone(&self.renderer);
        let read = self.on_core(
            core,
            Arc::new(AtomicBool::new(false)),
            deadline,
            move || {
                Ok(renderer.pages(&pdf).map(|pages| Made {
                    pages,
                    bytes: pdf.len() as u64,
                    sha256: sha256_hex(&pdf),
                }))
            },
        );
        match read.await {
            // A panic while reading: it is not readable.
            Err(Stop::Failed(error)) if !error.transient => Ok(None),
            read => read,
        }
    }

    /// Writes the part; gives what the part in the store is.
    pub(crate) async fn upload(
        &self,
        run: &RunRef,
        document: &Document,
        pdf: Bytes,
        made: Made,
        deadline: Deadline,
    ) -> Result<Made, Stop> {
        // What is drawn may be written in the first half of the time for answering, too.
        let within = deadline.left() + self.settings.reserve / 2;
        let Some(_slot) = self.slots.upload(within).await else {
            return Err(Stop::NoTime);
        };
        let write = async {
            let created = self.put(run, document, &pdf, PutOptions::create()).await?;
            Ok::<_, LedgerError>(match created {
                true => None,
                false => self.ledger.bytes(part_key(run, document)?.as_str()).await?,
            })
        };
        let there = match timeout(within, write).await {
            Err(_) => return Err(Stop::NoTime),
            Ok(Err(error)) => return Err(service(&error).into()),
            Ok(Ok(there)) => there,
        };
        // Ours, or the very same by another attempt.
        let Some(there) = there.filter(|there| *there != pdf) else {
            return Ok(made);
        };
        let core = self.core(deadline).await?;
        if let Some(theirs) = self.read_part(core, there, deadline).await? {
            return Ok(theirs);
        }
        tracing::warn!(batch = %run.batch, document_index = document.index, "a part that is not readable is replaced");
        match self.put(run, document, &pdf, PutOptions::overwrite()).await {
            Ok(_) => Ok(made),
            Err(error) => Err(service(&error).into()),
        }
    }

    /// True when this call, or one whose answer was lost, wrote the part; false when it was there.
    async fn put(
        &self,
        run: &RunRef,
        document: &Document,
        pdf: &Bytes,
        options: PutOptions,
    ) -> LedgerResult<bool> {
        let key = part_key(run, document)?;
        let options = options
            .content_type("application/pdf")
            .retention_days(run.retention_days);
        let mut pause = Duration::from_millis(100);
        for tries_left in (0..UPLOADS).rev() {
            let put = self
                .ledger
                .store()
                .put(&key, pdf.clone(), options.clone())
                .await;
            match put {
                Ok(_) => return Ok(true),
                Err(error) if error.is_already_exists() => return Ok(false),
                Err(error) if error.is_transient() && tries_left > 0 => {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(false)
    }
}

fn part_key(run: &RunRef, document: &Document) -> Result<Key, CloudError> {
    Ok(Key::new(run.batch_keys().part(&document.output))?)
}
