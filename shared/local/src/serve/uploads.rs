//! The uploads folder: what S3's upload notifications are, on this machine.
//!
//! The folder is looked through twice a second. A file that has stayed as it is for two looks is put
//! into the store below `uploads/` and announced to the enqueue function. What has been announced is
//! kept in a file, so that a restart announces nothing again.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use fanfold_cloud::{Key, ObjectMeta, ObjectStore, PutOptions};
use fanfold_enqueue::Upload;
use fanfold_job::BatchId;
use fanfold_wire::s3::Notify;
use serde::{Deserialize, Serialize};

use super::Server;
use crate::failure::Failure;
use crate::host::stack;
use crate::output;

/// How often the folder is looked through.
const EVERY: Duration = Duration::from_millis(500);

/// How deep folders in the folder go.
const MAX_DEPTH: usize = 8;

/// Bytes of a file that is read.
const MAX_FILE_BYTES: u64 = 4 << 30;

/// What tells a file from a later one of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    bytes: u64,
    modified_ms: u64,
}

type Stamps = BTreeMap<String, Stamp>;

/// A folder being watched.
#[derive(Debug)]
pub(super) struct Uploads {
    folder: PathBuf,
    /// Where `announced` is kept.
    record: PathBuf,
    announced: Stamps,
    seen: Stamps,
}

impl Uploads {
    /// Watches a folder, making it when there is none.
    pub(super) fn open(folder: &Path, record: &Path) -> Result<Self, Failure> {
        fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error))?;
        let announced = match fs::read(record) {
            // A damaged record means announcing again, which is harmless: batches are idempotent.
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Stamps::new(),
            Err(error) => return Err(Failure::file(record, &error)),
        };
        Ok(Self {
            folder: folder.to_path_buf(),
            record: record.to_path_buf(),
            announced,
            seen: Stamps::new(),
        })
    }

    /// Watches for ever.
    pub(super) async fn watch(mut self, server: Arc<Server>) {
        loop {
            for name in self.arrived() {
                if let Err(error) = self.announce(&server, &name).await {
                    tracing::error!(file = name, %error, "an upload could not be taken");
                }
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    /// The files that have come or changed, and stayed as they are since the last look.
    fn arrived(&mut self) -> Vec<String> {
        let mut now = Stamps::new();
        look(&self.folder, "", 0, &mut now);
        let arrived = now
            .iter()
            .filter(|&(name, stamp)| {
                self.seen.get(name) == Some(stamp) && self.announced.get(name) != Some(stamp)
            })
            .map(|(name, _)| name.clone())
            .collect();
        self.announced.retain(|name, _| now.contains_key(name));
        self.seen = now;
        arrived
    }

    async fn announce(&mut self, server: &Server, name: &str) -> Result<(), Failure> {
        let Some(&stamp) = self.seen.get(name) else {
            return Ok(());
        };
        if stamp.bytes > MAX_FILE_BYTES {
            return Err(Failure::new("it is larger than 4 GiB"));
        }
        let key = Key::new(format!("uploads/{name}")).map_err(Failure::new)?;
        let path = self.folder.join(name);
        let bytes = fs::read(&path).map_err(|error| Failure::file(&path, &error))?;
        let store = server.host.store();
        let meta = store
            .put(&key, bytes.into(), PutOptions::overwrite())
            .await?;
        match &server.announcer {
            Some(announcer) => {
                announcer.created(stack::BUCKET, &meta).await?;
                tracing::info!(file = name, "an upload was announced");
            }
            None => {
                let batch = announce_here(server, &meta).await?;
                let id = batch.as_ref().map(BatchId::as_str);
                tracing::info!(file = name, batch = id, "an upload was taken");
                if let Some(batch) = batch {
                    server.note(batch.as_str(), name);
                }
            }
        }
        self.announced.insert(name.to_owned(), stamp);
        let record = serde_json::to_vec(&self.announced).map_err(Failure::new)?;
        output::write(&self.record, &record)
    }
}

/// Announces an upload to the enqueue function of this process; the batch that it has started, if it
/// is a manifest.
async fn announce_here(server: &Server, object: &ObjectMeta) -> Result<Option<BatchId>, Failure> {
    let upload = Upload {
        key: object.key.to_string(),
        etag: object.etag.clone(),
    };
    let functions = server.host.functions();
    functions.uploaded(&upload).await.map_err(Failure::new)
}

/// Notes the files of a folder by their names below `uploads/`. Hidden files and links are left out;
/// a folder that cannot be read is empty.
fn look(folder: &Path, prefix: &str, depth: usize, found: &mut Stamps) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let (Ok(kind), Ok(about)) = (entry.file_type(), entry.metadata()) else {
            continue;
        };
        if name.starts_with('.') {
            continue;
        }
        if kind.is_dir() && depth < MAX_DEPTH {
            look(&entry.path(), &format!("{prefix}{name}/"), depth + 1, found);
        } else if kind.is_file() {
            let since = about
                .modified()
                .ok()
                .and_then(|it| it.duration_since(UNIX_EPOCH).ok());
            let modified_ms = since.map_or(0, |it| u64::try_from(it.as_millis()).unwrap_or(0));
            found.insert(
                format!("{prefix}{name}"),
                Stamp {
                    bytes: about.len(),
                    modified_ms,
                },
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_arrives_once_when_it_has_stopped_growing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("in");
        let record = folder.path().join("record.json");
        let mut uploads = Uploads::open(&path, &record).unwrap();
        fs::create_dir(path.join("sub")).unwrap();
        fs::write(path.join("sub/a.json"), "1").unwrap();
        fs::write(path.join(".hidden"), "1").unwrap();
        assert!(uploads.arrived().is_empty(), "seen for the first time");
        fs::write(path.join("sub/a.json"), "12").unwrap();
        assert!(uploads.arrived().is_empty(), "it has grown");
        assert_eq!(uploads.arrived(), ["sub/a.json"]);
        uploads.announced = uploads.seen.clone();
        assert!(uploads.arrived().is_empty());
        fs::write(path.join("sub/a.json"), "123").unwrap();
        assert!(uploads.arrived().is_empty());
        assert_eq!(uploads.arrived(), ["sub/a.json"]);
    }
}
