//! The stack as it is deployed: `template.yaml` by `sam build` and `sam deploy`, the functions' own
//! programs, S3, SQS, event source mappings and the HTTP API of an emulator, and what goes wrong there.
//!
//! Between the functions and S3 and SQS is a proxy ([`proxy`]) that does to chosen requests what a case
//! asks for ([`faults`]); from outside, functions are found and killed ([`processes`]). Each case hands
//! in a batch of its own and looks only at what a user could look at: the HTTP API, the bucket, the
//! queues ([`suite`]). All cases run at once, on one stack.
//!
//! Needs Python 3 and, the first time, the package index. Without it the suite says that it skips, and
//! fails where `CI` is `true`. The programs are those that `cargo test` builds; with
//! `FANFOLD_CLOUD_SAM_BUILD=1`, and cargo-lambda in the path, `sam build` compiles them for release.

mod cases;
mod emulator;
mod environment;
mod faults;
mod http;
mod kit;
mod processes;
mod proxy;
mod stack;
mod suite;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use libtest_mimic::{Arguments, Failed, Trial};
use tokio::runtime::Runtime;

use crate::cases::Case;
use crate::emulator::Emulator;
use crate::environment::{Environment, in_ci};
use crate::proxy::Proxy;
use crate::stack::Stack;
use crate::suite::{Suite, batch_of};

/// Cases at once: they wait most of the time.
const AT_ONCE: usize = 32;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(AT_ONCE);
    if arguments.list {
        let trials = cases::all()
            .into_iter()
            .map(|case| Trial::test(case.name, || Ok(())));
        return libtest_mimic::run(&arguments, trials.collect()).exit_code();
    }
    let environment = match Environment::prepare() {
        Ok(environment) => environment,
        Err(why) if !in_ci() => {
            eprintln!("skipped: {why}");
            return ExitCode::SUCCESS;
        }
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::FAILURE;
        }
    };
    let runtime = Runtime::new().expect("a runtime starts");
    match deployed(&environment, &runtime) {
        Ok((stack, proxy)) => {
            let done = run(&arguments, &stack, proxy, runtime);
            stack.stop();
            done
        }
        Err(why) => {
            eprintln!("the stack is not deployed: {why}");
            ExitCode::FAILURE
        }
    }
}

fn deployed(
    environment: &Environment,
    runtime: &Runtime,
) -> Result<(Arc<dyn Stack>, Arc<Proxy>), String> {
    let begun = Instant::now();
    environment.build()?;
    let proxy = runtime
        .block_on(Proxy::start())
        .map_err(|error| error.to_string())?;
    let emulator = Emulator::start(environment, &proxy)?;
    eprintln!("deployed after {:.0} s", begun.elapsed().as_secs_f64());
    Ok((Arc::new(emulator), proxy))
}

fn run(
    arguments: &Arguments,
    stack: &Arc<dyn Stack>,
    proxy: Arc<Proxy>,
    runtime: Runtime,
) -> ExitCode {
    let runtime = Arc::new(runtime);
    let begun = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(Suite::begin(Arc::clone(stack), proxy))
    }));
    let Ok(suite) = begun.map(Arc::new) else {
        eprintln!("{}", stack.log());
        return ExitCode::FAILURE;
    };
    let trials = cases::all()
        .into_iter()
        .map(|case| trial(case, &suite, &runtime));
    let cases = libtest_mimic::run(arguments, trials.collect());
    // What must hold when all cases are over, whichever they were.
    let after = Arguments {
        filter: None,
        skip: Vec::new(),
        ..arguments.clone()
    };
    let (left, answers) = (Arc::clone(&suite), suite);
    let trials = vec![
        Trial::test("afterwards::nothing_is_left_in_any_queue", move || {
            runtime.block_on(left.nothing_is_left());
            Ok(())
        }),
        Trial::test(
            "afterwards::aws_would_have_taken_every_answer",
            move || match answers.stack.bad_answers() {
                bad if bad.is_empty() => Ok(()),
                bad => Err(Failed::from(bad)),
            },
        ),
    ];
    let after = libtest_mimic::run(&after, trials);
    match cases.has_failed() || after.has_failed() {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    }
}

fn trial(case: Case, suite: &Arc<Suite>, runtime: &Arc<Runtime>) -> Trial {
    let (suite, runtime) = (Arc::clone(suite), Arc::clone(runtime));
    Trial::test(case.name, move || {
        let begun = Instant::now();
        let run = AssertUnwindSafe(|| runtime.block_on((case.run)(Arc::clone(&suite))));
        let ended = catch_unwind(run);
        eprintln!("{}: {:.0} s", case.name, begun.elapsed().as_secs_f64());
        ended.map_err(|panic| {
            let said = panic.downcast_ref::<String>().cloned();
            let said = said.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Failed::from(format!(
                "{}\n{}",
                said.unwrap_or_default(),
                suite.log_of(&batch_of(case.name))
            ))
        })
    })
}
