//! Parts that an attempt left behind when its function died: they are whole, because the store's
//! writes are, and the same bytes as another attempt would make, so they are not made again.

use fanfold_cloud::Key;
use fanfold_job::message::RunRef;
use fanfold_job::settled::EndedDocument;
use fanfold_job::{Document, sha256_hex};
use fanfold_ledger::LedgerResult;

use crate::Render;

impl Render {
    /// The document's result from its part, when that is there and can be read.
    pub(crate) async fn adopt(
        &self,
        run: &RunRef,
        document: &Document,
        attempts: u32,
    ) -> LedgerResult<Option<EndedDocument>> {
        let key = Key::new(run.batch_keys().part(&document.output))
            .map_err(fanfold_cloud::CloudError::from)?;
        let Some(pdf) = self.ledger.bytes(key.as_str()).await? else {
            return Ok(None);
        };
        let renderer = std::sync::Arc::clone(&self.renderer);
        // Reading a PDF is CPU work.
        let read = tokio::task::spawn_blocking(move || {
            let pages = renderer.pages(&pdf)?;
            Some((pages, pdf.len() as u64, sha256_hex(&pdf)))
        });
        // A panic while reading: the part is made again.
        let Ok(Some((pages, bytes, sha256))) = read.await else {
            return Ok(None);
        };
        Ok(Some(EndedDocument::ok(
            document, pages, bytes, sha256, attempts, 0,
        )))
    }
}
