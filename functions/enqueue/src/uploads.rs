//! Objects that came into the bucket below `uploads/`: a manifest starts a batch, a PDF is read. What
//! is below `uploads/rows/`, or `uploads/t/{tenant}/rows/`, waits for a manifest that names it.

use fanfold_cloud::{CloudError, Key, ObjectMeta, PutOptions};
use fanfold_job::{BatchId, Defaults, Format, Limits, Problem, TenantId, reading_key};
use fanfold_ledger::LedgerResult;
use serde_json::{Value, json};

use crate::accept::AcceptError;
use crate::{Enqueue, Submission, Text, Upload, reading};

/// What became of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// A batch.
    Batch(BatchId),
    /// A manifest that was refused; its errors are in the object with this key.
    Refused(String),
    /// A PDF; what was read of it is in the object with this key.
    Read(String),
    /// Neither a manifest nor a PDF, or rows below `uploads/rows/` that a manifest is to name, or not
    /// below `uploads/`, or gone.
    Ignored,
}

impl Enqueue {
    /// Handles one upload. The same upload again has the same effect.
    ///
    /// # Errors
    /// When the store or a queue does not answer: the event should come again.
    pub async fn uploaded(&self, upload: &Upload) -> LedgerResult<Received> {
        let Some(rest) = upload.key.strip_prefix("uploads/") else {
            return Ok(Received::Ignored);
        };
        let is_pdf = upload.key.to_ascii_lowercase().ends_with(".pdf");
        let format = Format::from_file_name(&upload.key);
        let (Ok(key), true) = (Key::new(upload.key.clone()), is_pdf || format.is_some()) else {
            return Ok(Received::Ignored);
        };
        // Below uploads/t/{tenant}/ are that tenant's, everything else is the default tenant's.
        let named = rest
            .strip_prefix("t/")
            .and_then(|rest| TenantId::parse(rest.split('/').next()?).ok());
        let folder = match &named {
            Some(tenant) => rest.strip_prefix(&format!("t/{tenant}/")).unwrap_or(rest),
            None => rest,
        };
        if !is_pdf && folder.starts_with("rows/") {
            return Ok(Received::Ignored);
        }
        let tenant = named.unwrap_or_default();
        let meta = match self.ledger.store().head(&key).await {
            Ok(meta) => meta,
            Err(error) if error.is_not_found() => return Ok(Received::Ignored),
            Err(error) => return Err(error.into()),
        };
        match format {
            Some(format) => self.uploaded_manifest(tenant, format, meta).await,
            None => self.uploaded_pdf(&tenant, meta).await,
        }
    }

    async fn uploaded_manifest(
        &self,
        tenant: TenantId,
        format: Format,
        meta: ObjectMeta,
    ) -> LedgerResult<Received> {
        // The same content under the same key is the same batch, however often S3 says that it came.
        let batch =
            BatchId::from_idempotency_key(&tenant, &format!("upload\0{}\0{}", meta.key, meta.etag));
        let about = reading_key(&tenant, meta.key.as_str());
        let submission = Submission {
            tenant,
            batch,
            format,
            defaults: Defaults::default(),
            text: Text::Object(meta),
        };
        let limits = Limits {
            documents: Limits::upload().documents.max(self.limits.documents),
            ..self.limits.clone()
        };
        match self.accept(&submission, &limits).await {
            Ok(accepted) => {
                self.queue(&accepted).await?;
                self.tell(&about, &json!({"kind": "manifest", "batch_id": accepted.batch_id, "documents": accepted.plan.documents})).await?;
                Ok(Received::Batch(accepted.batch_id))
            }
            Err(AcceptError::Manifest(errors)) => {
                tracing::warn!(
                    key = about,
                    errors = errors.total,
                    "an uploaded manifest is refused"
                );
                self.tell(
                    &about,
                    &json!({"kind": "manifest", "refused": Problem::manifest(errors)}),
                )
                .await?;
                Ok(Received::Refused(about))
            }
            Err(AcceptError::Ledger(error)) => Err(error),
            // It was replaced while it was read: the new one has an event of its own.
            Err(AcceptError::Changed(_) | AcceptError::Conflict) => Ok(Received::Ignored),
        }
    }

    async fn uploaded_pdf(&self, tenant: &TenantId, meta: ObjectMeta) -> LedgerResult<Received> {
        let about = reading_key(tenant, meta.key.as_str());
        let mut told =
            json!({"kind": "pdf", "key": meta.key, "etag": meta.etag, "bytes": meta.size});
        let found = if meta.size > self.settings.max_pdf_bytes {
            json!({"error": format!("it has {} bytes; the limit is {}", meta.size, self.settings.max_pdf_bytes)})
        } else {
            let pdf = self.ledger.store().get(&meta.key).await?.bytes;
            // Reading a PDF is CPU work, and may panic on a damaged one.
            let read = tokio::task::spawn_blocking(move || reading::read(&pdf)).await;
            read.unwrap_or_else(|_| json!({"error": "it is damaged beyond reading"}))
        };
        if let (Value::Object(told), Value::Object(found)) = (&mut told, found) {
            told.extend(found);
        }
        self.tell(&about, &told).await?;
        Ok(Received::Read(about))
    }

    async fn tell(&self, key: &str, value: &Value) -> LedgerResult<()> {
        let key = Key::new(key).map_err(CloudError::from)?;
        let options = PutOptions::overwrite().content_type("application/json");
        self.ledger
            .store()
            .put(&key, value.to_string().into(), options)
            .await?;
        Ok(())
    }
}
