//! Bundles from the bucket, kept as long as the process.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use fanfold_cloud::{CloudError, Key};
use fanfold_job::bundle_prefix;
use fanfold_job::settled::ErrorKind;
use fanfold_lambda::with_causes;
use fanfold_ledger::{Ledger, LedgerError};

use crate::{BundleFiles, RenderError, Renderer};

/// Bundles kept, and bytes of them; beyond it all are dropped and fetched anew, which is rare and simple.
const KEPT: usize = 256;
const KEPT_BYTES: usize = 128 << 20;
/// Files and bytes of a bundle.
const MAX_FILES: usize = 2_000;
const MAX_BYTES: u64 = 64 << 20;

/// Fetches each version of a bundle once, and one at a time: documents that wait for the same one share
/// it, and those that name different ones do not fill the memory together.
#[derive(Debug, Default)]
pub(crate) struct Bundles {
    kept: Mutex<Kept>,
    fetching: tokio::sync::Mutex<()>,
}

/// Bundles by name and version.
#[derive(Debug, Default)]
struct Kept {
    bundles: HashMap<(String, String), Arc<BundleFiles>>,
    bytes: usize,
}

impl Bundles {
    fn kept(&self, id: &(String, String)) -> Option<Arc<BundleFiles>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.bundles.get(id).cloned()
    }

    fn keep(&self, id: (String, String), bundle: &Arc<BundleFiles>) {
        let bytes: usize = bundle.files.values().map(Bytes::len).sum();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.bundles.len() >= KEPT || kept.bytes + bytes > KEPT_BYTES {
            *kept = Kept::default();
        }
        kept.bytes += bytes;
        kept.bundles.insert(id, Arc::clone(bundle));
    }

    /// The bundle `name`, at the version the batch was accepted with. Without one, the bundle was not
    /// in the bucket then: it is one of the program's own, whatever the bucket has now, so that a retry
    /// draws what the first run drew.
    pub(crate) async fn get(
        &self,
        ledger: &Ledger,
        renderer: &dyn Renderer,
        name: &str,
        version: Option<&str>,
    ) -> Result<Arc<BundleFiles>, RenderError> {
        let Some(version) = version else {
            return renderer.built_in(name).ok_or_else(|| {
                let what = format!(
                    "there was no bundle {name:?} when the batch was accepted; correct the name, or upload the bundle, and send the document in a new batch"
                );
                RenderError::permanent(ErrorKind::BadBundle, what).at(name)
            });
        };
        let id = (name.to_owned(), version.to_owned());
        if let Some(bundle) = self.kept(&id) {
            return Ok(bundle);
        }
        let _fetching = self.fetching.lock().await;
        if let Some(bundle) = self.kept(&id) {
            return Ok(bundle);
        }
        let bundle = Arc::new(fetch(ledger, &id.0, &id.1).await?);
        self.keep(id, &bundle);
        Ok(bundle)
    }
}

async fn fetch(ledger: &Ledger, name: &str, version: &str) -> Result<BundleFiles, RenderError> {
    let prefix = bundle_prefix(name, version);
    let store = ledger.store();
    let mut files = BTreeMap::new();
    let (mut after, mut bytes) = (None, 0);
    loop {
        let page = store
            .list(&prefix, after.as_deref(), 1000)
            .await
            .map_err(|e| service(&e.into()))?;
        for object in &page.objects {
            bytes += object.size;
            if files.len() == MAX_FILES || bytes > MAX_BYTES {
                let what = format!(
                    "the bundle {name:?} has more than {MAX_FILES} files or {MAX_BYTES} bytes"
                );
                return Err(RenderError::permanent(ErrorKind::BadBundle, what));
            }
            let content = store
                .get(&object.key)
                .await
                .map_err(|e| service(&e.into()))?
                .bytes;
            let path = object
                .key
                .as_str()
                .strip_prefix(&prefix)
                .unwrap_or_default();
            files.insert(path.to_owned(), content);
        }
        after = page
            .objects
            .last()
            .map(|object| Key::as_str(&object.key).to_owned());
        if !page.more || after.is_none() {
            break;
        }
    }
    if files.is_empty() {
        let what =
            format!("the bundle {name:?} has no files at version {version:?}; upload it again");
        return Err(RenderError::permanent(ErrorKind::BadBundle, what));
    }
    Ok(BundleFiles {
        name: name.to_owned(),
        version: version.to_owned(),
        files,
    })
}

/// The store's error as the document's. Only a wrong request would be wrong again: a full disk is made
/// room on, an expired token renewed, a permission given, while the document waits for its next
/// attempt.
pub(crate) fn service(error: &LedgerError) -> RenderError {
    let message = with_causes(error);
    match error {
        LedgerError::Cloud(CloudError::Invalid { .. })
        | LedgerError::Damaged { .. }
        | LedgerError::Missing { .. } => RenderError::permanent(ErrorKind::Service, message),
        _ => RenderError::transient(ErrorKind::Service, message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_said_and_tried_again() {
        let full = std::io::Error::other("No space left on device");
        let error = service(&CloudError::other("writing parts/a.pdf", full).into());
        assert!(error.transient);
        let message = &error.error.message;
        assert!(message.contains("No space left on device"), "{message}");
        assert!(service(&CloudError::throttled("put").into()).transient);
        assert!(!service(&CloudError::invalid("the key is too long").into()).transient);
    }
}
