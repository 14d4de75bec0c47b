"""Verifying a whole file: the short way through plain packets comes to what the headers themselves say."""

from __future__ import annotations

import io
import random
import struct
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_netlab.capture import verify, write_pcapng
from pytest_netlab.capture.reading import read_frames
from pytest_netlab.capture.verify import Fault, Verified, verify_checksums
from pytest_netlab.errors import WireError
from pytest_netlab.wire import Checksum, Frame
from tests.unit.wire.frames import CLIENT, SERVER, ethernet, ipv4, ipv6, pseudo, with_sum

TIMESTAMPS = bytes.fromhex("0101080a") + bytes(8)


def udp(data: bytes) -> bytes:
    return with_sum(struct.pack("!4H", 5000, 53, 8 + len(data), 0) + data, 6, pseudo(CLIENT, SERVER, 17, 8 + len(data)))


def tcp(data: bytes, options: bytes = b"") -> bytes:
    length = 20 + len(options) + len(data)
    head = struct.pack("!HHIIBBHHH", 5000, 80, 1, 2, (5 + len(options) // 4) << 4, 0x18, 1000, 0, 0)
    return with_sum(head + options + data, 16, pseudo(CLIENT, SERVER, 6, length))


def spoil(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x40]) + data[at + 1 :]


PLAIN = [ethernet(ipv4(carried, kind)) for size in (0, 1, 7, 500) for kind, carried in
         ((17, udp(bytes(range(size % 256)))), (6, tcp(b"x" * size)), (6, tcp(b"y" * size, TIMESTAMPS)))]  # fmt: skip
OTHERS = [
    PLAIN[0] + bytes(18),
    ethernet(ipv4(udp(b"x")[:6] + b"\0\0x", 17)),
    ethernet(ipv4(udp(b"options"), 17, options=b"\1\1\1\0")),
    ethernet(ipv4(udp(b"first fragment"), 17, fragment=0x2000)),
    ethernet(ipv4(b"a later fragment", 17, fragment=3)),
    ethernet(ipv4(tcp(b"", b"\2\4\5\xb4"), 6)),
    ethernet(ipv4(tcp(b"", b"\1\1\x08\x0b" + bytes(8)), 6)),
    ethernet(ipv4(udp(b"too long")[:4] + b"\0\xff" + udp(b"too long")[6:], 17)),
    ethernet(ipv4(b"\0\1\0\1", 17)),
    ethernet(ipv4(tcp(b"")[:12], 6)),
    ethernet(ipv4(udp(b"lies about its length"), 17, total_length=900)),
    ethernet(ipv4(with_sum(b"\x08\0\0\0\0\1\0\1ping", 2), 1)),
    ethernet(ipv6(udp(b"six"), 17), 0x86DD),
    ethernet(b"", 0x0806),
    b"",
]


def pcap(frames: Sequence[bytes], cut: int = 0) -> bytes:
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
    records = (struct.pack("<4I", 1, 2, len(data) - cut, len(data)) + data[: len(data) - cut] for data in frames)
    return head + b"".join(records)


def one_by_one(frames: Sequence[bytes]) -> Verified:
    """What the headers themselves say."""
    result = Verified()
    result.add(Frame(data, number) for number, data in enumerate(frames, start=1))
    return result


def check(path: Path, frames: Sequence[bytes]) -> Verified:
    path.write_bytes(pcap(frames))
    result = verify_checksums(path)
    assert result == one_by_one(frames)
    return result


def test_plain_packets_take_the_short_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = PLAIN * 20
    added: list[Frame] = []
    monkeypatch.setattr(Verified, "add", lambda result, several: added.extend(several))
    (tmp_path / "x.pcap").write_bytes(pcap(frames))
    result = verify_checksums(tmp_path / "x.pcap")
    assert result.packets + len(added) == len(frames)
    assert len(added) <= 2, "the last one is too near to the end to be looked at in haste"


def test_every_kind_of_packet(tmp_path: Path) -> None:
    result = check(tmp_path / "x.pcap", [*PLAIN, *OTHERS, *PLAIN, *OTHERS[:-1], *PLAIN])
    assert result.states["udp", Checksum.ABSENT] == 2
    assert result.unreadable > 4


def test_each_spoiled_byte_is_seen_as_the_headers_see_it(tmp_path: Path) -> None:
    chosen = random.Random(3)
    frames = [spoil(data, at) for data in PLAIN for at in chosen.sample(range(12, len(data)), 20)]
    result = check(tmp_path / "x.pcap", frames)
    assert result.states["udp", Checksum.BAD] > 20
    assert result.states["tcp", Checksum.BAD] > 20
    assert result.states["ipv4", Checksum.BAD] > 20
    assert result.faults[0].state is Checksum.BAD


@given(st.lists(st.sampled_from([*PLAIN, *OTHERS]), max_size=30), st.randoms())
def test_any_mixture(tmp_path_factory: pytest.TempPathFactory, frames: list[bytes], chosen: random.Random) -> None:
    spoiled = [spoil(data, chosen.randrange(len(data))) if data and chosen.random() < 0.3 else data for data in frames]
    check(tmp_path_factory.getbasetemp() / "mixture.pcap", spoiled)


def test_windows_do_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "_WINDOW_BYTES", 333)
    check(tmp_path / "x.pcap", [*PLAIN, *OTHERS] * 5)


def test_other_formats_are_verified_too(tmp_path: Path) -> None:
    frames = [spoil(PLAIN[0], 40), *PLAIN]
    write_pcapng(tmp_path / "x.pcapng", [Frame(data, number) for number, data in enumerate(frames, start=1)])
    result = verify_checksums(tmp_path / "x.pcapng")
    assert result == one_by_one(frames)
    assert result.faults == [Fault(1, "udp", Checksum.BAD)]


def test_faults_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "MOST_FAULTS", 3)
    assert len(check(tmp_path / "x.pcap", [spoil(PLAIN[0], 40)] * 9).faults) == 3


@pytest.mark.parametrize("harm", [
    lambda data: data[:-1],
    lambda data: data[:-60],
    lambda data: data + bytes(7),
    lambda data: data[:32] + b"\xff" * 4 + data[36:],
    lambda data: data[:36] + bytes(4) + data[40:],
])  # fmt: skip
def test_damage_is_named_as_by_the_reader(tmp_path: Path, harm: object) -> None:
    data = harm(pcap(PLAIN))  # type: ignore[operator]
    (tmp_path / "x.pcap").write_bytes(data)
    with pytest.raises(WireError) as expected:
        list(read_frames(io.BytesIO(data)))
    with pytest.raises(WireError) as caught:
        verify_checksums(tmp_path / "x.pcap")
    assert str(caught.value) == str(expected.value)


def test_cut_packets_are_unknown(tmp_path: Path) -> None:
    (tmp_path / "x.pcap").write_bytes(pcap(PLAIN[3:6], cut=1))
    result = verify_checksums(tmp_path / "x.pcap")
    assert {state for layer, state in result.states if layer != "ipv4"} <= {Checksum.UNKNOWN}
