"""Writes the fuzzer's seeds: `seeds.py FOLDER` makes FOLDER/{html,css,font,image,pdf,template,manifest}."""

import io
import re
import sys
from pathlib import Path

import pikepdf
from fontTools import subset
from fontTools.ttLib import TTFont
from PIL import Image
from reportlab.lib import pdfencrypt
from reportlab.pdfgen import canvas

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(sys.argv[1])


def put(target, name, data):
    path = FOLDER / target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())


def pages():
    for path in sorted((ROOT / 'tests/fixtures').rglob('*.html')):
        text = path.read_text()
        put('html', f'{path.parent.name}-{path.name}', text)
        for number, sheet in enumerate(re.findall(r'<style>(.*?)</style>', text, re.S)):
            put('css', f'{path.parent.name}-{path.stem}-{number}.css', sheet)
    for path in sorted((ROOT / 'shared/press/tests').rglob('*.rs')):
        for number, html in enumerate(re.findall(r'r#"(.*?)"#', path.read_text(), re.S)):
            put('html', f'test-{path.stem}-{number}.html', html)
    put('css', 'ua.css', (ROOT / 'shared/style/src/ua.css').read_text())
    for path in sorted((ROOT / 'shared/bundles').glob('*/*.css')):
        put('css', f'{path.parent.name}.css', path.read_text())


def fonts():
    text = 'AVTo fi0123. office-مرحبا नमस्ते 你'
    for path in sorted((ROOT / 'shared/fonts').rglob('*.[to]tf')):
        options = subset.Options(layout_features=['*'], hinting=False, notdef_outline=True)
        font = TTFont(path, lazy=True)
        subsetter = subset.Subsetter(options)
        subsetter.populate(text=text)
        subsetter.subset(font)
        for flavour in None, 'woff', 'woff2':
            font.flavor = flavour
            out = io.BytesIO()
            font.save(out)
            if out.tell() < 60_000 and (flavour is None or 'Regular' in path.name):
                put('font', f'{path.stem}.{flavour or "sfnt"}', out.getvalue())
    # A variable one, and those with colours.
    for path in sorted((ROOT / 'shared/press/tests/fonts').glob('*.[tw]*')):
        put('font', path.name, path.read_bytes())


def images():
    gradient = Image.linear_gradient('L').resize((23, 11))
    colours = Image.merge('RGB', (gradient, gradient.rotate(180), gradient))
    alpha = Image.merge('RGBA', (*colours.split(), gradient))
    exif = Image.Exif()
    exif[0x0112] = 6
    for name, image, options in [
        ('rgb.png', colours, {}),
        ('rgba.png', alpha, {}),
        ('grey.png', gradient, {}),
        ('bits.png', gradient.convert('1'), {}),
        ('16.png', gradient.convert('I;16'), {}),
        ('palette.png', colours.quantize(7), {'transparency': 2}),
        ('rgb.jpg', colours, {}),
        ('progressive.jpg', colours, {'progressive': True}),
        ('cmyk.jpg', colours.convert('CMYK'), {}),
        ('turned.jpg', colours, {'exif': exif}),
        ('one.gif', colours.quantize(7), {}),
        ('two.gif', colours.quantize(7), {'save_all': True, 'append_images': [gradient]}),
        ('lossy.webp', colours, {}),
        ('lossless.webp', alpha, {'lossless': True}),
    ]:
        out = io.BytesIO()
        image.save(out, Path(name).suffix[1:].replace('jpg', 'jpeg'), **options)
        put('image', name, out.getvalue())
    shapes = (
        '<rect width="9" height="9" rx="2" fill="url(#g)"/><circle r="4" cx="9" cy="9" clip-path="url(#c)"/>'
        '<path d="M0 0 C 5 5 9 0 9 9 A 3 4 20 0 1 2 2 z" stroke="red" stroke-dasharray="1 2" mask="url(#m)"/>'
        '<use href="#u" x="4"/><text x="2" y="9">t</text><g filter="url(#f)" opacity=".4"><line x2="9"/></g>'
    )
    defs = (
        '<defs><linearGradient id="g"><stop offset="0" stop-color="#f00"/><stop offset="1"/></linearGradient>'
        '<clipPath id="c"><path d="M0 0h9v9z"/></clipPath><mask id="m"><rect width="5" height="5"/></mask>'
        '<polygon id="u" points="1,1 3,5 6,2"/><pattern id="p" width="4" height="4"><use href="#u"/></pattern>'
        '<filter id="f"><feGaussianBlur stdDeviation="1"/></filter></defs>'
    )
    put('image', 'shapes.svg', f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20">{defs}{shapes}</svg>')


def documents():
    def file(encrypt=None):
        out = io.BytesIO()
        paper = canvas.Canvas(out, pagesize=(200, 200), encrypt=encrypt, invariant=1)
        for page in 'one', 'two':
            paper.bookmarkPage(page)
            paper.addOutlineEntry(page, page)
            paper.drawString(20, 100, page)
            paper.linkRect('', 'two', (10, 10, 50, 50))
            paper.linkURL('https://example.org/', (60, 10, 90, 50))
            paper.acroForm.textfield(name='t', value=page, x=20, y=50, width=60, height=20)
            paper.acroForm.checkbox(name=f'c{page}', x=100, y=50, checked=True)
            paper.showPage()
        paper.save()
        return out.getvalue()

    plain = file()
    put('pdf', 'plain.pdf', plain)
    put('pdf', 'locked-rc4.pdf', file(pdfencrypt.StandardEncryption('', 'owner', strength=128)))
    for name, options in [
        ('streams.pdf', {'object_stream_mode': pikepdf.ObjectStreamMode.generate}),
        ('linear.pdf', {'linearize': True}),
        ('qdf.pdf', {'qdf': True}),
        ('aes.pdf', {'encryption': pikepdf.Encryption(user='', owner='o', R=6)}),
        ('aes128.pdf', {'encryption': pikepdf.Encryption(user='', owner='o', R=4)}),
    ]:
        with pikepdf.open(io.BytesIO(plain)) as pdf:
            pdf.attachments['a.txt'] = b'attached'
            out = io.BytesIO()
            pdf.save(out, **options)
            put('pdf', name, out.getvalue())
    for path in sorted((ROOT / 'shared/bind/tests').glob('*.pdf')):
        put('pdf', path.name, path.read_bytes())
    # The shared corpus lies beside the project where there is one.
    for path in sorted((ROOT.parent / 'shared/corpus/pdf').rglob('*.pdf')):
        if path.stat().st_size < 60_000:
            put('pdf', path.name, path.read_bytes())


def texts():
    for path in sorted((ROOT / 'shared/bundles').glob('*/*.html')):
        put('template', f'{path.parent.name}.html', path.read_text())
    put('template', 'mark.md', '# {{ name }}\n\n| a | b |\n|--|--|\n{% for r in rows %}| {{ r.a }} | *x* |\n{% endfor %}')
    put(
        'template',
        'filters.html',
        '{{ amount | money("INR") }} {{ date | date }} {{ amount | words }} {% macro m(x) %}{{ x }}{% endmacro %}'
        '{{ m(rows) }} {{ rows | sum(attribute="a") }} {% set n = namespace(a=1) %}{{ "x" * 20 }}',
    )
    put('manifest', 'json', '0{"documents": [{"id": "a", "html": "x", "output": "{id}.pdf"}, {"id": "b", "bundle": '
        '"invoice", "locale": "hi-IN", "data": {"n": 1}}], "merge": [{"output": "all.pdf", "on_failure": "skip"}]}')
    put('manifest', 'kit', '0{"documents": [{"bundle": "invoice"}], "rows": [{"n": 1}, {"n": "x"}], "output": '
        '"{n}_{bundle}.pdf", "priority": "bulk", "retention_days": 30}')
    put('manifest', 'lines', '1{"id": "a", "html": "x"}\n{"id": "b", "markdown": "# y"}\n')
    put('manifest', 'csv', '2bundle,id,n\ninvoice,a,"1, 2"\nletter,b,""\n')


for make in pages, fonts, images, documents, texts:
    make()
