"""Makes PDFs that hold what merges lose, with tools from the registries: make.py FOLDER

Folders group what is alike; every file of a folder is merged with its neighbours.
"""

import io
import subprocess
import sys
import zlib
from pathlib import Path

import fpdf
import matplotlib

matplotlib.use("pdf")
import matplotlib.pyplot
import pymupdf
import pypdf
import typst
import weasyprint
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen import canvas

import structures


def page_html(title, number):
    return f"""<h1 id="chapter-{number}">{title} {number}</h1>
<p>See <a href="#chapter-1">one</a>, <a href="#chapter-2">two</a> and
<a href="https://example.org/{number}?q=ä">a page</a>.</p>
<ul><li>alpha</li><li>beta</li></ul>
<table><tr><th>Sum</th><td>{number * 17}.00</td></tr></table>"""


def weasy(folder):
    for variant in ("ua", "plain", "forms", "archive"):
        form = """<form><input name="name" value="Ada"><input type="checkbox" name="yes" checked>
<textarea name="text">lines</textarea><select name="kind"><option>one<option selected>two</select></form>"""
        html = "<html lang=de><title>T</title><style>@page{size:A5} h1{break-before:page}</style>" + "".join(
            page_html(variant, number) for number in (1, 2, 3)
        )
        options = {
            "ua": {"pdf_variant": "pdf/ua-1"},
            "plain": {},
            "forms": {"pdf_forms": True},
            "archive": {
                "pdf_variant": "pdf/a-3b",
                "attachments": [weasyprint.Attachment(string="<xml/>", name="factur-x.xml")],
            },
        }[variant]
        weasyprint.HTML(string=html + (form if variant == "forms" else "")).write_pdf(
            folder / f"weasy-{variant}.pdf", **options
        )


def reportlab_files(folder):
    for number in (1, 2):
        out = canvas.Canvas(str(folder / f"reportlab-{number}.pdf"), pagesize=A4, invariant=1)
        for page in range(3):
            out.setFont("Helvetica", 12)
            out.drawString(72, 700, f"File {number} page {page}")
            out.bookmarkPage(f"p{page}")
            out.addOutlineEntry(f"Page {page}", f"p{page}", level=min(page, 1))
            out.linkRect("next", f"p{(page + 1) % 3}", (72, 600, 200, 620))
            out.linkURL("https://example.org/ä?a=b&c=(d)", (72, 560, 200, 580))
            form = out.acroForm
            form.textfield(name=f"text{page}", x=72, y=500, width=120, height=20, value=f"v{number}")
            form.checkbox(name="box", x=72, y=450, checked=bool(page))
            form.radio(name="radio", value=f"r{page}", x=72, y=400, selected=page == number)
            form.choice(name="choice", value="B", options=["A", "B"], x=72, y=350, width=80, height=20)
            out.setFillColor(colors.red)
            out.showPage()
        out.save()


def fpdf_files(folder):
    for number in (1, 2):
        out = fpdf.FPDF()
        out.set_lang("en")
        for page in range(2):
            out.add_page()
            out.set_font("Helvetica", size=14)
            out.start_section(f"Section {page}", level=0)
            out.cell(text=f"fpdf {number} {page}", link=out.add_link(page=1))
            out.text_annotation(50, 50, text="a note")
            out.free_text_annotation('drawn', x=40, y=80, w=40, h=10)
        note = folder / "note.txt"
        note.write_text(f"content {number}")
        if number == 1:
            out.embed_file(note, desc="note", compress=True)
        else:
            out.file_attachment_annotation(note, 60, 60)
        note.unlink()
        out.output(str(folder / f"fpdf-{number}.pdf"))


def typst_files(folder):
    for number in (1, 2):
        source = f"""#set document(title: "Typst {number}")
#set page(width: 10cm, height: 12cm, numbering: "{'i' if number == 1 else '1'}")
#outline()
= Chapter <one>
See @two and #link("https://typst.app")[this]. #lorem(120)
== Sub
#table(columns: 2, [a], [b], [c], [d])
#pagebreak()
#set heading(numbering: "1.")
= Second <two>
Back to #link(<one>)[one]. #lorem(60)
""".replace("@two", "#link(<two>)[two]")
        (folder / "in.typ").write_text(source)
        for standard in (None, "ua-1") if number == 1 else (None, "a-2b"):
            name = f"typst-{number}-{standard or 'plain'}.pdf"
            more = {"pdf_standards": [standard]} if standard else {}
            typst.compile(folder / "in.typ", output=folder / name, **more)
        (folder / "in.typ").unlink()


def chromium_files(folder):
    for number in (1, 2):
        html = folder / "in.html"
        body = "".join(page_html("Chromium", part) + "<div style='break-after:page'></div>" for part in (1, 2))
        html.write_text(f"<html lang=en><title>C{number}</title>{body}")
        subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
             "--generate-pdf-document-outline", f"--print-to-pdf={folder}/chromium-{number}.pdf", str(html)],
            capture_output=True, timeout=90, check=False,
        )
        html.unlink()


def matplotlib_files(folder):
    for kind in (3, 42):
        matplotlib.rcParams["pdf.fonttype"] = kind
        figure, axes = matplotlib.pyplot.subplots()
        axes.plot([1, 3, 2])
        axes.set_title(f"Type {kind} äöü")
        figure.savefig(folder / f"matplotlib-{kind}.pdf", metadata={"CreationDate": None})


def mupdf_files(folder):
    for number in (1, 2):
        out = pymupdf.open()
        for page in range(4):
            out.new_page(width=300 + 10 * page, height=400)
        for page, new in enumerate(out):
            new.insert_text((50, 50), f"MuPDF {number} page {page}")
            new.insert_link({"kind": pymupdf.LINK_GOTO, "from": pymupdf.Rect(10, 10, 50, 30), "page": (page + 1) % 4, "to": pymupdf.Point(0, 100)})
            new.insert_link({"kind": pymupdf.LINK_URI, "from": pymupdf.Rect(60, 10, 90, 30), "uri": "https://a.b/c"})
            new.insert_link({"kind": pymupdf.LINK_GOTOR, "from": pymupdf.Rect(100, 10, 130, 30), "file": "other.pdf", "page": 2, "to": pymupdf.Point(0, 0)})
            new.add_text_annot((100, 100), "note").set_info(title="me")
            new.add_highlight_annot(pymupdf.Rect(50, 40, 150, 55))
            new.add_freetext_annot(pymupdf.Rect(50, 200, 150, 230), "free text")
            new.add_stamp_annot(pymupdf.Rect(50, 250, 150, 280))
            new.add_file_annot((200, 100), f"file {number} {page}".encode(), "a.txt")
            new.set_rotation(90 * page)
        out.set_toc([[1, "One", 1], [2, "Below", 2], [3, "Deep", 3], [1, "Two", 4]])
        out.set_page_labels([
            {"startpage": 0, "prefix": f"{number}-", "style": "r", "firstpagenum": 1},
            {"startpage": 2, "prefix": "", "style": "D", "firstpagenum": 5},
        ])
        out.embfile_add("same name", f"embedded {number}".encode(), filename="same.txt")
        shown = out.add_ocg("Layer", on=True)
        hidden = out.add_ocg("Hidden", on=False)
        out[0].draw_rect(pymupdf.Rect(10, 300, 50, 350), fill=(1, 0, 0), oc=shown)
        out[0].draw_rect(pymupdf.Rect(60, 300, 90, 350), fill=(0, 1, 0), oc=hidden)
        for kind, name in ((pymupdf.PDF_WIDGET_TYPE_TEXT, "t"), (pymupdf.PDF_WIDGET_TYPE_CHECKBOX, "c")):
            widget = pymupdf.Widget()
            widget.field_name, widget.field_type = name, kind
            widget.rect = pymupdf.Rect(200, 200 + 40 * (name == "c"), 280, 220 + 40 * (name == "c"))
            widget.field_value = f"value {number}" if name == "t" else True
            out[1].add_widget(widget)
        out.save(folder / f"mupdf-{number}.pdf", deflate=True, no_new_id=True)


def qpdf_files(folder, sources):
    variants = {
        "qdf": ["--qdf", "--object-streams=disable"],
        "linearized": ["--linearize"],
        "streams": ["--object-streams=generate"],
        "rc4-40": ["--allow-weak-crypto", "--encrypt", "", "owner", "40", "--"],
        "rc4-128": ["--allow-weak-crypto", "--encrypt", "", "owner", "128", "--"],
        "aes-128": ["--allow-weak-crypto", "--encrypt", "", "owner", "128", "--use-aes=y", "--"],
        "aes-256": ["--encrypt", "", "owner", "256", "--"],
        "aes-256-r5": ["--encrypt", "", "owner", "256", "--force-R5", "--"],
        "metadata": ["--encrypt", "", "owner", "256", "--cleartext-metadata", "--"],
        "pdf-2": ["--min-version=2.0"],
        "uncompressed": ["--stream-data=uncompress"],
        "rotated": ["--rotate=+90:1"],
        "locked-40": ["--allow-weak-crypto", "--encrypt", "secret", "owner", "40", "--"],
        "locked-128": ["--allow-weak-crypto", "--encrypt", "secret", "owner", "128", "--use-aes=y", "--"],
        "locked-256": ["--encrypt", "secret", "owner", "256", "--"],
    }
    for at, (name, options) in enumerate(variants.items()):
        source = sources[at % len(sources)]
        subprocess.run(
            ["qpdf", "--deterministic-id" if "encrypt" not in " ".join(options) else "--static-id", *options,
             str(source), str(folder / f"{name}.pdf")],
            check=False, capture_output=True,
        )


def pypdf_files(folder, sources):
    """Merges by others are inputs too."""
    for number in (0, 1):
        writer = pypdf.PdfWriter()
        for source in sources[number::2][:3]:
            writer.append(source)
        writer.add_outline_item("added", 0, color="ff0000", bold=True)
        writer.add_attachment("data.json", f'{{"n": {number}}}'.encode())
        writer.write(folder / f"pypdf-{number}.pdf")
    subprocess.run(["pdfunite", *map(str, sources[:3]), str(folder / "pdfunite.pdf")], check=False, capture_output=True)
    subprocess.run(["mutool", "merge", "-o", str(folder / "mutool.pdf"), *map(str, sources[:3])], check=False, capture_output=True)
    subprocess.run(["qpdf", "--deterministic-id", "--empty", "--pages", *map(str, sources[:3]), "--", str(folder / "qpdf.pdf")], check=False, capture_output=True)
    subprocess.run(["gs", "-q", "-sDEVICE=pdfwrite", "-o", str(folder / "gs.pdf"), str(sources[0])], check=False, capture_output=True)


def damaged(folder, sources):
    """What disks, mail programs, web servers and attackers do to files."""
    for at, source in enumerate(sources):
        data = source.read_bytes()
        table = data.rfind(b"startxref")
        cases = {
            "truncated-half": data[: len(data) // 2],
            "truncated-tail": data[:-20],
            "truncated-90": data[: len(data) * 9 // 10],
            "garbage-before": b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n" + data,
            "garbage-after": data + b"\r\n--boundary--\r\n" * 200,
            "zeros-after": data + bytes(5000),
            "wrong-startxref": data[:table] + b"startxref\n12\n%%EOF\n",
            "no-startxref": data[:table],
            "wrong-length": data.replace(b"/Length ", b"/Length 1", 3),
            "no-endobj": data.replace(b"endobj", b"      "),
            "no-endstream": data.replace(b"endstream", b"         "),
            "crlf": data.replace(b"\n", b"\r\n"),
            "lf-lost": data.replace(b"\r\n", b"\n").replace(b"\r", b"\n"),
            "hole": data[: len(data) // 3] + bytes(300) + data[len(data) // 3 + 300 :],
            "cut-out": data[: len(data) // 3] + data[len(data) // 3 + 300 :],
            "twice": data + data,
            "no-root": data.replace(b"/Root", b"/Toor"),
            "no-pages-type": data.replace(b"/Type /Pages", b"            ").replace(b"/Type/Pages", b"           "),
            "high-bit": bytes(byte & 0x7F for byte in data),
            "utf8": data.decode("latin1").encode("utf8"),
            "header-gone": data[9:],
        }
        for name, bad in cases.items():
            (folder / f"{at}-{name}.pdf").write_bytes(bad)


def hostile(folder):
    """Small files that ask for much."""
    def file(objects, root=b"1 0 R"):
        out = io.BytesIO(b"%PDF-1.5\n")
        out.seek(0, 2)
        offsets = []
        for number, body in enumerate(objects, 1):
            offsets.append(out.tell())
            out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
        start = out.tell()
        out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
        for offset in offsets:
            out.write(b"%010d 00000 n \n" % offset)
        out.write(b"trailer\n<</Size %d/Root %s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, root, start))
        return out.getvalue()

    def stream(data, more=b""):
        return b"<</Length %d%s>>stream\n%s\nendstream" % (len(data), more, data)

    catalog, pages = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>"
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R>>"
    bomb = zlib.compress(bytes(400_000_000), 9)
    double = zlib.compress(bomb, 9)
    cases = {
        "bomb-content": [catalog, pages, page, stream(bomb, b"/Filter/FlateDecode")],
        "bomb-twice": [catalog, pages, page, stream(double, b"/Filter[/FlateDecode/FlateDecode]")],
        "bomb-object-stream": [catalog, pages, page, stream(bomb, b"/Type/ObjStm/N 100000/First 9/Filter/FlateDecode")],
        "kids-cycle": [catalog, b"<</Type/Pages/Count 9/Kids[2 0 R 2 0 R 3 0 R]>>", page, stream(b"")],
        "parent-cycle": [catalog, b"<</Type/Pages/Parent 2 0 R/Count 1/Kids[3 0 R]>>", page, stream(b"")],
        "count-huge": [catalog, b"<</Type/Pages/Count 2147483647/Kids[3 0 R]>>", page, stream(b"")],
        "count-negative": [catalog, b"<</Type/Pages/Count -5/Kids[3 0 R]>>", page, stream(b"")],
        "deep-array": [catalog, pages, page[:-2] + b"/X " + b"[" * 100_000 + b"]" * 100_000 + b">>", stream(b"")],
        "deep-dictionary": [catalog, pages, page[:-2] + b"/X " + b"<</A" * 50_000 + b" 1 " + b">>" * 50_000 + b">>", stream(b"")],
        "deep-tree": [catalog, b"<</Type/Pages/Count 1/Kids[5 0 R]>>", page, stream(b"")]
        + [b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % (number + 1) for number in range(5, 5000)]
        + [b"<</Type/Pages/Count 1/Kids[3 0 R]>>"],
        "reference-cycle": [catalog, pages, page[:-2] + b"/Resources 5 0 R>>", stream(b""), b"6 0 R", b"5 0 R"],
        "length-cycle": [catalog, pages, page, b"<</Length 4 0 R>>stream\nq Q\nendstream"],
        "outline-cycle": [b"<</Type/Catalog/Pages 2 0 R/Outlines 5 0 R>>", pages, page, stream(b""),
                          b"<</First 6 0 R/Last 6 0 R>>", b"<</Title(a)/Parent 5 0 R/Next 6 0 R/First 6 0 R/Last 6 0 R>>"],
        "field-cycle": [b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R]>>>>", pages, page[:-2] + b"/Annots[5 0 R]>>", stream(b""),
                        b"<</Subtype/Widget/T(a)/FT/Tx/Parent 5 0 R/Kids[5 0 R]/Rect[0 0 9 9]>>"],
        "no-kids": [catalog, b"<</Type/Pages/Count 0/Kids[]>>"],
        "no-page-tree": [b"<</Type/Catalog>>"],
        "null-kids": [catalog, b"<</Type/Pages/Count 3/Kids[null 99 0 R 3 0 R]>>", page, stream(b"")],
        "laughs": [catalog, pages, page[:-2] + b"/X 5 0 R>>", stream(b"")]
        + [b"[" + b"%d 0 R " % number * 10 + b"]" for number in range(6, 26)] + [b"(ha)"],
        "many-pages": [catalog, b"<</Type/Pages/Count 900000/Kids[" + b"3 0 R " * 900_000 + b"]>>", page, stream(b"")],
        "xref-size": [catalog, pages, page, stream(b"")],
    }
    for name, objects in cases.items():
        data = file(objects)
        if name == "xref-size":
            data = data.replace(b"0 5\n", b"0 2147483647\n")
        (folder / f"{name}.pdf").write_bytes(data)
    for name, data in {
        "empty": b"", "only-header": b"%PDF-1.7\n", "html": b"<html>not found</html>", "zeros": bytes(10_000),
        "png": b"\x89PNG\r\n\x1a\n" + bytes(100), "xref-loop": file([catalog, pages, page, stream(b"")]).replace(b"/Size 5", b"/Size 5/Prev 100"),
    }.items():
        (folder / f"{name}.pdf").write_bytes(data)


def main():
    folder = Path(sys.argv[1])
    parts = {}
    for name in ("producers", "qpdf", "merged", "structures", "damaged", "hostile", "crossed"):
        parts[name] = folder / name
        parts[name].mkdir(parents=True, exist_ok=True)
    producers = parts["producers"]
    for make in (weasy, reportlab_files, fpdf_files, typst_files, chromium_files, matplotlib_files, mupdf_files):
        make(producers)
    structures.make(parts["structures"])
    sources = sorted(producers.glob("*.pdf"))
    qpdf_files(parts["qpdf"], sources)
    pypdf_files(parts["merged"], sources)
    damaged(parts["damaged"], [sources[0], sources[-1], parts["structures"] / "everything-1.pdf"])
    hostile(parts["hostile"])
    # One of each folder, side by side: what clashes here does not clash among neighbours.
    crossed = [path for part in ("producers", "structures", "qpdf", "merged") for path in sorted(parts[part].glob("*.pdf"))]
    for at in range(7):
        for number, one in enumerate(crossed[at::7]):
            (parts["crossed"] / f"{at}-{number:02}-{one.name}").write_bytes(one.read_bytes())


if __name__ == "__main__":
    main()
