"""The tolerant reader of requests: any octets are read, and every fault stays visible."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_netlab.grading.sent_request import read_request, sent_request
from pytest_netlab.wire import TcpStream, located
from tests.unit.wire.frames import Talk

GOOD = b"GET /get HTTP/1.1\r\nHost: httpbin.org\r\nConnection: close\r\n\r\n"
ENDS = {"CR LF": b"\r\n", "LF": b"\n", "CR": b"\r", "LF CR": b"\n\r"}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_lines_are_found_whatever_ends_them(end: bytes) -> None:
    request = read_request(GOOD.replace(b"\r\n", end))
    assert request.lines == (b"GET /get HTTP/1.1", b"Host: httpbin.org", b"Connection: close")
    assert (request.method, request.target, request.version) == (b"GET", b"/get", b"HTTP/1.1")
    assert request.complete
    assert set(request.ends[:3]) <= {end, b"\n"}


def test_one_bare_line_feed_is_one_fault() -> None:
    request = read_request(b"GET /get HTTP/1.1\r\nHost: httpbin.org\n\r\n")
    assert request.ends == (b"\r\n", b"\n", b"\r\n")
    assert (request.complete, request.behind) == (True, b"")


@pytest.mark.parametrize("behind", [b"", b"\0", b"\r\n", b"hello", b"GET /again HTTP/1.1\r\n\r\n"])
def test_what_stands_behind_the_empty_line(behind: bytes) -> None:
    request = read_request(GOOD + behind)
    assert request.behind == behind
    assert len(request.lines) == 3


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"GET /get", (b"GET", b"/get", b"")),
        (b"GET", (b"GET", b"", b"")),
        (b"GET  /get HTTP/1.1", (b"GET", b"", b"/get HTTP/1.1")),
        (b"GET /get HTTP/1.1 ", (b"GET", b"/get", b"HTTP/1.1 ")),
        (b"", (b"", b"", b"")),
    ],
)
def test_request_line(line: bytes, words: tuple[bytes, ...]) -> None:
    request = read_request(line + b"\r\n\r\n")
    assert (request.method, request.target, request.version) == words


def test_header_values() -> None:
    request = read_request(b"GET / HTTP/1.1\r\nhOST:a \r\nHost : b\r\nHost:\t c d\t\r\nHost:\r\n\r\n")
    assert request.values("Host") == [b"a", b"c d", b""]
    assert request.values("Hos") == []


@pytest.mark.parametrize(
    ("head", "asks"),
    [
        (b"GET /get HTTP/1.1\r\n", False),
        (b"GET /get HTTP/1.1\r\nConnection: close\r\n", True),
        (b"GET /get HTTP/1.1\r\nconnection: TE, Close\r\n", True),
        (b"GET /get HTTP/1.1\r\nConnection: keep-alive\r\n", False),
        (b"GET /get HTTP/1.0\r\n", True),
        (b"GET /get HTTP/1.0\r\nConnection: Keep-Alive\r\n", False),
    ],
)
def test_who_is_to_close(head: bytes, asks: bool) -> None:
    assert read_request(head + b"\r\n").asks_for_close is asks


def test_parts_know_their_place_in_the_segment_that_brought_them() -> None:
    cut = GOOD.index(b"org")
    talk = Talk().client("S", 0).client("PA", 1, payload=GOOD[:cut]).client("PA", 1 + cut, payload=GOOD[cut:])
    request = sent_request(TcpStream(talk.packets))
    assert request.values("Host") == [b"httpbin.org"]
    assert located(request.values("Host")[0]) is None
    place = located(request.values("Connection")[0])
    assert place is not None
    frame, span = place
    assert frame.number == 3
    assert frame.data[span.offset : span.offset + span.width] == b"close"


@given(st.lists(st.sampled_from([b"GET ", b"Host:", b"a", b"\r", b"\n", b"\r\n", b"\xff"]), max_size=12).map(b"".join))
def test_any_octets_are_read_and_none_is_lost(data: bytes) -> None:
    request = read_request(data)
    lines = (*request.lines, b"") if request.complete else request.lines
    ends = request.ends + (b"",) * (len(lines) - len(request.ends))
    assert b"".join(line + end for line, end in zip(lines, ends, strict=True)) + request.behind == data
    assert isinstance(request.asks_for_close, bool)
