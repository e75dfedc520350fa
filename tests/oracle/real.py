"""Compares many documents with WeasyPrint, and with Chromium where asked.

real.py [--chromium] [--causes N] [--words N] [--failing] [--jobs N] [--pages N] FOLDER|PAGE.html…

For each page: page counts and the share of words on the same page and within 2 pt of their place, then the first N
words that are not; with --chromium also how many words WeasyPrint and Chromium agree on while ours are elsewhere:
those are the ones to mend. --causes lists the first N places of each document where ours parts from WeasyPrint, each
counted once however much follows it (see causes.py), with Chromium's opinion: `both` where it agrees with WeasyPrint
against us, `ours` where it agrees with us, `each` where all three differ. The last lines have the totals: documents with
the same page count, documents with at least 95 % of the words in place, the share of all words in place, and of all
words but for one vertical offset a page; with --chromium, the same for it, and for either. With --causes and
--chromium they tell also on how many words both oracles agree, measured from the words before and above, and how many
of these ours sets so. What the oracles print is kept beside the fonts' configuration until the document or a file
beside it changes. --failing shows only documents that miss either. --pages leaves out documents on which WeasyPrint
needs more pages.
"""

import argparse
import hashlib
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.util import Finalize
from pathlib import Path

import causes
import printed

FONTS = Path(os.environ['FONTCONFIG_FILE'])
CACHE = FONTS.parent / 'real'
# What WeasyPrint takes for a document that does not say: A4 with margins of 75 px. In inches.
PAPER = {'paperWidth': 210 / 25.4, 'paperHeight': 297 / 25.4,
         **{f'margin{side}': 75 / 96 for side in ('Top', 'Right', 'Bottom', 'Left')}}
chromium = None


def print_with_chromium(page):
    global chromium
    if not chromium:
        chromium = printed.Chromium()
        Finalize(None, chromium.close, exitpriority=1)
    try:
        return chromium(page, **PAPER)
    except TimeoutError:
        # It would answer the next page with this one.
        chromium.close()
        chromium = None
        raise


ORACLES = {'weasyprint': printed.weasyprint, 'chromium': print_with_chromium}


def beside(page):
    """What the document may refer to: the files of its folder, by name, size and time."""
    for path in sorted(page.parent.iterdir()):
        if path.is_file() and path.suffix not in ('.html', '.pdf'):
            status = path.stat()
            yield f'{path.name} {status.st_size} {status.st_mtime_ns}'


def state(page):
    names = '\n'.join([str(page), *beside(page)])
    return hashlib.sha256(page.read_bytes() + FONTS.read_bytes() + names.encode()).hexdigest()[:24]


def kept(oracle, page):
    path = CACHE / f'{page.stem}-{state(page)}.{oracle}.pdf'
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        path.write_bytes(ORACLES[oracle](page))
    return printed.read(path.read_bytes())


def one(job):
    page, with_chromium, with_causes = job
    found = {'page': page}
    try:
        begin = time.monotonic()
        pdf = printed.fanfold(page)
        found['seconds'] = time.monotonic() - begin
        ours = printed.read(pdf)
        theirs = kept('weasyprint', page)
        found['difference'] = printed.compare(ours, theirs)
        browser = None
        if with_chromium:
            browser = kept('chromium', page)
            agreed = printed.compare(theirs, browser)
            found['chromium'] = printed.compare(ours, browser)
            found['agreed'] = {place(pair[0]) for pair in agreed.pairs if printed.apart(*pair) <= 2}
        if with_causes:
            found['causes'] = causes.causes(ours, theirs, browser)
    except Exception as error:
        found['error'] = f'{type(error).__name__}: {error}'
    return found


def place(word):
    return (word.page, word.x, word.y, word.text)


def shown(word):
    return f'{word.text!r} page {word.page} at {word.x:.1f}–{word.end:.1f}, {word.y:.1f}' if word else 'nothing'


OPINIONS = {'agree': 'both', 'ours': 'ours', 'other': 'each', '': ''}


def told(cause):
    after = f' after {cause.before.text!r}' if cause.before else ''
    how = {'missing': 'missing', 'page': f'on page {cause.mine.page}' if cause.mine else '',
           'down': f'{cause.dy:+.1f} down', 'across': f'{cause.dx:+.1f} across'}[cause.kind]
    return f'{OPINIONS[cause.other]:4} {how}: {cause.word.text!r}{after}, page {cause.word.page} at {cause.word.x:.1f}, {cause.word.y:.1f}'


def report(found, words, failing, departures):
    """Prints a document's lines; says whether its pages are as many, and its words in place: as WeasyPrint's, as Chromium's."""
    page, difference = found['page'], found.get('difference')
    name = f'{page.parent.name}/{page.name}'
    if not difference:
        print(f'{name}: {found["error"]}', flush=True)
        return (False, False), (False, False)
    ours, theirs = difference.pages
    share = difference.within(2)
    same, near = ours == theirs, share >= 0.95
    browser = found.get('chromium')
    beside = (ours == browser.pages[1], browser.within(2) >= 0.95) if browser else (False, False)
    if failing and same and near:
        return (same, near), beside
    line = f'{"=" if same else "≠"} {ours:3} {theirs:3} pages, {share * 100:5.1f} % of {len(difference.pairs):5} words'
    off = [pair for pair in difference.pairs if printed.apart(*pair) > 2]
    if 'agreed' in found:
        alone = [pair for pair in off if pair[1] and place(pair[1]) in found['agreed']]
        line += f'; chromium {found["chromium"].pages[1]:3} pages, {found["chromium"].within(2) * 100:5.1f} %'
        line += f', of {len(found["agreed"]):5} agreed {len(alone):4} off'
        off = alone or off
    if found['seconds'] > 1:
        line += f'; {found["seconds"]:.1f} s'
    print(f'{line}  {name}', flush=True)
    for cause in found['causes'].departures[:departures] if 'causes' in found else []:
        print(f'      {told(cause)}')
    off.sort(key=lambda pair: ((pair[1] or pair[0]).page, (pair[1] or pair[0]).y))
    for mine, its in off[:words]:
        print(f'      ours {shown(mine)}   weasyprint {shown(its)}')
    return (same, near), beside


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--chromium', action='store_true')
    parser.add_argument('--causes', type=int, default=0)
    parser.add_argument('--words', type=int, default=0)
    parser.add_argument('--failing', action='store_true')
    parser.add_argument('--pages', type=int, default=200)
    parser.add_argument('--jobs', type=int, default=2)
    parser.add_argument('paths', nargs='+', type=Path)
    arguments = parser.parse_args()
    pages = [page.resolve() for path in arguments.paths for page in (sorted(path.rglob('*.html')) if path.is_dir() else [path])]
    documents, totals, opinions = 0, Counter(), Counter()
    words = in_place = settled = agreed = along = 0
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for found in pool.map(one, [(page, arguments.chromium, arguments.causes > 0) for page in pages]):
            if found.get('difference') and found['difference'].pages[1] > arguments.pages:
                continue
            weasyprint, chromium = report(found, arguments.words, arguments.failing, arguments.causes)
            if found.get('difference'):
                difference = found['difference']
                words += len(difference.pairs)
                in_place += difference.within(2) * len(difference.pairs)
                settled += causes.settled(difference) * len(difference.pairs)
                if 'causes' in found:
                    opinions.update(OPINIONS[cause.other] for cause in found['causes'].departures)
                    agreed += found['causes'].agreed
                    along += found['causes'].along
            documents += 1
            either = tuple(map(any, zip(weasyprint, chromium)))
            for oracle, (as_many, placed) in {'': weasyprint, "Chromium's": chromium, "either's": either}.items():
                totals[oracle, 'pages'] += as_many
                totals[oracle, 'words'] += placed
    same, near = totals['', 'pages'], totals['', 'words']
    print(f'{documents} documents: {same} with the same pages, {near} with at least 95 % of the words in place')
    if words:
        print(f'  {words} words: {in_place / words * 100:.1f} % in place, {settled / words * 100:.1f} % but for one offset a page')
    if opinions:
        print('  departures: ' + ', '.join(f'{count} {opinion}' for opinion, count in sorted(opinions.items())))
    if agreed:
        print(f'  {agreed} words that both oracles set equally to their neighbours: {along / agreed * 100:.1f} % so in ours')
    if arguments.chromium:
        for oracle in ("Chromium's", "either's"):
            print(f'  {oracle}: {totals[oracle, "pages"]} and {totals[oracle, "words"]}')


if __name__ == '__main__':
    sys.exit(main())
