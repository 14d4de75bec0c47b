"""What a test is called: in reports, and as a folder."""

from __future__ import annotations

import hashlib
import re
from typing import Final

_LONGEST_NAME: Final = 200


def name_of(nodeid: str) -> str:
    """A test's name without the group that xdist appends to it."""
    return nodeid.split("@")[0]


def folder_name(nodeid: str) -> str:
    """A test's name as a folder's: lower case words with dashes, cut where it is too long."""
    name = slug(nodeid)
    if len(name) <= _LONGEST_NAME:
        return name
    digest = hashlib.sha256(nodeid.encode()).hexdigest()[:8]
    return f"{name[: _LONGEST_NAME - 9]}-{digest}"


def slug(text: str) -> str:
    """Lower case letters and digits, with a dash for everything between them."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
