//! The stack as it is deployed, with what goes wrong: the functions' own programs behind S3, SQS, event
//! source mappings and the HTTP API, once on an emulator of AWS that `sam build` and `sam deploy` bring
//! `template.yaml` to ([`emulator`]), and once on this project's own host ([`host`]).
//!
//! Between the functions and S3 and SQS is a proxy ([`proxy`]) that does to chosen requests what a case
//! asks for ([`faults`]); from outside, functions are found and killed ([`processes`]). Each case hands
//! in a batch of its own and looks only at what a user could look at: the HTTP API, the bucket, the
//! queues ([`suite`], [`outcome`]). All cases run at once, on one stack.
//!
//! The emulator needs Python 3 and, the first time, the package index. Without them the suite says that
//! it skips it, and fails where `CI` is `true`. The programs are those that `cargo test` builds; with
//! `FANFOLD_CLOUD_SAM_BUILD=1`, and cargo-lambda in the path, `sam build` compiles those that are
//! deployed.

mod cases;
mod emulator;
mod environment;
mod faults;
mod host;
mod http;
mod kit;
mod outcome;
mod parameters;
mod processes;
mod proxy;
mod stack;
mod suite;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use libtest_mimic::{Arguments, Failed, Trial};
use tokio::runtime::Runtime;

use crate::cases::Case;
use crate::emulator::Emulator;
use crate::environment::{Environment, in_ci};
use crate::host::Host;
use crate::proxy::Proxy;
use crate::stack::Stack;
use crate::suite::{Suite, batch_of};

/// Where the stack runs.
const MINISTACK: &str = "ministack";
const HOST: &str = "host";

/// Cases at once: they wait most of the time.
const AT_ONCE: usize = 64;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(AT_ONCE);
    if arguments.list {
        let names = [MINISTACK, HOST].into_iter().flat_map(names);
        let trials = names.map(|name| Trial::test(name, || Ok(())));
        return libtest_mimic::run(&arguments, trials.collect()).exit_code();
    }
    let runtime = Arc::new(Runtime::new().expect("a runtime starts"));
    match begun(&arguments, &runtime) {
        Ok(suites) => run(&arguments, &suites, &runtime),
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn names(place: &str) -> impl Iterator<Item = String> {
    let name = move |case: Case| format!("{place}::{}", case.name);
    cases::all().into_iter().map(name)
}

/// Starts the stacks that the arguments ask for cases on.
fn begun(
    arguments: &Arguments,
    runtime: &Runtime,
) -> Result<Vec<(&'static str, Arc<Suite>)>, String> {
    let wanted = |place: &str| {
        let filter = arguments.filter.as_deref().unwrap_or_default();
        names(place).any(|name| name.contains(filter))
    };
    let environment = Environment::of_this_program();
    environment.build()?;
    let mut suites = Vec::new();
    if wanted(MINISTACK) {
        match environment.python() {
            Ok(python) => suites.push((
                MINISTACK,
                begin(MINISTACK, runtime, |proxy| {
                    Ok(Arc::new(Emulator::start(&environment, &python, proxy)?))
                })?,
            )),
            Err(why) if !in_ci() => eprintln!("skipped on {MINISTACK}: {why}"),
            Err(why) => return Err(why),
        }
    }
    if wanted(HOST) {
        let suite = begin(HOST, runtime, |proxy| {
            Ok(Arc::new(Host::start(&environment, proxy)?))
        })?;
        suites.push((HOST, suite));
    }
    Ok(suites)
}

/// Starts a stack behind a proxy of its own.
fn begin(
    place: &str,
    runtime: &Runtime,
    start: impl FnOnce(&Proxy) -> Result<Arc<dyn Stack>, String>,
) -> Result<Arc<Suite>, String> {
    let begun = Instant::now();
    let proxy = runtime
        .block_on(Proxy::start())
        .map_err(|error| error.to_string())?;
    let stack = start(&proxy)?;
    let suite = AssertUnwindSafe(|| runtime.block_on(Suite::begin(Arc::clone(&stack), proxy)));
    let suite =
        catch_unwind(suite).map_err(|panic| format!("{}\n{}", said(&*panic), stack.log()))?;
    eprintln!(
        "{place} is ready after {:.0} s",
        begun.elapsed().as_secs_f64()
    );
    Ok(Arc::new(suite))
}

fn run(arguments: &Arguments, suites: &[(&str, Arc<Suite>)], runtime: &Arc<Runtime>) -> ExitCode {
    let mut trials = Vec::new();
    for case in cases::all() {
        for (place, suite) in suites {
            trials.push(trial(place, case, Arc::clone(suite), Arc::clone(runtime)));
        }
    }
    let cases = libtest_mimic::run(arguments, trials);
    // What must hold when all cases are over, whichever they were.
    let all = Arguments {
        filter: None,
        skip: Vec::new(),
        ..arguments.clone()
    };
    let after = libtest_mimic::run(&all, afterwards(suites, runtime));
    let last = libtest_mimic::run(&all, at_last(suites));
    for (_, suite) in suites {
        suite.stack.stop();
    }
    match cases.has_failed() || after.has_failed() || last.has_failed() {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    }
}

fn afterwards(suites: &[(&str, Arc<Suite>)], runtime: &Arc<Runtime>) -> Vec<Trial> {
    let mut trials = Vec::new();
    for (place, suite) in suites {
        let (suite, runtime) = (Arc::clone(suite), Arc::clone(runtime));
        let answers = Arc::clone(&suite);
        trials.push(Trial::test(
            format!("{place}::afterwards::nothing_is_left_in_any_queue"),
            move || {
                runtime.block_on(suite.nothing_is_left());
                Ok(())
            },
        ));
        trials.push(Trial::test(
            format!("{place}::afterwards::aws_would_have_taken_every_answer"),
            move || match answers.stack.bad_answers() {
                bad if bad.is_empty() => Ok(()),
                bad => Err(Failed::from(bad)),
            },
        ));
    }
    trials
}

/// What ends the stack.
fn at_last(suites: &[(&str, Arc<Suite>)]) -> Vec<Trial> {
    let trial = |(place, suite): &(&str, Arc<Suite>)| {
        let suite = Arc::clone(suite);
        let name = format!("{place}::afterwards::no_function_outlives_its_host");
        Trial::test(name, move || match suite.stack.left_when_killed() {
            None | Some(0) => Ok(()),
            Some(left) => Err(Failed::from(format!("{left} are left"))),
        })
    };
    let of_ours = suites.iter().filter(|(place, _)| *place == HOST);
    of_ours.map(trial).collect()
}

fn trial(place: &str, case: Case, suite: Arc<Suite>, runtime: Arc<Runtime>) -> Trial {
    let name = format!("{place}::{}", case.name);
    Trial::test(name.clone(), move || {
        let begun = Instant::now();
        let run = AssertUnwindSafe(|| runtime.block_on((case.run)(Arc::clone(&suite))));
        let ended = catch_unwind(run);
        eprintln!("{name}: {:.0} s", begun.elapsed().as_secs_f64());
        ended.map_err(|panic| {
            let log = suite.log_of(&batch_of(case.name));
            Failed::from(format!("{}\n{log}", said(&*panic)))
        })
    })
}

/// What a panic said.
fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref().copied())
        .unwrap_or_default()
}
