//! The process that draws, and the one that watches over it.
//!
//! A document may end its whole process: a stack that overflows or memory that is refused cannot be
//! caught. So `fanfold batch` draws in a process of its own, a worker, and starts another when that dies.
//! The next worker counts the deliveries that were cut short: the state machine then splits their chunks,
//! tries each of their documents alone and settles the one that ends its process each time as failed.
//!
//! The worker lives no longer than who started it: its standard input is a pipe whose other end only
//! that process has.

use std::io::Read;
use std::process::{Command, ExitCode, ExitStatus, Stdio};

use crate::failure::Failure;

/// Workers that may die in one run: a document that kills costs four.
const DEATHS: u32 = 400;

/// Runs the command of this process in workers until one comes to an end.
pub(crate) async fn supervise() -> Result<ExitCode, Failure> {
    let program = std::env::current_exe().map_err(Failure::new)?;
    let mut arguments = std::env::args_os().skip(1);
    let subcommand = arguments.next().unwrap_or_default();
    let arguments: Vec<_> = arguments.collect();
    let mut deaths = 0u32;
    loop {
        let mut worker = Command::new(&program)
            .arg(&subcommand)
            .arg(format!("--worker={deaths}"))
            .args(&arguments)
            .stdin(Stdio::piped())
            .spawn()
            .map_err(|error| Failure::file(&program, &error))?;
        let lifeline = worker.stdin.take();
        let mut ended = tokio::task::spawn_blocking(move || worker.wait());
        let status = tokio::select! {
            status = &mut ended => status,
            () = crate::serve::stop_signal() => {
                drop(lifeline);
                // It ends at once; how does not matter.
                let _ = ended.await;
                return Err(stopped());
            }
        };
        let status = status.map_err(Failure::new)?.map_err(Failure::new)?;
        match end_of(status) {
            End::Code(code) => return Ok(ExitCode::from(code)),
            End::Stopped => return Err(stopped()),
            End::Died => {}
        }
        deaths += 1;
        if deaths == DEATHS {
            return Err(Failure::new(format!(
                "the process that draws has died {deaths} times ({status})"
            ))
            .advise("run the same command again to go on; with --jobs 1 it needs less memory"));
        }
        eprintln!(
            "fanfold: the process that draws has died ({status}); what it was drawing is tried again alone"
        );
    }
}

fn stopped() -> Failure {
    Failure::new("stopped").advise("run the same command again to go on")
}

/// How a worker ended.
enum End {
    /// By itself.
    Code(u8),
    /// A person stopped it.
    Stopped,
    /// Something else did.
    Died,
}

fn end_of(status: ExitStatus) -> End {
    if let Some(code) = status.code().and_then(|code| u8::try_from(code).ok()) {
        return End::Code(code);
    }
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        // SIGHUP, SIGINT, SIGQUIT, SIGTERM (POSIX): sent to the worker too, as to the whole terminal.
        if matches!(status.signal(), Some(1 | 2 | 3 | 15)) {
            return End::Stopped;
        }
    }
    End::Died
}

/// In a worker: ends this process when the one that started it is gone.
pub(crate) fn end_with_supervisor() {
    std::thread::spawn(|| {
        let mut nothing = [0];
        // Nobody writes to it: a read ends when the other end is closed.
        let _ = std::io::stdin().read(&mut nothing);
        std::process::exit(crate::AT_FAULT.into());
    });
}
