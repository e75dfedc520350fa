//! Objects by presigned URL.

use std::fs::File;
use std::io::Read;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use fanfold_cloud::{Key, ObjectStore, content_type};
use fanfold_job::{BatchId, BatchKeys, OutputName, TenantId};
use futures_util::stream;
use serde::Deserialize;

use super::{Server, problem};

/// Bytes read at once.
const PIECE_BYTES: usize = 256 * 1024;

/// The parts of a presigned URL.
#[derive(Debug, Deserialize)]
pub(super) struct Signed {
    until: u64,
    #[serde(default)]
    name: String,
    signature: String,
}

/// Gives an object whose URL is signed.
pub(super) async fn get(
    State(server): State<Arc<Server>>,
    Path(key): Path<String>,
    Query(signed): Query<Signed>,
) -> Response<Body> {
    let store = server.host.store();
    let Ok(key) = Key::new(key) else {
        return absent();
    };
    if !store.verify(&key, signed.until, &signed.name, &signed.signature) {
        let detail = "the link has expired or was changed; ask for a fresh one";
        return problem::answer(StatusCode::FORBIDDEN, "Forbidden", detail);
    }
    // One open file is one object, whatever is written under the key meanwhile.
    let opened = store.path(&key).ok().and_then(|path| {
        let file = File::open(path).ok()?;
        let length = file.metadata().ok()?.len();
        Some((file, length))
    });
    let Some((file, length)) = opened else {
        return absent();
    };
    let mut response = Response::new(Body::from_stream(pieces(file)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, length.into());
    let media_type = content_type::by_extension(key.file_name());
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    // What a batch has stored is data, not a page of this server.
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox"),
    );
    if !signed.name.is_empty()
        && let Ok(disposition) = content_type::attachment(&signed.name).try_into()
    {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

fn pieces(file: File) -> impl futures_util::Stream<Item = std::io::Result<Bytes>> {
    stream::try_unfold(file, |mut file| async move {
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; PIECE_BYTES];
            let length = file.read(&mut piece)?;
            piece.truncate(length);
            Ok::<_, std::io::Error>((piece, file))
        });
        let (piece, file) = read.await.map_err(std::io::Error::other)??;
        Ok((!piece.is_empty()).then(|| (Bytes::from(piece), file)))
    })
}

/// Sends on to a document of a batch.
pub(super) async fn part(
    State(server): State<Arc<Server>>,
    Path((batch, output)): Path<(String, String)>,
) -> Response<Body> {
    let key = BatchId::parse(&batch)
        .ok()
        .zip(OutputName::parse(&output).ok())
        .and_then(|(batch, output)| {
            Key::new(BatchKeys::new(&TenantId::default(), &batch).part(&output)).ok()
        });
    let Some(key) = key else { return absent() };
    let store = server.host.store();
    if store.head(&key).await.is_err() {
        return absent();
    }
    match store.presign(&key, server.host.link_time(), None).await {
        Ok(url) => Redirect::to(&url).into_response(),
        Err(error) => problem::answer(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Error",
            &error.to_string(),
        ),
    }
}

fn absent() -> Response<Body> {
    problem::answer(StatusCode::NOT_FOUND, "Not Found", "there is nothing here")
}
