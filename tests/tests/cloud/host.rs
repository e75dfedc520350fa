//! The stack on `fanfold serve --functions`: the same programs, run by this project's own host over its
//! own S3 and SQS, which bounds their memory itself. It needs nothing that the workspace does not have.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::environment::Environment;
use crate::parameters;
use crate::processes::{FunctionProcess, Signal, ask_to_end};
use crate::proxy::Proxy;
use crate::stack::{Addresses, Stack};

/// What the host says when it kills a process for its memory, and when an answer names no message of
/// its batch.
const FOR_MEMORY: &str = "a process is killed for its memory";
const BAD_ANSWER: &str = "batchItemFailures";

/// The host with its functions.
pub(crate) struct Host {
    addresses: Addresses,
    proxy: String,
    folder: PathBuf,
    process: Mutex<Option<Child>>,
}

impl Host {
    /// Starts the host on free ports.
    ///
    /// # Errors
    /// What it said when it did not start.
    pub(crate) fn start(environment: &Environment, proxy: &Proxy) -> Result<Self, String> {
        let folder = environment.work.join("host");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let log = File::create(folder.join("host.log")).map_err(|error| error.to_string())?;
        let mut command = Command::new(environment.binaries.join("fanfold"));
        command
            .args(["serve", "--port", "0", "--data-dir"])
            .arg(folder.join("data"))
            .arg("--functions")
            .arg(&environment.binaries)
            .current_dir(&folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &folder)
            .env("AWS_ENDPOINT_URL_S3", proxy.s3())
            .env("AWS_ENDPOINT_URL_SQS", proxy.sqs())
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log);
        for parameter in parameters::ALL {
            command.arg("--parameter").arg(parameter);
        }
        let mut process = command
            .spawn()
            .map_err(|error| format!("{command:?}: {error}"))?;
        let said = process.stdout.take().expect("it is piped");
        let mut host = Self {
            addresses: Addresses::default(),
            proxy: proxy.s3(),
            folder,
            process: Mutex::new(Some(process)),
        };
        let mut lines = BufReader::new(said).lines().map_while(Result::ok);
        let endpoints = lines.find_map(|line| line.strip_prefix("endpoints ").map(str::to_owned));
        // What it says later must go somewhere.
        std::thread::spawn(move || lines.count());
        let endpoints =
            endpoints.ok_or_else(|| format!("the host did not start\n{}", host.log()))?;
        host.addresses = addresses(&endpoints).ok_or(endpoints)?;
        proxy.before(host.addresses.s3, host.addresses.sqs);
        Ok(host)
    }
}

/// What the host's line for programs says.
fn addresses(endpoints: &str) -> Option<Addresses> {
    let endpoints: Value = serde_json::from_str(endpoints).ok()?;
    let server = |name: &str| -> Option<SocketAddr> {
        endpoints[name]
            .as_str()?
            .strip_prefix("http://")?
            .parse()
            .ok()
    };
    let queue = |name: &str| endpoints["queues"][name].as_str().map(str::to_owned);
    let (api, aws) = (server("api")?, server("aws")?);
    Some(Addresses {
        api: (api, api.to_string()),
        s3: aws,
        sqs: aws,
        bucket: endpoints["bucket"].as_str()?.to_owned(),
        interactive: queue("interactive")?,
        bulk: queue("bulk")?,
        merge: queue("merge")?,
        dead_letters: queue("dead-letters")?,
        unsettled: queue("unsettled")?,
    })
}

impl Stack for Host {
    fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    fn log(&self) -> String {
        let log = fs::read(self.folder.join("host.log")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    fn bad_answers(&self) -> String {
        let log = self.log();
        let bad = log.lines().filter(|line| line.contains(BAD_ANSWER));
        bad.collect::<Vec<_>>().join("\n")
    }

    fn ended_for_memory(&self) -> u32 {
        let log = self.log();
        let killed = log.lines().filter(|line| line.contains(FOR_MEMORY)).count();
        u32::try_from(killed).unwrap_or(u32::MAX)
    }

    fn left_when_killed(&self) -> Option<usize> {
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        let mut process = process.take()?;
        assert!(
            !FunctionProcess::all(&self.proxy).is_empty(),
            "it keeps warm functions"
        );
        process.kill().expect("it runs");
        process.wait().expect("it has ended");
        let begun = Instant::now();
        loop {
            let left = FunctionProcess::all(&self.proxy).len();
            if left == 0 || begun.elapsed() > Duration::from_secs(20) {
                return Some(left);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn stop(&self) {
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mut process) = process.take() {
            ask_to_end(&process);
            let begun = Instant::now();
            while matches!(process.try_wait(), Ok(None))
                && begun.elapsed() < Duration::from_secs(40)
            {
                std::thread::sleep(Duration::from_millis(100));
            }
            let _ = process.kill();
            let _ = process.wait();
        }
        for left in FunctionProcess::all(&self.proxy) {
            left.signal(Signal::KILL);
        }
        let _ = fs::remove_dir_all(self.folder.join("data"));
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.stop();
    }
}
