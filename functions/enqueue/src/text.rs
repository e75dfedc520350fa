//! A manifest's texts: in memory, or streamed from the store in ranges.

use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;
use fanfold_cloud::{CloudError, Key, ObjectStore};
use tokio::runtime::Handle;

/// Bytes fetched at a time.
const RANGE: u64 = 4 << 20;

/// An object as a stream for a thread outside the runtime: two million rows pass through it in a
/// few megabytes.
pub(crate) struct ObjectReader {
    store: Arc<dyn ObjectStore>,
    runtime: Handle,
    key: Key,
    size: u64,
    next: u64,
    held: Bytes,
}

impl ObjectReader {
    /// A reader of an object of this size. Must be made in the runtime and read outside it.
    pub(crate) fn new(store: Arc<dyn ObjectStore>, key: Key, size: u64) -> Self {
        Self {
            store,
            runtime: Handle::current(),
            key,
            size,
            next: 0,
            held: Bytes::new(),
        }
    }
}

impl Read for ObjectReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.held.is_empty() && self.next < self.size {
            let end = (self.next + RANGE).min(self.size);
            let fetched = self
                .runtime
                .block_on(self.store.get_range(&self.key, self.next..end));
            self.held = fetched.map_err(io::Error::other)?;
            if self.held.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.next += self.held.len() as u64;
        }
        let n = self.held.len().min(buffer.len());
        buffer[..n].copy_from_slice(&self.held.split_to(n));
        Ok(n)
    }
}

/// The store's error that a read ended in, if it was one.
pub(crate) fn cloud_error(error: io::Error) -> CloudError {
    match error.downcast::<CloudError>() {
        Ok(error) => error,
        Err(error) => CloudError::other("reading the manifest", error),
    }
}
