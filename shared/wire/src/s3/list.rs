//! Lists of objects, with the keys that share a prefix up to a delimiter rolled up into one.

use data_encoding::BASE64URL_NOPAD;
use fanfold_cloud::{LocalStore, ObjectMeta, ObjectStore};
use s3s::dto::*;
use s3s::{S3ErrorCode, S3Response, S3Result};

use super::buckets::{Buckets, owner};
use super::read::modified;
use super::write::etag;
use super::{Answer, failure};

/// The most keys of one answer.
const MAX_KEYS: usize = 1000;

/// Sorts behind every key that starts with what it is appended to, but for keys with this very
/// character there, which is not one.
const LAST: char = '\u{10FFFF}';

#[derive(Debug, Default)]
struct Listed {
    objects: Vec<ObjectMeta>,
    prefixes: Vec<String>,
    /// The last key or prefix of the answer, when there is more behind it.
    next: Option<String>,
}

/// Where a list starts.
enum After {
    /// Behind a key, or at the start.
    Key(Option<String>),
    /// Behind the last key or rolled-up prefix of an earlier answer.
    Answer(String),
}

async fn list(
    store: &LocalStore,
    prefix: &str,
    delimiter: &str,
    after: After,
    max: usize,
) -> S3Result<Listed> {
    let mut listed = Listed::default();
    let (mut last, mut after) = match after {
        After::Key(key) => (key.clone(), key),
        After::Answer(last) if !delimiter.is_empty() && last.ends_with(delimiter) => {
            (Some(last.clone()), Some(format!("{last}{LAST}")))
        }
        After::Answer(last) => (Some(last.clone()), Some(last)),
    };
    loop {
        let page = store
            .list(prefix, after.as_deref(), MAX_KEYS)
            .await
            .map_err(failure::of_cloud)?;
        for object in page.objects {
            let key = object.key.as_str();
            if listed
                .prefixes
                .last()
                .is_some_and(|common| key.starts_with(common.as_str()))
            {
                continue;
            }
            if listed.objects.len() + listed.prefixes.len() >= max {
                listed.next = last.filter(|_| max > 0);
                return Ok(listed);
            }
            let rest = &key[prefix.len()..];
            let cut = match delimiter {
                "" => None,
                delimiter => rest
                    .find(delimiter)
                    .map(|at| prefix.len() + at + delimiter.len()),
            };
            last = Some(key[..cut.unwrap_or(key.len())].to_owned());
            after.clone_from(&last);
            match (cut, &last) {
                (Some(_), Some(common)) => {
                    listed.prefixes.push(common.clone());
                    after = Some(format!("{common}{LAST}"));
                }
                _ => listed.objects.push(object),
            }
        }
        if !page.more {
            return Ok(listed);
        }
    }
}

fn limit(max: Option<i32>) -> S3Result<usize> {
    usize::try_from(max.unwrap_or(1000))
        .map(|max| max.min(MAX_KEYS))
        .map_err(|_| failure::error(S3ErrorCode::InvalidArgument, "max-keys is negative"))
}

fn contents(objects: Vec<ObjectMeta>) -> Vec<Object> {
    let object = |meta: ObjectMeta| Object {
        e_tag: etag(&meta.etag),
        last_modified: modified(&meta),
        size: i64::try_from(meta.size).ok(),
        storage_class: Some(ObjectStorageClass::from_static(
            ObjectStorageClass::STANDARD,
        )),
        key: Some(meta.key.into()),
        ..Object::default()
    };
    objects.into_iter().map(object).collect()
}

fn common(prefixes: Vec<String>) -> Option<Vec<CommonPrefix>> {
    let common = |prefix| CommonPrefix {
        prefix: Some(prefix),
    };
    (!prefixes.is_empty()).then(|| prefixes.into_iter().map(common).collect())
}

pub(super) async fn v2(
    buckets: &Buckets,
    input: ListObjectsV2Input,
) -> Answer<ListObjectsV2Output> {
    let store = buckets.store(&input.bucket)?;
    let max = limit(input.max_keys)?;
    let after = match &input.continuation_token {
        None => After::Key(input.start_after.clone().filter(|after| !after.is_empty())),
        Some(token) => After::Answer(
            BASE64URL_NOPAD
                .decode(token.as_bytes())
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .ok_or_else(|| {
                    let what = "the continuation token is not one of this server";
                    failure::error(S3ErrorCode::InvalidArgument, what)
                })?,
        ),
    };
    let prefix = input.prefix.clone().unwrap_or_default();
    let delimiter = input.delimiter.clone().unwrap_or_default();
    let listed = list(&store, &prefix, &delimiter, after, max).await?;
    let mut objects = contents(listed.objects);
    if input.fetch_owner == Some(true) {
        for object in &mut objects {
            object.owner = Some(owner());
        }
    }
    Ok(S3Response::new(ListObjectsV2Output {
        name: Some(input.bucket),
        prefix: Some(prefix),
        delimiter: input.delimiter,
        max_keys: i32::try_from(max).ok(),
        key_count: i32::try_from(objects.len() + listed.prefixes.len()).ok(),
        is_truncated: Some(listed.next.is_some()),
        next_continuation_token: listed
            .next
            .map(|next| BASE64URL_NOPAD.encode(next.as_bytes())),
        continuation_token: input.continuation_token,
        start_after: input.start_after,
        contents: (!objects.is_empty()).then_some(objects),
        common_prefixes: common(listed.prefixes),
        ..ListObjectsV2Output::default()
    }))
}

pub(super) async fn v1(buckets: &Buckets, input: ListObjectsInput) -> Answer<ListObjectsOutput> {
    let store = buckets.store(&input.bucket)?;
    let max = limit(input.max_keys)?;
    let prefix = input.prefix.clone().unwrap_or_default();
    let delimiter = input.delimiter.clone().unwrap_or_default();
    let after = match input.marker.clone().filter(|marker| !marker.is_empty()) {
        None => After::Key(None),
        Some(marker) => After::Answer(marker),
    };
    let listed = list(&store, &prefix, &delimiter, after, max).await?;
    let objects = contents(listed.objects);
    Ok(S3Response::new(ListObjectsOutput {
        name: Some(input.bucket),
        prefix: Some(prefix),
        marker: Some(input.marker.unwrap_or_default()),
        max_keys: i32::try_from(max).ok(),
        is_truncated: Some(listed.next.is_some()),
        // Without a delimiter the last key says it.
        next_marker: listed.next.filter(|_| input.delimiter.is_some()),
        delimiter: input.delimiter,
        contents: (!objects.is_empty()).then_some(objects),
        common_prefixes: common(listed.prefixes),
        ..ListObjectsOutput::default()
    }))
}
