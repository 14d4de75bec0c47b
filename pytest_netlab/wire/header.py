"""What every protocol header has in common: it is a window on a frame, and its fields are read on demand.

A header class declares its fields as the RFC's diagram draws them::

    class Udp(Header):
        layer = "udp"
        src_port = Unsigned(0, 2)

Reading `udp.src_port` then cuts two octets at the header's own offset and gives an `Int` that knows its
place. Parsing only checks that the octets are there and agree with each other; that keeps dissecting
fast.

Rules:
* A header exists only if all its octets were captured. `end` may lie behind the captured octets when the
  capture's snap length cut the payload.
* Fields in `fields()` stand in wire order and do not overlap; a second view of the same bits is
  `listed=False`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, NamedTuple, Self, overload

from pytest_netlab.errors import WireError
from pytest_netlab.wire.field import Address4, Address6, Bytes, Int, Located, Mac, Span
from pytest_netlab.wire.frame import Frame


class Field(NamedTuple):
    """One line of a field table: dotted name, located value, place."""

    name: str
    value: Located
    span: Span


class Part:
    """A declared field: `width` octets, `at` octets behind the start of its header."""

    __slots__ = ("at", "listed", "name", "width")

    def __init__(self, at: int, width: int, *, listed: bool = True) -> None:
        self.at = at
        self.width = width
        self.listed = listed
        self.name = ""

    def __set_name__(self, owner: type[Header], name: str) -> None:
        self.name = f"{owner.layer}.{name}"


class Header:
    """A protocol header in a frame.

    Attributes:
        frame: the frame it was read from.
        offset: of its first octet in the frame's data.
        end: first octet behind what it carries; may lie behind the captured octets.
    """

    __slots__ = ("_length", "end", "frame", "offset")
    layer: ClassVar[str] = ""
    layout: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        own = tuple(name for name, part in vars(cls).items() if isinstance(part, Part) and part.listed)
        cls.layout = cls.layout + own

    def __init__(self, frame: Frame, offset: int, length: int, end: int) -> None:
        self.frame = frame
        self.offset = offset
        self._length = length
        self.end = end

    @property
    def header_length(self) -> int:
        """Octets of this header, options and extensions included."""
        return self._length

    @property
    def payload_offset(self) -> int:
        """First octet behind this header."""
        return self.offset + self._length

    @property
    def payload(self) -> Bytes:
        """The octets it carries, as far as they were captured."""
        return self.octets("payload", self._length, self.end - self.offset - self._length)

    @property
    def truncated(self) -> bool:
        """Octets that it carries were cut off by the capture's snap length."""
        return self.end > len(self.frame.data)

    def fields(self) -> Iterator[Field]:
        """Yield the header's fields in wire order."""
        for name in self.layout:
            value = getattr(self, name)
            yield Field(value.span.name, value, value.span)

    def unsigned(self, name: str, at: int, width: int) -> Int:
        """Read `width` octets, `at` behind the header's start, as a located integer."""
        start = self.offset + at
        value = int.from_bytes(self.frame.data[start : start + width], "big")
        return Int(value, self.frame, Span(f"{self.layer}.{name}", start, width))

    def octets(self, name: str, at: int, width: int) -> Bytes:
        """Cut `width` octets, `at` behind the header's start, or as many of them as were captured."""
        start = self.offset + at
        cut = self.frame.data[start : start + width] if width > 0 else b""
        return Bytes(cut, self.frame, Span(f"{self.layer}.{name}", start, len(cut)))

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self) or not isinstance(other, Header):
            return NotImplemented
        return (self.offset, self.end, self.frame) == (other.offset, other.end, other.frame)

    def __hash__(self) -> int:
        return hash((type(self), self.offset, self.frame.number))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.layout)
        return f"<{type(self).__name__} {shown}>"


class Unsigned(Part):
    """Whole octets in network byte order."""

    __slots__ = ()

    @overload
    def __get__(self, header: None, owner: type[Header]) -> Self: ...
    @overload
    def __get__(self, header: Header, owner: type[Header]) -> Int: ...
    def __get__(self, header: Header | None, owner: type[Header]) -> Self | Int:
        if header is None:
            return self
        frame = header.frame
        start = header.offset + self.at
        value = int.from_bytes(frame.data[start : start + self.width], "big")
        return Int(value, frame, Span(self.name, start, self.width))


class Bits(Part):
    """`bits` bits, the first of them `bit` bits behind the most significant one of the octet at `at`."""

    __slots__ = ("bit", "bits")

    def __init__(self, at: int, width: int, bit: int, bits: int, *, listed: bool = True) -> None:
        super().__init__(at, width, listed=listed)
        self.bit = bit
        self.bits = bits

    @overload
    def __get__(self, header: None, owner: type[Header]) -> Self: ...
    @overload
    def __get__(self, header: Header, owner: type[Header]) -> Int: ...
    def __get__(self, header: Header | None, owner: type[Header]) -> Self | Int:
        if header is None:
            return self
        frame = header.frame
        start = header.offset + self.at
        whole = int.from_bytes(frame.data[start : start + self.width], "big")
        value = whole >> (self.width * 8 - self.bit - self.bits) & (1 << self.bits) - 1
        return Int(value, frame, Span(self.name, start, self.width, self.bit, self.bits))


class Octets(Part):
    """Octets without an inner order of their own."""

    __slots__ = ()

    @overload
    def __get__(self, header: None, owner: type[Header]) -> Self: ...
    @overload
    def __get__(self, header: Header, owner: type[Header]) -> Bytes: ...
    def __get__(self, header: Header | None, owner: type[Header]) -> Self | Bytes:
        if header is None:
            return self
        start = header.offset + self.at
        cut = header.frame.data[start : start + self.width]
        return Bytes(cut, header.frame, Span(self.name, start, self.width))


class MacAt(Part):
    """A 48-bit link-layer address."""

    __slots__ = ()

    def __init__(self, at: int) -> None:
        super().__init__(at, 6)

    @overload
    def __get__(self, header: None, owner: type[Header]) -> Self: ...
    @overload
    def __get__(self, header: Header, owner: type[Header]) -> Mac: ...
    def __get__(self, header: Header | None, owner: type[Header]) -> Self | Mac:
        if header is None:
            return self
        start = header.offset + self.at
        text = header.frame.data[start : start + 6].hex(":")
        return Mac(text, header.frame, Span(self.name, start, 6))


class Address4At(Part):
    """An IPv4 address."""

    __slots__ = ()

    def __init__(self, at: int) -> None:
        super().__init__(at, 4)

    @overload
    def __get__(self, header: None, owner: type[Header]) -> Self: ...
    @overload
    def __get__(self, header: Header, owner: type[Header]) -> Address4: ...
    def __get__(self, header: Header | None, owner: type[Header]) -> Self | Address4:
        if header is None:
            return self
        start = header.offset + self.at
        return Address4(header.frame.data[start : start + 4], header.frame, Span(self.name, start, 4))


class Address6At(Part):
    """An IPv6 address."""

    __slots__ = ()

    def __init__(self, at: int) -> None:
        super().__init__(at, 16)

    @overload
    def __get__(self, header: None, owner: type[Header]) -> Self: ...
    @overload
    def __get__(self, header: Header, owner: type[Header]) -> Address6: ...
    def __get__(self, header: Header | None, owner: type[Header]) -> Self | Address6:
        if header is None:
            return self
        start = header.offset + self.at
        return Address6(header.frame.data[start : start + 16], header.frame, Span(self.name, start, 16))


def require(frame: Frame, offset: int, needed: int, end: int, name: str) -> None:
    """Refuse to go on unless `needed` octets from `offset` were captured and lie before `end`.

    Raises:
        WireError: naming the field or layer `name`, and whether the wire or the capture is to blame.
    """
    stop = offset + needed
    captured = len(frame.data)
    if stop <= end and stop <= captured:
        return
    left = max(0, min(end, captured) - offset)
    why = "the capture cut it off" if captured < stop <= end else "the packet ends"
    raise WireError(f"needs {needed} bytes, but {why} after {left}", name, offset)
