"""Captures and notes that are right, in every shape in which students may take and write them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from pytest_netlab.traffic import craft
from pytest_netlab.wire import Frame
from tests.observations import edit, files
from tests.observations.case import PCAP, Case, Notes
from tests.observations.edit import CLIENT, SERVER

SECOND_NS = 1_000_000_000
PUBLIC, HOME = "203.0.113.80", "192.0.2.17"


def variants(reference: Sequence[Frame]) -> list[Case]:
    """All of them, made from the reference's frames, which are labelled with their numbers."""
    return [*_formats(reference), *_sights(reference), *_conversations(reference)]


def _formats(reference: Sequence[Frame]) -> list[Case]:
    """One exchange in other files, byte orders, clocks and link layers."""
    linked = {kind: [files.relinked(frame, kind) for frame in reference] for kind in (0, 101, 113, 276)}
    mixed = [files.relinked(frame, files.NULL) if frame.interface == "lo" else frame for frame in reference]
    swapped = partial(files.pcap, order=">", nanoseconds=True)
    return [
        Case("pcap-microseconds", "A classic pcap with microseconds", reference, capture=PCAP, write=files.pcap),
        Case("pcap-nanoseconds-swapped", "A big-endian pcap, nanoseconds", reference, capture=PCAP, write=swapped),
        Case("pcapng-swapped", "A big-endian pcapng, microseconds", reference, write=files.pcapng_big_endian),
        Case("pcap-in-pcapng-name", "A classic pcap that is called .pcapng", reference, write=files.pcap),
        Case("cooked", "tcpdump -i any, cooked version 1", linked[113], capture=PCAP, write=files.pcap),
        Case("cooked-2", "tcpdump -i any, cooked version 2", linked[276]),
        Case("raw", "A tunnel's link layer: none", linked[101], capture=PCAP, write=files.pcap),
        Case("null", "BSD loopback's link layer", linked[0], capture=PCAP, write=files.pcap),
        Case("null-and-ethernet", "lo0 and en0 of a Mac in one file", mixed),
    ]


def _sights(reference: Sequence[Frame]) -> list[Case]:
    """What captures do to packets that passed once."""
    twice = [each for frame in reference for each in _twice(frame, directions=True)]
    untold = [each for frame in reference for each in _twice(frame, directions=False)]
    bridged = [each for frame in reference for each in (frame, *_on_the_bridge(frame))]
    cut = [files.cut(frame, 150) for frame in (*reference, _large(reference[4], 300))]
    udp, *tcp = reference
    garbled = [udp, *(edit.with_checksum(frame, 0xBEEF if frame.number % 2 else 0) for frame in tcp)]
    second = Notes(frames=[1001])
    return [
        Case("doubled", "Loopback recorded twice; the notes name the second sight", twice, second),
        Case("doubled-without-directions", "Loopback twice, in a pcap", untold, capture=PCAP, write=files.pcap),
        Case("doubled-both-named", "Loopback twice; both sights are named", untold, Notes(frames=[1, 1001])),
        Case("bridge-and-card", "All interfaces: each TCP segment on a bridge, too", bridged, Notes(request=2005)),
        Case("snap-length-150", "A snap length that cuts nothing needed", cut),
        Case("offload", "Checksums that the card was to finish, in several fashions", garbled),
    ]


def _conversations(reference: Sequence[Frame]) -> list[Case]:
    """Other ways to have the same conversation, and other things in the same file."""
    udp, *tcp = reference
    lost = [*reference[:9], _again(reference[8], 209, 200), *reference[9:]]
    said = {frame.number: frame for frame in reference}
    four = [*reference[:9], edit.tcp(said[10], flags="A", more_ns=-5_000), *_relabelled(reference[9:])]
    with_data = [*reference[:6], edit.tcp(said[7], flags="FPA"), edit.tcp(said[8], ack=_ack(said[10])), *reference[9:]]
    syn_again = [*reference[:2], _again(reference[1], 202, SECOND_NS), *_later(reference[2:], SECOND_NS)]
    two = [*reference, *(_second_fetch(frame) for frame in tcp)]
    away = [udp, *(edit.readdressed(frame, {SERVER: PUBLIC, CLIENT: HOME}) for frame in tcp)]
    noise = _noise(tcp[0])
    merged = [noise[0], *tcp[:4], *noise[1:], *tcp[4:], udp]
    elsewhere = Notes(tcp_filter=f"ip.addr == {PUBLIC} && tcp.port == 80")
    words = Notes("udp.dstport == 8000 || udp.srcport == 8000", tcp_filter="tcp.stream eq 0")
    late = Notes(tcp_filter="tcp.stream eq 1", handshake=[302, 303, 304], request=305, teardown=[309, 310, 311])
    return [
        Case("filter-by-ports", "Filters that say the same in other words", reference, words),
        Case("retransmitted-fin", "A FIN was sent again, and is not named", lost),
        Case("retransmitted-fin-named", "A FIN was sent again, and is named", lost, Notes(teardown=[9, 209, 10, 11])),
        Case("retransmitted-syn", "The SYN was sent again; that is named", syn_again, Notes(handshake=[202, 3, 4])),
        Case("four-segments", "ACK and FIN of the client are two segments", four, Notes(teardown=[9, 10, 210, 11])),
        Case("fin-with-data", "The server's FIN comes with the response", with_data, Notes(teardown=[7, 8, 10, 11])),
        Case("another-address", "httpbin.org's address of the day", away, elsewhere),
        Case("second-fetch-named", "The client ran twice; the second run is named", two, late),
        Case("merged", "Two captures in one file, and other traffic", merged, Notes(teardown=[11, 9, 10])),
    ]


def _twice(frame: Frame, *, directions: bool) -> list[Frame]:
    if frame.interface != "lo":
        return [frame]
    out, into = files.doubled(frame, directions=directions)
    return [out, replace(into, number=frame.number + 1000)]


def _on_the_bridge(frame: Frame) -> list[Frame]:
    """The same packet, one hop on."""
    if frame.interface == "lo":
        return []
    passed = edit.ip(frame, ttl=frame.data[22] - 1)
    return [replace(passed, interface="br0", number=frame.number + 2000, time_ns=frame.time_ns + 3_000)]


def _again(frame: Frame, label: int, more_ns: int) -> Frame:
    """The segment sent once more, in a packet of its own."""
    identification = int.from_bytes(frame.data[18:20], "big") + 1
    return replace(edit.ip(frame, identification=identification), number=label, time_ns=frame.time_ns + more_ns)


def _later(frames: Sequence[Frame], more_ns: int) -> list[Frame]:
    return [replace(frame, time_ns=frame.time_ns + more_ns) for frame in frames]


def _relabelled(frames: Sequence[Frame]) -> list[Frame]:
    """The client's FIN under a label of its own, for there is an ACK before it now."""
    return [replace(frame, number=210) if frame.number == 10 else frame for frame in frames]


def _second_fetch(frame: Frame) -> Frame:
    """The same conversation from another port, two seconds on."""
    return replace(edit.tcp(frame, client_port=40001, more_ns=2 * SECOND_NS), number=frame.number + 300)


def _large(like: Frame, octets: int) -> Frame:
    """A datagram of somebody else."""
    packet = craft.ipv4(CLIENT, "10.77.0.1", 17, craft.udp(CLIENT, "10.77.0.1", 5000, 6000, bytes(octets)))
    return replace(like, data=like.data[:14] + packet, number=501)


def _noise(like: Frame) -> list[Frame]:
    """Other traffic: a name's resolution, a ping, and a request to another web server."""
    query = craft.udp(CLIENT, "8.8.8.8", 4321, 53, craft.dns_query(7, "httpbin.org"))
    ping = craft.echo_request(7, 1, b"ping")
    ends = (CLIENT, "10.77.0.81", 40002, 80)
    other = [
        craft.tcp(*ends, flags="S", sequence=7),
        craft.tcp(*ends, flags="PA", sequence=8, acknowledgment=9, data=b"GET / HTTP/1.1\r\n\r\n"),
    ]
    packets = [
        craft.ipv4(CLIENT, "8.8.8.8", 17, query),
        craft.ipv4(CLIENT, "8.8.8.8", 1, ping),
        *(craft.ipv4(CLIENT, "10.77.0.81", 6, segment) for segment in other),
    ]
    return [replace(like, data=like.data[:14] + packet, number=600 + at) for at, packet in enumerate(packets)]


def _ack(frame: Frame) -> int:
    """The number that a segment acknowledges."""
    return int.from_bytes(frame.data[42:46], "big")
