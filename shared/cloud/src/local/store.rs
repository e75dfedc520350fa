//! Objects as files. A write goes to a file under `tmp/` and then, by one link or rename, to its
//! place: readers see the old object, the new one or none, never a part.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};

use super::signature::Secret;
use super::streams::Condition;
use super::{Durability, LocalOptions, Room, listing, paths};
use crate::broker::millis;
use crate::error::{CloudError, CloudResult};
use crate::key::Key;
use crate::memory::clip_range;
use crate::ports::{
    Clock, ListPage, MultipartUpload, Object, ObjectMeta, ObjectStore, PutMode, PutOptions,
};

/// How many bytes of an upload are gathered before they go to its file.
const UPLOAD_BUFFER_BYTES: usize = 256 * 1024;

/// An object store in a folder; clones share it.
#[derive(Clone, Debug)]
pub struct LocalStore {
    pub(super) inner: Arc<Inner>,
    room: Arc<Room>,
}

#[derive(Debug)]
pub(super) struct Inner {
    objects: PathBuf,
    /// Where the headers of objects are that have any, by the object's etag.
    headers: PathBuf,
    temporary: PathBuf,
    /// Names of folders that are being listed.
    kept: listing::Kept,
    /// Held while an object takes its place, so that what a condition has seen still is so.
    placing: Mutex<()>,
    next_temporary: AtomicU64,
    secret: Secret,
    durability: Durability,
    clock: Arc<dyn Clock>,
    base_url: Option<String>,
}

impl LocalStore {
    /// Opens the store in a folder that this process owns.
    pub(super) fn open(
        folder: &Path,
        options: &LocalOptions,
        room: Arc<Room>,
    ) -> CloudResult<Self> {
        let failed = |error| CloudError::file(format!("opening {}", folder.display()), error);
        let temporary = folder.join("tmp");
        // What is there belongs to writes that a dead process did not finish.
        match fs::remove_dir_all(&temporary) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let objects = folder.join("objects");
        let headers = folder.join("headers");
        fs::create_dir_all(&temporary)
            .and_then(|()| fs::create_dir_all(&objects))
            .and_then(|()| fs::create_dir_all(&headers))
            .map_err(failed)?;
        Ok(Self {
            room,
            inner: Arc::new(Inner {
                objects,
                headers,
                temporary,
                kept: listing::Kept::default(),
                placing: Mutex::new(()),
                next_temporary: AtomicU64::new(0),
                secret: Secret::load(&folder.join("secret"))?,
                durability: options.durability,
                clock: options.clock.clone(),
                base_url: options.base_url.clone(),
            }),
        })
    }

    /// The file that holds an object, for handing it on without a copy. Only to be read: it may be
    /// linked to elsewhere too.
    ///
    /// # Errors
    /// [`CloudError::Invalid`] when the key does not fit a file name.
    pub fn path(&self, key: &Key) -> CloudResult<PathBuf> {
        paths::file_of(&self.inner.objects, key)
    }

    /// True when a presigned URL's parts are as [`ObjectStore::presign`] made them and its time has
    /// not passed.
    #[must_use]
    pub fn verify(&self, key: &Key, until_ms: u64, download_name: &str, signature: &str) -> bool {
        self.inner.clock.now_ms() <= until_ms
            && self
                .inner
                .secret
                .verify(key, until_ms, download_name, signature)
    }

    /// Runs file operations off the async threads.
    pub(super) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> CloudResult<T> + Send + 'static,
    ) -> CloudResult<T> {
        let inner = self.inner.clone();
        let done = tokio::task::spawn_blocking(move || work(&inner))
            .await
            .unwrap_or_else(|error| Err(CloudError::other("a file operation", error)));
        self.room.note(done)
    }
}

pub(super) fn failed(key: &Key, error: io::Error) -> CloudError {
    match error.kind() {
        // A folder of the path is missing, or is a file that is not ours.
        ErrorKind::NotFound | ErrorKind::NotADirectory => CloudError::not_found(key),
        _ => CloudError::file(format!("object {key}"), error),
    }
}

pub(super) fn meta_of(key: &Key, found: &fs::Metadata) -> ObjectMeta {
    let since = found
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .unwrap_or_default();
    // Every write makes a new file, so the file's number tells two writes within one tick apart.
    #[cfg(unix)]
    let number = std::os::unix::fs::MetadataExt::ino(found);
    #[cfg(not(unix))]
    let number = 0;
    ObjectMeta {
        key: key.clone(),
        size: found.len(),
        etag: format!("{:x}-{number:x}-{:x}", since.as_nanos(), found.len()),
        modified_ms: millis(since),
    }
}

impl Inner {
    pub(super) fn open(&self, key: &Key) -> CloudResult<(File, ObjectMeta)> {
        let file =
            File::open(paths::file_of(&self.objects, key)?).map_err(|error| failed(key, error))?;
        let meta = meta_of(key, &file.metadata().map_err(|error| failed(key, error))?);
        Ok((file, meta))
    }

    pub(super) fn temporary(&self) -> CloudResult<Temporary> {
        let number = self.next_temporary.fetch_add(1, Ordering::Relaxed);
        let path = self.temporary.join(format!("{number:x}"));
        let file = File::create_new(&path)
            .map_err(|error| CloudError::file(format!("writing {}", path.display()), error))?;
        Ok(Temporary {
            path,
            file: Some(file),
        })
    }

    /// The file of a suspended upload.
    fn kept(&self, number: u64) -> PathBuf {
        self.temporary.join(format!("{number:x}.kept"))
    }

    /// Puts a finished file in its place, with its headers if it has any.
    pub(super) fn publish(
        &self,
        key: &Key,
        mut from: Temporary,
        when: &Condition,
        headers: &[u8],
    ) -> CloudResult<ObjectMeta> {
        let other = |error| CloudError::file(format!("writing {key}"), error);
        let to = paths::file_of(&self.objects, key)?;
        let file = from
            .file
            .take()
            .ok_or_else(|| CloudError::invalid("the upload has ended"))?;
        if self.durability == Durability::PowerLoss {
            file.sync_all().map_err(other)?;
        }
        let meta = meta_of(key, &file.metadata().map_err(other)?);
        drop(file);
        {
            let _placing = self.placing.lock().unwrap_or_else(PoisonError::into_inner);
            let before = self.etag_at(key, &to)?;
            when.check(key, before.as_deref())?;
            if !headers.is_empty() {
                // Before the object: whoever finds it finds them.
                self.put_headers(&meta.etag, headers).map_err(other)?;
            }
            if let Err(error) = place(&from.path, &to, when) {
                self.remove_headers(&meta.etag);
                return Err(match error.kind() {
                    ErrorKind::AlreadyExists => CloudError::already_exists(key),
                    _ => other(error),
                });
            }
            if let Some(before) = before {
                self.remove_headers(&before);
            }
        }
        if self.durability == Durability::PowerLoss {
            self.sync_folders(&to).map_err(other)?;
        }
        Ok(meta)
    }

    /// Deletes an object; when there is none, nothing.
    pub(super) fn remove(&self, key: &Key, when: &Condition) -> CloudResult<()> {
        let path = paths::file_of(&self.objects, key)?;
        let _placing = self.placing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.etag_at(key, &path)?;
        when.check(key, before.as_deref())?;
        match fs::remove_file(path).map_err(|error| failed(key, error)) {
            Err(CloudError::NotFound { .. }) => {}
            removed => removed?,
        }
        if let Some(before) = before {
            self.remove_headers(&before);
        }
        Ok(())
    }

    /// The etag of the object whose file this is, if there is one.
    fn etag_at(&self, key: &Key, path: &Path) -> CloudResult<Option<String>> {
        match fs::metadata(path).map_err(|error| failed(key, error)) {
            Ok(found) => Ok(Some(meta_of(key, &found).etag)),
            Err(CloudError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn put_headers(&self, etag: &str, headers: &[u8]) -> io::Result<()> {
        let mut file = File::create(self.headers.join(etag))?;
        file.write_all(headers)?;
        match self.durability {
            Durability::ProcessDeath => Ok(()),
            Durability::PowerLoss => {
                file.sync_all()?;
                File::open(&self.headers)?.sync_all()
            }
        }
    }

    /// The headers that were written with the content of this etag; empty without.
    pub(super) fn headers(&self, etag: &str) -> io::Result<Vec<u8>> {
        match fs::read(self.headers.join(etag)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            read => read,
        }
    }

    fn remove_headers(&self, etag: &str) {
        // What stays is a small file that nothing names.
        let _ = fs::remove_file(self.headers.join(etag));
    }

    /// Waits until the names of the folders down to `path` are on the disk.
    fn sync_folders(&self, path: &Path) -> io::Result<()> {
        for folder in path.ancestors().skip(1) {
            File::open(folder)?.sync_all()?;
            if folder == self.objects {
                break;
            }
        }
        Ok(())
    }
}

/// Gives a file its name, making the folders of it when they are missing.
fn place(from: &Path, to: &Path, when: &Condition) -> io::Result<()> {
    let place = || match when {
        Condition::Absent => fs::hard_link(from, to),
        Condition::Always | Condition::Matches(_) => fs::rename(from, to),
    };
    match (place(), to.parent()) {
        (Err(error), Some(folder)) if error.kind() == ErrorKind::NotFound => {
            fs::create_dir_all(folder).and_then(|()| place())
        }
        (placed, _) => placed,
    }
}

/// A file under `tmp/`, removed when it is not wanted any more.
#[derive(Debug)]
pub(super) struct Temporary {
    pub(super) path: PathBuf,
    pub(super) file: Option<File>,
}

impl Temporary {
    pub(super) fn write(&mut self, bytes: &[u8]) -> CloudResult<()> {
        match &mut self.file {
            Some(file) => file.write_all(bytes).map_err(|error| {
                CloudError::file(format!("writing {}", self.path.display()), error)
            }),
            None => Err(CloudError::invalid("the upload has ended")),
        }
    }
}

impl Temporary {
    /// Begins with the first bytes of another file, at most `length`, and gives how many there were.
    fn take_from(&mut self, from: File, length: u64) -> CloudResult<u64> {
        match &mut self.file {
            Some(file) => io::copy(&mut from.take(length), file).map_err(|error| {
                CloudError::file(format!("writing {}", self.path.display()), error)
            }),
            None => Err(CloudError::invalid("the upload has ended")),
        }
    }

    /// Stays, as `kept`, and gives its length. What is there already is as long or shorter, and the same.
    fn keep(&self, kept: &Path) -> CloudResult<u64> {
        let failed = |error| CloudError::file(format!("writing {}", kept.display()), error);
        let length = fs::metadata(&self.path).map_err(failed)?.len();
        let there = fs::metadata(kept).map_or(0, |there| there.len());
        if there < length || !kept.exists() {
            fs::rename(&self.path, kept).map_err(failed)?;
        }
        Ok(length)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // After a rename there is nothing to remove; what cannot be removed goes at the next open.
        let _ = fs::remove_file(&self.path);
    }
}

#[async_trait]
impl ObjectStore for LocalStore {
    async fn get(&self, key: &Key) -> CloudResult<Object> {
        let key = key.clone();
        self.blocking(move |inner| {
            let (mut file, meta) = inner.open(&key)?;
            let mut bytes = Vec::with_capacity(usize::try_from(meta.size).unwrap_or(0));
            file.read_to_end(&mut bytes)
                .map_err(|error| failed(&key, error))?;
            Ok(Object {
                meta,
                bytes: bytes.into(),
            })
        })
        .await
    }

    async fn get_range(&self, key: &Key, range: Range<u64>) -> CloudResult<Bytes> {
        let key = key.clone();
        self.blocking(move |inner| {
            let (mut file, meta) = inner.open(&key)?;
            let range = clip_range(&key, &range, meta.size)?;
            let mut bytes = Vec::new();
            file.seek(SeekFrom::Start(range.start))
                .and_then(|_| file.take(range.end - range.start).read_to_end(&mut bytes))
                .map_err(|error| failed(&key, error))?;
            Ok(bytes.into())
        })
        .await
    }

    async fn head(&self, key: &Key) -> CloudResult<ObjectMeta> {
        let key = key.clone();
        self.blocking(move |inner| {
            let path = paths::file_of(&inner.objects, &key)?;
            Ok(meta_of(
                &key,
                &fs::metadata(path).map_err(|error| failed(&key, error))?,
            ))
        })
        .await
    }

    async fn put(&self, key: &Key, bytes: Bytes, options: PutOptions) -> CloudResult<ObjectMeta> {
        let key = key.clone();
        self.blocking(move |inner| {
            let mut temporary = inner.temporary()?;
            temporary.write(&bytes)?;
            inner.publish(&key, temporary, &options.mode.into(), &[])
        })
        .await
    }

    async fn list(
        &self,
        prefix: &str,
        start_after: Option<&str>,
        limit: usize,
    ) -> CloudResult<ListPage> {
        let prefix = prefix.to_owned();
        let start_after = start_after.map(str::to_owned);
        self.blocking(move |inner| {
            listing::list(
                &inner.objects,
                &inner.kept,
                &prefix,
                start_after.as_deref(),
                limit.clamp(1, 1000),
            )
        })
        .await
    }

    async fn delete(&self, key: &Key) -> CloudResult<()> {
        let key = key.clone();
        self.blocking(move |inner| inner.remove(&key, &Condition::Always))
            .await
    }

    async fn put_multipart(
        &self,
        key: &Key,
        options: PutOptions,
    ) -> CloudResult<Box<dyn MultipartUpload>> {
        let temporary = self.blocking(Inner::temporary).await?;
        Ok(Box::new(LocalUpload {
            store: self.clone(),
            key: key.clone(),
            mode: options.mode,
            temporary: Some(temporary),
            gathered: BytesMut::new(),
            kept: None,
        }))
    }

    /// A suspended upload is a file below `tmp/`: it outlives the upload, not the process.
    async fn resume_multipart(
        &self,
        key: &Key,
        options: PutOptions,
        suspended: &[u8],
    ) -> CloudResult<Box<dyn MultipartUpload>> {
        let read: Result<(u64, u64), _> = postcard::from_bytes(suspended);
        let (number, length) =
            read.map_err(|_| CloudError::invalid(format!("no suspended upload of {key}")))?;
        let of = key.clone();
        let (temporary, kept) = self
            .blocking(move |inner| {
                let kept = inner.kept(number);
                let file = File::open(&kept).map_err(|error| failed(&of, error))?;
                let mut temporary = inner.temporary()?;
                if temporary.take_from(file, length)? < length {
                    return Err(CloudError::not_found(&of));
                }
                Ok((temporary, kept))
            })
            .await?;
        Ok(Box::new(LocalUpload {
            store: self.clone(),
            key: key.clone(),
            mode: options.mode,
            temporary: Some(temporary),
            gathered: BytesMut::new(),
            kept: Some((number, kept)),
        }))
    }

    async fn presign(
        &self,
        key: &Key,
        expires: Duration,
        download_name: Option<&str>,
    ) -> CloudResult<String> {
        let inner = &self.inner;
        let Some(base) = &inner.base_url else {
            let path = paths::file_of(&inner.objects, key)?;
            return Ok(format!(
                "file://{}",
                percent_encoded(&path.to_string_lossy())
            ));
        };
        let until_ms = inner.clock.now_ms().saturating_add(millis(expires));
        let name = download_name.unwrap_or_default();
        let signature = inner.secret.sign(key, until_ms, name);
        Ok(format!(
            "{base}/objects/{}?until={until_ms}&name={}&signature={signature}",
            percent_encoded(key.as_str()),
            percent_encoded(name)
        ))
    }
}

/// Text in the path or query of a URL (RFC 3986 §2.3), slashes left as they are.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[derive(Debug)]
struct LocalUpload {
    store: LocalStore,
    key: Key,
    mode: PutMode,
    /// None while a write is under way; so a write that was dropped ends the upload.
    temporary: Option<Temporary>,
    gathered: BytesMut,
    /// The suspended upload that this one goes on with.
    kept: Option<(u64, PathBuf)>,
}

impl LocalUpload {
    async fn flush(&mut self) -> CloudResult<()> {
        let mut temporary = self.take()?;
        let bytes = self.gathered.split().freeze();
        let write = move |_: &Inner| temporary.write(&bytes).map(|()| temporary);
        self.temporary = Some(self.store.blocking(write).await?);
        Ok(())
    }

    fn take(&mut self) -> CloudResult<Temporary> {
        self.temporary
            .take()
            .ok_or_else(|| CloudError::invalid("a write of this upload did not finish"))
    }
}

#[async_trait]
impl MultipartUpload for LocalUpload {
    async fn write(&mut self, bytes: Bytes) -> CloudResult<()> {
        self.gathered.extend_from_slice(&bytes);
        if self.gathered.len() >= UPLOAD_BUFFER_BYTES {
            self.flush().await?;
        }
        Ok(())
    }

    async fn suspend(mut self: Box<Self>) -> CloudResult<Bytes> {
        self.flush().await?;
        let temporary = self.take()?;
        let (key, kept) = (self.key.clone(), self.kept.clone());
        let suspended = self.store.blocking(move |inner| {
            let number = match &kept {
                Some((number, kept)) if kept.exists() => *number,
                Some(_) => return Err(CloudError::not_found(&key)),
                None => inner.next_temporary.fetch_add(1, Ordering::Relaxed),
            };
            let length = temporary.keep(&inner.kept(number))?;
            Ok((number, length))
        });
        let bytes = postcard::to_allocvec(&suspended.await?);
        bytes
            .map(Bytes::from)
            .map_err(|error| CloudError::other("suspending an upload", error))
    }

    async fn complete(mut self: Box<Self>) -> CloudResult<ObjectMeta> {
        self.flush().await?;
        let temporary = self.take()?;
        let (key, mode, kept) = (self.key.clone(), self.mode, self.kept.take());
        self.store
            .blocking(move |inner| {
                if let Some((_, kept)) = kept {
                    // Of several that go on with it, one removes it.
                    fs::remove_file(kept).map_err(|error| failed(&key, error))?;
                }
                inner.publish(&key, temporary, &mode.into(), &[])
            })
            .await
    }

    async fn abort(self: Box<Self>) -> CloudResult<()> {
        let kept = self.kept.clone();
        self.store
            .blocking(move |_| {
                if let Some((_, kept)) = kept {
                    // Another may have ended it.
                    let _ = fs::remove_file(kept);
                }
                Ok(())
            })
            .await
    }
}
