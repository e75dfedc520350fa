"""Which files are merged together."""

import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pikepdf
import pymupdf
import pypdfium2

TOGETHER = 4


@dataclass
class Group:
    name: str
    kind: str
    files: list


@cache
def page_counts(path):
    """Pages that readers find in a file, by reader."""
    found = {}
    try:
        with pikepdf.open(path, suppress_warnings=True) as pdf:
            found["qpdf"] = len(pdf.pages)
    except Exception:
        pass
    try:
        found["PDFium"] = len(pypdfium2.PdfDocument(path))
    except Exception:
        pass
    try:
        with pymupdf.open(path) as document:
            if not document.needs_pass:
                found["MuPDF"] = document.page_count
    except Exception:
        pass
    return found


@cache
def state(path):
    """good, malformed or locked, as qpdf says."""
    try:
        done = subprocess.run(["qpdf", "--check", path], capture_output=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return "malformed"
    if b"invalid password" in done.stderr + done.stdout:
        return "locked"
    return "good" if done.returncode == 0 and page_counts(path).get("qpdf") else "malformed"


def all(folder):
    """Good files four at a time, alike ones next to each other; damaged and locked ones alone and with a
    good one before them."""
    for part in sorted(path for path in folder.iterdir() if path.is_dir()):
        by_state = {"good": [], "malformed": [], "locked": []}
        for path in sorted(part.glob("*.pdf")):
            by_state[state(path)].append(path)
        good = by_state["good"]
        for at in range(0, len(good), TOGETHER):
            yield Group(f"{part.name}-{at // TOGETHER:02}", "good", good[at : at + TOGETHER])
        # And apart: each with those a stride away.
        stride = max(1, len(good) // TOGETHER) if good else 0
        for at in range(0, stride, 2):
            yield Group(f"{part.name}-mixed-{at:02}", "good", good[at::stride][:TOGETHER])
        for kind in ("malformed", "locked"):
            for path in by_state[kind]:
                yield Group(f"{kind}-{part.name}-{path.stem}", kind, [path])
                if good:
                    yield Group(f"{kind}-{part.name}-{path.stem}-and-good", kind, [good[0], path])
