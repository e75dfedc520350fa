//! The stack of `template.yaml` on this machine: its queues, its functions as processes, the mappings
//! between them, and the parameters that all of it can be given. A test compares them with the template.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use fanfold_cloud::{CloudResult, LocalQueue, Queue};
use fanfold_wire::Credentials;
use fanfold_wire::lambda::{Function, Program, ProgramFunction, Watchdog};
use fanfold_wire::sqs::Queues;

use super::functions::Callable;
use super::workers::Mapping;
use crate::failure::Failure;

/// The bucket.
pub(crate) const BUCKET: &str = "fanfold";

/// The queues.
pub(crate) const INTERACTIVE: &str = "interactive";
pub(crate) const BULK: &str = "bulk";
pub(crate) const MERGE: &str = "merge";
pub(crate) const DEAD_LETTERS: &str = "dead-letters";
pub(crate) const UNSETTLED: &str = "unsettled";

/// Parameters of the template that hold here: name, default, least, most. Concurrency without a value
/// of its own is what this machine can use.
const PARAMETERS: [(&str, u64, u64, u64); 22] = [
    ("EnqueueMemory", 512, 128, 10_240),
    ("RenderMemory", 1769, 128, 10_240),
    ("MergeMemory", 1769, 128, 10_240),
    ("BudgetSeconds", 55, 1, 55),
    ("SoftLimitSeconds", 40, 1, 55),
    ("HardLimitSeconds", 50, 1, 55),
    ("DocumentConcurrency", 32, 1, 1000),
    ("RenderConcurrency", 1, 1, 6),
    ("UploadConcurrency", 16, 1, 1000),
    ("ChunkDocuments", 10, 1, 1000),
    ("MaxPages", 10_000, 1, 1_000_000),
    ("MaxPdfMib", 256, 1, 4096),
    ("InteractiveBatchSize", 1, 1, 10),
    ("InteractiveMaximumConcurrency", 50, 2, 1000),
    ("BulkBatchSize", 10, 1, 1000),
    ("BulkBatchingWindow", 1, 1, 60),
    ("BulkMaximumConcurrency", 200, 2, 1000),
    ("MergeMaximumConcurrency", 10, 2, 1000),
    ("LinkSeconds", 3600, 1, 604_800),
    // Not the template's: events that one process of a function handles at once, when it is built with
    // the feature `managed`.
    ("EnqueueProcessConcurrency", 1, 1, 1000),
    ("RenderProcessConcurrency", 1, 1, 1000),
    ("MergeProcessConcurrency", 1, 1, 1000),
];

/// Values of the template's parameters.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parameters(BTreeMap<String, u64>);

impl Parameters {
    /// Reads `NAME=VALUE`.
    pub(crate) fn read(given: &[String]) -> Result<Self, Failure> {
        let mut values = BTreeMap::new();
        for pair in given {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let Some((_, _, least, most)) = PARAMETERS.iter().find(|(known, ..)| *known == name)
            else {
                let known: Vec<&str> = PARAMETERS.iter().map(|(name, ..)| *name).collect();
                return Err(Failure::new(format!("there is no parameter {name}"))
                    .at(format!("--parameter {pair}"))
                    .advise(format!("give one of {}", known.join(", "))));
            };
            let value = value
                .parse()
                .ok()
                .filter(|value| (least..=most).contains(&value));
            let value = value.ok_or_else(|| {
                Failure::new(format!("{name} is a number from {least} to {most}"))
                    .at(format!("--parameter {pair}"))
            })?;
            values.insert(name.to_owned(), value);
        }
        Ok(Self(values))
    }

    fn get(&self, name: &str) -> u64 {
        let default = || PARAMETERS.iter().find(|(known, ..)| *known == name);
        let given = self.0.get(name).copied();
        given.unwrap_or_else(|| default().map_or(0, |(_, default, ..)| *default))
    }

    fn size(&self, name: &str) -> usize {
        usize::try_from(self.get(name)).unwrap_or(usize::MAX)
    }

    /// Events at once: what is given, or at most the machine's share of the default.
    fn concurrency(&self, name: &str, machine: usize) -> usize {
        match self.0.contains_key(name) {
            true => self.size(name),
            false => self.size(name).min(machine.max(2)),
        }
    }
}

/// Makes the queues, those that others send to first.
pub(crate) fn declare(queues: &Queues) -> CloudResult<()> {
    let seconds = |seconds: u64| seconds.to_string();
    let redrive = |to: &str, count: u32| {
        format!(
            r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":{count}}}"#,
            Queues::arn(to)
        )
    };
    for (name, visibility, dead_letters) in QUEUES {
        let mut attributes = vec![("MessageRetentionPeriod", seconds(1_209_600))];
        if let Some(visibility) = visibility {
            attributes.push(("VisibilityTimeout", seconds(visibility)));
            attributes.push(("ReceiveMessageWaitTimeSeconds", seconds(20)));
        }
        if let Some((to, count)) = dead_letters {
            attributes.push(("RedrivePolicy", redrive(to, count)));
        }
        queues.ensure(name, &attributes)?;
    }
    Ok(())
}

/// A queue: name, visibility timeout in seconds, dead-letter queue and after how many deliveries.
type QueueDefinition = (&'static str, Option<u64>, Option<(&'static str, u32)>);

const QUEUES: [QueueDefinition; 5] = [
    (UNSETTLED, None, None),
    (DEAD_LETTERS, Some(5400), Some((UNSETTLED, 10))),
    (INTERACTIVE, Some(420), Some((DEAD_LETTERS, 5))),
    (BULK, Some(420), Some((DEAD_LETTERS, 5))),
    (MERGE, Some(5400), Some((DEAD_LETTERS, 5))),
];

/// Names and timeouts in seconds of the functions.
pub(crate) const ENQUEUE_FUNCTION: (&str, u64) = ("enqueue", 600);
const RENDER_FUNCTION: (&str, u64) = ("render", 60);
const MERGE_FUNCTION: (&str, u64) = ("merge", 900);

/// The functions as processes.
#[derive(Clone, Debug)]
pub(crate) struct Processes {
    pub(crate) enqueue: Arc<ProgramFunction>,
    pub(crate) render: Arc<ProgramFunction>,
    pub(crate) merge: Arc<ProgramFunction>,
    parameters: Parameters,
    /// Events at once that suit the machine.
    machine: usize,
}

impl Processes {
    /// The functions whose binaries are in `folder`, to be told of the endpoint with AWS's services.
    pub(crate) fn find(
        folder: &Path,
        endpoint: &str,
        credentials: &Credentials,
        parameters: &Parameters,
        machine: usize,
        watchdog: Option<&Arc<Watchdog>>,
    ) -> Result<Self, Failure> {
        let function = |(name, timeout): (&str, u64), kind: &str, processes, own| {
            let program = Program {
                name: name.to_owned(),
                path: binary(folder, name)?,
                environment: environment(endpoint, credentials, own),
                memory_bytes: parameters.get(&format!("{kind}Memory")) << 20,
                timeout: Duration::from_secs(timeout),
                processes,
                invocations: parameters.size(&format!("{kind}ProcessConcurrency")),
                watchdog: watchdog.cloned(),
            };
            Ok::<_, Failure>(ProgramFunction::new(program))
        };
        let number = |name: &str| parameters.get(name).to_string();
        let at_once = |name: &str| parameters.concurrency(name, machine);
        // A request that waits for its document needs a process of each while others are busy.
        let render =
            at_once("InteractiveMaximumConcurrency") + at_once("BulkMaximumConcurrency") + 1;
        let merge = at_once("MergeMaximumConcurrency") + DEAD_LETTERS_AT_ONCE;
        Ok(Self {
            enqueue: function(
                ENQUEUE_FUNCTION,
                "Enqueue",
                machine.max(2) + 1,
                vec![
                    ("FANFOLD_RENDER_FUNCTION", RENDER_FUNCTION.0.to_owned()),
                    ("FANFOLD_CHUNK_DOCUMENTS", number("ChunkDocuments")),
                    ("FANFOLD_WAIT_SECONDS", "25".into()),
                    ("FANFOLD_LINK_SECONDS", number("LinkSeconds")),
                    ("FANFOLD_MAX_PDF_MIB", "64".into()),
                ],
            )?,
            render: function(
                RENDER_FUNCTION,
                "Render",
                render,
                vec![
                    ("FANFOLD_BUDGET_SECONDS", number("BudgetSeconds")),
                    (
                        "FANFOLD_DOCUMENT_CONCURRENCY",
                        number("DocumentConcurrency"),
                    ),
                    ("FANFOLD_RENDER_CONCURRENCY", number("RenderConcurrency")),
                    ("FANFOLD_UPLOAD_CONCURRENCY", number("UploadConcurrency")),
                    ("FANFOLD_SOFT_LIMIT_SECONDS", number("SoftLimitSeconds")),
                    ("FANFOLD_HARD_LIMIT_SECONDS", number("HardLimitSeconds")),
                    ("FANFOLD_MAX_PAGES", number("MaxPages")),
                    ("FANFOLD_MAX_PDF_MIB", number("MaxPdfMib")),
                ],
            )?,
            merge: function(
                MERGE_FUNCTION,
                "Merge",
                merge,
                vec![
                    ("FANFOLD_BUDGET_SECONDS", "840".into()),
                    (
                        "FANFOLD_DEAD_LETTER_QUEUE_URL",
                        queue_url(endpoint, DEAD_LETTERS),
                    ),
                ],
            )?,
            machine,
            parameters: parameters.clone(),
        })
    }

    /// The functions, to be called with events.
    pub(crate) fn callable(&self) -> Callable {
        Callable {
            enqueue: Arc::new(self.enqueue.clone()),
            render: Arc::new(self.render.clone()),
            merge: Arc::new(self.merge.clone()),
        }
    }

    /// The queues and the functions that consume them.
    pub(crate) fn mappings(
        &self,
        queues: &Queues,
        cloud: &fanfold_cloud::LocalCloud,
    ) -> CloudResult<Vec<Mapping>> {
        let callable = self.callable();
        let parameters = &self.parameters;
        let mapping =
            |name: &'static str, function: &Arc<dyn Function>, batch, window, concurrency| {
                let queue: LocalQueue = cloud.queue(name, None)?;
                let queue: Arc<dyn Queue> = Arc::new(queue);
                Ok::<_, fanfold_cloud::CloudError>(Mapping {
                    name,
                    queue,
                    function: function.clone(),
                    batch_size: batch,
                    window: Duration::from_secs(window),
                    concurrency,
                    visibility: queues.visibility(name)?,
                })
            };
        let at_once = |name: &str| parameters.concurrency(name, self.machine);
        let interactive = at_once("InteractiveMaximumConcurrency");
        let bulk = at_once("BulkMaximumConcurrency");
        let merge = at_once("MergeMaximumConcurrency");
        let size = |name: &str| parameters.size(name);
        let window = parameters.get("BulkBatchingWindow");
        Ok(vec![
            mapping(
                INTERACTIVE,
                &callable.render,
                size("InteractiveBatchSize"),
                0,
                interactive,
            )?,
            mapping(BULK, &callable.render, size("BulkBatchSize"), window, bulk)?,
            mapping(MERGE, &callable.merge, 1, 0, merge)?,
            mapping(DEAD_LETTERS, &callable.merge, 10, 0, DEAD_LETTERS_AT_ONCE)?,
        ])
    }

    /// Ends all processes.
    pub(crate) async fn stop(&self) {
        for function in [&self.enqueue, &self.render, &self.merge] {
            function.stop().await;
        }
    }
}

/// Who ends the functions' processes should this one be killed: this program again.
pub(crate) fn watchdog() -> Option<Arc<Watchdog>> {
    let program = std::env::current_exe();
    let started = program
        .and_then(|program| Watchdog::start(Command::new(program).arg(crate::arguments::WATCHDOG)));
    if let Err(error) = &started {
        tracing::warn!(%error, "no watchdog: should this process be killed, its functions stay");
    }
    started.ok().map(Arc::new)
}

/// Events of dead letters at once.
const DEAD_LETTERS_AT_ONCE: usize = 2;

/// The URL of a queue at the endpoint.
pub(crate) fn queue_url(endpoint: &str, name: &str) -> String {
    format!("{endpoint}/{}/{name}", fanfold_wire::ACCOUNT)
}

/// A function's binary: as cargo-lambda lays it out (`render/bootstrap`), or as cargo does (`render`).
fn binary(folder: &Path, name: &str) -> Result<PathBuf, Failure> {
    let places = [folder.join(name).join("bootstrap"), folder.join(name)];
    let found = places.iter().find(|place| place.is_file());
    let found = found.ok_or_else(|| {
        Failure::new(format!("there is no function {name}"))
            .at(folder.display())
            .advise(format!(
                "give the folder that holds {name}/bootstrap or {name}, such as target/lambda/ or target/release/"
            ))
    })?;
    // Its working folder is its own, so a relative path would not be found.
    found
        .canonicalize()
        .map_err(|error| Failure::file(found, &error))
}

/// A function's variables: the template's, with those of this process that start with `FANFOLD_` in
/// their place, and where AWS's services are.
fn environment(
    endpoint: &str,
    credentials: &Credentials,
    own: Vec<(&str, String)>,
) -> Vec<(String, String)> {
    let mut variables: BTreeMap<String, String> = [
        ("FANFOLD_BUCKET", BUCKET.to_owned()),
        (
            "FANFOLD_INTERACTIVE_QUEUE_URL",
            queue_url(endpoint, INTERACTIVE),
        ),
        ("FANFOLD_BULK_QUEUE_URL", queue_url(endpoint, BULK)),
        ("FANFOLD_MERGE_QUEUE_URL", queue_url(endpoint, MERGE)),
        ("FANFOLD_LOG", "INFO".into()),
        ("FANFOLD_METRICS", "true".into()),
        ("FANFOLD_RESERVE_SECONDS", "3".into()),
        ("AWS_ENDPOINT_URL", endpoint.to_owned()),
        ("AWS_ACCESS_KEY_ID", credentials.access_key.clone()),
        ("AWS_SECRET_ACCESS_KEY", credentials.secret_key.clone()),
    ]
    .into_iter()
    .chain(own)
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    for (name, value) in std::env::vars() {
        let stands = name.starts_with("FANFOLD_") && name != "FANFOLD_LOG";
        if stands || ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_SQS"].contains(&name.as_str()) {
            variables.insert(name, value);
        }
    }
    variables.into_iter().collect()
}

#[cfg(test)]
mod tests;
