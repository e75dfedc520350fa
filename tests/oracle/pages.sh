#!/usr/bin/env bash
# Compares the press's pages with WeasyPrint's and Chromium's.
#
#   tests/oracle/pages.sh record [FIXTURE.html…]   writes the oracles' words beside the fixtures of tests/fixtures/press
#   tests/oracle/pages.sh compare [OPTION…] PAGE.html|FIXTURE…   our pages beside an oracle's; see compare.py
#   tests/oracle/pages.sh real [OPTION…] FOLDER|PAGE.html…       many documents against WeasyPrint, in one table; see real.py
#   tests/oracle/pages.sh reftests [OPTION…] TESTS FOLDER…       the W3C's tests beside their references; see reftests.py
#
# FANFOLD_PRINT is the command under test (default: the press's example `print`, built first). Sets up what it needs
# in target/oracle-pages. On Debian it wants chromium libpango-1.0-0 libpangoft2-1.0-0.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=${CARGO_TARGET_DIR:-$root/target}/oracle-pages
mkdir -p "$work"
if ! [ -e "$work/venv/bin/weasyprint" ]; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install -q weasyprint==70.0 pymupdf==2.0 pillow
fi
[ "${1:-}" != reftests ] || "$work/venv/bin/python" -c 'import lxml' 2> /dev/null || "$work/venv/bin/pip" install -q lxml
if [ "${1:-}" != record ] && ! [ "${FANFOLD_PRINT:-}" ]; then
  cargo build -q --manifest-path "$root/Cargo.toml" -p fanfold-press --example print
  export FANFOLD_PRINT="${CARGO_TARGET_DIR:-$root/target}/debug/examples/print"
fi
# The same font files for all three, and no hinting: Chromium would round advances to pixels.
hinting='<match target="font"><edit name="hinting" mode="assign"><bool>false</bool></edit><edit name="hintstyle" mode="assign"><const>hintnone</const></edit></match>'
sed "s|<dir prefix=\"cwd\">|<dir>$root/|; s|<cachedir prefix=\"cwd\">target/bench|<cachedir>$work|; s|</fontconfig>|$hinting</fontconfig>|" \
  "$root/tests/bench/fonts.conf" > "$work/fonts.conf"
export FONTCONFIG_FILE="$work/fonts.conf"
command=$1
shift
exec "$work/venv/bin/python" "$here/$command.py" "$@"
