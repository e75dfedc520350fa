//! The fuzzer: coverage-guided, built and run by `tests/fuzz/run.sh`, which says how.
//! FANFOLD_FUZZ_TARGET names one of the targets.
#![no_main]

mod targets;

use std::sync::LazyLock;

static RUN: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("FANFOLD_FUZZ_TARGET").unwrap_or_default();
    let target = targets::TARGETS.iter().find(|(known, _)| *known == name);
    let Some((_, run)) = target else {
        let names: Vec<&str> = targets::TARGETS.iter().map(|(name, _)| *name).collect();
        panic!("FANFOLD_FUZZ_TARGET is one of {}", names.join(", "));
    };
    *run
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| RUN(data));
