"""Reading captures: one door for classic pcap and pcapng."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO, Final

from pytest_netlab.capture import pcap
from pytest_netlab.capture.pcapng_reading import read_pcapng
from pytest_netlab.capture.stream import ByteStream
from pytest_netlab.errors import WireError
from pytest_netlab.wire.frame import Frame

_SECTION_HEADER: Final = b"\x0a\x0d\x0d\x0a"  # reads the same in both byte orders
_GZIP: Final = b"\x1f\x8b"


def read_capture(path: str | os.PathLike[str]) -> Iterator[Frame]:
    """The frames of a capture file, one at a time: memory does not grow with the file.

    Args:
        path: a pcap (microseconds or nanoseconds, either byte order) or pcapng file, of any link types.

    Raises:
        WireError: at the damage, after the frames before it; with the offset in the file.
        OSError: at the first frame asked for, if the file cannot be opened.
    """
    with open(path, "rb") as file:
        yield from read_frames(file)


def read_frames(file: BinaryIO) -> Iterator[Frame]:
    """As `read_capture`, from a buffered file that is open for reading bytes, such as `io.BytesIO`."""
    stream = ByteStream(file)
    magic = stream.take(4, "capture.magic")
    if magic == _SECTION_HEADER:
        yield from read_pcapng(stream)
    elif order := pcap.byte_order(magic):
        yield from pcap.read_pcap(stream, magic, order)
    else:
        kind = "compressed; unpack it first" if magic.startswith(_GZIP) else "neither pcap nor pcapng"
        raise WireError(f"the file is {kind} (it begins with {magic.hex(' ')})", "capture.magic", 0)
