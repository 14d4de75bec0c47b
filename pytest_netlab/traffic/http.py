"""The web server of exercise 1.2: one page like httpbin's `/get`, delivered in ways that clients must bear.

Rules:
- Whatever the request says, it gets the mode's page, so that one mistake in a request is one mistake. The
  request is kept as it came; the wire tells its faults. An empty line will do whatever ends the lines: CR LF,
  LF, CR or LF CR; a request that stays unfinished for `PATIENCE_S` gets 408 (RFC 9110 §15.5.9).
- Every page ends in the server's marker: who shows it has read to the end.
- Content-Length is right. A client that says `Connection: close`, or speaks HTTP/1.0, is closed by the server
  after the page; any other one closes by itself, within `KEEP_OPEN_S` (RFC 9112 §9.3). The mode
  `server_closes_first` says `Connection: close` instead of Content-Length and closes whatever the client said,
  which then is what ends the page (RFC 9112 §6.3).
- Bytes behind the first request are kept in `Exchange.extra` and not answered.

The mode `refused` of the exercise needs no peer: nobody listens.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from pytest_netlab.lab.addresses import NAMES
from pytest_netlab.lab.client import Host
from pytest_netlab.traffic.destinations import Address
from pytest_netlab.traffic.pace import Pace
from pytest_netlab.traffic.tcp import Connection, TcpServer
from pytest_netlab.traffic.waiting import HasFileno

PATIENCE_S: Final = 10.0
"""How long a client may stay silent in the middle of its request, in seconds."""
KEEP_OPEN_S: Final = 20.0
"""How long a connection without `Connection: close` stays open for the client to close, in seconds."""
MOST_REQUEST_BYTES: Final = 64 << 10
"""A longer header gets 431 (RFC 6585 §5)."""
LARGE_BYTES: Final = 1 << 20
END_MARKER: Final = "end-of-the-page-5d41402a"
"""What pages end in, unless a server is given a marker of its own."""
INVALID_UTF8: Final = b"\xff\xfe\x80"
"""Bytes in the body of `not_utf8` that no UTF-8 text holds."""
_EMPTY_LINES: Final = (b"\n\r\n", b"\n\n", b"\r\r")
_UNREAD_S: Final = 0.05
_DRIBBLE_S: Final = 2.0
PAUSE_S: Final = 1.2
"""How long a dribbling server says nothing: a silence is not the end of a stream."""
_BEHIND_PAUSE_BYTES: Final = 60


@dataclass(frozen=True)
class Request:
    """A request as it came, and what a tolerant reader makes of it.

    Attributes:
        raw: all bytes up to the end of the header, the empty line included.
        target: second word of the request line.
        version: its third word, empty where it is missing.
        headers: names in lower case; of repeated ones the last.
    """

    raw: bytes
    target: str
    version: str
    headers: dict[str, str]

    @property
    def wants_close(self) -> bool:
        """Whether the client asked for, or by its version expects, the server's close (RFC 9112 §9.3)."""
        options = {option.strip().lower() for option in self.headers.get("connection", "").split(",")}
        return "close" in options or (self.version != "HTTP/1.1" and "keep-alive" not in options)


@dataclass
class Exchange:
    """What happened on one connection.

    Attributes:
        connection: who asked, and how the connection ended.
        request: None where it never became complete.
        answered: the whole answer was handed to the kernel.
    """

    connection: Connection
    request: Request | None = None
    answered: bool = False

    @property
    def extra(self) -> bytes:
        """Bytes that came behind the request."""
        return self.connection.received[len(self.request.raw) :] if self.request else b""


class HttpServer:
    """A web server with one page.

    Args:
        host: where it is.
        mode: `one_segment`, `dribble`, `large`, `server_closes_first`, `not_utf8` or `empty`.
        address: one of the host's; by default that of httpbin.org.
        port: 0 lets the kernel choose.
        client: the host of the client. Where it is given, pieces that are sent apart (`dribble`, `not_utf8`)
            are sent no faster than the client reads them.
        marker: what its pages end in: one plain word.

    Raises:
        UsageError: no such address, or the port is taken.
        KeyError: no such mode.
    """

    def __init__(
        self,
        host: Host,
        mode: str = "one_segment",
        address: str = NAMES["httpbin.org"],
        port: int = 80,
        client: Host | None = None,
        marker: str = END_MARKER,
    ) -> None:
        self.mode = mode
        self.marker = marker
        self._deliver = MODES[mode]
        self._pace = Pace(client) if client else None
        self._lock = threading.Lock()
        self._exchanges: list[Exchange] = []
        self._server = TcpServer(host, port, address, self._attend)
        self.address: Address = self._server.address

    def __enter__(self) -> HttpServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def closed_by_clients(self) -> bool:
        """Whether a client was here, and each of them has closed or reset its connection."""
        ends = [exchange.connection for exchange in self.exchanges]
        return bool(ends) and all(end.closed_by_client or end.reset_by_client for end in ends)

    @property
    def exchanges(self) -> list[Exchange]:
        """What happened on each connection, in order of their arrival."""
        self._server.check()
        with self._lock:
            return list(self._exchanges)

    def wait_for_connection(self, timeout_s: float, until_ended: HasFileno | None = None) -> bool:
        """Wait until a client is accepted. Returns whether one was, in time and before the program's end."""
        return self._server.wait_for_connection(timeout_s, until_ended) is not None

    def wait_finished(self, timeout_s: float) -> bool:
        """Wait until all connections are closed by both sides. Returns whether they are."""
        return self._server.wait_finished(timeout_s)

    def close(self) -> None:
        """Stop. Raises HarnessFault where the server has died."""
        try:
            self._server.close()
        finally:
            if self._pace:
                self._pace.close()

    def _attend(self, connection: Connection) -> None:
        exchange = Exchange(connection)
        with self._lock:
            self._exchanges.append(exchange)
        header = _read_header(connection)
        if header is None:
            _refuse(connection)
            return
        exchange.request = request = parse_request(header)
        self._deliver(Delivery(connection, request, self._pace, self.marker))
        exchange.answered = True
        if not request.wants_close and self.mode not in ("server_closes_first", "empty"):
            connection.drain(KEEP_OPEN_S)
        else:
            connection.finish()
            connection.drain(PATIENCE_S)


@dataclass(frozen=True)
class Delivery:
    """One answer on its way."""

    connection: Connection
    request: Request
    pace: Pace | None
    marker: str

    @property
    def page(self) -> dict[str, object]:
        """What httpbin's `/get` tells about a request, and the marker."""
        parts = urlsplit(self.request.target)
        host = self.request.headers.get("host", "httpbin.org")
        return {
            "args": dict(parse_qsl(parts.query)),
            "headers": {name.title(): value for name, value in sorted(self.request.headers.items())},
            "origin": self.connection.peer[0],
            "url": self.request.target if parts.scheme else f"http://{host}{self.request.target}",
            "end": self.marker,
        }

    def response(self, body: bytes, *, close: bool = False, kind: str = "application/json") -> bytes:
        """The whole response around `body`; with `close` it is the server's close that ends it."""
        stays = "close" if close or self.request.wants_close else "keep-alive"
        lines = ["HTTP/1.1 200 OK", "Server: netlab", f"Content-Type: {kind}", f"Connection: {stays}"]
        if not close:
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, "", ""]).encode("ascii") + body

    def send_apart(self, data: bytes, timeout_s: float) -> None:
        """Send `data` as a segment of its own, and wait for the client to read it."""
        self.connection.send(data, as_segment=True)
        if self.pace:
            ends = self.connection.peer, self.connection.local
            self.pace.wait_until_read(*ends, self.connection.sent, timeout_s)


def _json(page: dict[str, object]) -> bytes:
    return json.dumps(page, indent=2).encode("ascii") + b"\n"


def one_segment(delivery: Delivery) -> None:
    """The response is one segment."""
    delivery.connection.send(delivery.response(_json(delivery.page)))


def dribble(delivery: Delivery) -> None:
    """Each byte of the response is a segment of its own, and in the middle of them the server pauses."""
    deadline = time.monotonic() + _DRIBBLE_S
    response = delivery.response(_json(delivery.page))
    for number, byte in enumerate(response):
        if number == len(response) - _BEHIND_PAUSE_BYTES:
            delivery.connection.receive(PAUSE_S)
            deadline += PAUSE_S
        delivery.send_apart(bytes([byte]), min(_UNREAD_S, deadline - time.monotonic()))


def large(delivery: Delivery) -> None:
    """The body has 1 MiB."""
    page = delivery.page
    page["data"] = "0123456789abcdef" * (LARGE_BYTES // 16)
    page["end"] = page.pop("end")
    excess = len(_json(page)) - LARGE_BYTES
    page["data"] = str(page["data"])[:-excess]
    delivery.connection.send(delivery.response(_json(page)))


def server_closes_first(delivery: Delivery) -> None:
    """The server's FIN is on the last segment of the response."""
    delivery.connection.send_and_finish(delivery.response(_json(delivery.page), close=True))


def not_utf8(delivery: Delivery) -> None:
    """The body has bytes that are no UTF-8, and a segment ends within a character."""
    body = "price: 5 \N{EURO SIGN}".encode() + b" raw: " + INVALID_UTF8 + b" " + delivery.marker.encode() + b"\n"
    response = delivery.response(body, kind="text/plain; charset=utf-8")
    cut = response.index(b"\xe2\x82\xac") + 2
    delivery.send_apart(response[:cut], _DRIBBLE_S)
    delivery.connection.send(response[cut:])


def empty(delivery: Delivery) -> None:
    """The server closes without an answer."""


MODES: Final[dict[str, Callable[[Delivery], None]]] = {
    mode.__name__: mode for mode in (one_segment, dribble, large, server_closes_first, not_utf8, empty)
}
"""The ways to deliver the page, by name."""


def parse_request(raw: bytes) -> Request:
    """What a tolerant reader makes of a request's header. Never fails."""
    lines = re.split(r"\r\n|\n\r(?!\n)|\n|\r", raw.decode("latin-1"))
    words = (lines[0] if lines else "").split()
    fields = (line.partition(":") for line in lines[1:] if ":" in line)
    headers = {name.strip().lower(): value.strip() for name, _, value in fields}
    return Request(raw, words[1] if len(words) > 1 else "/", words[2] if len(words) > 2 else "", headers)


def _read_header(connection: Connection) -> bytes | None:
    """The request up to its empty line; None where it stays unfinished."""
    while True:
        received = connection.received
        ends = [at + len(end) for end in _EMPTY_LINES if (at := received.find(end)) >= 0]
        if ends:
            return received[: min(ends)]
        if len(received) > MOST_REQUEST_BYTES or not connection.receive(PATIENCE_S):
            return None


def _refuse(connection: Connection) -> None:
    if not connection.received:
        return  # there is nothing to answer
    status = (
        "408 Request Timeout"
        if len(connection.received) <= MOST_REQUEST_BYTES
        else ("431 Request Header Fields Too Large")
    )
    connection.send(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode("ascii"))
