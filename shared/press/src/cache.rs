//! What is made of files, kept for later documents by the files' bytes: a changed file is never served stale.

use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes of files kept.
const CACHE_BYTES: usize = 64 << 20;

/// Values by the bytes they were made from.
#[derive(Debug)]
pub(crate) struct ContentCache<V> {
    entries: Mutex<Entries<V>>,
}

#[derive(Debug)]
struct Entries<V> {
    /// How much is kept.
    bytes: usize,
    values: FxHashMap<Arc<[u8]>, V>,
}

impl<V> Default for Entries<V> {
    fn default() -> Self {
        Self {
            bytes: 0,
            values: FxHashMap::default(),
        }
    }
}

impl<V> Default for ContentCache<V> {
    fn default() -> Self {
        Self {
            entries: Mutex::default(),
        }
    }
}

impl<V: Clone> ContentCache<V> {
    pub(crate) fn get(&self, data: &[u8]) -> Option<V> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.values.get(data).cloned()
    }

    /// Keeps a value that holds `size` bytes beside those of the file.
    pub(crate) fn put(&self, data: Arc<[u8]>, value: V, size: usize) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let size = data.len().saturating_add(size);
        if entries.bytes.saturating_add(size) > CACHE_BYTES {
            *entries = Entries::default();
        }
        if size <= CACHE_BYTES {
            entries.bytes += size;
            entries.values.insert(data, value);
        }
    }
}
