"""Files made object by object: every structure that the table names, in two files each that clash."""

import pikepdf
from pikepdf import Array, Dictionary, Name, String

ROMAN, DECIMAL = Name("/r"), Name("/D")


class Draft:
    """A file being made: a few pages with text, and whatever is added."""

    def __init__(self, number, pages=3):
        self.pdf = pikepdf.new()
        self.number = number
        self.font = self.pdf.make_indirect(
            Dictionary(Type=Name("/Font"), Subtype=Name("/Type1"), BaseFont=Name("/Helvetica" if number == 1 else "/Courier"))
        )
        for page in range(pages):
            self.pdf.add_blank_page(page_size=(200 + 10 * page, 300))
            self.write(page, f"BT /F1 12 Tf 20 200 Td (File {number} page {page}) Tj ET")
        self.pages = [page.obj for page in self.pdf.pages]
        self.root = self.pdf.Root

    def write(self, page, content):
        obj = self.pdf.pages[page].obj
        obj.Contents = self.pdf.make_stream(content.encode("latin1"))
        obj.Resources = Dictionary(Font=Dictionary(F1=self.font))

    def new(self, **keys):
        return self.pdf.make_indirect(Dictionary(**keys))

    def annotate(self, page, **keys):
        keys.setdefault("Rect", Array([10, 10, 60, 30]))
        annotation = self.new(Type=Name("/Annot"), **keys)
        if "/Annots" not in self.pages[page]:
            self.pages[page].Annots = self.pdf.make_indirect(Array())
        self.pages[page].Annots.append(annotation)
        return annotation

    def link(self, page, **keys):
        return self.annotate(page, Subtype=Name("/Link"), Border=Array([0, 0, 0]), **keys)

    def form(self, **keys):
        self.root.AcroForm = self.new(
            Fields=self.pdf.make_indirect(Array()),
            DR=Dictionary(Font=Dictionary(Helv=self.font)),
            DA=String("/Helv 0 Tf 0 g"),
            **keys,
        )

    def appearance(self, text="x"):
        return Dictionary(
            N=self.pdf.make_stream(
                b"/Tx BMC q BT /Helv 10 Tf 2 4 Td (%s) Tj ET Q EMC" % text.encode(),
                Type=Name("/XObject"), Subtype=Name("/Form"), BBox=Array([0, 0, 50, 20]),
                Resources=Dictionary(Font=Dictionary(Helv=self.font)),
            )
        )

    def buttons(self, *states):
        def state(content):
            return self.pdf.make_stream(content, Subtype=Name("/Form"), BBox=Array([0, 0, 50, 20]))

        return Dictionary(N=Dictionary(**{name: state(b"0 0 50 20 re f") for name in states}, Off=state(b"")))

    def save(self, folder, name, **options):
        self.pdf.save(folder / f"{name}-{self.number}.pdf", deterministic_id=True, **options)


def xyz(page, top=100):
    return Array([page, Name("/XYZ"), 0, top, 0])


def destinations(d):
    """Names in a tree of some depth, and in the old dictionary; links by name, string, index."""
    first, second, third = d.pages
    shared = d.pdf.make_indirect(xyz(second, 50 + d.number))
    left = d.new(Names=Array([String("a"), shared, String("chapter.1"), d.new(D=xyz(third))]), Limits=Array([String("a"), String("chapter.1")]))
    right = d.new(Names=Array([String(f"own{d.number}"), xyz(first), String("ümlaut"), xyz(second, 7)]), Limits=Array([String(f"own{d.number}"), String("ümlaut")]))
    d.root.Names = d.new(Dests=d.new(Kids=Array([left, right])))
    d.root.Dests = d.new(**{"Old": xyz(third, 11), "a": xyz(first, 12), f"Only{d.number}": Dictionary(D=xyz(second))})
    indirect = d.pdf.make_indirect(String("chapter.1"))
    d.link(0, Dest=String("a"))
    d.link(0, Dest=Name("/Old"))
    d.link(0, Dest=Name("/a"))
    d.link(0, Dest=indirect)
    d.link(0, A=Dictionary(S=Name("/GoTo"), D=indirect))
    d.link(0, A=Dictionary(S=Name("/GoTo"), D=Name(f"/Only{d.number}")))
    d.link(1, A=d.new(S=Name("/GoTo"), D=xyz(third)))
    d.link(1, Dest=d.pdf.make_indirect(xyz(first)))
    d.link(1, Dest=Array([2, Name("/Fit")]))
    d.link(1, Dest=String("ümlaut"))
    d.link(1, Dest=String("nowhere"))
    # Readers look for a string in the old dictionary too.
    d.link(2, Dest=String(f"Only{d.number}"))
    d.link(2, Dest=Name(f"/own{d.number}"))


def missing_destinations(d):
    """A name that this file lacks and the other one has."""
    d.link(0, Dest=String(f"name{d.number}"))
    d.link(0, Dest=String(f"name{3 - d.number}"))
    d.link(0, A=Dictionary(S=Name("/GoTo"), D=String(f"name{3 - d.number}")))
    d.root.Names = d.new(Dests=d.new(Names=Array([String(f"name{d.number}"), xyz(d.pages[1])])))


def actions(d):
    script = d.pdf.make_stream(b"app.alert('x')")
    for action in (
        Dictionary(S=Name("/URI"), URI=String("https://example.org/(a)?b=c#d")),
        Dictionary(S=Name("/URI"), URI=String("relative/path.html"), IsMap=True),
        Dictionary(S=Name("/GoToR"), F=String("other.pdf"), D=Array([3, Name("/Fit")]), NewWindow=True),
        Dictionary(S=Name("/GoToR"), F=Dictionary(Type=Name("/Filespec"), F=String("o.pdf")), D=String("a")),
        Dictionary(S=Name("/Launch"), F=String("program.txt")),
        Dictionary(S=Name("/Named"), N=Name("/NextPage")),
        Dictionary(S=Name("/JavaScript"), JS=script),
        Dictionary(S=Name("/JavaScript"), JS=String("this.print()")),
        Dictionary(S=Name("/GoTo"), D=xyz(d.pages[2]), Next=Dictionary(S=Name("/URI"), URI=String("u:v"))),
        Dictionary(S=Name("/GoTo"), SD=Array([0])),
    ):
        d.link(0, A=d.pdf.make_indirect(action))
    d.root.OpenAction = Dictionary(S=Name("/GoTo"), D=xyz(d.pages[1]))
    d.root.Names = d.new(JavaScript=d.new(Names=Array([String("init"), Dictionary(S=Name("/JavaScript"), JS=String(f"var n = {d.number}"))])))


def outlines(d):
    """Open and closed, untitled, broken, by name, by action, styled, without targets."""
    first, second, third = d.pages
    root = d.root.Outlines = d.new(Type=Name("/Outlines"))
    d.root.Names = d.new(Dests=d.new(Names=Array([String("section"), xyz(second, 40 + d.number)])))
    d.root.Dests = d.new(old=xyz(third))
    gone = d.pdf.make_indirect(Dictionary(Type=Name("/Page"), MediaBox=Array([0, 0, 9, 9])))
    rows = [
        dict(Title=String("Explicit"), Dest=Array([first, Name("/Fit")])),
        dict(Title=String("By name ü €"), Dest=String("section"), C=Array([1, 0, 0]), F=3),
        dict(Title=String("By old name"), Dest=Name("/old")),
        dict(Title=String("Indirect string"), A=d.new(S=Name("/GoTo"), D=d.pdf.make_indirect(String("section")))),
        dict(Title=String("Web"), A=Dictionary(S=Name("/URI"), URI=String("https://e.org"))),
        dict(Dest=xyz(second)),
        dict(Title=String(""), Dest=xyz(third)),
        dict(Title=String("No target")),
        dict(Title=String("Page that is gone"), Dest=xyz(gone)),
        dict(Title=String("Null page"), Dest=Array([None, Name("/Fit")])),
        dict(Title=String("Unknown name"), Dest=String("unknown")),
        dict(Title=String("Index"), Dest=Array([1, Name("/FitH"), 5])),
        dict(Title=String("Empty"), Dest=Array()),
        dict(Title=d.pdf.make_indirect(String("Indirect title")), Dest=d.new(D=xyz(third))),
    ]
    items = [d.new(Parent=root, **row) for row in rows]
    chain(root, items)
    below = [d.new(Parent=items[1], Title=String(f"Below {n}"), Dest=xyz(third, n)) for n in range(3)]
    chain(items[1], below)
    items[1].Count = 3
    deep = [d.new(Parent=below[0], Title=String("Deep"), Dest=xyz(first))]
    chain(below[0], deep)
    below[0].Count = -1


def chain(parent, items):
    parent.First, parent.Last = items[0], items[-1]
    for before, after in zip(items, items[1:]):
        before.Next, after.Prev = after, before


def broken_outline(d):
    """`Prev` and `Last` missing or wrong, a `Next` that comes back, a first entry without a parent."""
    root = d.root.Outlines = d.new()
    items = [d.new(Title=String(f"Entry {n}"), Dest=xyz(d.pages[n])) for n in range(3)]
    root.First = items[0]
    items[0].Next, items[1].Next, items[2].Next = items[1], items[2], items[0]


def labels(d):
    d.root.PageLabels = d.new(
        Kids=Array([
            d.new(Nums=Array([0, Dictionary(S=ROMAN)]), Limits=Array([0, 0])),
            d.new(Nums=Array([1, Dictionary(P=String(f"{d.number}-"), S=DECIMAL, St=7), 2, Dictionary(P=String("Cover"))]), Limits=Array([1, 2])),
        ])
    )


def late_labels(d):
    d.root.PageLabels = d.new(Nums=Array([2, Dictionary(S=Name("/A"))]))


def boxes(d):
    """Inherited and unusual boxes, turns, units."""
    kids = list(d.pages)
    node = d.new(Type=Name("/Pages"), Count=len(kids), Kids=Array(kids), Parent=d.root.Pages,
                 MediaBox=d.pdf.make_indirect(Array([0, 0, 400, 500])), CropBox=Array([10, 20, 300, 400]), Rotate=90,
                 Resources=Dictionary(Font=Dictionary(F1=d.font)))
    for kid in kids:
        kid.Parent = node
        del kid["/Resources"]
    del kids[0]["/MediaBox"]
    kids[1].MediaBox = Array([300, 400, 0, 0])
    kids[1].Rotate = -90
    kids[1].UserUnit = 2.5
    kids[2].CropBox = Array([-50, -50, 900, 900])
    kids[2].Rotate = 450
    kids[2].TrimBox, kids[2].BleedBox, kids[2].ArtBox = (Array([5, 5, 90, 90]),) * 3
    d.root.Pages.Kids, d.root.Pages.Rotate = Array([node]), 180


def fields(d):
    """A tree of fields, radio buttons on several pages, a field that no list has, order, actions."""
    d.form(CO=Array(), SigFlags=0)
    form = d.root.AcroForm
    group = d.new(T=String("group"), FT=Name("/Tx"), Kids=Array(), V=String(f"v{d.number}"), DA=String("/Helv 9 Tf"))
    form.Fields.append(group)
    for page in range(2):
        widget = d.annotate(page, Subtype=Name("/Widget"), Parent=group, AP=d.appearance(f"v{d.number}"), F=4, P=d.pages[page])
        group.Kids.append(widget)
    nested = d.new(T=String("address"), Kids=Array())
    form.Fields.append(nested)
    for name in ("street", "town"):
        widget = d.annotate(0, Subtype=Name("/Widget"), T=String(name), FT=Name("/Tx"), Parent=nested, V=String(name), AP=d.appearance(name), Rect=Array([10, 40, 60, 60]), MaxLen=30)
        nested.Kids.append(widget)
        form.CO.append(widget)
    radio = d.new(T=String("radio"), FT=Name("/Btn"), Ff=1 << 15, V=Name("/b"), Kids=Array())
    form.Fields.append(radio)
    for page, state in enumerate(("a", "b", "c")):
        radio.Kids.append(d.annotate(page, Subtype=Name("/Widget"), Parent=radio, AS=Name("/b" if state == "b" else "/Off"), AP=d.buttons(state), Rect=Array([70, 10, 90, 30])))
    stray = d.annotate(2, Subtype=Name("/Widget"), T=String("stray"), FT=Name("/Ch"), V=String("two"), Opt=Array([String("one"), String("two")]), Rect=Array([10, 60, 60, 80]), AP=d.appearance("two"), DA=String("/Helv 10 Tf"))
    box = d.annotate(2, Subtype=Name("/Widget"), T=String("box.with.dots"), FT=Name("/Btn"), V=Name("/On"), AS=Name("/On"), AP=d.buttons("On"), Rect=Array([100, 60, 120, 80]))
    form.Fields.append(box)
    box.A = Dictionary(S=Name("/ResetForm"), Fields=Array([String("group"), nested]))
    box.AA = Dictionary(U=Dictionary(S=Name("/SubmitForm"), F=Dictionary(FS=Name("/URL"), F=String("https://e.org")), Fields=Array([String("address.town"), stray])))
    hide = d.annotate(2, Subtype=Name("/Widget"), T=String("push"), FT=Name("/Btn"), Ff=1 << 16, Rect=Array([130, 60, 160, 80]))
    hide.A = Dictionary(S=Name("/Hide"), T=Array([String("radio"), group]), H=True)
    form.Fields.append(hide)


def own_resources(d):
    """Fonts in the fields' own resources, one name for two fonts, and a font that is nowhere."""
    d.form()
    other = d.new(Type=Name("/Font"), Subtype=Name("/Type1"), BaseFont=Name("/ZapfDingbats"))
    for index, (resources, appearance) in enumerate(((Dictionary(Font=Dictionary(ZaDi=other)), "/ZaDi 0 Tf"), (Dictionary(Font=Dictionary(Helv=other)), "/Helv 8 Tf"), (None, "/HeBo 8 Tf"), (None, "/Helv 8 Tf"))):
        widget = d.annotate(0, Subtype=Name("/Widget"), T=String(f"f{index}"), FT=Name("/Tx"), V=String("l"), DA=String(f"0 g {appearance}"), AP=d.appearance("l"), Rect=Array([10, 40 * index, 60, 40 * index + 20]))
        if resources:
            widget.DR = resources
        d.root.AcroForm.Fields.append(widget)


def needs_appearances(d):
    """The first file asks for new appearances, which it lacks; the second has its own."""
    d.form(NeedAppearances=d.number == 1)
    for index, (kind, value) in enumerate((("/Tx", "text"), ("/Ch", "two"), ("/Tx", "right"), ("/Tx", "two\nlines"))):
        widget = d.annotate(0, Subtype=Name("/Widget"), T=String(f"f{index}"), FT=Name(kind), V=String(value), Q=2 if value == "right" else 0, Ff=4096 if "\n" in value else 0, Rect=Array([10, 40 * index, 110, 40 * index + 30]), MK=Dictionary(BC=Array([1, 0, 0]), BG=Array([0.9])))
        if d.number == 2 or index == 0:
            widget.AP = d.appearance("stale" if d.number == 1 else value.split()[0])
        d.root.AcroForm.Fields.append(widget)


def signed(d):
    d.form(SigFlags=3)
    value = d.new(Type=Name("/Sig"), Filter=Name("/Adobe.PPKLite"), SubFilter=Name("/adbe.pkcs7.detached"), ByteRange=Array([0, 10, 20, 30]), Contents=String("00"))
    widget = d.annotate(0, Subtype=Name("/Widget"), T=String("Signature1"), FT=Name("/Sig"), V=value, AP=d.appearance("signed"))
    d.root.AcroForm.Fields.append(widget)
    d.root.Perms = Dictionary(DocMDP=value)
    d.root.AcroForm.XFA = Array([String("template"), d.pdf.make_stream(b"<xdp/>")])


def tags(d):
    """Roles and classes that mean different things, identifiers, links, headers, an unlisted role."""
    root = d.root.StructTreeRoot = d.new(Type=Name("/StructTreeRoot"))
    d.root.MarkInfo = Dictionary(Marked=True)
    d.root.Lang = String("en" if d.number == 1 else "de")
    root.RoleMap = Dictionary(Heading=Name("/H1" if d.number == 1 else "/P"), Chapter=Name("/Sect"))
    root.ClassMap = Dictionary(Wide=Dictionary(O=Name("/Layout"), Width=100 * d.number))
    document = d.new(Type=Name("/StructElem"), S=Name("/Document"), P=root, K=Array())
    root.K = document
    rows, ids = [], []
    for page in range(2):
        d.write(page, "/Heading <</MCID 0>> BDC BT /F1 12 Tf 20 200 Td (Head) Tj ET EMC /P <</MCID 1>> BDC BT /F1 9 Tf 20 150 Td (Text) Tj ET EMC /Artifact BMC 0 0 9 9 re f EMC")
        d.pages[page].StructParents = page * 5
        chapter = d.new(Type=Name("/StructElem"), S=Name("/Chapter"), P=document, K=Array(), ID=String(f"id{page}"))
        heading = d.new(S=Name("/Heading"), P=chapter, Pg=d.pages[page], K=0, C=Name("/Wide"), T=String("Head"))
        text = d.new(Type=Name("/StructElem"), S=Name("/P"), P=chapter, K=Array([Dictionary(Type=Name("/MCR"), Pg=d.pages[page], MCID=1)]), Alt=String("alt"))
        link = d.link(page, Dest=xyz(d.pages[2]), StructParent=page * 5 + 1)
        target = d.new(Type=Name("/StructElem"), S=Name("/Link"), P=text, K=Dictionary(Type=Name("/OBJR"), Obj=link, Pg=d.pages[page]))
        text.K.append(target)
        chapter.K = Array([heading, text])
        cell = d.new(Type=Name("/StructElem"), S=Name("/TD"), P=chapter, A=Dictionary(O=Name("/Table"), Headers=Array([String("id0")])))
        chapter.K.append(cell)
        document.K.append(chapter)
        ids += [String(f"id{page}"), chapter]
        rows += [page * 5, d.pdf.make_indirect(Array([heading, text])), page * 5 + 1, target]
    root.ParentTree = d.new(Kids=Array([d.new(Nums=Array(rows[:4]), Limits=Array([0, 1])), d.new(Nums=Array(rows[4:]), Limits=Array([5, 6]))]))
    root.ParentTreeNextKey = 7
    root.IDTree = d.new(Names=Array(ids))
    entry = d.new(Title=String("Tagged"), SE=document, Dest=xyz(d.pages[0]))
    d.root.Outlines = d.new(First=entry, Last=entry)
    entry.Parent = d.root.Outlines


def layers(d):
    """All but one are off; some belong together; one is used and not listed; further configurations."""
    groups = [d.new(Type=Name("/OCG"), Name=String(name)) for name in ("Same", f"Own {d.number}", "Radio")]
    unlisted = d.new(Type=Name("/OCG"), Name=String("Unlisted"))
    membership = d.new(Type=Name("/OCMD"), OCGs=Array(groups[:2]), P=Name("/AllOn"))
    d.root.OCProperties = Dictionary(
        OCGs=Array(groups),
        D=Dictionary(BaseState=Name("/OFF" if d.number == 1 else "/ON"), ON=Array(groups[:1]), OFF=Array(groups[1:2]), Order=Array([String("Group"), Array(groups)]), RBGroups=Array([Array(groups[1:])]), Locked=Array(groups[2:]),
                     AS=Array([Dictionary(Event=Name("/Print"), Category=Array([Name("/Print")]), OCGs=Array(groups[:1]))])),
        Configs=Array([Dictionary(Name=String("All"), Creator=String("c"), BaseState=Name("/ON"), OFF=Array(groups[:1]), Order=Array(groups))]),
    )
    groups[0].Usage = Dictionary(Print=Dictionary(PrintState=Name("/OFF")))
    for page, group in enumerate([*groups[:2], membership]):
        d.write(page, "/OC /L BDC 10 10 50 50 re f EMC /OC /U BDC 70 10 50 50 re f EMC")
        d.pages[page].Resources.Properties = Dictionary(L=group, U=unlisted)
    d.annotate(0, Subtype=Name("/Square"), OC=groups[1], AP=d.appearance())
    d.link(0, A=Dictionary(S=Name("/SetOCGState"), State=Array([Name("/Toggle"), groups[0]])))


def files(d):
    """Embedded files of the document, of annotations, of pages; names with equal and other content."""
    def spec(name, content):
        stream = d.pdf.make_stream(content, Type=Name("/EmbeddedFile"), Params=Dictionary(Size=len(content)))
        return d.new(Type=Name("/Filespec"), F=String(name), UF=String(name), EF=Dictionary(F=stream, UF=stream))

    d.root.Names = d.new(EmbeddedFiles=d.new(Names=Array([String("equal"), spec("equal.txt", b"equal"), String("other"), spec("other.txt", b"%d" % d.number)])))
    d.root.AF = Array([spec("associated.xml", b"<a n='%d'/>" % d.number)])
    d.pages[1].AF = Array([spec("page.txt", b"page")])
    d.annotate(0, Subtype=Name("/FileAttachment"), FS=spec("note.txt", b"note %d" % d.number), Contents=String("n"))
    d.annotate(1, Subtype=Name("/FileAttachment"), FS=spec("note.txt", b"same"))
    if d.number == 2:
        d.root.Collection = Dictionary(View=Name("/D"))


def annotations(d):
    """All kinds, popups, replies, a direct one, one without a type, one that two pages share."""
    for index, kind in enumerate("Text FreeText Line Square Circle Polygon PolyLine Highlight Underline Squiggly StrikeOut Stamp Caret Ink Sound Movie Screen PrinterMark TrapNet Watermark 3D Redact".split()):
        d.annotate(index % 3, Subtype=Name("/" + kind), AP=d.appearance(kind), Contents=String(kind), Rect=Array([5 * index, 10, 5 * index + 20, 30]))
    note = d.annotate(0, Subtype=Name("/Text"), Contents=String("note"))
    popup = d.annotate(0, Subtype=Name("/Popup"), Parent=note, Open=False)
    note.Popup = popup
    d.annotate(0, Subtype=Name("/Text"), IRT=note, RT=Name("/R"), Contents=String("reply"))
    d.pages[1].Annots.append(Dictionary(Subtype=Name("/Link"), Rect=Array([0, 0, 9, 9]), Dest=xyz(d.pages[0])))
    shared = d.annotate(1, Subtype=Name("/Square"), AP=d.appearance())
    d.pages[2].Annots.append(shared)
    d.pages[2].Annots.append(None)


def threads(d):
    thread = d.new(Type=Name("/Thread"), I=Dictionary(Title=String("Article")))
    beads = [d.new(Type=Name("/Bead"), T=thread, P=page, R=Array([0, 0, 50, 50])) for page in d.pages]
    for at, bead in enumerate(beads):
        bead.N, bead.V = beads[(at + 1) % 3], beads[at - 1]
        d.pages[at].B = Array([bead])
    thread.F = beads[0]
    d.root.Threads = Array([thread])
    d.pages[0].Trans, d.pages[0].Dur = Dictionary(S=Name("/Wipe")), 3
    d.pages[0].PieceInfo = Dictionary(App=Dictionary(LastModified=String("D:2020"), Private=1))
    d.pages[1].Thumb = d.pdf.make_stream(b"\0", Width=1, Height=1, ColorSpace=Name("/DeviceGray"), BitsPerComponent=8)


def pdf_2(d):
    """Structure destinations, namespaces, associated files, black-point compensation."""
    tags(d)
    namespace = d.new(Type=Name("/Namespace"), NS=String("http://iso.org/pdf2/ssn"))
    d.root.StructTreeRoot.Namespaces = Array([namespace])
    document = d.root.StructTreeRoot.K
    document.NS = namespace
    d.link(2, A=Dictionary(S=Name("/GoTo"), D=xyz(d.pages[0]), SD=Array([document, Name("/Fit")])))


def twice(d):
    """A page that comes twice, and one that is direct in its tree's array."""
    kids = d.root.Pages.Kids
    kids.append(kids[0])
    d.root.Pages.Count = 4
    d.link(0, Dest=xyz(d.pages[1]))


def everything(d):
    destinations(d)
    boxes(d)
    labels(d)
    fields(d)
    layers(d)
    threads(d)


ALL = [
    destinations, missing_destinations, actions, outlines, broken_outline, labels, late_labels, boxes, fields,
    own_resources, needs_appearances, signed, tags, layers, files, annotations, threads, pdf_2, twice, everything,
]


def make(folder):
    for structure in ALL:
        for number in (1, 2):
            draft = Draft(number)
            structure(draft)
            version = {"min_version": "2.0"} if structure is pdf_2 else {}
            streams = pikepdf.ObjectStreamMode.generate if number == 2 else pikepdf.ObjectStreamMode.disable
            draft.save(folder, structure.__name__, object_stream_mode=streams, **version)
