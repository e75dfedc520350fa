//! Copies of objects, and of ranges of them as parts of an upload.

use fanfold_cloud::Condition;
use s3s::dto::*;
use s3s::{S3ErrorCode, S3Response, S3Result};

use super::headers::Headers;
use super::read::{Conditions, modified, open};
use super::write::{etag, plain_encoding};
use super::{Answer, Service, failure, multipart};

/// The bucket and key of a copy's source.
fn source(copy: &CopySource) -> S3Result<(&str, &str)> {
    match copy {
        CopySource::Bucket { bucket, key, .. } => Ok((bucket, key)),
        _ => Err(failure::error(
            S3ErrorCode::NotImplemented,
            "a copy's source is a bucket and a key",
        )),
    }
}

pub(super) async fn object(service: &Service, input: CopyObjectInput) -> Answer<CopyObjectOutput> {
    let (bucket, from) = source(&input.copy_source)?;
    let (object, kept) = open(&service.buckets, bucket, from).await?;
    let conditions = Conditions {
        matches: input.copy_source_if_match,
        none_match: input.copy_source_if_none_match,
        modified_since: input.copy_source_if_modified_since,
        unmodified_since: input.copy_source_if_unmodified_since,
    };
    refused(conditions.check(&object.meta))?;
    let replaces = |directive: Option<&str>| directive == Some("REPLACE");
    let replaced = replaces(
        input
            .metadata_directive
            .as_ref()
            .map(MetadataDirective::as_str),
    );
    if bucket == input.bucket && from == input.key && !replaced {
        let what = "a copy onto itself replaces its metadata, or is none";
        return Err(failure::error(S3ErrorCode::InvalidRequest, what));
    }
    let mut headers = kept;
    if replaced {
        let tags = std::mem::take(&mut headers.tags);
        headers = Headers {
            content_type: input.content_type,
            cache_control: input.cache_control,
            content_disposition: input.content_disposition,
            content_encoding: plain_encoding(input.content_encoding.as_deref()),
            content_language: input.content_language,
            tags,
            ..Headers::default()
        };
        headers.set_metadata(input.metadata)?;
    }
    if replaces(
        input
            .tagging_directive
            .as_ref()
            .map(TaggingDirective::as_str),
    ) {
        headers.set_tagging(input.tagging.as_deref())?;
    }
    let key = failure::key(&input.key)?;
    let store = service.buckets.store(&input.bucket)?;
    let mut writer = store.writer().await.map_err(failure::of_cloud)?;
    let whole = 0..object.meta.size;
    writer
        .append_range(object.file, whole)
        .await
        .map_err(failure::of_cloud)?;
    let kept = headers.to_bytes(&key);
    let meta = writer
        .publish(&key, Condition::Always, kept)
        .await
        .map_err(failure::of_cloud)?;
    service.created(&input.bucket, &meta).await?;
    Ok(S3Response::new(CopyObjectOutput {
        copy_object_result: Some(CopyObjectResult {
            e_tag: etag(&meta.etag),
            last_modified: modified(&meta),
            ..CopyObjectResult::default()
        }),
        ..CopyObjectOutput::default()
    }))
}

pub(super) async fn part(
    service: &Service,
    input: UploadPartCopyInput,
) -> Answer<UploadPartCopyOutput> {
    let (upload, store) = multipart::target(
        service,
        &input.bucket,
        &input.key,
        &input.upload_id,
        input.part_number,
    )?;
    let (bucket, from) = source(&input.copy_source)?;
    let (object, _) = open(&service.buckets, bucket, from).await?;
    let conditions = Conditions {
        matches: input.copy_source_if_match,
        none_match: input.copy_source_if_none_match,
        modified_since: input.copy_source_if_modified_since,
        unmodified_since: input.copy_source_if_unmodified_since,
    };
    refused(conditions.check(&object.meta))?;
    let range = match input.copy_source_range.as_deref() {
        None => 0..object.meta.size,
        Some(text) => Range::parse(text)
            .ok()
            .and_then(|range| range.check(object.meta.size).ok())
            .ok_or_else(|| {
                failure::error(S3ErrorCode::InvalidRange, "the source has no such range")
            })?,
    };
    let mut content = store.writer().await.map_err(failure::of_cloud)?;
    content
        .append_range(object.file, range)
        .await
        .map_err(failure::of_cloud)?;
    Ok(S3Response::new(UploadPartCopyOutput {
        copy_part_result: Some(CopyPartResult {
            e_tag: etag(&upload.add(input.part_number, content)?),
            last_modified: Some(std::time::SystemTime::now().into()),
            ..CopyPartResult::default()
        }),
        ..UploadPartCopyOutput::default()
    }))
}

/// To a copy an unchanged source is a condition that does not hold.
fn refused(checked: S3Result<()>) -> S3Result<()> {
    checked.map_err(|error| {
        let message = error.message().unwrap_or_default().to_owned();
        failure::error(S3ErrorCode::PreconditionFailed, message)
    })
}
