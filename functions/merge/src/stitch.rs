//! One volume: parts flow from the store through the binder into a multipart upload.
//!
//! Three stages run at once, each waiting for the next: a fetch that is a few parts ahead, the
//! binder on its own thread, the upload. Memory is bounded by what is in flight between them.

use std::io::{self, Write};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use fanfold_cloud::{CloudError, Key, MultipartUpload, PutOptions};
use fanfold_job::settled::{Accepted, EndedDocument, Status, VolumeRecord};
use fanfold_job::{BatchKeys, OnFailure, Plan, sha256_hex};
use fanfold_ledger::{Ledger, LedgerError, LedgerResult};
use futures_util::{StreamExt, stream};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use crate::volumes::{Members, Volume};
use crate::{BindError, Binder, Bound, Entry, Part, VolumeOptions};

/// Parts fetched ahead.
const AHEAD: usize = 4;
/// Bytes handed to the upload at a time.
const CHUNK: usize = 256 << 10;

/// Which run's volumes, and of what.
pub(crate) struct Job<'a> {
    pub(crate) ledger: &'a Ledger,
    pub(crate) binder: &'a Arc<dyn Binder>,
    pub(crate) accepted: &'a Accepted,
    pub(crate) plans: &'a [Plan],
    pub(crate) generation: u32,
}

impl Job<'_> {
    fn keys(&self) -> BatchKeys {
        BatchKeys::new(&self.accepted.tenant, &self.accepted.batch_id)
    }

    /// Makes a volume, or says why it is not made.
    ///
    /// # Errors
    /// When the store does not answer: the volume may be made another time.
    pub(crate) async fn volume(&self, volume: &Volume) -> LedgerResult<VolumeRecord> {
        let record = VolumeRecord {
            output: volume.output.clone(),
            key: None,
            pages: 0,
            bytes: 0,
            sha256: String::new(),
            documents: volume.documents - volume.missing,
            missing: volume.missing,
            parts_sha256: String::new(),
            error: None,
        };
        let not_made = |error: String| VolumeRecord {
            documents: 0,
            error: Some(error),
            ..record.clone()
        };
        if volume.missing > 0 && volume.spec.on_failure == OnFailure::Fail {
            let what = format!(
                "{} of {} documents failed, and on_failure is \"fail\"; correct them and retry",
                volume.missing, volume.documents
            );
            return Ok(not_made(what));
        }
        if volume.missing == volume.documents && volume.spec.on_failure != OnFailure::Placeholder {
            return Ok(not_made(
                "every document failed; there is nothing to stitch".into(),
            ));
        }
        let key = self.keys().run(self.generation).volume(&volume.output);
        let name = Key::new(key.clone()).map_err(CloudError::from)?;
        let options = PutOptions::overwrite()
            .content_type("application/pdf")
            .retention_days(self.accepted.retention_days);
        let upload = self.ledger.store().put_multipart(&name, options).await?;
        let (entries, entries_in) = mpsc::channel::<Entry>(1);
        let (chunks, chunks_out) = mpsc::channel::<Bytes>(4);
        let binder = Arc::clone(self.binder);
        let options_of = VolumeOptions {
            outline: volume.spec.outline,
            on_failure: volume.spec.on_failure,
        };
        let thread =
            tokio::task::spawn_blocking(move || bind(&*binder, options_of, entries_in, chunks));
        let (fed, uploaded, bound) = tokio::join!(
            self.feed(volume, entries),
            upload_all(upload, chunks_out),
            thread
        );
        let bound = bound.unwrap_or_else(|panic| {
            Err(BindError::Part {
                title: volume.output.to_string(),
                reason: panic.to_string(),
            })
        });
        // What was fetched decides first: when it broke off, the binder saw too few entries.
        let (upload, parts_sha256) =
            match (fed, uploaded) {
                (Ok(parts), Ok(upload)) => (upload, parts),
                (fed, uploaded) => {
                    let error = fed.err().or_else(|| {
                        uploaded.as_ref().err().map(|error| {
                            LedgerError::from(CloudError::unavailable(error.to_string()))
                        })
                    });
                    if let Ok(written) = uploaded {
                        written.upload.abort().await?;
                    }
                    return Err(error
                        .unwrap_or_else(|| CloudError::unavailable("the volume's upload").into()));
                }
            };
        match bound {
            Ok(Bound { pages, left_out }) => {
                upload.upload.complete().await?;
                Ok(VolumeRecord {
                    key: Some(key),
                    pages,
                    bytes: upload.bytes,
                    sha256: upload.sha256,
                    parts_sha256,
                    documents: record.documents.saturating_sub(left_out),
                    missing: record.missing + left_out,
                    ..record
                })
            }
            Err(error) => {
                upload.upload.abort().await?;
                Ok(not_made(error.to_string()))
            }
        }
    }

    /// Sends the volume's entries, a few fetched ahead, in order; gives the hash over its parts.
    async fn feed(&self, volume: &Volume, entries: mpsc::Sender<Entry>) -> LedgerResult<String> {
        let members = Members::new(self.ledger, self.accepted, self.plans, volume);
        let read = stream::unfold(Some(members), async |members| {
            let mut members = members?;
            match members.next().await {
                Ok(Some(document)) => Some((Ok(document), Some(members))),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        });
        let fetched = read.map(async |document| match document {
            Ok(document) => self.entry(volume.spec.on_failure, document).await,
            Err(error) => Err(error),
        });
        let mut fetched = std::pin::pin!(fetched.buffered(AHEAD));
        let mut hash = Sha256::new();
        while let Some(entry) = fetched.next().await {
            let Some((facts, entry)) = entry? else {
                continue;
            };
            hash.update(facts.as_bytes());
            if entries.send(entry).await.is_err() {
                // The binder has given up and says why itself.
                break;
            }
        }
        Ok(data_encoding::HEXLOWER.encode(&hash.finalize()))
    }

    /// A document's entry and what identifies it; none when it is left out.
    async fn entry(
        &self,
        on_failure: OnFailure,
        document: EndedDocument,
    ) -> LedgerResult<Option<(String, Entry)>> {
        let result = document.result;
        let title = result.id.to_string();
        if result.status == Status::Failed {
            if on_failure != OnFailure::Placeholder {
                return Ok(None);
            }
            let message = result.error.map(|error| error.message).unwrap_or_default();
            let facts = format!("{}\0failed\0{message}\n", result.output);
            return Ok(Some((
                facts,
                Entry {
                    title,
                    part: Part::Placeholder(message),
                },
            )));
        }
        let key = self.keys().part(&result.output);
        let pdf = self
            .ledger
            .bytes(&key)
            .await?
            .ok_or_else(|| LedgerError::Missing { key: key.clone() })?;
        if sha256_hex(&pdf) != result.sha256 {
            return Err(LedgerError::Damaged {
                key,
                reason: "its bytes are not those that were rendered".into(),
            });
        }
        let facts = format!("{}\0{}\n", result.output, result.sha256);
        Ok(Some((
            facts,
            Entry {
                title,
                part: Part::Pdf(pdf),
            },
        )))
    }
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
