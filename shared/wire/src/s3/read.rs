//! Reading objects: whole, by range, under conditions.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range as Bounds;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use fanfold_cloud::{ObjectMeta, OpenObject};
use futures_util::stream;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{self, Checksum as _};
use s3s::dto::*;
use s3s::{Body, S3ErrorCode, S3Response, S3Result};

use super::buckets::Buckets;
use super::headers::Headers;
use super::write::etag;
use super::{Answer, failure};

/// Bytes read at once; what has no more is answered without a stream.
const PIECE_BYTES: u64 = 512 * 1024;

/// Objects up to this size are given with a checksum, which takes reading them once more. They are kept
/// without the one they came with, so it tells what happens to them on their way, not on the disk.
const SUMMED_BYTES: u64 = 64 << 20;

/// The conditions of a read (RFC 9110 §13.2.2).
#[derive(Debug, Default)]
pub(super) struct Conditions {
    pub(super) matches: Option<ETagCondition>,
    pub(super) none_match: Option<ETagCondition>,
    pub(super) modified_since: Option<Timestamp>,
    pub(super) unmodified_since: Option<Timestamp>,
}

impl Conditions {
    pub(super) fn check(&self, meta: &ObjectMeta) -> S3Result<()> {
        let is = |condition: &ETagCondition| {
            condition
                .as_etag()
                .is_none_or(|etag| etag.value() == meta.etag)
        };
        // Dates in headers have whole seconds.
        let modified: Timestamp =
            (UNIX_EPOCH + Duration::from_secs(meta.modified_ms / 1000)).into();
        let fails = match (&self.matches, &self.unmodified_since) {
            (Some(condition), _) => !is(condition),
            (None, Some(since)) => modified > *since,
            (None, None) => false,
        };
        if fails {
            return Err(failure::error(
                S3ErrorCode::PreconditionFailed,
                "a condition of the request does not hold",
            ));
        }
        let unchanged = match (&self.none_match, &self.modified_since) {
            (Some(condition), _) => is(condition),
            (None, Some(since)) => modified <= *since,
            (None, None) => false,
        };
        match unchanged {
            true => Err(failure::error(
                S3ErrorCode::NotModified,
                "it has not changed",
            )),
            false => Ok(()),
        }
    }
}

pub(super) async fn open(
    buckets: &Buckets,
    bucket: &str,
    key: &str,
) -> S3Result<(OpenObject, Headers)> {
    let store = buckets.store(bucket)?;
    let key = failure::known_key(key)?;
    let object = store.open_object(&key).await.map_err(failure::of_cloud)?;
    let headers = Headers::of(&key, &object.headers);
    Ok((object, headers))
}

pub(super) fn modified(meta: &ObjectMeta) -> Option<Timestamp> {
    Some((UNIX_EPOCH + Duration::from_millis(meta.modified_ms)).into())
}

/// The bytes that a request asks for, and the header that says so.
fn bounds(range: Option<&Range>, size: u64) -> S3Result<(Bounds<u64>, Option<String>)> {
    let Some(range) = range else {
        return Ok((0..size, None));
    };
    let bounds = range.check(size).map_err(|_| {
        failure::error(
            S3ErrorCode::InvalidRange,
            format!("the range is not within the object's {size} bytes"),
        )
    })?;
    let last = bounds.end.saturating_sub(1);
    let header = format!("bytes {}-{last}/{size}", bounds.start);
    Ok((bounds, Some(header)))
}

fn length(bytes: u64) -> Option<i64> {
    i64::try_from(bytes).ok()
}

pub(super) async fn get(buckets: &Buckets, input: GetObjectInput) -> Answer<GetObjectOutput> {
    refuse_version(input.version_id.as_deref())?;
    let (object, headers) = open(buckets, &input.bucket, &input.key).await?;
    let conditions = Conditions {
        matches: input.if_match,
        none_match: input.if_none_match,
        modified_since: input.if_modified_since,
        unmodified_since: input.if_unmodified_since,
    };
    conditions.check(&object.meta)?;
    let (range, content_range) = bounds(input.range.as_ref(), object.meta.size)?;
    let asked =
        input.checksum_mode.as_ref().map(ChecksumMode::as_str) == Some(ChecksumMode::ENABLED);
    let (file, sums) = match asked && input.range.is_none() && object.meta.size <= SUMMED_BYTES {
        true => summed(object.file).await?,
        false => (object.file, Checksum::default()),
    };
    Ok(S3Response::new(GetObjectOutput {
        checksum_type: sums
            .checksum_crc32
            .is_some()
            .then(|| ChecksumType::from_static(ChecksumType::FULL_OBJECT)),
        checksum_crc32: sums.checksum_crc32,
        accept_ranges: Some("bytes".into()),
        content_length: length(range.end - range.start),
        content_range,
        e_tag: etag(&object.meta.etag),
        last_modified: modified(&object.meta),
        metadata: headers.metadata(),
        tag_count: tag_count(&headers),
        content_type: headers.content_type,
        cache_control: headers.cache_control,
        content_disposition: headers.content_disposition,
        content_encoding: headers.content_encoding,
        content_language: headers.content_language,
        body: Some(content(file, range).await?),
        ..GetObjectOutput::default()
    }))
}

fn tag_count(headers: &Headers) -> Option<i32> {
    i32::try_from(headers.tags.len())
        .ok()
        .filter(|&count| count > 0)
}

pub(super) async fn head(buckets: &Buckets, input: HeadObjectInput) -> Answer<HeadObjectOutput> {
    refuse_version(input.version_id.as_deref())?;
    let (object, headers) = open(buckets, &input.bucket, &input.key).await?;
    let conditions = Conditions {
        matches: input.if_match,
        none_match: input.if_none_match,
        modified_since: input.if_modified_since,
        unmodified_since: input.if_unmodified_since,
    };
    conditions.check(&object.meta)?;
    let (range, content_range) = bounds(input.range.as_ref(), object.meta.size)?;
    Ok(S3Response::new(HeadObjectOutput {
        accept_ranges: Some("bytes".into()),
        content_length: length(range.end - range.start),
        content_range,
        e_tag: etag(&object.meta.etag),
        last_modified: modified(&object.meta),
        metadata: headers.metadata(),
        content_type: headers.content_type,
        cache_control: headers.cache_control,
        content_disposition: headers.content_disposition,
        content_encoding: headers.content_encoding,
        content_language: headers.content_language,
        ..HeadObjectOutput::default()
    }))
}

pub(super) async fn tagging(
    buckets: &Buckets,
    input: GetObjectTaggingInput,
) -> Answer<GetObjectTaggingOutput> {
    let (_, headers) = open(buckets, &input.bucket, &input.key).await?;
    Ok(S3Response::new(GetObjectTaggingOutput {
        tag_set: headers.tag_set(),
        ..GetObjectTaggingOutput::default()
    }))
}

pub(super) async fn attributes(
    buckets: &Buckets,
    input: GetObjectAttributesInput,
) -> Answer<GetObjectAttributesOutput> {
    let (object, _) = open(buckets, &input.bucket, &input.key).await?;
    Ok(S3Response::new(GetObjectAttributesOutput {
        e_tag: etag(&object.meta.etag),
        last_modified: modified(&object.meta),
        object_size: length(object.meta.size),
        ..GetObjectAttributesOutput::default()
    }))
}

fn refuse_version(version: Option<&str>) -> S3Result<()> {
    match version {
        None | Some("" | "null") => Ok(()),
        Some(_) => Err(failure::error(
            S3ErrorCode::NoSuchVersion,
            "objects have no versions here",
        )),
    }
}

/// The checksum of a whole file, and the file.
async fn summed(file: File) -> S3Result<(File, Checksum)> {
    let read = tokio::task::spawn_blocking(move || {
        let mut hasher = ChecksumHasher {
            crc32: Some(crypto::Crc32::new()),
            ..ChecksumHasher::default()
        };
        let mut rest = &file;
        let mut bytes = vec![0; 64 << 10];
        loop {
            match rest.read(&mut bytes)? {
                0 => break,
                read => hasher.update(&bytes[..read]),
            }
        }
        Ok::<_, std::io::Error>((file, hasher.finalize()))
    });
    read.await
        .map_err(std::io::Error::other)
        .flatten()
        .map_err(|error| failure::error(S3ErrorCode::InternalError, error.to_string()))
}

/// The bytes of a file, in one piece or as they are read.
async fn content(file: File, range: Bounds<u64>) -> S3Result<StreamingBlob> {
    let broken =
        |error: std::io::Error| failure::error(S3ErrorCode::InternalError, error.to_string());
    let started = tokio::task::spawn_blocking(move || {
        let mut file = file;
        file.seek(SeekFrom::Start(range.start))?;
        let mut rest = file.take(range.end - range.start);
        let first = piece(&mut rest)?;
        Ok::<_, std::io::Error>((first, rest))
    });
    let (first, rest) = started
        .await
        .map_err(std::io::Error::other)
        .flatten()
        .map_err(broken)?;
    if rest.limit() == 0 {
        return Ok(Body::from(first).into());
    }
    let pieces = stream::try_unfold((Some(first), rest), |(first, mut rest)| async move {
        if let Some(first) = first {
            return Ok(Some((first, (None, rest))));
        }
        let read = tokio::task::spawn_blocking(move || {
            let piece = piece(&mut rest)?;
            Ok::<_, std::io::Error>((piece, rest))
        });
        let (piece, rest) = read.await.map_err(std::io::Error::other)??;
        Ok::<_, std::io::Error>((!piece.is_empty()).then_some((piece, (None, rest))))
    });
    Ok(StreamingBlob::wrap(pieces))
}

fn piece(rest: &mut std::io::Take<File>) -> std::io::Result<Bytes> {
    let mut bytes = Vec::with_capacity(usize::try_from(rest.limit().min(PIECE_BYTES)).unwrap_or(0));
    rest.by_ref().take(PIECE_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes.into())
}
