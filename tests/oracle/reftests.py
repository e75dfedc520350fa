"""Runs the W3C's reftests on the press: each test and its reference are printed and must look alike.

reftests.py [--out FILE] [--jobs N] [--show PICTURE] TESTS FOLDER|TEST…

TESTS is the root of the Web Platform Tests (https://github.com/web-platform-tests/wpt, also in Firefox's source as
testing/web-platform/tests); folders and tests are named from there, such as css/CSS2/floats. Print tests have pages of
5 by 3 inches and are compared page by page, all others one page of 800 by 600 px. Differences thinner than three
pixels do not count: those are how edges are smoothed. Left out are tests with scripts, frames, animations and vertical
text. --out lists those that fail; --show draws the first 24 of them beside their references.
"""

import argparse
import html
import os
import re
import subprocess
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pymupdf
from lxml import etree
from PIL import Image, ImageChops, ImageFilter

PRINT = os.environ['FANFOLD_PRINT']
# Namespaces whose elements HTML knows without one.
KNOWN = re.compile(r'\{http://www\.w3\.org/(?:1999/xhtml|2000/svg|1998/Math/MathML)\}')
LEFT_OUT = re.compile(
    r'<script|onload=|vertical-(?:rl|lr)|sideways|@keyframes|transition:|::scroll|contenteditable|<video|<audio|<canvas|<i?frame')
LINK = re.compile(r'<link\b[^>]*\brel=["\']?(match|mismatch)\b[^>]*>')
# Pixels by which a channel may differ, and how many thick differences are none.
CHANNEL, PIXELS = 40, 3
MOST_PAGES, SECONDS = 12, 30


@dataclass
class Outcome:
    test: str
    result: str
    pixels: int = 0


def source(path, root, is_print):
    """The test as HTML in the root folder, with the page's size and the font that tests count on."""
    text = path.read_text('utf-8', 'replace')
    if path.suffix in ('.xht', '.xhtml'):
        parser = etree.XMLParser(load_dtd=False, recover=True, strip_cdata=True)
        # Entities of HTML are unknown without its DTD, and would be left out.
        text = re.sub(r'&(?!(?:amp|lt|gt|quot|apos);)\w+;', lambda found: html.unescape(found[0]), text)
        tree = etree.fromstring(text.encode(), parser)
        for element in tree.iter():
            if isinstance(element.tag, str):
                element.tag = KNOWN.sub('', element.tag)
        etree.cleanup_namespaces(tree)
        text = '<!DOCTYPE html>' + etree.tostring(tree, method='html', encoding='unicode')
    up = os.path.relpath(root, path.parent)
    text = re.sub(r'((?:href|src|data)\s*=\s*["\']?|url\(\s*["\']?)/(?!/)', lambda found: f'{found[1]}{up}/', text)
    page = 'size:5in 3in;margin:.5in' if is_print else 'size:800px 600px;margin:0'
    head = (f'<base href="{os.path.relpath(path.parent, root)}/">'
            f'<style>@font-face{{font-family:Ahem;src:url({up}/fonts/Ahem.ttf)}}@page{{{page}}}</style>')
    start = re.search(r'<head[^>]*>', text) or re.search(r'<!doctype[^>]*>', text, re.IGNORECASE)
    at = start.end() if start else 0
    return text[:at] + head + text[at:]


def pictures(path, root, is_print):
    """The printed pages; raises where there are none."""
    with tempfile.NamedTemporaryFile('w', suffix='.html', prefix='.reftest-', dir=root) as page, \
            tempfile.NamedTemporaryFile(suffix='.pdf') as pdf:
        page.write(source(path, root, is_print))
        page.flush()
        subprocess.run([PRINT, page.name, pdf.name], check=True, capture_output=True, timeout=SECONDS)
        with pymupdf.open(pdf.name) as document:
            maps = [document[index].get_pixmap(dpi=96, alpha=False) for index in range(min(len(document), MOST_PAGES))]
    pages = [Image.frombytes('RGB', (one.width, one.height), one.samples) for one in maps]
    return pages if is_print else pages[:1]


def difference(one, other):
    if one.size != other.size:
        return one.width * one.height
    changed = ImageChops.difference(one, other).convert('L').point(lambda value: 255 if value > CHANNEL else 0)
    return changed.filter(ImageFilter.MinFilter(3)).histogram()[255]


def pair(path, root):
    """The pages of a test and of its reference, and whether they are to look alike; none without a reference."""
    link = LINK.search(path.read_text('utf-8', 'replace'))
    target = re.search(r'href=["\']?([^"\'\s>]+)', link[0])
    if not target:
        return None
    reference = root / target[1][1:] if target[1].startswith('/') else path.parent / target[1]
    if not reference.is_file() or '<script' in reference.read_text('utf-8', 'replace'):
        return None
    is_print = '-print.' in path.name or 'css-page' in path.parts
    return *(pictures(page, root, is_print) for page in (path, reference)), link[1] == 'match'


def run(job):
    path, root = job
    name = str(path.relative_to(root))
    try:
        found = pair(path, root)
    except (subprocess.SubprocessError, etree.XMLSyntaxError, RuntimeError) as error:
        return Outcome(name, f'error: {type(error).__name__}')
    if not found:
        return Outcome(name, 'without reference')
    ours, theirs, match = found
    pixels = sum(difference(*pages) for pages in zip(ours, theirs))
    alike = pixels <= PIXELS and len(ours) == len(theirs)
    return Outcome(name, 'passed' if alike == match else 'failed', pixels)


def tests(root, names):
    for name in names:
        place = root / name
        for path in sorted(place.rglob('*')) if place.is_dir() else [place]:
            if path.suffix in ('.html', '.htm', '.xht', '.xhtml') and not path.name.startswith('.'):
                text = path.read_text('utf-8', 'replace')
                if LINK.search(text) and not LEFT_OUT.search(text):
                    yield path


def show(outcomes, root, picture):
    width, height, gap = 345, 250, 4
    sheet = Image.new('RGB', (4 * (width + gap), (len(outcomes) + 1) // 2 * (height + gap)), 'black')
    for index, outcome in enumerate(outcomes):
        for side, pages in enumerate(pair(root / outcome.test, root)[:2]):
            page = pages[0]
            tile = Image.new('RGB', (width, height), 'lightgray')
            tile.paste(page.crop((0, 0, min(page.width, width), min(page.height, height))))
            sheet.paste(tile, ((index % 2 * 2 + side) * (width + gap), index // 2 * (height + gap)))
    sheet.save(picture)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--out', type=Path)
    parser.add_argument('--show', type=Path)
    parser.add_argument('--jobs', type=int, default=os.cpu_count())
    parser.add_argument('tests', type=Path)
    parser.add_argument('names', nargs='+')
    options = parser.parse_args()
    root = options.tests.resolve()
    jobs = [(path, root) for path in tests(root, options.names)]
    with ProcessPoolExecutor(options.jobs) as pool:
        outcomes = list(pool.map(run, jobs, chunksize=4))
    failed = [outcome for outcome in outcomes if outcome.result not in ('passed', 'without reference')]
    if options.out:
        options.out.write_text(''.join(f'{outcome.pixels:7} {outcome.test} {outcome.result}\n' for outcome in failed))
    if options.show:
        show([outcome for outcome in failed if outcome.result == 'failed'][:24], root, options.show)
    for result, count in sorted(Counter(outcome.result for outcome in outcomes).items()):
        print(f'{count:6} {result}')


main()
