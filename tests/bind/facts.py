"""What a PDF has that a merge must keep, read with pikepdf (qpdf's reader): pages, targets, fields, tags,
layers, files. The same reading serves sources and volumes, and none of it is the bind's own."""

import hashlib
import re
from collections import Counter

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String

DEEPEST = 200
INHERITED_BY_FIELDS = ("/FT", "/V", "/Ff", "/DA", "/MaxLen", "/DV", "/Opt")


def plain(value):
    """A direct value that can be compared; of indirect things their kind."""
    if isinstance(value, Stream):
        return ("stream", hashlib.sha256(value.read_raw_bytes()).hexdigest())
    if isinstance(value, Dictionary):
        return tuple(sorted((key, plain_shallow(one)) for key, one in value.items()))
    if isinstance(value, Array):
        return tuple(plain_shallow(one) for one in value)
    return scalar(value)


def plain_shallow(value):
    if isinstance(value, (Dictionary, Stream)):
        return "dictionary"
    if isinstance(value, Array):
        return tuple(plain_shallow(one) for one in value)
    return scalar(value)


def scalar(value):
    if isinstance(value, Name):
        return str(value)
    if isinstance(value, String):
        return bytes(value)
    if value is None or isinstance(value, (bool, str)):
        return value
    try:
        return round(float(value), 3)
    except (TypeError, ValueError):
        return repr(value)


class Facts:
    """One opened file."""

    def __init__(self, path):
        self.pdf = pikepdf.open(path, suppress_warnings=True)
        self.root = self.pdf.Root
        self.pages = list(self.pdf.pages)
        self.index = {page.obj.objgen: at for at, page in enumerate(self.pages)}
        self._strings = None
        self._names = None
        self._fields = None

    def get(self, holder, key):
        try:
            return holder.get(key) if isinstance(holder, (Dictionary, Stream)) else None
        except Exception:  # a damaged file
            return None

    # Trees -----------------------------------------------------------------------------------------

    def tree(self, node, entries):
        """Pairs of a name or number tree."""
        found, seen, stack = [], set(), [(node, 0)]
        while stack:
            node, depth = stack.pop()
            if not isinstance(node, Dictionary) or depth > DEEPEST:
                continue
            if node.objgen != (0, 0):
                if node.objgen in seen:
                    continue
                seen.add(node.objgen)
            pairs = self.get(node, entries)
            if isinstance(pairs, Array):
                pairs = list(pairs)
                found += list(zip(pairs[::2], pairs[1::2]))
            kids = self.get(node, "/Kids")
            if isinstance(kids, Array):
                stack += [(kid, depth + 1) for kid in reversed(list(kids))]
        return found

    # Targets ---------------------------------------------------------------------------------------

    def string_destinations(self):
        if self._strings is None:
            pairs = self.tree(self.get(self.get(self.root, "/Names"), "/Dests"), "/Names")
            self._strings = {}
            for key, value in pairs:
                if isinstance(key, String):
                    self._strings.setdefault(bytes(key), value)
        return self._strings

    def old_destinations(self):
        if self._names is None:
            old = self.get(self.root, "/Dests")
            self._names = {}
            if isinstance(old, Dictionary):
                for key in old.keys():
                    self._names[str(key)[1:].encode("utf-8", "surrogateescape")] = self.get(old, key)
        return self._names

    def place(self, value, depth=0):
        """(page index, kind, coordinates…) of a destination; None where it leads nowhere."""
        if depth > 8 or value is None:
            return None
        if isinstance(value, (String, Name)):
            name = bytes(value) if isinstance(value, String) else str(value)[1:].encode("utf-8", "surrogateescape")
            both = [self.string_destinations(), self.old_destinations()]
            if isinstance(value, Name):
                both.reverse()
            for table in both:
                if name in table:
                    return self.place(table[name], depth + 1)
            return None
        if isinstance(value, Dictionary) and not isinstance(value, Stream):
            return self.place(self.get(value, "/D"), depth + 1)
        if not isinstance(value, Array) or len(value) == 0:
            return None
        first = value[0]
        if isinstance(first, Dictionary):
            at = self.index.get(first.objgen)
        else:
            at = int(first) if isinstance(scalar(first), float) else None
            if at is not None and not 0 <= at < len(self.pages):
                at = None
        if at is None:
            return None
        rest = tuple(scalar(one) for one in list(value)[1:])
        # Trailing nulls are the same as nothing there.
        while rest and rest[-1] is None:
            rest = rest[:-1]
        return (at, *rest)

    def action(self, action, depth=0):
        """What an action does; GoTo as a place."""
        if not isinstance(action, Dictionary) or depth > 8:
            return None
        kind = scalar(self.get(action, "/S"))
        if kind == "/GoTo":
            return self.goto(self.get(action, "/D"))
        told = []
        for key in ("/URI", "/F", "/D", "/N", "/JS", "/NewWindow", "/IsMap"):
            value = self.get(action, key)
            if value is not None:
                told.append((key, plain_shallow(value)))
        return (kind, tuple(told))

    def goto(self, destination):
        place = self.place(destination)
        return ("goto", place) if place else None

    def target(self, holder):
        """The target of an outline entry or a link."""
        destination = self.get(holder, "/Dest")
        if destination is not None:
            return self.goto(destination)
        return self.action(self.get(holder, "/A"))

    # Rows ------------------------------------------------------------------------------------------

    def geometry(self):
        rows = []
        for page in self.pages:
            obj = page.obj
            media = self.inherited(obj, "/MediaBox")
            crop = self.inherited(obj, "/CropBox")
            rows.append((
                plain_shallow(media) if media is not None else None,
                plain_shallow(crop) if crop is not None else None,
                (scalar(self.inherited(obj, "/Rotate")) or 0.0) % 360,
                scalar(self.get(obj, "/UserUnit")) or 1.0,
            ))
        return rows

    def inherited(self, node, key):
        for _ in range(DEEPEST):
            value = self.get(node, key)
            if value is not None:
                return value
            node = self.get(node, "/Parent")
            if not isinstance(node, Dictionary):
                return None
        return None

    def outline(self):
        """(depth, title, target) in the order of reading."""
        root = self.get(self.root, "/Outlines")
        found, seen = [], set()
        stack = [(self.get(root, "/First"), 0)]
        while stack:
            node, depth = stack.pop()
            if not isinstance(node, Dictionary) or node.objgen in seen:
                continue
            seen.add(node.objgen)
            title = self.get(node, "/Title")
            text = str(title) if isinstance(title, String) else ""
            found.append((depth, text, self.target(node)))
            stack.append((self.get(node, "/Next"), depth))
            stack.append((self.get(node, "/First"), depth + 1))
        return found

    def annotations(self, page):
        listed = self.get(self.pages[page].obj, "/Annots")
        if not isinstance(listed, Array):
            return []
        return [one for one in listed if isinstance(one, Dictionary)]

    def annotation_kinds(self):
        return [
            Counter(scalar(self.get(one, "/Subtype")) for one in self.annotations(page))
            for page in range(len(self.pages))
        ]

    def links(self):
        rows = []
        for page in range(len(self.pages)):
            for one in self.annotations(page):
                if scalar(self.get(one, "/Subtype")) == "/Link":
                    rows.append((page, plain_shallow(self.get(one, "/Rect")), self.target(one)))
        return rows

    def named(self):
        """Names of both kinds with their places; those that lead nowhere are left out."""
        found = {}
        for table in (self.old_destinations(), self.string_destinations()):
            for name, value in table.items():
                place = self.place(value)
                if place is not None:
                    found[name] = place
        return found

    def labels(self):
        """The label of each page; None without labels."""
        root = self.get(self.root, "/PageLabels")
        if not isinstance(root, Dictionary):
            return None
        ranges = {}
        for key, value in self.tree(root, "/Nums"):
            if isinstance(value, Dictionary) and isinstance(scalar(key), float):
                ranges[int(key)] = value
        if not ranges:
            return None
        labels, current, start = [], None, 0
        for page in range(len(self.pages)):
            if page in ranges:
                current, start = ranges[page], page
            if current is None:
                labels.append(str(page + 1))
                continue
            number = int(scalar(self.get(current, "/St")) or 1) + page - start
            style = scalar(self.get(current, "/S"))
            prefix = self.get(current, "/P")
            labels.append((str(prefix) if prefix is not None else "") + numeral(number, style))
        return labels

    # Forms -----------------------------------------------------------------------------------------

    def form_nodes(self):
        """Every node below `Fields`, by object."""
        if self._fields is None:
            self._fields = set()
            stack = list(self.get(self.get(self.root, "/AcroForm"), "/Fields") or [])
            while stack:
                node = stack.pop()
                if not isinstance(node, Dictionary) or node.objgen in self._fields:
                    continue
                self._fields.add(node.objgen)
                kids = self.get(node, "/Kids")
                if isinstance(kids, Array):
                    stack += list(kids)
        return self._fields

    def field_value(self, widget, key):
        return self.inherited(widget, key)

    def full_name(self, widget):
        parts, node = [], widget
        for _ in range(DEEPEST):
            name = self.get(node, "/T")
            if isinstance(name, String):
                parts.append(str(name))
            node = self.get(node, "/Parent")
            if not isinstance(node, Dictionary):
                break
        return ".".join(reversed(parts))

    def widgets(self):
        """(page, what it is, full name, font of DA, whether it is in the form) of each widget."""
        rows = []
        form = self.get(self.root, "/AcroForm")
        for page in range(len(self.pages)):
            for one in self.annotations(page):
                if scalar(self.get(one, "/Subtype")) != "/Widget":
                    continue
                told = {
                    key: plain(self.field_value(one, key)) for key in ("/FT", "/V", "/Ff", "/MaxLen")
                }
                told["/AS"] = scalar(self.get(one, "/AS"))
                told["/Rect"] = plain_shallow(self.get(one, "/Rect"))
                da = self.field_value(one, "/DA")
                if da is None:
                    da = self.get(form, "/DA")
                font = re.search(rb"/([^\s/\[\]()<>]+)\s+[-+.\d]+\s+Tf", bytes(da)) if isinstance(da, String) else None
                base = own = None
                if font:
                    name = "/" + font[1].decode("latin1")
                    fonts = self.get(self.get(form, "/DR"), "/Font")
                    base = scalar(self.get(self.get(fonts, name), "/BaseFont"))
                    # Some have their fonts in the field itself.
                    fonts = self.get(self.inherited(one, "/DR"), "/Font")
                    own = scalar(self.get(self.get(fonts, name), "/BaseFont"))
                rows.append({
                    "page": page,
                    "told": told,
                    "name": self.full_name(one),
                    "font": font[1] if font else None,
                    "base": base,
                    "own base": own or base,
                    "in form": one.objgen in self.form_nodes(),
                    "objgen": one.objgen,
                })
        return rows

    # Tags ------------------------------------------------------------------------------------------

    def chain(self, element, roles):
        """Types up to the root, as roles map them; None when the way does not end there."""
        types, root = [], self.get(self.root, "/StructTreeRoot")
        for _ in range(DEEPEST):
            if not isinstance(element, Dictionary):
                return None
            if element.objgen == root.objgen:
                return tuple(types)
            types.append(self.role(scalar(self.get(element, "/S")), roles))
            element = self.get(element, "/P")
        return None

    def role(self, kind, roles):
        for _ in range(8):
            mapped = scalar(self.get(roles, kind)) if isinstance(kind, str) and roles is not None else None
            if mapped is None or mapped == kind:
                break
            kind = mapped
        return kind

    def tags(self):
        """By page: for each MCID, and each annotation, the types up the tree."""
        root = self.get(self.root, "/StructTreeRoot")
        if not isinstance(root, Dictionary):
            return None
        roles = self.get(root, "/RoleMap")
        parents = {}
        for key, value in self.tree(self.get(root, "/ParentTree"), "/Nums"):
            if isinstance(scalar(key), float):
                parents.setdefault(int(key), value)
        rows = []
        for page in range(len(self.pages)):
            obj = self.pages[page].obj
            key = scalar(self.get(obj, "/StructParents"))
            marked = parents.get(int(key)) if isinstance(key, float) else None
            contents = []
            if isinstance(marked, Array):
                contents = [self.chain(one, roles) for one in marked]
            annotations = []
            for one in self.annotations(page):
                key = scalar(self.get(one, "/StructParent"))
                element = parents.get(int(key)) if isinstance(key, float) else None
                annotations.append(self.chain(element, roles) if element is not None else None)
            rows.append((contents, annotations))
        return rows

    def elements(self):
        """Types of all elements, depth first, with the pages and MCIDs of their content."""
        root = self.get(self.root, "/StructTreeRoot")
        roles = self.get(root, "/RoleMap")
        found, seen = [], set()
        stack = [(self.get(root, "/K"), 0, None)]
        while stack:
            node, depth, page = stack.pop()
            if isinstance(node, Array):
                stack += [(kid, depth, page) for kid in reversed(list(node))]
                continue
            if not isinstance(node, Dictionary):
                if isinstance(scalar(node), float):
                    found.append((depth, "mcid", int(node), page))
                continue
            if node.objgen != (0, 0):
                if node.objgen in seen:
                    continue
                seen.add(node.objgen)
            own = self.get(node, "/Pg")
            page = self.index.get(own.objgen) if isinstance(own, Dictionary) else page
            kind = scalar(self.get(node, "/Type"))
            if kind in ("/MCR", "/OBJR"):
                found.append((depth, kind, scalar(self.get(node, "/MCID")), page))
                continue
            kind = self.role(scalar(self.get(node, "/S")), roles)
            found.append((depth, kind, plain_shallow(self.get(node, "/Alt")), None))
            stack.append((self.get(node, "/K"), depth + 1, page))
        return found

    # Files and layers --------------------------------------------------------------------------------

    def content_of(self, spec):
        files = self.get(spec, "/EF")
        for key in ("/UF", "/F", "/Unix", "/Mac", "/DOS"):
            stream = self.get(files, key)
            if isinstance(stream, Stream):
                try:
                    return hashlib.sha256(stream.read_bytes()).hexdigest()
                except Exception:
                    return hashlib.sha256(stream.read_raw_bytes()).hexdigest()
        return None

    def attachments(self):
        document, notes = [], []
        for _, spec in self.tree(self.get(self.get(self.root, "/Names"), "/EmbeddedFiles"), "/Names"):
            name = self.get(spec, "/UF") or self.get(spec, "/F")
            content = self.content_of(spec)
            if content:
                document.append((str(name), content))
        for page in range(len(self.pages)):
            for one in self.annotations(page):
                content = self.content_of(self.get(one, "/FS"))
                if content:
                    notes.append((page, content))
        return Counter(document), Counter(notes)

    def layers(self):
        """Names and default states of the listed groups, and names of used ones that are not listed."""
        properties = self.get(self.root, "/OCProperties")
        default = self.get(properties, "/D")
        listed = [one for one in self.get(properties, "/OCGs") or [] if isinstance(one, Dictionary)]
        base = scalar(self.get(default, "/BaseState"))
        on = {one.objgen for one in self.get(default, "/ON") or [] if isinstance(one, Dictionary)}
        off = {one.objgen for one in self.get(default, "/OFF") or [] if isinstance(one, Dictionary)}
        states, known = [], set()
        for one in listed:
            if one.objgen in known:
                continue
            known.add(one.objgen)
            shown = base != "/OFF" or one.objgen in on
            if one.objgen in off:
                shown = False
            states.append((str(self.get(one, "/Name")), shown))
        unlisted = [
            str(self.get(one, "/Name"))
            for one in self.pdf.objects
            if isinstance(one, Dictionary)
            and scalar(self.get(one, "/Type")) == "/OCG"
            and one.objgen not in known
        ]
        return Counter(states), unlisted


def numeral(number, style):
    if style == "/D":
        return str(number)
    if style in ("/R", "/r"):
        text = ""
        for value, sign in (
            (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
            (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
        ):
            while number >= value:
                text, number = text + sign, number - value
        return text.upper() if style == "/R" else text
    if style in ("/A", "/a"):
        text = chr(97 + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return text.upper() if style == "/A" else text
    return ""
