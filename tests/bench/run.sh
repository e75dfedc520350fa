#!/usr/bin/env bash
# Times the press beside WeasyPrint on the same HTML, in one run, and prints the ratios.
#
#   tests/bench/run.sh [BUNDLE…]        default: invoice emi-schedule terms
#
# Both are warm and single-threaded: the press is timed inside one process over many documents,
# WeasyPrint inside one Python process after a first document. It sets up what it needs in
# target/bench (WeasyPrint from PyPI; on Debian it wants libpango-1.0-0 libpangoft2-1.0-0).
set -euo pipefail
cd "$(dirname "$0")/../.."
work=target/bench
mkdir -p "$work"
[ -x "$work/venv/bin/weasyprint" ] || { python3 -m venv "$work/venv" && "$work/venv/bin/pip" install -q weasyprint==70.0; }
cargo build -q --release -p fanfold-tests --example press_times
export FONTCONFIG_FILE="$PWD/tests/bench/fonts.conf"
"${CARGO_TARGET_DIR:-target}/release/examples/press_times" "$work/html" "$@" > "$work/press.json"
"$work/venv/bin/python" tests/bench/weasyprint_times.py "$work/html" "$work/press.json"
