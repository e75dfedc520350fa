//! What the suite needs of the machine: the functions' programs, and Python environments of its own.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Folders that the suite works in.
#[derive(Debug, Clone)]
pub(crate) struct Environment {
    /// The workspace.
    pub(crate) root: PathBuf,
    /// The functions' programs and `fanfold`, as `cargo test` builds them.
    pub(crate) binaries: PathBuf,
    /// For all that the suite writes.
    pub(crate) work: PathBuf,
}

/// Python environments.
#[derive(Debug, Clone)]
pub(crate) struct Python {
    /// With the SAM CLI, as the template's checks use it.
    pub(crate) sam: PathBuf,
    /// With the emulator.
    pub(crate) emulator: PathBuf,
}

/// Whether a suite that cannot run fails.
pub(crate) fn in_ci() -> bool {
    env::var_os("CI").is_some_and(|value| value == "true")
}

/// Runs a command to its end.
///
/// # Errors
/// What it said, when it failed.
pub(crate) fn run(command: &mut Command) -> Result<String, String> {
    let told = format!("{command:?}");
    let Output {
        status,
        stdout,
        stderr,
    } = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{told}: {error}"))?;
    let said = String::from_utf8_lossy(&stdout).into_owned();
    if status.success() {
        return Ok(said);
    }
    Err(format!(
        "{told}: {status}\n{said}{}",
        String::from_utf8_lossy(&stderr)
    ))
}

impl Environment {
    /// Where this program and the workspace are.
    pub(crate) fn of_this_program() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("tests/ is in the workspace");
        let program = env::current_exe().expect("a program knows where it is");
        // {target}/{profile}/deps/cloud-{hash}
        let binaries = program
            .ancestors()
            .nth(2)
            .expect("cargo builds three folders down");
        let mut environment = Self {
            root: root.to_owned(),
            binaries: binaries.to_owned(),
            work: PathBuf::new(),
        };
        environment.work = environment.target().join("cloud");
        environment
    }

    fn target(&self) -> &Path {
        let target = self.binaries.parent();
        target.expect("cargo builds three folders down")
    }

    /// Makes the Python environments, unless they are there.
    ///
    /// # Errors
    /// Says what is missing: Python, or its packages when there is no network.
    pub(crate) fn python(&self) -> Result<Python, String> {
        run(Command::new("python3").args(["-c", "import ensurepip, venv"]))?;
        let made = |name: &str, requirements: &str| {
            let folder = self.target().join(name);
            let mut make = Command::new(self.root.join("tests/deploy/venv.sh"));
            run(make.arg(&folder).arg(self.root.join(requirements)))?;
            Ok::<_, String>(folder)
        };
        Ok(Python {
            sam: made("deploy-venv", "tests/deploy/requirements.txt")?,
            emulator: made("cloud-venv", "tests/cloud/requirements.txt")?,
        })
    }

    /// Builds the functions' programs. After `cargo test --workspace` they are there already: their
    /// packages' own tests ask for them, and so are built as these are.
    ///
    /// # Errors
    /// What the compiler says.
    pub(crate) fn build(&self) -> Result<(), String> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        build
            .current_dir(&self.root)
            .args(["test", "--workspace", "--no-run"]);
        for tests_of_a_program in ["requests", "attempts", "stitching", "cli"] {
            build.args(["--test", tests_of_a_program]);
        }
        if self.binaries.ends_with("release") {
            build.arg("--release");
        }
        build.env("CARGO_TARGET_DIR", self.target());
        // What cargo tells this program of its package would be news to the build scripts of others.
        for (name, _) in env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if [
                "CARGO_MANIFEST_",
                "CARGO_PKG_",
                "CARGO_CRATE_",
                "CARGO_BIN_",
            ]
            .iter()
            .any(|of_a_package| name.starts_with(of_a_package))
            {
                build.env_remove(name);
            }
        }
        run(&mut build).map(drop)
    }
}
