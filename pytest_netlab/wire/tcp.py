"""TCP (RFC 9293): header, flags, options.

Rules:
* `flags` spells the bits that are set, in the order S F R P U E C and A last: "S", "SA", "A", "PA", "FA",
  "FPA", "RA".
* `ack` is the acknowledgment number; the bit is `ack_flag`.
* Sequence numbers are as on the wire; `stream` makes them relative.

Refuses a data offset under 5 words or beyond what IP carries, and options that run over.
"""

from __future__ import annotations

from collections.abc import Iterator

from pytest_netlab.errors import WireError
from pytest_netlab.wire.checksum import Checksum, internet_checksum, judge, ones_sum
from pytest_netlab.wire.field import Bytes, Int, Span, Text
from pytest_netlab.wire.frame import Frame
from pytest_netlab.wire.header import Bits, Field, Header, Unsigned, require
from pytest_netlab.wire.ipv4 import Ipv4
from pytest_netlab.wire.ipv6 import Ipv6
from pytest_netlab.wire.options import Option, check_options, read_options

PROTOCOL = 6
_OPTION_NAMES = {
    0: "end", 1: "nop", 2: "mss", 3: "window_scale", 4: "sack_permitted", 5: "sack", 8: "timestamps"
}  # fmt: skip
_LETTERS = ((2, "S"), (1, "F"), (4, "R"), (8, "P"), (32, "U"), (64, "E"), (128, "C"), (16, "A"))
_SPELLED = tuple("".join(letter for bit, letter in _LETTERS if bits & bit) for bits in range(256))


class Tcp(Header):
    """A TCP header; `ip` is the header that carries it, which its checksum includes."""

    __slots__ = ("ip",)
    layer = "tcp"
    src_port = Unsigned(0, 2)
    dst_port = Unsigned(2, 2)
    seq = Unsigned(4, 4)
    ack = Unsigned(8, 4)
    data_offset = Bits(12, 1, 0, 4)
    reserved = Bits(12, 1, 4, 4)
    flag_bits = Unsigned(13, 1)
    window = Unsigned(14, 2)
    checksum = Unsigned(16, 2)
    urgent_pointer = Unsigned(18, 2)

    def __init__(self, frame: Frame, offset: int, length: int, ip: Ipv4 | Ipv6) -> None:
        super().__init__(frame, offset, length, ip.end)
        self.ip = ip

    @property
    def header_length(self) -> Int:
        """Octets of the header: four times `data_offset`."""
        return Int(self._length, self.frame, Span("tcp.data_offset", self.offset + 12, 1, 0, 4))

    @property
    def flags(self) -> Text:
        """The set bits as letters, such as `"SA"`; empty when none is set."""
        at = self.offset + 13
        return Text(_SPELLED[self.frame.data[at]], self.frame, Span("tcp.flags", at, 1))

    @property
    def fin(self) -> bool:
        """No more data from the sender."""
        return self.frame.data[self.offset + 13] & 1 != 0

    @property
    def syn(self) -> bool:
        """Synchronise sequence numbers."""
        return self.frame.data[self.offset + 13] & 2 != 0

    @property
    def rst(self) -> bool:
        """Reset the connection."""
        return self.frame.data[self.offset + 13] & 4 != 0

    @property
    def psh(self) -> bool:
        """Push."""
        return self.frame.data[self.offset + 13] & 8 != 0

    @property
    def ack_flag(self) -> bool:
        """The acknowledgment number means something."""
        return self.frame.data[self.offset + 13] & 16 != 0

    @property
    def urg(self) -> bool:
        """The urgent pointer means something."""
        return self.frame.data[self.offset + 13] & 32 != 0

    @property
    def payload_length(self) -> int:
        """Octets of data on the wire, captured or not."""
        return self.end - self.offset - self._length

    @property
    def options(self) -> tuple[Option, ...]:
        """Options in order."""
        return read_options(self.frame, self.offset + 20, self.payload_offset, "tcp.option", _OPTION_NAMES)

    @property
    def options_data(self) -> Bytes:
        """The options' octets."""
        return self.octets("options", 20, self._length - 20)

    def option(self, name: str) -> Option | None:
        """Return the first of "mss", "window_scale", "sack_permitted", "sack" or "timestamps", by name."""
        return next((option for option in self.options if option.name == name), None)

    @property
    def mss(self) -> int | None:
        """Maximum segment size offered, in octets."""
        option = self.option("mss")
        return option.value if option else None

    @property
    def expected_checksum(self) -> int:
        """The finished checksum that these octets should have."""
        segment = self.frame.data[self.offset : self.end]
        pseudo = self.ip.pseudo_header(PROTOCOL, self.end - self.offset)
        return internet_checksum(pseudo + segment[:16] + segment[18:])

    @property
    def checksum_state(self) -> Checksum:
        """Whether the checksum is right, unfinished, or cannot be known."""
        unfinished = self.frame.checksum_unfinished
        state = judge(
            self.checksum,
            self.frame.data[self.offset : self.end],
            self.ip.pseudo_header(PROTOCOL, self.end - self.offset),
            unfinished=unfinished,
            complete=self.ip.complete,
        )
        # Large send offload leaves the length out of the pseudo header's sum; hardware adds each segment's.
        lengthless = ones_sum(self.ip.pseudo_header(PROTOCOL, 0))
        if state is Checksum.BAD and unfinished is None and self.checksum == lengthless:
            return Checksum.UNFINISHED
        return state

    def fields(self) -> Iterator[Field]:
        yield from super().fields()
        if self._length > 20:
            options = self.options_data
            yield Field(options.span.name, options, options.span)


def parse_tcp(frame: Frame, offset: int, ip: Ipv4 | Ipv6) -> Tcp:
    """Read the TCP header at `offset`, carried by `ip`.

    Raises:
        WireError: the packet ends inside the header, or data offset or an option contradicts what is there.
    """
    require(frame, offset, 20, ip.end, "tcp")
    length = (frame.data[offset + 12] >> 4) * 4
    if length < 20:
        raise WireError(f"data offset of {length} bytes is less than 20", "tcp.data_offset", offset + 12)
    if length > 20:
        require(frame, offset, length, ip.end, "tcp.options")
        check_options(frame, offset + 20, offset + length, "tcp.option")
    return Tcp(frame, offset, length, ip)
