//! AWS's protocols on loopback over the local cloud: S3, SQS and Lambda's two interfaces, so that the
//! unmodified functions, the `aws` command and every SDK work without AWS.
//!
//! - [`s3`]: buckets, objects and uploads over the local stores;
//! - [`sqs`]: queues over the journal, in the AWS JSON 1.0 protocol;
//! - [`lambda`]: function binaries as processes behind the Runtime API, and the `Invoke` call;
//! - [`endpoint`]: all of them at one address.

mod credentials;
pub mod endpoint;
pub mod lambda;
pub mod s3;
pub mod sqs;

pub use credentials::Credentials;

/// The region that everything here says it is in.
pub const REGION: &str = "us-east-1";

/// The account that everything here says it belongs to.
pub const ACCOUNT: &str = "000000000000";

/// Text from a query string (`application/x-www-form-urlencoded`); what is not UTF-8 is replaced.
fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = bytes.get(at + 1..at + 3).and_then(|code| {
            let code = std::str::from_utf8(code).ok()?;
            u8::from_str_radix(code, 16).ok()
        });
        match (bytes[at], code) {
            (b'%', Some(code)) => {
                decoded.push(code);
                at += 3;
                continue;
            }
            (b'+', _) => decoded.push(b' '),
            (byte, _) => decoded.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
