"""Times WeasyPrint on the HTML that the press was timed on, and prints both with their ratio."""

import json
import logging
import statistics
import sys
import time
from pathlib import Path

import weasyprint

logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
folder, press = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())

print(f"{'document':<24}{'pages':>6}{'press ms':>10}{'WeasyPrint ms':>15}{'ratio':>8}")
for row in press:
    page = folder / row["bundle"] / "index.html"
    times, pages = [], 0
    for turn in range(4):
        start = time.perf_counter()
        document = weasyprint.HTML(filename=str(page)).render()
        document.write_pdf()
        pages = len(document.pages)
        if turn:  # the first one warms its caches
            times.append((time.perf_counter() - start) * 1000)
    theirs = statistics.median(times)
    note = "" if pages == row["pages"] else f"   (WeasyPrint: {pages} pages)"
    print(f"{row['bundle']:<24}{row['pages']:>6}{row['ms']:>10.2f}{theirs:>15.1f}{theirs / row['ms']:>7.0f}×{note}")
