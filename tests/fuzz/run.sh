#!/usr/bin/env bash
# Fuzzes the press, the merge and the readers of templates and manifests, guided by coverage.
#
#   tests/fuzz/run.sh TARGET [SECONDS] [LIBFUZZER OPTION…]    html css font image pdf template manifest; 600 seconds
#
# What it finds is left in target/fuzz/found/TARGET; the grown corpus in target/fuzz/corpus/TARGET. A finding that is
# mended goes, made small (`-minimize_crash=1`), into tests/fixtures/fuzz/TARGET, which `cargo test` replays.
# It wants a C++ compiler (libFuzzer) and sets up the seeds' makers from PyPI in target/fuzz/venv. The flags are those of
# cargo-fuzz without a sanitizer: safe Rust needs none, and integer overflows and debug assertions are on.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=${1:?name a target}
seconds=${2:-600}
shift $(($# < 2 ? $# : 2))
work=${CARGO_TARGET_DIR:-$PWD/target}/fuzz
mkdir -p "$work/found/$target" "$work/corpus/$target"
if ! [ -e "$work/seeds/done" ]; then
  [ -x "$work/venv/bin/python" ] || python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install -q fonttools brotli pillow pikepdf reportlab
  "$work/venv/bin/python" tests/fuzz/seeds.py "$work/seeds"
  touch "$work/seeds/done"
fi
host=$(rustc -vV | sed -n 's/^host: //p')
RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares -Cdebug-assertions -Coverflow-checks -Ccodegen-units=16" \
  cargo build -q --release --target "$host" --target-dir "$work/build" -p fanfold-tests --features fuzz --bin fuzz
dictionary=()
[ -e "tests/fuzz/$target.dict" ] && dictionary=("-dict=tests/fuzz/$target.dict")
FANFOLD_FUZZ_TARGET=$target exec "$work/build/$host/release/fuzz" -max_total_time="$seconds" -timeout=20 \
  -rss_limit_mb=1024 -malloc_limit_mb=1024 -report_slow_units=5 -artifact_prefix="$work/found/$target/" \
  "${dictionary[@]}" "$@" "$work/corpus/$target" "$work/seeds/$target"
