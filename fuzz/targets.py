"""What is fuzzed: functions of bytes that return for whatever they may refuse, and raise only what is a finding.

Each target touches everything that a clause, an explanation or a report could ask of what was read.
"""

from __future__ import annotations

import hashlib
import io
import struct
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from pytest_netlab.capture.pcapng import Remarks, pcapng_blocks
from pytest_netlab.capture.reading import read_frames
from pytest_netlab.errors import UsageError, WireError
from pytest_netlab.grading import archive
from pytest_netlab.grading.sidecar import CAPTURE, SIDECAR
from pytest_netlab.wire import (
    Frame,
    Packet,
    Packets,
    Streams,
    TcpStream,
    dissect,
    located,
    parse_dns,
    parse_dns_over_tcp,
    parse_http,
)
from pytest_netlab.wire.missing import Missing
from pytest_netlab.wire.sightings import sightings

LINK_TYPES: Final = (1, 0, 101, 108, 113, 147, 228, 229, 276)
DIGEST: Final = b"$CAPTURE_SHA256"
"""Stands in a sidecar for the digest of the capture beside it."""
_CAPTURE: Final = b"".join(pcapng_blocks([Frame(b"some frame")], (), Remarks()))
_SEGMENT: Final = struct.Struct("!BBHHB")


def wire(data: bytes) -> None:
    """Two octets of circumstances, and a frame."""
    if len(data) < 2:
        return
    kind, told = data[0], data[1]
    original = len(data) - 2 + (told & 15) * 200 if told & 0x80 else None
    unfinished = (None, True, False)[(told >> 4) % 3]
    frame = Frame(
        data[2:], link_type=LINK_TYPES[kind % len(LINK_TYPES)], original_length=original, checksum_unfinished=unfinished
    )
    look_at(dissect(frame))


def stream(data: bytes) -> None:
    """A TCP conversation: for each seven octets a segment, whose octets say who, where, what and how much."""
    packets = [dissect(frame) for frame in _segments(data)]
    for conversation in Streams.of(packets):
        look_at_stream(conversation)
    groups = sightings(packets)
    assert sum(map(len, groups)) == len(packets)


def dns(data: bytes) -> None:
    """A DNS message, over UDP and over TCP."""
    for parse in (parse_dns, parse_dns_over_tcp):
        try:
            message = parse(Frame(data), 0)
        except WireError as refusal:
            _check(refusal, data)
        else:
            repr((message, message.questions, message.answers, message.authorities, message.additionals))
            assert len(message.questions) == message.qdcount


def http(data: bytes) -> None:
    """The start of an HTTP message."""
    try:
        message = parse_http(data)
    except WireError as refusal:
        _check(refusal, data)
    else:
        assert b"".join(line.text + line.ending for line in message.lines) + message.body == data
        message.values("host")


def capture(data: bytes) -> None:
    """A capture file, pcap or pcapng: what is read of it can be written, and is the same when it is read again."""
    frames: list[Frame] = []
    try:
        frames.extend(read_frames(io.BytesIO(data)))
    except WireError as refusal:
        _check(refusal, data)
    assert sum(len(frame.data) for frame in frames) <= len(data)
    written = b"".join(pcapng_blocks(frames, (), Remarks()))
    again = list(read_frames(io.BytesIO(written)))
    assert [(frame.number, frame.data, frame.length) for frame in again] == [
        (frame.number, frame.data, frame.length) for frame in frames
    ]
    for frame in frames[:8]:
        look_at(dissect(frame))


def sidecar(data: bytes) -> None:
    """The `evidence.json` of a saved run up to its last line, which vouches for it; beside it a whole capture."""
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        (folder / CAPTURE).write_bytes(_CAPTURE)
        body = data.replace(DIGEST, hashlib.sha256(_CAPTURE).hexdigest().encode("ascii"))
        (folder / SIDECAR).write_bytes(
            body + b' "sidecar_sha256": "%s"\n}\n' % hashlib.sha256(body).hexdigest().encode()
        )
        try:
            evidence = archive.load(folder)
        except UsageError as refusal:
            assert str(folder) in str(refusal), refusal  # noqa: PT017  (what is refused names its file)
        else:
            repr((evidence, str(evidence.ending), evidence.text, evidence.packets))


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    "wire": wire,
    "stream": stream,
    "dns": dns,
    "http": http,
    "capture": capture,
    "sidecar": sidecar,
}


def look_at(packet: Packet) -> None:
    """Ask a packet everything; every value lies in its frame."""
    asked: list[object] = [packet.summary(), repr(packet), packet.payload, packet.dns, packet.http, packet.direction]
    asked += [field.value for field in packet.fields()]
    for header in packet.layers:
        names = (name for name in dir(type(header)) if not name.startswith("_"))
        asked += [getattr(header, name) for name in names if isinstance(getattr(type(header), name), property)]
    for value in asked:
        place = located(value)
        if place is not None:
            span = place[1]
            assert 0 <= span.offset <= span.offset + span.width <= len(packet.frame.data), span
    if packet.error is not None:
        assert packet.error.field
        assert 0 <= packet.error.offset <= len(packet.frame.data), packet.error
    selection = Packets([packet])
    assert len(selection.once) == 1
    repr((selection.overview, selection.udp.exchanges, selection.tcp_streams))


def look_at_stream(conversation: TcpStream) -> None:
    """Ask a conversation everything."""
    for assembly in (conversation.client_assembly, conversation.server_assembly):
        assert len(assembly.starts) == len(assembly.packets)
        if assembly.data:
            assembly.packet_at(len(assembly.data) - 1)
    told = (conversation.acknowledged_by_client, conversation.acknowledged_by_server)
    assert min(told) >= 0
    repr((conversation, conversation.handshake, conversation.complete, conversation.closed_orderly))
    assert set(conversation.retransmissions) <= set(conversation.packets)
    for packet in conversation.packets:
        assert 0 <= conversation.relative_seq(packet) < 1 << 32
        assert 0 <= conversation.relative_ack(packet) < 1 << 32
    try:
        conversation.packets.only  # noqa: B018
    except Missing as missing:
        str(missing)


def _segments(data: bytes) -> Iterable[Frame]:
    """Octets: bit 0 of the first says who, the others how far the numbers are apart; flags; seq; ack; length."""
    for number, at in enumerate(range(0, len(data) - _SEGMENT.size + 1, _SEGMENT.size), start=1):
        who, flags, seq, ack, length = _SEGMENT.unpack_from(data, at)
        far = (1, 1 << 8, 1 << 16, 65_537)[who >> 1 & 3]
        ports = (80, 4000) if who & 1 else (4000, 80)
        header = struct.pack("!HHIIBBHHH", *ports, seq * far & 0xFFFFFFFF, ack * far & 0xFFFFFFFF, 0x50, flags, 9, 0, 0)
        payload = bytes((number & 0xFF,)) * (length if who & 8 else length % 8)
        ends = b"\x0a\x4d\0\x50\x0a\x4d\0\x02" if who & 1 else b"\x0a\x4d\0\x02\x0a\x4d\0\x50"
        total = 40 + len(payload)
        ip = struct.pack("!BBHHHBBH", 0x45, 0, total, number & 0xFFFF, 0, 64, 6, 0) + ends
        # The kernel's word that the sums are unfinished keeps segments from being left out for a bad one.
        yield Frame(ip + header + payload, number, number * 1_000, link_type=101, checksum_unfinished=True)


def _check(refusal: WireError, data: bytes) -> None:
    assert refusal.field
    assert 0 <= refusal.offset <= len(data), refusal
