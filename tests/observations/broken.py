"""Captures and notes with one mistake each, and the clause that names it."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from pytest_netlab.wire import Frame
from tests.observations import edit, files
from tests.observations.case import PCAPNG, TOML, Case, Notes
from tests.observations.files import pcapng

SECOND_NS = 1_000_000_000


def broken(reference: Sequence[Frame]) -> list[Case]:
    """All of them, made from the reference's frames, which are labelled with their numbers."""
    parts = (_no_capture, _no_notes, _wrong_frames, _wrong_filters, _wrong_udp, _wrong_tcp)
    return [case for part in parts for case in part(reference)]


def _no_capture(reference: Sequence[Frame]) -> Iterator[Case]:
    """No capture, or none that can be read."""
    whole = pcapng(reference)
    text = b"No.  Time  Source\n1  0.0  127.0.0.1\n"

    def case(name: str, title: str, word: str, data: bytes | None) -> Case:
        return Case(name, title, reference, fails="observation-capture", words=[word], others={PCAPNG: data})

    yield case("no-capture", "The capture was forgotten", "looked for packet_observation.pcapng", None)
    yield case("empty-file", "An empty file", "packet_observation.pcapng", b"")
    yield case("no-frames", "A capture without a frame", "no frame", pcapng([]))
    yield case("not-a-capture", "A text file named .pcapng", "neither pcap nor pcapng", text)
    yield case("compressed", "Compressed with gzip", "compressed", gzip.compress(whole, mtime=0))
    yield case("truncated-file", "The file ends inside a packet", "frame 10", whole[:-40])


def _no_notes(reference: Sequence[Frame]) -> Iterator[Case]:
    """No notes, or none that can be read."""
    good = Notes().text(reference)
    lines = good.splitlines(keepends=True)

    def case(name: str, title: str, words: Sequence[str], text: str | None) -> Case:
        data = None if text is None else text.encode("latin-1")
        return Case(name, title, reference, fails="observation-notes", words=[TOML, *words], others={TOML: data})

    yield case("no-notes", "The notes were forgotten", ["none found"], None)
    yield case("malformed", "A bracket is missing", ["line 5", "not TOML"], good.replace("= [1]", "= [1"))
    yield case("not-utf8", "Notes that are not UTF-8", ["line 1", "UTF-8"], "# \xff\n" + good)
    yield case("missing-table", "Nothing about TCP", ["[tcp]"], "".join(lines[: lines.index("[tcp]\n")]))
    yield case("missing-key", "The teardown is not named", ["line 5", "teardown"], "".join(lines[:-1]))
    yield case("frames-as-text", "Frame numbers as text", ["line 3", "udp.frames"], good.replace("[1]", '["1"]'))
    yield case("number-of-frames", "How many, not which", ["line 3", "udp.frames"], good.replace("= [1]", "= 1"))
    yield case("request-as-list", "The request as a list", ["line 8", "tcp.request"], good.replace("= 5", "= [5]"))


def _wrong_frames(reference: Sequence[Frame]) -> Iterator[Case]:
    """Notes that name other frames than those that they mean."""

    def case(name: str, title: str, what: str, words: Sequence[str], **notes: Any) -> Case:
        return Case(name, title, reference, Notes(**notes), f"observation-{what}-frames", words)

    yield case("udp-counts-from-zero", "Counts frames from zero", "udp", ["frame 0", "frames 1 to 11"], frames=[0])
    yield case("udp-two-packets", "Names an answer that there is none of", "udp", ["frame 2"], frames=[1, 2])
    yield case("udp-no-frame", "Names no frame", "udp", ["frame 1"], frames=[])
    yield case("udp-beyond-the-end", "Names a frame behind the last one", "udp", ["frame 12"], frames=[12])
    yield case("handshake-order", "SYN-ACK before SYN", "handshake", ["frame 3", "TCP SA"], handshake=[3, 2, 4])
    yield case("handshake-get", "The GET for the handshake's end", "handshake", ["frame 5"], handshake=[2, 3, 5])
    yield case("handshake-two", "Two frames only", "handshake", ["frame 4"], handshake=[2, 3])
    yield case("teardown-no-last-ack", "The last ACK is missing", "teardown", ["ACK", "frame 11"], teardown=[9, 10])
    yield case("teardown-one-fin", "Only one side's FIN", "teardown", ["FIN", "frame 10"], teardown=[9])
    yield case("teardown-too-early", "From the response on", "teardown", ["frame 7"], teardown=[7, 8, 9, 10, 11])
    for name, title, label in (("ack", "The bare ACK before the GET", 4), ("response", "The response", 7)):
        request = Notes(request=label)
        yield Case(f"request-is-{name}", title, reference, request, "observation-request-frame", [f"frame {label}"])


def _wrong_filters(reference: Sequence[Frame]) -> Iterator[Case]:
    """Filters that select too much, too little, or nothing at all."""

    def udp(name: str, title: str, display_filter: str, word: str) -> Case:
        notes = Notes(udp_filter=display_filter)
        return Case(f"udp-filter-{name}", title, reference, notes, "observation-udp-filter", [display_filter, word])

    def tcp(name: str, title: str, display_filter: str, word: str) -> Case:
        notes = Notes(tcp_filter=display_filter)
        return Case(f"tcp-filter-{name}", title, reference, notes, "observation-tcp-filter", [display_filter, word])

    yield udp("all", "All UDP and TCP", "udp || tcp", "11 packets")
    yield udp("capture-syntax", "A capture filter", "udp port 8000", "maybe you mixed them up")
    yield udp("wrong-port", "Selects nothing", "udp.port == 8080", "selects no frame")
    yield udp("empty", "An empty filter, which selects all", "", "11 packets")
    yield tcp("data-only", "Hides segments without data", "http", "but not frame 2")
    yield tcp("one-way", "One direction", "tcp.dstport == 80", "but not frame 3")
    yield tcp("misspelt", "A field that does not exist", "tcp.prt == 80", "not tcp.prt")
    yield tcp("whole-capture", "The whole capture", "ip", "1 do not belong: frame 1 ")


def _wrong_udp(reference: Sequence[Frame]) -> Iterator[Case]:
    """Captures that lack the datagram, or in which it is not alone."""
    udp, *tcp = reference
    port = int.from_bytes(udp.data[34:36], "big")
    hello = b"Hello, World!"

    def case(name: str, title: str, fails: str, word: str, *frames: Frame) -> Case:
        labelled = [replace(frame, number=number) for number, frame in zip((1, 101), frames, strict=False)]
        return Case(name, title, [*labelled, *tcp], fails=f"observation-{fails}", words=[word])

    later = edit.datagram(udp, port + 1, 8000, hello, more_ns=SECOND_NS)
    same_later = replace(udp, time_ns=udp.time_ns + SECOND_NS)
    answer = edit.datagram(udp, 8000, port, b"ACK", more_ns=90_000)
    yield case("no-udp", "Captured on eth0 alone", "udp-datagram", "8000")
    yield case("udp-other-port", "To port 8080", "udp-datagram", "8080", edit.datagram(udp, port, 8080, hello))
    yield case(
        "udp-other-text", "Another text", "udp-datagram", "Hello", edit.datagram(udp, port, 8000, b"hello world")
    )
    yield case("udp-cut", "A snap length that cut the datagram", "udp-datagram", "8000", files.cut(udp, 46))
    yield case("udp-twice", "The client was run twice", "udp-alone", "frame 2", udp, later)
    yield case("udp-same-twice", "The same datagram a second later", "udp-alone", "frame 2", udp, same_later)
    yield case("udp-answered", "The server answers", "udp-alone", "frame 2", udp, answer)
    yield case("udp-refused", "No server was running", "udp-alone", "ICMP", udp, edit.refusal(udp, more_ns=9_000))


def _wrong_tcp(reference: Sequence[Frame]) -> Iterator[Case]:
    """Captures that lack a part of the conversation, or in which others talk, too."""
    udp, *tcp = reference
    get, fin = reference[4], reference[9]

    def case(name: str, title: str, fails: str, word: str, frames: Sequence[Frame], **notes: Any) -> Case:
        return Case(name, title, frames, Notes(**notes), f"observation-{fails}", [word])

    def without(*labels: int) -> list[Frame]:
        return [frame for frame in reference if frame.number not in labels]

    cut = [files.cut(frame, 74) for frame in reference]
    other = edit.tcp(get, data=get.data[66:].replace(b"GET /get ", b"GET /set "))
    reset = [*reference[:9], edit.tcp(fin, flags="RA")]
    beside, afterwards = ([_another(frame, more_ns) for frame in tcp] for more_ns in (2_000, SECOND_NS))
    at_once = sorted([*reference, *beside], key=lambda frame: frame.time_ns)
    exact = {"tcp_filter": "tcp.stream eq 0"}
    yield case("no-tcp", "Captured on lo alone", "tcp-handshake", "port 80", [udp])
    yield case("no-syn", "Began after the SYN", "tcp-handshake", "SA", without(2))
    yield case("no-request", "The frame with the GET is not there", "tcp-request", "missing", without(5))
    yield case("snap-length-74", "A snap length that cut the GET", "tcp-request", "GET /get", cut)
    yield case("other-page", "The client asks for /set", "tcp-request", "/get", [*reference[:4], other, *reference[5:]])
    yield case("no-response", "The response's frame is not there", "tcp-response", "bytes that the server", without(7))
    yield case("stopped-early", "Ended before the last FIN", "tcp-close", "the client's FIN", without(10, 11))
    yield case("no-last-ack", "Ended before the last ACK", "tcp-close", "ACK for the client's FIN", without(11))
    yield case("reset", "The client reset the connection", "tcp-close", "RA", reset)
    yield case("two-selected", "A filter for two runs", "tcp-filter", "20 packets", [*reference, *afterwards])
    yield case("foreign-traffic", "A second fetch at the same time", "no-foreign-traffic", "40001", at_once, **exact)


def _another(frame: Frame, more_ns: int) -> Frame:
    """The same conversation from another port."""
    return replace(edit.tcp(frame, client_port=40001, more_ns=more_ns), number=frame.number + 300)
