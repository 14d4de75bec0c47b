"""Values that know where they came from.

A header field is an `int`, `bytes`, `str` or address that behaves exactly as its base does, and beside
that remembers its frame and its place in it, so that a failed assertion can mark the very octets.

Rules:
* Equality, hash, order, format and repr are the base's. Arithmetic and slicing give plain values.
* `Address4` and `Address6` are also equal to a `str` that spells the same address. Their hash stays the
  address's own, so a set or dict of `str` will not find them: compare, or look up `str(address)`.
* All of them survive pickle and deepcopy.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Any, NamedTuple

from pytest_netlab.wire.frame import Frame


class Span(NamedTuple):
    """A place in a frame.

    Attributes:
        name: dotted field name, such as `"udp.length"`.
        offset: first octet, counted from the start of the frame's data.
        width: octets touched.
        bit_offset: for fields that are not whole octets, the first bit; 0 is the most significant one of the
            octet at `offset`, as in the RFCs' diagrams.
        bit_width: bits, or None where the field is whole octets.
    """

    name: str
    offset: int
    width: int
    bit_offset: int = 0
    bit_width: int | None = None


class Int(int):
    """An unsigned integer read from a frame."""

    frame: Frame
    span: Span

    def __new__(cls, value: int, frame: Frame, span: Span) -> Int:
        self = int.__new__(cls, value)
        self.frame = frame
        self.span = span
        return self

    @property
    def hex(self) -> str:
        """The value at the field's full width: `0x0009` for a length of two octets."""
        bits = self.span.bit_width or self.span.width * 8
        return f"0x{self:0{(bits + 3) // 4}x}"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (int(self), self.frame, self.span)


class Bytes(bytes):
    """Octets cut from a frame."""

    frame: Frame
    span: Span

    def __new__(cls, value: bytes, frame: Frame, span: Span) -> Bytes:
        self = bytes.__new__(cls, value)
        self.frame = frame
        self.span = span
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (bytes(self), self.frame, self.span)


class Text(str):
    """Text that stands for octets of a frame: TCP flags as letters, a DNS name."""

    frame: Frame
    span: Span

    def __new__(cls, value: str, frame: Frame, span: Span) -> Text:
        self = str.__new__(cls, value)
        self.frame = frame
        self.span = span
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str.__str__(self), self.frame, self.span)


class Mac(Text):
    """A link-layer address, lower case with colons."""

    def __new__(cls, value: str, frame: Frame, span: Span) -> Mac:
        self = str.__new__(cls, value)
        self.frame = frame
        self.span = span
        return self


class Address4(IPv4Address):
    """An IPv4 address read from a frame; also equal to its text (see the module about hashing)."""

    def __init__(self, value: bytes, frame: Frame, span: Span) -> None:
        super().__init__(value)
        self.frame = frame
        self.span = span

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str):
            return str(self) == other
        return super().__eq__(other)

    __hash__ = IPv4Address.__hash__

    def __repr__(self) -> str:
        return f"IPv4Address('{self}')"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.packed, self.frame, self.span)


class Address6(IPv6Address):
    """An IPv6 address read from a frame; also equal to its text (see the module about hashing)."""

    def __init__(self, value: bytes, frame: Frame, span: Span) -> None:
        super().__init__(value)
        self.frame = frame
        self.span = span

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str):
            try:
                return super().__eq__(IPv6Address(other))
            except ValueError:
                return False
        return super().__eq__(other)

    __hash__ = IPv6Address.__hash__

    def __repr__(self) -> str:
        return f"IPv6Address('{self}')"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.packed, self.frame, self.span)


Located = Int | Bytes | Text | Address4 | Address6


def located(value: object) -> tuple[Frame, Span] | None:
    """Say where a value came from.

    Returns:
        The frame and the place in it, or None for a value that was not read from a frame.
    """
    if isinstance(value, (Int, Bytes, Text, Address4, Address6)):
        return value.frame, value.span
    return None
