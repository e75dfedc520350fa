//! Where a batch's state is between runs: `.fanfold` in the output folder, one folder a batch.
//!
//! Another manifest, or another build of the program, is another folder; those of before are removed,
//! as nothing would go on from them.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, UNIX_EPOCH};

use crate::failure::Failure;

/// How long to wait for another process to leave the folder; one that was killed is still being
/// cleaned up by the system for a moment.
const PATIENCE: Duration = Duration::from_secs(3);

/// The state's folder, and the right to it as long as this lives.
#[derive(Debug)]
pub(crate) struct State {
    /// The batch's own folder.
    pub(crate) folder: PathBuf,
    _lock: File,
}

impl State {
    /// Takes the state of the batch `key` below the output folder `out`.
    pub(crate) fn take(out: &Path, key: &str) -> Result<Self, Failure> {
        let root = out.join(".fanfold");
        let failed = |error| Failure::file(&root, &error);
        fs::create_dir_all(&root).map_err(failed)?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(root.join("lock"))
            .map_err(failed)?;
        own(&lock, out)?;
        let name = format!("{}-{}", &key[..key.len().min(32)], build());
        for entry in fs::read_dir(&root).map_err(failed)?.flatten() {
            if entry.file_name() != name.as_str() && entry.path().is_dir() {
                fs::remove_dir_all(entry.path()).map_err(failed)?;
            }
        }
        Ok(Self {
            folder: root.join(name),
            _lock: lock,
        })
    }
}

fn own(lock: &File, out: &Path) -> Result<(), Failure> {
    let started = Instant::now();
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if started.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(50));
            }
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::new("another fanfold batch writes there")
                    .at(out.display())
                    .advise("wait until it has finished, or choose another --out"));
            }
            Err(TryLockError::Error(error)) => return Err(Failure::file(out, &error)),
        }
    }
}

/// What tells this build of the program from another, which may draw other pages.
fn build() -> String {
    let found = std::env::current_exe().and_then(fs::metadata).ok();
    let since = found
        .as_ref()
        .and_then(|found| found.modified().ok())
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .unwrap_or_default();
    format!(
        "{:x}-{:x}",
        found.map_or(0, |found| found.len()),
        since.as_nanos()
    )
}
