"""Records what WeasyPrint and Chromium make of the press's fixtures.

record.py [FIXTURE.html…] (default: all of tests/fixtures/press): writes the words of each oracle beside the fixture,
as NAME.weasyprint.boxes and NAME.chromium.boxes:

    595.28 841.89               a page: its width and height in points
    56.25 73.01 88.12 Word      a word: left, baseline and right in points, and its text

Words come in order of their places, so that a recording does not change with the order an oracle draws in.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import printed


def lines(pdf):
    sizes, words = printed.read(pdf)
    for number, (width, height) in enumerate(sizes, 1):
        yield f'{width:.2f} {height:.2f}'
        on_page = [word for word in words if word.page == number]
        for word in sorted(on_page, key=lambda word: (round(word.y, 2), round(word.x, 2), word.text)):
            yield f'{word.x:.2f} {word.y:.2f} {word.end:.2f} {word.text}'


def record(page, engines):
    for name, engine in engines.items():
        try:
            text = '\n'.join(lines(engine(page))) + '\n'
        except Exception as error:
            print(f'{page.name}: {name}: {error}', file=sys.stderr)
            continue
        page.with_suffix(f'.{name}.boxes').write_text(text)


def main():
    pages = [Path(name).resolve() for name in sys.argv[1:]] or sorted(printed.FIXTURES.rglob('*.html'))
    chromium = printed.Chromium()
    # Chromium works in its own process meanwhile.
    with ThreadPoolExecutor(2) as pool:
        jobs = [
            pool.submit(lambda: [record(page, {'weasyprint': printed.weasyprint}) for page in pages]),
            pool.submit(lambda: [record(page, {'chromium': chromium}) for page in pages])]
        for job in jobs:
            job.result()
    chromium.close()
    print(f'{len(pages)} fixtures recorded')


main()
