"""Times WeasyPrint, Typst and Chromium on what the press was timed on, and prints all with their ratios.

peers.py FOLDER PRESS.json [PRESS.json …]: each file is what one run of press_times printed, each document an
`index.html` below FOLDER, with `1.html` and so on beside it that hold other data. WeasyPrint and Typst are warm (one
process, the median of the documents after a first one), and draw other data each time, as the press does: Typst
keeps what it laid out, and draws the same data again in a fifth of the time. Chromium is a process for each document,
which is how it is run, and is left out where it is not installed. Typst draws the document's words and largest table
in a template of its own: the same data, not the same look.
"""

import json
import logging
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from html.parser import HTMLParser
from pathlib import Path

import typst
import weasyprint

logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
CHROMIUM = shutil.which("chromium")
# A peer that needs longer than this for a page is not asked for the long documents.
MOST_PAGES = 200


def milliseconds(action, pages):
    times = []
    for page in pages:
        start = time.perf_counter()
        action(page)
        times.append((time.perf_counter() - start) * 1000)
    return times


def documents(page):
    """The page, and those beside it with other data."""
    return [page, *sorted(page.parent.glob("[1-9]*.html"))]


def weasyprint_ms(page):
    # The first one warms its caches.
    return statistics.median(milliseconds(lambda page: weasyprint.HTML(filename=str(page)).write_pdf(), documents(page))[1:])


def chromium_ms(page):
    with tempfile.TemporaryDirectory() as profile:
        command = [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
            f"--user-data-dir={profile}", "--no-pdf-header-footer", f"--print-to-pdf={profile}/out.pdf"]
        return statistics.median(milliseconds(
            lambda page: subprocess.run([*command, page.as_uri()], check=True, capture_output=True), documents(page)[:3]))


class Words(HTMLParser):
    """The document's paragraphs, and its tables as rows of cells."""

    def __init__(self):
        super().__init__()
        self.paragraphs, self.tables, self.text, self.inside, self.cell = [], [], [], [], False

    def handle_starttag(self, tag, attributes):
        if tag in ("table", "tr", "td", "th"):
            self.flush()
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.cell = True
        elif tag in ("style", "title"):
            self.inside.append(tag)

    def handle_endtag(self, tag):
        if tag in ("style", "title") and self.inside:
            self.inside.pop()
        if tag in ("td", "th", "tr", "table") or not self.cell and tag in ("p", "h1", "h2", "div"):
            self.flush()

    def handle_data(self, data):
        if not self.inside:
            self.text.append(data)

    def flush(self):
        """Ends a paragraph, or the cell that is open: its end tag may be left out."""
        text = " ".join("".join(self.text).split())
        self.text.clear()
        if self.cell and self.tables and self.tables[-1]:
            self.tables[-1][-1].append(text)
        elif text:
            self.paragraphs.append(text)
        self.cell = False


def typst_source(page):
    """The page's paragraphs and largest table as a Typst document, if there is a table."""
    words = Words()
    words.feed(page.read_text())
    words.close()
    table = max(words.tables, key=len, default=[])
    columns = max((len(row) for row in table), default=0)
    if len(table) < 20 or not columns:
        return None
    quoted = [json.dumps(text, ensure_ascii=False) for text in words.paragraphs]
    head, *rows = [row + [""] * (columns - len(row)) for row in table]
    cells = ", ".join(json.dumps(cell, ensure_ascii=False) for row in rows for cell in row)
    first = ", ".join(json.dumps(cell, ensure_ascii=False) for cell in head)
    return (
        '#set page(paper: "a4", margin: 15mm, footer: context [#counter(page).display() / #counter(page).final().first()])\n'
        '#set text(font: ("Liberation Sans", "Noto Sans Devanagari"), size: 8.5pt)\n'
        + "\n\n".join(f"#text({text})" for text in quoted)
        + f"\n#table(columns: {columns}, stroke: 0.4pt, inset: 3pt, table.header({first}), {cells})\n")


def typst_ms(page):
    sources = [typst_source(page) for page in documents(page)]
    if not all(sources):
        return None
    with tempfile.NamedTemporaryFile("w", suffix=".typ") as file:
        Path(file.name).write_text(sources[0])
        compiler = typst.Compiler(file.name, font_paths=["shared/fonts"], ignore_system_fonts=True)

        def compile_once(source):
            Path(file.name).write_text(source)
            compiler.compile(format="pdf")

        return statistics.median(milliseconds(compile_once, sources)[1:])


def shown(theirs, ours):
    return f"{'–':>19}" if theirs is None else f"{theirs:>11.1f}{theirs / ours:>7.0f}×"


def main():
    folder = Path(sys.argv[1]).resolve()
    rows = [row for name in sys.argv[2:] for row in json.loads(Path(name).read_text())]
    print(f"{'document':<16}{'pages':>6}{'press ms':>10}{'peak MB':>9}{'WeasyPrint ms':>19}{'Typst ms':>19}{'Chromium ms':>19}")
    for row in rows:
        page = folder / row["document"] / "index.html"
        long = row["pages"] > MOST_PAGES
        theirs = [
            None if long else weasyprint_ms(page),
            None if long else typst_ms(page),
            chromium_ms(page) if CHROMIUM and not long else None]
        columns = "".join(shown(time, row["ms"]) for time in theirs)
        print(f"{row['document']:<16}{row['pages']:>6}{row['ms']:>10.2f}{row['peak_mb']:>9.0f}{columns}")


main()
