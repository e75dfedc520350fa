//! The local adapter: objects as files under a folder, and queues in a journal beside them.
//!
//! Every effect is on the kernel's side before its operation answers, so killing the process at any
//! moment loses nothing that was acknowledged; [`Durability::PowerLoss`] also waits for the disk.
//! One process at a time owns the folder.

mod codec;
mod journal;
mod listing;
mod paths;
mod queues;
mod signature;
mod store;
mod streams;

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::broker::Redrive;
use crate::clock::SystemClock;
use crate::error::{CloudError, CloudResult};
use crate::ports::Clock;

pub use queues::{LocalQueue, LocalQueues};
pub use store::LocalStore;
pub use streams::{Condition, LocalWriter, OpenObject};

/// What an acknowledged write survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// The death of the process. The machine losing power may lose the last seconds.
    #[default]
    ProcessDeath,
    /// The machine losing power: every write waits for the disk (`fsync`).
    PowerLoss,
}

/// How a [`LocalCloud`] is opened.
#[derive(Clone, Debug)]
pub struct LocalOptions {
    /// What an acknowledged write survives.
    pub durability: Durability,
    /// The time that messages become visible by.
    pub clock: Arc<dyn Clock>,
    /// Where [`ObjectStore::presign`](crate::ObjectStore::presign) points, such as
    /// `http://127.0.0.1:9000`; without it the URLs are `file:` URLs.
    pub base_url: Option<String>,
    /// How many deliveries of one message may be cut off by the process's death before such a
    /// delivery counts as received. (A person who stops the program should not make documents fail; a
    /// document that ends the program every time must fail in the end.)
    pub interruptions_forgiven: u32,
    /// Whether messages that wait for their time, after a back-off or a delay, are due at once: for a
    /// person who begins again, and knows that what was in the way then is gone.
    pub at_once: bool,
}

impl Default for LocalOptions {
    fn default() -> Self {
        Self {
            durability: Durability::default(),
            clock: Arc::new(SystemClock),
            base_url: None,
            interruptions_forgiven: 16,
            at_once: false,
        }
    }
}

/// A store and its queues in one folder, owned by this process.
#[derive(Clone, Debug)]
pub struct LocalCloud {
    store: LocalStore,
    queues: LocalQueues,
    folder: PathBuf,
    options: LocalOptions,
    room: Arc<Room>,
    _lock: Arc<File>,
}

/// What could not be written for want of room.
#[derive(Debug, Default)]
pub(crate) struct Room(Mutex<Option<String>>);

impl Room {
    /// Passes a result on, and remembers it when the disk was full.
    fn note<T>(&self, done: CloudResult<T>) -> CloudResult<T> {
        if let Err(error) = &done
            && error.is_full()
        {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
        }
        done
    }
}

impl LocalCloud {
    /// Opens the folder, making it when there is none, and releases the deliveries that a process
    /// that died has left.
    ///
    /// # Errors
    /// [`CloudError::Precondition`] when another process owns the folder; [`CloudError::Other`] when
    /// the folder cannot be made or read, or its journal is not one.
    pub fn open(folder: &Path, options: &LocalOptions) -> CloudResult<Self> {
        let failed = |error| CloudError::file(format!("opening {}", folder.display()), error);
        std::fs::create_dir_all(folder).map_err(failed)?;
        let folder = folder.canonicalize().map_err(failed)?;
        let lock = own(&folder)?;
        let room = Arc::<Room>::default();
        Ok(Self {
            store: LocalStore::open(&folder, options, room.clone())?,
            queues: LocalQueues::open(&folder.join("queues.journal"), options, room.clone())?,
            room,
            folder,
            options: options.clone(),
            _lock: Arc::new(lock),
        })
    }

    /// What last could not be written because the disk is full, since this was last asked. Such an error
    /// counts as transient, and work is tried again and again; who runs it may rather stop.
    #[must_use]
    pub fn take_full(&self) -> Option<String> {
        let mut full = self.room.0.lock().unwrap_or_else(PoisonError::into_inner);
        full.take()
    }

    /// The objects.
    #[must_use]
    pub fn store(&self) -> &LocalStore {
        &self.store
    }

    /// The queue of that name, made (with its dead-letter queue) when there is none.
    ///
    /// # Errors
    /// [`CloudError::Other`] when the journal cannot be written.
    pub fn queue(&self, name: &str, redrive: Option<&Redrive>) -> CloudResult<LocalQueue> {
        self.queues.queue(name, redrive)
    }

    /// Another store of this cloud, apart from [`LocalCloud::store`], made when there is none.
    ///
    /// # Errors
    /// [`CloudError::Invalid`] when the name is not a bucket's; [`CloudError::Other`] when its folder
    /// cannot be made. One store must not be opened twice at once.
    pub fn bucket(&self, name: &str) -> CloudResult<LocalStore> {
        if !is_bucket_name(name) {
            return Err(CloudError::invalid(format!(
                "{name:?} is not a bucket's name: 3 to 63 lower-case letters, digits, dots and hyphens"
            )));
        }
        let folder = self.folder.join("buckets").join(name);
        std::fs::create_dir_all(&folder)
            .map_err(|error| CloudError::file(format!("making the bucket {name}"), error))?;
        LocalStore::open(&folder, &self.options, self.room.clone())
    }

    /// Removes a store that [`LocalCloud::bucket`] has made, with all that is in it.
    ///
    /// # Errors
    /// [`CloudError::Other`] when its folder cannot be removed.
    pub fn remove_bucket(&self, name: &str) -> CloudResult<()> {
        if !is_bucket_name(name) {
            return Ok(());
        }
        match std::fs::remove_dir_all(self.folder.join("buckets").join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(CloudError::file(
                format!("removing the bucket {name}"),
                error,
            )),
            _ => Ok(()),
        }
    }

    /// The names of the stores that [`LocalCloud::bucket`] has made, in order.
    ///
    /// # Errors
    /// [`CloudError::Other`] when their folder cannot be read.
    pub fn buckets(&self) -> CloudResult<Vec<String>> {
        let failed = |error| CloudError::file("listing the buckets", error);
        let entries = match std::fs::read_dir(self.folder.join("buckets")) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed)?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let name = entry.map_err(failed)?.file_name();
            names.extend(name.into_string().ok().filter(|name| is_bucket_name(name)));
        }
        names.sort_unstable();
        Ok(names)
    }

    /// The folder, absolute.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// S3's rules for names of buckets, without those about what a name may look like.
fn is_bucket_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (3..=63).contains(&name.len())
        && name
            .bytes()
            .all(|byte| plain(byte) || byte == b'-' || byte == b'.')
        && name.bytes().next().is_some_and(plain)
        && name.bytes().next_back().is_some_and(plain)
        && !name.contains("..")
}

/// Takes the folder's lock; the operating system drops it with the process, however that ends.
fn own(folder: &Path) -> CloudResult<File> {
    let path = folder.join("lock");
    let failed = |error| CloudError::file(format!("locking {}", path.display()), error);
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(CloudError::Precondition {
            what: format!("{} (another process works there)", folder.display()),
        }),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_disk_is_remembered_until_somebody_asks() {
        let folder = tempfile::tempdir().unwrap();
        let cloud = LocalCloud::open(folder.path(), &LocalOptions::default()).unwrap();
        let fails = |kind: std::io::ErrorKind| {
            let error = CloudError::file("writing a part", kind.into());
            cloud.store().blocking(move |_| Err::<(), _>(error))
        };
        fails(std::io::ErrorKind::PermissionDenied)
            .await
            .unwrap_err();
        assert_eq!(cloud.take_full(), None);
        fails(std::io::ErrorKind::StorageFull).await.unwrap_err();
        let full = cloud.take_full().unwrap();
        assert!(full.contains("writing a part"), "{full}");
        assert_eq!(cloud.take_full(), None);
    }
}
