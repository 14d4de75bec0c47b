"""The option lists of IPv4 (RFC 791, 3.1) and TCP (RFC 9293, 3.2), which share one shape.

An option is one octet (kind 0 ends the list, kind 1 is padding), or kind, length and data, where length
counts all three. Refuses a length under 2 and an option that runs over the end of its header. Every loop
moves on by at least one octet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pytest_netlab.errors import WireError
from pytest_netlab.wire.field import Bytes, Int, Span
from pytest_netlab.wire.frame import Frame


class Option(NamedTuple):
    """One option.

    Attributes:
        name: its RFC word, or `"unknown"`.
        kind: the first octet.
        length: octets, kind and length included; 1 for the two kinds that are a single octet.
        data: what stands behind kind and length.
    """

    name: str
    kind: Int
    length: int
    data: Bytes

    @property
    def value(self) -> int:
        """The data as one number in network byte order: the size of MSS, the shift of window scale."""
        return int.from_bytes(self.data, "big")

    @property
    def words(self) -> tuple[int, ...]:
        """The data as 32-bit numbers: value and echo reply of timestamps, edges of SACK blocks."""
        whole = range(0, len(self.data) - 3, 4)
        return tuple(int.from_bytes(self.data[at : at + 4], "big") for at in whole)


def check_options(frame: Frame, start: int, stop: int, field: str) -> None:
    """Walk the list; raises `WireError` at the first option that does not fit."""
    for _ in _walk(frame.data, start, stop, field):
        pass


def read_options(frame: Frame, start: int, stop: int, field: str, names: Mapping[int, str]) -> tuple[Option, ...]:
    """Read the list between two offsets; `names` maps kinds to words. Raises as `check_options` does."""
    found = []
    for at, length in _walk(frame.data, start, stop, field):
        kind = Int(frame.data[at], frame, Span(f"{field}.kind", at, 1))
        data = Bytes(frame.data[at + 2 : at + length], frame, Span(f"{field}.data", at + 2, max(0, length - 2)))
        found.append(Option(names.get(kind, "unknown"), kind, length, data))
    return tuple(found)


def _walk(data: bytes, start: int, stop: int, field: str) -> Iterator[tuple[int, int]]:
    """Yield offset and length of each option, the one that ends the list included."""
    at = start
    while at < stop:
        kind = data[at]
        if kind < 2:
            yield at, 1
            if kind == 0:
                return
            at += 1
            continue
        length = data[at + 1] if at + 1 < stop else 0
        if length < 2 or at + length > stop:
            raise WireError(f"option {kind} of length {length} does not fit its header", field, at)
        yield at, length
        at += length
