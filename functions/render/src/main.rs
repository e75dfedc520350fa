//! Wires the render function to Lambda, S3 and SQS.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fanfold_cloud::aws::AwsOptions;
use fanfold_cloud::{AwsCloud, SystemClock};
use fanfold_job::message::RenderMessage;
use fanfold_lambda::{Deadline, Queues, Settings, deliveries, start_logging};
use fanfold_ledger::Ledger;
use fanfold_render::{PressRenderer, Render};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

/// Drawing asks for some thirty small pieces of memory for each cell of a table. The system's allocator took an
/// eighth of a document's time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
    let function = Arc::new(Function {
        render,
        settings,
        under_way: AtomicUsize::new(0),
        ending: AtomicUsize::new(0),
        given_back: AtomicUsize::new(0),
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

/// What the invocations of one process share.
struct Function {
    render: Render,
    settings: Settings,
    under_way: AtomicUsize,
    /// Of those under way, how many only wait for the process's end.
    ending: AtomicUsize,
    /// Of those, how many have given back what they were to do.
    given_back: AtomicUsize,
}

/// Counts an invocation as long as it is there, however it ends.
struct UnderWay<'a>(&'a AtomicUsize);

impl<'a> UnderWay<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// How often an ending invocation looks whether it is the last.
const LOOK: Duration = Duration::from_millis(20);

impl Function {
    async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, Error> {
        let _under_way = UnderWay::begin(&self.under_way);
        self.answer(event).await
    }

    async fn answer(&self, event: LambdaEvent<Value>) -> Result<Value, Error> {
        let render = &self.render;
        if render.exhausted() {
            return Ok(self.end(event.payload).await);
        }
        let ends = UNIX_EPOCH + Duration::from_millis(event.context.deadline);
        let remaining = ends.duration_since(SystemTime::now()).unwrap_or_default();
        let deadline =
            Deadline::of_invocation(remaining, self.settings.budget, self.settings.reserve);
        if event.payload.get("Records").is_some() {
            let batch = deliveries(event.payload)?;
            return Ok(render.batch(&batch, deadline).await.to_json());
        }
        let message: RenderMessage = serde_json::from_value(event.payload)?;
        Ok(serde_json::to_value(
            render.direct(&message, deadline).await?,
        )?)
    }

    /// Documents that do not stop hold every core; a fresh process takes this one's place, and gets at
    /// once what this one was to do. The process ends when nothing else is under way: until then nothing
    /// is given back, which would only come to this process again.
    async fn end(&self, event: Value) -> Value {
        let _ending = UnderWay::begin(&self.ending);
        self.all(&self.ending).await;
        let batch = deliveries(event).unwrap_or_default();
        self.render.give_back(&batch).await;
        let _given_back = UnderWay::begin(&self.given_back);
        self.all(&self.given_back).await;
        std::process::exit(1)
    }

    /// Waits until that many are all that are under way.
    async fn all(&self, count: &AtomicUsize) {
        while count.load(Ordering::SeqCst) < self.under_way.load(Ordering::SeqCst) {
            tokio::time::sleep(LOOK).await;
        }
    }
}
