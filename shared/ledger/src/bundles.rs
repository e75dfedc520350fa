//! Bundles in the bucket: a version's files, and a pointer to the current version.

use bytes::Bytes;
use fanfold_cloud::{CloudError, Key, PutOptions};
use fanfold_job::{bundle_latest_key, bundle_prefix};
use serde::{Deserialize, Serialize};

use crate::{Ledger, LedgerResult};

/// `bundles/{name}/latest.json`.
#[derive(Debug, Serialize, Deserialize)]
struct Latest {
    version: String,
}

/// Bundles of the bucket that [`Ledger::bundle_names`] gives at most.
const NAMES: usize = 100;

impl Ledger {
    /// The current version of a bundle; none when the bucket has no such bundle.
    ///
    /// # Errors
    /// When the store does not answer, or the pointer is damaged.
    pub async fn bundle_version(&self, name: &str) -> LedgerResult<Option<String>> {
        let pointer: Option<Latest> = self.read(&bundle_latest_key(name)).await?;
        Ok(pointer.map(|pointer| pointer.version))
    }

    /// The names of the bucket's bundles, the first hundred by name. One list for each: bundles have
    /// many files.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn bundle_names(&self) -> LedgerResult<Vec<String>> {
        let prefix = "bundles/";
        let mut names: Vec<String> = Vec::new();
        let mut after: Option<String> = None;
        while names.len() < NAMES {
            let page = self.store().list(prefix, after.as_deref(), 1).await?;
            let Some(first) = page.objects.first() else {
                break;
            };
            let path = first.key.as_str().strip_prefix(prefix).unwrap_or_default();
            let Some((name, _)) = path.split_once('/') else {
                // A file beside the bundles.
                after = Some(first.key.to_string());
                continue;
            };
            // '0' is the character after '/': behind all of this bundle's files.
            after = Some(format!("{prefix}{name}0"));
            if self.exists(&bundle_latest_key(name)).await? {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }

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
        let pointer = Latest {
            version: version.to_owned(),
        };
        let pointer = serde_json::to_vec(&pointer).expect("a text serialises");
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
