#!/usr/bin/env bash
# Merges some hundred groups of PDFs and judges each volume by the rows of a table, with readers that are
# not ours: qpdf, poppler, MuPDF, PDFium. Sources are the corpus beside the project and files that
# WeasyPrint, ReportLab, fpdf2, Typst, Chromium, MuPDF, pypdf, qpdf, Ghostscript and pikepdf make here.
#
#   tests/bind/run.sh ["fanfold merge -o"] [--only WORD] [--rows text,raster]
#
# The first argument is a command that takes `OUT A.pdf B.pdf …`; without one, the example `bind`. With that,
# and no other arguments, forms that are joined and flattened are judged too.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$here/../.." && pwd)
target=${CARGO_TARGET_DIR:-$project/target}
work=$target/judge
python=$work/venv/bin/python
for tool in qpdf pdftotext pdftoppm pdfunite mutool gs chromium; do
    command -v "$tool" >/dev/null || { echo "$tool is missing" >&2; exit 2; }
done
if [ ! -x "$python" ]; then
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet --requirement "$here/requirements.txt"
fi
if [ ! -d "$work/files/structures" ]; then
    "$python" "$here/make.py" "$work/files"
fi
corpus=$project/../shared/corpus/pdf
if [ -d "$corpus" ]; then
    ln -sfn "$corpus/good" "$work/files/corpus-good"
    ln -sfn "$corpus/bad" "$work/files/corpus-bad"
else
    echo "no corpus at $corpus: judged without it" >&2
fi
if [ $# -gt 0 ] && [[ $1 != --* ]]; then
    merge=$1
    shift
else
    cargo build --quiet --manifest-path "$project/Cargo.toml" -p fanfold-bind --example bind
    merge=$target/debug/examples/bind
    if [ $# -eq 0 ]; then
        "$python" "$here/forms.py" "$merge" "$work"/files/{structures,producers,crossed,corpus-good}/*.pdf | grep -v "^ok"
    fi
fi
exec "$python" "$here/judge.py" "$merge" "$work/files" "$@"
