#!/usr/bin/env bash
# Runs WeasyPrint's drawing and layout tests against the press.
#
#   tests/oracle/suite.sh [PYTEST ARGUMENT…]      default: tests/draw tests/layout
#
# FANFOLD_PRINT is the command under test (default: the press's example `print`, built first).
# FANFOLD_KEEP names a folder for the pages and pictures of what was compared.
# Sets up what it needs in target/oracle: WeasyPrint's source package and its tests, from PyPI. On Debian it wants
# ghostscript mupdf-tools poppler-utils libpango-1.0-0 libpangoft2-1.0-0 fonts-dejavu.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
version=70.0
work=${CARGO_TARGET_DIR:-$root/target}/oracle
mkdir -p "$work"
if ! [ -e "$work/weasyprint-$version/tests" ]; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install -q "weasyprint==$version" pytest pillow
  "$work/venv/bin/pip" download -q --no-deps --no-binary weasyprint -d "$work" "weasyprint==$version"
  tar -xzf "$work/weasyprint-$version.tar.gz" -C "$work"
fi
if ! [ "${FANFOLD_PRINT:-}" ]; then
  cargo build -q --manifest-path "$root/Cargo.toml" -p fanfold-press --example print
  export FANFOLD_PRINT="${CARGO_TARGET_DIR:-$root/target}/debug/examples/print"
fi
[ $# -gt 0 ] || set -- tests/draw tests/layout
cd "$work/weasyprint-$version"
# Both draw generic families with the same fonts.
sed "s|<dir prefix=\"cwd\">|<dir>$root/|; s|<cachedir prefix=\"cwd\">target/bench|<cachedir>$work|" "$root/tests/bench/fonts.conf" > "$work/fonts.conf"
export FONTCONFIG_FILE="$work/fonts.conf"
PYTHONPATH="$here" exec "$work/venv/bin/python" -m pytest -p fanfold_suite -q --tb=line --no-header -o addopts= "$@"
