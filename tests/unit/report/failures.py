"""The failures that the golden files show: recordings made byte by byte, judged, and explained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from pytest_netlab.grading.explain import Comparison, Stated, compare, explain
from pytest_netlab.grading.explanation import Explanation
from pytest_netlab.wire import Checksum, Frame, Missing, Packets, internet_checksum

LO = "127.0.0.1"
STUDENT, INTERNET, SCANME = "10.77.0.2", "10.77.0.1", "10.77.0.81"
NAMES = {STUDENT: "student", INTERNET: "internet", SCANME: "scanme.nmap.org"}
_MACS = bytes.fromhex("02000a4d0001 02000a4d0002 0800")
_FLAGS = {"S": 2, "SA": 18, "A": 16, "R": 4, "RA": 20, "PA": 24, "FA": 17}


@dataclass(frozen=True)
class Clause:
    """A clause as `explain` wants it."""

    id: str
    requirement: str
    sentence: str
    reference: str
    hint: str


def ipv4(protocol: int, body: bytes, source: str, destination: str) -> bytes:
    head = bytearray(b"\x45\0" + (20 + len(body)).to_bytes(2, "big") + b"\x1d\x0c\x40\0\x40")
    head += bytes((protocol, 0, 0)) + IPv4Address(source).packed + IPv4Address(destination).packed
    head[10:12] = internet_checksum(bytes(head)).to_bytes(2, "big")
    return _MACS + bytes(head) + body


def udp(
    source_port: int,
    port: int,
    data: bytes,
    source: str = LO,
    destination: str = LO,
    checksum: int | None = None,
) -> bytes:
    length = (8 + len(data)).to_bytes(2, "big")
    head = source_port.to_bytes(2, "big") + port.to_bytes(2, "big") + length
    pseudo = IPv4Address(source).packed + IPv4Address(destination).packed + b"\0\x11" + length
    told = internet_checksum(pseudo + head + data) if checksum is None else checksum
    return ipv4(17, head + told.to_bytes(2, "big") + data, source, destination)


def tcp(ports: tuple[int, int], flags: str, seq: int, ack: int, data: bytes = b"", *, back: bool = False) -> bytes:
    source, destination = (SCANME, STUDENT) if back else (STUDENT, SCANME)
    here, there = ports[::-1] if back else ports
    head = here.to_bytes(2, "big") + there.to_bytes(2, "big") + seq.to_bytes(4, "big") + ack.to_bytes(4, "big")
    head += bytes((0x50, _FLAGS[flags])) + b"\x20\0"
    pseudo = IPv4Address(source).packed + IPv4Address(destination).packed + b"\0\x06"
    total = internet_checksum(pseudo + (20 + len(data)).to_bytes(2, "big") + head + b"\0\0" + data)
    return ipv4(6, head + total.to_bytes(2, "big") + b"\0\0" + data, source, destination)


def unreachable(datagram: bytes) -> bytes:
    """What a host answers to a datagram for a port that nobody listens on."""
    body = b"\x03\x03\0\0\0\0\0\0" + datagram[14:42]
    total = internet_checksum(body).to_bytes(2, "big")
    quoted = datagram[14:34]
    here, there = str(IPv4Address(quoted[16:20])), str(IPv4Address(quoted[12:16]))
    return ipv4(1, body[:2] + total + body[4:], here, there)


def recorded(*frames: bytes) -> Packets:
    began = 1_700_000_000_000_000_000
    return Packets.of(
        Frame(data, number=n, time_ns=began + (n - 1) * 137_000, checksum_unfinished=False)
        for n, data in enumerate(frames, 1)
    )


def explained(
    comparison: Comparison | None, clause: Clause, packets: Packets, *, output: bytes = b"", **more: str
) -> Explanation:
    assert comparison is not None
    return explain(
        clause,
        comparison,
        packets,
        output=output,
        names=NAMES,
        ending="ended by itself, exit status 0",
        capture=more.get("capture", ""),
        assertion=more["assertion"],
    )


def wrong_byte() -> Explanation:
    packets = recorded(udp(51234, 20000, b"a"), udp(20000, 51234, b"ABCD"))
    clause = Clause(
        "abcd-client-payload",
        "MUST",
        "The request carries the single byte 41, the letter A.",
        "RFC 768",
        "Compare the byte that your program passes to sendto() with the one that the exercise names.",
    )
    return explained(
        compare("==", packets.udp.to(20000).only.payload, b"A"),
        clause,
        packets,
        output=b"sent a\nreceived b'ABCD'\n",
        capture="captures/runs/test-request-payload/abcd_client.pcapng",
        assertion='assert request.payload == b"A"',
    )


def wrong_port() -> Explanation:
    sent = udp(51234, 8270, b"A")
    packets = recorded(sent, unreachable(sent))
    clause = Clause(
        "abcd-client-destination",
        "MUST",
        "The client sends to UDP port 20000 of 127.0.0.1.",
        "RFC 768",
        "Ports travel in network byte order; in C, htons() puts them into it.",
    )
    return explain(
        clause,
        missing(lambda: packets.udp.to(20000).only),
        packets,
        output=b"sent\n",
        ending="was still running after 10 s and was ended by the grader (SIGINT)",
        capture="captures/runs/test-destination/abcd_client.pcapng",
        names=NAMES,
    )


def nothing_sent() -> Explanation:
    clause = Clause(
        "abcd-client-sends",
        "MUST",
        "The client sends a UDP datagram.",
        "RFC 768",
        "sendto() wants bytes, not str.",
    )
    trace = (
        "Traceback (most recent call last):\n"
        '  File "abcd_client.py", line 4, in <module>\n'
        '    sock.sendto("A", ("localhost", 20000))\n'
        "TypeError: a bytes-like object is required, not 'str'\n"
    )
    nothing = missing(lambda: recorded().udp.to(20000).only)
    return explain(clause, nothing, recorded(), output=trace.encode(), ending="ended by itself, exit status 1")


def two_ports() -> Explanation:
    packets = recorded(
        tcp((61413, 80), "S", 1000, 0),
        tcp((61413, 80), "SA", 3735928559, 1001, back=True),
        tcp((46593, 80), "A", 1001, 3735928560),
        tcp((46593, 80), "R", 3735928560, 0, back=True),
    )
    clause = Clause(
        "handshake-one-port",
        "MUST",
        "SYN and ACK leave from the same port.",
        "RFC 9293 §3.3.1, §3.5",
        "Choose the source port once, for both segments.",
    )
    syn, ack = packets[0].tcp, packets[2].tcp
    assert syn is not None
    assert ack is not None
    found = compare("==", ack.src_port, syn.src_port)
    assert found is not None
    fate = "the server sent RST in frame 4, and its accept() never returned"
    return explained(
        replace(found, actual=f"{found.actual}; {fate}"),
        clause,
        packets,
        output=b"Manual handshake completed successfully\n",
        capture="captures/runs/test-handshake[closed port]/manual_handshake.pcapng",
        assertion="assert ack.tcp.src_port == syn.tcp.src_port",
    )


def bad_checksum() -> Explanation:
    packets = recorded(udp(12345, 8000, b"Manually Crafted Packet", STUDENT, INTERNET, checksum=0x1234))
    clause = Clause(
        "raw-udp-checksum",
        "SHOULD",
        "The UDP checksum is correct, the pseudo header included.",
        "RFC 768",
        "Sum the pseudo header too: both addresses, protocol 17, and the UDP length.",
    )
    header = packets[0].udp
    assert header is not None
    return explained(
        compare("is", header.checksum_state, Checksum.GOOD),
        clause,
        packets,
        assertion="assert datagram.udp.checksum_state is Checksum.GOOD",
    )


def stated() -> Explanation:
    packets = recorded(udp(51234, 20000, b"A"))
    clause = Clause("server-answers", "MUST", "The server answers every datagram.", "RFC 768", "")
    return explain(clause, Stated("an answer within 2 s", "none"), packets, ending="was ended by the grader (SIGINT)")


def missing(ask: Callable[[], object]) -> Missing:
    try:
        ask()
    except Missing as raised:
        return raised
    raise AssertionError("nothing was missing")


FAILURES: dict[str, Callable[[], Explanation]] = {
    "wrong-byte": wrong_byte,
    "wrong-port": wrong_port,
    "nothing-sent": nothing_sent,
    "two-ports": two_ports,
    "bad-checksum": bad_checksum,
    "stated": stated,
}
