"""Clauses that no unprivileged program can break, because the kernel fills the field: broken by a spoiled recording."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import NamedTuple

import pytest

from pytest_netlab.grading import archive
from pytest_netlab.wire import Frame, Packet
from pytest_netlab.wire.checksum import internet_checksum, pseudo_header4
from tests.golden.remake import GOLDEN
from tests.matrix.grade import replay

IP = 14  # offset of the IP header in an Ethernet frame
UDP_CHECKSUM = 26  # offset of the UDP checksum behind that


class Spoiled(NamedTuple):
    """Octets to overwrite in one frame of a golden run."""

    fails: str
    run: str
    at: int
    octets: bytes | None
    repair_ip: bool = False

    @property
    def id(self) -> str:
        return f"{self.fails}-{self.at}-{self.octets.hex() if self.octets else 'unfinished'}"


CASES = [
    Spoiled("request-total-length", "abcd-client-one-request", 2, b"\x00\x1c", repair_ip=True),
    Spoiled("request-not-fragmented", "abcd-client-one-request", 6, b"\x20\x00", repair_ip=True),
    Spoiled("request-not-fragmented", "abcd-client-one-request", 6, b"\x00\x01", repair_ip=True),
    Spoiled("request-ttl", "abcd-client-one-request", 8, b"\x00", repair_ip=True),
    Spoiled("request-ip-checksum", "abcd-client-one-request", 10, b"\x00\x01"),
    Spoiled("request-udp-checksum", "abcd-client-one-request", 26, b"\xbe\xef"),
    Spoiled("response-ip-checksum", "abcd-server-over-the-cable", 10, b"\x00\x01"),
    Spoiled("response-udp-checksum", "abcd-server-over-the-cable", 26, b"\xbe\xef"),
    Spoiled("response-udp-checksum", "abcd-server-over-the-cable", 26, None),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_spoiled_recording_fails_its_clause(case: Spoiled, tmp_path: Path) -> None:
    evidence = archive.load(GOLDEN / "0.2" / case.run)
    wanted = 20000 if "server" in case.run else None
    target = next(packet for packet in evidence.udp if wanted in (None, packet.udp.src_port))
    frames = [spoil(target, case) if frame is target.frame else frame for frame in evidence.recording.frames]
    evidence.recording = dataclasses.replace(evidence.recording, frames=frames)
    archive.save(tmp_path / "spoiled", evidence)
    graded = replay(tmp_path / "spoiled", "0.2", tmp_path)
    assert graded.with_outcome("failed", "broken") == {case.fails}, graded.printed


def spoil(packet: Packet, case: Spoiled) -> Frame:
    """The packet's frame with the octets of the case, with a checksum of ours no longer excused by the kernel."""
    data = bytearray(packet.frame.data)
    octets = case.octets if case.octets is not None else unfinished(packet)
    data[IP + case.at : IP + case.at + len(octets)] = octets
    if case.repair_ip:
        data[IP + 10 : IP + 12] = bytes(2)
        data[IP + 10 : IP + 12] = internet_checksum(bytes(data[IP : IP + 20])).to_bytes(2, "big")
    vouched = False if case.at == UDP_CHECKSUM else packet.frame.checksum_unfinished
    return dataclasses.replace(packet.frame, data=bytes(data), checksum_unfinished=vouched)


def unfinished(packet: Packet) -> bytes:
    """What a kernel leaves in the field for hardware: the folded pseudo-header sum, not complemented."""
    ip = packet.ipv4
    pseudo = pseudo_header4(ip.source.packed, ip.destination.packed, 17, packet.udp.length)
    return (internet_checksum(pseudo) ^ 0xFFFF).to_bytes(2, "big")
