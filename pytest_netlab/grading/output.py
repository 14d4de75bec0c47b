"""Reading what a program printed, without caring how it likes to print.

A payload may be shown as text, as a repr, or as hexadecimal octets; a number is a number wherever it stands.
Nothing here judges wording, language, stream, layout or colour.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_COLOUR: Final = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]")

_BETWEEN: Final = rb"(?:\r[^\n]{0,400}?|['\"]?[ \r]*\n[^\n]{0,60}?)?"
"""A progress line that is redrawn; or an end of line, quotes around it, and what stands before the next piece."""


def plain(output: bytes) -> bytes:
    """The output without colour and cursor sequences, line ends as single line feeds."""
    return _COLOUR.sub(b"", output).replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def ways_to_show(payload: bytes) -> list[bytes]:
    """The spellings under which a payload may be printed."""
    text = payload.decode("utf-8", "replace")
    spellings = [
        payload,
        plain(payload),
        plain(text.encode()),
        repr(payload)[2:-1].encode(),
        repr(text)[1:-1].encode(),
        payload.hex().encode(),
        payload.hex(" ").encode(),
        payload.hex(":").encode(),
    ]
    return [spelling for spelling in dict.fromkeys(spellings) if spelling]


def find(output: bytes, payload: bytes, start: int = 0) -> int:
    """Where `payload` is first shown at or after `start`; -1 where it is not. An empty one is always shown."""
    if not payload:
        return start
    places = [_search(output, spelling, start) for spelling in ways_to_show(payload)]
    return min((place for place in places if place >= 0), default=-1)


def shows(output: bytes, payload: bytes) -> bool:
    """Whether the output shows `payload` anywhere."""
    return find(plain(output), payload) >= 0


def shows_despite_progress(output: bytes, word: bytes) -> bool:
    """Whether the output shows `word`, be it in pieces, as they came.

    A tool like wget draws a progress line, which begins with a carriage return, wherever the body has got to; a
    program may print each piece that it receives in a line of its own, as text or as a repr.
    """
    pieces = (re.escape(word[at : at + 1]) for at in range(len(word)))
    return shows(output, word) or re.search(_BETWEEN.join(pieces), _COLOUR.sub(b"", output)) is not None


def shows_number(output: bytes, number: int) -> bool:
    """Whether `number` stands in the output, not as part of a longer one."""
    return re.search(rb"(?<!\d)%d(?!\d)" % number, plain(output)) is not None


def first_not_in_order(output: bytes, payloads: Iterable[bytes]) -> bytes | None:
    """The first of `payloads` that is not shown behind the one before it; None where all are, in order."""
    text = plain(output)
    place = 0
    for payload in payloads:
        found = find(text, payload, place)
        if found < 0:
            return payload
        place = found + 1
    return None


def _search(output: bytes, spelling: bytes, start: int) -> int:
    """Hexadecimal digits may be printed in either case."""
    place = output.find(spelling, start)
    return place if place >= 0 else output.find(spelling.upper(), start) if _is_hex(spelling) else -1


def _is_hex(spelling: bytes) -> bool:
    return re.fullmatch(rb"[0-9a-f]{2}(?:[ :]?[0-9a-f]{2})*", spelling) is not None
