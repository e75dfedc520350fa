//! Multipart uploads. Their parts are files of the store that nobody sees; they do not outlive the
//! process, after which an upload is answered with `NoSuchUpload` and begun anew.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use fanfold_cloud::{Key, LocalStore, LocalWriter};
use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request, S3Response, S3Result};

use super::buckets::owner;
use super::checksum::{Expected, receive, trailer};
use super::headers::Headers;
use super::write::{condition, etag, plain_encoding};
use super::{Answer, Service, failure};

/// The least size of a part that is not the last (S3: 5 MiB).
const MIN_PART_BYTES: u64 = 5 << 20;

/// The most parts of an upload.
const MAX_PARTS: i32 = 10_000;

/// How many uploads that are done are remembered, for those who ask again because the answer was lost.
const REMEMBERED: usize = 1024;

/// Uploads under way.
#[derive(Debug, Default)]
pub(super) struct Uploads {
    under_way: Mutex<BTreeMap<String, Arc<Upload>>>,
    done: Mutex<VecDeque<(String, String)>>,
}

#[derive(Debug)]
pub(super) struct Upload {
    bucket: String,
    key: Key,
    headers: Headers,
    started: SystemTime,
    parts: Mutex<BTreeMap<i32, Arc<Part>>>,
}

#[derive(Debug)]
struct Part {
    etag: String,
    written: SystemTime,
    content: LocalWriter,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Uploads {
    /// The upload of that id, which must be of that bucket and key.
    fn find(&self, id: &str, bucket: &str, key: &str) -> S3Result<Arc<Upload>> {
        let found = locked(&self.under_way).get(id).cloned();
        found
            .filter(|upload| upload.bucket == bucket && upload.key.as_str() == key)
            .ok_or_else(|| {
                let what =
                    "there is no such upload; it may be complete, aborted or of an earlier run";
                failure::error(S3ErrorCode::NoSuchUpload, what)
            })
    }

    fn remember(&self, id: String, etag: String) {
        let mut done = locked(&self.done);
        done.push_back((id, etag));
        if done.len() > REMEMBERED {
            done.pop_front();
        }
    }

    /// The etag of what an upload has become.
    fn became(&self, id: &str) -> Option<String> {
        let done = locked(&self.done);
        done.iter()
            .find(|(done, _)| done == id)
            .map(|(_, etag)| etag.clone())
    }
}

/// A name that nothing has had.
fn fresh() -> S3Result<String> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits)
        .map_err(|error| failure::error(S3ErrorCode::InternalError, error.to_string()))?;
    Ok(data_encoding::HEXLOWER.encode(&bits))
}

pub(super) fn create(
    service: &Service,
    input: CreateMultipartUploadInput,
) -> Answer<CreateMultipartUploadOutput> {
    service.buckets.store(&input.bucket)?;
    let key = failure::key(&input.key)?;
    let mut headers = Headers {
        content_type: input.content_type,
        cache_control: input.cache_control,
        content_disposition: input.content_disposition,
        content_encoding: plain_encoding(input.content_encoding.as_deref()),
        content_language: input.content_language,
        ..Headers::default()
    };
    headers.set_metadata(input.metadata)?;
    headers.set_tagging(input.tagging.as_deref())?;
    let id = fresh()?;
    let upload = Upload {
        bucket: input.bucket.clone(),
        key,
        headers,
        started: SystemTime::now(),
        parts: Mutex::default(),
    };
    locked(&service.uploads.under_way).insert(id.clone(), Arc::new(upload));
    Ok(S3Response::new(CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(id),
        checksum_algorithm: input.checksum_algorithm,
        checksum_type: input.checksum_type,
        ..CreateMultipartUploadOutput::default()
    }))
}

/// An upload and the store it goes to, for another part.
pub(super) fn target(
    service: &Service,
    bucket: &str,
    key: &str,
    id: &str,
    number: i32,
) -> S3Result<(Arc<Upload>, LocalStore)> {
    let upload = service.uploads.find(id, bucket, key)?;
    if !(1..=MAX_PARTS).contains(&number) {
        let what = format!("a part's number is 1 to {MAX_PARTS}");
        return Err(failure::error(S3ErrorCode::InvalidArgument, what));
    }
    Ok((upload, service.buckets.store(bucket)?))
}

impl Upload {
    /// Adds a part, in place of an earlier one of its number; gives its etag.
    pub(super) fn add(&self, number: i32, mut content: LocalWriter) -> S3Result<String> {
        // An upload may have more parts than a process may have open files.
        content.close();
        let etag = format!("{}-{number}", fresh()?);
        let part = Part {
            etag: etag.clone(),
            written: SystemTime::now(),
            content,
        };
        locked(&self.parts).insert(number, Arc::new(part));
        Ok(etag)
    }

    /// The parts that a completion names, in its order.
    fn chosen(&self, named: &[CompletedPart]) -> S3Result<Vec<Arc<Part>>> {
        if named.is_empty() {
            let what = "an upload is completed with at least one part";
            return Err(failure::error(S3ErrorCode::MalformedXML, what));
        }
        let parts = locked(&self.parts);
        let mut chosen: Vec<Arc<Part>> = Vec::with_capacity(named.len());
        let mut before = 0;
        for part in named {
            let number = part.part_number.unwrap_or(0);
            if number <= before {
                let what = "the parts are not in ascending order";
                return Err(failure::error(S3ErrorCode::InvalidPartOrder, what));
            }
            before = number;
            let found = parts.get(&number).filter(|found| {
                part.e_tag
                    .as_ref()
                    .is_some_and(|etag| etag.value() == found.etag)
            });
            let Some(found) = found else {
                let what = format!("part {number} was not uploaded with this etag");
                return Err(failure::error(S3ErrorCode::InvalidPart, what));
            };
            chosen.push(found.clone());
        }
        let (_, but_last) = chosen.split_last().unwrap_or((&chosen[0], &[]));
        if but_last
            .iter()
            .any(|part| part.content.bytes() < MIN_PART_BYTES)
        {
            let what = "every part but the last has at least 5 MiB";
            return Err(failure::error(S3ErrorCode::EntityTooSmall, what));
        }
        Ok(chosen)
    }
}

pub(super) async fn part(
    service: &Service,
    request: S3Request<UploadPartInput>,
) -> Answer<UploadPartOutput> {
    let trailer = trailer(&request.headers);
    let trailing = request.trailing_headers;
    let input = request.input;
    let (upload, store) = target(
        service,
        &input.bucket,
        &input.key,
        &input.upload_id,
        input.part_number,
    )?;
    let expected = Expected {
        md5: input.content_md5,
        length: input.content_length,
        sums: Checksum {
            checksum_crc32: input.checksum_crc32,
            checksum_crc32c: input.checksum_crc32c,
            checksum_crc64nvme: input.checksum_crc64nvme,
            checksum_sha1: input.checksum_sha1,
            checksum_sha256: input.checksum_sha256,
            ..Checksum::default()
        },
        trailer,
        trailing,
    };
    let mut content = store.writer().await.map_err(failure::of_cloud)?;
    let sums = receive(&mut content, input.body, &expected).await?;
    Ok(S3Response::new(UploadPartOutput {
        e_tag: etag(&upload.add(input.part_number, content)?),
        checksum_crc32: sums.checksum_crc32,
        checksum_crc32c: sums.checksum_crc32c,
        checksum_crc64nvme: sums.checksum_crc64nvme,
        checksum_sha1: sums.checksum_sha1,
        checksum_sha256: sums.checksum_sha256,
        ..UploadPartOutput::default()
    }))
}

pub(super) async fn complete(
    service: &Service,
    input: CompleteMultipartUploadInput,
) -> Answer<CompleteMultipartUploadOutput> {
    let answer = |etag_text: &str| {
        S3Response::new(CompleteMultipartUploadOutput {
            location: Some(format!("/{}/{}", input.bucket, input.key)),
            bucket: Some(input.bucket.clone()),
            key: Some(input.key.clone()),
            e_tag: etag(etag_text),
            ..CompleteMultipartUploadOutput::default()
        })
    };
    // Asked again after its answer was lost, S3 gives the same one.
    if let Some(etag) = service.uploads.became(&input.upload_id) {
        return Ok(answer(&etag));
    }
    let upload = service
        .uploads
        .find(&input.upload_id, &input.bucket, &input.key)?;
    let store = service.buckets.store(&input.bucket)?;
    let named = input
        .multipart_upload
        .as_ref()
        .and_then(|named| named.parts.as_deref());
    let parts = upload.chosen(named.unwrap_or_default())?;
    let when = condition(input.if_match.clone(), input.if_none_match.clone())?;
    let mut whole = store.writer().await.map_err(failure::of_cloud)?;
    let contents: Vec<&LocalWriter> = parts.iter().map(|part| &part.content).collect();
    whole.append(&contents).await.map_err(failure::of_cloud)?;
    if let Some(size) = input.mpu_object_size
        && u64::try_from(size).ok() != Some(whole.bytes())
    {
        let what = format!(
            "the parts have {} bytes together, not {size}",
            whole.bytes()
        );
        return Err(failure::error(S3ErrorCode::InvalidRequest, what));
    }
    let kept = upload.headers.to_bytes(&upload.key);
    let meta = whole
        .publish(&upload.key, when, kept)
        .await
        .map_err(failure::of_cloud)?;
    // Announced first: asked again after a failure, the upload is still there and is announced then.
    service.created(&input.bucket, &meta).await?;
    locked(&service.uploads.under_way).remove(&input.upload_id);
    service
        .uploads
        .remember(input.upload_id.clone(), meta.etag.clone());
    Ok(answer(&meta.etag))
}

pub(super) fn abort(
    service: &Service,
    input: &AbortMultipartUploadInput,
) -> Answer<AbortMultipartUploadOutput> {
    service
        .uploads
        .find(&input.upload_id, &input.bucket, &input.key)?;
    locked(&service.uploads.under_way).remove(&input.upload_id);
    Ok(S3Response::new(AbortMultipartUploadOutput::default()))
}

pub(super) fn list_parts(service: &Service, input: ListPartsInput) -> Answer<ListPartsOutput> {
    let upload = service
        .uploads
        .find(&input.upload_id, &input.bucket, &input.key)?;
    let after = input.part_number_marker.unwrap_or(0);
    let max = usize::try_from(input.max_parts.unwrap_or(1000))
        .unwrap_or(0)
        .min(1000);
    let parts = locked(&upload.parts);
    let mut listed: Vec<s3s::dto::Part> = parts
        .range(after.saturating_add(1)..)
        .take(max + 1)
        .map(|(&number, part)| s3s::dto::Part {
            part_number: Some(number),
            e_tag: etag(&part.etag),
            last_modified: Some(part.written.into()),
            size: i64::try_from(part.content.bytes()).ok(),
            ..s3s::dto::Part::default()
        })
        .collect();
    let truncated = listed.len() > max;
    listed.truncate(max);
    Ok(S3Response::new(ListPartsOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        is_truncated: Some(truncated),
        max_parts: i32::try_from(max).ok(),
        part_number_marker: Some(after),
        next_part_number_marker: listed.last().and_then(|part| part.part_number),
        parts: Some(listed),
        owner: Some(owner()),
        ..ListPartsOutput::default()
    }))
}

pub(super) fn list_uploads(
    service: &Service,
    input: ListMultipartUploadsInput,
) -> Answer<ListMultipartUploadsOutput> {
    service.buckets.store(&input.bucket)?;
    let prefix = input.prefix.clone().unwrap_or_default();
    let mut uploads: Vec<MultipartUpload> = locked(&service.uploads.under_way)
        .iter()
        .filter(|(_, upload)| {
            upload.bucket == input.bucket && upload.key.as_str().starts_with(&prefix)
        })
        .map(|(id, upload)| MultipartUpload {
            upload_id: Some(id.clone()),
            key: Some(upload.key.as_str().to_owned()),
            initiated: Some(upload.started.into()),
            owner: Some(owner()),
            ..MultipartUpload::default()
        })
        .collect();
    uploads.sort_by(|a, b| (&a.key, &a.upload_id).cmp(&(&b.key, &b.upload_id)));
    Ok(S3Response::new(ListMultipartUploadsOutput {
        bucket: Some(input.bucket),
        prefix: input.prefix,
        is_truncated: Some(false),
        uploads: Some(uploads),
        ..ListMultipartUploadsOutput::default()
    }))
}
