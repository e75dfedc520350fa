//! Signed, expiring names of objects: what S3's presigned URLs are, for the local server.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::error::{CloudError, CloudResult};
use crate::key::Key;

/// The secret that the URLs of one folder are signed with.
#[derive(Clone)]
pub(super) struct Secret([u8; 64]);

impl Secret {
    /// Reads the folder's secret, making one at first.
    pub(super) fn load(path: &Path) -> CloudResult<Self> {
        let failed = |error| CloudError::file(format!("reading {}", path.display()), error);
        match std::fs::read(path) {
            Ok(bytes) => {
                if let Ok(secret) = bytes.try_into() {
                    return Ok(Self(secret));
                }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        let mut secret = [0; 64];
        getrandom::fill(&mut secret)
            .map_err(|error| CloudError::other("making a signing secret", error))?;
        let mut options = OpenOptions::new();
        options.create(true).truncate(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options
            .open(path)
            .and_then(|mut file| file.write_all(&secret))
            .map_err(failed)?;
        Ok(Self(secret))
    }

    /// The signature of the right to read `key` until `until_ms`, saved as `name`.
    pub(super) fn sign(&self, key: &Key, until_ms: u64, name: &str) -> String {
        HEXLOWER.encode(&self.mac(key, until_ms, name).finalize().into_bytes())
    }

    /// True when `signature` is that of the same right. Takes the same time for every wrong one.
    pub(super) fn verify(&self, key: &Key, until_ms: u64, name: &str, signature: &str) -> bool {
        HEXLOWER
            .decode(signature.as_bytes())
            .is_ok_and(|signature| {
                self.mac(key, until_ms, name)
                    .verify_slice(&signature)
                    .is_ok()
            })
    }

    fn mac(&self, key: &Key, until_ms: u64, name: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new(&self.0.into());
        mac.update(&until_ms.to_be_bytes());
        // The key holds no NUL, so the two texts cannot run into each other.
        mac.update(key.as_str().as_bytes());
        mac.update(&[0]);
        mac.update(name.as_bytes());
        mac
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_one_key_time_and_name_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let secret = Secret::load(&path).unwrap();
        let key = Key::new("a/b.pdf").unwrap();
        let other = Key::new("a/c.pdf").unwrap();
        let signature = secret.sign(&key, 5, "x");
        assert!(
            Secret::load(&path)
                .unwrap()
                .verify(&key, 5, "x", &signature)
        );
        assert!(!secret.verify(&other, 5, "x", &signature));
        assert!(!secret.verify(&key, 6, "x", &signature));
        assert!(!secret.verify(&key, 5, "y", &signature));
        assert!(!secret.verify(&key, 5, "x", ""));
    }
}
