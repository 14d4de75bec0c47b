"""Reading captures that others wrote, in both byte orders; and files that nobody should have written."""

from __future__ import annotations

import io
import struct
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_netlab.capture.pcapng import Remarks, pcapng_blocks
from pytest_netlab.capture.reading import read_capture, read_frames
from pytest_netlab.errors import WireError
from pytest_netlab.wire.frame import Direction, Frame

ORDERS = pytest.mark.parametrize("order", ["<", ">"], ids=["little", "big"])


def frames_of(data: bytes) -> list[Frame]:
    return list(read_frames(io.BytesIO(data)))


def pcap(order: str, magic: int = 0xA1B2C3D4, link: int = 1, version: tuple[int, int] = (2, 4)) -> bytes:
    return struct.pack(f"{order}I2H4I", magic, *version, 0, 0, 65535, link)


def record(order: str, seconds: int, fraction: int, data: bytes, length: int | None = None) -> bytes:
    on_wire = len(data) if length is None else length
    return struct.pack(f"{order}4I", seconds, fraction, len(data), on_wire) + data


def block(order: str, kind: int, body: bytes) -> bytes:
    length = struct.pack(f"{order}I", len(body) + 12)
    return struct.pack(f"{order}I", kind) + length + body + length


def section(order: str) -> bytes:
    return block(order, 0x0A0D0D0A, struct.pack(f"{order}I2Hq", 0x1A2B3C4D, 1, 0, -1))


def option(order: str, code: int, value: bytes) -> bytes:
    return struct.pack(f"{order}2H", code, len(value)) + value + bytes(-len(value) % 4)


def interface(order: str, link: int = 1, snap: int = 0, options: bytes = b"") -> bytes:
    return block(order, 1, struct.pack(f"{order}2HI", link, 0, snap) + options)


def packet(order: str, which: int, ticks: int, data: bytes, options: bytes = b"") -> bytes:
    head = struct.pack(f"{order}5I", which, ticks >> 32, ticks & 0xFFFFFFFF, len(data), len(data))
    return block(order, 6, head + data + bytes(-len(data) % 4) + options)


@ORDERS
@pytest.mark.parametrize(("magic", "tick"), [(0xA1B2C3D4, 1000), (0xA1B23C4D, 1)], ids=["us", "ns"])
def test_classic_pcap(order: str, magic: int, tick: int) -> None:
    data = pcap(order, magic, 101) + record(order, 5, 7, b"one") + record(order, 6, 8, b"tw", 60)
    assert frames_of(data) == [
        Frame(b"one", 1, 5_000_000_000 + 7 * tick, link_type=101),
        Frame(b"tw", 2, 6_000_000_000 + 8 * tick, link_type=101, original_length=60),
    ]


@ORDERS
def test_frame_check_sequence_length_is_no_link_type(order: str) -> None:
    data = pcap(order, link=0x2400_0001) + record(order, 0, 0, b"x")
    assert frames_of(data)[0].link_type == 1


@ORDERS
def test_pcapng_clocks(order: str) -> None:
    """Every interface has its own clock: decimal, binary, shifted, and microseconds where nothing is said."""
    resolution = {3: (9, 1_500_000_000), 4: (0x80 | 1, 3), 5: (0, 2)}
    data = section(order) + interface(order, 1) + packet(order, 0, 1_500_000, b"a")
    for which, (value, ticks) in enumerate(resolution.values(), start=1):
        data += interface(order, which, options=option(order, 9, bytes([value])))
        data += packet(order, which, ticks, b"a")
    shifted = option(order, 14, struct.pack(f"{order}q", -100)) + option(order, 0, b"")
    data += interface(order, 9, options=shifted) + packet(order, 4, 101_000_000, b"a")
    assert [frame.time_ns for frame in frames_of(data)] == [
        1_500_000_000, 1_500_000_000, 1_500_000_000, 2_000_000_000, 1_000_000_000,
    ]  # fmt: skip


@ORDERS
def test_pcapng_options(order: str) -> None:
    flags = struct.pack(f"{order}I", 2 | 1 << 9)
    values = [(1, b"one"), (0x8BAD, b"?"), (2, flags), (1, b"two"), (0, b"")]
    options = b"".join(option(order, code, value) for code, value in values)
    named = interface(order, 1, options=option(order, 2, b"eth0\0"))
    [frame] = frames_of(section(order) + named + packet(order, 0, 0, b"abc", options))
    assert (frame.interface, frame.comment, frame.direction) == ("eth0", "one\ntwo", Direction.OUTGOING)
    assert frame.checksum_unfinished is True


@ORDERS
def test_pcapng_other_packets_and_unknown_blocks(order: str) -> None:
    obsolete = struct.pack(f"{order}2H4I", 0, 3, 0, 5, 3, 3) + b"old\0"
    simple = struct.pack(f"{order}I", 9) + b"simp"
    data = section(order) + interface(order, 1, snap=4)
    data += block(order, 0xBAD, b"skip me.") + block(order, 2, obsolete) + block(order, 3, simple)
    assert frames_of(data) == [Frame(b"old", 1, 5000), Frame(b"simp", 2, original_length=9)]


def test_sections_of_either_order_start_afresh() -> None:
    little = section("<") + interface("<", 1) + packet("<", 0, 1, b"a")
    big = section(">") + interface(">", 228) + packet(">", 0, 2, b"b")
    read = [(frame.number, frame.link_type, frame.time_ns) for frame in frames_of(little + big)]
    assert read == [(1, 1, 1000), (2, 228, 2000)]
    with pytest.raises(WireError, match="interface 0, but the section describes 0"):
        frames_of(little + section(">") + packet(">", 0, 2, b"b"))


NG = section("<") + interface("<")
RECORD_LONGER_THAN_ITSELF = pcap("<") + record("<", 0, 0, b"ab", 1)
RECORD_OF_2_GB = pcap("<") + struct.pack("<4I", 0, 0, 1 << 31, 0)
SECTION_VERSION_9 = block("<", 0x0A0D0D0A, struct.pack("<I2Hq", 0x1A2B3C4D, 9, 0, -1))
FAST_CLOCK = section("<") + interface("<", options=option("<", 9, b"\x7f"))
OPTION_OVERRUNS = NG + packet("<", 0, 0, b"", struct.pack("<2H", 1, 50))
PACKET_OVERRUNS = NG + block("<", 6, struct.pack("<5I", 0, 0, 0, 99, 99))
BROKEN = {
    "empty": (b"", "capture.magic", 0, "the file is empty"),
    "gzip": (b"\x1f\x8b\x08\x00", "capture.magic", 0, "unpack it first"),
    "text": (b"GET / HTTP/1.1", "capture.magic", 0, "neither pcap nor pcapng"),
    "kuznetzov": (pcap("<", 0xA1B2CD34), "pcap.magic", 0, "Kuznetzov"),
    "pcap version": (pcap("<", version=(7, 4)), "pcap.version", 4, "7.4"),
    "pcap header cut": (pcap("<")[:10], "pcap.header", 4, "ends after 6 of 20"),
    "record cut": (pcap("<") + bytes(5), "pcap.record", 24, "ends after 5 of 16"),
    "record absurd": (RECORD_OF_2_GB, "pcap.record.data", 40, "not believable"),
    "record data cut": (pcap("<") + record("<", 0, 0, b"abcd")[:-1], "pcap.record.data", 40, "after 3 of 4"),
    "record longer than wire": (RECORD_LONGER_THAN_ITSELF, "pcap.record.length", 36, "2 bytes captured"),
    "record fraction": (pcap("<") + record("<", 0, 10**6, b""), "pcap.record.fraction", 28, "no fraction"),
    "no byte order": (b"\x0a\x0d\x0d\x0a" + bytes(20), "pcapng.section.magic", 8, "byte-order magic"),
    "section version": (SECTION_VERSION_9, "pcapng.section.version", 12, "9.0"),
    "block of 4 GB": (NG + struct.pack("<2I", 6, 0xFFFF_FFFC), "pcapng.block", 56, "not believable"),
    "block of 4 bytes": (NG + struct.pack("<2I", 6, 4), "pcapng.block.length", 52, "no length of a block"),
    "lengths disagree": (NG[:-4] + bytes(4), "pcapng.block.length", 44, "20 and 0"),
    "no interface": (section("<") + packet("<", 0, 0, b""), "pcapng.packet.interface", 36, "describes 0"),
    "packet overruns": (PACKET_OVERRUNS, "pcapng.packet.captured", 76, "has 0 left"),
    "option overruns": (OPTION_OVERRUNS, "pcapng.option", 80, "50 bytes"),
    "clock": (FAST_CLOCK, "pcapng.if_tsresol", 44, r"10\^-127"),
    "flags": (NG + packet("<", 0, 0, b"", option("<", 2, b"\0")), "pcapng.epb_flags", 76, "instead of 4"),
}


@pytest.mark.parametrize(("data", "field", "offset", "problem"), BROKEN.values(), ids=BROKEN.keys())
def test_damage_is_named_with_its_place(data: bytes, field: str, offset: int, problem: str) -> None:
    with pytest.raises(WireError, match=problem) as caught:
        frames_of(data)
    assert (caught.value.field, caught.value.offset) == (field, offset)


WHOLE = {
    "pcap": pcap(">") + record(">", 1, 2, b"some frame") * 3,
    "pcapng": NG + packet("<", 0, 0, b"some frame", option("<", 1, b"comment")) * 3,
    "ours": b"".join(pcapng_blocks([Frame(b"some frame", comment="c")], [], Remarks("s", {}, {"::1": "n"}))),
}


def frames_and_error(data: bytes) -> tuple[list[Frame], WireError | None]:
    """What can be read, and the complaint that ended it."""
    frames: list[Frame] = []
    try:
        frames.extend(read_frames(io.BytesIO(data)))
    except WireError as error:
        return frames, error
    return frames, None


@pytest.mark.parametrize("whole", WHOLE.values(), ids=WHOLE.keys())
def test_every_cut_yields_a_beginning_or_a_complaint(whole: bytes) -> None:
    everything = frames_of(whole)
    for length in range(len(whole)):
        frames, error = frames_and_error(whole[:length])
        assert error is None or error.offset <= length
        assert frames == everything[: len(frames)]


def mutated() -> st.SearchStrategy[bytes]:
    """Real files with some bytes replaced: what gets past the first check."""

    def change(data: bytes, edits: list[tuple[int, bytes]]) -> bytes:
        for at, new in edits:
            at %= len(data)
            data = data[:at] + new + data[at + len(new) :]
        return data

    edits = st.lists(st.tuples(st.integers(0, 4096), st.binary(min_size=1, max_size=4)), max_size=6)
    return st.builds(change, st.sampled_from(list(WHOLE.values())), edits)


@given(st.binary() | mutated())
@example(b"\x0a\x0d\x0d\x0a")
def test_any_bytes_are_frames_or_a_wire_error(data: bytes) -> None:
    frames, error = frames_and_error(data)
    assert error is None or 0 <= error.offset <= len(data)
    assert [frame.number for frame in frames] == list(range(1, len(frames) + 1))


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "large.pcap"
    count = 20_000
    with path.open("wb") as file:
        file.write(pcap("<"))
        for second in range(count):
            file.write(record("<", second, 0, bytes(1000)))

    def peak(read: Callable[[], Iterator[Frame]]) -> int:
        tracemalloc.start()
        assert sum(1 for _ in read()) == count
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(lambda: read_capture(path)) < 1_000_000


def test_absent_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        next(read_capture(tmp_path / "none.pcap"))
