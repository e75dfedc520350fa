//! Identifiers: of a batch, of the tenant it belongs to, of a document in it.

use std::fmt;

use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {rule}")]
pub struct IdError {
    what: &'static str,
    rule: &'static str,
}

/// 128 bits, written as 26 lower-case base32 characters.
///
/// Its leading characters are evenly spread, so batches spread over the store's key partitions;
/// an id that began with the time would put all of them on one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BatchId(String);

impl BatchId {
    /// The id of the batch that `tenant` names with an idempotency key: the same key, the same batch.
    pub fn from_idempotency_key(tenant: &TenantId, key: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(tenant.as_str().as_bytes());
        hash.update([0]);
        hash.update(key.as_bytes());
        let digest = hash.finalize();
        let mut bits = [0; 16];
        bits.copy_from_slice(&digest[..16]);
        Self::from_bits(bits)
    }

    /// The id for 128 random bits, which the caller draws.
    pub fn from_bits(bits: [u8; 16]) -> Self {
        Self(BASE32_NOPAD.encode(&bits).to_ascii_lowercase())
    }

    /// Reads an id as it stands in a key or a URL.
    ///
    /// # Errors
    /// When the text is not 26 characters of lower-case base32.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let base32 = text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'));
        if text.len() == 26 && base32 {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError {
                what: "a batch id",
                rule: "is 26 characters of a-z and 2-7",
            })
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Who a batch belongs to: 1 to 64 characters of `a-z`, `A-Z`, `0-9`, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TenantId(String);

impl TenantId {
    /// Reads a tenant's name.
    ///
    /// # Errors
    /// When it has another length or other characters than the type allows.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let plain = text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if plain && (1..=64).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError {
                what: "a tenant",
                rule: "is 1 to 64 characters of letters, digits, - and _",
            })
        }
    }

    /// The tenant as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for TenantId {
    /// The tenant of callers that name none: `default`.
    fn default() -> Self {
        Self("default".to_owned())
    }
}

/// What a manifest calls a document: 1 to 200 bytes, one line, no `/` or `\`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DocumentId(String);

impl DocumentId {
    /// Reads a document's id.
    ///
    /// # Errors
    /// When it is empty, longer than 200 bytes, or holds a slash, a backslash or a control character.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let rule = if text.trim().is_empty() {
            "is empty"
        } else if text.len() > 200 {
            "is longer than 200 bytes"
        } else if text
            .chars()
            .any(|c| c.is_control() || c == '/' || c == '\\')
        {
            "holds a slash, a backslash or a control character"
        } else {
            return Ok(Self(text.to_owned()));
        };
        Err(IdError {
            what: "the document id",
            rule,
        })
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! text_type {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::parse(&text)
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )*};
}
text_type!(BatchId, TenantId, DocumentId);

/// What tells two manifests apart: the SHA-256 of the parts, each with its length, in hexadecimal.
pub fn fingerprint(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    data_encoding::HEXLOWER.encode(&hash.finalize())
}

/// SHA-256 of some bytes, in hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}

/// Sixteen bytes of SHA-256: small enough to keep one for each of two million names, wide enough
/// that two of them never meet.
pub(crate) fn short_hash(text: &str) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&Sha256::digest(text.as_bytes())[..16]);
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_one_batch_per_tenant() {
        let (a, b) = (TenantId::parse("a").unwrap(), TenantId::parse("b").unwrap());
        let id = BatchId::from_idempotency_key(&a, "k");
        assert_eq!(id, BatchId::from_idempotency_key(&a, "k"));
        assert_ne!(id, BatchId::from_idempotency_key(&b, "k"));
        assert_eq!(BatchId::parse(id.as_str()), Ok(id));
    }

    #[test]
    fn ids_refuse_what_could_leave_a_key() {
        for bad in [
            "",
            "..",
            "a/b",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            "aaaaaaaaaaaaaaaaaaaaaaaaa",
        ] {
            assert!(BatchId::parse(bad).is_err(), "{bad}");
        }
        for bad in ["", "a/b", "a b", "..", "é"] {
            assert!(TenantId::parse(bad).is_err(), "{bad}");
        }
        for bad in ["", " ", "a/b", "a\\b", "a\nb", "a\0"] {
            assert!(DocumentId::parse(bad).is_err(), "{bad:?}");
        }
    }
}
