//! `/v1/batches`: accept, status, results, retry, cancel.

use fanfold_cloud::{CloudError, Key};
use fanfold_job::report::{StatusReport, VolumeLink};
use fanfold_job::settled::{Accepted, DocumentResult, Status};
use fanfold_job::{BatchKeys, Defaults, Format, MergeSpec, Priority};
use fanfold_ledger::{Absent, LedgerResult, Progress, Results};
use serde::Serialize;
use serde_json::{Value, json};

use crate::failure::{bad_request, conflict, not_accepted, unavailable};
use crate::retry::Retried;
use crate::{Enqueue, Request, Response, Submission, Text};

/// Results on a page, and the most a page may ask for.
const PAGE: usize = 100;
const MAX_PAGE: usize = 1_000;
/// Results looked at for one page; a page may be short, or empty, and still have a next one.
const SCANNED: usize = 20_000;

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
            Err(error) => unavailable(&error),
        }
    }

    fn submission(&self, request: &Request) -> Result<Submission, Response> {
        let media_type = request.header("content-type").unwrap_or("application/json");
        let Some(format) = Format::from_media_type(media_type) else {
            let detail = format!(
                "{media_type} is not a manifest's type; send application/json, application/x-ndjson or text/csv"
            );
            return Err(bad_request(detail));
        };
        let defaults = defaults(request)?;
        Ok(Submission {
            tenant: request.tenant.clone(),
            batch: self.batch_of(request)?,
            format,
            defaults,
            text: Text::Bytes(request.body.clone()),
        })
    }

    pub(crate) async fn get_batch(&self, accepted: Accepted) -> Response {
        match self.status(accepted).await {
            Ok(report) => Response::json(200, &report).header("cache-control", "no-store"),
            Err(error) => unavailable(&error),
        }
    }

    /// A batch's status with links to its volumes.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn status(&self, accepted: Accepted) -> LedgerResult<StatusReport> {
        let progress = self.ledger.progress(accepted).await?;
        let volumes = self.links(&progress).await?;
        Ok(StatusReport::new(
            &progress.accepted,
            progress.facts,
            &progress.tally,
            volumes,
        ))
    }

    async fn links(&self, progress: &Progress) -> LedgerResult<Vec<VolumeLink>> {
        let records = progress.merged.iter().flat_map(|merged| &merged.volumes);
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
        let plans = self.ledger.plans(accepted).await?;
        let keys = BatchKeys::new(&accepted.tenant, &accepted.batch_id);
        let mut results = Results::new(
            self.ledger.clone(),
            accepted,
            &plans,
            page.first,
            Absent::Skip,
        );
        let (mut documents, mut next) = (Vec::new(), None);
        for scanned in 0.. {
            let Some(document) = results.next().await? else {
                break;
            };
            if documents.len() == page.limit || scanned == SCANNED {
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
            Ok(Retried::NoneFailed) => conflict("no document failed; there is nothing to retry"),
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
        if !progress.facts.cancelled && progress.status().is_final() {
            return Ok(None);
        }
        let keys = BatchKeys::new(&progress.accepted.tenant, &progress.accepted.batch_id);
        let marker = json!({"cancelled_ms": self.ledger.now_ms()});
        self.ledger
            .create(&keys.cancelled(), &marker, progress.accepted.retention_days)
            .await?;
        tracing::info!(batch = %progress.accepted.batch_id, "a batch is cancelled");
        self.status(progress.accepted).await.map(Some)
    }
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
