//! The `fanfold` program: the whole system on one machine.

mod arguments;
mod batch;
mod failure;
mod host;
mod invoke;
mod merge;
mod output;
mod preview;
mod render;
mod resources;
mod serve;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
use failure::Failure;

/// A document or an input is at fault.
const AT_FAULT: u8 = 1;

fn main() -> ExitCode {
    // Wrong usage ends in here with 2.
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Command::Render(arguments) => render::run(&arguments).map(|()| ExitCode::SUCCESS),
        Command::Merge(arguments) => merge::run(&arguments).map(|()| ExitCode::SUCCESS),
        Command::Batch(arguments) => asynchronous(batch::run(&arguments)),
        Command::Serve(arguments) => logged(serve::run(&arguments)),
        Command::Invoke(arguments) => logged(invoke::run(&arguments)),
        Command::Preview(arguments) => logged(preview::run(arguments)),
        Command::Watchdog => fanfold_wire::lambda::watch(std::io::stdin().lock())
            .map(|()| ExitCode::SUCCESS)
            .map_err(Failure::new),
    };
    match done {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("fanfold: {failure}");
            ExitCode::from(AT_FAULT)
        }
    }
}

/// Runs a command on all cores, with the log on standard error.
fn logged(command: impl Future<Output = Result<(), Failure>>) -> Result<ExitCode, Failure> {
    use tracing_subscriber::EnvFilter;
    let filter =
        EnvFilter::try_from_env("FANFOLD_LOG").unwrap_or_else(|_| EnvFilter::new("info,s3s=off"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    asynchronous(async { command.await.map(|()| ExitCode::SUCCESS) })
}

fn asynchronous(
    command: impl Future<Output = Result<ExitCode, Failure>>,
) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::new)?;
    let done = runtime.block_on(command);
    // Threads that still work have nothing to give any more.
    runtime.shutdown_background();
    done
}
