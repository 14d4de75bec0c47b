"""IPv4 (RFC 791): header, options, fragments.

Rules:
* What it carries ends at `total_length`; octets behind it are the link's padding and belong to nobody.
* A header quoted in an ICMP error is read with `quoted=True`: less of its datagram is there than it says.
* `total_length` 0 with more than an Ethernet's worth of octets behind it is a segment that its host left
  to hardware to cut (large send offload); it ends where the frame ends. Any other 0 is refused.
* A header checksum of 0 in a capture that nobody asked the kernel about is unfinished (macOS loopback,
  offload).

Refuses: another version, a header under 20 octets or longer than what is there, a total length that the
header or the frame contradicts, options that run over.
"""

from __future__ import annotations

from collections.abc import Iterator

from pytest_netlab.errors import WireError
from pytest_netlab.wire.checksum import Checksum, internet_checksum, judge, pseudo_header4
from pytest_netlab.wire.field import Bytes, Int, Span
from pytest_netlab.wire.frame import Frame
from pytest_netlab.wire.header import Address4At, Bits, Field, Header, Unsigned, require
from pytest_netlab.wire.options import Option, check_options, read_options

_LARGE_SEND = 1500
_OPTION_NAMES = {
    0: "end",
    1: "nop",
    7: "record_route",
    68: "timestamp",
    131: "loose_route",
    137: "strict_route",
}


class Ipv4(Header):
    """An IPv4 header."""

    __slots__ = ()
    layer = "ipv4"
    version = Bits(0, 1, 0, 4)
    ihl = Bits(0, 1, 4, 4)
    tos = Unsigned(1, 1)
    total_length = Unsigned(2, 2)
    identification = Unsigned(4, 2)
    flags = Bits(6, 1, 0, 3)
    dont_fragment = Bits(6, 1, 1, 1, listed=False)
    more_fragments = Bits(6, 1, 2, 1, listed=False)
    fragment_offset = Bits(6, 2, 3, 13)
    ttl = Unsigned(8, 1)
    protocol = Unsigned(9, 1)
    checksum = Unsigned(10, 2)
    source = Address4At(12)
    destination = Address4At(16)

    @property
    def header_length(self) -> Int:
        """Octets of the header: four times `ihl`."""
        return Int(self._length, self.frame, Span("ipv4.ihl", self.offset, 1, 4, 4))

    @property
    def options(self) -> tuple[Option, ...]:
        """Options in order, empty for a header of 20 octets."""
        return read_options(self.frame, self.offset + 20, self.payload_offset, "ipv4.option", _OPTION_NAMES)

    @property
    def options_data(self) -> Bytes:
        """The options' octets."""
        return self.octets("options", 20, self._length - 20)

    @property
    def fragment(self) -> bool:
        """This is one fragment of a larger datagram."""
        at = self.offset + 6
        return self.frame.data[at] & 0x3F != 0 or self.frame.data[at + 1] != 0

    @property
    def complete(self) -> bool:
        """One packet, and all of it captured, so that sums over its payload mean something."""
        told = int(self.total_length)
        return 0 < told <= len(self.frame.data) - self.offset and not self.fragment

    @property
    def expected_checksum(self) -> int:
        """The checksum that the header should have."""
        header = self.octets("header", 0, self._length)
        return internet_checksum(header[:10] + header[12:])

    @property
    def checksum_state(self) -> Checksum:
        """Whether the header checksum is right."""
        if self.checksum == 0 and self.frame.checksum_unfinished is None:
            return Checksum.GOOD if self.expected_checksum == 0 else Checksum.UNFINISHED
        return judge(self.checksum, self.octets("header", 0, self._length))

    def pseudo_header(self, protocol: int, length: int) -> bytes:
        """Return the pseudo header for an upper layer of `length` octets."""
        at = self.offset
        data = self.frame.data
        return pseudo_header4(data[at + 12 : at + 16], data[at + 16 : at + 20], protocol, length)

    def fields(self) -> Iterator[Field]:
        yield from super().fields()
        if self._length > 20:
            options = self.options_data
            yield Field(options.span.name, options, options.span)


def parse_ipv4(frame: Frame, offset: int, end: int | None = None, *, quoted: bool = False) -> Ipv4:
    """Read an IPv4 header.

    Args:
        frame: the frame.
        offset: where the header starts.
        end: first octet behind what carries it; the frame's end by default.
        quoted: the header stands in an ICMP error, with less behind it than `total_length` says.

    Raises:
        WireError: what the module's first paragraph refuses.
    """
    stop = frame.length if end is None else end
    require(frame, offset, 20, stop, "ipv4")
    first = frame.data[offset]
    if first >> 4 != 4:
        raise WireError(f"version is {first >> 4}, not 4", "ipv4.version", offset)
    length = (first & 15) * 4
    if length < 20:
        raise WireError(f"header length of {length} bytes is less than 20", "ipv4.ihl", offset)
    require(frame, offset, length, stop, "ipv4.options")
    told = int.from_bytes(frame.data[offset + 2 : offset + 4], "big")
    if length > 20:
        check_options(frame, offset + 20, offset + length, "ipv4.option")
    if told == 0 and stop - offset > _LARGE_SEND:
        return Ipv4(frame, offset, length, stop)
    if told < length:
        problem = f"total length {told} is less than the header's {length}"
        raise WireError(problem, "ipv4.total_length", offset + 2)
    if told > stop - offset and not quoted:
        problem = f"total length {told} exceeds the {stop - offset} bytes that are there"
        raise WireError(problem, "ipv4.total_length", offset + 2)
    return Ipv4(frame, offset, length, min(offset + told, stop))
