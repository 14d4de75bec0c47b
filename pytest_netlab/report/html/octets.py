"""A frame's bytes and the fields of the header at fault, tied to each other by the field's number.

Bytes that follow each other and belong to the same fields make one run, so that a page holds one element a field and
line instead of one a byte. Lines are of 16 bytes in two halves, so that a narrow screen can put one below the other.
A field that should hold something, and is empty behind the last byte, gets a place of its own there.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from pytest_netlab.grading.explanation import Excerpt, FieldRow

HALF = 8


@dataclass(frozen=True, slots=True)
class Run:
    """Bytes of one half of a line that belong to the same fields.

    Attributes:
        octets: in hexadecimal, apart by spaces.
        text: as characters, a dot for what is none.
        fields: numbers of the fields, in the order of the header's table.
        names: of these fields.
        wrong: whether these bytes are at fault.
    """

    octets: str
    text: str
    fields: tuple[int, ...]
    names: str
    wrong: bool


@dataclass(frozen=True, slots=True)
class Half:
    """Eight bytes or fewer, and the offset of the first."""

    offset: int
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One field in the header's table."""

    number: int
    name: str
    full_name: str
    offset: int
    width: int
    value: str
    wrong: bool


@dataclass(frozen=True, slots=True)
class Octets:
    """What the page shows of a frame.

    Attributes:
        frame: its number.
        title: its addresses, ports and protocol in one line.
        header: name and extent of the header at fault, or empty.
        lines: pairs of halves; the second is None where the bytes end.
        entries: the header's fields.
        before: bytes left out before the first line.
        after: bytes left out behind the last.
        marked: the places at fault, in words.
    """

    frame: int
    title: str
    header: str
    lines: tuple[tuple[Half, Half | None], ...]
    entries: tuple[Entry, ...]
    before: int
    after: int
    marked: str


def octets(shown: Excerpt) -> Octets:
    """Tie an excerpt's bytes to its fields."""
    end = shown.start + len(shown.data)
    empty = any(not mark.width and mark.offset == end for mark in shown.marks)
    halves = [_half(shown, at) for at in range(0, max(1, len(shown.data) + empty), HALF)]
    if empty:
        halves[-1] = Half(halves[-1].offset, (*halves[-1].runs, _nothing(shown, end)))
    return Octets(
        frame=shown.frame,
        title=shown.title,
        header=shown.header,
        lines=tuple((halves[i], halves[i + 1] if i + 1 < len(halves) else None) for i in range(0, len(halves), 2)),
        entries=tuple(_entry(number, row) for number, row in enumerate(shown.fields)),
        before=shown.start,
        after=max(0, shown.length - end),
        marked=", ".join(f"{mark.name} at byte {mark.offset}" for mark in shown.marks),
    )


def _entry(number: int, row: FieldRow) -> Entry:
    name = row.name.rpartition(".")[2]
    return Entry(number, name, row.name, row.offset, row.width, row.value, row.wrong)


def _half(shown: Excerpt, at: int) -> Half:
    offsets = range(shown.start + at, shown.start + min(at + HALF, len(shown.data)))
    grouped = groupby(offsets, key=lambda offset: (_fields(shown, offset), _is_wrong(shown, offset)))
    return Half(shown.start + at, tuple(_run(shown, list(run), fields, wrong) for (fields, wrong), run in grouped))


def _run(shown: Excerpt, offsets: list[int], fields: tuple[int, ...], wrong: bool) -> Run:
    data = shown.data[offsets[0] - shown.start : offsets[-1] + 1 - shown.start]
    text = "".join(chr(each) if 32 <= each < 127 else "·" for each in data)
    names = ", ".join(shown.fields[number].name.rpartition(".")[2] for number in fields)
    return Run(data.hex(" "), text, fields, names, wrong)


def _nothing(shown: Excerpt, end: int) -> Run:
    """The place of a field that is empty."""
    fields = tuple(number for number, row in enumerate(shown.fields) if not row.width and row.offset == end)
    return Run("__", "_", fields, ", ".join(f"{shown.fields[number].name}: empty" for number in fields), True)


def _fields(shown: Excerpt, offset: int) -> tuple[int, ...]:
    return tuple(number for number, row in enumerate(shown.fields) if row.offset <= offset < row.offset + row.width)


def _is_wrong(shown: Excerpt, offset: int) -> bool:
    return any(mark.offset <= offset < mark.offset + mark.width for mark in shown.marks)
