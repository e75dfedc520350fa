//! One volume: parts flow from the store through the binder into a multipart upload.
//!
//! Three stages run at once, each waiting for the next: a fetch that is a few parts ahead, the
//! binder on its own thread, the upload. Memory is bounded by what is in flight between them.

use std::io::{self, Write};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use fanfold_cloud::{CloudError, Key, MultipartUpload, PutOptions};
use fanfold_job::settled::{EndedDocument, Status, VolumeRecord};
use fanfold_job::{OnFailure, PlannedVolume, sha256_hex};
use fanfold_ledger::{LedgerError, LedgerResult};
use futures_util::{StreamExt, stream};
use sha2::{Digest, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::run::Run;
use crate::volumes::Members;
use crate::{BindError, Binder, Bound, Entry, Part, VolumeOptions};

/// Parts fetched ahead: small ones are a round trip to the store each.
const AHEAD: usize = 32;
/// KiB of parts held at once; a larger part is held alone.
pub(crate) const HELD_KIB: u32 = 64 << 10;
/// Bytes handed to the upload at a time.
const CHUNK: usize = 256 << 10;

/// Makes volumes of a run.
pub(crate) struct Stitch<'a> {
    run: &'a Run,
    binder: &'a Arc<dyn Binder>,
}

impl<'a> Stitch<'a> {
    pub(crate) fn new(run: &'a Run, binder: &'a Arc<dyn Binder>) -> Self {
        Self { run, binder }
    }

    /// Makes a volume, or says why it is not made.
    ///
    /// # Errors
    /// When the store does not answer: the volume may be made another time.
    pub(crate) async fn volume(&self, volume: &PlannedVolume) -> LedgerResult<VolumeRecord> {
        let run = self.run;
        let spec = run.spec(volume)?;
        if volume.missing > 0 && spec.on_failure == OnFailure::Fail {
            return Ok(volume.not_made(format!(
                "{} of {} documents failed, and on_failure is \"fail\"; correct them and retry",
                volume.missing, volume.documents
            )));
        }
        if volume.missing == volume.documents && spec.on_failure != OnFailure::Placeholder {
            return Ok(volume.not_made(ALL_FAILED));
        }
        let key = run.keys.volume(&volume.output);
        let name = Key::new(key.clone()).map_err(CloudError::from)?;
        let options = PutOptions::overwrite()
            .content_type("application/pdf")
            .retention_days(run.accepted.retention_days);
        let upload = run.ledger.store().put_multipart(&name, options).await?;
        let (entries, entries_in) = mpsc::channel::<Entry>(1);
        let (chunks, chunks_out) = mpsc::channel::<Bytes>(4);
        let binder = Arc::clone(self.binder);
        let options_of = VolumeOptions {
            outline: spec.outline,
            on_failure: spec.on_failure,
        };
        let thread =
            tokio::task::spawn_blocking(move || bind(&*binder, options_of, entries_in, chunks));
        let (fed, uploaded, bound) = tokio::join!(
            self.feed(volume, spec.on_failure, entries),
            upload_all(upload, chunks_out),
            thread
        );
        let bound = bound.unwrap_or_else(|panic| {
            Err(BindError::Part {
                title: volume.output.to_string(),
                reason: panic.to_string(),
            })
        });
        let (fed, written) = match (fed, uploaded) {
            (Ok(fed), Ok(written)) => (fed, written),
            // What was fetched decides first: when it broke off, the binder saw too few entries.
            (Err(error), Ok(written)) => {
                written.upload.abort().await?;
                return Err(error);
            }
            (Err(error), Err(_)) => return Err(error),
            (Ok(_), Err(error)) => return Err(error.into()),
        };
        let made = match (fed, bound) {
            (Fed::Refused(error), _) => Err(error),
            (Fed::All { sent: 0, .. }, _) => Err(ALL_FAILED.to_owned()),
            (_, Err(error)) => Err(error.to_string()),
            (
                Fed::All {
                    parts_sha256, gone, ..
                },
                Ok(bound),
            ) => Ok((parts_sha256, gone, bound)),
        };
        let (parts_sha256, gone, Bound { pages, left_out }) = match made {
            Ok(made) => made,
            Err(error) => {
                written.upload.abort().await?;
                return Ok(volume.not_made(error));
            }
        };
        written.upload.complete().await?;
        let missing = volume.missing + gone + left_out;
        Ok(VolumeRecord {
            output: volume.output.clone(),
            key: Some(key),
            pages,
            bytes: written.bytes,
            sha256: written.sha256,
            documents: volume.documents.saturating_sub(missing),
            missing,
            parts_sha256,
            error: None,
        })
    }

    /// Sends the volume's entries in order, some fetched ahead.
    async fn feed(
        &self,
        volume: &PlannedVolume,
        on_failure: OnFailure,
        entries: mpsc::Sender<Entry>,
    ) -> LedgerResult<Fed> {
        let members = Members::new(self.run, volume);
        let room = Arc::new(Semaphore::new(HELD_KIB as usize));
        // Room is asked for in the volume's order, so no part waits for one behind it.
        let read = stream::unfold(Some(members), |members| {
            let room = Arc::clone(&room);
            async move {
                let mut members = members?;
                match members.next().await {
                    Ok(Some(document)) => {
                        let held = hold(room, &document).await;
                        Some((Ok((document, held)), Some(members)))
                    }
                    Ok(None) => None,
                    Err(error) => Some((Err(error), None)),
                }
            }
        });
        let fetched = read.map(async |document| {
            let (document, held) = document?;
            let place = self.place(document).await?;
            Ok::<_, LedgerError>((place, held))
        });
        let mut fetched = std::pin::pin!(fetched.buffered(AHEAD));
        let mut hash = Sha256::new();
        let (mut sent, mut gone) = (0, 0);
        while let Some(fetched) = fetched.next().await {
            let (Place { facts, title, part }, held) = fetched?;
            let part = match part {
                Ok(pdf) => Part::Pdf(pdf),
                Err(why) => {
                    gone += u64::from(why.gone);
                    match on_failure {
                        OnFailure::Skip => continue,
                        OnFailure::Placeholder => Part::Placeholder(why.message),
                        OnFailure::Fail => {
                            let message = why.message;
                            return Ok(Fed::Refused(format!(
                                "{title}: {message}; on_failure is \"fail\""
                            )));
                        }
                    }
                }
            };
            hash.update(facts.as_bytes());
            sent += 1;
            if entries.send(Entry { title, part }).await.is_err() {
                // The binder has given up and says why itself.
                break;
            }
            drop(held);
        }
        Ok(Fed::All {
            parts_sha256: data_encoding::HEXLOWER.encode(&hash.finalize()),
            sent,
            gone,
        })
    }

    /// What stands in a document's place. A part that is no longer the one that was rendered is a
    /// document that failed: it loses its own pages, not the volume.
    async fn place(&self, document: EndedDocument) -> LedgerResult<Place> {
        let result = document.result;
        let title = result.id.to_string();
        if result.status == Status::Failed {
            let message = result.error.map(|error| error.message).unwrap_or_default();
            return Ok(Place {
                facts: format!("{}\0failed\0{message}\n", result.output),
                title,
                part: Err(Missing {
                    message,
                    gone: false,
                }),
            });
        }
        let key = self.run.batch.part(&result.output);
        let why = match self.run.ledger.bytes(&key).await? {
            Some(pdf) if sha256_hex(&pdf) == result.sha256 => {
                return Ok(Place {
                    facts: format!("{}\0{}\n", result.output, result.sha256),
                    title,
                    part: Ok(pdf),
                });
            }
            Some(_) => "its PDF is not the one that was rendered; render it again",
            None => "its PDF is no longer there; render it again",
        };
        tracing::error!(batch = %self.run.accepted.batch_id, key, why, "a part of a volume is lost");
        Ok(Place {
            facts: format!("{}\0gone\0{why}\n", result.output),
            title,
            part: Err(Missing {
                message: why.into(),
                gone: true,
            }),
        })
    }
}

/// Why a volume holds nothing.
const ALL_FAILED: &str = "every document failed; there is nothing to stitch";

/// How feeding the binder ended.
enum Fed {
    /// All entries are sent.
    All {
        /// Hash over what identifies them.
        parts_sha256: String,
        /// How many there are.
        sent: u64,
        /// Documents that ended ok and whose parts are lost.
        gone: u64,
    },
    /// The manifest wants no volume without a part that is lost.
    Refused(String),
}

/// A document's place in a volume.
struct Place {
    /// What identifies it.
    facts: String,
    title: String,
    part: Result<Bytes, Missing>,
}

/// A document without a part.
struct Missing {
    message: String,
    /// It had ended ok.
    gone: bool,
}

/// Waits until there is room for the document's part; nothing for one without.
async fn hold(room: Arc<Semaphore>, document: &EndedDocument) -> Option<OwnedSemaphorePermit> {
    let kib = document.result.bytes.div_ceil(1 << 10);
    // In range: `HELD_KIB` is a u32.
    let kib = kib.min(u64::from(HELD_KIB)) as u32;
    // The semaphore is never closed.
    room.acquire_many_owned(kib).await.ok()
}

/// Binds on the calling thread.
fn bind(
    binder: &dyn Binder,
    options: VolumeOptions,
    mut entries: mpsc::Receiver<Entry>,
    chunks: mpsc::Sender<Bytes>,
) -> Result<Bound, BindError> {
    let mut out = ChunkWriter {
        chunks,
        held: BytesMut::with_capacity(CHUNK),
    };
    let bound = binder.bind(
        options,
        &mut std::iter::from_fn(|| entries.blocking_recv()),
        &mut out,
    )?;
    out.flush()?;
    Ok(bound)
}

/// Hands what is written to the upload, in chunks.
struct ChunkWriter {
    chunks: mpsc::Sender<Bytes>,
    held: BytesMut,
}

impl Write for ChunkWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        if self.held.len() >= CHUNK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.held.is_empty() {
            return Ok(());
        }
        let chunk = self.held.split().freeze();
        self.chunks
            .blocking_send(chunk)
            .map_err(|_| io::Error::new(io::ErrorKind::BrokenPipe, "the upload has stopped"))
    }
}

/// An upload that has all its bytes and is not completed yet.
struct Written {
    upload: Box<dyn MultipartUpload>,
    bytes: u64,
    sha256: String,
}

async fn upload_all(
    mut upload: Box<dyn MultipartUpload>,
    mut chunks: mpsc::Receiver<Bytes>,
) -> Result<Written, CloudError> {
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    while let Some(chunk) = chunks.recv().await {
        hash.update(&chunk);
        bytes += chunk.len() as u64;
        upload.write(chunk).await?;
    }
    Ok(Written {
        upload,
        bytes,
        sha256: data_encoding::HEXLOWER.encode(&hash.finalize()),
    })
}
