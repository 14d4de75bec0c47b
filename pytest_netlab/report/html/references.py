"""Where a rule stands, as links: sections of RFCs to rfc-editor.org, all else as it is.

RFC 9112 §9.6 and §6.3    two links, both into RFC 9112
RFC 768, Length           one link, to the RFC
capabilities(7)           text
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_PLACE: Final = re.compile(r"RFC (?P<rfc>\d{1,5})(?: §(?P<section>\d+(?:\.\d+)*))?|§(?P<more>\d+(?:\.\d+)*)")


class Piece(NamedTuple):
    """A stretch of a reference; `address` is empty where it leads nowhere."""

    text: str
    address: str = ""


def pieces(reference: str) -> list[Piece]:
    """Split a reference into text and links."""
    found: list[Piece] = []
    end, rfc = 0, ""
    for match in _PLACE.finditer(reference):
        rfc = match["rfc"] or rfc
        section = match["section"] or match["more"]
        if not rfc:
            continue
        found.append(Piece(reference[end : match.start()]))
        fragment = f"#section-{section}" if section else ""
        found.append(Piece(match[0], f"https://www.rfc-editor.org/rfc/rfc{int(rfc)}.html{fragment}"))
        end = match.end()
    found.append(Piece(reference[end:]))
    return [piece for piece in found if piece.text]
