//! Writing and deleting objects.

use fanfold_cloud::{CloudError, Condition};
use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request, S3Response, S3Result};

use super::buckets::Buckets;
use super::checksum::{Expected, receive, trailer};
use super::headers::Headers;
use super::{Answer, Service, failure};

/// The largest object that one request writes (S3: 5 GiB).
const MAX_BYTES: i64 = 5 << 30;

/// What must hold for a write to take place.
pub(super) fn condition(
    if_match: Option<IfMatch>,
    if_none_match: Option<IfNoneMatch>,
) -> S3Result<Condition> {
    let unknown = |what| Err(failure::error(S3ErrorCode::NotImplemented, what));
    match (if_match, if_none_match) {
        (None, None) => Ok(Condition::Always),
        (None, Some(ETagCondition::Any)) => Ok(Condition::Absent),
        (None, Some(ETagCondition::ETag(_))) => unknown("of If-None-Match a write takes * only"),
        (Some(ETagCondition::ETag(etag)), None) => Ok(Condition::Matches(etag.into_value())),
        (Some(ETagCondition::Any), None) => unknown("of If-Match a write takes an etag only"),
        (Some(_), Some(_)) => unknown("a write takes one condition"),
    }
}

pub(super) fn etag(text: &str) -> Option<ETag> {
    Some(ETag::Strong(text.to_owned()))
}

pub(super) async fn put(
    service: &Service,
    request: S3Request<PutObjectInput>,
) -> Answer<PutObjectOutput> {
    let trailer = trailer(&request.headers);
    let trailing = request.trailing_headers;
    let input = request.input;
    let store = service.buckets.store(&input.bucket)?;
    let key = failure::key(&input.key)?;
    if input
        .content_length
        .is_some_and(|length| length > MAX_BYTES)
    {
        let what = "a put takes at most 5 GiB; use a multipart upload";
        return Err(failure::error(S3ErrorCode::EntityTooLarge, what));
    }
    let when = condition(input.if_match, input.if_none_match)?;
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
    let mut writer = store.writer().await.map_err(failure::of_cloud)?;
    let sums = receive(&mut writer, input.body, &expected).await?;
    let kept = headers.to_bytes(&key);
    let meta = writer
        .publish(&key, when, kept)
        .await
        .map_err(failure::of_cloud)?;
    service.created(&input.bucket, &meta).await?;
    Ok(S3Response::new(PutObjectOutput {
        e_tag: etag(&meta.etag),
        checksum_crc32: sums.checksum_crc32,
        checksum_crc32c: sums.checksum_crc32c,
        checksum_crc64nvme: sums.checksum_crc64nvme,
        checksum_sha1: sums.checksum_sha1,
        checksum_sha256: sums.checksum_sha256,
        ..PutObjectOutput::default()
    }))
}

/// A content encoding without `aws-chunked`, which is how the request came and not what the object is.
pub(super) fn plain_encoding(encoding: Option<&str>) -> Option<String> {
    let names: Vec<&str> = encoding?
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty() && *name != "aws-chunked")
        .collect();
    (!names.is_empty()).then(|| names.join(","))
}

pub(super) async fn delete(
    buckets: &Buckets,
    input: DeleteObjectInput,
) -> Answer<DeleteObjectOutput> {
    let store = buckets.store(&input.bucket)?;
    let when = condition(input.if_match, None)?;
    // What cannot be a key is not there.
    if let Ok(key) = failure::known_key(&input.key) {
        store.remove(&key, when).await.map_err(failure::of_cloud)?;
    }
    Ok(S3Response::new(DeleteObjectOutput::default()))
}

pub(super) async fn delete_all(
    buckets: &Buckets,
    input: DeleteObjectsInput,
) -> Answer<DeleteObjectsOutput> {
    let store = buckets.store(&input.bucket)?;
    if input.delete.objects.len() > 1000 {
        return Err(failure::error(
            S3ErrorCode::MalformedXML,
            "at most 1000 keys at once",
        ));
    }
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for object in input.delete.objects {
        let removed = match failure::known_key(&object.key) {
            Err(_) => Ok(()),
            Ok(key) => {
                let when = match object.e_tag {
                    None => Condition::Always,
                    Some(etag) => Condition::Matches(etag.into_value()),
                };
                store.remove(&key, when).await
            }
        };
        match removed {
            Ok(()) => deleted.push(DeletedObject {
                key: Some(object.key),
                ..DeletedObject::default()
            }),
            Err(error) => errors.push(failed(object.key, error)),
        }
    }
    let quiet = input.delete.quiet.unwrap_or(false);
    Ok(S3Response::new(DeleteObjectsOutput {
        deleted: (!quiet).then_some(deleted),
        errors: (!errors.is_empty()).then_some(errors),
        ..DeleteObjectsOutput::default()
    }))
}

fn failed(key: String, error: CloudError) -> Error {
    let error = failure::of_cloud(error);
    Error {
        key: Some(key),
        code: Some(error.code().as_str().to_owned()),
        message: error.message().map(str::to_owned),
        ..Error::default()
    }
}
