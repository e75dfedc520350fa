//! One volume: parts flow from the store through the binder into a multipart upload.
//!
//! Three stages run at once, each waiting for the next: a fetch that is a few parts ahead, the
//! binder on its own thread, the upload. Memory is bounded by what is in flight between them.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use fanfold_cloud::{CloudError, Key, MultipartUpload, PutOptions};
use fanfold_job::settled::{EndedDocument, Status, VolumeRecord, WARNINGS_OF_VOLUME};
use fanfold_job::{MergeSpec, OnFailure, PlannedVolume, sha256_hex};
use fanfold_lambda::Deadline;
use fanfold_ledger::{LedgerError, LedgerResult};
use futures_util::{StreamExt, stream};
use sha2::{Digest, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::pause::{Hashed, Paused, Progress};
use crate::run::Run;
use crate::volumes::{Members, cover_size};
use crate::{BindError, Binder, Binding, Bound, Entry, Feed, Part, VolumeOptions};

/// Parts fetched ahead: small ones are a round trip to the store each.
const AHEAD: usize = 32;
/// KiB of parts held at once; a larger part is held alone.
pub(crate) const HELD_KIB: u32 = 64 << 10;
/// Bytes handed to the upload at a time.
const CHUNK: usize = 256 << 10;

/// A volume to make.
#[derive(Clone, Copy)]
pub(crate) struct One<'a> {
    pub(crate) range: u32,
    pub(crate) number: u32,
    pub(crate) volume: &'a PlannedVolume,
    /// Where it was paused before.
    pub(crate) pauses: &'a [String],
    /// It is paused when nothing may be started any more; none lets it come to its end.
    pub(crate) pauses_at: Option<Deadline>,
}

/// How far an attempt at a volume came.
pub(crate) enum Made {
    /// It is made, or cannot be.
    Ended(VolumeRecord),
    /// Another invocation goes on with it.
    Paused,
}

/// Bytes of a cover: it is held whole, by as many volumes as are made at once.
pub(crate) const MOST_COVER_BYTES: u64 = 32 << 20;

/// Makes volumes of a run.
pub(crate) struct Stitch<'a> {
    run: &'a Run,
    binder: &'a Arc<dyn Binder>,
}

impl<'a> Stitch<'a> {
    pub(crate) fn new(run: &'a Run, binder: &'a Arc<dyn Binder>) -> Self {
        Self { run, binder }
    }

    /// Makes a volume, or says why it is not made; goes on with it where it was paused, and pauses it
    /// when its time is up.
    ///
    /// # Errors
    /// When the store does not answer: the volume may be made another time.
    pub(crate) async fn volume(&self, one: One<'_>) -> LedgerResult<Made> {
        let (run, volume) = (self.run, one.volume);
        let spec = run.spec(volume)?;
        if volume.missing > 0 && spec.on_failure == OnFailure::Fail {
            return Ok(Made::Ended(volume.not_made(format!(
                "{} of {} documents failed, and on_failure is \"fail\"; correct them and retry",
                volume.missing, volume.documents
            ))));
        }
        if volume.missing == volume.documents && spec.on_failure != OnFailure::Placeholder {
            return Ok(Made::Ended(volume.not_made(ALL_FAILED)));
        }
        for key in one.pauses.iter().rev() {
            let Some(paused) = run.paused(key).await? else {
                continue;
            };
            match self.go_on(one, spec, Some(paused)).await {
                Ok(Some(made)) => return Ok(made),
                // Another has ended its upload, or it was too old.
                Ok(None) => {}
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(error),
            }
            run.is_stale(key).await?;
        }
        let made = self.go_on(one, spec, None).await?;
        made.ok_or_else(|| {
            CloudError::invalid("the binder begins with a state that it does not know").into()
        })
    }

    /// Binds from the begin or from a pause; none when the pause is not one of this binder.
    async fn go_on(
        &self,
        one: One<'_>,
        spec: &MergeSpec,
        paused: Option<Paused>,
    ) -> LedgerResult<Option<Made>> {
        let (run, volume) = (self.run, one.volume);
        let key = run.keys.volume(&volume.output);
        let name = Key::new(key.clone()).map_err(CloudError::from)?;
        let options = PutOptions::overwrite()
            .content_type("application/pdf")
            .retention_days(run.accepted.retention_days);
        let store = run.ledger.store();
        let mut options_of = VolumeOptions {
            outline: spec.outline,
            on_failure: spec.on_failure,
            dressing: spec.dressing.clone(),
            cover: None,
            seed: format!("{}/{}", run.accepted.batch_id, volume.output),
        };
        let mut cover_hash = None;
        if let (Some(cover), None) = (&spec.dressing.cover, &paused) {
            let bytes = cover_size(run, cover).await?;
            if bytes > MOST_COVER_BYTES {
                let error = format!(
                    "its cover {cover} has {bytes} bytes; at most {MOST_COVER_BYTES} are taken: make it smaller and retry the batch"
                );
                return Ok(Some(Made::Ended(volume.not_made(error))));
            }
            options_of.cover = run.ledger.bytes(cover).await?;
            if options_of.cover.is_none() {
                let error =
                    format!("its cover {cover} is not there; upload it and retry the batch");
                return Ok(Some(Made::Ended(volume.not_made(error))));
            }
            cover_hash = options_of.cover.as_deref().map(sha256_hex);
            if volume.cover_sha256.is_some() && cover_hash != volume.cover_sha256 {
                let error = format!(
                    "its cover {cover} is not the one that was there when the volumes were planned; retry the batch"
                );
                return Ok(Some(Made::Ended(volume.not_made(error))));
            }
        }
        let (upload, begun, state) = match paused {
            None => {
                let upload = store.put_multipart(&name, options).await?;
                let mut begun = Progress::default();
                if let Some(hash) = cover_hash {
                    let facts = format!("cover\0{hash}\n");
                    begun.parts.0.update(facts.as_bytes());
                }
                (upload, begun, None)
            }
            Some(paused) => {
                let upload = store.resume_multipart(&name, options, &paused.upload);
                (upload.await?, paused.progress, Some(paused.binder))
            }
        };
        let (entries, entries_in) = mpsc::channel::<Feed>(1);
        let (chunks, chunks_out) = mpsc::channel::<Bytes>(4);
        let binder = Arc::clone(self.binder);
        let thread = tokio::task::spawn_blocking(move || {
            bind(&*binder, options_of, state.as_deref(), entries_in, chunks)
        });
        let (fed, uploaded, bound) = tokio::join!(
            self.feed(one, spec.on_failure, &begun, entries),
            upload_all(upload, &begun, chunks_out),
            thread
        );
        let bound = bound.unwrap_or_else(|panic| {
            Err(BindError::Part {
                title: volume.output.to_string(),
                reason: panic.to_string(),
            })
        });
        // What was fetched decides first: when it broke off, the binder saw too few entries.
        let (fed, written) = match (fed, uploaded) {
            (Ok(fed), Ok(written)) => (fed, written),
            (Err(error), Ok(written)) => {
                // Another can go on with one that was paused.
                if begun.documents == 0 {
                    written.upload.abort().await?;
                }
                return Err(error);
            }
            (Err(error), Err(_)) => return Err(error),
            (Ok(_), Err(error)) => return Err(error.into()),
        };
        let (progress, bound) = match (fed, bound) {
            (_, Err(BindError::Stale)) => return Ok(None),
            (Fed::Refused(error), _) => return refused(volume, written, error).await,
            (Fed::Sent(progress), _) if progress.sent == 0 => {
                return refused(volume, written, ALL_FAILED.to_owned()).await;
            }
            (_, Err(error)) => return refused(volume, written, error.to_string()).await,
            (Fed::Sent(progress), Ok(bound)) => (*progress, bound),
        };
        let Written {
            upload,
            bytes,
            hash,
        } = written;
        let Bound {
            pages,
            left_out,
            warnings,
            untold,
        } = match bound {
            Binding::Whole(bound) => bound,
            Binding::Paused(state) => {
                let paused = Paused {
                    progress: Progress {
                        bytes,
                        written: Hashed(hash),
                        ..progress
                    },
                    upload: upload.suspend().await?,
                    binder: state.into(),
                };
                run.keep(one.range, one.number, &paused).await?;
                let documents = paused.progress.documents;
                tracing::info!(batch = %run.accepted.batch_id, volume = one.number, documents, size_bytes = bytes, "a volume is paused");
                return Ok(Some(Made::Paused));
            }
        };
        upload.complete().await?;
        let missing = volume.missing + progress.gone + left_out;
        Ok(Some(Made::Ended(VolumeRecord {
            output: volume.output.clone(),
            key: Some(key),
            pages,
            bytes,
            sha256: data_encoding::HEXLOWER.encode(&hash.finalize()),
            documents: volume.documents.saturating_sub(missing),
            missing,
            parts_sha256: data_encoding::HEXLOWER.encode(&progress.parts.0.finalize()),
            error: None,
            warnings: few(
                [progress.lost.as_slice(), &warnings].concat(),
                untold + progress.gone - progress.lost.len() as u64,
            ),
        })))
    }

    /// Sends the volume's entries in order, some fetched ahead; one at least, and no more when the time
    /// is up.
    async fn feed(
        &self,
        one: One<'_>,
        on_failure: OnFailure,
        begun: &Progress,
        entries: mpsc::Sender<Feed>,
    ) -> LedgerResult<Fed> {
        let members = Members::new(self.run, one.volume, begun.documents);
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
        let mut progress = begun.clone();
        while let Some(fetched) = fetched.next().await {
            if progress.sent > begun.sent && one.pauses_at.is_some_and(is_up) {
                // A binder that has given up says why itself.
                let _ = entries.send(Feed::Pause).await;
                break;
            }
            progress.documents += 1;
            let (Place { facts, title, part }, held) = fetched?;
            let part = match part {
                Ok(pdf) => Part::Pdf(pdf),
                Err(why) => {
                    if why.gone {
                        progress.gone += 1;
                        if progress.lost.len() < WARNINGS_OF_VOLUME {
                            progress.lost.push(format!("{title}: {}", why.message));
                        }
                    }
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
            progress.parts.0.update(facts.as_bytes());
            progress.sent += 1;
            let entry = Feed::Entry(Entry { title, part });
            if entries.send(entry).await.is_err() {
                break;
            }
            drop(held);
        }
        Ok(Fed::Sent(Box::new(progress)))
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
        let mut reads_left = READS;
        let why = loop {
            reads_left -= 1;
            match self.run.ledger.bytes(&key).await? {
                Some(pdf) if sha256_hex(&pdf) == result.sha256 => {
                    return Ok(Place {
                        facts: format!("{}\0{}\n", result.output, result.sha256),
                        title,
                        part: Ok(pdf),
                    });
                }
                // It may have changed on its way.
                Some(_) if reads_left > 0 => {}
                Some(_) => break "its PDF is not the one that was rendered; render it again",
                None => break "its PDF is no longer there; render it again",
            }
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

/// The first of a volume's warnings, none longer than a few lines, and how many more there are, with those
/// that are not told.
fn few(mut warnings: Vec<String>, untold: u64) -> Vec<String> {
    let all = warnings.len() as u64 + untold;
    if all > WARNINGS_OF_VOLUME as u64 {
        warnings.truncate(WARNINGS_OF_VOLUME - 1);
    }
    for warning in &mut warnings {
        warning.truncate(warning.floor_char_boundary(LONGEST_WARNING));
    }
    let more = all - warnings.len() as u64;
    if more > 0 {
        warnings.push(format!("and {more} more"));
    }
    warnings
}

/// Bytes of a warning.
const LONGEST_WARNING: usize = 400;

/// How often a part is read whose bytes are not those of its result.
const READS: u32 = 3;

/// Why a volume holds nothing.
const ALL_FAILED: &str = "every document failed; there is nothing to stitch";

/// How feeding the binder ended.
enum Fed {
    /// All entries are sent, or the time was up.
    Sent(Box<Progress>),
    /// The manifest wants no volume without a part that is lost.
    Refused(String),
}

/// There is no such volume, for good.
async fn refused(
    volume: &PlannedVolume,
    written: Written,
    error: String,
) -> LedgerResult<Option<Made>> {
    written.upload.abort().await?;
    Ok(Some(Made::Ended(volume.not_made(error))))
}

pub(crate) fn is_up(deadline: Deadline) -> bool {
    !deadline.allows(Duration::ZERO)
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
    state: Option<&[u8]>,
    mut entries: mpsc::Receiver<Feed>,
    chunks: mpsc::Sender<Bytes>,
) -> Result<Binding, BindError> {
    let mut out = ChunkWriter {
        chunks,
        held: BytesMut::with_capacity(CHUNK),
    };
    let bound = binder.bind(
        options,
        state,
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
    hash: Sha256,
}

async fn upload_all(
    mut upload: Box<dyn MultipartUpload>,
    begun: &Progress,
    mut chunks: mpsc::Receiver<Bytes>,
) -> Result<Written, CloudError> {
    let (mut hash, mut bytes) = (begun.written.0.clone(), begun.bytes);
    while let Some(chunk) = chunks.recv().await {
        hash.update(&chunk);
        bytes += chunk.len() as u64;
        upload.write(chunk).await?;
    }
    Ok(Written {
        upload,
        bytes,
        hash,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_warnings_the_last_says_how_many_more() {
        let warnings = |count: usize| vec!["é".repeat(300); count];
        assert_eq!(few(warnings(0), 0), Vec::<String>::new());
        let all = few(warnings(20), 0);
        assert_eq!((all.len(), all[19].len()), (20, 400));
        let few = few(warnings(25), 480);
        assert_eq!((few.len(), &*few[19]), (20, "and 486 more"));
    }
}
