//! One process of a function: started, watched, killed.

use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::task::JoinSet;

use super::runtime::{Invocation, Outcome, RuntimeApi, router};
use super::{FunctionError, Program, output, usage};
use crate::REGION;

/// How often a working process's memory is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// How long a process may take to its first `next`, if the function's timeout is not longer.
const INIT: Duration = Duration::from_secs(10);

/// A running process; it is killed when this is dropped.
#[derive(Debug)]
pub(super) struct Process {
    program: Arc<Program>,
    api: Arc<RuntimeApi>,
    events: mpsc::UnboundedSender<Invocation>,
    pid: u32,
    started: Instant,
    next_id: AtomicU64,
    under_way: watch::Sender<usize>,
    reported: AtomicBool,
    kill: Arc<Notify>,
    gone: watch::Receiver<bool>,
    _tasks: JoinSet<()>,
}

impl Process {
    /// Starts a process.
    pub(super) async fn start(program: Arc<Program>) -> Result<Self, FunctionError> {
        let failed = |error: std::io::Error| {
            let what = format!("{} cannot be started: {error}", program.path.display());
            FunctionError::new("Runtime.InvalidEntrypoint", what)
        };
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (events, queue) = mpsc::unbounded_channel();
        let api = Arc::new(RuntimeApi::new(&program.name, program.timeout, queue));
        let started = Instant::now();
        let mut child = command(&program, &address.to_string())
            .spawn()
            .map_err(failed)?;
        let pid = *api.pid.get_or_init(|| child.id().unwrap_or_default());
        if let Some(watchdog) = &program.watchdog {
            watchdog.began(pid);
        }
        let mut tasks = JoinSet::new();
        if let Some(from) = child.stdout.take() {
            tokio::spawn(output::pass_on(from, program.name.clone(), pid));
        }
        if let Some(from) = child.stderr.take() {
            tokio::spawn(output::pass_on(from, program.name.clone(), pid));
        }
        let served = axum::serve(listener, router(api.clone())).into_future();
        tasks.spawn(async move {
            if let Err(error) = served.await {
                tracing::error!(%error, "a Runtime API could not be served");
            }
        });
        let (kill, under_way) = (Arc::new(Notify::new()), watch::Sender::new(0));
        let (is_gone, gone) = watch::channel(false);
        tasks.spawn(watch_end(
            child,
            program.clone(),
            pid,
            api.clone(),
            kill.clone(),
            is_gone,
        ));
        tasks.spawn(watch_memory(
            program.clone(),
            pid,
            api.clone(),
            kill.clone(),
            under_way.subscribe(),
        ));
        Ok(Self {
            program,
            api,
            events,
            pid,
            started,
            next_id: AtomicU64::new(0),
            under_way,
            reported: AtomicBool::new(false),
            kill,
            gone,
            _tasks: tasks,
        })
    }

    /// Whether it takes no more events.
    pub(super) fn is_over(&self) -> bool {
        self.api.is_over()
    }

    /// Has an event handled; the process is killed when it takes too long.
    pub(super) async fn invoke(&self, event: Bytes) -> Outcome {
        let number = self.next_id.fetch_add(1, Ordering::Relaxed);
        let id = format!("{:08x}-0000-4000-8000-{number:012x}", self.pid);
        let outcome = self.api.expect(&id)?;
        let (taken, has_taken) = oneshot::channel();
        self.under_way.send_modify(|events| *events += 1);
        let invocation = Invocation { id, event, taken };
        let outcome = match self.events.send(invocation) {
            Err(_) => Err(FunctionError::new(
                "Runtime.ExitError",
                "the process has ended",
            )),
            Ok(()) => self.answer(has_taken, outcome).await,
        };
        self.under_way.send_modify(|events| *events -= 1);
        self.report_once();
        outcome
    }

    async fn answer(
        &self,
        has_taken: oneshot::Receiver<()>,
        mut outcome: oneshot::Receiver<Outcome>,
    ) -> Outcome {
        let name = &self.program.name;
        let gone = || {
            FunctionError::new(
                "Runtime.ExitError",
                format!("{name} ended without an answer"),
            )
        };
        let init = INIT.max(self.program.timeout);
        tokio::select! {
            ended = &mut outcome => return ended.unwrap_or_else(|_| Err(gone())),
            _ = has_taken => {}
            () = tokio::time::sleep(init) => {
                let what = format!("{name} did not ask for an event within {} s", init.as_secs());
                self.end(&FunctionError::new("Sandbox.Timedout", what));
            }
        }
        match tokio::time::timeout(self.program.timeout, &mut outcome).await {
            Ok(ended) => return ended.unwrap_or_else(|_| Err(gone())),
            Err(_) => {
                let seconds = self.program.timeout.as_secs_f64();
                let what = format!("Task timed out after {seconds:.2} seconds");
                self.end(&FunctionError::new("Sandbox.Timedout", what));
            }
        }
        outcome.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Kills the process for a reason, which its invocations end with.
    fn end(&self, reason: &FunctionError) {
        self.api.end(reason);
        self.kill.notify_one();
    }

    /// Kills the process because its host ends, whatever it does, and waits until it is gone.
    pub(super) async fn shut(&self) {
        self.end(&FunctionError::new("Host.Stopped", "the host ends"));
        // An error is the end of who would tell, and so of the process.
        let _ = self.gone.clone().wait_for(|gone| *gone).await;
    }

    /// Says, after the first event, what starting has cost.
    fn report_once(&self) {
        if self.reported.swap(true, Ordering::Relaxed) {
            return;
        }
        let kib = |bytes: Option<u64>| bytes.map(|bytes| bytes / 1024);
        let ms = |took: Duration| took.as_secs_f64() * 1e3;
        let first_poll = self.api.first_poll().unwrap_or_default();
        tracing::info!(
            function = self.program.name,
            pid = self.pid,
            first_poll_ms = ms(first_poll.after),
            first_poll_processor_ms = first_poll.processor.map(ms),
            first_event_ms = ms(self.started.elapsed()),
            first_event_processor_ms = usage::processor_time(self.pid).map(ms),
            rss_kib = kib(usage::resident(self.pid)),
            peak_kib = kib(usage::peak(self.pid)),
            "a process has handled its first event"
        );
    }
}

/// The process as Lambda starts it: with its own variables and nothing else of this environment.
fn command(program: &Program, api: &str) -> Command {
    let mut command = Command::new(&program.path);
    let megabytes = (program.memory_bytes >> 20).to_string();
    command
        .env_clear()
        .envs(
            ["PATH", "LD_LIBRARY_PATH", "TMPDIR", "RUST_BACKTRACE"]
                .into_iter()
                .filter_map(|name| std::env::var_os(name).map(|value| (name, value))),
        )
        .envs([
            ("LANG", "en_US.UTF-8"),
            ("TZ", ":UTC"),
            ("_HANDLER", "bootstrap"),
            ("AWS_REGION", REGION),
            ("AWS_DEFAULT_REGION", REGION),
            ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023"),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
            ("AWS_LAMBDA_FUNCTION_NAME", &program.name),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &megabytes),
            (
                "AWS_LAMBDA_LOG_GROUP_NAME",
                &format!("/fanfold/local/{}", program.name),
            ),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "local"),
            ("AWS_LAMBDA_RUNTIME_API", api),
        ])
        .envs(
            program
                .environment
                .iter()
                .map(|(name, value)| (name, value)),
        )
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    // A Ctrl-C in the host's terminal is the host's: it lets what is under way finish.
    #[cfg(unix)]
    command.process_group(0);
    if program.invocations > 1 {
        command.env(
            "AWS_LAMBDA_MAX_CONCURRENCY",
            program.invocations.to_string(),
        );
    }
    if let Some(folder) = program.path.parent() {
        command.env("LAMBDA_TASK_ROOT", folder);
    }
    command
}

/// Waits for the process's end, or brings it about when it is told to.
async fn watch_end(
    mut child: Child,
    program: Arc<Program>,
    pid: u32,
    api: Arc<RuntimeApi>,
    kill: Arc<Notify>,
    is_gone: watch::Sender<bool>,
) {
    let ended = tokio::select! {
        ended = child.wait() => ended,
        () = kill.notified() => {
            // It may have ended by itself just now.
            let _ = child.start_kill();
            child.wait().await
        }
    };
    if let Some(watchdog) = &program.watchdog {
        watchdog.ended(pid);
    }
    let how = ended.map_or_else(|error| error.to_string(), how_it_ended);
    let reason = FunctionError::new(
        "Runtime.ExitError",
        format!("Runtime exited with error: {how}"),
    );
    tracing::warn!(function = program.name, pid, how, "a process has ended");
    api.end(&reason);
    is_gone.send_replace(true);
}

fn how_it_ended(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("signal {signal}");
    }
    match status.code() {
        Some(code) => format!("exit status {code}"),
        None => status.to_string(),
    }
}

/// Kills the process when it has more memory in use than its function may.
async fn watch_memory(
    program: Arc<Program>,
    pid: u32,
    api: Arc<RuntimeApi>,
    kill: Arc<Notify>,
    mut under_way: watch::Receiver<usize>,
) {
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while !api.is_over() {
        // A process without an event does nothing.
        if under_way.wait_for(|events| *events > 0).await.is_err() {
            return;
        }
        looks.tick().await;
        let Some(bytes) = usage::resident(pid).filter(|bytes| *bytes > program.memory_bytes) else {
            continue;
        };
        let (used, most) = (bytes >> 20, program.memory_bytes >> 20);
        let what = format!("{used} MiB are in use, and {most} MiB are allowed");
        tracing::warn!(
            function = program.name,
            pid,
            used_mib = used,
            allowed_mib = most,
            "a process is killed for its memory"
        );
        api.end(&FunctionError::new("Runtime.OutOfMemory", what));
        kill.notify_one();
    }
}
