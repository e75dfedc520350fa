"""Judges forms that are joined and flattened: forms.py "COMMAND" FILE.pdf …

COMMAND takes `--forms=join|flatten OUT A.pdf …`. Each file is flattened alone, and joined with itself; what
comes out is read with qpdf, pikepdf and MuPDF, and compared as poppler draws it.
"""

import collections
import subprocess
import sys
import tempfile
from pathlib import Path

import pikepdf
import pymupdf
from PIL import Image, ImageChops

RESOLUTION = 60
# Files whose pages look different for a reason.
LOOKS = {
    "qpdf-rotated-shared-annotations-1.pdf": "a rectangle lies below a field, which becomes content below it",
    "weasy-forms.pdf": "poppler draws the fields in a font of its own, as theirs has no codes for texts",
}


def run(command, mode, out, files):
    return subprocess.run([*command.split(), f"--forms={mode}", out, *files], capture_output=True, text=True, timeout=120)


def pictures(path, folder):
    folder.mkdir()
    subprocess.run(
        ["pdftoppm", "-r", str(RESOLUTION), "-png", path, folder / "p"], capture_output=True, timeout=120, check=False
    )
    return sorted(folder.glob("*.png"))


def differing(before, after):
    """Pages that look different, with the share of their pixels."""
    if len(before) != len(after):
        yield f"{len(before)} pictures became {len(after)}"
    for one, other in zip(before, after):
        one, other = Image.open(one).convert("L"), Image.open(other).convert("L")
        if one.size != other.size:
            yield f"{other.filename if hasattr(other, 'filename') else 'a page'}: another size"
            continue
        off = ImageChops.difference(one, other).point(lambda it: 255 if it > 64 else 0)
        count = sum(off.histogram()[255:])
        if count > 12:
            yield f"a page has {count} other pixels, in {off.getbbox()}"


def annotations(path):
    kinds = collections.Counter()
    with pikepdf.open(path) as pdf:
        for page in pdf.pages:
            for annotation in page.get("/Annots", []):
                if isinstance(annotation, pikepdf.Dictionary | dict):
                    kinds[str(annotation.get("/Subtype", ""))] += 1
    return kinds


def fields(path):
    """Full names with the number of widgets, and what is wrong with the tree."""
    found, wrong = collections.Counter(), []

    def walk(node, above, parent, depth):
        if depth > 80 or not isinstance(node, pikepdf.Dictionary):
            return
        if parent is not None and node.get("/Parent") != parent:
            wrong.append(f"a kid of {above} has another parent")
        name = str(node.get("/T", ""))
        full = f"{above}.{name}" if above and name else above or name
        kids = node.get("/Kids", [])
        if str(node.get("/Subtype", "")) == "/Widget":
            found[full] += 1
        elif not list(kids):
            found[full] += 0
        for kid in kids:
            walk(kid, full, node, depth + 1)

    with pikepdf.open(path) as pdf:
        form = pdf.Root.get("/AcroForm", {})
        for root in form.get("/Fields", []):
            walk(root, "", None, 0)
    return found, wrong


def tags(path):
    """Wrong entries of the parent tree: marked content whose element does not know it."""
    with pikepdf.open(path) as pdf:
        root = pdf.Root.get("/StructTreeRoot")
        if root is None or "/ParentTree" not in root:
            return
        parents = pikepdf.NumberTree(root.ParentTree)
        for number, page in enumerate(pdf.pages):
            key = page.get("/StructParents")
            if key is None or key not in parents:
                continue
            for mark, element in enumerate(parents[key]):
                if not isinstance(element, pikepdf.Dictionary):
                    continue
                kids = element.get("/K", [])
                kids = list(kids) if isinstance(kids, pikepdf.Array) else [kids]
                known = any(
                    kid == mark if isinstance(kid, int) else isinstance(kid, pikepdf.Dictionary) and kid.get("/MCID") == mark
                    for kid in kids
                )
                if not known:
                    yield f"page {number + 1}: the element of mark {mark} does not know it"


def check(path):
    done = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        yield f"qpdf: {done.stderr.strip() or done.stdout.strip()[-200:]}"


def flattened(command, source, folder):
    out = folder / "flat.pdf"
    done = run(command, "flatten", out, [source])
    if done.returncode:
        yield f"refused: {done.stderr.strip()}"
        return
    yield from check(out)
    with pikepdf.open(out) as pdf:
        if "/AcroForm" in pdf.Root:
            yield "there is a form left"
    before, after = annotations(source), annotations(out)
    before.pop("/Widget", None)
    if before != after:
        yield f"annotations {dict(before)} became {dict(after)}"
    if not set(tags(out)) <= set(tags(source)):
        yield from tags(out)
    with pymupdf.open(out) as document:
        if document.is_form_pdf:
            yield "MuPDF finds a form"
    looks = list(differing(pictures(source, folder / "before"), pictures(out, folder / "flat")))
    reason = next((LOOKS[name] for name in LOOKS if source.name.endswith(name)), None)
    if reason:
        print(f"     looks different: {reason}")
    else:
        yield from looks
    if done.stderr.count("\n") > 1:
        print("    says:", done.stderr.strip().splitlines()[0])


def joined(command, source, folder):
    out = folder / "joined.pdf"
    done = run(command, "join", out, [source, source])
    if done.returncode:
        yield f"refused: {done.stderr.strip()}"
        return
    yield from check(out)
    before, _ = fields(source)
    after, wrong = fields(out)
    yield from wrong
    for name, widgets in before.items():
        apart = [other for other in after if other.startswith(f"{name}~")]
        # Widgets that no field lists come in addition.
        if after[name] < 2 * widgets and not apart:
            yield f"{name}: {widgets} widgets became {after[name]}"
    pages = folder / "before"
    if not pages.exists():
        pictures(source, pages)
    pages = sorted(pages.glob("*.png"))
    yield from differing(pages + pages, pictures(out, folder / "joined"))


def main(command, files):
    failed = 0
    for source in map(Path, files):
        try:
            with pikepdf.open(source) as pdf:
                if "/AcroForm" not in pdf.Root:
                    continue
        except (pikepdf.PdfError, pikepdf.PasswordError):
            continue
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            for judge in (flattened, joined):
                wrong = list(judge(command, source, folder))
                failed += bool(wrong)
                print(f"{'FAIL' if wrong else 'ok  '} {judge.__name__:9} {source.name}", *wrong, sep="\n     " if wrong else " ")
    print(f"{failed} failed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
