"""A byte stream that knows where it is, so that every complaint about a file can name its offset.

Rules: reads exactly what is asked or raises `WireError`; never asks the file for more than `LONGEST_READ`
bytes, however large a number the file itself contains.
"""

from __future__ import annotations

from typing import BinaryIO, Final

from pytest_netlab.errors import WireError

LONGEST_READ: Final = 16 << 20
"""Bytes in the longest block or packet that is believed; libpcap and Wireshark draw the same line."""


class ByteStream:
    """Counts the bytes taken from a file.

    Attributes:
        offset: of the next byte.
    """

    def __init__(self, file: BinaryIO, offset: int = 0) -> None:
        self._file = file
        self._ahead = b""
        self.offset = offset

    def at_end(self) -> bool:
        """Whether no byte is left."""
        if not self._ahead:
            self._ahead = self._file.read(1)
        return not self._ahead

    def take(self, length: int, field: str) -> bytes:
        """The next `length` bytes.

        Raises:
            WireError: there are fewer, or `length` is absurd; `field` says what they should have been.
        """
        if length > LONGEST_READ:
            raise WireError(f"a length of {length} bytes is not believable", field, self.offset)
        ahead, self._ahead = self._ahead[:length], self._ahead[length:]
        data = ahead + self._file.read(length - len(ahead))
        if not data and not self.offset:
            raise WireError("the file is empty", field, 0)
        if len(data) < length:
            raise WireError(f"the file ends after {len(data)} of {length} bytes", field, self.offset)
        self.offset += length
        return data
