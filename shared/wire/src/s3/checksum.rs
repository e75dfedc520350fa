//! Checks that content came in as it was sent: `Content-MD5`, and the checksums that SDKs send in
//! headers or after the content.

use axum::http::HeaderMap;
use bytes::Bytes;
use data_encoding::BASE64;
use futures_util::StreamExt;
use md5::{Digest, Md5};
use s3s::checksum::ChecksumHasher;
use s3s::crypto::Checksum as _;
use s3s::dto::{Checksum, StreamingBlob};
use s3s::{S3ErrorCode, S3Result, TrailingHeaders};
use s3s::{crypto, header};

use fanfold_cloud::LocalWriter;

use super::failure;

/// How many bytes are gathered before they go to the file.
const GATHERED_BYTES: usize = 256 * 1024;

/// What the sender says of the content.
#[derive(Debug, Default)]
pub(super) struct Expected {
    pub(super) md5: Option<String>,
    pub(super) length: Option<i64>,
    pub(super) sums: Checksum,
    /// The names of the headers that come after the content, and where they will be.
    pub(super) trailer: Option<String>,
    pub(super) trailing: Option<TrailingHeaders>,
}

/// What a request's `x-amz-trailer` says of the headers that come after its content.
pub(super) fn trailer(headers: &HeaderMap) -> Option<String> {
    let names = headers.get("x-amz-trailer")?.to_str().ok()?;
    Some(names.to_owned())
}

impl Expected {
    fn hasher(&self) -> ChecksumHasher {
        let trailer = self
            .trailer
            .as_deref()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let wanted = |given: &Option<String>, name: &str| given.is_some() || trailer.contains(name);
        let sums = &self.sums;
        let mut hasher = ChecksumHasher::default();
        if wanted(&sums.checksum_crc32, "x-amz-checksum-crc32") {
            hasher.crc32 = Some(crypto::Crc32::new());
        }
        if wanted(&sums.checksum_crc32c, "x-amz-checksum-crc32c") {
            hasher.crc32c = Some(crypto::Crc32c::new());
        }
        if wanted(&sums.checksum_crc64nvme, "x-amz-checksum-crc64nvme") {
            hasher.crc64nvme = Some(crypto::Crc64Nvme::new());
        }
        if wanted(&sums.checksum_sha1, "x-amz-checksum-sha1") {
            hasher.sha1 = Some(crypto::Sha1::new());
        }
        if wanted(&sums.checksum_sha256, "x-amz-checksum-sha256") {
            hasher.sha256 = Some(crypto::Sha256::new());
        }
        hasher
    }

    fn check(&self, found: &Checksum) -> S3Result<()> {
        let after = |name: &axum::http::HeaderName| {
            let trailing = self.trailing.as_ref()?;
            trailing.read(|headers| Some(headers.get(name)?.to_str().ok()?.to_owned()))?
        };
        let sums = &self.sums;
        let pairs = [
            (
                &sums.checksum_crc32,
                &found.checksum_crc32,
                header::X_AMZ_CHECKSUM_CRC32,
            ),
            (
                &sums.checksum_crc32c,
                &found.checksum_crc32c,
                header::X_AMZ_CHECKSUM_CRC32C,
            ),
            (
                &sums.checksum_crc64nvme,
                &found.checksum_crc64nvme,
                header::X_AMZ_CHECKSUM_CRC64NVME,
            ),
            (
                &sums.checksum_sha1,
                &found.checksum_sha1,
                header::X_AMZ_CHECKSUM_SHA1,
            ),
            (
                &sums.checksum_sha256,
                &found.checksum_sha256,
                header::X_AMZ_CHECKSUM_SHA256,
            ),
        ];
        for (given, found, name) in pairs {
            let Some(expected) = given.clone().or_else(|| after(&name)) else {
                continue;
            };
            if found.as_deref() != Some(&expected) {
                return Err(failure::error(
                    S3ErrorCode::BadDigest,
                    format!("{name} is {expected}, and the content's is {found:?}"),
                ));
            }
        }
        Ok(())
    }
}

/// Writes a body as it comes in, and checks it; gives the checksums that were asked for.
pub(super) async fn receive(
    writer: &mut LocalWriter,
    body: Option<StreamingBlob>,
    expected: &Expected,
) -> S3Result<Checksum> {
    let mut hasher = expected.hasher();
    let mut md5 = expected.md5.is_some().then(Md5::new);
    let mut gathered = bytes::BytesMut::new();
    let mut body = body;
    while let Some(piece) = match &mut body {
        Some(body) => body.next().await,
        None => None,
    } {
        let piece: Bytes = piece.map_err(broken)?;
        hasher.update(&piece);
        if let Some(md5) = &mut md5 {
            md5.update(&piece);
        }
        gathered.extend_from_slice(&piece);
        if gathered.len() >= GATHERED_BYTES {
            let bytes = gathered.split().freeze();
            writer.write(bytes).await.map_err(failure::of_cloud)?;
        }
    }
    writer
        .write(gathered.freeze())
        .await
        .map_err(failure::of_cloud)?;
    if let Some(length) = expected.length
        && u64::try_from(length).ok() != Some(writer.bytes())
    {
        return Err(failure::error(
            S3ErrorCode::IncompleteBody,
            format!("{length} bytes were announced and {} came", writer.bytes()),
        ));
    }
    if let (Some(md5), Some(expected)) = (md5, &expected.md5)
        && BASE64.encode(&md5.finalize()) != *expected
    {
        return Err(failure::error(
            S3ErrorCode::BadDigest,
            "Content-MD5 is not the content's",
        ));
    }
    let found = hasher.finalize();
    expected.check(&found)?;
    Ok(found)
}

/// A body that could not be read to its end: the sender is gone, or its signature is not the content's.
fn broken(error: Box<dyn std::error::Error + Send + Sync>) -> s3s::S3Error {
    let mut failed = failure::error(
        S3ErrorCode::IncompleteBody,
        format!("the content did not come in: {error}"),
    );
    failed.set_source(error);
    failed
}
