//! The render function, invoked through Lambda's API: what `?wait=true` uses.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::{BehaviorVersion, Config, Region, retry::RetryConfig};
use aws_sdk_lambda::primitives::Blob;
use fanfold_cloud::AwsCloud;
use fanfold_cloud::aws::AwsOptions;
use fanfold_enqueue::DirectRender;
use fanfold_job::message::{ChunkMessage, RenderMessage};
use serde_json::Value;

/// Invokes a function and waits for its answer.
pub(crate) struct Invoke {
    client: Client,
    function: String,
}

impl Invoke {
    /// An invoker of the function with this name, over the connections of `cloud`.
    pub(crate) fn new(options: AwsOptions, cloud: &AwsCloud, function: String) -> Self {
        let mut config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(options.region))
            .credentials_provider(options.credentials)
            .http_client(cloud.http())
            // The queue is the retry.
            .retry_config(RetryConfig::disabled());
        if let Some(endpoint) = options.endpoint_url {
            config = config.endpoint_url(endpoint);
        }
        Self {
            client: Client::from_conf(config.build()),
            function,
        }
    }
}

#[async_trait]
impl DirectRender for Invoke {
    async fn render(&self, message: &ChunkMessage, within: Duration) -> Result<bool, String> {
        let payload = Blob::new(RenderMessage::Chunk(message.clone()).to_body());
        let call = self
            .client
            .invoke()
            .function_name(&self.function)
            .payload(payload)
            .send();
        let answer = tokio::time::timeout(within, call)
            .await
            .map_err(|_| "it took too long".to_owned())?;
        let answer = answer.map_err(|error| error.to_string())?;
        let body = answer
            .payload()
            .and_then(|body| serde_json::from_slice::<Value>(body.as_ref()).ok());
        Ok(answer.function_error().is_none() && body.is_some_and(|body| body["settled"] == true))
    }
}
