//! Who may ask. The endpoints are for the programs of this machine: whoever reaches the loopback
//! address may do everything, so credentials keep nobody out; but a signature is checked, so that a
//! request that was changed on its way, or a link that has expired, is refused as AWS refuses it.

use async_trait::async_trait;
use s3s::S3Result;
use s3s::auth::{S3Auth, SecretKey};

/// An access key and its secret. Every pair of two equal halves, like `test` and `test`, is one, and
/// so is this pair.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The access key's id.
    pub access_key: String,
    /// The secret access key.
    pub secret_key: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key", &self.access_key)
            .finish_non_exhaustive()
    }
}

impl Default for Credentials {
    fn default() -> Self {
        Self {
            access_key: "test".into(),
            secret_key: "test".into(),
        }
    }
}

#[async_trait]
impl S3Auth for Credentials {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        Ok(match access_key == self.access_key {
            true => SecretKey::from(self.secret_key.as_str()),
            false => SecretKey::from(access_key),
        })
    }
}
