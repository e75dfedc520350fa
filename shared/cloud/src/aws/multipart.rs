//! Multipart uploads. Bytes are gathered into parts; a few parts are on their way at once. An object
//! that fits one part is written by a single put.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use bytes::{Bytes, BytesMut};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use super::failure;
use super::store::{S3Store, created, if_none_match, tagging};
use crate::content_type;
use crate::error::{CloudError, CloudResult};
use crate::key::Key;
use crate::ports::{MultipartUpload, ObjectMeta, ObjectStore, PutOptions};

/// The size of the first parts. S3 takes 5 MiB to 5 GiB.
const PART_BYTES: usize = 8 * 1024 * 1024;

/// After so many parts they double, so that 10,000 parts hold more than S3's largest object (5 TiB).
const PARTS_OF_ONE_SIZE: usize = 1000;

/// How many parts are on their way at once.
const PARTS_IN_FLIGHT: usize = 3;

/// An upload to S3.
#[derive(Debug)]
pub(super) struct S3Upload {
    store: S3Store,
    key: Key,
    options: PutOptions,
    gathered: BytesMut,
    size: u64,
    sent: usize,
    upload: Option<Started>,
    in_flight: JoinSet<CloudResult<CompletedPart>>,
    done: Vec<CompletedPart>,
}

/// An upload that S3 knows; aborted when it is dropped unfinished.
#[derive(Debug)]
struct Started {
    store: S3Store,
    key: Key,
    id: Arc<str>,
    finished: bool,
}

/// What an upload is gone on with.
#[derive(Debug, Serialize, Deserialize)]
struct Suspended {
    /// S3's id; none while all bytes fit one part.
    upload: Option<String>,
    /// Parts that S3 has: number, ETag, CRC-32.
    parts: Vec<(i32, Option<String>, Option<String>)>,
    size: u64,
    gathered: Vec<u8>,
}

impl Drop for Started {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        // Outside a runtime, and when this fails, the bucket's lifecycle rule cleans up.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let (store, key, id) = (self.store.clone(), self.key.clone(), self.id.clone());
            runtime.spawn(async move { abort(&store, &key, &id).await });
        }
    }
}

async fn abort(store: &S3Store, key: &Key, id: &str) -> CloudResult<()> {
    let aborted = store
        .client()
        .abort_multipart_upload()
        .bucket(store.bucket())
        .key(key.as_str())
        .upload_id(id)
        .send()
        .await;
    match aborted.map_err(|error| failure::map(key.as_str(), error)) {
        Err(error) if !error.is_not_found() => Err(error),
        _ => Ok(()),
    }
}

fn part_bytes(sent: usize) -> usize {
    PART_BYTES << (sent / PARTS_OF_ONE_SIZE).min(9)
}

impl S3Upload {
    pub(super) fn new(store: S3Store, key: Key, options: PutOptions) -> Self {
        Self {
            store,
            key,
            options,
            gathered: BytesMut::new(),
            size: 0,
            sent: 0,
            upload: None,
            in_flight: JoinSet::new(),
            done: Vec::new(),
        }
    }

    /// Goes on with what [`MultipartUpload::suspend`] gave.
    pub(super) fn resume(
        store: S3Store,
        key: Key,
        options: PutOptions,
        suspended: &[u8],
    ) -> CloudResult<Self> {
        let read: Result<Suspended, _> = postcard::from_bytes(suspended);
        let read =
            read.map_err(|_| CloudError::invalid(format!("no suspended upload of {key}")))?;
        let part = |(number, e_tag, checksum)| {
            CompletedPart::builder()
                .part_number(number)
                .set_e_tag(e_tag)
                .set_checksum_crc32(checksum)
                .build()
        };
        let done: Vec<CompletedPart> = read.parts.into_iter().map(part).collect();
        let upload = read.upload.map(|id| Started {
            store: store.clone(),
            key: key.clone(),
            id: id.into(),
            // Others may go on with it, too: it ends by being completed or aborted.
            finished: true,
        });
        Ok(Self {
            gathered: BytesMut::from(read.gathered.as_slice()),
            size: read.size,
            sent: done.len(),
            upload,
            done,
            ..Self::new(store, key, options)
        })
    }

    async fn start(&mut self) -> CloudResult<Arc<str>> {
        if let Some(started) = &self.upload {
            return Ok(started.id.clone());
        }
        let answer = self
            .store
            .client()
            .create_multipart_upload()
            .bucket(self.store.bucket())
            .key(self.key.as_str())
            .content_type(content_type::of(&self.key, &self.options))
            .set_tagging(tagging(&self.options))
            .send()
            .await
            .map_err(|error| failure::map(self.key.as_str(), error))?;
        let id: Arc<str> = answer
            .upload_id()
            .ok_or_else(|| CloudError::unavailable(format!("the upload id of {}", self.key)))?
            .into();
        self.upload = Some(Started {
            store: self.store.clone(),
            key: self.key.clone(),
            id: id.clone(),
            finished: false,
        });
        Ok(id)
    }

    /// Sends a part, waiting for an earlier one when too many are on their way.
    async fn send(&mut self, bytes: Bytes) -> CloudResult<()> {
        let id = self.start().await?;
        while self.in_flight.len() >= PARTS_IN_FLIGHT {
            self.settle_one().await?;
        }
        self.sent += 1;
        let number = i32::try_from(self.sent).unwrap_or(i32::MAX);
        let (store, key) = (self.store.clone(), self.key.clone());
        self.in_flight.spawn(async move {
            let answer = store
                .client()
                .upload_part()
                .bucket(store.bucket())
                .key(key.as_str())
                .upload_id(&*id)
                .part_number(number)
                .body(ByteStream::from(bytes))
                .send()
                .await
                .map_err(|error| failure::map(key.as_str(), error))?;
            Ok(CompletedPart::builder()
                .part_number(number)
                .set_e_tag(answer.e_tag)
                .set_checksum_crc32(answer.checksum_crc32)
                .build())
        });
        Ok(())
    }

    async fn settle_one(&mut self) -> CloudResult<()> {
        match self.in_flight.join_next().await {
            None => Ok(()),
            Some(Ok(part)) => {
                self.done.push(part?);
                Ok(())
            }
            Some(Err(error)) => Err(CloudError::other(format!("uploading {}", self.key), error)),
        }
    }
}

#[async_trait]
impl MultipartUpload for S3Upload {
    async fn write(&mut self, bytes: Bytes) -> CloudResult<()> {
        self.size += bytes.len() as u64;
        self.gathered.extend_from_slice(&bytes);
        while self.gathered.len() > part_bytes(self.sent) {
            let part = self.gathered.split_to(part_bytes(self.sent)).freeze();
            self.send(part).await?;
        }
        Ok(())
    }

    async fn suspend(mut self: Box<Self>) -> CloudResult<Bytes> {
        while !self.in_flight.is_empty() {
            self.settle_one().await?;
        }
        if let Some(started) = &mut self.upload {
            started.finished = true;
        }
        self.done.sort_by_key(CompletedPart::part_number);
        let parts = self.done.iter().map(|part| {
            let text = |text: Option<&str>| text.map(str::to_owned);
            let number = part.part_number().unwrap_or_default();
            (number, text(part.e_tag()), text(part.checksum_crc32()))
        });
        let suspended = Suspended {
            upload: self.upload.as_ref().map(|started| started.id.to_string()),
            parts: parts.collect(),
            size: self.size,
            gathered: self.gathered.to_vec(),
        };
        let bytes = postcard::to_allocvec(&suspended);
        bytes
            .map(Bytes::from)
            .map_err(|error| CloudError::other(format!("suspending {}", self.key), error))
    }

    async fn complete(mut self: Box<Self>) -> CloudResult<ObjectMeta> {
        let last = std::mem::take(&mut self.gathered).freeze();
        if self.upload.is_none() {
            return self.store.put(&self.key, last, self.options.clone()).await;
        }
        if !last.is_empty() {
            self.send(last).await?;
        }
        while !self.in_flight.is_empty() {
            self.settle_one().await?;
        }
        let id = self.start().await?;
        let mut parts = std::mem::take(&mut self.done);
        parts.sort_by_key(CompletedPart::part_number);
        // A conflict cannot be asked again here: S3 wants all parts anew, so it is reported as
        // transient and the caller starts over.
        let answer = self
            .store
            .client()
            .complete_multipart_upload()
            .bucket(self.store.bucket())
            .key(self.key.as_str())
            .upload_id(&*id)
            .set_if_none_match(if_none_match(&self.options))
            .multipart_upload(
                CompletedMultipartUpload::builder()
                    .set_parts(Some(parts))
                    .build(),
            )
            .send()
            .await
            .map_err(|error| {
                created(
                    &self.key,
                    self.options.mode,
                    failure::map(self.key.as_str(), error),
                )
            })?;
        if let Some(started) = &mut self.upload {
            started.finished = true;
        }
        Ok(ObjectMeta {
            key: self.key.clone(),
            size: self.size,
            etag: answer.e_tag().unwrap_or_default().to_owned(),
            modified_ms: 0,
        })
    }

    async fn abort(mut self: Box<Self>) -> CloudResult<()> {
        self.in_flight.shutdown().await;
        match self.upload.take() {
            None => Ok(()),
            Some(mut started) => {
                started.finished = true;
                abort(&self.store, &self.key, &started.id).await
            }
        }
    }
}
