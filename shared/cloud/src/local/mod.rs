//! The local adapter: objects as files under a folder, and queues in a journal beside them.
//!
//! Every effect is on the kernel's side before its operation answers, so killing the process at any
//! moment loses nothing that was acknowledged; [`Durability::PowerLoss`] also waits for the disk.
//! One process at a time owns the folder.

mod codec;
mod journal;
mod paths;
mod queues;
mod signature;
mod store;

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::broker::Redrive;
use crate::clock::SystemClock;
use crate::error::{CloudError, CloudResult};
use crate::ports::Clock;

pub use queues::{LocalQueue, LocalQueues};
pub use store::LocalStore;

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
}

impl Default for LocalOptions {
    fn default() -> Self {
        Self {
            durability: Durability::default(),
            clock: Arc::new(SystemClock),
            base_url: None,
            interruptions_forgiven: 16,
        }
    }
}

/// A store and its queues in one folder, owned by this process.
#[derive(Clone, Debug)]
pub struct LocalCloud {
    store: LocalStore,
    queues: LocalQueues,
    folder: PathBuf,
    _lock: Arc<File>,
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
        Ok(Self {
            store: LocalStore::open(&folder, options)?,
            queues: LocalQueues::open(&folder.join("queues.journal"), options)?,
            folder,
            _lock: Arc::new(lock),
        })
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

    /// The folder, absolute.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
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
