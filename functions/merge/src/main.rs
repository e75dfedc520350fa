//! Wires the merge function to Lambda, S3 and SQS.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fanfold_cloud::aws::AwsOptions;
use fanfold_cloud::{AwsCloud, SystemClock};
use fanfold_lambda::{Deadline, Queues, Settings, deliveries, start_logging};
use fanfold_ledger::Ledger;
use fanfold_merge::{Merge, PdfBinder};
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
    // What does not come from the merge queue comes from a dead-letter queue.
    let merge_name = merge.rsplit('/').next().unwrap_or_default().to_owned();
    let cloud = AwsCloud::new(AwsOptions::from_env()?);
    let ledger = Ledger::new(Arc::new(cloud.store(bucket)), Arc::new(SystemClock));
    let queues = Queues {
        interactive: Arc::new(cloud.queue(interactive)),
        bulk: Arc::new(cloud.queue(bulk)),
        merge: Arc::new(cloud.queue(merge)),
    };
    let merge = Merge::new(ledger, queues, settings.clone(), Arc::new(PdfBinder));
    run(service_fn(async |event: LambdaEvent<Value>| {
        let ends = UNIX_EPOCH + Duration::from_millis(event.context.deadline);
        let remaining = ends.duration_since(SystemTime::now()).unwrap_or_default();
        // Stitching uses the function's whole time: what is stitched need not be stitched again.
        let deadline = Deadline::of_invocation(remaining, Duration::MAX, settings.reserve);
        let batch = deliveries(event.payload)?;
        let (stitch, dead): (Vec<_>, Vec<_>) = batch
            .into_iter()
            .partition(|delivery| delivery.queue.as_deref() == Some(&*merge_name));
        let mut answer = merge.batch(&stitch, deadline).await;
        answer
            .failures
            .extend(merge.dead_letters(&dead).await.failures);
        Ok::<Value, Error>(answer.to_json())
    }))
    .await
}
