"""A frame as the capture recorded it: octets, and what is known about where and when they passed.

Owns `Frame` and `Direction`. Nothing here looks inside the octets; that is `dissect` and the protocol
modules.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Direction(Enum):
    """Which way a frame went, as seen by the interface that recorded it."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Frame:
    """One captured frame.

    Attributes:
        data: captured octets, from the link layer on.
        number: 1-based position in the recording, as Wireshark shows it.
        time_ns: capture time, nanoseconds since the epoch.
        interface: name of the interface that recorded it, empty where unknown.
        link_type: `LINKTYPE_…` value (1 Ethernet, 0 null, 108 loop, 101/228/229 raw IP, 113/276 cooked).
        direction: as seen by that interface.
        original_length: octets on the wire; None means that `data` is all of them.
        checksum_unfinished: the kernel's TP_STATUS_CSUMNOTREADY; None where nobody asked the kernel.
        comment: text attached to the frame in a saved recording.
    """

    data: bytes
    number: int = 1
    time_ns: int = 0
    interface: str = ""
    link_type: int = 1
    direction: Direction = Direction.UNKNOWN
    original_length: int | None = None
    checksum_unfinished: bool | None = None
    comment: str = ""

    @property
    def length(self) -> int:
        """Octets on the wire, which may be more than were captured."""
        captured = len(self.data)
        return captured if self.original_length is None else max(captured, self.original_length)

    @property
    def truncated(self) -> bool:
        """The capture's snap length cut octets off the end."""
        return self.length > len(self.data)
