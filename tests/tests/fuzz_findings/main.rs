//! What the fuzzer once found, again: `tests/fixtures/fuzz/TARGET/*` must do no harm.

#[path = "../../fuzz/targets.rs"]
mod targets;

use std::path::Path;
use std::time::{Duration, Instant};

#[test]
fn what_the_fuzzer_found_does_no_harm_again() {
    let findings = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/fuzz");
    let mut replayed = 0;
    for (name, run) in targets::TARGETS {
        let Ok(files) = std::fs::read_dir(findings.join(name)) else {
            continue;
        };
        for file in files {
            let path = file.expect("a folder's entry").path();
            let data = std::fs::read(&path).expect("a readable file");
            eprintln!("{}", path.display());
            let start = Instant::now();
            run(&data);
            // Each was a hang or worse; a minute says that it is one again, on any machine.
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "{} hangs",
                path.display()
            );
            replayed += 1;
        }
    }
    assert!(replayed > 0, "nothing was replayed");
}
