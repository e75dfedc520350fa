"""A pytest plugin that turns WeasyPrint's own tests on Fanfold.

Loaded by suite.sh into a run of WeasyPrint's test suite (from its source package, which is not part of
this repository):

- tests/draw: `assert_pixels` and its sisters compare what FANFOLD_PRINT drew, pixel by pixel, with the
  pixels that WeasyPrint's authors wrote down.
- tests/layout, tests/css, tests/test_text.py, tests/test_boxes.py and the like: each document of a test that
  makes boxes of it is drawn by WeasyPrint and by FANFOLD_PRINT, with an outline round every element but the root;
  page count, page sizes, words and outlines have to agree. What the test itself asserts of WeasyPrint's boxes is not
  looked at.

FANFOLD_PRINT is a command that takes an HTML file and a PDF file. With FANFOLD_KEEP, the HTML, the PDF
and the pictures of each failing comparison are left in that folder, named after the test.
"""

import io
import os
import re
import shlex
import subprocess
import tempfile
from pathlib import Path

import pytest
from PIL import Image, ImageChops

COMMAND = shlex.split(os.environ['FANFOLD_PRINT'])
KEEP = os.environ.get('FANFOLD_KEEP')
RESOURCES = Path('tests/resources')
# WeasyPrint's tests run on a user-agent style sheet that gives little but `display`. Fanfold's own comes
# first all the same, so it is undone, in a layer that the test's rules win over.
UNDO = ('@layer fanfold-undo { * { all: unset } ::before, ::after, ::marker { content: normal } '
        '::footnote-call, ::footnote-marker { all: unset } %s }')
# Margin boxes along a side are no longer than their content there and have their place on it, against CSS Paged
# Media 3 §5.3.2.4: where Fanfold's fill the side, their content is aligned to the same place.
MARGIN_BOXES = ' '.join([
    *(f'@{edge}-{side} {{ text-align: start; vertical-align: top }}' for edge in ('top', 'bottom')
      for side in ('left-corner', 'left', 'right-corner')),
    *(f'@{edge}-{side} {{ vertical-align: top }}' for edge in ('top', 'bottom') for side in ('center', 'right')),
    *(f'@{edge}-{side} {{ text-align: start }}' for edge in ('left', 'right') for side in ('top', 'middle', 'bottom'))])
# Not round the root: WeasyPrint's does not hold its floats and joins its child's margins, against CSS 2.2 §10.6.7
# and §8.3.1. Nor round `br`, which breaks a line and has no box of its own (HTML §15.3.4). Opaque: how many outlines lie on one another is no matter of layout. Text is unseen, as how its glyphs
# fall on the grid of pixels is none either, nor is the smoothing of pictures.
OUTLINE = '<style>:root :not(br) { outline: 1px solid rgb(0, 0, 200) } :root * { color: rgb(0 0 0 / .4%) !important } img { image-rendering: pixelated }</style>'


def page_source(html, extra=''):
    """The test's document, with the style sheet of WeasyPrint's tests in place of Fanfold's."""
    rules = (RESOURCES / 'tests_ua.css').read_text()
    apart = '\n'.join(re.findall(r'@(?:font-face|page)[^}]*}', rules))
    rules = re.sub(r'@(?:font-face|page)[^}]*}', '', rules)
    style = f'<style>@page {{ margin: 0; {MARGIN_BOXES} }}\n{apart}\n{UNDO % rules}</style>{extra}'
    doctype = re.match(r'\s*<!doctype[^>]*>', html, re.IGNORECASE)
    at = doctype.end() if doctype else 0
    start = html[:at] or '<!doctype html>'
    return start + style + html[at:]


def fanfold_pdf(html, extra=''):
    """The PDF that Fanfold makes, and the page it was made from."""
    source = page_source(html, extra)
    with tempfile.NamedTemporaryFile(
            'w', suffix='.html', dir=RESOURCES, encoding='utf-8', errors='surrogatepass') as page, \
            tempfile.NamedTemporaryFile(suffix='.pdf') as pdf:
        page.write(source)
        page.flush()
        done = subprocess.run([*COMMAND, page.name, pdf.name], capture_output=True, timeout=60)
        if done.returncode:
            message = done.stderr.decode(errors='replace')[-600:]
            pytest.fail(f'fanfold: exit {done.returncode}: {message}')
        return Path(pdf.name).read_bytes(), source


def pictures(pdf):
    """A picture of each page at 96 dpi, without antialiasing."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / 'in.pdf'
        source.write_bytes(pdf)
        subprocess.run(
            ['gs', '-q', '-sDEVICE=png16m', '-dTextAlphaBits=1', '-dGraphicsAlphaBits=1', '-dBATCH', '-dNOPAUSE',
             '-r96', '-dUsePDFX3Profile', f'-sOutputFile={folder}/%05d.png', source],
            check=True, capture_output=True, timeout=60)
        return [Image.open(io.BytesIO(path.read_bytes())).convert('RGB') for path in sorted(Path(folder).glob('*.png'))]


def exact_pictures(pdf):
    """The same where a CSS pixel is a tenth of a point, as in WeasyPrint's own tests: at 96 dpi Ghostscript widens
    strokes by what it rounds. Ghostscript draws all of the sheet at 720 dpi, the page in its corner: small pages only.
    """
    plain = pictures(pdf)
    if max(max(image.size) for image in plain) > 250:
        return plain
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / 'in.pdf'
        source.write_bytes(pdf)
        subprocess.run(
            ['gs', '-q', '-sDEVICE=png16m', '-dTextAlphaBits=1', '-dGraphicsAlphaBits=1', '-dBATCH', '-dNOPAUSE',
             '-r720', '-dUsePDFX3Profile', f'-sOutputFile={folder}/%05d.png',
             '-c', '<</Install {2 15 div dup scale}>> setpagedevice', '-f', source],
            check=True, capture_output=True, timeout=60)
        large = [Image.open(path).convert('RGB') for path in sorted(Path(folder).glob('*.png'))]
        return [
            image.crop((0, image.height - small.height, small.width, image.height))
            for image, small in zip(large, plain, strict=True)]


def stacked(images):
    """All pages below one another, centred, as WeasyPrint's tests expect them."""
    width = max(image.width for image in images)
    whole = Image.new('RGB', (width, sum(image.height for image in images)), 'white')
    top = 0
    for image in images:
        whole.paste(image, ((width - image.width) // 2, top))
        top += image.height
    return whole


def keep(name, **files):
    if not KEEP:
        return
    folder = Path(KEEP)
    folder.mkdir(parents=True, exist_ok=True)
    for kind, content in files.items():
        if isinstance(content, Image.Image):
            scale = max(1, 400 // max(content.size))
            content.resize((content.width * scale, content.height * scale), Image.NEAREST).save(folder / f'{name}.{kind}.png')
        elif isinstance(content, bytes):
            (folder / f'{name}.{kind}').write_bytes(content)
        else:
            (folder / f'{name}.{kind}').write_text(content, errors='surrogatepass')


def test_name():
    return re.sub(r'\W+', '-', os.environ['PYTEST_CURRENT_TEST'].removeprefix('tests/').removesuffix(' (call)'))[:120]


def html_to_pixels(html):
    pdf, source = fanfold_pdf(html)
    image = stacked(exact_pictures(pdf))
    keep(test_name(), html=source, pdf=pdf, ours=image)
    return image.width, image.height, image.get_flattened_data()


def write_png(name, pixels, width, height):
    if name.endswith('.expected') and KEEP:
        image = Image.new('RGB', (width, height))
        image.putdata(pixels)
        keep(test_name(), expected=image)


def words(pdf):
    """(page, text, x, y) of each word, in CSS pixels."""
    with tempfile.NamedTemporaryFile(suffix='.pdf') as file:
        file.write(pdf)
        file.flush()
        found = subprocess.run(['pdftotext', '-bbox', file.name, '-'], capture_output=True, timeout=60).stdout
    page, result = 0, []
    for line in found.decode(errors='replace').splitlines():
        if '<page' in line:
            page += 1
        elif match := re.search(r'<word xMin="([-\d.]+)" yMin="([-\d.]+)".*?>(.*)</word>', line):
            # Where a font lacks U+2010, Fanfold hyphenates with the font's U+002D, as CSS Text asks.
            text = match[3].replace('\u2010', '-')
            result.append((page, text, float(match[1]) / .75, float(match[2]) / .75))
    return result


def same_characters(ours, theirs):
    """Whether the same characters stand at the same places, however poppler joins them to words.

    It goes by the order of painting where boxes adjoin, and where a word is cut in boxes.
    """
    def characters(pdf):
        with tempfile.NamedTemporaryFile(suffix='.pdf') as file:
            file.write(pdf)
            file.flush()
            found = subprocess.run(
                ['mutool', 'draw', '-q', '-F', 'stext', file.name], capture_output=True, timeout=60).stdout
        page, result = 0, {}
        for line in found.decode(errors='replace').splitlines():
            if '<page' in line:
                page += 1
            elif match := re.search(r'<char quad="([-\d.]+) ([-\d.]+) .*? c="(.*?)"', line):
                if match[3].strip():
                    character = match[3].replace('\u2010', '-')
                    result.setdefault((page, character), []).append((float(match[1]) / .75, float(match[2]) / .75))
        return result

    ours, theirs = characters(ours), characters(theirs)
    if not ours or ours.keys() != theirs.keys():
        return False
    for character, places in ours.items():
        others = list(theirs[character])
        for x, y in places:
            near = [other for other in others if abs(other[0] - x) <= 1.5 and abs(other[1] - y) <= 1.5]
            if not near:
                return False
            others.remove(near[0])
        if others:
            return False
    return True


class LayoutDifference(Exception):
    """What Fanfold lays out otherwise."""


def compare_layout(weasyprint_html, html):
    theirs = weasyprint_html(html, OUTLINE).write_pdf()
    ours, source = fanfold_pdf(html, OUTLINE)
    name = test_name()
    ours_pictures, theirs_pictures = pictures(ours), pictures(theirs)
    problems = []
    if len(ours_pictures) != len(theirs_pictures):
        problems.append(f'{len(ours_pictures)} pages, expected {len(theirs_pictures)}')
    for number, (our, their) in enumerate(zip(ours_pictures, theirs_pictures, strict=False), 1):
        if our.size != their.size:
            problems.append(f'page {number} is {our.size}, expected {their.size}')
    if not problems:
        our_words, their_words = sorted(words(ours)), sorted(words(theirs))
        if [word[:2] for word in our_words] != [word[:2] for word in their_words]:
            problems.append(f'words {[word[:2] for word in our_words][:8]}, expected {[word[:2] for word in their_words][:8]}')
        else:
            for our, their in zip(our_words, their_words, strict=True):
                if abs(our[2] - their[2]) > 1.5 or abs(our[3] - their[3]) > 1.5:
                    problems.append(f'word {our[1]!r} at {our[2]:.1f}, {our[3]:.1f}, expected {their[2]:.1f}, {their[3]:.1f}')
                    break
        if problems and same_characters(ours, theirs):
            problems = []
    if not problems:
        for number, (our, their) in enumerate(zip(ours_pictures, theirs_pictures, strict=False), 1):
            if our.size != their.size:
                continue
            # A pixel differs when nothing within one pixel of it has its colour on the other side.
            wrong = differing(inner(our), inner(their))
            if wrong > max(4, our.width * our.height // 10000):
                problems.append(f'page {number}: {wrong} pixels of outlines differ')
                break
    if problems:
        keep(name, html=source, pdf=ours, ours=stacked(ours_pictures), expected=stacked(theirs_pictures))
        raise LayoutDifference('; '.join(problems))


def inner(image):
    """The picture without its edge, where half of an outline may be cut off."""
    edge = 2 if min(image.size) > 20 else 0
    return image.crop((edge, edge, image.width - edge, image.height - edge))


def differing(one, other):
    from PIL import ImageFilter
    count = 0
    for a, b in ((one, other), (other, one)):
        low, high = b.filter(ImageFilter.MinFilter(3)), b.filter(ImageFilter.MaxFilter(3))
        below = ImageChops.subtract(low, a).convert('L').point(lambda v: 255 if v > 40 else 0)
        above = ImageChops.subtract(a, high).convert('L').point(lambda v: 255 if v > 40 else 0)
        count += sum(ImageChops.lighter(below, above).histogram()[255:])
    return count


def pytest_configure(config):
    from tests import draw, testing_utils

    draw.html_to_pixels = html_to_pixels
    draw.write_png = write_png

    def weasyprint_html(html, extra=''):
        return testing_utils.FakeHTML(string=(extra + html) if extra else html, base_url=testing_utils.BASE_URL)

    def compared(original):
        def compare(html, *arguments, **options):
            made = original(html, *arguments, **options)
            compare_layout(weasyprint_html, html)
            return made
        return compare

    testing_utils.render_pages = compared(testing_utils.render_pages)
    testing_utils.parse_all = compared(testing_utils.parse_all)
    mend_outlines()


def mend_outlines():
    """Outline WeasyPrint's boxes where CSS says they end and where it leaves that open as Fanfold and browsers do.

    A box that a page breaks goes on to the page's end (CSS Fragmentation 3 §5.4.2), a table to the end of its last row
    there; WeasyPrint's end with the last that it tried to lay out, which its own test_page_breaks_complex_6 calls a
    thing to do. An inline box is as high
    as its font; WeasyPrint's is 1em (CSS 2.2 §10.6.1 leaves it open).
    """
    from weasyprint import document, draw
    from weasyprint.formatting_structure import boxes
    from weasyprint.text.line_break import Layout, first_line_metrics

    original, original_page, original_pdf = draw.border.draw_outline, document.draw_page, document.Document.write_pdf
    # Where boxes that go on to the next page end.
    ends = [None]
    # What does on each page, by its element; drawing makes copies of boxes.
    broken = {}

    def key(box):
        return id(box.element), box.element_tag, type(box)

    def in_flow(box):
        yield box
        for child in box.children if isinstance(box, boxes.ParentBox) else ():
            repeated = isinstance(child, boxes.TableRowGroupBox) and (child.is_header or child.is_footer)
            if child.is_in_normal_flow() and not repeated:
                yield from in_flow(child)

    def write_pdf(self, *arguments, **options):
        later = set()
        broken.clear()
        for page in reversed(self.pages):
            root = page._page_box.children[0]
            found = {key(box) for box in in_flow(root)}
            broken[id(page._page_box)] = found & later
            later |= found
        return original_pdf(self, *arguments, **options)

    def end_of_rows(box):
        """Where a table, or a group of rows, ends that goes on with its next row."""
        if isinstance(box, boxes.TableRowBox):
            return box.position_y + box.margin_height()
        if isinstance(box, (boxes.TableBox, boxes.TableRowGroupBox)) or box.is_table_wrapper:
            return max((end for end in map(end_of_rows, box.children) if end), default=None)
        return None

    def draw_page(page, stream):
        areas = sum(child.margin_height() for child in page.children if isinstance(child, boxes.FootnoteAreaBox))
        ends[:] = [page.content_box_y() + page.height - areas]
        broken[None] = broken.get(id(page), ())
        original_page(page, stream)

    def draw_outline(stream, box):
        kept = box.margin_top, box.height
        if isinstance(box, boxes.InlineBox):
            layout = Layout(box.style)
            layout.set_text(' ')
            line, _ = layout.get_first_line()
            *_, height, ascent = first_line_metrics(line, '', layout, None, False, box.style)
            box.margin_top = box.baseline - ascent - box.padding_top - box.border_top_width
            box.height = height
        elif key(box) in broken.get(None, ()) and ends[-1] is not None:
            box.height = (end_of_rows(box) or ends[-1]) - box.content_box_y()
        in_columns = box.style['column_count'] != 'auto' or box.style['column_width'] != 'auto'
        ends.append(None if in_columns else ends[-1])
        original(stream, box)
        ends.pop()
        box.margin_top, box.height = kept

    document.draw_page, document.Document.write_pdf = draw_page, write_pdf
    draw.draw_outline = draw.border.draw_outline = draw_outline


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.when != 'call' or not report.failed:
        return
    if item.nodeid.startswith('tests/draw') and call.excinfo.traceback[-1].path == item.path:
        # What the test asks after its pictures agreed is WeasyPrint's log.
        report.outcome = 'passed'
    if not item.nodeid.startswith('tests/draw'):
        # Only a difference of ours counts there.
        if call.excinfo and call.excinfo.type is not LayoutDifference and not isinstance(call.excinfo.value, pytest.fail.Exception):
            report.outcome = 'passed'
