"""A request as it left the client, read so tolerantly that each of its faults can be told by itself.

`wire.parse_http` reads what is right and refuses the rest. Here any octets give a `SentRequest`: a line ends
with CR LF, LF, CR or LF CR, whatever the line says; the head ends at the first empty line; what stands behind
that is kept. Clauses then ask for one property each.

A part that came in one segment knows its place in that frame; one that was split over several is plain bytes.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pytest_netlab.wire import Assembly, Bytes, Span, TcpStream

_LINE_END: Final = re.compile(rb"\r\n|\n\r(?!\n)|\n|\r")
_BLANKS: Final = b" \t"

Cut = Callable[[int, int], bytes]
"""Gives the octets from one index to another."""


@dataclass(frozen=True, slots=True)
class SentRequest:
    """What a client said on a connection.

    Attributes:
        data: all of it.
        lines: the lines of the head, the request line first, without their ends and without the empty line.
        ends: what ended each line, the empty one included.
        complete: there was an empty line.
        behind: what follows the empty line.
    """

    data: bytes
    lines: tuple[bytes, ...]
    ends: tuple[bytes, ...]
    complete: bool
    behind: bytes

    @property
    def method(self) -> bytes:
        """The request line up to its first blank."""
        return self._words[0]

    @property
    def target(self) -> bytes:
        """The request line between its first two blanks."""
        return self._words[1]

    @property
    def version(self) -> bytes:
        """The request line behind its second blank."""
        return self._words[2]

    @property
    def _words(self) -> tuple[bytes, bytes, bytes]:
        line = self.lines[0] if self.lines else b""
        cut = _cutter(line)
        first = _index(line, b" ", 0)
        second = _index(line, b" ", first + 1)
        return cut(0, first), cut(min(first + 1, len(line)), second), cut(min(second + 1, len(line)), len(line))

    def values(self, name: str) -> list[bytes]:
        """The values of a header, in order, without the blanks around them; the name's case does not matter.

        A name with a blank before its colon is another name (RFC 9112, 5.1).
        """
        found = []
        for line in self.lines[1:]:
            colon = line.find(b":")
            if colon >= 0 and line[:colon].lower() == name.lower().encode("ascii"):
                value = line[colon + 1 :]
                start = colon + 1 + len(value) - len(value.lstrip(_BLANKS))
                found.append(_cutter(line)(start, max(start, len(line.rstrip(_BLANKS)))))
        return found

    @property
    def asks_for_close(self) -> bool:
        """Whether the server is to end the connection: the option `close`, or HTTP/1.0 without `keep-alive`."""
        options = {option.strip(_BLANKS).lower() for value in self.values("Connection") for option in value.split(b",")}
        return b"close" in options or (self.version == b"HTTP/1.0" and b"keep-alive" not in options)


def sent_request(stream: TcpStream) -> SentRequest:
    """What the client of a conversation said, up to the first gap."""
    assembly = stream.client_assembly
    return read_request(assembly.data, lambda start, stop: _from_segment(assembly, start, stop))


def read_request(data: bytes, cut: Cut | None = None) -> SentRequest:
    """Read a request.

    Args:
        data: any octets.
        cut: gives a part of them, with its place in a frame where that is known.
    """
    cut = cut or _cutter(data)
    lines: list[bytes] = []
    ends: list[bytes] = []
    at = 0
    for end in _LINE_END.finditer(data):
        ends.append(cut(end.start(), end.end()))
        if end.start() == at and lines:
            return SentRequest(data, tuple(lines), tuple(ends), True, cut(end.end(), len(data)))
        lines.append(cut(at, end.start()))
        at = end.end()
    if at < len(data):
        lines.append(cut(at, len(data)))
    return SentRequest(data, tuple(lines), tuple(ends), False, b"")


def _index(line: bytes, part: bytes, start: int) -> int:
    found = line.find(part, start)
    return found if found >= 0 else len(line)


def _cutter(data: bytes) -> Cut:
    """Slices of `data`, which know their place where `data` does."""
    if not isinstance(data, Bytes):
        return lambda start, stop: data[start:stop]
    frame, span = data.frame, data.span
    return lambda start, stop: Bytes(data[start:stop], frame, Span(span.name, span.offset + start, stop - start))


def _from_segment(assembly: Assembly, start: int, stop: int) -> bytes:
    """A slice of a stream, with its place where one segment brought it."""
    part = assembly.data[start:stop]
    which = bisect_right(assembly.starts, start) - 1
    if which < 0 or not part:
        return part
    ends = (*assembly.starts[1:], len(assembly.data))
    tcp = assembly.packets[which].tcp
    if tcp is None or stop > ends[which]:
        return part
    # What a segment newly brought is the last of its octets.
    at = tcp.payload_offset + len(tcp.payload) - (ends[which] - start)
    return Bytes(part, tcp.frame, Span("tcp.payload", at, len(part)))
