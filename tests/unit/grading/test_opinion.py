"""Wireshark's reading against ours: the same frames agree, and each field that is read wrongly is found out."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from pytest_netlab import read_capture
from pytest_netlab.grading import opinion
from pytest_netlab.grading.isolation import tshark
from pytest_netlab.grading.opinion import Difference, compare
from pytest_netlab.grading.wireshark_reader import Reading, WiresharkReader
from pytest_netlab.wire import Checksum, Frame, Packets, Udp, dissect
from tests.unit.wire.cases import CASES, Case
from tests.unit.wire.frames import Talk

pytestmark = pytest.mark.skipif(tshark() is None, reason="tshark is not installed")

GOLDEN = Path(__file__).parents[3] / "captures" / "golden"
CAPTURES = sorted(GOLDEN.rglob("capture.pcapng"))


@pytest.fixture(scope="module")
def reader() -> Iterator[WiresharkReader]:
    reader = WiresharkReader(str(tshark()), opinion.PROTOCOLS, opinion.FIELDS)
    yield reader
    reader.close()


def differences(reader: WiresharkReader, frames: list[Frame]) -> list[Difference]:
    return compare(Packets.of(frames), reader.read(frames))


def frame_of(name: str, number: int = 1) -> Frame:
    case = next(case for case in CASES if case.name == name)
    return Frame(case.data, number, link_type=case.link_type)


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: f"{path.parent.parent.name}-{path.parent.name}")
def test_golden_captures_are_read_alike(reader: WiresharkReader, path: Path) -> None:
    assert differences(reader, list(read_capture(path))) == []


def test_every_kind_of_frame_is_read_alike(reader: WiresharkReader) -> None:
    frames = [Frame(case.data, number, link_type=case.link_type) for number, case in enumerate(CASES, start=1)]
    readings = reader.read(frames)
    assert compare(Packets.of(frames), readings) == []
    for case, reading in zip(CASES, readings, strict=True):
        told = {name for name, fields in reading.layers if fields}
        ours = {{"ipv4": "ip", "ethernet": "eth"}.get(name, name) for name, _ in case.layers}
        assert ours - told <= {"cooked", "cooked2", "loopback"}, f"{case.name}: {reading}"


@pytest.mark.parametrize("seed", range(4))
def test_damaged_frames_are_no_disagreement(reader: WiresharkReader, seed: int) -> None:
    """Where octets are wrong the two may see more or less of a frame; what both see is the same."""
    chance = random.Random(seed)
    frames = [damaged(chance, number) for number in range(1, 401)]
    assert [str(each) for each in differences(reader, frames)] == []


def damaged(chance: random.Random, number: int) -> Frame:
    case: Case = chance.choice(CASES)
    data = bytearray(case.data)
    for _ in range(chance.randrange(4)):
        data[chance.randrange(len(data))] = chance.choice((0, 255, chance.randrange(256)))
    cut = len(data) - chance.randrange(30) if chance.random() < 0.2 else len(data)
    return Frame(bytes(data[:cut]), number, link_type=case.link_type, original_length=chance.choice((None, len(data))))


class Planted(NamedTuple):
    """An octet that we read otherwise than Wireshark does."""

    frame: str
    offset: int
    field: str
    flip: int = 1


PLANTED = [
    Planted("udp", 3, "eth.dst"),
    Planted("udp", 9, "eth.src"),
    Planted("udp", 15, "ip.dsfield"),
    Planted("padded", 17, "ip.len"),
    Planted("udp", 18, "ip.id"),
    Planted("udp", 20, "ip.flags", 0x20),
    Planted("udp", 21, "ip.frag_offset"),
    Planted("udp", 22, "ip.ttl"),
    Planted("other ip", 23, "ip.proto"),
    Planted("udp", 24, "ip.checksum"),
    Planted("udp", 29, "ip.src"),
    Planted("udp", 33, "ip.dst"),
    Planted("udp", 35, "udp.srcport"),
    Planted("udp", 37, "udp.dstport"),
    Planted("padded", 39, "udp.length"),
    Planted("udp", 40, "udp.checksum"),
    Planted("tcp", 35, "tcp.srcport"),
    Planted("tcp", 37, "tcp.dstport"),
    Planted("tcp", 38, "tcp.seq"),
    Planted("tcp", 42, "tcp.ack"),
    Planted("tcp", 47, "tcp.flags"),
    Planted("tcp", 48, "tcp.window_size_value"),
    Planted("tcp", 51, "tcp.checksum"),
    Planted("tcp", 53, "tcp.urgent_pointer"),
    Planted("ping", 34, "icmp.type"),
    Planted("ping", 35, "icmp.code"),
    Planted("ping", 36, "icmp.checksum"),
    Planted("ping", 38, "icmp.ident"),
    Planted("ping", 40, "icmp.seq"),
    Planted("arp", 21, "arp.opcode"),
    Planted("arp", 28, "arp.src.proto_ipv4"),
    Planted("udp over 6", 17, "ipv6.flow"),
    Planted("udp over 6", 21, "ipv6.hlim"),
    Planted("udp over 6", 30, "ipv6.src"),
    Planted("udp over 6", 50, "ipv6.dst"),
    Planted("ping 6 behind options", 63, "icmpv6.code"),
    Planted("ping 6 behind options", 67, "icmpv6.echo.identifier"),
    Planted("ping 6 behind options", 69, "icmpv6.echo.sequence_number"),
]


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: f"{planted.field}-{planted.offset}")
def test_a_field_read_wrongly_is_found_out(reader: WiresharkReader, planted: Planted) -> None:
    frame = frame_of(planted.frame)
    octets = bytearray(frame.data)
    octets[planted.offset] ^= planted.flip
    misread = Frame(bytes(octets), link_type=frame.link_type)
    found = compare(Packets.of([misread]), reader.read([frame]))
    assert planted.field in [each.field for each in found]


def test_both_readings_are_shown(reader: WiresharkReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Udp, "length", property(lambda udp: 20))
    found = differences(reader, [frame_of("udp")])
    assert str(found[0]) == "frame 1, udp.length: we read 20 (0x14), Wireshark reads 21 (0x15)"


def test_a_verdict_on_a_sum_that_is_wrong_is_found_out(
    reader: WiresharkReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    octets = bytearray(frame_of("udp").data)
    octets[-1] ^= 1
    monkeypatch.setattr(Udp, "checksum_state", property(lambda udp: Checksum.GOOD))
    [found] = differences(reader, [Frame(bytes(octets))])
    assert str(found) == "frame 1, udp.checksum: we read it as good, Wireshark reads it as bad"


def test_a_header_that_only_one_side_sees_is_found_out(reader: WiresharkReader) -> None:
    with_udp, without = frame_of("udp"), frame_of("other ip")
    ours = Packets.of([with_udp, with_udp])
    swapped = compare(ours, reader.read([without, with_udp]))
    assert ("udp", "one", "no such header") in [each[1:] for each in swapped]
    swapped = compare(Packets.of([without]), reader.read([with_udp]))
    assert ("udp", "no such header", "one") in [each[1:] for each in swapped]


def test_reverse_arp_is_no_disagreement(reader: WiresharkReader) -> None:
    """Wireshark reads it with its reader of ARP; to us it is no ARP."""
    arp = next(case for case in CASES if "arp" in dict(case.layers))
    frame = Frame(arp.data[:12] + b"\x80\x35" + arp.data[14:])
    assert "arp" in dict(reader.read([frame])[0].layers)
    assert Packets.of([frame])[0].arp is None
    assert differences(reader, [frame]) == []


def test_a_frame_too_few_is_found_out(reader: WiresharkReader) -> None:
    one, other = frame_of("udp", 1), frame_of("tcp", 2)
    found = compare(Packets.of([one, other]), reader.read([other, one]))
    assert ("frame.len", str(one.length), str(other.length)) in [each[1:] for each in found]


def renumbered(talk: Talk) -> list[Frame]:
    return [packet.frame for packet in talk.packets]


def test_conversations_are_told_apart_alike(reader: WiresharkReader) -> None:
    """Ports used again: by another SYN, by the same one behind a reset, and by one that nobody answered."""
    talk = Talk().client("S", 100).server("SA", 500, 101).client("A", 101, 501).client("RA", 101, 501)
    talk = talk.client("S", 100).server("RA", 0, 101).client("S", 9000).client("S", 9000).server("SA", 7, 9001)
    assert differences(reader, renumbered(talk)) == []


def test_a_segment_in_another_conversation_is_found_out(reader: WiresharkReader) -> None:
    frames = renumbered(Talk().client("S", 100).server("SA", 500, 101).client("A", 101, 501))
    readings = reader.read(frames)
    streams = {dict(reading.layers)["tcp"]["tcp.stream"] for reading in readings}
    assert len(streams) == 1
    [cut] = compare(Packets.of(frames), [*readings[:2], moved(readings[2], "4711")])
    assert (cut.frame, cut.field, cut.ours) == (3, "tcp.stream", "one conversation")
    apart = [*frames[:2], Frame(frame_of("tcp").data, 3)]
    readings = reader.read(apart)
    assert compare(Packets.of(apart), readings) == []
    elsewhere = Talk(source_port=5).client("A", 1, 1).packets[0].frame
    strangers = [*apart[:2], Frame(elsewhere.data, 3)]
    readings = reader.read(strangers)
    joined = moved(readings[2], dict(readings[0].layers)["tcp"]["tcp.stream"])
    [found] = compare(Packets.of(strangers), [*readings[:2], joined])
    assert (found.frame, found.ours) == (3, "other ports than before")


def moved(reading: Reading, stream: str) -> Reading:
    """The reading, with its segment in another conversation."""
    layers = tuple(
        (name, {**fields, "tcp.stream": stream} if name == "tcp" else fields) for name, fields in reading.layers
    )
    return msgspec.structs.replace(reading, layers=layers)


@pytest.mark.parametrize("unfinished", [None, True, False])
def test_unfinished_sums_are_no_disagreement(reader: WiresharkReader, unfinished: bool | None) -> None:
    """The article's request: tshark before 4.2 calls its sum bad, later ones do not."""
    frame = Frame(frame_of("article").data, checksum_unfinished=unfinished)
    assert dissect(frame).udp.checksum_state in (Checksum.UNFINISHED, Checksum.BAD)
    for status in "012":
        [reading] = reader.read([frame])
        layers = tuple(
            (name, {**fields, "udp.checksum.status": status} if name == "udp" else fields)
            for name, fields in reading.layers
        )
        assert compare(Packets.of([frame]), [msgspec.structs.replace(reading, layers=layers)]) == []


@pytest.mark.parametrize(
    ("shown", "value"), [("0x02", 2), ("0x40", 2), ("0x4000", 2), ("0x20", 1), ("7", 7), ("?", None)]
)
def test_flags_of_ip_as_versions_of_wireshark_show_them(shown: str, value: int | None) -> None:
    assert opinion._number(shown, "ip.flags") == value
