//! Accepting a manifest: checked whole, recorded once, then cut into messages.
//!
//! The order is what makes it safe to die anywhere: the texts are copied under names made of their
//! content, the record that names them is created once, and only then is anything queued. The same
//! request again finds the record and goes on from there.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::sync::Arc;

use bytes::Bytes;
use fanfold_cloud::{CloudError, Key, ObjectMeta, PutOptions};
use fanfold_job::settled::Accepted;
use fanfold_job::{
    BatchId, BatchKeys, CheckError, Defaults, Format, Limits, Manifest, ManifestError,
    ManifestErrors, Place, Plan, Stream, Summary, TenantId, bundle_latest_key, fingerprint,
};
use fanfold_ledger::LedgerError;

use crate::Enqueue;
use crate::text::{ObjectReader, cloud_error};

/// A manifest to accept.
#[derive(Debug, Clone)]
pub struct Submission {
    /// Whose.
    pub tenant: TenantId,
    /// The batch it is to be.
    pub batch: BatchId,
    /// Its form.
    pub format: Format,
    /// What applies where it says nothing.
    pub defaults: Defaults,
    /// Its text.
    pub text: Text,
}

/// Where a manifest's text is.
#[derive(Debug, Clone)]
pub enum Text {
    /// Here.
    Bytes(Bytes),
    /// In the bucket, as this object.
    Object(ObjectMeta),
}

/// Why a manifest was not accepted. Nothing was queued.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AcceptError {
    /// It is wrong; everything that is wrong is listed.
    #[error("{0}")]
    Manifest(ManifestErrors),
    /// The batch exists already, from another request.
    #[error("the batch exists already, from another request")]
    Conflict,
    /// An object changed while it was read.
    #[error("{0} changed while it was read")]
    Changed(String),
    /// The store did not do its part.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl From<CloudError> for AcceptError {
    fn from(error: CloudError) -> Self {
        Self::Ledger(error.into())
    }
}

impl Submission {
    /// What tells this request from another one.
    fn fingerprint(&self) -> String {
        let defaults = serde_json::to_vec(&self.defaults).expect("defaults serialise");
        let form = self.format.extension().as_bytes();
        match &self.text {
            Text::Bytes(bytes) => fingerprint(&[form, &defaults, bytes]),
            Text::Object(meta) => fingerprint(&[
                form,
                &defaults,
                meta.key.as_str().as_bytes(),
                meta.etag.as_bytes(),
            ]),
        }
    }
}

impl Enqueue {
    /// Accepts a manifest and records it. Nothing is queued yet: see [`Enqueue::queue`].
    ///
    /// The same submission again gives the same record. Without
    /// [`Limits::pdf_prefixes`] a manifest may name its tenant's own keys.
    ///
    /// # Errors
    /// [`AcceptError`]; nothing was queued.
    pub async fn accept(
        &self,
        submission: &Submission,
        limits: &Limits,
    ) -> Result<Accepted, AcceptError> {
        let fingerprint = submission.fingerprint();
        let existing = self
            .ledger
            .accepted(&submission.tenant, &submission.batch)
            .await?;
        if let Some(accepted) = existing {
            return same(accepted, &fingerprint);
        }
        let mut limits = limits.clone();
        if limits.pdf_prefixes.is_empty() {
            limits.pdf_prefixes = readable_prefixes(&submission.tenant);
        }
        let (manifest, text) = self.read_manifest(submission, &limits).await?;
        let manifest = Arc::new(manifest);
        let rows = match manifest.stream() {
            Stream::Rows { key, .. } => Some(self.rows_meta(&key, &limits).await?),
            _ => None,
        };
        let summary = self
            .check(&manifest, text.clone(), rows.as_ref(), &limits)
            .await?;
        let bundles = self.bundle_versions(&summary).await?;
        let keys = BatchKeys::new(&submission.tenant, &submission.batch);
        let source = keys.source(&fingerprint, submission.format.extension());
        self.copy(&text, &source, manifest.retention_days).await?;
        let rows = match rows {
            None => None,
            Some(meta) => {
                let extension = if meta.key.as_str().to_ascii_lowercase().ends_with(".csv") {
                    "csv"
                } else {
                    "jsonl"
                };
                let content =
                    fanfold_job::fingerprint(&[meta.key.as_str().as_bytes(), meta.etag.as_bytes()]);
                let to = keys.rows(&content, extension);
                self.copy(&Text::Object(meta), &to, manifest.retention_days)
                    .await?;
                Some(to)
            }
        };
        let accepted = Accepted {
            batch_id: submission.batch.clone(),
            tenant: submission.tenant.clone(),
            created_ms: self.ledger.now_ms(),
            fingerprint: fingerprint.clone(),
            format: submission.format,
            source,
            rows,
            defaults: submission.defaults.clone(),
            plan: Plan::new(summary.documents, limits.chunk_documents),
            merge: manifest.merge.clone(),
            priority: manifest.priority,
            retention_days: manifest.retention_days,
            bundles,
        };
        if self
            .ledger
            .create(&keys.manifest(), &accepted, accepted.retention_days)
            .await?
        {
            tracing::info!(batch = %accepted.batch_id, documents = accepted.plan.documents, "a batch is accepted");
            return Ok(accepted);
        }
        // Another request was faster.
        same(self.ledger.must_read(&keys.manifest()).await?, &fingerprint)
    }

    /// Reads the manifest; a JSON manifest is read whole and gives its bytes.
    async fn read_manifest(
        &self,
        submission: &Submission,
        limits: &Limits,
    ) -> Result<(Manifest, Text), AcceptError> {
        let text = match (&submission.text, submission.format) {
            (Text::Object(meta), Format::Json) if meta.size <= limits.manifest_bytes as u64 => {
                let object = self.ledger.store().get(&meta.key).await?;
                if object.meta.etag != meta.etag {
                    return Err(AcceptError::Changed(meta.key.to_string()));
                }
                Text::Bytes(object.bytes)
            }
            (Text::Object(meta), Format::Json) => {
                let what = format!(
                    "{} bytes; a JSON manifest is at most {}: use JSON Lines, CSV, or a file of rows",
                    meta.size, limits.manifest_bytes
                );
                return Err(AcceptError::Manifest(
                    ManifestError::new(Place::pointer(""), what).into(),
                ));
            }
            (text, _) => text.clone(),
        };
        let bytes: &[u8] = match &text {
            Text::Bytes(bytes) => bytes,
            Text::Object(_) => &[],
        };
        let manifest = Manifest::read(submission.format, bytes, &submission.defaults, limits)
            .map_err(AcceptError::Manifest)?;
        Ok((manifest, text))
    }

    /// The file of rows, which must be there and be the tenant's.
    async fn rows_meta(&self, key: &str, limits: &Limits) -> Result<ObjectMeta, AcceptError> {
        let wrong = |what: String| {
            AcceptError::Manifest(ManifestError::new(Place::pointer("/rows"), what).into())
        };
        if !limits.may_read(key) {
            return Err(wrong(limits.unreadable()));
        }
        let name = Key::new(key).map_err(|error| wrong(error.to_string()))?;
        match self.ledger.store().head(&name).await {
            Ok(meta) => Ok(meta),
            Err(error) if error.is_not_found() => {
                Err(wrong(format!("there is no {key}; upload it first")))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn check(
        &self,
        manifest: &Arc<Manifest>,
        text: Text,
        rows: Option<&ObjectMeta>,
        limits: &Limits,
    ) -> Result<Summary, AcceptError> {
        let stream: Box<dyn Read + Send> = match (manifest.stream(), rows, text) {
            (Stream::Rows { .. }, Some(meta), _) => self.stream_of(meta),
            (Stream::Manifest, _, Text::Object(meta)) => self.stream_of(&meta),
            (Stream::Manifest, _, Text::Bytes(bytes)) => Box::new(Cursor::new(bytes)),
            _ => Box::new(std::io::empty()),
        };
        let (manifest, limits) = (Arc::clone(manifest), limits.clone());
        // Parsing hundreds of megabytes is CPU work, and the reader blocks.
        let checked = tokio::task::spawn_blocking(move || manifest.check(stream, &limits)).await;
        match checked {
            Ok(Ok(summary)) => Ok(summary),
            Ok(Err(CheckError::Manifest(errors))) => Err(AcceptError::Manifest(errors)),
            Ok(Err(CheckError::Io(error))) => Err(cloud_error(error).into()),
            Ok(Err(error)) => Err(CloudError::other("checking the manifest", error).into()),
            Err(error) => Err(CloudError::other("checking the manifest", error).into()),
        }
    }

    pub(crate) fn stream_of(&self, meta: &ObjectMeta) -> Box<dyn Read + Send> {
        Box::new(ObjectReader::new(
            self.ledger.store().clone(),
            meta.key.clone(),
            meta.size,
        ))
    }

    /// The current version of each bundle that is in the bucket.
    async fn bundle_versions(
        &self,
        summary: &Summary,
    ) -> Result<BTreeMap<String, String>, AcceptError> {
        let mut versions = BTreeMap::new();
        for name in &summary.bundles {
            let pointer: Option<serde_json::Value> =
                self.ledger.read(&bundle_latest_key(name)).await?;
            if let Some(version) = pointer
                .as_ref()
                .and_then(|pointer| pointer["version"].as_str())
            {
                versions.insert(name.clone(), version.to_owned());
            }
        }
        Ok(versions)
    }

    /// Copies a text to a key named by its content. An object must still be what was checked.
    async fn copy(
        &self,
        text: &Text,
        to: &str,
        retention_days: Option<u32>,
    ) -> Result<(), AcceptError> {
        let store = self.ledger.store();
        let key = Key::new(to).map_err(CloudError::from)?;
        let options = PutOptions::overwrite().retention_days(retention_days);
        let meta = match text {
            Text::Bytes(bytes) => {
                store.put(&key, bytes.clone(), options).await?;
                return Ok(());
            }
            Text::Object(meta) => meta,
        };
        let mut upload = store.put_multipart(&key, options).await?;
        let mut from = 0;
        while from < meta.size {
            let bytes = store
                .get_range(&meta.key, from..(from + (8 << 20)).min(meta.size))
                .await?;
            from += bytes.len().max(1) as u64;
            upload.write(bytes).await?;
        }
        if store.head(&meta.key).await?.etag != meta.etag {
            upload.abort().await?;
            return Err(AcceptError::Changed(meta.key.to_string()));
        }
        upload.complete().await?;
        Ok(())
    }

    /// The manifest of an accepted batch, read again, and the stream its documents come from.
    pub(crate) async fn reopen(
        &self,
        accepted: &Accepted,
    ) -> Result<(Manifest, Box<dyn Read + Send>), LedgerError> {
        let missing = |key: &str| LedgerError::Missing {
            key: key.to_owned(),
        };
        let text = match accepted.format {
            Format::Json => self
                .ledger
                .bytes(&accepted.source)
                .await?
                .ok_or_else(|| missing(&accepted.source))?,
            Format::JsonLines | Format::Csv => Bytes::new(),
        };
        // It was checked when it was accepted, by the limits of then.
        let limits = Limits::accepted();
        let manifest = Manifest::read(accepted.format, &text, &accepted.defaults, &limits)
            .map_err(|errors| LedgerError::Damaged {
                key: accepted.source.clone(),
                reason: errors.to_string(),
            })?;
        let streamed = match (manifest.stream(), &accepted.rows) {
            (Stream::None, _) => return Ok((manifest, Box::new(std::io::empty()))),
            (Stream::Manifest, _) => &accepted.source,
            (Stream::Rows { .. }, Some(rows)) => rows,
            (Stream::Rows { key, .. }, None) => return Err(missing(&key)),
        };
        let meta = self
            .ledger
            .store()
            .head(&Key::new(streamed.clone()).map_err(CloudError::from)?)
            .await?;
        let stream = self.stream_of(&meta);
        Ok((manifest, stream))
    }
}

fn same(accepted: Accepted, fingerprint: &str) -> Result<Accepted, AcceptError> {
    if accepted.fingerprint == fingerprint {
        Ok(accepted)
    } else {
        Err(AcceptError::Conflict)
    }
}

/// What a tenant's manifests may name: its uploads below `uploads/t/{tenant}/`, those in no tenant's
/// folder if it is the default tenant ([`Limits::may_read`]), and its own results.
fn readable_prefixes(tenant: &TenantId) -> Vec<String> {
    let mut prefixes = vec![format!("uploads/t/{tenant}/"), format!("t/{tenant}/")];
    if *tenant == TenantId::default() {
        prefixes.insert(0, "uploads/".into());
    }
    prefixes
}
