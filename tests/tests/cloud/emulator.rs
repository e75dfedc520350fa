//! The stack on ministack: an emulator of AWS that runs a function's program as Lambda does, without
//! Docker. `sam build` and `sam deploy` bring it there from `template.yaml`.
//!
//! What it does not do is done here: a function that uses more memory than it has is killed, as by
//! Lambda. And the queues' visibility timeouts, minutes that nobody waits for in a test, are set to
//! less after the deployment.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::environment::{Environment, Python, run};
use crate::parameters;
use crate::processes::{FunctionProcess, Signal, ask_to_end};
use crate::proxy::Proxy;
use crate::stack::{Addresses, Stack};

/// Name of the stack.
const STACK: &str = "fanfold";

/// Of the environment, to have `sam build` compile with cargo-lambda, as for a deployment to AWS.
const WHOLE_BUILD: &str = "FANFOLD_CLOUD_SAM_BUILD";

/// ministack with the deployed stack.
pub(crate) struct Emulator {
    addresses: Addresses,
    proxy: String,
    folder: PathBuf,
    process: Mutex<Child>,
    ended_for_memory: Arc<AtomicU32>,
    stopped: Arc<AtomicBool>,
}

impl Emulator {
    /// Starts the emulator and deploys the stack to it.
    ///
    /// # Errors
    /// What a program said that failed.
    pub(crate) fn start(
        environment: &Environment,
        python: &Python,
        proxy: &Proxy,
    ) -> Result<Self, String> {
        let address = free_port().map_err(|error| error.to_string())?;
        proxy.before(address, address);
        let folder = environment.work.join("ministack");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("tmp")).map_err(|error| error.to_string())?;
        let log = File::create(folder.join("ministack.log")).map_err(|error| error.to_string())?;
        let errors = log.try_clone().map_err(|error| error.to_string())?;
        let mut command = Command::new(python.emulator.join("bin/python"));
        command
            .arg(environment.root.join("tests/cloud/emulator.py"))
            .arg(folder.join("answers.log"))
            .current_dir(&folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &folder)
            .env("TMPDIR", folder.join("tmp"))
            .env("GATEWAY_PORT", address.port().to_string())
            .env("BIND_HOST", "127.0.0.1")
            .env("MINISTACK_HOST", "localhost")
            .env("AWS_ENDPOINT_URL", format!("http://{address}"))
            // Functions inherit these.
            .env("AWS_ENDPOINT_URL_S3", proxy.s3())
            .env("AWS_ENDPOINT_URL_SQS", proxy.sqs())
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors);
        let process = command
            .spawn()
            .map_err(|error| format!("{command:?}: {error}"))?;
        let mut emulator = Self {
            addresses: Addresses {
                api: (address, String::new()),
                s3: address,
                sqs: address,
                ..Addresses::default()
            },
            proxy: proxy.s3(),
            folder,
            process: Mutex::new(process),
            ended_for_memory: Arc::default(),
            stopped: Arc::default(),
        };
        emulator.wait_until_it_listens()?;
        emulator.deploy(environment, python)?;
        emulator.bound_memory();
        Ok(emulator)
    }

    fn wait_until_it_listens(&self) -> Result<(), String> {
        let begun = Instant::now();
        while std::net::TcpStream::connect(self.addresses.s3).is_err() {
            if begun.elapsed() > Duration::from_secs(60) {
                return Err(format!("ministack does not listen\n{}", self.log()));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    /// `sam build` and `sam deploy`, as the README has them.
    fn deploy(&mut self, environment: &Environment, python: &Python) -> Result<(), String> {
        let port = self.addresses.s3.port();
        let architecture = match std::env::consts::ARCH {
            "aarch64" => "Architecture=arm64",
            _ => "Architecture=x86_64",
        };
        let endpoint = format!("http://{}", self.addresses.s3);
        let home = self.folder.join("sam");
        let sam = |subcommand: &[&str]| {
            let mut sam = Command::new(python.sam.join("bin/sam"));
            sam.args(subcommand)
                .current_dir(&environment.root)
                .env("SAM_CLI_TELEMETRY", "0")
                .env("__SAM_CLI_APP_DIR", &home)
                .env("AWS_DEFAULT_REGION", "us-east-1")
                .env("AWS_ENDPOINT_URL", &endpoint)
                .env("AWS_ACCESS_KEY_ID", "test")
                .env("AWS_SECRET_ACCESS_KEY", "test")
                .env_remove("AWS_PROFILE");
            sam
        };
        let built = self.folder.join("build");
        let mut build = sam(&["build", "--parameter-overrides", architecture]);
        build
            .arg("--build-dir")
            .arg(&built)
            .arg("--cache-dir")
            .arg(self.folder.join("cache"));
        if std::env::var_os(WHOLE_BUILD).is_none() {
            let path = std::env::var_os("PATH").unwrap_or_default();
            let mut folders = vec![environment.root.join("tests/cloud/built")];
            folders.extend(std::env::split_paths(&path));
            let path = std::env::join_paths(folders).map_err(|error| error.to_string())?;
            build
                .env("PATH", path)
                .env("CARGO_TARGET_DIR", self.folder.join("lambda"))
                .env("FANFOLD_BINARIES", &environment.binaries);
        }
        run(&mut build)?;
        let mut deploy = sam(&[
            "deploy",
            "--stack-name",
            STACK,
            "--resolve-s3",
            "--no-confirm-changeset",
            "--no-progressbar",
            "--capabilities",
            "CAPABILITY_IAM",
            "CAPABILITY_AUTO_EXPAND",
        ]);
        deploy
            .arg("--template-file")
            .arg(built.join("template.yaml"));
        deploy
            .args(["--parameter-overrides", architecture])
            .arg("ApiAuthorization=NONE")
            .args(parameters::ALL);
        run(&mut deploy)?;
        let outputs = run(&mut sam(&[
            "list",
            "stack-outputs",
            "--stack-name",
            STACK,
            "--output",
            "json",
        ]))?;
        let outputs: Value =
            serde_json::from_str(&outputs).map_err(|error| format!("{error}: {outputs}"))?;
        let output = |name: &str| {
            let mut rows = outputs.as_array().into_iter().flatten();
            let row = rows.find(|row| row["OutputKey"] == name);
            row.and_then(|row| row["OutputValue"].as_str())
                .map(str::to_owned)
                .ok_or(format!("there is no output {name}: {outputs}"))
        };
        let url = output("ApiUrl")?;
        let id = url
            .trim_start_matches("https://")
            .split('.')
            .next()
            .unwrap_or_default();
        self.addresses.api.1 = format!("{id}.execute-api.localhost:{port}");
        self.addresses.bucket = output("BucketName")?;
        self.addresses.interactive = output("InteractiveQueueUrl")?;
        self.addresses.bulk = output("BulkQueueUrl")?;
        self.addresses.merge = output("MergeQueueUrl")?;
        self.addresses.dead_letters = output("DeadLetterQueueUrl")?;
        self.addresses.unsettled = output("UnsettledQueueUrl")?;
        Ok(())
    }

    /// Kills functions that use more memory than they have, until the stack is stopped.
    fn bound_memory(&self) {
        let (proxy, ended, stopped) = (
            self.proxy.clone(),
            Arc::clone(&self.ended_for_memory),
            Arc::clone(&self.stopped),
        );
        std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                for process in FunctionProcess::all(&proxy) {
                    let over = matches!(
                        (process.memory(), process.memory_limit()),
                        (Some(used), Some(limit)) if used > limit
                    );
                    if over && process.signal(Signal::KILL) {
                        ended.fetch_add(1, Ordering::Relaxed);
                    }
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        });
    }
}

impl Stack for Emulator {
    fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    fn log(&self) -> String {
        let log = fs::read(self.folder.join("ministack.log")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    fn bad_answers(&self) -> String {
        fs::read_to_string(self.folder.join("answers.log")).unwrap_or_default()
    }

    fn ended_for_memory(&self) -> u32 {
        self.ended_for_memory.load(Ordering::Relaxed)
    }

    fn stop(&self) {
        if self.stopped.swap(true, Ordering::Relaxed) {
            return;
        }
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        ask_to_end(&process);
        let begun = Instant::now();
        while matches!(process.try_wait(), Ok(None)) && begun.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(100));
        }
        let _ = process.kill();
        let _ = process.wait();
        // Programs whose emulator is gone ask it for work for ever.
        for left in FunctionProcess::all(&self.proxy) {
            left.signal(Signal::KILL);
        }
        // What it was sent and has stored; the logs stay.
        for large in ["tmp", "build", "lambda", "cache", "sam"] {
            let _ = fs::remove_dir_all(self.folder.join(large));
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A port that nothing listens on.
fn free_port() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}
