"""The start of an HTTP/1.x message: request or status line, and header fields (RFC 9112).

Works on any octets: one segment's payload, or a stream put back together. Octets that came from a single
frame (`Bytes`) give a `body` and lines that still know their place.

Rules:
* A line ends with CRLF. One that ends with a bare LF is read all the same (RFC 9112, 2.2) and noted in
  `bare_line_ends`; so is a CR within a line.
* A header line without a colon, or with space before it, is noted in `malformed_lines` and not a header.
* Field names compare without case; values lose the white space around them.
* What may be the start of a message but is cut off is `complete == False`: the empty line has not been
  seen.

Refuses octets whose first line does not end, or is neither a request line nor a status line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pytest_netlab.errors import WireError
from pytest_netlab.wire.field import Bytes, Span

METHODS = (b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"CONNECT", b"OPTIONS", b"TRACE", b"PATCH")
_STARTS = (*(method + b" " for method in METHODS), b"HTTP/1.")
_REQUEST = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([^ \t\r]+) (HTTP/[0-9]\.[0-9])")
_STATUS = re.compile(rb"(HTTP/[0-9]\.[0-9]) ([0-9]{3})(?: (.*))?", re.DOTALL)
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True, slots=True)
class HttpLine:
    """A line of the head: its octets without the line end, the line end, and where it starts in the data."""

    text: bytes
    ending: bytes
    offset: int


@dataclass(frozen=True, slots=True)
class HttpHead:
    """What a request and a response share.

    Attributes:
        lines: the lines of the head, the empty one last when `complete`.
        headers: names as written and values, in order.
        malformed_lines: lines that should be headers and are none.
        bare_line_ends: offsets in the data at which a line end is not CRLF, or a CR stands alone.
        complete: the empty line that ends the head was seen.
        head_length: octets of the head, the empty line included.
        body: everything behind the head.
    """

    lines: tuple[HttpLine, ...]
    headers: tuple[tuple[str, str], ...]
    malformed_lines: tuple[bytes, ...]
    bare_line_ends: tuple[int, ...]
    complete: bool
    head_length: int
    body: bytes
    version: str

    def values(self, name: str) -> list[str]:
        """Return every value of a header, in order; the name's case does not matter."""
        return [value for written, value in self.headers if written.lower() == name.lower()]

    def header(self, name: str) -> str | None:
        """Return a header's first value, None when it is not there."""
        return next(iter(self.values(name)), None)


@dataclass(frozen=True, slots=True)
class HttpRequest(HttpHead):
    """A request line, such as `GET /get HTTP/1.1`, and its headers."""

    method: str
    target: str


@dataclass(frozen=True, slots=True)
class HttpResponse(HttpHead):
    """A status line, such as `HTTP/1.1 200 OK`, and its headers."""

    status: int
    reason: str


def starts_http(data: bytes) -> bool:
    """Tell whether the data begins as a request with a registered method or a response of HTTP/1 does."""
    return data.startswith(_STARTS)


def parse_http(data: bytes) -> HttpRequest | HttpResponse:
    """Read the start of a message.

    Raises:
        WireError: the first line does not end, or is neither a request nor a status line; offsets count from
            the start of the data.
    """
    lines, complete = _split(data)
    if not lines:
        raise WireError("the first line does not end", "http.start_line", 0)
    status = _STATUS.fullmatch(lines[0].text)
    request = None if status else _REQUEST.fullmatch(lines[0].text)
    if status:
        shared = _head(data, lines, complete, status[1])
        return HttpResponse(*shared, status=int(status[2]), reason=_text(status[3] or b""))
    if request:
        shared = _head(data, lines, complete, request[3])
        return HttpRequest(*shared, method=_text(request[1]), target=_text(request[2]))
    raise WireError("neither a request line nor a status line", "http.start_line", 0)


_Shared = tuple[
    tuple[HttpLine, ...],
    tuple[tuple[str, str], ...],
    tuple[bytes, ...],
    tuple[int, ...],
    bool,
    int,
    bytes,
    str,
]


def _head(data: bytes, lines: list[HttpLine], complete: bool, version: bytes) -> _Shared:
    headers = []
    malformed = []
    for line in lines[1 : len(lines) - complete]:
        name, colon, value = line.text.partition(b":")
        if colon and _NAME.fullmatch(name):
            headers.append((_text(name), _text(value.strip(b" \t"))))
        else:
            malformed.append(line.text)
    length = lines[-1].offset + len(lines[-1].text) + len(lines[-1].ending)
    body = data[length:]
    if isinstance(data, Bytes):
        body = Bytes(body, data.frame, Span("http.body", data.span.offset + length, len(body)))
    bare = tuple(offset for line in lines for offset in _faults(line))
    return tuple(lines), tuple(headers), tuple(malformed), bare, complete, length, body, _text(version)


def _split(data: bytes) -> tuple[list[HttpLine], bool]:
    """Return the whole lines up to the first empty one, and whether there was one."""
    lines: list[HttpLine] = []
    at = 0
    while (stop := data.find(b"\n", at)) >= 0:
        ending = b"\r\n" if data[at:stop].endswith(b"\r") else b"\n"
        text = bytes(data[at : stop + 1 - len(ending)])
        if isinstance(data, Bytes):
            text = Bytes(text, data.frame, Span("http.line", data.span.offset + at, len(text)))
        lines.append(HttpLine(text, ending, at))
        at = stop + 1
        if not text:
            return lines, len(lines) > 1
    return lines, False


def _faults(line: HttpLine) -> list[int]:
    faults = [line.offset + match.start() for match in re.finditer(rb"\r", line.text)]
    return faults if line.ending == b"\r\n" else [*faults, line.offset + len(line.text)]


def _text(raw: bytes) -> str:
    return raw.decode("latin-1")
