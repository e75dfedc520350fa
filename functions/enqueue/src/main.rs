//! Wires the enqueue function to Lambda, S3, SQS and the render function.

mod invoke;

use std::sync::Arc;

use fanfold_cloud::aws::AwsOptions;
use fanfold_cloud::{AwsCloud, SystemClock};
use fanfold_enqueue::Enqueue;
use fanfold_lambda::{Queues, Settings, start_logging};
use fanfold_ledger::Ledger;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), Error> {
    start_logging();
    let env = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
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
    let options = AwsOptions::from_env()?;
    let cloud = AwsCloud::new(options.clone());
    let ledger = Ledger::new(Arc::new(cloud.store(bucket)), Arc::new(SystemClock));
    let queues = Queues {
        interactive: Arc::new(cloud.queue(interactive)),
        bulk: Arc::new(cloud.queue(bulk)),
        merge: Arc::new(cloud.queue(merge)),
    };
    let mut enqueue = Enqueue::new(ledger, queues, settings)
        .with_built_in_bundles(fanfold_bundles::NAMES.iter().copied());
    // Without it, ?wait=true waits for the queue.
    if let Some(function) = env("FANFOLD_RENDER_FUNCTION") {
        enqueue = enqueue.with_direct(Arc::new(invoke::Invoke::new(options, &cloud, function)));
    }
    let enqueue = Arc::new(enqueue);
    let function = service_fn(move |event| handle(enqueue.clone(), event));
    #[cfg(not(feature = "managed"))]
    {
        lambda_runtime::run(function).await
    }
    #[cfg(feature = "managed")]
    {
        lambda_runtime::run_concurrent(function).await
    }
}

async fn handle(enqueue: Arc<Enqueue>, event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(enqueue.event(&event.payload).await?)
}
