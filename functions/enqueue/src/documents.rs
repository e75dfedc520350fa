//! `/v1/documents`: one document, now or later. It is a batch of one, and has the batch's id.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use fanfold_job::message::ChunkMessage;
use fanfold_job::settled::{Accepted, EndedDocument, Status};
use fanfold_job::{BatchKeys, Defaults, Format, Limits, ManifestErrors, Priority, Problem};
use fanfold_ledger::{Absent, LedgerResult, Results};
use serde::de::IgnoredAny;
use serde_json::json;

use crate::accept::AcceptError;
use crate::cut::run_ref;
use crate::failure::{bad_request, half_queued, not_accepted, too_large, unavailable};
use crate::{Enqueue, Request, Response, Submission, Text};

/// The largest PDF answered in the body: what API Gateway and Lambda let through, in base64.
const INLINE_BYTES: u64 = 4 << 20;

impl Enqueue {
    pub(crate) async fn post_document(&self, request: &Request) -> Response {
        if let Some(other) = request.query.keys().find(|&name| name != "wait") {
            return bad_request(format!("{other} is not a parameter; there is wait"));
        }
        let wait = match request.query.get("wait").map(String::as_str) {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return bad_request("wait is true or false"),
        };
        let submission = match self.document_submission(request) {
            Ok(submission) => submission,
            Err(response) => return response,
        };
        let limits = Limits {
            documents: 1,
            ..self.limits.clone()
        };
        let accepted = match self.accept(&submission, &limits).await {
            Ok(accepted) => accepted,
            Err(AcceptError::Manifest(errors)) => {
                return not_accepted(AcceptError::Manifest(unwrapped(errors)));
            }
            Err(error) => return not_accepted(error),
        };
        let begun = Instant::now();
        let result = match wait {
            true => self.now(&accepted, begun).await,
            false => self.queue(&accepted).await.map(|()| None),
        };
        match result {
            Ok(Some(document)) => self.ready(&accepted, &document, true).await,
            Ok(None) => pending(&accepted, 202),
            Err(error) => {
                let has_key = request.header("idempotency-key").is_some();
                half_queued(&error, &accepted.batch_id, has_key)
            }
        }
    }

    /// The request's document as a manifest of one.
    fn document_submission(&self, request: &Request) -> Result<Submission, Response> {
        let batch = self.batch_of(request)?;
        if request.body.len() > self.limits.manifest_bytes {
            return Err(too_large(request.body.len(), self.limits.manifest_bytes));
        }
        let manifest = manifest_of_one(&request.body)
            .map_err(|error| bad_request(format!("the body is not JSON: {error}")))?;
        let defaults = Defaults {
            priority: Some(Priority::Interactive),
            ..Defaults::default()
        };
        Ok(Submission {
            tenant: request.tenant.clone(),
            batch,
            format: Format::Json,
            defaults,
            text: Text::Bytes(manifest.into()),
        })
    }

    /// Has the document rendered while the caller waits; none when that takes too long. Then it is on
    /// its queue, and will be rendered.
    async fn now(
        &self,
        accepted: &Accepted,
        begun: Instant,
    ) -> LedgerResult<Option<EndedDocument>> {
        if let Some(document) = self.ended(accepted).await? {
            return Ok(Some(document));
        }
        let left = |begun: Instant| self.settings.wait.saturating_sub(begun.elapsed());
        if let Some(direct) = &self.direct
            && let Some(message) = self.only_chunk(accepted).await?
        {
            match direct.render(&message, left(begun)).await {
                Ok(true) => {
                    self.mark_queued(accepted).await?;
                    return self.ended(accepted).await;
                }
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(batch = %accepted.batch_id, error, "a direct render did not answer; the document goes to its queue");
                }
            }
        }
        self.queue(accepted).await?;
        let mut pause = Duration::from_millis(20);
        while !left(begun).is_zero() {
            tokio::time::sleep(pause.min(left(begun))).await;
            if let Some(document) = self.ended(accepted).await? {
                return Ok(Some(document));
            }
            pause = (pause * 2).min(Duration::from_millis(500));
        }
        Ok(None)
    }

    /// The message of a batch that is one chunk.
    async fn only_chunk(&self, accepted: &Accepted) -> LedgerResult<Option<ChunkMessage>> {
        let (manifest, stream) = self.ledger.manifest(accepted).await?;
        let run = run_ref(accepted, 0, accepted.plan);
        let limits = Limits::accepted();
        let documents: Result<Vec<_>, _> = manifest.documents(stream, &limits).collect();
        Ok(documents
            .ok()
            .map(|documents| ChunkMessage::new(run, 0, &accepted.bundles, documents)))
    }

    async fn ended(&self, accepted: &Accepted) -> LedgerResult<Option<EndedDocument>> {
        let plans = self.ledger.plans(accepted).await?;
        Results::new(self.ledger.clone(), accepted, &plans, 0, Absent::Skip)
            .next()
            .await
    }

    pub(crate) async fn get_document(&self, accepted: Accepted) -> Response {
        match self.ended(&accepted).await {
            Ok(Some(document)) => self.ready(&accepted, &document, false).await,
            Ok(None) => pending(&accepted, 200),
            Err(error) => unavailable(&error),
        }
    }

    /// The answer for a document that has ended: its PDF, or where it is, or why there is none.
    async fn ready(&self, accepted: &Accepted, document: &EndedDocument, inline: bool) -> Response {
        let (id, result) = (&accepted.batch_id, &document.result);
        if result.status == Status::Failed {
            let error = result.error.as_ref();
            if inline {
                let detail = error.map(|error| {
                    if error.place.is_empty() {
                        error.message.clone()
                    } else {
                        format!("{}: {}", error.place, error.message)
                    }
                });
                return Response::problem(
                    &Problem::new(422, "document-failed", "The document cannot be made")
                        .detail(detail.unwrap_or_default()),
                );
            }
            return Response::json(
                200,
                &json!({"document_id": id, "status": "failed", "error": error}),
            );
        }
        let key = BatchKeys::new(&accepted.tenant, id).part(&result.output);
        if inline && result.bytes <= INLINE_BYTES {
            return match self.ledger.bytes(&key).await {
                Ok(Some(pdf)) => Response::empty(200)
                    .header("content-type", "application/pdf")
                    .header("content-location", format!("/v1/documents/{id}"))
                    .body(pdf),
                Ok(None) => {
                    crate::failure::not_found(format!("the PDF of {id} is past its retention"))
                }
                Err(error) => unavailable(&error),
            };
        }
        match self.link(&key, result.output.as_str()).await {
            Ok(url) => Response::empty(303)
                .header("location", url)
                .header("cache-control", "no-store"),
            Err(error) => unavailable(&error),
        }
    }
}

/// What stands before a document in its manifest of one.
const BEFORE: &[u8] = br#"{"documents": ["#;

/// A manifest of the one document that a request's body is, which needs no id. Its text stays as it
/// is, so that it is read as strictly as any manifest's.
fn manifest_of_one(body: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
    let body = body
        .strip_prefix(b"\xEF\xBB\xBF")
        .unwrap_or(body)
        .trim_ascii();
    // One JSON text, nothing after it: the body cannot add to the manifest around it.
    serde_json::from_slice::<IgnoredAny>(body)?;
    let mut manifest = BEFORE.to_vec();
    let members: Result<BTreeMap<String, IgnoredAny>, _> = serde_json::from_slice(body);
    match (body, members) {
        ([b'{', members @ .., b'}'], Ok(named)) if !named.contains_key("id") => {
            manifest.push(b'{');
            manifest.extend_from_slice(members);
            if !members.trim_ascii().is_empty() {
                manifest.push(b',');
            }
            manifest.extend_from_slice(br#""id":"document"}"#);
        }
        // What is wrong with it is said where the manifest is read.
        _ => manifest.extend_from_slice(body),
    }
    manifest.extend_from_slice(b"]}");
    Ok(manifest)
}

fn pending(accepted: &Accepted, status: u16) -> Response {
    let id = &accepted.batch_id;
    Response::json(status, &json!({"document_id": id, "status": "queued"}))
        .header("location", format!("/v1/documents/{id}"))
}

/// The errors of a manifest of one as errors of the document that was sent.
fn unwrapped(mut errors: ManifestErrors) -> ManifestErrors {
    for error in &mut errors.listed {
        if let Some(pointer) = &mut error.place.pointer
            && let Some(rest) = pointer.strip_prefix("/documents/0")
        {
            *pointer = rest.to_owned();
        }
        if let (Some(1), Some(column)) = (error.place.line, &mut error.place.column) {
            *column = column.saturating_sub(BEFORE.len() as u64).max(1);
        }
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;
    use fanfold_job::{Manifest, Stream};

    /// The ids of the manifest that a body becomes, or why it is refused.
    fn ids(body: &str) -> Result<Vec<String>, String> {
        let text = manifest_of_one(body.as_bytes()).map_err(|error| error.to_string())?;
        let limits = Limits::default();
        let manifest = Manifest::read(Format::Json, &text, &Defaults::default(), &limits)
            .map_err(|errors| unwrapped(errors).to_string())?;
        assert_eq!((manifest.stream(), manifest.merge.len()), (Stream::None, 0));
        let documents = manifest.documents(std::io::empty(), &limits);
        documents
            .map(|item| item.map(|document| document.id.to_string()))
            .collect::<Result<_, _>>()
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_document_needs_no_id() {
        assert_eq!(ids(r#" {"html": "x"} "#).unwrap(), ["document"]);
        assert_eq!(ids(r#"{"html": "x", "id": "mine"}"#).unwrap(), ["mine"]);
    }

    #[test]
    fn a_document_is_read_as_strictly_as_a_manifest() {
        let refused = |body: &str| ids(body).unwrap_err();
        assert_eq!(
            refused(r#"{"html": "x", "html": "y"}"#),
            "/html: the field is given twice"
        );
        assert!(refused(r#"{"html": "x", "data": {"a": 1, "a": 2}}"#).contains("given twice"));
        assert!(refused(r#"{"id": "a", "id": "b", "html": "x"}"#).contains("given twice"));
        assert!(refused(r#"{"id": null, "html": "x"}"#).starts_with("/id: is null"));
        assert!(refused("{}").contains("no source"));
        assert!(refused("[]").contains("a document is an object"));
    }

    #[test]
    fn a_body_cannot_add_to_the_manifest_around_it() {
        for body in [
            r#"{"html": "x"}], "merge": [{"output": "a.pdf"}"#,
            r#"{"html": "x"}, {"html": "y"}"#,
            r#"{"html": "x"}]}{"documents": [{"html": "y"}"#,
            "",
        ] {
            assert!(manifest_of_one(body.as_bytes()).is_err(), "{body}");
        }
    }
}
