//! `tests/deploy/validate.sh`: SAM's and CloudFormation's own linters.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use crate::yaml;

/// Runs always where `CI` is `true`; elsewhere only when the script's virtual environment is there already, as
/// making it needs the network.
#[test]
fn sam_and_cfn_lint_find_nothing() {
    let target =
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| yaml::root().join("target"), PathBuf::from);
    let environment = target.join("deploy-venv");
    let in_ci = env::var_os("CI").is_some_and(|value| value == "true");
    if !in_ci && !environment.join("installed.txt").is_file() {
        eprintln!(
            "skipped: no {}; tests/deploy/validate.sh makes it, and CI=true insists",
            environment.display()
        );
        return;
    }
    let output = Command::new(yaml::root().join("tests/deploy/validate.sh"))
        .arg(&environment)
        .output()
        .expect("the script starts");
    let said = [output.stdout, output.stderr].concat();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&said)
    );
}
