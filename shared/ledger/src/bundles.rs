//! Bundles in the bucket: a version's files, and a pointer to the current version.

use bytes::Bytes;
use fanfold_cloud::{CloudError, Key, PutOptions};
use fanfold_job::{bundle_latest_key, bundle_prefix};
use serde_json::json;

use crate::{Ledger, LedgerResult};

impl Ledger {
    /// Puts a bundle's files below `bundles/{name}/{version}/` and makes that version the current
    /// one. Batches accepted before keep theirs.
    ///
    /// # Errors
    /// When a path is not a key, or the store does not answer.
    pub async fn install_bundle(
        &self,
        name: &str,
        version: &str,
        files: impl IntoIterator<Item = (String, Bytes)>,
    ) -> LedgerResult<()> {
        let prefix = bundle_prefix(name, version);
        for (path, bytes) in files {
            let key = Key::new(format!("{prefix}{path}")).map_err(CloudError::from)?;
            self.store()
                .put(&key, bytes, PutOptions::overwrite())
                .await?;
        }
        // The pointer last: a version is named when all of it is there.
        let key = Key::new(bundle_latest_key(name)).map_err(CloudError::from)?;
        let pointer = json!({"version": version}).to_string();
        self.store()
            .put(
                &key,
                pointer.into(),
                PutOptions::overwrite().content_type("application/json"),
            )
            .await?;
        Ok(())
    }
}
