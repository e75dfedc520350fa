//! The system on this machine: the three functions over the local cloud, and the loops that feed them.

pub(crate) mod asynchronous;
pub(crate) mod beside;
pub(crate) mod bundles;
pub(crate) mod events;
mod functions;
#[cfg(debug_assertions)]
mod killers;
pub(crate) mod stack;
pub(crate) mod uploaded;
pub(crate) mod workers;

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use fanfold_cloud::{
    Clock, CloudError, LocalCloud, LocalOptions, LocalQueue, LocalStore, ObjectStore,
    OutgoingMessage, Queue, Redrive, SystemClock, delete_one, send_one,
};
use fanfold_lambda::{Queues, Settings};
use fanfold_ledger::Ledger;
use fanfold_template::Bundle;
use fanfold_wire::lambda::Function;

use crate::failure::Failure;
use asynchronous::Invocations;
use beside::BesideStore;
use fanfold_job::state::MAX_DELIVERIES;
pub(crate) use functions::{Callable, Functions, Refused};
use workers::{Mapping, VISIBILITY, Workers};

/// How long to wait for another process to leave the folder; one that was killed is still being
/// cleaned up by the system for a moment.
const PATIENCE: Duration = Duration::from_secs(3);

/// Deliveries after which a dead letter that cannot be settled is set aside for a person.
const MAX_DEAD_DELIVERIES: u32 = 10;

/// How a [`Host`] is opened.
#[derive(Debug, Default)]
pub(crate) struct HostOptions {
    /// Where presigned URLs point.
    pub(crate) base_url: Option<String>,
    /// The folder whose files are below the store.
    pub(crate) beside: Option<PathBuf>,
    /// How many documents are drawn at once; one a core without.
    pub(crate) jobs: Option<NonZero<usize>>,
    /// The bundles that documents can name.
    pub(crate) bundles: Vec<Bundle>,
    /// Whether another process worked here and died of it, rather than being stopped: what it had in
    /// hand is suspect.
    pub(crate) after_death: bool,
    /// Whether what waits to be tried again is tried at once.
    pub(crate) at_once: bool,
}

/// The system over one folder.
#[derive(Debug)]
pub(crate) struct Host {
    cloud: LocalCloud,
    clock: Arc<dyn Clock>,
    settings: Settings,
    ledger: Ledger,
    queues: Queues,
    dead_letters: LocalQueue,
    functions: Arc<Functions>,
}

impl Host {
    /// Opens the system's folder, making it when there is none.
    pub(crate) fn open(folder: &Path, options: HostOptions) -> Result<Self, Failure> {
        let settings = settings(options.jobs)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let mut local = LocalOptions {
            base_url: options.base_url,
            clock: clock.clone(),
            ..LocalOptions::default()
        };
        if options.after_death {
            local.interruptions_forgiven = 0;
        }
        local.at_once = options.at_once;
        let cloud = open_when_free(folder, &local)?;
        let store: Arc<dyn ObjectStore> = match &options.beside {
            None => Arc::new(cloud.store().clone()),
            Some(beside) => Arc::new(
                BesideStore::new(cloud.store().clone(), beside)
                    .map_err(|error| Failure::file(beside, &error))?,
            ),
        };
        let queue = |name: &str, dead_letters: &str, max_receive_count| {
            let dead_letters = dead_letters.to_owned();
            cloud.queue(
                name,
                Some(&Redrive {
                    dead_letters,
                    max_receive_count,
                }),
            )
        };
        let queues = Queues {
            interactive: Arc::new(queue(
                stack::INTERACTIVE,
                stack::DEAD_LETTERS,
                MAX_DELIVERIES,
            )?),
            bulk: Arc::new(queue(stack::BULK, stack::DEAD_LETTERS, MAX_DELIVERIES)?),
            merge: Arc::new(queue(stack::MERGE, stack::DEAD_LETTERS, MAX_DELIVERIES)?),
        };
        let dead_letters = queue(stack::DEAD_LETTERS, stack::UNSETTLED, MAX_DEAD_DELIVERIES)?;
        let ledger = Ledger::new(store, clock.clone());
        let functions = Functions::new(&ledger, &queues, &settings, &options.bundles);
        Ok(Self {
            cloud,
            clock,
            settings,
            ledger,
            queues,
            dead_letters,
            functions: Arc::new(functions),
        })
    }

    /// Starts to work on what is queued, in this process.
    pub(crate) fn start(&self) -> Workers {
        Workers::start(self.mappings())
    }

    /// The queues and the functions of this process that consume them.
    pub(crate) fn mappings(&self) -> Vec<Mapping> {
        let jobs = self.settings.render_concurrency;
        let callable = self.functions.callable();
        let mapping =
            |name, queue: &Arc<dyn Queue>, function: &Arc<dyn Function>, concurrency| Mapping {
                name,
                queue: queue.clone(),
                function: function.clone(),
                batch_size: 1,
                window: Duration::ZERO,
                concurrency,
                visibility: workers::constant(VISIBILITY),
            };
        let dead: Arc<dyn Queue> = Arc::new(self.dead_letters.clone());
        // One more event than cores, so that none waits while another's results are written.
        vec![
            mapping(stack::BULK, &self.queues.bulk, &callable.render, jobs + 1),
            mapping(
                stack::INTERACTIVE,
                &self.queues.interactive,
                &callable.render,
                jobs + 1,
            ),
            mapping(stack::MERGE, &self.queues.merge, &callable.merge, 1),
            mapping(stack::DEAD_LETTERS, &dead, &callable.merge, 1),
        ]
    }

    /// Whether nothing is queued or under way.
    pub(crate) async fn is_idle(&self) -> Result<bool, Failure> {
        let render = [
            &self.queues.interactive,
            &self.queues.bulk,
            &self.queues.merge,
        ];
        for queue in render {
            if queue.depth().await?.total() > 0 {
                return Ok(false);
            }
        }
        Ok(self.dead_letters.depth().await?.total() == 0)
    }

    /// Sends the messages that could not even be settled as failed to be settled again, and the events
    /// of asynchronous invocations to be tried again: what was in the way then, such as a full disk, may
    /// be gone.
    pub(crate) async fn redrive_unsettled(&self) -> Result<(), Failure> {
        let unsettled = self.cloud.queue(stack::UNSETTLED, None)?;
        loop {
            let messages = unsettled.receive(10, Duration::ZERO, VISIBILITY).await?;
            if messages.is_empty() {
                return Ok(());
            }
            for message in messages {
                match Invocations::is_one(&message.body) {
                    true => Invocations::open(&self.cloud)?.again(message.body).await?,
                    false => {
                        let message = OutgoingMessage::new(message.body);
                        send_one(&self.dead_letters, message).await?;
                    }
                }
                delete_one(&unsettled, &message.receipt).await?;
            }
        }
    }

    /// The store and the queues' journal.
    pub(crate) fn cloud(&self) -> &LocalCloud {
        &self.cloud
    }

    /// The objects.
    pub(crate) fn store(&self) -> &LocalStore {
        self.cloud.store()
    }

    /// The markers.
    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The functions.
    pub(crate) fn functions(&self) -> &Functions {
        &self.functions
    }

    /// Milliseconds since 1970-01-01 UTC.
    pub(crate) fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }

    /// How long links to results work.
    pub(crate) fn link_time(&self) -> Duration {
        self.settings.link
    }
}

/// The functions' own settings from the environment, with as many cores as asked for.
fn settings(jobs: Option<NonZero<usize>>) -> Result<Settings, Failure> {
    let set = |name: &str| match (name, jobs) {
        ("FANFOLD_RENDER_CONCURRENCY", Some(jobs)) => Some(jobs.to_string()),
        ("FANFOLD_DOCUMENT_CONCURRENCY", Some(jobs)) => Some((jobs.get() * 4).to_string()),
        _ => std::env::var(name).ok(),
    };
    Settings::from_env(set).map_err(|error| {
        Failure::new(error)
            .advise("correct or unset these environment variables, or give a smaller --jobs")
    })
}

fn open_when_free(folder: &Path, options: &LocalOptions) -> Result<LocalCloud, Failure> {
    let started = Instant::now();
    loop {
        match LocalCloud::open(folder, options) {
            Err(CloudError::Precondition { .. }) if started.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(50));
            }
            Err(CloudError::Precondition { .. }) => {
                return Err(Failure::new("another fanfold works in this folder")
                    .at(folder.display())
                    .advise("wait until it has finished, or choose another folder"));
            }
            opened => return opened.map_err(Failure::from),
        }
    }
}
