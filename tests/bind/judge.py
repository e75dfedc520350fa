"""Merges groups of PDFs and judges each volume by the rows of a table, with readers that are not ours.

    judge.py MERGE FOLDER [--only WORD] [--rows valid,text]

MERGE is a command that takes `OUT A.pdf B.pdf …`; FOLDER holds `good/`, `bad/` and the made files. Every
group gives a pass or a fail for each row, and a complaint for each fail.
"""

import argparse
import resource
import shlex
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import checks
import groups
from facts import Facts

ROWS = [
    "valid", "geometry", "text", "raster", "outlines", "links", "destinations", "fields", "labels",
    "tags", "attachments", "layers", "annotations",
]
SECONDS, MEMORY = 20, 1_500_000


def merge(command, out, inputs):
    """Exit code, message, seconds and memory in KB of a merge."""
    out.unlink(missing_ok=True)
    start = time.monotonic()
    try:
        done = subprocess.run(
            ["/usr/bin/time", "-f", "%M", *shlex.split(command), str(out), *map(str, inputs)],
            capture_output=True, timeout=120, check=False,
        )
    except subprocess.TimeoutExpired:
        return None, "more than two minutes", 120, 0
    lines = done.stderr.decode("utf8", "replace").strip().split("\n")
    memory = int(lines[-1]) if lines[-1].isdigit() else 0
    return done.returncode, "\n".join(lines[:-1]), time.monotonic() - start, memory


def judge(command, group, folder, rows):
    """Complaints by row."""
    out = folder / "volume.pdf"
    code, message, seconds, memory = merge(command, out, group.files)
    told = {}
    if group.kind == "locked":
        if code == 0 or "password" not in message or out.exists():
            told["locked"] = [f"exit {code}: {message[:200]}"]
        else:
            told["locked"] = []
        return told
    if group.kind == "malformed":
        wrong = []
        if seconds > SECONDS or memory > MEMORY:
            wrong.append(f"{seconds:.1f} s, {memory} KB")
        if code != 0:
            if code != 1 or out.exists() or not any(file.name in message for file in group.files):
                wrong.append(f"exit {code}, output {out.exists()}: {message[:200]}")
        else:
            wrong += malformed(group, out)
        return {"malformed": wrong}
    if code != 0:
        return {row: [f"exit {code}: {message[:300]}"] for row in rows}
    facts = Facts(out)
    sources, first = [], 0
    for path in group.files:
        source = checks.Source(str(path), Facts(path), first)
        sources.append(source)
        first += source.pages
    for row in rows:
        check = getattr(checks, row)
        more = (folder,) if row == "raster" else ()
        try:
            told[row] = check(sources, str(out), facts, *more)
        except Exception as fault:
            told[row] = [f"the check fails: {fault!r}"]
    if "outlines" in told:
        told["outlines"] += checks.second_reader(str(out), facts)
    again = folder / "again.pdf"
    merge(command, again, group.files)
    told["deterministic"] = [] if out.read_bytes() == again.read_bytes() else ["two runs differ"]
    return told


def malformed(group, out):
    """A volume of damaged files: valid, with all pages that a reader finds."""
    wrong = []
    code, stdout, stderr = checks.run("qpdf", "--check", str(out))
    # 3 is a warning: what is wrong inside a content stream stays there.
    if code not in (0, 3):
        wrong.append("qpdf: " + (stdout + stderr).decode("utf8", "replace").strip()[-200:])
    found = groups.page_counts(out).get("PDFium", 0)
    most = 0
    for path in group.files:
        counts = groups.page_counts(path)
        # PDFium takes a page tree's count for the truth.
        most += counts.get("qpdf", counts.get("MuPDF", min(1, counts.get("PDFium", 0))))
    if found < most:
        wrong.append(f"{found} pages of {most}: {[groups.page_counts(path) for path in group.files]}")
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("merge")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--rows", default=",".join(ROWS))
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    passed, judged, failed_groups, count = Counter(), Counter(), [], 0
    for group in groups.all(options.folder):
        if options.only not in group.name:
            continue
        count += 1
        with tempfile.TemporaryDirectory() as folder:
            told = judge(options.merge, group, Path(folder), options.rows.split(","))
        for row, complaints in told.items():
            judged[row] += 1
            passed[row] += not complaints
        bad = {row: complaints for row, complaints in told.items() if complaints}
        if bad:
            failed_groups.append(group.name)
            for row, complaints in bad.items():
                print(f"{group.name}: {row}: {len(complaints)}:", *(one[:400] for one in complaints[:3]), sep="\n    ")
            sys.stdout.flush()
    print()
    for row in [*ROWS, "deterministic", "locked", "malformed"]:
        if judged[row]:
            print(f"{row:14} {passed[row]:4} of {judged[row]}")
    print(f"{count - len(failed_groups)} of {count} groups pass every row")
    return 1 if failed_groups else 0


if __name__ == "__main__":
    sys.exit(main())
