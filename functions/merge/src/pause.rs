//! A volume whose time is up: what another invocation goes on with, kept in the store.
//!
//! A pause is an object of its own below `stitched/states/`, named by how far it came and never
//! changed. One that turned out to be of no use (its upload was ended by another, or is too old) gets a
//! marker beside it, and the one before it counts, or none.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use fanfold_cloud::{CloudError, Key, PutOptions};
use fanfold_job::sha256_hex;
use fanfold_ledger::{LedgerError, LedgerResult};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use sha2::digest::common::hazmat::{SerializableState, SerializedState};

use crate::run::Run;

/// How far a volume came.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// Documents that were looked at.
    pub(crate) documents: u64,
    /// Of those, sent to the binder.
    pub(crate) sent: u64,
    /// Of those, ended ok without their parts being there.
    pub(crate) gone: u64,
    /// The first of those, and why.
    #[serde(default)]
    pub(crate) lost: Vec<String>,
    /// Bytes written.
    pub(crate) bytes: u64,
    /// The hash over what identifies the parts, and that over the bytes.
    pub(crate) parts: Hashed,
    pub(crate) written: Hashed,
}

/// A SHA-256 that is not at its end.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Hashed(pub(crate) Sha256);

impl From<Hashed> for String {
    fn from(hashed: Hashed) -> Self {
        data_encoding::HEXLOWER.encode(&hashed.0.serialize())
    }
}

impl TryFrom<String> for Hashed {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let bytes = data_encoding::HEXLOWER.decode(text.as_bytes());
        let bytes = bytes.map_err(|error| error.to_string())?;
        let state = SerializedState::<Sha256>::try_from(bytes.as_slice());
        let state = state.map_err(|error| error.to_string())?;
        let hash = Sha256::deserialize(&state).map_err(|error| error.to_string())?;
        Ok(Self(hash))
    }
}

/// What a volume is gone on with.
#[derive(Debug, Clone)]
pub(crate) struct Paused {
    pub(crate) progress: Progress,
    /// What the store goes on with.
    pub(crate) upload: Bytes,
    /// What the binder goes on with.
    pub(crate) binder: Bytes,
}

/// The first line of a pause; the upload's and the binder's bytes follow.
#[derive(Serialize, Deserialize)]
struct Head {
    #[serde(flatten)]
    progress: Progress,
    upload_bytes: usize,
}

impl Paused {
    fn to_bytes(&self) -> LedgerResult<Bytes> {
        let head = Head {
            progress: self.progress.clone(),
            upload_bytes: self.upload.len(),
        };
        let head = serde_json::to_vec(&head);
        let head = head.map_err(|error| CloudError::other("a volume's state", error))?;
        let length = head.len() + 1 + self.upload.len() + self.binder.len();
        let mut bytes = BytesMut::with_capacity(length);
        bytes.extend_from_slice(&head);
        bytes.extend_from_slice(b"\n");
        bytes.extend_from_slice(&self.upload);
        bytes.extend_from_slice(&self.binder);
        Ok(bytes.freeze())
    }

    fn read(bytes: &Bytes) -> Option<Self> {
        let end = bytes.iter().position(|&byte| byte == b'\n')?;
        let head: Head = serde_json::from_slice(&bytes[..end]).ok()?;
        let rest = bytes.slice(end + 1..);
        (head.upload_bytes <= rest.len()).then(|| Self {
            progress: head.progress,
            upload: rest.slice(..head.upload_bytes),
            binder: rest.slice(head.upload_bytes..),
        })
    }
}

/// The pauses of a range's volumes that may be of use: keys, those that came furthest last.
#[derive(Debug, Default)]
pub(crate) struct Pauses(BTreeMap<u32, Vec<String>>);

impl Pauses {
    pub(crate) async fn of(run: &Run, range: u32) -> LedgerResult<Self> {
        let keys = run.ledger.keys(&run.keys.stitch_states(range)).await?;
        let mut pauses: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        for key in keys.iter().filter(|key| key.ends_with(STATE)) {
            let volume = key
                .rsplit('/')
                .nth(1)
                .and_then(|number| number.parse().ok());
            let is_stale = keys.binary_search(&format!("{key}{STALE}")).is_ok();
            if let (Some(volume), false) = (volume, is_stale) {
                pauses.entry(volume).or_default().push(key.clone());
            }
        }
        Ok(Self(pauses))
    }

    /// The keys of a volume's pauses, those that came furthest last.
    pub(crate) fn of_volume(&self, volume: u32) -> &[String] {
        self.0.get(&volume).map_or(&[], Vec::as_slice)
    }
}

const STATE: &str = ".state";
const STALE: &str = ".stale";

impl Run {
    /// Reads a pause; none when it is gone, or damaged.
    pub(crate) async fn paused(&self, key: &str) -> LedgerResult<Option<Paused>> {
        let bytes = self.ledger.bytes(key).await?;
        Ok(bytes.as_ref().and_then(Paused::read))
    }

    /// Keeps a pause. It may be some hundred megabytes.
    pub(crate) async fn keep(&self, range: u32, volume: u32, paused: &Paused) -> LedgerResult<()> {
        let documents = paused.progress.documents;
        // Two may pause at the same document, with an upload each.
        let of = sha256_hex(&paused.upload);
        let key = format!(
            "{}{volume:07}/{documents:010}-{}{STATE}",
            self.keys.stitch_states(range),
            of.get(..16).unwrap_or_default(),
        );
        let name = Key::new(key).map_err(CloudError::from)?;
        let options = PutOptions::create()
            .content_type("application/octet-stream")
            .retention_days(self.accepted.retention_days);
        let mut upload = self.ledger.store().put_multipart(&name, options).await?;
        upload.write(paused.to_bytes()?).await?;
        match upload.complete().await {
            Err(error) if !error.is_already_exists() => Err(LedgerError::from(error)),
            _ => Ok(()),
        }
    }

    /// Says that a pause is of no use.
    pub(crate) async fn is_stale(&self, key: &str) -> LedgerResult<()> {
        tracing::warn!(key, "a volume cannot be gone on with from here");
        self.create(&format!("{key}{STALE}"), &()).await?;
        Ok(())
    }
}
