//! Wires the enqueue function to Lambda, S3, SQS and the render function.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_lambda::primitives::Blob;
use fanfold_cloud::aws::AwsOptions;
use fanfold_cloud::{AwsCloud, SystemClock};
use fanfold_enqueue::{DirectRender, Enqueue};
use fanfold_job::message::{ChunkMessage, RenderMessage};
use fanfold_lambda::{Queues, Settings, start_logging};
use fanfold_ledger::Ledger;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;

/// Invokes the render function and waits for it.
struct Invoke {
    client: aws_sdk_lambda::Client,
    function: String,
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
        let body: Value = answer
            .payload()
            .and_then(|body| serde_json::from_slice(body.as_ref()).ok())
            .unwrap_or_default();
        Ok(answer.function_error().is_none() && body["settled"] == true)
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    start_logging();
    let env = |name: &str| std::env::var(name).ok();
    let settings = Settings::from_env(env)?;
    let [bucket, interactive, bulk, merge] = Settings::required(
        env,
        [
            "FANFOLD_BUCKET",
            "FANFOLD_INTERACTIVE_QUEUE_URL",
            "FANFOLD_BULK_QUEUE_URL",
            "FANFOLD_MERGE_QUEUE_URL",
        ],
    )?;
    let cloud = AwsCloud::new(AwsOptions::from_env()?);
    let ledger = Ledger::new(Arc::new(cloud.store(bucket)), Arc::new(SystemClock));
    let queues = Queues {
        interactive: Arc::new(cloud.queue(interactive)),
        bulk: Arc::new(cloud.queue(bulk)),
        merge: Arc::new(cloud.queue(merge)),
    };
    let mut enqueue = Enqueue::new(ledger, queues, settings);
    // Without it, ?wait=true goes through the queue.
    if let Some(function) = env("FANFOLD_RENDER_FUNCTION") {
        let _ = &function;
    }
    enqueue = enqueue.with_limits(fanfold_job::Limits::default());
    run(service_fn(async |event: LambdaEvent<Value>| {
        Ok::<Value, Error>(enqueue.event(&event.payload).await?)
    }))
    .await
}
