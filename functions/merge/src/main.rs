//! Wires the merge function to Lambda, S3 and SQS.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fanfold_cloud::aws::AwsOptions;
use fanfold_cloud::{AwsCloud, SystemClock};
use fanfold_lambda::{Deadline, Queues, Settings, deliveries, start_logging};
use fanfold_ledger::Ledger;
use fanfold_merge::{Merge, PdfBinder, Sources};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), Error> {
    start_logging();
    let env = |name: &str| std::env::var(name).ok();
    let settings = Settings::from_env(env)?;
    let [bucket, interactive, bulk, merge, dead_letters] = Settings::required(
        env,
        [
            "FANFOLD_BUCKET",
            "FANFOLD_INTERACTIVE_QUEUE_URL",
            "FANFOLD_BULK_QUEUE_URL",
            "FANFOLD_MERGE_QUEUE_URL",
            "FANFOLD_DEAD_LETTER_QUEUE_URL",
        ],
    )?;
    let sources = Sources::of_urls(&merge, &dead_letters);
    // What is stitched need not be stitched again: without a budget, it is the function's whole time.
    let budget = match env("FANFOLD_BUDGET_SECONDS") {
        Some(_) => settings.budget,
        None => Duration::MAX,
    };
    let cloud = AwsCloud::new(AwsOptions::from_env()?);
    let ledger = Ledger::new(Arc::new(cloud.store(bucket)), Arc::new(SystemClock));
    let queues = Queues {
        interactive: Arc::new(cloud.queue(interactive)),
        bulk: Arc::new(cloud.queue(bulk)),
        merge: Arc::new(cloud.queue(merge)),
    };
    let merge = Merge::new(ledger, queues, settings.clone(), Arc::new(PdfBinder));
    let function = Arc::new(Function {
        merge,
        sources,
        budget,
        reserve: settings.reserve,
    });
    #[cfg(not(feature = "managed"))]
    {
        lambda_runtime::run(service_fn(async |event| function.handle(event).await)).await
    }
    #[cfg(feature = "managed")]
    {
        let handle = move |event| {
            let function = function.clone();
            async move { fanfold_lambda::apart(async move || function.handle(event).await).await? }
        };
        lambda_runtime::run_concurrent(service_fn(handle)).await
    }
}

struct Function {
    merge: Merge,
    sources: Sources,
    budget: Duration,
    reserve: Duration,
}

impl Function {
    async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, Error> {
        let ends = UNIX_EPOCH + Duration::from_millis(event.context.deadline);
        let remaining = ends.duration_since(SystemTime::now()).unwrap_or_default();
        // A large volume is paused when the budget is used up, which takes its time, too.
        let budget = self.budget.min(remaining.mul_f64(0.9));
        let deadline = Deadline::of_invocation(remaining, budget, self.reserve);
        let batch = deliveries(event.payload)?;
        let answer = self.merge.deliver(batch, &self.sources, deadline).await;
        Ok(answer.to_json())
    }
}
