//! Nothing of its own: the suites are in `tests/`, the fuzzer in `fuzz/`.
