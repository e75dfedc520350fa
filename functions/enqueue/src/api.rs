//! The routes of the HTTP API.

use fanfold_job::settled::Accepted;
use fanfold_job::{BatchId, Problem};

use crate::failure::{bad_request, not_found, unavailable};
use crate::{Enqueue, Request, Response};

impl Enqueue {
    /// Answers a request. Every failure is an answer: a problem (RFC 9457).
    pub async fn api(&self, request: &Request) -> Response {
        let path: Vec<&str> = request.path.trim_matches('/').split('/').collect();
        let method = request.method.as_str();
        match (method, path.as_slice()) {
            ("POST", ["v1", "batches"]) => self.post_batch(request).await,
            ("GET" | "HEAD", ["v1", "batches", id]) => {
                with(self.find(request, id).await, async |batch| {
                    self.get_batch(batch, request).await
                })
                .await
            }
            ("DELETE", ["v1", "batches", id]) => {
                with(self.find(request, id).await, async |batch| {
                    self.delete_batch(batch).await
                })
                .await
            }
            ("GET" | "HEAD", ["v1", "batches", id, "documents"]) => {
                with(self.find(request, id).await, async |batch| {
                    self.get_results(batch, request).await
                })
                .await
            }
            ("POST", ["v1", "batches", id, "retry"]) => {
                with(self.find(request, id).await, async |batch| {
                    self.post_retry(batch).await
                })
                .await
            }
            ("POST", ["v1", "documents"]) => self.post_document(request).await,
            ("GET" | "HEAD", ["v1", "documents", id]) => {
                with(self.find(request, id).await, async |batch| {
                    self.get_document(batch).await
                })
                .await
            }
            (_, ["v1", "batches"] | ["v1", "documents"]) => not_allowed("POST"),
            (_, ["v1", "batches", _]) => not_allowed("GET, DELETE"),
            (_, ["v1", "batches", _, "documents"] | ["v1", "documents", _]) => not_allowed("GET"),
            (_, ["v1", "batches", _, "retry"]) => not_allowed("POST"),
            _ => not_found(format!("{} is not a path of this API", request.path)),
        }
    }

    /// The tenant's batch with this id.
    async fn find(&self, request: &Request, id: &str) -> Result<Accepted, Response> {
        let missing = || {
            not_found(format!(
                "there is no batch or document {id:?}; it may be past its retention"
            ))
        };
        let id = BatchId::parse(id).map_err(|_| missing())?;
        match self.ledger.accepted(&request.tenant, &id).await {
            Ok(Some(accepted)) => Ok(accepted),
            Ok(None) => Err(missing()),
            Err(error) => Err(unavailable(&error)),
        }
    }

    /// The batch a request makes: named by its idempotency key, or new.
    pub(crate) fn batch_of(&self, request: &Request) -> Result<BatchId, Response> {
        match request.header("idempotency-key") {
            None => Ok(self.new_id()),
            Some(key)
                if !key.is_empty() && key.len() <= 255 && key.chars().all(|c| !c.is_control()) =>
            {
                Ok(BatchId::from_idempotency_key(&request.tenant, key))
            }
            Some(_) => Err(bad_request(
                "an Idempotency-Key is 1 to 255 printable characters",
            )),
        }
    }
}

async fn with(
    found: Result<Accepted, Response>,
    answer: impl AsyncFnOnce(Accepted) -> Response,
) -> Response {
    match found {
        Ok(accepted) => answer(accepted).await,
        Err(response) => response,
    }
}

fn not_allowed(allow: &str) -> Response {
    let problem = Problem::new(
        405,
        "method-not-allowed",
        "The path does not have this method",
    )
    .detail(format!("it has {allow}"));
    Response::problem(&problem).header("allow", allow)
}
