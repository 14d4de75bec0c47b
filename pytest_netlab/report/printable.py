"""Text that strangers wrote, made safe for a terminal, and measured as a terminal shows it.

Rules:
* What could move the cursor, change a colour, turn the direction of writing, or hide itself is shown as the
  escape that a Python literal would have: `\\x1b`, `\\u202e`, `\\udcff`. Spaces that are not the space, too.
* More than two combining marks on one character are shown as escapes: stacks of them cover other lines.
* What a CI runner reading the log would obey, `::error::` at the start of a line or `##[error]` anywhere, loses the
  character that makes it a command: `\\x3a:error::`.
* Line ends survive only through `lines`, which is for text of several lines.
"""

from __future__ import annotations

import re
import unicodedata

_PLAIN = str.maketrans({
    "…": "...", "§": "section ", "→": "->", "←": "<-", "–": "-", "—": "-", "×": "x",
    "“": '"', "”": '"', "‘": "'", "’": "'", "≥": ">=", "≤": "<=",
})  # fmt: skip
TAB = 8
_COMMAND = re.compile(r"::(?=[a-z-]+(?: .*)?::)|##(?=\[)", re.IGNORECASE)
"""The two forms of GitHub's workflow commands, as its runner's `ActionCommand` finds them."""


def printable(text: str, *, ascii_only: bool = False, narrow: bool = False) -> str:
    """Make one line safe.

    Args:
        text: anything.
        ascii_only: escape all that is not ASCII; typographic characters become plain ones.
        narrow: escape what does not take exactly one column, for places where columns count.
    """
    if ascii_only:
        text = text.translate(_PLAIN)
    if "::" in text or "##" in text:
        text = _COMMAND.sub(lambda match: f"\\x{ord(match[0][0]):02x}{match[0][1]}", text)
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    marks = 0
    for each in text:
        marks = marks + 1 if unicodedata.combining(each) else 0
        hidden = not each.isprintable() or marks > 2 or (ascii_only and not each.isascii())
        shown.append(_escape(each) if hidden or (narrow and _columns(each) != 1) else each)
    return "".join(shown)


def lines(text: str, *, ascii_only: bool = False) -> list[str]:
    """Split text into safe lines; tabs become spaces, a lone carriage return is shown and ends its line."""
    unified = text.replace("\r\n", "\n").replace("\r", "\\x0d\n")
    return [printable(line.expandtabs(TAB), ascii_only=ascii_only) for line in unified.split("\n")]


def columns(text: str) -> int:
    """Columns that a safe line takes on a terminal."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def clip(text: str, width: int, more: str = "…") -> str:
    """Cut a safe line to `width` columns, `more` as its last when something was cut."""
    if columns(text) <= width:
        return text
    end = _reach(text, max(0, width - columns(more)))
    return text[:end] + more if width >= columns(more) else text[: _reach(text, width)]


def wrap(text: str, width: int) -> list[str]:
    """Break a safe line at spaces, or where it must, into lines of at most `width` columns."""
    broken = []
    while columns(text) > width:
        end = max(1, _reach(text, width))
        space = text.rfind(" ", 1, end + 1)
        cut = space if space > end // 2 else end
        broken.append(text[:cut].rstrip())
        text = text[cut:].lstrip(" ")
    return [*broken, text]


def _reach(text: str, width: int) -> int:
    """Characters of `text` that fit into `width` columns."""
    used = 0
    for index, each in enumerate(text):
        used += _columns(each)
        if used > width:
            return index
    return len(text)


def _columns(each: str) -> int:
    if unicodedata.combining(each) or unicodedata.category(each) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(each) in ("W", "F") else 1


def _escape(each: str) -> str:
    number = ord(each)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
