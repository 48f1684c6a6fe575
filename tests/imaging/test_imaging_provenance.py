"""Provenance in XMP: written, kept beside what was there, read back; and packets that are left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.dom import minidom

import numpy as np
import pytest

from barva.imaging import Envelope, read
from barva.imaging.provenance import NAMESPACE, SOURCE_TYPE, PacketError, Provenance, facts, inspect, stamp
from barva.imaging.write import write

Array = np.ndarray[Any, Any]
FACTS = Provenance("guided", "g1.2", "ab" * 32, 7, "cd" * 32, "0.1.0")
PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="other tool"><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<r:Description r:about="uuid:1" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:my="urn:my" my:shelf="12 &amp; 13">
<dc:title><r:Alt><r:li xml:lang="uk">Бабуся &lt;1943&gt;</r:li></r:Alt></dc:title><!-- kept --></r:Description>
</r:RDF></x:xmpmeta>
<?xpacket end="w"?>""".encode()


def test_a_new_packet() -> None:
    packet = stamp(None, FACTS)
    assert facts(packet) == (FACTS, SOURCE_TYPE)
    assert packet.startswith(b"<?xpacket begin=") and packet.endswith(b'<?xpacket end="w"?>')


def test_what_was_there_stays() -> None:
    packet = stamp(PACKET, FACTS).decode()
    assert facts(packet.encode()) == (FACTS, SOURCE_TYPE)
    for kept in (
        'my:shelf="12 &amp; 13"',
        'xmlns:my="urn:my"',
        "Бабуся &lt;1943&gt;",
        "<!-- kept -->",
        'x:xmptk="other tool"',
    ):
        assert kept in packet
    assert packet.count("uuid:1") == 2, "our description speaks of the same resource"


def test_line_breaks_and_tabs_stay() -> None:
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:my="urn:my" my:caption="Olena&#xA;Petro&#9;1943&#13;"><my:long>one&#xD;\ntwo</my:long>'
        b"</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    for known in (stamp(packet, FACTS), stamp(stamp(packet, FACTS), FACTS)):
        node = minidom.parseString(known).getElementsByTagName("rdf:Description")[0]
        assert node.getAttribute("my:caption") == "Olena\nPetro\t1943\r"
        assert node.getElementsByTagName("my:long")[0].firstChild.data == "one\r\ntwo"


def test_the_last_run_counts() -> None:
    twice = stamp(stamp(PACKET, FACTS), Provenance("levin"))
    assert facts(twice) == (Provenance("levin"), SOURCE_TYPE)
    assert twice.count(SOURCE_TYPE.encode()) == 1 and b"g1.2" not in twice and "Бабуся".encode() in twice


def test_facts_as_other_tools_write_them() -> None:
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description xmlns:b="{NAMESPACE}" b:method="guided" b:seed="3"/></rdf:RDF></x:xmpmeta>'
    ).encode("utf-16")
    known, source = facts(packet)
    assert known == Provenance("guided", seed=3) and source is None


@pytest.mark.parametrize(
    "packet",
    [
        b'<!DOCTYPE a [<!ENTITY b "bbbb">]><x:xmpmeta xmlns:x="adobe:ns:meta/">&b;</x:xmpmeta>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-16"),
        b"<x:xmpmeta",
        b"\xff\xfe\x00 rubbish",
        b"<a/>",
        PACKET[:200],
    ],
)
def test_packets_that_are_left_alone(packet: bytes, tmp_path: Path) -> None:
    with pytest.raises(PacketError):
        stamp(packet, FACTS)
    kept = FACTS.stamp(packet)
    assert kept == packet
    written = write([(np.zeros((9, 9, 3), np.uint8), Envelope("array", xmp=packet))], tmp_path / "a.png")
    assert any("without provenance" in n for n in written.notes)


@pytest.mark.parametrize("format", ["jpeg", "png", "tiff", "webp", "avif"])
def test_inspect(tmp_path: Path, scene: Array, format: str) -> None:
    target = tmp_path / f"a.{format}"
    write([(scene, Envelope("array", dpi=(300, 300)))], target, xmp=stamp(PACKET, FACTS))
    told = inspect(target)
    assert told["provenance"]["method"] == "guided" and told["provenance"]["seed"] == 7
    assert told["provenance"]["weights_sha256"] == "ab" * 32
    assert (told["digital_source_type"], told["format"], told["width"], told["height"]) == (SOURCE_TYPE, format, 83, 61)
    assert (told["depth"], told["icc"], told["xmp"]) == (8, None, True)
    assert "Бабуся".encode() in (read(target).envelope.xmp or b"")


def test_inspect_of_a_plain_file(tmp_path: Path, scene: Array) -> None:
    write([(scene, Envelope("array"))], tmp_path / "a.png")
    told = inspect(tmp_path / "a.png")
    assert told["provenance"] is None and told["digital_source_type"] is None and told["xmp"] is False


@pytest.mark.parametrize("format", ["bmp", "gif"])
def test_formats_that_cannot_hold_it_say_so(scene: Array, format: str) -> None:
    written = write([(scene, Envelope("array", xmp=stamp(None, FACTS)))], None, format=format)
    assert any("left out" in n for n in written.notes)
