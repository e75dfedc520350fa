//! Prices in dollars, us-east-1, S3 Standard, without free tiers, looked up on 22 November 2026: what
//! <https://aws.amazon.com/lambda/pricing/>, <https://aws.amazon.com/s3/pricing/> and
//! <https://aws.amazon.com/sqs/pricing/> ask, as repeated by <https://cloudchipr.com/blog/aws-lambda-pricing>,
//! <https://c3x.dev/blog/s3-request-fees-explained> and <https://cloudburn.io/blog/amazon-sqs-pricing> (March 2026).

use crate::platform::Report;

/// A GB-second on x86_64, first tier.
pub(crate) const GB_SECOND: f64 = 0.000_016_666_7;
/// The same on arm64.
pub(crate) const GB_SECOND_ARM: f64 = 0.000_013_333_4;
/// An invocation.
const INVOCATION: f64 = 0.20 / 1e6;
/// PUT, COPY, POST, LIST.
pub(crate) const S3_WRITE: f64 = 0.005 / 1e3;
/// GET, HEAD.
const S3_READ: f64 = 0.000_4 / 1e3;
/// A request to a standard queue, and each 64 KB of it.
const SQS_REQUEST: f64 = 0.40 / 1e6;

/// What a run costs at a price of a GB-second, without storage and transfer out.
pub(crate) fn dollars(report: &Report, gb_second: f64) -> f64 {
    report.gb_seconds * gb_second
        + report.invocations as f64 * INVOCATION
        + (report.s3_puts + report.s3_lists) as f64 * S3_WRITE
        + report.s3_reads as f64 * S3_READ
        + report.sqs_requests as f64 * SQS_REQUEST
}
