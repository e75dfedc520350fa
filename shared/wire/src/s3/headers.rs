//! What an object was written with beside its content, kept as JSON next to it.

use std::collections::BTreeMap;

use fanfold_cloud::{Key, content_type};
use s3s::dto::{Metadata, Tag};
use s3s::{S3ErrorCode, S3Result};
use serde::{Deserialize, Serialize};

use super::failure;

/// The most that S3 takes of user metadata, names and values together, in bytes.
const MAX_METADATA_BYTES: usize = 2 * 1024;

/// The most tags that S3 takes for an object.
const MAX_TAGS: usize = 10;

/// An object's headers. Those that follow from its key are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Headers {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cache_control: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_disposition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_encoding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_language: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) metadata: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) tags: BTreeMap<String, String>,
}

impl Headers {
    /// The headers as they are kept: nothing when all follow from the key.
    pub(super) fn to_bytes(&self, key: &Key) -> Vec<u8> {
        let mut kept = self.clone();
        if kept.content_type.as_deref() == Some(content_type::by_extension(key.file_name())) {
            kept.content_type = None;
        }
        match kept == Self::default() {
            true => Vec::new(),
            // Strings and maps of strings are always JSON.
            false => serde_json::to_vec(&kept).unwrap_or_default(),
        }
    }

    /// The headers of an object from what is kept.
    pub(super) fn of(key: &Key, kept: &[u8]) -> Self {
        let mut headers: Self = serde_json::from_slice(kept).unwrap_or_default();
        if headers.content_type.is_none() {
            headers.content_type = Some(content_type::by_extension(key.file_name()).to_owned());
        }
        headers
    }

    pub(super) fn set_metadata(&mut self, metadata: Option<Metadata>) -> S3Result<()> {
        self.metadata = metadata.unwrap_or_default().into_iter().collect();
        let bytes: usize = self
            .metadata
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        if bytes > MAX_METADATA_BYTES {
            return Err(failure::error(
                S3ErrorCode::MetadataTooLarge,
                format!("metadata has {bytes} bytes; {MAX_METADATA_BYTES} are allowed"),
            ));
        }
        Ok(())
    }

    /// Reads the `x-amz-tagging` header: a query string.
    pub(super) fn set_tagging(&mut self, tagging: Option<&str>) -> S3Result<()> {
        let wrong = |what: &str| Err(failure::error(S3ErrorCode::InvalidTag, what));
        self.tags.clear();
        for pair in tagging
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty())
        {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (crate::percent_decoded(name), crate::percent_decoded(value));
            if name.is_empty() || name.chars().count() > 128 || value.chars().count() > 256 {
                return wrong("a tag has a name of 1 to 128 characters and a value of at most 256");
            }
            if self.tags.insert(name, value).is_some() {
                return wrong("a tag is named twice");
            }
        }
        match self.tags.len() > MAX_TAGS {
            true => wrong("an object has at most 10 tags"),
            false => Ok(()),
        }
    }

    pub(super) fn metadata(&self) -> Option<Metadata> {
        (!self.metadata.is_empty()).then(|| self.metadata.clone().into_iter().collect())
    }

    pub(super) fn tag_set(&self) -> Vec<Tag> {
        let tag = |(name, value): (&String, &String)| Tag {
            key: Some(name.clone()),
            value: Some(value.clone()),
        };
        self.tags.iter().map(tag).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_from_the_key_is_not_kept() {
        let key = Key::new("a/b.pdf").unwrap();
        let mut headers = Headers {
            content_type: Some("application/pdf".into()),
            ..Headers::default()
        };
        assert!(headers.to_bytes(&key).is_empty());
        assert_eq!(Headers::of(&key, &[]), headers);
        headers
            .set_tagging(Some("fanfold-retention-days=3&a%20b=c+d"))
            .unwrap();
        let kept = Headers::of(&key, &headers.to_bytes(&key));
        assert_eq!(kept, headers);
        assert_eq!(
            (
                kept.tags["fanfold-retention-days"].as_str(),
                kept.tags["a b"].as_str()
            ),
            ("3", "c d")
        );
        assert!(headers.set_tagging(Some("a=1&a=2")).is_err());
    }
}
