//! A bucket as an object store.

use std::ops::Range;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::{ByteStream, DateTime};
use bytes::Bytes;

use super::failure;
use super::multipart::S3Upload;
use crate::content_type;
use crate::error::{CloudError, CloudResult};
use crate::key::Key;
use crate::ports::{
    ListPage, MultipartUpload, Object, ObjectMeta, ObjectStore, PutMode, PutOptions,
};

/// How often a conditional write that met another is tried.
const CONFLICT_ATTEMPTS: u32 = 6;

/// How often an object is asked for whose body does not come in whole.
const BODY_ATTEMPTS: u32 = 3;

/// A bucket.
#[derive(Clone, Debug)]
pub struct S3Store {
    client: Client,
    bucket: String,
}

impl S3Store {
    pub(super) fn new(client: Client, bucket: String) -> Self {
        Self { client, bucket }
    }

    /// The bucket's name.
    #[must_use]
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Reads an object or a range of it. The SDK tries again until an answer begins; here it is asked for
    /// again when the connection breaks while its body comes in.
    async fn read(&self, key: &Key, range: Option<String>) -> CloudResult<(ObjectMeta, Bytes)> {
        let mut tries_left = BODY_ATTEMPTS;
        loop {
            let answer = self
                .client
                .get_object()
                .bucket(&self.bucket)
                .key(key.as_str())
                .set_range(range.clone())
                .send()
                .await
                .map_err(|error| failure::map(key.as_str(), error))?;
            let meta = meta(
                key,
                answer.content_length,
                answer.e_tag(),
                answer.last_modified(),
            );
            tries_left -= 1;
            match answer.body.collect().await {
                Ok(bytes) => return Ok((meta, bytes.into_bytes())),
                Err(error) if tries_left == 0 => {
                    return Err(CloudError::Unavailable {
                        what: key.to_string(),
                        cause: Some(Box::new(error)),
                    });
                }
                Err(_) => {}
            }
        }
    }

    async fn put_once(&self, key: &Key, bytes: &Bytes, options: &PutOptions) -> Put {
        let written = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key.as_str())
            .content_type(content_type::of(key, options))
            .set_tagging(tagging(options))
            .set_if_none_match(if_none_match(options))
            .body(ByteStream::from(bytes.clone()))
            .send()
            .await;
        match written {
            Ok(answer) => {
                let size = i64::try_from(bytes.len()).ok();
                Put::Done(meta(key, size, answer.e_tag(), None))
            }
            Err(error) if failure::is_conflict(&error) => Put::Conflict,
            Err(error) => Put::Failed(created(
                key,
                options.mode,
                failure::map(key.as_str(), error),
            )),
        }
    }
}

enum Put {
    Done(ObjectMeta),
    Conflict,
    Failed(CloudError),
}

/// With [`PutMode::Create`] the failed condition is that the object must not exist.
pub(super) fn created(key: &Key, mode: PutMode, error: CloudError) -> CloudError {
    match (mode, error) {
        (PutMode::Create, CloudError::Precondition { .. }) => CloudError::already_exists(key),
        (_, error) => error,
    }
}

pub(super) fn if_none_match(options: &PutOptions) -> Option<String> {
    (options.mode == PutMode::Create).then(|| "*".to_owned())
}

/// The tag that the bucket's lifecycle rules act on.
pub(super) fn tagging(options: &PutOptions) -> Option<String> {
    options
        .retention_days
        .map(|days| format!("fanfold-retention-days={days}"))
}

fn meta(
    key: &Key,
    size: Option<i64>,
    etag: Option<&str>,
    modified: Option<&DateTime>,
) -> ObjectMeta {
    ObjectMeta {
        key: key.clone(),
        size: size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
        etag: etag.unwrap_or_default().to_owned(),
        modified_ms: modified
            .and_then(|time| time.to_millis().ok())
            .and_then(|millis| u64::try_from(millis).ok())
            .unwrap_or(0),
    }
}

#[async_trait]
impl ObjectStore for S3Store {
    async fn get(&self, key: &Key) -> CloudResult<Object> {
        let (meta, bytes) = self.read(key, None).await?;
        Ok(Object { meta, bytes })
    }

    async fn get_range(&self, key: &Key, range: Range<u64>) -> CloudResult<Bytes> {
        if range.start >= range.end {
            return Err(CloudError::invalid(format!("an empty range of {key}")));
        }
        let range = format!("bytes={}-{}", range.start, range.end - 1);
        Ok(self.read(key, Some(range)).await?.1)
    }

    async fn head(&self, key: &Key) -> CloudResult<ObjectMeta> {
        let answer = self
            .client
            .head_object()
            .bucket(&self.bucket)
            .key(key.as_str())
            .send()
            .await
            .map_err(|error| failure::map(key.as_str(), error))?;
        Ok(meta(
            key,
            answer.content_length,
            answer.e_tag(),
            answer.last_modified(),
        ))
    }

    async fn put(&self, key: &Key, bytes: Bytes, options: PutOptions) -> CloudResult<ObjectMeta> {
        let mut pause = Duration::from_millis(40);
        for _ in 0..CONFLICT_ATTEMPTS {
            match self.put_once(key, &bytes, &options).await {
                Put::Done(meta) => return Ok(meta),
                Put::Failed(error) => return Err(error),
                Put::Conflict => {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
            }
        }
        Err(CloudError::throttled(key))
    }

    async fn list(
        &self,
        prefix: &str,
        start_after: Option<&str>,
        limit: usize,
    ) -> CloudResult<ListPage> {
        let answer = self
            .client
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(prefix)
            .set_start_after(
                start_after
                    .filter(|after| !after.is_empty())
                    .map(str::to_owned),
            )
            .max_keys(i32::try_from(limit.clamp(1, 1000)).unwrap_or(1000))
            .send()
            .await
            .map_err(|error| failure::map(prefix, error))?;
        let objects = answer
            .contents()
            .iter()
            // Objects that others have put under names we cannot address are not ours to see.
            .filter_map(|object| {
                let key = Key::new(object.key()?).ok()?;
                Some(meta(
                    &key,
                    object.size(),
                    object.e_tag(),
                    object.last_modified(),
                ))
            })
            .collect();
        Ok(ListPage {
            objects,
            more: answer.is_truncated().unwrap_or(false),
        })
    }

    async fn delete(&self, key: &Key) -> CloudResult<()> {
        let deleted = self
            .client
            .delete_object()
            .bucket(&self.bucket)
            .key(key.as_str())
            .send()
            .await;
        match deleted.map_err(|error| failure::map(key.as_str(), error)) {
            Err(error) if !error.is_not_found() => Err(error),
            _ => Ok(()),
        }
    }

    async fn put_multipart(
        &self,
        key: &Key,
        options: PutOptions,
    ) -> CloudResult<Box<dyn MultipartUpload>> {
        Ok(Box::new(S3Upload::new(self.clone(), key.clone(), options)))
    }

    async fn resume_multipart(
        &self,
        key: &Key,
        options: PutOptions,
        suspended: &[u8],
    ) -> CloudResult<Box<dyn MultipartUpload>> {
        let upload = S3Upload::resume(self.clone(), key.clone(), options, suspended)?;
        Ok(Box::new(upload))
    }

    async fn presign(
        &self,
        key: &Key,
        expires: Duration,
        download_name: Option<&str>,
    ) -> CloudResult<String> {
        let config = PresigningConfig::expires_in(expires)
            .map_err(|error| CloudError::invalid(format!("presigning {key}: {error}")))?;
        let request = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key.as_str())
            .set_response_content_disposition(download_name.map(content_type::attachment))
            .presigned(config)
            .await
            .map_err(|error| failure::map(key.as_str(), error))?;
        Ok(request.uri().to_owned())
    }
}
