"""IPv6 (RFC 8200): header and the chain of extension headers.

`header_length` counts the extensions, and `protocol` is what stands behind them. Rules and refusals are
those of `ipv4`; the chain is walked for at most `MAX_EXTENSIONS` headers. ESP and "no next header" end
it. Behind a routing header with segments left the destination of the pseudo header is not the one in the
packet: upper sums are then unknown.
"""

from __future__ import annotations

from collections.abc import Iterator

from pytest_netlab.errors import WireError
from pytest_netlab.wire.checksum import pseudo_header6
from pytest_netlab.wire.field import Bytes, Int
from pytest_netlab.wire.frame import Frame
from pytest_netlab.wire.header import Address6At, Bits, Field, Header, Unsigned, require

MAX_EXTENSIONS = 16
_LARGE_SEND = 1500
_HOP_BY_HOP, _ROUTING, _FRAGMENT, _AUTHENTICATION, _DESTINATION = 0, 43, 44, 51, 60
_EXTENSIONS = frozenset((_HOP_BY_HOP, _ROUTING, _FRAGMENT, _AUTHENTICATION, _DESTINATION))


class Extension(Header):
    """An extension header; `kind` is the number that announced it."""

    __slots__ = ("kind",)
    layer = "ipv6.extension"
    next_header = Unsigned(0, 1)

    def __init__(self, frame: Frame, offset: int, length: int, end: int, kind: int) -> None:
        super().__init__(frame, offset, length, end)
        self.kind = kind

    @property
    def data(self) -> Bytes:
        """Its octets behind the next-header field."""
        return self.octets("data", 1, self._length - 1)

    def fields(self) -> Iterator[Field]:
        yield from super().fields()
        yield Field(self.data.span.name, self.data, self.data.span)


class Ipv6(Header):
    """An IPv6 header with its extensions."""

    __slots__ = ("extensions",)
    layer = "ipv6"
    version = Bits(0, 1, 0, 4)
    traffic_class = Bits(0, 2, 4, 8)
    flow_label = Bits(1, 3, 4, 20)
    payload_length = Unsigned(4, 2)
    next_header = Unsigned(6, 1)
    hop_limit = Unsigned(7, 1)
    source = Address6At(8)
    destination = Address6At(24)

    def __init__(self, frame: Frame, offset: int, length: int, end: int, extensions: tuple[Extension, ...]) -> None:
        super().__init__(frame, offset, length, end)
        self.extensions = extensions

    @property
    def protocol(self) -> Int:
        """Number of the protocol behind the last extension."""
        return self.extensions[-1].next_header if self.extensions else self.next_header

    @property
    def fragment_offset(self) -> int:
        """In units of 8 octets; 0 without a fragment header."""
        header = self._fragment_header()
        return int.from_bytes(header.data[1:3], "big") >> 3 if header else 0

    @property
    def more_fragments(self) -> bool:
        """More fragments follow."""
        header = self._fragment_header()
        return bool(header and header.data[2] & 1)

    @property
    def fragment(self) -> bool:
        """This is one fragment of a larger packet."""
        return self.more_fragments or self.fragment_offset > 0

    @property
    def complete(self) -> bool:
        """One packet, all of it captured, and bound for the destination in its header."""
        rerouted = any(header.kind == _ROUTING and header.data[2] for header in self.extensions)
        told = int(self.payload_length)
        captured = len(self.frame.data) - self.offset - 40
        return 0 < told <= captured and not self.fragment and not rerouted

    def pseudo_header(self, protocol: int, length: int) -> bytes:
        """Return the pseudo header for an upper layer of `length` octets."""
        at = self.offset
        data = self.frame.data
        return pseudo_header6(data[at + 8 : at + 24], data[at + 24 : at + 40], protocol, length)

    def fields(self) -> Iterator[Field]:
        yield from super().fields()
        for extension in self.extensions:
            yield from extension.fields()

    def _fragment_header(self) -> Extension | None:
        return next((header for header in self.extensions if header.kind == _FRAGMENT), None)


def parse_ipv6(frame: Frame, offset: int, end: int | None = None, *, quoted: bool = False) -> Ipv6:
    """Read an IPv6 header and its extensions; arguments as in `parse_ipv4`.

    Raises:
        WireError: another version, a payload length that the frame contradicts, an endless or broken chain.
    """
    stop = frame.length if end is None else end
    require(frame, offset, 40, stop, "ipv6")
    data = frame.data
    if data[offset] >> 4 != 6:
        raise WireError(f"version is {data[offset] >> 4}, not 6", "ipv6.version", offset)
    told = int.from_bytes(data[offset + 4 : offset + 6], "big")
    there = stop - offset - 40
    if told > there and not quoted:
        problem = f"payload length {told} exceeds the {there} bytes that are there"
        raise WireError(problem, "ipv6.payload_length", offset + 4)
    if told or there <= _LARGE_SEND:
        stop = min(stop, offset + 40 + told)
    extensions = tuple(_walk(frame, offset + 40, stop, data[offset + 6]))
    length = 40 + sum(extension.header_length for extension in extensions)
    return Ipv6(frame, offset, length, stop, extensions)


def _walk(frame: Frame, at: int, end: int, kind: int) -> Iterator[Extension]:
    for _ in range(MAX_EXTENSIONS):
        if kind not in _EXTENSIONS:
            return
        require(frame, at, 8, end, "ipv6.extension")
        units = frame.data[at + 1]
        length = 8 if kind == _FRAGMENT else (units + 2) * 4 if kind == _AUTHENTICATION else (units + 1) * 8
        require(frame, at, length, end, "ipv6.extension")
        yield Extension(frame, at, length, end, kind)
        later_fragment = kind == _FRAGMENT and int.from_bytes(frame.data[at + 2 : at + 4], "big") >> 3 > 0
        if later_fragment:
            return
        kind = frame.data[at]
        at += length
    if kind in _EXTENSIONS:
        raise WireError(f"more than {MAX_EXTENSIONS} extension headers", "ipv6.extension", at)
