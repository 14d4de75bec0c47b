"""Barrier frames: what was sent before one has been recorded once the barrier itself has.

Owns: the shape of a barrier frame. It has EtherType 0x88B5 (IEEE 802, local experimental), 60 bytes, and a
random 16-byte nonce that nobody else can know beforehand.

Rules:
- A barrier leaves a recording only if this capture sent its nonce, it travelled in the barrier's direction,
  and no frame with that nonce left before. A forged or a repeated one stays: it is an ordinary frame.
- No driver and no protocol handler takes it: neither host answers.
"""

from __future__ import annotations

import os
import struct
from typing import Final

ETHERTYPE: Final = 0x88B5
NONCE_BYTES: Final = 16

_ADDRESSES: Final = bytes.fromhex("020000000000020000000000")
_HEADER: Final = _ADDRESSES + struct.pack("!H", ETHERTYPE) + b"pytest-netlab barrier, ignore.".ljust(30)
_LENGTH: Final = len(_HEADER) + NONCE_BYTES


def new_nonce() -> bytes:
    """Sixteen random bytes."""
    return os.urandom(NONCE_BYTES)


def build(nonce: bytes) -> bytes:
    """The barrier frame that carries `nonce`, 60 bytes without the frame check sequence."""
    return _HEADER + nonce


def nonce_of(data: bytes) -> bytes | None:
    """The nonce of a frame that looks like a barrier, None for any other frame."""
    if len(data) == _LENGTH and data.startswith(_HEADER):
        return data[len(_HEADER) :]
    return None
