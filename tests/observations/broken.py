"""Captures and notes with one mistake each, and the clause that names it."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import replace

from pytest_netlab.wire import Frame
from tests.observations import edit, files
from tests.observations.case import PCAPNG, TOML, Case, Notes
from tests.observations.files import pcapng

SECOND_NS = 1_000_000_000


def broken(reference: Sequence[Frame]) -> list[Case]:
    """All of them, made from the reference's frames, which are labelled with their numbers."""
    return [*_no_files(reference), *_no_notes(reference), *_wrong_notes(reference), *_wrong_udp(reference), *_wrong_tcp(reference)]


def _no_files(reference: Sequence[Frame]) -> list[Case]:
    """No capture, or none that can be read."""
    def case(name: str, title: str, words: Sequence[str], data: bytes | None) -> Case:
        return Case(name, title, reference, fails="observation-capture", words=words, others={PCAPNG: data})

    whole = pcapng(reference)
    return [
        case("no-capture", "The capture was forgotten", ["packet_observation.pcapng", "packet_observation.pcap"], None),
        case("empty-file", "An empty file", ["packet_observation.pcapng"], b""),
        case("no-frames", "A capture without a frame", ["no frame"], pcapng([])),
        case("not-a-capture", "A text file named .pcapng", ["neither pcap nor pcapng"], b"No.  Time  Source\n1  0.0  127.0.0.1\n"),
        case("compressed", "Compressed with gzip", ["compressed"], gzip.compress(whole, mtime=0)),
        case("truncated-file", "The file ends inside a packet", ["frame 10"], whole[:-40]),
    ]


def _no_notes(reference: Sequence[Frame]) -> list[Case]:
    """No notes, or none that can be read."""
    good = Notes().text(reference)

    def case(name: str, title: str, words: Sequence[str], text: str | bytes | None) -> Case:
        data = text.encode() if isinstance(text, str) else text
        return Case(name, title, reference, fails="observation-notes", words=[TOML, *words], others={TOML: data})

    lines = good.splitlines(keepends=True)
    no_tcp = "".join(lines[: lines.index("[tcp]\n")])
    return [
        case("no-notes", "The notes were forgotten", ["none found"], None),
        case("malformed", "A bracket is missing", ["line 5", "not TOML"], good.replace("frames = [1]", "frames = [1")),
        case("not-utf8", "Notes that are not UTF-8", ["line 1", "UTF-8"], b"# \xff\n" + good.encode()),
        case("missing-table", "Nothing about TCP", ["[tcp]"], no_tcp),
        case("missing-key", "The teardown is not named", ["line 5", "[tcp]", "teardown"], "".join(lines[:-1])),
        case("frames-as-text", "Frame numbers as text", ["line 3", "udp.frames"], good.replace("[1]", '["1"]')),
        case("request-as-list", "The request as a list", ["line 8", "tcp.request"], good.replace("request = 5", "request = [5]")),
        case("number-of-frames", "How many frames instead of which", ["line 3", "udp.frames"], good.replace("frames = [1]", "frames = 1")),
    ]


def _wrong_notes(reference: Sequence[Frame]) -> list[Case]:
    """Notes that name other frames, and filters that select them."""
    def case(name: str, title: str, fails: str, words: Sequence[str], **notes: object) -> Case:
        return Case(name, title, reference, Notes(**notes), f"observation-{fails}", words)  # type: ignore[arg-type]

    return [
        case("udp-counts-from-zero", "Counts frames from zero", "udp-frames", ["frame 0", "frames 1 to 11"], frames=[0]),
        case("udp-two-packets", "Names an answer that does not exist", "udp-frames", ["frame 2"], frames=[1, 2]),
        case("udp-no-frame", "Names no frame", "udp-frames", ["frame 1"], frames=[]),
        case("udp-beyond-the-end", "Names a frame behind the last", "udp-frames", ["frame 12"], frames=[12]),
        case("udp-filter-all", "A filter for all UDP and TCP", "udp-filter", ["udp || tcp", "10 packets"[:0] + "11 packets"], udp_filter="udp || tcp"),
        case("udp-filter-capture-syntax", "A capture filter instead of a display filter", "udp-filter", ["udp port 8000", "unexpected"], udp_filter="udp port 8000"),
        case("udp-filter-wrong-port", "A filter that selects nothing", "udp-filter", ["8080", "selects no frame"], udp_filter="udp.port == 8080"),
        case("udp-filter-empty", "An empty filter, which selects all", "udp-filter", ["11 packets"], udp_filter=""),
        case("handshake-order", "SYN-ACK before SYN", "handshake-frames", ["frame 3", "TCP SA"], handshake=[3, 2, 4]),
        case("handshake-get", "The GET as the handshake's end", "handshake-frames", ["frame 5"], handshake=[2, 3, 5]),
        case("handshake-two", "Two frames only", "handshake-frames", ["frame 4"], handshake=[2, 3]),
        case("request-is-ack", "The bare ACK before the GET", "request-frame", ["frame 4"], request=4),
        case("request-is-response", "The response as the request", "request-frame", ["frame 7"], request=7),
        case("teardown-no-last-ack", "The last ACK is missing", "teardown-frames", ["ACK", "frame 11"], teardown=[9, 10]),
        case("teardown-one-fin", "Only one side's FIN", "teardown-frames", ["FIN", "frame 10"], teardown=[9]),
        case("teardown-too-early", "Begins with the response", "teardown-frames", ["frame 7"], teardown=[7, 8, 9, 10, 11]),
        case("tcp-filter-data-only", "A filter that hides segments without data", "tcp-filter", ["'http'", "but not 2"], tcp_filter="http"),
        case("tcp-filter-one-way", "A filter for one direction", "tcp-filter", ["tcp.dstport == 80", "but not 3"], tcp_filter="tcp.dstport == 80"),
        case("tcp-filter-misspelt", "A field that does not exist", "tcp-filter", ["tcp.prt"], tcp_filter="tcp.prt == 80"),
        case("tcp-filter-with-udp", "A filter for the whole capture", "tcp-filter", ["among them 1 "], tcp_filter="ip"),
    ]  # fmt: skip


def _wrong_udp(reference: Sequence[Frame]) -> list[Case]:
    """Captures that lack the datagram, or in which it is not alone."""
    udp, *tcp = reference
    port = int.from_bytes(udp.data[34:36], "big")
    hello = b"Hello, World!"

    def case(name: str, title: str, fails: str, words: Sequence[str], before: Sequence[Frame]) -> Case:
        frames = [*before, *tcp]
        return Case(name, title, frames, fails=f"observation-{fails}", words=words)

    twice = replace(edit.datagram(udp, port + 1, 8000, hello, more_ns=SECOND_NS), number=101)
    same_port = replace(udp, time_ns=udp.time_ns + SECOND_NS, number=101)
    answer = replace(edit.datagram(udp, 8000, port, b"ACK", more_ns=90_000), number=101)
    refusal = replace(edit.refusal(udp, more_ns=9_000), number=101)
    in_time = [tcp[0].time_ns - SECOND_NS // 100]
    assert in_time
    return [
        case("no-udp", "Captured on eth0 alone", "udp-datagram", ["8000"], []),
        case("udp-other-port", "The datagram goes to port 8080", "udp-datagram", ["8080"], [edit.datagram(udp, port, 8080, hello)]),
        case("udp-other-payload", "Another message", "udp-datagram", ["Hello, World!"], [edit.datagram(udp, port, 8000, b"hello world")]),
        case("udp-cut", "A snap length that cut the datagram", "udp-datagram", ["8000"], [files.cut(udp, 46)]),
        case("udp-twice", "The client was run twice", "udp-alone", ["frame 2"], [udp, twice]),
        case("udp-same-twice", "The same datagram a second later", "udp-alone", ["frame 2"], [udp, same_port]),
        case("udp-answered", "The server answers", "udp-alone", ["frame 2"], [udp, answer]),
        case("udp-refused", "No server was running", "udp-alone", ["frame 2", "ICMP"], [udp, refusal]),
    ]


def _wrong_tcp(reference: Sequence[Frame]) -> list[Case]:
    """Captures that lack a part of the conversation, or in which others talk, too."""
    udp, *tcp = reference
    said = {frame.number: frame for frame in reference}

    def without(*labels: int) -> list[Frame]:
        return [frame for frame in reference if frame.number not in labels]

    def case(name: str, title: str, fails: str, words: Sequence[str], frames: Sequence[Frame], **notes: object) -> Case:
        return Case(name, title, frames, Notes(**notes), f"observation-{fails}", words)  # type: ignore[arg-type]

    reset = [*reference[:9], edit.tcp(said[10], flags="RA")]
    second = [_beside(frame) for frame in tcp]
    overlapping = sorted([*reference, *second], key=lambda frame: frame.time_ns)
    return [
        case("no-tcp", "Captured on lo alone", "tcp-handshake", ["port 80"], [udp]),
        case("no-syn", "The capture began after the SYN", "tcp-handshake", ["SA"], without(2)),
        case("no-request", "The frame with the GET is not there", "tcp-request", [], without(5)),
        case("snap-length-74", "A snap length that cut the GET away", "tcp-request", ["GET /get"], [files.cut(each, 74) for each in reference]),
        case("asks-root", "The client asks for /", "tcp-request", ["/get"], [*reference[:4], edit.tcp(said[5], data=_root(said[5])), *reference[5:]]),
        case("no-response", "The response's frame is not there", "tcp-response", ["294 bytes"], without(7)),
        case("stopped-early", "The capture ended before the last FIN", "tcp-close", ["client's FIN"], without(10, 11)),
        case("no-last-ack", "The capture ended before the last ACK", "tcp-close", ["ACK for the client's FIN"], without(11)),
        case("reset", "The client reset the connection", "tcp-close", ["client's FIN", "RA"], reset),
        case("second-fetch-selected", "A filter that selects two runs of the client", "tcp-filter", ["20 packets"], [*reference, *(_after(each) for each in second)]),
        case("foreign-traffic", "A second fetch at the same time", "no-foreign-traffic", ["40001"], overlapping, tcp_filter="tcp.stream eq 0"),
    ]  # fmt: skip


def _beside(frame: Frame) -> Frame:
    """The same conversation from another port, at the same time."""
    sent = frame.data[26:30] == bytes([10, 77, 0, 2])
    moved = edit.tcp(frame, **{"src_port" if sent else "dst_port": 40001}, more_ns=2_000)
    return replace(moved, number=frame.number + 300)


def _after(frame: Frame) -> Frame:
    return replace(frame, time_ns=frame.time_ns + SECOND_NS)


def _root(frame: Frame) -> bytes:
    """The request for `/` instead, as long as the other."""
    return frame.data[66:].replace(b"GET /get ", b"GET / ").replace(b"\r\n\r\n", b"\r\nA:\r\n\r\n"[:0] + b"   \r\n\r\n")
