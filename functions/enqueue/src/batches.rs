//! `/v1/batches`: accept, status, results, retry, cancel.

use fanfold_cloud::{CloudError, Key};
use fanfold_job::report::{BatchStatus, StatusReport, VolumeLink};
use fanfold_job::settled::{Accepted, DocumentResult, Status, StitchEnd, VolumeRecord};
use fanfold_job::{BatchKeys, Defaults, Format, MergeSpec, Plan, Priority};
use fanfold_ledger::{Absent, LedgerResult, Results};
use serde::Serialize;
use serde_json::{Value, json};

use crate::failure::{
    bad_request, conflict, half_queued, not_accepted, too_large, unavailable, unsupported,
};
use crate::retry::Retried;
use crate::{Enqueue, Request, Response, Submission, Text};

/// Results on a page, and the most a page may ask for.
const PAGE: usize = 100;
const MAX_PAGE: usize = 1_000;
/// Documents looked at for one page; a page may be short, or empty, and still have a next one.
const SCANNED: u64 = 20_000;
/// Volumes in one answer, whose links have to fit in a function's 6 MB.
const VOLUMES: usize = 1_000;

impl Enqueue {
    pub(crate) async fn post_batch(&self, request: &Request) -> Response {
        let submission = match self.submission(request) {
            Ok(submission) => submission,
            Err(response) => return response,
        };
        let accepted = match self.accept(&submission, &self.limits).await {
            Ok(accepted) => accepted,
            Err(error) => return not_accepted(error),
        };
        match self.queue(&accepted).await {
            Ok(()) => taken(&accepted),
            Err(error) => {
                let has_key = request.header("idempotency-key").is_some();
                half_queued(&error, &accepted.batch_id, has_key)
            }
        }
    }

    fn submission(&self, request: &Request) -> Result<Submission, Response> {
        let media_type = request.header("content-type").unwrap_or("application/json");
        let Some(format) = Format::from_media_type(media_type) else {
            return Err(unsupported(media_type));
        };
        if format == Format::Json && request.body.len() > self.limits.manifest_bytes {
            return Err(too_large(request.body.len(), self.limits.manifest_bytes));
        }
        let defaults = defaults(request)?;
        Ok(Submission {
            tenant: request.tenant.clone(),
            batch: self.batch_of(request)?,
            format,
            defaults,
            text: Text::Bytes(request.body.clone()),
        })
    }

    pub(crate) async fn get_batch(&self, accepted: Accepted, request: &Request) -> Response {
        let first = match request.query.get("volumes_from").map(|text| text.parse()) {
            None => 0,
            Some(Ok(first)) => first,
            Some(Err(_)) => {
                return bad_request("volumes_from is the next_volumes of the answer before");
            }
        };
        match self.status_from(accepted, first).await {
            Ok(report) => Response::json(200, &report).header("cache-control", "no-store"),
            Err(error) => unavailable(&error),
        }
    }

    /// A batch's status with links to its first volumes.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn status(&self, accepted: Accepted) -> LedgerResult<StatusReport> {
        self.status_from(accepted, 0).await
    }

    /// A batch's status with links to the volumes from the `first` on, as many as an answer holds.
    async fn status_from(&self, accepted: Accepted, first: usize) -> LedgerResult<StatusReport> {
        let progress = self.ledger.progress(accepted).await?;
        let (mut records, mut count) = (Vec::new(), 0);
        if let Some(merged) = &progress.merged {
            let volumes = self
                .ledger
                .volumes(&progress.accepted, merged, first, VOLUMES);
            (records, count) = (volumes.await?, merged.count());
        }
        let volumes = self.links(records.iter()).await?;
        let mut report =
            StatusReport::new(&progress.accepted, progress.facts, &progress.tally, volumes);
        let next = first.saturating_add(VOLUMES);
        report.next_volumes = (next < count).then(|| next.to_string());
        Ok(report)
    }

    async fn links(
        &self,
        records: impl Iterator<Item = &VolumeRecord>,
    ) -> LedgerResult<Vec<VolumeLink>> {
        let mut links = Vec::new();
        for record in records {
            let url = match &record.key {
                Some(key) => Some(self.link(key, record.output.as_str()).await?),
                None => None,
            };
            links.push(VolumeLink {
                output: record.output.clone(),
                url,
                error: record.error.clone(),
                missing: record.missing,
                warnings: record.warnings.clone(),
            });
        }
        Ok(links)
    }

    /// A link to an object, saved under the last part of its output name.
    pub(crate) async fn link(&self, key: &str, output: &str) -> LedgerResult<String> {
        let key = Key::new(key).map_err(CloudError::from)?;
        let name = output.rsplit('/').next().unwrap_or(output);
        Ok(self
            .ledger
            .store()
            .presign(&key, self.settings.link, Some(name))
            .await?)
    }

    pub(crate) async fn get_results(&self, accepted: Accepted, request: &Request) -> Response {
        let page = match Page::of(request) {
            Ok(page) => page,
            Err(response) => return response,
        };
        match self.results(&accepted, &page).await {
            Ok(body) => Response::json(200, &body).header("cache-control", "no-store"),
            Err(error) => unavailable(&error),
        }
    }

    async fn results(&self, accepted: &Accepted, page: &Page) -> LedgerResult<Value> {
        let mut plans = self.ledger.plans(accepted).await?;
        // Of a batch under way, all chunks that are not settled would be read through for a page.
        let end = scanned_until(&mut plans, page.first);
        let keys = BatchKeys::new(&accepted.tenant, &accepted.batch_id);
        let mut results = Results::new(
            self.ledger.clone(),
            accepted,
            &plans,
            page.first,
            Absent::Skip,
        );
        let (mut documents, mut next) = (Vec::new(), end.map(|end| end.to_string()));
        while let Some(document) = results.next().await? {
            if documents.len() == page.limit {
                next = Some(document.index.to_string());
                break;
            }
            if page
                .status
                .is_none_or(|status| status == document.result.status)
            {
                let url = match (page.links, document.result.status) {
                    (true, Status::Ok) => Some(
                        self.link(
                            &keys.part(&document.result.output),
                            document.result.output.as_str(),
                        )
                        .await?,
                    ),
                    _ => None,
                };
                documents.push(Linked {
                    result: document.result,
                    url,
                });
            }
        }
        Ok(json!({"documents": documents, "next": next}))
    }

    pub(crate) async fn post_retry(&self, accepted: Accepted) -> Response {
        let id = accepted.batch_id.clone();
        match self.retry(accepted).await {
            Ok(Retried::Again(documents)) => {
                let body = json!({"batch_id": id, "status": "queued", "documents": documents});
                Response::json(202, &body).header("location", format!("/v1/batches/{id}"))
            }
            Ok(Retried::NotEnded(status)) => conflict(format!(
                "the batch is {}; failed documents are retried when it is complete",
                json!(status).as_str().unwrap_or_default()
            )),
            Ok(Retried::NoneFailed) => {
                conflict("no document and no volume failed; there is nothing to retry")
            }
            Err(error) => unavailable(&error),
        }
    }

    pub(crate) async fn delete_batch(&self, accepted: Accepted) -> Response {
        match self.cancel(accepted).await {
            Ok(Some(report)) => Response::json(200, &report),
            Ok(None) => {
                conflict("the batch has ended; its results are kept until their retention is over")
            }
            Err(error) => unavailable(&error),
        }
    }

    /// Cancels a batch: no document of it is started any more, and no volume stitched. None when it
    /// has ended already.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn cancel(&self, accepted: Accepted) -> LedgerResult<Option<StatusReport>> {
        let progress = self.ledger.progress(accepted).await?;
        match progress.status() {
            // One that died in the middle of it may have left the rest to do.
            BatchStatus::Cancelled => {}
            status if status.is_final() => return Ok(None),
            _ => {}
        }
        let keys = BatchKeys::new(&progress.accepted.tenant, &progress.accepted.batch_id);
        let cancelled_ms = self.ledger.now_ms();
        let days = progress.accepted.retention_days;
        let marker = json!({"cancelled_ms": cancelled_ms});
        self.ledger.create(&keys.cancelled(), &marker, days).await?;
        if !progress.accepted.merge.is_empty() {
            // A merge that looked before may be about to say that it ended: one of the two comes first.
            let end = StitchEnd::Cancelled { cancelled_ms };
            let key = keys.run(progress.generation).merged();
            self.ledger.create(&key, &end, days).await?;
        }
        let report = self.status(progress.accepted).await?;
        // It may have come to its end meanwhile.
        let cancelled = report.status == BatchStatus::Cancelled;
        tracing::info!(batch = %report.batch_id, cancelled, "a batch is cancelled");
        Ok(cancelled.then_some(report))
    }
}

/// Cuts the first run's plan off behind the documents that one page looks at, and says where it is
/// cut; none when the page looks at all that are left.
fn scanned_until(plans: &mut [Plan], first: u64) -> Option<u64> {
    let plan = plans.first_mut()?;
    let last = plan.chunk_range(plan.chunk_of(first.saturating_add(SCANNED - 1)));
    let cut = last.end < plan.documents && last.start < last.end;
    cut.then(|| {
        plan.documents = last.end;
        last.end
    })
}

/// A result with a link to its PDF.
#[derive(Serialize)]
struct Linked {
    #[serde(flatten)]
    result: DocumentResult,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

/// 202 for an accepted batch.
fn taken(accepted: &Accepted) -> Response {
    let id = &accepted.batch_id;
    let body = json!({"batch_id": id, "status": "queued", "total": accepted.plan.documents});
    Response::json(202, &body).header("location", format!("/v1/batches/{id}"))
}

/// What a request's query says for documents and volumes without their own.
fn defaults(request: &Request) -> Result<Defaults, Response> {
    let mut defaults = Defaults::default();
    for (name, value) in &request.query {
        match name.as_str() {
            "bundle" => defaults.bundle = Some(value.clone()),
            "output" => defaults.output = Some(value.clone()),
            "locale" => defaults.locale = Some(value.clone()),
            "merge" => {
                let spec = MergeSpec {
                    output: value.clone(),
                    by: None,
                    on_failure: Default::default(),
                    outline: Default::default(),
                    dressing: Default::default(),
                };
                defaults.merge = vec![spec];
            }
            "priority" => defaults.priority = Some(priority(value)?),
            "retention_days" => {
                let days = value
                    .parse()
                    .map_err(|_| bad_request("retention_days is a whole number of days"))?;
                defaults.retention_days = Some(days);
            }
            other => {
                let detail = format!(
                    "{other} is not a parameter; there are bundle, output, locale, merge, priority, retention_days"
                );
                return Err(bad_request(detail));
            }
        }
    }
    Ok(defaults)
}

fn priority(text: &str) -> Result<Priority, Response> {
    match text {
        "interactive" => Ok(Priority::Interactive),
        "bulk" => Ok(Priority::Bulk),
        _ => Err(bad_request("priority is interactive or bulk")),
    }
}

/// Which results are asked for.
struct Page {
    first: u64,
    limit: usize,
    status: Option<Status>,
    links: bool,
}

impl Page {
    fn of(request: &Request) -> Result<Self, Response> {
        let query = |name: &str| request.query.get(name).map(String::as_str);
        let first = match query("cursor") {
            None => 0,
            Some(text) => text
                .parse()
                .map_err(|_| bad_request("cursor is the next of the page before"))?,
        };
        let limit = match query("limit").map(str::parse) {
            None => PAGE,
            Some(Ok(limit)) if (1..=MAX_PAGE).contains(&limit) => limit,
            Some(_) => return Err(bad_request(format!("limit is 1 to {MAX_PAGE}"))),
        };
        let status = match query("status") {
            None => None,
            Some("ok") => Some(Status::Ok),
            Some("failed") => Some(Status::Failed),
            Some(_) => return Err(bad_request("status is ok or failed")),
        };
        Ok(Self {
            first,
            limit,
            status,
            links: query("links") == Some("true"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_looks_at_so_many_documents_and_the_pages_at_all() {
        for (documents, size) in [
            (1, 10),
            (20_000, 10),
            (20_001, 10),
            (2_000_000, 7),
            (50_003, 1),
        ] {
            let (mut first, mut seen) = (0, 0);
            loop {
                let mut plans = [Plan::new(documents, size)];
                let end = scanned_until(&mut plans, first);
                assert!(plans[0].documents <= documents);
                let until = plans[0].documents;
                assert!(
                    until - first <= SCANNED + u64::from(size),
                    "{documents} {size} {first}"
                );
                seen += until - first;
                match end {
                    Some(end) if end > first => first = end,
                    end => {
                        assert_eq!((end, until), (None, documents));
                        break;
                    }
                }
            }
            assert_eq!(seen, documents);
        }
        assert_eq!(scanned_until(&mut [Plan::new(5, 10)], u64::MAX), None);
    }
}
