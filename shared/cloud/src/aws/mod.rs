//! The AWS adapter: S3 and SQS over one HTTP client.
//!
//! Credentials and region come from the environment, as Lambda gives them; nothing is looked up on
//! disk or in the network at start. The SDK's own retries (standard mode) come first; what is still
//! throttled or unavailable after them is reported as such.

mod failure;
mod multipart;
mod queue;
mod store;

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_s3::config::{BehaviorVersion, Region, SharedCredentialsProvider, SharedHttpClient};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

pub use queue::SqsQueue;
pub use store::S3Store;

/// How often the SDK tries one request.
const ATTEMPTS: u32 = 4;

/// Where to find AWS and who asks.
#[derive(Clone, Debug)]
pub struct AwsOptions {
    /// The region, such as `ap-south-1`.
    pub region: String,
    /// An endpoint other than the region's, such as an emulator's; S3 is then addressed by path.
    pub endpoint_url: Option<String>,
    /// The same for S3 alone.
    pub s3_endpoint_url: Option<String>,
    /// The same for SQS alone.
    pub sqs_endpoint_url: Option<String>,
    /// Who asks.
    pub credentials: Credentials,
}

/// What is missing from the environment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable {name} is not set")]
pub struct MissingVariable {
    name: &'static str,
}

impl AwsOptions {
    /// Reads `AWS_REGION` (or `AWS_DEFAULT_REGION`), `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
    /// `AWS_SESSION_TOKEN`, `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_S3` and `AWS_ENDPOINT_URL_SQS`.
    ///
    /// # Errors
    /// Names the first variable that is missing.
    pub fn from_env() -> Result<Self, MissingVariable> {
        let read = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let need = |name| read(name).ok_or(MissingVariable { name });
        Ok(Self {
            region: read("AWS_REGION")
                .or_else(|| read("AWS_DEFAULT_REGION"))
                .ok_or(MissingVariable { name: "AWS_REGION" })?,
            endpoint_url: read("AWS_ENDPOINT_URL"),
            s3_endpoint_url: read("AWS_ENDPOINT_URL_S3"),
            sqs_endpoint_url: read("AWS_ENDPOINT_URL_SQS"),
            credentials: Credentials::new(
                need("AWS_ACCESS_KEY_ID")?,
                need("AWS_SECRET_ACCESS_KEY")?,
                read("AWS_SESSION_TOKEN"),
                None,
                "environment",
            ),
        })
    }
}

/// The clients of one account and region; clones share the connections.
#[derive(Clone, Debug)]
pub struct AwsCloud {
    s3: aws_sdk_s3::Client,
    sqs: aws_sdk_sqs::Client,
    http: SharedHttpClient,
}

impl AwsCloud {
    /// Makes the clients. Nothing is asked of the network yet.
    #[must_use]
    pub fn new(options: AwsOptions) -> Self {
        // `ring` needs only a C compiler to build, where the SDK's default also asks for CMake.
        let http: SharedHttpClient = Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let retries = RetryConfig::standard().with_max_attempts(ATTEMPTS);
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(3))
            // Above the 20 s of a long poll.
            .read_timeout(Duration::from_secs(25))
            .build();
        let credentials = SharedCredentialsProvider::new(options.credentials);
        let region = Region::new(options.region);
        let mut s3 = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(region.clone())
            .credentials_provider(credentials.clone())
            .http_client(http.clone())
            .retry_config(retries.clone())
            .timeout_config(timeouts.clone());
        let mut sqs = aws_sdk_sqs::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(region)
            .credentials_provider(credentials)
            .http_client(http.clone())
            .retry_config(retries)
            .timeout_config(timeouts);
        let s3_endpoint = options.s3_endpoint_url.as_ref();
        if let Some(endpoint) = s3_endpoint.or(options.endpoint_url.as_ref()) {
            s3 = s3.endpoint_url(endpoint).force_path_style(true);
        }
        if let Some(endpoint) = options.sqs_endpoint_url.or(options.endpoint_url) {
            sqs = sqs.endpoint_url(endpoint);
        }
        Self {
            s3: aws_sdk_s3::Client::from_conf(s3.build()),
            sqs: aws_sdk_sqs::Client::from_conf(sqs.build()),
            http,
        }
    }

    /// The bucket of that name.
    #[must_use]
    pub fn store(&self, bucket: impl Into<String>) -> S3Store {
        S3Store::new(self.s3.clone(), bucket.into())
    }

    /// The queue with that URL. Where its dead letters go is the queue's own configuration.
    #[must_use]
    pub fn queue(&self, url: impl Into<String>) -> SqsQueue {
        SqsQueue::new(self.sqs.clone(), url.into())
    }

    /// The S3 client, for what the port does not cover.
    #[must_use]
    pub fn s3(&self) -> &aws_sdk_s3::Client {
        &self.s3
    }

    /// The HTTP client of both, for other services' clients: its connections and the system's
    /// certificates are then shared.
    #[must_use]
    pub fn http(&self) -> SharedHttpClient {
        self.http.clone()
    }

    /// The SQS client, for what the port does not cover.
    #[must_use]
    pub fn sqs(&self) -> &aws_sdk_sqs::Client {
        &self.sqs
    }
}
