"""One function for each row of the table: complaints about a volume made of some sources."""

import re
import subprocess
from collections import Counter

import pymupdf
import pypdfium2

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)

DOTS_PER_INCH = 40
# Of 255, as the mean over a page: anti-aliasing of a picture that is the same.
MOST_DIFFERENCE = 0.15


class Source:
    """An input and where its pages are in the volume."""

    def __init__(self, path, facts, first):
        self.path, self.facts, self.first = path, facts, first
        self.pages = len(facts.pages)

    def shift(self, target):
        """A source's target as the volume should have it."""
        if isinstance(target, tuple) and len(target) == 2 and target[0] == "goto" and target[1]:
            place = target[1]
            return ("goto", (place[0] + self.first, *place[1:]))
        return target


def run(*command, timeout=120):
    done = subprocess.run(command, capture_output=True, timeout=timeout, check=False)
    return done.returncode, done.stdout, done.stderr


def valid(sources, volume, facts):
    code, out, error = run("qpdf", "--check", volume)
    wrong = []
    if code != 0:
        wrong.append("qpdf: " + (out + error).decode("utf8", "replace").strip()[-300:])
    expected = sum(source.pages for source in sources)
    try:
        found = len(pypdfium2.PdfDocument(volume))
        if found != expected:
            wrong.append(f"PDFium finds {found} pages of {expected}")
    except Exception as fault:
        wrong.append(f"PDFium: {fault}")
    with pymupdf.open(volume) as document:
        if document.page_count != expected:
            wrong.append(f"MuPDF finds {document.page_count} pages of {expected}")
        if document.is_repaired:
            wrong.append("MuPDF repairs it")
    if len(facts.pages) != expected:
        wrong.append(f"qpdf finds {len(facts.pages)} pages of {expected}")
    return wrong


def geometry(sources, volume, facts):
    ours, wrong = facts.geometry(), []
    for source in sources:
        for at, row in enumerate(source.facts.geometry()):
            if row[0] is None:
                row = ((0.0, 0.0, 612.0, 792.0), *row[1:])
            if ours[source.first + at] != row:
                wrong.append(f"{source.path} page {at + 1}: {ours[source.first + at]}, not {row}")
    return wrong


def words(path):
    _, out, _ = run("pdftotext", "-layout", path, "-")
    return [page.split() for page in out.decode("utf8", "replace").split("\f")]


def text(sources, volume, facts):
    ours, wrong = words(volume), []
    for source in sources:
        theirs = words(source.path)
        for at in range(source.pages):
            if ours[source.first + at : source.first + at + 1] != theirs[at : at + 1]:
                wrong.append(f"{source.path} page {at + 1}: other words")
    return wrong


def pictures(path, pages, folder):
    """Gray pictures of all pages: (width, height, bytes)."""
    run("pdftoppm", "-r", str(DOTS_PER_INCH), "-gray", path, f"{folder}/page")
    found = []
    for file in sorted(folder.glob("page-*.pgm")):
        data = file.read_bytes()
        head = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", data)
        found.append((int(head[1]), int(head[2]), data[head.end() :]))
        file.unlink()
    return found


def raster(sources, volume, facts, folder):
    ours, wrong = pictures(volume, len(facts.pages), folder), []
    for source in sources:
        theirs = pictures(source.path, source.pages, folder)
        for at, picture in enumerate(theirs[: source.pages]):
            other = ours[source.first + at] if source.first + at < len(ours) else None
            if other is None or other[:2] != picture[:2]:
                wrong.append(f"{source.path} page {at + 1}: {other and other[:2]}, not {picture[:2]}")
                continue
            if other[2] != picture[2]:
                apart = sum(abs(a - b) for a, b in zip(other[2], picture[2])) / max(1, len(picture[2]))
                if apart > MOST_DIFFERENCE:
                    wrong.append(f"{source.path} page {at + 1}: differs by {apart:.2f}")
    return wrong


def outlines(sources, volume, facts):
    ours = Counter((title, target) for _, title, target in facts.outline())
    wrong = []
    theirs = Counter()
    for source in sources:
        for _, title, target in source.facts.outline():
            theirs[(title, source.shift(target))] += 1
    for entry, count in theirs.items():
        if ours[entry] < count:
            near = [target for title, target in ours if title == entry[0]][:3]
            wrong.append(f"{entry} {ours[entry]} times, not {count}; there is {near}")
    if sum(ours.values()) != sum(theirs.values()) + len(sources):
        wrong.append(f"{sum(ours.values())} entries, not {sum(theirs.values())} and {len(sources)}")
    # Order and depth: below an entry of its own each, which is called by the path or by the file's name.
    sequence = [(depth, title) for depth, title, _ in facts.outline()]
    expected = []
    for source in sources:
        name = source.path.rsplit("/", 1)[-1].removesuffix(".pdf").removesuffix(".PDF")
        at = len(expected)
        is_name = at < len(sequence) and sequence[at] == (0, name)
        expected.append((0, name if is_name else source.path))
        expected += [(depth + 1, title) for depth, title, _ in source.facts.outline()]
    if sequence != expected:
        first = next((pair for pair in zip(sequence, expected) if pair[0] != pair[1]), None)
        wrong.append(f"order or depth: {first}")
    return wrong


def second_reader(volume, facts):
    """What MuPDF's own table of contents says must be what the objects say."""
    with pymupdf.open(volume) as document:
        toc = document.get_toc(simple=True)
    entries = [(depth + 1, target) for depth, _, target in facts.outline()]
    pages = []
    for depth, target in entries:
        at = target[1][0] + 1 if target and target[0] == "goto" and target[1] else -1
        pages.append((depth, at))
    theirs = [(row[0], row[2]) for row in toc]
    # For the rest, MuPDF has numbers of its own.
    differ = len(theirs) != len(pages) or any(
        other != row for other, row in zip(theirs, pages) if row[1] > 0
    )
    return ["MuPDF's table of contents differs"] if differ else []


def links(sources, volume, facts):
    ours = facts.links()
    wrong = []
    expected = []
    for source in sources:
        expected += [
            (page + source.first, rect, source.shift(target)) for page, rect, target in source.facts.links()
        ]
    if len(ours) != len(expected):
        return [f"{len(ours)} links, not {len(expected)}"]
    wrong += [f"{other}, not {link}" for other, link in zip(ours, expected) if other != link]
    return wrong


def destinations(sources, volume, facts):
    ours, wrong = facts.named(), []
    names = [source.facts.named() for source in sources]
    holders = Counter(name for table in names for name in table)
    for source, table in zip(sources, names):
        for name, place in table.items():
            if holders[name] == 1:
                expected = (place[0] + source.first, *place[1:])
                if ours.get(name) != expected:
                    wrong.append(f"{source.path} {name}: {ours.get(name)}, not {expected}")
    return wrong


def fields(sources, volume, facts):
    ours, wrong = {}, []
    for row in facts.widgets():
        ours.setdefault(row["page"], []).append(row)
    owners = {}
    for source in sources:
        names = {}
        by_page = {}
        for row in source.facts.widgets():
            by_page.setdefault(row["page"], []).append(row)
        for page, rows in by_page.items():
            others = ours.get(page + source.first, [])
            if len(others) != len(rows):
                wrong.append(f"{source.path} page {page + 1}: {len(others)} widgets, not {len(rows)}")
                continue
            for row, other in zip(rows, others):
                what = f"{source.path} page {page + 1} field {row['name']!r}"
                if not other["in form"] and row["told"]["/FT"] is not None:
                    wrong.append(f"{what}: not in the form")
                told, there = dict(row["told"]), dict(other["told"])
                if told["/FT"] == "/Sig":
                    told["/V"] = there["/V"] = None
                if told != there:
                    wrong.append(f"{what}: {there}, not {told}")
                if row["own base"] and other["base"] != row["own base"]:
                    wrong.append(f"{what}: font {other['font']} is {other['base']}, not {row['own base']}")
                if row["told"]["/FT"] is None:
                    continue
                names.setdefault(row["name"], set()).add(other["name"])
                owners.setdefault(other["name"], set()).add(source.first)
        for name, others in names.items():
            if len(others) > 1:
                wrong.append(f"{source.path} field {name!r} is split: {others}")
        if len({one for others in names.values() for one in others}) < len(names):
            wrong.append(f"{source.path}: fields are joined")
    wrong += [f"field {name!r} is of two inputs" for name, all in owners.items() if len(all) > 1]
    return wrong


def labels(sources, volume, facts):
    ours, wrong = facts.labels(), []
    for source in sources:
        theirs = source.facts.labels()
        if theirs is None:
            continue
        there = ours and ours[source.first : source.first + source.pages]
        if there != theirs:
            wrong.append(f"{source.path}: {there}, not {theirs}"[:300])
    return wrong


def tags(sources, volume, facts):
    ours, wrong = facts.tags(), []
    theirs = [source.facts.tags() for source in sources]
    if all(one is None for one in theirs):
        return []
    if ours is None:
        return ["no structure tree"]
    expected = []
    for source, rows in zip(sources, theirs):
        marked = source.facts.get(source.facts.get(source.facts.root, "/MarkInfo"), "/Marked")
        if marked and not facts.get(facts.get(facts.root, "/MarkInfo"), "/Marked"):
            wrong.append("not marked")
        if rows is None:
            continue
        for at, (contents, annotations) in enumerate(rows):
            there = ours[source.first + at]
            for mcid, chain in enumerate(contents):
                if chain is not None and (mcid >= len(there[0]) or there[0][mcid] != chain):
                    wrong.append(f"{source.path} page {at + 1} MCID {mcid}: {there[0][mcid:][:1]}, not {chain}")
            for index, chain in enumerate(annotations):
                if chain is not None and there[1][index] != chain:
                    wrong.append(f"{source.path} page {at + 1} annotation {index}: {there[1][index]}, not {chain}")
        expected += [
            (depth, kind, more, page if page is None else page + source.first)
            for depth, kind, more, page in source.facts.elements()
        ]
    there = facts.elements()
    if there != expected:
        first = next((pair for pair in zip(there, expected) if pair[0] != pair[1]), None)
        wrong.append(f"the tree differs: {len(there)}, not {len(expected)} nodes; {first}")
    return wrong


def attachments(sources, volume, facts):
    document, notes = facts.attachments()
    wrong = []
    expected, expected_notes = Counter(), Counter()
    for source in sources:
        files, annotations = source.facts.attachments()
        expected += files
        expected_notes.update({(page + source.first, content): n for (page, content), n in annotations.items()})
    # The same file under the same name of two inputs may be one.
    for file in expected:
        if not document[file]:
            wrong.append(f"{file[0]} is missing")
    if expected_notes != notes:
        wrong.append(f"files of annotations: {len(notes)}, not {len(expected_notes)}")
    return wrong


def layers(sources, volume, facts):
    states, unlisted = facts.layers()
    expected = Counter()
    for source in sources:
        expected += source.facts.layers()[0]
    wrong = [f"{layer}: {states[layer]} times, not {count}" for layer, count in expected.items() if states[layer] < count]
    if unlisted:
        wrong.append(f"used but not listed: {unlisted}")
    return wrong


def annotations(sources, volume, facts):
    ours, wrong = facts.annotation_kinds(), []
    for source in sources:
        for at, kinds in enumerate(source.facts.annotation_kinds()):
            if ours[source.first + at] != kinds:
                wrong.append(f"{source.path} page {at + 1}: {ours[source.first + at]}, not {kinds}")
    return wrong
