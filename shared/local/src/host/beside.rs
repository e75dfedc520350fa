//! The local store with the manifest's folder below it: a key that is neither in the store nor one of
//! the system's own is a path beside the manifest, so `rows` and `pdf` need not be copied in first.

use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use async_trait::async_trait;
use bytes::Bytes;
use fanfold_cloud::{
    CloudError, CloudResult, Key, ListPage, LocalStore, MultipartUpload, Object, ObjectMeta,
    ObjectStore, PutOptions,
};

/// The first segments of the system's own keys.
const OWN: [&str; 2] = ["t", "bundles"];

/// A local store, and a folder that is only read.
#[derive(Clone, Debug)]
pub(crate) struct BesideStore {
    store: LocalStore,
    folder: Arc<PathBuf>,
}

impl BesideStore {
    /// The store, with `folder` for the keys that are paths.
    pub(crate) fn new(store: LocalStore, folder: &Path) -> std::io::Result<Self> {
        Ok(Self {
            store,
            folder: Arc::new(folder.canonicalize()?),
        })
    }

    /// The file a key names. Links are resolved first, so that none leads out of the folder.
    fn file(&self, key: &Key) -> CloudResult<(std::fs::File, ObjectMeta)> {
        if OWN.contains(&key.segments().next().unwrap_or_default()) {
            return Err(CloudError::not_found(key));
        }
        let open = || {
            let path = self.folder.join(key.as_str()).canonicalize()?;
            let file = std::fs::File::open(&path)?;
            let found = file.metadata()?;
            Ok((path, file, found))
        };
        let (path, file, found) = open().map_err(|error: std::io::Error| match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => CloudError::not_found(key),
            _ => CloudError::other(key, error),
        })?;
        if !path.starts_with(&*self.folder) || !found.is_file() {
            return Err(CloudError::not_found(key));
        }
        let since = found
            .modified()
            .ok()
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let since = since.unwrap_or_default();
        let meta = ObjectMeta {
            key: key.clone(),
            size: found.len(),
            etag: format!("{:x}-{:x}", since.as_nanos(), found.len()),
            modified_ms: u64::try_from(since.as_millis()).unwrap_or(u64::MAX),
        };
        Ok((file, meta))
    }

    /// Runs file operations off the async threads.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> CloudResult<T> + Send + 'static,
    ) -> CloudResult<T> {
        let beside = self.clone();
        tokio::task::spawn_blocking(move || work(&beside))
            .await
            .unwrap_or_else(|error| Err(CloudError::other("a file operation", error)))
    }
}

#[async_trait]
impl ObjectStore for BesideStore {
    async fn get(&self, key: &Key) -> CloudResult<Object> {
        match self.store.get(key).await {
            Err(error) if error.is_not_found() => {}
            answer => return answer,
        }
        let key = key.clone();
        self.blocking(move |beside| {
            let (mut file, mut meta) = beside.file(&key)?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)
                .map_err(|error| CloudError::other(&key, error))?;
            meta.size = bytes.len() as u64;
            Ok(Object {
                meta,
                bytes: bytes.into(),
            })
        })
        .await
    }

    async fn get_range(&self, key: &Key, range: Range<u64>) -> CloudResult<Bytes> {
        match self.store.get_range(key, range.clone()).await {
            Err(error) if error.is_not_found() => {}
            answer => return answer,
        }
        let key = key.clone();
        self.blocking(move |beside| {
            let (mut file, meta) = beside.file(&key)?;
            if range.start >= range.end || range.start >= meta.size {
                return Err(CloudError::invalid(format!("{range:?} is not in {key}")));
            }
            let mut bytes = Vec::new();
            file.seek(SeekFrom::Start(range.start))
                .and_then(|_| file.take(range.end - range.start).read_to_end(&mut bytes))
                .map_err(|error| CloudError::other(&key, error))?;
            Ok(bytes.into())
        })
        .await
    }

    async fn head(&self, key: &Key) -> CloudResult<ObjectMeta> {
        match self.store.head(key).await {
            Err(error) if error.is_not_found() => {}
            answer => return answer,
        }
        let key = key.clone();
        self.blocking(move |beside| Ok(beside.file(&key)?.1)).await
    }

    async fn put(&self, key: &Key, bytes: Bytes, options: PutOptions) -> CloudResult<ObjectMeta> {
        self.store.put(key, bytes, options).await
    }

    async fn list(
        &self,
        prefix: &str,
        start_after: Option<&str>,
        limit: usize,
    ) -> CloudResult<ListPage> {
        self.store.list(prefix, start_after, limit).await
    }

    async fn delete(&self, key: &Key) -> CloudResult<()> {
        self.store.delete(key).await
    }

    async fn put_multipart(
        &self,
        key: &Key,
        options: PutOptions,
    ) -> CloudResult<Box<dyn MultipartUpload>> {
        self.store.put_multipart(key, options).await
    }

    async fn resume_multipart(
        &self,
        key: &Key,
        options: PutOptions,
        suspended: &[u8],
    ) -> CloudResult<Box<dyn MultipartUpload>> {
        self.store.resume_multipart(key, options, suspended).await
    }

    async fn presign(
        &self,
        key: &Key,
        expires: Duration,
        download_name: Option<&str>,
    ) -> CloudResult<String> {
        self.store.presign(key, expires, download_name).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fanfold_cloud::{LocalCloud, LocalOptions};

    #[tokio::test]
    async fn a_key_is_a_path_beside_the_manifest_unless_the_store_has_it() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("letters");
        std::fs::create_dir_all(folder.join("t")).unwrap();
        std::fs::write(folder.join("annex.pdf"), "0123").unwrap();
        std::fs::write(folder.join("t/own"), "x").unwrap();
        std::fs::write(outer.path().join("secret"), "x").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(outer.path().join("secret"), folder.join("link")).unwrap();
        let cloud =
            LocalCloud::open(&outer.path().join("state"), &LocalOptions::default()).unwrap();
        let store = BesideStore::new(cloud.store().clone(), &folder).unwrap();
        let key = |name: &str| Key::new(name).unwrap();
        assert_eq!(
            &store.get(&key("annex.pdf")).await.unwrap().bytes[..],
            b"0123"
        );
        assert_eq!(store.head(&key("annex.pdf")).await.unwrap().size, 4);
        assert_eq!(
            &store.get_range(&key("annex.pdf"), 1..3).await.unwrap()[..],
            b"12"
        );
        for hidden in ["t/own", "link", "none", "annex.pdf/x", "t"] {
            assert!(
                store.get(&key(hidden)).await.unwrap_err().is_not_found(),
                "{hidden}"
            );
        }
        let replaced = Bytes::from_static(b"from the store");
        store
            .put(&key("annex.pdf"), replaced.clone(), PutOptions::create())
            .await
            .unwrap();
        assert_eq!(store.get(&key("annex.pdf")).await.unwrap().bytes, replaced);
    }
}
