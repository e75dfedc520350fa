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
    ManifestErrors, Place, Plan, Reading, Stream, Summary, TenantId, fingerprint,
};
use fanfold_ledger::{LedgerError, working_retention};

use crate::Enqueue;
use crate::bundles::KnownBundles;

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
        let (mut reading, text) = self.read_manifest(submission, &limits).await?;
        let rows = match reading.stream() {
            Stream::Rows { key, .. } => self.rows_meta(&key, &limits, &mut reading).await?,
            _ => None,
        };
        let (manifest, summary, bundles) = self
            .check(reading, text.clone(), rows.as_ref(), &limits)
            .await?;
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
    ) -> Result<(Reading, Text), AcceptError> {
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
        let bytes = match &text {
            Text::Bytes(bytes) => bytes.clone(),
            Text::Object(_) => Bytes::new(),
        };
        let (format, defaults, limits) = (
            submission.format,
            submission.defaults.clone(),
            limits.clone(),
        );
        // Sixteen megabytes are CPU work.
        let read =
            tokio::task::spawn_blocking(move || Reading::of(format, &bytes, &defaults, &limits));
        let reading = read
            .await
            .map_err(|panic| CloudError::other("reading the manifest", panic))?;
        Ok((reading, text))
    }

    /// The file of rows, which must be there and be the tenant's; if not, the manifest says so.
    async fn rows_meta(
        &self,
        key: &str,
        limits: &Limits,
        reading: &mut Reading,
    ) -> Result<Option<ObjectMeta>, AcceptError> {
        let wrong = match (limits.may_read(key), Key::new(key)) {
            (false, _) => limits.unreadable(),
            (true, Err(error)) => error.to_string(),
            (true, Ok(name)) => match self.ledger.store().head(&name).await {
                Ok(meta) => return Ok(Some(meta)),
                Err(error) if error.is_not_found() => {
                    format!("there is no {key}; upload it first")
                }
                Err(error) => return Err(error.into()),
            },
        };
        reading.fault(ManifestError::new(Place::pointer("/rows"), wrong));
        Ok(None)
    }

    /// Checks the whole manifest, and gives the current version of each bundle that is in the bucket.
    async fn check(
        &self,
        reading: Reading,
        text: Text,
        rows: Option<&ObjectMeta>,
        limits: &Limits,
    ) -> Result<(Manifest, Summary, BTreeMap<String, String>), AcceptError> {
        let stream: Option<Box<dyn Read + Send>> = match (reading.stream(), rows, text) {
            (Stream::Rows { .. }, Some(meta), _) => Some(self.ledger.stream(meta)),
            (Stream::Manifest, _, Text::Object(meta)) => Some(self.ledger.stream(&meta)),
            (Stream::Manifest, _, Text::Bytes(bytes)) => Some(Box::new(Cursor::new(bytes))),
            (Stream::None, ..) | (Stream::Rows { .. }, None, _) => None,
        };
        let mut bundles = KnownBundles::new(self.ledger.clone(), Arc::clone(&self.built_in));
        let limits = limits.clone();
        // Parsing hundreds of megabytes is CPU work, and the reader blocks.
        let checked = tokio::task::spawn_blocking(move || {
            let checked = reading.check(stream, &mut bundles, &limits);
            checked.map(|(manifest, summary)| (manifest, summary, bundles.into_versions()))
        });
        match checked.await {
            Ok(Ok(checked)) => Ok(checked),
            Ok(Err(CheckError::Manifest(errors))) => Err(AcceptError::Manifest(errors)),
            Ok(Err(CheckError::Io(error))) => Err(AcceptError::Ledger(error.into())),
            Ok(Err(error)) => Err(CloudError::other("checking the manifest", error).into()),
            Err(error) => Err(CloudError::other("checking the manifest", error).into()),
        }
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
        let options = PutOptions::overwrite().retention_days(working_retention(retention_days));
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
