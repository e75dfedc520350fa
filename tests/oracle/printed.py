"""Prints HTML with Fanfold, WeasyPrint and Chromium, and reads the words of the PDFs back.

All three get the same font files, those of shared/fonts: pages.sh points fontconfig at them.
"""

import base64
import json
import logging
import os
import re
import select
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pymupdf

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / 'tests/fixtures/press'
# A page takes Chromium less than a second, and the longest ones some.
CHROMIUM_SECONDS = 120
logging.getLogger('weasyprint').setLevel(logging.CRITICAL)
logging.getLogger('fontTools').setLevel(logging.CRITICAL)


def fanfold(page):
    command = shlex.split(os.environ['FANFOLD_PRINT'])
    with tempfile.NamedTemporaryFile(suffix='.pdf') as pdf:
        done = subprocess.run([*command, str(page), pdf.name], capture_output=True, timeout=120)
        if done.returncode:
            raise RuntimeError(f'fanfold: exit {done.returncode}: {done.stderr.decode(errors="replace")[-400:]}')
        return Path(pdf.name).read_bytes()


def weasyprint(page):
    # Imported here: Chromium alone does not need it.
    import weasyprint as engine
    # The HTML standard's presentational hints (§15) are not optional; WeasyPrint leaves them out unless asked.
    return engine.HTML(filename=str(page)).write_pdf(presentational_hints=True)


class Chromium:
    """One browser for many pages, driven through its debugging pipe (CDP: a JSON object and a NUL a message)."""

    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix='fanfold-chromium-')
        to_read, self.to = os.pipe()
        self.back, from_write = os.pipe()

        def pipes():
            # Chromium reads from 3 and writes to 4.
            a, b = os.dup(to_read), os.dup(from_write)
            os.dup2(a, 3)
            os.dup2(b, 4)

        self.process = subprocess.Popen(
            [shutil.which('chromium') or 'chromium', '--headless', '--no-sandbox', '--disable-gpu', '--no-first-run',
             '--disable-background-networking',
             '--font-render-hinting=none', '--remote-debugging-pipe', f'--user-data-dir={self.profile}'],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=pipes, close_fds=False)
        os.close(to_read)
        os.close(from_write)
        self.number, self.buffer, self.events = 0, b'', []
        target = self.call('Target.createTarget', url='about:blank')['targetId']
        self.session = self.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        self.call('Page.enable')

    def message(self):
        while b'\0' not in self.buffer:
            # A script of the page's own may never let go.
            if not select.select([self.back], [], [], CHROMIUM_SECONDS)[0]:
                raise TimeoutError(f'Chromium has said nothing for {CHROMIUM_SECONDS} s')
            more = os.read(self.back, 1 << 20)
            if not more:
                raise RuntimeError('Chromium has ended')
            self.buffer += more
        first, self.buffer = self.buffer.split(b'\0', 1)
        return json.loads(first)

    def call(self, method, **parameters):
        self.number += 1
        request = {'id': self.number, 'method': method, 'params': parameters}
        if hasattr(self, 'session'):
            request['sessionId'] = self.session
        os.write(self.to, json.dumps(request).encode() + b'\0')
        while True:
            answer = self.message()
            if answer.get('id') == self.number:
                if 'error' in answer:
                    raise RuntimeError(f'{method}: {answer["error"]["message"]}')
                return answer['result']
            self.events.append(answer.get('method'))

    def __call__(self, page, **paper):
        """The page as PDF; `paper` is what holds for a document without @page: CDP's paperWidth and marginTop, in inches."""
        self.events.clear()
        self.call('Page.navigate', url=Path(page).resolve().as_uri())
        while 'Page.loadEventFired' not in self.events:
            self.events.append(self.message().get('method'))
        data = self.call('Page.printToPDF', preferCSSPageSize=True, printBackground=True, **paper)['data']
        return base64.b64decode(data)

    def close(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)


ALIKE = str.maketrans({
    **dict.fromkeys('()[]{}<>', '|'), '\u2010': '-', '\u2011': '-',
    'ﬀ': 'ff', 'ﬁ': 'fi', 'ﬂ': 'fl', 'ﬃ': 'ffi', 'ﬄ': 'ffl'})
PRIVATE = re.compile('[\ue000-\uf8ff]')
# What list markers are drawn with; Chromium draws shapes.
MARKERS = set('•◦▪▾▸')


@dataclass
class Word:
    """A word as drawn: where its first glyph starts and its last one ends on the baseline, in points from the page's top left."""
    page: int
    x: float
    y: float
    end: float
    text: str

    @property
    def key(self):
        """What has to be equal.

        In scripts that shape or reorder, a PDF maps glyphs to text in several right ways: there only places count.
        So may brackets be mirrored, hyphens be of any kind, ligatures be letters, and small capitals be large ones,
        and what no font has (an icon font's characters, where the font is missing) be nothing.
        """
        if any(complex_script(character) for character in self.text):
            return ''
        return PRIVATE.sub('\ufffd', self.text.translate(ALIKE)).lower()


def complex_script(character):
    return '\u0590' <= character < '\u1100' or '\ufb1d' <= character < '\ufe00' or '\ufe70' <= character < '\uff00'


GAP = 0.17
BASELINE = 0.3


def read(pdf):
    """The page sizes in points and the words of a PDF.

    A word is a run of glyphs on one baseline without a gap of GAP ems. Spaces, and glyphs without an
    advance (marks), are left out. tests/tests/press_corpus/read.rs does the same in Rust.
    """
    document = pymupdf.open(stream=pdf, filetype='pdf')
    sizes, words = [], []
    for number, page in enumerate(document, 1):
        sizes.append((page.rect.width, page.rect.height))
        directions = defaultdict(list)
        for trace in page.get_texttrace():
            cos, sin = trace['dir']
            glyphs = directions[(round(cos, 2), round(sin, 2))]
            for code, glyph, (x, y), box in trace['chars']:
                text = '' if chr(code).isspace() else chr(code)
                if glyph < 0 and glyphs:
                    # The rest of a ligature's text.
                    glyphs[-1][4] += text
                    continue
                # Boxes are upright: they give the advance only where the writing is.
                width = abs(box[2] - box[0]) if abs(sin) < 0.01 else abs(box[3] - box[1]) if abs(cos) < 0.01 else trace['size'] / 2
                glyphs.append([y * cos - x * sin, x * cos + y * sin, width, trace['size'], text, x, y])
        for direction in sorted(directions):
            kept = [glyph for glyph in directions[direction] if glyph[4] and glyph[2] > 0.01 * glyph[3] > 0]
            words.extend(runs(number, kept))
    return sizes, words


def runs(page, glyphs):
    """Glyphs (across, along, width, size, text, x, y) of one direction as words."""
    lines, last = [], None
    for glyph in sorted(glyphs):
        if last is None or glyph[0] - last > BASELINE:
            lines.append([])
        last = glyph[0]
        lines[-1].append(glyph)
    for line in lines:
        word, end = None, 0
        for _across, along, width, size, text, x, y in sorted(line, key=lambda glyph: glyph[1]):
            if word is None or along - end > GAP * size:
                if word:
                    yield word
                word = Word(page, x, y, 0, '')
                start, end = along, along
            word.text += text
            end = max(end, along + width)
            word.end = word.x + end - start
        if word:
            yield word


@dataclass
class Difference:
    """How a document differs from the reference: pairs of words (ours, theirs), one of them None where it is missing."""
    pages: tuple
    pairs: list

    def within(self, points):
        """The share of words, of both sides, on the same page and within so many points."""
        return sum(apart(*pair) <= points for pair in self.pairs) / len(self.pairs) if self.pairs else 1.0


def apart(ours, theirs):
    """How far a word is from its place in points; endless when it is missing or on another page."""
    if not ours or not theirs or ours.page != theirs.page:
        return float('inf')
    # The end counts too, but not rotated words', whose glyphs' widths are not known.
    return max(abs(ours.x - theirs.x), abs(ours.y - theirs.y), abs(ours.end - theirs.end))


def compare(ours, theirs):
    """Pairs equal words, each with the nearest one that is left, first on the same page."""
    (our_sizes, our_words), (their_sizes, their_words) = ours, theirs
    if not any(word.text in MARKERS for word in their_words):
        our_words = [word for word in our_words if word.text not in MARKERS]
    left = defaultdict(list)
    for word in our_words:
        left[word.key].append(word)
    pairs, waiting = [], []
    # Those that are where they belong come first: none may be taken away by a neighbour that is not.
    for word in their_words:
        near = [candidate for candidate in left[word.key] if apart(candidate, word) <= 0.5]
        if near:
            left[word.key].remove(near[0])
            pairs.append((near[0], word))
        else:
            waiting.append(word)
    for word in waiting:
        candidates = left[word.key]
        best = min(candidates, default=None, key=lambda it: (abs(it.page - word.page), abs(it.x - word.x) + abs(it.y - word.y)))
        if best:
            candidates.remove(best)
        pairs.append((best, word))
    pairs.extend((word, None) for words in left.values() for word in words)
    return Difference((len(our_sizes), len(their_sizes)), pairs)
