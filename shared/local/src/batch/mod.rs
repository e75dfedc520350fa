//! `fanfold batch`: the whole system on this machine, for one manifest.
//!
//! The state is kept in `.fanfold` in the output folder; the batch's id follows from the manifest's
//! content. So a run that was stopped at any moment is gone on with by running it again, and one that
//! died, by the [`supervisor`].

mod deliver;
mod identity;
mod progress;
mod state;
mod supervisor;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use fanfold_job::report::BatchStatus;
use fanfold_job::settled::Accepted;
use fanfold_ledger::Progress;

use crate::arguments::Batch;
use crate::failure::Failure;
use crate::host::{Host, HostOptions, Refused, bundles};
use crate::output;
use deliver::Delivered;
pub(crate) use identity::LocalManifest;
use progress::Display;
use state::State;

/// The shortest and longest pause between two looks at the progress.
const LOOK_AFTER: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(200));

/// How long the queues must be empty, with the batch not finished, before it is given up.
const STALLED_AFTER: Duration = Duration::from_secs(5);

/// How long work under way may take when all is done.
const PATIENCE: Duration = Duration::from_secs(5);

/// Runs a batch to its end. The exit code says whether all documents are ok.
pub(crate) async fn run(arguments: &Batch) -> Result<ExitCode, Failure> {
    match arguments.worker {
        None => supervisor::supervise().await,
        Some(deaths) => {
            supervisor::end_with_supervisor();
            work(arguments, deaths > 0).await
        }
    }
}

/// Draws, in a worker; `after_death` of another one.
async fn work(arguments: &Batch, after_death: bool) -> Result<ExitCode, Failure> {
    let started = Instant::now();
    let manifest = LocalManifest::read(&arguments.manifest, arguments.bundle.as_deref())?;
    let bundles = bundles::find(&bundle_folders(&manifest.folder, &arguments.bundles))?;
    let key = manifest.key(&bundles)?;
    std::fs::create_dir_all(&arguments.out)
        .map_err(|error| Failure::file(&arguments.out, &error))?;
    let state = State::take(&arguments.out, &key)?;
    let host = Host::open(
        &state.folder,
        HostOptions {
            beside: Some(manifest.folder.clone()),
            jobs: arguments.jobs,
            bundles,
            after_death,
            // A person has begun again, and waits.
            at_once: !after_death,
            ..HostOptions::default()
        },
    )?;
    let made = make(arguments, &host, &manifest, &key, started).await;
    made.map_err(|failure| match host.cloud().take_full() {
        Some(full) => is_full(&full),
        None => failure,
    })
}

/// Has the manifest accepted, works until its batch has ended, and gives out what it has made.
async fn make(
    arguments: &Batch,
    host: &Host,
    manifest: &LocalManifest,
    key: &str,
    started: Instant,
) -> Result<ExitCode, Failure> {
    let accepted = accept(host, manifest, key).await?;
    let before = host
        .ledger()
        .progress(accepted.clone())
        .await
        .map_err(Failure::new)?;
    let done = finish(host, &accepted).await?;
    let seconds = started.elapsed().as_secs_f64();
    let delivered =
        deliver::deliver(host.ledger(), host.store(), &done, seconds, &arguments.out).await?;
    let made = done
        .tally
        .processed()
        .saturating_sub(before.tally.processed());
    output::print(&summary(
        &done,
        &delivered,
        made,
        started.elapsed(),
        &arguments.out,
    ));
    let ok = done.tally.failed == 0
        && done.status() == BatchStatus::Complete
        && delivered
            .volumes
            .iter()
            .all(|volume| volume.error.is_none());
    Ok(if ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(crate::AT_FAULT)
    })
}

/// The folders of bundles: `bundles` beside the manifest when it is there, then those asked for.
fn bundle_folders(beside: &Path, asked: &[PathBuf]) -> Vec<PathBuf> {
    let own = beside.join("bundles");
    let own = own.is_dir().then_some(own);
    own.into_iter().chain(asked.iter().cloned()).collect()
}

/// Has the manifest accepted; when it was already, what is missing is queued.
async fn accept(host: &Host, manifest: &LocalManifest, key: &str) -> Result<Accepted, Failure> {
    let path = manifest.path.display();
    host.functions()
        .accept(manifest, key)
        .await
        .map_err(|refused| match refused {
            Refused::Manifest(errors) => {
                let mut what = format!(
                    "the manifest has {} error(s); nothing was made",
                    errors.total
                );
                for error in &errors.listed {
                    let _ = write!(what, "\n  {error}");
                }
                let more = errors.total - errors.listed.len() as u64;
                if more > 0 {
                    let _ = write!(what, "\n  and {more} more");
                }
                Failure::new(what)
                    .at(path)
                    .advise("correct the manifest and run it again")
            }
            Refused::Other(error) => Failure::new(error).at(path),
        })
}

/// Works until the batch has ended.
async fn finish(host: &Host, accepted: &Accepted) -> Result<Progress, Failure> {
    host.redrive_unsettled().await?;
    let workers = host.start();
    let mut display = Display::new(accepted.plan.documents);
    let mut pause = LOOK_AFTER.0;
    let mut idle_since: Option<Instant> = None;
    let progress = loop {
        let looked = Instant::now();
        let progress = host
            .ledger()
            .progress(accepted.clone())
            .await
            .map_err(Failure::new)?;
        if progress.status().is_final() {
            break progress;
        }
        display.show(&progress);
        if let Some(full) = host.cloud().take_full() {
            display.finish();
            workers.stop(PATIENCE).await;
            return Err(is_full(&full));
        }
        if host.functions().exhausted() {
            display.finish();
            return Err(Failure::new("documents that do not stop hold every core")
                .advise("run the same command again: they are tried alone and then given up"));
        }
        if host.is_idle().await? {
            let since = *idle_since.get_or_insert_with(Instant::now);
            if since.elapsed() > STALLED_AFTER {
                display.finish();
                return Err(Failure::new("some results could not be written").advise(
                    "see the errors above, free some disk space and run the same command again",
                ));
            }
        } else {
            idle_since = None;
        }
        // Looking must cost little beside the work: a twentieth of the time at most.
        pause = (pause * 2).min(LOOK_AFTER.1).max(looked.elapsed() * 20);
        tokio::time::sleep(pause).await;
    };
    display.finish();
    workers.stop(PATIENCE).await;
    Ok(progress)
}

/// Tries again would only fill the progress: nothing goes on until somebody makes room.
fn is_full(what: &str) -> Failure {
    Failure::new(format!("the disk is full: {what}"))
        .advise("what is done is kept: make room and run the same command again to go on")
}

/// What is said at the end, on standard output.
fn summary(
    progress: &Progress,
    delivered: &Delivered,
    made: u64,
    took: Duration,
    out: &Path,
) -> String {
    let tally = &progress.tally;
    let mut said = format!("{} documents, {} pages", tally.processed(), tally.pages);
    if !delivered.volumes.is_empty() {
        let made = delivered
            .volumes
            .iter()
            .filter(|volume| volume.error.is_none())
            .count();
        let _ = write!(said, ", {made} volumes");
    }
    let seconds = took.as_secs_f64();
    let _ = write!(said, " in {seconds:.1} s");
    if made == 0 && tally.processed() > 0 {
        said.push_str(" (all of it was done before)");
    } else {
        let _ = write!(
            said,
            " ({:.0} documents/s",
            made as f64 / seconds.max(0.001)
        );
        if made < tally.processed() {
            let _ = write!(said, "; {} were done before", tally.processed() - made);
        }
        said.push(')');
    }
    if let Some(bytes) = peak_memory() {
        let _ = write!(said, ", peak memory {} MB", bytes / 1_000_000);
    }
    said.push('\n');
    if tally.failed > 0 {
        let _ = writeln!(said, "{} failed:", tally.failed);
        for result in &delivered.failures {
            let _ = match &result.error {
                Some(error) if error.place.is_empty() => {
                    writeln!(said, "  {}: {}", result.id, error.message)
                }
                Some(error) => {
                    writeln!(said, "  {}: {}: {}", result.id, error.place, error.message)
                }
                None => writeln!(said, "  {}", result.id),
            };
        }
        let more = tally.failed.saturating_sub(delivered.failures.len() as u64);
        if more > 0 {
            let _ = writeln!(said, "  and {more} more; report.json lists them all");
        }
    }
    for volume in &delivered.volumes {
        if let Some(error) = &volume.error {
            let _ = writeln!(said, "volume {} was not made: {error}", volume.output);
        }
    }
    let _ = writeln!(
        said,
        "Results are in {} (report.json lists them).",
        out.display()
    );
    said
}

/// The most memory this process has had, in bytes (Linux).
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim()
        .strip_suffix("kB")?
        .trim()
        .parse::<u64>()
        .ok()
        .map(|kib| kib * 1024)
}
