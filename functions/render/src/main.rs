//! Wires the render function to Lambda, S3 and SQS.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fanfold_cloud::aws::AwsOptions;
use fanfold_cloud::{AwsCloud, SystemClock};
use fanfold_job::message::RenderMessage;
use fanfold_lambda::{Deadline, Queues, Settings, deliveries, start_logging};
use fanfold_ledger::Ledger;
use fanfold_render::{PressRenderer, Render};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;

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
    let render = Render::new(
        ledger,
        queues,
        settings.clone(),
        Arc::new(PressRenderer::new().with_starter_bundles()),
    );
    run(service_fn(async |event: LambdaEvent<Value>| {
        if render.exhausted() {
            // Documents that do not stop hold every core; a fresh process takes this one's place, and
            // gets at once what this one was to do.
            if let Ok(batch) = deliveries(event.payload) {
                render.give_back(&batch).await;
            }
            std::process::exit(1);
        }
        let ends = UNIX_EPOCH + Duration::from_millis(event.context.deadline);
        let remaining = ends.duration_since(SystemTime::now()).unwrap_or_default();
        let deadline = Deadline::of_invocation(remaining, settings.budget, settings.reserve);
        if event.payload.get("Records").is_some() {
            let batch = deliveries(event.payload)?;
            return Ok::<Value, Error>(render.batch(&batch, deadline).await.to_json());
        }
        let message: RenderMessage = serde_json::from_value(event.payload)?;
        Ok(serde_json::to_value(
            render.direct(&message, deadline).await?,
        )?)
    }))
    .await
}
