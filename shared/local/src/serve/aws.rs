//! AWS's services on loopback, and the functions behind them: in this process, or as their own
//! binaries.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZero;
use std::sync::Arc;

use axum::Router;
use fanfold_wire::endpoint::{self, Services};
use fanfold_wire::lambda::Function;
use fanfold_wire::s3::Buckets;
use fanfold_wire::sqs::Queues;
use fanfold_wire::{Credentials, REGION};
use serde_json::json;

use crate::arguments::Serve;
use crate::failure::Failure;
use crate::host::asynchronous::Invocations;
use crate::host::stack::{self, Parameters, Processes};
use crate::host::uploaded::Announcer;
use crate::host::workers::Workers;
use crate::host::{Callable, Host};

/// The services over one host.
#[derive(Debug)]
pub(super) struct Aws {
    address: SocketAddr,
    buckets: Buckets,
    queues: Queues,
    invocations: Invocations,
    credentials: Credentials,
    functions: Callable,
    processes: Option<Processes>,
}

impl Aws {
    /// Makes the stack's bucket and queues, to be served at `address`.
    pub(super) fn open(
        arguments: &Serve,
        host: &Host,
        address: SocketAddr,
    ) -> Result<Self, Failure> {
        let buckets = Buckets::open(host.cloud(), stack::BUCKET)?;
        let queues = Queues::open(host.cloud())?;
        stack::declare(&queues)?;
        let credentials = credentials();
        let endpoint = format!("http://{address}");
        let processes = match &arguments.functions {
            None => None,
            Some(folder) => {
                let parameters = Parameters::read(&arguments.parameter)?;
                let machine = arguments.jobs.map_or_else(cores, NonZero::get);
                Some(Processes::find(
                    folder,
                    &endpoint,
                    &credentials,
                    &parameters,
                    machine,
                    stack::watchdog().as_ref(),
                )?)
            }
        };
        Ok(Self {
            address,
            buckets,
            queues,
            invocations: Invocations::open(host.cloud())?,
            credentials,
            functions: match &processes {
                None => host.functions().callable(),
                Some(processes) => processes.callable(),
            },
            processes,
        })
    }

    /// Where the services are.
    pub(super) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where everything is, as JSON for programs: one line.
    pub(super) fn addresses(&self, api: &str) -> String {
        let endpoint = self.endpoint();
        let queues = [
            stack::INTERACTIVE,
            stack::BULK,
            stack::MERGE,
            stack::DEAD_LETTERS,
            stack::UNSETTLED,
        ];
        let urls: BTreeMap<&str, String> = queues
            .into_iter()
            .map(|name| (name, stack::queue_url(&endpoint, name)))
            .collect();
        json!({
            "api": api,
            "aws": endpoint,
            "region": REGION,
            "bucket": stack::BUCKET,
            "queues": urls,
            "functions": ["enqueue", "render", "merge"],
        })
        .to_string()
    }

    /// Starts to work on what is queued.
    pub(super) fn start(&self, host: &Host) -> Result<Workers, Failure> {
        let mut mappings = match &self.processes {
            None => host.mappings(),
            Some(processes) => processes.mappings(&self.queues, host.cloud())?,
        };
        mappings.push(self.invocations.mapping(self.by_name()));
        Ok(Workers::start(mappings))
    }

    pub(super) fn functions(&self) -> Callable {
        self.functions.clone()
    }

    /// Who is to be told of uploads, when the functions are processes.
    pub(super) fn announcer(&self) -> Option<Announcer> {
        self.processes
            .as_ref()
            .map(|_| Announcer(self.invocations.clone()))
    }

    /// The functions by their names.
    fn by_name(&self) -> BTreeMap<String, Arc<dyn Function>> {
        let Callable {
            enqueue,
            render,
            merge,
        } = self.functions.clone();
        let functions: [(&str, Arc<dyn Function>); 3] =
            [("enqueue", enqueue), ("render", render), ("merge", merge)];
        functions.map(|(name, it)| (name.to_owned(), it)).into()
    }

    pub(super) fn router(&self) -> Router {
        let services = Services {
            buckets: self.buckets.clone(),
            notify: Some(Arc::new(Announcer(self.invocations.clone()))),
            queues: self.queues.clone(),
            functions: self.by_name(),
            asynchronous: Arc::new(self.invocations.clone()),
            credentials: self.credentials.clone(),
        };
        endpoint::router(services, self.address.port())
    }

    /// Ends the functions' processes.
    pub(super) async fn stop(&self) {
        if let Some(processes) = &self.processes {
            processes.stop().await;
        }
    }
}

/// The pair that this process has been given, so that the same shell's `aws` needs no other; else one
/// that is always good.
fn credentials() -> Credentials {
    let read = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let pair = read("AWS_ACCESS_KEY_ID").zip(read("AWS_SECRET_ACCESS_KEY"));
    pair.map_or_else(Credentials::default, |(access_key, secret_key)| {
        Credentials {
            access_key,
            secret_key,
        }
    })
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}
