"""The Internet checksum (RFC 1071), the pseudo headers it includes, and what to make of a sum that is not
right.

Rules:
* Ones' complement has two zeros, 0x0000 and 0xffff: sums are compared modulo 0xffff.
* A kernel that leaves the rest of the work to hardware puts the folded, uncomplemented sum of the pseudo
  header in the field. That is `UNFINISHED`, neither right nor wrong. Where the kernel was asked
  (`Frame.checksum_unfinished` is True or False) its word decides; where nobody asked (None, as in a saved
  capture), a field equal to that sum tells.
* A sum over octets that were not all captured, or that are one fragment of more, is `UNKNOWN`.
"""

from __future__ import annotations

from enum import Enum


class Checksum(Enum):
    """What a checksum field says about its packet."""

    GOOD = "good"
    BAD = "bad"
    UNFINISHED = "unfinished"
    ABSENT = "absent"
    UNKNOWN = "unknown"


def ones_sum(data: bytes) -> int:
    """Return the folded ones' complement sum of 16-bit words, an odd last octet zero-padded (RFC 1071, 1).

    Since 0x10000 is 1 modulo 0xffff, the whole buffer taken as one number leaves that sum as its remainder.
    """
    number = int.from_bytes(data, "big")
    if len(data) % 2:
        number <<= 8
    return number % 0xFFFF or (0xFFFF if number else 0)


def internet_checksum(data: bytes) -> int:
    """Return the checksum to send for `data`, in which the checksum field itself is zero or left out."""
    return 0xFFFF - ones_sum(data)


def pseudo_header4(source: bytes, destination: bytes, protocol: int, length: int) -> bytes:
    """Return the 12 octets that UDP and TCP sum over IPv4 (RFC 768; RFC 9293, 3.1); `length` in octets."""
    return source + destination + bytes((0, protocol)) + (length & 0xFFFF).to_bytes(2, "big")


def pseudo_header6(source: bytes, destination: bytes, protocol: int, length: int) -> bytes:
    """Return the 40 octets that upper layers sum over IPv6 (RFC 8200, 8.1); `length` in octets."""
    return source + destination + length.to_bytes(4, "big") + bytes((0, 0, 0, protocol))


def judge(
    field: int,
    summed: bytes,
    pseudo: bytes = b"",
    *,
    unfinished: bool | None = False,
    zero: Checksum | None = None,
    complete: bool = True,
) -> Checksum:
    """Say what a checksum field is worth.

    Args:
        field: the checksum as it stands in the packet.
        summed: all octets under the checksum, the field included.
        pseudo: the pseudo header, empty for protocols that have none.
        unfinished: what the kernel said, None where it was not asked.
        zero: the verdict on a field of zero, where zero has a meaning of its own.
        complete: all octets under the checksum were captured, and in this one packet.
    """
    if unfinished:
        return Checksum.UNFINISHED
    if field == 0 and zero is not None:
        return zero
    if not complete:
        return Checksum.UNKNOWN
    if (ones_sum(pseudo) + ones_sum(summed)) % 0xFFFF == 0:
        return Checksum.GOOD
    if unfinished is None and pseudo and (field - ones_sum(pseudo)) % 0xFFFF == 0:
        return Checksum.UNFINISHED
    return Checksum.BAD
