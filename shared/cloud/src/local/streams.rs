//! Objects as streams: what a protocol server needs beside the port. Writes go to a file while they come
//! in, take their place under a condition, and keep the headers they came with.

use std::fs::File;
use std::io::{Seek, SeekFrom};

use bytes::Bytes;

use super::store::{LocalStore, Temporary};
use crate::error::{CloudError, CloudResult};
use crate::key::Key;
use crate::ports::{ObjectMeta, PutMode};

/// How often a read that met a write looks again before it takes the headers for lost.
const LOOKS: usize = 8;

/// What must hold of the object that is there for a write or a delete to take place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    Always,
    /// There is none (`If-None-Match: *`).
    Absent,
    /// It has this etag (`If-Match`).
    Matches(String),
}

impl Condition {
    pub(super) fn check(&self, key: &Key, found: Option<&str>) -> CloudResult<()> {
        match (self, found) {
            (Self::Absent, Some(_)) => Err(CloudError::already_exists(key)),
            (Self::Matches(_), None) => Err(CloudError::not_found(key)),
            (Self::Matches(etag), Some(found)) if etag != found => Err(CloudError::Precondition {
                what: key.to_string(),
            }),
            _ => Ok(()),
        }
    }
}

impl From<PutMode> for Condition {
    fn from(mode: PutMode) -> Self {
        match mode {
            PutMode::Overwrite => Self::Always,
            PutMode::Create => Self::Absent,
        }
    }
}

/// An object open for reading: one content, whatever is written under its key meanwhile.
#[derive(Debug)]
pub struct OpenObject {
    /// Name, size and age.
    pub meta: ObjectMeta,
    /// The content, from its start.
    pub file: File,
    /// The headers it was written with; empty without.
    pub headers: Vec<u8>,
}

/// Content on its way into a store; dropping it leaves nothing.
#[derive(Debug)]
pub struct LocalWriter {
    store: LocalStore,
    /// None while a write is under way; so a write that was dropped ends the writer.
    temporary: Option<Temporary>,
    bytes: u64,
}

impl LocalStore {
    /// Opens an object.
    ///
    /// # Errors
    /// [`CloudError::NotFound`] when there is none.
    pub async fn open_object(&self, key: &Key) -> CloudResult<OpenObject> {
        let key = key.clone();
        self.blocking(move |inner| {
            let read = |error| CloudError::file(format!("the headers of {key}"), error);
            for _ in 1..LOOKS {
                let (file, meta) = inner.open(&key)?;
                let headers = inner.headers(&meta.etag).map_err(read)?;
                // A write that replaces the object takes its headers away: then it is read anew.
                if !headers.is_empty() || inner.open(&key)?.1.etag == meta.etag {
                    return Ok(OpenObject {
                        meta,
                        file,
                        headers,
                    });
                }
            }
            let (file, meta) = inner.open(&key)?;
            let headers = inner.headers(&meta.etag).map_err(read)?;
            Ok(OpenObject {
                meta,
                file,
                headers,
            })
        })
        .await
    }

    /// Starts to write content.
    ///
    /// # Errors
    /// When its file cannot be made.
    pub async fn writer(&self) -> CloudResult<LocalWriter> {
        let temporary = self.blocking(|inner| inner.temporary()).await?;
        Ok(LocalWriter {
            store: self.clone(),
            temporary: Some(temporary),
            bytes: 0,
        })
    }

    /// Deletes an object under a condition; when there is none and none is asked for, nothing.
    ///
    /// # Errors
    /// [`CloudError::NotFound`] and [`CloudError::Precondition`] when the condition does not hold.
    pub async fn remove(&self, key: &Key, when: Condition) -> CloudResult<()> {
        let key = key.clone();
        self.blocking(move |inner| inner.remove(&key, &when)).await
    }
}

impl LocalWriter {
    /// Bytes written so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// When they cannot be written, or an earlier write did not finish.
    pub async fn write(&mut self, bytes: Bytes) -> CloudResult<()> {
        let mut temporary = self.take()?;
        let length = bytes.len() as u64;
        let write = self.store.blocking(move |_| {
            temporary.write(&bytes)?;
            Ok(temporary)
        });
        self.temporary = Some(write.await?);
        self.bytes += length;
        Ok(())
    }

    /// Appends what other writers hold, in order; they stay as they are.
    ///
    /// # Errors
    /// As [`LocalWriter::write`].
    pub async fn append(&mut self, parts: &[&Self]) -> CloudResult<()> {
        let mut temporary = self.take()?;
        let mut paths = Vec::with_capacity(parts.len());
        for part in parts {
            let part = part.temporary.as_ref().ok_or_else(unfinished)?;
            paths.push(part.path.clone());
        }
        let joined = self.store.blocking(move |_| {
            let file = temporary.file.as_mut().ok_or_else(unfinished)?;
            let mut bytes = 0;
            for path in paths {
                bytes += File::open(&path)
                    .and_then(|mut part| std::io::copy(&mut part, file))
                    .map_err(|error| CloudError::file("joining the parts of an upload", error))?;
            }
            Ok((temporary, bytes))
        });
        let (temporary, bytes) = joined.await?;
        self.temporary = Some(temporary);
        self.bytes += bytes;
        Ok(())
    }

    /// Closes the file, when all is written that will be: it can still be appended to another.
    pub fn close(&mut self) {
        if let Some(temporary) = &mut self.temporary {
            temporary.file = None;
        }
    }

    /// Appends the bytes `start..end` of a file.
    ///
    /// # Errors
    /// As [`LocalWriter::write`].
    pub async fn append_range(
        &mut self,
        mut file: File,
        range: std::ops::Range<u64>,
    ) -> CloudResult<()> {
        let mut temporary = self.take()?;
        let copied = self.store.blocking(move |_| {
            let to = temporary.file.as_mut().ok_or_else(unfinished)?;
            let bytes = file
                .seek(SeekFrom::Start(range.start))
                .and_then(|_| {
                    let length = range.end.saturating_sub(range.start);
                    std::io::copy(&mut std::io::Read::take(file, length), to)
                })
                .map_err(|error| CloudError::file("copying an object", error))?;
            Ok((temporary, bytes))
        });
        let (temporary, bytes) = copied.await?;
        self.temporary = Some(temporary);
        self.bytes += bytes;
        Ok(())
    }

    /// Makes the content the object of that key, with headers that [`LocalStore::open_object`] gives
    /// back.
    ///
    /// # Errors
    /// [`CloudError::AlreadyExists`], [`CloudError::NotFound`] or [`CloudError::Precondition`] when the
    /// condition does not hold.
    pub async fn publish(
        mut self,
        key: &Key,
        when: Condition,
        headers: Vec<u8>,
    ) -> CloudResult<ObjectMeta> {
        let temporary = self.take()?;
        let key = key.clone();
        self.store
            .blocking(move |inner| inner.publish(&key, temporary, &when, &headers))
            .await
    }

    fn take(&mut self) -> CloudResult<Temporary> {
        self.temporary.take().ok_or_else(unfinished)
    }
}

fn unfinished() -> CloudError {
    CloudError::invalid("a write of this upload did not finish")
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::{LocalCloud, LocalOptions, ObjectStore, PutOptions};

    #[tokio::test]
    async fn headers_stay_with_the_content_they_came_with() {
        let folder = tempfile::tempdir().unwrap();
        let cloud = LocalCloud::open(folder.path(), &LocalOptions::default()).unwrap();
        let (store, key) = (cloud.store(), Key::new("a/b").unwrap());
        let write = async |text: &'static str, when, headers: &[u8]| {
            let mut writer = store.writer().await.unwrap();
            writer
                .write(Bytes::from_static(text.as_bytes()))
                .await
                .unwrap();
            writer.publish(&key, when, headers.to_vec()).await
        };
        let first = write("one", Condition::Absent, b"h1").await.unwrap();
        assert!(
            write("two", Condition::Absent, b"h2")
                .await
                .unwrap_err()
                .is_already_exists()
        );
        let second = write("three", Condition::Matches(first.etag.clone()), b"h3")
            .await
            .unwrap();
        let stale = write("four", Condition::Matches(first.etag), b"h4").await;
        assert!(matches!(stale, Err(CloudError::Precondition { .. })));
        let mut found = store.open_object(&key).await.unwrap();
        let mut text = String::new();
        found.file.read_to_string(&mut text).unwrap();
        assert_eq!((text.as_str(), &found.headers[..]), ("three", &b"h3"[..]));
        store
            .put(&key, Bytes::from_static(b"x"), PutOptions::overwrite())
            .await
            .unwrap();
        assert!(store.open_object(&key).await.unwrap().headers.is_empty());
        let removed = store.remove(&key, Condition::Matches(second.etag)).await;
        assert!(matches!(removed, Err(CloudError::Precondition { .. })));
        store.delete(&key).await.unwrap();
        let left = std::fs::read_dir(folder.path().join("headers"))
            .unwrap()
            .count();
        assert_eq!(left, 0, "headers go with their content");
    }

    #[tokio::test]
    async fn of_conditional_writes_at_once_one_wins() {
        let folder = tempfile::tempdir().unwrap();
        let cloud = LocalCloud::open(folder.path(), &LocalOptions::default()).unwrap();
        let key = Key::new("a").unwrap();
        let put = Bytes::from_static(b"0");
        let mut etag = cloud
            .store()
            .put(&key, put, PutOptions::create())
            .await
            .unwrap()
            .etag;
        for _ in 0..20 {
            let mut writes = tokio::task::JoinSet::new();
            for number in 0..8_u8 {
                let (store, key, etag) = (cloud.store().clone(), key.clone(), etag.clone());
                writes.spawn(async move {
                    let mut writer = store.writer().await.unwrap();
                    writer.write(Bytes::from(vec![number])).await.unwrap();
                    writer
                        .publish(&key, Condition::Matches(etag), Vec::new())
                        .await
                        .ok()
                });
            }
            let won: Vec<_> = writes.join_all().await.into_iter().flatten().collect();
            assert_eq!(won.len(), 1);
            etag.clone_from(&won[0].etag);
        }
    }
}
