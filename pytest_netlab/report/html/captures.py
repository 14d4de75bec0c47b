"""Recordings that go with a page: small ones inside it, so that the one file is all that must be passed on; larger
ones beside it, by a relative link, and the page says which.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

LARGEST: Final = 256 * 1024
"""Octets of one capture that a page holds at most."""
ALL: Final = 4 * 1024 * 1024
"""Octets of all captures that a page holds at most."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of one capture.

    Attributes:
        size: octets of the file; 0 where it cannot be read.
        inside: the file as a `data:` address, or empty.
        beside: its address relative to the page, or empty.
    """

    size: int
    inside: str = ""
    beside: str = ""


def gather(paths: Iterable[str], *, page: Path, relative_to: Path) -> dict[str, Kept]:
    """Read captures, in the order given, until the page is full.

    Args:
        paths: as verdicts name them; empty ones are passed over.
        page: where the page will be, for addresses relative to it.
        relative_to: directory that `paths` are relative to.
    """
    kept: dict[str, Kept] = {}
    room = ALL
    for path in dict.fromkeys(filter(None, paths)):
        kept[path] = found = _read(relative_to / path, page, min(LARGEST, room))
        room -= found.size if found.inside else 0
    return kept


def _read(file: Path, page: Path, room: int) -> Kept:
    try:
        size = file.stat().st_size
        if size <= room:
            data = file.read_bytes()
            return Kept(len(data), inside=f"data:application/x-pcapng;base64,{base64.b64encode(data).decode('ascii')}")
    except (OSError, ValueError):  # ValueError: a path that no file can have
        return Kept(0)
    return Kept(size, beside=_address(file, page))


def _address(file: Path, page: Path) -> str:
    """A relative address; it begins with a dot, so that no name in it can be taken for a scheme."""
    relative = os.path.relpath(file.absolute(), page.absolute().parent)
    return quote(relative if relative.startswith(".") else f"./{relative}")
