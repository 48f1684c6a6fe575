"""XMP packets, read as documents and edited as text: what is not touched stays byte for byte."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape

from barva.errors import Message

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
EMPTY = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
    f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}"></rdf:RDF></x:xmpmeta>\n'
    '<?xpacket end="w"?>'
).encode()
"""A packet that says nothing."""
MAX_PACKET = 32 << 20
NO_RDF = Message("the XMP packet holds no RDF", code="xmp.no-rdf")
_MAX_DEPTH, _MAX_ELEMENTS = 200, 100_000
_ATTRIBUTE = re.compile(rb"""\s+([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


class PacketError(ValueError):
    """A packet that Barva will not touch: broken, nested too deeply, or with a DTD or entities; the `message` says why,
    for the notes."""

    def __init__(self, text: str, *, code: str | None = None, **values: object) -> None:
        self.message = text if isinstance(text, Message) else Message(text, code=code, **values)
        super().__init__(self.message)


@dataclass(eq=False, slots=True)
class Attribute:
    """One attribute: `start` to `end` with the space before it, `at` to `to` the value between its quotes."""

    uri: str
    name: str
    value: str
    start: int
    end: int
    at: int
    to: int


@dataclass(eq=False, slots=True)
class Element:
    """One element: `start`, then `inner` to `close` what it holds, then `end`. `value` is its own text."""

    uri: str
    name: str
    prefix: str
    attributes: list[Attribute]
    parent: Element | None
    spaces: dict[str, str]
    start: int
    inner: int
    close: int = 0
    end: int = 0
    value: str = ""
    children: list[Element] = field(default_factory=list)

    def get(self, uri: str, name: str) -> str:
        """An attribute's value, or ''."""
        return next((a.value for a in self.attributes if (a.uri, a.name) == (uri, name)), "")


class Packet:
    """A parsed packet, and the edits that were asked for. PacketError when it must not be touched."""

    def __init__(self, xmp: bytes) -> None:
        if len(xmp) > MAX_PACKET:
            raise PacketError("the XMP packet is longer than {most} MB", code="xmp.too-long", most=MAX_PACKET >> 20)
        self.data = _utf8(xmp)
        # Without its zeros, a packet in a wide encoding cannot hide the word.
        if re.search(rb"<!(DOCTYPE|ENTITY)", self.data, re.IGNORECASE):
            raise PacketError("the XMP packet holds a DTD or entities", code="xmp.entities")
        self.elements: list[Element] = []
        self._edits: list[tuple[int, int, bytes]] = []
        self._read()

    def _read(self) -> None:
        parser = expat.ParserCreate("utf-8")
        opened: list[Element] = []

        def start(name: str, values: dict[str, str]) -> None:
            if len(opened) >= _MAX_DEPTH:
                raise PacketError("the XMP packet is nested too deeply", code="xmp.too-deep")
            if len(self.elements) >= _MAX_ELEMENTS:
                raise PacketError("the XMP packet holds too many elements", code="xmp.too-many-elements")
            element = self._element(name, values, parser.CurrentByteIndex, opened[-1] if opened else None)
            opened.append(element)
            self.elements.append(element)

        def stop(_: str) -> None:
            element = opened.pop()
            if element.end == 0:
                element.close = parser.CurrentByteIndex
                element.end = self.data.index(b">", element.close) + 1

        def text(part: str) -> None:
            if opened and not opened[-1].children:
                opened[-1].value += part

        parser.buffer_text = True
        parser.StartElementHandler = start
        parser.EndElementHandler = stop
        parser.CharacterDataHandler = text
        try:
            parser.Parse(self.data, True)
        except (expat.ExpatError, ValueError) as error:
            if isinstance(error, PacketError):
                raise
            raise PacketError("the XMP packet is broken ({problem})", code="xmp.broken", problem=error) from error

    def _element(self, name: str, values: dict[str, str], at: int, parent: Element | None) -> Element:
        at_attributes = at + 1 + len(name.encode())
        spaces = parent.spaces if parent else {"xml": "http://www.w3.org/XML/1998/namespace"}
        if new := {n[6:]: v for n, v in values.items() if n == "xmlns" or n.startswith("xmlns:")}:
            spaces = spaces | new
        attributes = []
        while values and (match := _ATTRIBUTE.match(self.data, at_attributes)):
            full = match[1].decode()
            prefix, _, local = full.rpartition(":")
            uri = "" if not prefix or prefix == "xmlns" else self._uri(prefix, spaces)
            where = match.span(2) if match[2] is not None else match.span(3)
            attributes.append(Attribute(uri, local, values.get(full, ""), *match.span(), *where))
            at_attributes = match.end()
        end = self.data.index(b">", at_attributes) + 1
        prefix, _, local = name.rpartition(":")
        uri = self._uri(prefix, spaces) if prefix else spaces.get("", "")
        element = Element(uri, local, prefix, attributes, parent, spaces, at, end)
        if self.data[end - 2 : end] == b"/>":
            element.close = element.end = end
        if parent is not None:
            parent.children.append(element)
        return element

    @staticmethod
    def _uri(prefix: str, spaces: dict[str, str]) -> str:
        if prefix not in spaces:
            why = f"unbound prefix {prefix[:20]}"
            raise PacketError("the XMP packet is broken ({problem})", code="xmp.broken", problem=why)
        return spaces[prefix]

    @property
    def rdf(self) -> list[Element]:
        """Its RDF elements; one, as a rule."""
        return [e for e in self.elements if (e.uri, e.name) == (RDF, "RDF")]

    def descriptions(self) -> list[Element]:
        """The descriptions directly in its RDF."""
        return [d for rdf in self.rdf for d in rdf.children if (d.uri, d.name) == (RDF, "Description")]

    def set(self, item: Attribute | Element, text: str) -> None:
        """Another value for an attribute, or for an element that holds text only."""
        if isinstance(item, Attribute):
            self._edits.append((item.at, item.to, escape(text, {'"': "&quot;", "'": "&apos;"}).encode()))
        elif item.close > item.inner:
            self._edits.append((item.inner, item.close, escape(text).encode()))

    def remove(self, item: Attribute | Element) -> None:
        """Take it out as a whole."""
        self._edits.append((item.start, item.end, b""))

    def append(self, parent: Element, text: str) -> None:
        """Put markup at the end of an element."""
        if parent.inner == parent.close == parent.end:  # <a/>
            tag = f"{parent.prefix}:{parent.name}" if parent.prefix else parent.name
            self._edits.append((parent.end - 2, parent.end, f">{text}</{tag}>".encode()))
        else:
            self._edits.append((parent.close, parent.close, text.encode()))

    def apply_edits(self) -> bytes:
        """The packet with all edits, in UTF-8."""
        pieces, at = [], 0
        for start, end, new in sorted(self._edits, key=lambda e: (e[0], -e[1])):
            if start < at:  # inside something that was taken out
                continue
            pieces += [self.data[at:start], new]
            at = end
        return b"".join([*pieces, self.data[at:]])

    @property
    def touched(self) -> bool:
        return bool(self._edits)


def properties(description: Element) -> Iterator[tuple[str, str, str, Attribute | Element]]:
    """(namespace, name, value, item) of each property, whether it is written as an attribute or as an element."""
    for attribute in description.attributes:
        if attribute.uri:
            yield attribute.uri, attribute.name, attribute.value, attribute
    for child in description.children:
        yield child.uri, child.name, child.value.strip() or child.get(RDF, "resource"), child


def packet_trouble(xmp: bytes) -> Message | None:
    """Why nothing can be added to the packet, or None."""
    try:
        holds_rdf = Packet(xmp).rdf
    except PacketError as error:
        return error.message
    return None if holds_rdf else NO_RDF


def _utf8(xmp: bytes) -> bytes:
    """The packet in UTF-8, whatever Unicode it came in. Zeros around it go: some writers pad with them."""
    for mark, code in ((b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"), (b"\xff\xfe", "utf-16")):
        if xmp.startswith(mark):
            return _recode(xmp, code)
    if xmp.startswith(b"\xfe\xff"):
        return _recode(xmp, "utf-16")
    if b"\0" in xmp[:4].strip(b"\0") or (xmp[:1] == b"\0" and xmp[1:2] not in (b"\0", b"")):
        return _recode(xmp, "utf-16-be" if xmp[:1] == b"\0" else "utf-16-le")
    body = xmp.removeprefix(b"\xef\xbb\xbf").lstrip(b"\0 \t\r\n").rstrip(b"\0")
    return body.rstrip(b"\0 \t\r\n") if b"\0" in body else body


def _recode(xmp: bytes, code: str) -> bytes:
    try:
        text = xmp.decode(code)
    except UnicodeDecodeError as error:
        raise PacketError("the XMP packet is broken ({problem})", code="xmp.broken", problem=error.reason) from error
    text = re.sub(r"""(<\?xml[^>]*?encoding\s*=\s*["'])[^"']*""", r"\g<1>utf-8", text, count=1)
    return text.strip("\0\ufeff").encode("utf-8", "replace")
