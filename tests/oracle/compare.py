"""Shows Fanfold's pages beside an oracle's.

compare.py [--oracle weasyprint|chromium] [--pictures FOLDER] [--words N] PAGE.html|FIXTURE…

A fixture is named as in the ledger: text/ruby.

For each page: page counts, the share of words on the same page within 0.1, 0.5 and 2 pt of their place, and the
first N words that are further off. With --pictures, FOLDER gets one picture a page: Fanfold's on the left, the
oracle's on the right, words that differ framed in red, and on the far right both laid over one another: what only
Fanfold drew in red, what only the oracle drew in blue.
"""

import argparse
import io
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pymupdf
from PIL import Image, ImageChops, ImageDraw

import printed

SCALE = 96 / 72


def pictures(pdf):
    document = pymupdf.open(stream=pdf, filetype='pdf')
    return [Image.open(io.BytesIO(page.get_pixmap(dpi=96).tobytes('png'))).convert('RGB') for page in document]


def side_by_side(ours, theirs, difference, folder, name):
    our_pages, their_pages = pictures(ours), pictures(theirs)
    for number in range(max(len(our_pages), len(their_pages))):
        pair = [pages[number] if number < len(pages) else None for pages in (our_pages, their_pages)]
        width, height = (max(page.size[axis] for page in pair if page) for axis in (0, 1))
        pair = [on_white(page, width, height) for page in pair]
        sheet = Image.new('RGB', (width * 3 + 20, height), 'grey')
        sheet.paste(overlay(*pair), (2 * width + 20, 0))
        for side, page in enumerate(pair):
            draw = ImageDraw.Draw(page)
            for words in difference.pairs:
                word = words[side]
                if word and word.page == number + 1 and printed.apart(*words) > 2:
                    draw.rectangle([word.x * SCALE - 1, word.y * SCALE - 11, max(word.x + 2, word.end) * SCALE + 1, word.y * SCALE + 3], outline='red')
            sheet.paste(page, (side * (width + 10), 0))
        sheet.save(folder / f'{name}-{number + 1}.png')


def on_white(page, width, height):
    sheet = Image.new('RGB', (width, height), 'white')
    if page:
        sheet.paste(page)
    return sheet


def overlay(ours, theirs):
    """Ours in red and theirs in blue on one sheet; black where both are."""
    ours, theirs = ours.convert('L'), theirs.convert('L')
    return Image.merge('RGB', (theirs, ImageChops.darker(ours, theirs), ours))


def one(job):
    path, oracle, folder = job
    try:
        engine = printed.weasyprint if oracle == 'weasyprint' else printed.Chromium()
        theirs = engine(path)
        if oracle == 'chromium':
            engine.close()
        their_words = printed.read(theirs)
    except Exception as error:
        return path, f'{oracle}: {error}'
    try:
        ours = printed.fanfold(path)
        difference = printed.compare(printed.read(ours), their_words)
    except Exception as error:
        return path, f'fanfold: {error}'
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        side_by_side(ours, theirs, difference, folder, f'{path.parent.name}-{path.stem}')
    return path, difference


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--oracle', choices=['weasyprint', 'chromium'], default='weasyprint')
    parser.add_argument('--pictures', type=Path)
    parser.add_argument('--words', type=int, default=0)
    parser.add_argument('--jobs', type=int, default=2)
    parser.add_argument('pages', nargs='+', type=Path)
    arguments = parser.parse_args()
    pages = [path if path.exists() else printed.FIXTURES / f'{path}.html' for path in arguments.pages]
    jobs = [(path.resolve(), arguments.oracle, arguments.pictures) for path in pages]
    found = []
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for path, difference in pool.map(one, jobs):
            name = f'{path.parent.name}/{path.name}'
            if isinstance(difference, str):
                print(f'{name}: {difference}', flush=True)
                continue
            found.append(difference)
            ours, theirs = difference.pages
            shares = ' '.join(f'{difference.within(points) * 100:6.1f}' for points in (0.1, 0.5, 2))
            print(f'{"=" if ours == theirs else "≠"} {ours:3} {theirs:3} pages, {shares} % of {len(difference.pairs):5} words  {name}', flush=True)
            off = [pair for pair in difference.pairs if printed.apart(*pair) > 2]
            off.sort(key=lambda pair: ((pair[1] or pair[0]).page, (pair[1] or pair[0]).y))
            for ours, theirs in off[:arguments.words]:
                print(f'      ours {shown(ours)}   {arguments.oracle} {shown(theirs)}')
    if found:
        equal = sum(it.pages[0] == it.pages[1] for it in found)
        near = sum(it.within(2) >= 0.95 for it in found)
        share = sum(it.within(2) for it in found) / len(found)
        print(f'{len(found)} documents: {equal} with the same pages, {near} with at least 95 % of the words in place, {share * 100:.1f} % on average')


def shown(word):
    return f'{word.text!r} page {word.page} at {word.x:.1f}–{word.end:.1f}, {word.y:.1f}' if word else 'nothing'


if __name__ == '__main__':
    sys.exit(main())
