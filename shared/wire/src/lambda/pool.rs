//! The processes of one function: started when they are needed, kept warm, used again.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use serde_json::Value;
use tokio::sync::Semaphore;

use super::process::Process;
use super::{Function, FunctionError, Watchdog};

/// How long a process that nobody needs is kept.
const IDLE: Duration = Duration::from_secs(300);

/// A function's program and what it may use.
#[derive(Clone, Debug)]
pub struct Program {
    /// The function's name.
    pub name: String,
    /// Its binary.
    pub path: PathBuf,
    /// Its variables, beside Lambda's own.
    pub environment: Vec<(String, String)>,
    /// Resident memory that a process may have, in bytes.
    pub memory_bytes: u64,
    /// How long an invocation may take.
    pub timeout: Duration,
    /// Processes at once.
    pub processes: usize,
    /// Invocations of one process at once; more than one is for programs that are made for it.
    pub invocations: usize,
    /// Who ends its processes should this one be killed.
    pub watchdog: Option<Arc<Watchdog>>,
}

/// A function whose invocations are handled by processes.
#[derive(Debug)]
pub struct ProgramFunction {
    program: Arc<Program>,
    places: Semaphore,
    processes: Mutex<Vec<Held>>,
    /// Held while a process is started, so that no other is started in its stead.
    starting: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Held {
    process: Arc<Process>,
    under_way: usize,
    used: Instant,
}

impl ProgramFunction {
    /// A function of that program. No process is started yet.
    #[must_use]
    pub fn new(program: Program) -> Arc<Self> {
        let places = program.processes.max(1) * program.invocations.max(1);
        let function = Arc::new(Self {
            places: Semaphore::new(places),
            program: Arc::new(program),
            processes: Mutex::default(),
            starting: tokio::sync::Mutex::default(),
        });
        tokio::spawn(retire(Arc::downgrade(&function)));
        function
    }

    /// Its program.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Ends all processes, whatever they do, and waits until they are gone.
    pub async fn stop(&self) {
        let held: Vec<Held> = self.locked().drain(..).collect();
        for held in held {
            held.process.shut().await;
        }
    }

    async fn run(&self, event: Value) -> Result<Value, FunctionError> {
        let failed = |error: String| FunctionError::new("Host.Internal", error);
        let _place = self
            .places
            .acquire()
            .await
            .map_err(|error| failed(error.to_string()))?;
        let event = serde_json::to_vec(&event).map_err(|error| failed(error.to_string()))?;
        let process = match self.warm() {
            Some(process) => process,
            None => self.warm_or_new().await?,
        };
        let outcome = process.invoke(event.into()).await;
        self.give_back(&process);
        outcome
    }

    /// A process that has got room meanwhile, or a new one.
    async fn warm_or_new(&self) -> Result<Arc<Process>, FunctionError> {
        let _starting = self.starting.lock().await;
        if let Some(process) = self.warm() {
            return Ok(process);
        }
        let process = Arc::new(Process::start(self.program.clone()).await?);
        self.locked().push(Held {
            process: process.clone(),
            under_way: 1,
            used: Instant::now(),
        });
        Ok(process)
    }

    /// A process that has room, the last used first, so that others may retire.
    fn warm(&self) -> Option<Arc<Process>> {
        let mut processes = self.locked();
        processes.retain(|held| held.under_way > 0 || !held.process.is_over());
        let room = self.program.invocations.max(1);
        let held = processes
            .iter_mut()
            .filter(|held| held.under_way < room && !held.process.is_over())
            .max_by_key(|held| (held.under_way, held.used))?;
        held.under_way += 1;
        held.used = Instant::now();
        Some(held.process.clone())
    }

    fn give_back(&self, process: &Arc<Process>) {
        let mut processes = self.locked();
        for held in processes
            .iter_mut()
            .filter(|held| Arc::ptr_eq(&held.process, process))
        {
            held.under_way = held.under_way.saturating_sub(1);
            held.used = Instant::now();
        }
        processes.retain(|held| held.under_way > 0 || !held.process.is_over());
    }

    fn locked(&self) -> MutexGuard<'_, Vec<Held>> {
        self.processes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends processes that nobody has needed for a while.
async fn retire(function: Weak<ProgramFunction>) {
    loop {
        tokio::time::sleep(IDLE / 10).await;
        let Some(function) = function.upgrade() else {
            return;
        };
        let mut processes = function.locked();
        processes.retain(|held| held.under_way > 0 || held.used.elapsed() < IDLE);
    }
}

/// On a task of its own: who stops waiting does not stop the process.
async fn detached(function: Arc<ProgramFunction>, event: Value) -> Result<Value, FunctionError> {
    let run = tokio::spawn(async move { function.run(event).await });
    run.await
        .unwrap_or_else(|error| Err(FunctionError::new("Host.Internal", error.to_string())))
}

#[async_trait]
impl Function for Arc<ProgramFunction> {
    async fn invoke(&self, event: Value) -> Result<Value, FunctionError> {
        detached(self.clone(), event).await
    }
}
