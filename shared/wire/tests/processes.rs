//! Functions as processes. This program is the function too: started with `FANFOLD_TEST_FUNCTION` it
//! speaks the Runtime API, and does what its events say.
#![expect(clippy::unwrap_used, reason = "in a test an error is a failure")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use fanfold_wire::lambda::{Function, FunctionError, Program, ProgramFunction};
use serde_json::{Value, json};

fn main() {
    if std::env::var_os("FANFOLD_TEST_FUNCTION").is_some() {
        return function();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        events_are_handled_by_a_process_that_is_used_again().await;
        invocations_at_once_have_a_process_each().await;
        one_process_may_handle_several_events_at_once().await;
        a_process_that_ends_fails_its_event_and_is_replaced().await;
        a_process_that_takes_too_long_is_killed().await;
        a_process_with_too_much_memory_is_killed().await;
        a_program_that_is_not_there_or_cannot_start_says_so().await;
    });
    eprintln!("processes: all passed");
}

// ── The checks ──────────────────────────────────────────────────────────────────────────────────────

fn program(change: impl FnOnce(&mut Program)) -> Arc<ProgramFunction> {
    let mut program = Program {
        name: "test".into(),
        path: std::env::current_exe().unwrap(),
        environment: vec![("FANFOLD_TEST_FUNCTION".into(), "1".into())],
        memory_bytes: 512 << 20,
        timeout: Duration::from_secs(20),
        processes: 4,
        invocations: 1,
        watchdog: None,
    };
    change(&mut program);
    ProgramFunction::new(program)
}

async fn events_are_handled_by_a_process_that_is_used_again() {
    let function = program(|_| {});
    let first = function.invoke(json!({"do": "describe"})).await.unwrap();
    let second = function.invoke(json!({"do": "describe"})).await.unwrap();
    assert_eq!(first["pid"], second["pid"], "warm");
    assert_ne!(first["request_id"], second["request_id"]);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_millis();
    let left = i128::from(second["deadline_ms"].as_u64().unwrap()) - i128::try_from(now).unwrap();
    assert!(
        (10_000..=20_000).contains(&left),
        "the deadline is {left} ms away"
    );
    assert_eq!(
        first["arn"],
        "arn:aws:lambda:us-east-1:000000000000:function:test"
    );
    assert!(first["trace"].as_str().unwrap().starts_with("Root=1-"));
    let own = &first["environment"];
    assert_eq!(
        (
            &own["AWS_LAMBDA_FUNCTION_NAME"],
            &own["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        ),
        (&json!("test"), &json!("512"))
    );
    assert!(
        own.get("CARGO_MANIFEST_DIR").is_none(),
        "nothing of this process's environment"
    );
    let error = function.invoke(json!({"do": "error"})).await.unwrap_err();
    assert_eq!(error, FunctionError::new("Test.Error", "as asked"));
    let third = function.invoke(json!({"do": "describe"})).await.unwrap();
    assert_eq!(
        first["pid"], third["pid"],
        "an error does not end a process"
    );
}

async fn invocations_at_once_have_a_process_each() {
    let function = program(|_| {});
    let pids = at_once(&function, 4).await;
    assert_eq!(pids.len(), 4);
    let pids = at_once(&function, 8).await;
    assert_eq!(pids.len(), 4, "more wait for one of the four");
}

async fn one_process_may_handle_several_events_at_once() {
    let function = program(|program| {
        program.processes = 1;
        program.invocations = 4;
    });
    // What is not at once would take the whole of its time for each.
    function.invoke(json!({"do": "describe"})).await.unwrap();
    let begun = Instant::now();
    let pids = at_once(&function, 4).await;
    assert_eq!(pids.len(), 1);
    assert!(begun.elapsed() < EVENT * 3, "they overlap");
}

/// How long an event takes: longer than four processes take to start on a machine that has much to do.
const EVENT: Duration = Duration::from_secs(3);

/// The processes that handled events which each take that long.
async fn at_once(function: &Arc<ProgramFunction>, events: usize) -> BTreeMap<u64, usize> {
    let mut under_way = tokio::task::JoinSet::new();
    for _ in 0..events {
        let function = function.clone();
        under_way.spawn(async move {
            function
                .invoke(json!({"do": "sleep", "ms": EVENT.as_millis() as u64}))
                .await
        });
    }
    let mut pids = BTreeMap::new();
    for answer in under_way.join_all().await {
        *pids
            .entry(answer.unwrap()["pid"].as_u64().unwrap())
            .or_default() += 1;
    }
    pids
}

async fn a_process_that_ends_fails_its_event_and_is_replaced() {
    let function = program(|_| {});
    let before = function.invoke(json!({"do": "describe"})).await.unwrap();
    for (what, how) in [("exit", "exit status 3"), ("abort", "signal 6")] {
        let error = function.invoke(json!({"do": what})).await.unwrap_err();
        assert_eq!(error.kind, "Runtime.ExitError");
        assert!(error.message.contains(how), "{error}");
    }
    let after = function.invoke(json!({"do": "describe"})).await.unwrap();
    assert_ne!(before["pid"], after["pid"]);
}

async fn a_process_that_takes_too_long_is_killed() {
    let function = program(|program| program.timeout = Duration::from_secs(1));
    let begun = Instant::now();
    let error = function
        .invoke(json!({"do": "sleep", "ms": 60_000}))
        .await
        .unwrap_err();
    assert_eq!(
        error,
        FunctionError::new("Sandbox.Timedout", "Task timed out after 1.00 seconds")
    );
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert!(function.invoke(json!({"do": "describe"})).await.is_ok());
}

async fn a_process_with_too_much_memory_is_killed() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let function = program(|program| program.memory_bytes = 128 << 20);
    let error = function.invoke(json!({"do": "grow"})).await.unwrap_err();
    assert_eq!(error.kind, "Runtime.OutOfMemory", "{error}");
    assert!(function.invoke(json!({"do": "describe"})).await.is_ok());
}

async fn a_program_that_is_not_there_or_cannot_start_says_so() {
    let absent = program(|program| program.path = "/none/bootstrap".into());
    let error = absent.invoke(json!({})).await.unwrap_err();
    assert_eq!(error.kind, "Runtime.InvalidEntrypoint");
    let broken = program(|program| program.environment.push(("FAIL_INIT".into(), "1".into())));
    let error = broken.invoke(json!({})).await.unwrap_err();
    assert_eq!(error, FunctionError::new("Test.Init", "as asked"));
}

// ── The function ────────────────────────────────────────────────────────────────────────────────────

struct Answer {
    headers: BTreeMap<String, String>,
    body: Value,
}

fn ask(method: &str, path: &str, body: &Value) -> Option<Answer> {
    let host = std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap();
    let mut stream = TcpStream::connect(&host).ok()?;
    let body = match method {
        "GET" => String::new(),
        _ => body.to_string(),
    };
    let length = body.len();
    write!(stream, "{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}").ok()?;
    let mut reader = BufReader::new(stream);
    let (mut line, mut headers) = (String::new(), BTreeMap::new());
    reader.read_line(&mut line).ok()?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.insert(name.to_owned(), value.to_owned());
    }
    let mut body = String::new();
    reader.read_to_string(&mut body).ok()?;
    let body = serde_json::from_str(&body).unwrap_or_default();
    Some(Answer { headers, body })
}

fn function() {
    if std::env::var_os("FAIL_INIT").is_some() {
        ask(
            "POST",
            "init/error",
            &json!({"errorType": "Test.Init", "errorMessage": "as asked"}),
        );
        std::process::exit(1);
    }
    let threads =
        std::env::var("AWS_LAMBDA_MAX_CONCURRENCY").map_or(1, |number| number.parse().unwrap());
    let threads: Vec<_> = (0..threads).map(|_| std::thread::spawn(serve)).collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

fn serve() {
    while let Some(event) = ask("GET", "invocation/next", &Value::Null) {
        let Some(id) = event.headers.get("lambda-runtime-aws-request-id") else {
            return;
        };
        let pid = std::process::id();
        let answer = match event.body["do"].as_str() {
            Some("describe") => {
                let environment: BTreeMap<String, String> = std::env::vars().collect();
                json!({
                    "pid": pid,
                    "request_id": id,
                    "deadline_ms": event.headers["lambda-runtime-deadline-ms"].parse::<u64>().unwrap(),
                    "arn": event.headers["lambda-runtime-invoked-function-arn"],
                    "trace": event.headers["lambda-runtime-trace-id"],
                    "environment": environment,
                })
            }
            Some("sleep") => {
                std::thread::sleep(Duration::from_millis(event.body["ms"].as_u64().unwrap()));
                json!({"pid": pid})
            }
            Some("exit") => std::process::exit(3),
            Some("abort") => std::process::abort(),
            Some("grow") => {
                let mut held = Vec::new();
                for _ in 0..400 {
                    held.push(vec![1_u8; 1 << 20]);
                    std::thread::sleep(Duration::from_millis(2));
                }
                json!({"held": held.len()})
            }
            _ => {
                let error = json!({"errorType": "Test.Error", "errorMessage": "as asked"});
                ask("POST", &format!("invocation/{id}/error"), &error);
                continue;
            }
        };
        ask("POST", &format!("invocation/{id}/response"), &answer);
    }
}
