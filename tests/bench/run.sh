#!/usr/bin/env bash
# Times the press beside WeasyPrint, Typst and Chromium, in one run, and prints the ratios.
#
#   tests/bench/run.sh [BUNDLE…]        default: invoice emi-schedule terms; and tables of 100 and 2,000 pages
#
# The press is timed inside one process on one thread, warm; so are WeasyPrint and Typst (Typst uses all cores).
# Chromium is a process for each document. The press's peak memory is that of a process of its own for each row.
# It sets up what it needs in target/bench (WeasyPrint and Typst from PyPI; on Debian WeasyPrint wants
# libpango-1.0-0 libpangoft2-1.0-0). Chromium is left out where it is not installed.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=target/bench
mkdir -p "$work"
[ -x "$work/venv/bin/weasyprint" ] || python3 -m venv "$work/venv"
"$work/venv/bin/python" -c 'import typst, weasyprint' 2> /dev/null ||
  "$work/venv/bin/pip" install -q weasyprint==70.0 typst==0.15.2
cargo build -q --release -p fanfold-tests --example press_times
export FONTCONFIG_FILE="$PWD/tests/bench/fonts.conf"
"$work/venv/bin/python" tests/bench/ledger.py 4870 "$work/html/table-100"
"$work/venv/bin/python" tests/bench/ledger.py 98000 "$work/html/table-2000"
[ $# -gt 0 ] || set -- invoice emi-schedule terms
results=()
for document in "$@" table-100 table-2000; do
  results+=("$work/$document.json")
  "${CARGO_TARGET_DIR:-target}/release/examples/press_times" "$work/html" "$document" > "$work/$document.json"
done
"$work/venv/bin/python" tests/bench/peers.py "$work/html" "${results[@]}"
